//! Areas and first moments of a curve through points, by trapezoids; values and partial areas between the points.
//!
//! Within a segment the concentration is a line or an exponential; areas and values between the points are those of the
//! same function, so that partial areas add up. The first moment of a line is the trapezoid of time × concentration, as
//! is the custom, not the integral of the parabola that it would be.

use super::estimate::{Absent, Estimate};
use super::terminal::Terminal;

/// (time, concentration).
pub type Point = (f64, f64);

/// How the concentration runs between two points (Gabrielsson and Weiner 2016, section 2.8.2). Where one of two
/// concentrations is zero, or both are equal, the line is taken under every rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Trapezoid {
    /// A line.
    Linear,
    /// A line while it rises or stays, an exponential while it falls.
    #[default]
    LinearUpLogDown,
    /// A line up to the (first) peak, an exponential behind it.
    LinearToPeakThenLog,
}

/// Points in time order with the rule between them.
#[derive(Debug, Clone, Copy)]
pub struct Curve<'a> {
    points: &'a [Point],
    rule: Trapezoid,
    /// Time of the peak.
    turn: f64,
}

/// Index of the first largest value; 0 where there are no points.
pub fn peak(points: &[Point]) -> usize {
    let mut best = 0;
    for (index, point) in points.iter().enumerate() {
        if point.1 > points[best].1 {
            best = index;
        }
    }
    best
}

impl<'a> Curve<'a> {
    /// A curve through points of rising time.
    pub fn new(points: &'a [Point], rule: Trapezoid) -> Self {
        let turn = points.get(peak(points)).map_or(0.0, |point| point.0);
        Self { points, rule, turn }
    }

    /// Area up to a time that is one of the points' (or behind all of them).
    pub fn area_to(&self, end: f64) -> f64 {
        self.segments_to(end).map(|(from, to)| area(from, to, self.bends(from, to))).sum()
    }

    /// First moment (the area under time × concentration) up to a time that is one of the points'.
    pub fn moment_to(&self, end: f64) -> f64 {
        self.segments_to(end).map(|(from, to)| moment(from, to, self.bends(from, to))).sum()
    }

    /// Concentration at a time: of a sample, between two samples by the rule, behind the last one by the regression of
    /// the terminal phase. A curve that ends with zero stays there.
    ///
    /// # Errors
    /// [`Absent::NoSpan`] before the first point, [`Absent::BeyondSamples`] behind the last one without a slope.
    pub fn value_at(&self, time: f64, terminal: Option<&Terminal>) -> Estimate {
        let behind = self.points.partition_point(|point| point.0 < time);
        match (behind.checked_sub(1).map(|before| self.points[before]), self.points.get(behind)) {
            (_, Some(&point)) if point.0 == time => Ok(point.1),
            (Some(from), Some(&to)) => {
                let part = (time - from.0) / (to.0 - from.0);
                Ok(if self.bends(from, to) {
                    from.1 * (part * (to.1 / from.1).ln()).exp()
                } else {
                    from.1 + part * (to.1 - from.1)
                })
            }
            (Some((_, last)), None) if last <= 0.0 => Ok(0.0),
            (Some(_), None) => terminal.map(|terminal| terminal.value_at(time)).ok_or(Absent::BeyondSamples),
            (None, _) => Err(Absent::NoSpan),
        }
    }

    /// Area and first moment between two times. Behind the last sample an exponential leads from its value to the one
    /// that the terminal regression gives, whatever the rule (Phoenix user's guide, partial area calculation).
    ///
    /// # Errors
    /// As [`Self::value_at`]; [`Absent::NoSpan`] also where the span is empty.
    pub fn between(&self, from: f64, to: f64, terminal: Option<&Terminal>) -> Result<(f64, f64), Absent> {
        if from >= to {
            return Err(Absent::NoSpan);
        }
        let mut inside = vec![(from, self.value_at(from, terminal)?)];
        inside.extend(self.points.iter().filter(|point| point.0 > from && point.0 < to));
        inside.push((to, self.value_at(to, terminal)?));
        let mut total = (0.0, 0.0);
        for pair in inside.windows(2) {
            let (start, end) = (pair[0], pair[1]);
            let bends = match self.segment_behind(start.0) {
                Some((from, to)) => self.bends(from, to),
                None => positive(start, end),
            };
            total.0 += area(start, end, bends);
            total.1 += moment(start, end, bends);
        }
        Ok(total)
    }

    fn segments_to(&self, end: f64) -> impl Iterator<Item = (Point, Point)> + '_ {
        self.points.windows(2).map(|pair| (pair[0], pair[1])).take_while(move |(_, to)| to.0 <= end)
    }

    /// The segment in which the curve goes on from a time; `None` behind the last point.
    fn segment_behind(&self, time: f64) -> Option<(Point, Point)> {
        let next = self.points.partition_point(|point| point.0 <= time);
        Some((*self.points.get(next.checked_sub(1)?)?, *self.points.get(next)?))
    }

    /// Whether the concentration runs as an exponential between two points.
    fn bends(&self, from: Point, to: Point) -> bool {
        let ruled = match self.rule {
            Trapezoid::Linear => false,
            Trapezoid::LinearUpLogDown => to.1 < from.1,
            Trapezoid::LinearToPeakThenLog => from.0 >= self.turn,
        };
        ruled && positive(from, to)
    }
}

fn positive(from: Point, to: Point) -> bool {
    from.1 > 0.0 && to.1 > 0.0
}

/// How far the logarithm falls from one value to another, to full precision also where they are nearly equal.
fn log_fall(from: f64, to: f64) -> f64 {
    let change = (from - to) / to;
    if change.abs() < 0.5 { change.ln_1p() } else { (from / to).ln() }
}

fn area(from: Point, to: Point, bends: bool) -> f64 {
    let width = to.0 - from.0;
    let fall = if bends { log_fall(from.1, to.1) } else { 0.0 };
    if fall == 0.0 { width * (from.1 + to.1) / 2.0 } else { width * (from.1 - to.1) / fall }
}

fn moment(from: Point, to: Point, bends: bool) -> f64 {
    let width = to.0 - from.0;
    let fall = if bends { log_fall(from.1, to.1) } else { 0.0 };
    if fall == 0.0 {
        return width * (from.0 * from.1 + to.0 * to.1) / 2.0;
    }
    from.0 * area(from, to, bends) + from.1 * width * width * moment_of_exponential(fall)
}

/// ∫₀¹ s exp(−x s) ds = (1 − exp(−x)(1 + x))/x². Where x is small the numerator cancels, and the power series
/// Σ (−x)ⁿ/(n! (n + 2)) has its value: 16 terms are exact to rounding for |x| < 1.
fn moment_of_exponential(x: f64) -> f64 {
    if x.abs() >= 1.0 {
        return (1.0 - (-x).exp() * (1.0 + x)) / (x * x);
    }
    let (mut power, mut sum) = (1.0, 0.5);
    for n in 1..=16 {
        let n = f64::from(n);
        power *= -x / n;
        sum += power / (n + 2.0);
    }
    sum
}
