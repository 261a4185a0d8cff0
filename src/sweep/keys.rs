//! The keys that a sweep sets: each by one thing alone, each of an arm that is treated, and where in the sweep file its values stand.
//!
//! A point has the last value that is set of a key; the column of any other would tell a value that no patient had.

use super::source::Written;
use crate::diagnostic::{Diagnostic, Sources, Span, Text};
use crate::scenario;

/// Keys of a scenario that no point of a sweep heeds, and why.
const UNHEEDED: [(&str, &str); 2] = [
    ("uncertainty", "points are computed at the estimates of the parameters"),
    ("replicates", "points are one trial each, not many small ones"),
];

/// What sets a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum By {
    /// `[set]`.
    Set,
    /// `--set`.
    Option,
    /// An axis, an input or a template, as told to the user.
    Moved(String),
}

impl By {
    fn shown(&self) -> &str {
        match self {
            Self::Set => "`[set]`",
            Self::Option => "`--set`",
            Self::Moved(shown) => shown,
        }
    }
}

/// A key that something sets.
#[derive(Debug, Clone)]
struct Taken {
    by: By,
    parts: Vec<String>,
    /// As written.
    path: String,
    span: Span,
}

/// The arms that a template keeps, by their places in the scenario.
#[derive(Debug)]
struct Kept {
    places: Vec<usize>,
    template: Span,
}

/// The keys that a sweep sets so far.
#[derive(Debug)]
pub(super) struct Keys {
    scenario: scenario::Keys,
    taken: Vec<Taken>,
    kept: Option<Kept>,
    /// Where values stand, those of later blocks last.
    pub written: Vec<Written>,
}

impl Keys {
    pub fn new(scenario: scenario::Keys) -> Self {
        Self { scenario, taken: Vec::new(), kept: None, written: Vec::new() }
    }

    /// What is set at every point: `[set]`, then the command line's, which replaces it. The settings that hold, in this order.
    pub fn fixed(
        &mut self,
        own: &[(Text, String)],
        set: &[(String, String)],
        sources: &mut Sources,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<(String, String)> {
        let mut holding: Vec<(String, String)> = Vec::new();
        for (path, value) in own {
            let written = Written { path: path.value.clone(), value: None, span: path.span };
            self.written.push(written);
            if let Some(taken) = self.take(By::Set, path, diagnostics) {
                self.taken.push(taken);
            }
            self.scenario.set(&path.value, value);
            holding.push((path.value.clone(), value.clone()));
        }
        for (path, value) in set {
            let text = format!("{path} = {value}");
            let file = sources.add("--set", text);
            let span = Span { file, start: 0, end: path.len() };
            let place = Text { value: path.clone(), span, verbatim: true };
            if let Some(taken) = self.heeded(By::Option, &place, diagnostics) {
                let replaced = |other: &Taken| covers(&taken.parts, &other.parts);
                holding.retain(|(path, _)| {
                    !self.taken.iter().any(|other| other.path == *path && replaced(other))
                });
                self.taken.retain(|other| !replaced(other));
                self.taken.push(taken);
            }
            self.scenario.set(path, value);
            holding.push((path.clone(), value.clone()));
        }
        holding
    }

    /// Only these arms are treated, by their places in the scenario.
    pub fn keep(&mut self, places: Vec<usize>, template: Span, diagnostics: &mut Vec<Diagnostic>) {
        self.kept = Some(Kept { places, template });
        for taken in &self.taken {
            diagnostics.extend(self.of_no_arm(taken));
        }
    }

    /// Takes the keys of an axis, an input or a template. The paths to be set: those of arms by number, since a template renames one.
    pub fn moved(&mut self, by: &str, paths: Vec<Text>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Text> {
        let mut found = Vec::with_capacity(paths.len());
        for path in paths {
            let Some(taken) = self.take(By::Moved(by.to_owned()), &path, diagnostics) else {
                found.push(path);
                continue;
            };
            diagnostics.extend(self.of_no_arm(&taken));
            let by_number = self.kept.is_some() && taken.parts[0] == "arm";
            let value = if by_number { scenario::Keys::path(&taken.parts) } else { path.value.clone() };
            self.taken.push(taken);
            found.push(Text { value, ..path });
        }
        found
    }

    /// Where a value of a key is written.
    pub fn value(&mut self, path: &str, value: Option<String>, span: Span) {
        self.written.push(Written { path: path.to_owned(), value, span });
    }

    /// Where something that moves sets this key, if anything does.
    pub fn moves(&self, key: &[&str]) -> Option<Span> {
        let touches = |taken: &&Taken| taken.parts.iter().zip(key).all(|(part, key)| part == key);
        self.taken
            .iter()
            .filter(|taken| matches!(taken.by, By::Moved(_)))
            .find(touches)
            .map(|taken| taken.span)
    }

    /// Whether a path leads to this key or into it, or this key lies within it.
    pub fn touches(&self, path: &str, key: &[&str]) -> bool {
        let Some(parts) = self.scenario.parts(path) else { return false };
        parts.iter().zip(key).all(|(part, key)| part == key)
    }

    /// The key of a path, unless points do not heed it.
    fn heeded(&self, by: By, path: &Text, diagnostics: &mut Vec<Diagnostic>) -> Option<Taken> {
        let parts = self.scenario.parts(&path.value)?;
        if let Some((key, why)) = UNHEEDED.iter().find(|(key, _)| *key == parts[0]) {
            diagnostics.push(
                Diagnostic::error(
                    format!("a sweep does not heed `[{key}]` of its scenario"),
                    path.span,
                    "changes no result",
                )
                .note(*why)
                .help("remove it; `regimen run` heeds it, one setting at a time"),
            );
            return None;
        }
        Some(Taken { by, parts, path: path.value.clone(), span: path.span })
    }

    /// The key of a path, unless points do not heed it or something else sets it.
    fn take(&self, by: By, path: &Text, diagnostics: &mut Vec<Diagnostic>) -> Option<Taken> {
        let taken = self.heeded(by, path, diagnostics)?;
        let first = self.taken.iter().find(|first| {
            // What is the same at every point is set first: a part of it may be moved.
            let part_moved = covers(&first.parts, &taken.parts) && matches!(first.by, By::Moved(_));
            covers(&taken.parts, &first.parts) || part_moved
        });
        diagnostics.extend(first.map(|first| twice(first, &taken)));
        Some(taken)
    }

    /// The finding that an arm is set which the template leaves out.
    fn of_no_arm(&self, taken: &Taken) -> Option<Diagnostic> {
        let kept = self.kept.as_ref()?;
        let place: usize = taken.parts.get(1).filter(|_| taken.parts[0] == "arm")?.parse().ok()?;
        if kept.places.contains(&place) {
            return None;
        }
        Some(
            Diagnostic::error(
                format!("`{}` is of an arm that the template leaves out", taken.path),
                taken.span,
                "changes no result",
            )
            .related(kept.template, "this template")
            .note("arms are counted from 0 as the scenario has them, whichever are kept")
            .help("name the template's arm or one of `keep`, or remove this"),
        )
    }
}

/// Whether setting one key sets another.
fn covers(one: &[String], other: &[String]) -> bool {
    other.starts_with(one)
}

/// The finding that two things set one key.
fn twice(first: &Taken, second: &Taken) -> Diagnostic {
    let (this, other) = (second.by.shown(), first.by.shown());
    let what = if this == other {
        format!("{this} sets `{}` twice", first.path)
    } else if first.parts == second.parts {
        format!("{other} and {this} both set `{}`", first.path)
    } else {
        format!("{other} sets `{}` and {this} `{}`, one of which holds the other", first.path, second.path)
    };
    let help = match (&first.by, &second.by) {
        (By::Option, _) => format!("call it without `--set {}`, or edit the sweep file", first.path),
        (By::Set, By::Set) => "remove one of the two".to_owned(),
        (By::Set, _) => format!("remove `{}` from `[set]`: {this} gives it its values", first.path),
        _ => "remove one of the two; keys that move together are `keys` of one axis or input".to_owned(),
    };
    let (place, related) = match first.by {
        By::Option => (first, second),
        _ => (second, first),
    };
    let label = if place.by == By::Option { "set here" } else { "again here" };
    Diagnostic::error(what, place.span, label)
        .related(related.span, if place.by == By::Option { "and here" } else { "first here" })
        .note("a point would have only the last of the two")
        .help(help)
}
