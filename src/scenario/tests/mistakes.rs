//! One test per kind of mistake: it is found, with its cause and what to write instead.

use super::super::Settings;
use super::{SCENARIO, load_with, with};
use crate::diagnostic::has_errors;

/// Makes the replacement and expects an error whose rendering contains each of `wanted`, and no second error.
fn mistake(from: &str, to: &str, wanted: &[&str]) {
    let (scenario, diagnostics, rendered) = load_with(&with(from, to), &Settings::default(), Vec::new());
    assert!(scenario.is_none() && has_errors(&diagnostics), "accepted:\n{to}\n{rendered}");
    for text in wanted {
        assert!(rendered.contains(text), "`{text}` is missing from\n{rendered}");
    }
    assert_eq!(diagnostics.len(), 1, "one mistake, one finding:\n{rendered}");
    let finding = &diagnostics[0];
    // What to do about a missing file is the loader's to say.
    let by_loader = finding.message.starts_with("there is no file");
    assert!(by_loader || finding.help.is_some() || !finding.notes.is_empty(), "no remedy:\n{rendered}");
}

fn warning(from: &str, to: &str, wanted: &str) {
    let (scenario, diagnostics, rendered) = load_with(&with(from, to), &Settings::default(), Vec::new());
    assert!(scenario.is_some(), "{rendered}");
    assert!(rendered.contains(wanted), "`{wanted}` is missing from\n{rendered}");
    assert_eq!(diagnostics.len(), 1, "{rendered}");
}

#[test]
fn unknown_keys() {
    mistake("seed = 7", "sead = 7", &["unknown key `sead`", "did you mean `seed`"]);
    mistake("name = \"high\"", "name = \"high\"\nrulse = []", &["unknown key `rulse`"]);
    mistake("hold = \"drug\"\nresume", "hold = \"drug\"\nfrist = \"7 d\"\nresume", &["unknown key `frist`"]);
}

#[test]
fn names_that_do_not_exist() {
    mistake("model = \"m\"", "model = \"mm\"", &["there is no file `mm`", "model = \"mm\""]);
    mistake("use = [\"shared\"]", "use = [\"shared\", \"x\"]", &["there is no file `x`"]);
    mistake("from = \"people\"", "from = \"nobody\"", &["there is no file `nobody`"]);
    mistake("hold = \"drug\"", "hold = \"drog\"", &["there is no drug `drog`", "did you mean `drug`"]);
    mistake("rules = [\"hold\", ", "rules = [\"hold\", \"stepup\", ", &["no rule `stepup`", "`step up`"]);
    mistake("of = \"ANC\"", "of = \"ANX\"", &["there is no output `ANX`", "did you mean `ANC`"]);
    mistake("set = \"hydration\"", "set = \"hidration\"", &["there is no control `hidration`"]);
    mistake("kind = \"worst grade\"", "kind = \"worst grad\"", &["no kind of endpoint", "`worst grade`"]);
}

#[test]
fn doses() {
    mistake("days = \"1-21\"", "days = \"1-29\"", &["day 29 lies outside the 28 d cycle"]);
    mistake("dose = \"25 mg\"", "dose = \"25 h\"", &["a dose of `drug`"]);
    mistake("dose = \"25 mg\"", "dose = \"0 mg\"", &["a dose must be more than 0"]);
    mistake("dose = \"25 mg\"", "dose = 25", &["must be a text", "in quotes"]);
    mistake("levels = [\"5 mg\", \"10 mg\"]", "levels = [\"10 mg\", \"5 mg\"]", &["dose levels must ascend"]);
    mistake("start = \"5 mg\"", "start = \"7 mg\"", &["not among the levels", "5 mg, 10 mg"]);
    mistake("dose = \"10 mg\" }] }]", "dose = \"12 mg\" }] }]", &["not among the levels"]);
    mistake("cycle = \"28 d\"", "cycle = \"21.5 d\"", &["whole number of days"]);
    mistake("lowest = \"5 mg\"", "lowest = \"5 L\"", &["a dose of `drug`"]);
}

#[test]
fn rules() {
    mistake("at = \"one level lower\"", "at = \"one lower\"", &["is no dose level", "one level lower"]);
    mistake("escalate = \"drug\"", "escalate = \"drug\"\nreduce = \"drug\"", &["one rule does one thing"]);
    mistake("every = \"28 d\"\nto", "to", &["needs the spacing"]);
    mistake("when = \"ANC < 0.5e9/L or lasting(ANC < 1.0e9/L, 7 d)\"\n", "", &["does not say when"]);
    mistake(
        "resume = { when = \"ANC >= 1.0e9/L\", at = \"one level lower\", lowest = \"5 mg\" }\n",
        "",
        &["a hold must say when it ends"],
    );
    mistake("escalate = \"drug\"\n", "", &["this rule does nothing"]);
    let again = "[[rule]]\nname = \"hold\"\nwhen = \"worse\"\ndiscontinue = \"all\"\n[[endpoint]]";
    mistake("[[endpoint]]", again, &["the rule `hold` is defined twice", "first here"]);
}

#[test]
fn what_can_never_act_is_warned_about() {
    warning(
        "rules = [\"hold\", \"step up\", \"stop\"]",
        "rules = [\"hold\", \"stop\"]",
        "the rule `step up` applies to no arm",
    );
    warning("cycle = \"28 d\" }]\n", "cycle = \"28 d\" }]\nrules = [\"step up\"]\n", "nothing to step to");
    warning(
        "treatment = [{ drug = \"drug\", dose = \"25 mg\", days = \"1-21\", cycle = \"28 d\" }]",
        "rules = [\"hold\"]",
        "can never act in the arm `high`",
    );
}

#[test]
fn numbers_and_times() {
    mistake("horizon = \"6 cycles\"", "horizon = \"6 mg\"", &["not a duration"]);
    mistake("horizon = \"6 cycles\"", "horizon = \"6000 years\"", &["longer than 200 years"]);
    mistake("patients = 20", "patients = 0", &["between 1 and"]);
    mistake("rtol = 1e-7", "rtol = 1", &["the relative tolerance"]);
    mistake("rtol = 1e-7", "method = \"dopri\"", &["there is no method `dopri`", "auto, explicit, implicit"]);
    mistake("\"1.5e9/L\", \"1.0e9/L\"", "\"1.0e9/L\", \"1.5e9/L\"", &["limits of the grades"]);
    mistake("\"every 28 d\"]\nrest", "\"ever 28 d\"]\nrest", &["is no visit"]);
}

#[test]
fn arms() {
    mistake("name = \"high\"", "name = \"low\"", &["the arm `low` is defined twice"]);
    let text = SCENARIO.replace("[[arm]]", "[[armm]]");
    let (_, _, rendered) = load_with(&text, &Settings::default(), Vec::new());
    assert!(rendered.contains("did you mean `arm`") && rendered.contains("no arm"), "{rendered}");
}

#[test]
fn every_mistake_is_reported_at_once() {
    let text = with("seed = 7", "sead = 7")
        .replace("dose = \"25 mg\"", "dose = \"25 h\"")
        .replace("of = \"ANC\"", "of = \"ANX\"")
        .replace("horizon = \"6 cycles\"", "horizon = \"6 cycles\"\nfoo = 1");
    let (_, diagnostics, rendered) = load_with(&text, &Settings::default(), Vec::new());
    assert_eq!(diagnostics.len(), 4, "{rendered}");
}

#[test]
fn settings_from_the_command_line() {
    let refused = |path: &str, value: &str, wanted: &str| {
        let set = vec![(path.to_owned(), value.to_owned())];
        let settings = Settings { set, ..Settings::default() };
        let (scenario, _, rendered) = load_with(SCENARIO, &settings, Vec::new());
        assert!(scenario.is_none(), "--set {path}={value} was accepted");
        assert!(rendered.contains(wanted), "`{wanted}` is missing from\n{rendered}");
        assert!(rendered.contains("--set"), "{rendered}");
    };
    refused("horizn", "1 y", "did you mean `horizon`");
    refused("horizon", "1 mg", "not a duration");
    refused("parameters.koutt", "1", "did you mean `kout`");
    refused("parameters.kout", "1 mg", "`kout`");
    refused("arm.2.name", "x", "items are numbered 0 to 1");
    refused("arm.hihg.name", "x", "did you mean `high`");
    refused("arm.high.treatment.0.dos", "5 mg", "did you mean `dose`");
    let settings = Settings { patients: Some(0), ..Settings::default() };
    assert!(load_with(SCENARIO, &settings, Vec::new()).2.contains("at least 1"));
}
