//! An outcomes file to checked [`Outcomes`].

use std::path::Path;

use super::definition::{Kind, Moment, Observed, Outcome, Outcomes, PublishedArm, PublishedTrial, Question};
use super::kind::kinds;
use crate::diagnostic::{Diagnostic, Sources, Span, Text, closest, has_errors};
use crate::document::{self, Table};
use crate::scenario::duration;

/// Most patients of an arm or of an outcome: every count up to it has its probability.
const MOST_PATIENTS: usize = 10_000;

/// Reads the outcomes file `text`, shown as `shown`. Every error found is pushed; `None` if there was one. Whether scenarios
/// have what is asked of them is said where they are read ([`super::Predictor`]).
pub fn read(
    shown: &str,
    text: &str,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Outcomes> {
    let errors = diagnostics.len();
    let file = sources.add(shown, text);
    let mut table = document::parse(file, text, diagnostics)?;
    let name = Path::new(shown).file_stem().map_or_else(String::new, |it| it.to_string_lossy().into_owned());
    let title = said(&mut table, "title", diagnostics);
    let about = said(&mut table, "about", diagnostics);
    let kinds = kinds(table.tables("kind", diagnostics), diagnostics);
    let to_follow = table.tables("to_follow", diagnostics);
    let trials = table.tables("trial", diagnostics);
    if trials.is_empty() && !has_errors(&diagnostics[errors..]) {
        let nothing = Diagnostic::error("this file names no trial", table.span(), "no `[[trial]]`");
        diagnostics.push(nothing.help("add `[[trial]]` with a name, arms and outcomes"));
    }
    table.finish(diagnostics);
    let mut reader = Reader { kinds: &kinds, to_follow, seen: Vec::new(), diagnostics };
    let trials = trials.into_iter().filter_map(|table| reader.trial(table)).collect();
    let kinds = kinds.into_iter().map(|(_, kind)| kind).collect();
    (!has_errors(&diagnostics[errors..])).then_some(Outcomes { name, title, about, kinds, trials })
}

/// A text, empty where the key is not there.
fn said(table: &mut Table, key: &'static str, diagnostics: &mut Vec<Diagnostic>) -> String {
    table.text(key, diagnostics).map_or(String::new(), |text| text.value)
}

pub(super) fn twice(what: &str, name: &Text, first: Span) -> Diagnostic {
    Diagnostic::error(format!("there are two of the {what} `{}`", name.value), name.span, "again here")
        .related(first, "first here")
        .help("give each its own name")
}

struct Reader<'a> {
    kinds: &'a [(Text, Kind)],
    /// Outcomes of every trial whose own are to follow.
    to_follow: Vec<Table>,
    /// Names of trials.
    seen: Vec<Text>,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn trial(&mut self, mut table: Table) -> Option<PublishedTrial> {
        let span = table.span();
        let name = table.required_text("name", self.diagnostics);
        let source = said(&mut table, "source", self.diagnostics);
        let about = said(&mut table, "about", self.diagnostics);
        let setting = said(&mut table, "setting", self.diagnostics);
        let state = table.text("outcomes", self.diagnostics);
        let arms = table.tables("arm", self.diagnostics);
        let no_arm = arms.is_empty();
        let outcomes = table.tables("outcome", self.diagnostics);
        table.finish(self.diagnostics);
        let name = name?;
        match self.seen.iter().find(|other| other.value == name.value) {
            Some(first) => self.diagnostics.push(twice("trial", &name, first.span)),
            None => self.seen.push(name.clone()),
        }
        let to_follow = state.is_some();
        if let Some(state) = state.filter(|state| state.value != "to follow") {
            self.diagnostics.push(
                Diagnostic::error(
                    format!("`{}` says nothing known of the outcomes", state.value),
                    state.span,
                    "here",
                )
                .help("write `outcomes = \"to follow\"`, or list them as `[[trial.outcome]]`"),
            );
        }
        let mut names = Vec::new();
        let mut trial = PublishedTrial {
            name: name.value,
            source,
            about,
            setting,
            to_follow,
            arms: arms.into_iter().filter_map(|table| self.arm(table, &mut names)).collect(),
            outcomes: Vec::new(),
        };
        if no_arm {
            self.diagnostics.push(
                Diagnostic::error("this trial has no arm", span, "no `[[trial.arm]]`")
                    .help("add `[[trial.arm]]` with `scenario = \"…\"` and `patients = …`"),
            );
        }
        if trial.arms.is_empty() {
            return None;
        }
        let common = if to_follow { self.to_follow.clone() } else { Vec::new() };
        // What is to follow may come by arm as well as of all.
        let apart = if trial.arms.len() > 1 { 0..trial.arms.len() } else { 0..0 };
        for table in common {
            self.outcomes(table.clone(), &mut trial, None);
            for arm in apart.clone() {
                self.outcomes(table.clone(), &mut trial, Some(arm));
            }
        }
        for table in outcomes {
            self.outcomes(table, &mut trial, None);
        }
        Some(trial)
    }

    /// `names`: of the trial's arms so far.
    fn arm(&mut self, mut table: Table, names: &mut Vec<Text>) -> Option<PublishedArm> {
        let named = table.text("name", self.diagnostics);
        let name = named.as_ref().map_or(String::new(), |name| name.value.clone());
        if let Some(named) = named {
            match names.iter().find(|other| other.value == named.value) {
                Some(first) => self.diagnostics.push(twice("arm", &named, first.span)),
                None => names.push(named),
            }
        }
        let scenario = table.required_text("scenario", self.diagnostics);
        let arm = table.text("arm", self.diagnostics);
        if !table.has("patients") {
            self.diagnostics.push(
                Diagnostic::error("the key `patients` is missing", table.span(), "how many were treated")
                    .help("add `patients = 35`: the weight of the arm, and the size of what is predicted"),
            );
        }
        let patients = self.whole(&mut table, "patients");
        table.finish(self.diagnostics);
        Some(PublishedArm { name, scenario: scenario?, arm, patients: patients? })
    }

    /// A whole number above 0.
    fn whole(&mut self, table: &mut Table, key: &'static str) -> Option<usize> {
        let (number, span) = table.integer(key, self.diagnostics)?;
        let number = usize::try_from(number).ok().filter(|number| (1..=MOST_PATIENTS).contains(number));
        if number.is_none() {
            self.diagnostics.push(
                Diagnostic::error(format!("`{key}` must be from 1 to {MOST_PATIENTS}"), span, "out of range")
                    .help(format!(
                        "write for example `{key} = 35`: patients of a trial, whose every count is predicted"
                    )),
            );
        }
        number
    }

    /// An outcome with its other versions, of the arms that it names or of this one.
    fn outcomes(&mut self, mut table: Table, trial: &mut PublishedTrial, arm: Option<usize>) {
        let span = table.span();
        let versions = table.tables("version", self.diagnostics);
        let Some((name, mut main)) = self.outcome(table, trial) else { return };
        if let Some(arm) = arm {
            main.arms = vec![arm];
        }
        if let Some(name) = &name
            && trial.outcomes.iter().any(|other| other.name == main.name && other.arms == main.arms)
        {
            self.diagnostics.push(
                Diagnostic::error(
                    format!("there are two outcomes `{}` of this trial", name.value),
                    name.span,
                    "again here",
                )
                .help("give each its own name; what contradicts another is a `version` of it"),
            );
        }
        let place = trial.outcomes.len();
        if main.observed.is_none() && !versions.is_empty() {
            self.diagnostics.push(
                Diagnostic::error(
                    "an outcome that is to follow has no versions",
                    span,
                    "neither `x` nor `median`",
                )
                .help("give the first version as `x` and `n`"),
            );
        }
        trial.outcomes.push(main.clone());
        for table in versions {
            if let Some(version) = self.version(table, &main, place) {
                trial.outcomes.push(version);
            }
        }
    }

    fn outcome(&mut self, mut table: Table, trial: &PublishedTrial) -> Option<(Option<Text>, Outcome)> {
        let span = table.span();
        let name = table.required_text("name", self.diagnostics);
        let kind = table.required_text("kind", self.diagnostics);
        let arms = table.texts("arms", self.diagnostics);
        let arms = self.arms(&arms, trial);
        let endpoint = table.required_text("endpoint", self.diagnostics);
        let measure = table.text("measure", self.diagnostics);
        let (at, until) = (self.moment(&mut table, "at"), self.time(&mut table, "until"));
        let observed = self.observed(&mut table, span);
        let calibration = table.boolean("calibration", self.diagnostics);
        let in_sample = table.text("in_sample", self.diagnostics);
        if let (Some((true, _)), Some(text)) = (calibration, &in_sample) {
            self.diagnostics.push(
                Diagnostic::error(
                    "what served for calibration is in-sample anyway",
                    text.span,
                    "says it again",
                )
                .help("remove `in_sample`"),
            );
        }
        let spread = table.text("spread", self.diagnostics).map(|text| text.value);
        let pseudo = table.text("pseudo", self.diagnostics).map(|text| text.value);
        let source = said(&mut table, "source", self.diagnostics);
        let note = said(&mut table, "note", self.diagnostics);
        table.finish(self.diagnostics);
        let kind = self.kind(&kind?)?;
        if let Some((true, span)) = calibration
            && !matches!(observed, Some(Observed::Count { .. }))
        {
            self.diagnostics.push(
                Diagnostic::error("what served for calibration has a count", span, "and here is none")
                    .help("give `x` and `n`"),
            );
        }
        let outcome = Outcome {
            name: name.as_ref()?.value.clone(),
            kind,
            arms,
            question: Question { endpoint: endpoint?, measure, at, until },
            observed,
            calibration: calibration.is_some_and(|(calibration, _)| calibration),
            in_sample: in_sample.map(|text| text.value),
            source,
            note,
            pseudo,
            spread,
            version_of: None,
        };
        self.agrees(&outcome, span);
        Some((name, outcome))
    }

    /// Another published version: what it does not say is as in the first.
    fn version(&mut self, mut table: Table, main: &Outcome, place: usize) -> Option<Outcome> {
        let span = table.span();
        let kind = table.text("kind", self.diagnostics);
        let endpoint = table.text("endpoint", self.diagnostics);
        let measure = table.text("measure", self.diagnostics);
        let (at, until) = (self.moment(&mut table, "at"), self.time(&mut table, "until"));
        let observed = self.observed(&mut table, span);
        let pseudo = table.text("pseudo", self.diagnostics).map(|text| text.value);
        let source = table.required_text("source", self.diagnostics);
        let note = said(&mut table, "note", self.diagnostics);
        table.finish(self.diagnostics);
        if observed.is_none() {
            self.diagnostics.push(
                Diagnostic::error("a version needs what it says", span, "neither `x` nor `median`")
                    .help("give `x` and `n`, or `median`"),
            );
        }
        let own = endpoint.is_some();
        let version = Outcome {
            kind: kind.map_or(Some(main.kind), |kind| self.kind(&kind))?,
            question: Question {
                measure: if own { measure } else { measure.or(main.question.measure.clone()) },
                endpoint: endpoint.unwrap_or_else(|| main.question.endpoint.clone()),
                at: if own { at } else { at.or(main.question.at) },
                until: until.or(main.question.until),
            },
            observed: Some(observed?),
            calibration: false,
            source: source?.value,
            note,
            pseudo,
            spread: None,
            version_of: Some(place),
            in_sample: None,
            ..main.clone()
        };
        self.agrees(&version, span);
        Some(version)
    }

    /// What was observed is of the kind that is asked for, and no time is asked for that follow-up does not reach.
    fn agrees(&mut self, outcome: &Outcome, span: Span) {
        let Question { measure, at, until, .. } = &outcome.question;
        if let (Some(at), Some(until)) = (at, until)
            && at.time > *until
        {
            self.diagnostics.push(
                Diagnostic::error(
                    format!("follow-up ends on day {until:.0}, before day {:.0}", at.time),
                    at.span,
                    "asks for a time after `until`",
                )
                .help("leave `until` out: what came by `at` needs no other end"),
            );
        }
        let asks_median = measure.as_ref().is_some_and(|measure| measure.value == "median");
        let place = measure.as_ref().map_or(span, |measure| measure.span);
        let finding = match outcome.observed {
            Some(Observed::Median(_)) if !asks_median => {
                Diagnostic::error("a median was observed, and no median is asked for", place, "a share")
                    .help("write `measure = \"median\"` of an endpoint that is a time, or `x` and `n`")
            }
            Some(Observed::Count { .. }) if asks_median => {
                Diagnostic::error("x of n was observed, and a median is asked for", place, "a time").help(
                    "name the share that x counts, or write `median = \"19 months\"` instead of `x` and `n`",
                )
            }
            _ => return,
        };
        self.diagnostics.push(finding);
    }

    fn moment(&mut self, table: &mut Table, key: &'static str) -> Option<Moment> {
        let text = table.text(key, self.diagnostics)?;
        Some(Moment { time: duration(&text, None, self.diagnostics)?, span: text.span })
    }

    fn time(&mut self, table: &mut Table, key: &'static str) -> Option<f64> {
        let text = table.text(key, self.diagnostics)?;
        duration(&text, None, self.diagnostics)
    }

    fn observed(&mut self, table: &mut Table, span: Span) -> Option<Observed> {
        let events = table.number("x", self.diagnostics);
        let of = if table.has("n") { self.whole(table, "n") } else { None };
        let median = self.time(table, "median");
        match (events, of, median) {
            (Some(events), Some(of), None) => {
                if !(0.0..=of as f64).contains(&events.value) {
                    self.diagnostics.push(
                        Diagnostic::error(
                            format!("x = {} is not between 0 and n = {of}", events.value),
                            events.span,
                            "more than there are, or fewer than none",
                        )
                        .help("x counts those of the n patients who had it"),
                    );
                }
                Some(Observed::Count { events: events.value, of })
            }
            (None, None, median) => median.map(Observed::Median),
            (Some(events), None, None) => {
                self.diagnostics.push(
                    Diagnostic::error("x without n says nothing", events.span, "of how many?")
                        .help("add `n = …`"),
                );
                None
            }
            _ => {
                self.diagnostics.push(
                    Diagnostic::error("an outcome is x of n, or a median", span, "this is neither").help(
                        "give `x` and `n`, or `median = \"19 months\"`, or nothing where it is to follow",
                    ),
                );
                None
            }
        }
    }

    fn kind(&mut self, name: &Text) -> Option<usize> {
        let found = self.kinds.iter().position(|(kind, _)| kind.value == name.value);
        if found.is_none() {
            let known = || self.kinds.iter().map(|(kind, _)| kind.value.as_str());
            let help = match closest(&name.value, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the kinds are: {}", known().collect::<Vec<_>>().join(", ")),
            };
            let unknown = format!("there is no kind `{}`", name.value);
            self.diagnostics
                .push(Diagnostic::error(unknown, name.span, "not a `[[kind]]` of this file").help(help));
        }
        found
    }

    /// The arms that are named; all where none is.
    fn arms(&mut self, names: &[Text], trial: &PublishedTrial) -> Vec<usize> {
        if names.is_empty() {
            return (0..trial.arms.len()).collect();
        }
        let mut found = Vec::new();
        for name in names {
            match trial.arms.iter().position(|arm| arm.name == name.value) {
                Some(arm) if !found.contains(&arm) => found.push(arm),
                Some(_) => self.diagnostics.push(
                    Diagnostic::error(
                        format!("the arm `{}` is named twice", name.value),
                        name.span,
                        "again here",
                    )
                    .help("name each arm once"),
                ),
                None => {
                    let arms: Vec<&str> = trial.arms.iter().map(|arm| arm.name.as_str()).collect();
                    let help = match closest(&name.value, arms.iter().copied()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("the arms are: {}", arms.join(", ")),
                    };
                    let unknown = format!("`{}` has no arm `{}`", trial.name, name.value);
                    self.diagnostics
                        .push(Diagnostic::error(unknown, name.span, "not an arm of this trial").help(help));
                }
            }
        }
        found.sort_unstable();
        found
    }
}
