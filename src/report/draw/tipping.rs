//! Tipping curve: a result along the range of one assumption, its margin, and the stretch where its side is not determined.

use super::colour::{AXIS, GRID, HELD, INK, QUIET, arm};
use super::font::Weight;
use super::frame::{Panel, slug};
use super::scale::{Scale, round_range};
use super::scene::{Anchor, Point, SMALL, Scene, TEXT, WIDTH, fitted};
use crate::report::number::{capital, labelled, significant, with_unit};
use crate::sensitivity::Curve;

const HEIGHT: f64 = 380.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 28.0;
const TOP: f64 = 58.0;

/// The figure of one result along one assumption.
pub fn tipping(of: &Curve) -> Scene {
    let bottom = HEIGHT - 52.0;
    let name = format!("tipping-{}-{}", slug(&of.target.title()), slug(&of.input));
    let title = format!("{} along {}", of.target.title(), of.input);
    let mut scene = Scene::new(&name, &title, HEIGHT);
    let title = fitted(&capital(&of.target.title()), WIDTH - 16.0, TEXT, Weight::SemiBold);
    scene.strong((8.0, 18.0), title, TEXT, INK, Anchor::Start);
    scene.text(
        (8.0, 38.0),
        format!("{}; ribbon: 95 % interval; shaded: not determined", labelled("estimate", &of.target.unit)),
        SMALL,
        QUIET,
        Anchor::Start,
    );
    let panel = panel(of, bottom);
    for stretch in &of.found.undetermined {
        let (from, to) = (panel.x.at(stretch.from), panel.x.at(stretch.to));
        scene.rectangle((from, TOP), (to - from, bottom - TOP), HELD.lighter(0.75));
    }
    panel.rows(&mut scene, &panel.y.ticks(5), true);
    let ticks = panel.x.ticks(6);
    for (value, _) in &ticks {
        scene.segment((panel.x.at(*value), TOP), (panel.x.at(*value), bottom), 0.8, GRID);
    }
    scene.dashed(&[(panel.left, panel.y.at(of.margin)), (panel.right, panel.y.at(of.margin))], 1.4, INK);
    curve(&mut scene, &panel, of);
    marks(&mut scene, &panel, of);
    panel.base(&mut scene, &ticks, true);
    panel.base_title(&mut scene, &labelled(&of.input, &of.unit));
    scene
}

fn panel(of: &Curve, bottom: f64) -> Panel {
    let finite = |value: &f64| value.is_finite();
    let values = of.known.iter().flat_map(|(_, it)| [it.lower, it.estimate, it.upper]).filter(finite);
    let (low, high) = values.fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    let (low, high) = round_range(low + of.margin, high + of.margin, 5);
    let (from, to) = of.range();
    let x = match of.logarithmic {
        true => Scale::logarithmic(from, to, LEFT, WIDTH - RIGHT),
        false => Scale::linear(from, to, LEFT, WIDTH - RIGHT),
    };
    Panel { left: LEFT, top: TOP, right: WIDTH - RIGHT, bottom, x, y: Scale::linear(low, high, bottom, TOP) }
}

fn curve(scene: &mut Scene, panel: &Panel, of: &Curve) {
    let at = |value: f64, of_margin: f64| panel.at(value, of_margin + of.margin);
    let upper = of.known.iter().map(|(value, it)| at(*value, it.upper));
    let lower = of.known.iter().rev().map(|(value, it)| at(*value, it.lower));
    scene.area(upper.chain(lower).collect(), arm(0).veil(0.16));
    let points: Vec<Point> = of.known.iter().map(|(value, it)| at(*value, it.estimate)).collect();
    scene.line(points.clone(), 1.6, arm(0));
    for point in points {
        scene.dot(point, 2.4, arm(0));
    }
}

/// Where it tips, and where the assumption stands now: texts on the sides that are turned away from each other.
fn marks(scene: &mut Scene, panel: &Panel, of: &Curve) {
    let middle = 0.5 * (panel.left + panel.right);
    let base = of.base.map(|base| panel.x.at(base));
    let beside = |x: f64, right: bool| if right { (x + 6.0, Anchor::Start) } else { (x - 6.0, Anchor::End) };
    for change in &of.found.changes {
        let x = panel.x.at(change.at);
        scene.segment((x, panel.top), (x, panel.bottom), 1.2, arm(1));
        let (at, anchor) = beside(x, base.map_or(x < middle, |base| base <= x && x < panel.right - 120.0));
        let text = format!("tips at {}", with_unit(change.at, &of.unit));
        scene.strong((at, panel.top + 14.0), text, SMALL, arm(1), anchor);
    }
    if let (Some(base), Some(x)) = (of.base, base) {
        scene.dashed(&[(x, panel.top), (x, panel.bottom)], 1.0, AXIS);
        let first = of.found.changes.first().map(|change| panel.x.at(change.at));
        let (at, anchor) = beside(x, first.map_or(x < middle, |first| first < x || x < panel.left + 120.0));
        scene.text((at, panel.bottom - 8.0), format!("base {}", significant(base, 4)), SMALL, QUIET, anchor);
    }
}
