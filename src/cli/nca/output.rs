//! The results as a CSV, one line per profile or one per parameter, and as aligned tables of the main parameters.

use super::profiles::Case;
use super::units::Units;
use crate::cli::table::{Table, rounded};
use crate::math::noncompartmental::{
    Absent, Estimate, Noncompartmental, Occasion, PARAMETERS, Quantity, parameter,
};
use crate::table::exact;

/// Digits shown on the screen; a CSV has all.
const DIGITS: usize = 5;

/// The main parameters, by what they tell.
const BLOCKS: [(&str, &[&str]); 5] = [
    ("Samples", &["TMAX", "CMAX", "TLAG", "C0", "TLAST", "CLAST"]),
    (
        "Terminal phase",
        &[
            "NO_POINTS_LAMBDA_Z",
            "LAMBDA_Z_LOWER",
            "LAMBDA_Z_UPPER",
            "RSQ_ADJUSTED",
            "LAMBDA_Z",
            "HL_LAMBDA_Z",
        ],
    ),
    ("Exposure", &["AUCLAST", "AUCINF_OBS", "AUC_PCTEXTRAP_OBS", "AUMCINF_OBS", "MRTINF_OBS"]),
    (
        "Dosing interval",
        &[
            "TAU",
            "AUC_TAU",
            "CMIN",
            "CTAU",
            "CAVG",
            "FLUCTUATION_PCT",
            "ACCUMULATION_INDEX",
            "ARAUC",
            "ARCMAX",
        ],
    ),
    (
        "Clearance and volume",
        &["CL_OBS", "CL_F_OBS", "CLSS", "CLSS_F", "VZ_OBS", "VZ_F_OBS", "VZ", "VZ_F", "VSS_OBS"],
    ),
];

/// Everything that is written.
#[derive(Debug)]
pub struct Results<'a> {
    pub id: &'a str,
    pub by: &'a [String],
    pub spans: &'a [(f64, f64)],
    pub units: &'a Units,
    pub rows: Vec<(Case, Noncompartmental)>,
}

/// A column of results: its name, the factor and unit of its numbers.
struct Column {
    name: String,
    factor: f64,
    unit: String,
    /// Place among the partial areas.
    span: Option<usize>,
}

impl Column {
    fn estimate(&self, result: &Noncompartmental) -> Option<Estimate> {
        let raw = match self.span {
            Some(index) => result.spans.get(index).copied(),
            None => result.get(&self.name),
        };
        raw.map(|estimate| estimate.map(|value| value * self.factor))
    }
}

impl Results<'_> {
    /// The columns that any profile has, of these names or of all.
    fn columns(&self, names: Option<&[&str]>) -> Vec<Column> {
        let any = |name: &str| self.rows.iter().any(|(_, result)| result.get(name).is_some());
        let wanted = |name: &str| names.is_none_or(|names| names.contains(&name)) && any(name);
        PARAMETERS
            .iter()
            .filter(|parameter| wanted(parameter.name))
            .map(|parameter| self.column(parameter.name.to_owned(), parameter.quantity, None))
            .collect()
    }

    fn column(&self, name: String, quantity: Quantity, span: Option<usize>) -> Column {
        let (factor, unit) = self.units.of(quantity);
        Column { name, factor, unit, span }
    }

    /// Partial areas: `AUC_0_24`.
    fn partial(&self) -> Vec<Column> {
        let area = parameter("AUCLAST").map_or(Quantity::Number, |parameter| parameter.quantity);
        let spans = self.spans.iter().enumerate();
        spans.map(|(index, (from, to))| self.column(format!("AUC_{from}_{to}"), area, Some(index))).collect()
    }

    fn keys(&self) -> Vec<String> {
        let own = [self.id.to_owned()].into_iter().chain(self.by.iter().cloned());
        own.chain(["DOSE_NUMBER", "DOSE_TIME", "DOSE", "OCCASION"].map(ToOwned::to_owned)).collect()
    }

    fn key_cells(case: &Case) -> Vec<String> {
        let own = [case.id.clone()].into_iter().chain(case.by.iter().cloned());
        let dose = case.dose.map_or_else(String::new, exact);
        own.chain([case.number.to_string(), exact(case.dose_time), dose, occasion(case).to_owned()]).collect()
    }

    /// A CSV: one line per profile, an empty cell for what is missing; or one line per parameter, with unit and reason.
    ///
    /// # Errors
    /// Those of the writer; none in memory.
    pub fn csv(&self, long: bool) -> Result<Vec<u8>, csv::Error> {
        let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
        let columns: Vec<Column> = self.columns(None).into_iter().chain(self.partial()).collect();
        let heads: Vec<&str> = if long {
            vec!["PARAMETER", "VALUE", "UNIT", "REASON"]
        } else {
            columns.iter().map(|column| column.name.as_str()).collect()
        };
        let keys = self.keys();
        writer.write_record(keys.iter().map(String::as_str).chain(heads))?;
        for (case, result) in &self.rows {
            let keys = Self::key_cells(case);
            if !long {
                let value = |column: &Column| {
                    column.estimate(result).and_then(Result::ok).map_or_else(String::new, exact)
                };
                writer.write_record(keys.into_iter().chain(columns.iter().map(value)))?;
                continue;
            }
            for column in &columns {
                let Some(estimate) = column.estimate(result) else { continue };
                let (value, reason) = match estimate {
                    Ok(value) => (exact(value), String::new()),
                    Err(absent) => (String::new(), absent.to_string()),
                };
                let cells = [column.name.clone(), value, column.unit.clone(), reason];
                writer.write_record(keys.iter().cloned().chain(cells))?;
            }
        }
        writer.into_inner().map_err(|error| error.into_error().into())
    }

    /// Tables of the main parameters, units in the first line where they are known.
    pub fn text(&self) -> String {
        let mut tables: Vec<String> = Vec::new();
        for (title, names) in BLOCKS {
            let mut columns = self.columns(Some(names));
            if title == "Exposure" {
                columns.extend(self.partial());
            }
            if !columns.is_empty() {
                tables.push(self.table(title, &columns).text());
            }
        }
        tables.join("\n")
    }

    fn table(&self, title: &str, columns: &[Column]) -> Table {
        let several = self.rows.iter().any(|(case, _)| case.number > 1);
        let mut heads: Vec<&str> = vec![self.id];
        heads.extend(self.by.iter().map(String::as_str));
        if several {
            heads.extend(["DOSE_NUMBER", "OCCASION"]);
        }
        let keys = heads.len();
        heads.extend(columns.iter().map(|column| column.name.as_str()));
        let mut table = Table::new(title, "", &heads);
        for column in keys..heads.len() {
            table = table.right(column);
        }
        if columns.iter().any(|column| !column.unit.is_empty()) {
            let blank = std::iter::repeat_n(String::new(), keys);
            table.row(blank.chain(columns.iter().map(|column| column.unit.clone())));
        }
        for (case, result) in &self.rows {
            let mut cells = vec![case.id.clone()];
            cells.extend(case.by.iter().cloned());
            if several {
                cells.extend([case.number.to_string(), occasion(case).to_owned()]);
            }
            cells.extend(columns.iter().map(|column| match column.estimate(result) {
                Some(Ok(value)) => rounded(value, DIGITS),
                Some(Err(_)) => "–".to_owned(),
                None => String::new(),
            }));
            table.row(cells);
        }
        table
    }

    /// For each reason why something is missing: how many profiles lack which parameters.
    pub fn reasons(&self) -> Vec<String> {
        let mut found: Vec<(Absent, Vec<&str>, Vec<&str>)> = Vec::new();
        for (case, result) in &self.rows {
            for &(name, estimate) in &result.estimates {
                let Err(absent) = estimate else { continue };
                let index = found.iter().position(|(known, ..)| *known == absent).unwrap_or_else(|| {
                    found.push((absent, Vec::new(), Vec::new()));
                    found.len() - 1
                });
                let (_, names, cases) = &mut found[index];
                if !names.contains(&name) {
                    names.push(name);
                }
                if cases.last() != Some(&case.id.as_str()) {
                    cases.push(&case.id);
                }
            }
        }
        let sentence = |(absent, names, cases): &(Absent, Vec<&str>, Vec<&str>)| {
            let (names, cases) = (super::profiles::listed(names), super::profiles::listed(cases));
            format!("no {names}: {absent} ({} {cases})", self.id)
        };
        found.iter().map(sentence).collect()
    }
}

fn occasion(case: &Case) -> &'static str {
    match case.occasion {
        Occasion::First => "first dose",
        Occasion::SteadyState => "steady state",
        Occasion::Later => "later dose",
    }
}
