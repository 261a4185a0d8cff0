//! The steady state of a regimen that has been going on for ever: the state that comes back after each dosing interval.
//!
//! P(x) carries the state just before a dose over one interval. The periodic state solves x = P(x); it is found by Newton's
//! method with the Jacobian of P by finite differences, n + 1 intervals for n states (shooting: Stoer and Bulirsch 2002,
//! section 7.3; Aprille and Trick 1972). Of a linear model P is affine, and one step is exact whatever the half-life: no
//! run-in of doses would do. Of a nonlinear one some run-in doses from the initial condition come first and more
//! of them whenever the method does not get on.
//!
//! States that no rate reads, not even their own (an area under the curve, an excreted amount, a cumulative hazard), have no
//! periodic value. They are left out, as are states that only those read and that do not read themselves.

use super::administration::Entry;
use super::trajectory::Failure;
use super::walker::Walker;
use crate::math::linear::{decompose, solve};
use crate::program::Program;

/// Run-in doses before the first attempt and between later ones.
const RUN_IN: [usize; 6] = [3, 7, 20, 40, 80, 150];
/// Durations after which an infusion without end is near its steady state, d.
const ENDURANCE: [f64; 6] = [1.0, 10.0, 100.0, 1e3, 1e4, 1e5];
/// Steps of Newton's method in one attempt.
const MOST_STEPS: usize = 30;
/// Tolerance of the integration over an interval: at most this, since differences are taken of its results.
const TIGHT: f64 = 1e-9;
/// A step so many times above the tolerance may be the last one if it is not getting smaller: rounding and step control.
const NOISE: f64 = 100.0;
/// Intervals that one infusion may last.
const LONGEST: f64 = 1e5;
/// A scaled pivot of I − ∂P/∂x below this is rounding: what enters then stays.
const SMALLEST_PIVOT: f64 = 1e-11;
/// Edges of infusions closer than this share of the interval are one.
const SAME: f64 = 1e-12;

/// A dose given again and again.
#[derive(Debug)]
pub(super) struct Regimen<'d> {
    pub(super) entry: &'d Entry,
    /// Time between doses, d.
    pub(super) interval: f64,
}

/// What Newton's method comes to.
enum Verdict {
    Found(Vec<f64>),
    /// I − ∂P/∂x has no inverse.
    Singular,
    GoesNowhere,
}

/// States that have a periodic value.
pub(super) fn recurrent(program: &Program) -> Vec<usize> {
    let mut kept: Vec<usize> = (0..program.states()).collect();
    loop {
        let read = |state: &usize| kept.iter().any(|&other| program.rate_reads(other, *state));
        let fewer: Vec<usize> = kept.iter().copied().filter(read).collect();
        if fewer.len() == kept.len() {
            return kept;
        }
        kept = fewer;
    }
}

/// The state `phase` days after a dose of a regimen at steady state; `phase` = the interval: just before the next.
/// What has no periodic value has its initial one. The walker is left somewhere else; its equations are kept.
///
/// # Errors
/// There is no such state, and why; or the solver failed on the way.
pub(super) fn periodic(walker: &mut Walker, regimen: &Regimen<'_>, phase: f64) -> Result<Vec<f64>, Failure> {
    let time = walker.time;
    let mut search = Search::new(walker)?;
    if let Entry::Infusion { duration, .. } = regimen.entry
        && *duration > LONGEST * regimen.interval
    {
        let what = format!("an infusion lasts more than {LONGEST} dosing intervals");
        return Err(search.failure(time, None, what));
    }
    let found = search.find_periodic(time, regimen);
    let state = found.and_then(|x| {
        if phase < regimen.interval {
            interval(search.walker, regimen, &x, phase).map(|y| search.whole(&y))
        } else {
            Ok(x)
        }
    });
    search.leave(time);
    state
}

/// The state of an infusion that has been running for ever.
///
/// # Errors
/// As [`periodic`].
pub(super) fn endless(walker: &mut Walker, rates: &[(usize, f64)]) -> Result<Vec<f64>, Failure> {
    let time = walker.time;
    let mut search = Search::new(walker)?;
    let found = search.find_equilibrium(time, rates);
    search.leave(time);
    found
}

/// Carries the state just before a dose over part of an interval.
fn interval(walker: &mut Walker, regimen: &Regimen<'_>, x: &[f64], to: f64) -> Result<Vec<f64>, Failure> {
    walker.time = 0.0;
    walker.states.copy_from_slice(x);
    let mut stop = 0.0;
    match regimen.entry {
        Entry::Bolus(amounts) => {
            walker.inputs().fill(0.0);
            for &(state, amount) in amounts {
                walker.states[state] += amount;
            }
        }
        Entry::Infusion { rates, duration } => {
            // So many earlier infusions run all the time, and one more until `stop`.
            let whole = (duration / regimen.interval + SAME).floor();
            stop = (duration - whole * regimen.interval).max(0.0);
            if stop <= SAME * regimen.interval {
                stop = 0.0;
            } else {
                set_inputs(walker, rates, whole + 1.0);
                walker.jump();
                walker.advance(stop.min(to))?;
            }
            set_inputs(walker, rates, whole);
        }
    }
    walker.jump();
    if to > stop {
        walker.advance(to)?;
    }
    walker.check_states("became infinite or not a number on the way to a steady state")?;
    Ok(walker.states.clone())
}

fn set_inputs(walker: &mut Walker, rates: &[(usize, f64)], count: f64) {
    let inputs = walker.inputs();
    inputs.fill(0.0);
    for &(state, rate) in rates {
        inputs[state] += rate * count;
    }
}

/// What is to vanish, by state: P(x) − x, or the rates.
type Residual<'m> = dyn FnMut(&mut Walker, &[f64]) -> Result<Vec<f64>, Failure> + 'm;

/// The search for a state at which a residual vanishes.
struct Search<'w, 'p> {
    walker: &'w mut Walker<'p>,
    kept: Vec<usize>,
    initial: Vec<f64>,
    /// States that were never negative on the way from the initial condition.
    positive: Vec<bool>,
    /// The tolerance outside.
    relative: f64,
    /// The tolerance of the answer.
    wanted: f64,
}

impl<'w, 'p> Search<'w, 'p> {
    fn new(walker: &'w mut Walker<'p>) -> Result<Self, Failure> {
        let kept = recurrent(walker.program);
        if let Some(&state) = kept.iter().find(|&&state| walker.program.rate_reads_time(state)) {
            let name = &walker.model.states[state].name;
            return Err(Failure {
                time: walker.time,
                state: Some(state),
                what: format!("there is no steady state: the rate of `{name}` depends on the time `t`"),
                cause: "take the dependence on `t` out of the model, or write the doses out instead of SS"
                    .to_owned(),
            });
        }
        let mut initial = vec![0.0; walker.states.len()];
        walker.individual().initial(&mut initial);
        let positive = initial.iter().map(|value| *value >= 0.0).collect();
        let relative = walker.relative_tolerance();
        walker.set_relative_tolerance(relative.min(TIGHT));
        Ok(Search { walker, kept, initial, positive, relative, wanted: relative.clamp(1e-13, TIGHT) })
    }

    /// The walker as it was, but for its states.
    fn leave(&mut self, time: f64) {
        self.walker.set_relative_tolerance(self.relative);
        self.walker.time = time;
        self.walker.jump();
    }

    /// What is left out takes its initial value.
    fn whole(&self, x: &[f64]) -> Vec<f64> {
        let mut whole = self.initial.clone();
        for &state in &self.kept {
            whole[state] = x[state];
        }
        whole
    }

    fn find_periodic(&mut self, time: f64, regimen: &Regimen<'_>) -> Result<Vec<f64>, Failure> {
        let mut change = |walker: &mut Walker, x: &[f64]| {
            let mut y = interval(walker, regimen, x, regimen.interval)?;
            for (y, x) in y.iter_mut().zip(x) {
                *y -= x;
            }
            Ok(y)
        };
        let mut x = self.initial.clone();
        let mut before = x.clone();
        let mut doses = 0;
        for more in RUN_IN {
            for _ in 0..more {
                let y = interval(self.walker, regimen, &x, regimen.interval)?;
                let y = self.whole(&y);
                before = std::mem::replace(&mut x, y);
                self.note_signs(&x);
            }
            doses += more;
            match self.newton(&mut change, &x, SMALLEST_PIVOT) {
                Verdict::Found(found) if self.keeps_signs(&found) => return Ok(found),
                // Something conserved makes many steady states; the one that the doses come to is meant.
                Verdict::Singular if self.distance(&before, &x) <= 1.0 => return Ok(x),
                _ => {}
            }
        }
        let (state, share) = self.fastest(&before, &x);
        let name = &self.walker.model.states[state].name;
        let what = format!(
            "there is no steady state: `{name}` still changes by {:.2} % with each dose after {doses} doses",
            100.0 * share
        );
        Err(self.failure(time, Some(state), what))
    }

    /// Rates that vanish under constant inputs.
    fn find_equilibrium(&mut self, time: f64, inputs: &[(usize, f64)]) -> Result<Vec<f64>, Failure> {
        self.walker.time = 0.0;
        self.walker.states.copy_from_slice(&self.initial);
        set_inputs(self.walker, inputs, 1.0);
        self.walker.jump();
        let mut rates = |walker: &mut Walker, x: &[f64]| {
            let mut rates = vec![0.0; x.len()];
            walker.rates(x, &mut rates);
            Ok(rates)
        };
        let mut x = self.initial.clone();
        let mut before = x.clone();
        for until in ENDURANCE {
            self.walker.advance(until)?;
            before = std::mem::replace(&mut x, self.whole(&self.walker.states));
            self.note_signs(&x);
            match self.newton(&mut rates, &x, 0.0) {
                Verdict::Found(found) if self.keeps_signs(&found) => return Ok(found),
                Verdict::Singular if self.distance(&before, &x) <= 1.0 => return Ok(x),
                _ => {}
            }
        }
        let (state, _) = self.fastest(&before, &x);
        let name = &self.walker.model.states[state].name;
        let what =
            format!("there is no steady state: `{name}` goes on changing under an infusion without end");
        Err(self.failure(time, Some(state), what))
    }

    fn newton(&mut self, residual: &mut Residual<'_>, start: &[f64], smallest_pivot: f64) -> Verdict {
        let n = self.kept.len();
        let mut x = start.to_vec();
        let mut previous = f64::INFINITY;
        let mut inverse: Option<(Vec<f64>, Vec<usize>, Vec<f64>)> = None;
        for _ in 0..MOST_STEPS {
            let Ok(rest) = residual(self.walker, &x) else { return Verdict::GoesNowhere };
            if inverse.is_none() {
                let scale = self.scale(&x);
                let Some(mut matrix) = self.matrix(residual, &x, &rest, &scale) else {
                    return Verdict::GoesNowhere;
                };
                let mut pivots = vec![0; n];
                let regular = decompose(&mut matrix, &mut pivots);
                if !(regular && (0..n).all(|k| matrix[k * n + k].abs() >= smallest_pivot)) {
                    return Verdict::Singular;
                }
                inverse = Some((matrix, pivots, scale));
            }
            let Some((matrix, pivots, scale)) = &inverse else { return Verdict::GoesNowhere };
            let mut change: Vec<f64> =
                self.kept.iter().zip(scale).map(|(&state, scale)| rest[state] / scale).collect();
            solve(matrix, pivots, &mut change);
            let mut next = x.clone();
            for ((&state, scale), change) in self.kept.iter().zip(scale).zip(&change) {
                next[state] += scale * change;
            }
            let distance = self.distance(&x, &next);
            if !distance.is_finite() {
                return Verdict::GoesNowhere;
            }
            x = next;
            if distance <= 1.0 || (distance <= NOISE && distance > 0.5 * previous) {
                return Verdict::Found(x);
            }
            // As long as the steps shrink well, the old Jacobian serves.
            if distance > 0.1 * previous || previous.is_infinite() {
                inverse = None;
            }
            previous = distance;
        }
        Verdict::GoesNowhere
    }

    /// Minus the Jacobian of the residual (I − ∂P/∂x) in units of `scale`, by forward differences.
    fn matrix(
        &mut self,
        residual: &mut Residual<'_>,
        x: &[f64],
        rest: &[f64],
        scale: &[f64],
    ) -> Option<Vec<f64>> {
        let n = self.kept.len();
        let share = self.walker.relative_tolerance().sqrt();
        let mut matrix = vec![0.0; n * n];
        for column in 0..n {
            let state = self.kept[column];
            let mut moved = x.to_vec();
            moved[state] += share * scale[column];
            let by = moved[state] - x[state];
            let answer = residual(self.walker, &moved).ok()?;
            for row in 0..n {
                let of = self.kept[row];
                matrix[row * n + column] = (rest[of] - answer[of]) / by * (scale[column] / scale[row]);
            }
        }
        Some(matrix)
    }

    /// Sizes of the states that have a periodic value, none of them 0.
    fn scale(&self, x: &[f64]) -> Vec<f64> {
        let size = |state: usize| x[state].abs();
        let largest = self.kept.iter().map(|&state| size(state)).fold(0.0, f64::max);
        let small = if largest > 0.0 { 1e-3 * largest } else { 1.0 };
        self.kept.iter().map(|&state| if size(state) > 0.0 { size(state) } else { small }).collect()
    }

    /// The largest difference in units of the tolerance.
    fn distance(&self, x: &[f64], y: &[f64]) -> f64 {
        let states = &self.walker.model.states;
        let of = |&state: &usize| {
            let size = x[state].abs().max(y[state].abs());
            (x[state] - y[state]).abs() / (self.wanted * size + states[state].absolute_tolerance)
        };
        self.kept
            .iter()
            .map(of)
            .fold(0.0, |largest: f64, value| if value.is_nan() { value } else { largest.max(value) })
    }

    /// The state that changes most, and by which share.
    fn fastest(&self, x: &[f64], y: &[f64]) -> (usize, f64) {
        let share = |state: usize| {
            let size = x[state].abs().max(y[state].abs());
            if size > 0.0 { (x[state] - y[state]).abs() / size } else { 0.0 }
        };
        let first = (self.kept.first().copied().unwrap_or_default(), -1.0);
        let all = self.kept.iter().map(|&state| (state, share(state)));
        all.fold(first, |most, next| if next.1 > most.1 { next } else { most })
    }

    fn note_signs(&mut self, x: &[f64]) {
        for (positive, value) in self.positive.iter_mut().zip(x) {
            *positive &= *value >= 0.0;
        }
    }

    /// An equation may have solutions that no dosing leads to, such as negative amounts under saturable elimination.
    fn keeps_signs(&self, x: &[f64]) -> bool {
        let states = &self.walker.model.states;
        self.kept.iter().all(|&state| !self.positive[state] || x[state] >= -states[state].absolute_tolerance)
    }

    fn failure(&self, time: f64, state: Option<usize>, what: String) -> Failure {
        let cause = "nothing takes away what enters it, more enters in each interval than can leave (saturated elimination), or \
                     it oscillates by itself; look at its rate and at this subject's parameters, or write the doses out \
                     instead of SS"
            .to_owned();
        Failure { time, state, what, cause }
    }
}
