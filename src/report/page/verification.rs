//! What verifying the numerics found: a paragraph, a table by endpoint, a table by output, and the courses that part.

use maud::{Markup, html};

use super::parts::Page;
use crate::report::number::{attached, count, fixed, unit};
use crate::report::verified::{
    CheckEntry, DifferencesEntry, EndpointEntry, LargestEntry, OutputEntry, PlaceEntry, VerificationEntry,
};

/// Partings and failures shown of each comparison.
const SHOWN: usize = 50;

/// What verifying found; what to do for it where nothing was verified.
pub fn verification(page: &Page) -> Markup {
    let Some(entry) = &page.manifest.verification else {
        return html! {
            p { "The error of these numbers was not looked for in this run; " code { "regimen run --verify-numerics" } " does." }
        };
    };
    html! {
        (introduction(entry))
        (endpoints(page, entry))
        (outputs(page, entry))
        (parted(page, entry))
        (failed(page, entry))
    }
}

fn introduction(entry: &VerificationEntry) -> Markup {
    let numbers: Vec<String> = entry.patients.iter().map(usize::to_string).collect();
    html! {
        p {
            strong { (count(entry.patients.len())) " patients were computed again" } " in every arm: number " (numbers.join(", "))
            ", drawn by the seed. The run's own settings are held against "
            @for (index, check) in entry.checks.iter().enumerate() {
                @if index > 0 { " and against " }
                (name(check)) " at relative tolerance " (scientific(check.relative_tolerance))
                " and absolute tolerances divided by " (count(check.absolute_tolerances_divided_by as u64))
                " (" (count(check.compared)) " courses)"
            }
            ". "
            @if entry.failed > 0 { (count(entry.failed)) " courses had failed before and are compared with nothing. " }
        }
    }
}

/// What a comparison is called.
fn name(check: &CheckEntry) -> String {
    match check.against {
        "stricter" => format!("method {}", check.method),
        _ => format!("the independent method {}", check.method),
    }
}

/// Short, for the cells of a table.
fn label(check: &CheckEntry) -> String {
    format!("{}, {}", check.method, scientific(check.relative_tolerance))
}

fn endpoints(page: &Page, entry: &VerificationEntry) -> Markup {
    let head = html! {
        tr {
            th scope="col" { "Endpoint" } th scope="col" { "Against" } th.n scope="col" { "Courses" }
            th.n scope="col" { "Largest difference" } th.n scope="col" { "relative" } th scope="col" { "in" }
            th.n scope="col" { "Changed" } th.n scope="col" { "Changed after another decision" }
        }
    };
    let row = |check: &CheckEntry,
               EndpointEntry { name, unit: unit_name, same, parted }: &EndpointEntry,
               first| {
        html! {
            tr {
                th scope="row" { @if first { (name) } } td { (label(check)) } td.n { (count(same.compared)) }
                td.n { (absolute(same, unit_name)) }
                td.n { (same.relative.as_ref().map_or("–".to_owned(), |largest| scientific(largest.value))) }
                td { @if let Some(largest) = worth_telling(same) { (whose(&largest.place)) } }
                td.n { (count(same.changed.len())) @for place in same.changed.iter().take(3) { small { (whose(place)) } } }
                td.n { (count(parted.changed.len())) " of " (count(parted.compared)) }
            }
        }
    };
    let all = entry.checks.first().map_or(0, |check| check.endpoints.len());
    let body = html! {
        @for index in 0..all {
            @for (place, check) in entry.checks.iter().enumerate() { (row(check, &check.endpoints[index], place == 0)) }
        }
    };
    let under = "Courses with the same decisions, doses and events; the rest stands in the last column. Changed: another \
                 category, grade or event, or another visit picked out; a time by more than 0.01 d.";
    html! {
        @if all > 0 {
            (page.table("Largest difference in each endpoint.", &head, &body, under, Some("verification")))
        }
    }
}

/// The largest difference in its unit.
fn absolute(found: &DifferencesEntry, unit_name: &str) -> String {
    let Some(largest) = &found.absolute else { return "–".to_owned() };
    attached(&scientific(largest.value), &unit(unit_name))
}

/// Whose difference is named: nobody's where there is none.
fn worth_telling(found: &DifferencesEntry) -> Option<&LargestEntry> {
    found.relative.as_ref().or(found.absolute.as_ref()).filter(|largest| largest.value > 0.0)
}

fn whose(place: &PlaceEntry) -> String {
    format!("{}, patient {}", place.arm, place.patient)
}

fn outputs(page: &Page, entry: &VerificationEntry) -> Markup {
    let head = html! {
        tr {
            th scope="col" { "Output" }
            @for check in &entry.checks {
                th.n scope="col" { "At visits, " (label(check)) } th.n scope="col" { "Recorded, " (label(check)) }
            }
        }
    };
    let cell = |found: &Option<LargestEntry>| {
        html! {
            td.n {
                @match found {
                    Some(largest) => {
                        (scientific(largest.value)) @if largest.value > 0.0 { small { (whose(&largest.place)) } }
                    }
                    None => "–",
                }
            }
        }
    };
    let of = |index: usize| entry.checks.iter().filter_map(move |check| check.outputs.get(index));
    let all = entry.checks.first().map_or(0, |check| check.outputs.len());
    let body = html! {
        @for index in 0..all {
            tr {
                th scope="row" { @if let Some(output) = of(index).next() { code { (output.name) } } }
                @for OutputEntry { at_visits, recorded, .. } in of(index) { (cell(at_visits)) (cell(recorded)) }
            }
        }
    };
    let under =
        "True values, as share of the output's largest magnitude in the course, up to where histories part.";
    page.table("Largest difference in each output.", &head, &body, under, Some("verification"))
}

fn parted(page: &Page, entry: &VerificationEntry) -> Markup {
    let head = html! {
        tr { th scope="col" { "Arm" } th.n scope="col" { "Patient" } th scope="col" { "Against" } th.n scope="col" { "From day" } th scope="col" { "What differs first" } }
    };
    let body = html! {
        @for check in &entry.checks {
            @for course in check.parted.iter().take(SHOWN) {
                tr {
                    th scope="row" { (course.place.arm) } td.n { (course.place.patient) } td { (label(check)) }
                    td.n { (fixed(course.time + 1.0, 2)) } td.wide { (course.what) }
                }
            }
        }
    };
    let under = "A value that lies as near to a limit as the error of the numbers is decided either way; after that the courses differ \
                 for a reason. All are in manifest.json.";
    html! {
        @if entry.checks.iter().any(|check| !check.parted.is_empty()) {
            (page.table("Courses with another history.", &head, &body, under, None))
        } @else { p { "In every course the decisions, doses and events were the same." } }
    }
}

fn failed(page: &Page, entry: &VerificationEntry) -> Markup {
    let head = html! {
        tr { th scope="col" { "Arm" } th.n scope="col" { "Patient" } th scope="col" { "By" } th.n scope="col" { "Day" } th scope="col" { "What happened" } }
    };
    let body = html! {
        @for check in &entry.checks {
            @for course in check.failed.iter().take(SHOWN) {
                tr {
                    th scope="row" { (course.place.arm) } td.n { (course.place.patient) } td { (label(check)) }
                    td.n { (fixed(course.time + 1.0, 2)) } td.wide { (course.what) }
                }
            }
        }
    };
    html! {
        @if entry.checks.iter().any(|check| !check.failed.is_empty()) {
            (page.table("Courses that failed when computed again.", &head, &body, "", None))
        }
    }
}

/// A small number or a tolerance: two significant digits, as 10 to a power.
fn scientific(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let text = format!("{value:.1e}").replace(".0e", "e");
    match text.split_once('e') {
        Some((digits, power)) => format!("{digits}e{}", power.replace('-', "−")),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::scientific;

    #[test]
    fn small_numbers_have_two_digits_and_a_power() {
        assert_eq!(scientific(1.000_000_000_000_000_1e-7), "1e−7");
        assert_eq!(scientific(0.000_345_6), "3.5e−4");
        assert_eq!(scientific(12.0), "1.2e1");
        assert_eq!(scientific(0.0), "0");
    }
}
