//! A made-up trial for the tests of the report: three arms, courses in closed form, decisions and events by simple
//! chance. It looks like a trial, but no number in it means anything.

use crate::diagnostic::Sources;
use crate::endpoint::{self, Value, fixture};
use crate::math::random::{Identity, Stream};
use crate::math::statistics::{median, paired_risk_difference, wilson};
use crate::math::survival::{Observed, hazard_ratio, kaplan_meier};
use crate::model::{Formula, Kind, Loader, Model, Symbol, Tag};
use crate::population::{Patient, Rejection};
use crate::scenario::population::{CovariateLaw, CovariateSource, EntryCriterion, PopulationDescription};
use crate::scenario::*;
use crate::simulation::*;
use crate::trial::{ArmResult, Comparison, Contrast, Estimate, Measure, Trial};

const MODEL: &str = r#"
title = "A made-up course of disease <script>alert('model')</script>"
source = "Nobody 2026"
about = "For tests of the report only."
time = "h"
[covariates]
AGE = { unit = "y", about = "age" }
WT = { unit = "kg", about = "body weight" }
MALE = { unit = "1", about = "male sex" }
[parameters]
CL_typ = { value = 12, unit = "L/h", about = "apparent clearance", source = "Hughes 2019", tag = "read" }
V = { value = 68.8, unit = "L", about = "apparent volume", source = "Hughes 2019", tag = "read" }
kel = { value = 0.02, unit = "1/d", about = "loss of cells", source = "set by hand", tag = "assumed" }
slope = { value = 0.3, unit = "1", about = "effect & size", source = "fit to arms", tag = "calibrated" }
[individual]
CL = { typical = "CL_typ * (WT / 70 kg)^0.75", distribution = "log-normal", omega = 0.4, about = "clearance" }
N0 = { typical = "3.2 1e9/L", distribution = "log-normal", omega = 0.5, about = "neutrophils at the start" }
[equations]
halflife = { value = "0.693 * V / CL", unit = "h", about = "half-life" }
[states]
central = { unit = "mg", rate = "-CL / V * central", about = "drug in plasma" }
H_death = { unit = "1", rate = "kel" }
H_drop = { unit = "1", rate = "kel" }
[doses]
lenalidomide = { into = "central", about = "oral capsule" }
[outputs]
Cp = { unit = "ng/mL", value = "central / V", about = "plasma lenalidomide" }
ANC = { unit = "1e9/L", value = "N0", about = "neutrophils", error = { exponential = 0.28 } }
PLT = { unit = "1e9/L", value = "N0", about = "platelets", error = { exponential = 0.15 } }
HB = { unit = "g/dL", value = "12 g/dL", about = "haemoglobin", error = { additive = "0.4 g/dL" } }
ALC = { unit = "1e9/L", value = "N0", about = "lymphocytes", error = { exponential = 0.15 } }
SPD = { unit = "1", value = "slope", about = "sum of products, relative to baseline", error = { exponential = 0.08 } }
UA = { unit = "umol/L", value = "1 umol/L", about = "uric acid" }
[hazards]
death = { cumulative = "H_death", terminal = true, about = "death" }
dropout = { cumulative = "H_drop", ends_treatment = true, about = "leaves treatment" }
"#;

const CP: usize = 0;
const ANC: usize = 1;
const PLT: usize = 2;
const HB: usize = 3;
const ALC: usize = 4;
const SPD: usize = 5;
const UA: usize = 6;
const OUTPUTS: usize = 7;
const HORIZON: f64 = 730.5;
const LEVELS: [f64; 6] = [2.5, 5.0, 10.0, 15.0, 20.0, 25.0];

struct One;

impl Loader for One {
    fn load(&self, _kind: Kind, name: &str, _beside: Option<&str>) -> Result<(String, String), String> {
        Ok((format!("{name}.toml"), MODEL.to_owned()))
    }
}

fn model() -> (Model, Sources) {
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let model = crate::model::load("made-up", &One, &mut sources, &mut diagnostics);
    let told = crate::diagnostic::render(&diagnostics, &sources, false);
    (model.unwrap_or_else(|| panic!("{told}")), sources)
}

fn rule(name: &str, action: Action, signals: Vec<usize>) -> Rule {
    Rule {
        name: name.to_owned(),
        about: format!("{name}, as the protocol says"),
        when_text: "ANC < 0.5e9/L or lasting(ANC < 1.0e9/L, 7 d)".to_owned(),
        when: Formula::Constant(0.0),
        signals,
        daily: false,
        action,
        give: None,
    }
}

fn graded(name: &str, output: usize, thresholds: [f64; 4]) -> (String, EndpointKind) {
    let kind = EndpointKind::WorstGrade {
        output,
        thresholds: thresholds.to_vec(),
        falling: true,
        at: GradeTimes::Visits,
    };
    (name.to_owned(), kind)
}

fn endpoints(model: &Model) -> Vec<EndpointDefinition> {
    let response = ResponseCriteria {
        schedule: 1,
        progression: 0,
        nodes: Column::Output(SPD),
        node: Column::Output(SPD),
        spleen: Column::Output(SPD),
        lymphocytes: Column::Output(ALC),
        marrow: Column::Output(SPD),
        neutrophils: Column::Output(ANC),
        platelets: Column::Output(PLT),
        haemoglobin: Column::Output(HB),
        node_limit: 0.1,
        confirmation: 56.0,
    };
    let mut kinds = vec![
        ("best response".to_owned(), EndpointKind::BestResponse(Box::new(response))),
        (
            "progression-free survival".to_owned(),
            EndpointKind::ProgressionFreeSurvival { progression: 0, death: Some(0) },
        ),
        graded("neutropenia", ANC, [2.0, 1.5, 1.0, 0.5]),
        graded("thrombocytopenia", PLT, [150.0, 75.0, 50.0, 25.0]),
        graded("anaemia", HB, [120.0, 100.0, 80.0, 65.0].map(|x| x * 100.0)),
        ("AUC of the first day".to_owned(), EndpointKind::Auc { output: CP, record: 1 }),
        ("Cmax of the first day".to_owned(), EndpointKind::Cmax { output: CP, record: 1 }),
        ("neutrophil nadir".to_owned(), EndpointKind::Nadir { output: ANC }),
        ("day of the neutrophil nadir".to_owned(), EndpointKind::NadirDay { output: ANC }),
        ("time on treatment".to_owned(), EndpointKind::TimeOnTreatment),
    ];
    let unit_of = |kind: &EndpointKind| match kind {
        EndpointKind::Cmax { .. } => model.outputs[CP].unit.clone(),
        EndpointKind::Auc { .. } => fixture::unit("ng*h/mL", 1e-3 / 24.0),
        EndpointKind::Nadir { .. } => model.outputs[ANC].unit.clone(),
        EndpointKind::NadirDay { .. }
        | EndpointKind::TimeOnTreatment
        | EndpointKind::ProgressionFreeSurvival { .. } => fixture::unit("d", 1.0),
        _ => fixture::unit("1", 1.0),
    };
    kinds
        .drain(..)
        .map(|(name, kind)| EndpointDefinition {
            about: format!("How {name} is found, in a sentence with <b>markup</b> & signs."),
            estimand: "Treatment policy: all patients treated.".to_owned(),
            unit: unit_of(&kind),
            name,
            kind,
        })
        .collect()
}

fn population(model: &Model) -> PopulationDescription {
    let covariate = |index: usize, law: CovariateLaw| CovariateSource {
        name: model.covariates[index].name.clone(),
        unit: model.covariates[index].unit.clone(),
        about: model.covariates[index].about.clone(),
        source: "set by hand".to_owned(),
        tag: Tag::Untagged,
        model_index: Some(index),
        law,
    };
    let normal = |mean: f64, sd: f64| CovariateLaw::Normal {
        mean: Formula::Constant(mean),
        sd: Formula::Constant(sd),
        lower: None,
        upper: None,
    };
    PopulationDescription {
        title: "Relapsed disease".to_owned(),
        source: "Made up".to_owned(),
        covariates: vec![
            covariate(0, normal(64.0, 9.5)),
            covariate(1, normal(80.0, 12.0)),
            covariate(2, CovariateLaw::Bernoulli(Formula::Constant(0.67))),
        ],
        correlations: Vec::new(),
        entry: vec![EntryCriterion {
            text: "N0 > 0.5e9/L".to_owned(),
            condition: Formula::Constant(1.0),
            about: "trial entry".to_owned(),
        }],
        rows: None,
    }
}

/// The scenario; `arms` of the three arms are kept (repeated beyond three).
pub fn scenario(patients: usize, arms: usize) -> (Scenario, Sources) {
    let (model, mut sources) = model();
    sources.add("scenarios/made-up.toml", "title = 'made up'");
    let hold = Action::Hold {
        drug: 0,
        resume: Formula::Constant(1.0),
        resume_text: "ANC >= 1.0e9/L".to_owned(),
        lower: 1,
        lowest: 2.5,
    };
    let step = Action::Escalate { drug: 0, first: 28.0, every: 28.0, highest: 25.0, regain: false };
    let mut scenario = fixture::scenario(OUTPUTS);
    scenario.name = "made-up".to_owned();
    scenario.title = "Starting dose in a made-up disease".to_owned();
    scenario.about = "Does a low start with planned steps spare neutrophils without losing responses? \
                      <img src=x onerror=alert(1)>"
        .to_owned();
    scenario.horizon = HORIZON;
    scenario.patients = patients;
    scenario.visits = vec![
        VisitSchedule {
            name: "laboratory".to_owned(),
            times: (0..27).map(|i| 28.0 * f64::from(i)).collect(),
            text: vec!["every 28 d".to_owned()],
        },
        VisitSchedule {
            name: "restaging".to_owned(),
            times: (0..14).map(|i| 56.0 * f64::from(i)).collect(),
            text: vec!["every 56 d".to_owned()],
        },
    ];
    scenario.rules = vec![
        rule("hold for neutropenia", hold, vec![ANC]),
        rule("step up every 28 d", step, vec![ANC]),
        rule("stop at progression", Action::Discontinue { drug: None }, Vec::new()),
        rule("stop for toxicity", Action::Discontinue { drug: None }, vec![ANC]),
    ];
    scenario.signals = vec![Signal {
        name: "progression".to_owned(),
        about: String::new(),
        text: "SPD >= 1.5 * nadir(SPD)".to_owned(),
        formula: Formula::Symbol(Symbol::Output(SPD)),
        unit: fixture::unit("1", 1.0),
        logical: true,
        schedule: 1,
        daily: false,
    }];
    let plans: [(&str, usize, u32, &[usize]); 3] = [
        ("step up from 2.5 mg", 0, 28, &[2, 0, 1, 3]),
        ("25 mg, days 1–21 of 28", 5, 21, &[2, 0, 3]),
        ("10 mg daily", 2, 28, &[2, 0, 3]),
    ];
    scenario.arms = (0..arms)
        .map(|index| {
            let (name, start, days, rules) = plans[index % 3];
            let days: Vec<u32> = (1..=days).collect();
            let mut arm = fixture::arm(name, vec![fixture::treatment(&LEVELS, start, 28.0, &days)]);
            arm.about = format!("Arm number {}", index + 1);
            arm.treatments[0].text = format!("lenalidomide {} mg", LEVELS[start]);
            arm.rules = rules.to_vec();
            arm
        })
        .collect();
    scenario.records = vec![
        Record {
            name: "course".to_owned(),
            times: (0..=730).map(f64::from).collect(),
            outputs: vec![ANC, PLT, HB, ALC, SPD, UA],
        },
        Record {
            name: "first day".to_owned(),
            times: (0..=48).map(|i| f64::from(i) / 48.0).collect(),
            outputs: vec![CP],
        },
    ];
    scenario.groups = vec![
        Group { name: "65 years and above".to_owned(), condition: Formula::Constant(1.0) },
        Group { name: "below 65 years".to_owned(), condition: Formula::Constant(0.0) },
    ];
    scenario.notes = vec![Note {
        title: "Must never be claimed".to_owned(),
        lines: vec!["Anything at all: this trial is made up.".to_owned()],
    }];
    scenario.population = population(&model);
    scenario.endpoints = endpoints(&model);
    scenario.model = model;
    (scenario, sources)
}

fn stream(patient: usize, purpose: &'static str, occasion: u64) -> Stream {
    Stream::new(Identity { seed: 7, patient: patient as u64, purpose, occasion })
}

fn patient(number: usize) -> Patient {
    let mut draw = stream(number, "patient", 0);
    let covariates = vec![
        (64.0 + 9.5 * draw.normal()) * 365.25,
        (80.0 + 12.0 * draw.normal()) * 1e6,
        f64::from(draw.uniform() < 0.67),
    ];
    Patient {
        number,
        population_covariates: covariates.clone(),
        covariates,
        random_effects: vec![0.4 * draw.normal(), 0.5 * draw.normal()],
        rejected: Vec::new(),
    }
}

/// True outputs at a time, coherent.
fn outputs(patient: &Patient, arm: usize, time: f64) -> Vec<f64> {
    let (cl, n0) = (patient.random_effects[0], patient.random_effects[1]);
    let drug = [0.5, 1.0, 0.7][arm % 3];
    let mut nature = stream(patient.number, "nature", arm as u64);
    let (sensitivity, escape, baseline) = (nature.uniform(), nature.uniform(), nature.normal());
    let wave = (time / 28.0 * std::f64::consts::TAU).sin();
    let onset = 1.0 - (-time / 40.0).exp();
    let hour = (time - time.floor()) * 24.0;
    let concentration = drug * 0.35 * (-0.2 * (cl).exp() * hour).exp() * (1.0 - (-3.0 * hour).exp());
    let spd = (-time / 150.0 * drug * 2.0 * sensitivity).exp() + escape * (time / 600.0).powi(3) * 0.6;
    let mut values = vec![0.0; OUTPUTS];
    values[CP] = concentration;
    values[ANC] = 3.2
        * n0.exp()
        * (1.0 - 0.75 * drug * onset * (0.3 + 0.7 * sensitivity))
        * (1.0 + 0.15 * wave * onset);
    values[PLT] =
        140.0 * (0.4 * baseline).exp() * (1.0 - 0.6 * drug * onset * sensitivity) * (1.0 + 0.08 * wave);
    values[HB] = (12.0 + baseline - 1.5 * drug * onset) * 1e4;
    values[ALC] = 90.0 * (baseline).exp() * (-time / 60.0 * drug * sensitivity).exp() + 1.0;
    values[SPD] = spd;
    values[UA] = 340.0 + 60.0 * (-time / 10.0).exp() * (time / 5.0).min(1.0);
    values
}

fn trajectory(scenario: &Scenario, patient: &Patient, arm: usize) -> Trajectory {
    let mut fate = stream(patient.number, "fate", arm as u64);
    let death = -(fate.uniform()).ln() * 2200.0;
    let dropout = -(fate.uniform()).ln() * 1500.0;
    let failed = patient.number == 17 && arm == 1;
    let end_time = if failed { 201.25 } else { death.min(HORIZON) };
    let mut at_visits = Vec::new();
    let mut progression = None;
    for time in scenario.visits[0].times.iter().copied().filter(|time| *time < end_time) {
        let truth = outputs(patient, arm, time);
        let mut noise = stream(patient.number, "noise", time as u64);
        let sd = [0.0, 0.28, 0.15, 0.03, 0.15, 0.08, 0.0];
        let measured: Vec<f64> =
            truth.iter().zip(sd).map(|(value, sd)| value * (sd * noise.normal()).exp()).collect();
        let restaging = time % 56.0 == 0.0;
        let progressed = restaging && time > 80.0 && measured[SPD] > 1.35;
        if progressed && progression.is_none() {
            progression = Some(time);
        }
        at_visits.push(Visit {
            time,
            schedules: if restaging { 3 } else { 1 },
            on_treatment: time > 0.0 && progression.is_none_or(|stop| time <= stop) && time < dropout,
            on_hold: false,
            truth,
            measured,
            signals: vec![f64::from(u8::from(progressed))],
        });
    }
    let stop = match progression {
        Some(time) if time < dropout => Some((time, Why::Rule(2))),
        _ if dropout < end_time => Some((dropout, Why::Hazard(1))),
        _ => None,
    };
    let (treatment, doses, decisions, rules_fired) = dosing(scenario, arm, &at_visits, end_time, stop);
    let died = !failed && death < HORIZON;
    let end = if failed {
        End::Failed(Failure {
            time: end_time,
            state: Some(0),
            what: "the step became smaller than the clock can tell".to_owned(),
            cause: "central / V grows without bound: is V positive for this patient?".to_owned(),
        })
    } else if died {
        End::Died { hazard: 0 }
    } else {
        End::Completed
    };
    let records = scenario.records.iter().map(|record| series(record, patient, arm, end_time)).collect();
    Trajectory {
        patient: patient.number,
        arm,
        end,
        end_time,
        records,
        visits: at_visits,
        doses,
        decisions,
        events: if died { vec![Event { time: death, hazard: 0 }] } else { Vec::new() },
        treatment,
        counts: Counts { steps: 12_000, rejected: 340, evaluations: 80_500 },
        rules_fired,
    }
}

fn series(record: &Record, patient: &Patient, arm: usize, end_time: f64) -> RecordedSeries {
    let times: Vec<f64> = record.times.iter().copied().filter(|time| *time <= end_time).collect();
    let values = times
        .iter()
        .flat_map(|time| {
            let all = outputs(patient, arm, *time);
            record.outputs.iter().map(move |output| all[*output]).collect::<Vec<f64>>()
        })
        .collect();
    RecordedSeries { reached: times.len(), values }
}

type Dosing = (TreatmentSpan, Vec<Dose>, Vec<Decision>, Vec<u32>);

fn dosing(
    scenario: &Scenario,
    arm: usize,
    visits: &[Visit],
    end_time: f64,
    stop: Option<(f64, Why)>,
) -> Dosing {
    let treatment = &scenario.arms[arm].treatments[0];
    let mut level = treatment.start;
    let (mut held, mut held_days) = (false, 0);
    let (mut daily_level, mut doses, mut decisions) = (Vec::new(), Vec::new(), Vec::new());
    let mut fired = vec![0; scenario.rules.len()];
    let mut decide = |time: f64, rule: usize, value: f64, action: Done, before: f64, after: f64| {
        let (rule_index, signal, drug) = (Some(rule), Some(ANC), Some(0));
        decisions.push(Decision { time, rule: rule_index, signal, value, action, drug, before, after });
        fired[rule] += 1;
    };
    for day in 0..end_time.ceil() as usize {
        let time = day as f64;
        let stopped = stop.is_some_and(|(stop, _)| stop <= time);
        if let Some(visit) = visits.iter().find(|visit| visit.time == time && !stopped) {
            let anc = visit.measured[ANC];
            if held && anc >= 1.0 {
                held = false;
                level = level.saturating_sub(1);
                decide(time, 0, anc, Done::Resume, 0.0, LEVELS[level]);
            } else if !held && anc < 0.8 && day > 0 {
                held = true;
                decide(time, 0, anc, Done::Hold, LEVELS[level], 0.0);
            } else if !held && scenario.arms[arm].rules.contains(&1) && day > 0 && anc > 1.2 && level < 5 {
                level += 1;
                decide(time, 1, anc, Done::Escalate, LEVELS[level - 1], LEVELS[level]);
            }
        }
        let scheduled = treatment.days.contains(&((day % 28) as u32 + 1));
        let dose = if stopped || held || !scheduled { 0.0 } else { LEVELS[level] };
        held_days += u32::from(held && scheduled && !stopped);
        if dose > 0.0 {
            doses.push(Dose { time, route: 0, amount: dose, planned: true });
        }
        daily_level.push(dose);
    }
    let span = TreatmentSpan { first_dose: Some(0.0), discontinued: stop, held_days, daily_level };
    (span, doses, decisions, fired)
}

fn estimates(
    scenario: &Scenario,
    values: &[Vec<Value>],
) -> (Vec<Estimate>, Vec<(usize, crate::math::survival::KaplanMeier)>) {
    let (mut estimates, mut curves) = (Vec::new(), Vec::new());
    for (endpoint, (definition, values)) in scenario.endpoints.iter().zip(values).enumerate() {
        let observed = times(values);
        if !observed.is_empty() {
            let curve = kaplan_meier(&observed, 0.95);
            estimates.push(Estimate {
                endpoint,
                label: format!("{}, median", definition.name),
                measure: Measure::SurvivalMedian,
                n: observed.len(),
                missing: values.len() - observed.len(),
                interval: Some(curve.quantile(0.5)),
                monte_carlo_error: None,
                unit: "d".to_owned(),
            });
            curves.push((endpoint, curve));
            continue;
        }
        let yes = truths(values);
        let numbers: Vec<f64> = values
            .iter()
            .filter_map(
                |value| if let Value::Quantity(x) = value { Some(definition.unit.show(*x)) } else { None },
            )
            .collect();
        let (label, measure, interval, error, unit) = if numbers.is_empty() {
            let n = yes.iter().flatten().filter(|yes| **yes).count();
            let interval = wilson(n, yes.iter().flatten().count(), 0.95).map(|i| percent(i));
            (positive_label(definition), Measure::Proportion, interval, Some(4.5), "%".to_owned())
        } else {
            let (interval, error) = median(&numbers, 0.95).unwrap();
            let label = format!("{}, median", definition.name);
            (label, Measure::Median, Some(interval), Some(error), definition.unit.name.clone())
        };
        let (n, missing) = (values.len(), 0);
        estimates.push(Estimate {
            endpoint,
            label,
            measure,
            n,
            missing,
            interval,
            monte_carlo_error: error,
            unit,
        });
    }
    (estimates, curves)
}

fn percent(interval: crate::math::statistics::Interval) -> crate::math::statistics::Interval {
    crate::math::statistics::Interval {
        estimate: 100.0 * interval.estimate,
        lower: 100.0 * interval.lower,
        upper: 100.0 * interval.upper,
    }
}

fn positive_label(definition: &EndpointDefinition) -> String {
    match definition.kind {
        EndpointKind::WorstGrade { .. } => format!("{}, grade 3–4", definition.name),
        _ => format!("{}, PR or better", definition.name),
    }
}

fn truths(values: &[Value]) -> Vec<Option<bool>> {
    let truth = |value: &Value| match value {
        Value::Grade(grade) => Some(*grade >= 3),
        Value::Truth(truth) => Some(*truth),
        Value::Category { rank, .. } => Some(*rank <= 2),
        _ => None,
    };
    values.iter().map(truth).collect()
}

fn times(values: &[Value]) -> Vec<Observed> {
    values
        .iter()
        .filter_map(|value| match value {
            Value::Time { time, event } => Some(Observed { time: *time, event: *event }),
            _ => None,
        })
        .collect()
}

fn comparisons(scenario: &Scenario, arms: &[ArmResult]) -> Vec<Comparison> {
    let mut all = Vec::new();
    for arm in 1..arms.len() {
        for (endpoint, definition) in scenario.endpoints.iter().enumerate() {
            let (a, b) = (&arms[0].values[endpoint], &arms[arm].values[endpoint]);
            let (ours, theirs) = (truths(a), truths(b));
            let pairs: Vec<(bool, bool)> =
                ours.iter().zip(&theirs).filter_map(|(a, b)| Some(((*a)?, (*b)?))).collect();
            let n = pairs.len();
            if !times(a).is_empty() {
                let ratio = hazard_ratio(&times(a), &times(b), 0.95);
                all.push(Comparison {
                    arm,
                    endpoint,
                    label: definition.name.clone(),
                    contrast: Contrast::HazardRatio,
                    n: a.len(),
                    interval: ratio.map(|ratio| ratio.ratio),
                    monte_carlo_error: ratio.map(|ratio| ratio.standard_error * ratio.ratio.estimate),
                    unit: "1".to_owned(),
                });
            } else if n > 0 {
                let (a, b): (Vec<bool>, Vec<bool>) = pairs.into_iter().unzip();
                let difference = paired_risk_difference(&a, &b, 0.95);
                all.push(Comparison {
                    arm,
                    endpoint,
                    label: positive_label(definition),
                    contrast: Contrast::PairedRiskDifference,
                    n,
                    interval: difference.map(|d| percent(d.0)),
                    monte_carlo_error: difference.map(|d| 100.0 * d.1),
                    unit: "%".to_owned(),
                });
            }
        }
    }
    all
}

/// The whole trial.
pub fn trial(scenario: &Scenario) -> Trial {
    let patients: Vec<Patient> = (0..scenario.patients).map(patient).collect();
    let arms: Vec<ArmResult> = (0..scenario.arms.len())
        .map(|arm| {
            let trajectories: Vec<Trajectory> =
                patients.iter().map(|p| trajectory(scenario, p, arm)).collect();
            let values: Vec<Vec<Value>> = scenario
                .endpoints
                .iter()
                .map(|e| trajectories.iter().map(|t| endpoint::evaluate(e, scenario, t)).collect())
                .collect();
            let (estimates, curves) = estimates(scenario, &values);
            let failed = trajectories.iter().filter(|t| matches!(t.end, End::Failed(_))).count();
            let n = trajectories.len() as u64;
            let counts = Counts { steps: 12_000 * n, rejected: 340 * n, evaluations: 80_500 * n };
            ArmResult { trajectories, values, estimates, curves, counts, failed }
        })
        .collect();
    let older = |p: &&Patient| p.covariates[0] >= 65.0 * 365.25;
    let (old, young): (Vec<&Patient>, Vec<&Patient>) = patients.iter().partition(older);
    let numbers = |patients: Vec<&Patient>| patients.into_iter().map(|p| p.number).collect();
    Trial {
        groups: vec![numbers(old), numbers(young)],
        comparisons: comparisons(scenario, &arms),
        rejections: vec![(Rejection::Entry(0), 3)],
        acceptance: 0.93,
        patients,
        arms,
        seconds: 12.3,
        threads: 2,
    }
}
