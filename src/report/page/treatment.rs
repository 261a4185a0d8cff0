//! What became of the patients and their doses: disposition, dose by cycle, rules.

use maud::{Markup, html};

use super::parts::Page;
use crate::report::figures::Place;
use crate::report::number::{capital, count, count_percent, fixed, unit};
use crate::scenario::{Action, Arm, Scenario};
use crate::trial::summary::Disposition;

/// Disposition, dose by cycle and mean doses.
pub fn treatment(page: &Page) -> Markup {
    html! { (disposition(page)) (page.figures(Place::Dosing)) (doses(page)) (rules(page)) }
}

/// Names that occur in any arm, in order of first appearance.
fn names<'d>(
    arms: &[&'d Disposition],
    list: impl Fn(&'d Disposition) -> &'d [(String, usize)],
) -> Vec<&'d str> {
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in arms.iter().copied().flat_map(list) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    names
}

/// Whether an arm has a rule of which this is true.
fn has_rule(scenario: &Scenario, arm: &Arm, is: fn(&Action) -> bool) -> bool {
    arm.rules.iter().filter_map(|rule| scenario.rules.get(*rule)).any(|rule| is(&rule.action))
}

fn disposition(page: &Page) -> Markup {
    let study = page.study;
    let arms: Vec<&Disposition> = study.trial.arms.iter().map(|arm| &arm.disposition).collect();
    let line = |label: &str, detail: bool, number: &dyn Fn(&Disposition) -> Option<usize>| {
        let numbers = arms.iter().map(|arm| number(arm)).collect();
        disposition_line(label, detail, &arms, numbers)
    };
    // Where no rule of the arm can do it, a 0 would look like a finding.
    let by_rule = |label: &str, is: fn(&Action) -> bool, number: fn(&Disposition) -> usize| {
        let numbers = study.arms().map(|(arm, result)| {
            let found = number(&result.disposition);
            (found > 0 || has_rule(study.scenario, arm, is)).then_some(found)
        });
        disposition_line(label, false, &arms, numbers.collect())
    };
    let of =
        |list: &[(String, usize)], name: &str| list.iter().find(|entry| entry.0 == name).map(|entry| entry.1);
    let sum = |list: &[(String, usize)]| {
        (!list.is_empty()).then(|| list.iter().map(|entry| entry.1).sum::<usize>())
    };
    let head = html! { tr { th scope="col" { "Patients" } (page.arm_heads(60)) } };
    let body = html! {
        tr { th scope="row" { "Virtual patients" } @for arm in &arms { td.n { (count(arm.patients)) } } }
        (line("Started treatment", false, &|arm| Some(arm.treated)))
        (by_rule("Held at least once", |action| matches!(action, Action::Hold { .. }), |arm| arm.held))
        (by_rule("Dose reduced at least once", reduces, |arm| arm.reduced))
        (by_rule("Dose stepped up at least once", |action| matches!(action, Action::Escalate { .. }), |arm| arm.escalated))
        (line("Discontinued treatment", false, &|arm| sum(&arm.discontinued)))
        @for name in names(&arms, |arm| &arm.discontinued) { (line(name, true, &|arm| of(&arm.discontinued, name))) }
        (line("Died", false, &|arm| sum(&arm.died)))
        (line("Completed follow-up", false, &|arm| Some(arm.completed)))
        (line("Still on treatment then", true, &|arm| Some(arm.on_treatment_at_end)))
        (line("Failed numerically", false, &|arm| Some(arm.failed)))
    };
    page.table(
        "Disposition: number (%) of virtual patients.",
        &head,
        &body,
        "Died, completed and failed add up to all patients. A patient who failed numerically is counted there only. A dash: \
         nothing in the arm can lead to it, neither a rule nor a hazard.",
        Some("disposition"),
    )
}

/// A row of the table of dispositions; `None` is a dash.
fn disposition_line(label: &str, detail: bool, arms: &[&Disposition], numbers: Vec<Option<usize>>) -> Markup {
    html! {
        tr.detail[detail] {
            th scope="row" { (capital(label)) }
            @for (arm, number) in arms.iter().zip(numbers) {
                td.n { (number.map_or("–".to_owned(), |number| count_percent(number, arm.patients))) }
            }
        }
    }
}

/// Whether an action can lower the level: at once, or on resuming.
fn reduces(action: &Action) -> bool {
    matches!(action, Action::Reduce { .. } | Action::Hold { lower: 1.., .. })
}

/// Mean dose per planned day at the start, middle and end of the trial.
fn doses(page: &Page) -> Markup {
    let study = page.study;
    let last = study.trial.arms.iter().flat_map(|arm| &arm.doses).map(|cycle| cycle.cycle).max().unwrap_or(0);
    let mut cycles: Vec<u32> =
        [1, 2, 3, 4, 6, 9, 12, 18, 24].into_iter().filter(|cycle| *cycle <= last).collect();
    if cycles.last().is_some_and(|shown| *shown != last) {
        cycles.push(last);
    }
    let dose_unit = study.scenario.arms.iter().find_map(|arm| study.dose_unit(arm.treatments.first()?.route));
    let head = html! {
        tr { th scope="col" { "Cycle" } @for cycle in &cycles { th.n scope="col" { (cycle) } } }
    };
    let body = html! {
        @for ((arm, result), index) in study.arms().zip(0..) {
            tr {
                th scope="row" style=(format!("color:{}", crate::report::draw::arm_colour(index))) { (arm.name) }
                @for cycle in &cycles {
                    @let found = result.doses.iter().find(|dose| dose.cycle == *cycle);
                    td.n {
                        @match (found, arm.treatments.first()) {
                            (Some(dose), Some(treatment)) => {
                                (fixed(study.shown_dose(treatment.route, dose.mean), 1)) small { (dose.patients) }
                            }
                            _ => "–",
                        }
                    }
                }
            }
        }
    };
    html! {
        @if cycles.len() > 1 {
            (page.table(
                &format!("Mean dose per planned day ({}) of patients on treatment.", dose_unit.map_or(String::new(), |u| unit(&u.name))),
                &head, &body,
                "Held days count as zero. Second line: patients on treatment in that cycle.",
                Some("dose-by-cycle"),
            ))
        }
    }
}

fn rules(page: &Page) -> Markup {
    let study = page.study;
    let in_use = |rule: usize| study.scenario.arms.iter().any(|arm| arm.rules.contains(&rule));
    let rules: Vec<usize> = (0..study.scenario.rules.len()).filter(|rule| in_use(*rule)).collect();
    let fired = |rule: usize| {
        study
            .trial
            .arms
            .iter()
            .flat_map(|arm| &arm.rules)
            .filter(|row| row.rule == rule)
            .map(|row| row.fired)
            .sum::<u64>()
    };
    let never: Vec<&str> = rules
        .iter()
        .filter(|rule| fired(**rule) == 0)
        .map(|rule| study.scenario.rules[*rule].name.as_str())
        .collect();
    let head = html! { tr { th scope="col" { "Rule" } (page.arm_heads(45)) } };
    let body = html! {
        @for rule in &rules {
            @let described = &study.scenario.rules[*rule];
            tr {
                th.wide scope="row" {
                    strong { (capital(&described.name)) }
                    @if !described.about.is_empty() { small { (described.about) } }
                    small { "when " code { (described.when_text) } }
                }
                @for arm in &study.trial.arms {
                    td.n {
                        @match arm.rules.iter().find(|row| row.rule == *rule) {
                            Some(row) => { (count(row.fired)) @if row.patients > 0 { small { "in " (count(row.patients)) " patients" } } }
                            None => "–",
                        }
                    }
                }
            }
        }
    };
    html! {
        @if !rules.is_empty() {
            (page.table("How often each rule acted.", &head, &body, "Every decision with the value that it was made on is in decisions.csv. A dash: the arm does not have the rule.", Some("rules")))
            @if never.is_empty() { p { "Every rule acted at least once." } } @else {
                p { strong { "Rules that never acted: " } (never.join("; ")) "." }
            }
        }
    }
}
