//! `attestor certify`: prove or refute, have the checker confirm, write.

use std::path::{Path, PathBuf};

use attestor::bounds::exhaustive::Stop;
use attestor::catalogue::claim::Vacuity;
use attestor::certificate::record::Certificate;
use attestor::certificate::writer;
use attestor::certify::outcome::{Certified, Neighbour, Outcome, Refuted, Status};
use attestor::certify::run;
use attestor::certify::session::Session;
use attestor::numbers::Rational;
use attestor::numbers::rational;
use attestor::report::numbers_beside;
use serde_json::{Value, json};

use super::args::CertifyArguments;
use super::exit::{Exit, Failure};
use super::{input, output, progress};

/// Certifies a claim.
pub fn run(arguments: &CertifyArguments) -> Result<Exit, Failure> {
    let request = input::request(&arguments.claim)?;
    let width = rational::parse(&arguments.width).map_err(|error| Failure::usage(format!("--width: {error}")))?;
    if width <= Rational::from_integer(0.into()) {
        return Err(Failure::usage("--width must be above 0"));
    }
    let path = arguments.output.clone().unwrap_or_else(|| default_path(request.entry().id));
    if arguments.json && path == Path::new("-") {
        return Err(Failure::usage("--json and -o - both want standard output; give -o FILE"));
    }
    output::check_target(&path)?;
    let reporter = progress::Reporter::new(request.tokens());
    let session = Session {
        max_precision: arguments.max_precision,
        width,
        cancel: progress::cancel_on_ctrl_c(),
        progress: &reporter,
    };
    let outcome = run::certify(&request, &session);
    reporter.finish();
    let written = Written { path, arguments };
    let outcome = match outcome {
        Err(stop @ Stop::Precision { .. }) => return written.inconclusive(&[stop.to_string()]),
        outcome => outcome.map_err(stopped)?,
    };
    match outcome {
        Outcome::Certified(certified) => written.certified(&certified),
        Outcome::Refuted(refuted) => written.refuted(&refuted),
        Outcome::Inconclusive(inconclusive) => written.inconclusive(&inconclusive.tried),
        Outcome::Vacuous(vacuity) => written.vacuous(vacuity),
        Outcome::IllFormed(reason) => Err(Failure::usage(reason)),
    }
}

/// `sparse-averaging/sign-keys` becomes `sparse-averaging-sign-keys.cert.jsonl`.
fn default_path(id: &str) -> PathBuf {
    PathBuf::from(format!("{}.cert.jsonl", id.replace('/', "-")))
}

/// The failure that an ended enumeration is.
pub fn stopped(stop: Stop) -> Failure {
    let exit = match stop {
        Stop::Cancelled => Exit::Interrupted,
        Stop::TooMany { .. } => Exit::Resource,
        Stop::Precision { .. } => Exit::Inconclusive,
    };
    Failure { exit, message: stop.to_string() }
}

struct Written<'a> {
    path: PathBuf,
    arguments: &'a CertifyArguments,
}

impl Written<'_> {
    fn certified(&self, certified: &Certified) -> Result<Exit, Failure> {
        let report = self.write_checked(&certified.certificate, &self.path)?;
        let mut neighbours = Vec::new();
        for neighbour in &certified.neighbours {
            neighbours.push((neighbour, self.write_neighbour(neighbour)?));
        }
        self.report("proved", &report, None, &neighbours)?;
        Ok(Exit::Success)
    }

    fn refuted(&self, refuted: &Refuted) -> Result<Exit, Failure> {
        let report = self.write_checked(&refuted.certificate, &self.path)?;
        self.report("refuted", &report, refuted.note.as_deref(), &[])?;
        Ok(Exit::Refuted)
    }

    fn inconclusive(&self, tried: &[String]) -> Result<Exit, Failure> {
        if self.arguments.json {
            output::print_json(&json!({
                "format": "attestor-certify", "version": 1, "result": "inconclusive", "tried": tried,
            }))?;
        }
        let tried = tried.join("; ");
        Err(Failure { exit: Exit::Inconclusive, message: format!("inconclusive, nothing was written: {tried}") })
    }

    fn vacuous(&self, vacuity: Vacuity) -> Result<Exit, Failure> {
        if self.arguments.json {
            output::print_json(&json!({
                "format": "attestor-certify", "version": 1, "result": "vacuous",
                "code": vacuity.code(), "reason": vacuity.reason(),
            }))?;
        }
        let message = format!("vacuous claim ({}), nothing was written: {}", vacuity.code(), vacuity.reason());
        Err(Failure { exit: Exit::Vacuous, message })
    }

    /// Writes a certificate after the independent checker has accepted it.
    fn write_checked(&self, certificate: &Certificate, path: &Path) -> Result<attestor_check::Report, Failure> {
        let bytes = writer::to_bytes(certificate);
        let report = attestor_check::check_reader(bytes.as_slice(), &attestor_check::Options::default());
        match report.verdict.exit_code() {
            0 => {}
            4 => return Err(Failure { exit: Exit::Resource, message: report.verdict.line() }),
            _ => {
                let message =
                    format!("the checker refuses this certificate, so it was not written: {}", report.verdict.line());
                return Err(Failure { exit: Exit::Internal, message });
            }
        }
        if path == Path::new("-") {
            output::print(&String::from_utf8_lossy(&bytes))?;
        } else {
            writer::write_file(certificate, path).map_err(Failure::usage)?;
        }
        Ok(report)
    }

    /// Writes the counterexample of a refuted neighbour beside the certificate: `NAME.below-PARAMETER.cert.jsonl`.
    fn write_neighbour(&self, neighbour: &Neighbour) -> Result<Option<PathBuf>, Failure> {
        let Status::Refuted(certificate) = &neighbour.status else { return Ok(None) };
        if self.arguments.no_neighbours || self.path == Path::new("-") {
            return Ok(None);
        }
        let name = self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let stem = name.strip_suffix(".cert.jsonl").unwrap_or(&name);
        let parameter = neighbour.parameter.replace('_', "-");
        let path = self.path.with_file_name(format!("{stem}.below-{parameter}.cert.jsonl"));
        self.write_checked(certificate, &path)?;
        Ok(Some(path))
    }

    fn report(
        &self,
        result: &str,
        report: &attestor_check::Report,
        note: Option<&str>,
        neighbours: &[(&Neighbour, Option<PathBuf>)],
    ) -> Result<(), Failure> {
        let numbers = numbers_beside::numbers(report).unwrap_or_default();
        if self.arguments.json {
            return self.print_json(result, report, note, &numbers, neighbours);
        }
        // The certificate itself went to stdout; nothing else may stand there.
        if self.path == Path::new("-") {
            return Ok(());
        }
        let attestor_check::Verdict::Verified { statement, .. } = &report.verdict else { return Ok(()) };
        let mut text = format!("{result}: {statement}\n");
        text.push_str(&numbers_beside::lines(&numbers));
        for (neighbour, path) in neighbours {
            let detail = match (&neighbour.status, path) {
                (Status::Open(reason), _) => format!(": {reason}"),
                (_, Some(path)) => format!(": {}", path.display()),
                (Status::Certified, _) if neighbour.parameter == "key_width" => {
                    " too, but some support has less than the margin by which the width is chosen".to_owned()
                }
                _ => String::new(),
            };
            text.push_str(&format!(
                "c below {} = {} {}{detail}\n",
                neighbour.parameter,
                neighbour.value,
                neighbour.status.name()
            ));
        }
        if let Some(note) = note {
            text.push_str(&format!("c note {note}\n"));
        }
        text.push_str(&format!("wrote {}\n", self.path.display()));
        output::print(&text)
    }

    fn print_json(
        &self,
        result: &str,
        report: &attestor_check::Report,
        note: Option<&str>,
        numbers: &numbers_beside::Numbers,
        neighbours: &[(&Neighbour, Option<PathBuf>)],
    ) -> Result<(), Failure> {
        let neighbour = |(neighbour, path): &(&Neighbour, Option<PathBuf>)| {
            let reason = if let Status::Open(reason) = &neighbour.status { Some(reason) } else { None };
            json!({
                "parameter": neighbour.parameter,
                "value": neighbour.value,
                "status": neighbour.status.name(),
                "reason": reason,
                "certificate": path.as_ref().map(|path| path.display().to_string()),
            })
        };
        let claim = report.claim.as_ref().map(|claim| claim.canonical());
        let claim: Option<Value> = claim.and_then(|claim| serde_json::from_str(&claim).ok());
        output::print_json(&json!({
            "format": "attestor-certify",
            "version": 1,
            "result": result,
            "claim": claim,
            "claim_sha256": report.claim.as_ref().map(|claim| claim.hash()),
            "certificate": self.path.display().to_string(),
            "numbers": numbers_beside::json(numbers),
            "below": neighbours.iter().map(neighbour).collect::<Vec<_>>(),
            "note": note,
        }))
    }
}
