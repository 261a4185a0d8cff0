//! All sampled courses beside the more accurate ones of one method: the largest differences, and whose they are.

use super::agreement::{Agreement, EndpointAgreement, Parting};
use crate::scenario::{Numerics, Scenario};
use crate::simulation::Counts;
use crate::trial::outcome::FailedCourse;

/// What a run's own settings are held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// The same method, the tolerance tightened.
    Stricter,
    /// An independent method.
    Reference,
}

/// A patient in an arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Arm index.
    pub arm: usize,
    /// Patient number, from 0.
    pub patient: usize,
}

/// The largest difference, and whose it is: of equal ones the first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Largest {
    /// The difference.
    pub value: f64,
    /// Where.
    pub place: Place,
}

/// Courses of one comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// Which comparison.
    pub against: Against,
    /// Method, relative tolerance and step limit of the more accurate run.
    pub numerics: Numerics,
    /// The run's own absolute tolerances over those of the more accurate run.
    pub absolute_divisor: f64,
    /// Its cost.
    pub counts: Counts,
    /// Courses that came to an end in both.
    pub compared: usize,
    /// Courses that failed in the more accurate run and not in the run's own settings: (arm, course).
    pub failures: Vec<(usize, FailedCourse)>,
    /// Courses whose history differs.
    pub parted: Vec<PartedCourse>,
    /// By the scenario's endpoints.
    pub endpoints: Vec<EndpointCheck>,
    /// By the scenario's key outputs.
    pub outputs: Vec<OutputCheck>,
}

/// A course whose history differs from the more accurate one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PartedCourse {
    /// Whose.
    pub place: Place,
    /// From where on.
    pub parting: Parting,
}

/// One endpoint.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EndpointCheck {
    /// Of courses with the same history.
    pub same: Differences,
    /// Of courses with another history.
    pub parted: Differences,
}

/// Differences of an endpoint over several courses.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Differences {
    /// Courses.
    pub compared: usize,
    /// Largest, coherent units; `None` where the endpoint is no number.
    pub absolute: Option<Largest>,
    /// Largest relative to the more accurate value.
    pub relative: Option<Largest>,
    /// Courses in which the endpoint changed ([`EndpointAgreement::changed`]).
    pub changed: Vec<Place>,
}

/// One output: true values, over the course's largest magnitude, up to where histories part.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputCheck {
    /// Index into the model's outputs.
    pub output: usize,
    /// Largest difference at a visit.
    pub at_visits: Option<Largest>,
    /// Largest difference at a recorded time; `None` where it is not recorded.
    pub recorded: Option<Largest>,
}

impl Check {
    /// A comparison of no courses yet.
    pub fn new(scenario: &Scenario, against: Against, numerics: Numerics, absolute_divisor: f64) -> Self {
        let outputs = scenario.key_outputs().into_iter();
        Self {
            against,
            numerics,
            absolute_divisor,
            counts: Counts::default(),
            compared: 0,
            failures: Vec::new(),
            parted: Vec::new(),
            endpoints: vec![EndpointCheck::default(); scenario.endpoints.len()],
            outputs: outputs.map(|output| OutputCheck { output, at_visits: None, recorded: None }).collect(),
        }
    }

    /// Enters a course. Courses come in a fixed order.
    pub fn enter(&mut self, place: Place, agreement: &Agreement) {
        self.compared += 1;
        self.parted.extend(agreement.parting.map(|parting| PartedCourse { place, parting }));
        for (check, endpoint) in self.endpoints.iter_mut().zip(&agreement.endpoints) {
            let side = if agreement.parting.is_none() { &mut check.same } else { &mut check.parted };
            side.enter(place, *endpoint);
        }
        let values = agreement.at_visits.iter().zip(&agreement.recorded);
        for (check, (at_visits, recorded)) in self.outputs.iter_mut().zip(values) {
            enlarge(&mut check.at_visits, Some(*at_visits), place);
            enlarge(&mut check.recorded, *recorded, place);
        }
    }

    /// The largest relative difference of any endpoint among courses with the same history, and the endpoint's index.
    pub fn largest_relative(&self) -> Option<(usize, Largest)> {
        let found = self.endpoints.iter().enumerate();
        found
            .filter_map(|(index, check)| Some((index, check.same.relative?)))
            .reduce(|first, next| if next.1.value > first.1.value { next } else { first })
    }

    /// Number of courses with the same history in which some endpoint changed.
    pub fn changed(&self) -> usize {
        let mut places: Vec<Place> = Vec::new();
        for place in self.endpoints.iter().flat_map(|check| &check.same.changed) {
            if !places.contains(place) {
                places.push(*place);
            }
        }
        places.len()
    }
}

impl Differences {
    fn enter(&mut self, place: Place, agreement: EndpointAgreement) {
        self.compared += 1;
        enlarge(&mut self.absolute, agreement.absolute, place);
        enlarge(&mut self.relative, agreement.relative, place);
        if agreement.changed {
            self.changed.push(place);
        }
    }
}

fn enlarge(largest: &mut Option<Largest>, value: Option<f64>, place: Place) {
    if let Some(value) = value
        && largest.is_none_or(|largest| value > largest.value)
    {
        *largest = Some(Largest { value, place });
    }
}
