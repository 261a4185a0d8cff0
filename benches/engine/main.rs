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

fn main() {
    // By name, and where no problem is named.
    let problems: [(&str, fn(), fn()); 6] = [
        ("neutropenia", neutropenia::run, neutropenia::run),
        ("pharmacokinetics", pharmacokinetics::run, pharmacokinetics::run),
        ("flagship", flagship::run, flagship::run),
        ("target-mediated", target_mediated::run, target_mediated::run),
        ("threads", threads::run, threads::run),
        ("memory", memory::run, memory::small),
    ];
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if let Some(unknown) = wanted.iter().find(|wanted| !problems.iter().any(|problem| *wanted == problem.0)) {
        let names = problems.map(|problem| problem.0).join(", ");
        eprintln!("there is no problem `{unknown}`; there are {names}");
        std::process::exit(2);
    }
    for (name, run, in_passing) in problems {
        if wanted.is_empty() {
            in_passing();
        } else if wanted.iter().any(|wanted| wanted == name) {
            run();
        }
    }
}
