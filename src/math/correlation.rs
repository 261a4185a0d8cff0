//! Correlated standard normal variables: which belong together, and how independent ones are turned into them.

use super::linear::cholesky;

/// Variables that are correlated with each other, directly or through others.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// Their numbers, ascending.
    pub members: Vec<usize>,
    /// Lower Cholesky factor of their correlation matrix, row-major.
    factor: Vec<f64>,
}

/// Splits `count` standard normal variables into blocks by their correlations (pairs that are not named have 0); every
/// variable is in exactly one block, blocks in the order of their first members.
///
/// # Errors
/// The members of the first block whose correlation matrix is not positive definite.
pub fn blocks(count: usize, correlations: &[(usize, usize, f64)]) -> Result<Vec<Block>, Vec<usize>> {
    components(count, correlations)
        .into_iter()
        .map(|members| match factor(&members, correlations) {
            Some(factor) => Ok(Block { members, factor }),
            None => Err(members),
        })
        .collect()
}

impl Block {
    /// Turns independent standard normal values, in the order of the members, into correlated ones. The first member
    /// keeps its value; each further one depends on those before it.
    pub fn correlate(&self, independent: &[f64]) -> Vec<f64> {
        let n = self.members.len();
        (0..n)
            .map(|row| (0..=row).map(|column| self.factor[row * n + column] * independent[column]).sum())
            .collect()
    }
}

/// A correlation that cannot stand beside those named before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Contradiction {
    /// Which correlation, an index into the list.
    pub index: usize,
    /// Everything in its block, itself and the correlations before it counted.
    pub members: Vec<usize>,
    /// Smallest value that it could have beside those before it.
    pub lower: f64,
    /// Largest such value.
    pub upper: f64,
}

/// The first correlation that makes its block's matrix not positive definite.
pub fn first_contradiction(count: usize, correlations: &[(usize, usize, f64)]) -> Option<Contradiction> {
    let fits = |list: &[(usize, usize, f64)]| blocks(count, list).is_ok();
    let index = (0..correlations.len()).find(|&index| !fits(&correlations[..=index]))?;
    let (a, b, _) = correlations[index];
    // Without this pair (correlation 0) the matrix is positive definite, and the values that keep it so are an interval.
    let end = |sign: f64| {
        let (mut inside, mut outside) = (0.0, 1.0);
        for _ in 0..40 {
            let middle = 0.5 * (inside + outside);
            let mut list = correlations[..index].to_vec();
            list.push((a, b, sign * middle));
            if fits(&list) { inside = middle } else { outside = middle }
        }
        sign * inside
    };
    let members =
        components(count, &correlations[..=index]).into_iter().find(|members| members.contains(&a))?;
    Some(Contradiction { index, members, lower: end(-1.0), upper: end(1.0) })
}

/// Connected components, each ascending, in the order of their first members.
fn components(count: usize, correlations: &[(usize, usize, f64)]) -> Vec<Vec<usize>> {
    let mut label: Vec<usize> = (0..count).collect();
    for &(a, b, _) in correlations.iter().filter(|(a, b, _)| *a < count && *b < count) {
        let (keep, drop) = (label[a].min(label[b]), label[a].max(label[b]));
        label.iter_mut().filter(|label| **label == drop).for_each(|label| *label = keep);
    }
    let mut found: Vec<(usize, Vec<usize>)> = Vec::new();
    for (member, label) in label.into_iter().enumerate() {
        match found.iter_mut().find(|(known, _)| *known == label) {
            Some((_, members)) => members.push(member),
            None => found.push((label, vec![member])),
        }
    }
    found.into_iter().map(|(_, members)| members).collect()
}

fn factor(members: &[usize], correlations: &[(usize, usize, f64)]) -> Option<Vec<f64>> {
    let n = members.len();
    let mut matrix = vec![0.0; n * n];
    for i in 0..n {
        matrix[i * n + i] = 1.0;
    }
    for (a, b, value) in correlations {
        if let (Ok(i), Ok(j)) = (members.binary_search(a), members.binary_search(b)) {
            matrix[i * n + j] = *value;
            matrix[j * n + i] = *value;
        }
    }
    cholesky(&matrix, n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_of_correlations_are_one_block() {
        let blocks = blocks(5, &[(3, 1, 0.5), (4, 3, 0.5)]).unwrap_or_else(|members| panic!("{members:?}"));
        let members: Vec<&[usize]> = blocks.iter().map(|block| block.members.as_slice()).collect();
        assert_eq!(members, [&[0][..], &[1, 3, 4], &[2]]);
        assert_eq!(blocks[0].correlate(&[1.5]), [1.5]);
    }

    #[test]
    fn two_variables_follow_the_textbook_formula() {
        let blocks = blocks(2, &[(0, 1, 0.85)]).unwrap_or_else(|members| panic!("{members:?}"));
        let found = blocks[0].correlate(&[1.0, -2.0]);
        assert_eq!(found[0], 1.0);
        assert!((found[1] - (0.85 - 2.0 * (1.0_f64 - 0.85 * 0.85).sqrt())).abs() < 1e-15);
    }

    #[test]
    fn a_contradiction_is_found_with_the_room_that_is_left() {
        let correlations = [(0, 1, 0.9), (2, 3, 0.2), (1, 2, 0.9), (0, 2, -0.5)];
        assert_eq!(blocks(4, &correlations), Err(vec![0, 1, 2, 3]));
        // (0, 2) may be at least 0.81 − 0.19 and at most 0.81 + 0.19 without (2, 3); 0 is outside, so (1, 2) is at fault:
        // with (0, 1) at 0.9 and (0, 2) at 0, it may be up to √(1 − 0.81).
        let found = first_contradiction(4, &correlations[..3]);
        let Some(found) = found else { panic!("no contradiction") };
        assert_eq!((found.index, found.members.as_slice()), (2, &[0, 1, 2, 3][..]));
        assert!(found.upper < 0.44 && found.upper > 0.4, "{}", found.upper);
        assert_eq!(first_contradiction(4, &correlations[..2]), None);
    }
}
