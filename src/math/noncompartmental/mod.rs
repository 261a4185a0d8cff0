//! Non-compartmental analysis: what a concentration profile says without a model of the body.
//!
//! A [`Profile`] is concentrations at times after one dose. [`analyse`] reads off it the peak, areas and first moments
//! by trapezoids ([`Curve`]), the terminal slope ([`Terminal`]) and what follows from them for the dose: clearance,
//! volumes, residence time, and over a dosing interval its average, fluctuation and accumulation. The conventions are
//! those of Phoenix WinNonlin (Gabrielsson and Weiner, *Pharmacokinetic and Pharmacodynamic Data Analysis*, 5th ed.,
//! 2016, section 2.8; Phoenix user's guide, NCA computation rules).
//!
//! Pure numbers: every result is in the units of what it was computed from ([`Quantity`]). Not for tables of patients
//! and not for units, which the caller knows. What cannot be estimated is [`Absent`] with its reason, never NaN.

mod analysis;
mod curve;
mod disposition;
mod estimate;
mod interval;
mod parameter;
mod profile;
mod reading;
mod result;
mod settings;
mod terminal;

pub use analysis::analyse;
pub use curve::{Curve, Point, Trapezoid, peak};
pub use estimate::{Absent, Estimate};
pub use parameter::{PARAMETERS, Parameter, Quantity, parameter};
pub use profile::{BelowLimit, Measured, Profile, ProfileError, Sample};
pub use result::{Noncompartmental, accumulation};
pub use settings::{Administration, Occasion, Settings};
pub use terminal::{Terminal, TerminalPoints, best_fit};

#[cfg(test)]
mod tests;
