//! What verifying the numerics found, for the terminal: one line, and who failed.

use super::message;
use crate::scenario::Scenario;
use crate::trial::{Against, Check, FailedCourse, Verification};

/// Failures named one by one.
const NAMED: usize = 10;

/// One line for the summary.
pub fn summary(scenario: &Scenario, verification: &Verification) -> String {
    let parts: Vec<String> = verification.checks.iter().map(|check| sentence(scenario, check)).collect();
    format!("verified on {} patients: {}\n", verification.sample.len(), parts.join("; "))
}

fn sentence(scenario: &Scenario, check: &Check) -> String {
    let against = match check.against {
        Against::Stricter => format!("at rtol {:.0e}", check.numerics.relative_tolerance),
        Against::Reference => "by the reference method".to_owned(),
    };
    let largest = match check.largest_relative() {
        Some((endpoint, largest)) => {
            let name = scenario.endpoints.get(endpoint).map_or("", |endpoint| endpoint.name.as_str());
            format!("endpoints differ by at most {:.1e} ({name})", largest.value)
        }
        None => "no endpoint is a number".to_owned(),
    };
    let Check { compared, parted, .. } = check;
    format!(
        "{against} {largest}, {} of {compared} courses changed, {} decided otherwise",
        check.changed(),
        parted.len()
    )
}

/// Says which courses failed only when computed again.
pub fn name_failures(scenario: &Scenario, verification: &Verification) {
    for check in &verification.checks {
        let by = match check.against {
            Against::Stricter => "at the stricter tolerance",
            Against::Reference => "by the reference method",
        };
        for (arm, FailedCourse { patient, failure }) in check.failures.iter().take(NAMED) {
            let arm = scenario.arms.get(*arm).map_or("", |arm| arm.name.as_str());
            message::note(format!(
                "patient {} in arm \"{arm}\", computed again {by}, failed on day {:.2}: {}",
                patient + 1,
                failure.time + 1.0,
                failure.what
            ));
        }
        if check.failures.len() > NAMED {
            message::note(format!("and {} more {by}, listed in manifest.json", check.failures.len() - NAMED));
        }
    }
}
