//! The project's outcomes file against the table it was made from; predictions of a small model by hand, and on any number of
//! threads.

use std::collections::BTreeMap;

use super::{Observed, Outcomes, Predictor, between_trial_sds, read};
use crate::diagnostic::{Sources, render};
use crate::model::Kind;
use crate::model::fixture::Texts;
use crate::trial::Progress;

const OUTCOMES: &str = include_str!("../../outcomes/lenalidomide-cll.toml");

/// x of n of the 53 outcomes of the first calibration, in the order of its table.
const CALIBRATION: [(f64, usize); 53] = [
    (14.0, 44),
    (3.0, 44),
    (18.0, 44),
    (7.0, 44),
    (1.3, 44),
    (0.0, 44),
    (15.0, 34),
    (5.0, 34),
    (25.0, 34),
    (11.0, 34),
    (13.0, 35),
    (2.0, 35),
    (30.0, 34),
    (19.0, 34),
    (14.0, 35),
    (1.0, 35),
    (24.0, 35),
    (19.0, 35),
    (15.0, 103),
    (3.0, 103),
    (70.0, 104),
    (36.0, 104),
    (25.0, 104),
    (19.0, 29),
    (9.0, 29),
    (3.0, 29),
    (2.0, 29),
    (11.0, 16),
    (1.0, 16),
    (0.0, 16),
    (21.0, 45),
    (4.0, 45),
    (31.5, 45),
    (20.3, 45),
    (36.5, 45),
    (14.0, 25),
    (0.0, 25),
    (18.0, 25),
    (5.0, 25),
    (19.0, 25),
    (7.0, 25),
    (22.0, 25),
    (0.0, 25),
    (15.0, 100),
    (22.0, 25),
    (16.0, 25),
    (39.0, 60),
    (6.0, 60),
    (25.0, 60),
    (34.0, 100),
    (36.0, 60),
    (19.0, 35),
    (11.0, 60),
];

fn outcomes(text: &str) -> (Outcomes, Sources) {
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let found = read("outcomes/test.toml", text, &mut sources, &mut diagnostics);
    let told = render(&diagnostics, &sources, false);
    (found.unwrap_or_else(|| panic!("{told}")), sources)
}

#[test]
fn the_calibration_outcomes_are_those_of_the_first_calibration() {
    let (outcomes, _) = outcomes(OUTCOMES);
    let counts: Vec<(f64, usize)> = outcomes
        .calibration()
        .into_iter()
        .filter_map(|place| match outcomes.at(place).observed {
            Some(Observed::Count { events, of }) => Some((events, of)),
            _ => None,
        })
        .collect();
    assert_eq!(counts, CALIBRATION);
}

#[test]
fn no_outcome_of_a_trial_to_follow_is_given() {
    let (outcomes, _) = outcomes(OUTCOMES);
    let to_follow = outcomes.trials.iter().filter(|trial| trial.to_follow);
    assert!(to_follow.clone().count() >= 20);
    assert!(to_follow.flat_map(|trial| &trial.outcomes).all(|outcome| outcome.observed.is_none()));
}

/// Where no spread was published, the file holds what [`between_trial_sds`] finds in its own marked outcomes.
#[test]
fn between_trial_spreads_of_the_file_are_those_that_its_outcomes_tell() {
    let (outcomes, _) = outcomes(OUTCOMES);
    for (index, kind) in outcomes.kinds.iter().enumerate() {
        // Arms of one trial are one trial here.
        let mut groups: BTreeMap<&str, Vec<(f64, usize)>> = BTreeMap::new();
        for trial in &outcomes.trials {
            let mut own: BTreeMap<&str, (f64, usize)> = BTreeMap::new();
            for outcome in trial.outcomes.iter().filter(|it| it.kind == index && it.version_of.is_none()) {
                if let (Some(group), Some(Observed::Count { events, of })) =
                    (&outcome.spread, outcome.observed)
                {
                    let sum = own.entry(group).or_default();
                    *sum = (sum.0 + events, sum.1 + of);
                }
            }
            own.into_iter().for_each(|(group, sum)| groups.entry(group).or_default().push(sum));
        }
        let groups: Vec<_> = groups.into_values().collect();
        let found = between_trial_sds(&groups);
        if kind.source.starts_with("Posterior") {
            assert_eq!(kind.between_trial_sds.len(), found.len(), "{}", kind.name);
            for (held, found) in kind.between_trial_sds.iter().zip(&found) {
                assert!((found - held).abs() < 0.006, "{}: {found} for {held}", kind.name);
            }
        }
    }
}

const MODEL: &str = r#"
title = "A drug"
time = "h"
[parameters]
cl = { value = 5, unit = "L/h" }
v = { value = 40, unit = "L" }
[individual]
V = { typical = "v", distribution = "log-normal", cv = "50 %" }
[states]
central = { unit = "mg", rate = "-cl / V * central" }
[doses]
drug = { into = "central" }
[outputs]
Cp = { unit = "ng/mL", value = "central / V" }
"#;

const SCENARIO: &str = r#"
title = "One dose"
model = "m"
horizon = "2 d"
[population]
patients = 3
[[arm]]
name = "low"
treatment = [{ drug = "drug", dose = "10 mg", days = "1" , cycle = "28 d" }]
[[arm]]
name = "high"
treatment = [{ drug = "drug", dose = "20 mg", days = "1", cycle = "28 d" }]
[[record]]
name = "course"
every = "1 h"
outputs = ["Cp"]
[[endpoint]]
name = "trough"
kind = "worst grade"
of = "Cp"
falling = false
thresholds = ["2 ng/mL", "20 ng/mL"]
at = "record course"
[[endpoint]]
name = "reached 15 mg"
kind = "reached dose"
drug = "drug"
dose = "15 mg"
"#;

const ASKED: &str = r#"
title = "Small"
[[kind]]
name = "level"
between_trial_sd = 0.5
source = "here"
[[trial]]
name = "First"
[[trial.arm]]
name = "low"
scenario = "s"
arm = "low"
patients = 30
[[trial.arm]]
name = "high"
scenario = "s"
arm = "high"
patients = 10
[[trial.outcome]]
name = "reached"
kind = "level"
endpoint = "reached 15 mg"
x = 10
n = 40
[[trial.outcome]]
name = "grade 2"
kind = "level"
arms = ["high"]
endpoint = "trough"
measure = "grade 2"
x = 5
n = 10
[[trial.outcome]]
name = "grade 2 at once"
kind = "level"
arms = ["high"]
endpoint = "trough"
measure = "grade 2"
until = "1 h"
x = 5
n = 10
"#;

struct Silent;

impl Progress for Silent {
    fn finished(&self) {}
    fn cancelled(&self) -> bool {
        false
    }
}

fn predicted(threads: usize, settings: &[(&str, &str)], patients: usize) -> Vec<super::Prediction> {
    let found = simulated((MODEL, SCENARIO, ASKED), threads, settings, patients);
    assert_eq!(found.failed, []);
    found.outcomes
}

fn simulated(
    (model, scenario, asked): (&str, &str, &str),
    threads: usize,
    settings: &[(&str, &str)],
    patients: usize,
) -> super::Predictions {
    let (outcomes, sources) = outcomes(asked);
    let files = Texts(vec![(Kind::Scenario, "s", scenario.to_owned()), (Kind::Model, "m", model.to_owned())]);
    let places = outcomes.all();
    let predictor = Predictor::new(&outcomes, &places, &sources, &files, threads);
    let predictor = predictor.unwrap_or_else(|error| panic!("{error:?}"));
    let settings: Vec<(String, String)> =
        settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let found = predictor.predict(&settings, patients, Some(5), &Silent);
    found.unwrap_or_else(|error| match error {
        super::PredictionError::Scenario(diagnostics, sources) => {
            panic!("{}", render(&diagnostics, &sources, false))
        }
        other => panic!("{other:?}"),
    })
}

/// Everyone in the high arm reaches 15 mg and nobody in the low one: 10 of 40.
#[test]
fn arms_are_pooled_by_their_size() {
    let found = predicted(1, &[], 40);
    assert_eq!(found[0].proportion(), Some(0.25));
    assert_eq!(found[0].monte_carlo_error(), Some(0.0));
    // At every recorded hour after the first dose the level is highest at the first one, 500 ng/mL: everybody has grade 2.
    assert_eq!(found[1].proportion(), Some(1.0));
    assert_eq!(found[1].patients(), 40);
}

#[test]
fn settings_act_on_every_scenario() {
    // With a volume of 20,000 L nobody comes to 20 ng/mL.
    let found = predicted(1, &[("parameters.v", "20000")], 10);
    assert_eq!(found[1].proportion(), Some(0.0));
    assert_eq!(found[0].proportion(), Some(0.25));
}

#[test]
fn predictions_are_the_same_bits_for_any_number_of_threads() {
    let settings = [("parameters.v", "1000")];
    let one = predicted(1, &settings, 60);
    let share = one[1].proportion().unwrap_or(0.0);
    assert!(share > 0.0 && share < 1.0, "{share}");
    for threads in [2, 7] {
        assert_eq!(predicted(threads, &settings, 60), one);
    }
}

/// Death at 0.02 a day and infection at 0.01 a day, from the start.
const HAZARDS: &str = r#"
title = "Two hazards"
time = "d"
[parameters]
death = { value = 0.02, unit = "1/d" }
infection = { value = 0.01, unit = "1/d" }
[states]
central = { unit = "mg", rate = "-0.1 1/d * central" }
H_death = { unit = "1", rate = "death" }
H_infection = { unit = "1", rate = "infection" }
[doses]
drug = { into = "central" }
[outputs]
C = { unit = "mg", value = "central" }
[hazards]
death = { cumulative = "H_death", terminal = true }
infection = { cumulative = "H_infection" }
"#;

const FOLLOWED: &str = r#"
title = "Followed"
model = "m"
horizon = "120 d"
[population]
patients = 3
[[arm]]
name = "only"
treatment = [{ drug = "drug", dose = "10 mg", days = "1", cycle = "28 d" }]
[[endpoint]]
name = "time to infection"
kind = "time to hazard"
hazard = "infection"
[[endpoint]]
name = "infection first"
kind = "cumulative incidence"
event = "infection"
competing = ["death"]
"#;

const INFECTED: &str = r#"
title = "Infections"
[[kind]]
name = "infection"
between_trial_sd = 0
source = "here"
[[trial]]
name = "First"
[[trial.arm]]
scenario = "s"
patients = 30
[[trial.outcome]]
name = "infected"
kind = "infection"
endpoint = "time to infection"
measure = "event"
at = "100 d"
x = 10
n = 30
[[trial.outcome]]
name = "free of infection"
kind = "infection"
endpoint = "time to infection"
measure = "event-free"
at = "100 d"
x = 20
n = 30
[[trial.outcome]]
name = "infected first"
kind = "infection"
endpoint = "infection first"
measure = "event"
at = "100 d"
x = 10
n = 30
[[trial.outcome]]
name = "infected by the end"
kind = "infection"
endpoint = "time to infection"
measure = "event"
x = 10
n = 30
"#;

/// Of all patients b/(a + b) (1 − exp(−(a + b) t)) have an infection before they die (a: death, b: infection), not the share of
/// those who are alive or had one: 0.32, not 0.86.
#[test]
fn the_dead_stay_in_the_denominator_of_what_they_did_not_have() {
    let patients = 1500;
    let found = simulated((HAZARDS, FOLLOWED, INFECTED), 2, &[], patients).outcomes;
    let exact = |days: f64| (1.0 - (-0.03 * days).exp()) / 3.0;
    let shares: Vec<f64> = found.iter().filter_map(super::Prediction::proportion).collect();
    assert!(found.iter().all(|prediction| prediction.patients() == patients));
    // Four standard errors of 1,500 patients.
    assert!((shares[0] - exact(100.0)).abs() < 0.048, "{shares:?}");
    assert!((shares[0] + shares[1] - 1.0).abs() < 1e-12 && shares[0] == shares[2], "{shares:?}");
    assert!((shares[3] - exact(120.0)).abs() < 0.048 && shares[3] >= shares[0], "{shares:?}");
}

/// A volume of 40 ± 30 L is below 0 in 9 % of patients, whose course fails in both arms.
#[test]
fn patients_whose_course_fails_are_counted_by_arm() {
    let model = MODEL.replace(r#""log-normal", cv = "50 %""#, r#""normal", sd = "30 L""#);
    let found = simulated((&model, SCENARIO, ASKED), 2, &[], 200);
    assert_eq!(found.failed.iter().map(|it| it.arm.as_str()).collect::<Vec<_>>(), ["low", "high"]);
    let one = &found.failed[0];
    assert!(
        (6..=30).contains(&one.failed) && one.of == 200 && one.failed == found.failed[1].failed,
        "{one:?}"
    );
    assert!(one.first.contains("on day 1.00") && one.first.contains("`V` is -"), "{one:?}");
    assert_eq!(found.outcomes[0].failed(), 2 * one.failed);
    assert_eq!(found.outcomes[0].patients(), 2 * (200 - one.failed));
}
