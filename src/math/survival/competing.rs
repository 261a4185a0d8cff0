//! Cumulative incidence where everyone is watched from the beginning: the estimate and the standard errors of
//! [`super::aalen_johansen`], at the cost of events times causes, so that large trials can be summed up.
//!
//! Subjects with the same history have the same derivative with respect to their weight. Those still at risk share one.
//! Once a subject has left with derivatives s (of the event-free probability S) and c (of an incidence F), these go on as
//! r S(t) and a + r F(t) with r = s/S and a = c − r F at the time of leaving: sums of a², a r and r² tell the rest.

use super::aalen_johansen::CumulativeIncidence;

/// How one subject's follow-up ended: when, and by which cause, from 0; `None` for censored.
pub type Ended = (f64, Option<usize>);

/// Aalen-Johansen estimate of all `causes`, with infinitesimal jackknife errors. Causes beyond `causes` count as censored,
/// times that are no number are left out.
pub fn competing_incidence(ended: &[Ended], causes: usize) -> CumulativeIncidence {
    let mut ended: Vec<Ended> = ended.iter().copied().filter(|(time, _)| !time.is_nan()).collect();
    ended.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut state = State::new(ended.len(), causes);
    let mut curve = CumulativeIncidence {
        times: vec![],
        event_free: vec![],
        event_free_error: vec![],
        incidence: vec![],
        standard_error: vec![],
    };
    for tied in ended.chunk_by(|a, b| a.0 == b.0) {
        let mut events = vec![0; causes];
        for cause in tied.iter().filter_map(|(_, cause)| *cause).filter(|cause| *cause < causes) {
            events[cause] += 1;
        }
        state.advance(&events, tied.len());
        if events.iter().any(|count| *count > 0) {
            curve.times.push(tied[0].0);
            curve.event_free.push(state.event_free);
            curve.event_free_error.push(state.event_free_error());
            curve.incidence.push(state.incidence.clone());
            curve.standard_error.push((0..causes).map(|cause| state.incidence_error(cause)).collect());
        }
    }
    curve
}

/// Sums over the subjects who have left, of one cause.
#[derive(Clone, Copy, Default)]
struct Left {
    /// Σ a²
    constant: f64,
    /// Σ a r
    mixed: f64,
}

struct State {
    at_risk: usize,
    event_free: f64,
    incidence: Vec<f64>,
    /// Derivatives of those still at risk.
    event_free_slope: f64,
    slopes: Vec<f64>,
    /// Σ r² of those who have left.
    left_rates: f64,
    left: Vec<Left>,
}

impl State {
    fn new(subjects: usize, causes: usize) -> Self {
        State {
            at_risk: subjects,
            event_free: 1.0,
            incidence: vec![0.0; causes],
            event_free_slope: 0.0,
            slopes: vec![0.0; causes],
            left_rates: 0.0,
            left: vec![Left::default(); causes],
        }
    }

    /// Goes over a time at which `leaving` subjects end, of them `events[k]` by cause k.
    fn advance(&mut self, events: &[usize], leaving: usize) {
        let n = self.at_risk as f64;
        let hazards: Vec<f64> = events.iter().map(|count| *count as f64 / n).collect();
        let all: f64 = hazards.iter().sum();
        let (before, slope) = (self.event_free, self.event_free_slope);
        for (incidence, hazard) in self.incidence.iter_mut().zip(&hazards) {
            *incidence += before * hazard;
        }
        self.event_free = before * (1.0 - all);
        // Whoever had no event now.
        self.event_free_slope = slope * (1.0 - all) + before * all / n;
        for (slope_of_cause, hazard) in self.slopes.iter_mut().zip(&hazards) {
            *slope_of_cause += slope * hazard - before * hazard / n;
        }
        for (cause, count) in events.iter().enumerate().filter(|(_, count)| **count > 0) {
            self.leave(*count, Some((cause, before / n)));
        }
        let censored = leaving - events.iter().sum::<usize>();
        if censored > 0 {
            self.leave(censored, None);
        }
        self.at_risk -= leaving;
    }

    /// `count` subjects leave; an event adds its jump to the derivatives of those without.
    fn leave(&mut self, count: usize, event: Option<(usize, f64)>) {
        let count = count as f64;
        let slope = self.event_free_slope - event.map_or(0.0, |(_, jump)| jump);
        let rate = if self.event_free > 0.0 { slope / self.event_free } else { 0.0 };
        self.left_rates += count * rate * rate;
        for cause in 0..self.slopes.len() {
            let jump = event.filter(|(of, _)| *of == cause).map_or(0.0, |(_, jump)| jump);
            let constant = self.slopes[cause] + jump - rate * self.incidence[cause];
            self.left[cause].constant += count * constant * constant;
            self.left[cause].mixed += count * constant * rate;
        }
    }

    fn event_free_error(&self) -> f64 {
        let at_risk = self.at_risk as f64 * self.event_free_slope * self.event_free_slope;
        (at_risk + self.left_rates * self.event_free * self.event_free).sqrt()
    }

    fn incidence_error(&self, cause: usize) -> f64 {
        let at_risk = self.at_risk as f64 * self.slopes[cause] * self.slopes[cause];
        let (left, incidence) = (self.left[cause], self.incidence[cause]);
        let gone = left.constant + incidence * (2.0 * left.mixed + incidence * self.left_rates);
        // A sum of squares: below 0 only by rounding.
        (at_risk + gone).max(0.0).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::super::aalen_johansen::{CompetingRow, aalen_johansen};
    use super::*;

    /// Both sums hold at most a few hundred terms of size 1: rounding is below this.
    const ROUNDING: f64 = 1e-12;

    fn close(one: f64, other: f64) {
        assert!((one - other).abs() < ROUNDING, "{one} {other}");
    }

    fn agree(ended: &[Ended], causes: usize) {
        let rows: Vec<CompetingRow> = ended
            .iter()
            .enumerate()
            .map(|(subject, &(stop, cause))| CompetingRow { start: f64::NEG_INFINITY, stop, cause, subject })
            .collect();
        let (whole, fast) = (aalen_johansen(&rows, causes).unwrap(), competing_incidence(ended, causes));
        assert_eq!(whole.times, fast.times);
        for step in 0..whole.times.len() {
            close(whole.event_free[step], fast.event_free[step]);
            close(whole.event_free_error[step], fast.event_free_error[step]);
            for cause in 0..causes {
                close(whole.incidence[step][cause], fast.incidence[step][cause]);
                close(whole.standard_error[step][cause], fast.standard_error[step][cause]);
            }
        }
    }

    #[test]
    fn the_sums_agree_with_the_derivative_of_every_subject() {
        agree(&[(1.0, Some(0)), (2.0, Some(1)), (2.0, None), (3.0, Some(1)), (4.0, Some(0))], 2);
        agree(&[(2.0, None), (2.0, Some(0)), (5.0, None), (5.0, Some(1)), (7.0, None)], 3);
        agree(&[(1.0, Some(0)), (1.0, Some(1)), (1.0, Some(1))], 2);
        // Three hundred subjects, many ties, three causes and censoring, from a simple congruential sequence.
        let mut seed = 12345_u32;
        let mut next = |below: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 16) % below
        };
        let ended: Vec<Ended> = (0..300)
            .map(|_| (f64::from(next(60)), Some(next(5) as usize).filter(|cause| *cause < 3)))
            .collect();
        agree(&ended, 3);
    }

    #[test]
    fn nobody_has_no_curve() {
        assert!(competing_incidence(&[], 2).times.is_empty());
        assert!(competing_incidence(&[(1.0, None)], 2).times.is_empty());
    }
}
