//! Rules that set a dose (`adjust`), climb again what a reduction took (`re_escalate`) or let the first dose wait (`start`).

use super::condition::ConditionScope;
use super::definition::Action;
use super::rule::Reader;
use super::time::duration;
use crate::diagnostic::{Diagnostic, Span, Text};
use crate::document::Table;
use crate::expression::{self, Expression};
use crate::model::{Checked, Formula, Names, Symbol, TrialQuantity, check_expression};
use crate::units::Dimension;

/// The scope of the dose that a rule sets: that of conditions, and `dose` is the dose so far.
struct DoseScope<'a> {
    inner: ConditionScope<'a>,
    drug: usize,
    dimension: Dimension,
}

impl Names for DoseScope<'_> {
    fn resolve(&mut self, name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<Checked> {
        if name == "dose" {
            let running = Symbol::Trial(TrialQuantity::RunningDose(self.drug));
            return Some(Checked::symbol(running, self.dimension));
        }
        self.inner.resolve(name, span, diagnostics)
    }

    fn candidates(&self) -> Vec<String> {
        let mut candidates = self.inner.candidates();
        candidates.push("dose".to_owned());
        candidates
    }

    fn explained(&self, name: &str) -> bool {
        self.inner.explained(name)
    }

    fn call(
        &mut self,
        function: &str,
        arguments: &[Expression],
        span: Span,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Checked> {
        self.inner.call(function, arguments, span, diagnostics)
    }

    fn functions(&self) -> Vec<&'static str> {
        self.inner.functions()
    }
}

impl Reader<'_, '_> {
    /// `adjust = "drug"` with `dose`, `smallest`, `largest`, `further` and `log`.
    pub fn adjust(&mut self, drug: &Text, table: &mut Table, name: &Text) -> Option<Action> {
        let drug = self.drug(drug);
        let dose = table.text("dose", self.diagnostics);
        let smallest = table.text("smallest", self.diagnostics);
        let largest = table.text("largest", self.diagnostics);
        let further = table.boolean("further", self.diagnostics).is_some_and(|(further, _)| further);
        let log = table.text("log", self.diagnostics);
        let Some(dose) = dose else {
            self.diagnostics.push(
                Diagnostic::error("this rule does not say which dose it sets", name.span, "no `dose`")
                    .help("add `dose = \"dose * 1.5\"` (of the dose so far) or a value, `dose = \"10 mg\"`"),
            );
            return None;
        };
        let log_unchanged = match log.as_ref().map(|log| log.value.as_str()) {
            None | Some("changes") => Some(false),
            Some("always") => Some(true),
            Some(other) => {
                let message = format!("`{other}` is not what a rule can log");
                let place = log.as_ref().map_or(name.span, |log| log.span);
                self.diagnostics.push(Diagnostic::error(message, place, "log what?").help(
                    "write `log = \"changes\"`, or `log = \"always\"` for decisions that leave the dose too",
                ));
                None
            }
        };
        let drug = drug?;
        let formula = self.amount(drug, &dose);
        let bound = |text: Option<Text>, without: f64, reader: &mut Self| match text {
            None => Some(without),
            Some(text) => reader.dose(drug, &text),
        };
        let least = bound(smallest.clone(), 0.0, self);
        let most = bound(largest, f64::INFINITY, self);
        if let (Some(least), Some(most), Some(smallest)) = (least, most, &smallest)
            && least > most
        {
            self.diagnostics.push(
                Diagnostic::error("the smallest dose is above the largest", smallest.span, "leaves no dose")
                    .help("exchange `smallest` and `largest`"),
            );
            return None;
        }
        Some(Action::Adjust {
            drug,
            dose: formula?,
            dose_text: dose.value,
            smallest: least?,
            largest: most?,
            further,
            log_unchanged: log_unchanged?,
        })
    }

    /// An expression for a dose of a drug.
    fn amount(&mut self, drug: usize, text: &Text) -> Option<Formula> {
        let route = &self.around.model.routes[drug];
        let what = format!("a dose of `{}`", route.name);
        let dimension = route.unit.unit.dimension;
        let (inner, diagnostics) = self.scope();
        let expression = expression::parse(text, diagnostics)?;
        let mut scope = DoseScope { inner, drug, dimension };
        let checked = check_expression(&expression, &mut scope, Some((dimension, &what)), diagnostics)?;
        Some(checked.formula)
    }

    /// `re_escalate = "drug"` with `after` and `to`.
    pub fn re_escalate(&mut self, drug: &Text, table: &mut Table, name: &Text) -> Option<Action> {
        let drug = self.drug(drug);
        let after = table.text("after", self.diagnostics);
        let highest = table.text("to", self.diagnostics);
        let Some(after) = after else {
            self.diagnostics.push(
                Diagnostic::error(
                    "climbing again needs a waiting time after the reduction",
                    name.span,
                    "no `after`",
                )
                .help("add `after = \"28 d\"`"),
            );
            return None;
        };
        let after = duration(&after, Some(self.around.cycle), self.diagnostics);
        let highest = match highest {
            None => Some(f64::INFINITY),
            Some(text) => drug.and_then(|drug| self.dose(drug, &text)),
        };
        Some(Action::ReEscalate { drug: drug?, after: after?, highest: highest? })
    }

    /// `start = "drug"` with `at_most`.
    pub fn start(&mut self, drug: &Text, table: &mut Table) -> Option<Action> {
        let drug = self.drug(drug);
        let at_most = table.text("at_most", self.diagnostics);
        let cycle = Some(self.around.cycle);
        let at_most = at_most.map_or(Some(f64::INFINITY), |text| duration(&text, cycle, self.diagnostics));
        Some(Action::Start { drug: drug?, at_most: at_most? })
    }
}
