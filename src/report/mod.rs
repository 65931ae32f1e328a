//! Reports: numbers beside a verdict, tables, and `reproduce`.
//!
//! In: claims, certificates and the checker's answers. Out: text and JSON with documented schemas (docs/json.md).
//! Invariant: every decimal printed is rounded in the direction that keeps its sentence true.
//! Not here: the command line, and any proof.

pub mod constants;
pub mod catalogue_table;
pub mod numbers_beside;
pub mod explain;
pub mod reproduce;
