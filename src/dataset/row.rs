//! One row: its cells read as a record, and everything refused that cannot be meant.

use super::cell::Cell;
use super::clock::{midnight, seconds};
use super::columns::Columns;
use super::fault::{Faults, Finding};
use super::line::Lines;
use super::record::{Administration, Dose, Event, SteadyState};
use crate::diagnostic::closest;
use crate::model::{Model, NamedUnit};

/// Largest ADDL.
const MOST_ADDITIONAL: f64 = 1e9;

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
struct Faulty;

/// The cells that describe a dose, 0 where nothing is said.
struct DoseCells {
    amount: Option<f64>,
    rate: f64,
    interval: f64,
    additional: f64,
    steady_state: f64,
}

#[derive(Clone, Copy, PartialEq)]
enum Code {
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

    fn dose(&self, cells: &DoseCells, lines: &Lines<'_>, faults: &mut Faults) -> Result<Dose, Faulty> {
        let columns = &self.columns;
        let mut wrong = |cell: Option<usize>, message: &str, label: &str, help: &str| -> Faulty {
            let finding = Finding::new(message, label, help);
            match cell {
                Some(cell) => faults.cell(lines, cell, finding),
                None => faults.line(lines, finding),
            }
            Faulty
        };
        let endless = cells.steady_state != 0.0 && cells.interval == 0.0 && cells.rate != 0.0;
        let amount = match cells.amount {
            Some(amount) => amount,
            None if endless => 0.0,
            None => {
                return Err(wrong(
                    columns.amount,
                    "a dose without an amount",
                    "missing",
                    "give AMT, or set EVID to 0 or 2",
                ));
            }
        };
        if amount < 0.0 {
            return Err(wrong(
                columns.amount,
                "a dose cannot be negative",
                "below 0",
                "to take something out of a state, use EVID 5 (replace) or 6 (multiply)",
            ));
        }
        if !(cells.rate >= 0.0 || cells.rate == -1.0 || cells.rate == -2.0) {
            return Err(wrong(
                columns.rate,
                "this is no rate",
                "below 0",
                "a rate is positive, 0 for a bolus, -1 where the model gives the rate, -2 where it gives the duration",
            ));
        }
        if cells.interval < 0.0 {
            return Err(wrong(
                columns.interval,
                "a time between doses cannot be negative",
                "below 0",
                "II is the time between the doses of a series",
            ));
        }
        if cells.additional > MOST_ADDITIONAL {
            return Err(wrong(
                columns.additional,
                "so many doses cannot be given",
                "more than 1000000000",
                "ADDL is the number of further doses after this one, 1000000000 at most",
            ));
        }
        if !(cells.additional >= 0.0 && cells.additional.fract() == 0.0) {
            return Err(wrong(
                columns.additional,
                "this is no number of doses",
                "not a whole number from 0 on",
                "ADDL is the number of further doses after this one",
            ));
        }
        if cells.additional > 0.0 && cells.interval == 0.0 {
            return Err(wrong(
                columns.additional,
                "further doses without a time between them",
                "ADDL without II",
                "give II, the time between doses, or write 0 here",
            ));
        }
        let steady_state = match cells.steady_state {
            0.0 => SteadyState::No,
            1.0 => SteadyState::Replaces,
            2.0 => SteadyState::Adds,
            _ => {
                return Err(wrong(
                    columns.steady_state,
                    "SS is 0, 1 or 2",
                    "not one of them",
                    "1 replaces the present state by the steady one, 2 adds it",
                ));
            }
        };
        if steady_state != SteadyState::No && cells.interval == 0.0 && !(amount == 0.0 && endless) {
            return Err(wrong(
                columns.steady_state,
                "a steady state without a time between doses",
                "SS without II",
                "give II; an infusion without end has AMT 0, a RATE, and II 0",
            ));
        }
        if endless && cells.rate == -2.0 {
            return Err(wrong(
                columns.rate,
                "an infusion without end has no duration",
                "-2 is a modelled duration",
                "give a rate, or -1 for the modelled one",
            ));
        }
        if amount == 0.0 && cells.rate != 0.0 && !endless {
            return Err(wrong(
                columns.amount,
                "an infusion of nothing",
                "AMT is 0, but RATE is not",
                "give the amount; an infusion without end has SS 1 and II 0",
            ));
        }
        let route = self.route(lines, faults)?;
        let administration = self.administration(cells.rate, route, lines, faults)?;
        let factor = self.model.routes[route].unit.unit.factor;
        Ok(Dose {
            route,
            amount: amount * factor,
            administration,
            interval: self.time_unit.read(cells.interval),
            // Checked to be whole and small above.
            additional: cells.additional as u64,
            steady_state,
        })
    }

    fn administration(
        &self,
        rate: f64,
        route: usize,
        lines: &Lines<'_>,
        faults: &mut Faults,
    ) -> Result<Administration, Faulty> {
        let described = &self.model.routes[route];
        let modelled = |given: bool, administration: Administration, key: &str| {
            if given { Ok(administration) } else { Err(key.to_owned()) }
        };
        let found = if rate == 0.0 {
            Ok(Administration::Bolus)
        } else if rate > 0.0 {
            Ok(Administration::Rate(rate * described.unit.unit.factor / self.time_unit.unit.factor))
        } else if rate == -1.0 {
            modelled(described.rate.is_some(), Administration::ModelledRate, "rate")
        } else {
            modelled(described.duration.is_some(), Administration::ModelledDuration, "duration")
        };
        found.map_err(|key| {
            let finding = Finding::new(
                format!("the {key} of this infusion is left to the model, which gives none"),
                format!("asks for the {key} of `{}`", described.name),
                format!(
                    "give `{key} = \"…\"` to `{}` in the model's [doses], or a rate here",
                    described.name
                ),
            );
            if let Some(cell) = self.columns.rate {
                faults.cell(lines, cell, finding);
            }
            Faulty
        })
    }

    /// The route that CMT names.
    fn route(&self, lines: &Lines<'_>, faults: &mut Faults) -> Result<usize, Faulty> {
        let model = self.model;
        let text = self.columns.compartment.map_or("", |cell| lines.cell(cell));
        let found = match Cell::read(text) {
            Cell::Missing | Cell::Number(0.0) if model.routes.len() == 1 => Some(0),
            Cell::Missing | Cell::Number(0.0) => None,
            Cell::Number(number) => whole(number).and_then(|number| model.compartment(number)),
            Cell::Text(name) => model.route(name),
        };
        found.ok_or_else(|| {
            let finding = if model.routes.is_empty() {
                Finding::new("the model cannot be dosed", "a dose", "declare a route in the model's [doses]")
            } else if matches!(Cell::read(text), Cell::Missing | Cell::Number(0.0)) {
                Finding::new(
                    "this dose does not say where it goes",
                    "no CMT",
                    format!("the model has several routes: {}", self.routes()),
                )
            } else {
                let names = model.routes.iter().map(|route| route.name.as_str());
                let meant =
                    closest(text, names).map_or(String::new(), |near| format!("did you mean `{near}`? "));
                Finding::new(
                    format!("the model has no dose route `{text}`"),
                    "no such CMT",
                    format!("{meant}the routes are {}", self.routes()),
                )
            };
            match self.columns.compartment {
                Some(cell) => faults.cell(lines, cell, finding),
                None => faults.line(lines, finding),
            }
            Faulty
        })
    }

    /// The routes with their numbers.
    fn routes(&self) -> String {
        let routes = &self.model.routes;
        let numbered = routes.iter().any(|route| route.compartment.is_some());
        let number =
            |place: usize| if numbered { routes[place].compartment } else { u32::try_from(place + 1).ok() };
        let shown = routes.iter().enumerate().map(|(place, route)| match number(place) {
            Some(number) => format!("{number} `{}`", route.name),
            None => format!("`{}`", route.name),
        });
        shown.collect::<Vec<String>>().join(", ")
    }

    /// A state replaced or multiplied: CMT names the state, or a route into a single one.
    fn change(
        &self,
        code: Code,
        amount: Option<f64>,
        lines: &Lines<'_>,
        faults: &mut Faults,
    ) -> Result<Event, Faulty> {
        let model = self.model;
        let text = self.columns.compartment.map_or("", |cell| lines.cell(cell));
        let (state, unit) = match model.states.iter().position(|state| state.name == text) {
            Some(state) => (state, &model.states[state].unit),
            None => {
                if matches!(Cell::read(text), Cell::Text(_)) && model.route(text).is_none() {
                    let names = model.states.iter().map(|state| state.name.as_str());
                    let meant = closest(text, names.clone());
                    let meant = meant.map_or(String::new(), |near| format!("did you mean `{near}`? "));
                    let all = names.collect::<Vec<&str>>().join(", ");
                    let help = format!("{meant}the states are {all}");
                    let message = format!("the model has no state `{text}`");
                    // The text was found in this column.
                    let cell = self.columns.compartment.unwrap_or_default();
                    faults.cell(lines, cell, Finding::new(message, "no such CMT", help));
                    return Err(Faulty);
                }
                let unsaid = matches!(Cell::read(text), Cell::Missing | Cell::Number(0.0));
                if model.routes.is_empty() || (unsaid && model.routes.len() > 1) {
                    let all: Vec<&str> = model.states.iter().map(|state| state.name.as_str()).collect();
                    let finding = Finding::new(
                        "this record does not say which state it changes",
                        if unsaid { "no CMT" } else { "no such CMT" },
                        format!("name the state in CMT; the states are {}", all.join(", ")),
                    );
                    match self.columns.compartment {
                        Some(cell) => faults.cell(lines, cell, finding),
                        None => faults.line(lines, finding),
                    }
                    return Err(Faulty);
                }
                let route = self.route(lines, faults)?;
                let described = &model.routes[route];
                let [single] = described.into.as_slice() else {
                    let finding = Finding::new(
                        format!("`{}` leads into several states", described.name),
                        "which of them?",
                        "name the state itself in CMT",
                    );
                    faults.line(lines, finding);
                    return Err(Faulty);
                };
                (single.state, &described.unit)
            }
        };
        let Some(amount) = amount else {
            let help = "AMT is the new value of the state (replace), or the factor (multiply)";
            faults.line(lines, Finding::new("this record does not say by what", "no AMT", help));
            return Err(Faulty);
        };
        Ok(match code {
            Code::Replace => Event::Replace { state, value: unit.read(amount) },
            _ => Event::Multiply { state, factor: amount },
        })
    }
}

/// A number of a compartment.
fn whole(number: f64) -> Option<u32> {
    // Checked to be whole and in range.
    (number.fract() == 0.0 && (1.0..=1e9).contains(&number)).then_some(number as u32)
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
