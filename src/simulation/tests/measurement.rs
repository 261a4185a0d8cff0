//! What the laboratory reports: the variance of a combined error, and what becomes of values below the limit of
//! quantification.

use super::fixture::{MODEL, altered, below, hold, model, not, output, reads, rule, run, with_model};
use crate::math::distribution::normal_two_sided_tail;
use crate::program::{Individual, Program};
use crate::simulation::Done;
use crate::simulation::measurement::{Sampling, measure, quantify};

const MANY: u32 = 20_000;

/// Measured concentrations at many visits, of a true one of 30 ng/mL, in ng/mL.
fn measured(error: &str) -> Vec<f64> {
    let text = MODEL.replace("error = { proportional = \"10 %\" }", &format!("error = {{ {error} }}"));
    let model = model(&text);
    let program = Program::compile(&model);
    let individual = Individual::new(&program, &[], &[]);
    let unit = &model.outputs[0].unit;
    let truth = vec![unit.read(30.0); model.outputs.len()];
    let mut values = truth.clone();
    let at = |visit: u32| Sampling { seed: 3, patient: 5, time: f64::from(visit), again: 0 };
    (0..MANY)
        .map(|visit| {
            measure(at(visit), &model.outputs, &individual, &truth, &mut values);
            quantify(&model.outputs, &mut values);
            unit.show(values[0])
        })
        .collect()
}

/// 10 % of 30 and 2 ng/mL: variance 3² + 2².
#[test]
fn variances_of_a_combined_error_add() {
    let values = measured("proportional = \"10 %\", additive = \"2 ng/mL\"");
    let n = f64::from(MANY);
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    assert!((mean - 30.0).abs() < 4.5 * (13.0 / n).sqrt(), "{mean}");
    assert!((variance / 13.0 - 1.0).abs() < 4.5 * (2.0 / n).sqrt(), "{variance}");
}

/// Of Normal(30, 2²) the part below 27 ng/mL is Φ(−1.5); it is reported as 13.5.
#[test]
fn what_is_below_the_limit_is_reported_as_half_of_it() {
    let free = measured("additive = \"2 ng/mL\"");
    let limited = measured("additive = \"2 ng/mL\", limit_of_quantification = \"27 ng/mL\"");
    for (free, limited) in free.iter().zip(&limited) {
        if *free < 27.0 {
            assert!((limited - 13.5).abs() < 1e-12, "{free} {limited}");
        } else {
            assert_eq!(free, limited);
        }
    }
    let (n, p) = (f64::from(MANY), 0.5 * normal_two_sided_tail(1.5));
    let share = limited.iter().filter(|value| **value < 27.0).count() as f64 / n;
    assert!((share - p).abs() < 4.5 * (p * (1.0 - p) / n).sqrt(), "{share} {p}");
}

/// A rule with its threshold at the limit acts on a value that is only known to be below it.
#[test]
fn a_rule_reads_what_is_reported() {
    let model = altered(
        "ANC = { unit = \"1e9/L\", value = \"N\", error = { exponential = 0.25 } }",
        "ANC = { unit = \"1e9/L\", value = \"N\", error = { limit_of_quantification = \"3.9 1e9/L\" } }",
    );
    let mut scenario = with_model(model);
    let limit = scenario.model.outputs[1].limit_of_quantification().unwrap_or(f64::NAN);
    let low = below(reads(&scenario, "ANC"), limit);
    scenario.rules = vec![rule(low.clone(), hold(not(low), 0, 0.0))];
    scenario.arms[0].rules = vec![0];
    let (anc, trajectory) = (output(&scenario, "ANC"), run(&scenario));
    let first = trajectory.visits.iter().find(|visit| visit.truth[anc] < limit).expect("the count falls");
    assert_eq!(first.measured[anc], 0.5 * limit);
    assert!(scenario.model.outputs[anc].is_below_quantification(first.measured[anc]));
    let hold = trajectory.decisions.iter().find(|decision| decision.action == Done::Hold).expect("a hold");
    assert_eq!((hold.time, hold.value), (first.time, 0.5 * limit));
    let above = trajectory.visits.iter().filter(|visit| visit.truth[anc] >= limit);
    for visit in above {
        assert_eq!(visit.measured[anc], visit.truth[anc]);
    }
}
