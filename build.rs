//! Rebuilds when a built-in file is added: the embedding notices changed files, but not new ones.

fn main() {
    println!("cargo::rerun-if-changed=models");
    println!("cargo::rerun-if-changed=scenarios");
}
