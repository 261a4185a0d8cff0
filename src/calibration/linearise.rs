//! The straight plane that stands for the predictions over an ensemble: statistical linear regression.
//!
//! Slopes come from all members at once, so that steps of a prediction made of counted patients average out; what the plane
//! leaves is variance of the observation, not silence. A slope that chance alone could have made is shrunk by t²/(1 + t²), t its ratio
//! to its own standard error: the taper of Furrer and Bengtsson 2007 (J. Multivariate Anal. 98:227) for the covariance of an
//! unknown and a prediction. Without it many endpoints of no influence would together look like knowledge, and the ensemble
//! would collapse.

use super::problem::Predicted;
use crate::math::linear::{decompose, solve};

/// A plane over the unknowns, for each prediction.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plane {
    /// Where it is anchored.
    pub centre: Vec<f64>,
    /// Predictions there, with their Monte Carlo errors (root of the mean square over members).
    pub middle: Vec<Predicted>,
    /// `[prediction][unknown]`
    pub slopes: Vec<Vec<f64>>,
    /// Variance about the plane, per prediction.
    pub left: Vec<f64>,
}

/// Fits the plane about `centre`. `axes` are the columns along which slopes are judged (row-major, n×n: the root of the ensemble's
/// covariance), in which the members are spread alike in all directions. `None` where the members do not span the unknowns.
pub(super) fn plane(
    centre: &[f64],
    axes: &[f64],
    members: &[Vec<f64>],
    predictions: &[Vec<Predicted>],
) -> Option<Plane> {
    let n = centre.len();
    let inverse = inverse(axes, n)?;
    // Where the members stand along the axes, 1 first.
    let rows: Vec<Vec<f64>> = members
        .iter()
        .map(|member| {
            let offset: Vec<f64> = member.iter().zip(centre).map(|(at, centre)| at - centre).collect();
            let along = (0..n).map(|row| (0..n).map(|k| inverse[row * n + k] * offset[k]).sum());
            std::iter::once(1.0).chain(along).collect()
        })
        .collect();
    let size = n + 1;
    let normal: Vec<f64> =
        (0..size * size).map(|at| rows.iter().map(|row| row[at / size] * row[at % size]).sum()).collect();
    let covariance = self::inverse(&normal, size)?;
    let mut found =
        Plane { centre: centre.to_vec(), middle: Vec::new(), slopes: Vec::new(), left: Vec::new() };
    for place in 0..predictions.first().map_or(0, Vec::len) {
        let values = predictions.iter().map(|predicted| predicted[place].value);
        let products: Vec<f64> = (0..size)
            .map(|k| rows.iter().zip(values.clone()).map(|(row, value)| row[k] * value).sum())
            .collect();
        let coefficients: Vec<f64> =
            (0..size).map(|row| (0..size).map(|k| covariance[row * size + k] * products[k]).sum()).collect();
        let at = |row: &[f64]| row.iter().zip(&coefficients).map(|(x, slope)| x * slope).sum::<f64>();
        let squares: f64 = rows.iter().zip(values).map(|(row, value)| (value - at(row)).powi(2)).sum();
        let left = squares / (rows.len() - size) as f64;
        let tapered: Vec<f64> = (1..size)
            .map(|k| {
                let (square, error) = (coefficients[k].powi(2), left * covariance[k * size + k]);
                if square > 0.0 { coefficients[k] * square / (square + error) } else { 0.0 }
            })
            .collect();
        // Back from the axes to the unknowns.
        let slopes = (0..n).map(|k| (0..n).map(|axis| tapered[axis] * inverse[axis * n + k]).sum()).collect();
        let error = predictions.iter().map(|predicted| predicted[place].error.powi(2)).sum::<f64>();
        let error = (error / predictions.len() as f64).sqrt();
        found.middle.push(Predicted { value: coefficients[0], error });
        found.slopes.push(slopes);
        found.left.push(left);
    }
    Some(found)
}

/// The inverse of a square matrix (row-major, n×n); `None` if it is singular.
pub(super) fn inverse(matrix: &[f64], n: usize) -> Option<Vec<f64>> {
    let (mut factors, mut pivots) = (matrix.to_vec(), vec![0; n]);
    if !decompose(&mut factors, &mut pivots) {
        return None;
    }
    let mut inverse = vec![0.0; n * n];
    for column in 0..n {
        let mut unit = vec![0.0; n];
        unit[column] = 1.0;
        solve(&factors, &pivots, &mut unit);
        for row in 0..n {
            inverse[row * n + column] = unit[row];
        }
    }
    Some(inverse)
}

#[cfg(test)]
mod tests {
    use super::super::ensemble::{Gaussian, directions};
    use super::*;
    use crate::math::symmetric::square_root;

    fn over(predict: impl Fn(&[f64], usize) -> f64) -> Plane {
        let known = Gaussian { mean: vec![0.5, -1.0], covariance: vec![0.3, 0.2, 0.2, 0.4] };
        let members = known.members(&directions(200, 2, 4));
        let predictions: Vec<Vec<Predicted>> = members
            .iter()
            .enumerate()
            .map(|(number, member)| vec![Predicted { value: predict(member, number), error: 0.1 }])
            .collect();
        plane(&known.mean, &square_root(&known.covariance, 2), &members, &predictions).unwrap()
    }

    #[test]
    fn what_is_straight_is_met_exactly() {
        let found = over(|at, _| 3.0 + 2.0 * at[0] - 0.7 * at[1]);
        assert!((found.middle[0].value - 4.7).abs() < 1e-12 && (found.middle[0].error - 0.1).abs() < 1e-12);
        assert!((found.slopes[0][0] - 2.0).abs() < 1e-12 && (found.slopes[0][1] + 0.7).abs() < 1e-12);
        assert!(found.left[0] < 1e-24);
    }

    /// Noise of SD 1 without any slope: its variance is found. Along an axis chance gives squares of slopes of 1/200 on average; the
    /// taper leaves E[t⁶/(1 + t²)²] = 0.53 of that (t standard normal).
    #[test]
    fn noise_is_taken_for_noise() {
        let (mut left, mut squares, draws) = (0.0, 0.0, 200);
        for draw in 0..draws {
            let noise = directions(200, 1, 1000 + draw);
            let found = over(|_, number| noise[number][0]);
            left += found.left[0];
            let covariance = [0.3, 0.2, 0.2, 0.4];
            let slopes = &found.slopes[0];
            squares += (0..4).map(|at| slopes[at / 2] * covariance[at] * slopes[at % 2]).sum::<f64>();
        }
        let (left, squares) = (left / draws as f64, squares / draws as f64 * 100.0);
        assert!((left - 1.0).abs() < 0.01, "{left}");
        assert!((0.4..0.66).contains(&squares), "{squares}");
    }
}
