//! Dose by cycle: patients at each level on the first dosing day of a cycle, held, stopped and out of follow-up.

use super::colour::{Colour, HELD, INK, OFF, STOPPED, level};
use super::frame::{Panel, columns, legend, outline, panel_title, per_row};
use super::scale::Scale;
use super::scene::{Anchor, Scene, TEXT};
use crate::report::number::with_unit;
use crate::report::study::Study;
use crate::trial::summary::CycleLevels;

const ROW: f64 = 190.0;

/// The figure; `None` when no arm has two cycles of doses.
pub fn levels(study: Study) -> Option<Scene> {
    let levels: Vec<&[CycleLevels]> = study.trial.arms.iter().map(|arm| arm.levels.as_slice()).collect();
    let arms: Vec<usize> = (0..levels.len()).filter(|arm| !levels[*arm].is_empty()).collect();
    if arms.iter().all(|arm| levels[*arm].len() < 2) {
        return None;
    }
    let route = study.scenario.arms[*arms.first()?].treatments.first()?.route;
    let doses = used_doses(study, &levels);
    let in_row = per_row(arms.len());
    let (top, block) = (72.0, ROW + 62.0);
    let height = top + arms.len().div_ceil(in_row) as f64 * block - 10.0;
    let mut scene = Scene::new("dose-by-cycle", "Patients at each dose level by cycle", height);
    let unit = study.dose_unit(route).map_or("", |unit| unit.name.as_str());
    let mut entries: Vec<(Colour, String)> = doses
        .iter()
        .enumerate()
        .map(|(i, dose)| (level(i, doses.len()), with_unit(study.shown_dose(route, *dose), unit)))
        .collect();
    entries.push((HELD, "held".to_owned()));
    entries.push((STOPPED, "stopped".to_owned()));
    entries.push((OFF, "died".to_owned()));
    scene.strong((8.0, 18.0), "Patients, %", TEXT, INK, Anchor::Start);
    legend(&mut scene, (104.0, 18.0), &entries);

    let last_cycle = levels.iter().copied().flatten().map(|cycle| cycle.cycle).max().unwrap_or(1);
    for (index, &arm) in arms.iter().enumerate() {
        let (left, right) = columns(in_row, 42.0, 14.0, 30.0)[index % in_row];
        let y = top + (index / in_row) as f64 * block;
        let name = &study.scenario.arms[arm].name;
        panel_title(&mut scene, left, right, y - 10.0, name, super::colour::arm(arm));
        let x = Scale::linear(0.5, f64::from(last_cycle) + 0.5, left, right);
        let panel =
            Panel { left, top: y, right, bottom: y + ROW, x, y: Scale::linear(0.0, 100.0, y + ROW, y) };
        panel.rows(&mut scene, &panel.y.ticks(4), index % in_row == 0);
        for cycle in levels[arm] {
            bar(&mut scene, &panel, &parts(study, arm, cycle, &doses), f64::from(cycle.cycle));
        }
        panel.base(&mut scene, &cycle_ticks(last_cycle), true);
    }
    scene.text((42.0, height - 8.0), "Cycle", TEXT, INK, Anchor::Start);
    Some(scene)
}

fn cycle_ticks(last: u32) -> Vec<(f64, String)> {
    let step = [1u32, 2, 4, 6, 12].into_iter().find(|step| last / step <= 8).unwrap_or(24);
    (1..=last)
        .filter(|cycle| (*cycle == 1 && step != 2) || cycle % step == 0)
        .map(|cycle| (f64::from(cycle), cycle.to_string()))
        .collect()
}

/// Doses at which some patient stood, ascending, coherent.
fn used_doses(study: Study, levels: &[&[CycleLevels]]) -> Vec<f64> {
    let mut doses = Vec::new();
    for (arm, cycles) in study.scenario.arms.iter().zip(levels) {
        let Some(treatment) = arm.treatments.first() else { continue };
        for cycle in *cycles {
            let used = treatment.levels.iter().zip(&cycle.at_level).filter(|(_, n)| **n > 0);
            doses.extend(used.map(|(dose, _)| *dose));
        }
    }
    doses.sort_by(f64::total_cmp);
    doses.dedup();
    doses
}

/// Colours and numbers of patients of one bar, from the bottom.
fn parts(study: Study, arm: usize, cycle: &CycleLevels, doses: &[f64]) -> Vec<(Colour, usize)> {
    let levels = study.scenario.arms[arm].treatments.first().map_or(&[][..], |treatment| &treatment.levels);
    let mut parts: Vec<(Colour, usize)> = levels
        .iter()
        .zip(&cycle.at_level)
        .filter_map(|(dose, n)| {
            let position = doses.iter().position(|known| known == dose)?;
            Some((level(position, doses.len()), *n))
        })
        .collect();
    parts.extend([(HELD, cycle.held), (STOPPED, cycle.stopped), (OFF, cycle.out_of_follow_up)]);
    parts
}

fn bar(scene: &mut Scene, panel: &Panel, parts: &[(Colour, usize)], cycle: f64) {
    let (left, right) = (panel.x.at(cycle - 0.44), panel.x.at(cycle + 0.44));
    let all = parts.iter().map(|(_, n)| n).sum::<usize>().max(1) as f64;
    let mut sum = 0;
    for (colour, n) in parts {
        let low = panel.y.at(100.0 * sum as f64 / all);
        let high = panel.y.at(100.0 * (sum + n) as f64 / all);
        scene.rectangle((left, high), (right - left, low - high), *colour);
        if *colour == OFF && *n > 0 {
            outline(scene, (left, high), (right - left, low - high));
        }
        sum += n;
    }
}
