//! Which values a patient of the scenario can have, as far as the files say so: covariates within their bounds and the entry
//! criteria, parameters, what follows from them, and outputs. Nothing is assumed: a state may have any value, and a random
//! effect too.

use super::interval::Interval;
use super::region::{Known, Region, assume, image};
use crate::model::{Formula, Model, Output, Symbol};
use crate::scenario::population::{CovariateLaw, PopulationDescription};
use crate::scenario::{Scale, Scenario, Uncertain};

/// Ranges of what belongs to the model.
#[derive(Debug, Clone)]
pub(super) struct Ranges {
    horizon: f64,
    covariates: Vec<Interval>,
    parameters: Vec<Interval>,
    controls: Vec<Interval>,
    effects: Interval,
    equations: Vec<Interval>,
    outputs: Vec<Interval>,
    /// What the entry criteria leave.
    entered: Region,
}

impl Ranges {
    pub fn new(scenario: &Scenario) -> Self {
        let model = &scenario.model;
        let mut ranges = Ranges {
            horizon: scenario.horizon,
            covariates: covariates(&scenario.population, model.covariates.len()),
            parameters: model.parameters.iter().map(|parameter| Interval::point(parameter.value)).collect(),
            controls: controls(scenario),
            effects: if scenario.variability { Interval::ALL } else { Interval::point(0.0) },
            equations: vec![Interval::ALL; model.equations.len()],
            outputs: vec![Interval::ALL; model.outputs.len()],
            entered: Region::default(),
        };
        for uncertain in scenario.uncertainty.iter().flat_map(|uncertainty| &uncertainty.parameters) {
            if let Uncertain::Parameter(parameter) = uncertain.target {
                ranges.parameters[parameter] = match uncertain.scale {
                    Scale::Log | Scale::Logit if ranges.parameters[parameter].low > 0.0 => {
                        Interval::new(0.0, f64::INFINITY)
                    }
                    _ => Interval::ALL,
                };
            }
        }
        ranges.equations(model);
        // The typical patient need not fulfil the entry criteria, nor need anybody once covariates or an occasion have changed.
        let stays =
            model.occasion_effects().next().is_none() && scenario.population.later.iter().all(Vec::is_empty);
        if scenario.variability && stays {
            ranges.enter(scenario);
        }
        let start = Region::default();
        for (place, output) in model.outputs.iter().enumerate() {
            ranges.outputs[place] = measured(output, image(&output.formula, &start, &ranges));
        }
        ranges
    }

    fn equations(&mut self, model: &Model) {
        for &equation in &model.equation_order {
            let formula = &model.equations[equation].formula;
            self.equations[equation] = image(formula, &Region::default(), self);
        }
    }

    /// Narrows by the criteria that every patient fulfils, as far as boxes can show it.
    fn enter(&mut self, scenario: &Scenario) {
        let entry = scenario.population.entry.iter().map(|criterion| &criterion.condition);
        let criteria = entry.chain(scenario.model.requirements.iter().map(|required| &required.condition));
        for condition in criteria {
            let boxes = assume(condition, true, &self.entered, self);
            let Some(first) = boxes.first() else { continue };
            let mut common = first.clone();
            for other in &boxes[1..] {
                common.narrowed.retain(|symbol, _| other.narrowed.contains_key(symbol));
                for (symbol, interval) in &mut common.narrowed {
                    *interval = interval.hull(other.narrowed[symbol]);
                }
            }
            self.entered = common;
        }
        let entered = self.entered.clone();
        for (symbol, interval) in entered.narrowed {
            let range = match symbol {
                Symbol::Covariate(i) => &mut self.covariates[i],
                Symbol::Equation(i) => &mut self.equations[i],
                _ => continue,
            };
            *range = range.intersect(interval);
        }
    }
}

impl Known for Ranges {
    fn range(&self, symbol: Symbol) -> Interval {
        let of = |list: &[Interval], i: usize| list.get(i).copied().unwrap_or(Interval::ALL);
        match symbol {
            Symbol::Time => Interval::new(0.0, self.horizon),
            Symbol::Covariate(i) => of(&self.covariates, i),
            Symbol::Parameter(i) => of(&self.parameters, i),
            Symbol::Control(i) => of(&self.controls, i),
            Symbol::RandomEffect(_) => self.effects,
            Symbol::Equation(i) => of(&self.equations, i),
            Symbol::Output(i) => of(&self.outputs, i),
            _ => Interval::ALL,
        }
    }

    fn implied(&self, _symbol: Symbol, _truth: bool) -> Option<(Formula, bool)> {
        None
    }
}

/// Covariates of the model, in its order.
fn covariates(population: &PopulationDescription, count: usize) -> Vec<Interval> {
    let mut drawn = Drawn(vec![Interval::ALL; population.covariates.len()]);
    let mut found = vec![Interval::ALL; count];
    for (place, covariate) in population.covariates.iter().enumerate() {
        let image = |formula: &Formula| image(formula, &Region::default(), &drawn);
        let low =
            |bound: &Option<Formula>| bound.as_ref().map_or(f64::NEG_INFINITY, |bound| image(bound).low);
        let high = |bound: &Option<Formula>| bound.as_ref().map_or(f64::INFINITY, |bound| image(bound).high);
        let range = match &covariate.law {
            CovariateLaw::Normal { lower, upper, .. } => Interval::new(low(lower), high(upper)),
            CovariateLaw::LogNormal { lower, upper, .. } => Interval::new(low(lower).max(0.0), high(upper)),
            CovariateLaw::Uniform { lower, upper } => Interval::new(image(lower).low, image(upper).high),
            CovariateLaw::Bernoulli(_) => Interval::TRUTH,
            CovariateLaw::Derived { formula, .. } => image(formula),
            CovariateLaw::Column(column) => {
                let later = population.later.iter().flatten().map(|(_, row)| row);
                let rows = population.rows.iter().flatten().chain(later).filter_map(|row| row.get(*column));
                rows.map(|value| Interval::point(*value)).reduce(Interval::hull).unwrap_or(Interval::ALL)
            }
        };
        drawn.0[place] = range;
        if let Some(range_of_model) = covariate.model_index.and_then(|index| found.get_mut(index)) {
            *range_of_model = range;
        }
    }
    found
}

/// Covariates of the population in its own order.
struct Drawn(Vec<Interval>);

impl Known for Drawn {
    fn range(&self, symbol: Symbol) -> Interval {
        match symbol {
            Symbol::Covariate(i) => self.0.get(i).copied().unwrap_or(Interval::ALL),
            _ => Interval::ALL,
        }
    }
    fn implied(&self, _symbol: Symbol, _truth: bool) -> Option<(Formula, bool)> {
        None
    }
}

/// Controls as the model has them, and as arms set them.
fn controls(scenario: &Scenario) -> Vec<Interval> {
    let settings = || scenario.arms.iter().flat_map(|arm| &arm.controls);
    let control = |(place, control): (usize, &crate::model::Control)| {
        let own = if control.driven_by_treatment { Interval::TRUTH } else { Interval::point(control.value) };
        let set = settings().filter(|setting| setting.control == place);
        set.fold(own, |range, setting| range.hull(Interval::point(setting.value)))
    };
    scenario.model.controls.iter().enumerate().map(control).collect()
}

/// What may be measured of true values in this range.
fn measured(output: &Output, truth: Interval) -> Interval {
    let Some(error) = &output.error else { return truth };
    let keeps_sign = error.proportional.is_none() && error.additive.is_none();
    let range = match keeps_sign && truth.low >= 0.0 && !truth.undefined {
        true => Interval::new(0.0, f64::INFINITY),
        false => Interval::ALL,
    };
    match error.limit_of_quantification {
        // Half the limit stands for what is below it.
        Some(limit) => Interval { low: range.low.max(0.5 * limit), ..range },
        None => range,
    }
}
