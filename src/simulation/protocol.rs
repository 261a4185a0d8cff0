//! The rule engine: holds, resumption, reductions, planned escalation, discontinuation, co-medication.
//!
//! Rules act in the arm's order at laboratory visits, and those that are checked daily at each day's dose time too. What
//! is decided governs the dose of the same moment. Every decision is logged.

use super::audit::Auditor;
use super::clock::reached;
use super::course::{Course, Settled};
use super::drug::Owed;
use super::giving::Giving;
use super::judge::{Check, Judge, Present, schedules_of};
use super::trajectory::{Decision, Done, Why};
use crate::model::Formula;
use crate::program::Individual;
use crate::scenario::{Action, Arm, Rule, Scenario};

/// What one rule of the arm remembers.
#[derive(Debug)]
pub(super) struct RuleState<'s> {
    pub(super) number: usize,
    pub(super) rule: &'s Rule,
    /// Schedules at whose visits it acts.
    schedules: u32,
    /// Its co-medication.
    pub(super) giving: Giving,
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
    pub(super) rules: Vec<RuleState<'s>>,
    /// How often each rule of the scenario fired.
    pub(super) fired: Vec<u32>,
    /// Decisions in time order.
    pub(super) decisions: Vec<Decision>,
    /// Looks at each rule beside the truth.
    pub(super) auditor: Auditor<'s>,
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
    pub(super) fn holds(&mut self, condition: &Formula) -> bool {
        let present = Present { outputs: self.outputs, individual: self.individual, course: self.course };
        self.judge.holds(condition, present)
    }

    fn value(&mut self, formula: &Formula) -> f64 {
        let present = Present { outputs: self.outputs, individual: self.individual, course: self.course };
        self.judge.value(formula, present)
    }

    pub(super) fn explain(&mut self, condition: &Formula, known: Option<usize>) -> Option<usize> {
        let present = Present { outputs: self.outputs, individual: self.individual, course: self.course };
        self.judge.explain(condition, known, present)
    }
}

impl<'s> Protocol<'s> {
    /// The rules of an arm, nothing decided yet.
    pub(super) fn new(scenario: &'s Scenario, arm: &Arm) -> Self {
        let rules = arm.rules.iter().map(|&number| {
            let rule = &scenario.rules[number];
            let (due, other) = match &rule.action {
                Action::Escalate { first, .. } => (*first, None),
                Action::Hold { resume, .. } => (f64::INFINITY, Some(resume)),
                Action::Adjust { dose, .. } => (f64::INFINITY, Some(dose)),
                _ => (f64::INFINITY, None),
            };
            let until = rule.give.as_ref().and_then(|given| given.until.as_ref());
            let schedules = schedules_of(scenario, std::iter::once(&rule.when).chain(other).chain(until));
            let (giving, pending) = (Giving::default(), false);
            RuleState { number, rule, schedules, giving, due, pending, cause: None, obstacle: None }
        });
        let (fired, auditor) = (vec![0; scenario.rules.len()], Auditor::new(scenario, arm));
        Protocol { rules: rules.collect(), fired, decisions: Vec::new(), auditor }
    }

    /// Whether some rule acts at each day's dose time.
    pub(super) fn daily(&self) -> bool {
        self.rules.iter().any(RuleState::daily)
    }

    /// All rules that act at this check, in order.
    pub(super) fn act(&mut self, round: &mut Round<'_, 's>) {
        let first = self.decisions.len();
        round.course.begin_check();
        for place in 0..self.rules.len() {
            if self.rules[place].acts(round.check) {
                let number = self.rules[place].number;
                let before = self.auditor.before(number, round, (self.decisions.len(), self.fired[number]));
                self.apply(place, round);
                self.auditor.after(before, round, &self.decisions, self.fired[number]);
            }
        }
        self.settle(first, round.check.time, round.course);
        self.follow_holds(round.check.time, round.course, round.outputs);
    }

    /// One rule.
    fn apply(&mut self, place: usize, round: &mut Round<'_, 's>) {
        let rule = self.rules[place].rule;
        let when = round.holds(&rule.when);
        if when {
            self.rules[place].cause = round.explain(&rule.when, None);
        }
        self.look_whether_over(place, round);
        match &rule.action {
            Action::Hold { .. } => self.hold(place, when, round),
            Action::Start { drug, at_most } => self.start(place, (*drug, *at_most), when, round),
            Action::Reduce { .. } if when => self.reduce(place, round),
            Action::Escalate { .. } => self.escalate(place, when, round),
            Action::ReEscalate { drug, after, highest } if when => {
                let time = round.check.time;
                if let Some(levels) = round.course.re_escalate(*drug, *after, *highest, time) {
                    self.log(place, Done::Escalate, &[(*drug, levels)], round);
                }
            }
            Action::Adjust { .. } if when => self.adjust(place, round),
            Action::Discontinue { drug } if when => {
                self.discontinue(place, *drug, round);
                self.stop_giving(*drug, round.check.time, round.outputs);
            }
            _ => {}
        }
        if !matches!(rule.action, Action::Hold { .. }) {
            self.give(place, when, round.check.time, round.outputs);
        }
    }

    /// Begins or ends the hold of a rule.
    fn hold(&mut self, place: usize, when: bool, round: &mut Round<'_, 's>) {
        let RuleState { number, rule, .. } = self.rules[place];
        let Action::Hold { drug, resume, lower, lowest, terms, .. } = &rule.action else { return };
        let time = round.check.time;
        let Some(lasted) = round.course.held_for(number, time) else {
            if when && round.course.awaits(*drug) {
                let before = round.course.level(*drug, time);
                round.course.hold(number, *drug, time);
                self.log(place, Done::Hold, &[(*drug, (before, 0.0))], round);
                self.rules[place].obstacle = self.rules[place].cause;
            }
            return;
        };
        let mut over = false;
        if when {
            self.rules[place].obstacle = self.rules[place].cause;
        } else if reached(terms.after, lasted) {
            over = self.is_over(place, round.holds(resume), resume, round);
        }
        if over {
            round.course.release(number, Owed { lower: *lower, lowest: *lowest, limits: terms.limits });
            self.log(place, Done::Resume, &[(*drug, (0.0, 0.0))], round);
        } else if reached(terms.at_most, lasted) {
            self.discontinue(place, Some(*drug), round);
        }
    }

    /// Lets the first dose wait, or lets it go.
    fn start(&mut self, place: usize, (drug, at_most): (usize, f64), when: bool, round: &mut Round<'_, 's>) {
        let RuleState { number, rule, .. } = self.rules[place];
        let time = round.check.time;
        match round.course.held_for(number, time) {
            None if !when && round.course.awaits_start(drug) => {
                let before = round.course.level(drug, time);
                let obstacle = round.explain(&rule.when, None);
                (self.rules[place].cause, self.rules[place].obstacle) = (obstacle, obstacle);
                round.course.wait(number, drug, time);
                self.log(place, Done::Hold, &[(drug, (before, 0.0))], round);
            }
            None => {}
            Some(lasted) => {
                if self.is_over(place, when, &rule.when, round) {
                    round.course.release(number, Owed::nothing());
                    self.log(place, Done::Resume, &[(drug, (0.0, 0.0))], round);
                } else if reached(at_most, lasted) {
                    self.discontinue(place, Some(drug), round);
                }
            }
        }
    }

    /// Goes down, or stops where the limits of reduction are reached.
    fn reduce(&mut self, place: usize, round: &mut Round<'_, 's>) {
        let Action::Reduce { drug, lower, lowest, limits } = &self.rules[place].rule.action else { return };
        let (owed, time) = (Owed { lower: *lower, lowest: *lowest, limits: *limits }, round.check.time);
        if round.course.exhausted(*drug, owed, time) {
            self.discontinue(place, Some(*drug), round);
        } else if let Some(levels) = round.course.reduce(*drug, *lower, *lowest, time) {
            self.log(place, Done::Reduce, &[(*drug, levels)], round);
        }
    }

    /// Takes a planned step that is allowed.
    fn escalate(&mut self, place: usize, when: bool, round: &mut Round<'_, 's>) {
        let rule = self.rules[place].rule;
        let Action::Escalate { drug, every, highest, regain, .. } = &rule.action else { return };
        let time = round.check.time;
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

    /// Sets the dose.
    fn adjust(&mut self, place: usize, round: &mut Round<'_, 's>) {
        let Action::Adjust { drug, dose, smallest, largest, further, log_unchanged, .. } =
            &self.rules[place].rule.action
        else {
            return;
        };
        // Looked at before the limits: the larger of no number and a limit is the limit.
        let value = round.value(dose);
        let wanted = value.max(*smallest).min(*largest);
        if !value.is_finite() || wanted < 0.0 {
            return;
        }
        if let Some((before, after)) = round.course.adjust(*drug, wanted, *further, round.check.time)
            && (before != after || *log_unchanged)
        {
            self.log(place, Done::Adjust, &[(*drug, (before, after))], round);
        }
    }

    /// Stops a drug, or all, for good.
    fn discontinue(&mut self, place: usize, drug: Option<usize>, round: &mut Round<'_, 's>) {
        let by = Why::Rule(self.rules[place].number);
        let stopped = round.course.discontinue(drug, round.check.time, by);
        let changes: Vec<_> = stopped.iter().map(|&(drug, before)| (drug, (before, 0.0))).collect();
        self.log(place, Done::Discontinue, &changes, round);
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
            match course.settle(drug, time) {
                Settled::Nothing => {}
                Settled::Resumed => new[place].after = course.level(drug, time),
                Settled::Exhausted => {
                    course.discontinue(Some(drug), time, new[place].by);
                    new[place].action = Done::Discontinue;
                }
            }
        }
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
    pub(super) fn read(&self, outputs: &[f64]) -> (Option<usize>, f64) {
        let signal = self.cause.or(self.rule.signals.first().copied());
        (signal, signal.and_then(|signal| outputs.get(signal).copied()).unwrap_or(0.0))
    }
}
