//! The validation cases of `tests/cases/<area>/<case>`: computed as a user would, compared at their own tolerances.
//!
//! `REGIMEN_CASES=DIR cargo test --release --test cases` takes another folder of the same form; `REGIMEN_CASES_OUT=DIR` also
//! writes what was computed, `<area>/<case>.csv` with the case's key and value columns. One line names each failing
//! case. What computes the cases of an area is under `case_areas`.

mod case_areas;
mod tables;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

/// A table of texts, header first.
type Rows = Vec<Vec<String>>;

struct Case {
    folder: PathBuf,
    area: String,
    name: String,
    description: toml::Table,
}

impl Case {
    fn read(folder: PathBuf) -> Result<Self, String> {
        let text = fs::read_to_string(folder.join("case.toml")).map_err(|error| error.to_string())?;
        let description: toml::Table = toml::from_str(&text).map_err(|error| error.to_string())?;
        let part =
            |path: &Path| path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
        let said = |key: &str| description.get(key).and_then(toml::Value::as_str).map(str::to_owned);
        let area = said("area").unwrap_or_else(|| part(folder.parent().unwrap_or(&folder)));
        let name = said("case").unwrap_or_else(|| part(&folder));
        Ok(Case { folder, area, name, description })
    }

    fn texts(&self, section: &str, key: &str) -> Option<Vec<String>> {
        let list = self.description.get(section)?.get(key)?.as_array()?;
        Some(list.iter().filter_map(|text| text.as_str().map(str::to_owned)).collect())
    }

    /// (relative, absolute) of a column.
    fn tolerance(&self, column: &str) -> (f64, f64) {
        let section = self.description.get("tolerance");
        let own = section.and_then(|section| section.get("columns")).and_then(|columns| columns.get(column));
        let number = |table: Option<&toml::Value>, key: &str| {
            let value = table?.get(key)?;
            value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64))
        };
        let of = |key: &str, default: f64| number(own, key).or(number(section, key)).unwrap_or(default);
        (of("rel", 1e-6), of("abs", 0.0))
    }

    fn table(&self, file: &str) -> Result<Rows, String> {
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .trim(csv::Trim::All)
            .from_path(self.folder.join(file));
        let mut reader = reader.map_err(|error| format!("{file}: {error}"))?;
        let rows =
            reader.records().map(|record| record.map(|record| record.iter().map(str::to_owned).collect()));
        rows.collect::<Result<Rows, _>>().map_err(|error| format!("{file}: {error}"))
    }

    /// What differs, or nothing.
    fn run(&self, out: Option<&Path>) -> Result<(), String> {
        let input = self.table("input.csv")?;
        let expected = self.table("expected.csv")?;
        let got = case_areas::computation(&self.description)?(&self.description, &input)?;
        let keys = self.texts("expected", "keys").unwrap_or_else(|| vec!["ROW".to_owned()]);
        let values = self.texts("expected", "values").unwrap_or_else(|| {
            let others = ["ID", "TIME", "EVID"];
            let columns =
                expected[0].iter().filter(|name| !keys.contains(name) && !others.contains(&name.as_str()));
            columns.cloned().collect()
        });
        if let Some(out) = out {
            self.write(out, &got, &keys, &values)?;
        }
        let mut found: HashMap<Vec<String>, &Vec<(String, String)>> = HashMap::new();
        for row in &got {
            found.insert(keys.iter().map(|name| key(cell(row, name))).collect(), row);
        }
        let mut compared = 0;
        for row in &expected[1..] {
            let row: Vec<(String, String)> = expected[0].iter().cloned().zip(row.iter().cloned()).collect();
            let place: Vec<String> = keys.iter().map(|name| key(cell(&row, name))).collect();
            let label =
                keys.iter().zip(&place).map(|(name, value)| format!("{name} {value} ")).collect::<String>();
            let ours = found.get(&place).ok_or_else(|| format!("{label}is missing"))?;
            for name in &values {
                let (wanted, given) = (cell(&row, name), cell(ours, name));
                let (relative, absolute) = self.tolerance(name);
                if !agrees(wanted, given, relative, absolute) {
                    return Err(format!("{label}{name}: got {given}, expected {wanted}"));
                }
                compared += 1;
            }
        }
        if compared == 0 { Err("nothing was compared".to_owned()) } else { Ok(()) }
    }

    fn write(
        &self,
        out: &Path,
        got: &[Vec<(String, String)>],
        keys: &[String],
        values: &[String],
    ) -> Result<(), String> {
        let folder = out.join(&self.area);
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let columns: Vec<&String> = keys.iter().chain(values).collect();
        let mut writer =
            csv::Writer::from_path(folder.join(format!("{}.csv", self.name))).map_err(|e| e.to_string())?;
        writer.write_record(&columns).map_err(|error| error.to_string())?;
        for row in got {
            let cells = columns.iter().map(|name| cell(row, name));
            writer.write_record(cells).map_err(|error| error.to_string())?;
        }
        writer.flush().map_err(|error| error.to_string())
    }
}

fn cell<'r>(row: &'r [(String, String)], name: &str) -> &'r str {
    row.iter().find(|(column, _)| column == name).map_or("", |(_, value)| value.as_str())
}

/// A number in one form, a text as it is.
fn key(text: &str) -> String {
    text.parse::<f64>().map_or_else(|_| text.to_owned(), |number| format!("{number:.9e}"))
}

/// A number, nothing (`NaN`), or a text.
fn number(text: &str) -> Option<f64> {
    let missing = ["", ".", "na", "nan", "none", "null"];
    if missing.contains(&text.to_ascii_lowercase().as_str()) { Some(f64::NAN) } else { text.parse().ok() }
}

/// |given − wanted| ≤ absolute + relative |wanted|; missing values and texts are the same.
fn agrees(wanted: &str, given: &str, relative: f64, absolute: f64) -> bool {
    match (number(wanted), number(given)) {
        (Some(wanted), Some(given)) if wanted.is_finite() && given.is_finite() => {
            (given - wanted).abs() <= absolute + relative * wanted.abs()
        }
        (Some(wanted), Some(given)) => wanted == given || (wanted.is_nan() && given.is_nan()),
        _ => wanted == given,
    }
}

/// Every folder below with a `case.toml`.
fn folders(root: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(root) else { return };
    for path in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()) {
        if path.join("case.toml").exists() {
            found.push(path.clone());
        }
        folders(&path, found);
    }
}

#[test]
fn every_case_agrees_at_its_own_tolerance() {
    let given = std::env::var_os("REGIMEN_CASES").map(PathBuf::from);
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let out = std::env::var_os("REGIMEN_CASES_OUT").map(PathBuf::from);
    let mut all = Vec::new();
    folders(given.as_ref().unwrap_or(&shipped), &mut all);
    all.sort();
    let outcomes: Vec<(String, Result<(), String>)> = all
        .into_par_iter()
        .map(|folder| {
            let label = folder.display().to_string();
            let case = match Case::read(folder) {
                Ok(case) => case,
                Err(why) => return (label, Err(why)),
            };
            let started = std::time::Instant::now();
            let outcome = case.run(out.as_deref());
            let label = format!("{}/{}", case.area, case.name);
            println!("{label}: {:.2} s", started.elapsed().as_secs_f64());
            (label, outcome)
        })
        .collect();
    assert!(!outcomes.is_empty(), "there are no cases");
    let wrong: Vec<String> = outcomes
        .iter()
        .filter_map(|(label, outcome)| outcome.as_ref().err().map(|why| format!("{label}: {}", why.trim())))
        .collect();
    println!("{} of {} cases agree", outcomes.len() - wrong.len(), outcomes.len());
    assert!(wrong.is_empty(), "{} cases differ:\n{}", wrong.len(), wrong.join("\n"));
}
