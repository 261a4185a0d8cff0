//! A model's card as Markdown, and tables for one as the file that a card names.

use std::fmt::Write;

use crate::model::{Card, CardTable};

/// The card with a title above it.
pub fn markdown(title: &str, card: &Card) -> String {
    let mut text = format!("# Model card: {title}\n");
    section(&mut text, "Question", card.question.trim());
    section(&mut text, "Context of use", card.context.trim());
    if !card.never.is_empty() {
        let lines: Vec<String> = card.never.iter().map(|line| format!("- {line}")).collect();
        section(&mut text, "Must never be used", &lines.join("\n"));
    }
    if !card.evidence.is_empty() {
        let rows = card
            .evidence
            .iter()
            .map(|line| vec![line.mechanism.clone(), line.evidence.clone(), line.gap.clone()]);
        let columns = ["mechanism", "evidence", "not known"].map(str::to_owned);
        section(&mut text, "Evidence for each mechanism", &grid(&columns, &rows.collect::<Vec<_>>()));
    }
    for table in &card.tables {
        let about = table.about.trim();
        let gap = if about.is_empty() { "" } else { "\n\n" };
        section(&mut text, &table.title, &format!("{about}{gap}{}", grid(&table.columns, &table.rows)));
    }
    text
}

fn section(text: &mut String, title: &str, body: &str) {
    let _ = write!(text, "\n## {title}\n\n{body}\n");
}

/// A table of Markdown, without a last line feed.
fn grid(columns: &[String], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |", cells.join(" | "));
    let rule = format!("|{}", "---|".repeat(columns.len()));
    [line(columns), rule].into_iter().chain(rows.iter().map(|row| line(row))).collect::<Vec<_>>().join("\n")
}

/// A file of tables that a card may name (`tables = […]`); cells have no `|` in them.
pub fn file(by: &str, tables: &[CardTable]) -> String {
    let mut text = format!("# Written by `{by}`.\n");
    for table in tables {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let columns: Vec<String> = table.columns.iter().map(|column| quoted(column)).collect();
        let _ = write!(
            text,
            "\n[[table]]\ntitle = {}\nabout = {}\ncolumns = [{}]\nrows = [\n",
            quoted(&table.title),
            quoted(&table.about),
            columns.join(", ")
        );
        for row in &table.rows {
            let _ = writeln!(text, "    {},", quoted(&row.join(" | ")));
        }
        text.push_str("]\n");
    }
    text
}
