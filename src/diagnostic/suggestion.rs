//! "Did you mean".

/// The candidate nearest to `name`, near enough to be worth a "did you mean".
///
/// Near enough: within one edit per three letters, case aside, or the dotted name whose last part it is (`ANC` for
/// `neutrophils.ANC`). Of equally near ones the first.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A name of thousands of letters is no slip of the pen, and distances cost the product of the lengths.
    const LONGEST: usize = 80;
    let lower = name.to_lowercase();
    let length = lower.chars().count();
    let allowed = length.div_ceil(3).min(4);
    if length > LONGEST {
        return None;
    }
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates.into_iter().filter(|candidate| candidate.len() <= 2 * LONGEST) {
        let other = candidate.to_lowercase();
        let last_part = other.rsplit_once('.').is_some_and(|(_, last)| last == lower);
        let distance = if last_part { 1 } else { strsim::osa_distance(&lower, &other) };
        // Where every letter changes, nothing is left of the name.
        let shared = distance < length.min(other.chars().count());
        if distance <= allowed && shared && best.is_none_or(|(nearest, _)| distance < nearest) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn slips_of_the_pen_are_found() {
        let names = ["unit", "value", "about", "source", "pk.Cp", "neutrophils.ANC", "V"];
        let cases = [
            ("unti", "unit"),
            ("Unit", "unit"),
            ("vlaue", "value"),
            ("abuot", "about"),
            ("sourec", "source"),
            ("pk.cp", "pk.Cp"),
            ("pk.CP1", "pk.Cp"),
            ("ANC", "neutrophils.ANC"),
            ("v", "V"),
        ];
        for (written, meant) in cases {
            assert_eq!(closest(written, names), Some(meant), "{written}");
        }
    }

    #[test]
    fn other_words_are_not() {
        let names = ["unit", "value", "about", "V"];
        for written in ["lag", "initial", "k", "", "elephant", &"unit".repeat(1000)] {
            assert_eq!(closest(written, names), None, "{written}");
        }
        assert_eq!(closest("unit", []), None);
    }
}
