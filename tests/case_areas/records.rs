//! Cases with a [model]: a model file and a table of records, through the code that `regimen simulate` calls.

use regimen::dataset::{Options, Reader};
use regimen::diagnostic::{Sources, has_errors, render};
use regimen::model::{self, Interpolation, Kind, Loader, Model, NamedUnit};
use regimen::prediction::Prediction;
use regimen::report::predictions;
use regimen::scenario::{self, Settings};
use regimen::simulation::RecordModel;

use super::model_file::{ModelFile, Units};

/// Hands out one text.
struct One(String);

impl Loader for One {
    fn load(&self, _: Kind, _: &str, _: Option<&str>) -> Result<(String, String), String> {
        Ok(("case.toml".to_owned(), self.0.clone()))
    }
}

fn load(text: &str) -> Result<Model, String> {
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let model = model::load("case", &One(text.to_owned()), &mut sources, &mut diagnostics);
    let errors: Vec<_> =
        diagnostics.into_iter().filter(|found| has_errors(std::slice::from_ref(found))).collect();
    model.ok_or_else(|| render(&errors, &sources, false))
}

/// Rows of (column, value): ROW, ID, TIME and the case's outputs.
pub fn compute(case: &toml::Table, input: &[Vec<String>]) -> Result<Vec<Vec<(String, String)>>, String> {
    // Equations that only hold between bare numbers are taken as such, in the case's unit of time.
    let mut file = ModelFile::new(case, &input[0], Units::OfTheCase)?;
    let model = match load(&file.text) {
        Ok(model) => model,
        Err(first) => {
            file = ModelFile::new(case, &input[0], Units::None)?;
            load(&file.text).map_err(|second| format!("{first}\nand without units\n{second}"))?
        }
    };
    let settings = Settings { relative_tolerance: Some(tolerance(case)), ..Settings::default() };
    let numerics = scenario::chosen_numerics(&settings, &mut Vec::new());
    let by = RecordModel::new(&model, numerics, Interpolation::Next, &[]);
    let text: String = input.iter().map(|row| row.join(",") + "\n").collect();
    let unit = NamedUnit {
        unit: regimen::units::parse(&file.time_unit).map_err(|error| error.to_string())?,
        name: file.time_unit.clone(),
    };
    let options = Options {
        time_unit: Some(unit),
        ignored: file.ignored.clone(),
        elsewhere: Vec::new(),
        undosed: !has_doses(input),
    };
    let mut reader = Reader::new("input.csv", Box::new(text.as_bytes()), &model, &options);
    let prediction = Prediction {
        model: &model,
        by: &by,
        parameters: None,
        threads: 1,
        format: &|subject, followed, text| predictions::lines(&model, subject, followed, text),
        go_on: &|| true,
    };
    let mut table = predictions::header(&model).into_bytes();
    let result = prediction.run(&mut reader, &mut table);
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    reader.report(&mut sources, &mut diagnostics);
    let summary = result.map_err(|error| format!("{error:?}\n{}", render(&diagnostics, &sources, false)))?;
    if let Some((subject, failure)) = summary.failures.first() {
        return Err(format!("subject {subject}: {}; {}", failure.what, failure.cause));
    }
    Ok(rows(&table, &file))
}

/// The table under the case's names of the outputs.
fn rows(table: &[u8], file: &ModelFile) -> Vec<Vec<(String, String)>> {
    let mut reader = csv::Reader::from_reader(table);
    let header: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    let name = |column: &String| {
        file.outputs
            .iter()
            .find(|(_, ours)| ours == column)
            .map_or(column.clone(), |(theirs, _)| theirs.clone())
    };
    let names: Vec<String> = header.iter().map(name).collect();
    let records = reader.records().map(|record| record.expect("a row"));
    records.map(|record| names.iter().cloned().zip(record.iter().map(str::to_owned)).collect()).collect()
}

/// Relative tolerance per step: a thousandth of what the case allows at the end.
fn tolerance(case: &toml::Table) -> f64 {
    let rel =
        case.get("tolerance").and_then(|tolerance| tolerance.get("rel")).and_then(toml::Value::as_float);
    (rel.unwrap_or(1e-6) * 1e-3).clamp(1e-12, 1e-8)
}

fn has_doses(input: &[Vec<String>]) -> bool {
    let column = |name: &str| input[0].iter().position(|found| found == name);
    let not_zero = |row: &Vec<String>, name: &str| {
        column(name)
            .and_then(|place| row.get(place))
            .is_some_and(|cell| cell.parse::<f64>().unwrap_or(0.0) != 0.0)
    };
    input[1..].iter().any(|row| not_zero(row, "AMT") || not_zero(row, "RATE"))
}
