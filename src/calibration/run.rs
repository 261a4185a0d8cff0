//! The whole calibration: tempered steps, refinements, and the predictions of the ensemble that they end in.

use super::ensemble::{Gaussian, directions};
use super::evaluate::{CalibrationError, CalibrationProgress, Evaluator};
use super::likelihood::deviance;
use super::linearise::plane;
use super::outcome::{Calibration, Stage, Step};
use super::problem::{Forward, Predicted, Problem};
use super::smoother::{Move, assimilate, factors};
use super::store::Store;
use crate::math::symmetric::square_root;

/// How many places on the way to a refinement are tried, each half as far as the one before, while the loss is above the present one.
const TRIED: usize = 3;

/// Finds the unknowns of a problem. `threads`: 0 for all cores; the result is the same bits for any number, and whether or not
/// evaluations were in the store before.
///
/// # Errors
/// When the user stops it, an evaluation has no result, or the store refuses.
pub fn calibrate(
    problem: &Problem,
    forward: &dyn Forward,
    store: &Store,
    threads: usize,
    progress: &dyn CalibrationProgress,
) -> Result<Calibration, CalibrationError> {
    let threads =
        if threads > 0 { threads } else { std::thread::available_parallelism().map_or(1, usize::from) };
    let evaluator = Evaluator { problem, forward, store, threads, progress };
    // The centre of a refinement is looked at twice, before its ensemble and with it; and so is that of the posterior.
    progress.begins(problem.evaluations() + problem.refinements + 1);
    let directions = directions(problem.members, problem.unknowns.len(), problem.seed);
    let mut way = Way { evaluator, directions, steps: Vec::new() };
    let prior = Gaussian::prior(problem.unknowns.len());
    let mut present = prior.clone();
    let mut taken = 0.0;
    for factor in factors(problem.steps) {
        let ensemble = way.visit(&present, Stage::Tempered { factor })?;
        present = way.moved(Move { from: &present, present: &present, taken, factor }, &ensemble)?;
        taken += 1.0 / factor;
    }
    for _ in 0..problem.refinements {
        let ensemble = way.visit(&present, Stage::Refinement)?;
        let proposed =
            way.moved(Move { from: &prior, present: &present, taken: 1.0, factor: 1.0 }, &ensemble)?;
        present = way.not_worse(&present, proposed)?;
    }
    present.mean = way.least(&present)?;
    let ensemble = way.visit(&present, Stage::Posterior)?;
    Ok(Calibration {
        problem: problem.clone(),
        steps: way.steps,
        members: ensemble.members,
        predictions: ensemble.predictions,
    })
}

/// An ensemble with what it predicts; the centre is no member.
struct Ensemble {
    members: Vec<Vec<f64>>,
    predictions: Vec<Vec<Predicted>>,
}

/// The steps so far, and what the next ones need.
struct Way<'a> {
    evaluator: Evaluator<'a>,
    directions: Vec<Vec<f64>>,
    steps: Vec<Step>,
}

impl Way<'_> {
    /// Evaluates the ensemble of a distribution and its centre, and enters both in the books.
    fn visit(&mut self, at: &Gaussian, stage: Stage) -> Result<Ensemble, CalibrationError> {
        let problem = self.evaluator.problem;
        let members: Vec<Vec<f64>> =
            at.members(&self.directions).iter().map(|member| within(problem, member)).collect();
        let at_bounds = members
            .iter()
            .zip(at.members(&self.directions))
            .filter(|(member, meant)| *member != meant)
            .count();
        let centre = within(problem, &at.mean);
        let mut all = vec![centre.clone()];
        all.extend(members.iter().cloned());
        let mut predictions = self.evaluator.evaluate(&all)?;
        let middle = predictions.remove(0);
        let losses = members.iter().zip(&predictions).map(|(member, found)| loss(problem, member, found));
        let step = Step {
            stage,
            distribution: at.clone(),
            loss: loss(problem, &centre, &middle),
            losses: losses.collect(),
            at_bounds,
            centre,
            predictions: middle,
        };
        self.evaluator.progress.stepped(self.steps.len(), &step);
        self.steps.push(step);
        Ok(Ensemble { members, predictions })
    }

    /// The distribution after a step on the plane over the present ensemble.
    fn moved(&self, step: Move<'_>, ensemble: &Ensemble) -> Result<Gaussian, CalibrationError> {
        let Gaussian { mean, covariance } = step.present;
        let axes = square_root(covariance, mean.len());
        let next = plane(mean, &axes, &ensemble.members, &ensemble.predictions)
            .and_then(|plane| assimilate(step, &plane, &self.evaluator.problem.observations))
            .filter(|next| next.mean.iter().chain(&next.covariance).all(|value| value.is_finite()));
        next.ok_or(CalibrationError::Collapsed)
    }

    /// The centre that the posterior is put about: of those seen on the way and the one that the last step came to, the one of least
    /// loss. A step may end beyond it where predictions bend; its covariance, which is that of the plane, is kept.
    fn least(&self, last: &Gaussian) -> Result<Vec<f64>, CalibrationError> {
        let problem = self.evaluator.problem;
        let centre = within(problem, &last.mean);
        let found = self.evaluator.evaluate(std::slice::from_ref(&centre))?;
        let mut least = (loss(problem, &centre, &found[0]), &last.mean);
        for step in &self.steps {
            if step.loss < least.0 {
                least = (step.loss, &step.distribution.mean);
            }
        }
        Ok(least.1.clone())
    }

    /// A refinement goes half of its way, and half again, while the loss of its centre is above the present one.
    fn not_worse(&self, present: &Gaussian, proposed: Gaussian) -> Result<Gaussian, CalibrationError> {
        let problem = self.evaluator.problem;
        let known = self.steps.last().map_or(f64::INFINITY, |step| step.loss);
        let mut next = proposed;
        for _ in 0..TRIED {
            let centre = within(problem, &next.mean);
            let found = self.evaluator.evaluate(std::slice::from_ref(&centre))?;
            if loss(problem, &centre, &found[0]) <= known {
                return Ok(next);
            }
            let halfway = next.mean.iter().zip(&present.mean).map(|(next, present)| 0.5 * (next + present));
            next.mean = halfway.collect();
        }
        next.mean.clone_from(&present.mean);
        Ok(next)
    }
}

/// A member, moved to the bounds where it lies beyond them.
fn within(problem: &Problem, member: &[f64]) -> Vec<f64> {
    problem.unknowns.iter().zip(member).map(|(unknown, at)| unknown.within(*at)).collect()
}

/// Minus twice the logarithm of likelihood times prior, up to a constant: deviances of the endpoints and squared distance from the
/// prior's centre.
pub(super) fn loss(problem: &Problem, member: &[f64], predictions: &[Predicted]) -> f64 {
    let endpoints: f64 = problem
        .observations
        .iter()
        .zip(predictions)
        .map(|(observation, found)| deviance(observation, *found))
        .sum();
    endpoints + member.iter().map(|at| at * at).sum::<f64>()
}
