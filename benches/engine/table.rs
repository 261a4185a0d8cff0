//! A table of measurements, in Markdown.

use crate::measure::Measured;

/// One method at one tolerance.
pub struct Row {
    pub method: String,
    /// Instruction set; empty where the method does not choose one.
    pub registers: &'static str,
    /// Empty where nothing is integrated.
    pub rtol: String,
    /// Per patient.
    pub seconds: f64,
    /// Per patient, where the method tells.
    pub steps: Option<u64>,
    /// Per patient.
    pub evaluations: u64,
    pub error: f64,
}

impl Row {
    /// What was measured of one of the methods that a scenario may name.
    pub fn new(method: &str, registers: &'static str, rtol: f64, measured: &Measured, error: f64) -> Self {
        Row {
            method: method.into(),
            registers,
            rtol: format!("{rtol:.0e}"),
            seconds: measured.seconds,
            steps: Some(measured.counts.steps),
            evaluations: measured.counts.evaluations,
            error,
        }
    }
}

/// Methods on one problem, all measured in this run.
pub struct Table {
    title: String,
    error: String,
    rows: Vec<Row>,
}

impl Table {
    /// A table of this title, and what is meant by the error.
    pub fn new(title: &str, error: &str) -> Self {
        Table { title: title.into(), error: error.into(), rows: Vec::new() }
    }

    pub fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    pub fn print(&self) {
        println!("\n### {}\n", self.title);
        println!(
            "| method | registers | rtol | ms per patient | steps | evaluations | ns per evaluation | {} |",
            self.error
        );
        println!("|---|---|---|---|---|---|---|---|");
        for row in &self.rows {
            let known = |text: &str| if text.is_empty() { "–".to_owned() } else { text.to_owned() };
            let evaluated = row.evaluations > 0;
            let each = 1e9 * row.seconds / row.evaluations as f64;
            println!(
                "| {} | {} | {} | {} | {} | {} | {} | {:.1e} |",
                row.method,
                known(row.registers),
                known(&row.rtol),
                milliseconds(row.seconds),
                row.steps.map_or("–".into(), |steps| steps.to_string()),
                row.evaluations,
                if evaluated { format!("{each:.1}") } else { "–".into() },
                row.error
            );
        }
    }
}

fn milliseconds(seconds: f64) -> String {
    let value = 1e3 * seconds;
    if value < 0.1 { format!("{value:.5}") } else { format!("{value:.3}") }
}
