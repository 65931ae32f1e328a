//! The target of a bound on the weight error, with the rounding of values counted (Lemma C).
//!
//! In: ε (or an enclosure's `hi`), d', f_v. Out: whether a bound `b ≥ max_y D(y)` proves worst-case error at most the target.
//! Invariant: squares are compared, so no root is taken where a verdict depends on it.
//! Source: Lemmas A and C, docs/theory.md section 2.

use num_bigint::BigInt;
use num_traits::{One, Zero};

use crate::numbers::Rational;
use crate::numbers::dyadic::Dyadic;
use crate::numbers::rational::pow2;

/// Whether `bound + √d'·2^-f_v ≤ target`, exactly: `bound ≤ target` and `d' ≤ (target - bound)²·4^{f_v}`.
///
/// ```
/// use attestor::bounds::target::meets;
/// use attestor::numbers::rational::parse;
/// let (bound, target) = (parse("0.1").unwrap(), parse("0.6").unwrap());
/// assert!(meets(&bound, &target, 1, 1));
/// assert!(!meets(&bound, &target, 2, 1));
/// ```
pub fn meets(bound: &Rational, target: &Rational, value_dim: u64, value_fraction_bits: u64) -> bool {
    if *target < *bound {
        return false;
    }
    let room = target - bound;
    let scaled = &room * &room * Rational::from_integer(BigInt::one() << (2 * value_fraction_bits));
    Rational::from_integer(BigInt::from(value_dim)) <= scaled
}

/// An upper bound of Lemma C's term `√d'·2^-f_v`.
pub fn rounding_term_up(value_dim: u64, value_fraction_bits: u64) -> Rational {
    // ⌈√(d'·4^32)⌉/2^32 is within 2^-32 of the root, and exact for squares.
    let square = BigInt::from(value_dim) << 64_u32;
    let floor = square.sqrt();
    let root = if &floor * &floor == square { floor } else { floor + 1 };
    Rational::new(root, (BigInt::one() << 32) << value_fraction_bits)
}

/// The least f_v for which `bound` meets `target`, if any up to `limit` does.
pub fn least_value_fraction_bits(bound: &Rational, target: &Rational, value_dim: u64, limit: u64) -> Option<u64> {
    let works = |bits| meets(bound, target, value_dim, bits);
    if !works(limit) {
        return None;
    }
    let (mut fails, mut least) = (None, limit);
    while fails.map_or(0, |bits: u64| bits + 1) < least {
        let middle = fails.map_or(0, |bits: u64| bits + 1).midpoint(least - 1);
        if works(middle) {
            least = middle;
        } else {
            fails = Some(middle);
        }
    }
    Some(least)
}

/// The least f_v with `√d'·2^-f_v ≤ 2^-bits·value`, for a positive `value`.
pub fn value_bits_below(value: &Rational, bits: u32, value_dim: u64) -> u64 {
    if value.is_zero() {
        return 0;
    }
    let room = value * pow2(-i64::from(bits));
    let magnitude = Dyadic::rational_down(&room, 2).magnitude().unwrap_or(0);
    let limit = u64::try_from(34 - magnitude).unwrap_or(0);
    least_value_fraction_bits(&Rational::zero(), &room, value_dim, limit).unwrap_or(limit)
}

#[cfg(test)]
mod tests {
    use super::{least_value_fraction_bits, meets, rounding_term_up};
    use crate::numbers::rational::parse;

    #[test]
    fn least_bits_are_least() {
        let target = parse("1/100").unwrap();
        for (bound, dim) in [("0", 1), ("1/101", 1), ("1/200", 7), ("99999/10000000", 1000)] {
            let bound = parse(bound).unwrap();
            let least = least_value_fraction_bits(&bound, &target, dim, 200).unwrap();
            assert!(meets(&bound, &target, dim, least));
            assert!(least == 0 || !meets(&bound, &target, dim, least - 1));
            assert!(&bound + rounding_term_up(dim, least + 1) <= target);
        }
        assert_eq!(least_value_fraction_bits(&target, &target, 1, 200), None);
    }
}
