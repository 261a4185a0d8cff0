//! A loader that reads every text once.
//!
//! A sweep takes minutes or days, and a file edited meanwhile must not reach half of its points under the hash of the other
//! half. What is asked for without a place is looked for beside the sweep file.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::model::{Kind, Loader};

/// Kind, name, the file that asked.
type Asked = (u8, String, String);
/// Shown name and text, or why there is none.
type Found = Result<(String, String), String>;

/// Remembers what another loader found.
pub struct Snapshot<'a> {
    loader: &'a (dyn Loader + Sync),
    beside: String,
    found: Mutex<BTreeMap<Asked, Found>>,
}

impl<'a> Snapshot<'a> {
    /// Beside a sweep file of this shown name.
    pub fn new(loader: &'a (dyn Loader + Sync), beside: &str) -> Self {
        Self { loader, beside: beside.to_owned(), found: Mutex::default() }
    }

    /// Every text that was found so far, by its shown name.
    pub fn texts(&self) -> BTreeMap<String, String> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.values().flatten().cloned().collect()
    }
}

impl Loader for Snapshot<'_> {
    fn load(&self, kind: Kind, name: &str, beside: Option<&str>) -> Result<(String, String), String> {
        let beside = beside.unwrap_or(&self.beside);
        let asked = (kind as u8, name.to_owned(), beside.to_owned());
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.entry(asked).or_insert_with(|| self.loader.load(kind, name, Some(beside))).clone()
    }
}
