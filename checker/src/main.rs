//! The command line of the checker: one verdict line for each file.

#![forbid(unsafe_code)]

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use attestor_check::{ClaimFile, EXIT_INTERNAL, Options, Verdict, check_reader, limits_text, worst_exit_code};

const HELP: &str = "\
Check attestor certificates, each against the claim in its header.

Usage: attestor-check [--claim FILE] FILE...
       attestor-check --limits | --help | --version

Arguments:
  FILE...        certificates; - is standard input

Options:
  --claim FILE   require the claim that this claim file states
  --limits       print the limits of the format
  --help         print this text
  --version      print the version

One line for each file goes to standard output: s, the verdict, its code, the record, the reason.
The exit code is the worst of
  70 internal error, 4 resource limit, 2 usage or malformed, 1 rejected, 6 vacuous, 0 none of these.

Examples:
  attestor-check unit.jsonl
  attestor-check --claim asked.json unit.jsonl
  zcat unit.jsonl.gz | attestor-check -
";

const EXIT_USAGE: u8 = 2;
/// A claim file is no longer than a line of a certificate.
const MAX_CLAIM_FILE_BYTES: u64 = 1 << 24;

/// What the arguments ask for.
enum Request {
    Print(String),
    Check { claim: Option<String>, files: Vec<String> },
}

fn main() -> ExitCode {
    let request = match parse_arguments(std::env::args_os().skip(1)) {
        Ok(request) => request,
        Err(reason) => {
            report(&format!("{reason}; try --help"));
            return ExitCode::from(EXIT_USAGE);
        }
    };
    match request {
        Request::Print(text) => ExitCode::from(if print(&text) { 0 } else { EXIT_USAGE }),
        Request::Check { claim, files } => ExitCode::from(check_files(claim.as_deref(), &files)),
    }
}

/// Reasons do not repeat the arguments, so no output holds words of the caller.
fn parse_arguments(arguments: impl Iterator<Item = std::ffi::OsString>) -> Result<Request, &'static str> {
    let mut arguments = arguments.map(|argument| argument.into_string().map_err(|_| "an argument is not UTF-8"));
    let (mut claim, mut files) = (None, Vec::new());
    let mut options_ended = false;
    while let Some(argument) = arguments.next() {
        let argument = argument?;
        match argument.as_str() {
            _ if options_ended => files.push(argument),
            "--help" | "-h" => return Ok(Request::Print(HELP.to_owned())),
            "--version" | "-V" => {
                return Ok(Request::Print(format!("attestor-check {}\n", env!("CARGO_PKG_VERSION"))));
            }
            "--limits" => return Ok(Request::Print(limits_text())),
            "--claim" if claim.is_some() => return Err("--claim is given twice"),
            "--claim" => claim = Some(arguments.next().ok_or("--claim needs a file")??),
            "--" => options_ended = true,
            "-" => files.push(argument),
            option if option.starts_with('-') => return Err("unknown option"),
            _ => files.push(argument),
        }
    }
    if files.is_empty() { Err("no certificate given") } else { Ok(Request::Check { claim, files }) }
}

fn check_files(claim: Option<&str>, files: &[String]) -> u8 {
    let stated = claim.map(read_claim_file).transpose();
    let mut codes = Vec::new();
    for (number, path) in (1u64..).zip(files) {
        // A panic would be a bug; it is contained here, so that it never looks like an answer.
        let checked = catch_unwind(AssertUnwindSafe(|| match &stated {
            Ok(stated) => check_path(path, &Options { claim: stated.clone() }),
            Err(verdict) => verdict.clone(),
        }));
        match checked {
            Ok(verdict) => {
                codes.push(verdict.exit_code());
                if let Some(finding) = verdict.finding() {
                    report(&format!("file {number}: record {}: {}: {}", finding.record, finding.code, finding.reason));
                }
                if !print(&format!("{}\n", verdict.line())) {
                    codes.push(EXIT_USAGE);
                }
            }
            Err(_) => {
                codes.push(EXIT_INTERNAL);
                report(&format!("file {number}: internal error, no verdict"));
            }
        }
    }
    worst_exit_code(&codes)
}

fn read_claim_file(path: &str) -> Result<ClaimFile, Verdict> {
    let mut bytes = Vec::new();
    let read = open(path).and_then(|file| file.take(MAX_CLAIM_FILE_BYTES + 1).read_to_end(&mut bytes));
    let length = read.map_err(|_| Verdict::unreadable(0))?;
    if MAX_CLAIM_FILE_BYTES < u64::try_from(length).unwrap_or(u64::MAX) {
        return Err(Verdict::unreadable(0));
    }
    ClaimFile::parse(&bytes)
}

fn check_path(path: &str, options: &Options) -> Verdict {
    match open(path) {
        Ok(reader) => check_reader(reader, options).verdict,
        Err(_) => Verdict::unreadable(0),
    }
}

fn open(path: &str) -> std::io::Result<Box<dyn BufRead>> {
    if path == "-" {
        return Ok(Box::new(std::io::stdin().lock()));
    }
    Ok(Box::new(BufReader::new(File::open(path)?)))
}

/// Whether the text reached standard output; a closed pipe is no reason to panic.
fn print(text: &str) -> bool {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_ok()
}

/// Writes to standard error; if that fails, nobody listens.
fn report(text: &str) {
    let _ = writeln!(std::io::stderr(), "attestor-check: {text}");
}
