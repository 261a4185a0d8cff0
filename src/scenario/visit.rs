//! `[visits]`: named schedules on which the clinic sees the patient.
//!
//! ```text
//! entry    = "every" DURATION [ "from" MOMENT ] [ "to" MOMENT ]
//!          | "day" DAYS [ "of" CYCLES ]
//!          | "at" MOMENT { "," MOMENT }
//! CYCLES   = "cycle" N | "cycles" RANGES | "later cycles" | "each cycle"
//! DAYS     = RANGES                      1, 8, 15 or 1-5
//! MOMENT   = "day" N | DURATION
//! ```
//!
//! `every` runs on from the last visit of the entry before it, or from day 1; `later cycles` are those after the last
//! cycle named so far. Day 1 is always a visit. The first schedule is the laboratory schedule.

use super::adherence::probability;
use super::definition::VisitSchedule;
use super::time::{duration, moment, part, ranges};
use crate::diagnostic::{Diagnostic, Text};
use crate::document::{Table, Value};

/// More visits than this in one schedule are a mistake.
const MOST_VISITS: usize = 100_000;
/// More schedules than this are a mistake; the simulation marks each visit with a bit for every schedule.
const MOST_SCHEDULES: usize = 32;
/// Visits closer than this (about a tenth of a second) are one.
const SAME_TIME: f64 = 1e-6;
/// Where a file names no visits, blood is taken this often, d.
const DEFAULT_SPACING: f64 = 28.0;

/// What `[visits]` says.
pub(super) struct Visits {
    pub schedules: Vec<VisitSchedule>,
    /// Spacing of extra visits while a drug is on hold, d.
    pub while_held: Option<f64>,
    /// Probability that a visit is missed.
    pub missed: f64,
    /// Probabilities of being 0, 1, 2, … days late.
    pub late: Vec<f64>,
}

/// Reads `[visits]`, whose key `cycle` has been taken. Without it, there is one laboratory schedule, every 28 d.
pub(super) fn read(
    table: Option<Table>,
    horizon: f64,
    cycle: f64,
    diagnostics: &mut Vec<Diagnostic>,
) -> Visits {
    let mut visits = Visits { schedules: Vec::new(), while_held: None, missed: 0.0, late: Vec::new() };
    if let Some(mut table) = table {
        if let Some(text) = table.text("while_held", diagnostics) {
            visits.while_held = duration(&text, Some(cycle), diagnostics);
        }
        if let Some(value) = table.value("missed") {
            visits.missed = probability(&value, "`missed`", diagnostics).unwrap_or(0.0);
        }
        if let Some(value) = table.value("late") {
            visits.late = lateness(value, diagnostics).unwrap_or_default();
        }
        for (name, value) in table.into_entries() {
            let Some(entries) = texts(value, diagnostics) else { continue };
            if visits.schedules.len() == MOST_SCHEDULES {
                let message = format!("more than {MOST_SCHEDULES} visit schedules");
                diagnostics.push(
                    Diagnostic::error(message, name.span, "one too many").help("join some of them into one"),
                );
                break;
            }
            let times = schedule(&entries, horizon, cycle, diagnostics);
            let text = entries.into_iter().map(|entry| entry.value).collect();
            visits.schedules.push(VisitSchedule { name: name.value, times, text });
        }
    }
    if let Some(position) = visits.schedules.iter().position(|schedule| schedule.name == "laboratory") {
        let laboratory = visits.schedules.remove(position);
        visits.schedules.insert(0, laboratory);
    }
    if visits.schedules.is_empty() {
        let times = every(0.0, DEFAULT_SPACING, horizon);
        let text = vec![format!("every {DEFAULT_SPACING} d")];
        visits.schedules.push(VisitSchedule { name: "laboratory".to_owned(), times, text });
    }
    visits
}

/// `late = [0.7, 0.2, 0.1]`: probabilities of 0, 1, 2, … days.
fn lateness(value: Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<f64>> {
    let Value::List(values, span) = value else {
        diagnostics.push(value.mistyped("late", "a list of probabilities", "late = [0.7, 0.2, 0.1]"));
        return None;
    };
    let mut late = Vec::new();
    for value in &values {
        late.push(probability(value, "each entry of `late`", diagnostics)?);
    }
    let sum: f64 = late.iter().sum();
    if (sum - 1.0).abs() > 1e-9 {
        diagnostics.push(
            Diagnostic::error(
                "the probabilities of `late` do not add up to 1",
                span,
                format!("add up to {}", super::quantity::shortest(sum)),
            )
            .help(
                "the first entry is the probability of coming on the day, the next of 1 day late, and so on",
            ),
        );
        return None;
    }
    Some(late)
}

pub(super) fn texts(value: Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<Text>> {
    let wrong = |value: &Value| {
        Diagnostic::error(
            format!("a visit is written as a text, not {}", value.kind()),
            value.span(),
            "not a text",
        )
        .help(HOW_TO_WRITE)
    };
    match value {
        Value::Text(text) => Some(vec![text]),
        Value::List(values, _) => {
            let mut found = Vec::new();
            for value in values {
                match value {
                    Value::Text(text) => found.push(text),
                    other => {
                        diagnostics.push(wrong(&other));
                        return None;
                    }
                }
            }
            Some(found)
        }
        other => {
            diagnostics.push(wrong(&other));
            None
        }
    }
}

const HOW_TO_WRITE: &str = "visits are written like `every 7 d to day 57`, `every 28 d`, `day 1, 4, 9`, \
     `day 1, 8, 15 of cycles 1-2`, `day 1 of later cycles`, `at 0 h, 12 h, 36 h`";

/// The times of one schedule, d, ascending, day 1 included.
pub(super) fn schedule(
    entries: &[Text],
    horizon: f64,
    cycle: f64,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<f64> {
    let mut plan = Plan { horizon, cycle, times: vec![0.0], last: 0.0, last_cycle: 0 };
    let said = diagnostics.len();
    for entry in entries {
        let value = entry.value.trim_start();
        let offset = entry.value.len() - value.len();
        if value.starts_with("every ") {
            plan.every(&part(entry, offset + 6..entry.value.len()), diagnostics);
        } else if value.starts_with("at ") {
            plan.at(&part(entry, offset + 3..entry.value.len()), diagnostics);
        } else if let Some(word) = ["days ", "day "].iter().find(|word| value.starts_with(**word)) {
            plan.days(&part(entry, offset + word.len()..entry.value.len()), diagnostics);
        } else {
            diagnostics.push(
                Diagnostic::error(
                    format!("`{}` is no visit", entry.value),
                    entry.span,
                    "begins with none of `every`, `day`, `at`",
                )
                .help(HOW_TO_WRITE),
            );
        }
        if plan.times.len() > MOST_VISITS {
            diagnostics.push(
                Diagnostic::error("too many visits", entry.span, format!("more than {MOST_VISITS}"))
                    .help("make the spacing longer"),
            );
            return vec![0.0];
        }
    }
    // Day 1 is a visit by itself, so one time more means that an entry gave one.
    if let Some(first) = entries.first().filter(|_| plan.times.len() == 1 && diagnostics.len() == said) {
        diagnostics.push(
            Diagnostic::error(
                "no visit of this schedule falls within the horizon",
                first.span,
                format!("the trial ends after {horizon} d"),
            )
            .help("give an earlier day, or make the `horizon` longer")
            .warning(),
        );
    }
    plan.times.sort_by(f64::total_cmp);
    plan.times.dedup_by(|later, earlier| *later - *earlier < SAME_TIME);
    plan.times
}

/// Times from `first` on at a spacing, up to and including `end`; products, so that no error accumulates.
pub(super) fn every(first: f64, spacing: f64, end: f64) -> Vec<f64> {
    let count = ((end - first + SAME_TIME) / spacing).floor().clamp(-1.0, 1e7);
    (0..=count as i64).map(|k| first + k as f64 * spacing).collect()
}

struct Plan {
    horizon: f64,
    cycle: f64,
    times: Vec<f64>,
    last: f64,
    last_cycle: u32,
}

impl Plan {
    fn add(&mut self, times: impl IntoIterator<Item = f64>) {
        for time in times.into_iter().take(MOST_VISITS + 1) {
            self.last = self.last.max(time);
            if time <= self.horizon + SAME_TIME {
                self.times.push(time);
            }
        }
    }

    fn every(&mut self, text: &Text, diagnostics: &mut Vec<Diagnostic>) {
        let (head, to) = split(text, " to ");
        let (spacing, from) = split(&head, " from ");
        let cycle = Some(self.cycle);
        let from = match from {
            None => Some(self.last),
            Some(from) => moment(&from, cycle, diagnostics),
        };
        let end = match &to {
            None => Some(self.horizon),
            Some(to) => moment(to, cycle, diagnostics),
        };
        let spacing = duration(&spacing, cycle, diagnostics);
        let (Some(from), Some(end), Some(spacing)) = (from, end, spacing) else { return };
        if to.is_some() && end <= from {
            diagnostics.push(
                Diagnostic::error(
                    "this schedule ends before it begins",
                    text.span,
                    format!("would run from day {} to day {}", from + 1.0, end + 1.0),
                )
                .help(
                    "`every` runs on from the last visit of the entry before it; give a later day after `to`",
                ),
            );
            return;
        }
        self.add(every(from, spacing, end.min(self.horizon)));
        // What follows runs on from where this entry ends in the protocol, also where the trial is cut short before.
        self.last = self.last.max(from + ((end - from + SAME_TIME) / spacing).floor().max(0.0) * spacing);
    }

    /// Moments, one by one.
    fn at(&mut self, text: &Text, diagnostics: &mut Vec<Diagnostic>) {
        let mut start = 0;
        for item in text.value.split(',') {
            let item_text = part(text, start..start + item.len());
            start += item.len() + 1;
            if let Some(time) = moment(&item_text, Some(self.cycle), diagnostics) {
                self.add([time]);
            }
        }
    }

    fn days(&mut self, text: &Text, diagnostics: &mut Vec<Diagnostic>) {
        let (days, of) = split(text, " of ");
        let days_text = days;
        let Some(days) = ranges(&days_text, "day", diagnostics) else { return };
        let Some(of) = of else {
            let latest = (self.horizon + 1.0).min(4e9) as u32;
            for (first, last) in days {
                let last = if last == u32::MAX { latest } else { last };
                self.add((first..=last).map(|day| f64::from(day) - 1.0));
            }
            return;
        };
        let length = self.cycle;
        if let Some((_, day)) =
            days.iter().find(|(_, last)| *last != u32::MAX && f64::from(*last) > length.ceil())
        {
            diagnostics.push(
                Diagnostic::error(
                    format!("day {day} lies outside the {length} d cycle"),
                    days_text.span,
                    format!("the cycle has {length} days"),
                )
                .help("change the day, or set the length with `cycle = \"…\"` under [visits]"),
            );
            return;
        }
        let Some(cycles) = self.cycles(&of, diagnostics) else { return };
        let last_of_trial = (self.horizon / length).ceil().min(1e6) as u32 + 1;
        for (first, last) in cycles {
            for number in first..=last.min(last_of_trial) {
                let start = f64::from(number - 1) * length;
                for (first_day, last_day) in &days {
                    let end = (*last_day).min(length.ceil() as u32);
                    self.add((*first_day..=end).map(|day| start + f64::from(day) - 1.0));
                }
            }
        }
    }

    fn cycles(&mut self, of: &Text, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<(u32, u32)>> {
        let value = of.value.as_str();
        let found = match value {
            "later cycles" => vec![(self.last_cycle + 1, u32::MAX)],
            "each cycle" | "every cycle" | "all cycles" => vec![(1, u32::MAX)],
            _ => {
                let Some(word) = ["cycles ", "cycle "].iter().find(|word| value.starts_with(**word)) else {
                    diagnostics.push(
                        Diagnostic::error(format!("`{value}` names no cycles"), of.span, "which cycles?")
                            .help("write `of cycle 1`, `of cycles 1-2`, `of cycles 3-`, `of later cycles` or `of each cycle`"),
                    );
                    return None;
                };
                ranges(&part(of, word.len()..value.len()), "cycle", diagnostics)?
            }
        };
        for (_, last) in &found {
            if *last != u32::MAX {
                self.last_cycle = self.last_cycle.max(*last);
            }
        }
        Some(found)
    }
}

/// A text before and after a word.
fn split(text: &Text, word: &str) -> (Text, Option<Text>) {
    match text.value.find(word) {
        None => (text.clone(), None),
        Some(at) => (part(text, 0..at), Some(part(text, at + word.len()..text.value.len()))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::time::tests::text;
    use super::*;

    fn times(entries: &[&str], horizon: f64) -> (Vec<f64>, Vec<Diagnostic>) {
        let mut diagnostics = Vec::new();
        let entries: Vec<Text> = entries.iter().map(|entry| text(entry)).collect();
        (schedule(&entries, horizon, 28.0, &mut diagnostics), diagnostics)
    }

    #[test]
    fn weekly_then_fortnightly_then_four_weekly() {
        let (found, diagnostics) =
            times(&["every 7 d to day 57", "every 14 d to day 169", "every 28 d"], 230.0);
        assert!(diagnostics.is_empty());
        let mut wanted: Vec<f64> = (0..=8).map(|k| 7.0 * f64::from(k)).collect();
        wanted.extend((1..=8).map(|k| 56.0 + 14.0 * f64::from(k)));
        wanted.extend([196.0, 224.0]);
        assert_eq!(found, wanted);
    }

    #[test]
    fn days_of_cycles() {
        let entries = ["day 1, 8, 15, 22 of cycles 1-2", "day 1, 15 of cycles 3-4", "day 1 of later cycles"];
        let (found, diagnostics) = times(&entries, 170.0);
        assert!(diagnostics.is_empty());
        assert_eq!(
            found,
            [0.0, 7.0, 14.0, 21.0, 28.0, 35.0, 42.0, 49.0, 56.0, 70.0, 84.0, 98.0, 112.0, 140.0, 168.0]
        );
    }

    #[test]
    fn day_one_is_always_a_visit_and_the_horizon_may_be_one() {
        assert_eq!(times(&["day 4, 9"], 100.0).0, [0.0, 3.0, 8.0]);
        assert_eq!(times(&["every 56 d"], 112.0).0, [0.0, 56.0, 112.0]);
        assert_eq!(times(&["every 10 d from day 5"], 30.0).0, [0.0, 4.0, 14.0, 24.0]);
    }

    /// A shorter trial has the same visits up to its end.
    #[test]
    fn the_horizon_cuts_the_schedule_but_does_not_change_it() {
        let entries = ["every 7 d to day 57", "every 1 d to day 100", "every 28 d"];
        let (long, _) = times(&entries, 200.0);
        for horizon in [1.0, 50.0, 56.0, 57.0, 99.0, 130.0] {
            let (short, diagnostics) = times(&entries, horizon);
            assert!(diagnostics.is_empty(), "{horizon}: {diagnostics:?}");
            let wanted: Vec<f64> = long.iter().copied().filter(|time| *time <= horizon).collect();
            assert_eq!(short, wanted, "{horizon}");
        }
    }

    #[test]
    fn a_third_of_a_month_does_not_drift_off_the_end() {
        let (found, _) = times(&["every 1 months"], 730.5);
        assert_eq!(found.len(), 25);
    }

    #[test]
    fn mistakes_are_explained() {
        for (entry, wanted) in [
            ("weekly", "is no visit"),
            ("every 7 d to day 1", "ends before it begins"),
            ("day 29 of cycle 1", "day 29 lies outside the 28 d cycle"),
            ("day 1 of cycle x", "`x` is no cycle"),
            ("day 1 of months 2", "names no cycles"),
            ("every 1e-9 d", "too many visits"),
        ] {
            let (_, diagnostics) = times(&[entry], 700.0);
            assert_eq!(diagnostics.len(), 1, "{entry}");
            assert!(diagnostics[0].message.contains(wanted), "{entry}: {}", diagnostics[0].message);
        }
    }
}
