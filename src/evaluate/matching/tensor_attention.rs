//! Attention of any order, from its definition: the slow path that knows nothing of residues.
//!
//! Paper: order-s attention, `softmax(Q·(K¹ ⋆ … ⋆ K^{s-1})ᵀ)(V¹ ⋆ … ⋆ V^{s-1})` with the column-wise Kronecker product.
//! In: one query, keys and values of every factor. Out: an enclosure of the row's output, one coordinate.
//! Cost: `n^{s-1}` tuples of `n` tokens.
//! Source: docs/theory.md sections 1 and 9a.

use num_traits::{One, Zero};

use super::exp_sum::ExpSum;
use crate::numbers::Rational;
use crate::numbers::interval::Interval;

/// One factor of the keys and values: for each token (blank included) a key, and a value that is 0 or 1.
#[derive(Clone, Debug)]
pub struct Factor {
    /// Shape `[n][m']`.
    pub keys: Vec<Vec<Rational>>,
    /// Shape `[n]`.
    pub counts: Vec<bool>,
}

/// The weight of all tuples whose values are 1, that is, the output for 0-1 values.
///
/// ```
/// use attestor::evaluate::matching::tensor_attention::{Factor, output};
/// use attestor::numbers::rational::parse;
/// let number = |text| parse(text).unwrap();
/// // Two tokens with equal scores, one of them with value 1.
/// let factor = Factor { keys: vec![vec![number("1")], vec![number("1")]], counts: vec![true, false] };
/// assert!(output(&[number("5")], &[factor], 64).contains(&number("1/2")));
/// ```
///
/// *Requires* at least one factor, all with the same number of tokens, all keys as long as the query.
pub fn output(query: &[Rational], factors: &[Factor], precision: u32) -> Interval {
    let n_tokens = factors.first().map_or(0, |factor| factor.keys.len());
    let (mut with_value, mut without) = (ExpSum::default(), ExpSum::default());
    let mut tuple = vec![0; factors.len()];
    loop {
        let score = score(query, factors, &tuple);
        let counts = factors.iter().zip(&tuple).all(|(factor, &token)| factor.counts[token]);
        if counts {
            with_value.add(score, 1)
        } else {
            without.add(score, 1)
        }
        // The next tuple, the last factor running fastest.
        let Some(place) = (0..tuple.len()).rev().find(|&place| tuple[place] + 1 < n_tokens) else { break };
        tuple[place] += 1;
        tuple[place + 1..].fill(0);
    }
    with_value.share(&without, precision)
}

/// `⟨query, K¹_{j1} ⊙ … ⊙ K^{s-1}_{j_{s-1}}⟩`.
pub fn score(query: &[Rational], factors: &[Factor], tuple: &[usize]) -> Rational {
    let entry = |(coordinate, entry): (usize, &Rational)| {
        let keys = factors.iter().zip(tuple).map(|(factor, &token)| &factor.keys[token][coordinate]);
        entry * keys.fold(Rational::one(), |product, key| product * key)
    };
    query.iter().enumerate().map(entry).fold(Rational::zero(), |sum, term| sum + term)
}
