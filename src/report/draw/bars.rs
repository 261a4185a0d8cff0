//! Ordered categories as stacked bars from the side that matters (grade 4 first, complete response first), with the
//! interval of the share that is reported: grade 3–4, responders.

use super::colour::{Colour, INK, OFF, QUIET, arm, grade, response};
use super::font::{Weight, text_width};
use super::frame::{Panel, legend};
use super::scale::Scale;
use super::scene::{Anchor, SMALL, Scene, TEXT, WIDTH, fitted};
use crate::endpoint::{CATEGORIES, CATEGORIES_APART, Value};
use crate::math::statistics::{Interval, wilson};
use crate::report::number::{capital, fixed};
use crate::report::study::Study;
use crate::scenario::EndpointKind;

const LINE: f64 = 21.0;
const RIGHT: f64 = 160.0;

/// One bar.
struct Bar {
    arm: usize,
    /// Patients per part, in the order of the parts.
    parts: Vec<usize>,
    n: usize,
    /// Of these, patients that the interval is about.
    counted: usize,
}

/// Bars under one heading.
struct Block<'a> {
    heading: &'a str,
    bars: Vec<Bar>,
}

/// Worst grades of every graded endpoint; `None` when there is none.
pub fn grades(study: Study) -> Option<Scene> {
    let is_grade = |kind: &EndpointKind| matches!(kind, EndpointKind::WorstGrade { .. });
    let blocks = blocks(
        study,
        is_grade,
        |value| match value {
            Value::Grade(grade) => Some(usize::from(4 - (*grade).min(4))),
            _ => None,
        },
        5,
        2,
    );
    let parts: Vec<(Colour, String)> = (0..5u8)
        .rev()
        .map(|g| (grade(g), if g == 0 { "none".to_owned() } else { format!("grade {g}") }))
        .collect();
    draw(
        study,
        "toxicity-grades",
        "Worst grade on treatment",
        "Worst grade on treatment, % of patients",
        "grade 3–4",
        &blocks,
        &parts,
    )
}

/// Best response; `None` when no endpoint asks for it.
pub fn responses(study: Study) -> Option<Scene> {
    // A category that no endpoint has is not in the key.
    let apart = study.scenario.endpoints.iter().any(|endpoint| match &endpoint.kind {
        EndpointKind::BestResponse(criteria) => criteria.lymphocytosis_apart,
        _ => false,
    });
    let labels: &[&str] = if apart { &CATEGORIES_APART } else { &CATEGORIES };
    let is_response = |kind: &EndpointKind| matches!(kind, EndpointKind::BestResponse(_));
    let blocks = blocks(
        study,
        is_response,
        |value| match value {
            Value::Category { label, .. } => {
                Some(labels.iter().position(|known| known == label).unwrap_or(labels.len() - 1))
            }
            _ => None,
        },
        labels.len(),
        labels.len() - 3,
    );
    let parts: Vec<(Colour, String)> =
        labels.iter().map(|label| (response(label), (*label).to_owned())).collect();
    draw(study, "best-response", "Best response", "Best response, % of patients", "response", &blocks, &parts)
}

fn blocks<'a>(
    study: Study<'a>,
    wanted: impl Fn(&EndpointKind) -> bool,
    part: impl Fn(&Value) -> Option<usize>,
    parts: usize,
    counted_parts: usize,
) -> Vec<Block<'a>> {
    let mut blocks = Vec::new();
    for (index, endpoint) in study.scenario.endpoints.iter().enumerate() {
        if !wanted(&endpoint.kind) {
            continue;
        }
        let bars = study.trial.arms.iter().enumerate().filter_map(|(arm, result)| {
            let mut counts = vec![0; parts];
            for position in result.values.get(index)?.iter().filter_map(&part) {
                counts[position] += 1;
            }
            let n = counts.iter().sum();
            Some(Bar { arm, counted: counts[..counted_parts].iter().sum(), parts: counts, n })
        });
        blocks.push(Block { heading: &endpoint.name, bars: bars.collect() });
    }
    blocks
}

fn draw(
    study: Study,
    name: &str,
    title: &str,
    axis: &str,
    counted: &str,
    blocks: &[Block],
    parts: &[(Colour, String)],
) -> Option<Scene> {
    if blocks.iter().all(|block| block.bars.iter().all(|bar| bar.n == 0)) {
        return None;
    }
    let names = study.arm_names();
    let widest = names.iter().map(|name| text_width(name, SMALL, Weight::Regular)).fold(0.0, f64::max);
    let left = widest.min(200.0) + 26.0;
    let (top, heading) = (64.0, 26.0);
    let rows: usize = blocks.iter().map(|block| block.bars.len()).sum();
    let bottom = top + blocks.len() as f64 * heading + rows as f64 * LINE + 6.0;
    let mut scene = Scene::new(name, title, bottom + 28.0);
    scene.strong((8.0, 18.0), axis, TEXT, INK, Anchor::Start);
    legend(&mut scene, (left, 42.0), parts);
    scene.text((WIDTH - 8.0, 42.0), format!("{counted} (95 % interval)"), SMALL, QUIET, Anchor::End);
    let x = Scale::linear(0.0, 100.0, left, WIDTH - RIGHT);
    let panel = Panel { left, top, right: WIDTH - RIGHT, bottom, x, y: Scale::linear(0.0, 1.0, bottom, top) };
    let ticks = x.ticks(5);
    for (value, _) in &ticks {
        scene.segment((x.at(*value), top + 6.0), (x.at(*value), bottom), 0.8, super::colour::GRID);
    }
    let mut y = top;
    for block in blocks {
        let text = fitted(&capital(block.heading), WIDTH - 220.0, SMALL, Weight::SemiBold);
        scene.strong((8.0, y + 18.0), text, SMALL, INK, Anchor::Start);
        y += heading;
        for bar in &block.bars {
            let label = fitted(names[bar.arm], left - 22.0, SMALL, Weight::Regular);
            scene.text((left - 10.0, y + 14.0), label, SMALL, arm(bar.arm), Anchor::End);
            draw_bar(&mut scene, &panel, bar, y, parts);
            y += LINE;
        }
    }
    panel.base(&mut scene, &ticks, true);
    Some(scene)
}

fn draw_bar(scene: &mut Scene, panel: &Panel, bar: &Bar, y: f64, parts: &[(Colour, String)]) {
    if bar.n == 0 {
        scene.text((panel.left + 6.0, y + 14.0), "no patient can be judged", SMALL, QUIET, Anchor::Start);
        return;
    }
    let share = |n: usize| 100.0 * n as f64 / bar.n as f64;
    let mut sum = 0;
    for (n, (colour, _)) in bar.parts.iter().zip(parts) {
        let (from, to) = (panel.x.at(share(sum)), panel.x.at(share(sum + n)));
        scene.rectangle((from, y + 3.0), (to - from, LINE - 7.0), *colour);
        if *colour == OFF && *n > 0 {
            super::frame::outline(scene, (from, y + 3.0), (to - from, LINE - 7.0));
        }
        sum += n;
    }
    if let Some(interval) = wilson(bar.counted, bar.n, 0.95) {
        whisker(scene, panel, &interval, y + 3.0 + (LINE - 7.0) / 2.0);
        let text = format!(
            "{} % ({}–{})",
            fixed(100.0 * interval.estimate, 0),
            fixed(100.0 * interval.lower, 0),
            fixed(100.0 * interval.upper, 0)
        );
        scene.text((WIDTH - 8.0, y + 14.0), text, SMALL, INK, Anchor::End);
    }
}

/// The interval as a line with short ends, light underneath so that it reads on every colour.
fn whisker(scene: &mut Scene, panel: &Panel, interval: &Interval, y: f64) {
    let (from, to) = (panel.x.at(100.0 * interval.lower), panel.x.at(100.0 * interval.upper));
    for (width, colour) in [(3.4, super::colour::WHITE.veil(0.75)), (1.4, INK)] {
        scene.segment((from, y), (to, y), width, colour);
        for x in [from, to] {
            scene.segment((x, y - 3.5), (x, y + 3.5), width, colour);
        }
    }
}
