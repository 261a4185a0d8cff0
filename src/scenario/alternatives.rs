//! The alternatives of a rule's condition: the parts joined by `or`, each of which is reason enough. What a run tells of a rule
//! it tells of each of them.

use super::definition::{Rule, Scenario};
use crate::model::{BinaryOperation, Formula, Symbol};

/// One alternative.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative<'s> {
    /// The condition.
    pub formula: &'s Formula,
    /// As written, as far as the text can be parted; else its number.
    pub text: String,
}

/// The alternatives of a rule's condition, or of the signal that is all of it; one, where there is no `or`.
pub fn alternatives<'s>(scenario: &'s Scenario, rule: &'s Rule) -> Vec<Alternative<'s>> {
    let (formula, text) = match &rule.when {
        Formula::Symbol(Symbol::Signal(signal)) if scenario.signals[*signal].logical => {
            // Where the signal is not evaluated it is false, whatever its formula is worth.
            let signal = &scenario.signals[*signal];
            (&signal.formula, signal.text.as_str())
        }
        formula => (formula, rule.when_text.as_str()),
    };
    let mut formulas = Vec::new();
    part(formula, &mut formulas);
    let texts = parts(text);
    let said = texts.len() == formulas.len();
    let name =
        |number: usize| if said { texts[number].clone() } else { format!("alternative {}", number + 1) };
    formulas.iter().enumerate().map(|(number, formula)| Alternative { formula, text: name(number) }).collect()
}

fn part<'s>(formula: &'s Formula, found: &mut Vec<&'s Formula>) {
    match formula {
        Formula::Binary(BinaryOperation::Or, first, second) => {
            part(first, found);
            part(second, found);
        }
        other => found.push(other),
    }
}

/// The text parted at each `or` outside brackets.
fn parts(text: &str) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for word in text.split_whitespace() {
        if word == "or" && depth == 0 {
            parts.push(String::new());
            continue;
        }
        depth += word.matches('(').count();
        depth = depth.saturating_sub(word.matches(')').count());
        if let Some(last) = parts.last_mut() {
            last.push_str(if last.is_empty() { "" } else { " " });
            last.push_str(word);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_parted_at_or_outside_brackets() {
        assert_eq!(
            parts("ANC < 0.5e9/L or lasting(ANC < 1.0e9/L or x < 2, 7 d)  or\n (a or b) and c"),
            ["ANC < 0.5e9/L", "lasting(ANC < 1.0e9/L or x < 2, 7 d)", "(a or b) and c"]
        );
        assert_eq!(parts("always"), ["always"]);
    }
}
