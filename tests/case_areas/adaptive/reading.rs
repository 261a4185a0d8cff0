//! Reading the sections of an adaptive case.

use toml::{Table, Value};

/// One rule of the case.
pub struct CaseRule {
    pub when: String,
    pub then: String,
    pub action: String,
}

pub fn case_rules(section: &Table) -> Result<Vec<CaseRule>, String> {
    let list = section.get("rule").and_then(Value::as_array).ok_or("[adaptive] has no rule")?;
    let mut rules = Vec::new();
    for rule in list.iter().filter_map(Value::as_table) {
        if let Some(key) = rule.keys().find(|key| !["when", "then", "action"].contains(&key.as_str())) {
            return Err(format!("`{key}` of an [[adaptive.rule]] is not understood"));
        }
        let of = |key: &str| text(rule, key).map(str::to_owned).ok_or(format!("a rule lacks `{key}`"));
        let then = number(rule, "then").map_or_else(|| of("then"), |value| Ok(format!("{value:?}")));
        rules.push(CaseRule { when: of("when")?, then: then?, action: of("action")? });
    }
    let otherwise = rules.iter().position(|rule| rule.when == "otherwise");
    if otherwise.is_some_and(|place| place + 1 != rules.len()) {
        return Err("`otherwise` is not the last rule".to_owned());
    }
    Ok(rules)
}

pub fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

/// Whether an expression of the model reads the time.
pub fn mentions_time(case: &Table) -> bool {
    let model = table(case, "model").unwrap_or_default();
    let expressions =
        ["states", "algebraic", "initial"].into_iter().filter_map(|section| table(&model, section));
    let mut words = expressions.flat_map(|section| section.into_iter().map(|(_, value)| value.to_string()));
    words.any(|text| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == "t"))
}

/// Relative tolerance per step: a thousandth of what the case allows at the end.
pub fn tolerance(case: &Table) -> f64 {
    let rel = table(case, "tolerance").and_then(|tolerance| number(&tolerance, "rel"));
    (rel.unwrap_or(1e-6) * 1e-3).clamp(1e-12, 1e-8)
}

pub fn table(of: &Table, key: &str) -> Option<Table> {
    of.get(key).and_then(Value::as_table).cloned()
}

pub fn text<'t>(of: &'t Table, key: &str) -> Option<&'t str> {
    of.get(key).and_then(Value::as_str)
}

pub fn number(of: &Table, key: &str) -> Option<f64> {
    let value = of.get(key)?;
    value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64))
}

pub fn column(header: &[String], name: &str) -> Option<usize> {
    header.iter().position(|found| found == name)
}
