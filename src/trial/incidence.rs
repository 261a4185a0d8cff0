//! Cumulative incidences: how many patients had the event first by a time, others having had something else first.

use super::estimate::{LEVEL, implied_error, landmarks, proportion_error, scaled};
use super::outcome::{Estimate, Measure};
use crate::endpoint::Value;
use crate::math::statistics::{Interval, normal_deviate, wilson};
use crate::math::survival::{CumulativeIncidence, Ended, competing_incidence};
use crate::scenario::{EndpointKind, Scenario};

/// The curves of the event and of those that compete with it; `None` for endpoints of another kind and where no patient has a
/// value.
pub fn curve(scenario: &Scenario, index: usize, values: &[Value]) -> Option<CumulativeIncidence> {
    let EndpointKind::CumulativeIncidence { competing, .. } = &scenario.endpoints[index].kind else {
        return None;
    };
    let ended = ended(values);
    (!ended.is_empty()).then(|| competing_incidence(&ended, competing.len() + 1))
}

fn ended(values: &[Value]) -> Vec<Ended> {
    let first = |value: &Value| match value {
        Value::First { time, cause } => Some((*time, cause.map(usize::from))),
        _ => None,
    };
    values.iter().filter_map(first).collect()
}

/// The incidence of the event at each landmark, and at the last of them that of each competing event.
pub fn estimates(scenario: &Scenario, index: usize, values: &[Value]) -> Vec<Estimate> {
    let endpoint = &scenario.endpoints[index];
    let EndpointKind::CumulativeIncidence { competing, .. } = &endpoint.kind else { return Vec::new() };
    let ended = ended(values);
    let curve = curve(scenario, index, values);
    let estimate = |name: String, cause: usize, time: f64| {
        let (interval, error) = curve.as_ref().map(|curve| at(curve, &ended, cause, time)).unzip();
        Estimate {
            endpoint: index,
            label: format!("{}: {name}", endpoint.name),
            measure: Measure::IncidenceAt,
            n: ended.len(),
            missing: values.len() - ended.len(),
            interval: interval.map(|interval| scaled(interval, 100.0)),
            monte_carlo_error: error.flatten().map(|error| 100.0 * error),
            unit: "%".to_owned(),
        }
    };
    let landmarks = landmarks(scenario);
    let mut estimates: Vec<Estimate> =
        landmarks.iter().map(|(time, text)| estimate(format!("by {text}"), 0, *time)).collect();
    if let Some((time, text)) = landmarks.last() {
        let others = competing.iter().enumerate();
        estimates.extend(others.map(|(place, happening)| {
            let name = scenario.happening(happening);
            estimate(format!("{name} first, by {text}"), place + 1, *time)
        }));
    }
    estimates
}

/// Incidence of a cause at a time with limits symmetric on the scale log(−log F), F^exp(±z·se/(F log F)) (Marubini and
/// Valsecchi 1995, section 10.3), and its standard error. Where nobody had the event, or everybody, the error is 0 only
/// because all agree: then it is Wilson's interval of those known by that time.
fn at(curve: &CumulativeIncidence, ended: &[Ended], cause: usize, time: f64) -> (Interval, Option<f64>) {
    let step = curve.step_at(time);
    let (incidence, error) =
        step.map_or((0.0, 0.0), |step| (curve.incidence[step][cause], curve.standard_error[step][cause]));
    if error > 0.0 && incidence > 0.0 && incidence < 1.0 {
        let z = normal_deviate(LEVEL);
        let width = z * error / (incidence * incidence.ln());
        let (one, other) = (incidence.powf(width.exp()), incidence.powf((-width).exp()));
        return (Interval { estimate: incidence, lower: one.min(other), upper: one.max(other) }, Some(error));
    }
    // Times are sums of days, hence the hair.
    let known = ended.iter().filter(|(end, cause)| *end >= time - 1e-6 || cause.is_some()).count();
    if incidence < 0.5 {
        let limits = wilson(0, known, LEVEL);
        (
            limits.unwrap_or(Interval { estimate: 0.0, lower: 0.0, upper: 1.0 }),
            limits.as_ref().and_then(implied_error),
        )
    } else {
        let limits = wilson(ended.len(), ended.len(), LEVEL);
        let plain = Interval { estimate: incidence, lower: 0.0, upper: 1.0 };
        (limits.unwrap_or(plain), proportion_error(ended.len(), ended.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(list: &[(f64, Option<usize>)]) -> (CumulativeIncidence, Vec<Ended>) {
        (competing_incidence(list, 2), list.to_vec())
    }

    /// Ten patients, none censored: 3 events and 2 competing ones by day 50, so F = 0.3 with error √(0.3·0.7/10).
    #[test]
    fn limits_are_those_of_the_formula() {
        let mut list =
            vec![(10.0, Some(0)), (20.0, Some(0)), (30.0, Some(0)), (15.0, Some(1)), (40.0, Some(1))];
        list.extend([(100.0, None); 5]);
        let (curve, ended) = ended(&list);
        let (interval, error) = at(&curve, &ended, 0, 50.0);
        let expected = (0.3_f64 * 0.7 / 10.0).sqrt();
        assert!((error.unwrap() - expected).abs() < 1e-12);
        // With F = 0.3: z·se/(F ln F) = 1.959964·0.1449138/(0.3·(−1.2039728)) = −0.786354; 0.3^e^0.786354 = 0.071139,
        // 0.3^e^−0.786354 = 0.577877.
        assert!((interval.estimate - 0.3).abs() < 1e-12);
        let (lower, upper) =
            ((-1.203_972_8 * 0.786_354_f64.exp()).exp(), (-1.203_972_8 * (-0.786_354_f64).exp()).exp());
        assert!((interval.lower - lower).abs() < 1e-5, "{interval:?}");
        assert!((interval.upper - upper).abs() < 1e-5, "{interval:?}");
    }

    #[test]
    fn where_nobody_or_everybody_had_the_event_the_interval_is_wilsons() {
        let (curve, known) = ended(&[(10.0, Some(1)), (20.0, None), (100.0, None), (100.0, None)]);
        let (interval, error) = at(&curve, &known, 0, 50.0);
        assert_eq!(
            interval,
            wilson(0, 3, LEVEL).unwrap(),
            "the one censored at day 20 is not known at day 50"
        );
        assert!(error.unwrap() > 0.0);
        let (curve, all) = ended(&[(10.0, Some(0)), (20.0, Some(0))]);
        assert_eq!(at(&curve, &all, 0, 50.0).0, wilson(2, 2, LEVEL).unwrap());
    }
}
