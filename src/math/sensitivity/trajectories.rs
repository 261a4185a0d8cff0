//! Trajectories for elementary effects: walks over a grid on which every input moves once.
//!
//! Each is drawn as Morris 1991 has it: a base on a grid of `levels` values, a step of levels/(2 (levels − 1)) in each input, in random
//! order and direction. Of many candidates those are kept that lie far apart (Campolongo, Cariboni and Saltelli
//! 2007, section 4.2: distance of two trajectories is the sum of the distances of their points). The best choice of all is not
//! sought: as in Ruano, Ribes and Ferrer 2012 (Environmental Modelling and Software 37:103) trajectories are added one
//! by one, each the farthest from those that are in, which is close to it at a fraction of the cost.

use crate::math::random::{Identity, Stream};

/// Most candidates: distances are kept for each pair.
pub const MOST_CANDIDATES: usize = 2000;

/// `count` trajectories, `[trajectory][point][input]`, each input on the grid 0, 1/(levels − 1), … 1. The best spread of `candidates`
/// (at least `count`; at most [`MOST_CANDIDATES`] are drawn beyond that). `levels` is even and at least 2.
pub fn trajectories(
    inputs: usize,
    count: usize,
    levels: usize,
    candidates: usize,
    seed: u64,
) -> Vec<Vec<Vec<f64>>> {
    let candidates = candidates.min(MOST_CANDIDATES).max(count);
    let mut drawn: Vec<Vec<Vec<f64>>> =
        (0..candidates).map(|number| trajectory(inputs, levels, seed, number as u64)).collect();
    if count == 0 || candidates == count {
        return drawn;
    }
    let mut chosen = far_apart(&drawn, count);
    // In the order in which they were drawn.
    chosen.sort_unstable();
    chosen.into_iter().map(|place| std::mem::take(&mut drawn[place])).collect()
}

/// One random trajectory of `inputs + 1` points.
fn trajectory(inputs: usize, levels: usize, seed: u64, number: u64) -> Vec<Vec<f64>> {
    let mut stream = Stream::new(Identity { seed, patient: number, purpose: "trajectory", occasion: 0 });
    let last = (levels - 1) as f64;
    let half = levels / 2;
    // Levels from which a step of half the grid goes up; or, in the other direction, where it goes down to.
    let mut point: Vec<f64> = Vec::with_capacity(inputs);
    let mut step: Vec<f64> = Vec::with_capacity(inputs);
    for _ in 0..inputs {
        let low = ((stream.uniform() * half as f64) as usize).min(half - 1);
        let (from, to) = if stream.uniform() < 0.5 { (low, low + half) } else { (low + half, low) };
        point.push(from as f64 / last);
        step.push(to as f64 / last);
    }
    // Fisher and Yates, as Durstenfeld 1964 has it.
    let mut order: Vec<usize> = (0..inputs).collect();
    for end in (1..inputs).rev() {
        order.swap(end, ((stream.uniform() * (end + 1) as f64) as usize).min(end));
    }
    let mut walk = vec![point.clone()];
    for input in order {
        point[input] = step[input];
        walk.push(point.clone());
    }
    walk
}

fn distance(one: &[Vec<f64>], other: &[Vec<f64>]) -> f64 {
    let between =
        |a: &Vec<f64>, b: &Vec<f64>| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
    one.iter().map(|a| other.iter().map(|b| between(a, b)).sum::<f64>()).sum()
}

/// The farthest pair, then always the trajectory with the largest sum of squared distances from those chosen.
fn far_apart(drawn: &[Vec<Vec<f64>>], count: usize) -> Vec<usize> {
    let all = drawn.len();
    let mut apart = vec![0.0; all * all];
    let mut farthest = (0, 1, f64::NEG_INFINITY);
    for one in 0..all {
        for other in 0..one {
            let squared = distance(&drawn[one], &drawn[other]).powi(2);
            apart[one * all + other] = squared;
            apart[other * all + one] = squared;
            if squared > farthest.2 {
                farthest = (other, one, squared);
            }
        }
    }
    let mut chosen = vec![farthest.0, farthest.1];
    chosen.truncate(count);
    while chosen.len() < count {
        let sum = |place: usize| chosen.iter().map(|other| apart[place * all + other]).sum::<f64>();
        let left = (0..all).filter(|place| !chosen.contains(place));
        let Some(next) = left.max_by(|a, b| sum(*a).total_cmp(&sum(*b)).then(b.cmp(a))) else { break };
        chosen.push(next);
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_input_moves_once_by_half_the_grid_and_stays_on_it() {
        for levels in [2, 4, 6] {
            let delta = levels as f64 / (2.0 * (levels - 1) as f64);
            for walk in trajectories(5, 8, levels, 40, 3) {
                assert_eq!(walk.len(), 6);
                let mut moved = vec![0; 5];
                for pair in walk.windows(2) {
                    let changes: Vec<usize> = (0..5).filter(|i| pair[0][*i] != pair[1][*i]).collect();
                    assert_eq!(changes.len(), 1);
                    moved[changes[0]] += 1;
                    assert!(((pair[0][changes[0]] - pair[1][changes[0]]).abs() - delta).abs() < 1e-12);
                }
                assert_eq!(moved, [1; 5]);
                let on_grid = |x: &f64| (0.0..=1.0).contains(x) && (x * (levels - 1) as f64).fract() == 0.0;
                assert!(levels == 4 || walk.iter().flatten().all(on_grid), "{walk:?}");
            }
        }
        assert_eq!(trajectories(3, 4, 4, 20, 9), trajectories(3, 4, 4, 20, 9));
        assert_ne!(trajectories(3, 4, 4, 20, 9), trajectories(3, 4, 4, 20, 8));
        assert_eq!(trajectories(3, 1, 4, 20, 9).len(), 1);
    }

    /// Campolongo 2007: chosen trajectories lie farther apart than the first ones drawn.
    #[test]
    fn chosen_trajectories_lie_farther_apart_than_those_at_hand() {
        let spread = |walks: &[Vec<Vec<f64>>]| {
            let pairs = (0..walks.len()).flat_map(|one| (0..one).map(move |other| (one, other)));
            pairs.map(|(one, other)| distance(&walks[one], &walks[other]).powi(2)).sum::<f64>()
        };
        for seed in 0..5 {
            let (chosen, first) = (trajectories(6, 6, 4, 120, seed), trajectories(6, 6, 4, 6, seed));
            assert!(spread(&chosen) > 1.1 * spread(&first), "{seed}");
        }
    }
}
