//! One row: its cells read as a record, and everything refused that cannot be meant.
//!
//! When it is and what kind of event; what a dose says is read in [`super::dose`], where it goes in
//! [`super::destination`].

use super::cell::Cell;
use super::clock::{midnight, seconds};
use super::columns::Columns;
use super::fault::{Faults, Finding};
use super::line::Lines;
use super::record::Event;
use crate::model::{Model, NamedUnit};

/// What rows are read by.
#[derive(Debug)]
pub(super) struct Row<'m> {
    pub model: &'m Model,
    pub columns: Columns,
    pub time_unit: NamedUnit,
}

/// When a record is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Moment {
    /// In the unit of the table.
    Number(f64),
    /// Seconds from an arbitrary day.
    Clock(f64),
}

/// A fault that has been noted.
pub(super) struct Faulty;

/// The cells that describe a dose, 0 where nothing is said.
pub(super) struct DoseCells {
    pub amount: Option<f64>,
    pub rate: f64,
    pub duration: f64,
    pub interval: f64,
    pub additional: f64,
    pub steady_state: f64,
}

/// What EVID says.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Code {
    Sample,
    Dose,
    Other,
    Reset,
    ResetAndDose,
    Replace,
    Multiply,
}

/// Words and numbers of EVID.
const CODES: [(&str, Code); 7] = [
    ("sample", Code::Sample),
    ("dose", Code::Dose),
    ("other", Code::Other),
    ("reset", Code::Reset),
    ("reset-and-dose", Code::ResetAndDose),
    ("replace", Code::Replace),
    ("multiply", Code::Multiply),
];

impl Row<'_> {
    /// When the record is; `None` after a fault.
    pub(super) fn moment(&self, lines: &Lines<'_>, faults: &mut Faults) -> Option<Moment> {
        let cell = self.columns.time;
        let text = lines.cell(cell);
        let day = match self.columns.date {
            None => None,
            Some((date, order)) => match midnight(lines.cell(date), order) {
                Some(day) => Some(day),
                None => {
                    let help = "write year-month-day, `2024-03-01`, or month/day/year under DATE, day/month/year under DAT1, \
                                year/month/day under DAT2, year/day/month under DAT3, or the number of the day";
                    faults.cell(lines, date, Finding::new("this is no date", "not a date", help));
                    return None;
                }
            },
        };
        if text.contains(':') {
            if let Some(clock) = seconds(text) {
                return Some(Moment::Clock(day.unwrap_or(0.0) + clock));
            }
            let help = "write hours and minutes, `8:30`, or hours, minutes and seconds, `8:30:15`";
            faults.cell(lines, cell, Finding::new("this is no clock time", "not a clock time", help));
            return None;
        }
        match (Cell::read(text), day) {
            (Cell::Number(hours), Some(day)) => Some(Moment::Clock(day + hours * 3600.0)),
            (Cell::Number(time), None) => Some(Moment::Number(time)),
            (Cell::Missing, _) => {
                let help = "every record needs its time; remove the row if it is not known";
                faults.cell(lines, cell, Finding::new("the time of this record is missing", "no time", help));
                None
            }
            (Cell::Text(text), _) => {
                faults.cell(lines, cell, not_a_number(text, "TIME"));
                None
            }
        }
    }

    /// What happens at the record; `None` after a fault.
    pub(super) fn event(&self, lines: &Lines<'_>, faults: &mut Faults) -> Option<Event> {
        self.try_event(lines, faults).ok()
    }

    fn try_event(&self, lines: &Lines<'_>, faults: &mut Faults) -> Result<Event, Faulty> {
        let columns = &self.columns;
        let mut number = |cell: Option<usize>, name: &str| number(lines, cell, name, faults);
        let cells = DoseCells {
            amount: number(columns.amount, "AMT")?,
            rate: number(columns.rate, "RATE")?.unwrap_or(0.0),
            duration: number(columns.duration, "DUR")?.unwrap_or(0.0),
            interval: number(columns.interval, "II")?.unwrap_or(0.0),
            additional: number(columns.additional, "ADDL")?.unwrap_or(0.0),
            steady_state: number(columns.steady_state, "SS")?.unwrap_or(0.0),
        };
        let code = self.code(lines, faults)?.unwrap_or_else(|| {
            let endless = cells.rate != 0.0 && cells.steady_state != 0.0;
            if cells.amount.unwrap_or(0.0) != 0.0 || endless { Code::Dose } else { Code::Sample }
        });
        match code {
            Code::Dose => Ok(Event::Dose(self.dose(&cells, lines, faults)?)),
            Code::ResetAndDose => Ok(Event::ResetAndDose(self.dose(&cells, lines, faults)?)),
            Code::Replace | Code::Multiply => {
                self.no_dose(&DoseCells { amount: None, ..cells }, lines, faults)?;
                self.change(code, cells.amount, lines, faults)
            }
            Code::Sample | Code::Other | Code::Reset => {
                self.no_dose(&cells, lines, faults)?;
                Ok(match code {
                    Code::Other => Event::Other,
                    Code::Reset => Event::Reset,
                    _ => Event::Sample,
                })
            }
        }
    }

    /// The stop for which the solver sets out behind the record, d.
    pub(super) fn stop(&self, lines: &Lines<'_>, faults: &mut Faults) -> Option<f64> {
        number(lines, self.columns.stop, "STOP", faults).ok().flatten().map(|stop| self.time_unit.read(stop))
    }

    fn code(&self, lines: &Lines<'_>, faults: &mut Faults) -> Result<Option<Code>, Faulty> {
        let Some(cell) = self.columns.event else { return Ok(None) };
        let text = lines.cell(cell);
        let found = match Cell::read(text) {
            Cell::Missing => return Ok(None),
            Cell::Number(number) => {
                CODES.iter().enumerate().find(|(place, _)| *place as f64 == number).map(|(_, known)| known.1)
            }
            Cell::Text(word) => {
                CODES.iter().find(|(name, _)| word.eq_ignore_ascii_case(name)).map(|known| known.1)
            }
        };
        if found.is_none() {
            let help = "EVID is 0 sample, 1 dose, 2 other, 3 reset, 4 reset-and-dose, 5 replace or 6 multiply: the number or the \
                        word";
            faults.cell(
                lines,
                cell,
                Finding::new(format!("`{text}` is no kind of event"), "not an EVID", help),
            );
        }
        found.map(Some).ok_or(Faulty)
    }

    /// Nothing on a row that gives no dose may speak of one.
    fn no_dose(&self, cells: &DoseCells, lines: &Lines<'_>, faults: &mut Faults) -> Result<(), Faulty> {
        let columns = &self.columns;
        let said = [
            ("AMT", columns.amount, cells.amount.unwrap_or(0.0)),
            ("RATE", columns.rate, cells.rate),
            ("DUR", columns.duration, cells.duration),
            ("II", columns.interval, cells.interval),
            ("ADDL", columns.additional, cells.additional),
            ("SS", columns.steady_state, cells.steady_state),
        ];
        let Some((name, Some(cell), _)) = said.into_iter().find(|(_, _, value)| *value != 0.0) else {
            return Ok(());
        };
        let finding = Finding::new(
            format!("this record gives no dose, but its {name} is not 0"),
            "would be lost",
            "set EVID to 1 (or 4, after a reset) if a dose is meant, else write 0 or `.` here",
        );
        faults.cell(lines, cell, finding);
        Err(Faulty)
    }
}

/// The number in a cell, if there is one.
fn number(
    lines: &Lines<'_>,
    cell: Option<usize>,
    name: &str,
    faults: &mut Faults,
) -> Result<Option<f64>, Faulty> {
    let Some(cell) = cell else { return Ok(None) };
    match Cell::read(lines.cell(cell)) {
        Cell::Missing => Ok(None),
        Cell::Number(number) => Ok(Some(number)),
        Cell::Text(text) => {
            faults.cell(lines, cell, not_a_number(text, name));
            Err(Faulty)
        }
    }
}

/// A text where a number belongs.
pub(super) fn not_a_number(text: &str, column: &str) -> Finding {
    let help = if text.contains(',') {
        "write decimals with a point, `1.5`"
    } else {
        "write a number, or `.` where there is none; units are the model's and stand in no cell"
    };
    Finding::new(format!("`{text}` is no number for {column}"), "not a number", help)
}
