//! The win ratio: how often the one of two patients fares better by a hierarchy of outcomes, over how often the other does.
//!
//! Knows nothing of the outcomes: who wins a pair is asked of the caller. Two readings: matched pairs (here, a patient against
//! himself), and every patient of one group against every patient of the other (Pocock, Ariti, Collier and Wang 2012, Eur Heart J
//! 33:176).

use super::interval::{Interval, normal_deviate};
use super::proportion::wilson;
use std::cmp::Ordering;

/// Wins over losses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WinRatio {
    /// Wins/losses with limits. The upper one is infinite without losses.
    pub ratio: Interval,
    /// Share of pairs that the second group wins.
    pub wins: f64,
    /// Share of pairs that it loses; the rest are ties.
    pub losses: f64,
    /// Standard error of the logarithm; `None` where there are no wins or no losses.
    pub log_error: Option<f64>,
    /// What that would be in independent groups of the same size; `None` as above, and for matched pairs.
    pub independent_log_error: Option<f64>,
}

/// The win ratio of matched pairs: wins/losses, limits from Wilson's of the share of wins among the decided pairs (Pocock et al.
/// take the normal ones, which fail at 0 and 1). `None` if no pair is decided.
pub fn matched_win_ratio(verdicts: impl Iterator<Item = Ordering>, level: f64) -> Option<WinRatio> {
    let (mut pairs, mut wins, mut losses) = (0_usize, 0_usize, 0_usize);
    for verdict in verdicts {
        pairs += 1;
        wins += usize::from(verdict == Ordering::Greater);
        losses += usize::from(verdict == Ordering::Less);
    }
    let share = wilson(wins, wins + losses, level)?;
    let odds = |p: f64| p / (1.0 - p);
    let ratio =
        Interval { estimate: odds(share.estimate), lower: odds(share.lower), upper: odds(share.upper) };
    let (w, l) = (wins as f64, losses as f64);
    Some(WinRatio {
        ratio,
        wins: w / pairs as f64,
        losses: l / pairs as f64,
        log_error: (wins > 0 && losses > 0).then(|| (1.0 / w + 1.0 / l).sqrt()),
        independent_log_error: None,
    })
}

/// The win ratio of all n² pairs of the same n patients in two groups. `verdict(b, a)` says how patient b of the second group fares
/// against patient a of the first.
///
/// The shares of wins and losses are U-statistics; their errors come from Hoeffding's projections (Bebu and Lachin 2016,
/// Biostatistics 17:178), in which what a patient does in both groups is added before it is squared: patient i counts as the
/// i-th of the second group and as the i-th of the first. `None` if no pair is decided or n < 2.
pub fn win_ratio(
    patients: usize,
    verdict: impl Fn(usize, usize) -> Ordering,
    level: f64,
) -> Option<WinRatio> {
    if patients < 2 {
        return None;
    }
    // [wins, losses] of each patient of the second group, and against each patient of the first.
    let (mut rows, mut columns) = (vec![[0.0_f64; 2]; patients], vec![[0.0_f64; 2]; patients]);
    for (b, row) in rows.iter_mut().enumerate() {
        for (a, column) in columns.iter_mut().enumerate() {
            let side = match verdict(b, a) {
                Ordering::Greater => 0,
                Ordering::Less => 1,
                Ordering::Equal => continue,
            };
            row[side] += 1.0;
            column[side] += 1.0;
        }
    }
    let n = patients as f64;
    let [wins, losses] = [0, 1].map(|side| rows.iter().map(|row| row[side]).sum::<f64>() / (n * n));
    if wins + losses == 0.0 {
        return None;
    }
    let estimate = wins / losses;
    let mut found = WinRatio {
        ratio: Interval { estimate, lower: 0.0, upper: f64::INFINITY },
        wins,
        losses,
        log_error: None,
        independent_log_error: None,
    };
    if wins > 0.0 && losses > 0.0 {
        let influence = |count: &[f64; 2]| (count[0] / n - wins) / wins - (count[1] / n - losses) / losses;
        let (mut paired, mut independent) = (0.0, 0.0);
        for (row, column) in rows.iter().zip(&columns) {
            let (row, column) = (influence(row), influence(column));
            paired += (row + column).powi(2);
            independent += row * row + column * column;
        }
        let error = paired.sqrt() / n;
        let factor = (normal_deviate(level) * error).exp();
        found.ratio = Interval { estimate, lower: estimate / factor, upper: estimate * factor };
        found.log_error = Some(error);
        found.independent_log_error = Some(independent.sqrt() / n);
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (time, event, grade) of ten patients in two groups: the longer time wins where that is known, then the lower grade.
    const A: [(f64, bool, u8); 10] = [
        (3.0, true, 0),
        (5.0, true, 1),
        (5.0, true, 2),
        (8.0, false, 3),
        (9.0, true, 4),
        (12.0, true, 0),
        (12.0, false, 1),
        (15.0, true, 2),
        (20.0, false, 3),
        (20.0, false, 1),
    ];
    const B: [(f64, bool, u8); 10] = [
        (4.0, true, 1),
        (5.0, false, 0),
        (9.0, true, 2),
        (12.0, true, 2),
        (9.0, true, 3),
        (18.0, true, 0),
        (20.0, false, 0),
        (20.0, false, 4),
        (20.0, false, 1),
        (14.0, true, 2),
    ];

    fn verdict(b: usize, a: usize) -> Ordering {
        let (mine, other) = (B[b], A[a]);
        if other.1 && mine.0 > other.0 {
            return Ordering::Greater;
        }
        if mine.1 && other.0 > mine.0 {
            return Ordering::Less;
        }
        other.2.cmp(&mine.2)
    }

    /// 62 wins and 34 losses of 100 pairs; errors of the logarithm by the projections in numpy.
    #[test]
    fn all_pairs_of_ten_patients() {
        let found = win_ratio(10, verdict, 0.95).expect("a ratio");
        assert!((found.ratio.estimate - 62.0 / 34.0).abs() < 1e-14);
        assert!((found.wins - 0.62).abs() < 1e-14 && (found.losses - 0.34).abs() < 1e-14);
        assert!((found.log_error.expect("one") - 0.357_555_379_950_033_45).abs() < 1e-12);
        assert!((found.independent_log_error.expect("one") - 0.541_507_240_213_845_6).abs() < 1e-12);
        let factor = found.ratio.upper / found.ratio.estimate;
        assert!((factor.ln() - 1.959_963_984_540_054 * 0.357_555_379_950_033_45).abs() < 1e-12);
    }

    /// Nine wins, one loss: Wilson's limits of 9/10 are 0.5958 and 0.9821 (Newcombe 1998), so 1.474 and 54.96.
    #[test]
    fn matched_pairs_of_ten_patients() {
        let found = matched_win_ratio((0..10).map(|i| verdict(i, i)), 0.95).expect("a ratio");
        assert!((found.ratio.estimate - 9.0).abs() < 1e-12);
        assert!(
            (found.ratio.lower - 0.595_849_973_204_761_5 / 0.404_150_026_795_238_5).abs() < 1e-12,
            "{found:?}"
        );
        assert!(
            (found.ratio.upper - 0.982_123_786_904_927_1 / 0.017_876_213_095_072_9).abs() < 1e-10,
            "{found:?}"
        );
        assert!((found.log_error.expect("one") - (1.0_f64 / 9.0 + 1.0).sqrt()).abs() < 1e-14);
    }

    #[test]
    fn ties_decide_nothing_and_one_side_alone_has_no_upper_limit() {
        let tie = |_, _| Ordering::Equal;
        assert_eq!(win_ratio(5, tie, 0.95), None);
        assert_eq!(matched_win_ratio([Ordering::Equal; 3].into_iter(), 0.95), None);
        let won = win_ratio(5, |_, _| Ordering::Greater, 0.95).expect("a ratio");
        assert_eq!(
            (won.ratio.estimate, won.ratio.upper, won.log_error),
            (f64::INFINITY, f64::INFINITY, None)
        );
        let matched = matched_win_ratio([Ordering::Greater; 3].into_iter(), 0.95).expect("a ratio");
        assert!(matched.ratio.upper.is_infinite() && matched.ratio.lower > 0.0);
    }
}
