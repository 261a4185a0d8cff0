//! Endpoints that the file writes itself: columns summarised, then a formula over the summaries.

use super::reading;
use super::value::Value;
use crate::model::{Formula, Symbol, TrialQuantity};
use crate::scenario::{Aggregate, EndpointExpression, Scenario, Summary};
use crate::simulation::{Trajectory, Visit};

/// Times at which a column was seen, with its values; those that count are in the span.
struct Column {
    /// (d, value, counts)
    rows: Vec<(f64, f64, bool)>,
}

/// The value of the expression: of measured values at visits, or of true values of a record.
pub fn evaluate(expression: &EndpointExpression, scenario: &Scenario, trajectory: &Trajectory) -> Value {
    let treated = reading::on_treatment(trajectory);
    if expression.on_treatment && treated.is_none() {
        return Value::Missing("never treated");
    }
    let mut summaries = Vec::with_capacity(expression.aggregates.len());
    for Aggregate { summary, argument } in &expression.aggregates {
        let Some(column) = column(expression, argument, scenario, trajectory) else {
            return Value::Missing("the record does not hold an output of the expression");
        };
        match column.summary(*summary) {
            Ok(value) => summaries.push(value),
            Err(why) => return Value::Missing(why),
        }
    }
    let value = expression.formula.evaluate(&mut |symbol| match symbol {
        Symbol::Memory(index) => summaries[index],
        _ => f64::NAN,
    });
    if !value.is_finite() {
        return Value::Missing("the expression has no finite value");
    }
    if expression.logical { Value::Truth(value != 0.0) } else { Value::Quantity(value) }
}

fn column(
    expression: &EndpointExpression,
    argument: &Formula,
    scenario: &Scenario,
    trajectory: &Trajectory,
) -> Option<Column> {
    let counts = |time: f64| time >= expression.span.0 && time <= expression.span.1;
    let Some(record) = expression.record else {
        let row = |visit: &Visit| {
            let value = argument.evaluate(&mut |symbol| match symbol {
                Symbol::Output(output) => visit.measured[output],
                Symbol::Signal(signal) => visit.signals[signal],
                Symbol::Trial(TrialQuantity::Day) => visit.time,
                _ => f64::NAN,
            });
            let treated = visit.on_treatment || !expression.on_treatment;
            (visit.time, value, counts(visit.time) && treated)
        };
        return Some(Column { rows: reading::visits(trajectory, expression.schedule).map(row).collect() });
    };
    let mut outputs = Vec::new();
    argument.symbols(&mut |symbol| {
        if let Symbol::Output(output) = symbol {
            outputs.push(output);
        }
    });
    let series: Vec<(usize, Vec<f64>)> = outputs
        .into_iter()
        .map(|output| {
            let series = reading::series(scenario, trajectory, record, output)?;
            Some((output, series.points().map(|point| point.1).collect()))
        })
        .collect::<Option<_>>()?;
    let reached = trajectory.records.get(record)?.reached;
    let times = scenario.records.get(record)?.times.iter().take(reached);
    let treated = reading::on_treatment(trajectory).filter(|_| expression.on_treatment);
    let row = |(index, &time): (usize, &f64)| {
        let value = argument.evaluate(&mut |symbol| match symbol {
            Symbol::Output(output) => series
                .iter()
                .find(|(known, _)| *known == output)
                .map_or(f64::NAN, |(_, values)| values[index]),
            Symbol::Trial(TrialQuantity::Day) => time,
            _ => f64::NAN,
        });
        let on = treated.is_none_or(|(first, last)| time >= first && time <= last);
        (time, value, counts(time) && on)
    };
    Some(Column { rows: times.enumerate().map(row).collect() })
}

impl Column {
    fn counting(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.rows.iter().filter(|row| row.2).map(|row| (row.0, row.1))
    }

    fn summary(&self, summary: Summary) -> Result<f64, &'static str> {
        const NOTHING: &str = "no time that counts";
        let count = self.counting().count();
        let of_values =
            |pick: fn(f64, f64) -> f64| self.counting().map(|row| row.1).reduce(pick).ok_or(NOTHING);
        let trues = || self.counting().filter(|row| row.1 != 0.0);
        match summary {
            Summary::Baseline => self.rows.first().map(|row| row.1).ok_or("no value at the start"),
            Summary::Last => self.counting().last().map(|row| row.1).ok_or(NOTHING),
            Summary::At(time) => {
                // Times are sums of days, hence the hair.
                let before = self.counting().take_while(|row| row.0 <= time + 1e-9).last();
                before.map(|row| row.1).ok_or(NOTHING)
            }
            Summary::Smallest => of_values(f64::min),
            Summary::Largest => of_values(f64::max),
            Summary::Mean if count == 0 => Err(NOTHING),
            Summary::Mean => Ok(self.counting().map(|row| row.1).sum::<f64>() / count as f64),
            Summary::Average => self.average().ok_or("fewer than two times that count"),
            Summary::Ever if count == 0 => Err(NOTHING),
            Summary::Ever => Ok(f64::from(u8::from(trues().next().is_some()))),
            Summary::Share if count == 0 => Err(NOTHING),
            Summary::Share => Ok(trues().count() as f64 / count as f64),
            Summary::Count => Ok(trues().count() as f64),
            Summary::FirstTime => trues().next().map(|row| row.0).ok_or("never true"),
        }
    }

    /// Area by linear trapezoids over the length of time.
    fn average(&self) -> Option<f64> {
        let rows: Vec<(f64, f64)> = self.counting().collect();
        let length = rows.last()?.0 - rows.first()?.0;
        let area: f64 =
            rows.windows(2).map(|pair| 0.5 * (pair[0].1 + pair[1].1) * (pair[1].0 - pair[0].0)).sum();
        (length > 0.0).then(|| area / length)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::model::BinaryOperation;
    use crate::units::Dimension;

    /// `summary(output 0)`, or `summary(output 0 < limit)`.
    fn expression(summary: Summary, below: Option<f64>) -> EndpointExpression {
        let output = Formula::Symbol(Symbol::Output(0));
        let argument = match below {
            None => output,
            Some(limit) => {
                Formula::Binary(BinaryOperation::Less, Box::new(output), Box::new(Formula::Constant(limit)))
            }
        };
        EndpointExpression {
            text: String::new(),
            record: None,
            schedule: 0,
            span: (0.0, f64::INFINITY),
            on_treatment: false,
            aggregates: vec![Aggregate { summary, argument }],
            formula: Formula::Symbol(Symbol::Memory(0)),
            dimension: Dimension::NONE,
            logical: summary == Summary::Ever,
        }
    }

    /// By hand, of the values 4, 1, 3, 2 at 0, 10, 30, 40 d: the trapezoids are 25, 40 and 25.
    #[test]
    fn summaries_of_visits_are_as_by_hand() {
        let scenario = fixture::scenario(1);
        let trajectory = fixture::visited(&[(0.0, 4.0), (10.0, 1.0), (30.0, 3.0), (40.0, 2.0)]);
        let ask = |summary, below| evaluate(&expression(summary, below), &scenario, &trajectory);
        let value = |summary| ask(summary, None);
        assert_eq!(value(Summary::Baseline), Value::Quantity(4.0));
        assert_eq!(value(Summary::Last), Value::Quantity(2.0));
        assert_eq!(value(Summary::At(29.0)), Value::Quantity(1.0));
        assert_eq!(value(Summary::At(30.0)), Value::Quantity(3.0));
        assert_eq!(value(Summary::Smallest), Value::Quantity(1.0));
        assert_eq!(value(Summary::Largest), Value::Quantity(4.0));
        assert_eq!(value(Summary::Mean), Value::Quantity(2.5));
        assert_eq!(value(Summary::Average), Value::Quantity(90.0 / 40.0));
        assert_eq!(ask(Summary::Ever, Some(1.0)), Value::Truth(false));
        assert_eq!(ask(Summary::Ever, Some(1.5)), Value::Truth(true));
        assert_eq!(ask(Summary::Share, Some(2.5)), Value::Quantity(0.5));
        assert_eq!(ask(Summary::Count, Some(2.5)), Value::Quantity(2.0));
        assert_eq!(ask(Summary::FirstTime, Some(2.5)), Value::Quantity(10.0));
        assert_eq!(ask(Summary::FirstTime, Some(0.5)), Value::Missing("never true"));
    }

    #[test]
    fn only_times_in_the_span_and_on_treatment_count() {
        let scenario = fixture::scenario(1);
        let mut trajectory = fixture::visited(&[(0.0, 4.0), (10.0, 1.0), (30.0, 3.0), (40.0, 2.0)]);
        let with = |summary, span, on_treatment| EndpointExpression {
            span,
            on_treatment,
            ..expression(summary, None)
        };
        let later = with(Summary::Smallest, (11.0, f64::INFINITY), false);
        assert_eq!(evaluate(&later, &scenario, &trajectory), Value::Quantity(2.0));
        let nothing = with(Summary::Last, (11.0, 12.0), false);
        assert_eq!(evaluate(&nothing, &scenario, &trajectory), Value::Missing("no time that counts"));
        trajectory.visits[1].on_treatment = false;
        // Day 0 is before the first dose.
        let treated = with(Summary::Mean, (0.0, f64::INFINITY), true);
        assert_eq!(evaluate(&treated, &scenario, &trajectory), Value::Quantity(2.5));
        let baseline = with(Summary::Baseline, (11.0, 12.0), true);
        assert_eq!(evaluate(&baseline, &scenario, &trajectory), Value::Quantity(4.0));
    }

    #[test]
    fn a_record_is_summarised_over_its_true_values() {
        let scenario = fixture::scenario(1);
        let mut trajectory = fixture::recorded(&[0.0, 2.0, 6.0, 4.0, 0.0, 0.0]);
        let of_record =
            EndpointExpression { record: Some(0), span: (1.0, 3.0), ..expression(Summary::Average, None) };
        assert_eq!(evaluate(&of_record, &scenario, &trajectory), Value::Quantity(4.5));
        trajectory.records[0].reached = 2;
        let short = Value::Missing("fewer than two times that count");
        assert_eq!(evaluate(&of_record, &scenario, &trajectory), short);
    }
}
