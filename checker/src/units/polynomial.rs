//! Queries and keys from powers: scores that vanish exactly at the matches.
//!
//! In: residues. Out: exact scores, in units of the scale `c`.

use num_bigint::BigInt;

/// `-((a+b)(a+b-M))²`.
pub(crate) fn pair_score(modulus: u64, residues: [u64; 2]) -> BigInt {
    let sum: BigInt = residues.into_iter().map(BigInt::from).sum();
    let root = &sum * (&sum - modulus);
    -(&root * &root)
}

/// `-(t(t-M)(t-2M))²` with `t` the sum of the residues.
pub(crate) fn triple_score(modulus: u64, residues: [u64; 3]) -> BigInt {
    let sum: BigInt = residues.into_iter().map(BigInt::from).sum();
    let root = &sum * (&sum - modulus) * (&sum - BigInt::from(modulus) * 2u32);
    -(&root * &root)
}

/// `-2(M²-1)²`, the score of a token and a blank.
pub(crate) fn mixed_score(modulus: u64) -> BigInt {
    let root = BigInt::from(modulus) * modulus - 1u32;
    &root * &root * -2i32
}

#[cfg(test)]
mod tests {
    use super::{mixed_score, pair_score, triple_score};
    use num_bigint::BigInt;

    #[test]
    fn scores_vanish_exactly_at_matches() {
        for modulus in 1..7u64 {
            for a in 0..modulus {
                for b in 0..modulus {
                    assert_eq!(pair_score(modulus, [a, b]) == BigInt::from(0), (a + b) % modulus == 0);
                    for d in 0..modulus {
                        assert_eq!(triple_score(modulus, [a, b, d]) == BigInt::from(0), (a + b + d) % modulus == 0);
                    }
                }
            }
        }
        assert_eq!(pair_score(5, [1, 2]), BigInt::from(-36));
        assert_eq!(triple_score(5, [4, 4, 4]), BigInt::from(-(12 * 7 * 2i64).pow(2)));
        assert_eq!(mixed_score(3), BigInt::from(-128));
    }
}
