//! `kind = "expression"`: an endpoint that the file writes itself, as a formula over summaries of recorded columns.
//!
//! `value = "last(ANC) / baseline(ANC)"` is a quantity, `when = "ever(ANC < 0.5e9/L)"` a condition. Inside a summary stand
//! outputs, signals and `day`; outside it only summaries, so that every name has one value per patient. Everything is
//! resolved and its units checked here, before the run.

use super::fields::Fields;
use super::names::{Found, ModelNames};
use super::signal::schedule;
use super::time::moment;
use crate::diagnostic::{Diagnostic, Span};
use crate::expression::{self, Expression};
use crate::model::{Checked, Formula, Names, Symbol, TrialQuantity, check_condition, check_expression};
use crate::units::Dimension;

/// A formula over summaries.
#[derive(Debug, Clone)]
pub struct EndpointExpression {
    /// As written.
    pub text: String,
    /// Record whose true values are summarised (index); without one, visits.
    pub record: Option<usize>,
    /// Visit schedule (index), where there is no record.
    pub schedule: usize,
    /// First and last time that count, d.
    pub span: (f64, f64),
    /// Only times on treatment count.
    pub on_treatment: bool,
    /// Summaries; `Symbol::Memory(i)` of [`EndpointExpression::formula`] is the i-th.
    pub aggregates: Vec<Aggregate>,
    /// Over summaries.
    pub formula: Formula,
    /// Dimension of its value.
    pub dimension: Dimension,
    /// Whether it is a condition.
    pub logical: bool,
}

/// One summary of a column.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// How it is summarised.
    pub summary: Summary,
    /// What: over outputs, signals and the day.
    pub argument: Formula,
}

/// How a column becomes one number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Summary {
    /// `baseline(x)`: at the first visit or recorded time of all, whatever the span.
    Baseline,
    /// `last(x)`: at the last time that counts.
    Last,
    /// `at(x, 28 d)`: at the latest counting time not after this one, d.
    At(f64),
    /// `smallest(x)`
    Smallest,
    /// `largest(x)`
    Largest,
    /// `mean(x)`: mean over the counting times.
    Mean,
    /// `average(x)`: average over time, by linear trapezoids.
    Average,
    /// `ever(c)`: true at some counting time.
    Ever,
    /// `share(c)`: share of the counting times at which c is true.
    Share,
    /// `count(c)`: number of counting times at which c is true.
    Count,
    /// `first_time(c)`: the first counting time at which c is true, d from the start.
    FirstTime,
}

const FUNCTIONS: [&str; 11] = [
    "baseline",
    "last",
    "at",
    "smallest",
    "largest",
    "mean",
    "average",
    "ever",
    "share",
    "count",
    "first_time",
];

impl EndpointExpression {
    /// Outputs read (indices).
    pub fn outputs(&self) -> Vec<usize> {
        let mut outputs = Vec::new();
        for aggregate in &self.aggregates {
            aggregate.argument.symbols(&mut |symbol| {
                if let Symbol::Output(output) = symbol
                    && !outputs.contains(&output)
                {
                    outputs.push(output);
                }
            });
        }
        outputs
    }
}

/// Reads the keys of an expression.
pub(super) fn read(fields: &mut Fields<'_, '_>) -> Option<EndpointExpression> {
    let value = fields.table.text("value", fields.diagnostics);
    let when = fields.table.text("when", fields.diagnostics);
    let at = fields.table.text("schedule", fields.diagnostics);
    let record = fields.table.has("record").then(|| fields.record());
    let from = fields.table.text("from", fields.diagnostics);
    let to = fields.table.text("to", fields.diagnostics);
    let during = fields.table.text("during", fields.diagnostics);
    let cycle = Some(fields.around.cycle);
    let at = at.map_or(Some(0), |at| schedule(&at, fields.around.visits, fields.diagnostics));
    let from = from.map_or(Some(0.0), |text| moment(&text, cycle, fields.diagnostics));
    let to = to.map_or(Some(f64::INFINITY), |text| moment(&text, cycle, fields.diagnostics));
    let on_treatment = match during.as_ref().map(|during| during.value.as_str()) {
        None | Some("follow-up") => Some(false),
        Some("treatment") => Some(true),
        Some(other) => {
            let span = during.as_ref().map_or(fields.span, |during| during.span);
            fields.diagnostics.push(
                Diagnostic::error(format!("an expression is not read during `{other}`"), span, "when?")
                    .help("write `during = \"treatment\"` or `during = \"follow-up\"` (the default)"),
            );
            None
        }
    };
    let logical = when.is_some();
    let (Some(text), None) = (if logical { when.clone() } else { value.clone() }, value.and(when)) else {
        fields.diagnostics.push(
            Diagnostic::error("an expression has either `value` or `when`", fields.span, "this kind needs one")
                .help("write `value = \"last(ANC) / baseline(ANC)\"` for a quantity, or `when = \"ever(ANC < 0.5e9/L)\"` for a condition"),
        );
        return None;
    };
    let record = match record {
        None => None,
        Some(found) => Some(found?),
    };
    let (schedule, from, to) = (at?, from?, to?);
    let expression = expression::parse(&text, fields.diagnostics)?;
    let mut scope = Summaries { fields, in_record: record.is_some(), aggregates: Vec::new() };
    let mut diagnostics = Vec::new();
    let checked = if logical {
        check_condition(&expression, &mut scope, &mut diagnostics).map(Checked::condition)
    } else {
        check_expression(&expression, &mut scope, None, &mut diagnostics)
    };
    let Summaries { aggregates, .. } = scope;
    fields.diagnostics.append(&mut diagnostics);
    let Checked { formula, dimension, logical } = checked?;
    if aggregates.is_empty() {
        fields.diagnostics.push(
            Diagnostic::error(
                "this expression reads nothing of the patient",
                text.span,
                "the same for everyone",
            )
            .help("summarise an output or a signal: `smallest(ANC)`, `last(SPD)`"),
        );
        return None;
    }
    let (text, span) = (text.value, (from, to));
    let on_treatment = on_treatment?;
    Some(EndpointExpression {
        text,
        record,
        schedule,
        span,
        on_treatment,
        aggregates,
        formula,
        dimension,
        logical,
    })
}

/// The scope outside of summaries.
struct Summaries<'f, 'a, 'b> {
    fields: &'f Fields<'a, 'b>,
    in_record: bool,
    aggregates: Vec<Aggregate>,
}

impl Summaries<'_, '_, '_> {
    fn row(&self) -> Row<'_> {
        let around = self.fields.around;
        Row {
            names: around.names,
            signals: around.signals,
            faulty: around.faulty_signals,
            in_record: self.in_record,
        }
    }

    fn remember(&mut self, summary: Summary, argument: Formula) -> Formula {
        let aggregate = Aggregate { summary, argument };
        let known = self.aggregates.iter().position(|other| *other == aggregate);
        let index = known.unwrap_or_else(|| {
            self.aggregates.push(aggregate);
            self.aggregates.len() - 1
        });
        Formula::Symbol(Symbol::Memory(index))
    }

    /// The time in `at(x, 28 d)`.
    fn moment(&mut self, argument: &Expression, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
        let wanted = Some((Dimension::time(), "the time"));
        let checked = check_expression(argument, &mut self.row(), wanted, diagnostics)?;
        let mut free = true;
        checked.formula.symbols(&mut |_| free = false);
        let time = checked.formula.evaluate(&mut |_| f64::NAN);
        if !free || !time.is_finite() || time < 0.0 {
            diagnostics.push(
                Diagnostic::error("the time must be a plain value ≥ 0", argument.span, "here")
                    .help("write for example `at(ANC, 28 d)`: the value on day 29, or the last one before"),
            );
            return None;
        }
        Some(time)
    }
}

impl Names for Summaries<'_, '_, '_> {
    fn resolve(&mut self, name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<Checked> {
        let said = diagnostics.len();
        let row = self.row().resolve(name, span, diagnostics);
        if row.is_some() {
            diagnostics.push(
                Diagnostic::error(
                    format!("`{name}` has a value at every time: which is meant?"),
                    span,
                    "not summarised",
                )
                .help(format!(
                    "write `last({name})`, `smallest({name})`, `average({name})`, `at({name}, 28 d)`, …"
                )),
            );
        } else if diagnostics.len() == said {
            return None;
        }
        None
    }

    fn explained(&self, name: &str) -> bool {
        self.fields.around.faulty_signals.iter().any(|faulty| faulty == name)
    }

    fn candidates(&self) -> Vec<String> {
        self.row().candidates()
    }

    fn call(
        &mut self,
        function: &str,
        arguments: &[Expression],
        span: Span,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Checked> {
        if !FUNCTIONS.contains(&function) {
            return None;
        }
        let wanted = if function == "at" { 2 } else { 1 };
        if arguments.len() != wanted {
            let of = if wanted == 1 { "1 argument" } else { "2 arguments" };
            diagnostics.push(
                Diagnostic::error(
                    format!("`{function}` takes {of}, not {}", arguments.len()),
                    span,
                    "this call",
                )
                .help(match function {
                    "at" => "write `at(ANC, 28 d)`".to_owned(),
                    "ever" | "share" | "count" | "first_time" => format!("write `{function}(ANC < 1.0e9/L)`"),
                    _ => format!("write `{function}(ANC)`"),
                }),
            );
            return None;
        }
        if matches!(function, "ever" | "share" | "count" | "first_time") {
            let condition = check_condition(&arguments[0], &mut self.row(), diagnostics)?;
            return Some(match function {
                "ever" => Checked::condition(self.remember(Summary::Ever, condition)),
                "share" => Checked::quantity(self.remember(Summary::Share, condition), Dimension::NONE),
                "count" => Checked::quantity(self.remember(Summary::Count, condition), Dimension::NONE),
                _ => Checked::quantity(self.remember(Summary::FirstTime, condition), Dimension::time()),
            });
        }
        let argument = check_expression(&arguments[0], &mut self.row(), None, diagnostics);
        let summary = match function {
            "baseline" => Summary::Baseline,
            "last" => Summary::Last,
            "at" => Summary::At(self.moment(&arguments[1], diagnostics)?),
            "smallest" => Summary::Smallest,
            "largest" => Summary::Largest,
            "mean" => Summary::Mean,
            _ => Summary::Average,
        };
        let argument = argument?;
        Some(Checked::quantity(self.remember(summary, argument.formula), argument.dimension))
    }

    fn functions(&self) -> Vec<&'static str> {
        FUNCTIONS.to_vec()
    }
}

/// The scope inside a summary: what has a value at each time.
struct Row<'a> {
    names: &'a ModelNames,
    signals: &'a [super::definition::Signal],
    faulty: &'a [String],
    in_record: bool,
}

impl Names for Row<'_> {
    fn resolve(&mut self, name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<Checked> {
        if name == "day" {
            return Some(Checked::symbol(Symbol::Trial(TrialQuantity::Day), Dimension::time()));
        }
        if let Some(index) = self.signals.iter().position(|signal| signal.name == name) {
            if self.in_record {
                diagnostics.push(
                    Diagnostic::error(
                        format!("the signal `{name}` is not in a record"),
                        span,
                        "signals are kept at visits",
                    )
                    .help("leave `record` out to read visits, or write the signal's formula here"),
                );
                return None;
            }
            let signal = &self.signals[index];
            let (dimension, logical) = (signal.unit.unit.dimension, signal.logical);
            return Some(Checked { formula: Formula::Symbol(Symbol::Signal(index)), dimension, logical });
        }
        match (self.names.outputs.find(name), self.names.constants.find(name)) {
            (Found::One(entry), _) => Some(Checked::symbol(entry.symbol, entry.dimension)),
            (Found::Several(all), _) => {
                diagnostics.push(super::names::ambiguous(name, span, &all));
                None
            }
            (Found::Nothing, Found::Nothing) => None,
            (Found::Nothing, _) => {
                diagnostics.push(
                    Diagnostic::error(
                        format!("an expression cannot read `{name}`"),
                        span,
                        "a constant of the patient",
                    )
                    .help("declare a `[[signal]]` with it, and read that: signals know covariates and individual parameters"),
                );
                None
            }
        }
    }

    fn explained(&self, name: &str) -> bool {
        self.faulty.iter().any(|faulty| faulty == name)
    }

    fn candidates(&self) -> Vec<String> {
        let signals = self.signals.iter().map(|signal| signal.name.as_str());
        signals.chain(["day"]).chain(self.names.outputs.names()).map(str::to_owned).collect()
    }
}
