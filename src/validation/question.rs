//! What of a simulated course answers a question: which endpoint of the scenario, and which share of it.

use super::definition::Question;
use crate::diagnostic::{Diagnostic, Text, closest};
use crate::endpoint::{NOT_SEEN, Value};
use crate::scenario::Scenario;
use crate::trial::{self, Reading, Share};

/// Times this close are one, d.
const MOMENT: f64 = 1e-6;

/// The answer that one patient gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Answer {
    /// So many of so many chances: 0 or 1 of 1 patient, or cycles of the cycles seen.
    Share {
        /// How many.
        events: f64,
        /// Of how many.
        chances: f64,
    },
    /// A time, d.
    Time {
        /// Of the event or of censoring.
        time: f64,
        /// Whether it happened.
        event: bool,
    },
}

/// A question put to one scenario.
pub struct Asked {
    /// Index of the endpoint.
    pub endpoint: usize,
    /// Where follow-up is cut, d.
    pub until: Option<f64>,
    reads: Reads,
}

enum Reads {
    Share(Share),
    /// Whether the event had, or had not, come at a time.
    By {
        /// `None`: by the end of follow-up.
        time: Option<f64>,
        event: bool,
    },
    Median,
    /// Categories from the first to the last, of one period or of all.
    Periods {
        first: u8,
        last: u8,
        period: Option<usize>,
    },
}

impl Asked {
    /// Finds what a question asks of a scenario; what is not there is said.
    pub fn of(question: &Question, scenario: &Scenario, diagnostics: &mut Vec<Diagnostic>) -> Option<Self> {
        let name = &question.endpoint;
        let found = scenario.endpoints.iter().position(|endpoint| endpoint.name == name.value);
        let Some(endpoint) = found else {
            let names = || scenario.endpoints.iter().map(|endpoint| endpoint.name.as_str());
            let none = format!("the scenario `{}` has no endpoint `{}`", scenario.name, name.value);
            let help = match closest(&name.value, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("its endpoints are: {}", names().collect::<Vec<_>>().join(", ")),
            };
            diagnostics.push(Diagnostic::error(none, name.span, "not an endpoint there").help(help));
            return None;
        };
        let times = question.until.into_iter().chain(question.at.map(|at| at.time));
        if let Some(late) = times.into_iter().find(|time| *time > scenario.horizon + MOMENT) {
            diagnostics.push(
                Diagnostic::error(
                    format!(
                        "the scenario `{}` ends on day {:.0}, before day {late:.0}",
                        scenario.name, scenario.horizon
                    ),
                    name.span,
                    "asks for a later time",
                )
                .help("let the scenario follow patients longer (`horizon`), or ask for an earlier time"),
            );
            return None;
        }
        let reads = reads(question, scenario, endpoint, diagnostics)?;
        Some(Self { endpoint, until: question.until.filter(|until| *until < scenario.horizon), reads })
    }

    /// The answer in an endpoint's value; `None` where the patient has none. `over`: what has not come can no longer come
    /// ([`crate::endpoint::can_no_longer_come`]).
    pub fn answer(&self, value: &Value, over: bool) -> Option<Answer> {
        let yes = |yes: bool| Answer::Share { events: f64::from(u8::from(yes)), chances: 1.0 };
        match &self.reads {
            Reads::Share(share) => share.holds(value).map(yes),
            Reads::Median => trial::time(value).map(|it| Answer::Time { time: it.time, event: it.event }),
            // A published x of n counts all patients: who died first has not had the event.
            Reads::By { time, event } => {
                trial::happened_by(value, *time, over).map(|happened| yes(happened == *event))
            }
            Reads::Periods { first, last, period } => {
                let Value::Periods(seen) = value else { return None };
                let of = match period {
                    Some(period) => seen.get(*period..=*period)?,
                    None => seen,
                };
                let chances = of.iter().filter(|place| **place != NOT_SEEN).count();
                let events = of.iter().filter(|place| (*first..=*last).contains(place)).count();
                (chances > 0).then_some(Answer::Share { events: events as f64, chances: chances as f64 })
            }
        }
    }
}

/// Whether a question asks for the share of all restagings or cycles, of which a patient has several.
pub fn pools_periods(question: &Question, scenario: &Scenario) -> bool {
    let asked = scenario.endpoints.iter().find(|endpoint| endpoint.name == question.endpoint.value);
    question.at.is_none() && asked.is_some_and(|it| matches!(trial::reading(it), Reading::Periods))
}

fn reads(
    question: &Question,
    scenario: &Scenario,
    endpoint: usize,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Reads> {
    let definition = &scenario.endpoints[endpoint];
    match trial::reading(definition) {
        Reading::Shares(shares) => {
            without_time(question, "a share", diagnostics);
            let Some(measure) = &question.measure else {
                // One that is yes or no has one share, which bears its own name.
                let own = shares.into_iter().find(|share| share.label == definition.name);
                if own.is_none() {
                    diagnostics.push(no_measure(
                        question,
                        "`measure = \"grade 3-4\"`, `\"CR\"`, as in endpoints.csv",
                    ));
                }
                return own.map(Reads::Share);
            };
            let short = |share: &Share| {
                share.label.strip_prefix(&format!("{}: ", definition.name)).map(str::to_owned)
            };
            let names: Vec<String> = shares.iter().filter_map(short).collect();
            let place = names.iter().position(|name| *name == measure.value);
            if place.is_none() {
                diagnostics.push(unknown_measure(measure, &names));
            }
            shares.into_iter().nth(place?).map(Reads::Share)
        }
        Reading::Time | Reading::Incidence => times(question, diagnostics),
        Reading::Periods => periods(question, scenario, endpoint, diagnostics),
        Reading::Quantity => {
            diagnostics.push(
                Diagnostic::error(
                    format!("`{}` is a quantity, and outcomes are shares or times", definition.name),
                    question.endpoint.span,
                    "no share of patients",
                )
                .help("name an endpoint of grades, responses, yes or no, or times"),
            );
            None
        }
    }
}

/// What is asked of a time to event.
fn times(question: &Question, diagnostics: &mut Vec<Diagnostic>) -> Option<Reads> {
    let Some(measure) = &question.measure else {
        let example = "`measure = \"event-free\"` with `at = \"12 months\"`, or `\"median\"`";
        diagnostics.push(no_measure(question, example));
        return None;
    };
    match measure.value.as_str() {
        "median" => {
            without_time(question, "a median", diagnostics);
            Some(Reads::Median)
        }
        known @ ("event-free" | "event") => {
            Some(Reads::By { time: question.at.map(|at| at.time), event: known == "event" })
        }
        _ => {
            let names = ["event-free", "event", "median"].map(str::to_owned);
            diagnostics.push(unknown_measure(measure, &names));
            None
        }
    }
}

fn periods(
    question: &Question,
    scenario: &Scenario,
    endpoint: usize,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Reads> {
    let told = trial::shares_by_period(scenario, endpoint, &[])?;
    let Some(measure) = &question.measure else {
        diagnostics.push(no_measure(question, "`measure = \"grade 3-4\"`, as in periods.csv"));
        return None;
    };
    let Some((_, first, last)) = told.shares.iter().find(|(name, ..)| *name == measure.value) else {
        let names: Vec<String> = told.shares.iter().map(|(name, ..)| name.clone()).collect();
        diagnostics.push(unknown_measure(measure, &names));
        return None;
    };
    let period = match question.at {
        None => None,
        // The last one that was due.
        Some(at) => match told.periods.iter().rposition(|period| period.time <= at.time + MOMENT) {
            Some(period) => Some(period),
            None => {
                diagnostics.push(
                    Diagnostic::error(
                        format!("no {} is due by day {:.0}", told.word, at.time),
                        at.span,
                        "too early",
                    )
                    .help(format!("ask for the time of a {}", told.word)),
                );
                return None;
            }
        },
    };
    let small = |place: usize| u8::try_from(place).unwrap_or(NOT_SEEN - 1);
    Some(Reads::Periods { first: small(*first), last: small(*last), period })
}

/// Says that what is asked has no time.
fn without_time(question: &Question, what: &str, diagnostics: &mut Vec<Diagnostic>) {
    if let Some(at) = question.at {
        diagnostics.push(
            Diagnostic::error(format!("{what} has no time of its own"), at.span, "asks for a time")
                .help("write `until`: follow-up then ends there, and what was seen until then is told"),
        );
    }
}

fn no_measure(question: &Question, example: &str) -> Diagnostic {
    let which = format!("which share of `{}` is meant?", question.endpoint.value);
    Diagnostic::error(which, question.endpoint.span, "has several").help(format!("add for example {example}"))
}

fn unknown_measure(measure: &Text, names: &[String]) -> Diagnostic {
    let help = match closest(&measure.value, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are: {}", names.join(", ")),
    };
    Diagnostic::error(format!("the endpoint has no `{}`", measure.value), measure.span, "not told of it")
        .help(help)
}
