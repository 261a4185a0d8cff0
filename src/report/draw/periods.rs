//! Categories over time: what each restaging showed, the worst grade in each cycle, as stacked columns, one panel per arm.

use super::colour::{Colour, INK, OFF, STOPPED, arm, grade, response};
use super::frame::{Panel, columns, legend, outline, panel_title, per_row, slug};
use super::scale::Scale;
use super::scene::{Anchor, Scene, TEXT};
use crate::report::number::capital;
use crate::report::study::Study;
use crate::trial::{Period, PeriodShares};

const ROW: f64 = 190.0;

/// The figure of one endpoint; `None` where it has no periods or nobody was seen.
pub fn periods(study: Study, endpoint: usize) -> Option<Scene> {
    let of_arm = |place: usize| -> Option<&PeriodShares> {
        study.trial.arms[place].periods.iter().find(|found| found.endpoint == endpoint)
    };
    let arms: Vec<(usize, &PeriodShares)> =
        (0..study.trial.arms.len()).filter_map(|place| Some((place, of_arm(place)?))).collect();
    let shares = arms.first()?.1;
    let last = shares.periods.len();
    if last == 0 || arms.iter().all(|(_, found)| found.periods.iter().all(|period| period.n() == 0)) {
        return None;
    }
    let name = &study.scenario.endpoints[endpoint].name;
    let in_row = per_row(arms.len());
    let (top, block) = (78.0, ROW + 62.0);
    let height = top + arms.len().div_ceil(in_row) as f64 * block - 10.0;
    let mut scene = Scene::new(&slug(name), name, height);
    scene.strong((8.0, 18.0), format!("{}, % of patients", capital(name)), TEXT, INK, Anchor::Start);
    // Grades are stacked from the worst, responses from the best.
    let order: Vec<usize> = match shares.word {
        "cycle" => (0..shares.categories.len()).rev().collect(),
        _ => (0..shares.categories.len()).collect(),
    };
    let entries: Vec<(Colour, String)> =
        order.iter().map(|&place| (colour(shares, place), shares.categories[place].clone())).collect();
    legend(&mut scene, (8.0, 40.0), &entries);
    for (index, (place, found)) in arms.iter().enumerate() {
        let (left, right) = columns(in_row, 42.0, 14.0, 30.0)[index % in_row];
        let y = top + (index / in_row) as f64 * block;
        panel_title(&mut scene, left, right, y - 10.0, &study.scenario.arms[*place].name, arm(*place));
        let x = Scale::linear(0.5, last as f64 + 0.5, left, right);
        let panel =
            Panel { left, top: y, right, bottom: y + ROW, x, y: Scale::linear(0.0, 100.0, y + ROW, y) };
        panel.rows(&mut scene, &panel.y.ticks(4), index % in_row == 0);
        for period in &found.periods {
            column(&mut scene, &panel, found, period, &order);
        }
        panel.base(&mut scene, &ticks(last, in_row), true);
    }
    scene.text((42.0, height - 8.0), capital(shares.word), TEXT, INK, Anchor::Start);
    Some(scene)
}

fn ticks(last: usize, in_row: usize) -> Vec<(f64, String)> {
    let most = if in_row > 2 { 6 } else { 10 };
    let step = [1, 2, 4, 6, 12, 24].into_iter().find(|step| last / step <= most).unwrap_or(48);
    (1..=last)
        .filter(|number| (*number == 1 && step != 2) || number % step == 0)
        .map(|number| (number as f64, number.to_string()))
        .collect()
}

fn colour(shares: &PeriodShares, place: usize) -> Colour {
    match (shares.word, shares.categories[place].as_str()) {
        ("cycle", _) => grade(u8::try_from(place).unwrap_or(u8::MAX)),
        (_, "died") => STOPPED,
        (_, label) => response(label),
    }
}

fn column(scene: &mut Scene, panel: &Panel, shares: &PeriodShares, period: &Period, order: &[usize]) {
    let number = period.number as f64;
    let (left, right) = (panel.x.at(number - 0.44), panel.x.at(number + 0.44));
    let all = period.n().max(1) as f64;
    let mut sum = 0;
    for &place in order {
        let n = period.counts[place];
        let low = panel.y.at(100.0 * sum as f64 / all);
        let high = panel.y.at(100.0 * (sum + n) as f64 / all);
        let colour = colour(shares, place);
        scene.rectangle((left, high), (right - left, low - high), colour);
        if colour == OFF && n > 0 {
            outline(scene, (left, high), (right - left, low - high));
        }
        sum += n;
    }
}
