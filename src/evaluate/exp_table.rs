//! `e^{-unit·k}` for machine-word `k`, from certified tables: the fast path's exponential.
//!
//! In: a positive rational `unit` and a shift S. Out: for each `k`, integers `lo ≤ 2^S·e^{-unit·k} ≤ hi`.
//! Invariant: tables hold one enclosure for each byte value at each byte position, so an exponential is at most eight products.
//! Bound: each table entry and each product is rounded outward by one unit of `2^-S`; no error is assumed away.
//! Slow twin: [`super::weights::fixed_exp_neg`].

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use super::weights::fixed_exp_neg;
use crate::numbers::Rational;

/// Lower and upper bound, as integers over `2^S`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bracket {
    /// Lower bound.
    pub lo: u128,
    /// Upper bound.
    pub hi: u128,
}

/// Tables for one unit of scores.
#[derive(Clone, Debug)]
pub struct ExpTable {
    shift: u32,
    cap: u64,
    bytes: Vec<[Bracket; 256]>,
}

/// `⌊a·b / 2^shift⌋`, and whether anything was cut off. *Requires* the result to fit, as it does for `a, b ≤ 2^shift`.
fn multiply_shift(a: u128, b: u128, shift: u32) -> (u128, bool) {
    const LOW: u128 = (1 << 64) - 1;
    let (a_high, a_low) = (a >> 64, a & LOW);
    let (b_high, b_low) = (b >> 64, b & LOW);
    // a·b = high·2^128 + low, by schoolbook halves; `middle` cannot overflow because a, b < 2^127.
    let middle = a_high * b_low + a_low * b_high;
    let (low, carry) = (a_low * b_low).overflowing_add(middle << 64);
    let high = a_high * b_high + (middle >> 64) + u128::from(carry);
    let quotient = (high << (128 - shift)) | (low >> shift);
    (quotient, low & ((1 << shift) - 1) != 0)
}

impl Bracket {
    /// The sum of two brackets. *Requires* that it fits.
    pub fn plus(self, other: Bracket) -> Bracket {
        Bracket { lo: self.lo + other.lo, hi: self.hi + other.hi }
    }

    /// The product of two brackets of numbers in `[0, 1]`, rounded outward.
    fn multiply(self, other: Bracket, shift: u32) -> Bracket {
        let (lo, _) = multiply_shift(self.lo, other.lo, shift);
        let (hi, inexact) = multiply_shift(self.hi, other.hi, shift);
        Bracket { lo, hi: hi + u128::from(inexact) }
    }
}

impl ExpTable {
    /// Builds the tables. *Requires* `unit > 0` and `64 ≤ shift ≤ 126`.
    ///
    /// `None` if scores would need more than eight bytes before their exponentials vanish.
    pub fn new(unit: &Rational, shift: u32) -> Option<ExpTable> {
        // Beyond `cap` the exponential is below 2^-shift, since ln 2 < 7/10.
        let cap = (Rational::from_integer(BigInt::from(shift)) * Rational::new(7.into(), 10.into()) / unit).ceil();
        let cap = cap.to_integer().to_u64()?.checked_add(1)?;
        let n_bytes = (64 - cap.leading_zeros()).div_ceil(8);
        let one = Bracket { lo: 1 << shift, hi: 1 << shift };
        let mut bytes = Vec::new();
        for position in 0..n_bytes {
            let bits: Vec<Bracket> = (0..8).map(|bit| single(unit, 8 * position + bit, shift)).collect();
            let mut table = [one; 256];
            for value in 1..256_usize {
                // The entry without its lowest bit stands already; one more product adds that bit.
                let lowest = value.trailing_zeros();
                let rest = table[value & (value - 1)];
                table[value] = rest.multiply(bits[usize::try_from(lowest).expect("below 8")], shift);
            }
            bytes.push(table);
        }
        Some(ExpTable { shift, cap, bytes })
    }

    /// The shift S.
    pub fn shift(&self) -> u32 {
        self.shift
    }

    /// Brackets `2^S·e^{-unit·gap}`.
    pub fn exp_neg(&self, gap: u64) -> Bracket {
        if self.cap <= gap {
            return Bracket { lo: 0, hi: 1 };
        }
        let mut product = Bracket { lo: 1 << self.shift, hi: 1 << self.shift };
        let mut rest = gap;
        for table in &self.bytes {
            let byte = rest & 0xff;
            if byte != 0 {
                product = product.multiply(table[usize::try_from(byte).expect("a byte")], self.shift);
            }
            rest >>= 8;
        }
        product
    }
}

/// Brackets `2^shift·e^{-unit·2^bit}` by the slow path.
fn single(unit: &Rational, bit: u32, shift: u32) -> Bracket {
    let (lo, hi) = fixed_exp_neg(&(unit * (BigInt::from(1) << bit)), shift);
    let word = |value: BigInt| value.to_u128().expect("at most 2^shift");
    Bracket { lo: word(lo), hi: word(hi) }
}

#[cfg(test)]
mod tests {
    use super::{ExpTable, multiply_shift};
    use crate::evaluate::weights::fixed_exp_neg;
    use crate::numbers::Rational;
    use num_bigint::BigInt;
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    proptest! {
        #[test]
        fn products_match_big_integers(a in any::<u128>(), b in any::<u128>(), shift in 64_u32..=126) {
            let (a, b) = (a >> (127 - shift), b >> (127 - shift));
            let exact = BigInt::from(a) * BigInt::from(b);
            let (quotient, inexact) = multiply_shift(a, b, shift);
            prop_assert_eq!(BigInt::from(quotient), &exact >> shift);
            prop_assert_eq!(inexact, (&exact >> shift) << shift != exact);
        }

        #[test]
        fn brackets_contain_the_slow_enclosure(
            numerator in 1_u64..1000,
            denominator_bits in 0_u32..40,
            gap in any::<u64>(),
            cut in 0_u32..64,
        ) {
            let unit = Rational::new(numerator.into(), BigInt::from(1) << denominator_bits);
            let Some(table) = ExpTable::new(&unit, 120) else { return Ok(()) };
            let gap = gap >> cut;
            let bracket = table.exp_neg(gap);
            let (lo, hi) = fixed_exp_neg(&(&unit * BigInt::from(gap)), 160);
            // The slow enclosure is far narrower: each end of it lies within the bracket.
            prop_assert!((BigInt::from(bracket.lo) << 40) <= hi);
            prop_assert!(lo <= (BigInt::from(bracket.hi) << 40));
            prop_assert!(bracket.hi - bracket.lo <= 64);
        }
    }
}
