//! The text of a sweep file and where its values stand, so that what a scenario finds wrong with a value is shown on the line of the
//! sweep file that has it.

use crate::diagnostic::{Diagnostic, FileId, Sources, Span};
use crate::scenario::Settings;

/// A sweep file.
#[derive(Debug, Clone, Default)]
pub(super) struct Source {
    pub shown: String,
    pub text: String,
    /// Where values stand.
    pub written: Vec<Written>,
}

/// Where a value is written.
#[derive(Debug, Clone)]
pub(super) struct Written {
    /// Path of the key.
    pub path: String,
    /// The value as TOML; `None`: any, of a range.
    pub value: Option<String>,
    pub span: Span,
}

impl Source {
    /// Lets findings in what a point sets point to the sweep file; what the point sets stays beside. `sources` are those of reading the
    /// scenario with these settings.
    pub fn point_to(&self, settings: &Settings, sources: &mut Sources, diagnostics: &mut [Diagnostic]) {
        let Some(origin) = &settings.origin else { return };
        // Each setting is a source of its own, in their order.
        let set: Vec<FileId> = sources
            .files()
            .enumerate()
            .filter(|(_, (name, _))| name == origin)
            .map(|(place, _)| FileId(place))
            .collect();
        let file = sources.add(self.shown.as_str(), self.text.as_str());
        for finding in diagnostics {
            let Some((span, label)) = finding.place.clone() else { continue };
            let Some(place) = set.iter().position(|file| *file == span.file) else { continue };
            let Some(there) = settings.set.get(place).and_then(|(path, value)| self.of(path, value)) else {
                continue;
            };
            finding.place = Some((Span { file, ..there }, label));
            finding.related.insert(0, (span, "as this point has it".to_owned()));
        }
    }

    fn of(&self, path: &str, value: &str) -> Option<Span> {
        let of_path = || self.written.iter().filter(|it| it.path == path);
        let exact = of_path().find(|it| it.value.as_deref() == Some(value));
        exact.or_else(|| of_path().find(|it| it.value.is_none())).map(|it| it.span)
    }
}
