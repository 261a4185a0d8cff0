//! Memory cells: what `baseline`, `nadir`, `lasting` and their kin keep from one visit to the next.

use super::clock::MOMENT;
use crate::scenario::MemoryKind;

/// The state of one cell.
#[derive(Debug, Clone, Copy)]
pub struct Cell {
    kind: MemoryKind,
    /// Value at the last feeding.
    value: f64,
    /// Whether it has been fed.
    fed: bool,
    /// Baseline, smallest or largest argument so far.
    kept: f64,
    /// Begin of the present run of true.
    since: Option<f64>,
    /// Last time at which the argument was true.
    last_true: f64,
    /// Length of the present run of true.
    run: u32,
}

impl Cell {
    /// A cell that has seen nothing.
    pub fn new(kind: MemoryKind) -> Self {
        Cell { kind, value: 0.0, fed: false, kept: 0.0, since: None, last_true: f64::NEG_INFINITY, run: 0 }
    }

    /// Takes in the argument at `time` and gives the cell's value there. At the first feeding there is nothing earlier:
    /// nadir and peak are then the argument itself.
    pub fn feed(&mut self, time: f64, argument: f64) -> f64 {
        let truth = argument != 0.0;
        let earlier = if self.fed { self.kept } else { argument };
        if truth {
            self.since.get_or_insert(time);
            self.last_true = time;
            self.run = self.run.saturating_add(1);
        } else {
            self.since = None;
            self.run = 0;
        }
        (self.kept, self.value) = match self.kind {
            MemoryKind::Baseline => (earlier, earlier),
            MemoryKind::Nadir => (earlier.min(argument), earlier),
            MemoryKind::Peak => (earlier.max(argument), earlier),
            MemoryKind::Lasting(span) => {
                (0.0, logical(self.since.is_some_and(|since| time - since >= span - MOMENT)))
            }
            MemoryKind::Recent(span) => (0.0, logical(self.within(time, span))),
            MemoryKind::Consecutive(count) => (0.0, logical(self.run >= count)),
            MemoryKind::Ever => (0.0, logical(self.last_true.is_finite())),
        };
        self.fed = true;
        self.value
    }

    /// The cell's value at a time at which it is not fed.
    pub fn value(&self, time: f64) -> f64 {
        match self.kind {
            MemoryKind::Recent(span) => logical(self.within(time, span)),
            _ => self.value,
        }
    }

    fn within(&self, time: f64, span: f64) -> bool {
        time - self.last_true <= span + MOMENT
    }
}

fn logical(truth: bool) -> f64 {
    f64::from(u8::from(truth))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fed(kind: MemoryKind, series: &[(f64, f64)]) -> Vec<f64> {
        let mut cell = Cell::new(kind);
        series.iter().map(|&(time, argument)| cell.feed(time, argument)).collect()
    }

    #[test]
    fn nadir_is_of_earlier_visits() {
        assert_eq!(fed(MemoryKind::Nadir, &[(0.0, 5.0), (7.0, 3.0), (14.0, 4.0)]), [5.0, 5.0, 3.0]);
        assert_eq!(fed(MemoryKind::Peak, &[(0.0, 5.0), (7.0, 9.0), (14.0, 4.0)]), [5.0, 5.0, 9.0]);
        assert_eq!(fed(MemoryKind::Baseline, &[(0.0, 5.0), (7.0, 9.0)]), [5.0, 5.0]);
    }

    #[test]
    fn lasting_needs_the_whole_span() {
        let series = [(0.0, 1.0), (3.0, 1.0), (7.0, 1.0), (8.0, 0.0), (9.0, 1.0), (15.0, 1.0), (16.0, 1.0)];
        assert_eq!(fed(MemoryKind::Lasting(7.0), &series), [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);
    }

    #[test]
    fn recent_fades_between_visits() {
        let mut cell = Cell::new(MemoryKind::Recent(28.0));
        assert_eq!(cell.feed(0.0, 0.0), 0.0);
        assert_eq!(cell.feed(7.0, 1.0), 1.0);
        assert_eq!(cell.value(35.0), 1.0);
        assert_eq!(cell.value(36.0), 0.0);
    }

    #[test]
    fn consecutive_and_ever() {
        let series = [(0.0, 1.0), (7.0, 0.0), (14.0, 1.0), (21.0, 1.0)];
        assert_eq!(fed(MemoryKind::Consecutive(2), &series), [0.0, 0.0, 0.0, 1.0]);
        assert_eq!(fed(MemoryKind::Ever, &[(0.0, 0.0), (7.0, 1.0), (14.0, 0.0)]), [0.0, 1.0, 1.0]);
    }
}
