//! The occasion to which a record belongs: a whole number, which is its identity where random numbers are drawn.

use super::cell::Cell;
use super::fault::{Faults, Finding};
use super::line::Lines;
use super::row::not_a_number;

/// Largest number of an occasion.
const LARGEST: f64 = 1e9;

/// What a row says of its occasion; `None` where it says nothing.
pub(super) type Occasion = Option<u64>;

/// Reads the cell of the present row.
pub(super) fn read(lines: &Lines<'_>, cell: usize, faults: &mut Faults) -> Occasion {
    match Cell::read(lines.cell(cell)) {
        Cell::Missing => None,
        // Checked to be whole and in range.
        Cell::Number(number) if number.fract() == 0.0 && (0.0..=LARGEST).contains(&number) => {
            Some(number as u64)
        }
        found => {
            let finding = match found {
                Cell::Text(text) => not_a_number(text, "an occasion"),
                _ => Finding::new(
                    "this is no number of an occasion",
                    "not a whole number from 0 to 1000000000",
                    "number the occasions of a subject, such as 1, 2, 3",
                ),
            };
            faults.cell(lines, cell, finding);
            // Something is there: no need to say as well that nothing is.
            Some(0)
        }
    }
}

/// The occasion of each record: one that says nothing belongs to that of the record before, and in front of the first that
/// says something, to that. `None` if none says anything.
pub(super) fn settle(said: &[Occasion]) -> Option<Vec<u64>> {
    let mut now = said.iter().copied().flatten().next()?;
    let mut follow = |occasion: &Occasion| {
        now = occasion.unwrap_or(now);
        now
    };
    Some(said.iter().map(&mut follow).collect())
}

/// The finding for a subject none of whose rows names its occasion.
pub(super) fn unsaid(id: &str, cell: usize) -> Finding {
    Finding::new(
        format!("subject {id} has no occasion in any row"),
        format!("its first row; occasions are in column {}", cell + 1),
        "give it in one row at least; rows without one belong to that of the row before",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_says_nothing_belongs_to_the_occasion_before() {
        assert_eq!(settle(&[None, Some(3), None, Some(1), None]), Some(vec![3, 3, 3, 1, 1]));
        assert_eq!(settle(&[None, None]), None);
        assert_eq!(settle(&[]), None);
    }
}
