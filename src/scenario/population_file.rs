//! What a population file says, as written: covariates, correlations, entry criteria, and the population it starts from.
//!
//! With `from = "cll-relapsed"` a file holds only what is its own, such as what one trial reports of its patients: its
//! covariates stand in place of those of that name, its correlations and entry criteria beside those of the other file.

use super::covariates::{self, Declared};
use crate::diagnostic::{Diagnostic, FileId, Sources, Span, Text};
use crate::document::{self, Table};
use crate::model::{Kind, Loader};

/// A correlation as written.
pub(super) struct Correlated {
    pub between: (Text, Text),
    pub value: f64,
    pub span: Span,
}

/// What the population file gives.
pub(super) struct Contents {
    pub title: String,
    pub source: String,
    /// The population that this one starts from.
    from: Option<Text>,
    pub declared: Vec<Declared>,
    pub correlations: Vec<Correlated>,
    pub entry: Vec<(Text, String)>,
    pub rows: Option<Vec<Vec<f64>>>,
    pub later: Vec<Vec<(f64, Vec<f64>)>>,
}

impl Contents {
    pub fn titled(title: String) -> Self {
        Self {
            title,
            source: String::new(),
            from: None,
            declared: Vec::new(),
            correlations: Vec::new(),
            entry: Vec::new(),
            rows: None,
            later: Vec::new(),
        }
    }
}

/// Reads a population file with all that it starts from; nothing is checked yet but the form. `shown` is its name.
pub(super) fn read(
    file: FileId,
    text: &str,
    shown: String,
    loader: &dyn Loader,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Contents> {
    let contents = one(file, text, diagnostics)?;
    inherited(contents, vec![shown], loader, sources, diagnostics)
}

/// Adds to a population what it does not say itself: covariates of other names, correlations and entry criteria of the
/// population that it starts from, and so on from there. `open` are the files on the way, to find a circle.
fn inherited(
    mut contents: Contents,
    mut open: Vec<String>,
    loader: &dyn Loader,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Contents> {
    while let Some(from) = contents.from.take() {
        let (shown, text) = match loader.load(Kind::Population, &from.value, open.last().map(String::as_str))
        {
            Ok(found) => found,
            Err(why) => {
                diagnostics.push(Diagnostic::error(why, from.span, "asked for here"));
                return None;
            }
        };
        if open.contains(&shown) {
            diagnostics.push(
                Diagnostic::error(
                    format!("a population starts from itself: {} → {shown}", open.join(" → ")),
                    from.span,
                    "again here",
                )
                .help("name another population, or leave `from` out"),
            );
            return None;
        }
        let file = sources.add(shown.clone(), text.clone());
        let base = one(file, &text, diagnostics)?;
        open.push(shown);
        for covariate in base.declared {
            if contents.declared.iter().all(|own| own.name.value != covariate.name.value) {
                contents.declared.push(covariate);
            }
        }
        contents.correlations.extend(base.correlations);
        let mut entry = base.entry;
        entry.append(&mut contents.entry);
        contents.entry = entry;
        contents.from = base.from;
    }
    Some(contents)
}

/// One file by itself.
fn one(file: FileId, text: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Contents> {
    let mut table = document::parse(file, text, diagnostics)?;
    let title = table.required_text("title", diagnostics).map_or(String::new(), |text| text.value);
    let source = table.text("source", diagnostics).map_or(String::new(), |text| text.value);
    let from = table.text("from", diagnostics);
    table.text("about", diagnostics);
    let declared = table
        .table("covariates", diagnostics)
        .map(|table| covariates::declare(table, diagnostics))
        .unwrap_or_default();
    let correlations = table
        .tables("correlation", diagnostics)
        .into_iter()
        .filter_map(|table| correlation(table, diagnostics))
        .collect();
    let mut entry = Vec::new();
    for mut criterion in table.tables("entry", diagnostics) {
        let condition = criterion.required_text("condition", diagnostics);
        let about = criterion.text("about", diagnostics).map_or(String::new(), |text| text.value);
        criterion.finish(diagnostics);
        entry.extend(condition.map(|condition| (condition, about)));
    }
    table.finish(diagnostics);
    Some(Contents { title, source, from, declared, correlations, entry, rows: None, later: Vec::new() })
}

fn correlation(mut table: Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Correlated> {
    let span = table.span();
    let between = table.texts("between", diagnostics);
    let value = table.required_number("value", diagnostics);
    table.finish(diagnostics);
    let value = value?;
    if !(value.value > -1.0 && value.value < 1.0) {
        diagnostics.push(
            Diagnostic::error("a correlation lies between -1 and 1", value.span, "not within (-1, 1)").help(
                "write for example `value = 0.4`; what moves fully together is one covariate and a formula",
            ),
        );
        return None;
    }
    let [a, b] = <[Text; 2]>::try_from(between)
        .map_err(|between| {
            let place = between.first().map_or(span, |text| text.span);
            diagnostics.push(
                Diagnostic::error("a correlation is between two covariates", place, "here")
                    .help("write `between = [\"HT\", \"BMI\"]`"),
            );
        })
        .ok()?;
    Some(Correlated { between: (a, b), value: value.value, span: value.span })
}
