//! Controls over time: what the arm sets, and what follows treatment.

use super::clock::reached;
use crate::model::Control;
use crate::program::Individual;
use crate::scenario::ControlSetting;

/// The controls of an arm.
#[derive(Debug)]
pub(super) struct Settings<'s> {
    controls: &'s [Control],
    settings: &'s [ControlSetting],
}

impl<'s> Settings<'s> {
    /// The settings of an arm over the model's controls. Of settings that overlap, the later in the list wins.
    pub(super) fn new(controls: &'s [Control], settings: &'s [ControlSetting]) -> Self {
        Settings { controls, settings }
    }

    /// The next time after `time` at which a setting begins or ends; infinite if there is none.
    pub(super) fn next(&self, time: f64) -> f64 {
        let edges = self.settings.iter().flat_map(|setting| [setting.from, setting.to]);
        edges.filter(|&edge| !reached(edge, time)).fold(f64::INFINITY, f64::min)
    }

    /// Puts every control at its value from `time` on. True if one changed.
    pub(super) fn apply(&self, time: f64, on_treatment: bool, individual: &mut Individual) -> bool {
        let mut changed = false;
        for (number, control) in self.controls.iter().enumerate() {
            let value = self.value(number, control, time, on_treatment);
            // By bits, so that a value that is not a number is set once and not for ever.
            if individual.control(number).to_bits() != value.to_bits() {
                individual.set_control(number, value);
                changed = true;
            }
        }
        changed
    }

    /// The value of a control: set by the arm, else by treatment if driven by it, else its default.
    fn value(&self, number: usize, control: &Control, time: f64, on_treatment: bool) -> f64 {
        let in_force = |setting: &&ControlSetting| {
            setting.control == number && reached(setting.from, time) && !reached(setting.to, time)
        };
        match self.settings.iter().rev().find(in_force) {
            Some(setting) => setting.value,
            None if control.driven_by_treatment => f64::from(u8::from(on_treatment)),
            None => control.value,
        }
    }
}
