//! Tornado: every input moved by itself to the ends of its range, the longest bars first.

use super::colour::{AXIS, Colour, GRID, INK, QUIET, arm};
use super::font::Weight;
use super::frame::{Panel, legend, slug};
use super::scale::{Scale, round_range};
use super::scene::{Anchor, SMALL, Scene, TEXT, WIDTH, fitted};
use crate::report::number::{capital, labelled, significant};
use crate::sensitivity::{Bar, End, Tornado};

const ROW: f64 = 38.0;
const HALF: f64 = 13.0;
const LEFT: f64 = 220.0;
const RIGHT: f64 = 200.0;
const TOP: f64 = 66.0;

/// The figure of one result.
pub fn tornado(of: &Tornado) -> Scene {
    let bottom = TOP + of.bars.len() as f64 * ROW + 4.0;
    let name = format!("tornado-{}", slug(&of.target.title()));
    let mut scene = Scene::new(&name, &format!("Tornado of {}", of.target.title()), bottom + 48.0);
    let title = fitted(&capital(&of.target.title()), WIDTH - 16.0, TEXT, Weight::SemiBold);
    scene.strong((8.0, 18.0), title, TEXT, INK, Anchor::Start);
    legend(
        &mut scene,
        (LEFT, 44.0),
        &[(arm(0), "input at its low end".to_owned()), (arm(1), "at its high end".to_owned())],
    );
    scene.text((WIDTH - 8.0, 44.0), "change (95 % interval)", SMALL, QUIET, Anchor::End);
    let x = axis(of);
    let panel = Panel {
        left: LEFT,
        top: TOP,
        right: WIDTH - RIGHT,
        bottom,
        x,
        y: Scale::linear(0.0, 1.0, bottom, TOP),
    };
    let ticks = x.ticks(6);
    for (value, _) in &ticks {
        scene.segment((x.at(*value), TOP), (x.at(*value), bottom), 0.8, GRID);
    }
    for (place, bar) in of.bars.iter().enumerate() {
        row(&mut scene, &panel, of, bar, TOP + place as f64 * ROW + 6.0);
    }
    scene.segment((x.at(of.base), TOP), (x.at(of.base), bottom), 1.2, AXIS);
    panel.base(&mut scene, &ticks, true);
    panel.base_title(&mut scene, &labelled(&of.target.label, &of.target.unit));
    scene
}

fn axis(of: &Tornado) -> Scale {
    let ends = of.bars.iter().flat_map(|bar| &bar.ends);
    let values = ends.flat_map(|end| {
        let (lower, upper) = end.effect.limits.unwrap_or((end.effect.value, end.effect.value));
        [of.target.within(of.base + lower), of.target.within(of.base + upper)]
    });
    let (low, high) = values.fold((of.base, of.base), |(low, high), value| (low.min(value), high.max(value)));
    let (low, high) = round_range(low, high, 6);
    Scale::linear(low, high, LEFT, WIDTH - RIGHT)
}

fn row(scene: &mut Scene, panel: &Panel, of: &Tornado, bar: &Bar, y: f64) {
    let name = fitted(&bar.input, LEFT - 24.0, SMALL, Weight::SemiBold);
    scene.strong((LEFT - 12.0, y + 10.0), name, SMALL, INK, Anchor::End);
    let [low, high] = &bar.ends;
    let range = fitted(&format!("{} to {}", low.value, high.value), LEFT - 24.0, SMALL, Weight::Regular);
    scene.text((LEFT - 12.0, y + 24.0), range, SMALL, QUIET, Anchor::End);
    half(scene, panel, of, low, (y, arm(0)));
    half(scene, panel, of, high, (y + HALF, arm(1)));
}

/// One end; pale where it is not told apart from noise.
fn half(scene: &mut Scene, panel: &Panel, of: &Tornado, end: &End, (y, colour): (f64, Colour)) {
    let colour = if end.effect.told_apart() { colour } else { colour.lighter(0.6) };
    let (from, to) = (panel.x.at(of.base), panel.x.at(end.estimate));
    scene.rectangle((from.min(to), y), ((to - from).abs(), HALF - 2.0), colour);
    let middle = y + (HALF - 2.0) / 2.0;
    let show = |value: f64| significant(value, 3);
    let sign = if end.effect.value > 0.0 { "+" } else { "" };
    let mut text = format!("{sign}{}", show(end.effect.value));
    if let Some((lower, upper)) = end.effect.limits {
        let ends = [of.base + lower, of.base + upper];
        let reached = ends.map(|value| of.target.within(value));
        let [from, to] = reached.map(|value| panel.x.at(value));
        scene.segment((from, middle), (to, middle), 1.2, INK);
        // An interval that goes on beyond what a share can be ends there without a cap.
        for (value, within) in ends.into_iter().zip(reached).filter(|(value, within)| value == within) {
            let x = panel.x.at(value.min(within));
            scene.segment((x, middle - 3.0), (x, middle + 3.0), 1.2, INK);
        }
        text = format!("{text} ({} to {})", show(lower), show(upper));
    }
    scene.text((WIDTH - 8.0, y + 9.0), text, SMALL, INK, Anchor::End);
}
