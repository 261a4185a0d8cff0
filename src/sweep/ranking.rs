//! The points of a sweep in the order of an expression, with the Monte Carlo error of its values and of their distance from the first.
//!
//! Every point treats the same virtual patients (common random numbers). Where points keep their results with groups of patients
//! left out, the same group is left out of all results of a point, and of both points of a difference: errors are those of pairs (the
//! jackknife of [`crate::math::sensitivity`]). Otherwise they are put together as if nothing were correlated, and that is said.

use super::definition::{Cell, Sweep};
use super::results::{Outcome, Results};
use super::score::Score;
use crate::math::distribution::student_two_sided_quantile;
use crate::math::sensitivity::jackknife;
use crate::trial::group_sizes;

/// How errors were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// From the same patients left out of everything; put together from the parts at a point where a share is 0 or 100 %.
    Paired,
    /// From the errors of the parts, as if these were not correlated.
    Propagated,
}

/// A point with its value of the expression.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranked {
    /// Place in the sweep.
    pub place: usize,
    /// Value of the expression; `None` where a result is absent, or there is no expression.
    pub score: Option<f64>,
    /// Its Monte Carlo standard error.
    pub error: Option<f64>,
    /// By how much it lies below the first; `None` for the first itself.
    pub behind: Option<Behind>,
}

/// How far a point lies below the first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Behind {
    /// In the unit of the expression.
    pub distance: f64,
    /// Its Monte Carlo standard error.
    pub error: Option<f64>,
    /// Half-width of its 95 % interval: of Student's t where the error comes from few groups of patients.
    pub half_width: Option<f64>,
}

impl Ranked {
    /// Whether it cannot be told from the first at 95 %; `false` for the first itself, or where there is no error.
    pub fn ties_with_first(&self) -> bool {
        self.behind.is_some_and(|it| it.half_width.is_some_and(|half_width| it.distance < half_width))
    }
}

/// Half-width of a 95 % interval of a normal estimate.
pub fn normal_limit(error: f64) -> f64 {
    crate::math::distribution::normal_quantile(0.975) * error
}

/// A sweep's points in order.
#[derive(Debug, Clone)]
pub struct Ranking {
    /// All points with results, the largest value first, those without a value last; without an expression in the order of the sweep.
    pub points: Vec<Ranked>,
    /// How errors were found.
    pub basis: Basis,
}

impl Ranking {
    /// Ranks the points that have results.
    pub fn new(sweep: &Sweep, results: &Results) -> Self {
        let basis = if sweep.view.paired { Basis::Paired } else { Basis::Propagated };
        let there = results.points.iter().enumerate().filter_map(|(place, it)| Some((place, it.as_ref()?)));
        let Some(score) = &sweep.view.sort else {
            let unranked = |(place, _)| Ranked { place, score: None, error: None, behind: None };
            return Self { points: there.map(unranked).collect(), basis };
        };
        let mut valued: Vec<Valued> =
            there.map(|(place, outcome)| Valued::new(sweep, score, place, outcome)).collect();
        // Stable: points of one value stay in the order of the sweep.
        valued.sort_by(|a, b| {
            let key = |it: &Valued| it.score.unwrap_or(f64::NEG_INFINITY);
            key(b).total_cmp(&key(a))
        });
        let first = valued.first().cloned();
        let points = valued.iter().enumerate().map(|(rank, it)| Ranked {
            place: it.place,
            score: it.score,
            error: it.error,
            behind: first.as_ref().filter(|_| rank > 0).and_then(|first| it.behind(first)),
        });
        Self { points: points.collect(), basis }
    }
}

/// A point's value as a whole and with groups left out.
#[derive(Debug, Clone)]
struct Valued {
    place: usize,
    score: Option<f64>,
    error: Option<f64>,
    /// Empty where it is not kept.
    left_out: Vec<f64>,
    /// Virtual patients per arm.
    patients: usize,
}

impl Valued {
    fn new(sweep: &Sweep, score: &Score, place: usize, outcome: &Outcome) -> Self {
        let columns = &sweep.view.columns;
        let cells = &sweep.points[place].cells;
        let estimates = outcome.estimates(columns);
        let value = score.value(cells, &estimates);
        let errors = outcome.errors(columns);
        let paired_here = sweep.view.paired && !stands_still(score, &estimates, &errors, outcome);
        let left_out = if paired_here { left_out(score, cells, outcome) } else { Vec::new() };
        let error = value.and_then(|value| {
            if paired_here {
                paired(value, &left_out, outcome.patients)
            } else {
                score.propagated(cells, &estimates, &errors)
            }
        });
        Self { place, score: value, error, left_out, patients: outcome.patients }
    }

    fn behind(&self, first: &Self) -> Option<Behind> {
        let distance = first.score? - self.score?;
        let groups = self.left_out.len();
        // Points with fewer patients than there are groups elsewhere share no groups with others.
        if groups == 0 || groups != first.left_out.len() {
            let error = self.error.zip(first.error).map(|(one, other)| one.hypot(other));
            return Some(Behind { distance, error, half_width: error.map(normal_limit) });
        }
        let differences: Vec<f64> =
            first.left_out.iter().zip(&self.left_out).map(|(one, other)| one - other).collect();
        let error = paired(distance, &differences, self.patients);
        // As the interval of an effect of one input at a time.
        let half_width = error.map(|error| student_two_sided_quantile(0.95, groups - 1) * error);
        Some(Behind { distance, error, half_width })
    }
}

/// The expression with each group left out of all results; empty where some group has no value.
fn left_out(score: &Score, cells: &[Cell], outcome: &Outcome) -> Vec<f64> {
    let groups = score.used().iter().map(|column| outcome.left_out[*column].len()).min().unwrap_or(0);
    let without = |group: usize| {
        let results: Vec<Option<f64>> =
            outcome.left_out.iter().map(|column| column.get(group).copied().flatten()).collect();
        score.value(cells, &results)
    };
    (0..groups).map(without).collect::<Option<Vec<f64>>>().unwrap_or_default()
}

/// Whether some result of the expression is moved by no group that is left out, though it has an error of its own: a share of none
/// or of all patients. The jackknife would take it for exact.
fn stands_still(score: &Score, estimates: &[Option<f64>], errors: &[Option<f64>], outcome: &Outcome) -> bool {
    score.used().iter().any(|&column| {
        let still = outcome.left_out[column].iter().all(|without| *without == estimates[column]);
        still && errors[column].is_some_and(|error| error > 0.0)
    })
}

/// As many groups as [`Results::read`] found: those of the patients.
fn paired(value: f64, left_out: &[f64], patients: usize) -> Option<f64> {
    jackknife(value, left_out, &group_sizes(patients)).map(|found| found.error)
}
