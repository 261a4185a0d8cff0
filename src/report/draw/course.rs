//! The course of an output: median and 5–95 % ribbon over the patients, arm by arm, beside a few single patients.

use super::colour::{Colour, QUIET, arm};
use super::font::{Weight, text_width};
use super::frame::{Panel, columns, lightened, panel_title, per_row, slug};
use super::scale::{Scale, log_range, round_range, to_last_tick};
use super::scene::{Anchor, SMALL, Scene, TEXT, WIDTH, fitted, spread};
use crate::model::Output;
use crate::report::number::{TimeUnit, capital, labelled};
use crate::report::study::Study;
use crate::scenario::EndpointKind;
use crate::trial::{Course, single_patients};

/// A logarithmic row is added where percentiles span more than this many decades.
const DECADES: f64 = 1.5;
const ROW: f64 = 168.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 34.0;

struct Line {
    colour: Colour,
    points: Vec<(f64, f64)>,
}

/// What one panel shows, in shown units.
struct Content<'a> {
    name: &'a str,
    colour: Colour,
    lower: Vec<(f64, f64)>,
    median: Vec<(f64, f64)>,
    upper: Vec<(f64, f64)>,
    single: Vec<Line>,
}

/// The figure of one output in one record (`courses`: one per arm), linear and, where it serves, logarithmic.
/// `None` when there is nothing to draw.
pub fn course(study: Study, courses: &[&Course]) -> Option<Scene> {
    let first = courses.first()?;
    let record = study.scenario.records.get(first.record)?;
    let output = study.model().outputs.get(first.output)?;
    let (start, end) = (*record.times.first()?, *record.times.last()?);
    let unit = TimeUnit::for_span(end - start);
    let origin = if unit == TimeUnit::Hours { start } else { 0.0 };
    let contents: Vec<Content> = courses.iter().map(|course| content(study, course, origin, unit)).collect();
    let linear = linear_range(&contents)?;
    let ranges: Vec<(f64, f64, bool)> = std::iter::once(linear).chain(logarithmic_range(&contents)).collect();
    let limits = grade_limits(study, first.output);

    let in_row = per_row(contents.len());
    let chunks: Vec<&[Content]> = contents.chunks(in_row).collect();
    let (top, gap, foot) = (50.0, 22.0, 46.0);
    let block = 22.0 + ranges.len() as f64 * (ROW + gap) - gap;
    let height = top + chunks.len() as f64 * (block + gap) - gap + foot;
    let title = format!("{}, {}", output.name, record.name);
    let mut scene = Scene::new(&slug(&format!("course-{}-{}", record.name, output.name)), &title, height);
    let room = key(&mut scene, study) - 28.0;
    scene.strong((8.0, 18.0), name(output, room), TEXT, super::colour::INK, Anchor::Start);

    let span = ((start - origin) / unit.days(), (end - origin) / unit.days());
    let span = (span.0, to_last_tick(span.1, unit.tick(span.1 - span.0)));
    for (row, chunk) in chunks.iter().enumerate() {
        let y = top + row as f64 * (block + gap);
        for (column, (left, right)) in columns(in_row, LEFT, RIGHT, 26.0).into_iter().enumerate() {
            let Some(content) = chunk.get(column) else { continue };
            panel_title(&mut scene, left, right, y + 8.0, content.name, content.colour);
            for (index, range) in ranges.iter().enumerate() {
                let panel_top = y + 22.0 + index as f64 * (ROW + gap);
                let panel = panel((left, right), panel_top, span, *range);
                let below_is_empty = row + 1 == chunks.len() || chunks[row + 1].get(column).is_none();
                let last = index + 1 == ranges.len();
                axes(&mut scene, &panel, unit, span, column == 0, last && below_is_empty);
                reference(&mut scene, &panel, &contents[0], content, range.2);
                draw(&mut scene, &panel, content, range.2);
                limit_lines(&mut scene, &panel, &limits, *range, column + 1 == chunk.len());
            }
        }
    }
    let from =
        if start > 0.0 { format!("Hours from day {}", start.floor() + 1.0) } else { "Hours".to_owned() };
    let title = if unit == TimeUnit::Hours { from } else { capital(unit.plural()) };
    scene.text((LEFT, height - 8.0), title, TEXT, super::colour::INK, Anchor::Start);
    Some(scene)
}

/// What the output is called, with its unit: in words, if they fit the room.
fn name(output: &Output, room: f64) -> String {
    let words = labelled(&capital(&output.about), &output.unit.name);
    if output.about.is_empty() || text_width(&words, TEXT, Weight::SemiBold) > room {
        return fitted(&labelled(&output.name, &output.unit.name), room, TEXT, Weight::SemiBold);
    }
    words
}

/// What lines and ribbons mean, at the right end of the first line. Returns where that begins.
fn key(scene: &mut Scene, study: Study) -> f64 {
    let shown: Vec<String> =
        single_patients(study.trial.patients.len()).iter().map(|n| (n + 1).to_string()).collect();
    let first = study
        .arm_names()
        .first()
        .map_or_else(String::new, |name| fitted(name, 170.0, SMALL, Weight::Regular));
    let mut entries =
        vec!["median and 5–95 % of patients".to_owned(), format!("patients {}", shown.join(", "))];
    if study.scenario.arms.len() > 1 {
        entries.push(format!("median of {first}"));
    }
    let y = 18.0;
    let widths: Vec<f64> =
        entries.iter().map(|text| 26.0 + text_width(text, SMALL, Weight::Regular)).collect();
    let begin = WIDTH - 8.0 - widths.iter().sum::<f64>() - 20.0 * (widths.len() - 1) as f64;
    let mut x = begin;
    for (index, (text, width)) in entries.into_iter().zip(widths).enumerate() {
        match index {
            0 => {
                scene.rectangle((x, y - 10.0), (20.0, 12.0), QUIET.lighter(0.78));
                scene.segment((x, y - 4.0), (x + 20.0, y - 4.0), 2.0, QUIET);
            }
            1 => scene.segment((x, y - 4.0), (x + 20.0, y - 4.0), 0.8, QUIET),
            _ => scene.dashed(&[(x, y - 4.0), (x + 20.0, y - 4.0)], 1.2, QUIET.lighter(0.25)),
        }
        scene.text((x + 26.0, y), text, SMALL, QUIET, Anchor::Start);
        x += width + 20.0;
    }
    begin
}

fn content<'a>(study: Study<'a>, course: &Course, origin: f64, unit: TimeUnit) -> Content<'a> {
    let output = &study.model().outputs[course.output];
    let show = |time: f64, value: f64| ((time - origin) / unit.days(), output.unit.show(value));
    let colour = arm(course.arm);
    let times = &study.scenario.records[course.record].times;
    let single = study.trial.arms[course.arm]
        .singles
        .iter()
        .map(|single| Line {
            colour: colour.lighter(0.45),
            points: times
                .iter()
                .zip(study.recorded(&single.records, course.record, course.position))
                .filter(|(_, value)| value.is_finite())
                .map(|(time, value)| show(*time, value))
                .collect(),
        })
        .collect();
    Content {
        name: &study.scenario.arms[course.arm].name,
        colour,
        lower: course.points.iter().map(|p| show(p.time, p.p05)).collect(),
        median: course.points.iter().map(|p| show(p.time, p.p50)).collect(),
        upper: course.points.iter().map(|p| show(p.time, p.p95)).collect(),
        single,
    }
}

fn all_values<'c>(contents: &'c [Content]) -> impl Iterator<Item = f64> + 'c {
    contents
        .iter()
        .flat_map(|c| c.lower.iter().chain(&c.upper).chain(c.single.iter().flat_map(|line| &line.points)))
        .map(|p| p.1)
}

fn linear_range(contents: &[Content]) -> Option<(f64, f64, bool)> {
    let (low, high) = all_values(contents).fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
    if low > high {
        return None;
    }
    let (low, high) = round_range(low, high, 4);
    Some((low, high, false))
}

/// Limits of the logarithmic row: where nearly all 5th percentiles are positive and the ribbons span enough decades.
fn logarithmic_range(contents: &[Content]) -> Option<(f64, f64, bool)> {
    let lower: Vec<f64> = contents.iter().flat_map(|c| &c.lower).map(|p| p.1).collect();
    let positive: Vec<f64> = lower.iter().copied().filter(|v| *v > 0.0).collect();
    let high = contents.iter().flat_map(|c| &c.upper).map(|p| p.1).fold(0.0, f64::max);
    if positive.is_empty() || (positive.len() as f64) < 0.8 * lower.len() as f64 {
        return None;
    }
    let low = positive.into_iter().fold(f64::MAX, f64::min).max(high * 1e-5);
    let singles = contents.iter().flat_map(|c| &c.single).flat_map(|line| &line.points).map(|p| p.1);
    let all_low = singles.clone().filter(|v| *v > 0.0).fold(low, f64::min).max(low / 10.0);
    let all_high = singles.fold(high, f64::max);
    ((high / low).log10() > DECADES).then(|| {
        let (low, high) = log_range(all_low, all_high);
        (low, high, true)
    })
}

fn panel(sides: (f64, f64), top: f64, span: (f64, f64), range: (f64, f64, bool)) -> Panel {
    let (left, right) = sides;
    let bottom = top + ROW;
    let y = if range.2 {
        Scale::logarithmic(range.0, range.1, bottom, top)
    } else {
        Scale::linear(range.0, range.1, bottom, top)
    };
    Panel { left, top, right, bottom, x: Scale::linear(span.0, span.1, left, right), y }
}

fn axes(scene: &mut Scene, panel: &Panel, unit: TimeUnit, span: (f64, f64), labelled: bool, base: bool) {
    panel.rows(scene, &panel.y.ticks(4), labelled);
    let room = ((panel.right - panel.left) / 30.0).max(2.0);
    let mut step = unit.tick(span.1 - span.0);
    while (span.1 - span.0) / step > room {
        step *= 2.0;
    }
    panel.base(scene, &panel.x.ticks_every(step), base);
}

fn draw(scene: &mut Scene, panel: &Panel, content: &Content, logarithmic: bool) {
    let place = |points: &[(f64, f64)], most: usize| -> Vec<(f64, f64)> {
        let shown = points.iter().filter(|p| !logarithmic || p.1 > 0.0);
        lightened(&shown.map(|p| panel.at(p.0, p.1)).collect::<Vec<_>>(), 0.25, most)
    };
    let mut ribbon = place(&content.upper, 300);
    let mut lower = place(&content.lower, 300);
    lower.reverse();
    ribbon.extend(lower);
    scene.area(ribbon, content.colour.veil(0.18));
    for line in &content.single {
        scene.line(place(&line.points, 250), 0.8, line.colour);
    }
    scene.line(place(&content.median, 250), 2.2, content.colour);
}

/// The median of the first arm, dashed behind the others, so that panels can be compared.
fn reference(scene: &mut Scene, panel: &Panel, first: &Content, this: &Content, logarithmic: bool) {
    if std::ptr::eq(first, this) {
        return;
    }
    let shown = first.median.iter().filter(|p| !logarithmic || p.1 > 0.0);
    let path = lightened(&shown.map(|p| panel.at(p.0, p.1)).collect::<Vec<_>>(), 0.4, 200);
    scene.dashed(&path, 1.2, QUIET.lighter(0.25));
}

/// Limits of grades 3 and 4 of this output, in its shown unit.
fn grade_limits(study: Study, output: usize) -> Vec<(f64, &'static str)> {
    let unit = &study.model().outputs[output].unit;
    let thresholds = study.scenario.endpoints.iter().find_map(|endpoint| match &endpoint.kind {
        EndpointKind::WorstGrade { output: of, thresholds, .. } if *of == output => Some(thresholds),
        _ => None,
    });
    let Some(thresholds) = thresholds else { return Vec::new() };
    let finite = |limit: &&f64| limit.is_finite();
    [(2, "G3"), (3, "G4")]
        .into_iter()
        .filter_map(|(index, name)| {
            thresholds.get(index).filter(finite).map(|limit| (unit.show(*limit), name))
        })
        .collect()
}

fn limit_lines(
    scene: &mut Scene,
    panel: &Panel,
    limits: &[(f64, &str)],
    range: (f64, f64, bool),
    labelled: bool,
) {
    let within: Vec<&(f64, &str)> = limits.iter().filter(|(v, _)| *v > range.0 && *v < range.1).collect();
    let wanted: Vec<f64> = within.iter().map(|(value, _)| panel.y.at(*value)).collect();
    let colour = Colour::hex(0xa0_3c_20);
    for y in &wanted {
        scene.dashed(&[(panel.left, *y), (panel.right, *y)], 0.8, colour.lighter(0.35));
    }
    if labelled {
        let places = spread(&wanted, 12.0, panel.top + 4.0, panel.bottom - 2.0);
        for ((_, name), y) in within.iter().zip(places) {
            scene.text((panel.right + 6.0, y + 3.8), *name, 10.5, colour, Anchor::Start);
        }
    }
}
