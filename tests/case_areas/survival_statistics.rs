//! Runs the cases of the area `survival-statistics`: reads `[analysis]`, calls the library, gives all columns it can.
//!
//! Nothing here knows a case by its name: any data set with the methods and options below can be run.

#[path = "survival_statistics/options.rs"]
mod options;
#[path = "survival_statistics/regression.rs"]
mod regression;

use options::{Classes, Input, Options, Row};
use regimen::math::distribution::normal_quantile;
use regimen::math::statistics::{
    QuantileType, clopper_pearson, geometric, mean_sd, median_absolute_deviation, quantile, quantile_of_type,
    wilson,
};
use regimen::math::survival::{
    CompetingRow, FollowUp, LogRankRow, TiedHazard, Transform, aalen_johansen, log_rank, nelson_aalen,
    product_limit, restricted_mean, risk_table,
};

type Rows = Result<Vec<Row>, String>;

/// Rows of (column, text) of the analysis of a case; `input` has its header first.
pub fn compute(case: &toml::Table, input: &[Vec<String>]) -> Result<Vec<Vec<(String, String)>>, String> {
    let (options, input) = (Options::of(case)?, Input(input));
    let method = options.text("method")?.ok_or("[analysis] method is missing")?;
    let rows = match method.as_str() {
        "kaplan-meier" => kaplan_meier(&options, &input),
        "kaplan-meier-quantiles" => kaplan_meier_quantiles(&options, &input),
        "nelson-aalen" => cumulative_hazard(&options, &input),
        "rmst" | "restricted-mean" => restricted_means(&options, &input),
        "aalen-johansen" => incidence(&options, &input),
        "log-rank" => log_ranks(&options, &input),
        "cox" => regression::cox_regressions(&options, &input),
        "aft" | "survreg" | "accelerated-failure-time" => regression::accelerated_times(&options, &input),
        "wilson" => proportions(&options, &input, "WILSON", wilson),
        "clopper-pearson" => proportions(&options, &input, "CP", clopper_pearson),
        "quantiles" => quantiles(&options, &input),
        _ => return Err(format!("[analysis] method: \"{method}\" is not known")),
    }?;
    options.finish()?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// `None` stands for no limits.
const TRANSFORMS: [(&str, Option<Transform>); 6] = [
    ("plain", Some(Transform::Plain)),
    ("log", Some(Transform::Log)),
    ("log-log", Some(Transform::LogLog)),
    ("logit", Some(Transform::Logit)),
    ("arcsin", Some(Transform::Arcsine)),
    ("none", None),
];

/// The kinds of limits, from `conf_types` or `conf_type`.
fn transforms(options: &Options) -> Result<Vec<(String, Option<Transform>)>, String> {
    let key = if options.texts("conf_types")?.is_some() { "conf_types" } else { "conf_type" };
    options.choices(key, &TRANSFORMS, "log")
}

/// Times at which a curve is told, with the life table since the time told before: all ends of follow-up, or those of `at`
/// (as R's `summary(fit, times = )`).
struct Told {
    time: f64,
    at_risk: usize,
    events: usize,
    censored: usize,
}

impl Told {
    fn all(rows: &[FollowUp], at: Option<&[f64]>) -> Vec<Self> {
        let table = risk_table(rows);
        let Some(at) = at else {
            let told = |step: &regimen::math::survival::RiskStep| Told {
                time: step.time,
                at_risk: step.at_risk,
                events: step.events,
                censored: step.censored,
            };
            return table.iter().map(told).collect();
        };
        let mut since = f64::NEG_INFINITY;
        let mut told = Vec::new();
        for &time in at {
            let between = || table.iter().filter(|step| since < step.time && step.time <= time);
            told.push(Told {
                time,
                at_risk: rows.iter().filter(|row| row.start < time && time <= row.stop).count(),
                events: between().map(|step| step.events).sum(),
                censored: between().map(|step| step.censored).sum(),
            });
            since = time;
        }
        told
    }

    fn row(&self, row: Row) -> Row {
        let row = row.number("TIME", self.time).count("N_RISK", self.at_risk);
        row.count("N_EVENT", self.events).count("N_CENSOR", self.censored)
    }
}

/// Groups of follow-up. With `id`, an end at which another row of the same subject begins is not censoring.
struct Groups {
    groups: Vec<(Row, Vec<FollowUp>)>,
    goes_on: Vec<Vec<f64>>,
}

impl Groups {
    fn of(options: &Options, input: &Input) -> Result<Self, String> {
        let classes = input.classes(options.texts("group")?)?;
        let rows = input.follow_up(options)?;
        let subjects = match options.text("id")? {
            Some(id) => input.classes(Some(vec![id]))?.of_row,
            None => (0..rows.len()).collect(),
        };
        let whose: Vec<(FollowUp, usize)> = rows.iter().copied().zip(subjects).collect();
        let goes_on = |members: Vec<(FollowUp, usize)>| {
            let begins = |row: &FollowUp, subject| {
                !row.event && members.iter().any(|(other, of)| *of == subject && other.start == row.stop)
            };
            members.iter().filter(|(row, of)| begins(row, *of)).map(|(row, _)| row.stop).collect()
        };
        let goes_on = classes.split(&whose).into_iter().map(|(_, members)| goes_on(members)).collect();
        Ok(Groups { groups: classes.split(&rows), goes_on })
    }

    /// The curve of each group told at its times.
    fn told(&self, at: Option<&[f64]>) -> impl Iterator<Item = (&Row, &[FollowUp], Vec<Told>)> {
        self.groups.iter().zip(&self.goes_on).map(move |((label, rows), goes_on)| {
            let mut told = Told::all(rows, at);
            for time in goes_on {
                if let Some(told) = told.iter_mut().find(|told| told.time >= *time) {
                    told.censored -= 1;
                }
            }
            (label, rows.as_slice(), told)
        })
    }
}

fn kaplan_meier(options: &Options, input: &Input) -> Rows {
    let (groups, transforms) = (Groups::of(options, input)?, transforms(options)?);
    let (levels, at) = (options.levels("conf_level")?, options.numbers("at")?);
    let mut out = Vec::new();
    for (label, rows, told) in groups.told(at.as_deref()) {
        for (name, transform) in &transforms {
            for &level in &levels {
                let shape = transform.unwrap_or(Transform::Log);
                let curve = product_limit(rows, shape, level).map_err(|error| error.to_string())?;
                for told in &told {
                    let (mut survival, error) = curve.at(told.time);
                    if transform.is_none() {
                        (survival.lower, survival.upper) = (f64::NAN, f64::NAN);
                    }
                    let step = curve.times.partition_point(|time| *time <= told.time);
                    let log_error = step.checked_sub(1).map_or(0.0, |step| curve.log_error[step]);
                    let row = label.clone().text("CONF_TYPE", name).number("CONF_LEVEL", level);
                    let row = told.row(row).number("SURV", survival.estimate);
                    let row = row.number("STDERR_LOG", log_error).number("STDERR", error);
                    out.push(row.number("LOWER", survival.lower).number("UPPER", survival.upper));
                }
            }
        }
    }
    Ok(out)
}

fn kaplan_meier_quantiles(options: &Options, input: &Input) -> Rows {
    let (groups, transforms) = (Groups::of(options, input)?, transforms(options)?);
    let (level, probabilities) = (options.level()?, shares(options, "p")?);
    let mut out = Vec::new();
    for (label, rows) in &groups.groups {
        for (name, transform) in &transforms {
            let shape = transform.unwrap_or(Transform::Log);
            let curve = product_limit(rows, shape, level).map_err(|error| error.to_string())?;
            for &p in &probabilities {
                let mut time = curve.quantile(p);
                if transform.is_none() {
                    (time.lower, time.upper) = (f64::NAN, f64::NAN);
                }
                let row = label.clone().text("CONF_TYPE", name).number("P", p);
                let row = row.reached("QUANTILE", time.estimate);
                out.push(row.reached("LOWER", time.lower).reached("UPPER", time.upper));
            }
        }
    }
    Ok(out)
}

/// Probabilities that have to be there.
fn shares(options: &Options, key: &str) -> Result<Vec<f64>, String> {
    let shares = options.needed(key)?;
    match shares.iter().find(|share| !(0.0..=1.0).contains(*share)) {
        Some(share) => Err(format!("[analysis] {key}: {share} is not between 0 and 1")),
        None => Ok(shares),
    }
}

fn cumulative_hazard(options: &Options, input: &Input) -> Rows {
    let (groups, level, at) = (Groups::of(options, input)?, options.level()?, options.numbers("at")?);
    let known = [("nelson-aalen", TiedHazard::Together), ("fleming-harrington", TiedHazard::OneByOne)];
    let estimators = options.choices("estimator", &known, "nelson-aalen")?;
    let limits = options.choices("conf_type", &[("log", true), ("plain", false)], "log")?[0].1;
    let z = normal_quantile(0.5 * (1.0 + level));
    let mut out = Vec::new();
    for (label, rows, told) in groups.told(at.as_deref()) {
        for (name, tied) in &estimators {
            let curve = nelson_aalen(rows, *tied).map_err(|error| error.to_string())?;
            for told in &told {
                let (hazard, error) = curve.at(told.time);
                let log = curve.interval(told.time, level);
                let plain = ((hazard - z * error).max(0.0), hazard + z * error);
                let (lower, upper) = if limits { (log.lower, log.upper) } else { plain };
                let row = told.row(label.clone().text("ESTIMATOR", name)).number("NA_CUMHAZ", hazard);
                let row = row.number("CUMHAZ", hazard).number("SE", error);
                out.push(row.number("LOWER", lower).number("UPPER", upper));
            }
        }
    }
    Ok(out)
}

fn restricted_means(options: &Options, input: &Input) -> Rows {
    let (groups, level) = (Groups::of(options, input)?, options.level()?);
    let horizons = options.needed("tau")?;
    let mut out = Vec::new();
    for (label, rows) in &groups.groups {
        let curve = product_limit(rows, Transform::Log, level).map_err(|error| error.to_string())?;
        for &tau in &horizons {
            let mean = restricted_mean(&curve, tau).map_err(|error| error.to_string())?;
            let interval = mean.interval(level);
            let row = label.clone().number("TAU", tau).number("RMST", mean.mean);
            let row = row.number("SE", mean.standard_error);
            out.push(row.number("LOWER", interval.lower).number("UPPER", interval.upper));
        }
    }
    Ok(out)
}

fn incidence(options: &Options, input: &Input) -> Rows {
    let classes = input.classes(options.texts("group")?)?;
    let (codes, times) = (options.needed("codes")?, input.times(options)?);
    let (status, at) = (input.status(options, &codes)?, options.numbers("at")?);
    let subjects = match options.text("id")? {
        Some(id) => input.classes(Some(vec![id]))?.of_row,
        None => (0..times.len()).collect(),
    };
    let rows: Vec<CompetingRow> = times
        .into_iter()
        .zip(status)
        .zip(subjects)
        .map(|(((start, stop), cause), subject)| CompetingRow { start, stop, cause, subject })
        .collect();
    let mut out = Vec::new();
    for (label, rows) in classes.split(&rows) {
        let curve = aalen_johansen(&rows, codes.len()).map_err(|error| error.to_string())?;
        let mut ends: Vec<f64> = rows.iter().map(|row| row.stop).collect();
        ends.sort_by(f64::total_cmp);
        ends.dedup();
        for time in at.as_ref().unwrap_or(&ends) {
            let step = curve.step_at(*time);
            let row = label.clone().number("TIME", *time);
            let mut row = row.number("P_STATE0", step.map_or(1.0, |step| curve.event_free[step]));
            row = row.number("SE_STATE0", step.map_or(0.0, |step| curve.event_free_error[step]));
            for (cause, code) in codes.iter().enumerate() {
                row =
                    row.number(&format!("CIF_{code}"), step.map_or(0.0, |step| curve.incidence[step][cause]));
                let error = step.map_or(0.0, |step| curve.standard_error[step][cause]);
                row = row.number(&format!("SE_{code}"), error);
            }
            out.push(row);
        }
    }
    Ok(out)
}

fn log_ranks(options: &Options, input: &Input) -> Rows {
    let groups: Classes = input.classes(options.texts("group")?)?;
    let strata = input.classes(options.texts("strata")?)?;
    let rows: Vec<LogRankRow> = input
        .follow_up(options)?
        .into_iter()
        .zip(groups.of_row.iter().zip(&strata.of_row))
        .map(|(follow_up, (group, stratum))| LogRankRow { follow_up, group: *group, stratum: *stratum })
        .collect();
    let mut out = Vec::new();
    for rho in options.numbers("rho")?.unwrap_or(vec![0.0]) {
        for gamma in options.numbers("gamma")?.unwrap_or(vec![0.0]) {
            let result = log_rank(&rows, rho, gamma).map_err(|error| error.to_string())?;
            for (class, group) in result.groups.iter().enumerate() {
                let row = groups.label(class).number("RHO", rho).number("GAMMA", gamma);
                let row = row.count("N", group.n).number("OBS", group.observed);
                let row = row.number("EXP", group.expected);
                let row = row.number("VAR", result.covariance[class * (result.groups.len() + 1)]);
                let row = row.number("CHISQ", result.test.statistic).count("DF", result.test.degrees);
                out.push(row.number("P", result.test.p));
            }
        }
    }
    Ok(out)
}

type Limits = fn(usize, usize, f64) -> Option<regimen::math::statistics::Interval>;

fn proportions(options: &Options, input: &Input, prefix: &str, limits: Limits) -> Rows {
    let x = input.counts(&options.text("x")?.unwrap_or("X".into()))?;
    let n = input.counts(&options.text("n")?.unwrap_or("N".into()))?;
    let levels = options.levels("levels")?;
    let mut out = Vec::new();
    for (&x, n) in x.iter().zip(n) {
        if x > n {
            return Err(format!("{x} of {n} is no proportion"));
        }
        let mut row = Row::default().count("X", x).count("N", n);
        for &level in &levels {
            let interval = limits(x, n, level).ok_or("a proportion of none does not exist")?;
            let percent = (1e6 * level).round() / 1e4;
            row = row.number(&format!("{prefix}{percent}_L"), interval.lower);
            row = row.number(&format!("{prefix}{percent}_U"), interval.upper);
        }
        out.push(row.number("ESTIMATE", x as f64 / n as f64));
    }
    Ok(out)
}

fn quantiles(options: &Options, input: &Input) -> Rows {
    let column = options.text("column")?.ok_or("[analysis] column is missing")?;
    let classes = input.classes(options.texts("group")?)?;
    let probabilities = shares(options, "p")?;
    let mut types = Vec::new();
    for number in options.numbers("types")?.unwrap_or(vec![7.0]) {
        let kind = QuantileType::numbered(number as usize).filter(|_| number.fract() == 0.0);
        types.push((number, kind.ok_or(format!("[analysis] types: there is no type {number}"))?));
    }
    let mut out = Vec::new();
    for (label, mut values) in classes.split(&input.numbers(&column)?) {
        values.sort_by(f64::total_cmp);
        for (number, kind) in &types {
            for &p in &probabilities {
                let row = label.clone().text("STATISTIC", "QUANTILE").number("TYPE", *number).number("P", p);
                out.push(row.number("VALUE", quantile_of_type(&values, p, *kind)));
            }
        }
        let (mean, sd) = mean_sd(&values).ok_or("there are no values")?;
        let (geometric_mean, geometric_cv) = geometric(&values).unwrap_or((f64::NAN, f64::NAN));
        for (name, value) in [
            ("N", values.len() as f64),
            ("MEAN", mean),
            ("SD", sd),
            ("VAR", sd * sd),
            ("CV_PCT", 100.0 * sd / mean),
            ("MIN", values[0]),
            ("MEDIAN", quantile(&values, 0.5)),
            ("MAX", values[values.len() - 1]),
            ("GEOMEAN", geometric_mean),
            ("GEOCV_PCT", 100.0 * geometric_cv),
            ("MAD", median_absolute_deviation(&values).unwrap_or(f64::NAN)),
            ("IQR", quantile(&values, 0.75) - quantile(&values, 0.25)),
        ] {
            let row = label.clone().text("STATISTIC", name).count("TYPE", 0).count("P", 0);
            out.push(row.number("VALUE", value));
        }
    }
    Ok(out)
}
