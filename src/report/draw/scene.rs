//! A figure as data: a list of shapes in points of a page, from which both the vector and the bitmap file are rendered.
//!
//! Layout happens once, here; so a test can ask of any figure whether a text is cut off or written over another.

use super::colour::Colour;
use super::font::{Weight, text_width};

/// A point, x to the right and y downwards, in units of 1/96 inch.
pub type Point = (f64, f64);

/// Which end of a text stands at its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// The text begins there.
    Start,
    /// The text is centred there.
    Middle,
    /// The text ends there.
    End,
}

/// A text on one line.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// Where the baseline begins, is centred, or ends.
    pub at: Point,
    /// What.
    pub text: String,
    /// Size of the em.
    pub size: f64,
    /// Regular or semibold.
    pub weight: Weight,
    /// Colour.
    pub colour: Colour,
    /// Which end.
    pub anchor: Anchor,
}

impl Label {
    /// Left, top, right, bottom of the space it takes (capital height above, a little below the baseline).
    #[cfg(test)]
    pub fn bounds(&self) -> (f64, f64, f64, f64) {
        let width = text_width(&self.text, self.size, self.weight);
        let left = match self.anchor {
            Anchor::Start => self.at.0,
            Anchor::Middle => self.at.0 - width / 2.0,
            Anchor::End => self.at.0 - width,
        };
        (left, self.at.1 - 0.75 * self.size, left + width, self.at.1 + 0.2 * self.size)
    }
}

/// A shape.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// An open line with round joints.
    Line {
        /// Its points.
        points: Vec<Point>,
        /// Its width.
        width: f64,
        /// Its colour.
        colour: Colour,
    },
    /// A filled polygon.
    Area {
        /// Its corners.
        points: Vec<Point>,
        /// Its colour.
        colour: Colour,
    },
    /// A filled rectangle.
    Rectangle {
        /// Upper left corner.
        at: Point,
        /// Width and height.
        size: (f64, f64),
        /// Its colour.
        colour: Colour,
    },
    /// A filled circle.
    Dot {
        /// Centre.
        at: Point,
        /// Radius.
        radius: f64,
        /// Its colour.
        colour: Colour,
    },
    /// A text.
    Text(Label),
    /// Words told in the vector file when a rectangle is pointed at; nothing is drawn.
    Hint {
        /// Upper left corner.
        at: Point,
        /// Width and height.
        size: (f64, f64),
        /// What is told.
        text: String,
    },
}

/// A figure laid out.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// File stem, unique in the report, of letters, digits and hyphens.
    pub name: String,
    /// Title for those who cannot see it.
    pub title: String,
    /// Width and height.
    pub size: (f64, f64),
    /// Shapes, the later over the earlier.
    pub shapes: Vec<Shape>,
}

impl Scene {
    /// An empty figure of the page's width.
    pub fn new(name: &str, title: &str, height: f64) -> Self {
        Self { name: name.to_owned(), title: title.to_owned(), size: (WIDTH, height), shapes: Vec::new() }
    }
    /// A line through points.
    pub fn line(&mut self, points: Vec<Point>, width: f64, colour: Colour) {
        if points.len() > 1 {
            self.shapes.push(Shape::Line { points, width, colour });
        }
    }
    /// A straight line.
    pub fn segment(&mut self, from: Point, to: Point, width: f64, colour: Colour) {
        self.line(vec![from, to], width, colour);
    }
    /// A straight dashed line.
    pub fn dashed(&mut self, points: &[Point], width: f64, colour: Colour) {
        for dash in dashes(points, 4.0, 3.0) {
            self.line(dash, width, colour);
        }
    }
    /// A filled polygon.
    pub fn area(&mut self, points: Vec<Point>, colour: Colour) {
        if points.len() > 2 {
            self.shapes.push(Shape::Area { points, colour });
        }
    }
    /// A filled rectangle.
    pub fn rectangle(&mut self, at: Point, size: (f64, f64), colour: Colour) {
        if size.0 > 0.0 && size.1 > 0.0 {
            self.shapes.push(Shape::Rectangle { at, size, colour });
        }
    }
    /// A filled circle.
    pub fn dot(&mut self, at: Point, radius: f64, colour: Colour) {
        self.shapes.push(Shape::Dot { at, radius, colour });
    }
    /// Words told when a rectangle is pointed at.
    pub fn hint(&mut self, at: Point, size: (f64, f64), text: String) {
        self.shapes.push(Shape::Hint { at, size, text });
    }
    /// A text in regular weight.
    pub fn text(&mut self, at: Point, text: impl Into<String>, size: f64, colour: Colour, anchor: Anchor) {
        let label = Label { at, text: text.into(), size, weight: Weight::Regular, colour, anchor };
        self.shapes.push(Shape::Text(label));
    }
    /// A text in semibold weight.
    pub fn strong(&mut self, at: Point, text: impl Into<String>, size: f64, colour: Colour, anchor: Anchor) {
        let label = Label { at, text: text.into(), size, weight: Weight::SemiBold, colour, anchor };
        self.shapes.push(Shape::Text(label));
    }
    /// All texts.
    #[cfg(test)]
    pub fn labels(&self) -> impl Iterator<Item = &Label> {
        self.shapes.iter().filter_map(|shape| if let Shape::Text(label) = shape { Some(label) } else { None })
    }
}

/// Width of every figure.
pub const WIDTH: f64 = 920.0;
/// Size of text in figures.
pub const TEXT: f64 = 12.5;
/// Size of tick labels.
pub const SMALL: f64 = 11.5;

/// Cuts a path into dashes.
fn dashes(points: &[Point], on: f64, off: f64) -> Vec<Vec<Point>> {
    let mut out: Vec<Vec<Point>> = Vec::new();
    let (mut drawing, mut left) = (true, on);
    let mut current: Vec<Point> = points.first().copied().into_iter().collect();
    for pair in points.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        loop {
            let length = (to.0 - from.0).hypot(to.1 - from.1);
            if length <= left {
                left -= length;
                current.push(to);
                break;
            }
            let part = left / length;
            from = (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part);
            current.push(from);
            if drawing {
                out.push(std::mem::take(&mut current));
            }
            drawing = !drawing;
            left = if drawing { on } else { off };
            current = vec![from];
        }
    }
    if drawing && current.len() > 1 {
        out.push(current);
    }
    out
}

/// Shortens a text with an ellipsis to fit a width.
pub fn fitted(text: &str, width: f64, size: f64, weight: Weight) -> String {
    if text_width(text, size, weight) <= width {
        return text.to_owned();
    }
    let mut letters: Vec<char> = text.chars().collect();
    while letters.len() > 1 {
        letters.pop();
        let shorter = format!("{}…", letters.iter().collect::<String>().trim_end());
        if text_width(&shorter, size, weight) <= width {
            return shorter;
        }
    }
    "…".to_owned()
}

/// Moves positions (wanted places of labels, any order) apart to at least `gap`, as little as needed, within limits.
pub fn spread(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
    let mut placed: Vec<f64> = order.iter().map(|index| wanted[*index].clamp(low, high)).collect();
    for i in 1..placed.len() {
        placed[i] = placed[i].max(placed[i - 1] + gap);
    }
    if let Some(last) = placed.last_mut() {
        *last = last.min(high);
    }
    for i in (1..placed.len()).rev() {
        placed[i - 1] = placed[i - 1].min(placed[i] - gap);
    }
    let mut out = vec![0.0; wanted.len()];
    for (place, index) in placed.into_iter().zip(order) {
        out[index] = place;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_spread_in_order_within_limits() {
        let placed = spread(&[50.0, 48.0, 99.0], 10.0, 0.0, 100.0);
        assert!(placed[1] < placed[0] && placed[0] - placed[1] >= 10.0);
        assert!(placed.iter().all(|y| (0.0..=100.0).contains(y)));
        assert_eq!(spread(&[], 10.0, 0.0, 100.0), Vec::<f64>::new());
    }

    #[test]
    fn long_texts_are_shortened() {
        let text = fitted("a very long name of an arm that fits nowhere", 80.0, TEXT, Weight::Regular);
        assert!(text.ends_with('…') && text_width(&text, TEXT, Weight::Regular) <= 80.0);
        assert_eq!(fitted("short", 80.0, TEXT, Weight::Regular), "short");
    }

    #[test]
    fn dashes_cover_the_line_by_four_in_seven() {
        let total: f64 =
            dashes(&[(0.0, 0.0), (70.0, 0.0)], 4.0, 3.0).iter().map(|d| d[d.len() - 1].0 - d[0].0).sum();
        assert!((total - 40.0).abs() < 1e-9);
    }
}
