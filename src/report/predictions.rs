//! The table of a simulated table of records: ROW, ID, TIME and the outputs in their units, one line per record.

use std::io::Write;

use crate::dataset::Subject;
use crate::model::Model;
use crate::simulation::Followed;
use crate::table::exact;

/// The header line.
pub fn header(model: &Model) -> String {
    let outputs = model.outputs.iter().map(|output| output.name.as_str());
    let names: Vec<&str> = ["ROW", "ID", "TIME"].into_iter().chain(outputs).collect();
    format!("{}\n", names.join(","))
}

/// The lines of a subject, as far as it could be followed. A value that is not finite is an empty cell.
pub fn lines(model: &Model, subject: &Subject, followed: &Followed, text: &mut Vec<u8>) {
    let id = quoted(&subject.id);
    let width = model.outputs.len();
    let reached = match (&followed.failure, width) {
        (None, _) => subject.records.len(),
        (Some(_), 0) => 0,
        (Some(_), width) => followed.outputs.len() / width,
    };
    for (number, record) in subject.records.iter().enumerate().take(reached) {
        // Writing to a vector cannot fail.
        let _ = write!(text, "{},{id},{}", record.row, exact(record.shown_time));
        for (output, value) in model.outputs.iter().zip(&followed.outputs[number * width..][..width]) {
            let _ = write!(text, ",{}", exact(output.unit.show(*value)));
        }
        text.push(b'\n');
    }
}

/// A text as a cell.
fn quoted(text: &str) -> String {
    if text.contains([',', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
