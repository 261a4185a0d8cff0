//! `[[accept]]`: findings of a review that a protocol truly asks for, each with the reason, which the report shows.

use super::definition::{Note, Rule};
use crate::diagnostic::{Diagnostic, closest};
use crate::document::Table;

/// What can be accepted.
const FINDINGS: [&str; 3] = ["one limit", "sparse visits", "no level below"];

/// Heading of the report's note.
const TITLE: &str = "Accepted in the rules";

/// A finding about a rule that is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Name of the rule.
    pub rule: String,
    /// Which finding: "one limit", "sparse visits", "no level below".
    pub finding: String,
    /// Why.
    pub because: String,
}

/// Reads one.
pub(super) fn read(mut table: Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Accepted> {
    let rule = table.required_text("rule", diagnostics);
    let finding = table.required_text("finding", diagnostics);
    let because = table.required_text("because", diagnostics);
    table.finish(diagnostics);
    let (rule, finding, because) = (rule?, finding?, because?);
    if !FINDINGS.contains(&finding.value.as_str()) {
        let help = match closest(&finding.value, FINDINGS) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the findings that can be accepted are: {}", FINDINGS.join(", ")),
        };
        let unknown = format!("`{}` is no finding that can be accepted", finding.value);
        diagnostics.push(Diagnostic::error(unknown, finding.span, "not known here").help(help));
        return None;
    }
    Some(Accepted { rule: rule.value, finding: finding.value, because: because.value })
}

/// What was accepted of these rules, as a note of the report; `None` if nothing.
pub(super) fn note(accepted: &[Accepted], rules: &[Rule]) -> Option<Note> {
    let of_rule = accepted.iter().filter(|it| rules.iter().any(|rule| rule.name == it.rule));
    let lines: Vec<String> =
        of_rule.map(|it| format!("“{}” ({}): {}", it.rule, it.finding, it.because)).collect();
    (!lines.is_empty()).then(|| Note { title: TITLE.to_owned(), lines })
}
