//! Arms as dosing calendars: days across, cycles downwards, the planned dose as colour; beside them the mean dose that
//! patients on treatment really had.

use super::colour::{INK, OFF, QUIET, arm, level};
use super::frame::{columns, legend, panel_title};
use super::scale::Scale;
use super::scene::{Anchor, SMALL, Scene};
use crate::report::number::{labelled, with_unit};
use crate::report::study::Study;
use crate::scenario::Arm;
use crate::trial::summary::CycleDose;

const PER_ROW: usize = 3;
const MEANS: f64 = 92.0;

/// The planned level (coherent) on each day, 0 where none is planned: the arm's treatments on its first drug, stepped up
/// where an escalation rule plans it.
pub fn planned(study: Study, arm: &Arm, days: usize) -> Vec<f64> {
    let mut plan = vec![0.0; days];
    let Some(route) = arm.treatments.first().map(|treatment| treatment.route) else { return plan };
    for treatment in arm.treatments.iter().filter(|treatment| treatment.route == route) {
        for (day, dose) in plan.iter_mut().enumerate().filter(|(day, _)| treatment.scheduled(*day)) {
            *dose = study.scenario.planned_level(arm, treatment, treatment.start, day as f64);
        }
    }
    plan
}

/// One arm of the figure.
struct Entry<'a> {
    arm: usize,
    name: &'a str,
    route: usize,
    cycle: usize,
    plan: Vec<f64>,
    given: &'a [CycleDose],
}

fn entries(study: Study<'_>) -> Vec<Entry<'_>> {
    let days = study.scenario.horizon.ceil().max(1.0) as usize;
    let mut entries = Vec::new();
    for (index, (arm, result)) in study.arms().enumerate() {
        let Some(first) = arm.treatments.first() else { continue };
        let (route, cycle) = (first.route, first.cycle.max(1.0) as usize);
        entries.push(Entry {
            arm: index,
            name: &arm.name,
            route,
            cycle,
            plan: planned(study, arm, days),
            given: &result.doses,
        });
    }
    entries
}

/// The figure; `None` when no arm has more than one planned dosing day.
pub fn calendar(study: Study) -> Option<Scene> {
    let entries = entries(study);
    if entries.iter().all(|entry| entry.plan.iter().filter(|dose| **dose > 0.0).count() < 2) {
        return None;
    }
    let levels = levels(&entries);
    let rows = entries.iter().map(|entry| entry.plan.len().div_ceil(entry.cycle)).max()?;
    let cell = (260.0 / rows as f64).clamp(4.0, 12.0);
    let block = 40.0 + rows as f64 * cell + 26.0;
    let per_row = if entries.len() == 4 { 2 } else { entries.len().min(PER_ROW) };
    let top = 44.0;
    let height = top + entries.len().div_ceil(per_row) as f64 * block;
    let mut scene =
        Scene::new("dosing-calendar", "Planned dose by day and cycle, and mean dose given", height);
    let route = entries.first()?.route;
    let unit = study.dose_unit(route).map_or("", |unit| unit.name.as_str());
    let mut swatches: Vec<_> = levels
        .iter()
        .enumerate()
        .map(|(i, dose)| (level(i, levels.len()), with_unit(study.shown_dose(route, *dose), unit)))
        .collect();
    if entries.iter().flat_map(|entry| &entry.plan).any(|dose| *dose == 0.0) {
        swatches.push((OFF, "no dose planned".to_owned()));
    }
    scene.text((8.0, 18.0), "Planned dose", SMALL, QUIET, Anchor::Start);
    legend(&mut scene, (92.0, 18.0), &swatches);

    let means =
        entries.iter().flat_map(|entry| entry.given.iter().map(|c| study.shown_dose(entry.route, c.mean)));
    let planned = levels.iter().map(|dose| study.shown_dose(route, *dose));
    let highest = means.chain(planned).fold(0.0, f64::max);
    for (index, entry) in entries.iter().enumerate() {
        let (left, right) = columns(per_row, 38.0, 16.0, 64.0)[index % per_row];
        let y = top + (index / per_row) as f64 * block;
        panel_title(&mut scene, left, right, y + 8.0, entry.name, arm(entry.arm));
        let grid = Grid { left, right: right - MEANS, top: y + 40.0, cell };
        cells(&mut scene, &grid, entry, &levels);
        let place = (right - MEANS + 14.0, right);
        mean_bars(&mut scene, study, &grid, entry, place, highest, &labelled("mean given", unit));
    }
    Some(scene)
}

fn levels(entries: &[Entry]) -> Vec<f64> {
    let mut levels: Vec<f64> =
        entries.iter().flat_map(|entry| &entry.plan).copied().filter(|dose| *dose > 0.0).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    levels
}

struct Grid {
    left: f64,
    right: f64,
    top: f64,
    cell: f64,
}

fn cells(scene: &mut Scene, grid: &Grid, entry: &Entry, levels: &[f64]) {
    let (cycle, plan) = (entry.cycle, &entry.plan);
    let across = cycle.min(plan.len());
    let width = (grid.right - grid.left) / across as f64;
    let gap = (0.12 * width.min(grid.cell)).max(0.5);
    for (day, dose) in plan.iter().enumerate() {
        let (row, column) = (day / cycle, day % cycle);
        let at = (grid.left + column as f64 * width, grid.top + row as f64 * grid.cell);
        let colour = levels.iter().position(|l| l == dose).map_or(OFF, |i| level(i, levels.len()));
        scene.rectangle(at, (width - gap, grid.cell - gap), colour);
    }
    scene.text((grid.left, grid.top - 18.0), "day", 10.5, QUIET, Anchor::Start);
    let step = if across > 60 { 14 } else { 7 };
    for day in std::iter::once(1).chain((step..=across).step_by(step)) {
        let x = grid.left + (day as f64 - 0.5) * width;
        scene.text((x, grid.top - 5.0), day.to_string(), 10.5, QUIET, Anchor::Middle);
    }
    let rows = plan.len().div_ceil(cycle);
    let step = if grid.cell >= 10.0 { 2 } else { 4 };
    for row in (0..rows).filter(|row| row % step == 0 && (rows <= 3 || rows - row > step / 2)) {
        let y = grid.top + (row as f64 + 0.5) * grid.cell + 3.5;
        scene.text((grid.left - 6.0, y), (row + 1).to_string(), 10.5, QUIET, Anchor::End);
    }
    scene.text((grid.left - 6.0, grid.top - 18.0), "cycle", 10.5, QUIET, Anchor::End);
}

fn mean_bars(
    scene: &mut Scene,
    study: Study,
    grid: &Grid,
    entry: &Entry,
    place: (f64, f64),
    highest: f64,
    title: &str,
) {
    let (low, high) = (0.0, highest.max(f64::MIN_POSITIVE));
    let scale = Scale::linear(low, high, place.0, place.1);
    scene.text((place.0, grid.top - 18.0), title, 10.5, QUIET, Anchor::Start);
    for (value, text) in [(low, "0".to_owned()), (high, crate::report::number::short(high))] {
        let anchor = if value == low { Anchor::Start } else { Anchor::End };
        scene.text((scale.at(value), grid.top - 5.0), text, 10.5, QUIET, anchor);
    }
    for cycle in entry.given {
        let y = grid.top + f64::from(cycle.cycle - 1) * grid.cell;
        let x = scale.at(study.shown_dose(entry.route, cycle.mean));
        let colour = arm(entry.arm).lighter(0.25);
        scene.rectangle((place.0, y + 0.12 * grid.cell), (x - place.0, 0.7 * grid.cell), colour);
    }
    let last = entry.given.last().map_or(0, |cycle| cycle.cycle);
    let bottom = grid.top + f64::from(last) * grid.cell;
    scene.segment((place.0, grid.top - 1.0), (place.0, bottom), 0.8, INK.lighter(0.5));
}
