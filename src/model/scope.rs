//! What a name means in one module: its own names, the covariates it declares, the inputs bound to it, and in a
//! composing file everything of its modules under their aliases.

use super::check::{Checked, Names};
use super::declare::{Entity, Resolver};
use super::formula::Symbol;
use crate::diagnostic::{Diagnostic, Span};
use crate::units::Dimension;

/// The names visible in instance number `scope`.
pub(super) struct Scope<'r, 'a> {
    pub resolver: &'r mut Resolver<'a>,
    pub scope: usize,
}

impl Scope<'_, '_> {
    fn find(&self, name: &str) -> Option<Entity> {
        let instance = &self.resolver.instances[self.scope];
        let full = format!("{}{name}", instance.prefix);
        let own = self.resolver.table.get(&full).copied();
        if let Some(entity) = own.filter(|entity| !matches!(entity.symbol, Symbol::Covariate(_))) {
            return Some(entity);
        }
        let declared = instance.declared.covariates.iter().any(|covariate| covariate.item.name.value == name);
        let composing = !instance.declared.uses.is_empty();
        let shared = self.resolver.table.get(name).copied();
        shared.filter(|entity| (declared || composing) && matches!(entity.symbol, Symbol::Covariate(_)))
    }
}

impl Names for Scope<'_, '_> {
    fn resolve(&mut self, name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<Checked> {
        if name == "t" {
            return Some(Checked::symbol(Symbol::Time, Dimension::time()));
        }
        let Some(entity) = self.find(name) else {
            let shared = self.resolver.model.covariate(name).is_some();
            if shared {
                diagnostics.push(
                    Diagnostic::error(
                        format!("this module does not declare the covariate `{name}`"),
                        span,
                        "here",
                    )
                    .help(format!("add `{name} = {{ unit = \"…\" }}` to its [covariates]")),
                );
            }
            return None;
        };
        self.resolver.used.insert(entity.symbol);
        if self.resolver.faulty.contains(&entity.symbol) {
            return None;
        }
        let model = &self.resolver.model;
        let dimension = match entity.symbol {
            Symbol::Covariate(i) => model.covariates[i].unit.unit.dimension,
            Symbol::Parameter(i) => model.parameters[i].unit.unit.dimension,
            Symbol::Control(i) => model.controls[i].unit.unit.dimension,
            Symbol::State(i) => model.states[i].unit.unit.dimension,
            Symbol::RandomEffect(i) => self.resolver.effect_dimensions[i],
            Symbol::Equation(i) => {
                let dimension = self.resolver.equation_dimensions[i]?;
                let logical = self.resolver.equation_logical[i];
                return Some(Checked { logical, ..Checked::symbol(entity.symbol, dimension) });
            }
            _ => return None,
        };
        Some(Checked::symbol(entity.symbol, dimension))
    }

    fn explained(&self, name: &str) -> bool {
        // The empty name stands for an expression that could not be read.
        name.is_empty() || self.find(name).is_some()
    }

    fn candidates(&self) -> Vec<String> {
        let instance = &self.resolver.instances[self.scope];
        let prefix = instance.prefix.as_str();
        let own = self.resolver.table.keys().filter_map(|full| full.strip_prefix(prefix)).map(str::to_owned);
        let shared = instance.declared.covariates.iter().map(|covariate| covariate.item.name.value.clone());
        let mut all: Vec<String> = own.chain(shared).chain(["t".to_owned()]).collect();
        all.sort();
        all
    }
}
