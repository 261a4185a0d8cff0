//! One patient from the first event to the last, by the method that the scenario names.
//!
//! The method of our own steps freely and shows each step to the observer. A reference method is called from one time of
//! interest to the next (event or record). It has no interpolant: where the observer wants to see what lies between (to
//! locate an event of a hazard, which comes once or twice a patient), the method goes again from the start of the stretch
//! to each time asked for. That is slow, and as accurate as all else that the method computes.

use super::clock::MOMENT;
use super::integrator::{Effort, Integrator, tolerances};
use super::subject::{Next, Stretch, Subject, Tour};
use super::system::ComposedSystem;
use super::trajectory::Trajectory;
use crate::population::Patient;
use crate::program::Program;
use crate::scenario::Scenario;
use crate::solver::{Interpolant, SolverError, Tolerances};
use std::cell::RefCell;

/// Simulates one patient in one arm. Never panics and never pads: a numerical failure ends the trajectory with
/// [`super::End::Failed`].
pub fn simulate(scenario: &Scenario, program: &Program, patient: &Patient, arm: usize) -> Trajectory {
    Simulator::new(scenario, program).simulate(patient, arm)
}

/// Simulates patient after patient with one workspace.
#[derive(Debug)]
pub struct Simulator<'s> {
    scenario: &'s Scenario,
    program: &'s Program,
    integrator: Integrator,
    /// Every state is integrated.
    plain: bool,
    tour: Tour,
}

impl<'s> Simulator<'s> {
    /// A simulator of a scenario, whose model has been compiled to `program`.
    pub fn new(scenario: &'s Scenario, program: &'s Program) -> Self {
        let integrator = Integrator::new(&scenario.numerics);
        let plain = integrator.is_reference();
        Simulator { scenario, program, integrator, plain, tour: Tour::default() }
    }

    /// The same, but with closed forms exact whatever the method. A reference method then no longer checks them: this is for
    /// benchmarks, which tell what they save from what the solver saves.
    pub fn composed(scenario: &'s Scenario, program: &'s Program) -> Self {
        Simulator { plain: false, ..Simulator::new(scenario, program) }
    }

    /// As [`simulate`]. The result does not depend on what was simulated before.
    pub fn simulate(&mut self, patient: &Patient, arm: usize) -> Trajectory {
        self.finish(Subject::new(self.scenario, self.program, patient, arm, self.plain))
    }

    /// The same, and the course is written down as records ([`Trajectory::realised`]).
    pub fn realise(&mut self, patient: &Patient, arm: usize) -> Trajectory {
        self.finish(Subject::new(self.scenario, self.program, patient, arm, self.plain).written_down())
    }

    /// Goes on with a patient from where it stands to the end.
    pub(super) fn finish(&mut self, mut subject: Subject<'s>) -> Trajectory {
        let Scenario { model, numerics, .. } = self.scenario;
        let tolerances = tolerances(model, numerics, subject.kept());
        let mut system = subject.system();
        let mut solved = vec![0.0; subject.kept().len()];
        loop {
            match subject.proceed(&mut solved, &mut self.tour) {
                Next::End(end) => return subject.into_trajectory(end),
                Next::Advance(stretch) => {
                    system.individual.clone_from(&subject.individual);
                    system.inputs.clone_from(&subject.inputs);
                    let integrator = &mut self.integrator;
                    match advance(integrator, &mut system, &tolerances, stretch, &mut solved, &mut subject) {
                        Ok(Some(time)) => subject.pause(time, &solved),
                        Ok(None) => subject.arrive(&solved),
                        Err(error) => subject.fail(error),
                    }
                }
            }
        }
    }
}

/// Advances the solver's vector over a stretch; ends early where the observer stops it, or where the patient is found
/// stiff: then the time reached is given.
///
/// # Errors
/// [`SolverError`]; `solved` then holds the last accepted values.
fn advance(
    integrator: &mut Integrator,
    system: &mut ComposedSystem,
    tolerances: &Tolerances,
    stretch: Stretch,
    solved: &mut [f64],
    subject: &mut Subject,
) -> Result<Option<f64>, SolverError> {
    let Subject { memory, counts, stiff, .. } = *subject;
    let mut effort = Effort { memory, counts, stiff };
    let reached = if integrator.is_reference() {
        let mut walk = |start: f64, end: f64, y: &mut [f64]| {
            let stretch = Stretch { from: start, to: end, start: true.into() };
            integrator.advance(system, tolerances, stretch, y, &mut effort, &mut |_| true).map(|_| ())
        };
        piecewise(&mut walk, stretch, solved, subject).map(|()| stretch.to)
    } else {
        let mut watch = |step: &dyn Interpolant| subject.watch(step);
        integrator.advance(system, tolerances, stretch, solved, &mut effort, &mut watch)
    };
    (subject.memory, subject.counts) = (effort.memory, effort.counts);
    let found = subject.settle_method();
    reached.map(|time| (found && time < stretch.to).then_some(time))
}

/// Advances a vector from one time to another.
type Walk<'w> = dyn FnMut(f64, f64, &mut [f64]) -> Result<(), SolverError> + 'w;

/// Goes over a stretch from one time of interest to the next with a method that has no interpolant.
fn piecewise(
    walk: &mut Walk<'_>,
    stretch: Stretch,
    solved: &mut [f64],
    subject: &mut Subject,
) -> Result<(), SolverError> {
    let mut start = stretch.from;
    let mut before = solved.to_vec();
    while start < stretch.to {
        let due = subject.next_record();
        let end = if due < stretch.to - MOMENT { due.max(start + MOMENT) } else { stretch.to };
        before.copy_from_slice(solved);
        walk(start, end, solved)?;
        let path = Path { start, end, from: &before, to: solved, walk: RefCell::new((walk, Ok(()))) };
        let go_on = subject.watch(&path);
        path.walk.into_inner().1?;
        if !go_on {
            return Ok(());
        }
        start = end;
    }
    Ok(())
}

/// What a method without an interpolant went over; between the ends it goes again.
struct Path<'a, 'w> {
    start: f64,
    end: f64,
    from: &'a [f64],
    to: &'a [f64],
    /// And whether it has always arrived.
    walk: RefCell<(&'a mut Walk<'w>, Result<(), SolverError>)>,
}

impl Interpolant for Path<'_, '_> {
    fn start(&self) -> f64 {
        self.start
    }

    fn end(&self) -> f64 {
        self.end
    }

    fn at(&self, t: f64, y: &mut [f64]) {
        if t >= self.end {
            return y.copy_from_slice(self.to);
        }
        y.copy_from_slice(self.from);
        let (walk, outcome) = &mut *self.walk.borrow_mut();
        if let Err(error) = walk(self.start, t, y) {
            // Seen when the observer has looked.
            y.fill(f64::NAN);
            *outcome = Err(error);
        }
    }
}
