//! Figures of a calibration: observed intervals with predictions before and after, and losses step by step.

use super::colour::{AXIS, GRID, INK, QUIET, WHITE, arm};
use super::font::Weight;
use super::frame::{Panel, legend};
use super::scale::{Scale, round_range};
use super::scene::{Anchor, SMALL, Scene, TEXT, WIDTH, fitted};
use crate::math::statistics::Interval;

const LINE: f64 = 17.0;
const GAP: f64 = 24.0;
const LEFT: f64 = 290.0;
const RIGHT: f64 = 24.0;
/// Losses of members so many times the largest of a centre are drawn at the upper edge.
const CUT: f64 = 1.5;

/// One endpoint, as proportions.
pub struct Row {
    /// Trial; rows of one trial stand together.
    pub group: String,
    /// Endpoint.
    pub label: String,
    /// Observed with its interval.
    pub observed: Interval,
    /// Predicted at the prior's centre.
    pub before: f64,
    /// Predicted at the posterior's centre.
    pub after: f64,
    /// Over the posterior ensemble.
    pub limits: (f64, f64),
}

/// All endpoints below one another, on an axis from 0 to 100 %.
pub fn endpoints(rows: &[Row]) -> Scene {
    let groups = 1 + rows.windows(2).filter(|pair| pair[0].group != pair[1].group).count();
    let top = 52.0;
    let bottom = top + rows.len() as f64 * LINE + groups as f64 * GAP + 6.0;
    let mut scene = Scene::new("calibration-endpoints", "Endpoints before and after", bottom + 48.0);
    let x = Scale::linear(0.0, 100.0, LEFT, WIDTH - RIGHT);
    let panel =
        Panel { left: LEFT, top, right: WIDTH - RIGHT, bottom, x, y: Scale::linear(0.0, 1.0, bottom, top) };
    let entries = [
        (GRID.towards(AXIS, 0.6), "observed, 95 % interval".to_owned()),
        (arm(1), "before".to_owned()),
        (arm(0), "after, with the spread of the posterior".to_owned()),
    ];
    legend(&mut scene, (LEFT, 18.0), &entries);
    let ticks = x.ticks_every(20.0);
    for (value, _) in &ticks {
        scene.segment((x.at(*value), top), (x.at(*value), bottom), 0.8, GRID);
    }
    let (mut y, mut group) = (top, "");
    for row in rows {
        if row.group != group {
            group = &row.group;
            let name = fitted(group, LEFT - 24.0, SMALL, Weight::SemiBold);
            scene.strong((LEFT - 14.0, y + GAP - 7.0), name, SMALL, INK, Anchor::End);
            y += GAP;
        }
        one(&mut scene, row, x, y + LINE / 2.0);
        y += LINE;
    }
    panel.base(&mut scene, &ticks, true);
    panel.base_title(&mut scene, "% of patients or cycles");
    scene
}

fn one(scene: &mut Scene, row: &Row, x: Scale, y: f64) {
    let at = |share: f64| x.at(100.0 * share);
    let label = fitted(&row.label, LEFT - 24.0, SMALL, Weight::Regular);
    scene.text((LEFT - 14.0, y + 4.0), label, SMALL, QUIET, Anchor::End);
    let band = GRID.towards(AXIS, 0.6);
    let (lower, upper) = (at(row.observed.lower), at(row.observed.upper));
    scene.rectangle((lower, y - 5.0), (upper - lower, 10.0), band.lighter(0.35));
    let seen = at(row.observed.estimate);
    scene.segment((seen, y - 5.0), (seen, y + 5.0), 2.0, AXIS);
    scene.segment((at(row.limits.0), y), (at(row.limits.1), y), 1.4, arm(0));
    scene.dot((at(row.before), y), 4.2, arm(1));
    scene.dot((at(row.before), y), 2.4, WHITE);
    scene.dot((at(row.after), y), 3.8, arm(0));
}

/// Losses by step: the centre as a line, members as a bar from the lowest to the highest tenth.
pub fn losses(steps: &[(f64, Vec<f64>)]) -> Scene {
    let (top, bottom, left) = (30.0, 250.0, 70.0);
    let mut scene = Scene::new("calibration-losses", "Loss step by step", bottom + 48.0);
    let most = steps.iter().map(|(loss, _)| *loss).fold(0.0, f64::max) * CUT;
    let (low, high) = round_range(0.0, most, 5);
    let x = Scale::linear(-0.5, steps.len() as f64 - 0.5, left, WIDTH - RIGHT);
    let y = Scale::linear(low, high, bottom, top);
    let panel = Panel { left, top, right: WIDTH - RIGHT, bottom, x, y };
    panel.rows(&mut scene, &y.ticks(5), true);
    scene.text((left, 16.0), "Loss", TEXT, INK, Anchor::Start);
    for (place, (_, members)) in steps.iter().enumerate() {
        let mut sorted = members.clone();
        sorted.sort_by(f64::total_cmp);
        if let (Some(first), Some(last)) = (sorted.get(sorted.len() / 10), sorted.get(sorted.len() * 9 / 10))
        {
            let at = x.at(place as f64);
            scene.segment((at, y.at(*first)), (at, y.at(*last)), 7.0, arm(0).lighter(0.75));
        }
    }
    let points = steps.iter().enumerate().map(|(place, (loss, _))| panel.at(place as f64, *loss));
    let points: Vec<(f64, f64)> = points.collect();
    scene.line(points.clone(), 1.8, arm(0));
    points.into_iter().for_each(|point| scene.dot(point, 3.6, arm(0)));
    let ticks: Vec<(f64, String)> = (0..steps.len()).map(|step| (step as f64, step.to_string())).collect();
    panel.base(&mut scene, &ticks, true);
    panel.base_title(&mut scene, "step");
    scene
}
