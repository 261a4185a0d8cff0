//! Which key of a scenario a path of `--set` leads to, so that two paths are known to be one however they are spelt: with quotes or
//! without, items of lists by number or by name, parameters by their full name or by its last part.

use super::names::{Directory, Found, ModelNames};
use super::settings;
use crate::diagnostic::{FileId, Sources, Span, Text};
use crate::document::{self, Table};
use crate::model::{Kind, Loader, Model};

/// The tree of a scenario file, as far as it is set.
#[derive(Debug, Clone)]
pub struct Keys {
    tree: Table,
    names: ModelNames,
}

impl Keys {
    /// Of the scenario called `name`, whose model this is; nothing is set. `None` if there is no such file.
    pub fn new(name: &str, model: &Model, loader: &dyn Loader) -> Option<Self> {
        let (shown, text) = loader.load(Kind::Scenario, name, None).ok()?;
        let file = Sources::default().add(shown, text.clone());
        let tree = document::parse(file, &text, &mut Vec::new())?;
        Some(Self { tree, names: ModelNames::new(model) })
    }

    /// The parts of a path, the same for all spellings of one key: the path of a key inside another begins with that of the other. `None`
    /// of what is no path.
    pub fn parts(&self, path: &str) -> Option<Vec<String>> {
        let parts = settings::parts(&whole(path, ""), path.len(), &mut Vec::new())?;
        let mut found = self.tree.numbered(&parts);
        let directory = match found[0].as_str() {
            "parameters" => &self.names.parameters,
            "controls" => &self.names.controls,
            _ => return Some(found),
        };
        if let Some(name) = found.get(1).filter(|_| found.len() == 2).map(|name| full(directory, name)) {
            found.truncate(1);
            found.extend(name.split('.').map(str::to_owned));
        }
        Some(found)
    }

    /// Sets a key, so that what comes after is read against it. A path that leads nowhere is left to the reader of the scenario.
    pub fn set(&mut self, path: &str, value: &str) {
        let whole = whole(path, value);
        if let Some(parts) = settings::parts(&whole, path.len(), &mut Vec::new()) {
            let _ = self.tree.set(&parts, settings::value_of(&whole, path.len()));
        }
    }

    /// A path of these parts.
    pub fn path(parts: &[String]) -> String {
        let written = |part: &String| match part.contains('.') || part.starts_with(['"', '\'']) {
            false => part.clone(),
            true if part.contains('"') => format!("'{part}'"),
            true => format!("\"{part}\""),
        };
        parts.iter().map(written).collect::<Vec<_>>().join(".")
    }
}

/// A setting as it is written on the command line, of no file.
fn whole(path: &str, value: &str) -> Text {
    let value = format!("{path} = {value}");
    let span = Span { file: FileId(0), start: 0, end: value.len() };
    Text { value, span, verbatim: true }
}

fn full(directory: &Directory, name: &str) -> String {
    match directory.find(name) {
        Found::One(entry) => entry.name.clone(),
        _ => name.to_owned(),
    }
}
