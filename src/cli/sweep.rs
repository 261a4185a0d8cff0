//! `regimen sweep`: sweep file in, a folder of partitions out, resumed where it was left.

use std::path::{Path, PathBuf};

use super::front;
use super::loader::Files;
use super::message;
use super::options::SweepOptions;
use super::outcome::Outcome;
use super::progress::listen_for_interrupt;
use super::sensitivity;
use super::slurm;
use super::sweep_bar::SweepBar;
use super::sweep_report;
use super::sweep_told::{ended, forecast_text, not_sampled, stopped};
use super::text;
use crate::diagnostic::{Diagnostic, Sources, has_errors};
use crate::sweep::slurm::SlurmOption;
use crate::sweep::{self, Plan, Question, Ran, Shard, Snapshot, Stages, Store, StoreError, Sweep, Work};

/// Where sweeps are written when `--out` does not say.
const OUTPUT: &str = "output";
/// How long a sweep file may be, bytes.
const LIMIT: u64 = 4 << 20;

/// Reads, plans, computes what is missing.
pub fn sweep(name: &str, options: &SweepOptions) -> Outcome {
    let for_slurm = if options.slurm { slurm::options(options) } else { Some(Vec::new()) };
    let Some(for_slurm) = for_slurm else { return Outcome::WrongInput };
    let (shown, text) = match text::find(name, "sweeps", "sweep", LIMIT) {
        Ok(found) => found,
        Err(why) => {
            message::findings(&[Diagnostic::plain(why)], &Sources::default());
            return Outcome::WrongInput;
        }
    };
    let loader = Snapshot::new(&Files, &shown);
    if let Some(folder) = options.reuse.iter().find(|folder| !folder.is_dir()) {
        let finding =
            Diagnostic::plain(format!("there is no folder `{}` to take results over from", folder.display()))
                .help("name the folder of an earlier call after --reuse, the one with `sweep.json` in it");
        message::findings(&[finding], &Sources::default());
        return Outcome::WrongInput;
    }
    let Some(plan) = planned(&shown, &text, options, &loader) else { return Outcome::WrongInput };
    let shard = options.shard.unwrap_or(Shard::WHOLE);
    let folder = options.out.clone().unwrap_or_else(|| place(&plan, shard));
    listen_for_interrupt();
    let tips = matches!(plan.sweep.question, Question::Tipping(_));
    let searches = tips || plan.sweep.search.is_some();
    if searches && (shard != Shard::WHOLE || options.slurm) {
        return no_shards(&plan.sweep);
    }
    if options.dry_run {
        let store = folder.is_dir().then(|| Store::open(&folder, &plan.sweep.name));
        return match store.transpose() {
            Ok(store) => dry_run(&plan, store.as_ref(), shard, &loader, options, &for_slurm),
            Err(error) => unusable(&folder, &error),
        };
    }
    if options.report && !folder.is_dir() {
        return sweep_report::nothing(&folder);
    }
    let store = match Store::open(&folder, &plan.sweep.name) {
        Ok(store) => store,
        Err(error) => return unusable(&folder, &error),
    };
    if options.report {
        return sweep_report::only(&plan, &store, options.work.quiet);
    }
    if !values_are_fine(&plan, &store, &loader) {
        return Outcome::WrongInput;
    }
    if options.slurm {
        let (plan, store, loader) = (&plan, &store, &loader);
        let work = slurm::Work { shown: &shown, plan, store, typed: options, found: &for_slurm, loader };
        if let Some(outcome) = slurm::carry_out(&work) {
            return outcome;
        }
    }
    compute(&plan, &store, shard, &loader, options)
}

/// The plan of a sweep, if it can be made and is the one that is asked for; else `None`, with findings.
fn planned(shown: &str, text: &str, options: &SweepOptions, loader: &Snapshot<'_>) -> Option<Plan> {
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let read = sweep::read(shown, text, &options.set, loader, &mut sources, &mut diagnostics);
    let plan = read.and_then(|sweep| Plan::new(sweep, loader, &mut sources, &mut diagnostics));
    message::findings(&diagnostics, &sources);
    let plan = plan.filter(|_| !has_errors(&diagnostics))?;
    if let Some(wanted) = options.plan.as_ref().filter(|wanted| **wanted != plan.digest) {
        message::findings(&[other_plan(&plan, wanted)], &Sources::default());
        return None;
    }
    Some(plan)
}

/// Computes what is missing in this process.
fn compute(
    plan: &Plan,
    store: &Store,
    shard: Shard,
    loader: &Snapshot<'_>,
    options: &SweepOptions,
) -> Outcome {
    let bar = SweepBar::new(options.work.quiet);
    let threads = options.work.threads();
    let stages = || Stages::new(store, loader, &options.reuse, threads, &bar);
    if matches!(plan.sweep.question, Question::Tipping(_)) {
        let found = crate::sensitivity::search(&plan.sweep, stages());
        bar.clear();
        return sensitivity::searched(plan, store, found, options.work.quiet);
    }
    if plan.sweep.search.is_some() {
        let found = crate::front::search(&plan.sweep, stages());
        bar.clear();
        return front::searched(plan, store, found, options.work.quiet);
    }
    let ran =
        sweep::run(&Work { plan, store, shard, reuse: &options.reuse, loader, threads, progress: &bar });
    bar.clear();
    match ran {
        Ok(ran) => finish(plan, store, shard, &ran, options.work.quiet),
        Err(error) => stopped(store.folder(), &error.into()),
    }
}

/// Checks a sweep file and its scenario at few points.
pub fn check(name: &str, sources: &mut Sources, diagnostics: &mut Vec<Diagnostic>) {
    match text::find(name, "sweeps", "sweep", LIMIT) {
        Ok((shown, text)) => {
            let loader = Snapshot::new(&Files, &shown);
            if let Some(sweep) = sweep::read(&shown, &text, &[], &loader, sources, diagnostics) {
                sweep::check_values(&sweep, &loader, sources, diagnostics);
            }
        }
        Err(why) => diagnostics.push(Diagnostic::plain(why)),
    }
}

/// The folder of a sweep where none is given: always the same, so that the same command goes on.
fn place(plan: &Plan, shard: Shard) -> PathBuf {
    let part = match shard {
        Shard::WHOLE => "sweep".to_owned(),
        Shard { number, of } => format!("shard-{number}-of-{of}"),
    };
    Path::new(OUTPUT).join(&plan.sweep.name).join(part)
}

/// Looks for mistakes in the values of the axes, unless everything has been computed with them.
fn values_are_fine(plan: &Plan, store: &Store, loader: &Snapshot<'_>) -> bool {
    let complete = store.complete().unwrap_or_default();
    if plan.points.iter().all(|point| complete.contains(&point.file)) {
        return true;
    }
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    sweep::check_values(&plan.sweep, loader, &mut sources, &mut diagnostics);
    message::findings(&diagnostics, &sources);
    !has_errors(&diagnostics)
}

fn unusable(folder: &Path, error: &StoreError) -> Outcome {
    let folder = folder.display();
    let finding = match error {
        StoreError::Foreign(what) => {
            Diagnostic::plain(format!("`{folder}` holds `{}`, which no sweep wrote", what.display()))
        }
        StoreError::OtherSweep(other) => {
            Diagnostic::plain(format!("`{folder}` holds the results of the sweep `{other}`"))
        }
        StoreError::Refused(path, why) => {
            Diagnostic::plain(format!("cannot write the folder `{}`: {why}", path.display()))
        }
    };
    message::findings(&[finding.help("name another folder with --out DIR")], &Sources::default());
    Outcome::WrongInput
}

fn dry_run(
    plan: &Plan,
    store: Option<&Store>,
    shard: Shard,
    loader: &Snapshot<'_>,
    options: &SweepOptions,
    for_slurm: &[SlurmOption],
) -> Outcome {
    let bar = SweepBar::new(true);
    let threads = options.work.threads();
    let found = sweep::forecast(plan, store, shard, loader, threads, &bar);
    bar.clear();
    match found {
        Ok(forecast) => {
            let mut text = forecast_text(plan, shard, &forecast);
            if options.slurm && forecast.timed > 0 {
                let missing = slurm::missing(plan, store);
                text += &slurm::cut_text(plan, &missing, &forecast, options, for_slurm);
            }
            message::result(text, Outcome::Fine)
        }
        Err((place, error)) => not_sampled(plan, place, &error),
    }
}

fn other_plan(plan: &Plan, wanted: &str) -> Diagnostic {
    Diagnostic::plain(format!("the sweep `{}` has another plan than asked for with --plan", plan.sweep.name))
        .note(format!("asked for: {wanted}"))
        .note(format!("found:     {}", plan.digest))
        .help("a file that the sweep reads, a setting or the program was changed meanwhile: take it back, or submit the sweep again")
}

/// Says what was done, and names the folder.
fn finish(plan: &Plan, store: &Store, shard: Shard, ran: &Ran, quiet: bool) -> Outcome {
    // Of points without results nothing is made up.
    let more = if ran.without > 0 { Ok(None) } else { sensitivity::finish(plan, store, shard) };
    let more = match more {
        Ok(None) if ran.without == 0 => front::finish(plan, store, shard),
        more => more,
    };
    match more.and_then(|more| Ok((more, page(plan, store, shard, ran)?))) {
        Ok((more, page)) => {
            ended(plan, store, shard, ran, quiet, &(more.unwrap_or_default() + &page.unwrap_or_default()))
        }
        Err(outcome) => outcome,
    }
}

/// Writes the page of a whole sweep, with what there is. The line that names it.
fn page(plan: &Plan, store: &Store, shard: Shard, ran: &Ran) -> Result<Option<String>, Outcome> {
    if shard != Shard::WHOLE || ran.without == ran.points {
        return Ok(None);
    }
    let written = sweep_report::write(plan, store, ran.computed > 0)?;
    Ok(written.map(|path| format!("{}\n", path.display())))
}

/// A search cannot be split.
fn no_shards(sweep: &Sweep) -> Outcome {
    let what = if sweep.search.is_some() { "a search" } else { "a search for tipping points" };
    let finding = Diagnostic::plain(format!("{what} cannot be split into shards"))
        .note("each of its points depends on the results of those before")
        .help("run it whole, without --shard and --slurm: it uses all cores");
    message::findings(&[finding], &Sources::default());
    Outcome::WrongInput
}
