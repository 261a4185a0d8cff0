//! Errors at one tolerance over many courses, and the tables made of them.

use regimen::scenario::Scenario;
use regimen::simulation::Trajectory;
use regimen::trial::{Agreement, Parted, Parting};

/// Arm and patient.
type Who = (usize, usize);

/// Everything found at one tolerance. Errors are relative ones of courses with the same history as the truth.
pub struct Tally {
    pub seconds: f64,
    courses: usize,
    evaluations: u64,
    /// By endpoint, of those that are a number.
    endpoints: Vec<Vec<f64>>,
    /// By endpoint: whose error is the largest of them.
    whose: Vec<(f64, Who)>,
    /// By endpoint.
    changed: Vec<Vec<Who>>,
    parted: Vec<(Who, Parting)>,
    /// By key output.
    at_visits: Vec<Vec<f64>>,
    recorded: Vec<Vec<f64>>,
    /// By course, the largest of its endpoints.
    worst: Vec<f64>,
}

impl Tally {
    pub fn new(scenario: &Scenario) -> Self {
        let (endpoints, outputs) = (scenario.endpoints.len(), scenario.key_outputs().len());
        Tally {
            seconds: 0.0,
            courses: 0,
            evaluations: 0,
            endpoints: vec![Vec::new(); endpoints],
            whose: vec![(0.0, (0, 0)); endpoints],
            changed: vec![Vec::new(); endpoints],
            parted: Vec::new(),
            at_visits: vec![Vec::new(); outputs],
            recorded: vec![Vec::new(); outputs],
            worst: Vec::new(),
        }
    }

    pub fn enter(&mut self, course: &Trajectory, agreement: &Agreement) {
        let who = (course.arm, course.patient);
        self.courses += 1;
        self.evaluations += course.counts.evaluations;
        for (number, (visits, recorded)) in agreement.at_visits.iter().zip(&agreement.recorded).enumerate() {
            self.at_visits[number].push(*visits);
            self.recorded[number].extend(*recorded);
        }
        if let Some(parting) = agreement.parting {
            self.parted.push((who, parting));
            return;
        }
        let mut worst = 0.0_f64;
        for (number, endpoint) in agreement.endpoints.iter().enumerate() {
            if endpoint.changed {
                self.changed[number].push(who);
            } else if let Some(relative) = endpoint.relative {
                self.endpoints[number].push(relative);
                let whose = &mut self.whose[number];
                *whose = if relative > whose.0 { (relative, who) } else { *whose };
                worst = worst.max(relative);
            }
        }
        self.worst.push(worst);
    }

    pub fn add(&mut self, other: Tally) {
        let append = |all: &mut Vec<Vec<f64>>, more: Vec<Vec<f64>>| {
            all.iter_mut().zip(more).for_each(|(all, more)| all.extend(more));
        };
        self.seconds += other.seconds;
        self.courses += other.courses;
        self.evaluations += other.evaluations;
        append(&mut self.endpoints, other.endpoints);
        self.changed.iter_mut().zip(other.changed).for_each(|(all, more)| all.extend(more));
        for (all, more) in self.whose.iter_mut().zip(other.whose) {
            *all = if more.0 > all.0 { more } else { *all };
        }
        self.parted.extend(other.parted);
        append(&mut self.at_visits, other.at_visits);
        append(&mut self.recorded, other.recorded);
        self.worst.extend(other.worst);
    }
}

fn largest(errors: &[f64]) -> f64 {
    errors.iter().copied().fold(0.0, f64::max)
}

fn median(errors: &[f64]) -> f64 {
    let mut sorted = errors.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// One row per tolerance.
pub fn curve(scenario: &Scenario, tolerances: &[f64], tallies: &[Tally]) {
    println!(
        "| rtol | courses | evaluations per course | ms per course | continuous endpoints, largest error (which) | median of the \
         courses' largest | outputs at visits, largest error | categories changed | decided otherwise |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for (rtol, tally) in tolerances.iter().zip(tallies).filter(|(_, tally)| tally.courses > 0) {
        let errors = tally.endpoints.iter().map(|errors| largest(errors)).enumerate();
        let (which, error) = errors.reduce(|a, b| if b.1 > a.1 { b } else { a }).unwrap_or((0, 0.0));
        let outputs = tally.at_visits.iter().map(|errors| largest(errors)).fold(0.0, f64::max);
        let changed: usize = tally.changed.iter().map(Vec::len).sum();
        println!(
            "| {rtol:.0e} | {} | {} | {:.1} | {error:.1e} ({}) | {:.1e} | {outputs:.1e} | {changed} | {} |",
            tally.courses,
            tally.evaluations / tally.courses as u64,
            1e3 * tally.seconds / tally.courses as f64,
            scenario.endpoints[which].name,
            median(&tally.worst),
            tally.parted.len(),
        );
    }
}

/// One row per endpoint.
pub fn by_endpoint(scenario: &Scenario, rtol: f64, tally: &Tally) {
    println!(
        "\n| endpoint at rtol {rtol:.0e} | largest error | in | median error | changed, of {} |",
        tally.worst.len()
    );
    println!("|---|---|---|---|---|");
    for (number, endpoint) in scenario.endpoints.iter().enumerate() {
        let errors = &tally.endpoints[number];
        let number_or_dash =
            |value: f64| if errors.is_empty() { "–".to_owned() } else { format!("{value:.1e}") };
        let (error, (arm, patient)) = tally.whose[number];
        let whose = format!("patient {}, {}", patient + 1, scenario.arms[arm].name);
        let whose = if error > 0.0 { whose } else { "–".to_owned() };
        println!(
            "| {} | {} | {whose} | {} | {} |",
            endpoint.name,
            number_or_dash(largest(errors)),
            number_or_dash(median(errors)),
            tally.changed[number].len()
        );
    }
}

/// One row per output.
pub fn by_output(scenario: &Scenario, rtol: f64, tally: &Tally) {
    println!(
        "\n| output at rtol {rtol:.0e} | largest error at visits | median | largest error recorded | median |"
    );
    println!("|---|---|---|---|---|");
    for (number, output) in scenario.key_outputs().into_iter().enumerate() {
        let (visits, recorded) = (&tally.at_visits[number], &tally.recorded[number]);
        let [most, usual] = [largest(recorded), median(recorded)]
            .map(|value| if recorded.is_empty() { "–".to_owned() } else { format!("{value:.1e}") });
        println!(
            "| `{}` | {:.1e} | {:.1e} | {most} | {usual} |",
            scenario.model.outputs[output].name,
            largest(visits),
            median(visits)
        );
    }
}

/// Who is decided otherwise, and whose category changed.
pub fn exceptions(scenario: &Scenario, rtol: f64, tally: &Tally) {
    println!("\nDecided otherwise at rtol {rtol:.0e}:\n");
    for ((arm, patient), Parting { time, what }) in &tally.parted {
        let what = match what {
            Parted::Rule(rule) => format!("rule {}", scenario.rules[*rule].name),
            Parted::Hazard(hazard) => format!("event {}", scenario.model.hazards[*hazard].name),
            Parted::Dose(_) => "a dose".to_owned(),
            Parted::Visit => "a visit".to_owned(),
        };
        println!("- patient {}, {}: day {:.2}, {what}", patient + 1, scenario.arms[*arm].name, time + 1.0);
    }
    println!("\nChanged at rtol {rtol:.0e}:\n");
    for (endpoint, changed) in scenario.endpoints.iter().zip(&tally.changed) {
        for (arm, patient) in changed {
            println!("- patient {}, {}: {}", patient + 1, scenario.arms[*arm].name, endpoint.name);
        }
    }
}
