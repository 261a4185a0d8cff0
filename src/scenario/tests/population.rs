//! Population files, fixed covariates, files of real patients.

use super::super::population::CovariateLaw;
use super::super::{Scenario, Settings};
use super::{PEOPLE, SCENARIO, good, load_with, with};
use crate::model::Kind;

fn with_people(people: &str) -> (Option<Scenario>, usize, String) {
    let files = vec![(Kind::Population, "people", people.to_owned())];
    let (scenario, diagnostics, rendered) = load_with(SCENARIO, &Settings::default(), files);
    (scenario, diagnostics.len(), rendered)
}

fn mistake(from: &str, to: &str, wanted: &[&str]) {
    assert!(PEOPLE.contains(from), "`{from}` is not in the file");
    let (scenario, count, rendered) = with_people(&PEOPLE.replacen(from, to, 1));
    assert!(scenario.is_none(), "accepted: {to}");
    for text in wanted {
        assert!(rendered.contains(text), "`{text}` is missing from\n{rendered}");
    }
    assert_eq!(count, 1, "one mistake, one finding:\n{rendered}");
}

#[test]
fn mistakes_in_a_population_file() {
    mistake("distribution = \"uniform\"", "distribution = \"unifrom\"", &["did you mean `uniform`"]);
    mistake("probability = 0.6", "probability = 1.6", &["between 0 and 1"]);
    mistake("probability = 0.6", "", &["needs `probability`"]);
    mistake("sd = \"7 cm\"", "sd = \"-7 cm\"", &["at least 0"]);
    mistake("sd = \"7 cm\"", "sd = \"7 kg\"", &["`sd` of `HT`"]);
    mistake("sd = \"7 cm\"", "sd = \"7 cm\", omega = 0.1", &["has no `omega`"]);
    mistake("omega = 0.15", "omega = 0.15, cv = \"15 %\"", &["either `omega` or `cv`"]);
    mistake("lower = \"140 cm\"", "lower = \"240 cm\"", &["leave no room"]);
    mistake("BMI * HT^2", "BMI * HT", &["the unit of `WT`"]);
    mistake("BMI * HT^2", "BMJ * HT^2", &["there is no covariate `BMJ`", "did you mean `BMI`"]);
    mistake("between = [\"HT\", \"BMI\"]", "between = [\"HT\", \"BMX\"]", &["there is no covariate `BMX`"]);
    mistake("between = [\"HT\", \"BMI\"]", "between = [\"HT\", \"MALE\"]", &["cannot be correlated"]);
    mistake("value = 0.3", "value = 1.0", &["between -1 and 1"]);
    mistake("N0 > 1.0e9/L", "ANC > 1.0e9/L", &["`ANC` changes during the trial"]);
    mistake("N0 > 1.0e9/L", "NO > 1.0e9/L", &["`NO` is not defined", "did you mean `N0`"]);
    mistake(
        "MALE = {",
        "tall = { unit = \"1\", value = \"big\" }\nbig = { unit = \"1\", value = \"tall\" }\nMALE = {",
        &["covariates use each other in a circle", "tall → big → tall"],
    );
}

#[test]
fn correlations_that_contradict_each_other() {
    let people = PEOPLE.replace(
        "[[entry]]",
        "[[correlation]]\nbetween = [\"BMI\", \"AGE\"]\nvalue = 0.95\n[[correlation]]\nbetween = [\"HT\", \"AGE\"]\nvalue = -0.9\n[[entry]]",
    );
    let people = people.replace(
        "[covariates]",
        "[covariates]\nAGE = { unit = \"y\", distribution = \"normal\", mean = 60, sd = 5 }",
    );
    let (scenario, count, rendered) = with_people(&people);
    assert!(scenario.is_none() && count == 1, "{rendered}");
    assert!(rendered.contains("the correlations of AGE, HT, BMI contradict each other"), "{rendered}");
    assert!(rendered.contains("-0.01") && rendered.contains("0.58"), "{rendered}");
}

#[test]
fn missing_covariates_are_named_with_the_remedy() {
    let text = with("from = \"people\"\n", "");
    let (scenario, _, rendered) = load_with(&text, &Settings::default(), Vec::new());
    assert!(scenario.is_none());
    assert!(rendered.contains("WT, CRCL") && rendered.contains("set = { WT = \"… kg\" }"), "{rendered}");
    let text = with("from = \"people\"", "set = { WT = 82, CRCL = \"1.5 mL/s\" }");
    let scenario = good(&text);
    let law = &scenario.population.covariates[1].law;
    let CovariateLaw::Derived { formula, .. } = law else { panic!("{law:?}") };
    let value = scenario.model.covariates[1].unit.show(formula.evaluate(&mut |_| f64::NAN));
    assert!((value - 90.0).abs() < 1e-9, "{value}");
}

#[test]
fn a_covariate_set_by_the_scenario_leaves_its_correlations() {
    let text =
        with("from = \"people\"", "from = \"people\"\nset = { BMI = \"25 kg/m^2\", WT = \"BMI * 3 m^2\" }");
    let scenario = good(&text);
    assert!(scenario.population.correlations.is_empty());
    let text = with("from = \"people\"", "from = \"people\"\nset = { BMJ = 25 }");
    let (_, _, rendered) = load_with(&text, &Settings::default(), Vec::new());
    assert!(rendered.contains("did you mean `BMI`"), "{rendered}");
}

fn table(csv: &str, extra: &str) -> (Option<Scenario>, usize, String) {
    let text = with("from = \"people\"", &format!("from = \"real.csv\"\n{extra}"));
    let files = vec![(Kind::Population, "real.csv", csv.to_owned())];
    let (scenario, diagnostics, rendered) = load_with(&text, &Settings::default(), files);
    (scenario, diagnostics.len(), rendered)
}

#[test]
fn real_patients_from_a_table() {
    let (scenario, _, rendered) = table("ID,WT,CRCL\n1,70,90\n2, 82.5 ,60\n", "");
    let scenario = scenario.unwrap_or_else(|| panic!("{rendered}"));
    let rows = scenario.population.rows.unwrap_or_default();
    assert_eq!(rows.len(), 2);
    let weight = &scenario.model.covariates[0].unit;
    assert!((weight.show(rows[1][0]) - 82.5).abs() < 1e-9);
    let (scenario, _, rendered) = table("WT;CRCL\n154;90\n", "units = { WT = \"lb\" }");
    let rows = scenario.unwrap_or_else(|| panic!("{rendered}")).population.rows.unwrap_or_default();
    assert!((weight.show(rows[0][0]) - 69.853).abs() < 1e-3);
}

#[test]
fn a_table_with_holes_is_refused() {
    for (csv, wanted) in [
        ("WT,CRCL\n70,90\n82,\n", "line 3, column `CRCL`: the value is missing"),
        ("WT,CRCL\n70,90\n82,NA\n", "the value is missing"),
        ("WT,CRCL\n70,high\n", "`high` is not a number"),
        ("WT,CRCL\n70\n", "the line is too short"),
        ("WT,CRCL\n", "no patients"),
        ("", "is empty"),
        ("WT,WT,CRCL\n1,2,3\n", "stands twice"),
        ("WT\n70\n", "covariates that the population does not give: CRCL"),
    ] {
        let (scenario, count, rendered) = table(csv, "");
        assert!(scenario.is_none(), "{csv}");
        assert!(rendered.contains(wanted), "`{wanted}` is missing from\n{rendered}");
        assert_eq!(count, 1, "{rendered}");
    }
}
