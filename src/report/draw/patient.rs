//! One patient in one arm: signals over time, as they were and as measured, holds, decisions, and the dose.

use super::colour::{HELD, INK, QUIET, arm};
use super::font::Weight;
use super::frame::{Panel, lightened};
use super::scale::{Scale, round_range, to_last_tick};
use super::scene::{Anchor, Scene, TEXT, WIDTH, fitted};
use crate::report::number::{TimeUnit, capital, labelled};
use crate::scenario::Scenario;
use crate::trial::{Done, Trajectory};

/// Signals shown.
const MOST: usize = 8;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 20.0;
const ROW: f64 = 120.0;
const GAP: f64 = 40.0;

/// Values over time, d, in shown units.
type Points = Vec<(f64, f64)>;

/// The figure; it has at least the panel of doses.
pub fn patient(scenario: &Scenario, course: &Trajectory) -> Scene {
    let outputs: Vec<usize> = scenario.key_outputs().into_iter().take(MOST).collect();
    let height = 24.0 + (outputs.len() + 1) as f64 * (ROW + GAP) + 20.0;
    let mut scene = Scene::new("patient", "Course of one patient", height);
    let unit = TimeUnit::for_span(course.end_time);
    let end = to_last_tick(course.end_time / unit.days(), unit.tick(course.end_time / unit.days()));
    let held = holds(course);
    for (row, &output) in outputs.iter().enumerate() {
        let described = &scenario.model.outputs[output];
        let top = 24.0 + row as f64 * (ROW + GAP);
        let (line, dots) = values(scenario, course, output);
        let name = labelled(&described.name, &described.unit.name);
        let Some(panel) = panel(&line, &dots, top, end) else { continue };
        shade(&mut scene, &panel, &held, unit);
        axes(&mut scene, &panel, unit, end, &name);
        let scaled = |points: &Points| -> Points {
            points.iter().map(|&(time, value)| panel.at(time / unit.days(), value)).collect()
        };
        scene.line(lightened(&scaled(&line), 0.25, 1500), 1.5, arm(course.arm));
        for at in scaled(&dots) {
            scene.dot(at, 2.2, INK);
        }
        strokes(&mut scene, &panel, course, unit);
    }
    doses(&mut scene, scenario, course, (24.0 + outputs.len() as f64 * (ROW + GAP), end), unit);
    scene.text((LEFT, height - 8.0), capital(unit.plural()), TEXT, INK, Anchor::Start);
    scene
}

/// The true course of an output (recorded, else at visits) and what was measured of it.
fn values(scenario: &Scenario, course: &Trajectory, output: usize) -> (Points, Points) {
    let described = &scenario.model.outputs[output];
    let shown = |value: f64| described.unit.show(value);
    let recorded = scenario.records.iter().zip(&course.records).find_map(|(record, series)| {
        let place = record.outputs.iter().position(|of| *of == output)?;
        let values = series.values.chunks_exact(record.outputs.len()).map(|row| shown(row[place]));
        Some(record.times.iter().copied().zip(values).collect::<Points>())
    });
    let visits = || course.visits.iter();
    let line = recorded.filter(|points| points.len() > 1);
    let line =
        line.unwrap_or_else(|| visits().map(|visit| (visit.time, shown(visit.truth[output]))).collect());
    let measured = described.error.is_some();
    let dots = visits().filter(|_| measured).map(|visit| (visit.time, shown(visit.measured[output])));
    (line, dots.collect())
}

fn panel(line: &Points, dots: &Points, top: f64, end: f64) -> Option<Panel> {
    let all = || line.iter().chain(dots).map(|point| point.1).filter(|value| value.is_finite());
    let low = all().fold(f64::INFINITY, f64::min);
    let high = all().fold(f64::NEG_INFINITY, f64::max);
    (low <= high).then(|| {
        let (low, high) = round_range(low, high, 4);
        let (left, right, bottom) = (LEFT, WIDTH - RIGHT, top + ROW);
        let (x, y) = (Scale::linear(0.0, end, left, right), Scale::linear(low, high, bottom, top));
        Panel { left, top, right, bottom, x, y }
    })
}

fn axes(scene: &mut Scene, panel: &Panel, unit: TimeUnit, end: f64, name: &str) {
    panel.rows(scene, &panel.y.ticks(4), true);
    panel.base(scene, &panel.x.ticks_every(unit.tick(end)), true);
    let text = fitted(name, panel.right - panel.left, TEXT, Weight::SemiBold);
    scene.strong((8.0, panel.top - 8.0), text, TEXT, INK, Anchor::Start);
}

/// Spans in which some drug was on hold.
fn holds(course: &Trajectory) -> Vec<(f64, f64)> {
    let (mut open, mut since, mut spans) = (0_i32, 0.0, Vec::new());
    for decision in &course.decisions {
        match decision.action {
            Done::Hold => {
                if open == 0 {
                    since = decision.time;
                }
                open += 1;
            }
            Done::Resume | Done::Discontinue if open > 0 => {
                open -= 1;
                if open == 0 {
                    spans.push((since, decision.time));
                }
            }
            _ => {}
        }
    }
    if open > 0 {
        spans.push((since, course.end_time));
    }
    spans
}

fn shade(scene: &mut Scene, panel: &Panel, spans: &[(f64, f64)], unit: TimeUnit) {
    for (from, to) in spans {
        let (from, to) = (panel.x.at(from / unit.days()), panel.x.at(to / unit.days()));
        scene.rectangle((from, panel.top), (to - from, panel.bottom - panel.top), HELD.lighter(0.75));
    }
}

/// A short stroke at each decision.
fn strokes(scene: &mut Scene, panel: &Panel, course: &Trajectory, unit: TimeUnit) {
    for decision in &course.decisions {
        let x = panel.x.at(decision.time / unit.days());
        scene.segment((x, panel.bottom - 6.0), (x, panel.bottom), 1.6, QUIET);
    }
}

fn doses(
    scene: &mut Scene,
    scenario: &Scenario,
    course: &Trajectory,
    (top, end): (f64, f64),
    unit: TimeUnit,
) {
    let route = scenario.arms[course.arm].treatments.first().map(|treatment| treatment.route);
    let Some(route) = route.and_then(|route| scenario.model.routes.get(route)) else { return };
    let levels: Vec<f64> = course.treatment.daily_level.iter().map(|level| route.unit.show(*level)).collect();
    let points = levels.iter().map(|level| (0.0, *level)).chain([(0.0, 0.0)]).collect();
    let Some(panel) = panel(&points, &Vec::new(), top, end) else { return };
    axes(scene, &panel, unit, end, &labelled(&route.name, &route.unit.name));
    for (day, level) in (0_u32..).zip(&levels).filter(|(_, level)| **level > 0.0) {
        let (from, to) = (f64::from(day) / unit.days(), f64::from(day + 1) / unit.days());
        let ((left, y), right) = (panel.at(from, *level), panel.x.at(to));
        scene.rectangle((left, y), ((right - left).max(0.6), panel.bottom - y), arm(course.arm));
    }
}
