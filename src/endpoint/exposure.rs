//! Exposure by non-compartmental analysis of a recorded profile (true values): areas by linear trapezoids while the
//! concentration rises or stays and by logarithmic ones while it falls, λz by the best fit behind the peak, both as
//! [`crate::math::noncompartmental`] has them. A record knows nothing of doses, so there is no clearance here; but where
//! something enters the body at its first time, the profile begins behind that: the state before an intravenous bolus
//! belongs to the time before, and half of the first interval would be lost with it.

use super::reading;
use super::value::Value;
use crate::math::noncompartmental::{Curve, Point, Trapezoid, best_fit, peak};
use crate::scenario::Scenario;
use crate::simulation::Trajectory;

/// Applies a metric to the profile of `output` in `record`, which must have been reached to its last time.
pub fn complete(
    scenario: &Scenario,
    trajectory: &Trajectory,
    record: usize,
    output: usize,
    metric: fn(&[Point]) -> Value,
) -> Value {
    let Some(series) = reading::series(scenario, trajectory, record, output) else {
        return Value::Missing("the record does not hold this output");
    };
    if !series.complete {
        return Value::Missing("follow-up ended before the end of the record");
    }
    let mut points: Vec<Point> = series.points().collect();
    if points.is_empty() {
        return Value::Missing("the record has no times");
    }
    // A single time is no profile but a trough.
    if let ([first, _, ..], Some(value)) = (points.as_mut_slice(), series.after_doses) {
        first.1 = value;
    }
    metric(&points)
}

/// Largest value.
pub fn largest(points: &[Point]) -> Value {
    Value::Quantity(points[peak(points)].1)
}

/// Time of the (first) largest value after the record's first time, d. An untreated patient has none.
pub fn time_of_largest(points: &[Point]) -> Value {
    if points.iter().all(|point| point.1 <= 0.0) {
        return Value::Missing("no concentration above zero");
    }
    Value::Quantity(points[peak(points)].0 - points[0].0)
}

/// Value at the last time.
pub fn last(points: &[Point]) -> Value {
    Value::Quantity(points[points.len() - 1].1)
}

/// Area over the record.
pub fn area(points: &[Point]) -> Value {
    Value::Quantity(trapezoids(points))
}

/// Area to the last positive value, and from there to infinity with λz.
pub fn area_to_infinity(points: &[Point]) -> Value {
    let Some(end) = points.iter().rposition(|point| point.1 > 0.0) else {
        return Value::Missing("no positive concentration");
    };
    match terminal_slope(points) {
        Some(slope) => Value::Quantity(trapezoids(&points[..=end]) + points[end].1 / slope),
        None => Value::Missing("no terminal phase"),
    }
}

/// ln 2/λz, d.
pub fn half_life(points: &[Point]) -> Value {
    match terminal_slope(points) {
        Some(slope) => Value::Quantity(std::f64::consts::LN_2 / slope),
        None => Value::Missing("no terminal phase"),
    }
}

/// Linear up, logarithmic down.
fn trapezoids(points: &[Point]) -> f64 {
    Curve::new(points, Trapezoid::LinearUpLogDown).area_to(f64::INFINITY)
}

/// λz, 1/d. `None` if fewer than three points lie behind the peak or none of the regressions falls.
fn terminal_slope(points: &[Point]) -> Option<f64> {
    // The peak itself takes part only where the profile starts with it (an intravenous bolus).
    let peak = peak(points);
    let first = if peak == 0 { 0 } else { peak + 1 };
    let tail: Vec<Point> = points[first..].iter().copied().filter(|point| point.1 > 0.0).collect();
    best_fit(&tail).ok().map(|terminal| terminal.rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Expected values: closed forms, and tables computed in 40-digit arithmetic whose code agrees with Phoenix
    // WinNonlin output to 1e-8; both are exact to rounding here.
    const RELATIVE: f64 = 1e-10;

    fn quantity(value: Value) -> f64 {
        match value {
            Value::Quantity(value) => value,
            other => panic!("expected a quantity, got {other:?}"),
        }
    }

    fn close(got: f64, expected: f64) {
        assert!((got - expected).abs() <= RELATIVE * expected.abs(), "got {got}, expected {expected}");
    }

    #[test]
    fn infusion_profile_agrees_with_phoenix_conventions() {
        let points = [
            (0.0, 0.0),
            (0.1, 9.85),
            (0.25, 8.02),
            (0.5, 5.91),
            (1.0, 3.62),
            (1.5, 2.44),
            (2.0, 1.83),
            (3.0, 1.21),
            (4.0, 0.884),
            (6.0, 0.492),
            (8.0, 0.281),
        ];
        close(quantity(largest(&points)), 9.85);
        close(quantity(time_of_largest(&points)), 0.1);
        close(quantity(last(&points)), 0.281);
        close(quantity(area(&points)), 13.076181483954015);
        close(quantity(half_life(&points)), 2.4191457398908063);
        close(quantity(area_to_infinity(&points)), 14.05689665091202);
    }

    #[test]
    fn oral_profile_prefers_more_points_among_equally_good_slopes() {
        // Subject 1 turns on the 1e-4 rule: six points win over fits with a larger adjusted r².
        let points = [
            (0.0, 0.0),
            (0.25, 0.41),
            (0.5, 1.36),
            (1.0, 2.88),
            (2.0, 3.97),
            (3.0, 3.61),
            (4.0, 3.05),
            (6.0, 2.07),
            (8.0, 1.39),
            (12.0, 0.617),
            (16.0, 0.276),
            (24.0, 0.0548),
        ];
        close(terminal_slope(&points).unwrap(), 0.2013411935836446);
    }

    #[test]
    fn a_bolus_profile_uses_its_first_point() {
        // C = 10 exp(-0.5 t): the logarithmic rule is exact, and the line passes through all points.
        let points: Vec<Point> = (0..4).map(|i| (f64::from(i), 10.0 * (-0.5 * f64::from(i)).exp())).collect();
        close(quantity(area(&points)), 10.0 / 0.5 * (1.0 - (-1.5_f64).exp()));
        close(quantity(area_to_infinity(&points)), 20.0);
        close(quantity(half_life(&points[..3])), std::f64::consts::LN_2 / 0.5);
    }

    #[test]
    fn a_rising_or_empty_tail_has_no_half_life() {
        let rising = [(0.0, 1.0), (1.0, 2.0), (2.0, 3.0), (3.0, 4.0)];
        assert_eq!(half_life(&rising), Value::Missing("no terminal phase"));
        let nothing = [(0.0, 0.0), (1.0, 0.0), (2.0, 0.0)];
        assert_eq!(area_to_infinity(&nothing), Value::Missing("no positive concentration"));
        close(quantity(area(&rising)), 7.5);
    }

    #[test]
    fn an_untreated_patient_has_no_time_of_the_peak() {
        let nothing = [(0.0, 0.0), (1.0, 0.0), (2.0, 0.0)];
        assert_eq!(time_of_largest(&nothing), Value::Missing("no concentration above zero"));
        assert_eq!((largest(&nothing), area(&nothing)), (Value::Quantity(0.0), Value::Quantity(0.0)));
    }

    #[test]
    fn a_flat_stretch_is_linear() {
        close(quantity(area(&[(0.0, 2.0), (3.0, 2.0), (4.0, 2.0 - 1e-9)])), 8.0 - 0.5e-9);
    }

    #[test]
    fn endpoints_and_non_compartmental_analysis_agree_with_the_closed_form() {
        use crate::math::noncompartmental as nca;
        // One compartment with absorption, sampled every 0.01 d: the trapezoids of the rise err by width² C''/12.
        let (k, ka) = (0.5_f64, 4.0_f64);
        let level = |t: f64| ka / (ka - k) * ((-k * t).exp() - (-ka * t).exp());
        let points: Vec<Point> = (0..=2400).map(|i| f64::from(i) * 0.01).map(|t| (t, level(t))).collect();
        let samples: Vec<nca::Sample> = points
            .iter()
            .map(|&(time, value)| nca::Sample { time, measured: nca::Measured::Value(value) })
            .collect();
        let settings = nca::Settings {
            administration: nca::Administration::Extravascular,
            dose: None,
            occasion: nca::Occasion::First,
            tau: None,
            trapezoid: Trapezoid::LinearUpLogDown,
            terminal: nca::TerminalPoints::BestFit,
            spans: Vec::new(),
        };
        let analysed =
            nca::analyse(&nca::Profile::new(&samples, nca::BelowLimit::ZeroOutside).unwrap(), &settings);
        let top = (ka / k).ln() / (ka - k);
        for (endpoint, name, closed, discretisation) in [
            (largest(&points), "CMAX", level(top), 1e-4),
            (time_of_largest(&points), "TMAX", top, 0.01 / top),
            (area(&points), "AUCLAST", 1.0 / k - level(24.0) / k, 1e-4),
            (area_to_infinity(&points), "AUCINF_OBS", 1.0 / k, 1e-4),
            (half_life(&points), "HL_LAMBDA_Z", std::f64::consts::LN_2 / k, 1e-2),
        ] {
            let (endpoint, parameter) = (quantity(endpoint), analysed.get(name).unwrap().unwrap());
            close(endpoint, parameter);
            let allowed = discretisation * closed;
            assert!((endpoint - closed).abs() <= allowed, "{name}: {endpoint}, closed form {closed}");
        }
    }
}
