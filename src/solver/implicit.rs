//! The implicit method: RODAS 4(3) driven from one stop to the next, for stiff systems.
//!
//! Each step costs a Jacobian, a decomposition and six evaluations, and its length is bound by accuracy alone: rates that are a
//! million times faster than what is looked at do not shorten it. Kept in the manner of [`super::Explicit`]: nothing is
//! allocated after the first call, and a stop does not shrink the step that is remembered. How long a step may be is said
//! by [`super::predictive`], what to do about derivatives that are infinite by [`super::secant`].

use super::predictive::Controller;
use super::rodas::{ARGUMENTS, COUPLINGS, DENSE, GAMMA, NODES, STAGES, TIME_WEIGHTS};
use super::secant::Linearisation;
use super::step_control::{Attempt, first_guess};
use super::system::{Counts, Interpolant, SolverError, StepMemory, System, Tolerances, least_step};
use crate::math::linear::{decompose, solve};

/// A system that knows its derivatives.
pub trait Differentiable: System {
    /// Writes ∂fᵢ/∂yⱼ at `jacobian[i·n + j]` and ∂fᵢ/∂t at `by_time[i]`. What is not finite there, while f is, the method
    /// replaces by a difference over the tolerance.
    fn jacobian(&mut self, t: f64, y: &[f64], jacobian: &mut [f64], by_time: &mut [f64]);
}

/// The implicit method with its workspace.
#[derive(Debug, Default)]
pub struct Implicit {
    jacobian: Vec<f64>,
    by_time: Vec<f64>,
    /// I/(hγ) − J, decomposed.
    matrix: Vec<f64>,
    pivots: Vec<usize>,
    stages: [Vec<f64>; STAGES],
    /// Argument of a stage; the solution at the end of the step.
    next: Vec<f64>,
    /// Rates at the start and the end of the step.
    rates: [Vec<f64>; 2],
    /// Rates beside the start, for differences.
    beside: Vec<f64>,
    /// Magnitudes at the start and the end of the step.
    magnitudes: [Vec<f64>; 2],
    ratios: Vec<f64>,
}

impl Implicit {
    /// As [`super::Explicit::advance`].
    ///
    /// # Errors
    /// [`SolverError`]; `y` then holds the last accepted values.
    #[allow(clippy::too_many_arguments)] // One call per interval; a struct would only rename the list.
    pub fn advance(
        &mut self,
        system: &mut dyn Differentiable,
        tolerances: &Tolerances,
        t0: f64,
        t1: f64,
        y: &mut [f64],
        restart: bool,
        memory: &mut StepMemory,
        counts: &mut Counts,
        accepted: &mut dyn FnMut(&dyn Interpolant) -> bool,
    ) -> Result<f64, SolverError> {
        if t1.partial_cmp(&t0) != Some(std::cmp::Ordering::Greater) {
            return Ok(t0);
        }
        self.resize(y.len());
        let mut t = t0;
        let guess = self.begin(system, tolerances, t0, y, counts)?;
        let mut controller = Controller::begin(memory, restart, guess);
        let mut fresh = true;
        loop {
            if counts.steps + counts.rejected >= tolerances.maximum_steps {
                return Err(SolverError::TooManySteps { t, equation: self.worst_equation() });
            }
            let attempt = Attempt::plan(t, controller.wished(), t1);
            if fresh {
                fresh = self.linearise(system, tolerances, (t, attempt.h), y, counts);
            }
            let error = self.attempt(system, tolerances, (t, attempt.h), y, counts);
            // Not finite fails this comparison too.
            if error <= 1.0 {
                counts.steps += 1;
                controller.accept(attempt, error);
                let end = if attempt.last > 0.0 { t1 } else { t + attempt.h };
                let go_on = accepted(&Step { start: t, end, h: attempt.h, from: y, method: self });
                t = end;
                y.copy_from_slice(&self.next);
                self.magnitudes.swap(0, 1);
                self.rates.swap(0, 1);
                if attempt.last > 0.0 || !go_on {
                    controller.remember(memory);
                    return Ok(t);
                }
                fresh = true;
            } else {
                counts.rejected += 1;
                controller.reject(attempt.h, error);
                if controller.wished() < least_step(t) {
                    return Err(self.failure(t, error));
                }
            }
        }
    }

    /// Gives every vector of the workspace its length; allocates only when a larger system than ever before comes.
    fn resize(&mut self, n: usize) {
        let Implicit { jacobian, by_time, matrix, pivots, stages, next, rates, beside, magnitudes, ratios } =
            self;
        let ([rates, rates_at_end], [start, end]) = (rates, magnitudes);
        let vectors = [by_time, next, rates, rates_at_end, beside, start, end, ratios];
        for vector in stages.iter_mut().chain(vectors) {
            vector.resize(n, 0.0);
        }
        jacobian.resize(n * n, 0.0);
        matrix.resize(n * n, 0.0);
        pivots.resize(n, 0);
        ratios.fill(0.0);
    }

    /// Magnitudes and rates at the start, and a first guess of the step where nothing is remembered.
    fn begin(
        &mut self,
        system: &mut dyn Differentiable,
        tolerances: &Tolerances,
        t0: f64,
        y: &[f64],
        counts: &mut Counts,
    ) -> Result<f64, SolverError> {
        let (rates, magnitudes) = (&mut self.rates[0], &mut self.magnitudes[0]);
        system.magnitudes(t0, y, magnitudes);
        system.rates(t0, y, rates);
        counts.evaluations += 1;
        if let Some(equation) =
            y.iter().zip(&*rates).position(|(y, rate)| !(y.is_finite() && rate.is_finite()))
        {
            return Err(SolverError::NotFinite { t: t0, equation });
        }
        let norm = |values: &[f64]| {
            let scales = magnitudes.iter().enumerate().map(|(place, size)| tolerances.scale(place, *size));
            root_mean_square(values.iter().zip(scales).map(|(value, scale)| value / scale))
        };
        Ok(first_guess(norm(y), norm(rates)))
    }

    /// The derivatives at the start of a step; whether they are for this length of the step only.
    fn linearise(
        &mut self,
        system: &mut dyn Differentiable,
        tolerances: &Tolerances,
        (t, h): (f64, f64),
        y: &[f64],
        counts: &mut Counts,
    ) -> bool {
        let Implicit { jacobian, by_time, next, rates, beside, magnitudes, .. } = self;
        system.jacobian(t, y, jacobian, by_time);
        counts.jacobians += 1;
        let (rates, magnitudes) = (&rates[0][..], &magnitudes[0][..]);
        let argument = &mut next[..];
        let mut linearisation =
            Linearisation { t, h, y, rates, magnitudes, tolerances, jacobian, by_time, argument, beside };
        let (evaluations, for_this_step) = linearisation.mend(system);
        counts.evaluations += evaluations;
        for_this_step
    }

    /// All stages of one attempt; its error norm, not finite if anything in it was not.
    fn attempt(
        &mut self,
        system: &mut dyn Differentiable,
        tolerances: &Tolerances,
        (t, h): (f64, f64),
        y: &[f64],
        counts: &mut Counts,
    ) -> f64 {
        let n = y.len();
        let Implicit { jacobian, by_time, matrix, pivots, stages, next, rates, magnitudes, ratios, .. } =
            self;
        for (entry, derivative) in matrix.iter_mut().zip(jacobian.iter()) {
            *entry = -derivative;
        }
        for diagonal in matrix.iter_mut().step_by(n + 1) {
            *diagonal += 1.0 / (h * GAMMA);
        }
        if !decompose(matrix, pivots) {
            return f64::INFINITY;
        }
        for stage in 0..STAGES {
            let (known, rest) = stages.split_at_mut(stage);
            let new = &mut rest[0];
            if stage == 0 {
                new.copy_from_slice(&rates[0]);
            } else {
                next.copy_from_slice(y);
                for (weight, known) in ARGUMENTS[stage].iter().zip(known.iter()) {
                    add(next, *weight, known);
                }
                system.rates(t + NODES[stage] * h, next, new);
                counts.evaluations += 1;
            }
            for (coupling, known) in COUPLINGS[stage].iter().zip(known.iter()) {
                add(new, coupling / h, known);
            }
            add(new, TIME_WEIGHTS[stage] * h, by_time);
            solve(matrix, pivots, new);
        }
        let error = &stages[STAGES - 1];
        add(next, 1.0, error);
        let [start, end] = magnitudes;
        system.magnitudes(t + h, next, end);
        for (place, ratio) in ratios.iter_mut().enumerate() {
            let scale = tolerances.scale(place, start[place].max(end[place]));
            // An infinite solution or scale would make the ratio zero: adding 0·∞ = NaN gives it away.
            *ratio = error[place] / scale + 0.0 * (next[place] + scale);
        }
        let norm = root_mean_square(ratios.iter().copied());
        // The next step must be able to start where this one ends.
        if norm <= 1.0 {
            system.rates(t + h, next, &mut rates[1]);
            counts.evaluations += 1;
            if rates[1].iter().any(|rate| !rate.is_finite()) {
                return f64::INFINITY;
            }
        }
        norm
    }

    /// The equation with the largest error over tolerance in the last attempt.
    fn worst_equation(&self) -> usize {
        let size = |place: usize| self.ratios[place].abs();
        (0..self.ratios.len()).fold(0, |worst, place| if size(place) > size(worst) { place } else { worst })
    }

    fn failure(&self, t: f64, error: f64) -> SolverError {
        if error.is_finite() {
            return SolverError::StepTooSmall { t, equation: self.worst_equation() };
        }
        let vectors = self.stages.iter().chain([&self.next, &self.rates[1], &self.ratios]);
        let not_finite = |values: &Vec<f64>| values.iter().position(|value| !value.is_finite());
        let equation = vectors.into_iter().find_map(not_finite).unwrap_or(self.worst_equation());
        SolverError::NotFinite { t, equation }
    }
}

fn add(sum: &mut [f64], weight: f64, values: &[f64]) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += weight * value;
    }
}

/// Root of the mean of the squares, in order; 0 for none.
fn root_mean_square(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = values.len().max(1) as f64;
    (values.map(|value| value * value).sum::<f64>() / n).sqrt()
}

/// One accepted step, for dense output.
struct Step<'a> {
    start: f64,
    end: f64,
    h: f64,
    from: &'a [f64],
    method: &'a Implicit,
}

impl Interpolant for Step<'_> {
    fn start(&self) -> f64 {
        self.start
    }

    fn end(&self) -> f64 {
        self.end
    }

    fn at(&self, t: f64, y: &mut [f64]) {
        let Implicit { stages, next, .. } = self.method;
        if t == self.end {
            y.copy_from_slice(next);
        } else if t == self.start {
            y.copy_from_slice(self.from);
        } else {
            let theta = (t - self.start) / self.h;
            let dense = |row: &[f64; 5], place: usize| {
                row.iter().zip(stages).map(|(weight, stage)| weight * stage[place]).sum::<f64>()
            };
            for (place, value) in y.iter_mut().enumerate() {
                let bend = dense(&DENSE[0], place) + theta * dense(&DENSE[1], place);
                *value = (1.0 - theta) * self.from[place] + theta * (next[place] + (1.0 - theta) * bend);
            }
        }
    }
}
