//! Which patients are computed again.

use crate::math::random::{Identity, Stream};

/// Numbers (from 0) of `count` of the patients, ascending; of all if there are fewer. Each patient draws a uniform number
/// keyed by (seed, patient, "verify", 0), and those with the smallest are taken: a larger sample holds the smaller one.
pub fn sample(seed: u64, patients: usize, count: usize) -> Vec<usize> {
    let drawn = |number: usize| {
        let identity = Identity { seed, patient: number as u64, purpose: "verify", occasion: 0 };
        (Stream::new(identity).uniform(), number)
    };
    let mut lots: Vec<(f64, usize)> = (0..patients).map(drawn).collect();
    lots.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut chosen: Vec<usize> = lots.into_iter().take(count).map(|(_, number)| number).collect();
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_larger_sample_holds_the_smaller_one_and_another_seed_draws_another() {
        let (small, large) = (sample(2016, 1000, 20), sample(2016, 1000, 50));
        assert_eq!((small.len(), large.len()), (20, 50));
        assert!(small.iter().all(|patient| large.contains(patient)));
        assert!(small.windows(2).all(|pair| pair[0] < pair[1]));
        assert_ne!(small, sample(2017, 1000, 20));
        assert_eq!(sample(2016, 3, 20), [0, 1, 2]);
        assert!(sample(2016, 0, 20).is_empty());
    }

    /// Of 10 patients 5 are taken, over 4000 seeds: each patient in half of the samples, within 4.5 standard errors.
    #[test]
    fn every_patient_is_as_likely() {
        let mut taken = [0_u32; 10];
        for seed in 0..4000 {
            for patient in sample(seed, 10, 5) {
                taken[patient] += 1;
            }
        }
        assert!(taken.iter().all(|&n| (f64::from(n) - 2000.0).abs() < 4.5 * 1000.0_f64.sqrt()), "{taken:?}");
    }
}
