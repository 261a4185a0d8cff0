//! How sure a place on the front is, when objectives are estimates: shares of resamples.
//!
//! Every point is estimated anew on the same resampled patients (Efron 1979), so that what points share by common random numbers cancels in
//! their order as it does in their differences. A share of resamples tells how often the point would be on the front with other
//! patients like these; it is no p-value, and where no patient had an event none of the resamples has one.

use super::order::front;

/// How one point fared over all resamples, as shares of them.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Standing {
    /// It is on the front.
    pub on_front: f64,
    /// It meets all conditions.
    pub accepted: f64,
    /// An objective, or what a condition asks for, is undefined: it is then neither on the front nor accepted.
    pub undefined: f64,
}

/// Shares over `resamples`: `of(point, resample)` gives its objectives, minimised, and whether it meets its conditions; `None` where
/// one is undefined.
pub fn standing(
    points: usize,
    resamples: usize,
    mut of: impl FnMut(usize, usize) -> Option<(Vec<f64>, bool)>,
) -> Vec<Standing> {
    let mut counts = vec![[0_usize; 3]; points];
    for resample in 0..resamples {
        let mut taking_part: Vec<(usize, Vec<f64>)> = Vec::new();
        for (point, counts) in counts.iter_mut().enumerate() {
            match of(point, resample) {
                Some((objectives, true)) => {
                    counts[1] += 1;
                    taking_part.push((point, objectives));
                }
                Some((_, false)) => {}
                None => counts[2] += 1,
            }
        }
        let objectives: Vec<&[f64]> = taking_part.iter().map(|(_, it)| it.as_slice()).collect();
        for place in front(&objectives) {
            counts[taking_part[place].0][0] += 1;
        }
    }
    let share = |count: usize| count as f64 / resamples.max(1) as f64;
    let of_counts = |[on_front, accepted, undefined]: [usize; 3]| Standing {
        on_front: share(on_front),
        accepted: share(accepted),
        undefined: share(undefined),
    };
    counts.into_iter().map(of_counts).collect()
}
