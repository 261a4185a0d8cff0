//! What a table says, and what is said of a table that cannot be meant. The renderings are snapshotted in
//! `tests/record_tables`.

use super::*;
use crate::diagnostic::{Sources, render};
use crate::model::Model;
use crate::model::fixture::model_of;

const MODEL: &str = "title = \"t\"\ntime = \"h\"\n[covariates]\nWT = { unit = \"kg\" }\n[states]\n\
                     a = { unit = \"mg\", rate = \"-a / (1 h) * WT / (70 kg)\" }\n[doses]\niv = { into = \"a\", unit = \"g\" }\n\
                     [outputs]\nA = { unit = \"mg\", value = \"a\" }\n";

fn model() -> Model {
    model_of(MODEL)
}

fn read(text: &str) -> (Vec<Subject>, String) {
    read_with(text, &Options::default())
}

fn read_with(text: &str, options: &Options) -> (Vec<Subject>, String) {
    let model = model();
    let mut reader = Reader::new("r.csv", Box::new(text.as_bytes()), &model, options);
    let mut subjects = Vec::new();
    loop {
        // Portions of any size give the same subjects.
        let portion = reader.subjects(1);
        if portion.is_empty() {
            break;
        }
        subjects.extend(portion);
    }
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    reader.report(&mut sources, &mut diagnostics);
    (subjects, render(&diagnostics, &sources, false))
}

#[test]
fn records_come_in_coherent_units_and_in_the_order_of_the_table() {
    let text =
        "ID,TIME,EVID,AMT,RATE,II,ADDL,SS,WT\n1,0,1,2,12,24,3,1,70\n1,12,0,.,.,.,.,.,NA\n2,6,3,,,,,,80\n";
    let (subjects, said) = read(text);
    assert_eq!(said, "");
    assert_eq!(subjects.len(), 2);
    let first = &subjects[0];
    assert_eq!(first.id, "1");
    let Event::Dose(dose) = &first.records[0].event else { panic!("{first:?}") };
    let close = |left: f64, right: f64| (left - right).abs() <= 1e-12 * right;
    assert!(close(dose.amount, 2000.0) && close(dose.interval, 1.0));
    assert!(matches!(dose.administration, Administration::Rate(rate) if close(rate, 12_000.0 * 24.0)));
    assert_eq!((dose.additional, dose.steady_state), (3, SteadyState::Replaces));
    assert_eq!((first.records[1].row, first.records[1].shown_time), (2, 12.0));
    assert!(close(first.records[1].time, 0.5));
    assert!(first.covariates[0] == 70e6 && first.covariates[1].is_nan(), "{:?}", first.covariates);
    assert_eq!(subjects[1].records[0].event, Event::Reset);
}

#[test]
fn an_ignored_column_is_as_if_it_were_not_there() {
    let ignoring = |columns: &[&str], text: &str| {
        let ignored = columns.iter().map(|column| (*column).to_owned()).collect();
        read_with(text, &Options { ignored, ..Options::default() })
    };
    let rows = "ID,TIME,EVID,AMT,RATE,WT,\n1,0,1,2,1,70,x\n";
    let (subjects, said) = ignoring(&["rate", ""], rows);
    assert_eq!(said, "");
    let Event::Dose(dose) = &subjects[0].records[0].event else { panic!("{subjects:?}") };
    assert_eq!(dose.administration, Administration::Bolus);
    let (_, said) = ignoring(&["WT", ""], rows);
    assert!(said.contains("no column `WT`, a covariate"), "{said}");
    let (_, said) = ignoring(&["RATTE", ""], rows);
    assert!(said.contains("no column `RATTE`") && said.contains("did you mean --ignore RATE?"), "{said}");
    // Of two columns that mean the same, one may be left out.
    let twice = "ID,TIME,time,AMT,WT\n1,0,5,2,70\n";
    let (subjects, said) = ignoring(&["time"], twice);
    assert_eq!((subjects[0].records[0].shown_time, said.as_str()), (0.0, ""));
}

#[test]
fn columns_that_mean_the_same_are_refused_whatever_they_are_called() {
    for (header, names) in [("TIME,time", ["TIME", "time"]), ("TIME,DATE,DAT1", ["DATE", "DAT1"])] {
        let (_, said) = read(&format!("ID,{header},AMT,WT\n"));
        let [one, other] = names;
        assert!(said.contains(&format!("the columns `{one}` and `{other}` mean the same")), "{said}");
    }
}

#[test]
fn a_series_without_end_is_refused_before_it_is_given() {
    let series = |rest: &str| {
        let text =
            format!("ID,TIME,EVID,AMT,II,ADDL,WT\n1,0,1,1,1e-6,1000000000,70\n{rest}2,0,1,1,24,1,70\n");
        read(&text).1
    };
    let said = series("1,1000,0,.,.,.,.\n");
    assert!(said.contains("r.csv:2:1") && said.contains("gives 1.0e9 doses until the last record"), "{said}");
    assert!(series("1,11,0,.,.,.,.\n").contains("1.1e7"));
    // Those that nobody lives to see are not given: behind the last record, behind a reset.
    for rest in ["1,9,0,.,.,.,.\n", "1,9,3,.,.,.,.\n1,1000,0,.,.,.,.\n"] {
        assert_eq!(series(rest), "");
    }
}

#[test]
fn an_identity_in_quotes_keeps_its_own() {
    let (subjects, said) = read("ID,TIME,AMT,WT\n\"a\"\"b\",0,1,70\n\"a\"\"b\",1,.,.\n");
    assert_eq!((subjects.len(), subjects[0].id.as_str(), said.as_str()), (1, "a\"b", ""));
    let (_, said) = read("ID,TIME,AMT,WT\n\"a,0,1,70\n");
    assert!(said.contains("r.csv:2:1") && said.contains("a quote that begins a cell"), "{said}");
}

#[test]
fn changes_of_a_state_give_no_dose() {
    for cells in ["1,0,0", "0,12,0", "0,0,3"] {
        let (_, said) = read(&format!("ID,TIME,EVID,AMT,RATE,II,ADDL,WT\n1,0,5,1,{cells},70\n"));
        assert!(said.contains("gives no dose, but its"), "{cells}: {said}");
    }
    let (_, said) = read("ID,TIME,EVID,AMT,II,ADDL,WT\n1,0,1,1,1,1e10,70\n");
    assert!(said.contains("1000000000 at most"), "{said}");
}

#[test]
fn every_fault_is_shown_with_its_line() {
    let text = "ID,TIME,AMT,WT\n1,0,x,70\n1,NA,1,70\n1,2,1,70\n1,1,1,70\n1,3,1\n2,0,.,.\n1,0,1,70\n";
    let (_, said) = read(text);
    for part in [
        "r.csv:2:5",
        "`x` is no number for AMT",
        "r.csv:3:3",
        "the time of this record is missing",
        "r.csv:5:3",
        "go back",
        "r.csv:6:1",
        "has 3 cells",
        "r.csv:7:1",
        "subject 2 has no value of `WT`",
        "r.csv:8:1",
        "turns up again",
    ] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
}

#[test]
fn a_table_that_gives_nothing_is_no_table() {
    for (text, part) in [
        ("", "this table is empty"),
        ("ID,TIME,AMT,WT\n", "has no records"),
        ("ID,TIME,AMT,WT\n1,0,0,70\n", "gives no dose in 1 records"),
        ("ID,TIME,AMTT,WT\n1,0,5,70\n", "did you mean `AMT`?"),
    ] {
        let (_, said) = read(text);
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
}

#[test]
fn a_wrong_table_shows_no_more_faults_than_can_be_read() {
    let rows: String = (0..100).map(|row| format!("1,{row},x,70\n")).collect();
    let (_, said) = read(&format!("ID,TIME,AMT,WT\n{rows}"));
    assert_eq!(said.matches("is no number for AMT").count(), 20);
}
