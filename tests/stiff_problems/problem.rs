//! A system with its derivatives written out, and its solution by the implicit method.

use regimen::solver::{
    Counts, Differentiable, Implicit, Interpolant, SolverError, StepMemory, System, Tolerances,
};

/// A system whose solution is known.
pub struct Problem {
    /// f(t, y)
    pub rates: fn(f64, &[f64], &mut [f64]),
    /// Its Jacobian, row by row, and its derivative by time; both are 0 before.
    pub jacobian: fn(f64, &[f64], &mut [f64], &mut [f64]),
    pub start: &'static [f64],
    pub end: f64,
    /// At `end`.
    pub values: &'static [f64],
    /// Absolute tolerance over the relative one, by equation: the size of what is small.
    pub absolute: &'static [f64],
}

impl System for &Problem {
    fn dimension(&self) -> usize {
        self.start.len()
    }
    fn rates(&mut self, t: f64, y: &[f64], rates: &mut [f64]) {
        (self.rates)(t, y, rates);
    }
}

impl Differentiable for &Problem {
    fn jacobian(&mut self, t: f64, y: &[f64], jacobian: &mut [f64], by_time: &mut [f64]) {
        jacobian.fill(0.0);
        by_time.fill(0.0);
        (self.jacobian)(t, y, jacobian, by_time);
    }
}

/// From 0 over all stops, each with or without a restart.
pub fn go(
    mut system: impl Differentiable,
    tolerances: &Tolerances,
    start: &[f64],
    stops: &[(f64, bool)],
) -> Result<(Vec<f64>, Counts), SolverError> {
    let (mut y, mut counts) = (start.to_vec(), Counts::default());
    let (mut memory, mut method) = (StepMemory::default(), Implicit::default());
    let mut see = |_: &dyn Interpolant| true;
    let (mut from, mut jumped) = (0.0, true);
    for &(to, jumps) in stops {
        method.advance(
            &mut system,
            tolerances,
            from,
            to,
            &mut y,
            jumped,
            &mut memory,
            &mut counts,
            &mut see,
        )?;
        (from, jumped) = (to, jumps);
    }
    Ok((y, counts))
}

/// Tolerances of a problem at a relative one.
pub fn tolerances(problem: &Problem, relative: f64) -> Tolerances {
    let absolute = problem.absolute.iter().map(|size| size * relative).collect();
    Tolerances { relative, absolute, maximum_steps: 100_000 }
}

/// Solves a problem; the end values and the cost.
pub fn solve(problem: &Problem, relative: f64) -> (Vec<f64>, Counts) {
    go(problem, &tolerances(problem, relative), problem.start, &[(problem.end, false)])
        .expect("the problem is solved")
}

/// The largest error at the end, in tolerances.
pub fn multiple(problem: &Problem, relative: f64, found: &[f64]) -> f64 {
    let equations = found.iter().zip(problem.values).zip(problem.absolute);
    equations
        .map(|((y, value), size)| (y - value).abs() / (relative * (value.abs() + size)))
        .fold(0.0, f64::max)
}
