//! `attestor reproduce`.

use std::io::Write;

use attestor::certificate::writer;
use attestor::certify::session::Session;
use attestor::report::reproduce::{HEAD, ROWS, markdown, run_row};

use super::args::ReproduceArguments;
use super::exit::{Exit, Failure};
use super::{output, progress};

/// Certifies and checks every row, prints the table, writes `report.md`.
pub fn run(arguments: &ReproduceArguments) -> Result<Exit, Failure> {
    let folder = &arguments.out;
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::usage(format!("cannot make the folder {}: {error}", folder.display())))?;
    let session = Session { cancel: progress::cancel_on_ctrl_c(), ..Session::default() };
    let rows: Vec<_> = ROWS.iter().filter(|row| row.quick || !arguments.quick).collect();
    output::print(HEAD)?;
    let mut lines = Vec::new();
    let mut all_verified = true;
    for (number, row) in rows.iter().enumerate() {
        let _ = writeln!(std::io::stderr(), "attestor: row {} of {}: {}", number + 1, rows.len(), row.id);
        let done = run_row(row, number + 1, folder, &session);
        if session.cancel.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(Failure { exit: Exit::Interrupted, message: "interrupted".to_owned() });
        }
        output::print_line(&done.line)?;
        if let Some(problem) = done.problem {
            output::diagnose(&problem);
        }
        all_verified &= done.verified;
        lines.push(done.line);
    }
    let path = folder.join("report.md");
    writer::replace_file(&path, |file| file.write_all(markdown(&lines, all_verified).as_bytes()))
        .map_err(Failure::usage)?;
    let verdict = if all_verified { "every row is verified" } else { "some rows failed" };
    output::print_line(&format!(
        "\n{} rows, {verdict}; certificates and report.md are in {}",
        lines.len(),
        folder.display()
    ))?;
    Ok(if all_verified { Exit::Success } else { Exit::Refuted })
}
