//! `reproduce`: every catalogue entry certified at several sizes, every certificate checked, one table.
//!
//! In: an output folder. Out: certificates, `report.md`, and whether every row was verified as expected.
//! Invariant: a row counts only if the file on disk was accepted by the checker and has the expected kind.

use std::fmt::Write;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::time::Instant;

use attestor_check::{Options, Report, check_reader};

use super::numbers_beside::numbers;
use crate::catalogue::claim::{Kind, Statement};
use crate::catalogue::entries;
use crate::catalogue::request::{Fields, Request};
use crate::certificate::record::Certificate;
use crate::certificate::writer;
use crate::certify::outcome::Outcome;
use crate::certify::run;
use crate::certify::session::Session;
use crate::numbers::rational::{canonical, decimal_down, decimal_up};

/// One row: what is asked and which kind of certificate must come of it.
pub struct Row {
    /// The claim id.
    pub id: &'static str,
    /// Flags, as in `attestor certify`.
    pub flags: &'static [(&'static str, &'static str)],
    /// The kind of the certificate.
    pub expected: Kind,
    /// Whether `--quick` has it.
    pub quick: bool,
}

const fn row(id: &'static str, expected: Kind, quick: bool, flags: &'static [(&'static str, &'static str)]) -> Row {
    Row { id, flags, expected, quick }
}

const MOMENT: &str = "sparse-averaging/moment-curve";
const SIGN: &str = "sparse-averaging/sign-keys";
const CODE: &str = "sparse-averaging/code-keys";

/// Every row, in the order of the table.
pub const ROWS: &[Row] = &[
    row(MOMENT, Kind::UpperBound, true, &[("tokens", "8"), ("sparsity", "2"), ("error", "1/100")]),
    row(MOMENT, Kind::UpperBound, true, &[("tokens", "48"), ("sparsity", "3"), ("error", "2^-20")]),
    row(
        MOMENT,
        Kind::UpperBound,
        true,
        &[("tokens", "1000000000"), ("sparsity", "8"), ("value_dim", "16"), ("error", "2^-40")],
    ),
    row(MOMENT, Kind::Enclosure, true, &[("tokens", "24"), ("sparsity", "3"), ("scale", "8"), ("kind", "enclosure")]),
    row(
        MOMENT,
        Kind::UpperBound,
        false,
        &[("tokens", "64"), ("sparsity", "4"), ("error", "1/100"), ("method", "exhaustive")],
    ),
    row(MOMENT, Kind::Enclosure, false, &[("tokens", "64"), ("sparsity", "4"), ("scale", "8"), ("kind", "enclosure")]),
    row(MOMENT, Kind::Counterexample, true, &[("tokens", "48"), ("sparsity", "3"), ("scale", "1"), ("error", "2^-20")]),
    row(SIGN, Kind::UpperBound, true, &[("tokens", "16"), ("sparsity", "2"), ("error", "1/100")]),
    row(
        SIGN,
        Kind::UpperBound,
        true,
        &[("tokens", "16"), ("sparsity", "2"), ("error", "1/100"), ("dual", "max-margin")],
    ),
    row(
        SIGN,
        Kind::Enclosure,
        true,
        &[
            ("tokens", "24"),
            ("sparsity", "3"),
            ("key_width", "64"),
            ("scale", "30"),
            ("fraction_bits", "16"),
            ("kind", "enclosure"),
        ],
    ),
    row(
        SIGN,
        Kind::UpperBound,
        false,
        &[("tokens", "64"), ("sparsity", "2"), ("error", "1/100"), ("dual", "max-margin")],
    ),
    row(
        SIGN,
        Kind::Enclosure,
        false,
        &[
            ("tokens", "64"),
            ("sparsity", "3"),
            ("key_width", "96"),
            ("scale", "30"),
            ("fraction_bits", "24"),
            ("kind", "enclosure"),
        ],
    ),
    row(
        SIGN,
        Kind::UpperBound,
        true,
        &[("tokens", "64"), ("sparsity", "2"), ("key_width", "1024"), ("error", "1/100"), ("method", "coherence")],
    ),
    row(
        SIGN,
        Kind::UpperBound,
        true,
        &[("tokens", "256"), ("sparsity", "4"), ("error", "1/1000"), ("method", "babel")],
    ),
    row(
        SIGN,
        Kind::Counterexample,
        true,
        &[
            ("tokens", "16"),
            ("sparsity", "2"),
            ("key_width", "8"),
            ("scale", "20"),
            ("fraction_bits", "12"),
            ("error", "1/20"),
        ],
    ),
    row(
        CODE,
        Kind::UpperBound,
        true,
        &[("tokens", "49"), ("sparsity", "2"), ("error", "1/100"), ("method", "exhaustive")],
    ),
    row(CODE, Kind::UpperBound, true, &[("tokens", "1000000000000"), ("sparsity", "4"), ("error", "1/1000")]),
    row(
        CODE,
        Kind::UpperBound,
        true,
        &[("tokens", "1000000000000000000"), ("sparsity", "8"), ("value_dim", "64"), ("error", "2^-30")],
    ),
    row(
        CODE,
        Kind::Counterexample,
        true,
        &[("tokens", "1000000000000"), ("sparsity", "4"), ("scale", "1/4"), ("error", "1/1000")],
    ),
    row("match2/trigonometric", Kind::Decision, true, &[("modulus", "257"), ("tokens", "1024")]),
    row("match2/trigonometric", Kind::Decision, true, &[("modulus", "1000000"), ("tokens", "1000000")]),
    row("match2/trigonometric", Kind::Counterexample, true, &[("modulus", "257"), ("tokens", "1024"), ("scale", "10")]),
    row(
        "match2/trigonometric",
        Kind::Counterexample,
        true,
        &[("modulus", "257"), ("tokens", "1024"), ("fraction_bits", "6")],
    ),
    row("match2/polynomial", Kind::Decision, true, &[("modulus", "1000000000"), ("tokens", "1000000000")]),
    row("match3/third-order", Kind::Decision, true, &[("modulus", "101"), ("tokens", "256")]),
    row(
        "match3/third-order",
        Kind::Decision,
        true,
        &[("modulus", "1000000"), ("tokens", "1000000"), ("encoding", "polynomial")],
    ),
    row("match3/local", Kind::Decision, true, &[("modulus", "16"), ("window", "4"), ("tokens", "64")]),
    row(
        "match3/local",
        Kind::Decision,
        true,
        &[("modulus", "16"), ("window", "4"), ("tokens", "64"), ("method", "closed-form")],
    ),
    row("match3/bigram", Kind::Decision, true, &[("modulus", "31"), ("tokens", "40")]),
];

/// What came of one row.
pub struct Done {
    /// The row's line of the table.
    pub line: String,
    /// Whether the checker accepted the expected certificate.
    pub verified: bool,
    /// Why not.
    pub problem: Option<String>,
}

/// The head of the table.
pub const HEAD: &str = "| claim | paper item | parameters | error bound | m' | p | certify s | check s | verdict |\n|---|---|---|---|---|---|---|---|---|\n";

/// Certifies, writes and checks one row.
pub fn run_row(row: &Row, number: usize, folder: &Path, session: &Session) -> Done {
    let start = Instant::now();
    let outcome = certify(row, session);
    let generated = seconds(start);
    let (certificate, path) =
        match outcome.and_then(|certificate| write(&certificate, number, folder).map(|path| (certificate, path))) {
            Ok(done) => done,
            Err(problem) => return failed(row, problem),
        };
    let start = Instant::now();
    let report = match File::open(&path) {
        Ok(file) => check_reader(BufReader::new(file), &Options::default()),
        Err(error) => return failed(row, format!("cannot read {}: {error}", path.display())),
    };
    let checked = seconds(start);
    let kind = certificate.claim.statement.kind();
    let accepted = report.verdict.exit_code() == 0;
    let problem = match (accepted, kind == row.expected) {
        (false, _) => Some(report.verdict.line()),
        (true, false) => Some(format!("expected a certificate of kind {}, found {}", row.expected.name(), kind.name())),
        (true, true) => None,
    };
    let verdict = if problem.is_none() { "verified" } else { "failed" };
    let line = line(row, &certificate, &report, &format!("{generated} | {checked} | {verdict}"));
    Done { line, verified: problem.is_none(), problem }
}

fn seconds(start: Instant) -> String {
    let millis = start.elapsed().as_millis();
    format!("{}.{:02}", millis / 1000, millis % 1000 / 10)
}

fn failed(row: &Row, problem: String) -> Done {
    let line = format!("| `{}` | | {} | | | | | | failed |", row.id, parameters(row));
    Done { line, verified: false, problem: Some(problem) }
}

fn certify(row: &Row, session: &Session) -> Result<Certificate, String> {
    let mut fields = Fields::default();
    for (name, value) in row.flags {
        fields.set(name, Some(value));
    }
    let request = Request::new(row.id, &fields).map_err(|error| error.to_string())?;
    match run::certify(&request, session).map_err(|stop| stop.to_string())? {
        Outcome::Certified(certified) => Ok(certified.certificate),
        Outcome::Refuted(refuted) => Ok(refuted.certificate),
        Outcome::Inconclusive(inconclusive) => Err(inconclusive.tried.join("; ")),
        Outcome::Vacuous(vacuity) => Err(vacuity.reason().to_owned()),
        Outcome::IllFormed(reason) => Err(reason),
    }
}

fn write(certificate: &Certificate, number: usize, folder: &Path) -> Result<PathBuf, String> {
    let name = certificate.claim.model.id().replace('/', "-");
    let path = folder.join(format!("{number:02}-{name}-{}.cert.jsonl", certificate.claim.statement.kind().name()));
    writer::write_file(certificate, &path).map_err(|error| error.to_string())?;
    Ok(path)
}

fn parameters(row: &Row) -> String {
    let shown = row.flags.iter().filter(|(name, _)| !matches!(*name, "kind" | "error"));
    shown.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
}

fn line(row: &Row, certificate: &Certificate, report: &Report, tail: &str) -> String {
    let numbers = numbers(report).unwrap_or_default();
    let number = |name: &str| {
        numbers.iter().find(|(known, _)| *known == name).map_or_else(|| "-".to_owned(), |(_, value)| value.clone())
    };
    let bound = match &certificate.claim.statement {
        Statement::UpperBound { error } => format!("≤ {}", canonical(error)),
        Statement::Enclosure { hi, .. } => format!("= {} (± 2^-41)", decimal_up(&hi.to_rational(), 6)),
        Statement::Counterexample { error } => format!("> {}", canonical(error)),
        Statement::Decision { gap: None } => "exact".to_owned(),
        Statement::Decision { gap: Some((lo, hi)) } => {
            format!("{} < {}", decimal_up(&lo.to_rational(), 4), decimal_down(&hi.to_rational(), 4))
        }
        Statement::Confusion => "none separates".to_owned(),
    };
    let paper = entries::find(row.id).map_or("", |entry| entry.paper);
    format!(
        "| `{}` | {paper} | {} | {bound} | {} | {} | {tail} |",
        row.id,
        parameters(row),
        number("key_width"),
        number("precision")
    )
}

/// The Markdown report.
pub fn markdown(lines: &[String], all_verified: bool) -> String {
    let mut text = "# attestor reproduce\n\nEvery certificate beside this file was checked by the independent checker after it was written.\n\n".to_owned();
    text.push_str(HEAD);
    for line in lines {
        let _ = writeln!(text, "{line}");
    }
    let verdict = if all_verified { "Every row is verified." } else { "Some rows failed." };
    let _ = writeln!(text, "\n{verdict}");
    text
}
