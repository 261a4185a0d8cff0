//! `[[rule]]`: what a protocol does when something is seen: hold, reduce, escalate, discontinue, give. The actions that set
//! a dose, climb again or let the start wait are read by [`super::adjustment`].

use super::condition::{ConditionScope, SignalName, outputs_read};
use super::definition::{Action, CoMedication, HoldTerms, MemoryCell, ReductionLimits, Rule, Signal};
use super::names::ModelNames;
use super::quantity::quantity;
use super::time::{duration, non_negative_duration};
use crate::diagnostic::{Diagnostic, Text, has_errors};
use crate::document::Table;
use crate::model::{Formula, Model};

/// What rules are read against.
pub(super) struct Surroundings<'a> {
    pub model: &'a Model,
    pub names: &'a ModelNames,
    pub signals: &'a [Signal],
    pub known: &'a [SignalName],
    /// Length of a cycle, d.
    pub cycle: f64,
}

/// The keys that name an action.
const ACTIONS: [&str; 7] = ["hold", "reduce", "escalate", "re_escalate", "adjust", "start", "discontinue"];

/// Reads one rule, whose `name` has been taken.
pub(super) fn read(
    name: Text,
    mut table: Table,
    around: &Surroundings<'_>,
    memory: &mut Vec<MemoryCell>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Rule> {
    let errors = diagnostics.len();
    let about = table.text("about", diagnostics).map_or(String::new(), |text| text.value);
    let check = table.text("check", diagnostics);
    let when = table.text("when", diagnostics);
    let actions: Vec<(&str, Text)> =
        ACTIONS.into_iter().filter_map(|key| Some((key, table.text(key, diagnostics)?))).collect();
    let give = table.table("give", diagnostics);
    let daily = daily(check, actions.first().map(|(key, _)| *key), diagnostics);
    let gives = give.is_some();
    let mut reader = Reader { around, memory, diagnostics, daily };
    let action = reader.action(&actions, &mut table, &name, gives);
    let condition = reader.when(when, &actions, &name);
    if let (Some(Action::Hold { resume_text, .. }), Some((_, when_text))) = (&action, &condition) {
        reader.ends(resume_text, when_text, &name);
    }
    let give = give.map(|give| reader.give(give));
    // Without a clear action it is not clear which keys belong to the rule.
    if actions.len() == 1 || (actions.is_empty() && gives) {
        table.finish(diagnostics);
    }
    let (action, (when, when_text)) = (action?, condition?);
    let give = match give {
        Some(given) => Some(given?),
        None => None,
    };
    if has_errors(&diagnostics[errors..]) {
        return None;
    }
    let formulas: Vec<Formula> = around.signals.iter().map(|signal| signal.formula.clone()).collect();
    let signals = outputs_read(&when, memory, &formulas);
    Some(Rule { name: name.value, about, when_text, when, signals, daily, action, give })
}

/// Escalation waits daily by default, everything else acts at visits.
fn daily(check: Option<Text>, action: Option<&str>, diagnostics: &mut Vec<Diagnostic>) -> bool {
    let Some(check) = check else { return action == Some("escalate") };
    match check.value.as_str() {
        "daily" => true,
        "visit" => false,
        other => {
            diagnostics.push(
                Diagnostic::error(format!("a rule is not checked `{other}`"), check.span, "when?")
                    .help("write `check = \"visit\"` or `check = \"daily\"`"),
            );
            false
        }
    }
}

pub(super) struct Reader<'a, 'b> {
    pub around: &'a Surroundings<'a>,
    memory: &'b mut Vec<MemoryCell>,
    pub diagnostics: &'b mut Vec<Diagnostic>,
    daily: bool,
}

impl Reader<'_, '_> {
    fn condition(&mut self, text: &Text) -> Option<Formula> {
        let (mut scope, diagnostics) = self.scope();
        scope.condition(text, diagnostics)
    }

    /// What the rule's conditions may read, and where findings go.
    pub fn scope(&mut self) -> (ConditionScope<'_>, &mut Vec<Diagnostic>) {
        let scope = ConditionScope {
            names: self.around.names,
            signals: self.around.known,
            memory: self.memory,
            schedule: 0,
            daily: self.daily,
        };
        (scope, self.diagnostics)
    }

    pub fn drug(&mut self, text: &Text) -> Option<usize> {
        self.around.names.route(&text.value, text.span, self.diagnostics)
    }

    pub fn dose(&mut self, drug: usize, text: &Text) -> Option<f64> {
        dose(self.around.model, drug, text, self.diagnostics)
    }

    fn action(
        &mut self,
        actions: &[(&str, Text)],
        table: &mut Table,
        name: &Text,
        gives: bool,
    ) -> Option<Action> {
        match actions {
            [] if gives => Some(Action::Give),
            [] => {
                self.diagnostics.push(
                    Diagnostic::error("this rule does nothing", name.span, "no action").help(format!(
                        "give it one of `{}` (each naming a drug) or `give`",
                        ACTIONS.join("`, `")
                    )),
                );
                None
            }
            [("hold", drug)] => self.hold(drug, table, name),
            [("reduce", drug)] => {
                let drug = self.drug(drug);
                let lower = table.text("at", self.diagnostics);
                let lowest = table.text("lowest", self.diagnostics);
                let limits = self.limits(table);
                let lower = lower.map_or(Some(1), |text| levels_lower(&text, self.diagnostics));
                let lowest = self.lowest(drug, lowest);
                Some(Action::Reduce { drug: drug?, lower: lower?, lowest: lowest?, limits: limits? })
            }
            [("escalate", drug)] => self.escalate(drug, table, name),
            [("re_escalate", drug)] => self.re_escalate(drug, table, name),
            [("adjust", drug)] => self.adjust(drug, table, name),
            [("start", drug)] => self.start(drug, table),
            [(_, drug)] if drug.value == "all" => Some(Action::Discontinue { drug: None }),
            [(_, drug)] => Some(Action::Discontinue { drug: Some(self.drug(drug)?) }),
            [(first, _), (second, text), ..] => {
                self.diagnostics.push(
                    Diagnostic::error(
                        format!("one rule does one thing, not both `{first}` and `{second}`"),
                        text.span,
                        "second action",
                    )
                    .related(name.span, "this rule")
                    .help("write two rules with the same `when`; they act in the order of the arm's list"),
                );
                None
            }
        }
    }

    fn lowest(&mut self, drug: Option<usize>, text: Option<Text>) -> Option<f64> {
        match text {
            None => Some(0.0),
            Some(text) => self.dose(drug?, &text),
        }
    }

    fn hold(&mut self, drug: &Text, table: &mut Table, name: &Text) -> Option<Action> {
        let drug = self.drug(drug);
        let Some(mut resume) = table.table("resume", self.diagnostics) else {
            self.diagnostics.push(
                Diagnostic::error("a hold must say when it ends", name.span, "no `resume`").help(
                    "add `resume = { when = \"ANC >= 1.0e9/L\", at = \"one level lower\" }`, or use `discontinue`",
                ),
            );
            return None;
        };
        let when = resume.required_text("when", self.diagnostics);
        let at = resume.text("at", self.diagnostics);
        let lowest = resume.text("lowest", self.diagnostics);
        let after = resume.text("after", self.diagnostics);
        let at_most = resume.text("at_most", self.diagnostics);
        let limits = self.limits(&mut resume);
        resume.finish(self.diagnostics);
        let cycle = Some(self.around.cycle);
        let after = after.map_or(Some(0.0), |text| non_negative_duration(&text, cycle, self.diagnostics));
        let longest =
            at_most.as_ref().map_or(Some(f64::INFINITY), |text| duration(text, cycle, self.diagnostics));
        if let (Some(after), Some(longest), Some(text)) = (after, longest, &at_most)
            && longest < after
        {
            self.diagnostics.push(
                Diagnostic::error(
                    "this hold must end before it may end",
                    text.span,
                    format!("at most {longest} d, but not sooner than after {after} d"),
                )
                .help("make `at_most` longer than `after`"),
            );
        }
        let condition = when.as_ref().and_then(|text| self.condition(text));
        let lower = at.map_or(Some(0), |text| levels_lower(&text, self.diagnostics));
        let lowest = self.lowest(drug, lowest);
        Some(Action::Hold {
            drug: drug?,
            resume: condition?,
            resume_text: when?.value,
            lower: lower?,
            lowest: lowest?,
            terms: HoldTerms { after: after?, at_most: longest?, limits: limits? },
        })
    }

    /// `reductions_at_most`, `below_lowest`.
    fn limits(&mut self, table: &mut Table) -> Option<ReductionLimits> {
        let most = table.integer("reductions_at_most", self.diagnostics);
        let below = table.text("below_lowest", self.diagnostics);
        let end_below_lowest = match below.as_ref().map(|text| text.value.as_str()) {
            None | Some("stay") => false,
            Some("discontinue") => true,
            Some(other) => {
                let message = format!("below the lowest level a drug does not `{other}`");
                let place = below.as_ref().map_or(table.span(), |text| text.span);
                self.diagnostics.push(
                    Diagnostic::error(message, place, "what then?")
                        .help("write `below_lowest = \"stay\"` or `below_lowest = \"discontinue\"`"),
                );
                return None;
            }
        };
        let most = most.map(|(most, _)| u32::try_from(most).unwrap_or(u32::MAX));
        Some(ReductionLimits { most, end_below_lowest })
    }

    /// A hold that ends when it begins would begin again at once.
    fn ends(&mut self, resume: &str, when: &str, name: &Text) {
        if resume.split_whitespace().eq(when.split_whitespace()) {
            self.diagnostics.push(
                Diagnostic::error(
                    format!("the hold `{}` resumes on the condition that begins it", name.value),
                    name.span,
                    "would never let the drug go on",
                )
                .help(format!("give `resume` the condition of recovery, the opposite of `{when}`")),
            );
        }
    }

    fn escalate(&mut self, drug: &Text, table: &mut Table, name: &Text) -> Option<Action> {
        let drug = self.drug(drug);
        let cycle = Some(self.around.cycle);
        let first = table.text("first", self.diagnostics);
        let every = table.text("every", self.diagnostics);
        let highest = table.text("to", self.diagnostics);
        let Some(every) = every else {
            self.diagnostics.push(
                Diagnostic::error("an escalation needs the spacing of its steps", name.span, "no `every`")
                    .help("add `every = \"28 d\"`"),
            );
            return None;
        };
        let every = duration(&every, cycle, self.diagnostics);
        let first = match first {
            Some(first) => duration(&first, cycle, self.diagnostics),
            None => every,
        };
        let highest = match highest {
            None => Some(f64::INFINITY),
            Some(text) => drug.and_then(|drug| self.dose(drug, &text)),
        };
        let regain = table.boolean("regain", self.diagnostics).is_some_and(|(regain, _)| regain);
        Some(Action::Escalate { drug: drug?, first: first?, every: every?, highest: highest?, regain })
    }

    fn when(
        &mut self,
        when: Option<Text>,
        actions: &[(&str, Text)],
        name: &Text,
    ) -> Option<(Formula, String)> {
        match when {
            Some(text) => Some((self.condition(&text)?, text.value)),
            None if matches!(actions, [("escalate" | "re_escalate", _)]) => {
                Some((Formula::Constant(1.0), "always".to_owned()))
            }
            None => {
                self.diagnostics.push(
                    Diagnostic::error("this rule does not say when it acts", name.span, "no `when`")
                        .help("add a condition such as `when = \"ANC < 0.5e9/L\"`"),
                );
                None
            }
        }
    }

    fn give(&mut self, mut table: Table) -> Option<CoMedication> {
        let drug = table.required_text("drug", self.diagnostics);
        let dose = table.required_text("dose", self.diagnostics);
        let span = table.text("for", self.diagnostics);
        let until = table.text("until", self.diagnostics);
        table.finish(self.diagnostics);
        let drug = drug.and_then(|drug| self.drug(&drug));
        let dose = self.dose(drug?, &dose?);
        let cycle = Some(self.around.cycle);
        let span = match span {
            None => None,
            Some(span) => Some(duration(&span, cycle, self.diagnostics)?),
        };
        let until = match until {
            None => None,
            Some(until) => Some(self.condition(&until)?),
        };
        Some(CoMedication { drug: drug?, dose: dose?, span, until })
    }
}

/// A dose > 0 of a route, coherent.
pub(super) fn dose(
    model: &Model,
    route: usize,
    text: &Text,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<f64> {
    let route = &model.routes[route];
    let what = format!("a dose of `{}`", route.name);
    let said = diagnostics.len();
    let value = quantity(text, route.unit.unit.dimension, &what, diagnostics);
    // A plain value has no missing factor: what is wanted is another unit.
    for finding in &mut diagnostics[said..] {
        if finding.help.as_ref().is_some_and(|help| help.contains("would mend it")) {
            finding.help =
                Some(format!("{what} is in {}: write for example `25 {}`", route.unit.name, route.unit.name));
        }
    }
    let value = value?;
    if value <= 0.0 {
        diagnostics.push(
            Diagnostic::error("a dose must be more than 0", text.span, "no dose")
                .help("leave the days without a dose out of `days`, or use a rule with `hold`"),
        );
        return None;
    }
    Some(value)
}

/// "same level", "one level lower", "2 levels lower".
fn levels_lower(text: &Text, diagnostics: &mut Vec<Diagnostic>) -> Option<usize> {
    let value = text.value.trim();
    let count = match value {
        "same level" | "the same level" => return Some(0),
        _ => value.strip_suffix(" level lower").or_else(|| value.strip_suffix(" levels lower")),
    };
    let words = ["one", "two", "three", "four", "five"];
    let number = count.and_then(|count| {
        let word = words.iter().position(|word| *word == count).map(|position| position + 1);
        word.or_else(|| count.parse().ok().filter(|n| (1..=100).contains(n)))
    });
    if number.is_none() {
        diagnostics.push(
            Diagnostic::error(format!("`{value}` is no dose level"), text.span, "which level?")
                .help("write `same level`, `one level lower` or `two levels lower`"),
        );
    }
    number
}
