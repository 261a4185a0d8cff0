//! Colours: few, muted, told apart by eyes of every kind and in grey print.
//!
//! Arms take hues of clearly different lightness (after Okabe and Ito 2008, darkened for thin lines on white); ordered
//! things (dose levels, grades) take one hue from light to dark.

/// An opaque or see-through colour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Colour {
    /// Red, green, blue.
    pub rgb: (u8, u8, u8),
    /// 1 is opaque.
    pub alpha: f64,
}

/// Text and strong lines.
pub const INK: Colour = Colour::hex(0x1b_24_30);
/// Secondary text: ticks, captions inside figures.
pub const QUIET: Colour = Colour::hex(0x5a_65_73);
/// Axis lines.
pub const AXIS: Colour = Colour::hex(0x8a_94_a1);
/// Grid lines.
pub const GRID: Colour = Colour::hex(0xe4_e7_eb);
/// Paper.
pub const WHITE: Colour = Colour::hex(0xff_ff_ff);
/// Days without a dose by plan.
pub const OFF: Colour = Colour::hex(0xf1_f3_f5);
/// Held.
pub const HELD: Colour = Colour::hex(0xe6_a1_5c);
/// Treatment stopped.
pub const STOPPED: Colour = Colour::hex(0xc9_ce_d6);

const ARMS: [Colour; 8] = [
    Colour::hex(0x1d_4e_89),
    Colour::hex(0xd0_5a_2e),
    Colour::hex(0x1f_8a_70),
    Colour::hex(0x8b_5a_9f),
    Colour::hex(0xb8_86_0b),
    Colour::hex(0x4a_9c_c9),
    Colour::hex(0x6b_3a_2e),
    Colour::hex(0x70_7a_87),
];

impl Colour {
    /// From `0xRRGGBB`.
    pub const fn hex(value: u32) -> Self {
        Self { rgb: ((value >> 16) as u8, (value >> 8) as u8, value as u8), alpha: 1.0 }
    }
    /// The same, see-through.
    pub fn veil(self, alpha: f64) -> Self {
        Self { alpha, ..self }
    }
    /// Opaque, moved towards white: 0 is this colour, 1 is white.
    pub fn lighter(self, amount: f64) -> Self {
        self.towards(WHITE, amount)
    }
    /// Opaque, moved towards another colour.
    pub fn towards(self, other: Self, amount: f64) -> Self {
        let part = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * amount).round() as u8;
        let rgb =
            (part(self.rgb.0, other.rgb.0), part(self.rgb.1, other.rgb.1), part(self.rgb.2, other.rgb.2));
        Self { rgb, alpha: 1.0 }
    }
}

/// The colour of an arm.
pub fn arm(index: usize) -> Colour {
    ARMS[index % ARMS.len()]
}

/// One of `n` ordered levels, light to dark blue.
pub fn level(index: usize, n: usize) -> Colour {
    const STOPS: [Colour; 4] =
        [Colour::hex(0xd3_e3_f1), Colour::hex(0x8f_bb_dc), Colour::hex(0x3f_7f_b8), Colour::hex(0x12_3a_6b)];
    let position = if n <= 1 { 0.7 } else { index as f64 / (n - 1) as f64 };
    between(&STOPS, position)
}

/// A grade 1 to 4, light to dark red-brown.
pub fn grade(grade: u8) -> Colour {
    match grade {
        0 => OFF,
        1 => Colour::hex(0xf7_e6_d4),
        2 => Colour::hex(0xee_c3_9a),
        3 => Colour::hex(0xd4_7a_3f),
        _ => Colour::hex(0x8e_32_1a),
    }
}

/// A response by its label: complete, partial, stable, progressive, unknown.
pub fn response(label: &str) -> Colour {
    match label {
        "CR" => Colour::hex(0x12_3a_6b),
        "CRi" => Colour::hex(0x2f_69_a3),
        "PR" => Colour::hex(0x7f_b0_d6),
        "PR-L" => Colour::hex(0xb5_d3_e8),
        "SD" => Colour::hex(0xd5_d9_df),
        "PD" => Colour::hex(0xd0_6a_3c),
        _ => OFF,
    }
}

/// The colour at a place, 0 … 1, between stops.
pub fn between(stops: &[Colour], position: f64) -> Colour {
    let place = position.clamp(0.0, 1.0) * (stops.len() - 1) as f64;
    let low = (place.floor() as usize).min(stops.len() - 2);
    stops[low].towards(stops[low + 1], place - low as f64)
}
