//! `manifest.json`: what was run, from which texts, with which settings, at what cost.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::run::RunInfo;
use super::study::Study;
use super::tables::{listed_patients, listed_trajectories};
use super::uncertain;
pub use super::uncertain::UncertaintyEntry;
use super::verified::{self, VerificationEntry};
use crate::diagnostic::Sources;
use crate::scenario::Method;
use crate::table::PARQUET;
use crate::trial::Counts;

/// The name of the program, by which a manifest is known as one of its own.
pub const PROGRAM: &str = "regimen";

/// The whole manifest.
#[derive(Debug, Serialize)]
pub struct Manifest {
    /// Name of the program.
    pub program: &'static str,
    /// Its version.
    pub version: String,
    /// Operating system and processor.
    pub platform: String,
    /// The command line.
    pub command: String,
    /// Date and time of the start.
    pub started: String,
    /// Wall time of the whole command up to the report, s.
    pub wall_seconds: f64,
    /// Wall time of the simulation, s.
    pub simulation_seconds: f64,
    /// Worker threads.
    pub threads: usize,
    /// What was asked.
    pub scenario: ScenarioEntry,
    /// How it was solved.
    pub numerics: NumericsEntry,
    /// Settings given on the command line.
    pub settings: Vec<Setting>,
    /// Every text that was read.
    pub sources: Vec<SourceEntry>,
    /// Draws of patients.
    pub population: PopulationEntry,
    /// Cost of the whole run.
    pub counts: CountsEntry,
    /// Trajectories that failed numerically.
    pub failed: usize,
    /// Cost and failures by arm.
    pub arms: Vec<ArmEntry>,
    /// Patients whose visits, doses, decisions and events are listed in the tables; absent where all are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listed_patients: Option<usize>,
    /// Patients whose courses are in the table of trajectories; absent where all are, or there is no such table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listed_trajectories: Option<usize>,
    /// Largest relative error of the percentiles and means of courses; absent where they are exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub course_relative_error: Option<f64>,
    /// What computing some patients again found; absent where that was not asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification: Option<VerificationEntry>,
    /// Draws of the population parameters; absent where the scenario does not say how well they are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncertainty: Option<UncertaintyEntry>,
    /// Files of the run folder, beside this one.
    pub files: Vec<String>,
}

/// What was asked.
#[derive(Debug, Serialize)]
pub struct ScenarioEntry {
    /// File stem.
    pub name: String,
    /// As it was named: a file, or a name.
    pub file: String,
    /// Title.
    pub title: String,
    /// Model.
    pub model: String,
    /// Root of all random numbers.
    pub seed: u64,
    /// Virtual patients per arm.
    pub patients: usize,
    /// Whether patients differ.
    pub variability: bool,
    /// d.
    pub horizon_days: f64,
    /// Parameter overrides.
    pub overrides: Vec<Setting>,
}

/// How it was solved.
#[derive(Debug, Serialize)]
pub struct NumericsEntry {
    /// Method, as on the command line.
    pub method: &'static str,
    /// Relative tolerance.
    pub relative_tolerance: f64,
    /// Step limit per patient and arm.
    pub maximum_steps: u64,
}

/// A name and a value as written.
#[derive(Debug, Serialize)]
pub struct Setting {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
}

/// A text that was read.
#[derive(Debug, Serialize)]
pub struct SourceEntry {
    /// Name shown to the user.
    pub name: String,
    /// Length.
    pub bytes: usize,
    /// SHA-256 of the text, hexadecimal.
    pub sha256: String,
}

/// Draws of patients.
#[derive(Debug, Serialize)]
pub struct PopulationEntry {
    /// Accepted draws / all draws.
    pub acceptance: f64,
    /// Draws thrown away.
    pub rejected: usize,
}

/// Numerical cost.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct CountsEntry {
    /// Accepted steps.
    pub steps: u64,
    /// Rejected steps.
    pub rejected: u64,
    /// Evaluations of the rates.
    pub evaluations: u64,
}

/// One arm.
#[derive(Debug, Serialize)]
pub struct ArmEntry {
    /// Name.
    pub name: String,
    /// Patients.
    pub patients: usize,
    /// Failed.
    pub failed: usize,
    /// Cost.
    pub counts: CountsEntry,
}

impl From<Counts> for CountsEntry {
    fn from(counts: Counts) -> Self {
        Self { steps: counts.steps, rejected: counts.rejected, evaluations: counts.evaluations }
    }
}

/// The name of a method, as on the command line.
pub fn method_name(method: Method) -> &'static str {
    match method {
        Method::Automatic => "auto",
        Method::Explicit => "explicit",
        Method::Implicit => "implicit",
        Method::Dopri5Reference => "dopri5-reference",
        Method::Dop853Reference => "dop853-reference",
    }
}

/// Cost summed over all arms.
pub fn total_counts(study: Study) -> Counts {
    study.trial.arms.iter().fold(Counts::default(), |sum, arm| Counts {
        steps: sum.steps + arm.counts.steps,
        rejected: sum.rejected + arm.counts.rejected,
        evaluations: sum.evaluations + arm.counts.evaluations,
    })
}

/// Puts the manifest together.
pub fn manifest(study: Study, sources: &Sources, run: &RunInfo, files: Vec<String>) -> Manifest {
    let Study { trial, scenario, .. } = study;
    let setting = |(name, value): &(String, String)| Setting { name: name.clone(), value: value.clone() };
    Manifest {
        program: PROGRAM,
        version: run.version.clone(),
        platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        command: run.command.clone(),
        started: run.started.clone(),
        wall_seconds: run.wall_seconds,
        simulation_seconds: trial.seconds,
        threads: trial.threads,
        scenario: ScenarioEntry {
            name: scenario.name.clone(),
            file: run.scenario.clone(),
            title: scenario.title.clone(),
            model: scenario.model.name.clone(),
            seed: scenario.seed,
            patients: scenario.patients,
            variability: scenario.variability,
            horizon_days: scenario.horizon,
            overrides: scenario.overrides.iter().map(setting).collect(),
        },
        numerics: NumericsEntry {
            method: method_name(scenario.numerics.method),
            relative_tolerance: scenario.numerics.relative_tolerance,
            maximum_steps: scenario.numerics.maximum_steps,
        },
        settings: run.settings.iter().map(setting).collect(),
        sources: self::sources(sources),
        population: PopulationEntry {
            acceptance: trial.acceptance,
            rejected: trial.rejections.iter().map(|(_, n)| n).sum(),
        },
        counts: total_counts(study).into(),
        failed: trial.arms.iter().map(|arm| arm.failures.len()).sum(),
        arms: study
            .arms()
            .map(|(arm, result)| ArmEntry {
                name: arm.name.clone(),
                patients: result.disposition.patients,
                failed: result.failures.len(),
                counts: result.counts.into(),
            })
            .collect(),
        listed_patients: Some(listed_patients(scenario)).filter(|listed| *listed < scenario.patients),
        listed_trajectories: Some(listed_trajectories(scenario))
            .filter(|listed| PARQUET && *listed < scenario.patients),
        course_relative_error: trial.precision.relative_error(),
        verification: study.verification.map(|verification| verified::entry(study, verification)),
        uncertainty: study.uncertainty.and_then(|found| uncertain::entry(study, found)),
        files,
    }
}

/// Every text that was read.
pub fn sources(sources: &Sources) -> Vec<SourceEntry> {
    let source = |(name, text): (&str, &str)| SourceEntry {
        name: name.to_owned(),
        bytes: text.len(),
        sha256: sha256(text.as_bytes()),
    };
    sources.files().map(source).collect()
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256_of_abc_is_the_published_one() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
