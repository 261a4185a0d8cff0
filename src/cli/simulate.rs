//! `regimen simulate`: a table of records in, a table of outputs out.
//!
//! The result goes to a temporary file first, so that nothing is left that looks like a result where the table turns out to
//! be faulty in its last line.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::loader::Files;
use super::message;
use super::options::SimulateOptions;
use super::outcome::Outcome;
use super::past_run;
use super::progress::{interrupted, listen_for_interrupt};
use super::text::same_file;
use crate::dataset::{self, Options, Parameters, Reader};
use crate::diagnostic::{Diagnostic, Sources, has_errors};
use crate::model::{self, Interpolation, Model, NamedUnit, Symbol};
use crate::population;
use crate::prediction::{Prediction, PredictionError, Summary};
use crate::report::predictions::Predictions;
use crate::scenario::{self, Numerics, Scenario};
use crate::simulation::RecordModel;
use crate::table::{Column, Format, TableError, TableWriter};
use crate::units::{self, Dimension};

/// Subjects that failed, named one by one.
const FAILURES_NAMED: usize = 10;

/// What was asked for, settled.
struct Request {
    model: Model,
    numerics: Numerics,
    interpolation: Interpolation,
    parameters: Option<Parameters>,
    reading: Options,
    /// The scenario of the run after which everything is done, to the last bit.
    as_in: Option<Box<Scenario>>,
    /// Seed of what is drawn; `None` for the typical subject.
    seed: Option<u64>,
    replicates: u32,
}

impl Request {
    /// Unit of TIME.
    fn time(&self) -> &NamedUnit {
        self.reading.time_unit.as_ref().unwrap_or(&self.model.time)
    }
}

/// Reads, simulates, writes.
pub fn simulate(model: &str, options: &SimulateOptions) -> Outcome {
    let mut sources = Sources::default();
    let mut diagnostics = Vec::new();
    let request = settle(model, options, &mut sources, &mut diagnostics);
    let input = open(&options.data, &mut diagnostics);
    spare_the_input(model, options, &mut diagnostics);
    let (Some(request), Some(input), false) = (request, input, has_errors(&diagnostics)) else {
        message::findings(&diagnostics, &sources);
        return Outcome::WrongInput;
    };
    let shows = Predictions {
        model: &request.model,
        time: request.time(),
        variability: request.seed.is_some(),
        replicated: options.replicates.is_some(),
    };
    let path = options.table.as_deref();
    let mut target = match Target::open(path, shows.columns()) {
        Ok(target) => target,
        Err(error) => {
            diagnostics.push(unbegun(path, &error));
            message::findings(&diagnostics, &sources);
            return Outcome::WrongInput;
        }
    };
    say_hazards(&request.model);
    listen_for_interrupt();
    let shown = options.data.display().to_string();
    let mut reader = Reader::new(&shown, Box::new(input), &request.model, &request.reading);
    let threads = options.threads.map_or(0, usize::from);
    let result = run(&request, shows, threads, &mut reader, &mut target.table);
    reader.report(&mut sources, &mut diagnostics);
    message::findings(&diagnostics, &sources);
    match result {
        Ok(summary) => finish(&request, path, &summary, target),
        Err(error) => no_result(&error),
    }
}

fn run(
    request: &Request,
    shows: Predictions<'_>,
    threads: usize,
    reader: &mut Reader<'_>,
    table: &mut TableWriter,
) -> Result<Summary, PredictionError> {
    let Request { model, numerics, interpolation, parameters, .. } = request;
    let given: &[Symbol] = parameters.as_ref().map_or(&[], |table| &table.symbols);
    let mut by = match &request.as_in {
        Some(scenario) => RecordModel::of_trial(scenario, given),
        None => RecordModel::new(model, *numerics, *interpolation, given),
    };
    if let Some(seed) = request.seed {
        by = by.vary(seed).map_err(PredictionError::Population)?;
    }
    let prediction = Prediction {
        model,
        by: &by,
        parameters: parameters.as_ref(),
        threads,
        replicates: request.replicates,
        fill: &|subject, replicate, followed, rows| shows.fill(subject, replicate, followed, rows),
        go_on: &|| !interrupted(),
    };
    prediction.run(reader, table)
}

/// Model, numerics, parameters and units; findings are pushed.
fn settle(
    name: &str,
    options: &SimulateOptions,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Request> {
    let mut model = model::load(name, &Files, sources, diagnostics)?;
    scenario::set_values(&options.set, &mut model, sources, diagnostics);
    let as_in = match &options.as_in {
        None => None,
        Some(run) => {
            let past = past_run::open(run, None)?;
            if past.scenario.model.name != model.name {
                let finding =
                    Diagnostic::plain(format!("this run has the model `{}`", past.scenario.model.name));
                diagnostics.push(finding.help("name that model, or another run with --as-in"));
                return None;
            }
            model = past.scenario.model.clone();
            Some(Box::new(past.scenario))
        }
    };
    let changes = scenario::Settings {
        method: options.method.clone(),
        relative_tolerance: options.rtol,
        ..scenario::Settings::default()
    };
    let numerics = scenario::chosen_numerics(&changes, diagnostics);
    let interpolation = match options.interpolation.as_str() {
        "previous" => Interpolation::Previous,
        "linear" => Interpolation::Linear,
        _ => Interpolation::Next,
    };
    let time_unit = options.time_unit.as_deref().and_then(|text| time_unit(text, diagnostics));
    let parameters = match &options.parameters {
        None => None,
        Some(path) => {
            let input = open(path, diagnostics)?;
            let shown = path.display().to_string();
            Some(dataset::read_parameters(&shown, Box::new(input), &model, sources, diagnostics)?)
        }
    };
    let symbols = parameters.iter().flat_map(|table| &table.symbols);
    let elsewhere = symbols.filter_map(|symbol| match symbol {
        Symbol::Covariate(covariate) => Some(*covariate),
        _ => None,
    });
    let occasion = occasion(options, &model, diagnostics);
    let reading = Options {
        time_unit,
        ignored: options.ignore.clone(),
        elsewhere: elsewhere.collect(),
        occasion,
        undosed: options.undosed,
    };
    let seed = options.variability.then(|| options.seed.unwrap_or(scenario::DEFAULT_SEED));
    if seed.is_some() {
        diagnostics.extend(population::check_blocks(&model));
        warn_of_sameness(&model, parameters.as_ref(), diagnostics);
    }
    let replicates = options.replicates.unwrap_or(1);
    let numerics = as_in.as_ref().map_or(numerics, |scenario| scenario.numerics);
    Some(Request { model, numerics, interpolation, parameters, reading, as_in, seed, replicates })
}

/// Says what becomes of a model's hazards, which a table of records has no place for.
fn say_hazards(model: &Model) {
    let names: Vec<&str> = model.hazards.iter().map(|hazard| hazard.name.as_str()).collect();
    if !names.is_empty() {
        message::note(format!(
            "events of hazards do not happen here ({}): every subject is followed to its last record, and a cumulative hazard is \
             a state like others",
            names.join(", ")
        ));
    }
}

/// The column of occasions, where they matter.
fn occasion(options: &SimulateOptions, model: &Model, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    let varies = model.occasion_effects().next().is_some();
    if options.occasion.is_some() && !varies {
        let finding = Diagnostic::plain("--occasion changes nothing".to_owned()).warning();
        diagnostics.push(finding.help(
            "nothing in the model varies between occasions; give an individual parameter `occasion = { cv = \"20 %\" }`",
        ));
    }
    let named = options.occasion.as_deref().unwrap_or("OCC");
    (options.occasion.is_some() || (varies && options.variability)).then(|| named.to_owned())
}

/// Says so where `--variability` has nothing to draw.
fn warn_of_sameness(model: &Model, parameters: Option<&Parameters>, diagnostics: &mut Vec<Diagnostic>) {
    let given = parameters.map_or(&[][..], |table| &table.symbols);
    let given = given.iter().filter(|symbol| matches!(symbol, Symbol::RandomEffect(_))).count();
    let measured = model.outputs.iter().any(|output| output.error.is_some());
    if model.random_effects.len() == given && !measured {
        let finding = Diagnostic::plain("--variability changes nothing".to_owned()).warning();
        diagnostics.push(finding.help(
            "the model has no random effects but those that are given, and no output has a residual `error`",
        ));
    }
}

/// A table that would take the place of what it is made from is refused.
fn spare_the_input(model: &str, options: &SimulateOptions, diagnostics: &mut Vec<Diagnostic>) {
    let Some(table) = &options.table else { return };
    let inputs = [
        ("the model", Some(Path::new(model))),
        ("the table of --data", Some(options.data.as_path())),
        ("the table of --parameters", options.parameters.as_deref()),
    ];
    for (what, input) in inputs {
        if input.is_some_and(|input| same_file(table, input)) {
            let finding = Diagnostic::plain(format!("--table names {what}, `{}`", table.display()));
            diagnostics.push(finding.help("it would be overwritten: name another file"));
        }
    }
}

fn time_unit(text: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<NamedUnit> {
    let unit = units::parse(text).ok().filter(|unit| unit.dimension == Dimension::time());
    if unit.is_none() {
        let finding = Diagnostic::plain(format!("`{text}` is not a unit of time"));
        diagnostics.push(finding.help("write for example `--time-unit h`; there are s, min, h, d, week"));
    }
    unit.map(|unit| NamedUnit { name: text.to_owned(), unit })
}

fn open(path: &Path, diagnostics: &mut Vec<Diagnostic>) -> Option<BufReader<File>> {
    let opened = File::open(path).and_then(|file| match file.metadata()?.is_dir() {
        true => Err(io::Error::from(io::ErrorKind::IsADirectory)),
        false => Ok(file),
    });
    match opened {
        Ok(file) => Some(BufReader::with_capacity(1 << 18, file)),
        Err(error) => {
            let finding = Diagnostic::plain(format!("`{}` cannot be read: {error}", path.display()));
            diagnostics.push(finding.help("name a table of records, a CSV file"));
            None
        }
    }
}

/// A table that cannot be begun.
fn unbegun(path: Option<&Path>, error: &TableError) -> Diagnostic {
    match error {
        TableError::Refused { source, .. } => unwritable(path, source),
        // Says itself what to do.
        other => Diagnostic::plain(other.to_string()),
    }
}

fn unwritable(path: Option<&Path>, error: &io::Error) -> Diagnostic {
    let path = path.map_or("standard output".to_owned(), |path| format!("`{}`", path.display()));
    Diagnostic::plain(format!("cannot write {path}: {error}"))
        .help("name a file in a folder that you may write to with --table FILE")
}

/// Where the result goes once it is complete.
struct Target {
    table: TableWriter,
    /// Folder of a table that is for standard output.
    passing: Option<TempDir>,
}

impl Target {
    fn open(path: Option<&Path>, columns: Vec<Column>) -> Result<Self, TableError> {
        let Some(path) = path else {
            let refused = |source| TableError::Refused { path: std::env::temp_dir(), source };
            let folder = tempfile::tempdir().map_err(refused)?;
            let table = TableWriter::create_as(Format::Csv, &passing(&folder), columns)?;
            return Ok(Target { table, passing: Some(folder) });
        };
        // Tables of records have all sorts of names, such as `sdtab1`.
        let format = Format::of(path).unwrap_or(Format::Csv);
        Ok(Target { table: TableWriter::create_as(format, path, columns)?, passing: None })
    }

    /// Puts the result in its place.
    fn finish(self) -> io::Result<()> {
        self.table.finish()?;
        let Some(folder) = self.passing else { return Ok(()) };
        let mut file = File::open(passing(&folder))?;
        io::copy(&mut file, &mut io::stdout().lock()).map(|_| ())
    }
}

/// The table in such a folder.
fn passing(folder: &TempDir) -> PathBuf {
    folder.path().join("table.csv")
}

/// Says who failed, and puts the table in its place.
fn finish(request: &Request, path: Option<&Path>, summary: &Summary, target: Target) -> Outcome {
    let (model, unit) = (&request.model, request.time());
    for (subject, failure) in summary.failures.iter().take(FAILURES_NAMED) {
        message::note(format!(
            "subject {subject} could not be followed beyond TIME {:.6} {}: {}; {}",
            unit.show(failure.time),
            unit.name,
            failure.what,
            failure.cause
        ));
    }
    if summary.failed > FAILURES_NAMED {
        message::note(format!("and {} subjects more", summary.failed - FAILURES_NAMED));
    }
    for (output, (count, first)) in model.outputs.iter().zip(&summary.not_finite) {
        if *count > 0 {
            message::note(format!(
                "`{}` has no finite value in {count} records, first in row {first}; these cells are empty",
                output.name
            ));
        }
    }
    if summary.failed > 0 {
        let all = summary.subjects as u64 * u64::from(request.replicates);
        message::note(format!(
            "{} of {all} subjects failed; the table has their rows up to there",
            summary.failed
        ));
    }
    match target.finish() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            message::findings(&[unwritable(path, &error)], &Sources::default());
            Outcome::Failed
        }
        _ if summary.failed > 0 => Outcome::Failed,
        _ => Outcome::Fine,
    }
}

fn no_result(error: &PredictionError) -> Outcome {
    match error {
        PredictionError::Table => Outcome::WrongInput,
        PredictionError::NoParameters { subject } => {
            let finding = Diagnostic::plain(format!(
                "subject {subject} of the records is not in the table of --parameters"
            ));
            let finding =
                finding.help("give it a row there; a subject without deviations has random effects of 0");
            message::findings(&[finding], &Sources::default());
            Outcome::WrongInput
        }
        PredictionError::Population(_) => {
            let finding = Diagnostic::plain("the model's random effects cannot be drawn".to_owned());
            let finding = finding.help("look at its correlations and covariances with `regimen check`");
            message::findings(&[finding], &Sources::default());
            Outcome::WrongInput
        }
        PredictionError::Threads(why) => {
            message::note(format!("cannot start the worker threads: {why}; try fewer with --threads"));
            Outcome::Failed
        }
        PredictionError::Write(why) => {
            message::note(format!("cannot write the table: {why}"));
            Outcome::Failed
        }
        PredictionError::Cancelled => {
            message::note("stopped; nothing was written");
            Outcome::Interrupted
        }
    }
}
