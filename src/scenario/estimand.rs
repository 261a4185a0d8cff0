//! Estimands: what counts of a patient's course when treatment ends early. One endpoint is read under several of them.
//!
//! The names are those of ICH E9(R1), 2019: treatment policy, while on treatment, hypothetical.

use super::endpoint_criteria::Happening;
use super::endpoint_definition::{EndpointDefinition, EndpointKind};
use super::names::missing;
use super::time::non_negative_duration;
use crate::diagnostic::{Diagnostic, Text};
use crate::document::Table;

/// What is done about the end of treatment.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Strategy {
    /// As the kind of endpoint defines it.
    #[default]
    AsDefined,
    /// The whole follow-up counts, on treatment or off.
    TreatmentPolicy,
    /// The course counts up to the end of treatment and this much longer, d; what happens after is not seen.
    WhileOnTreatment(f64),
    /// As if nobody had left treatment by a hazard (dropout): who did is simulated again without.
    NoDropout,
    /// As if nobody had stopped treatment at all, by a hazard or by a rule: who did is simulated again without.
    NoDiscontinuation,
}

/// Names in files.
const NAMES: [&str; 4] = [
    "treatment-policy",
    "while-on-treatment",
    "hypothetical: no dropout",
    "hypothetical: no discontinuation",
];

impl Strategy {
    /// In parentheses behind the name of the endpoint.
    pub fn label(self) -> &'static str {
        match self {
            Self::AsDefined => "as defined",
            Self::TreatmentPolicy => "treatment policy",
            Self::WhileOnTreatment(_) => "while on treatment",
            Self::NoDropout => "had nobody dropped out",
            Self::NoDiscontinuation => "had nobody stopped",
        }
    }

    /// What it means, a sentence for the report; empty where the endpoint says it all.
    pub fn definition(self) -> String {
        match self {
            Self::AsDefined => String::new(),
            Self::TreatmentPolicy => {
                "Treatment policy: the whole follow-up counts, on treatment or off, whatever was given.".to_owned()
            }
            Self::WhileOnTreatment(window) => format!(
                "While on treatment: the course counts from the first dose to the end of treatment{}; what comes after is not counted, \
                 and times are censored there.",
                if window > 0.0 { format!(" and {window} d longer") } else { String::new() }
            ),
            Self::NoDropout => "Hypothetical: had nobody dropped out. Patients whom a hazard took off treatment are simulated again with the \
                same random numbers and without that hazard ending their treatment; the other courses hold as they are. Rests on \
                the model's course under continued treatment."
                .to_owned(),
            Self::NoDiscontinuation => "Hypothetical: had nobody stopped. Patients who were taken off treatment, by a hazard or by a rule, are \
                simulated again with the same random numbers, without those rules and without that hazard ending their treatment; the other \
                courses hold as they are. Rests on the model's course under continued treatment."
                .to_owned(),
        }
    }
}

/// The keys `estimands` and `on_treatment_window` of an endpoint, with the place of the first.
pub(super) fn read(table: &mut Table, diagnostics: &mut Vec<Diagnostic>) -> Vec<(Strategy, Text)> {
    let names = table.texts("estimands", diagnostics);
    let window = table.text("on_treatment_window", diagnostics);
    let mut strategies: Vec<(Strategy, Text)> = Vec::new();
    let days = window.as_ref().map_or(Some(0.0), |text| non_negative_duration(text, None, diagnostics));
    for name in names {
        let strategy = match name.value.as_str() {
            "treatment-policy" => Strategy::TreatmentPolicy,
            "while-on-treatment" => Strategy::WhileOnTreatment(days.unwrap_or(0.0)),
            "hypothetical: no dropout" => Strategy::NoDropout,
            "hypothetical: no discontinuation" => Strategy::NoDiscontinuation,
            other => {
                diagnostics.push(missing(other, name.span, "estimand", NAMES.into_iter()));
                continue;
            }
        };
        match strategies.iter().find(|(known, _)| *known == strategy) {
            Some((_, first)) => diagnostics.push(
                Diagnostic::error(
                    format!("the estimand `{}` is named twice", name.value),
                    name.span,
                    "again here",
                )
                .related(first.span, "first here")
                .help("name each estimand once"),
            ),
            None => strategies.push((strategy, name)),
        }
    }
    let while_on = strategies.iter().any(|(strategy, _)| matches!(strategy, Strategy::WhileOnTreatment(_)));
    if let Some(window) = window.filter(|_| !while_on) {
        diagnostics.push(
            Diagnostic::error(
                "a window after treatment serves nothing here",
                window.span,
                "no estimand has it",
            )
            .help("add \"while-on-treatment\" to `estimands`, or remove the window"),
        );
    }
    strategies
}

/// The endpoint once for each estimand, named after it; the endpoint itself where none is asked for.
pub(super) fn expand(
    endpoint: EndpointDefinition,
    strategies: Vec<(Strategy, Text)>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<EndpointDefinition> {
    let Some((_, first)) = strategies.first() else { return vec![endpoint] };
    if !takes_estimands(&endpoint.kind) {
        diagnostics.push(
            Diagnostic::error(
                format!("`{}` has no other estimand", endpoint.name),
                first.span,
                "this kind is about a record or the treatment itself",
            )
            .help("remove `estimands`; grades, nadirs, days below a limit, responses, signals, lysis and times to events take them"),
        );
        return vec![endpoint];
    }
    let variant = |strategy: Strategy| EndpointDefinition {
        name: format!("{} ({})", endpoint.name, strategy.label()),
        about: endpoint.about.clone(),
        estimand: strategy.definition(),
        kind: endpoint.kind.clone(),
        unit: endpoint.unit.clone(),
        strategy,
    };
    strategies.into_iter().map(|(strategy, _)| variant(strategy)).collect()
}

/// Whether the end of treatment is itself one of what may come first.
fn ends_with_treatment(kind: &EndpointKind) -> bool {
    let EndpointKind::CumulativeIncidence { event, competing } = kind else { return false };
    std::iter::once(event).chain(competing).any(|happening| *happening == Happening::Discontinuation)
}

/// Whether the end of treatment is something that happens to the endpoint, not what it measures.
fn takes_estimands(kind: &EndpointKind) -> bool {
    !matches!(
        kind,
        EndpointKind::Cmax { .. }
            | EndpointKind::Tmax { .. }
            | EndpointKind::Auc { .. }
            | EndpointKind::AucInfinity { .. }
            | EndpointKind::HalfLife { .. }
            | EndpointKind::Trough { .. }
            | EndpointKind::DoseIntensity { .. }
            | EndpointKind::ReachedDose { .. }
            | EndpointKind::TimeOnTreatment
            | EndpointKind::Modification { .. }
    ) && !ends_with_treatment(kind)
}
