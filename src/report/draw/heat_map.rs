//! Heat maps: a result over two axes, in panels over the others, each cell with its value and Monte Carlo error where they fit.

use super::colour::{AXIS, INK, QUIET, WHITE};
use super::font::{Weight, text_width};
use super::frame::panel_title;
use super::scene::{Anchor, Point, SMALL, Scene, TEXT, WIDTH, fitted};
use super::shades::{NOTHING, Shades};

/// Size of the error below a value.
const TINY: f64 = 9.5;
/// Widest and highest cell.
const CELL: (f64, f64) = (104.0, 38.0);
/// The lowest cell that has a label beside it.
const LABELLED: f64 = 12.0;
/// Most cells of a figure with two texts each, and with one.
const MOST_TEXTS: (usize, usize) = (420, 900);
const GAP: f64 = 22.0;
const TITLE: f64 = 24.0;
/// Height of the key above the maps.
const KEY: f64 = 56.0;

/// A side of the maps: an axis with its values.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// Name and unit.
    pub title: String,
    /// Values, from left to right or from bottom to top.
    pub levels: Vec<String>,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MapCell {
    /// `None` where the point has no such number, or was not computed.
    pub value: Option<f64>,
    /// As shown: value and error.
    pub texts: (String, String),
    /// What is told when it is pointed at.
    pub hint: String,
    /// Whether it is the point of reference.
    pub reference: bool,
}

/// One map: cells by row from the bottom, and by column; `None` where there is no point.
#[derive(Debug, Clone, PartialEq)]
pub struct MapPanel {
    /// Values of the other axes; empty where there are none.
    pub title: String,
    /// Cells.
    pub cells: Vec<Vec<Option<MapCell>>>,
}

/// A result over two axes.
#[derive(Debug, Clone, PartialEq)]
pub struct HeatMap {
    /// File stem.
    pub name: String,
    /// Result and unit.
    pub title: String,
    /// Its colours.
    pub shades: Shades,
    /// Panels.
    pub panels: Vec<MapPanel>,
    /// Panels in a row, if their order has one.
    pub in_row: usize,
    /// Whether cells answer when they are pointed at.
    pub hints: bool,
}

/// Sizes shared by all panels of a figure.
struct Sizes {
    cell: (f64, f64),
    left: f64,
    bottom: f64,
    /// 2: value and error, 1: value, 0: none.
    texts: u8,
    columns: usize,
    rows: usize,
}

impl Sizes {
    fn new(maps: &[&HeatMap], across: &Side, up: &Side, in_row: usize) -> Self {
        let (columns, rows) = (across.levels.len().max(1), up.levels.len().max(1));
        let widest = |levels: &[String]| {
            levels.iter().map(|level| text_width(level, SMALL, Weight::Regular)).fold(0.0, f64::max)
        };
        let left = widest(&up.levels).clamp(18.0, 150.0) + 12.0;
        let room = (WIDTH - 8.0 - in_row as f64 * (left + GAP) + GAP) / in_row as f64;
        let wide = (room / columns as f64).min(CELL.0);
        let high =
            (460.0 / rows as f64).clamp(3.0, CELL.1).min(if in_row > 1 { wide.max(15.0) } else { CELL.1 });
        let cells: usize = maps.iter().flat_map(|map| &map.panels).map(|_| columns * rows).sum();
        let values = || {
            maps.iter().flat_map(|map| &map.panels).flat_map(|panel| panel.cells.iter().flatten().flatten())
        };
        let width = |text: &str, size: f64| text_width(text, size, Weight::Regular) + 4.0;
        let value = values().map(|cell| width(&cell.texts.0, SMALL)).fold(0.0, f64::max);
        let error = values().map(|cell| width(&cell.texts.1, TINY)).fold(0.0, f64::max);
        let texts = match () {
            () if value.max(error) <= wide && high >= 28.0 && cells <= MOST_TEXTS.0 => 2,
            () if value <= wide && high >= 14.0 && cells <= MOST_TEXTS.1 => 1,
            () => 0,
        };
        Self { cell: (wide, high), left, bottom: SMALL + TEXT + 16.0, texts, columns, rows }
    }
    fn size(&self) -> (f64, f64) {
        (self.columns as f64 * self.cell.0, self.rows as f64 * self.cell.1)
    }
}

/// One result in panels over the other axes.
pub fn heat_map(map: &HeatMap, across: &Side, up: &Side) -> Scene {
    let in_row = map.in_row.clamp(1, map.panels.len().max(1));
    let sizes = Sizes::new(&[map], across, up, in_row);
    let (wide, high) = sizes.size();
    let rows = map.panels.len().div_ceil(in_row);
    let titled = map.panels.iter().any(|panel| !panel.title.is_empty());
    let block = high + sizes.bottom + if titled { TITLE } else { 8.0 };
    let top = KEY + TEXT + 12.0;
    let mut scene = Scene::new(&map.name, &map.title, top + rows as f64 * block);
    map.shades.key(&mut scene, (8.0, 0.0), WIDTH - 16.0, &map.title);
    scene.text((8.0, KEY + TEXT), up.title.clone(), SMALL, QUIET, Anchor::Start);
    for (place, panel) in map.panels.iter().enumerate() {
        let (row, column) = (place / in_row, place % in_row);
        let left = 8.0 + sizes.left + column as f64 * (wide + sizes.left + GAP);
        let head = top + row as f64 * block;
        if !panel.title.is_empty() {
            panel_title(&mut scene, left, left + wide, head + 13.0, &panel.title, INK);
        }
        let corner = (left, head + if titled { TITLE } else { 8.0 });
        one(&mut scene, corner, &sizes, map, panel, (across, up));
    }
    scene
}

/// Several results side by side, each over the same two axes, with a key of its own.
pub fn heat_maps(name: &str, title: &str, maps: &[HeatMap], across: &Side, up: &Side) -> Scene {
    let all: Vec<&HeatMap> = maps.iter().collect();
    let wanted = Sizes::new(&all, across, up, 1);
    // As many side by side as leaves room for both numbers in a cell.
    let comfortable = wanted.left + GAP + wanted.columns as f64 * 58.0;
    let in_row = ((WIDTH / comfortable.max(240.0)) as usize).clamp(1, maps.len().clamp(1, 3));
    let sizes = Sizes::new(&all, across, up, in_row);
    let (_, high) = sizes.size();
    let slot = (WIDTH - 8.0) / in_row as f64;
    let block = KEY + TEXT + 12.0 + high + sizes.bottom + 18.0;
    let rows = maps.len().div_ceil(in_row);
    let mut scene = Scene::new(name, title, rows as f64 * block - 10.0);
    for (place, map) in maps.iter().enumerate() {
        let (x, y) = (8.0 + (place % in_row) as f64 * slot, (place / in_row) as f64 * block);
        map.shades.key(&mut scene, (x, y), slot - GAP, &map.title);
        scene.text((x, y + KEY + TEXT), up.title.clone(), SMALL, QUIET, Anchor::Start);
        if let Some(panel) = map.panels.first() {
            let corner = (x + sizes.left, y + KEY + TEXT + 12.0);
            one(&mut scene, corner, &sizes, map, panel, (across, up));
        }
    }
    scene
}

/// One panel, its upper left corner at a point.
fn one(
    scene: &mut Scene,
    corner: Point,
    sizes: &Sizes,
    map: &HeatMap,
    panel: &MapPanel,
    (across, up): (&Side, &Side),
) {
    let (wide, high) = sizes.size();
    let (left, top) = corner;
    let gap = if sizes.cell.0.min(sizes.cell.1) > 8.0 { 1.0 } else { 0.0 };
    let mut marked = Vec::new();
    for (row, cells) in panel.cells.iter().enumerate() {
        let y = top + high - (row + 1) as f64 * sizes.cell.1;
        for (column, cell) in cells.iter().enumerate() {
            let Some(cell) = cell else { continue };
            let at = (left + column as f64 * sizes.cell.0, y);
            let size = (sizes.cell.0 - gap, sizes.cell.1 - gap);
            scene.rectangle(at, size, cell.value.map_or(NOTHING, |value| map.shades.at(value)));
            texts(scene, at, size, sizes.texts, cell, map.shades);
            if cell.reference {
                marked.push((at, size));
            }
            if map.hints {
                scene.hint(at, size, cell.hint.clone());
            }
        }
    }
    for (at, size) in marked {
        mark(scene, at, size);
    }
    levels_up(scene, corner, sizes, up);
    levels_across(scene, (left, top + high), sizes, across);
    let middle = left + wide / 2.0;
    let title = fitted(&across.title, wide.max(120.0), SMALL, Weight::Regular);
    scene.text((middle, top + high + 10.0 + SMALL + TEXT), title, SMALL, QUIET, Anchor::Middle);
}

fn texts(scene: &mut Scene, at: Point, size: (f64, f64), texts: u8, cell: &MapCell, shades: Shades) {
    let ink = cell.value.map_or(QUIET, |value| shades.ink_on(value));
    let (middle, centre) = (at.0 + size.0 / 2.0, at.1 + size.1 / 2.0);
    let (value, error) = &cell.texts;
    match texts {
        2 if !error.is_empty() => {
            scene.text((middle, centre - 1.0), value.clone(), SMALL, ink, Anchor::Middle);
            scene.text((middle, centre + 11.0), error.clone(), TINY, ink, Anchor::Middle);
        }
        1 | 2 => scene.text((middle, centre + 0.36 * SMALL), value.clone(), SMALL, ink, Anchor::Middle),
        _ => {}
    }
}

/// The frame of the point of reference: ink on paper, so that it stands out on every colour.
fn mark(scene: &mut Scene, at: Point, size: (f64, f64)) {
    for (inset, width, colour) in [(1.6, 2.2, WHITE), (0.0, 2.2, INK)] {
        let ((x, y), (w, h)) = ((at.0 + inset, at.1 + inset), (size.0 - 2.0 * inset, size.1 - 2.0 * inset));
        // A little past the corner, so that it is closed.
        let closed = vec![(x - 1.1, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)];
        scene.line(closed, width, colour);
    }
}

/// Labels beside the rows: every n-th where they are low.
fn levels_up(scene: &mut Scene, (left, top): Point, sizes: &Sizes, up: &Side) {
    let every = (LABELLED / sizes.cell.1).ceil().max(1.0) as usize;
    let (_, high) = sizes.size();
    for (row, level) in up.levels.iter().enumerate().step_by(every) {
        let y = top + high - (row as f64 + 0.5) * sizes.cell.1 + 0.36 * SMALL;
        let text = fitted(level, sizes.left - 8.0, SMALL, Weight::Regular);
        scene.text((left - 7.0, y), text, SMALL, QUIET, Anchor::End);
    }
}

/// Labels under the columns: every n-th where they would run into each other.
fn levels_across(scene: &mut Scene, (left, bottom): Point, sizes: &Sizes, across: &Side) {
    let widest =
        across.levels.iter().map(|level| text_width(level, SMALL, Weight::Regular)).fold(0.0, f64::max);
    let every = ((widest.min(90.0) + 8.0) / sizes.cell.0).ceil().max(1.0) as usize;
    for (column, level) in across.levels.iter().enumerate().step_by(every) {
        let x = left + (column as f64 + 0.5) * sizes.cell.0;
        let text = fitted(level, every as f64 * sizes.cell.0 - 4.0, SMALL, Weight::Regular);
        scene.segment((x, bottom), (x, bottom + 3.0), 0.8, AXIS);
        scene.text((x, bottom + 5.0 + SMALL), text, SMALL, QUIET, Anchor::Middle);
    }
}
