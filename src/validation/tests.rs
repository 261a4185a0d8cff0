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
    let (outcomes, sources) = outcomes(ASKED);
    let files = Texts(vec![(Kind::Scenario, "s", SCENARIO.to_owned()), (Kind::Model, "m", MODEL.to_owned())]);
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
