//! `[[arm]]`: what the arms give, the rules they follow, the controls they set.

use super::definition::{Action, Arm, ControlSetting, Rule, Treatment};
use super::names::{ModelNames, index, missing};
use super::quantity::value_in;
use super::signal::duplicate;
use super::time::ranges;
use super::treatment;
use crate::diagnostic::{Diagnostic, Span, Text};
use crate::document::Table;
use crate::model::Model;

/// An arm as written, before its rules are known.
pub(super) struct Declared {
    pub name: Text,
    pub rules: Vec<Text>,
    /// Whether every treatment could be read; otherwise nothing is said about what the arm does not give.
    complete: bool,
    arm: Arm,
}

/// Reads all arms; names of rules are kept for [`bind`].
pub(super) fn read(
    tables: Vec<Table>,
    around: &treatment::Around<'_>,
    file: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Declared> {
    if tables.is_empty() {
        diagnostics.push(
            Diagnostic::error("this scenario has no arm", file, "nothing to simulate").help(
                "add `[[arm]]` with a `name` and `treatment = [{ drug = \"…\", dose = \"…\" }]` (an empty list for no treatment)",
            ),
        );
    }
    let mut arms: Vec<Declared> = Vec::new();
    for table in tables {
        let Some(arm) = read_one(table, around, diagnostics) else { continue };
        if let Some(first) = arms.iter().find(|other| other.name.value == arm.name.value) {
            diagnostics.push(duplicate("arm", &arm.name, first.name.span));
        }
        arms.push(arm);
    }
    arms
}

fn read_one(
    mut table: Table,
    around: &treatment::Around<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Declared> {
    let treatment::Around { model, names, .. } = *around;
    let name = table.required_text("name", diagnostics);
    let about = table.text("about", diagnostics).map_or(String::new(), |text| text.value);
    let treatments = table.tables("treatment", diagnostics);
    let rules = table.texts("rules", diagnostics);
    let controls = table.tables("controls", diagnostics);
    table.finish(diagnostics);
    let planned = treatments.len();
    let treatments: Vec<Treatment> =
        treatments.into_iter().filter_map(|table| treatment::read(table, around, diagnostics)).collect();
    let mut settings = Vec::new();
    for control in controls {
        settings.extend(read_control(control, model, names, diagnostics).unwrap_or_default());
    }
    let name = name?;
    if name.value.trim().is_empty() {
        diagnostics.push(
            Diagnostic::error("this arm has an empty name", name.span, "no name")
                .help("name it by what it gives, such as `name = \"25 mg, days 1-21 of 28\"`"),
        );
    }
    let complete = treatments.len() == planned;
    let arm = Arm { name: name.value.clone(), about, treatments, rules: Vec::new(), controls: settings };
    Some(Declared { name, rules, complete, arm })
}

/// `{ set = "lysis.allopurinol", value = 1, days = "1-14" }`
fn read_control(
    mut table: Table,
    model: &Model,
    names: &ModelNames,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<ControlSetting>> {
    let span = table.span();
    let set = table.required_text("set", diagnostics);
    let value = table.value("value");
    let days = table.text("days", diagnostics);
    table.finish(diagnostics);
    let days = days.map_or(Some(vec![(1, u32::MAX)]), |days| ranges(&days, "day", diagnostics));
    let control = control(&set?, model, names, diagnostics)?;
    let Some(value) = value else {
        diagnostics.push(
            Diagnostic::error("the key `value` is missing", span, "set to what?").help("add `value = 1`"),
        );
        return None;
    };
    let declared = &model.controls[control];
    let value = value_in(&value, &declared.unit, &format!("`{}`", declared.name), diagnostics)?;
    let settings = days?.into_iter().map(|(first, last)| ControlSetting {
        control,
        value,
        from: f64::from(first) - 1.0,
        to: if last == u32::MAX { f64::INFINITY } else { f64::from(last) },
    });
    Some(settings.collect())
}

/// The control of this name that a scenario may set.
pub(super) fn control(
    name: &Text,
    model: &Model,
    names: &ModelNames,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<usize> {
    let control = index(names.controls.expect(&name.value, name.span, "control", diagnostics)?)?;
    if model.controls[control].driven_by_treatment {
        diagnostics.push(
            Diagnostic::error(
                format!("the control `{}` follows the treatment by itself", model.controls[control].name),
                name.span,
                "declared with `driven_by = \"treatment\"`",
            )
            .help("do not set it; it is 1 from the first dose to discontinuation"),
        );
        return None;
    }
    Some(control)
}

/// Ties arms to rules by name, and warns of what can never act.
///
/// Rules in `faulty` have been reported, so nothing is said where an arm names one of them.
pub(super) fn bind(
    declared: Vec<Declared>,
    rules: &[Rule],
    faulty: &[String],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Arm> {
    let mut arms = Vec::new();
    for Declared { rules: wanted, complete, mut arm, .. } in declared {
        let mut named = Vec::new();
        for name in wanted {
            let Some(rule) = rules.iter().position(|rule| rule.name == name.value) else {
                if !faulty.contains(&name.value) {
                    let known = rules.iter().map(|rule| rule.name.as_str());
                    let known = known.chain(faulty.iter().map(String::as_str));
                    diagnostics.push(missing(&name.value, name.span, "rule", known));
                }
                continue;
            };
            if arm.rules.contains(&rule) {
                diagnostics.push(
                    Diagnostic::error(
                        format!("the arm `{}` names the rule `{}` twice", arm.name, name.value),
                        name.span,
                        "again here",
                    )
                    .help("name each rule once"),
                );
                continue;
            }
            arm.rules.push(rule);
            if complete {
                named.push((rule, name.span));
            }
        }
        let given: Vec<usize> =
            arm.rules.iter().filter_map(|rule| rules[*rule].give.as_ref()).map(|given| given.drug).collect();
        for (rule, span) in named {
            check_drug(&arm, &rules[rule], &given, span, diagnostics);
        }
        arms.push(arm);
    }
    arms
}

/// A rule acts on the planned treatments of an arm; without the drug it can do nothing there. What other rules give can be
/// discontinued too.
fn check_drug(arm: &Arm, rule: &Rule, given: &[usize], span: Span, diagnostics: &mut Vec<Diagnostic>) {
    let drug = match &rule.action {
        Action::Hold { drug, .. }
        | Action::Reduce { drug, .. }
        | Action::Escalate { drug, .. }
        | Action::ReEscalate { drug, .. }
        | Action::Adjust { drug, .. }
        | Action::Start { drug, .. } => *drug,
        Action::Discontinue { drug: Some(drug) } if given.contains(drug) => return,
        Action::Discontinue { drug: Some(drug) } => *drug,
        Action::Discontinue { drug: None } | Action::Give => return,
    };
    let mut treatments = arm.treatments.iter().filter(|treatment| treatment.route == drug).peekable();
    if treatments.peek().is_none() {
        diagnostics.push(
            Diagnostic::error(
                format!("the rule `{}` can never act in the arm `{}`", rule.name, arm.name),
                span,
                "the arm does not give this drug",
            )
            .help("leave the rule out of this arm, or add a treatment with the drug")
            .warning(),
        );
    } else if matches!(rule.action, Action::Escalate { .. } | Action::ReEscalate { .. })
        && treatments.all(|treatment| treatment.levels.len() < 2)
    {
        diagnostics.push(
            Diagnostic::error(
                format!("the rule `{}` has nothing to step to in the arm `{}`", rule.name, arm.name),
                span,
                "the drug has one dose level here",
            )
            .help("write the steps as `levels = […], start = \"…\"` in the treatment")
            .warning(),
        );
    }
}
