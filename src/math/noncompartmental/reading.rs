//! A profile in front of its analysis: which samples count, where the curve starts, which points make the terminal
//! phase, and the areas that more than one parameter needs.

use super::curve::{Curve, Point, peak};
use super::estimate::{Absent, Estimate};
use super::settings::{Administration, Occasion, Settings};
use super::terminal::{self, Terminal, TerminalPoints, best_fit};

/// A profile in front of its analysis.
pub struct Reading<'a> {
    pub settings: &'a Settings,
    /// As measured.
    pub points: &'a [Point],
    /// With a point at the dose in front.
    pub curve: Curve<'a>,
    /// The first point of the curve, at the dose.
    pub start: Point,
    /// Largest concentration, within the dosing interval where earlier doses contribute.
    pub peak: Point,
    /// Last positive concentration.
    pub last: Result<Point, Absent>,
    pub terminal: Result<Terminal, Absent>,
}

impl<'a> Reading<'a> {
    /// Reads a profile; `curve` are the points of [`curve_points`].
    pub fn new(points: &'a [Point], curve: &'a [Point], settings: &'a Settings) -> Self {
        let points = bare(points, settings);
        let of_interval = within_interval(points, settings);
        let top = peak(of_interval);
        let start = curve.first().copied().unwrap_or((0.0, 0.0));
        Self {
            settings,
            points,
            curve: Curve::new(curve, settings.trapezoid),
            start,
            peak: of_interval.get(top).copied().unwrap_or(start),
            last: points.iter().rev().find(|point| point.1 > 0.0).copied().ok_or(Absent::NoPositive),
            terminal: terminal_phase(points, top, settings),
        }
    }

    /// The samples among which the peak is looked for.
    pub fn within_interval(&self) -> &'a [Point] {
        within_interval(self.points, self.settings)
    }

    /// Mean time that the drug of an infusion waited in the bag: half its duration.
    pub fn mean_input(&self) -> f64 {
        match self.settings.administration {
            Administration::Infusion(duration) => duration / 2.0,
            Administration::Bolus | Administration::Extravascular => 0.0,
        }
    }

    /// Over the dose.
    pub fn per_dose(&self, value: Estimate) -> Estimate {
        Ok(value? / self.dose()?)
    }

    /// The dose, above zero.
    pub fn dose(&self) -> Estimate {
        self.settings.dose.filter(|dose| *dose > 0.0).ok_or(Absent::NoDose)
    }

    /// Concentration at the last positive sample on the terminal line.
    pub fn predicted_last(&self) -> Estimate {
        Ok(self.terminal?.value_at(self.last?.0))
    }

    pub fn area_to_last(&self) -> f64 {
        self.last.map_or(0.0, |last| self.curve.area_to(last.0))
    }

    pub fn moment_to_last(&self) -> f64 {
        self.last.map_or(0.0, |last| self.curve.moment_to(last.0))
    }

    /// AUCLAST + C/λz, C being the concentration at TLAST.
    pub fn area_to_infinity(&self, last: Estimate) -> Estimate {
        Ok(self.area_to_last() + last? / self.terminal?.rate)
    }

    /// AUMCLAST + C·TLAST/λz + C/λz².
    pub fn moment_to_infinity(&self, last: Estimate) -> Estimate {
        let (value, rate) = (last?, self.terminal?.rate);
        Ok(self.moment_to_last() + value * self.last?.0 / rate + value / (rate * rate))
    }
}

/// The points of the curve: the samples, with a point at the dose in front.
pub fn curve_points(points: &[Point], settings: &Settings) -> Vec<Point> {
    let points = bare(points, settings);
    let start = start(points, settings);
    let inserted = points.first().is_none_or(|first| first.0 > 0.0).then_some(start);
    inserted.into_iter().chain(points.iter().copied()).collect()
}

/// The samples that count: a zero at the time of a bolus was taken before it.
fn bare<'a>(points: &'a [Point], settings: &Settings) -> &'a [Point] {
    match points {
        [(time, value), rest @ ..]
            if settings.administration == Administration::Bolus
                && *time == 0.0
                && *value <= 0.0
                && !rest.is_empty() =>
        {
            rest
        }
        _ => points,
    }
}

/// Where the curve starts (Phoenix user's guide, insertion of initial time points). A sample at the dose is taken as it
/// is. Without one: a bolus has the line through the logarithms of the first two samples, or the first positive sample
/// where these do not fall; another first dose has zero, another later one the smallest concentration of its interval.
fn start(points: &[Point], settings: &Settings) -> Point {
    if let Some(&first) = points.first().filter(|first| first.0 <= 0.0) {
        return first;
    }
    let value = match (settings.administration, settings.occasion) {
        (Administration::Bolus, _) => back_extrapolated(points),
        (_, Occasion::First) => 0.0,
        _ => {
            let values = within_interval(points, settings).iter().map(|point| point.1);
            values.min_by(f64::total_cmp).unwrap_or(0.0)
        }
    };
    (0.0, value)
}

fn back_extrapolated(points: &[Point]) -> f64 {
    match points {
        [(t1, c1), (t2, c2), ..] if *c2 > 0.0 && c1 > c2 => c1 * (t1 / (t2 - t1) * (c1 / c2).ln()).exp(),
        _ => points.iter().map(|point| point.1).find(|value| *value > 0.0).unwrap_or(0.0),
    }
}

/// The samples among which the peak is looked for. The last one belongs to the interval also where the subtraction of
/// clock times left it a rounding behind the end.
fn within_interval<'a>(points: &'a [Point], settings: &Settings) -> &'a [Point] {
    match (settings.occasion, settings.tau) {
        (Occasion::First, _) | (_, None) => points,
        (_, Some(tau)) => &points[..points.partition_point(|point| point.0 <= tau * (1.0 + 1e-9))],
    }
}

/// The regression over the points that the settings and the administration allow.
fn terminal_phase(points: &[Point], top: usize, settings: &Settings) -> Result<Terminal, Absent> {
    let positive = points.iter().copied().filter(|point| point.1 > 0.0);
    if let TerminalPoints::Between(from, to) = settings.terminal {
        let chosen: Vec<Point> = positive.filter(|point| (from..=to).contains(&point.0)).collect();
        return terminal::over(&chosen);
    }
    let peak_time = points.get(top).map_or(0.0, |peak| peak.0);
    let chosen: Vec<Point> = match settings.administration {
        Administration::Bolus => positive.skip_while(|point| point.0 < peak_time).collect(),
        Administration::Infusion(duration) => {
            positive.filter(|point| point.0 > peak_time && point.0 >= duration).collect()
        }
        Administration::Extravascular => positive.filter(|point| point.0 > peak_time).collect(),
    };
    best_fit(&chosen)
}
