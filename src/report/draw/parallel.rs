//! Parallel coordinates (Inselberg 1985): every point of a sweep is a line across its axes and its results, coloured by one of them.

use super::colour::{AXIS, INK, WHITE};
use super::font::{Weight, text_width};
use super::scale::Scale;
use super::scene::{Anchor, Point, Scene, WIDTH, fitted};
use super::shades::Shades;

const HIGH: f64 = 300.0;
const TICK: f64 = 10.5;
const LEFT: f64 = 26.0;
const RIGHT: f64 = 66.0;
const KEY: f64 = 58.0;
/// Lines of the title of an upright.
const TITLE_LINES: usize = 3;

/// What an upright holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Marks {
    /// Numbers between these ends.
    Numbers(f64, f64),
    /// Texts, from the bottom.
    Levels(Vec<String>),
}

/// An axis or a result.
#[derive(Debug, Clone, PartialEq)]
pub struct Upright {
    /// Name and unit.
    pub title: String,
    /// What it holds.
    pub marks: Marks,
    /// Typical half-width of the 95 % Monte Carlo interval, of a result.
    pub half_width: Option<f64>,
}

/// A point of the sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct Thread {
    /// Place on each upright: a number, or the place of a text; `None` where there is no value.
    pub places: Vec<Option<f64>>,
    /// By what it is coloured.
    pub value: Option<f64>,
    /// Whether it is the point of reference.
    pub reference: bool,
}

/// The figure; `key` titles the colours. Lines are drawn in the order given.
pub fn parallel(title: &str, uprights: &[Upright], threads: &[Thread], shades: Shades, key: &str) -> Scene {
    let gap = (WIDTH - LEFT - RIGHT) / uprights.len().saturating_sub(1).max(1) as f64;
    let x = |place: usize| LEFT + place as f64 * gap;
    let top = KEY + TITLE_LINES as f64 * 13.0 + 14.0;
    let bottom = top + HIGH;
    let mut scene = Scene::new("parallel-coordinates", title, bottom + 16.0);
    shades.key(&mut scene, (8.0, 0.0), WIDTH - 16.0, key);
    let scales: Vec<Scale> = uprights.iter().map(|upright| scale(upright, bottom, top)).collect();
    let alpha = (30.0 / threads.len().max(1) as f64).sqrt().clamp(0.16, 0.85);
    let width = if threads.len() > 300 { 0.9 } else { 1.5 };
    let path = |thread: &Thread| -> Vec<Vec<Point>> {
        let mut parts = vec![Vec::new()];
        for (place, value) in thread.places.iter().enumerate() {
            match value {
                Some(value) => {
                    if let Some(part) = parts.last_mut() {
                        part.push((x(place), scales[place].at(*value)));
                    }
                }
                None => parts.push(Vec::new()),
            }
        }
        parts
    };
    for thread in threads.iter().filter(|thread| !thread.reference) {
        let colour = thread.value.map_or(AXIS, |value| shades.at(value).towards(INK, 0.12)).veil(alpha);
        path(thread).into_iter().for_each(|part| scene.line(part, width, colour));
    }
    for thread in threads.iter().filter(|thread| thread.reference) {
        for part in path(thread) {
            scene.line(part.clone(), 4.4, WHITE.veil(0.9));
            scene.line(part.clone(), 2.6, INK);
            part.iter().for_each(|at| scene.dot(*at, 3.6, INK));
        }
    }
    for (place, upright) in uprights.iter().enumerate() {
        // The outer uprights have less room to one side.
        let room = if place == 0 { gap.min(2.0 * LEFT + 40.0) } else { gap };
        draw_upright(&mut scene, x(place), (top, bottom), upright, scales[place], room.min(gap) - 8.0);
    }
    scene
}

fn scale(upright: &Upright, bottom: f64, top: f64) -> Scale {
    match &upright.marks {
        Marks::Numbers(low, high) if low < high => Scale::linear(*low, *high, bottom, top),
        Marks::Numbers(low, _) => Scale::linear(low - 0.5, low + 0.5, bottom, top),
        Marks::Levels(levels) => {
            let room = 0.3;
            Scale::linear(-room, levels.len() as f64 - 1.0 + room, bottom, top)
        }
    }
}

fn draw_upright(
    scene: &mut Scene,
    x: f64,
    (top, bottom): (f64, f64),
    upright: &Upright,
    scale: Scale,
    room: f64,
) {
    scene.segment((x, top), (x, bottom), 1.2, AXIS);
    let ticks: Vec<(f64, String)> = match &upright.marks {
        Marks::Numbers(..) => scale.ticks(5),
        Marks::Levels(levels) => {
            let every = levels.len().div_ceil(16).max(1);
            levels
                .iter()
                .enumerate()
                .step_by(every)
                .map(|(place, level)| (place as f64, level.clone()))
                .collect()
        }
    };
    for (value, text) in ticks {
        let y = scale.at(value);
        let text = fitted(&text, room.max(24.0), TICK, Weight::Regular);
        // Paper behind the label: lines run below it.
        let width = text_width(&text, TICK, Weight::Regular);
        scene.rectangle((x + 5.0, y - 6.5), (width + 4.0, 13.0), WHITE.veil(0.78));
        scene.segment((x, y), (x + 4.0, y), 1.0, AXIS);
        scene.text((x + 7.0, y + 0.36 * TICK), text, TICK, INK, Anchor::Start);
    }
    if let Some(half) = upright.half_width.filter(|half| *half > 0.0) {
        let middle = match upright.marks {
            Marks::Numbers(low, high) => 0.5 * (low + high),
            Marks::Levels(_) => 0.0,
        };
        let (low, high) = (scale.at(middle - half), scale.at(middle + half));
        for (from, to) in [
            ((x - 5.0, low), (x - 5.0, high)),
            ((x - 8.0, low), (x - 2.0, low)),
            ((x - 8.0, high), (x - 2.0, high)),
        ] {
            scene.segment(from, to, 3.0, WHITE);
            scene.segment(from, to, 1.3, INK);
        }
    }
    let words = wrapped(&upright.title, room, TITLE_LINES);
    let first = top - 12.0 - 13.0 * (words.len() as f64 - 1.0);
    for (line, text) in words.into_iter().enumerate() {
        let y = first + 13.0 * line as f64;
        let at = ((x - 0.5 * room).max(4.0), y);
        if at.0 <= 4.0 {
            scene.strong(at, text, TICK, INK, Anchor::Start);
        } else {
            let most = WIDTH - 4.0 - 0.5 * text_width(&text, TICK, Weight::SemiBold);
            scene.strong((x.min(most), y), text, TICK, INK, Anchor::Middle);
        }
    }
}

/// A text on a few lines of this width, broken between words; what is too long ends in an ellipsis.
fn wrapped(text: &str, width: f64, most: usize) -> Vec<String> {
    let fits = |text: &str| text_width(text, TICK, Weight::SemiBold) <= width;
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let full = lines.len() == most;
        match lines.last_mut() {
            Some(line) if full || fits(&format!("{line} {word}")) => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.iter().map(|line| fitted(line, width, TICK, Weight::SemiBold)).collect()
}
