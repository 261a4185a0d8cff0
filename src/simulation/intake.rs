//! What has been given and has not arrived yet: doses with a lag, infusions under way.

use super::clock::{MOMENT, reached};
use crate::model::Route;
use crate::program::Individual;

/// An amount that enters a state at once.
#[derive(Debug)]
struct Arrival {
    time: f64,
    state: usize,
    amount: f64,
}

/// An amount that enters a state at a constant rate.
#[derive(Debug)]
struct Infusion {
    from: f64,
    to: f64,
    state: usize,
    rate: f64,
}

/// Doses on their way into the body.
#[derive(Debug, Default)]
pub(super) struct Intake {
    arrivals: Vec<Arrival>,
    infusions: Vec<Infusion>,
}

impl Intake {
    /// Takes in a dose given at `time`, over a span of `over` days (0: at once).
    ///
    /// # Errors
    /// The lag, if it is negative or not a finite number.
    pub(super) fn give(
        &mut self,
        individual: &Individual,
        (number, route): (usize, &Route),
        time: f64,
        amount: f64,
        over: f64,
    ) -> Result<(), f64> {
        let lag = individual.dose_lag(number);
        if !(lag.is_finite() && lag >= 0.0) {
            return Err(lag);
        }
        let from = time + lag;
        for (place, destination) in route.into.iter().enumerate() {
            let amount = amount * individual.dose_fraction(number, place);
            let state = destination.state;
            if over > 0.0 {
                self.infusions.push(Infusion { from, to: from + over, state, rate: amount / over });
            } else {
                self.arrivals.push(Arrival { time: from, state, amount });
            }
        }
        Ok(())
    }

    /// The next time at which something arrives, starts or stops; infinite if there is none.
    pub(super) fn next(&self, time: f64) -> f64 {
        let arrivals = self.arrivals.iter().map(|arrival| arrival.time);
        let infusions = self.infusions.iter().flat_map(|infusion| [infusion.from, infusion.to]);
        arrivals.chain(infusions).filter(|&next| !reached(next, time)).fold(f64::INFINITY, f64::min)
    }

    /// Whether something arrives, starts or stops at `time`.
    pub(super) fn is_due(&self, time: f64) -> bool {
        let edges = |infusion: &Infusion| [infusion.from, infusion.to];
        let mut edges = self.infusions.iter().flat_map(edges);
        self.arrivals.iter().any(|arrival| reached(arrival.time, time))
            || edges.any(|edge| (edge - time).abs() <= MOMENT)
    }

    /// Brings what is due at `time` into the states and writes the inputs of the running infusions. True if anything
    /// jumped.
    pub(super) fn enter(&mut self, time: f64, states: &mut [f64], inputs: &mut [f64]) -> bool {
        let mut jumped = false;
        self.arrivals.retain(|arrival| {
            let due = reached(arrival.time, time);
            if due {
                states[arrival.state] += arrival.amount;
                jumped = true;
            }
            !due
        });
        if self.infusions.is_empty() {
            return jumped;
        }
        let edge = |infusion: &Infusion| {
            (infusion.from - time).abs() <= MOMENT || (infusion.to - time).abs() <= MOMENT
        };
        if self.infusions.iter().any(edge) {
            self.infusions.retain(|infusion| !reached(infusion.to, time));
            // Summed anew, so that no rounding is left behind when the last infusion stops.
            inputs.fill(0.0);
            for infusion in self.infusions.iter().filter(|infusion| reached(infusion.from, time)) {
                inputs[infusion.state] += infusion.rate;
            }
            jumped = true;
        }
        jumped
    }
}
