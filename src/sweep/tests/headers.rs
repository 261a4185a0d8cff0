//! Names that become columns beside those that the tables have of themselves.

use super::SCENARIO;
use crate::diagnostic::{Sources, render};
use crate::model::Kind;
use crate::model::fixture::{ONE_COMPARTMENT, Texts};
use crate::sweep::read;

const ENDPOINTS: &str = r#"
[[endpoint]]
name = "exposure"
kind = "AUC"
of = "Cp"
record = "profile"
unit = "ng*h/mL"
about = "Area."
estimand = "All."
[[endpoint]]
name = "peak"
kind = "Cmax"
of = "Cp"
record = "profile"
unit = "ng/mL"
about = "Peak."
estimand = "All."
[[record]]
name = "profile"
every = "12 h"
outputs = ["Cp"]
"#;

fn told(text: &str) -> (Vec<String>, String) {
    let scenario = SCENARIO.to_owned() + ENDPOINTS;
    let files = Texts(vec![(Kind::Scenario, "s", scenario), (Kind::Model, "m", ONE_COMPARTMENT.to_owned())]);
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let text = format!("scenario = \"s\"\n{text}");
    let sweep = read("t.toml", &text, &[], &files, &mut sources, &mut diagnostics);
    (sweep.map_or(Vec::new(), |sweep| sweep.results_header()), render(&diagnostics, &sources, false))
}

fn axis(name: &str) -> String {
    format!("[[axis]]\nname = \"{name}\"\nkey = \"parameters.cl\"\nvalues = [4, 5]\n")
}

fn objectives(block: &str, names: [&str; 2]) -> String {
    let one = |name: &str, label: &str| {
        format!(
            "[[{block}.objective]]\nname = \"{name}\"\nendpoint = \"{label}: mean\"\ngoal = \"minimise\"\n"
        )
    };
    one(names[0], "exposure") + &one(names[1], "peak")
}

#[test]
fn no_two_columns_of_a_table_have_one_name() {
    let results =
        |name: &str| format!("[report]\nendpoints = [{{ name = \"{name}\", endpoint = \"peak: mean\" }}]\n");
    let paired = "paired = true\n";
    let front = |names: [&str; 2], axis_name: &str, accept: &str| {
        axis(axis_name) + "[front]\n" + accept + &objectives("front", names)
    };
    let limit = "accept = [\"peak: mean < 400 ng/mL\"]\n";
    let search = |name: &str| axis(name) + "[search]\nbudget = 4\n" + &objectives("search", ["a", "b"]);
    let morris = |name: &str| {
        format!(
            "[sensitivity]\nmethod = \"morris\"\ntrajectories = 2\nendpoint = \"peak: mean\"\n[[sensitivity.input]]\nname = \"{name}\"\n\
             key = \"parameters.cl\"\nrange = {{ from = 1, to = 2 }}\n"
        )
    };
    for (text, table, column) in [
        (axis("left_out") + &results("a") + paired, "the tables of points", "left_out"),
        (axis("mc_error"), "the tables of points", "mc_error"),
        (axis("file"), "`runs.csv`", "file"),
        (axis("rank"), "`results.csv`", "rank"),
        (axis("failed"), "the tables of points", "failed"),
        (axis("a_error") + &results("a"), "`results.csv`", "a_error"),
        (axis("x") + &results("number"), "`results.csv`", "number"),
        (axis("x") + &results("x"), "`results.csv`", "x"),
        (axis("order") + &results("a") + "sort = \"a\"\n", "`results.csv`", "order"),
        (front(["a", "b"], "resample", ""), "the tables of points", "resample"),
        (front(["a", "a_lower"], "x", ""), "`front.csv`", "a_lower"),
        (front(["a", "condition_1"], "x", limit), "`front.csv`", "condition_1"),
        (front(["a", "why"], "x", ""), "`front.csv`", "why"),
        (front(["a", "x"], "x", ""), "`front.csv`", "x"),
        (search("stage"), "`runs.csv`", "stage"),
        (search("a_search"), "`front.csv`", "a_search"),
        (search("generation"), "`search.csv`", "generation"),
        (morris("left_out"), "the tables of points", "left_out"),
        (morris("walk"), "`runs.csv`", "walk"),
    ] {
        let (_, told) = told(&text);
        let wanted = format!("two columns of {table} would be called `{column}`");
        assert!(told.contains(&wanted) && told.contains("help: "), "{text}\n`{wanted}` is not in\n{told}");
        assert_eq!(told.matches("error: ").count(), 1, "{told}");
    }
    // What only other tables have may be a name.
    for text in [
        axis("left_out"),
        axis("resample"),
        axis("why"),
        axis("order") + &results("a"),
        morris("estimate_of"),
    ] {
        let (_, told) = told(&text);
        assert_eq!(told, "", "{text}");
    }
}

#[test]
fn results_that_the_file_does_not_name_make_way() {
    let (header, told) = told(&axis("exposure_median"));
    assert_eq!(told, "");
    let wanted = [
        "rank",
        "number",
        "point",
        "exposure_median",
        "exposure_median_",
        "exposure_median__error",
        "peak_median",
        "peak_median_error",
        "failed",
    ];
    assert_eq!(header, wanted);
}
