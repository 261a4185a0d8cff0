//! A scene as a PNG file at twice its size.
//!
//! Plotters' bitmap backend holds the pixels and encodes them; coverage of lines, polygons and letters is computed with
//! the area rasterizer of ab_glyph, since the backend's own lines and letters stand on whole pixels.

use std::path::Path;

use ab_glyph::{Font, Glyph, ScaleFont, point};
use ab_glyph_rasterizer::Rasterizer;
use plotters::prelude::{BitMapBackend, DrawingBackend};
use plotters::style::{Color, RGBAColor};

use super::colour::{Colour, WHITE};
use super::font::{font, scale, text_width};
use super::scene::{Anchor, Label, Point, Scene, Shape};

/// Pixels per point.
const DENSITY: f64 = 2.0;

/// Writes the scene to a file.
///
/// # Errors
/// The backend's message: the file cannot be written.
pub fn write(scene: &Scene, path: &Path) -> Result<(), String> {
    let size = ((scene.size.0 * DENSITY).ceil() as u32, (scene.size.1 * DENSITY).ceil() as u32);
    let mut backend = BitMapBackend::new(path, size);
    let mut pixels = Pixels { backend: &mut backend, size: (size.0 as i32, size.1 as i32) };
    let paper = scaled_rectangle(scene.size);
    pixels.polygons(&[paper], WHITE);
    for shape in &scene.shapes {
        pixels.shape(shape);
    }
    backend.present().map_err(|error| error.to_string())
}

struct Pixels<'b, 'p> {
    backend: &'b mut BitMapBackend<'p>,
    size: (i32, i32),
}

impl Pixels<'_, '_> {
    fn blend(&mut self, x: i32, y: i32, colour: Colour, coverage: f64) {
        let alpha = colour.alpha * coverage.min(1.0);
        if alpha > 1.0 / 512.0 && x >= 0 && y >= 0 && x < self.size.0 && y < self.size.1 {
            let (r, g, b) = colour.rgb;
            // The only error of a bitmap's pixel is one outside it, which the line above excludes.
            let _ = self.backend.draw_pixel((x, y), RGBAColor(r, g, b, alpha).to_backend_color());
        }
    }

    fn shape(&mut self, shape: &Shape) {
        match shape {
            Shape::Line { points, width, colour } => {
                let pieces = stroke(&scaled(points), width * DENSITY);
                self.polygons(&pieces, *colour);
            }
            Shape::Area { points, colour } => self.polygons(&[scaled(points)], *colour),
            Shape::Rectangle { at, size, colour } => {
                let (x, y) = *at;
                let (w, h) = *size;
                self.polygons(&[scaled(&[(x, y), (x + w, y), (x + w, y + h), (x, y + h)])], *colour);
            }
            Shape::Dot { at, radius, colour } => {
                let centre = (at.0 * DENSITY, at.1 * DENSITY);
                self.polygons(&[circle(centre, radius * DENSITY, 32)], *colour);
            }
            Shape::Text(label) => self.text(label),
            Shape::Hint { .. } => {}
        }
    }

    /// Fills the union of polygons of like orientation.
    fn polygons(&mut self, polygons: &[Vec<Point>], colour: Colour) {
        let corners = polygons.iter().flatten();
        let (mut low, mut high) = ((f64::MAX, f64::MAX), (f64::MIN, f64::MIN));
        for corner in corners {
            low = (low.0.min(corner.0), low.1.min(corner.1));
            high = (high.0.max(corner.0), high.1.max(corner.1));
        }
        if !(low.0 <= high.0 && low.1 <= high.1) {
            return;
        }
        let origin = (low.0.floor() - 1.0, low.1.floor() - 1.0);
        let width = (high.0.ceil() - origin.0) as usize + 2;
        let height = (high.1.ceil() - origin.1) as usize + 2;
        let mut rasterizer = Rasterizer::new(width, height);
        let shifted = |p: Point| ab_glyph_rasterizer::point((p.0 - origin.0) as f32, (p.1 - origin.1) as f32);
        for polygon in polygons {
            for (index, corner) in polygon.iter().enumerate() {
                rasterizer.draw_line(shifted(*corner), shifted(polygon[(index + 1) % polygon.len()]));
            }
        }
        rasterizer.for_each_pixel_2d(|x, y, coverage| {
            self.blend(x as i32 + origin.0 as i32, y as i32 + origin.1 as i32, colour, f64::from(coverage));
        });
    }

    fn text(&mut self, label: &Label) {
        let Some(font) = font(label.weight) else { return };
        let em = label.size * DENSITY;
        let scale = scale(font, em);
        let scaled = font.as_scaled(scale);
        let width = text_width(&label.text, em, label.weight);
        let start = label.at.0 * DENSITY;
        let mut x = match label.anchor {
            Anchor::Start => start,
            Anchor::Middle => start - width / 2.0,
            Anchor::End => start - width,
        };
        for letter in label.text.chars() {
            let id = font.glyph_id(letter);
            let position = point(x as f32, (label.at.1 * DENSITY) as f32);
            if let Some(outline) = font.outline_glyph(Glyph { id, scale, position }) {
                let corner = outline.px_bounds().min;
                outline.draw(|dx, dy, coverage| {
                    self.blend(
                        corner.x as i32 + dx as i32,
                        corner.y as i32 + dy as i32,
                        label.colour,
                        f64::from(coverage),
                    );
                });
            }
            x += f64::from(scaled.h_advance(id));
        }
    }
}

/// The whole page, a pixel beyond each edge.
fn scaled_rectangle(size: (f64, f64)) -> Vec<Point> {
    let (w, h) = (size.0 * DENSITY + 1.0, size.1 * DENSITY + 1.0);
    vec![(-1.0, -1.0), (w, -1.0), (w, h), (-1.0, h)]
}

fn scaled(points: &[Point]) -> Vec<Point> {
    points.iter().map(|p| (p.0 * DENSITY, p.1 * DENSITY)).collect()
}

/// A line as polygons of like orientation: one along each stretch, one round each inner joint.
fn stroke(points: &[Point], width: f64) -> Vec<Vec<Point>> {
    let half = width / 2.0;
    let mut pieces = Vec::with_capacity(2 * points.len());
    for (index, pair) in points.windows(2).enumerate() {
        let (a, b) = (pair[0], pair[1]);
        let length = (b.0 - a.0).hypot(b.1 - a.1);
        if length == 0.0 {
            continue;
        }
        let (nx, ny) = (-(b.1 - a.1) / length * half, (b.0 - a.0) / length * half);
        pieces.push(vec![
            (a.0 - nx, a.1 - ny),
            (b.0 - nx, b.1 - ny),
            (b.0 + nx, b.1 + ny),
            (a.0 + nx, a.1 + ny),
        ]);
        if index > 0 {
            pieces.push(circle(a, half, 8));
        }
    }
    pieces
}

/// A circle, turning the same way as the pieces of [`stroke`].
fn circle(centre: Point, radius: f64, corners: usize) -> Vec<Point> {
    (0..corners)
        .map(|i| {
            let angle = std::f64::consts::TAU * i as f64 / corners as f64;
            (centre.0 + radius * angle.cos(), centre.1 + radius * angle.sin())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed_area(polygon: &[Point]) -> f64 {
        (0..polygon.len())
            .map(|i| {
                let (a, b) = (polygon[i], polygon[(i + 1) % polygon.len()]);
                a.0 * b.1 - b.0 * a.1
            })
            .sum::<f64>()
            / 2.0
    }

    #[test]
    fn pieces_of_a_stroke_turn_the_same_way_so_that_none_cancels_another() {
        let line = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (2.0, 3.0), (-5.0, 8.0)];
        assert!(stroke(&line, 3.0).iter().all(|piece| signed_area(piece) > 0.0));
    }
}
