//! Cases of Cox and accelerated-failure-time regression.

use super::Rows;
use super::options::{Input, Options, Row};
use regimen::math::distribution::{normal_quantile, normal_two_sided_tail};
use regimen::math::statistics::ChiSquareTest;
use regimen::math::survival::{CoxRows, Family, Observed, Ties, accelerated, cox};

/// The covariates by name.
fn covariates(options: &Options, input: &Input) -> Result<(Vec<String>, Vec<Vec<f64>>), String> {
    let names = options.texts("covariates")?.unwrap_or_default();
    let columns = names.iter().map(|name| input.numbers(name)).collect::<Result<_, _>>()?;
    Ok((names, columns))
}

/// A coefficient with its limits; exp(coefficient) as `ratio`.
fn term(row: Row, ratio: &str, name: &str, coefficient: f64, error: f64, level: f64) -> Row {
    let z = normal_quantile(0.5 * (1.0 + level));
    let percent = (1e6 * level).round() / 1e4;
    let row = row.text("TERM", name).number("COEF", coefficient).number(ratio, coefficient.exp());
    let row = row.number("SE", error).number("Z", coefficient / error);
    let row = row.number("P", normal_two_sided_tail(coefficient / error));
    let (lower, upper) = ((coefficient - z * error).exp(), (coefficient + z * error).exp());
    let row = row.number("LOWER", lower).number("UPPER", upper);
    row.number(&format!("LOWER{percent}"), lower).number(&format!("UPPER{percent}"), upper)
}

fn test(row: Row, name: &str, test: ChiSquareTest) -> Row {
    row.number(name, test.statistic).number(&format!("P_{name}"), test.p)
}

pub fn cox_regressions(options: &Options, input: &Input) -> Rows {
    let (names, columns) = covariates(options, input)?;
    let follow_up = input.follow_up(options)?;
    let strata = input.classes(options.texts("strata")?)?.of_row;
    let level = options.level()?;
    // Rows of one subject take part as they are: only robust variances would ask whose they are.
    options.text("id")?;
    let known = [
        ("efron", Ties::Efron),
        ("breslow", Ties::Breslow),
        ("exact", Ties::Exact),
        ("discrete", Ties::Exact),
    ];
    let mut out = Vec::new();
    for (label, ties) in options.choices("ties", &known, "efron")? {
        let rows = CoxRows { follow_up: &follow_up, covariates: &columns, strata: &strata };
        let fit = cox(rows, ties).map_err(|error| format!("{label}: {error}"))?;
        for (at, name) in names.iter().enumerate() {
            let row = Row::default().text("TIES", &label);
            let row = term(row, "HR", name, fit.coefficients[at], fit.standard_error(at), level);
            let row = row.number("LOGLIK0", fit.log_likelihood_null).number("LOGLIK", fit.log_likelihood);
            let row = test(test(row, "WALD", fit.wald), "SCORE", fit.score);
            let row = test(row, "LRT", fit.likelihood_ratio).count("DF", fit.wald.degrees);
            out.push(row.count("N", fit.n).count("NEVENT", fit.events));
        }
    }
    Ok(out)
}

pub fn accelerated_times(options: &Options, input: &Input) -> Rows {
    let (names, columns) = covariates(options, input)?;
    let level = options.level()?;
    let follow_up = input.follow_up(options)?;
    if follow_up.iter().any(|row| row.start > f64::NEG_INFINITY) {
        return Err("accelerated failure times have no late entry".into());
    }
    let observed: Vec<Observed> =
        follow_up.iter().map(|row| Observed { time: row.stop, event: row.event }).collect();
    let known = [("exponential", Family::Exponential), ("weibull", Family::Weibull)];
    let key = if options.texts("dist")?.is_some() { "dist" } else { "distribution" };
    let mut out = Vec::new();
    for (label, family) in options.choices(key, &known, "weibull")? {
        let fit = accelerated(&observed, &columns, family).map_err(|error| format!("{label}: {error}"))?;
        let mut terms = vec!["(Intercept)"];
        terms.extend(names.iter().map(String::as_str));
        let mut values = fit.coefficients.clone();
        if family == Family::Weibull {
            terms.push("Log(scale)");
            values.push(fit.scale.ln());
        }
        for (at, (name, value)) in terms.into_iter().zip(values).enumerate() {
            let row = Row::default().text("DIST", &label);
            let row = term(row, "TR", name, value, fit.standard_error(at), level).number("SCALE", fit.scale);
            let row = row.number("LOGLIK0", fit.log_likelihood_null).number("LOGLIK", fit.log_likelihood);
            let row = test(row, "LRT", fit.likelihood_ratio).count("DF", fit.likelihood_ratio.degrees);
            out.push(row.count("N", fit.n).count("NEVENT", fit.events));
        }
    }
    Ok(out)
}
