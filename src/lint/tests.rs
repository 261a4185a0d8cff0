//! The linter against brute force: what it proves impossible must not come up in random histories, and every state that it shows
//! must do what it says.

use super::ranges::Ranges;
use super::review::review;
use super::search::Search;
use super::space::{Acts, Space};
use super::state::State;
use super::typical::Typical;
use crate::diagnostic::{Diagnostic, Sources};
use crate::math::random::{Identity, Stream};
use crate::model::{Kind, Loader, Symbol};
use crate::scenario::{Places, Scenario, Settings, load_with_places};
use std::collections::BTreeMap;

const MODEL: &str = r#"
title = "Two counts"
time = "d"
[parameters]
N_typ = { value = 4, unit = "1e9/L" }
k = { value = 0.1, unit = "1/d" }
[individual]
N0 = { typical = "N_typ", distribution = "log-normal", omega = 0.5 }
[states]
central = { unit = "mg", rate = "-k * central" }
[doses]
drug = { into = "central" }
[outputs]
ANC = { unit = "1e9/L", value = "N0 + 0 * central / 1 mg * 1 1e9/L", error = { exponential = 0.2 } }
PLT = { unit = "1e9/L", value = "200e9/L", error = { exponential = 0.2 } }
flare = { unit = "1", value = "central / 1 mg" }
"#;

struct Files<'a>(&'a str);

impl Loader for Files<'_> {
    fn load(&self, kind: Kind, _name: &str, _beside: Option<&str>) -> Result<(String, String), String> {
        let text = if kind == Kind::Scenario { self.0 } else { MODEL };
        Ok(("file.toml".to_owned(), text.to_owned()))
    }
}

fn protocol(rules: &str) -> String {
    format!(
        "title = \"T\"\nmodel = \"m\"\nhorizon = \"56 d\"\n[visits]\nlaboratory = [\"every 7 d\"]\nrestaging = [\"every 14 d\"]\n\
         [[arm]]\nname = \"a\"\ntreatment = [{{ drug = \"drug\", levels = [\"5 mg\", \"10 mg\", \"20 mg\"], start = \"10 mg\" }}]\n\
         {rules}"
    )
}

fn load(rules: &str) -> (Scenario, Places) {
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let text = protocol(rules);
    let found = load_with_places("s", &Settings::default(), &Files(&text), &mut sources, &mut diagnostics);
    found.unwrap_or_else(|| panic!("{}", crate::diagnostic::render(&diagnostics, &sources, false)))
}

fn findings(rules: &str) -> Vec<Diagnostic> {
    let (scenario, places) = load(rules);
    let mut diagnostics = Vec::new();
    review(&scenario, &places, &mut diagnostics);
    diagnostics
}

/// A condition of random shape over two counts, their memory and a signal, with limits that often meet.
fn condition(stream: &mut Stream, depth: usize) -> String {
    let limits = ["0.5e9/L", "1.0e9/L", "1.5e9/L", "2.0e9/L", "baseline(ANC)", "0.5 * baseline(ANC)", "N0"];
    let signs = ["<", "<=", ">", ">="];
    let pick = |stream: &mut Stream, count: usize| (stream.uniform() * count as f64) as usize;
    let atom = |stream: &mut Stream| {
        let of = ["ANC", "PLT", "min(ANC, PLT)", "nadir(ANC)"][pick(stream, 4)];
        format!("{of} {} {}", signs[pick(stream, 4)], limits[pick(stream, 7)])
    };
    match pick(stream, if depth == 0 { 3 } else { 9 }) {
        0 | 1 => atom(stream),
        2 => ["low", "day >= 28 d", "day < 14 d"][pick(stream, 3)].to_owned(),
        3 => format!("lasting({}, {} d)", atom(stream), [7, 14, 60][pick(stream, 3)]),
        4 => format!("{}({})", "ever", atom(stream)),
        5 => format!("recent({}, 14 d)", atom(stream)),
        6 => format!("not ({})", condition(stream, depth - 1)),
        7 => format!("({} or {})", condition(stream, depth - 1), condition(stream, depth - 1)),
        _ => format!("({} and {})", condition(stream, depth - 1), condition(stream, depth - 1)),
    }
}

/// Random histories of counts on and around the limits.
fn history(stream: &mut Stream, scenario: &Scenario) -> State {
    let values = [0.3, 0.5, 0.7, 1.0, 1.2, 1.5, 1.7, 2.0, 3.0];
    let mut pick = |count: usize| (stream.uniform() * count as f64) as usize;
    let times = &scenario.visits[0].times;
    let present = pick(times.len());
    let mut draw = |symbols: &[Symbol]| -> BTreeMap<Symbol, f64> {
        symbols.iter().map(|symbol| (*symbol, values[pick(values.len())])).collect()
    };
    let n0 = scenario.model.equations.iter().position(|equation| equation.name == "N0");
    let constant = Symbol::Equation(n0.expect("N0 is an equation"));
    let now = draw(&[Symbol::Output(0), Symbol::Output(1), constant]);
    let earlier = draw(&[Symbol::Output(0), Symbol::Output(1)]);
    let since = (stream.uniform() * (present + 1) as f64) as usize;
    State { now, earlier, since: times[since], time: times[present] }
}

/// 400 random conditions, 200 random histories each. What is called impossible never comes up, and a state found does what it
/// was searched for.
#[test]
fn nothing_that_happens_is_called_impossible() {
    let mut stream = Stream::new(Identity { seed: 3, patient: 0, purpose: "lint", occasion: 0 });
    let (mut impossible, mut shown, mut open) = (0, 0, 0);
    for _ in 0..400 {
        let when = condition(&mut stream, 2);
        let rules = format!(
            "rules = [\"stop\"]\n[[signal]]\nname = \"low\"\nwhen = \"ANC < 1.0e9/L\"\nat = \"restaging\"\n\
             [[rule]]\nname = \"stop\"\nwhen = \"{when}\"\ndiscontinue = \"all\"\n"
        );
        let (scenario, _) = load(&rules);
        let (ranges, typical) = (Ranges::new(&scenario), Typical::new(&scenario));
        let rule = &scenario.rules[0];
        let space = Space::new(&scenario, &ranges, vec![0], Acts::of_rule(&scenario, rule));
        let (never, always) = (space.never(&rule.when), space.always(&rule.when));
        let (mut held, mut failed) = (false, false);
        for _ in 0..200 {
            let state = history(&mut stream, &scenario);
            let value = state.see(&scenario, &typical).value(&rule.when) != 0.0;
            held |= value;
            failed |= !value;
            assert!(!value || !never, "`{when}` is called impossible, but holds at {state:?}");
            assert!(value || !always, "`{when}` is called certain, but fails at {state:?}");
        }
        impossible += usize::from(never || always);
        open += usize::from(held && failed);
        let wanted = [(rule.when.clone(), true)];
        let searching = space.searching();
        let search = Search { space: &searching, typical: &typical };
        if let Some(state) = search.find(&wanted) {
            assert!(state.see(&scenario, &typical).value(&rule.when) != 0.0, "`{when}` at {state:?}");
            assert!(!never, "`{when}` is called impossible, but {state:?} was found");
            shown += usize::from(held);
        }
    }
    // The test says something only where there is something to prove and to find.
    assert!(impossible >= 15, "{impossible} proofs");
    assert!(shown * 5 >= open * 4, "{shown} states found for {open} conditions that can hold and fail");
}

#[test]
fn a_sound_protocol_is_left_in_peace() {
    let found = findings(
        r#"rules = ["hold", "stop", "step up"]
[[rule]]
name = "hold"
when = "ANC < 0.5e9/L or lasting(ANC < 1.0e9/L, 7 d)"
hold = "drug"
resume = { when = "ANC >= 1.0e9/L", at = "one level lower" }
[[rule]]
name = "stop"
when = "lasting(ANC < 0.5e9/L, 28 d)"
discontinue = "drug"
[[rule]]
name = "step up"
when = "not recent(ANC < 1.5e9/L, 28 d) and flare < 2 and not on_hold(drug)"
escalate = "drug"
every = "28 d"
"#,
    );
    assert!(found.is_empty(), "{found:?}");
}

/// What an earlier rule does is known to a later one: the same gate behind and before the hold.
#[test]
fn the_order_of_rules_decides_whether_a_gate_is_closed() {
    let rules = r#"
[[rule]]
name = "hold"
when = "ANC < 1.0e9/L"
hold = "drug"
resume = { when = "ANC >= 1.5e9/L" }
[[rule]]
name = "step up"
when = "ANC >= 0.5e9/L and not on_hold(drug)"
escalate = "drug"
every = "28 d"
"#;
    let behind = findings(&format!("rules = [\"hold\", \"step up\"]{rules}"));
    assert!(behind.is_empty(), "{behind:?}");
    let before = findings(&format!("rules = [\"step up\", \"hold\"]{rules}"));
    assert_eq!(before.len(), 1, "{before:?}");
    assert!(before[0].message.contains("contradict"), "{before:?}");
    assert!(before[0].notes[0].contains("stepped up and held on one day"), "{before:?}");
}

/// A window in time is a gap between hold and resumption too.
#[test]
fn a_duration_keeps_hold_and_resumption_apart() {
    let rule = |when: &str| {
        findings(&format!(
            "rules = [\"hold\"]\n[[rule]]\nname = \"hold\"\nwhen = \"{when}\"\nhold = \"drug\"\nresume = {{ when = \"ANC >= 1.0e9/L\" }}\n"
        ))
    };
    assert!(rule("lasting(ANC < 1.0e9/L, 7 d)").is_empty());
    let at_once = rule("ANC < 1.0e9/L");
    assert_eq!(at_once.len(), 1, "{at_once:?}");
    assert!(at_once[0].message.contains("at one limit of `ANC`"), "{at_once:?}");
    // Only what meets is reported: how wide a gap should be is the protocol's affair.
    assert_eq!(rule("ANC <= 0.999999999999e9/L").len(), 0);
}

/// A model, a scenario and a file of patients.
struct Three<'a>(String, String, &'a str);

impl Loader for Three<'_> {
    fn load(&self, kind: Kind, name: &str, _beside: Option<&str>) -> Result<(String, String), String> {
        Ok(match kind {
            Kind::Scenario => ("scenario.toml".to_owned(), self.1.clone()),
            Kind::Population => (name.to_owned(), self.2.to_owned()),
            _ => ("model.toml".to_owned(), self.0.clone()),
        })
    }
}

impl Three<'_> {
    fn never(&self) -> bool {
        let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
        let found = load_with_places("s", &Settings::default(), self, &mut sources, &mut diagnostics);
        let (scenario, places) =
            found.unwrap_or_else(|| panic!("{}", crate::diagnostic::render(&diagnostics, &sources, false)));
        let mut findings = Vec::new();
        review(&scenario, &places, &mut findings);
        findings.iter().any(|finding| finding.message.contains("can never act"))
    }
}

/// What held at the start, by the first row of a patient or by an entry criterion, need not hold later.
#[test]
fn what_changes_during_the_trial_is_not_called_impossible() {
    let rule = |when: &str| {
        protocol(&format!("rules = [\"r\"]\n[[rule]]\nname = \"r\"\nwhen = \"{when}\"\nreduce = \"drug\"\n"))
    };
    let entered = rule("N0 < 3.9 1e9/L").replace(
        "[visits]",
        "occasions = \"every 14 d\"\n[population]\nentry = [\"N0 >= 4 1e9/L\"]\n[visits]",
    );
    let by_occasion = MODEL.replace("omega = 0.5 }", "omega = 0.5, occasion = { omega = 0.2 } }");
    assert!(!Three(by_occasion, entered.clone(), "").never());
    assert!(Three(MODEL.to_owned(), entered.replace("occasions = \"every 14 d\"\n", ""), "").never());

    let covariate = "[covariates]\nW = { unit = \"kg\", interpolation = \"previous\" }\n[parameters]";
    let weighed = MODEL.replace("[parameters]", covariate);
    let light = rule("W < 50 kg").replace("[visits]", "[population]\nfrom = \"patients.csv\"\n[visits]");
    assert!(!Three(weighed.clone(), light.clone(), "ID,TIME,W\n1,0,70\n1,20,45\n").never());
    assert!(Three(weighed, light, "ID,TIME,W\n1,0,70\n1,20,65\n").never());
}
