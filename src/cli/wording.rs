//! Counts and durations in words.

/// `3 runs`.
pub fn runs(count: usize) -> String {
    plural(count, "run")
}

/// A count with its noun: `1 run`, `3 runs`.
pub fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// A duration in the largest two units: `3 min 20 s`.
pub fn duration(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match whole {
        0..10 => format!("{seconds:.1} s"),
        10..120 => format!("{whole} s"),
        120..7200 => format!("{} min {} s", whole / 60, whole % 60),
        7200..172_800 => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
        _ => format!("{} d {} h", whole / 86_400, whole % 86_400 / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_told_in_two_units() {
        let told: Vec<String> = [0.04, 9.4, 59.6, 200.0, 7300.0, 180_000.0].map(duration).into();
        assert_eq!(told, ["0.0 s", "9.4 s", "60 s", "3 min 20 s", "2 h 1 min", "2 d 2 h"]);
    }
}
