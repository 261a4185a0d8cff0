//! The same as text, for the terminal; and the sentences that both share.

use std::fmt::Write;

use super::cell;
use crate::front::{Found, Front, Status, Told};
use crate::report::number::{significant, unit, with_unit};
use crate::report::sensitivity::columns;
use crate::trial::Target;

/// Points off the front are told if they are on it in at least this share of resamples.
const MIGHT_BE: f64 = 0.05;
/// Lines of a printed table.
const MOST_LINES: usize = 20;

/// How to read a front.
pub fn reading(front: &Front) -> String {
    let count = |of: fn(&Status) -> bool| front.points.iter().filter(|point| of(&point.status)).count();
    let mut text = format!(
        "Of {} points {} are on the front: no other accepted point is at least as good in {} and better in one of them; points that are equal \
         in all stand side by side.",
        front.points.len(),
        front.members().count(),
        goals(front)
    );
    let others = [
        (count(|status| matches!(status, Status::NotAccepted(_))), "miss a condition"),
        (
            count(|status| matches!(status, Status::Undefined(_))),
            "have a result without a value and are compared with nothing",
        ),
        (
            count(|status| matches!(status, Status::Failed(_))),
            "hold courses that failed numerically and are compared with nothing",
        ),
    ];
    for (count, what) in others.into_iter().filter(|(count, _)| *count > 0) {
        let _ = write!(text, " {count} {what}.");
    }
    text.push_str(
        " The probability is the share of resamples of the virtual patients, the same ones at every point, in which the point is on the front: \
         ellipses of two points may overlap and their order yet be sure, for they treat the same patients. It says nothing of errors in the model; \
         an event that no patient had happens in no resample.",
    );
    text
}

/// `response (maximise), neutropenia (minimise)`.
fn goals(front: &Front) -> String {
    let one = |it: &crate::sweep::Objective| format!("{} ({})", it.target.label, it.goal());
    let all: Vec<String> = front.asked.objectives.iter().map(one).collect();
    match all.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => all.join(""),
    }
}

/// How to read the points of a search.
pub fn search_reading(found: &Found) -> String {
    let generations = found.generations.last().copied().unwrap_or(0);
    let how = if generations == 1 {
        "all points of the space were computed".to_owned()
    } else {
        format!("{generations} generations of NSGA-II (Deb 2002)")
    };
    format!("{} points, {how}. {}", found.search.points.len(), reading(&found.search))
}

/// How to read the second estimates.
pub fn again_reading(found: &Found) -> String {
    let again = &found.finals.again;
    if again.points.is_empty() {
        return format!(
            "No point was estimated again, for none is accepted: {}.",
            left_out(&found.search).join(", ")
        );
    }
    format!(
        "{} of the front were estimated again with {} patients per arm who had no part in choosing them. What is best of many estimates is on \
         average too good; these are the numbers to quote. By them {} of the {} are still on the front of all chosen.",
        again.points.len(),
        again.patients,
        again.members().count(),
        again.points.len()
    )
}

/// Why points are compared with nothing: how many, and what is wrong with them, the most frequent reason first.
fn left_out(front: &Front) -> Vec<String> {
    let mut reasons: Vec<(usize, String)> = Vec::new();
    let whys =
        front.points.iter().filter(|point| point.status.layer().is_none()).map(|point| match &point.status {
            Status::NotAccepted(condition) => format!("miss `{condition}`"),
            Status::Undefined(result) => format!("have no value of {result}"),
            _ => "hold courses that failed numerically".to_owned(),
        });
    for why in whys {
        match reasons.iter_mut().find(|(_, other)| *other == why) {
            Some((count, _)) => *count += 1,
            None => reasons.push((1, why)),
        }
    }
    reasons.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    reasons.into_iter().map(|(count, why)| format!("{count} {why}")).collect()
}

/// By how much the search promised too much, a sentence for each objective.
pub fn optimism(found: &Found) -> Vec<String> {
    if found.finals.again.points.is_empty() {
        return Vec::new();
    }
    let objectives = found.search.asked.objectives.iter().zip(&found.finals.optimism);
    objectives
        .map(|(objective, optimism)| match optimism {
            Some(optimism) => {
                let side = if optimism.mean > 0.0 { "much" } else { "little" };
                // A difference of two percentages.
                let unit = if objective.target.unit == "%" { "percentage points" } else { &objective.target.unit };
                format!(
                    "{}: the search promised too {side}, by {} on average ({} of {} points are worse than promised).",
                    objective.target.label,
                    with_unit(optimism.mean.abs(), unit),
                    optimism.worse,
                    optimism.of
                )
            }
            None => format!("{}: no point has a value both times.", objective.target.label),
        })
        .collect()
}

/// Axes that differ between the points.
pub fn shown_axes(front: &Front) -> Vec<usize> {
    let differs =
        |axis: &usize| front.points.iter().any(|point| point.cells[*axis] != front.points[0].cells[*axis]);
    (0..front.axes.len()).filter(differs).collect()
}

/// Places of points that are told: all, or the front and those that might be on it; sorted by the first objective.
pub fn told(front: &Front, all: bool) -> Vec<usize> {
    let mut told: Vec<usize> = (0..front.points.len())
        .filter(|at| {
            let point = &front.points[*at];
            all || point.status == Status::OnFront || point.standing.on_front >= MIGHT_BE
        })
        .collect();
    let key = |at: &usize| {
        let point = &front.points[*at];
        let first =
            point.reached.first().copied().flatten().map_or(f64::INFINITY, |told| told.interval.estimate);
        (point.status != Status::OnFront, front.asked.objectives[0].minimised(first))
    };
    told.sort_by(|a, b| key(a).0.cmp(&key(b).0).then(key(a).1.total_cmp(&key(b).1)).then(a.cmp(b)));
    told
}

/// A share of resamples: those in a thousand have no more digits.
pub fn share(share: f64) -> String {
    format!("{} %", significant(100.0 * share, 3))
}

/// 95 % limits, as far as the result can reach.
pub fn limits(target: &Target, told: &Told) -> [String; 2] {
    [told.interval.lower, told.interval.upper].map(|limit| significant(target.within(limit), 3))
}

/// A front as a compact table.
pub fn text(front: &Front) -> String {
    let mut text = format!("{} of {} points are on the front\n", front.members().count(), front.points.len());
    lines(&mut text, front, &told(front, false));
    let count = |name: &str| front.points.iter().filter(|point| point.status.name() == name).count();
    for (name, what) in [
        ("not accepted", "miss a condition"),
        ("undefined", "have a result without a value"),
        ("failed", "hold courses that failed numerically"),
    ] {
        let count = count(name);
        if count > 0 {
            let _ = writeln!(text, "{count} {what}; the column `why` of front.csv says which");
        }
    }
    text
}

/// What a search found, as compact tables.
pub fn search_text(found: &Found) -> String {
    let again = &found.finals.again;
    if again.points.is_empty() {
        let why = left_out(&found.search).join(", ");
        return format!("{} points searched, none is accepted: {why}\n", found.search.points.len());
    }
    let mut text = format!(
        "{} points searched, {} on their front; {} estimated again with {} patients:\n",
        found.search.points.len(),
        found.search.members().count(),
        again.points.len(),
        again.patients
    );
    lines(&mut text, again, &told(again, true));
    for sentence in optimism(found) {
        let _ = writeln!(text, "{sentence}");
    }
    text
}

/// A heading: `name, unit`, or the name of what has none.
pub fn with_its_unit(name: &str, of: &str) -> String {
    let unit = unit(of);
    if unit.is_empty() { name.to_owned() } else { format!("{name}, {unit}") }
}

fn lines(text: &mut String, front: &Front, places: &[usize]) {
    let axes = shown_axes(front);
    let mut head = vec!["point".to_owned()];
    head.extend(axes.iter().map(|axis| front.axes[*axis].name.clone()));
    head.extend(front.asked.objectives.iter().map(|it| with_its_unit(&it.name, &it.target.unit)));
    head.push("on front".to_owned());
    head.push(String::new());
    let mut rows = vec![head];
    for at in places.iter().take(MOST_LINES) {
        let point = &front.points[*at];
        let mut row = vec![point.number.to_string()];
        row.extend(axes.iter().map(|axis| cell(front, point, *axis)));
        row.extend(point.reached.iter().zip(&front.asked.objectives).map(|(told, of)| match told {
            Some(told) => {
                let [lower, upper] = limits(&of.target, told);
                format!("{} ({lower} to {upper})", significant(told.interval.estimate, 3))
            }
            None => "–".to_owned(),
        }));
        row.push(share(point.standing.on_front));
        let why = point.status.why();
        row.push(if why.is_empty() {
            point.status.name().to_owned()
        } else {
            format!("{}, {why}", point.status.name())
        });
        rows.push(row);
    }
    columns(text, &rows);
    if places.len() > MOST_LINES {
        let _ = writeln!(text, "  and {} more in front.csv", places.len() - MOST_LINES);
    }
}
