//! Cumulative incidence of competing events: the Aalen-Johansen estimate.
//!
//! One minus Kaplan-Meier of one cause, the others censored, answers another question and is larger: it lets patients who
//! died of something else go on to have the event.

use super::follow_up::{FollowUp, FollowUpError, check, risk_table};
use std::fmt;

/// A stretch of follow-up and how it ended; at risk at t where start < t ≤ stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CompetingRow {
    /// Entry; −∞ for who was watched from the beginning.
    pub start: f64,
    /// End.
    pub stop: f64,
    /// What ended it, from 0; `None` for censored, or watched on in another row.
    pub cause: Option<usize>,
    /// Whose it is, from 0: the rows of one subject are not independent.
    pub subject: usize,
}

/// Cumulative incidence: steps at distinct event times.
#[derive(Debug, Clone, PartialEq)]
pub struct CumulativeIncidence {
    /// Distinct times with at least one event of any cause.
    pub times: Vec<f64>,
    /// Probability of no event yet.
    pub event_free: Vec<f64>,
    /// Its standard error.
    pub event_free_error: Vec<f64>,
    /// Probability that the event of a cause has happened: `[step][cause]`.
    pub incidence: Vec<Vec<f64>>,
    /// Its standard error: `[step][cause]`.
    pub standard_error: Vec<Vec<f64>>,
}

/// Why there is no estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IncidenceError {
    /// The rows make no sense.
    FollowUp(FollowUpError),
    /// A row ends by a cause that is not among those counted.
    NoSuchCause(usize),
}

impl fmt::Display for IncidenceError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FollowUp(error) => write!(out, "{error}"),
            Self::NoSuchCause(row) => write!(out, "row {}: the cause is not one of those named", row + 1),
        }
    }
}

impl std::error::Error for IncidenceError {}

/// F_k(t) = Σ S(u−)·d_k/n over event times u ≤ t, S the product-limit estimate of no event of any of the `causes` (Aalen and
/// Johansen 1978, equation 3.4).
///
/// Standard errors are the infinitesimal jackknife's: the root of the sum over subjects of the squared derivative of the
/// estimate with respect to that subject's weight (Therneau, Crowson and Atkinson, vignette compete of R's package
/// survival). As R's `survfit(Surv(time, factor(status)) ~ 1)`. Costs subjects × event times.
pub fn aalen_johansen(rows: &[CompetingRow], causes: usize) -> Result<CumulativeIncidence, IncidenceError> {
    let follow_up: Vec<FollowUp> = rows
        .iter()
        .map(|row| FollowUp { start: row.start, stop: row.stop, event: row.cause.is_some() })
        .collect();
    check(&follow_up).map_err(IncidenceError::FollowUp)?;
    if let Some(row) = rows.iter().position(|row| row.cause.is_some_and(|cause| cause >= causes)) {
        return Err(IncidenceError::NoSuchCause(row));
    }
    let subjects = rows.iter().map(|row| row.subject + 1).max().unwrap_or(0);
    let mut state = State::new(subjects, causes);
    let mut curve = CumulativeIncidence {
        times: vec![],
        event_free: vec![],
        event_free_error: vec![],
        incidence: vec![],
        standard_error: vec![],
    };
    for step in risk_table(&follow_up).iter().filter(|step| step.events > 0) {
        state.advance(rows, step.time, step.at_risk as f64);
        curve.times.push(step.time);
        curve.event_free.push(state.event_free);
        curve.event_free_error.push(root_sum_of_squares(&state.event_free_slopes));
        curve.incidence.push(state.incidence.clone());
        let errors = state.incidence_slopes.iter().map(|slopes| root_sum_of_squares(slopes));
        curve.standard_error.push(errors.collect());
    }
    Ok(curve)
}

fn root_sum_of_squares(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>().sqrt()
}

/// The estimate after some event times, and its derivatives with respect to each subject's weight ("slopes").
struct State {
    event_free: f64,
    incidence: Vec<f64>,
    event_free_slopes: Vec<f64>,
    /// `[cause][subject]`.
    incidence_slopes: Vec<Vec<f64>>,
    /// Scratch: whether each subject is at risk, and its event of each cause: `[cause][subject]`.
    at_risk: Vec<f64>,
    events: Vec<Vec<f64>>,
}

impl State {
    fn new(subjects: usize, causes: usize) -> Self {
        State {
            event_free: 1.0,
            incidence: vec![0.0; causes],
            event_free_slopes: vec![0.0; subjects],
            incidence_slopes: vec![vec![0.0; subjects]; causes],
            at_risk: vec![0.0; subjects],
            events: vec![vec![0.0; subjects]; causes],
        }
    }

    /// Goes over the event time: hazards d_k/n have the slopes (own event − d_k/n·own risk)/n, the rest is the rule of products.
    fn advance(&mut self, rows: &[CompetingRow], time: f64, n: f64) {
        self.at_risk.fill(0.0);
        self.events.iter_mut().for_each(|events| events.fill(0.0));
        for row in rows.iter().filter(|row| row.start < time && time <= row.stop) {
            self.at_risk[row.subject] += 1.0;
            if let (true, Some(cause)) = (row.stop == time, row.cause) {
                self.events[cause][row.subject] += 1.0;
            }
        }
        let hazards: Vec<f64> = self.events.iter().map(|events| events.iter().sum::<f64>() / n).collect();
        let all: f64 = self.events.iter().flatten().sum::<f64>() / n;
        let before = self.event_free;
        for subject in 0..self.at_risk.len() {
            let slope_before = self.event_free_slopes[subject];
            let mut all_slope = 0.0;
            for (cause, hazard) in hazards.iter().enumerate() {
                let slope = (self.events[cause][subject] - hazard * self.at_risk[subject]) / n;
                self.incidence_slopes[cause][subject] += slope_before * hazard + before * slope;
                all_slope += slope;
            }
            self.event_free_slopes[subject] = slope_before * (1.0 - all) - before * all_slope;
        }
        for (incidence, hazard) in self.incidence.iter_mut().zip(&hazards) {
            *incidence += before * hazard;
        }
        self.event_free = before * (1.0 - all);
    }
}

impl CumulativeIncidence {
    /// The step in force at a time, `None` before the first event: then nothing has happened, without error.
    pub fn step_at(&self, time: f64) -> Option<usize> {
        self.times.partition_point(|event| *event <= time).checked_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(list: &[(f64, Option<usize>)]) -> Vec<CompetingRow> {
        let row = |(subject, (stop, cause)): (usize, &(f64, Option<usize>))| CompetingRow {
            start: f64::NEG_INFINITY,
            stop: *stop,
            cause: *cause,
            subject,
        };
        list.iter().enumerate().map(row).collect()
    }

    /// Without censoring the estimates are shares of the sample, with the binomial error √(p(1 − p)/n).
    #[test]
    fn without_censoring_incidences_are_shares() {
        let sample = rows(&[(1.0, Some(0)), (2.0, Some(1)), (2.0, Some(0)), (3.0, Some(1)), (4.0, Some(1))]);
        let curve = aalen_johansen(&sample, 2).unwrap();
        for (time, first, second) in [(1.0, 1.0, 0.0), (2.5, 2.0, 1.0), (9.0, 2.0, 3.0)] {
            let step = curve.step_at(time).unwrap();
            let binomial = |count: f64| (count / 5.0 * (1.0 - count / 5.0) / 5.0).sqrt();
            for (cause, count) in [first, second].into_iter().enumerate() {
                assert!((curve.incidence[step][cause] - count / 5.0).abs() < 1e-15);
                assert!((curve.standard_error[step][cause] - binomial(count)).abs() < 1e-15);
            }
            assert!((curve.event_free_error[step] - binomial(first + second)).abs() < 1e-15);
        }
        assert_eq!(curve.step_at(0.5), None);
    }

    #[test]
    fn a_stretch_cut_in_two_changes_nothing() {
        let whole = rows(&[(1.0, Some(0)), (3.0, None), (4.0, Some(1)), (6.0, None)]);
        let mut cut = whole.clone();
        cut.push(CompetingRow { start: 2.0, ..cut[2] });
        cut[2] = CompetingRow { stop: 2.0, cause: None, ..cut[2] };
        assert_eq!(aalen_johansen(&whole, 2), aalen_johansen(&cut, 2));
        assert_eq!(aalen_johansen(&whole, 1), Err(IncidenceError::NoSuchCause(2)));
    }
}
