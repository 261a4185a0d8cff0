//! Subject after subject from a table of records.
//!
//! The table is never held: a reader knows the subject it is at, the identities it has met (so that a subject that
//! turns up again is not taken for a new one), and what was found wrong.

use std::collections::HashMap;
use std::io::BufRead;

use super::cell::{Cell, identity};
use super::columns::{Columns, Options};
use super::fault::{Faults, Finding};
use super::line::Lines;
use super::occasion::{self, Occasion};
use super::record::{Event, Record, Subject};
use super::row::{Moment, Row, not_a_number};
use crate::diagnostic::{Diagnostic, Sources};
use crate::model::Model;

/// Doses that one record may give: each is a step of its own, and so many take a minute.
const MOST_DOSES: f64 = 1e7;

/// Reads a table of records.
#[derive(Debug)]
pub struct Reader<'m> {
    name: String,
    lines: Lines<'m>,
    row: Row<'m>,
    faults: Faults,
    /// The subject being read.
    open: Option<Open>,
    /// First lines of the subjects.
    met: HashMap<String, u64>,
    /// Rows so far.
    rows: u64,
    doses: u64,
    undosed: bool,
    warned: bool,
    ended: bool,
}

/// A subject that may go on.
#[derive(Debug)]
struct Open {
    identity: String,
    subject: Subject,
    /// Seconds of the first record, where times are clock times.
    origin: Option<f64>,
    /// Number and text of the first line.
    first: (u64, String),
    /// The occasion of each record, as far as it is said.
    occasions: Vec<Occasion>,
    /// Series that may be too long: the place of the record, and its line.
    long: Vec<(usize, (u64, String))>,
}

impl<'m> Reader<'m> {
    /// Reads the header. `name` is shown to the user. Look for errors with [`Reader::is_faulty`].
    pub fn new(name: &str, input: Box<dyn BufRead + Send + 'm>, model: &'m Model, options: &Options) -> Self {
        let mut faults = Faults::new(name);
        let mut lines = Lines::new(input);
        let columns = match lines.advance() {
            Ok(true) => Columns::read(&lines, model, options, &mut faults),
            Ok(false) => {
                let help = "the first line names the columns, such as `ID,TIME,EVID,AMT`";
                faults.line(&lines, Finding::new("this table is empty", "no header", help));
                Columns::default()
            }
            Err(why) => {
                faults.line(&lines, Finding::new(why, "in this line", "repair it"));
                Columns::default()
            }
        };
        let time_unit = options.time_unit.clone().unwrap_or_else(|| model.time.clone());
        Reader {
            name: name.to_owned(),
            lines,
            row: Row { model, columns, time_unit },
            ended: faults.any(),
            faults,
            open: None,
            met: HashMap::new(),
            rows: 0,
            doses: 0,
            undosed: options.undosed || model.routes.is_empty(),
            warned: false,
        }
    }

    /// Whether something was found that must be repaired first.
    pub fn is_faulty(&self) -> bool {
        self.faults.any()
    }

    /// Whether the table, read to its end, is of no use: faulty, empty, or without the doses that it should give.
    pub fn is_unusable(&self) -> bool {
        self.is_faulty() || self.rows == 0 || (self.doses == 0 && !self.undosed)
    }

    /// Number of rows read so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The next subjects, whole ones, until they have so many records; none at the end. After a fault nothing useful comes
    /// any more, but reading goes on, to show more faults at once.
    pub fn subjects(&mut self, records: usize) -> Vec<Subject> {
        let mut subjects = Vec::new();
        let mut count = 0;
        while count < records {
            let Some(subject) = self.subject() else { break };
            count += subject.records.len();
            subjects.push(subject);
        }
        subjects
    }

    /// Hands over what was found; to be called once, at the end.
    pub fn report(&mut self, sources: &mut Sources, diagnostics: &mut Vec<Diagnostic>) {
        let before = self.faults.any();
        self.faults.report(sources, diagnostics);
        if before || !self.ended {
            return;
        }
        if self.rows == 0 {
            let finding = Diagnostic::plain(format!("`{}` has no records", self.name));
            diagnostics.push(finding.help("add one line for each dose and sample below the header"));
        } else if self.doses == 0 && !self.undosed {
            let finding = Diagnostic::plain(format!(
                "`{}` gives no dose in {} records, though the model can be dosed",
                self.name, self.rows
            ));
            let named = match self.row.columns.amount {
                Some(_) => "AMT is 0 in every row; look at AMT and EVID",
                None => "the table has no column AMT; is it called by another name?",
            };
            diagnostics
                .push(finding.help(format!("{named}. If nothing is to be given, say so with --undosed")));
        }
    }

    /// The next subject.
    fn subject(&mut self) -> Option<Subject> {
        while !self.ended {
            match self.lines.advance() {
                Ok(true) => {}
                Ok(false) => self.ended = true,
                Err(why) => {
                    self.faults.line(&self.lines, Finding::new(why, "in this line", "repair it"));
                    self.ended = true;
                }
            }
            if self.ended {
                break;
            }
            let done = self.take_row();
            self.ended |= self.faults.full();
            if done.is_some() {
                return done;
            }
        }
        let open = self.open.take()?;
        Some(self.close(open))
    }

    /// A subject that is complete; each covariate must be known somewhere, and nobody can be given doses without end.
    fn close(&mut self, open: Open) -> Subject {
        let Open { mut subject, first, long, occasions, .. } = open;
        if let Some(cell) = self.row.columns.occasion {
            match occasion::settle(&occasions) {
                Some(settled) => subject.occasions = settled,
                None => self.faults.earlier(&first, occasion::unsaid(&subject.id, cell)),
            }
        }
        for (place, line) in &long {
            let doses = doses_within(&subject.records, *place);
            if doses > MOST_DOSES {
                let finding = Finding::new(
                    format!(
                        "this record gives {doses:.1e} doses until the last record of subject {}",
                        subject.id
                    ),
                    format!("more than {MOST_DOSES:.0e}"),
                    "look at II, ADDL and the unit of time; what is given all the time is an infusion (RATE)",
                );
                self.faults.earlier(line, finding);
            }
        }
        let width = self.row.model.covariates.len();
        for &(cell, covariate) in &self.row.columns.covariates {
            let mut values = subject.covariates.iter().skip(covariate).step_by(width.max(1));
            if !subject.records.is_empty() && values.all(|value| value.is_nan()) {
                let name = &self.row.model.covariates[covariate].name;
                let finding = Finding::new(
                    format!("subject {} has no value of `{name}` in any row", subject.id),
                    format!("its first row; `{name}` is in column {}", cell + 1),
                    "give it in one row at least; the others then take theirs from it",
                );
                self.faults.earlier(&first, finding);
            }
        }
        subject
    }

    /// Reads a row into the subject that is open; the one before, if the row begins another.
    fn take_row(&mut self) -> Option<Subject> {
        self.rows += 1;
        if !self.check_width() {
            return None;
        }
        let done = self.settle_subject();
        let Some(open) = &mut self.open else { return done };
        let (lines, faults) = (&self.lines, &mut self.faults);
        let event = self.row.event(lines, faults);
        let Some(moment) = self.row.moment(lines, faults) else { return done };
        let Some((time, shown_time)) = times(moment, open, &self.row, lines, faults) else { return done };
        let Some(event) = event else { return done };
        let resets = matches!(event, Event::Reset | Event::ResetAndDose(_));
        if let Some(last) = open.subject.records.last()
            && time < last.time
            && !resets
        {
            let finding = Finding::new(
                format!("the times of subject {} go back here", open.subject.id),
                format!("before {}, the time of the row before", last.shown_time),
                "sort the rows of a subject by time; only a reset (EVID 3 or 4) may start again at an earlier one; clock times \
                 that pass midnight need a DATE",
            );
            faults.cell(lines, self.row.columns.time, finding);
            return done;
        }
        if let Event::Dose(dose) | Event::ResetAndDose(dose) = &event {
            self.doses += 1;
            if dose.additional as f64 >= MOST_DOSES {
                let line = (lines.number(), lines.text().to_owned());
                open.long.push((open.subject.records.len(), line));
            }
            let alone = dose.additional == 0 && dose.steady_state == super::SteadyState::No;
            if let Some(cell) =
                self.row.columns.interval.filter(|_| dose.interval > 0.0 && alone && !self.warned)
            {
                self.warned = true;
                let help = "II counts only with ADDL (further doses) or SS (steady state)";
                faults.warning(
                    lines,
                    cell,
                    Finding::new("an II that changes nothing", "neither ADDL nor SS here", help),
                );
            }
        }
        let stop = self.row.stop(lines, faults);
        open.subject.records.push(Record { row: self.rows, time, shown_time, event, stop });
        read_covariates(&self.row, lines, faults, &mut open.subject.covariates);
        if let Some(cell) = self.row.columns.occasion {
            open.occasions.push(occasion::read(lines, cell, faults));
        }
        read_controls(&self.row, lines, faults, &mut open.subject.controls);
        done
    }

    fn check_width(&mut self) -> bool {
        let (found, wanted) = (self.lines.len(), self.row.columns.width);
        // Empty cells behind the last column do no harm.
        if found >= wanted && (wanted..found).all(|cell| self.lines.cell(cell).is_empty()) {
            return true;
        }
        let finding = Finding::new(
            format!("this row has {found} cells, but the header has {wanted}"),
            "this row",
            "write decimals with a point, `71.5`, and `.` where there is no value",
        );
        self.faults.line(&self.lines, finding);
        false
    }

    /// Opens the subject of the present row, if it is another; the one before it.
    fn settle_subject(&mut self) -> Option<Subject> {
        let cell = self.row.columns.id;
        let text = self.lines.unquoted(cell);
        if self.open.as_ref().is_some_and(|open| open.subject.id == text) {
            return None;
        }
        if Cell::read(&text) == Cell::Missing {
            let help = "ID says which subject a row belongs to: a number or a text";
            self.faults.cell(
                &self.lines,
                cell,
                Finding::new("the subject of this row is missing", "no ID", help),
            );
            return None;
        }
        let identity = identity(&text);
        if self.open.as_ref().is_some_and(|open| open.identity == identity) {
            return None;
        }
        if let Some(first) = self.met.get(&identity) {
            let finding = Finding::new(
                format!("subject {text} turns up again; its rows began on line {first}"),
                "other subjects stand between",
                "keep the rows of a subject together, sorted by time",
            );
            self.faults.cell(&self.lines, cell, finding);
        }
        let number = self.met.len();
        self.met.insert(identity.clone(), self.lines.number());
        let subject = Subject { number, id: text.into_owned(), ..Subject::default() };
        let first = (self.lines.number(), self.lines.text().to_owned());
        let (occasions, long) = (Vec::new(), Vec::new());
        let before = self.open.replace(Open { identity, subject, origin: None, first, occasions, long })?;
        Some(self.close(before))
    }
}

/// Doses of the record at `place` that fall within the times of its subject, those behind a reset left out.
fn doses_within(records: &[Record], place: usize) -> f64 {
    let Some((Record { time, event: Event::Dose(dose) | Event::ResetAndDose(dose), .. }, later)) =
        records.get(place..).and_then(<[Record]>::split_first)
    else {
        return 0.0;
    };
    let mut end = *time;
    for record in later {
        // A reset may start again at an earlier time.
        end = record.time.max(end);
        if matches!(record.event, Event::Reset | Event::ResetAndDose(_)) {
            break;
        }
    }
    ((end - time) / dose.interval).floor().min(dose.additional as f64) + 1.0
}

/// Time in days, and as shown.
fn times(
    moment: Moment,
    open: &mut Open,
    row: &Row<'_>,
    lines: &Lines<'_>,
    faults: &mut Faults,
) -> Option<(f64, f64)> {
    const SECONDS_PER_DAY: f64 = 86_400.0;
    let begun = !open.subject.records.is_empty();
    match (moment, open.origin) {
        (Moment::Number(time), None) => Some((row.time_unit.read(time), time)),
        (Moment::Clock(now), origin) if origin.is_some() || !begun => {
            let elapsed = now - *open.origin.get_or_insert(now);
            // The unit in seconds is a whole number, but for the rounding of its factor.
            let unit = row.time_unit.unit.factor * SECONDS_PER_DAY;
            let unit = if (unit - unit.round()).abs() < 1e-9 * unit { unit.round() } else { unit };
            Some((elapsed / SECONDS_PER_DAY, elapsed / unit))
        }
        _ => {
            let help = "write all times of a subject in one way";
            let finding = Finding::new(
                "clock times and plain times in one subject",
                "in another way than before",
                help,
            );
            faults.cell(lines, row.columns.time, finding);
            None
        }
    }
}

/// Appends the covariates of a row.
fn read_covariates(row: &Row<'_>, lines: &Lines<'_>, faults: &mut Faults, values: &mut Vec<f64>) {
    let start = values.len();
    values.resize(start + row.model.covariates.len(), f64::NAN);
    for &(cell, covariate) in &row.columns.covariates {
        let described = &row.model.covariates[covariate];
        match Cell::read(lines.cell(cell)) {
            Cell::Missing => {}
            Cell::Number(value) => values[start + covariate] = described.unit.read(value),
            Cell::Text(text) => {
                faults.cell(lines, cell, not_a_number(text, &described.name));
                // Something is there: no need to say as well that nothing is.
                values[start + covariate] = 0.0;
            }
        }
    }
}

/// Appends the controls of a row, where the table has any.
fn read_controls(row: &Row<'_>, lines: &Lines<'_>, faults: &mut Faults, values: &mut Vec<f64>) {
    if row.columns.controls.is_empty() {
        return;
    }
    let start = values.len();
    values.resize(start + row.model.controls.len(), f64::NAN);
    for &(cell, control) in &row.columns.controls {
        let described = &row.model.controls[control];
        match Cell::read(lines.cell(cell)) {
            Cell::Missing => {}
            Cell::Number(value) => values[start + control] = described.unit.read(value),
            Cell::Text(text) => faults.cell(lines, cell, not_a_number(text, &described.name)),
        }
    }
}
