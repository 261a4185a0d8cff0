//! The hazard ratio of two groups: Cox regression on one binary covariate, reduced to counts.
//!
//! The same numbers as [`cox`](super::cox()) gives, at the cost of one sort; a trial asks for it once for each endpoint and arm.

use super::cox::CoxError;
use super::follow_up::Observed;
use crate::math::statistics::{Interval, normal_deviate};

/// Result of a Cox regression on one binary covariate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HazardRatio {
    /// exp(β) with Wald limits.
    pub ratio: Interval,
    /// β.
    pub coefficient: f64,
    /// Standard error of β.
    pub standard_error: f64,
}

/// Hazard ratio of group b against group a by Cox regression, ties by Efron (1977), Newton-Raphson.
/// An error when it does not exist: no events, or all in one group while the other was at risk (monotone likelihood).
pub fn hazard_ratio(a: &[Observed], b: &[Observed], level: f64) -> Result<HazardRatio, CoxError> {
    let likelihood = PartialLikelihood::new(a, b);
    let coefficient = likelihood.maximum()?;
    let (_, information) = likelihood.score_and_information(coefficient);
    let standard_error = information.sqrt().recip();
    let half_width = normal_deviate(level) * standard_error;
    let [estimate, lower, upper] = [0.0, -half_width, half_width].map(|shift| (coefficient + shift).exp());
    Ok(HazardRatio { ratio: Interval { estimate, lower, upper }, coefficient, standard_error })
}

/// Cox's partial likelihood of one binary covariate, reduced to sums: one factor per event, in which the covariate's
/// share of the risk is `in_b`·e^β / (`in_a` + `in_b`·e^β).
struct PartialLikelihood {
    /// (in_a, in_b) of each event. Efron: the l-th of d tied events sees the tied ones leave in fractions l/d.
    factors: Vec<(f64, f64)>,
    /// Events in group b.
    events_in_b: usize,
}

impl PartialLikelihood {
    fn new(a: &[Observed], b: &[Observed]) -> Self {
        let mut all: Vec<(Observed, usize)> =
            a.iter().map(|observed| (*observed, 0)).chain(b.iter().map(|observed| (*observed, 1))).collect();
        all.sort_by(|(a, _), (b, _)| a.time.total_cmp(&b.time));
        let mut at_risk = [a.len(), b.len()];
        let mut likelihood = PartialLikelihood { factors: vec![], events_in_b: 0 };
        for tied in all.chunk_by(|(a, _), (b, _)| a.time == b.time) {
            let mut events = [0; 2];
            for (_, group) in tied.iter().filter(|(observed, _)| observed.event) {
                events[*group] += 1;
            }
            let all_events = events[0] + events[1];
            for earlier in 0..all_events {
                let gone = earlier as f64 / all_events as f64;
                let [in_a, in_b] = [0, 1].map(|group| at_risk[group] as f64 - gone * events[group] as f64);
                likelihood.factors.push((in_a, in_b));
            }
            likelihood.events_in_b += events[1];
            for (_, group) in tied {
                at_risk[*group] -= 1;
            }
        }
        likelihood
    }

    /// First derivative of the logarithm, and minus the second.
    fn score_and_information(&self, coefficient: f64) -> (f64, f64) {
        let ratio = coefficient.exp();
        let (mut score, mut information) = (self.events_in_b as f64, 0.0);
        for (in_a, in_b) in &self.factors {
            let share = in_b * ratio / (in_a + in_b * ratio);
            score -= share;
            information += share * (1.0 - share);
        }
        (score, information)
    }

    /// The maximum, if there is one: the score falls all the way from its limit at −∞, which must be positive, to its
    /// limit at ∞, which must be negative.
    fn maximum(&self) -> Result<f64, CoxError> {
        if self.factors.is_empty() {
            return Err(CoxError::NoEvents);
        }
        let only_in_b = self.factors.iter().filter(|(in_a, _)| *in_a <= 0.0).count();
        let any_in_b = self.factors.iter().filter(|(_, in_b)| *in_b > 0.0).count();
        if self.events_in_b <= only_in_b || self.events_in_b >= any_in_b {
            return Err(CoxError::Monotone(0));
        }
        // Newton-Raphson within the bracket that the sign of the score gives.
        let (mut below, mut above) = (f64::NEG_INFINITY, f64::INFINITY);
        let mut coefficient = 0.0;
        for _ in 0..200 {
            let (score, information) = self.score_and_information(coefficient);
            *(if score > 0.0 { &mut below } else { &mut above }) = coefficient;
            let mut next = coefficient + (score / information).clamp(-2.0, 2.0);
            if !(below < next && next < above) {
                next = 0.5 * (below.max(coefficient - 2.0) + above.min(coefficient + 2.0));
            }
            if (next - coefficient).abs() <= 1e-14 * (1.0 + next.abs()) {
                return Ok(next);
            }
            coefficient = next;
        }
        Ok(coefficient)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observed(list: &[(f64, bool)]) -> Vec<Observed> {
        list.iter().map(|(time, event)| Observed { time: *time, event: *event }).collect()
    }

    #[test]
    fn no_hazard_ratio_for_a_monotone_likelihood() {
        let events = observed(&[(1.0, true), (2.0, true), (5.0, true)]);
        let none = observed(&[(6.0, false), (6.0, false)]);
        assert_eq!(hazard_ratio(&none, &none, 0.95), Err(CoxError::NoEvents));
        assert_eq!(hazard_ratio(&events, &none, 0.95), Err(CoxError::Monotone(0)));
        assert_eq!(hazard_ratio(&none, &events, 0.95), Err(CoxError::Monotone(0)));
        // Everyone in a fails before anyone in b: also monotone.
        let late = observed(&[(7.0, true), (8.0, true)]);
        assert_eq!(hazard_ratio(&events, &late, 0.95), Err(CoxError::Monotone(0)));
        assert_eq!(hazard_ratio(&[], &[], 0.95), Err(CoxError::NoEvents));
    }

    #[test]
    fn hazard_ratio_inverts_when_the_groups_are_swapped() {
        let a = observed(&[(1.0, true), (2.0, false), (4.0, true), (4.0, true), (9.0, false)]);
        let b = observed(&[(2.0, true), (4.0, true), (7.0, true), (8.0, true), (9.0, true)]);
        let (there, back) = (hazard_ratio(&a, &b, 0.95).unwrap(), hazard_ratio(&b, &a, 0.95).unwrap());
        assert!((there.coefficient + back.coefficient).abs() < 1e-12);
        assert!((there.ratio.lower * back.ratio.upper - 1.0).abs() < 1e-12);
        // Same times in both groups: ratio 1.
        assert!(hazard_ratio(&a, &a, 0.95).unwrap().coefficient.abs() < 1e-12);
    }

    /// Two groups without ties, three subjects: the partial likelihood can be maximised by hand. Order a, b, a:
    /// L = 1/(2 + r) · r/(1 + r), greatest at r = √2.
    #[test]
    fn hazard_ratio_of_three_subjects_in_closed_form() {
        let a = observed(&[(1.0, true), (3.0, true)]);
        let b = observed(&[(2.0, true)]);
        let result = hazard_ratio(&a, &b, 0.95).unwrap();
        assert!((result.ratio.estimate - 2.0_f64.sqrt()).abs() < 1e-12);
    }
}
