//! `use = ["endpoints/cll-trial", …]`: signals, rules, endpoints, records, groups and notes that scenarios share.
//!
//! A rule set is a library whose rules an arm takes all at once, in their order in the file: `rules = ["rules/lymphoma"]`.

use super::accepted::{self, Accepted};
use super::caution;
use super::definition::Note;
use super::signal::duplicate;
use crate::diagnostic::{Diagnostic, FileId, Sources, Text};
use crate::document::{self, Table};
use crate::model::{Kind, Loader};

/// What a scenario and its libraries declare, the libraries first.
#[derive(Default)]
pub(super) struct Declarations {
    pub signals: Vec<Table>,
    pub grade_tables: Vec<Table>,
    /// Rules with their names taken; `true` for those of the scenario file itself.
    pub rules: Vec<(Text, Table, bool)>,
    pub endpoints: Vec<Table>,
    pub records: Vec<Table>,
    pub groups: Vec<Table>,
    pub notes: Vec<Note>,
    pub accepted: Vec<Accepted>,
    pub sets: RuleSets,
}

/// The rules of each library, by the library's name.
#[derive(Default)]
pub(super) struct RuleSets(Vec<(String, Vec<String>)>);

impl RuleSets {
    /// Puts the rules of a set in the place of its name.
    pub fn unfold(&self, rules: &mut Vec<Text>) {
        let one = |name: Text| match self.0.iter().find(|(set, _)| *set == name.value) {
            Some((_, members)) if is_set(&name.value) => {
                members.iter().map(|rule| Text { value: rule.clone(), ..name.clone() }).collect()
            }
            _ => vec![name],
        };
        *rules = std::mem::take(rules).into_iter().flat_map(one).collect();
    }
}

/// Whether a name of a rule may be that of a file.
fn is_set(name: &str) -> bool {
    name.contains('/') || name.ends_with(".toml")
}

impl Declarations {
    /// Reads the libraries that `use` names.
    pub fn read_libraries(
        &mut self,
        wanted: &[Text],
        loader: &dyn Loader,
        beside: &str,
        sources: &mut Sources,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let mut seen: Vec<&Text> = Vec::new();
        for name in wanted {
            if let Some(first) = seen.iter().find(|other| other.value == name.value) {
                diagnostics.push(
                    Diagnostic::error(format!("`{}` is used twice", name.value), name.span, "again here")
                        .related(first.span, "first here")
                        .help("name each library once"),
                );
                continue;
            }
            seen.push(name);
            let (shown, text) = match loader.load(Kind::Library, &name.value, Some(beside)) {
                Ok(found) => found,
                Err(why) => {
                    diagnostics.push(Diagnostic::error(why, name.span, "asked for here"));
                    continue;
                }
            };
            let file = sources.add(shown, text.clone());
            let rules = self.rules.len();
            self.read_library(file, &text, diagnostics);
            let members = self.rules[rules..].iter().map(|(rule, ..)| rule.value.clone()).collect();
            self.sets.0.push((name.value.clone(), members));
        }
    }

    /// Reads the rule sets that arms name and that are not read yet.
    pub fn read_sets(
        &mut self,
        arms: &[Table],
        loader: &dyn Loader,
        beside: &str,
        sources: &mut Sources,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let mut wanted: Vec<Text> = Vec::new();
        for arm in arms {
            // What is wrong with the list is said when the arm is read.
            for name in arm.clone().texts("rules", &mut Vec::new()) {
                let known = self.rules.iter().any(|(rule, ..)| rule.value == name.value)
                    || self.sets.0.iter().any(|(set, _)| *set == name.value)
                    || wanted.iter().any(|other| other.value == name.value);
                if is_set(&name.value) && !known {
                    wanted.push(name);
                }
            }
        }
        for name in wanted {
            let sets = self.sets.0.len();
            self.read_libraries(std::slice::from_ref(&name), loader, beside, sources, diagnostics);
            match self.sets.0.get(sets) {
                Some((_, members)) if members.is_empty() => diagnostics.push(
                    Diagnostic::error(format!("`{}` holds no rules", name.value), name.span, "no rule set")
                        .help("name a file with `[[rule]]`, or one rule by its name"),
                ),
                Some(_) => {}
                // Could not be read, which has been said.
                None => self.sets.0.push((name.value, Vec::new())),
            }
        }
    }

    /// Reads one library.
    pub fn read_library(&mut self, file: FileId, text: &str, diagnostics: &mut Vec<Diagnostic>) {
        let Some(mut table) = document::parse(file, text, diagnostics) else { return };
        for key in ["title", "about", "source"] {
            table.text(key, diagnostics);
        }
        self.take(&mut table, false, diagnostics);
        table.finish(diagnostics);
    }

    /// Takes the shared kinds of declarations out of a file.
    pub fn take(&mut self, table: &mut Table, own: bool, diagnostics: &mut Vec<Diagnostic>) {
        self.signals.extend(table.tables("signal", diagnostics));
        self.grade_tables.extend(table.tables("grade_table", diagnostics));
        for mut rule in table.tables("rule", diagnostics) {
            let Some(name) = rule.required_text("name", diagnostics) else { continue };
            match self.rules.iter().find(|(other, ..)| other.value == name.value) {
                Some((first, ..)) => diagnostics.push(duplicate("rule", &name, first.span)),
                None => self.rules.push((name, rule, own)),
            }
        }
        self.endpoints.extend(table.tables("endpoint", diagnostics));
        self.records.extend(table.tables("record", diagnostics));
        self.groups.extend(table.tables("group", diagnostics));
        for accept in table.tables("accept", diagnostics) {
            self.accepted.extend(accepted::read(accept, diagnostics));
        }
        for mut note in table.tables("note", diagnostics) {
            let title = note.required_text("title", diagnostics);
            let lines = note.texts("lines", diagnostics).into_iter().map(|line| line.value).collect();
            note.finish(diagnostics);
            if let Some(title) = title {
                caution::add(&mut self.notes, title.value, lines);
            }
        }
    }
}
