//! How far the nodes shrank at best: what a waterfall plot shows.

use super::{progression, reading};
use crate::scenario::ResponseCriteria;
use crate::simulation::{Trajectory, Visit};

/// The smallest relative change (−1 … ∞) of the measured nodes from the first restaging visit (baseline), over later
/// restaging visits up to the first at which progression was seen; `None` without such a visit.
pub fn best_change(criteria: &ResponseCriteria, trajectory: &Trajectory) -> Option<f64> {
    let read = |visit: &Visit| reading::column(visit, criteria.nodes);
    let mut visits = reading::visits(trajectory, criteria.schedule);
    let baseline = visits.next().map(read).filter(|value| *value > 0.0)?;
    let progressed = progression::first(trajectory, &criteria.progression);
    let mut best: Option<f64> = None;
    for visit in visits {
        let value = read(visit);
        if value.is_finite() {
            let change = value / baseline - 1.0;
            best = Some(best.map_or(change, |best| best.min(change)));
        }
        if progressed.is_some_and(|progressed| visit.time >= progressed) {
            break;
        }
    }
    best
}
