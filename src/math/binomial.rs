//! Counts whose chance is itself random: binomial, beta-binomial, and binomial with a logit-normal chance.
//!
//! For predictions of how many of the n patients of a trial have an event, where trials differ beyond the chance of their
//! patients. Probabilities are whole vectors over 0 … n; they are extended to broken counts by [`at`]. Knows nothing of what
//! is counted.

use super::distribution::normal_quantile;
use libm::lgamma;

/// Points of the standard normal distribution over which a logit-normal chance is averaged: the middles of as many equal
/// shares of its probability.
pub const POINTS: usize = 200;

/// Probabilities of 0 … n events at chance p. At 0 and 1 all of it is on one count.
pub fn binomial(n: usize, p: f64) -> Vec<f64> {
    let mut found = vec![0.0; n + 1];
    add_binomial(&mut found, &log_choose(n), p, 1.0);
    found
}

/// Adds a binomial distribution with some weight; `choose` is [`log_choose`] of n.
pub fn add_binomial(sum: &mut [f64], choose: &[f64], p: f64, weight: f64) {
    let n = sum.len().saturating_sub(1);
    if p <= 0.0 {
        sum[0] += weight;
    } else if p >= 1.0 {
        sum[n] += weight;
    } else {
        let (yes, no) = (p.ln(), (-p).ln_1p());
        for (x, (sum, choose)) in sum.iter_mut().zip(choose).enumerate() {
            *sum += weight * (choose + x as f64 * yes + (n - x) as f64 * no).exp();
        }
    }
}

/// Logarithms of the binomial coefficients n over 0 … n.
pub fn log_choose(n: usize) -> Vec<f64> {
    let factorial = |k: usize| lgamma(k as f64 + 1.0);
    (0..=n).map(|x| factorial(n) - factorial(x) - factorial(n - x)).collect()
}

/// Probabilities of 0 … n events where the chance is Beta(a, b), a and b > 0.
pub fn beta_binomial(n: usize, a: f64, b: f64) -> Vec<f64> {
    let log_beta = |a: f64, b: f64| lgamma(a) + lgamma(b) - lgamma(a + b);
    let choose = log_choose(n);
    let at = |x: usize| (choose[x] + log_beta(x as f64 + a, (n - x) as f64 + b) - log_beta(a, b)).exp();
    (0..=n).map(at).collect()
}

/// Parameters of the beta distribution with this mean (0 < `mean` < 1) whose logit has the standard deviation `sd` > 0: the
/// variance of the logit of Beta(a, b) is ψ′(a) + ψ′(b) (Johnson, Kotz and Balakrishnan 1995, chapter 25). By bisection
/// of a + b.
pub fn beta_of_logit_sd(mean: f64, sd: f64) -> (f64, f64) {
    let variance = |log_size: f64| {
        let size = log_size.exp();
        trigamma(mean * size) + trigamma((1.0 - mean) * size)
    };
    let (mut low, mut high) = (-20.0, 40.0);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if variance(middle) > sd * sd { low = middle } else { high = middle }
    }
    let size = (0.5 * (low + high)).exp();
    (mean * size, (1.0 - mean) * size)
}

/// ψ′(x), x > 0: recurrence up to 12, then the asymptotic series (Abramowitz and Stegun 1964, 6.4.6 and 6.4.12).
pub fn trigamma(mut x: f64) -> f64 {
    let mut sum = 0.0;
    while x < 12.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let series = 1.0 / 6.0
        + square * (-1.0 / 30.0 + square * (1.0 / 42.0 + square * (-1.0 / 30.0 + square * (5.0 / 66.0))));
    sum + 1.0 / x + 0.5 * square + square / x * series
}

/// log(p/(1 − p)).
pub fn logit(p: f64) -> f64 {
    p.ln() - (-p).ln_1p()
}

/// 1/(1 + e^−x).
pub fn expit(x: f64) -> f64 {
    if x >= 0.0 { 1.0 / (1.0 + (-x).exp()) } else { x.exp() / (1.0 + x.exp()) }
}

/// [`POINTS`] equally likely values of the standard normal distribution.
pub fn normal_points() -> Vec<f64> {
    (0..POINTS).map(|point| normal_quantile((point as f64 + 0.5) / POINTS as f64)).collect()
}

/// Probabilities of 0 … n events where the logit of the chance is normal about logit(p) with standard deviation `sd`.
pub fn logit_normal_binomial(n: usize, p: f64, sd: f64) -> Vec<f64> {
    let mut found = vec![0.0; n + 1];
    let choose = log_choose(n);
    if sd <= 0.0 || p <= 0.0 || p >= 1.0 {
        add_binomial(&mut found, &choose, p, 1.0);
        return found;
    }
    for z in normal_points() {
        add_binomial(&mut found, &choose, expit(logit(p) + sd * z), 1.0 / POINTS as f64);
    }
    found
}

/// The smallest count at or below which there is at least the probability `share`.
pub fn count_quantile(probabilities: &[f64], share: f64) -> usize {
    // Sums of many small terms: a share that is reached but for rounding is reached.
    let reached = share * probabilities.iter().sum::<f64>() - 1e-12;
    let mut sum = 0.0;
    for (x, probability) in probabilities.iter().enumerate() {
        sum += probability;
        if sum >= reached {
            return x;
        }
    }
    probabilities.len().saturating_sub(1)
}

/// The probability of a count; of a broken one, as a line between its neighbours.
pub fn at(probabilities: &[f64], x: f64) -> f64 {
    let below = x.floor().max(0.0);
    let part = x - below;
    let of = |x: f64| probabilities.get(x as usize).copied().unwrap_or(0.0);
    if part > 0.0 { (1.0 - part) * of(below) + part * of(below + 1.0) } else { of(below) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of sums of up to a hundred terms in double precision.
    const ROUNDING: f64 = 1e-12;

    fn close(found: f64, wanted: f64, tolerance: f64) {
        assert!((found - wanted).abs() <= tolerance, "{found} instead of {wanted}");
    }

    fn moments(probabilities: &[f64]) -> (f64, f64, f64) {
        let sum = |power: i32| {
            probabilities.iter().enumerate().map(|(x, p)| p * (x as f64).powi(power)).sum::<f64>()
        };
        (sum(0), sum(1), sum(2) - sum(1) * sum(1))
    }

    #[test]
    fn a_binomial_distribution_by_hand() {
        // (1/4 + 3/4)^3.
        for (found, wanted) in binomial(3, 0.25).into_iter().zip([27.0, 27.0, 9.0, 1.0]) {
            close(found, wanted / 64.0, ROUNDING);
        }
        assert_eq!(binomial(2, 0.0), [1.0, 0.0, 0.0]);
        assert_eq!(binomial(2, 1.0), [0.0, 0.0, 1.0]);
    }

    #[test]
    fn a_uniform_chance_makes_every_count_as_likely() {
        for probability in beta_binomial(9, 1.0, 1.0) {
            close(probability, 0.1, ROUNDING);
        }
    }

    #[test]
    fn the_beta_binomial_has_its_mean_and_variance() {
        let (n, a, b) = (44_usize, 1.5, 6.0);
        let (sum, mean, variance) = moments(&beta_binomial(n, a, b));
        let (size, chance) = (a + b, a / (a + b));
        let trials = n as f64;
        close(sum, 1.0, ROUNDING);
        close(mean, trials * chance, 1e-10);
        let wanted = trials * chance * (1.0 - chance) * (size + trials) / (size + 1.0);
        close(variance, wanted, 1e-9);
    }

    #[test]
    fn trigamma_at_known_points() {
        let square = std::f64::consts::PI.powi(2);
        close(trigamma(1.0), square / 6.0, ROUNDING);
        close(trigamma(0.5), square / 2.0, ROUNDING);
        close(trigamma(2.0), square / 6.0 - 1.0, ROUNDING);
    }

    /// The logistic distribution is the logit of a uniform chance: its standard deviation is π/√3.
    #[test]
    fn a_beta_chance_has_the_spread_asked_of_its_logit() {
        let (a, b) = beta_of_logit_sd(0.5, std::f64::consts::PI / 3.0_f64.sqrt());
        close(a, 1.0, 1e-9);
        close(b, 1.0, 1e-9);
        let (a, b) = beta_of_logit_sd(0.07, 0.75);
        close(a / (a + b), 0.07, ROUNDING);
        close((trigamma(a) + trigamma(b)).sqrt(), 0.75, 1e-9);
    }

    /// About 1/2 the distribution is symmetric, whatever the spread; without spread it is binomial; and the mean chance of a
    /// large spread goes to 1/2 of all or nothing.
    #[test]
    fn a_logit_normal_chance_widens_the_binomial() {
        let narrow = logit_normal_binomial(20, 0.3, 0.0);
        assert_eq!(narrow, binomial(20, 0.3));
        let wide = logit_normal_binomial(20, 0.5, 0.8);
        for x in 0..=20 {
            close(wide[x], wide[20 - x], 1e-9);
        }
        let (sum, mean, variance) = moments(&wide);
        close(sum, 1.0, 1e-9);
        close(mean, 10.0, 1e-8);
        // n E[q(1 − q)] + n² Var q, q logistic of a normal of SD 0.8: by Simpson's rule on 2,001 points.
        let (mut first, mut second, mut weight) = (0.0, 0.0, 0.0);
        for i in 0..=2000 {
            let z = -8.0 + 16.0 * f64::from(i) / 2000.0;
            let simpson = if i == 0 || i == 2000 { 1.0 } else { f64::from(2 + 2 * (i % 2)) };
            let density = simpson * (-0.5 * z * z).exp();
            let chance = expit(0.8 * z);
            weight += density;
            first += density * chance * (1.0 - chance);
            second += density * (chance - 0.5) * (chance - 0.5);
        }
        // 200 points cut the tails: 0.3 % of the variance.
        let wanted = 20.0 * first / weight + 400.0 * second / weight;
        assert!((variance / wanted - 1.0).abs() < 0.01, "{variance} instead of {wanted}");
    }

    #[test]
    fn quantiles_and_broken_counts() {
        let probabilities = [0.2, 0.3, 0.5];
        let quantiles = [0.1, 0.2, 0.21, 0.5, 0.51, 1.0].map(|share| count_quantile(&probabilities, share));
        assert_eq!(quantiles, [0, 0, 1, 1, 2, 2]);
        close(at(&probabilities, 1.0), 0.3, 0.0);
        close(at(&probabilities, 1.25), 0.35, ROUNDING);
        close(at(&probabilities, 3.0), 0.0, 0.0);
    }
}
