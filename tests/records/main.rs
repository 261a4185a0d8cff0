//! Tables of records: what must hold whatever the numbers are (a series is its doses, a split dose is one dose, time has no
//! origin, linear models are linear, subjects do not know each other), steady states against long series and closed
//! forms, and the rules that NONMEM leaves open.
//!
//! Both sides of a comparison are integrated at 1e-11 per step, so that 1e-8 is not reached by chance.

mod steady_states;
#[path = "../tables/mod.rs"]
mod tables;

use regimen::model::Interpolation;
use tables::{Job, model};

const TOLERANCE: f64 = 1e-8;

/// Oral absorption into two compartments with lag, fraction, modelled rate and duration, and what a trapezoid would find.
const LINEAR: &str = r#"
title = "two compartments"
time = "h"
[parameters]
cl = { value = 3, unit = "L/h" }
v = { value = 20, unit = "L" }
q = { value = 2, unit = "L/h" }
vp = { value = 35, unit = "L" }
ka = { value = 0.9, unit = "1/h" }
[states]
depot = { unit = "mg", rate = "-ka * depot", absolute_tolerance = 1e-14 }
central = { unit = "mg", rate = "ka * depot - (cl + q) / v * central + q / vp * peripheral", absolute_tolerance = 1e-14 }
peripheral = { unit = "mg", rate = "q / v * central - q / vp * peripheral", absolute_tolerance = 1e-14 }
area = { unit = "mg*h/L", rate = "central / v" }
[doses]
oral = { into = "depot", compartment = 1, fraction = 0.8 }
late = { into = "depot", compartment = 3, lag = "1.5 h" }
vein = { into = "central", compartment = 2, rate = "7 mg/h", duration = "2.5 h" }
[outputs]
C = { unit = "mg/L", value = "central / v" }
P = { unit = "mg", value = "peripheral" }
AREA = { unit = "mg*h/L", value = "area" }
"#;

/// Saturable elimination.
const SATURABLE: &str = r#"
title = "Michaelis-Menten"
time = "h"
[parameters]
vm = { value = 10, unit = "mg/h" }
km = { value = 2, unit = "mg/L" }
v = { value = 15, unit = "L" }
[equations]
c = "a / v"
[states]
a = { unit = "mg", rate = "-vm * c / (km + c)", absolute_tolerance = 1e-14 }
[doses]
iv = { into = "a" }
[outputs]
C = { unit = "mg/L", value = "c" }
"#;

const HEADER: &str = "ID,TIME,EVID,AMT,CMT,RATE,II,ADDL,SS\n";

/// Numbers in (0, 1), the same on every machine.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        // Knuth's MMIX constants.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.next()
    }
}

fn close(left: &[Vec<f64>], right: &[Vec<f64>], what: &str) {
    assert_eq!(left.len(), right.len(), "{what}");
    let largest = left.iter().flatten().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    for (row, (left, right)) in left.iter().zip(right).enumerate() {
        for (left, right) in left.iter().zip(right) {
            let allowed = TOLERANCE * left.abs().max(right.abs()) + 1e-11 * largest;
            assert!((left - right).abs() <= allowed, "{what}, row {}: {left} and {right}", row + 1);
        }
    }
}

/// Rows of samples at these times.
fn samples(times: &[f64]) -> String {
    times.iter().map(|time| format!("1,{time},0,0,0,0,0,0,0\n")).collect()
}

const SAMPLES: [f64; 7] = [0.5, 3.3, 11.9, 24.0, 30.1, 47.7, 60.0];

/// Rows in the order of time; doses before samples of the same time.
fn sorted(rows: &mut [(f64, String)]) -> String {
    rows.sort_by(|left, right| left.0.total_cmp(&right.0));
    rows.iter().map(|(_, row)| row.as_str()).collect()
}

/// The samples of a table, whose dose rows differ between the two sides.
fn sampled(records: &str, values: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let kept = records.lines().skip(1).map(|row| row.split(',').nth(2) == Some("0"));
    values.into_iter().zip(kept).filter(|(_, kept)| *kept).map(|(row, _)| row).collect()
}

fn simulated(text: &str, rows: &str) -> Vec<Vec<f64>> {
    let records = format!("{HEADER}{rows}");
    sampled(&records, Job::new(&records).values(text))
}

/// A series, written out: with as many doses before as are to be there.
fn written_out(
    compartment: u32,
    amount: f64,
    rate: f64,
    interval: f64,
    first: f64,
    doses: u32,
) -> Vec<(f64, String)> {
    let dose = |number: u32| {
        let time = first + f64::from(number) * interval;
        (time, format!("1,{time},1,{amount},{compartment},{rate},0,0,0\n"))
    };
    (0..doses).map(dose).collect()
}

#[test]
fn a_series_is_its_doses() {
    let mut numbers = Numbers(1);
    for rate in [0.0, 6.0, -1.0, -2.0] {
        for compartment in [1, 2, 3] {
            if rate < 0.0 && compartment != 2 {
                continue;
            }
            let (amount, interval) = (numbers.between(10.0, 100.0), numbers.between(3.0, 9.0));
            let series = format!("1,0,1,{amount},{compartment},{rate},{interval},5,0\n{}", samples(&SAMPLES));
            let mut rows = written_out(compartment, amount, rate, interval, 0.0, 6);
            rows.extend(SAMPLES.iter().map(|&time| (time, samples(&[time]))));
            let what = format!("rate {rate} into {compartment}");
            close(&simulated(LINEAR, &series), &simulated(LINEAR, &sorted(&mut rows)), &what);
        }
    }
}

#[test]
fn a_split_dose_is_one_dose() {
    let mut numbers = Numbers(2);
    for compartment in [1, 2, 3] {
        let (part, other) = (numbers.between(1.0, 50.0), numbers.between(1.0, 50.0));
        let whole = format!("1,0,1,{},{compartment},0,8,3,0\n{}", part + other, samples(&SAMPLES));
        let split = format!(
            "1,0,1,{part},{compartment},0,8,3,0\n1,0,1,{other},{compartment},0,8,3,0\n{}",
            samples(&SAMPLES)
        );
        close(&simulated(LINEAR, &whole), &simulated(LINEAR, &split), "split");
    }
}

#[test]
fn time_has_no_origin() {
    let table = |shift: f64| {
        let mut rows = format!("1,{shift},1,50,3,0,8,3,0\n1,{},1,40,2,5,0,0,0\n", shift + 0.25);
        rows.push_str(&samples(&SAMPLES.map(|time| time + shift)));
        rows
    };
    for text in [LINEAR, SATURABLE] {
        let table = |shift| {
            if text == LINEAR {
                table(shift)
            } else {
                table(shift).replace(",2,5,", ",1,5,").replace(",3,0,8", ",1,0,8")
            }
        };
        close(&simulated(text, &table(0.0)), &simulated(text, &table(1024.0)), "shift");
        close(&simulated(text, &table(0.0)), &simulated(text, &table(-256.0)), "shift before 0");
    }
}

#[test]
fn a_linear_model_is_linear_in_the_dose() {
    let table = |factor: f64| {
        let (oral, vein) = (50.0 * factor, 40.0 * factor);
        format!("1,0,1,{oral},3,0,8,3,1\n1,0.25,1,{vein},2,{},0,0,0\n{}", 5.0 * factor, samples(&SAMPLES))
    };
    let single = simulated(LINEAR, &table(1.0));
    let scaled: Vec<Vec<f64>> =
        single.iter().map(|row| row.iter().map(|value| value * 3.0).collect()).collect();
    close(&scaled, &simulated(LINEAR, &table(3.0)), "three times the dose");
}

/// A table of many subjects, in an order.
fn population(order: &[usize]) -> String {
    let mut text = HEADER.to_owned();
    for &subject in order {
        let mut numbers = Numbers(subject as u64 + 100);
        let (amount, rate) = (numbers.between(5.0, 80.0), if subject % 3 == 0 { 4.0 } else { 0.0 });
        text.push_str(&format!("{subject},0,1,{amount},{},{rate},12,4,{}\n", 1 + subject % 3, subject % 2));
        for _ in 0..30 {
            text.push_str(&format!("{subject},60,0,0,0,0,0,0,0\n"));
        }
    }
    text
}

#[test]
fn subjects_do_not_know_each_other_and_threads_change_no_byte() {
    // More records than are read at a time.
    let order: Vec<usize> = (1..1200).collect();
    let model = model(LINEAR).expect("a model");
    let run = |records: String, threads: usize| {
        let mut job = Job::new(&records);
        job.threads = threads;
        job.settings.relative_tolerance = None;
        job.run(&model).expect("a table").0
    };
    let one = run(population(&order), 1);
    assert!(one == run(population(&order), 3), "threads");
    let mut reversed = order;
    reversed.reverse();
    let by_subject = |table: &str| {
        let mut rows: Vec<String> =
            table.lines().map(|row| row.split_once(',').expect("a row").1.to_owned()).collect();
        rows.sort();
        rows
    };
    assert!(by_subject(&one) == by_subject(&run(population(&reversed), 2)), "order");
}

#[test]
fn closed_forms_and_methods_agree() {
    let rows = format!(
        "{HEADER}1,0,1,50,3,0,8,3,0\n1,0.25,1,40,2,5,0,0,0\n1,5,1,30,2,-2,6,2,2\n{}",
        samples(&SAMPLES[1..]).replace("1,3.3,", "1,5.3,")
    );
    let reference = Job::new(&rows).method("dop853-reference").values(LINEAR);
    for method in ["auto", "explicit", "dopri5-reference"] {
        close(&Job::new(&rows).method(method).values(LINEAR), &reference, method);
    }
    let mut loose = Job::new(&rows).method("implicit");
    loose.settings.relative_tolerance = Some(1e-10);
    close(&loose.values(LINEAR), &reference, "implicit");
}

/// Two series under a lag that is longer than both: 2500 doses wait at once. Each is a dose without lag, one lag later.
#[test]
fn thousands_of_waiting_doses_arrive_each_at_its_time() {
    let text = LINEAR.replace("1.5 h", "30 h");
    let series = format!("1,0,1,2,3,0,0.02,1499,0\n1,0.007,1,3,3,0,0.03,999,0\n{}", samples(&SAMPLES));
    let mut rows = written_out(1, 2.0 / 0.8, 0.0, 0.02, 30.0, 1500);
    rows.extend(written_out(1, 3.0 / 0.8, 0.0, 0.03, 30.007, 1000));
    rows.extend(SAMPLES.iter().map(|&time| (time, samples(&[time]))));
    close(&simulated(&text, &series), &simulated(&text, &sorted(&mut rows)), "waiting doses");
}

#[test]
fn waiting_doses_do_not_survive_a_reset() {
    // Further doses are cancelled by a reset, with and without lag.
    for compartment in [1, 3] {
        let rows = format!("1,0,1,50,{compartment},0,8,5,0\n1,20,3,0,0,0,0,0,0\n1,40,0,0,0,0,0,0,0\n");
        assert!(simulated(LINEAR, &rows)[0].iter().all(|value| *value == 0.0));
    }
}

#[test]
fn a_reset_may_go_back_in_time() {
    let again = "1,0,1,50,1,0,0,0,0\n1,24,0,0,0,0,0,0,0\n1,0,4,50,1,0,0,0,0\n1,24,0,0,0,0,0,0,0\n";
    let got = simulated(LINEAR, again);
    close(&got[..1], &got[1..], "the same again");
}

#[test]
fn a_further_dose_has_the_fraction_of_the_time_when_it_is_due() {
    let text = LINEAR.replace("fraction = 0.8", "fraction = \"FED\"");
    let text = format!("{text}\n[covariates]\nFED = {{ unit = \"1\" }}\n");
    let rows =
        "ID,TIME,EVID,AMT,CMT,II,ADDL,FED\n1,0,1,50,1,8,2,1\n1,12,2,0,0,0,0,0.5\n1,30,0,0,0,0,0,0.25\n";
    // Of the record that ends the interval: the dose at 8 h has 0.5, that at 16 h 0.25.
    let other = "1,0,1,62.5,1,0,0,0,0\n1,8,1,31.25,1,0,0,0,0\n1,16,1,15.625,1,0,0,0,0\n1,30,0,0,0,0,0,0,0\n";
    let got = Job::new(rows).values(&text);
    close(&got[2..], &simulated(LINEAR, other), "fractions");
}

#[test]
fn states_are_replaced_and_multiplied() {
    let rows = "ID,TIME,EVID,AMT,CMT\n1,0,dose,50,2\n1,0,replace,12,peripheral\n1,0,multiply,0.5,2\n1,0,sample,.,.\n";
    let got = Job::new(rows).values(LINEAR);
    assert_eq!(got[3][..2], [50.0 * 0.5 / 20.0, 12.0]);
    assert_eq!(got[1][..2], [50.0 / 20.0, 12.0]);
}

#[test]
fn without_evid_an_amount_is_a_dose() {
    let plain = "ID,TIME,AMT,CMT\n1,0,50,oral\n1,6,.,.\n1,9,0,0\n";
    let with = "ID,TIME,EVID,AMT,CMT\n1,0,1,50,1\n1,6,0,0,0\n1,9,0,0,0\n";
    assert_eq!(Job::new(plain).values(LINEAR), Job::new(with).values(LINEAR));
    // White space between, as NONMEM writes it, and a comment.
    let spaced = "  ID TIME AMT CMT\n# the first subject\n 1 0 50 oral\n 1 6 . .\n 1 9 0 0\n";
    assert_eq!(Job::new(spaced).values(LINEAR), Job::new(with).values(LINEAR));
}

#[test]
fn clock_times_are_hours_since_the_first_record() {
    let clock =
        "ID,DATE,TIME,AMT,CMT\n1,2024-02-28,22:30,50,1\n1,2024-02-29,1:00,.,.\n1,2024-03-01,22:30,.,.\n";
    let hours = "ID,TIME,AMT,CMT\n1,0,50,1\n1,2.5,.,.\n1,48,.,.\n";
    close(&Job::new(clock).values(LINEAR), &Job::new(hours).values(LINEAR), "clock");
    let model = model(LINEAR).expect("a model");
    let (table, _) = Job::new(clock).run(&model).expect("a table");
    let times: Vec<&str> = table.lines().skip(1).filter_map(|row| row.split(',').nth(2)).collect();
    assert_eq!(times, ["0", "2.5", "48"]);
}

#[test]
fn times_are_in_the_unit_that_is_asked_for() {
    let days = "ID,TIME,AMT,CMT,RATE,II,ADDL\n1,0,50,2,240,0.5,2\n1,2,.,.,.,.,.\n";
    let hours = "ID,TIME,AMT,CMT,RATE,II,ADDL\n1,0,50,2,10,12,2\n1,48,.,.,.,.,.\n";
    close(&Job::new(days).time_unit("d").values(LINEAR), &Job::new(hours).values(LINEAR), "days");
}

#[test]
fn covariates_run_as_the_option_says_where_the_model_does_not() {
    let text = "title = \"k\"\ntime = \"h\"\n[covariates]\nK = { unit = \"1/h\" }\n[states]\n\
                a = { unit = \"mg\", rate = \"-K * a\", absolute_tolerance = 1e-14 }\n[doses]\niv = { into = \"a\" }\n\
                [outputs]\nA = { unit = \"mg\", value = \"a\" }\n";
    let rows = "ID,TIME,AMT,K\n1,0,100,0.1\n1,2,.,0.3\n1,3,.,.\n1,4,.,0.5\n";
    // −log of what is left: the integral of K.
    for (interpolation, integral) in [
        (Interpolation::Next, 0.3 * 2.0 + 0.5 * 2.0),
        (Interpolation::Previous, 0.1 * 2.0 + 0.3 * 2.0),
        (Interpolation::Linear, 0.2 * 2.0 + 0.4 * 2.0),
    ] {
        let mut job = Job::new(rows);
        job.interpolation = interpolation;
        let got = job.values(text);
        close(&got[3..], &[vec![100.0 * f64::exp(-integral)]], &format!("{interpolation:?}"));
        let mut dosed = Job::new("ID,TIME,AMT,II,ADDL,K\n1,0,100,1,1,0.1\n1,2,.,.,.,0.3\n1,4,.,.,.,0.5\n");
        dosed.interpolation = interpolation;
        let second = match interpolation {
            Interpolation::Next => 0.3 + 0.5 * 2.0,
            Interpolation::Previous => 0.1 + 0.3 * 2.0,
            Interpolation::Linear => 0.25 + 0.4 * 2.0,
        };
        let expected = 100.0 * (f64::exp(-integral) + f64::exp(-second));
        close(&dosed.values(text)[2..], &[vec![expected]], &format!("a dose inside, {interpolation:?}"));
    }
}

#[test]
fn individual_values_take_the_place_of_the_models() {
    let text = LINEAR
        .replace(
            "[states]",
            "[covariates]\nWT = { unit = \"kg\" }\n[individual]\nCL = { typical = \"cl * WT / 70 kg\", \
                 distribution = \"log-normal\", omega = 0.3 }\n[states]",
        )
        .replace("(cl + q)", "(CL + q)");
    let rows = "ID,TIME,AMT,CMT\n1,0,50,1\n1,9,.,.\n2,0,50,1\n2,9,.,.\n";
    let run = |parameters: &str| {
        let mut job = Job::new(rows);
        job.parameters = Some(parameters.to_owned());
        job.values(&text)
    };
    let clearance = |value: f64| {
        let text = LINEAR.replace("value = 3,", &format!("value = {value},"));
        Job::new("ID,TIME,AMT,CMT\n1,0,50,1\n1,9,.,.\n").values(&text)
    };
    let twice = [clearance(4.5), clearance(2.0)].concat();
    close(
        &run("ID,WT,eta.CL\n2,70,-0.4054651081081644\n1.0,105,0\n"),
        &twice,
        "random effects and a covariate",
    );
    close(&run("ID,CL [L/h],WT\n1,4.5,1\n2,2,1\n"), &twice, "an individual parameter");
    close(&run("ID,cl,WT\n1,4.5,70\n2,2,70\n"), &twice, "a parameter");
}

#[test]
fn a_fraction_of_an_infusion_acts_on_duration_or_rate() {
    let text = LINEAR.replace("into = \"central\"", "into = \"central\", fraction = 0.5");
    let rows = |amount: f64, rate: f64| format!("1,0,1,{amount},2,{rate},0,0,0\n{}", samples(&SAMPLES));
    // RATE > 0 and −1: half the duration; −2: half the rate.
    close(&simulated(&text, &rows(40.0, 5.0)), &simulated(LINEAR, &rows(20.0, 5.0)), "rate");
    close(&simulated(&text, &rows(40.0, -1.0)), &simulated(LINEAR, &rows(20.0, 7.0)), "modelled rate");
    close(&simulated(&text, &rows(40.0, -2.0)), &simulated(LINEAR, &rows(20.0, 8.0)), "modelled duration");
}

#[test]
fn a_subject_that_fails_keeps_its_rows_and_stops_no_other() {
    let text = LINEAR.replace("rate = \"7 mg/h\"", "rate = \"R\"");
    let text = format!("{text}\n[covariates]\nR = {{ unit = \"mg/h\" }}\n");
    let rows =
        "ID,TIME,AMT,CMT,RATE,R\n1,0,50,2,0,7\n1,1,50,2,-1,-3\n1,2,.,.,.,7\n2,0,50,2,-1,7\n2,1,.,.,.,7\n";
    let model = model(&text).expect("a model");
    let (table, summary) = Job::new(rows).run(&model).expect("a table");
    assert_eq!(table.lines().count(), 1 + 1 + 2);
    assert_eq!((summary.failed, summary.failures[0].0.as_str()), (1, "1"));
    let failure = &summary.failures[0].1;
    assert!(failure.what.contains("the rate of the dose route `vein` is -"), "{}", failure.what);
}
