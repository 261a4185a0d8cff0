//! One at a time: what a result gains or loses when one input goes to the end of its range and all others stay.
//!
//! Both trials treat the same virtual patients, so the error of an effect is that of pairs: the jackknife leaves the same
//! patients out of both. It is what tells an effect from noise; the errors of the two results themselves say nothing of that.

use super::answer::{Bar, End, LEVEL, Told, Tornado};
use super::readings::{Reading, with_and_without};
use crate::math::distribution::student_two_sided_quantile;
use crate::math::sensitivity::jackknife;
use crate::sweep::{Cell, Sensitivity, Sweep};
use crate::trial::Target;

/// The bars of one result: points are the base, then low and high of each input.
pub fn tornado(
    sweep: &Sweep,
    asked: &Sensitivity,
    target: &Target,
    readings: &[Reading],
    sizes: &[usize],
) -> Tornado {
    let value = |place: usize| sweep.points[place].cells.last().map_or(String::new(), Cell::shown);
    let bar = |place: usize| {
        let input = &asked.inputs[place];
        let (low, high) = (1 + 2 * place, 2 + 2 * place);
        let end = |at: usize| End {
            value: value(at),
            estimate: readings[at].interval.estimate,
            effect: difference(&readings[0], &readings[at], sizes),
        };
        Bar {
            input: input.name.clone(),
            about: input.about.clone(),
            base: input.base.map_or(String::new(), |base| input.shown(base)),
            ends: [end(low), end(high)],
            swing: difference(&readings[low], &readings[high], sizes),
        }
    };
    let mut bars: Vec<Bar> = (0..asked.inputs.len()).map(bar).collect();
    let length = |bar: &Bar| {
        let ends = [0.0, bar.ends[0].effect.value, bar.ends[1].effect.value];
        let (low, high) = ends.iter().fold((0.0_f64, 0.0_f64), |(l, h), it| (l.min(*it), h.max(*it)));
        high - low
    };
    bars.sort_by(|a, b| length(b).total_cmp(&length(a)));
    Tornado {
        target: target.clone(),
        base: readings[0].interval.estimate,
        base_error: readings[0].error,
        bars,
    }
}

/// `to` less `from`, with the error of the same patients in both and limits by Student's t with as many degrees of freedom as groups
/// less one.
fn difference(from: &Reading, to: &Reading, sizes: &[usize]) -> Told {
    let pair = [from.clone(), to.clone()];
    let (value, without) = with_and_without(&pair, |results| results[1] - results[0]);
    let patients = without.and_then(|without| jackknife(value, &without, sizes));
    let limits = patients.map(|patients| {
        let half_width = student_two_sided_quantile(LEVEL, sizes.len() - 1) * patients.error;
        (value - half_width, value + half_width)
    });
    Told { value, limits, patients }
}
