//! Figures: each is laid out once as a [`Scene`], from which the SVG and the PNG file are rendered alike.

mod bars;
mod calendar;
mod colour;
mod course;
mod font;
mod forest;
mod frame;
mod front;
mod incidence;
mod levels;
mod patient;
mod periods;
mod png;
mod scale;
mod scene;
mod screening;
mod shares;
mod survival;
mod svg;
mod tipping;
mod tornado;
mod waterfall;

pub use bars::{grades, responses};
pub use calendar::calendar;
pub use course::course;
pub use font::{REGULAR_WOFF2, SEMIBOLD_WOFF2};
pub use forest::forests;
pub use front::{FrontView, front};
pub use incidence::incidence;
pub use levels::levels;
pub use patient::patient;
pub use periods::periods;
pub use png::write as write_png;
#[cfg(test)]
pub use scene::Label;
pub use scene::Scene;
pub use screening::screening;
pub use shares::shares;
pub use survival::survival;
pub use svg::svg;
pub use tipping::tipping;
pub use tornado::tornado;
pub use waterfall::waterfall;

/// The colour of an arm as the page writes it: `#rrggbb`.
pub fn arm_colour(index: usize) -> String {
    let (r, g, b) = colour::arm(index).rgb;
    format!("#{r:02x}{g:02x}{b:02x}")
}
