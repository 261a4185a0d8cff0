//! A sweep file, with the scenario that it names, to a checked [`Sweep`].

use super::asked::{Asked, Compared};
use super::definition::{Cell, Point, Sweep};
use super::design;
use super::headers::{self, Names};
use super::keys::Keys;
use super::level;
use super::parts::Parts;
use super::question::Question;
use super::sensitivity::two_questions;
use super::source::Source;
use super::view::{self, Frame};
use crate::diagnostic::{Diagnostic, Sources, Span, Text, has_errors};
use crate::document::{self, Table};
use crate::model::Loader;
use crate::scenario::{self, Scenario, Settings};
use crate::trial::Target;
use std::collections::BTreeSet;

/// Numbers on an axis that are all tried before anything is computed.
const FEW: usize = 50;

/// Reads the sweep `text`, shown as `shown`. `set` is what the command line sets at every point. Every error found is
/// pushed; `None` if there was one.
///
/// The scenario is read as it stands; whether it may have the values of the axes is said by [`check_values`].
pub fn read(
    shown: &str,
    text: &str,
    set: &[(String, String)],
    loader: &dyn Loader,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Sweep> {
    let errors = diagnostics.len();
    let file = sources.add(shown, text);
    let mut table = document::parse(file, text, diagnostics)?;
    let file = Span { file, start: 0, end: 0 };
    let name = std::path::Path::new(shown).file_stem();
    let name = name.map_or_else(|| "sweep".to_owned(), |stem| stem.to_string_lossy().into_owned());
    let title = table.text("title", diagnostics).map_or_else(|| name.clone(), |title| title.value);
    let about = table.text("about", diagnostics).map_or(String::new(), |about| about.value);
    let asked = table.required_text("scenario", diagnostics);
    let own = own_settings(table.table("set", diagnostics));
    let template = table.table("template", diagnostics);
    let axes = table.tables("axis", diagnostics);
    let design = table.table("design", diagnostics);
    let wanted = table.texts("where", diagnostics);
    let report = table.table("report", diagnostics);
    let compared =
        Compared { front: table.table("front", diagnostics), search: table.table("search", diagnostics) };
    let asked_more = Asked {
        sensitivity: table.table("sensitivity", diagnostics),
        tipping: table.table("tipping", diagnostics),
    };
    table.finish(diagnostics);
    let asked = asked?;
    let scenario = base(&asked, &own, set, loader, sources, diagnostics)?;
    let mut keys = Keys::new(scenario::Keys::new(&asked.value, &scenario.model, loader)?);
    let fixed = keys.fixed(&own, set, sources, diagnostics);
    let mut parts = Parts {
        name,
        title,
        about,
        asked,
        fixed,
        arms: None,
        blocks: Vec::new(),
        free: Vec::new(),
        patients: scenario.patients,
        file,
        names: Vec::new(),
        source: Source { shown: shown.to_owned(), text: text.to_owned(), ..Source::default() },
    };
    if asked_more.something() {
        let spans = [template.as_ref(), axes.first(), design.as_ref()].into_iter().flatten().map(Table::span);
        let spans = spans.chain(wanted.iter().map(|text| text.span));
        let spans: Vec<Span> = spans.chain(compared.block().map(|block| block.1)).collect();
        if let Some(report) = &report {
            diagnostics.push(view::no_axes(report.span()));
        }
        let (question, names) = asked_more.read(&spans, &scenario, &mut keys, diagnostics)?;
        parts.source.written = keys.written;
        let sweep = parts.asking(question, scenario.arms.len());
        headers::check(&sweep, &names, diagnostics);
        return (!has_errors(&diagnostics[errors..])).then_some(sweep);
    }
    parts.collect(template, axes, (&scenario, &mut keys), diagnostics);
    match (&compared.search, &design) {
        (Some(_), Some(design)) => diagnostics.push(two_questions("`[search]`", "`[design]`", design.span())),
        (Some(_), None) => {}
        _ => parts.blocks.extend(design::read(design, &parts.free, file, diagnostics)),
    }
    if has_errors(&diagnostics[errors..]) {
        return None;
    }
    // As its points see it: a template leaves arms out.
    let seen = with_arms(scenario, parts.arms.as_deref());
    parts.source.written = std::mem::take(&mut keys.written);
    let mut names = Names { axes: std::mem::take(&mut parts.names), ..Names::default() };
    let mut sweep = compared.read(parts, &wanted, &seen, &keys, &mut names, diagnostics)?;
    let frame = Frame { axes: &sweep.axes, points: &sweep.points, scenario: &seen };
    (sweep.view, names.results) = view::read(report, &frame, diagnostics)?;
    headers::check(&sweep, &names, diagnostics);
    (!has_errors(&diagnostics[errors..])).then_some(sweep)
}

/// Reads the scenario at few points in which every value of every axis occurs, so that most mistakes are found before anything is
/// computed; the findings of the first point with errors are pushed.
pub fn check_values(
    sweep: &Sweep,
    loader: &dyn Loader,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for place in sweep.exemplary() {
        let origin = format!("point {} of the sweep `{}`", place + 1, sweep.name);
        let settings = sweep.settings(&sweep.points[place], origin);
        let (mut own, mut found) = (Sources::default(), Vec::new());
        scenario::load(&sweep.scenario, &settings, loader, &mut own, &mut found);
        if has_errors(&found) {
            sweep.source.point_to(&settings, &mut own, &mut found);
            *sources = own;
            *diagnostics = found;
            return;
        }
    }
}

/// The sweep file's `[set]`: paths, and values as TOML.
fn own_settings(table: Option<Table>) -> Vec<(Text, String)> {
    let entries = table.map(Table::into_entries).unwrap_or_default();
    entries
        .into_iter()
        .map(|(path, value)| {
            let value = level::toml(&value);
            (path, value)
        })
        .collect()
}

/// The scenario as it stands, with what is set at every point.
fn base(
    asked: &Text,
    own: &[(Text, String)],
    set: &[(String, String)],
    loader: &dyn Loader,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Scenario> {
    if let Err(why) = loader.load(crate::model::Kind::Scenario, &asked.value, None) {
        diagnostics.push(Diagnostic::error(why, asked.span, "asked for here"));
        return None;
    }
    let own = own.iter().map(|(path, value)| (path.value.clone(), value.clone()));
    let settings = Settings {
        set: own.chain(set.iter().cloned()).collect(),
        origin: Some("set at every point".to_owned()),
        ..Settings::default()
    };
    scenario::load(&asked.value, &settings, loader, sources, diagnostics)
}

/// The scenario with the arms of every point alone, in their order.
fn with_arms(mut scenario: Scenario, arms: Option<&[usize]>) -> Scenario {
    if let Some(arms) = arms {
        scenario.arms = arms.iter().filter_map(|place| scenario.arms.get(*place).cloned()).collect();
    }
    scenario
}

impl Sweep {
    /// What is set in the scenario at a point.
    pub fn settings(&self, point: &Point, origin: String) -> Settings {
        let set = self.fixed.iter().chain(&point.settings).cloned().collect();
        Settings { set, arms: self.arms.clone(), origin: Some(origin), ..Settings::default() }
    }

    /// Results that every point also keeps with groups of patients left out.
    pub fn kept_apart(&self) -> Vec<&Target> {
        let mut kept: Vec<&Target> = Vec::new();
        match &self.question {
            Question::Map if self.view.paired => {
                // Two columns may look at one result.
                for column in &self.view.columns {
                    if !kept.contains(&&column.target) {
                        kept.push(&column.target);
                    }
                }
            }
            question => kept.extend(question.targets()),
        }
        kept
    }

    /// Points in which every value of every axis occurs at least once. Of an axis of more than [`FEW`] numbers, as a design
    /// has, it is the smallest and the largest: few points, where there are many.
    pub fn exemplary(&self) -> Vec<usize> {
        let mut values: Vec<BTreeSet<String>> = vec![BTreeSet::new(); self.axes.len()];
        let mut ends = vec![(f64::INFINITY, f64::NEG_INFINITY); self.axes.len()];
        for point in &self.points {
            for ((values, ends), cell) in values.iter_mut().zip(&mut ends).zip(&point.cells) {
                if values.len() <= FEW {
                    values.insert(cell.shown());
                }
                if let Cell::Number(number) = cell {
                    *ends = (ends.0.min(*number), ends.1.max(*number));
                }
            }
        }
        let matters = |axis: usize, cell: &Cell| match cell {
            Cell::Number(number) if values[axis].len() > FEW => {
                *number == ends[axis].0 || *number == ends[axis].1
            }
            _ => true,
        };
        let mut seen: Vec<BTreeSet<String>> = vec![BTreeSet::new(); self.axes.len()];
        let mut chosen = Vec::new();
        for (place, point) in self.points.iter().enumerate() {
            let mut new = false;
            for (axis, cell) in point.cells.iter().enumerate().filter(|(axis, cell)| matters(*axis, cell)) {
                new |= seen[axis].insert(cell.shown());
            }
            if new {
                chosen.push(place);
            }
        }
        chosen
    }
}
