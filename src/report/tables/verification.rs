//! `verification.csv`: what differs in each endpoint and output of the patients that were computed again.

use std::io;
use std::path::Path;

use crate::report::verified::{DifferencesEntry, LargestEntry, PlaceEntry, VerificationEntry};
use crate::table::Sheet;

/// One row per comparison, quantity and history. `changed_in` lists arm:ID, separated by semicolons.
pub fn verification(entry: &VerificationEntry, folder: &Path) -> io::Result<()> {
    let mut sheet = Sheet::create(folder, "verification")?;
    sheet.header([
        "against",
        "method",
        "rtol",
        "what",
        "name",
        "history",
        "n",
        "absolute",
        "unit",
        "absolute_ARM",
        "absolute_ID",
        "relative",
        "relative_ARM",
        "relative_ID",
        "changed",
        "changed_in",
    ])?;
    for check in &entry.checks {
        let mut row = |what: &str, name: &str, history: &str, unit: &str, found: &DifferencesEntry| {
            sheet.text(check.against)?;
            sheet.text(check.method)?;
            sheet.number(check.relative_tolerance)?;
            for text in [what, name, history] {
                sheet.text(text)?;
            }
            sheet.count(found.compared)?;
            sheet.optional(found.absolute.as_ref().map(|largest| largest.value))?;
            sheet.text(unit)?;
            whose(&mut sheet, found.absolute.as_ref())?;
            sheet.optional(found.relative.as_ref().map(|largest| largest.value))?;
            whose(&mut sheet, found.relative.as_ref())?;
            sheet.count(found.changed.len())?;
            let changed: Vec<String> =
                found.changed.iter().map(|PlaceEntry { arm, patient }| format!("{arm}:{patient}")).collect();
            sheet.text(&changed.join("; "))?;
            sheet.end()
        };
        for endpoint in &check.endpoints {
            row("endpoint", &endpoint.name, "same", &endpoint.unit, &endpoint.same)?;
            row("endpoint", &endpoint.name, "parted", &endpoint.unit, &endpoint.parted)?;
        }
        for output in &check.outputs {
            for (what, found) in
                [("output at visits", &output.at_visits), ("output recorded", &output.recorded)]
            {
                if let Some(LargestEntry { value, place }) = found {
                    let relative = LargestEntry { value: *value, place: place.clone() };
                    let found = DifferencesEntry {
                        compared: check.compared,
                        absolute: None,
                        relative: Some(relative),
                        changed: Vec::new(),
                    };
                    row(what, &output.name, "up to the parting", "", &found)?;
                }
            }
        }
    }
    sheet.finish()
}

fn whose<W: io::Write>(sheet: &mut Sheet<W>, largest: Option<&LargestEntry>) -> io::Result<()> {
    match largest {
        Some(LargestEntry { place, .. }) => {
            sheet.text(&place.arm)?;
            sheet.count(place.patient)
        }
        None => {
            sheet.text("")?;
            sheet.text("")
        }
    }
}
