//! A sweep along one axis: a line for each arm with its 95 % Monte Carlo band, a panel for each result.

use super::cloud::Ruler;
use super::colour::{AXIS, INK, QUIET, arm};
use super::frame::{Panel, columns, legend, panel_title};
use super::scale::{Scale, round_range};
use super::scene::{Anchor, SMALL, Scene, fitted};
use crate::report::draw::font::Weight;

const HIGH: f64 = 210.0;
const LEFT: f64 = 56.0;
const BLOCK: f64 = HIGH + 92.0;
/// More points than this on a line have no dots.
const MOST_DOTS: usize = 60;

/// The axis along which the sweep goes.
#[derive(Debug, Clone, PartialEq)]
pub enum Along {
    /// Numbers; the places of points are their values.
    Numbers(Ruler),
    /// Name and texts; the places of points are 0, 1, ….
    Levels(String, Vec<String>),
}

/// A point of a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Station {
    /// Place along the axis.
    pub x: f64,
    /// The result.
    pub value: f64,
    /// 95 % limits.
    pub limits: Option<(f64, f64)>,
    /// What is told when it is pointed at.
    pub hint: String,
    /// Whether it is the point of reference.
    pub reference: bool,
}

/// A result along the axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Curves {
    /// Result and unit.
    pub title: String,
    /// Arm and its points from left to right; a gap parts them where a point has no value.
    pub lines: Vec<(usize, Vec<Vec<Station>>)>,
}

/// The figure: `arms` are named in its key if there is more than one.
pub fn curves(
    (name, title): (&str, &str),
    along: &Along,
    panels: &[Curves],
    arms: &[(usize, String)],
) -> Scene {
    let in_row = panels.len().clamp(1, 2);
    let top = if arms.len() > 1 { 34.0 } else { 6.0 };
    let rows = panels.len().div_ceil(in_row);
    let mut scene = Scene::new(name, title, top + rows as f64 * BLOCK - 8.0);
    if arms.len() > 1 {
        let entries: Vec<_> = arms.iter().map(|(index, name)| (arm(*index), name.clone())).collect();
        legend(&mut scene, (8.0, 16.0), &entries);
    }
    for (place, of) in panels.iter().enumerate() {
        let (left, right) = columns(in_row, LEFT, 18.0, LEFT + 14.0)[place % in_row];
        let head = top + (place / in_row) as f64 * BLOCK;
        panel_title(&mut scene, left - 40.0, right, head + 14.0, &of.title, INK);
        let (upper, bottom) = (head + 30.0, head + 30.0 + HIGH);
        let stations = || of.lines.iter().flat_map(|(_, parts)| parts.iter().flatten());
        let values = stations().flat_map(|station| {
            let (low, high) = station.limits.unwrap_or((station.value, station.value));
            [low, high]
        });
        let (low, high) = values
            .fold((f64::INFINITY, f64::NEG_INFINITY), |ends, value| (ends.0.min(value), ends.1.max(value)));
        let (low, high) = if low > high { (0.0, 1.0) } else { round_range(low, high, 5) };
        let x = match along {
            Along::Numbers(ruler) => ruler.scale(left, right),
            Along::Levels(_, levels) => Scale::linear(-0.5, levels.len() as f64 - 0.5, left, right),
        };
        let panel = Panel { left, top: upper, right, bottom, x, y: Scale::linear(low, high, bottom, upper) };
        panel.rows(&mut scene, &panel.y.ticks(5), true);
        for (index, parts) in &of.lines {
            parts.iter().for_each(|part| line(&mut scene, &panel, *index, part));
        }
        base(&mut scene, &panel, along);
    }
    scene
}

fn line(scene: &mut Scene, panel: &Panel, index: usize, part: &[Station]) {
    let colour = arm(index);
    let limits: Vec<(f64, f64, f64)> =
        part.iter().filter_map(|station| station.limits.map(|(low, high)| (station.x, low, high))).collect();
    let upper = limits.iter().map(|(x, _, high)| panel.at(*x, *high));
    let lower = limits.iter().rev().map(|(x, low, _)| panel.at(*x, *low));
    scene.area(upper.chain(lower).collect(), colour.veil(0.16));
    if part.len() == 1 {
        for (x, low, high) in &limits {
            scene.segment(panel.at(*x, *low), panel.at(*x, *high), 1.4, colour);
        }
    }
    scene.line(part.iter().map(|station| panel.at(station.x, station.value)).collect(), 1.8, colour);
    for station in part {
        let at = panel.at(station.x, station.value);
        if station.reference {
            scene.dot(at, 7.5, INK);
            scene.dot(at, 5.6, super::colour::WHITE);
        }
        if part.len() <= MOST_DOTS || station.reference {
            scene.dot(at, 3.4, colour);
        }
        if part.len() <= 4 * MOST_DOTS {
            scene.hint((at.0 - 6.0, at.1 - 6.0), (12.0, 12.0), station.hint.clone());
        }
    }
}

fn base(scene: &mut Scene, panel: &Panel, along: &Along) {
    let title = match along {
        Along::Numbers(ruler) => {
            panel.base(scene, &panel.x.ticks(6), true);
            &ruler.title
        }
        Along::Levels(title, levels) => {
            scene.segment((panel.left, panel.bottom), (panel.right, panel.bottom), 1.0, AXIS);
            let room = (panel.right - panel.left) / levels.len().max(1) as f64;
            let every = (34.0 / room).ceil().max(1.0) as usize;
            for (place, level) in levels.iter().enumerate().step_by(every) {
                let x = panel.x.at(place as f64);
                scene.segment((x, panel.bottom), (x, panel.bottom + 4.0), 1.0, AXIS);
                let text = fitted(level, every as f64 * room - 6.0, SMALL, Weight::Regular);
                scene.text((x, panel.bottom + 6.0 + SMALL), text, SMALL, QUIET, Anchor::Middle);
            }
            title
        }
    };
    let middle = (panel.left + panel.right) / 2.0;
    scene.text((middle, panel.bottom + 22.0 + SMALL), title.clone(), SMALL, QUIET, Anchor::Middle);
}
