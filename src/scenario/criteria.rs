//! The endpoints with many limits: iwCLL best response and tumour lysis.

use super::endpoint_criteria::{LysisCriteria, LysisRule, ResponseCriteria};
use super::endpoint_definition::Column;
use super::endpoint_incidence::progression;
use super::endpoint_response::guideline;
use super::fields::Fields;
use super::names::{Found, index, missing};
use super::signal::schedule;
use super::time::duration;
use crate::diagnostic::{Diagnostic, Span, Text};
use crate::document::Table;
use crate::units::Dimension;

/// CR limit of the largest node by CT, dm (1.5 cm; Hallek 2018).
const NODE_LIMIT: f64 = 0.15;
/// A response is confirmed after two months, d (Hallek 2018: at least 2 months; 8 weeks of visits).
const CONFIRMATION: f64 = 56.0;
/// Time after a start or dose step in which tumour lysis counts, d (Cairo and Bishop 2004).
const LYSIS_WINDOW: f64 = 7.0;

/// Time before the first dose from which tumour lysis counts, d, and the relative change from the start that counts like a
/// limit (Cairo and Bishop 2004, table III).
const LYSIS_BEFORE: f64 = 3.0;
const LYSIS_CHANGE: f64 = 0.25;

/// Reads the criteria of best response. Without `schedule` they are read at `restaging`.
pub(super) fn response(fields: &mut Fields<'_, '_>) -> Option<ResponseCriteria> {
    let at = fields.table.text("schedule", fields.diagnostics);
    let guideline = guideline(fields);
    let schedule = match at {
        Some(at) => schedule(&at, fields.around.visits, fields.diagnostics),
        None => {
            let restaging = Text { value: "restaging".to_owned(), span: fields.span, verbatim: false };
            schedule(&restaging, fields.around.visits, fields.diagnostics)
        }
    };
    let progression = progression(fields);
    let count = Dimension::cells().over(Dimension::volume());
    let length = units_of_length();
    let concentration = Dimension::mass().over(Dimension::volume());
    let nodes = column(fields, "nodes", Dimension::NONE);
    let node = column(fields, "node", length);
    let spleen = column(fields, "spleen", length);
    let lymphocytes = column(fields, "lymphocytes", count);
    let marrow = column(fields, "marrow", Dimension::NONE);
    let neutrophils = column(fields, "neutrophils", count);
    let platelets = column(fields, "platelets", count);
    let haemoglobin = column(fields, "haemoglobin", concentration);
    let node_limit = fields.quantity_or("node_limit", length, NODE_LIMIT);
    let confirmation = match fields.table.text("confirmation", fields.diagnostics) {
        None => Some(CONFIRMATION),
        Some(text) => duration(&text, Some(fields.around.cycle), fields.diagnostics),
    };
    let (guideline, lymphocytosis_apart) = guideline?;
    Some(ResponseCriteria {
        guideline,
        lymphocytosis_apart,
        schedule: schedule?,
        progression: progression?,
        nodes: nodes?,
        node: node?,
        spleen: spleen?,
        lymphocytes: lymphocytes?,
        marrow: marrow?,
        neutrophils: neutrophils?,
        platelets: platelets?,
        haemoglobin: haemoglobin?,
        node_limit: node_limit?,
        confirmation: confirmation?,
    })
}

/// The dimension of a length: a volume to the power 1/3.
fn units_of_length() -> Dimension {
    Dimension::volume().power(1.0 / 3.0).unwrap_or(Dimension::NONE)
}

/// An output or a signal with this dimension.
fn column(fields: &mut Fields<'_, '_>, key: &'static str, dimension: Dimension) -> Option<Column> {
    let text = fields.table.required_text(key, fields.diagnostics)?;
    let signal = fields.around.signals.iter().position(|signal| signal.name == text.value);
    let (column, found) = match signal {
        Some(signal) => (Column::Signal(signal), fields.around.signals[signal].unit.unit.dimension),
        None => match fields.around.names.outputs.find(&text.value) {
            Found::One(entry) => (Column::Output(index(entry)?), entry.dimension),
            _ => {
                let outputs = fields.around.names.outputs.names();
                let signals = fields.around.signals.iter().map(|signal| signal.name.as_str());
                let known: Vec<&str> = outputs.chain(signals).collect();
                if !fields.around.faulty_signals.contains(&text.value) {
                    fields.diagnostics.push(missing(
                        &text.value,
                        text.span,
                        "output or signal",
                        known.into_iter(),
                    ));
                }
                return None;
            }
        },
    };
    if found != dimension {
        fields.diagnostics.push(
            Diagnostic::error(
                format!("`{key}` is {dimension}, but `{}` is {found}", text.value),
                text.span,
                "another dimension",
            )
            .help("name the output that fits; nodes are relative to baseline, counts are cells per volume"),
        );
        return None;
    }
    Some(column)
}

/// Reads the criteria of tumour lysis.
pub(super) fn lysis(fields: &mut Fields<'_, '_>) -> Option<LysisCriteria> {
    let record = fields.record();
    let drug = fields.drug();
    let tables = fields.table.tables("items", fields.diagnostics);
    let creatinine = fields.table.table("creatinine", fields.diagnostics);
    let flare = fields.table.table("flare", fields.diagnostics);
    let window = match fields.table.text("window", fields.diagnostics) {
        None => Some(LYSIS_WINDOW),
        Some(text) => duration(&text, Some(fields.around.cycle), fields.diagnostics),
    };
    let rule = lysis_rule(fields);
    let events = fields.table.texts("events", fields.diagnostics);
    let wanted = events.len();
    let events: Vec<usize> = events.iter().filter_map(|event| fields.hazard(event)).collect();
    let count = tables.len();
    let items: Vec<(usize, f64, bool)> =
        tables.into_iter().filter_map(|table| item(fields, table, false)).collect();
    if count < 2 {
        fields.diagnostics.push(
            Diagnostic::error("tumour lysis needs at least two items", fields.span, "two or more at once count")
                .help("add `items = [{ of = \"UA\", at_least = \"476 umol/L\" }, { of = \"Ca\", at_most = \"1.75 mmol/L\" }]`"),
        );
        return None;
    }
    let Some(creatinine) = creatinine else {
        fields.diagnostics.push(
            Diagnostic::error("the key `creatinine` is missing", fields.span, "needed for clinical lysis")
                .help("add `creatinine = { of = \"Cr\", at_least = \"165 umol/L\" }`"),
        );
        return None;
    };
    let creatinine = item(fields, creatinine, true);
    let flare = match flare {
        None => Some(None),
        Some(table) => item(fields, table, true).map(|(output, limit, _)| Some((output, limit))),
    };
    let (output, limit, _) = creatinine?;
    if let (Some(LysisRule::WithinWindow { .. }), Some(Some(_))) = (rule, flare) {
        fields.diagnostics.push(
            Diagnostic::error("`flare` has no meaning with these criteria", fields.span, "the window is fixed")
                .help("leave `flare` out: from 3 d before to 7 d after the first dose counts, with `steps = true` also after each step"),
        );
        return None;
    }
    (items.len() == count && events.len() == wanted).then_some(())?;
    let creatinine = (output, limit);
    let (record, window, flare, drug, rule) = (record?, window?, flare?, drug?, rule?);
    Some(LysisCriteria { record, items, creatinine, window, flare, drug, rule, events })
}

/// `criteria` and `steps` of tumour lysis.
fn lysis_rule(fields: &mut Fields<'_, '_>) -> Option<LysisRule> {
    let criteria = fields.table.text("criteria", fields.diagnostics);
    let steps = fields.table.boolean("steps", fields.diagnostics);
    match criteria.as_ref().map_or("at once", |text| text.value.as_str()) {
        "at once" => {
            if let Some((_, span)) = steps {
                fields.diagnostics.push(
                    Diagnostic::error("`steps` has no meaning here: every step counts", span, "not wanted")
                        .help("leave it out, or add `criteria = \"Cairo-Bishop 2004\"`"),
                );
                return None;
            }
            Some(LysisRule::AtOnce)
        }
        "Cairo-Bishop 2004" => Some(LysisRule::WithinWindow {
            before: LYSIS_BEFORE,
            change: LYSIS_CHANGE,
            steps: steps.is_some_and(|(steps, _)| steps),
        }),
        other => {
            let span = criteria.as_ref().map_or(fields.span, |text| text.span);
            let known = ["at once", "Cairo-Bishop 2004"].into_iter();
            fields.diagnostics.push(missing(other, span, "set of criteria", known));
            None
        }
    }
}

/// `{ of = "UA", at_least = "476 umol/L" }`: output, limit, whether at least (else at most).
fn item(fields: &mut Fields<'_, '_>, mut table: Table, only_at_least: bool) -> Option<(usize, f64, bool)> {
    let span = table.span();
    let of = table.required_text("of", fields.diagnostics);
    let at_least = table.value("at_least");
    let at_most = if only_at_least { None } else { table.value("at_most") };
    let errors = fields.diagnostics.len();
    table.finish(fields.diagnostics);
    if fields.diagnostics.len() > errors {
        return None;
    }
    let of = of?;
    let output = fields.around.names.output(&of.value, of.span, fields.diagnostics)?;
    match (at_least, at_most) {
        (Some(limit), None) => Some((output, fields.limit(&limit, output)?, true)),
        (None, Some(limit)) => Some((output, fields.limit(&limit, output)?, false)),
        _ => {
            fields.diagnostics.push(one_limit(span, only_at_least));
            None
        }
    }
}

fn one_limit(span: Span, only_at_least: bool) -> Diagnostic {
    let keys = if only_at_least { "`at_least`" } else { "either `at_least` or `at_most`" };
    Diagnostic::error(format!("an item has {keys}"), span, "which limit?")
        .help("write for example `{ of = \"UA\", at_least = \"476 umol/L\" }`")
}
