//! Quantiles and probabilities of the distributions behind random effects and confidence limits.
//!
//! Only what the project uses: the normal; Student's t at whole degrees of freedom and the binomial at p = 1/2, both as
//! finite sums of positive terms, which lose no digits and need no special function beyond the crate libm's erfc (within
//! 1 ulp); so are the tails of χ² and of the binomial that give p values and exact limits.

#![allow(clippy::excessive_precision)] // Constants keep the digits of their source.

use super::elementary::ln;

/// Standard normal quantile: Wichura 1988, Applied Statistics 37:477, algorithm AS 241, routine PPND16 (relative
/// accuracy about 1e-16). −∞ at 0, ∞ at 1, NaN outside.
pub fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180625 - q * q;
        return q * polynomial(&CENTRE.0, r) / polynomial(&CENTRE.1, r);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    if tail == 0.0 {
        return f64::INFINITY.copysign(q);
    }
    let r = (-ln(tail)).sqrt();
    let magnitude = if r <= 5.0 {
        polynomial(&TAIL.0, r - 1.6) / polynomial(&TAIL.1, r - 1.6)
    } else {
        polynomial(&FAR_TAIL.0, r - 5.0) / polynomial(&FAR_TAIL.1, r - 5.0)
    };
    magnitude.copysign(q)
}

/// Horner's rule, coefficients in ascending order.
fn polynomial(coefficients: &[f64; 8], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

/// AS 241: numerator a, denominator b, |p − 1/2| ≤ 0.425.
const CENTRE: ([f64; 8], [f64; 8]) = (
    [
        3.387_132_872_796_366_608,
        1.331_416_678_917_843_774_5e2,
        1.971_590_950_306_551_442_7e3,
        1.373_169_376_550_946_112_5e4,
        4.592_195_393_154_987_145_7e4,
        6.726_577_092_700_870_085_3e4,
        3.343_057_558_358_812_810_5e4,
        2.509_080_928_730_122_672_7e3,
    ],
    [
        1.0,
        4.231_333_070_160_091_125_2e1,
        6.871_870_074_920_579_083e2,
        5.394_196_021_424_751_107_7e3,
        2.121_379_430_158_659_586_7e4,
        3.930_789_580_009_271_061e4,
        2.872_908_573_572_194_267_4e4,
        5.226_495_278_852_854_561e3,
    ],
);
/// AS 241: numerator c, denominator d, r ≤ 5.
const TAIL: ([f64; 8], [f64; 8]) = (
    [
        1.423_437_110_749_683_577_34,
        4.630_337_846_156_545_295_9,
        5.769_497_221_460_691_405_5,
        3.647_848_324_763_204_605_04,
        1.270_458_252_452_368_382_58,
        2.417_807_251_774_506_117_7e-1,
        2.272_384_498_926_918_458_33e-2,
        7.745_450_142_783_414_076_4e-4,
    ],
    [
        1.0,
        2.053_191_626_637_758_821_87,
        1.676_384_830_183_803_849_4,
        6.897_673_349_851_000_045_5e-1,
        1.481_039_764_274_800_745_9e-1,
        1.519_866_656_361_645_719_66e-2,
        5.475_938_084_995_344_946e-4,
        1.050_750_071_644_416_843_24e-9,
    ],
);
/// AS 241: numerator e, denominator f, r > 5.
const FAR_TAIL: ([f64; 8], [f64; 8]) = (
    [
        6.657_904_643_501_103_777_2,
        5.463_784_911_164_114_369_9,
        1.784_826_539_917_291_335_8,
        2.965_605_718_285_048_912_3e-1,
        2.653_218_952_657_612_309_3e-2,
        1.242_660_947_388_078_438_6e-3,
        2.711_555_568_743_487_578_15e-5,
        2.010_334_399_292_288_132_65e-7,
    ],
    [
        1.0,
        5.998_322_065_558_879_376_9e-1,
        1.369_298_809_227_358_053_1e-1,
        1.487_536_129_085_061_485_25e-2,
        7.868_691_311_456_132_591e-4,
        1.846_318_317_510_054_681_8e-5,
        1.421_511_758_316_445_888_7e-7,
        2.044_263_103_389_939_785_64e-15,
    ],
);

/// Two-sided quantile of Student's t: the t with P(|T| ≤ t) = `level`, for whole degrees of freedom ≥ 1 and
/// 0 < `level` < 1. Infinite for no degrees of freedom.
///
/// P(|T| ≤ t) is concave in t > 0 and the normal quantile lies below the root, so Newton's method climbs to it from
/// there without overshooting.
pub fn student_two_sided_quantile(level: f64, degrees: usize) -> f64 {
    if degrees == 0 {
        return f64::INFINITY;
    }
    let mut t = normal_quantile(0.5 * (1.0 + level));
    let constant = student_constant(degrees);
    loop {
        let density = constant * (1.0 + t * t / degrees as f64).powf(-0.5 * (degrees as f64 + 1.0));
        let step = 0.5 * (level - student_central_probability(t, degrees)) / density;
        t += step;
        if step <= 1e-15 * t {
            return t;
        }
    }
}

/// P(|T| ≤ t): Abramowitz and Stegun 1964, equations 26.7.3 (odd) and 26.7.4 (even degrees of freedom).
fn student_central_probability(t: f64, degrees: usize) -> f64 {
    let (sine, cosine) = {
        let root = (degrees as f64).sqrt();
        let hypotenuse = t.hypot(root);
        (t / hypotenuse, root / hypotenuse)
    };
    let odd = !degrees.is_multiple_of(2);
    let (mut term, mut sum) =
        if odd { (cosine, if degrees == 1 { 0.0 } else { cosine }) } else { (1.0, 1.0) };
    // Factors (i − 1)/i cos² up to the power ν − 2 of the cosine.
    let mut i = if odd { 3 } else { 2 };
    while i + 2 <= degrees {
        term *= (i - 1) as f64 / i as f64 * cosine * cosine;
        sum += term;
        i += 2;
    }
    if odd { (sine.atan2(cosine) + sine * sum) / std::f64::consts::FRAC_PI_2 } else { sine * sum }
}

/// The density's constant Γ((ν + 1)/2) / (√(νπ) Γ(ν/2)), by Γ(x + 1) = xΓ(x) from ν = 1 or 2.
fn student_constant(degrees: usize) -> f64 {
    let pi = std::f64::consts::PI;
    let (mut ratio, mut i) =
        if !degrees.is_multiple_of(2) { (1.0 / pi.sqrt(), 1) } else { (0.5 * pi.sqrt(), 2) };
    while i < degrees {
        ratio *= (i + 1) as f64 / i as f64;
        i += 2;
    }
    ratio / (degrees as f64 * pi).sqrt()
}

/// P(X ≤ k) for k = 0 … n of X ~ binomial(n, 1/2), cut off at the first k where it exceeds `beyond` (which is included).
///
/// Weights relative to the middle term, which neither overflow nor need factorials, are divided by their sum.
pub fn fair_binomial_lower_tail(n: usize, beyond: f64) -> Vec<f64> {
    let mode = n / 2;
    let mut weights = vec![1.0; mode + 1];
    for k in (0..mode).rev() {
        weights[k] = weights[k + 1] * (k + 1) as f64 / (n - k) as f64;
    }
    let lower: f64 = weights.iter().sum();
    // By symmetry the upper side mirrors the lower; an even n has its middle term once.
    let total = if n.is_multiple_of(2) { 2.0 * lower - 1.0 } else { 2.0 * lower };
    let mut tail = Vec::new();
    let mut sum = 0.0;
    for weight in weights {
        sum += weight / total;
        tail.push(sum);
        if sum > beyond {
            break;
        }
    }
    tail
}

/// P(X > x) of X ~ χ² with whole `degrees` of freedom: Abramowitz and Stegun 1964, equations 26.4.4 (odd) and 26.4.5
/// (even), finite sums of positive terms. 1 for x ≤ 0; without degrees of freedom nothing is tested: 1.
pub fn chi_square_upper_tail(x: f64, degrees: usize) -> f64 {
    if x <= 0.0 || degrees == 0 {
        return 1.0;
    }
    let half = 0.5 * x;
    // Terms (x/2)^s e^(−x/2)/Γ(s + 1) for s from 1/2 or 0 up to ν/2 − 1.
    let (mut sum, mut term, mut s) = if degrees.is_multiple_of(2) {
        (0.0, (-half).exp(), 0.0)
    } else {
        (libm::erfc(half.sqrt()), (half / std::f64::consts::FRAC_PI_4).sqrt() * (-half).exp(), 0.5)
    };
    while s < 0.5 * degrees as f64 - 0.75 {
        sum += term;
        s += 1.0;
        term *= half / s;
    }
    sum
}

/// P(|Z| > |z|) of a standard normal Z: the two-sided p value of a deviate.
pub fn normal_two_sided_tail(z: f64) -> f64 {
    libm::erfc(z.abs() * std::f64::consts::FRAC_1_SQRT_2)
}

/// Probability of a standard normal value at or below z.
pub fn normal_lower_tail(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

/// Which values of a count are in its tail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail {
    /// This count or less.
    Lower,
    /// This count or more.
    Upper,
}

/// The proportion under which the tail of a binomial(`n`) count from `x` on has the probability `tail`: a beta quantile
/// (Clopper and Pearson 1934). 0 < x ≤ n for the upper tail, 0 ≤ x < n for the lower; 0 < `tail` < 1.
///
/// Newton's method for the logarithm of the tail in the log-odds. There the logarithm is concave, so that from the second
/// step on the root is approached from one side.
pub fn binomial_limit(x: usize, n: usize, tail: f64, which: Tail) -> f64 {
    let (count, trials) = (x as f64, n as f64);
    let mut log_odds = ((count + 0.5) / (trials - count + 0.5)).ln();
    for _ in 0..200 {
        let odds = log_odds.exp();
        let p = odds / (1.0 + odds);
        let (below, above) = binomial_sums(count, trials, odds);
        let total = below + 1.0 + above;
        // d/dp P(X ≥ x) = x/p P(X = x) and d/dp P(X ≤ x) = −(n − x)/(1 − p) P(X = x).
        let (weight, slope) = match which {
            Tail::Upper => (1.0 + above, count * (1.0 - p)),
            Tail::Lower => (1.0 + below, -(trials - count) * p),
        };
        let step = (tail * total / weight).ln() * weight / slope;
        // Far out the sums overflow: a step from far on the flat side is kept short.
        let next = log_odds + step.clamp(-2.0, 2.0);
        if (next - log_odds).abs() <= 2.0 * f64::EPSILON * (1.0 + next.abs()) {
            log_odds = next;
            break;
        }
        log_odds = next;
    }
    log_odds.exp() / (1.0 + log_odds.exp())
}

/// P(X < x) and P(X > x) over P(X = x) of a binomial count: sums of positive terms, each from its neighbour, which need no
/// factorials; cut off where the rest is below rounding.
fn binomial_sums(x: f64, n: f64, odds: f64) -> (f64, f64) {
    let sum = |ratio: &dyn Fn(f64) -> f64, terms: f64| {
        let (mut sum, mut term, mut i) = (0.0, 1.0, 0.0);
        while i < terms {
            let ratio = ratio(i);
            term *= ratio;
            sum += term;
            i += 1.0;
            // The ratios fall: what is left is below term · ratio/(1 − ratio).
            if ratio < 1.0 && term * ratio <= 1e-17 * (1.0 + sum) * (1.0 - ratio) {
                break;
            }
        }
        sum
    };
    let below = sum(&|i| (x - i) / (n - x + i + 1.0) / odds, x);
    let above = sum(&|i| (n - x - i) / (x + i + 1.0) * odds, n - x);
    (below, above)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Check values printed with AS 241, 2 ulp for the last digits of a logarithm.
    #[test]
    fn normal_quantile_meets_the_published_check_values() {
        for (p, expected) in [
            (0.25, -0.674_489_750_196_081_7),
            (1e-3, -3.090_232_306_167_813_5),
            (1e-20, -9.262_340_089_798_408),
            (0.975, 1.959_963_984_540_054_2),
        ] {
            assert!((normal_quantile(p) / expected - 1.0).abs() < 4e-16, "p = {p}: {}", normal_quantile(p));
        }
        assert_eq!(normal_quantile(0.5), 0.0);
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
        assert!(normal_quantile(1.5).is_nan());
    }

    /// t tables to 16 digits, computed from the incomplete beta function in 30-digit arithmetic (mpmath).
    #[test]
    fn student_quantiles_meet_the_incomplete_beta_function() {
        for (degrees, level, expected) in [
            (1, 0.8, 3.0776835371752534),
            (1, 0.95, 12.706204736174705),
            (1, 0.99, 63.656741162871581),
            (2, 0.95, 4.3026527297494639),
            (2, 0.99, 9.9248432009182931),
            (3, 0.95, 3.1824463052837096),
            (4, 0.95, 2.7764451051977944),
            (4, 0.8, 1.5332062740589439),
            (9, 0.95, 2.2621571627982055),
            (9, 0.99, 3.2498355415921263),
            (30, 0.95, 2.0422724563012383),
            (99, 0.95, 1.9842169515864175),
            (1000, 0.99, 2.5807546980659511),
            (20001, 0.95, 1.960082599227048),
        ] {
            let quantile = student_two_sided_quantile(level, degrees);
            // The sum has ν/2 powers of a rounded cosine.
            let allowed = 1e-13 + 1e-16 * degrees as f64;
            assert!((quantile / expected - 1.0).abs() < allowed, "{degrees}, {level}: {quantile}");
        }
        assert_eq!(student_two_sided_quantile(0.95, 0), f64::INFINITY);
    }

    #[test]
    fn fair_binomial_tail_counts_coin_tosses() {
        let tail = fair_binomial_lower_tail(10, 1.0);
        for (k, count) in [1.0, 11.0, 56.0, 176.0, 386.0, 638.0].into_iter().enumerate() {
            assert!((tail[k] - count / 1024.0).abs() < 1e-15);
        }
        assert_eq!(fair_binomial_lower_tail(0, 0.5), [1.0]);
        assert_eq!(fair_binomial_lower_tail(1, 0.5), [0.5]);
        // n = 100 000: the central limit with continuity correction, error O(1/n).
        let tail = fair_binomial_lower_tail(100_000, 0.025);
        let z = (tail.len() as f64 - 0.5 - 50_000.0) / 25_000.0_f64.sqrt();
        assert!((normal_quantile(*tail.last().unwrap()) - z).abs() < 1e-4);
    }

    /// Incomplete gamma function in 40-digit arithmetic (mpmath).
    #[test]
    fn chi_square_tails_meet_the_incomplete_gamma_function() {
        for (degrees, x, expected) in [
            (1, 0.5, 0.47950012218695346232),
            (1, 40.0, 2.5396285894708649707e-10),
            (1, 700.0, 2.9902269751246203369e-154),
            (2, 0.5, 0.77880078307140486825),
            (2, 40.0, 2.061153622438557828e-9),
            (2, 700.0, 9.9295903962649792963e-153),
            (3, 0.5, 0.91889141165467585936),
            (3, 40.0, 1.0655090334255860815e-8),
            (3, 700.0, 2.0991308534204088357e-151),
            (4, 0.5, 0.97350097883925608531),
            (4, 40.0, 4.3284226071209714387e-8),
            (4, 700.0, 3.485286229089007733e-150),
            (10, 0.5, 0.99999338828943896575),
            (10, 40.0, 0.000016944743930067383904),
            (10, 700.0, 6.2801466992359498821e-144),
            (25, 3.5, 0.99999987280085758481),
            (25, 300.0, 6.012271973600432358e-49),
            (100, 3.5, 1.0),
            (100, 300.0, 7.4121008573228767906e-22),
        ] {
            let tail = chi_square_upper_tail(x, degrees);
            assert!((tail / expected - 1.0).abs() < 1e-13, "{degrees}, {x}: {tail}");
        }
        assert_eq!(chi_square_upper_tail(0.0, 3), 1.0);
        assert_eq!(chi_square_upper_tail(2.0, 0), 1.0);
    }

    /// Complementary error function in 40-digit arithmetic (mpmath).
    #[test]
    fn normal_tails_meet_the_error_function() {
        for (z, expected) in [
            (0.0, 1.0),
            (1.96, 0.049_995_790_296_440_872_426),
            (-5.0, 5.733_031_437_583_878_233_5e-7),
            (35.0, 2.249_821_412_944_812_488e-268),
        ] {
            let tail = normal_two_sided_tail(z);
            assert!((tail / expected - 1.0).abs() < 2e-13, "{z}: {tail}");
        }
    }

    /// Beta quantiles in 40-digit arithmetic (mpmath).
    #[test]
    fn binomial_limits_meet_the_beta_quantiles() {
        for (x, n, tail, which, expected) in [
            (0, 1, 0.025, Tail::Lower, 0.9749999999999999778),
            (1, 12, 0.025, Tail::Upper, 0.0021075932318602265653),
            (4, 15, 0.025, Tail::Upper, 0.07787154629104358798),
            (9, 25, 0.025, Tail::Upper, 0.17971682058365537547),
            (13, 31, 0.025, Tail::Upper, 0.24547595073865154208),
            (88, 90, 0.025, Tail::Upper, 0.92202231452233611186),
            (6, 1500, 0.025, Tail::Upper, 0.0014693009117972873466),
            (3, 7, 0.025, Tail::Upper, 0.098988278442507866686),
            (50, 100, 0.025, Tail::Upper, 0.39832112950330098058),
            (3, 1000, 0.025, Tail::Upper, 0.00061909993164957127644),
            (5, 10, 0.025, Tail::Upper, 0.18708602844739853418),
        ] {
            let limit = binomial_limit(x, n, tail, which);
            assert!((limit / expected - 1.0).abs() < 1e-13, "{x}/{n}: {limit}");
        }
    }
}
