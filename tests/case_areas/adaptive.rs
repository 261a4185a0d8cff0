//! Cases with an [adaptive] section: a model, a scenario whose rules set the dose, and a file of patients, through the code
//! that `regimen run` calls. What the section says beyond what is understood here is refused.

use std::fmt::Write;

use regimen::diagnostic::{Sources, has_errors, render};
use regimen::model::{Kind, Loader};
use regimen::population::Sampler;
use regimen::program::Program;
use regimen::scenario::{Scenario, Settings, load};
use regimen::simulation::{Done, End, Trajectory, Why, simulate};
use toml::{Table, Value};

mod reading;

use super::model_file::{ModelFile, Units};
use reading::{CaseRule, case_rules, column, mentions_time, number, squeezed, table, text, tolerance};

/// Keys of [adaptive] that are understood.
const KNOWN: [&str; 12] = [
    "decision_rows",
    "signal",
    "signal_read",
    "start_dose",
    "dose_unit",
    "smallest_dose",
    "largest_dose",
    "dose_form",
    "infusion_duration",
    "first_match_only",
    "rule",
    "dose_compartment",
];
/// Names of what is added to the case's model.
const SIGNAL: &str = "signal_of_the_case";
const AREA: &str = "area_of_the_signal";

/// Rows of (column, value): DECISION, TIME, TROUGH, DOSE, ACTION, and areas that follow, AUC24_FOLLOWING.
pub fn compute(case: &Table, input: &[Vec<String>]) -> Result<Vec<Vec<(String, String)>>, String> {
    let adaptive = Adaptive::read(case)?;
    let header = &input[0];
    let ids = column(header, "ID").map(|id| input[1..].iter().map(|row| row[id].clone()).collect());
    let ids: Vec<String> = ids.unwrap_or_else(|| vec!["1".to_owned(); input.len() - 1]);
    let mut subjects: Vec<&String> = ids.iter().collect();
    subjects.dedup();
    let mut rows = Vec::new();
    for subject in subjects {
        let own: Vec<&Vec<String>> =
            input[1..].iter().zip(&ids).filter(|(_, id)| *id == subject).map(|(row, _)| row).collect();
        rows.extend(adaptive.follow(case, header, &own)?);
    }
    Ok(rows)
}

/// What [adaptive] says.
struct Adaptive {
    signal: String,
    /// Unit of the signal, where an output of the case has its expression.
    unit: Option<String>,
    dose_unit: String,
    start: f64,
    smallest: Option<f64>,
    largest: Option<f64>,
    /// Length of the infusion, in the case's unit of time.
    over: Option<f64>,
    first_match_only: bool,
    rules: Vec<CaseRule>,
    /// Lengths of the areas asked for (24 of AUC24_FOLLOWING), in the case's unit of time.
    areas: Vec<f64>,
    time_unit: String,
    compartment: String,
    /// Every row is a decision; otherwise those with EVID = 2 are.
    all_rows: bool,
}

impl Adaptive {
    fn read(case: &Table) -> Result<Self, String> {
        let section = table(case, "adaptive").ok_or("no [adaptive]")?;
        let model = table(case, "model").ok_or("no [model]")?;
        for key in section.keys() {
            if !KNOWN.contains(&key.as_str()) {
                return Err(format!("[adaptive] `{key}` is not understood"));
            }
        }
        let rows = text(&section, "decision_rows").unwrap_or("all rows of input.csv");
        let read = text(&section, "signal_read").unwrap_or("before the dose of the decision");
        let rows = squeezed(rows);
        if !["allrowsofinput.csv", "rowswithEVID=2", "allrowswithEVID=2"].contains(&rows.as_str()) {
            return Err(format!("[adaptive] decision_rows `{rows}` is not understood"));
        }
        if read != "before the dose of the decision" {
            return Err(format!("[adaptive] signal_read `{read}` is not understood"));
        }
        let time_unit = text(&model, "time_unit").unwrap_or("h");
        let time_unit = if time_unit == "1" { "d" } else { time_unit }.to_owned();
        let over = number(&section, "infusion_duration");
        let form = text(&section, "dose_form").unwrap_or("");
        if !is_understood(form, over, &time_unit) {
            return Err(format!("[adaptive] dose_form `{form}` is not understood"));
        }
        let signal = text(&section, "signal").ok_or("[adaptive] lacks `signal`")?.to_owned();
        let outputs = table(&model, "outputs").unwrap_or_default();
        let same = |output: &&Value| {
            output.get("expression").and_then(Value::as_str).map(squeezed) == Some(squeezed(&signal))
        };
        let unit = outputs.get(&signal).or_else(|| outputs.values().find(same));
        let unit = unit.and_then(|output| output.get("unit")).and_then(Value::as_str).map(str::to_owned);
        // The signal may be the name of an output, which is no name of the model's equations.
        let signal = match outputs.get(&signal).and_then(|output| output.get("expression")) {
            Some(expression) => expression.as_str().unwrap_or_default().to_owned(),
            None => signal,
        };
        let doses: Vec<String> = table(&model, "doses").unwrap_or_default().keys().cloned().collect();
        let compartment = match (section.get("dose_compartment"), doses.as_slice()) {
            (Some(chosen), _) => chosen.as_str().map_or(chosen.to_string(), str::to_owned),
            (None, [only]) => only.clone(),
            (None, _) => return Err("[adaptive] does not say which compartment is dosed".to_owned()),
        };
        let values = table(case, "expected").and_then(|expected| expected.get("values").cloned());
        let values = values.and_then(|values| values.as_array().cloned()).unwrap_or_default();
        let area =
            |name: &Value| name.as_str()?.strip_prefix("AUC")?.strip_suffix("_FOLLOWING")?.parse().ok();
        Ok(Adaptive {
            signal,
            unit,
            dose_unit: text(&section, "dose_unit").unwrap_or("mg").to_owned(),
            start: number(&section, "start_dose").ok_or("[adaptive] lacks `start_dose`")?,
            smallest: number(&section, "smallest_dose"),
            largest: number(&section, "largest_dose"),
            over,
            first_match_only: section.get("first_match_only").and_then(Value::as_bool).unwrap_or(true),
            rules: case_rules(&section)?,
            areas: values.iter().filter_map(area).collect(),
            all_rows: rows.starts_with("allrowsofinput"),
            time_unit,
            compartment,
        })
    }

    /// One subject's decisions.
    fn follow(
        &self,
        case: &Table,
        header: &[String],
        rows: &[&Vec<String>],
    ) -> Result<Vec<Vec<(String, String)>>, String> {
        let cell = |row: &[String], name: &str| column(header, name).map(|place| row[place].clone());
        let event = |row: &[String]| cell(row, "EVID").unwrap_or_else(|| "2".to_owned());
        let wanted: &[&str] = if self.all_rows { &["2"] } else { &["0", "2"] };
        if let Some(row) = rows.iter().find(|row| !wanted.contains(&event(row).as_str())) {
            return Err(format!("a row with EVID = {} is not understood", event(row)));
        }
        let (all, rows) = (rows, rows.iter().copied().filter(|row| event(row) == "2").collect::<Vec<_>>());
        let time = |row: &[String]| cell(row, "TIME").and_then(|time| time.parse::<f64>().ok());
        let times: Option<Vec<f64>> = rows.iter().map(|row| time(row)).collect();
        let times = times.filter(|times| !times.is_empty()).ok_or("a decision row has no TIME")?;
        if times.windows(2).any(|pair| pair[1] <= pair[0]) {
            return Err("decisions do not ascend in time".to_owned());
        }
        let first = times[0];
        if first != 0.0 && mentions_time(case) {
            return Err("the model reads `t`, and the first decision is not at 0".to_owned());
        }
        let since: Vec<f64> = times.iter().map(|time| time - first).collect();
        // Units as the case has them, unless its equations or rules only hold between bare numbers.
        let patients = |covariates: &Table| patients(covariates, header, all, first);
        let mut run = self.run(case, header, &patients, &since, Units::OfTheCase);
        if let Err(with_units) = run {
            run = self.run(case, header, &patients, &since, Units::None);
            run = run.map_err(|without| format!("{with_units}\nand without units\n{without}"));
        }
        let (scenario, trajectory) = run?;
        let mut found = Vec::new();
        for (place, row) in rows.iter().enumerate() {
            let mut line = self.decision(&scenario, &trajectory, place, &since)?;
            line.push(("TIME".to_owned(), times[place].to_string()));
            for name in ["ID", "DECISION"] {
                line.extend(cell(row, name).map(|value| (name.to_owned(), value)));
            }
            found.push(line);
        }
        Ok(found)
    }

    /// What the log, the visits and the records say of one decision.
    fn decision(
        &self,
        scenario: &Scenario,
        trajectory: &Trajectory,
        place: usize,
        since: &[f64],
    ) -> Result<Vec<(String, String)>, String> {
        let output = |name: &str| scenario.model.output(name).ok_or(format!("no output {name}"));
        let (signal, area) = (output(SIGNAL)?, output(AREA)?);
        let visit = trajectory.visits.get(place).ok_or("a decision without a visit")?;
        let made = trajectory.decisions.iter().filter(|decision| decision.time == visit.time);
        let made: Vec<_> = made.filter(|decision| decision.action == Done::Adjust).collect();
        let last = made.last().ok_or(format!("no rule applies at decision {place}"))?;
        let route = &scenario.model.routes[last.drug].unit;
        let given = trajectory.doses.iter().find(|dose| dose.time == visit.time);
        let given = given.map_or(0.0, |dose| dose.amount);
        if given != last.after {
            return Err(format!("decision {place} and the dose given differ: {} and {given}", last.after));
        }
        let name = |by: Why| match by {
            Why::Rule(rule) => scenario.rules[rule].name.split_once(": ").map(|(_, name)| name.to_owned()),
            Why::Hazard(_) => None,
        };
        let actions: Vec<String> = made.iter().filter_map(|decision| name(decision.by)).collect();
        let shown = |output: usize, value: f64| scenario.model.outputs[output].unit.show(value);
        let mut line = vec![
            ("TROUGH".to_owned(), shown(signal, visit.truth[signal]).to_string()),
            ("DOSE".to_owned(), route.show(last.after).to_string()),
            ("ACTION".to_owned(), actions.join("+")),
        ];
        let at = |time: f64| {
            let record = scenario.records.iter().position(|record| record.name == format!("at {time}"));
            let series = record.and_then(|record| trajectory.records.get(record));
            series.and_then(|series| series.values.first().copied()).ok_or(format!("no record at {time}"))
        };
        for length in &self.areas {
            let value = at(since[place] + length)? - at(since[place])?;
            line.push((format!("AUC{length}_FOLLOWING"), shown(area, value).to_string()));
        }
        Ok(line)
    }

    /// Simulates a subject.
    fn run(
        &self,
        case: &Table,
        header: &[String],
        patients: &dyn Fn(&Table) -> Result<String, String>,
        since: &[f64],
        units: Units,
    ) -> Result<(Scenario, Trajectory), String> {
        if units == Units::OfTheCase && self.unit.is_none() {
            return Err("the signal has no unit".to_owned());
        }
        let file = ModelFile::new(&self.with_signal(case), header, units)?;
        let covariates =
            table(case, "model").and_then(|model| table(&model, "covariates")).unwrap_or_default();
        let files = Files {
            model: file.text,
            scenario: self.scenario(case, since, units, !covariates.is_empty()),
            patients: patients(&covariates)?,
        };
        let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
        let scenario = load("case", &Settings::default(), &files, &mut sources, &mut diagnostics);
        diagnostics.retain(|finding| has_errors(std::slice::from_ref(finding)));
        let scenario = scenario.ok_or_else(|| render(&diagnostics, &sources, false))?;
        let program = Program::compile(&scenario.model);
        let sampler = Sampler::new(&scenario, &program).map_err(|error| format!("{error:?}"))?;
        let patient = sampler.patient(0).map_err(|error| format!("{error:?}"))?;
        let trajectory = simulate(&scenario, &program, &patient, 0);
        match &trajectory.end {
            End::Failed(failure) => Err(format!("{}; {}", failure.what, failure.cause)),
            _ => Ok((scenario, trajectory)),
        }
    }

    /// The case with the signal and the area under it as outputs.
    fn with_signal(&self, case: &Table) -> Table {
        let mut case = case.clone();
        let unit = self.unit.clone().unwrap_or_else(|| "1".to_owned());
        let area = format!("{}*{unit}", self.time_unit);
        let Some(model) = case.get_mut("model").and_then(Value::as_table_mut) else { return case };
        let mut put = |section: &str, key: &str, value: Value| {
            let section = model.entry(section).or_insert_with(|| Value::Table(Table::new()));
            if let Some(section) = section.as_table_mut() {
                section.insert(key.to_owned(), value);
            }
        };
        let output = |expression: &str, unit: &str| {
            let mut output = Table::new();
            output.insert("expression".to_owned(), Value::String(expression.to_owned()));
            output.insert("unit".to_owned(), Value::String(unit.to_owned()));
            Value::Table(output)
        };
        put("states", "state_of_the_area", Value::String(self.signal.clone()));
        put("state_units", "state_of_the_area", Value::String(area.clone()));
        put("outputs", SIGNAL, output(&self.signal, &unit));
        put("outputs", AREA, output("state_of_the_area", &area));
        case
    }

    /// The scenario file.
    fn scenario(&self, case: &Table, since: &[f64], units: Units, covariates: bool) -> String {
        let (time_unit, last) = (&self.time_unit, since[since.len() - 1]);
        let longest = self.areas.iter().copied().fold(1.0, f64::max);
        let moments: Vec<String> = since.iter().map(|time| format!("{time} {time_unit}")).collect();
        let dose_unit = if units == Units::None { "1" } else { &self.dose_unit };
        let dose = |value: f64| format!("{value:?} {dose_unit}");
        let mut file = format!(
            "title = \"a case\"\nmodel = \"model\"\nhorizon = \"{} {time_unit}\"\n[population]\npatients = 1\n",
            last + 1.5 * longest
        );
        if covariates {
            let _ = writeln!(file, "from = \"patients.csv\"\nunits = {{ TIME = \"{time_unit}\" }}");
        }
        let _ = writeln!(file, "[numerics]\nrtol = {:e}", tolerance(case));
        let _ = writeln!(file, "[visits]\nlaboratory = \"at {}\"", moments.join(", "));
        let over = self.over.map_or(String::new(), |over| format!(", over = \"{over} {time_unit}\""));
        let names: Vec<String> =
            (0..self.rules.len()).map(|place| format!("\"{}\"", self.rule_name(place))).collect();
        let _ = writeln!(
            file,
            "[[arm]]\nname = \"arm\"\ntreatment = [{{ drug = \"cmt{}\", dose = \"{}\", visits = \"laboratory\"{over} }}]\nrules = [{}]",
            self.compartment,
            dose(self.start),
            names.join(", ")
        );
        for (place, rule) in self.rules.iter().enumerate() {
            let _ = writeln!(
                file,
                "[[rule]]\nname = \"{}\"\nadjust = \"cmt{}\"\nlog = \"always\"\nfurther = {}\nwhen = \"{}\"\ndose = \"{}\"",
                self.rule_name(place),
                self.compartment,
                !self.first_match_only,
                self.condition(rule, units),
                self.amount(&rule.then, units)
            );
            for (key, limit) in [("smallest", self.smallest), ("largest", self.largest)] {
                if let Some(limit) = limit.filter(|limit| *limit > 0.0) {
                    let _ = writeln!(file, "{key} = \"{}\"", dose(limit));
                }
            }
        }
        let ends = since.iter().flat_map(|time| self.areas.iter().map(move |length| time + length));
        let mut times: Vec<f64> = since.iter().copied().chain(ends).collect();
        times.sort_by(f64::total_cmp);
        times.dedup();
        for time in times {
            let end = time + 0.25 * longest;
            let _ = writeln!(
                file,
                "[[record]]\nname = \"at {time}\"\nfrom = \"{time} {time_unit}\"\nto = \"{end} {time_unit}\"\nevery = \"1e6 {time_unit}\"\noutputs = [\"{AREA}\"]"
            );
        }
        file
    }

    fn rule_name(&self, place: usize) -> String {
        format!("{place}: {}", self.rules[place].action)
    }

    fn condition(&self, rule: &CaseRule, units: Units) -> String {
        if rule.when == "otherwise" {
            if self.first_match_only {
                return "true".to_owned();
            }
            let others = self.rules.iter().filter(|other| other.when != "otherwise");
            let others: Vec<String> =
                others.map(|other| format!("not ({})", self.bare(&other.when, units))).collect();
            return others.join(" and ");
        }
        self.bare(&rule.when, units)
    }

    /// A dose of a rule, in its unit.
    fn amount(&self, then: &str, units: Units) -> String {
        match units {
            Units::OfTheCase => format!("({}) * (1 {})", self.bare(then, units), self.dose_unit),
            Units::None => self.bare(then, units),
        }
    }

    /// An expression over the signal and the dose as bare numbers.
    fn bare(&self, expression: &str, units: Units) -> String {
        let (signal, dose) = match units {
            Units::OfTheCase => {
                let unit = self.unit.clone().unwrap_or_default();
                (format!("({SIGNAL} / (1 {unit}))"), format!("(dose / (1 {}))", self.dose_unit))
            }
            Units::None => (SIGNAL.to_owned(), "dose".to_owned()),
        };
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
        let mut found = String::new();
        let mut rest = expression;
        while let Some(first) = rest.chars().next() {
            let end =
                if word(first) { rest.find(|c| !word(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
            let (token, after) = rest.split_at(end);
            found.push_str(match token {
                "signal" => &signal,
                "dose" => &dose,
                other => other,
            });
            rest = after;
        }
        found
    }
}

/// Whether a form of dosing is a bolus or an infusion of this length from the decision on.
fn is_understood(form: &str, over: Option<f64>, time_unit: &str) -> bool {
    let words: Vec<&str> = form.split_whitespace().collect();
    match (over, words.as_slice()) {
        (Some(over), ["infusion", "of", length, unit, "that", "begins", "at", "the", "decision"]) => {
            length.parse::<f64>() == Ok(over) && *unit == time_unit
        }
        (None, [] | ["bolus"] | ["bolus", .., "at", "the", "decision"]) => true,
        _ => false,
    }
}

/// The file of patients with the covariates of one subject; times count from the first decision.
fn patients(
    covariates: &Table,
    header: &[String],
    rows: &[&Vec<String>],
    first: f64,
) -> Result<String, String> {
    let mut columns = Vec::new();
    for (name, entry) in covariates {
        let of = entry.get("column").and_then(Value::as_str).unwrap_or(name);
        columns.push((name, column(header, of).ok_or(format!("no column {of}"))?));
    }
    let time = column(header, "TIME").ok_or("no column TIME")?;
    let names: String = columns.iter().map(|(name, _)| format!(",{name}")).collect();
    let mut file = format!("ID,TIME{names}\n");
    for row in rows {
        let time = row[time].parse::<f64>().map_err(|_| format!("`{}` is no time", row[time]))? - first;
        let values: String = columns.iter().map(|(_, place)| format!(",{}", row[*place])).collect();
        let _ = writeln!(file, "1,{time}{values}");
    }
    Ok(file)
}

struct Files {
    model: String,
    scenario: String,
    patients: String,
}

impl Loader for Files {
    fn load(&self, kind: Kind, name: &str, _: Option<&str>) -> Result<(String, String), String> {
        match kind {
            Kind::Model => Ok(("model.toml".to_owned(), self.model.clone())),
            Kind::Scenario => Ok(("case.toml".to_owned(), self.scenario.clone())),
            Kind::Population => Ok((name.to_owned(), self.patients.clone())),
            _ => Err(format!("there is no file {name}")),
        }
    }
}
