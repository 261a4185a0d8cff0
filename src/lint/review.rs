//! One review of a scenario: what all its checks share, and the order in which they speak.

use super::ranges::Ranges;
use super::search::{Search, Wanted};
use super::space::{Acts, Space};
use super::state::State;
use super::typical::Typical;
use super::{contradiction, doses, firing, oscillation, slip, sparse, wording};
use crate::diagnostic::{Diagnostic, Span};
use crate::model::Formula;
use crate::scenario::{Places, Rule, Scenario};

/// Looks for faults in a checked scenario; `places` is where its rules stand.
pub fn review(scenario: &Scenario, places: &Places, diagnostics: &mut Vec<Diagnostic>) {
    let review = Review { scenario, places, ranges: Ranges::new(scenario), typical: Typical::new(scenario) };
    firing::check(&review, diagnostics);
    slip::check(&review, diagnostics);
    doses::check(&review, diagnostics);
    contradiction::check(&review, diagnostics);
    oscillation::check(&review, diagnostics);
    sparse::check(&review, diagnostics);
}

/// The scenario under review.
pub(super) struct Review<'a> {
    pub scenario: &'a Scenario,
    pub places: &'a Places,
    pub ranges: Ranges,
    pub typical: Typical,
}

impl Review<'_> {
    /// Rules that some arm names, each with its number and those arms.
    pub fn rules(&self) -> impl Iterator<Item = (usize, &Rule, Vec<usize>)> {
        self.scenario.rules.iter().enumerate().filter_map(|(number, rule)| {
            let arms = self.scenario.arms.iter().enumerate();
            let named = arms.filter(|(_, arm)| arm.rules.contains(&number)).map(|(place, _)| place);
            let named: Vec<usize> = named.collect();
            (!named.is_empty()).then_some((number, rule, named))
        })
    }

    /// What a rule can meet in these arms.
    pub fn space(&self, rule: &Rule, arms: Vec<usize>) -> Space<'_> {
        Space::new(self.scenario, &self.ranges, arms, Acts::of_rule(self.scenario, rule))
    }

    /// Where the condition of a rule stands, else its name; `None` for a rule that no file holds.
    pub fn condition(&self, rule: &Rule) -> Option<Span> {
        let place = self.places.rule(&rule.name)?;
        Some(place.when.as_ref().map_or(place.name.span, |when| when.span))
    }

    /// A state at which conditions come out as wanted.
    pub fn find(&self, space: &Space<'_>, wanted: &[Wanted]) -> Option<State> {
        Search { space: &space.searching(), typical: &self.typical }.find(wanted)
    }

    /// A state in words.
    pub fn describe(&self, state: &State, conditions: &[&Formula]) -> String {
        wording::describe(state, conditions, self.scenario, &self.typical)
    }
}
