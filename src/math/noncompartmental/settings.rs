//! What is known beside the concentrations, and how the analysis is to be done.

use super::curve::Trapezoid;
use super::terminal::TerminalPoints;

/// How the dose was given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Administration {
    /// Into the blood at once.
    Bolus,
    /// Into the blood at a constant rate over this time.
    Infusion(f64),
    /// By mouth, under the skin, …: what reaches the blood is not known, and clearance and volumes are over F.
    Extravascular,
}

/// Which dose the profile follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Occasion {
    /// The first one, or the only one: nothing of an earlier dose is in the body.
    #[default]
    First,
    /// One of many, with the body at steady state.
    SteadyState,
    /// A later one that is not said to be at steady state: no clearance, volume or residence time.
    Later,
}

/// What is known beside the concentrations, and how it is to be computed.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Administration.
    pub administration: Administration,
    /// Amount given; `None` where it is not known.
    pub dose: Option<f64>,
    /// Which dose.
    pub occasion: Occasion,
    /// Dosing interval.
    pub tau: Option<f64>,
    /// Trapezoids.
    pub trapezoid: Trapezoid,
    /// Points of the terminal phase.
    pub terminal: TerminalPoints,
    /// Spans of partial areas, times after the dose.
    pub spans: Vec<(f64, f64)>,
}
