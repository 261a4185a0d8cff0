//! The posterior for other commands: a table of draws, and the sections of a scenario that set it.

use std::fmt::Write as _;
use std::io;

use super::Fit;
use crate::calibration::Transform;
use crate::table::Sheet;

/// One row per member, one column per parameter by its full name, in its own unit: what `table` of [uncertainty] reads.
pub fn table(fit: Fit) -> io::Result<Vec<u8>> {
    let mut sheet = Sheet::new(Vec::new());
    sheet.header(
        std::iter::once("draw")
            .chain(fit.definition.parameters.iter().map(|parameter| parameter.name.as_str())),
    )?;
    for (number, member) in fit.found.members.iter().enumerate() {
        sheet.count(number + 1)?;
        for value in fit.found.values(member) {
            sheet.number(value)?;
        }
        sheet.end()?;
    }
    sheet.into_text()
}

/// `[parameters]` with the centre of the posterior, and `[uncertainty]` about it.
pub fn toml(fit: Fit) -> String {
    let Fit { definition, found } = fit;
    let centre = found.values(&found.after().centre);
    let mut text = format!(
        "# Posterior of the calibration `{}`: sections of a scenario. A scenario that has them already keeps its other keys.\n\n\
         [parameters]\n",
        definition.name
    );
    for (parameter, value) in definition.parameters.iter().zip(&centre) {
        let unit = if parameter.unit == "1" { String::new() } else { format!(" {}", parameter.unit) };
        let _ =
            writeln!(text, "{} = {value:?} # before: {:?}{unit}", quoted(&parameter.name), parameter.value);
    }
    text.push_str("\n[uncertainty]\n");
    match scale(fit) {
        Some(scale) => {
            let _ = writeln!(text, "draws = {}\n\n[[uncertainty.covariance]]", found.members.len());
            let names = definition.parameters.iter().map(|parameter| quoted(&parameter.name));
            let _ =
                writeln!(text, "names  = [{}]\nscale  = \"{scale}\"", names.collect::<Vec<_>>().join(", "));
            let _ = writeln!(text, "matrix = [\n{}]", matrix(fit));
            text.push_str(
                "# or, instead of the covariance, the members themselves: table = \"posterior.csv\"\n",
            );
        }
        None => text.push_str("table = \"posterior.csv\" # beside the scenario\n"),
    }
    text
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// The scale of a block of [uncertainty] that all parameters share; `None` where they have several, or one that it has not.
fn scale(fit: Fit) -> Option<&'static str> {
    let name = |transform: Transform| match transform {
        Transform::Natural => Some("natural"),
        Transform::Log => Some("log"),
        Transform::Logit { lower: 0.0, upper: 1.0 } => Some("logit"),
        Transform::Logit { .. } => None,
    };
    let mut scales = fit.definition.problem.unknowns.iter().map(|unknown| name(unknown.transform));
    let first = scales.next()??;
    scales.all(|scale| scale == Some(first)).then_some(first)
}

/// Lower triangle of the covariance on the scale of the priors.
fn matrix(fit: Fit) -> String {
    let unknowns = &fit.definition.problem.unknowns;
    let covariance = &fit.found.after().distribution.covariance;
    let element = |row: usize, column: usize| {
        format!("{:?}", covariance[row * unknowns.len() + column] * unknowns[row].sd * unknowns[column].sd)
    };
    let row = |row: usize| {
        let cells: Vec<String> = (0..=row).map(|column| element(row, column)).collect();
        format!("    [{}],\n", cells.join(", "))
    };
    (0..unknowns.len()).map(row).collect()
}
