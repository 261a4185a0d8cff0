//! Figures and sentences of made-up answers.

use super::text::outcomes;
use super::*;
use crate::math::sensitivity::Jackknife;
use crate::math::tipping::{Change, Found as Places, Known, Stretch};
use crate::report::draw::Label;
use crate::sensitivity::{Bar, Curve, End, Indices, Screened, ScreenedInput, Shared, Told, Tornado};
use crate::trial::Target;

const NAMES: [&str; 5] = [
    "clearance",
    "marrow_sensitivity",
    "a name of an input that is far too long for its place",
    "x",
    "growth",
];

fn told(value: f64, half_width: f64) -> Told {
    Told {
        value,
        limits: Some((value - half_width, value + half_width)),
        patients: Some(Jackknife { bias: 0.0, error: half_width / 2.0 }),
    }
}

fn target() -> Target {
    Target::made_up("days with neutrophils below 1.0e9/L: mean", "d")
}

fn tornados() -> Answer {
    let end = |value: f64| End {
        value: format!("{value} 1e9/L"),
        estimate: 20.0 + value,
        effect: told(value, 0.4),
    };
    let bar = |(place, name): (usize, &&str)| Bar {
        input: (*name).to_owned(),
        about: "meaning".to_owned(),
        base: String::new(),
        ends: [end(-3.0 / (place + 1) as f64), end(if place == 4 { 0.0 } else { 2.0 })],
        swing: told(5.0, 0.5),
    };
    let bars = NAMES.iter().enumerate().map(bar).collect();
    Answer::Tornados(vec![Tornado { target: target(), base: 20.0, base_error: Some(1.5), bars }])
}

/// Inputs that lie upon each other, as those without effect do.
fn screenings(far: f64) -> Answer {
    let input = |(place, name): (usize, &&str)| ScreenedInput {
        input: (*name).to_owned(),
        about: String::new(),
        mean: told(1.0, 0.5),
        absolute: told(if place == 0 { far } else { 0.01 * place as f64 }, 0.1),
        spread: told(if place == 0 { far } else { 0.0 }, 0.1),
        noise: Some(0.2),
    };
    let inputs = NAMES.iter().enumerate().map(input).collect();
    Answer::Screenings(vec![Screened { target: target(), walks: 10, inputs }])
}

fn indices() -> Answer {
    let input = |(place, name): (usize, &&str)| Shared {
        input: (*name).to_owned(),
        about: String::new(),
        first: told(0.4 - 0.12 * place as f64, 0.15),
        total: told(0.5 - 0.1 * place as f64, 0.12),
    };
    let inputs = NAMES.iter().enumerate().map(input).collect();
    let (mean, deviation) = (12.0, 3.0);
    Answer::Indices(vec![Indices { target: target(), rows: 64, mean, deviation, noise: Some(0.04), inputs }])
}

/// D = x − 12 with limits 2 on each side, over 4 … 24.
fn curve(changes: bool) -> Curve {
    let known = (0..21)
        .map(|k| {
            let x = f64::from(4 + k);
            let d = if changes { x - 12.0 } else { x };
            (x, Known { at: f64::from(k) / 20.0, lower: d - 2.0, estimate: d, upper: d + 2.0 })
        })
        .collect();
    let stretch = Stretch { from: 9.5, to: 14.5, open_below: false, open_above: false };
    let change = Change { at: 12.0, between: (11.9, 12.1), upward: true, within: Some(0), certain: true };
    let found = match changes {
        true => Places { changes: vec![change], undetermined: vec![stretch] },
        false => Places::default(),
    };
    Curve {
        target: target(),
        margin: 0.0,
        input: "clearance".to_owned(),
        about: String::new(),
        unit: "L/h".to_owned(),
        logarithmic: false,
        base: Some(10.0),
        known,
        found,
    }
}

fn collide(a: &Label, b: &Label) -> bool {
    let (a, b) = (a.bounds(), b.bounds());
    a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3
}

#[test]
fn no_text_is_cut_off_or_written_over_another() {
    let mut scenes = Vec::new();
    for answer in [tornados(), screenings(3.0), screenings(0.05), indices()] {
        match &answer {
            Answer::Tornados(all) => scenes.extend(all.iter().map(draw::tornado)),
            Answer::Screenings(all) => scenes.extend(all.iter().map(draw::screening)),
            Answer::Indices(all) => scenes.extend(all.iter().map(draw::shares)),
            Answer::Curves(_) => {}
        }
    }
    scenes.extend([draw::tipping(&curve(true)), draw::tipping(&curve(false))]);
    for scene in scenes {
        let labels: Vec<&Label> = scene.labels().collect();
        for (index, label) in labels.iter().enumerate() {
            let (left, top, right, bottom) = label.bounds();
            let inside = left >= 0.0 && top >= 0.0 && right <= scene.size.0 && bottom <= scene.size.1;
            assert!(inside, "{}: “{}” is cut off", scene.name, label.text);
            if let Some(other) = labels[..index].iter().find(|other| collide(label, other)) {
                panic!("{}: “{}” is written over “{}”", scene.name, label.text, other.text);
            }
        }
    }
}

#[test]
fn sentences_say_where_it_tips_how_far_that_is_and_where_nothing_is_known() {
    let told = outcomes(&curve(true)).join(" ").replace('\u{a0}', " ");
    assert!(
        told.contains("It tips at 12 L/h") && told.contains("from the base of 10 L/h that is +2 L/h (+20 %)"),
        "{told}"
    );
    assert!(told.contains("not determined at 95 % from 9.5 L/h to 14.5 L/h"), "{told}");
    let told = outcomes(&curve(false)).join(" ").replace('\u{a0}', " ");
    assert!(
        told.contains("No change within the range: from 4 L/h to 24 L/h the estimate is above"),
        "{told}"
    );
    assert!(told.contains("determined at 95 % at every point"), "{told}");
}

#[test]
fn sections_and_texts_name_every_input_and_what_is_noise() {
    for answer in [tornados(), screenings(3.0), indices()] {
        let html = section(&answer).expect("drawn").into_string();
        let plain = text(&answer);
        for name in NAMES {
            assert!(html.contains(name) && plain.contains(name), "{name}: {plain}");
        }
        assert!(html.contains("<svg") && plain.contains("not told from noise"), "{plain}");
    }
    let answer = Answer::Curves(vec![curve(true)]);
    assert!(section(&answer).expect("drawn").into_string().contains("It tips at"));
}
