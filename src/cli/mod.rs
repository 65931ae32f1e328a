//! The command line: arguments in, text on stdout, progress and diagnostics on stderr, one exit code.
//!
//! Invariant: results go to stdout, everything else to stderr; exit codes are those of `exit`.
//! Not here: anything that decides a claim.

mod args;
mod certify;
mod check;
mod claims;
mod eval;
mod exit;
mod explain;
mod input;
mod output;
mod progress;
mod reproduce;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Arguments, Command};
use exit::Exit;

/// Runs one command and returns its exit code.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return print_usage(&error),
    };
    let exit = std::panic::catch_unwind(|| run(arguments.command)).unwrap_or_else(|_| {
        output::diagnose("internal error: this is a bug in attestor; please report the command and the message above");
        Exit::Internal
    });
    ExitCode::from(exit.code())
}

fn run(command: Command) -> Exit {
    let result = match command {
        Command::Claims(arguments) => claims::run(&arguments),
        Command::Certify(arguments) => certify::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Eval(arguments) => eval::run(&arguments),
        Command::Reproduce(arguments) => reproduce::run(&arguments),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "attestor", &mut script);
            output::print(&String::from_utf8_lossy(&script)).map(|()| Exit::Success)
        }
    };
    result.unwrap_or_else(|failure| {
        output::diagnose(&failure.message);
        failure.exit
    })
}

/// Help and version go to stdout with exit 0, usage errors to stderr with exit 2.
fn print_usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    let exit = if error.use_stderr() { Exit::Usage } else { Exit::Success };
    ExitCode::from(exit.code())
}
