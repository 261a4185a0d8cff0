//! Placing points from what was read of them: fronts, layers, conditions, values that are missing.

use super::fixture::{front, plan, reading, searched};
use super::placed::{Front, Status};
use super::readings::same_patients;

/// Names that a sweep file may not give to columns are known before a table is written: they are those of the tables.
#[test]
fn tables_have_the_headers_that_were_foretold() {
    let folder = tempfile::tempdir().expect("a folder");
    let header = |name: &str| {
        let text = std::fs::read_to_string(folder.path().join(name)).expect("a table");
        text.lines().next().unwrap_or_default().to_owned()
    };
    let whole = |front: &Front, [first, searched]: [bool; 2]| {
        let axes = front.axes.iter().map(|axis| axis.name.clone());
        let all: Vec<String> = ["number", "point"].map(str::to_owned).into_iter().chain(axes).collect();
        [all, front.asked.header(first, searched)].concat().join(",")
    };
    let front = front();
    super::tables::write(&front, folder.path()).expect("written");
    assert_eq!(header("front.csv"), whole(&front, [false, false]));
    let found = searched();
    super::tables::write_search(&found, folder.path()).expect("written");
    assert_eq!(header("front.csv"), whole(&found.finals.again, [true, false]));
    assert_eq!(header("search.csv"), whole(&found.search, [false, true]));
}

#[test]
fn points_are_placed_and_what_cannot_be_compared_says_why() {
    let plan = plan();
    let asked = plan.sweep.objectives.clone().expect("objectives");
    let steady = |_, value| Some(value);
    let mut failed = reading([Some(90.0), Some(1.0)], steady);
    failed.failed = 2;
    let readings = [
        reading([Some(50.0), Some(5.0)], steady),
        // Dominated by the first, on every resample but ten, in which it has more exposure than anything.
        reading([Some(40.0), Some(5.0)], |resample, value| {
            Some(if resample < 10 && value == 40.0 { 80.0 } else { value })
        }),
        reading([Some(30.0), Some(6.0)], steady),
        reading([Some(100.5), Some(1.0)], steady),
        reading([None, Some(1.0)], steady),
        failed,
    ];
    let front = Front::new(&plan, &asked, &[0, 1, 2, 3, 4, 5], &readings);
    let statuses: Vec<Status> = front.points.iter().map(|point| point.status.clone()).collect();
    assert_eq!(
        statuses,
        [
            Status::OnFront,
            Status::Dominated(2, 1),
            Status::Dominated(3, 1),
            Status::NotAccepted("exposure: mean <= 100 ng*h/mL".to_owned()),
            Status::Undefined("exposure: mean, a".to_owned()),
            Status::Failed(2),
        ]
    );
    let on_front: Vec<f64> = front.points.iter().map(|point| point.standing.on_front).collect();
    assert_eq!(on_front, [0.9, 0.1, 0.0, 0.0, 0.0, 0.0]);
    let accepted: Vec<f64> = front.points.iter().map(|point| point.standing.accepted).collect();
    assert_eq!(accepted, [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]);
    let undefined: Vec<f64> = front.points.iter().map(|point| point.standing.undefined).collect();
    assert_eq!(undefined, [0.0, 0.0, 0.0, 0.0, 1.0, 1.0]);
    // 10 of 100 at 80, the rest at 40: variance 40² · 0.1 · 0.9 · 100/99.
    assert!((front.points[1].covariance[0][0] - 144.0 * 100.0 / 99.0).abs() < 1e-9);
    assert!(front.points[4].covariance.is_empty());
    assert_eq!(front.members().count(), 1);
    assert!(same_patients(&readings).is_ok());
    let mut other = readings.to_vec();
    other[2].patients = 5;
    assert!(same_patients(&other).is_err());
}
