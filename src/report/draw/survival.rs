//! Kaplan–Meier curves with bands, censoring ticks and numbers at risk.

use super::colour::{INK, QUIET, arm};
use super::font::{Weight, text_width};
use super::frame::{Panel, lightened, slug};
use super::scale::{Scale, to_last_tick};
use super::scene::{Anchor, Point, SMALL, Scene, TEXT, WIDTH, fitted, spread};
use crate::endpoint::Value;
use crate::math::survival::{KaplanMeier, Observed, at_risk};
use crate::report::number::{TimeUnit, capital};
use crate::report::study::Study;
use crate::scenario::{EndpointDefinition, EndpointKind};

const HEIGHT: f64 = 260.0;
const LINE: f64 = 18.0;
/// Bands are drawn for at most this many arms.
const BANDS: usize = 4;
/// A curve with more corners is made lighter, by less than the eye sees.
const MOST_CORNERS: usize = 4000;
/// More strokes for censored patients than this run into each other: then they keep half a point apart.
const MOST_STROKES: usize = 1000;

/// One arm's curve.
struct Curve<'a> {
    arm: usize,
    name: &'a str,
    curve: &'a KaplanMeier,
    observed: Vec<Observed>,
    end: f64,
}

/// The figure of one time endpoint, all arms; `None` when no arm has a curve.
pub fn survival(study: Study, endpoint: usize) -> Option<Scene> {
    let curves = curves(study, endpoint);
    let longest = curves.iter().map(|curve| curve.end).fold(0.0, f64::max);
    if curves.is_empty() || longest <= 0.0 {
        return None;
    }
    let definition = &study.scenario.endpoints[endpoint];
    let widest = curves.iter().map(|c| text_width(c.name, SMALL, Weight::SemiBold)).fold(0.0, f64::max);
    let (left, right) = (widest.min(170.0) + 46.0, widest.min(170.0) + 22.0);
    let top = 34.0;
    let bottom = top + HEIGHT;
    let table = bottom + 64.0;
    let height = table + (curves.len() as f64 + 0.6) * LINE;
    let mut scene = Scene::new(&slug(&format!("survival-{}", definition.name)), &definition.name, height);

    let unit = TimeUnit::for_span(longest);
    let step = unit.tick(longest / unit.days());
    let x = Scale::linear(0.0, to_last_tick(longest / unit.days(), step), left, WIDTH - right);
    let panel =
        Panel { left, top, right: WIDTH - right, bottom, x, y: Scale::linear(0.0, 100.0, bottom, top) };
    let ticks = x.ticks_every(step);
    scene.strong((left, 16.0), title(definition), TEXT, INK, Anchor::Start);
    panel.rows(&mut scene, &panel.y.ticks(4), true);
    panel.base(&mut scene, &ticks, true);
    panel.base_title(&mut scene, &format!("{} since the first visit", capital(unit.plural())));
    // More bands than a few hide each other.
    for curve in curves.iter().filter(|_| curves.len() <= BANDS) {
        scene.area(band(curve, &panel, unit), arm(curve.arm).veil(0.13));
    }
    for curve in &curves {
        scene.line(steps(curve, &panel, unit), 2.0, arm(curve.arm));
        censoring(&mut scene, curve, &panel, unit);
    }
    end_labels(&mut scene, &curves, &panel, unit);
    risk_table(&mut scene, &curves, &panel, unit, &ticks, table);
    Some(scene)
}

/// What the vertical axis counts.
fn title(definition: &EndpointDefinition) -> String {
    let name = capital(&definition.name);
    match definition.kind {
        EndpointKind::ProgressionFreeSurvival { .. } => format!("{name}, % of patients"),
        EndpointKind::TimeOnTreatment => format!("{name}: patients still on treatment, %"),
        _ => format!("{name}: patients without the event, %"),
    }
}

fn curves(study: Study<'_>, endpoint: usize) -> Vec<Curve<'_>> {
    let mut out = Vec::new();
    for (index, (arm, result)) in study.arms().enumerate() {
        let Some((_, curve)) = result.curves.iter().find(|(of, _)| *of == endpoint) else { continue };
        let observed: Vec<Observed> = result.values[endpoint]
            .iter()
            .filter_map(|value| match value {
                Value::Time { time, event } => Some(Observed { time: *time, event: *event }),
                _ => None,
            })
            .collect();
        let end = observed.iter().map(|o| o.time).fold(0.0, f64::max);
        out.push(Curve { arm: index, name: &arm.name, curve, observed, end });
    }
    out
}

/// Corners of a step function from (0, 100) to the end of observation.
fn corners(times: &[f64], values: &[f64], end: f64, panel: &Panel, unit: TimeUnit) -> Vec<Point> {
    let mut points = vec![panel.at(0.0, 100.0)];
    let mut level = 1.0;
    for (time, value) in times.iter().zip(values) {
        if !value.is_finite() {
            continue;
        }
        points.push(panel.at(time / unit.days(), 100.0 * level));
        points.push(panel.at(time / unit.days(), 100.0 * value));
        level = *value;
    }
    points.push(panel.at(end / unit.days(), 100.0 * level));
    // Thousands of steps are smaller than a point of ink.
    if points.len() > MOST_CORNERS { lightened(&points, 0.05, MOST_CORNERS) } else { points }
}

fn steps(curve: &Curve, panel: &Panel, unit: TimeUnit) -> Vec<Point> {
    corners(&curve.curve.times, &curve.curve.survival, curve.end, panel, unit)
}

fn band(curve: &Curve, panel: &Panel, unit: TimeUnit) -> Vec<Point> {
    let mut upper = corners(&curve.curve.times, &curve.curve.upper, curve.end, panel, unit);
    let mut lower = corners(&curve.curve.times, &curve.curve.lower, curve.end, panel, unit);
    lower.reverse();
    upper.extend(lower);
    upper
}

fn censoring(scene: &mut Scene, curve: &Curve, panel: &Panel, unit: TimeUnit) {
    let mut times: Vec<f64> = curve.observed.iter().filter(|o| !o.event).map(|o| o.time).collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    let apart = if times.len() > MOST_STROKES { 0.5 } else { 0.0 };
    let mut last = f64::NEG_INFINITY;
    for time in times {
        let (interval, _) = curve.curve.at(time);
        let (x, y) = panel.at(time / unit.days(), 100.0 * interval.estimate);
        if x < last + apart {
            continue;
        }
        last = x;
        scene.segment((x, y - 4.0), (x, y + 4.0), 1.0, arm(curve.arm));
    }
}

fn end_labels(scene: &mut Scene, curves: &[Curve], panel: &Panel, unit: TimeUnit) {
    let ends: Vec<f64> = curves.iter().map(|c| panel.y.at(100.0 * c.curve.at(c.end).0.estimate)).collect();
    let places = spread(&ends, 16.0, panel.top + 6.0, panel.bottom - 4.0);
    for ((curve, place), end) in curves.iter().zip(places).zip(ends) {
        let x = panel.x.at(curve.end / unit.days());
        let start = panel.right + 14.0;
        scene.line(
            vec![(x + 2.0, end), (panel.right + 5.0, place), (start - 3.0, place)],
            0.7,
            arm(curve.arm).lighter(0.4),
        );
        let name = fitted(curve.name, WIDTH - start - 4.0, SMALL, Weight::SemiBold);
        scene.strong((start, place + 4.0), name, SMALL, arm(curve.arm), Anchor::Start);
    }
}

fn risk_table(
    scene: &mut Scene,
    curves: &[Curve],
    panel: &Panel,
    unit: TimeUnit,
    ticks: &[(f64, String)],
    top: f64,
) {
    scene.text((8.0, top), "Number at risk", SMALL, QUIET, Anchor::Start);
    for (row, curve) in curves.iter().enumerate() {
        let y = top + (row as f64 + 1.0) * LINE;
        let name = fitted(curve.name, panel.left - 38.0, SMALL, Weight::SemiBold);
        scene.strong((8.0, y), name, SMALL, arm(curve.arm), Anchor::Start);
        let times: Vec<f64> = ticks.iter().map(|(value, _)| value * unit.days()).collect();
        for ((value, _), n) in ticks.iter().zip(at_risk(&curve.observed, &times)) {
            scene.text((panel.x.at(*value), y), n.to_string(), SMALL, INK, Anchor::Middle);
        }
    }
}
