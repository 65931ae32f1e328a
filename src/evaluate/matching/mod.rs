//! The outputs of matching networks: exact sums of exponentials, their comparison, the decoder.
//!
//! In: a network and an input. Out: the mass of all matches and non-matches as an exact [`exp_sum::ExpSum`], its share, read residues, and whole rows.
//! Invariant: a comparison of two outputs is exact: equal terms cancel, and what is left differs.
//! Source: docs/theory.md sections 8 and 9.

pub mod exp_sum;
pub mod mass;
pub mod tensor_attention;
pub mod decoder;
pub mod row;
