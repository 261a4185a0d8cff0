//! The tables of an answer, CSV and Parquet, beside the index of the sweep.

use std::io;
use std::path::Path;

use super::answer::{Answer, Curve, Indices, Screened, Told, Tornado};
use crate::table::{Column, PARQUET, Rows, TableWriter};
use crate::trial::Target;

/// Stems of the tables of an answer.
pub fn file_names(answer: &Answer) -> &'static [&'static str] {
    match answer {
        Answer::Tornados(_) => &["one-at-a-time"],
        Answer::Screenings(_) => &["morris"],
        Answer::Indices(_) => &["sobol"],
        Answer::Curves(_) => &["tipping", "tipping-curves"],
    }
}

/// Writes the tables into a folder.
///
/// # Errors
/// When the file system refuses.
pub fn write(answer: &Answer, folder: &Path) -> io::Result<()> {
    for name in file_names(answer) {
        for ending in if PARQUET { &["csv", "parquet"][..] } else { &["csv"] } {
            let place = folder.join(format!("{name}.{ending}"));
            let table = match (answer, *name) {
                (Answer::Tornados(found), _) => tornados(begin(&place, tornado_columns())?, found)?,
                (Answer::Screenings(found), _) => screenings(begin(&place, screening_columns())?, found)?,
                (Answer::Indices(found), _) => indices(begin(&place, index_columns())?, found)?,
                (Answer::Curves(found), "tipping") => tipping(begin(&place, tipping_columns())?, found)?,
                (Answer::Curves(found), _) => curves(begin(&place, curve_columns())?, found)?,
            };
            table.finish()?;
        }
    }
    Ok(())
}

fn begin(place: &Path, more: Vec<Column>) -> io::Result<TableWriter> {
    let mut columns = vec![
        Column::text("endpoint").about("label of the result"),
        Column::text("arm").about("arm"),
        Column::text("reference")
            .about("arm with which it is compared; empty for an estimate of the arm itself"),
        Column::text("measure").about("what is estimated"),
        Column::text("unit").about("unit of the result"),
        Column::text("input").about("the input that is moved"),
    ];
    columns.extend(more);
    Ok(TableWriter::create(place, columns)?)
}

fn head(row: &mut Rows, target: &Target, input: &str) -> io::Result<()> {
    let reference = target.against.as_deref().unwrap_or_default();
    for text in [&target.label, &target.arm, reference, &target.measure, &target.unit, input] {
        row.text(text)?;
    }
    Ok(())
}

/// Columns of a number with its two errors.
fn told_columns(name: &str, about: &str) -> Vec<Column> {
    let column = |ending: &str, about: String| Column::number(format!("{name}{ending}")).about(about);
    vec![
        column("", about.to_owned()),
        column("_lower", "lower 95 % limit, by resampling the design".to_owned()),
        column("_upper", "upper 95 % limit, by resampling the design".to_owned()),
        column("_patients_error", "standard error because of finitely many patients".to_owned()),
        column("_patients_bias", "what finitely many patients add to it".to_owned()),
    ]
}

fn told(row: &mut Rows, told: &Told) -> io::Result<()> {
    row.number(told.value)?;
    row.optional(told.limits.map(|limits| limits.0))?;
    row.optional(told.limits.map(|limits| limits.1))?;
    row.optional(told.patients.map(|patients| patients.error))?;
    row.optional(told.patients.map(|patients| patients.bias))
}

fn tornado_columns() -> Vec<Column> {
    vec![
        Column::text("level").about("low or high end of the range, or from low to high"),
        Column::text("value").about("value of the input"),
        Column::number("base").about("result at the base"),
        Column::number("estimate").about("result with the input at this value"),
        Column::number("effect").about("difference from the base"),
        Column::number("lower").about("lower 95 % limit of the effect"),
        Column::number("upper").about("upper 95 % limit of the effect"),
        Column::number("mc_error")
            .about("Monte Carlo standard error of the effect, the same patients in both"),
        Column::flag("told_apart").about("whether the limits leave out 0"),
    ]
}

fn tornados(mut table: TableWriter, found: &[Tornado]) -> io::Result<TableWriter> {
    for tornado in found {
        for bar in &tornado.bars {
            let ends = ["low", "high"].iter().zip(&bar.ends);
            let ends = ends.map(|(level, end)| (*level, end.value.as_str(), Some(end.estimate), &end.effect));
            for (level, value, estimate, effect) in ends.chain([("from low to high", "", None, &bar.swing)]) {
                table.row(|row| {
                    head(row, &tornado.target, &bar.input)?;
                    row.text(level)?;
                    row.text(value)?;
                    row.number(tornado.base)?;
                    row.optional(estimate)?;
                    row.number(effect.value)?;
                    row.optional(effect.limits.map(|limits| limits.0))?;
                    row.optional(effect.limits.map(|limits| limits.1))?;
                    row.optional(effect.patients.map(|patients| patients.error))?;
                    row.flag(effect.told_apart())
                })?;
            }
        }
    }
    Ok(table)
}

fn screening_columns() -> Vec<Column> {
    let mut columns = vec![Column::count("walks").about("walks over the grid")];
    columns.extend(told_columns("mu", "mean elementary effect of the whole range"));
    columns.extend(told_columns("mu_star", "mean absolute elementary effect"));
    columns.extend(told_columns("sigma", "standard deviation of the elementary effects"));
    columns.push(
        Column::number("noise").about("standard error of one effect because of finitely many patients"),
    );
    columns.push(Column::flag("above_noise").about("whether mu_star is above 1.96 times the noise"));
    columns
}

fn screenings(mut table: TableWriter, found: &[Screened]) -> io::Result<TableWriter> {
    for screened in found {
        for input in &screened.inputs {
            table.row(|row| {
                head(row, &screened.target, &input.input)?;
                row.count(screened.walks)?;
                for measure in [&input.mean, &input.absolute, &input.spread] {
                    told(row, measure)?;
                }
                row.optional(input.noise)?;
                row.flag(input.above_noise())
            })?;
        }
    }
    Ok(table)
}

fn index_columns() -> Vec<Column> {
    let mut columns = vec![
        Column::count("rows").about("rows of the design"),
        Column::number("mean").about("mean of the result over the inputs"),
        Column::number("sd").about("standard deviation of the result over the inputs"),
        Column::number("noise_share").about("share of its variance that is noise of finitely many patients"),
    ];
    columns.extend(told_columns("first", "first index: share of the variance by this input alone"));
    columns.push(Column::flag("first_above_noise").about("whether the first index is told apart from noise"));
    columns.extend(told_columns("total", "total index: with all its interactions"));
    columns.push(Column::flag("total_above_noise").about("whether the total index is told apart from noise"));
    columns
}

fn indices(mut table: TableWriter, found: &[Indices]) -> io::Result<TableWriter> {
    for indices in found {
        for input in &indices.inputs {
            table.row(|row| {
                head(row, &indices.target, &input.input)?;
                row.count(indices.rows)?;
                row.number(indices.mean)?;
                row.number(indices.deviation)?;
                row.optional(indices.noise)?;
                for index in [&input.first, &input.total] {
                    told(row, index)?;
                    row.flag(index.above_noise())?;
                }
                Ok(())
            })?;
        }
    }
    Ok(table)
}

fn tipping_columns() -> Vec<Column> {
    let number = |name: &str, about: &str| Column::number(name).about(about);
    vec![
        Column::text("input_unit").about("unit of the values of the input"),
        number("margin", "where the result tips"),
        number("range_from", "lower end of the range searched"),
        number("range_to", "upper end"),
        number("base", "value as assumed"),
        Column::text("outcome").about("change, or no change within the range"),
        number("tips_at", "value of the input at which the estimate crosses the margin"),
        number("bracket_from", "lower end of the bracket around it"),
        number("bracket_to", "upper end"),
        Column::text("above_margin").about("on which side the result is above the margin"),
        Column::flag("certain")
            .about("whether the result is determined on both sides of the stretch, and differs"),
        number("undetermined_from", "from here the side is not determined at 95 %"),
        number("undetermined_to", "to here"),
        Column::flag("open_below").about("whether the stretch goes on below the range"),
        Column::flag("open_above").about("whether it goes on above the range"),
    ]
}

fn tipping(mut table: TableWriter, found: &[Curve]) -> io::Result<TableWriter> {
    for curve in found {
        let changes: Vec<_> = match curve.found.changes.as_slice() {
            [] => vec![None],
            changes => changes.iter().map(Some).collect(),
        };
        for change in changes {
            let stretch = match change {
                Some(change) => change.within.and_then(|place| curve.found.undetermined.get(place)),
                None => curve.found.undetermined.first(),
            };
            table.row(|row| {
                head(row, &curve.target, &curve.input)?;
                row.text(&curve.unit)?;
                row.number(curve.margin)?;
                row.number(curve.range().0)?;
                row.number(curve.range().1)?;
                row.optional(curve.base)?;
                row.text(if change.is_some() { "change" } else { "no change within the range" })?;
                row.optional(change.map(|change| change.at))?;
                row.optional(change.map(|change| change.between.0))?;
                row.optional(change.map(|change| change.between.1))?;
                row.text(match change.map(|change| change.upward) {
                    Some(true) => "above this value",
                    Some(false) => "below this value",
                    None => "",
                })?;
                row.flag(change.is_some_and(|change| change.certain))?;
                row.optional(stretch.map(|stretch| stretch.from))?;
                row.optional(stretch.map(|stretch| stretch.to))?;
                row.flag(stretch.is_some_and(|stretch| stretch.open_below))?;
                row.flag(stretch.is_some_and(|stretch| stretch.open_above))
            })?;
        }
    }
    Ok(table)
}

fn curve_columns() -> Vec<Column> {
    vec![
        Column::text("input_unit").about("unit of the values of the input"),
        Column::number("value").about("value of the input"),
        Column::number("estimate").about("result"),
        Column::number("lower").about("lower 95 % limit"),
        Column::number("upper").about("upper 95 % limit"),
    ]
}

fn curves(mut table: TableWriter, found: &[Curve]) -> io::Result<TableWriter> {
    for curve in found {
        for (value, known) in &curve.known {
            table.row(|row| {
                head(row, &curve.target, &curve.input)?;
                row.text(&curve.unit)?;
                for number in [*value, known.estimate + curve.margin, known.lower + curve.margin] {
                    row.number(number)?;
                }
                row.number(known.upper + curve.margin)
            })?;
        }
    }
    Ok(table)
}
