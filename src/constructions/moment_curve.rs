//! Moment-curve keys (Thm 3; docs/theory.md section 3).
//!
//! In: N, q, α and a support. Out: keys `(j, j², …, j^{2q})`, the query (the coefficients of `-α∏(t-l)²` without its constant), and scores.
//! Invariant: up to a common constant the score of `j` is `-α·∏_{l∈y}(j-l)²`, which is 0 exactly on the support.
//! Bound proved: the off-support mass, for every N at once (layer `bounds`).

use num_bigint::BigInt;
use num_traits::{One, Zero};

use super::scores::{Key, Query, ScoreRow};
use crate::numbers::Rational;

/// The key of a token: its first `2q` powers.
pub fn key(sparsity: u64, token: u64) -> Key {
    let token = BigInt::from(token);
    let mut power = BigInt::one();
    (0..2 * sparsity)
        .map(|_| {
            power *= &token;
            power.clone()
        })
        .collect()
}

/// The query of a support: coefficients of `t, t², …, t^{2q}` in `-∏(t-l)²`, in units of α.
pub fn query(scale: &Rational, support: &[u64]) -> Query {
    let integers = squared_product(support).into_iter().skip(1).map(|coefficient| -coefficient).collect();
    Query { unit: scale.clone(), integers }
}

/// Coefficients of `∏_{l}(t-l)²`, constant first.
pub fn squared_product(support: &[u64]) -> Vec<BigInt> {
    let mut coefficients = vec![BigInt::one()];
    for &root in support.iter().chain(support) {
        let root = BigInt::from(root);
        let mut next = vec![BigInt::zero()];
        next.extend(coefficients.iter().cloned());
        for (slot, coefficient) in next.iter_mut().zip(&coefficients) {
            *slot -= coefficient * &root;
        }
        coefficients = next;
    }
    coefficients
}

/// The scores of a row: `-∏_{l∈y}(j-l)²` in units of α.
pub fn scores(tokens: u64, scale: &Rational, support: &[u64]) -> ScoreRow {
    let multiples = (0..tokens)
        .map(|token| {
            let distance = |l: &u64| BigInt::from(token.abs_diff(*l));
            let product: BigInt = support.iter().map(distance).product();
            -(&product * &product)
        })
        .collect();
    ScoreRow { unit: scale.clone(), multiples }
}

/// `g_q = (⌈q/2⌉!·⌊q/2⌋!)²`: the least `∏_{l∈y}(j-l)²` over all `j` off a support.
///
/// Why: at most two elements of `y` lie at each distance from `j`, so the sorted distances are at least 1, 1, 2, 2, 3, ….
/// Source: Thm 3; docs/theory.md section 3.
pub fn least_gap(sparsity: u64) -> BigInt {
    let root: BigInt = (0..sparsity).map(|i| BigInt::from(1 + i / 2)).product();
    &root * &root
}

/// A support with a token at the least gap: `q+1` consecutive positions without a middle one, placed inside `[N]`.
///
/// The worst support unless `αg_q` is small; a witness of lower bounds, never a proof of an upper one.
/// *Requires* `q < N`. *Source* docs/theory.md section 3.
pub fn worst_support(tokens: u64, sparsity: u64) -> Vec<u64> {
    let removed = sparsity.div_ceil(2);
    let first = (tokens - sparsity - 1).div_ceil(2);
    (0..=sparsity).filter(|&token| token != removed).map(|token| first + token).collect()
}

#[cfg(test)]
mod tests {
    use super::{key, least_gap, query, scores, worst_support};
    use crate::numbers::Rational;
    use num_bigint::BigInt;

    #[test]
    fn scores_are_inner_products_up_to_a_constant() {
        let scale = Rational::new(3.into(), 7.into());
        for support in [vec![0], vec![2, 5], vec![1, 3, 4], vec![0, 1, 6, 8]] {
            let sparsity = u64::try_from(support.len()).unwrap();
            let row = scores(9, &scale, &support);
            let query = query(&scale, &support);
            let inner =
                |token| -> BigInt { key(sparsity, token).iter().zip(&query.integers).map(|(u, w)| u * w).sum() };
            let constant = inner(0) - &row.multiples[0];
            for token in 0..9 {
                assert_eq!(inner(token) - &row.multiples[usize::try_from(token).unwrap()], constant);
            }
        }
    }

    #[test]
    fn least_gap_is_reached_by_the_worst_support() {
        for sparsity in 1..9 {
            let row = scores(sparsity + 4, &Rational::from_integer(1.into()), &worst_support(sparsity + 4, sparsity));
            let least = row.multiples.iter().filter(|score| **score != BigInt::from(0)).max().unwrap();
            assert_eq!(-least, least_gap(sparsity));
        }
    }
}
