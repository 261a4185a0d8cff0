//! What a user is told when a patient cannot be simulated to the end: the time, the state, what happened, what is the
//! likely cause and what to do.

use std::collections::BTreeSet;

use super::hazard::MOST_EVENTS;
use super::trajectory::Failure;
use crate::model::{Model, NamedUnit, Symbol};
use crate::population::PopulationError;
use crate::program::{Individual, NoClosedForm};
use crate::solver::SolverError;

/// What usually makes a value infinite.
const BLOW_UP: &str = "a volume ≤ 0, a division by zero, a logarithm or root of a negative number, or a rate that grows \
                       without bound is the usual cause; look at this patient's parameters";

/// A failure of the solver. `kept` gives the state of each of its equations.
pub(super) fn of_solver(error: SolverError, model: &Model, kept: &[usize], maximum_steps: u64) -> Failure {
    let (t, equation) = match error {
        SolverError::StepTooSmall { t, equation }
        | SolverError::NotFinite { t, equation }
        | SolverError::TooManySteps { t, equation } => (t, equation),
    };
    let state = kept.get(equation).copied();
    let name = name(model, state);
    let (what, cause) = match error {
        SolverError::NotFinite { .. } => (format!("{name} or its rate became infinite or not a number"), BLOW_UP.into()),
        SolverError::StepTooSmall { .. } => (
            format!("{name} changes faster than any step can follow"),
            "a rate that grows without bound, a jump inside an equation, or an absolute tolerance far below the size of \
             the state is the usual cause; look at this patient's parameters, or loosen `rtol`"
                .to_string(),
        ),
        SolverError::TooManySteps { .. } => (
            format!("the limit of {maximum_steps} steps was reached; {name} had the largest error in the last one"),
            "very fast rates beside slow ones (a stiff model) are the usual cause; check this patient's rate constants, \
             loosen `rtol`, or raise `maximum_steps` under [numerics]"
                .to_string(),
        ),
    };
    Failure { time: t, state, what, cause }
}

/// A linear block without a closed form for this patient.
pub(super) fn of_closed_form(model: &Model, none: NoClosedForm, time: f64) -> Failure {
    let what = if none.swings {
        "exchanges with other compartments at a negative rate"
    } else {
        "is emptied at a rate that is not a finite number"
    };
    of_state(model, none.state, time, what)
}

/// A state, a chain's rate or a dose that is not finite at an event.
pub(super) fn of_state(model: &Model, state: usize, time: f64, what: &str) -> Failure {
    let what = format!("{} {what}", name(model, Some(state)));
    Failure { time, state: Some(state), what, cause: BLOW_UP.to_string() }
}

/// An output that is not finite when it is to be recorded or read.
pub(super) fn of_output(model: &Model, output: usize, time: f64, value: f64) -> Failure {
    let output = &model.outputs[output].name;
    Failure {
        time,
        state: None,
        what: format!("the output `{output}` is {}", spell(value)),
        cause: "a volume or another divisor that is 0, or a logarithm or root outside its range, is the usual cause; \
                guard the output's equation, for example with `max(x, …)`, or look at this patient's parameters"
            .to_string(),
    }
}

/// A lag that is negative or not finite.
pub(super) fn of_lag(model: &Model, route: usize, time: f64, lag: f64) -> Failure {
    let route = &model.routes[route].name;
    Failure {
        time,
        state: None,
        what: format!("the lag of the dose route `{route}` is {} d", spell(lag)),
        cause: "a lag must be a finite time ≥ 0; look at its equation and at this patient's parameters"
            .to_string(),
    }
}

/// A hazard whose events do not end.
pub(super) fn of_hazard(model: &Model, hazard: usize, time: f64) -> Failure {
    let hazard = &model.hazards[hazard];
    Failure {
        time,
        state: Some(hazard.state),
        what: format!("the hazard `{}` brought more than {MOST_EVENTS} events", hazard.name),
        cause: "a recurrent hazard that grows without bound, or one whose rate is per year where it should be per day, is the usual \
                cause; look at its equation and at this patient's parameters"
            .to_string(),
    }
}

/// A dose on a route for which the program was not made.
pub(super) fn of_route(model: &Model, route: usize, time: f64) -> Failure {
    let route = &model.routes[route].name;
    Failure {
        time,
        state: None,
        what: format!(
            "a dose came by the route `{route}`, which no treatment or rule of the scenario was seen to use"
        ),
        cause: "this is a fault of the program, not of the model: please report it with the scenario"
            .to_string(),
    }
}

/// A fraction, rate or duration of a dose that cannot be.
pub(super) fn of_dose(model: &Model, route: usize, time: f64, what: &str, value: f64) -> Failure {
    let route = &model.routes[route].name;
    let value = spell(value);
    Failure {
        time,
        state: None,
        what: format!("the {what} of the dose route `{route}` is {value}"),
        cause: "a fraction and a duration must be finite and ≥ 0, a rate above 0; look at its equation and at this patient's \
                parameters"
            .to_string(),
    }
}

/// A requirement of the model that the subject of a table does not meet.
pub(super) fn of_requirement(model: &Model, requirement: usize, time: f64) -> Failure {
    let requirement = &model.requirements[requirement];
    Failure {
        time,
        state: None,
        what: format!("the model's requirement `{}` is not met", requirement.text),
        cause: format!("{}; look at this subject's covariates and individual values", requirement.about),
    }
}

/// Random effects that cannot be drawn for the subject of a table.
pub(super) fn of_draw(error: &PopulationError, time: f64) -> Failure {
    let what = match error {
        PopulationError::OutsideBounds { name, tried, .. } => {
            format!("the random effect `{name}` fell outside its bounds in each of {tried} draws")
        }
        PopulationError::NotFinite { name, .. } => {
            format!("the bounds of the random effect `{name}` are not numbers")
        }
        PopulationError::ImpossibleDistribution { name, what, .. } => {
            format!("the random effect `{name}` {what}")
        }
        PopulationError::NotPositiveDefinite { .. } | PopulationError::NobodyEligible { .. } => {
            "its random effects cannot be drawn".to_owned()
        }
    };
    let cause = "bounds far from the typical value are the usual cause; look at `lower` and `upper` in the model and at this \
                 subject's covariates"
        .to_owned();
    Failure { time, state: None, what, cause }
}

/// A volume that changes with time or states and is no longer above 0, if there is one.
pub(super) fn of_volume(
    model: &Model,
    individual: &mut Individual,
    time: f64,
    states: &[f64],
) -> Option<Failure> {
    let (symbol, value) = individual.faulty_volume(time, states)?;
    let (name, unit) = match symbol {
        Symbol::Equation(number) => (&model.equations[number].name, &model.equations[number].unit),
        Symbol::State(number) => (&model.states[number].name, &model.states[number].unit),
        _ => return None,
    };
    Some(Failure {
        time,
        state: if let Symbol::State(number) = symbol { Some(number) } else { None },
        what: format!("the volume `{name}` has become {}", show(value, unit)),
        cause: "a volume that something is divided by must stay above 0: look at its equation and at this patient's \
                parameters, or keep it off 0 with `max(x, …)`"
            .to_string(),
    })
}

/// A constant volume below 0, or 0 and divided by, seen at the start and whenever a control changes: the equations
/// would take it without complaint and give negative concentrations.
pub(super) fn of_constants(model: &Model, individual: &Individual, time: f64) -> Option<Failure> {
    let (what, cause) = constants(model, individual, |_, _, low| low)?;
    Some(Failure { time, state: None, what, cause })
}

/// Names the constant of this patient that explains a failure, if there is one: a volume ≤ 0, or a value that is not
/// finite.
pub(super) fn explain(failure: Failure, model: &Model, individual: &Individual) -> Failure {
    match constants(model, individual, |value, volume, _| !value.is_finite() || (volume && value <= 0.0)) {
        Some((what, cause)) if !failure.what.starts_with(&what) => {
            Failure { cause: format!("{what}; {cause}"), ..failure }
        }
        _ => failure,
    }
}

/// The first covariate or patient-constant equation that `wrong` (value, is a volume, is below what a volume
/// may be) picks out: what it is, and what to do about it.
fn constants(
    model: &Model,
    individual: &Individual,
    wrong: impl Fn(f64, bool, bool) -> bool,
) -> Option<(String, String)> {
    let mut divisors: Option<BTreeSet<Symbol>> = None;
    let covariates = model.covariates.iter().enumerate();
    let parameters = model.parameters.iter().enumerate();
    let equations = model.equations.iter().enumerate();
    let mut named = covariates
        .map(|(number, item)| (Symbol::Covariate(number), &item.name, &item.unit))
        .chain(parameters.map(|(number, item)| (Symbol::Parameter(number), &item.name, &item.unit)))
        .chain(equations.map(|(number, item)| (Symbol::Equation(number), &item.name, &item.unit)));
    let (name, shown) = named.find_map(|(symbol, name, unit)| {
        let value = individual.constant(symbol)?;
        let volume = unit.is_volume();
        let low = volume
            && (value < 0.0
                || (value == 0.0
                    && divisors.get_or_insert_with(|| model.divisor_volumes()).contains(&symbol)));
        wrong(value, volume, low).then(|| (name, show(value, unit)))
    })?;
    let cause = "a volume must be above 0 and a constant finite: look at its equation, at the parameters that the scenario \
                 sets, and at the spread of the random effects";
    Some((format!("`{name}` is {shown} for this patient"), cause.to_string()))
}

/// A state's name for a sentence.
fn name(model: &Model, state: Option<usize>) -> String {
    let state = state.and_then(|state| model.states.get(state));
    state.map_or_else(|| "the system".to_string(), |state| format!("`{}`", state.name))
}

/// A value in its unit, to four significant digits.
fn show(value: f64, unit: &NamedUnit) -> String {
    if !value.is_finite() {
        return spell(value);
    }
    let shown = unit.show(value);
    format!("{} {}", format!("{shown:.3e}").parse().unwrap_or(shown), unit.name)
}

/// A number that is not finite, in words.
fn spell(value: f64) -> String {
    if value.is_nan() {
        "not a number".to_string()
    } else if value.is_infinite() {
        "infinite".to_string()
    } else {
        value.to_string()
    }
}
