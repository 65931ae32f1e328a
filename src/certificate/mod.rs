//! Certificates: a claim, its records, and the file they are written to.
//!
//! In: a decided claim and evidence from the layers before. Out: the bytes of `checker/FORMAT.md`.
//! Invariant: the same claim and evidence give the same bytes; a file is written whole or not at all.
//! Not here: reading or judging certificates, which is the checker's alone.

pub mod record;
pub mod writer;
