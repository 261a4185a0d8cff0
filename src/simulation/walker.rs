//! A subject's states carried from one event to the next: what records and the search for a steady state share.
//!
//! The walker knows no dose and no record. Whoever leads it stops it at each event, changes states, inputs or
//! equations there, says so, and sends it on.

use super::failure;
use super::integrator::{Effort, Integrator, tolerances};
use super::subject::Stretch;
use super::system::{ComposedSystem, Composition};
use super::trajectory::Failure;
use crate::model::Model;
use crate::program::{Individual, Program};
use crate::scenario::Numerics;
use crate::solver::Tolerances;

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
        }
    }

    /// Begins with a subject at a time; its states are to be set.
    pub(super) fn begin(&mut self, individual: Individual<'p>, time: f64) {
        self.system.individual = individual;
        self.system.inputs.fill(0.0);
        self.effort = Effort::default();
        self.time = time;
        self.jumped = true;
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

    /// Goes on to a time, with nothing happening on the way.
    ///
    /// # Errors
    /// What stopped the solver.
    pub(super) fn advance(&mut self, to: f64) -> Result<(), Failure> {
        if to.partial_cmp(&self.time) != Some(std::cmp::Ordering::Greater) {
            return Ok(());
        }
        if self.jumped {
            for state in self.states.iter_mut().filter(|state| state.abs() < NOTHING) {
                *state = 0.0;
            }
        }
        // Closed forms are made for the span up to the next time, also where nothing happened.
        let Walker { composition, system, time, states, solved, .. } = self;
        let ComposedSystem { individual, inputs, .. } = system;
        composition
            .rebase(individual, (*time, to - *time), states, inputs, solved)
            .map_err(|none| failure::of_closed_form(self.model, none, self.time))?;
        let mut jumped = std::mem::take(&mut self.jumped);
        let mut from = self.time;
        while from < to && !self.solved.is_empty() {
            let stretch = Stretch { from, to, jumped };
            let Walker { integrator, system, tolerances, solved, effort, .. } = self;
            let reached = integrator.advance(system, tolerances, stretch, solved, effort, &mut |_| true);
            from = reached.map_err(|error| {
                let limit = self.tolerances.maximum_steps;
                failure::of_solver(error, self.model, self.composition.kept(), limit)
            })?;
            if !self.effort.stiff && self.effort.memory.is_stiff() {
                // The other method goes on, and begins afresh.
                self.effort.stiff = true;
                self.effort.memory = Default::default();
                jumped = true;
            }
        }
        self.composition.expand(&mut self.system.individual, to, &self.solved, &mut self.states);
        self.time = to;
        self.check_states("became infinite or not a number")
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
