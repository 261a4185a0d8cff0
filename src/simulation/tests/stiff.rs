//! Stiff models from model files, by `implicit` and by `auto`: published values, and equations whose derivatives are infinite
//! where a patient starts.

use super::fixture::{arm, every, model, patient, record, treatment, with_model};
use crate::program::Program;
use crate::scenario::{Method, Scenario};
use crate::simulation::{End, Trajectory, simulate};

/// A published problem as a model file.
struct Case {
    name: &'static str,
    /// Unit of time, and the end in d.
    time: &'static str,
    end: f64,
    /// Name, initial value and rate of each state, with rates per unit of time.
    states: &'static [(&'static str, &'static str, &'static str)],
    /// At the end.
    values: &'static [f64],
    /// Absolute tolerance over the relative one.
    absolute: &'static [f64],
    /// Error at the end in tolerances, for both methods.
    delivered: f64,
}

const SECONDS_PER_DAY: f64 = 86_400.0;

/// Values: Test Set for Initial Value Problem Solvers, Bari; Robertson at 4e7 s: SciPy Radau at 1e-13.
const CASES: [Case; 4] = [
    Case {
        name: "HIRES",
        time: "d",
        end: 321.8122,
        states: &[
            ("y1", "1", "-1.71 * y1 + 0.43 * y2 + 8.32 * y3 + 0.0007"),
            ("y2", "0", "1.71 * y1 - 8.75 * y2"),
            ("y3", "0", "-10.03 * y3 + 0.43 * y4 + 0.035 * y5"),
            ("y4", "0", "8.32 * y2 + 1.71 * y3 - 1.12 * y4"),
            ("y5", "0", "-1.745 * y5 + 0.43 * y6 + 0.43 * y7"),
            ("y6", "0", "-280 * y6 * y8 + 0.69 * y4 + 1.71 * y5 - 0.43 * y6 + 0.69 * y7"),
            ("y7", "0", "280 * y6 * y8 - 1.81 * y7"),
            ("y8", "0.0057", "-280 * y6 * y8 + 1.81 * y7"),
        ],
        values: &[
            0.000_737_131_257_332_566_8,
            0.000_144_248_572_631_618_5,
            5.888_729_740_967_575e-5,
            0.001_175_651_343_283_149,
            0.002_386_356_198_831_331,
            0.006_238_968_252_742_796,
            0.002_849_998_395_185_769,
            0.002_850_001_604_814_231,
        ],
        absolute: &[1e-4; 8],
        delivered: 1.0,
    },
    Case {
        name: "van der Pol",
        time: "d",
        end: 2.0,
        states: &[("y1", "2", "y2"), ("y2", "0", "((1 - y1^2) * y2 - y1) * 1e6")],
        values: &[1.706_167_732_170_483, -0.892_809_701_024_797_5],
        absolute: &[1e-2; 2],
        delivered: 1.0,
    },
    Case {
        name: "Robertson",
        time: "s",
        end: 4e7 / SECONDS_PER_DAY,
        states: &[
            ("y1", "1", "-0.04 * y1 + 1e4 * y2 * y3"),
            ("y2", "0", "0.04 * y1 - 1e4 * y2 * y3 - 3e7 * y2^2"),
            ("y3", "0", "3e7 * y2^2"),
        ],
        values: &[5.203_071_844_120_57e-5, 2.081_335_731_892_539_6e-10, 0.999_947_969_073_426_1],
        absolute: &[1e-2, 1e-8, 1e-2],
        delivered: 1.0,
    },
    Case {
        name: "Oregonator",
        time: "d",
        end: 360.0,
        states: &[
            ("y1", "1", "77.27 * (y2 + y1 * (1 - 8.375e-6 * y1 - y2))"),
            ("y2", "2", "(y3 - (1 + y1) * y2) / 77.27"),
            ("y3", "3", "0.161 * (y1 - y3)"),
        ],
        values: &[1.000_814_870_318_523, 1_228.178_521_549_917, 132.055_494_284_670_6],
        absolute: &[1e-2; 3],
        delivered: 4.0,
    },
];

impl Case {
    fn scenario(&self, method: Method, relative: f64) -> Scenario {
        let mut text = format!("title = \"{}\"\ntime = \"{}\"\n[states]\n", self.name, self.time);
        for ((name, initial, rate), size) in self.states.iter().zip(self.absolute) {
            text += &format!(
                "{name} = {{ unit = \"1\", initial = {initial}, rate = \"({rate}) * 1 1/{}\", absolute_tolerance = {:e} }}\n",
                self.time,
                size * relative
            );
        }
        text += "[outputs]\n";
        for (name, ..) in self.states {
            text += &format!("o_{name} = {{ unit = \"1\", value = \"{name}\" }}\n");
        }
        let mut scenario = bare(&text, method, relative, self.end);
        let names: Vec<String> = self.states.iter().map(|state| format!("o_{}", state.0)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        scenario.records = vec![record(&scenario, vec![self.end], &names)];
        scenario
    }
}

/// No treatment, no visits.
fn bare(text: &str, method: Method, relative: f64, horizon: f64) -> Scenario {
    let mut scenario = with_model(model(text));
    (scenario.arms, scenario.visits) = (vec![arm(Vec::new())], Vec::new());
    scenario.horizon = horizon;
    (scenario.numerics.method, scenario.numerics.relative_tolerance) = (method, relative);
    scenario
}

fn run(scenario: &Scenario) -> Trajectory {
    let trajectory = simulate(scenario, &Program::compile(&scenario.model), &patient(0, [0.0; 2]), 0);
    assert_eq!(trajectory.end, End::Completed);
    trajectory
}

#[test]
fn published_values_are_reached_from_model_files() {
    for case in &CASES {
        for method in [Method::Implicit, Method::Automatic] {
            for relative in [1e-4, 1e-6, 1e-8] {
                let trajectory = run(&case.scenario(method, relative));
                let values = trajectory.records[0].values.iter().zip(case.values).zip(case.absolute);
                for ((found, value), size) in values {
                    let delivered = (found - value).abs() / (relative * (value.abs() + size));
                    let name = case.name;
                    assert!(
                        delivered <= case.delivered,
                        "{name}, {method:?} at {relative:e}: {found:e} for {value:e}, {delivered:.2} tolerances"
                    );
                }
                // Stiff: an explicit method alone needs 10⁵ steps and more, but for HIRES.
                assert!(trajectory.counts.steps < 12_000, "{}: {:?}", case.name, trajectory.counts);
            }
        }
    }
}

/// A depot, a central compartment, and an effect of its concentration with an exponent below one (`gamma`) that is integrated
/// (`total`) and followed within a second (`site`).
const EFFECT: &str = r#"
title = "Power of a concentration that starts at 0"
time = "d"
[parameters]
ka = { value = 20, unit = "1/d" }
Vmax = { value = 30, unit = "mg/d" }
Km = { value = 5, unit = "mg" }
C50 = { value = 8, unit = "mg" }
gamma = { value = 0.7, unit = "1" }
fast = { value = 100000, unit = "1/d" }
[equations]
E = "(central / C50)^gamma"
S = "if(central > 0 mg, sqrt(central / C50), 0)"
[states]
depot = { unit = "mg", rate = "-ka * depot", absolute_tolerance = ABSOLUTE }
central = { unit = "mg", rate = "ka * depot - Vmax * central / (Km + central)", absolute_tolerance = ABSOLUTE }
total = { unit = "1", rate = "(E + S) * 1 1/d", absolute_tolerance = ABSOLUTE }
site = { unit = "1", rate = "fast * (E / (1 + E) - site)", absolute_tolerance = ABSOLUTE }
[doses]
drug = { into = "depot" }
[outputs]
amount = { unit = "mg", value = "central" }
exposure = { unit = "1", value = "total" }
effect = { unit = "1", value = "site" }
"#;

fn effect(method: Method, relative: f64, text: &str) -> Trajectory {
    let text = text.replace("ABSOLUTE", &format!("{:e}", 0.01 * relative));
    let mut scenario = bare(&text, method, relative, 3.0);
    let mut doses = treatment(0, &[10.0]);
    (doses.days, doses.cycles) = (vec![2], (1, 1));
    scenario.arms = vec![arm(vec![doses])];
    let names = ["amount", "exposure", "effect"];
    scenario.records = vec![record(&scenario, every(0.125, 3.0), &names)];
    run(&scenario)
}

/// Nothing is there on the first day, then a dose comes: all the derivatives of the effect are infinite or 0·∞.
#[test]
fn the_power_of_a_concentration_that_starts_at_zero_fails_nobody() {
    // Independent: everything integrated by another method, the fast equation out of the way.
    let slow = EFFECT.replace("fast * (E / (1 + E) - site)", "0 1/d * site");
    let expected = effect(Method::Dop853Reference, 1e-11, &slow);
    let expected = &expected.records[0].values;
    for method in [Method::Implicit, Method::Automatic] {
        for relative in [1e-4, 1e-6, 1e-8] {
            let found = effect(method, relative, EFFECT);
            assert!(found.counts.steps < 8000, "{method:?} at {relative:e}: {:?}", found.counts);
            for (found, expected) in found.records[0].values.chunks(3).zip(expected.chunks(3)) {
                for place in 0..2 {
                    let error = (found[place] - expected[place]).abs();
                    assert!(
                        error <= 10.0 * relative * (1e-2 + expected[place]),
                        "{method:?} at {relative:e}: {found:?} for {expected:?}"
                    );
                }
                // The site lags by at most the change of a ten-thousandth of a day.
                let power = (expected[0] / 8.0).max(0.0).powf(0.7);
                assert!((found[2] - power / (1.0 + power)).abs() < 2e-4 + 10.0 * relative, "{found:?}");
            }
        }
    }
}

/// A tank that empties by a root, guarded as a model's author would: exact until it is empty, and empty from then on.
#[test]
fn a_tank_with_a_root_runs_empty() {
    for guarded in ["sqrt(max(x, 0))", "max(x, 0)^0.5", "if(x > 0, x^0.5, 0)"] {
        for fast in ["x", "x^0.5"] {
            let text = format!(
                "title = \"tank\"\ntime = \"d\"\n[states]\nx = {{ unit = \"1\", initial = 1, rate = \"-{guarded} * 1 1/d\" }}\n\
                 seen = {{ unit = \"1\", initial = 1, rate = \"({} - seen) * 1e5 1/d\" }}\n\
                 [outputs]\nlevel = {{ unit = \"1\", value = \"x\" }}\nseen_level = {{ unit = \"1\", value = \"seen\" }}\n",
                fast.replace('x', "max(x, 0)")
            );
            for method in [Method::Implicit, Method::Automatic] {
                let mut scenario = bare(&text, method, 1e-6, 5.0);
                scenario.records = vec![record(&scenario, every(0.25, 5.0), &["level", "seen_level"])];
                let trajectory = run(&scenario);
                assert!(trajectory.counts.steps < 10_000, "{text}: {:?}", trajectory.counts);
                let times = every(0.25, 5.0).into_iter();
                for (time, found) in times.zip(trajectory.records[0].values.chunks(2)) {
                    let exact = (1.0 - 0.5 * time).max(0.0).powi(2);
                    assert!((found[0] - exact).abs() < 1e-5, "{guarded}, {time}: {} for {exact}", found[0]);
                }
            }
        }
    }
}
