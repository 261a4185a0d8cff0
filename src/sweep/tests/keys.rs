//! Keys that are set twice, by whatever spelling; arms as a template leaves them; columns of one name.

use super::{files, good, told};
use crate::diagnostic::{Sources, render};
use crate::scenario;
use crate::sweep::{Sweep, read};

fn axis(name: &str, key: &str, values: &str) -> String {
    format!("[[axis]]\nname = \"{name}\"\nkey = '{key}'\nvalues = {values}\n")
}

/// With a call's `--set`.
fn called(text: &str, set: &[(&str, &str)]) -> (Option<Sweep>, String) {
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let set: Vec<(String, String)> =
        set.iter().map(|(path, value)| ((*path).to_owned(), (*value).to_owned())).collect();
    let text = format!("scenario = \"s\"\n{text}");
    let sweep = read("t.toml", &text, &set, &files(), &mut sources, &mut diagnostics);
    (sweep, render(&diagnostics, &sources, false))
}

/// The arms of a point, name and dose of the first treatment as the scenario reads them.
fn arms(sweep: &Sweep, place: usize) -> Vec<(String, String)> {
    let settings = sweep.settings(&sweep.points[place], "a point".to_owned());
    let (mut sources, mut found) = (Sources::default(), Vec::new());
    let scenario = scenario::load("s", &settings, &files(), &mut sources, &mut found);
    let scenario = scenario.unwrap_or_else(|| panic!("{}", render(&found, &sources, false)));
    scenario.arms.iter().map(|arm| (arm.name.clone(), arm.about.clone())).collect()
}

#[test]
fn a_key_is_set_by_one_thing_alone_whatever_its_spelling() {
    let doses = r#"["10 mg", "20 mg"]"#;
    let one = |key: &str| axis("one", key, doses);
    let two = |key: &str| axis("two", key, doses);
    let by_number = "arm.0.treatment.0.dose";
    for other in [
        by_number,
        "arm.fixed.treatment.0.dose",
        r#"arm."fixed".treatment."0".dose"#,
        "arm.00.treatment.0.dose",
        "arm.0.treatment.0",
        "arm",
    ] {
        let (_, told) = told(&(one(by_number) + &two(other)));
        assert!(told.contains("the axis `one`") && told.contains("the axis `two`"), "{other}\n{told}");
        assert!(told.contains("first here") && told.contains("help: "), "{told}");
    }
    // Another arm is another key.
    let levels = r#"["5 mg", "10 mg"]"#;
    let other = axis("two", "arm.steps.treatment.0.start", levels);
    assert_eq!(good(&(one(by_number) + &other)).points.len(), 4);
    let (_, own) = told("[[axis]]\nname = \"x\"\nkeys = [\"seed\", '\"seed\"']\nvalues = [1]\n");
    assert!(own.contains("the axis `x` sets `seed` twice"), "{own}");
    let set = "[set]\n\"parameters.cl\" = \"5 L/h\"\n";
    let (_, by_set) = told(&format!("{set}{}", axis("x", "parameters.\"cl\"", r#"["4 L/h"]"#)));
    assert!(by_set.contains("`[set]` and the axis `x` both set"), "{by_set}");
    let inputs = ["a", "b"].map(|name| {
        format!("[[sensitivity.input]]\nname = \"{name}\"\nkey = \"parameters.cl\"\nrange = {{ from = 1, to = 2 }}\n")
    });
    let (_, by_inputs) = told(&format!(
        "[sensitivity]\nmethod = \"one at a time\"\nendpoint = \"x\"\n{}{}",
        inputs[0], inputs[1]
    ));
    assert!(by_inputs.contains("the input `a` and the input `b` both set `parameters.cl`"), "{by_inputs}");
}

#[test]
fn a_part_of_what_is_set_at_every_point_may_be_moved() {
    let sweep = good(&format!(
        "[set]\n\"arm.fixed.treatment.0\" = {{ drug = \"drug\", dose = \"7 mg\" }}\n{}",
        axis("dose", "arm.0.treatment.0.dose", r#"["10 mg", "20 mg"]"#)
    ));
    assert_eq!(sweep.points.len(), 2);
}

#[test]
fn the_command_line_replaces_what_is_set_and_nothing_that_is_moved() {
    let text = format!(
        "[set]\nhorizon = \"14 d\"\nseed = 3\n{}",
        axis("cl", "parameters.cl", r#"["4 L/h", "5 L/h"]"#)
    );
    let (sweep, told) = called(&text, &[("\"horizon\"", "\"7 d\""), ("seed", "4"), ("seed", "5")]);
    let fixed = sweep.map(|sweep| sweep.fixed).unwrap_or_else(|| panic!("{told}"));
    let pair = |path: &str, value: &str| (path.to_owned(), value.to_owned());
    assert_eq!(fixed, [pair("\"horizon\"", "\"7 d\""), pair("seed", "5")]);
    let (sweep, told) = called(&text, &[("parameters.cl", "6")]);
    assert!(sweep.is_none() && told.contains("`--set` and the axis `cl` both set `parameters.cl`"), "{told}");
    assert!(told.contains("--> --set:1:1") && told.contains("help: call it without"), "{told}");
}

#[test]
fn arms_are_counted_and_called_as_the_scenario_has_them_whichever_a_template_keeps() {
    // The template's arm comes last of those kept, and is the second of the scenario: the first one is about to change places.
    let template = "[template]\narm = \"steps\"\nkeep = [\"fixed\"]\nstart = [\"5 mg\", \"10 mg\"]\n";
    let set = "[set]\n\"arm.0.about\" = \"the fixed one\"\n\"arm.steps.about\" = \"the made one\"\n";
    let sweep = good(&format!("{set}{template}"));
    let pair = |name: &str, about: &str| (name.to_owned(), about.to_owned());
    assert_eq!(arms(&sweep, 1), [pair("fixed", "the fixed one"), pair("start 10 mg", "the made one")]);
    // By name, though the template renames one of them; and by number.
    for (key, place) in
        [("arm.steps.about", 1), ("arm.1.about", 1), ("arm.fixed.about", 0), ("arm.0.about", 0)]
    {
        let sweep = good(&format!("{template}{}", axis("x", key, r#"["one", "two"]"#)));
        assert_eq!(arms(&sweep, 1)[place].1, "two", "{key}");
    }
    // Of an arm that is left out nothing can be set.
    let alone = "[template]\narm = \"steps\"\nstart = [\"5 mg\", \"10 mg\"]\n";
    for more in [axis("x", "arm.fixed.about", r#"["one"]"#), axis("x", "arm.0.about", r#"["one"]"#)] {
        let (_, told) = told(&format!("{alone}{more}"));
        assert!(told.contains("is of an arm that the template leaves out"), "{told}");
    }
    let (_, told_set) = told(&format!("[set]\n\"arm.0.about\" = \"x\"\n{alone}"));
    assert!(told_set.contains("is of an arm that the template leaves out"), "{told_set}");
    let (_, twice) = told(&format!("{template}{}", axis("x", "arm.steps.treatment.0.start", r#"["5 mg"]"#)));
    assert!(twice.contains("`[template]` and the axis `x` both set"), "{twice}");
}

#[test]
fn what_no_point_heeds_cannot_be_set() {
    for key in ["uncertainty.from", "replicates.patients"] {
        let (_, told) = told(&axis("x", key, "[5, 10]"));
        assert!(told.contains("a sweep does not heed"), "{told}");
    }
    let (_, set) = called(&axis("x", "seed", "[1]"), &[("replicates.patients", "5")]);
    assert!(set.contains("a sweep does not heed `[replicates]`"), "{set}");
}

#[test]
fn what_is_wrong_with_a_value_is_shown_where_it_is_written() {
    let (_, wrong) = told(&axis("cl", "parameters.cl", r#"["4 L/h", "4 mg"]"#));
    // The value stands on the fifth line, behind `values = ["4 L/h", "`.
    assert!(wrong.contains("--> sweeps/test.toml:5:21"), "{wrong}");
    assert!(wrong.contains("point 2 of the sweep"), "{wrong}");
    let range = "[[axis]]\nkey = \"parameters.cl\"\nrange = { from = \"1 mg\", to = \"2 mg\", count = 2 }\n";
    assert!(told(range).1.contains("--> sweeps/test.toml:4:9"), "{}", told(range).1);
}

#[test]
fn ranges_say_what_is_wrong_with_them_once() {
    let axis = |range: &str| told(&format!("[[axis]]\nkey = \"parameters.cl\"\nrange = {range}\n")).1;
    for (range, wanted) in [
        ("{ from = nan, to = 2, count = 2 }", "error: "),
        ("{ from = 1, to = \"1e400 L/h\", count = 2 }", "this number is too large"),
        ("{ from = -1e308, to = 1e308, count = 3 }", "wider than 1.8e308"),
        (
            "{ from = \"1 mg\", to = \"9 mg\", tablets = [\"1.1 mg\", \"1.3 mg\", \"1.7 mg\", \"1.9 mg\"], tablets_at_most = 100000000000 }",
            "too many different doses",
        ),
    ] {
        let told = axis(range);
        assert!(told.contains(wanted), "{range}\n{told}");
        assert_eq!(told.matches("error: ").count(), 1, "{range}\n{told}");
    }
    let (_, empty) = told("[[axis]]\nkey = \"parameters.cl\"\nvalues = []\n");
    assert!(empty.contains("`values` is an empty list"), "{empty}");
}

#[test]
fn an_unknown_name_of_where_is_answered_with_the_names_there_are() {
    let (_, told) = told(&format!(
        "where = \"nothing_like_it > 1\"\n{}",
        axis("cl", "parameters.cl", "[4, 5]") + &axis("v", "parameters.v", "[4, 5]")
    ));
    assert!(told.contains("there are `cl`, `v`"), "{told}");
}

#[test]
fn distributions_without_end_are_refused() {
    for spread in ["median = 5, cv = 1e200", "median = 5, omega = 1e300", "median = 5, omega = inf"] {
        let input = format!(
            "[sensitivity]\nmethod = \"one at a time\"\nendpoint = \"x\"\n[[sensitivity.input]]\nkey = \"parameters.cl\"\n\
             distribution = \"log-normal\"\n{}\n",
            spread.replace(", ", "\n")
        );
        let (sweep, told) = told(&input);
        assert!(sweep.is_none() && told.contains("error: "), "{told}");
        assert!(
            told.contains("too large") || told.contains("beyond 1.8e308") || told.contains("inf"),
            "{told}"
        );
    }
}
