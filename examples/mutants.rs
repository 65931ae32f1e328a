//! Many mutants: `cargo run --release --example mutants -- --count 100000 --seed 1`.
//!
//! Prints the counts by verdict and code, and every false accept; ends with an error if there is one.
//! `--certificates` prints the certificates that the mutants are made from instead:
//! the recipe for `checker/tests/data/tiny.jsonl`.

#[path = "../tests/support/mod.rs"]
mod support;

use std::io::Write;
use std::process::ExitCode;

use support::mutation::{run, verdict};
use support::tiny::certificates;

fn main() -> ExitCode {
    let (mut count, mut seed) = (100_000, 1);
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments == ["--certificates"] {
        return exit_code(certificates().iter().all(|bytes| std::io::stdout().write_all(bytes).is_ok()));
    }
    for pair in arguments.chunks(2) {
        match (pair, pair.get(1).and_then(|value| value.parse().ok())) {
            ([name, _], Some(value)) if name == "--count" => count = value,
            ([name, _], Some(value)) if name == "--seed" => seed = value,
            _ => {
                eprintln!("usage: mutants [--count N] [--seed S] | --certificates");
                return ExitCode::from(2);
            }
        }
    }
    let tally = run(&certificates(), count, seed, verdict);
    print!("{}", tally.report());
    for certificate in &tally.false_accepts {
        println!("\nfalse accept: {certificate}");
    }
    exit_code(tally.false_accepts.is_empty())
}

fn exit_code(is_right: bool) -> ExitCode {
    if is_right { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
