//! A titled table, as aligned text or as Markdown.

use std::fmt::Write;

/// A table of texts.
#[derive(Debug, Clone)]
pub struct Table {
    /// Heading.
    pub title: String,
    /// A sentence under the heading; may be empty.
    pub about: String,
    /// Column heads.
    pub columns: Vec<String>,
    /// Rows, as wide as `columns`.
    pub rows: Vec<Vec<String>>,
    right: Vec<usize>,
    code: Vec<usize>,
}

impl Table {
    /// A table without rows.
    pub fn new(title: &str, about: &str, columns: &[&str]) -> Self {
        Self {
            title: title.to_owned(),
            about: about.to_owned(),
            columns: columns.iter().map(ToString::to_string).collect(),
            rows: Vec::new(),
            right: Vec::new(),
            code: Vec::new(),
        }
    }

    /// Aligns a column to the right: numbers.
    pub fn right(mut self, column: usize) -> Self {
        self.right.push(column);
        self
    }

    /// Sets a column as code in Markdown: equations.
    pub fn code(mut self, column: usize) -> Self {
        self.code.push(column);
        self
    }

    /// Adds a row; line breaks and runs of spaces in a cell become one space.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let flat = |cell: String| cell.split_whitespace().collect::<Vec<_>>().join(" ");
        self.rows.push(cells.into_iter().map(flat).collect());
    }

    /// Aligned with spaces, two between columns.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.title.to_uppercase());
        if !self.about.is_empty() {
            let _ = writeln!(text, "{}", self.about);
        }
        let heads = &self.columns;
        let widths: Vec<usize> = (0..heads.len())
            .map(|column| {
                let cells = self.rows.iter().chain([heads]).map(|row| width(&row[column]));
                cells.max().unwrap_or(0)
            })
            .collect();
        let rule: Vec<String> = widths.iter().map(|&width| "-".repeat(width)).collect();
        for row in [heads, &rule].into_iter().chain(&self.rows) {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                let space = " ".repeat(widths[column] - width(cell));
                let gap = if column == 0 { "" } else { "  " };
                let _ = if self.right.contains(&column) {
                    write!(line, "{gap}{space}{cell}")
                } else {
                    write!(line, "{gap}{cell}{space}")
                };
            }
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text
    }

    /// A Markdown table under a second-level heading.
    pub fn markdown(&self) -> String {
        let mut text = format!("## {}\n\n", self.title);
        if !self.about.is_empty() {
            let _ = writeln!(text, "{}\n", self.about);
        }
        let _ = writeln!(text, "| {} |", self.columns.join(" | "));
        let rule =
            (0..self.columns.len()).map(|column| if self.right.contains(&column) { "--:" } else { "---" });
        let _ = writeln!(text, "| {} |", rule.collect::<Vec<_>>().join(" | "));
        for row in &self.rows {
            let cells = row.iter().enumerate().map(|(column, cell)| self.markdown_cell(column, cell));
            let _ = writeln!(text, "| {} |", cells.collect::<Vec<_>>().join(" | "));
        }
        text
    }

    /// A bar would end the cell, and an underscore, star or angle bracket would be read as mark-up.
    fn markdown_cell(&self, column: usize, cell: &str) -> String {
        if self.code.contains(&column) && !cell.is_empty() {
            return format!("`{}`", cell.replace('|', r"\|"));
        }
        let mut text = String::new();
        for letter in cell.chars() {
            if r"\|*_<>`[]".contains(letter) {
                text.push('\\');
            }
            text.push(letter);
        }
        text
    }
}

/// The shortest text that gives the value to so many digits; powers of ten where it is very large or small.
pub fn rounded(value: f64, digits: usize) -> String {
    let rounded: f64 = format!("{value:.*e}", digits - 1).parse().unwrap_or(value);
    if rounded != 0.0 && !(1e-4..1e7).contains(&rounded.abs()) {
        format!("{rounded:e}")
    } else {
        rounded.to_string()
    }
}

/// Width on a terminal, near enough: one column per character.
fn width(cell: &str) -> usize {
    cell.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table =
            Table::new("Parameters", "All of them.", &["name", "value", "equation"]).right(1).code(2);
        table.row(["k_e".to_owned(), "0.5".to_owned(), "a | b".to_owned()]);
        table.row(["CL".to_owned(), "12".to_owned(), String::new()]);
        table
    }

    #[test]
    fn text_is_aligned() {
        let expected = "PARAMETERS\nAll of them.\nname  value  equation\n----  -----  --------\nk_e     0.5  a | b\nCL       12\n";
        assert_eq!(table().text(), expected);
    }

    #[test]
    fn markdown_is_escaped() {
        let expected = "## Parameters\n\nAll of them.\n\n| name | value | equation |\n| --- | --: | --- |\n| k\\_e | 0.5 | `a \\| b` |\n| CL | 12 |  |\n";
        assert_eq!(table().markdown(), expected);
    }
}
