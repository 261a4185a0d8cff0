//! The options of `regimen nca` as typed, each checked by itself.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use crate::math::noncompartmental::{BelowLimit, Trapezoid};

/// How doses were given, where the table does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Route {
    /// Into the blood at once
    Bolus,
    /// Into the blood over a time
    Infusion,
    /// By mouth, under the skin and others
    Extravascular,
}

/// Trapezoids, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TrapezoidName {
    /// Lines
    Linear,
    /// Lines while it rises, exponentials while it falls
    LinearUpLogDown,
    /// Lines to the peak, exponentials behind it
    LinearLog,
}

/// Samples below the limit of quantification, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BelowLimitName {
    /// Zero before the peak and behind the last quantified sample, left out between
    ZeroOutside,
    /// Zero everywhere
    Zero,
    /// Left out everywhere
    Omit,
}

/// Options of an analysis.
#[derive(Debug, Args)]
pub struct NcaOptions {
    /// Column of concentrations [default: DV, else CONC]
    #[arg(long, value_name = "COLUMN")]
    pub concentration: Option<String>,
    /// Column of subjects
    #[arg(long, value_name = "COLUMN", default_value = "ID")]
    pub id: String,
    /// Column of times
    #[arg(long, value_name = "COLUMN", default_value = "TIME")]
    pub time: String,
    /// Columns that tell profiles of one subject apart: period, analyte, replicate, …
    #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
    pub by: Vec<String>,
    /// Another table that holds the doses, such as the records of a simulation
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["dose", "no_dose"])]
    pub doses: Option<PathBuf>,
    /// Amount of the one dose of every profile, where no table holds doses
    #[arg(long, value_name = "AMOUNT", value_parser = positive, allow_negative_numbers = true)]
    pub dose: Option<f64>,
    /// Time of that dose
    #[arg(long, value_name = "TIME", value_parser = finite, default_value_t = 0.0, allow_negative_numbers = true)]
    pub dose_time: f64,
    /// Doses are not known: exposure only, no clearance and volume
    #[arg(long, conflicts_with = "dose")]
    pub no_dose: bool,
    /// Route [default: infusion where RATE is above 0, else extravascular]
    #[arg(long, value_name = "ROUTE")]
    pub route: Option<Route>,
    /// Duration of infusions without a RATE
    #[arg(long, value_name = "TIME", value_parser = positive, allow_negative_numbers = true)]
    pub infusion_duration: Option<f64>,
    /// Dosing interval [default: II, else the time to the next dose]
    #[arg(long, value_name = "TIME", value_parser = positive, allow_negative_numbers = true)]
    pub tau: Option<f64>,
    /// Doses at this time and later are at steady state (those with SS = 1 are anyway)
    #[arg(long, value_name = "TIME", value_parser = finite, allow_negative_numbers = true)]
    pub steady_state_from: Option<f64>,
    /// Trapezoids of areas
    #[arg(long, value_name = "RULE", default_value = "linear-up-log-down")]
    pub trapezoid: TrapezoidName,
    /// Times after the dose between which λz is estimated [default: best fit]
    #[arg(long, value_name = "FROM:TO", value_parser = span)]
    pub lambda_z: Option<(f64, f64)>,
    /// Partial area between two times after the dose (may be repeated)
    #[arg(long, value_name = "FROM:TO", value_parser = span)]
    pub partial: Vec<(f64, f64)>,
    /// Limit of quantification, where no column LLOQ says it
    #[arg(long, value_name = "CONCENTRATION", value_parser = positive, allow_negative_numbers = true)]
    pub lloq: Option<f64>,
    /// What samples below the limit count as
    #[arg(long, value_name = "RULE", default_value = "zero-outside")]
    pub below_limit: BelowLimitName,
    /// Unit of times, such as h
    #[arg(long, value_name = "UNIT")]
    pub time_unit: Option<String>,
    /// Unit of concentrations, such as ng/mL
    #[arg(long, value_name = "UNIT")]
    pub concentration_unit: Option<String>,
    /// Unit of doses, such as mg or mg/kg
    #[arg(long, value_name = "UNIT")]
    pub dose_unit: Option<String>,
    /// Unit of volumes [default: L; clearance is in this per time unit]
    #[arg(long, value_name = "UNIT", requires_all = ["dose_unit", "concentration_unit"])]
    pub volume_unit: Option<String>,
    /// One line per parameter, with its unit and, where it is missing, the reason
    #[arg(long)]
    pub long: bool,
    /// Write a CSV with every parameter instead of printing the main ones [exists: replaced]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
}

impl From<TrapezoidName> for Trapezoid {
    fn from(name: TrapezoidName) -> Self {
        match name {
            TrapezoidName::Linear => Self::Linear,
            TrapezoidName::LinearUpLogDown => Self::LinearUpLogDown,
            TrapezoidName::LinearLog => Self::LinearToPeakThenLog,
        }
    }
}

impl From<BelowLimitName> for BelowLimit {
    fn from(name: BelowLimitName) -> Self {
        match name {
            BelowLimitName::ZeroOutside => Self::ZeroOutside,
            BelowLimitName::Zero => Self::Zero,
            BelowLimitName::Omit => Self::Omit,
        }
    }
}

fn finite(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if value.is_finite() { Ok(value) } else { Err("not a finite number".to_owned()) }
}

fn positive(text: &str) -> Result<f64, String> {
    finite(text).and_then(|value| if value > 0.0 { Ok(value) } else { Err("must be above 0".to_owned()) })
}

/// Two times after the dose, the second later.
fn span(text: &str) -> Result<(f64, f64), String> {
    let (from, to) = text.split_once(':').ok_or("write FROM:TO, for example 0:24")?;
    match (finite(from.trim())?, finite(to.trim())?) {
        (from, to) if 0.0 <= from && from < to => Ok((from, to)),
        _ => Err("times after the dose, the second later than the first, for example 0:24".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_or_refused() {
        assert_eq!(span("0:24"), Ok((0.0, 24.0)));
        assert_eq!(span(" 1e-1 : 2.5"), Ok((0.1, 2.5)));
        for text in ["", "8", "8-24", "24:8", "8:8", "-1:4", "a:b", "0:inf", "nan:3"] {
            assert!(span(text).is_err(), "{text}");
        }
    }
}
