//! The terminal phase: λz by regression of the logarithm of the concentration on time.

use super::curve::Point;
use super::estimate::Absent;

/// How close to the best adjusted r² a fit over more points may be and still be preferred (Phoenix user's guide, best
/// fit of λz).
const EQUALLY_GOOD: f64 = 1e-4;

/// Fewest points of a regression.
const FEWEST: usize = 3;

/// Which positive samples the regression takes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum TerminalPoints {
    /// The last n ≥ 3: n with the largest adjusted r², but the largest n among those within 1e-4 of it. Behind the
    /// peak (a bolus: from the peak on) and not before the end of an infusion.
    #[default]
    BestFit,
    /// Those with a time, after the dose, between these two, both included.
    Between(f64, f64),
}

/// The line ln C = intercept − λz·t.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terminal {
    /// λz, above zero.
    pub rate: f64,
    /// Natural logarithm of the concentration that the line has at the dose.
    pub intercept: f64,
    /// r².
    pub r_squared: f64,
    /// 1 − (1 − r²)(n − 1)/(n − 2).
    pub adjusted: f64,
    /// Points used.
    pub count: usize,
    /// Time of the first one.
    pub lower: f64,
    /// Time of the last one.
    pub upper: f64,
}

impl Terminal {
    /// Concentration on the line.
    pub fn value_at(&self, time: f64) -> f64 {
        (self.intercept - self.rate * time).exp()
    }

    /// ln 2/λz.
    pub fn half_life(&self) -> f64 {
        std::f64::consts::LN_2 / self.rate
    }
}

/// The best of the falling regressions over the last three or more of these positive points.
///
/// # Errors
/// [`Absent::TooFewPoints`], [`Absent::NoFall`].
pub fn best_fit(points: &[Point]) -> Result<Terminal, Absent> {
    if points.len() < FEWEST {
        return Err(Absent::TooFewPoints);
    }
    let mut sums = Sums::default();
    let fits: Vec<Terminal> = points.iter().rev().filter_map(|&point| sums.with(point)).collect();
    let best = fits.iter().map(|fit| fit.adjusted).fold(f64::NEG_INFINITY, f64::max);
    let chosen = fits.iter().rev().find(|fit| fit.adjusted >= best - EQUALLY_GOOD);
    chosen.copied().ok_or(Absent::NoFall)
}

/// The regression over all of these positive points.
pub(super) fn over(points: &[Point]) -> Result<Terminal, Absent> {
    if points.len() < FEWEST {
        return Err(Absent::TooFewPoints);
    }
    let mut sums = Sums::default();
    let last = points.iter().rev().map(|&point| sums.with(point)).last();
    last.flatten().ok_or(Absent::NoFall)
}

/// Means and centred sums of squares over points added one by one, latest first (Welford 1962, Technometrics 4, 419):
/// the regressions over the last n points of a dense profile cost one pass.
#[derive(Default)]
struct Sums {
    count: usize,
    mean_x: f64,
    mean_y: f64,
    xx: f64,
    xy: f64,
    yy: f64,
    upper: f64,
}

impl Sums {
    /// Adds a positive point in front; the regression over all so far, `None` with fewer than three or where the line
    /// does not fall.
    fn with(&mut self, (time, concentration): Point) -> Option<Terminal> {
        if self.count == 0 {
            self.upper = time;
        }
        self.count += 1;
        let count = self.count as f64;
        let (x, y) = (time - self.mean_x, concentration.ln() - self.mean_y);
        self.mean_x += x / count;
        self.mean_y += y / count;
        let remaining = 1.0 - 1.0 / count;
        self.xx += x * x * remaining;
        self.xy += x * y * remaining;
        self.yy += y * y * remaining;
        // Equal concentrations leave the rounding of their mean, which is no fall.
        let rounding = 4.0 * f64::EPSILON * self.mean_y.abs().max(1.0);
        let flat = self.yy <= count * rounding * rounding;
        if self.count < FEWEST || self.xx <= 0.0 || flat || self.xy >= 0.0 {
            return None;
        }
        let r_squared = self.xy * self.xy / (self.xx * self.yy);
        let rate = -self.xy / self.xx;
        Some(Terminal {
            rate,
            intercept: self.mean_y + rate * self.mean_x,
            r_squared,
            adjusted: 1.0 - (1.0 - r_squared) * (count - 1.0) / (count - 2.0),
            count: self.count,
            lower: time,
            upper: self.upper,
        })
    }
}
