//! The table of concentrations and doses: NONMEM's columns, each fault with its line and column. Lines and cells are read as
//! those of every table ([`crate::dataset`]); what they mean to an analysis is said here.
//!
//! One function, [`read`], turns a text into [`Record`]s in the order of the file; nothing is sorted or filled in here.

use crate::dataset::{Cell, Lines};
use crate::diagnostic::{Diagnostic, FileId, Span, closest};
use crate::math::noncompartmental::Measured;

/// Faults shown of one file.
const MOST_ERRORS: usize = 20;

/// Cells in the column of concentrations that say "below the limit".
const BELOW: [&str; 7] = ["BLQ", "BQL", "BLOQ", "LLOQ", "BLD", "blq", "bql"];

/// Columns asked for by name.
#[derive(Debug)]
pub struct Columns<'a> {
    pub id: &'a str,
    pub time: &'a str,
    pub by: &'a [String],
    /// `None` where only the doses are wanted.
    pub concentration: Option<Wanted<'a>>,
}

/// Which column holds concentrations.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// The user's name for it; else DV or CONC.
    pub name: Option<&'a str>,
    /// Limit of quantification where no column says it.
    pub lloq: Option<f64>,
}

/// One line that says something.
#[derive(Debug)]
pub struct Record {
    pub id: String,
    /// Cells of the columns that tell profiles apart; `None` where a cell is missing.
    pub by: Vec<Option<String>>,
    pub time: f64,
    pub what: What,
    pub place: Span,
}

/// What it says.
#[derive(Debug, Clone, Copy)]
pub enum What {
    Sample(Measured),
    Dose(Given),
    /// The body is emptied (EVID 3, and 4 with a dose).
    Reset(Option<Given>),
}

/// A dose as recorded.
#[derive(Debug, Clone, Copy)]
pub struct Given {
    pub amount: f64,
    pub input: Input,
    /// II.
    pub interval: Option<f64>,
    /// ADDL.
    pub additional: usize,
    /// SS = 1.
    pub steady: bool,
}

/// What RATE says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Input {
    /// 0 or missing.
    AtOnce,
    /// Above 0: amount over rate.
    Over(f64),
    /// -1, -2: a model knows.
    Modelled,
}

/// NONMEM's columns, by the names in [`KNOWN`].
#[derive(Clone, Copy)]
enum Known {
    Amount,
    Event,
    Rate,
    Interval,
    Additional,
    SteadyState,
    Missing,
    Below,
    Censored,
    Limit,
}

const KNOWN: [&str; 10] = ["AMT", "EVID", "RATE", "II", "ADDL", "SS", "MDV", "BLQ", "CENS", "LLOQ"];

/// Columns found, by their place in a line.
struct Header {
    names: Vec<String>,
    known: [Option<usize>; 10],
    id: usize,
    time: usize,
    by: Vec<usize>,
    concentration: Option<usize>,
}

/// Reads a table. `None` with findings where anything in it is wrong.
pub fn read(
    file: FileId,
    text: &str,
    columns: &Columns<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<Record>> {
    let mut lines = Lines::new(Box::new(text.as_bytes()));
    let header = match lines.advance() {
        Ok(true) => header(&lines, file, columns, diagnostics)?,
        found => {
            diagnostics.push(*unread(&lines, file, found.err()));
            return None;
        }
    };
    let lloq = columns.concentration.as_ref().and_then(|wanted| wanted.lloq);
    let mut records = Vec::new();
    let mut faults: Vec<Diagnostic> = Vec::new();
    let mut faulty = 0_usize;
    loop {
        let found = match lines.advance() {
            Ok(false) => break,
            Ok(true) => Line { header: &header, lines: &lines, file }.record(lloq),
            Err(why) => Err(unread(&lines, file, Some(why))),
        };
        match found {
            Ok(record) => records.extend(record),
            Err(fault) => {
                faulty += 1;
                if faulty <= MOST_ERRORS {
                    faults.push(*fault);
                }
            }
        }
    }
    diagnostics.append(&mut faults);
    if faulty > MOST_ERRORS {
        let more = faulty - MOST_ERRORS;
        diagnostics.push(Diagnostic::plain(format!("{more} more faults in this table are not shown")));
    }
    (faulty == 0).then_some(records)
}

/// Why a line cannot be read; without a reason, the table has none.
fn unread(lines: &Lines<'_>, file: FileId, why: Option<String>) -> Fault {
    let place = place(lines, file);
    Box::new(match why {
        Some(why) => Diagnostic::error(why, place, "this line").help("repair the line"),
        None => Diagnostic::error("this table is empty", place, "no header")
            .help("the first line names the columns, such as `ID,TIME,AMT,EVID,DV`"),
    })
}

/// The present line.
fn place(lines: &Lines<'_>, file: FileId) -> Span {
    Span { file, start: lines.offset(), end: lines.offset() + lines.text().len() }
}

fn header(
    lines: &Lines<'_>,
    file: FileId,
    columns: &Columns<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Header> {
    // NONMEM's tables may have a `#` in front of the header.
    let name = |cell: usize| match cell {
        0 => lines.cell(0).trim_start_matches('#').trim_start().to_owned(),
        _ => lines.cell(cell).to_owned(),
    };
    let names: Vec<String> = (0..lines.len()).map(name).collect();
    let place = place(lines, file);
    let twice = names.iter().enumerate().find(|(index, name)| {
        let before = &names[..*index];
        let alike = |other: &String| other.eq_ignore_ascii_case(name);
        !name.is_empty() && (before.contains(name) || (means(name) && before.iter().any(alike)))
    });
    if let Some((_, name)) = twice {
        let finding = Diagnostic::error(format!("the column `{name}` stands twice"), place, "in this header");
        diagnostics.push(finding.help("name each column once"));
        return None;
    }
    let mut find = |name: &str, option: &str| {
        let found = position(&names, name);
        if found.is_none() {
            let known = names.iter().map(String::as_str);
            let help = match closest(name, known) {
                Some(near) => format!("did you mean `{near}`? then {option} {near}"),
                None => format!("name the column: {option} COLUMN; there are: {}", names.join(", ")),
            };
            let finding = Diagnostic::error(format!("there is no column `{name}`"), place, "the columns");
            diagnostics.push(finding.help(help));
        }
        found
    };
    let concentration = columns.concentration.as_ref().map(|wanted| {
        let usual = if position(&names, "DV").is_none() && position(&names, "CONC").is_some() {
            "CONC"
        } else {
            "DV"
        };
        find(wanted.name.unwrap_or(usual), "--concentration")
    });
    let id = find(columns.id, "--id");
    let time = find(columns.time, "--time");
    let by: Vec<Option<usize>> = columns.by.iter().map(|name| find(name, "--by")).collect();
    let by = match columns.concentration {
        Some(_) => by.into_iter().collect::<Option<Vec<usize>>>()?,
        // A table of doses alone need not know what tells its profiles apart.
        None => by.into_iter().map(|found| found.unwrap_or(usize::MAX)).collect(),
    };
    let concentration = match concentration {
        Some(found) => Some(found?),
        None => None,
    };
    let known = KNOWN.map(|name| position(&names, name).filter(|&column| Some(column) != concentration));
    Some(Header { id: id?, time: time?, by, concentration, known, names })
}

/// Whether a column of this name is read whatever its letter case.
fn means(name: &str) -> bool {
    ["ID", "TIME"].into_iter().chain(KNOWN).any(|known| known.eq_ignore_ascii_case(name))
}

/// The column of this name, letter case aside where none has it exactly.
fn position(names: &[String], name: &str) -> Option<usize> {
    let exact = names.iter().position(|known| known == name);
    exact.or_else(|| names.iter().position(|known| known.eq_ignore_ascii_case(name)))
}

/// A fault of one line.
type Fault = Box<Diagnostic>;

/// One line of the table.
struct Line<'a> {
    header: &'a Header,
    lines: &'a Lines<'a>,
    file: FileId,
}

impl Line<'_> {
    fn record(&self, lloq: Option<f64>) -> Result<Option<Record>, Fault> {
        // Cells behind the last column are empty at most: a decimal comma shifts what stands behind it.
        let (width, found) = (self.header.names.len(), self.lines.len());
        if (width..found).any(|cell| !self.cell(cell).is_empty()) {
            let message = format!("this line has {found} cells, but the header has {width}");
            return Err(Box::new(Diagnostic::error(message, self.place(), "this line").help(
                "write decimals with a point, `71.5`; columns are separated by what the header has most of: comma, \
                 semicolon or tab",
            )));
        }
        let Some(what) = self.what(lloq)? else { return Ok(None) };
        let id = self.lines.unquoted(self.header.id);
        if Cell::read(&id) == Cell::Missing {
            return Err(self.fault(self.header.id, "is missing", "name the subject of every line"));
        }
        let Some(time) = self.number(self.header.time)? else {
            return Err(self.fault(self.header.time, "is missing", "give the time of every sample and dose"));
        };
        let by = self.header.by.iter().map(|&column| {
            let cell = self.lines.unquoted(column);
            (Cell::read(&cell) != Cell::Missing).then(|| cell.into_owned())
        });
        Ok(Some(Record { id: id.into_owned(), by: by.collect(), time, what, place: self.place() }))
    }

    /// Sample, dose or reset; `None` where the line says nothing (EVID 2, MDV 1, no concentration).
    fn what(&self, lloq: Option<f64>) -> Result<Option<What>, Fault> {
        let amount = self.named(Known::Amount)?;
        let kind = match self.column(Known::Event) {
            Some(column) => match self.number(column)?.unwrap_or(0.0) {
                0.0 => 0,
                1.0 => 1,
                2.0 => return Ok(None),
                3.0 => 3,
                4.0 => 4,
                _ => {
                    let help = "EVID is 0 (sample), 1 (dose), 2 (other), 3 (reset) or 4 (reset and dose)";
                    return Err(self.fault(column, "is no kind of event", help));
                }
            },
            None => u8::from(amount.is_some_and(|amount| amount != 0.0)),
        };
        match kind {
            1 => Ok(Some(What::Dose(self.given(amount)?))),
            3 => Ok(Some(What::Reset(None))),
            4 => Ok(Some(What::Reset(Some(self.given(amount)?)))),
            _ if self.named(Known::Missing)?.is_some_and(|missing| missing != 0.0) => Ok(None),
            _ => Ok(self.sample(lloq)?.map(What::Sample)),
        }
    }

    fn sample(&self, lloq: Option<f64>) -> Result<Option<Measured>, Fault> {
        let Some(column) = self.header.concentration else { return Ok(None) };
        for flag in [Known::Below, Known::Censored] {
            if self.named(flag)?.is_some_and(|below| below == 1.0) {
                return Ok(Some(Measured::BelowLimit));
            }
        }
        let cell = self.cell(column);
        if BELOW.contains(&cell) || cell.starts_with('<') {
            return Ok(Some(Measured::BelowLimit));
        }
        let Some(value) = self.number(column)? else { return Ok(None) };
        if self.named(Known::Limit)?.or(lloq).is_some_and(|limit| value < limit) {
            return Ok(Some(Measured::BelowLimit));
        }
        if value < 0.0 {
            let help = "a concentration is not negative; mark samples below the limit of quantification with BLQ, or \
                        give the limit: --lloq";
            return Err(self.fault(column, "is negative", help));
        }
        Ok(Some(Measured::Value(value)))
    }

    fn given(&self, amount: Option<f64>) -> Result<Given, Fault> {
        let amount = match (amount, self.column(Known::Amount)) {
            (Some(amount), _) if amount >= 0.0 => amount,
            (_, Some(column)) => return Err(self.fault(column, "is no amount", "give the dose, 0 or more")),
            (_, None) => {
                let finding = Diagnostic::error("a dose without a column AMT", self.place(), "this line");
                return Err(Box::new(finding.help("give amounts in a column AMT")));
            }
        };
        let input = match self.named(Known::Rate)?.unwrap_or(0.0) {
            0.0 => Input::AtOnce,
            rate if rate > 0.0 => Input::Over(amount / rate),
            _ => Input::Modelled,
        };
        let interval = self.named(Known::Interval)?.filter(|interval| *interval > 0.0);
        let additional = self.named(Known::Additional)?.unwrap_or(0.0);
        if let (Some(column), true) =
            (self.column(Known::Additional), additional != additional.trunc() || additional > 1e6)
        {
            return Err(self.fault(column, "is no number of doses", "a whole number"));
        }
        if additional > 0.0 && interval.is_none() {
            let finding =
                Diagnostic::error("further doses (ADDL) without an interval", self.place(), "this line");
            return Err(Box::new(finding.help("give the interval in the column II")));
        }
        let steady = self.named(Known::SteadyState)?.unwrap_or(0.0) == 1.0;
        let endless = amount == 0.0 && input != Input::AtOnce;
        if let (Some(column), true, None) = (self.column(Known::SteadyState), steady && !endless, interval) {
            let help = "give the time between doses in the column II";
            return Err(self.fault(column, "is a steady state without a time between doses", help));
        }
        // A negative ADDL is none, as NONMEM has it.
        Ok(Given { amount, input, interval, additional: additional.max(0.0) as usize, steady })
    }

    fn column(&self, name: Known) -> Option<usize> {
        self.header.known[name as usize]
    }

    fn place(&self) -> Span {
        place(self.lines, self.file)
    }

    fn cell(&self, column: usize) -> &str {
        self.lines.cell(column)
    }

    /// The number in a column that may not be there.
    fn named(&self, name: Known) -> Result<Option<f64>, Fault> {
        self.column(name).map_or(Ok(None), |column| self.number(column))
    }

    fn number(&self, column: usize) -> Result<Option<f64>, Fault> {
        match Cell::read(self.cell(column)) {
            Cell::Missing => Ok(None),
            Cell::Number(value) => Ok(Some(value)),
            Cell::Text(_) => {
                Err(self.fault(column, "is no number", "write a number, or `.` where there is none"))
            }
        }
    }

    /// A finding under a cell.
    fn fault(&self, column: usize, what: &str, help: &str) -> Fault {
        let name = self.header.names.get(column).map_or("", String::as_str);
        let cell = self.cell(column);
        let subject = if cell.is_empty() { name.to_owned() } else { format!("`{cell}`") };
        let message = format!("{subject} in the column `{name}` {what}");
        let (range, offset) = (self.lines.range(column), self.lines.offset());
        let place = Span { file: self.file, start: offset + range.start, end: offset + range.end };
        Box::new(Diagnostic::error(message, place, name).help(help))
    }
}
