//! A unit made ready for evaluation at many supports: keys and code words tabulated once.
//!
//! In: a [`Unit`]. Out: exact score rows, and for sign keys the dual vectors and queries.
//! Invariant: `score_row(y)` is the definition of the unit, with no rounding besides the query's own.

use std::sync::Arc;

use num_bigint::BigInt;
use thiserror::Error;

use crate::catalogue::claim::{Construction, Unit};
use crate::constructions::dual::{self, DualVector};
use crate::constructions::scores::{Query, ScoreRow};
use crate::constructions::sign_keys::SignKeyTable;
use crate::constructions::{code_keys, moment_curve, supports};

/// The largest N whose tokens are enumerated.
pub const MAX_ENUMERATED_TOKENS: u64 = 1 << 16;

/// A unit with its keys.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The unit.
    pub unit: Unit,
    /// N as an index.
    pub n_tokens: usize,
    /// Keys of the construction.
    pub keys: Keys,
}

/// Tabulated keys.
#[derive(Clone, Debug)]
pub enum Keys {
    /// Keys are powers of the position.
    MomentCurve,
    /// Sign keys, and the dual vector of every support where it was tabulated.
    Sign {
        /// The keys.
        table: Arc<SignKeyTable>,
        /// In the order of the supports; `None` means computed when needed.
        duals: Option<Arc<Vec<DualVector>>>,
    },
    /// Code words, shape `[N][n]`.
    Code(Arc<Vec<Vec<u64>>>),
}

/// A unit that is too large to enumerate.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum TooLarge {
    /// N above the limit.
    #[error(
        "tokens = {tokens} is above {MAX_ENUMERATED_TOKENS}, so the tokens cannot be enumerated; use a closed-form method"
    )]
    Tokens {
        /// N.
        tokens: u64,
    },
    /// The key table is too large.
    #[error(
        "tokens times key width = {entries} entries is more than fits a table of keys; use smaller tokens or width"
    )]
    KeyTable {
        /// N times the entries of a key.
        entries: u128,
    },
}

impl Prepared {
    /// Tabulates the keys of `unit`.
    ///
    /// # Errors
    /// [`TooLarge`] if the tokens or keys cannot be enumerated.
    pub fn new(unit: &Unit) -> Result<Prepared, TooLarge> {
        if MAX_ENUMERATED_TOKENS < unit.tokens {
            return Err(TooLarge::Tokens { tokens: unit.tokens });
        }
        let n_tokens = usize::try_from(unit.tokens).expect("N ≤ 2^16");
        let keys = match &unit.construction {
            Construction::MomentCurve => Keys::MomentCurve,
            Construction::SignKeys(keys) => {
                let width = table_size(unit.tokens, keys.key_width, 1 << 32)?;
                Keys::Sign { table: Arc::new(SignKeyTable::new(n_tokens, width, keys.seed)), duals: None }
            }
            Construction::CodeKeys(code) => {
                table_size(unit.tokens, code.evaluations, 1 << 24)?;
                Keys::Code(Arc::new(code_keys::codewords(code, unit.tokens)))
            }
        };
        Ok(Prepared { unit: unit.clone(), n_tokens, keys })
    }

    /// The same keys under other parameters that do not change them (scale, fraction bits).
    pub fn with_unit(&self, unit: Unit) -> Prepared {
        Prepared { unit, n_tokens: self.n_tokens, keys: self.keys.clone() }
    }

    /// The exact scores of the row whose support is `support`.
    pub fn score_row(&self, support: &[u64]) -> ScoreRow {
        match (&self.unit.construction, &self.keys) {
            (Construction::CodeKeys(code), _) => code_keys::scores(self.unit.tokens, code, &self.unit.scale, support),
            (Construction::SignKeys(_), Keys::Sign { table, .. }) => {
                let query = self.sign_query(support).expect("sign keys have a query");
                ScoreRow { multiples: sign_scores(table, &query), unit: query.unit }
            }
            _ => moment_curve::scores(self.unit.tokens, &self.unit.scale, support),
        }
    }

    /// The dual vector of a support; `None` unless the keys are sign keys.
    pub fn dual_vector(&self, support: &[u64]) -> Option<DualVector> {
        let (Construction::SignKeys(parameters), Keys::Sign { table, duals }) = (&self.unit.construction, &self.keys)
        else {
            return None;
        };
        if let Some(duals) = duals {
            let rank = supports::rank(self.unit.tokens, support).and_then(|rank| usize::try_from(rank).ok())?;
            return duals.get(rank).cloned();
        }
        Some(dual::dual_vector(table, &indices(support), &parameters.dual))
    }

    /// The rounded query of a support; `None` unless the keys are sign keys.
    pub fn sign_query(&self, support: &[u64]) -> Option<Query> {
        let (Construction::SignKeys(parameters), Keys::Sign { table, .. }) = (&self.unit.construction, &self.keys)
        else {
            return None;
        };
        Some(self.dual_vector(support)?.query(table, &self.unit.scale, parameters.fraction_bits))
    }
}

/// `⟨query, u_j⟩` for every token, in units of the query's unit.
fn sign_scores(table: &SignKeyTable, query: &Query) -> Vec<BigInt> {
    if let Some(scores) = table.inner_products(&query.integers) {
        return scores.into_iter().map(BigInt::from).collect();
    }
    (0..table.n_tokens())
        .map(|token| {
            let signed = query.integers.iter().enumerate();
            signed.map(|(coordinate, k)| if table.sign(token, coordinate) == 1 { k.clone() } else { -k }).sum()
        })
        .collect()
}

/// The width as an index, if `tokens · width` stays within `limit`.
fn table_size(tokens: u64, width: u64, limit: u128) -> Result<usize, TooLarge> {
    let entries = u128::from(tokens) * u128::from(width);
    match usize::try_from(width) {
        Ok(width) if entries <= limit => Ok(width),
        _ => Err(TooLarge::KeyTable { entries }),
    }
}

/// Tokens as indices; tokens of an enumerated unit are below 2^16.
pub fn indices(support: &[u64]) -> Vec<usize> {
    support.iter().map(|&token| usize::try_from(token).expect("an enumerated token")).collect()
}
