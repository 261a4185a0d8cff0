//! Two protocols side by side, goals and replicates, through the program.

use std::fs;

use super::program::{Answer, regimen_in};
use super::*;

const RULE: &str = r#"
[[rule]]
name   = "pause"
when   = "day >= 10 d"
hold   = "drug"
resume = { when = "day >= 200 d" }
"#;

/// A folder with the model and two scenarios: `with` holds the drug from the first visit after day 10 on in one arm.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("models")).expect("a folder");
    // A note of the model is said by every page.
    let noted =
        MODEL.replacen("[", "[[note]]\ntitle = \"Uncalibrated\"\nlines = [\"Compared with nothing.\"]\n[", 1);
    fs::write(folder.path().join("models/m.toml"), noted).expect("a file");
    let text = |arms: &str, rule: &str| format!("{FRONT}{arms}{ENDPOINTS}{rule}");
    let with = ARMS.replacen("dose = \"100 mg\" }]", "dose = \"100 mg\" }]\nrules = [\"pause\"]", 1);
    fs::write(folder.path().join("with.toml"), text(&with, RULE)).expect("a file");
    fs::write(folder.path().join("without.toml"), text(ARMS, "")).expect("a file");
    folder
}

fn table(folder: &std::path::Path, name: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(folder.join(format!("tables/{name}.csv"))).expect("a table");
    reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect()
}

/// Visits are weekly: the rule acts on day 14 (day 15 of the protocol), so every course parts there by its hold, and nowhere in the
/// other arm. Exposure up to day 60 is that of 14 of 60 daily doses.
#[test]
fn an_amendment_is_laid_beside_the_protocol() {
    let folder = project();
    let set = ["--set", "parameters.drop=0", "--patients", "40", "--out", "out"];
    let answer = regimen_in(folder.path(), &[&["diff", "with.toml", "without.toml"][..], &set].concat());
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{answer}");
    for told in [
        "arm.control.rules: [pause] → –",
        "rule.pause.hold: drug → –",
        "control: 40 of 40 courses part",
        "40 rule `pause`: hold, only in the first (40 with another outcome)",
        "half: 0 of 40 courses part, 0 patients with another outcome",
    ] {
        assert!(answer.stdout.contains(told), "`{told}` is not in {answer}");
    }
    let out = folder.path().join("out");
    let patients = table(&out, "patients");
    assert_eq!(patients.len(), 40);
    assert!(
        patients.iter().all(|row| row[0] == "control" && row[2] == "14" && row[4].is_empty()),
        "{patients:?}"
    );
    assert_eq!(patients[0][5], "hold drug, 100 → 0 mg");
    let effects = table(&out, "effects");
    let exposure =
        effects.iter().find(|row| row[1] == "exposure: mean" && row[0] == "control").expect("a row");
    // CL 5 L/h, 100 mg a day: 46 doses more, less what is still in the body, make 46·20 mg·h/L times the mean of exp(-η).
    let more: f64 = exposure[4].parse().expect("a number");
    let expected = 46.0 * 20.0 * (0.045_f64).exp();
    let error: f64 = exposure[7].parse().expect("a number");
    assert!((more - expected).abs() < 4.0 * error + 10.0, "{more} for {expected}");
    let page = fs::read_to_string(out.join("report.html")).expect("the page");
    assert!(page.contains("<h3>Uncalibrated</h3>") && page.contains("Compared with nothing."));
    assert!(page.contains("pause") && !page.contains("<script") && !page.contains("src=\""));
    // The folder is one of the program's own, and is replaced.
    let again = regimen_in(folder.path(), &[&["diff", "with.toml", "with.toml"][..], &set].concat());
    assert_eq!(again.code, Some(0), "{again}");
    assert!(again.stdout.contains("nothing that says something about the trial"), "{again}");
    assert!(again.stdout.contains("control: 0 of 40 courses part, 0 patients"), "{again}");
}

fn refused(answer: &Answer, told: &str) {
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(2), ""), "{answer}");
    assert!(answer.stderr.contains(told), "`{told}` is not in {answer}");
}

#[test]
fn patients_who_are_not_the_same_are_not_compared() {
    let folder = project();
    let diff = |set: &[&str]| {
        let mut arguments = vec!["diff", "with.toml", "without.toml", "--patients", "10", "--out", "out"];
        set.iter().for_each(|set| arguments.extend(["--set-second", set]));
        regimen_in(folder.path(), &arguments)
    };
    refused(&diff(&["seed=4"]), "the seed is 3 in the first and 4 in the second");
    refused(&diff(&["population.variability=false"]), "the other the typical patient");
    refused(&diff(&["arm.0.name=x", "arm.1.name=y"]), "no arm of the same name");
    assert!(!folder.path().join("out").exists());
    // Another clearance is another biology of the same people: said, and compared.
    let other = diff(&["parameters.cl=6"]);
    assert_eq!(other.code, Some(0), "{other}");
    assert!(other.stdout.contains("Parameters of the model differ (cl)"), "{other}");
}

#[test]
fn a_run_until_a_goal_has_the_bits_of_a_run_of_that_size() {
    let folder = project();
    let goal = "half-width of mean(exposure) in \"half\" < 60 mg*h/L";
    let arguments = ["run", "without.toml", "--patients", "30", "--until", goal, "--out"];
    let until = regimen_in(folder.path(), &[&arguments[..], &["until"]].concat());
    assert_eq!(until.code, Some(0), "{until}");
    let line = until.stdout.lines().find(|line| line.contains(" patients per arm: ")).expect("a line");
    let patients = line.split(" with ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a number");
    assert!(patients.parse::<usize>().is_ok_and(|n| n > 30), "{until}");
    let plain = regimen_in(folder.path(), &["run", "without.toml", "--patients", patients, "--out", "plain"]);
    assert_eq!(plain.code, Some(0), "{plain}");
    for name in ["endpoints", "values", "comparisons", "doses", "course"] {
        let read = |run: &str| {
            fs::read(folder.path().join(run).join(format!("tables/{name}.csv"))).expect("a table")
        };
        assert!(read("until") == read("plain"), "{name}");
    }
    let few = regimen_in(folder.path(), &[&arguments[..], &["few", "--most-patients", "40"]].concat());
    assert_eq!(few.code, Some(1), "{few}");
    assert!(few.stderr.contains("not met"), "{few}");
    refused(
        &regimen_in(folder.path(), &["run", "without.toml", "--until", "half-width of mean(exposre) < 9"]),
        "did you mean `exposure: mean`",
    );
}

#[test]
fn trials_of_real_size_are_in_the_report() {
    let folder = project();
    let text = fs::read_to_string(folder.path().join("with.toml")).expect("a file");
    let more = "[comparison]\nwin_ratio = [\"event\"]\n[replicates]\npatients = 20\nreplicates = 50\ntests = [\"event\"]\n\
                choose = { largest = \"event: event-free at 60 d\", at_most = [{ of = \"exposure: mean\", limit = 1e9 }] }\n";
    fs::write(folder.path().join("sized.toml"), format!("{text}{more}")).expect("a file");
    let answer = regimen_in(folder.path(), &["run", "sized.toml", "--patients", "40", "--out", "out"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{answer}");
    assert!(answer.stdout.contains("50 trials of 20 patients in each arm"), "{answer}");
    let out = folder.path().join("out");
    let page = fs::read_to_string(out.join("report.html")).expect("the page");
    for told in ["Trials of real size", "Power against", "Win ratio, all pairs", "Lin and Wei"] {
        assert!(page.contains(told), "{told}");
    }
    assert_eq!(table(&out, "power").len(), 1);
    let chosen: f64 = table(&out, "choice").iter().map(|row| row[4].parse::<f64>().expect("a share")).sum();
    assert!((chosen - 1.0).abs() < 1e-9);
    let documentation = include_str!("../../docs/tables.md");
    for name in ["replicates", "power", "choice"] {
        let mut reader = csv::Reader::from_path(out.join(format!("tables/{name}.csv"))).expect("a table");
        for column in reader.headers().expect("a header") {
            let documented = documentation.lines().any(|line| {
                line.contains(&format!("`tables/{name}.csv`")) && line.contains(&format!("| `{column}` |"))
            });
            assert!(documented, "{name}: {column}");
        }
    }
}
