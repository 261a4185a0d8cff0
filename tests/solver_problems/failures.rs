//! Failures name time and equation, and leave what was reached.

use super::*;

/// The failure of a method on `rates` from 0 to 2, and what y held then.
fn failure(
    method: Option<ReferenceMethod>,
    start: &[f64],
    maximum_steps: u64,
    rates: Rates,
) -> (SolverError, Vec<f64>) {
    let tolerances = Tolerances { relative: 1e-6, absolute: vec![1e-9; start.len()], maximum_steps };
    let mut system = Equations { dimension: start.len(), rates };
    let (mut y, mut memory, mut counts) = (start.to_vec(), StepMemory::default(), Counts::default());
    let error = match method {
        None => Explicit::default()
            .advance(&mut system, &tolerances, 0.0, 2.0, &mut y, true, &mut memory, &mut counts, &mut |_| {
                true
            })
            .unwrap_err(),
        Some(method) => Reference::new(method)
            .advance(&mut system, &tolerances, 0.0, 2.0, &mut y, &mut counts)
            .unwrap_err(),
    };
    assert!(counts.steps + counts.rejected <= maximum_steps + 1);
    (error, y)
}

#[test]
fn failures_name_time_and_equation() {
    for method in [None, Some(ReferenceMethod::Dopri5), Some(ReferenceMethod::Dop853)] {
        // Infinite in finite time: y = 1/(1 − t).
        let (error, y) = failure(method, &[1.0, 1.0], 100_000, |_, y, rates| {
            rates[0] = 0.0;
            rates[1] = y[1] * y[1];
        });
        match error {
            SolverError::StepTooSmall { t, equation } | SolverError::NotFinite { t, equation } => {
                assert!((t - 1.0).abs() < 1e-5, "{method:?}: {error:?}");
                assert_eq!(equation, 1);
            }
            SolverError::TooManySteps { .. } => panic!("{method:?}: {error:?}"),
        }
        assert!(y[1] > 1e6 && y[1].is_finite());

        // Not a number after t = 1, in the second equation.
        let (error, y) = failure(method, &[1.0, 1.0], 100_000, |t, y, rates| {
            rates[0] = -y[0];
            rates[1] = if t > 1.0 { f64::NAN } else { -y[1] };
        });
        assert!(
            matches!(error, SolverError::NotFinite { t, equation: 1 } if (t - 1.0).abs() < 1e-6),
            "{error:?}"
        );
        assert!((y[0] - (-1.0_f64).exp()).abs() < 1e-5);

        // Not finite from the start.
        let (error, _) = failure(method, &[1.0, 0.0], 100_000, |_, y, rates| {
            rates[0] = -y[0];
            rates[1] = 1.0 / y[1];
        });
        assert_eq!(error, SolverError::NotFinite { t: 0.0, equation: 1 });

        // Too fast for the steps allowed.
        let (error, y) = failure(method, &[1.0, 1.0], 20, |t, y, rates| {
            rates[0] = -y[0];
            rates[1] = (1e4 * t).sin() * 1e3;
        });
        assert!(
            matches!(error, SolverError::TooManySteps { t, equation: 1 } if t < 1.0),
            "{method:?}: {error:?}"
        );
        assert!(y[0] < 1.0);
    }
}

#[test]
fn an_empty_interval_costs_nothing() {
    let tolerances = tolerances(1e-6, 2);
    let (mut y, mut counts) = (vec![1.0, 3.0], Counts::default());
    let (mut memory, system) = (StepMemory::default(), &mut PROBLEMS[2].system());
    let reached = Explicit::default()
        .advance(system, &tolerances, 4.0, 4.0, &mut y, true, &mut memory, &mut counts, &mut |_| true)
        .unwrap();
    Reference::new(ReferenceMethod::Dopri5)
        .advance(system, &tolerances, 4.0, 4.0, &mut y, &mut counts)
        .unwrap();
    assert_eq!((reached, y, counts), (4.0, vec![1.0, 3.0], Counts::default()));
}
