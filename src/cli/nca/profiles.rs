//! From records to profiles: which samples follow which dose, which of the doses are at steady state, and what is
//! wrong with times and routes. Every dose starts a profile, which ends with the next one.

use std::collections::HashMap;

use super::options::{NcaOptions, Route};
use super::records::{Given, Input, Record, What};
use crate::diagnostic::{Diagnostic, Span};
use crate::math::noncompartmental::{Administration, Measured, Occasion, Sample};

/// Faults shown of one kind of table.
const MOST_ERRORS: usize = 20;

/// How much two intervals may differ that are the same but for the rounding of clock times.
const SAME: f64 = 1e-9;

/// One profile in front of its analysis.
#[derive(Debug)]
pub struct Case {
    /// Subject.
    pub id: String,
    /// What tells its profiles apart beside the dose.
    pub by: Vec<String>,
    /// From the first one or the last reset on, doses are compared with the first one of the same course.
    pub course: usize,
    /// Number of the dose within the course, from 1.
    pub number: usize,
    /// Time of the dose in the table.
    pub dose_time: f64,
    /// Amount, where it is known.
    pub dose: Option<f64>,
    pub administration: Administration,
    pub occasion: Occasion,
    pub tau: Option<f64>,
    /// With times after the dose.
    pub samples: Vec<Sample>,
}

/// A place in the order of events: course, time, row. What ADDL implies arrives before the rows of its time.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
struct Moment(usize, f64, usize);

#[derive(Debug, Clone)]
struct Dose {
    at: Moment,
    amount: Option<f64>,
    input: Input,
    steady: bool,
    /// Of its series.
    interval: Option<f64>,
    place: Option<Span>,
}

/// One subject (and analyte, period, …).
struct Group<'a> {
    id: &'a str,
    by: Vec<String>,
    events: Vec<&'a Record>,
}

/// Builds the profiles of every subject. Faults go to `diagnostics`; subjects without any dose to a warning there.
pub fn assemble(
    records: &[Record],
    doses: Option<&[Record]>,
    options: &NcaOptions,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Case> {
    let mut faults: Vec<Diagnostic> = Vec::new();
    let dosed = doses
        .unwrap_or(records)
        .iter()
        .any(|record| !matches!(record.what, What::Sample(_) | What::Reset(None)));
    let fixed = options.dose.is_some() || options.no_dose;
    if dosed && fixed {
        let option = if options.no_dose { "--no-dose" } else { "--dose" };
        faults.push(
            Diagnostic::plain(format!("the table holds doses, and {option} is given")).help("leave one out"),
        );
    } else if !dosed && !fixed {
        let (message, help) = match doses {
            Some(_) => (
                "the table of --doses holds no dose",
                "a dose is a line with EVID 1 or 4, or with AMT above 0",
            ),
            None => (
                "the table holds no dose, so there is nothing to relate clearance and times to",
                "give doses in the columns AMT and EVID, in another table (--doses FILE), or as one dose at time 0 \
                 (--dose AMOUNT); for exposure without clearance: --no-dose",
            ),
        };
        faults.push(Diagnostic::plain(message).help(help));
    }
    let groups = if faults.is_empty() { groups(records, doses, &mut faults) } else { Vec::new() };
    let mut cases = Vec::new();
    let mut undosed: Vec<&str> = Vec::new();
    for group in &groups {
        match profiles(group, options, doses.is_some()) {
            Ok(found) if found.is_empty() => undosed.push(group.id),
            Ok(found) => cases.extend(found),
            Err(fault) => faults.push(*fault),
        }
    }
    let more = faults.len().saturating_sub(MOST_ERRORS);
    faults.truncate(MOST_ERRORS);
    diagnostics.append(&mut faults);
    if more > 0 {
        diagnostics.push(Diagnostic::plain(format!("{more} more subjects with faults are not shown")));
    }
    if !undosed.is_empty() {
        let message = format!("no samples behind a dose, left out: {}", listed(&undosed));
        diagnostics.push(Diagnostic::plain(message).help("a profile is the samples behind a dose").warning());
    }
    cases
}

/// The first few of many names.
pub fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 8;
    let mut text = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text.push_str(&format!(" and {} more", names.len() - SHOWN));
    }
    text
}

/// Groups in the order of their first sample. Lines without a cell in a column of `--by` belong to every group of their
/// subject.
fn groups<'a>(
    records: &'a [Record],
    doses: Option<&'a [Record]>,
    faults: &mut Vec<Diagnostic>,
) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut known: HashMap<(&str, Vec<&str>), usize> = HashMap::new();
    let mut of_subject: HashMap<&str, Vec<usize>> = HashMap::new();
    for record in records.iter().filter(|record| matches!(record.what, What::Sample(_))) {
        let by: Option<Vec<&str>> = record.by.iter().map(Option::as_deref).collect();
        let Some(by) = by else {
            let finding =
                Diagnostic::error("a cell of the columns of --by is missing", record.place, "this sample");
            faults.push(finding.help("say to which profile the sample belongs"));
            continue;
        };
        known.entry((record.id.as_str(), by.clone())).or_insert_with(|| {
            let by = by.iter().map(ToString::to_string).collect();
            of_subject.entry(&record.id).or_default().push(groups.len());
            groups.push(Group { id: &record.id, by, events: Vec::new() });
            groups.len() - 1
        });
    }
    let dosing = doses.unwrap_or(&[]).iter().filter(|record| !matches!(record.what, What::Sample(_)));
    let sampled = |record: &&Record| doses.is_none() || matches!(record.what, What::Sample(_));
    for record in dosing.chain(records.iter().filter(sampled)) {
        for &group in of_subject.get(record.id.as_str()).into_iter().flatten() {
            let fits = record.by.iter().zip(&groups[group].by);
            if fits.clone().all(|(cell, own)| cell.as_ref().is_none_or(|cell| cell == own)) {
                groups[group].events.push(record);
            }
        }
    }
    groups
}

/// A fault of one subject.
type Fault = Box<Diagnostic>;

type Timed = (Moment, Measured);

/// The profiles of one group; none where it has no dose or no sample behind one.
fn profiles(group: &Group<'_>, options: &NcaOptions, apart: bool) -> Result<Vec<Case>, Fault> {
    let (mut doses, samples) = events(group, apart)?;
    if doses.is_empty() && (options.dose.is_some() || options.no_dose) {
        doses.push(Dose {
            at: Moment(0, options.dose_time, 0),
            amount: options.dose,
            input: Input::AtOnce,
            steady: false,
            interval: None,
            place: None,
        });
    }
    let doses = merged(doses)?;
    let mut cases = Vec::new();
    let mut number = 0;
    let mut steady = None;
    for (index, dose) in doses.iter().enumerate() {
        let course = dose.at.0;
        let same_course = |other: &&Dose| other.at.0 == course;
        let next = doses.get(index + 1).filter(same_course);
        let previous = index.checked_sub(1).map(|before| &doses[before]).filter(same_course);
        number = if previous.is_some() { number + 1 } else { 1 };
        steady = steady_regimen(dose, previous, steady);
        let administration = administration(dose, options)?;
        let samples = behind(&samples, dose, next, administration);
        if samples.is_empty() {
            continue;
        }
        let stated = options.steady_state_from.is_some_and(|from| dose.at.1 >= from);
        let occasion = match (stated || steady.is_some(), previous) {
            (true, _) => Occasion::SteadyState,
            (false, None) => Occasion::First,
            (false, Some(_)) => Occasion::Later,
        };
        let tau = interval(dose, previous, next, options)?;
        if occasion == Occasion::SteadyState && tau.is_none() {
            let finding =
                Diagnostic::plain(format!("ID {}: steady state without a dosing interval", group.id));
            return Err(Box::new(finding.help("give it: --tau, or II in the table")));
        }
        cases.push(Case {
            id: group.id.to_owned(),
            by: group.by.clone(),
            course,
            number,
            dose_time: dose.at.1,
            dose: dose.amount,
            administration,
            occasion,
            tau,
            samples,
        });
    }
    Ok(cases)
}

/// Doses and samples of a group, in order; `apart` where the doses come from another table and their order among the
/// samples is that of time.
fn events(group: &Group<'_>, apart: bool) -> Result<(Vec<Dose>, Vec<Timed>), Fault> {
    let (mut doses, mut samples): (Vec<Dose>, Vec<Timed>) = (Vec::new(), Vec::new());
    let mut course = 0;
    let mut before: Option<&Record> = None;
    for (row, record) in group.events.iter().enumerate() {
        let sample = matches!(record.what, What::Sample(_));
        if matches!(record.what, What::Reset(_)) && !apart {
            course += usize::from(before.is_some());
        } else if let Some(before) =
            before.filter(|before| !apart || matches!(before.what, What::Sample(_)) == sample)
        {
            in_order(group.id, before, record)?;
        }
        before = Some(record);
        // Of another table, a sample at the time of a dose was taken before it.
        let row = if apart && !sample { usize::MAX } else { row + 1 };
        match record.what {
            What::Sample(measured) => samples.push((Moment(course, record.time, row), measured)),
            What::Reset(None) => {}
            What::Dose(given) | What::Reset(Some(given)) => {
                doses.extend(series(given, Moment(course, record.time, row), record.place));
            }
        }
    }
    doses.sort_by(|one, other| one.at.partial_cmp(&other.at).unwrap_or(std::cmp::Ordering::Equal));
    Ok((doses, samples))
}

/// Times do not go back, and two samples have different times.
fn in_order(id: &str, before: &Record, record: &Record) -> Result<(), Fault> {
    if record.time < before.time {
        let message = format!("ID {id}: the time goes back from {} to {}", before.time, record.time);
        let finding =
            Diagnostic::error(message, record.place, "earlier").related(before.place, "than this line");
        return Err(Box::new(finding.help(
            "sort the table by subject and time; periods or analytes of one subject are told apart by --by COLUMN, and \
             EVID 3 or 4 starts the clock anew",
        )));
    }
    let both = matches!((before.what, record.what), (What::Sample(_), What::Sample(_)));
    if both && record.time == before.time {
        let message = format!("ID {id}: two samples at time {}", record.time);
        let finding =
            Diagnostic::error(message, record.place, "the second").related(before.place, "the first");
        return Err(Box::new(
            finding.help("keep one of them; analytes, replicates or periods are told apart by --by COLUMN"),
        ));
    }
    Ok(())
}

/// A dose and those that ADDL adds.
fn series(given: Given, at: Moment, place: Span) -> impl Iterator<Item = Dose> {
    let interval = given.interval;
    let row = if at.2 == usize::MAX { usize::MAX } else { 0 };
    (0..=given.additional).map(move |index| Dose {
        at: match index {
            0 => at,
            _ => Moment(at.0, at.1 + index as f64 * interval.unwrap_or(0.0), row),
        },
        amount: Some(given.amount),
        input: given.input,
        steady: given.steady,
        interval,
        place: Some(place),
    })
}

/// Doses of one time as one.
fn merged(doses: Vec<Dose>) -> Result<Vec<Dose>, Fault> {
    let mut merged: Vec<Dose> = Vec::with_capacity(doses.len());
    for dose in doses {
        let same = merged.last_mut().filter(|last| last.at.0 == dose.at.0 && last.at.1 == dose.at.1);
        let Some(last) = same else {
            merged.push(dose);
            continue;
        };
        if last.input != dose.input {
            let message = format!("two doses at time {} are given in different ways", dose.at.1);
            let finding = match (dose.place, last.place) {
                (Some(place), Some(other)) => {
                    Diagnostic::error(message, place, "the second").related(other, "the first")
                }
                _ => Diagnostic::plain(message),
            };
            return Err(Box::new(finding.help("a profile follows one dose; analyse them apart")));
        }
        last.amount = last.amount.zip(dose.amount).map(|(one, other)| one + other);
        last.steady |= dose.steady;
        last.at = dose.at;
    }
    Ok(merged)
}

fn administration(dose: &Dose, options: &NcaOptions) -> Result<Administration, Fault> {
    let fault = |message: &str, help: &str| {
        let finding = match dose.place {
            Some(place) => Diagnostic::error(message, place, "this dose"),
            None => Diagnostic::plain(message),
        };
        Err(Box::new(finding.help(help)))
    };
    let duration = match dose.input {
        Input::Over(duration) => Some(duration),
        Input::AtOnce | Input::Modelled => options.infusion_duration,
    };
    match (options.route, dose.input, duration) {
        (Some(Route::Extravascular), ..) => Ok(Administration::Extravascular),
        (Some(Route::Bolus), Input::AtOnce, _) => Ok(Administration::Bolus),
        (Some(Route::Bolus), ..) => {
            fault("a bolus with a RATE", "leave out --route, or RATE where the dose is a bolus")
        }
        (_, Input::AtOnce, None) if options.route.is_none() => Ok(Administration::Extravascular),
        (_, _, Some(duration)) => Ok(Administration::Infusion(duration)),
        (_, _, None) => fault(
            "the duration of this infusion is not known",
            "give it: --infusion-duration, or RATE in the table",
        ),
    }
}

/// The samples from a dose to the next one, with times after the dose. A sample at the time of the next dose ends the
/// profile: that before it, or, as nothing but a bolus jumps, that behind it; one at the time of the dose starts it.
fn behind(
    samples: &[Timed],
    dose: &Dose,
    next: Option<&Dose>,
    administration: Administration,
) -> Vec<Sample> {
    let smooth = administration != Administration::Bolus;
    let from = samples.partition_point(|(at, _)| *at < dose.at);
    let to = next.map_or(samples.len(), |next| samples.partition_point(|(at, _)| *at < next.at));
    let own = samples[from..to.max(from)].iter().filter(|(at, _)| at.0 == dose.at.0).copied();
    let mut own: Vec<Timed> = own.collect();
    let at_time = |sample: Option<&Timed>, time: f64| {
        sample.copied().filter(|(at, _)| smooth && at.0 == dose.at.0 && at.1 == time)
    };
    if own.first().is_none_or(|(at, _)| at.1 > dose.at.1) {
        let before = from.checked_sub(1).map(|index| &samples[index]);
        own.splice(0..0, at_time(before, dose.at.1));
    }
    if let Some(next) = next
        && own.last().is_some_and(|(at, _)| at.1 < next.at.1)
    {
        own.extend(at_time(samples.get(to), next.at.1));
    }
    // Samples at doses alone are troughs, no profile.
    if own.iter().all(|(at, _)| at.1 <= dose.at.1 || next.is_some_and(|next| at.1 >= next.at.1)) {
        return Vec::new();
    }
    own.iter().map(|&(at, measured)| Sample { time: at.1 - dose.at.1, measured }).collect()
}

/// Interval of the steady state that a dose belongs to: its own with SS = 1, that of the dose before where it is the
/// same dose one interval later.
fn steady_regimen(dose: &Dose, previous: Option<&Dose>, before: Option<f64>) -> Option<f64> {
    if dose.steady {
        return dose.interval;
    }
    let previous =
        previous.filter(|previous| previous.amount == dose.amount && previous.input == dose.input)?;
    before.filter(|&interval| same(interval, dose.at.1 - previous.at.1))
}

/// The dosing interval: as asked, of the series, to the next dose, or, of the last one, from the one before.
fn interval(
    dose: &Dose,
    previous: Option<&Dose>,
    next: Option<&Dose>,
    options: &NcaOptions,
) -> Result<Option<f64>, Fault> {
    let following = next.map(|next| next.at.1 - dose.at.1);
    let (Some(tau), Some(following), Some(place)) = (options.tau, following, dose.place) else {
        let preceding = previous.map(|previous| dose.at.1 - previous.at.1);
        return Ok(options.tau.or(dose.interval).or(following).or(preceding));
    };
    if following < tau && !same(tau, following) {
        let message = format!("the next dose follows {following} after this one, within --tau {tau}");
        let finding = Diagnostic::error(message, place, "this dose");
        return Err(Box::new(finding.help("leave out --tau: the interval is then that of the doses")));
    }
    Ok(Some(tau))
}

fn same(one: f64, other: f64) -> bool {
    (one - other).abs() <= SAME * one.abs()
}
