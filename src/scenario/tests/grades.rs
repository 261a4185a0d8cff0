//! Grade tables: the shipped ones against the printed limits, and the mistakes a table can have.

use super::super::{EndpointKind, GradeTable, Settings, load};
use super::with;
use crate::diagnostic::{Diagnostic, Sources, render};
use crate::model::fixture::Texts;
use crate::model::{Kind, Symbol};

const CTCAE: &str = include_str!("../../../models/grades/ctcae-v5.toml");
const IWCLL: &str = include_str!("../../../models/grades/iwcll-2008.toml");

/// Everything that the shipped tables grade.
const LABORATORY: &str = r#"
title = "A laboratory"
time = "d"
[parameters]
rate = { value = 0.1, unit = "1/d" }
[states]
central = { unit = "mg", rate = "-rate * central" }
[doses]
drug = { into = "central" }
[outputs]
ANC = { unit = "1e9/L", value = "4.0e9/L" }
PLT = { unit = "1e9/L", value = "200e9/L" }
HB  = { unit = "g/dL", value = "13 g/dL" }
WBC = { unit = "1e9/L", value = "6.0e9/L" }
ALC = { unit = "1e9/L", value = "2.0e9/L" }
Cr  = { unit = "umol/L", value = "80 umol/L" }
UA  = { unit = "umol/L", value = "300 umol/L" }
K   = { unit = "mmol/L", value = "4 mmol/L" }
Ca  = { unit = "mmol/L", value = "2.3 mmol/L" }
"#;

const SCENARIO: &str = r#"
title = "Grades"
model = "m"
horizon = "56 d"
use = ["grades/ctcae-v5", "grades/iwcll-2008"]
[[arm]]
name = "one"
treatment = [{ drug = "drug", dose = "1 mg" }]
"#;

fn read(scenario: &str) -> (Option<super::Scenario>, Vec<Diagnostic>, String) {
    let files = Texts(vec![
        (Kind::Scenario, "s", scenario.to_owned()),
        (Kind::Model, "m", LABORATORY.to_owned()),
        (Kind::Library, "grades/ctcae-v5", CTCAE.to_owned()),
        (Kind::Library, "grades/iwcll-2008", IWCLL.to_owned()),
    ]);
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let scenario = load("s", &Settings::default(), &files, &mut sources, &mut diagnostics);
    let rendered = render(&diagnostics, &sources, false);
    (scenario, diagnostics, rendered)
}

/// A shipped table, as an endpoint sees it, and the factor of its output's unit.
fn table(name: &str, more: &str) -> (GradeTable, f64) {
    let endpoint = format!(
        "{SCENARIO}{more}\n[[endpoint]]\nname = \"e\"\nkind = \"worst grade\"\ngrades = \"{name}\"\n"
    );
    let (scenario, diagnostics, rendered) = read(&endpoint);
    assert!(diagnostics.is_empty(), "{rendered}");
    let scenario = scenario.unwrap_or_else(|| panic!("{rendered}"));
    let EndpointKind::WorstGrade { table: Some(table), .. } = &scenario.endpoints[0].kind else {
        panic!("{:?}", scenario.endpoints[0].kind)
    };
    (table.as_ref().clone(), scenario.model.outputs[table.output].unit.unit.factor)
}

/// Each limit as CTCAE 5.0 prints it: what is "< 1.5 - 1.0" begins strictly below 1.5 and holds 1.0; what is
/// "> 5.5 - 6.0" begins strictly above 5.5 and holds 6.0.
#[test]
fn ctcae_limits_belong_where_they_are_printed() {
    let falling: [(&str, &[f64], &[u8]); 7] = [
        ("neutropenia", &[2.0, 1.5, 1.0, 0.5], &[1, 2, 3, 4]),
        ("thrombocytopenia", &[150.0, 75.0, 50.0, 25.0], &[1, 2, 3, 4]),
        ("anaemia", &[12.0, 10.0, 8.0], &[1, 2, 3]),
        ("leukopenia", &[4.0, 3.0, 2.0, 1.0], &[1, 2, 3, 4]),
        ("lymphopenia", &[1.0, 0.8, 0.5, 0.2], &[1, 2, 3, 4]),
        ("hypokalaemia", &[3.5, 3.0, 2.5], &[1, 3, 4]),
        ("hypocalcaemia", &[2.2, 2.0, 1.75, 1.5], &[1, 2, 3, 4]),
    ];
    let rising: [(&str, &[f64], &[u8]); 4] = [
        ("lymphocytosis", &[4.0, 20.0], &[2, 3]),
        ("hyperuricaemia", &[420.0], &[1]),
        ("hyperkalaemia", &[5.0, 5.5, 6.0, 7.0], &[1, 2, 3, 4]),
        ("hypercalcaemia", &[2.6, 2.9, 3.1, 3.4], &[1, 2, 3, 4]),
    ];
    let tables = falling.iter().map(|t| (t, true)).chain(rising.iter().map(|t| (t, false)));
    for ((name, limits, grades), low) in tables {
        let (table, unit) = table(name, "");
        assert_eq!(table.falling, low, "{name}");
        let mut before = 0;
        for (limit, grade) in limits.iter().zip(*grades) {
            let bad = if low { limit * (1.0 - 1e-9) } else { limit * (1.0 + 1e-9) };
            assert_eq!(table.grade(limit * unit, f64::NAN), before, "{name} at {limit}");
            assert_eq!(table.grade(bad * unit, f64::NAN), *grade, "{name} beyond {limit}");
            before = *grade;
        }
    }
}

/// "> 1.5 - 3.0 x baseline; > 1.5 - 3.0 x ULN": either suffices, and the worst grade counts.
#[test]
fn creatinine_is_graded_by_baseline_and_by_the_limit_of_normal() {
    let (table, unit) = table("creatinine_increased", "");
    let grade = |value: f64, baseline: f64| table.grade(value * unit, baseline * unit);
    for (value, baseline, wanted) in [
        (110.0, 80.0, 0),
        (111.0, 80.0, 1),
        (121.0, 80.0, 2),
        (165.0, 110.0, 1),
        (166.0, 110.0, 2),
        (330.0, 110.0, 2),
        (331.0, 110.0, 3),
        (241.0, 80.0, 3),
        (660.0, 110.0, 3),
        (661.0, 110.0, 4),
        // Within the limits of normal, but more than 1.5 times the start.
        (100.0, 60.0, 2),
        (90.0, 60.0, 0),
    ] {
        assert_eq!(grade(value, baseline), wanted, "{value} after {baseline}");
    }
}

/// Hallek 2008, table 5 with its footnotes.
#[test]
fn iwcll_grades_the_fall_from_the_start() {
    let (platelets, _) = table("iwcll_thrombocytopenia", "");
    for (value, baseline, wanted) in [
        (126.0, 140.0, 0),
        (125.0, 140.0, 1),
        (105.1, 140.0, 1),
        (105.0, 140.0, 2),
        (70.0, 140.0, 3),
        (35.0, 140.0, 4),
        // Below normal only: a fall of 40 % to a normal count is no grade.
        (180.0, 300.0, 0),
        (150.0, 300.0, 0),
        (149.0, 300.0, 3),
        // Below 20 at any fall; not evaluable from below 20.
        (19.9, 25.0, 4),
        (4.0, 19.0, 0),
    ] {
        assert_eq!(platelets.grade(value, baseline), wanted, "{value} after {baseline}");
    }
    let (neutrophils, _) = table("iwcll_neutropenia", "");
    assert_eq!(neutrophils.grade(0.7, 2.5), 3);
    assert_eq!(neutrophils.grade(1.5, 2.5), 1);
    assert_eq!(neutrophils.grade(0.3, 0.9), 0);
}

#[test]
fn a_scenario_brings_its_own_limits_of_normal() {
    let (table, _) = table("neutropenia", "[grades]\nneutropenia = { LLN = \"1.8e9/L\" }");
    assert_eq!(table.grade(1.8, f64::NAN), 0);
    assert_eq!(table.grade(1.79, f64::NAN), 1);
    let text = format!("{SCENARIO}[grades]\nneutropaenia = {{ LLN = \"1.8e9/L\" }}\n");
    let (_, diagnostics, rendered) = read(&text);
    assert_eq!(diagnostics.len(), 1, "{rendered}");
    assert!(rendered.contains("did you mean `neutropenia`?"), "{rendered}");
}

/// In a condition a grade is a plain formula: at every value it is the table's grade.
#[test]
fn conditions_read_grades_as_formulas() {
    let rule = "rules = [\"stop\"]\n[[rule]]\nname = \"stop\"\nwhen = \"grade(neutropenia) >= 3 or grade(creatinine_increased) >= 2\"\ndiscontinue = \"all\"\n";
    let (scenario, diagnostics, rendered) = read(&format!("{SCENARIO}{rule}"));
    assert!(diagnostics.is_empty(), "{rendered}");
    let scenario = scenario.unwrap_or_else(|| panic!("{rendered}"));
    let holds = |anc: f64, cr: f64, start: f64| {
        let read = |symbol: Symbol| match symbol {
            Symbol::Output(0) => anc,
            Symbol::Output(5) => cr,
            Symbol::Memory(0) => start,
            other => panic!("{other:?}"),
        };
        scenario.rules[0].when.evaluate(&mut { read }) != 0.0
    };
    assert!(!holds(1.0, 80.0, 80.0));
    assert!(holds(0.99, 80.0, 80.0));
    assert!(!holds(4.0, 120.0, 80.0));
    assert!(holds(4.0, 120.1, 80.0));
    assert_eq!(scenario.rules[0].signals, [0, 5]);
}

const OWN: &str = "[[grade_table]]\nname = \"own\"\nof = \"ANC\"\nLLN = \"2.0e9/L\"\ngrades = ";

fn one_finding(grades: &str) -> String {
    let text = with("[[group]]", &format!("{OWN}{grades}\n[[group]]"));
    let (scenario, diagnostics, rendered) = super::load_with(&text, &Settings::default(), Vec::new());
    assert!(scenario.is_none() && diagnostics.len() == 1, "{rendered}");
    rendered
}

#[test]
fn gaps_overlaps_and_disorder_are_shown_by_a_value() {
    for (grades, wanted, example) in [
        (
            r#"["< LLN to 1.5e9/L", "< 1.4e9/L to 1.0e9/L", "< 1.0e9/L"]"#,
            "a gap beyond grade 1",
            "ANC = 1.45e9/L: grade 0",
        ),
        (r#"["< LLN to 1.5e9/L", "< 1.5e9/L to 1.0e9/L"]"#, "a gap beyond grade 2", "ANC = 0.5e9/L: grade 0"),
        // The limit itself belongs to neither.
        (r#"["< LLN to > 1.5e9/L", "< 1.5e9/L"]"#, "a gap beyond grade 1", "ANC = 1.5e9/L: grade 0"),
        (
            r#"["< LLN to 1.0e9/L", "< 1.5e9/L to 1.0e9/L", "< 1.0e9/L"]"#,
            "grades 1 and 2 of `own` overlap",
            "ANC = 1.25e9/L: both",
        ),
        (r#"["< LLN to 1.5e9/L", "<= 1.5e9/L"]"#, "grades 1 and 2 of `own` overlap", "ANC = 1.5e9/L: both"),
        (r#"["< 1.0e9/L", "< 1.5e9/L"]"#, "no value has grade 1", "grade 2 holds too"),
        (r#"["< LLN", "> 1.5e9/L"]"#, "two directions", "high values here"),
        (r#"["LLN to 1.5e9/L"]"#, "no range of a grade", "as CTCAE prints it"),
        (r#"["< ULN"]"#, "this table has no ULN", "add `ULN"),
        (r#"["< 1.5 g/dL"]"#, "a limit of this table is cells/volume", "g/dL"),
        (r#"["< LLN to < 1.0e9/L"]"#, "point the same way", "the end"),
    ] {
        let rendered = one_finding(grades);
        assert!(rendered.contains(wanted) && rendered.contains(example), "{grades}:\n{rendered}");
    }
}

/// Nested limits, without ends, are the usual short form.
#[test]
fn limits_without_ends_are_graded_by_the_worst() {
    let text = with("[[group]]", &format!("{OWN}[\"< LLN\", \"< 1.5e9/L\", \"< 1.0e9/L\"]\n[[group]]"));
    let (_, diagnostics, rendered) = super::load_with(&text, &Settings::default(), Vec::new());
    assert!(diagnostics.is_empty(), "{rendered}");
}

#[test]
fn a_table_of_an_output_that_the_model_lacks_is_missed_only_where_it_is_named() {
    let lacking = OWN.replace("ANC", "ALB");
    let table = format!("{lacking}[\"< 1.5e9/L\"]\n");
    let (_, diagnostics, rendered) =
        super::load_with(&with("[[group]]", &format!("{table}[[group]]")), &Settings::default(), Vec::new());
    assert!(diagnostics.is_empty(), "{rendered}");
    let named = with("ANC < 0.5e9/L or lasting(", "grade(own) >= 1 or lasting(");
    let named = named.replacen("[[group]]", &format!("{table}[[group]]"), 1);
    let (_, diagnostics, rendered) = super::load_with(&named, &Settings::default(), Vec::new());
    assert_eq!(diagnostics.len(), 1, "{rendered}");
    assert!(rendered.contains("grades `ALB`, which this model does not have"), "{rendered}");
}
