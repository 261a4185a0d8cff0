//! The table of a simulated table of records, one row per record: ROW, ID, TIME and the outputs in their units.
//!
//! With variability there is beside an output's true value what was measured of it, and whether that is below the limit of
//! quantification. A model with one output then has the field's names for them, IPRED, DV and BLQ, which other programs
//! look for; with several, each output has its own name, as in the table of visits of a trial.

use std::io;

use crate::dataset::Subject;
use crate::model::{Model, NamedUnit, Output};
use crate::simulation::Followed;
use crate::table::{Column, Rows};

/// What the table shows.
#[derive(Debug, Clone, Copy)]
pub struct Predictions<'m> {
    /// The model.
    pub model: &'m Model,
    /// Unit of TIME.
    pub time: &'m NamedUnit,
    /// Whether random effects and residual errors are drawn.
    pub variability: bool,
    /// Whether subjects are simulated more than once, so that rows have a REP.
    pub replicated: bool,
}

impl Predictions<'_> {
    /// The columns.
    pub fn columns(&self) -> Vec<Column> {
        let mut columns = Vec::new();
        if self.replicated {
            columns.push(Column::count("REP").about("replicate, from 1"));
        }
        columns.push(Column::count("ROW").about("row of the records, from 1"));
        columns.push(Column::text("ID").about("subject, as the records write it"));
        columns.push(Column::number("TIME").unit(&self.time.name).about("time as in the records"));
        for output in &self.model.outputs {
            let [truth, measured, below] = self.names(output);
            let number =
                |name: String, about: String| Column::number(name).unit(&output.unit.name).about(about);
            if !self.variability {
                columns.push(number(truth, output.about.clone()));
                continue;
            }
            let about = if output.about.is_empty() { &output.name } else { &output.about };
            columns.push(number(truth, format!("{about}, true")));
            if output.error.is_some() {
                columns.push(number(measured.clone(), format!("{about}, measured")));
            }
            if output.limit_of_quantification().is_some() {
                let about = format!("whether {measured} is below the limit of quantification");
                columns.push(Column::flag(below).about(about));
            }
        }
        columns
    }

    /// The rows of a subject's replicate (from 0), as far as it could be followed. A value that is not finite is an empty
    /// cell.
    ///
    /// # Errors
    /// When the rows have other columns.
    pub fn fill(
        &self,
        subject: &Subject,
        replicate: u32,
        followed: &Followed,
        rows: &mut Rows,
    ) -> io::Result<()> {
        let width = self.model.outputs.len();
        let reached = match (&followed.failure, width) {
            (None, _) => subject.records.len(),
            (Some(_), 0) => 0,
            (Some(_), width) => followed.outputs.len() / width,
        };
        for (number, record) in subject.records.iter().enumerate().take(reached) {
            if self.replicated {
                rows.count(u64::from(replicate) + 1)?;
            }
            rows.count(record.row)?;
            rows.text(&subject.id)?;
            rows.number(record.shown_time)?;
            for (place, output) in self.model.outputs.iter().enumerate() {
                let place = number * width + place;
                rows.number(output.unit.show(followed.outputs[place]))?;
                if self.variability {
                    measured(output, followed.measured[place], rows)?;
                }
            }
            rows.end()?;
        }
        Ok(())
    }

    /// Names of the columns of an output: true, measured, below the limit.
    fn names(&self, output: &Output) -> [String; 3] {
        if self.variability && self.model.outputs.len() == 1 {
            return ["IPRED", "DV", "BLQ"].map(str::to_owned);
        }
        let name = &output.name;
        [name.clone(), format!("{name}.measured"), format!("{name}.BLQ")]
    }
}

/// What was measured, where the output can be.
fn measured(output: &Output, value: f64, rows: &mut Rows) -> io::Result<()> {
    if output.error.is_some() {
        rows.number(output.unit.show(value))?;
    }
    if output.limit_of_quantification().is_some() {
        if value.is_finite() {
            rows.flag(output.is_below_quantification(value))?;
        } else {
            rows.absent()?;
        }
    }
    Ok(())
}
