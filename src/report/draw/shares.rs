//! Sobol' indices as bars: first and total of every input, with intervals.

use super::colour::{GRID, INK, QUIET, level};
use super::font::Weight;
use super::frame::{Panel, legend, slug};
use super::scale::Scale;
use super::scene::{Anchor, SMALL, Scene, TEXT, WIDTH, fitted};
use crate::report::number::{capital, fixed};
use crate::sensitivity::{Indices, Told};

const ROW: f64 = 36.0;
const HALF: f64 = 13.0;
const LEFT: f64 = 200.0;
const RIGHT: f64 = 170.0;
const TOP: f64 = 66.0;

/// The figure of one result.
pub fn shares(of: &Indices) -> Scene {
    let bottom = TOP + of.inputs.len() as f64 * ROW + 4.0;
    let name = format!("sobol-{}", slug(&of.target.title()));
    let mut scene = Scene::new(&name, &format!("Sobol' indices of {}", of.target.title()), bottom + 48.0);
    let title = fitted(&capital(&of.target.title()), WIDTH - 16.0, TEXT, Weight::SemiBold);
    scene.strong((8.0, 18.0), title, TEXT, INK, Anchor::Start);
    let (first, total) = (level(1, 4), level(3, 4));
    legend(
        &mut scene,
        (LEFT, 44.0),
        &[(first, "alone (first index)".to_owned()), (total, "with interactions (total index)".to_owned())],
    );
    scene.text((WIDTH - 8.0, 44.0), "95 % interval", SMALL, QUIET, Anchor::End);
    let limits = |told: &Told| told.limits.unwrap_or((told.value, told.value));
    let all = || of.inputs.iter().flat_map(|input| [&input.first, &input.total]);
    let low = all().map(|told| limits(told).0.min(told.value)).fold(0.0, f64::min);
    let high = all().map(|told| limits(told).1.max(told.value)).fold(1.0, f64::max);
    let x = Scale::linear((low * 10.0).floor() / 10.0, high, LEFT, WIDTH - RIGHT);
    let y = Scale::linear(0.0, 1.0, bottom, TOP);
    let panel = Panel { left: LEFT, top: TOP, right: WIDTH - RIGHT, bottom, x, y };
    let ticks = x.ticks(6);
    for (value, _) in &ticks {
        scene.segment((x.at(*value), TOP), (x.at(*value), bottom), 0.8, GRID);
    }
    for (place, input) in of.inputs.iter().enumerate() {
        let y = TOP + place as f64 * ROW + 6.0;
        let name = fitted(&input.input, LEFT - 20.0, SMALL, Weight::SemiBold);
        scene.strong((LEFT - 12.0, y + 17.0), name, SMALL, INK, Anchor::End);
        for (told, colour, y) in [(&input.first, first, y), (&input.total, total, y + HALF)] {
            let colour = if told.above_noise() { colour } else { colour.lighter(0.6) };
            let (from, to) = (x.at(0.0), x.at(told.value));
            scene.rectangle((from.min(to), y), ((to - from).abs(), HALF - 2.0), colour);
            let middle = y + (HALF - 2.0) / 2.0;
            let mut text = fixed(told.value, 2);
            if let Some((lower, upper)) = told.limits {
                let (from, to) = (x.at(lower), x.at(upper));
                scene.segment((from, middle), (to, middle), 1.2, INK);
                for x in [from, to] {
                    scene.segment((x, middle - 3.0), (x, middle + 3.0), 1.2, INK);
                }
                text = format!("{text} ({} to {})", fixed(lower, 2), fixed(upper, 2));
            }
            scene.text((WIDTH - 8.0, y + 9.0), text, SMALL, INK, Anchor::End);
        }
    }
    panel.base(&mut scene, &ticks, true);
    panel.base_title(&mut scene, "share of the variance");
    scene
}
