//! Writing to stdout and stderr without panics: a reader that went away ends the output quietly.

use std::io::{self, ErrorKind, Write};
use std::path::Path;

use super::exit::Failure;

/// Prints text to stdout. A broken pipe is no error.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::usage(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints a line to stdout.
pub fn print_line(line: &str) -> Result<(), Failure> {
    print(&format!("{line}\n"))
}

/// Prints pretty JSON to stdout.
pub fn print_json(value: &serde_json::Value) -> Result<(), Failure> {
    print_line(&serde_json::to_string_pretty(value).expect("a JSON value serialises"))
}

/// Prints a diagnostic to stderr.
pub fn diagnose(message: &str) {
    let _ = writeln!(io::stderr().lock(), "attestor: {message}");
}

/// Refuses an output path that no certificate can be renamed to, before any work is done for it.
///
/// A device or a pipe is refused as well: the rename would put an ordinary file in its place.
pub fn check_target(path: &Path) -> Result<(), Failure> {
    let refuse =
        |reason: &str| Err(Failure::usage(format!("cannot write {}: {reason}; nothing was changed", path.display())));
    if path == Path::new("-") {
        return Ok(());
    }
    if let Ok(found) = std::fs::metadata(path)
        && !found.is_file()
    {
        return refuse(if found.is_dir() { "it is a folder" } else { "it is not an ordinary file" });
    }
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => refuse("its folder does not exist"),
        _ => Ok(()),
    }
}
