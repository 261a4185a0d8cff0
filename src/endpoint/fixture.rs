//! Hand-built scenarios and trajectories for the tests of this room and of `trial`.

use crate::model::{Formula, Hazard, Model, NamedUnit};
use crate::scenario::population::PopulationDescription;
use crate::scenario::{Action, Arm, Conduct, Method, Numerics, Record, Rule, Scenario, Treatment};
use crate::simulation::{Counts, End, RecordedSeries, Trajectory, TreatmentSpan, Visit};
use crate::units::{Dimension, Unit};

/// A dimensionless unit of this name and factor.
pub fn unit(name: &str, factor: f64) -> NamedUnit {
    NamedUnit { name: name.to_owned(), unit: Unit { dimension: Dimension::NONE, factor } }
}

fn model() -> Model {
    Model {
        name: "test".to_owned(),
        title: String::new(),
        time: unit("d", 1.0),
        modules: Vec::new(),
        covariates: Vec::new(),
        parameters: Vec::new(),
        controls: Vec::new(),
        random_effects: Vec::new(),
        correlations: Vec::new(),
        equations: Vec::new(),
        equation_order: Vec::new(),
        states: Vec::new(),
        routes: Vec::new(),
        outputs: Vec::new(),
        hazards: Vec::new(),
        requirements: Vec::new(),
        card: None,
    }
}

/// A scenario of one arm without treatment whose one record holds outputs 0 … `outputs` − 1 on days 0 … 5.
pub fn scenario(outputs: usize) -> Scenario {
    scenario_with_record(outputs, 6)
}

/// As [`scenario`], recorded on days 0 … `days` − 1.
pub fn scenario_with_record(outputs: usize, days: u32) -> Scenario {
    Scenario {
        name: "test".to_owned(),
        title: String::new(),
        about: String::new(),
        model: model(),
        overrides: Vec::new(),
        horizon: 730.5,
        horizon_text: "24 months".to_owned(),
        seed: 1,
        patients: 1,
        variability: true,
        population: PopulationDescription {
            title: String::new(),
            source: String::new(),
            covariates: Vec::new(),
            correlations: Vec::new(),
            entry: Vec::new(),
            rows: None,
            later: Vec::new(),
        },
        visits: Vec::new(),
        visits_while_held: None,
        conduct: Conduct::default(),
        occasions: vec![0.0],
        arms: vec![arm("first", Vec::new())],
        signals: Vec::new(),
        memory: Vec::new(),
        log_all_decisions: false,
        rules: Vec::new(),
        endpoints: Vec::new(),
        records: vec![Record {
            name: "course".to_owned(),
            times: (0..days).map(f64::from).collect(),
            outputs: (0..outputs).collect(),
        }],
        numerics: Numerics { method: Method::Explicit, relative_tolerance: 1e-6, maximum_steps: 1000 },
        uncertainty: None,
        analysis: crate::scenario::Analysis::default(),
        groups: Vec::new(),
        notes: Vec::new(),
    }
}

/// An arm with these treatments and no rules.
pub fn arm(name: &str, treatments: Vec<Treatment>) -> Arm {
    Arm { name: name.to_owned(), about: String::new(), treatments, rules: Vec::new(), controls: Vec::new() }
}

/// A hazard of this name; its state does not matter here.
pub fn hazard(name: &str, terminal: bool, ends_treatment: bool) -> Hazard {
    Hazard {
        name: name.to_owned(),
        state: 0,
        terminal,
        ends_treatment,
        recurrent: false,
        about: String::new(),
    }
}

/// A scenario whose only arm has this treatment.
pub fn scenario_with_treatment(treatment: Treatment) -> Scenario {
    Scenario { arms: vec![arm("first", vec![treatment])], ..scenario(1) }
}

/// A planned escalation of route `drug`, its gate always open.
pub fn escalation(drug: usize, first: f64, every: f64, highest: f64) -> Rule {
    Rule {
        name: "step up".to_owned(),
        about: String::new(),
        when_text: "true".to_owned(),
        when: Formula::Constant(1.0),
        signals: Vec::new(),
        daily: true,
        action: Action::Escalate { drug, first, every, highest, regain: false },
        give: None,
    }
}

/// A daily treatment on route 0 for the whole trial.
pub fn treatment(levels: &[f64], start: usize, cycle: f64, days: &[u32]) -> Treatment {
    Treatment {
        route: 0,
        levels: levels.to_vec(),
        start,
        start_if: Vec::new(),
        cycle,
        days: days.to_vec(),
        cycles: (1, u32::MAX),
        at: vec![0.0],
        over: 0.0,
        visits: None,
        tablets: None,
        adherence: None,
        text: String::new(),
    }
}

/// A patient on treatment from day 0 without records, seen at these times with this value of output 0; one signal,
/// false. Follow-up ends at the last visit.
pub fn visited(visits: &[(f64, f64)]) -> Trajectory {
    let visit = |&(time, value): &(f64, f64)| Visit {
        time,
        schedules: 1,
        on_treatment: time > 0.0,
        on_hold: false,
        truth: vec![value],
        measured: vec![value],
        signals: vec![0.0],
    };
    Trajectory {
        patient: 0,
        arm: 0,
        end: End::Completed,
        end_time: visits.last().map_or(0.0, |visit| visit.0),
        records: vec![RecordedSeries::default()],
        visits: visits.iter().map(visit).collect(),
        doses: Vec::new(),
        decisions: Vec::new(),
        events: Vec::new(),
        treatment: TreatmentSpan {
            first_dose: Some(0.0),
            discontinued: None,
            held_days: 0,
            daily_level: Vec::new(),
        },
        counts: Counts::default(),
        rules_fired: Vec::new(),
        audit: crate::simulation::Audit::default(),
        realised: None,
    }
}

/// A patient without visits whose output 0 was recorded daily from day 0.
pub fn recorded(values: &[f64]) -> Trajectory {
    let end_time = values.len() as f64;
    let records = vec![RecordedSeries { reached: values.len(), values: values.to_vec(), after_doses: None }];
    Trajectory { records, end_time, ..visited(&[]) }
}
