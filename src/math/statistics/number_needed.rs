//! Numbers needed: how many patients must be treated otherwise for one more, or one fewer, to have an event.

use super::interval::Interval;

/// The number needed to treat of a risk difference, 1/difference: positive for one more patient with the event, negative for one
/// fewer. The limits are those of the difference, inverted and in the order of walking along the numbers: `lower` = 1/upper
/// limit of the difference, `upper` = 1/lower limit. Where the difference may be 0, `lower` is positive, `upper` negative, and the
/// interval leads from `lower` through infinity to `upper` (Altman 1998, BMJ 317:1309).
pub fn number_needed(difference: Interval) -> Interval {
    Interval {
        estimate: difference.estimate.recip(),
        lower: difference.upper.recip(),
        upper: difference.lower.recip(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_through_infinity() {
        // Altman 1998: a risk reduction of 10 % (-5 % to 25 %) is NNTB 10 (NNTH 20 to infinity to NNTB 4).
        let altman = number_needed(Interval { estimate: 0.10, lower: -0.05, upper: 0.25 });
        assert_eq!(altman, Interval { estimate: 10.0, lower: 4.0, upper: -20.0 });
        let sure = number_needed(Interval { estimate: -0.125, lower: -0.25, upper: -0.0625 });
        assert_eq!(sure, Interval { estimate: -8.0, lower: -16.0, upper: -4.0 });
        let none = number_needed(Interval { estimate: 0.0, lower: -0.5, upper: 0.5 });
        assert_eq!(none, Interval { estimate: f64::INFINITY, lower: 2.0, upper: -2.0 });
    }
}
