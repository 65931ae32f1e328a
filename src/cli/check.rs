//! `attestor check`: the independent checker, with the numbers beside its verdicts.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use attestor::report::numbers_beside;
use attestor_check::{ClaimFile, Options, Report, Verdict, check_reader, worst_exit_code};
use serde_json::json;

use super::args::CheckArguments;
use super::exit::{Exit, Failure};
use super::output;

/// Checks every file and returns the worst exit code.
pub fn run(arguments: &CheckArguments) -> Result<Exit, Failure> {
    let options = options(arguments.claim.as_deref())?;
    let mut codes = Vec::new();
    let mut results = Vec::new();
    for path in &arguments.files {
        let report = check_file(path, &options);
        codes.push(report.verdict.exit_code());
        let numbers = numbers_beside::numbers(&report);
        if arguments.json {
            results.push(json!({
                "file": path.display().to_string(),
                "verdict": report.verdict.line(),
                "exit_code": report.verdict.exit_code(),
                "numbers": numbers.as_ref().map(numbers_beside::json),
            }));
        } else {
            output::print_line(&report.verdict.line())?;
            output::print(&numbers.as_ref().map(numbers_beside::lines).unwrap_or_default())?;
        }
    }
    if arguments.json {
        output::print_json(&json!({ "format": "attestor-check", "version": 1, "results": results }))?;
    }
    Ok(exit(worst_exit_code(&codes)))
}

/// The checker's options; a claim file that is not one is a usage error.
fn options(claim: Option<&Path>) -> Result<Options, Failure> {
    let Some(path) = claim else { return Ok(Options::default()) };
    let bytes =
        std::fs::read(path).map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))?;
    let claim = ClaimFile::parse(&bytes)
        .map_err(|verdict| Failure::usage(format!("{}: {}", path.display(), verdict.line())))?;
    Ok(Options { claim: Some(claim) })
}

/// The checker's report on one file; `-` is standard input.
pub fn check_file(path: &Path, options: &Options) -> Report {
    if path == Path::new("-") {
        return check_reader(std::io::stdin().lock(), options);
    }
    match File::open(path) {
        Ok(file) => check_reader(BufReader::new(file), options),
        Err(error) => {
            output::diagnose(&format!("cannot read {}: {error}", path.display()));
            Report { verdict: Verdict::unreadable(0), claim: None, facts: None }
        }
    }
}

/// All bytes of a file; `-` is standard input.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let mut reader: Box<dyn BufRead> = if path == Path::new("-") {
        Box::new(BufReader::new(std::io::stdin()))
    } else {
        let file =
            File::open(path).map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))?;
        Box::new(BufReader::new(file))
    };
    let read = reader.read_to_end(&mut bytes);
    read.map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))?;
    Ok(bytes)
}

/// The exit that a verdict's code stands for.
pub fn exit(code: u8) -> Exit {
    match code {
        0 => Exit::Success,
        1 => Exit::Refuted,
        2 => Exit::Usage,
        4 => Exit::Resource,
        6 => Exit::Vacuous,
        _ => Exit::Internal,
    }
}
