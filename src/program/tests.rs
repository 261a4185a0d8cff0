//! The register program against the plain reading of the equations, and the chain detector on known structures.

use super::{Individual, Lanes, Program};
use crate::diagnostic::{Sources, render};
use crate::math::processor::Processor;
use crate::model::{Kind, Loader, Model, Symbol, load};
use proptest::prelude::*;

struct One(String);

impl Loader for One {
    fn load(&self, _kind: Kind, name: &str, _beside: Option<&str>) -> Result<(String, String), String> {
        Ok((format!("{name}.toml"), self.0.clone()))
    }
}

fn model(text: &str) -> Model {
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let model = load("m", &One(text.to_owned()), &mut sources, &mut diagnostics);
    model.unwrap_or_else(|| panic!("{}", render(&diagnostics, &sources, false)))
}

const TRANSIT: &str = r#"
title = "Three transits into a saturable centre"
time = "h"
[covariates]
WT = { unit = "kg" }
[controls]
fed = { unit = "1", value = 0 }
[parameters]
ktr = { value = 4, unit = "1/h" }
Fa = { value = 0.9, unit = "1" }
Vmax = { value = 3, unit = "mg/h" }
Km = { value = 2, unit = "mg/L" }
[individual]
V = { typical = "50 L * WT / 70 kg", distribution = "log-normal", omega = 0.2 }
[equations]
k = "ktr * if(fed == 1, 0.4, 1)"
C = "Ac / V"
[states]
a0 = { unit = "mg", rate = "-k * a0" }
a1 = { unit = "mg", rate = "k * (a0 - a1)" }
a2 = { unit = "mg", rate = "k * a1 - a2 * k" }
Ac = { unit = "mg", rate = "Fa * k * a2 - Vmax * C / (Km + C)", initial = "1 mg" }
lost = { unit = "mg", rate = "(1 - Fa) * k * a2" }
[doses]
drug = { into = "a0", fraction = "Fa", lag = "0.5 h" }
[outputs]
conc = { unit = "mg/L", value = "C", error = { exponential = 0.2 } }
"#;

#[test]
fn a_transit_chain_and_what_it_feeds_are_found() {
    let program = Program::compile(&model(TRANSIT));
    let chains = program.chains();
    assert_eq!(chains.len(), 1);
    assert_eq!(chains[0].states, [0, 1, 2]);
    assert_eq!(chains[0].fed, [3, 4]);
    let patient = Individual::new(&program, &[70e6], &[0.0]);
    assert_eq!(patient.chain_rate(0), 96.0);
    let mut shares = [0.0; 2];
    patient.chain_shares(0, &mut shares);
    assert!((shares[0] - 0.9).abs() < 1e-15 && (shares[1] - 0.1).abs() < 1e-15);
}

#[test]
fn a_loop_back_into_the_first_state_is_no_chain() {
    let text = TRANSIT.replace("\"-k * a0\"", "\"-k * a0 + 0.1 1/h * a2\"");
    let program = Program::compile(&model(&text));
    assert!(program.chains().is_empty());
}

#[test]
fn rates_and_remainder_differ_by_the_chain_alone() {
    let program = Program::compile(&model(TRANSIT));
    let mut patient = Individual::new(&program, &[80e6], &[0.1]);
    let states = [3.0, 2.0, 1.5, 4.0, 0.2];
    let (mut all, mut rest) = ([0.0; 5], [0.0; 5]);
    patient.rates(0.3, &states, &mut all);
    patient.remainder_rates(0.3, &states, &mut rest);
    let k = patient.chain_rate(0);
    assert_eq!(&rest[..3], &[0.0; 3]);
    assert!((all[0] + k * 3.0).abs() < 1e-12 && (all[1] - k).abs() < 1e-12);
    assert!((all[3] - rest[3] - 0.9 * k * 1.5).abs() < 1e-12);
    assert!((all[4] - 0.1 * k * 1.5).abs() < 1e-12 && rest[4] == 0.0);
}

#[test]
fn the_program_agrees_with_the_plain_reading() {
    let model = model(TRANSIT);
    let program = Program::compile(&model);
    let (covariates, effects, states) = ([63e6], [-0.3], [3.0, 2.0, 1.5, 4.0, 0.2]);
    let mut patient = Individual::new(&program, &covariates, &effects);
    let mut rates = [0.0; 5];
    patient.rates(0.7, &states, &mut rates);
    fn plain(model: &Model, symbol: Symbol, inputs: (&[f64], &[f64], &[f64])) -> f64 {
        match symbol {
            Symbol::Covariate(i) => inputs.0[i],
            Symbol::RandomEffect(i) => inputs.1[i],
            Symbol::State(i) => inputs.2[i],
            Symbol::Parameter(i) => model.parameters[i].value,
            Symbol::Control(i) => model.controls[i].value,
            Symbol::Equation(i) => model.equations[i].formula.evaluate(&mut |s| plain(model, s, inputs)),
            _ => 0.7,
        }
    }
    for (state, rate) in model.states.iter().zip(rates) {
        let expected = state.rate.evaluate(&mut |s| plain(&model, s, (&covariates, &effects, &states)));
        // The program rounds a product that goes into a sum once less.
        assert!((rate - expected).abs() <= 1e-14 * expected.abs(), "{}", state.name);
    }
}

#[test]
fn a_control_changes_what_depends_on_it() {
    let program = Program::compile(&model(TRANSIT));
    let mut patient = Individual::new(&program, &[70e6], &[0.0]);
    patient.set_control(0, 1.0);
    assert!((patient.chain_rate(0) - 38.4).abs() < 1e-12);
    assert_eq!(patient.control(0), 1.0);
    assert_eq!(patient.dose_lag(0), 0.5 / 24.0);
    assert_eq!(patient.dose_fraction(0, 0), 0.9);
    assert_eq!(patient.residual(0), (0.0, 0.0, 0.2));
    let mut initial = [0.0; 5];
    patient.initial(&mut initial);
    assert_eq!(initial, [0.0, 0.0, 0.0, 1.0, 0.0]);
}

/// Expressions over two states, a covariate, a random effect and time, with every operation of the language.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        prop::sample::select(vec!["x", "y", "w", "exp(eta.e)", "(t / 1 d)"]).prop_map(str::to_owned),
        (0.1..3.0f64).prop_map(|value| format!("{value:.3}")),
    ];
    leaf.prop_recursive(6, 48, 3, |inner| {
        let two = prop::sample::select(vec!["+", "-", "*", "/", "^"]);
        let one = prop::sample::select(vec!["-", "exp", "log", "sqrt", "abs", "expit"]);
        let pair = prop::sample::select(vec!["min", "max"]);
        let test = prop::sample::select(vec!["<", "<=", "==", ">"]);
        let logic = prop::sample::select(vec!["and", "or", "and not"]);
        prop_oneof![
            4 => (inner.clone(), two, inner.clone()).prop_map(|(a, operation, b)| format!("({a} {operation} {b})")),
            2 => (one, inner.clone()).prop_map(|(function, a)| format!("{function}({a})")),
            1 => (pair, inner.clone(), inner.clone()).prop_map(|(function, a, b)| format!("{function}({a}, {b})")),
            1 => (inner.clone(), test, logic, inner.clone(), inner)
                .prop_map(|(a, test, logic, b, c)| format!("if({a} {test} {b} {logic} {c} < 1, {b}, {c})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Scalar and lanes, on every kind of register, for patients that differ: the same bits, also beside lanes that fail.
    #[test]
    fn lanes_agree_bit_for_bit_with_individuals(x in expression(), y in expression(), seed in 0.0..1.0f64) {
        let text = format!(
            "title = \"random\"\ntime = \"d\"\n[covariates]\nw = {{ unit = \"1\" }}\n[variability]\ne = {{ omega = 1 }}\n\
             [states]\nx = {{ unit = \"1\", rate = \"({x}) * 1 1/d\" }}\ny = {{ unit = \"1\", rate = \"({y}) * 1 1/d - 2 1/d * x\" }}\n"
        );
        let program = Program::compile(&model(&text));
        let number = |index: usize| ((index as f64 + seed) * 0.618_033_988_749_894_9).fract() * 8.0 - 3.0;
        for processor in Processor::kinds() {
            let mut lanes = Lanes::on(&program, processor);
            let width = lanes.width();
            let patients: Vec<Individual> =
                (0..width).map(|lane| Individual::new(&program, &[number(lane)], &[number(lane + 7)])).collect();
            for (lane, patient) in patients.iter().enumerate() {
                lanes.admit(lane, patient);
            }
            let times: Vec<f64> = (0..width).map(|lane| number(lane + 100)).collect();
            let states: Vec<f64> = (0..2 * width).map(|place| number(place + 200)).collect();
            let mut rates = vec![0.0; 2 * width];
            lanes.remainder_rates(&times, &states, &mut rates);
            for (lane, mut patient) in patients.into_iter().enumerate() {
                let mut expected = [0.0; 2];
                patient.remainder_rates(times[lane], &[states[lane], states[width + lane]], &mut expected);
                for (state, expected) in expected.into_iter().enumerate() {
                    let rate = rates[state * width + lane];
                    let same = rate.to_bits() == expected.to_bits() || rate.is_nan() && expected.is_nan();
                    prop_assert!(same, "{processor:?}: {rate:e} for {expected:e}");
                }
            }
        }
    }
}
