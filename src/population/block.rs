//! The check that a model's correlated random effects can be drawn at all.

use crate::diagnostic::Diagnostic;
use crate::math::correlation::first_contradiction;
use crate::model::Model;

/// Finds the blocks of correlated random effects of a model that are not positive definite: one error each, with the
/// caret on the first declared correlation that makes it so, and the values that it could have instead.
pub fn check_blocks(model: &Model) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let mut kept: Vec<&crate::model::Correlation> = model.correlations.iter().collect();
    loop {
        let list: Vec<(usize, usize, f64)> =
            kept.iter().map(|found| (found.between.0, found.between.1, found.value)).collect();
        let Some(contradiction) = first_contradiction(model.random_effects.len(), &list) else {
            return diagnostics;
        };
        let at_fault = kept.remove(contradiction.index);
        let name = |member: usize| model.random_effects[member].name.as_str();
        let members: Vec<&str> = contradiction.members.iter().map(|member| name(*member)).collect();
        let (a, b) = (name(at_fault.between.0), name(at_fault.between.1));
        let value = format!("{:.3}", at_fault.value);
        let message = format!("the covariance of {} is not positive definite", members.join(", "));
        diagnostics.push(if at_fault.value.abs() >= 1.0 {
            let label = format!("would be a correlation of {value} between `{a}` and `{b}`");
            Diagnostic::error(message, at_fault.span, label)
                .help("a covariance stays below the product of the two standard deviations: √(variance × variance)")
        } else {
            let label = format!("{value} between `{a}` and `{b}` contradicts the correlations before it");
            Diagnostic::error(message, at_fault.span, label).help(format!(
                "beside those before it, this correlation can lie between {:.2} and {:.2}; a pair that is not named has \
                 correlation 0",
                contradiction.lower, contradiction.upper
            ))
        });
    }
}
