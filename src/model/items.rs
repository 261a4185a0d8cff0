//! Doses, outputs, hazards and requirements checked in the scope of their module; what is never used is pointed out.

use super::check::constant;
use super::declarations::{Dose, Written};
use super::declare::{Entity, Resolver};
use super::definition::{Destination, Error, Hazard, NamedUnit, Requirement, Route};
use super::formula::{Formula, Symbol};
use crate::diagnostic::{Diagnostic, Span, closest, has_errors};
use crate::expression::{Expression, Kind};
use crate::units::Dimension;

impl Resolver<'_> {
    pub fn doses(&mut self) {
        let instances = self.instances;
        for (scope, instance) in instances.iter().enumerate() {
            for dose in &instance.declared.doses {
                if self.model.route(&dose.item.name.value).is_some() {
                    let message = format!("two modules have a dose called `{}`", dose.item.name.value);
                    self.diagnostics.push(Diagnostic::error(message, dose.item.name.span, "again here"));
                    continue;
                }
                if let Some(route) = self.route(scope, &instance.prefix, dose) {
                    self.model.routes.push(route);
                }
            }
        }
        self.compartments();
    }

    /// One route; `None` where an error leaves nothing of it.
    fn route(&mut self, scope: usize, prefix: &str, dose: &Dose) -> Option<Route> {
        let mut into = Vec::new();
        let mut unit = dose.item.unit.clone();
        for (state, share) in &dose.into {
            let full = format!("{prefix}{}", state.value);
            let Some(state) = self.state(&full, state.span) else { continue };
            let unit = unit.get_or_insert_with(|| self.model.states[state].unit.clone()).clone();
            let fraction = match share {
                None => {
                    self.check_dose_unit(&unit, state, dose.item.name.span);
                    Formula::Constant(1.0)
                }
                Some(share) => {
                    let entered = self.model.states[state].unit.unit.dimension;
                    // A dose per body surface enters through an area: the fraction makes up what the units lack.
                    let wanted = (entered.over(unit.unit.dimension), "the fraction of a dose");
                    let Some(fraction) = self.of_route(scope, share, wanted) else { continue };
                    fraction
                }
            };
            into.push(Destination { state, fraction });
        }
        let lag = match &dose.lag {
            None => Formula::Constant(0.0),
            Some(lag) => self.of_route(scope, lag, (Dimension::time(), "a lag"))?,
        };
        into.first()?;
        let unit = unit?;
        let duration = match &dose.duration {
            None => None,
            Some(duration) => {
                Some(self.of_route(scope, duration, (Dimension::time(), "the duration of an infusion"))?)
            }
        };
        let rate = match &dose.rate {
            None => None,
            Some(rate) => {
                let dimension = unit.unit.dimension.over(Dimension::time());
                Some(self.of_route(scope, rate, (dimension, "the rate of an infusion"))?)
            }
        };
        let name = dose.item.name.value.clone();
        let compartment = dose.compartment.map(|(number, _)| number);
        Some(Route { name, unit, into, lag, duration, rate, compartment, about: dose.item.about.clone() })
    }

    /// An attribute of a route: a quantity of the wanted dimension that is constant between events.
    fn of_route(&mut self, scope: usize, written: &Written, wanted: (Dimension, &str)) -> Option<Formula> {
        let checked = self.quantity(scope, &written.tree, Some(wanted))?;
        self.constant_between_events(&checked.formula, written.tree.span, wanted.1);
        self.not_negative(&checked.formula, written.tree.span, wanted.1);
        Some(checked.formula)
    }

    /// An attribute of a route that depends on no patient is known here, and none may be negative.
    fn not_negative(&mut self, formula: &Formula, span: Span, what: &str) {
        let mut constant = true;
        formula.symbols(&mut |symbol| constant &= matches!(symbol, Symbol::Parameter(_)));
        let value = formula.evaluate(&mut |symbol| match symbol {
            Symbol::Parameter(i) => {
                self.model.parameters.get(i).map_or(f64::NAN, |parameter| parameter.value)
            }
            _ => f64::NAN,
        });
        if constant && value < 0.0 {
            let finding =
                Diagnostic::error(format!("{what} cannot be negative"), span, "below 0 for every patient");
            self.diagnostics.push(finding.help("check the signs and the parameters in it"));
        }
    }

    /// No two routes with one number.
    fn compartments(&mut self) {
        let mut known: Vec<(u32, Span)> = Vec::new();
        let doses = self.instances.iter().flat_map(|instance| &instance.declared.doses);
        for (number, span) in doses.filter_map(|dose| dose.compartment) {
            if let Some((_, first)) = known.iter().find(|(other, _)| *other == number) {
                let finding = Diagnostic::error(
                    format!("two routes have the compartment {number}"),
                    span,
                    "again here",
                );
                self.diagnostics
                    .push(finding.related(*first, "first here").help("give one of them another number"));
            }
            known.push((number, span));
        }
    }

    fn check_dose_unit(&mut self, unit: &NamedUnit, state: usize, span: Span) {
        let state = &self.model.states[state];
        if unit.unit.dimension != state.unit.unit.dimension {
            self.diagnostics.push(
                Diagnostic::error(
                    format!("a dose in {} cannot enter `{}`, which is in {}", unit.name, state.name, state.unit.name),
                    span,
                    unit.unit.dimension.to_string(),
                )
                .help("doses and the states they enter need one dimension, or a `fraction` that makes up for it: a molar mass, a body surface"),
            );
        }
    }

    fn state(&mut self, full: &str, span: Span) -> Option<usize> {
        let found = self.model.states.iter().position(|state| state.name == full);
        if found.is_none() {
            let names: Vec<&str> = self.model.states.iter().map(|state| state.name.as_str()).collect();
            let finding = Diagnostic::error(format!("there is no state `{full}`"), span, "no such state");
            self.diagnostics.push(match closest(full, names.iter().copied()) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None if names.is_empty() => finding.help("declare it in [states]"),
                None => finding.help(format!("the states are: {}", names.join(", "))),
            });
        }
        found
    }

    pub fn outputs(&mut self) {
        let instances = self.instances;
        let mut index = 0;
        for (scope, instance) in instances.iter().enumerate() {
            for output in &instance.declared.outputs {
                let unit = self.model.outputs[index].unit.clone();
                let words = format!("`{}`, declared in {},", self.model.outputs[index].name, unit.name);
                // A unit that could not be read is reported already, and nothing is asked of it.
                let wanted = output.item.unit.is_some().then_some((unit.unit.dimension, words.as_str()));
                // The equation behind the output was checked already; only an output that bears the name of a state
                // or equation is looked at here.
                let own = Kind::Name(output.item.name.value.clone());
                let tree = Expression { kind: own, span: output.value.tree.span };
                if let Some(checked) = self.quantity(scope, &tree, wanted) {
                    self.model.outputs[index].formula = checked.formula;
                }
                let pure = Some((Dimension::NONE, "a relative error"));
                let proportional = self.error_part(scope, output.proportional.as_ref(), pure);
                let exponential = self.error_part(scope, output.exponential.as_ref(), pure);
                let additive = self.error_part(scope, output.additive.as_ref(), wanted);
                let limit_of_quantification =
                    self.limit_of_quantification(scope, output.limit_of_quantification.as_ref(), wanted);
                let error = Error { proportional, additive, exponential, limit_of_quantification };
                let parts = [&error.proportional, &error.additive, &error.exponential];
                if parts.iter().any(|part| part.is_some()) || limit_of_quantification.is_some() {
                    self.model.outputs[index].error = Some(error);
                }
                index += 1;
            }
        }
    }

    fn error_part(
        &mut self,
        scope: usize,
        written: Option<&Written>,
        wanted: Option<(Dimension, &str)>,
    ) -> Option<Formula> {
        let written = written?;
        let checked = self.quantity(scope, &written.tree, wanted)?;
        self.constant_between_events(&checked.formula, written.tree.span, "a residual error");
        Some(checked.formula)
    }

    /// A limit of quantification belongs to the assay: a constant, not a matter of patients.
    fn limit_of_quantification(
        &mut self,
        scope: usize,
        written: Option<&Written>,
        wanted: Option<(Dimension, &str)>,
    ) -> Option<f64> {
        let written = written?;
        let checked = self.quantity(scope, &written.tree, wanted)?;
        let value = constant(&checked.formula).filter(|value| *value > 0.0 && value.is_finite());
        if value.is_none() {
            self.diagnostics.push(
                Diagnostic::error(
                    "a limit of quantification is a positive constant",
                    written.tree.span,
                    "not a positive constant",
                )
                .help("write a quantity such as `limit_of_quantification = \"0.02 ng/mL\"`"),
            );
        }
        value
    }

    pub fn hazards(&mut self) {
        let instances = self.instances;
        for instance in instances {
            for hazard in &instance.declared.hazards {
                let full = format!("{}{}", instance.prefix, hazard.cumulative.value);
                let Some(state) = self.state(&full, hazard.cumulative.span) else { continue };
                if !self.model.states[state].unit.unit.dimension.is_none() {
                    let message = format!("a cumulative hazard is a pure number, but `{full}` is not");
                    self.diagnostics.push(
                        Diagnostic::error(
                            message,
                            hazard.cumulative.span,
                            self.model.states[state].unit.name.clone(),
                        )
                        .help("declare the state with `unit = \"1\"` and a rate in 1/time"),
                    );
                }
                self.model.hazards.push(Hazard {
                    name: format!("{}{}", instance.prefix, hazard.item.name.value),
                    state,
                    terminal: hazard.terminal,
                    ends_treatment: hazard.ends_treatment,
                    recurrent: hazard.recurrent,
                    about: hazard.item.about.clone(),
                });
            }
        }
    }

    pub fn requirements(&mut self) {
        let instances = self.instances;
        for (scope, instance) in instances.iter().enumerate() {
            for (written, about) in &instance.declared.requirements {
                let Some(condition) = self.condition(scope, &written.tree) else { continue };
                self.constant_between_events(&condition, written.tree.span, "a requirement");
                self.model.requirements.push(Requirement {
                    text: written.text.clone(),
                    condition,
                    about: about.clone(),
                });
            }
        }
    }

    /// A covariate, input, parameter or effect that nothing uses is probably one that was meant to be used. Where an
    /// error hid a part of the file, its use may stand there: nothing is said then.
    pub fn unused(&mut self) {
        if has_errors(self.diagnostics) {
            return;
        }
        let mut idle: Vec<(&String, &Entity)> =
            self.table.iter().filter(|(_, entity)| !self.used.contains(&entity.symbol)).collect();
        idle.sort_by_key(|(_, entity)| (entity.span.file.0, entity.span.start));
        for (name, entity) in idle {
            let what = match entity.symbol {
                Symbol::Covariate(_) => "covariate",
                Symbol::Parameter(_) => "parameter",
                Symbol::RandomEffect(_) => "random effect",
                Symbol::Control(_) => "control",
                _ => continue,
            };
            self.diagnostics.push(
                Diagnostic::error(format!("the {what} `{name}` is never used"), entity.span, "declared here")
                    .warning()
                    .help("use it in an equation, or take it out"),
            );
        }
    }
}
