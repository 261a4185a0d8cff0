//! An outcomes file, checked: which trials were published, what they reported, and what of a simulated course answers it.

use crate::diagnostic::{Span, Text};
use crate::math::statistics::quantile;

/// What is known of a set of trials.
#[derive(Debug, Clone)]
pub struct Outcomes {
    /// File stem.
    pub name: String,
    /// Title.
    pub title: String,
    /// What was collected, and from where.
    pub about: String,
    /// Kinds of outcomes.
    pub kinds: Vec<Kind>,
    /// Trials in the order of the file.
    pub trials: Vec<PublishedTrial>,
}

/// Outcomes that are alike: the same question, whatever the trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Kind {
    /// "neutropenia".
    pub name: String,
    /// Standard deviation, on the logit scale, of the true proportions of trials of one setting, beyond what the number of
    /// their patients brings about: equally likely values, ascending, one at least.
    pub between_trial_sds: Vec<f64>,
    /// Where that comes from.
    pub source: String,
}

impl Kind {
    /// The middle one of the standard deviations between trials.
    pub fn typical_sd(&self) -> f64 {
        quantile(&self.between_trial_sds, 0.5)
    }
}

/// A trial as published: all its arms, so that what leaves one trial out leaves out all of it.
#[derive(Debug, Clone)]
pub struct PublishedTrial {
    /// "Chen 2011".
    pub name: String,
    /// Reference.
    pub source: String,
    /// What is to be known of its figures.
    pub about: String,
    /// "relapsed", "untreated".
    pub setting: String,
    /// Whether its outcomes are not given: it is predicted and not scored.
    pub to_follow: bool,
    /// Arms.
    pub arms: Vec<PublishedArm>,
    /// Outcomes; alternative versions of one follow it.
    pub outcomes: Vec<Outcome>,
}

/// An arm of a published trial.
#[derive(Debug, Clone)]
pub struct PublishedArm {
    /// Its name; empty for a trial of one arm.
    pub name: String,
    /// The scenario that describes it.
    pub scenario: Text,
    /// Which arm of that scenario; `None` where it has one.
    pub arm: Option<Text>,
    /// Patients treated: its weight where arms are pooled.
    pub patients: usize,
}

/// One outcome of a trial.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// "ORR at 23 months", unique in its trial but for versions.
    pub name: String,
    /// Index into [`Outcomes::kinds`].
    pub kind: usize,
    /// Arms that were pooled, indices into [`PublishedTrial::arms`].
    pub arms: Vec<usize>,
    /// What answers it.
    pub question: Question,
    /// What was reported; `None` where it is to follow.
    pub observed: Option<Observed>,
    /// Whether it was used for calibration.
    pub calibration: bool,
    /// Why it tests nothing although it did not serve for calibration: the same patients did, or a value was chosen by it. `None`
    /// where it does.
    pub in_sample: Option<String>,
    /// Where it was read.
    pub source: String,
    /// What is to be known of it.
    pub note: String,
    /// Why x of n is no count of patients; `None` where it is one.
    pub pseudo: Option<String>,
    /// Group of like outcomes whose spread tells the between-trial standard deviation of the kind; `None` where it has no
    /// part in that.
    pub spread: Option<String>,
    /// The outcome of the same trial that this is another published version of.
    pub version_of: Option<usize>,
}

impl Outcome {
    /// Whether it is an outcome by itself that the model has not seen.
    pub fn is_unseen(&self) -> bool {
        !self.calibration && self.version_of.is_none() && self.in_sample.is_none()
    }
}

/// What of a simulated course answers an outcome.
#[derive(Debug, Clone)]
pub struct Question {
    /// Name of an endpoint of the scenario.
    pub endpoint: Text,
    /// Which share of it: "grade 3-4", "CR", "event-free"; `None` where it is yes or no.
    pub measure: Option<Text>,
    /// When: of a time to event, a restaging or a cycle.
    pub at: Option<Moment>,
    /// Follow-up ends here, d, as if nothing later had been seen; `None`: the scenario's.
    pub until: Option<f64>,
}

/// A time, and where it is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// d.
    pub time: f64,
    /// Where.
    pub span: Span,
}

/// What was reported.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Observed {
    /// x of n. x may be broken where it was turned back from a percentage.
    Count {
        /// x.
        events: f64,
        /// n.
        of: usize,
    },
    /// A median time, d.
    Median(f64),
}

/// An outcome by the place of its trial and its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Index into [`Outcomes::trials`].
    pub trial: usize,
    /// Index into [`PublishedTrial::outcomes`].
    pub outcome: usize,
}

impl Outcomes {
    /// The outcome at a place.
    pub fn at(&self, place: Place) -> &Outcome {
        &self.trials[place.trial].outcomes[place.outcome]
    }

    /// "Chen 2011: ORR at 23 months".
    pub fn label(&self, place: Place) -> String {
        let trial = &self.trials[place.trial];
        let arms: Vec<&str> = self.at(place).arms.iter().map(|arm| trial.arms[*arm].name.as_str()).collect();
        let arms =
            if arms.len() == trial.arms.len() { String::new() } else { format!(" {}", arms.join(" + ")) };
        format!("{}{arms}: {}", trial.name, self.at(place).name)
    }

    /// Places of the outcomes of which this is true, in the order of the file.
    pub fn places(&self, wanted: impl Fn(&PublishedTrial, &Outcome) -> bool) -> Vec<Place> {
        let mut places = Vec::new();
        for (trial, published) in self.trials.iter().enumerate() {
            for (outcome, it) in published.outcomes.iter().enumerate() {
                if wanted(published, it) {
                    places.push(Place { trial, outcome });
                }
            }
        }
        places
    }

    /// Places of the outcomes that were used for calibration.
    pub fn calibration(&self) -> Vec<Place> {
        self.places(|_, outcome| outcome.calibration)
    }

    /// Places of all outcomes.
    pub fn all(&self) -> Vec<Place> {
        self.places(|_, _| true)
    }
}
