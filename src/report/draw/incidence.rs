//! Cumulative incidence of one event beside its competitors: the event's curve in each arm, with its band.

use super::colour::{INK, arm};
use super::font::{Weight, text_width};
use super::frame::{Panel, lightened, slug};
use super::scale::{Scale, to_last_tick};
use super::scene::{Anchor, Point, SMALL, Scene, TEXT, WIDTH, fitted, spread};
use crate::endpoint::Value;
use crate::math::survival::CumulativeIncidence;
use crate::report::number::{TimeUnit, capital};
use crate::report::study::Study;

const HEIGHT: f64 = 240.0;
/// Bands are drawn for at most this many arms.
const BANDS: usize = 4;
/// A curve with more corners is made lighter, by less than the eye sees.
const MOST_CORNERS: usize = 4000;
/// Half width of the pointwise band in standard errors.
const BAND: f64 = 1.96;

struct Curve<'a> {
    arm: usize,
    name: &'a str,
    /// d, incidence and standard error of the event asked for.
    steps: Vec<(f64, f64, f64)>,
    end: f64,
}

/// The figure of one endpoint; `None` where no arm has a curve or nobody had the event.
pub fn incidence(study: Study, endpoint: usize) -> Option<Scene> {
    let curves = curves(study, endpoint);
    let longest = curves.iter().map(|curve| curve.end).fold(0.0, f64::max);
    let highest = curves
        .iter()
        .flat_map(|curve| &curve.steps)
        .map(|(_, incidence, error)| incidence + BAND * error)
        .fold(0.0, f64::max);
    if longest <= 0.0 || highest <= 0.0 {
        return None;
    }
    let name = &study.scenario.endpoints[endpoint].name;
    let widest = curves.iter().map(|c| text_width(c.name, SMALL, Weight::SemiBold)).fold(0.0, f64::max);
    let (left, right, top) = (52.0, widest.min(170.0) + 22.0, 34.0);
    let bottom = top + HEIGHT;
    let mut scene = Scene::new(&slug(&format!("incidence-{name}")), name, bottom + 48.0);
    let unit = TimeUnit::for_span(longest);
    let step = unit.tick(longest / unit.days());
    let x = Scale::linear(0.0, to_last_tick(longest / unit.days(), step), left, WIDTH - right);
    let most =
        [1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 60.0, 80.0].into_iter().find(|most| 100.0 * highest <= *most);
    let y = Scale::linear(0.0, most.unwrap_or(100.0), bottom, top);
    let panel = Panel { left, top, right: WIDTH - right, bottom, x, y };
    scene.strong((left, 16.0), format!("{}, % of patients", capital(name)), TEXT, INK, Anchor::Start);
    panel.rows(&mut scene, &panel.y.ticks(4), true);
    panel.base(&mut scene, &x.ticks_every(step), true);
    panel.base_title(&mut scene, &format!("{} since the first visit", capital(unit.plural())));
    for curve in curves.iter().filter(|_| curves.len() <= BANDS) {
        let mut band = corners(curve, &panel, unit, BAND);
        band.extend(corners(curve, &panel, unit, -BAND).into_iter().rev());
        scene.area(band, arm(curve.arm).veil(0.13));
    }
    for curve in &curves {
        scene.line(corners(curve, &panel, unit, 0.0), 2.0, arm(curve.arm));
    }
    end_labels(&mut scene, &curves, &panel, unit);
    Some(scene)
}

fn curves(study: Study<'_>, endpoint: usize) -> Vec<Curve<'_>> {
    let mut curves = Vec::new();
    for (index, (arm, result)) in study.arms().enumerate() {
        let Some((_, curve)) = result.incidences.iter().find(|(of, _)| *of == endpoint) else { continue };
        let time = |value: &Value| if let Value::First { time, .. } = value { *time } else { 0.0 };
        let end = result.values[endpoint].iter().map(time).fold(0.0, f64::max);
        curves.push(Curve { arm: index, name: &arm.name, steps: steps(curve), end });
    }
    curves
}

fn steps(curve: &CumulativeIncidence) -> Vec<(f64, f64, f64)> {
    let values = curve.incidence.iter().zip(&curve.standard_error);
    curve.times.iter().zip(values).map(|(time, (incidence, error))| (*time, incidence[0], error[0])).collect()
}

/// Corners of the step function `sign` standard errors beside the curve, kept between 0 and the panel's top.
fn corners(curve: &Curve, panel: &Panel, unit: TimeUnit, sign: f64) -> Vec<Point> {
    let mut points = vec![panel.at(0.0, 0.0)];
    let mut level = 0.0;
    for (time, incidence, error) in &curve.steps {
        let next = (incidence + sign * error).clamp(0.0, 1.0);
        points.push(panel.at(time / unit.days(), 100.0 * level));
        points.push(panel.at(time / unit.days(), 100.0 * next));
        level = next;
    }
    points.push(panel.at(curve.end / unit.days(), 100.0 * level));
    if points.len() > MOST_CORNERS { lightened(&points, 0.05, MOST_CORNERS) } else { points }
}

fn end_labels(scene: &mut Scene, curves: &[Curve], panel: &Panel, unit: TimeUnit) {
    let last = |curve: &Curve| curve.steps.last().map_or(0.0, |step| step.1);
    let ends: Vec<f64> = curves.iter().map(|curve| panel.y.at(100.0 * last(curve))).collect();
    let places = spread(&ends, 16.0, panel.top + 6.0, panel.bottom - 4.0);
    for ((curve, place), end) in curves.iter().zip(places).zip(ends) {
        let x = panel.x.at(curve.end / unit.days());
        let start = panel.right + 14.0;
        let path = vec![(x + 2.0, end), (panel.right + 5.0, place), (start - 3.0, place)];
        scene.line(path, 0.7, arm(curve.arm).lighter(0.4));
        let name = fitted(curve.name, WIDTH - start - 4.0, SMALL, Weight::SemiBold);
        scene.strong((start, place + 4.0), name, SMALL, arm(curve.arm), Anchor::Start);
    }
}
