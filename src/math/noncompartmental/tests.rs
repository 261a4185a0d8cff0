//! Against closed forms of compartmental models, sums by hand, and a table computed in 40-digit arithmetic. The cases
//! of `tests/cases/nca` check the same code further.

use super::*;

const ROUNDING: f64 = 1e-12;

fn close(got: f64, expected: f64, relative: f64) {
    assert!((got - expected).abs() <= relative * expected.abs(), "got {got}, expected {expected}");
}

fn settings(administration: Administration, dose: f64) -> Settings {
    Settings {
        administration,
        dose: Some(dose),
        occasion: Occasion::First,
        tau: None,
        trapezoid: Trapezoid::LinearUpLogDown,
        terminal: TerminalPoints::BestFit,
        spans: Vec::new(),
    }
}

fn profile(points: impl IntoIterator<Item = (f64, f64)>) -> Profile {
    let samples: Vec<Sample> =
        points.into_iter().map(|(time, value)| Sample { time, measured: Measured::Value(value) }).collect();
    Profile::new(&samples, BelowLimit::default()).unwrap()
}

fn sampled(end: f64, step: f64, concentration: impl Fn(f64) -> f64) -> Profile {
    let count = (end / step).round() as usize;
    profile((0..=count).map(|i| i as f64 * step).map(|time| (time, concentration(time))))
}

fn value(result: &Noncompartmental, name: &str) -> f64 {
    result.get(name).unwrap_or_else(|| panic!("no {name}")).unwrap_or_else(|why| panic!("{name}: {why}"))
}

#[test]
fn a_bolus_of_one_compartment_gives_its_parameters_exactly() {
    // C = D/V exp(−k t): logarithmic trapezoids, moments and extrapolation are all exact.
    let (dose, clearance, volume) = (100.0, 5.0, 40.0);
    let k: f64 = clearance / volume;
    let times = [0.5, 1.0, 2.0, 4.0, 8.0, 12.0, 24.0];
    let profile = profile(times.map(|t| (t, dose / volume * (-k * t).exp())));
    let mut settings = settings(Administration::Bolus, dose);
    settings.spans = vec![(0.0, 6.0), (30.0, 40.0), (20.0, 30.0), (3.0, 3.0)];
    let result = analyse(&profile, &settings);
    for (name, expected) in [
        ("C0", dose / volume),
        ("LAMBDA_Z", k),
        ("HL_LAMBDA_Z", std::f64::consts::LN_2 / k),
        ("AUCINF_OBS", dose / clearance),
        ("AUCINF_PRED", dose / clearance),
        ("AUMCINF_OBS", dose / volume / (k * k)),
        ("CL_OBS", clearance),
        ("CL_PRED", clearance),
        ("VZ_OBS", volume),
        ("VSS_OBS", volume),
        ("MRTINF_OBS", 1.0 / k),
        ("AUC_PCTBACK_EXT_OBS", 100.0 * (1.0 - (-0.5 * k).exp())),
        ("AUC_PCTEXTRAP_OBS", 100.0 * (-24.0 * k).exp()),
        ("NO_POINTS_LAMBDA_Z", 7.0),
    ] {
        close(value(&result, name), expected, ROUNDING);
    }
    let area = |from: f64, to: f64| dose / clearance * ((-k * from).exp() - (-k * to).exp());
    close(result.spans[0].unwrap(), area(0.0, 6.0), ROUNDING);
    close(result.spans[1].unwrap(), area(30.0, 40.0), ROUNDING);
    close(result.spans[2].unwrap(), area(20.0, 30.0), ROUNDING);
    assert_eq!(result.spans[3], Err(Absent::NoSpan));
    assert!(result.get("CL_F_OBS").is_none() && result.get("AUC_TAU").is_none());
}

#[test]
fn an_infusion_gives_the_same_body_with_half_its_duration_taken_off() {
    let (dose, clearance, volume, duration) = (100.0, 5.0, 40.0, 2.0);
    let k: f64 = clearance / volume;
    let level = |t: f64| {
        let during = t.min(duration);
        dose / duration / clearance * (1.0 - (-k * during).exp()) * (-k * (t - during)).exp()
    };
    // Linear while it rises: the error of a trapezoid is width² C''/12 of its area, 1e-6 here; exact while it falls.
    let result = analyse(&sampled(60.0, 0.01, level), &settings(Administration::Infusion(duration), dose));
    close(value(&result, "LAMBDA_Z"), k, 1e-10);
    for (name, expected) in [
        ("AUCINF_OBS", dose / clearance),
        ("CL_OBS", clearance),
        ("VZ_OBS", volume),
        ("VSS_OBS", volume),
        ("MRTINF_OBS", 1.0 / k),
        ("TMAX", duration),
    ] {
        close(value(&result, name), expected, 1e-5);
    }
}

#[test]
fn an_oral_dose_gives_clearance_over_bioavailability_and_a_time_with_absorption() {
    let (dose, f, clearance, volume, ka) = (100.0, 0.6, 5.0, 40.0, 1.2);
    let k: f64 = clearance / volume;
    let level = |t: f64| f * dose * ka / (volume * (ka - k)) * ((-k * t).exp() - (-ka * t).exp());
    for trapezoid in [Trapezoid::Linear, Trapezoid::LinearUpLogDown, Trapezoid::LinearToPeakThenLog] {
        let settings = Settings { trapezoid, ..settings(Administration::Extravascular, dose) };
        let result = analyse(&sampled(96.0, 0.01, level), &settings);
        for (name, expected) in [
            ("AUCINF_OBS", f * dose / clearance),
            ("CL_F_OBS", clearance / f),
            ("MRTINF_OBS", 1.0 / k + 1.0 / ka),
            ("CMAX", level((ka / k).ln() / (ka - k))),
        ] {
            close(value(&result, name), expected, 1e-4);
        }
        // The terminal line is that of the whole falling part within 1e-4 of adjusted r², so less sharp.
        close(value(&result, "LAMBDA_Z"), k, 5e-3);
        close(value(&result, "VZ_F_OBS"), volume / f, 5e-3);
        assert!(result.get("VSS_OBS").is_none() && result.get("CL_OBS").is_none());
        assert_eq!(value(&result, "TLAG"), 0.0);
    }
}

#[test]
fn steady_state_gives_the_clearance_of_the_interval() {
    // Oral doses every 12 h at steady state, by superposition of geometric series.
    let (dose, clearance, volume, ka, tau) = (100.0, 5.0, 40.0, 1.2, 12.0);
    let k: f64 = clearance / volume;
    let part = |rate: f64, t: f64| (-rate * t).exp() / (1.0 - (-rate * tau).exp());
    let level = |t: f64| dose * ka / (volume * (ka - k)) * (part(k, t) - part(ka, t));
    let once = |t: f64| dose * ka / (volume * (ka - k)) * ((-k * t).exp() - (-ka * t).exp());
    let steady = Settings {
        occasion: Occasion::SteadyState,
        tau: Some(tau),
        terminal: TerminalPoints::Between(8.0, 12.0),
        ..settings(Administration::Extravascular, dose)
    };
    let mut result = analyse(&sampled(tau, 0.005, level), &steady);
    let single = Settings { occasion: Occasion::First, ..steady.clone() };
    let first = analyse(&sampled(tau, 0.005, once), &single);
    result.extend(accumulation(Some(&first), &result));
    let top = value(&result, "CMAX");
    for (name, expected) in [
        ("AUC_TAU", dose / clearance),
        ("CAVG", dose / clearance / tau),
        ("CLSS_F", clearance),
        ("CTAU", level(tau)),
        ("CMIN", level(0.0)),
        ("FLUCTUATION_PCT", 100.0 * (top - level(0.0)) / (dose / clearance / tau)),
        ("SWING_TAU", (top - level(tau)) / level(tau)),
    ] {
        close(value(&result, name), expected, 1e-5);
    }
    let area_once = 24.0 * 100.0 / 24.0 / clearance
        - dose * ka / (volume * (ka - k)) * ((-k * tau).exp() / k - (-ka * tau).exp() / ka);
    close(value(&result, "ARAUC"), dose / clearance / area_once, 1e-5);
    close(value(&result, "ARCTAU"), level(tau) / once(tau), 1e-10);
    // Absorption is over at 8 h but for exp(−9.6).
    close(value(&result, "ACCUMULATION_INDEX"), 1.0 / (1.0 - (-k * tau).exp()), 1e-3);
    close(value(&result, "MRTINF_OBS"), 1.0 / k + 1.0 / ka, 2e-3);
    close(value(&result, "VZ_F"), volume, 2e-3);
    assert!(result.get("CL_F_OBS").is_none());
}

#[test]
fn steady_state_by_hand() {
    // Integers: 4 + 8 + 18 + 24 + 12 = 66; the last three samples halve every 4 h.
    let points = [(0.0, 2.0), (1.0, 6.0), (2.0, 10.0), (4.0, 8.0), (8.0, 4.0), (12.0, 2.0)];
    let steady = Settings {
        occasion: Occasion::SteadyState,
        tau: Some(12.0),
        trapezoid: Trapezoid::Linear,
        ..settings(Administration::Extravascular, 100.0)
    };
    let result = analyse(&profile(points), &steady);
    let rate = std::f64::consts::LN_2 / 4.0;
    for (name, expected) in [
        ("AUC_TAU", 66.0),
        ("CAVG", 5.5),
        ("CLSS_F", 100.0 / 66.0),
        ("VZ_F", 100.0 / 66.0 / rate),
        ("FLUCTUATION_PCT", 100.0 * 8.0 / 5.5),
        ("SWING", 4.0),
        ("AUC_TAU_PCTEXTRAP", 0.0),
        // Moments by hand: 0.5·6 + 1·13 + 26·2... = 3 + 13 + 52 + 128 + 112 = 308; behind: 2/λ = AUC∞ − 66.
        ("AUMC_TAU", 3.0 + 13.0 + 52.0 + 128.0 + 112.0),
        ("MRTINF_OBS", (308.0 + 12.0 * 2.0 / rate) / 66.0),
        ("ACCUMULATION_INDEX", 1.0 / (1.0 - 0.125)),
    ] {
        close(value(&result, name), expected, ROUNDING);
    }
    // Without the samples at both ends: the smallest sample in front, the terminal line behind, joined by an exponential.
    let short = analyse(&profile(points[1..5].iter().copied().chain([(10.0, 2.0 * 2f64.sqrt())])), &steady);
    let tail = 4.0 * (2.0 * 2f64.sqrt() - 2.0) / std::f64::consts::LN_2;
    close(value(&short, "CTAU"), 2.0, ROUNDING);
    let front = (2.0 * 2f64.sqrt() + 6.0) / 2.0 + 8.0 + 18.0 + 24.0 + (4.0 + 2.0 * 2f64.sqrt());
    close(value(&short, "AUC_TAU"), front + tail, ROUNDING);
    close(value(&short, "AUC_TAU_PCTEXTRAP"), 100.0 * tail / (front + tail), ROUNDING);
}

#[test]
fn partial_areas_add_up_under_every_rule() {
    let points =
        [(0.0, 0.0), (1.0, 3.0), (2.0, 7.0), (4.0, 5.0), (6.0, 5.5), (8.0, 2.0), (12.0, 0.7), (16.0, 0.0)];
    for rule in [Trapezoid::Linear, Trapezoid::LinearUpLogDown, Trapezoid::LinearToPeakThenLog] {
        let curve = Curve::new(&points, rule);
        let whole = curve.between(0.0, 16.0, None).unwrap();
        close(whole.0, curve.area_to(16.0), ROUNDING);
        close(whole.1, curve.moment_to(16.0), ROUNDING);
        for cut in [1.5, 3.3, 4.0, 7.0, 15.0] {
            let (one, two) =
                (curve.between(0.0, cut, None).unwrap(), curve.between(cut, 16.0, None).unwrap());
            close(one.0 + two.0, whole.0, ROUNDING);
            // A trapezoid of t·C is no trapezoid of C: the linear moment depends on the points (Phoenix has it so).
            assert!((one.1 + two.1 - whole.1).abs() < 0.02 * whole.1);
        }
        assert_eq!(curve.value_at(20.0, None), Ok(0.0), "a curve that ended with zero stays there");
    }
}

#[test]
fn nearly_equal_concentrations_keep_their_digits() {
    for fall in [1e-3, 1e-6, 1e-9, 1e-15] {
        let points = [(2.0, 1.0), (5.0, 1.0 - fall)];
        let curve = Curve::new(&points, Trapezoid::LinearUpLogDown);
        // Series of (1 − y)/−ln(y) and of the moment around y = 1.
        close(
            curve.area_to(5.0),
            3.0 * (1.0 - fall / 2.0 - fall.powi(2) / 12.0 - fall.powi(3) / 24.0),
            1e-13,
        );
        close(curve.moment_to(5.0), 10.5, fall.max(1e-15) * 2.0);
    }
}

#[test]
fn samples_below_the_limit_count_by_rule() {
    let sample = |time: f64, value: f64| Sample {
        time,
        measured: if value < 0.0 { Measured::BelowLimit } else { Measured::Value(value) },
    };
    // −1: below the limit.
    let values = [-1.0, 2.0, -1.0, 8.0, -1.0, 4.0, 2.0, 1.0, -1.0, -1.0];
    let samples: Vec<Sample> = values.iter().enumerate().map(|(i, &value)| sample(i as f64, value)).collect();
    let times = |rule| -> Vec<f64> {
        Profile::new(&samples, rule).unwrap().points().iter().map(|point| point.0).collect()
    };
    assert_eq!(times(BelowLimit::ZeroOutside), [0.0, 1.0, 2.0, 3.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
    assert_eq!(times(BelowLimit::Zero).len(), 10);
    assert_eq!(times(BelowLimit::Omit), [1.0, 3.0, 5.0, 6.0, 7.0]);
    let linear = Settings { trapezoid: Trapezoid::Linear, ..settings(Administration::Extravascular, 1.0) };
    let result = analyse(&Profile::new(&samples, BelowLimit::ZeroOutside).unwrap(), &linear);
    close(value(&result, "AUCLAST"), 1.0 + 1.0 + 4.0 + 12.0 + 3.0 + 1.5, ROUNDING);
    close(value(&result, "AUCALL"), 22.5 + 0.5, ROUNDING);
    close(value(&result, "TLAST"), 7.0, ROUNDING);
}

#[test]
fn what_cannot_be_estimated_says_why() {
    let oral = settings(Administration::Extravascular, 10.0);
    let nothing = analyse(&profile([(0.0, 0.0), (1.0, 0.0), (2.0, 0.0)]), &oral);
    assert_eq!(nothing.get("TMAX"), Some(Err(Absent::NoPositive)));
    assert_eq!(nothing.get("CMAX"), Some(Ok(0.0)));
    assert_eq!(nothing.get("AUCLAST"), Some(Ok(0.0)));
    assert_eq!(nothing.get("CL_F_OBS"), Some(Err(Absent::NoPositive)));
    assert_eq!(nothing.get("MRTLAST"), Some(Err(Absent::NoPositive)));
    let short = analyse(&profile([(0.0, 0.0), (1.0, 3.0), (2.0, 2.0), (3.0, 1.0)]), &oral);
    assert_eq!(short.get("LAMBDA_Z"), Some(Err(Absent::TooFewPoints)));
    assert_eq!(short.get("AUCINF_OBS"), Some(Err(Absent::TooFewPoints)));
    let flat = [(0.0, 0.0), (1.0, 3.0), (2.0, 0.1), (3.0, 0.1), (4.0, 0.1), (5.0, 0.1)];
    assert_eq!(analyse(&profile(flat), &oral).get("HL_LAMBDA_Z"), Some(Err(Absent::NoFall)));
    let falling = profile([(0.0, 0.0), (1.0, 8.0), (2.0, 4.0), (3.0, 2.0), (4.0, 1.0)]);
    let unknown = analyse(&falling, &Settings { dose: None, ..oral.clone() });
    assert_eq!(unknown.get("CL_F_OBS"), Some(Err(Absent::NoDose)));
    let later = Settings { occasion: Occasion::Later, ..oral.clone() };
    let later = analyse(&falling, &later);
    assert_eq!(later.get("CL_F_OBS"), Some(Err(Absent::EarlierDoses)));
    assert_eq!(later.get("AUC_TAU"), Some(Err(Absent::NoInterval)));
    let huge = analyse(&profile([(0.0, 1e308), (10.0, 1e308), (20.0, 1e307)]), &oral);
    assert_eq!(huge.get("AUCLAST"), Some(Err(Absent::Overflow)));
    for result in [nothing, short, unknown, later, huge] {
        for (name, estimate) in result.estimates {
            assert!(estimate.is_err() || estimate.is_ok_and(f64::is_finite), "{name}");
            assert!(parameter(name).is_some(), "{name} is not in the table");
        }
    }
}

#[test]
fn a_terminal_phase_of_the_user_s_choice() {
    let points = [(0.0, 9.0), (1.0, 8.0), (2.0, 4.0), (3.0, 2.0), (4.0, 1.0), (6.0, 0.9), (8.0, 0.8)];
    let chosen =
        Settings { terminal: TerminalPoints::Between(1.0, 4.0), ..settings(Administration::Bolus, 10.0) };
    let result = analyse(&profile(points), &chosen);
    close(value(&result, "LAMBDA_Z"), std::f64::consts::LN_2, ROUNDING);
    assert_eq!((value(&result, "LAMBDA_Z_LOWER"), value(&result, "LAMBDA_Z_UPPER")), (1.0, 4.0));
    let few = Settings { terminal: TerminalPoints::Between(5.0, 9.0), ..chosen };
    assert_eq!(analyse(&profile(points), &few).get("LAMBDA_Z"), Some(Err(Absent::TooFewPoints)));
}

#[test]
fn a_bolus_starts_at_its_extrapolated_or_measured_concentration() {
    let start = |points: &[(f64, f64)]| {
        value(&analyse(&profile(points.iter().copied()), &settings(Administration::Bolus, 1.0)), "C0")
    };
    close(start(&[(1.0, 4.0), (2.0, 2.0), (3.0, 1.0)]), 8.0, ROUNDING);
    close(start(&[(1.0, 4.0), (2.0, 5.0), (3.0, 1.0)]), 4.0, ROUNDING);
    close(start(&[(0.0, 7.0), (1.0, 4.0), (2.0, 2.0)]), 7.0, ROUNDING);
    close(start(&[(0.0, 0.0), (1.0, 4.0), (2.0, 2.0)]), 8.0, ROUNDING);
    close(start(&[(1.0, 0.0), (2.0, 2.0), (3.0, 1.0)]), 2.0, ROUNDING);
}

#[test]
fn samples_that_are_no_profile_are_refused() {
    let sample = |time, value| Sample { time, measured: Measured::Value(value) };
    let refused = |samples: &[Sample]| Profile::new(samples, BelowLimit::Omit).unwrap_err();
    assert_eq!(refused(&[]), ProfileError::Empty);
    assert_eq!(refused(&[sample(-1.0, 2.0)]), ProfileError::Empty);
    assert_eq!(refused(&[sample(0.0, 1.0), sample(0.0, 2.0)]), ProfileError::NotLater(1));
    assert_eq!(refused(&[sample(0.0, -1.0)]), ProfileError::Negative(0));
    assert_eq!(refused(&[sample(0.0, f64::NAN)]), ProfileError::NotFinite(0));
}
