//! What is asked of the engine, beside what was found in this run.

/// What a number must be.
#[derive(Debug, Clone, Copy)]
pub enum Wanted {
    AtLeast(f64),
    AtMost(f64),
}

/// Lines under a table.
#[derive(Debug, Default)]
pub struct Claims(Vec<String>);

impl Claims {
    /// A number with what is asked of it, if anything is; one that is not a number meets nothing.
    pub fn add(&mut self, what: String, found: f64, wanted: impl Into<Option<Wanted>>) {
        let (asked, met) = match wanted.into() {
            Some(Wanted::AtLeast(bound)) => (format!("≥ {}", shown(bound)), Some(found >= bound)),
            Some(Wanted::AtMost(bound)) => (format!("≤ {}", shown(bound)), Some(found <= bound)),
            None => ("–".to_owned(), None),
        };
        let met = met.map_or("–", |met| if met { "yes" } else { "no" });
        self.0.push(format!("| {what} | {} | {asked} | {met} |", shown(found)));
    }

    pub fn print(&self) {
        println!("\n| | found | asked for | met |\n|---|---|---|---|");
        for line in &self.0 {
            println!("{line}");
        }
    }
}

/// Three digits, or two of a very small or large number.
pub fn shown(value: f64) -> String {
    let size = value.abs();
    if size.is_nan() {
        return "none".to_owned();
    }
    if size == 0.0 || (1e-3..1e4).contains(&size) {
        let digits = if size == 0.0 { 0.0 } else { size.log10().floor() };
        let text = format!("{value:.0$}", (2.0 - digits).max(0.0) as usize);
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    } else {
        format!("{value:.1e}")
    }
}
