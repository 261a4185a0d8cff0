//! `[[endpoint]]`: which kind, of what, with which limits. Keys are named after the fields of [`EndpointKind`].

use super::endpoint_criteria::{GradeSource, Modification, ResponseQuestion};
use super::endpoint_definition::{EndpointDefinition, EndpointKind, GradeTimes};
use super::endpoint_response::{self, Responses};
use super::estimand::{self, Strategy};
use super::fields::{Fields, Surroundings};
use super::names::missing;
use super::rule::dose;
use super::signal::{duplicate, no_unit};
use super::time::{duration, part};
use super::{criteria, endpoint_expression, endpoint_incidence};
use crate::diagnostic::{Diagnostic, Text};
use crate::document::{Table, Value};
use crate::model::{Model, NamedUnit, check_unit};
use crate::units::{self, Unit};

/// Every kind in plain words.
const KINDS: [&str; 33] = [
    "Cmax",
    "Tmax",
    "AUC",
    "AUC to infinity",
    "half-life",
    "trough",
    "nadir",
    "nadir day",
    "days below",
    "worst grade",
    "worst grade by cycle",
    "recurrence",
    "best response",
    "time to response",
    "duration of response",
    "time to deepening",
    "response over time",
    "progression-free survival",
    "time to progression",
    "cumulative incidence",
    "time to event",
    "time to hazard",
    "tumour lysis",
    "dose intensity",
    "reached dose",
    "ever true",
    "time on treatment",
    "time on hold",
    "holds",
    "reductions",
    "time to first hold",
    "time to first reduction",
    "expression",
];

/// Reads all endpoints.
pub(super) fn read(
    tables: Vec<Table>,
    around: &Surroundings<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<EndpointDefinition> {
    let mut endpoints: Vec<(usize, EndpointDefinition)> = Vec::new();
    let mut seen: Vec<Text> = Vec::new();
    let mut responses = Responses::default();
    let declared: Vec<(usize, Declared)> = tables
        .into_iter()
        .map(|table| declare(table, diagnostics))
        .enumerate()
        .filter_map(|(i, it)| Some((i, it?)))
        .collect();
    // Those that take another endpoint's criteria come last.
    let (later, first): (Vec<_>, Vec<_>) =
        declared.into_iter().partition(|(_, it)| endpoint_response::KINDS.contains(&it.kind.value.as_str()));
    for (place, mut declared) in first.into_iter().chain(later) {
        let (name, kind) = (declared.name.clone(), declared.kind.value.clone());
        let strategies = estimand::read(&mut declared.table, diagnostics);
        let endpoint = read_one(declared, around, &responses, diagnostics);
        responses.remember(&name.value, &kind, endpoint.as_ref());
        match seen.iter().find(|other| other.value == name.value) {
            Some(first) => diagnostics.push(duplicate("endpoint", &name, first.span)),
            None => {
                seen.push(name);
                let variants = endpoint.map(|endpoint| estimand::expand(endpoint, strategies, diagnostics));
                endpoints.extend(variants.into_iter().flatten().map(|endpoint| (place, endpoint)));
            }
        }
    }
    endpoints.sort_by_key(|(place, _)| *place);
    endpoints.into_iter().map(|(_, endpoint)| endpoint).collect()
}

/// An endpoint with the keys that all kinds have taken out.
struct Declared {
    table: Table,
    name: Text,
    kind: Text,
    about: String,
    estimand: String,
    unit: Option<Text>,
}

fn declare(mut table: Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Declared> {
    let name = table.required_text("name", diagnostics);
    let kind = table.required_text("kind", diagnostics);
    let about = table.text("about", diagnostics).map_or(String::new(), |text| text.value);
    let estimand = table.text("estimand", diagnostics).map_or(String::new(), |text| text.value);
    let unit = table.text("unit", diagnostics);
    Some(Declared { table, name: name?, kind: kind?, about, estimand, unit })
}

fn read_one(
    declared: Declared,
    around: &Surroundings<'_>,
    responses: &Responses,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<EndpointDefinition> {
    let Declared { table, name, kind: kind_text, about, estimand, unit } = declared;
    let mut fields = Fields { table, around, diagnostics, span: kind_text.span };
    let kind = fields.kind(&kind_text.value, responses);
    let Fields { table, .. } = fields;
    if kind.is_some() || KINDS.contains(&kind_text.value.as_str()) {
        table.finish(diagnostics);
    }
    let kind = kind?;
    let natural = natural_unit(&kind, around.model);
    let unit = match unit {
        None => natural,
        Some(text) => checked_unit(&text, &natural, diagnostics)?,
    };
    Some(EndpointDefinition { name: name.value, about, estimand, kind, unit, strategy: Strategy::AsDefined })
}

fn checked_unit(text: &Text, natural: &NamedUnit, diagnostics: &mut Vec<Diagnostic>) -> Option<NamedUnit> {
    let unit = check_unit(text, diagnostics)?;
    if unit.dimension != natural.unit.dimension {
        diagnostics.push(
            Diagnostic::error(
                format!(
                    "this endpoint is {}, but `{}` is {}",
                    natural.unit.dimension, text.value, unit.dimension
                ),
                text.span,
                "another dimension",
            )
            .help(format!("write for example `unit = \"{}\"`", natural.name)),
        );
        return None;
    }
    Some(NamedUnit { name: text.value.clone(), unit })
}

/// The unit an endpoint is shown in where the file does not say.
fn natural_unit(kind: &EndpointKind, model: &Model) -> NamedUnit {
    let named = |name: &str| match units::parse(name) {
        Ok(unit) => NamedUnit { name: name.to_owned(), unit },
        Err(_) => no_unit(),
    };
    let of = |output: &usize| model.outputs[*output].unit.clone();
    match kind {
        EndpointKind::Cmax { output, .. }
        | EndpointKind::Trough { output, .. }
        | EndpointKind::Nadir { output } => of(output),
        EndpointKind::Auc { output, .. } | EndpointKind::AucInfinity { output, .. } => {
            let unit = of(output);
            match unit.name.as_str() {
                "1" => named("h"),
                name => named(&format!("{name}*h")),
            }
        }
        EndpointKind::Tmax { .. } | EndpointKind::HalfLife { .. } => named("h"),
        EndpointKind::NadirDay { .. }
        | EndpointKind::DaysBelow { .. }
        | EndpointKind::Modification { question: Modification::TimeOnHold, .. } => named("d"),
        EndpointKind::Modification { question: Modification::Holds | Modification::Reductions, .. }
        | EndpointKind::Response { question: ResponseQuestion::OverTime, .. } => no_unit(),
        EndpointKind::Expression(expression) if !expression.logical && !expression.dimension.is_none() => {
            expression_unit(expression, model)
        }
        EndpointKind::ProgressionFreeSurvival { .. }
        | EndpointKind::TimeToHazard { .. }
        | EndpointKind::CumulativeIncidence { .. }
        | EndpointKind::Response { .. }
        | EndpointKind::Modification { .. }
        | EndpointKind::TimeOnTreatment => named("month"),
        EndpointKind::DoseIntensity { .. } => named("%"),
        _ => no_unit(),
    }
}

/// The unit of an expression where the file does not say: that of an output of this dimension that it reads, else the
/// coherent one.
fn expression_unit(expression: &endpoint_expression::EndpointExpression, model: &Model) -> NamedUnit {
    let outputs = expression.outputs();
    let mut units = outputs.iter().map(|output| &model.outputs[*output].unit);
    let same = units.find(|unit| unit.unit.dimension == expression.dimension);
    same.cloned().unwrap_or_else(|| NamedUnit {
        name: units::coherent_name(expression.dimension),
        unit: Unit { dimension: expression.dimension, factor: 1.0 },
    })
}

impl Fields<'_, '_> {
    fn kind(&mut self, kind: &str, responses: &Responses) -> Option<EndpointKind> {
        if endpoint_response::KINDS.contains(&kind) {
            return endpoint_response::read(self, kind, responses);
        }
        if let Some(question) = endpoint_incidence::modification(kind) {
            return Some(EndpointKind::Modification { drug: self.drug()?, question });
        }
        match kind {
            "Cmax" | "Tmax" | "AUC" | "AUC to infinity" | "half-life" | "trough" => self.exposure(kind),
            "nadir" => Some(EndpointKind::Nadir { output: self.output()? }),
            "nadir day" => Some(EndpointKind::NadirDay { output: self.output()? }),
            "days below" => self.days_below(),
            "worst grade" => self.graded().map(|source| {
                let GradeSource { output, thresholds, falling, table, at } = source;
                EndpointKind::WorstGrade { output, thresholds, falling, table, at }
            }),
            "worst grade by cycle" => {
                let cycle = self.table.text("cycle", self.diagnostics);
                let source = self.graded();
                let cycle = match cycle {
                    None => self.around.cycle,
                    Some(text) => duration(&text, Some(self.around.cycle), self.diagnostics)?,
                };
                Some(EndpointKind::GradesByCycle { source: source?, cycle })
            }
            "recurrence" => endpoint_incidence::recurrence(self),
            "time to progression" => endpoint_incidence::to_progression(self),
            "cumulative incidence" => endpoint_incidence::incidence(self),
            "expression" => {
                endpoint_expression::read(self).map(|found| EndpointKind::Expression(Box::new(found)))
            }
            "best response" => {
                criteria::response(self).map(|found| EndpointKind::BestResponse(Box::new(found)))
            }
            "progression-free survival" => self.progression_free(),
            "time to event" | "time to hazard" => {
                let hazard = self.table.required_text("hazard", self.diagnostics)?;
                Some(EndpointKind::TimeToHazard { hazard: self.hazard(&hazard)? })
            }
            "tumour lysis" | "tumor lysis" => {
                let clinical =
                    self.table.boolean("clinical", self.diagnostics).is_some_and(|(clinical, _)| clinical);
                let criteria = Box::new(criteria::lysis(self)?);
                Some(EndpointKind::TumourLysis { criteria, clinical })
            }
            "dose intensity" => Some(EndpointKind::DoseIntensity { drug: self.drug()? }),
            "reached dose" => {
                let drug = self.drug();
                let text = self.table.required_text("dose", self.diagnostics);
                let (drug, text) = (drug?, text?);
                let dose = dose(self.around.model, drug, &text, self.diagnostics)?;
                Some(EndpointKind::ReachedDose { drug, dose })
            }
            "ever true" => {
                let signal = self.table.required_text("signal", self.diagnostics)?;
                Some(EndpointKind::EverTrue { signal: self.condition_signal(&signal)? })
            }
            "time on treatment" => Some(EndpointKind::TimeOnTreatment),
            other => {
                let finding = missing(other, self.span, "kind of endpoint", KINDS.into_iter());
                self.diagnostics.push(finding.note(format!("the kinds are: {}", KINDS.join(", "))));
                None
            }
        }
    }

    fn exposure(&mut self, kind: &str) -> Option<EndpointKind> {
        let output = self.output();
        let record = self.record();
        let (output, record) = (output?, record?);
        Some(match kind {
            "Cmax" => EndpointKind::Cmax { output, record },
            "Tmax" => EndpointKind::Tmax { output, record },
            "AUC" => EndpointKind::Auc { output, record },
            "AUC to infinity" => EndpointKind::AucInfinity { output, record },
            "half-life" => EndpointKind::HalfLife { output, record },
            _ => EndpointKind::Trough { output, record },
        })
    }

    fn days_below(&mut self) -> Option<EndpointKind> {
        let output = self.output();
        let threshold = self.value("threshold");
        let output = output?;
        let threshold = self.limit(&threshold?, output)?;
        Some(EndpointKind::DaysBelow { output, threshold })
    }

    /// `grades = "neutropenia"`: grades by a table.
    fn graded_by_table(&mut self, name: &Text) -> Option<GradeSource> {
        let at = self.table.text("at", self.diagnostics);
        let at = self.grade_times(at);
        let table = self.around.names.grades.find(&name.value, name.span, self.diagnostics)?.clone();
        let (output, thresholds, falling) = (table.output, table.limits(), table.falling);
        Some(GradeSource { output, thresholds, falling, table: Some(Box::new(table)), at: at? })
    }

    fn graded(&mut self) -> Option<GradeSource> {
        if let Some(name) = self.table.text("grades", self.diagnostics) {
            return self.graded_by_table(&name);
        }
        let output = self.output();
        let falling = self.table.boolean("falling", self.diagnostics);
        let thresholds = self.value("thresholds");
        let at = self.table.text("at", self.diagnostics);
        let at = self.grade_times(at);
        let (output, thresholds) = (output?, thresholds?);
        let span = thresholds.span();
        let values = match thresholds {
            Value::List(values, _) => values,
            single => vec![single],
        };
        let limits: Vec<Option<f64>> = values.iter().map(|value| self.limit(value, output)).collect();
        let limits: Vec<f64> = limits.into_iter().collect::<Option<_>>()?;
        let rising = limits.windows(2).all(|pair| pair[0] < pair[1]);
        let descending = limits.windows(2).all(|pair| pair[0] > pair[1]);
        let falling = falling.map_or(descending, |(falling, _)| falling);
        if limits.is_empty() || limits.len() > 5 || !(if falling { descending } else { rising }) {
            self.diagnostics.push(
                Diagnostic::error(
                    "the limits of the grades are not in order",
                    span,
                    format!("{} limits, `falling = {falling}`", limits.len()),
                )
                .help(
                    "give one limit for each grade from 1 on (up to 5), each worse than the one before: descending \
                     with `falling = true` (low is bad), ascending with `falling = false`",
                ),
            );
            return None;
        }
        Some(GradeSource { output, thresholds: limits, falling, table: None, at: at? })
    }

    fn grade_times(&mut self, at: Option<Text>) -> Option<GradeTimes> {
        let Some(at) = at else { return Some(GradeTimes::Visits) };
        if at.value == "visits" {
            return Some(GradeTimes::Visits);
        }
        let Some(name) = at.value.strip_prefix("record ") else {
            self.diagnostics.push(
                Diagnostic::error(format!("grades are not read at `{}`", at.value), at.span, "where?").help(
                    "write `at = \"visits\"` (measured values) or `at = \"record course\"` (true values)",
                ),
            );
            return None;
        };
        let text = part(&at, at.value.len() - name.len()..at.value.len());
        self.around.records.find(&text.value, &text, self.diagnostics).map(GradeTimes::Record)
    }

    fn progression_free(&mut self) -> Option<EndpointKind> {
        let progression = endpoint_incidence::progression(self);
        let death = self.table.text("death", self.diagnostics);
        let death = match death {
            None => Some(None),
            Some(death) => self.hazard(&death).map(Some),
        };
        Some(EndpointKind::ProgressionFreeSurvival { progression: progression?, death: death? })
    }
}
