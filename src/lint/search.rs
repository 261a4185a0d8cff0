//! The search for a patient state that shows a finding: a box in which conditions can be true, a plain point in it near the
//! typical patient, and a history for it. Only a state at which the very formulas come out as wanted is ever shown.

use std::collections::BTreeMap;

use super::interval::Interval;
use super::region::{Region, assume};
use super::space::Space;
use super::state::State;
use super::typical::Typical;
use crate::model::{Formula, NamedUnit, Symbol, TrialQuantity};
use crate::scenario::{MemoryKind, Scenario};

/// Boxes that are tried.
const MOST_BOXES: usize = 24;
/// Visits that are tried as the present one.
const MOST_VISITS: usize = 12;

/// A condition and how it should come out.
pub(super) type Wanted = (Formula, bool);

/// Where to search.
pub(super) struct Search<'a> {
    pub space: &'a Space<'a>,
    pub typical: &'a Typical,
}

impl Search<'_> {
    /// A state at which every condition comes out as wanted.
    pub fn find(&self, wanted: &[Wanted]) -> Option<State> {
        self.find_within(wanted, &Region::default())
    }

    /// The same, within a region.
    pub fn find_within(&self, wanted: &[Wanted], start: &Region) -> Option<State> {
        let boxes = self.boxes(wanted, start);
        boxes.iter().take(MOST_BOXES).find_map(|region| {
            let point = self.point(wanted, region);
            self.histories(&point).into_iter().find(|state| self.shows(state, wanted))
        })
    }

    /// Whether the formulas themselves say so.
    pub fn shows(&self, state: &State, wanted: &[Wanted]) -> bool {
        let seen = state.see(self.space.scenario, self.typical);
        wanted.iter().all(|(condition, truth)| (seen.value(condition) != 0.0) == *truth)
    }

    /// Boxes outside of which the conditions do not all come out as wanted.
    pub fn boxes(&self, wanted: &[Wanted], start: &Region) -> Vec<Region> {
        let mut boxes = vec![start.clone()];
        for (condition, truth) in wanted {
            let next = boxes.iter().flat_map(|region| assume(condition, *truth, region, self.space));
            boxes = next.take(4 * MOST_BOXES).collect();
        }
        boxes
    }

    /// Narrows a box to a plain point, symbol by symbol: patient constants and what is remembered first, outputs last.
    fn point(&self, wanted: &[Wanted], region: &Region) -> Region {
        let mut point = region.clone();
        // The day is that of a visit, chosen with the history.
        let calendar = [TrialQuantity::Day, TrialQuantity::Cycle, TrialQuantity::CycleDay];
        let mut done: Vec<Symbol> = calendar.map(Symbol::Trial).to_vec();
        let rank = |symbol: &Symbol| match symbol {
            Symbol::Output(_) => 2,
            Symbol::Memory(_) | Symbol::Signal(_) | Symbol::Trial(_) => 1,
            _ => 0,
        };
        loop {
            let open = point.narrowed.keys().copied().filter(|symbol| !done.contains(symbol));
            let Some(symbol) = open.min_by_key(|symbol| (rank(symbol), *symbol)) else { return point };
            done.push(symbol);
            let interval = point.value(symbol, self.space);
            let (centre, unit) = self.centre(symbol);
            for value in candidates(interval, centre, unit) {
                let Some(fixed) = point.within(symbol, Interval::point(value), self.space) else { continue };
                if let Some(left) = self.boxes(wanted, &fixed).into_iter().next() {
                    point = left;
                    break;
                }
            }
        }
    }

    /// The usual value of a symbol, and the unit in which plain values of it are plain.
    fn centre(&self, symbol: Symbol) -> (f64, Option<&NamedUnit>) {
        let model = &self.space.scenario.model;
        let unit = match symbol {
            Symbol::Output(i) => Some(&model.outputs[i].unit),
            Symbol::Covariate(i) => Some(&model.covariates[i].unit),
            Symbol::Equation(i) => Some(&model.equations[i].unit),
            Symbol::Memory(cell) => {
                return match self.space.scenario.memory[cell].argument {
                    Formula::Symbol(read @ Symbol::Output(_)) => self.centre(read),
                    _ => (f64::NAN, None),
                };
            }
            Symbol::Trial(TrialQuantity::SinceOff(_)) => return (28.0, None),
            Symbol::Trial(TrialQuantity::Dose(route)) => {
                let treatments = self.space.scenario.arms.iter().flat_map(|arm| &arm.treatments);
                let mut given = treatments.filter(|treatment| treatment.route == route);
                let start = given.next().and_then(|treatment| treatment.levels.get(treatment.start));
                return (start.copied().unwrap_or(f64::NAN), Some(&model.routes[route].unit));
            }
            _ => None,
        };
        (self.typical.value(symbol), unit)
    }

    /// Histories that end in this point: present for one visit or for long, after the usual or after what is remembered.
    fn histories(&self, point: &Region) -> Vec<State> {
        let fixed = |symbol: &Symbol| {
            matches!(
                symbol,
                Symbol::Output(_) | Symbol::Covariate(_) | Symbol::Equation(_) | Symbol::Trial(_)
            )
        };
        let values = point.narrowed.iter().filter(|(symbol, interval)| fixed(symbol) && interval.is_point());
        let now: BTreeMap<Symbol, f64> = values.map(|(symbol, interval)| (*symbol, interval.low)).collect();
        let start = self.start(&now);
        let mut before = vec![start.clone()];
        before[0].extend(self.remembered(point));
        before.extend(self.found_before(point).into_iter().map(|found| {
            let mut earlier = start.clone();
            earlier.extend(found);
            earlier
        }));
        let day = point.value(Symbol::Trial(TrialQuantity::Day), self.space);
        let visits = visits(self.space.scenario);
        let mut histories = Vec::new();
        for earlier in before {
            for (place, time) in visits.iter().enumerate() {
                if !(day.low..=day.high).contains(time) || histories.len() > 60 * MOST_VISITS {
                    continue;
                }
                for back in [0, 1, 2, 4, place] {
                    let Some(since) = place.checked_sub(back) else { continue };
                    let (now, earlier) = (now.clone(), earlier.clone());
                    histories.push(State { now, earlier, since: visits[since], time: *time });
                }
            }
        }
        histories
    }

    /// Outputs at the start of a patient with these constants, where they differ from the typical patient's.
    fn start(&self, now: &BTreeMap<Symbol, f64>) -> BTreeMap<Symbol, f64> {
        let constant = |symbol: &Symbol| matches!(symbol, Symbol::Covariate(_) | Symbol::Equation(_));
        let own: BTreeMap<Symbol, f64> = now
            .iter()
            .filter(|(symbol, _)| constant(symbol))
            .map(|(symbol, value)| (*symbol, *value))
            .collect();
        if own.is_empty() {
            return own;
        }
        let outputs = self.typical.starting(self.space.scenario, &own).into_iter().enumerate();
        let outputs =
            outputs.filter(|(output, value)| value.is_finite() && *value != self.typical.outputs[*output]);
        outputs.map(|(output, value)| (Symbol::Output(output), plain(value, 3, None))).collect()
    }

    /// Earlier outputs that the point's baselines, nadirs and peaks remember.
    fn remembered(&self, point: &Region) -> BTreeMap<Symbol, f64> {
        let mut earlier = BTreeMap::new();
        for (symbol, interval) in &point.narrowed {
            let Symbol::Memory(cell) = symbol else { continue };
            let cell = &self.space.scenario.memory[*cell];
            let quantity = matches!(cell.kind, MemoryKind::Baseline | MemoryKind::Nadir | MemoryKind::Peak);
            if let (true, Formula::Symbol(output @ Symbol::Output(_))) = (quantity, &cell.argument) {
                earlier.insert(*output, interval.low);
            }
        }
        earlier
    }

    /// Earlier outputs at which a finding was made that the point still remembers.
    fn found_before(&self, point: &Region) -> Vec<BTreeMap<Symbol, f64>> {
        let mut found = Vec::new();
        for (symbol, interval) in &point.narrowed {
            let Symbol::Memory(cell) = symbol else { continue };
            let cell = &self.space.scenario.memory[*cell];
            let lingers = matches!(cell.kind, MemoryKind::Recent(_) | MemoryKind::Ever) && interval.low > 0.0;
            if !lingers {
                continue;
            }
            let wanted = [(cell.argument.clone(), true)];
            for region in self.boxes(&wanted, &Region::default()).iter().take(4) {
                let point = self.point(&wanted, region);
                let outputs = point.narrowed.iter().filter(|(symbol, _)| matches!(symbol, Symbol::Output(_)));
                found.push(outputs.map(|(symbol, interval)| (*symbol, interval.low)).collect());
            }
        }
        found
    }
}

/// Visits that are tried as the present one: the first ones, and those of each schedule, later ones too.
fn visits(scenario: &Scenario) -> Vec<f64> {
    let mut times: Vec<f64> = Vec::new();
    for schedule in &scenario.visits {
        let count = schedule.times.len();
        let places = [1, 2, 3, 4, 5, 6, 8, count / 2, count.saturating_sub(1), 0];
        times.extend(places.into_iter().filter_map(|place| schedule.times.get(place)));
    }
    times.sort_by(f64::total_cmp);
    times.dedup();
    // The start comes last: nothing has been given yet.
    let starts = usize::from(times.first() == Some(&0.0));
    times.rotate_left(starts);
    times
}

/// Plain values of an interval, the nearest to the usual one first.
fn candidates(interval: Interval, centre: f64, unit: Option<&NamedUnit>) -> Vec<f64> {
    let Interval { low, high, .. } = interval;
    if interval.is_point() {
        return vec![low];
    }
    let mut raw = Vec::new();
    if centre.is_finite() {
        raw.push(centre);
    }
    if high.is_finite() && (centre.is_nan() || centre > high) {
        raw.extend(if high > 0.0 { [0.9 * high, 0.5 * high] } else { [high - 1.0, high - 0.1 * high.abs()] });
    }
    if low.is_finite() && (centre.is_nan() || centre < low) {
        raw.extend(if low > 0.0 { [1.1 * low, 2.0 * low] } else { [low + 1.0, low + 0.1] });
    }
    if low.is_finite() && high.is_finite() {
        raw.push(0.5 * (low + high));
    }
    raw.extend([low, high].into_iter().filter(|bound| bound.is_finite()));
    raw.extend([0.0, 1.0]);
    let mut values = Vec::new();
    for value in raw {
        for digits in [1, 2, 3, 16] {
            let rounded = plain(value, digits, unit);
            if interval.contains(rounded) && !values.contains(&rounded) {
                values.push(rounded);
                break;
            }
        }
    }
    values
}

/// A value rounded to so many digits in its unit.
fn plain(value: f64, digits: usize, unit: Option<&NamedUnit>) -> f64 {
    let shown = unit.map_or(value, |unit| unit.show(value));
    let rounded: f64 = format!("{shown:.*e}", digits - 1).parse().unwrap_or(shown);
    unit.map_or(rounded, |unit| unit.read(rounded))
}
