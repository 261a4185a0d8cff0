//! What was simulated of one outcome, patient by patient, and the proportion in it.

use super::definition::Place;
use super::question::Answer;
use crate::math::survival::{Observed, kaplan_meier};

/// Of limits that are not used.
const LEVEL: f64 = 0.95;

/// The prediction of one outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// Which outcome.
    pub place: Place,
    /// By pooled arm.
    pub arms: Vec<ArmAnswers>,
}

/// What the virtual patients of an arm answered.
#[derive(Debug, Clone, PartialEq)]
pub struct ArmAnswers {
    /// Its share of the outcome's patients; those of an outcome add up to 1.
    pub weight: f64,
    /// By patient number; `None` for a patient who has no answer (not seen, censored, failed).
    pub answers: Vec<Option<Answer>>,
    /// Virtual patients whose course failed numerically, and who have no answer for that.
    pub failed: usize,
}

/// What was simulated of all outcomes, and whose courses failed on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Predictions {
    /// In the order of the places that were asked for.
    pub outcomes: Vec<Prediction>,
    /// Arms with failed courses; none as a rule.
    pub failed: Vec<FailedCourses>,
}

/// Courses of an arm that failed numerically. Patients that fail are no random ones: what the others answer is biased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedCourses {
    /// Scenario.
    pub scenario: String,
    /// Its arm.
    pub arm: String,
    /// How many failed.
    pub failed: usize,
    /// Of how many.
    pub of: usize,
    /// The first of them: who, when and why.
    pub first: String,
}

impl FailedCourses {
    /// "3 of 100 simulated courses of `trials/x`, arm `a`, failed numerically; the first: …".
    pub fn told(&self) -> String {
        let Self { scenario, arm, failed, of, first } = self;
        format!(
            "{failed} of {of} simulated courses of `{scenario}`, arm `{arm}`, failed numerically; the first: {first}"
        )
    }
}

impl ArmAnswers {
    /// (events, chances) over all patients.
    pub fn totals(&self) -> (f64, f64) {
        self.shares().fold((0.0, 0.0), |sum, (events, chances)| (sum.0 + events, sum.1 + chances))
    }

    /// (events, chances) of each patient who has them.
    pub fn shares(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.answers.iter().flatten().filter_map(|answer| match answer {
            Answer::Share { events, chances } => Some((*events, *chances)),
            Answer::Time { .. } => None,
        })
    }

    /// Patients with an answer.
    pub fn answered(&self) -> usize {
        self.answers.iter().flatten().count()
    }
}

impl Prediction {
    /// The predicted proportion, arms weighted by their size; `None` where an arm has no answer, and for times.
    pub fn proportion(&self) -> Option<f64> {
        let mut sum = 0.0;
        for arm in &self.arms {
            let (events, chances) = arm.totals();
            sum += (chances > 0.0).then(|| arm.weight * events / chances)?;
        }
        Some(sum)
    }

    /// Virtual patients whose course failed, over all arms.
    pub fn failed(&self) -> usize {
        self.arms.iter().map(|arm| arm.failed).sum()
    }

    /// Virtual patients with an answer, over all arms.
    pub fn patients(&self) -> usize {
        self.arms.iter().map(ArmAnswers::answered).sum()
    }

    /// Weighted number of them with the event: the proportion times [`Prediction::patients`].
    pub fn events(&self) -> Option<f64> {
        Some(self.proportion()? * self.patients() as f64)
    }

    /// Monte Carlo standard error of the proportion: how far it would move with other virtual patients. Patients of one number
    /// in several arms are the same or alike, and count as one: the influences (Huber) of a patient on the weighted ratios are
    /// added before they are squared.
    pub fn monte_carlo_error(&self) -> Option<f64> {
        let most = self.arms.iter().map(|arm| arm.answers.len()).max()?;
        let mut influence = vec![0.0; most];
        for arm in &self.arms {
            let (events, chances) = arm.totals();
            if chances <= 0.0 {
                return None;
            }
            for (sum, answer) in influence.iter_mut().zip(&arm.answers) {
                if let Some(Answer::Share { events: of_one, chances: among }) = answer {
                    *sum += arm.weight * (of_one - events / chances * among) / chances;
                }
            }
        }
        Some(influence.iter().map(|it| it * it).sum::<f64>().sqrt())
    }

    /// The median time, d, by Kaplan and Meier, each patient weighted by the arm; infinite where it is not reached. `None` for
    /// shares.
    pub fn median(&self) -> Option<f64> {
        let mut curves = Vec::new();
        for arm in &self.arms {
            let times: Vec<Observed> = arm
                .answers
                .iter()
                .flatten()
                .filter_map(|answer| match answer {
                    Answer::Time { time, event } => Some(Observed { time: *time, event: *event }),
                    Answer::Share { .. } => None,
                })
                .collect();
            if times.is_empty() {
                return None;
            }
            curves.push((arm.weight, kaplan_meier(&times, LEVEL)));
        }
        let mut times: Vec<f64> = curves.iter().flat_map(|(_, curve)| curve.times.iter().copied()).collect();
        times.sort_by(f64::total_cmp);
        let surviving =
            |time: f64| curves.iter().map(|(weight, curve)| weight * curve.at(time).0.estimate).sum::<f64>();
        // A share of exactly one half must not be missed by rounding.
        Some(times.into_iter().find(|time| surviving(*time) <= 0.5 + 1e-12).unwrap_or(f64::INFINITY))
    }
}
