//! `regimen merge`: folders of shards in, the folder of the whole sweep out.

use std::path::{Path, PathBuf};

use super::message;
use super::outcome::Outcome;
use super::sweep_told::failed;
use crate::diagnostic::{Diagnostic, Sources};
use crate::sweep::{self, MergeError, StoreError};

/// Merges, and prints the folder.
pub fn merge(folders: &[PathBuf], out: &Path) -> Outcome {
    match sweep::merge(folders, out) {
        Ok(merged) => {
            message::note(format!("{} runs from {} folders", merged.points, merged.folders));
            message::result(format!("{}\n", out.display()), failed(merged.failed_courses))
        }
        Err(error) => {
            message::findings(&[finding(&error, out)], &Sources::default());
            match error {
                MergeError::Refused(..) => Outcome::Failed,
                _ => Outcome::WrongInput,
            }
        }
    }
}

fn finding(error: &MergeError, out: &Path) -> Diagnostic {
    match error {
        MergeError::NotFinished(folder) => {
            Diagnostic::plain(format!("`{}` holds no finished sweep or shard", folder.display()))
                .help("run `regimen sweep … --shard I/N --out DIR` again: it computes what is missing")
        }
        MergeError::DifferentSweeps(one, other) => Diagnostic::plain(format!(
            "`{}` and `{}` are parts of different sweeps",
            one.display(),
            other.display()
        ))
        .help("every shard needs the same sweep file, scenario, model and settings; run the ones that differ again"),
        MergeError::DifferentArithmetic([(one, class), (other, other_class)]) => Diagnostic::plain(format!(
            "`{}` and `{}` were computed by programs whose arithmetic differs",
            one.display(),
            other.display()
        ))
        .note(format!("{}: {class}", one.display()))
        .note(format!("{}: {other_class}", other.display()))
        .help("run all shards with one version of the program on one kind of machine"),
        MergeError::Missing(missing, of, file) => {
            Diagnostic::plain(format!("{missing} of {of} runs are in none of these folders, the first as `{file}`"))
                .help("name the folders of all shards, or run the missing ones")
        }
        MergeError::Index(path) => Diagnostic::plain(format!("`{}` is not the index of a sweep", path.display()))
            .help("run the sweep again: it computes only what is missing and writes the index anew"),
        MergeError::Damaged(path) => Diagnostic::plain(format!("`{}` is damaged: it was changed, is cut off or no table", path.display()))
            .help("remove it and run its shard again, which computes it anew; or copy it again from where it was written"),
        MergeError::Contradiction(one, other) => Diagnostic::plain(format!(
            "`{}` and `{}` are results of one run and differ",
            one.display(),
            other.display()
        ))
        .help("remove both and run their shards again"),
        MergeError::Target(StoreError::Refused(path, why)) | MergeError::Refused(path, why) => {
            Diagnostic::plain(format!("cannot read or write `{}`: {why}", path.display()))
                .help("name a folder that you may write to with --out DIR")
        }
        MergeError::Target(StoreError::Foreign(what)) => {
            Diagnostic::plain(format!("`{}` holds `{}`, which no sweep wrote", out.display(), what.display()))
                .help("name another folder with --out DIR")
        }
        MergeError::Target(StoreError::OtherSweep(name)) => {
            Diagnostic::plain(format!("`{}` holds the results of the sweep `{name}`", out.display()))
                .help("name another folder with --out DIR")
        }
    }
}
