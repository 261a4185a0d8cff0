//! The same as text, for the terminal; and the sentences that both share.

use std::fmt::Write;

use crate::report::number::{fixed, significant, unit, with_unit};
use crate::sensitivity::{Answer, Curve, Indices, Screened, Told, Tornado};

/// How to read an answer.
pub fn reading(answer: &Answer) -> &'static str {
    match answer {
        Answer::Tornados(_) => {
            "One input at a time goes to the low and the high end of its range, all others stay at the base. Every trial treats the same virtual \
             patients, so the interval of a change is that of pairs: it tells the effect from Monte Carlo noise. Pale bars are not told apart \
             from noise. Interactions are not seen."
        }
        Answer::Screenings(_) => {
            "Elementary effects (Morris 1991): walks over a grid on which every input moves once by about half its range; an effect is scaled to \
             the whole range. μ* (Campolongo 2007), the mean of their absolute values, ranks the inputs; a σ that is large beside it means that \
             the effect is curved or depends on other inputs (dashed: σ = μ*). Lines are 95 % intervals by resampling walks; pale inputs are not beyond the noise of finitely many patients."
        }
        Answer::Indices(_) => {
            "The variance of the result over the inputs' ranges or distributions, shared out: the first index is what an input explains alone, \
             the total index what it explains with all interactions (Saltelli 2010, Jansen 1999). Intervals are by resampling rows of the design. Every trial treats the \
             same virtual patients, so that their noise is a fixed function of the inputs; its share is told below, and pale bars are not beyond it. An index may fall a little below 0 by chance."
        }
        Answer::Curves(_) => {
            "One assumption at a time is moved over its range, all others stay, until the result crosses its margin (dashed): by bisection, on \
             trials of the same virtual patients. Shaded is the stretch of assumptions for which the 95 % interval holds the margin, so that \
             the side is not determined by so many patients; it says nothing of errors in the model."
        }
    }
}

/// An answer as a compact table.
pub fn text(answer: &Answer) -> String {
    let mut text = String::new();
    match answer {
        Answer::Tornados(all) => all.iter().for_each(|it| tornado(&mut text, it)),
        Answer::Screenings(all) => all.iter().for_each(|it| screening(&mut text, it)),
        Answer::Indices(all) => all.iter().for_each(|it| indices(&mut text, it)),
        Answer::Curves(all) => all.iter().for_each(|it| curve(&mut text, it)),
    }
    text
}

/// Rows as columns of the widths that they need, the first to the left.
pub(in crate::report) fn columns(text: &mut String, rows: &[Vec<String>]) {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..count).map(width).collect();
    for row in rows {
        let mut line = String::new();
        for (place, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let _ = match place {
                0 => write!(line, "  {cell:<width$}"),
                _ => write!(line, "  {cell:>width$}"),
            };
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

fn heads(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn limits(told: &Told, show: impl Fn(f64) -> String) -> String {
    match told.limits {
        Some((lower, upper)) => format!("{} ({} to {})", show(told.value), show(lower), show(upper)),
        None => show(told.value),
    }
}

fn three(value: f64) -> String {
    significant(value, 3)
}

fn tornado(text: &mut String, of: &Tornado) {
    let _ = writeln!(text, "{}: {} at the base", of.target.title(), with_unit(of.base, &of.target.unit));
    let mut rows = vec![heads(&["input", "value", "change (95 % interval)", "MC error", ""])];
    for bar in &of.bars {
        for end in &bar.ends {
            rows.push(vec![
                bar.input.clone(),
                end.value.clone(),
                limits(&end.effect, three),
                end.effect.patients.map_or("–".to_owned(), |it| significant(it.error, 2)),
                match (end.effect.told_apart(), end.effect.nothing_changed()) {
                    (true, _) => String::new(),
                    (_, true) => "unchanged in every group".to_owned(),
                    _ => "not told from noise".to_owned(),
                },
            ]);
        }
    }
    columns(text, &rows);
}

fn screening(text: &mut String, of: &Screened) {
    let _ = writeln!(text, "{}: effects of the whole range, {}", of.target.title(), unit(&of.target.unit));
    let mut rows = vec![heads(&["input", "mu* (95 % interval)", "mu", "sigma", "noise", ""])];
    for input in &of.inputs {
        rows.push(vec![
            input.input.clone(),
            limits(&input.absolute, three),
            three(input.mean.value),
            three(input.spread.value),
            input.noise.map_or("–".to_owned(), |noise| significant(noise, 2)),
            if input.above_noise() { String::new() } else { "not told from noise".to_owned() },
        ]);
    }
    columns(text, &rows);
}

fn indices(text: &mut String, of: &Indices) {
    let noise = of.noise.map_or("unknown".to_owned(), |noise| format!("{} %", significant(100.0 * noise, 2)));
    let _ = writeln!(
        text,
        "{}: mean {}, SD {}; noise of the patients {noise} of the variance",
        of.target.title(),
        with_unit(of.mean, &of.target.unit),
        three(of.deviation)
    );
    let mut rows = vec![heads(&["input", "first (95 % interval)", "total (95 % interval)", ""])];
    for input in &of.inputs {
        let show = |value: f64| fixed(value, 3);
        let remark = if input.total.above_noise() { String::new() } else { "not told from noise".to_owned() };
        rows.push(vec![input.input.clone(), limits(&input.first, show), limits(&input.total, show), remark]);
    }
    columns(text, &rows);
}

fn curve(text: &mut String, of: &Curve) {
    let _ = writeln!(text, "{}, along {}:", of.target.title(), of.input);
    for sentence in outcomes(of) {
        let _ = writeln!(text, "  {sentence}");
    }
}

/// What was found along one assumption, in sentences.
pub fn outcomes(of: &Curve) -> Vec<String> {
    let value = |value: f64| with_unit(value, &of.unit);
    let (from, to) = of.range();
    let mut told = Vec::new();
    let margin = with_unit(of.margin, &of.target.unit);
    let side = |above: bool| if above { "above" } else { "not above" };
    // Of two arms that are compared with no difference, which has more.
    let neutral = if of.target.ratio { 1.0 } else { 0.0 };
    let who = |above: bool| match &of.target.against {
        Some(other) if of.margin == neutral => {
            let than = if above { "higher" } else { "not higher" };
            format!(" ({than} with {} than with {other})", of.target.arm)
        }
        _ => String::new(),
    };
    if of.found.changes.is_empty() {
        let above = of.known.first().is_some_and(|(_, known)| known.estimate > 0.0);
        told.push(format!(
            "No change within the range: from {} to {} the estimate is {} the margin of {margin}{}.",
            value(from),
            value(to),
            side(above),
            who(above)
        ));
    }
    for change in &of.found.changes {
        let mut sentence = format!(
            "It tips at {}: below this value the estimate is {} the margin of {margin}{}, beyond it {}",
            value(change.at),
            side(!change.upward),
            who(!change.upward),
            side(change.upward)
        );
        if let Some(base) = of.base {
            let far = moved(base, change.at, &of.unit);
            let _ = write!(sentence, "; from the base of {} that is {far}", value(base));
        }
        sentence.push('.');
        told.push(sentence);
        if !change.certain {
            told.push(
                "The change itself is in doubt: the side is not determined on both sides of it.".to_owned(),
            );
        }
    }
    told.extend(undetermined(of));
    told.extend(determined(of));
    told
}

/// Where the side is not determined: stretches that meet at one point computed are one, but for that point.
fn undetermined(of: &Curve) -> Vec<String> {
    let value = |value: f64| with_unit(value, &of.unit);
    let end =
        |at: f64, open: bool| if open { format!("{} (end of the range)", value(at)) } else { value(at) };
    let mut told = Vec::new();
    let mut stretches = of.found.undetermined.iter().peekable();
    while let Some(first) = stretches.next() {
        let (mut last, mut but) = (first, Vec::new());
        while let Some(next) = stretches.next_if(|next| next.from == last.to) {
            but.push(value(next.from));
            last = next;
        }
        let but = if but.is_empty() { String::new() } else { format!(", but for {}", but.join(" and ")) };
        told.push(format!(
            "The side is not determined at 95 % from {} to {}{but}.",
            end(first.from, first.open_below),
            end(last.to, last.open_above)
        ));
    }
    if told.is_empty() {
        told.push("The side is determined at 95 % at every point computed.".to_owned());
    }
    told
}

/// Where it is, and which it is; nothing where it is nowhere, or everywhere and so said already.
fn determined(of: &Curve) -> Option<String> {
    if of.found.undetermined.is_empty() {
        return None;
    }
    let mut runs: Vec<(bool, f64, f64)> = Vec::new();
    let mut before = None;
    for (at, known) in &of.known {
        let side = match (known.lower > 0.0, known.upper < 0.0) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        };
        match (side, runs.last_mut()) {
            (Some(side), Some(run)) if before == Some(side) => run.2 = *at,
            (Some(side), _) => runs.push((side, *at, *at)),
            (None, _) => {}
        }
        before = side;
    }
    let value = |value: f64| with_unit(value, &of.unit);
    let one = |(above, from, to): &(bool, f64, f64)| {
        let side = if *above { "above" } else { "below" };
        match from == to {
            true => format!("{side} it at {}", value(*from)),
            false => format!("{side} it from {} to {}", value(*from), value(*to)),
        }
    };
    let runs: Vec<String> = runs.iter().map(one).collect();
    let margin = with_unit(of.margin, &of.target.unit);
    (!runs.is_empty())
        .then(|| format!("Against the margin of {margin} the result is, at 95 %, {}.", runs.join(", ")))
}

/// How far it is from the base, with its sign, and as a share of it.
fn moved(base: f64, at: f64, unit: &str) -> String {
    let by = at - base;
    let sign = if by > 0.0 { "+" } else { "" };
    let share = if base == 0.0 {
        String::new()
    } else {
        format!(" ({sign}{} %)", significant(100.0 * by / base.abs(), 2))
    };
    format!("{sign}{}{share}", with_unit(by, unit))
}
