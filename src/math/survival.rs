//! Time-to-event statistics: Kaplan-Meier, Cox.
//!
//! Conventions are those of R's package survival, so that a pharmacologist who repeats the analysis there finds the same
//! numbers: who is censored at an event time still counts as at risk then; where the survival is 0 it has neither
//! standard error nor limits. Knows nothing of what the events are.

use super::statistics::{Interval, normal_deviate};

/// One observation: time, and whether the event happened then (else censored).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observed {
    /// Time.
    pub time: f64,
    /// Event or censored.
    pub event: bool,
}

/// A Kaplan-Meier curve: steps at distinct event times.
#[derive(Debug, Clone, PartialEq)]
pub struct KaplanMeier {
    /// Distinct times with at least one event.
    pub times: Vec<f64>,
    /// At risk just before.
    pub at_risk: Vec<usize>,
    /// Events.
    pub events: Vec<usize>,
    /// Survival just after.
    pub survival: Vec<f64>,
    /// Standard error (Greenwood) of the survival; NaN where the survival is 0.
    pub standard_error: Vec<f64>,
    /// Lower log-log limit; NaN where the survival is 0.
    pub lower: Vec<f64>,
    /// Upper log-log limit; NaN where the survival is 0.
    pub upper: Vec<f64>,
    /// Last time at which anyone was observed; −∞ for an empty sample.
    pub last: f64,
}

/// Kaplan-Meier estimate with Greenwood variance and log-log limits at `level` (Kalbfleisch and Prentice 1980):
/// exp(−exp(log(−log S) ± z·se/log S)), se² = Σ d/(n(n − d)).
pub fn kaplan_meier(observed: &[Observed], level: f64) -> KaplanMeier {
    let z = normal_deviate(level);
    let mut sorted = observed.to_vec();
    sorted.sort_by(|a, b| a.time.total_cmp(&b.time));
    let mut curve = KaplanMeier {
        times: vec![],
        at_risk: vec![],
        events: vec![],
        survival: vec![],
        standard_error: vec![],
        lower: vec![],
        upper: vec![],
        last: sorted.last().map_or(f64::NEG_INFINITY, |last| last.time),
    };
    let mut at_risk = sorted.len();
    let (mut survival, mut variance) = (1.0, 0.0);
    for tied in sorted.chunk_by(|a, b| a.time == b.time) {
        let events = tied.iter().filter(|observed| observed.event).count();
        if events > 0 {
            let (n, d) = (at_risk as f64, events as f64);
            // Once the survival is 0 the variance of its logarithm is infinite, and the limits become NaN.
            survival *= (n - d) / n;
            variance += d / (n * (n - d));
            let log_error = variance.sqrt();
            let limit = |sign: f64| {
                let log_survival: f64 = survival.ln();
                (-((-log_survival).ln() + sign * z * log_error / log_survival).exp()).exp()
            };
            let estimable = survival > 0.0;
            curve.times.push(tied[0].time);
            curve.at_risk.push(at_risk);
            curve.events.push(events);
            curve.survival.push(survival);
            curve.standard_error.push(if estimable { survival * log_error } else { f64::NAN });
            curve.lower.push(if estimable { limit(-1.0) } else { f64::NAN });
            curve.upper.push(if estimable { limit(1.0) } else { f64::NAN });
        }
        at_risk -= tied.len();
    }
    curve
}

impl KaplanMeier {
    /// Survival at a time with its limits and standard error; (1, 1, 1, 0) before the first event. Where the survival is
    /// 0, limits and standard error are NaN.
    pub fn at(&self, time: f64) -> (Interval, f64) {
        match self.times.partition_point(|event| *event <= time).checked_sub(1) {
            None => (Interval { estimate: 1.0, lower: 1.0, upper: 1.0 }, 0.0),
            Some(step) => {
                let (estimate, lower, upper) = (self.survival[step], self.lower[step], self.upper[step]);
                (Interval { estimate, lower, upper }, self.standard_error[step])
            }
        }
    }

    /// Smallest time with survival ≤ 1 − p, or the middle of the interval over which the survival equals 1 − p; limits
    /// by the same rule on the pointwise limits (Brookmeyer and Crowley 1982). Infinite where not reached.
    pub fn quantile(&self, p: f64) -> Interval {
        Interval {
            estimate: self.first_below(&self.survival, 1.0 - p),
            lower: self.first_below(&self.lower, 1.0 - p),
            upper: self.first_below(&self.upper, 1.0 - p),
        }
    }

    /// Where a falling step curve reaches `target`; NaN never does.
    fn first_below(&self, curve: &[f64], target: f64) -> f64 {
        // Survival is a product of fractions: equal means equal but for rounding (R uses the same tolerance).
        let equal = |value: f64| (value - target).abs() < f64::EPSILON.sqrt();
        match curve.iter().position(|value| *value <= target || equal(*value)) {
            None => f64::INFINITY,
            Some(step) if equal(curve[step]) => {
                let end = curve[step..].iter().position(|value| !equal(*value));
                0.5 * (self.times[step] + end.map_or(self.last, |end| self.times[step + end]))
            }
            Some(step) => self.times[step],
        }
    }
}

/// Number still at risk (time ≥ t) at each of `times`.
pub fn at_risk(observed: &[Observed], times: &[f64]) -> Vec<usize> {
    times.iter().map(|time| observed.iter().filter(|observed| observed.time >= *time).count()).collect()
}

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
/// `None` when it does not exist (no events, or all in one group: monotone likelihood).
pub fn hazard_ratio(a: &[Observed], b: &[Observed], level: f64) -> Option<HazardRatio> {
    let likelihood = PartialLikelihood::new(a, b);
    let coefficient = likelihood.maximum()?;
    let (_, information) = likelihood.score_and_information(coefficient);
    let standard_error = information.sqrt().recip();
    let half_width = normal_deviate(level) * standard_error;
    let [estimate, lower, upper] = [0.0, -half_width, half_width].map(|shift| (coefficient + shift).exp());
    Some(HazardRatio { ratio: Interval { estimate, lower, upper }, coefficient, standard_error })
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
    fn maximum(&self) -> Option<f64> {
        let only_in_b = self.factors.iter().filter(|(in_a, _)| *in_a <= 0.0).count();
        let any_in_b = self.factors.iter().filter(|(_, in_b)| *in_b > 0.0).count();
        if self.events_in_b <= only_in_b || self.events_in_b >= any_in_b {
            return None;
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
                return Some(next);
            }
            coefficient = next;
        }
        Some(coefficient)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observed(list: &[(f64, bool)]) -> Vec<Observed> {
        list.iter().map(|(time, event)| Observed { time: *time, event: *event }).collect()
    }

    #[test]
    fn empty_and_uneventful_samples() {
        let curve = kaplan_meier(&[], 0.95);
        assert!(curve.times.is_empty());
        assert_eq!(curve.quantile(0.5).estimate, f64::INFINITY);
        let curve = kaplan_meier(&observed(&[(3.0, false), (5.0, false)]), 0.95);
        assert_eq!(curve.at(10.0), (Interval { estimate: 1.0, lower: 1.0, upper: 1.0 }, 0.0));
        assert_eq!(curve.quantile(0.5).upper, f64::INFINITY);
    }

    #[test]
    fn survival_zero_has_no_limits_but_the_median_has() {
        let curve = kaplan_meier(&observed(&[(1.0, true), (2.0, true), (3.0, true)]), 0.95);
        assert_eq!(curve.survival[2], 0.0);
        assert!(curve.lower[2].is_nan() && curve.standard_error[2].is_nan());
        assert_eq!(curve.quantile(0.5).estimate, 2.0);
    }

    #[test]
    fn median_is_the_middle_of_a_flat_part_at_one_half() {
        let curve = kaplan_meier(&observed(&[(1.0, true), (2.0, true), (6.0, true), (7.0, true)]), 0.95);
        assert_eq!(curve.quantile(0.5).estimate, 4.0);
        let until_the_end =
            kaplan_meier(&observed(&[(1.0, true), (2.0, true), (6.0, false), (9.0, false)]), 0.95);
        assert_eq!(until_the_end.quantile(0.5).estimate, 5.5);
    }

    #[test]
    fn numbers_at_risk_include_those_leaving_then() {
        let sample = observed(&[(1.0, true), (2.0, false), (2.0, true), (4.0, true)]);
        assert_eq!(at_risk(&sample, &[0.0, 1.0, 1.5, 2.0, 4.0, 5.0]), [4, 4, 3, 3, 1, 0]);
    }

    #[test]
    fn no_hazard_ratio_for_a_monotone_likelihood() {
        let events = observed(&[(1.0, true), (2.0, true), (5.0, true)]);
        let none = observed(&[(6.0, false), (6.0, false)]);
        assert_eq!(hazard_ratio(&none, &none, 0.95), None);
        assert_eq!(hazard_ratio(&events, &none, 0.95), None);
        assert_eq!(hazard_ratio(&none, &events, 0.95), None);
        // Everyone in a fails before anyone in b: also monotone.
        let late = observed(&[(7.0, true), (8.0, true)]);
        assert_eq!(hazard_ratio(&events, &late, 0.95), None);
        assert_eq!(hazard_ratio(&[], &[], 0.95), None);
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
