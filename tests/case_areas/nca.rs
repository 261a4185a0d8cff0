//! The runner of non-compartmental cases: `[analysis]` of a case says administration, dose and rules; the table gives
//! ID, TIME and CONC; the answer is one row of parameters for each ID. Nothing is decided by a case's name, and an
//! option that is not known is an error.

use regimen::math::noncompartmental::{
    Absent, Administration, BelowLimit, Measured, Occasion, Profile, Sample, Settings, TerminalPoints,
    Trapezoid, analyse,
};

/// Options of `[analysis]`; those without a meaning for the numbers are only checked to be texts.
const OPTIONS: [&str; 13] = [
    "method",
    "administration",
    "trapezoid",
    "dose",
    "dose_unit",
    "time_unit",
    "concentration_unit",
    "infusion_duration",
    "tau",
    "steady_state",
    "lambda_z_range",
    "partial",
    "below_limit",
];

/// Names that other programs give to the same parameters.
const OTHER_NAMES: [(&str, &str); 3] = [
    ("FLUCTUATION_PCT", "FLUCTUATIONPCT"),
    ("FLUCTUATION_PCT_TAU", "FLUCTUATIONPCT_TAU"),
    ("ACCUMULATION_INDEX", "ACCUMULATIONINDEX"),
];

/// Rows of (column, value) for a case; values at full precision, `NA` for none.
///
/// # Errors
/// A sentence: what of the case or its table is not understood.
pub fn compute(case: &toml::Table, input: &[Vec<String>]) -> Result<Vec<Vec<(String, String)>>, String> {
    let analysis = case.get("analysis").and_then(toml::Value::as_table).ok_or("no [analysis]")?;
    if let Some(unknown) = analysis.keys().find(|key| !OPTIONS.contains(&key.as_str())) {
        return Err(format!("the option `{unknown}` of [analysis] is not known"));
    }
    match text(analysis, "method")? {
        Some("nca") => {}
        other => return Err(format!("the method {other:?} is no non-compartmental analysis")),
    }
    let settings = settings(analysis)?;
    let below = match text(analysis, "below_limit")? {
        None | Some("zero-outside") => BelowLimit::ZeroOutside,
        Some("zero") => BelowLimit::Zero,
        Some("omit") => BelowLimit::Omit,
        Some(other) => return Err(format!("below_limit = {other:?} is not known")),
    };
    let subjects = subjects(input)?;
    subjects.iter().map(|(id, samples)| row(id, samples, below, &settings)).collect()
}

fn row(
    id: &str,
    samples: &[Sample],
    below: BelowLimit,
    settings: &Settings,
) -> Result<Vec<(String, String)>, String> {
    let profile = Profile::new(samples, below).map_err(|error| format!("ID {id}: {error}"))?;
    let result = analyse(&profile, settings);
    let shown = |estimate: Result<f64, Absent>| estimate.map_or("NA".to_owned(), |value| value.to_string());
    let mut row = vec![("ID".to_owned(), id.to_owned())];
    row.extend(result.estimates.iter().map(|&(name, estimate)| (name.to_owned(), shown(estimate))));
    for (name, other) in OTHER_NAMES {
        row.extend(result.get(name).map(|estimate| (other.to_owned(), shown(estimate))));
    }
    for ((from, to), &area) in settings.spans.iter().zip(&result.spans) {
        row.push((format!("AUC_{from}_{to}"), shown(area)));
    }
    Ok(row)
}

fn settings(analysis: &toml::Table) -> Result<Settings, String> {
    for unit in ["dose_unit", "time_unit", "concentration_unit"] {
        text(analysis, unit)?;
    }
    let duration = number(analysis, "infusion_duration")?;
    let administration = match (text(analysis, "administration")?, duration) {
        (Some("bolus"), None) => Administration::Bolus,
        (Some("extravascular"), None) => Administration::Extravascular,
        (Some("infusion"), Some(duration)) => Administration::Infusion(duration),
        other => return Err(format!("administration and infusion_duration do not fit: {other:?}")),
    };
    let trapezoid = match text(analysis, "trapezoid")? {
        Some("linear") => Trapezoid::Linear,
        Some("linear-up-log-down") => Trapezoid::LinearUpLogDown,
        Some("linear-log") => Trapezoid::LinearToPeakThenLog,
        other => return Err(format!("trapezoid = {other:?} is not known")),
    };
    let tau = number(analysis, "tau")?;
    let steady = match analysis.get("steady_state") {
        None => false,
        Some(value) => value.as_bool().ok_or("steady_state is true or false")?,
    };
    if steady && tau.is_none() {
        return Err("steady_state needs tau".to_owned());
    }
    let ranges = pairs(analysis, "lambda_z_range")?;
    let terminal = match ranges.as_slice() {
        [] => TerminalPoints::BestFit,
        [(from, to)] => TerminalPoints::Between(*from, *to),
        _ => return Err("lambda_z_range is one pair of times".to_owned()),
    };
    Ok(Settings {
        administration,
        dose: number(analysis, "dose")?,
        occasion: if steady { Occasion::SteadyState } else { Occasion::First },
        tau,
        trapezoid,
        terminal,
        spans: pairs(analysis, "partial")?,
    })
}

fn text<'a>(table: &'a toml::Table, key: &str) -> Result<Option<&'a str>, String> {
    table.get(key).map(|value| value.as_str().ok_or(format!("{key} is no text"))).transpose()
}

fn as_number(value: &toml::Value) -> Option<f64> {
    value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64))
}

fn number(table: &toml::Table, key: &str) -> Result<Option<f64>, String> {
    table.get(key).map(|value| as_number(value).ok_or(format!("{key} is no number"))).transpose()
}

/// `[from, to]` or a list of such.
fn pairs(table: &toml::Table, key: &str) -> Result<Vec<(f64, f64)>, String> {
    let Some(value) = table.get(key) else { return Ok(Vec::new()) };
    let wrong = || format!("{key} is [from, to] or a list of such");
    let list = value.as_array().ok_or_else(wrong)?;
    let pair = |value: &[toml::Value]| match value {
        [from, to] => as_number(from).zip(as_number(to)),
        _ => None,
    };
    if let Some(one) = pair(list) {
        return Ok(vec![one]);
    }
    list.iter().map(|value| value.as_array().and_then(|list| pair(list)).ok_or_else(wrong)).collect()
}

/// Samples by ID, in the order of the table. `BLQ` is a sample below the limit, `NA`, `.` and nothing is none.
fn subjects(input: &[Vec<String>]) -> Result<Vec<(String, Vec<Sample>)>, String> {
    let (header, rows) = input.split_first().ok_or("the table is empty")?;
    let column = |name: &str| {
        header.iter().position(|column| column == name).ok_or(format!("there is no column {name}"))
    };
    if let Some(unknown) = header.iter().find(|name| !["ID", "TIME", "CONC"].contains(&name.as_str())) {
        return Err(format!("the column {unknown} is not known"));
    }
    let (id, time, concentration) = (column("ID")?, column("TIME")?, column("CONC")?);
    let mut subjects: Vec<(String, Vec<Sample>)> = Vec::new();
    for (line, row) in rows.iter().enumerate() {
        let cell = |column: usize| row.get(column).map_or("", |cell| cell.trim());
        let read = |column: usize| {
            cell(column)
                .parse::<f64>()
                .map_err(|_| format!("row {}: {:?} is no number", line + 1, cell(column)))
        };
        let measured = match cell(concentration) {
            "NA" | "." | "" => continue,
            "BLQ" | "BQL" => Measured::BelowLimit,
            _ => Measured::Value(read(concentration)?),
        };
        let sample = Sample { time: read(time)?, measured };
        match subjects.iter_mut().find(|(known, _)| known == cell(id)) {
            Some((_, samples)) => samples.push(sample),
            None => subjects.push((cell(id).to_owned(), vec![sample])),
        }
    }
    Ok(subjects)
}
