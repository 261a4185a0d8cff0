//! The register program against the plain reading of the equations, and the chain detector on known structures.

use super::{Board, Individual, Lanes, Program};
use crate::math::processor::Processor;
use crate::model::fixture::model_of as model;
use crate::model::{Model, Symbol};
use proptest::prelude::*;

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
    assert_eq!(program.solved(), [3, 4]);
    assert_eq!(program.equation_of(3), None);
}

#[test]
fn a_loop_back_into_the_first_state_is_no_chain() {
    let text = TRANSIT.replace("\"-k * a0\"", "\"-k * a0 + 0.1 1/h * a2\"");
    let program = Program::compile(&model(&text));
    assert!(program.chains().is_empty());
}

const LINEAR: &str = r#"
title = "Two compartments, an effect compartment, an area, and a saturable metabolite"
time = "h"
[covariates]
w = { unit = "1" }
[parameters]
ka = { value = 1.1, unit = "1/h" }
CL = { value = 5, unit = "L/h" }
Q = { value = 3, unit = "L/h" }
V1 = { value = 20, unit = "L" }
keo = { value = 0.2, unit = "1/h" }
made = { value = 0.5, unit = "mg/h" }
Vmax = { value = 3, unit = "mg/h" }
Km = { value = 2, unit = "mg" }
[equations]
C1 = "central / V1"
V2 = "60 L * w"
[states]
depot = { unit = "mg", rate = "-ka * depot" }
central = { unit = "mg", rate = "made + ka * depot - CL * C1 - Q * (C1 - periphery / V2)", initial = "1 mg" }
periphery = { unit = "mg", rate = "Q * C1 - Q * periphery / V2" }
effect = { unit = "mg/L", rate = "keo * (C1 - effect)" }
area = { unit = "mg*h/L", rate = "C1" }
metabolite = { unit = "mg", rate = "0.3 * CL * C1 - Vmax * metabolite / (Km + metabolite)" }
[doses]
drug = { into = "depot" }
iv = { into = "periphery" }
[outputs]
conc = { unit = "mg/L", value = "effect + C1" }
"#;

#[test]
fn a_linear_system_is_found_in_the_order_of_flow() {
    let program = Program::compile(&model(LINEAR));
    assert_eq!(program.systems().collect::<Vec<_>>(), [[0, 1, 2, 3, 4]]);
    assert_eq!(program.solved(), [5]);
    assert!(program.chains().is_empty());
}

#[test]
fn what_may_swing_or_is_not_linear_is_integrated() {
    let swings = LINEAR.replace("Q * C1 - Q * periphery / V2\"", "-Q * C1 - Q * periphery / V2\"");
    assert_eq!(Program::compile(&model(&swings)).solved(), [1, 2, 3, 4, 5], "only absorption is left");
    let curved = LINEAR.replace("- CL * C1 -", "- CL * C1 * C1 / (1 mg/L) -");
    assert_eq!(Program::compile(&model(&curved)).solved(), [1, 2, 3, 4, 5]);
}

/// Along the closed form every state changes at its plain rate, and the outputs are those of the states.
#[test]
fn a_linear_system_moves_at_its_plain_rates() {
    const STEP: f64 = 1e-6;
    let program = Program::compile(&model(LINEAR));
    let mut patient = Individual::new(&program, &[1.0], &[]);
    let inputs = [4.0, 0.0, 7.0, 0.0, 0.0, 0.0];
    let start = [3.0, 2.0, 1.5, 4.0e3, 0.2, 0.9];
    let mut solved = [0.0];
    patient.rebase((2.0, 10.0), &start, &inputs, &mut solved).unwrap();
    let (mut at, mut before, mut after, mut rates) = ([0.0; 6], [0.0; 6], [0.0; 6], [0.0; 6]);
    patient.expand(2.0, &solved, &mut at);
    for (at, start) in at.iter().zip(start) {
        assert!((at / start - 1.0).abs() < 1e-13, "{at} for {start}");
    }
    for time in [2.001, 2.05, 2.6, 9.0] {
        patient.expand(time, &solved, &mut at);
        patient.rates(time, &at, &mut rates);
        patient.expand(time - STEP, &solved, &mut before);
        patient.expand(time + STEP, &solved, &mut after);
        for state in 0..5 {
            let change = (after[state] - before[state]) / (2.0 * STEP);
            let expected = rates[state] + inputs[state];
            let size = at[state].abs().max(1.0) + expected.abs();
            assert!(
                (change - expected).abs() < 1e-6 * size,
                "state {state} at {time}: {change} for {expected}"
            );
        }
        let (mut outputs, mut plain) = ([0.0], [0.0]);
        patient.solved_outputs(time, &solved, &mut outputs);
        patient.outputs(time, &at, &mut plain);
        assert!((outputs[0] / plain[0] - 1.0).abs() < 1e-13);
    }
}

#[test]
fn compartments_that_swing_have_no_closed_form() {
    let swinging = [("Q = { value = 3,", "Q = { value = 30,"), ("CL = { value = 5,", "CL = { value = -5,")];
    let swinging = swinging.iter().fold(LINEAR.to_owned(), |text, (old, new)| text.replace(old, new));
    let program = Program::compile(&model(&swinging));
    // With V2 = -24 L the rates to and fro have the product -1.9 per square hour, more than a quarter of the squared
    // difference of the two that lead away, 6.25.
    let mut patient = Individual::new(&program, &[-0.4], &[]);
    let refused = patient.rebase((0.0, 10.0), &[1.0; 6], &[0.0; 6], &mut [0.0]).unwrap_err();
    assert!(refused.swings && refused.state == 1);
    let mut patient = Individual::new(&program, &[0.4], &[]);
    assert!(patient.rebase((0.0, 10.0), &[1.0; 6], &[0.0; 6], &mut [0.0]).is_ok());
}

/// Along the composed solution every state changes at its plain rate: what the solver adds to u, and what the closed form
/// does by itself (differentiated numerically).
fn composed_agrees_with_plain(program: &Program, inputs: &[f64]) {
    const STEP: f64 = 1e-6;
    let mut patient = Individual::new(program, &[80e6], &[0.1]);
    let start = [3.0, 2.0, 1.5, 4.0, 0.2];
    let mut solved = [0.0; 2];
    patient.rebase((1.0, 10.0), &start, inputs, &mut solved).unwrap();
    assert_eq!(solved, [4.0, 0.2]);
    let mut at = [0.0; 5];
    patient.expand(1.0, &solved, &mut at);
    for (at, start) in at.iter().zip(start) {
        assert!((at / start - 1.0).abs() < 1e-14);
    }
    for time in [1.001, 1.01, 1.04] {
        let (mut rates, mut changes) = ([0.0; 5], [0.0; 2]);
        patient.expand(time, &solved, &mut at);
        patient.rates(time, &at, &mut rates);
        patient.solved_rates(time, &solved, &mut changes);
        let (mut before, mut after) = ([0.0; 5], [0.0; 5]);
        patient.expand(time - STEP, &solved, &mut before);
        patient.expand(time + STEP, &solved, &mut after);
        for state in 0..5 {
            let by_itself = (after[state] - before[state]) / (2.0 * STEP);
            let by_solver =
                program.solved().iter().position(|&of| of == state).map_or(0.0, |place| changes[place]);
            let expected = rates[state] + inputs[state];
            let difference = (by_itself + by_solver - expected).abs();
            assert!(difference < 1e-5, "state {state} at {time}: {by_itself} + {by_solver} for {expected}");
        }
        let (mut outputs, mut plain, mut magnitudes) = ([0.0], [0.0], [0.0; 2]);
        patient.solved_outputs(time, &solved, &mut outputs);
        patient.magnitudes(time, &solved, &mut magnitudes);
        patient.outputs(time, &at, &mut plain);
        assert!((outputs[0] / plain[0] - 1.0).abs() < 1e-14);
        assert!((magnitudes[0] / at[3] - 1.0).abs() < 1e-14 && (magnitudes[1] / at[4] - 1.0).abs() < 1e-14);
    }
}

#[test]
fn the_composed_program_is_the_same_system() {
    let program = Program::compile(&model(TRANSIT));
    composed_agrees_with_plain(&program, &[0.0; 5]);
    // Infusions into the first element of the chain and into the centre.
    let text = TRANSIT.replace("drug = {", "iv = { into = \"Ac\" }\ndrug = {");
    let program = Program::compile(&model(&text));
    composed_agrees_with_plain(&program, &[20.0, 0.0, 0.0, 7.0, 0.0]);
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

/// Derivative by central differences of two step lengths, extrapolated (Richardson): error of the order of h⁴.
fn difference(mut f: impl FnMut(f64) -> f64, at: f64) -> f64 {
    let h = 1e-3 * at.abs().max(1e-3);
    let mut central = |h: f64| (f(at + h) - f(at - h)) / (2.0 * h);
    let (wide, narrow) = (central(h), central(0.5 * h));
    (4.0 * narrow - wide) / 3.0
}

/// Every derivative of a program at one point against differences.
fn jacobian_is_exact(program: &Program, patient: &mut Individual, time: f64, solved: &[f64]) {
    let n = solved.len();
    let (mut jacobian, mut by_time) = (vec![0.0; n * n], vec![0.0; n]);
    patient.jacobian(time, solved, &mut jacobian, &mut by_time);
    let mut rates = vec![0.0; n];
    let check = |rate: usize, exact: f64, found: f64, size: f64, by: &str| {
        let allowed = 1e-6 * (exact.abs() + size);
        let state = program.solved()[rate];
        assert!((found - exact).abs() <= allowed, "d rate of state {state} by {by}: {exact} for {found}");
    };
    for rate in 0..n {
        for variable in 0..n {
            let mut moved = solved.to_vec();
            let found = difference(
                |value| {
                    moved[variable] = value;
                    patient.solved_rates(time, &moved, &mut rates);
                    rates[rate]
                },
                solved[variable],
            );
            patient.solved_rates(time, solved, &mut rates);
            // A difference cannot see less than rounding leaves of it.
            let size = 1e-3 * rates[rate].abs() / solved[variable].abs().max(1e-3);
            check(rate, jacobian[rate * n + variable], found, size, &format!("variable {variable}"));
        }
        let found = difference(
            |time| {
                patient.solved_rates(time, solved, &mut rates);
                rates[rate]
            },
            time,
        );
        patient.solved_rates(time, solved, &mut rates);
        check(rate, by_time[rate], found, 1e-3 * rates[rate].abs() / time, "time");
    }
}

#[test]
fn derivatives_agree_with_differences_through_the_closed_form() {
    let program = Program::compile(&model(TRANSIT));
    let mut patient = Individual::new(&program, &[80e6], &[0.1]);
    let mut solved = [0.0; 2];
    patient.rebase((0.2, 10.0), &[3.0, 2.0, 1.5, 4.0, 0.2], &[0.0; 5], &mut solved).unwrap();
    jacobian_is_exact(&program, &mut patient, 0.23, &solved);
}

#[test]
fn every_operation_is_differentiated() {
    let text = |rate: &str| {
        format!(
            "title = \"one\"\ntime = \"d\"\n[states]\nx = {{ unit = \"1\", rate = \"({rate}) * 1 1/d\" }}\n\
             y = {{ unit = \"1\", rate = \"x * y * 1 1/d\" }}\n"
        )
    };
    for rate in [
        "-x * y + x - 3 * y",
        "x / (1 + y)",
        "x^y",
        "x^2.5 + 2^y",
        "exp(-x / 3) * log(y)",
        "sqrt(x * y) + abs(x - y) + abs(y - x)",
        "min(x, y) * max(x, 2 * y)",
        "if(x < y, x * x, y * y)",
        "if(x > y and not y < 1, x^3, y)",
        "hill(x, 2, 3) * expit(y)",
        "(t / 1 d)^2 * x + exp(-(t / 1 d) * y)",
    ] {
        let program = Program::compile(&model(&text(rate)));
        let mut patient = Individual::new(&program, &[], &[]);
        let mut solved = [0.0; 2];
        patient.rebase((0.0, 10.0), &[1.3, 2.1], &[0.0; 2], &mut solved).unwrap();
        for at in [[1.3, 2.1], [2.6, 0.7]] {
            jacobian_is_exact(&program, &mut patient, 0.4, &at);
        }
    }
    // At the edge of a power with a constant exponent there is nothing that is not a number.
    let program = Program::compile(&model(&text("x^1.5 - y")));
    let mut patient = Individual::new(&program, &[], &[]);
    let (mut jacobian, mut by_time) = ([1.0; 4], [1.0; 2]);
    patient.jacobian(0.0, &[0.0, 1.0], &mut jacobian, &mut by_time);
    assert_eq!((jacobian, by_time), ([0.0, -1.0, 1.0, 0.0], [0.0, 0.0]));
}

/// An infinite slope of what does not move, or of a branch that is not taken, is no derivative at all.
#[test]
fn what_does_not_move_has_no_derivative_however_steep_it_would_be() {
    // (rate of x, x, y, its derivatives by x and by y)
    for (rate, x, y, by_x, by_y) in [
        ("sqrt(max(x, 0)) - y", -1.0, 0.0, 0.0, -1.0),
        ("max(x, 0)^0.5 + y", -1.0, 0.0, 0.0, 1.0),
        ("log(max(x, 0) + max(y, 0))", -1.0, 2.0, 0.0, 0.5),
        ("x^y", 0.0, 1.5, 0.0, 0.0),
        ("x^y + y", 0.0, 1.0, 1.0, 1.0),
        ("if(x > 0, sqrt(x), y)", 0.0, 3.0, 0.0, 1.0),
        ("if(x > 0, x^0.7 / y, x)", 0.0, 0.0, 1.0, 0.0),
        ("if(x > 0, log(x) / x, 0) * y", -1.0, 2.0, 0.0, 0.0),
        ("exp(-if(x == 0, 0, 1 / x)) * y", 0.0, 2.0, 0.0, 1.0),
        // Infinite in truth:
        ("x^0.7 - y", 0.0, 0.0, f64::INFINITY, -1.0),
    ] {
        let text = format!(
            "title = \"one\"\ntime = \"d\"\n[states]\nx = {{ unit = \"1\", rate = \"({rate}) * 1 1/d\" }}\n\
             y = {{ unit = \"1\", rate = \"x * y * 1 1/d\" }}\n"
        );
        let program = Program::compile(&model(&text));
        let mut patient = Individual::new(&program, &[], &[]);
        patient.rebase((0.0, 10.0), &[x, y], &[0.0; 2], &mut [0.0; 2]).unwrap();
        let (mut jacobian, mut by_time) = ([f64::NAN; 4], [f64::NAN; 2]);
        patient.jacobian(0.0, &[x, y], &mut jacobian, &mut by_time);
        assert_eq!((&jacobian[..2], by_time[0]), (&[by_x, by_y][..], 0.0), "{rate} at ({x}, {y})");
    }
}

#[test]
fn a_control_changes_what_depends_on_it() {
    let program = Program::compile(&model(TRANSIT));
    let mut patient = Individual::new(&program, &[70e6], &[0.0]);
    patient.set_control(0, 1.0);
    let mut rates = [0.0; 5];
    patient.rates(0.0, &[1.0, 0.0, 0.0, 0.0, 0.0], &mut rates);
    assert!((rates[0] + 38.4).abs() < 1e-12);
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
             [states]\nx = {{ unit = \"1\", rate = \"({x}) * 1 1/d\" }}\ny = {{ unit = \"1\", rate = \"({y}) * 1 1/d - 2 1/d * x\" }}\n\
             [outputs]\nfirst = {{ unit = \"1\", value = \"{x}\" }}\nboth = {{ unit = \"1\", value = \"({y}) - x + w\" }}\n"
        );
        let model = model(&text);
        let number = |index: usize| ((index as f64 + seed) * 0.618_033_988_749_894_9).fract() * 8.0 - 3.0;
        let kinds = Processor::kinds().into_iter().flat_map(|kind| [(kind, 1), (kind, 100), (kind, 9999)]);
        for (processor, cohort) in kinds {
            let program = Program::compile(&model).with_processor(processor);
            let mut lanes = Lanes::new(&program, cohort);
            let (width, equations) = (lanes.width(), program.solved().len());
            let mut vector = vec![0.0; equations];
            let mut patients: Vec<Individual> =
                (0..width).map(|lane| Individual::new(&program, &[number(lane)], &[number(lane + 7)])).collect();
            for (lane, patient) in patients.iter_mut().enumerate() {
                let states = [number(lane + 50), number(lane + 60)];
                let _ = patient.rebase((number(lane + 90).min(0.0), 10.0), &states, &[0.0; 2], &mut vector);
                lanes.admit(lane, patient);
            }
            let times: Vec<f64> = (0..width).map(|lane| number(lane + 100)).collect();
            let states: Vec<f64> = (0..2 * width).map(|place| number(place + 300)).collect();
            let mut together = vec![0.0; program.outputs() * width];
            let mut board = Board::new(&program);
            board.outputs(&patients[0], &times, &states, &mut together);
            let mut own = vec![0.0; program.outputs()];
            for (lane, outputs) in together.chunks_exact(program.outputs()).enumerate() {
                patients[0].outputs(times[lane], &states[2 * lane..][..2], &mut own);
                for (a, b) in outputs.iter().zip(&own) {
                    prop_assert!(a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan());
                }
            }
            let solved: Vec<f64> = (0..equations * width).map(|place| number(place + 200)).collect();
            let (mut rates, mut magnitudes) = (vec![0.0; solved.len()], vec![0.0; solved.len()]);
            lanes.rates(&times, &solved, &mut rates);
            lanes.magnitudes(&times, &solved, &mut magnitudes);
            let (mut first, mut size) = (vec![0.0; solved.len()], vec![0.0; solved.len()]);
            for (lane, mut patient) in patients.into_iter().enumerate() {
                lanes.begin(lane, &times, &solved, &mut first, &mut size);
                let own: Vec<f64> = (0..equations).map(|equation| solved[equation * width + lane]).collect();
                let mut expected = vec![0.0; equations];
                patient.solved_rates(times[lane], &own, &mut expected);
                let mut expected_size = vec![0.0; equations];
                patient.magnitudes(times[lane], &own, &mut expected_size);
                for equation in 0..equations {
                    let place = equation * width + lane;
                    let same = |a: f64, b: f64| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
                    let (rate, size_of) = (expected[equation], expected_size[equation]);
                    prop_assert!(same(rates[place], rate) && same(first[place], rate), "{processor:?}: {:e} for {rate:e}", rates[place]);
                    prop_assert!(same(magnitudes[place], size_of) && same(size[place], size_of));
                }
            }
        }
    }
}
