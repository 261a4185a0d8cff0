//! A subject's states carried from one event to the next: what records and the search for a steady state share.
//!
//! The walker knows no dose and no record. Whoever leads it stops it at each event, changes states, inputs or
//! equations there, says so, and sends it on.

use super::clock::reached;
use super::failure;
use super::integrator::{Effort, Integrator, tolerances};
use super::onlooker::{Gap, Onlooker};
use super::seam::Seam;
use super::subject::{self, Stretch};
use super::system::{ComposedSystem, Composition};
use super::trajectory::Failure;
use crate::model::Model;
use crate::program::{Individual, Program};
use crate::scenario::Numerics;
use crate::solver::{Interpolant, SolverError, Start, Tolerances};

/// Amounts below this are set to 0 when something jumps: as denormal numbers they would slow the arithmetic down.
const NOTHING: f64 = 1e-100;

/// One subject under way.
#[derive(Debug)]
pub(super) struct Walker<'p> {
    pub(super) model: &'p Model,
    pub(super) program: &'p Program,
    composition: Composition<'p>,
    system: ComposedSystem<'p>,
    integrator: Integrator,
    tolerances: Tolerances,
    effort: Effort,
    solved: Vec<f64>,
    /// Values of the states now.
    pub(super) states: Vec<f64>,
    /// d.
    pub(super) time: f64,
    /// States, inputs or equations are not those of the last stretch.
    jumped: bool,
    seam: Seam<'p>,
    /// Led from stop to stop as a patient of a trial is, to the last bit ([`Walker::lead_as_in_trial`]).
    as_in_trial: bool,
    /// Nothing is integrated, and nothing is to be looked at between stops.
    closed: bool,
}

impl<'p> Walker<'p> {
    /// A walker for subjects of a model, which has been compiled to `program`.
    pub(super) fn new(model: &'p Model, program: &'p Program, numerics: &Numerics) -> Self {
        let integrator = Integrator::new(numerics);
        let composition = Composition::new(program, integrator.is_reference());
        let mut system = ComposedSystem::new(Individual::new(program, &[], &[]), &composition);
        system.inputs.resize(model.states.len(), 0.0);
        let kept = composition.kept();
        Walker {
            model,
            program,
            tolerances: tolerances(model, numerics, kept),
            effort: Effort::default(),
            solved: vec![0.0; kept.len()],
            composition,
            system,
            integrator,
            states: vec![0.0; model.states.len()],
            time: 0.0,
            jumped: true,
            seam: Seam::new(program),
            as_in_trial: false,
            closed: !Integrator::new(numerics).is_reference() && program.is_closed() && !program.is_guarded(),
        }
    }

    /// Begins with a subject at a time; its states are to be set.
    pub(super) fn begin(&mut self, individual: Individual<'p>, time: f64) {
        self.system.individual = individual;
        self.system.inputs.fill(0.0);
        self.effort = Effort::default();
        self.time = time;
        self.jumped = true;
        self.seam.open();
    }

    /// The subject's equations; say [`Walker::jump`] after a change.
    pub(super) fn individual(&mut self) -> &mut Individual<'p> {
        &mut self.system.individual
    }

    /// Zero-order input of each state, per day; say [`Walker::jump`] after a change.
    pub(super) fn inputs(&mut self) -> &mut [f64] {
        &mut self.system.inputs
    }

    /// Says that states, inputs, equations or the time have been changed.
    pub(super) fn jump(&mut self) {
        self.jumped = true;
    }

    /// Sets the states to their initial values.
    pub(super) fn initialise(&mut self) {
        self.system.individual.initial(&mut self.states);
        self.jumped = true;
    }

    /// The relative tolerance per step.
    pub(super) fn relative_tolerance(&self) -> f64 {
        self.tolerances.relative
    }

    /// Changes the relative tolerance; the former one.
    pub(super) fn set_relative_tolerance(&mut self, relative: f64) -> f64 {
        std::mem::replace(&mut self.tolerances.relative, relative)
    }

    /// Writes all outputs at the present time.
    pub(super) fn outputs(&mut self, outputs: &mut [f64]) {
        self.system.individual.outputs(self.time, &self.states, outputs);
    }

    /// Writes the rates of all states, as the model's equations and the inputs have them.
    pub(super) fn rates(&mut self, states: &[f64], rates: &mut [f64]) {
        self.system.individual.rates(self.time, states, rates);
        for (rate, input) in rates.iter_mut().zip(&self.system.inputs) {
            *rate += input;
        }
    }

    /// Whether to do at stops just what is done with a patient of a trial: what is next to nothing is dropped at each, and who
    /// is found stiff is stopped there.
    pub(super) fn lead_as_in_trial(&mut self, lead: bool) {
        self.as_in_trial = lead;
    }

    /// Whether the walker is led so.
    pub(super) fn is_led_as_in_trial(&self) -> bool {
        self.as_in_trial
    }

    /// Goes on to a time, with nothing happening on the way.
    ///
    /// # Errors
    /// What stopped the solver.
    pub(super) fn advance(&mut self, to: f64) -> Result<(), Failure> {
        self.advance_towards(to, to, None)
    }

    /// Goes on to a time on the way to a stop, which lies there or later; what lies between is not foreseen: the solver steps as
    /// if it went to the stop. An onlooker sees every step.
    ///
    /// # Errors
    /// What stopped the solver, or what the onlooker cannot go on with.
    pub(super) fn advance_towards(
        &mut self,
        to: f64,
        stop: f64,
        mut onlooker: Option<&mut Onlooker<'p>>,
    ) -> Result<(), Failure> {
        if to.partial_cmp(&self.time) != Some(std::cmp::Ordering::Greater) {
            return Ok(());
        }
        self.drop_nothing();
        if self.closed && self.as_in_trial {
            return self.carry(to, onlooker);
        }
        let mut from = self.time;
        self.rebase(from, stop)?;
        let Walker { seam, system: ComposedSystem { individual, inputs, .. }, states, .. } = self;
        let rates_stand = seam.holds(individual, from, states, inputs);
        let mut start = Start { jumped: std::mem::take(&mut self.jumped), rates_stand };
        if self.solved.is_empty() {
            self.show(&Gap { from, to: stop }, onlooker.as_deref_mut())?;
            from = to;
        }
        while from < to {
            let stretch = Stretch { from, to: stop, start };
            let reached = self.stretch(stretch, to, onlooker.as_deref_mut());
            from = reached.map_err(|error| {
                let limit = self.tolerances.maximum_steps;
                failure::of_solver(error, self.model, self.composition.kept(), limit)
            })?;
            if let Some(onlooker) = onlooker.as_deref_mut() {
                onlooker.settle()?;
            }
            if !self.effort.stiff && self.effort.memory.is_stiff() {
                // The other method goes on, and begins afresh.
                self.effort.stiff = true;
                self.effort.memory = Default::default();
                start = (!self.as_in_trial).into();
                if self.as_in_trial && from < to {
                    self.expand(from);
                    self.drop_nothing();
                    self.rebase(from, stop)?;
                }
            }
        }
        self.expand(to);
        self.time = to;
        if to == stop {
            let Walker { seam, system: ComposedSystem { individual, inputs, .. }, states, .. } = self;
            seam.close(individual, to, states, inputs);
        }
        self.check_states("became infinite or not a number")
    }

    /// One call of the solver; the time reached. It ends with the first step that goes to `to` or beyond, and the values are then
    /// those at `to`.
    fn stretch(
        &mut self,
        stretch: Stretch,
        to: f64,
        mut onlooker: Option<&mut Onlooker<'p>>,
    ) -> Result<f64, SolverError> {
        let Walker { integrator, system, tolerances, solved, effort, composition, .. } = self;
        if let Some(onlooker) = onlooker.as_deref_mut() {
            onlooker.reads(&system.individual);
        }
        let mut interrupted = None;
        let mut watch = |step: &dyn Interpolant| {
            let go_on = onlooker.as_deref_mut().is_none_or(|onlooker| onlooker.watch(step, composition));
            if to < stretch.to && step.end() >= to {
                let mut values = vec![0.0; composition.kept().len()];
                step.at(to, &mut values);
                interrupted = Some(values);
            }
            go_on && interrupted.is_none()
        };
        let reached = integrator.advance(system, tolerances, stretch, solved, effort, &mut watch)?;
        let Some(values) = interrupted else { return Ok(reached) };
        self.solved = values;
        Ok(to)
    }

    /// Over a span in which everything has a closed form and there is nothing to solve, as a patient of a trial goes over it.
    fn carry(&mut self, to: f64, mut onlooker: Option<&mut Onlooker<'p>>) -> Result<(), Failure> {
        self.jumped = false;
        let between = |onlooker: &Option<&mut Onlooker<'p>>| {
            onlooker.as_deref().map(Onlooker::next_record).filter(|due| !reached(to, *due))
        };
        while let (Some(due), Some(onlooker)) = (between(&onlooker), onlooker.as_deref_mut()) {
            // From the start of the stretch, as all that is recorded within.
            let mut states = self.states.clone();
            let Walker { system: ComposedSystem { individual, inputs, .. }, time, .. } = self;
            individual
                .carry(due - *time, &mut states, inputs)
                .map_err(|none| failure::of_closed_form(self.model, none, *time))?;
            onlooker.reads(individual);
            onlooker.look(due, &states)?;
        }
        let Walker { system: ComposedSystem { individual, inputs, .. }, states, time, .. } = self;
        individual
            .carry(to - *time, states, inputs)
            .map_err(|none| failure::of_closed_form(self.model, none, *time))?;
        self.time = to;
        if let Some(onlooker) = onlooker {
            onlooker.reads(&self.system.individual);
            onlooker.look(to, &self.states)?;
        }
        self.check_states("became infinite or not a number")
    }

    /// Shows a stretch without anything to solve.
    fn show(&mut self, gap: &Gap, onlooker: Option<&mut Onlooker<'p>>) -> Result<(), Failure> {
        let Some(onlooker) = onlooker else { return Ok(()) };
        onlooker.reads(&self.system.individual);
        onlooker.watch(gap, &self.composition);
        onlooker.settle()
    }

    /// Puts to 0 what is next to nothing.
    fn drop_nothing(&mut self) {
        let least = match (self.as_in_trial, self.jumped) {
            (true, _) => subject::NOTHING,
            (false, true) => NOTHING,
            (false, false) => return,
        };
        for state in self.states.iter_mut().filter(|state| state.abs() < least) {
            *state = 0.0;
        }
    }

    /// Makes closed forms for the span up to the next stop, also where nothing happened.
    fn rebase(&mut self, from: f64, stop: f64) -> Result<(), Failure> {
        let Walker { composition, system: ComposedSystem { individual, inputs, .. }, states, solved, .. } =
            self;
        composition
            .rebase(individual, (from, stop - from), states, inputs, solved)
            .map_err(|none| failure::of_closed_form(self.model, none, from))
    }

    fn expand(&mut self, time: f64) {
        self.composition.expand(&mut self.system.individual, time, &self.solved, &mut self.states);
    }

    /// Looks for states that are not finite.
    ///
    /// # Errors
    /// The first of them.
    pub(super) fn check_states(&self, what: &str) -> Result<(), Failure> {
        match self.states.iter().position(|state| !state.is_finite()) {
            Some(state) => Err(failure::of_state(self.model, state, self.time, what)),
            None => Ok(()),
        }
    }

    /// Looks at the volumes that vary with time or states.
    ///
    /// # Errors
    /// One that is no longer above 0.
    pub(super) fn check_volumes(&mut self) -> Result<(), Failure> {
        failure::of_volume(self.model, &mut self.system.individual, self.time, &self.states)
            .map_or(Ok(()), Err)
    }

    /// Looks at what is constant between events.
    ///
    /// # Errors
    /// A volume that is no volume.
    pub(super) fn check_constants(&self) -> Result<(), Failure> {
        failure::of_constants(self.model, &self.system.individual, self.time).map_or(Ok(()), Err)
    }
}
