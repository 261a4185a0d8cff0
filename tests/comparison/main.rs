//! Comparisons, goals of precision, trials of real size, estimands and differences of protocols: a model whose answers are known in
//! closed form, and the built program.

mod amendment;
mod estimands;
#[path = "../program/mod.rs"]
mod program;

use regimen::diagnostic::{Diagnostic, Sources, Span, Text, render};
use regimen::endpoint::Value;
use regimen::model::{Kind, Loader};
use regimen::scenario::{self, Scenario, Settings};
use regimen::trial::{self, Comparison, Contrast, NoLog, Progress, Trial};

/// A constant hazard `risk × factor`, a half of it while on treatment; dropout at a constant hazard.
const MODEL: &str = r#"
title = "Constant hazards"
time  = "d"
[parameters]
cl   = { value = 5, unit = "L/h", about = "clearance" }
v    = { value = 40, unit = "L", about = "volume" }
risk = { value = 0.02, unit = "1/d", about = "hazard of the event, off treatment" }
drop = { value = 0.02, unit = "1/d", about = "hazard of dropout" }
[individual]
CL = { typical = "cl", distribution = "log-normal", omega = 0.3 }
[controls]
factor = { unit = "1", value = 1, about = "factor on the hazard" }
given  = { unit = "1", value = 0, about = "on treatment", driven_by = "treatment" }
[states]
central = { unit = "mg", rate = "-CL / v * central" }
area    = { unit = "mg*h/L", rate = "central / v" }
H       = { unit = "1", rate = "risk * factor * (1 - 0.5 * given)" }
H_drop  = { unit = "1", rate = "drop" }
[doses]
drug = { into = "central" }
[outputs]
Cp   = { unit = "mg/L", value = "central / v" }
Area = { unit = "mg*h/L", value = "area" }
[hazards]
event   = { cumulative = "H" }
dropout = { cumulative = "H_drop", ends_treatment = true }
"#;

const FRONT: &str = r#"
title   = "Two hazards"
model   = "m"
horizon = "60 d"
seed    = 3
[population]
patients = 200
[visits]
laboratory = ["every 7 d"]
"#;

const ARMS: &str = r#"
[[arm]]
name = "control"
treatment = [{ drug = "drug", dose = "100 mg" }]
[[arm]]
name = "half"
treatment = [{ drug = "drug", dose = "100 mg" }]
controls  = [{ set = "factor", value = 0.5 }]
[[record]]
name    = "whole"
every   = "1 d"
outputs = ["Area"]
"#;

const ENDPOINTS: &str = r#"
[[endpoint]]
name   = "event"
kind   = "time to event"
hazard = "event"
unit   = "d"
[[endpoint]]
name   = "exposure"
kind   = "trough"
of     = "Area"
record = "whole"
"#;

struct Files(String);

impl Loader for Files {
    fn load(&self, kind: Kind, name: &str, _beside: Option<&str>) -> Result<(String, String), String> {
        match kind {
            Kind::Model => Ok((name.to_owned(), MODEL.to_owned())),
            Kind::Scenario => Ok((name.to_owned(), self.0.clone())),
            _ => Err(format!("there is no `{name}`")),
        }
    }
}

fn load(text: &str, set: &[(&str, &str)]) -> Result<Scenario, String> {
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let set = set.iter().map(|(path, value)| ((*path).to_owned(), (*value).to_owned())).collect();
    let settings = Settings { set, ..Settings::default() };
    let scenario = scenario::load("s", &settings, &Files(text.to_owned()), &mut sources, &mut diagnostics);
    scenario.ok_or_else(|| render(&diagnostics, &sources, false))
}

fn scenario(more: &str, set: &[(&str, &str)]) -> Scenario {
    load(&format!("{FRONT}{ARMS}{ENDPOINTS}{more}"), set).unwrap_or_else(|told| panic!("{told}"))
}

/// The same with a single dose, quick to simulate, and without dropout.
fn once(more: &str, patients: &str) -> Scenario {
    let arms = ARMS.replace("dose = \"100 mg\" }", "dose = \"100 mg\", days = \"1\", cycles = \"1-1\" }");
    let text = format!("{FRONT}{arms}{ENDPOINTS}{more}");
    let set = [("parameters.drop", "0"), ("population.patients", patients)];
    load(&text, &set).unwrap_or_else(|told| panic!("{told}"))
}

struct Silent;

impl Progress for Silent {
    fn finished(&self) {}
    fn cancelled(&self) -> bool {
        false
    }
}

fn run(scenario: &Scenario) -> Trial {
    trial::run(scenario, 2, &Silent, &NoLog).unwrap_or_else(|error| panic!("{error:?}"))
}

fn comparison<'t>(trial: &'t Trial, contrast: Contrast, label: &str) -> &'t Comparison {
    let mut all = trial.comparisons.iter();
    all.find(|it| it.contrast == contrast && it.label.starts_with(label)).expect("a comparison")
}

fn goal(text: &str, scenario: &Scenario) -> Result<trial::Goal, Vec<Diagnostic>> {
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let file = sources.add("--until", text);
    let text =
        Text { value: text.to_owned(), span: Span { file, start: 0, end: text.len() }, verbatim: true };
    trial::read_goal(&text, scenario, &mut diagnostics).ok_or(diagnostics)
}

/// The same luck in both arms: the cumulative hazard of an arm is half that of the other, so a patient's time there is longer in every
/// case, and every patient wins or ties. The pairing gains; the ratio is about one half.
#[test]
fn the_same_patients_make_every_contrast_sharper() {
    let hierarchy = "[comparison]\nrestricted_mean = \"40 d\"\nwin_ratio = [\"event\"]\n";
    let trial = run(&scenario(hierarchy, &[("parameters.drop", "0"), ("population.patients", "400")]));
    let ratio = comparison(&trial, Contrast::HazardRatio, "event");
    let interval = ratio.interval.expect("events");
    let log = (interval.estimate / 0.5).ln().abs();
    // The true ratio is 0.5; the error of its logarithm is the one told over it.
    assert!(log < 4.0 * ratio.monte_carlo_error.expect("one") / interval.estimate, "{ratio:?}");
    assert!(ratio.variance_gain().expect("one") > 2.0, "{ratio:?}");
    let independent = ratio.independent.expect("one");
    assert!(independent.upper - independent.lower > interval.upper - interval.lower);
    // Restricted mean of an exponential time: (1 - exp(-λτ))/λ, λ = 0.005 and 0.01 per day up to 40 d.
    let mean = |rate: f64| (1.0 - (-40.0 * rate).exp()) / rate;
    let difference = comparison(&trial, Contrast::RestrictedMeanDifference, "event: mean time to 40 d");
    let told = difference.interval.expect("one").estimate;
    assert!(
        (told - (mean(0.005) - mean(0.01))).abs() < 4.0 * difference.monte_carlo_error.expect("one"),
        "{difference:?}"
    );
    assert!(difference.variance_gain().expect("one") > 1.5, "{difference:?}");
    let z = comparison(&trial, Contrast::LogRank, "event");
    assert!(z.interval.expect("one").estimate < -3.0 && z.p.expect("one") < 0.003, "{z:?}");
    let matched = comparison(&trial, Contrast::MatchedWinRatio, "win ratio: event");
    assert_eq!(matched.interval.expect("wins").upper, f64::INFINITY);
    // All pairs: of two exponential times up to a common end the share of wins over losses is the ratio of the hazards.
    let all = comparison(&trial, Contrast::WinRatio, "win ratio: event");
    let error = all.monte_carlo_error.expect("one");
    assert!((all.interval.expect("wins").estimate - 2.0).abs() < 4.0 * error, "{all:?}");
}

/// The half-width falls as 1/√n: the number found is about n₀·(w₀/w)², and the run with it has the half-width that was told.
#[test]
fn patients_are_added_until_the_goal_is_met() {
    let mut scenario = scenario("", &[]);
    let goals =
        ["half-width of mean(exposure) < 20 mg*h/L", "half-width of P(event: event-free at 60 d) < 5 %"];
    let goals: Vec<trial::Goal> = goals.iter().map(|text| goal(text, &scenario).expect("a goal")).collect();
    let found =
        trial::enough(&scenario, &goals, 100_000, 2, &Silent).unwrap_or_else(|error| panic!("{error:?}"));
    assert!(found.met && found.patients > 200, "{found:?}");
    scenario.patients = found.patients;
    let trial = run(&scenario);
    let columns: Vec<&[Vec<Value>]> = trial.arms.iter().map(|arm| arm.values.as_slice()).collect();
    for (goal, reached) in goals.iter().zip(&found.reached) {
        assert_eq!(goal.reached(&scenario, &columns).to_bits(), reached.to_bits(), "{goal:?}");
        assert!(*reached < goal.limit, "{goal:?} {reached}");
    }
    // Below the maximum it is not met, and says so.
    let short = trial::enough(
        &scenario,
        &[goal("half-width of P(event: event-free at 60 d) < 0.1 %", &scenario).expect("a goal")],
        found.patients + 64,
        2,
        &Silent,
    );
    let short = short.unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!((short.met, short.patients), (false, found.patients + 64));
}

#[test]
fn goals_are_read_and_refused() {
    let scenario = scenario("", &[]);
    for text in [
        "half-width of difference in mean(exposure) < 3",
        "error of hazard ratio of event < 0.05",
        "Half-Width of event: median < 4 d",
        "half-width of mean(exposure) in \"half\" < 2 mg*h/L",
        "Monte Carlo error of difference in event: mean time to 60 d in \"half\" < 1 d",
    ] {
        assert!(goal(text, &scenario).is_ok(), "{text}: {:?}", goal(text, &scenario));
    }
    // A limit in another unit of the same dimension is converted; counts are written as in conditions.
    let found = goal("half-width of mean(exposure) < 2000 ug*h/L", &scenario).expect("a goal");
    assert!((found.limit - 2.0).abs() < 1e-12, "{found:?}");
    let count = regimen::scenario::limit_in("1e9/L", 0.1e9, Some("/L")).expect("a count");
    assert!((count - 0.1).abs() < 1e-12, "{count}");
    assert_eq!(regimen::scenario::limit_in("1", 5.0, Some("%")), None);
    for (text, told) in [
        ("half-width of P(event: event-free at 60 d)", "is `… < LIMIT`"),
        ("half-width of P(evnt: event-free at 60 d) < 1 %", "did you mean `event: event-free at 60 d`"),
        ("half-width of mean(exposure) < 1 L", "is told in mg*h/L, but the limit is in L"),
        ("half-width of mean(exposure) < -1", "positive number"),
        ("width of mean(exposure) < 1", "begins with `half-width of`"),
        ("half-width of mean(exposure) in \"hlaf\" < 2", "did you mean `half`"),
        ("half-width of difference in mean(exposure) in \"control\" < 2", "only later arms"),
    ] {
        let found = goal(text, &scenario).expect_err(text);
        let all = format!("{} {}", found[0].message, found[0].help.clone().unwrap_or_default());
        assert!(all.contains(told), "{text}: {all}");
    }
}

/// Without dropout the hazards are 0.01 and 0.005 per day. Schoenfeld (1981, Biometrika 68:316): the log-rank z has mean ln 2·√(d/4)
/// with d the expected events, variance 1. 100 per arm: d = 100·(1 − e^-0.6 + 1 − e^-0.3) = 71.04, so power Φ(2.921 − 1.960) =
/// 0.832; a good approximation at this ratio, to 0.02. And a share of 45.1 % of 100 patients is within 35.4 to 54.8 % in 95 % of trials.
#[test]
fn trials_of_real_size_have_the_power_of_the_textbook() {
    let more = "[replicates]\npatients = 100\nreplicates = 250\ndraw = \"new\"\ntests = [\"event\"]\n\
                choose = { largest = \"event: event-free at 60 d\" }\n";
    let scenario = once(more, "20");
    assert!(trial::check_replicates(&scenario).is_empty());
    let found = trial::replicates(&scenario, &run(&scenario), 2, &Silent);
    let found = found.unwrap_or_else(|error| panic!("{error:?}")).expect("replicates");
    let power = &found.tests[0];
    assert!((power.power.value - 0.832).abs() < 4.0 * power.power.error + 0.02, "{power:?}");
    assert!((power.power.error - (0.832 * 0.168 / 250.0_f64).sqrt()).abs() < 0.005, "{power:?}");
    let of =
        |arm: usize| found.arms[arm].iter().find(|it| it.label == "event: event-free at 60 d").expect("one");
    let truth = 100.0 * (-0.6_f64).exp();
    let mean = of(0).mean.expect("a mean");
    assert!((mean.value - truth).abs() < 4.0 * mean.error, "{mean:?}");
    let half = 1.96 * (truth * (100.0 - truth) / 100.0).sqrt();
    for (told, expected) in [(of(0).lower, truth - half), (of(0).upper, truth + half)] {
        assert!((told.expect("a limit").value - expected).abs() < 3.5, "{told:?} for {expected}");
    }
    // P(the better arm has more without the event): 74.1 against 54.9 %, each of 100: Φ(19.2/6.6) = 0.998.
    let choice = found.choice.as_ref().expect("a choice");
    assert!(choice.arms[1].value > 0.98 && choice.nobody.value == 0.0, "{choice:?}");
    // The contrast of different patients scatters as Cox's error says: SD of log HR about 2/√71.
    let ratio = found.contrasts.iter().find(|it| it.contrast == Some(Contrast::HazardRatio)).expect("one");
    let width = (ratio.upper.expect("one").value / ratio.lower.expect("one").value).ln();
    assert!((width / (2.0 * 1.96 * 2.0 / 71.04_f64.sqrt()) - 1.0).abs() < 0.2, "{ratio:?}");
}

/// Resampled from 2000 patients, the same power comes out within the error that is told.
#[test]
fn resampled_trials_tell_the_error_of_their_pool() {
    let more = "[replicates]\npatients = 100\nreplicates = 600\ntests = [\"event\", \"exposure\"]\n";
    let scenario = once(more, "2000");
    let trial = run(&scenario);
    let found = trial::replicates(&scenario, &trial, 2, &Silent);
    let found = found.unwrap_or_else(|error| panic!("{error:?}")).expect("replicates");
    let power = &found.tests[0];
    assert!((power.power.value - 0.832).abs() < 4.0 * power.power.error + 0.02, "{power:?}");
    assert!(power.power.error > (0.832 * 0.168 / 600.0_f64).sqrt(), "{power:?}");
    // Exposure is the same in both arms: the test rejects in 5 % of trials.
    let size = &found.tests[1];
    assert!((size.power.value - 0.05).abs() < 4.0 * size.power.error + 0.005, "{size:?}");
}

#[test]
fn what_replicates_name_has_to_be_there() {
    let told = |more: &str| -> String {
        match load(&format!("{FRONT}{ARMS}{ENDPOINTS}{more}"), &[]) {
            Ok(scenario) => {
                let found = trial::check_replicates(&scenario);
                found
                    .iter()
                    .map(|it| format!("{} {}", it.message, it.help.clone().unwrap_or_default()))
                    .collect()
            }
            Err(told) => told,
        }
    };
    for (more, expected) in [
        ("[replicates]\nreplicates = 10\n", "the key `patients` is missing"),
        ("[replicates]\npatients = 1\n", "`patients` lies between 2 and"),
        ("[replicates]\npatients = 10\ndraw = \"nwe\"\n", "did you mean `new`"),
        ("[replicates]\npatients = 10\nalpha = 5\n", "`alpha` lies between 0 and 1"),
        ("[replicates]\npatients = 10\ntests = [\"evnt\"]\n", "did you mean `event`"),
        ("[replicates]\npatients = 10\nchoose = {}\n", "an arm is chosen by one estimate"),
        (
            "[replicates]\npatients = 10\nchoose = { largest = \"event: medain\" }\n",
            "did you mean `event: median`",
        ),
        (
            "[replicates]\npatients = 10\nchoose = { largest = \"event: median\", at_most = [{ of = \"exposure: mean\", limit = \"3 L\" }] }\n",
            "is told in mg*h/L, but the limit is in L",
        ),
        ("[comparison]\nrestricted_mean = \"90 d\"\n", "not within follow-up"),
        (
            "[comparison]\nwin_ratio = [\"exposure\"]\n",
            "nothing says whether more or less of `exposure` is better",
        ),
        ("[comparison]\nwin_ratio = [\"event\", \"event\"]\n", "stands twice in the win ratio"),
        ("[comparison]\nwin_ratio = [\"evnt\"]\n", "did you mean `event`"),
    ] {
        assert!(told(more).contains(expected), "{more}: {}", told(more));
    }
}
