//! Where in the files the rules and signals of a scenario stand, for findings about what has been read already. The checked
//! scenario itself knows no files.

use super::accepted::Accepted;
use super::arm;
use super::library::Declarations;
use crate::diagnostic::{Span, Text};
use crate::document::Table;

/// Where things stand.
#[derive(Debug, Clone, Default)]
pub struct Places {
    rules: Vec<RulePlace>,
    signals: Vec<(String, Text)>,
    arms: Vec<(Text, Vec<Text>)>,
    accepted: Vec<Accepted>,
}

/// Where a rule stands.
#[derive(Debug, Clone)]
pub struct RulePlace {
    /// Its name.
    pub name: Text,
    /// Its condition, if it has one.
    pub when: Option<Text>,
    /// The condition that ends its hold.
    pub resume: Option<Text>,
}

impl Places {
    /// The place of a rule.
    pub fn rule(&self, name: &str) -> Option<&RulePlace> {
        self.rules.iter().find(|rule| rule.name.value == name)
    }

    /// Whether the files accept a finding about a rule.
    pub fn accepts(&self, rule: &str, finding: &str) -> bool {
        self.accepted.iter().any(|it| it.rule == rule && it.finding == finding)
    }

    /// The condition of a signal.
    pub fn signal(&self, name: &str) -> Option<&Text> {
        self.signals.iter().find(|(known, _)| known == name).map(|(_, text)| text)
    }

    /// The name of an arm.
    pub fn arm(&self, arm: &str) -> Option<Span> {
        self.arms.iter().find(|(known, _)| known.value == arm).map(|(name, _)| name.span)
    }

    /// Where an arm names a rule; the arm itself where it does not.
    pub fn in_arm(&self, arm: &str, rule: &str) -> Option<Span> {
        let (name, rules) = self.arms.iter().find(|(known, _)| known.value == arm)?;
        Some(rules.iter().find(|named| named.value == rule).map_or(name.span, |named| named.span))
    }

    /// The places of what has been declared; the tables are read again later.
    pub(super) fn of(declarations: &Declarations) -> Self {
        let rules = declarations.rules.iter().map(|(name, table, _)| {
            let resume = table.clone().table("resume", &mut Vec::new());
            RulePlace {
                name: name.clone(),
                when: text(table, "when"),
                resume: resume.and_then(|resume| text(&resume, "when")),
            }
        });
        let signals = declarations.signals.iter().filter_map(|table| {
            let condition = text(table, "when").or_else(|| text(table, "value"))?;
            Some((text(table, "name")?.value, condition))
        });
        Places {
            rules: rules.collect(),
            signals: signals.collect(),
            arms: Vec::new(),
            accepted: declarations.accepted.clone(),
        }
    }

    /// Notes where arms name rules; a rule of a set stands where the set is named.
    pub(super) fn arms(&mut self, arms: &[arm::Declared]) {
        self.arms = arms.iter().map(|arm| (arm.name.clone(), arm.rules.clone())).collect();
    }
}

/// A text of a table that is left in it; what is wrong with it is said when it is taken.
fn text(table: &Table, key: &'static str) -> Option<Text> {
    table.clone().text(key, &mut Vec::new())
}
