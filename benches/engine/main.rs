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
    let problems: [(&str, fn()); 6] = [
        ("neutropenia", neutropenia::run),
        ("pharmacokinetics", pharmacokinetics::run),
        ("flagship", flagship::run),
        ("target-mediated", target_mediated::run),
        ("threads", threads::run),
        ("memory", memory::run),
    ];
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if let Some(unknown) = wanted.iter().find(|wanted| !problems.iter().any(|(name, _)| wanted == name)) {
        let names = problems.map(|(name, _)| name).join(", ");
        eprintln!("there is no problem `{unknown}`; there are {names}");
        std::process::exit(2);
    }
    for (name, run) in problems {
        if wanted.iter().any(|wanted| wanted == name) {
            run();
        } else if wanted.is_empty() {
            // The large one only by name.
            if name == "memory" { memory::small() } else { run() }
        }
    }
}
