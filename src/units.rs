//! Units of measurement: dimensions, conversion factors, the parsing of unit names.
//!
//! Values inside the program are in one coherent system: day, milligram, litre (dm³), micromole, 1e9 cells.
//! A [`Unit`] knows its dimension and the factor that turns a value in that unit into the coherent one.
//! Nothing here survives to run time: units are checked at load and erased.
//!
//! A unit text is `name{/name}{*name}` with whole powers (`m^2`), read from left to right without white space:
//! `mg/L/h` is mg/(L·h). `1` stands for no dimension (`1/d`), `1e9`, `1e6`, … for that many cells (`1e9/L`).

use std::fmt;
use std::ops::Range;

/// Exponents of the base dimensions, in twelfths so that roots stay exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Dimension {
    /// length, mass, time, amount of substance, cells (count)
    exponents: [i16; 5],
}

/// A unit: its dimension and the factor to the coherent unit of that dimension.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unit {
    /// The dimension.
    pub dimension: Dimension,
    /// value in coherent units = value in this unit × factor
    pub factor: f64,
}

/// Why a unit text is not a unit. `Display` says it in a sentence, [`UnitError::help`] what to write instead.
#[derive(Debug, Clone, PartialEq)]
pub enum UnitError {
    /// A name that is no unit, with the byte range in the text and the nearest known name.
    Unknown {
        /// The name as written.
        name: String,
        /// Byte range within the unit text.
        range: Range<usize>,
        /// Did you mean.
        suggestion: Option<String>,
    },
    /// The text is not of the form unit{/unit}{*unit}{^integer}.
    Malformed {
        /// What is wrong.
        reason: String,
        /// Byte range within the unit text.
        range: Range<usize>,
    },
}

const LENGTH: usize = 0;
const MASS: usize = 1;
const TIME: usize = 2;
const AMOUNT: usize = 3;
const CELLS: usize = 4;
const TWELFTHS: i16 = 12;

/// One named unit: name, exponents of (length, mass, time, amount, cells), factor as an exact fraction of the
/// coherent unit. Spelled-out forms stand behind the symbol that suggestions and tables prefer.
type Entry = (&'static str, [i16; 5], (u128, u128));

const NO_DIMENSION: [i16; 5] = [0; 5];
const LENGTHS: [i16; 5] = [1, 0, 0, 0, 0];
const VOLUMES: [i16; 5] = [3, 0, 0, 0, 0];
const MASSES: [i16; 5] = [0, 1, 0, 0, 0];
const TIMES: [i16; 5] = [0, 0, 1, 0, 0];
const AMOUNTS: [i16; 5] = [0, 0, 0, 1, 0];
const MOLARITIES: [i16; 5] = [-3, 0, 0, 1, 0];
const COUNTS: [i16; 5] = [0, 0, 0, 0, 1];

/// Every unit name. A year is 365.25 d, a month a twelfth of it; the pound is the international one, 453.59237 g.
const TABLE: &[Entry] = &[
    ("1", NO_DIMENSION, (1, 1)),
    ("%", NO_DIMENSION, (1, 100)),
    ("s", TIMES, (1, 86_400)),
    ("min", TIMES, (1, 1_440)),
    ("h", TIMES, (1, 24)),
    ("d", TIMES, (1, 1)),
    ("week", TIMES, (7, 1)),
    ("month", TIMES, (487, 16)),
    ("y", TIMES, (1461, 4)),
    ("second", TIMES, (1, 86_400)),
    ("seconds", TIMES, (1, 86_400)),
    ("minute", TIMES, (1, 1_440)),
    ("minutes", TIMES, (1, 1_440)),
    ("hour", TIMES, (1, 24)),
    ("hours", TIMES, (1, 24)),
    ("day", TIMES, (1, 1)),
    ("days", TIMES, (1, 1)),
    ("weeks", TIMES, (7, 1)),
    ("months", TIMES, (487, 16)),
    ("year", TIMES, (1461, 4)),
    ("years", TIMES, (1461, 4)),
    ("kg", MASSES, (1_000_000, 1)),
    ("g", MASSES, (1_000, 1)),
    ("mg", MASSES, (1, 1)),
    ("ug", MASSES, (1, 1_000)),
    ("ng", MASSES, (1, 1_000_000)),
    ("pg", MASSES, (1, 1_000_000_000)),
    ("lb", MASSES, (45_359_237, 100)),
    ("L", VOLUMES, (1, 1)),
    ("dL", VOLUMES, (1, 10)),
    ("mL", VOLUMES, (1, 1_000)),
    ("uL", VOLUMES, (1, 1_000_000)),
    ("nL", VOLUMES, (1, 1_000_000_000)),
    ("m", LENGTHS, (10, 1)),
    ("dm", LENGTHS, (1, 1)),
    ("cm", LENGTHS, (1, 10)),
    ("mm", LENGTHS, (1, 100)),
    ("um", LENGTHS, (1, 100_000)),
    ("mol", AMOUNTS, (1_000_000, 1)),
    ("mmol", AMOUNTS, (1_000, 1)),
    ("umol", AMOUNTS, (1, 1)),
    ("nmol", AMOUNTS, (1, 1_000)),
    ("pmol", AMOUNTS, (1, 1_000_000)),
    ("M", MOLARITIES, (1_000_000, 1)),
    ("mM", MOLARITIES, (1_000, 1)),
    ("uM", MOLARITIES, (1, 1)),
    ("nM", MOLARITIES, (1, 1_000)),
    ("pM", MOLARITIES, (1, 1_000_000)),
    ("cells", COUNTS, (1, 1_000_000_000)),
    ("cell", COUNTS, (1, 1_000_000_000)),
];

impl Dimension {
    /// No dimension.
    pub const NONE: Dimension = Dimension { exponents: [0; 5] };

    fn base(index: usize, exponent: i16) -> Self {
        let mut exponents = [0; 5];
        exponents[index] = exponent * TWELFTHS;
        Self { exponents }
    }
    /// Time.
    pub fn time() -> Self {
        Self::base(TIME, 1)
    }
    /// Mass.
    pub fn mass() -> Self {
        Self::base(MASS, 1)
    }
    /// Volume, length cubed.
    pub fn volume() -> Self {
        Self::base(LENGTH, 3)
    }
    /// Amount of substance.
    pub fn amount() -> Self {
        Self::base(AMOUNT, 1)
    }
    /// A count of cells.
    pub fn cells() -> Self {
        Self::base(CELLS, 1)
    }
    /// Product.
    pub fn times(self, other: Self) -> Self {
        Self { exponents: std::array::from_fn(|i| self.exponents[i].saturating_add(other.exponents[i])) }
    }
    /// Quotient.
    pub fn over(self, other: Self) -> Self {
        Self { exponents: std::array::from_fn(|i| self.exponents[i].saturating_sub(other.exponents[i])) }
    }
    /// Power by a constant; `None` when an exponent would not be a multiple of 1/12.
    pub fn power(self, exponent: f64) -> Option<Self> {
        if !exponent.is_finite() {
            return None;
        }
        let mut exponents = [0; 5];
        for (result, base) in exponents.iter_mut().zip(self.exponents) {
            let exact = f64::from(base) * exponent;
            let whole = exact.round();
            if (exact - whole).abs() > 1e-9 || whole.abs() > f64::from(i16::MAX) {
                return None;
            }
            // The bound above makes the conversion exact.
            *result = whole as i16;
        }
        Some(Self { exponents })
    }
    /// Whether this is no dimension.
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// Writes the dimension as a fraction with the given names for mass, amount, cells, volume, length and time.
    fn spelled(self, names: [&str; 6]) -> String {
        let [length, mass, time, amount, cells] = self.exponents;
        let (volume, length) = if length % 36 == 0 { (length / 3, 0) } else { (0, length) };
        let parts = [mass, amount, cells, volume, length, time];
        let (mut above, mut below) = (String::new(), String::new());
        for (name, exponent) in names.into_iter().zip(parts).filter(|(_, exponent)| *exponent != 0) {
            let power = f64::from(exponent.unsigned_abs()) / f64::from(TWELFTHS);
            let power = if power == 1.0 { String::new() } else { format!("^{power}") };
            if exponent < 0 {
                below.push_str(&format!("/{name}{power}"));
            } else {
                let product = if above.is_empty() { "" } else { "*" };
                above.push_str(&format!("{product}{name}{power}"));
            }
        }
        if above.is_empty() { format!("1{below}") } else { above + &below }
    }
}

impl fmt::Display for Dimension {
    /// Spelled in the field's words where there are any: "mass/volume", "1/time", "cells/volume", "no dimension".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_none() {
            return f.write_str("no dimension");
        }
        f.write_str(&self.spelled(["mass", "amount", "cells", "volume", "length", "time"]))
    }
}

impl Unit {
    /// No dimension, factor 1.
    pub const ONE: Unit = Unit { dimension: Dimension::NONE, factor: 1.0 };
}

impl UnitError {
    /// The byte range within the unit text.
    pub fn range(&self) -> Range<usize> {
        match self {
            Self::Unknown { range, .. } | Self::Malformed { range, .. } => range.clone(),
        }
    }
    /// What to write instead.
    pub fn help(&self) -> String {
        match self {
            Self::Unknown { suggestion: Some(name), .. } => format!("did you mean `{name}`?"),
            _ => "units look like `mg`, `L/h`, `ng/mL`, `1/d`, `1e9/L` (cells), `kg/m^2`, `%` or `1`; known names: \
                  s min h d week month y, kg g mg ug ng pg, L dL mL uL nL, m dm cm mm um, mol mmol umol nmol pmol, \
                  M mM uM nM pM, 1e9 (cells), cells, %"
                .to_string(),
        }
    }
}

impl fmt::Display for UnitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { name, .. } => write!(f, "`{name}` is not a unit"),
            Self::Malformed { reason, .. } => f.write_str(reason),
        }
    }
}

impl std::error::Error for UnitError {}

/// A factor as a reduced fraction, so that ng/mL comes out as exactly 1e-3 and L/h as exactly 24.
#[derive(Clone, Copy)]
struct Fraction(u128, u128);

impl Fraction {
    fn times(self, other: Fraction) -> Option<Fraction> {
        let (a, b) = (gcd(self.0, other.1), gcd(other.0, self.1));
        Some(Fraction((self.0 / a).checked_mul(other.0 / b)?, (self.1 / b).checked_mul(other.1 / a)?))
    }
    fn value(self) -> f64 {
        self.0 as f64 / self.1 as f64
    }
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a.max(1) } else { gcd(b, a % b) }
}

/// Parses a unit such as `mg`, `L/h`, `ng/mL`, `mL/min`, `1/d`, `1e9/L`, `umol/1e9`, `kg/m^2`, `%`, `1`.
/// The empty text is no dimension.
pub fn parse(text: &str) -> Result<Unit, UnitError> {
    if text.is_empty() {
        return Ok(Unit::ONE);
    }
    let (mut dimension, mut factor) = (Dimension::NONE, Fraction(1, 1));
    let (mut start, mut sign) = (0, 1);
    loop {
        let end = text[start..].find(['/', '*', '·']).map_or(text.len(), |found| start + found);
        let (exponents, mut scale, power) = parse_power(text, start..end)?;
        let power = power * sign;
        if power < 0 {
            scale = Fraction(scale.1, scale.0);
        }
        let exponents = exponents.map(|exponent| exponent * power * TWELFTHS);
        dimension = dimension.times(Dimension { exponents });
        for _ in 0..power.unsigned_abs() {
            factor = factor
                .times(scale)
                .ok_or_else(|| malformed("the powers in this unit are too large", 0..text.len()))?;
        }
        let Some(operator) = text[end..].chars().next() else {
            return Ok(Unit { dimension, factor: factor.value() });
        };
        sign = if operator == '/' { -1 } else { 1 };
        start = end + operator.len_utf8();
    }
}

/// Parses `name` or `name^integer` at `range`: exponents, factor, power.
fn parse_power(text: &str, range: Range<usize>) -> Result<([i16; 5], Fraction, i16), UnitError> {
    let part = &text[range.clone()];
    if part.is_empty() {
        return Err(malformed("a unit name is missing here", range));
    }
    if let Some(at) = part.find(char::is_whitespace) {
        let at = range.start + at;
        return Err(malformed("a unit is written without white space", at..at + 1));
    }
    if let Some(at) = part.find(['(', ')']) {
        let at = range.start + at;
        return Err(malformed("a unit is written without parentheses: `mg/L/h` is mg/(L*h)", at..at + 1));
    }
    let (name, power) = match part.split_once('^') {
        Some((name, power)) => {
            let place = range.start + name.len() + 1..range.end;
            match power.parse::<i16>() {
                Ok(power) if (-12..=12).contains(&power) => (name, power),
                _ => return Err(malformed("a power in a unit is a whole number from -12 to 12", place)),
            }
        }
        None => match part.strip_suffix('²') {
            Some(name) => (name, 2),
            None => part.strip_suffix('³').map_or((part, 1), |name| (name, 3)),
        },
    };
    let (exponents, factor) = lookup(name, range.start..range.start + name.len())?;
    Ok((exponents, factor, power))
}

fn lookup(name: &str, range: Range<usize>) -> Result<([i16; 5], Fraction), UnitError> {
    if let Some(exponent) = name.strip_prefix("1e") {
        return match exponent.parse::<u32>() {
            Ok(exponent) if exponent <= 18 => {
                let count = 10_u128.pow(exponent);
                let common = gcd(count, 1_000_000_000);
                Ok((COUNTS, Fraction(count / common, 1_000_000_000 / common)))
            }
            _ => Err(malformed("a count of cells is written `1e9`, `1e6` or `1e3`", range)),
        };
    }
    let plain = name.replace(['µ', 'μ'], "u");
    if let Some((_, exponents, (above, below))) = TABLE.iter().find(|(known, ..)| *known == plain) {
        return Ok((*exponents, Fraction(*above, *below)));
    }
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        let reason = format!(
            "`{name}` is a number, and the only numbers in a unit are `1` and counts of cells (`1e9`)"
        );
        return Err(malformed(reason, range));
    }
    Err(UnitError::Unknown { name: name.to_string(), range, suggestion: suggestion(&plain) })
}

/// The known name that differs only in case or in one letter of a longer word.
fn suggestion(name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let known =
        || TABLE.iter().map(|(known, ..)| *known).filter(|known| known.chars().all(char::is_alphabetic));
    let aliases = [
        ("mcg", "ug"),
        ("hr", "h"),
        ("hrs", "h"),
        ("sec", "s"),
        ("mins", "min"),
        ("wk", "week"),
        ("yr", "y"),
        ("yrs", "y"),
        ("mo", "month"),
        ("liter", "L"),
        ("litre", "L"),
        ("gram", "g"),
        ("grams", "g"),
        ("percent", "%"),
        ("mole", "mol"),
        ("moles", "mol"),
        ("cc", "mL"),
    ];
    aliases
        .iter()
        .find(|(alias, _)| *alias == lower)
        .map(|(_, unit)| *unit)
        .or_else(|| known().find(|known| known.to_lowercase() == lower))
        .or_else(|| {
            known().filter(|known| known.len() > 3).find(|known| strsim::osa_distance(known, &lower) <= 1)
        })
        .map(str::to_string)
}

fn malformed(reason: impl Into<String>, range: Range<usize>) -> UnitError {
    UnitError::Malformed { reason: reason.into(), range }
}

/// A usual unit name of a dimension, for remedies ("write `5 mg`"): the coherent unit spelled out.
pub fn coherent_name(dimension: Dimension) -> String {
    dimension.spelled(["mg", "umol", "1e9", "L", "dm", "d"])
}

/// The factor by which a value in `from` is multiplied to give the value in `to`; `None` where the dimensions differ.
pub fn conversion(from: Unit, to: Unit) -> Option<f64> {
    (from.dimension == to.dimension).then(|| from.factor / to.factor)
}

#[cfg(test)]
mod tests;
