//! Shares of patients by restaging or cycle: the response at each restaging, the worst grade in each cycle.

use super::estimate::{LEVEL, proportion_error};
use crate::endpoint::{NOT_SEEN, Value, categories, categories_over_time, cycles, restagings};
use crate::math::statistics::{Interval, wilson};
use crate::scenario::{EndpointKind, ResponseQuestion, Scenario};

/// Categories of one endpoint over the periods, in one arm.
#[derive(Debug, Clone, PartialEq)]
pub struct PeriodShares {
    /// Endpoint index.
    pub endpoint: usize,
    /// "restaging" or "cycle".
    pub word: &'static str,
    /// Categories in the order of [`Period::counts`].
    pub categories: Vec<String>,
    /// Shares that are told: label, first and last category.
    pub shares: Vec<(String, usize, usize)>,
    /// In time order.
    pub periods: Vec<Period>,
}

/// One restaging or cycle.
#[derive(Debug, Clone, PartialEq)]
pub struct Period {
    /// Number, from 1.
    pub number: usize,
    /// When it is due or begins, d.
    pub time: f64,
    /// Patients in each category.
    pub counts: Vec<usize>,
    /// Patients of whom nothing was seen.
    pub not_seen: usize,
}

impl Period {
    /// Patients in some category.
    pub fn n(&self) -> usize {
        self.counts.iter().sum()
    }

    /// A share of those seen, with its interval and Monte Carlo error.
    pub fn share(&self, first: usize, last: usize) -> Option<(Interval, Option<f64>)> {
        let count = self.counts[first..=last].iter().sum();
        Some((wilson(count, self.n(), LEVEL)?, proportion_error(count, self.n())))
    }
}

/// The shares of an endpoint that has periods.
pub fn shares(scenario: &Scenario, index: usize, values: &[Value]) -> Option<PeriodShares> {
    let (word, categories, shares, times) = match &scenario.endpoints[index].kind {
        EndpointKind::GradesByCycle { source, cycle } => {
            let worst = source.thresholds.len();
            let names: Vec<String> = (0..=worst).map(|grade| format!("grade {grade}")).collect();
            let or_worse = |grade: usize| {
                let label =
                    if grade == worst { format!("grade {grade}") } else { format!("grade {grade}-{worst}") };
                (label, grade, worst)
            };
            ("cycle", names, (1..=worst).map(or_worse).collect(), cycles(scenario, *cycle))
        }
        EndpointKind::Response { criteria, question: ResponseQuestion::OverTime } => {
            let names: Vec<String> = categories_over_time(criteria).into_iter().map(str::to_owned).collect();
            let responses = categories(criteria).1;
            let label = if responses > 3 { "CR+CRi+PR+PR-L" } else { "CR+CRi+PR" };
            let mut shares = vec![(label.to_owned(), 0, responses - 1), ("CR+CRi".to_owned(), 0, 1)];
            shares.extend(names.iter().enumerate().map(|(place, name)| (name.clone(), place, place)));
            ("restaging", names, shares, restagings(criteria, scenario).to_vec())
        }
        _ => return None,
    };
    let mut periods: Vec<Period> = (1..)
        .zip(times)
        .map(|(number, time)| Period { number, time, counts: vec![0; categories.len()], not_seen: 0 })
        .collect();
    for value in values {
        let Value::Periods(seen) = value else { continue };
        for (period, place) in periods.iter_mut().zip(seen) {
            match period.counts.get_mut(usize::from(*place)).filter(|_| *place != NOT_SEEN) {
                Some(count) => *count += 1,
                None => period.not_seen += 1,
            }
        }
    }
    Some(PeriodShares { endpoint: index, word, categories, shares, periods })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::fixture;
    use crate::scenario::{EndpointDefinition, GradeSource, GradeTimes};

    #[test]
    fn shares_are_of_those_seen_in_the_period() {
        let mut scenario = fixture::scenario(1);
        scenario.horizon = 56.0;
        let source = GradeSource {
            output: 0,
            thresholds: vec![2.0, 1.0],
            falling: true,
            table: None,
            at: GradeTimes::Visits,
        };
        scenario.endpoints = vec![EndpointDefinition {
            name: "neutropenia by cycle".to_owned(),
            about: String::new(),
            estimand: String::new(),
            kind: EndpointKind::GradesByCycle { source, cycle: 28.0 },
            unit: fixture::unit("1", 1.0),
            strategy: crate::scenario::Strategy::AsDefined,
        }];
        let seen = |places: [u8; 2]| Value::Periods(places.into());
        let values =
            [seen([0, 2]), seen([1, NOT_SEEN]), seen([2, 2]), seen([0, 0]), Value::Missing("failed")];
        let found = shares(&scenario, 0, &values).unwrap();
        assert_eq!(found.word, "cycle");
        assert_eq!(found.shares[0], ("grade 1-2".to_owned(), 1, 2));
        assert_eq!((found.periods[0].time, found.periods[1].time), (0.0, 28.0));
        assert_eq!(found.periods[0].counts, [2, 1, 1]);
        assert_eq!((found.periods[1].counts.as_slice(), found.periods[1].not_seen), (&[1, 0, 2][..], 1));
        let (interval, error) = found.periods[1].share(2, 2).unwrap();
        assert!((interval.estimate - 2.0 / 3.0).abs() < 1e-15);
        assert!((error.unwrap() - (2.0_f64 / 9.0 / 3.0).sqrt()).abs() < 1e-15);
    }
}
