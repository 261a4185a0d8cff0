//! What is refused: files that are no text or far too long, wrong options, settings that the file may not have either.

use super::*;

#[test]
fn files_that_are_no_text_are_refused() {
    let folder = project();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).expect("a file");
    write("latin.toml", b"title = \"caf\xE9\"\n");
    write("empty.toml", b"");
    let run = |name: &str| regimen_in(folder.path(), &["run", name]);
    refused(&run("latin.toml"), "`latin.toml` is not UTF-8 text: byte 0xE9 on line 1, column 13");
    refused(&run("empty.toml"), "`empty.toml` is empty");
    refused(&run("models"), "`models` is a folder; name a file in it");
    refused(&run("./nowhere.toml"), "there is no file `./nowhere.toml`");
    refused(&run("two-dose"), "did you mean `two-doses`?");
    refused(&regimen_in(folder.path(), &["check", "nowhere.toml"]), "there is no model `nowhere.toml`");
    refused(&regimen_in(folder.path(), &["describe", "orla"]), "did you mean `oral`?");
}

#[test]
fn megabytes_of_brackets_are_refused_at_once() {
    let folder = project();
    for (name, bytes) in [("ten.toml", 10 << 20), ("three.toml", 3 << 20)] {
        for text in [
            "[".repeat(bytes),
            format!("a = {}", "[".repeat(bytes)),
            "[]\n".repeat(bytes / 3),
            "{".repeat(bytes),
        ] {
            fs::write(folder.path().join(name), text).expect("a file");
            for command in ["check", "run", "describe"] {
                let started = Instant::now();
                let answer = regimen_in(folder.path(), &[command, name]);
                assert_eq!(answer.code, Some(2), "{command} {name}");
                assert!(answer.stderr.len() < 100_000, "{} bytes of messages", answer.stderr.len());
                assert!(
                    started.elapsed() < Duration::from_secs(10),
                    "{command} {name}: {:?}",
                    started.elapsed()
                );
            }
        }
    }
}

#[test]
fn wrong_options_are_usage_errors() {
    let folder = project();
    let run = |arguments: &[&str]| regimen_in(folder.path(), &[&["run", "two-doses"], arguments].concat());
    for text in ["nan", "inf", "1e400", "0", "-1e-6", "1", "fast"] {
        refused(&run(&["--rtol", text]), "invalid value");
    }
    for text in ["0", "-5", "1.5", "1e400", "nan", "99999999999"] {
        refused(&run(&["--patients", text]), "invalid value");
    }
    refused(&run(&["--seed", "-1"]), "invalid value");
    refused(&run(&["--threads", "0"]), "invalid value");
    refused(
        &run(&["--method", "euler"]),
        "possible values: auto, explicit, implicit, dopri5-reference, dop853-reference",
    );
    refused(&run(&["--set", "patients"]), "write PATH=VALUE");
    refused(&run(&["--patiens", "3"]), "--patients");
    refused(&regimen(&["rnu"]), "unrecognized subcommand 'rnu'");
    refused(&regimen(&["check"]), "<FILE>");
    refused(&regimen(&["run"]), "<SCENARIO>");
    refused(&regimen(&["man", "walk"]), "there is no command `walk`");
}

#[test]
fn settings_are_checked_like_the_file() {
    let folder = project();
    let set = |text: &str| regimen_in(folder.path(), &["run", "two-doses", "--set", text]);
    for text in [
        "parameters.cl=nan",
        "parameters.cl=1e400",
        "parameters.cl=5 mg",
        "parameters.clr=5",
        "population.patients=0",
        "population.patients=-3",
        "numerics.rtol=nan",
        "horizon=0 d",
        "horizon=forever",
        "arm.7.name=x",
        "arm.0.treatment.0.dose=10 mL",
        "modle=oral",
        "..=3",
    ] {
        let answer = set(text);
        refused(&answer, "error: ");
        assert!(answer.stderr.contains("--set"), "{text}: {answer}");
    }
}
