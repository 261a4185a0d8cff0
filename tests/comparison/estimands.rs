//! One run under several estimands.

use super::*;

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
        // With the end of treatment set aside, these would be told of an event that never comes.
        (
            "kind = \"time on hold\"\ndrug = \"drug\"\nestimands = [\"treatment-policy\"]\n".to_owned(),
            "has no other estimand",
        ),
        (
            "kind = \"cumulative incidence\"\nevent = \"event\"\ncompeting = [\"discontinuation\"]\n\
             estimands = [\"treatment-policy\"]\n"
                .to_owned(),
            "has no other estimand",
        ),
    ] {
        let told = load(&endpoint(&keys), &[]).expect_err("an error");
        assert!(told.contains(expected), "{keys}: {told}");
    }
}
