//! Where a row's dose goes, and which state it changes: what CMT names.

use super::cell::Cell;
use super::fault::{Faults, Finding};
use super::line::Lines;
use super::record::Event;
use super::row::{Code, Faulty, Row};
use crate::diagnostic::closest;

impl Row<'_> {
    /// The route that CMT names.
    pub(super) fn route(&self, lines: &Lines<'_>, faults: &mut Faults) -> Result<usize, Faulty> {
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
    pub(super) fn change(
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
