//! A text of rows read line by line: nothing but the present line is held, and each cell knows its bytes in it.

use std::borrow::Cow;
use std::io::BufRead;
use std::ops::Range;

/// What stands between cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Separator {
    /// A comma, semicolon or tab.
    Byte(u8),
    /// Any white space, as in NONMEM's own tables.
    Space,
}

/// Lines of a table, the header first. Cells are separated by comma, semicolon or tab, whichever the header has most of, or by
/// white space where it has none of them.
pub struct Lines<'r> {
    input: Box<dyn BufRead + Send + 'r>,
    separator: Option<Separator>,
    bytes: Vec<u8>,
    text: String,
    cells: Vec<Range<usize>>,
    /// Number of the present line, from 1.
    number: u64,
    /// Bytes of the text up to the present line, and with it.
    offset: usize,
    read: usize,
}

impl std::fmt::Debug for Lines<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines")
            .field("number", &self.number)
            .field("text", &self.text)
            .finish_non_exhaustive()
    }
}

impl<'r> Lines<'r> {
    /// Of a text, before its first line.
    pub fn new(input: Box<dyn BufRead + Send + 'r>) -> Self {
        let (bytes, text, cells) = (Vec::new(), String::new(), Vec::new());
        Lines { input, separator: None, bytes, text, cells, number: 0, offset: 0, read: 0 }
    }

    /// Goes to the next line that is neither empty nor a comment (`#` in front; the header may have one too). False at
    /// the end.
    ///
    /// # Errors
    /// A sentence: the text cannot be read, is not UTF-8, or a quote is not closed.
    pub fn advance(&mut self) -> Result<bool, String> {
        loop {
            self.bytes.clear();
            let read = self.input.read_until(b'\n', &mut self.bytes);
            let read = read.map_err(|error| format!("the table cannot be read: {error}"))?;
            if read == 0 {
                return Ok(false);
            }
            self.offset = self.read;
            self.read += read;
            self.number += 1;
            self.text.clear();
            match std::str::from_utf8(&self.bytes) {
                Ok(text) => self.text.push_str(text.trim_end_matches(['\n', '\r'])),
                Err(_) => {
                    self.text.push_str(&String::from_utf8_lossy(&self.bytes));
                    return Err("this line is not UTF-8 text; save the table as UTF-8".to_owned());
                }
            }
            if self.number == 1 && self.text.starts_with('\u{feff}') {
                self.text.replace_range(..'\u{feff}'.len_utf8(), "");
                self.offset += '\u{feff}'.len_utf8();
            }
            let separator = match self.separator {
                _ if self.text.trim().is_empty() => continue,
                Some(_) if self.text.starts_with('#') => continue,
                Some(separator) => separator,
                None => *self.separator.insert(separator(&self.text)),
            };
            if !split(&self.text, separator, &mut self.cells) {
                return Err("a quote that begins a cell of this line does not end in it".to_owned());
            }
            return Ok(true);
        }
    }

    /// Number of the present line.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Where the present line begins in the text, bytes.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The present line.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it has no cells.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Number of its cells.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// The bytes of a cell in the line; an empty range at the end where there is none.
    pub fn range(&self, cell: usize) -> Range<usize> {
        self.cells.get(cell).cloned().unwrap_or(self.text.len()..self.text.len())
    }

    /// A cell, without white space and quotes around it.
    pub fn cell(&self, cell: usize) -> &str {
        &self.text[self.range(cell)]
    }

    /// A cell as a text: a quote within quotes is written twice, and is one.
    pub fn unquoted(&self, cell: usize) -> Cow<'_, str> {
        let Range { start, .. } = self.range(cell);
        let text = self.cell(cell);
        let quoted = self.text.as_bytes()[..start].ends_with(b"\"");
        if quoted && text.contains("\"\"") { text.replace("\"\"", "\"").into() } else { text.into() }
    }
}

/// Comma, semicolon or tab, whichever the header has most of; white space where it has none of them.
fn separator(header: &str) -> Separator {
    let count = |wanted: u8| header.bytes().filter(|found| *found == wanted).count();
    let most = [b',', b';', b'\t'].into_iter().max_by_key(|wanted| (count(*wanted), *wanted == b','));
    most.filter(|found| count(*found) > 0).map_or(Separator::Space, Separator::Byte)
}

/// Bytes of the cells of a line. Quotes around a cell hold it together; they are not part of it. False if one is not closed.
fn split(text: &str, separator: Separator, cells: &mut Vec<Range<usize>>) -> bool {
    cells.clear();
    let mut start = 0;
    let mut quoted = false;
    for (at, byte) in text.bytes().enumerate() {
        if byte == b'"' {
            // One in the middle of a cell is an inch.
            let before = text[start..at].trim_start();
            quoted ^= before.is_empty() || before.starts_with('"');
        }
        let ends = match separator {
            _ if quoted => false,
            Separator::Byte(separator) => byte == separator,
            Separator::Space => byte.is_ascii_whitespace(),
        };
        if ends {
            push(text, start..at, separator, cells);
            start = at + 1;
        }
    }
    push(text, start..text.len(), separator, cells);
    !quoted
}

fn push(text: &str, range: Range<usize>, separator: Separator, cells: &mut Vec<Range<usize>>) {
    let whole = &text[range.clone()];
    let left = whole.len() - whole.trim_start().len();
    let trimmed = whole.trim();
    if separator == Separator::Space && trimmed.is_empty() {
        return;
    }
    let start = range.start + left;
    let inner = trimmed.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    cells.push(match inner {
        Some(inner) => start + 1..start + 1 + inner.len(),
        None => start..start + trimmed.len(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<Vec<String>> {
        let mut lines = Lines::new(Box::new(text.as_bytes()));
        let mut all = Vec::new();
        while lines.advance().expect("readable") {
            all.push((0..lines.len()).map(|cell| lines.cell(cell).to_owned()).collect());
        }
        all
    }

    #[test]
    fn commas_semicolons_tabs_and_spaces_separate() {
        let expected = vec![vec!["ID", "TIME"], vec!["1", "0"]];
        for text in [
            "ID,TIME\n1,0\n",
            "ID;TIME\r\n1;0",
            "ID\tTIME\n1\t0\n",
            "  ID   TIME\n   1  0\n",
            "\u{feff}ID,TIME\n\n# a remark\n1 , 0\n",
        ] {
            assert_eq!(cells(text), expected, "{text:?}");
        }
    }

    #[test]
    fn quotes_hold_a_cell_together() {
        assert_eq!(cells("\"ID\",NOTE\n1,\"a, b\"\n"), vec![vec!["ID", "NOTE"], vec!["1", "a, b"]]);
    }

    #[test]
    fn a_quote_within_quotes_is_one_and_an_open_one_is_an_error() {
        let mut lines = Lines::new(Box::new(&b"ID,NOTE\n\"a\"\"b, c\",6\"\n\"a,1\n"[..]));
        assert_eq!((lines.advance(), lines.advance()), (Ok(true), Ok(true)));
        assert_eq!((lines.len(), lines.unquoted(0), lines.unquoted(1)), (2, "a\"b, c".into(), "6\"".into()));
        let why = lines.advance().unwrap_err();
        assert!(why.contains("quote"), "{why}");
    }

    #[test]
    fn a_line_that_is_no_utf8_is_refused() {
        let mut lines = Lines::new(Box::new(&b"ID,TIME\n1,\xff\n"[..]));
        assert_eq!(lines.advance(), Ok(true));
        assert!(lines.advance().is_err());
        assert_eq!(lines.number(), 2);
    }
}
