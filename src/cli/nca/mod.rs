//! `regimen nca`: a table of concentrations and doses in, the parameters of non-compartmental analysis out.
//!
//! Reads the table ([`records`]), takes it apart into profiles ([`profiles`]), analyses each with
//! [`crate::math::noncompartmental`], and writes ([`output`]) in the units of the user ([`units`]).

mod options;
mod output;
mod profiles;
mod records;
mod units;

use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::path::Path;

pub use options::NcaOptions;

use super::message;
use super::outcome::Outcome;
use super::text;
use crate::diagnostic::{Diagnostic, Sources, has_errors};
use crate::math::noncompartmental::{
    BelowLimit, Noncompartmental, Occasion, Profile, ProfileError, Settings, TerminalPoints, accumulation,
    analyse,
};
use output::Results;
use profiles::Case;
use records::{Columns, Record, Wanted};
use units::Units;

/// How long a table may be, bytes.
const LIMIT: u64 = 256 << 20;

/// Analyses a table.
pub fn nca(table: &Path, options: &NcaOptions) -> Outcome {
    let mut sources = Sources::default();
    let mut diagnostics = Vec::new();
    let units = Units::new(options, &mut diagnostics);
    if let Some(out) = &options.out {
        let inputs = [Some(table), options.doses.as_deref()];
        if inputs.into_iter().flatten().any(|input| text::same_file(out, input)) {
            let finding = Diagnostic::plain("--out names a table that is read here".to_owned());
            diagnostics.push(finding.help("it would be overwritten: name another file"));
        }
    }
    let cases = cases(table, options, &mut sources, &mut diagnostics);
    message::findings(&diagnostics, &sources);
    let Some(cases) = cases.filter(|_| !has_errors(&diagnostics)) else { return Outcome::WrongInput };
    match analysed(cases, options) {
        Ok(rows) => {
            let (id, by, spans) = (options.id.as_str(), options.by.as_slice(), options.partial.as_slice());
            write(&Results { id, by, spans, units: &units, rows }, options)
        }
        Err(finding) => {
            message::findings(&[*finding], &sources);
            Outcome::WrongInput
        }
    }
}

/// The profiles of the table.
fn cases(
    table: &Path,
    options: &NcaOptions,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<Case>> {
    let wanted = Wanted { name: options.concentration.as_deref(), lloq: options.lloq };
    let records = read(table, Some(wanted), options, sources, diagnostics);
    let doses = match &options.doses {
        None => None,
        Some(doses) => Some(read(doses, None, options, sources, diagnostics)?),
    };
    let cases = profiles::assemble(&records?, doses.as_deref(), options, diagnostics);
    if cases.is_empty() && !has_errors(diagnostics) {
        let finding = Diagnostic::plain(format!("`{}` holds no profile", table.display()));
        diagnostics.push(finding.help("a profile is samples (EVID 0, with a concentration) behind a dose"));
    }
    Some(cases)
}

fn read(
    path: &Path,
    concentration: Option<Wanted<'_>>,
    options: &NcaOptions,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<Record>> {
    let text = match text::read(path, LIMIT) {
        Ok(text) => text,
        Err(error) => {
            diagnostics.push(Diagnostic::plain(error.sentence(path)));
            return None;
        }
    };
    let file = sources.add(path.display().to_string(), text);
    let columns = Columns { id: &options.id, time: &options.time, by: &options.by, concentration };
    records::read(file, sources.text(file), &columns, diagnostics)
}

/// Every profile with its parameters; later doses are compared with the first one of their course.
fn analysed(
    cases: Vec<Case>,
    options: &NcaOptions,
) -> Result<Vec<(Case, Noncompartmental)>, Box<Diagnostic>> {
    let mut rows: Vec<(Case, Noncompartmental)> = Vec::with_capacity(cases.len());
    let mut firsts: HashMap<(String, Vec<String>, usize), usize> = HashMap::new();
    for case in cases {
        let profile = match Profile::new(&case.samples, BelowLimit::from(options.below_limit)) {
            Ok(profile) => profile,
            Err(ProfileError::Empty) => {
                message::note(format!("ID {}, dose at {}: no sample is left", case.id, case.dose_time));
                continue;
            }
            Err(error) => {
                let message = format!("ID {}, dose at {}: {error}", case.id, case.dose_time);
                return Err(Box::new(
                    Diagnostic::plain(message).help("look at the samples behind this dose"),
                ));
            }
        };
        let mut result = analyse(&profile, &settings(&case, options));
        let key = (case.id.clone(), case.by.clone(), case.course);
        if case.occasion == Occasion::First {
            firsts.insert(key, rows.len());
        } else if let Some(&first) = firsts.get(&key) {
            let ratios = accumulation(rows.get(first).map(|(_, first)| first), &result);
            result.extend(ratios);
        }
        rows.push((case, result));
    }
    Ok(rows)
}

fn settings(case: &Case, options: &NcaOptions) -> Settings {
    Settings {
        administration: case.administration,
        dose: case.dose,
        occasion: case.occasion,
        tau: case.tau,
        trapezoid: options.trapezoid.into(),
        terminal: options
            .lambda_z
            .map_or(TerminalPoints::BestFit, |(from, to)| TerminalPoints::Between(from, to)),
        spans: options.partial.clone(),
    }
}

/// To the file, or to standard output.
fn write(results: &Results<'_>, options: &NcaOptions) -> Outcome {
    for reason in results.reasons() {
        message::note(reason);
    }
    if options.out.is_none() && !options.long {
        return message::result(results.text(), Outcome::Fine);
    }
    let csv = match results.csv(options.long) {
        Ok(csv) => csv,
        Err(error) => {
            message::note(format!("cannot write the results: {error}"));
            return Outcome::Failed;
        }
    };
    let Some(out) = &options.out else { return message::result(csv, Outcome::Fine) };
    let unwritten = |error: std::io::Error, outcome: Outcome| {
        let finding = Diagnostic::plain(format!("cannot write `{}`: {error}", out.display()));
        let finding = finding.help("name a file in a folder that is there: --out FILE");
        message::findings(&[finding], &Sources::default());
        outcome
    };
    // What cannot be opened was named wrongly; what fails later, such as a full disk, was not.
    match File::create(out) {
        Err(error) => unwritten(error, Outcome::WrongInput),
        Ok(mut file) => match file.write_all(csv.as_ref()) {
            Err(error) => unwritten(error, Outcome::Failed),
            Ok(()) => message::result(format!("{}\n", out.display()), Outcome::Fine),
        },
    }
}
