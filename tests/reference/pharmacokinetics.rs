//! Facts of lenalidomide that the typical patient must show: Tmax, half-life, renal share, proportion to dose, kidney.

use regimen::model::Model;
use regimen::program::Program;

use crate::follow::{Followed, covariates, model};

/// A profile after one capsule: (time h, ng/mL) each 3 min, area to 10 days ng·h/mL.
struct Profile {
    points: Vec<(f64, f64)>,
    area: f64,
    renal_share: f64,
    in_urine: f64,
}

fn profile(model: &Model, program: &Program, dose: f64, clearance: f64, fed: bool) -> Profile {
    let given = covariates(model, &[("FFM", 55.0), ("CRCL", clearance)]);
    let mut patient = Followed::new(model, program, &given, &[]);
    if model.control("fed").is_some() {
        patient.set("fed", if fed { 1.0 } else { 0.0 });
    }
    patient.dose("lenalidomide", dose);
    let mut points = Vec::new();
    for step in 0..=480 {
        patient.advance(f64::from(step) / 480.0);
        points.push((f64::from(step) * 0.05, patient.outputs()["Cp"]));
    }
    patient.advance(10.0);
    let outputs = patient.outputs();
    let read = |name: &str| outputs.get(name).copied().unwrap_or(f64::NAN);
    Profile { points, area: read("AUC"), renal_share: read("renal_share"), in_urine: read("urine") / dose }
}

impl Profile {
    fn peak(&self) -> (f64, f64) {
        self.points.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1)).expect("points")
    }
    /// From the last twelve hours.
    fn half_life(&self) -> f64 {
        let (from, to) = (self.points[240], self.points[480]);
        (to.0 - from.0) * 2f64.ln() / (from.1 / to.1).ln()
    }
}

#[test]
fn the_typical_patient_shows_the_known_profile() {
    let model = model("pk/lenalidomide");
    let program = Program::compile(&model);
    let profile = profile(&model, &program, 10.0, 90.0, false);
    let (tmax, cmax) = profile.peak();
    assert!((0.75..=1.25).contains(&tmax), "Tmax {tmax} h");
    assert!((125.0..=133.0).contains(&cmax), "Cmax {cmax} ng/mL");
    // 3.97 h: the trial's 3-4 h.
    assert!((3.0..=4.0).contains(&profile.half_life()), "half-life {} h", profile.half_life());
    assert!((profile.area - 10_000.0 / 12.0).abs() < 1e-6 * profile.area, "AUC {} ng*h/mL", profile.area);
    assert!((0.82..=0.90).contains(&profile.renal_share), "renal share {}", profile.renal_share);
    assert!((0.78..=0.82).contains(&profile.in_urine), "in urine {}", profile.in_urine);
}

#[test]
fn exposure_is_proportional_to_dose() {
    let model = model("pk/lenalidomide");
    let program = Program::compile(&model);
    let one = profile(&model, &program, 5.0, 90.0, false);
    for dose in [2.5, 10.0, 25.0, 400.0] {
        let other = profile(&model, &program, dose, 90.0, false);
        let ratio = dose / 5.0;
        assert!((other.area / one.area - ratio).abs() < 1e-8 * ratio);
        assert!((other.peak().1 / one.peak().1 - ratio).abs() < 1e-6 * ratio);
    }
}

/// The renal study against the clinical model's own figures (section 8): AUC over that at normal function (CrCl 110),
/// +186 % at 40, +330 % at 23 mL/min.
#[test]
fn exposure_rises_as_kidney_function_falls() {
    let model = model("pk/lenalidomide");
    let program = Program::compile(&model);
    let normal = profile(&model, &program, 25.0, 110.0, false).area;
    for (clearance, rise) in [(40.0, 1.86), (23.0, 3.30)] {
        let found = profile(&model, &program, 25.0, clearance, false).area / normal - 1.0;
        assert!((found - rise).abs() < 0.02, "at {clearance} mL/min: {found}");
    }
    // Renal clearance stops rising at 126 mL/min.
    let high = profile(&model, &program, 25.0, 126.0, false).area;
    assert!((profile(&model, &program, 25.0, 160.0, false).area / high - 1.0).abs() < 1e-9);
}

/// Chen 2012: AUC -20 %, Tmax later by 1.6 h. (Cmax falls by 30 % here, by 50 % in the study: a known misfit.)
#[test]
fn food_delays_and_lowers_exposure() {
    let model = model("pk/lenalidomide");
    let program = Program::compile(&model);
    let fasted = profile(&model, &program, 25.0, 90.0, false);
    let fed = profile(&model, &program, 25.0, 90.0, true);
    assert!((fed.area / fasted.area - 0.80).abs() < 1e-6);
    let shift = fed.peak().0 - fasted.peak().0;
    assert!((1.2..=1.8).contains(&shift), "Tmax later by {shift} h");
}

/// Hughes 2019: clearance 22 % lower at 30 mL/min.
#[test]
fn the_published_form_stays_published() {
    let model = model("pk/lenalidomide-hughes2019");
    let program = Program::compile(&model);
    let normal = profile(&model, &program, 10.0, 90.0, false);
    let low = profile(&model, &program, 10.0, 30.0, false);
    assert!((normal.area / low.area - 0.78).abs() < 0.005);
    assert!((normal.area - 10_000.0 / 12.0).abs() < 1e-6 * normal.area);
}
