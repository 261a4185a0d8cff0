//! What was asked and what was run, failures first; and how to read the page.

use maud::{Markup, html};

use super::layout::{Grid, axis_title};
use super::{RESULTS, Told, scenario_name};
use crate::report::manifest::PROGRAM;
use crate::report::number::{count, short, unit};
use crate::report::page::{fact, paragraphs};
use crate::sweep::{Basis, Cell, numeric_class};

/// Values of an axis that are written out.
const WRITTEN_OUT: usize = 12;
/// Points with failed courses that are named.
const NAMED: usize = 20;

/// The head of the page.
pub fn opening(told: &Told<'_>) -> Markup {
    let sweep = &told.plan.sweep;
    let complete = told.results.complete();
    let points = if complete == sweep.points.len() {
        count(complete)
    } else {
        format!("{} of {}", count(complete), count(sweep.points.len()))
    };
    html! {
        header {
            p.kicker { "Sweep of simulated trials · " (PROGRAM) " " (env!("CARGO_PKG_VERSION")) }
            h1 { (sweep.title) }
            (paragraphs(&sweep.about, "lead"))
            (alarm(told))
            dl.facts {
                (fact("Points", points))
                (fact(if sweep.arm_count == 1 { "Arm of each" } else { "Arms of each" }, count(sweep.arm_count)))
                (fact("Virtual patients per arm", patients(told)))
                (fact("Follow-up", follow_up(told)))
                (fact("Scenario", scenario_name(sweep)))
                (fact("Seed", sweep.view.seed.to_string()))
            }
        }
    }
}

/// As many as the points have, of which an axis may change the number.
fn patients(told: &Told<'_>) -> String {
    let there = told.results.points.iter().flatten().map(|outcome| outcome.patients).filter(|some| *some > 0);
    match (there.clone().min(), there.max()) {
        (Some(fewest), Some(most)) if fewest < most => format!("{} to {}", count(fewest), count(most)),
        (Some(all), _) => count(all),
        _ => count(told.plan.sweep.patients),
    }
}

/// The length of follow-up, or that an axis changes it.
fn follow_up(told: &Told<'_>) -> String {
    let sweep = &told.plan.sweep;
    let mut set = sweep.points.iter().map(|point| {
        point
            .settings
            .iter()
            .rev()
            .find(|(path, _)| path == "horizon")
            .map(|(_, value)| value.trim_matches('"'))
    });
    match set.next().flatten() {
        None => sweep.view.horizon.clone(),
        first if set.all(|other| other == first) => first.unwrap_or_default().to_owned(),
        _ => "by point".to_owned(),
    }
}

/// What is set at every point: of a key that is set twice, by the file and by `--set`, what holds.
fn set_everywhere(told: &Told<'_>) -> Vec<(String, String)> {
    let mut held: Vec<(String, String)> = Vec::new();
    for (path, value) in &told.plan.sweep.fixed {
        held.retain(|(other, _)| other != path);
        held.push((path.clone(), value.clone()));
    }
    held
}

/// What is missing or failed.
fn alarm(told: &Told<'_>) -> Markup {
    let points = told.results.points.len();
    let missing = points - told.results.complete();
    let failed: usize = told.results.points.iter().flatten().map(|outcome| outcome.failed).sum();
    let at = told.results.points.iter().flatten().filter(|outcome| outcome.failed > 0).count();
    html! {
        @if missing > 0 {
            div.alarm role="note" {
                strong { (count(missing)) " of " (count(points)) " points have no results." }
                " Nothing stands for them below. The same command computes them."
            }
        }
        @if failed > 0 {
            div.alarm role="note" {
                strong { (count(failed)) " simulated course" @if failed != 1 { "s" } " failed numerically, at " (count(at)) " point" @if at != 1 { "s" } "." }
                " Their patients are missing from the results there; patients that fail are no random ones. "
                a href="#run" { "Where" } "."
            }
        }
    }
}

/// Axes, settings, versions, points with failures.
pub fn run(told: &Told<'_>, grid: &Grid<'_>) -> Markup {
    let sweep = &told.plan.sweep;
    let about = sweep.axes.iter().any(|axis| !axis.about.is_empty());
    let designed = grid.designed();
    html! {
        p {
            (count(sweep.points.len())) " point" @if sweep.points.len() != 1 { "s" } " of the scenario " code { (scenario_name(sweep)) }
            @if sweep.left_out > 0 { "; " (count(sweep.left_out)) " of the product of all axes are left out by conditions of the file" }
            ". Every point treats the same virtual patients, unless an axis changes who they are."
        }
        div.table { div.scroll { table {
            caption { "Axes." }
            thead { tr { th scope="col" { "Axis" } th.n scope="col" { "Values" } th scope="col" { "Which" } @if about { th scope="col" { "Meaning" } } } }
            tbody {
                @for (place, axis) in sweep.axes.iter().enumerate() {
                    tr {
                        th scope="row" { (axis_title(axis)) }
                        td.n { (count(grid.levels[place].len())) }
                        td { (values(grid, place, designed.contains(&place))) }
                        @if about { td { (axis.about) } }
                    }
                }
            }
        } } }
        @if !sweep.fixed.is_empty() {
            div.table { div.scroll { table {
                caption { "Set at every point." }
                thead { tr { th scope="col" { "Key of the scenario" } th scope="col" { "Value" } } }
                tbody { @for (path, value) in set_everywhere(told) { tr { td { code { (path) } } td { code { (value) } } } } }
            } } }
        }
        @if sweep.view.arms.len() > 1 {
            p.under { "Arms, in this order: " (sweep.view.arms.join("; ")) ". Comparisons are with the first." }
        }
        p.under {
            "Arithmetic: " (numeric_class()) ". Hash of everything that determines the results: " code { (told.plan.digest) } "."
        }
        (failures(told, grid))
    }
}

/// The values of an axis, or the range of many.
fn values(grid: &Grid<'_>, axis: usize, designed: bool) -> String {
    let levels = &grid.levels[axis];
    if let (Some(Cell::Number(low)), Some(Cell::Number(high))) = (levels.first(), levels.last())
        && (designed || levels.len() > WRITTEN_OUT)
    {
        let how = if designed { ", of a design" } else { "" };
        return format!("{} to {}{how}", short(*low), short(*high));
    }
    let written: Vec<String> =
        (0..levels.len().min(WRITTEN_OUT)).map(|place| grid.level(axis, place)).collect();
    let more = if levels.len() > WRITTEN_OUT { ", …" } else { "" };
    format!("{}{more}", written.join(", "))
}

fn failures(told: &Told<'_>, grid: &Grid<'_>) -> Markup {
    let failed = told.results.points.iter().enumerate().filter_map(|(point, outcome)| {
        let failed = outcome.as_ref()?.failed;
        (failed > 0).then_some((point, failed))
    });
    let failed: Vec<(usize, usize)> = failed.collect();
    html! {
        @if !failed.is_empty() {
            div.table {
                div.scroll { table {
                    caption { "Courses that failed numerically." }
                    thead { tr { th.n scope="col" { "Point" } th scope="col" { "Where" } th.n scope="col" { "Courses" } } }
                    tbody {
                        @for (point, courses) in failed.iter().take(NAMED) {
                            tr { td.n { (point + 1) } td { (grid.point(*point)) } td.n { (count(*courses)) } }
                        }
                    }
                } }
                @if failed.len() > NAMED { p.under { "The first " (NAMED) " of " (count(failed.len())) "; all are in " a href=(RESULTS) { (RESULTS) } "." } }
            }
        }
    }
}

/// What the errors are and are not.
pub fn reading(told: &Told<'_>) -> Markup {
    let sweep = &told.plan.sweep;
    let contrasts = told.columns().iter().any(|column| column.target.against.is_some());
    html! {
        ul {
            li {
                "± is the Monte Carlo standard error of an estimate: how far it would move with other virtual patients. It says nothing of "
                "errors in the model, its parameters or its assumptions."
            }
            li {
                "All points treat the same patients, so two points differ by far less noise than their own errors suggest; the errors of "
                "two points side by side are therefore an upper bound for most differences."
                @if contrasts { " Comparisons of arms carry the error of pairs already." }
            }
            @if sweep.view.sort.is_some() {
                li {
                    @match told.ranking.basis {
                        Basis::Paired => {
                            "Errors of the order, and of the distance from the first, are those of pairs: the same group of patients is left out of all "
                            "results and all points at once (jackknife). Where a result is a share of 0 or 100 %, which no group moves, they are put together from the errors of the parts."
                        }
                        Basis::Propagated => {
                            "Errors of the order are put together from those of its results as if these were not correlated, and distances from the "
                            "first as if points were not, though all share their patients: they are approximate, and for distances mostly too large. "
                            code { "paired = true" } " in " code { "[report]" } " keeps what errors of pairs take."
                        }
                    }
                }
                li {
                    "Of many points the first looks better than it is: it was chosen by its estimate, chance included. A run of its own with "
                    "another seed tells how good it is."
                }
            }
        }
        div.table { div.scroll { table {
            caption { "Results looked at." }
            thead { tr { th scope="col" { "Name" } th scope="col" { "Result" } th scope="col" { "Measure" } th scope="col" { "Unit" } @if sweep.view.arms.len() > 1 { th scope="col" { "Arm" } } } }
            tbody {
                @for column in told.columns() {
                    tr {
                        td { code { (column.name) } } td { (column.target.label) } td { (column.target.measure) } td { (unit(&column.target.unit)) }
                        @if sweep.view.arms.len() > 1 {
                            td { (column.target.arm) @if let Some(other) = &column.target.against { " against " (other) } }
                        }
                    }
                }
            }
        } }
        p.under {
            "Every other result: one table per point in " code { "points/" } ", listed in " a href="runs.csv" { "runs.csv" } "."
        } }
    }
}
