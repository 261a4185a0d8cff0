//! Events of cumulative hazards: an event happens when the cumulative hazard reaches −ln U.
//!
//! U is drawn from a stream of its own per hazard and recurrence, so that a patient has the same luck in every arm.

use super::trajectory::Event;
use crate::math::elementary::ln;
use crate::math::random::{Identity, Stream};
use crate::model::Hazard;

/// An event time is located to this within the step, d (0.1 ms).
const PRECISION: f64 = 1e-9;

/// Events of one hazard in one patient, beyond which the hazard is taken to grow without bound: many more than any course has, and
/// few enough to be kept.
pub(super) const MOST_EVENTS: u64 = 10_000;

/// A hazard with more events than that.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TooManyEvents {
    /// Index into the model's hazards.
    pub(super) hazard: usize,
    /// Of the last, d.
    pub(super) time: f64,
}

/// One hazard's next threshold.
#[derive(Debug)]
struct Threshold {
    /// Cumulative hazard at which the next event happens; infinite when it cannot happen (again).
    level: f64,
    /// Events so far.
    occurrence: u64,
}

/// An event that ends follow-up or treatment, so that the step cannot be used beyond it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Interruption {
    /// Index into the model's hazards.
    pub(super) hazard: usize,
    /// d.
    pub(super) time: f64,
}

/// The hazards of one patient.
#[derive(Debug)]
pub(super) struct Hazards<'s> {
    hazards: &'s [Hazard],
    seed: u64,
    patient: u64,
    thresholds: Vec<Threshold>,
    /// Events in time order.
    pub(super) events: Vec<Event>,
    /// Whether a hazard that ends treatment has something to end.
    pub(super) on_treatment: bool,
}

impl<'s> Hazards<'s> {
    /// Draws the first thresholds; without variability there are no events.
    pub(super) fn new(hazards: &'s [Hazard], seed: u64, patient: usize, variability: bool) -> Self {
        let thresholds = hazards.iter().map(|_| Threshold { level: f64::INFINITY, occurrence: 0 }).collect();
        let patient = patient as u64;
        let mut all = Hazards { hazards, seed, patient, thresholds, events: Vec::new(), on_treatment: false };
        if variability {
            for hazard in 0..hazards.len() {
                all.thresholds[hazard].level = all.draw(hazard);
            }
        }
        all
    }

    /// Whether any event can still happen.
    pub(super) fn live(&self) -> bool {
        self.thresholds.iter().any(|threshold| threshold.level < f64::INFINITY)
    }

    /// The cumulative hazards at which the next events happen, in the order of the model's hazards; infinite for those
    /// that do not come.
    pub(super) fn levels(&self) -> impl Iterator<Item = f64> {
        self.thresholds.iter().map(|threshold| threshold.level)
    }

    /// Finds the events between `start` and `end`, in time order. `cumulative` gives the cumulative hazard of a hazard's
    /// state at a time; it is asked at `end` for every hazard and inside only where an event is due. Stops at the first
    /// that interrupts.
    ///
    /// # Errors
    /// A hazard whose events do not end.
    pub(super) fn scan(
        &mut self,
        start: f64,
        end: f64,
        cumulative: &mut dyn FnMut(usize, f64) -> f64,
    ) -> Result<Option<Interruption>, TooManyEvents> {
        let mut from = start;
        loop {
            let mut first: Option<(f64, usize)> = None;
            for (number, hazard) in self.hazards.iter().enumerate() {
                let level = self.thresholds[number].level;
                if level == f64::INFINITY || cumulative(hazard.state, end) < level {
                    continue;
                }
                let time = locate(from, end, &mut |time| cumulative(hazard.state, time) >= level);
                if first.is_none_or(|(earliest, _)| time < earliest) {
                    first = Some((time, number));
                }
            }
            let Some((time, hazard)) = first else { return Ok(None) };
            if self.thresholds[hazard].occurrence >= MOST_EVENTS {
                return Err(TooManyEvents { hazard, time });
            }
            if let Some(interruption) = self.happen(hazard, time) {
                return Ok(Some(interruption));
            }
            from = time;
        }
    }

    /// Notes an event and draws the next threshold of a recurrent hazard.
    fn happen(&mut self, number: usize, time: f64) -> Option<Interruption> {
        let hazard = &self.hazards[number];
        self.events.push(Event { time, hazard: number });
        self.thresholds[number].occurrence += 1;
        let step = if hazard.recurrent && !hazard.terminal { self.draw(number) } else { f64::INFINITY };
        self.thresholds[number].level += step;
        let interrupts = hazard.terminal || (hazard.ends_treatment && self.on_treatment);
        interrupts.then_some(Interruption { hazard: number, time })
    }

    /// −ln U of the next occurrence.
    fn draw(&self, hazard: usize) -> f64 {
        let purpose = format!("hazard:{}", self.hazards[hazard].name);
        let (seed, patient) = (self.seed, self.patient);
        let occasion = self.thresholds[hazard].occurrence;
        -ln(Stream::new(Identity { seed, patient, purpose: &purpose, occasion }).uniform())
    }
}

/// The time at which `reached` becomes true between `start` and `end` (where it is true), by bisection: a cumulative
/// hazard never falls, and this happens once or twice a patient.
fn locate(start: f64, end: f64, reached: &mut dyn FnMut(f64) -> bool) -> f64 {
    let (mut low, mut high) = (start, end);
    while high - low > PRECISION {
        let middle = low + 0.5 * (high - low);
        if middle <= low || middle >= high {
            break;
        }
        if reached(middle) { high = middle } else { low = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hazard(name: &str, state: usize, terminal: bool, recurrent: bool) -> Hazard {
        Hazard { name: name.into(), state, terminal, ends_treatment: false, recurrent, about: String::new() }
    }

    fn threshold(seed: u64, purpose: &str, occasion: u64) -> f64 {
        -ln(Stream::new(Identity { seed, patient: 3, purpose, occasion }).uniform())
    }

    #[test]
    fn recurrent_events_are_spaced_by_fresh_thresholds() {
        let list = [hazard("infection", 0, false, true)];
        let mut hazards = Hazards::new(&list, 9, 3, true);
        // Constant hazard of 1 per day: event times are the partial sums of −ln U.
        let interruption = hazards.scan(0.0, 5.0, &mut |_, time| time);
        assert_eq!(interruption, Ok(None));
        let mut expected = 0.0;
        for (occasion, event) in hazards.events.iter().enumerate() {
            expected += threshold(9, "hazard:infection", occasion as u64);
            assert!((event.time - expected).abs() < 2e-9);
        }
        expected += threshold(9, "hazard:infection", hazards.events.len() as u64);
        assert!(expected > 5.0, "the next event lies after the step");
    }

    #[test]
    fn a_terminal_event_hides_what_comes_after() {
        let list = [hazard("death", 0, true, false), hazard("infection", 1, false, true)];
        let mut hazards = Hazards::new(&list, 9, 3, true);
        let death = threshold(9, "hazard:death", 0);
        let interruption = hazards.scan(0.0, 100.0, &mut |_, time| time);
        let interruption = interruption.expect("few events").expect("death comes within 100 mean times");
        assert!(interruption.hazard == 0 && (interruption.time - death).abs() < 2e-9);
        assert!(hazards.events.iter().all(|event| event.time <= interruption.time));
        assert_eq!(hazards.events.last().map(|event| event.hazard), Some(0));
    }

    #[test]
    fn a_hazard_that_explodes_is_named_and_not_followed_for_ever() {
        let list = [hazard("infection", 0, false, true)];
        let mut hazards = Hazards::new(&list, 9, 3, true);
        // A hazard of 2e4 per day reaches the limit after about half a day; one of 5e3 never does.
        let stopped = hazards.scan(0.0, 1.0, &mut |_, time| 2e4 * time).expect_err("too many");
        assert_eq!(stopped.hazard, 0);
        assert!((stopped.time - 0.5).abs() < 0.02, "{}", stopped.time);
        let mut hazards = Hazards::new(&list, 9, 3, true);
        assert_eq!(hazards.scan(0.0, 1.0, &mut |_, time| 5e3 * time), Ok(None));
    }

    #[test]
    fn no_events_without_variability() {
        let list = [hazard("death", 0, true, false)];
        let mut hazards = Hazards::new(&list, 9, 3, false);
        assert!(!hazards.live());
        assert_eq!(hazards.scan(0.0, 1e6, &mut |_, time| time), Ok(None));
    }
}
