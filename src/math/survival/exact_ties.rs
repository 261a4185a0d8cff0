//! The sum over all sets of d of the n at risk, with which the discrete partial likelihood compares the set that had the event.
//!
//! With weights w that sum is the elementary symmetric function e_d(w) (Cox 1972, equation 12), of which there are too many
//! terms to write down. Gail, Lubin and Rubinstein (Biometrika 68 (1981) 703) get it by a recursion over the subjects.
//! Here the recursion runs over probabilities: if each subject is drawn by itself with odds λw, the probability of exactly d
//! drawn is e_d(w)·λ^d/Π(1 + λw), and with λ chosen such that d are expected it is neither large nor small, whatever n and d.

/// log e_d, and its first and (second) derivatives when log w = x·β: mean and covariance of the sum of x over the set.
pub(super) struct SubsetSums {
    /// log e_d(w).
    pub logarithm: f64,
    /// Mean of Σx over the sets.
    pub mean: Vec<f64>,
    /// Covariance of Σx over the sets, row-major.
    pub covariance: Vec<f64>,
}

impl SubsetSums {
    /// Over sets of `d` of the `members` (weight, covariates); `d` is at most their number.
    pub(super) fn new<'a>(members: impl Iterator<Item = (f64, &'a [f64])>, d: usize, p: usize) -> Self {
        let members: Vec<(f64, &[f64])> = members.collect();
        if members.len() == d {
            let mut mean = vec![0.0; p];
            for (_, x) in &members {
                mean.iter_mut().zip(*x).for_each(|(mean, x)| *mean += x);
            }
            let logarithm = members.iter().map(|(weight, _)| weight.ln()).sum();
            return SubsetSums { logarithm, mean, covariance: vec![0.0; p * p] };
        }
        let odds = balanced_odds(&members, d as f64);
        // x about its mean over the draws, so that the covariance does not come out as a small difference.
        let drawn = |weight: f64| odds * weight / (1.0 + odds * weight);
        let total: f64 = members.iter().map(|(weight, _)| drawn(*weight)).sum();
        let mut centre = vec![0.0; p];
        for (weight, x) in &members {
            centre.iter_mut().zip(*x).for_each(|(centre, x)| *centre += drawn(*weight) / total * x);
        }
        let mut draws = vec![Draw::none(p); d + 1];
        draws[0].probability = 1.0;
        let mut logarithm = -(d as f64) * odds.ln();
        let mut x = vec![0.0; p];
        for (weight, covariates) in &members {
            x.iter_mut()
                .zip(covariates.iter().zip(&centre))
                .for_each(|(x, (value, centre))| *x = value - centre);
            logarithm += (odds * weight).ln_1p();
            let probability = drawn(*weight);
            for k in (1..=d).rev() {
                let (fewer, more) = draws.split_at_mut(k);
                more[0].step(&fewer[k - 1], probability, &x);
            }
            draws[0].probability *= 1.0 - probability;
        }
        let exactly = &draws[d];
        let share = exactly.probability.recip();
        let about: Vec<f64> = exactly.sum.iter().map(|sum| sum * share).collect();
        SubsetSums {
            logarithm: logarithm + exactly.probability.ln(),
            mean: about.iter().zip(&centre).map(|(about, centre)| about + d as f64 * centre).collect(),
            covariance: (0..p * p)
                .map(|at| exactly.square[at] * share - about[at / p] * about[at % p])
                .collect(),
        }
    }
}

/// λ with Σ λw/(1 + λw) = d, near enough: Newton's method for log λ, in which the sum rises.
fn balanced_odds(members: &[(f64, &[f64])], d: f64) -> f64 {
    let weights: f64 = members.iter().map(|(weight, _)| weight).sum();
    let mut odds = d / weights;
    for _ in 0..100 {
        let (mut expected, mut slope) = (0.0, 0.0);
        for (weight, _) in members {
            let drawn = odds * weight / (1.0 + odds * weight);
            expected += drawn;
            slope += drawn * (1.0 - drawn);
        }
        if (expected - d).abs() <= 1e-3 * d {
            break;
        }
        odds *= ((d - expected) / slope).clamp(-2.0, 2.0).exp();
    }
    odds
}

/// That so and so many of the subjects seen so far were drawn: the probability, and of Σx and Σx·Σx′ (lower triangle mirrored)
/// over the drawn the expectation, where it is so.
#[derive(Clone)]
struct Draw {
    probability: f64,
    sum: Vec<f64>,
    square: Vec<f64>,
}

impl Draw {
    fn none(p: usize) -> Self {
        Draw { probability: 0.0, sum: vec![0.0; p], square: vec![0.0; p * p] }
    }

    /// One more subject: not drawn, or drawn where one fewer was before.
    fn step(&mut self, fewer: &Draw, drawn: f64, x: &[f64]) {
        let (p, kept) = (x.len(), 1.0 - drawn);
        for j in 0..p {
            for k in 0..p {
                let grown = fewer.square[j * p + k]
                    + fewer.sum[j] * x[k]
                    + x[j] * fewer.sum[k]
                    + fewer.probability * x[j] * x[k];
                self.square[j * p + k] = kept * self.square[j * p + k] + drawn * grown;
            }
        }
        for ((sum, fewer_sum), x) in self.sum.iter_mut().zip(&fewer.sum).zip(x) {
            *sum = kept * *sum + drawn * (fewer_sum + fewer.probability * x);
        }
        self.probability = kept * self.probability + drawn * fewer.probability;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All 3-sets of 6, written out.
    #[test]
    fn sums_over_sets_written_out() {
        let x = [[0.5, -1.0], [2.0, 0.0], [-1.0, 3.0], [0.0, 1.0], [4.0, -2.0], [1.0, 1.0]];
        let weights = [0.3, 2.0, 7.0, 1.0, 40.0, 1e-6];
        let members = || weights.iter().copied().zip(x.iter().map(<[f64; 2]>::as_slice));
        let (mut total, mut mean, mut square) = (0.0, [0.0; 2], [0.0; 4]);
        for set in (0_usize..64).filter(|set| set.count_ones() == 3) {
            let chosen = (0..6).filter(|at| set >> at & 1 == 1);
            let weight: f64 = chosen.clone().map(|at| weights[at]).product();
            let sum = chosen.fold([0.0; 2], |sum, at| [sum[0] + x[at][0], sum[1] + x[at][1]]);
            total += weight;
            (0..2).for_each(|j| mean[j] += weight * sum[j]);
            (0..4).for_each(|at| square[at] += weight * sum[at / 2] * sum[at % 2]);
        }
        let sums = SubsetSums::new(members(), 3, 2);
        assert!((sums.logarithm - f64::ln(total)).abs() < 1e-13);
        for (sum, mean) in sums.mean.iter().zip(mean) {
            assert!((sum - mean / total).abs() < 1e-13);
        }
        for at in 0..4 {
            let expected = square[at] / total - mean[at / 2] * mean[at % 2] / (total * total);
            assert!((sums.covariance[at] - expected).abs() < 1e-12);
        }
        let all = SubsetSums::new(members(), 6, 2);
        assert_eq!(all.mean, [6.5, 2.0]);
        assert_eq!(all.covariance, [0.0; 4]);
    }

    /// Equal weights: the number of sets of 1 000 of 3 000, about 10^827, by Stirling's series.
    #[test]
    fn binomial_coefficients_beyond_the_range_of_numbers() {
        let sums = SubsetSums::new((0..3000).map(|_| (1.0, [].as_slice())), 1000, 0);
        let stirling = |n: f64| {
            (n + 0.5) * n.ln() - n + 0.5 * (2.0 * std::f64::consts::PI).ln() + 1.0 / (12.0 * n)
                - 1.0 / (360.0 * n * n * n)
        };
        let expected = stirling(3000.0) - stirling(1000.0) - stirling(2000.0);
        assert!((sums.logarithm - expected).abs() < 1e-9, "{} for {expected}", sums.logarithm);
    }
}
