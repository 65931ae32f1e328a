//! Tasks and constructions: supports, keys, queries, and exact scores of one row.
//!
//! Paper: definition 4 (q-sparse averaging), theorems 2 and 3; for matching see [`matching`].
//! In: a [`crate::catalogue::claim::Unit`] and a support. Out: explicit queries, keys and exact scores ([`scores::ScoreRow`]).
//! Invariant: every score is an exact integer multiple of the row's unit; nothing here rounds, except the query's own rounding, which is part of the unit.
//! Not here: softmax (layer `evaluate`).

pub mod supports;
pub mod scores;
pub mod moment_curve;
pub mod sign_keys;
pub mod max_margin;
pub mod dual;
pub mod code_keys;
pub mod matching;
