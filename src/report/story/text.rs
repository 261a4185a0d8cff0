//! The story as text for a terminal.

use std::fmt::Write;

use super::Story;

/// The whole story.
pub fn text(story: &Story) -> String {
    let mut out = format!("{}: {}\n", story.title(), story.scenario.title);
    for line in story.trust() {
        let _ = writeln!(out, "{line}");
    }
    heading(&mut out, "Patient");
    let covariates = story.covariates();
    let width = covariates.iter().map(|(name, ..)| name.chars().count()).max().unwrap_or(0);
    for (name, value, about) in covariates {
        let _ = writeln!(out, "{}", format!("  {name:width$}  {value:12} {about}").trim_end());
    }
    let effects: Vec<String> =
        story.effects().into_iter().map(|(name, value)| format!("{name} {value}")).collect();
    if !effects.is_empty() {
        let _ = writeln!(out, "  random effects: {}", effects.join(", "));
    }
    heading(&mut out, "Course");
    let happenings = story.happenings();
    let width = happenings.iter().map(|happening| happening.when.chars().count()).max().unwrap_or(0);
    for happening in happenings {
        let _ = writeln!(out, "  {:width$}  {}", happening.when, happening.what);
    }
    let endpoints = story.endpoints();
    if !endpoints.is_empty() {
        heading(&mut out, "Endpoints");
    }
    let width = endpoints.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for (name, value) in endpoints {
        let _ = writeln!(out, "  {name:width$}  {value}");
    }
    out
}

fn heading(out: &mut String, text: &str) {
    let _ = writeln!(out, "\n{text}");
}
