//! What the command line knows about a run and hands down.

/// Facts about the run that the trial itself does not know.
#[derive(Debug, Clone, PartialEq)]
pub struct RunInfo {
    /// The scenario as it was named: a file, or a name.
    pub scenario: String,
    /// The command line as typed.
    pub command: String,
    /// Version of the program.
    pub version: String,
    /// Date and time of the start, as to be printed.
    pub started: String,
    /// Wall time since the start, s.
    pub wall_seconds: f64,
    /// Settings given on the command line: (name, value).
    pub settings: Vec<(String, String)>,
}
