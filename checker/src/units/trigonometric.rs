//! Thm 6: queries and keys from rounded cosines and sines.
//!
//! In: residues. Out: exact scores, in units of `2^-2f` for pairs and `2^-3f` for triples.
//! A query is the point `R_f(c·cos θ_a), R_f(c·sin θ_a)`, a key `cos_f(b), sin_f(b)`, all in units of `2^-f`.
//! The score of a pair is `x·x' - y·y'`, near `c·cos(θ_a + θ_b)`; the key of two tokens is the product of their points
//! as complex numbers, so the score of a triple is that of a pair again.

use num_bigint::BigInt;

use crate::cosine::{Point, RoundedCircle, rounded};
use crate::number::{Rational, power_of_two};

/// The unit of a claim.
pub(crate) struct Trigonometric {
    fraction_bits: u64,
    queries: RoundedCircle,
    keys: RoundedCircle,
    blank: BigInt,
}

impl Trigonometric {
    pub(crate) fn new(modulus: u64, fraction_bits: u64, scale: &Rational) -> Self {
        let unit = Rational::integer(power_of_two(fraction_bits));
        let factor = scale.times(&unit);
        Trigonometric {
            fraction_bits,
            blank: rounded(&factor),
            queries: RoundedCircle::new(modulus, factor),
            keys: RoundedCircle::new(modulus, unit),
        }
    }

    pub(crate) fn query(&self, residue: u64) -> Point {
        self.queries.at(residue)
    }

    pub(crate) fn key(&self, residue: u64) -> Point {
        self.keys.at(residue)
    }

    /// `β`, the score of the blank, in the unit of scores of this order.
    pub(crate) fn blank(&self, order: u64) -> BigInt {
        // R_f(c) is in units of 2^-f.
        &self.blank << self.fraction_bits.saturating_mul(order.saturating_sub(1))
    }

    /// The unit of scores of this order.
    pub(crate) fn unit(&self, order: u64) -> Rational {
        Rational::scaled(BigInt::from(1), self.fraction_bits.saturating_mul(order))
    }
}

/// `x·x' - y·y'`.
pub(crate) fn score(query: &Point, key: &Point) -> BigInt {
    &query.x * &key.x - &query.y * &key.y
}

/// The key of two tokens.
pub(crate) fn product(key: &Point, other: &Point) -> Point {
    Point { x: score(key, other), y: &key.x * &other.y + &key.y * &other.x }
}

#[cfg(test)]
mod tests {
    use super::{Trigonometric, product, score};
    use crate::number::Rational;
    use num_bigint::BigInt;

    #[test]
    fn scores_by_hand() {
        // M = 4, f = 1, c = 3: points (2, 0), (0, 2), (-2, 0), (0, -2) and queries of length 6.
        let unit = Trigonometric::new(4, 1, &Rational::integer(3));
        for a in 0..4u64 {
            for b in 0..4u64 {
                let cosine = |sum: u64| [1, 0, -1, 0][usize::try_from(sum % 4).unwrap()];
                assert_eq!(score(&unit.query(a), &unit.key(b)), BigInt::from(12 * cosine(a + b)), "{a} {b}");
                for d in 0..4u64 {
                    let key = product(&unit.key(b), &unit.key(d));
                    assert_eq!(score(&unit.query(a), &key), BigInt::from(24 * cosine(a + b + d)), "{a} {b} {d}");
                }
            }
        }
        assert_eq!((unit.blank(2), unit.blank(3)), (BigInt::from(12), BigInt::from(24)));
        assert_eq!(unit.unit(2), Rational::parse("1/4").unwrap());
    }
}
