//! A case's structured model as a model file of ours.

use std::fmt::Write;

use toml::{Table, Value};

/// Whether the case's units are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Units {
    /// As written.
    OfTheCase,
    /// Every quantity is a bare number; rates are per unit of time.
    None,
}

/// A model file, and how to read a table with it.
#[derive(Debug)]
pub struct ModelFile {
    pub text: String,
    pub time_unit: String,
    /// The case's name of each output, and ours.
    pub outputs: Vec<(String, String)>,
    /// Columns of the table without meaning for the model.
    pub ignored: Vec<String>,
}

/// Columns of records.
const KNOWN: [&str; 9] = ["ID", "TIME", "EVID", "AMT", "CMT", "RATE", "II", "ADDL", "SS"];
/// Words of our language that a case may use as names.
const RESERVED: [&str; 7] = ["eta", "true", "false", "and", "or", "not", "if"];

impl ModelFile {
    /// Translates a case; `header` is that of its table.
    pub fn new(case: &Table, header: &[String], units: Units) -> Result<Self, String> {
        let model = case.get("model").and_then(Value::as_table).ok_or("no [model]")?;
        let written = model.get("time_unit").and_then(Value::as_str).unwrap_or("h");
        let mut writer = Writer {
            units,
            time_unit: if written == "1" { "d".to_owned() } else { written.to_owned() },
            model,
            header,
            text: String::new(),
            tolerance: absolute_tolerance(case),
            covariates: Vec::new(),
            outputs: Vec::new(),
        };
        writer.all()?;
        let known = |name: &String| {
            KNOWN.contains(&name.as_str()) || writer.covariates.iter().any(|(_, column, _, _)| column == name)
        };
        let ignored = header.iter().filter(|name| !known(name)).cloned().collect();
        Ok(ModelFile { time_unit: writer.time_unit, text: writer.text, outputs: writer.outputs, ignored })
    }
}

/// Well below what the case allows.
fn absolute_tolerance(case: &Table) -> f64 {
    let tolerance = case.get("tolerance").and_then(Value::as_table).cloned().unwrap_or_default();
    let columns = tolerance.get("columns").and_then(Value::as_table).cloned().unwrap_or_default();
    let of = |table: &Table| {
        table.get("abs").and_then(|value| value.as_float().or(value.as_integer().map(|i| i as f64)))
    };
    let all = columns.values().filter_map(Value::as_table).filter_map(of).chain(of(&tolerance));
    let least = all.filter(|abs| *abs > 0.0).fold(f64::INFINITY, f64::min);
    if least.is_finite() { (least * 1e-4).max(1e-22) } else { 1e-20 }
}

struct Writer<'c> {
    units: Units,
    time_unit: String,
    model: &'c Table,
    header: &'c [String],
    text: String,
    tolerance: f64,
    /// Name, column, unit, interpolation.
    covariates: Vec<(String, String, String, String)>,
    outputs: Vec<(String, String)>,
}

impl Writer<'_> {
    fn section(&self, name: &str) -> Table {
        self.model.get(name).and_then(Value::as_table).cloned().unwrap_or_default()
    }

    fn unit(&self, written: &str) -> String {
        if self.units == Units::None { "1".to_owned() } else { written.to_owned() }
    }

    /// An expression in our language.
    fn expression(&self, written: &str) -> String {
        let mut text = String::new();
        let mut rest = written;
        while let Some(first) = rest.chars().next() {
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
            let end = if first.is_ascii_alphabetic() || first == '_' || first.is_ascii_digit() {
                rest.find(|c| !word(c)).unwrap_or(rest.len())
            } else {
                first.len_utf8()
            };
            let (token, after) = rest.split_at(end);
            text.push_str(&self.word(token));
            rest = after;
        }
        text
    }

    fn word(&self, token: &str) -> String {
        if RESERVED.contains(&token) {
            format!("{token}_")
        } else if token == "t" && self.units == Units::None {
            format!("(t / (1 {}))", self.time_unit)
        } else {
            token.to_owned()
        }
    }

    /// A rate of change, or of an infusion.
    fn per_time(&self, expression: &str) -> String {
        match self.units {
            Units::OfTheCase => expression.to_owned(),
            Units::None => format!("({expression}) * 1 1/{}", self.time_unit),
        }
    }

    /// A time.
    fn time(&self, expression: &str) -> String {
        match self.units {
            Units::OfTheCase => expression.to_owned(),
            Units::None => format!("({expression}) * 1 {}", self.time_unit),
        }
    }

    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn all(&mut self) -> Result<(), String> {
        let time_unit = self.time_unit.clone();
        self.line("title = \"a validation case\"");
        self.line(&format!("time = \"{time_unit}\""));
        for (name, entry) in self.section("covariates") {
            let of = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
            let column = of("column").unwrap_or_else(|| name.clone());
            let interpolation = of("interpolation").unwrap_or_else(|| "next".to_owned());
            let unit = self.unit(&of("unit").unwrap_or_else(|| "1".to_owned()));
            self.covariates.push((self.word(&name), column, unit, interpolation));
        }
        let doses = self.doses()?;
        self.line("[covariates]");
        for (name, column, unit, interpolation) in self.covariates.clone() {
            self.line(&format!(
                "{name} = {{ unit = \"{unit}\", column = \"{column}\", interpolation = \"{interpolation}\" }}"
            ));
        }
        self.line("[parameters]");
        for (name, entry) in self.section("parameters") {
            let value = entry.get("value").ok_or("a parameter without value")?;
            let unit = self.unit(entry.get("unit").and_then(Value::as_str).unwrap_or("1"));
            self.line(&format!("{} = {{ value = {value}, unit = \"{unit}\" }}", self.word(&name)));
        }
        self.line("[equations]");
        for (name, entry) in self.section("algebraic") {
            let expression = self.expression(entry.as_str().unwrap_or_default());
            self.line(&format!("{} = \"{expression}\"", self.word(&name)));
        }
        self.states()?;
        self.text.push_str(&doses);
        self.outputs();
        Ok(())
    }

    fn states(&mut self) -> Result<(), String> {
        let (units, initial) = (self.section("state_units"), self.section("initial"));
        self.line("[states]");
        for (name, entry) in self.section("states") {
            let rate = self.per_time(&self.expression(entry.as_str().ok_or("a state without rate")?));
            let unit = self.unit(units.get(&name).and_then(Value::as_str).unwrap_or("1"));
            let start = initial.get(&name).map(|value| match value {
                Value::String(text) => self.expression(text),
                number => number.to_string(),
            });
            let start = start.map_or(String::new(), |start| format!(", initial = \"{start}\""));
            let tolerance = self.tolerance;
            self.line(&format!(
                "{} = {{ unit = \"{unit}\", rate = \"{rate}\"{start}, absolute_tolerance = {tolerance:e} }}",
                self.word(&name)
            ));
        }
        Ok(())
    }

    fn doses(&mut self) -> Result<String, String> {
        let mut text = "[doses]\n".to_owned();
        let units = self.section("state_units");
        for (compartment, entry) in self.section("doses") {
            let of = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
            let state = of("state").ok_or("a dose without state")?;
            let unit = units.get(&state).and_then(Value::as_str).unwrap_or("1").to_owned();
            let mut attributes = String::new();
            let time_unit = self.time_unit.clone();
            for (key, ours, unit) in [
                ("lag", "lag", time_unit.clone()),
                ("F", "fraction", "1".to_owned()),
                ("duration", "duration", time_unit.clone()),
                ("rate", "rate", format!("{unit}/{time_unit}")),
            ] {
                let Some(name) = of(key) else { continue };
                let name = self.attribute(&name, &unit);
                let value = match key {
                    "lag" | "duration" => self.time(&name),
                    "rate" => self.per_time(&name),
                    _ => name,
                };
                let _ = write!(attributes, ", {ours} = \"{value}\"");
            }
            let state = self.word(&state);
            let _ = writeln!(
                text,
                "cmt{compartment} = {{ into = \"{state}\", compartment = {compartment}{attributes} }}"
            );
        }
        Ok(text)
    }

    /// A lag, fraction, duration or rate: a column of the table first, else a name of the model.
    fn attribute(&mut self, name: &str, unit: &str) -> String {
        if !self.header.iter().any(|column| column == name) {
            return self.word(name);
        }
        let declared = self.covariates.iter().find(|(_, column, _, _)| column == name);
        if let Some((covariate, ..)) = declared {
            return covariate.clone();
        }
        let covariate = format!("column_{name}");
        let unit = self.unit(unit);
        self.covariates.push((covariate.clone(), name.to_owned(), unit, "next".to_owned()));
        covariate
    }

    fn outputs(&mut self) {
        self.line("[outputs]");
        let taken: Vec<String> = ["states", "algebraic", "parameters", "covariates"]
            .into_iter()
            .flat_map(|section| self.section(section).into_iter().map(|(name, _)| name))
            .collect();
        for (name, entry) in self.section("outputs") {
            let expression = entry.get("expression").and_then(Value::as_str).unwrap_or_default().to_owned();
            let unit = self.unit(entry.get("unit").and_then(Value::as_str).unwrap_or("1"));
            let same = expression.trim() == name && !self.section("parameters").contains_key(&name);
            let clash = taken.contains(&name) && !same;
            let ours = if clash { format!("output_{name}") } else { self.word(&name) };
            let value = self.expression(&expression);
            self.line(&format!("{ours} = {{ unit = \"{unit}\", value = \"{value}\" }}"));
            self.outputs.push((name, ours));
        }
    }
}
