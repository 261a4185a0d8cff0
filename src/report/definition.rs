//! How an endpoint is computed, in a sentence with the limits that were used: printed beside the numbers, so that nobody has
//! to take the file's own description on trust.

use super::number::{short, with_unit};
use super::study::Study;
use crate::scenario::{
    Column, EndpointExpression, EndpointKind, GradeTable, GradeTimes, Guideline, Happening, LysisCriteria,
    LysisRule, Modification, Progression, ResponseCriteria, ResponseQuestion,
};

/// The definition of an endpoint (by index), computed from what the program does.
pub fn sentence(study: Study, index: usize) -> String {
    let words = Words { study };
    let kind = &study.scenario.endpoints[index].kind;
    match kind {
        EndpointKind::Cmax { output, record } => {
            format!("Largest {} in {}.", words.output(*output), words.record(*record))
        }
        EndpointKind::Tmax { output, record } => {
            format!("Time of the largest {} in {}.", words.output(*output), words.record(*record))
        }
        EndpointKind::Auc { output, record } => format!(
            "Area under {} over {}: linear trapezoids up, logarithmic down.",
            words.output(*output),
            words.record(*record)
        ),
        EndpointKind::AucInfinity { output, record } => format!(
            "Area under {} over {}, and from there to infinity with the terminal slope.",
            words.output(*output),
            words.record(*record)
        ),
        EndpointKind::HalfLife { output, record } => {
            format!("ln 2 over the terminal slope of {} in {}.", words.output(*output), words.record(*record))
        }
        EndpointKind::Trough { output, record } => {
            format!("{} at the last time of {}.", words.output(*output), words.record(*record))
        }
        EndpointKind::Nadir { output } => {
            format!("Smallest {} at laboratory visits on treatment.", words.output(*output))
        }
        EndpointKind::NadirDay { output } => {
            format!("Days from the first dose to the smallest {} on treatment.", words.output(*output))
        }
        EndpointKind::DaysBelow { output, threshold } => format!(
            "Time on treatment with {} below {}; a value holds until the next visit.",
            words.output(*output),
            words.value(*output, *threshold)
        ),
        EndpointKind::WorstGrade { output, thresholds, falling, table, at } => format!(
            "Highest grade on treatment. {}",
            words.grades(*output, (thresholds, *falling, table.as_deref()), *at)
        ),
        EndpointKind::GradesByCycle { source, cycle } => format!(
            "Highest grade in each cycle of {} d on treatment, of patients seen in it. {}",
            short(*cycle),
            words.grades(
                source.output,
                (&source.thresholds, source.falling, source.table.as_deref()),
                source.at
            )
        ),
        EndpointKind::Recurrence { output, record, from, below } => format!(
            "{} reaches {} on treatment, falls below {} and reaches it again, in {}.",
            words.output(*output),
            words.value(*output, *from),
            words.value(*output, *below),
            words.record(*record)
        ),
        EndpointKind::BestResponse(criteria) => words.response(criteria),
        EndpointKind::Response { criteria, question } => {
            let guideline = guideline(criteria.guideline);
            format!("{} Response by {guideline}, as under best response.", words.question(*question))
        }
        EndpointKind::ProgressionFreeSurvival { progression, death } => {
            let death = death.map_or(String::new(), |hazard| format!(", or {}", words.hazard(hazard)));
            format!("Time to {}{death}.", words.progression(progression))
        }
        EndpointKind::TimeToHazard { hazard } => {
            let terminal = study.model().hazards.get(*hazard).is_some_and(|hazard| hazard.terminal);
            let censored = if terminal { "" } else { "; death censors" };
            format!("Time to the first {}{censored}.", words.hazard(*hazard))
        }
        EndpointKind::CumulativeIncidence { event, competing } => words.incidence(event, competing),
        EndpointKind::TumourLysis { criteria, clinical } => words.lysis(criteria, *clinical),
        EndpointKind::DoseIntensity { drug } => {
            format!("Planned doses of {} given, over those of the plan.", study.drug(*drug))
        }
        EndpointKind::ReachedDose { drug, dose } => {
            let unit = study.dose_unit(*drug).map_or("", |unit| unit.name.as_str());
            format!(
                "A planned dose of {} of at least {} was given.",
                study.drug(*drug),
                with_unit(study.shown_dose(*drug, *dose), unit)
            )
        }
        EndpointKind::EverTrue { signal } => {
            format!("{} at some visit.", words.signal(*signal))
        }
        EndpointKind::TimeOnTreatment => "First dose to discontinuation or death.".to_owned(),
        EndpointKind::Modification { drug, question } => {
            format!("{} of {}.", modification(*question), study.drug(*drug))
        }
        EndpointKind::Expression(expression) => words.expression(expression),
    }
}

fn guideline(guideline: Guideline) -> &'static str {
    match guideline {
        Guideline::Both => "iwCLL 2008 with 2018",
        Guideline::Iwcll2008 => "iwCLL 2008",
        Guideline::Iwcll2018 => "iwCLL 2018",
    }
}

fn modification(question: Modification) -> &'static str {
    match question {
        Modification::TimeOnHold => "Time on treatment during which rules withheld doses",
        Modification::Holds => "Number of holds",
        Modification::Reductions => {
            "Number of times the level became lower, by a rule or on resuming after a hold,"
        }
        Modification::TimeToFirstHold => "First dose to the first hold",
        Modification::TimeToFirstReduction => "First dose to the first lowering of the level",
    }
}

struct Words<'a> {
    study: Study<'a>,
}

impl Words<'_> {
    fn output(&self, output: usize) -> &str {
        self.study.model().outputs.get(output).map_or("", |output| output.name.as_str())
    }

    fn value(&self, output: usize, value: f64) -> String {
        match self.study.model().outputs.get(output) {
            Some(output) => with_unit(output.unit.show(value), &output.unit.name),
            None => short(value),
        }
    }

    fn record(&self, record: usize) -> String {
        let name = self.study.scenario.records.get(record).map_or("", |record| record.name.as_str());
        format!("record “{name}”")
    }

    fn schedule(&self, schedule: usize) -> &str {
        self.study.scenario.visits.get(schedule).map_or("", |schedule| schedule.name.as_str())
    }

    fn signal(&self, signal: usize) -> String {
        match self.study.scenario.signals.get(signal) {
            Some(signal) => format!("“{}” ({})", signal.name, signal.text),
            None => String::new(),
        }
    }

    fn hazard(&self, hazard: usize) -> &str {
        self.study.model().hazards.get(hazard).map_or("", |hazard| hazard.name.as_str())
    }

    fn column(&self, column: Column) -> &str {
        match column {
            Column::Output(output) => self.output(output),
            Column::Signal(signal) => {
                self.study.scenario.signals.get(signal).map_or("", |signal| signal.name.as_str())
            }
        }
    }

    fn grades(
        &self,
        output: usize,
        (thresholds, falling, table): (&[f64], bool, Option<&GradeTable>),
        at: GradeTimes,
    ) -> String {
        let sign = if falling { "<" } else { "≥" };
        let limit = |(index, limit): (usize, &f64)| {
            format!("grade {}: {sign} {}", index + 1, self.value(output, *limit))
        };
        let limits: Vec<String> = match table {
            Some(table) => {
                let printed = table.grades.iter().enumerate().filter(|(_, grade)| grade.text != "-");
                printed.map(|(index, grade)| format!("grade {}: {}", index + 1, grade.text)).collect()
            }
            None => thresholds.iter().enumerate().filter(|(_, limit)| limit.is_finite()).map(limit).collect(),
        };
        let source = table.map_or(String::new(), |table| format!(" ({})", table.source));
        let place = match at {
            GradeTimes::Visits => "laboratory visits".to_owned(),
            GradeTimes::Record(record) => self.record(record),
        };
        format!(
            "{} at {place}, {}{source}; who starts beyond a limit counts only with a grade worse.",
            self.output(output),
            limits.join(", ")
        )
    }

    fn progression(&self, progression: &Progression) -> String {
        let seen = format!("the first visit with {}", self.signal(progression.signal));
        let Some(window) = progression.flare else { return seen };
        let flare = window.flare.map_or(String::new(), |(output, limit)| {
            format!(" with {} ≥ {}", self.output(output), self.value(output, limit))
        });
        format!(
            "{seen}, not counting visits within {} d after a start or step-up of {}{flare}",
            short(window.length),
            self.study.drug(window.drug)
        )
    }

    fn happening(&self, happening: &Happening) -> String {
        match happening {
            Happening::Signal(progression) => self.progression(progression),
            Happening::Hazard(hazard) => self.hazard(*hazard).to_owned(),
            Happening::Discontinuation => "the end of treatment".to_owned(),
        }
    }

    fn incidence(&self, event: &Happening, competing: &[Happening]) -> String {
        let others: Vec<String> = competing.iter().map(|other| self.happening(other)).collect();
        let others = if others.is_empty() { "nothing".to_owned() } else { others.join("; ") };
        format!(
            "Share of patients in whom {} came first (Aalen–Johansen). Competing: {others}. The rest is censored at the \
             end of follow-up.",
            self.happening(event)
        )
    }

    fn question(&self, question: ResponseQuestion) -> String {
        match question {
            ResponseQuestion::TimeToResponse => {
                "From the first restaging to that at which a confirmed response began, in responders.".to_owned()
            }
            ResponseQuestion::Duration { death } => format!(
                "From the restaging at which a confirmed response began to progression{}, in responders.",
                death.map_or(String::new(), |hazard| format!(" or {}", self.hazard(hazard)))
            ),
            ResponseQuestion::TimeToDeepening => {
                "From the restaging at which a confirmed response began to the first that shows a deeper one, in \
                 responders; censored at progression, death and the end of follow-up."
                    .to_owned()
            }
            ResponseQuestion::OverTime => {
                "What each restaging shows by itself, unconfirmed, of patients with a value then.".to_owned()
            }
        }
    }

    fn response(&self, criteria: &ResponseCriteria) -> String {
        let guideline = guideline(criteria.guideline);
        let (items, at) = match criteria.guideline {
            Guideline::Both => ("nodes and one more abnormal item", "≤"),
            Guideline::Iwcll2008 => ("two abnormal items", "≤"),
            Guideline::Iwcll2018 => ("two abnormal items", "<"),
        };
        let (beyond, partial) = match criteria.guideline {
            Guideline::Both => (">", "≥"),
            Guideline::Iwcll2008 => (">", ">"),
            Guideline::Iwcll2018 => ("≥", "≥"),
        };
        let counts = match criteria.guideline {
            Guideline::Iwcll2018 => format!("platelets {partial} 100 or haemoglobin {partial} 11 g/dL"),
            Guideline::Both | Guideline::Iwcll2008 => {
                format!("neutrophils {partial} 1.5, platelets {partial} 100 or haemoglobin {partial} 11 g/dL")
            }
        };
        let apart = if criteria.lymphocytosis_apart {
            " PR-L: a PR but for lymphocytes that neither halved nor are below 4 (Cheson 2012)."
        } else {
            ""
        };
        format!(
            "{guideline}, at visits “{}”, before {}. PR: {items} of nodes ({} halved), lymphocytes ({} halved or < 4e9/L), \
             spleen ({} beyond 13 cm halved) improved, one if only one was abnormal, and {counts} or up by half, at \
             restagings at least {} d apart.{apart} CR: in a confirmed responder, {} {at} {} cm, spleen < 13 cm, lymphocytes \
             < 4e9/L, marrow lymphocytes < 30 %, neutrophils {beyond} 1.5, platelets {beyond} 100e9/L, haemoglobin {beyond} \
             11 g/dL; CRi without the counts. Symptoms, liver and marrow cellularity are not modelled.",
            self.schedule(criteria.schedule),
            self.progression(&criteria.progression),
            self.column(criteria.nodes),
            self.column(criteria.lymphocytes),
            self.column(criteria.spleen),
            short(criteria.confirmation),
            self.column(criteria.node),
            short(10.0 * criteria.node_limit),
        )
    }

    fn lysis(&self, criteria: &LysisCriteria, clinical: bool) -> String {
        let item = |&(output, limit, rising): &(usize, f64, bool)| {
            let sign = if rising { "≥" } else { "≤" };
            format!("{} {sign} {}", self.output(output), self.value(output, limit))
        };
        let items: Vec<String> = criteria.items.iter().map(item).collect();
        let drug = self.study.drug(criteria.drug);
        let when = match criteria.rule {
            LysisRule::AtOnce => {
                let flare = criteria.flare.map_or(String::new(), |(output, limit)| {
                    format!(" or while {} ≥ {}", self.output(output), self.value(output, limit))
                });
                format!(
                    "at one recorded time within {} d after a start or step-up of {drug}{flare}",
                    short(criteria.window)
                )
            }
            LysisRule::WithinWindow { before, change, steps } => format!(
                "or a change of {} % from the start, at any times from {} d before to {} d after the first dose of {drug}{} \
                 (Cairo and Bishop 2004)",
                short(100.0 * change),
                short(before),
                short(criteria.window),
                if steps { " or a step-up" } else { "" }
            ),
        };
        let mut text =
            format!("Two or more of {}, {when}, in {}.", items.join(", "), self.record(criteria.record));
        if clinical {
            let (output, limit) = criteria.creatinine;
            let events: Vec<&str> = criteria.events.iter().map(|hazard| self.hazard(*hazard)).collect();
            let events = match events.as_slice() {
                [] => ". Arrhythmia and seizure are not modelled".to_owned(),
                some => format!(", or {}", some.join(" or ")),
            };
            text += &format!(" And {} ≥ {}{events}.", self.output(output), self.value(output, limit));
        }
        text
    }

    fn expression(&self, expression: &EndpointExpression) -> String {
        let place = match expression.record {
            Some(record) => self.record(record),
            None => format!("visits “{}”", self.schedule(expression.schedule)),
        };
        let (from, to) = expression.span;
        let span = match (from > 0.0, to.is_finite()) {
            (false, false) => String::new(),
            (true, false) => format!(", from {} d on", short(from)),
            (_, true) => format!(", from {} to {} d", short(from), short(to)),
        };
        let treated = if expression.on_treatment { ", on treatment" } else { "" };
        format!("{}, over {place}{span}{treated}.", expression.text)
    }
}
