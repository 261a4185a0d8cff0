//! A table of records through the library calls that `regimen simulate` makes.

// Each test file uses its own part of this.
#![allow(dead_code)]

use regimen::dataset::{Options, Reader, read_parameters};
#[path = "../texts/mod.rs"]
pub mod texts;

use regimen::diagnostic::{Sources, render};
use regimen::model::{Interpolation, Model, NamedUnit, Symbol};
use regimen::prediction::{Prediction, Summary};
use regimen::report::predictions::Predictions;
use regimen::scenario::{self, Settings};
use regimen::simulation::RecordModel;
use regimen::table::TableWriter;

pub use texts::model;

/// What `regimen simulate` is given.
#[derive(Debug, Clone)]
pub struct Job {
    pub records: String,
    pub parameters: Option<String>,
    pub settings: Settings,
    pub threads: usize,
    pub interpolation: Interpolation,
    pub options: Options,
    /// Seed of what is drawn.
    pub variability: Option<u64>,
    pub replicates: Option<u32>,
}

impl Job {
    /// These records, integrated tightly.
    pub fn new(records: &str) -> Self {
        Job {
            records: records.to_owned(),
            parameters: None,
            settings: Settings { relative_tolerance: Some(1e-11), ..Settings::default() },
            threads: 1,
            interpolation: Interpolation::Next,
            options: Options::default(),
            variability: None,
            replicates: None,
        }
    }

    pub fn method(mut self, method: &str) -> Self {
        self.settings.method = Some(method.to_owned());
        self
    }

    pub fn time_unit(mut self, name: &str) -> Self {
        let unit = regimen::units::parse(name).expect("a unit");
        self.options.time_unit = Some(NamedUnit { name: name.to_owned(), unit });
        self
    }

    /// The table that comes out, and what happened.
    ///
    /// # Errors
    /// What is told to the user.
    pub fn run(&self, model: &Model) -> Result<(String, Summary), String> {
        let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
        let numerics = scenario::chosen_numerics(&self.settings, &mut diagnostics);
        let parameters = match &self.parameters {
            None => None,
            Some(text) => {
                let input = Box::new(text.as_bytes());
                let table = read_parameters("parameters.csv", input, model, &mut sources, &mut diagnostics);
                Some(table.ok_or_else(|| render(&diagnostics, &sources, false))?)
            }
        };
        let symbols: &[Symbol] = parameters.as_ref().map_or(&[], |table| &table.symbols);
        let mut options = self.options.clone();
        options.elsewhere.extend(symbols.iter().filter_map(|symbol| match symbol {
            Symbol::Covariate(covariate) => Some(*covariate),
            _ => None,
        }));
        let mut by = RecordModel::new(model, numerics, self.interpolation, symbols);
        if let Some(seed) = self.variability {
            by = by.vary(seed).map_err(|error| format!("{error:?}"))?;
        }
        let shows = Predictions {
            model,
            time: options.time_unit.as_ref().unwrap_or(&model.time),
            variability: self.variability.is_some(),
            replicated: self.replicates.is_some(),
        };
        let input = Box::new(self.records.as_bytes());
        let mut reader = Reader::new("records.csv", input, model, &options);
        let prediction = Prediction {
            model,
            by: &by,
            parameters: parameters.as_ref(),
            threads: self.threads,
            replicates: self.replicates.unwrap_or(1),
            fill: &|subject, replicate, followed, rows| shows.fill(subject, replicate, followed, rows),
            go_on: &|| true,
        };
        let told = |error: &dyn std::fmt::Display| error.to_string();
        let folder = tempfile::tempdir().map_err(|error| told(&error))?;
        let path = folder.path().join("table.csv");
        let mut table = TableWriter::create(&path, shows.columns()).map_err(|error| told(&error))?;
        let result = prediction.run(&mut reader, &mut table);
        reader.report(&mut sources, &mut diagnostics);
        table.finish().map_err(|error| told(&error))?;
        match result {
            Ok(summary) => Ok((std::fs::read_to_string(&path).map_err(|error| told(&error))?, summary)),
            Err(error) => Err(format!("{error:?}\n{}", render(&diagnostics, &sources, false))),
        }
    }

    /// The numbers that come out, by row, without ROW, ID and TIME; everybody followed to the end.
    pub fn values(&self, text: &str) -> Vec<Vec<f64>> {
        let model = model(text).unwrap_or_else(|errors| panic!("{errors}"));
        let (table, summary) = self.run(&model).unwrap_or_else(|errors| panic!("{errors}"));
        if let Some((subject, failure)) = summary.failures.first() {
            panic!("subject {subject}: {}; {}", failure.what, failure.cause);
        }
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        let number = |cell: &str| cell.parse().unwrap_or(f64::NAN);
        reader.records().map(|record| record.expect("a row").iter().skip(3).map(number).collect()).collect()
    }

    /// Why the only subject could not be followed.
    pub fn failure(&self, text: &str) -> String {
        let model = model(text).unwrap_or_else(|errors| panic!("{errors}"));
        let (_, summary) = self.run(&model).unwrap_or_else(|errors| panic!("{errors}"));
        summary
            .failures
            .first()
            .map_or(String::new(), |(_, failure)| format!("{}; {}", failure.what, failure.cause))
    }
}
