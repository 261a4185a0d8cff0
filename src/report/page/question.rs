//! What was asked: the question, the arms, the visits; and what the answer is not for.

use maud::{Markup, html};

use super::parts::Page;
use crate::report::figures::Place;
use crate::report::number::with_unit;
use crate::report::study::Study;
use crate::scenario::{Arm, ControlSetting};

/// Arms as planned, with their calendar, and the visits.
pub fn arms(page: &Page) -> Markup {
    let study = page.study;
    let head = html! { tr { th scope="col" { "Arm" } th scope="col" { "Treatment by plan" } th scope="col" { "Rules, in the order in which they act" } } };
    let body = html! {
        @for (index, arm) in study.scenario.arms.iter().enumerate() {
            tr {
                th scope="row" {
                    strong style=(format!("color:{}", crate::report::draw::arm_colour(index))) { (arm.name) }
                    @if !arm.about.is_empty() { small { (arm.about) } }
                }
                td.wide { (treatment(study, arm)) }
                td.wide {
                    @if arm.rules.is_empty() { "none" }
                    @for rule in arm.rules.iter().filter_map(|rule| study.scenario.rules.get(*rule)) { div { (rule.name) } }
                }
            }
        }
    };
    html! {
        (page.table("Arms.", &head, &body, "Every arm treats the same virtual patients. The first arm is the reference of all comparisons.", None))
        (page.figures(Place::Arms))
        (visits(study))
    }
}

fn treatment(study: Study, arm: &Arm) -> Markup {
    html! {
        @for treatment in &arm.treatments {
            @let drug = study.drug(treatment.route);
            div { @if !treatment.text.contains(drug) { (drug) " " } (treatment.text) }
        }
        @for setting in &arm.controls { small { (control(study, setting)) } }
    }
}

fn control(study: Study, setting: &ControlSetting) -> String {
    let Some(control) = study.model().controls.get(setting.control) else { return String::new() };
    let value = with_unit(control.unit.show(setting.value), &control.unit.name);
    let span = if setting.to.is_infinite() {
        format!("from day {}", setting.from + 1.0)
    } else {
        format!("days {} to {}", setting.from + 1.0, setting.to)
    };
    format!("{} = {value}, {span}", control.name)
}

fn visits(study: Study) -> Markup {
    html! {
        @if !study.scenario.visits.is_empty() {
            h3 { "Visits" }
            ul {
                @for schedule in &study.scenario.visits {
                    li { strong { (schedule.name) } ": " (schedule.text.join("; ")) " (" (schedule.times.len()) " planned)" }
                }
                @if let Some(spacing) = study.scenario.visits_while_held {
                    li { "While a drug is on hold: an extra laboratory visit every " (spacing) " d" }
                }
                @if study.model().occasion_effects().next().is_some() {
                    li { "Occasions, between which parameters of a patient vary: " (study.scenario.occasions.len()) }
                }
            }
        }
        @if !study.scenario.overrides.is_empty() {
            h3 { "Parameters changed by the scenario" }
            ul { @for (name, value) in &study.scenario.overrides { li { code { (name) " = " (value) } } } }
        }
    }
}
