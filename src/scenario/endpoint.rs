//! `[[endpoint]]`: which kind, of what, with which limits. Keys are named after the fields of [`EndpointKind`].

use super::criteria;
use super::endpoint_definition::{EndpointDefinition, EndpointKind, GradeTimes};
use super::estimand::{self, Strategy};
use super::fields::{Fields, Surroundings};
use super::names::missing;
use super::rule::dose;
use super::signal::{duplicate, no_unit};
use super::time::part;
use crate::diagnostic::{Diagnostic, Text};
use crate::document::{Table, Value};
use crate::model::{Model, NamedUnit, check_unit};
use crate::units;

/// Every kind in plain words.
const KINDS: [&str; 19] = [
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
    "best response",
    "progression-free survival",
    "time to event",
    "time to hazard",
    "tumour lysis",
    "dose intensity",
    "reached dose",
    "ever true",
    "time on treatment",
];

/// Reads all endpoints.
pub(super) fn read(
    tables: Vec<Table>,
    around: &Surroundings<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<EndpointDefinition> {
    let mut endpoints: Vec<EndpointDefinition> = Vec::new();
    let mut seen: Vec<Text> = Vec::new();
    for table in tables {
        let mut table = table;
        let strategies = estimand::read(&mut table, diagnostics);
        let Some((name, endpoint)) = read_one(table, around, diagnostics) else { continue };
        match seen.iter().find(|other| other.value == name.value) {
            Some(first) => diagnostics.push(duplicate("endpoint", &name, first.span)),
            None => {
                seen.push(name);
                let variants = endpoint.map(|endpoint| estimand::expand(endpoint, strategies, diagnostics));
                endpoints.extend(variants.into_iter().flatten());
            }
        }
    }
    endpoints
}

fn read_one(
    mut table: Table,
    around: &Surroundings<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Text, Option<EndpointDefinition>)> {
    let name = table.required_text("name", diagnostics);
    let kind = table.required_text("kind", diagnostics);
    let about = table.text("about", diagnostics).map_or(String::new(), |text| text.value);
    let estimand = table.text("estimand", diagnostics).map_or(String::new(), |text| text.value);
    let unit = table.text("unit", diagnostics);
    let (name, kind_text) = (name?, kind?);
    let mut fields = Fields { table, around, diagnostics, span: kind_text.span };
    let kind = fields.kind(&kind_text.value);
    let Fields { table, .. } = fields;
    if kind.is_some() || KINDS.contains(&kind_text.value.as_str()) {
        table.finish(diagnostics);
    }
    let Some(kind) = kind else { return Some((name, None)) };
    let natural = natural_unit(&kind, around.model);
    let unit = match unit {
        None => Some(natural),
        Some(text) => checked_unit(&text, &natural, diagnostics),
    };
    let name_value = name.value.clone();
    let endpoint = unit.map(|unit| EndpointDefinition {
        name: name_value,
        about,
        estimand,
        kind,
        unit,
        strategy: Strategy::AsDefined,
    });
    Some((name, endpoint))
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
        EndpointKind::NadirDay { .. } | EndpointKind::DaysBelow { .. } => named("d"),
        EndpointKind::ProgressionFreeSurvival { .. }
        | EndpointKind::TimeToHazard { .. }
        | EndpointKind::TimeOnTreatment => named("month"),
        EndpointKind::DoseIntensity { .. } => named("%"),
        _ => no_unit(),
    }
}

impl Fields<'_, '_> {
    fn kind(&mut self, kind: &str) -> Option<EndpointKind> {
        match kind {
            "Cmax" | "Tmax" | "AUC" | "AUC to infinity" | "half-life" | "trough" => self.exposure(kind),
            "nadir" => Some(EndpointKind::Nadir { output: self.output()? }),
            "nadir day" => Some(EndpointKind::NadirDay { output: self.output()? }),
            "days below" => self.days_below(),
            "worst grade" => self.worst_grade(),
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
    fn graded_by_table(&mut self, name: &Text) -> Option<EndpointKind> {
        let at = self.table.text("at", self.diagnostics);
        let at = self.grade_times(at);
        let table = self.around.names.grades.find(&name.value, name.span, self.diagnostics)?.clone();
        let (output, thresholds, falling) = (table.output, table.limits(), table.falling);
        Some(EndpointKind::WorstGrade { output, thresholds, falling, table: Some(Box::new(table)), at: at? })
    }

    fn worst_grade(&mut self) -> Option<EndpointKind> {
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
        Some(EndpointKind::WorstGrade { output, thresholds: limits, falling, table: None, at: at? })
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
        let progression = self.table.required_text("progression", self.diagnostics);
        let death = self.table.text("death", self.diagnostics);
        let progression = progression.and_then(|signal| self.condition_signal(&signal));
        let death = match death {
            None => Some(None),
            Some(death) => self.hazard(&death).map(Some),
        };
        Some(EndpointKind::ProgressionFreeSurvival { progression: progression?, death: death? })
    }
}
