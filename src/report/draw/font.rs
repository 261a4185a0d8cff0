//! The embedded typeface: Inter (The Inter Project Authors, SIL Open Font License 1.1; see `assets/fonts/OFL.txt`),
//! reduced to the letters and signs of a report. No font of the system is ever asked for.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, PxScale, ScaleFont};

/// Weights in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// 400.
    Regular,
    /// 600.
    SemiBold,
}

/// What the page and the figures call it, with what stands in where it is not installed.
pub const FAMILY: &str = "Inter, Helvetica, Arial, sans-serif";

/// For the page, regular.
pub const REGULAR_WOFF2: &[u8] = include_bytes!("../../../assets/fonts/Inter-Regular.woff2");
/// For the page, semibold.
pub const SEMIBOLD_WOFF2: &[u8] = include_bytes!("../../../assets/fonts/Inter-SemiBold.woff2");

static REGULAR: LazyLock<Option<FontRef<'static>>> =
    LazyLock::new(|| FontRef::try_from_slice(include_bytes!("../../../assets/fonts/Inter-Regular.otf")).ok());
static SEMIBOLD: LazyLock<Option<FontRef<'static>>> = LazyLock::new(|| {
    FontRef::try_from_slice(include_bytes!("../../../assets/fonts/Inter-SemiBold.otf")).ok()
});

/// The font of a weight; `None` only if the embedded file were broken, which a test excludes.
pub fn font(weight: Weight) -> Option<&'static FontRef<'static>> {
    match weight {
        Weight::Regular => REGULAR.as_ref(),
        Weight::SemiBold => SEMIBOLD.as_ref(),
    }
}

/// The scale at which the em has this size.
pub fn scale(font: &FontRef<'_>, em: f64) -> PxScale {
    let units = font.units_per_em().unwrap_or(1000.0);
    PxScale::from(em as f32 * font.height_unscaled() / units)
}

/// The width of a text.
pub fn text_width(text: &str, em: f64, weight: Weight) -> f64 {
    let Some(font) = font(weight) else { return 0.6 * em * text.chars().count() as f64 };
    let scaled = font.as_scaled(scale(font, em));
    text.chars().map(|letter| f64::from(scaled.h_advance(font.glyph_id(letter)))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_font_has_the_signs_of_a_report() {
        for weight in [Weight::Regular, Weight::SemiBold] {
            let font = font(weight).unwrap();
            for sign in "AZaz09µ≥≤−–×⁹²°·…αβηω±%→".chars() {
                assert_ne!(font.glyph_id(sign).0, 0, "{sign}");
            }
        }
    }

    #[test]
    fn widths_grow_with_size_and_weight() {
        let narrow = text_width("Neutrophils", 12.0, Weight::Regular);
        assert!((text_width("Neutrophils", 24.0, Weight::Regular) - 2.0 * narrow).abs() < 1e-3);
        assert!(text_width("Neutrophils", 12.0, Weight::SemiBold) > narrow);
        // Inter's lower-case letters are near half an em wide.
        assert!((55.0..80.0).contains(&narrow), "{narrow}");
    }
}
