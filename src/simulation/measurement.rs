//! Residual error: what the laboratory reports instead of the truth.
//!
//! What is measured below an output's limit of quantification is known only to be there. It is reported, and read by rules,
//! signals and endpoints, as half the limit (method M5 of Beal 2001, J Pharmacokinet Pharmacodyn 28:481): any comparison
//! with a threshold at or above the limit then comes out as it must, and a logarithm exists.
//!
//! Drawn anew for each output and visit, keyed by the visit's time in minutes and not by a counter: extra visits during a
//! hold differ between arms, and the same visit must have the same error in every arm.

use crate::math::elementary::exp;
use crate::math::random::{Identity, Stream};
use crate::model::Output;
use crate::program::Individual;

/// Minutes in a day.
const MINUTES: f64 = 1440.0;

/// Who is measured when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sampling {
    /// The scenario's seed.
    pub(super) seed: u64,
    /// Patient number.
    pub(super) patient: u64,
    /// Time of the visit, d.
    pub(super) time: f64,
    /// How often this patient was seen before within the same minute; a trial's visits are further apart.
    pub(super) again: u64,
}

impl Sampling {
    /// Names the occasion: the visit's time in minutes, with what is seen again in that minute 2⁴⁰ minutes (two million
    /// years) further on.
    fn occasion(&self) -> u64 {
        minute(self.time).wrapping_add(self.again << 40)
    }
}

/// The minute of a time, which may be before 0.
pub(super) fn minute(time: f64) -> u64 {
    (time * MINUTES).round() as i64 as u64
}

/// Writes half the limit of quantification in place of what was measured below it.
pub(super) fn quantify(outputs: &[Output], measured: &mut [f64]) {
    for (value, output) in measured.iter_mut().zip(outputs) {
        if let Some(limit) = output.limit_of_quantification().filter(|limit| *value < *limit) {
            *value = 0.5 * limit;
        }
    }
}

/// Writes the measured values of all outputs: (true·(1 + proportional·ε₁) + additive·ε₂)·exp(exponential·ε₃). Outputs
/// without residual error are reported true.
pub(super) fn measure(
    sampling: Sampling,
    outputs: &[Output],
    individual: &Individual,
    truth: &[f64],
    measured: &mut [f64],
) {
    measured.copy_from_slice(truth);
    for (number, output) in outputs.iter().enumerate().filter(|(_, output)| output.error.is_some()) {
        let purpose = format!("residual:{}", output.name);
        let Sampling { seed, patient, .. } = sampling;
        let occasion = sampling.occasion();
        let mut stream = Stream::new(Identity { seed, patient, purpose: &purpose, occasion });
        let [first, second, third] = std::array::from_fn(|_| stream.normal());
        let (proportional, additive, exponential) = individual.residual(number);
        let shifted = truth[number] * (1.0 + proportional * first) + additive * second;
        measured[number] = shifted * exp(exponential * third);
    }
}
