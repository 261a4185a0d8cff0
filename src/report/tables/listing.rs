//! Tables of what was seen and done, visit by visit and dose by dose. Times in days, patients from 1.
//!
//! They are written while the trial runs, since no course is kept. Those of a very large trial would fill the disk without
//! a reader: then only the first patients are listed, and manifest and page say so.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::trajectories::{Trajectories, fitting_patients};
use crate::report::names::Names;
use crate::scenario::{Arm, Scenario, Treatment};
use crate::table::{Column, Format, PARQUET, Rows, TableError, TableWriter};
use crate::trial::{Done, Entry, Log, Trajectory, Why};

/// Names of the tables written while the trial runs.
pub const LISTINGS: [&str; 4] = ["visits", "doses", "decisions", "events"];

/// Name of the table of every look at a rule, written where all decisions are logged.
pub const CHECKS: &str = "checks";

/// Planned visits and doses, over all patients and arms, up to which every patient is listed.
const MOST_ROWS: f64 = 5e6;

/// How many patients are listed: all, or from the first one on as many as give about [`MOST_ROWS`] rows of planned visits
/// and doses. Cut to two digits, so that the number is easily told.
pub fn listed_patients(scenario: &Scenario) -> usize {
    let visits: usize = scenario.visits.iter().map(|schedule| schedule.times.len()).sum();
    let rows = |arm: &Arm| {
        let doses = arm.treatments.iter().map(|treatment| planned_doses(treatment, scenario.horizon));
        visits as f64 + doses.sum::<f64>()
    };
    let each: f64 = scenario.arms.iter().map(rows).sum();
    if each * scenario.patients as f64 <= MOST_ROWS {
        return scenario.patients;
    }
    two_digits(MOST_ROWS / each)
}

/// How many patients have their courses in the table of trajectories, by the same rule; never more than are listed.
pub fn listed_trajectories(scenario: &Scenario) -> usize {
    let (listed, fit) = (listed_patients(scenario), fitting_patients(scenario));
    if fit >= listed as f64 { listed } else { two_digits(fit) }
}

/// A number of patients, at least 1, cut to two digits.
fn two_digits(fit: f64) -> usize {
    let fit = fit.floor().max(1.0);
    let digit = 10_f64.powf((fit.log10().floor() - 1.0).max(0.0));
    ((fit / digit).floor() * digit) as usize
}

/// Doses that a treatment plans up to the horizon, nearly.
pub(super) fn planned_doses(treatment: &Treatment, horizon: f64) -> f64 {
    let cycles =
        (horizon / treatment.cycle).min(f64::from(treatment.cycles.1)) - f64::from(treatment.cycles.0) + 1.0;
    cycles.max(0.0) * (treatment.days.len() * treatment.at.len()) as f64
}

/// What is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    Visits,
    Doses,
    Decisions,
    Events,
    Checks,
    Trajectories,
}

/// One of the tables.
struct Listed {
    list: List,
    columns: Arc<[Column]>,
    format: Format,
    /// Patients listed.
    patients: usize,
}

/// The tables, under way.
pub struct Listing<'a> {
    names: Names<'a>,
    /// Outputs in the table of visits.
    outputs: Vec<usize>,
    trajectories: Trajectories<'a>,
    tables: Vec<Listed>,
    files: Mutex<Vec<TableWriter>>,
}

impl<'a> Listing<'a> {
    /// Creates the tables, CSV in one folder and Parquet (if this program has it) in another; both exist.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn create(scenario: &'a Scenario, csv: &Path, parquet: &Path) -> Result<Self, TableError> {
        let (names, outputs) = (Names { scenario }, scenario.key_outputs());
        let trajectories = Trajectories::new(names);
        let lists = [List::Visits, List::Doses, List::Decisions, List::Events];
        let mut planned: Vec<_> = LISTINGS
            .into_iter()
            .zip(lists)
            .map(|(name, list)| (csv.join(format!("{name}.csv")), list, listed_patients(scenario)))
            .collect();
        if scenario.log_all_decisions {
            let path = csv.join(format!("{CHECKS}.csv"));
            planned.push((path, List::Checks, listed_patients(scenario)));
        }
        if PARQUET {
            planned.push((parquet.join("decisions.parquet"), List::Decisions, listed_patients(scenario)));
            let listed = listed_trajectories(scenario);
            planned.push((parquet.join("trajectories.parquet"), List::Trajectories, listed));
        }
        let (mut tables, mut files) = (Vec::new(), Vec::new());
        for (path, list, patients) in planned {
            let columns = match list {
                List::Visits => visits_columns(scenario, &outputs),
                List::Doses => doses_columns(),
                List::Decisions => decisions_columns(),
                List::Events => events_columns(),
                List::Checks => checks_columns(),
                List::Trajectories => trajectories.columns(),
            };
            let file = TableWriter::create(&path, columns)?;
            tables.push(Listed {
                list,
                columns: Arc::clone(file.columns()),
                format: file.format(),
                patients,
            });
            files.push(file);
        }
        Ok(Self { names, outputs, trajectories, tables, files: Mutex::new(files) })
    }

    /// Writes out what is buffered and gives the files their names.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn finish(self) -> io::Result<()> {
        let files = self.files.into_inner().unwrap_or_else(PoisonError::into_inner);
        files.into_iter().try_for_each(TableWriter::finish)
    }

    /// What was true and what was measured at every visit. An output without residual error has one column; one with it
    /// has a second column `NAME.measured`, and with a limit of quantification a third, `NAME.BLQ`.
    fn visits(&self, course: &Trajectory, rows: &mut Rows) -> io::Result<()> {
        let scenario = self.names.scenario;
        for visit in &course.visits {
            rows.text(&scenario.arms[course.arm].name)?;
            rows.count(course.patient + 1)?;
            rows.number(visit.time)?;
            rows.text(&self.names.schedules(visit.schedules))?;
            rows.flag(visit.on_treatment)?;
            rows.flag(visit.on_hold)?;
            for &output in &self.outputs {
                let described = &scenario.model.outputs[output];
                let unit = &described.unit;
                rows.optional(visit.truth.get(output).map(|value| unit.show(*value)))?;
                if described.error.is_some() {
                    let measured = visit.measured.get(output);
                    rows.optional(measured.map(|value| unit.show(*value)))?;
                    if described.limit_of_quantification().is_some() {
                        rows.flag(measured.is_some_and(|value| described.is_below_quantification(*value)))?;
                    }
                }
            }
            for (index, signal) in scenario.signals.iter().enumerate() {
                rows.optional(visit.signals.get(index).map(|value| signal.unit.show(*value)))?;
            }
            rows.end()?;
        }
        Ok(())
    }

    /// Every dose given, in the columns of the field. `CMT` is the number (from 1) of the first state that receives it.
    fn doses(&self, course: &Trajectory, rows: &mut Rows) -> io::Result<()> {
        let scenario = self.names.scenario;
        for dose in &course.doses {
            rows.count(course.patient + 1)?;
            rows.number(dose.time)?;
            rows.number(self.names.shown_dose(dose.route, dose.amount))?;
            rows.count(1)?;
            rows.count(self.names.compartment(dose.route))?;
            rows.text(&scenario.arms[course.arm].name)?;
            rows.text(self.names.drug(dose.route))?;
            rows.text(self.names.dose_unit(dose.route).map_or("", |unit| unit.name.as_str()))?;
            rows.flag(dose.planned)?;
            rows.end()?;
        }
        Ok(())
    }

    /// Every decision with the value that it was made on.
    fn decisions(&self, course: &Trajectory, rows: &mut Rows) -> io::Result<()> {
        let scenario = self.names.scenario;
        for (number, decision) in course.decisions.iter().enumerate() {
            let by = match decision.by {
                Why::Rule(rule) => scenario.rules.get(rule).map_or("", |rule| rule.name.as_str()),
                Why::Hazard(hazard) => self.names.hazard(hazard),
            };
            let output = decision.signal.and_then(|output| scenario.model.outputs.get(output));
            let drug = decision.drug;
            rows.text(&scenario.arms[course.arm].name)?;
            rows.count(course.patient + 1)?;
            rows.number(decision.time)?;
            rows.text(by)?;
            rows.text(output.map_or("", |output| output.name.as_str()))?;
            rows.optional(output.map(|output| output.unit.show(decision.value)))?;
            rows.text(output.map_or("", |output| output.unit.name.as_str()))?;
            rows.text(decision.action.name())?;
            rows.text(self.names.drug(drug))?;
            rows.number(self.names.shown_dose(drug, decision.before))?;
            rows.number(self.names.shown_dose(drug, decision.after))?;
            rows.text(self.names.dose_unit(drug).map_or("", |unit| unit.name.as_str()))?;
            let truth = course.audit.decisions.get(number);
            let value = truth.map(|truth| truth.value).filter(|value| value.is_finite());
            rows.optional(output.zip(value).map(|(output, value)| output.unit.show(value)))?;
            let justified = truth.and_then(|truth| truth.justified);
            rows.optional(justified.map(|justified| f64::from(u8::from(justified))))?;
            rows.end()?;
        }
        Ok(())
    }

    /// Every look at a rule, also where nothing changed.
    fn checks(&self, course: &Trajectory, rows: &mut Rows) -> io::Result<()> {
        let scenario = self.names.scenario;
        for look in &course.audit.looks {
            let output = look.signal.and_then(|output| scenario.model.outputs.get(output));
            let shown =
                |value: f64| output.filter(|_| value.is_finite()).map(|output| output.unit.show(value));
            rows.text(&scenario.arms[course.arm].name)?;
            rows.count(course.patient + 1)?;
            rows.number(look.time)?;
            rows.text(scenario.rules.get(look.rule).map_or("", |rule| rule.name.as_str()))?;
            rows.flag(look.met)?;
            rows.flag(look.truly)?;
            rows.text(output.map_or("", |output| output.name.as_str()))?;
            rows.optional(shown(look.value))?;
            rows.optional(shown(look.truth))?;
            rows.text(output.map_or("", |output| output.unit.name.as_str()))?;
            rows.text(look.action.map_or("no change", Done::name))?;
            rows.end()?;
        }
        Ok(())
    }

    /// Simulated events of the hazards.
    fn events(&self, course: &Trajectory, rows: &mut Rows) -> io::Result<()> {
        for event in &course.events {
            rows.text(&self.names.scenario.arms[course.arm].name)?;
            rows.count(course.patient + 1)?;
            rows.number(event.time)?;
            rows.text(self.names.hazard(event.hazard))?;
            rows.end()?;
        }
        Ok(())
    }
}

impl Log for Listing<'_> {
    fn entry(&self, course: &Trajectory) -> io::Result<Entry> {
        let rows = |table: &Listed| {
            let mut rows = Rows::new(Arc::clone(&table.columns), table.format);
            if course.patient < table.patients {
                match table.list {
                    List::Visits => self.visits(course, &mut rows)?,
                    List::Doses => self.doses(course, &mut rows)?,
                    List::Decisions => self.decisions(course, &mut rows)?,
                    List::Events => self.events(course, &mut rows)?,
                    List::Checks => self.checks(course, &mut rows)?,
                    List::Trajectories => self.trajectories.write(course, &mut rows)?,
                }
            }
            Ok(rows)
        };
        if self.tables.iter().all(|table| course.patient >= table.patients) {
            return Ok(Entry::new());
        }
        self.tables.iter().map(rows).collect()
    }

    fn write(&self, entries: Vec<Entry>) -> io::Result<()> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in entries {
            for (file, rows) in files.iter_mut().zip(entry) {
                file.append(rows)?;
            }
        }
        Ok(())
    }
}

fn visits_columns(scenario: &Scenario, outputs: &[usize]) -> Vec<Column> {
    let mut columns = vec![
        Column::text("ARM"),
        Column::count("ID"),
        Column::number("TIME"),
        Column::text("schedule"),
        Column::flag("on_treatment"),
        Column::flag("on_hold"),
    ];
    for &output in outputs {
        let described = &scenario.model.outputs[output];
        columns.push(Column::number(&described.name));
        if described.error.is_some() {
            columns.push(Column::number(format!("{}.measured", described.name)));
        }
        if described.limit_of_quantification().is_some() {
            columns.push(Column::flag(format!("{}.BLQ", described.name)));
        }
    }
    columns.extend(scenario.signals.iter().map(|signal| Column::number(&signal.name)));
    columns
}

fn doses_columns() -> Vec<Column> {
    vec![
        Column::count("ID"),
        Column::number("TIME"),
        Column::number("AMT"),
        Column::count("EVID"),
        Column::count("CMT"),
        Column::text("ARM"),
        Column::text("drug"),
        Column::text("unit"),
        Column::flag("planned"),
    ]
}

fn decisions_columns() -> Vec<Column> {
    vec![
        Column::text("ARM").about("arm"),
        Column::count("ID").about("patient, from 1"),
        Column::number("TIME").unit("d").about("time since the first visit"),
        Column::text("rule").about("the rule or hazard that decided"),
        Column::text("signal").about("the output that explains the decision"),
        Column::number("value").about("its value as the clinic knew it, in `unit`"),
        Column::text("unit").about("unit of `value`"),
        Column::text("action").about("what was done"),
        Column::text("drug").about("to which drug"),
        Column::number("before").about("level in force before, 0 while held, in `dose_unit`"),
        Column::number("after").about("level in force after, in `dose_unit`"),
        Column::text("dose_unit").about("unit of `before` and `after`"),
        Column::number("true").about("the signal's true value at that time, in `unit`"),
        Column::number("justified").about(
            "1: the true values bear the decision out, 0: they do not, empty: it did not rest on the rule's condition",
        ),
    ]
}

fn checks_columns() -> Vec<Column> {
    vec![
        Column::text("ARM").about("arm"),
        Column::count("ID").about("patient, from 1"),
        Column::number("TIME").unit("d").about("time since the first visit"),
        Column::text("rule").about("the rule that was looked at"),
        Column::flag("met").about("its condition is true of the values that the clinic knows"),
        Column::flag("met_truly").about("and of the true ones"),
        Column::text("signal").about("the output that explains the first"),
        Column::number("value").about("its value as the clinic knew it, in `unit`"),
        Column::number("true").about("its true value at that time, in `unit`"),
        Column::text("unit").about("unit of `value` and `true`"),
        Column::text("action").about("what the rule did; `no change`"),
    ]
}

fn events_columns() -> Vec<Column> {
    vec![Column::text("ARM"), Column::count("ID"), Column::number("TIME"), Column::text("event")]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn of_a_very_large_trial_the_first_patients_are_listed() {
        let (mut scenario, _) = fixture::scenario(100, 3);
        assert_eq!((listed_patients(&scenario), listed_trajectories(&scenario)), (100, 100));
        scenario.patients = 1_000_000;
        let (listed, courses) = (listed_patients(&scenario), listed_trajectories(&scenario));
        // Rows and numbers of one patient's three courses, counted from what is planned.
        let visits: usize = scenario.visits.iter().map(|schedule| schedule.times.len()).sum();
        let (mut rows, mut numbers) = (3 * visits, 6 * visits * scenario.key_outputs().len());
        for record in &scenario.records {
            rows += 3 * record.times.len();
            numbers += 3 * record.times.len() * record.outputs.len();
        }
        assert!(courses <= listed && listed < scenario.patients, "{courses} {listed}");
        assert!(courses * rows < 5_000_000 && courses * numbers < 40_000_000, "{courses}");
        // The doses come on top; they are no more than one a day.
        let most = courses + courses / 10 + 1;
        let doses = 3 * scenario.horizon as usize;
        assert!(
            most * (rows + doses) > 5_000_000 || most * (numbers + doses) > 40_000_000 || courses == listed
        );
    }
}
