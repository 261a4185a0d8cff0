//! Tables of what was seen and done, visit by visit and dose by dose. Times in days, patients from 1.
//!
//! They are written while the trial runs, since no course is kept. Those of a very large trial would fill the disk without
//! a reader: then only the first patients are listed, and manifest and page say so.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::sheet::Sheet;
use crate::report::names::Names;
use crate::scenario::{Arm, Scenario, Treatment};
use crate::trial::{Done, Entry, Log, Trajectory, Why};

/// Names of the tables written while the trial runs.
pub const LISTINGS: [&str; 4] = ["visits", "doses", "decisions", "events"];

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
    let fit = (MOST_ROWS / each).floor().max(1.0);
    let digit = 10_f64.powf((fit.log10().floor() - 1.0).max(0.0));
    ((fit / digit).floor() * digit) as usize
}

/// Doses that a treatment plans up to the horizon, nearly.
fn planned_doses(treatment: &Treatment, horizon: f64) -> f64 {
    let cycles =
        (horizon / treatment.cycle).min(f64::from(treatment.cycles.1)) - f64::from(treatment.cycles.0) + 1.0;
    cycles.max(0.0) * (treatment.days.len() * treatment.at.len()) as f64
}

/// The tables, under way.
pub struct Listing<'a> {
    names: Names<'a>,
    /// Outputs in the table of visits.
    outputs: Vec<usize>,
    /// Patients listed.
    patients: usize,
    files: Mutex<Vec<BufWriter<File>>>,
}

impl<'a> Listing<'a> {
    /// Creates the tables with their headers in a folder that exists.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn create(scenario: &'a Scenario, folder: &Path) -> io::Result<Self> {
        let (names, outputs) = (Names { scenario }, scenario.key_outputs());
        let headers = [visits_header(scenario, &outputs), fixed(&DOSES), fixed(&DECISIONS), fixed(&EVENTS)];
        let mut files = Vec::new();
        for (name, header) in LISTINGS.into_iter().zip(headers) {
            let mut file = BufWriter::new(File::create(folder.join(format!("{name}.csv")))?);
            file.write_all(&text(|sheet| sheet.header(&header))?)?;
            files.push(file);
        }
        Ok(Self { names, outputs, patients: listed_patients(scenario), files: Mutex::new(files) })
    }

    /// Writes out what is buffered.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn finish(&self) -> io::Result<()> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.iter_mut().try_for_each(Write::flush)
    }

    /// What was true and what was measured at every visit. An output without residual error has one column; one with it
    /// has a second column `NAME.measured`.
    fn visits(&self, course: &Trajectory, sheet: &mut Rows) -> io::Result<()> {
        let scenario = self.names.scenario;
        for visit in &course.visits {
            sheet.text(&scenario.arms[course.arm].name)?;
            sheet.count(course.patient + 1)?;
            sheet.number(visit.time)?;
            sheet.text(&self.names.schedules(visit.schedules))?;
            sheet.flag(visit.on_treatment)?;
            sheet.flag(visit.on_hold)?;
            for &output in &self.outputs {
                let described = &scenario.model.outputs[output];
                let unit = &described.unit;
                sheet.optional(visit.truth.get(output).map(|value| unit.show(*value)))?;
                if described.error.is_some() {
                    sheet.optional(visit.measured.get(output).map(|value| unit.show(*value)))?;
                }
            }
            for (index, signal) in scenario.signals.iter().enumerate() {
                sheet.optional(visit.signals.get(index).map(|value| signal.unit.show(*value)))?;
            }
            sheet.end()?;
        }
        Ok(())
    }

    /// Every dose given, in the columns of the field. `CMT` is the number (from 1) of the first state that receives it.
    fn doses(&self, course: &Trajectory, sheet: &mut Rows) -> io::Result<()> {
        let scenario = self.names.scenario;
        for dose in &course.doses {
            let route = scenario.model.routes.get(dose.route);
            sheet.count(course.patient + 1)?;
            sheet.number(dose.time)?;
            sheet.number(self.names.shown_dose(dose.route, dose.amount))?;
            sheet.count(1)?;
            sheet.count(route.and_then(|route| route.into.first()).map_or(0, |into| into.state + 1))?;
            sheet.text(&scenario.arms[course.arm].name)?;
            sheet.text(self.names.drug(dose.route))?;
            sheet.text(self.names.dose_unit(dose.route).map_or("", |unit| unit.name.as_str()))?;
            sheet.flag(dose.planned)?;
            sheet.end()?;
        }
        Ok(())
    }

    /// Every decision with the value that it was made on.
    fn decisions(&self, course: &Trajectory, sheet: &mut Rows) -> io::Result<()> {
        let scenario = self.names.scenario;
        for decision in &course.decisions {
            let by = match decision.by {
                Why::Rule(rule) => scenario.rules.get(rule).map_or("", |rule| rule.name.as_str()),
                Why::Hazard(hazard) => self.names.hazard(hazard),
            };
            let output = decision.signal.and_then(|output| scenario.model.outputs.get(output));
            let drug = decision.drug;
            sheet.text(&scenario.arms[course.arm].name)?;
            sheet.count(course.patient + 1)?;
            sheet.number(decision.time)?;
            sheet.text(by)?;
            sheet.text(output.map_or("", |output| output.name.as_str()))?;
            sheet.optional(output.map(|output| output.unit.show(decision.value)))?;
            sheet.text(output.map_or("", |output| output.unit.name.as_str()))?;
            sheet.text(action_name(decision.action))?;
            sheet.text(self.names.drug(drug))?;
            sheet.number(self.names.shown_dose(drug, decision.before))?;
            sheet.number(self.names.shown_dose(drug, decision.after))?;
            sheet.text(self.names.dose_unit(drug).map_or("", |unit| unit.name.as_str()))?;
            sheet.end()?;
        }
        Ok(())
    }

    /// Simulated events of the hazards.
    fn events(&self, course: &Trajectory, sheet: &mut Rows) -> io::Result<()> {
        for event in &course.events {
            sheet.text(&self.names.scenario.arms[course.arm].name)?;
            sheet.count(course.patient + 1)?;
            sheet.number(event.time)?;
            sheet.text(self.names.hazard(event.hazard))?;
            sheet.end()?;
        }
        Ok(())
    }
}

impl Log for Listing<'_> {
    fn entry(&self, course: &Trajectory) -> io::Result<Entry> {
        if course.patient >= self.patients {
            return Ok(Entry::new());
        }
        Ok(vec![
            text(|sheet| self.visits(course, sheet))?,
            text(|sheet| self.doses(course, sheet))?,
            text(|sheet| self.decisions(course, sheet))?,
            text(|sheet| self.events(course, sheet))?,
        ])
    }

    fn write(&self, entries: &[Entry]) -> io::Result<()> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in entries {
            for (file, rows) in files.iter_mut().zip(entry) {
                file.write_all(rows)?;
            }
        }
        Ok(())
    }
}

type Rows = Sheet<Vec<u8>>;

/// Rows as text.
fn text(fill: impl FnOnce(&mut Rows) -> io::Result<()>) -> io::Result<Vec<u8>> {
    let mut sheet = Sheet::new(Vec::new());
    fill(&mut sheet)?;
    sheet.into_text()
}

const DOSES: [&str; 9] = ["ID", "TIME", "AMT", "EVID", "CMT", "ARM", "drug", "unit", "planned"];
const DECISIONS: [&str; 12] = [
    "ARM",
    "ID",
    "TIME",
    "rule",
    "signal",
    "value",
    "unit",
    "action",
    "drug",
    "before",
    "after",
    "dose_unit",
];
const EVENTS: [&str; 4] = ["ARM", "ID", "TIME", "event"];

fn fixed(header: &[&str]) -> Vec<String> {
    header.iter().map(|name| (*name).to_owned()).collect()
}

fn visits_header(scenario: &Scenario, outputs: &[usize]) -> Vec<String> {
    let mut header = fixed(&["ARM", "ID", "TIME", "schedule", "on_treatment", "on_hold"]);
    for &output in outputs {
        let described = &scenario.model.outputs[output];
        header.push(described.name.clone());
        if described.error.is_some() {
            header.push(format!("{}.measured", described.name));
        }
    }
    header.extend(scenario.signals.iter().map(|signal| signal.name.clone()));
    header
}

/// An action as it is named in tables and on the page.
fn action_name(action: Done) -> &'static str {
    match action {
        Done::Hold => "hold",
        Done::Resume => "resume",
        Done::Reduce => "reduce",
        Done::Escalate => "escalate",
        Done::Discontinue => "discontinue",
        Done::StartCoMedication => "start co-medication",
        Done::StopCoMedication => "stop co-medication",
    }
}
