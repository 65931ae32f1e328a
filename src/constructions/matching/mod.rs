//! Matching tasks: their definition on concrete inputs, and the queries, keys and exact scores of the units that detect matches.
//!
//! Paper: Match2 and Match3, Thm 6, Thm 8, third-order attention.
//! In: a [`crate::catalogue::network::Network`]. Out: answers, explicit keys, and exact scores.
//! Invariant: scores are exact integer multiples of one rational; entries are rounded only as the unit's definition says.
//! Not here: softmax, and the averaging layer of local and bigram (sparse averaging's own constructions).

pub mod task;
pub mod keys;
pub mod scores;
