//! How much of the space between its points and a reference a set dominates (Zitzler and Thiele 1999).

use super::order::front;

/// The hypervolume, all objectives minimised; points that are not better than the reference in every objective add nothing.
///
/// Exact, by slices along the last objective (While et al. 2006, IEEE Transactions on Evolutionary Computation 10:1): fine for few
/// objectives and hundreds of points.
pub fn hypervolume(points: &[&[f64]], reference: &[f64]) -> f64 {
    let inside: Vec<&[f64]> = points
        .iter()
        .copied()
        .filter(|point| point.iter().zip(reference).all(|(value, limit)| value < limit))
        .collect();
    sliced(&inside, reference)
}

fn sliced(points: &[&[f64]], reference: &[f64]) -> f64 {
    let Some(last) = reference.len().checked_sub(1) else { return 0.0 };
    if last == 0 {
        let least = points.iter().map(|point| point[0]).fold(reference[0], f64::min);
        return reference[0] - least;
    }
    let mut kept: Vec<&[f64]> = front(points).into_iter().map(|place| points[place]).collect();
    kept.sort_by(|a, b| a[last].total_cmp(&b[last]));
    let mut volume = 0.0;
    for (place, point) in kept.iter().enumerate() {
        let end = kept.get(place + 1).map_or(reference[last], |next| next[last]);
        let lower: Vec<&[f64]> = kept[..=place].iter().map(|point| &point[..last]).collect();
        volume += (end - point[last]) * sliced(&lower, &reference[..last]);
    }
    volume
}
