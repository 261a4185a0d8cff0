//! Both scenarios on the same patients, some hundred at a time: courses are compared and dropped.

use std::time::Instant;

use super::change::{self, History};
use super::pairing::{self, Unpaired, same_person};
use super::result::{ArmDifference, CauseCount, Difference, EndpointChange, PatientChange};
use crate::endpoint::{self, Value};
use crate::population::Patient;
use crate::scenario::Scenario;
use crate::simulation::{End, Trajectory};
use crate::trial::clinic::{Clinic, without_spare_records};
use crate::trial::compare;
use crate::trial::estimate;
use crate::trial::hypothetical::fill_values;
use crate::trial::progress::Progress;
use crate::trial::reading::{self, Reading};
use crate::trial::run::TrialError;

/// Patients whose courses are held at once.
const AT_ONCE: usize = 256;
/// Times that differ by more than this differ, d (a quarter of an hour).
const SAME_TIME: f64 = 0.01;
/// Quantities that differ by more than this, relatively, differ.
const SAME_QUANTITY: f64 = 1e-6;

/// Values by arm, endpoint, patient.
type Values = Vec<Vec<Vec<Value>>>;

/// What one course tells: its values, its history, whether it failed.
type Read = (Vec<Value>, History, bool);

/// Treats the patients of both scenarios in the arms of both. The inner error: they turn out not to be the same people.
///
/// # Errors
/// As of a run.
pub fn difference(
    scenarios: [&Scenario; 2],
    threads: usize,
    progress: &dyn Progress,
) -> Result<Result<Difference, Unpaired>, TrialError> {
    let started = Instant::now();
    if let Err(unpaired) = pairing::check_pairing(scenarios[0], scenarios[1]) {
        return Ok(Err(unpaired));
    }
    let light = scenarios.map(|scenario| without_spare_records(scenario, |_| true));
    let clinics = [
        Clinic::prepared_for(&light[0], &light[1], threads)?,
        Clinic::prepared_for(&light[1], &light[0], threads)?,
    ];
    let patients = scenarios[0].patients.min(scenarios[1].patients);
    let endpoints = common_endpoints(scenarios);
    let mut found = blank(scenarios, &endpoints, patients);
    let mut values: [Values; 2] =
        scenarios.map(|it| vec![vec![Vec::new(); it.endpoints.len()]; it.arms.len()]);
    for first in (0..patients).step_by(AT_ONCE) {
        let numbers = first..(first + AT_ONCE).min(patients);
        let people = [clinics[0].patients(numbers.clone())?, clinics[1].patients(numbers)?];
        for (ours, theirs) in people[0].iter().zip(&people[1]) {
            if let Err(unpaired) = same_person([&light[0].model, &light[1].model], ours, theirs) {
                return Ok(Err(unpaired));
            }
        }
        let batch = compare_batch(
            scenarios,
            &light,
            &clinics,
            &people,
            &endpoints,
            &mut found.arms,
            (threads, progress),
        )?;
        for (all, more) in values.iter_mut().zip(batch) {
            for (columns, added) in all.iter_mut().zip(more) {
                columns.iter_mut().zip(added).for_each(|(column, added)| column.extend(added));
            }
        }
    }
    for (place, arm) in found.arms.iter_mut().enumerate() {
        let [ours, theirs] = [0, 1].map(|side| &values[side][arm.arms[side]]);
        let of = |[a, b]: &[usize; 2]| summed(scenarios[0], place, *a, &ours[*a], &theirs[*b]);
        arm.endpoints = endpoints.iter().map(of).collect();
        arm.causes = counted(&arm.changes);
    }
    found.seconds = started.elapsed().as_secs_f64();
    Ok(Ok(found))
}

/// Treats some patients in all arms of both, enters where their courses part, and hands back their values.
fn compare_batch(
    scenarios: [&Scenario; 2],
    light: &[Scenario; 2],
    clinics: &[Clinic<'_>; 2],
    people: &[Vec<Patient>; 2],
    endpoints: &[[usize; 2]],
    found: &mut [ArmDifference],
    (threads, progress): (usize, &dyn Progress),
) -> Result<[Values; 2], TrialError> {
    let mut batch: [Values; 2] =
        scenarios.map(|it| vec![vec![Vec::new(); it.endpoints.len()]; it.arms.len()]);
    let mut histories: [Vec<Vec<(History, bool)>>; 2] = [Vec::new(), Vec::new()];
    for side in 0..2 {
        let arms: Vec<usize> = found.iter().map(|arm| arm.arms[side]).collect();
        let read = treat(&clinics[side], &light[side], &people[side], &arms, progress)?;
        histories[side] = sort(read, &arms, people[side].len(), &mut batch[side]);
        let mut columns: Vec<&mut Vec<Vec<Value>>> = batch[side].iter_mut().collect();
        fill_values(&light[side], &people[side], &mut columns, threads, progress)?;
    }
    for (place, arm) in found.iter_mut().enumerate() {
        let [ours, theirs] = [0, 1].map(|side| &batch[side][arm.arms[side]]);
        for (row, patient) in people[0].iter().enumerate() {
            let [(a, a_failed), (b, b_failed)] = [0, 1].map(|side| &histories[side][place][row]);
            if *a_failed || *b_failed {
                arm.failed += 1;
                continue;
            }
            let both = endpoints.iter().map(|[a, b]| (*a, ours[*a][row].clone(), theirs[*b][row].clone()));
            let outcomes = both.filter(|(_, a, b)| differ(a, b)).collect();
            enter(arm, patient.number, change::parting([&light[0], &light[1]], a, b), outcomes);
        }
    }
    Ok(batch)
}

/// Endpoints of one name and one kind: places in both.
fn common_endpoints(scenarios: [&Scenario; 2]) -> Vec<[usize; 2]> {
    let place = |name: &str| scenarios[1].endpoints.iter().position(|it| it.name == name);
    let both = scenarios[0].endpoints.iter().enumerate().filter_map(|(a, it)| Some([a, place(&it.name)?]));
    both.filter(|[a, b]| {
        let kinds = (&scenarios[0].endpoints[*a].kind, &scenarios[1].endpoints[*b].kind);
        std::mem::discriminant(kinds.0) == std::mem::discriminant(kinds.1)
    })
    .collect()
}

fn blank(scenarios: [&Scenario; 2], endpoints: &[[usize; 2]], patients: usize) -> Difference {
    let place = |name: &str| scenarios[1].arms.iter().position(|arm| arm.name == name);
    let arms: Vec<ArmDifference> = scenarios[0]
        .arms
        .iter()
        .enumerate()
        .filter_map(|(first, arm)| {
            Some(ArmDifference {
                name: arm.name.clone(),
                arms: [first, place(&arm.name)?],
                endpoints: Vec::new(),
                changes: Vec::new(),
                causes: Vec::new(),
                same: 0,
                failed: 0,
            })
        })
        .collect();
    let others = [0, 1].map(|side: usize| {
        let all = scenarios[side].arms.iter().enumerate();
        all.filter(|(index, _)| arms.iter().all(|arm| arm.arms[side] != *index))
            .map(|(_, arm)| arm.name.clone())
            .collect()
    });
    let mut other_endpoints: Vec<String> = Vec::new();
    for side in 0..2 {
        for (index, endpoint) in scenarios[side].endpoints.iter().enumerate() {
            if endpoints.iter().all(|pair| pair[side] != index) && !other_endpoints.contains(&endpoint.name) {
                other_endpoints.push(endpoint.name.clone());
            }
        }
    }
    Difference {
        patients,
        notes: pairing::notes(scenarios[0], scenarios[1]),
        arms,
        other_arms: others,
        endpoints: endpoints.iter().map(|pair| pair[0]).collect(),
        other_endpoints,
        seconds: 0.0,
    }
}

/// Courses of some patients in some arms, arm after arm.
fn treat(
    clinic: &Clinic<'_>,
    scenario: &Scenario,
    patients: &[Patient],
    arms: &[usize],
    progress: &dyn Progress,
) -> Result<Vec<Read>, TrialError> {
    let tasks: Vec<(&Patient, usize)> =
        arms.iter().flat_map(|arm| patients.iter().map(move |patient| (patient, *arm))).collect();
    clinic.treat(&tasks, progress, &|course: Trajectory| {
        let values = scenario.endpoints.iter().map(|it| endpoint::evaluate(it, scenario, &course)).collect();
        (values, History::of(&course), matches!(course.end, End::Failed(_)))
    })
}

/// Puts what was read into columns; histories come back by arm and patient.
fn sort(read: Vec<Read>, arms: &[usize], patients: usize, values: &mut Values) -> Vec<Vec<(History, bool)>> {
    let mut read = read.into_iter();
    arms.iter()
        .map(|arm| {
            let of_arm = read.by_ref().take(patients);
            of_arm
                .map(|(of_patient, history, failed)| {
                    values[*arm].iter_mut().zip(of_patient).for_each(|(column, value)| column.push(value));
                    (history, failed)
                })
                .collect()
        })
        .collect()
}

fn enter(
    arm: &mut ArmDifference,
    patient: usize,
    cause: Option<super::result::Change>,
    outcomes: Vec<(usize, Value, Value)>,
) {
    if cause.is_none() {
        arm.same += 1;
    }
    if cause.is_some() || !outcomes.is_empty() {
        arm.changes.push(PatientChange { patient, cause, outcomes });
    }
}

/// Whether two values of one patient differ by more than numerics.
fn differ(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Quantity(a), Value::Quantity(b)) => (a - b).abs() > SAME_QUANTITY * a.abs().max(b.abs()),
        (Value::Time { time: a, event: a_event }, Value::Time { time: b, event: b_event }) => {
            a_event != b_event || (a - b).abs() > SAME_TIME
        }
        _ => a != b,
    }
}

/// One endpoint of one arm: `place` is the arm's number among those compared.
fn summed(
    scenario: &Scenario,
    place: usize,
    endpoint: usize,
    first: &[Value],
    second: &[Value],
) -> EndpointChange {
    let known = |value: &Value| !matches!(value, Value::Missing(_));
    let pairs: Vec<(&Value, &Value)> =
        first.iter().zip(second).filter(|(a, b)| known(a) && known(b)).collect();
    let shares = match reading::reading(&scenario.endpoints[endpoint]) {
        Reading::Shares(shares) => shares
            .iter()
            .map(|share| {
                let both = pairs.iter().filter_map(|(a, b)| Some((share.holds(a)?, share.holds(b)?)));
                let (mut gained, mut lost) = (0, 0);
                for (a, b) in both {
                    gained += usize::from(b && !a);
                    lost += usize::from(a && !b);
                }
                (share.label.clone(), gained, lost)
            })
            .collect(),
        Reading::Quantity | Reading::Time | Reading::Incidence | Reading::Periods => Vec::new(),
    };
    let of = |values: &[Value]| estimate::estimates(scenario, endpoint, values).0;
    EndpointChange {
        endpoint,
        n: pairs.len(),
        changed: pairs.iter().filter(|(a, b)| differ(a, b)).count(),
        shares,
        estimates: of(first).into_iter().zip(of(second)).map(|(a, b)| [a, b]).collect(),
        comparisons: compare::compare(scenario, endpoint, first, place, second),
    }
}

/// Causes by number of patients, the most frequent first; of equals in order of appearance.
fn counted(changes: &[PatientChange]) -> Vec<CauseCount> {
    let mut causes: Vec<CauseCount> = Vec::new();
    for change in changes {
        let Some(cause) = &change.cause else { continue };
        let outcomes = usize::from(!change.outcomes.is_empty());
        match causes.iter_mut().find(|it| it.kind == cause.kind) {
            Some(known) => {
                known.patients += 1;
                known.outcomes += outcomes;
            }
            None => causes.push(CauseCount { kind: cause.kind.clone(), patients: 1, outcomes }),
        }
    }
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.patients));
    causes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_differ_by_more_than_numerics() {
        let time = |time: f64, event: bool| Value::Time { time, event };
        assert!(!differ(&Value::Quantity(1.0), &Value::Quantity(1.0 + 1e-8)));
        assert!(differ(&Value::Quantity(1.0), &Value::Quantity(1.001)));
        assert!(!differ(&time(5.0, true), &time(5.001, true)));
        assert!(differ(&time(5.0, true), &time(5.0, false)));
        assert!(differ(&Value::Grade(2), &Value::Grade(3)));
        assert!(differ(&Value::Grade(2), &Value::Missing("gone")));
    }
}
