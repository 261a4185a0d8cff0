//! How the points of a sweep are laid out on paper: which axes span a map, which part it into panels, which are looked through.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::draw::{Ruler, Side, per_row};
use crate::report::number::{labelled, significant, unit};
use crate::sweep::{AxisColumn, Cell, Sweep};

/// Most panels of one figure.
pub const MOST_PANELS: usize = 36;
/// Two axes of numbers with more values than this are drawn as dots.
const MOST_LEVELS: usize = 120;
/// A range of numbers this wide is drawn on the logarithm.
const WIDE: f64 = 30.0;

/// The values of every axis in order, and where each point stands among them.
pub struct Grid<'a> {
    /// The sweep.
    pub sweep: &'a Sweep,
    /// By axis: different values, numbers ascending, texts by first appearance.
    pub levels: Vec<Vec<Cell>>,
    /// By point and axis: place among the levels.
    pub places: Vec<Vec<usize>>,
}

/// What is drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Layout {
    /// Lines along the one axis that varies.
    Lines(usize),
    /// Cells over two axes.
    Maps(Plane),
    /// Dots over two axes of a design.
    Clouds(Plane),
}

/// Two axes, and what becomes of the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// From left to right.
    pub x: usize,
    /// From bottom to top.
    pub y: usize,
    /// A panel for each of their combinations.
    pub panels: Vec<usize>,
    /// Axes of a design that are neither: points are shown whatever their values there.
    pub through: Vec<usize>,
}

impl<'a> Grid<'a> {
    /// Sorts the values of all axes.
    pub fn new(sweep: &'a Sweep) -> Self {
        let mut levels = Vec::new();
        let mut places = vec![Vec::with_capacity(sweep.axes.len()); sweep.points.len()];
        for axis in 0..sweep.axes.len() {
            let (of_axis, of_points) = ordered(sweep.points.iter().map(|point| &point.cells[axis]));
            levels.push(of_axis);
            for (places, place) in places.iter_mut().zip(of_points) {
                places.push(place);
            }
        }
        Self { sweep, levels, places }
    }

    /// Axes with more than one value.
    pub fn varying(&self) -> Vec<usize> {
        (0..self.levels.len()).filter(|axis| self.levels[*axis].len() > 1).collect()
    }

    /// The axes of a design: numbers, each value of one standing with one value of another.
    pub fn designed(&self) -> Vec<usize> {
        let numbers: Vec<usize> =
            self.varying().into_iter().filter(|axis| self.sweep.axes[*axis].numeric).collect();
        let bound = |one: usize, other: usize| {
            let (a, b) = (self.levels[one].len(), self.levels[other].len());
            if a.min(b) < 3 || 10 * a.min(b) < 9 * a.max(b) {
                return false;
            }
            let pairs: BTreeSet<(usize, usize)> =
                self.places.iter().map(|place| (place[one], place[other])).collect();
            pairs.len() <= a.max(b)
        };
        let among = |axis: &usize| numbers.iter().any(|other| other != axis && bound(*axis, *other));
        numbers.iter().copied().filter(among).collect()
    }

    /// What suits the sweep, with the wishes of its file.
    pub fn layout(&self) -> Layout {
        let varying = self.varying();
        let view = &self.sweep.view;
        if varying.len() < 2 {
            return Layout::Lines(varying.first().copied().or(view.x).unwrap_or(0));
        }
        let designed = self.designed();
        let mut free = varying.clone();
        // Those with most values first; a design before all, since nothing else shows it.
        free.sort_by_key(|axis| (!designed.contains(axis), std::cmp::Reverse(self.levels[*axis].len())));
        let mut next = |other: Option<usize>, wanted: Option<usize>| {
            let found = wanted.or_else(|| free.iter().copied().find(|axis| Some(*axis) != other));
            free.retain(|axis| Some(*axis) != found);
            found.unwrap_or(0)
        };
        let x = next(view.y, view.x);
        let y = next(Some(x), view.y);
        let panels =
            varying.iter().copied().filter(|axis| ![x, y].contains(axis) && !designed.contains(axis));
        let through = designed.iter().copied().filter(|axis| ![x, y].contains(axis));
        let plane = Plane { x, y, panels: panels.collect(), through: through.collect() };
        let numeric = |axis: usize| self.sweep.axes[axis].numeric;
        let many = self.levels[x].len().max(self.levels[y].len()) > MOST_LEVELS;
        let spread = designed.contains(&x) && designed.contains(&y);
        if numeric(x) && numeric(y) && (spread || many) { Layout::Clouds(plane) } else { Layout::Maps(plane) }
    }

    /// Combinations of the values of axes that occur, in order, each with its points.
    pub fn combinations(&self, axes: &[usize]) -> Vec<(Vec<usize>, Vec<usize>)> {
        let mut found: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
        for (point, places) in self.places.iter().enumerate() {
            found.entry(axes.iter().map(|axis| places[*axis]).collect()).or_default().push(point);
        }
        found.into_iter().collect()
    }

    /// How many panels stand in a row: those of the last axis, if they are few and complete.
    pub fn in_row(&self, axes: &[usize], panels: usize) -> usize {
        let product: usize = axes.iter().map(|axis| self.levels[*axis].len()).product();
        match axes.last() {
            Some(last) if axes.len() > 1 && product == panels && self.levels[*last].len() <= 6 => {
                self.levels[*last].len()
            }
            _ => per_row(panels),
        }
    }

    /// A value of an axis as shown.
    pub fn level(&self, axis: usize, place: usize) -> String {
        shown(&self.levels[axis][place])
    }

    /// `step 5 mg`.
    pub fn named(&self, axis: usize, place: usize) -> String {
        let of = &self.sweep.axes[axis];
        format!("{} {} {}", of.name, self.level(axis, place), unit(&of.unit)).trim_end().to_owned()
    }

    /// What tells a point from others: its values on the axes that vary.
    pub fn point(&self, point: usize) -> String {
        let axes = self.varying();
        let named: Vec<String> =
            axes.iter().map(|axis| self.named(*axis, self.places[point][*axis])).collect();
        if named.is_empty() { format!("point {}", point + 1) } else { named.join(", ") }
    }

    /// A side of a map.
    pub fn side(&self, axis: usize) -> Side {
        let levels = (0..self.levels[axis].len()).map(|place| self.level(axis, place)).collect();
        Side { title: axis_title(&self.sweep.axes[axis]), levels }
    }

    /// An axis of numbers.
    pub fn ruler(&self, axis: usize) -> Ruler {
        let number = |cell: Option<&Cell>| match cell {
            Some(Cell::Number(number)) => *number,
            _ => 0.0,
        };
        let ends = (number(self.levels[axis].first()), number(self.levels[axis].last()));
        let logarithmic = ends.0 > 0.0 && ends.1 > WIDE * ends.0;
        Ruler { title: axis_title(&self.sweep.axes[axis]), ends, logarithmic }
    }

    /// The number at a point.
    pub fn number(&self, axis: usize, point: usize) -> f64 {
        match &self.sweep.points[point].cells[axis] {
            Cell::Number(number) => *number,
            Cell::Text(_) => self.places[point][axis] as f64,
        }
    }
}

/// An axis with its unit.
pub fn axis_title(axis: &AxisColumn) -> String {
    labelled(&axis.name, &axis.unit)
}

/// A value of an axis for readers.
pub fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Number(number) => significant(*number, 4),
        Cell::Text(text) => text.clone(),
    }
}

/// Different cells in order, and the place of each cell among them.
fn ordered<'a>(cells: impl Iterator<Item = &'a Cell> + Clone) -> (Vec<Cell>, Vec<usize>) {
    let mut texts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut by_text: Vec<&str> = Vec::new();
    let mut numbers: Vec<f64> = Vec::new();
    for cell in cells.clone() {
        match cell {
            Cell::Number(number) => numbers.push(*number),
            Cell::Text(text) => {
                if !texts.contains_key(text.as_str()) {
                    texts.insert(text, by_text.len());
                    by_text.push(text);
                }
            }
        }
    }
    numbers.sort_by(f64::total_cmp);
    numbers.dedup();
    let place = |cell: &Cell| match cell {
        Cell::Number(number) => numbers.binary_search_by(|other| other.total_cmp(number)).unwrap_or(0),
        Cell::Text(text) => numbers.len() + texts.get(text.as_str()).copied().unwrap_or(0),
    };
    let places = cells.map(place).collect();
    let levels = numbers.iter().map(|number| Cell::Number(*number));
    (levels.chain(by_text.into_iter().map(|text| Cell::Text(text.to_owned()))).collect(), places)
}
