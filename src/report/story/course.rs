//! What happened, in the order of time: doses, decisions and why, grades, signals, events.

use super::{Story, day};
use crate::report::number::{attached, short};
use crate::scenario::{Action, EndpointKind};
use crate::trial::{Decision, Dose, End, Visit, Why};

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Happening {
    /// d.
    pub time: f64,
    /// "day 43".
    pub when: String,
    /// What and why, a sentence.
    pub what: String,
}

impl Story<'_> {
    /// Everything that happened.
    pub fn happenings(&self) -> Vec<Happening> {
        let mut all = self.doses();
        all.extend(self.grades());
        all.extend(self.signals());
        all.extend(self.decisions());
        all.extend(
            self.single
                .course
                .events
                .iter()
                .map(|event| at(event.time, format!("event: {}", self.names().hazard(event.hazard)))),
        );
        // What happens at one time keeps the order above.
        all.sort_by(|a, b| a.time.total_cmp(&b.time));
        all.push(self.end());
        all
    }

    fn end(&self) -> Happening {
        let course = &self.single.course;
        let what = match &course.end {
            End::Completed => "end of follow-up".to_owned(),
            End::Died { hazard } => format!("follow-up ends: {}", self.names().hazard(*hazard)),
            End::Failed(failure) => format!("the computation failed: {}; {}", failure.what, failure.cause),
        };
        at(course.end_time, what)
    }

    /// Doses of one drug and amount that follow each other, as one entry.
    fn doses(&self) -> Vec<Happening> {
        let doses = &self.single.course.doses;
        let mut routes: Vec<usize> = doses.iter().map(|dose| dose.route).collect();
        routes.sort_unstable();
        routes.dedup();
        let mut found = Vec::new();
        for route in routes {
            let of: Vec<&Dose> = doses.iter().filter(|dose| dose.route == route).collect();
            let mut first = 0;
            for place in 1..=of.len() {
                let gap = |place: usize| of[place].time - of[place - 1].time;
                let goes_on = place < of.len()
                    && of[place].amount == of[first].amount
                    && of[place].planned == of[first].planned
                    && gap(place) <= if place == first + 1 { 1.5 } else { 1.01 * gap(place - 1).max(1.0) };
                if !goes_on {
                    found.push(self.run_of_doses(&of[first..place]));
                    first = place;
                }
            }
        }
        found
    }

    fn run_of_doses(&self, doses: &[&Dose]) -> Happening {
        let (first, last) = (doses[0], doses[doses.len() - 1]);
        let drug = self.names().drug(first.route);
        let by = if first.planned { "" } else { " (given by a rule)" };
        let amount = self.dose(first.route, first.amount);
        let what = match doses.len() {
            1 => format!("{drug} {amount}, one dose{by}"),
            count => format!("{drug} {amount}, {count} doses to day {}{by}", day(last.time)),
        };
        at(first.time, what)
    }

    fn dose(&self, route: usize, amount: f64) -> String {
        let unit = self.names().dose_unit(route).map_or("", |unit| unit.name.as_str());
        attached(&short(self.names().shown_dose(route, amount)), unit)
    }

    fn decisions(&self) -> Vec<Happening> {
        let decisions = self.single.course.decisions.iter().enumerate();
        decisions.map(|(number, decision)| at(decision.time, self.decision(number, decision))).collect()
    }

    /// "hold lenalidomide (10 mg → 0 mg), rule “…” (…): ANC 0.42×10⁹/L measured, 0.61×10⁹/L true: false".
    fn decision(&self, number: usize, decision: &Decision) -> String {
        let (scenario, drug) = (self.scenario, decision.drug);
        let change = format!("{} → {}", self.dose(drug, decision.before), self.dose(drug, decision.after));
        let action = decision.action.name();
        let mut text = format!("{action}: {} ({change})", self.names().drug(drug));
        match decision.by {
            Why::Hazard(hazard) => text += &format!(", because of {}", self.names().hazard(hazard)),
            Why::Rule(rule) => {
                let Some(rule) = scenario.rules.get(rule) else { return text };
                text += &format!(", by “{}”", rule.name);
                let why = match (&rule.action, action) {
                    (Action::Hold { resume_text, .. }, "resume") => resume_text,
                    _ => &rule.when_text,
                };
                if !why.is_empty() {
                    text += &format!(" ({why})");
                }
            }
        }
        let truth = self.single.course.audit.decisions.get(number);
        if let Some(output) = decision.signal.and_then(|output| scenario.model.outputs.get(output)) {
            let shown = |value: f64| attached(&short(output.unit.show(value)), &output.unit.name);
            text += &format!(": {} {}", output.name, shown(decision.value));
            if let Some(truth) = truth.filter(|truth| output.error.is_some() && truth.value.is_finite()) {
                text += &format!(" measured, {} true", shown(truth.value));
            }
        }
        // Where nothing is measured with error every decision is justified.
        let measured = scenario.model.outputs.iter().any(|output| output.error.is_some());
        match truth.filter(|_| measured).and_then(|truth| truth.justified) {
            Some(false) => text += "; false: the true values do not bear it out",
            Some(true) => text += "; justified",
            None => {}
        }
        text
    }

    /// Where the grade of what a worst-grade endpoint looks at changes from one visit to the next, as measured.
    fn grades(&self) -> Vec<Happening> {
        let mut found = Vec::new();
        for definition in &self.scenario.endpoints {
            let EndpointKind::WorstGrade { output, thresholds, falling, .. } = &definition.kind else {
                continue;
            };
            let described = &self.scenario.model.outputs[*output];
            let grade = |visit: &Visit| {
                let value = visit.measured[*output];
                thresholds
                    .iter()
                    .filter(|limit| if *falling { value < **limit } else { value > **limit })
                    .count()
            };
            let mut before = 0;
            for visit in &self.single.course.visits {
                let now = grade(visit);
                if now != before {
                    let value =
                        attached(&short(described.unit.show(visit.measured[*output])), &described.unit.name);
                    found.push(at(
                        visit.time,
                        format!(
                            "{}: grade {before} → {now} ({} {value} measured)",
                            definition.name, described.name
                        ),
                    ));
                }
                before = now;
            }
        }
        found
    }

    /// Where a condition that the scenario names becomes true or false at a visit.
    fn signals(&self) -> Vec<Happening> {
        let mut found = Vec::new();
        for (number, signal) in self.scenario.signals.iter().enumerate().filter(|(_, signal)| signal.logical)
        {
            let mut before = 0.0;
            for visit in &self.single.course.visits {
                // Between its own visits a condition counts as false, and that is no news.
                if signal.schedule < 32 && visit.schedules & (1 << signal.schedule) == 0 {
                    continue;
                }
                let now = visit.signals.get(number).copied().unwrap_or_default();
                if now != before {
                    let said = if now != 0.0 { "true" } else { "no longer true" };
                    found.push(at(visit.time, format!("“{}” is {said}", signal.name)));
                }
                before = now;
            }
        }
        found
    }
}

fn at(time: f64, what: String) -> Happening {
    Happening { time, when: format!("day {}", day(time)), what }
}
