//! Dose records on their way into the body: what enters where, when and how fast; further doses of a series, doses under
//! their lag, infusions under way.
//!
//! Bioavailability of a bolus is a share of the amount; of an infusion whose rate is known (RATE > 0 or −1) it changes the
//! duration, of one whose duration is known (RATE = −2, or DUR) the rate, as NONMEM has it. Lag, bioavailability, rate and duration are
//! read when a dose is due: at its record, or for a further dose at the record's time plus a multiple of II.

use super::due::{Dues, has_come};
use super::failure;
use super::trajectory::Failure;
use crate::dataset::{Administration, Dose};
use crate::model::Model;
use crate::program::Individual;

/// What one dose brings into the states, without its lag.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Entry {
    /// Amounts at once, by state.
    Bolus(Vec<(usize, f64)>),
    /// Rates per day by state, over a duration in days.
    Infusion { rates: Vec<(usize, f64)>, duration: f64 },
}

/// What a dose brings, and its lag, d.
///
/// # Errors
/// A lag, fraction, rate or duration of the model that cannot be.
pub(super) fn entry(
    model: &Model,
    individual: &Individual,
    dose: &Dose,
    time: f64,
) -> Result<(Entry, f64), Failure> {
    let route = &model.routes[dose.route];
    let not_negative = |value: f64, what: &str| {
        if value.is_finite() && value >= 0.0 {
            Ok(value)
        } else {
            Err(failure::of_dose(model, dose.route, time, what, value))
        }
    };
    let lag = individual.dose_lag(dose.route);
    if !(lag.is_finite() && lag >= 0.0) {
        return Err(failure::of_lag(model, dose.route, time, lag));
    }
    let mut shares = Vec::with_capacity(route.into.len());
    for (place, destination) in route.into.iter().enumerate() {
        let fraction = individual.dose_fraction(dose.route, place);
        shares.push((destination.state, not_negative(fraction, "fraction")?));
    }
    let scaled = |factor: f64| shares.iter().map(|&(state, share)| (state, share * factor)).collect();
    let available: f64 = shares.iter().map(|(_, share)| share).sum();
    // The rate is that of what enters; several states share it as they share the dose.
    let at_rate = |rate: f64| Entry::Infusion {
        rates: scaled(if available > 0.0 { rate / available } else { 0.0 }),
        duration: available * dose.amount / rate,
    };
    let entry = match dose.administration {
        Administration::Bolus => Entry::Bolus(scaled(dose.amount)),
        Administration::Rate(rate) => at_rate(rate),
        // In the order of a trial's infusions, so that these can be given back to the last bit.
        Administration::Duration(duration) => Entry::Infusion {
            rates: shares.iter().map(|&(state, share)| (state, dose.amount * share / duration)).collect(),
            duration,
        },
        Administration::ModelledRate => {
            let rate = individual.dose_rate(dose.route).unwrap_or(f64::NAN);
            if !(rate.is_finite() && rate > 0.0) {
                return Err(failure::of_dose(model, dose.route, time, "rate", rate));
            }
            at_rate(rate)
        }
        Administration::ModelledDuration => {
            let duration = individual.dose_duration(dose.route).unwrap_or(f64::NAN);
            match not_negative(duration, "duration")? {
                0.0 => Entry::Bolus(scaled(dose.amount)),
                duration => Entry::Infusion { rates: scaled(dose.amount / duration), duration },
            }
        }
    };
    Ok((entry, lag))
}

/// Further doses of a record.
#[derive(Debug)]
struct Series {
    dose: Dose,
    /// Time of the record, d.
    from: f64,
    /// Number of the next dose, from 1.
    next: u64,
}

impl Series {
    fn due(&self) -> f64 {
        self.from + self.next as f64 * self.dose.interval
    }
}

/// An infusion under way.
#[derive(Debug)]
struct Running {
    end: f64,
    rates: Vec<(usize, f64)>,
}

/// Everything that is on its way.
#[derive(Debug, Default)]
pub(super) struct Ways {
    series: Dues<Series>,
    /// Doses under their lag.
    waiting: Dues<Entry>,
    running: Vec<Running>,
}

impl Ways {
    /// Cancels everything.
    pub(super) fn clear(&mut self) {
        self.series.clear();
        self.waiting.clear();
        self.running.clear();
    }

    /// Further doses of a record at `time`.
    pub(super) fn repeat(&mut self, dose: &Dose, time: f64) {
        if dose.additional > 0 {
            let series = Series { dose: dose.clone(), from: time, next: 1 };
            self.series.push(series.due(), series);
        }
    }

    /// A dose that enters at `due`.
    pub(super) fn wait(&mut self, due: f64, entry: Entry) {
        self.waiting.push(due, entry);
    }

    /// An infusion that has begun, until `end`.
    pub(super) fn run(&mut self, rates: Vec<(usize, f64)>, end: f64) {
        self.running.push(Running { end, rates });
    }

    /// The next time at which something happens; infinite if nothing does.
    pub(super) fn next(&self) -> f64 {
        let running = self.running.iter().map(|running| running.end);
        running.fold(self.series.next().min(self.waiting.next()), f64::min)
    }

    /// The next further dose that is due at `time`; its time.
    pub(super) fn take_due(&mut self, time: f64) -> Option<(Dose, f64)> {
        let (due, mut series) = self.series.take(time)?;
        let taken = (series.dose.clone(), due);
        series.next += 1;
        if series.next <= series.dose.additional {
            self.series.push(series.due(), series);
        }
        Some(taken)
    }

    /// Lets in what waits and is due at `time`; what is left of the infusions runs on. True if anything happened.
    pub(super) fn let_in(&mut self, time: f64, states: &mut [f64], inputs: &mut [f64]) -> bool {
        let mut happened = false;
        while let Some((due, entry)) = self.waiting.take(time) {
            self.enter(due, entry, states);
            happened = true;
        }
        let before = self.running.len();
        self.running.retain(|running| !has_come(running.end, time));
        happened |= before != self.running.len();
        if happened {
            self.write_inputs(inputs);
        }
        happened
    }

    /// A dose enters now.
    pub(super) fn enter(&mut self, time: f64, entry: Entry, states: &mut [f64]) {
        match entry {
            Entry::Bolus(amounts) => {
                for (state, amount) in amounts {
                    states[state] += amount;
                }
            }
            Entry::Infusion { rates, duration } => self.run(rates, time + duration),
        }
    }

    /// Zero-order inputs of all states, summed anew so that no rounding is left when the last infusion ends.
    pub(super) fn write_inputs(&self, inputs: &mut [f64]) {
        inputs.fill(0.0);
        for (state, rate) in self.running.iter().flat_map(|running| &running.rates) {
            inputs[*state] += rate;
        }
    }
}
