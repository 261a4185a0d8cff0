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
pub(super) mod tests {
    use super::super::fixture;
    use super::*;
    use crate::scenario::Progression;

    /// Columns are outputs in this order.
    const ROW: [Column; 8] = [
        Column::Output(0),
        Column::Output(1),
        Column::Output(2),
        Column::Output(3),
        Column::Output(4),
        Column::Output(5),
        Column::Output(6),
        Column::Output(7),
    ];

    pub fn criteria() -> ResponseCriteria {
        ResponseCriteria {
            guideline: Guideline::Both,
            lymphocytosis_apart: false,
            schedule: 0,
            progression: Progression { signal: 0, flare: None },
            nodes: ROW[0],
            node: ROW[1],
            spleen: ROW[2],
            lymphocytes: ROW[3],
            marrow: ROW[4],
            neutrophils: ROW[5],
            platelets: ROW[6],
            haemoglobin: ROW[7],
            node_limit: 0.15,
            confirmation: 56.0,
        }
    }

    /// A restaging: SPD, node cm, spleen cm, lymphocytes, marrow fraction, neutrophils, platelets, Hb g/dL.
    pub type Row = [f64; 8];
    pub const START: Row = [1.0, 4.0, 15.0, 80.0, 0.7, 1.2, 90.0, 10.0];
    pub const STABLE: Row = [0.8, 3.6, 14.5, 60.0, 0.6, 1.2, 90.0, 10.0];
    pub const PARTIAL: Row = [0.5, 2.8, 13.9, 40.0, 0.5, 1.5, 90.0, 10.0];
    pub const COMPLETE: Row = [0.1, 1.5, 12.0, 3.0, 0.2, 2.0, 120.0, 12.0];
    pub const COMPLETE_LOW_COUNTS: Row = [0.1, 1.5, 12.0, 3.0, 0.2, 2.0, 60.0, 12.0];

    pub fn restaged(rows: &[(f64, Row)]) -> Trajectory {
        let mut trajectory = fixture::visited(&rows.iter().map(|row| (row.0, 0.0)).collect::<Vec<_>>());
        for (visit, (_, row)) in trajectory.visits.iter_mut().zip(rows) {
            let mut values = row.to_vec();
            values[1] /= 10.0;
            values[2] /= 10.0;
            values[7] *= 10_000.0;
            visit.measured = values;
        }
        trajectory
    }

    fn label(trajectory: &Trajectory) -> &'static str {
        match best(&criteria(), trajectory) {
            Value::Category { label, rank } => {
                assert_eq!(CATEGORIES[usize::from(rank)], label);
                label
            }
            other => panic!("expected a category, got {other:?}"),
        }
    }

    #[test]
    fn a_partial_response_must_hold_for_the_confirmation_time() {
        assert_eq!(label(&restaged(&[(0.0, START), (56.0, PARTIAL), (112.0, PARTIAL)])), "PR");
        assert_eq!(
            label(&restaged(&[(0.0, START), (56.0, PARTIAL), (112.0, STABLE), (168.0, PARTIAL)])),
            "SD"
        );
        assert_eq!(label(&restaged(&[(0.0, START), (56.0, PARTIAL), (84.0, PARTIAL)])), "SD");
        assert_eq!(
            label(&restaged(&[(0.0, START), (56.0, PARTIAL), (84.0, PARTIAL), (112.0, PARTIAL)])),
            "PR"
        );
    }

    #[test]
    fn response_counts_only_before_progression() {
        let mut trajectory = restaged(&[(0.0, START), (56.0, PARTIAL), (112.0, PARTIAL)]);
        trajectory.visits[2].signals[0] = 1.0;
        assert_eq!(label(&trajectory), "SD");
        trajectory.visits[1].signals[0] = 1.0;
        assert_eq!(label(&trajectory), "PD");
    }

    #[test]
    fn complete_response_needs_one_restaging_and_a_confirmed_partial_one() {
        assert_eq!(label(&restaged(&[(0.0, START), (56.0, PARTIAL), (112.0, COMPLETE)])), "CR");
        assert_eq!(label(&restaged(&[(0.0, START), (56.0, STABLE), (112.0, COMPLETE)])), "SD");
        assert_eq!(label(&restaged(&[(0.0, START), (56.0, COMPLETE), (112.0, COMPLETE_LOW_COUNTS)])), "CR");
        assert_eq!(label(&restaged(&[(0.0, START), (56.0, PARTIAL), (112.0, COMPLETE_LOW_COUNTS)])), "CRi");
    }

    #[test]
    fn limits_of_complete_response() {
        let with = |index: usize, value: f64| {
            let mut row = COMPLETE;
            row[index] = value;
            label(&restaged(&[(0.0, START), (56.0, PARTIAL), (112.0, row)]))
        };
        assert_eq!(with(1, 1.51), "PR");
        assert_eq!(with(2, 13.0), "PR");
        assert_eq!(with(3, 4.0), "PR");
        assert_eq!(with(4, 0.30), "PR");
        assert_eq!(with(5, 1.5), "CRi");
        assert_eq!(with(6, 100.0), "CRi");
        assert_eq!(with(7, 11.0), "CRi");
    }

    #[test]
    fn group_a_needs_two_items_unless_only_the_nodes_were_abnormal() {
        let with = |start: Row, now: Row| label(&restaged(&[(0.0, start), (56.0, now), (112.0, now)]));
        // Nodes halved, lymphocytes and spleen not: one of three.
        assert_eq!(with(START, [0.5, 2.8, 14.5, 41.0, 0.5, 1.5, 90.0, 10.0]), "SD");
        // Spleen excess 2 cm -> 1 cm makes two.
        assert_eq!(with(START, [0.5, 2.8, 13.99, 41.0, 0.5, 1.5, 90.0, 10.0]), "PR");
        // Lymphocytes and spleen alone are not enough: the nodes must improve.
        assert_eq!(with(START, [0.51, 2.8, 13.0, 3.0, 0.5, 1.5, 90.0, 10.0]), "SD");
        // A largest node below 1.5 cm is improvement too.
        assert_eq!(with(START, [0.51, 1.49, 13.0, 3.0, 0.5, 1.5, 90.0, 10.0]), "PR");
        // Only nodes abnormal at the start.
        let nodal = [1.0, 4.0, 12.0, 5.0, 0.7, 1.2, 90.0, 10.0];
        assert_eq!(with(nodal, [0.5, 2.8, 12.0, 4.9, 0.5, 1.5, 90.0, 10.0]), "PR");
    }

    #[test]
    fn group_b_needs_one_item() {
        let with = |counts: [f64; 3]| {
            let mut row = PARTIAL;
            row[5..].copy_from_slice(&counts);
            label(&restaged(&[(0.0, [1.0, 4.0, 15.0, 80.0, 0.7, 0.8, 60.0, 7.0]), (56.0, row), (112.0, row)]))
        };
        assert_eq!(with([1.1, 89.0, 10.4]), "SD");
        assert_eq!(with([1.21, 89.0, 10.4]), "PR");
        assert_eq!(with([1.1, 90.0, 10.4]), "PR");
        assert_eq!(with([1.1, 89.0, 10.5]), "PR");
        assert_eq!(with([1.1, 100.0, 10.4]), "PR");
    }

    #[test]
    fn without_a_restaging_from_day_56_there_is_no_response_to_speak_of() {
        assert_eq!(label(&restaged(&[(0.0, START)])), "not evaluable");
        assert_eq!(label(&restaged(&[(0.0, START), (28.0, PARTIAL)])), "not evaluable");
    }

    fn under(guideline: Guideline, apart: bool, rows: &[(f64, Row)]) -> &'static str {
        let criteria = ResponseCriteria { guideline, lymphocytosis_apart: apart, ..criteria() };
        match best(&criteria, &restaged(rows)) {
            Value::Category { label, rank } => {
                assert_eq!(categories(&criteria).0[usize::from(rank)], label);
                label
            }
            other => panic!("expected a category, got {other:?}"),
        }
    }

    #[test]
    fn limits_of_2008_and_2018_differ_at_the_limit() {
        let complete = |guideline, index: usize, value: f64| {
            let mut row = COMPLETE;
            row[index] = value;
            under(guideline, false, &[(0.0, START), (56.0, COMPLETE), (112.0, row), (168.0, row)])
        };
        let alone = |guideline, index: usize, value: f64| {
            let mut row = COMPLETE;
            row[index] = value;
            under(guideline, false, &[(0.0, START), (56.0, row), (112.0, row)])
        };
        use Guideline::{Iwcll2008, Iwcll2018};
        // COMPLETE has a largest node of 1.5 cm: none > 1.5 cm in 2008; none >= 1.5 cm in 2018.
        assert_eq!((complete(Iwcll2008, 1, 1.5), complete(Iwcll2018, 1, 1.5)), ("CR", "PR"));
        assert_eq!(alone(Iwcll2018, 1, 1.49), "CR");
        // Counts at the limit: beyond it in 2008, at it in 2018 (with nodes small enough for both).
        let counts = |guideline, index: usize, value: f64| {
            let mut row = COMPLETE;
            (row[1], row[index]) = (1.0, value);
            under(guideline, false, &[(0.0, START), (56.0, row), (112.0, row)])
        };
        for (index, value) in [(5, 1.5), (6, 100.0), (7, 11.0)] {
            assert_eq!((counts(Iwcll2008, index, value), counts(Iwcll2018, index, value)), ("CRi", "CR"));
        }
    }

    #[test]
    fn group_b_has_no_neutrophils_in_2018_and_is_strict_in_2008() {
        // Nodes and lymphocytes halved; counts: neutrophils, platelets, haemoglobin.
        let with = |guideline, counts: [f64; 3]| {
            let mut row = PARTIAL;
            row[5..].copy_from_slice(&counts);
            let start = [1.0, 4.0, 15.0, 80.0, 0.7, 0.8, 80.0, 9.0];
            under(guideline, false, &[(0.0, start), (56.0, row), (112.0, row)])
        };
        use Guideline::{Iwcll2008, Iwcll2018};
        let only_neutrophils = [2.0, 90.0, 9.5];
        assert_eq!((with(Iwcll2008, only_neutrophils), with(Iwcll2018, only_neutrophils)), ("PR", "SD"));
        let platelets_at_100 = [1.0, 100.0, 9.5];
        assert_eq!((with(Iwcll2008, platelets_at_100), with(Iwcll2018, platelets_at_100)), ("SD", "PR"));
    }

    #[test]
    fn group_a_may_do_without_nodes_as_published() {
        // Nodes down by 40 % only; lymphocytes and spleen improved.
        let row = [0.6, 3.0, 13.5, 30.0, 0.5, 2.0, 120.0, 12.0];
        let rows = [(0.0, START), (56.0, row), (112.0, row)];
        assert_eq!(under(Guideline::Both, false, &rows), "SD");
        assert_eq!(under(Guideline::Iwcll2008, false, &rows), "PR");
        assert_eq!(under(Guideline::Iwcll2018, false, &rows), "PR");
        // One abnormal item alone is enough if no other was abnormal: small nodes, normal spleen, lymphocytes halved.
        let start = [1.0, 1.2, 12.0, 80.0, 0.7, 1.2, 120.0, 12.0];
        let row = [1.0, 1.2, 12.0, 40.0, 0.7, 1.2, 120.0, 12.0];
        assert_eq!(under(Guideline::Iwcll2018, false, &[(0.0, start), (56.0, row), (112.0, row)]), "PR");
    }

    #[test]
    fn lymphocytosis_is_kept_apart_where_asked_for() {
        // Nodes and spleen halved, lymphocytes doubled.
        let row = [0.4, 2.5, 13.5, 160.0, 0.5, 2.0, 120.0, 12.0];
        let rows = [(0.0, START), (56.0, row), (112.0, row)];
        assert_eq!(under(Guideline::Iwcll2018, true, &rows), "PR-L");
        assert_eq!(under(Guideline::Iwcll2018, false, &rows), "PR", "two of three items");
        // Once the lymphocytes have halved too, it is a PR; a span of both confirms.
        let later = [0.4, 2.5, 13.5, 40.0, 0.5, 2.0, 120.0, 12.0];
        let rows = [(0.0, START), (56.0, row), (112.0, later)];
        assert_eq!(under(Guideline::Iwcll2018, true, &rows), "PR-L", "the PR alone is not confirmed");
        let rows = [(0.0, START), (56.0, row), (112.0, later), (168.0, later)];
        assert_eq!(under(Guideline::Iwcll2018, true, &rows), "PR");
    }
}
