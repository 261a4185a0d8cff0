//! Non-compartmental analysis: every case under `tests/cases/nca` at its own tolerance, through the library and, for
//! tables, through the built program.

#[path = "case_areas/nca.rs"]
mod nca;
#[path = "program/mod.rs"]
mod program;
mod written;

use std::fs;
use std::path::{Path, PathBuf};

use written::{number, rows};

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/nca");
    let mut cases: Vec<PathBuf> =
        fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path()).collect();
    cases.sort();
    cases
}

fn table(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(path).expect("a table");
    let rows = reader.records().map(|record| record.expect("a row").iter().map(str::to_owned).collect());
    rows.collect()
}

fn description(case: &Path) -> toml::Table {
    toml::from_str(&fs::read_to_string(case.join("case.toml")).expect("a case")).expect("TOML")
}

fn real(value: &toml::Value) -> f64 {
    value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64)).expect("a number")
}

/// What differs between a case's expected values and the rows that were computed.
fn differences(
    case: &toml::Table,
    expected: &[Vec<String>],
    rows: &[Vec<(String, String)>],
) -> Result<(), String> {
    let (relative, absolute) = (real(&case["tolerance"]["rel"]), real(&case["tolerance"]["abs"]));
    let header = &expected[0];
    for wanted in &expected[1..] {
        let of = |row: &Vec<(String, String)>, column: &str| {
            row.iter().find(|(name, _)| name == column).map(|(_, value)| value.clone())
        };
        let row = rows.iter().find(|row| of(row, "ID").as_deref() == Some(&wanted[0]));
        let row = row.ok_or(format!("no row for ID {}", wanted[0]))?;
        for (column, text) in header.iter().zip(wanted).skip(1) {
            let got = of(row, column).ok_or(format!("no column {column}"))?;
            let agrees = match text.parse::<f64>() {
                Ok(value) => got
                    .parse::<f64>()
                    .is_ok_and(|got| (got - value).abs() <= absolute + relative * value.abs()),
                Err(_) => got == *text,
            };
            if !agrees {
                return Err(format!("ID {}, {column}: {got} for {text}", wanted[0]));
            }
        }
    }
    Ok(())
}

#[test]
fn every_case_agrees_at_its_own_tolerance() {
    let cases = cases();
    assert!(cases.len() >= 4, "the cases are there");
    let mut failing = Vec::new();
    for folder in cases {
        let case = description(&folder);
        let result = nca::compute(&case, &table(&folder.join("input.csv")))
            .and_then(|rows| differences(&case, &table(&folder.join("expected.csv")), &rows));
        if let Err(why) = result {
            failing.push(format!("{}: {why}", folder.file_name().unwrap_or_default().to_string_lossy()));
        }
    }
    assert!(failing.is_empty(), "{} cases fail:\n{}", failing.len(), failing.join("\n"));
}

#[test]
fn an_option_that_is_not_known_is_an_error() {
    let folder = cases().swap_remove(0);
    let mut case = description(&folder);
    let analysis = case["analysis"].as_table_mut().expect("a table");
    analysis.insert("weighting".to_owned(), toml::Value::String("1/y".to_owned()));
    let answer = nca::compute(&case, &table(&folder.join("input.csv")));
    assert!(answer.is_err_and(|why| why.contains("weighting")));
}

/// Runs `regimen nca` on a table in a folder of its own.
fn run(table: &str, arguments: &[&str]) -> program::Answer {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("table.csv"), table).expect("a file");
    program::regimen_in(folder.path(), &[&["nca", "table.csv"], arguments].concat())
}

fn close(got: f64, expected: f64, relative: f64) {
    assert!((got - expected).abs() <= relative * expected.abs(), "got {got}, expected {expected}");
}

#[test]
fn the_command_gives_the_expected_values_of_every_case() {
    for folder in cases() {
        let analysis = &description(&folder)["analysis"];
        let word = |key: &str| analysis[key].as_str().expect("a text");
        let dose = real(&analysis["dose"]).to_string();
        let out = tempfile::tempdir().expect("a folder").keep().join("out.csv");
        let input = folder.join("input.csv");
        let mut arguments = vec!["nca", input.to_str().expect("a path"), "--dose", &dose];
        arguments.extend(["--route", word("administration"), "--trapezoid", word("trapezoid")]);
        arguments.extend([
            "--concentration-unit",
            word("concentration_unit"),
            "--dose-unit",
            word("dose_unit"),
        ]);
        arguments.extend(["--time-unit", word("time_unit"), "--out", out.to_str().expect("a path")]);
        let duration = analysis.get("infusion_duration").map(|value| real(value).to_string());
        arguments.extend(duration.iter().flat_map(|duration| ["--infusion-duration", duration]));
        let answer = program::regimen(&arguments);
        assert_eq!(answer.code, Some(0), "{answer}");
        let written = table(&out);
        let pair = |row: &Vec<String>| written[0].iter().cloned().zip(row.iter().cloned()).collect();
        let rows: Vec<Vec<(String, String)>> = written[1..].iter().map(pair).collect();
        let result = differences(&description(&folder), &table(&folder.join("expected.csv")), &rows);
        assert_eq!(result, Ok(()), "{}", folder.display());
        fs::remove_dir_all(out.parent().expect("a folder")).expect("removed");
    }
}

/// One-compartment bolus doses of 100 mg every 12 h into 20 L at 2 L/h, in ng/mL: C after the n-th dose.
fn bolus_course(doses: usize) -> String {
    let (k, initial) = (0.1_f64, 5000.0);
    let mut text = "ID,TIME,AMT,EVID,DV\n".to_owned();
    let mut carried = 0.0;
    for dose in 0..doses {
        let time = 12.0 * dose as f64;
        text.push_str(&format!("A,{time},100,1,.\n"));
        carried += initial;
        for after in [1.0, 2.0, 4.0, 8.0, 12.0] {
            text.push_str(&format!("A,{},.,0,{}\n", time + after, carried * (-k * after).exp()));
        }
        carried *= (-k * 12.0_f64).exp();
    }
    text
}

#[test]
fn doses_split_the_profiles_and_clearance_is_in_litres() {
    let units = ["--time-unit", "h", "--concentration-unit", "ng/mL", "--dose-unit", "mg"];
    let asked =
        [&["--route", "bolus", "--steady-state-from", "100", "--out", "out.csv"], &units[..]].concat();
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("table.csv"), bolus_course(20)).expect("a file");
    let answer = program::regimen_in(folder.path(), &[&["nca", "table.csv"], asked.as_slice()].concat());
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), "out.csv\n"), "{answer}");
    assert!(answer.stderr.contains("earlier doses contribute"), "{answer}");
    let found = rows(&fs::read_to_string(folder.path().join("out.csv")).expect("a file"));
    assert_eq!(found.len(), 20);
    let (first, last) = (&found[0], &found[19]);
    assert_eq!((first["OCCASION"].as_str(), last["OCCASION"].as_str()), ("first dose", "steady state"));
    for (name, expected) in
        [("CL_OBS", 2.0), ("VZ_OBS", 20.0), ("VSS_OBS", 20.0), ("C0", 5000.0), ("TAU", 12.0)]
    {
        close(number(first, name), expected, 1e-12);
    }
    // 20 doses are at steady state to exp(−24).
    let accumulation = 1.0 / (1.0 - (-1.2_f64).exp());
    for (name, expected) in [
        ("CLSS", 2.0),
        ("VZ", 20.0),
        ("AUC_TAU", 50_000.0),
        ("ARAUC", accumulation),
        ("ARCMAX", accumulation),
        ("ACCUMULATION_INDEX", accumulation),
        ("CTAU", 5000.0 * accumulation * (-1.2_f64).exp()),
        ("MRTINF_OBS", 10.0),
    ] {
        close(number(last, name), expected, 1e-9);
    }
    // The second dose is neither first nor at steady state.
    assert_eq!((found[1]["OCCASION"].as_str(), found[1]["CL_OBS"].as_str()), ("later dose", ""));
    let long = rows(&run(&bolus_course(1), &[&["--route", "bolus", "--long"], &units[..]].concat()).stdout);
    let clearance = long.iter().find(|row| row["PARAMETER"] == "CL_OBS").expect("a line");
    assert_eq!(clearance["UNIT"], "L/h");
    close(number(clearance, "VALUE"), 2.0, 1e-12);
}

/// A zero in front of a bolus is the state before it: C0 comes from the samples behind. CL is 2 L/h however it is written down;
/// with the zero as C0, half the first interval would be lost.
#[test]
fn a_zero_before_a_bolus_does_not_cut_its_first_interval() {
    let units =
        ["--time-unit", "h", "--concentration-unit", "ng/mL", "--dose-unit", "mg", "--route", "bolus"];
    let samples: String = bolus_course(1).lines().skip(2).map(|line| format!("{line}\n")).collect();
    let header = "ID,TIME,AMT,EVID,DV\n";
    let before = format!("{header}A,0,.,0,0\nA,0,100,1,.\n{samples}");
    let alone = format!("{header}A,0,.,0,0\n{samples}");
    // As `regimen simulate` writes it: the row of the dose has the concentration behind it.
    let simulated = format!("{header}A,0,.,0,5000\n{samples}");
    let folder = tempfile::tempdir().expect("a folder");
    let doses = folder.path().join("doses.csv");
    fs::write(&doses, "ID,TIME,AMT,EVID\nA,0,100,1\n").expect("a file");
    let doses = doses.to_str().expect("a path");
    let cases: [(&str, &[&str]); 4] = [
        (&before, &[]),
        (&alone, &["--dose", "100"]),
        (&alone, &["--doses", doses]),
        (&simulated, &["--doses", doses]),
    ];
    for (text, more) in cases {
        let arguments = [&["--long"], &units[..], more].concat();
        let found = rows(&run(text, &arguments).stdout);
        for (name, expected) in [("CL_OBS", 2.0), ("C0", 5000.0), ("AUCINF_OBS", 50_000.0)] {
            let row = found.iter().find(|row| row["PARAMETER"] == name).expect("a line");
            close(number(row, "VALUE"), expected, 1e-12);
        }
    }
}

#[test]
fn implied_doses_and_steady_state_records_are_understood() {
    // The same course by ADDL, and as SS records: the profile of each dose is that of explicit rows.
    let explicit =
        rows(&run(&bolus_course(3), &["--out", "/dev/stdout"]).stdout.replace("/dev/stdout\n", ""));
    let mut implied = String::new();
    for (index, line) in bolus_course(3).lines().enumerate() {
        match (index, line.contains(",100,1,")) {
            (0, _) => implied.push_str("ID,TIME,AMT,EVID,DV,II,ADDL\n"),
            (1, _) => implied.push_str("A,0,100,1,.,12,2\n"),
            (_, true) => {}
            _ => implied.push_str(&format!("{line},.,.\n")),
        }
    }
    let implied = rows(&run(&implied, &["--out", "/dev/stdout"]).stdout.replace("/dev/stdout\n", ""));
    assert_eq!(implied.len(), 3);
    for (one, other) in explicit.iter().zip(&implied) {
        for name in ["CMAX", "AUCLAST", "DOSE_TIME", "TAU", "AUC_TAU"] {
            assert_eq!(one[name], other[name], "{name}");
        }
    }
    let steady = "ID,TIME,AMT,II,SS,DV\n1,0,10,8,1,\n1,0,,,,2\n1,1,,,,6\n1,2,,,,4\n1,4,,,,3\n1,8,,,,2\n\
                  1,8,10,,,\n1,9,,,,6\n1,12,,,,3\n1,16,,,,2\n";
    let steady = rows(
        &run(steady, &["--out", "/dev/stdout", "--trapezoid", "linear"]).stdout.replace("/dev/stdout\n", ""),
    );
    assert_eq!(steady.iter().map(|row| row["OCCASION"].as_str()).collect::<Vec<_>>(), ["steady state"; 2]);
    close(number(&steady[0], "AUC_TAU"), 4.0 + 5.0 + 7.0 + 10.0, 1e-12);
    close(number(&steady[0], "CLSS_F"), 10.0 / 26.0, 1e-12);
    // The trough at 8 h serves both: the end of the first interval and the start of the second.
    close(number(&steady[1], "AUC_TAU"), 4.0 + 13.5 + 10.0, 1e-12);
    assert_eq!((steady[1]["DOSE"].as_str(), steady[1]["DOSE_NUMBER"].as_str()), ("10", "2"));
}

#[test]
fn a_simulated_table_takes_its_doses_from_the_records() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
    let mut simulated = "ROW,ID,TIME,Cp\n".to_owned();
    for id in 1..=2 {
        for step in 0..=240 {
            let time = f64::from(step) / 10.0;
            let k = 0.1 * f64::from(id);
            simulated.push_str(&format!("{step},{id},{time},{}\n", (-k * time).exp() - (-2.0 * time).exp()));
        }
    }
    write("simulated.csv", &simulated);
    write("records.csv", "ID,TIME,EVID,AMT,CMT\n1,0,1,10,1\n1,4,0,.,.\n2,0,1,20,1\n");
    let arguments =
        ["nca", "simulated.csv", "--concentration", "Cp", "--doses", "records.csv", "--out", "out.csv"];
    let answer = program::regimen_in(
        folder.path(),
        &[&arguments[..], &["--partial", "0:5", "--lambda-z", "12:24"]].concat(),
    );
    assert_eq!(answer.code, Some(0), "{answer}");
    let found = rows(&fs::read_to_string(folder.path().join("out.csv")).expect("a file"));
    for (row, k, dose) in [(&found[0], 0.1_f64, 10.0), (&found[1], 0.2, 20.0)] {
        close(number(row, "LAMBDA_Z"), k, 1e-6);
        close(number(row, "CL_F_OBS"), dose / (1.0 / k - 0.5), 2e-3);
        let partial = (1.0 - (-5.0 * k).exp()) / k - (1.0 - (-10.0_f64).exp()) / 2.0;
        close(number(row, "AUC_0_5"), partial, 2e-3);
    }
}

#[test]
fn the_main_parameters_are_printed_as_tables() {
    let answer = run(
        "ID,TIME,DV,AMT,PERIOD\n1,0,.,10,\n1,1,8,.,1\n1,2,4,,1\n1,3,2,,1\n1,4,1,,1\n1,1,4,,2\n1,2,BLQ,,2\n",
        &["--by", "PERIOD", "--time-unit", "h"],
    );
    assert_eq!(answer.code, Some(0), "{answer}");
    for part in ["SAMPLES", "TERMINAL PHASE", "CLEARANCE AND VOLUME", "PERIOD", "CL_F_OBS", "–"] {
        assert!(answer.stdout.contains(part), "`{part}` is not in {answer}");
    }
    assert!(answer.stderr.contains("fewer than three positive concentrations"), "{answer}");
}

#[test]
fn wrong_tables_are_refused_with_place_and_remedy() {
    let head = "ID,TIME,DV,AMT\n";
    let dose = "1,0,.,10\n";
    for (table, arguments, parts) in [
        (
            "ID,TIME,DVV,AMT\n1,0,.,10\n",
            &[][..],
            &["there is no column `DV`", "did you mean `DVV`?", "table.csv:1:1"][..],
        ),
        (
            &format!("{head}{dose}1,1,ten,.\n"),
            &[],
            &["`ten` in the column `DV` is no number", "table.csv:3:5"],
        ),
        (&format!("{head}{dose}1,x,3,.\n"), &[], &["`x` in the column `TIME`", "table.csv:3:3"]),
        (&format!("{head}{dose}1,,3,.\n"), &[], &["TIME in the column `TIME` is missing", "table.csv:3:3"]),
        (
            &format!("{head}{dose}1,2,3,.\n1,1,4,.\n"),
            &[],
            &["the time goes back from 2 to 1", "table.csv:4:1", "--by"],
        ),
        (&format!("{head}{dose}1,2,3,.\n1,2,4,.\n"), &[], &["two samples at time 2", "table.csv:4:1"]),
        (&format!("{head}{dose}1,2,-3,.\n"), &[], &["`-3` in the column `DV` is negative", "--lloq"]),
        (
            &format!("{head}{dose}1,2,3,.,7\n"),
            &[],
            &["this line has 5 cells, but the header has 4", "table.csv:3:1"],
        ),
        (&format!("{head}{dose}1,2,3,4,.\n"), &[], &["5 cells"]),
        (&format!("{head}1,2,3,.\n"), &[], &["the table holds no dose", "--dose AMOUNT", "--no-dose"]),
        (&format!("{head}{dose}1,2,3,.\n"), &["--dose", "5"], &["--dose is given", "leave one out"]),
        (&format!("{head}{dose}1,2,3,.\n"), &["--by", "VISIT"], &["there is no column `VISIT`"]),
        (&format!("{head}{dose}1,2,3,.\n"), &["--time-unit", "mg"], &["--time-unit mg is no time"]),
        (
            &format!("{head}{dose}1,2,3,.\n"),
            &["--dose-unit", "mg", "--concentration-unit", "nM"],
            &["do not give a volume", "molar mass"],
        ),
        (
            &format!("{head}{dose}1,2,3,.\n"),
            &["--steady-state-from", "0"],
            &["steady state without a dosing interval", "--tau"],
        ),
        (
            &format!("{head}{dose}1,2,3,.\n1,8,.,10\n1,9,2,.\n"),
            &["--tau", "12"],
            &["the next dose follows 8 after", "table.csv:2:1"],
        ),
        (
            "ID,TIME,DV,AMT,RATE\n1,0,.,10,-2\n1,2,3,.,.\n",
            &[],
            &["duration of this infusion is not known", "--infusion-duration"],
        ),
        ("ID,TIME,DV,AMT,EVID\n1,0,.,10,7\n", &[], &["`7` in the column `EVID` is no kind of event"]),
        ("ID,TIME,DV,AMT,ADDL\n1,0,.,10,3\n", &[], &["without an interval", "column II"]),
        ("ID,TIME,DV,DV\n", &[], &["the column `DV` stands twice"]),
        ("ID,TIME,DV,AMT\n1,0,.,10\n", &[], &["holds no profile"]),
    ] {
        let answer = run(table, arguments);
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(2), ""), "{table}{answer}");
        for part in parts {
            assert!(answer.stderr.contains(part), "`{part}` is not in {answer}");
        }
    }
    let missing = program::regimen(&["nca", "nothing.csv"]);
    assert_eq!(missing.code, Some(2), "{missing}");
    assert!(missing.stderr.contains("there is no file `nothing.csv`"), "{missing}");
}
