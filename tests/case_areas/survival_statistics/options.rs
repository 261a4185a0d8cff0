//! What `[analysis]` of a case says, and the columns of its input that it names.

use std::cell::RefCell;
use std::collections::HashSet;

use regimen::math::survival::FollowUp;

/// The table `[analysis]`; remembers which keys were read, so that the rest can be refused.
pub struct Options<'a> {
    table: &'a toml::Table,
    read: RefCell<HashSet<String>>,
}

impl<'a> Options<'a> {
    pub fn of(case: &'a toml::Table) -> Result<Self, String> {
        let table = case.get("analysis").and_then(toml::Value::as_table).ok_or("there is no [analysis]")?;
        Ok(Options { table, read: RefCell::default() })
    }

    fn get(&self, key: &str) -> Option<&'a toml::Value> {
        self.read.borrow_mut().insert(key.to_owned());
        self.table.get(key)
    }

    /// Refuses keys that no method asked for.
    pub fn finish(&self) -> Result<(), String> {
        match self.table.keys().find(|key| !self.read.borrow().contains(*key)) {
            Some(key) => Err(format!("[analysis] {key}: this method has no such option")),
            None => Ok(()),
        }
    }

    pub fn text(&self, key: &str) -> Result<Option<String>, String> {
        match self.get(key) {
            None => Ok(None),
            Some(toml::Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(format!("[analysis] {key}: {other} is no text")),
        }
    }

    /// One text or a list of them.
    pub fn texts(&self, key: &str) -> Result<Option<Vec<String>>, String> {
        let text = |value: &toml::Value| {
            value.as_str().map(str::to_owned).ok_or(format!("[analysis] {key}: {value} is no text"))
        };
        match self.get(key) {
            None => Ok(None),
            Some(toml::Value::Array(list)) => list.iter().map(text).collect::<Result<_, _>>().map(Some),
            Some(one) => text(one).map(|one| Some(vec![one])),
        }
    }

    /// One number or a list of them.
    pub fn numbers(&self, key: &str) -> Result<Option<Vec<f64>>, String> {
        let number = |value: &toml::Value| match value {
            toml::Value::Integer(whole) => Ok(*whole as f64),
            toml::Value::Float(number) => Ok(*number),
            other => Err(format!("[analysis] {key}: {other} is no number")),
        };
        match self.get(key) {
            None => Ok(None),
            Some(toml::Value::Array(list)) => list.iter().map(number).collect::<Result<_, _>>().map(Some),
            Some(one) => number(one).map(|one| Some(vec![one])),
        }
    }

    /// Numbers that have to be there.
    pub fn needed(&self, key: &str) -> Result<Vec<f64>, String> {
        self.numbers(key)?.ok_or(format!("[analysis] {key} is missing"))
    }

    /// Confidence levels: 0.95 unless said otherwise.
    pub fn levels(&self, key: &str) -> Result<Vec<f64>, String> {
        let levels = self.numbers(key)?.unwrap_or(vec![0.95]);
        match levels.iter().find(|level| !(**level > 0.0 && **level < 1.0)) {
            Some(level) => Err(format!("[analysis] {key}: {level} is no level between 0 and 1")),
            None => Ok(levels),
        }
    }

    pub fn level(&self) -> Result<f64, String> {
        self.levels("conf_level")?.first().copied().ok_or("[analysis] conf_level is empty".into())
    }

    /// Choices by name.
    pub fn choices<T: Copy>(
        &self,
        key: &str,
        known: &[(&str, T)],
        default: &str,
    ) -> Result<Vec<(String, T)>, String> {
        let names = self.texts(key)?.unwrap_or(vec![default.to_owned()]);
        let choice = |name: String| match known.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => Ok((name, *value)),
            None => Err(format!("[analysis] {key}: \"{name}\" is not known")),
        };
        names.into_iter().map(choice).collect()
    }
}

/// The input: a header and rows of text.
pub struct Input<'a>(pub &'a [Vec<String>]);

impl Input<'_> {
    pub fn rows(&self) -> usize {
        self.0.len().saturating_sub(1)
    }

    pub fn text(&self, column: &str) -> Result<Vec<String>, String> {
        let header = self.0.first().ok_or("the input is empty")?;
        let place = header.iter().position(|name| name.trim() == column);
        let place = place.ok_or(format!("the input has no column {column}"))?;
        let cell = |(row, cells): (usize, &Vec<String>)| match cells.get(place) {
            Some(cell) => Ok(cell.trim().to_owned()),
            None => Err(format!("row {} of the input has no {column}", row + 1)),
        };
        self.0[1..].iter().enumerate().map(cell).collect()
    }

    pub fn numbers(&self, column: &str) -> Result<Vec<f64>, String> {
        let number = |(row, text): (usize, String)| match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(format!("row {}, column {column}: \"{text}\" is no number", row + 1)),
        };
        self.text(column)?.into_iter().enumerate().map(number).collect()
    }

    pub fn counts(&self, column: &str) -> Result<Vec<usize>, String> {
        let count = |number: f64| {
            let whole = number >= 0.0 && number.fract() == 0.0;
            if whole { Ok(number as usize) } else { Err(format!("column {column}: {number} is no count")) }
        };
        self.numbers(column)?.into_iter().map(count).collect()
    }

    /// Entry and end of each row: columns `time`, or `start` and `stop`.
    pub fn times(&self, options: &Options) -> Result<Vec<(f64, f64)>, String> {
        let time = options.text("time")?;
        match (time, options.text("start")?, options.text("stop")?) {
            (Some(stop), None, None) => {
                Ok(self.numbers(&stop)?.into_iter().map(|stop| (f64::NEG_INFINITY, stop)).collect())
            }
            (None, Some(start), Some(stop)) | (Some(stop), Some(start), None) => {
                Ok(self.numbers(&start)?.into_iter().zip(self.numbers(&stop)?).collect())
            }
            _ => Err("[analysis] needs time, or start and stop".into()),
        }
    }

    /// Which of `codes` each row's status is; `None` for another, which is censored.
    pub fn status(&self, options: &Options, codes: &[f64]) -> Result<Vec<Option<usize>>, String> {
        let Some(column) = options.text("status")? else { return Ok(vec![Some(0); self.rows()]) };
        let status = self.numbers(&column)?;
        Ok(status.iter().map(|status| codes.iter().position(|code| code == status)).collect())
    }

    /// Follow-up of each row, the event being `event_code` (1 unless said otherwise).
    pub fn follow_up(&self, options: &Options) -> Result<Vec<FollowUp>, String> {
        let codes = options.numbers("event_code")?.unwrap_or(vec![1.0]);
        let (times, status) = (self.times(options)?, self.status(options, &codes)?);
        let rows = times.into_iter().zip(status);
        Ok(rows.map(|((start, stop), event)| FollowUp { start, stop, event: event.is_some() }).collect())
    }

    /// Numbers each row by its texts in columns: (names of the columns, texts of each number, number of each row).
    pub fn classes(&self, columns: Option<Vec<String>>) -> Result<Classes, String> {
        let names = columns.unwrap_or_default();
        let columns: Vec<Vec<String>> = names.iter().map(|name| self.text(name)).collect::<Result<_, _>>()?;
        let mut texts: Vec<Vec<String>> = Vec::new();
        let mut of_row = Vec::new();
        for row in 0..self.rows() {
            let own: Vec<String> = columns.iter().map(|column| column[row].clone()).collect();
            let number = texts.iter().position(|text| *text == own).unwrap_or_else(|| {
                texts.push(own);
                texts.len() - 1
            });
            of_row.push(number);
        }
        Ok(Classes { names, texts, of_row })
    }
}

/// Rows by group.
pub struct Classes {
    pub names: Vec<String>,
    pub texts: Vec<Vec<String>>,
    pub of_row: Vec<usize>,
}

impl Classes {
    /// The columns that say which group a row of the result is of; also as GROUP where there is one column.
    pub fn label(&self, class: usize) -> Row {
        let mut row = Row::default();
        for (name, text) in self.names.iter().zip(&self.texts[class]) {
            row = row.text(name, text);
        }
        match self.names.as_slice() {
            [name] if name != "GROUP" => row.text("GROUP", &self.texts[class][0]),
            _ => row,
        }
    }

    /// The groups with what belongs to each.
    pub fn split<T: Clone>(&self, rows: &[T]) -> Vec<(Row, Vec<T>)> {
        let of = |class| {
            let own = rows.iter().zip(&self.of_row).filter(move |(_, of)| **of == class);
            own.map(|(row, _)| row.clone()).collect()
        };
        (0..self.texts.len()).map(|class| (self.label(class), of(class))).collect()
    }
}

/// A row of the result.
#[derive(Clone, Default)]
pub struct Row(pub Vec<(String, String)>);

impl Row {
    pub fn text(mut self, column: &str, text: &str) -> Self {
        self.0.push((column.to_owned(), text.to_owned()));
        self
    }

    /// All digits; `NA` for what does not exist, `Inf` for what is infinite.
    pub fn number(self, column: &str, value: f64) -> Self {
        let text = match value {
            value if value.is_nan() => "NA".to_owned(),
            f64::INFINITY => "Inf".to_owned(),
            f64::NEG_INFINITY => "-Inf".to_owned(),
            value => format!("{value:?}"),
        };
        self.text(column, &text)
    }

    pub fn count(self, column: &str, value: usize) -> Self {
        self.text(column, &value.to_string())
    }

    /// A time; `NA` where it is not reached.
    pub fn reached(self, column: &str, time: f64) -> Self {
        self.number(column, if time.is_finite() { time } else { f64::NAN })
    }
}
