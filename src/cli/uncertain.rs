//! What the draws of the population parameters came to, for the terminal: one line, and what went wrong.

use super::message;
use crate::scenario::Scenario;
use crate::trial::UncertaintyResult;

/// One line for the summary.
pub fn summary(scenario: &Scenario, found: &UncertaintyResult) -> String {
    let parameters = scenario.uncertainty.as_ref().map_or(0, |known| known.parameters.len());
    let rejected: usize = found.draws.iter().map(|draw| draw.rejected).sum();
    let thrown = if rejected > 0 {
        format!("; {rejected} impossible draws were thrown away and drawn again")
    } else {
        String::new()
    };
    format!(
        "uncertainty of {parameters} parameter{}: {} draws in {:.1} s{thrown}\n",
        if parameters == 1 { "" } else { "s" },
        found.draws.len(),
        found.seconds
    )
}

/// Says how many draws have no trial, and how many courses failed. Whether there were any.
pub fn name_failures(found: &UncertaintyResult) -> bool {
    let lost = found.draws.iter().filter(|draw| draw.lost.is_some()).count();
    let failed: usize = found.draws.iter().map(|draw| draw.failed).sum();
    if lost > 0 {
        message::note(format!(
            "at {lost} of {} draws of the parameters no population could be drawn; they are left out of the uncertainty and \
             listed in draws.csv",
            found.draws.len()
        ));
    }
    if failed > 0 {
        message::note(format!(
            "{failed} courses failed numerically at draws of the parameters; draws.csv says at which. A parameter that is hardly \
             known, or a scale that lets it come near 0, is the usual cause"
        ));
    }
    lost > 0 || failed > 0
}
