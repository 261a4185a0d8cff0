//! What became of the patients of an arm.

use crate::report::study::Study;
use crate::simulation::{Decision, Done, End, Trajectory};

/// One line of a disposition: a count of patients.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What happened.
    pub label: String,
    /// Whether it details the line above it.
    pub detail: bool,
    /// Patients, by arm.
    pub patients: Vec<usize>,
}

/// The disposition of all arms, line by line.
pub fn disposition(study: Study) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut add = |label: &str, detail: bool, test: &dyn Fn(&Trajectory) -> bool| {
        let patients =
            study.trial.arms.iter().map(|arm| arm.trajectories.iter().filter(|t| test(t)).count()).collect();
        lines.push(Line { label: label.to_owned(), detail, patients });
    };
    add("Virtual patients", false, &|_| true);
    add("Started treatment", false, &|t| t.treatment.first_dose.is_some());
    add("Held at least once", false, &|t| did(t, Done::Hold));
    add("Dose reduced at least once", false, &|t| reduced(&t.decisions));
    add("Dose escalated at least once", false, &|t| did(t, Done::Escalate));
    add("Discontinued treatment", false, &|t| t.treatment.discontinued.is_some());
    for reason in reasons(study) {
        add(&reason, true, &|t| t.treatment.discontinued.is_some_and(|(_, why)| study.why(why) == reason));
    }
    add("On treatment at the end of follow-up", false, &|t| {
        t.treatment.first_dose.is_some() && t.treatment.discontinued.is_none() && t.end == End::Completed
    });
    add("Completed follow-up", false, &|t| t.end == End::Completed);
    add("Died", false, &|t| matches!(t.end, End::Died { .. }));
    add("Failed numerically", false, &|t| matches!(t.end, End::Failed(_)));
    lines
}

fn did(trajectory: &Trajectory, action: Done) -> bool {
    trajectory.decisions.iter().any(|decision| decision.action == action)
}

/// Reasons for discontinuation that occurred, in order of first appearance over the arms.
fn reasons(study: Study) -> Vec<String> {
    let mut reasons: Vec<String> = Vec::new();
    for trajectory in study.trial.arms.iter().flat_map(|arm| &arm.trajectories) {
        if let Some((_, why)) = trajectory.treatment.discontinued {
            let reason = study.why(why);
            if !reasons.iter().any(|known| known == reason) {
                reasons.push(reason.to_owned());
            }
        }
    }
    reasons.sort();
    reasons
}

/// Reduced at once, or resumed after a hold at a lower level than before it.
pub fn reduced(decisions: &[Decision]) -> bool {
    decisions.iter().enumerate().any(|(index, decision)| match decision.action {
        Done::Reduce => true,
        Done::Resume => decisions[..index]
            .iter()
            .rev()
            .find(|earlier| {
                earlier.action == Done::Hold && earlier.drug == decision.drug && earlier.before > 0.0
            })
            .is_some_and(|hold| decision.after < hold.before),
        _ => false,
    })
}

/// How often a rule acted in an arm.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleUse {
    /// Arm index.
    pub arm: usize,
    /// Rule index.
    pub rule: usize,
    /// Times it acted, over all patients.
    pub fired: u64,
    /// Patients in whom it acted at least once.
    pub patients: usize,
    /// Times per patient-year of follow-up.
    pub per_year: f64,
}

/// Every rule of every arm, also those that never acted.
pub fn rules(study: Study) -> Vec<RuleUse> {
    let mut all = Vec::new();
    for (index, (arm, result)) in study.arms().enumerate() {
        let years: f64 = result.trajectories.iter().map(|t| t.end_time).sum::<f64>() / 365.25;
        for &rule in &arm.rules {
            let times = |t: &Trajectory| u64::from(t.rules_fired.get(rule).copied().unwrap_or(0));
            let fired: u64 = result.trajectories.iter().map(times).sum();
            let patients = result.trajectories.iter().filter(|t| times(t) > 0).count();
            let per_year = if years > 0.0 { fired as f64 / years } else { f64::NAN };
            all.push(RuleUse { arm: index, rule, fired, patients, per_year });
        }
    }
    all
}
