//! `[template]`: arms made from one arm of the scenario, all starting doses × sizes of a step × dosing days.

use super::axis;
use super::definition::{AxisColumn, Block, Cell, Entry};
use super::keys::Keys;
use super::level::{self, Measured, Range, in_unit, measured, unmeasured};
use crate::diagnostic::{Diagnostic, Span, Text, closest};
use crate::document::{Table, Value};
use crate::scenario::Scenario;

/// Dose levels in one arm; more are a slip of the unit.
const MOST_LEVELS: usize = 200;

/// What a template makes: its axes as one block, and the arms that are kept.
pub(super) struct Made {
    pub block: Block,
    /// Their places in the scenario.
    pub arms: Vec<usize>,
}

/// What a template says, as read.
struct Template {
    arm: usize,
    treatment: usize,
    start: Vec<Value>,
    step: Vec<Value>,
    days: Vec<Value>,
    day_labels: Vec<Text>,
    lowest: Option<Measured>,
    highest: Option<Measured>,
    name: Option<Text>,
}

/// Reads `[template]`; `scenario` is the one that is swept, as it stands.
pub(super) fn read(
    mut table: Table,
    scenario: &Scenario,
    keys: &mut Keys,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Made> {
    let errors = diagnostics.len();
    let span = table.span();
    let names: Vec<&str> = scenario.arms.iter().map(|arm| arm.name.as_str()).collect();
    let arm = table.text("arm", diagnostics);
    let arm = arm.map_or(Some(names[0].to_owned()), |arm| known(&arm, &names, diagnostics));
    let keep = table.texts("keep", diagnostics);
    let arms: Vec<String> = keep.iter().filter_map(|arm| known(arm, &names, diagnostics)).collect();
    let treatment = table.integer("treatment", diagnostics).map_or(0, |(place, _)| place as usize);
    let start = values("start", table.value("start"), diagnostics);
    let step = values("step", table.value("step"), diagnostics);
    let days = values("days", table.value("days"), diagnostics);
    let day_labels = table.texts("day_labels", diagnostics);
    let lowest = limit("lowest", table.value("lowest"), diagnostics);
    let highest = limit("highest", table.value("highest"), diagnostics);
    let name = table.text("name", diagnostics);
    table.finish(diagnostics);
    let arm = arm?;
    if arms.contains(&arm) {
        diagnostics.push(
            Diagnostic::error(
                format!("`{arm}` is the template and cannot be kept beside"),
                span,
                "this template",
            )
            .help("remove it from `keep`: one of the arms made is like it"),
        );
        return None;
    }
    let treatments =
        scenario.arms.iter().find(|other| other.name == arm).map_or(0, |arm| arm.treatments.len());
    if treatment >= treatments {
        diagnostics.push(
            Diagnostic::error(format!("the arm `{arm}` has no treatment {treatment}"), span, "this template")
                .help("treatments are numbered from 0"),
        );
        return None;
    }
    let place = |name: &String| names.iter().position(|other| other == name);
    let at = place(&arm)?;
    let arms: Vec<usize> = arms.iter().filter_map(place).chain([at]).collect();
    let template = Template { arm: at, treatment, start, step, days, day_labels, lowest, highest, name };
    template.check(span, diagnostics);
    if diagnostics.len() > errors {
        return None;
    }
    let block = template.block(span, diagnostics)?;
    keys.keep(arms.clone(), span, diagnostics);
    let set = block.entries.first().map_or(&[][..], |entry| &entry.settings);
    let paths = set.iter().map(|(path, _)| Text { value: path.clone(), span, verbatim: false });
    keys.moved("`[template]`", paths.collect(), diagnostics);
    template.note_values(keys, span);
    (diagnostics.len() == errors).then_some(Made { block, arms })
}

/// The name of an arm, if the scenario has it.
fn known(arm: &Text, names: &[&str], diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    if names.contains(&arm.value.as_str()) {
        return Some(arm.value.clone());
    }
    diagnostics.push(
        Diagnostic::error(format!("the scenario has no arm `{}`", arm.value), arm.span, "no such arm").help(
            match closest(&arm.value, names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("its arms are `{}`", names.join("`, `")),
            },
        ),
    );
    None
}

/// A list of values, a range, or one value.
fn values(key: &'static str, value: Option<Value>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Value> {
    match value {
        None => Vec::new(),
        Some(Value::List(items, span)) => {
            if items.is_empty() {
                diagnostics.push(
                    Diagnostic::error(format!("`{key}` is an empty list"), span, "no value")
                        .help("list at least one value, or leave the key out"),
                );
            }
            items
        }
        Some(Value::Table(table)) => {
            let Some(range) = Range::read(table, diagnostics) else { return Vec::new() };
            let Some(numbers) = &range.values else {
                diagnostics.push(
                    Diagnostic::error("this range has neither a step nor a count", range.span, "here")
                        .help("add `step` or `count`"),
                );
                return Vec::new();
            };
            let text = |number: &f64| {
                let value = format!("{number} {}", range.from.unit_text);
                Value::Text(Text { value, span: range.span, verbatim: false })
            };
            numbers.iter().map(text).collect()
        }
        Some(other) => vec![other],
    }
}

fn limit(key: &str, value: Option<Value>, diagnostics: &mut Vec<Diagnostic>) -> Option<Measured> {
    let value = value?;
    let found = measured(&value);
    if found.is_none() {
        diagnostics.push(unmeasured(&value, key, "a dose with its unit", &format!("{key} = \"25 mg\"")));
    }
    found
}

impl Template {
    /// Tells where the values of its keys are written.
    fn note_values(&self, keys: &mut Keys, span: Span) {
        keys.value(&self.path("levels"), None, span);
        for (key, values) in [("start", &self.start), ("days", &self.days)] {
            values.iter().for_each(|it| keys.value(&self.path(key), Some(level::toml(it)), it.span()));
        }
    }

    /// The path of a key of its treatment.
    fn path(&self, key: &str) -> String {
        format!("arm.{}.treatment.{}.{key}", self.arm, self.treatment)
    }

    /// Whether it makes arms at all, and has what they need.
    fn check(&self, span: Span, diagnostics: &mut Vec<Diagnostic>) {
        if self.start.is_empty() && self.step.is_empty() && self.days.is_empty() {
            diagnostics.push(
                Diagnostic::error("this template makes only one arm", span, "neither `start`, `step` nor `days`")
                    .help("add `start = [\"5 mg\", \"10 mg\"]`, `step = [\"5 mg\"]` or `days = [\"1-28\", \"1-21\"]`"),
            );
        }
        if (!self.step.is_empty() && (self.highest.is_none() || self.start.is_empty()))
            || (!self.day_labels.is_empty() && self.day_labels.len() != self.days.len())
        {
            let (what, help) = if self.day_labels.is_empty() || self.day_labels.len() == self.days.len() {
                (
                    "steps need a `start` and a `highest` dose",
                    "add `start = [\"5 mg\"]` and `highest = \"25 mg\"`",
                )
            } else {
                ("there must be as many `day_labels` as `days`", "write one label for each of `days`")
            };
            diagnostics.push(Diagnostic::error(what, span, "this template").help(help));
        }
    }

    /// All combinations as one block, since the levels follow from start and step together.
    fn block(&self, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<Block> {
        let column = |name: &str, about: &str| AxisColumn {
            name: name.to_owned(),
            unit: String::new(),
            numeric: false,
            about: about.to_owned(),
        };
        let labels = (!self.day_labels.is_empty()).then_some(self.day_labels.as_slice());
        let parts = [
            ("start", "starting dose", &self.start, None),
            ("step", "from one dose level to the next", &self.step, None),
            ("days", "days of the cycle with a dose", &self.days, labels),
        ];
        let mut whole = Block { entries: vec![Entry::default()], ..Block::default() };
        let mut picked: Vec<[Option<&Value>; 3]> = vec![[None; 3]];
        for (place, (name, about, items, labels)) in parts.into_iter().enumerate() {
            if items.is_empty() {
                continue;
            }
            let part = axis::block(column(name, about), items, labels);
            whole.columns.extend(part.columns);
            whole.factors.extend(part.factors);
            whole.dimensions.extend(part.dimensions);
            let (mut entries, mut chosen) = (Vec::new(), Vec::new());
            for (entry, values) in whole.entries.iter().zip(&picked) {
                for (one, item) in part.entries.iter().zip(items) {
                    let mut entry = entry.clone();
                    entry.cells.extend(one.cells.iter().cloned());
                    let mut values = *values;
                    values[place] = Some(item);
                    entries.push(entry);
                    chosen.push(values);
                }
            }
            (whole.entries, picked) = (entries, chosen);
        }
        let columns = whole.columns.clone();
        for (entry, values) in whole.entries.iter_mut().zip(picked) {
            entry.settings = self.settings(values, span, diagnostics)?;
            let name = self.arm_name(&columns, &entry.cells, diagnostics)?;
            entry.settings.push((format!("arm.{}.name", self.arm), level::quoted(&name)));
        }
        let twice = |place: usize| {
            whole.entries[..place].iter().any(|other| other.cells == whole.entries[place].cells)
        };
        if (0..whole.entries.len()).any(twice) {
            diagnostics.push(
                Diagnostic::error("two arms of this template are the same", span, "this template")
                    .help("remove the value that stands twice in `start`, `step` or `days`"),
            );
        }
        Some(whole)
    }

    /// What one arm sets: dose levels, starting dose, days.
    fn settings(
        &self,
        [start, step, days]: [Option<&Value>; 3],
        span: Span,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Vec<(String, String)>> {
        let mut settings = Vec::new();
        if let (Some(start), Some(step), Some(highest)) = (start, step, &self.highest) {
            let levels = self.levels(start, step, highest, span, diagnostics)?;
            settings.push((self.path("levels"), format!("[{}]", levels.join(", "))));
        }
        settings.extend(start.map(|start| (self.path("start"), level::toml(start))));
        settings.extend(days.map(|days| (self.path("days"), level::toml(days))));
        Some(settings)
    }

    /// Dose levels as TOML: the start and all whole steps from it between the lowest and the highest dose, and these two.
    fn levels(
        &self,
        start: &Value,
        step: &Value,
        highest: &Measured,
        span: Span,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Vec<String>> {
        let mut refuse = |value: &Value, what: &str, help: &str| {
            diagnostics.push(
                Diagnostic::error(what, value.span(), "here").related(span, "in this template").help(help),
            );
            None
        };
        let Some(first) = measured(start) else {
            return refuse(start, "this is no dose", "write a number with its unit, such as `5 mg`");
        };
        let size = measured(step).and_then(|step| in_unit(&step, &first)).filter(|size| *size > 0.0);
        let Some(size) = size else {
            return refuse(
                step,
                "this is no step of a dose",
                "write it in the unit of the doses, such as `5 mg`",
            );
        };
        let (lowest, highest) = (
            self.lowest.as_ref().map_or(Some(first.value), |it| in_unit(it, &first)),
            in_unit(highest, &first),
        );
        let (Some(lowest), Some(highest)) = (lowest, highest) else {
            return refuse(
                start,
                "`lowest` and `highest` have another dimension",
                "give them in the unit of the doses",
            );
        };
        if !(lowest <= first.value && first.value <= highest && lowest > 0.0) {
            let help = "a start lies between `lowest` and `highest`; leave it out, or widen them";
            return refuse(start, "this start lies outside the dose levels", help);
        }
        let (below, above) = ((first.value - lowest) / size, (highest - first.value) / size);
        if below + above > MOST_LEVELS as f64 {
            return refuse(step, "this step makes too many dose levels", "make it larger");
        }
        // A whole step that comes within a hair of an end is that end.
        let whole = |steps: f64| (steps - 1e-9).ceil() as i32;
        let inner = (1 - whole(below))..whole(above);
        let mut levels = vec![lowest];
        levels.extend(inner.map(|k| level::rounded(first.value + f64::from(k) * size, 12)));
        levels.push(highest);
        levels.dedup();
        Some(levels.into_iter().map(|dose| first.toml(dose)).collect())
    }

    /// The name of an arm, placeholders filled in.
    fn arm_name(
        &self,
        columns: &[AxisColumn],
        cells: &[Cell],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<String> {
        let shown = |(column, cell): (&AxisColumn, &Cell)| {
            let unit = if column.unit.is_empty() { String::new() } else { format!(" {}", column.unit) };
            (column.name.clone(), cell.shown() + &unit)
        };
        let parts: Vec<(String, String)> = columns.iter().zip(cells).map(shown).collect();
        let Some(pattern) = &self.name else {
            return Some(
                parts.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", "),
            );
        };
        let mut name = pattern.value.clone();
        for (key, value) in &parts {
            name = name.replace(&format!("{{{key}}}"), value);
        }
        if name.contains('{') {
            let known: Vec<String> = parts.iter().map(|(key, _)| format!("{{{key}}}")).collect();
            diagnostics.push(
                Diagnostic::error(
                    "this name has a placeholder that nothing fills",
                    pattern.span,
                    "unknown in braces",
                )
                .help(format!("there are `{}`", known.join("`, `"))),
            );
            return None;
        }
        Some(name)
    }
}
