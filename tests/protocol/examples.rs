//! What each kind of rule does, day by day: worked out by hand on a model whose outputs are the time itself.

use super::Files;
use regimen::simulation::{Done, Trajectory};

/// `clock` is the time in days and measured without error; `given` the sum of the doses; `area` the integral of a covariate.
const MODEL: &str = r#"
title = "A clock"
time = "d"
[covariates]
W = { unit = "1", interpolation = "previous" }
NEXT = { unit = "1", interpolation = "next" }
[states]
clock_state = { unit = "d", rate = "1" }
sum = { unit = "mg", rate = "0 mg/d" }
steroid_state = { unit = "mg", rate = "0 mg/d" }
area_state = { unit = "d", rate = "W" }
next_state = { unit = "d", rate = "NEXT" }
[doses]
drug = { into = "sum" }
steroid = { into = "steroid_state" }
[outputs]
clock = { unit = "d", value = "clock_state", error = { additive = "0 d" } }
given = { unit = "mg", value = "sum" }
area = { unit = "d", value = "area_state" }
next = { unit = "d", value = "next_state" }
"#;

/// An arm with these keys of its treatment, and rules named a, b, … in order.
fn scenario(treatment: &str, sections: &str, rules: &[&str]) -> String {
    let names: Vec<String> = (0..rules.len()).map(|place| format!("\"{}\"", name(place))).collect();
    let rules: String = rules
        .iter()
        .enumerate()
        .map(|(place, rule)| format!("[[rule]]\nname = \"{}\"\n{rule}\n", name(place)))
        .collect();
    format!(
        "title = \"t\"\nmodel = \"model\"\nhorizon = \"56 d\"\n[population]\npatients = 1\nset = {{ W = 1, NEXT = 1 }}\n{sections}\n[[arm]]\nname = \"arm\"\ntreatment = [{{ drug = \"drug\", {treatment} }}]\nrules = [{}]\n{rules}",
        names.join(", ")
    )
}

fn name(place: usize) -> char {
    char::from(b'a' + place as u8)
}

const LEVELS: &str = "levels = [\"5 mg\", \"10 mg\", \"15 mg\", \"20 mg\"], start = \"20 mg\"";
const WEEKLY: &str = "[visits]\nlaboratory = \"every 7 d\"";
const DAILY: &str = "[visits]\nlaboratory = \"every 1 d\"";

fn run(scenario: String) -> Trajectory {
    Files { model: MODEL, scenario, ..Files::default() }.run().1.remove(0)
}

/// (day from 0, action, dose after).
fn log(trajectory: &Trajectory) -> Vec<(f64, Done, f64)> {
    trajectory.decisions.iter().map(|decision| (decision.time, decision.action, decision.after)).collect()
}

fn dose_days(trajectory: &Trajectory, planned: bool) -> Vec<f64> {
    trajectory.doses.iter().filter(|dose| dose.planned == planned).map(|dose| dose.time).collect()
}

#[test]
fn a_hold_lasts_as_long_as_it_says() {
    let hold = |more: &str| {
        format!(
            "when = \"day >= 7 d and day < 8 d\"\nhold = \"drug\"\nresume = {{ when = \"day >= 10 d\", at = \"one level lower\"{more} }}"
        )
    };
    let soon = run(scenario(LEVELS, DAILY, &[&hold("")]));
    assert_eq!(log(&soon), [(7.0, Done::Hold, 0.0), (10.0, Done::Resume, 15.0)]);
    let later = run(scenario(LEVELS, DAILY, &[&hold(", after = \"7 d\"")]));
    assert_eq!(log(&later), [(7.0, Done::Hold, 0.0), (14.0, Done::Resume, 15.0)]);
    let never = run(scenario(LEVELS, DAILY, &[&hold(", at_most = \"2 d\"")]));
    assert_eq!(log(&never), [(7.0, Done::Hold, 0.0), (9.0, Done::Discontinue, 0.0)]);
    let in_time = run(scenario(LEVELS, DAILY, &[&hold(", at_most = \"3 d\"")]));
    assert_eq!(log(&in_time), log(&soon), "on the last day it may still end");
}

#[test]
fn reductions_come_to_an_end() {
    let reduce = |more: &str| format!("when = \"day >= 7 d\"\nreduce = \"drug\"\n{more}");
    let to_the_lowest = run(scenario(LEVELS, WEEKLY, &[&reduce("")]));
    let three = [(7.0, Done::Reduce, 15.0), (14.0, Done::Reduce, 10.0), (21.0, Done::Reduce, 5.0)];
    assert_eq!(log(&to_the_lowest), three);
    let twice = run(scenario(LEVELS, WEEKLY, &[&reduce("reductions_at_most = 2")]));
    assert_eq!(log(&twice), [three[0], three[1], (21.0, Done::Discontinue, 0.0)]);
    let below = run(scenario(LEVELS, WEEKLY, &[&reduce("below_lowest = \"discontinue\"")]));
    assert_eq!(log(&below), [three[0], three[1], three[2], (28.0, Done::Discontinue, 0.0)]);
    let floor =
        run(scenario(LEVELS, WEEKLY, &[&reduce("lowest = \"10 mg\"\nbelow_lowest = \"discontinue\"")]));
    assert_eq!(log(&floor), [three[0], three[1], (21.0, Done::Discontinue, 0.0)]);
    // At resumption as well.
    let hold = "when = \"day == 7 d or day == 21 d\"\nhold = \"drug\"\nresume = { when = \"day == 14 d or day == 28 d\", at = \"2 levels lower\", below_lowest = \"discontinue\" }";
    let held = run(scenario(LEVELS, WEEKLY, &[hold]));
    let expected = [
        (7.0, Done::Hold, 0.0),
        (14.0, Done::Resume, 10.0),
        (21.0, Done::Hold, 0.0),
        (28.0, Done::Discontinue, 0.0),
    ];
    assert_eq!(log(&held), expected);
}

#[test]
fn what_a_reduction_took_is_climbed_again_after_a_wait() {
    let reduce = "when = \"day == 7 d or day == 14 d\"\nreduce = \"drug\"";
    let climb = "re_escalate = \"drug\"\nafter = \"14 d\"";
    let both = run(scenario(LEVELS, WEEKLY, &[reduce, climb]));
    let expected = [
        (7.0, Done::Reduce, 15.0),
        (14.0, Done::Reduce, 10.0),
        (28.0, Done::Escalate, 15.0),
        (42.0, Done::Escalate, 20.0),
    ];
    assert_eq!(log(&both), expected);
    let gated = run(scenario(
        LEVELS,
        WEEKLY,
        &[reduce, "re_escalate = \"drug\"\nafter = \"14 d\"\nto = \"15 mg\"\nwhen = \"day >= 35 d\""],
    ));
    assert_eq!(log(&gated)[2..], [(35.0, Done::Escalate, 15.0)]);
    let below_start = LEVELS.replace("start = \"20 mg\"", "start = \"10 mg\"");
    assert_eq!(log(&run(scenario(&below_start, WEEKLY, &[climb]))), [], "never above what was in force");
}

#[test]
fn the_first_dose_waits() {
    let start = |more: &str| format!("when = \"day >= 14 d\"\nstart = \"drug\"\n{more}");
    let waits = run(scenario(LEVELS, WEEKLY, &[&start("")]));
    assert_eq!(log(&waits), [(0.0, Done::Hold, 0.0), (14.0, Done::Resume, 20.0)]);
    assert_eq!((dose_days(&waits, true)[0], waits.treatment.first_dose), (14.0, Some(14.0)));
    let never = run(scenario(LEVELS, WEEKLY, &[&start("at_most = \"7 d\"")]));
    assert_eq!(log(&never), [(0.0, Done::Hold, 0.0), (7.0, Done::Discontinue, 0.0)]);
    assert_eq!(never.doses.len(), 0);
    let at_once = run(scenario(LEVELS, WEEKLY, &["when = \"day < 7 d\"\nstart = \"drug\""]));
    assert_eq!(log(&at_once), [], "once begun, it is no condition any more");
}

#[test]
fn a_dose_is_set_by_the_first_rule_that_applies() {
    let up = "when = \"day >= 7 d\"\nadjust = \"drug\"\ndose = \"dose * 1.5\"\nlargest = \"40 mg\"";
    let down = "when = \"day >= 14 d\"\nadjust = \"drug\"\ndose = \"dose - 1 mg\"";
    let first = run(scenario("dose = \"20 mg\"", WEEKLY, &[up, down]));
    assert_eq!(log(&first), [(7.0, Done::Adjust, 30.0), (14.0, Done::Adjust, 40.0)]);
    let other = run(scenario("dose = \"20 mg\"", WEEKLY, &[down, up]));
    assert_eq!(
        log(&other)[..3],
        [(7.0, Done::Adjust, 30.0), (14.0, Done::Adjust, 29.0), (21.0, Done::Adjust, 28.0)]
    );
    let both = run(scenario("dose = \"20 mg\"", WEEKLY, &[up, &format!("{down}\nfurther = true")]));
    assert_eq!(
        log(&both)[..3],
        [(7.0, Done::Adjust, 30.0), (14.0, Done::Adjust, 40.0), (14.0, Done::Adjust, 39.0)]
    );
    let always = run(scenario("dose = \"20 mg\"", WEEKLY, &[&format!("{up}\nlog = \"always\"")]));
    assert_eq!(log(&always).len(), 7, "the dose that stays at its limit too");
}

#[test]
fn a_dose_that_is_no_number_changes_nothing() {
    // Within limits too, which a comparison with what is no number would choose.
    for dose in ["dose * (day - 7 d) / (day - 7 d)", "dose * (1 d / (day - 7 d))"] {
        for limits in ["", "\nsmallest = \"5 mg\"\nlargest = \"40 mg\""] {
            let rule = format!("when = \"day == 7 d\"\nadjust = \"drug\"\ndose = \"{dose}\"{limits}");
            assert_eq!(log(&run(scenario("dose = \"20 mg\"", WEEKLY, &[&rule]))), [], "{dose} {limits}");
        }
    }
}

#[test]
fn a_dose_that_is_set_is_made_of_tablets() {
    let set = |dose: &str| format!("when = \"day == 7 d\"\nadjust = \"drug\"\ndose = \"{dose}\"");
    let tablets = |rounding: &str| {
        format!("dose = \"20 mg\", tablets = [\"5 mg\", \"20 mg\"], tablets_at_most = 3{rounding}")
    };
    let after = |treatment: &str, dose: &str| log(&run(scenario(treatment, WEEKLY, &[&set(dose)])))[0].2;
    assert_eq!(after(&tablets(""), "dose * 1.4"), 25.0, "28 mg: 25 is the next below");
    assert_eq!(after(&tablets(", rounding = \"up\""), "dose * 1.4"), 30.0);
    assert_eq!(after(&tablets(", rounding = \"nearest\""), "dose * 1.4"), 30.0);
    assert_eq!(
        after(&tablets(", rounding = \"nearest\""), "dose * 1.75"),
        30.0,
        "35 mg would be four tablets; 40 is as near"
    );
}

#[test]
fn a_starting_dose_by_rule_is_no_reduction() {
    let renal = "when = \"day < 1 d\"\nadjust = \"drug\"\ndose = \"min(dose, 10 mg)\"";
    let reduce = "when = \"day >= 7 d\"\nreduce = \"drug\"\nreductions_at_most = 1";
    let course = run(scenario(LEVELS, WEEKLY, &[renal, reduce, "re_escalate = \"drug\"\nafter = \"7 d\""]));
    assert_eq!(course.doses[0].amount, 10.0);
    assert_eq!(
        log(&course)[..3],
        [(0.0, Done::Adjust, 10.0), (7.0, Done::Reduce, 5.0), (14.0, Done::Discontinue, 0.0)]
    );
}

#[test]
fn cycles_days_holds_and_reductions_are_read() {
    let cycle = "when = \"cycle == 2 and cycle_day == 8\"\nreduce = \"drug\"";
    assert_eq!(log(&run(scenario(LEVELS, WEEKLY, &[cycle]))), [(35.0, Done::Reduce, 15.0)]);
    let hold = |condition: &str, at: &str| {
        format!(
            "when = \"(day == 7 d or day == 21 d or day == 35 d) and {condition}\"\nhold = \"drug\"\nresume = {{ when = \"day == 14 d or day == 28 d or day == 42 d\", at = \"{at}\" }}"
        )
    };
    let first = hold("holds(drug) == 0", "same level");
    let further = hold("holds(drug) > 0 and not on_hold(drug)", "one level lower");
    let resumed: Vec<f64> = log(&run(scenario(LEVELS, WEEKLY, &[&first, &further])))
        .into_iter()
        .filter(|(_, action, _)| *action == Done::Resume)
        .map(|(.., after)| after)
        .collect();
    assert_eq!(resumed, [20.0, 15.0, 10.0]);
    // A wait for the start is no hold.
    let start = "when = \"day >= 7 d\"\nstart = \"drug\"";
    let held = "when = \"day == 14 d and holds(drug) == 0\"\nreduce = \"drug\"";
    assert_eq!(log(&run(scenario(LEVELS, WEEKLY, &[start, held]))).last(), Some(&(14.0, Done::Reduce, 15.0)));
    let twice = "when = \"day >= 7 d and reductions(drug) < 2\"\nreduce = \"drug\"";
    assert_eq!(log(&run(scenario(LEVELS, WEEKLY, &[twice]))).len(), 2);
}

#[test]
fn a_co_medication_has_an_end_of_its_own() {
    let give = |more: &str| {
        format!("when = \"day >= 7 d\"\ngive = {{ drug = \"steroid\", dose = \"20 mg\"{more} }}")
    };
    let span = run(scenario(LEVELS, WEEKLY, &[&give(", for = \"5 d\"")]));
    assert_eq!(
        dose_days(&span, false),
        [7.0, 8.0, 9.0, 10.0, 11.0],
        "once: the condition has been true ever since"
    );
    assert_eq!(log(&span), [(7.0, Done::StartCoMedication, 20.0), (12.0, Done::StopCoMedication, 0.0)]);
    let until = run(scenario(LEVELS, WEEKLY, &[&give(", until = \"day >= 21 d\"")]));
    assert_eq!(dose_days(&until, false), (7..21).map(f64::from).collect::<Vec<_>>());
    let again = "when = \"day == 7 d or day == 21 d\"\ngive = { drug = \"steroid\", dose = \"20 mg\", for = \"2 d\" }";
    assert_eq!(dose_days(&run(scenario(LEVELS, WEEKLY, &[again])), false), [7.0, 8.0, 21.0, 22.0]);
    let stop = "when = \"day >= 14 d\"\ndiscontinue = \"steroid\"";
    let stopped = run(scenario(LEVELS, WEEKLY, &[&give(""), stop]));
    assert_eq!(dose_days(&stopped, false), (7..14).map(f64::from).collect::<Vec<_>>());
    assert!(stopped.treatment.discontinued.is_none(), "the planned drug goes on");
}

#[test]
fn doses_are_given_at_visits() {
    let visits = "[visits]\nlaboratory = \"every 7 d\"\nday_ward = \"at 0 h, 36 h, 60 h\"";
    let course = run(scenario("dose = \"10 mg\", visits = \"day_ward\"", visits, &[]));
    assert_eq!(dose_days(&course, true), [0.0, 1.5, 2.5]);
}

#[test]
fn visits_are_missed_and_late() {
    let times = |visits: &str| {
        let course = run(scenario(LEVELS, &format!("[visits]\nlaboratory = \"every 14 d\"\n{visits}"), &[]));
        course.visits.iter().map(|visit| visit.time).collect::<Vec<_>>()
    };
    assert_eq!(times("missed = 1"), [0.0], "but for the first");
    assert_eq!(times("late = [0, 0, 1]"), [0.0, 16.0, 30.0, 44.0], "the last would be after the end");
}

#[test]
fn blood_is_drawn_before_the_visit() {
    let delay = format!("{WEEKLY}\n[laboratory]\nclock = {{ delay = \"2 d\" }}");
    let course = run(scenario(LEVELS, &delay, &[]));
    for visit in &course.visits {
        let expected = if visit.time == 0.0 { 0.0 } else { visit.time - 2.0 };
        assert!((visit.measured[0] - expected).abs() < 1e-9 && (visit.truth[0] - visit.time).abs() < 1e-9);
    }
    // An assay error set by the scenario, and switched off.
    let noisy = format!("{WEEKLY}\n[laboratory]\nclock = {{ error = {{ additive = \"1 d\" }} }}");
    let course = run(scenario(LEVELS, &noisy, &[]));
    assert!(course.visits.iter().all(|visit| visit.measured[0] != visit.truth[0]));
    let exact = format!("{WEEKLY}\n[laboratory]\nclock = {{ error = false }}");
    let course = run(scenario(LEVELS, &exact, &[]));
    assert!(course.visits.iter().all(|visit| visit.measured[0] == visit.truth[0]));
}

#[test]
fn forgotten_doses_are_those_of_the_patient() {
    let half = format!("{WEEKLY}\n[adherence]\ndrug = \"50 %\"");
    let arms = "[[arm]]\nname = \"other\"\ntreatment = [{ drug = \"drug\", dose = \"5 mg\" }]\nrules = []\n[[arm]]\nname = \"sure\"\ntreatment = [{ drug = \"drug\", dose = \"5 mg\", adherence = 1 }]\n";
    let text = format!("{}{arms}", scenario(LEVELS, &half, &[]));
    let trajectories = Files { model: MODEL, scenario: text, ..Files::default() }.run().1;
    let days = dose_days(&trajectories[0], true);
    assert!((15..42).contains(&days.len()), "{}", days.len());
    assert_eq!(days, dose_days(&trajectories[1], true), "the same in another arm, at another dose");
    assert_eq!(dose_days(&trajectories[2], true).len(), 56);
}

#[test]
fn covariates_change_in_time() {
    let rule = "when = \"W < 1\"\nadjust = \"drug\"\ndose = \"5 mg\"";
    let text = scenario(LEVELS, WEEKLY, &[rule])
        .replace("set = { W = 1, NEXT = 1 }", "from = \"patients.csv\"\nunits = { TIME = \"h\" }");
    let patients = "ID,TIME,W,NEXT\n1,0,2,2\n1,240,0.5,0.5\n1,480,3,3\n";
    let (_, mut trajectories) = Files { model: MODEL, scenario: text, patients, ..Files::default() }.run();
    let course = trajectories.remove(0);
    let last = course.visits.last().expect("a visit");
    // W: 2 for 10 d, 0.5 for 10 d, 3 for 36 d; NEXT: 0.5 for 10 d, 3 for the rest.
    assert!((last.truth[2] - (20.0 + 5.0 + 108.0)).abs() < 1e-9, "{:?}", last.truth);
    assert!((last.truth[3] - (5.0 + 30.0 + 108.0)).abs() < 1e-9, "{:?}", last.truth);
    assert_eq!(log(&course), [(14.0, Done::Adjust, 5.0)], "seen at the next visit");
}

#[test]
fn a_rule_set_is_taken_whole_and_in_its_order() {
    let set = "title = \"set\"\n[[rule]]\nname = \"second\"\nwhen = \"day == 7 d\"\nreduce = \"drug\"\n[[rule]]\nname = \"first\"\nwhen = \"day == 14 d\"\nreduce = \"drug\"\n";
    let text = scenario(LEVELS, WEEKLY, &[]).replace("rules = []", "rules = [\"rules/of-a-trial\"]");
    let arm = "[[arm]]\nname = \"same\"\ntreatment = []\nrules = [\"rules/of-a-trial\"]\n";
    let files = Files {
        model: MODEL,
        scenario: format!("{text}{arm}"),
        libraries: vec![("rules/of-a-trial", set)],
        ..Files::default()
    };
    let (scenario, trajectories) = files.run();
    let names: Vec<&str> =
        scenario.arms[0].rules.iter().map(|rule| scenario.rules[*rule].name.as_str()).collect();
    assert_eq!(names, ["second", "first"]);
    assert_eq!(scenario.arms[0].rules, scenario.arms[1].rules);
    assert_eq!(log(&trajectories[0]), [(7.0, Done::Reduce, 15.0), (14.0, Done::Reduce, 10.0)]);
}
