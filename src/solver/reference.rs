//! Methods of the crate ode_solvers behind the same kind of call, as an independent check of our own.
//!
//! Nothing is shared with [`super::Explicit`] but the equations and the meaning of the tolerances: other coefficients,
//! other step control, other authors. So it is also kept free of our interpolation: it is called from one time of
//! interest to the next (an event, an output) and starts anew each time. That and its allocations make it several
//! times slower; speed is not its purpose.
//!
//! Time is handed over as one more equation, t' = 1: ode_solvers 0.6.2 evaluates the twelfth stage of DOP853 at the start
//! of the step instead of its end (c₁₂ = 0 in its table, 1 in Hairer's code; srenevey/ode-solvers pull request 42). An
//! equation that depends on time loses its accuracy by that, one that does not is unharmed.

use super::system::{Counts, SolverError, System, Tolerances};
use ode_solvers::dop_shared::{IntegrationError, OutputType, SolverResult};
use ode_solvers::{DVector, Dop853, Dopri5};
use std::cell::RefCell;

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferenceMethod {
    /// Dormand and Prince 5(4) (Hairer, Nørsett and Wanner 1993, code DOPRI5).
    Dopri5,
    /// Dormand and Prince 8(5,3) (the same, code DOP853).
    Dop853,
}

/// A reference method. It starts anew on every interval.
#[derive(Debug)]
pub struct Reference {
    method: ReferenceMethod,
}

impl Reference {
    /// A reference method.
    pub fn new(method: ReferenceMethod) -> Self {
        Reference { method }
    }

    /// Advances `y` from `t0` to exactly `t1` (≥ `t0`), to be called for every stretch between events and output times.
    ///
    /// ode_solvers takes one absolute tolerance for all equations, so y is divided by the per-equation ones, which makes
    /// the criterion the same: RMS of error/(absolute + relative·|y|). [`System::magnitudes`] is not asked.
    ///
    /// # Errors
    /// [`SolverError`] with the time reached; `y` then holds the last accepted values. The equation named is the first
    /// that was not finite, else the one that changes fastest in terms of its tolerance.
    pub fn advance(
        &mut self,
        system: &mut dyn System,
        tolerances: &Tolerances,
        t0: f64,
        t1: f64,
        y: &mut [f64],
        counts: &mut Counts,
    ) -> Result<(), SolverError> {
        if t1.partial_cmp(&t0) != Some(std::cmp::Ordering::Greater) {
            return Ok(());
        }
        // The equation for time makes no error; its share in the mean is taken out again.
        let n = y.len() as f64;
        let share = (n / (n + 1.0)).sqrt();
        let scales: Vec<f64> = tolerances.absolute.iter().map(|absolute| absolute.max(LEAST_SCALE)).collect();
        let equations = Equations { system: RefCell::new(Recorder::new(system, t0, &scales)) };
        let scaled = y.iter().zip(&scales).map(|(y, scale)| y / scale);
        let start = DVector::from_iterator(y.len() + 1, scaled.chain([0.0]));
        if let Some(equation) = equations.suspect(&start).not_finite {
            counts.evaluations += 1;
            return Err(SolverError::NotFinite { t: t0, equation });
        }
        let used = counts.steps + counts.rejected;
        let limit = u32::try_from(tolerances.maximum_steps.saturating_sub(used)).unwrap_or(u32::MAX);
        let (relative, absolute) = (tolerances.relative * share, share);
        let (outcome, path) = match self.method {
            ReferenceMethod::Dopri5 => run_dopri5(&equations, t1 - t0, start, (relative, absolute), limit),
            ReferenceMethod::Dop853 => run_dop853(&equations, t1 - t0, start, (relative, absolute), limit),
        };
        self.count(&equations, &path, counts);
        let (Some(time), Some(last)) = (path.get().0.last(), path.get().1.last()) else { return Ok(()) };
        for ((y, z), scale) in y.iter_mut().zip(last.iter()).zip(&scales) {
            *y = z * scale;
        }
        outcome.map_err(|error| {
            let t = t0 + time;
            let Suspect { not_finite, fastest } = equations.suspect(last);
            match (not_finite, error) {
                (Some(equation), _) => SolverError::NotFinite { t, equation },
                (None, IntegrationError::MaxNumStepReached { .. }) => {
                    SolverError::TooManySteps { t, equation: fastest }
                }
                (None, _) => SolverError::StepTooSmall { t, equation: fastest },
            }
        })
    }

    /// Adds the cost of a run. The crate keeps no count after a failure and forgets rejections before the first accepted
    /// step, so attempts are told from the evaluations: three at the start, six a step, or eleven and one if accepted.
    fn count(&self, equations: &Equations<'_>, path: &Path, counts: &mut Counts) {
        let evaluations = equations.system.borrow().evaluations;
        let accepted = path.get().0.len().saturating_sub(1) as u64;
        let in_steps = evaluations.saturating_sub(4);
        let attempts = match self.method {
            ReferenceMethod::Dopri5 => in_steps / 6,
            ReferenceMethod::Dop853 => in_steps.saturating_sub(accepted) / 11,
        };
        counts.steps += accepted;
        counts.rejected += attempts.saturating_sub(accepted);
        counts.evaluations += evaluations;
    }
}

/// Scale of an equation without absolute tolerance: too small to matter, large enough to divide by.
const LEAST_SCALE: f64 = 1e-100;

/// Steps accepted, with the scaled solution after each.
type Path = SolverResult<f64, DVector<f64>>;

/// The crate's DOPRI5 with the constants of the original code, its stiffness alarm off (it would end the run), from 0 to
/// `duration`.
fn run_dopri5(
    equations: &Equations<'_>,
    duration: f64,
    start: DVector<f64>,
    (relative, absolute): (f64, f64),
    limit: u32,
) -> (Result<(), IntegrationError>, Path) {
    let (safety, beta, least, most) = (0.9, 0.04, 0.2, 10.0);
    let output = OutputType::Sparse;
    let mut solver = Dopri5::from_param(
        equations,
        0.0,
        duration,
        duration,
        start,
        relative,
        absolute,
        safety,
        beta,
        least,
        most,
        duration,
        0.0,
        limit,
        u32::MAX,
        output,
    );
    let outcome = solver.integrate();
    (outcome.map(|_| ()), solver.into())
}

/// The crate's DOP853, likewise.
fn run_dop853(
    equations: &Equations<'_>,
    duration: f64,
    start: DVector<f64>,
    (relative, absolute): (f64, f64),
    limit: u32,
) -> (Result<(), IntegrationError>, Path) {
    let (safety, beta, least, most) = (0.9, 0.0, 0.333, 6.0);
    let output = OutputType::Sparse;
    let mut solver = Dop853::from_param(
        equations,
        0.0,
        duration,
        duration,
        start,
        relative,
        absolute,
        safety,
        beta,
        least,
        most,
        duration,
        0.0,
        limit,
        u32::MAX,
        output,
    );
    let outcome = solver.integrate();
    (outcome.map(|_| ()), solver.into())
}

/// Our equations as the crate wants them: callable through a shared reference, y in units of the absolute tolerances, and
/// last the time since the start (its output fails on negative times).
struct Equations<'a> {
    system: RefCell<Recorder<'a>>,
}

/// The system, its scales, scratch in its own units, and what happened.
struct Recorder<'a> {
    system: &'a mut dyn System,
    t0: f64,
    scales: &'a [f64],
    y: Vec<f64>,
    rates: Vec<f64>,
    evaluations: u64,
    /// First equation of the latest evaluation that was not finite.
    not_finite: Option<usize>,
}

/// Whom to name when a run fails.
struct Suspect {
    not_finite: Option<usize>,
    fastest: usize,
}

impl<'a> Recorder<'a> {
    fn new(system: &'a mut dyn System, t0: f64, scales: &'a [f64]) -> Self {
        let n = scales.len();
        Recorder {
            system,
            t0,
            scales,
            y: vec![0.0; n],
            rates: vec![0.0; n],
            evaluations: 0,
            not_finite: None,
        }
    }

    fn evaluate(&mut self, z: &DVector<f64>, rates: &mut DVector<f64>) {
        let n = self.scales.len();
        for ((y, z), scale) in self.y.iter_mut().zip(z.iter()).zip(self.scales) {
            *y = z * scale;
        }
        self.system.rates(self.t0 + z[n], &self.y, &mut self.rates);
        for ((scaled, rate), scale) in rates.iter_mut().zip(&self.rates).zip(self.scales) {
            *scaled = rate / scale;
        }
        rates[n] = 1.0;
        self.evaluations += 1;
        self.not_finite =
            self.y.iter().zip(&self.rates).position(|(y, rate)| !(y.is_finite() && rate.is_finite()));
    }
}

impl Equations<'_> {
    /// Evaluates at a point and names who is not finite (now, or in the evaluation before) and who changes fastest.
    fn suspect(&self, z: &DVector<f64>) -> Suspect {
        let mut recorder = self.system.borrow_mut();
        let before = recorder.not_finite;
        let mut rates = DVector::zeros(z.len());
        recorder.evaluate(z, &mut rates);
        let fastest =
            (0..z.len() - 1).max_by(|a, b| rates[*a].abs().total_cmp(&rates[*b].abs())).unwrap_or(0);
        Suspect { not_finite: recorder.not_finite.or(before), fastest }
    }
}

impl ode_solvers::System<f64, DVector<f64>> for &Equations<'_> {
    fn system(&self, _time: f64, z: &DVector<f64>, rates: &mut DVector<f64>) {
        self.system.borrow_mut().evaluate(z, rates);
    }
}
