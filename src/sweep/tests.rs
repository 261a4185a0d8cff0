//! Sweep files from texts: what a good one becomes, what is refused, and by which names its points go.

mod headers;
mod keys;

use super::{Cell, Plan, Sweep, check_values, read};
use crate::diagnostic::{Diagnostic, Sources, render};
use crate::model::Kind;
use crate::model::fixture::{ONE_COMPARTMENT, Texts};

const SCENARIO: &str = r#"
title = "Two arms"
model = "m"
horizon = "28 d"
[population]
patients = 3
[[arm]]
name = "fixed"
treatment = [{ drug = "drug", dose = "10 mg" }]
[[arm]]
name = "steps"
treatment = [{ drug = "drug", levels = ["5 mg", "10 mg"], start = "5 mg", days = "1-28", cycle = "28 d" }]
"#;

fn files() -> Texts {
    Texts(vec![(Kind::Scenario, "s", SCENARIO.to_owned()), (Kind::Model, "m", ONE_COMPARTMENT.to_owned())])
}

fn told(text: &str) -> (Option<Sweep>, String) {
    let (mut sources, mut diagnostics): (_, Vec<Diagnostic>) = (Sources::default(), Vec::new());
    let text = format!("scenario = \"s\"\n{text}");
    let sweep = read("sweeps/test.toml", &text, &[], &files(), &mut sources, &mut diagnostics);
    if let Some(sweep) = &sweep {
        check_values(sweep, &files(), &mut sources, &mut diagnostics);
    }
    (sweep, render(&diagnostics, &sources, false))
}

fn good(text: &str) -> Sweep {
    let (sweep, told) = told(text);
    assert_eq!(told, "");
    sweep.unwrap_or_else(|| panic!("{told}"))
}

/// The cells of all points as texts.
fn cells(sweep: &Sweep) -> Vec<String> {
    let row = |cells: &[Cell]| cells.iter().map(Cell::shown).collect::<Vec<_>>().join(" | ");
    sweep.points.iter().map(|point| row(&point.cells)).collect()
}

fn plan(text: &str, files: &Texts) -> Plan {
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let text = format!("scenario = \"s\"\n{text}");
    let sweep = read("t.toml", &text, &[], files, &mut sources, &mut diagnostics);
    let plan = sweep.and_then(|sweep| Plan::new(sweep, files, &mut sources, &mut diagnostics));
    plan.unwrap_or_else(|| panic!("{}", render(&diagnostics, &sources, false)))
}

const GRID: &str = r#"
[[axis]]
name = "dose"
key = "arm.0.treatment.0.dose"
values = ["10 mg", "0.02 g"]
[[axis]]
key = "parameters.cl"
range = { from = "4 L/h", to = "6 L/h", step = "1 L/h" }
"#;

#[test]
fn a_grid_is_the_product_of_its_axes_the_first_varying_slowest() {
    let sweep = good(GRID);
    assert_eq!(cells(&sweep), ["10 | 4", "10 | 5", "10 | 6", "20 | 4", "20 | 5", "20 | 6"]);
    let units: Vec<&str> = sweep.axes.iter().map(|axis| axis.unit.as_str()).collect();
    assert_eq!(units, ["mg", "L/h"]);
    let set = |place: usize| sweep.points[place].settings.clone();
    let pair = |path: &str, value: &str| (path.to_owned(), value.to_owned());
    assert_eq!(set(4), [pair("arm.0.treatment.0.dose", "\"0.02 g\""), pair("parameters.cl", "\"5 L/h\"")]);
}

#[test]
fn ranges_are_free_of_the_noise_of_sums_and_end_where_they_say() {
    let axis = |range: &str| {
        let text = format!("[[axis]]\nkey = \"parameters.cl\"\nrange = {range}\n");
        cells(&good(&text)).join(" ")
    };
    assert_eq!(axis("{ from = 0.1, to = 0.3, step = 0.1 }"), "0.1 0.2 0.3");
    assert_eq!(axis("{ from = 1, to = 2, step = 0.3 }"), "1 1.3 1.6 1.9");
    assert_eq!(
        axis("{ from = \"1 L/h\", to = \"100 L/h\", count = 3, scale = \"logarithmic\" }"),
        "1 10 100"
    );
    assert_eq!(axis("{ from = \"1 L/h\", to = \"48 L/d\", count = 5 }"), "1 1.25 1.5 1.75 2");
}

#[test]
fn few_points_stand_for_many_when_values_are_tried() {
    assert_eq!(good(GRID).exemplary(), [0, 1, 2, 3]);
    let many = good(
        "[[axis]]\nkey = \"parameters.cl\"\nrange = { from = 2, to = 10 }\n[[axis]]\nkey = \"parameters.v\"\n\
         range = { from = 10, to = 100 }\n[design]\nkind = \"sobol\"\npoints = 4096\n",
    );
    assert!((2..=4).contains(&many.exemplary().len()), "{:?}", many.exemplary());
}

#[test]
fn linked_keys_move_together() {
    let sweep = good(
        "[[axis]]\nname = \"both\"\nkeys = [\"arm.0.treatment.0.dose\", \"arm.1.treatment.0.start\"]\n\
         values = [\"10 mg\", [\"20 mg\", \"5 mg\"]]\nlabels = [\"same\", \"apart\"]\n",
    );
    assert_eq!(cells(&sweep), ["same", "apart"]);
    let values = |place: usize| sweep.points[place].settings.iter().map(|(_, value)| value.clone());
    assert!(values(0).eq(["\"10 mg\"".to_owned(), "\"10 mg\"".to_owned()]));
    assert!(values(1).eq(["\"20 mg\"".to_owned(), "\"5 mg\"".to_owned()]));
}

#[test]
fn conditions_leave_points_out_with_units_and_labels() {
    let sweep = good(&format!("where = [\"dose < 15 mg or cl >= 100 mL/min\"]{GRID}"));
    // 100 mL/min is 6 L/h.
    assert_eq!(cells(&sweep), ["10 | 4", "10 | 5", "10 | 6", "20 | 6"]);
    assert_eq!(sweep.left_out, 2);
    let labelled = "where = \"not days.off or dose == 10 mg\"\n[[axis]]\nname = \"days\"\nkey = \"arm.1.treatment.0.days\"\n\
                    values = [\"1-28\", \"1-21\"]\nlabels = [\"on\", \"off\"]\n[[axis]]\nname = \"dose\"\n\
                    key = \"arm.0.treatment.0.dose\"\nvalues = [\"10 mg\", \"20 mg\"]\n";
    assert_eq!(cells(&good(labelled)), ["on | 10", "on | 20", "off | 10"]);
}

#[test]
fn a_design_fills_free_ranges_and_is_crossed_with_lists() {
    for kind in ["sobol", "latin hypercube"] {
        let sweep = good(&format!(
            "[[axis]]\nname = \"dose\"\nkey = \"arm.0.treatment.0.dose\"\nvalues = [\"10 mg\", \"20 mg\"]\n\
             [[axis]]\nkey = \"parameters.cl\"\nrange = {{ from = 2, to = 10 }}\n\
             [[axis]]\nkey = \"parameters.v\"\nrange = {{ from = \"10 L\", to = \"1000 L\", scale = \"logarithmic\" }}\n\
             [design]\nkind = \"{kind}\"\npoints = 16\n"
        ));
        assert_eq!(sweep.points.len(), 32);
        let number = |place: usize, axis: usize| match sweep.points[place].cells[axis] {
            Cell::Number(number) => number,
            Cell::Text(_) => f64::NAN,
        };
        // One value in each sixteenth of each range, on its own scale.
        let mut linear: Vec<usize> = (0..16).map(|place| ((number(place, 1) - 2.0) / 0.5) as usize).collect();
        let mut logarithmic: Vec<usize> =
            (0..16).map(|place| ((number(place, 2) / 10.0).log10() * 8.0) as usize).collect();
        linear.sort_unstable();
        logarithmic.sort_unstable();
        assert!(linear.iter().copied().eq(0..16), "{kind} {linear:?}");
        assert!(logarithmic.iter().copied().eq(0..16), "{kind} {logarithmic:?}");
        assert_eq!(number(3, 1), number(19, 1));
    }
}

#[test]
fn a_template_makes_all_starts_by_steps_by_days() {
    let sweep = good(
        "[template]\narm = \"steps\"\nkeep = [\"fixed\"]\nstart = [\"5 mg\", \"10 mg\"]\nstep = [\"5 mg\", \"10 mg\"]\n\
         lowest = \"2.5 mg\"\nhighest = \"25 mg\"\ndays = [\"1-28\", \"1-21\"]\nday_labels = [\"all\", \"off\"]\n\
         name = \"{start} by {step} {days}\"\n",
    );
    assert_eq!(sweep.points.len(), 8);
    assert_eq!(sweep.arms, Some(vec![0, 1]));
    let value = |place: usize, key: &str| {
        let found = sweep.points[place].settings.iter().find(|(path, _)| path.ends_with(key));
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    assert_eq!(value(0, ".levels"), r#"["2.5 mg", "5 mg", "10 mg", "15 mg", "20 mg", "25 mg"]"#);
    assert_eq!(value(2, ".levels"), r#"["2.5 mg", "5 mg", "15 mg", "25 mg"]"#);
    assert_eq!(value(4, ".levels"), r#"["2.5 mg", "5 mg", "10 mg", "15 mg", "20 mg", "25 mg"]"#);
    assert_eq!(value(6, ".levels"), r#"["2.5 mg", "10 mg", "20 mg", "25 mg"]"#);
    assert_eq!(value(3, "arm.1.name"), r#""5 mg by 10 mg off""#);
    assert_eq!(value(3, ".days"), r#""1-21""#);
}

#[test]
fn mistakes_are_told_with_place_and_remedy() {
    let axis = |more: &str| format!("[[axis]]\nkey = \"parameters.cl\"\n{more}\n");
    let template = |more: &str| format!("[template]\narm = \"steps\"\n{more}\n");
    let cases = [
        (String::new(), "this sweep has no axis"),
        (axis(""), "this axis has no values"),
        (axis("values = []"), "is an empty list"),
        (axis("values = [1, 1.0]"), "stands twice on its axis"),
        (axis("valeus = [1]"), "did you mean `values`?"),
        (axis("values = [\"1 mg\"]"), "but this is mass"),
        (axis("range = { from = 2, to = 1, count = 3 }"), "`to` must be above `from`"),
        (axis("range = { from = 1, to = \"2 mg\", count = 3 }"), "different dimensions"),
        (axis("range = { from = 1, to = 2, step = -1 }"), "this step does not fit the range"),
        (axis("range = { from = 1, to = 2, step = 1, count = 2 }"), "either a step or a count"),
        (axis("range = { from = 1, to = 2, count = 1 }"), "too few or too many values"),
        (axis("range = { from = 1, to = 2 }"), "nothing says which values of `cl` are tried"),
        (axis("range = { from = 1, to = 2, scale = \"log\" }"), "unknown scale `log`"),
        (axis("values = [1]\nlabels = [\"a\", \"b\"]"), "2 labels for 1 values"),
        (axis("values = [1]\nname = \"arm\""), "two columns of the tables of points would be called `arm`"),
        (axis("values = [1]\nname = \"a b\""), "cannot name an axis"),
        (axis("values = [1]") + &axis("values = [2]"), "the axis `cl` sets `parameters.cl` twice"),
        (
            axis("values = [1]") + "[[axis]]\nname = \"cl\"\nkey = \"parameters.v\"\nvalues = [2]\n",
            "there are two axes `cl`",
        ),
        ("[[axis]]\nkeys = [\"a\", \"b\"]\nvalues = [[1]]\n".to_owned(), "1 values for 2 keys"),
        (
            "[[axis]]\nkey = \"arm.7.treatment.0.dose\"\nname = \"x\"\nvalues = [1]\n".to_owned(),
            "`arm` has no item 7",
        ),
        ("[[axis]]\nkey = \"horzon\"\nvalues = [\"7 d\"]\n".to_owned(), "did you mean `horizon`?"),
        (axis("values = [1]") + "[design]\nkind = \"sobol\"\npoints = 4\n", "this design has no axis"),
        (
            axis("range = { from = 1, to = 2 }") + "[design]\nkind = \"sobel\"\npoints = 4\n",
            "unknown design `sobel`",
        ),
        (
            axis("range = { from = 1, to = 2 }") + "[design]\nkind = \"sobol\"\n",
            "the key `points` is missing",
        ),
        ("where = \"cl > 1 mg\"\n".to_owned() + &axis("values = [\"1 L/h\"]"), "error"),
        ("where = \"cl > 9 L/h\"\n".to_owned() + &axis("values = [\"1 L/h\"]"), "no point is left"),
        ("where = \"cll > 9 L/h\"\n".to_owned() + &axis("values = [\"1 L/h\"]"), "did you mean `cl`?"),
        (
            "where = \"days == 1\"\n[[axis]]\nkey = \"arm.1.treatment.0.days\"\nvalues = [\"1-21\"]\n"
                .to_owned(),
            "are texts",
        ),
        ("[template]\narm = \"stps\"\nstart = [\"5 mg\"]\n".to_owned(), "did you mean `steps`?"),
        (template(""), "makes only one arm"),
        (template("start = [\"5 mg\"]\nstep = [\"5 mg\"]"), "steps need a `start` and a `highest` dose"),
        (template("start = [\"5 mg\", \"5 mg\"]"), "two arms of this template are the same"),
        (template("start = [\"50 mg\"]\nstep = [\"5 mg\"]\nhighest = \"25 mg\""), "outside the dose levels"),
        (template("start = [\"5 mg\"]\nstep = [\"5 L\"]\nhighest = \"25 mg\""), "no step of a dose"),
        (template("start = [\"5 mg\"]\nname = \"{stat}\""), "a placeholder that nothing fills"),
        (template("start = [\"5 mg\"]\nkeep = [\"steps\"]"), "cannot be kept beside"),
    ];
    for (text, wanted) in cases {
        let (_, told) = told(&text);
        assert!(told.contains("error: ") && told.contains(wanted), "{text}\n`{wanted}` is not in\n{told}");
        assert!(told.contains("help: "), "{text}\n{told}");
    }
}

#[test]
fn results_are_named_by_what_determines_them_and_nothing_else() {
    let before = plan(GRID, &files());
    let names = |plan: &Plan| plan.points.iter().map(|point| point.file.clone()).collect::<Vec<_>>();
    assert_eq!(names(&before), names(&plan(GRID, &files())));
    // A further value leaves the names of the others as they are.
    let more = plan(&GRID.replace("\"10 mg\", ", "\"10 mg\", \"15 mg\", "), &files());
    assert_eq!(more.points.len(), 9);
    assert!(names(&before).iter().all(|name| names(&more).contains(name)));
    // A comment in the sweep file changes nothing, one in the model or the scenario everything: text is what is compared.
    assert_eq!(names(&before), names(&plan(&format!("# a remark\n{GRID}"), &files())));
    for place in [0, 1] {
        let mut changed = files();
        changed.0[place].2.push_str("# a remark\n");
        let after = plan(GRID, &changed);
        assert!(names(&after).iter().all(|name| !names(&before).contains(name)));
        let ids = |plan: &Plan| plan.points.iter().map(|point| point.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&before), ids(&after));
    }
}

#[test]
fn a_changed_model_renames_only_the_points_that_use_it() {
    let other = ONE_COMPARTMENT.replace("value = 5,", "value = 6,");
    let with = |other: &str| {
        let mut files = files();
        files.0.push((Kind::Model, "other", other.to_owned()));
        plan("[[axis]]\nkey = \"model\"\nvalues = [\"m\", \"other\"]\n", &files)
    };
    let (before, after) = (with(&other), with(&(other.clone() + "# a remark\n")));
    assert_eq!(before.points[0], after.points[0]);
    assert_ne!(before.points[1], after.points[1]);
    assert_ne!(before.digest, after.digest);
}
