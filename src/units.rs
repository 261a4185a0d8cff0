//! Units of measurement: dimensions, conversion factors, the parsing of unit names.
//!
//! Values inside the program are in one coherent system: day, milligram, litre (dm³), micromole, 1e9 cells.
//! A [`Unit`] knows its dimension and the factor that turns a value in that unit into the coherent one.
//! Nothing here survives to run time: units are checked at load and erased.

/// Exponents of the base dimensions, in twelfths so that roots stay exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Dimension {
    /// length, mass, time, amount of substance, cells (count), temperature, currency of nothing else
    exponents: [i16; 6],
}

/// A unit: its dimension and the factor to the coherent unit of that dimension.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unit {
    /// The dimension.
    pub dimension: Dimension,
    /// value in coherent units = value in this unit × factor
    pub factor: f64,
}

/// Why a unit text is not a unit.
#[derive(Debug, Clone, PartialEq)]
pub enum UnitError {
    /// A name that is no unit, with the byte range in the text and the nearest known name.
    Unknown {
        /// The name as written.
        name: String,
        /// Byte range within the unit text.
        range: std::ops::Range<usize>,
        /// Did you mean.
        suggestion: Option<String>,
    },
    /// The text is not of the form unit{/unit}{*unit}{^integer}.
    Malformed {
        /// What is wrong.
        reason: String,
        /// Byte range within the unit text.
        range: std::ops::Range<usize>,
    },
}

impl Dimension {
    /// No dimension.
    pub const NONE: Dimension = Dimension { exponents: [0; 6] };
    /// Time.
    pub fn time() -> Self {
        todo!()
    }
    /// Product.
    pub fn times(self, _other: Self) -> Self {
        todo!()
    }
    /// Quotient.
    pub fn over(self, _other: Self) -> Self {
        todo!()
    }
    /// Power by a constant; `None` when an exponent would not be a multiple of 1/12.
    pub fn power(self, _exponent: f64) -> Option<Self> {
        todo!()
    }
    /// Whether this is no dimension.
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }
}

impl std::fmt::Display for Dimension {
    /// Spelled in the field's words where there are any: "mass/volume", "1/time", "cells/volume", "no dimension".
    fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        todo!()
    }
}

/// Parses a unit such as `mg`, `L/h`, `ng/mL`, `mL/min`, `1/d`, `1e9/L`, `umol/1e9`, `kg/m^2`, `%`, `1`.
pub fn parse(_text: &str) -> Result<Unit, UnitError> {
    todo!()
}

/// A usual unit name of a dimension, for remedies ("write `5 mg`"): the coherent unit spelled out.
pub fn coherent_name(_dimension: Dimension) -> String {
    todo!()
}
