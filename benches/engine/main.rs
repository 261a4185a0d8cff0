//! What the engine costs, beside other ways to do the same work in the same run: `cargo bench --bench engine`.
//!
//! Prints tables in Markdown; `benches/README.md` holds the last ones. Arguments pick problems: `cargo bench --bench engine --
//! neutropenia threads`. Memory of 100,000 patients takes a minute or two and is measured only if `memory` is asked for.

mod arithmetic;
mod child;
mod claims;
mod flagship;
mod measure;
mod memory;
mod native;
mod neutropenia;
mod pharmacokinetics;
mod shelf;
mod table;
mod target_mediated;
mod threads;

struct Problem {
    name: &'static str,
    /// Where it is asked for by name.
    run: fn(),
    /// Where no problem is named.
    in_passing: fn(),
}

fn main() {
    let problem = |name, run| Problem { name, run, in_passing: run };
    let problems = [
        problem("neutropenia", neutropenia::run),
        problem("pharmacokinetics", pharmacokinetics::run),
        problem("flagship", flagship::run),
        problem("target-mediated", target_mediated::run),
        problem("threads", threads::run),
        Problem { name: "memory", run: memory::run, in_passing: memory::small },
    ];
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if let Some(unknown) = wanted.iter().find(|wanted| !problems.iter().any(|it| *wanted == it.name)) {
        let names = problems.map(|problem| problem.name).join(", ");
        eprintln!("there is no problem `{unknown}`; there are {names}");
        std::process::exit(2);
    }
    for Problem { name, run, in_passing } in problems {
        if wanted.is_empty() {
            in_passing();
        } else if wanted.iter().any(|wanted| wanted == name) {
            run();
        }
    }
}
