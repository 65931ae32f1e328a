//! The exact scores of one row of a unit.
//!
//! In: a unit and a support. Out: `N` scores as integer multiples of one positive rational.
//! Invariant: `score of token j = unit · multiples[j]`, up to a constant common to all tokens (softmax ignores it).

use num_bigint::BigInt;

use crate::numbers::Rational;

/// The scores of one row: shape `[N]`, exact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScoreRow {
    /// What one unit of `multiples` is worth.
    pub unit: Rational,
    /// One integer for each token.
    pub multiples: Vec<BigInt>,
}

impl ScoreRow {
    /// Each token's gap below the largest score, as multiples of `unit`, all at least 0.
    pub fn gaps(&self) -> Vec<BigInt> {
        let top = self.multiples.iter().max().cloned().unwrap_or_default();
        self.multiples.iter().map(|multiple| &top - multiple).collect()
    }
}

/// One query: a vector of shape `[m']`, entry `i` being `integers[i] · unit`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// What one unit of `integers` is worth.
    pub unit: Rational,
    /// One integer for each coordinate.
    pub integers: Vec<BigInt>,
}

/// The key vectors of a unit, as integers: shape `[m']` for each token.
pub type Key = Vec<BigInt>;
