//! The built-in scenario with 1,000 patients in three arms over two years, by one thread and by two.

use std::time::Instant;

use regimen::trial::{NoLog, Progress, run as run_trial};

use crate::arithmetic;
use crate::claims::{Claims, Wanted};
use crate::shelf::scenario;

const PATIENTS: usize = 1000;

struct Silent;

impl Progress for Silent {
    fn finished(&self) {}
    fn cancelled(&self) -> bool {
        false
    }
}

pub fn run() {
    let mut scenario = scenario("starting-dose");
    scenario.patients = PATIENTS;
    let seconds = |threads: usize| {
        let start = Instant::now();
        let trial = run_trial(&scenario, threads, &Silent, &NoLog).expect("a trial");
        assert!(trial.arms.iter().all(|arm| arm.failures.is_empty()));
        start.elapsed().as_secs_f64()
    };
    let before = arithmetic::speed_up();
    // In turns, the faster of each: the clock may change on the way.
    let (two, one) = (seconds(2), seconds(1));
    let (two, one) = (two.min(seconds(2)), one.min(seconds(1)));
    let after = arithmetic::speed_up();
    let loops = before.max(after);
    println!(
        "\n### Threads: {PATIENTS} patients × {} arms, 24 months, rules at visits\n",
        scenario.arms.len()
    );
    println!("| work | s by 1 thread | s by 2 threads | speed-up |\n|---|---|---|---|");
    println!("| trial | {one:.2} | {two:.2} | {:.2} |", one / two);
    println!("| arithmetic loop, before and after | – | – | {before:.2}, {after:.2} |");
    let mut claims = Claims::default();
    claims.add("1,000 patients × 3 arms by two threads, s".into(), two, Wanted::AtMost(15.0));
    claims.add(
        "two threads over one (1.8, or 0.9 of the loop's speed-up)".into(),
        one / two,
        Wanted::AtLeast((0.9 * loops).min(1.8)),
    );
    claims.print();
}
