//! What the engine costs, beside other ways to do the same work in the same run: `cargo bench --bench engine`.
//!
//! Prints tables in Markdown; `benches/README.md` holds the last ones. An argument picks one problem: `cargo bench --bench
//! engine -- neutropenia`.

mod flagship;
mod measure;
mod native;
mod neutropenia;
mod shelf;
mod table;
mod target_mediated;

fn main() {
    let problems: [(&str, fn()); 3] = [
        ("neutropenia", neutropenia::run),
        ("flagship", flagship::run),
        ("target-mediated", target_mediated::run),
    ];
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    for (name, run) in problems {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            run();
        }
    }
}
