//! Exact evaluation of attention: softmax weights, weight error, outputs.
//!
//! Paper: definition 1; Lemmas A and C (docs/theory.md section 2).
//! In: exact scores of a row. Out: two-sided enclosures, as narrow as asked.
//! Invariant: no float; every bound is rounded outward.
//! `weights` is the slow path at any precision; `fast` is its twin in machine words; tests show that they agree.
//! Not here: statements about all supports (layer `bounds`).

pub mod prepared;
pub mod weights;
pub mod exp_table;
pub mod fast;
pub mod witness;
pub mod datapath;
pub mod matching;
