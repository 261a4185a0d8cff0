//! Published proportions beside predicted ones: a row for each outcome, trial by trial.

use super::colour::{AXIS, Colour, GRID, INK, QUIET};
use super::font::Weight;
use super::frame::{Panel, legend};
use super::scale::Scale;
use super::scene::{Anchor, SMALL, Scene, TEXT, WIDTH, fitted};

/// Height of a row.
const LINE: f64 = 21.0;
const LEFT: f64 = 330.0;
const RIGHT: f64 = 92.0;
const TOP: f64 = 64.0;
/// How far the observed and the predicted stand from the middle of their row.
const APART: f64 = 4.0;

/// Where an observed count lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// In the central 50 %.
    Half,
    /// In the central 95 %.
    Most,
    /// Outside.
    Outside,
    /// Nothing was observed.
    ToFollow,
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The trial.
    pub group: String,
    /// The outcome.
    pub label: String,
    /// Observed proportion with its limits, %.
    pub observed: Option<(f64, f64, f64)>,
    /// Median of the predictive distribution, %.
    pub median: f64,
    /// Its central 50 %, %.
    pub half: (f64, f64),
    /// Its central 95 %, %.
    pub most: (f64, f64),
    /// Where the observed one lies.
    pub verdict: Verdict,
    /// "18/44", at the right edge.
    pub counts: String,
}

impl Verdict {
    fn colour(self) -> Colour {
        match self {
            Self::Half => Colour::hex(0x1f_8a_70),
            Self::Most => Colour::hex(0x1d_4e_89),
            Self::Outside => Colour::hex(0xb3_2d_2d),
            Self::ToFollow => Colour::hex(0x70_7a_87),
        }
    }
}

/// The figure; `None` without rows.
pub fn scoreboard(name: &str, title: &str, rows: &[Row]) -> Option<Scene> {
    rows.first()?;
    let mut scene = Scene::new(name, title, 0.0);
    let groups = 1 + rows.windows(2).filter(|pair| pair[0].group != pair[1].group).count();
    let bottom = TOP + rows.len() as f64 * LINE + groups as f64 * LINE + 4.0;
    scene.size.1 = bottom + 46.0;
    let x = Scale::linear(0.0, 100.0, LEFT, WIDTH - RIGHT);
    let panel = Panel {
        left: LEFT,
        top: TOP,
        right: WIDTH - RIGHT,
        bottom,
        x,
        y: Scale::linear(0.0, 1.0, bottom, TOP),
    };
    key(&mut scene, rows);
    let ticks = x.ticks_every(20.0);
    for (value, _) in &ticks {
        scene.segment((x.at(*value), TOP), (x.at(*value), bottom), 0.8, GRID);
    }
    let mut y = TOP;
    let mut group = None;
    for row in rows {
        if group != Some(&row.group) {
            group = Some(&row.group);
            y += LINE;
            let text = fitted(&row.group, LEFT - 16.0, TEXT, Weight::SemiBold);
            scene.strong((8.0, y - 5.0), text, TEXT, INK, Anchor::Start);
        }
        draw(&mut scene, &panel, row, y + LINE / 2.0);
        y += LINE;
    }
    panel.base(&mut scene, &ticks, true);
    panel.base_title(&mut scene, "Patients with the outcome, %");
    Some(scene)
}

fn key(scene: &mut Scene, rows: &[Row]) {
    let told = [
        (Verdict::Half, "observed in the central 50 % of the prediction"),
        (Verdict::Most, "in the central 95 %"),
        (Verdict::Outside, "outside"),
        (Verdict::ToFollow, "to follow"),
    ];
    let there = |(verdict, _): &&(Verdict, &str)| rows.iter().any(|row| row.verdict == *verdict);
    let entries: Vec<(Colour, String)> =
        told.iter().filter(there).map(|(verdict, text)| (verdict.colour(), (*text).to_owned())).collect();
    scene.text(
        (8.0, 18.0),
        "Dot and line: observed, Wilson 95 %. Bar and line: predicted, 50 and 95 % of trials of that size; the notch is the median.",
        SMALL,
        QUIET,
        Anchor::Start,
    );
    legend(scene, (8.0, 40.0), &entries);
}

fn draw(scene: &mut Scene, panel: &Panel, row: &Row, middle: f64) {
    let colour = row.verdict.colour();
    let at = |value: f64| panel.x.at(value.clamp(0.0, 100.0));
    let label = fitted(&row.label, LEFT - 30.0, SMALL, Weight::Regular);
    scene.text((LEFT - 14.0, middle + 4.0), label, SMALL, INK, Anchor::End);
    let below = if row.observed.is_some() { middle + APART } else { middle };
    scene.segment((at(row.most.0), below), (at(row.most.1), below), 1.4, colour);
    let wide = (at(row.half.1) - at(row.half.0)).max(1.5);
    scene.rectangle((at(row.half.0), below - 2.5), (wide, 5.0), colour.lighter(0.45));
    scene.segment((at(row.median), below - 4.0), (at(row.median), below + 4.0), 1.8, colour);
    if let Some((share, low, high)) = row.observed {
        let above = middle - APART;
        scene.segment((at(low), above), (at(high), above), 1.2, AXIS);
        scene.dot((at(share), above), 3.2, INK);
    }
    scene.text((WIDTH - 8.0, middle + 4.0), row.counts.clone(), SMALL, QUIET, Anchor::End);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(group: &str, label: &str, observed: Option<(f64, f64, f64)>, verdict: Verdict) -> Row {
        Row {
            group: group.to_owned(),
            label: label.to_owned(),
            observed,
            median: 40.0,
            half: (30.0, 50.0),
            most: (15.0, 70.0),
            verdict,
            counts: "18/44".to_owned(),
        }
    }

    #[test]
    fn rows_and_trials_stand_apart_and_inside() {
        let rows = [
            row("First", "ORR", Some((41.0, 28.0, 56.0)), Verdict::Half),
            row(
                "First",
                &"a very long name of an outcome ".repeat(5),
                Some((90.0, 80.0, 100.0)),
                Verdict::Outside,
            ),
            row("Second", "CR", None, Verdict::ToFollow),
        ];
        let scene = scoreboard("scoreboard", "Scoreboard", &rows).unwrap_or_else(|| panic!("no figure"));
        let bounds: Vec<_> = scene.labels().map(super::super::scene::Label::bounds).collect();
        for (left, top, right, bottom) in &bounds {
            assert!(*left >= 0.0 && *top >= 0.0 && *right <= scene.size.0 && *bottom <= scene.size.1);
        }
        for (i, a) in bounds.iter().enumerate() {
            for b in &bounds[i + 1..] {
                let apart = a.2 <= b.0 || b.2 <= a.0 || a.3 <= b.1 || b.3 <= a.1;
                assert!(apart, "{a:?} over {b:?}");
            }
        }
        assert!(scoreboard("none", "None", &[]).is_none());
    }
}
