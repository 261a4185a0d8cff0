//! Names given their meaning: equations put in order (cycles are named), every expression of every module checked in
//! its own scope, and the flat model filled in.

use super::check::{Checked, binary, check_condition, check_expression, unary};
use super::declarations::{Distribution, Individual, Instance, Written};
use super::declare::{Pending, Resolver, Shape, coherent_unit, effect_name};
use super::definition::{Equation, Model, NamedUnit};
use super::formula::{BinaryOperation, Formula, Symbol, UnaryOperation};
use super::functions::{expit, logit};
use super::order::{Order, sort};
use super::scope::Scope;
use crate::diagnostic::{Diagnostic, Span};
use crate::expression::{Expression, Kind};
use crate::units::Dimension;

/// Checks all instances and flattens them. Errors are pushed; a model comes back even then, for the caller to drop.
pub(super) fn resolve(
    name: &str,
    instances: &[Instance],
    alone: bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Model> {
    let mut resolver = Resolver::new(name, instances, alone, diagnostics);
    resolver.declare();
    resolver.equation_dimensions = vec![None; resolver.pending.len()];
    resolver.equation_logical = vec![false; resolver.pending.len()];
    resolver.equation_varies = vec![false; resolver.pending.len()];
    resolver.effects();
    resolver.correlations();
    resolver.equations();
    resolver.bounds();
    resolver.states();
    resolver.doses();
    resolver.outputs();
    resolver.hazards();
    resolver.requirements();
    resolver.unused();
    Some(resolver.model)
}

/// Calls `visit` for each name in an expression.
fn names(expression: &Expression, visit: &mut dyn FnMut(&str)) {
    match &expression.kind {
        Kind::Name(name) => visit(name),
        Kind::Unary(_, operand) => names(operand, visit),
        Kind::Binary(_, left, right) => {
            names(left, visit);
            names(right, visit);
        }
        Kind::Call { arguments, .. } => arguments.iter().for_each(|argument| names(argument, visit)),
        Kind::Number(_) | Kind::Quantity { .. } | Kind::Logical(_) => {}
    }
}

impl Resolver<'_> {
    pub fn quantity(
        &mut self,
        scope: usize,
        tree: &Expression,
        wanted: Option<(Dimension, &str)>,
    ) -> Option<Checked> {
        let mut said = Vec::new();
        let checked = check_expression(tree, &mut Scope { resolver: self, scope }, wanted, &mut said);
        self.diagnostics.append(&mut said);
        checked
    }

    pub fn condition(&mut self, scope: usize, tree: &Expression) -> Option<Formula> {
        let mut said = Vec::new();
        let formula = check_condition(tree, &mut Scope { resolver: self, scope }, &mut said);
        self.diagnostics.append(&mut said);
        formula
    }

    /// Whether a formula depends on time or a state.
    fn varies(&self, formula: &Formula) -> bool {
        let mut varies = false;
        formula.symbols(&mut |symbol| {
            varies |= match symbol {
                Symbol::Time | Symbol::State(_) => true,
                Symbol::Equation(i) => self.equation_varies[i],
                _ => false,
            }
        });
        varies
    }

    /// Refuses what depends on time or a state where only patient constants make sense.
    pub fn constant_between_events(&mut self, formula: &Formula, span: Span, what: &str) {
        if self.varies(formula) {
            self.diagnostics.push(
                Diagnostic::error(format!("{what} must not depend on a state or on time"), span, "it does")
                    .help("use covariates, parameters, individual parameters and equations of those"),
            );
        }
    }

    pub fn equations(&mut self) {
        let uses: Vec<Vec<usize>> = (0..self.pending.len()).map(|index| self.uses(index)).collect();
        let order = self.ordered(uses);
        let pending = std::mem::take(&mut self.pending);
        let mut checked: Vec<Option<Equation>> = pending.iter().map(|_| None).collect();
        for &index in &order {
            checked[index] = self.equation(index, &pending[index]);
        }
        self.model.equation_order = order;
        self.model.equations = checked
            .into_iter()
            .zip(&pending)
            .map(|(equation, pending)| {
                equation.unwrap_or_else(|| Equation {
                    name: pending.name.clone(),
                    unit: coherent_unit(Dimension::NONE),
                    text: pending.text.clone(),
                    formula: Formula::Constant(f64::NAN),
                    about: pending.about.clone(),
                })
            })
            .collect();
        self.pending = pending;
    }

    /// The equations that an equation uses.
    fn uses(&mut self, index: usize) -> Vec<usize> {
        let tree = self.pending[index].tree.clone();
        let scope = self.pending[index].scope;
        let prefix = &self.instances[scope].prefix;
        let mut uses = Vec::new();
        names(&tree, &mut |name| {
            if let Some(entity) = self.table.get(&format!("{prefix}{name}"))
                && let Symbol::Equation(used) = entity.symbol
            {
                uses.push(used);
            }
        });
        uses
    }

    /// Sorts, reporting each cycle and leaving its members out.
    fn ordered(&mut self, mut uses: Vec<Vec<usize>>) -> Vec<usize> {
        let mut faulty = vec![false; uses.len()];
        loop {
            match sort(&uses) {
                Order::Sorted(order) => return order.into_iter().filter(|index| !faulty[*index]).collect(),
                Order::Cycle(cycle) => {
                    self.report_cycle(&cycle);
                    for member in cycle {
                        faulty[member] = true;
                        uses[member].clear();
                    }
                }
            }
        }
    }

    fn report_cycle(&mut self, cycle: &[usize]) {
        let first = &self.pending[cycle[0]];
        let mut path: Vec<&str> = cycle.iter().map(|index| self.pending[*index].name.as_str()).collect();
        path.push(&first.name);
        let mut finding = Diagnostic::error(
            format!("equations use each other in a circle: {}", path.join(" → ")),
            first.tree.span,
            format!("`{}` uses `{}`", path[0], path[1]),
        )
        .help("a quantity that feeds back on itself needs a state between cause and effect");
        for (position, index) in cycle.iter().enumerate().skip(1) {
            let label = format!("`{}` uses `{}`", path[position], path[position + 1]);
            finding = finding.related(self.pending[*index].tree.span, label);
        }
        self.diagnostics.push(finding);
    }

    fn equation(&mut self, index: usize, pending: &Pending) -> Option<Equation> {
        let mut said = Vec::new();
        let mut scope = Scope { resolver: self, scope: pending.scope };
        let wanted = pending.unit.as_ref().map(|unit| (unit.unit.dimension, unit.name.clone()));
        let words = wanted.as_ref().map(|(_, name)| format!("`{}`, declared in {name},", pending.name));
        let expected =
            wanted.as_ref().zip(words.as_deref()).map(|((dimension, _), words)| (*dimension, words));
        let logical = looks_logical(&pending.tree, &mut scope);
        let checked = if logical && expected.is_none() {
            check_condition(&pending.tree, &mut scope, &mut said).map(Checked::condition)
        } else {
            check_expression(&pending.tree, &mut scope, expected, &mut said)
        };
        self.diagnostics.append(&mut said);
        let checked = checked?;
        self.equation_dimensions[index] = Some(checked.dimension);
        self.equation_logical[index] = checked.logical;
        let (formula, text) = match pending.shape {
            Shape::Plain => (checked.formula, pending.text.clone()),
            Shape::Individual(distribution, effect, occasion) => {
                let what = format!("the typical value of `{}`", pending.name);
                self.constant_between_events(&checked.formula, pending.tree.span, &what);
                let kappa = occasion.then(|| self.occasion_effect(&pending.name)).flatten();
                self.individual(distribution, (effect, kappa), checked, pending)
            }
        };
        self.equation_varies[index] = self.varies(&formula);
        Some(Equation {
            name: pending.name.clone(),
            unit: self.shown_unit(index, pending),
            text,
            formula,
            about: pending.about.clone(),
        })
    }

    fn shown_unit(&self, index: usize, pending: &Pending) -> NamedUnit {
        pending
            .unit
            .clone()
            .unwrap_or_else(|| coherent_unit(self.equation_dimensions[index].unwrap_or(Dimension::NONE)))
    }

    /// The effect of occasions of an individual parameter.
    fn occasion_effect(&self, individual: &str) -> Option<usize> {
        let name = effect_name(true, "", individual);
        self.model.random_effects.iter().position(|effect| effect.name == name)
    }

    /// The typical value with its random effects, and how that is written.
    fn individual(
        &mut self,
        distribution: Distribution,
        (effect, kappa): (usize, Option<usize>),
        typical: Checked,
        pending: &Pending,
    ) -> (Formula, String) {
        let mut eta = Formula::Constant(0.0);
        let mut names = Vec::new();
        for (place, effect) in [Some(effect), kappa].into_iter().flatten().enumerate() {
            self.used.insert(Symbol::RandomEffect(effect));
            let symbol = Formula::Symbol(Symbol::RandomEffect(effect));
            eta = if place == 0 { symbol } else { binary(BinaryOperation::Add, eta, symbol) };
            names.push(self.model.random_effects[effect].symbol());
            if distribution == Distribution::Normal {
                self.need_dimension_of(effect, &typical, pending);
            }
        }
        let names = names.join(" + ");
        match distribution {
            Distribution::LogNormal => (
                binary(BinaryOperation::Multiply, typical.formula, unary(UnaryOperation::Exp, eta)),
                format!("({}) * exp({names})", pending.text),
            ),
            Distribution::LogitNormal => {
                self.need_pure_number(&typical, pending, "a logit-normal parameter");
                let text = format!("expit(logit({}) + {names})", pending.text);
                (expit(binary(BinaryOperation::Add, logit(typical.formula), eta)), text)
            }
            Distribution::Normal => {
                (binary(BinaryOperation::Add, typical.formula, eta), format!("{} + {names}", pending.text))
            }
        }
    }

    /// The SD of a normal parameter has the parameter's dimension.
    fn need_dimension_of(&mut self, effect: usize, typical: &Checked, pending: &Pending) {
        if self.effect_dimensions[effect] == typical.dimension {
            return;
        }
        let unit = coherent_unit(typical.dimension).name;
        let described = &self.model.random_effects[effect];
        let between = if described.by_occasion { " between occasions" } else { "" };
        self.diagnostics.push(
            Diagnostic::error(
                format!("the SD of `{}`{between} has another dimension than the parameter", pending.name),
                described.span,
                "normally distributed",
            )
            .help(format!("write the SD with its unit, as in `sd = \"1.6 {unit}\"`")),
        );
    }

    fn need_pure_number(&mut self, checked: &Checked, pending: &Pending, what: &str) {
        if !checked.dimension.is_none() {
            self.diagnostics.push(
                Diagnostic::error(
                    format!("{what} is a fraction between 0 and 1, but this has a dimension"),
                    pending.tree.span,
                    checked.dimension.to_string(),
                )
                .help("divide by a reference value"),
            );
        }
    }

    /// Bounds on individual values become bounds on their random effects.
    fn bounds(&mut self) {
        let instances = self.instances;
        let mut effect = 0;
        for (scope, instance) in instances.iter().enumerate() {
            for individual in &instance.declared.individuals {
                let name = format!("{}{}", instance.prefix, individual.item.name.value);
                let lower = individual.lower.as_ref().and_then(|w| self.bound(scope, &name, individual, w));
                let upper = individual.upper.as_ref().and_then(|w| self.bound(scope, &name, individual, w));
                self.model.random_effects[effect].lower = lower;
                self.model.random_effects[effect].upper = upper;
                effect += 1;
            }
            effect += instance.declared.effects.len() + instance.declared.occasion_effects.len();
        }
    }

    fn bound(
        &mut self,
        scope: usize,
        name: &str,
        individual: &Individual,
        written: &Written,
    ) -> Option<Formula> {
        let Some(Symbol::Equation(index)) = self.table.get(name).map(|entity| entity.symbol) else {
            return None;
        };
        let dimension = self.equation_dimensions[index]?;
        let words = format!("`{name}`");
        let bound = self.quantity(scope, &written.tree, Some((dimension, &words)))?.formula;
        self.constant_between_events(&bound, written.tree.span, "a bound");
        let typical = self.quantity(scope, &individual.typical.tree, None)?.formula;
        Some(match individual.effect.distribution {
            Distribution::LogNormal => {
                unary(UnaryOperation::Log, binary(BinaryOperation::Divide, bound, typical))
            }
            Distribution::LogitNormal => binary(BinaryOperation::Subtract, logit(bound), logit(typical)),
            Distribution::Normal => binary(BinaryOperation::Subtract, bound, typical),
        })
    }

    fn states(&mut self) {
        let instances = self.instances;
        let mut index = 0;
        for (scope, instance) in instances.iter().enumerate() {
            for state in &instance.declared.states {
                let name = self.model.states[index].name.clone();
                let dimension = self.model.states[index].unit.unit.dimension;
                let words = format!("the rate of `{name}`");
                let known = !self.faulty.contains(&Symbol::State(index));
                let wanted = known.then_some((dimension.over(Dimension::time()), words.as_str()));
                if let Some(rate) = self.quantity(scope, &state.rate.tree, wanted) {
                    self.model.states[index].rate = rate.formula;
                }
                if let Some(written) = &state.initial {
                    let words = format!("`{name}`, declared in {},", self.model.states[index].unit.name);
                    if let Some(initial) =
                        self.quantity(scope, &written.tree, known.then_some((dimension, words.as_str())))
                    {
                        let what = format!("the initial value of `{name}`");
                        self.constant_between_events(&initial.formula, written.tree.span, &what);
                        self.model.states[index].initial = initial.formula;
                    }
                }
                index += 1;
            }
        }
    }
}

/// Whether an expression is a condition by its outermost operator (or names one).
fn looks_logical(tree: &Expression, scope: &mut Scope<'_, '_>) -> bool {
    use crate::expression::{BinaryOperator as B, UnaryOperator};
    match &tree.kind {
        Kind::Logical(_) | Kind::Unary(UnaryOperator::Not, _) => true,
        Kind::Binary(operator, _, _) => {
            !matches!(operator, B::Add | B::Subtract | B::Multiply | B::Divide | B::Power)
        }
        Kind::Name(name) => super::check::Names::resolve(scope, name, tree.span, &mut Vec::new())
            .is_some_and(|checked| checked.logical),
        Kind::Call { function, arguments } if function == "if" => {
            arguments.get(1).is_some_and(|yes| looks_logical(yes, scope))
        }
        _ => false,
    }
}
