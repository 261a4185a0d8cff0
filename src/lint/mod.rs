//! What can be wrong with a protocol although every file of it can be read: rules that can never act, that contradict one another,
//! that hold and resume at one limit; limits with a slip of the unit; visits too sparse for what a rule looks back at.
//!
//! Each finding comes with a patient state that shows it. "Never" and "always" are said only where interval arithmetic over the
//! files' own bounds proves it (`region`, `space`); a state is shown only if the rule's own formulas, evaluated on it with the
//! simulation's own memory, come out as the finding says (`search`, `state`). What is neither proved nor found is left unsaid.

mod contradiction;
mod doses;
mod firing;
mod interval;
mod oscillation;
mod parts;
mod ranges;
mod region;
mod review;
mod search;
mod slip;
mod space;
mod sparse;
mod state;
mod typical;
mod wording;

pub use review::review;

#[cfg(test)]
mod tests;
