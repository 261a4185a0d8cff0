//! `--until`: reads the goals, and looks for the number of patients that meets them.

use super::message;
use super::progress::Bar;
use super::settings::RunSettings;
use super::table::rounded;
use crate::diagnostic::{Diagnostic, Sources, Span, Text, has_errors};
use crate::scenario::Scenario;
use crate::trial::{self, Goal, Sought, TrialError};

/// The goals of a run; `None`, and the findings printed, where one makes no sense.
pub fn goals(settings: &RunSettings, scenario: &Scenario, sources: &Sources) -> Option<Vec<Goal>> {
    let (mut sources, mut diagnostics) = (sources.clone(), Vec::new());
    let mut goals = Vec::new();
    for until in &settings.until {
        let file = sources.add("--until", until.clone());
        let span = Span { file, start: 0, end: until.len() };
        let text = Text { value: until.clone(), span, verbatim: true };
        goals.extend(trial::read_goal(&text, scenario, &mut diagnostics));
    }
    if !goals.is_empty() && settings.most < scenario.patients {
        diagnostics.push(
            Diagnostic::plain(format!(
                "--most-patients {} is below the {} patients that the run begins with",
                settings.most, scenario.patients
            ))
            .help("raise it, or begin with fewer by --patients"),
        );
    }
    message::findings(&diagnostics, &sources);
    (!has_errors(&diagnostics)).then_some(goals)
}

/// The number of patients that meets the goals; `None` without goals.
///
/// # Errors
/// As of a run.
pub fn seek(
    settings: &RunSettings,
    scenario: &Scenario,
    goals: &[Goal],
) -> Result<Option<Sought>, TrialError> {
    if goals.is_empty() {
        return Ok(None);
    }
    let bar = Bar::seeking(settings.quiet);
    let found = trial::enough(scenario, goals, settings.most, settings.threads, &bar);
    bar.clear();
    found.map(Some)
}

/// What was found, a line for each goal. Says so on standard error where a goal is not met. Whether all are.
pub fn summary(goals: &[Goal], found: &Sought, text: &mut String) -> bool {
    for (goal, reached) in goals.iter().zip(&found.reached) {
        let shown = match goal.unit.as_str() {
            "1" => String::new(),
            "percentage points" => " %".to_owned(),
            unit => format!(" {unit}"),
        };
        let told = format!(
            "{} with {} patients per arm: {}{shown}",
            goal.text,
            found.patients,
            if reached.is_finite() { rounded(*reached, 3) } else { "none".to_owned() }
        );
        if *reached < goal.limit {
            *text += &format!("{told}\n");
        } else {
            message::note(format!("not met: {told}; raise --most-patients or the limit"));
        }
    }
    found.met
}
