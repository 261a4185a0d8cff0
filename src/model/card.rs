//! The card of a model (`card = "cards/lenalidomide-cll"`): for which questions it was made, for which it must never be used,
//! what evidence each mechanism has, and how it did. Every report of the model shows it.
//!
//! Text for readers only: nothing here is computed with. After Mitchell et al. 2019, "Model cards for model reporting" (doi:10.1145/3287560.3287596),
//! and the context of use of FDA guidance on credibility of computational models (2023).

use super::entry::{Diagnostics, plain};
use crate::diagnostic::Diagnostic;
use crate::document::Table;

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

/// Reads a card. Errors are pushed.
pub(super) fn card(mut table: Table, d: &mut Diagnostics) -> Card {
    let mut required = |key| table.required_text(key, d).map_or_else(String::new, |text| text.value);
    let (question, context) = (required("question"), required("context"));
    let never = table.texts("never", d).into_iter().map(|text| text.value).collect();
    let evidence = table.tables("evidence", d).into_iter().map(|entry| evidence(entry, d)).collect();
    let tables = table.tables("table", d).into_iter().map(|entry| card_table(entry, d)).collect();
    table.finish(d);
    Card { question, context, never, evidence, tables }
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
    use crate::diagnostic::{Sources, render};
    use crate::document::parse;

    fn read(text: &str) -> (Card, String) {
        let (mut sources, mut found) = (Sources::default(), Vec::new());
        let file = sources.add("card.toml", text);
        let table = parse(file, text, &mut found).expect("TOML");
        let card = card(table, &mut found);
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
    fn a_row_of_another_length_and_a_missing_question_are_named() {
        let (_, findings) = read(
            "context = \"c\"\n[[table]]\ntitle = \"t\"\ncolumns = [\"a\", \"b\"]\nrows = [\"1 | 2 | 3\"]\n",
        );
        assert!(findings.contains("the key `question` is missing"), "{findings}");
        assert!(findings.contains("this row has 3 cells, and the table 2 columns"), "{findings}");
    }
}
