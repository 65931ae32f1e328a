//! `attestor explain`.

use attestor_check::{Options, check_reader};

use super::args::ExplainArguments;
use super::check;
use super::exit::{Exit, Failure};
use super::output;

/// Explains a certificate; the exit code is that of its verdict.
pub fn run(arguments: &ExplainArguments) -> Result<Exit, Failure> {
    let bytes = check::read_bytes(&arguments.file)?;
    let report = check_reader(bytes.as_slice(), &Options::default());
    output::print(&attestor::report::explain::text(&bytes, &report))?;
    Ok(check::exit(report.verdict.exit_code()))
}
