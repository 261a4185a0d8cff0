//! Elementary effects and what is read off them: μ, μ* and σ (Morris 1991, Technometrics 33:161; μ* of Campolongo, Cariboni
//! and Saltelli 2007, Environmental Modelling and Software 22:1509).

use crate::math::statistics::mean_sd;

/// Mean effect, mean absolute effect and spread of one input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Screening {
    /// μ: effects of both signs cancel.
    pub mean: f64,
    /// μ*: how much the input matters.
    pub absolute: f64,
    /// σ: how much its effect depends on the other inputs and on where it stands.
    pub spread: f64,
}

/// The effects of one trajectory by input: the change of the output over the change of the one input that moved, in shares
/// of its range. `None` where a step moves no input or several, or an input is not moved exactly once.
pub fn elementary_effects(trajectory: &[Vec<f64>], outputs: &[f64]) -> Option<Vec<f64>> {
    let inputs = trajectory.first()?.len();
    if trajectory.len() != inputs + 1 || outputs.len() != trajectory.len() {
        return None;
    }
    let mut effects = vec![None; inputs];
    for (points, values) in trajectory.windows(2).zip(outputs.windows(2)) {
        let mut moved = (0..inputs).filter(|input| points[0][*input] != points[1][*input]);
        let input = moved.next()?;
        if moved.next().is_some() {
            return None;
        }
        effects[input] = Some((values[1] - values[0]) / (points[1][input] - points[0][input]));
    }
    effects.into_iter().collect()
}

/// μ, μ*, σ of every input from the effects of all trajectories, `[trajectory][input]`; empty without trajectories.
pub fn screening(effects: &[&[f64]]) -> Vec<Screening> {
    let inputs = effects.first().map_or(0, |first| first.len());
    let of_input = |input: usize| {
        let of: Vec<f64> = effects.iter().map(|effects| effects[input]).collect();
        let (mean, spread) = mean_sd(&of)?;
        let absolute = of.iter().map(|effect| effect.abs()).sum::<f64>() / of.len() as f64;
        Some(Screening { mean, absolute, spread })
    };
    (0..inputs).filter_map(of_input).collect()
}
