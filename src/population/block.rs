//! The check that a model's correlated random effects can be drawn at all.

use crate::diagnostic::Diagnostic;
use crate::math::correlation::contradictions;
use crate::model::Model;

/// Finds the blocks of correlated random effects of a model that are not positive definite: one error each, with the
/// caret on the last declared correlation that could mend the block, and the values that it could have.
pub fn check_blocks(model: &Model) -> Vec<Diagnostic> {
    let list: Vec<(usize, usize, f64)> =
        model.correlations.iter().map(|found| (found.between.0, found.between.1, found.value)).collect();
    let name = |member: usize| model.random_effects[member].name.as_str();
    contradictions(model.random_effects.len(), &list)
        .into_iter()
        .map(|found| {
            let at_fault = &model.correlations[found.index];
            let (a, b) = (name(at_fault.between.0), name(at_fault.between.1));
            let members: Vec<&str> = found.members.iter().map(|member| name(*member)).collect();
            let message = format!("the covariance of {} is not positive definite", members.join(", "));
            let value = format!("{:.3}", at_fault.value);
            if at_fault.value.abs() >= 1.0 {
                let label = format!("would be a correlation of {value} between `{a}` and `{b}`");
                return Diagnostic::error(message, at_fault.span, label).help(
                    "a covariance stays below the product of the two standard deviations: √(variance × variance)",
                );
            }
            let label = format!("{value} between `{a}` and `{b}` cannot hold beside the others");
            Diagnostic::error(message, at_fault.span, label).help(remedy(found.room))
        })
        .collect()
}

fn remedy(room: Option<(f64, f64)>) -> String {
    match room {
        Some((lower, upper)) => format!(
            "beside the others, this correlation can lie between {lower:.2} and {upper:.2}; a pair that is not named has \
             correlation 0"
        ),
        None => "move the correlations of this block towards 0; a pair that is not named has correlation 0"
            .to_owned(),
    }
}
