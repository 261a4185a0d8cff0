//! The blocks of a sweep file that ask more than the results at its points: how sensitive they are, where they tip, which are best.

use super::definition::Sweep;
use super::filter::Filter;
use super::headers::Names;
use super::keys::Keys;
use super::objective::{Objectives, same_patients};
use super::parts::Parts;
use super::question::Question;
use super::search::Search;
use super::sensitivity::{self, two_questions};
use super::space::Space;
use super::tipping;
use crate::diagnostic::{Diagnostic, Span, Text};
use crate::document::Table;
use crate::scenario::Scenario;

/// Blocks that ask more than the results at points.
pub(super) struct Asked {
    pub sensitivity: Option<Table>,
    pub tipping: Option<Table>,
}

impl Asked {
    pub fn something(&self) -> bool {
        self.sensitivity.is_some() || self.tipping.is_some()
    }

    /// Reads the one that is there; `axes` is where the file spans points of its own.
    pub fn read(
        self,
        axes: &[Span],
        scenario: &Scenario,
        keys: &mut Keys,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<(Question, Names)> {
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
                        let (found, names) = sensitivity::read(table, scenario, keys, diagnostics)?;
                        Some((Question::Sensitivity(found), names))
                    }
                    (_, Some(table)) => {
                        let found = tipping::read(table, scenario, keys, diagnostics)?;
                        Some((Question::Tipping(found), Names::default()))
                    }
                    _ => None,
                }
            }
        }
    }
}

/// Blocks that compare points.
pub(super) struct Compared {
    pub front: Option<Table>,
    pub search: Option<Table>,
}

impl Compared {
    /// What is there, and where.
    pub fn block(&self) -> Option<(&'static str, Span)> {
        let front = self.front.as_ref().map(|table| ("front", table.span()));
        front.or(self.search.as_ref().map(|table| ("search", table.span())))
    }

    /// The sweep, compared; `scenario` as its points see it.
    pub fn read(
        self,
        parts: Parts,
        wanted: &[Text],
        scenario: &Scenario,
        keys: &Keys,
        names: &mut Names,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Sweep> {
        let file = parts.file;
        let block = self.block();
        match (self.front, self.search) {
            (Some(_), Some(second)) => {
                diagnostics.push(two_questions("`[front]`", "`[search]`", second.span()));
                None
            }
            (None, None) => parts.sweep(wanted, scenario.arms.len(), file, diagnostics),
            (Some(mut table), None) => {
                let objectives = Objectives::read(&mut table, block?, names, scenario, diagnostics);
                table.finish(diagnostics);
                same_patients(keys, block?, diagnostics).then_some(())?;
                let sweep = parts.sweep(wanted, scenario.arms.len(), file, diagnostics)?;
                Some(Sweep { objectives: Some(objectives?), ..sweep })
            }
            (None, Some(mut table)) => {
                let objectives = Objectives::read(&mut table, block?, names, scenario, diagnostics);
                let filter = Filter::read(wanted, &parts.with_free(), diagnostics);
                let space = Space::new(&parts.blocks, &parts.free, filter);
                let seed = objectives.as_ref().map_or(1, |objectives| objectives.seed);
                let (search, points) = Search::read(table, space, seed, scenario, diagnostics)?;
                let columns = search.columns();
                same_patients(keys, block?, diagnostics).then_some(())?;
                let sweep = parts.bare(columns, points, scenario.arms.len());
                Some(Sweep { objectives: Some(objectives?), search: Some(search), ..sweep })
            }
        }
    }
}
