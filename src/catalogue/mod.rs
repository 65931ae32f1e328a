//! The claim catalogue: what can be claimed, as data and as types.
//!
//! Paper: definitions 1–4 and theorems 2 and 3.
//! In: names and parameters. Out: a [`claim::Claim`] with its canonical bytes, statement and hash.
//! Invariant: everything a certificate is about is in its claim; nothing here computes with attention.
//! Not here: the constructions themselves (next layer) and any proof.

pub mod claim;
pub mod network;
pub mod entries;
pub mod request;
pub mod matching_request;
