//! The header of a table of records: which column holds what. A name that nothing explains is an error, so that a
//! misspelt `AMT` is no table without doses.

use super::clock::DateOrder;
use super::fault::{Faults, Finding};
use super::line::Lines;
use crate::diagnostic::closest;
use crate::model::{Model, NamedUnit};

/// How a table is to be read.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Unit of TIME, II and of the time in RATE; without one, the model's.
    pub time_unit: Option<NamedUnit>,
    /// Columns that are of no concern.
    pub ignored: Vec<String>,
    /// Covariates (indices) whose values come from a table of parameters.
    pub elsewhere: Vec<usize>,
    /// The column that tells occasions apart, where it is to be read.
    pub occasion: Option<String>,
    /// A table without doses is meant, though the model can be dosed.
    pub undosed: bool,
}

/// Columns that other programs read, and that change nothing here.
const WITHOUT_MEANING: [&str; 12] =
    ["DV", "MDV", "DVID", "LIMIT", "CENS", "BLQ", "LLOQ", "ROW", "REP", "ARM", "OCC", "C"];

/// Cells of a row by their meaning.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub id: usize,
    pub time: usize,
    pub date: Option<(usize, DateOrder)>,
    pub amount: Option<usize>,
    pub event: Option<usize>,
    pub compartment: Option<usize>,
    pub rate: Option<usize>,
    pub interval: Option<usize>,
    pub additional: Option<usize>,
    pub steady_state: Option<usize>,
    pub occasion: Option<usize>,
    pub duration: Option<usize>,
    pub stop: Option<usize>,
    /// (cell, covariate)
    pub covariates: Vec<(usize, usize)>,
    /// (cell, control)
    pub controls: Vec<(usize, usize)>,
    /// Number of cells.
    pub width: usize,
}

/// The meaning of a name with which every table is read.
#[derive(PartialEq)]
enum Known {
    Id,
    Time,
    Date(DateOrder),
    Amount,
    Event,
    Compartment,
    Rate,
    Interval,
    Additional,
    SteadyState,
    Duration,
    Stop,
    WithoutMeaning,
}

/// Names with a meaning of their own, for "did you mean".
const NAMES: [&str; 15] = [
    "ID", "TIME", "DATE", "DAT1", "DAT2", "DAT3", "AMT", "EVID", "CMT", "RATE", "DUR", "II", "ADDL", "SS",
    "STOP",
];

fn known(name: &str) -> Option<Known> {
    let upper = name.to_ascii_uppercase();
    Some(match upper.as_str() {
        "ID" => Known::Id,
        "TIME" => Known::Time,
        "DATE" => Known::Date(DateOrder::MonthDayYear),
        "DAT1" => Known::Date(DateOrder::DayMonthYear),
        "DAT2" => Known::Date(DateOrder::YearMonthDay),
        "DAT3" => Known::Date(DateOrder::YearDayMonth),
        "AMT" => Known::Amount,
        "EVID" => Known::Event,
        "CMT" => Known::Compartment,
        "RATE" => Known::Rate,
        "II" => Known::Interval,
        "ADDL" => Known::Additional,
        "SS" => Known::SteadyState,
        "DUR" => Known::Duration,
        "STOP" => Known::Stop,
        other if WITHOUT_MEANING.contains(&other) => Known::WithoutMeaning,
        _ => return None,
    })
}

impl Columns {
    /// Reads the present line as the header. Of a faulty one, what could be read.
    pub(super) fn read(lines: &Lines<'_>, model: &Model, options: &Options, faults: &mut Faults) -> Self {
        let mut columns = Columns { width: lines.len(), ..Columns::default() };
        let (mut id, mut time) = (None, None);
        let ignored = ignored(lines, options, faults);
        let kept: Vec<usize> = (0..lines.len()).filter(|cell| !ignored.contains(cell)).collect();
        for (place, &cell) in kept.iter().enumerate() {
            let name = name(lines, cell);
            let before = kept[..place].iter().map(|other| self::name(lines, *other));
            if let Some(finding) = twice(name, before) {
                faults.cell(lines, cell, finding);
                continue;
            }
            let covariates = columns.add_covariates(name, cell, model, options);
            let occasion =
                options.occasion.as_ref().is_some_and(|occasion| occasion.eq_ignore_ascii_case(name));
            if occasion {
                columns.occasion = Some(cell);
            }
            let control = model.control(name);
            columns.controls.extend(control.map(|control| (cell, control)));
            match known(name) {
                Some(Known::Id) => id = Some(cell),
                Some(Known::Time) => time = Some(cell),
                Some(Known::Date(order)) => columns.date = Some((cell, order)),
                Some(Known::Amount) => columns.amount = Some(cell),
                Some(Known::Event) => columns.event = Some(cell),
                Some(Known::Compartment) => columns.compartment = Some(cell),
                Some(Known::Rate) => columns.rate = Some(cell),
                Some(Known::Interval) => columns.interval = Some(cell),
                Some(Known::Additional) => columns.additional = Some(cell),
                Some(Known::SteadyState) => columns.steady_state = Some(cell),
                Some(Known::Duration) => columns.duration = Some(cell),
                Some(Known::Stop) => columns.stop = Some(cell),
                Some(Known::WithoutMeaning) => {}
                None if covariates || occasion || control.is_some() => {}
                None => faults.cell(lines, cell, unknown(name, model)),
            }
        }
        columns.id = needed(id, "ID", "which subject a row belongs to", lines, faults);
        columns.time = needed(time, "TIME", "when a record is", lines, faults);
        let names: Vec<&str> = kept.iter().map(|cell| name(lines, *cell)).collect();
        columns.check_covariates(lines, &names, model, options, faults);
        if let (Some(wanted), None) = (&options.occasion, columns.occasion) {
            faults.line(lines, no_occasions(wanted, &names));
        }
        columns
    }

    fn add_covariates(&mut self, name: &str, cell: usize, model: &Model, options: &Options) -> bool {
        let mut found = false;
        for (number, covariate) in model.covariates.iter().enumerate() {
            if covariate.column.as_ref().unwrap_or(&covariate.name) == name {
                found = true;
                if !options.elsewhere.contains(&number) {
                    self.covariates.push((cell, number));
                }
            }
        }
        found
    }

    fn check_covariates(
        &self,
        lines: &Lines<'_>,
        names: &[&str],
        model: &Model,
        options: &Options,
        faults: &mut Faults,
    ) {
        for (number, covariate) in model.covariates.iter().enumerate() {
            let here = self.covariates.iter().any(|(_, known)| *known == number);
            if here || options.elsewhere.contains(&number) {
                continue;
            }
            let column = covariate.column.as_ref().unwrap_or(&covariate.name);
            let meant = closest(column, names.iter().copied())
                .map_or(String::new(), |near| format!("; is it `{near}`?"));
            faults.line(
                lines,
                Finding::new(
                    format!("the table has no column `{column}`, a covariate of the model"),
                    "missing in this header",
                    format!(
                        "add it, in {}, name another with `column = \"…\"` in the model's [covariates], or give it by ID with \
                         --parameters{meant}",
                        covariate.unit.name
                    ),
                ),
            );
        }
    }
}

/// The name of a column; NONMEM's tables may have a `#` in front of the header.
fn name<'l>(lines: &'l Lines<'_>, cell: usize) -> &'l str {
    let name = lines.cell(cell);
    if cell == 0 { name.trim_start_matches('#').trim_start() } else { name }
}

/// The cells that --ignore names; letter case counts only where columns differ by it. A name that is no column's is an error.
fn ignored(lines: &Lines<'_>, options: &Options, faults: &mut Faults) -> Vec<usize> {
    let mut cells = Vec::new();
    for ignored in &options.ignored {
        let all = || (0..lines.len()).map(|cell| (cell, name(lines, cell)));
        let before = cells.len();
        cells.extend(all().filter(|(_, name)| name == ignored).map(|(cell, _)| cell));
        if cells.len() == before {
            cells.extend(all().filter(|(_, name)| name.eq_ignore_ascii_case(ignored)).map(|(cell, _)| cell));
        }
        if cells.len() == before {
            let help = match closest(ignored, all().map(|(_, name)| name)) {
                Some(near) => format!("did you mean --ignore {near}?"),
                None => "name a column of this table".to_owned(),
            };
            let message = format!("there is no column `{ignored}` to --ignore");
            faults.line(lines, Finding::new(message, "the columns", help));
        }
    }
    cells
}

/// The finding for a column that says what one before it says: by the same name, or by another with the same meaning.
fn twice<'l>(name: &str, mut before: impl Iterator<Item = &'l str>) -> Option<Finding> {
    if name.is_empty() {
        return None;
    }
    let meaning = known(name).filter(|meaning| *meaning != Known::WithoutMeaning);
    let same = |other: &str| {
        let alike = match (&meaning, known(other)) {
            (Some(Known::Date(_)), Some(Known::Date(_))) => true,
            (Some(meaning), Some(other)) => *meaning == other,
            _ => false,
        };
        other == name || alike
    };
    let other = before.find(|other| same(other))?;
    let message = if other == name {
        format!("the column `{name}` stands twice")
    } else {
        format!("the columns `{other}` and `{name}` mean the same")
    };
    Some(Finding::new(message, "again here", "name each column once"))
}

/// What varies between occasions needs to know which is which.
fn no_occasions(wanted: &str, names: &[&str]) -> Finding {
    let meant =
        closest(wanted, names.iter().copied()).map_or(String::new(), |near| format!("; is it `{near}`?"));
    Finding::new(
        format!("the table has no column `{wanted}`, but the model varies between occasions"),
        "missing in this header",
        format!("add it, a number for each occasion, or name another with --occasion COLUMN{meant}"),
    )
}

fn needed(found: Option<usize>, name: &str, what: &str, lines: &Lines<'_>, faults: &mut Faults) -> usize {
    found.unwrap_or_else(|| {
        let finding = Finding::new(
            format!("the table has no column {name}"),
            "missing in this header",
            format!("{name} says {what}; add it, or rename the column that does"),
        );
        faults.line(lines, finding);
        0
    })
}

fn unknown(name: &str, model: &Model) -> Finding {
    if name.is_empty() {
        return Finding::new(
            "a column without a name",
            "no name",
            "name it, or remove it: nothing may stand behind the last separator of the header; --ignore \"\" leaves it out of \
             account",
        );
    }
    let covariates = model.covariates.iter().map(|covariate| covariate.name.as_str());
    let controls = model.controls.iter().map(|control| control.name.as_str());
    let meant = closest(name, NAMES.into_iter().chain(covariates).chain(controls));
    let meant = meant.map_or(String::new(), |near| format!("did you mean `{near}`? If not, "));
    Finding::new(
        format!("`{name}` is no column of records and no covariate of the model"),
        "unknown",
        format!("{meant}leave it out of account with --ignore {name}"),
    )
}
