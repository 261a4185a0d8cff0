//! Figures: each is laid out once as a [`Scene`], from which the SVG and the PNG file are rendered alike.

mod bars;
mod calendar;
pub mod calibration;
mod cloud;
mod colour;
mod course;
mod curves;
mod font;
mod forest;
mod frame;
mod front;
mod heat_map;
mod incidence;
mod levels;
mod parallel;
mod patient;
mod periods;
mod png;
mod scale;
mod scene;
mod scoreboard;
mod screening;
mod shades;
mod shares;
mod survival;
mod svg;
mod tipping;
mod tornado;
mod waterfall;

pub use bars::{grades, responses};
pub use calendar::calendar;
pub use cloud::{Cloud, Mote, Ruler, clouds};
pub use course::course;
pub use curves::{Along, Curves, Station, curves};
pub use font::{REGULAR_WOFF2, SEMIBOLD_WOFF2};
pub use forest::forests;
pub use frame::{per_row, slug};
pub use front::{FrontView, front};
pub use heat_map::{HeatMap, MapCell, MapPanel, Side, heat_map, heat_maps};
pub use incidence::incidence;
pub use levels::levels;
pub use parallel::{Marks, Thread, Upright, parallel};
pub use patient::patient;
pub use periods::periods;
pub use png::write as write_png;
#[cfg(test)]
pub use scene::Label;
pub use scene::Scene;
pub use scoreboard::{Row as ScoreRow, Verdict as ScoreVerdict, scoreboard};
pub use screening::screening;
pub use shades::Shades;
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
