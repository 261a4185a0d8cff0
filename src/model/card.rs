//! The card of a model (`card = "cards/lenalidomide-cll"`): for which questions it was made, for which it must never be used,
//! what evidence each mechanism has, and how it did. Every report of the model shows it.
//!
//! Text for readers only: nothing here is computed with. After Mitchell et al. 2019, "Model cards for model reporting" (doi:10.1145/3287560.3287596),
//! and the context of use of FDA guidance on credibility of computational models (2023).

use super::entry::{Diagnostics, plain};
use super::{Kind, Loader};
use crate::diagnostic::{Diagnostic, Sources, Text};
use crate::document::{Table, parse};

/// What a reader must know before believing a model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Card {
    /// The question that it was made for.
    pub question: String,
    /// Where its answers may be used, and with what else.
    pub context: String,
    /// What it must never be used for.
    pub never: Vec<String>,
    /// Mechanism by mechanism.
    pub evidence: Vec<Evidence>,
    /// Calibration, validation, sensitivity.
    pub tables: Vec<CardTable>,
}

/// The evidence for a mechanism.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Mechanism.
    pub mechanism: String,
    /// What was measured or seen, and by whom.
    pub evidence: String,
    /// What is not known.
    pub gap: String,
}

/// A table with its words.
#[derive(Debug, Clone, PartialEq)]
pub struct CardTable {
    /// Title.
    pub title: String,
    /// What it shows, and the command that made it.
    pub about: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Cells, one text for each column.
    pub rows: Vec<Vec<String>>,
}

/// Keys that a card has, and a file of tables has not.
const CARD: [&str; 4] = ["question", "context", "never", "evidence"];

/// Loads a card with the files of tables that it names. Errors inside are pushed; `None` where the text is no document.
///
/// # Errors
/// Why there is no such file.
pub(super) fn load_card(
    name: &str,
    beside: Option<&str>,
    loader: &dyn Loader,
    sources: &mut Sources,
    d: &mut Diagnostics,
) -> Result<Option<Card>, String> {
    let (shown, text) = loader.load(Kind::Model, name, beside)?;
    let file = sources.add(&shown, &text);
    let Some(table) = parse(file, &text, d) else { return Ok(None) };
    let (mut card, more) = card(table, d);
    let mut tables = Vec::new();
    for named in more {
        match loader.load(Kind::Model, &named.value, Some(&shown)) {
            Ok((shown, text)) => {
                let file = sources.add(&shown, &text);
                tables.extend(parse(file, &text, d).into_iter().flat_map(|table| card_tables(table, d)));
            }
            Err(why) => d.push(Diagnostic::error(why, named.span, "asked for here")),
        }
    }
    // What was computed before what is said of it.
    tables.append(&mut card.tables);
    Ok(Some(Card { tables, ..card }))
}

/// Checks a card, or a file of tables for one.
pub fn check_card(name: &str, loader: &dyn Loader, sources: &mut Sources, d: &mut Diagnostics) {
    let found = loader.load(Kind::Model, name, None).map(|(shown, text)| {
        let file = sources.add(&shown, &text);
        parse(file, &text, &mut Vec::new())
    });
    match found {
        Ok(Some(table)) if !CARD.iter().any(|key| table.has(key)) => {
            card_tables(table, d);
        }
        Ok(_) => {
            if let Err(why) = load_card(name, None, loader, sources, d) {
                d.push(Diagnostic::plain(why));
            }
        }
        Err(why) => d.push(Diagnostic::plain(why)),
    }
}

/// Reads a card, and the names of the files with more of its tables. Errors are pushed.
fn card(mut table: Table, d: &mut Diagnostics) -> (Card, Vec<Text>) {
    let mut required = |key| table.required_text(key, d).map_or_else(String::new, |text| text.value);
    let (question, context) = (required("question"), required("context"));
    let never = table.texts("never", d).into_iter().map(|text| text.value).collect();
    let evidence = table.tables("evidence", d).into_iter().map(|entry| evidence(entry, d)).collect();
    let more = table.texts("tables", d);
    let tables = card_tables(table, d);
    (Card { question, context, never, evidence, tables }, more)
}

/// Reads a file of tables for a card, or what is left of the card itself.
fn card_tables(mut table: Table, d: &mut Diagnostics) -> Vec<CardTable> {
    let tables = table.tables("table", d).into_iter().map(|entry| card_table(entry, d)).collect();
    table.finish(d);
    tables
}

fn evidence(mut entry: Table, d: &mut Diagnostics) -> Evidence {
    let mut required = |key| entry.required_text(key, d).map_or_else(String::new, |text| text.value);
    let (mechanism, evidence) = (required("mechanism"), required("evidence"));
    let gap = plain(&mut entry, "gap", d);
    entry.finish(d);
    Evidence { mechanism, evidence, gap }
}

/// Rows are texts with `|` between their cells, as long as a table of a document is read.
fn card_table(mut entry: Table, d: &mut Diagnostics) -> CardTable {
    let title = entry.required_text("title", d).map_or_else(String::new, |text| text.value);
    let about = plain(&mut entry, "about", d);
    let columns: Vec<String> = entry.texts("columns", d).into_iter().map(|text| text.value).collect();
    let mut rows = Vec::new();
    for row in entry.texts("rows", d) {
        let cells: Vec<String> = row.value.split('|').map(|cell| cell.trim().to_owned()).collect();
        if cells.len() != columns.len() {
            let message =
                format!("this row has {} cells, and the table {} columns", cells.len(), columns.len());
            d.push(Diagnostic::error(message, row.span, "another number").help("separate cells by `|`"));
            continue;
        }
        rows.push(cells);
    }
    entry.finish(d);
    CardTable { title, about, columns, rows }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::render;
    use crate::model::fixture::Texts;

    fn read(text: &str) -> (Card, String) {
        let (mut sources, mut found) = (Sources::default(), Vec::new());
        let file = sources.add("card.toml", text);
        let table = parse(file, text, &mut found).expect("TOML");
        let (card, _) = card(table, &mut found);
        (card, render(&found, &sources, false))
    }

    #[test]
    fn a_card_keeps_what_it_says() {
        let (card, findings) = read(
            "question = \"which schedule?\"\ncontext = \"protocols\"\nnever = [\"a dose for a person\"]\n\
             evidence = [{ mechanism = \"flare\", evidence = \"rates by grade\" }]\n\
             [[table]]\ntitle = \"calibration\"\ncolumns = [\"endpoint\", \"trial\"]\nrows = [\"ORR | 14/44\"]\n",
        );
        assert_eq!(findings, "");
        assert_eq!(card.never, ["a dose for a person"]);
        assert_eq!(card.evidence[0].mechanism, "flare");
        assert_eq!(card.tables[0].rows, [["ORR", "14/44"]]);
    }

    #[test]
    fn tables_of_other_files_come_first_and_a_missing_file_is_named() {
        let table = "[[table]]\ntitle = \"made\"\ncolumns = [\"a\"]\nrows = [\"1\"]\n";
        let own = "question = \"q\"\ncontext = \"c\"\ntables = [\"made\", \"nowhere\"]\n";
        let files = Texts(vec![
            (Kind::Model, "card", format!("{own}{}", table.replace("made", "said"))),
            (Kind::Model, "made", table.to_owned()),
        ]);
        let (mut sources, mut found) = (Sources::default(), Vec::new());
        let card =
            load_card("card", None, &files, &mut sources, &mut found).expect("a file").expect("a card");
        let titles: Vec<&str> = card.tables.iter().map(|table| table.title.as_str()).collect();
        assert_eq!(titles, ["made", "said"]);
        assert!(render(&found, &sources, false).contains("there is no file `nowhere`"));
        found.clear();
        check_card("made", &files, &mut sources, &mut found);
        assert_eq!(render(&found, &sources, false), "");
    }

    #[test]
    fn a_row_of_another_length_and_a_missing_question_are_named() {
        let (_, findings) = read(
            "context = \"c\"\n[[table]]\ntitle = \"t\"\ncolumns = [\"a\", \"b\"]\nrows = [\"1 | 2 | 3\"]\n",
        );
        assert!(findings.contains("the key `question` is missing"), "{findings}");
        assert!(findings.contains("this row has 3 cells, and the table 2 columns"), "{findings}");
    }
}
