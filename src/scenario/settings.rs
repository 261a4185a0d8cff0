//! What the command line may change in a scenario, and how `--set` writes into the tree of a scenario file.

use super::time::part;
use crate::diagnostic::{Diagnostic, Sources, Span, Text};
use crate::document::{self, Table, Value};

/// Settings of one invocation; what is `None` keeps the file's value.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Number of virtual patients.
    pub patients: Option<usize>,
    /// Root of all random numbers.
    pub seed: Option<u64>,
    /// Name of the ODE method, as in `[numerics] method`.
    pub method: Option<String>,
    /// Relative tolerance.
    pub relative_tolerance: Option<f64>,
    /// `--set path=value`, in order: any key of the scenario file by its dotted path, lists by number (from 0) or by the
    /// `name` of their item (`arm.0.treatment.0.dose`, `arm."step up".rules`, `parameters.flare.ga`). The value is TOML
    /// if it reads as TOML, else a text.
    pub set: Vec<(String, String)>,
    /// Arms to be kept once everything is set, by their places and in this order; `None`: all as they stand. Paths count arms as the
    /// scenario has them, whichever are kept.
    pub arms: Option<Vec<usize>>,
    /// What asks for `set`, as shown to the user; `None`: the option `--set`.
    pub origin: Option<String>,
}

/// Tables whose keys are full names with dots: the rest of the path is one key.
const TABLES_OF_NAMES: [&[&str]; 3] = [&["parameters"], &["controls"], &["population", "set"]];

/// Writes every `--set` into the tree of the scenario file. Each becomes a source of its own, so that whatever is wrong
/// with its value is shown with a caret under the option.
pub(super) fn apply(
    settings: &Settings,
    table: &mut Table,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let origin = settings.origin.as_deref().unwrap_or("--set");
    for (path, value) in &settings.set {
        let written = format!("{path} = {value}");
        let file = sources.add(origin, written.clone());
        let span = Span { file, start: 0, end: written.len() };
        let whole = Text { value: written.clone(), span, verbatim: true };
        let Some(parts) = parts(&whole, path.len(), diagnostics) else { continue };
        if let Err(error) = table.set(&parts, value_of(&whole, path.len())) {
            let span = parts.get(error.part).map_or(span, |part| part.span);
            diagnostics.push(
                Diagnostic::error(
                    format!("cannot set `{path}`: {}", error.message),
                    span,
                    "this part of the path",
                )
                .help(error.help),
            );
        }
    }
    if let Some(wanted) = &settings.arms {
        keep_arms(wanted, table);
    }
}

/// Leaves only these arms, in this order. A list of arms that is none is left to its reader to complain about.
fn keep_arms(wanted: &[usize], table: &mut Table) {
    let Some(arms) = table.value("arm") else { return };
    let span = arms.span();
    let kept = match arms {
        Value::List(arms, _) => {
            Value::List(wanted.iter().filter_map(|place| arms.get(*place).cloned()).collect(), span)
        }
        other => other,
    };
    // A key of the file itself can always be set.
    let _ = table.set(&[Text { value: "arm".to_owned(), span, verbatim: false }], kept);
}

/// The value after the path: TOML if it reads as TOML, else a text.
pub(super) fn value_of(whole: &Text, path: usize) -> Value {
    toml_value(whole, path).unwrap_or_else(|| Value::Text(part(whole, path + 3..whole.value.len())))
}

/// The value after the path as TOML. The path is blanked out, so that places stay right.
fn toml_value(whole: &Text, path: usize) -> Option<Value> {
    let mut text = "v".to_owned();
    text.extend(std::iter::repeat_n(' ', path.saturating_sub(1)));
    text.push_str(whole.value.get(path..)?);
    let mut diagnostics = Vec::new();
    let entries = document::parse(whole.span.file, &text, &mut diagnostics)?.into_entries();
    match (entries.len(), diagnostics.is_empty()) {
        (1, true) => entries.into_iter().next().map(|(_, value)| value),
        _ => None,
    }
}

/// The parts of a dotted path; a part in quotes may contain dots.
pub(super) fn parts(whole: &Text, path: usize, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<Text>> {
    let mut found: Vec<Text> = Vec::new();
    let mut start = 0;
    let bytes = whole.value.as_bytes();
    loop {
        let quote =
            bytes.get(start).copied().filter(|byte| start < path && (*byte == b'"' || *byte == b'\''));
        let end = match quote {
            Some(quote) => (start + 1..path).find(|i| bytes[*i] == quote),
            None => Some((start..path).find(|i| bytes[*i] == b'.').unwrap_or(path)),
        };
        let inner = end.map(|end| part(whole, start + usize::from(quote.is_some())..end));
        let Some(key) = inner.filter(|key| !key.value.is_empty()) else {
            diagnostics.push(
                Diagnostic::error("this is no path to a key", whole.span, "an empty or unfinished part")
                    .help(
                        "write for example `--set horizon=\"12 months\"`, `--set population.patients=50`, \
                     `--set arm.0.treatment.0.start=\"5 mg\"`",
                    ),
            );
            return None;
        };
        found.push(key);
        let after = end.unwrap_or(path) + usize::from(quote.is_some());
        match bytes.get(after) {
            Some(b'.') if after < path => start = after + 1,
            _ => break,
        }
    }
    Some(join_names(whole, found))
}

fn join_names(whole: &Text, mut parts: Vec<Text>) -> Vec<Text> {
    for front in TABLES_OF_NAMES {
        let matches =
            parts.len() > front.len() && parts.iter().zip(front).all(|(part, key)| part.value == *key);
        if matches {
            let rest = parts.split_off(front.len());
            let span = Span { start: rest[0].span.start, end: rest[rest.len() - 1].span.end, ..whole.span };
            let names: Vec<&str> = rest.iter().map(|part| part.value.as_str()).collect();
            parts.push(Text { value: names.join("."), span, verbatim: rest.len() == 1 });
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::FileId;

    fn applied(set: &[(&str, &str)]) -> (Table, Vec<Diagnostic>) {
        let text = "horizon = \"1 y\"\n[[arm]]\nname = \"2.5 mg\"\n[parameters]\n\"flare.ga\" = 1\n";
        let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
        let file = sources.add("scenario", text);
        assert_eq!(file, FileId(0));
        let mut table = document::parse(file, text, &mut diagnostics).unwrap_or_else(|| panic!("TOML"));
        let set: Vec<(String, String)> =
            set.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let settings = Settings { set, ..Settings::default() };
        apply(&settings, &mut table, &mut sources, &mut diagnostics);
        (table, diagnostics)
    }

    #[test]
    fn values_are_toml_or_text() {
        let (mut table, mut diagnostics) =
            applied(&[("seed", "7"), ("horizon", "24 months"), ("a", "[1, 2]"), ("b", "\"x\"")]);
        assert_eq!(table.integer("seed", &mut diagnostics).map(|(value, _)| value), Some(7));
        let horizon = table.text("horizon", &mut diagnostics).map(|text| (text.value, text.span.start));
        assert_eq!(horizon, Some(("24 months".to_owned(), 10)));
        assert!(matches!(table.value("a"), Some(Value::List(..))));
        assert_eq!(table.text("b", &mut diagnostics).map(|text| text.value), Some("x".to_owned()));
        assert!(diagnostics.is_empty());
    }

    #[test]
    fn dotted_names_of_parameters_need_no_quotes() {
        let (mut table, mut diagnostics) = applied(&[
            ("parameters.flare.ga", "2"),
            ("parameters.\"pk.fa\"", "0.5"),
            ("arm.\"2.5 mg\".about", "low"),
        ]);
        assert!(diagnostics.is_empty());
        let entries =
            table.table("parameters", &mut diagnostics).map(Table::into_entries).unwrap_or_default();
        let names: Vec<&str> = entries.iter().map(|(name, _)| name.value.as_str()).collect();
        assert_eq!(names, ["flare.ga", "pk.fa"]);
        let mut arms = table.tables("arm", &mut diagnostics);
        assert_eq!(arms[0].text("about", &mut diagnostics).map(|text| text.value), Some("low".to_owned()));
    }

    #[test]
    fn arms_are_kept_in_the_order_wanted_once_everything_is_set() {
        let text = "[[arm]]\nname = \"a\"\n[[arm]]\nname = \"b\"\n[[arm]]\nname = \"c\"\n";
        let keep = |wanted: &[usize], path: &str| {
            let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
            let file = sources.add("scenario", text);
            let mut table = document::parse(file, text, &mut diagnostics).unwrap_or_else(|| panic!("TOML"));
            let set = vec![(path.to_owned(), "\"new\"".to_owned())];
            let settings = Settings { set, arms: Some(wanted.to_vec()), ..Settings::default() };
            apply(&settings, &mut table, &mut sources, &mut diagnostics);
            assert!(diagnostics.is_empty());
            let arms = table.tables("arm", &mut diagnostics);
            let name = |mut arm: Table| arm.text("name", &mut Vec::new()).map(|name| name.value);
            arms.into_iter().filter_map(name).collect::<Vec<_>>()
        };
        // Arms are counted, and called, as the scenario has them.
        assert_eq!(keep(&[2, 0], "arm.0.name"), ["c", "new"]);
        assert_eq!(keep(&[2, 0], "arm.c.name"), ["new", "a"]);
        assert_eq!(keep(&[1], "arm.0.name"), ["b"]);
    }

    #[test]
    fn a_faulty_path_is_reported_once() {
        for path in ["", "a..b", "arm.\"x", "arm.7.name", "horizon.unit"] {
            let (_, diagnostics) = applied(&[(path, "1")]);
            assert_eq!(diagnostics.len(), 1, "{path}");
            assert!(diagnostics[0].help.is_some());
        }
    }
}
