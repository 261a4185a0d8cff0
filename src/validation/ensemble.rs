//! An ensemble of population parameters, as a calibration leaves it: a CSV whose header names keys of a scenario
//! (`parameters.immune.k_e`, or `immune.k_e` alone) and each of whose rows is one set of values.

use crate::diagnostic::{Diagnostic, FileId, Sources, Span, has_errors};

/// Columns that only number the rows or weigh nothing here.
const NUMBERS: [&str; 6] = ["ID", "draw", "member", "iteration", "chain", "loss"];

/// Sets of values, each as likely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ensemble {
    /// Keys of the scenario, one per column.
    pub keys: Vec<String>,
    /// Values as written, by set.
    pub rows: Vec<Vec<String>>,
}

impl Ensemble {
    /// The settings of a set.
    pub fn settings(&self, row: usize) -> Vec<(String, String)> {
        self.keys.iter().cloned().zip(self.rows[row].iter().cloned()).collect()
    }

    /// The first key that the table sets although it is among those that the user sets.
    pub fn sets_too(&self, set: &[(String, String)]) -> Option<&str> {
        self.keys.iter().find(|key| set.iter().any(|(path, _)| path == *key)).map(String::as_str)
    }

    /// So many sets, evenly from first to last; all where there are no more.
    pub fn thinned(self, most: usize) -> Self {
        let all = self.rows.len();
        if all <= most {
            return self;
        }
        let rows = (0..most).map(|place| self.rows[place * all / most].clone()).collect();
        Self { rows, ..self }
    }
}

/// Reads the table `text`, shown as `shown`; `None` with findings where it is none. Names of parameters are looked at where
/// scenarios are read.
pub fn read_ensemble(
    shown: &str,
    text: &str,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Ensemble> {
    let errors = diagnostics.len();
    let file = sources.add(shown, text);
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(text.as_bytes());
    let header: Vec<String> =
        reader.headers().map(|header| header.iter().map(str::to_owned).collect()).unwrap_or_default();
    let wanted: Vec<usize> =
        (0..header.len()).filter(|place| !NUMBERS.contains(&header[*place].as_str())).collect();
    if wanted.is_empty() {
        diagnostics.push(
            Diagnostic::error("this table has no parameter", line(file, text, 1), "no key of a scenario")
                .help("the first line names keys, such as `parameters.immune.k_e,parameters.marrow.i50`"),
        );
    }
    let mut rows = Vec::new();
    for (number, record) in (2..).zip(reader.records()) {
        let cells: Vec<String> = match record {
            Ok(record) => record.iter().map(str::to_owned).collect(),
            Err(_) => Vec::new(),
        };
        let row: Option<Vec<String>> = wanted.iter().map(|place| cells.get(*place).cloned()).collect();
        match row.filter(|row| row.iter().all(|cell| cell.parse().is_ok_and(f64::is_finite))) {
            Some(row) => rows.push(row),
            None => diagnostics.push(
                Diagnostic::error(
                    "a set of values is not complete",
                    line(file, text, number),
                    "in this line",
                )
                .help(format!("give a number for each of the {} columns", wanted.len())),
            ),
        }
    }
    if rows.is_empty() && !has_errors(&diagnostics[errors..]) {
        diagnostics.push(
            Diagnostic::error("this table has no set of values", line(file, text, 1), "only a header")
                .help("add a line of numbers for each set"),
        );
    }
    let key = |place: &usize| {
        let name = &header[*place];
        if name.starts_with("parameters.") { name.clone() } else { format!("parameters.{name}") }
    };
    let keys: Vec<String> = wanted.iter().map(key).collect();
    for (place, key) in keys.iter().enumerate() {
        if keys[..place].contains(key) {
            diagnostics.push(
                Diagnostic::error(
                    format!("two columns set `{key}`"),
                    line(file, text, 1),
                    "the same parameter twice",
                )
                .help("leave one of them; `immune.k_e` is short for `parameters.immune.k_e`"),
            );
        }
    }
    (!has_errors(&diagnostics[errors..])).then_some(Ensemble { keys, rows })
}

/// The place of a line, from 1.
fn line(file: FileId, text: &str, number: usize) -> Span {
    let start: usize = text.split_inclusive('\n').take(number - 1).map(str::len).sum();
    let length = text[start.min(text.len())..].lines().next().map_or(0, str::len);
    Span { file, start: start.min(text.len()), end: (start + length).min(text.len()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::render;

    fn told(text: &str) -> (Option<Ensemble>, String) {
        let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
        let found = read_ensemble("posterior.csv", text, &mut sources, &mut diagnostics);
        (found, render(&diagnostics, &sources, false))
    }

    #[test]
    fn each_row_is_a_set_of_settings() {
        let (found, said) =
            told("member,parameters.immune.k_e,marrow.i50\n1,0.5,0.8\n2,0.6,0.9\n3,0.7,1.0\n");
        let Some(found) = found else { panic!("{said}") };
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(
            found.settings(1),
            [pair("parameters.immune.k_e", "0.6"), pair("parameters.marrow.i50", "0.9")]
        );
        let thinned = found.thinned(2);
        assert_eq!(thinned.rows, [["0.5", "0.8"], ["0.6", "0.9"]]);
    }

    #[test]
    fn a_broken_table_is_told_with_its_line() {
        let (found, said) = told("immune.k_e,marrow.i50\n0.5,0.8\n0.6\n");
        assert!(found.is_none() && said.contains("posterior.csv:3"), "{said}");
        let (found, said) = told("immune.k_e\nmany\n");
        assert!(found.is_none() && said.contains("posterior.csv:2"), "{said}");
        assert!(told("member\n1\n").1.contains("no parameter"));
        let (found, said) = told("immune.k_e,parameters.immune.k_e\n0.5,0.8\n");
        assert!(found.is_none() && said.contains("two columns set `parameters.immune.k_e`"), "{said}");
        assert!(told("immune.k_e\n").1.contains("only a header"));
    }
}
