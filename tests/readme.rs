//! The README's examples are run as a reader would run them.

#[path = "program/mod.rs"]
mod program;

use std::fs;
use std::path::Path;

use program::regimen_in;

/// The TOML blocks of the README whose first line is a comment with a path: (path, text).
fn examples() -> Vec<(String, String)> {
    let readme =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("the README");
    let blocks =
        readme.split("```toml\n").skip(1).filter_map(|rest| rest.split_once("```").map(|(block, _)| block));
    let named = blocks.filter_map(|block| {
        let path = block.lines().next()?.strip_prefix("# ")?;
        Some((path.to_owned(), block.to_owned()))
    });
    named.collect()
}

#[test]
fn the_examples_are_without_fault_and_run() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let examples = examples();
    let paths: Vec<&str> = examples.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["models/my-drug.toml", "scenarios/my-trial.toml"]);
    for (path, text) in &examples {
        let file = folder.path().join(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, text).expect("a file");
    }
    let check = regimen_in(folder.path(), &[&["check"], paths.as_slice()].concat());
    assert_eq!((check.code, check.stderr.as_str()), (Some(0), ""), "{check}");
    let run = regimen_in(folder.path(), &["run", "my-trial", "--patients", "4"]);
    assert_eq!(run.code, Some(0), "{run}");
    assert!(folder.path().join(run.last_line()).is_file(), "{run}");
}
