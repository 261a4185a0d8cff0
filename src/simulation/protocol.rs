//! The rule engine: holds, resumption, reductions, planned escalation, discontinuation, co-medication.
//!
//! Rules act in the arm's order at laboratory visits, and those that are checked daily at each day's dose time too. What
//! is decided governs the dose of the same moment. Every decision is logged.

use super::clock::reached;
use super::course::Course;
use super::judge::{Check, Judge, Present, schedules_of};
use super::trajectory::{Decision, Done, Why};
use crate::model::Formula;
use crate::program::Individual;
use crate::scenario::{Action, Arm, CoMedication, Rule, Scenario};

/// What one rule of the arm remembers.
#[derive(Debug)]
struct RuleState<'s> {
    number: usize,
    rule: &'s Rule,
    /// Schedules at whose visits it acts.
    schedules: u32,
    /// Its co-medication is being given.
    giving: bool,
    /// Next planned escalation.
    due: f64,
    /// A planned escalation has come and has not been allowed yet.
    pending: bool,
    /// The output that explains the last decision.
    cause: Option<usize>,
    /// While the rule waits (to resume, or for the gate of a step): the output that was in the way when it was last asked.
    obstacle: Option<usize>,
}

/// The rules of an arm at work on one patient.
#[derive(Debug)]
pub(super) struct Protocol<'s> {
    rules: Vec<RuleState<'s>>,
    /// How often each rule of the scenario fired.
    pub(super) fired: Vec<u32>,
    /// Decisions in time order.
    pub(super) decisions: Vec<Decision>,
}

/// What a rule sees and acts on during a check.
pub(super) struct Round<'a, 's> {
    /// When.
    pub(super) check: Check,
    /// Conditions.
    pub(super) judge: &'a mut Judge<'s>,
    /// Outputs as the clinic knows them.
    pub(super) outputs: &'a [f64],
    /// Patient constants.
    pub(super) individual: &'a Individual<'s>,
    /// What is acted on.
    pub(super) course: &'a mut Course<'s>,
}

impl Round<'_, '_> {
    fn holds(&mut self, condition: &Formula) -> bool {
        let present = Present { outputs: self.outputs, individual: self.individual, course: self.course };
        self.judge.holds(condition, present)
    }

    fn explain(&mut self, condition: &Formula, known: Option<usize>) -> Option<usize> {
        let present = Present { outputs: self.outputs, individual: self.individual, course: self.course };
        self.judge.explain(condition, known, present)
    }
}

impl<'s> Protocol<'s> {
    /// The rules of an arm, nothing decided yet.
    pub(super) fn new(scenario: &'s Scenario, arm: &Arm) -> Self {
        let rules = arm.rules.iter().map(|&number| {
            let rule = &scenario.rules[number];
            let (due, resume) = match &rule.action {
                Action::Escalate { first, .. } => (*first, None),
                Action::Hold { resume, .. } => (f64::INFINITY, Some(resume)),
                _ => (f64::INFINITY, None),
            };
            let schedules = schedules_of(scenario, std::iter::once(&rule.when).chain(resume));
            let (giving, pending) = (false, false);
            RuleState { number, rule, schedules, giving, due, pending, cause: None, obstacle: None }
        });
        Protocol { rules: rules.collect(), fired: vec![0; scenario.rules.len()], decisions: Vec::new() }
    }

    /// Whether some rule acts at each day's dose time.
    pub(super) fn daily(&self) -> bool {
        self.rules.iter().any(RuleState::daily)
    }

    /// Co-medications being given.
    pub(super) fn co_medications(&self) -> impl Iterator<Item = &'s CoMedication> {
        self.rules.iter().filter(|state| state.giving).filter_map(|state| state.rule.give.as_ref())
    }

    /// All rules that act at this check, in order.
    pub(super) fn act(&mut self, round: &mut Round<'_, 's>) {
        let first = self.decisions.len();
        round.course.begin_check();
        for place in 0..self.rules.len() {
            if self.rules[place].acts(round.check) {
                self.apply(place, round);
            }
        }
        self.settle(first, round.check.time, round.course);
        self.follow_holds(round.check.time, round.course, round.outputs);
    }

    /// One rule.
    fn apply(&mut self, place: usize, round: &mut Round<'_, 's>) {
        let RuleState { number, rule, .. } = self.rules[place];
        let time = round.check.time;
        let when = round.holds(&rule.when);
        if when {
            self.rules[place].cause = round.explain(&rule.when, None);
        }
        match &rule.action {
            Action::Hold { drug, resume, lower, lowest, .. } => {
                let before = round.course.level(*drug, time);
                if round.course.held_by(number) {
                    if when {
                        self.rules[place].obstacle = self.rules[place].cause;
                    } else if self.is_over(place, round.holds(resume), resume, round) {
                        round.course.release(number, *lower, *lowest);
                        self.log(place, Done::Resume, &[(*drug, (0.0, 0.0))], round);
                    }
                } else if when && round.course.awaits(*drug) {
                    round.course.hold(number, *drug, time);
                    self.log(place, Done::Hold, &[(*drug, (before, 0.0))], round);
                    self.rules[place].obstacle = self.rules[place].cause;
                }
            }
            Action::Reduce { drug, lower, lowest } => {
                if when && let Some(levels) = round.course.reduce(*drug, *lower, *lowest, time) {
                    self.log(place, Done::Reduce, &[(*drug, levels)], round);
                }
            }
            Action::Escalate { drug, every, highest, regain, .. } => {
                self.plan_step(place, *every, time);
                if !self.rules[place].pending || round.course.blocked(*drug) {
                    return;
                }
                if !round.course.can_rise(*drug, *highest, *regain) {
                    // At the top, or after the plan's last step, there is nothing to wait for.
                    self.rules[place].end_step();
                } else if self.is_over(place, when, &rule.when, round)
                    && let Some(levels) = round.course.escalate(*drug, *highest, *regain, time)
                {
                    self.rules[place].end_step();
                    self.log(place, Done::Escalate, &[(*drug, levels)], round);
                }
            }
            Action::Discontinue { drug } => {
                if when {
                    let stopped = round.course.discontinue(*drug, time, Why::Rule(number));
                    let changes: Vec<_> =
                        stopped.iter().map(|&(drug, before)| (drug, (before, 0.0))).collect();
                    self.log(place, Done::Discontinue, &changes, round);
                }
            }
            Action::Give => {}
        }
        if !matches!(rule.action, Action::Hold { .. }) {
            self.give(place, when, time, round.outputs);
        }
    }

    /// Whether the wait for a condition is over, that is, whether it is true now. If so, what was last in the way explains
    /// the decision; if not, what is in the way is noted.
    fn is_over(&mut self, place: usize, over: bool, condition: &Formula, round: &mut Round<'_, 's>) -> bool {
        let state = &mut self.rules[place];
        let explained = round.explain(condition, state.obstacle);
        if over {
            state.cause = state.obstacle.or(explained);
        } else {
            // Between the visits of a signal there is no news of it.
            state.obstacle = explained.or(state.obstacle);
        }
        over
    }

    /// Notes that a hazard has ended treatment.
    pub(super) fn note_end(&mut self, time: f64, hazard: usize, stopped: &[(usize, f64)]) {
        let (by, signal, value, action) = (Why::Hazard(hazard), None, 0.0, Done::Discontinue);
        let decisions = stopped.iter().map(|&(drug, before)| Decision {
            time,
            by,
            signal,
            value,
            action,
            drug,
            before,
            after: 0.0,
        });
        self.decisions.extend(decisions);
    }

    /// Moves the planned escalation on: a step whose day has come is pending, several do not add up.
    fn plan_step(&mut self, place: usize, every: f64, time: f64) {
        let state = &mut self.rules[place];
        while reached(state.due, time) {
            state.pending = true;
            state.due = if every > 0.0 { state.due + every } else { f64::INFINITY };
        }
    }

    /// Resumes the drugs whose last hold ended at this check, and writes the level into the log.
    fn settle(&mut self, first: usize, time: f64, course: &mut Course) {
        let new = &mut self.decisions[first..];
        for place in (0..new.len()).rev() {
            let Decision { action: Done::Resume, drug, .. } = new[place] else { continue };
            if course.settle(drug, time) {
                new[place].after = course.level(drug, time);
            }
        }
    }

    /// Begins and ends co-medication that goes with holds.
    pub(super) fn follow_holds(&mut self, time: f64, course: &Course, outputs: &[f64]) {
        for place in 0..self.rules.len() {
            let state = &self.rules[place];
            if matches!(state.rule.action, Action::Hold { .. }) {
                let held = course.held_by(state.number);
                self.give(place, held, time, outputs);
            }
        }
    }

    /// Begins or ends a rule's co-medication.
    fn give(&mut self, place: usize, wanted: bool, time: f64, outputs: &[f64]) {
        let state = &mut self.rules[place];
        let Some(given) = &state.rule.give else { return };
        if state.giving == wanted {
            return;
        }
        state.giving = wanted;
        let (action, before, after) = if wanted {
            (Done::StartCoMedication, 0.0, given.dose)
        } else {
            (Done::StopCoMedication, given.dose, 0.0)
        };
        let (signal, value) = state.read(outputs);
        let (by, drug) = (Why::Rule(state.number), given.drug);
        if wanted && matches!(state.rule.action, Action::Give) {
            self.fired[state.number] += 1;
        }
        self.decisions.push(Decision { time, by, signal, value, action, drug, before, after });
    }

    /// Logs a decision about the rule's own drugs, each with its levels before and after, and counts it once.
    fn log(&mut self, place: usize, action: Done, changes: &[(usize, (f64, f64))], round: &Round<'_, 's>) {
        if changes.is_empty() {
            return;
        }
        let state = &self.rules[place];
        let (signal, value) = state.read(round.outputs);
        if action != Done::Resume {
            self.fired[state.number] += 1;
        }
        let (time, by) = (round.check.time, Why::Rule(state.number));
        let decisions = changes.iter().map(|&(drug, (before, after))| Decision {
            time,
            by,
            signal,
            value,
            action,
            drug,
            before,
            after,
        });
        self.decisions.extend(decisions);
    }
}

impl RuleState<'_> {
    /// Acts at each day's dose time, not only at visits.
    fn daily(&self) -> bool {
        self.rule.daily || matches!(self.rule.action, Action::Escalate { .. })
    }

    /// A planned step has been taken, or cannot be.
    fn end_step(&mut self) {
        self.pending = false;
        self.obstacle = None;
    }

    fn acts(&self, check: Check) -> bool {
        check.schedules & self.schedules != 0 || (check.daily && self.daily())
    }

    /// The output that explains the decision, and its value.
    fn read(&self, outputs: &[f64]) -> (Option<usize>, f64) {
        let signal = self.cause.or(self.rule.signals.first().copied());
        (signal, signal.and_then(|signal| outputs.get(signal).copied()).unwrap_or(0.0))
    }
}
