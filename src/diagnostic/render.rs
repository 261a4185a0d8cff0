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
    files.into_iter().map(|(file, marks)| snippet(sources, file, marks)).collect()
}

/// The lines from the first to the last mark, cut out so that large files cost nothing.
fn snippet<'a>(
    sources: &'a Sources,
    file: FileId,
    marks: Vec<Mark<'a>>,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let (name, text) = (sources.name(file), sources.text(file));
    let first = marks.iter().map(|(_, range, _)| range.start).min().unwrap_or(0);
    let last = marks.iter().map(|(_, range, _)| range.end).max().unwrap_or(0);
    let start = text[..first].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[last..].find('\n').map_or(text.len(), |newline| last + newline);
    let line = text[..start].matches('\n').count() + sources.first_line(file);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str, start: usize, end: usize, label: &str) -> String {
        let mut sources = Sources::default();
        let file = sources.add("models/pk.toml", text);
        render(
            &[Diagnostic::error("wrong", Span { file, start, end }, label).help("write it right")],
            &sources,
            false,
        )
    }

    #[test]
    fn message_place_line_caret_label_and_help() {
        let expected = "\
error: wrong
 --> models/pk.toml:2:5
  |
2 | b = mg
  |     ^^ not here
  |
  = help: write it right
";
        assert_eq!(one("a = 1\nb = mg\nc = 3\n", 10, 12, "not here"), expected);
    }

    #[test]
    fn an_excerpt_keeps_the_line_numbers_of_its_file() {
        let mut sources = Sources::default();
        let file = sources.excerpt("records.csv", "7,x\n", 1_000_001);
        let finding = Diagnostic::error("wrong", Span { file, start: 2, end: 3 }, "not a number");
        assert!(render(&[finding], &sources, false).contains("--> records.csv:1000001:3"));
    }

    #[test]
    fn both_sides_of_a_mismatch_with_notes() {
        let mut sources = Sources::default();
        let file = sources.add("a.toml", "CL = 1\nV = 2\nk = CL + V\n");
        let other = sources.add("b.toml", "CL = 3\n");
        let finding = Diagnostic::error("cannot add", Span { file, start: 22, end: 23 }, "volume")
            .related(Span { file, start: 17, end: 19 }, "volume/time")
            .related(Span { file: other, start: 0, end: 2 }, "first here")
            .note("units are checked at load")
            .help("divide");
        let report = render(&[finding.clone().warning(), finding], &sources, false);
        for part in [
            "warning: cannot add",
            "error: cannot add",
            "--> a.toml:3:10",
            "::: b.toml:1:1",
            "volume/time",
            "first here",
            "= note: units are checked at load",
            "= help: divide",
        ] {
            assert!(report.contains(part), "{part} is not in\n{report}");
        }
        assert!(!report.contains('\u{1b}'));
        assert!(render(&[Diagnostic::plain("no such file")], &sources, true).contains('\u{1b}'));
    }

    #[test]
    fn a_finding_without_a_place_is_its_message_and_remedy() {
        let finding = Diagnostic::plain("no file `x`").help("look in models/");
        let report = render(&[finding], &Sources::default(), false);
        assert!(report.starts_with("error: no file `x`\n"), "{report}");
        assert!(report.contains("help: look in models/"), "{report}");
        assert_eq!(render(&[], &Sources::default(), false), "");
    }

    #[test]
    fn odd_places_are_shown_nearby() {
        // Empty file, end of file with and without line break, beyond the end, inside a character, end before start.
        assert!(one("", 0, 0, "").contains("models/pk.toml:1:1"));
        assert!(one("a", 1, 1, "").contains("models/pk.toml:1:2"));
        assert!(one("a\n", 2, 2, "").contains("models/pk.toml:2:1"));
        assert!(one("a\nb", 99, 120, "").contains("models/pk.toml:2:2"));
        assert!(one("µ = 1", 1, 1, "").contains("models/pk.toml:1:1"));
        assert!(one("abc", 2, 1, "").contains("models/pk.toml:1:3"));
        assert!(one("a\r\nb\r\n", 3, 4, "").contains("models/pk.toml:2:1"));
    }

    #[test]
    fn carets_stand_under_multi_byte_text() {
        let report = one("µ = \"größe\" # 大", 6, 13, "here");
        let lines: Vec<&str> = report.lines().collect();
        let column = |line: &str, what: char| line.chars().position(|c| c == what);
        assert_eq!(column(lines[3], 'g'), column(lines[4], '^'), "{report}");
        assert_eq!(lines[4].matches('^').count(), 5, "{report}");
    }

    #[test]
    fn very_long_lines_are_cut_to_a_window() {
        let text = format!("x = \"{} µ wrong {}\"", "a + ".repeat(50_000), " + b".repeat(50_000));
        let start = text.find("wrong").unwrap();
        let report = one(&text, start, start + 5, "here");
        assert!(report.len() < 1000, "{} bytes", report.len());
        assert!(report.contains("wrong") && report.contains("^^^^^ here"), "{report}");
        assert!(
            report.contains(&format!("models/pk.toml:1:{}", text[..start].chars().count() + 1)),
            "{report}"
        );
    }

    #[test]
    fn places_over_several_lines() {
        let report = one("a = [\n1,\n2,\n3,\n4,\n5,\n6,\n7\n]\n", 4, 30, "this list");
        assert!(report.contains("this list") && report.contains("models/pk.toml:1:5"), "{report}");
    }
}
