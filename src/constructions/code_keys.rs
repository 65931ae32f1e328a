//! Code keys (Thm 2 with explicit keys; docs/theory.md section 4b).
//!
//! In: Q prime, k, n, and a support. Out: overlaps `o_j`, keys as marked pairs `(x, f_j(x))`, zero-one queries.
//! Invariant: the score of `j` is `α·o_j`, with `o_j = n` on the support and `o_j ≤ q(k-1)` off it.
//! Not here: the bound (layer `bounds`).

use std::collections::HashSet;

use num_bigint::BigInt;

use super::scores::ScoreRow;
use crate::catalogue::claim::CodeKeys;
use crate::numbers::Rational;

/// The values `f_j(0), …, f_j(n-1)` of token `j`'s polynomial: its one-positions in each block of Q coordinates.
pub fn codeword(code: &CodeKeys, token: u64) -> Vec<u64> {
    let mut digits = Vec::new();
    let mut rest = token;
    while rest != 0 {
        digits.push(rest % code.field_size);
        rest /= code.field_size;
    }
    (0..code.evaluations).map(|x| evaluate(&digits, x, code.field_size)).collect()
}

/// Horner's rule modulo Q; all intermediate values are below `Q² ≤ 2^64`.
fn evaluate(digits: &[u64], x: u64, field_size: u64) -> u64 {
    let modulus = u128::from(field_size);
    let value =
        digits.iter().rev().fold(0, |value: u128, &digit| (value * u128::from(x) + u128::from(digit)) % modulus);
    u64::try_from(value).expect("a residue below a u64 modulus")
}

/// The pairs `(x, value)` where the query of a support is α.
pub fn marked_pairs(code: &CodeKeys, support: &[u64]) -> HashSet<(usize, u64)> {
    support.iter().flat_map(|&token| codeword(code, token).into_iter().enumerate()).collect()
}

/// All codewords: shape `[N][n]`.
pub fn codewords(code: &CodeKeys, tokens: u64) -> Vec<Vec<u64>> {
    (0..tokens).map(|token| codeword(code, token)).collect()
}

/// `o_j`: at how many points the codeword agrees with some codeword of the support.
pub fn overlap(marked: &HashSet<(usize, u64)>, codeword: &[u64]) -> u64 {
    let hits = codeword.iter().enumerate().filter(|&(x, &value)| marked.contains(&(x, value))).count();
    u64::try_from(hits).expect("at most n points")
}

/// The scores of a row: overlaps in units of α.
pub fn scores(tokens: u64, code: &CodeKeys, scale: &Rational, support: &[u64]) -> ScoreRow {
    let marked = marked_pairs(code, support);
    let multiples = (0..tokens).map(|token| BigInt::from(overlap(&marked, &codeword(code, token)))).collect();
    ScoreRow { unit: scale.clone(), multiples }
}

/// Whether `Q^k ≥ N`, so that every token has its own polynomial.
pub fn has_enough_polynomials(code: &CodeKeys, tokens: u64) -> bool {
    let mut count: u128 = 1;
    for _ in 0..code.degree_bound {
        count = count.saturating_mul(u128::from(code.field_size));
        if u128::from(tokens) <= count {
            return true;
        }
    }
    u128::from(tokens) <= count
}

/// Whether `candidate` is prime, by trial division (it is at most 2^32 in a claim).
pub fn is_prime(candidate: u64) -> bool {
    2 <= candidate && (2..).take_while(|d| d * d <= candidate).all(|divisor| !candidate.is_multiple_of(divisor))
}

#[cfg(test)]
mod tests {
    use super::{codeword, has_enough_polynomials, is_prime, scores};
    use crate::catalogue::claim::CodeKeys;
    use crate::numbers::Rational;

    const CODE: CodeKeys = CodeKeys { field_size: 7, degree_bound: 2, evaluations: 5 };

    #[test]
    fn distinct_polynomials_agree_in_at_most_degree_points() {
        for i in 0..49 {
            for j in 0..i {
                let same = codeword(&CODE, i).iter().zip(codeword(&CODE, j)).filter(|(a, b)| **a == *b).count();
                assert!(same <= 1);
            }
        }
    }

    #[test]
    fn scores_are_full_on_the_support_and_small_off_it() {
        let row = scores(49, &CODE, &Rational::from_integer(2.into()), &[3, 11]);
        for (token, score) in row.multiples.iter().enumerate() {
            if token == 3 || token == 11 {
                assert_eq!(*score, 5.into());
            } else {
                assert!(*score <= 2.into());
            }
        }
    }

    #[test]
    fn primes_and_sizes() {
        let primes: Vec<u64> = (0..30).filter(|&n| is_prime(n)).collect();
        assert_eq!(primes, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]);
        assert!(has_enough_polynomials(&CODE, 49) && !has_enough_polynomials(&CODE, 50));
    }
}
