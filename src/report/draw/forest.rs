//! Forest plot: every arm against the first, contrast by contrast.

use super::colour::{AXIS, GRID, INK, QUIET, arm};
use super::font::Weight;
use super::frame::Panel;
use super::scale::{Scale, log_range, round_range};
use super::scene::{Anchor, SMALL, Scene, TEXT, WIDTH, fitted};
use crate::math::statistics::Interval;
use crate::report::number::{capital, fixed};
use crate::report::study::{Study, rank};
use crate::trial::{Comparison, Contrast};

const LINE: f64 = 18.0;
const LEFT: f64 = 268.0;
const RIGHT: f64 = 150.0;

/// The figures: risk differences, and hazard ratios (on a logarithmic axis), each if there are any.
pub fn forests(study: Study) -> Vec<Scene> {
    [Contrast::PairedRiskDifference, Contrast::HazardRatio]
        .into_iter()
        .filter_map(|contrast| forest(study, contrast))
        .collect()
}

/// Rows of one endpoint.
struct Group<'a> {
    label: &'a str,
    rows: Vec<(&'a Comparison, Interval)>,
}

fn forest(study: Study, contrast: Contrast) -> Option<Scene> {
    let mut groups: Vec<Group> = Vec::new();
    let mut comparisons: Vec<&Comparison> =
        study.trial.comparisons.iter().filter(|c| c.contrast == contrast).collect();
    comparisons
        .sort_by_key(|comparison| study.scenario.endpoints.get(comparison.endpoint).map(|e| rank(&e.kind)));
    for comparison in comparisons {
        let Some(interval) = comparison.interval else { continue };
        if ![interval.estimate, interval.lower, interval.upper].iter().all(|value| value.is_finite()) {
            continue;
        }
        match groups.iter_mut().find(|group| group.label == comparison.label) {
            Some(group) => group.rows.push((comparison, interval)),
            None => groups.push(Group { label: &comparison.label, rows: vec![(comparison, interval)] }),
        }
    }
    if groups.is_empty() {
        return None;
    }
    Some(draw(study, contrast, &groups))
}

fn draw(study: Study, contrast: Contrast, groups: &[Group]) -> Scene {
    let rows: usize = groups.iter().map(|group| group.rows.len()).sum();
    let gap = 9.0;
    let ratio = contrast == Contrast::HazardRatio;
    let (name, title) =
        if ratio { ("hazard-ratios", "Hazard ratio") } else { ("risk-differences", "Risk difference") };
    let mut scene = Scene::new(name, title, 0.0);
    let names = study.arm_names();
    let reference = names.first().copied().unwrap_or("the first arm");
    let points = if ratio { "" } else { ", percentage points" };
    let versus =
        fitted(&format!("{title} against “{reference}”{points}"), WIDTH - 20.0, TEXT, Weight::SemiBold);
    scene.strong((8.0, 18.0), versus, TEXT, INK, Anchor::Start);
    let top = 66.0 + key(&mut scene, study, groups);
    let bottom = top + rows as f64 * LINE + groups.len() as f64 * gap + 4.0;
    scene.size.1 = bottom + 48.0;

    let x = axis(groups, ratio);
    let panel =
        Panel { left: LEFT, top, right: WIDTH - RIGHT, bottom, x, y: Scale::linear(0.0, 1.0, bottom, top) };
    let ticks = x.ticks(5);
    for (value, _) in &ticks {
        scene.segment((x.at(*value), top), (x.at(*value), bottom), 0.8, GRID);
    }
    let none = x.at(if ratio { 1.0 } else { 0.0 });
    scene.segment((none, top), (none, bottom), 1.2, AXIS);
    let mut y = top;
    for group in groups {
        y += gap;
        let label = fitted(&capital(group.label), LEFT - 24.0, SMALL, Weight::Regular);
        let middle = y + group.rows.len() as f64 * LINE / 2.0;
        scene.text((LEFT - 14.0, middle + 4.0), label, SMALL, INK, Anchor::End);
        for (comparison, interval) in &group.rows {
            row(&mut scene, &panel, comparison.arm, interval, y + LINE / 2.0, ratio);
            y += LINE;
        }
    }
    panel.base(&mut scene, &ticks, true);
    let noun = if ratio { "rate" } else { "risk" };
    let under = bottom + 12.0 + SMALL + TEXT;
    scene.text((panel.left, under), format!("← lower {noun}"), SMALL, QUIET, Anchor::Start);
    scene.text((panel.right, under), format!("higher {noun} →"), SMALL, QUIET, Anchor::End);
    scene
}

fn axis(groups: &[Group], ratio: bool) -> Scale {
    let values = groups.iter().flat_map(|group| &group.rows).flat_map(|(_, i)| [i.lower, i.upper]);
    let (low, high) = values.fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
    if ratio {
        let (low, high) = log_range(low.clamp(1e-3, 0.8), high.clamp(1.25, 1e3));
        Scale::logarithmic(low, high, LEFT, WIDTH - RIGHT)
    } else {
        let (low, high) = round_range(low.min(0.0), high.max(0.0), 5);
        Scale::linear(low, high, LEFT, WIDTH - RIGHT)
    }
}

/// Names of the arms that have a row, beside their dots, on as many lines as needed. Returns the height taken.
fn key(scene: &mut Scene, study: Study, groups: &[Group]) -> f64 {
    const TOP: f64 = 45.0;
    let (mut x, mut y) = (LEFT, TOP);
    for (index, name) in study.arm_names().iter().enumerate().skip(1) {
        if !groups.iter().flat_map(|group| &group.rows).any(|(comparison, _)| comparison.arm == index) {
            continue;
        }
        let name = fitted(name, 300.0, SMALL, Weight::SemiBold);
        let width = super::font::text_width(&name, SMALL, Weight::SemiBold);
        if x > LEFT && x + width + 20.0 > WIDTH {
            (x, y) = (LEFT, y + LINE);
        }
        scene.dot((x + 5.0, y - 4.0), 4.5, arm(index));
        scene.strong((x + 15.0, y), name, SMALL, arm(index), Anchor::Start);
        x += width + 38.0;
    }
    y - TOP
}

fn row(scene: &mut Scene, panel: &Panel, index: usize, interval: &Interval, y: f64, ratio: bool) {
    let colour = arm(index);
    scene.segment((panel.x.at(interval.lower), y), (panel.x.at(interval.upper), y), 1.6, colour);
    scene.dot((panel.x.at(interval.estimate), y), 4.0, colour);
    let show = |value: f64| fixed(value, if ratio && value < 10.0 { 2 } else { 0 });
    let sign = if !ratio && interval.estimate > 0.0 { "+" } else { "" };
    let text =
        format!("{sign}{} ({} to {})", show(interval.estimate), show(interval.lower), show(interval.upper));
    scene.text((WIDTH - 8.0, y + 4.0), text, SMALL, INK, Anchor::End);
}
