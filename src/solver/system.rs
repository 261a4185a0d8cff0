//! What every method shares: the system to be solved, tolerances, counts, failures, interpolation.

/// So many steps bound by stability make a system stiff. Hairer and Wanner's codes say so after 15, and stop; here an
/// explicit step is many times cheaper than an implicit one, since many patients share it, and a day's fast phase
/// must not move a patient to the other method for good.
pub(super) const STIFF_AFTER: f64 = 1000.0;

/// Least step in units of the spacing of floating-point numbers at the present time.
pub(super) const LEAST_STEP: f64 = 10.0 * f64::EPSILON;
/// Stands in for a present time of 0, where floating-point numbers have no end: any natural step is longer.
pub(super) const LEAST_TIME: f64 = 1e-276;

/// No step from this time may be shorter. (The end of the interval does not matter: a course of 10¹¹ s may begin with steps of
/// 10⁻⁶ s.)
pub(super) fn least_step(t: f64) -> f64 {
    LEAST_STEP * (t.abs() + LEAST_TIME)
}

/// y' = f(t, y).
pub trait System {
    /// Number of equations.
    fn dimension(&self) -> usize;
    /// Writes f(t, y).
    fn rates(&mut self, t: f64, y: &[f64], rates: &mut [f64]);
    /// The magnitudes against which the relative tolerance is measured; by default |y|.
    /// (A system that integrates a difference from a known function gives the size of the sum here.)
    fn magnitudes(&mut self, _t: f64, y: &[f64], magnitudes: &mut [f64]) {
        for (magnitude, y) in magnitudes.iter_mut().zip(y) {
            *magnitude = y.abs();
        }
    }
}

/// Error allowed per step: `absolute[i] + relative·magnitude[i]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Tolerances {
    /// Relative.
    pub relative: f64,
    /// Absolute, one per equation.
    pub absolute: Vec<f64>,
    /// Steps allowed in all.
    pub maximum_steps: u64,
}

impl Tolerances {
    /// Allowed error of one equation whose value has this magnitude; never zero.
    pub(super) fn scale(&self, equation: usize, magnitude: f64) -> f64 {
        (self.absolute[equation] + self.relative * magnitude).max(f64::MIN_POSITIVE)
    }
}

/// Cost so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Accepted steps.
    pub steps: u64,
    /// Rejected steps.
    pub rejected: u64,
    /// Evaluations of f.
    pub evaluations: u64,
    /// Evaluations of its Jacobian, with as many decompositions at least.
    pub jacobians: u64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.steps += other.steps;
        self.rejected += other.rejected;
        self.evaluations += other.evaluations;
        self.jacobians += other.jacobians;
    }
}

/// What is remembered from one interval to the next: the step that worked after the last restart, and the last step.
/// A step clipped by a stop time does not shrink what is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct StepMemory {
    /// Step with which to start after a discontinuity; 0 if unknown.
    pub after_event: f64,
    /// Last unclipped step; 0 if unknown.
    pub current: f64,
    /// Accepted steps bound by stability and not by accuracy, since the last six in a row that were not.
    pub stability_bound: f64,
    /// Steps in a row that were not.
    pub eased: f64,
    /// Time since the last discontinuity, while stops have cut every step since so short that the next still tells with which
    /// step to start there. Known to the implicit method only.
    pub since_event: Option<f64>,
}

impl StepMemory {
    /// Whether so many steps of an explicit method were bound by stability that an implicit one should go on.
    pub fn is_stiff(&self) -> bool {
        self.stability_bound >= STIFF_AFTER
    }
}

/// Why a method stopped before its end time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SolverError {
    /// The step would fall below the spacing of floating-point numbers near t; the equation with the largest error.
    StepTooSmall {
        /// Time.
        t: f64,
        /// Equation.
        equation: usize,
    },
    /// A value or rate became infinite or not-a-number although the step was cut down; the first such equation.
    NotFinite {
        /// Time.
        t: f64,
        /// Equation.
        equation: usize,
    },
    /// The step limit was reached.
    TooManySteps {
        /// Time.
        t: f64,
        /// Equation with the largest error in the last step.
        equation: usize,
    },
}

/// The solution over one accepted step.
pub trait Interpolant {
    /// Start of the step.
    fn start(&self) -> f64;
    /// End of the step.
    fn end(&self) -> f64;
    /// Writes y(t) for start ≤ t ≤ end.
    fn at(&self, t: f64, y: &mut [f64]);
}
