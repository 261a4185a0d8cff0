//! Cases with a [model]: a model file and a table of records, through the code that `regimen simulate` calls.

use super::model_file::{ModelFile, Units};
use crate::tables::{Job, model};

/// Rows of (column, value): ROW, ID, TIME and the case's outputs.
pub fn compute(case: &toml::Table, input: &[Vec<String>]) -> Result<Vec<Vec<(String, String)>>, String> {
    // Equations that only hold between bare numbers are taken as such, in the case's unit of time.
    let mut file = ModelFile::new(case, &input[0], Units::OfTheCase)?;
    let model = match model(&file.text) {
        Ok(model) => model,
        Err(first) => {
            file = ModelFile::new(case, &input[0], Units::None)?;
            model(&file.text).map_err(|second| format!("{first}\nand without units\n{second}"))?
        }
    };
    let records: String = input.iter().map(|row| row.join(",") + "\n").collect();
    let mut job = Job::new(&records).time_unit(&file.time_unit);
    job.settings.relative_tolerance = Some(tolerance(case));
    job.options.ignored = file.ignored.clone();
    job.options.undosed = !has_doses(input);
    let (table, summary) = job.run(&model)?;
    match summary.failures.first() {
        Some((subject, failure)) => Err(format!("subject {subject}: {}; {}", failure.what, failure.cause)),
        None => Ok(rows(&table, &file)),
    }
}

/// The table under the case's names of the outputs.
fn rows(table: &str, file: &ModelFile) -> Vec<Vec<(String, String)>> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
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
        let cell = column(name).and_then(|place| row.get(place));
        cell.is_some_and(|cell| cell.parse::<f64>().unwrap_or(0.0) != 0.0)
    };
    input[1..].iter().any(|row| not_zero(row, "AMT") || not_zero(row, "RATE"))
}
