//! A table as a list of paths and values, so that two files can be laid beside each other key by key.

use super::table::{Table, Value};

impl Table {
    /// Every value by its dotted path, in file order. Items of a list of tables are told by their `name` where they have one, else by
    /// their number from 0; lists of plain values are one value.
    pub fn flat(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        self.flatten("", &mut all);
        all
    }

    fn flatten(&self, before: &str, all: &mut Vec<(String, String)>) {
        for (key, value) in self.clone().into_entries() {
            let path =
                if before.is_empty() { part(&key.value) } else { format!("{before}.{}", part(&key.value)) };
            flatten(&value, path, all);
        }
    }
}

fn flatten(value: &Value, path: String, all: &mut Vec<(String, String)>) {
    match value {
        Value::Table(table) => table.flatten(&path, all),
        Value::List(items, _) if items.iter().any(|item| matches!(item, Value::Table(_))) => {
            for (number, item) in items.iter().enumerate() {
                let name = match item {
                    Value::Table(table) => {
                        table.clone().into_entries().into_iter().find_map(|(key, value)| match value {
                            Value::Text(text) if key.value == "name" => Some(part(&text.value)),
                            _ => None,
                        })
                    }
                    _ => None,
                };
                flatten(item, format!("{path}.{}", name.unwrap_or_else(|| number.to_string())), all);
            }
        }
        plain => all.push((path, written(plain))),
    }
}

/// A part of a path, in quotes where it has more than letters, digits, `_` and `-`.
fn part(name: &str) -> String {
    let bare = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    if !name.is_empty() && name.chars().all(bare) { name.to_owned() } else { format!("\"{name}\"") }
}

fn written(value: &Value) -> String {
    match value {
        Value::Text(text) => text.value.split_whitespace().collect::<Vec<_>>().join(" "),
        Value::Number(number) => {
            number.whole.map_or_else(|| number.value.to_string(), |whole| whole.to_string())
        }
        Value::Boolean(truth, _) => truth.to_string(),
        Value::List(items, _) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
        Value::Table(_) => String::new(),
    }
}
