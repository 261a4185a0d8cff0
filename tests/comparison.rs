//! Comparisons, goals of precision, trials of real size, estimands and differences of protocols: a model whose answers are known in
//! closed form, and the built program.

#[path = "program/mod.rs"]
mod program;

use std::fs;

use program::{Answer, regimen_in};
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

const ESTIMANDS: &str = r#"
[[endpoint]]
name      = "relapse"
kind      = "time to event"
hazard    = "event"
unit      = "d"
estimands = ["treatment-policy", "while-on-treatment", "hypothetical: no dropout"]
on_treatment_window = "5 d"
"#;

/// On treatment the hazard is 0.01, off it 0.02 per day, dropout 0.02 per day. Had nobody dropped out: 1 − e^-0.6 have the event, the
/// same times as in a run without the hazard of dropout. Treatment policy: more. While on treatment: times end at dropout + 5 d.
#[test]
fn one_run_answers_under_three_estimands() {
    let estimands = scenario(ESTIMANDS, &[("population.patients", "300")]);
    let names: Vec<&str> = estimands.endpoints.iter().map(|it| it.name.as_str()).collect();
    let expected =
        ["relapse (treatment policy)", "relapse (while on treatment)", "relapse (had nobody dropped out)"];
    assert_eq!(names[2..], expected);
    let trial = run(&estimands);
    let time = |value: &Value| match value {
        Value::Time { time, event } => (*time, *event),
        other => panic!("{other:?}"),
    };
    let [policy, on, hypothetical] = [2, 3, 4].map(|endpoint| &trial.arms[0].values[endpoint]);
    let without = run(&scenario("", &[("population.patients", "300"), ("parameters.drop", "0")]));
    let (mut later, mut ended) = (0, 0);
    for patient in 0..300 {
        let (never, event) = time(&without.arms[0].values[0][patient]);
        let (told, told_event) = time(&hypothetical[patient]);
        assert!(event == told_event && (never - told).abs() < 1e-3, "{patient}: {never} {told}");
        let ((all, had), (seen, seen_event)) = (time(&policy[patient]), time(&on[patient]));
        assert!(seen <= all + 1e-9 && (!seen_event || had), "{patient}: {seen} {all}");
        later += usize::from(never > all + 1e-6);
        ended += usize::from(!seen_event && seen < 60.0 - 1e-6);
    }
    // Dropout brings the event forward in many, and ends what is seen on treatment in many.
    assert!(later > 40 && ended > 100, "{later} {ended}");
    let share = hypothetical.iter().filter(|it| time(it).1).count() as f64 / 300.0;
    let truth = 1.0 - (-0.6_f64).exp();
    assert!((share - truth).abs() < 4.0 * (truth * (1.0 - truth) / 300.0).sqrt(), "{share}");
}

/// Had nobody stopped, no rule ends treatment, by whatever key: the values are those of the protocol without the limit.
#[test]
fn no_limit_of_a_hold_or_a_reduction_ends_treatment_in_who_is_never_discontinued() {
    let trial = |rule: &str, estimands: &str| {
        let text = format!(
            "{FRONT}[[arm]]\nname = \"a\"\nrules = [\"r\"]\n\
             treatment = [{{ drug = \"drug\", levels = [\"50 mg\", \"100 mg\"], start = \"100 mg\" }}]\n\
             [[rule]]\nname = \"r\"\nwhen = \"day == 14 d or day == 28 d\"\n{rule}\n\
             [[endpoint]]\nname = \"exposure\"\nkind = \"expression\"\nvalue = \"last(Area)\"\n{estimands}"
        );
        let set = [("parameters.drop", "0"), ("population.patients", "5")];
        run(&load(&text, &set).unwrap_or_else(|told| panic!("{told}")))
    };
    let values = |trial: &Trial| -> Vec<f64> {
        let quantity = |value: &Value| match value {
            Value::Quantity(value) => *value,
            other => panic!("{other:?}"),
        };
        trial.arms[0].values[0].iter().map(quantity).collect()
    };
    let held = "hold = \"drug\"\nresume = { when = \"day == 21 d or day == 35 d\", at = \"one level lower\"";
    let late = "hold = \"drug\"\nresume = { when = \"day == 35 d\", at = \"one level lower\"";
    let reduced = "reduce = \"drug\"";
    for (limited, free) in [
        // At the visit a week later it has lasted too long, and cannot end yet.
        (format!("{late}, at_most = \"3 d\" }}"), format!("{late} }}")),
        (format!("{held}, reductions_at_most = 0 }}"), format!("{held} }}")),
        (format!("{held}, below_lowest = \"discontinue\" }}"), format!("{held} }}")),
        (format!("{reduced}\nreductions_at_most = 0"), reduced.to_owned()),
        (format!("{reduced}\nbelow_lowest = \"discontinue\""), reduced.to_owned()),
    ] {
        let undone = values(&trial(&limited, "estimands = [\"hypothetical: no discontinuation\"]\n"));
        let (stopped, never) = (values(&trial(&limited, "")), values(&trial(&free, "")));
        for patient in 0..5 {
            let (told, truth) = (undone[patient], never[patient]);
            assert!((told / truth - 1.0).abs() < 1e-4, "{limited}: {told} {truth}");
            assert!(stopped[patient] < 0.9 * truth, "{limited}: {} {truth}", stopped[patient]);
        }
    }
}

#[test]
fn estimands_that_make_no_sense_are_refused() {
    let endpoint = |keys: &str| format!("{FRONT}{ARMS}[[endpoint]]\nname = \"x\"\n{keys}");
    let event = "kind = \"time to event\"\nhazard = \"event\"\n";
    for (keys, expected) in [
        (format!("{event}estimands = [\"treatment policy\"]\n"), "did you mean `treatment-policy`"),
        (format!("{event}estimands = [\"treatment-policy\", \"treatment-policy\"]\n"), "is named twice"),
        (format!("{event}on_treatment_window = \"3 d\"\n"), "serves nothing here"),
        (
            "kind = \"trough\"\nof = \"Area\"\nrecord = \"whole\"\nestimands = [\"treatment-policy\"]\n"
                .to_owned(),
            "has no other estimand",
        ),
    ] {
        let told = load(&endpoint(&keys), &[]).expect_err("an error");
        assert!(told.contains(expected), "{keys}: {told}");
    }
}

const RULE: &str = r#"
[[rule]]
name   = "pause"
when   = "day >= 10 d"
hold   = "drug"
resume = { when = "day >= 200 d" }
"#;

/// A folder with the model and two scenarios: `with` holds the drug from the first visit after day 10 on in one arm.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("models")).expect("a folder");
    fs::write(folder.path().join("models/m.toml"), MODEL).expect("a file");
    let text = |arms: &str, rule: &str| format!("{FRONT}{arms}{ENDPOINTS}{rule}");
    let with = ARMS.replacen("dose = \"100 mg\" }]", "dose = \"100 mg\" }]\nrules = [\"pause\"]", 1);
    fs::write(folder.path().join("with.toml"), text(&with, RULE)).expect("a file");
    fs::write(folder.path().join("without.toml"), text(ARMS, "")).expect("a file");
    folder
}

fn table(folder: &std::path::Path, name: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(folder.join(format!("tables/{name}.csv"))).expect("a table");
    reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect()
}

/// Visits are weekly: the rule acts on day 14 (day 15 of the protocol), so every course parts there by its hold, and nowhere in the
/// other arm. Exposure up to day 60 is that of 14 of 60 daily doses.
#[test]
fn an_amendment_is_laid_beside_the_protocol() {
    let folder = project();
    let set = ["--set", "parameters.drop=0", "--patients", "40", "--out", "out"];
    let answer = regimen_in(folder.path(), &[&["diff", "with.toml", "without.toml"][..], &set].concat());
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{answer}");
    for told in [
        "arm.control.rules: [pause] → –",
        "rule.pause.hold: drug → –",
        "control: 40 of 40 courses part",
        "40 rule `pause`: hold, only in the first (40 with another outcome)",
        "half: 0 of 40 courses part, 0 patients with another outcome",
    ] {
        assert!(answer.stdout.contains(told), "`{told}` is not in {answer}");
    }
    let out = folder.path().join("out");
    let patients = table(&out, "patients");
    assert_eq!(patients.len(), 40);
    assert!(
        patients.iter().all(|row| row[0] == "control" && row[2] == "14" && row[4].is_empty()),
        "{patients:?}"
    );
    assert_eq!(patients[0][5], "hold drug, 100 → 0 mg");
    let effects = table(&out, "effects");
    let exposure =
        effects.iter().find(|row| row[1] == "exposure: mean" && row[0] == "control").expect("a row");
    // CL 5 L/h, 100 mg a day: 46 doses more, less what is still in the body, make 46·20 mg·h/L times the mean of exp(-η).
    let more: f64 = exposure[4].parse().expect("a number");
    let expected = 46.0 * 20.0 * (0.045_f64).exp();
    let error: f64 = exposure[7].parse().expect("a number");
    assert!((more - expected).abs() < 4.0 * error + 10.0, "{more} for {expected}");
    let page = fs::read_to_string(out.join("report.html")).expect("the page");
    assert!(page.contains("pause") && !page.contains("<script") && !page.contains("src=\""));
    // The folder is one of the program's own, and is replaced.
    let again = regimen_in(folder.path(), &[&["diff", "with.toml", "with.toml"][..], &set].concat());
    assert_eq!(again.code, Some(0), "{again}");
    assert!(again.stdout.contains("nothing that says something about the trial"), "{again}");
    assert!(again.stdout.contains("control: 0 of 40 courses part, 0 patients"), "{again}");
}

fn refused(answer: &Answer, told: &str) {
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(2), ""), "{answer}");
    assert!(answer.stderr.contains(told), "`{told}` is not in {answer}");
}

#[test]
fn patients_who_are_not_the_same_are_not_compared() {
    let folder = project();
    let diff = |set: &[&str]| {
        let mut arguments = vec!["diff", "with.toml", "without.toml", "--patients", "10", "--out", "out"];
        set.iter().for_each(|set| arguments.extend(["--set-second", set]));
        regimen_in(folder.path(), &arguments)
    };
    refused(&diff(&["seed=4"]), "the seed is 3 in the first and 4 in the second");
    refused(&diff(&["population.variability=false"]), "the other the typical patient");
    refused(&diff(&["arm.0.name=x", "arm.1.name=y"]), "no arm of the same name");
    assert!(!folder.path().join("out").exists());
    // Another clearance is another biology of the same people: said, and compared.
    let other = diff(&["parameters.cl=6"]);
    assert_eq!(other.code, Some(0), "{other}");
    assert!(other.stdout.contains("Parameters of the model differ (cl)"), "{other}");
}

#[test]
fn a_run_until_a_goal_has_the_bits_of_a_run_of_that_size() {
    let folder = project();
    let goal = "half-width of mean(exposure) in \"half\" < 60 mg*h/L";
    let arguments = ["run", "without.toml", "--patients", "30", "--until", goal, "--out"];
    let until = regimen_in(folder.path(), &[&arguments[..], &["until"]].concat());
    assert_eq!(until.code, Some(0), "{until}");
    let line = until.stdout.lines().find(|line| line.contains(" patients per arm: ")).expect("a line");
    let patients = line.split(" with ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a number");
    assert!(patients.parse::<usize>().is_ok_and(|n| n > 30), "{until}");
    let plain = regimen_in(folder.path(), &["run", "without.toml", "--patients", patients, "--out", "plain"]);
    assert_eq!(plain.code, Some(0), "{plain}");
    for name in ["endpoints", "values", "comparisons", "doses", "course"] {
        let read = |run: &str| {
            fs::read(folder.path().join(run).join(format!("tables/{name}.csv"))).expect("a table")
        };
        assert!(read("until") == read("plain"), "{name}");
    }
    let few = regimen_in(folder.path(), &[&arguments[..], &["few", "--most-patients", "40"]].concat());
    assert_eq!(few.code, Some(1), "{few}");
    assert!(few.stderr.contains("not met"), "{few}");
    refused(
        &regimen_in(folder.path(), &["run", "without.toml", "--until", "half-width of mean(exposre) < 9"]),
        "did you mean `exposure: mean`",
    );
}

#[test]
fn trials_of_real_size_are_in_the_report() {
    let folder = project();
    let text = fs::read_to_string(folder.path().join("with.toml")).expect("a file");
    let more = "[comparison]\nwin_ratio = [\"event\"]\n[replicates]\npatients = 20\nreplicates = 50\ntests = [\"event\"]\n\
                choose = { largest = \"event: event-free at 60 d\", at_most = [{ of = \"exposure: mean\", limit = 1e9 }] }\n";
    fs::write(folder.path().join("sized.toml"), format!("{text}{more}")).expect("a file");
    let answer = regimen_in(folder.path(), &["run", "sized.toml", "--patients", "40", "--out", "out"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{answer}");
    assert!(answer.stdout.contains("50 trials of 20 patients in each arm"), "{answer}");
    let out = folder.path().join("out");
    let page = fs::read_to_string(out.join("report.html")).expect("the page");
    for told in ["Trials of real size", "Power against", "Win ratio, all pairs", "Lin and Wei"] {
        assert!(page.contains(told), "{told}");
    }
    assert_eq!(table(&out, "power").len(), 1);
    let chosen: f64 = table(&out, "choice").iter().map(|row| row[4].parse::<f64>().expect("a share")).sum();
    assert!((chosen - 1.0).abs() < 1e-9);
    let documentation = include_str!("../docs/tables.md");
    for name in ["replicates", "power", "choice"] {
        let mut reader = csv::Reader::from_path(out.join(format!("tables/{name}.csv"))).expect("a table");
        for column in reader.headers().expect("a header") {
            let documented = documentation.lines().any(|line| {
                line.contains(&format!("`tables/{name}.csv`")) && line.contains(&format!("| `{column}` |"))
            });
            assert!(documented, "{name}: {column}");
        }
    }
}
