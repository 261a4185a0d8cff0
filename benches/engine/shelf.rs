//! Reads scenarios of this folder and of the package, and its models.

use std::path::{Path, PathBuf};

use regimen::diagnostic::{Sources, render};
use regimen::model::{Kind, Loader};
use regimen::scenario::{Scenario, Settings, load};

struct Shelf;

impl Loader for Shelf {
    fn load(&self, kind: Kind, name: &str, _beside: Option<&str>) -> Result<(String, String), String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folders: &[&str] = match kind {
            Kind::Scenario => &["benches/scenarios", "scenarios"],
            Kind::Population => &["models/populations"],
            Kind::Draws | Kind::Outcomes | Kind::Calibration => &[],
            Kind::Model | Kind::Library => &["models"],
        };
        let places: Vec<PathBuf> =
            folders.iter().map(|folder| root.join(folder).join(format!("{name}.toml"))).collect();
        let found = places.iter().find(|path| path.is_file());
        let path = found.ok_or_else(|| format!("no file {places:?}"))?;
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        Ok((path.display().to_string(), text))
    }
}

/// A checked scenario of `benches/scenarios` or `scenarios`.
pub fn scenario(name: &str) -> Scenario {
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let found = load(name, &Settings::default(), &Shelf, &mut sources, &mut diagnostics);
    found.unwrap_or_else(|| panic!("{name}:\n{}", render(&diagnostics, &sources, false)))
}
