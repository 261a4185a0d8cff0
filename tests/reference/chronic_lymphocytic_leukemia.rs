//! The flagship model: the typical patient with relapsed disease under three regimens.

use regimen::model::Model;
use regimen::program::Program;

use crate::follow::{Followed, Table, covariates, model};

/// The comparison: |difference| ≤ 1e-6·|reference| + 1e-8, in the table's own units. The table is good to 1e-9.
const RELATIVE: f64 = 1e-6;
const ABSOLUTE: f64 = 1e-8;

/// The typical patient: size 1 (fat-free mass at its reference), kidney function at its reference, no risk factor, and
/// IGHV status half way, where its factor on growth is 1.
const TYPICAL: [(&str, f64); 12] = [
    ("FFM", 55.0),
    ("CRCL", 90.0),
    ("relapsed", 1.0),
    ("high_risk", 0.0),
    ("unmutated", 0.5),
    ("refractory", 0.0),
    ("bulky", 0.0),
    ("WT", 82.0864),
    ("AGE", 64.0),
    ("Cr0", 86.632),
    ("d0", 2.6),
    ("s0", 15.0),
];

fn typical<'p>(model: &'p Model, program: &'p Program) -> Followed<'p> {
    let mut patient = Followed::new(model, program, &covariates(model, &TYPICAL), &[]);
    patient.set("hazards.on_treatment", 1.0);
    patient
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
    let model = model("lenalidomide-cll");
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
    let model = model("lenalidomide-cll");
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
/// the cumulative hazards.
#[test]
fn without_a_dose_only_the_disease_and_the_hazards_move_at_the_start() {
    let model = model("lenalidomide-cll");
    let program = Program::compile(&model);
    let mut patient = typical(&model, &program);
    let mut rates = vec![0.0; program.states()];
    patient.individual.rates(0.0, &patient.states, &mut rates);
    let constant = |name: &str| {
        let equation = model.equations.iter().position(|equation| equation.name == name);
        let symbol = regimen::model::Symbol::Equation(equation.expect("an equation"));
        patient.individual.constant(symbol).expect("constant for a patient")
    };
    let growth = constant("cll.growth");
    let escape_growth = growth + (1.0 - 0.15) * constant("immune.k00");
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
