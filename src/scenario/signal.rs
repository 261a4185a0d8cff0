//! `[[signal]]`: named conditions and quantities that are evaluated at visits and recorded.

use super::condition::{ConditionScope, SignalName};
use super::definition::{MemoryCell, Signal, VisitSchedule};
use super::names::{ModelNames, missing};
use crate::diagnostic::{Diagnostic, Span, Text};
use crate::document::Table;
use crate::expression::{self, Expression, Kind};
use crate::model::{Checked, NamedUnit, check_condition, check_expression, check_unit};
use crate::units::{self, Dimension, Unit};

/// A signal as written.
struct Declared {
    name: Text,
    about: String,
    text: Text,
    expression: Option<Expression>,
    /// Unit of a quantity; `None` for a condition.
    unit: Option<(Text, Option<Unit>)>,
    logical: bool,
    schedule: usize,
    daily: bool,
}

/// The words for no dimension.
pub(super) fn no_unit() -> NamedUnit {
    NamedUnit { name: "1".to_owned(), unit: Unit { dimension: Dimension::NONE, factor: 1.0 } }
}

/// Reads all signals and puts them into an order in which each uses only earlier ones.
pub(super) fn read(
    tables: Vec<Table>,
    names: &ModelNames,
    visits: &[VisitSchedule],
    memory: &mut Vec<MemoryCell>,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Vec<Signal>, Vec<SignalName>) {
    let mut declared: Vec<Declared> = Vec::new();
    for table in tables {
        let Some(signal) = declare(table, visits, diagnostics) else { continue };
        if let Some(first) = declared.iter().find(|other| other.name.value == signal.name.value) {
            diagnostics.push(duplicate("signal", &signal.name, first.name.span));
            continue;
        }
        // Conditions look for signals first: the output would silently be hidden from them.
        if names.outputs.names().any(|output| output == signal.name.value) {
            let message = format!("`{}` is already an output of the model", signal.name.value);
            diagnostics.push(
                Diagnostic::error(message, signal.name.span, "this name is taken")
                    .help("give the signal another name"),
            );
            continue;
        }
        declared.push(signal);
    }
    let order = order(&declared, diagnostics);
    let mut known: Vec<SignalName> = Vec::new();
    let mut signals = Vec::new();
    for &index in &order {
        let signal = &declared[index];
        let mut scope =
            ConditionScope { names, signals: &known, memory, schedule: signal.schedule, daily: signal.daily };
        let checked = check(signal, &mut scope, diagnostics);
        let unit = unit(signal, checked.as_ref());
        known.push(SignalName {
            name: signal.name.value.clone(),
            dimension: unit.unit.dimension,
            logical: signal.logical,
            daily: signal.daily,
            faulty: checked.is_none(),
        });
        signals.push(Signal {
            name: signal.name.value.clone(),
            about: signal.about.clone(),
            text: signal.text.value.clone(),
            formula: checked.map_or(crate::model::Formula::Constant(0.0), |checked| checked.formula),
            unit,
            logical: signal.logical,
            schedule: signal.schedule,
            daily: signal.daily,
        });
    }
    let left_out = (0..declared.len()).filter(|index| !order.contains(index));
    known.extend(left_out.map(|index| faulty(&declared[index])));
    (signals, known)
}

fn faulty(signal: &Declared) -> SignalName {
    let name = signal.name.value.clone();
    SignalName {
        name,
        dimension: Dimension::NONE,
        logical: signal.logical,
        daily: signal.daily,
        faulty: true,
    }
}

/// The error on a name given twice.
pub(super) fn duplicate(what: &str, name: &Text, first: Span) -> Diagnostic {
    Diagnostic::error(format!("the {what} `{}` is defined twice", name.value), name.span, "again here")
        .related(first, "first here")
        .help("give it another name, or remove one of the two")
}

/// The index of a visit schedule.
pub(super) fn schedule(
    text: &Text,
    visits: &[VisitSchedule],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<usize> {
    let found = visits.iter().position(|schedule| schedule.name == text.value);
    if found.is_none() {
        let known = visits.iter().map(|schedule| schedule.name.as_str());
        diagnostics.push(missing(&text.value, text.span, "visit schedule", known));
    }
    found
}

fn declare(
    mut table: Table,
    visits: &[VisitSchedule],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Declared> {
    let span = table.span();
    let name = table.required_text("name", diagnostics);
    let about = table.text("about", diagnostics).map_or(String::new(), |text| text.value);
    let when = table.text("when", diagnostics);
    let value = table.text("value", diagnostics);
    let unit = table.text("unit", diagnostics);
    let at = table.text("at", diagnostics);
    let daily = table.boolean("daily", diagnostics).is_some_and(|(daily, _)| daily);
    table.finish(diagnostics);
    let schedule = at.map_or(Some(0), |at| schedule(&at, visits, diagnostics));
    let name = name?;
    identifier(&name, "signal", diagnostics)?;
    let logical = when.is_some();
    let text = match (when, value) {
        (Some(text), None) | (None, Some(text)) => text,
        _ => {
            diagnostics.push(
                Diagnostic::error(
                    "a signal has either `when` or `value`",
                    span,
                    format!("the signal `{}`", name.value),
                )
                .help(
                    "write `when = \"ANC < 0.5e9/L\"` for a condition, or `value = \"ALC\"` for a quantity",
                ),
            );
            return None;
        }
    };
    let expression = expression::parse(&text, diagnostics);
    let unit = unit.map(|text| {
        let unit = check_unit(&text, diagnostics);
        (text, unit)
    });
    Some(Declared { name, about, text, expression, unit, logical, schedule: schedule?, daily })
}

/// Signals and grade tables are named in conditions, so their names must be names of the equation language.
pub(super) fn identifier(name: &Text, what: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<()> {
    let value = &name.value;
    let proper = value.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let reserved = ["and", "or", "not", "if", "true", "false", "t", "day", "on_treatment"];
    if proper && !reserved.contains(&value.as_str()) {
        return Some(());
    }
    diagnostics.push(
        Diagnostic::error(format!("`{value}` cannot be the name of a {what}"), name.span, "not usable in conditions")
            .help("use letters, digits and `_`, beginning with a letter, as in `grade_4`; `day`, `on_treatment` and the words of the language are taken"),
    );
    None
}

fn check(
    signal: &Declared,
    scope: &mut ConditionScope<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Checked> {
    let expression = signal.expression.as_ref()?;
    if signal.logical {
        return check_condition(expression, scope, diagnostics).map(Checked::condition);
    }
    let wanted = match &signal.unit {
        Some((_, Some(unit))) => Some((unit.dimension, "the declared unit")),
        _ => None,
    };
    check_expression(expression, scope, wanted, diagnostics)
}

fn unit(signal: &Declared, checked: Option<&Checked>) -> NamedUnit {
    match (&signal.unit, checked) {
        (Some((text, Some(unit))), _) => NamedUnit { name: text.value.clone(), unit: *unit },
        (None, Some(checked)) if !checked.dimension.is_none() => NamedUnit {
            name: units::coherent_name(checked.dimension),
            unit: Unit { dimension: checked.dimension, factor: 1.0 },
        },
        _ => no_unit(),
    }
}

/// An order in which each signal uses only earlier ones; a circle is reported, and its members left out.
fn order(declared: &[Declared], diagnostics: &mut Vec<Diagnostic>) -> Vec<usize> {
    let uses: Vec<Vec<usize>> = declared
        .iter()
        .map(|signal| {
            let mut names = Vec::new();
            if let Some(expression) = &signal.expression {
                mentioned(expression, &mut names);
            }
            let position = |name: &&str| declared.iter().position(|other| other.name.value == **name);
            names.iter().filter_map(position).collect()
        })
        .collect();
    let labels: Vec<(&str, Span)> =
        declared.iter().map(|signal| (signal.name.value.as_str(), signal.text.span)).collect();
    sort("signals", &uses, &labels, diagnostics)
}

/// Every name in an expression.
pub(super) fn mentioned<'a>(expression: &'a Expression, names: &mut Vec<&'a str>) {
    match &expression.kind {
        Kind::Name(name) => names.push(name),
        Kind::Unary(_, operand) => mentioned(operand, names),
        Kind::Binary(_, left, right) => {
            mentioned(left, names);
            mentioned(right, names);
        }
        Kind::Call { arguments, .. } => arguments.iter().for_each(|argument| mentioned(argument, names)),
        Kind::Number(_) | Kind::Quantity { .. } | Kind::Logical(_) => {}
    }
}

/// Sorts items so that each comes after those it uses, keeping the written order where it can. Items in a circle are
/// reported once by name and left out, with everything that needs them.
pub(super) fn sort(
    what: &str,
    uses: &[Vec<usize>],
    labels: &[(&str, Span)],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<usize> {
    let mut placed = vec![false; uses.len()];
    let mut order = Vec::new();
    while let Some(next) = (0..uses.len()).find(|&i| !placed[i] && uses[i].iter().all(|&used| placed[used])) {
        placed[next] = true;
        order.push(next);
    }
    if let Some(start) = placed.iter().position(|placed| !placed) {
        // Following unplaced uses from an unplaced item must come round to one seen before.
        let mut path = vec![start];
        let circle = loop {
            let here = path[path.len() - 1];
            let Some(&next) = uses[here].iter().find(|&&used| !placed[used]) else { break path };
            if let Some(begin) = path.iter().position(|&seen| seen == next) {
                let mut circle = path.split_off(begin);
                circle.push(next);
                break circle;
            }
            path.push(next);
        };
        let names: Vec<&str> = circle.iter().map(|&i| labels[i].0).collect();
        diagnostics.push(
            Diagnostic::error(
                format!("{what} use each other in a circle: {}", names.join(" → ")),
                labels[circle[0]].1,
                "part of the circle",
            )
            .help("write one of them without the others"),
        );
    }
    order
}
