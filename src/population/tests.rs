//! Patients as drawn: moments, correlations, truncation, identity, rejection, and every way in which drawing can fail.
//!
//! Tolerances of moments are four standard errors at the number of patients drawn; the draws are keyed, so a test that
//! passes once passes always.

use super::{Patient, PopulationError, Rejection, Sampler, check_blocks};
use crate::diagnostic::Sources;
use crate::model::{Formula, Kind, Loader};
use crate::program::Program;
use crate::scenario::{Scenario, Settings, load};

/// A population file, a scenario's `[population]`, and a model that uses both.
struct Files {
    model: String,
    population: String,
    enrolment: String,
}

const MODEL: &str = r#"
title = "m"
time = "d"
[covariates]
WT = { unit = "kg" }
[parameters]
CL_typ = { value = 10, unit = "L/d" }
kcap = { value = 1000, unit = "1" }
[individual]
CL = { typical = "CL_typ * (WT / 70 kg)^0.75", distribution = "log-normal", omega = 0.4 }
V = { typical = "50 L", distribution = "log-normal", omega = 0.5 }
ktr = { typical = "13.5 1/h", distribution = "log-normal", omega = 0.606, lower = "3 1/h", upper = "40 1/h" }
Hb0 = { typical = "11 g/dL", distribution = "normal", sd = "1.6 g/dL", lower = "7.5 g/dL", upper = "16.5 g/dL" }
[[correlation]]
between = ["CL", "V"]
value = 0.85
[states]
central = { unit = "mg", rate = "-CL / V * central - ktr * 0 * central" }
[doses]
drug = { into = "central" }
[outputs]
Cp = { unit = "mg/L", value = "central / V" }
hb = { unit = "g/dL", value = "Hb0" }
[[require]]
condition = "CL <= 40 L/d"
"#;

const POPULATION: &str = r#"
title = "p"
[covariates]
MALE = { unit = "1", distribution = "bernoulli", probability = 0.67 }
HT = { unit = "cm", distribution = "normal", mean = "if(MALE == 1, 176 cm, 162 cm)", sd = "7 cm" }
BMI = { unit = "kg/m^2", distribution = "log-normal", median = "26.5 kg/m^2", omega = 0.15 }
WT = { unit = "kg", value = "BMI * HT^2" }
AGE = { unit = "y", distribution = "normal", mean = "64 y", sd = "9.5 y", lower = "60 y", upper = "86 y" }
CRCL = { unit = "mL/min", distribution = "uniform", lower = "30 mL/min", upper = "130 mL/min" }
[[correlation]]
between = ["HT", "BMI"]
value = 0.5
"#;

impl Files {
    fn new() -> Self {
        let (model, population) = (MODEL.to_owned(), POPULATION.to_owned());
        Self { model, population, enrolment: "from = \"p\"".to_owned() }
    }
    fn population(mut self, from: &str, to: &str) -> Self {
        assert!(self.population.contains(from), "`{from}` is not there");
        self.population = self.population.replacen(from, to, 1);
        self
    }
    fn model(mut self, from: &str, to: &str) -> Self {
        assert!(self.model.contains(from), "`{from}` is not there");
        self.model = self.model.replacen(from, to, 1);
        self
    }
    fn enrol(mut self, line: &str) -> Self {
        self.enrolment = format!("{}\n{line}", self.enrolment);
        self
    }
    fn scenario(&self) -> Scenario {
        let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
        let scenario = load("s", &Settings::default(), self, &mut sources, &mut diagnostics);
        let rendered = crate::diagnostic::render(&diagnostics, &sources, false);
        scenario.unwrap_or_else(|| panic!("{rendered}"))
    }
    fn draw(&self, patients: usize) -> Vec<Patient> {
        let scenario = self.scenario();
        let program = Program::compile(&scenario.model);
        let sampler = sampler(&scenario, &program);
        (0..patients).map(|number| drawn(&sampler, number)).collect()
    }
    fn error(&self, number: usize) -> PopulationError {
        let scenario = self.scenario();
        let program = Program::compile(&scenario.model);
        match sampler(&scenario, &program).patient(number) {
            Ok(patient) => panic!("drawn: {patient:?}"),
            Err(error) => error,
        }
    }
}

impl Loader for Files {
    fn load(&self, kind: Kind, name: &str, _beside: Option<&str>) -> Result<(String, String), String> {
        let text = match kind {
            Kind::Model => self.model.clone(),
            Kind::Population => self.population.clone(),
            _ => format!(
                "title = \"s\"\nmodel = \"m\"\nhorizon = \"1 d\"\nseed = 42\n[population]\n{}\n[[arm]]\nname = \"none\"\n",
                self.enrolment
            ),
        };
        Ok((name.to_owned(), text))
    }
}

fn sampler<'a>(scenario: &'a Scenario, program: &'a Program) -> Sampler<'a> {
    Sampler::new(scenario, program).unwrap_or_else(|error| panic!("{error:?}"))
}

fn drawn(sampler: &Sampler<'_>, number: usize) -> Patient {
    sampler.patient(number).unwrap_or_else(|error| panic!("{error:?}"))
}

fn covariate(scenario: &Scenario, patients: &[Patient], name: &str) -> Vec<f64> {
    let index = scenario.population.covariates.iter().position(|covariate| covariate.name == name);
    let index = index.unwrap_or_else(|| panic!("{name}"));
    let unit = &scenario.population.covariates[index].unit;
    patients.iter().map(|patient| unit.show(patient.population_covariates[index])).collect()
}

fn effect(scenario: &Scenario, patients: &[Patient], name: &str) -> Vec<f64> {
    let index = scenario.model.random_effects.iter().position(|effect| effect.name == name);
    let index = index.unwrap_or_else(|| panic!("{name}"));
    patients.iter().map(|patient| patient.random_effects[index]).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn sd(values: &[f64]) -> f64 {
    let middle = mean(values);
    (values.iter().map(|value| (value - middle).powi(2)).sum::<f64>() / (values.len() - 1) as f64).sqrt()
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let (middle_a, middle_b) = (mean(a), mean(b));
    let covariance = a.iter().zip(b).map(|(x, y)| (x - middle_a) * (y - middle_b)).sum::<f64>();
    covariance / ((a.len() - 1) as f64 * sd(a) * sd(b))
}

fn near(found: f64, wanted: f64, tolerance: f64) {
    assert!((found - wanted).abs() < tolerance, "{found} instead of {wanted} ± {tolerance}");
}

const MANY: usize = 4000;

#[test]
fn covariates_have_the_moments_of_their_laws() {
    let files = Files::new();
    let (scenario, patients) = (files.scenario(), files.draw(MANY));
    let root = (MANY as f64).sqrt();
    let male = covariate(&scenario, &patients, "MALE");
    near(mean(&male), 0.67, 4.0 * 0.47 / root);
    let bmi: Vec<f64> = covariate(&scenario, &patients, "BMI").iter().map(|bmi| (bmi / 26.5).ln()).collect();
    near(mean(&bmi), 0.0, 4.0 * 0.15 / root);
    near(sd(&bmi), 0.15, 4.0 * 0.15 / (2.0_f64.sqrt() * root));
    let height: Vec<f64> = covariate(&scenario, &patients, "HT")
        .iter()
        .zip(&male)
        .map(|(height, male)| height - if *male == 1.0 { 176.0 } else { 162.0 })
        .collect();
    near(mean(&height), 0.0, 4.0 * 7.0 / root);
    near(sd(&height), 7.0, 4.0 * 7.0 / (2.0_f64.sqrt() * root));
    let crcl = covariate(&scenario, &patients, "CRCL");
    near(mean(&crcl), 80.0, 4.0 * 100.0 / 12.0_f64.sqrt() / root);
    assert!(crcl.iter().all(|value| (30.0..=130.0).contains(value)));
    // Fisher: the standard error of a correlation is (1 − ρ²)/√n.
    near(correlation(&height, &bmi), 0.5, 4.0 * 0.75 / root);
    near(correlation(&height, &crcl), 0.0, 4.0 / root);
    let weight = covariate(&scenario, &patients, "WT");
    let patient = &patients[17];
    near(
        weight[17],
        patient.population_covariates[1].powi(2) * patient.population_covariates[2] * 1e-6,
        1e-9,
    );
    assert_eq!(patient.covariates[0], weight[17] * 1e6, "the model's covariate is the population's");
}

/// Normal(64, 9.5) between 60 and 86: mean = μ + σ (φ(a) − φ(b))/(Φ(b) − Φ(a)) = 68.97 (Johnson, Kotz and Balakrishnan
/// 1994, section 13.10.1).
#[test]
fn truncation_gives_the_truncated_distribution() {
    let files = Files::new();
    let (scenario, patients) = (files.scenario(), files.draw(MANY));
    let age = covariate(&scenario, &patients, "AGE");
    assert!(age.iter().all(|age| (60.0..=86.0).contains(age)));
    near(mean(&age), 68.97, 4.0 * sd(&age) / (MANY as f64).sqrt());
    let ktr = effect(&scenario, &patients, "ktr");
    assert!(ktr.iter().all(|eta| (3.0..=40.0).contains(&(13.5 * eta.exp()))));
    assert!(ktr.iter().any(|eta| 13.5 * eta.exp() > 35.0), "the bound is not drawn in further than it says");
    let hb0 = effect(&scenario, &patients, "Hb0");
    let shown = |eta: &f64| 11.0 + scenario.model.outputs[1].unit.show(*eta);
    assert!(hb0.iter().all(|eta| (7.5..=16.5).contains(&shown(eta))));
}

#[test]
fn random_effects_recover_their_block() {
    let files = Files::new().model("[[require]]\ncondition = \"CL <= 40 L/d\"\n", "");
    let (scenario, patients) = (files.scenario(), files.draw(MANY));
    let root = (MANY as f64).sqrt();
    let (clearance, volume) = (effect(&scenario, &patients, "CL"), effect(&scenario, &patients, "V"));
    near(mean(&clearance), 0.0, 4.0 * 0.4 / root);
    near(sd(&clearance), 0.4, 4.0 * 0.4 / (2.0_f64.sqrt() * root));
    near(sd(&volume), 0.5, 4.0 * 0.5 / (2.0_f64.sqrt() * root));
    near(correlation(&clearance, &volume), 0.85, 4.0 * (1.0 - 0.85 * 0.85) / root);
    near(correlation(&clearance, &effect(&scenario, &patients, "Hb0")), 0.0, 4.0 / root);
}

#[test]
fn a_patient_is_the_same_in_any_order_and_on_any_thread() {
    let scenario = Files::new().scenario();
    let program = Program::compile(&scenario.model);
    let sampler = sampler(&scenario, &program);
    let forward: Vec<Patient> = (0..40).map(|number| drawn(&sampler, number)).collect();
    let mut backward: Vec<Patient> = (0..40).rev().map(|number| drawn(&sampler, number)).collect();
    backward.reverse();
    assert_eq!(forward, backward);
    let threads: Vec<Patient> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..4)
            .map(|part| {
                let sampler = &sampler;
                scope
                    .spawn(move || (part * 10..part * 10 + 10).map(|number| drawn(sampler, number)).collect())
            })
            .collect();
        handles.into_iter().flat_map(|handle| -> Vec<Patient> { handle.join().unwrap_or_default() }).collect()
    });
    assert_eq!(forward, threads);
}

/// What is added to a population or model leaves everyone else's numbers alone.
#[test]
fn a_further_covariate_changes_no_other_draw() {
    let before = Files::new();
    let after = Files::new().population(
        "CRCL =",
        "SCR = { unit = \"mg/dL\", distribution = \"log-normal\", median = 1, omega = 0.2 }\nCRCL =",
    );
    let (a, b) = (before.draw(20), after.draw(20));
    let (before, after) = (before.scenario(), after.scenario());
    for name in ["MALE", "HT", "BMI", "WT", "AGE", "CRCL"] {
        assert_eq!(covariate(&before, &a, name), covariate(&after, &b, name), "{name}");
    }
    assert_eq!(effect(&before, &a, "CL"), effect(&after, &b, "CL"));
}

/// Pinned draws: they may change only when the way of drawing changes, and CHANGELOG says so then.
#[test]
fn golden_draws() {
    let files = Files::new();
    let (scenario, patients) = (files.scenario(), files.draw(2));
    let found: Vec<String> = ["HT", "BMI", "AGE", "CRCL"]
        .iter()
        .flat_map(|name| covariate(&scenario, &patients, name))
        .chain(["CL", "V", "ktr"].iter().flat_map(|name| effect(&scenario, &patients, name)))
        .map(|value| format!("{value:.9}"))
        .collect();
    assert_eq!(found.join(" "), GOLDEN);
}

const GOLDEN: &str = "175.374339716 158.777196247 22.463704213 24.177508083 72.321625361 74.809371187 95.710068761 \
    61.091919992 -0.252731143 0.244786377 -0.197781312 -0.123470153 0.148267341 -0.591824956";

#[test]
fn entry_criteria_and_requirements_reject_whole_patients() {
    // P(CRCL > 80) = 1/2.
    let files = Files::new().enrol("entry = [\"CRCL > 80 mL/min\"]");
    let (scenario, patients) = (files.scenario(), files.draw(MANY));
    assert!(covariate(&scenario, &patients, "CRCL").iter().all(|value| *value > 80.0));
    let entry = Rejection::Entry(0);
    let rejected: Vec<Rejection> = patients
        .iter()
        .flat_map(|patient| &patient.rejected)
        .copied()
        .filter(|reason| *reason == entry)
        .collect();
    let acceptance = MANY as f64 / (MANY + rejected.len()) as f64;
    // Binomial over about 2 MANY draws; the few rejections by requirement are not counted.
    near(acceptance, 0.5, 4.0 * 0.5 / (2.0 * MANY as f64).sqrt());
    let free = Files::new().draw(MANY);
    let requirement = |patient: &&Patient| patient.rejected.contains(&Rejection::Requirement(0));
    assert!(free.iter().filter(requirement).count() > 0, "somebody has a clearance above 40 L/d");
    for patient in &free {
        let individual = 10.0 * (patient.covariates[0] / 70e6).powf(0.75) * patient.random_effects[0].exp();
        assert!(individual <= 40.0, "{individual}");
    }
}

#[test]
fn an_attempt_is_the_same_whatever_was_rejected_before() {
    let everyone = Files::new();
    let scenario = everyone.scenario();
    let all = covariate(&scenario, &everyone.draw(200), "CRCL");
    let chosen = Files::new().enrol("entry = [\"CRCL > 80 mL/min\"]").draw(200);
    let some = covariate(&scenario, &chosen, "CRCL");
    for ((all, some), patient) in all.iter().zip(&some).zip(&chosen) {
        if patient.rejected.is_empty() {
            assert_eq!(all, some);
        }
    }
}

#[test]
fn without_variability_everyone_is_typical() {
    let patients = Files::new().enrol("variability = false").draw(3);
    let scenario = Files::new().scenario();
    let typical = |name: &str| covariate(&scenario, &patients, name)[2];
    assert_eq!((typical("MALE"), typical("AGE")), (1.0, 64.0));
    near(typical("HT"), 176.0, 1e-9);
    near(typical("CRCL"), 80.0, 1e-9);
    near(typical("WT"), 26.5 * 1.76 * 1.76, 1e-9);
    assert!(patients.iter().all(|patient| patient.random_effects.iter().all(|effect| *effect == 0.0)));
    let nobody = Files::new().enrol("variability = false\nentry = [\"CRCL > 81 mL/min\"]").error(0);
    let reason = Rejection::Entry(0);
    assert_eq!(nobody, PopulationError::NobodyEligible { patient: 0, tried: 1, reason });
}

#[test]
fn rows_of_real_patients_are_resampled_whole() {
    let mut files = Files::new();
    files.population = "ID,WT,AGE\n1,60,50\n2,70,60\n3,80,70\n".to_owned();
    files.enrolment = "from = \"real.csv\"\nunits = { AGE = \"y\" }".to_owned();
    let (scenario, patients) = (files.scenario(), files.draw(600));
    let (weight, age) = (covariate(&scenario, &patients, "WT"), covariate(&scenario, &patients, "AGE"));
    for (weight, age) in weight.iter().zip(&age) {
        near(weight - age, 10.0, 1e-9);
    }
    let heavy = weight.iter().filter(|weight| **weight > 75.0).count();
    near(heavy as f64 / 600.0, 1.0 / 3.0, 4.0 * (2.0_f64 / 9.0 / 600.0).sqrt());
    files.enrolment += "\nvariability = false";
    near(covariate(&scenario, &files.draw(1), "WT")[0], 70.0, 1e-9);
}

#[test]
fn what_cannot_be_drawn_is_an_error_with_its_cause() {
    let nobody = Files::new().enrol("entry = [\"CRCL > 20 mL/min\", \"CRCL > 200 mL/min\"]").error(3);
    let reason = Rejection::Entry(1);
    assert_eq!(nobody, PopulationError::NobodyEligible { patient: 3, tried: 10_000, reason });
    let outside = Files::new().population("lower = \"60 y\", upper = \"86 y\"", "lower = \"300 y\"").error(0);
    assert_eq!(outside, PopulationError::OutsideBounds { name: "AGE".to_owned(), patient: 0, tried: 10_000 });
    let outside = Files::new().model("lower = \"3 1/h\", upper = \"40 1/h\"", "lower = \"1e9 1/h\"").error(0);
    assert!(matches!(outside, PopulationError::OutsideBounds { name, .. } if name == "ktr"));
    let infinite = Files::new().population("BMI * HT^2", "BMI * HT^2 / (MALE - MALE)").error(5);
    assert_eq!(infinite, PopulationError::NotFinite { name: "WT".to_owned(), patient: 5 });
    for (from, to) in [
        ("probability = 0.67", "probability = \"AGE / 1 y\""),
        ("sd = \"7 cm\"", "sd = \"7 cm * (MALE - 2)\""),
        ("median = \"26.5 kg/m^2\"", "median = \"26.5 kg/m^2 * (MALE - 2)\""),
        ("upper = \"130 mL/min\"", "upper = \"20 mL/min * (MALE + 0.2)\""),
    ] {
        let error = Files::new().population(from, to).error(0);
        assert!(matches!(error, PopulationError::ImpossibleDistribution { .. }), "{to}: {error:?}");
    }
}

#[test]
fn a_block_that_is_not_positive_definite_is_named() {
    let mut scenario = Files::new().scenario();
    let model = &mut scenario.model;
    let span = model.correlations[0].span;
    let further = |between, value| crate::model::Correlation { between, value, span };
    model.correlations.push(further((1, 2), 0.5));
    assert!(check_blocks(model).is_empty());
    model.correlations.push(further((0, 2), -0.5));
    let findings = check_blocks(model);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].message.contains("CL, V, ktr"), "{findings:?}");
    assert!(findings[0].help.as_ref().is_some_and(|help| help.contains("-0.03 and 0.88")), "{findings:?}");
    let program = Program::compile(&scenario.model);
    let block = vec!["CL".to_owned(), "V".to_owned(), "ktr".to_owned()];
    let error = Sampler::new(&scenario, &program).err();
    assert_eq!(error, Some(PopulationError::NotPositiveDefinite { block }));
}

/// A covariate whose bounds depend on its correlated partner: the pair is redrawn together, so the partner's own
/// distribution is that of the untruncated pair given the bounds.
#[test]
fn correlated_covariates_are_redrawn_together() {
    let files = Files::new()
        .population("sd = \"7 cm\" }", "sd = \"7 cm\", lower = \"if(MALE == 1, 176 cm, 162 cm)\" }");
    let (scenario, patients) = (files.scenario(), files.draw(MANY));
    let bmi: Vec<f64> =
        covariate(&scenario, &patients, "BMI").iter().map(|bmi| (bmi / 26.5).ln() / 0.15).collect();
    // E[Y | X > 0] = ρ √(2/π) for standard normal X and Y.
    near(mean(&bmi), 0.5 * (2.0 / std::f64::consts::PI).sqrt(), 4.0 / (MANY as f64).sqrt());
    assert!(!matches!(
        scenario.population.entry.first().map(|entry| &entry.condition),
        Some(Formula::Constant(_))
    ));
}
