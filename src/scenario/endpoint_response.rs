//! The keys of endpoints about the sequence of responses: when it began, how long it lasted, when it deepened, what it was
//! at each restaging. They take the criteria of an endpoint `"best response"` by its name, so that limits stand once.

use super::endpoint_criteria::{Guideline, ResponseCriteria, ResponseQuestion};
use super::endpoint_definition::{EndpointDefinition, EndpointKind};
use super::fields::Fields;
use super::names::missing;
use crate::diagnostic::Diagnostic;

/// Kinds that take another endpoint's criteria, which must have been read before.
pub(super) const KINDS: [&str; 4] =
    ["time to response", "duration of response", "time to deepening", "response over time"];

/// Criteria that were read, and names of those that were faulty.
#[derive(Default)]
pub(super) struct Responses {
    known: Vec<(String, ResponseCriteria)>,
    faulty: Vec<String>,
}

impl Responses {
    /// Remembers the criteria of an endpoint, or that they are faulty.
    pub fn remember(&mut self, name: &str, kind: &str, endpoint: Option<&EndpointDefinition>) {
        if kind != "best response" {
            return;
        }
        match endpoint.map(|endpoint| &endpoint.kind) {
            Some(EndpointKind::BestResponse(criteria)) => {
                self.known.push((name.to_owned(), criteria.as_ref().clone()));
            }
            _ => self.faulty.push(name.to_owned()),
        }
    }
}

/// Reads one of [`KINDS`].
pub(super) fn read(fields: &mut Fields<'_, '_>, kind: &str, responses: &Responses) -> Option<EndpointKind> {
    let response = fields.table.text("response", fields.diagnostics);
    let criteria = match (&response, responses.known.as_slice()) {
        (None, [(_, only)]) if responses.faulty.is_empty() => Some(only.clone()),
        (None, _) => {
            if responses.faulty.is_empty() {
                fields.diagnostics.push(
                    Diagnostic::error("which response?", fields.span, "this kind reads the criteria of another endpoint")
                        .help("add `response = \"best response\"`, the name of an endpoint of the kind \"best response\""),
                );
            }
            None
        }
        (Some(text), known) => {
            let found =
                known.iter().find(|(name, _)| *name == text.value).map(|(_, criteria)| criteria.clone());
            if found.is_none() && !responses.faulty.contains(&text.value) {
                let names = known.iter().map(|(name, _)| name.as_str());
                fields.diagnostics.push(missing(
                    &text.value,
                    text.span,
                    "endpoint of the kind \"best response\"",
                    names,
                ));
            }
            found
        }
    };
    let question = match kind {
        "time to response" => ResponseQuestion::TimeToResponse,
        "time to deepening" => ResponseQuestion::TimeToDeepening,
        "response over time" => ResponseQuestion::OverTime,
        _ => {
            let death = fields.table.text("death", fields.diagnostics);
            let death = match death {
                None => None,
                Some(death) => Some(fields.hazard(&death)?),
            };
            ResponseQuestion::Duration { death }
        }
    };
    Some(EndpointKind::Response { criteria: Box::new(criteria?), question })
}

/// `criteria` and `lymphocytosis` of a best response.
pub(super) fn guideline(fields: &mut Fields<'_, '_>) -> Option<(Guideline, bool)> {
    let criteria = fields.table.text("criteria", fields.diagnostics);
    let lymphocytosis = fields.table.text("lymphocytosis", fields.diagnostics);
    let guideline = match criteria.as_ref().map(|text| text.value.as_str()) {
        None => Some(Guideline::Both),
        Some("iwCLL 2008") => Some(Guideline::Iwcll2008),
        Some("iwCLL 2018") => Some(Guideline::Iwcll2018),
        Some(other) => {
            let span = criteria.as_ref().map_or(fields.span, |text| text.span);
            let known = ["iwCLL 2008", "iwCLL 2018"].into_iter();
            fields.diagnostics.push(missing(other, span, "set of criteria", known));
            None
        }
    };
    let apart = match lymphocytosis.as_ref().map(|text| text.value.as_str()) {
        None => Some(guideline == Some(Guideline::Iwcll2018)),
        Some("counts") => Some(false),
        Some("PR-L") => Some(true),
        Some(other) => {
            let span = lymphocytosis.as_ref().map_or(fields.span, |text| text.span);
            fields.diagnostics.push(
                Diagnostic::error(format!("lymphocytosis is not treated as `{other}`"), span, "how?").help(
                    "write `lymphocytosis = \"PR-L\"` (a response with persisting lymphocytosis is a category of its own) or \
                     `\"counts\"` (lymphocytes are one item among others)",
                ),
            );
            None
        }
    };
    Some((guideline?, apart?))
}
