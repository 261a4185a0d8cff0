//! A sweep file, with the scenario that it names, to a checked [`Sweep`].

use super::axis::{self, Axis, Free};
use super::definition::{AxisColumn, Block, Cell, Entry, Point, Sweep};
use super::design;
use super::filter::Filter;
use super::level;
use super::objective::{Objectives, same_patients};
use super::question::Question;
use super::search::Search;
use super::sensitivity::{self, two_questions};
use super::space::Space;
use super::template;
use super::tipping;
use super::view::{self, Frame, View};
use crate::diagnostic::{Diagnostic, Sources, Span, Text, has_errors};
use crate::document::{self, Table};
use crate::model::Loader;
use crate::scenario::{self, Scenario, Settings};
use crate::trial::Target;
use std::collections::BTreeSet;

/// Numbers on an axis that are all tried before anything is computed.
const FEW: usize = 50;
/// More points than this in the product of all axes are a slip.
const MOST_POINTS: usize = 1_000_000;

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
    let fixed = fixed(table.table("set", diagnostics), set);
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
    let scenario = base(&asked, &fixed, loader, sources, diagnostics)?;
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
    };
    if asked_more.something() {
        let spans = [template.as_ref(), axes.first(), design.as_ref()].into_iter().flatten().map(Table::span);
        let spans = spans.chain(wanted.iter().map(|text| text.span));
        let spans: Vec<Span> = spans.chain(compared.block().map(|block| block.1)).collect();
        if let Some(report) = &report {
            diagnostics.push(view::no_axes(report.span()));
        }
        let question = asked_more.read(&spans, &scenario, diagnostics)?;
        return (!has_errors(&diagnostics[errors..])).then(|| parts.asking(question, scenario.arms.len()));
    }
    parts.collect(template, axes, &scenario, file, diagnostics);
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
    let mut sweep = compared.read(parts, &wanted, &seen, file, diagnostics)?;
    let frame = Frame { axes: &sweep.axes, points: &sweep.points, scenario: &seen };
    sweep.view = view::read(report, &frame, diagnostics)?;
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
            *sources = own;
            *diagnostics = found;
            return;
        }
    }
}

/// The sweep file's `[set]`, then the command line's.
fn fixed(table: Option<Table>, set: &[(String, String)]) -> Vec<(String, String)> {
    let entries = table.map(Table::into_entries).unwrap_or_default();
    let own = entries.iter().map(|(path, value)| (path.value.clone(), level::toml(value)));
    own.chain(set.iter().cloned()).collect()
}

/// The scenario as it stands.
fn base(
    asked: &Text,
    fixed: &[(String, String)],
    loader: &dyn Loader,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Scenario> {
    if let Err(why) = loader.load(crate::model::Kind::Scenario, &asked.value, None) {
        diagnostics.push(Diagnostic::error(why, asked.span, "asked for here"));
        return None;
    }
    let settings = Settings {
        set: fixed.to_vec(),
        origin: Some("set at every point".to_owned()),
        ..Settings::default()
    };
    scenario::load(&asked.value, &settings, loader, sources, diagnostics)
}

/// The scenario with the arms of every point alone, in their order.
fn with_arms(mut scenario: Scenario, arms: Option<&[String]>) -> Scenario {
    if let Some(arms) = arms {
        let place = |name: &str| arms.iter().position(|arm| arm == name);
        scenario.arms.retain(|arm| place(&arm.name).is_some());
        scenario.arms.sort_by_key(|arm| place(&arm.name));
    }
    scenario
}

/// Blocks that ask more than the results at points.
struct Asked {
    sensitivity: Option<Table>,
    tipping: Option<Table>,
}

impl Asked {
    fn something(&self) -> bool {
        self.sensitivity.is_some() || self.tipping.is_some()
    }

    /// Reads the one that is there; `axes` is where the file spans points of its own.
    fn read(self, axes: &[Span], scenario: &Scenario, diagnostics: &mut Vec<Diagnostic>) -> Option<Question> {
        match (self.sensitivity, self.tipping) {
            (Some(_), Some(second)) => {
                diagnostics.push(two_questions("`[sensitivity]`", "`[tipping]`", second.span()));
                None
            }
            (sensitivity, tipping) => {
                if let Some(span) = axes.first() {
                    let block = if sensitivity.is_some() { "`[sensitivity]`" } else { "`[tipping]`" };
                    diagnostics.push(two_questions(block, "axes of its own", *span));
                    return None;
                }
                match (sensitivity, tipping) {
                    (Some(table), _) => {
                        sensitivity::read(table, scenario, diagnostics).map(Question::Sensitivity)
                    }
                    (_, Some(table)) => tipping::read(table, scenario, diagnostics).map(Question::Tipping),
                    _ => None,
                }
            }
        }
    }
}

/// Blocks that compare points.
struct Compared {
    front: Option<Table>,
    search: Option<Table>,
}

impl Compared {
    /// What is there, and where.
    fn block(&self) -> Option<(&'static str, Span)> {
        let front = self.front.as_ref().map(|table| ("front", table.span()));
        front.or(self.search.as_ref().map(|table| ("search", table.span())))
    }

    /// The sweep, compared; `scenario` as its points see it.
    fn read(
        self,
        parts: Parts,
        wanted: &[Text],
        scenario: &Scenario,
        file: Span,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Sweep> {
        let block = self.block();
        let names: Vec<String> = parts.columns().map(|column| column.name.clone()).collect();
        match (self.front, self.search) {
            (Some(_), Some(second)) => {
                diagnostics.push(two_questions("`[front]`", "`[search]`", second.span()));
                None
            }
            (None, None) => parts.sweep(wanted, scenario.arms.len(), file, diagnostics),
            (Some(mut table), None) => {
                let objectives = Objectives::read(&mut table, block?, &names, scenario, diagnostics);
                table.finish(diagnostics);
                let sweep = parts.sweep(wanted, scenario.arms.len(), file, diagnostics)?;
                same_patients(&sweep, block?, diagnostics).then_some(())?;
                Some(Sweep { objectives: Some(objectives?), ..sweep })
            }
            (None, Some(mut table)) => {
                let objectives = Objectives::read(&mut table, block?, &names, scenario, diagnostics);
                let filter = Filter::read(wanted, &parts.with_free(), diagnostics);
                let space = Space::new(&parts.blocks, &parts.free, filter);
                let seed = objectives.as_ref().map_or(1, |objectives| objectives.seed);
                let (search, points) = Search::read(table, space, seed, scenario, diagnostics)?;
                let columns = search.columns();
                let sweep = parts.bare(columns, points, scenario.arms.len());
                same_patients(&sweep, block?, diagnostics).then_some(())?;
                Some(Sweep { objectives: Some(objectives?), search: Some(search), ..sweep })
            }
        }
    }
}

struct Parts {
    name: String,
    title: String,
    about: String,
    asked: Text,
    fixed: Vec<(String, String)>,
    arms: Option<Vec<String>>,
    blocks: Vec<Block>,
    /// Ranges whose values a design or a search chooses.
    free: Vec<Free>,
    patients: usize,
}

impl Parts {
    /// Reads template and axes into blocks, in the order in which they vary, the slowest first.
    fn collect(
        &mut self,
        template: Option<Table>,
        axes: Vec<Table>,
        scenario: &Scenario,
        file: Span,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let empty = template.is_none() && axes.is_empty();
        let mut names: Vec<Text> = Vec::new();
        if let Some(table) = template {
            let span = table.span();
            if let Some(made) = template::read(table, scenario, diagnostics) {
                let columns = made.block.columns.iter();
                names.extend(columns.map(|it| Text { value: it.name.clone(), span, verbatim: false }));
                self.blocks.push(made.block);
                self.arms = Some(made.arms);
            }
        }
        for table in axes {
            let Some((name, axis)) = axis::read(table, diagnostics) else { continue };
            if let Some(first) = names.iter().find(|other| other.value == name.value) {
                diagnostics.push(
                    Diagnostic::error(
                        format!("there are two axes `{}`", name.value),
                        name.span,
                        "again here",
                    )
                    .related(first.span, "first here")
                    .help("give one of them another `name`"),
                );
            }
            names.push(name);
            match axis {
                Axis::Listed(block) => self.blocks.push(block),
                Axis::Free(axis) => self.free.push(axis),
            }
        }
        if empty {
            diagnostics.push(
                Diagnostic::error("this sweep has no axis", file, "nothing varies")
                    .help("add `[[axis]]` with `key = \"…\"` and `values = […]`, or `[template]`"),
            );
        }
    }

    /// Columns of all axes, those of a design or a search last.
    fn columns(&self) -> impl Iterator<Item = &AxisColumn> {
        let listed = self.blocks.iter().flat_map(|block| &block.columns);
        listed.chain(
            self.free
                .iter()
                .map(|axis| &axis.column)
                .filter(|column| self.blocks.iter().all(|block| !block.columns.contains(column))),
        )
    }

    /// All blocks, and ranges as blocks without values: for conditions.
    fn with_free(&self) -> Vec<Block> {
        let free = self.free.iter().map(|axis| Block {
            columns: vec![axis.column.clone()],
            factors: vec![axis.range.from.unit.factor],
            dimensions: vec![axis.range.from.unit.dimension],
            entries: Vec::new(),
        });
        self.blocks.iter().cloned().chain(free).collect()
    }

    /// The sweep at the points that its question takes.
    fn asking(self, question: Question, arm_count: usize) -> Sweep {
        let (axes, points) = match &question {
            Question::Map => (Vec::new(), Vec::new()),
            Question::Sensitivity(sensitivity) => sensitivity.points(),
            Question::Tipping(tipping) => tipping.points(),
        };
        Sweep { question, ..self.bare(axes, points, arm_count) }
    }

    /// A sweep at these points that asks nothing more.
    fn bare(self, axes: Vec<AxisColumn>, points: Vec<Point>, arm_count: usize) -> Sweep {
        Sweep {
            name: self.name,
            title: self.title,
            about: self.about,
            scenario: self.asked.value,
            fixed: self.fixed,
            arms: self.arms,
            axes,
            points,
            left_out: 0,
            patients: self.patients,
            arm_count,
            question: Question::Map,
            view: View::default(),
            objectives: None,
            search: None,
        }
    }

    /// The product of all blocks, filtered.
    fn sweep(
        self,
        wanted: &[Text],
        arm_count: usize,
        file: Span,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Sweep> {
        let filter = Filter::read(wanted, &self.blocks, diagnostics);
        let size = self.blocks.iter().try_fold(1_usize, |size, block| size.checked_mul(block.entries.len()));
        let Some(size) = size.filter(|size| *size <= MOST_POINTS) else {
            diagnostics.push(
                Diagnostic::error(format!("this sweep has more than {MOST_POINTS} points"), file, "too many")
                    .help("list fewer values, or spread points over ranges by `[design]`"),
            );
            return None;
        };
        if has_errors(diagnostics) {
            return None;
        }
        let points: Vec<Point> =
            (0..size).map(|at| self.point(at)).filter(|point| filter.keeps(&point.cells)).collect();
        if points.is_empty() {
            let span = wanted.first().map_or(file, |text| text.span);
            diagnostics.push(
                Diagnostic::error("no point is left of this sweep", span, "nothing meets this")
                    .help("widen the conditions of `where`"),
            );
            return None;
        }
        let left_out = size - points.len();
        let axes = self.blocks.iter().flat_map(|block| block.columns.iter().cloned()).collect();
        Some(Sweep { left_out, ..self.bare(axes, points, arm_count) })
    }

    /// The point at a place of the product, the last block varying fastest.
    fn point(&self, mut at: usize) -> Point {
        let mut chosen: Vec<&Entry> = Vec::with_capacity(self.blocks.len());
        for block in self.blocks.iter().rev() {
            chosen.push(&block.entries[at % block.entries.len()]);
            at /= block.entries.len();
        }
        chosen.reverse();
        Point {
            settings: chosen.iter().flat_map(|entry| entry.settings.iter().cloned()).collect(),
            cells: chosen.iter().flat_map(|entry| entry.cells.iter().cloned()).collect(),
        }
    }
}

impl Sweep {
    /// What is set in the scenario at a point.
    pub fn settings(&self, point: &Point, origin: String) -> Settings {
        let set = self.fixed.iter().chain(&point.settings).cloned().collect();
        Settings { set, arms: self.arms.clone(), origin: Some(origin), ..Settings::default() }
    }

    /// Results that every point also keeps with groups of patients left out.
    pub fn kept_apart(&self) -> Vec<&Target> {
        match &self.question {
            Question::Map if self.view.paired => {
                self.view.columns.iter().map(|column| &column.target).collect()
            }
            question => question.targets().iter().collect(),
        }
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
