//! Exact scores of the matching units, residue by residue.
//!
//! Paper symbols: `s(a,b)` of Match2 and `s(a,b,b')` of third-order attention; the blank's score is β, a mixed pair's μ.
//! In: M and an encoding. Out: integer multiples of one rational unit.
//! Invariant: scores are exact; a trigonometric one is an inner product of rounded entries.
//! Source: docs/theory.md sections 8 and 9a; `checker/FORMAT.md` section 2.

use std::collections::HashMap;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Zero};

use super::keys::{entry_bits, rounded_scale};
use crate::catalogue::network::{Encoding, Trigonometric};
use crate::numbers::Rational;
use crate::numbers::circle::{rounded_multiple, rounded_multiples};
use crate::numbers::rational::pow2;

/// Query and key entries of one residue, over `2^f`: `(R_f(c·cos), R_f(c·sin))` and `(cos_f, sin_f)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// Query entries.
    pub query: (BigInt, BigInt),
    /// Key entries.
    pub key: (BigInt, BigInt),
}

/// The points of every residue, shape `[M]`.
pub fn points(modulus: u64, keys: &Trigonometric) -> Vec<Point> {
    let bits = entry_bits(keys);
    let queries = rounded_multiples(modulus, &keys.scale, bits);
    let keys = rounded_multiples(modulus, &Rational::one(), bits);
    queries.into_iter().zip(keys).map(|(query, key)| Point { query, key }).collect()
}

/// Scores of chosen residues, points computed when needed.
#[derive(Clone, Debug)]
pub struct Scores {
    modulus: u64,
    order: u32,
    encoding: Encoding,
    points: HashMap<u64, Point>,
}

impl Scores {
    /// Scores of order 2 or 3.
    pub fn new(modulus: u64, order: u32, encoding: &Encoding) -> Scores {
        Scores { modulus, order, encoding: encoding.clone(), points: HashMap::new() }
    }

    /// M.
    pub fn modulus(&self) -> u64 {
        self.modulus
    }

    /// s.
    pub fn order(&self) -> u32 {
        self.order
    }

    /// What one multiple is worth.
    pub fn unit(&self) -> Rational {
        unit(&self.encoding, self.order)
    }

    /// β.
    pub fn blank(&self) -> Rational {
        match &self.encoding {
            Encoding::Trigonometric(keys) => rounded_scale(keys),
            Encoding::Polynomial { .. } => Rational::zero(),
        }
    }

    /// μ, the score of a pair of a token and the blank; third order only.
    pub fn mixed(&self) -> Rational {
        match &self.encoding {
            Encoding::Trigonometric(_) => Rational::zero(),
            Encoding::Polynomial { scale } => {
                let gap = least_triple_gap(self.modulus);
                scale * Rational::from_integer(gap * -2)
            }
        }
    }

    /// `s(a, b)` as a multiple of the unit.
    pub fn pair(&mut self, a: u64, b: u64) -> BigInt {
        match &self.encoding {
            Encoding::Polynomial { .. } => {
                let sum = BigInt::from(a) + b;
                let factor: BigInt = &sum * (&sum - self.modulus);
                -(&factor * &factor)
            }
            Encoding::Trigonometric(_) => {
                let query = self.point(a).query.clone();
                let key = &self.point(b).key;
                query.0 * &key.0 - query.1 * &key.1
            }
        }
    }

    /// `s(a, b, b')` as a multiple of the unit.
    pub fn triple(&mut self, a: u64, b: u64, c: u64) -> BigInt {
        match &self.encoding {
            Encoding::Polynomial { .. } => {
                let sum = BigInt::from(a) + b + c;
                let factor: BigInt = &sum * (&sum - self.modulus) * (&sum - BigInt::from(self.modulus) * 2);
                -(&factor * &factor)
            }
            Encoding::Trigonometric(_) => {
                let (query, left) = (self.point(a).query.clone(), self.point(b).key.clone());
                let right = &self.point(c).key;
                query.0 * (&left.0 * &right.0 - &left.1 * &right.1)
                    - query.1 * (&left.0 * &right.1 + &left.1 * &right.0)
            }
        }
    }

    fn point(&mut self, residue: u64) -> &Point {
        let (modulus, encoding) = (self.modulus, &self.encoding);
        self.points.entry(residue).or_insert_with(|| match encoding {
            Encoding::Trigonometric(keys) => {
                let at = |scale: &Rational| rounded_multiple(residue, modulus, scale, entry_bits(keys));
                Point { query: at(&keys.scale), key: at(&Rational::one()) }
            }
            Encoding::Polynomial { .. } => unreachable!("polynomial scores have no points"),
        })
    }
}

/// What one multiple of a score is worth: `2^{-s·f}`, or c.
pub fn unit(encoding: &Encoding, order: u32) -> Rational {
    match encoding {
        Encoding::Trigonometric(keys) => pow2(-i64::from(order) * i64::from(entry_bits(keys))),
        Encoding::Polynomial { scale } => scale.clone(),
    }
}

/// `(M-1)²`, the least gap of a non-matching pair below a match, as a multiple of c.
pub fn least_pair_gap(modulus: u64) -> BigInt {
    let root = BigInt::from(modulus) - 1;
    &root * &root
}

/// `(M²-1)²`, the same for triples.
pub fn least_triple_gap(modulus: u64) -> BigInt {
    let root = BigInt::from(modulus) * modulus - 1;
    &root * &root
}

/// `((2M-2)(M-2))²`, the largest gap of any pair, as a multiple of c.
pub fn greatest_pair_gap(modulus: u64) -> BigInt {
    let root = (BigInt::from(modulus) * 2 - 2) * (BigInt::from(modulus) - 2);
    &root * &root
}

/// The least gap of `(a, a)` over the residues with `2a ≢ 0`, as a multiple of c, for `M ≥ 3`.
pub fn least_own_gap(modulus: u64) -> BigInt {
    let root = if modulus.is_odd() { BigInt::from(modulus) - 1 } else { (BigInt::from(modulus) - 2) * 2 };
    &root * &root
}
