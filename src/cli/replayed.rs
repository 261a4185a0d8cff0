//! What the replay of a sample of the run found, in words.

use super::message;
use crate::scenario::Scenario;
use crate::trial::Trial;

/// Says which replays differ from the run, when and in what. Whether there was one.
pub fn name_mismatches(scenario: &Scenario, trial: &Trial) -> bool {
    let mut differs = false;
    for (arm, result) in scenario.arms.iter().zip(&trial.arms) {
        for replayed in &result.replays {
            let Err(found) = &replayed.outcome else { continue };
            differs = true;
            message::note(format!(
                "patient {} in arm \"{}\": the replay of its realised dosing differs from the run on day {:.4} in {}: {} in the \
                 run, {} in the replay. This is a fault of regimen, and the run is not to be trusted: please report it with \
                 the scenario",
                replayed.patient + 1,
                arm.name,
                found.time + 1.0,
                found.what,
                found.run,
                found.replay
            ));
        }
    }
    differs
}

/// One line on what was replayed; empty if nothing was.
pub fn summary(trial: &Trial) -> String {
    let replays = || trial.arms.iter().flat_map(|arm| &arm.replays);
    let equal = || replays().filter_map(|replayed| replayed.outcome.as_ref().ok());
    let values: usize = equal().map(|equal| equal.values).sum();
    match (replays().count(), equal().count()) {
        (0, _) => String::new(),
        (all, same) => format!(
            "{same} of {all} courses replayed from their realised dosing are the same to the last bit ({values} values)\n"
        ),
    }
}
