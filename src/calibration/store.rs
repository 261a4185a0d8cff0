//! Evaluations that have been computed, one small file each, named by the hash of all that determines them.
//!
//! A calibration that was stopped is begun anew and finds its evaluations here: since it is the same to the bit whatever computed
//! them, it goes the same way, and there is no other state that could be half written. A file appears when it is whole.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::problem::Predicted;
use crate::table::write_whole;

/// Changes when the form of a file, or what a prediction means, does.
const FORM: &str = "regimen calibration evaluation 1";
/// Length of names of files, in hexadecimal digits.
const DIGITS: usize = 40;
/// Ending of finished evaluations.
const ENDING: &str = "txt";

/// A folder of evaluations.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    /// Of all that determines predictions besides the values.
    digest: String,
}

impl Store {
    /// Opens a folder, or makes it. `digest`: of all that determines predictions besides the values.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn open(folder: &Path, digest: &str) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self { folder: folder.to_owned(), digest: digest.to_owned() })
    }

    /// Name of the evaluation at these values.
    pub(super) fn name(&self, values: &[f64]) -> String {
        let mut hash = Sha256::new();
        for field in [FORM, &self.digest] {
            hash.update((field.len() as u64).to_le_bytes());
            hash.update(field);
        }
        for value in values {
            hash.update(value.to_bits().to_le_bytes());
        }
        let mut name: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        name.truncate(DIGITS);
        name
    }

    /// What is known of an evaluation of so many predictions; a file that does not hold them is as good as none.
    pub(super) fn find(&self, values: &[f64], predictions: usize) -> Option<Vec<Predicted>> {
        let text = fs::read_to_string(self.path(&self.name(values))).ok()?;
        let found: Vec<Predicted> = text.lines().map(prediction).collect::<Option<_>>()?;
        (found.len() == predictions).then_some(found)
    }

    /// Keeps an evaluation.
    pub(super) fn keep(&self, values: &[f64], predictions: &[Predicted]) -> io::Result<()> {
        let mut text = String::new();
        for found in predictions {
            // The shortest text that reads back as the same number.
            let _ = writeln!(text, "{} {}", found.value, found.error);
        }
        let name = format!("{}.{ENDING}", self.name(values));
        write_whole(&self.folder, &name, text.as_bytes()).map(drop)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.{ENDING}"))
    }
}

fn prediction(line: &str) -> Option<Predicted> {
    let (value, error) = line.split_once(' ')?;
    let found = Predicted { value: value.parse().ok()?, error: error.parse().ok()? };
    (found.value.is_finite() && found.error.is_finite()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_found_to_the_bit_and_only_where_it_belongs() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), "model 1").unwrap();
        let kept =
            [Predicted { value: -0.1 - 0.2, error: 1.0 / 3.0 }, Predicted { value: 1e-300, error: 0.0 }];
        store.keep(&[1.0, 0.1], &kept).unwrap();
        assert_eq!(store.find(&[1.0, 0.1], 2).unwrap(), kept);
        assert_eq!(store.find(&[1.0, 0.1], 3), None);
        assert_eq!(store.find(&[1.0, 0.1 + f64::EPSILON], 2), None);
        assert_eq!(Store::open(folder.path(), "model 2").unwrap().find(&[1.0, 0.1], 2), None);
    }

    #[test]
    fn a_damaged_file_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), "model").unwrap();
        store.keep(&[1.0], &[Predicted { value: 1.0, error: 0.5 }]).unwrap();
        fs::write(store.path(&store.name(&[1.0])), "1.0 NaN\n").unwrap();
        assert_eq!(store.find(&[1.0], 1), None);
    }
}
