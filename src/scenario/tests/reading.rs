//! What a good scenario becomes.

use super::super::{Action, Column, ControlSetting, EndpointKind, GradeTimes, Method, Settings};
use super::{SCENARIO, good, load_with, with};
use crate::model::{Formula, Symbol};

#[test]
fn a_scenario_is_read_with_its_libraries() {
    let scenario = good(SCENARIO);
    assert_eq!((scenario.name.as_str(), scenario.title.as_str()), ("s", "Two arms"));
    assert_eq!((scenario.horizon, scenario.horizon_text.as_str()), (168.0, "6 cycles"));
    assert_eq!((scenario.seed, scenario.patients, scenario.variability), (7, 20, true));
    assert_eq!(scenario.visits[0].times.len(), 13);
    assert_eq!(scenario.visits[1].times, [0.0, 56.0, 112.0, 168.0]);
    assert_eq!(scenario.visits_while_held, Some(7.0));
    let names: Vec<&str> = scenario.rules.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(names, ["stop", "hold", "step up"], "rules of libraries that no arm names are left out");
    assert_eq!(scenario.arms[0].rules, [1, 2, 0], "in the order of the arm");
    assert_eq!(scenario.numerics.relative_tolerance, 1e-7);
    assert_eq!(scenario.notes[0].lines, ["a test"]);
    assert_eq!(scenario.groups.len(), 1);
}

#[test]
fn treatments_have_levels_days_and_starting_doses() {
    let scenario = good(SCENARIO);
    let low = &scenario.arms[0].treatments[0];
    assert_eq!((low.levels.as_slice(), low.start), (&[5.0, 10.0][..], 0));
    assert_eq!(low.start_if[0].1, 1);
    assert_eq!((low.cycle, low.days.len(), low.cycles), (28.0, 28, (1, u32::MAX)));
    let high = &scenario.arms[1].treatments[0];
    assert_eq!((high.levels.as_slice(), high.days.len()), (&[25.0][..], 21));
    assert_eq!((high.at.as_slice(), high.over), (&[0.0][..], 0.0));
    assert_eq!(high.text, "25 mg, days 1-21 of 28 d");
    let ControlSetting { control, value, from, to } = scenario.arms[0].controls[0];
    assert_eq!((control, value, from, to), (0, 1.1, 0.0, 28.0));
}

#[test]
fn a_fixed_dose_takes_the_levels_of_its_starting_conditions() {
    let text = with(
        "dose = \"25 mg\", days",
        "dose = \"25 mg\", start_if = [{ when = \"WT < 50 kg\", dose = \"10000 ug\" }], cycles = \"2-3\", \
         at = [\"0 h\", \"12 h\"], over = \"2 h\", days",
    );
    let scenario = good(&text);
    let treatment = &scenario.arms[1].treatments[0];
    assert_eq!((treatment.levels.as_slice(), treatment.start), (&[10.0, 25.0][..], 1));
    assert_eq!(treatment.start_if[0].1, 0);
    assert_eq!((treatment.cycles, treatment.at.as_slice()), ((2, 3), &[0.0, 0.5][..]));
    assert!((treatment.over - 2.0 / 24.0).abs() < 1e-15);
}

#[test]
fn rules_know_what_they_do_and_what_they_read() {
    let scenario = good(SCENARIO);
    let anc = scenario.model.output("ANC");
    let hold = &scenario.rules[1];
    let Action::Hold { drug, lower, lowest, .. } = hold.action else { panic!("{hold:?}") };
    assert_eq!((drug, lower, lowest, hold.daily), (0, 1, 5.0, false));
    assert_eq!(hold.signals.first().copied(), anc);
    assert_eq!(hold.give.as_ref().map(|give| (give.drug, give.dose)), Some((1, 20.0)));
    let step = &scenario.rules[2];
    let Action::Escalate { first, every, highest, regain, .. } = step.action else { panic!("{step:?}") };
    assert_eq!((first, every, highest, regain, step.daily), (28.0, 28.0, 10.0, false, true));
    let stop = &scenario.rules[0];
    assert!(matches!(stop.action, Action::Discontinue { drug: None }));
    assert_eq!(stop.signals.len(), 2, "outputs are found through signals and memory");
}

#[test]
fn signals_are_sorted_and_endpoints_bound() {
    let scenario = good(SCENARIO);
    let names: Vec<&str> = scenario.signals.iter().map(|signal| signal.name.as_str()).collect();
    assert_eq!(names, ["grown", "small_count", "worse"], "each after those it uses");
    assert!(scenario.signals.iter().all(|signal| signal.schedule == 1 && signal.logical));
    let EndpointKind::ProgressionFreeSurvival { progression, death } = scenario.endpoints[0].kind else {
        panic!("{:?}", scenario.endpoints[0])
    };
    assert_eq!((progression.signal, death), (2, Some(0)));
    assert_eq!(scenario.endpoints[0].unit.name, "month");
    let EndpointKind::WorstGrade { ref thresholds, falling, at, .. } = scenario.endpoints[1].kind else {
        panic!("{:?}", scenario.endpoints[1])
    };
    assert_eq!((thresholds.as_slice(), falling, at), (&[2.0, 1.5, 1.0, 0.5][..], true, GradeTimes::Visits));
    let Column::Output(_) = Column::Output(0) else { panic!() };
}

#[test]
fn without_records_there_is_a_daily_course_of_what_is_measured_or_read() {
    let scenario = good(SCENARIO);
    assert_eq!(scenario.records.len(), 1);
    assert_eq!((scenario.records[0].name.as_str(), scenario.records[0].times.len()), ("course", 169));
    assert_eq!(Some(scenario.records[0].outputs[0]), scenario.model.output("ANC"));
}

#[test]
fn covariates_of_the_population_alone_join_those_of_the_model() {
    let scenario = good(SCENARIO);
    let names: Vec<&str> =
        scenario.model.covariates.iter().map(|covariate| covariate.name.as_str()).collect();
    assert_eq!(names[..2], ["WT", "CRCL"]);
    assert_eq!(names.len(), 5);
    let order: Vec<&str> =
        scenario.population.covariates.iter().map(|covariate| covariate.name.as_str()).collect();
    let place = |name: &str| order.iter().position(|known| *known == name);
    assert!(place("WT") > place("HT") && place("HT") > place("MALE"), "{order:?}");
    assert_eq!(scenario.population.entry.len(), 2);
    for covariate in &scenario.population.covariates {
        let index = covariate.model_index.unwrap_or(usize::MAX);
        assert_eq!(names.get(index), Some(&covariate.name.as_str()));
    }
}

#[test]
fn the_command_line_wins() {
    let set = [
        ("horizon", "2 cycles"),
        ("parameters.kout", "12 1/y"),
        ("controls.hydration", "1.2"),
        ("population.set.CRCL", "90 mL/min"),
        ("arm.high.treatment.0.dose", "15 mg"),
        ("population.variability", "false"),
    ];
    let settings = Settings {
        patients: Some(3),
        seed: Some(11),
        method: Some("dop853-reference".to_owned()),
        relative_tolerance: Some(1e-9),
        set: set.iter().map(|(path, value)| ((*path).to_owned(), (*value).to_owned())).collect(),
        ..Settings::default()
    };
    let (scenario, _, rendered) = load_with(SCENARIO, &settings, Vec::new());
    let scenario = scenario.unwrap_or_else(|| panic!("{rendered}"));
    assert_eq!((scenario.patients, scenario.seed, scenario.horizon), (3, 11, 56.0));
    assert_eq!(scenario.numerics.method, Method::Dop853Reference);
    assert_eq!(scenario.numerics.relative_tolerance, 1e-9);
    assert_eq!(scenario.arms[1].treatments[0].levels, [15.0]);
    assert!(!scenario.variability);
    let kout = scenario.model.parameters.iter().find(|parameter| parameter.name == "kout");
    assert_eq!(kout.map(|kout| kout.value), Some(12.0 / 365.25));
    assert_eq!(scenario.model.controls[0].value, 1.2);
    assert_eq!(
        scenario.overrides,
        [("kout".to_owned(), "12 1/y".to_owned()), ("hydration".to_owned(), "1.2".to_owned())]
    );
    let crcl = scenario.population.covariates.iter().find(|covariate| covariate.name == "CRCL");
    assert_eq!(crcl.map(|crcl| crcl.source.as_str()), Some("set in the scenario"));
}

#[test]
fn an_override_replaces_the_value_of_the_file() {
    let text = SCENARIO.to_owned() + "[parameters]\nkout = 0.25\n";
    assert_eq!(good(&text).overrides, [("kout".to_owned(), "0.25 1/d".to_owned())]);
    let set = vec![("parameters.kout".to_owned(), "0.75".to_owned())];
    let (scenario, _, rendered) = load_with(&text, &Settings { set, ..Settings::default() }, Vec::new());
    let overrides = scenario.unwrap_or_else(|| panic!("{rendered}")).overrides;
    assert_eq!(overrides, [("kout".to_owned(), "0.75 1/d".to_owned())]);
}

#[test]
fn groups_read_constants_of_the_patient() {
    let scenario = good(&with("when = \"CRCL < 60 mL/min\"", "when = \"N0 < 2.0e9/L and MALE == 1\""));
    let mut read = Vec::new();
    scenario.groups[0].condition.symbols(&mut |symbol| read.push(symbol));
    assert!(matches!(read.as_slice(), [Symbol::Equation(_), Symbol::Covariate(_)]), "{read:?}");
    assert!(!matches!(scenario.groups[0].condition, Formula::Constant(_)));
}
