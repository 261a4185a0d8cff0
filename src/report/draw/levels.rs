//! Dose by cycle: the share of scheduled patient-days at each level, held, stopped and out of follow-up.

use super::colour::{Colour, HELD, INK, OFF, STOPPED, level};
use super::frame::{Panel, columns, legend, outline, panel_title};
use super::scale::Scale;
use super::scene::{Anchor, Scene, TEXT};
use crate::report::number::with_unit;
use crate::report::study::Study;
use crate::report::summary::{ArmDosing, DoseStatus};

const PER_ROW: usize = 3;
const ROW: f64 = 190.0;

/// The figure; `None` when no arm has two cycles of doses.
pub fn levels(study: Study, dosing: &[ArmDosing]) -> Option<Scene> {
    if dosing.iter().all(|arm| arm.cycles.len() < 2) {
        return None;
    }
    let route = dosing.first()?.route;
    let mut doses: Vec<f64> = dosing.iter().flat_map(|arm| &arm.levels).copied().collect();
    doses.sort_by(f64::total_cmp);
    doses.dedup();
    let per_row = dosing.len().min(PER_ROW);
    let (top, block) = (72.0, ROW + 42.0);
    let height = top + dosing.len().div_ceil(per_row) as f64 * block + 14.0;
    let mut scene = Scene::new("dose-by-cycle", "Dose by cycle: share of scheduled patient-days", height);
    let unit = study.dose_unit(route).map_or("", |unit| unit.name.as_str());
    let mut entries: Vec<(Colour, String)> = doses
        .iter()
        .enumerate()
        .map(|(i, dose)| (level(i, doses.len()), with_unit(study.shown_dose(route, *dose), unit)))
        .collect();
    entries.push((HELD, "held".to_owned()));
    entries.push((STOPPED, "stopped".to_owned()));
    entries.push((OFF, "died or not followed".to_owned()));
    scene.strong((8.0, 18.0), "Scheduled dosing days, %", TEXT, INK, Anchor::Start);
    legend(&mut scene, (196.0, 18.0), &entries);

    let last_cycle = dosing.iter().flat_map(|arm| &arm.cycles).map(|cycle| cycle.cycle).max().unwrap_or(1);
    for (index, arm) in dosing.iter().enumerate() {
        let (left, right) = columns(per_row, 42.0, 14.0, 30.0)[index % per_row];
        let y = top + (index / per_row) as f64 * block;
        let name = &study.scenario.arms[arm.arm].name;
        panel_title(&mut scene, left, right, y - 8.0, name, super::colour::arm(arm.arm));
        let x = Scale::linear(0.5, f64::from(last_cycle) + 0.5, left, right);
        let panel =
            Panel { left, top: y, right, bottom: y + ROW, x, y: Scale::linear(0.0, 100.0, y + ROW, y) };
        panel.rows(&mut scene, &panel.y.ticks(4), index % per_row == 0);
        for cycle in &arm.cycles {
            bar(&mut scene, &panel, f64::from(cycle.cycle), &cycle.shares, &doses);
        }
        let step = [1u32, 2, 4, 6, 12].into_iter().find(|step| last_cycle / step <= 9).unwrap_or(24);
        let ticks: Vec<(f64, String)> = (1..=last_cycle)
            .filter(|cycle| *cycle == 1 || cycle % step == 0)
            .map(|cycle| (f64::from(cycle), cycle.to_string()))
            .collect();
        panel.base(&mut scene, &ticks, true);
    }
    scene.text((42.0, height - 8.0), "Cycle", TEXT, INK, Anchor::Start);
    Some(scene)
}

fn bar(scene: &mut Scene, panel: &Panel, cycle: f64, shares: &[(DoseStatus, f64)], doses: &[f64]) {
    let (left, right) = (panel.x.at(cycle - 0.44), panel.x.at(cycle + 0.44));
    let mut sum = 0.0;
    for (status, share) in shares {
        let colour = match status {
            DoseStatus::Level(dose) => {
                level(doses.iter().position(|known| known == dose).unwrap_or(0), doses.len())
            }
            DoseStatus::Held => HELD,
            DoseStatus::Stopped => STOPPED,
            DoseStatus::Gone => OFF,
        };
        let (low, high) = (panel.y.at(100.0 * sum), panel.y.at(100.0 * (sum + share)));
        scene.rectangle((left, high), (right - left, low - high), colour);
        if *status == DoseStatus::Gone && *share > 0.0 && right - left > 6.0 {
            outline(scene, (left, high), (right - left, low - high));
        }
        sum += share;
    }
}
