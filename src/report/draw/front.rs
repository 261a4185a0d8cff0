//! Points compared by two results: where they stand, how sure a place on the front is (shade), and how far off estimates may be (ellipses).

use super::colour::{AXIS, Colour, GRID, HELD, INK, QUIET, arm};
use super::font::{Weight, text_width};
use super::frame::{Panel, slug};
use super::scale::{Scale, round_range};
use super::scene::{Anchor, Point, SMALL, Scene, TEXT, WIDTH, fitted};
use crate::front::{Front, Placed, Status};
use crate::report::number::{capital, labelled};

const HEIGHT: f64 = 460.0;
const LEFT: f64 = 68.0;
const RIGHT: f64 = 28.0;
const TOP: f64 = 74.0;
/// χ² quantile of two degrees of freedom at 95 %: −2 ln 0.05.
const CHI_SQUARED: f64 = 5.991_464_547_107_979;
/// Points less sure than this have no ellipse.
const SURE_ENOUGH: f64 = 0.1;
/// Corners of an ellipse.
const CORNERS: usize = 48;

/// Which two objectives, of which points.
#[derive(Clone, Copy)]
pub struct FrontView<'a> {
    /// The points.
    pub front: &'a Front,
    /// Objective along the horizontal axis, and along the vertical one.
    pub objectives: (usize, usize),
    /// Where each of the points stood by an earlier estimate, in the same order; empty where there is none.
    pub earlier: &'a [&'a Placed],
}

/// The figure of two objectives.
pub fn front(view: FrontView<'_>) -> Scene {
    let (across, up) =
        (&view.front.asked.objectives[view.objectives.0], &view.front.asked.objectives[view.objectives.1]);
    let bottom = HEIGHT - 52.0;
    let title = format!("{} against {}", view.front.title(up), view.front.title(across));
    let stem = if view.earlier.is_empty() { "front" } else { "front-again" };
    let name = format!("{stem}-{}-{}", slug(&up.name), slug(&across.name));
    let mut scene = Scene::new(&name, &title, HEIGHT);
    scene.strong(
        (8.0, 18.0),
        fitted(&capital(&title), WIDTH - 16.0, TEXT, Weight::SemiBold),
        TEXT,
        INK,
        Anchor::Start,
    );
    legend(&mut scene, &view);
    let panel = panel(&view, bottom);
    panel.rows(&mut scene, &panel.y.ticks(5), true);
    let ticks = panel.x.ticks(6);
    for (value, _) in &ticks {
        scene.segment((panel.x.at(*value), TOP), (panel.x.at(*value), bottom), 0.8, GRID);
    }
    points(&mut scene, &panel, &view);
    panel.base(&mut scene, &ticks, true);
    panel.base_title(
        &mut scene,
        &format!("{} ({})", labelled(&across.target.label, &across.target.unit), across.goal()),
    );
    scene.text(
        (8.0, TOP - 12.0),
        format!("{} ({})", labelled(&up.target.label, &up.target.unit), up.goal()),
        SMALL,
        QUIET,
        Anchor::Start,
    );
    scene
}

/// The shade of a probability.
fn shade(probability: f64) -> Colour {
    arm(0).lighter(0.85 * (1.0 - probability))
}

fn legend(scene: &mut Scene, view: &FrontView<'_>) {
    let mut x = 8.0;
    let y = 40.0;
    let mut entry = |scene: &mut Scene, colour: Colour, text: &str| {
        scene.dot((x + 5.0, y - 4.0), 4.5, colour);
        scene.text((x + 14.0, y), text, SMALL, INK, Anchor::Start);
        x += 14.0 + text_width(text, SMALL, Weight::Regular) + 18.0;
    };
    entry(scene, shade(1.0), "surely on the front");
    entry(scene, shade(0.5), "in half of the resamples");
    entry(scene, shade(0.0), "never");
    entry(scene, HELD.lighter(0.4), "not accepted");
    let last = if view.earlier.is_empty() {
        "ringed: on the front; ellipse: 95 %"
    } else {
        "line: from the search's estimate; ellipse: 95 %"
    };
    scene.text((WIDTH - 8.0, y), last, SMALL, QUIET, Anchor::End);
}

/// Where a point stands; `None` where one of the two is undefined.
fn place(point: &Placed, (across, up): (usize, usize)) -> Option<(f64, f64)> {
    Some((point.reached[across]?.interval.estimate, point.reached[up]?.interval.estimate))
}

/// Half axes of the bounding box of the ellipse.
fn reach(point: &Placed, (across, up): (usize, usize)) -> Option<(f64, f64)> {
    let of = |axis: usize| Some((CHI_SQUARED * point.covariance.get(axis)?.get(axis)?).sqrt());
    Some((of(across)?, of(up)?))
}

fn panel(view: &FrontView<'_>, bottom: f64) -> Panel {
    let nothing = (f64::INFINITY, f64::NEG_INFINITY);
    let (mut x, mut y) = (nothing, nothing);
    let mut take = |(across, up): (f64, f64)| {
        x = (x.0.min(across), x.1.max(across));
        y = (y.0.min(up), y.1.max(up));
    };
    for point in &view.front.points {
        let Some(at) = place(point, view.objectives) else { continue };
        take(at);
        if let Some((wide, high)) =
            reach(point, view.objectives).filter(|_| point.standing.on_front >= SURE_ENOUGH)
        {
            take((at.0 - wide, at.1 - high));
            take((at.0 + wide, at.1 + high));
        }
    }
    view.earlier.iter().filter_map(|point| place(point, view.objectives)).for_each(&mut take);
    let (x, y) = (possible(view, view.objectives.0, x), possible(view, view.objectives.1, y));
    let range = |(low, high): (f64, f64)| if low <= high { round_range(low, high, 5) } else { (0.0, 1.0) };
    let (x, y) = (range(x), range(y));
    let x = Scale::linear(x.0, x.1, LEFT, WIDTH - RIGHT);
    Panel { left: LEFT, top: TOP, right: WIDTH - RIGHT, bottom, x, y: Scale::linear(y.0, y.1, bottom, TOP) }
}

/// Of probabilities no ellipse leads beyond 0 and 100 %.
fn possible(view: &FrontView<'_>, objective: usize, (low, high): (f64, f64)) -> (f64, f64) {
    let target = &view.front.asked.objectives[objective].target;
    let share =
        target.unit == "%" && matches!(target.measure.as_str(), "proportion" | "survival" | "incidence");
    if share { (low.max(0.0), high.min(100.0)) } else { (low, high) }
}

/// The less sure first, so that the front lies on top.
fn points(scene: &mut Scene, panel: &Panel, view: &FrontView<'_>) {
    let mut order: Vec<usize> = (0..view.front.points.len()).collect();
    order.sort_by(|a, b| {
        let key = |at: &usize| {
            let point = &view.front.points[*at];
            (point.status == Status::OnFront, point.standing.on_front)
        };
        key(a).0.cmp(&key(b).0).then(key(a).1.total_cmp(&key(b).1))
    });
    for at in order.iter().copied() {
        let point = &view.front.points[at];
        let Some((x, y)) = place(point, view.objectives) else { continue };
        if point.standing.on_front >= SURE_ENOUGH {
            ellipse(scene, panel, point, view.objectives);
        }
        let here = panel.at(x, y);
        if let Some(earlier) = view.earlier.get(at).and_then(|earlier| place(earlier, view.objectives)) {
            let there = panel.at(earlier.0, earlier.1);
            scene.segment(there, here, 1.0, AXIS);
            scene.dot(there, 2.4, AXIS);
        }
        match point.status {
            Status::OnFront => {
                scene.dot(here, 6.0, INK);
                scene.dot(here, 4.8, shade(point.standing.on_front));
            }
            Status::NotAccepted(_) => scene.dot(here, 3.2, HELD.lighter(0.4)),
            _ => scene.dot(here, 3.6, shade(point.standing.on_front)),
        }
    }
    // Numbers last, over everything, as far as there is room.
    let mut taken: Vec<Point> = Vec::new();
    for point in
        order.iter().rev().map(|at| &view.front.points[*at]).filter(|point| point.status == Status::OnFront)
    {
        let Some((x, y)) = place(point, view.objectives) else { continue };
        let here = panel.at(x, y);
        if taken.iter().all(|other| (other.0 - here.0).abs() > 26.0 || (other.1 - here.1).abs() > 14.0) {
            taken.push(here);
            let (at, anchor) = if here.0 > panel.right - 34.0 {
                (here.0 - 9.0, Anchor::End)
            } else {
                (here.0 + 9.0, Anchor::Start)
            };
            scene.strong((at, here.1 - 5.0), point.number.to_string(), SMALL, INK, anchor);
        }
    }
}

/// The ellipse that holds 95 % of a normal distribution with the covariance of the resamples: its Cholesky factor times a circle.
fn ellipse(scene: &mut Scene, panel: &Panel, point: &Placed, (across, up): (usize, usize)) {
    let Some((x, y)) = place(point, (across, up)) else { return };
    let of = |a: usize, b: usize| point.covariance.get(a).and_then(|row| row.get(b)).copied();
    let (Some(xx), Some(xy), Some(yy)) = (of(across, across), of(across, up), of(up, up)) else { return };
    if xx <= 0.0 || yy <= 0.0 {
        // One of the two is the same in every resample.
        let (wide, high) = ((CHI_SQUARED * xx.max(0.0)).sqrt(), (CHI_SQUARED * yy.max(0.0)).sqrt());
        scene.segment(
            panel.at(x - wide, y - high),
            panel.at(x + wide, y + high),
            1.0,
            shade(point.standing.on_front),
        );
        return;
    }
    let first = xx.sqrt();
    let shared = xy / first;
    let rest = (yy - shared * shared).max(0.0).sqrt();
    let radius = CHI_SQUARED.sqrt();
    let corner = |k: usize| {
        let angle = std::f64::consts::TAU * k as f64 / CORNERS as f64;
        let (u, v) = (radius * angle.cos(), radius * angle.sin());
        panel.at(x + first * u, y + shared * u + rest * v)
    };
    let mut corners: Vec<Point> = (0..CORNERS).map(corner).collect();
    scene.area(corners.clone(), shade(point.standing.on_front).veil(0.08));
    corners.push(corners[0]);
    scene.line(corners, 0.7, shade(point.standing.on_front).veil(0.6));
}
