//! What a dose row says: amount, rate, series, steady state; everything refused that cannot be meant.

use super::fault::{Faults, Finding};
use super::line::Lines;
use super::record::{Administration, Dose, SteadyState};
use super::row::{DoseCells, Faulty, Row};

/// Largest ADDL.
const MOST_ADDITIONAL: f64 = 1e9;

impl Row<'_> {
    /// The dose that the cells describe.
    pub(super) fn dose(
        &self,
        cells: &DoseCells,
        lines: &Lines<'_>,
        faults: &mut Faults,
    ) -> Result<Dose, Faulty> {
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
        if cells.duration < 0.0 || (cells.duration > 0.0 && cells.rate != 0.0) {
            return Err(wrong(
                columns.duration,
                "this is no duration of an infusion",
                if cells.duration < 0.0 { "below 0" } else { "there is a RATE too" },
                "an infusion has a RATE or a DUR, and both are positive; 0 or `.` where it is a bolus",
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
        let administration = match cells.duration {
            0.0 => self.administration(cells.rate, route, lines, faults)?,
            duration => Administration::Duration(self.time_unit.read(duration)),
        };
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
}
