//! The neutropenia model: twenty virtual patients over a year of three weeks on, one week off.

use regimen::program::Program;

use crate::follow::{Followed, Table, model};

/// The table is good to 1e-11; its concentrations below 1e-9 ng/mL are noise.
const RELATIVE: f64 = 1e-6;
const ABSOLUTE: f64 = 1e-8;

#[test]
fn twenty_patients_follow_the_reference_for_a_year() {
    let model = model("neutropenia");
    let program = Program::compile(&model);
    let subjects = Table::read("neutropenia/subjects.csv");
    let reference = Table::read("neutropenia/reference.csv");
    // A patient's value over the typical one is exp(eta).
    let pairs =
        [("CL", "cl"), ("V", "v"), ("KA", "ka"), ("MTT", "mtt"), ("CIRC0", "circ0"), ("SLOPE", "slope")];
    let effects_of = |row: &[f64]| -> Vec<f64> {
        let effect = |name: &str| {
            let column = pairs.iter().find(|pair| pair.0 == name).expect("a known effect").1;
            let typical =
                model.parameters.iter().find(|parameter| parameter.name == column).expect("a parameter");
            (row[subjects.column(column)] / typical.unit.show(typical.value)).ln()
        };
        model.random_effects.iter().map(|random_effect| effect(&random_effect.name)).collect()
    };
    let mut compared = 0;
    for subject in &subjects.rows {
        let mut patient = Followed::new(&model, &program, &[], &effects_of(subject));
        for row in reference.rows.iter().filter(|row| row[0] == subject[0]) {
            let day = row[1] / 24.0;
            patient.advance(day);
            let outputs = patient.outputs();
            for (name, wanted) in [("Cp", row[2]), ("ANC", row[3])] {
                let found = outputs[name];
                let close = (found - wanted).abs() <= RELATIVE * wanted.abs() + ABSOLUTE;
                assert!(close, "patient {}, {name} on day {day}: {found} instead of {wanted}", subject[0]);
                compared += 1;
            }
            if day < 364.0 && day % 28.0 < 21.0 {
                patient.dose("drug", 25.0);
            }
        }
    }
    assert_eq!(compared, 20 * 365 * 2);
}
