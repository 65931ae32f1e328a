//! Writing a certificate: canonical lines, end line with count and hash, and a file that appears whole.
//!
//! In: a [`Certificate`]. Out: bytes, or a file made by writing a temporary one beside it and renaming it.
//! Invariant: an existing file is replaced only by a complete new one; nothing of time, place or threads is written.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::record::Certificate;
use crate::catalogue::claim::{Claim, hex};

/// A file that could not be written; the one that was there before is untouched.
#[derive(Debug, Error)]
#[error("cannot write {}: {source}; nothing was changed", path.display())]
pub struct WriteError {
    /// The file.
    pub path: PathBuf,
    /// What went wrong.
    pub source: io::Error,
}

#[derive(Serialize)]
struct Header<'a> {
    format: &'static str,
    version: u32,
    claim: &'a Claim,
}

#[derive(Serialize)]
struct End {
    end: usize,
    sha256: String,
}

/// Counts and hashes every byte on its way.
struct Hashing<W> {
    inner: W,
    hash: Sha256,
}

impl<W: Write> Hashing<W> {
    fn line(&mut self, record: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        self.hash.update(&line);
        self.inner.write_all(&line)
    }
}

/// Writes the certificate's bytes to `out`.
///
/// # Errors
/// Those of `out`.
pub fn write(certificate: &Certificate, out: impl Write) -> io::Result<()> {
    let mut out = Hashing { inner: out, hash: Sha256::new() };
    out.line(&Header { format: "attestor-certificate", version: 1, claim: &certificate.claim })?;
    for record in &certificate.records {
        out.line(record)?;
    }
    let sha256 = hex(&out.hash.clone().finalize());
    out.line(&End { end: certificate.records.len() + 1, sha256 })?;
    out.inner.flush()
}

/// The certificate as bytes.
pub fn to_bytes(certificate: &Certificate) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(certificate, &mut bytes).expect("writing to memory cannot fail");
    bytes
}

/// Writes the certificate to `path`, whole or not at all.
///
/// # Errors
/// [`WriteError`]; then the file that was there before is untouched.
pub fn write_file(certificate: &Certificate, path: &Path) -> Result<(), WriteError> {
    replace_file(path, |file| write(certificate, BufWriter::new(file)))
}

/// Replaces `path` by what `fill` writes: temporary file in the same folder, synced, renamed.
///
/// # Errors
/// [`WriteError`]; then the file that was there before is untouched.
pub fn replace_file(path: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> Result<(), WriteError> {
    let attempt = || {
        // A folder, a device or a pipe would be replaced by a regular file.
        if path.exists() && !path.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it exists and is not a regular file"));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut temporary = new_temporary(folder)?;
        fill(temporary.as_file_mut())?;
        temporary.as_file().sync_all()?;
        temporary.persist(path)?;
        Ok(())
    };
    attempt().map_err(|source| WriteError { path: path.to_path_buf(), source })
}

/// A temporary file with the permissions that an ordinary new file gets.
fn new_temporary(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".attestor-").suffix(".partial");
    #[cfg(unix)]
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    #[cfg(unix)]
    builder.permissions(mode);
    builder.tempfile_in(folder)
}
