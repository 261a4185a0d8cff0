//! The flagship model: the typical patient with relapsed disease under three regimens.

use regimen::model::{Model, Symbol};
use regimen::program::Program;

use crate::follow::{Followed, Table, covariates, frozen_flagship, model, set_parameter};

/// The comparison: |difference| ≤ 1e-6·|reference| + 1e-8, in the table's own units. The table is good to 1e-9.
const RELATIVE: f64 = 1e-6;
const ABSOLUTE: f64 = 1e-8;

/// The typical patient: size 1 (fat-free mass at its reference), kidney function at its reference, no risk factor, and
/// IGHV status half way, where its factor on growth is 1.
const TYPICAL: [(&str, f64); 13] = [
    ("FFM", 55.0),
    ("CRCL", 90.0),
    ("relapsed", 1.0),
    ("high_risk", 0.0),
    ("unmutated", 0.5),
    ("refractory", 0.0),
    ("prior_lines", 3.0),
    ("bulky", 0.0),
    ("WT", 82.0864),
    ("AGE", 64.0),
    ("Cr0", 86.632),
    ("d0", 2.6),
    ("s0", 15.0),
];

fn typical<'p>(model: &'p Model, program: &'p Program) -> Followed<'p> {
    typical_but(model, program, &[])
}

/// The typical patient with other values of these covariates.
fn typical_but<'p>(model: &'p Model, program: &'p Program, other: &[(&str, f64)]) -> Followed<'p> {
    let given = TYPICAL.map(|(name, value)| {
        (name, other.iter().find(|entry| entry.0 == name).map_or(value, |entry| entry.1))
    });
    let mut patient = Followed::new(model, program, &covariates(model, &given), &[]);
    patient.set("hazards.on_treatment", 1.0);
    patient
}

/// A value that is constant for a patient, by its full name, in coherent units.
fn constant(model: &Model, patient: &Followed<'_>, name: &str) -> f64 {
    let equation = model.equations.iter().position(|equation| equation.name == name);
    let symbol = Symbol::Equation(equation.unwrap_or_else(|| panic!("no equation {name}")));
    patient.individual.constant(symbol).unwrap_or_else(|| panic!("{name} is not constant for a patient"))
}

/// Whose value a column of the table holds: a state by its full name, or an output.
enum Meaning {
    State(&'static str),
    Output(&'static str),
}

/// `None` for the time, the dose, and the two columns that are always zero (no rituximab is given).
fn meaning(column: &str) -> Option<Meaning> {
    const MODULES: [(&str, &[&str]); 10] = [
        ("target", &["target.I"]),
        ("cll", &["cll.Ls", "cll.Ms", "cll.Bs", "cll.Lr", "cll.Mr", "cll.Br"]),
        ("immune", &["immune.F", "immune.Y"]),
        ("flare", &["flare.uS", "flare.Q", "flare.A"]),
        (
            "neutrophils",
            &[
                "neutrophils.P",
                "neutrophils.T1",
                "neutrophils.T2",
                "neutrophils.T3",
                "neutrophils.R",
                "neutrophils.N",
            ],
        ),
        ("platelets", &["platelets.PP", "platelets.PT1", "platelets.PT2", "platelets.PC"]),
        ("haemoglobin", &["haemoglobin.Hb"]),
        ("lysis", &["lysis.Z", "lysis.UA", "lysis.K", "lysis.PO4", "lysis.Ca", "lysis.gfr", "lysis.Cr"]),
        ("steroid", &["steroid.St"]),
        (
            "pk",
            &[
                "pk.a0", "pk.a1", "pk.a2", "pk.a3", "pk.a4", "pk.a5", "pk.a6", "pk.a7", "pk.Ac", "pk.Au",
                "pk.Anr", "pk.Af", "pk.Ad",
            ],
        ),
    ];
    Some(match column {
        "t_day" | "dose_next_mg" | "RtxC" | "RtxP" => return None,
        "cumH_death" => Meaning::State("hazards.H_death"),
        "cumH_infect" => Meaning::State("hazards.H_inf"),
        "cumH_vte" => Meaning::State("hazards.H_vte"),
        "cumH_drop" => Meaning::State("hazards.H_drop"),
        "ALC" => Meaning::Output("ALC"),
        "SPDrel" => Meaning::Output("SPD"),
        "inf" => Meaning::Output("infl"),
        "phi_rel" => Meaning::Output("marrow.pr"),
        "tot" => Meaning::Output("burden"),
        name => {
            let all = MODULES.iter().flat_map(|(_, states)| states.iter());
            let mut named = all.filter(|full| full.rsplit('.').next() == Some(name));
            Meaning::State(named.next().unwrap_or_else(|| panic!("the column {name} has no meaning")))
        }
    })
}

fn close(found: f64, wanted: f64) -> bool {
    (found - wanted).abs() <= RELATIVE * wanted.abs() + ABSOLUTE
}

fn follows(table: &str) {
    let model = frozen_flagship();
    let program = Program::compile(&model);
    let table = Table::read(table);
    let (time, dose) = (table.column("t_day"), table.column("dose_next_mg"));
    let columns: Vec<(usize, &str, Meaning)> =
        table.columns().filter_map(|(i, name)| meaning(name).map(|meaning| (i, name, meaning))).collect();
    assert_eq!(columns.len(), 53, "48 states and 5 derived columns are compared");
    let mut patient = typical(&model, &program);
    for row in &table.rows {
        patient.advance(row[time]);
        let outputs = patient.outputs();
        for (i, name, meaning) in &columns {
            let found = match meaning {
                Meaning::State(full) => patient.state(full),
                Meaning::Output(full) => outputs[full],
            };
            assert!(close(found, row[*i]), "{name} on day {}: {found} instead of {}", row[time], row[*i]);
        }
        patient.dose("lenalidomide", row[dose]);
    }
    assert_eq!(patient.time, 168.0);
}

#[test]
fn ten_mg_daily_follows_the_reference() {
    follows("clinical/typ_rr_10mg_continuous.csv");
}

#[test]
fn three_weeks_of_25_mg_and_one_off_follow_the_reference() {
    follows("clinical/typ_rr_25mg_21of28.csv");
}

#[test]
fn stepping_up_from_2_5_mg_follows_the_reference() {
    follows("clinical/typ_rr_stepup_2.5_5_10.csv");
}

#[test]
fn the_first_day_in_quarter_hours_follows_the_reference() {
    let model = frozen_flagship();
    let program = Program::compile(&model);
    let table = Table::read("clinical/typ_rr_10mg_day1_fine.csv");
    let names = ["Ac_mg", "C_ng_mL", "Au_mg", "Anr_mg", "Af_mg", "I"].map(|name| table.column(name));
    let mut patient = typical(&model, &program);
    patient.dose("lenalidomide", 10.0);
    for row in &table.rows {
        patient.advance(row[table.column("t_h")] / 24.0);
        let concentration = patient.outputs()["Cp"];
        let states = ["pk.Ac", "pk.Au", "pk.Anr", "pk.Af", "target.I"].map(|name| patient.state(name));
        let found = [states[0], concentration, states[1], states[2], states[3], states[4]];
        for (found, column) in found.into_iter().zip(names) {
            assert!(close(found, row[column]), "at {} h: {found} instead of {}", row[0], row[column]);
        }
    }
}

/// Clinical model, section 3: without a dose nothing moves at the start but the disease, which grows at its rate, and
/// the cumulative hazards; whatever treatment came before.
#[test]
fn without_a_dose_only_the_disease_and_the_hazards_move_at_the_start() {
    let model = model("lenalidomide-cll");
    let program = Program::compile(&model);
    for (relapsed, lines, refractory) in [(1.0, 3.0, 0.0), (1.0, 1.0, 0.0), (1.0, 8.0, 1.0), (0.0, 0.0, 0.0)]
    {
        let before = [("relapsed", relapsed), ("prior_lines", lines), ("refractory", refractory)];
        let mut patient = typical_but(&model, &program, &before);
        let mut rates = vec![0.0; program.states()];
        patient.individual.rates(0.0, &patient.states, &mut rates);
        let growth = constant(&model, &patient, "cll.growth");
        let escape_growth = growth + (1.0 - 0.15) * constant(&model, &patient, "immune.k00");
        for (state, (rate, value)) in model.states.iter().zip(rates.iter().zip(&patient.states)) {
            let name = state.name.as_str();
            let scale = value.abs().max(1.0);
            match name {
                "cll.Ls" | "cll.Ms" | "cll.Bs" => {
                    assert!((rate / value - growth).abs() < 1e-12, "{name} grows at {}", rate / value);
                }
                "cll.Lr" | "cll.Mr" | "cll.Br" => {
                    assert!((rate / value - escape_growth).abs() < 1e-12, "{name} grows at {}", rate / value);
                }
                _ if name.starts_with("hazards.") => assert!(*rate > 0.0, "{name} stands still"),
                _ => assert!(rate.abs() < 1e-12 * scale, "{name} moves at {rate} per day"),
            }
        }
    }
}

/// Logs of growth, effector pool and synapse impairment of a patient with this treatment behind him; `goes_on` is the
/// value of all three parameters of prior lines.
fn start(relapsed: f64, lines: f64, refractory: f64, goes_on: Option<f64>) -> [f64; 3] {
    let mut model = model("lenalidomide-cll");
    for name in ["cll.g_lines", "immune.f_lines", "immune.imp_lines"] {
        goes_on.into_iter().for_each(|value| set_parameter(&mut model, name, value));
    }
    let program = Program::compile(&model);
    let before = [("relapsed", relapsed), ("prior_lines", lines), ("refractory", refractory)];
    let patient = typical_but(&model, &program, &before);
    let of = |name| constant(&model, &patient, name);
    [of("cll.growth").ln(), of("immune.F0").ln(), of("immune.k_imp_i").ln()]
}

fn agree(found: [f64; 3], wanted: [f64; 3]) {
    for (found, wanted) in found.into_iter().zip(wanted) {
        assert!((found - wanted).abs() < 1e-12, "{found} instead of {wanted}");
    }
}

/// At the median of the calibration trials, 3 lines, how lines act does not matter; for growth and effectors, in which
/// the untreated differ from the relapsed, the line through both gives the untreated patient at 0 lines, so that this
/// step is counted once.
#[test]
fn prior_lines_change_nothing_at_their_median_and_meet_the_untreated_at_none() {
    for refractory in [0.0, 1.0] {
        agree(start(1.0, 3.0, refractory, None), start(1.0, 3.0, refractory, Some(0.0)));
    }
    // What refractoriness does to a relapsed patient is taken off: untreated patients have none.
    let [none, centre] = [start(1.0, 3.0, 0.0, None), calibrated_for_relapsed()];
    let relapsed = start(1.0, 0.0, 0.0, Some(1.0));
    let untreated = start(0.0, 0.0, 0.0, None);
    for i in [0, 1] {
        let found = relapsed[i] - none[i] + centre[i];
        assert!((found - untreated[i]).abs() < 1e-12, "{found} instead of {}", untreated[i]);
    }
    assert!((untreated[2] - centre[2]).abs() < 1e-12, "untreated patients have the calibrated impairment");
    let [few, many] = [start(1.0, 1.0, 0.0, None), start(1.0, 8.0, 0.0, None)];
    assert!(many[0] > few[0] && many[1] < few[1] && many[2] > few[2], "{few:?} {many:?}");
}

/// Logs of the values of relapsed patients in the model files, of growth without risk factors.
fn calibrated_for_relapsed() -> [f64; 3] {
    let model = model("lenalidomide-cll");
    let value = |name: &str| {
        let found = model.parameters.iter().find(|parameter| parameter.name == name);
        found.unwrap_or_else(|| panic!("no parameter {name}")).value
    };
    [value("cll.g_rr").ln(), value("immune.f_rr").ln(), value("immune.k_imp").ln()]
}

/// The mean over the calibration's share of refractory patients, 35 %, is what was calibrated; the effector pool had its
/// factor of 0.8 before, which is not centred.
#[test]
fn refractory_patients_do_not_shift_the_calibrated_mean() {
    let [other, refractory] = [start(1.0, 3.0, 0.0, None), start(1.0, 3.0, 1.0, None)];
    let mean: [f64; 3] = std::array::from_fn(|i| 0.65 * other[i] + 0.35 * refractory[i]);
    let centre = calibrated_for_relapsed();
    agree(mean, [centre[0], centre[1] + 0.35 * 0.8_f64.ln(), centre[2]]);
    assert!(refractory[0] > other[0] && refractory[2] > other[2]);
}

/// 10 mg on days 1-21 of 28: a week off makes the detector sensitive again, so that flare activity in the second and
/// third cycle comes nearer to that of the first; symmetric adaptation, as in the reference, does not let it.
#[test]
fn flare_comes_back_after_a_week_off() {
    let peaks = |symmetric: bool| -> [f64; 3] {
        let mut model = model("lenalidomide-cll");
        if symmetric {
            let tau_q = model.parameters.iter().find(|parameter| parameter.name == "flare.tau_q");
            let days = tau_q.expect("tau_q").value;
            set_parameter(&mut model, "flare.tau_off", days);
        }
        let program = Program::compile(&model);
        let mut patient = typical(&model, &program);
        let mut peaks = [0.0_f64; 3];
        for day in 0..84 {
            if day % 28 < 21 {
                patient.dose("lenalidomide", 10.0);
            }
            patient.advance(f64::from(day) + 1.0);
            let peak = &mut peaks[usize::try_from(day / 28).expect("a cycle")];
            *peak = peak.max(patient.state("flare.A"));
        }
        peaks
    };
    let [asymmetric, symmetric] = [peaks(false), peaks(true)];
    assert!(
        (asymmetric[0] / symmetric[0] - 1.0).abs() < 0.02,
        "the first flare: {asymmetric:?} {symmetric:?}"
    );
    for cycle in [1, 2] {
        assert!(asymmetric[cycle] > 1.25 * symmetric[cycle], "{asymmetric:?} {symmetric:?}");
        assert!(asymmetric[cycle] < asymmetric[0], "{asymmetric:?}");
    }
}

/// What was given is in the body, in urine, eliminated otherwise, in faeces or on the way, to 1e-9 of the dose.
#[test]
fn drug_is_neither_made_nor_lost() {
    let model = model("lenalidomide-cll");
    let program = Program::compile(&model);
    let mut patient = typical(&model, &program);
    patient.set("pk.fed", 1.0);
    patient.set("pk.dialysis", 1.0);
    for day in 0..28 {
        patient.dose("lenalidomide", 25.0);
        patient.advance(f64::from(day) + 1.0);
    }
    let given = 28.0 * 25.0;
    let found = patient.outputs()["pk.recovered"];
    assert!((found - given).abs() < 1e-9 * given, "{found} mg of {given} mg");
    assert!(patient.state("pk.Ad") > 1.0, "dialysis removes drug");
    assert!(patient.state("pk.Af") > 0.2 * given, "a fifth of a dose with food is not absorbed");
}
