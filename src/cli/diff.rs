//! `regimen diff`: two scenarios on the same virtual patients; who fares otherwise, and why.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::loader::Files;
use super::message;
use super::options::DiffOptions;
use super::outcome::Outcome;
use super::progress::{Bar, listen_for_interrupt};
use super::run::{no_result, unwritable};
use super::settings::Invocation;
use crate::diagnostic::{Diagnostic, Sources, has_errors};
use crate::population;
use crate::report::{Amendment, DifferenceFolder, Place, ReportError, plain_effect};
use crate::scenario::{self, KeyChange, Scenario};
use crate::trial::{self, ArmDifference, Contrast, Difference, TrialError, Unpaired};

/// Changed keys and causes told on the terminal; the page has them all.
const TOLD: usize = 12;

/// Compares two scenarios and writes the folder.
pub fn diff(names: [&str; 2], options: DiffOptions, invocation: &Invocation) -> Outcome {
    let mut sources = Sources::default();
    let settings = [&[][..], &options.set_second].map(|more| options.changes.settings(more));
    let [first, second] = [0, 1].map(|side| load(names[side], &settings[side], &mut sources));
    let (Some(first), Some(second)) = (first, second) else { return Outcome::WrongInput };
    if let Err(unpaired) = trial::check_pairing(&first, &second) {
        return refused(&unpaired);
    }
    let place = place(options.out.as_deref(), [&first, &second], invocation);
    let folder = match DifferenceFolder::begin(&place) {
        Ok(folder) => folder,
        Err(error) => return unwritable(&place.path(), &error),
    };
    listen_for_interrupt();
    let arms = first.arms.iter().filter(|arm| second.arms.iter().any(|it| it.name == arm.name)).count();
    let bar = Bar::new(2 * first.patients.min(second.patients) * arms, options.work.quiet);
    let threads = options.work.threads();
    let found = trial::difference([&first, &second], threads, &bar);
    bar.clear();
    let difference = match found {
        Ok(Ok(difference)) => difference,
        Ok(Err(unpaired)) => return refused(&unpaired),
        Err(error) => return failed(&error, &first),
    };
    let keys =
        scenario::changed_keys((names[0], &settings[0], &first), (names[1], &settings[1], &second), &Files);
    let found = Amendment {
        scenarios: [&first, &second],
        names: if names[0] == names[1] { ["as it is", "as changed"] } else { names },
        keys: &keys,
        difference: &difference,
    };
    match folder.finish(found, &sources, &invocation.about(names[0], Vec::new())) {
        Ok(page) => {
            let text = if options.work.quiet { String::new() } else { summary(found) };
            let broken = difference.arms.iter().any(|arm| arm.failed > 0);
            message::result(
                format!("{text}{}\n", page.display()),
                if broken { Outcome::Failed } else { Outcome::Fine },
            )
        }
        Err(error @ ReportError::Folder(_)) => unwritable(&place.path(), &error),
        Err(error) => {
            message::note(error);
            Outcome::Failed
        }
    }
}

fn load(name: &str, settings: &scenario::Settings, sources: &mut Sources) -> Option<Scenario> {
    let mut diagnostics = Vec::new();
    let scenario = scenario::load(name, settings, &Files, sources, &mut diagnostics);
    if let Some(scenario) = &scenario {
        diagnostics.extend(population::check_blocks(&scenario.model));
    }
    message::findings(&diagnostics, sources);
    scenario.filter(|_| !has_errors(&diagnostics))
}

/// The folder: the user's, or a new one below `output/diff/`.
fn place(out: Option<&Path>, scenarios: [&Scenario; 2], invocation: &Invocation) -> Place {
    match out {
        Some(out) => Place::At(out.to_owned()),
        None => {
            let name = format!("{}-{}", scenarios[0].name, scenarios[1].name);
            Place::New { parent: PathBuf::from("output").join("diff").join(name), name: invocation.stamp() }
        }
    }
}

fn failed(error: &TrialError, scenario: &Scenario) -> Outcome {
    no_result(error, scenario)
}

/// Why the two have no patients in common, and what may help.
fn refused(unpaired: &Unpaired) -> Outcome {
    let finding = match unpaired {
        Unpaired::Seed(first, second) => Diagnostic::plain(format!(
            "the two scenarios have other patients: the seed is {first} in the first and {second} in the second"
        ))
        .help("give both the same seed, in the files or with `--seed 1`"),
        Unpaired::Variability => Diagnostic::plain(
            "one scenario treats virtual patients who differ, the other the typical patient",
        )
        .help("set `variability` under [population] alike in both"),
        Unpaired::Names(name) => Diagnostic::plain(format!(
            "the patients of the two scenarios are not described alike: only one has `{name}`"
        ))
        .help("compare scenarios whose models and populations have the same covariates and random effects"),
        Unpaired::Patient { patient, what } => Diagnostic::plain(format!(
            "the two scenarios have other patients: patient {} has another `{what}`",
            patient + 1
        ))
        .help("take the same population, entry criteria and spreads of random effects in both; then compare two runs if they must differ"),
        Unpaired::NoArm => Diagnostic::plain("the two scenarios have no arm of the same name")
            .help("arms are compared by their names: name them alike"),
    };
    message::findings(&[finding], &Sources::default());
    Outcome::WrongInput
}

/// What was found, on a few lines for each arm.
fn summary(found: Amendment<'_>) -> String {
    let Difference { patients, notes, arms, other_arms, seconds, .. } = found.difference;
    let mut text = String::new();
    let _ = writeln!(text, "first:  {}\nsecond: {}", found.names[0], found.names[1]);
    let _ = writeln!(text, "{patients} patients in both, in {seconds:.1} s");
    for note in notes {
        let _ = writeln!(text, "note: {note}");
    }
    for (side, names) in ["first", "second"].iter().zip(other_arms).filter(|(_, names)| !names.is_empty()) {
        let _ = writeln!(text, "note: only in the {side}: {}", names.join("; "));
    }
    let _ = writeln!(text, "changed:");
    for KeyChange { path, first, second } in found.keys.iter().take(TOLD) {
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".to_owned());
        let _ = writeln!(text, "  {path}: {} → {}", shown(first), shown(second));
    }
    match found.keys.len() {
        0 => text += "  nothing that says something about the trial\n",
        all if all > TOLD => {
            let _ = writeln!(text, "  and {} more keys, on the page", all - TOLD);
        }
        _ => {}
    }
    for arm in arms {
        of_arm(arm, *patients, &mut text);
    }
    text
}

fn of_arm(arm: &ArmDifference, patients: usize, text: &mut String) {
    let other = arm.changes.iter().filter(|change| !change.outcomes.is_empty()).count();
    let parted = patients - arm.failed - arm.same;
    let _ = writeln!(
        text,
        "{}: {parted} of {} courses part, {other} patients with another outcome",
        arm.name,
        patients - arm.failed
    );
    for cause in arm.causes.iter().take(TOLD) {
        let _ =
            writeln!(text, "  {:5} {} ({} with another outcome)", cause.patients, cause.kind, cause.outcomes);
    }
    for endpoint in arm.endpoints.iter().filter(|endpoint| endpoint.changed > 0) {
        for it in endpoint.comparisons.iter().filter(|it| it.contrast != Contrast::LogRank) {
            let Some(interval) = &it.interval else { continue };
            let name = if it.contrast == Contrast::HazardRatio { ", hazard ratio" } else { "" };
            let unit = match it.unit.as_str() {
                "1" => "",
                "percentage points" => " points",
                unit => unit,
            };
            let space = if unit.is_empty() || unit.starts_with(' ') { "" } else { " " };
            let _ = writeln!(
                text,
                "  {}{name}: {}{space}{unit}; changed in {}",
                it.label,
                plain_effect(interval),
                endpoint.changed
            );
        }
    }
}
