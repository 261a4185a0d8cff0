//! Morris' plane: how much an input matters (μ*) against how much its effect depends on the rest (σ).

use super::colour::{AXIS, GRID, INK, QUIET, arm};
use super::font::{Weight, text_width};
use super::frame::{Panel, slug};
use super::scale::{Scale, round_range};
use super::scene::{Anchor, SMALL, Scene, TEXT, WIDTH, fitted, spread};
use crate::report::number::{capital, unit};
use crate::sensitivity::{Screened, Told};

const HEIGHT: f64 = 430.0;
const LEFT: f64 = 64.0;
/// Room for names to the right of the last point.
const RIGHT: f64 = 190.0;
const TOP: f64 = 48.0;

/// The figure of one result.
pub fn screening(of: &Screened) -> Scene {
    let bottom = HEIGHT - 52.0;
    let name = format!("morris-{}", slug(&of.target.title()));
    let mut scene = Scene::new(&name, &format!("Elementary effects of {}", of.target.title()), HEIGHT);
    let title = fitted(&capital(&of.target.title()), WIDTH - 16.0, TEXT, Weight::SemiBold);
    scene.strong((8.0, 18.0), title, TEXT, INK, Anchor::Start);
    let limit = |told: &Told| told.limits.map_or(told.value, |limits| limits.1);
    let largest = |of: &mut dyn Iterator<Item = f64>| round_range(0.0, of.fold(0.0, f64::max), 5).1;
    let x_end = largest(&mut of.inputs.iter().map(|input| limit(&input.absolute)));
    let y_end = largest(&mut of.inputs.iter().map(|input| limit(&input.spread)));
    let x = Scale::linear(0.0, x_end, LEFT, WIDTH - RIGHT);
    let y = Scale::linear(0.0, y_end, bottom, TOP);
    let panel = Panel { left: LEFT, top: TOP, right: WIDTH - RIGHT, bottom, x, y };
    panel.rows(&mut scene, &y.ticks(5), true);
    let ticks = x.ticks(6);
    for (value, _) in &ticks {
        scene.segment((x.at(*value), TOP), (x.at(*value), bottom), 0.8, GRID);
    }
    // An input whose effects all have one sign and differ as a normal sample of them would lies below σ = μ* (Morris 1991).
    let end = x_end.min(y_end);
    scene.dashed(&[panel.at(0.0, 0.0), panel.at(end, end)], 1.0, AXIS);
    scene.text((LEFT, 38.0), format!("σ, {}", unit(&of.target.unit)), SMALL, QUIET, Anchor::Start);
    points(&mut scene, &panel, of);
    panel.base(&mut scene, &ticks, true);
    let under = format!("μ*: mean absolute effect of the whole range, {}", unit(&of.target.unit));
    panel.base_title(&mut scene, &under);
    scene
}

/// Points with their intervals, and names moved apart.
fn points(scene: &mut Scene, panel: &Panel, of: &Screened) {
    let places: Vec<(f64, f64)> =
        of.inputs.iter().map(|input| panel.at(input.absolute.value, input.spread.value)).collect();
    let wanted: Vec<f64> = places.iter().map(|place| place.1 + 4.0).collect();
    let heights = spread(&wanted, 14.0, TOP + 8.0, panel.bottom - 4.0);
    for ((input, (x, y)), height) in of.inputs.iter().zip(places).zip(heights) {
        let colour = if input.above_noise() { arm(0) } else { arm(0).lighter(0.6) };
        if let Some((lower, upper)) = input.absolute.limits {
            scene.segment((panel.x.at(lower), y), (panel.x.at(upper), y), 1.2, colour);
        }
        if let Some((lower, upper)) = input.spread.limits {
            scene.segment((x, panel.y.at(lower)), (x, panel.y.at(upper)), 1.2, colour);
        }
        scene.dot((x, y), 4.5, colour);
        let name = fitted(&input.input, RIGHT - 20.0, SMALL, Weight::SemiBold);
        let at = (x + 9.0).min(WIDTH - 8.0 - text_width(&name, SMALL, Weight::SemiBold));
        if (height - y - 4.0).abs() > 8.0 {
            scene.segment((x, y), (at - 2.0, height - 4.0), 0.6, AXIS);
        }
        scene.strong((at, height), name, SMALL, INK, Anchor::Start);
    }
}
