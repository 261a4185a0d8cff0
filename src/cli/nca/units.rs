//! Units of the results: from those of time, concentration and dose, with volumes in litres rather than mg/(ng/mL).

use super::options::NcaOptions;
use crate::diagnostic::Diagnostic;
use crate::math::noncompartmental::Quantity;
use crate::model::NamedUnit;
use crate::units::{self, Dimension};

/// Volumes by what the dose is given per: the body, its weight, its surface.
const VOLUMES: [&str; 3] = ["L", "L/kg", "L/m^2"];

/// What the user said of units; a result whose unit is not known has none.
#[derive(Debug, Default)]
pub struct Units {
    time: Option<NamedUnit>,
    concentration: Option<NamedUnit>,
    dose: Option<NamedUnit>,
    /// Its name, and the factor from dose over concentration to it.
    volume: Option<(String, f64)>,
}

impl Units {
    /// Reads the options. Faults go to `diagnostics`.
    pub fn new(options: &NcaOptions, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut read = |option: &str, text: &Option<String>| named(option, text.as_deref()?, diagnostics);
        let time = read("--time-unit", &options.time_unit);
        let concentration = read("--concentration-unit", &options.concentration_unit);
        let dose = read("--dose-unit", &options.dose_unit);
        let volume = read("--volume-unit", &options.volume_unit);
        if let Some(time) = time.as_ref().filter(|time| time.unit.dimension != Dimension::time()) {
            let message = format!("--time-unit {} is no time", time.name);
            diagnostics.push(Diagnostic::plain(message).help("write for example h, min or d"));
        }
        let volume = match (&dose, &concentration) {
            (Some(dose), Some(concentration)) => volume_unit(dose, concentration, volume, diagnostics),
            _ => None,
        };
        Self { time, concentration, dose, volume }
    }

    /// The factor by which a raw result is multiplied, and the name of its unit (empty where it has or knows none).
    pub fn of(&self, quantity: Quantity) -> (f64, String) {
        let name = |unit: &Option<NamedUnit>| unit.as_ref().map(|unit| unit.name.clone());
        let (time, concentration, dose) = (name(&self.time), name(&self.concentration), name(&self.dose));
        let plain = match quantity {
            Quantity::Number => None,
            Quantity::Percent => Some("%".to_owned()),
            Quantity::Product(0, 0, 1) => time,
            Quantity::Product(0, 0, -1) => time.map(|time| inverse(&time)),
            Quantity::Product(1, 0, 0) => dose,
            Quantity::Product(1, -1, below) => {
                let Some((volume, factor)) = &self.volume else { return (1.0, String::new()) };
                let name = if below == 0 {
                    Some(volume.clone())
                } else {
                    time.map(|time| format!("{volume}/{time}"))
                };
                // Without a unit of time the number stays what it is per time of the table, in that volume.
                return (*factor, name.unwrap_or_default());
            }
            Quantity::Product(per_dose, _, power) => {
                let over = match (per_dose, power) {
                    (_, 0) => concentration,
                    _ => concentration
                        .zip(time)
                        .map(|(concentration, time)| times(&concentration, &time, power)),
                };
                if per_dose == 0 { over } else { over.zip(dose).map(|(over, dose)| divided(&over, &dose)) }
            }
        };
        (1.0, plain.unwrap_or_default())
    }
}

fn named(option: &str, text: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<NamedUnit> {
    match units::parse(text) {
        Ok(unit) => Some(NamedUnit { name: text.to_owned(), unit }),
        Err(error) => {
            diagnostics.push(Diagnostic::plain(format!("{option} {text}: {error}")).help(error.help()));
            None
        }
    }
}

/// The unit of dose over concentration.
fn volume_unit(
    dose: &NamedUnit,
    concentration: &NamedUnit,
    asked: Option<NamedUnit>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(String, f64)> {
    let dimension = dose.unit.dimension.over(concentration.unit.dimension);
    let factor = dose.unit.factor / concentration.unit.factor;
    let usual = VOLUMES
        .iter()
        .filter_map(|name| Some(NamedUnit { name: (*name).to_owned(), unit: units::parse(name).ok()? }));
    let fits = |unit: &NamedUnit| unit.unit.dimension == dimension;
    let wanted = asked.clone();
    if let Some(unit) = asked
        .into_iter()
        .chain(usual)
        .find(fits)
        .filter(|unit| wanted.as_ref().is_none_or(|wanted| wanted == unit))
    {
        return Some((unit.name, factor / unit.unit.factor));
    }
    let finding = match wanted {
        Some(unit) => Diagnostic::plain(format!(
            "{} over {} does not give --volume-unit {}",
            dose.name, concentration.name, unit.name
        ))
        .help("write for example L, mL or L/kg"),
        None => Diagnostic::plain(format!(
            "a dose in {} and a concentration in {} do not give a volume",
            dose.name, concentration.name
        ))
        .help("give both in units of mass, or both in moles: convert the doses with the molar mass"),
    };
    diagnostics.push(finding);
    None
}

fn inverse(unit: &str) -> String {
    format!("1/{unit}")
}

/// `ng/mL` times `h` to the power 2: `ng*h^2/mL`.
fn times(unit: &str, factor: &str, power: i32) -> String {
    let factor = if power == 1 { factor.to_owned() } else { format!("{factor}^{power}") };
    match unit.split_once('/') {
        Some((above, below)) => format!("{above}*{factor}/{below}"),
        None => format!("{unit}*{factor}"),
    }
}

/// `ng/mL` over `mg/kg`: `ng/mL/mg*kg`, read from left to right as this project's units are.
fn divided(unit: &str, by: &str) -> String {
    match by.split_once('/') {
        Some((above, below)) => format!("{unit}/{above}*{}", below.replace('/', "*")),
        None => format!("{unit}/{by}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(time: &str, concentration: &str, dose: &str) -> (Units, Vec<Diagnostic>) {
        let mut diagnostics = Vec::new();
        let mut read = |text: &str| named("", text, &mut diagnostics);
        let (time, concentration, dose) = (read(time), read(concentration), read(dose));
        let volume =
            volume_unit(dose.as_ref().unwrap(), concentration.as_ref().unwrap(), None, &mut diagnostics);
        (Units { time, concentration, dose, volume }, diagnostics)
    }

    #[test]
    fn clearance_comes_out_in_litres_whatever_was_measured() {
        for (concentration, dose, volume, factor) in [
            ("ng/mL", "mg", "L", 1e3),
            ("mg/L", "mg", "L", 1.0),
            ("ug/L", "g", "L", 1e6),
            ("nM", "umol", "L", 1e3),
            ("ng/mL", "mg/kg", "L/kg", 1e3),
            ("ng/mL", "mg/m^2", "L/m^2", 1e3),
        ] {
            let (units, faults) = units("h", concentration, dose);
            assert!(faults.is_empty());
            let (clearance, name) = units.of(Quantity::Product(1, -1, -1));
            assert!((clearance / factor - 1.0).abs() < 1e-12, "{concentration} {dose}: {clearance}");
            assert_eq!(name, format!("{volume}/h"));
        }
        assert_eq!(units("h", "nM", "mg").1.len(), 1);
    }

    #[test]
    fn names_are_units_of_this_project() {
        let (units, _) = units("h", "ng/mL", "mg/kg");
        let dimension = |name: &str| crate::units::parse(name).unwrap().dimension;
        for (quantity, expected) in [
            (Quantity::Product(0, 1, 1), "ng*h/mL"),
            (Quantity::Product(0, 1, 2), "ng*h^2/mL"),
            (Quantity::Product(-1, 1, 1), "ng*h/mL/mg*kg"),
            (Quantity::Product(0, 0, -1), "1/h"),
        ] {
            assert_eq!(units.of(quantity).1, expected);
            dimension(expected);
        }
        assert_eq!(units.of(Quantity::Percent), (1.0, "%".to_owned()));
    }
}
