//! What a sweep asks beside "what happens at these points": how sensitive a result is to its inputs, or where a comparison tips.

use super::level::{self, Measured};
use crate::math::distribution::{normal_quantile, normal_two_sided_tail};
use crate::trial::Target;

/// Digits of a chosen value behind its first.
const DIGITS: usize = 9;
/// Share of a distribution that its range is: the central 95 %.
const CENTRAL: f64 = 0.95;

/// What a sweep asks.
#[derive(Debug, Clone, Default)]
pub enum Question {
    /// The results at its points, nothing more.
    #[default]
    Map,
    /// How much each input moves the results.
    Sensitivity(Sensitivity),
    /// How far an assumption must move for a result to cross its margin.
    Tipping(Tipping),
}

/// A sensitivity analysis.
#[derive(Debug, Clone)]
pub struct Sensitivity {
    /// How it is carried out.
    pub method: Method,
    /// Results looked at.
    pub targets: Vec<Target>,
    /// What is varied.
    pub inputs: Vec<Input>,
    /// Resamples of the bootstrap.
    pub replicates: usize,
    /// Seed of design and bootstrap.
    pub seed: u64,
}

/// How a sensitivity analysis is carried out, and so in which order its points stand.
#[derive(Debug, Clone)]
pub enum Method {
    /// The base; then, input by input, its low and its high value.
    OneAtATime,
    /// Walk after walk: `[walk][step][input]`, in shares of the ranges.
    Morris {
        /// The walks.
        walks: Vec<Vec<Vec<f64>>>,
    },
    /// Row after row: that of A, that of B, then A with each input of B.
    Sobol {
        /// Rows.
        rows: usize,
    },
}

impl Method {
    /// As in the sweep file.
    pub fn name(&self) -> &'static str {
        match self {
            Self::OneAtATime => "one at a time",
            Self::Morris { .. } => "morris",
            Self::Sobol { .. } => "sobol",
        }
    }
}

/// A search for tipping points.
#[derive(Debug, Clone)]
pub struct Tipping {
    /// Results looked at.
    pub targets: Vec<Target>,
    /// By result: where it tips, in its unit.
    pub margins: Vec<f64>,
    /// Assumptions, each moved alone.
    pub inputs: Vec<Input>,
    /// Places of the first grid.
    pub grid: usize,
    /// Width of a bracket that is narrow enough, as a share of the range.
    pub tolerance: f64,
}

/// A key, or several, that takes values of a range or a distribution.
#[derive(Debug, Clone)]
pub struct Input {
    /// Name.
    pub name: String,
    /// Meaning.
    pub about: String,
    /// Value of the base where it is not that of the scenario as it stands, in `unit`.
    pub base: Option<f64>,
    pub(super) paths: Vec<String>,
    /// Text in which the value stands for `{value}`.
    pub(super) written: Option<String>,
    /// Its unit is that of every value.
    pub(super) like: Measured,
    pub(super) spread: Spread,
}

/// How an input is spread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Spread {
    /// Evenly from one value to another.
    Range(f64, f64),
    /// Evenly on the logarithm.
    Logarithmic(f64, f64),
    /// Normally, by mean and SD, within limits.
    Normal(f64, f64, [f64; 2]),
    /// Normally on the logarithm, by median and SD of the logarithm, within limits.
    LogNormal(f64, f64, [f64; 2]),
}

impl Spread {
    /// The value below which this share lies. Of `libm` and the normal quantile of our own, so that a design has the same bits
    /// everywhere.
    pub(super) fn at(self, share: f64) -> f64 {
        let between = |from: f64, to: f64| from + share * (to - from);
        match self {
            Self::Range(from, to) => between(from, to),
            Self::Logarithmic(from, to) => {
                let (low, high) = (libm::log(from), libm::log(to));
                libm::exp(low + share * (high - low))
            }
            Self::Normal(mean, sd, limits) => {
                mean + sd * truncated(share, limits.map(|limit| (limit - mean) / sd))
            }
            Self::LogNormal(median, omega, limits) => {
                let scaled = limits.map(|limit| {
                    if limit <= 0.0 {
                        f64::NEG_INFINITY
                    } else {
                        (libm::log(limit) - libm::log(median)) / omega
                    }
                });
                median * libm::exp(omega * truncated(share, scaled))
            }
        }
    }

    fn is_range(self) -> bool {
        matches!(self, Self::Range(..) | Self::Logarithmic(..))
    }
}

/// Quantile of the standard normal distribution within limits.
fn truncated(share: f64, [low, high]: [f64; 2]) -> f64 {
    let below = |z: f64| {
        let tail = 0.5 * normal_two_sided_tail(z.abs());
        if z < 0.0 { tail } else { 1.0 - tail }
    };
    let (from, to) = (below(low), below(high));
    normal_quantile(from + share * (to - from)).clamp(low, high)
}

impl Input {
    /// The value below which a share of the input lies, 0 < share < 1.
    pub fn at(&self, share: f64) -> f64 {
        level::rounded(self.spread.at(share), DIGITS)
    }

    /// The value at a share of the range, 0 … 1, both ends included. Of a distribution the range is its central 95 %.
    pub fn within(&self, share: f64) -> f64 {
        let share = if self.spread.is_range() { share } else { 0.5 * (1.0 - CENTRAL) + CENTRAL * share };
        self.at(share)
    }

    /// The low or the high end, as [`Self::within`] has it; quantiles to five digits, for the reader.
    pub fn end(&self, share: f64) -> f64 {
        let value = self.within(share);
        if self.spread.is_range() { value } else { level::rounded(value, 4) }
    }

    /// Unit of its values as shown; empty for plain numbers.
    pub fn unit(&self) -> &str {
        &self.like.unit_text
    }

    /// A value with its unit.
    pub fn shown(&self, value: f64) -> String {
        format!("{value} {}", self.unit()).trim_end().to_owned()
    }

    /// Whether it is spread on the logarithm.
    pub fn logarithmic(&self) -> bool {
        matches!(self.spread, Spread::Logarithmic(..))
    }

    /// What it sets at a value.
    pub(super) fn settings(&self, value: f64) -> impl Iterator<Item = (String, String)> + '_ {
        let toml = match &self.written {
            Some(text) => level::quoted(&text.replace("{value}", &self.shown(value))),
            None => self.like.toml(value),
        };
        self.paths.iter().map(move |path| (path.clone(), toml.clone()))
    }
}

impl Question {
    /// Results that are looked at patient group by patient group.
    pub fn targets(&self) -> &[Target] {
        match self {
            Self::Map => &[],
            Self::Sensitivity(it) => &it.targets,
            Self::Tipping(it) => &it.targets,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Quantiles by hand: of N(10, 2) that of 97.5 % is 10 + 2 · 1.959964; cut at the mean, the median of the upper half is that of
    /// 75 %, 10 + 2 · 0.6744898.
    #[test]
    fn shares_of_a_distribution_are_its_quantiles() {
        let free = [f64::NEG_INFINITY, f64::INFINITY];
        let close =
            |value: f64, expected: f64| assert!((value - expected).abs() < 1e-6, "{value} {expected}");
        close(Spread::Normal(10.0, 2.0, free).at(0.975), 13.919_928);
        close(Spread::Normal(10.0, 2.0, [10.0, f64::INFINITY]).at(0.5), 11.348_979_6);
        close(Spread::LogNormal(4.0, 0.5, free).at(0.5), 4.0);
        close(Spread::LogNormal(4.0, 0.5, [0.0, 4.0]).at(0.5), 4.0 * (-0.5 * 0.674_489_75_f64).exp());
        close(Spread::Logarithmic(1.0, 100.0).at(0.5), 10.0);
        close(Spread::Range(2.0, 4.0).at(0.25), 2.5);
    }
}
