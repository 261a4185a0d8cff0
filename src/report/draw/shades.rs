//! Colours of values: a scale from light to dark, or two that part at a middle, and its key.
//!
//! One hue by lightness for what has no middle; blue and red-brown, told apart by every kind of colour vision, where a value means the
//! opposite on the other side (a difference of 0, a ratio of 1).

use super::colour::{AXIS, Colour, INK, QUIET, WHITE, between};
use super::font::{Weight, text_width};
use super::frame::outline;
use super::scale::Scale;
use super::scene::{Anchor, SMALL, Scene, TEXT, fitted};

/// Light to dark blue, more range than [`super::colour::level`]: lightness falls evenly.
const RISING: [Colour; 5] = [
    Colour::hex(0xe0_eb_f6),
    Colour::hex(0xb3_d0_e8),
    Colour::hex(0x6a_a3_d0),
    Colour::hex(0x2f_6c_a8),
    Colour::hex(0x0b_2e_5c),
];
/// Below the middle, from it outwards.
const BELOW: [Colour; 3] = [Colour::hex(0xf7_f7_f5), Colour::hex(0xdb_92_5c), Colour::hex(0x8e_32_1a)];
/// Above the middle.
const ABOVE: [Colour; 3] = [Colour::hex(0xf7_f7_f5), Colour::hex(0x6a_a3_d0), Colour::hex(0x12_3a_6b)];
/// No value.
pub const NOTHING: Colour = Colour::hex(0xe9_e6_e1);

/// Stripes of the key.
const STRIPES: usize = 48;

/// A colour scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shades {
    low: f64,
    high: f64,
    middle: Option<f64>,
}

impl Shades {
    /// Over the finite ones of these values. With a middle both sides reach equally far.
    pub fn over(values: impl Iterator<Item = f64>, middle: Option<f64>) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter(|value| value.is_finite()) {
            (low, high) = (low.min(value), high.max(value));
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        if let Some(middle) = middle {
            let reach = (high - middle).abs().max((low - middle).abs());
            (low, high) = (middle - reach, middle + reach);
        }
        if low == high {
            (low, high) = (low - 0.5, high + 0.5);
        }
        Self { low, high, middle }
    }

    /// The lowest and the highest value.
    #[cfg(test)]
    pub fn ends(self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// The colour of a value; values beyond the ends have the colour of the end.
    pub fn at(self, value: f64) -> Colour {
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        if self.middle.is_none() {
            between(&RISING, share)
        } else if share < 0.5 {
            between(&BELOW, 1.0 - 2.0 * share)
        } else {
            between(&ABOVE, 2.0 * share - 1.0)
        }
    }

    /// Ink or paper, whichever reads better on the colour of a value.
    pub fn ink_on(self, value: f64) -> Colour {
        if luminance(self.at(value)) > 0.3 { INK } else { WHITE }
    }

    /// The key: a title, and below it a bar of this width with its ticks. Takes 46 points of height from `at`.
    pub fn key(self, scene: &mut Scene, at: (f64, f64), width: f64, title: &str) {
        const BAR: f64 = 9.0;
        let (x, y) = at;
        // Smaller rather than without its end, which is its unit.
        let size = if text_width(title, TEXT, Weight::SemiBold) > width { SMALL } else { TEXT };
        scene.strong((x, y + 12.0), fitted(title, width, size, Weight::SemiBold), size, INK, Anchor::Start);
        let bar = width.min(220.0);
        let top = y + 19.0;
        let stripe = bar / STRIPES as f64;
        for place in 0..STRIPES {
            let value = self.low + (place as f64 + 0.5) / STRIPES as f64 * (self.high - self.low);
            // A hair wider than its share, so that no paper shines through between two.
            let wide = if place + 1 < STRIPES { stripe + 0.4 } else { stripe };
            scene.rectangle((x + place as f64 * stripe, top), (wide, BAR), self.at(value));
        }
        outline(scene, (x, top), (bar, BAR));
        let scale = Scale::linear(self.low, self.high, x, x + bar);
        for (value, text) in scale.ticks(4) {
            let tick = scale.at(value);
            scene.segment((tick, top + BAR), (tick, top + BAR + 3.0), 0.8, AXIS);
            // A number at the left end stays on the paper.
            let middle = tick.max(0.5 * text_width(&text, SMALL, Weight::Regular) + 1.0);
            scene.text((middle, top + BAR + 4.0 + SMALL), text, SMALL, QUIET, Anchor::Middle);
        }
    }
}

/// Relative luminance of a colour (WCAG 2.2, definition "relative luminance").
fn luminance(colour: Colour) -> f64 {
    let part = |value: u8| {
        let share = f64::from(value) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    let (r, g, b) = colour.rgb;
    0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_have_the_ends_of_the_scale_and_beyond_them_nothing_changes() {
        let shades = Shades::over([3.0, f64::NAN, 8.0, 5.0, f64::INFINITY].into_iter(), None);
        assert_eq!(shades.ends(), (3.0, 8.0));
        assert_eq!(shades.at(3.0), RISING[0]);
        assert_eq!(shades.at(8.0), RISING[4]);
        assert_eq!(shades.at(5.5), RISING[2]);
        assert_eq!((shades.at(-9.0), shades.at(90.0)), (RISING[0], RISING[4]));
    }

    #[test]
    fn a_middle_lies_in_the_middle() {
        let shades = Shades::over([-1.0, 4.0].into_iter(), Some(0.0));
        assert_eq!(shades.ends(), (-4.0, 4.0));
        assert_eq!(shades.at(0.0), ABOVE[0]);
        assert_eq!((shades.at(-4.0), shades.at(4.0)), (BELOW[2], ABOVE[2]));
        assert_ne!(shades.at(-2.0), shades.at(2.0));
    }

    #[test]
    fn constant_and_absent_values_have_a_scale() {
        assert_eq!(Shades::over([2.0, 2.0].into_iter(), None).ends(), (1.5, 2.5));
        assert_eq!(Shades::over(std::iter::empty(), None).ends(), (0.0, 1.0));
    }

    /// Lightness falls from end to end, so that the scale survives grey print; text on it has at least 4.5 to 1 (WCAG 2.2, 1.4.3)
    /// but near the change from ink to paper, where 3 to 1 is what two colours can give.
    #[test]
    fn the_scale_falls_evenly_in_lightness_and_numbers_on_it_can_be_read() {
        for shades in
            [Shades::over([0.0, 1.0].into_iter(), None), Shades::over([0.0, 2.0].into_iter(), Some(1.0))]
        {
            let mut worst = f64::INFINITY;
            for step in 0..=100 {
                let (low, high) = shades.ends();
                let value = low + f64::from(step) / 100.0 * (high - low);
                let (paper, ink) = (luminance(shades.at(value)), luminance(shades.ink_on(value)));
                worst = worst.min((paper.max(ink) + 0.05) / (paper.min(ink) + 0.05));
            }
            assert!(worst > 3.0, "{worst}");
        }
        let shades = Shades::over([0.0, 1.0].into_iter(), None);
        let lightness: Vec<f64> = (0..=20).map(|step| luminance(shades.at(f64::from(step) / 20.0))).collect();
        assert!(lightness.windows(2).all(|pair| pair[1] < pair[0]), "{lightness:?}");
    }
}
