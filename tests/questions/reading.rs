//! Reading and running scenarios of this package.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use regimen::diagnostic::{Sources, render};
use regimen::endpoint::Value;
use regimen::model::{Kind, Loader};
use regimen::scenario::{Scenario, Settings, load};
use regimen::trial::{ArmResult, Entry, Log, NoLog, Progress, Trajectory, Trial, run};

/// Reads from the package's own `models/` and `scenarios/`.
struct Package;

impl Loader for Package {
    fn load(&self, kind: Kind, name: &str, _beside: Option<&str>) -> Result<(String, String), String> {
        let folder = match kind {
            Kind::Model | Kind::Library => "models",
            Kind::Population => "models/populations",
            Kind::Scenario | Kind::Draws => "scenarios",
            Kind::Outcomes => "outcomes",
            Kind::Calibration => "calibrations",
        };
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(format!("{name}.toml"));
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok((path.display().to_string(), text))
    }
}

/// A scenario with this many patients. Not even a warning is let pass.
pub fn scenario(name: &str, patients: usize) -> Scenario {
    let settings = Settings { patients: Some(patients), ..Settings::default() };
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let found = load(name, &settings, &Package, &mut sources, &mut diagnostics);
    let text = render(&diagnostics, &sources, false);
    assert!(diagnostics.is_empty(), "{name}:\n{text}");
    found.unwrap_or_else(|| panic!("{name} is refused without a word"))
}

struct Silent;

impl Progress for Silent {
    fn finished(&self) {}
    fn cancelled(&self) -> bool {
        false
    }
}

/// Keeps every course.
#[derive(Default)]
struct Keeping(Mutex<Vec<Trajectory>>);

impl Log for Keeping {
    fn entry(&self, course: &Trajectory) -> io::Result<Entry> {
        self.0.lock().expect("a list").push(course.clone());
        Ok(Entry::new())
    }
    fn write(&self, _entries: Vec<Entry>) -> io::Result<()> {
        Ok(())
    }
}

/// Runs it on all cores.
pub fn result(scenario: &Scenario) -> Trial {
    run(scenario, 0, &Silent, &NoLog).unwrap_or_else(|error| panic!("{}: {error:?}", scenario.name))
}

/// Runs it; with the courses by arm and patient.
pub fn result_and_courses(scenario: &Scenario) -> (Trial, Vec<Vec<Trajectory>>) {
    let log = Keeping::default();
    let trial =
        run(scenario, 0, &Silent, &log).unwrap_or_else(|error| panic!("{}: {error:?}", scenario.name));
    let mut arms = vec![Vec::new(); scenario.arms.len()];
    for course in log.0.into_inner().expect("a list") {
        arms[course.arm].push(course);
    }
    arms.iter_mut().for_each(|courses| courses.sort_by_key(|course| course.patient));
    (trial, arms)
}

/// Values of an endpoint in an arm, one per patient.
pub fn values<'t>(scenario: &Scenario, arm: &'t ArmResult, endpoint: &str) -> &'t [Value] {
    let index = scenario.endpoints.iter().position(|known| known.name == endpoint);
    &arm.values[index.unwrap_or_else(|| panic!("no endpoint {endpoint}"))]
}

fn names(folder: &Path, root: &Path, found: &mut Vec<String>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            names(&path, root, found);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            let name = path.strip_prefix(root).expect("inside").with_extension("");
            found.push(name.to_str().expect("a plain name").to_owned());
        }
    }
}

#[test]
fn every_scenario_says_in_words_what_it_asks_and_runs_in_every_arm() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut found = Vec::new();
    names(&root, &root, &mut found);
    assert!(found.len() >= 7, "scenarios/ holds {found:?}");
    for name in found {
        let scenario = scenario(&name, 3);
        assert!(!scenario.about.is_empty() && !scenario.notes.is_empty(), "{name} says not what it is for");
        for endpoint in &scenario.endpoints {
            assert!(!endpoint.about.is_empty(), "{name}: {} is not defined in words", endpoint.name);
            assert!(!endpoint.estimand.is_empty(), "{name}: {} has no estimand", endpoint.name);
        }
        let (trial, courses) = result_and_courses(&scenario);
        assert_eq!(trial.patients.len(), 3);
        for ((arm, result), courses) in scenario.arms.iter().zip(&trial.arms).zip(&courses) {
            assert_eq!((courses.len(), result.failures.len()), (3, 0), "{name}, {}", arm.name);
            assert!(courses.iter().all(|course| !course.doses.is_empty()), "{name}, {}", arm.name);
        }
    }
}

#[test]
fn every_population_can_be_drawn() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/populations");
    let mut found = Vec::new();
    names(&root, &root, &mut found);
    for name in found {
        let base = match name.as_str() {
            "renal-groups" => "pk-profile",
            "healthy" => "pk/food-study",
            "renal-volunteers" => "pk/renal-study",
            _ => "week-off",
        };
        let set =
            vec![("population.from".to_owned(), name.clone()), ("horizon".to_owned(), "57 d".to_owned())];
        let settings = Settings { patients: Some(40), set, ..Settings::default() };
        let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
        let scenario = load(base, &settings, &Package, &mut sources, &mut diagnostics);
        let scenario =
            scenario.unwrap_or_else(|| panic!("{name}:\n{}", render(&diagnostics, &sources, false)));
        let trial = result(&scenario);
        // Trials whose entry criteria cut deep into their population lose up to two draws of three.
        assert!(trial.acceptance > 0.3, "{name}: {} of the draws are accepted", trial.acceptance);
    }
}

#[test]
fn the_example_in_the_documentation_is_sound() {
    /// The page's first example as the scenario, everything else from the package.
    struct Page(String);
    impl Loader for Page {
        fn load(&self, kind: Kind, name: &str, beside: Option<&str>) -> Result<(String, String), String> {
            match kind {
                Kind::Scenario => Ok(("docs/scenario-file.md".to_owned(), self.0.clone())),
                _ => Package.load(kind, name, beside),
            }
        }
    }
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scenario-file.md");
    let page = std::fs::read_to_string(page).expect("docs/scenario-file.md");
    let example = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let page = Page(example.expect("a block of TOML").to_owned());
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let found = load("example", &Settings::default(), &page, &mut sources, &mut diagnostics);
    assert!(found.is_some() && diagnostics.is_empty(), "{}", render(&diagnostics, &sources, false));
}
