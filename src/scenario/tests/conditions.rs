//! The vocabulary of rules and signals.

use super::super::{MemoryKind, Settings};
use super::{good, load_with, with};
use crate::model::{Symbol, TrialQuantity};

const WHEN: &str = "when = \"ANC < 0.5e9/L or lasting(ANC < 1.0e9/L, 7 d)\"";

fn hold_when(condition: &str) -> String {
    with(WHEN, &format!("when = \"{condition}\""))
}

#[test]
fn every_function_is_known() {
    let scenario = good(&hold_when(
        "ANC < 0.5 * baseline(ANC) or ANC < nadir(ANC) or ANC > 2 * peak(ANC) or recent(ANC < 1.0e9/L, 28 d) or \
         consecutive(ANC < 1.0e9/L, 2) or ever(flare > 0.5) or on_hold(drug) or dose(drug) > 5 mg or \
         days_since_off(drug) < 7 d or (day >= 84 d and on_treatment) or worse",
    ));
    let kinds: Vec<MemoryKind> = scenario.memory.iter().map(|cell| cell.kind).collect();
    for kind in [
        MemoryKind::Baseline,
        MemoryKind::Nadir,
        MemoryKind::Peak,
        MemoryKind::Recent(28.0),
        MemoryKind::Consecutive(2),
        MemoryKind::Ever,
    ] {
        assert!(kinds.contains(&kind), "{kind:?} in {kinds:?}");
    }
    let mut read = Vec::new();
    scenario.rules[1].when.symbols(&mut |symbol| read.push(symbol));
    for quantity in [
        TrialQuantity::Day,
        TrialQuantity::OnTreatment,
        TrialQuantity::OnHold(0),
        TrialQuantity::Dose(0),
        TrialQuantity::SinceOff(0),
    ] {
        assert!(read.contains(&Symbol::Trial(quantity)), "{quantity:?}");
    }
}

#[test]
fn equal_calls_share_a_cell() {
    let scenario = good(&hold_when("ANC < baseline(ANC) or 2 * ANC < baseline(ANC)"));
    let cells = scenario.memory.iter().filter(|cell| cell.kind == MemoryKind::Baseline).count();
    assert_eq!(cells, 1);
}

/// In a rule that acts daily, a finding in measured values is made at visits only; otherwise a value carried forward
/// would make `recent` longer than its span.
#[test]
fn memory_of_measured_values_is_fed_at_visits_only() {
    let gate = |condition: &str| {
        let text = with("not recent(ANC < 1.0e9/L, 28 d) and flare < 0.9", condition);
        let scenario = good(&text);
        let recent = |kind: &MemoryKind| matches!(kind, MemoryKind::Recent(_));
        let cell = scenario.memory.into_iter().find(|cell| recent(&cell.kind));
        cell.map(|cell| cell.daily)
    };
    assert_eq!(gate("not recent(ANC < 1.0e9/L, 28 d)"), Some(false));
    assert_eq!(gate("not recent(flare > 0.5, 28 d)"), Some(true));
}

fn refused(condition: &str) -> String {
    let (scenario, _, rendered) = load_with(&hold_when(condition), &Settings::default(), Vec::new());
    assert!(scenario.is_none(), "{condition} was accepted");
    rendered
}

#[test]
fn mistakes_in_conditions_are_explained() {
    for (condition, wanted) in [
        ("ANCC < 1.0e9/L", "did you mean `ANC`"),
        ("worst", "did you mean `worse`"),
        ("count < 1.0e9/L", "conditions cannot read `count`"),
        ("ANC < 1.0 g/dL", "cannot compare"),
        ("ANC", "a condition is wanted here"),
        ("worse > 1", "a quantity is wanted here"),
        ("lasting(ANC < 1.0e9/L)", "takes 2 arguments"),
        ("lasting(ANC, 7 d)", "a condition is wanted here"),
        ("lasting(ANC < 1.0e9/L, 7 mg)", "the span of time"),
        ("lasting(ANC < 1.0e9/L, day)", "must be a plain value"),
        ("consecutive(ANC < 1.0e9/L, 1.5)", "whole number"),
        ("dose(dug) > 5 mg", "there is no drug `dug`"),
        ("dose(2) > 5 mg", "takes the name of a drug"),
        ("nadr(ANC) < 1.0e9/L", "nadir"),
    ] {
        let rendered = refused(condition);
        assert!(rendered.contains(wanted), "{condition}: `{wanted}` is missing from\n{rendered}");
    }
}
