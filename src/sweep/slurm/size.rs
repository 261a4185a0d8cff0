//! How many shards a sweep is cut into.
//!
//! Starting a task costs a second or more and a place in a queue, so that a shard should last minutes; and what a shard has under
//! way is lost when its machine is, so that it should not last hours.

use crate::sweep::plan::Shard;

/// What decides how many shards there are.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Time for all that is missing on one core, s.
    pub core_seconds: f64,
    /// Cores of a shard.
    pub cores: usize,
    /// How long a shard should last, min.
    pub minutes: f64,
    /// Most tasks that an array may have.
    pub most: usize,
}

impl Size {
    /// How many shards would last as long as they should.
    fn wanted(&self) -> usize {
        let seconds = self.core_seconds / self.cores.max(1) as f64;
        (seconds / (60.0 * self.minutes)).ceil().max(1.0) as usize
    }
}

/// The number of shards, and how many points the largest computes. `missing` are the places of the points to compute.
///
/// Points are dealt out by place, and where some are complete already the rest may fall on few shards: of the numbers from the
/// wanted one to a quarter above it the one with the smallest largest shard is taken.
pub fn shards(size: &Size, missing: &[usize]) -> (usize, usize) {
    let most = size.most.min(missing.len()).max(1);
    let wanted = size.wanted().min(most);
    let candidates = wanted..=(wanted + wanted / 4).min(most);
    candidates
        .map(|of| (of, largest(of, missing)))
        .min_by_key(|(_, load)| *load)
        .unwrap_or((1, missing.len()))
}

/// Missing points of the shard that has most.
pub fn largest(of: usize, missing: &[usize]) -> usize {
    let mut load = vec![0; of];
    for place in missing {
        load[Shard::with(*place, of).number - 1] += 1;
    }
    load.into_iter().max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_lasts_as_long_as_it_should() {
        let all: Vec<usize> = (0..10_000).collect();
        let size = Size { core_seconds: 8.0 * 3600.0, cores: 4, minutes: 10.0, most: 1000 };
        // Two hours on four cores, in parts of ten minutes.
        let (of, load) = shards(&size, &all);
        assert!((12..=15).contains(&of), "{of}");
        assert_eq!(load, 10_000_usize.div_ceil(of));
        // Never more than the array may have, than there are points, or less than one.
        assert_eq!(shards(&Size { most: 5, ..size }, &all).0, 5);
        assert_eq!(shards(&Size { core_seconds: 1e9, ..size }, &all[..7]), (7, 1));
        assert_eq!(shards(&Size { core_seconds: 0.0, ..size }, &all).0, 1);
        assert_eq!(shards(&size, &[]).0, 1);
    }

    #[test]
    fn what_is_missing_of_an_earlier_cut_is_dealt_out_evenly() {
        // What the fifth of eight shards left: eight shards again would put all on one.
        let missing: Vec<usize> = (0..800).filter(|place| place % 8 == 4).collect();
        let size = Size { core_seconds: 8.0 * 600.0, cores: 1, minutes: 10.0, most: 1000 };
        let (of, load) = shards(&size, &missing);
        assert!(of > 8 && load < missing.len() / 4, "{of} {load}");
    }
}
