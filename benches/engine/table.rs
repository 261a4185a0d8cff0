//! A table of measurements, in Markdown.

/// One method at one tolerance.
pub struct Row {
    pub method: String,
    /// Per patient.
    pub seconds: f64,
    /// Per patient, where the method tells.
    pub steps: Option<u64>,
    /// Per patient.
    pub evaluations: u64,
    pub error: f64,
}

/// Methods on one problem. Ratios are to the method's last row of the same tolerance: that of our own.
pub struct Table {
    title: String,
    error: String,
    lines: Vec<String>,
}

impl Table {
    pub fn new(title: &str, error: &str) -> Self {
        Table { title: title.into(), error: error.into(), lines: Vec::new() }
    }

    /// Methods at one tolerance, all measured in this run.
    pub fn add(&mut self, rtol: &str, rows: Vec<Row>) {
        let own = rows.last().map_or(f64::NAN, |row| row.seconds);
        for row in rows {
            let steps = row.steps.map_or("–".into(), |steps| steps.to_string());
            self.lines.push(format!(
                "| {} | {rtol} | {:.3} | {:.1} | {steps} | {} | {:.1} | {:.1e} |",
                row.method,
                1e3 * row.seconds,
                row.seconds / own,
                row.evaluations,
                1e9 * row.seconds / row.evaluations as f64,
                row.error
            ));
        }
    }

    pub fn print(&self) {
        println!("\n### {}\n", self.title);
        println!(
            "| method | rtol | ms per patient | time over ours | steps | evaluations | ns per evaluation | {} |",
            self.error
        );
        println!("|---|---|---|---|---|---|---|---|");
        for line in &self.lines {
            println!("{line}");
        }
    }
}
