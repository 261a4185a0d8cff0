//! All outcomes scored: by outcome, by kind, and over the calibration.

use super::definition::{Outcomes, Place};
use super::prediction::{FailedCourses, Prediction, Predictions};
use super::predictive::Replicates;
use super::score::{Scored, ScoredMedian, median, score};

/// What was predicted and found.
#[derive(Debug, Clone, PartialEq)]
pub struct Scoreboard {
    /// Counts, in the order of the file: the calibration's, the others that were observed, and those that are to follow.
    pub scored: Vec<Scored>,
    /// Median times.
    pub medians: Vec<ScoredMedian>,
    /// Outcomes that could not be predicted.
    pub unanswered: Vec<Unanswered>,
    /// Arms with courses that failed numerically, over all members of the ensemble.
    pub failed: Vec<FailedCourses>,
    /// Over the outcomes of the calibration.
    pub calibration: Totals,
    /// Over the observed outcomes that the model has not seen.
    pub others: Totals,
    /// Of the calibration by kind: index of the kind.
    pub kinds: Vec<(usize, Totals)>,
    /// Members of the ensemble of parameters; 1 where there is none.
    pub members: usize,
}

/// An outcome to which no virtual patient has an answer, at some members of the ensemble at least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswered {
    /// Which outcome.
    pub place: Place,
    /// These members, from 0, ascending.
    pub members: Vec<usize>,
}

/// Sums over outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Totals {
    /// Outcomes.
    pub outcomes: usize,
    /// Of these in the central 95 %.
    pub in_most: usize,
    /// How many would be on average, were the predictions true.
    pub expected_most: f64,
    /// In the central 50 %.
    pub in_half: usize,
    /// How many would be on average, were the predictions true.
    pub expected_half: f64,
    /// In the middle half, counts split where it cuts through them: half of them on average.
    pub middle: f64,
    /// Predictive medians in Wilson's interval of the observed proportion.
    pub medians_in_wilson: usize,
    /// Sum of log scores.
    pub log_score: f64,
    /// Of the constant predictor.
    pub constant: f64,
    /// Outcomes whose kind another trial has.
    pub comparable: usize,
    /// Log scores over these.
    pub comparable_log_score: f64,
    /// Of the constant predictor over these.
    pub comparable_constant: f64,
}

impl Scoreboard {
    /// Scores predictions: by member of the ensemble, each in the same order of places.
    pub fn new(outcomes: &Outcomes, ensemble: &[Predictions], replicates: Replicates) -> Self {
        let (mut scored, mut medians, mut unanswered) = (Vec::new(), Vec::new(), Vec::new());
        for index in 0..ensemble.first().map_or(0, |member| member.outcomes.len()) {
            let members: Vec<&Prediction> = ensemble.iter().map(|member| &member.outcomes[index]).collect();
            let place = members[0].place;
            if members.iter().all(|member| member.proportion().is_some()) {
                scored.extend(score(outcomes, place, &members, replicates));
            } else if let Some(found) = median(outcomes, place, &members, replicates) {
                medians.push(found);
            } else {
                let silent = |it: &&Prediction| it.proportion().is_none() && it.median().is_none();
                let silent = (0..members.len()).filter(|member| silent(&members[*member])).collect();
                unanswered.push(Unanswered { place, members: silent });
            }
        }
        let totals = |wanted: &dyn Fn(Place) -> bool| {
            let mut totals = Totals::default();
            scored.iter().filter(|it| wanted(it.place)).for_each(|it| totals.add(it));
            totals
        };
        let calibration = totals(&|place| outcomes.at(place).calibration);
        let others = totals(&|place| outcomes.at(place).is_unseen());
        let kinds = (0..outcomes.kinds.len())
            .map(|kind| {
                (kind, totals(&|place| outcomes.at(place).calibration && outcomes.at(place).kind == kind))
            })
            .filter(|(_, totals)| totals.outcomes > 0)
            .collect();
        let (members, failed) = (ensemble.len(), together(ensemble));
        Self { calibration, others, kinds, medians, unanswered, failed, members, scored }
    }
}

/// Failed courses by arm, over all members: the first that was told of each.
fn together(ensemble: &[Predictions]) -> Vec<FailedCourses> {
    let mut found: Vec<FailedCourses> = Vec::new();
    for one in ensemble.iter().flat_map(|member| &member.failed) {
        match found.iter_mut().find(|it| it.scenario == one.scenario && it.arm == one.arm) {
            Some(sum) => sum.failed += one.failed,
            None => found.push(FailedCourses { of: one.of * ensemble.len(), ..one.clone() }),
        }
    }
    found
}

impl Totals {
    fn add(&mut self, scored: &Scored) {
        let Some(verdict) = &scored.verdict else { return };
        self.outcomes += 1;
        self.in_most += usize::from(verdict.in_most);
        self.in_half += usize::from(verdict.in_half);
        self.expected_most += scored.covers.0;
        self.expected_half += scored.covers.1;
        self.middle += verdict.middle;
        self.medians_in_wilson += usize::from(verdict.median_in_wilson);
        self.log_score += verdict.log_score;
        self.constant += verdict.constant.log_score;
        if verdict.constant.rate.is_some() {
            self.comparable += 1;
            self.comparable_log_score += verdict.log_score;
            self.comparable_constant += verdict.constant.log_score;
        }
    }
}
