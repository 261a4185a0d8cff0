//! What figures share: panels with axes, legends, paths made light.

use super::colour::{AXIS, Colour, GRID, INK, OFF, QUIET};
use super::font::{Weight, text_width};
use super::scale::Scale;
use super::scene::{Anchor, Point, SMALL, Scene, TEXT, WIDTH, fitted};

/// A plotting area with its two scales (which map into page points).
#[derive(Debug, Clone, Copy)]
pub struct Panel {
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Lower edge.
    pub bottom: f64,
    /// Horizontal scale.
    pub x: Scale,
    /// Vertical scale.
    pub y: Scale,
}

impl Panel {
    /// Where a pair of values stands.
    pub fn at(&self, x: f64, y: f64) -> Point {
        (self.x.at(x), self.y.at(y))
    }
    /// Horizontal grid lines with tick labels to the left, if `labelled`.
    pub fn rows(&self, scene: &mut Scene, ticks: &[(f64, String)], labelled: bool) {
        for (value, text) in ticks {
            let y = self.y.at(*value);
            scene.segment((self.left, y), (self.right, y), 0.8, GRID);
            if labelled {
                scene.text((self.left - 8.0, y + 0.36 * SMALL), text.clone(), SMALL, QUIET, Anchor::End);
            }
        }
    }
    /// The horizontal axis at the lower edge with ticks and, if `labelled`, their labels.
    pub fn base(&self, scene: &mut Scene, ticks: &[(f64, String)], labelled: bool) {
        scene.segment((self.left, self.bottom), (self.right, self.bottom), 1.0, AXIS);
        for (value, text) in ticks {
            let x = self.x.at(*value);
            scene.segment((x, self.bottom), (x, self.bottom + 4.0), 1.0, AXIS);
            if labelled {
                scene.text((x, self.bottom + 6.0 + SMALL), text.clone(), SMALL, QUIET, Anchor::Middle);
            }
        }
    }
    /// The title of the horizontal axis, centred under its labels.
    pub fn base_title(&self, scene: &mut Scene, text: &str) {
        let middle = (self.left + self.right) / 2.0;
        scene.text((middle, self.bottom + 12.0 + SMALL + TEXT), text, TEXT, INK, Anchor::Middle);
    }
}

/// How many panels stand side by side, so that rows are full or nearly so.
pub fn per_row(panels: usize) -> usize {
    match panels {
        0..=4 => panels.max(1),
        5 | 6 | 9 => 3,
        _ => 4,
    }
}

/// Columns of equal width between a left and right margin.
pub fn columns(n: usize, left: f64, right: f64, gap: f64) -> Vec<(f64, f64)> {
    let n = n.max(1);
    let width = (WIDTH - left - right - gap * (n - 1) as f64) / n as f64;
    (0..n).map(|i| left + i as f64 * (width + gap)).map(|x| (x, x + width)).collect()
}

/// A key: coloured squares with words, from a point on one or more lines. Returns the height taken.
pub fn legend(scene: &mut Scene, at: Point, entries: &[(Colour, String)]) -> f64 {
    const LINE: f64 = 19.0;
    let (mut x, mut y) = at;
    for (colour, text) in entries {
        let text = fitted(text, 300.0, SMALL, Weight::Regular);
        let width = 16.0 + text_width(&text, SMALL, Weight::Regular);
        if x > at.0 && x + width > WIDTH - 8.0 {
            x = at.0;
            y += LINE;
        }
        scene.rectangle((x, y - 9.5), (11.0, 11.0), *colour);
        if *colour == OFF {
            outline(scene, (x, y - 9.5), (11.0, 11.0));
        }
        scene.text((x + 16.0, y), text, SMALL, INK, Anchor::Start);
        x += width + 18.0;
    }
    y - at.1 + LINE
}

/// A thin frame round a light rectangle.
pub fn outline(scene: &mut Scene, at: Point, size: (f64, f64)) {
    let (x, y) = at;
    let corners = vec![(x, y), (x + size.0, y), (x + size.0, y + size.1), (x, y + size.1), (x, y)];
    scene.line(corners, 0.7, AXIS.lighter(0.3));
}

/// A title above a panel, shortened to its width.
pub fn panel_title(scene: &mut Scene, panel_left: f64, panel_right: f64, y: f64, text: &str, colour: Colour) {
    let text = fitted(text, panel_right - panel_left, TEXT, Weight::SemiBold);
    scene.strong((panel_left, y), text, TEXT, colour, Anchor::Start);
}

/// Leaves out points of a path that change it by less than `tolerance` (Douglas and Peucker 1973), and more of them
/// until at most `most` are left.
pub fn lightened(points: &[Point], tolerance: f64, most: usize) -> Vec<Point> {
    let mut tolerance = tolerance;
    loop {
        let light = douglas_peucker(points, tolerance);
        if light.len() <= most.max(2) {
            return light;
        }
        tolerance *= 1.5;
    }
}

fn douglas_peucker(points: &[Point], tolerance: f64) -> Vec<Point> {
    if points.len() < 3 {
        return points.to_vec();
    }
    let mut keep = vec![false; points.len()];
    keep[0] = true;
    keep[points.len() - 1] = true;
    let mut spans = vec![(0, points.len() - 1)];
    while let Some((from, to)) = spans.pop() {
        let (mut worst, mut at) = (0.0, from);
        for (index, point) in points.iter().enumerate().take(to).skip(from + 1) {
            let distance = distance(*point, points[from], points[to]);
            if distance > worst {
                (worst, at) = (distance, index);
            }
        }
        if worst > tolerance {
            keep[at] = true;
            spans.push((from, at));
            spans.push((at, to));
        }
    }
    points.iter().zip(keep).filter(|(_, keep)| *keep).map(|(point, _)| *point).collect()
}

/// Distance of a point from a stretch between two others.
fn distance(p: Point, a: Point, b: Point) -> f64 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let squared = dx * dx + dy * dy;
    let share =
        if squared > 0.0 { (((p.0 - a.0) * dx + (p.1 - a.1) * dy) / squared).clamp(0.0, 1.0) } else { 0.0 };
    (p.0 - a.0 - share * dx).hypot(p.1 - a.1 - share * dy)
}

/// A file name of a text: lower-case letters, digits and single hyphens.
pub fn slug(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() {
            out.push(letter.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_path_is_two_points_and_a_corner_stays() {
        let straight: Vec<Point> = (0..100).map(|i| (f64::from(i), 2.0 * f64::from(i))).collect();
        assert_eq!(lightened(&straight, 0.1, 300).len(), 2);
        assert_eq!(lightened(&[(0.0, 0.0), (5.0, 9.0), (10.0, 0.0)], 0.1, 300).len(), 3);
        let noise: Vec<Point> = (0..2000).map(|i| (f64::from(i), f64::from((i * 7919) % 101))).collect();
        assert!(lightened(&noise, 0.1, 300).len() <= 300);
    }

    #[test]
    fn names_of_files_are_plain() {
        assert_eq!(slug("PFS (iwCLL) ≥ 1 year"), "pfs-iwcll-1-year");
        assert_eq!(slug("../../etc/passwd"), "etc-passwd");
    }
}
