//! Space-filling designs: few points that cover a cube evenly, however many dimensions it has.
//!
//! A Latin hypercube (McKay, Beckman and Conover 1979) has one point in each of n equal slices of every dimension, n being
//! any number. The Sobol' sequence (Sobol' 1967; direction numbers of Joe and Kuo 2008) with Owen's nested scrambling (Owen
//! 1995), here by hashing (Burley 2020, of the crate `sobol_burley`), is a net beside: of the first 2ᵏ points every box of
//! volume 2⁻ᵏ that the net knows holds exactly one, and a shorter design is the beginning of a longer one. Not for
//! random numbers of patients, which are named by identity ([`super::random`]).

use super::random::{Identity, Stream};

/// Most points of [`sobol`].
pub const MOST_SOBOL_POINTS: usize = 1 << 16;
/// Most dimensions of [`sobol`].
pub const MOST_SOBOL_DIMENSIONS: usize = sobol_burley::NUM_DIMENSIONS as usize;

/// Half of the spacing of the grid of 2⁻²⁴ on which the sequence gives its numbers: points stand in the middle of a cell.
const HALF_CELL: f64 = 1.0 / (1 << 25) as f64;

/// A Latin hypercube: `[point][dimension]`, each inside (0, 1). The same for the same seed.
pub fn latin_hypercube(points: usize, dimensions: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut design = vec![vec![0.0; dimensions]; points];
    for dimension in 0..dimensions {
        let identity = Identity { seed, patient: dimension as u64, purpose: "latin hypercube", occasion: 0 };
        let mut stream = Stream::new(identity);
        // Fisher and Yates, as Durstenfeld 1964 has it.
        let mut slices: Vec<usize> = (0..points).collect();
        for last in (1..points).rev() {
            let other = (stream.uniform() * (last + 1) as f64) as usize;
            slices.swap(last, other.min(last));
        }
        for (point, slice) in design.iter_mut().zip(slices) {
            point[dimension] = (slice as f64 + stream.uniform()) / points as f64;
        }
    }
    design
}

/// The first points of a scrambled Sobol' sequence: `[point][dimension]`, each inside (0, 1). `None` beyond
/// [`MOST_SOBOL_POINTS`] points or [`MOST_SOBOL_DIMENSIONS`] dimensions.
pub fn sobol(points: usize, dimensions: usize, seed: u64) -> Option<Vec<Vec<f64>>> {
    if points > MOST_SOBOL_POINTS || dimensions > MOST_SOBOL_DIMENSIONS {
        return None;
    }
    // The sequence takes 32 bits of seed; both halves of ours count.
    let seed = (seed ^ (seed >> 32)) as u32;
    let one = |point: usize, dimension: usize| {
        f64::from(sobol_burley::sample(point as u32, dimension as u32, seed)) + HALF_CELL
    };
    Some((0..points).map(|point| (0..dimensions).map(|dimension| one(point, dimension)).collect()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many points lie in each cell of a grid of 2^a × 2^b over two dimensions.
    fn counts(design: &[Vec<f64>], first: usize, second: usize, a: u32, b: u32) -> Vec<usize> {
        let mut counts = vec![0; 1 << (a + b)];
        for point in design {
            let cell = |dimension: usize, bits: u32| (point[dimension] * f64::from(1 << bits)) as usize;
            counts[(cell(first, a) << b) + cell(second, b)] += 1;
        }
        counts
    }

    #[test]
    fn a_latin_hypercube_has_one_point_in_every_slice() {
        for (points, dimensions) in [(1, 3), (7, 2), (50, 6)] {
            let design = latin_hypercube(points, dimensions, 3);
            for dimension in 0..dimensions {
                let mut slices: Vec<usize> =
                    design.iter().map(|point| (point[dimension] * points as f64) as usize).collect();
                slices.sort_unstable();
                assert_eq!(slices, (0..points).collect::<Vec<_>>());
            }
        }
        assert_ne!(latin_hypercube(8, 2, 1), latin_hypercube(8, 2, 2));
        assert_eq!(latin_hypercube(8, 2, 1), latin_hypercube(8, 2, 1));
    }

    /// Sobol' 1967: the first two dimensions are a (0, m, 2)-net in base 2, and each alone is stratified. Owen 1995: scrambling
    /// keeps that.
    #[test]
    fn the_first_points_of_the_sequence_form_a_net() {
        for seed in [0, 1, 2016, u64::MAX / 3] {
            for m in 1..=8_u32 {
                let design = sobol(1 << m, 2, seed).unwrap();
                for a in 0..=m {
                    assert!(
                        counts(&design, 0, 1, a, m - a).iter().all(|count| *count == 1),
                        "{seed} {m} {a}"
                    );
                }
            }
            let design = sobol(256, 12, seed).unwrap();
            for dimension in 0..12 {
                assert!(counts(&design, dimension, dimension, 8, 0).iter().all(|count| *count == 1));
            }
        }
    }

    #[test]
    fn a_longer_design_begins_with_the_shorter_one_and_seeds_matter() {
        let long = sobol(64, 3, 9).unwrap();
        assert_eq!(sobol(16, 3, 9).unwrap(), long[..16]);
        assert_ne!(sobol(16, 3, 10).unwrap(), long[..16]);
        assert!(long.iter().flatten().all(|x| *x > 0.0 && *x < 1.0));
        assert!(sobol(MOST_SOBOL_POINTS + 1, 1, 0).is_none());
    }

    /// Of ∏ 3 xᵢ² over five dimensions the integral is 1. Sixteen independent scrambles of 1024
    /// points: plain Monte Carlo would have a standard error of √((9/5)⁵ − 1)/32 = 0.13 each, a scrambled net less than a quarter of it, for the
    /// product rises steeply into one corner.
    #[test]
    fn integrals_are_found_far_faster_than_by_independent_points() {
        let one = |seed: u64| {
            let design = sobol(1024, 5, seed).unwrap();
            design.iter().map(|point| point.iter().map(|x| 3.0 * x * x).product::<f64>()).sum::<f64>()
                / 1024.0
        };
        let errors: Vec<f64> = (0..16).map(|seed| one(seed) - 1.0).collect();
        let rms = (errors.iter().map(|error| error * error).sum::<f64>() / 16.0).sqrt();
        assert!(rms < 0.25 * 0.13, "{rms}");
    }
}
