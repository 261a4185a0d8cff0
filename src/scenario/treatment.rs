//! `treatment = [{ … }]` of an arm: a drug given by plan, in cycles of whole days or at the visits of a schedule.
//!
//! A cycle is 28 d unless `cycle` says otherwise, and has a dose on each of its days unless `days` says otherwise. Day n
//! of a cycle starts at n − 1. A dose of `start_if` that is not among `levels` is refused; beside a plain `dose` it
//! becomes a level of its own.

use super::adherence;
use super::conduct::Adherence;
use super::definition::{Treatment, VisitSchedule};
use super::names::{ModelNames, PatientScope};
use super::rule::dose;
use super::tablet::{DEFAULT_MOST, MOST_DOSES, Rounding, Tablets};
use super::time::{duration, non_negative_duration, ranges};
use crate::diagnostic::{Diagnostic, Span, Text};
use crate::document::Table;
use crate::expression;
use crate::model::{Formula, Model, check_condition};

/// Length of a cycle where nothing is said, d.
pub(super) const DEFAULT_CYCLE: f64 = 28.0;
/// Two doses that differ by less than this share are the same level.
const SAME_DOSE: f64 = 1e-9;

/// What treatments are read against.
pub(super) struct Around<'a> {
    pub model: &'a Model,
    pub names: &'a ModelNames,
    pub visits: &'a [VisitSchedule],
    /// By route, for treatments that say nothing of it.
    pub adherence: &'a [(usize, Adherence)],
}

/// Reads one planned treatment.
pub(super) fn read(
    mut table: Table,
    around: &Around<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Treatment> {
    let Around { model, names, .. } = *around;
    let span = table.span();
    let says_dose = table.has("dose") || table.has("levels");
    let drug = table.required_text("drug", diagnostics);
    let single = table.text("dose", diagnostics);
    let levels = table.texts("levels", diagnostics);
    let start = table.text("start", diagnostics);
    let start_if = table.tables("start_if", diagnostics);
    let cycle = table.text("cycle", diagnostics);
    let days = table.text("days", diagnostics);
    let cycles = table.text("cycles", diagnostics);
    let at = table.texts("at", diagnostics);
    let over = table.text("over", diagnostics);
    let visits = table.text("visits", diagnostics);
    let taken = table.value("adherence");
    let made_of = Made::read(&mut table, diagnostics);
    table.finish(diagnostics);
    let text = describe(&single, &levels, &start, &days, &cycle, &visits);
    if let Some(visits) = &visits {
        let others = [("days", &days), ("cycle", &cycle), ("cycles", &cycles), ("at", &at.first().cloned())];
        if let Some((key, other)) = others.into_iter().find_map(|(key, text)| Some((key, text.as_ref()?))) {
            diagnostics.push(
                Diagnostic::error(
                    format!("doses are given at visits or by `{key}`, not both"),
                    other.span,
                    "and by the calendar",
                )
                .related(visits.span, "at visits")
                .help(format!("remove `visits` or `{key}`")),
            );
            return None;
        }
    }

    let route = drug.and_then(|drug| names.route(&drug.value, drug.span, diagnostics));
    let cycle = cycle.map_or(Some(DEFAULT_CYCLE), |text| cycle_length(&text, diagnostics));
    let days = cycle.and_then(|cycle| dose_days(days, cycle, diagnostics));
    let cycles = cycles.map_or(Some((1, u32::MAX)), |text| cycle_range(&text, diagnostics));
    let at = times_of_day(&at, diagnostics);
    let over = over.map_or(Some(0.0), |text| duration(&text, None, diagnostics));
    let visits = match visits {
        None => None,
        Some(name) => Some(schedule(&name, around.visits, diagnostics)?),
    };
    let adherence = match taken {
        None => None,
        Some(taken) => Some(adherence::one(taken, diagnostics)?),
    };
    let route = route?;
    let tablets = made_of.tablets(model, route, diagnostics);
    let default = around.adherence.iter().find(|(known, _)| *known == route).map(|(_, adherence)| *adherence);
    if says_dose && single.is_none() && levels.is_empty() {
        return None;
    }
    let ladder = Ladder { model, names, route }.read(single, levels, start, start_if, span, diagnostics);
    let Doses { levels, start, start_if } = ladder?;
    let (cycle, days, cycles) = match visits {
        Some(number) => on_days_of(&around.visits[number]),
        None => (cycle?, days?, cycles?),
    };
    Some(Treatment {
        route,
        levels,
        start,
        start_if,
        cycle,
        days,
        cycles,
        at: at?,
        over: over?,
        visits,
        tablets: tablets?,
        adherence: adherence.or(default),
        text,
    })
}

/// The schedule at whose visits a drug is given.
fn schedule(name: &Text, visits: &[VisitSchedule], diagnostics: &mut Vec<Diagnostic>) -> Option<usize> {
    let found = visits.iter().position(|schedule| schedule.name == name.value);
    if found.is_none() {
        let known = visits.iter().map(|schedule| schedule.name.as_str());
        diagnostics.push(super::names::missing(&name.value, name.span, "visit schedule", known));
    }
    found
}

/// One cycle that holds the planned visits of a schedule, the days of these visits, and the cycle's number.
fn on_days_of(schedule: &VisitSchedule) -> (f64, Vec<u32>, (u32, u32)) {
    let mut days: Vec<u32> = schedule.times.iter().map(|time| *time as u32 + 1).collect();
    days.dedup();
    (f64::from(days.last().copied().unwrap_or(1)), days, (1, 1))
}

/// Of which tablets doses are made, as written.
struct Made {
    strengths: Vec<Text>,
    most: Option<(u64, Span)>,
    rounding: Option<Text>,
}

impl Made {
    fn read(table: &mut Table, diagnostics: &mut Vec<Diagnostic>) -> Self {
        Made {
            strengths: table.texts("tablets", diagnostics),
            most: table.integer("tablets_at_most", diagnostics),
            rounding: table.text("rounding", diagnostics),
        }
    }

    /// The tablets, if any are named; the outer `None` after an error.
    fn tablets(
        self,
        model: &Model,
        route: usize,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Option<Tablets>> {
        let rounding = match self.rounding.as_ref().map(|text| text.value.as_str()) {
            None | Some("down") => Rounding::Down,
            Some("nearest") => Rounding::Nearest,
            Some("up") => Rounding::Up,
            Some(other) => {
                let span = self.rounding.as_ref().map(|text| text.span)?;
                diagnostics.push(
                    Diagnostic::error(format!("doses are not rounded `{other}`"), span, "which way?")
                        .help("write `rounding = \"down\"`, `\"nearest\"` or `\"up\"`"),
                );
                return None;
            }
        };
        let other = self.most.map(|(_, span)| span).or(self.rounding.map(|text| text.span));
        let Some(first) = self.strengths.first().map(|text| text.span) else {
            if let Some(span) = other {
                diagnostics.push(
                    Diagnostic::error("this treatment names no tablets", span, "of which tablets?")
                        .help("add `tablets = [\"2.5 mg\", \"5 mg\"]`"),
                );
                return None;
            }
            return Some(None);
        };
        let strengths: Vec<Option<f64>> =
            self.strengths.iter().map(|text| dose(model, route, text, diagnostics)).collect();
        let strengths: Vec<f64> = strengths.into_iter().collect::<Option<_>>()?;
        let most = self.most.map_or(DEFAULT_MOST, |(most, _)| u32::try_from(most).unwrap_or(u32::MAX));
        let tablets = Tablets::new(&strengths, most, rounding);
        if tablets.is_none() {
            diagnostics.push(
                Diagnostic::error(
                    format!("at most {most} of these tablets make no dose, or more than {MOST_DOSES} doses"),
                    first,
                    "these strengths",
                )
                .help("write `tablets_at_most = 4`, or fewer strengths"),
            );
        }
        tablets.map(Some)
    }
}

fn describe(
    single: &Option<Text>,
    levels: &[Text],
    start: &Option<Text>,
    days: &Option<Text>,
    cycle: &Option<Text>,
    visits: &Option<Text>,
) -> String {
    let doses = match (single, start, levels) {
        (Some(dose), ..) => dose.value.clone(),
        (None, Some(start), [.., last]) => format!("{}, levels to {}", start.value, last.value),
        (None, _, levels) => levels.iter().map(|level| level.value.as_str()).collect::<Vec<_>>().join(" → "),
    };
    if let Some(visits) = visits {
        return format!("{doses} at each visit of {}", visits.value);
    }
    let cycle = cycle.as_ref().map_or("28 d", |cycle| cycle.value.as_str());
    match days {
        Some(days) => format!("{doses}, days {} of {cycle}", days.value),
        None => format!("{doses} daily"),
    }
}

fn cycle_length(text: &Text, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
    let days = duration(text, None, diagnostics)?;
    // Hours and weeks convert with rounding, so "whole" leaves room for it.
    if (days - days.round()).abs() > 1e-9 || !(1.0..=100_000.0).contains(&days) {
        diagnostics.push(
            Diagnostic::error(
                "a cycle has a whole number of days",
                text.span,
                format!("{days} d"),
            )
            .help("write for example `cycle = \"28 d\"` or `cycle = \"6 weeks\"`; several doses in a day are set by `at`"),
        );
        return None;
    }
    Some(days.round())
}

fn dose_days(text: Option<Text>, cycle: f64, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<u32>> {
    let length = cycle as u32;
    let Some(text) = text else { return Some((1..=length).collect()) };
    let mut days = Vec::new();
    for (first, last) in ranges(&text, "day", diagnostics)? {
        let last = if last == u32::MAX { length } else { last };
        let outside = last.max(first);
        if outside > length {
            diagnostics.push(
                Diagnostic::error(
                    format!("day {outside} lies outside the {length} d cycle"),
                    text.span,
                    format!("days 1 to {length} exist"),
                )
                .help(format!("change the days, or make the cycle longer: `cycle = \"{outside} d\"`")),
            );
            return None;
        }
        days.extend(first..=last);
    }
    days.sort_unstable();
    days.dedup();
    Some(days)
}

fn cycle_range(text: &Text, diagnostics: &mut Vec<Diagnostic>) -> Option<(u32, u32)> {
    match ranges(text, "cycle", diagnostics)?.as_slice() {
        [one] => Some(*one),
        _ => {
            diagnostics.push(
                Diagnostic::error("a treatment has one range of cycles", text.span, "several ranges")
                    .help("write the treatment twice, once for each range, such as `cycles = \"1-3\"`"),
            );
            None
        }
    }
}

fn times_of_day(texts: &[Text], diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<f64>> {
    let mut times = Vec::new();
    for text in texts {
        let time = non_negative_duration(text, None, diagnostics)?;
        if time >= 1.0 || times.last().is_some_and(|last| *last >= time) {
            diagnostics.push(
                Diagnostic::error(
                    "times of day ascend from 0 h and stay below 24 h",
                    text.span,
                    "not in order, or not within the day",
                )
                .help("write for example `at = [\"0 h\", \"12 h\"]`"),
            );
            return None;
        }
        times.push(time);
    }
    if times.is_empty() {
        times.push(0.0);
    }
    Some(times)
}

struct Doses {
    levels: Vec<f64>,
    start: usize,
    start_if: Vec<(Formula, usize)>,
}

/// Reads dose levels of one route.
struct Ladder<'a> {
    model: &'a Model,
    names: &'a ModelNames,
    route: usize,
}

impl Ladder<'_> {
    fn read(
        &self,
        single: Option<Text>,
        levels: Vec<Text>,
        start: Option<Text>,
        start_if: Vec<Table>,
        span: Span,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Doses> {
        let fixed = single.is_some();
        let (mut values, chosen) = match single {
            Some(single) => {
                if let Some(level) = levels.first() {
                    diagnostics.push(
                        Diagnostic::error("a treatment has either `dose` or `levels`", level.span, "and levels")
                            .related(single.span, "a dose")
                            .help("for a fixed dose leave `levels` out; for steps write `levels = […], start = \"…\"`"),
                    );
                    return None;
                }
                let dose = dose(self.model, self.route, &single, diagnostics)?;
                (vec![dose], start.or(Some(single)))
            }
            None if levels.is_empty() => {
                diagnostics.push(Diagnostic::error("this treatment has no dose", span, "no dose").help(
                    "add `dose = \"25 mg\"`, or `levels = [\"2.5 mg\", \"5 mg\"], start = \"2.5 mg\"`",
                ));
                return None;
            }
            None => (self.ascending(&levels, diagnostics)?, start.or_else(|| levels.first().cloned())),
        };
        let mut conditional = Vec::new();
        let mut faulty = false;
        for table in start_if {
            match self.conditional(table, diagnostics) {
                Some(found) => conditional.push(found),
                None => faulty = true,
            }
        }
        if fixed {
            values.extend(conditional.iter().map(|(_, dose, _)| *dose));
            values.sort_by(f64::total_cmp);
            values.dedup_by(|a, b| same(*a, *b));
        }
        let chosen = chosen?;
        let start = dose(self.model, self.route, &chosen, diagnostics)?;
        let start = self.level(&values, start, chosen.span, diagnostics)?;
        let mut start_if = Vec::new();
        for (condition, dose, span) in conditional {
            start_if.push((condition, self.level(&values, dose, span, diagnostics)?));
        }
        (!faulty).then_some(Doses { levels: values, start, start_if })
    }

    fn ascending(&self, levels: &[Text], diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<f64>> {
        let values: Vec<Option<f64>> =
            levels.iter().map(|level| dose(self.model, self.route, level, diagnostics)).collect();
        let values: Vec<f64> = values.into_iter().collect::<Option<_>>()?;
        for (i, pair) in values.windows(2).enumerate() {
            if pair[1] <= pair[0] || same(pair[0], pair[1]) {
                diagnostics.push(
                    Diagnostic::error(
                        "dose levels must ascend",
                        levels[i + 1].span,
                        "not above the level before",
                    )
                    .related(levels[i].span, "the level before")
                    .help("order the levels from the lowest to the highest, each once"),
                );
                return None;
            }
        }
        Some(values)
    }

    fn conditional(
        &self,
        mut table: Table,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<(Formula, f64, Span)> {
        let when = table.required_text("when", diagnostics);
        let amount = table.required_text("dose", diagnostics);
        table.finish(diagnostics);
        let expression = when.and_then(|when| expression::parse(&when, diagnostics));
        let condition = expression
            .and_then(|expression| check_condition(&expression, &mut PatientScope(self.names), diagnostics));
        let amount = amount?;
        let value = dose(self.model, self.route, &amount, diagnostics)?;
        Some((condition?, value, amount.span))
    }

    fn level(
        &self,
        levels: &[f64],
        dose: f64,
        span: Span,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<usize> {
        let found = levels.iter().position(|level| same(*level, dose));
        if found.is_none() {
            let unit = &self.model.routes[self.route].unit;
            let known: Vec<String> = levels
                .iter()
                .map(|level| format!("{} {}", super::quantity::shortest(unit.show(*level)), unit.name))
                .collect();
            diagnostics.push(
                Diagnostic::error("this dose is not among the levels", span, "no such level")
                    .help(format!("the levels are {}", known.join(", "))),
            );
        }
        found
    }
}

fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= SAME_DOSE * a.abs().max(b.abs())
}
