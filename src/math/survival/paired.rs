//! Two groups made of the same subjects: what their times to event differ by, with errors that know of the pairing.
//!
//! Each subject has a time in either group. The estimates are those of independent groups; their errors are sums over subjects
//! of squared influences, in which what a subject does to both groups is added before it is squared (Lin and Wei 1989, JASA
//! 84:1074, for Cox regression; the infinitesimal jackknife of the other two). Beside each stands the error that independent groups
//! would have, so that the gain can be told.

use super::cox::CoxError;
use super::follow_up::Observed;
use super::hazard_ratio::hazard_ratio;
use super::kaplan_meier::kaplan_meier;
use super::restricted_mean::{RestrictedMeanError, restricted_mean};

/// An estimate with two errors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paired {
    /// Estimate.
    pub estimate: f64,
    /// Its standard error, given the pairing.
    pub standard_error: f64,
    /// What the standard error would be in independent groups of the same sizes.
    pub independent_error: f64,
}

/// A time with events in some group.
struct Step {
    time: f64,
    at_risk: [f64; 2],
    events: [f64; 2],
}

/// Life table of both groups together.
fn steps(groups: [&[Observed]; 2]) -> Vec<Step> {
    let mut all: Vec<(Observed, usize)> = Vec::with_capacity(groups[0].len() + groups[1].len());
    for (group, rows) in groups.iter().enumerate() {
        all.extend(rows.iter().map(|observed| (*observed, group)));
    }
    all.sort_by(|(a, _), (b, _)| a.time.total_cmp(&b.time));
    let mut at_risk = groups.map(|rows| rows.len() as f64);
    let mut steps = Vec::new();
    for tied in all.chunk_by(|(a, _), (b, _)| a.time == b.time) {
        let mut events = [0.0; 2];
        for (_, group) in tied.iter().filter(|(observed, _)| observed.event) {
            events[*group] += 1.0;
        }
        if events != [0.0; 2] {
            steps.push(Step { time: tied[0].0.time, at_risk, events });
        }
        for (_, group) in tied {
            at_risk[*group] -= 1.0;
        }
    }
    steps
}

/// Influences of subjects on a sum over event times: what each loses by having been at risk up to its time, and what its own
/// event adds there.
struct Influences<'a> {
    steps: &'a [Step],
    /// By step and group: Σ up to and including this step of what being at risk takes off.
    at_risk: Vec<[f64; 2]>,
    /// By step and group: what an event adds.
    event: Vec<[f64; 2]>,
}

impl Influences<'_> {
    fn of(&self, observed: Observed, group: usize) -> f64 {
        let Some(last) = self.steps.partition_point(|step| step.time <= observed.time).checked_sub(1) else {
            return 0.0;
        };
        let own = if observed.event { self.event[last][group] } else { 0.0 };
        own - self.at_risk[last][group]
    }

    /// Root of the sum of squares over subjects: both groups added first, and each by itself.
    fn errors(&self, a: &[Observed], b: &[Observed]) -> (f64, f64) {
        let (mut paired, mut independent) = (0.0, 0.0);
        for (a, b) in a.iter().zip(b) {
            let (of_a, of_b) = (self.of(*a, 0), self.of(*b, 1));
            paired += (of_a + of_b).powi(2);
            independent += of_a * of_a + of_b * of_b;
        }
        (paired.sqrt(), independent.sqrt())
    }
}

/// Logarithm of the hazard ratio of b against a, the same subjects in the same order: Cox regression, Efron's ties, with the
/// robust error of Lin and Wei (1989) clustered by subject, as R's `coxph(…, cluster = id)`. `independent_error` is Cox's.
///
/// # Errors
/// As of [`hazard_ratio`].
pub fn paired_hazard_ratio(a: &[Observed], b: &[Observed]) -> Result<Paired, CoxError> {
    let fit = hazard_ratio(a, b, 0.95)?;
    let steps = steps([a, b]);
    let ratio = fit.coefficient.exp();
    let (mut at_risk, mut event, mut sums) = (Vec::new(), Vec::new(), [0.0; 2]);
    for step in &steps {
        let d = step.events[0] + step.events[1];
        // Of tied events the l-th sees the tied ones leave in fractions l/d.
        let (mut mean_share, mut own) = (0.0, [0.0; 2]);
        for l in 0..d as usize {
            let gone = l as f64 / d;
            let [in_a, in_b] = [0, 1].map(|group| step.at_risk[group] - gone * step.events[group]);
            let whole = in_a + in_b * ratio;
            let share = in_b * ratio / whole;
            mean_share += share / d;
            for (group, (of, covariate)) in [(1.0, 0.0), (ratio, 1.0)].into_iter().enumerate() {
                let taken = of * (covariate - share) / whole;
                sums[group] += taken;
                own[group] += gone * taken;
            }
        }
        at_risk.push(sums);
        event.push([own[0] - mean_share, own[1] + 1.0 - mean_share]);
    }
    let variance = fit.standard_error * fit.standard_error;
    let (paired, _) = Influences { steps: &steps, at_risk, event }.errors(a, b);
    Ok(Paired {
        estimate: fit.coefficient,
        standard_error: paired * variance,
        independent_error: fit.standard_error,
    })
}

/// The log-rank statistic z = (O − E)/√V of b against a, V the hypergeometric variance of independent groups (its square is
/// that of [`log_rank`](super::log_rank())); with the standard error of z over samples of such subjects. `independent_error` is 1 by
/// construction. `None` where nothing can be compared.
pub fn paired_log_rank(a: &[Observed], b: &[Observed]) -> Option<Paired> {
    let steps = steps([a, b]);
    let (mut excess, mut variance) = (0.0, 0.0);
    let (mut at_risk, mut event, mut sums) = (Vec::new(), Vec::new(), [0.0; 2]);
    for step in &steps {
        let (n, d) = (step.at_risk[0] + step.at_risk[1], step.events[0] + step.events[1]);
        let share = step.at_risk[1] / n;
        let (of_excess, of_variance) = log_rank_terms(step);
        excess += of_excess;
        variance += of_variance;
        sums[0] -= d / n * share;
        sums[1] += d / n * (1.0 - share);
        at_risk.push(sums);
        event.push([-share, 1.0 - share]);
    }
    let (paired, _) = Influences { steps: &steps, at_risk, event }.errors(a, b);
    (variance > 0.0).then(|| Paired {
        estimate: excess / variance.sqrt(),
        standard_error: paired / variance.sqrt(),
        independent_error: 1.0,
    })
}

/// The log-rank statistic z of two groups of any sizes, as of [`paired_log_rank`] without its error.
pub fn log_rank_z(a: &[Observed], b: &[Observed]) -> Option<f64> {
    let (mut excess, mut variance) = (0.0, 0.0);
    for step in &steps([a, b]) {
        let (of_excess, of_variance) = log_rank_terms(step);
        excess += of_excess;
        variance += of_variance;
    }
    (variance > 0.0).then(|| excess / variance.sqrt())
}

/// Observed minus expected events of the second group at a step, and the hypergeometric variance (Mantel 1966).
fn log_rank_terms(step: &Step) -> (f64, f64) {
    let (n, d) = (step.at_risk[0] + step.at_risk[1], step.events[0] + step.events[1]);
    let share = step.at_risk[1] / n;
    let variance = if n > 1.0 { d * share * (1.0 - share) * (n - d) / (n - 1.0) } else { 0.0 };
    (step.events[1] - d * share, variance)
}

/// Difference of the restricted mean times up to `tau`, b minus a. `independent_error` is Greenwood's, of which the paired one is
/// the counterpart: both square the influences −Σ A_j(dN_i − d_j/n_j)/(n_j − d_j), A_j the area from event time j to `tau`.
///
/// # Errors
/// As of [`restricted_mean`].
pub fn paired_restricted_mean(
    a: &[Observed],
    b: &[Observed],
    tau: f64,
) -> Result<Paired, RestrictedMeanError> {
    let curves = [kaplan_meier(a, 0.95), kaplan_meier(b, 0.95)];
    let means = [restricted_mean(&curves[0], tau)?, restricted_mean(&curves[1], tau)?];
    let steps = steps([a, b]);
    let (mut at_risk, mut event, mut sums) = (Vec::new(), Vec::new(), [0.0; 2]);
    // Survival, and the area under it up to the step before, in each group.
    let (mut survival, mut area, mut last) = ([1.0; 2], [0.0; 2], 0.0);
    for step in &steps {
        let (mut own, time) = ([0.0; 2], step.time.clamp(0.0, tau));
        for (group, sign) in [(0, -1.0), (1, 1.0)] {
            let (n, d) = (step.at_risk[group], step.events[group]);
            area[group] += survival[group] * (time - last);
            // Where the survival falls to 0 nothing is left to vary.
            if n > d && step.time <= tau {
                let weight = sign * (means[group].mean - area[group]) / (n - d);
                own[group] = -weight;
                sums[group] -= weight * d / n;
            }
            if n > 0.0 {
                survival[group] *= (n - d) / n;
            }
        }
        last = time;
        at_risk.push(sums);
        event.push(own);
    }
    let (paired, _) = Influences { steps: &steps, at_risk, event }.errors(a, b);
    Ok(Paired {
        estimate: means[1].mean - means[0].mean,
        standard_error: paired,
        independent_error: means[0].standard_error.hypot(means[1].standard_error),
    })
}

#[cfg(test)]
mod tests {
    use super::super::{FollowUp, LogRankRow, log_rank};
    use super::*;

    fn observed(list: &[(f64, u8)]) -> Vec<Observed> {
        list.iter().map(|(time, event)| Observed { time: *time, event: *event == 1 }).collect()
    }

    /// Ten subjects in both groups, with ties within and between groups.
    fn tied() -> (Vec<Observed>, Vec<Observed>) {
        let a = [3.0, 5.0, 5.0, 8.0, 9.0, 12.0, 12.0, 15.0, 20.0, 20.0];
        let b = [4.0, 5.0, 9.0, 12.0, 9.0, 18.0, 20.0, 20.0, 20.0, 14.0];
        let row = |times: [f64; 10], events: [u8; 10]| {
            observed(&std::array::from_fn::<_, 10, _>(|i| (times[i], events[i])))
        };
        (row(a, [1, 1, 1, 0, 1, 1, 0, 1, 0, 0]), row(b, [1, 0, 1, 1, 1, 1, 0, 0, 0, 1]))
    }

    fn close(found: Paired, [estimate, standard_error, independent_error]: [f64; 3], tolerance: f64) {
        assert!((found.estimate - estimate).abs() < tolerance, "{found:?}");
        assert!((found.standard_error - standard_error).abs() < tolerance, "{found:?}");
        assert!((found.independent_error - independent_error).abs() < tolerance, "{found:?}");
    }

    /// Numerical derivatives by case weights of the weighted Efron score, in numpy (central differences, step 1e-5: 1e-9),
    /// summed by subject.
    #[test]
    fn the_robust_error_of_tied_pairs_is_the_infinitesimal_jackknife() {
        let (a, b) = tied();
        let expected = [-0.238_305_941_264_512_68, 0.365_650_102_288_614_5, 0.579_941_437_504_003_5];
        close(paired_hazard_ratio(&a, &b).expect("a ratio"), expected, 1e-8);
    }

    /// Without ties, lifelines 0.30.3: `CoxPHFitter().fit(df, 'T', 'E', cluster_col='ID')`.
    #[test]
    fn the_robust_error_of_untied_pairs_is_that_of_lifelines() {
        let a = observed(&[
            (3.0, 1),
            (5.0, 1),
            (5.5, 1),
            (8.0, 0),
            (9.0, 1),
            (12.0, 1),
            (12.5, 0),
            (15.0, 1),
            (20.0, 0),
            (21.0, 0),
        ]);
        let b = observed(&[
            (4.0, 1),
            (5.2, 0),
            (9.1, 1),
            (12.2, 1),
            (9.3, 1),
            (18.0, 1),
            (20.5, 0),
            (20.6, 0),
            (20.7, 0),
            (14.0, 1),
        ]);
        let found = paired_hazard_ratio(&a, &b).expect("a ratio");
        assert!((found.estimate + 0.273_035_798_715_502_04).abs() < 1e-8, "{found:?}");
        assert!((found.standard_error - 0.359_728_146_480_253_23).abs() < 1e-8, "{found:?}");
    }

    /// The square is the log-rank test; the error by numerical derivatives as above.
    #[test]
    fn log_rank_of_pairs() {
        let (a, b) = tied();
        let found = paired_log_rank(&a, &b).expect("a statistic");
        close(found, [-0.419_677_589_011_583_6, 0.664_217_788_688_632, 1.0], 1e-8);
        let row = |group| {
            move |observed: &Observed| LogRankRow { follow_up: FollowUp::from(*observed), group, stratum: 0 }
        };
        let rows: Vec<LogRankRow> = a.iter().map(row(0)).chain(b.iter().map(row(1))).collect();
        let test = log_rank(&rows, 0.0, 0.0).expect("a test").test;
        assert!((found.estimate.powi(2) - test.statistic).abs() < 1e-12);
        assert_eq!(log_rank_z(&a, &b), Some(found.estimate));
        assert_eq!(paired_log_rank(&a[8..], &a[8..]), None);
    }

    #[test]
    fn restricted_means_of_pairs() {
        let (a, b) = tied();
        let ten = paired_restricted_mean(&a, &b, 10.0).expect("a difference");
        close(ten, [0.991_666_666_666_667_1, 0.538_781_310_782_832_4, 0.994_890_011_124_391_5], 1e-8);
        let twenty = paired_restricted_mean(&a, &b, 20.0).expect("a difference");
        close(twenty, [1.819_444_444_444_446_4, 1.607_962_380_483_018_8, 2.749_966_154_391_126], 1e-8);
    }

    /// Without censoring a restricted mean is a mean of min(T, τ), and the paired error that of the differences (divisor n²).
    #[test]
    fn without_censoring_the_paired_error_is_that_of_the_differences() {
        let (times_a, times_b) = ([1.0, 2.0, 2.0, 5.0, 7.0, 11.0_f64], [2.0, 2.0, 4.0, 4.0, 9.0, 13.0_f64]);
        let (a, b) = (observed(&times_a.map(|t| (t, 1))), observed(&times_b.map(|t| (t, 1))));
        for tau in [3.0, 6.0, 10.0] {
            let differences: Vec<f64> =
                times_a.iter().zip(times_b).map(|(a, b)| b.min(tau) - a.min(tau)).collect();
            let mean = differences.iter().sum::<f64>() / 6.0;
            let error = differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>().sqrt() / 6.0;
            let found = paired_restricted_mean(&a, &b, tau).expect("a difference");
            assert!(
                (found.estimate - mean).abs() < 1e-13 && (found.standard_error - error).abs() < 1e-13,
                "{found:?}"
            );
        }
    }

    /// The same course in both groups: nothing differs, and no other subjects would change that.
    #[test]
    fn identical_pairs_have_no_error() {
        let (a, _) = tied();
        for found in [
            paired_hazard_ratio(&a, &a).expect("a ratio"),
            paired_log_rank(&a, &a).expect("a statistic"),
            paired_restricted_mean(&a, &a, 20.0).expect("a difference"),
        ] {
            assert!(found.estimate.abs() < 1e-12 && found.standard_error < 1e-12, "{found:?}");
            assert!(found.independent_error > 0.5);
        }
    }
}
