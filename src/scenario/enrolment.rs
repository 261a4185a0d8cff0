//! `[population]`: how many virtual patients, where their covariates come from, what is fixed, who may enter.

use super::covariates::{self, Declared, Law, Written};
use super::names::{ModelNames, PatientScope, missing};
use super::population::{CovariateLaw, CovariateSource, EntryCriterion, PopulationDescription};
use super::population_file::{self, Contents, Correlated};
use super::quantity::as_written;
use super::table_of_patients;
use crate::diagnostic::{Diagnostic, Sources, Span, Text};
use crate::document::{Table, Value};
use crate::expression;
use crate::math::correlation::contradictions;
use crate::model::{Covariate, Kind, Loader, Model, NamedUnit, Tag, check_condition};

/// Patients where neither the file nor the command line says how many.
const DEFAULT_PATIENTS: u64 = 100;
/// More patients than this are a slip of the key.
const MOST_PATIENTS: u64 = 10_000_000;

/// What `[population]` says before its covariates are read.
pub(super) struct Enrolment {
    pub patients: usize,
    pub variability: bool,
    from: Option<Text>,
    set: Vec<(Text, Value)>,
    entry: Vec<Text>,
    units: Vec<(Text, NamedUnit)>,
    /// Where the table stands.
    span: Span,
}

/// Reads the table; without it, 100 patients who differ by their random effects only.
pub(super) fn read(table: Option<Table>, file: Span, diagnostics: &mut Vec<Diagnostic>) -> Enrolment {
    let mut enrolment = Enrolment {
        patients: DEFAULT_PATIENTS as usize,
        variability: true,
        from: None,
        set: Vec::new(),
        entry: Vec::new(),
        units: Vec::new(),
        span: file,
    };
    let Some(mut table) = table else { return enrolment };
    enrolment.span = table.span();
    if let Some((patients, span)) = table.integer("patients", diagnostics) {
        if (1..=MOST_PATIENTS).contains(&patients) {
            enrolment.patients = patients as usize;
        } else {
            diagnostics.push(
                Diagnostic::error(
                    format!("the number of patients must lie between 1 and {MOST_PATIENTS}"),
                    span,
                    "not possible",
                )
                .help("write for example `patients = 100`"),
            );
        }
    }
    if let Some((variability, _)) = table.boolean("variability", diagnostics) {
        enrolment.variability = variability;
    }
    enrolment.from = table.text("from", diagnostics);
    enrolment.entry = table.texts("entry", diagnostics);
    enrolment.set = table.table("set", diagnostics).map(Table::into_entries).unwrap_or_default();
    enrolment.units = table_of_patients::units(table.table("units", diagnostics), diagnostics);
    table.finish(diagnostics);
    enrolment
}

impl Enrolment {
    /// Reads the population file and ties its covariates to the model's. Covariates that only the population has are
    /// appended to the model's, so that entry criteria, groups and rules can read them.
    pub fn describe(
        mut self,
        model: &mut Model,
        names: &mut ModelNames,
        loader: &dyn Loader,
        beside: &str,
        sources: &mut Sources,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<PopulationDescription> {
        let mut contents = self.contents(model, loader, beside, sources, diagnostics)?;
        set(std::mem::take(&mut self.set), &mut contents, model, diagnostics);
        let declared_names: Vec<String> =
            contents.declared.iter().map(|covariate| covariate.name.value.clone()).collect();
        let mut covariates = covariates::check(contents.declared, diagnostics);
        tie(&mut covariates, &declared_names, self.span, model, names, diagnostics);
        let correlations = correlations(&contents.correlations, &covariates, &declared_names, diagnostics);
        let mut criteria = contents.entry;
        criteria
            .extend(self.entry.into_iter().map(|text| (text, "entry criterion of the scenario".to_owned())));
        let entry = criteria
            .into_iter()
            .filter_map(|(text, about)| criterion(&text, about, names, diagnostics))
            .collect();
        Some(PopulationDescription {
            title: contents.title,
            source: contents.source,
            covariates,
            correlations,
            entry,
            rows: contents.rows,
            later: contents.later,
        })
    }

    /// What the population file or the table of patients says, if there is one.
    fn contents(
        &self,
        model: &Model,
        loader: &dyn Loader,
        beside: &str,
        sources: &mut Sources,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Contents> {
        let Some(from) = &self.from else {
            return Some(Contents::titled("as set in the scenario".to_owned()));
        };
        let (shown, text) = match loader.load(Kind::Population, &from.value, Some(beside)) {
            Ok(found) => found,
            Err(why) => {
                diagnostics.push(Diagnostic::error(why, from.span, "asked for here"));
                return None;
            }
        };
        let file = sources.add(shown.clone(), text.clone());
        if !shown.to_ascii_lowercase().ends_with(".csv") {
            return population_file::read(file, &text, shown, loader, sources, diagnostics);
        }
        let found = table_of_patients::read(file, &text, model, &self.units, diagnostics)?;
        let mut contents = Contents::titled(format!("patients of {shown}"));
        contents.source = shown;
        contents.declared = found.declared;
        contents.rows = Some(found.rows);
        contents.later = found.later;
        Some(contents)
    }
}

/// Applies `[population] set`: a fixed value or formula in place of what the file says.
fn set(set: Vec<(Text, Value)>, contents: &mut Contents, model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    for (name, value) in set {
        let written = match &value {
            Value::Number(number) => Some(Written::Number(number.value, number.span)),
            Value::Boolean(truth, span) => Some(Written::Number(f64::from(u8::from(*truth)), *span)),
            Value::Text(text) => expression::parse(text, diagnostics).map(Written::Expression),
            other => {
                let example = format!("{} = \"90 mL/min\"", name.value);
                diagnostics.push(other.mistyped(&name.value, "a value", &example));
                None
            }
        };
        let law = written.map_or(Law::Faulty, |written| Law::Fixed { written, text: as_written(&value) });
        if let Some(covariate) = contents.declared.iter_mut().find(|other| other.name.value == name.value) {
            covariate.law = law;
            covariate.source = "set in the scenario".to_owned();
            covariate.tag = Tag::Untagged;
            let fixed = |text: &Text| text.value == name.value;
            contents.correlations.retain(|other| !fixed(&other.between.0) && !fixed(&other.between.1));
        } else if let Some(index) = model.covariate(&name.value) {
            let covariate = &model.covariates[index];
            contents.declared.push(Declared {
                name,
                unit: covariate.unit.clone(),
                about: covariate.about.clone(),
                source: "set in the scenario".to_owned(),
                tag: Tag::Untagged,
                law,
            });
        } else {
            let model = model.covariates.iter().map(|covariate| covariate.name.as_str());
            let file = contents.declared.iter().map(|covariate| covariate.name.value.as_str());
            diagnostics.push(missing(&name.value, name.span, "covariate", file.chain(model)));
        }
    }
}

/// Finds each covariate in the model, checks its dimension and that none is missing.
fn tie(
    covariates: &mut [CovariateSource],
    declared: &[String],
    span: Span,
    model: &mut Model,
    names: &mut ModelNames,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for covariate in covariates.iter_mut() {
        let dimension = covariate.unit.unit.dimension;
        match model.covariate(&covariate.name) {
            Some(index) => {
                let wanted = &model.covariates[index].unit;
                if wanted.unit.dimension != dimension {
                    diagnostics.push(
                        Diagnostic::error(
                            format!(
                                "the population gives `{}` in another dimension than the model",
                                covariate.name
                            ),
                            span,
                            format!("{dimension} instead of {}", wanted.unit.dimension),
                        )
                        .help(format!("give it in {} or another unit of that dimension", wanted.name)),
                    );
                }
                covariate.model_index = Some(index);
            }
            None => {
                let index = model.covariates.len();
                model.covariates.push(Covariate {
                    column: None,
                    interpolation: None,
                    name: covariate.name.clone(),
                    unit: covariate.unit.clone(),
                    about: covariate.about.clone(),
                });
                names.add_covariate(&covariate.name, index, dimension);
                covariate.model_index = Some(index);
            }
        }
    }
    let lacking: Vec<&str> = model
        .covariates
        .iter()
        .map(|covariate| covariate.name.as_str())
        .filter(|name| declared.iter().all(|known| known != name))
        .collect();
    if let Some(first) = lacking.first() {
        let unit = model.covariate(first).map_or("1", |index| model.covariates[index].unit.name.as_str());
        diagnostics.push(
            Diagnostic::error(
                format!("the model needs covariates that the population does not give: {}", lacking.join(", ")),
                span,
                "not all covariates",
            )
            .help(format!(
                "add them to the population file, or fix them: `set = {{ {first} = \"… {unit}\" }}` under [population]"
            )),
        );
    }
}

pub(super) fn correlations(
    written: &[Correlated],
    covariates: &[CovariateSource],
    declared: &[String],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(usize, usize, f64)> {
    let mut found: Vec<(usize, usize, f64)> = Vec::new();
    let mut places: Vec<Span> = Vec::new();
    for correlated in written {
        let mut member = |text: &Text| correlated_member(text, covariates, declared, diagnostics);
        let (a, b) = (member(&correlated.between.0), member(&correlated.between.1));
        let (Some(a), Some(b)) = (a, b) else { continue };
        let known = found.iter().any(|(x, y, _)| (*x, *y) == (a, b) || (*x, *y) == (b, a));
        if a == b || known {
            diagnostics.push(
                Diagnostic::error(
                    "this pair is no new pair of covariates",
                    correlated.between.0.span,
                    "here",
                )
                .help("name two different covariates, and each pair once"),
            );
            continue;
        }
        found.push((a, b, correlated.value));
        places.push(correlated.span);
    }
    for contradiction in contradictions(covariates.len(), &found) {
        let names: Vec<&str> =
            contradiction.members.iter().map(|member| covariates[*member].name.as_str()).collect();
        let room = contradiction.room.map_or("move all of them towards 0".to_owned(), |(lower, upper)| {
            format!("beside the others, this one can lie between {lower:.2} and {upper:.2}")
        });
        diagnostics.push(
            Diagnostic::error(
                format!("the correlations of {} contradict each other", names.join(", ")),
                places[contradiction.index],
                "their matrix is not positive definite",
            )
            .help(format!("{room}; a pair that is not named has correlation 0")),
        );
    }
    found
}

/// The index of a covariate that can be correlated.
fn correlated_member(
    text: &Text,
    covariates: &[CovariateSource],
    declared: &[String],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<usize> {
    let Some(index) = covariates.iter().position(|covariate| covariate.name == text.value) else {
        // A covariate that is declared with errors has been reported.
        if !declared.contains(&text.value) {
            let known = declared.iter().map(String::as_str);
            diagnostics.push(missing(&text.value, text.span, "covariate", known));
        }
        return None;
    };
    if !matches!(covariates[index].law, CovariateLaw::Normal { .. } | CovariateLaw::LogNormal { .. }) {
        diagnostics.push(
            Diagnostic::error(
                format!("`{}` cannot be correlated", text.value),
                text.span,
                "neither normal nor log-normal",
            )
            .help("correlations are those of the normal variables behind drawn covariates"),
        );
        return None;
    }
    Some(index)
}

fn criterion(
    text: &Text,
    about: String,
    names: &ModelNames,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<EntryCriterion> {
    let expression = expression::parse(text, diagnostics)?;
    let condition = check_condition(&expression, &mut PatientScope(names), diagnostics)?;
    Some(EntryCriterion { text: text.value.clone(), condition, about })
}
