//! What the driver promises about steps: dense output, what is remembered over doses and stops, stopping early.

use super::*;

#[test]
fn dense_output_follows_the_solution() {
    let mut oscillator = PROBLEMS[4].system();
    let mut y = [1.0, 0.0];
    let (mut memory, mut counts, mut worst) = (StepMemory::default(), Counts::default(), 0.0_f64);
    let (mut last_end, mut at) = (0.0, [0.0; 2]);
    let mut look = |step: &dyn Interpolant| {
        assert_eq!(step.start(), last_end);
        last_end = step.end();
        for i in 0..=20 {
            let t = step.start() + (step.end() - step.start()) * f64::from(i) / 20.0;
            step.at(t, &mut at);
            worst = worst.max((at[0] - t.cos()).abs()).max((at[1] + t.sin()).abs());
        }
        true
    };
    Explicit::default()
        .advance(
            &mut oscillator,
            &tolerances(1e-8, 2),
            0.0,
            20.0,
            &mut y,
            true,
            &mut memory,
            &mut counts,
            &mut look,
        )
        .unwrap();
    assert_eq!(last_end, 20.0);
    assert!(worst < 1e-6, "{worst:e}");
}

#[test]
fn asking_for_output_never_changes_the_steps() {
    let run = |looks: u32| {
        let (mut y, mut memory, mut counts) = (vec![1.0, 3.0], StepMemory::default(), Counts::default());
        let mut at = vec![0.0; 2];
        let mut look = |step: &dyn Interpolant| {
            for i in 0..looks {
                step.at(
                    step.start() + (step.end() - step.start()) * f64::from(i) / f64::from(looks),
                    &mut at,
                );
            }
            true
        };
        let (system, tolerances) = (&mut PROBLEMS[2].system(), &tolerances(1e-6, 2));
        Explicit::default()
            .advance(system, tolerances, 0.0, 20.0, &mut y, true, &mut memory, &mut counts, &mut look)
            .unwrap();
        (y, memory, counts)
    };
    assert_eq!(run(0), run(100));
}

/// A year of daily doses into one-compartment absorption: what the memory of steps is for.
fn year_of_doses(keep_memory: bool) -> (Vec<f64>, Counts) {
    let (absorption, elimination) = (24.0, 5.0);
    let rates = |_: f64, y: &[f64], rates: &mut [f64]| {
        rates[0] = -absorption * y[0];
        rates[1] = absorption * y[0] - elimination * y[1];
    };
    let mut system = Equations { dimension: 2, rates };
    let (mut y, mut memory, mut counts) = (vec![0.0, 0.0], StepMemory::default(), Counts::default());
    let mut method = Explicit::default();
    for day in 0..365 {
        y[0] += 25.0;
        if !keep_memory {
            memory = StepMemory { after_event: memory.current, ..memory };
        }
        let (t0, t1) = (f64::from(day), f64::from(day + 1));
        method
            .advance(
                &mut system,
                &tolerances(1e-6, 2),
                t0,
                t1,
                &mut y,
                true,
                &mut memory,
                &mut counts,
                &mut |_| true,
            )
            .unwrap();
    }
    (y, counts)
}

#[test]
fn remembering_the_step_after_the_last_dose_saves_rejections() {
    let (with, remembered) = year_of_doses(true);
    let (without, forgotten) = year_of_doses(false);
    assert!(remembered.rejected <= 2, "{remembered:?}");
    assert!(forgotten.rejected >= 365, "{forgotten:?}");
    assert!(remembered.evaluations < forgotten.evaluations);
    // Geometric series of daily doses, superposition of Bateman functions.
    let (ka, ke) = (24.0_f64, 5.0_f64);
    let course = |k: f64| (-k).exp() / (1.0 - (-k).exp()) * (1.0 - (-365.0 * k).exp());
    let truth = 25.0 * ka / (ka - ke) * (course(ke) - course(ka));
    assert!((with[1] / truth - 1.0).abs() < 1e-5, "{} for {truth}", with[1]);
    assert!((without[1] / truth - 1.0).abs() < 1e-4);
}

#[test]
fn a_stop_does_not_shrink_the_remembered_step() {
    let mut oscillator = PROBLEMS[4].system();
    let (mut y, mut memory, mut counts) = ([1.0, 0.0], StepMemory::default(), Counts::default());
    let mut method = Explicit::default();
    let tolerances = tolerances(1e-6, 2);
    let mut go = |t0, t1, restart, memory: &mut StepMemory| {
        method
            .advance(&mut oscillator, &tolerances, t0, t1, &mut y, restart, memory, &mut counts, &mut |_| {
                true
            })
            .unwrap();
    };
    go(0.0, 5.0, true, &mut memory);
    let before = memory;
    go(5.0, 5.0 + 1e-9, false, &mut memory);
    assert_eq!(memory.current, before.current);
    go(5.0 + 1e-9, 5.0 + 2e-9, true, &mut memory);
    assert!(memory.after_event >= before.after_event);
    assert!(memory.current >= before.after_event);
}

#[test]
fn stopping_early_returns_the_time_reached() {
    let (mut y, mut memory, mut counts) = (vec![1.0, 3.0], StepMemory::default(), Counts::default());
    let (mut ends, mut at_end) = (vec![], vec![0.0; 2]);
    let mut stop = |step: &dyn Interpolant| {
        ends.push(step.end());
        step.at(step.end(), &mut at_end);
        step.end() < 5.0
    };
    let (system, tolerances) = (&mut PROBLEMS[2].system(), &tolerances(1e-6, 2));
    let reached = Explicit::default()
        .advance(system, tolerances, 0.0, 20.0, &mut y, true, &mut memory, &mut counts, &mut stop)
        .unwrap();
    assert!((5.0..20.0).contains(&reached));
    assert_eq!(ends.last(), Some(&reached));
    assert_eq!(y, at_end);
}
