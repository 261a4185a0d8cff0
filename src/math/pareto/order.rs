//! Dominance, layers of points that it parts, and how crowded a point is among its neighbours.

use std::cmp::Ordering;

/// A point by what it reaches.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// All to be minimised; `None`: one of them is undefined there, and the point cannot be compared.
    pub objectives: Option<Vec<f64>>,
    /// By how much it misses its conditions, summed; 0: it meets all.
    pub violation: f64,
}

impl Candidate {
    /// Whether it meets all conditions and has all objectives.
    pub fn accepted(&self) -> bool {
        self.objectives.is_some() && self.violation == 0.0
    }

    /// Constrained domination (Deb 2002, definition 1): a point that meets the conditions before one that does not, of two that
    /// do not the one that misses them by less; one without a value after all others.
    pub fn before(&self, other: &Self) -> bool {
        match (&self.objectives, &other.objectives) {
            (Some(_), None) => true,
            (None, _) => false,
            (Some(_), Some(_)) if self.violation != other.violation => self.violation < other.violation,
            (Some(_), Some(_)) if self.violation > 0.0 => false,
            (Some(own), Some(others)) => dominates(own, others),
        }
    }
}

/// Whether `a` is no worse than `b` in any objective and better in one.
pub fn dominates(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(a, b)| a <= b) && a.iter().zip(b).any(|(a, b)| a < b)
}

/// Places of the points that no other dominates, ascending; equal ones are all there.
///
/// In the order of the objectives one after the other a point can only be dominated by one before it, and dominance is transitive: each
/// is compared with what is kept so far alone (Kung, Luccio and Preparata 1975, Journal of the ACM 22:4, in its plain form).
pub fn front(points: &[&[f64]]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|a, b| one_after_the_other(points[*a], points[*b]).then(a.cmp(b)));
    let mut kept: Vec<usize> = Vec::new();
    for place in order {
        if !kept.iter().any(|other| dominates(points[*other], points[place])) {
            kept.push(place);
        }
    }
    kept.sort_unstable();
    kept
}

fn one_after_the_other(a: &[f64], b: &[f64]) -> Ordering {
    let differ = a.iter().zip(b).map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne());
    differ.unwrap_or(Ordering::Equal)
}

/// The layer of each point, from 0: those that nothing is before, then those that nothing is before once these are gone, and so on (the
/// fast sort of Deb 2002, section III A).
pub fn layers(points: &[Candidate]) -> Vec<usize> {
    let mut behind: Vec<Vec<usize>> = vec![Vec::new(); points.len()];
    let mut ahead = vec![0_usize; points.len()];
    for a in 0..points.len() {
        for b in a + 1..points.len() {
            for (first, second) in [(a, b), (b, a)] {
                if points[first].before(&points[second]) {
                    behind[first].push(second);
                    ahead[second] += 1;
                }
            }
        }
    }
    let mut layer = vec![0; points.len()];
    let mut now: Vec<usize> = (0..points.len()).filter(|place| ahead[*place] == 0).collect();
    let mut depth = 0;
    while !now.is_empty() {
        let mut next = Vec::new();
        for place in now {
            layer[place] = depth;
            for other in &behind[place] {
                ahead[*other] -= 1;
                if ahead[*other] == 0 {
                    next.push(*other);
                }
            }
        }
        next.sort_unstable();
        (now, depth) = (next, depth + 1);
    }
    layer
}

/// How far apart the neighbours of each point are, summed over the objectives as shares of their spans; infinite at the ends (Deb 2002,
/// section III B). Points without objectives have 0.
pub fn crowding(points: &[&Candidate]) -> Vec<f64> {
    let mut distance = vec![0.0; points.len()];
    let known: Vec<(usize, &Vec<f64>)> =
        points.iter().enumerate().filter_map(|(place, it)| Some((place, it.objectives.as_ref()?))).collect();
    let count = known.first().map_or(0, |(_, objectives)| objectives.len());
    for objective in 0..count {
        let mut order = known.clone();
        order.sort_by(|a, b| a.1[objective].total_cmp(&b.1[objective]).then(a.0.cmp(&b.0)));
        let (Some(first), Some(last)) = (order.first(), order.last()) else { continue };
        let span = last.1[objective] - first.1[objective];
        distance[first.0] = f64::INFINITY;
        distance[last.0] = f64::INFINITY;
        if span > 0.0 {
            for three in order.windows(3) {
                distance[three[1].0] += (three[2].1[objective] - three[0].1[objective]) / span;
            }
        }
    }
    distance
}
