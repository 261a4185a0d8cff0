//! What the modules of a model want said in every report of a scenario that uses them.

use super::definition::{Arm, Note, Scenario};
use crate::model::Model;

/// The notes of all modules that concern a scenario of these arms: those of a module that takes in drugs where an arm gives one
/// of them, those of any other always. Notes of one title are one, and no line is said twice.
pub fn cautions(model: &Model, arms: &[Arm]) -> Vec<Note> {
    let given = |drug: &String| {
        let treatments = arms.iter().flat_map(|arm| &arm.treatments);
        treatments.map(|treatment| &model.routes[treatment.route].name).any(|name| name == drug)
    };
    let concern = model.modules.iter().filter(|it| it.drugs.is_empty() || it.drugs.iter().any(given));
    let mut notes = Vec::new();
    for caution in concern.flat_map(|module| &module.notes) {
        add(&mut notes, caution.title.clone(), caution.lines.clone());
    }
    notes
}

/// The notes of several scenarios together.
pub fn all_notes<'a>(scenarios: impl IntoIterator<Item = &'a Scenario>) -> Vec<Note> {
    let mut notes = Vec::new();
    for note in scenarios.into_iter().flat_map(|scenario| &scenario.notes) {
        add(&mut notes, note.title.clone(), note.lines.clone());
    }
    notes
}

/// Adds a note to others: notes of one title are one note; a line that stands there already is not repeated.
pub(super) fn add(notes: &mut Vec<Note>, title: String, lines: Vec<String>) {
    let index = notes.iter().position(|note| note.title == title).unwrap_or_else(|| {
        notes.push(Note { title, lines: Vec::new() });
        notes.len() - 1
    });
    let note = &mut notes[index];
    for line in lines {
        if !note.lines.contains(&line) {
            note.lines.push(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::{Sources, render};
    use crate::model::Kind;
    use crate::model::fixture::Texts;
    use crate::scenario::{self, Settings};

    const MODEL: &str = r#"
title = "Two drugs"
time = "d"
use = [{ module = "partner", as = "partner" }, { module = "climate", as = "climate" }]
[[note]]
title = "Teaching"
lines = ["Made up."]
[states]
central = { unit = "mg", rate = "-1 1/d * central" }
[doses]
main = { into = "central" }
[outputs]
C = { unit = "mg", value = "central" }
"#;

    const MODULE: &str = r#"
title = "DRUG"
time = "d"
[[note]]
title = "Uncalibrated"
lines = ["Assumed.", "Of DRUG nothing is known."]
[states]
amount = { unit = "mg", rate = "-1 1/d * amount" }
"#;

    fn told(drugs: &[&str]) -> Vec<(String, Vec<String>)> {
        let treatments = drugs
            .iter()
            .map(|drug| format!("{{ drug = \"{drug}\", dose = \"10 mg\", days = \"1\", cycle = \"28 d\" }}"));
        let treatments = treatments.collect::<Vec<_>>().join(", ");
        let text = format!(
            "title = \"One\"\nmodel = \"m\"\nhorizon = \"2 d\"\n[population]\npatients = 2\n[[arm]]\nname = \"a\"\n\
             treatment = [{treatments}]\n"
        );
        let partner = MODULE.replace("DRUG", "partner") + "[doses]\npartner = { into = \"amount\" }\n";
        let files = Texts(vec![
            (Kind::Scenario, "s", text),
            (Kind::Model, "m", MODEL.to_owned()),
            (Kind::Model, "partner", partner),
            (Kind::Model, "climate", MODULE.replace("DRUG", "climate")),
        ]);
        let (mut sources, mut found) = (Sources::default(), Vec::new());
        let scenario = scenario::load("s", &Settings::default(), &files, &mut sources, &mut found);
        let Some(scenario) = scenario else { panic!("{}", render(&found, &sources, false)) };
        scenario.notes.into_iter().map(|note| (note.title, note.lines)).collect()
    }

    /// A module without drugs always, one with drugs where one of them is given; one title once, one line once.
    #[test]
    fn modules_say_their_notes_where_they_are_used() {
        let note = |title: &str, lines: &[&str]| {
            (title.to_owned(), lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>())
        };
        let climate = "Of climate nothing is known.";
        // The drug of the composing file is not given, and neither is its note.
        assert_eq!(
            told(&["partner"]),
            [note("Uncalibrated", &["Assumed.", "Of partner nothing is known.", climate])]
        );
        let alone = [note("Teaching", &["Made up."]), note("Uncalibrated", &["Assumed.", climate])];
        assert_eq!(told(&["main"]), alone);
    }
}
