//! Setting a value deep in a table by its path, for command-line overrides.

use super::table::{Table, Value};
use crate::diagnostic::{Text, closest};

/// Why a path leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathError {
    /// Which part of the path is at fault, from 0.
    pub part: usize,
    /// What is wrong, one sentence without a full stop.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

impl Table {
    /// Sets the value at a path of keys. Items of a list are named by their number from 0 or by their `name`. Keys and
    /// tables that are not there are made, so that a misspelled key is reported by [`Table::finish`] like any other.
    ///
    /// # Errors
    /// When an item of a list does not exist, or the path goes through a value that has no parts.
    pub fn set(&mut self, path: &[Text], value: Value) -> Result<(), PathError> {
        set_in_table(self, path, 0, value)
    }

    /// The same path with items of lists by their number. What is not there stays as it is written.
    pub fn numbered(&self, path: &[Text]) -> Vec<String> {
        let mut found = Vec::with_capacity(path.len());
        let mut inside = Some(Value::Table(self.clone()));
        for (part, key) in path.iter().enumerate() {
            let (name, next) = match inside {
                Some(Value::Table(table)) => {
                    let entry = table.into_entries().into_iter().find(|(name, _)| name.value == key.value);
                    (key.value.clone(), entry.map(|(_, value)| value))
                }
                Some(Value::List(mut items, _)) => match item(&mut items, path, part) {
                    Ok(place) => (place.to_string(), Some(items.swap_remove(place))),
                    Err(_) => (key.value.clone(), None),
                },
                _ => (key.value.clone(), None),
            };
            found.push(name);
            inside = next;
        }
        found
    }
}

fn set_in_table(table: &mut Table, path: &[Text], part: usize, value: Value) -> Result<(), PathError> {
    let Some(key) = path.get(part) else { return Ok(()) };
    let entries = table.entries_mut();
    let index = entries.iter().position(|(name, _)| name.value == key.value).unwrap_or_else(|| {
        let empty = Table::new(Vec::new(), Vec::new(), key.span);
        entries.push((key.clone(), Value::Table(empty)));
        entries.len() - 1
    });
    if part + 1 == path.len() {
        entries[index] = (key.clone(), value);
        return Ok(());
    }
    set_in_value(&mut entries[index].1, path, part + 1, value)
}

/// `part` is the part of the path that names something inside `target`.
fn set_in_value(target: &mut Value, path: &[Text], part: usize, value: Value) -> Result<(), PathError> {
    match target {
        Value::Table(table) => set_in_table(table, path, part, value),
        Value::List(items, _) => {
            let item = item(items, path, part)?;
            if part + 1 == path.len() {
                items[item] = value;
                return Ok(());
            }
            set_in_value(&mut items[item], path, part + 1, value)
        }
        other => Err(PathError {
            part,
            message: format!("`{}` is {}, which has no parts", path[part - 1].value, other.kind()),
            help: format!("end the path at `{}`", path[part - 1].value),
        }),
    }
}

fn item(items: &mut [Value], path: &[Text], part: usize) -> Result<usize, PathError> {
    let wanted = path[part].value.as_str();
    if let Ok(index) = wanted.parse::<usize>() {
        if index < items.len() {
            return Ok(index);
        }
        return Err(PathError {
            part,
            message: format!("`{}` has no item {index}", path[part - 1].value),
            help: match items.len() {
                0 => "the list is empty".to_owned(),
                count => format!("its items are numbered 0 to {}", count - 1),
            },
        });
    }
    let names: Vec<Option<String>> = items.iter_mut().map(name).collect();
    if let Some(index) = names.iter().position(|name| name.as_deref() == Some(wanted)) {
        return Ok(index);
    }
    let known: Vec<&str> = names.iter().flatten().map(String::as_str).collect();
    Err(PathError {
        part,
        message: format!("`{}` has no item named `{wanted}`", path[part - 1].value),
        help: match closest(wanted, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => "name items by their number, from 0".to_owned(),
            None => format!("its items are `{}`; names with dots take quotes", known.join("`, `")),
        },
    })
}

fn name(item: &mut Value) -> Option<String> {
    let Value::Table(table) = item else { return None };
    table.entries_mut().iter().find_map(|(key, value)| match value {
        Value::Text(text) if key.value == "name" => Some(text.value.clone()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use crate::diagnostic::{FileId, Span};

    fn path(parts: &[&str]) -> Vec<Text> {
        let span = Span { file: FileId(0), start: 0, end: 0 };
        parts.iter().map(|part| Text { value: (*part).to_owned(), span, verbatim: false }).collect()
    }

    fn example() -> Table {
        let text = "horizon = \"1 y\"\n[[arm]]\nname = \"low\"\ndoses = [1, 2]\n[[arm]]\nname = \"high\"\n";
        parse(FileId(0), text, &mut Vec::new()).unwrap_or_else(|| panic!("the example is TOML"))
    }

    fn number() -> Value {
        Value::Boolean(true, Span { file: FileId(0), start: 0, end: 0 })
    }

    #[test]
    fn items_are_named_by_number_or_name_and_missing_tables_are_made() {
        let mut table = example();
        for parts in
            [&["arm", "0", "doses", "1"][..], &["arm", "high", "dose"], &["new", "key"], &["horizon"]]
        {
            assert_eq!(table.set(&path(parts), number()), Ok(()), "{parts:?}");
        }
        let mut diagnostics = Vec::new();
        let mut arms = table.tables("arm", &mut diagnostics);
        assert!(arms[1].boolean("dose", &mut diagnostics).is_some());
        assert!(
            matches!(arms[0].value("doses"), Some(Value::List(items, _)) if matches!(items[1], Value::Boolean(..)))
        );
        assert!(table.boolean("horizon", &mut diagnostics).is_some());
        assert!(diagnostics.is_empty());
    }

    #[test]
    fn items_of_lists_are_numbered_whatever_they_are_called_by() {
        let table = example();
        assert_eq!(table.numbered(&path(&["arm", "high", "doses"])), ["arm", "1", "doses"]);
        assert_eq!(table.numbered(&path(&["arm", "01", "new", "key"])), ["arm", "1", "new", "key"]);
        assert_eq!(table.numbered(&path(&["arm", "none", "doses"])), ["arm", "none", "doses"]);
        assert_eq!(table.numbered(&path(&["horizon"])), ["horizon"]);
    }

    #[test]
    fn a_path_that_leads_nowhere_is_explained() {
        let mut table = example();
        let error = |table: &mut Table, parts: &[&str]| match table.set(&path(parts), number()) {
            Ok(()) => panic!("{parts:?} was accepted"),
            Err(error) => (error.part, error.message, error.help),
        };
        let (part, message, help) = error(&mut table, &["arm", "2", "dose"]);
        assert_eq!((part, message.as_str()), (1, "`arm` has no item 2"));
        assert!(help.contains("0 to 1"));
        let (_, _, help) = error(&mut table, &["arm", "hihg", "dose"]);
        assert!(help.contains("did you mean `high`"), "{help}");
        let (_, message, _) = error(&mut table, &["horizon", "unit"]);
        assert!(message.contains("has no parts"), "{message}");
    }
}
