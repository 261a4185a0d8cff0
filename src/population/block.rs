//! Blocks of correlated normal variables and their Cholesky factors.
//!
//! Variables that are tied by correlations, directly or through others, form a block and are drawn together; a
//! variable by itself is a block of one.

use crate::diagnostic::Diagnostic;
use crate::math::linear::cholesky;
use crate::model::Model;

/// Variables drawn together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Block {
    /// Indices of the variables, ascending.
    pub members: Vec<usize>,
    /// Lower Cholesky factor of their correlation matrix, row by row.
    factor: Vec<f64>,
}

impl Block {
    /// Correlated standard normals from independent ones, both in the order of the members.
    pub fn correlate(&self, independent: &[f64], correlated: &mut [f64]) {
        let n = self.members.len();
        for (row, value) in correlated.iter_mut().enumerate().take(n) {
            let weights = &self.factor[row * n..row * n + row + 1];
            *value = weights.iter().zip(independent).map(|(weight, z)| weight * z).sum();
        }
    }
}

/// Splits `n` variables into blocks.
///
/// # Errors
/// The members of the first block whose correlation matrix is not positive definite.
pub(super) fn blocks(n: usize, correlations: &[(usize, usize, f64)]) -> Result<Vec<Block>, Vec<usize>> {
    components(n, correlations).into_iter().map(|members| block(members, correlations)).collect()
}

fn block(members: Vec<usize>, correlations: &[(usize, usize, f64)]) -> Result<Block, Vec<usize>> {
    match cholesky(&matrix(&members, correlations), members.len()) {
        Some(factor) => Ok(Block { members, factor }),
        None => Err(members),
    }
}

fn matrix(members: &[usize], correlations: &[(usize, usize, f64)]) -> Vec<f64> {
    let n = members.len();
    let mut matrix = vec![0.0; n * n];
    for i in 0..n {
        matrix[i * n + i] = 1.0;
    }
    let place = |variable: usize| members.iter().position(|member| *member == variable);
    for &(a, b, value) in correlations {
        if let (Some(i), Some(j)) = (place(a), place(b)) {
            matrix[i * n + j] = value;
            matrix[j * n + i] = value;
        }
    }
    matrix
}

/// Connected components of the graph of correlations, each ascending, ordered by their first member.
fn components(n: usize, correlations: &[(usize, usize, f64)]) -> Vec<Vec<usize>> {
    let mut label: Vec<usize> = (0..n).collect();
    for &(a, b, _) in correlations {
        let (keep, change) = (label[a].min(label[b]), label[a].max(label[b]));
        label.iter_mut().filter(|label| **label == change).for_each(|label| *label = keep);
    }
    let members = |first: usize| (0..n).filter(|variable| label[*variable] == first).collect::<Vec<_>>();
    (0..n).map(members).filter(|members| !members.is_empty()).collect()
}

/// Finds every block of correlated random effects of a model that is not positive definite: one error each, with the
/// caret on the correlation whose addition, in the order of declaration, makes it so.
pub fn check_blocks(model: &Model) -> Vec<Diagnostic> {
    let n = model.random_effects.len();
    let all: Vec<(usize, usize, f64)> =
        model.correlations.iter().map(|known| (known.between.0, known.between.1, known.value)).collect();
    let mut findings = Vec::new();
    for members in components(n, &all) {
        let Err(members) = block(members, &all) else { continue };
        let within = |index: usize| members.contains(&model.correlations[index].between.0);
        let first_bad = (0..all.len())
            .filter(|index| within(*index))
            .find(|index| block(members.clone(), &all[..=*index]).is_err());
        let Some(culprit) = first_bad.map(|index| &model.correlations[index]) else { continue };
        let name = |effect: usize| model.random_effects[effect].name.as_str();
        let names: Vec<&str> = members.iter().map(|member| name(*member)).collect();
        let (a, b) = culprit.between;
        findings.push(
            Diagnostic::error(
                format!("the correlations of {} are not positive definite", names.join(", ")),
                culprit.span,
                format!("{} between `{}` and `{}` cannot hold beside the others", culprit.value, name(a), name(b)),
            )
            .help("no random variables can have these correlations together: make this one weaker, or the others")
            .note("a block of effects that are tied by correlations needs a positive definite matrix (Cholesky)"),
        );
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_tied_through_others_form_a_block() {
        assert_eq!(
            components(6, &[(4, 1, 0.3), (1, 5, 0.2)]),
            vec![vec![0], vec![1, 4, 5], vec![2], vec![3]]
        );
    }

    #[test]
    fn two_variables_are_correlated_by_the_textbook_formula() {
        let blocks = blocks(2, &[(0, 1, 0.6)]).expect("positive definite");
        let mut correlated = [0.0; 2];
        blocks[0].correlate(&[1.0, 2.0], &mut correlated);
        assert!((correlated[0] - 1.0).abs() < 1e-15 && (correlated[1] - (0.6 + 0.8 * 2.0)).abs() < 1e-15);
    }

    #[test]
    fn an_impossible_triangle_is_not_positive_definite() {
        let triangle = [(0, 1, 0.9), (1, 2, 0.9), (0, 2, -0.9)];
        assert_eq!(blocks(4, &triangle), Err(vec![0, 1, 2]));
    }
}
