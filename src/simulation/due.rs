//! What waits for its time, the next one first: a subject may have thousands of doses under way, and each step asks for the
//! next.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Times within this share of their size are one time: sums of intervals differ from what is written in the last digits.
const SAME: f64 = 1e-12;

/// Whether `due` has come at `time`, up to rounding.
pub(super) fn has_come(due: f64, time: f64) -> bool {
    due <= time + SAME * due.abs().max(time.abs())
}

/// Something with its time.
#[derive(Debug)]
struct Due<T> {
    time: f64,
    /// Of two at one time, that which was entered first comes first.
    number: u64,
    item: T,
}

impl<T> Ord for Due<T> {
    /// The heap has the greatest on top: the earliest.
    fn cmp(&self, other: &Self) -> Ordering {
        other.time.total_cmp(&self.time).then(other.number.cmp(&self.number))
    }
}

impl<T> PartialOrd for Due<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Due<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T> Eq for Due<T> {}

/// Items in the order of their times.
#[derive(Debug)]
pub(super) struct Dues<T> {
    heap: BinaryHeap<Due<T>>,
    entered: u64,
}

impl<T> Default for Dues<T> {
    fn default() -> Self {
        Dues { heap: BinaryHeap::new(), entered: 0 }
    }
}

impl<T> Dues<T> {
    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.heap.clear();
        self.entered = 0;
    }

    /// Enters an item.
    pub(super) fn push(&mut self, time: f64, item: T) {
        self.heap.push(Due { time, number: self.entered, item });
        self.entered += 1;
    }

    /// The next time; infinite if nothing waits.
    pub(super) fn next(&self) -> f64 {
        self.heap.peek().map_or(f64::INFINITY, |due| due.time)
    }

    /// Takes what has come at `time`, the earliest first, with its own time.
    pub(super) fn take(&mut self, time: f64) -> Option<(f64, T)> {
        if !has_come(self.next(), time) {
            return None;
        }
        self.heap.pop().map(|due| (due.time, due.item))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_comes_first_and_of_equals_the_one_entered_first() {
        let mut dues = Dues::default();
        for (time, item) in [(3.0, 'd'), (1.0, 'a'), (2.0, 'b'), (2.0, 'c'), (0.1 + 0.2 + 3.0, 'e')] {
            dues.push(time, item);
        }
        assert_eq!(dues.next(), 1.0);
        assert_eq!(dues.take(0.5), None);
        let taken: Vec<char> = std::iter::from_fn(|| dues.take(3.0)).map(|(_, item)| item).collect();
        assert_eq!(taken, ['a', 'b', 'c', 'd']);
        // 0.1 + 0.2 + 3 is above 3.3 by rounding.
        assert_eq!(dues.take(3.3).map(|(_, item)| item), Some('e'));
        assert_eq!(dues.next(), f64::INFINITY);
    }
}
