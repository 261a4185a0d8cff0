//! Waterfall: each patient's best change of the nodes from baseline, coloured by best response.

use super::colour::{AXIS, INK, QUIET, arm, response};
use super::frame::{Panel, columns, legend, panel_title, per_row};
use super::scale::Scale;
use super::scene::{Anchor, SMALL, Scene, TEXT};
use crate::endpoint::Value;
use crate::report::number::short;
use crate::report::study::Study;
use crate::scenario::EndpointKind;

const ROW: f64 = 210.0;
/// Growth beyond this is cut off (and said so).
const HIGHEST: f64 = 100.0;
/// Most bars of an arm; of more patients so many are drawn, evenly by rank.
const MOST_BARS: usize = 2000;

/// The figure; `None` when no endpoint asks for a response or nobody has a second restaging.
pub fn waterfall(study: Study) -> Option<Scene> {
    let is_response = |kind: &EndpointKind| matches!(kind, EndpointKind::BestResponse(_));
    let endpoint = study.scenario.endpoints.iter().position(|endpoint| is_response(&endpoint.kind))?;
    let bars: Vec<Vec<(f64, &str)>> = study
        .trial
        .arms
        .iter()
        .map(|result| {
            let mut bars: Vec<(f64, &str)> = result
                .best_changes
                .iter()
                .zip(&result.values[endpoint])
                .filter_map(|(change, value)| {
                    let label = match value {
                        Value::Category { label, .. } => *label,
                        _ => "not evaluable",
                    };
                    Some((100.0 * (*change)?, label))
                })
                .collect();
            bars.sort_by(|a, b| b.0.total_cmp(&a.0));
            bars
        })
        .collect();
    if bars.iter().all(Vec::is_empty) {
        return None;
    }
    Some(draw(study, &bars))
}

fn draw(study: Study, bars: &[Vec<(f64, &str)>]) -> Scene {
    let in_row = per_row(bars.len());
    let (top, block) = (78.0, ROW + 66.0);
    let height = top + bars.len().div_ceil(in_row) as f64 * block - 36.0;
    let mut scene = Scene::new("waterfall", "Best change of the nodes from baseline", height);
    scene.strong(
        (8.0, 18.0),
        "Best change of the sum of products from baseline, %",
        TEXT,
        INK,
        Anchor::Start,
    );
    let present = |label: &&&str| bars.iter().flatten().any(|(_, of)| of == *label);
    let known = ["CR", "CRi", "PR", "SD", "PD", "not evaluable"];
    let entries: Vec<_> = known.iter().filter(present).map(|l| (response(l), (*l).to_owned())).collect();
    legend(&mut scene, (356.0, 18.0), &entries);
    let highest = bars.iter().flatten().map(|bar| bar.0).fold(0.0, f64::max);
    let upper = if highest > 50.0 {
        HIGHEST
    } else if highest > 20.0 {
        50.0
    } else {
        25.0
    };
    for (index, bars) in bars.iter().enumerate() {
        let (left, right) = columns(in_row, 48.0, 14.0, 30.0)[index % in_row];
        let y = top + (index / in_row) as f64 * block;
        panel_title(&mut scene, left, right, y - 10.0, &study.scenario.arms[index].name, arm(index));
        let drawn = evenly(bars, MOST_BARS);
        let x = Scale::linear(0.0, drawn.len().max(1) as f64, left, right);
        let panel =
            Panel { left, top: y, right, bottom: y + ROW, x, y: Scale::linear(-100.0, upper, y + ROW, y) };
        panel.rows(&mut scene, &panel.y.ticks(5), index % in_row == 0);
        one_arm(&mut scene, &panel, &drawn);
        let mut note = if drawn.len() == bars.len() {
            format!("{} patients with a second restaging", bars.len())
        } else {
            format!("{} drawn of {}, evenly by rank", drawn.len(), bars.len())
        };
        let beyond = bars.iter().filter(|bar| bar.0 > upper).count();
        if beyond > 0 {
            note = format!("{note}; {beyond} beyond +{}", short(upper));
        }
        scene.text((left, y + ROW + 18.0), note, SMALL, QUIET, Anchor::Start);
    }
    scene
}

/// At most `most` of a list, the first and the last among them.
fn evenly<T: Copy>(list: &[T], most: usize) -> Vec<T> {
    if list.len() <= most {
        return list.to_vec();
    }
    (0..most).map(|place| list[place * (list.len() - 1) / (most - 1)]).collect()
}

fn one_arm(scene: &mut Scene, panel: &Panel, bars: &[(f64, &str)]) {
    let zero = panel.y.at(0.0);
    for (position, (change, label)) in bars.iter().enumerate() {
        let (from, to) = (panel.x.at(position as f64 + 0.1), panel.x.at(position as f64 + 0.9));
        let end = panel.y.at(*change);
        let (top, height) = if end < zero { (end, zero - end) } else { (zero, end - zero) };
        scene.rectangle((from, top), (to - from, height.max(0.6)), response(label));
    }
    scene.segment((panel.left, zero), (panel.right, zero), 1.0, AXIS);
    let half = panel.y.at(-50.0);
    scene.dashed(&[(panel.left, half), (panel.right, half)], 1.0, INK.lighter(0.4));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_patients_some_are_drawn_from_the_first_rank_to_the_last() {
        let ranks: Vec<usize> = (0..100_000).collect();
        let drawn = evenly(&ranks, MOST_BARS);
        assert_eq!((drawn.len(), drawn[0], drawn[1], drawn[1999]), (2000, 0, 50, 99_999));
        assert_eq!(evenly(&ranks[..2000], MOST_BARS), ranks[..2000]);
    }
}
