//! The audit of an arm's rules in one patient: how often each was looked at, true and acted, for which of its alternatives, and
//! whether the truth bore it out.
//!
//! The clinic decides on measured values; the simulation knows the true ones. Beside the judge of the protocol stands a second
//! one that saw the true values at the very same visits: its `baseline`, `nadir`, `lasting` and signals have true memories, while
//! doses and holds are those that came about. A decision is *justified* where the rule's condition was true of both, *false*
//! where it was true of the measured values only. It was *missed* at a visit where it was true of the true values only and
//! the rule could have acted. Nothing here changes what is decided.

use super::course::Course;
use super::judge::{Check, Judge, Present};
use super::protocol::Round;
use super::trajectory::{Decision, Done};
use crate::model::Formula;
use crate::program::Individual;
use crate::scenario::{Action, Arm, Rule, Scenario, alternatives};

/// What was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Audit {
    /// By the scenario's rules.
    pub rules: Vec<RuleAudit>,
    /// By the decisions of the trajectory.
    pub decisions: Vec<Truth>,
    /// Every time that a rule was looked at, where all decisions are logged.
    pub looks: Vec<Look>,
}

/// One rule in one patient.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RuleAudit {
    /// Times that its condition was looked at.
    pub looked: u64,
    /// Times that it was true, as measured.
    pub met: u64,
    /// Times that the rule acted (resuming not counted).
    pub acted: u64,
    /// By the alternatives of its condition: times that it acted and this was the first true one.
    pub reasons: Vec<u64>,
    /// Times that it acted and the condition was as true of the true values.
    pub justified: u64,
    /// Times that it acted and the true values did not bear it out.
    pub unjustified: u64,
    /// Visits at which the true values met the condition and the measured ones did not, though the rule could have acted.
    pub missed: u64,
    /// Minutes from such a visit to the next time that the rule was looked at; whole ones, so that sums do not depend on order.
    pub missed_minutes: u64,
}

/// A span in days as whole minutes.
fn minutes(days: f64) -> u64 {
    // Cuts off and saturates; spans are ≥ 0.
    (days * 1440.0).round() as u64
}

/// The truth behind a decision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Truth {
    /// True value of the decision's signal at that time, coherent; not a number without a signal.
    pub value: f64,
    /// Whether the rule's condition was as true of the true values as of the measured ones; `None` where the decision did not
    /// rest on it (resuming, the end of a co-medication, a hazard).
    pub justified: Option<bool>,
}

/// One look at one rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// d.
    pub time: f64,
    /// Index into the scenario's rules.
    pub rule: usize,
    /// Whether its condition was true as measured.
    pub met: bool,
    /// And of the true values.
    pub truly: bool,
    /// The output that explains the first.
    pub signal: Option<usize>,
    /// Its value as the clinic knew it, coherent.
    pub value: f64,
    /// Its true value at that time, coherent.
    pub truth: f64,
    /// What the rule did first; `None`: no change.
    pub action: Option<Done>,
}

/// Audits the rules of an arm in one patient.
#[derive(Debug)]
pub(super) struct Auditor<'s> {
    scenario: &'s Scenario,
    /// Sees true values; `None` where nothing is measured with error.
    shadow: Option<Judge<'s>>,
    /// Outputs as the clinic would know them without error: those that are measured, of the last visit.
    known: Vec<f64>,
    /// Outputs now.
    now: Vec<f64>,
    /// By the scenario's rules: since when a decision has been missed, d.
    missed_since: Vec<Option<f64>>,
    alternatives: Vec<Vec<&'s Formula>>,
    audit: Audit,
}

/// What was seen of a rule just before its turn.
pub(super) struct Before {
    look: Look,
    able: bool,
    reason: Option<usize>,
    decisions: usize,
    fired: u32,
}

impl<'s> Auditor<'s> {
    /// Nothing seen yet.
    pub(super) fn new(scenario: &'s Scenario, arm: &Arm) -> Self {
        let measured = scenario.model.outputs.iter().any(|output| output.error.is_some());
        let of =
            |rule: &'s Rule| alternatives(scenario, rule).into_iter().map(|found| found.formula).collect();
        let found: Vec<Vec<&Formula>> = scenario.rules.iter().map(of).collect();
        let rules = found.iter().map(|of| RuleAudit { reasons: vec![0; of.len()], ..RuleAudit::default() });
        Auditor {
            scenario,
            shadow: (measured && !arm.rules.is_empty()).then(|| Judge::new(scenario)),
            known: vec![0.0; scenario.model.outputs.len()],
            now: vec![0.0; scenario.model.outputs.len()],
            missed_since: vec![None; scenario.rules.len()],
            audit: Audit { rules: rules.collect(), ..Audit::default() },
            alternatives: found,
        }
    }

    /// A check begins, with these true outputs.
    pub(super) fn begin(
        &mut self,
        check: Check,
        truth: &[f64],
        individual: &Individual<'s>,
        course: &Course<'s>,
    ) {
        let Some(shadow) = &mut self.shadow else { return };
        self.now.copy_from_slice(truth);
        let outputs = &self.scenario.model.outputs;
        for ((known, truth), output) in self.known.iter_mut().zip(truth).zip(outputs) {
            if check.schedules != 0 || output.error.is_none() {
                *known = *truth;
            }
        }
        shadow.begin(check, Present { outputs: &self.known, individual, course });
    }

    /// Before a rule has its turn.
    pub(super) fn before(
        &mut self,
        number: usize,
        round: &mut Round<'_, 's>,
        (decisions, fired): (usize, u32),
    ) -> Before {
        let rule = &self.scenario.rules[number];
        let met = round.holds(&rule.when);
        let present = Present { outputs: &self.known, individual: round.individual, course: round.course };
        let truly = match &mut self.shadow {
            Some(shadow) => shadow.holds(&rule.when, present),
            None => met,
        };
        let able = is_able(rule, number, round.course);
        let mut reason = None;
        if met {
            reason = self.alternatives[number].iter().position(|alternative| round.holds(alternative));
        }
        let time = round.check.time;
        let mut look = Look {
            time,
            rule: number,
            met,
            truly,
            signal: None,
            value: f64::NAN,
            truth: f64::NAN,
            action: None,
        };
        if self.scenario.log_all_decisions {
            look.signal = round.explain(&rule.when, None).or(rule.signals.first().copied());
            look.value = look.signal.map_or(f64::NAN, |signal| round.outputs[signal]);
            look.truth = self.truth(look.signal, round.outputs);
        }
        Before { look, able, reason, decisions, fired }
    }

    /// After its turn: what it did is in the log.
    pub(super) fn after(
        &mut self,
        before: Before,
        round: &Round<'_, 's>,
        decisions: &[Decision],
        fired: u32,
    ) {
        let Before { mut look, able, reason, decisions: first, fired: fired_before } = before;
        let (time, acted) = (look.time, fired > fired_before);
        let of = &mut self.audit.rules[look.rule];
        of.looked += 1;
        of.met += u64::from(look.met);
        if let Some(since) = self.missed_since[look.rule].take() {
            of.missed_minutes += minutes(time - since);
        }
        if acted {
            of.acted += 1;
            if let Some(reason) = reason {
                of.reasons[reason] += 1;
            }
            let count = if look.met == look.truly { &mut of.justified } else { &mut of.unjustified };
            *count += 1;
        } else if able && look.truly && !look.met {
            of.missed += u64::from(round.check.schedules != 0);
            self.missed_since[look.rule] = Some(time);
        }
        let new = &decisions[first..];
        self.note_truths(first, new, Some((look.met, look.truly)), round.outputs);
        if self.scenario.log_all_decisions {
            look.action = new.first().map(|decision| decision.action);
            self.audit.looks.push(look);
        }
    }

    /// Notes the truth behind decisions, of which there are `first` before them.
    fn note_truths(&mut self, first: usize, new: &[Decision], met: Option<(bool, bool)>, known: &[f64]) {
        self.audit.decisions.resize(first, Truth { value: f64::NAN, justified: None });
        for decision in new {
            let rests = !matches!(decision.action, Done::Resume | Done::StopCoMedication);
            let justified = met.filter(|_| rests).map(|(met, truly)| met == truly);
            let value = self.truth(decision.signal, known);
            self.audit.decisions.push(Truth { value, justified });
        }
    }

    /// The true value of an output.
    fn truth(&self, output: Option<usize>, known: &[f64]) -> f64 {
        let values = if self.shadow.is_some() { &self.now } else { known };
        output.and_then(|output| values.get(output).copied()).unwrap_or(f64::NAN)
    }

    /// The end of follow-up, after so many decisions.
    pub(super) fn finish(mut self, end: f64, decisions: usize) -> Audit {
        for (of, since) in self.audit.rules.iter_mut().zip(&self.missed_since) {
            of.missed_minutes += since.map_or(0, |since| minutes(end - since));
        }
        self.audit.decisions.resize(decisions, Truth { value: f64::NAN, justified: None });
        self.audit
    }
}

/// Whether a rule could act now if its condition were true: there is something that it has not done yet. Of steps up and
/// co-medication it is not asked.
fn is_able(rule: &Rule, number: usize, course: &Course) -> bool {
    match &rule.action {
        Action::Hold { drug, .. } => !course.held_by(number) && course.awaits(*drug),
        Action::Reduce { drug, .. } => course.awaits(*drug) && !course.blocked(*drug),
        Action::Discontinue { drug: Some(drug) } => course.awaits(*drug),
        Action::Discontinue { drug: None } => course.under_way(),
        _ => false,
    }
}
