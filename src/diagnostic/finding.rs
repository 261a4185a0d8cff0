//! What a finding is: files, places, severity, message, remedy.

/// Which file of a [`Sources`] a span points into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileId(pub usize);

/// A byte range in one source file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// A text value and the span of its content (without the quotes), so that byte `i` of an unescaped text lies at
/// `span.start + i`. Where the text was written with escapes, [`Text::verbatim`] is false and positions inside it
/// fall back to the whole span.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// The decoded value.
    pub value: String,
    /// Where its content stands.
    pub span: Span,
    /// Whether the file's bytes in `span` equal `value`.
    pub verbatim: bool,
}

/// The texts that diagnostics point into: model, module, scenario, population and data files read in one command.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Source>,
}

#[derive(Debug, Clone)]
struct Source {
    name: String,
    text: String,
    /// Number of its first line in the file.
    first_line: usize,
}

impl Sources {
    /// Adds a file under the name shown to the user and returns its handle.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        self.excerpt(name, text, 1)
    }
    /// Adds a few lines of a file that is too large to be kept, the first of them having this number in it.
    pub fn excerpt(&mut self, name: impl Into<String>, text: impl Into<String>, first_line: usize) -> FileId {
        self.files.push(Source { name: name.into(), text: text.into(), first_line });
        FileId(self.files.len() - 1)
    }
    /// The name shown to the user.
    pub fn name(&self, file: FileId) -> &str {
        &self.files[file.0].name
    }
    /// The text of the file.
    pub fn text(&self, file: FileId) -> &str {
        &self.files[file.0].text
    }
    /// The number of the first line of the text in its file.
    pub fn first_line(&self, file: FileId) -> usize {
        self.files[file.0].first_line
    }
    /// Every file: name and text.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|source| (source.name.as_str(), source.text.as_str()))
    }
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file can be used, but probably does not say what was meant.
    Warning,
}

/// One finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong, one sentence without a full stop.
    pub message: String,
    /// The primary place with its label; `None` where no file is at fault (a missing file, a bad option).
    pub place: Option<(Span, String)>,
    /// Further places: the other side of a mismatch, the first definition of a duplicate.
    pub related: Vec<(Span, String)>,
    /// What to write instead.
    pub help: Option<String>,
    /// Further facts.
    pub notes: Vec<String>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(message: impl Into<String>, span: Span, label: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            message: message.into(),
            place: Some((span, label.into())),
            related: Vec::new(),
            help: None,
            notes: Vec::new(),
        }
    }
    /// An error without a place in a file.
    pub fn plain(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            message: message.into(),
            place: None,
            related: Vec::new(),
            help: None,
            notes: Vec::new(),
        }
    }
    /// The same finding as a warning.
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }
    /// Adds what to write instead.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
    /// Adds a further place.
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }
    /// Adds a further fact.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

/// Whether any finding is an error.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|d| d.severity == Severity::Error)
}
