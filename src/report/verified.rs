//! What verifying the numerics found, in names and shown units: read by the manifest, the page and the table alike.

use serde::Serialize;

use super::manifest::{CountsEntry, method_name};
use super::study::Study;
use crate::trial::{
    Against, Check, Differences, EndpointCheck, Largest, OutputCheck, Parted, PartedCourse, Place,
    Verification,
};

/// A verification.
#[derive(Debug, Serialize)]
pub struct VerificationEntry {
    /// Patients, from 1, ascending.
    pub patients: Vec<usize>,
    /// The random numbers that chose them.
    pub sample: &'static str,
    /// Courses that failed in the run's own settings.
    pub failed: usize,
    /// Wall time, s.
    pub seconds: f64,
    /// By what the run's own settings were held against.
    pub checks: Vec<CheckEntry>,
}

/// How the sample is drawn.
const SAMPLE: &str =
    "the patients with the smallest of the uniform numbers keyed by (seed, patient, \"verify\", 0)";

/// One comparison.
#[derive(Debug, Serialize)]
pub struct CheckEntry {
    /// `stricter` or `reference`.
    pub against: &'static str,
    /// Method, as on the command line.
    pub method: &'static str,
    /// Relative tolerance.
    pub relative_tolerance: f64,
    /// The model's absolute tolerances were divided by this.
    pub absolute_tolerances_divided_by: f64,
    /// Cost.
    pub counts: CountsEntry,
    /// Courses compared.
    pub compared: usize,
    /// Courses that failed here and not in the run's own settings.
    pub failed: Vec<FailedEntry>,
    /// Courses with another history.
    pub parted: Vec<PartedEntry>,
    /// Endpoints.
    pub endpoints: Vec<EndpointEntry>,
    /// Outputs.
    pub outputs: Vec<OutputEntry>,
}

/// A patient in an arm.
#[derive(Debug, Clone, Serialize)]
pub struct PlaceEntry {
    /// Name.
    pub arm: String,
    /// Number, from 1.
    pub patient: usize,
}

/// A course that failed.
#[derive(Debug, Serialize)]
pub struct FailedEntry {
    /// Whose.
    #[serde(flatten)]
    pub place: PlaceEntry,
    /// d.
    pub time: f64,
    /// What happened.
    pub what: String,
}

/// A course with another history.
#[derive(Debug, Serialize)]
pub struct PartedEntry {
    /// Whose.
    #[serde(flatten)]
    pub place: PlaceEntry,
    /// From when on, d.
    pub time: f64,
    /// The first thing that one has and the other has not.
    pub what: String,
}

/// A largest difference.
#[derive(Debug, Serialize)]
pub struct LargestEntry {
    /// The difference.
    pub value: f64,
    /// Whose.
    #[serde(flatten)]
    pub place: PlaceEntry,
}

/// One endpoint.
#[derive(Debug, Serialize)]
pub struct EndpointEntry {
    /// Name.
    pub name: String,
    /// Of `absolute`.
    pub unit: String,
    /// Among courses with the same history.
    pub same: DifferencesEntry,
    /// Among the others.
    pub parted: DifferencesEntry,
}

/// Differences of an endpoint.
#[derive(Debug, Serialize)]
pub struct DifferencesEntry {
    /// Courses.
    pub compared: usize,
    /// Largest difference.
    pub absolute: Option<LargestEntry>,
    /// Largest difference over the more accurate value.
    pub relative: Option<LargestEntry>,
    /// Courses in which the endpoint changed.
    pub changed: Vec<PlaceEntry>,
}

/// One output, as share of its largest magnitude at visits or recorded times of the course.
#[derive(Debug, Serialize)]
pub struct OutputEntry {
    /// Name.
    pub name: String,
    /// Largest difference at a visit.
    pub at_visits: Option<LargestEntry>,
    /// Largest difference at a recorded time.
    pub recorded: Option<LargestEntry>,
}

/// Names everything.
pub fn entry(study: Study, verification: &Verification) -> VerificationEntry {
    VerificationEntry {
        patients: verification.sample.iter().map(|patient| patient + 1).collect(),
        sample: SAMPLE,
        failed: verification.failed,
        seconds: verification.seconds,
        checks: verification.checks.iter().map(|check| of_check(study, check)).collect(),
    }
}

fn of_check(study: Study, check: &Check) -> CheckEntry {
    let endpoints = study.scenario.endpoints.iter().zip(&check.endpoints);
    CheckEntry {
        against: match check.against {
            Against::Stricter => "stricter",
            Against::Reference => "reference",
        },
        method: method_name(check.numerics.method),
        relative_tolerance: check.numerics.relative_tolerance,
        absolute_tolerances_divided_by: check.absolute_divisor,
        counts: check.counts.into(),
        compared: check.compared,
        failed: check
            .failures
            .iter()
            .map(|(arm, failed)| FailedEntry {
                place: place(study, Place { arm: *arm, patient: failed.patient }),
                time: failed.failure.time,
                what: failed.failure.what.clone(),
            })
            .collect(),
        parted: check.parted.iter().map(|course| parted(study, course)).collect(),
        endpoints: endpoints
            .map(|(definition, EndpointCheck { same, parted })| EndpointEntry {
                name: definition.name.clone(),
                unit: definition.unit.name.clone(),
                same: differences(study, same, |value| definition.unit.show(value)),
                parted: differences(study, parted, |value| definition.unit.show(value)),
            })
            .collect(),
        outputs: check.outputs.iter().map(|output| of_output(study, output)).collect(),
    }
}

fn place(study: Study, Place { arm, patient }: Place) -> PlaceEntry {
    let arm = study.scenario.arms.get(arm).map_or(String::new(), |arm| arm.name.clone());
    PlaceEntry { arm, patient: patient + 1 }
}

fn largest(study: Study, found: Option<Largest>, show: impl Fn(f64) -> f64) -> Option<LargestEntry> {
    found.map(|largest| LargestEntry { value: show(largest.value), place: place(study, largest.place) })
}

fn differences(study: Study, found: &Differences, show: impl Fn(f64) -> f64) -> DifferencesEntry {
    DifferencesEntry {
        compared: found.compared,
        absolute: largest(study, found.absolute, show),
        relative: largest(study, found.relative, |value| value),
        changed: found.changed.iter().map(|changed| place(study, *changed)).collect(),
    }
}

fn of_output(study: Study, check: &OutputCheck) -> OutputEntry {
    OutputEntry {
        name: study.model().outputs.get(check.output).map_or(String::new(), |output| output.name.clone()),
        at_visits: largest(study, check.at_visits, |value| value),
        recorded: largest(study, check.recorded, |value| value),
    }
}

fn parted(study: Study, course: &PartedCourse) -> PartedEntry {
    let what = match course.parting.what {
        Parted::Rule(rule) => {
            let name = study.scenario.rules.get(rule).map_or("", |rule| rule.name.as_str());
            format!("rule “{name}” decides otherwise")
        }
        Parted::Hazard(hazard) => format!("event “{}” comes in one only", study.names().hazard(hazard)),
        Parted::Dose(route) => format!("a dose of {} is given in one only", study.drug(route)),
        Parted::Visit => "a visit takes place in one only".to_owned(),
    };
    PartedEntry { place: place(study, course.place), time: course.parting.time, what }
}
