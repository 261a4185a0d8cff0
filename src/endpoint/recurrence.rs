//! Whether a finding came back after it had gone: tumour flare after off-weeks, for one.

use super::reading;
use super::value::Value;
use crate::scenario::Scenario;
use crate::simulation::Trajectory;

/// Whether a second episode began on treatment. An episode begins when the true value reaches `from`, and is over once it
/// is below `below`.
pub fn came_back(
    scenario: &Scenario,
    trajectory: &Trajectory,
    (record, output): (usize, usize),
    (from, below): (f64, f64),
) -> Value {
    let Some((first, last)) = reading::on_treatment(trajectory) else {
        return Value::Missing("never treated");
    };
    let Some(series) = reading::series(scenario, trajectory, record, output) else {
        return Value::Missing("the record does not hold this output");
    };
    let mut episodes = 0;
    let mut within = false;
    for (_, value) in series.points().filter(|(time, _)| *time > first && *time <= last) {
        if !within && value >= from {
            episodes += 1;
            within = true;
        } else if value < below {
            within = false;
        }
    }
    Value::Truth(episodes > 1)
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::simulation::Why;

    #[test]
    fn a_flare_comes_back_only_after_it_has_gone() {
        let scenario = fixture::scenario_with_record(1, 8);
        let ask = |trajectory: &Trajectory| came_back(&scenario, trajectory, (0, 0), (1.0, 0.7));
        let dips = fixture::recorded(&[0.0, 0.4, 1.2, 0.8, 1.5, 0.7, 1.1, 0.0]);
        assert_eq!(ask(&dips), Value::Truth(false), "never below 0.7 between");
        let mut returns = fixture::recorded(&[0.0, 0.4, 1.2, 0.8, 1.5, 0.69, 1.0, 0.0]);
        assert_eq!(ask(&returns), Value::Truth(true));
        returns.treatment.discontinued = Some((5.0, Why::Rule(0)));
        assert_eq!(ask(&returns), Value::Truth(false), "after treatment nothing counts");
        returns.treatment.first_dose = None;
        assert_eq!(ask(&returns), Value::Missing("never treated"));
    }
}
