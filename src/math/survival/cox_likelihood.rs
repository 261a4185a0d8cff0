//! Cox's partial likelihood with its derivatives.
//!
//! One sweep over each stratum from the latest event to the earliest, in which rows come into the risk set at their end and leave
//! it at their entry. The sums over the risk set are compensated, so that leaving takes off to the last bit what coming brought.

use super::covariates::{Standard, standardised};
use super::cox::{CoxRows, Ties};
use super::exact_ties::SubsetSums;
use super::follow_up::FollowUp;
use crate::math::maximum::Local;

/// The partial likelihood of a data set.
pub(super) struct PartialLikelihood {
    ties: Ties,
    p: usize,
    follow_up: Vec<FollowUp>,
    /// Standardised covariates of each row.
    x: Vec<Vec<f64>>,
    strata: Vec<Stratum>,
}

/// Rows of one stratum, in the two orders of the sweep.
struct Stratum {
    by_stop: Vec<usize>,
    by_start: Vec<usize>,
}

impl PartialLikelihood {
    pub(super) fn new(rows: CoxRows, scales: &[Standard], ties: Ties) -> Self {
        let n = rows.follow_up.len();
        let stratum_of = |row: &usize| rows.strata.get(*row).copied().unwrap_or(0);
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by_key(stratum_of);
        let strata = order
            .chunk_by(|a, b| stratum_of(a) == stratum_of(b))
            .map(|members| {
                let latest_first = |time: &dyn Fn(usize) -> f64| {
                    let mut sorted = members.to_vec();
                    sorted.sort_by(|a, b| time(*b).total_cmp(&time(*a)));
                    sorted
                };
                Stratum {
                    by_stop: latest_first(&|row| rows.follow_up[row].stop),
                    by_start: latest_first(&|row| rows.follow_up[row].start),
                }
            })
            .collect();
        let x = (0..n).map(|row| standardised(rows.covariates, scales, row)).collect();
        PartialLikelihood { ties, p: scales.len(), follow_up: rows.follow_up.to_vec(), x, strata }
    }

    /// Logarithm, gradient and information at standardised coefficients.
    pub(super) fn local(&self, coefficients: &[f64]) -> Local {
        let p = self.p;
        let mut local = Local { value: 0.0, gradient: vec![0.0; p], information: vec![0.0; p * p] };
        let linear: Vec<f64> = self.x.iter().map(|x| dot(x, coefficients)).collect();
        let mut largest = linear.iter().fold(f64::NEG_INFINITY, |largest, value| largest.max(*value));
        if !largest.is_finite() {
            largest = 0.0;
        }
        // Only ratios of risks count: relative to the largest they cannot overflow.
        let risk: Vec<f64> = linear.iter().map(|linear| (linear - largest).exp()).collect();
        for stratum in &self.strata {
            self.sweep(stratum, &risk, |deaths, at_risk| {
                for death in deaths {
                    local.value += linear[*death];
                    add(&mut local.gradient, 1.0, &self.x[*death]);
                }
                local.value -= deaths.len() as f64 * largest;
                match at_risk {
                    AtRisk::Sums(all) => self.tied(&mut local, deaths, all, &risk),
                    AtRisk::Rows(members) => {
                        let members = members.iter().map(|row| (risk[*row], self.x[*row].as_slice()));
                        let sums = SubsetSums::new(members, deaths.len(), p);
                        local.value -= sums.logarithm;
                        add(&mut local.gradient, -1.0, &sums.mean);
                        add(&mut local.information, 1.0, &sums.covariance);
                    }
                }
            });
        }
        local
    }

    /// Calls `event` at each event time of a stratum with the rows that have it and who is at risk.
    fn sweep(&self, stratum: &Stratum, risk: &[f64], mut event: impl FnMut(&[usize], AtRisk)) {
        let mut sums = RiskSums::new(self.p);
        let (mut left, mut deaths) = (0, Vec::new());
        let follow_up = &self.follow_up;
        let mut entered = 0;
        for tied in stratum.by_stop.chunk_by(|a, b| follow_up[*a].stop == follow_up[*b].stop) {
            let time = follow_up[tied[0]].stop;
            entered += tied.len();
            deaths.clear();
            deaths.extend(tied.iter().copied().filter(|row| follow_up[*row].event));
            if self.ties == Ties::Exact {
                if !deaths.is_empty() {
                    let there = stratum.by_stop[..entered].iter().copied();
                    let members: Vec<usize> = there.filter(|row| follow_up[*row].start < time).collect();
                    event(&deaths, AtRisk::Rows(&members));
                }
                continue;
            }
            tied.iter().for_each(|row| sums.add(risk[*row], &self.x[*row]));
            while let Some(&row) = stratum.by_start.get(left).filter(|row| follow_up[**row].start >= time) {
                sums.add(-risk[row], &self.x[row]);
                left += 1;
            }
            if !deaths.is_empty() {
                event(&deaths, AtRisk::Sums(&sums));
            }
        }
    }

    /// Takes the logarithms of d risk sets off: Breslow's are all the same, from Efron's l-th each tied row has left by l/d
    /// (Efron 1977, equation 6.7; Therneau and Grambsch 2000, section 3.3).
    fn tied(&self, local: &mut Local, deaths: &[usize], all: &RiskSums, risk: &[f64]) {
        let p = self.p;
        let mut own = RiskSums::new(p);
        deaths.iter().for_each(|row| own.add(risk[*row], &self.x[*row]));
        let d = deaths.len();
        for earlier in 0..d {
            let gone = if self.ties == Ties::Efron { earlier as f64 / d as f64 } else { 0.0 };
            let part = |place: usize| all.at(place) - gone * own.at(place);
            let total = part(0);
            local.value -= total.ln();
            let mean: Vec<f64> = (0..p).map(|j| part(1 + j) / total).collect();
            add(&mut local.gradient, -1.0, &mean);
            let mut place = 1 + p;
            for j in 0..p {
                for k in 0..=j {
                    local.information[j * p + k] += part(place) / total - mean[j] * mean[k];
                    place += 1;
                }
            }
        }
    }
}

/// Who is at risk at an event time.
enum AtRisk<'a> {
    Sums(&'a RiskSums),
    Rows(&'a [usize]),
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(to: &mut [f64], factor: f64, what: &[f64]) {
    to.iter_mut().zip(what).for_each(|(to, what)| *to += factor * what);
}

/// Sums of risk, risk·x and risk·x·x′ (lower triangle), one after the other, each with what rounding lost of it.
struct RiskSums(Vec<(f64, f64)>);

impl RiskSums {
    fn new(p: usize) -> Self {
        RiskSums(vec![(0.0, 0.0); 1 + p + p * (p + 1) / 2])
    }

    fn add(&mut self, risk: f64, x: &[f64]) {
        two_sum(&mut self.0[0], risk);
        let p = x.len();
        let mut place = 1 + p;
        for (j, xj) in x.iter().enumerate() {
            let weighted = risk * xj;
            two_sum(&mut self.0[1 + j], weighted);
            for xk in &x[..=j] {
                two_sum(&mut self.0[place], weighted * xk);
                place += 1;
            }
        }
    }

    fn at(&self, place: usize) -> f64 {
        self.0[place].0 + self.0[place].1
    }
}

/// Adds, and keeps what rounding loses (Knuth 1997, The Art of Computer Programming 2, section 4.2.2, theorem B).
fn two_sum(sum: &mut (f64, f64), value: f64) {
    let total = sum.0 + value;
    let back = total - sum.0;
    sum.1 += (sum.0 - (total - back)) + (value - back);
    sum.0 = total;
}
