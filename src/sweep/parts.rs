//! Template and axes of a sweep file, and the points that they span.

use super::axis::{self, Axis, Free};
use super::definition::{AxisColumn, Block, Entry, Point, Sweep};
use super::design::MOST_POINTS;
use super::filter::Filter;
use super::keys::Keys;
use super::question::Question;
use super::source::Source;
use super::template;
use super::view::View;
use crate::diagnostic::{Diagnostic, Span, Text, has_errors};
use crate::document::Table;
use crate::scenario::Scenario;

/// What a sweep file says of its points.
pub(super) struct Parts {
    pub name: String,
    pub title: String,
    pub about: String,
    pub asked: Text,
    pub fixed: Vec<(String, String)>,
    pub arms: Option<Vec<usize>>,
    pub blocks: Vec<Block>,
    /// Ranges whose values a design or a search chooses.
    pub free: Vec<Free>,
    pub patients: usize,
    /// The sweep file, for what has no place in it.
    pub file: Span,
    /// Names of axes, where they are written.
    pub names: Vec<Text>,
    /// The file itself.
    pub source: Source,
}

impl Parts {
    /// Reads template and axes into blocks, in the order in which they vary, the slowest first.
    pub fn collect(
        &mut self,
        template: Option<Table>,
        axes: Vec<Table>,
        (scenario, keys): (&Scenario, &mut Keys),
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let (file, empty) = (self.file, template.is_none() && axes.is_empty());
        if let Some(table) = template {
            let span = table.span();
            if let Some(made) = template::read(table, scenario, keys, diagnostics) {
                let columns = made.block.columns.iter();
                self.names.extend(columns.map(|it| Text { value: it.name.clone(), span, verbatim: false }));
                self.blocks.push(made.block);
                self.arms = Some(made.arms);
            }
        }
        for table in axes {
            let Some((name, axis)) = axis::read(table, keys, diagnostics) else { continue };
            if let Some(first) = self.names.iter().find(|other| other.value == name.value) {
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
            self.names.push(name);
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

    /// All blocks, and ranges as blocks without values: for conditions.
    pub fn with_free(&self) -> Vec<Block> {
        let free = self.free.iter().map(|axis| Block {
            columns: vec![axis.column.clone()],
            factors: vec![axis.range.from.unit.factor],
            dimensions: vec![axis.range.from.unit.dimension],
            entries: Vec::new(),
        });
        self.blocks.iter().cloned().chain(free).collect()
    }

    /// The sweep at the points that its question takes.
    pub fn asking(self, question: Question, arm_count: usize) -> Sweep {
        let (axes, points) = match &question {
            Question::Map => (Vec::new(), Vec::new()),
            Question::Sensitivity(sensitivity) => sensitivity.points(),
            Question::Tipping(tipping) => tipping.points(),
        };
        Sweep { question, ..self.bare(axes, points, arm_count) }
    }

    /// A sweep at these points that asks nothing more.
    pub fn bare(self, axes: Vec<AxisColumn>, points: Vec<Point>, arm_count: usize) -> Sweep {
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
            source: self.source,
        }
    }

    /// The product of all blocks, filtered.
    pub fn sweep(
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
    pub fn point(&self, mut at: usize) -> Point {
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
