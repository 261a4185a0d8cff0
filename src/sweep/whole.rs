//! Whether the table of a point is what was written, to the last bit, and how many courses behind it failed numerically.
//!
//! Both stand in the table's seal ([`crate::table::sealed`]), so that a table which was copied between folders and machines tells
//! them itself. Tables in CSV have no seal: of these it is seen whether they end with a line and can be read.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use crate::table::{PARQUET, read_columns, sealed};

/// Courses that failed numerically behind a table; `None` of one that is damaged, cut off or no table of a point.
///
/// # Errors
/// When the file cannot be read.
pub fn failed_courses(table: &Path) -> io::Result<Option<usize>> {
    if PARQUET {
        return Ok(sealed(table)?.and_then(|note| note.parse().ok()));
    }
    if !ends_with_a_line(table)? {
        return Ok(None);
    }
    let Ok(columns) = read_columns(table, &["arm", "reference"], &["failed"]) else { return Ok(None) };
    let ([arm, reference], [failed]) = (&columns.texts[..], &columns.numbers[..]) else { return Ok(None) };
    let mut by_arm: BTreeMap<&str, usize> = BTreeMap::new();
    for (row, arm) in arm.iter().enumerate().filter(|(row, _)| reference[*row].is_empty()) {
        by_arm.insert(arm, failed[row].unwrap_or(0.0) as usize);
    }
    Ok(Some(by_arm.values().sum()))
}

fn ends_with_a_line(table: &Path) -> io::Result<bool> {
    let mut file = File::open(table)?;
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0; 1];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}
