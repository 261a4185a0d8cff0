//! Points of a space-filling design: dots over two axes of numbers, coloured by a result, in panels over what is crossed with the design.

use super::colour::{GRID, INK, QUIET, WHITE};
use super::frame::{Panel, panel_title};
use super::scale::Scale;
use super::scene::{Anchor, SMALL, Scene, WIDTH};
use super::shades::{NOTHING, Shades};

const LEFT: f64 = 58.0;
const GAP: f64 = 26.0;
const BEYOND: f64 = 14.0;
const KEY: f64 = 56.0;
const TITLE: f64 = 24.0;
/// Below the base of a panel.
const BELOW: f64 = 48.0;

/// An axis of numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Ruler {
    /// Name and unit.
    pub title: String,
    /// Smallest and largest value.
    pub ends: (f64, f64),
    /// Whether it is spread on the logarithm.
    pub logarithmic: bool,
}

impl Ruler {
    /// A scale with a little room beyond the ends.
    pub fn scale(&self, from: f64, to: f64) -> Scale {
        let (low, high) = self.ends;
        if self.logarithmic {
            let room = (high / low).powf(0.03);
            Scale::logarithmic(low / room, high * room, from, to)
        } else {
            let room = 0.03 * (high - low);
            Scale::linear(low - room, high + room, from, to)
        }
    }
}

/// A point of the design.
#[derive(Debug, Clone, PartialEq)]
pub struct Mote {
    /// Its values on the two axes.
    pub at: (f64, f64),
    /// The result.
    pub value: Option<f64>,
    /// What is told when it is pointed at.
    pub hint: String,
    /// Whether it is the point of reference.
    pub reference: bool,
}

/// A panel of dots.
#[derive(Debug, Clone, PartialEq)]
pub struct Cloud {
    /// Result and unit, for the key.
    pub title: String,
    /// Values of the other axes; empty where there are none.
    pub under: String,
    /// Its colours.
    pub shades: Shades,
    /// Dots.
    pub motes: Vec<Mote>,
}

/// Panels: each with a key of its own where they show different results, otherwise with one above all.
pub fn clouds(
    (name, title): (&str, &str),
    panels: &[Cloud],
    (x, y): (&Ruler, &Ruler),
    own_keys: bool,
    hints: bool,
) -> Scene {
    let in_row = if own_keys || panels.len() == 4 { 2_usize } else { 3 }.min(panels.len().max(1));
    // Half of the last label of a base stands beyond its panel.
    let wide = (WIDTH - 8.0 - BEYOND - in_row as f64 * (LEFT + GAP) + GAP).min(2.0 * 410.0) / in_row as f64;
    let high = (0.72 * wide).min(330.0);
    let above = if own_keys { KEY + 14.0 } else { TITLE + 10.0 };
    let block = above + high + BELOW;
    let top = if own_keys { 0.0 } else { KEY };
    let rows = panels.len().div_ceil(in_row);
    let mut scene = Scene::new(name, title, top + rows as f64 * block);
    if let Some(first) = panels.first().filter(|_| !own_keys) {
        first.shades.key(&mut scene, (8.0, 0.0), WIDTH - 16.0, &first.title);
    }
    let most = panels.iter().map(|cloud| cloud.motes.len()).max().unwrap_or(0);
    let radius = match most {
        0..=60 => 6.0,
        61..=250 => 4.5,
        251..=1000 => 3.2,
        _ => 2.2,
    };
    for (place, cloud) in panels.iter().enumerate() {
        let left = 8.0 + LEFT + (place % in_row) as f64 * (wide + LEFT + GAP);
        let head = top + (place / in_row) as f64 * block;
        if own_keys {
            cloud.shades.key(&mut scene, (left - LEFT, head), wide + LEFT, &cloud.title);
        } else {
            panel_title(&mut scene, left, left + wide, head + 13.0, &cloud.under, INK);
        }
        let (upper, bottom) = (head + above, head + above + high);
        let panel = Panel {
            left,
            top: upper,
            right: left + wide,
            bottom,
            x: x.scale(left, left + wide),
            y: y.scale(bottom, upper),
        };
        scene.text((left - LEFT, upper - 7.0), y.title.clone(), SMALL, QUIET, Anchor::Start);
        one(&mut scene, &panel, cloud, radius, hints);
        scene.text(
            ((left + panel.right) / 2.0, bottom + 20.0 + SMALL),
            x.title.clone(),
            SMALL,
            QUIET,
            Anchor::Middle,
        );
    }
    scene
}

fn one(scene: &mut Scene, panel: &Panel, cloud: &Cloud, radius: f64, hints: bool) {
    panel.rows(scene, &panel.y.ticks(5), true);
    let ticks = panel.x.ticks(5);
    for (value, _) in &ticks {
        scene.segment((panel.x.at(*value), panel.top), (panel.x.at(*value), panel.bottom), 0.8, GRID);
    }
    panel.base(scene, &ticks, true);
    // The reference last, so that nothing lies on it.
    let (marked, others): (Vec<&Mote>, Vec<&Mote>) = cloud.motes.iter().partition(|mote| mote.reference);
    for mote in others.into_iter().chain(marked) {
        let at = panel.at(mote.at.0, mote.at.1);
        let colour = mote.value.map_or(NOTHING, |value| cloud.shades.at(value));
        if mote.reference {
            scene.dot(at, radius + 4.0, INK);
            scene.dot(at, radius + 2.0, WHITE);
        } else {
            // A rim, so that pale dots are seen on paper.
            scene.dot(at, radius + 0.9, colour.towards(INK, 0.45));
        }
        scene.dot(at, radius, colour);
        if hints {
            let size = 2.0 * radius;
            scene.hint((at.0 - radius, at.1 - radius), (size, size), mote.hint.clone());
        }
    }
}
