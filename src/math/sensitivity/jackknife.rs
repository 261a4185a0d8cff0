//! The delete-a-group jackknife: how far an estimate would move with other patients, from leaving each group of them out.
//!
//! It serves any estimate, and anything computed from estimates at several points, as long as the same group is left out of
//! all of them at once: what the points share by common random numbers then cancels as it does in their differences.
//! Groups may differ in size (Busing, Meijer and van der Leeden 1999, Statistics and Computing 9:3, the delete-m_j
//! jackknife). With few large groups it serves medians too, which the jackknife of single patients does not (Shao and Wu 1989,
//! Annals of Statistics 17:1176).

/// What leaving out groups tells of an estimate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Jackknife {
    /// By how much the estimate lies above its limit for many patients because there are few (Quenouille 1956).
    pub bias: f64,
    /// Standard error.
    pub error: f64,
}

/// Pseudo-values h θ − (h − 1) θ₍ⱼ₎ with h = n / m_j: of a mean, the mean of each group. `sizes` are those of the groups.
pub fn pseudo_values(whole: f64, left_out: &[f64], sizes: &[usize]) -> Vec<f64> {
    let all: usize = sizes.iter().sum();
    let one = |(without, size): (&f64, &usize)| {
        let h = all as f64 / *size as f64;
        h * whole - (h - 1.0) * without
    };
    left_out.iter().zip(sizes).map(one).collect()
}

/// Bias and standard error of `whole` from the estimates with each group left out; `None` with fewer than two groups, or
/// an estimate that is not finite. Of equal groups the error of a mean is the SD of the group means over √G.
pub fn jackknife(whole: f64, left_out: &[f64], sizes: &[usize]) -> Option<Jackknife> {
    let groups = left_out.len();
    if groups < 2 || groups != sizes.len() || sizes.contains(&0) {
        return None;
    }
    let all: usize = sizes.iter().sum();
    // Busing et al., equation 2.
    let share = |size: &usize| *size as f64 / all as f64;
    let kept: f64 = left_out.iter().zip(sizes).map(|(without, size)| (1.0 - share(size)) * without).sum();
    let corrected = groups as f64 * whole - kept;
    // Equation 3.
    let squares: f64 = pseudo_values(whole, left_out, sizes)
        .iter()
        .zip(sizes)
        .map(|(value, size)| (value - corrected).powi(2) / (1.0 / share(size) - 1.0))
        .sum();
    let found = Jackknife { bias: whole - corrected, error: (squares / groups as f64).sqrt() };
    (found.bias.is_finite() && found.error.is_finite()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::random::{Identity, Stream};

    fn mean(values: &[f64]) -> f64 {
        values.iter().sum::<f64>() / values.len() as f64
    }

    /// Group g of G holds the values whose place is g modulo G.
    fn left_out(values: &[f64], groups: usize, of: impl Fn(&[f64]) -> f64) -> (Vec<f64>, Vec<usize>) {
        let without = |group: usize| {
            let kept: Vec<f64> = values
                .iter()
                .enumerate()
                .filter(|(place, _)| place % groups != group)
                .map(|(_, value)| *value)
                .collect();
            (of(&kept), values.len() - kept.len())
        };
        (0..groups).map(without).unzip()
    }

    #[test]
    fn of_a_mean_it_is_the_textbook_error_and_no_bias() {
        let values = [3.0, 5.0, 4.0, 8.0, 10.0];
        let (without, sizes) = left_out(&values, 5, mean);
        let found = jackknife(6.0, &without, &sizes).expect("five groups");
        // s² = (9 + 1 + 4 + 4 + 16)/4 = 8.5.
        assert!((found.error - (8.5_f64 / 5.0).sqrt()).abs() < 1e-14, "{found:?}");
        assert!(found.bias.abs() < 1e-14);
        assert_eq!(
            pseudo_values(6.0, &without, &sizes).iter().map(|x| x.round()).collect::<Vec<_>>(),
            values
        );
        assert_eq!(jackknife(6.0, &without[..1], &sizes[..1]), None);
        assert_eq!(jackknife(f64::INFINITY, &without, &sizes), None);
    }

    /// The square of a mean is too large by σ²/n; groups of 7 and 6 in 90 standard normal values, 400 samples. The bias is
    /// found with a standard error below 2 % of 1/90; the error of the mean itself is 1/√90.
    #[test]
    fn bias_and_error_are_found_with_groups_of_different_sizes() {
        let (mut bias, mut variance) = (0.0, 0.0);
        for sample in 0..400_u64 {
            let mut stream =
                Stream::new(Identity { seed: 11, patient: sample, purpose: "jackknife", occasion: 0 });
            let values: Vec<f64> = (0..90).map(|_| stream.normal()).collect();
            let (squares, sizes) = left_out(&values, 14, |kept| mean(kept).powi(2));
            bias += jackknife(mean(&values).powi(2), &squares, &sizes).expect("groups").bias / 400.0;
            let (means, sizes) = left_out(&values, 14, mean);
            variance += jackknife(mean(&values), &means, &sizes).expect("groups").error.powi(2) / 400.0;
        }
        // The bias estimate of one sample has an SD of about √(2/13)/90, 0.4/90; of 400, 0.02/90.
        assert!((bias * 90.0 - 1.0).abs() < 0.08, "{bias}");
        assert!((variance * 90.0 - 1.0).abs() < 0.08, "{variance}");
    }
}
