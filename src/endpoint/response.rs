//! Response by iwCLL (Hallek et al., Blood 2008; 111:5446 and Blood 2018; 131:2745), made executable on restaging visits:
//! what a single restaging shows, and the best response of all.
//!
//! Only restagings after the start and before progression count; values are those of the visit (as measured).
//! - CR at a restaging: largest node within the trial's limit, spleen < 13 cm, lymphocytes < 4e9/L, marrow
//!   lymphocytes < 30 %, neutrophils, platelets and haemoglobin beyond 1.5e9/L, 100e9/L and 11 g/dL, in a patient with a
//!   confirmed PR. CRi: the same without the three counts.
//! - PR at a restaging: enough abnormal items of group A (nodes, lymphocytes, spleen) improved, and one item of group B.
//! - PR-L, where lymphocytosis is kept apart (Cheson et al., J Clin Oncol 2012; 30:2820): all of it but the lymphocytes.
//! - Confirmed: PR (or PR-L) at every restaging over a span of at least the confirmation time.
//! - SD: a restaging from day 56 on that is neither. PD: progression before any of these. Else not evaluable.
//!
//! What the two guidelines differ in stands in [`Rules`]. Symptoms, liver and marrow cellularity are not modelled.

use super::progression;
use super::reading;
use super::value::Value;
use crate::scenario::{Column, Guideline, ResponseCriteria};
use crate::simulation::{Trajectory, Visit};

/// Labels by rank, best first.
pub const CATEGORIES: [&str; 6] = ["CR", "CRi", "PR", "SD", "PD", "not evaluable"];
/// The same where a response with lymphocytosis is kept apart.
pub const CATEGORIES_APART: [&str; 7] = ["CR", "CRi", "PR", "PR-L", "SD", "PD", "not evaluable"];

/// Labels of best response by rank, best first; the responses among them come first, in number as the second value says.
pub fn categories(criteria: &ResponseCriteria) -> (&'static [&'static str], usize) {
    if criteria.lymphocytosis_apart { (&CATEGORIES_APART, 4) } else { (&CATEGORIES, 3) }
}

// Limits in coherent units: dm, 1e9 cells/L, mg/L.
const NODE_NORMAL: f64 = 0.15;
const SPLEEN_NORMAL: f64 = 1.3;
const LYMPHOCYTES_NORMAL: f64 = 4.0;
const LYMPHOCYTES_ABNORMAL_AT_START: f64 = 5.0;
const MARROW_NORMAL: f64 = 0.30;
const NEUTROPHILS: f64 = 1.5;
const PLATELETS: f64 = 100.0;
const HAEMOGLOBIN: f64 = 110_000.0;
/// A count that was low at the start improves by this factor.
const COUNT_IMPROVED: f64 = 1.5;
/// First restaging at which a stable disease is one, d.
const STABLE_FROM: f64 = 56.0;
/// Restagings are whole days apart; a span short of the confirmation time by rounding still confirms.
pub const ROUNDING: f64 = 1e-9;

/// What sets of criteria differ in.
struct Rules {
    /// Nodes count as abnormal whatever their size, and must improve.
    nodes_always: bool,
    /// A limit of node or count is kept when it is reached ("none ≥ 1.5 cm", "≥ 100e9/L"), not only beyond.
    node_strict: bool,
    complete_at_limit: bool,
    partial_at_limit: bool,
    /// Neutrophils belong to group B of a PR.
    neutrophils: bool,
}

impl Rules {
    fn of(guideline: Guideline) -> Self {
        match guideline {
            Guideline::Both => Rules {
                nodes_always: true,
                node_strict: false,
                complete_at_limit: false,
                partial_at_limit: true,
                neutrophils: true,
            },
            // "None > 1.5 cm", "> 100 000/uL", "> 11 g/dL", "> 1500/uL".
            Guideline::Iwcll2008 => Rules {
                nodes_always: false,
                node_strict: false,
                complete_at_limit: false,
                partial_at_limit: false,
                neutrophils: true,
            },
            // "None >= 1.5 cm", ">= 100e9/L", ">= 11 g/dL"; group B holds platelets, haemoglobin and marrow.
            Guideline::Iwcll2018 => Rules {
                nodes_always: false,
                node_strict: true,
                complete_at_limit: true,
                partial_at_limit: true,
                neutrophils: false,
            },
        }
    }
}

/// Best response up to progression, death or the end of follow-up.
pub fn best(criteria: &ResponseCriteria, trajectory: &Trajectory) -> Value {
    let Some(course) = Restagings::of(criteria, trajectory) else {
        return Value::Missing("no restaging at the start");
    };
    let Restagings { assessment, before, progressed, .. } = &course;
    let (labels, responses) = categories(criteria);
    let complete = |with_counts: bool| before.iter().any(|visit| assessment.complete(visit, with_counts));
    let rank = if course.onset().is_some() {
        if complete(true) {
            0
        } else if complete(false) {
            1
        } else if assessment.confirmed(before, |visit| assessment.partial(visit)).is_some() {
            2
        } else {
            3
        }
    } else if before.iter().any(|visit| visit.time - assessment.start.time >= STABLE_FROM - ROUNDING) {
        responses
    } else if progressed.is_some() {
        responses + 1
    } else {
        responses + 2
    };
    Value::Category { rank: u8::try_from(rank).unwrap_or(u8::MAX), label: labels[rank] }
}

/// A patient's restagings with what they show.
pub struct Restagings<'a> {
    /// How a restaging is judged.
    pub assessment: Assessment<'a>,
    /// After the start and before progression.
    pub before: Vec<&'a Visit>,
    /// Time of progression.
    pub progressed: Option<f64>,
}

impl<'a> Restagings<'a> {
    /// `None` without a restaging at the start.
    pub fn of(criteria: &'a ResponseCriteria, trajectory: &'a Trajectory) -> Option<Self> {
        let mut restagings = reading::visits(trajectory, criteria.schedule);
        let start = restagings.next()?;
        let progressed = progression::first(trajectory, &criteria.progression);
        let before =
            restagings.take_while(|visit| progressed.is_none_or(|progressed| visit.time < progressed));
        let assessment = Assessment { criteria, rules: Rules::of(criteria.guideline), start };
        Some(Restagings { assessment, before: before.collect(), progressed })
    }

    /// The first restaging of a confirmed response of any depth.
    pub fn onset(&self) -> Option<&'a Visit> {
        let assessment = &self.assessment;
        assessment.confirmed(&self.before, |visit| {
            assessment.partial(visit) || assessment.partial_with_lymphocytosis(visit)
        })
    }
}

/// The criteria with the patient's values at the start.
pub struct Assessment<'a> {
    criteria: &'a ResponseCriteria,
    rules: Rules,
    /// The restaging at the start.
    pub start: &'a Visit,
}

impl Assessment<'_> {
    /// The depth that one restaging shows by itself: 0 CR, 1 CRi, 2 PR, 3 PR-L; `None` for no response.
    pub fn depth(&self, visit: &Visit) -> Option<u8> {
        if self.complete(visit, true) {
            Some(0)
        } else if self.complete(visit, false) {
            Some(1)
        } else if self.partial(visit) {
            Some(2)
        } else {
            self.partial_with_lymphocytosis(visit).then_some(3)
        }
    }

    /// The first restaging from which on a response held at every restaging over a span of at least the confirmation time.
    fn confirmed<'v>(&self, restagings: &[&'v Visit], holds: impl Fn(&Visit) -> bool) -> Option<&'v Visit> {
        let mut since: Option<&Visit> = None;
        for &visit in restagings {
            if !holds(visit) {
                since = None;
                continue;
            }
            let first = *since.get_or_insert(visit);
            if visit.time > first.time && visit.time - first.time >= self.criteria.confirmation - ROUNDING {
                return Some(first);
            }
        }
        None
    }

    /// (value at the start, value now)
    fn pair(&self, visit: &Visit, column: Column) -> (f64, f64) {
        (reading::column(self.start, column), reading::column(visit, column))
    }

    fn partial(&self, visit: &Visit) -> bool {
        let (abnormal, improved) = self.lymphocytes(visit);
        let persisting = self.criteria.lymphocytosis_apart && abnormal && !improved;
        !persisting && self.tumour_improved(visit, true) && self.counts_improved(visit)
    }

    fn partial_with_lymphocytosis(&self, visit: &Visit) -> bool {
        let (abnormal, improved) = self.lymphocytes(visit);
        self.criteria.lymphocytosis_apart
            && abnormal
            && !improved
            && self.tumour_improved(visit, false)
            && self.counts_improved(visit)
    }

    /// Group A: two abnormal items improved, one if only one was abnormal at the start.
    fn tumour_improved(&self, visit: &Visit, with_lymphocytes: bool) -> bool {
        let nodes = self.nodes(visit);
        if self.rules.nodes_always && !nodes.1 {
            return false;
        }
        let lymphocytes = with_lymphocytes.then(|| self.lymphocytes(visit));
        let (mut abnormal, mut improved) = (0, 0);
        for (was_abnormal, has_improved) in [nodes, self.spleen(visit)].into_iter().chain(lymphocytes) {
            abnormal += u32::from(was_abnormal);
            improved += u32::from(was_abnormal && has_improved);
        }
        abnormal > 0 && improved >= abnormal.min(2)
    }

    /// (abnormal at the start, improved)
    fn nodes(&self, visit: &Visit) -> (bool, bool) {
        let (before, now) = self.pair(visit, self.criteria.nodes);
        let (largest_before, largest) = self.pair(visit, self.criteria.node);
        // Enlarged nodes bring a patient into these trials.
        let abnormal = self.rules.nodes_always || !self.node_within(largest_before, NODE_NORMAL);
        (abnormal, now <= 0.5 * before || largest < NODE_NORMAL)
    }

    fn node_within(&self, node: f64, limit: f64) -> bool {
        if self.rules.node_strict { node < limit } else { node <= limit }
    }

    /// (abnormal at the start, improved)
    fn lymphocytes(&self, visit: &Visit) -> (bool, bool) {
        let (before, now) = self.pair(visit, self.criteria.lymphocytes);
        let abnormal = match self.criteria.guideline {
            Guideline::Both => before > LYMPHOCYTES_ABNORMAL_AT_START,
            Guideline::Iwcll2008 | Guideline::Iwcll2018 => before >= LYMPHOCYTES_NORMAL,
        };
        (abnormal, now <= 0.5 * before || now < LYMPHOCYTES_NORMAL)
    }

    /// (abnormal at the start, improved): what counts is the length beyond 13 cm.
    fn spleen(&self, visit: &Visit) -> (bool, bool) {
        let (before, now) = self.pair(visit, self.criteria.spleen);
        let halved = now - SPLEEN_NORMAL <= 0.5 * (before - SPLEEN_NORMAL);
        (before > SPLEEN_NORMAL, halved || now < SPLEEN_NORMAL)
    }

    /// Group B: one count is enough or has risen by half.
    fn counts_improved(&self, visit: &Visit) -> bool {
        let criteria = self.criteria;
        let counts = [
            (criteria.platelets, PLATELETS),
            (criteria.haemoglobin, HAEMOGLOBIN),
            (criteria.neutrophils, NEUTROPHILS),
        ];
        let counted = if self.rules.neutrophils { 3 } else { 2 };
        counts[..counted].iter().any(|&(column, enough)| {
            let (before, now) = self.pair(visit, column);
            beyond(now, enough, self.rules.partial_at_limit) || now >= COUNT_IMPROVED * before
        })
    }

    fn complete(&self, visit: &Visit, with_counts: bool) -> bool {
        let criteria = self.criteria;
        let now = |column: Column| reading::column(visit, column);
        let disease_gone = self.node_within(now(criteria.node), criteria.node_limit)
            && now(criteria.spleen) < SPLEEN_NORMAL
            && now(criteria.lymphocytes) < LYMPHOCYTES_NORMAL
            && now(criteria.marrow) < MARROW_NORMAL;
        let at_limit = self.rules.complete_at_limit;
        let counts = || {
            beyond(now(criteria.neutrophils), NEUTROPHILS, at_limit)
                && beyond(now(criteria.platelets), PLATELETS, at_limit)
                && beyond(now(criteria.haemoglobin), HAEMOGLOBIN, at_limit)
        };
        disease_gone && (!with_counts || counts())
    }
}

fn beyond(value: f64, limit: f64, at_limit: bool) -> bool {
    value > limit || (at_limit && value >= limit)
}

#[cfg(test)]
pub(super) mod tests;
