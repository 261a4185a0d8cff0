//! Percentiles of samples too large to keep: counts in bins of equal relative width.
//!
//! A bin holds the numbers that share sign, exponent and the first few binary digits, so that finding it takes a shift
//! and no logarithm, and the error of what is read back has a bound (the idea of Gil Tene's HdrHistogram; the same bound
//! with logarithmic bins: Masson, Rim and Lee, DDSketch, PVLDB 12 (2019) 2195). Counts are whole numbers: the result is
//! the same bits in whatever order the numbers came, and from however many parts it was put together.

/// Digits of a binary fraction in double precision.
const FRACTION: u32 = 52;

/// Counts of finite numbers by their leading binary digits.
#[derive(Debug, Clone)]
pub struct Histogram {
    /// Binary digits after the leading one that tell bins apart.
    digits: u32,
    /// Bins of one sign and exponent, where any is not empty; ascending by the exponent's place in the order of numbers.
    octaves: Vec<(i32, Box<[u32]>)>,
    count: u64,
}

impl Histogram {
    /// An empty histogram with 2^`digits` bins per doubling (at most 2^20).
    pub fn new(digits: u32) -> Self {
        Self { digits: digits.min(20), octaves: Vec::new(), count: 0 }
    }

    /// Largest relative error of a number read back, 2^−(digits + 1). Numbers below 2.3e-308 read as 0.
    pub fn relative_error(digits: u32) -> f64 {
        0.5_f64.powi(digits.min(20) as i32 + 1)
    }

    /// Counts a number; one that is not finite is left out.
    pub fn add(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        let bin = order_key(value) >> (FRACTION - self.digits);
        // An exponent has 11 binary digits and a sign.
        let octave = (bin >> self.digits) as i32;
        let place = match self.octaves.binary_search_by_key(&octave, |it| it.0) {
            Ok(place) => place,
            Err(place) => {
                self.octaves.insert(place, (octave, vec![0; 1 << self.digits].into_boxed_slice()));
                place
            }
        };
        let within = (bin & ((1 << self.digits) - 1)) as usize;
        self.octaves[place].1[within] += 1;
        self.count += 1;
    }

    /// How many numbers were counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Sample quantiles, type 7 (Hyndman and Fan 1996): each between two order statistics that are within
    /// [`Histogram::relative_error`] of the true ones. `None` without numbers.
    pub fn quantiles<const N: usize>(&self, p: [f64; N]) -> Option<[f64; N]> {
        let last = self.count.checked_sub(1)?;
        // The numbers up to and with each bin, beside its middle.
        let mut steps = Vec::new();
        for (middle, count) in self.bins() {
            let before = steps.last().map_or(0, |step: &(u64, f64)| step.0);
            steps.push((before + u64::from(count), middle));
        }
        let of_rank = |rank: u64| steps[steps.partition_point(|step| step.0 <= rank)].1;
        Some(p.map(|p| {
            let position = last as f64 * p;
            let below = position.floor();
            let (fraction, rank) = (position - below, below as u64);
            let (lower, upper) = (of_rank(rank), of_rank((rank + 1).min(last)));
            if fraction == 0.0 || lower == upper { lower } else { lower + fraction * (upper - lower) }
        }))
    }

    /// Arithmetic mean, each number taken at the middle of its bin. `None` without numbers.
    pub fn mean(&self) -> Option<f64> {
        let sum: f64 = self.bins().map(|(value, count)| value * f64::from(count)).sum();
        (self.count > 0).then(|| sum / self.count as f64)
    }

    /// Middles and counts of the bins that are not empty, ascending.
    fn bins(&self) -> impl Iterator<Item = (f64, u32)> {
        self.octaves.iter().flat_map(move |(octave, counts)| {
            let first = i64::from(*octave) << self.digits;
            let occupied = (first..).zip(counts.iter()).filter(|(_, count)| **count > 0);
            occupied.map(|(bin, count)| (self.middle(bin), *count))
        })
    }

    fn middle(&self, bin: i64) -> f64 {
        let width = FRACTION - self.digits;
        let (low, high) = (from_order_key(bin << width), from_order_key(((bin + 1) << width) - 1));
        let middle = low + 0.5 * (high - low);
        // The bins beside 0 hold denormal numbers and 0 itself.
        if middle.abs() < f64::MIN_POSITIVE { 0.0 } else { middle }
    }
}

/// A whole number that orders as the value does (as [`f64::total_cmp`]).
pub fn order_key(value: f64) -> i64 {
    flipped(value.to_bits().cast_signed())
}

/// The value of an [`order_key`].
pub fn from_order_key(key: i64) -> f64 {
    f64::from_bits(flipped(key).cast_unsigned())
}

/// Negative numbers have their digits the other way round; its own inverse.
fn flipped(bits: i64) -> i64 {
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::random::{Identity, Stream};
    use crate::math::statistics::quantile;

    const P: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

    /// Numbers over many decades, a fifth of them negative, some 0.
    fn sample(n: u64) -> Vec<f64> {
        let mut draw = Stream::new(Identity { seed: 5, patient: 0, purpose: "histogram", occasion: 0 });
        (0..n)
            .map(|i| match i % 10 {
                0 => 0.0,
                1 | 2 => -(3.0 * draw.normal()).exp(),
                _ => (4.0 * draw.normal()).exp(),
            })
            .collect()
    }

    #[test]
    fn quantiles_are_within_the_stated_error_of_the_exact_ones() {
        for (n, digits) in [(1, 5), (2, 5), (7, 10), (1000, 5), (1000, 8), (20_011, 10)] {
            let mut values = sample(n);
            let mut histogram = Histogram::new(digits);
            values.iter().for_each(|value| histogram.add(*value));
            values.sort_by(f64::total_cmp);
            let error = Histogram::relative_error(digits);
            let found = histogram.quantiles(P).expect("numbers");
            for (p, found) in P.into_iter().zip(found) {
                let exact = quantile(&values, p);
                let rank = ((n - 1) as f64 * p).floor() as usize;
                let size = values[rank].abs().max(values[(rank + 1).min(n as usize - 1)].abs());
                assert!(
                    (found - exact).abs() <= error * size * 1.000_001,
                    "{n} {digits} {p}: {found} {exact}"
                );
            }
            let (mean, size) = (values.iter().sum::<f64>(), values.iter().map(|x| x.abs()).sum::<f64>());
            let found = histogram.mean().expect("numbers") * n as f64;
            assert!((found - mean).abs() <= error * size, "{found} {mean}");
            assert_eq!(histogram.count(), n);
        }
    }

    #[test]
    fn zero_and_equal_numbers_and_powers_of_two_read_back() {
        let mut histogram = Histogram::new(10);
        assert_eq!((histogram.quantiles(P), histogram.mean()), (None, None));
        for value in [0.0, -0.0, 1e-310, f64::NAN, f64::INFINITY] {
            histogram.add(value);
        }
        assert_eq!(histogram.quantiles(P), Some([0.0; 5]));
        let mut histogram = Histogram::new(10);
        (0..100).for_each(|_| histogram.add(-4.0));
        for found in histogram.quantiles(P).expect("numbers") {
            assert!((found + 4.0).abs() <= 4.0 * Histogram::relative_error(10));
        }
    }

    #[test]
    fn the_order_of_the_numbers_does_not_matter() {
        let values = sample(5000);
        let filled = |values: &mut dyn Iterator<Item = &f64>| {
            let mut histogram = Histogram::new(7);
            values.for_each(|value| histogram.add(*value));
            format!("{:?} {:?}", histogram.quantiles(P), histogram.mean())
        };
        assert_eq!(filled(&mut values.iter()), filled(&mut values.iter().rev()));
    }

    #[test]
    fn keys_order_as_numbers_do_and_lead_back() {
        let mut values = sample(200);
        values.extend([f64::MIN, f64::MAX, -0.0, f64::MIN_POSITIVE, 5e-324, -5e-324]);
        let mut keys: Vec<i64> = values.iter().map(|value| order_key(*value)).collect();
        values.sort_by(f64::total_cmp);
        keys.sort_unstable();
        for (value, key) in values.iter().zip(keys) {
            assert_eq!(from_order_key(key).to_bits(), value.to_bits());
        }
    }
}
