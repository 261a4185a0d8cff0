//! What became of the patients of an arm.

use crate::scenario::{Action, Arm, Scenario};
use crate::simulation::{Done, End, Trajectory, Why};

/// What became of the patients of an arm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disposition {
    /// Patients in the arm.
    pub patients: usize,
    /// Whose trajectory failed numerically.
    pub failed: usize,
    /// Who got at least one planned dose.
    pub treated: usize,
    /// With at least one hold.
    pub held: usize,
    /// Whose level was lowered at least once, by a rule or on resuming after a hold.
    pub reduced: usize,
    /// Whose level was raised at least once.
    pub escalated: usize,
    /// Who stopped treatment for good before the end of follow-up, by reason (rule or hazard).
    pub discontinued: Vec<(String, usize)>,
    /// Who died, by terminal hazard.
    pub died: Vec<(String, usize)>,
    /// Who were followed to the horizon.
    pub completed: usize,
    /// Of those, who were still on treatment then.
    pub on_treatment_at_end: usize,
}

impl Disposition {
    /// As a table: a line and its number of patients, in reading order.
    pub fn lines(&self) -> Vec<(String, usize)> {
        let mut lines = vec![
            ("Patients".to_owned(), self.patients),
            ("Treated".to_owned(), self.treated),
            ("Held at least once".to_owned(), self.held),
            ("Reduced at least once".to_owned(), self.reduced),
            ("Escalated at least once".to_owned(), self.escalated),
        ];
        let named = |prefix: &'static str| {
            move |(name, count): &(String, usize)| (format!("{prefix}: {name}"), *count)
        };
        lines.extend(self.discontinued.iter().map(named("Discontinued")));
        lines.extend(self.died.iter().map(named("Died")));
        lines.push(("Completed follow-up".to_owned(), self.completed));
        lines.push(("On treatment at the end".to_owned(), self.on_treatment_at_end));
        lines.push(("Failed numerically".to_owned(), self.failed));
        lines
    }
}

/// Counts towards a [`Disposition`].
#[derive(Debug)]
pub struct DispositionTally {
    patients: usize,
    failed: usize,
    treated: usize,
    held: usize,
    reduced: usize,
    escalated: usize,
    /// By the scenario's rules.
    stopped_by_rule: Vec<usize>,
    /// By the model's hazards.
    stopped_by_hazard: Vec<usize>,
    died: Vec<usize>,
    completed: usize,
    on_treatment_at_end: usize,
}

impl DispositionTally {
    /// Nobody yet.
    pub fn new(scenario: &Scenario) -> Self {
        let hazards = scenario.model.hazards.len();
        Self {
            patients: 0,
            failed: 0,
            treated: 0,
            held: 0,
            reduced: 0,
            escalated: 0,
            stopped_by_rule: vec![0; scenario.rules.len()],
            stopped_by_hazard: vec![0; hazards],
            died: vec![0; hazards],
            completed: 0,
            on_treatment_at_end: 0,
        }
    }

    /// Counts one patient.
    pub fn count(&mut self, trajectory: &Trajectory) {
        self.patients += 1;
        let span = &trajectory.treatment;
        match trajectory.end {
            End::Failed(_) => {
                self.failed += 1;
                return;
            }
            End::Died { hazard } => self.died[hazard] += 1,
            End::Completed => {
                self.completed += 1;
                let still = span.first_dose.is_some() && span.discontinued.is_none();
                self.on_treatment_at_end += usize::from(still);
            }
        }
        self.treated += usize::from(span.first_dose.is_some());
        self.held += usize::from(decided(trajectory, Done::Hold));
        self.reduced += usize::from(was_reduced(trajectory));
        self.escalated += usize::from(decided(trajectory, Done::Escalate));
        match span.discontinued {
            Some((_, Why::Rule(rule))) => self.stopped_by_rule[rule] += 1,
            Some((_, Why::Hazard(hazard))) => self.stopped_by_hazard[hazard] += 1,
            None => {}
        }
    }

    /// Adds the patients of another part of the arm.
    pub fn add(&mut self, other: &Self) {
        self.patients += other.patients;
        self.failed += other.failed;
        self.treated += other.treated;
        self.held += other.held;
        self.reduced += other.reduced;
        self.escalated += other.escalated;
        self.completed += other.completed;
        self.on_treatment_at_end += other.on_treatment_at_end;
        for (counts, others) in [
            (&mut self.stopped_by_rule, &other.stopped_by_rule),
            (&mut self.stopped_by_hazard, &other.stopped_by_hazard),
            (&mut self.died, &other.died),
        ] {
            counts.iter_mut().zip(others).for_each(|(count, other)| *count += other);
        }
    }

    /// Names the counts. Every rule and hazard that can end treatment or life has its line, also where nobody met it.
    pub fn finish(self, scenario: &Scenario, arm: &Arm) -> Disposition {
        let hazards = &scenario.model.hazards;
        let by_rules = arm
            .rules
            .iter()
            .map(|&rule| (&scenario.rules[rule], self.stopped_by_rule[rule]))
            .filter(|(rule, count)| matches!(rule.action, Action::Discontinue { .. }) || *count > 0)
            .map(|(rule, count)| (rule.name.clone(), count));
        let by_hazards = hazards
            .iter()
            .zip(&self.stopped_by_hazard)
            .filter(|(hazard, _)| hazard.ends_treatment && !hazard.terminal)
            .map(|(hazard, count)| (hazard.name.clone(), *count));
        let died = hazards
            .iter()
            .zip(&self.died)
            .filter(|(hazard, _)| hazard.terminal)
            .map(|(hazard, count)| (hazard.name.clone(), *count));
        Disposition {
            patients: self.patients,
            failed: self.failed,
            treated: self.treated,
            held: self.held,
            reduced: self.reduced,
            escalated: self.escalated,
            discontinued: by_rules.chain(by_hazards).collect(),
            died: died.collect(),
            completed: self.completed,
            on_treatment_at_end: self.on_treatment_at_end,
        }
    }
}

fn decided(trajectory: &Trajectory, action: Done) -> bool {
    trajectory.decisions.iter().any(|decision| decision.action == action)
}

/// By a rule that reduces, or by resuming below the level in force when the hold began.
fn was_reduced(trajectory: &Trajectory) -> bool {
    let mut before_hold = None;
    trajectory.decisions.iter().any(|decision| match decision.action {
        Done::Reduce => true,
        // A starting dose is no reduction.
        Done::Adjust => {
            let first = trajectory.treatment.first_dose;
            decision.after < decision.before && first.is_some_and(|first| decision.time > first)
        }
        Done::Hold => {
            // A second hold during a first one finds level 0.
            if decision.before > 0.0 {
                before_hold = Some(decision.before);
            }
            false
        }
        Done::Resume => before_hold.is_some_and(|before| decision.after > 0.0 && decision.after < before),
        _ => false,
    })
}
