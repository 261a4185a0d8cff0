//! Axes: which values stand where, and at which of them a tick is written.

use crate::report::number::significant;

/// Maps values to places along an axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
    logarithmic: bool,
}

impl Scale {
    /// Linear: `low` stands at `from`, `high` at `to`.
    pub fn linear(low: f64, high: f64, from: f64, to: f64) -> Self {
        Self { low, high: if high > low { high } else { low + 1.0 }, from, to, logarithmic: false }
    }
    /// Logarithmic; both limits are positive.
    pub fn logarithmic(low: f64, high: f64, from: f64, to: f64) -> Self {
        let low = if low > 0.0 { low } else { 1.0 };
        Self { low, high: if high > low { high } else { low * 10.0 }, from, to, logarithmic: true }
    }
    /// Where a value stands; values beyond the limits stand at the limits.
    pub fn at(self, value: f64) -> f64 {
        let value = value.clamp(self.low, self.high);
        let share = if self.logarithmic {
            (value / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        self.from + share * (self.to - self.from)
    }
    /// Ticks: round values within the limits, about as many as wanted, with their labels.
    pub fn ticks(self, wanted: usize) -> Vec<(f64, String)> {
        let values = if self.logarithmic {
            logarithmic_ticks(self.low, self.high, wanted)
        } else {
            self.round_values(wanted)
        };
        values.into_iter().map(|value| (value, significant(value, 6))).collect()
    }
    /// Ticks at multiples of a step.
    pub fn ticks_every(self, step: f64) -> Vec<(f64, String)> {
        multiples(self.low, self.high, step).into_iter().map(|value| (value, significant(value, 6))).collect()
    }

    fn round_values(self, wanted: usize) -> Vec<f64> {
        multiples(self.low, self.high, round_step(self.high - self.low, wanted))
    }
}

/// The round step (1, 2, 2.5 or 5 times a power of ten) that divides a span into nearest to the wanted number of parts.
pub fn round_step(span: f64, wanted: usize) -> f64 {
    let wanted = wanted.max(1) as f64;
    let power = 10f64.powf((span / wanted).log10().floor());
    let off = |step: &f64| (span / step - wanted).abs();
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0].map(|mantissa| mantissa * power);
    steps.into_iter().min_by(|a, b| off(a).total_cmp(&off(b))).unwrap_or(power)
}

fn multiples(low: f64, high: f64, step: f64) -> Vec<f64> {
    let first = (low / step - 1e-6).ceil() as i64;
    let last = (high / step + 1e-6).floor() as i64;
    (first..=last).map(|i| round_off(i as f64 * step)).collect()
}

/// Removes the last bits that a product of a round step leaves (0.30000000000000004).
fn round_off(value: f64) -> f64 {
    format!("{value:.12e}").parse().unwrap_or(value)
}

fn logarithmic_ticks(low: f64, high: f64, wanted: usize) -> Vec<f64> {
    let decades = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let within = |v: &f64| *v >= low * (1.0 - 1e-9) && *v <= high * (1.0 + 1e-9);
    let with = |mantissas: &[f64], every: usize| -> Vec<f64> {
        (decades.0..=decades.1)
            .step_by(every)
            .flat_map(|power| mantissas.iter().map(move |m| round_off(m * 10f64.powi(power))))
            .filter(within)
            .collect()
    };
    for mantissas in [[1.0, 2.0, 5.0].as_slice(), &[1.0, 3.0], &[1.0]] {
        let ticks = with(mantissas, 1);
        if ticks.len() <= wanted + 1 {
            return ticks;
        }
    }
    let span = (decades.1 - decades.0).max(1) as usize;
    with(&[1.0], span.div_ceil(wanted.max(1)).max(1))
}

/// The end of a time axis, moved on to the next tick if that is almost reached (24 months are 730 days and a half).
pub fn to_last_tick(end: f64, step: f64) -> f64 {
    let next = (end / step).ceil() * step;
    if next - end < 0.01 * end { next } else { end }
}

/// A range that covers values, with a round lower end, a little room above, and ticks in mind; it begins at 0 when
/// the values come near that.
pub fn round_range(low: f64, high: f64, wanted: usize) -> (f64, f64) {
    let (low, high) = if low < high { (low, high) } else { (low - 0.5, high + 0.5) };
    let low = if low > 0.0 && low < 0.4 * high { 0.0 } else { low };
    let high = high + 0.03 * (high - low);
    let step = round_step(high - low, wanted);
    ((low / step + 1e-9).floor() * step, high)
}

/// Limits of a logarithmic axis that covers positive values: at most a factor of 2 or 2.5 beyond them.
pub fn log_range(low: f64, high: f64) -> (f64, f64) {
    let below = |v: f64| {
        let power = 10f64.powf(v.log10().floor());
        [5.0, 2.0, 1.0].into_iter().map(|m| m * power).find(|s| *s <= v * (1.0 + 1e-9)).unwrap_or(power)
    };
    let above = |v: f64| {
        let power = 10f64.powf(v.log10().floor());
        [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .map(|m| m * power)
            .find(|s| *s >= v * (1.0 - 1e-9))
            .unwrap_or(10.0 * power)
    };
    (below(low), above(high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within() {
        let labels = |ticks: Vec<(f64, String)>| ticks.into_iter().map(|t| t.1).collect::<Vec<_>>();
        assert_eq!(labels(Scale::linear(0.0, 1.0, 0.0, 100.0).ticks(4)), ["0", "0.25", "0.5", "0.75", "1"]);
        assert_eq!(labels(Scale::linear(0.0, 0.6, 0.0, 100.0).ticks(3)), ["0", "0.2", "0.4", "0.6"]);
        assert_eq!(
            labels(Scale::logarithmic(0.5, 20.0, 0.0, 100.0).ticks(6)),
            ["0.5", "1", "2", "5", "10", "20"]
        );
        assert_eq!(labels(Scale::logarithmic(1e-3, 1e3, 0.0, 100.0).ticks(4)).len(), 4);
    }

    #[test]
    fn ends_of_axes_stand_at_their_places() {
        let scale = Scale::logarithmic(1.0, 100.0, 200.0, 0.0);
        assert_eq!(scale.at(1.0), 200.0);
        assert!((scale.at(10.0) - 100.0).abs() < 1e-9);
        assert_eq!(scale.at(1000.0), 0.0);
        assert_eq!(round_range(3.0, 100.0, 4), (0.0, 103.0));
        assert_eq!(round_range(80.0, 130.0, 4).0, 80.0);
        assert_eq!(to_last_tick(23.98, 3.0), 24.0);
        assert_eq!(to_last_tick(22.0, 3.0), 22.0);
        assert_eq!(log_range(0.7, 130.0), (0.5, 200.0));
    }
}
