//! Best response by iwCLL (Hallek et al., Blood 2008; 111:5446, with the nodal and splenic limits of Blood 2018;
//! 131:2745), made executable on restaging visits.
//!
//! Only restagings after the start and before progression count; values are those of the visit (as measured).
//! - CR at a restaging: largest node at most the trial's limit, spleen < 13 cm, lymphocytes < 4e9/L, marrow
//!   lymphocytes < 30 %, neutrophils > 1.5e9/L, platelets > 100e9/L, haemoglobin > 11 g/dL, in a patient with a
//!   confirmed PR. CRi: the same without the three counts.
//! - PR at a restaging: nodes improved (SPD at most half of the start, or largest node < 1.5 cm), at least two
//!   abnormal group A items improved (one, if only one was abnormal at the start), and one group B item. Confirmed:
//!   PR at every restaging over a span of at least the confirmation time.
//! - SD: a restaging from day 56 on that is neither. PD: progression before any of these. Else not evaluable.
//!
//! Symptoms, liver and marrow cellularity are not modelled.

use super::reading;
use super::value::Value;
use crate::scenario::{Column, ResponseCriteria};
use crate::simulation::{Trajectory, Visit};

/// Labels by rank, best first.
pub const CATEGORIES: [&str; 6] = ["CR", "CRi", "PR", "SD", "PD", "not evaluable"];

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
const ROUNDING: f64 = 1e-9;

/// Best response up to progression, death or the end of follow-up.
pub fn best(criteria: &ResponseCriteria, trajectory: &Trajectory) -> Value {
    let mut restagings = reading::visits(trajectory, criteria.schedule);
    let Some(start) = restagings.next() else {
        return Value::Missing("no restaging at the start");
    };
    let progressed = trajectory
        .visits
        .iter()
        .find(|visit| visit.signals[criteria.progression] != 0.0)
        .map(|visit| visit.time);
    let before: Vec<&Visit> =
        restagings.take_while(|visit| progressed.is_none_or(|progressed| visit.time < progressed)).collect();

    let assessment = Assessment { criteria, start };
    let rank = if assessment.confirmed(&before) {
        let complete = |with_counts: bool| before.iter().any(|visit| assessment.complete(visit, with_counts));
        if complete(true) {
            0
        } else if complete(false) {
            1
        } else {
            2
        }
    } else if before.iter().any(|visit| visit.time - start.time >= STABLE_FROM - ROUNDING) {
        3
    } else if progressed.is_some() {
        4
    } else {
        5
    };
    Value::Category { rank, label: CATEGORIES[usize::from(rank)] }
}

/// The criteria with the patient's values at the start.
struct Assessment<'a> {
    criteria: &'a ResponseCriteria,
    start: &'a Visit,
}

impl Assessment<'_> {
    /// Whether PR held at every restaging over a span of at least the confirmation time.
    fn confirmed(&self, restagings: &[&Visit]) -> bool {
        let mut since = None;
        restagings.iter().any(|visit| {
            if !self.partial(visit) {
                since = None;
                return false;
            }
            let first = *since.get_or_insert(visit.time);
            visit.time > first && visit.time - first >= self.criteria.confirmation - ROUNDING
        })
    }

    /// (value at the start, value now)
    fn pair(&self, visit: &Visit, column: Column) -> (f64, f64) {
        (reading::column(self.start, column), reading::column(visit, column))
    }

    fn partial(&self, visit: &Visit) -> bool {
        let nodes = self.nodes_improved(visit);
        // Enlarged nodes bring a patient into these trials: they always count as abnormal.
        let mut abnormal = 1;
        let mut improved = u32::from(nodes);
        for (was_abnormal, has_improved) in [self.lymphocytes(visit), self.spleen(visit)] {
            abnormal += u32::from(was_abnormal);
            improved += u32::from(was_abnormal && has_improved);
        }
        nodes && improved >= abnormal.min(2) && self.counts_improved(visit)
    }

    fn nodes_improved(&self, visit: &Visit) -> bool {
        let (before, now) = self.pair(visit, self.criteria.nodes);
        now <= 0.5 * before || reading::column(visit, self.criteria.node) < NODE_NORMAL
    }

    /// (abnormal at the start, improved)
    fn lymphocytes(&self, visit: &Visit) -> (bool, bool) {
        let (before, now) = self.pair(visit, self.criteria.lymphocytes);
        (before > LYMPHOCYTES_ABNORMAL_AT_START, now <= 0.5 * before || now < LYMPHOCYTES_NORMAL)
    }

    /// (abnormal at the start, improved): what counts is the length beyond 13 cm.
    fn spleen(&self, visit: &Visit) -> (bool, bool) {
        let (before, now) = self.pair(visit, self.criteria.spleen);
        let halved = now - SPLEEN_NORMAL <= 0.5 * (before - SPLEEN_NORMAL);
        (before > SPLEEN_NORMAL, halved || now < SPLEEN_NORMAL)
    }

    fn counts_improved(&self, visit: &Visit) -> bool {
        let criteria = self.criteria;
        let counts = [
            (criteria.neutrophils, NEUTROPHILS),
            (criteria.platelets, PLATELETS),
            (criteria.haemoglobin, HAEMOGLOBIN),
        ];
        counts.into_iter().any(|(column, enough)| {
            let (before, now) = self.pair(visit, column);
            now >= enough || now >= COUNT_IMPROVED * before
        })
    }

    fn complete(&self, visit: &Visit, with_counts: bool) -> bool {
        let criteria = self.criteria;
        let now = |column: Column| reading::column(visit, column);
        let disease_gone = now(criteria.node) <= criteria.node_limit
            && now(criteria.spleen) < SPLEEN_NORMAL
            && now(criteria.lymphocytes) < LYMPHOCYTES_NORMAL
            && now(criteria.marrow) < MARROW_NORMAL;
        let counts = || {
            now(criteria.neutrophils) > NEUTROPHILS
                && now(criteria.platelets) > PLATELETS
                && now(criteria.haemoglobin) > HAEMOGLOBIN
        };
        disease_gone && (!with_counts || counts())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

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

    fn criteria() -> ResponseCriteria {
        ResponseCriteria {
            schedule: 0,
            progression: 0,
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
    type Row = [f64; 8];
    const START: Row = [1.0, 4.0, 15.0, 80.0, 0.7, 1.2, 90.0, 10.0];
    const STABLE: Row = [0.8, 3.6, 14.5, 60.0, 0.6, 1.2, 90.0, 10.0];
    const PARTIAL: Row = [0.5, 2.8, 13.9, 40.0, 0.5, 1.5, 90.0, 10.0];
    const COMPLETE: Row = [0.1, 1.5, 12.0, 3.0, 0.2, 2.0, 120.0, 12.0];
    const COMPLETE_LOW_COUNTS: Row = [0.1, 1.5, 12.0, 3.0, 0.2, 2.0, 60.0, 12.0];

    fn restaged(rows: &[(f64, Row)]) -> Trajectory {
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
}
