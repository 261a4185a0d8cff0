//! A scenario file, with the libraries, model and population that it names, to a checked [`Scenario`].

use super::accepted;
use super::caution::{self, cautions};
use super::conduct::Conduct;
use super::definition::{Group, MemoryCell, Note, Rule, Scenario};
use super::enrolment::{self, Enrolment};
use super::fields::Surroundings;
use super::library::Declarations;
use super::names::{ModelNames, PatientScope};
use super::places::Places;
use super::record::Records;
use super::settings::{self, Settings};
use super::signal::duplicate;
use super::time::duration;
use super::treatment::DEFAULT_CYCLE;
use super::visit::Visits;
use super::{
    adherence, analysis, arm, endpoint, grade, laboratory, numerics, occasion, rule, signal, treatment,
    uncertain, uncertainty, values, visit,
};
use crate::diagnostic::{Diagnostic, Sources, Span, Text, has_errors};
use crate::document::{self, Table, Value};
use crate::expression;
use crate::model::{self, Kind, Loader, Model, check_condition};

/// Seed where none is given.
pub const DEFAULT_SEED: u64 = 1;
/// A longer follow-up than this is a slip of the unit, d.
const LONGEST: f64 = 200.0 * 365.25;

/// Reads and checks the scenario called `name`, its model, population and libraries. Every error found in every file
/// is pushed; `None` if there was one. Warnings are pushed too and do no harm.
pub fn load(
    name: &str,
    settings: &Settings,
    loader: &dyn Loader,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Scenario> {
    load_with_places(name, settings, loader, sources, diagnostics).map(|(scenario, _)| scenario)
}

/// As [`load`], with where its rules and signals stand.
pub fn load_with_places(
    name: &str,
    settings: &Settings,
    loader: &dyn Loader,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Scenario, Places)> {
    let errors = diagnostics.len();
    let (shown, text) = match loader.load(Kind::Scenario, name, None) {
        Ok(found) => found,
        Err(why) => {
            diagnostics.push(Diagnostic::plain(why));
            return None;
        }
    };
    let file = sources.add(shown.clone(), text.clone());
    let mut table = document::parse(file, &text, diagnostics)?;
    settings::apply(settings, &mut table, sources, diagnostics);
    let beside = Beside { loader, shown: &shown };
    let file = Span { file, start: 0, end: 0 };
    let front = Front::read(&mut table, settings, file, &beside, sources, diagnostics);
    let scenario = front.check(&beside, sources, diagnostics)?;
    (!has_errors(&diagnostics[errors..])).then_some(scenario)
}

/// A loader that looks beside the scenario file for whatever is asked for without a place.
struct Beside<'a> {
    loader: &'a dyn Loader,
    shown: &'a str,
}

impl Loader for Beside<'_> {
    fn load(&self, kind: Kind, name: &str, beside: Option<&str>) -> Result<(String, String), String> {
        self.loader.load(kind, name, beside.or(Some(self.shown)))
    }
}

/// Everything that can be read without the model, and the tables that cannot.
struct Front {
    name: String,
    file: Span,
    title: String,
    about: String,
    model: Option<Text>,
    horizon: Option<(f64, String)>,
    seed: u64,
    log_all_decisions: bool,
    cycle: f64,
    visits: Option<Visits>,
    occasions: Option<Value>,
    enrolment: Enrolment,
    numerics: super::definition::Numerics,
    parameters: Option<Table>,
    controls: Option<Table>,
    uncertainty: Option<Table>,
    laboratory: Option<Table>,
    adherence: Option<Table>,
    grades: Option<Table>,
    comparison: Option<Table>,
    replicates: Option<Table>,
    arms: Vec<Table>,
    declarations: Declarations,
}

impl Front {
    fn read(
        table: &mut Table,
        settings: &Settings,
        file: Span,
        loader: &Beside<'_>,
        sources: &mut Sources,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let name = std::path::Path::new(loader.shown).file_stem();
        let name = name.map_or_else(|| "scenario".to_owned(), |stem| stem.to_string_lossy().into_owned());
        let title = table.required_text("title", diagnostics).map_or(String::new(), |text| text.value);
        let about = table.text("about", diagnostics).map_or(String::new(), |text| text.value);
        let model = table.required_text("model", diagnostics);
        let mut visits = table.table("visits", diagnostics);
        let cycle = visits.as_mut().and_then(|visits| visits.text("cycle", diagnostics));
        let cycle = cycle
            .and_then(|text| duration(&text, None, diagnostics))
            .filter(|cycle| *cycle >= 1.0)
            .unwrap_or(DEFAULT_CYCLE);
        let horizon = table.required_text("horizon", diagnostics);
        let horizon = horizon.and_then(|text| follow_up(&text, cycle, diagnostics));
        let visits = horizon.as_ref().map(|(horizon, _)| visit::read(visits, *horizon, cycle, diagnostics));
        let occasions = table.value("occasions");
        let seed = table.integer("seed", diagnostics).map_or(DEFAULT_SEED, |(seed, _)| seed);
        let log_all_decisions =
            table.boolean("log_all_decisions", diagnostics).is_some_and(|(wanted, _)| wanted);
        let mut enrolment = enrolment::read(table.table("population", diagnostics), file, diagnostics);
        match settings.patients {
            Some(0) => diagnostics.push(
                Diagnostic::plain("the number of patients must be at least 1").help("write `--patients 100`"),
            ),
            Some(patients) => enrolment.patients = patients,
            None => {}
        }
        let numerics = numerics::read(table.table("numerics", diagnostics), settings, diagnostics);
        let parameters = table.table("parameters", diagnostics);
        let controls = table.table("controls", diagnostics);
        let uncertainty = table.table("uncertainty", diagnostics);
        let laboratory = table.table("laboratory", diagnostics);
        let adherence = table.table("adherence", diagnostics);
        let grades = table.table("grades", diagnostics);
        let comparison = table.table("comparison", diagnostics);
        let replicates = table.table("replicates", diagnostics);
        let arms = table.tables("arm", diagnostics);
        let wanted = table.texts("use", diagnostics);
        let mut declarations = Declarations::default();
        declarations.read_libraries(&wanted, loader, loader.shown, sources, diagnostics);
        declarations.take(table, true, diagnostics);
        declarations.read_sets(&arms, loader, loader.shown, sources, diagnostics);
        table.clone().finish(diagnostics);
        Self {
            name,
            file,
            title,
            about,
            model,
            horizon,
            seed: settings.seed.unwrap_or(seed),
            log_all_decisions,
            cycle,
            visits,
            occasions,
            enrolment,
            numerics,
            parameters,
            controls,
            uncertainty,
            laboratory,
            adherence,
            grades,
            comparison,
            replicates,
            arms,
            declarations,
        }
    }

    fn check(
        self,
        loader: &Beside<'_>,
        sources: &mut Sources,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<(Scenario, Places)> {
        let asked = self.model?;
        let mut model = load_model(&asked, loader, sources, diagnostics)?;
        let mut names = ModelNames::new(&model);
        let drawn_before = laboratory::read(self.laboratory, &mut model, &mut names, diagnostics);
        let overrides = values::apply(self.parameters, self.controls, &mut model, &names, diagnostics);
        let around = uncertain::Around { model: &model, names: &names, loader, beside: loader.shown };
        let uncertainty = uncertainty::read(self.uncertainty, &around, sources, diagnostics);
        let (patients, variability) = (self.enrolment.patients, self.enrolment.variability);
        let population =
            self.enrolment.describe(&mut model, &mut names, loader, loader.shown, sources, diagnostics);
        let ((horizon, horizon_text), visits) = (self.horizon?, self.visits?);
        let around =
            occasion::Around { asked: &asked, visits: &visits, horizon, cycle: self.cycle, variability };
        let occasions = occasion::read(self.occasions, &model, &around, diagnostics);
        let adherence = adherence::read(self.adherence, &names, diagnostics);
        let around = treatment::Around {
            model: &model,
            names: &names,
            visits: &visits.schedules,
            adherence: &adherence,
        };
        let mut arms = arm::read(self.arms, &around, self.file, diagnostics);
        let mut places = Places::of(&self.declarations);
        let mut memory = Vec::new();
        let Declarations {
            signals,
            grade_tables,
            rules,
            endpoints,
            records,
            groups,
            mut notes,
            sets,
            accepted,
        } = self.declarations;
        arms.iter_mut().for_each(|arm| sets.unfold(&mut arm.rules));
        places.arms(&arms);
        names.grades = grade::read(grade_tables, self.grades, &model, &names, diagnostics);
        let (signals, known) = signal::read(signals, &names, &visits.schedules, &mut memory, diagnostics);
        let around = rule::Surroundings {
            model: &model,
            names: &names,
            signals: &signals,
            known: &known,
            cycle: self.cycle,
        };
        let (rules, faulty) = read_rules(rules, &arms, &around, &mut memory, diagnostics);
        let arms = arm::bind(arms, &rules, &faulty, diagnostics);
        for Note { title, lines } in cautions(&model, &arms) {
            caution::add(&mut notes, title, lines);
        }
        notes.extend(accepted::note(&accepted, &rules));
        let records = Records::read(records, &names, horizon, self.cycle, diagnostics);
        let faulty: Vec<String> =
            known.iter().filter(|signal| signal.faulty).map(|signal| signal.name.clone()).collect();
        let around = Surroundings {
            model: &model,
            names: &names,
            signals: &signals,
            faulty_signals: &faulty,
            visits: &visits.schedules,
            records: &records,
            cycle: self.cycle,
        };
        let endpoints = endpoint::read(endpoints, &around, diagnostics);
        let spans = (self.cycle, horizon);
        let analysis = analysis::read(self.comparison, self.replicates, &endpoints, spans, diagnostics);
        let records = records.finish(&endpoints, &model);
        let groups = read_groups(groups, &names, diagnostics);
        let scenario = Scenario {
            name: self.name,
            title: self.title,
            about: self.about,
            model,
            overrides,
            horizon,
            horizon_text,
            log_all_decisions: self.log_all_decisions,
            seed: self.seed,
            patients,
            variability,
            population: population?,
            visits: visits.schedules,
            visits_while_held: visits.while_held,
            conduct: Conduct { cycle: self.cycle, missed: visits.missed, late: visits.late, drawn_before },
            occasions,
            arms,
            signals,
            memory,
            rules,
            endpoints,
            records,
            numerics: self.numerics,
            uncertainty,
            analysis,
            groups,
            notes,
        };
        Some((scenario, places))
    }
}

fn follow_up(text: &Text, cycle: f64, diagnostics: &mut Vec<Diagnostic>) -> Option<(f64, String)> {
    if text.value.trim_start().starts_with('-') {
        diagnostics.push(
            Diagnostic::error("the horizon must be positive", text.span, "negative")
                .help("write for example `horizon = \"24 months\"`"),
        );
        return None;
    }
    let horizon = duration(text, Some(cycle), diagnostics)?;
    if horizon > LONGEST {
        diagnostics.push(
            Diagnostic::error("the horizon is longer than 200 years", text.span, format!("{horizon} d"))
                .help("check the unit; write for example `horizon = \"24 months\"`"),
        );
        return None;
    }
    Some((horizon, text.value.clone()))
}

/// Loads the model; where there is none, the caret stands under the scenario's `model`.
fn load_model(
    name: &Text,
    loader: &Beside<'_>,
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Model> {
    if let Err(why) = loader.load(Kind::Model, &name.value, None) {
        diagnostics.push(Diagnostic::error(why, name.span, "asked for here"));
        return None;
    }
    model::load(&name.value, loader, sources, diagnostics)
}

/// Reads the rules that arms name, and those of the scenario file itself; the latter are left out again, with a warning,
/// if no arm names them. Also returns the names of rules with errors.
fn read_rules(
    tables: Vec<(Text, Table, bool)>,
    arms: &[arm::Declared],
    around: &rule::Surroundings<'_>,
    memory: &mut Vec<MemoryCell>,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Vec<Rule>, Vec<String>) {
    let (mut rules, mut faulty) = (Vec::new(), Vec::new());
    for (name, table, own) in tables {
        let named = arms.iter().any(|arm| arm.rules.iter().any(|rule| rule.value == name.value));
        if !named && !own {
            continue;
        }
        let (cells, text) = (memory.len(), name.clone());
        let rule = rule::read(name, table, around, memory, diagnostics);
        if !named {
            memory.truncate(cells);
            diagnostics.push(
                Diagnostic::error(
                    format!("the rule `{}` applies to no arm", text.value),
                    text.span,
                    "named by no arm",
                )
                .help(format!("add it to an arm: `rules = [\"{}\"]`", text.value))
                .warning(),
            );
        } else if let Some(rule) = rule {
            rules.push(rule);
        } else {
            faulty.push(text.value);
        }
    }
    (rules, faulty)
}

/// `[[group]]`: subgroups by what is known of a patient before the trial.
fn read_groups(tables: Vec<Table>, names: &ModelNames, diagnostics: &mut Vec<Diagnostic>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut seen: Vec<Text> = Vec::new();
    for mut table in tables {
        let name = table.required_text("name", diagnostics);
        let when = table.required_text("when", diagnostics);
        table.finish(diagnostics);
        let expression = when.and_then(|when| expression::parse(&when, diagnostics));
        let condition = expression
            .and_then(|expression| check_condition(&expression, &mut PatientScope(names), diagnostics));
        let Some(name) = name else { continue };
        if let Some(first) = seen.iter().find(|other| other.value == name.value) {
            diagnostics.push(duplicate("group", &name, first.span));
        }
        groups.extend(condition.map(|condition| Group { name: name.value.clone(), condition }));
        seen.push(name);
    }
    groups
}
