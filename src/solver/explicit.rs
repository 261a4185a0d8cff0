//! The explicit method: Tsitouras 5(4) driven from one stop to the next.
//!
//! Meant for thousands of short intervals (a dose every day, years of them): nothing is allocated after the first call,
//! a stop does not shrink the step that is remembered, and after a discontinuity the step starts where the last
//! such start went well. All sums have a fixed order, so that results are the same bits on any thread.

use super::step_control::{Controller, first_guess, initial_step, next_restart};
use super::system::{Counts, Interpolant, SolverError, StepMemory, System, Tolerances};
use super::tsitouras::{
    self, NODES, SOLUTION, STAGE_2, STAGE_3, STAGE_4, STAGE_5, STAGE_6, STAGES, combine,
    interpolation_weights,
};

/// A last step may be stretched by this much to reach the stop, instead of leaving a sliver behind (Hairer, Nørsett and
/// Wanner's DOPRI5).
const STRETCH: f64 = 1.01;
/// Least step in units of the spacing of floating-point numbers at the larger end of the interval.
const LEAST_STEP: f64 = 10.0 * f64::EPSILON;

/// The explicit method with its workspace, reused over all intervals of all patients of a thread.
#[derive(Debug, Default)]
pub struct Explicit {
    /// Rates of the stages.
    k: [Vec<f64>; STAGES],
    /// Argument of the stage being evaluated.
    stage: Vec<f64>,
    /// Solution at the end of the step.
    next: Vec<f64>,
    /// Magnitudes at the start and the end of the step.
    magnitudes: [Vec<f64>; 2],
    /// Error over tolerance, one per equation.
    ratios: Vec<f64>,
}

/// Where an attempt begins and how far it goes.
#[derive(Clone, Copy)]
struct Attempt {
    t: f64,
    h: f64,
    /// Cut short to meet the stop.
    clipped: bool,
    /// Ends exactly at the stop.
    last: bool,
}

impl Attempt {
    /// From `t` with the step the controller wishes; near the stop it is stretched to it, cut to it, or cut to half the
    /// way, so that no sliver remains.
    fn plan(t: f64, wished: f64, stop: f64) -> Self {
        let remaining = stop - t;
        if remaining <= STRETCH * wished {
            Attempt { t, h: remaining, clipped: remaining < wished, last: true }
        } else if remaining < 2.0 * wished {
            Attempt { t, h: 0.5 * remaining, clipped: true, last: false }
        } else {
            Attempt { t, h: wished, clipped: false, last: false }
        }
    }
}

impl Explicit {
    /// Advances `y` from `t0` to exactly `t1` (≥ `t0`). `restart` says that y or f jumped at `t0` (a dose, a control): the step
    /// with which the last such restart went well is used. `accepted` is called after every accepted step with its
    /// interpolant; it returns `true` to go on, `false` to stop at the end of this step (then the time reached is returned).
    /// What `accepted` asks of the interpolant never changes the steps.
    ///
    /// # Errors
    /// [`SolverError`]; `y` then holds the last accepted values.
    #[allow(clippy::too_many_arguments)] // One call per interval; a struct would only rename the list.
    pub fn advance(
        &mut self,
        system: &mut dyn System,
        tolerances: &Tolerances,
        t0: f64,
        t1: f64,
        y: &mut [f64],
        mut restart: bool,
        memory: &mut StepMemory,
        counts: &mut Counts,
        accepted: &mut dyn FnMut(&dyn Interpolant) -> bool,
    ) -> Result<f64, SolverError> {
        if t1.partial_cmp(&t0) != Some(std::cmp::Ordering::Greater) {
            return Ok(t0);
        }
        self.resize(y.len());
        self.begin(system, t0, y, counts)?;
        let remembered = if restart { memory.after_event } else { memory.current };
        let mut wished = if remembered > 0.0 {
            remembered
        } else {
            self.starting_step(system, tolerances, t0, t1, y, counts)
        };
        let least = LEAST_STEP * t0.abs().max(t1.abs());
        let mut controller = Controller::default();
        let mut t = t0;
        loop {
            if counts.steps + counts.rejected >= tolerances.maximum_steps {
                return Err(SolverError::TooManySteps { t, equation: self.worst_equation() });
            }
            let attempt = Attempt::plan(t, wished, t1);
            self.evaluate_stages(system, attempt, y, counts);
            let error = self.error_norm(system, tolerances, attempt);
            // Not finite fails this comparison too.
            if error <= 1.0 {
                counts.steps += 1;
                let intended = attempt.clipped.then_some(wished);
                wished = controller.after_acceptance(error, attempt.h, intended);
                if restart {
                    // A first step that the stop cut short says no more than that it could have been longer.
                    let next = next_restart(attempt.h, error);
                    memory.after_event = if attempt.clipped { next.max(wished) } else { next };
                    restart = false;
                }
                t = if attempt.last { t1 } else { attempt.t + attempt.h };
                let go_on = accepted(&Step { attempt, end: t, from: y, to: &self.next, k: &self.k });
                self.take(y);
                if attempt.last || !go_on {
                    memory.current = wished;
                    return Ok(t);
                }
            } else {
                counts.rejected += 1;
                wished = attempt.h * controller.after_rejection(error);
                if wished < least {
                    return Err(self.failure(t, error));
                }
            }
        }
    }

    /// Gives every vector of the workspace the length of y; allocates only when a longer system than ever before comes.
    fn resize(&mut self, n: usize) {
        let [start, end] = &mut self.magnitudes;
        for vector in self.k.iter_mut().chain([&mut self.stage, &mut self.next, &mut self.ratios, start, end])
        {
            vector.resize(n, 0.0);
        }
        self.ratios.fill(0.0);
    }

    /// Rates and magnitudes at the start of the interval.
    fn begin(
        &mut self,
        system: &mut dyn System,
        t0: f64,
        y: &[f64],
        counts: &mut Counts,
    ) -> Result<(), SolverError> {
        system.rates(t0, y, &mut self.k[0]);
        counts.evaluations += 1;
        system.magnitudes(t0, y, &mut self.magnitudes[0]);
        match y.iter().zip(&self.k[0]).position(|(y, rate)| !(y.is_finite() && rate.is_finite())) {
            Some(equation) => Err(SolverError::NotFinite { t: t0, equation }),
            None => Ok(()),
        }
    }

    /// Starting step of Hairer, Nørsett and Wanner (II.4): one more evaluation, after an Euler step.
    fn starting_step(
        &mut self,
        system: &mut dyn System,
        tolerances: &Tolerances,
        t0: f64,
        t1: f64,
        y: &[f64],
        counts: &mut Counts,
    ) -> f64 {
        let Explicit { k: [first, second, ..], stage, magnitudes: [magnitudes, _], .. } = self;
        let scales =
            || tolerances.absolute.iter().zip(magnitudes.iter()).map(|(a, m)| scale(tolerances, *a, *m));
        let norm = |values: &[f64]| root_mean_square(values.iter().zip(scales()).map(|(v, s)| v / s));
        let slope = norm(first);
        let guess = first_guess(norm(y), slope).min(t1 - t0);
        combine(stage, y, guess, &[1.0], [first]);
        system.rates(t0 + guess, stage, second);
        counts.evaluations += 1;
        for (second, first) in second.iter_mut().zip(first.iter()) {
            *second -= first;
        }
        initial_step(guess, slope, norm(second) / guess)
    }

    /// Stages 2 to 7 and the solution at the end of the step; stage 1 is the last of the step before (FSAL).
    fn evaluate_stages(&mut self, system: &mut dyn System, attempt: Attempt, y: &[f64], counts: &mut Counts) {
        let Attempt { t, h, .. } = attempt;
        let Explicit { k: [k1, k2, k3, k4, k5, k6, k7], stage, next, .. } = self;
        combine(stage, y, h, &STAGE_2, [k1]);
        system.rates(t + NODES[0] * h, stage, k2);
        combine(stage, y, h, &STAGE_3, [k1, k2]);
        system.rates(t + NODES[1] * h, stage, k3);
        combine(stage, y, h, &STAGE_4, [k1, k2, k3]);
        system.rates(t + NODES[2] * h, stage, k4);
        combine(stage, y, h, &STAGE_5, [k1, k2, k3, k4]);
        system.rates(t + NODES[3] * h, stage, k5);
        combine(stage, y, h, &STAGE_6, [k1, k2, k3, k4, k5]);
        system.rates(t + NODES[4] * h, stage, k6);
        combine(next, y, h, &SOLUTION, [k1, k2, k3, k4, k5, k6]);
        system.rates(t + h, next, k7);
        counts.evaluations += 6;
    }

    /// Root mean square of error over tolerance; not finite if anything in the step was not.
    fn error_norm(&mut self, system: &mut dyn System, tolerances: &Tolerances, attempt: Attempt) -> f64 {
        let Attempt { t, h, .. } = attempt;
        let Explicit { k, next, magnitudes: [at_start, at_end], ratios, .. } = self;
        system.magnitudes(t + h, next, at_end);
        let n = ratios.len();
        let (k, next, absolute) =
            (k.each_ref().map(|stage| &stage[..n]), &next[..n], &tolerances.absolute[..n]);
        let (at_start, at_end) = (&at_start[..n], &at_end[..n]);
        let weights = tsitouras::ERROR.map(|weight| h * weight);
        for i in 0..n {
            let mut error = weights[0] * k[0][i];
            for stage in 1..STAGES {
                error += weights[stage] * k[stage][i];
            }
            let scale = scale(tolerances, absolute[i], at_start[i].max(at_end[i]));
            // An infinite solution or scale would make the ratio zero: adding 0·∞ = NaN gives it away.
            ratios[i] = error / scale + 0.0 * (next[i] + scale);
        }
        root_mean_square(ratios.iter().copied())
    }

    /// Makes the end of the step the start of the next.
    fn take(&mut self, y: &mut [f64]) {
        y.copy_from_slice(&self.next);
        self.k.swap(0, STAGES - 1);
        self.magnitudes.swap(0, 1);
    }

    /// The equation with the largest error over tolerance in the last attempt.
    fn worst_equation(&self) -> usize {
        let mut worst = 0;
        for (equation, ratio) in self.ratios.iter().enumerate() {
            if ratio.abs() > self.ratios[worst].abs() {
                worst = equation;
            }
        }
        worst
    }

    /// What stopped the method at `t`, when the step cannot be cut down further.
    fn failure(&self, t: f64, error: f64) -> SolverError {
        let not_finite = |values: &[f64]| values.iter().position(|value| !value.is_finite());
        if error.is_finite() {
            return SolverError::StepTooSmall { t, equation: self.worst_equation() };
        }
        let stages = self.k[..STAGES - 1].iter().chain([&self.next, &self.k[STAGES - 1], &self.ratios]);
        let equation =
            stages.into_iter().find_map(|stage| not_finite(stage)).unwrap_or(self.worst_equation());
        SolverError::NotFinite { t, equation }
    }
}

/// Allowed error of one equation. Never zero, so that an equation that stays exactly zero has error zero.
fn scale(tolerances: &Tolerances, absolute: f64, magnitude: f64) -> f64 {
    (absolute + tolerances.relative * magnitude).max(f64::MIN_POSITIVE)
}

/// Root of the mean of the squares, in order; 0 for none.
fn root_mean_square(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = values.len().max(1) as f64;
    (values.map(|value| value * value).sum::<f64>() / n).sqrt()
}

/// One accepted step, for dense output.
struct Step<'a> {
    attempt: Attempt,
    end: f64,
    from: &'a [f64],
    to: &'a [f64],
    k: &'a [Vec<f64>; STAGES],
}

impl Interpolant for Step<'_> {
    fn start(&self) -> f64 {
        self.attempt.t
    }

    fn end(&self) -> f64 {
        self.end
    }

    fn at(&self, t: f64, y: &mut [f64]) {
        // At the ends the solution itself, to the last bit.
        if t == self.end {
            y.copy_from_slice(self.to);
        } else if t == self.attempt.t {
            y.copy_from_slice(self.from);
        } else {
            let weights = interpolation_weights((t - self.attempt.t) / self.attempt.h);
            combine(y, self.from, self.attempt.h, &weights, self.k.each_ref().map(Vec::as_slice));
        }
    }
}
