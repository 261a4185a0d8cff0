//! The conditions of rules and signals: what their names mean, and their functions with memory.
//!
//! Names: signals, outputs (as measured where they have a residual error), everything that is constant for a patient,
//! `day`, `cycle`, `cycle_day`, `on_treatment`. Functions: `baseline(x) nadir(x) peak(x) lasting(c, 7 d) recent(c, 28 d)
//! consecutive(c, 2) ever(c) on_hold(drug) dose(drug) days_since_off(drug) holds(drug) reductions(drug) grade(table)`. Each call with memory becomes a cell that the simulation feeds
//! at the visits of the signal or rule in which it stands; equal calls share a cell.

use super::definition::{MemoryCell, MemoryKind};
use super::names::{Found, ModelNames, ambiguous, missing};
use crate::diagnostic::{Diagnostic, Span, Text};
use crate::expression::{self, Expression, Kind};
use crate::model::{Checked, Formula, Names, Symbol, TrialQuantity, check_condition, check_expression};
use crate::units::Dimension;

const FUNCTIONS: [&str; 13] = [
    "baseline",
    "nadir",
    "peak",
    "lasting",
    "recent",
    "consecutive",
    "ever",
    "on_hold",
    "dose",
    "days_since_off",
    "holds",
    "reductions",
    "grade",
];

/// A signal that conditions may read.
#[derive(Debug, Clone)]
pub(super) struct SignalName {
    pub name: String,
    pub dimension: Dimension,
    pub logical: bool,
    /// Evaluated daily as well.
    pub daily: bool,
    /// Declared, but with errors that have been reported: nothing more is said where it is used.
    pub faulty: bool,
}

/// The scope of one condition.
pub(super) struct ConditionScope<'a> {
    pub names: &'a ModelNames,
    /// Signals in their order; a condition may read those that stand here.
    pub signals: &'a [SignalName],
    /// All cells so far; new ones are added at the end.
    pub memory: &'a mut Vec<MemoryCell>,
    /// The schedule at which cells of this condition are fed.
    pub schedule: usize,
    /// Whether the condition is looked at daily too; its cells are then fed daily where they read what moves daily.
    pub daily: bool,
}

impl ConditionScope<'_> {
    /// Reads a condition.
    pub fn condition(&mut self, text: &Text, diagnostics: &mut Vec<Diagnostic>) -> Option<Formula> {
        let expression = expression::parse(text, diagnostics)?;
        check_condition(&expression, self, diagnostics)
    }

    fn remember(&mut self, kind: MemoryKind, argument: Formula) -> Formula {
        let daily = self.daily && self.moves_between_visits(&argument);
        let cell = MemoryCell { kind, argument, schedule: self.schedule, daily };
        let same = |other: &MemoryCell| {
            other.kind == cell.kind
                && other.argument == cell.argument
                && other.schedule == cell.schedule
                && other.daily == cell.daily
        };
        let index = self.memory.iter().position(same).unwrap_or_else(|| {
            self.memory.push(cell);
            self.memory.len() - 1
        });
        Formula::Symbol(Symbol::Memory(index))
    }

    /// Whether a formula can change between visits. Measured values cannot: a cell that reads nothing else counts
    /// findings at visits, also where its rule acts daily.
    fn moves_between_visits(&self, formula: &Formula) -> bool {
        let mut moves = false;
        formula.symbols(&mut |symbol| {
            moves |= match symbol {
                Symbol::Output(i) => !self.names.measured[i],
                Symbol::Memory(i) => self.memory[i].daily,
                Symbol::Signal(i) => self.signals[i].daily,
                Symbol::Trial(_) => true,
                _ => false,
            };
        });
        moves
    }

    /// `baseline(x)`, `nadir(x)`, `peak(x)`.
    fn of_quantity(
        &mut self,
        kind: MemoryKind,
        arguments: &[Expression],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Checked> {
        let checked = check_expression(&arguments[0], self, None, diagnostics)?;
        Some(Checked::quantity(self.remember(kind, checked.formula), checked.dimension))
    }

    /// `lasting(c, span)`, `recent(c, span)`.
    fn over_span(
        &mut self,
        kind: impl Fn(f64) -> MemoryKind,
        arguments: &[Expression],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Checked> {
        let condition = check_condition(&arguments[0], self, diagnostics);
        let span = self.constant(&arguments[1], (Dimension::time(), "the span of time"), diagnostics);
        Some(Checked::condition(self.remember(kind(span?), condition?)))
    }

    fn consecutive(
        &mut self,
        arguments: &[Expression],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Checked> {
        let condition = check_condition(&arguments[0], self, diagnostics);
        let wanted = (Dimension::NONE, "the number of visits");
        let count = self.constant(&arguments[1], wanted, diagnostics)?;
        if count < 1.0 || count.fract() != 0.0 || count > 1000.0 {
            diagnostics.push(
                Diagnostic::error(
                    "the number of visits must be a whole number from 1",
                    arguments[1].span,
                    "here",
                )
                .help("write for example `consecutive(ANC < 1.0e9/L, 2)`"),
            );
            return None;
        }
        Some(Checked::condition(self.remember(MemoryKind::Consecutive(count as u32), condition?)))
    }

    fn constant(
        &mut self,
        argument: &Expression,
        wanted: (Dimension, &str),
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<f64> {
        let checked = check_expression(argument, self, Some(wanted), diagnostics)?;
        let mut free = true;
        checked.formula.symbols(&mut |_| free = false);
        let value = checked.formula.evaluate(&mut |_| f64::NAN);
        if !free || !value.is_finite() || value < 0.0 {
            diagnostics.push(
                Diagnostic::error(format!("{} must be a plain value ≥ 0", wanted.1), argument.span, "here")
                    .help("write for example `lasting(ANC < 1.0e9/L, 7 d)`"),
            );
            return None;
        }
        Some(value)
    }

    /// `grade(table)`: choices over the measured output and its value at the first visit.
    fn grade(&mut self, argument: &Expression, diagnostics: &mut Vec<Diagnostic>) -> Option<Checked> {
        let Kind::Name(name) = &argument.kind else {
            diagnostics.push(
                Diagnostic::error("`grade` takes the name of a grade table", argument.span, "not a name")
                    .help("write for example `grade(neutropenia) >= 3`"),
            );
            return None;
        };
        if self.names.grades.is_faulty(name) {
            return Some(Checked::quantity(Formula::Constant(0.0), Dimension::NONE));
        }
        let table = self.names.grades.find(name, argument.span, diagnostics)?;
        let value = Formula::Symbol(Symbol::Output(table.output));
        let baseline = match table.reads_baseline() {
            true => self.remember(MemoryKind::Baseline, value.clone()),
            false => value.clone(),
        };
        Some(Checked::quantity(table.formula(&value, &baseline), Dimension::NONE))
    }

    /// `on_hold(drug)`, `dose(drug)`, `days_since_off(drug)`, `holds(drug)`, `reductions(drug)`.
    fn of_drug(
        &self,
        function: &str,
        arguments: &[Expression],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Checked> {
        let Kind::Name(name) = &arguments[0].kind else {
            diagnostics.push(
                Diagnostic::error(
                    format!("`{function}` takes the name of a drug"),
                    arguments[0].span,
                    "not a name",
                )
                .help(format!("write for example `{function}(lenalidomide)`")),
            );
            return None;
        };
        let entry = self.names.routes.expect(name, arguments[0].span, "drug", diagnostics)?;
        let drug = super::names::index(entry)?;
        let trial = |quantity| Formula::Symbol(Symbol::Trial(quantity));
        Some(match function {
            "on_hold" => Checked::condition(trial(TrialQuantity::OnHold(drug))),
            "dose" => Checked::quantity(trial(TrialQuantity::Dose(drug)), entry.dimension),
            "holds" => Checked::quantity(trial(TrialQuantity::Holds(drug)), Dimension::NONE),
            "reductions" => Checked::quantity(trial(TrialQuantity::Reductions(drug)), Dimension::NONE),
            _ => Checked::quantity(trial(TrialQuantity::SinceOff(drug)), Dimension::time()),
        })
    }
}

impl Names for ConditionScope<'_> {
    fn resolve(&mut self, name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<Checked> {
        match name {
            "day" => {
                return Some(Checked::symbol(Symbol::Trial(TrialQuantity::Day), Dimension::time()));
            }
            "on_treatment" => {
                return Some(Checked::condition(Formula::Symbol(Symbol::Trial(TrialQuantity::OnTreatment))));
            }
            _ => {}
        }
        if let Some(index) = self.signals.iter().position(|signal| signal.name == name) {
            let SignalName { dimension, logical, faulty, .. } = self.signals[index];
            return (!faulty).then_some(Checked {
                formula: Formula::Symbol(Symbol::Signal(index)),
                dimension,
                logical,
            });
        }
        let exact = |directory: &super::names::Directory| match directory.find(name) {
            Found::One(entry) if entry.name == name => Some(entry.clone()),
            _ => None,
        };
        let full = exact(&self.names.outputs).or_else(|| exact(&self.names.constants));
        if let Some(entry) = full {
            return Some(Checked::symbol(entry.symbol, entry.dimension));
        }
        match (self.names.outputs.find(name), self.names.constants.find(name)) {
            (Found::One(entry), Found::Nothing) | (Found::Nothing, Found::One(entry)) => {
                return Some(Checked::symbol(entry.symbol, entry.dimension));
            }
            (Found::Nothing, Found::Nothing) => match name {
                // A model's own name of this kind goes before.
                "cycle" => {
                    return Some(Checked::symbol(Symbol::Trial(TrialQuantity::Cycle), Dimension::NONE));
                }
                "cycle_day" => {
                    return Some(Checked::symbol(Symbol::Trial(TrialQuantity::CycleDay), Dimension::NONE));
                }
                _ => {}
            },
            (Found::One(output), Found::One(constant)) if output.name == constant.name => {
                return Some(Checked::symbol(output.symbol, output.dimension));
            }
            (a, b) => {
                let mut all = Vec::new();
                for found in [&a, &b] {
                    match found {
                        Found::Nothing => {}
                        Found::One(entry) => all.push(entry.name.as_str()),
                        Found::Several(names) => all.extend(names),
                    }
                }
                diagnostics.push(ambiguous(name, span, &all));
                return None;
            }
        }
        diagnostics.push(match self.names.moving.find(name) {
            Found::Nothing => {
                let candidates = self.candidates();
                missing(name, span, "signal, output or patient value", candidates.iter().map(String::as_str))
            }
            _ => Diagnostic::error(
                format!("conditions cannot read `{name}`"),
                span,
                "neither an output nor constant for a patient",
            )
            .help("give the model an output for it, and read that"),
        });
        None
    }

    fn explained(&self, name: &str) -> bool {
        self.signals.iter().any(|signal| signal.faulty && signal.name == name)
    }

    fn candidates(&self) -> Vec<String> {
        let signals = self.signals.iter().map(|signal| signal.name.as_str());
        let special = ["day", "cycle", "cycle_day", "on_treatment"].into_iter();
        let model = self.names.outputs.names().chain(self.names.constants.names());
        signals.chain(special).chain(model).map(str::to_owned).collect()
    }

    fn call(
        &mut self,
        function: &str,
        arguments: &[Expression],
        span: Span,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Checked> {
        let wanted = match function {
            "lasting" | "recent" | "consecutive" => 2,
            known if FUNCTIONS.contains(&known) => 1,
            _ => return None,
        };
        if arguments.len() != wanted {
            let of = if wanted == 1 { "1 argument" } else { "2 arguments" };
            diagnostics.push(
                Diagnostic::error(
                    format!("`{function}` takes {of}, not {}", arguments.len()),
                    span,
                    "this call",
                )
                .help(match function {
                    "lasting" | "recent" => format!("write `{function}(ANC < 1.0e9/L, 7 d)`"),
                    "consecutive" => "write `consecutive(ANC < 1.0e9/L, 2)`".to_owned(),
                    "ever" => "write `ever(flare >= 1)`".to_owned(),
                    "on_hold" | "dose" | "days_since_off" | "holds" | "reductions" => {
                        format!("write `{function}(lenalidomide)`")
                    }
                    "grade" => "write `grade(neutropenia) >= 3`".to_owned(),
                    _ => format!("write `{function}(ANC)`"),
                }),
            );
            return None;
        }
        match function {
            "baseline" => self.of_quantity(MemoryKind::Baseline, arguments, diagnostics),
            "nadir" => self.of_quantity(MemoryKind::Nadir, arguments, diagnostics),
            "peak" => self.of_quantity(MemoryKind::Peak, arguments, diagnostics),
            "lasting" => self.over_span(MemoryKind::Lasting, arguments, diagnostics),
            "recent" => self.over_span(MemoryKind::Recent, arguments, diagnostics),
            "consecutive" => self.consecutive(arguments, diagnostics),
            "ever" => {
                let condition = check_condition(&arguments[0], self, diagnostics)?;
                Some(Checked::condition(self.remember(MemoryKind::Ever, condition)))
            }
            "grade" => self.grade(&arguments[0], diagnostics),
            _ => self.of_drug(function, arguments, diagnostics),
        }
    }

    fn functions(&self) -> Vec<&'static str> {
        FUNCTIONS.to_vec()
    }
}

/// Outputs that a formula reads, itself or through memory cells and signals, in the order of reading.
pub(super) fn outputs_read(formula: &Formula, memory: &[MemoryCell], signals: &[Formula]) -> Vec<usize> {
    let mut seen = Vec::new();
    collect(formula, memory, signals, &mut seen);
    seen.into_iter()
        .filter_map(|symbol| if let Symbol::Output(i) = symbol { Some(i) } else { None })
        .collect()
}

fn collect(formula: &Formula, memory: &[MemoryCell], signals: &[Formula], seen: &mut Vec<Symbol>) {
    let mut symbols = Vec::new();
    formula.symbols(&mut |symbol| symbols.push(symbol));
    for symbol in symbols {
        if seen.contains(&symbol) {
            continue;
        }
        seen.push(symbol);
        match symbol {
            Symbol::Memory(i) => collect(&memory[i].argument, memory, signals, seen),
            Symbol::Signal(i) => collect(&signals[i], memory, signals, seen),
            _ => {}
        }
    }
}
