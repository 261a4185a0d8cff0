//! The points in order: on the page as many as fit, in a file all.

use std::io;

use maud::{Markup, html};

use super::layout::{Grid, axis_title, shown};
use super::{RESULTS, Told};
use crate::report::number::{beside_error, capital, count, labelled};
use crate::sweep::{Cell, Ranked};
use crate::table::Sheet;

/// The table of the page.
pub fn points(told: &Told<'_>, grid: &Grid<'_>) -> Markup {
    let sweep = &told.plan.sweep;
    let ranking = &told.ranking.points;
    if ranking.is_empty() {
        return html! {};
    }
    let axes = grid.varying();
    let ranked = sweep.view.sort.is_some();
    let shown_rows = ranking.len().min(sweep.view.rows);
    let order = match &sweep.view.sort {
        Some(score) => html! { "by " code { (score.text) } ", the largest first" },
        None => html! { "in the order of the sweep" },
    };
    html! {
        @if let Some(score) = &sweep.view.sort {
            p {
                "Sorted by " code { (score.text) } @if !score.unit.is_empty() { ", in " (crate::report::number::unit(&score.unit)) } ", the largest first. "
                "Another order: change " code { "sort" } " in " code { "[report]" } " of the sweep file, then " code { "regimen sweep FILE --report" } ", which computes nothing anew."
            }
        }
        div.table.points {
            div.scroll { table {
                caption {
                    @if shown_rows < ranking.len() { "The first " (count(shown_rows)) " of " (count(ranking.len())) " points, " } @else { "All " (count(ranking.len())) " points, " }
                    (order) ". Estimate ± Monte Carlo standard error."
                }
                thead { tr {
                    th.n scope="col" { "Point" }
                    @for axis in &axes { th.n[sweep.axes[*axis].numeric] scope="col" { (axis_title(&sweep.axes[*axis])) } }
                    @if ranked { th.n scope="col" { "Order" } th.n scope="col" { "Below the first" } }
                    @for column in told.columns() {
                        th.n scope="col" { (labelled(&capital(&column.target.label), &column.target.unit)) small { code { (column.name) } } }
                    }
                } }
                tbody {
                    @for point in ranking.iter().take(shown_rows) { (row(told, grid, &axes, point)) }
                }
            } }
            p.under {
                @if ranked { "Marked ≈: not told from the first at 95 % by these errors. " }
                "All points with their errors: " a href=(RESULTS) { (RESULTS) } "."
            }
        }
    }
}

fn row(told: &Told<'_>, grid: &Grid<'_>, axes: &[usize], ranked: &Ranked) -> Markup {
    let sweep = &told.plan.sweep;
    let point = ranked.place;
    let with_error = |value: Option<f64>, error: Option<f64>| match value {
        None => html! { "–" },
        Some(value) => {
            let (value, error) = beside_error(value, error);
            html! { (value) @if !error.is_empty() { " " span.quiet { (error) } } }
        }
    };
    html! {
        tr.reference[sweep.view.reference.contains(&point)] {
            th.n scope="row" { (point + 1) @if sweep.view.reference.contains(&point) { small { "reference" } } }
            @for axis in axes { td.n[sweep.axes[*axis].numeric] { (grid.level(*axis, grid.places[point][*axis])) } }
            @if sweep.view.sort.is_some() {
                td.n { (with_error(ranked.score, ranked.error)) }
                td.n {
                    @if let Some(behind) = ranked.behind {
                        @if ranked.ties_with_first() { "≈ " }
                        (with_error(Some(behind.distance), behind.error))
                    }
                }
            }
            @for place in 0..told.columns().len() {
                @let reading = told.reading(point, place);
                td.n { (with_error(reading.and_then(|it| it.estimate), reading.and_then(|it| it.error))) }
            }
        }
    }
}

/// The file: every point of the sweep that has results, exactly, in the same order.
///
/// # Errors
/// When memory cannot take it.
pub fn file(told: &Told<'_>) -> io::Result<Vec<u8>> {
    let sweep = &told.plan.sweep;
    let mut sheet = Sheet::new(Vec::new());
    for name in sweep.results_header() {
        sheet.text(&name)?;
    }
    sheet.end()?;
    for (rank, ranked) in (1_i64..).zip(&told.ranking.points) {
        let point = ranked.place;
        sheet.count(rank)?;
        sheet.count(point as i64 + 1)?;
        sheet.text(&told.plan.points[point].id)?;
        for cell in &sweep.points[point].cells {
            match cell {
                Cell::Number(number) => sheet.number(*number)?,
                Cell::Text(_) => sheet.text(&shown(cell))?,
            }
        }
        let mut optional = |value: Option<f64>| sheet.number(value.unwrap_or(f64::NAN));
        for place in 0..told.columns().len() {
            let reading = told.reading(point, place);
            optional(reading.and_then(|it| it.estimate))?;
            optional(reading.and_then(|it| it.error))?;
        }
        if sweep.view.sort.is_some() {
            optional(ranked.score)?;
            optional(ranked.error)?;
            optional(ranked.behind.map(|it| it.distance))?;
            optional(ranked.behind.and_then(|it| it.error))?;
        }
        let failed = told.results.points[point].as_ref().map_or(0, |outcome| outcome.failed);
        sheet.count(failed as i64)?;
        sheet.end()?;
    }
    sheet.into_text()
}
