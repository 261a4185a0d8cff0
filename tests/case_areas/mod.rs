//! What computes the cases of each area: models with records here, analyses each in a module of its own.

pub mod adaptive;
pub mod model_file;
pub mod nca;
pub mod records;
pub mod survival_statistics;

/// Rows of (column, value) from a case and its input table, header first.
pub type Compute = fn(&toml::Table, &[Vec<String>]) -> Result<Vec<Vec<(String, String)>>, String>;

/// What computes a case: the engine where it has a [model], else the analysis that its method names.
pub fn computation(case: &toml::Table) -> Result<Compute, String> {
    if case.contains_key("adaptive") {
        return Ok(adaptive::compute);
    }
    if case.contains_key("model") {
        return Ok(records::compute);
    }
    let analysis = case.get("analysis").and_then(toml::Value::as_table);
    let method = analysis.and_then(|analysis| analysis.get("method")).and_then(toml::Value::as_str);
    match method {
        Some("nca") => Ok(nca::compute),
        Some(_) => Ok(survival_statistics::compute),
        None => Err("the case has neither a [model] nor an [analysis] method".to_owned()),
    }
}
