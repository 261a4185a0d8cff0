//! The plan of an arm if no rule but planned escalation ever acts: on which days a dose is due, and at which level.

use super::definition::{Action, Arm, Scenario, Treatment};

impl Treatment {
    /// Whether the plan gives doses on this day of the trial, counted from 0.
    pub fn scheduled(&self, day: usize) -> bool {
        let cycle = self.cycle.max(1.0);
        let number = (day as f64 / cycle).floor();
        let within = day as f64 - number * cycle;
        (self.cycles.0..=self.cycles.1).contains(&(number as u32 + 1))
            && self.days.contains(&(within as u32 + 1))
    }
}

impl Scenario {
    /// Dose level of a treatment of the arm at `time` (d) if each planned escalation is taken on its day, starting at
    /// level number `start`; coherent units.
    pub fn planned_level(&self, arm: &Arm, treatment: &Treatment, start: usize, time: f64) -> f64 {
        let mut level = start;
        for rule in arm.rules.iter().filter_map(|rule| self.rules.get(*rule)) {
            let Action::Escalate { drug, first, every, highest, .. } = rule.action else { continue };
            if drug != treatment.route || time < first {
                continue;
            }
            let steps = if every > 0.0 { ((time - first) / every).floor() as usize + 1 } else { 1 };
            for _ in 0..steps {
                match treatment.levels.get(level + 1) {
                    Some(next) if *next <= highest => level += 1,
                    _ => break,
                }
            }
        }
        treatment.levels.get(level).copied().unwrap_or(0.0)
    }
}
