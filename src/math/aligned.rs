//! Numbers that begin at the start of a cache line.
//!
//! The registers of the widest processors hold a whole line of 64 bytes. Read from anywhere else in memory each access touches
//! two lines, and a value just written must reach the cache before it can be read back: that costs half the speed.

use std::ops::{Deref, DerefMut};

/// Bytes of a cache line.
const LINE: usize = 64;
/// Numbers in a line.
const NUMBERS: usize = LINE / size_of::<f64>();

/// A vector of fixed length, aligned.
#[derive(Debug)]
pub struct Aligned {
    /// A line longer than needed.
    values: Vec<f64>,
    start: usize,
    length: usize,
}

impl Aligned {
    /// As many zeros.
    pub fn zeros(length: usize) -> Self {
        let values = vec![0.0; length + NUMBERS];
        // An offset beyond the spare line stands for "cannot be aligned"; it still works.
        let start = values.as_ptr().align_offset(LINE).min(NUMBERS);
        Aligned { values, start, length }
    }
}

impl Deref for Aligned {
    type Target = [f64];
    #[inline(always)]
    fn deref(&self) -> &[f64] {
        &self.values[self.start..self.start + self.length]
    }
}

impl DerefMut for Aligned {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [f64] {
        &mut self.values[self.start..self.start + self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_begins_at_a_line() {
        for length in [1, 7, 8, 100, 1000] {
            let mut numbers = Aligned::zeros(length);
            numbers[length - 1] = 1.0;
            assert_eq!(numbers.len(), length);
            assert_eq!(numbers.as_ptr() as usize % LINE, 0);
        }
    }
}
