//! The win ratio of a scenario's hierarchy of endpoints: who of two patients fared better.
//!
//! The most important endpoint on which the two differ decides. Of two times the longer wins if it is known to be longer: the
//! other's event must have been seen while both were watched (Pocock et al. 2012, Eur Heart J 33:176). A value that is missing
//! in one of the two decides nothing.

use super::compare::empty;
use super::estimate::{LEVEL, implied_error};
use super::outcome::{Comparison, Contrast};
use crate::endpoint::Value;
use crate::math::statistics::{WinRatio, matched_win_ratio, win_ratio};
use crate::scenario::{HierarchyItem, Scenario};
use std::cmp::Ordering;

/// Largest number of patients of whom all pairs are looked at: four million.
const ALL_PAIRS: usize = 2000;

/// The win ratios of an arm against the first, of values by endpoint and patient; none where the scenario has no hierarchy.
pub fn compare(
    scenario: &Scenario,
    first: &[Vec<Value>],
    arm: usize,
    later: &[Vec<Value>],
) -> Vec<Comparison> {
    let items = &scenario.analysis.hierarchy;
    let Some(most_important) = items.first() else { return Vec::new() };
    let n = first.get(most_important.endpoint).map_or(0, Vec::len);
    let verdict = |b: usize, a: usize| verdict(items, later, b, first, a);
    let label = label(scenario);
    let blank = |contrast| empty(arm, most_important.endpoint, &label, contrast, n, "1");
    let matched = matched_win_ratio((0..n).map(|patient| verdict(patient, patient)), LEVEL);
    let mut found = vec![filled(blank(Contrast::MatchedWinRatio), matched)];
    if n <= ALL_PAIRS {
        found.insert(0, filled(blank(Contrast::WinRatio), win_ratio(n, verdict, LEVEL)));
    }
    found
}

/// "win ratio: progression-free survival, then neutropenia".
pub fn label(scenario: &Scenario) -> String {
    let items = scenario.analysis.hierarchy.iter();
    let names: Vec<&str> = items.map(|item| scenario.endpoints[item.endpoint].name.as_str()).collect();
    format!("win ratio: {}", names.join(", then "))
}

fn filled(it: Comparison, found: Option<WinRatio>) -> Comparison {
    let Some(found) = found else { return it };
    let estimate = found.ratio.estimate;
    Comparison {
        interval: Some(found.ratio),
        // Each patient against himself: what the interval implies, for its limits are Wilson's.
        monte_carlo_error: found
            .log_error
            .map(|error| error * estimate)
            .or_else(|| implied_error(&found.ratio)),
        independent_error: found.independent_log_error.map(|error| error * estimate),
        ..it
    }
}

/// How patient `b` of one arm fared against patient `a` of another.
fn verdict(
    items: &[HierarchyItem],
    ours: &[Vec<Value>],
    b: usize,
    theirs: &[Vec<Value>],
    a: usize,
) -> Ordering {
    let decided = items.iter().map(|item| {
        let (Some(mine), Some(other)) = (ours[item.endpoint].get(b), theirs[item.endpoint].get(a)) else {
            return Ordering::Equal;
        };
        let more = more(mine, other, item.margin);
        if item.higher_is_better { more } else { more.reverse() }
    });
    decided.into_iter().find(|verdict| *verdict != Ordering::Equal).unwrap_or(Ordering::Equal)
}

/// Whether the one value is more than the other by more than the margin.
fn more(mine: &Value, other: &Value, margin: f64) -> Ordering {
    let apart = |mine: f64, other: f64| match mine - other {
        difference if difference > margin => Ordering::Greater,
        difference if difference < -margin => Ordering::Less,
        _ => Ordering::Equal,
    };
    match (mine, other) {
        (Value::Quantity(mine), Value::Quantity(other)) => apart(*mine, *other),
        (Value::Grade(mine), Value::Grade(other)) => apart(f64::from(*mine), f64::from(*other)),
        (Value::Truth(mine), Value::Truth(other)) => mine.cmp(other),
        (Value::Category { rank: mine, .. }, Value::Category { rank: other, .. }) => mine.cmp(other),
        _ => {
            let (Some((mine, my_event)), Some((other, their_event))) = (timed(mine), timed(other)) else {
                return Ordering::Equal;
            };
            match apart(mine, other) {
                Ordering::Greater if their_event => Ordering::Greater,
                Ordering::Less if my_event => Ordering::Less,
                _ => Ordering::Equal,
            }
        }
    }
}

/// A time, and whether it ends in the event; of what came first the cause-specific one, as in the other comparisons.
fn timed(value: &Value) -> Option<(f64, bool)> {
    match value {
        Value::Time { time, event } => Some((*time, *event)),
        Value::First { time, cause } => Some((*time, *cause == Some(0))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_time_wins_only_where_it_is_known_to_be_longer() {
        let time = |time: f64, event: bool| Value::Time { time, event };
        assert_eq!(more(&time(9.0, false), &time(5.0, true), 0.0), Ordering::Greater);
        assert_eq!(more(&time(9.0, true), &time(5.0, true), 0.0), Ordering::Greater);
        // The other left at 5 without the event: who knows.
        assert_eq!(more(&time(9.0, true), &time(5.0, false), 0.0), Ordering::Equal);
        assert_eq!(more(&time(5.0, true), &time(9.0, false), 0.0), Ordering::Less);
        // Within the margin, and at the same time.
        assert_eq!(more(&time(9.0, true), &time(5.0, true), 4.0), Ordering::Equal);
        assert_eq!(more(&time(5.0, false), &time(5.0, true), 0.0), Ordering::Equal);
    }

    #[test]
    fn of_what_came_first_the_event_asked_for_decides() {
        let first = |time: f64, cause: Option<u8>| Value::First { time, cause };
        assert_eq!(more(&first(9.0, None), &first(5.0, Some(0)), 0.0), Ordering::Greater);
        assert_eq!(more(&first(5.0, Some(0)), &first(9.0, Some(1)), 0.0), Ordering::Less);
        // Something else came before: nothing is known of the event.
        assert_eq!(more(&first(9.0, Some(0)), &first(5.0, Some(1)), 0.0), Ordering::Equal);
    }

    #[test]
    fn the_first_endpoint_that_differs_decides() {
        let items = [
            HierarchyItem { endpoint: 1, higher_is_better: true, margin: 0.0 },
            HierarchyItem { endpoint: 0, higher_is_better: false, margin: 0.0 },
        ];
        let grades = |list: &[u8]| list.iter().map(|grade| Value::Grade(*grade)).collect::<Vec<_>>();
        let quantities = |list: &[f64]| list.iter().map(|x| Value::Quantity(*x)).collect::<Vec<_>>();
        let ours = [grades(&[4, 1, 2]), quantities(&[2.0, 1.0, 1.0])];
        let theirs = [grades(&[0, 3, 2]), quantities(&[1.0, 1.0, 1.0])];
        let found: Vec<Ordering> = (0..3).map(|i| verdict(&items, &ours, i, &theirs, i)).collect();
        assert_eq!(found, [Ordering::Greater, Ordering::Greater, Ordering::Equal]);
        let missing = [vec![Value::Missing("gone"); 3], quantities(&[1.0; 3])];
        assert_eq!(verdict(&items, &missing, 0, &theirs, 0), Ordering::Equal);
    }
}
