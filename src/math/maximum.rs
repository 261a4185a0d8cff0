//! The maximum of a concave log-likelihood by Newton's method.
//!
//! Concave functions have one maximum or none. That there is none is the usual accident of regression on survival data
//! (a group without events), so it is told apart from a failure to converge. Knows nothing of what the likelihood is of.

use super::linear::cholesky;

/// A function of several parameters at one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Local {
    /// Value; not finite outside the domain.
    pub value: f64,
    /// Gradient.
    pub gradient: Vec<f64>,
    /// Minus the second derivatives, n×n, row-major; the lower triangle is enough.
    pub information: Vec<f64>,
}

/// Where the maximum is, and what the function is there and at the start.
#[derive(Debug, Clone, PartialEq)]
pub struct Maximum {
    /// The place.
    pub place: Vec<f64>,
    /// The function there.
    pub local: Local,
    /// The function at the start.
    pub start: Local,
}

/// Why there is no maximum. The parameters are told by their index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaximumError {
    /// At the start already, the function does not depend on this parameter once those before it are free to move.
    Flat(usize),
    /// The function rises for ever, mostly along this parameter.
    Unbounded(usize),
    /// The steps do not end.
    NoConvergence,
}

/// A pivot below this share of its diagonal element is none (R's package survival takes ε^(3/4) ≈ 2e-12), and information
/// that fell below this share of what it was at the start has been left behind on the way to infinity.
const LOST: f64 = 1e-12;
/// Relative to 1 + |parameter|. Newton's error squares at each step, so the step after this one changes nothing.
const LAST_STEP: f64 = 1e-9;
/// Far more than a maximum needs (about 7) or a likelihood without one takes to lose its information (about 30).
const STEPS: usize = 100;

/// Goes uphill from `start`, halving steps that lead down. The parameters ought to be of order 1.
pub fn maximise(start: Vec<f64>, function: impl Fn(&[f64]) -> Local) -> Result<Maximum, MaximumError> {
    let n = start.len();
    let first = function(&start);
    if let Some(flat) = lost_pivot(&first.information, &first.information, n) {
        return Err(MaximumError::Flat(flat));
    }
    let (mut place, mut local) = (start, first.clone());
    for _ in 0..STEPS {
        if lost_pivot(&local.information, &first.information, n).is_some() {
            return Err(MaximumError::Unbounded(largest(&place)));
        }
        let step = solve(&local.information, &local.gradient).ok_or(MaximumError::NoConvergence)?;
        let last = step.iter().zip(&place).all(|(step, at)| step.abs() <= LAST_STEP * (1.0 + at.abs()));
        let (next, there) = uphill(&place, &local, &step, &function).ok_or(MaximumError::NoConvergence)?;
        (place, local) = (next, there);
        if last {
            return Ok(Maximum { place, local, start: first });
        }
    }
    Err(MaximumError::NoConvergence)
}

/// The step, or half of it, or a quarter …, until it does not lead down by more than rounding.
fn uphill(
    place: &[f64],
    local: &Local,
    step: &[f64],
    function: &impl Fn(&[f64]) -> Local,
) -> Option<(Vec<f64>, Local)> {
    let floor = local.value - 1e-12 * (1.0 + local.value.abs());
    (0..60).map(|halvings| 0.5_f64.powi(halvings)).find_map(|share| {
        let next: Vec<f64> = place.iter().zip(step).map(|(at, step)| at + share * step).collect();
        let there = function(&next);
        (there.value.is_finite() && there.value >= floor).then_some((next, there))
    })
}

/// The first parameter without information of its own: its pivot in the Cholesky factor, squared, against the diagonal
/// of `reference`.
fn lost_pivot(information: &[f64], reference: &[f64], n: usize) -> Option<usize> {
    // The factor of a leading block is the leading block of the factor: the first block to fail tells which.
    (1..=n)
        .find(|size| {
            let block: Vec<f64> = (0..size * size).map(|at| information[at / size * n + at % size]).collect();
            let last = size - 1;
            cholesky(&block, *size).is_none_or(|factor| {
                let pivot = factor[last * size + last];
                pivot * pivot <= LOST * reference[last * n + last]
            })
        })
        .map(|size| size - 1)
}

fn largest(place: &[f64]) -> usize {
    (0..place.len()).fold(0, |best, at| if place[at].abs() > place[best].abs() { at } else { best })
}

/// Solves a positive definite system (row-major, the lower triangle is enough); `None` if it is not positive definite.
pub fn solve(matrix: &[f64], right: &[f64]) -> Option<Vec<f64>> {
    let n = right.len();
    let factor = cholesky(matrix, n)?;
    let mut solution = right.to_vec();
    for row in 0..n {
        let known: f64 = (0..row).map(|k| factor[row * n + k] * solution[k]).sum();
        solution[row] = (solution[row] - known) / factor[row * n + row];
    }
    for row in (0..n).rev() {
        let known: f64 = (row + 1..n).map(|k| factor[k * n + row] * solution[k]).sum();
        solution[row] = (solution[row] - known) / factor[row * n + row];
    }
    Some(solution)
}

/// Inverse of a positive definite matrix (row-major, the lower triangle is enough), or `None`.
pub fn inverse(matrix: &[f64], n: usize) -> Option<Vec<f64>> {
    let mut inverse = vec![0.0; n * n];
    for column in 0..n {
        let unit: Vec<f64> = (0..n).map(|row| f64::from(row == column)).collect();
        for (row, value) in solve(matrix, &unit)?.into_iter().enumerate() {
            inverse[row * n + column] = value;
        }
    }
    Some(inverse)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Log-likelihood of a logistic regression with one parameter: `yes` of `all`.
    fn logistic(yes: f64, all: f64) -> impl Fn(&[f64]) -> Local {
        move |place| {
            let p = 1.0 / (1.0 + (-place[0]).exp());
            let value = yes * place[0] - all * (1.0 + place[0].exp()).ln();
            Local { value, gradient: vec![yes - all * p], information: vec![all * p * (1.0 - p)] }
        }
    }

    #[test]
    fn a_logistic_maximum_is_the_log_odds() {
        let maximum = maximise(vec![0.0], logistic(3.0, 1003.0)).unwrap();
        assert!((maximum.place[0] - (3.0_f64 / 1000.0).ln()).abs() < 1e-14);
        assert_eq!(maximum.start.gradient, [3.0 - 501.5]);
    }

    #[test]
    fn a_likelihood_that_rises_for_ever_is_said_to() {
        assert_eq!(maximise(vec![0.0], logistic(7.0, 7.0)), Err(MaximumError::Unbounded(0)));
        assert_eq!(maximise(vec![0.0], logistic(0.0, 7.0)), Err(MaximumError::Unbounded(0)));
    }

    #[test]
    fn a_parameter_that_repeats_another_is_named() {
        // −(a + b)²: only the sum counts.
        let function = |place: &[f64]| {
            let sum = place[0] + place[1] - 1.0;
            Local { value: -sum * sum, gradient: vec![-2.0 * sum; 2], information: vec![2.0; 4] }
        };
        assert_eq!(maximise(vec![0.0; 2], function), Err(MaximumError::Flat(1)));
    }

    #[test]
    fn inverse_of_a_known_matrix() {
        let inverse = inverse(&[2.0, 1.0, 1.0, 2.0], 2).unwrap();
        for (value, expected) in inverse.iter().zip([2.0 / 3.0, -1.0 / 3.0, -1.0 / 3.0, 2.0 / 3.0]) {
            assert!((value - expected).abs() < 1e-15);
        }
        assert_eq!(super::inverse(&[0.0], 1), None);
    }
}
