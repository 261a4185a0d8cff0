//! Tablet strengths: which doses can be made of whole tablets, and which of them stands for a dose that cannot.
//!
//! `tablets = ["2.5 mg", "5 mg", "10 mg"]` of a treatment. All doses of at most `most` tablets are listed once, each with
//! the fewest tablets that make it, so that a question is a search in a sorted list.

/// Doses that differ by less than this share are the same.
const SAME_DOSE: f64 = 1e-9;
/// More doses than this would be a mistake: strengths without a common measure, or far too many tablets.
pub const MOST_DOSES: usize = 20_000;
/// Tablets in one dose where the treatment says nothing.
pub const DEFAULT_MOST: u32 = 10;

/// Which dose stands for one that cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rounding {
    /// The largest that is not above it (nothing if there is none).
    #[default]
    Down,
    /// The nearest; of two equally near the lower one.
    Nearest,
    /// The smallest that is not below it (the largest if there is none).
    Up,
}

/// The tablets of which doses of a drug are made.
#[derive(Debug, Clone, PartialEq)]
pub struct Tablets {
    /// Strengths, ascending, coherent.
    pub strengths: Vec<f64>,
    /// Largest number of tablets in one dose.
    pub most: u32,
    /// Which dose stands for one that cannot be made.
    pub rounding: Rounding,
    /// Doses that can be made, ascending, with the last tablet and how many there are.
    doses: Vec<Made>,
}

/// A dose that can be made.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Made {
    dose: f64,
    /// Index of a strength in the combination of fewest tablets.
    last: usize,
    count: u32,
}

impl Tablets {
    /// Tablets of these strengths (positive, coherent), at most so many of them in a dose. `None` if there are no
    /// strengths or more than [`MOST_DOSES`] doses can be made.
    pub fn new(strengths: &[f64], most: u32, rounding: Rounding) -> Option<Self> {
        let mut strengths = strengths.to_vec();
        strengths.sort_by(f64::total_cmp);
        strengths.dedup_by(|a, b| same(*a, *b));
        let mut doses: Vec<Made> = Vec::new();
        let mut front = vec![0.0];
        for count in 1..=most {
            let mut next: Vec<Made> = front
                .iter()
                .flat_map(|before| {
                    let with = strengths.iter().enumerate();
                    with.map(move |(last, strength)| Made { dose: before + strength, last, count })
                })
                .collect();
            // Of equal combinations the largest tablet comes first, so that 20 mg are two of 10 mg and not 15 and 5.
            next.sort_by(|a, b| a.dose.total_cmp(&b.dose));
            next.dedup_by(|later, kept| {
                let equal = same(later.dose, kept.dose);
                if equal {
                    kept.last = kept.last.max(later.last);
                }
                equal
            });
            next.retain(|made| find(&doses, made.dose).is_none());
            if doses.len() + next.len() > MOST_DOSES {
                return None;
            }
            front = next.iter().map(|made| made.dose).collect();
            doses.extend(next);
            doses.sort_by(|a, b| a.dose.total_cmp(&b.dose));
        }
        (!doses.is_empty()).then_some(Tablets { strengths, most, rounding, doses })
    }

    /// Every dose that can be made, ascending.
    pub fn doses(&self) -> impl Iterator<Item = f64> + '_ {
        self.doses.iter().map(|made| made.dose)
    }

    /// The fewest tablets that make a dose, as (strength, number), the largest first; `None` if it cannot be made.
    pub fn combination(&self, dose: f64) -> Option<Vec<(f64, u32)>> {
        let mut found: Vec<(f64, u32)> = Vec::new();
        let mut place = find(&self.doses, dose)?;
        loop {
            let Made { dose, last, count } = self.doses[place];
            let strength = self.strengths[last];
            match found.iter_mut().find(|(known, _)| *known == strength) {
                Some((_, number)) => *number += 1,
                None => found.push((strength, 1)),
            }
            if count == 1 {
                found.sort_by(|a, b| b.0.total_cmp(&a.0));
                return Some(found);
            }
            place = find(&self.doses, dose - strength)?;
        }
    }

    /// The dose that is given in place of this one: itself where it can be made, else by [`Tablets::rounding`]; 0 for none.
    pub fn round(&self, dose: f64) -> f64 {
        if let Some(exact) = find(&self.doses, dose) {
            return self.doses[exact].dose;
        }
        let above = self.doses.partition_point(|made| made.dose < dose);
        let lower = above.checked_sub(1).map_or(0.0, |place| self.doses[place].dose);
        let Some(upper) = self.doses.get(above).map(|made| made.dose) else { return lower };
        match self.rounding {
            Rounding::Down => lower,
            Rounding::Up => upper,
            Rounding::Nearest => {
                if upper - dose < dose - lower {
                    upper
                } else {
                    lower
                }
            }
        }
    }

    /// The doses next below and next above one that cannot be made, where there are any.
    pub fn neighbours(&self, dose: f64) -> (Option<f64>, Option<f64>) {
        let above = self.doses.partition_point(|made| made.dose < dose && !same(made.dose, dose));
        let at = |place: usize| self.doses.get(place).map(|made| made.dose);
        (above.checked_sub(1).and_then(at), at(above).filter(|upper| !same(*upper, dose)))
    }
}

/// Whether a dose (coherent) can be made of whole tablets of these strengths, at most `most` of them.
pub fn can_be_made(dose: f64, strengths: &[f64], most: u32) -> bool {
    Tablets::new(strengths, most, Rounding::Down).is_some_and(|tablets| tablets.combination(dose).is_some())
}

fn find(doses: &[Made], dose: f64) -> Option<usize> {
    let place = doses.partition_point(|made| made.dose < dose * (1.0 - SAME_DOSE));
    doses.get(place).filter(|made| same(made.dose, dose)).map(|_| place)
}

fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= SAME_DOSE * a.abs().max(b.abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LENALIDOMIDE: [f64; 6] = [2.5, 5.0, 10.0, 15.0, 20.0, 25.0];

    #[test]
    fn the_fewest_tablets_make_a_dose() {
        let tablets = Tablets::new(&LENALIDOMIDE, 4, Rounding::Down).unwrap();
        assert_eq!(tablets.combination(25.0), Some(vec![(25.0, 1)]));
        assert_eq!(tablets.combination(7.5), Some(vec![(5.0, 1), (2.5, 1)]));
        assert_eq!(tablets.combination(100.0), Some(vec![(25.0, 4)]));
        assert_eq!(tablets.combination(6.0), None);
        assert_eq!(tablets.combination(102.5), None, "more than four tablets");
        assert_eq!(tablets.neighbours(6.0), (Some(5.0), Some(7.5)));
    }

    #[test]
    fn a_dose_between_is_rounded_as_asked() {
        let tablets = |rounding| Tablets::new(&[5.0, 20.0], 2, rounding).unwrap();
        // 5, 10, 20, 25, 40.
        for (dose, down, nearest, up) in
            [(3.0, 0.0, 5.0, 5.0), (7.5, 5.0, 5.0, 10.0), (16.0, 10.0, 20.0, 20.0), (99.0, 40.0, 40.0, 40.0)]
        {
            assert_eq!(tablets(Rounding::Down).round(dose), down, "{dose}");
            assert_eq!(tablets(Rounding::Nearest).round(dose), nearest, "{dose}");
            assert_eq!(tablets(Rounding::Up).round(dose), up, "{dose}");
        }
    }

    #[test]
    fn a_sum_in_tenths_is_made_of_tenths() {
        // 0.1 + 0.2 is not 0.3 in binary.
        assert!(can_be_made(0.3, &[0.1, 0.2], 2));
        assert!(can_be_made(0.7, &[0.1], 7) && !can_be_made(0.8, &[0.1], 7));
        assert!(!can_be_made(1.0, &[], 5));
    }

    proptest! {
        /// Against a plain search through all numbers of each strength.
        #[test]
        fn what_can_be_made_is_what_a_search_finds(
            strengths in proptest::collection::vec(1_u32..12, 1..4), most in 1_u32..6, dose in 1_u32..40,
        ) {
            fn search(strengths: &[u32], left: u32, dose: u32) -> bool {
                dose == 0 || (left > 0 && strengths.iter().any(|s| *s <= dose && search(strengths, left - 1, dose - s)))
            }
            let given: Vec<f64> = strengths.iter().map(|strength| f64::from(*strength) * 0.25).collect();
            let tablets = Tablets::new(&given, most, Rounding::Nearest).unwrap();
            let dose_in_mg = f64::from(dose) * 0.25;
            let combination = tablets.combination(dose_in_mg);
            prop_assert_eq!(combination.is_some(), search(&strengths, most, dose));
            if let Some(parts) = combination {
                prop_assert_eq!(parts.iter().map(|(strength, n)| strength * f64::from(*n)).sum::<f64>(), dose_in_mg);
                prop_assert!(parts.iter().map(|(_, n)| n).sum::<u32>() <= most);
            }
        }
    }
}
