//! What one model file declares, before any name has a meaning.

use super::definition::{Caution, Interpolation, NamedUnit, Tag};
use crate::diagnostic::{Span, Text};
use crate::document::Number;
use crate::expression::Expression;

/// Everything one file declares.
#[derive(Debug, Default)]
pub(super) struct Declarations {
    pub title: String,
    pub source: String,
    pub about: String,
    pub time: Option<NamedUnit>,
    /// The model to which this file adds.
    pub extends: Option<Text>,
    /// The file of its card.
    pub card: Option<Text>,
    pub uses: Vec<Use>,
    pub covariates: Vec<Covariate>,
    pub inputs: Vec<(Item, Option<Written>)>,
    pub controls: Vec<(Item, f64, bool)>,
    pub parameters: Vec<(Item, f64)>,
    pub individuals: Vec<Individual>,
    pub effects: Vec<Effect>,
    /// Effects that are drawn anew on each occasion, those of individual parameters included.
    pub occasion_effects: Vec<Effect>,
    pub correlations: Vec<(Text, Text, Number)>,
    pub covariances: Vec<(Vec<Text>, Vec<Vec<f64>>, Span)>,
    pub equations: Vec<(Item, Written)>,
    pub states: Vec<State>,
    pub doses: Vec<Dose>,
    pub outputs: Vec<Output>,
    pub hazards: Vec<Hazard>,
    pub requirements: Vec<(Written, String)>,
    pub notes: Vec<Caution>,
}

/// A name with what every declaration may say.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub name: Text,
    pub unit: Option<NamedUnit>,
    pub about: String,
    pub source: String,
    pub tag: Tag,
}

/// An expression as written and as parsed.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub text: String,
    pub tree: Expression,
}

#[derive(Debug)]
pub(super) struct Covariate {
    pub item: Item,
    pub column: Option<String>,
    pub interpolation: Option<Interpolation>,
}

#[derive(Debug, Clone)]
pub(super) struct Use {
    /// `None`: further inputs of the module of this alias in the file that is extended.
    pub module: Option<Text>,
    pub alias: Text,
    pub inputs: Vec<(Text, Written)>,
}

#[derive(Debug)]
pub(super) struct Individual {
    pub item: Item,
    pub typical: Written,
    pub effect: Effect,
    /// Whether an occasion effect of the same name comes on top.
    pub varies_by_occasion: bool,
    pub lower: Option<Written>,
    pub upper: Option<Written>,
}

/// A random effect; `spread` is `None` where a covariance block gives it.
#[derive(Debug)]
pub(super) struct Effect {
    pub name: Text,
    pub distribution: Distribution,
    pub spread: Option<Spread>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Distribution {
    LogNormal,
    LogitNormal,
    Normal,
}

#[derive(Debug)]
pub(super) enum Spread {
    Omega(f64),
    Sd(Written),
}

#[derive(Debug)]
pub(super) struct State {
    pub item: Item,
    pub rate: Written,
    pub initial: Option<Written>,
    pub tolerance: Option<Number>,
}

#[derive(Debug)]
pub(super) struct Dose {
    pub item: Item,
    pub into: Vec<(Text, Option<Written>)>,
    pub lag: Option<Written>,
    pub duration: Option<Written>,
    pub rate: Option<Written>,
    pub compartment: Option<(u32, Span)>,
}

#[derive(Debug)]
pub(super) struct Output {
    pub item: Item,
    pub value: Written,
    pub proportional: Option<Written>,
    pub additive: Option<Written>,
    pub exponential: Option<Written>,
    pub limit_of_quantification: Option<Written>,
}

#[derive(Debug)]
pub(super) struct Hazard {
    pub item: Item,
    pub cumulative: Text,
    pub terminal: bool,
    pub ends_treatment: bool,
    pub recurrent: bool,
}

/// One module in its place.
#[derive(Debug)]
pub(super) struct Instance {
    /// `""` for the composing file, `"pk."` for a module used as `pk`.
    pub prefix: String,
    /// Index of the instance that uses it; inputs are expressions in that one's scope.
    pub parent: Option<usize>,
    /// What it declares.
    pub declared: Declarations,
    /// Inputs bound by the parent.
    pub bindings: Vec<(Text, Written)>,
}
