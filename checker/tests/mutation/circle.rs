//! Cosines and sines of residues, rounded: `R_f(c·cos(2πa/M))` and `R_f(c·sin(2πa/M))`.
//!
//! In: a residue, a modulus, a factor, fraction bits. Out: integers in units of `2^-f`.
//! The series is summed at the angle itself, up to a whole turn; rational cosines come from a table.

use std::sync::LazyLock;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Zero};

use super::fraction::Fraction;

/// Bits of the series; its errors, and those of the angle, stay below `2^-SURE_BITS`.
const SERIES_BITS: u32 = 1600;
const SURE_BITS: u32 = 1500;

/// Twice the cosine of `t` twelfths of a turn, where it is rational.
const TWICE_COSINE: [Option<i32>; 12] =
    [Some(2), None, Some(1), Some(0), Some(-1), None, Some(-2), None, Some(-1), Some(0), Some(1), None];

/// π = 4·(arctan(1/2) + arctan(1/3)).
static PI: LazyLock<BigInt> = LazyLock::new(|| {
    let arctan = |inverse: u32| {
        let (mut power, mut sum, mut place) = ((BigInt::one() << SERIES_BITS) / inverse, BigInt::zero(), 0u32);
        while !power.is_zero() {
            let term: BigInt = &power / (2 * place + 1);
            if place.is_even() {
                sum += term
            } else {
                sum -= term
            }
            power /= inverse * inverse;
            place += 1;
        }
        sum
    };
    (arctan(2) + arctan(3)) * 4u32
});

/// `cos x = Σ (-1)^n x^{2n}/(2n)!` at a fixed point.
fn cosine(x: &BigInt) -> BigInt {
    let square: BigInt = (x * x) >> SERIES_BITS;
    let (mut term, mut sum, mut n) = (BigInt::one() << SERIES_BITS, BigInt::zero(), 0u32);
    while !term.is_zero() {
        if n.is_multiple_of(4) {
            sum += &term
        } else {
            sum -= &term
        }
        n += 2;
        term = ((term * &square) >> SERIES_BITS) / (n * (n - 1));
    }
    sum
}

/// `R_f` of the factor times the cosine of `a/M + quarters/4` turns, in units of `2^-f`; nothing if a rounding is open.
fn rounded(a: u64, modulus: u64, quarters: u64, factor: &Fraction, fraction_bits: u64) -> Option<BigInt> {
    let unit = Fraction::integer(BigInt::one() << fraction_bits);
    let factor = factor.times(&unit);
    // Twelfths of a turn: 12a/M + 3·quarters.
    let twelfths = (12 * a).is_multiple_of(modulus).then(|| (12 * a / modulus + 3 * quarters) % 12);
    let twice = twelfths.and_then(|twelfths| TWICE_COSINE[usize::try_from(twelfths).expect("below 12")]);
    if let Some(twice) = twice {
        return Some(factor.times(&Fraction::new(twice, 2)).nearest_even());
    }
    // 2π(4a + quarters·M)/(4M)
    let value = cosine(&(&*PI * 2u32 * (4 * a + quarters * modulus) / (4 * modulus)));
    let margin = BigInt::one() << (SERIES_BITS - SURE_BITS);
    let end = |value: BigInt| factor.times(&Fraction::new(value, BigInt::one() << SERIES_BITS)).nearest_even();
    let (lo, hi) = (end(&value - &margin), end(&value + &margin));
    (lo == hi).then_some(lo)
}

/// The rounded cosine and sine of a residue, in units of `2^-f`.
pub fn point(a: u64, modulus: u64, factor: &Fraction, fraction_bits: u64) -> Option<[BigInt; 2]> {
    // The sine is the cosine three quarters of a turn on.
    Some([rounded(a, modulus, 0, factor, fraction_bits)?, rounded(a, modulus, 3, factor, fraction_bits)?])
}
