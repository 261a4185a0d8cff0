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

/// A block whose correlations cannot hold together.
#[derive(Debug, Clone, PartialEq)]
pub struct Contradiction {
    /// The block's members, ascending.
    pub members: Vec<usize>,
    /// The correlation to look at, an index into the list: the last one that could mend the block by itself, else the
    /// last one of the block.
    pub index: usize,
    /// The values that this correlation could have beside all others; `None` if it cannot mend the block by itself.
    pub room: Option<(f64, f64)>,
}

/// Every block that is not positive definite.
pub fn contradictions(count: usize, correlations: &[(usize, usize, f64)]) -> Vec<Contradiction> {
    let blocks = components(count, correlations).into_iter();
    let faulty = blocks.filter(|members| factor(members, correlations).is_none());
    faulty
        .filter_map(|members| {
            let within = |index: &usize| members.contains(&correlations[*index].0);
            let last_first: Vec<usize> = (0..correlations.len()).rev().filter(within).collect();
            let mending = last_first
                .iter()
                .find_map(|&index| Some((index, Some(room(&members, correlations, index)?))));
            let (index, room) = mending.or_else(|| Some((*last_first.first()?, None)))?;
            Some(Contradiction { members, index, room })
        })
        .collect()
}

/// The values of one correlation that make a block positive definite, all others kept: with S the correlations of the
/// remaining members and b, c those of the pair with them, b' S⁻¹ c ± √((1 − b' S⁻¹ b)(1 − c' S⁻¹ c)).
fn room(members: &[usize], correlations: &[(usize, usize, f64)], index: usize) -> Option<(f64, f64)> {
    let (a, b, _) = correlations[index];
    let others: Vec<usize> = members.iter().copied().filter(|member| *member != a && *member != b).collect();
    let n = others.len();
    let factor = factor(&others, correlations)?;
    // Solves L x = (correlations of a member with the others) forward.
    let solved = |member: usize| {
        let mut x: Vec<f64> = Vec::with_capacity(n);
        for row in 0..n {
            let known: f64 = (0..row).map(|column| factor[row * n + column] * x[column]).sum();
            x.push((correlation(correlations, member, others[row]) - known) / factor[row * n + row]);
        }
        x
    };
    let (x, y) = (solved(a), solved(b));
    let product = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
    let (left_a, left_b) = (1.0 - product(&x, &x), 1.0 - product(&y, &y));
    let half = (left_a > 0.0 && left_b > 0.0).then(|| (left_a * left_b).sqrt())?;
    Some((product(&x, &y) - half, product(&x, &y) + half))
}

fn correlation(correlations: &[(usize, usize, f64)], a: usize, b: usize) -> f64 {
    let pair = |known: &&(usize, usize, f64)| (known.0, known.1) == (a, b) || (known.0, known.1) == (b, a);
    correlations.iter().find(pair).map_or(0.0, |known| known.2)
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
        // A triangle: the third correlation lies within 0.81 ± 0.19.
        let found = contradictions(4, &[(0, 1, 0.9), (1, 2, 0.9), (0, 2, -0.9)]);
        assert_eq!((found.len(), found[0].index, found[0].members.as_slice()), (1, 2, &[0, 1, 2][..]));
        let (lower, upper) = found[0].room.unwrap_or_default();
        assert!((lower - 0.62).abs() < 1e-12 && (upper - 1.0).abs() < 1e-12, "{lower} {upper}");
        // Not named counts as 0, which is outside.
        let found = contradictions(3, &[(0, 1, 0.9), (1, 2, 0.9)]);
        let (lower, upper) = found[0].room.unwrap_or_default();
        assert!((upper - 0.19_f64.sqrt()).abs() < 1e-12 && (lower + upper).abs() < 1e-12, "{lower} {upper}");
    }

    /// Checked one by one in the order of naming, the first two would already be refused.
    #[test]
    fn correlations_that_fit_only_together_are_fine() {
        let correlations = [(0, 1, 0.9), (1, 2, 0.9), (0, 2, 0.81)];
        assert_eq!(contradictions(3, &correlations), vec![]);
        assert!(blocks(3, &correlations).is_ok());
    }

    #[test]
    fn no_single_correlation_mends_what_is_wrong_twice() {
        let found = contradictions(4, &[(0, 1, 1.5), (1, 2, 0.1), (2, 3, 1.5)]);
        assert_eq!((found.len(), found[0].index, found[0].room), (1, 2, None));
    }
}
