//! A profile: concentrations at times after a dose, with those below the limit of quantification settled.

use std::fmt;

use super::curve::{Point, peak};

/// What a sample says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measured {
    /// A concentration.
    Value(f64),
    /// Below the limit of quantification.
    BelowLimit,
}

/// One sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Time after the dose.
    pub time: f64,
    /// What was measured.
    pub measured: Measured,
}

/// What samples below the limit of quantification count as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BelowLimit {
    /// Zero before the peak, left out between the peak and the last quantified sample, zero behind that one.
    #[default]
    ZeroOutside,
    /// Zero everywhere.
    Zero,
    /// Left out everywhere.
    Omit,
}

/// Concentrations at rising times after a dose; at least one, none negative.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    points: Vec<Point>,
}

/// Why samples are no profile; the index is that of the sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProfileError {
    /// No sample at or after the dose.
    Empty,
    /// A time or concentration is no finite number.
    NotFinite(usize),
    /// A concentration is negative.
    Negative(usize),
    /// A time is not later than the one before it.
    NotLater(usize),
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("no sample at or after the dose"),
            Self::NotFinite(index) => write!(f, "sample {index} is no finite number"),
            Self::Negative(index) => write!(f, "sample {index} has a negative concentration"),
            Self::NotLater(index) => write!(f, "sample {index} is not later than the one before it"),
        }
    }
}

impl std::error::Error for ProfileError {}

impl Profile {
    /// Settles samples in time order. Those before the dose (negative times) are left out.
    ///
    /// # Errors
    /// [`ProfileError`].
    pub fn new(samples: &[Sample], below: BelowLimit) -> Result<Self, ProfileError> {
        let mut previous = f64::NEG_INFINITY;
        for (index, sample) in samples.iter().enumerate() {
            match sample.measured {
                _ if !sample.time.is_finite() => return Err(ProfileError::NotFinite(index)),
                Measured::Value(value) if !value.is_finite() => return Err(ProfileError::NotFinite(index)),
                Measured::Value(value) if value < 0.0 => return Err(ProfileError::Negative(index)),
                _ if sample.time <= previous => return Err(ProfileError::NotLater(index)),
                _ => previous = sample.time,
            }
        }
        let after: Vec<Sample> = samples.iter().copied().filter(|sample| sample.time >= 0.0).collect();
        let points = settled(&after, below);
        if points.is_empty() { Err(ProfileError::Empty) } else { Ok(Self { points }) }
    }

    /// (time, concentration) in time order.
    pub fn points(&self) -> &[Point] {
        &self.points
    }
}

fn settled(samples: &[Sample], below: BelowLimit) -> Vec<Point> {
    let as_zero: Vec<Point> = samples
        .iter()
        .map(|sample| match sample.measured {
            Measured::Value(value) => (sample.time, value),
            Measured::BelowLimit => (sample.time, 0.0),
        })
        .collect();
    let top = peak(&as_zero);
    let last = as_zero.iter().rposition(|point| point.1 > 0.0).unwrap_or(0);
    let kept = |index: usize| match below {
        BelowLimit::Zero => true,
        BelowLimit::Omit => false,
        BelowLimit::ZeroOutside => index < top || index >= last,
    };
    let quantified = |index: usize| samples[index].measured != Measured::BelowLimit;
    (0..as_zero.len()).filter(|&index| quantified(index) || kept(index)).map(|index| as_zero[index]).collect()
}
