//! An observed count against its predictive distribution, and against the constant predictor.
//!
//! **Inside.** A central interval of share c goes from the smallest count at or below which there is at least (1 − c)/2 to the
//! smallest with at least (1 + c)/2; its ends count as inside. Counts are discrete, so that it holds more than c, of rare
//! events much more: how much is told ([`Scored::covers`]), and so is how much of the observed count's own probability lies in the
//! middle (its randomised place, Czado, Gneiting and Held 2009, Biometrics 65:1254), which is c on average for a true prediction.
//!
//! **Constant predictor.** The pooled rate of the kind of outcome in the other trials of the calibration, as a beta-binomial
//! distribution whose logit has the between-trial standard deviation of the kind; where no other trial has that kind, every
//! count is as likely.

use super::definition::{Observed, Outcome, Outcomes, Place};
use super::prediction::Prediction;
use super::predictive::{MedianSpread, Replicates, counts, medians};
use crate::math::binomial::{at, beta_binomial, beta_of_logit_sd, binomial, count_quantile};
use crate::math::statistics::wilson_of_share;

/// Confidence of the interval about what was observed.
const LEVEL: f64 = 0.95;

/// An outcome with a count, predicted.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// Which.
    pub place: Place,
    /// Observed x, broken where it came of a percentage; `None` where it is to follow.
    pub observed: Option<f64>,
    /// Patients of the trial, or what stands for them.
    pub of: usize,
    /// Predicted proportion: the mean over the ensemble.
    pub predicted: f64,
    /// Its Monte Carlo standard error.
    pub monte_carlo: f64,
    /// Virtual patients behind it, over arms.
    pub patients: usize,
    /// Virtual patients whose course failed numerically, over arms and members of the ensemble.
    pub failed: usize,
    /// Median of the predictive distribution.
    pub median: usize,
    /// Central 95 %.
    pub most: (usize, usize),
    /// Central 50 %.
    pub half: (usize, usize),
    /// What the two intervals hold of the predictive distribution: 95 %, 50 %.
    pub covers: (f64, f64),
    /// What was found, where something was observed.
    pub verdict: Option<Verdict>,
}

/// An observed count against its prediction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// Wilson's interval of the observed proportion.
    pub wilson: (f64, f64),
    /// Whether the count lies in the central 95 %.
    pub in_most: bool,
    /// Whether it lies in the central 50 %.
    pub in_half: bool,
    /// How much of its own probability lies in the middle half of the distribution.
    pub middle: f64,
    /// Whether the predictive median, over n, lies in Wilson's interval.
    pub median_in_wilson: bool,
    /// Natural logarithm of the predictive probability of the count.
    pub log_score: f64,
    /// Of the constant predictor.
    pub constant: Constant,
}

/// What the constant predictor says of an outcome.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Constant {
    /// The pooled rate of the other trials; `None` where there is none.
    pub rate: Option<f64>,
    /// Logarithm of its probability of the observed count.
    pub log_score: f64,
}

/// A median time, predicted.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredMedian {
    /// Which.
    pub place: Place,
    /// Observed, d; `None` where it is to follow.
    pub observed: Option<f64>,
    /// Predicted.
    pub spread: MedianSpread,
    /// Virtual patients whose course failed numerically, over arms and members of the ensemble.
    pub failed: usize,
}

impl ScoredMedian {
    /// Whether the observed one lies in the central 95 % and 50 %.
    pub fn inside(&self) -> Option<(bool, bool)> {
        let within = |(low, high): (f64, f64), it: f64| low <= it && it <= high;
        self.observed.map(|it| (within(self.spread.most, it), within(self.spread.half, it)))
    }
}

/// Scores a count; `None` where it could not be predicted, or is no count.
pub fn score(
    outcomes: &Outcomes,
    place: Place,
    members: &[&Prediction],
    replicates: Replicates,
) -> Option<Scored> {
    let outcome = outcomes.at(place);
    let sizes = sizes(outcomes, place);
    let (observed, of) = match outcome.observed {
        Some(Observed::Count { events, of }) => (Some(events), of),
        None => (None, sizes.iter().sum()),
        Some(Observed::Median(_)) => return None,
    };
    let sds = &outcomes.kinds[outcome.kind].between_trial_sds;
    let probabilities = counts(members, of, sds, &sizes, replicates)?;
    let proportions: Vec<f64> = members.iter().filter_map(|member| member.proportion()).collect();
    let quantile = |share: f64| count_quantile(&probabilities, share);
    let (most, half) = ((quantile(0.025), quantile(0.975)), (quantile(0.25), quantile(0.75)));
    let held = |(low, high): (usize, usize)| probabilities[low..=high].iter().sum::<f64>();
    let median = quantile(0.5);
    let verdict = observed.and_then(|events| {
        let wilson = wilson_of_share(events, of, LEVEL)?;
        let share = median as f64 / of as f64;
        // A percentage turned into a count stands for the nearest whole one.
        let count = events.round() as usize;
        let inside = |(low, high): (usize, usize)| (low..=high).contains(&count);
        Some(Verdict {
            wilson: (wilson.lower, wilson.upper),
            in_most: inside(most),
            in_half: inside(half),
            middle: middle(&probabilities, count),
            median_in_wilson: wilson.lower <= share && share <= wilson.upper,
            log_score: at(&probabilities, events).ln(),
            constant: constant(outcomes, place, events, of),
        })
    });
    Some(Scored {
        place,
        observed,
        of,
        predicted: proportions.iter().sum::<f64>() / proportions.len() as f64,
        monte_carlo: monte_carlo(members)?,
        patients: members.first()?.patients(),
        failed: members.iter().map(|member| member.failed()).sum(),
        median,
        most,
        half,
        covers: (held(most), held(half)),
        verdict,
    })
}

/// Predicts a median time; `None` where it could not be.
pub fn median(
    outcomes: &Outcomes,
    place: Place,
    members: &[&Prediction],
    replicates: Replicates,
) -> Option<ScoredMedian> {
    let observed = match outcomes.at(place).observed {
        Some(Observed::Median(days)) => Some(days),
        _ => None,
    };
    let spread = medians(members, &sizes(outcomes, place), replicates)?;
    let failed = members.iter().map(|member| member.failed()).sum();
    Some(ScoredMedian { place, observed, spread, failed })
}

/// Patients of each pooled arm.
fn sizes(outcomes: &Outcomes, place: Place) -> Vec<usize> {
    let trial = &outcomes.trials[place.trial];
    outcomes.at(place).arms.iter().map(|arm| trial.arms[*arm].patients).collect()
}

/// Of the mean over the ensemble, whose members share their virtual patients: their errors do not average out.
fn monte_carlo(members: &[&Prediction]) -> Option<f64> {
    let errors: Vec<f64> = members.iter().map(|member| member.monte_carlo_error()).collect::<Option<_>>()?;
    Some(errors.iter().sum::<f64>() / errors.len() as f64)
}

/// The share of a count's own probability that lies between a quarter and three quarters of the distribution.
fn middle(probabilities: &[f64], count: usize) -> f64 {
    let own = probabilities.get(count).copied().unwrap_or(0.0);
    if own <= 0.0 {
        return 0.0;
    }
    let below: f64 = probabilities[..count].iter().sum();
    let overlap = (below + own).min(0.75) - below.max(0.25);
    (overlap / own).clamp(0.0, 1.0)
}

/// The constant predictor at an observed count: of the kind's calibration outcomes in the other trials x and n are added up,
/// with half an event and one patient more, so that no rate is 0 or 1.
pub fn constant(outcomes: &Outcomes, place: Place, events: f64, of: usize) -> Constant {
    let kind = outcomes.at(place).kind;
    let (mut x, mut n) = (0.0, 0.0);
    for (trial, published) in outcomes.trials.iter().enumerate() {
        let others = published.outcomes.iter().filter(|it: &&Outcome| {
            trial != place.trial && it.calibration && it.kind == kind && it.version_of.is_none()
        });
        for other in others {
            if let Some(Observed::Count { events, of }) = other.observed {
                x += events;
                n += of as f64;
            }
        }
    }
    if n == 0.0 {
        return Constant { rate: None, log_score: -((of as f64 + 1.0).ln()) };
    }
    let rate = (x + 0.5) / (n + 1.0);
    let sds = &outcomes.kinds[kind].between_trial_sds;
    let of_sd = |sd: &f64| {
        let probabilities = if *sd > 0.0 {
            let (a, b) = beta_of_logit_sd(rate, *sd);
            beta_binomial(of, a, b)
        } else {
            binomial(of, rate)
        };
        at(&probabilities, events)
    };
    let probability = sds.iter().map(of_sd).sum::<f64>() / sds.len() as f64;
    Constant { rate: Some(rate), log_score: probability.ln() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_discrete_distribution_adds_up_to_its_half() {
        let probabilities = [0.7, 0.2, 0.1];
        // Of the first count's 0.7, what lies from 0.25 to 0.7; of the second's 0.2, from 0.7 to 0.75.
        assert!((middle(&probabilities, 0) - 0.45 / 0.7).abs() < 1e-12);
        assert!((middle(&probabilities, 1) - 0.05 / 0.2).abs() < 1e-12);
        assert_eq!(middle(&probabilities, 2), 0.0);
        let expected: f64 = (0..3).map(|count| probabilities[count] * middle(&probabilities, count)).sum();
        assert!((expected - 0.5).abs() < 1e-12);
    }
}
