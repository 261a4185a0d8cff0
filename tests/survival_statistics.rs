//! Survival statistics and quantiles against expected values that R's package survival also gives.
//!
//! Each folder under `tests/cases/survival-statistics` has its input, its expected values (40-digit arithmetic, checked
//! against R 4.2.2 with survival 3.5-3) and its own tolerance in `case.toml`. Rows of methods that this project does not
//! offer (plain and log limits, Breslow ties, other types of quantiles) are not used.

use std::collections::HashMap;
use std::path::PathBuf;

use regimen::math::statistics::{mean_sd, quantile};
use regimen::math::survival::{KaplanMeier, Observed, hazard_ratio, kaplan_meier};

/// One row of a table, by column.
type Row = HashMap<String, String>;

/// A case: its folder's tables and tolerance.
struct Case {
    input: Vec<Row>,
    expected: Vec<Row>,
    relative: f64,
    absolute: f64,
}

fn case(name: &str) -> Case {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cases/survival-statistics").join(name);
    let table = |file: &str| {
        let mut reader = csv::Reader::from_path(folder.join(file)).unwrap();
        reader.deserialize().collect::<Result<Vec<Row>, _>>().unwrap()
    };
    let text = std::fs::read_to_string(folder.join("case.toml")).unwrap();
    let description: toml::Table = toml::from_str(&text).unwrap();
    let tolerance = |key: &str| description["tolerance"][key].as_float().unwrap();
    Case {
        input: table("input.csv"),
        expected: table("expected.csv"),
        relative: tolerance("rel"),
        absolute: tolerance("abs"),
    }
}

impl Case {
    /// Compares with the text of a table: `NA` stands for NaN and for a time that is not reached.
    fn check(&self, value: f64, row: &Row, column: &str) {
        let text = row[column].as_str();
        match text {
            "NA" => assert!(!value.is_finite(), "{column}: {value} for NA in {row:?}"),
            _ => {
                let expected: f64 = text.parse().unwrap();
                let allowed = self.absolute + self.relative * expected.abs();
                assert!((value - expected).abs() <= allowed, "{column}: {value} for {expected} in {row:?}");
            }
        }
    }

    /// The subjects whose `column` reads `value`.
    fn subjects(&self, column: &str, value: &str) -> Vec<Observed> {
        let of_group = self.input.iter().filter(|row| row[column] == value);
        of_group
            .map(|row| Observed { time: row["TIME"].parse().unwrap(), event: row["STATUS"] == "1" })
            .collect()
    }

    fn curve(&self, group: &str) -> KaplanMeier {
        kaplan_meier(&self.subjects("GROUP", group), 0.95)
    }
}

#[test]
fn kaplan_meier_with_log_log_limits() {
    let case = case("km-loglog");
    for row in &case.expected {
        let (survival, _) = case.curve(&row["GROUP"]).at(row["TIME"].parse().unwrap());
        case.check(survival.estimate, row, "SURV");
        case.check(survival.lower, row, "LOWER");
        case.check(survival.upper, row, "UPPER");
    }
}

#[test]
fn kaplan_meier_estimate_counts_and_greenwood_error() {
    let case = case("km-plain");
    for row in &case.expected {
        let curve = case.curve(&row["GROUP"]);
        let time: f64 = row["TIME"].parse().unwrap();
        let (survival, error) = curve.at(time);
        case.check(survival.estimate, row, "SURV");
        if survival.estimate > 0.0 {
            case.check(error / survival.estimate, row, "STDERR_LOG");
        }
        if let Some(step) = curve.times.iter().position(|event| *event == time) {
            case.check(curve.at_risk[step] as f64, row, "N_RISK");
            case.check(curve.events[step] as f64, row, "N_EVENT");
        } else {
            assert_eq!(row["N_EVENT"], "0");
        }
    }
}

#[test]
fn survival_quantiles_with_limits() {
    let case = case("km-quantile-ci");
    let ours: Vec<_> = case.expected.iter().filter(|row| row["CONF_TYPE"] == "log-log").collect();
    assert_eq!(ours.len(), 6);
    for row in ours {
        let quantile = case.curve(&row["GROUP"]).quantile(row["P"].parse().unwrap());
        case.check(quantile.estimate, row, "QUANTILE");
        case.check(quantile.lower, row, "LOWER");
        case.check(quantile.upper, row, "UPPER");
    }
}

#[test]
fn cox_regression_with_efron_ties() {
    let case = case("cox-three-ties");
    let row = case.expected.iter().find(|row| row["TIES"] == "efron").unwrap();
    let result = hazard_ratio(&case.subjects("TREATED", "0"), &case.subjects("TREATED", "1"), 0.95).unwrap();
    case.check(result.coefficient, row, "COEF");
    case.check(result.standard_error, row, "SE");
    case.check(result.ratio.estimate, row, "HR");
    case.check(result.ratio.lower, row, "LOWER95");
    case.check(result.ratio.upper, row, "UPPER95");
}

#[test]
fn quantiles_of_type_seven_and_moments() {
    let case = case("quantile-types-1-to-9");
    let mut values: Vec<f64> = case.input.iter().map(|row| row["X"].parse().unwrap()).collect();
    values.sort_by(f64::total_cmp);
    let (mean, sd) = mean_sd(&values).unwrap();
    let mut checked = 0;
    for row in &case.expected {
        let value = match (row["STATISTIC"].as_str(), row["TYPE"].as_str()) {
            ("QUANTILE", "7") => quantile(&values, row["P"].parse().unwrap()),
            ("MEAN", _) => mean,
            ("SD", _) => sd,
            ("MEDIAN", _) => quantile(&values, 0.5),
            _ => continue,
        };
        case.check(value, row, "VALUE");
        checked += 1;
    }
    assert_eq!(checked, 12);
}
