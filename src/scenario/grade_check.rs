//! Faults of a grade table that show only when values are put into it: a gap between two grades, two grades at once,
//! limits out of order. Found by grading values at, between and beyond all limits; each finding names the value that shows it.

use super::grade_definition::{BASELINE, Bound, Grade, GradeTable, at};
use crate::diagnostic::{Diagnostic, Text};
use crate::model::NamedUnit;

/// Values at the start that are tried, as multiples of each limit that does not depend on it: within, at and far beyond
/// the limits.
const STARTS: [f64; 9] = [0.1, 0.3, 0.5, 0.7, 1.0, 1.4, 2.0, 4.0, 10.0];

/// A value with the value at the start.
#[derive(Debug, Clone, Copy)]
struct State {
    value: f64,
    baseline: f64,
}

/// Reports the faults of a table. `texts` are its grades as written, `output` and `unit` are of what it grades.
pub(super) fn check(
    table: &GradeTable,
    texts: &[Text],
    unit: &NamedUnit,
    output: &str,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let states = states(table);
    let said = |state: State| {
        let value = format!("{output} = {}", unit.written(state.value));
        match table.reads_baseline() {
            true => format!("for example {value} after {} at the start", unit.written(state.baseline)),
            false => format!("for example {value}"),
        }
    };
    if let Some((state, one, other)) = overlap(table, &states) {
        diagnostics.push(
            Diagnostic::error(
                format!("grades {} and {} of `{}` overlap", one + 1, other + 1, table.name),
                texts[other].span,
                format!("grade {}", other + 1),
            )
            .related(texts[one].span, format!("grade {}", one + 1))
            .note(format!("{}: both grades hold", said(state)))
            .help("let one grade end where the next begins: `< 1.5e9/L to 1.0e9/L`, then `< 1.0e9/L to 0.5e9/L`"),
        );
        return;
    }
    if let Some((state, before, here)) = gap(table, &states) {
        let missing = usize::from(before).min(texts.len()) - 1;
        diagnostics.push(
            Diagnostic::error(
                format!("the grade table `{}` has a gap beyond grade {before}", table.name),
                texts[missing].span,
                format!("grade {before} ends here"),
            )
            .note(format!("{}: grade {here}, though better values have grade {before}", said(state)))
            .help("let each grade end where the next begins, and the worst one have no end"),
        );
        return;
    }
    for (index, text) in texts.iter().enumerate() {
        if table.grades[index].ranges.is_empty() {
            continue;
        }
        let number = index + 1;
        let reached =
            states.iter().any(|state| usize::from(table.grade(state.value, state.baseline)) == number);
        if reached {
            continue;
        }
        let holds =
            states.iter().find(|state| table.holds(&table.grades[index], state.value, state.baseline));
        let note = match holds {
            Some(state) => {
                let worse = table.grade(state.value, state.baseline);
                format!("{}: grade {worse} holds too, and the worst counts", said(*state))
            }
            None => "no value lies in its range".to_owned(),
        };
        diagnostics.push(
            Diagnostic::error(
                format!("no value has grade {number} of `{}`", table.name),
                text.span,
                "never the worst that holds",
            )
            .note(note)
            .help("order the limits: each grade lies beyond the one before"),
        );
        return;
    }
}

/// A state in which two grades hold by limits of the same sort (both relative to the start, or both not), the milder one
/// having an end that should have come before.
fn overlap(table: &GradeTable, states: &[State]) -> Option<(State, usize, usize)> {
    let grades = || table.grades.iter().enumerate();
    let pairs =
        grades().flat_map(|(one, mild)| grades().skip(one + 1).map(move |other| ((one, mild), other)));
    let mut pairs = pairs.map(|((one, mild), (other, severe))| (one, mild, other, severe));
    pairs.find_map(|(one, mild, other, severe)| {
        let shared = states.iter().find(|state| both(mild, severe, state));
        shared.map(|state| (*state, one, other))
    })
}

fn both(mild: &Grade, severe: &Grade, state: &State) -> bool {
    let holds = |formula| at(&formula, state.value, state.baseline) != 0.0;
    let bounded = mild.ranges.iter().filter(|range| range.end.is_some() && holds(range.formula()));
    let mut relative = bounded.map(super::grade_definition::GradeRange::is_relative);
    relative.any(|relative| {
        let mut like = severe.ranges.iter().filter(|range| range.is_relative() == relative);
        like.any(|range| holds(range.formula()))
    })
}

/// A state whose grade is less than that of a better value: (state, grade of the better one, grade).
fn gap(table: &GradeTable, states: &[State]) -> Option<(State, u8, u8)> {
    let mut worst = (f64::NAN, 0);
    for state in states {
        if state.baseline.to_bits() != worst.0.to_bits() {
            worst = (state.baseline, 0);
        }
        let grade = table.grade(state.value, state.baseline);
        if grade < worst.1 {
            return Some((*state, worst.1, grade));
        }
        worst.1 = grade;
    }
    None
}

/// Values from good to bad, for each value at the start: every limit, the middle between two, and beyond the last ones.
fn states(table: &GradeTable) -> Vec<State> {
    let bounds: Vec<&Bound> = table
        .grades
        .iter()
        .flat_map(|grade| &grade.ranges)
        .flat_map(|range| std::iter::once(&range.limit).chain(&range.end))
        .collect();
    let mut starts: Vec<f64> = Vec::new();
    for bound in &bounds {
        let mut relative = false;
        bound.limit.symbols(&mut |symbol| relative |= symbol == BASELINE);
        if !relative {
            let limit = at(&bound.limit, f64::NAN, f64::NAN);
            starts.extend(STARTS.map(|factor| factor * limit));
        }
    }
    if starts.is_empty() || !table.reads_baseline() {
        starts = vec![1.0];
    }
    let mut states = Vec::new();
    for baseline in starts {
        let mut limits: Vec<f64> = bounds.iter().map(|bound| at(&bound.limit, f64::NAN, baseline)).collect();
        limits.retain(|limit| limit.is_finite());
        limits.sort_by(f64::total_cmp);
        limits.dedup();
        let (Some(first), Some(last)) = (limits.first().copied(), limits.last().copied()) else { continue };
        let mut values = vec![if first > 0.0 { 0.5 * first } else { first - 1.0 }];
        for (place, limit) in limits.iter().enumerate() {
            values.push(*limit);
            values.extend(limits.get(place + 1).map(|next| 0.5 * (limit + next)));
        }
        values.push(if last > 0.0 { 2.0 * last } else { last + 1.0 });
        if table.falling {
            values.reverse();
        }
        states.extend(values.into_iter().map(|value| State { value, baseline }));
    }
    states
}
