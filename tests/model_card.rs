//! docs/model-card.md is what `regimen describe lenalidomide-cll --card` prints, and the card's values are the model's.
//! `REGIMEN_BLESS=1` writes the page anew.

mod program;

use std::fs;
use std::path::Path;

use program::regimen;
use regimen::diagnostic::Sources;
use regimen::model;
use regimen::model::Loader;

#[test]
fn the_page_is_the_card() {
    let answer = regimen(&["describe", "lenalidomide-cll", "--card"]);
    assert_eq!(answer.code, Some(0), "{answer}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/model-card.md");
    if std::env::var_os("REGIMEN_BLESS").is_some() {
        fs::write(&path, &answer.stdout).expect("the page is written");
    }
    assert!(
        fs::read_to_string(&path).expect("the page") == answer.stdout,
        "docs/model-card.md is not the card: REGIMEN_BLESS=1 writes it"
    );
}

/// The repository's own models.
struct Repository;

impl Loader for Repository {
    fn load(&self, _: model::Kind, name: &str, _: Option<&str>) -> Result<(String, String), String> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("models/{name}.toml"));
        Ok((format!("{name}.toml"), fs::read_to_string(path).map_err(|why| why.to_string())?))
    }
}

/// The column `now` of the fitted parameters holds the model's values, to the digits shown.
#[test]
fn the_fitted_parameters_of_the_card_are_the_models() {
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let model =
        model::load("lenalidomide-cll", &Repository, &mut sources, &mut diagnostics).expect("the model");
    let card = model.card.as_ref().expect("a card");
    let table = card
        .tables
        .iter()
        .find(|table| table.title.contains("parameters that were fitted"))
        .expect("a table");
    assert!(table.rows.len() >= 12);
    for row in &table.rows {
        let parameter =
            model.parameters.iter().find(|parameter| parameter.name == row[0]).expect("a parameter");
        let shown: f64 = row[2].parse().expect("a number");
        let value = parameter.unit.show(parameter.value);
        assert!((shown / value - 1.0).abs() < 1e-3, "{}: {shown} on the card, {value} in the model", row[0]);
    }
}
