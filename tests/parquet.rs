//! Parquet files read back: what was written, the same as the CSV tables, the same bytes for any number of threads.

#[path = "program/mod.rs"]
mod program;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use program::regimen_in;
use regimen::table::{Column, Rows, TableWriter, exact};

/// A table as texts: the header, and the cells as they would stand in CSV.
#[derive(Debug, PartialEq)]
struct Texts {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Texts {
    fn of_csv(path: &Path) -> Self {
        let mut reader = csv::Reader::from_path(path).expect("a table");
        let header = reader.headers().expect("a header").iter().map(str::to_owned).collect();
        let cells = |record: csv::StringRecord| record.iter().map(str::to_owned).collect();
        Self { header, rows: reader.records().map(|record| cells(record.expect("a row"))).collect() }
    }

    fn of_parquet(path: &Path) -> Self {
        let reader = SerializedFileReader::new(File::open(path).expect("a file")).expect("a Parquet file");
        let fields = reader.metadata().file_metadata().schema().get_fields();
        let header = fields.iter().map(|field| field.name().to_owned()).collect();
        let cell = |field: &Field| match field {
            Field::Null => String::new(),
            Field::Double(value) => exact(*value),
            Field::Long(value) => value.to_string(),
            Field::Bool(value) => u8::from(*value).to_string(),
            Field::Str(text) => text.clone(),
            other => panic!("{other:?}"),
        };
        let rows = reader.get_row_iter(None).expect("rows").map(|row| {
            row.expect("a row").get_column_iter().map(|(_, field)| cell(field)).collect::<Vec<_>>()
        });
        Self { header, rows: rows.collect() }
    }

    /// The columns of these names, of the rows in which a column has this text.
    fn select(&self, names: &[&str], (column, text): (&str, &str)) -> Vec<Vec<String>> {
        let place = |name: &str| {
            self.header.iter().position(|other| other == name).unwrap_or_else(|| panic!("no column {name}"))
        };
        let places: Vec<usize> = names.iter().map(|name| place(name)).collect();
        let rows = self.rows.iter().filter(|row| row[place(column)] == text);
        rows.map(|row| places.iter().map(|place| row[*place].clone()).collect()).collect()
    }
}

fn columns() -> Vec<Column> {
    vec![
        Column::text("ARM").about("arm"),
        Column::count("ID"),
        Column::number("DV").unit("ng/mL").about("measured concentration"),
        Column::flag("on"),
    ]
}

/// A row with all that can stand in a cell, and all that cannot.
fn fill(number: usize, row: &mut Rows) -> std::io::Result<()> {
    row.text(["", "10 mg, \"quoted\"", "µ"][number % 3])?;
    row.count(number)?;
    row.number([f64::NAN, -0.0, 1.0 / 3.0, f64::INFINITY, -2.5e-9][number % 5] * (1 + number) as f64)?;
    if number.is_multiple_of(7) { row.absent() } else { row.flag(number.is_multiple_of(2)) }
}

#[test]
fn both_forms_hold_the_same_and_memory_is_bounded_by_row_groups() {
    const ROWS: usize = 700_000;
    let folder = tempfile::tempdir().expect("a folder");
    let (csv, parquet) = (folder.path().join("table.csv"), folder.path().join("table.parquet"));
    for path in [&csv, &parquet] {
        let mut table = TableWriter::create(path, columns()).expect("a table");
        for number in 0..ROWS / 2 {
            table.row(|row| fill(number, row)).expect("a row");
        }
        // The other half by blocks, as another thread would bring them.
        for first in (ROWS / 2..ROWS).step_by(1000) {
            let mut rows = Rows::new(Arc::clone(table.columns()), table.format());
            for number in first..first + 1000 {
                fill(number, &mut rows).and_then(|()| rows.end()).expect("a row");
            }
            table.append(rows).expect("a block");
        }
        table.finish().expect("a file");
    }
    let read = Texts::of_parquet(&parquet);
    assert_eq!(read.rows.len(), ROWS);
    assert!(read == Texts::of_csv(&csv), "the forms differ");
    assert_eq!(read.rows[2], ["µ", "2", "1", "1"]);

    let reader = SerializedFileReader::new(File::open(&parquet).expect("a file")).expect("a Parquet file");
    let metadata = reader.metadata();
    assert!(metadata.row_groups().iter().all(|group| group.num_rows() < 600_000));
    assert!(metadata.num_row_groups() > 1);
    let file = metadata.file_metadata();
    assert_eq!(file.created_by(), Some(concat!("regimen version ", env!("CARGO_PKG_VERSION"))));
    let pairs = file.key_value_metadata().expect("metadata");
    let value =
        pairs.iter().find(|pair| pair.key == "regimen.columns").and_then(|pair| pair.value.as_deref());
    let described: serde_json::Value = serde_json::from_str(value.expect("columns")).expect("JSON");
    assert_eq!(described[2]["unit"], "ng/mL");
    assert_eq!(described[2]["about"], "measured concentration");
}

/// Three patients over three months, with rules, two records and measured outputs.
fn run(folder: &Path, threads: &str) {
    let arguments = ["run", "starting-dose", "--patients", "3", "--set", "horizon=3 months", "--out", "run"];
    let answer = regimen_in(folder, &[&arguments[..], &["--threads", threads]].concat());
    assert_eq!(answer.code, Some(0), "{answer}");
}

#[test]
fn a_run_folder_holds_the_same_in_both_forms_for_any_number_of_threads() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = |threads: &str| {
        let folder = root.path().join(threads);
        fs::create_dir(&folder).expect("a folder");
        run(&folder, threads);
        folder.join("run")
    };
    let (one, three) = (folder("1"), folder("3"));
    for name in ["patients.parquet", "trajectories.parquet", "decisions.parquet"] {
        let read = |folder: &Path| fs::read(folder.join(name)).expect("a file");
        assert!(read(&one) == read(&three), "{name} depends on the number of threads");
        let manifest = fs::read_to_string(one.join("manifest.json")).expect("a manifest");
        assert!(manifest.contains(name), "{name} is not in the manifest");
    }
    for name in ["patients", "decisions"] {
        let parquet = Texts::of_parquet(&one.join(format!("{name}.parquet")));
        assert_eq!(parquet, Texts::of_csv(&one.join(format!("tables/{name}.csv"))));
        assert!(!parquet.rows.is_empty());
    }
    let trajectories = Texts::of_parquet(&one.join("trajectories.parquet"));
    doses_and_visits_agree(&trajectories, &one);
    medians_agree(&trajectories, &one);
}

fn doses_and_visits_agree(trajectories: &Texts, folder: &Path) {
    let doses = Texts::of_csv(&folder.join("tables/doses.csv"));
    assert_eq!(
        trajectories.select(&["ID", "TIME", "AMT", "CMT", "ARM", "drug", "dose_unit"], ("EVID", "1")),
        doses.select(&["ID", "TIME", "AMT", "CMT", "ARM", "drug", "unit"], ("EVID", "1"))
    );
    let visits = Texts::of_csv(&folder.join("tables/visits.csv"));
    let measured: Vec<&str> =
        visits.header.iter().filter_map(|name| name.strip_suffix(".measured")).collect();
    assert!(measured.contains(&"ANC"));
    for name in measured {
        let (truth, value) = (format!("IPRED_{name}"), format!("DV_{name}"));
        let of_trajectories = trajectories.select(&["ARM", "ID", "TIME", &truth, &value], ("MDV", "0"));
        let visits: Vec<Vec<String>> = ["0", "1"]
            .into_iter()
            .flat_map(|held| {
                let columns = ["ARM", "ID", "TIME", name, &format!("{name}.measured")];
                visits.select(&columns, ("on_hold", held))
            })
            .collect();
        let sorted = |mut rows: Vec<Vec<String>>| {
            rows.sort();
            rows
        };
        assert_eq!(sorted(of_trajectories), sorted(visits), "{name}");
    }
}

/// The true values, against the percentiles that the trial itself computed.
fn medians_agree(trajectories: &Texts, folder: &Path) {
    let courses = Texts::of_csv(&folder.join("tables/course.csv"));
    let mut checked = 0;
    for output in ["ANC", "Cp", "SPD"] {
        let mut values: BTreeMap<(String, String), Vec<f64>> = BTreeMap::new();
        for row in trajectories.select(&["ARM", "TIME", &format!("IPRED_{output}")], ("EVID", "0")) {
            if let Ok(value) = row[2].parse() {
                values.entry((row[0].clone(), row[1].clone())).or_default().push(value);
            }
        }
        for row in courses.select(&["ARM", "TIME", "n", "median"], ("output", output)) {
            let mut known = values[&(row[0].clone(), row[1].clone())].clone();
            known.sort_by(f64::total_cmp);
            if row[2] == "3" {
                let median: f64 = row[3].parse().expect("a median");
                // A visit reads the state at the end of a step, a record the interpolant: the last bits may differ.
                assert!((known[1] - median).abs() <= 1e-9 * median.abs(), "{output} {row:?} {known:?}");
                checked += 1;
            }
        }
    }
    assert!(checked > 300, "{checked} medians");
}

/// A table of records, in both forms, with all that its columns can be.
#[test]
fn a_simulated_table_of_records_holds_the_same_in_both_forms_for_any_number_of_threads() {
    let folder = tempfile::tempdir().expect("a folder");
    let model = "title = \"one compartment\"\ntime = \"h\"\n[parameters]\nk = { value = 0.1, unit = \"1/h\" }\n\
        [individual]\nK = { typical = \"k\", distribution = \"log-normal\", omega = 0.3 }\n\
        [states]\na = { unit = \"mg\", rate = \"-K * a\" }\n[doses]\niv = { into = \"a\" }\n[outputs]\n\
        A = { unit = \"mg\", value = \"a\", error = { proportional = 0.1, limit_of_quantification = \"20 mg\" } }\n\
        B = { unit = \"mg\", value = \"2 * a\" }\n";
    let rows = |subject: usize| {
        format!("S{subject},0,1,100\nS{subject},5,0,0\nS{subject},20,0,0\nS{subject},20,0,0\n")
    };
    let records: String = (0..3000).map(rows).collect();
    fs::write(folder.path().join("model.toml"), model).expect("a file");
    fs::write(folder.path().join("records.csv"), format!("ID,TIME,EVID,AMT\n{records}")).expect("a file");
    let table = |name: &str, threads: &str| {
        let arguments =
            ["simulate", "model.toml", "--data", "records.csv", "--table", name, "--threads", threads];
        let drawn = ["--variability", "--seed", "3", "--replicates", "2"];
        let answer = regimen_in(folder.path(), &[&arguments[..], &drawn].concat());
        assert_eq!(answer.code, Some(0), "{answer}");
        folder.path().join(name)
    };
    let (csv, parquet) = (table("table.csv", "2"), table("table.parquet", "1"));
    let other = table("other.parquet", "3");
    assert!(fs::read(&parquet).expect("a file") == fs::read(&other).expect("a file"), "threads matter");
    let read = Texts::of_parquet(&parquet);
    assert_eq!(read.header, ["REP", "ROW", "ID", "TIME", "A", "A.measured", "A.BLQ", "B"]);
    assert_eq!(read.rows.len(), 2 * 4 * 3000);
    assert_eq!(read.rows[4][..4], ["2", "1", "S0", "0"]);
    assert!(read == Texts::of_csv(&csv), "the forms differ");
}
