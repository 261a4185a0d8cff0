//! What an analysis gives: estimates by name.

use super::estimate::{Absent, Estimate, finite, quotient};
use super::parameter::PARAMETERS;

/// What a profile gives. Only parameters that make sense for the administration and occasion are there at all.
#[derive(Debug, Clone, PartialEq)]
pub struct Noncompartmental {
    /// Values by name, in the order of [`PARAMETERS`].
    pub estimates: Vec<(&'static str, Estimate)>,
    /// Partial areas, in the order of [`Settings::spans`].
    pub spans: Vec<Estimate>,
}

impl Noncompartmental {
    /// The estimate of this name; `None` where the analysis has no such parameter.
    pub fn get(&self, name: &str) -> Option<Estimate> {
        self.estimates.iter().find(|(known, _)| *known == name).map(|(_, estimate)| *estimate)
    }

    /// Adds or replaces estimates, and keeps the order.
    pub fn extend(&mut self, estimates: impl IntoIterator<Item = (&'static str, Estimate)>) {
        for (name, estimate) in estimates {
            self.estimates.retain(|(known, _)| *known != name);
            self.estimates.push((name, finite(estimate)));
        }
        self.estimates.sort_by_key(|(name, _)| PARAMETERS.iter().position(|known| known.name == *name));
    }
}

/// Accumulation ratios of a later profile over that of the first dose, for [`Noncompartmental::extend`] (CDISC codes
/// ARAUC, ARAUCD, ARCMAX, ARCMAXD).
pub fn accumulation(
    first: Option<&Noncompartmental>,
    later: &Noncompartmental,
) -> Vec<(&'static str, Estimate)> {
    let of = |result: Option<&Noncompartmental>, name| {
        result.ok_or(Absent::NoFirstDose)?.get(name).unwrap_or(Err(Absent::NoInterval))
    };
    [
        ("ARAUC", "AUC_TAU"),
        ("ARAUCD", "AUC_TAU_D"),
        ("ARCMAX", "CMAX"),
        ("ARCMAXD", "CMAX_D"),
        ("ARCTAU", "CTAU"),
    ]
    .map(|(name, of_what)| (name, quotient(of(Some(later), of_what), of(first, of_what))))
    .to_vec()
}
