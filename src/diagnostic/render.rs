//! Findings as text for a terminal, through `annotate-snippets`.

use super::finding::{Diagnostic, FileId, Severity, Sources, Span};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::ops::Range;

/// Renders findings for a terminal, with ANSI colour when `colour`.
///
/// Each is shown as its message, `file:line:column`, the line with a caret and label, further places, help and notes.
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let reports: Vec<String> =
        diagnostics.iter().map(|diagnostic| renderer.render(&[group(diagnostic, sources)])).collect();
    let mut text = reports.join("\n\n");
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn group<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = level.primary_title(diagnostic.message.as_str()).elements(snippets(diagnostic, sources));
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    group
}

/// One mark on a text: kind, bytes, label.
type Mark<'a> = (AnnotationKind, Range<usize>, &'a str);

/// The marked lines of each file, the file of the primary place first.
fn snippets<'a>(
    diagnostic: &'a Diagnostic,
    sources: &'a Sources,
) -> Vec<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let mut files: Vec<(FileId, Vec<Mark<'a>>)> = Vec::new();
    let primary = diagnostic.place.iter().map(|place| (AnnotationKind::Primary, place));
    let related = diagnostic.related.iter().map(|place| (AnnotationKind::Context, place));
    for (kind, (span, label)) in primary.chain(related) {
        let mark = (kind, clamp(span, sources.text(span.file)), label.as_str());
        match files.iter_mut().find(|(file, _)| *file == span.file) {
            Some((_, marks)) => marks.push(mark),
            None => files.push((span.file, vec![mark])),
        }
    }
    files.into_iter().map(|(file, marks)| snippet(sources.name(file), sources.text(file), marks)).collect()
}

/// The lines from the first to the last mark, cut out so that large files cost nothing.
fn snippet<'a>(
    name: &'a str,
    text: &'a str,
    marks: Vec<Mark<'a>>,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let first = marks.iter().map(|(_, range, _)| range.start).min().unwrap_or(0);
    let last = marks.iter().map(|(_, range, _)| range.end).max().unwrap_or(0);
    let start = text[..first].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[last..].find('\n').map_or(text.len(), |newline| last + newline);
    let line = text[..start].matches('\n').count() + 1;
    Snippet::source(&text[start..end]).line_start(line).path(name).annotations(marks.into_iter().map(
        |(kind, range, label)| {
            let annotation = kind.span(range.start - start..range.end - start);
            if label.is_empty() { annotation } else { annotation.label(label) }
        },
    ))
}

/// A span inside the text, on character boundaries, whatever was asked for.
fn clamp(span: &Span, text: &str) -> Range<usize> {
    let boundary = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = boundary(span.start);
    start..boundary(span.end).max(start)
}
