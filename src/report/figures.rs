//! The figures of a report: which there are, their captions, and their files.

use std::path::Path;

use rayon::prelude::*;

use super::draw::{self, Scene};
use super::number::capital;
use super::study::Study;
use crate::scenario::EndpointKind;
use crate::trial::Course;

/// The part of the page in which a figure stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Arms as planned.
    Arms,
    /// Doses as given.
    Dosing,
    /// Courses of outputs that steer treatment or are scored.
    Course,
    /// Courses of other outputs.
    MinorCourse,
    /// Time to event.
    Survival,
    /// Response.
    Response,
    /// Toxicity.
    Toxicity,
    /// Arms against the first.
    Comparison,
}

/// A figure with its caption and its SVG text.
pub struct Figure {
    /// Where it stands.
    pub place: Place,
    /// File stem.
    pub name: String,
    /// One heading sentence.
    pub heading: String,
    /// What to know when reading it.
    pub caption: String,
    /// The SVG element.
    pub svg: String,
}

struct Draft {
    place: Place,
    heading: String,
    caption: String,
    scene: Scene,
}

/// Why a figure could not be drawn.
#[derive(Debug)]
pub struct FigureError {
    /// File stem of the figure.
    pub name: String,
    /// The drawing library's message.
    pub message: String,
}

/// Lays out all figures and writes `NAME.svg` and `NAME.png` of each into a folder that exists.
///
/// # Errors
/// When a file cannot be written.
pub fn write(study: Study, folder: &Path) -> Result<Vec<Figure>, FigureError> {
    let mut drafts = drafts(study);
    name_apart(&mut drafts);
    drafts.into_par_iter().map(|draft| render(draft, folder)).collect()
}

fn render(draft: Draft, folder: &Path) -> Result<Figure, FigureError> {
    let Draft { place, heading, caption, scene } = draft;
    let fail = |message: String| FigureError { name: scene.name.clone(), message };
    let svg = draw::svg(&scene).map_err(fail)?;
    std::fs::write(folder.join(format!("{}.svg", scene.name)), &svg).map_err(|e| fail(e.to_string()))?;
    draw::write_png(&scene, &folder.join(format!("{}.png", scene.name))).map_err(fail)?;
    Ok(Figure { place, name: scene.name.clone(), heading, caption, svg })
}

/// Two figures whose titles come to the same file name are numbered.
fn name_apart(drafts: &mut [Draft]) {
    for index in 1..drafts.len() {
        let (before, rest) = drafts.split_at_mut(index);
        let scene = &mut rest[0].scene;
        let stem = scene.name.clone();
        let mut number = 2;
        while before.iter().any(|draft| draft.scene.name == scene.name) {
            scene.name = format!("{stem}-{number}");
            number += 1;
        }
    }
}

fn drafts(study: Study) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let mut add = |place, heading: String, caption: String, scene: Option<Scene>| {
        drafts.extend(scene.map(|scene| Draft { place, heading, caption, scene }));
    };
    add(
        Place::Arms,
        "Planned doses as a calendar, and the mean dose given.".to_owned(),
        "Each square is a day of a cycle, coloured by the dose that the plan (start, days, planned steps) gives if no \
         rule interferes. The bars show the mean dose per scheduled day of patients still on treatment, held days \
         counted as zero."
            .to_owned(),
        draw::calendar(study),
    );
    add(
        Place::Dosing,
        "Dose by cycle.".to_owned(),
        "Patients by the dose in force on the first dosing day of each cycle.".to_owned(),
        draw::levels(study),
    );
    courses(study, &mut add);
    add(
        Place::Response,
        "Best response.".to_owned(),
        "Lines with ends: Wilson 95 % interval of the share of responders.".to_owned(),
        draw::responses(study),
    );
    add(
        Place::Response,
        "Best change of the nodes, patient by patient.".to_owned(),
        "Smallest measured sum of products at a restaging visit, up to progression, relative to the first restaging \
         visit; one bar per patient, coloured by best response; dashed line: a fall by half."
            .to_owned(),
        draw::waterfall(study),
    );
    for index in study.endpoints_by_rank() {
        let endpoint = &study.scenario.endpoints[index];
        add(
            Place::Survival,
            format!("{}.", capital(&endpoint.name)),
            "Kaplan–Meier estimate with pointwise 95 % bands (log-log, Greenwood; left out where there are more than \
             four arms); short vertical strokes: censored patients."
                .to_owned(),
            draw::survival(study, index),
        );
        add(
            Place::Survival,
            format!("{}.", capital(&endpoint.name)),
            "Cumulative incidence (Aalen–Johansen), others having had a competing event first; bands: 1.96 standard errors \
             to either side (left out where there are more than four arms)."
                .to_owned(),
            draw::incidence(study, index),
        );
        let response = matches!(endpoint.kind, EndpointKind::Response { .. });
        add(
            if response { Place::Response } else { Place::Toxicity },
            format!("{}.", capital(&endpoint.name)),
            "Share of the patients with a value at each time; the table below has the numbers.".to_owned(),
            draw::periods(study, index),
        );
    }
    add(
        Place::Toxicity,
        "Worst grade on treatment.".to_owned(),
        "Bars begin with the highest grade. Lines with ends: Wilson 95 % interval of the share with grade 3 or 4."
            .to_owned(),
        draw::grades(study),
    );
    for scene in draw::forests(study) {
        let heading =
            format!("{} against the first arm.", scene.title.split(',').next().unwrap_or("Contrast"));
        let caption = "Dots: estimate on the same virtual patients; lines: 95 % interval.".to_owned();
        add(Place::Comparison, heading, caption, Some(scene));
    }
    drafts
}

fn courses(study: Study, add: &mut impl FnMut(Place, String, String, Option<Scene>)) {
    for (record, definition) in study.scenario.records.iter().enumerate() {
        for (position, &output) in definition.outputs.iter().enumerate() {
            let same: Vec<&Course> =
                study.trial.courses.iter().filter(|c| c.record == record && c.position == position).collect();
            let Some(described) = study.model().outputs.get(output) else { continue };
            let place = if study.scenario.steers(output) || definition.times.len() < 2 || record > 0 {
                Place::Course
            } else {
                Place::MinorCourse
            };
            let heading = match described.about.as_str() {
                "" => format!("{}.", described.name),
                about => format!("{} ({}).", capital(about), described.name),
            };
            let left_out = if study.trial.arms.iter().any(|arm| !arm.failures.is_empty()) {
                " Patients who failed numerically are left out of median and ribbon."
            } else {
                ""
            };
            let caption = format!("Record “{}”.{left_out}", definition.name);
            add(place, heading, caption, draw::course(study, &same));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::draw::Label;
    use crate::report::fixture;
    use crate::scenario::{EndpointDefinition, GradeSource, Happening, ResponseQuestion, Scenario};

    /// Whether two texts are written over each other.
    fn collide(a: &Label, b: &Label) -> bool {
        let (a, b) = (a.bounds(), b.bounds());
        a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3
    }

    /// Endpoints that have figures of their own beside those of the made-up scenario.
    fn add_further(scenario: &mut Scenario) {
        let plain = scenario.endpoints[0].clone();
        let EndpointKind::BestResponse(criteria) = plain.kind.clone() else { panic!() };
        let graded = scenario.endpoints.iter().find_map(|endpoint| match endpoint.kind.clone() {
            EndpointKind::WorstGrade { output, thresholds, falling, table, at } => {
                Some(GradeSource { output, thresholds, falling, table, at })
            }
            _ => None,
        });
        let question = ResponseQuestion::OverTime;
        let competing = vec![Happening::Discontinuation];
        let further = [
            ("neutropenia by cycle", EndpointKind::GradesByCycle { source: graded.unwrap(), cycle: 28.0 }),
            ("response over time", EndpointKind::Response { criteria, question }),
            ("death", EndpointKind::CumulativeIncidence { event: Happening::Hazard(0), competing }),
        ];
        scenario.endpoints.extend(further.map(|(name, kind)| EndpointDefinition {
            name: name.to_owned(),
            kind,
            ..plain.clone()
        }));
    }

    fn check(patients: usize, arms: usize) {
        let (mut scenario, _) = fixture::scenario(patients, arms);
        add_further(&mut scenario);
        let trial = fixture::trial(&scenario);
        let study = Study {
            trial: &trial,
            scenario: &scenario,
            verification: None,
            uncertainty: None,
            replicates: None,
        };
        for Draft { scene, .. } in drafts(study) {
            let labels: Vec<&Label> = scene.labels().collect();
            for (index, label) in labels.iter().enumerate() {
                let (left, top, right, bottom) = label.bounds();
                let inside = left >= 0.0 && top >= 0.0 && right <= scene.size.0 && bottom <= scene.size.1;
                assert!(inside, "{arms} arms, {}: “{}” is cut off", scene.name, label.text);
                if let Some(other) = labels[..index].iter().find(|other| collide(label, other)) {
                    panic!("{arms} arms, {}: “{}” is written over “{}”", scene.name, label.text, other.text);
                }
            }
        }
    }

    #[test]
    fn no_text_is_cut_off_or_written_over_another() {
        for (patients, arms) in [(40, 3), (12, 1), (12, 2), (6, 5), (4, 10)] {
            check(patients, arms);
        }
    }

    #[test]
    fn endpoints_by_period_and_incidences_are_drawn() {
        let (mut scenario, _) = fixture::scenario(12, 2);
        add_further(&mut scenario);
        let trial = fixture::trial(&scenario);
        let study = Study {
            trial: &trial,
            scenario: &scenario,
            verification: None,
            uncertainty: None,
            replicates: None,
        };
        let drafts = drafts(study);
        for name in ["neutropenia-by-cycle", "response-over-time"] {
            assert!(drafts.iter().any(|draft| draft.scene.name == name), "{name}");
        }
        let died = trial.arms.iter().any(|arm| {
            arm.incidences.iter().any(|(_, curve)| curve.incidence.last().is_some_and(|last| last[0] > 0.0))
        });
        assert_eq!(drafts.iter().any(|draft| draft.scene.name == "incidence-death"), died);
    }

    #[test]
    fn figures_have_names_of_their_own() {
        let (mut scenario, _) = fixture::scenario(4, 2);
        scenario.records[1].name = scenario.records[0].name.clone();
        scenario.records[1].outputs = vec![scenario.records[0].outputs[0]];
        let trial = fixture::trial(&scenario);
        let study = Study {
            trial: &trial,
            scenario: &scenario,
            verification: None,
            uncertainty: None,
            replicates: None,
        };
        let mut drafts = drafts(study);
        name_apart(&mut drafts);
        let mut names: Vec<&str> = drafts.iter().map(|draft| draft.scene.name.as_str()).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
