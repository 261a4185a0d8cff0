//! What each point's results are called: the hash of all that determines them.
//!
//! Of a point's results every text that its scenario reads, every setting, the columns and the program's arithmetic are part
//! of the hash; where a file lies and when it was written are not. The texts of a point are those of one reading of its
//! scenario: points that differ only in settings that can name no file share it, so that ten thousand points are planned
//! without reading ten thousand scenarios.

use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest, Sha256};

use super::definition::{AxisColumn, Cell, Point, Sweep};
use super::manifest::numeric_class;
use crate::diagnostic::{Diagnostic, Sources, has_errors};
use crate::model::Loader;
use crate::scenario;

/// Changes when the form of a partition does.
const FORM: &str = "regimen sweep partition 2";

/// Length of names of files and of points, in hexadecimal digits.
const FILE_DIGITS: usize = 40;
const POINT_DIGITS: usize = 16;

/// Every point of a sweep with the name of its results.
#[derive(Debug)]
pub struct Plan {
    /// The sweep.
    pub sweep: Sweep,
    /// In the order of the sweep's points.
    pub points: Vec<Planned>,
    /// Hash over the whole plan.
    pub digest: String,
}

/// One point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Hash of what it sets alone: the same while the model changes.
    pub id: String,
    /// Name of its partition without ending.
    pub file: String,
}

/// One of several disjoint parts of a sweep that together are all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// From 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
}

impl Shard {
    /// All of it.
    pub const WHOLE: Self = Self { number: 1, of: 1 };

    /// Whether a point, by its place, belongs to this part: every `of`-th, so that neighbours, which cost alike, are spread.
    pub fn has(self, place: usize) -> bool {
        Self::with(place, self.of) == self
    }

    /// The part of so many that has a point.
    pub fn with(place: usize, of: usize) -> Self {
        Self { number: place % of + 1, of }
    }
}

/// As typed: `2/8`.
impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl Plan {
    /// Names the results of every point. `None` with findings where a scenario cannot be read.
    pub fn new(
        sweep: Sweep,
        loader: &dyn Loader,
        sources: &mut Sources,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let mut texts: BTreeMap<Vec<(String, String)>, Vec<u8>> = BTreeMap::new();
        let common = common(&sweep);
        let (mut points, mut whole) = (Vec::with_capacity(sweep.points.len()), Hash::default());
        for (place, point) in sweep.points.iter().enumerate() {
            let files: Vec<(String, String)> =
                point.settings.iter().filter(|(path, _)| may_name_a_file(path)).cloned().collect();
            let texts = match texts.get(&files) {
                Some(texts) => texts,
                None => {
                    let read = texts_of(&sweep, place, loader, sources, diagnostics)?;
                    texts.entry(files).or_insert(read)
                }
            };
            let id = id(&sweep, point);
            let mut hash = Hash::default();
            hash.field(&common).field(texts).field(id.as_bytes());
            cells(&mut hash, point);
            settings(&mut hash, &sweep, point);
            let mut file = hash.hexadecimal();
            file.truncate(FILE_DIGITS);
            whole.field(file.as_bytes());
            points.push(Planned { id, file });
        }
        Some(Self { sweep, points, digest: whole.hexadecimal() })
    }
}

/// Whether a setting may change which files are read. Only what surely does not is left out.
fn may_name_a_file(path: &str) -> bool {
    let parts: Vec<&str> = path.split('.').collect();
    match parts[0] {
        "horizon" | "seed" | "title" | "about" | "visits" | "occasions" | "numerics" | "parameters"
        | "controls" | "laboratory" | "adherence" | "rule" | "signal" | "endpoint" | "record" | "group"
        | "note" => false,
        "population" => {
            !matches!(parts.get(1), Some(&("patients" | "variability" | "set" | "entry" | "units")))
        }
        "arm" => {
            !(parts.get(1).is_some_and(|part| is_one_part(part))
                && matches!(parts.get(2), Some(&("name" | "about" | "treatment" | "controls"))))
        }
        _ => true,
    }
}

/// Whether a part of a path split at its dots is one: a name in quotes may hold dots.
fn is_one_part(part: &str) -> bool {
    let inner = ['"', '\''].iter().find_map(|quote| part.strip_prefix(*quote)?.strip_suffix(*quote));
    !inner.unwrap_or(part).contains(['"', '\''])
}

/// A hash over every text that the scenario of a point reads, by content, in the order of reading.
fn texts_of(
    sweep: &Sweep,
    place: usize,
    loader: &dyn Loader,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<u8>> {
    let (mut own, mut found) = (Sources::default(), Vec::new());
    // What is set becomes a source too; it is not a file and is part of the hash by itself.
    let origin = format!("point {} of the sweep `{}`", place + 1, sweep.name);
    let settings = sweep.settings(&sweep.points[place], origin.clone());
    scenario::load(&sweep.scenario, &settings, loader, &mut own, &mut found);
    if has_errors(&found) {
        sweep.source.point_to(&settings, &mut own, &mut found);
        *sources = own;
        *diagnostics = found;
        return None;
    }
    let mut hash = Hash::default();
    for (name, text) in own.files().filter(|(name, _)| *name != origin) {
        let stem = std::path::Path::new(name).file_name().unwrap_or_default().to_string_lossy();
        hash.field(stem.as_bytes()).field(text.as_bytes());
    }
    Some(hash.hexadecimal().into_bytes())
}

/// What all points share.
fn common(sweep: &Sweep) -> Vec<u8> {
    let mut hash = Hash::default();
    hash.field(FORM.as_bytes()).field(numeric_class().as_bytes());
    hash.field(&[u8::from(crate::table::PARQUET)]);
    for axis in &sweep.axes {
        let AxisColumn { name, unit, numeric, about } = axis;
        hash.field(name.as_bytes())
            .field(unit.as_bytes())
            .field(about.as_bytes())
            .field(&[u8::from(*numeric)]);
    }
    // Results that are kept with groups of patients left out stand in the same table.
    for target in sweep.kept_apart() {
        for text in [&target.label, &target.arm, target.against.as_ref().unwrap_or(&String::new())] {
            hash.field(text.as_bytes());
        }
    }
    // And so are those that are kept resampled.
    if let Some(objectives) = &sweep.objectives {
        hash.field(&objectives.replicates.to_le_bytes()).field(&objectives.seed.to_le_bytes());
        for target in objectives.targets() {
            for text in [&target.label, &target.arm, target.against.as_ref().unwrap_or(&String::new())] {
                hash.field(text.as_bytes());
            }
        }
    }
    hash.hexadecimal().into_bytes()
}

/// What a point sets, as a short hash.
fn id(sweep: &Sweep, point: &Point) -> String {
    let mut hash = Hash::default();
    settings(&mut hash, sweep, point);
    cells(&mut hash, point);
    let mut id = hash.hexadecimal();
    id.truncate(POINT_DIGITS);
    id
}

fn settings(hash: &mut Hash, sweep: &Sweep, point: &Point) {
    for (path, value) in sweep.fixed.iter().chain(&point.settings) {
        hash.field(path.as_bytes()).field(value.as_bytes());
    }
    for arm in sweep.arms.iter().flatten() {
        hash.field(b"kept arm").field(&arm.to_le_bytes());
    }
}

fn cells(hash: &mut Hash, point: &Point) {
    for cell in &point.cells {
        match cell {
            Cell::Number(number) => hash.field(&number.to_bits().to_le_bytes()),
            Cell::Text(text) => hash.field(text.as_bytes()),
        };
    }
}

/// SHA-256 over fields, each after its length, so that no two lists of fields are one text.
#[derive(Default)]
struct Hash(Sha256);

impl Hash {
    fn field(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }
    fn hexadecimal(self) -> String {
        self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_settings_that_surely_name_no_file_share_a_reading() {
        for path in [
            "horizon",
            "population.patients",
            "parameters.pk.cl_f",
            "arm.0.treatment.0.start",
            "rule.0.when",
            "arm.\"a b\".name",
        ] {
            assert!(!may_name_a_file(path), "{path}");
        }
        for path in [
            "model",
            "use",
            "population",
            "population.from",
            "arm",
            "arm.0",
            "arm.0.rules",
            "arm.\"a.b\".name",
        ] {
            assert!(may_name_a_file(path), "{path}");
        }
    }

    #[test]
    fn shards_are_disjoint_and_together_all() {
        for of in 1..7 {
            for place in 0..40 {
                let having = (1..=of).filter(|number| Shard { number: *number, of }.has(place)).count();
                assert_eq!(having, 1);
            }
        }
    }
}
