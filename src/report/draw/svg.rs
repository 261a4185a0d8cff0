//! A scene as SVG.

use std::fmt::Write;

use plotters::prelude::{DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, RGBAColor, ShapeStyle, TextStyle};

use super::colour::Colour;
use super::font::{FAMILY, Weight};
use super::scene::{Anchor, Label, Point, Scene, Shape};

/// The backend has whole coordinates: a point is drawn as this many, so that curves stay smooth.
const GRAIN: f64 = 10.0;
/// The backend divides font sizes by this.
const BACKEND_FONT_RATIO: f64 = 1.24;
/// The backend puts the baseline of a text anchored at the top this many em lower.
const BACKEND_TOP: f64 = 0.76;

fn grain(value: f64) -> i32 {
    (value * GRAIN).round() as i32
}

fn place((x, y): Point) -> (i32, i32) {
    (grain(x), grain(y))
}

fn rgba(colour: Colour) -> RGBAColor {
    RGBAColor(colour.rgb.0, colour.rgb.1, colour.rgb.2, colour.alpha)
}

/// The scene as one `<svg>` element, with its size, a title for screen readers, and an id of its own.
///
/// # Errors
/// The backend's message, should it refuse a shape.
pub fn svg(scene: &Scene) -> Result<String, String> {
    let mut body = String::new();
    {
        let size = (grain(scene.size.0).unsigned_abs(), grain(scene.size.1).unsigned_abs());
        let mut backend = SVGBackend::with_string(&mut body, size);
        for shape in &scene.shapes {
            draw(&mut backend, shape)?;
        }
        backend.present().map_err(|error| error.to_string())?;
    }
    // The backend's own root element knows neither title nor line joints: it is replaced.
    let inner =
        body.find("<svg").and_then(|start| body[start..].find('>').map(|end| &body[start + end + 1..]));
    let (width, height) = scene.size;
    let title = maud::html! { (scene.title) }.into_string();
    let inner = inner.map_or("", |inner| inner.trim()).trim_end_matches("</svg>");
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"figure-{name}\" role=\"img\" \
         aria-labelledby=\"figure-{name}-title\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {vw} {vh}\" \
         stroke-linejoin=\"round\" stroke-linecap=\"butt\">\n\
         <title id=\"figure-{name}-title\">{title}</title>\n{inner}{hints}</svg>\n",
        name = scene.name,
        vw = grain(width),
        vh = grain(height),
        hints = hints(scene),
    ))
}

/// Rectangles without colour over everything, each with its words: the backend knows none.
fn hints(scene: &Scene) -> String {
    let mut out = String::new();
    for shape in &scene.shapes {
        let Shape::Hint { at, size, text } = shape else { continue };
        let ((x, y), (width, height)) = (place(*at), place(*size));
        let words = maud::html! { title { (text) } }.into_string();
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill-opacity=\"0\">{words}</rect>"
        );
    }
    out
}

fn draw(backend: &mut SVGBackend, shape: &Shape) -> Result<(), String> {
    let drawn = match shape {
        Shape::Line { points, width, colour } => {
            let style = ShapeStyle::from(rgba(*colour)).stroke_width(grain(*width).max(1).unsigned_abs());
            backend.draw_path(points.iter().copied().map(place), &style)
        }
        Shape::Area { points, colour } => {
            backend.fill_polygon(points.iter().copied().map(place), &rgba(*colour))
        }
        Shape::Rectangle { at, size, colour } => {
            let corner = (at.0 + size.0, at.1 + size.1);
            backend.draw_rect(place(*at), place(corner), &rgba(*colour), true)
        }
        Shape::Dot { at, radius, colour } => {
            backend.draw_circle(place(*at), grain(*radius).unsigned_abs(), &rgba(*colour), true)
        }
        Shape::Text(label) => {
            let (x, y) = place(label.at);
            let drop = (BACKEND_TOP * label.size * GRAIN).round() as i32;
            backend.draw_text(&label.text, &text_style(label), (x, y - drop))
        }
        Shape::Hint { .. } => Ok(()),
    };
    drawn.map_err(|error| error.to_string())
}

fn text_style(label: &Label) -> TextStyle<'static> {
    let style = match label.weight {
        Weight::Regular => FontStyle::Normal,
        Weight::SemiBold => FontStyle::Bold,
    };
    let size = label.size * GRAIN * BACKEND_FONT_RATIO;
    let horizontal = match label.anchor {
        Anchor::Start => HPos::Left,
        Anchor::Middle => HPos::Center,
        Anchor::End => HPos::Right,
    };
    TextStyle {
        font: FontDesc::new(FontFamily::Name(FAMILY), size, style),
        color: rgba(label.colour).to_backend_color(),
        pos: Pos::new(horizontal, VPos::Top),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::draw::colour::INK;

    #[test]
    fn texts_of_the_user_cannot_leave_their_element() {
        let mut scene = Scene::new("x", "<script>alert(1)</script>", 100.0);
        scene.text((1.0, 50.0), "</text><script>\"&'", 12.0, INK, Anchor::Start);
        let svg = svg(&scene).unwrap();
        assert!(!svg.contains("<script"));
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
        assert_eq!(svg.matches("<svg").count(), 1);
    }
}
