//! From a finished course to what is kept of it.
//!
//! A trajectory of two years holds hundreds of doses and thousands of recorded values. What estimates, tables and figures
//! need is a few numbers per patient and counts per arm; the rest is written to the log and dropped. Only the courses
//! that are drawn singly keep their records.

use std::io;
use std::sync::{Mutex, PoisonError};

use super::course::{Columns, Course, Precision, courses};
use super::log::{Entry, Log};
use super::outcome::{ArmResult, FailedCourse, SingleCourse};
use super::replay::{ReplayedCourse, Replayer};
use super::summary::{AuditTally, DispositionTally, DoseTally, RuleTally};
use crate::endpoint::{self, Value};
use crate::scenario::{Arm, EndpointKind, ResponseCriteria, Scenario};
use crate::simulation::{Counts, End, Failure, RecordedSeries, Trajectory};

/// Courses that are drawn singly in each arm.
const SINGLES: usize = 5;

/// Numbers (from 0) of the patients whose courses are drawn singly: evenly from the first to the last.
pub fn single_patients(patients: usize) -> Vec<usize> {
    let n = SINGLES.min(patients);
    (0..n).map(|i| if n == 1 { 0 } else { (i * (patients - 1) + (n - 1) / 2) / (n - 1) }).collect()
}

/// What is kept of one course.
#[derive(Debug)]
struct Kept {
    values: Vec<Value>,
    end_time: f64,
    failure: Option<Failure>,
    /// Until the part is sealed; then only of courses that are drawn singly.
    records: Vec<RecordedSeries>,
    best_change: Option<f64>,
    /// True values of the key outputs at the first visit; empty if there was none.
    first_visit: Vec<f64>,
    replayed: Option<ReplayedCourse>,
    entry: io::Result<Entry>,
}

/// Counts over some patients of an arm.
#[derive(Debug)]
struct Tally {
    cost: Counts,
    disposition: DispositionTally,
    doses: DoseTally,
    rules: RuleTally,
    audit: AuditTally,
}

impl Tally {
    fn new(scenario: &Scenario, arm: &Arm) -> Self {
        Self {
            cost: Counts::default(),
            disposition: DispositionTally::new(scenario),
            doses: DoseTally::new(scenario, arm),
            rules: RuleTally::new(scenario),
            audit: AuditTally::new(scenario),
        }
    }

    fn count(&mut self, trajectory: &Trajectory) {
        self.add_cost(trajectory.counts);
        self.disposition.count(trajectory);
        self.doses.count(trajectory);
        self.rules.count(trajectory);
        self.audit.count(trajectory);
    }

    fn add(&mut self, other: &Self) {
        self.add_cost(other.cost);
        self.disposition.add(&other.disposition);
        self.doses.add(&other.doses);
        self.rules.add(&other.rules);
        self.audit.add(&other.audit);
    }

    fn add_cost(&mut self, other: Counts) {
        self.cost.steps += other.steps;
        self.cost.rejected += other.rejected;
        self.cost.evaluations += other.evaluations;
    }
}

/// Neighbouring patients of one arm, their courses reduced as they end.
#[derive(Debug)]
pub struct Part {
    arm: usize,
    first: usize,
    courses: Vec<Option<Kept>>,
    /// Courses not entered yet.
    missing: usize,
    tally: Tally,
}

impl Part {
    /// Whether the course is of one of the part's patients and has not been entered.
    pub fn awaits(&self, course: &Trajectory) -> bool {
        let place = course.patient.checked_sub(self.first);
        course.arm == self.arm && place.and_then(|place| self.courses.get(place)).is_some_and(Option::is_none)
    }

    /// Whether every patient's course was entered.
    pub fn is_complete(&self) -> bool {
        self.missing == 0
    }
}

/// Reduces courses to what is kept. Shared by all threads.
pub struct Reducer<'a> {
    scenario: &'a Scenario,
    log: &'a dyn Log,
    key_outputs: Vec<usize>,
    /// Of the first endpoint that asks for a response.
    criteria: Option<&'a ResponseCriteria>,
    singles: Vec<usize>,
    /// Where courses are replayed.
    replayer: Option<Replayer<'a>>,
    precision: Precision,
    /// Recorded values, by arm.
    columns: Vec<Mutex<Columns>>,
}

impl<'a> Reducer<'a> {
    /// A reducer for the courses of a scenario, listed in `log`, and replayed where that is wanted.
    pub fn new(scenario: &'a Scenario, log: &'a dyn Log, replayer: Option<Replayer<'a>>) -> Self {
        let criteria = scenario.endpoints.iter().find_map(|endpoint| match &endpoint.kind {
            EndpointKind::BestResponse(criteria) | EndpointKind::Response { criteria, .. } => {
                Some(criteria.as_ref())
            }
            _ => None,
        });
        let precision = Precision::of(scenario);
        let columns = || Mutex::new(Columns::new(scenario, precision));
        Self {
            scenario,
            log,
            key_outputs: scenario.key_outputs(),
            criteria,
            singles: single_patients(scenario.patients),
            replayer,
            precision,
            columns: std::iter::repeat_with(columns).take(scenario.arms.len()).collect(),
        }
    }

    /// A part for `count` patients of an arm from number `first` on.
    pub fn part(&self, arm: usize, first: usize, count: usize) -> Part {
        let courses = std::iter::repeat_with(|| None).take(count).collect();
        let tally = Tally::new(self.scenario, &self.scenario.arms[arm]);
        Part { arm, first, courses, missing: count, tally }
    }

    /// Enters a course that a part awaits and drops what is not kept.
    pub fn enter(&self, part: &mut Part, course: Trajectory) {
        part.missing -= 1;
        part.tally.count(&course);
        let values = self.scenario.endpoints.iter();
        let values =
            values.map(|definition| endpoint::evaluate(definition, self.scenario, &course)).collect();
        let baseline = if part.arm == 0 { course.visits.first() } else { None };
        let first_visit = baseline
            .map(|visit| self.key_outputs.iter().map(|output| visit.truth[*output]).collect())
            .unwrap_or_default();
        let entry = self.log.entry(&course);
        part.courses[course.patient - part.first] = Some(Kept {
            values,
            end_time: course.end_time,
            best_change: self.criteria.and_then(|criteria| endpoint::best_change(criteria, &course)),
            first_visit,
            // What failed numerically is told as such.
            replayed: match &course.end {
                End::Failed(_) => None,
                _ => self.replayer.and_then(|replayer| replayer.check(&course)),
            },
            entry,
            failure: if let End::Failed(failure) = course.end { Some(failure) } else { None },
            records: course.records,
        });
    }

    /// Enters the recorded values of a complete part, in whatever order parts come, and drops them.
    pub fn seal(&self, part: &mut Part) {
        let records: Vec<Option<&[RecordedSeries]>> = part
            .courses
            .iter()
            .map(|course| course.as_ref().filter(|it| it.failure.is_none()).map(|it| it.records.as_slice()))
            .collect();
        self.columns[part.arm].lock().unwrap_or_else(PoisonError::into_inner).enter(part.first, &records);
        for (patient, course) in (part.first..).zip(&mut part.courses) {
            if let Some(course) = course
                && !self.singles.contains(&patient)
            {
                course.records = Vec::new();
            }
        }
    }

    /// Books for all arms, with nobody in them.
    pub fn books(&self) -> Books<'a> {
        let scenario = self.scenario;
        let arm = |arm: &Arm| ArmBooks {
            tally: Tally::new(scenario, arm),
            values: vec![vec![Value::Missing("not simulated"); scenario.patients]; scenario.endpoints.len()],
            end_times: vec![0.0; scenario.patients],
            best_changes: vec![None; if self.criteria.is_some() { scenario.patients } else { 0 }],
            failures: Vec::new(),
            singles: Vec::new(),
            replays: Vec::new(),
        };
        Books {
            scenario,
            log: self.log,
            arms: scenario.arms.iter().map(arm).collect(),
            first_visits: vec![Vec::new(); self.key_outputs.len()],
        }
    }

    /// Percentiles of all recorded values.
    fn courses(self) -> Vec<Course> {
        let columns = self.columns.into_iter();
        let columns: Vec<Columns> =
            columns.map(|columns| columns.into_inner().unwrap_or_else(PoisonError::into_inner)).collect();
        courses(self.scenario, &columns)
    }
}

/// What is kept of a whole trial, under way.
pub struct Books<'a> {
    scenario: &'a Scenario,
    log: &'a dyn Log,
    arms: Vec<ArmBooks>,
    first_visits: Vec<Vec<f64>>,
}

struct ArmBooks {
    tally: Tally,
    values: Vec<Vec<Value>>,
    end_times: Vec<f64>,
    best_changes: Vec<Option<f64>>,
    failures: Vec<FailedCourse>,
    singles: Vec<SingleCourse>,
    replays: Vec<ReplayedCourse>,
}

/// What was kept of a whole trial.
pub struct Closed {
    /// Arms without estimates.
    pub arms: Vec<ArmResult>,
    /// Percentiles of all records.
    pub courses: Vec<Course>,
    /// Their precision.
    pub precision: Precision,
    /// `[key output][patient]` at the first visit in the first arm.
    pub first_visits: Vec<Vec<f64>>,
}

impl Books<'_> {
    /// Enters a sealed part. Parts of an arm come in order of their patients, arms in the scenario's order.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub fn enter(&mut self, part: Part) -> io::Result<()> {
        let Part { arm, first, courses, tally, .. } = part;
        let books = &mut self.arms[arm];
        books.tally.add(&tally);
        let mut entries = Vec::with_capacity(courses.len());
        for (patient, course) in (first..).zip(courses) {
            let Some(course) = course else { continue };
            for (column, value) in books.values.iter_mut().zip(course.values) {
                column[patient] = value;
            }
            books.end_times[patient] = course.end_time;
            if let Some(place) = books.best_changes.get_mut(patient) {
                *place = course.best_change;
            }
            books.failures.extend(course.failure.map(|failure| FailedCourse { patient, failure }));
            books.replays.extend(course.replayed);
            if !course.records.is_empty() {
                books.singles.push(SingleCourse { patient, records: course.records });
            }
            for (column, value) in self.first_visits.iter_mut().zip(course.first_visit) {
                column.push(value);
            }
            entries.push(course.entry?);
        }
        self.log.write(entries)
    }

    /// Closes the books: counts are named, percentiles taken.
    pub fn close(self, reducer: Reducer<'_>) -> Closed {
        let (scenario, precision) = (self.scenario, reducer.precision);
        let mut arms = Vec::new();
        for (arm, books) in scenario.arms.iter().zip(self.arms) {
            arms.push(ArmResult {
                follow_up: books.end_times.iter().sum(),
                values: books.values,
                estimates: Vec::new(),
                curves: Vec::new(),
                incidences: Vec::new(),
                periods: Vec::new(),
                counts: books.tally.cost,
                disposition: books.tally.disposition.finish(scenario, arm),
                doses: books.tally.doses.doses(),
                levels: books.tally.doses.levels(),
                rules: books.tally.rules.finish(scenario, arm),
                audit: books.tally.audit.finish(scenario, arm),
                failures: books.failures,
                singles: books.singles,
                replays: books.replays,
                best_changes: books.best_changes,
            });
        }
        Closed { arms, courses: reducer.courses(), precision, first_visits: self.first_visits }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_patients_are_chosen_evenly_by_a_fixed_rule() {
        assert_eq!(single_patients(100), [0, 25, 50, 74, 99]);
        assert_eq!(single_patients(1), [0]);
        assert_eq!(single_patients(3), [0, 1, 2]);
        assert!(single_patients(0).is_empty());
    }
}
