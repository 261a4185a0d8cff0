//! Drawing the replicates, and what each tells.

use std::time::Instant;

use super::noise::Drawn;
use super::plan::{self, Chosen, Plan};
use super::result::ReplicateResult;
use super::sum::Sums;
use super::test;
use crate::endpoint::{self, Value};
use crate::math::statistics::mean_sd;
use crate::math::survival::{Observed, hazard_ratio};
use crate::population::Patient;
use crate::scenario::{ReplicateDraw, Replicates, Scenario};
use crate::simulation::End;
use crate::trial::clinic::{Clinic, without_spare_records};
use crate::trial::estimate;
use crate::trial::hypothetical::fill_values;
use crate::trial::outcome::{Contrast, Trial};
use crate::trial::progress::Progress;
use crate::trial::reading::{self, Reading};
use crate::trial::run::TrialError;
use rayon::prelude::*;

/// Courses of new patients that are simulated before they are read and dropped.
const COURSES_AT_ONCE: usize = 4096;

/// What one replicate tells; NaN for what does not exist.
pub struct One {
    /// By arm and estimate.
    pub arms: Vec<Vec<f64>>,
    /// In the order of [`differences`], arm after arm.
    pub contrasts: Vec<f64>,
    /// By test and later arm: 1, 0, NaN without a statistic.
    pub tests: Vec<f64>,
    /// Arm that is chosen.
    pub chosen: Option<usize>,
}

/// Runs the scenario's replicates; `None` where it asks for none. `trial` is the finished run.
///
/// # Errors
/// As of a run, where new patients are simulated.
pub fn replicates(
    scenario: &Scenario,
    trial: &Trial,
    threads: usize,
    progress: &dyn Progress,
) -> Result<Option<ReplicateResult>, TrialError> {
    let Some(wanted) = &scenario.analysis.replicates else { return Ok(None) };
    let started = Instant::now();
    let plan = plan::plan(scenario, wanted, &mut Vec::new());
    let (ones, drawn, failed) = match wanted.draw {
        ReplicateDraw::Resampled => {
            let arms = trial.arms.len();
            let drawn = Drawn::new(scenario.seed, wanted.number, arms, wanted.patients, trial.patients.len());
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let pool = pool.map_err(|error| TrialError::Threads(error.to_string()))?;
            let ones = pool.install(|| {
                drawn
                    .members
                    .par_iter()
                    .map(|members| of_pool(scenario, trial, &plan, wanted, members))
                    .collect()
            });
            (ones, Some(drawn), 0)
        }
        ReplicateDraw::New => {
            let (ones, failed) = of_new_patients(scenario, &plan, wanted, threads, progress)?;
            (ones, None, failed)
        }
    };
    let told = Sums { scenario, plan: &plan, ones: &ones, drawn: drawn.as_ref() };
    Ok(Some(told.result(wanted, failed, started.elapsed().as_secs_f64())))
}

/// One replicate of patients of the run.
fn of_pool(
    scenario: &Scenario,
    trial: &Trial,
    plan: &Plan,
    wanted: &Replicates,
    members: &[Vec<u32>],
) -> One {
    let values: Vec<Vec<Vec<Value>>> = trial
        .arms
        .iter()
        .zip(members)
        .map(|(arm, members)| {
            let of = |column: &Vec<Value>| members.iter().map(|i| column[*i as usize].clone()).collect();
            arm.values.iter().map(of).collect()
        })
        .collect();
    tell(scenario, plan, wanted, &values)
}

/// Replicates whose patients nobody else treats: numbers go on after those of the run, arm after arm of replicate after replicate.
fn of_new_patients(
    scenario: &Scenario,
    plan: &Plan,
    wanted: &Replicates,
    threads: usize,
    progress: &dyn Progress,
) -> Result<(Vec<One>, usize), TrialError> {
    let light = without_spare_records(scenario, |_| true);
    let clinic = Clinic::new(&light, threads)?;
    let arms = scenario.arms.len();
    let trial_size = arms * wanted.patients;
    let at_once = (COURSES_AT_ONCE / trial_size).max(1);
    let (mut ones, mut failed) = (Vec::new(), 0);
    while ones.len() < wanted.number {
        let batch = at_once.min(wanted.number - ones.len());
        let first = scenario.patients + ones.len() * trial_size;
        let patients = clinic.patients(first..first + batch * trial_size)?;
        let tasks: Vec<(&Patient, usize)> = patients
            .iter()
            .enumerate()
            .map(|(place, patient)| (patient, place % trial_size / wanted.patients))
            .collect();
        let courses = clinic.treat(&tasks, progress, &|course| {
            let of = |definition| endpoint::evaluate(definition, &light, &course);
            (light.endpoints.iter().map(of).collect::<Vec<Value>>(), matches!(course.end, End::Failed(_)))
        })?;
        failed += courses.iter().filter(|(_, failed)| *failed).count();
        let mut courses = courses.into_iter();
        for replicate in 0..batch {
            let mut values = vec![vec![Vec::new(); light.endpoints.len()]; arms];
            for (arm, columns) in values.iter_mut().enumerate() {
                for (of_patient, _) in courses.by_ref().take(wanted.patients) {
                    columns.iter_mut().zip(of_patient).for_each(|(column, value)| column.push(value));
                }
                let from = replicate * trial_size + arm * wanted.patients;
                fill_arm(&light, &patients[from..from + wanted.patients], arm, columns, (threads, progress))?;
            }
            ones.push(tell(scenario, plan, wanted, &values));
        }
    }
    Ok((ones, failed))
}

/// Hypothetical values of the patients of one arm.
fn fill_arm(
    light: &Scenario,
    patients: &[Patient],
    arm: usize,
    columns: &mut Vec<Vec<Value>>,
    (threads, progress): (usize, &dyn Progress),
) -> Result<(), TrialError> {
    // The other arms have no patients here: empty columns lack nothing.
    let mut others = vec![vec![Vec::new(); light.endpoints.len()]; light.arms.len()];
    let mut all: Vec<&mut Vec<Vec<Value>>> = others.iter_mut().collect();
    all[arm] = columns;
    fill_values(light, patients, &mut all, threads, progress).map(|_| ())
}

/// What a trial with these values (by arm, endpoint, patient) would tell.
fn tell(scenario: &Scenario, plan: &Plan, wanted: &Replicates, values: &[Vec<Vec<Value>>]) -> One {
    let estimate = |found: Option<f64>| found.unwrap_or(f64::NAN);
    let arms: Vec<Vec<f64>> = values
        .iter()
        .map(|columns| {
            let all =
                columns.iter().enumerate().flat_map(|(index, it)| estimate::estimates(scenario, index, it).0);
            all.map(|it| estimate(it.interval.map(|interval| interval.estimate))).collect()
        })
        .collect();
    let mut contrasts = Vec::new();
    for later in values.iter().skip(1) {
        for index in 0..scenario.endpoints.len() {
            contrasts.extend(
                differences(scenario, index, &values[0][index], &later[index]).into_iter().map(|it| it.2),
            );
        }
    }
    let mut tests = Vec::new();
    for tested in &plan.tests {
        let column = |arm: usize| values[arm][tested.endpoint].iter().collect::<Vec<&Value>>();
        for arm in 1..values.len() {
            let rejects = test::rejects(tested, &column(0), &column(arm), wanted.alpha);
            tests.push(rejects.map_or(f64::NAN, |it| f64::from(u8::from(it))));
        }
    }
    let chosen = plan.choice.as_ref().and_then(|choice| choose(choice, &arms));
    One { arms, contrasts, tests, chosen }
}

/// Contrasts of arms of different patients: label, which, value (NaN where there is none).
pub fn differences(
    scenario: &Scenario,
    index: usize,
    a: &[Value],
    b: &[Value],
) -> Vec<(String, Contrast, f64)> {
    let endpoint = &scenario.endpoints[index];
    match reading::reading(endpoint) {
        Reading::Shares(shares) => {
            let share = |values: &[Value], share: &reading::Share| {
                let known: Vec<f64> = values
                    .iter()
                    .filter_map(|value| share.holds(value))
                    .map(|it| f64::from(u8::from(it)))
                    .collect();
                mean_sd(&known).map_or(f64::NAN, |(mean, _)| 100.0 * mean)
            };
            let compared = shares.iter().filter(|share| share.compared);
            compared
                .map(|it| (it.label.clone(), Contrast::PairedRiskDifference, share(b, it) - share(a, it)))
                .collect()
        }
        Reading::Quantity => {
            let mean = |values: &[Value]| {
                let known: Vec<f64> = values.iter().filter_map(reading::quantity).collect();
                mean_sd(&known).map_or(f64::NAN, |(mean, _)| endpoint.unit.show(mean))
            };
            vec![(format!("{}: mean", endpoint.name), Contrast::PairedMeanDifference, mean(b) - mean(a))]
        }
        Reading::Periods => Vec::new(),
        Reading::Time | Reading::Incidence => {
            let times = |values: &[Value]| values.iter().filter_map(reading::time).collect::<Vec<Observed>>();
            let ratio = hazard_ratio(&times(a), &times(b), estimate::LEVEL);
            vec![(
                endpoint.name.clone(),
                Contrast::HazardRatio,
                ratio.map_or(f64::NAN, |it| it.ratio.estimate),
            )]
        }
    }
}

/// The arm with the best estimate among those within the limits, the first of equals; an estimate that does not exist satisfies no limit.
fn choose(choice: &Chosen, arms: &[Vec<f64>]) -> Option<usize> {
    let within = |estimates: &[f64]| {
        choice.limits.iter().all(|(place, at_most, limit)| {
            let value = estimates[*place];
            if *at_most { value <= *limit } else { value >= *limit }
        })
    };
    let sign = if choice.largest { 1.0 } else { -1.0 };
    let allowed =
        arms.iter().enumerate().filter(|(_, it)| within(it)).map(|(arm, it)| (arm, sign * it[choice.of]));
    let best = allowed.filter(|(_, value)| !value.is_nan());
    best.fold(None, |best: Option<(usize, f64)>, (arm, value)| match best {
        Some((_, other)) if other >= value => best,
        _ => Some((arm, value)),
    })
    .map(|(arm, _)| arm)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_arm_within_the_limits_is_chosen() {
        let choice = |largest, limits| Chosen { by: String::new(), of: 0, largest, limits };
        let arms = [vec![30.0, 5.0], vec![50.0, 25.0], vec![40.0, 10.0]];
        assert_eq!(choose(&choice(true, vec![]), &arms), Some(1));
        assert_eq!(choose(&choice(false, vec![]), &arms), Some(0));
        assert_eq!(choose(&choice(true, vec![(1, true, 20.0)]), &arms), Some(2));
        assert_eq!(choose(&choice(true, vec![(1, false, 30.0)]), &arms), None);
        let unknown = [vec![f64::NAN, 1.0], vec![5.0, f64::NAN]];
        assert_eq!(choose(&choice(true, vec![]), &unknown), Some(1));
        assert_eq!(choose(&choice(true, vec![(1, true, 20.0)]), &unknown), None);
        // Equals: the first.
        assert_eq!(choose(&choice(true, vec![]), &[vec![3.0], vec![3.0]]), Some(0));
    }
}
