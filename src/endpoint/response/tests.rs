//! Restagings worked out by hand, at the limits of each guideline.

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
    assert_eq!(label(&restaged(&[(0.0, START), (56.0, PARTIAL), (112.0, STABLE), (168.0, PARTIAL)])), "SD");
    assert_eq!(label(&restaged(&[(0.0, START), (56.0, PARTIAL), (84.0, PARTIAL)])), "SD");
    assert_eq!(label(&restaged(&[(0.0, START), (56.0, PARTIAL), (84.0, PARTIAL), (112.0, PARTIAL)])), "PR");
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
