//! The names of a checked model as a scenario sees them: by full name, or by the last part where that is unique.
//!
//! A scenario writes `ANC` for the output `ANC`, `N0` for the equation `neutrophils.N0`. A full name always wins over a
//! short one. An input that merely passes another module's value on is that value, so it never makes a name ambiguous.

use super::grade::GradeTables;
use crate::diagnostic::{Diagnostic, Span, closest};
use crate::model::{Checked, Formula, Model, Names, Symbol};
use crate::units::Dimension;

/// One name with its meaning.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub name: String,
    pub symbol: Symbol,
    pub dimension: Dimension,
}

/// The answer to a search.
pub(super) enum Found<'a> {
    Nothing,
    One(&'a Entry),
    Several(Vec<&'a str>),
}

/// Names of the same rank; earlier entries win over later ones of the same full name.
#[derive(Debug, Clone, Default)]
pub(super) struct Directory {
    entries: Vec<Entry>,
}

impl Directory {
    pub fn find(&self, name: &str) -> Found<'_> {
        if let Some(entry) = self.entries.iter().find(|entry| entry.name == name) {
            return Found::One(entry);
        }
        let short = |entry: &&Entry| {
            entry.name.strip_suffix(name).is_some_and(|front| front.ends_with('.')) && !name.is_empty()
        };
        let mut found: Vec<&Entry> = Vec::new();
        for entry in self.entries.iter().filter(short) {
            if found.iter().all(|other| other.symbol != entry.symbol && other.name != entry.name) {
                found.push(entry);
            }
        }
        match found.as_slice() {
            [] => Found::Nothing,
            [entry] => Found::One(entry),
            several => Found::Several(several.iter().map(|entry| entry.name.as_str()).collect()),
        }
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.name.as_str())
    }

    /// Finds a name that must be there; `what` says what it is ("output", "parameter").
    pub fn expect(
        &self,
        name: &str,
        span: Span,
        what: &str,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<&Entry> {
        match self.find(name) {
            Found::One(entry) => Some(entry),
            Found::Several(names) => {
                diagnostics.push(ambiguous(name, span, &names));
                None
            }
            Found::Nothing => {
                diagnostics.push(missing(name, span, what, self.names()));
                None
            }
        }
    }
}

/// The error on a short name with several meanings.
pub(super) fn ambiguous(name: &str, span: Span, candidates: &[&str]) -> Diagnostic {
    let list: Vec<String> = candidates.iter().map(|candidate| format!("`{candidate}`")).collect();
    Diagnostic::error(format!("`{name}` is ambiguous"), span, "more than one thing has this name")
        .help(format!("write the full name: {}", list.join(" or ")))
}

/// The error on a name that is not there.
pub(super) fn missing<'a>(
    name: &str,
    span: Span,
    what: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    let mut seen: Vec<&str> = Vec::new();
    candidates.for_each(|candidate| {
        if !seen.contains(&candidate) {
            seen.push(candidate);
        }
    });
    let candidates = seen;
    let finding = Diagnostic::error(format!("there is no {what} `{name}`"), span, format!("no such {what}"));
    let near = closest(name, candidates.iter().copied());
    match (near, candidates.as_slice()) {
        (Some(near), _) => finding.help(format!("did you mean `{near}`?")),
        (None, []) => finding.help(format!("there is no {what} at all")),
        (None, some) if some.len() <= 12 => finding.help(format!("there is {}", some.join(", "))),
        (None, some) => finding.help(format!("there are {} …", some[..12].join(", "))),
    }
}

/// All directories of a model.
#[derive(Debug, Clone)]
pub(super) struct ModelNames {
    /// Covariates, parameters, controls, and equations that do not change while a patient is followed.
    pub constants: Directory,
    /// Outputs.
    pub outputs: Directory,
    /// Which outputs are measured at visits, with a residual error.
    pub measured: Vec<bool>,
    /// States and equations that move: known, but not readable in conditions.
    pub moving: Directory,
    /// Parameters.
    pub parameters: Directory,
    /// Controls.
    pub controls: Directory,
    /// Dose routes.
    pub routes: Directory,
    /// Grade tables.
    pub grades: GradeTables,
}

impl ModelNames {
    pub fn new(model: &Model) -> Self {
        let constant = constant_equations(model);
        let covariates =
            directory(model.covariates.iter().map(|c| (&c.name, c.unit.unit.dimension)), Symbol::Covariate);
        let parameters =
            directory(model.parameters.iter().map(|p| (&p.name, p.unit.unit.dimension)), Symbol::Parameter);
        let controls =
            directory(model.controls.iter().map(|c| (&c.name, c.unit.unit.dimension)), Symbol::Control);
        let equations = model.equations.iter().enumerate().map(|(i, equation)| Entry {
            name: equation.name.clone(),
            symbol: original(model, Symbol::Equation(i)),
            dimension: equation.unit.unit.dimension,
        });
        let (mut steady, mut moving) = (Vec::new(), Vec::new());
        for (constant, entry) in constant.iter().zip(equations) {
            if *constant { steady.push(entry) } else { moving.push(entry) }
        }
        let mut constants = covariates;
        constants.entries.extend(parameters.entries.iter().cloned());
        constants.entries.extend(controls.entries.iter().cloned());
        constants.entries.extend(steady);
        let states = directory(model.states.iter().map(|s| (&s.name, s.unit.unit.dimension)), Symbol::State);
        let mut all_moving = states;
        all_moving.entries.extend(moving);
        Self {
            constants,
            outputs: directory(
                model.outputs.iter().map(|o| (&o.name, o.unit.unit.dimension)),
                Symbol::Output,
            ),
            measured: model.outputs.iter().map(|output| output.error.is_some()).collect(),
            moving: all_moving,
            parameters,
            controls,
            routes: directory(model.routes.iter().map(|r| (&r.name, r.unit.unit.dimension)), Symbol::State),
            grades: GradeTables::default(),
        }
    }

    /// Adds a covariate that only the population has.
    pub fn add_covariate(&mut self, name: &str, index: usize, dimension: Dimension) {
        self.constants.entries.push(Entry {
            name: name.to_owned(),
            symbol: Symbol::Covariate(index),
            dimension,
        });
    }

    /// The index of an output that must be there.
    pub fn output(&self, name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<usize> {
        index(self.outputs.expect(name, span, "output", diagnostics)?)
    }

    /// The index of a dose route that must be there.
    pub fn route(&self, name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<usize> {
        index(self.routes.expect(name, span, "drug", diagnostics)?)
    }
}

/// The index behind an entry of a directory of outputs, parameters, controls or routes.
pub(super) fn index(entry: &Entry) -> Option<usize> {
    match entry.symbol {
        Symbol::Output(i) | Symbol::Parameter(i) | Symbol::Control(i) | Symbol::State(i) => Some(i),
        _ => None,
    }
}

fn directory<'a>(
    items: impl Iterator<Item = (&'a String, Dimension)>,
    symbol: impl Fn(usize) -> Symbol,
) -> Directory {
    let entries = items.enumerate().map(|(i, (name, dimension))| Entry {
        name: name.clone(),
        symbol: symbol(i),
        dimension,
    });
    Directory { entries: entries.collect() }
}

/// Follows equations that only repeat another name.
fn original(model: &Model, mut symbol: Symbol) -> Symbol {
    for _ in 0..model.equations.len() {
        match symbol {
            Symbol::Equation(i) => match &model.equations[i].formula {
                Formula::Symbol(next) => symbol = *next,
                _ => return symbol,
            },
            _ => return symbol,
        }
    }
    symbol
}

/// Which equations depend on neither time nor state.
fn constant_equations(model: &Model) -> Vec<bool> {
    let mut constant = vec![true; model.equations.len()];
    for &i in &model.equation_order {
        let mut steady = true;
        model.equations[i].formula.symbols(&mut |symbol| {
            steady &= match symbol {
                Symbol::Equation(j) => constant[j],
                Symbol::Covariate(_)
                | Symbol::Parameter(_)
                | Symbol::Control(_)
                | Symbol::RandomEffect(_) => true,
                _ => false,
            };
        });
        constant[i] = steady;
    }
    constant
}

/// The scope of entry criteria, groups and starting doses: what is known of a patient before the trial.
pub(super) struct PatientScope<'a>(pub &'a ModelNames);

impl Names for PatientScope<'_> {
    fn resolve(&mut self, name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<Checked> {
        match self.0.constants.find(name) {
            Found::One(entry) => Some(Checked::symbol(entry.symbol, entry.dimension)),
            Found::Several(names) => {
                diagnostics.push(ambiguous(name, span, &names));
                None
            }
            Found::Nothing => {
                let moves = [&self.0.outputs, &self.0.moving];
                if moves.iter().any(|directory| matches!(directory.find(name), Found::One(_))) {
                    diagnostics.push(
                        Diagnostic::error(
                            format!("`{name}` changes during the trial"),
                            span,
                            "not known before the trial",
                        )
                        .help(
                            "use a covariate, a parameter, or an equation of those (the value at the start)",
                        ),
                    );
                }
                None
            }
        }
    }

    fn candidates(&self) -> Vec<String> {
        self.0.constants.names().map(str::to_owned).collect()
    }
}
