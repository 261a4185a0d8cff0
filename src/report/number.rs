//! How numbers, units and times are written for readers: rounded, and a dash instead of `NaN`. (Exactly, for other programs:
//! [`crate::table`].)

/// A number for readers: three significant digits, thousands set apart, a true minus sign, a dash if not finite.
pub fn short(value: f64) -> String {
    significant(value, 3)
}

/// A number for readers with this many significant digits.
pub fn significant(value: f64, digits: i32) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let magnitude = value.abs().log10().floor() as i32;
    if !(-4..7).contains(&magnitude) {
        return scientific(value, digits, magnitude);
    }
    let decimals = (digits - 1 - magnitude).max(0);
    grouped(&trimmed(&format!("{value:.*}", decimals as usize)))
}

/// A number with a fixed count of decimals, thousands set apart, a true minus sign, a dash if not finite.
pub fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{value:.decimals$}");
    let zero = text.trim_start_matches('-').chars().all(|c| c == '0' || c == '.');
    grouped(if zero { text.trim_start_matches('-') } else { &text })
}

/// A whole number with thousands set apart.
pub fn count(value: impl TryInto<u64>) -> String {
    value.try_into().map_or_else(|_| "–".to_owned(), |value: u64| grouped(&value.to_string()))
}

/// The percentage of `part` in `whole`, "–" where there is no whole.
pub fn percent(part: usize, whole: usize) -> String {
    if whole == 0 { "–".to_owned() } else { format!("{} %", fixed(100.0 * part as f64 / whole as f64, 0)) }
}

/// `n (p %)`.
pub fn count_percent(part: usize, whole: usize) -> String {
    if whole == 0 { count(part) } else { format!("{} ({})", count(part), percent(part, whole)) }
}

fn scientific(value: f64, digits: i32, magnitude: i32) -> String {
    let mantissa = value / 10f64.powi(magnitude);
    let text = trimmed(&format!("{mantissa:.*}", (digits - 1).max(0) as usize));
    format!("{}×10{}", grouped(&text), superscript(&magnitude.to_string()))
}

/// Without zeros at the end of a decimal fraction.
fn trimmed(text: &str) -> String {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text.to_owned()
    }
}

/// Groups of three set apart by a narrow no-break space (from five digits on) and a true minus sign.
fn grouped(text: &str) -> String {
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("−", rest));
    let (whole, fraction) =
        rest.split_once('.').map_or((rest, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut out = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 && whole.len() > 4 {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

fn superscript(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '-' => '⁻',
            '0' => '⁰',
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            '4' => '⁴',
            '5' => '⁵',
            '6' => '⁶',
            '7' => '⁷',
            '8' => '⁸',
            '9' => '⁹',
            other => other,
        })
        .collect()
}

/// A unit as a reader expects it: `1e9/L` → `10⁹/L`, `umol/L` → `µmol/L`, `kg/m^2` → `kg/m²`, nothing for `1`.
pub fn unit(name: &str) -> String {
    let name = name.trim();
    if name.is_empty() || name == "1" {
        return String::new();
    }
    let mut out = String::new();
    for (index, part) in name.split('/').enumerate() {
        if index > 0 {
            out.push('/');
        }
        let factors: Vec<String> = part.split('*').map(|factor| unit_factor(factor.trim())).collect();
        out.push_str(&factors.join("·"));
    }
    out
}

fn unit_factor(factor: &str) -> String {
    if let Some(exponent) = factor.strip_prefix("1e") {
        return format!("10{}", superscript(exponent));
    }
    let (base, exponent) = factor.split_once('^').unwrap_or((factor, ""));
    let micro = ["umol", "ug", "uL", "um", "us"].contains(&base);
    let base = if micro { format!("µ{}", &base[1..]) } else { base.to_owned() };
    format!("{base}{}", superscript(exponent))
}

/// An estimate and its standard error, both with the decimals that give the error two digits: `12.4`, `±1.3`. Without an error, or
/// with none left, three digits and nothing.
pub fn beside_error(value: f64, error: Option<f64>) -> (String, String) {
    match error.filter(|error| error.is_finite() && *error > 0.0 && value.is_finite()) {
        None => (short(value), String::new()),
        Some(error) if !(1e-4..1e7).contains(&error) => (short(value), format!("±{}", significant(error, 2))),
        Some(error) => {
            let decimals = (1 - error.log10().floor() as i32).max(0) as usize;
            (fixed(value, decimals), format!("±{}", fixed(error, decimals)))
        }
    }
}

/// `value unit` for readers.
pub fn with_unit(value: f64, name: &str) -> String {
    attached(&short(value), name)
}

/// A number already written, with its unit: `1.5 mg`, `1.5×10⁹/L`.
pub fn attached(number: &str, unit_name: &str) -> String {
    let unit = unit(unit_name);
    if unit.is_empty() {
        number.to_owned()
    } else if unit.starts_with("10") {
        format!("{number}×{unit}")
    } else {
        format!("{number}\u{a0}{unit}")
    }
}

/// Decimals that give the largest of these numbers three digits (two below 1), so that an estimate and its limits look
/// alike.
pub fn decimals(values: &[f64]) -> usize {
    let largest = values
        .iter()
        .filter(|value| value.is_finite())
        .fold(0.0, |largest: f64, value| largest.max(value.abs()));
    if largest <= 0.0 {
        return 0;
    }
    let digits = if largest < 1.0 { 1 } else { 2 };
    (digits - largest.log10().floor() as i32).clamp(0, 4) as usize
}

/// A text with its first letter in upper case, for headings.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A name with its unit in parentheses: the label of an axis or a row.
pub fn labelled(name: &str, unit_name: &str) -> String {
    match unit(unit_name).as_str() {
        "" => name.to_owned(),
        unit => format!("{name} ({unit})"),
    }
}

/// The unit in which a span of time is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeUnit {
    /// h: profiles.
    Hours,
    /// d.
    Days,
    /// 7 d.
    Weeks,
    /// 365.25/12 d.
    Months,
}

impl TimeUnit {
    /// The unit that suits a span, d.
    pub fn for_span(days: f64) -> Self {
        if days <= 3.0 {
            Self::Hours
        } else if days <= 56.0 {
            Self::Days
        } else if days <= 200.0 {
            Self::Weeks
        } else {
            Self::Months
        }
    }
    /// Length in days.
    pub fn days(self) -> f64 {
        match self {
            Self::Hours => 1.0 / 24.0,
            Self::Days => 1.0,
            Self::Weeks => 7.0,
            Self::Months => 365.25 / 12.0,
        }
    }
    /// For the end of an axis title: "months".
    pub fn plural(self) -> &'static str {
        match self {
            Self::Hours => "hours",
            Self::Days => "days",
            Self::Weeks => "weeks",
            Self::Months => "months",
        }
    }
    /// Spacing of the ticks for a span in this unit: whole numbers that calendars and clocks use.
    pub fn tick(self, span: f64) -> f64 {
        let steps: &[f64] = match self {
            Self::Hours => &[0.5, 1.0, 2.0, 4.0, 6.0, 12.0, 24.0],
            Self::Days => &[1.0, 2.0, 7.0, 14.0],
            Self::Weeks => &[1.0, 2.0, 4.0, 8.0],
            Self::Months => &[1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 60.0, 120.0],
        };
        steps.iter().copied().find(|step| span / step <= 8.5).unwrap_or(steps[steps.len() - 1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_get_three_digits() {
        assert_eq!(short(0.012345), "0.0123");
        assert_eq!(short(-1234.5), "−1234");
        assert_eq!(short(12345.6), "12\u{202f}346");
        assert_eq!(short(2.0), "2");
        assert_eq!(short(3.1e-6), "3.1×10⁻⁶");
        assert_eq!(short(f64::NAN), "–");
        assert_eq!(fixed(-0.04, 1), "0.0");
        assert_eq!(decimals(&[0.92, 1.96, f64::INFINITY]), 2);
        assert_eq!(decimals(&[702.0, 948.0]), 0);
        assert_eq!(decimals(&[0.372, 0.721]), 2);
        assert_eq!(attached("1.5", "1e9/L"), "1.5×10⁹/L");
        assert_eq!(count(1_234_567usize), "1\u{202f}234\u{202f}567");
    }

    #[test]
    fn an_error_has_two_digits_and_its_estimate_as_many_decimals() {
        let told = |value, error| beside_error(value, error);
        let pair = |value: &str, error: &str| (value.to_owned(), error.to_owned());
        assert_eq!(told(12.345, Some(1.26)), pair("12.3", "±1.3"));
        assert_eq!(told(1234.5, Some(87.0)), pair("1234", "±87"));
        assert_eq!(told(-0.0123, Some(0.0031)), pair("−0.0123", "±0.0031"));
        assert_eq!(told(0.0, Some(0.0)), pair("0", ""));
        assert_eq!(told(3.1441, None), pair("3.14", ""));
    }

    #[test]
    fn units_look_as_in_print() {
        assert_eq!(unit("1e9/L"), "10⁹/L");
        assert_eq!(unit("umol/1e9"), "µmol/10⁹");
        assert_eq!(unit("kg/m^2"), "kg/m²");
        assert_eq!(unit("ng*h/mL"), "ng·h/mL");
        assert_eq!(unit("1"), "");
        assert_eq!(labelled("ANC", "1e9/L"), "ANC (10⁹/L)");
    }

    #[test]
    fn two_years_are_shown_in_months_by_threes() {
        let unit = TimeUnit::for_span(730.5);
        assert_eq!(unit, TimeUnit::Months);
        assert_eq!(unit.tick(730.5 / unit.days()), 3.0);
        assert_eq!(TimeUnit::for_span(1.0).tick(24.0), 4.0);
    }
}
