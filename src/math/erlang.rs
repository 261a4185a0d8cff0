//! Chains of equal first-order rates in closed form (Erlang).
//!
//! Absorption through transit compartments is such a chain. Integrated numerically its fast rate dictates the step of the
//! whole model; in closed form it costs one exponential. Nothing here knows about drugs: rate, time and amounts only.

use super::elementary::exp;

/// Beyond this k·t everything has left the chain: with 100 elements the last would hold less than 1e-300 of the start.
const EMPTY_BEYOND: f64 = 1500.0;

/// Propagates a chain a₀' = −k a₀, aᵢ' = k(aᵢ₋₁ − aᵢ) over `elapsed`: writes a(t) from `start` = a(0), and returns the
/// amount that has left the last element. Lengths of `start` and `now` are equal (up to 100). Exact in real arithmetic;
/// relative error of each result a few ulp, also for large k·elapsed. `start` may be anything ≥ 0.
///
/// With x = kt and the Poisson probabilities pᵢ = e⁻ˣ xⁱ/i!, aᵢ(t) = Σ aᵢ₋ⱼ(0) pⱼ, and an element that was m places
/// before the exit has left with probability qₘ = Σ pᵢ over i ≥ m. Every sum has positive terms only, so nothing cancels;
/// where most has left (x ≥ n, then qₙ > 1/2), the rest is subtracted from the total instead.
pub fn propagate(rate: f64, elapsed: f64, start: &[f64], now: &mut [f64]) -> f64 {
    let n = start.len();
    let now = &mut now[..n];
    now.fill(0.0);
    let total: f64 = start.iter().sum();
    let x = rate * elapsed;
    if x > EMPTY_BEYOND {
        return total;
    }
    // e⁻ˣ in two halves, so that e⁻ˣ xⁱ/i! does not underflow before the power has been multiplied in. The rounding
    // error of k·t would be magnified x times by the exponential; it is recovered by one fused multiply-add.
    let lost = if x > 1.0 { rate.mul_add(elapsed, -x) } else { 0.0 };
    let half = exp(-0.5 * x);
    let other_half = half * (1.0 - lost);
    let mut growing = half;
    let (mut tail, mut left_from_within) = (0.0, 0.0);
    for shift in 0..n {
        let probability = growing * other_half;
        for (amount, earlier) in now[shift..].iter_mut().zip(start) {
            *amount += probability * earlier;
        }
        left_from_within += probability * tail;
        tail += start[n - 1 - shift];
        growing *= x / (shift + 1) as f64;
    }
    if x < n as f64 {
        // `growing` has become e^(−x/2) xⁿ/n!.
        left_from_within + upper_tail(growing * other_half, x, n) * total
    } else {
        total - now.iter().sum::<f64>()
    }
}

/// Σ pᵢ over i ≥ n for x < n, given pₙ: the terms fall at least as fast as (x/(n+1))ⁱ.
fn upper_tail(first: f64, x: f64, n: usize) -> f64 {
    let (mut term, mut sum, mut index) = (first, 0.0, n as f64);
    while term > sum * (0.125 * f64::EPSILON) {
        sum += term;
        index += 1.0;
        term *= x / index;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten units in the last place: twenty roundings of random sign in the powers, and the exponential.
    const TOLERANCE: f64 = 10.0 * f64::EPSILON;

    fn close(value: f64, expected: f64) -> bool {
        (value - expected).abs() <= TOLERANCE * expected.abs()
    }

    fn dose(n: usize, amount: f64) -> Vec<f64> {
        let mut start = vec![0.0; n];
        start[0] = amount;
        start
    }

    /// First, middle and last amount and what has left, in 60-digit arithmetic (mpmath).
    #[test]
    fn agrees_with_high_precision_values() {
        let mixed = vec![1.0, 2.0, 0.5, 4.0, 0.0, 3.0];
        for (rate, elapsed, start, expected) in [
            (
                12.7,
                1e-9,
                dose(8, 25.0),
                [24.9999996825, 2.709839976001699e-32, 2.6432333997915657e-58, 4.19613302809032e-67],
            ),
            (
                960.0,
                0.003,
                dose(8, 25.0),
                [1.403369070853343, 4.022820087996431, 0.45760291114803564, 0.2378290044691164],
            ),
            (
                960.0,
                0.0125,
                mixed,
                [6.1442123533282056e-06, 0.0027157418601710674, 0.026030570056110282, 10.46120482877985],
            ),
            (
                960.0,
                0.7,
                dose(30, 25.0),
                [3.564906713260533e-291, 7.0159688858674515e-261, 3.973912204631319e-240, 25.0],
            ),
            (
                3.3,
                0.1,
                dose(1, 0.3),
                [0.21567712002957784, 0.21567712002957784, 0.21567712002957784, 0.08432287997042215],
            ),
            (
                100.0,
                0.2,
                dose(20, 1.0),
                [2.0611536224385554e-09, 0.0058163065183451336, 0.08883531739208521, 0.5297427331607601],
            ),
            (
                100.0,
                0.2,
                dose(21, 1.0),
                [2.0611536224385554e-09, 0.0058163065183451336, 0.08883531739208522, 0.44090741576867487],
            ),
        ] {
            let n = start.len();
            let mut now = vec![0.0; n];
            let left = propagate(rate, elapsed, &start, &mut now);
            for (value, expected) in [now[0], now[n / 2], now[n - 1], left].into_iter().zip(expected) {
                assert!(close(value, expected), "k = {rate}, t = {elapsed}, n = {n}: {value} for {expected}");
            }
        }
    }

    #[test]
    fn nothing_is_lost_over_any_time() {
        let start: Vec<f64> = (0..30).map(|i| 0.1 + (i as f64 * 1.7).sin().abs()).collect();
        let mut now = vec![f64::NAN; 30];
        let total: f64 = start.iter().sum();
        assert_eq!(propagate(5.0, 0.0, &start, &mut now), 0.0);
        assert_eq!(now, start);
        for exponent in -300..=60 {
            let left = propagate(10.0, 10f64.powf(f64::from(exponent) * 0.1), &start, &mut now);
            assert!(now.iter().all(|amount| (0.0..=total).contains(amount)));
            assert!(close(now.iter().sum::<f64>() + left, total), "t = 1e{}", f64::from(exponent) * 0.1);
        }
        assert_eq!(propagate(f64::INFINITY, 1.0, &start, &mut now), total);
        assert!(now.iter().all(|amount| *amount == 0.0));
    }

    /// Two halves of the time in turn give the same as the whole.
    #[test]
    fn two_halves_make_a_whole() {
        let (start, n) = (dose(10, 7.0), 10);
        let (mut whole, mut half, mut end) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
        for x in [1e-3, 0.5, 4.0, 12.0, 40.0, 300.0] {
            let left = propagate(x, 1.0, &start, &mut whole);
            let first = propagate(x, 0.5, &start, &mut half);
            let second = propagate(x, 0.5, &half, &mut end);
            assert!((first + second - left).abs() <= TOLERANCE * left);
            for (end, whole) in end.iter().zip(&whole) {
                assert!((end - whole).abs() <= TOLERANCE * whole);
            }
        }
    }
}
