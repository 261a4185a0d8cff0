//! The predictive distribution of what a trial of its own size would report.
//!
//! Three things spread it: its patients are few (counts are binomial given the true proportion), trials differ beyond that
//! (the logit of the proportion is normal about the predicted one, with the standard deviation of the kind of outcome, of which
//! several values may be equally likely), and neither the population parameters (an ensemble of them, each member as likely) nor, with few virtual patients, the
//! proportion of one parameter set are known exactly (its beta distribution under Jeffreys' prior, with as many patients as
//! the Monte Carlo error is worth).
//!
//! Of counts of patients the distribution over replicates is known and is written down, not drawn. Shares of cycles and
//! medians are drawn: replicates of as many virtual patients as the trial had.

use super::prediction::{ArmAnswers, Prediction};
use super::question::Answer;
use crate::math::binomial::{POINTS, add_binomial, expit, log_choose, logit, normal_points};
use crate::math::distribution::normal_lower_tail;
use crate::math::random::{Identity, Stream};
use crate::math::statistics::quantile;

/// Points over which a beta distribution is averaged.
const BETA_POINTS: usize = 24;

/// How replicates are drawn.
#[derive(Debug, Clone, Copy)]
pub struct Replicates {
    /// How many, over all members of the ensemble.
    pub number: usize,
    /// Root of their random numbers.
    pub seed: u64,
}

/// Probabilities of 0 … `of` events, from the predictions at each member of the ensemble; `None` where one has no answer.
/// `between_trial_sds` are equally likely; `sizes` are the patients of each pooled arm of the trial.
pub fn counts(
    members: &[&Prediction],
    of: usize,
    between_trial_sds: &[f64],
    sizes: &[usize],
    replicates: Replicates,
) -> Option<Vec<f64>> {
    let first = members.first()?;
    if first.arms.iter().any(|arm| arm.shares().any(|(_, chances)| chances != 1.0)) {
        return clustered(members, of, between_trial_sds, sizes, replicates);
    }
    let mut sum = vec![0.0; of + 1];
    let choose = log_choose(of);
    let trials = normal_points();
    let weight = 1.0 / (members.len() * BETA_POINTS * between_trial_sds.len()) as f64;
    for member in members {
        let (a, b) = beta_of(member)?;
        for chance in beta_points(a, b) {
            for sd in between_trial_sds {
                // Where trials do not differ one point says it all.
                let shifts = if *sd > 0.0 { trials.as_slice() } else { &[0.0] };
                for z in shifts {
                    add_binomial(
                        &mut sum,
                        &choose,
                        expit(logit(chance) + sd * z),
                        weight / shifts.len() as f64,
                    );
                }
            }
        }
    }
    Some(sum)
}

/// Jeffreys' beta distribution of a predicted proportion, from as many patients as its Monte Carlo error is worth.
fn beta_of(prediction: &Prediction) -> Option<(f64, f64)> {
    let proportion = prediction.proportion()?;
    let error = prediction.monte_carlo_error()?;
    let patients = prediction.patients() as f64;
    let worth = if error > 0.0 { proportion * (1.0 - proportion) / (error * error) } else { patients };
    Some((proportion * worth + 0.5, (1.0 - proportion) * worth + 0.5))
}

/// [`BETA_POINTS`] equally likely values of Beta(a, b): the middles of equal shares of its probability, which is summed up on
/// the logit, where its density p^a (1 − p)^b is smooth and has one peak.
fn beta_points(a: f64, b: f64) -> Vec<f64> {
    const CELLS: usize = 800;
    let peak = (a / b).ln();
    let log_density = |x: f64| a * x - (a + b) * softplus(x);
    // Where the density has fallen to e^-40 of its peak.
    let end = |sign: f64| {
        let mut reach = 1.0;
        while log_density(peak + sign * reach) > log_density(peak) - 40.0 {
            reach *= 1.25;
        }
        peak + sign * reach
    };
    let (low, high) = (end(-1.0), end(1.0));
    let width = (high - low) / CELLS as f64;
    let density: Vec<f64> = (0..CELLS)
        .map(|cell| (log_density(low + (cell as f64 + 0.5) * width) - log_density(peak)).exp())
        .collect();
    let whole: f64 = density.iter().sum();
    let mut points = Vec::with_capacity(BETA_POINTS);
    let (mut cell, mut below) = (0, 0.0);
    for point in 0..BETA_POINTS {
        let wanted = (point as f64 + 0.5) / BETA_POINTS as f64 * whole;
        while cell + 1 < CELLS && below + density[cell] < wanted {
            below += density[cell];
            cell += 1;
        }
        let part = ((wanted - below) / density[cell]).clamp(0.0, 1.0);
        points.push(expit(low + (cell as f64 + part) * width));
    }
    points
}

/// log(1 + e^x).
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// Shares of what patients have several of (cycles): each replicate is as many patients as the trial had, drawn from the
/// virtual ones, whose share is then moved by what trials differ and told in so many of `of`.
fn clustered(
    members: &[&Prediction],
    of: usize,
    between_trial_sds: &[f64],
    sizes: &[usize],
    replicates: Replicates,
) -> Option<Vec<f64>> {
    let mut sum = vec![0.0; of + 1];
    let number = replicates.number.max(members.len());
    let weight = 1.0 / (number * between_trial_sds.len()) as f64;
    // Logits of the limits between counts, as shares of `of`.
    let limits: Vec<f64> = (0..of).map(|x| logit((x as f64 + 0.5) / of as f64)).collect();
    let drawn_members: Vec<Vec<Pool>> = members.iter().map(|member| pools(member)).collect();
    for replicate in 0..number {
        let mut stream = stream(replicates.seed, replicate);
        let (mut share, mut chances) = (0.0, 0.0);
        for (pool, size) in drawn_members[replicate % members.len()].iter().zip(sizes) {
            let drawn = pool.draw(*size, &mut stream)?;
            share += pool.weight * drawn.0 / drawn.1;
            chances += drawn.1;
        }
        // All or nothing among so many chances: half a chance more would have been something.
        let inside = share.clamp(0.5 / (chances + 1.0), 1.0 - 0.5 / (chances + 1.0));
        let centre = logit(inside);
        for sd in between_trial_sds {
            if *sd <= 0.0 {
                sum[(share * of as f64).round() as usize] += weight;
                continue;
            }
            let mut below = 0.0;
            for (x, sum) in sum.iter_mut().enumerate() {
                let upto = limits.get(x).map_or(1.0, |limit| normal_lower_tail((limit - centre) / sd));
                *sum += weight * (upto - below);
                below = upto;
            }
        }
    }
    Some(sum)
}

fn stream(seed: u64, replicate: usize) -> Stream {
    Stream::new(Identity { seed, patient: replicate as u64, purpose: "replicate of a trial", occasion: 0 })
}

/// The virtual patients of an arm from whom replicates are drawn.
struct Pool {
    weight: f64,
    shares: Vec<(f64, f64)>,
}

fn pools(prediction: &Prediction) -> Vec<Pool> {
    let pool = |arm: &ArmAnswers| Pool { weight: arm.weight, shares: arm.shares().collect() };
    prediction.arms.iter().map(pool).collect()
}

/// One of so many, each as likely.
fn pick(among: usize, stream: &mut Stream) -> usize {
    ((stream.uniform() * among as f64) as usize).min(among.saturating_sub(1))
}

impl Pool {
    /// (events, chances) of so many patients, drawn with replacement; `None` if there is nobody.
    fn draw(&self, size: usize, stream: &mut Stream) -> Option<(f64, f64)> {
        let mut sum = (0.0, 0.0);
        for _ in 0..size {
            let (events, chances) = self.shares.get(pick(self.shares.len(), stream))?;
            sum = (sum.0 + events, sum.1 + chances);
        }
        (sum.1 > 0.0).then_some(sum)
    }
}

/// What a median time of a trial may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MedianSpread {
    /// At the model's own values (of an ensemble: the median over it), d; infinite where it is not reached.
    pub median: f64,
    /// Central 50 % of trials of its size, d.
    pub half: (f64, f64),
    /// Central 95 %, d.
    pub most: (f64, f64),
}

/// The distribution of a median time over replicates of the trial's size. Trials of one setting differ in it too; how much is
/// not known, and is not in it.
pub fn medians(members: &[&Prediction], sizes: &[usize], replicates: Replicates) -> Option<MedianSpread> {
    let number = replicates.number.max(members.len());
    let mut found = Vec::with_capacity(number);
    for replicate in 0..number {
        let mut stream = stream(replicates.seed, replicate);
        let member = members.get(replicate % members.len().max(1))?;
        let arms = member.arms.iter().zip(sizes).map(|(arm, size)| {
            let times: Vec<Option<Answer>> = arm.answers.iter().copied().filter(Option::is_some).collect();
            let drawn = (0..*size).map(|_| times.get(pick(times.len(), &mut stream)).copied().flatten());
            ArmAnswers { weight: arm.weight, answers: drawn.collect(), failed: 0 }
        });
        found.push(Prediction { place: member.place, arms: arms.collect() }.median()?);
    }
    found.sort_by(f64::total_cmp);
    let mut whole: Vec<f64> = members.iter().filter_map(|member| member.median()).collect();
    whole.sort_by(f64::total_cmp);
    let at = |p: f64| smallest_with(&found, p);
    let median = if whole.iter().all(|it| it.is_finite()) {
        quantile(&whole, 0.5)
    } else {
        smallest_with(&whole, 0.5)
    };
    Some(MedianSpread { median, half: (at(0.25), at(0.75)), most: (at(0.025), at(0.975)) })
}

/// The smallest value with at least the share p of the sorted values at or below it: there may be infinite ones among them.
fn smallest_with(sorted: &[f64], p: f64) -> f64 {
    let place = ((p * sorted.len() as f64 - 1e-9).ceil() as usize).clamp(1, sorted.len().max(1));
    sorted.get(place - 1).copied().unwrap_or(f64::NAN)
}

/// Standard normal points are many enough that the tails of a central 95 % interval stand in them.
const _: () = assert!(POINTS >= 100);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::binomial::{beta_binomial, logit_normal_binomial};
    use crate::validation::Place;

    const PLACE: Place = Place { trial: 0, outcome: 0 };
    const REPLICATES: Replicates = Replicates { number: 2000, seed: 7 };

    fn prediction(yes: usize, all: usize) -> Prediction {
        let answer = |number: usize| {
            Some(Answer::Share { events: if number < yes { 1.0 } else { 0.0 }, chances: 1.0 })
        };
        Prediction {
            place: PLACE,
            arms: vec![ArmAnswers { weight: 1.0, answers: (0..all).map(answer).collect(), failed: 0 }],
        }
    }

    fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
        assert_eq!(a.len(), b.len());
        a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    }

    /// Without differences between trials, and of few virtual patients: beta-binomial, in closed form.
    #[test]
    fn few_virtual_patients_give_a_beta_binomial() {
        let few = prediction(6, 20);
        let found = counts(&[&few], 30, &[0.0], &[30], REPLICATES).unwrap_or_default();
        let error = largest_difference(&found, &beta_binomial(30, 6.5, 14.5));
        assert!(error < 0.002, "{error}");
        // Nobody had it among 20: Beta(1/2, 20 1/2).
        let none = prediction(0, 20);
        let found = counts(&[&none], 30, &[0.0], &[30], REPLICATES).unwrap_or_default();
        let error = largest_difference(&found, &beta_binomial(30, 0.5, 20.5));
        assert!(error < 0.01, "{error}");
    }

    /// Of very many virtual patients: binomial with a logit-normal chance.
    #[test]
    fn many_virtual_patients_leave_what_trials_differ() {
        let many = prediction(40_000, 100_000);
        let found = counts(&[&many], 35, &[0.75], &[35], REPLICATES).unwrap_or_default();
        let error = largest_difference(&found, &logit_normal_binomial(35, 0.4, 0.75));
        assert!(error < 1e-4, "{error}");
        assert!((found.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    }

    /// An ensemble is a mixture: half of one, half of the other.
    #[test]
    fn members_of_an_ensemble_are_as_likely() {
        let (low, high) = (prediction(100, 1000), prediction(800, 1000));
        let one = |member: &Prediction| counts(&[member], 20, &[0.3], &[20], REPLICATES).unwrap_or_default();
        let (a, b) = (one(&low), one(&high));
        let both = counts(&[&low, &high], 20, &[0.3], &[20], REPLICATES).unwrap_or_default();
        let mixed: Vec<f64> = a.iter().zip(&b).map(|(a, b)| 0.5 * (a + b)).collect();
        assert!(largest_difference(&both, &mixed) < 1e-12);
    }

    /// Cycles of patients who are all alike are as certain as their share; of patients who have all or none, a trial of
    /// 25 patients has the standard deviation of a binomial of 25, not of its 250 cycles.
    #[test]
    fn cycles_are_as_few_as_their_patients() {
        let cycles = |events: &dyn Fn(usize) -> f64| {
            let answers =
                (0..400).map(|number| Some(Answer::Share { events: events(number), chances: 10.0 }));
            Prediction {
                place: PLACE,
                arms: vec![ArmAnswers { weight: 1.0, answers: answers.collect(), failed: 0 }],
            }
        };
        let alike = cycles(&|_| 3.0);
        let found = counts(&[&alike], 100, &[0.0], &[25], REPLICATES).unwrap_or_default();
        assert!((found[30] - 1.0).abs() < 1e-9);
        let apart = cycles(&|number| if number % 10 < 3 { 10.0 } else { 0.0 });
        let found = counts(&[&apart], 100, &[0.0], &[25], REPLICATES).unwrap_or_default();
        let mean: f64 = found.iter().enumerate().map(|(x, p)| x as f64 * p).sum();
        let variance: f64 = found.iter().enumerate().map(|(x, p)| (x as f64 - mean).powi(2) * p).sum();
        // 100 sqrt(0.3 · 0.7 / 25) = 9.2, of 2,000 replicates to within 5 %.
        assert!((variance.sqrt() / 9.165 - 1.0).abs() < 0.05, "{}", variance.sqrt());
    }

    #[test]
    fn a_median_that_few_reach_is_infinite_in_many_trials() {
        let answer = |number: usize| {
            let event = number.is_multiple_of(2);
            Some(Answer::Time { time: if event { number as f64 } else { 1000.0 }, event })
        };
        let arms = vec![ArmAnswers { weight: 1.0, answers: (0..400).map(answer).collect(), failed: 0 }];
        let half = Prediction { place: PLACE, arms };
        let found = medians(&[&half], &[30], REPLICATES);
        let Some(spread) = found else { panic!("no median") };
        assert_eq!(spread.median, 398.0);
        assert!(spread.most.0 > 150.0 && spread.most.0 < 300.0, "{spread:?}");
        assert!(spread.most.1.is_infinite());
    }
}
