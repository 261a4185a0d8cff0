//! The checked, flattened model: every list that the rooms above index into.
//!
//! All numbers are in coherent units (day, mg, L, µmol, 1e9 cells); each item keeps its [`NamedUnit`] for showing.

use super::card::Card;
use super::formula::Formula;
use crate::diagnostic::Span;
use crate::units::Unit;

/// A unit with the text the user wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedUnit {
    /// As written: `ng/mL`.
    pub name: String,
    /// Its meaning.
    pub unit: Unit,
}

impl NamedUnit {
    /// A coherent value in this unit.
    pub fn show(&self, coherent: f64) -> f64 {
        coherent / self.unit.factor
    }
    /// A coherent value as the equation language writes it, `0.7e9/L`, without the noise of a conversion in its last digits.
    pub fn written(&self, coherent: f64) -> String {
        let shown = self.show(coherent);
        let shown: f64 = format!("{shown:.9e}").parse().unwrap_or(shown);
        match self.name.strip_prefix("1e9/") {
            Some(per) => format!("{shown}e9/{per}"),
            None if self.name == "1" => shown.to_string(),
            None => format!("{shown} {}", self.name),
        }
    }
    /// A value of this unit in coherent units.
    pub fn read(&self, value: f64) -> f64 {
        value * self.unit.factor
    }
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// Read in the named source.
    Read,
    /// Arithmetic on values that were read.
    Derived,
    /// Fitted here to trial outcomes.
    Calibrated,
    /// Assumed.
    Assumed,
    /// The file does not say.
    Untagged,
}

/// The value of a covariate between two records that give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interpolation {
    /// That of the record which ends the interval (next observation carried backward).
    Next,
    /// That of the record which begins it (last observation carried forward).
    Previous,
    /// On the straight line between the two.
    Linear,
}

/// What a patient brings.
#[derive(Debug, Clone)]
pub struct Covariate {
    /// Name, shared by all modules.
    pub name: String,
    /// Unit.
    pub unit: NamedUnit,
    /// The column of a table of records that holds it, where that is not its name.
    pub column: Option<String>,
    /// How it changes in time, where the model says so.
    pub interpolation: Option<Interpolation>,
    /// Meaning.
    pub about: String,
}

/// A population parameter.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Full name, `pk.fa`.
    pub name: String,
    /// Unit.
    pub unit: NamedUnit,
    /// Value, coherent.
    pub value: f64,
    /// Meaning.
    pub about: String,
    /// Source.
    pub source: String,
    /// Read, derived, calibrated, assumed.
    pub tag: Tag,
}

/// A switch or setting that is constant between events; arms set it.
#[derive(Debug, Clone)]
pub struct Control {
    /// Full name, `lysis.allopurinol`.
    pub name: String,
    /// Unit.
    pub unit: NamedUnit,
    /// Value when no arm sets it, coherent.
    pub value: f64,
    /// Meaning.
    pub about: String,
    /// Whether the simulation sets it to 1 while on treatment and 0 before and after.
    pub driven_by_treatment: bool,
}

/// A normal random effect with mean 0, drawn once per patient, or once per patient and occasion.
#[derive(Debug, Clone)]
pub struct RandomEffect {
    /// Full name without `eta.`: `pk.CL`; that of an effect of occasions begins with `kappa.`: `kappa.pk.CL`.
    pub name: String,
    /// Whether it is drawn anew on each occasion.
    pub by_occasion: bool,
    /// Standard deviation on the scale of the effect (coherent units for a normal individual parameter).
    pub omega: f64,
    /// Lower bound of the effect, a formula of covariates and parameters; redrawn outside.
    pub lower: Option<Formula>,
    /// Upper bound.
    pub upper: Option<Formula>,
    /// How it enters: "log-normal", "logit-normal", "normal".
    pub distribution: String,
    /// The unit of omega: "1" except for normal individual parameters.
    pub unit: NamedUnit,
    /// Where it was declared, for the message on a covariance that is not positive definite.
    pub span: Span,
}

impl RandomEffect {
    /// The name under which it is shown: `eta.pk.CL`, `kappa.pk.CL`.
    pub fn symbol(&self) -> String {
        if self.by_occasion { self.name.clone() } else { format!("eta.{}", self.name) }
    }
}

/// The correlation of two random effects.
#[derive(Debug, Clone)]
pub struct Correlation {
    /// Indices into [`Model::random_effects`].
    pub between: (usize, usize),
    /// In (−1, 1).
    pub value: f64,
    /// Where it was declared.
    pub span: Span,
}

/// A named equation.
#[derive(Debug, Clone)]
pub struct Equation {
    /// Full name.
    pub name: String,
    /// Coherent unit spelled out, or the unit the file asserts.
    pub unit: NamedUnit,
    /// As the user wrote it (for `describe`).
    pub text: String,
    /// Checked.
    pub formula: Formula,
    /// Meaning.
    pub about: String,
}

/// A state with its rate of change.
#[derive(Debug, Clone)]
pub struct State {
    /// Full name.
    pub name: String,
    /// Unit.
    pub unit: NamedUnit,
    /// Rate as written.
    pub text: String,
    /// Rate of change, coherent per day.
    pub rate: Formula,
    /// Value at the start; may use covariates, parameters, individual parameters and equations of those.
    pub initial: Formula,
    /// As written; "0" where the file says nothing.
    pub initial_text: String,
    /// Absolute tolerance, coherent; the default is documented in `docs/numerics.md`.
    pub absolute_tolerance: f64,
    /// Meaning.
    pub about: String,
}

/// One state that receives a share of a dose.
#[derive(Debug, Clone)]
pub struct Destination {
    /// Index into [`Model::states`].
    pub state: usize,
    /// The share; constant between events.
    pub fraction: Formula,
}

/// A way in which a drug enters.
#[derive(Debug, Clone)]
pub struct Route {
    /// Name used by scenarios: `lenalidomide`.
    pub name: String,
    /// Unit of the dose.
    pub unit: NamedUnit,
    /// Where it goes.
    pub into: Vec<Destination>,
    /// Lag time, d.
    pub lag: Formula,
    /// Duration of an infusion whose record leaves it to the model, d.
    pub duration: Option<Formula>,
    /// Rate of an infusion whose record leaves it to the model, coherent per day.
    pub rate: Option<Formula>,
    /// Number by which records name it.
    pub compartment: Option<u32>,
    /// Meaning.
    pub about: String,
}

/// Residual error of an output: measured = (true·(1 + proportional·ε₁) + additive·ε₂)·exp(exponential·ε₃), with independent
/// ε: the variances of the proportional and the additive part add. What is measured below the limit of quantification is
/// reported as half of it.
#[derive(Debug, Clone)]
pub struct Error {
    /// Share of the true value.
    pub proportional: Option<Formula>,
    /// In the output's unit (coherent).
    pub additive: Option<Formula>,
    /// SD on the log scale.
    pub exponential: Option<Formula>,
    /// Below this value the laboratory does not quantify; positive, coherent.
    pub limit_of_quantification: Option<f64>,
}

/// What can be observed.
#[derive(Debug, Clone)]
pub struct Output {
    /// Full name, `pk.Cp` or `ANC`.
    pub name: String,
    /// Unit.
    pub unit: NamedUnit,
    /// As written.
    pub text: String,
    /// Value.
    pub formula: Formula,
    /// Residual error, if any. Outputs without one are read true.
    pub error: Option<Error>,
    /// Meaning.
    pub about: String,
}

impl Output {
    /// Whether a measured value is below the limit of quantification. What is reported of such a value is below the limit
    /// too, so the reported value tells.
    pub fn is_below_quantification(&self, measured: f64) -> bool {
        self.limit_of_quantification().is_some_and(|limit| measured < limit)
    }
    /// Limit of quantification, if there is one.
    pub fn limit_of_quantification(&self) -> Option<f64> {
        self.error.as_ref().and_then(|error| error.limit_of_quantification)
    }
}

/// An event that happens when its cumulative hazard reaches −ln U.
#[derive(Debug, Clone)]
pub struct Hazard {
    /// Name, `death`.
    pub name: String,
    /// Index of the state that is the cumulative hazard (dimensionless, never falling).
    pub state: usize,
    /// Ends the patient's follow-up.
    pub terminal: bool,
    /// Ends treatment (follow-up goes on).
    pub ends_treatment: bool,
    /// Can happen again; otherwise only the first counts.
    pub recurrent: bool,
    /// Meaning.
    pub about: String,
}

/// What a virtual patient must fulfil for the model to make sense; a draw outside is redrawn.
#[derive(Debug, Clone)]
pub struct Requirement {
    /// As written.
    pub text: String,
    /// True or false, of covariates, parameters and individual parameters.
    pub condition: Formula,
    /// Why.
    pub about: String,
}

/// Title and source of a composed module.
#[derive(Debug, Clone)]
pub struct ModuleNote {
    /// Prefix in the composed model; empty for the composing file itself.
    pub alias: String,
    /// Title.
    pub title: String,
    /// Sources.
    pub source: String,
    /// What it is for and what not.
    pub about: String,
    /// What every report that uses it must say.
    pub notes: Vec<Caution>,
    /// Names of the drugs that it takes in ([`Model::routes`]); where there are any, its notes concern those who give one.
    pub drugs: Vec<String>,
}

/// What every report of a scenario that uses a module must say (`[[note]]` of its file).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caution {
    /// "Uncalibrated".
    pub title: String,
    /// One entry per line.
    pub lines: Vec<String>,
}

/// The checked model.
#[derive(Debug, Clone)]
pub struct Model {
    /// Name under which it was loaded.
    pub name: String,
    /// Title of the composing file.
    pub title: String,
    /// What a reader must know before believing it.
    pub card: Option<Card>,
    /// Unit in which the file's rates are reported.
    pub time: NamedUnit,
    /// Modules, the composing file first.
    pub modules: Vec<ModuleNote>,
    /// Covariates.
    pub covariates: Vec<Covariate>,
    /// Population parameters.
    pub parameters: Vec<Parameter>,
    /// Controls.
    pub controls: Vec<Control>,
    /// Random effects.
    pub random_effects: Vec<RandomEffect>,
    /// Correlations between random effects.
    pub correlations: Vec<Correlation>,
    /// Equations, in the order of the files.
    pub equations: Vec<Equation>,
    /// Indices of the equations in an order in which each uses only earlier ones.
    pub equation_order: Vec<usize>,
    /// States.
    pub states: Vec<State>,
    /// Dose routes.
    pub routes: Vec<Route>,
    /// Outputs.
    pub outputs: Vec<Output>,
    /// Hazards.
    pub hazards: Vec<Hazard>,
    /// Requirements.
    pub requirements: Vec<Requirement>,
}

impl Model {
    /// Index of the output with this full name.
    pub fn output(&self, name: &str) -> Option<usize> {
        self.outputs.iter().position(|output| output.name == name)
    }
    /// Index of the route with this name.
    pub fn route(&self, name: &str) -> Option<usize> {
        self.routes.iter().position(|route| route.name == name)
    }
    /// Index of the route to which records refer by this number: that whose `compartment` it is; where no route has one, the
    /// number counts the routes from 1.
    pub fn compartment(&self, number: u32) -> Option<usize> {
        if self.routes.iter().any(|route| route.compartment.is_some()) {
            return self.routes.iter().position(|route| route.compartment == Some(number));
        }
        (number as usize).checked_sub(1).filter(|&route| route < self.routes.len())
    }
    /// Index of the control with this full name.
    pub fn control(&self, name: &str) -> Option<usize> {
        self.controls.iter().position(|control| control.name == name)
    }
    /// Random effects that are drawn anew on each occasion (indices).
    pub fn occasion_effects(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.random_effects.len()).filter(|effect| self.random_effects[*effect].by_occasion)
    }
    /// Index of the covariate with this name.
    pub fn covariate(&self, name: &str) -> Option<usize> {
        self.covariates.iter().position(|covariate| covariate.name == name)
    }
}
