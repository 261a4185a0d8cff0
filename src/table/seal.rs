//! Seals of Parquet tables: a checksum of all bytes of a file inside of it, by which it is known as what was written.
//!
//! A table may lie for months, be copied between machines, and be cut off on a full disk; decoders do not notice every damage, and panic
//! at some. The format has checksums of pages, which the crate `parquet` checks and does not write, and none of the footer. A seal
//! covers all: it is an entry of the footer's metadata with the CRC-32 (IEEE 802.3; every burst of up to 32 bits is found) of the
//! file with zeros in the seal's place. It guards against accidents, not against forgers.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Under this key the file's metadata have the seal.
pub(super) const KEY: &str = "regimen.seal";
/// What stands before the checksum.
const MARK: &str = "CRC-32 of this file with zeros in its place ";
/// An open seal.
const ZEROS: &[u8; 8] = b"00000000";
/// Ends what is noted behind the checksum.
const END: char = '\n';

/// A seal that is still open, with a note of one line.
pub(super) fn open(note: &str) -> String {
    format!("{MARK}{} {note}{END}", String::from_utf8_lossy(ZEROS))
}

/// Closes the seal of a file.
pub(super) fn close(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let Some(at) = place(&bytes) else { return Err(io::Error::other("a table without a seal to close")) };
    file.seek(SeekFrom::Start(at as u64))?;
    file.write_all(checksum(&bytes, at).as_bytes())
}

/// What was noted in the seal of a Parquet file; `None` where the file is not what was sealed.
///
/// # Errors
/// When the file cannot be read.
pub fn sealed(path: &Path) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    File::open(path)?.read_to_end(&mut bytes)?;
    Ok(note(&bytes))
}

/// As [`sealed`], of the bytes of a file.
pub(super) fn note(bytes: &[u8]) -> Option<String> {
    let at = place(bytes)?;
    let written = bytes.get(at..at + ZEROS.len())?;
    if written != checksum(bytes, at).as_bytes() {
        return None;
    }
    let behind = bytes.get(at + ZEROS.len() + 1..)?;
    let end = behind.iter().position(|byte| *byte == END as u8)?;
    Some(String::from_utf8_lossy(&behind[..end]).into_owned())
}

/// Where the checksum stands: behind the last mark, which is near the end of the file.
fn place(bytes: &[u8]) -> Option<usize> {
    let mark = bytes.windows(MARK.len()).rposition(|window| window == MARK.as_bytes())?;
    let at = mark + MARK.len();
    (at + ZEROS.len() < bytes.len()).then_some(at)
}

fn checksum(bytes: &[u8], at: usize) -> String {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&bytes[..at]);
    hasher.update(ZEROS);
    hasher.update(&bytes[at + ZEROS.len()..]);
    format!("{:08x}", hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Column, PARQUET, TableWriter, read_columns, read_numbers};

    /// A table of all kinds of columns.
    fn table(path: &Path) {
        let columns = vec![Column::text("a"), Column::number("b"), Column::count("c")];
        let mut table = TableWriter::create(path, columns).expect("begun");
        for k in 0..40 {
            table
                .row(|row| {
                    row.text(["x", "y", ""][k % 3])?;
                    row.number(1.0 / k as f64)?;
                    row.count(k)
                })
                .expect("a row");
        }
        table.finish_sealed("7").expect("written");
    }

    #[test]
    fn no_damage_goes_unnoticed_and_none_reaches_a_decoder() {
        if !PARQUET {
            return;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("t.parquet");
        table(&path);
        let whole = std::fs::read(&path).expect("read");
        assert_eq!(sealed(&path).expect("read").as_deref(), Some("7"));
        assert_eq!(read_numbers(&path, &["c"]).expect("read").len(), 40);
        let refused = |bytes: &[u8], what: &str| {
            std::fs::write(&path, bytes).expect("written");
            assert_eq!(sealed(&path).expect("read"), None, "{what}");
            assert!(read_numbers(&path, &["b", "c"]).is_err(), "{what}");
            assert!(read_columns(&path, &["a"], &["b"]).is_err(), "{what}");
        };
        for place in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[place] ^= 1 << (place % 8);
            refused(&bytes, &format!("a bit of byte {place}"));
        }
        for length in (0..whole.len()).step_by(97) {
            refused(&whole[..length], &format!("cut off at {length}"));
        }
        let mut longer = whole.clone();
        longer.push(0);
        refused(&longer, "longer");
    }

    #[test]
    fn a_sealed_table_is_the_same_bytes_each_time() {
        if !PARQUET {
            return;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let (one, other) = (folder.path().join("1.parquet"), folder.path().join("2.parquet"));
        table(&one);
        table(&other);
        assert_eq!(std::fs::read(one).expect("read"), std::fs::read(other).expect("read"));
    }
}
