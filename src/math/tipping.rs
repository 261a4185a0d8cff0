//! Where a difference that is only known with an interval changes its side: the point, and the stretch where its side is not
//! determined.
//!
//! Of a difference D over an assumption x, computed at chosen x with limits at 95 %, three curves are followed: the estimate, the lower and
//! the upper limit. The tipping point is where the estimate changes its side; the stretch is where the limits are on
//! different sides, which is the set of x at which D(x) = 0 is not refuted (inverting a test, as Fieller 1954 does for a
//! ratio). Common random numbers make D a function with small steps in x, so nothing smooth is assumed: plain bisection (bracketing by
//! sign alone) between neighbours of a first grid. It is a function of what has been computed alone, and so can be stopped and
//! taken up again.

/// What is known of the difference, less its margin, at one place: shares of the range, 0 … 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Known {
    /// Where.
    pub at: f64,
    /// Lower limit.
    pub lower: f64,
    /// Estimate.
    pub estimate: f64,
    /// Upper limit.
    pub upper: f64,
}

/// How a search is carried out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Search {
    /// Places of the first grid, both ends included; at least 2. Two changes between neighbours of the grid are not seen.
    pub grid: usize,
    /// Width, as a share of the range, below which a bracket is narrow enough.
    pub tolerance: f64,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Compute the difference at these places too.
    Evaluate(Vec<f64>),
    /// It is found.
    Found(Found),
}

/// A change of the estimate's side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// Middle of the bracket.
    pub at: f64,
    /// The bracket.
    pub between: (f64, f64),
    /// Whether the difference is above 0 behind it.
    pub upward: bool,
    /// Place in [`Found::undetermined`] of the stretch around it.
    pub within: Option<usize>,
    /// Whether the side is determined on both ends of that stretch, and differs: without, the change itself is in doubt.
    pub certain: bool,
}

/// A stretch where the side is not determined. Its ends are the nearest computed places where it is, or those of the range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// From.
    pub from: f64,
    /// To.
    pub to: f64,
    /// Whether it goes on beyond the lower end of the range.
    pub open_below: bool,
    /// Whether it goes on beyond the upper end.
    pub open_above: bool,
}

/// All changes and stretches, in ascending order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// Changes of the estimate's side; none: there is no change within the range.
    pub changes: Vec<Change>,
    /// Stretches where the side is not determined.
    pub undetermined: Vec<Stretch>,
}

/// Sides of lower limit, estimate, upper limit. A tie counts as not above.
fn sides(known: &Known) -> [bool; 3] {
    [known.lower > 0.0, known.estimate > 0.0, known.upper >= 0.0]
}

/// Whether the side is determined: both limits on one.
fn determined(known: &Known) -> Option<bool> {
    match (known.lower > 0.0, known.upper < 0.0) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

impl Search {
    /// The first grid.
    pub fn first(&self) -> Vec<f64> {
        let last = self.grid.max(2) - 1;
        (0..=last).map(|k| k as f64 / last as f64).collect()
    }

    /// Most places that are computed for one change behind the grid: three curves, each by bisection.
    pub fn most_for_one_change(&self) -> usize {
        let width = 1.0 / (self.grid.max(2) - 1) as f64;
        3 * (width / self.tolerance).log2().ceil().max(0.0) as usize
    }

    /// What to do next, given all that has been computed.
    pub fn next(&self, known: &[Known]) -> Step {
        let missing: Vec<f64> =
            self.first().into_iter().filter(|at| known.iter().all(|it| it.at != *at)).collect();
        if !missing.is_empty() {
            return Step::Evaluate(missing);
        }
        let mut known = known.to_vec();
        known.sort_by(|a, b| a.at.total_cmp(&b.at));
        let wide =
            |pair: &&[Known]| pair[1].at - pair[0].at > self.tolerance && sides(&pair[0]) != sides(&pair[1]);
        let middles: Vec<f64> =
            known.windows(2).filter(wide).map(|pair| 0.5 * (pair[0].at + pair[1].at)).collect();
        if middles.is_empty() { Step::Found(read(&known)) } else { Step::Evaluate(middles) }
    }
}

/// Changes and stretches of a sorted list.
fn read(known: &[Known]) -> Found {
    let mut found = Found::default();
    let mut place = 0;
    while place < known.len() {
        if determined(&known[place]).is_some() {
            // Sides that differ between neighbours, nothing undetermined between: the bracket is the stretch.
            let next = known.get(place + 1).filter(|next| determined(next).is_some());
            if let Some(next) = next.filter(|next| determined(next) != determined(&known[place])) {
                found.undetermined.push(Stretch {
                    from: known[place].at,
                    to: next.at,
                    open_below: false,
                    open_above: false,
                });
            }
            place += 1;
            continue;
        }
        let first = place;
        while place < known.len() && determined(&known[place]).is_none() {
            place += 1;
        }
        let (before, behind) = (first.checked_sub(1).map(|it| &known[it]), known.get(place));
        found.undetermined.push(Stretch {
            from: before.map_or(known[first].at, |it| it.at),
            to: behind.map_or(known[place - 1].at, |it| it.at),
            open_below: before.is_none(),
            open_above: behind.is_none(),
        });
    }
    for pair in known.windows(2).filter(|pair| (pair[0].estimate > 0.0) != (pair[1].estimate > 0.0)) {
        let between = (pair[0].at, pair[1].at);
        let within = found.undetermined.iter().position(|it| it.from <= between.0 && between.1 <= it.to);
        let end = |at: f64| known.iter().find(|it| it.at == at).and_then(determined);
        let certain = within.map(|place| &found.undetermined[place]).is_some_and(
            |it| matches!((end(it.from), end(it.to)), (Some(below), Some(above)) if below != above),
        );
        found.changes.push(Change {
            at: 0.5 * (between.0 + between.1),
            between,
            upward: pair[1].estimate > 0.0,
            within,
            certain,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Follows a difference with limits to the end; how many places were computed.
    fn found(search: Search, difference: impl Fn(f64) -> (f64, f64, f64)) -> (Found, usize) {
        let mut known: Vec<Known> = Vec::new();
        loop {
            match search.next(&known) {
                Step::Found(found) => return (found, known.len()),
                Step::Evaluate(places) => known.extend(places.into_iter().map(|at| {
                    let (lower, estimate, upper) = difference(at);
                    Known { at, lower, estimate, upper }
                })),
            }
            assert!(known.len() < 1000);
        }
    }

    const SEARCH: Search = Search { grid: 5, tolerance: 1.0 / 1024.0 };

    fn line(slope: f64, zero: f64, error: f64) -> impl Fn(f64) -> (f64, f64, f64) {
        move |x| {
            let d = slope * (x - zero);
            (d - 1.96 * error, d, d + 1.96 * error)
        }
    }

    /// D = b (x − x₀) with a constant error s: it tips at x₀, and its side is undetermined within x₀ ± 1.96 s/|b|.
    #[test]
    fn of_a_line_the_point_and_the_stretch_have_a_closed_form() {
        for slope in [2.0, -2.0] {
            let (found, computed) = found(SEARCH, line(slope, 0.37, 0.1));
            let [change] = found.changes[..] else { panic!("{found:?}") };
            assert!((change.at - 0.37).abs() <= SEARCH.tolerance && change.upward == (slope > 0.0));
            assert!(change.between.0 <= 0.37 && 0.37 <= change.between.1 && change.certain);
            let stretch = found.undetermined[change.within.expect("a stretch")];
            // Ends are places where the side is determined: outside the exact ones by no more than a bracket.
            for (end, exact) in [(0.37 - 0.098, stretch.from), (stretch.to, 0.37 + 0.098)] {
                assert!((0.0..=SEARCH.tolerance).contains(&(end - exact)), "{stretch:?}");
            }
            assert!(!stretch.open_below && !stretch.open_above && found.undetermined.len() == 1);
            assert!(computed <= 5 + SEARCH.most_for_one_change(), "{computed}");
        }
    }

    #[test]
    fn without_a_change_it_says_so_and_where_the_side_is_in_doubt() {
        let (none, computed) = found(SEARCH, line(1.0, -1.0, 0.1));
        assert_eq!((none, computed), (Found::default(), 5));
        // Above 0 all over, but not determined in the first tenth.
        let (doubt, _) = found(SEARCH, line(1.0, -0.096, 0.1));
        assert!(doubt.changes.is_empty());
        let [stretch] = doubt.undetermined[..] else { panic!("{doubt:?}") };
        assert!(stretch.open_below && !stretch.open_above && (stretch.to - 0.1).abs() <= SEARCH.tolerance);
        // Too much noise to tell anything: the estimate changes, the change is not certain.
        let (noise, _) = found(SEARCH, line(1.0, 0.5, 9.0));
        assert!(noise.changes.len() == 1 && !noise.changes[0].certain, "{noise:?}");
        assert!(noise.undetermined[0].open_below && noise.undetermined[0].open_above);
    }

    /// Steps of 1/64, with a plateau at 0 as shares of few patients have: the edge of the plateau is found, and the stretch holds it all.
    #[test]
    fn steps_and_ties_are_no_obstacle() {
        let (found, _) = found(SEARCH, |x| {
            let d = ((x - 0.6) * 8.0).round() / 8.0;
            (d - 0.07, d, d + 0.07)
        });
        // d is 0 from 0.5375 to 0.6625 and 1/8 beyond; the limits are those of one step.
        let [change] = found.changes[..] else { panic!("{found:?}") };
        assert!((change.at - 0.6625).abs() <= SEARCH.tolerance && change.certain);
        let stretch = found.undetermined[0];
        assert!((stretch.from - 0.5375).abs() <= SEARCH.tolerance, "{stretch:?}");
        assert!((stretch.to - 0.6625).abs() <= SEARCH.tolerance, "{stretch:?}");
    }

    /// Without noise the bracket itself is the stretch.
    #[test]
    fn two_changes_are_both_found() {
        let (found, _) = found(SEARCH, |x| {
            let d = (x - 0.2) * (x - 0.7);
            (d, d, d)
        });
        let at: Vec<f64> = found.changes.iter().map(|change| change.at).collect();
        assert!(at.len() == 2 && (at[0] - 0.2).abs() < 1e-3 && (at[1] - 0.7).abs() < 1e-3, "{found:?}");
        assert!(!found.changes[0].upward && found.changes[1].upward);
        assert!(found.changes.iter().all(|change| change.certain));
    }
}
