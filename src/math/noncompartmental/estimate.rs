//! An estimate, or why there is none.

use std::fmt;

/// A value, or the reason for its absence.
pub type Estimate = Result<f64, Absent>;

/// Why a quantity cannot be estimated from a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Absent {
    /// Every concentration is zero.
    NoPositive,
    /// The regression for λz needs three.
    TooFewPoints,
    /// The logarithm of the concentration does not fall with time.
    NoFall,
    /// The dose is not known, or zero.
    NoDose,
    /// The dosing interval is not known.
    NoInterval,
    /// Earlier doses contribute to this profile, and it is not said to be at steady state.
    EarlierDoses,
    /// The asked time lies behind the last sample, and there is no λz to extrapolate with.
    BeyondSamples,
    /// The asked time lies before the dose or the span is empty.
    NoSpan,
    /// It would be divided by zero.
    Zero,
    /// The value is too large for a double.
    Overflow,
    /// No profile of the first dose to compare with.
    NoFirstDose,
}

impl fmt::Display for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoPositive => "no positive concentration",
            Self::TooFewPoints => "fewer than three positive concentrations in the terminal phase",
            Self::NoFall => "concentrations do not fall in the terminal phase",
            Self::NoDose => "no dose is known",
            Self::NoInterval => "no dosing interval is known",
            Self::EarlierDoses => "earlier doses contribute and steady state is not stated",
            Self::BeyondSamples => "samples end before, and there is no terminal slope",
            Self::NoSpan => "the span is empty or begins before the dose",
            Self::Zero => "divided by zero",
            Self::Overflow => "too large",
            Self::NoFirstDose => "no profile of the first dose",
        })
    }
}

/// `above/below`; absent where the quotient is none.
pub(super) fn ratio(above: f64, below: f64) -> Estimate {
    if below == 0.0 { Err(Absent::Zero) } else { Ok(above / below) }
}

/// The same for estimates.
pub(super) fn quotient(above: Estimate, below: Estimate) -> Estimate {
    ratio(above?, below?)
}

/// A value that is a finite number.
pub(super) fn finite(estimate: Estimate) -> Estimate {
    estimate.and_then(|value| if value.is_finite() { Ok(value) } else { Err(Absent::Overflow) })
}
