//! Random streams keyed by identity (seed, patient, purpose, occasion).
//!
//! A virtual patient must draw the same numbers whatever else is computed: on one thread or many, in arm A or B, with or
//! without a second random effect. So nothing here is ever drawn "next": each use names itself, and the name is the key.
//! Not for cryptography; eight rounds of ChaCha (Bernstein 2008) are used because nearby keys give unrelated streams.

use super::distribution::normal_quantile;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Open01};

/// The identity of a stream. Two different identities give independent streams; the same identity always the same.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    /// The scenario's seed.
    pub seed: u64,
    /// Patient number.
    pub patient: u64,
    /// What for: "covariate:age", "eta", "residual:ANC", "hazard:death".
    pub purpose: &'a str,
    /// Which draw: attempt, visit number, recurrence.
    pub occasion: u64,
}

/// A ChaCha8 stream of one identity.
#[derive(Debug, Clone)]
pub struct Stream {
    generator: ChaCha8Rng,
}

impl Stream {
    /// The stream of an identity. Its 256-bit key is seed, hash of the purpose, patient, occasion: each 64 bits,
    /// little-endian, in this order.
    pub fn new(identity: Identity<'_>) -> Self {
        let words = [identity.seed, hash(identity.purpose), identity.patient, identity.occasion];
        let mut key = [0; 32];
        for (bytes, word) in key.chunks_exact_mut(8).zip(words) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        Stream { generator: ChaCha8Rng::from_seed(key) }
    }

    /// Uniform on (0, 1), both ends excluded: the middle of one of 2⁵² equal cells. All 53 bits of the result's
    /// significand are used, u and 1 − u are equally likely, and no rounding occurs.
    pub fn uniform(&mut self) -> f64 {
        Open01.sample(&mut self.generator)
    }

    /// Standard normal, by inversion of one [`Stream::uniform`]: the draw is tied to a published algorithm
    /// (Wichura 1988) instead of to the version of a crate, and is monotone in the uniform.
    pub fn normal(&mut self) -> f64 {
        normal_quantile(self.uniform())
    }
}

/// A 64-bit hash of a text that never changes: FNV-1a (Fowler, Noll and Vo; IETF draft-eastlake-fnv), its bits then
/// mixed by the finalizer of MurmurHash3 (Appleby), since FNV leaves the high bits of short texts alike.
fn hash(text: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(seed: u64, patient: u64, purpose: &str, occasion: u64) -> Stream {
        Stream::new(Identity { seed, patient, purpose, occasion })
    }

    #[test]
    fn each_part_of_the_identity_matters() {
        let first = |mut stream: Stream| stream.uniform();
        let base = first(stream(1, 2, "eta", 3));
        assert_eq!(base, first(stream(1, 2, "eta", 3)));
        for other in
            [stream(2, 2, "eta", 3), stream(1, 3, "eta", 3), stream(1, 2, "ate", 3), stream(1, 2, "eta", 4)]
        {
            assert_ne!(base, first(other));
        }
    }

    /// Golden values, computed with another implementation of ChaCha8 and of the normal quantile (Python, mpmath). A
    /// change here changes every trial ever simulated, and belongs in the CHANGELOG.
    #[test]
    fn draws_are_pinned() {
        for (mut stream, first, second, normal) in [
            (
                stream(2016, 0, "eta", 0),
                0.879_446_034_935_997_3,
                0.408_764_571_607_285_74,
                -0.661_734_377_863_622_8,
            ),
            (
                stream(2016, 41, "residual:ANC", 12),
                0.460_242_217_611_675_7,
                0.415_648_349_640_071_25,
                -0.814_537_269_621_818_9,
            ),
        ] {
            assert_eq!((stream.uniform(), stream.uniform()), (first, second));
            assert!((stream.normal() / normal - 1.0).abs() < 4.0 * f64::EPSILON);
        }
    }

    /// 40 000 draws: mean, variance, and the share of each tenth within 4.5 standard errors of what they should be.
    #[test]
    fn draws_across_patients_have_the_right_distribution() {
        let n = 40_000;
        let (mut sum, mut squares, mut tenths) = (0.0, 0.0, [0usize; 10]);
        for patient in 0..n {
            let mut stream = stream(7, patient, "covariate:age", 0);
            tenths[(stream.uniform() * 10.0) as usize] += 1;
            let normal = stream.normal();
            sum += normal;
            squares += normal * normal;
        }
        let n = n as f64;
        assert!((sum / n).abs() < 4.5 / n.sqrt());
        assert!((squares / n - 1.0).abs() < 4.5 * (2.0 / n).sqrt());
        for tenth in tenths {
            assert!((tenth as f64 / n - 0.1).abs() < 4.5 * (0.09 / n).sqrt());
        }
    }
}
