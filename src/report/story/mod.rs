//! The story of one patient in one arm: who it is, what was given, what was decided and why, what came of it. As text and as
//! a page with plots.

mod course;
mod page;
mod text;

pub use page::page;
pub use text::text;

use super::names::Names;
use super::number::{attached, short};
use crate::endpoint::{NOT_SEEN, Value};
use crate::scenario::Scenario;
use crate::trial::SinglePatient;

/// What is told.
#[derive(Clone, Copy)]
pub struct Story<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// The patient, computed again.
    pub single: &'a SinglePatient,
    /// Rows of the run's tables that agree with it.
    pub agreeing: usize,
}

impl<'a> Story<'a> {
    fn names(&self) -> Names<'a> {
        Names { scenario: self.scenario }
    }

    fn arm(&self) -> &'a str {
        &self.scenario.arms[self.single.course.arm].name
    }

    /// "Patient 417 in “step-up 2.5 mg”".
    fn title(&self) -> String {
        format!("Patient {} in “{}”", self.single.patient.number + 1, self.arm())
    }

    /// What speaks for the numbers.
    fn trust(&self) -> Vec<String> {
        let mut said = vec![format!(
            "Computed again from the scenario and the texts that the run read; {} rows of its tables agree to the last digit.",
            self.agreeing
        )];
        if let Some(Ok(equal)) = self.single.replayed.as_ref().map(|replayed| &replayed.outcome) {
            said.push(format!(
                "The realised dosing ({} doses), given back as a table of records, gives the same course to the last bit ({} values).",
                equal.doses, equal.values
            ));
        }
        said
    }

    /// Covariates: name, value, meaning.
    fn covariates(&self) -> Vec<(String, String, String)> {
        let described = self.scenario.population.covariates.iter();
        let drawn = described.zip(&self.single.patient.population_covariates).map(|(covariate, value)| {
            let shown = attached(&short(covariate.unit.show(*value)), &covariate.unit.name);
            (covariate.name.clone(), shown, covariate.about.clone())
        });
        let model = self.scenario.model.covariates.iter().zip(&self.single.patient.covariates);
        let known =
            |name: &str| self.scenario.population.covariates.iter().any(|covariate| covariate.name == name);
        let rest = model.filter(|(covariate, _)| !known(&covariate.name)).map(|(covariate, value)| {
            let shown = attached(&short(covariate.unit.show(*value)), &covariate.unit.name);
            (covariate.name.clone(), shown, covariate.about.clone())
        });
        drawn.chain(rest).collect()
    }

    /// Random effects: name and value.
    fn effects(&self) -> Vec<(String, String)> {
        let described = self.scenario.model.random_effects.iter().zip(&self.single.patient.random_effects);
        // Effects that are drawn anew on each occasion have no one value.
        let shown = described.filter(|(effect, _)| !effect.by_occasion).map(|(effect, value)| {
            (format!("eta.{}", effect.name), attached(&short(effect.unit.show(*value)), &effect.unit.name))
        });
        shown.collect()
    }

    /// Endpoints: name and value.
    fn endpoints(&self) -> Vec<(String, String)> {
        let defined = self.scenario.endpoints.iter().zip(&self.single.values);
        defined
            .map(|(definition, value)| {
                let quantity = |x: f64| attached(&short(definition.unit.show(x)), &definition.unit.name);
                let said = match value {
                    Value::Quantity(x) => quantity(*x),
                    Value::Grade(grade) => format!("grade {grade}"),
                    Value::Truth(truth) => if *truth { "yes" } else { "no" }.to_owned(),
                    Value::Category { label, .. } => (*label).to_owned(),
                    Value::Time { time, event: true } => quantity(*time),
                    Value::Time { time, event: false } => format!("not within {}", quantity(*time)),
                    Value::First { time, cause: Some(0) } => quantity(*time),
                    Value::First { time, cause: Some(_) } => {
                        format!("not before {}, when something else came", quantity(*time))
                    }
                    Value::First { time, cause: None } => format!("not within {}", quantity(*time)),
                    Value::Periods(seen) => {
                        let seen = seen.iter().map(|place| match *place {
                            NOT_SEEN => "–".to_owned(),
                            place => place.to_string(),
                        });
                        seen.collect::<Vec<String>>().join(" ")
                    }
                    Value::Missing(why) => format!("not evaluable: {why}"),
                };
                (definition.name.clone(), said)
            })
            .collect()
    }
}

/// A day as the clinic counts it: day 1 is the start. Whole days without decimals.
fn day(time: f64) -> String {
    let day = time + 1.0;
    if (day - day.round()).abs() < 1e-6 { format!("{}", day.round()) } else { format!("{day:.2}") }
}
