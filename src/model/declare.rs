//! Every name of every module entered in one table.
//!
//! Nothing is checked here but that no name is taken twice; [`super::resolve`] reads the expressions.

use std::collections::{HashMap, HashSet};

use super::declarations::{self, Distribution, Instance, Item, Written};
use super::definition::{
    Control, Covariate, Model, ModuleNote, NamedUnit, Output, Parameter, RandomEffect, State,
};
use super::formula::{Formula, Symbol};
use crate::diagnostic::{Diagnostic, Span};
use crate::expression::{Expression, Kind};
use crate::units::{self, Dimension, Unit};

/// The default absolute tolerance of a state, in the state's own unit (`docs/numerics.md`).
pub const DEFAULT_ABSOLUTE_TOLERANCE: f64 = 1e-8;

/// What a full name stands for, and where it was declared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entity {
    pub symbol: Symbol,
    pub span: Span,
}

/// An equation waiting to be checked in the scope of an instance.
pub(super) struct Pending {
    pub scope: usize,
    pub name: String,
    pub tree: Expression,
    pub text: String,
    pub unit: Option<NamedUnit>,
    pub about: String,
    pub shape: Shape,
}

/// What becomes of the checked expression.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    Plain,
    /// A typical value with a random effect, and perhaps one of occasions.
    Individual(Distribution, usize, bool),
}

/// The work in progress: the model as far as it is known, and what is known of each name.
pub(super) struct Resolver<'a> {
    pub instances: &'a [Instance],
    pub alone: bool,
    pub diagnostics: &'a mut Vec<Diagnostic>,
    pub model: Model,
    pub table: HashMap<String, Entity>,
    /// Dimension of each equation, once checked; `None` if not yet or faulty.
    pub equation_dimensions: Vec<Option<Dimension>>,
    /// Whether an equation is a condition.
    pub equation_logical: Vec<bool>,
    /// Whether an equation depends on time or a state.
    pub equation_varies: Vec<bool>,
    pub effect_dimensions: Vec<Dimension>,
    pub pending: Vec<Pending>,
    pub used: HashSet<Symbol>,
    /// Symbols whose unit could not be read: reported once, silent wherever they are used.
    pub faulty: HashSet<Symbol>,
}

pub(super) fn no_unit() -> NamedUnit {
    NamedUnit { name: "1".to_owned(), unit: Unit { dimension: Dimension::NONE, factor: 1.0 } }
}

pub(super) fn coherent_unit(dimension: Dimension) -> NamedUnit {
    let name = units::coherent_name(dimension);
    let unit = units::parse(&name).unwrap_or(Unit { dimension, factor: 1.0 });
    NamedUnit { name, unit }
}

/// The full name of a random effect of a module.
pub(super) fn effect_name(by_occasion: bool, prefix: &str, name: &str) -> String {
    format!("{}{prefix}{name}", if by_occasion { "kappa." } else { "" })
}

impl<'a> Resolver<'a> {
    pub fn new(
        name: &str,
        instances: &'a [Instance],
        alone: bool,
        diagnostics: &'a mut Vec<Diagnostic>,
    ) -> Self {
        let day = coherent_unit(Dimension::time());
        let model = Model {
            name: name.to_owned(),
            title: instances[0].declared.title.clone(),
            time: instances[0].declared.time.clone().unwrap_or(day),
            modules: instances
                .iter()
                .map(|instance| ModuleNote {
                    alias: instance.prefix.trim_end_matches('.').to_owned(),
                    title: instance.declared.title.clone(),
                    source: instance.declared.source.clone(),
                    about: instance.declared.about.clone(),
                    notes: instance.declared.notes.clone(),
                    drugs: instance.declared.doses.iter().map(|dose| dose.item.name.value.clone()).collect(),
                })
                .collect(),
            covariates: Vec::new(),
            parameters: Vec::new(),
            controls: Vec::new(),
            random_effects: Vec::new(),
            correlations: Vec::new(),
            equations: Vec::new(),
            equation_order: Vec::new(),
            states: Vec::new(),
            routes: Vec::new(),
            outputs: Vec::new(),
            hazards: Vec::new(),
            requirements: Vec::new(),
            card: None,
        };
        Self {
            instances,
            alone,
            diagnostics,
            model,
            table: HashMap::new(),
            equation_dimensions: Vec::new(),
            equation_logical: Vec::new(),
            equation_varies: Vec::new(),
            effect_dimensions: Vec::new(),
            pending: Vec::new(),
            used: HashSet::new(),
            faulty: HashSet::new(),
        }
    }

    /// The unit of a declared item; where it could not be read, the symbol is faulty.
    fn unit_of(&mut self, item: &Item, symbol: Symbol) -> NamedUnit {
        item.unit.clone().unwrap_or_else(|| {
            self.faulty.insert(symbol);
            no_unit()
        })
    }

    /// Enters a name; a second use of it is an error that shows both places.
    fn enter(&mut self, full: String, span: Span, symbol: Symbol) {
        if let Some(first) = self.table.get(&full) {
            self.diagnostics.push(
                Diagnostic::error(format!("`{full}` is defined twice"), span, "again here")
                    .related(first.span, "first here")
                    .help("give one of them another name"),
            );
            return;
        }
        self.table.insert(full, Entity { symbol, span });
    }

    pub fn declare(&mut self) {
        let instances = self.instances;
        for (scope, instance) in instances.iter().enumerate() {
            let declared = &instance.declared;
            for covariate in &declared.covariates {
                self.covariate(covariate);
            }
            let full = |item: &Item| format!("{}{}", instance.prefix, item.name.value);
            for (item, value) in &declared.parameters {
                let symbol = Symbol::Parameter(self.model.parameters.len());
                self.enter(full(item), item.name.span, symbol);
                let unit = self.unit_of(item, symbol);
                self.model.parameters.push(Parameter {
                    name: full(item),
                    value: unit.read(*value),
                    unit,
                    about: item.about.clone(),
                    source: item.source.clone(),
                    tag: item.tag,
                });
            }
            for (item, value, driven_by_treatment) in &declared.controls {
                let symbol = Symbol::Control(self.model.controls.len());
                self.enter(full(item), item.name.span, symbol);
                let unit = self.unit_of(item, symbol);
                self.model.controls.push(Control {
                    name: full(item),
                    value: unit.read(*value),
                    unit,
                    about: item.about.clone(),
                    driven_by_treatment: *driven_by_treatment,
                });
            }
            for state in &declared.states {
                let symbol = Symbol::State(self.model.states.len());
                self.enter(full(&state.item), state.item.name.span, symbol);
                let unit = self.unit_of(&state.item, symbol);
                let tolerance = state.tolerance.map_or(DEFAULT_ABSOLUTE_TOLERANCE, |number| number.value);
                self.model.states.push(State {
                    name: full(&state.item),
                    absolute_tolerance: unit.read(tolerance),
                    unit,
                    text: state.rate.text.clone(),
                    rate: Formula::Constant(f64::NAN),
                    initial: Formula::Constant(0.0),
                    initial_text: state.initial.as_ref().map_or_else(|| "0".to_owned(), |i| i.text.clone()),
                    about: state.item.about.clone(),
                });
            }
            self.declare_equations(scope, instance);
        }
    }

    fn declare_equations(&mut self, scope: usize, instance: &Instance) {
        let declared = &instance.declared;
        for (item, default) in &declared.inputs {
            let bound = instance.bindings.iter().find(|(name, _)| name.value == item.name.value);
            match (bound, instance.parent, default) {
                (Some((_, written)), Some(parent), _) => {
                    self.pend(parent, instance, item, written, Shape::Plain)
                }
                (_, _, Some(default)) => self.pend(scope, instance, item, default, Shape::Plain),
                _ => self.given_input(instance, item),
            }
        }
        for individual in &declared.individuals {
            let effect = self.model.random_effects.len();
            self.declare_effect(instance, &individual.effect, false);
            let (distribution, occasion) = (individual.effect.distribution, individual.varies_by_occasion);
            let shape = Shape::Individual(distribution, effect, occasion);
            self.pend(scope, instance, &individual.item, &individual.typical, shape);
        }
        for effect in &declared.effects {
            self.declare_effect(instance, effect, false);
        }
        for effect in &declared.occasion_effects {
            self.declare_effect(instance, effect, true);
        }
        for (item, written) in &declared.equations {
            self.pend(scope, instance, item, written, Shape::Plain);
        }
        for output in &declared.outputs {
            let full = format!("{}{}", instance.prefix, output.item.name.value);
            let same = matches!(&output.value.tree.kind, Kind::Name(name) if *name == output.item.name.value);
            // An output may bear the name of what it shows: `[outputs] A = { value = "A" }`.
            if !(same && self.named_in(instance, &output.item.name.value)) {
                self.pend(scope, instance, &output.item, &output.value, Shape::Plain);
            }
            self.model.outputs.push(Output {
                name: full,
                unit: output.item.unit.clone().unwrap_or_else(no_unit),
                text: output.value.text.clone(),
                formula: Formula::Constant(f64::NAN),
                error: None,
                about: output.item.about.clone(),
            });
        }
    }

    /// An input that nothing binds. A module looked at by itself takes it as given; elsewhere it is an error. Either
    /// way a control stands for it, so that what uses it can be checked.
    fn given_input(&mut self, instance: &Instance, item: &Item) {
        let full = format!("{}{}", instance.prefix, item.name.value);
        if !(self.alone && instance.parent.is_none()) {
            self.diagnostics.push(
                Diagnostic::error(format!("nothing binds the input `{full}`"), item.name.span, "this input").help(
                    format!(
                        "bind it where the module is used, `inputs = {{ {} = \"…\" }}`, or give it a `default`",
                        item.name.value
                    ),
                ),
            );
        }
        let symbol = Symbol::Control(self.model.controls.len());
        self.enter(full.clone(), item.name.span, symbol);
        let unit = self.unit_of(item, symbol);
        self.model.controls.push(Control {
            name: full,
            unit,
            value: 0.0,
            about: item.about.clone(),
            driven_by_treatment: false,
        });
    }

    fn named_in(&self, instance: &Instance, name: &str) -> bool {
        let declared = &instance.declared;
        declared.states.iter().any(|state| state.item.name.value == name)
            || declared.equations.iter().any(|(item, _)| item.name.value == name)
            || declared.individuals.iter().any(|individual| individual.item.name.value == name)
            || declared.covariates.iter().any(|covariate| covariate.item.name.value == name)
    }

    fn pend(&mut self, scope: usize, instance: &Instance, item: &Item, written: &Written, shape: Shape) {
        let name = format!("{}{}", instance.prefix, item.name.value);
        self.enter(name.clone(), item.name.span, Symbol::Equation(self.pending.len()));
        self.pending.push(Pending {
            scope,
            name,
            tree: written.tree.clone(),
            text: written.text.clone(),
            unit: item.unit.clone(),
            about: item.about.clone(),
            shape,
        });
    }

    fn declare_effect(&mut self, instance: &Instance, effect: &declarations::Effect, by_occasion: bool) {
        let word = if by_occasion { "kappa" } else { "eta" };
        let full = format!("{}{word}.{}", instance.prefix, effect.name.value);
        self.enter(full, effect.name.span, Symbol::RandomEffect(self.model.random_effects.len()));
        let distribution = match effect.distribution {
            Distribution::LogNormal => "log-normal",
            Distribution::LogitNormal => "logit-normal",
            Distribution::Normal => "normal",
        };
        self.model.random_effects.push(RandomEffect {
            name: effect_name(by_occasion, &instance.prefix, &effect.name.value),
            by_occasion,
            omega: f64::NAN,
            lower: None,
            upper: None,
            distribution: distribution.to_owned(),
            unit: no_unit(),
            span: effect.name.span,
        });
        self.effect_dimensions.push(Dimension::NONE);
    }

    /// Covariates are shared by name; two modules must agree on the dimension.
    fn covariate(&mut self, declared: &declarations::Covariate) {
        let declarations::Covariate { item, column, interpolation } = declared;
        let Some(known) = self.model.covariate(&item.name.value) else {
            let symbol = Symbol::Covariate(self.model.covariates.len());
            let unit = self.unit_of(item, symbol);
            self.enter(item.name.value.clone(), item.name.span, symbol);
            let name = item.name.value.clone();
            self.model.covariates.push(Covariate {
                name,
                unit,
                column: column.clone(),
                interpolation: *interpolation,
                about: item.about.clone(),
            });
            return;
        };
        let unit = self.unit_of(item, Symbol::Covariate(known));
        if self.faulty.contains(&Symbol::Covariate(known)) {
            return;
        }
        // What one module leaves open, another may say.
        let covariate = &mut self.model.covariates[known];
        covariate.column = covariate.column.take().or_else(|| column.clone());
        covariate.interpolation = covariate.interpolation.or(*interpolation);
        let first = &self.model.covariates[known].unit;
        if first.unit.dimension != unit.unit.dimension {
            let finding = Diagnostic::error(
                format!("the covariate `{}` has two dimensions", item.name.value),
                item.name.span,
                format!("{} here", unit.name),
            );
            let place = self.table.get(&item.name.value).map(|entity| entity.span);
            let label = format!("{} here", first.name);
            self.diagnostics.push(match place {
                Some(span) => finding.related(span, label),
                None => finding,
            });
        }
    }
}
