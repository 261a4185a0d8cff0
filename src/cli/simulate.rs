//! `regimen simulate`: a table of records in, a table of outputs out.
//!
//! The result goes to a temporary file first, so that nothing is left that looks like a result where the table turns out to
//! be faulty in its last line.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use super::arguments::SimulateOptions;
use super::loader::Files;
use super::message;
use super::outcome::Outcome;
use super::progress::{interrupted, listen_for_interrupt};
use crate::dataset::{self, Options, Parameters, Reader};
use crate::diagnostic::{Diagnostic, Sources, has_errors};
use crate::model::{self, Interpolation, Model, NamedUnit, Symbol};
use crate::prediction::{Prediction, PredictionError, Summary};
use crate::report::predictions;
use crate::scenario::{self, Numerics};
use crate::simulation::RecordModel;
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
}

/// Reads, simulates, writes.
pub fn simulate(model: &str, options: &SimulateOptions) -> Outcome {
    let mut sources = Sources::default();
    let mut diagnostics = Vec::new();
    let request = settle(model, options, &mut sources, &mut diagnostics);
    let input = open(&options.data, &mut diagnostics);
    let (Some(request), Some(input), false) = (request, input, has_errors(&diagnostics)) else {
        message::findings(&diagnostics, &sources);
        return Outcome::WrongInput;
    };
    let target = match Target::open(options.table.as_deref()) {
        Ok(target) => target,
        Err(error) => {
            diagnostics.push(unwritable(options.table.as_deref(), &error));
            message::findings(&diagnostics, &sources);
            return Outcome::WrongInput;
        }
    };
    listen_for_interrupt();
    let shown = options.data.display().to_string();
    let mut reader = Reader::new(&shown, Box::new(input), &request.model, &request.reading);
    let threads = options.threads.map_or(0, usize::from);
    let result = run(&request, threads, &mut reader, target);
    reader.report(&mut sources, &mut diagnostics);
    message::findings(&diagnostics, &sources);
    match result {
        Ok((summary, target)) => finish(&request.model, &request.reading, &summary, target),
        Err(error) => no_result(&error),
    }
}

fn run(
    request: &Request,
    threads: usize,
    reader: &mut Reader<'_>,
    mut target: Target,
) -> Result<(Summary, Target), PredictionError> {
    let Request { model, numerics, interpolation, parameters, .. } = request;
    let given: &[Symbol] = parameters.as_ref().map_or(&[], |table| &table.symbols);
    let by = RecordModel::new(model, *numerics, *interpolation, given);
    let prediction = Prediction {
        model,
        by: &by,
        parameters: parameters.as_ref(),
        threads,
        format: &|subject, followed, text| predictions::lines(model, subject, followed, text),
        go_on: &|| !interrupted(),
    };
    target.write_all(predictions::header(model).as_bytes()).map_err(PredictionError::Write)?;
    let summary = prediction.run(reader, &mut target)?;
    target.flush().map_err(PredictionError::Write)?;
    Ok((summary, target))
}

/// Model, numerics, parameters and units; findings are pushed.
fn settle(
    name: &str,
    options: &SimulateOptions,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Request> {
    let model = model::load(name, &Files, sources, diagnostics)?;
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
    let reading = Options {
        time_unit,
        ignored: options.ignore.clone(),
        elsewhere: elsewhere.collect(),
        undosed: options.undosed,
    };
    Some(Request { model, numerics, interpolation, parameters, reading })
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

fn unwritable(path: Option<&Path>, error: &io::Error) -> Diagnostic {
    let path = path.map_or("standard output".to_owned(), |path| format!("`{}`", path.display()));
    Diagnostic::plain(format!("cannot write {path}: {error}"))
        .help("name a file in a folder that you may write to with --table FILE")
}

/// Where the result goes once it is complete.
struct Target {
    path: Option<PathBuf>,
    file: BufWriter<tempfile::NamedTempFile>,
}

impl Target {
    fn open(path: Option<&Path>) -> io::Result<Self> {
        let file = match path.map(|path| path.parent().filter(|folder| !folder.as_os_str().is_empty())) {
            None => tempfile::NamedTempFile::new()?,
            Some(folder) => tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?,
        };
        Ok(Target { path: path.map(Path::to_owned), file: BufWriter::with_capacity(1 << 18, file) })
    }

    /// Puts the result in its place.
    fn finish(self, outcome: Outcome) -> Outcome {
        let done = self.file.into_inner().map_err(io::IntoInnerError::into_error).and_then(|mut file| {
            match &self.path {
                Some(path) => put(file, path),
                None => {
                    file.rewind()?;
                    io::copy(&mut file, &mut io::stdout().lock()).map(|_| ())
                }
            }
        });
        match done {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                message::findings(&[unwritable(self.path.as_deref(), &error)], &Sources::default());
                Outcome::Failed
            }
            _ => outcome,
        }
    }
}

/// Renames the finished file, readable by whom files usually are.
fn put(file: tempfile::NamedTempFile, path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Says who failed, and puts the table in its place.
fn finish(model: &Model, reading: &Options, summary: &Summary, target: Target) -> Outcome {
    let unit = reading.time_unit.as_ref().unwrap_or(&model.time);
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
        message::note(format!(
            "{} of {} subjects failed; the table has their rows up to there",
            summary.failed, summary.subjects
        ));
    }
    target.finish(if summary.failed > 0 { Outcome::Failed } else { Outcome::Fine })
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
