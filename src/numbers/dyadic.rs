//! Dyadic numbers `m·2^e` and their exact arithmetic.
//!
//! Paper item: none; every p-bit word, and every endpoint of an enclosure, is a dyadic.
//!
//! In and out: integers, rationals and the certificate form `m*2^e`.
//!
//! Invariant: the mantissa is odd, or the number is zero and its exponent is 0; so equal numbers
//! have equal representations, and equality and hashing may be derived.
//!
//! Bound proved: none; everything here is exact.
//!
//! Not here: directed rounding is in [`super::rounding`], fixed-point words are in [`super::fixed`].
//! `add`, `sub` and `to_rational` are exact, so they take memory in proportion to the distance of the
//! exponents; the rounded sums of [`super::interval`] do not.

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Mul, Neg, Sub};
use std::str::FromStr;

use num_bigint::{BigInt, BigUint, Sign};
use num_traits::{One, Signed, Zero};

use super::rational::{NumberError, Rational, pow2, shorten, too_large};

/// The largest absolute value of an exponent that [`Dyadic::from_str`] reads.
///
/// It admits every endpoint that [`super::exp::exp`] returns at precisions below 2⁴⁰.
pub const MAX_TEXT_EXPONENT: i64 = 1 << 42;

/// An exact number `mantissa·2^exponent`.
///
/// Representation: the mantissa is odd, or both parts are zero.
///
/// ```
/// use attestor::numbers::dyadic::Dyadic;
///
/// let x = Dyadic::new(12.into(), -4);
/// assert_eq!(x.to_string(), "3*2^-2");
/// assert_eq!("3*2^-2".parse::<Dyadic>().unwrap(), x);
/// assert!("6*2^-3".parse::<Dyadic>().is_err());
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Dyadic {
    mantissa: BigInt,
    exponent: i64,
}

impl Dyadic {
    /// `mantissa·2^exponent`, brought to the normal form.
    #[must_use]
    pub fn new(mantissa: BigInt, exponent: i64) -> Dyadic {
        match mantissa.trailing_zeros() {
            None => Dyadic::zero(),
            Some(0) => Dyadic { mantissa, exponent },
            Some(zeros) => Dyadic { mantissa: mantissa >> zeros, exponent: exponent + length(zeros) },
        }
    }

    /// 0.
    #[must_use]
    pub fn zero() -> Dyadic {
        Dyadic { mantissa: BigInt::zero(), exponent: 0 }
    }

    /// 1.
    #[must_use]
    pub fn one() -> Dyadic {
        Dyadic::power_of_two(0)
    }

    /// `2^exponent`.
    #[must_use]
    pub fn power_of_two(exponent: i64) -> Dyadic {
        Dyadic { mantissa: BigInt::one(), exponent }
    }

    /// An integer as a dyadic.
    #[must_use]
    pub fn from_integer(integer: impl Into<BigInt>) -> Dyadic {
        Dyadic::new(integer.into(), 0)
    }

    /// The odd mantissa, or 0.
    #[must_use]
    pub fn mantissa(&self) -> &BigInt {
        &self.mantissa
    }

    /// The exponent of the normal form.
    #[must_use]
    pub fn exponent(&self) -> i64 {
        self.exponent
    }

    /// Whether the number is 0.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.mantissa.is_zero()
    }

    /// Whether the number is below 0.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.mantissa.is_negative()
    }

    /// Whether the number is above 0.
    #[must_use]
    pub fn is_positive(&self) -> bool {
        self.mantissa.is_positive()
    }

    /// The bit length of the mantissa, 0 for zero.
    #[must_use]
    pub fn bits(&self) -> u64 {
        self.mantissa.bits()
    }

    /// `⌊log2 |x|⌋`, or `None` for zero: `2^magnitude ≤ |x| < 2^(magnitude+1)`.
    #[must_use]
    pub fn magnitude(&self) -> Option<i64> {
        if self.is_zero() {
            return None;
        }
        Some(self.exponent + length(self.bits()) - 1)
    }

    /// The exact sum.
    #[must_use]
    pub fn add(&self, other: &Dyadic) -> Dyadic {
        if self.is_zero() {
            return other.clone();
        }
        if other.is_zero() {
            return self.clone();
        }
        let (high, low) = if self.exponent < other.exponent { (other, self) } else { (self, other) };
        let gap = high.exponent - low.exponent;
        Dyadic::new((&high.mantissa << gap) + &low.mantissa, low.exponent)
    }

    /// The exact difference.
    #[must_use]
    pub fn sub(&self, other: &Dyadic) -> Dyadic {
        self.add(&other.neg())
    }

    /// The exact product.
    #[must_use]
    pub fn mul(&self, other: &Dyadic) -> Dyadic {
        if self.is_zero() || other.is_zero() {
            return Dyadic::zero();
        }
        // The product of odd mantissas is odd.
        Dyadic { mantissa: &self.mantissa * &other.mantissa, exponent: self.exponent + other.exponent }
    }

    /// The exact negation.
    #[must_use]
    pub fn neg(&self) -> Dyadic {
        Dyadic { mantissa: -&self.mantissa, exponent: self.exponent }
    }

    /// The exact absolute value.
    #[must_use]
    pub fn abs(&self) -> Dyadic {
        Dyadic { mantissa: self.mantissa.abs(), exponent: self.exponent }
    }

    /// The exact product with `2^places`.
    #[must_use]
    pub fn shift(&self, places: i64) -> Dyadic {
        if self.is_zero() {
            return Dyadic::zero();
        }
        Dyadic { mantissa: self.mantissa.clone(), exponent: self.exponent + places }
    }

    /// The same number as a rational.
    #[must_use]
    pub fn to_rational(&self) -> Rational {
        if 0 <= self.exponent {
            return Rational::from_integer(&self.mantissa << self.exponent);
        }
        // The mantissa is odd and the denominator a power of two: lowest terms without a gcd.
        Rational::new_raw(self.mantissa.clone(), pow2(-self.exponent).numer().clone())
    }

    /// The same number as a dyadic, or `None` if the denominator is not a power of two.
    #[must_use]
    pub fn from_rational(value: &Rational) -> Option<Dyadic> {
        let places = power_of_two_exponent(value.denom().magnitude())?;
        Some(Dyadic::new(value.numer().clone(), -length(places)))
    }

    /// The order between this number and a rational, without a gcd.
    #[must_use]
    pub fn cmp_rational(&self, other: &Rational) -> Ordering {
        let signs = self.mantissa.sign().cmp(&other.numer().sign());
        if signs != Ordering::Equal || self.is_zero() {
            return signs;
        }
        // |x| < 2^(exponent+bits) and |p/q| > 2^(bits(p)-1-bits(q)), and the other way round, settle
        // distant exponents before any shift.
        let top = i128::from(self.exponent) + i128::from(self.bits());
        let other_top = i128::from(other.numer().bits()) - i128::from(other.denom().bits());
        let by_magnitude = if top < other_top {
            Ordering::Less
        } else if other_top + 2 < top {
            Ordering::Greater
        } else {
            Ordering::Equal
        };
        if by_magnitude != Ordering::Equal {
            return if self.is_negative() { by_magnitude.reverse() } else { by_magnitude };
        }
        let left = &self.mantissa * other.denom();
        if 0 <= self.exponent {
            (left << self.exponent).cmp(other.numer())
        } else {
            left.cmp(&(other.numer() << -self.exponent))
        }
    }
}

/// The `k` with `value = 2^k`, if there is one.
pub(super) fn power_of_two_exponent(value: &BigUint) -> Option<u64> {
    value.trailing_zeros().filter(|zeros| zeros + 1 == value.bits())
}

/// A bit length as a signed number; it counts bits in memory, so it is far below 2⁶³.
pub(super) fn length(bits: u64) -> i64 {
    i64::try_from(bits).expect("a bit length is below 2^63")
}

impl Ord for Dyadic {
    /// The order of the numbers, settled by signs and magnitudes before any shift.
    fn cmp(&self, other: &Dyadic) -> Ordering {
        let signs = self.mantissa.sign().cmp(&other.mantissa.sign());
        if signs != Ordering::Equal {
            return signs;
        }
        let by_magnitude = self.magnitude().cmp(&other.magnitude());
        if by_magnitude != Ordering::Equal {
            let negative = self.mantissa.sign() == Sign::Minus;
            return if negative { by_magnitude.reverse() } else { by_magnitude };
        }
        // Equal magnitudes: the shift is the difference of the bit lengths.
        let gap = self.exponent - other.exponent;
        match gap.cmp(&0) {
            Ordering::Equal => self.mantissa.cmp(&other.mantissa),
            Ordering::Greater => (&self.mantissa << gap).cmp(&other.mantissa),
            Ordering::Less => self.mantissa.cmp(&(&other.mantissa << -gap)),
        }
    }
}

impl PartialOrd for Dyadic {
    fn partial_cmp(&self, other: &Dyadic) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Add for &Dyadic {
    type Output = Dyadic;
    fn add(self, other: &Dyadic) -> Dyadic {
        Dyadic::add(self, other)
    }
}

impl Sub for &Dyadic {
    type Output = Dyadic;
    fn sub(self, other: &Dyadic) -> Dyadic {
        Dyadic::sub(self, other)
    }
}

impl Mul for &Dyadic {
    type Output = Dyadic;
    fn mul(self, other: &Dyadic) -> Dyadic {
        Dyadic::mul(self, other)
    }
}

impl Neg for &Dyadic {
    type Output = Dyadic;
    fn neg(self) -> Dyadic {
        Dyadic::neg(self)
    }
}

impl fmt::Display for Dyadic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}*2^{}", self.mantissa, self.exponent)
    }
}

impl FromStr for Dyadic {
    type Err = NumberError;

    /// Reads the form that `Display` writes and nothing else: one text per number.
    fn from_str(text: &str) -> Result<Dyadic, NumberError> {
        const REMEDY: &str = "m*2^e with m odd, or 0*2^0, without superfluous zeros or signs";
        let syntax = || NumberError::Syntax { text: shorten(text), remedy: REMEDY };
        if super::rational::MAX_TEXT_LENGTH < text.len() {
            return Err(too_large(text, "write at most 20,000 characters"));
        }
        let (mantissa, exponent) = text.split_once("*2^").ok_or_else(syntax)?;
        let mantissa: BigInt = mantissa.parse().map_err(|_| syntax())?;
        let exponent: BigInt = exponent.parse().map_err(|_| syntax())?;
        let exponent = i64::try_from(exponent)
            .ok()
            .filter(|exponent| exponent.unsigned_abs() <= MAX_TEXT_EXPONENT.unsigned_abs())
            .ok_or_else(|| too_large(text, "write an exponent of at most 2^42 in absolute value"))?;
        let value = Dyadic::new(mantissa, exponent);
        if value.to_string() == text { Ok(value) } else { Err(syntax()) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Dyadic, MAX_TEXT_EXPONENT};
    use crate::numbers::rational::{Rational, parse};
    use num_bigint::BigInt;
    use std::cmp::Ordering;

    fn dyadic(mantissa: i64, exponent: i64) -> Dyadic {
        Dyadic::new(BigInt::from(mantissa), exponent)
    }

    fn small() -> Vec<Dyadic> {
        let rows = (-9..=9).flat_map(|mantissa| (-3..=3).map(move |exponent| (mantissa, exponent)));
        rows.map(|(mantissa, exponent)| dyadic(mantissa, exponent)).collect()
    }

    #[test]
    fn the_normal_form_is_unique() {
        assert_eq!(dyadic(12, -4), dyadic(3, -2));
        assert_eq!(dyadic(0, 99), Dyadic::zero());
        assert_eq!(Dyadic::from_integer(-8).to_string(), "-1*2^3");
        assert_eq!(Dyadic::zero().to_string(), "0*2^0");
    }

    #[test]
    fn arithmetic_and_order_equal_those_of_rationals_exhaustively() {
        for left in small() {
            let x = left.to_rational();
            assert_eq!(Dyadic::from_rational(&x), Some(left.clone()));
            for right in small() {
                let y = right.to_rational();
                assert_eq!((&left + &right).to_rational(), &x + &y);
                assert_eq!((&left - &right).to_rational(), &x - &y);
                assert_eq!((&left * &right).to_rational(), &x * &y);
                assert_eq!(left.cmp(&right), x.cmp(&y));
                assert_eq!(left.cmp_rational(&y), x.cmp(&y));
                let third = y / Rational::from_integer(3.into());
                assert_eq!(left.cmp_rational(&third), x.cmp(&third));
            }
        }
    }

    #[test]
    fn distant_exponents_compare_without_memory() {
        let huge = Dyadic::power_of_two(1 << 60);
        let tiny = Dyadic::power_of_two(-(1 << 60));
        assert!(tiny < huge && huge.neg() < tiny.neg());
        let half = parse("1/2").unwrap();
        assert_eq!(huge.cmp_rational(&half), Ordering::Greater);
        assert_eq!(tiny.cmp_rational(&half), Ordering::Less);
        assert_eq!(huge.neg().cmp_rational(&-&half), Ordering::Less);
        assert_eq!(tiny.neg().cmp_rational(&-half), Ordering::Greater);
    }

    #[test]
    fn only_the_canonical_text_is_read() {
        let largest = format!("-1*2^{MAX_TEXT_EXPONENT}");
        for text in ["0*2^0", "1*2^0", "-3*2^-7", "5*2^12", &largest] {
            assert_eq!(text.parse::<Dyadic>().unwrap().to_string(), text);
        }
        let beyond = format!("1*2^{}", MAX_TEXT_EXPONENT + 1);
        for text in [
            "",
            "1",
            "2^3",
            "2*2^0",
            "0*2^1",
            "-0*2^0",
            "+1*2^0",
            "01*2^0",
            "1*2^+1",
            "1*2^01",
            "1*2^-0",
            " 1*2^0",
            "1*2^0 ",
            "1_1*2^0",
            "1*2^1_0",
            "1*2^9223372036854775807",
            "1*2^",
            "*2^0",
            &beyond,
        ] {
            assert!(text.parse::<Dyadic>().is_err(), "{text}");
        }
    }

    #[test]
    fn magnitudes() {
        assert_eq!(Dyadic::zero().magnitude(), None);
        for (mantissa, exponent, expected) in [(1, 0, 0), (-1, -5, -5), (3, 0, 1), (-7, 2, 4), (8, 0, 3)] {
            assert_eq!(dyadic(mantissa, exponent).magnitude(), Some(expected));
        }
    }
}
