//! A model that adds to another (`extends = "lenalidomide-cll"`): the declarations of both files put together.
//!
//! For variants that must stay in step with their base, such as a partner drug beside the drug of the base. Only
//! modules and what is bound to their inputs can be exchanged; a name that both files declare is an error, as it is
//! within one file.

use super::declarations::{Declarations, Use};
use crate::diagnostic::{Diagnostic, closest};

/// The declarations of `base`, then those of the file that extends it, whose title, source and text for the user stand, and whose card where it has one.
pub(super) fn extend(
    base: Declarations,
    own: Declarations,
    diagnostics: &mut Vec<Diagnostic>,
) -> Declarations {
    let mut all = base;
    all.title = own.title;
    all.source = own.source;
    all.about = own.about;
    all.time = own.time.or(all.time);
    all.card = own.card.or(all.card);
    for used in own.uses {
        join(&mut all.uses, used, diagnostics);
    }
    all.covariates.extend(own.covariates);
    all.inputs.extend(own.inputs);
    all.controls.extend(own.controls);
    all.parameters.extend(own.parameters);
    all.individuals.extend(own.individuals);
    all.effects.extend(own.effects);
    all.occasion_effects.extend(own.occasion_effects);
    all.correlations.extend(own.correlations);
    all.covariances.extend(own.covariances);
    all.equations.extend(own.equations);
    all.states.extend(own.states);
    all.doses.extend(own.doses);
    all.outputs.extend(own.outputs);
    all.hazards.extend(own.hazards);
    all.requirements.extend(own.requirements);
    all.notes.extend(own.notes);
    all
}

/// One line of `use`: a new module, another in place of the base's of that alias, or other inputs of the latter.
fn join(uses: &mut Vec<Use>, own: Use, diagnostics: &mut Vec<Diagnostic>) {
    let Some(place) = uses.iter().position(|used| used.alias.value == own.alias.value) else {
        if own.module.is_some() {
            uses.push(own);
            return;
        }
        let alias = &own.alias;
        let finding = Diagnostic::error(
            format!("the model that is extended has no module called `{}`", alias.value),
            alias.span,
            "no such module",
        );
        let names = uses.iter().map(|used| used.alias.value.as_str());
        diagnostics.push(match closest(&alias.value, names.clone()) {
            Some(near) => finding.help(format!("did you mean `{near}`? A new one needs `module = …`")),
            None => finding.help(format!("its modules are: {}", names.collect::<Vec<_>>().join(", "))),
        });
        return;
    };
    if own.module.is_some() {
        uses[place] = own;
        return;
    }
    let inputs = &mut uses[place].inputs;
    inputs.retain(|(name, _)| own.inputs.iter().all(|(other, _)| other.value != name.value));
    inputs.extend(own.inputs);
}
