//! Which outputs of the model a scenario asks about: what its rules, signals, endpoints and records read.

use super::definition::Scenario;
use super::endpoint_definition::EndpointKind;
use crate::model::{Formula, Symbol};

impl Scenario {
    /// Outputs that a reader of visits wants: measured with error, or read by a rule, signal, endpoint or record.
    /// In the model's order; the same quantity under a module's prefix is left out when the composing file renames it.
    pub fn key_outputs(&self) -> Vec<usize> {
        let outputs = &self.model.outputs;
        let mut wanted = vec![false; outputs.len()];
        let mut want = |output: usize| {
            if let Some(flag) = wanted.get_mut(output) {
                *flag = true;
            }
        };
        for (index, output) in outputs.iter().enumerate() {
            let renamed = outputs.iter().any(|other| other.name == last_part(&output.name));
            if output.error.is_some() && (last_part(&output.name) == output.name || !renamed) {
                want(index);
            }
        }
        self.records.iter().flat_map(|record| &record.outputs).for_each(|output| want(*output));
        self.steering(&mut want);
        (0..wanted.len()).filter(|index| wanted[*index]).collect()
    }

    /// Whether a rule, a signal or an endpoint reads this output (then its course belongs on the first pages).
    pub fn steers(&self, output: usize) -> bool {
        let mut found = false;
        self.steering(&mut |read| found |= read == output);
        found
    }

    /// Outputs that rules, signals and endpoints read; some of them several times.
    fn steering(&self, found: &mut impl FnMut(usize)) {
        self.rules.iter().flat_map(|rule| &rule.signals).for_each(|output| found(*output));
        for signal in &self.signals {
            of_formula(&signal.formula, found);
        }
        for cell in &self.memory {
            of_formula(&cell.argument, found);
        }
        for endpoint in &self.endpoints {
            endpoint.kind.outputs().into_iter().for_each(&mut *found);
        }
    }
}

impl EndpointKind {
    /// Outputs that the endpoint reads, indices into the model's outputs.
    pub fn outputs(&self) -> Vec<usize> {
        self.reads().into_iter().map(|(output, _)| output).collect()
    }
}

/// The part of a composed name after its last dot.
fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn of_formula(formula: &Formula, found: &mut impl FnMut(usize)) {
    formula.symbols(&mut |symbol| {
        if let Symbol::Output(output) = symbol {
            found(output);
        }
    });
}
