//! The two number forms of FORMAT.md and the little exact arithmetic that the rules need.
//!
//! Sums and products are not reduced: numbers are compared by cross-multiplication.
//! Only numbers read from a file are in lowest terms, so their `Display` is their canonical text.

use std::cmp::Ordering;
use std::fmt;

use num_bigint::{BigInt, BigUint};
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

use crate::limits::{MAX_DIGITS, MAX_EXPONENT, MAX_NUMBER_BITS};

/// Why a text is not a number of its form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NumberError {
    /// Another form.
    Form,
    /// The form, but beyond the limit `number-size`.
    Size,
}

/// A rational number: any numerator over a positive denominator.
#[derive(Clone, Debug)]
pub struct Rational {
    numer: BigInt,
    denom: BigInt,
}

/// A dyadic number `mantissa·2^exponent`, the mantissa odd, or `0·2^0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dyadic {
    mantissa: BigInt,
    exponent: i64,
}

/// Whether the text has the form `-?(0|[1-9][0-9]*)` and is not `-0`.
fn is_integer_form(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) && (!digits.starts_with('0') || text == "0")
}

/// The value of a text of integer form, if it is within the limits.
fn sized_integer(text: &str) -> Result<BigInt, NumberError> {
    if text.trim_start_matches('-').len() > MAX_DIGITS {
        return Err(NumberError::Size);
    }
    let value: BigInt = text.parse().map_err(|_| NumberError::Form)?;
    if value.bits() > MAX_NUMBER_BITS { Err(NumberError::Size) } else { Ok(value) }
}

/// `2^bits`.
pub(crate) fn power_of_two(bits: u64) -> BigInt {
    BigInt::one() << bits
}

impl Rational {
    /// Reads the rational form.
    pub(crate) fn parse(text: &str) -> Result<Self, NumberError> {
        let (numer, denom) = text.split_once('/').unwrap_or((text, "1"));
        let has_form = is_integer_form(numer) && is_integer_form(denom) && !denom.starts_with('-');
        if !has_form {
            return Err(NumberError::Form);
        }
        let (numer, denom) = (sized_integer(numer)?, sized_integer(denom)?);
        let is_lowest = !text.contains('/') || (BigInt::one() < denom && numer.gcd(&denom).is_one());
        if is_lowest { Ok(Rational { numer, denom }) } else { Err(NumberError::Form) }
    }

    /// `numer/denom`, if the denominator is not zero.
    pub(crate) fn new(numer: BigInt, denom: BigInt) -> Option<Self> {
        match denom.cmp(&BigInt::zero()) {
            Ordering::Greater => Some(Rational { numer, denom }),
            Ordering::Less => Some(Rational { numer: -numer, denom: -denom }),
            Ordering::Equal => None,
        }
    }

    pub(crate) fn integer(numer: impl Into<BigInt>) -> Self {
        Rational { numer: numer.into(), denom: BigInt::one() }
    }

    /// `numer·2^-bits`.
    pub(crate) fn scaled(numer: BigInt, bits: u64) -> Self {
        Rational { numer, denom: power_of_two(bits) }
    }

    /// The numerator, which carries the sign.
    #[must_use]
    pub fn numer(&self) -> &BigInt {
        &self.numer
    }

    /// The denominator, which is positive.
    #[must_use]
    pub fn denom(&self) -> &BigInt {
        &self.denom
    }

    pub(crate) fn is_positive(&self) -> bool {
        self.numer.is_positive()
    }

    pub(crate) fn is_negative(&self) -> bool {
        self.numer.is_negative()
    }

    pub(crate) fn plus(&self, other: &Self) -> Self {
        let numer = &self.numer * &other.denom + &other.numer * &self.denom;
        Rational { numer, denom: &self.denom * &other.denom }
    }

    pub(crate) fn minus(&self, other: &Self) -> Self {
        let numer = &self.numer * &other.denom - &other.numer * &self.denom;
        Rational { numer, denom: &self.denom * &other.denom }
    }

    pub(crate) fn times(&self, other: &Self) -> Self {
        Rational { numer: &self.numer * &other.numer, denom: &self.denom * &other.denom }
    }

    /// `self/other`, if `other` is not zero.
    pub(crate) fn over(&self, other: &Self) -> Option<Self> {
        Rational::new(&self.numer * &other.denom, &self.denom * &other.numer)
    }

    /// The same number in lowest terms.
    pub(crate) fn reduced(&self) -> Self {
        let divisor = self.numer.gcd(&self.denom);
        Rational { numer: &self.numer / &divisor, denom: &self.denom / &divisor }
    }

    /// The largest number of at most 64 significant bits that is not above this one, in lowest terms.
    pub(crate) fn rounded_down_to_64_bits(&self) -> Self {
        // With a and b the bit lengths, the modulus is between 2^(a-b-1) and 2^(a-b+1); so after the shift it has
        // 63 or 64 bits before its point, and rounding may make it 2^64, which has one significant bit.
        let (numer_bits, denom_bits) = (self.numer.bits(), self.denom.bits());
        let (mut left, right) = (63 + denom_bits, numer_bits);
        let shifted = |left: u64| (&self.numer << left).div_floor(&(&self.denom << right));
        if shifted(left).bits() < 64 {
            left += 1;
        }
        Rational { numer: shifted(left) << right, denom: power_of_two(left) }.reduced()
    }

    /// Bits to the right of the binary point before the first digit of a positive number, at least 0:
    /// `2^-result ≤ 2·self`.
    pub(crate) fn leading_zeros(&self) -> u64 {
        // With a and b the bit lengths, numer ≥ 2^(a-1) and denom < 2^b, so numer/denom > 2^(a-1-b).
        self.denom.bits().saturating_sub(self.numer.bits())
    }
}

impl PartialEq for Rational {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Rational {}

impl PartialOrd for Rational {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Rational {
    fn cmp(&self, other: &Self) -> Ordering {
        (&self.numer * &other.denom).cmp(&(&other.numer * &self.denom))
    }
}

impl fmt::Display for Rational {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.denom.is_one() { write!(out, "{}", self.numer) } else { write!(out, "{}/{}", self.numer, self.denom) }
    }
}

impl Dyadic {
    /// Reads the dyadic form.
    pub(crate) fn parse(text: &str) -> Result<Self, NumberError> {
        let (mantissa, exponent) = text.split_once("*2^").ok_or(NumberError::Form)?;
        if !is_integer_form(mantissa) || !is_integer_form(exponent) {
            return Err(NumberError::Form);
        }
        let (mantissa, exponent) = (sized_integer(mantissa)?, sized_integer(exponent)?);
        let is_normal = if mantissa.is_zero() { exponent.is_zero() } else { mantissa.is_odd() };
        if !is_normal {
            return Err(NumberError::Form);
        }
        let exponent = exponent.to_i64().ok_or(NumberError::Size)?;
        if MAX_EXPONENT < exponent.unsigned_abs() {
            return Err(NumberError::Size);
        }
        Ok(Dyadic { mantissa, exponent })
    }

    /// The odd mantissa, or 0.
    #[must_use]
    pub fn mantissa(&self) -> &BigInt {
        &self.mantissa
    }

    /// The exponent of 2.
    #[must_use]
    pub fn exponent(&self) -> i64 {
        self.exponent
    }

    /// The same number as a rational.
    #[must_use]
    pub fn to_rational(&self) -> Rational {
        let shift = self.exponent.unsigned_abs();
        if self.exponent < 0 {
            Rational::scaled(self.mantissa.clone(), shift)
        } else {
            Rational::integer(&self.mantissa << shift)
        }
    }
}

impl fmt::Display for Dyadic {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}*2^{}", self.mantissa, self.exponent)
    }
}

/// `numer/denom` rounded to the nearest integer, ties to even; the denominator is positive.
pub(crate) fn round_half_even(numer: &BigInt, denom: &BigInt) -> BigInt {
    // n/d + 1/2 = (2n + d)/(2d); its floor is the rounding, except that a tie (remainder 0) goes up.
    let (rounded, rest) = (numer * 2u32 + denom).div_mod_floor(&(denom * 2u32));
    if rest.is_zero() && rounded.is_odd() { rounded - 1u32 } else { rounded }
}

/// The number of bits of the two's-complement word that holds `value`:
/// the least `p` with `-2^(p-1) ≤ value < 2^(p-1)`.
pub(crate) fn signed_bits(value: &BigInt) -> u64 {
    // A negative value fits exactly when -value-1, which is nonnegative, does.
    let magnitude: BigInt = if value.is_negative() { -value - 1u32 } else { value.clone() };
    magnitude.bits() + 1
}

/// The unsigned value of a nonnegative integer, and 0 for a negative one.
pub(crate) fn clamp_to_unsigned(value: &BigInt) -> BigUint {
    value.to_biguint().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Dyadic, NumberError, Rational, round_half_even, signed_bits};
    use num_bigint::BigInt;

    #[test]
    fn rational_forms() {
        for text in ["0", "1", "-1", "1/2", "-7/3", "10", "1000000000000000000000000000001/3"] {
            assert_eq!(Rational::parse(text).map(|value| value.to_string()), Ok(text.to_owned()));
        }
        let bad = [
            "", "-", "-0", "+1", "01", "-01", "1/1", "2/4", "0/5", "0/1", "1/0", "1/-2", "1/02", "1/", "/2", "1/2/3",
            "1.5", "1e3", " 1", "1 ", "0x1", "1*2^0", "--1", "1/+2", "-0/2",
        ];
        for text in bad {
            assert_eq!(Rational::parse(text), Err(NumberError::Form), "{text}");
        }
    }

    #[test]
    fn dyadic_forms() {
        for text in ["0*2^0", "1*2^0", "-3*2^-7", "5*2^65536", "5*2^-65536"] {
            assert_eq!(Dyadic::parse(text).map(|value| value.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "1", "0*2^1", "-0*2^0", "2*2^0", "1*2^", "*2^0", "1*2^-0", "1*2^01", "1*2^+1", "1*3^0"] {
            assert_eq!(Dyadic::parse(text), Err(NumberError::Form), "{text}");
        }
        for text in ["1*2^65537", "1*2^-65537", "1*2^99999999999999999999"] {
            assert_eq!(Dyadic::parse(text), Err(NumberError::Size), "{text}");
        }
    }

    #[test]
    fn sizes() {
        let widest: BigInt = (BigInt::from(1) << 65_536u32) - 1;
        assert!(Rational::parse(&widest.to_string()).is_ok());
        let wider: BigInt = widest + 1;
        assert_eq!(Rational::parse(&wider.to_string()), Err(NumberError::Size));
        assert_eq!(Rational::parse(&format!("1/{}", "9".repeat(20_000))), Err(NumberError::Size));
        assert_eq!(Rational::parse(&format!("-{}x", "9".repeat(20_000))), Err(NumberError::Form));
    }

    #[test]
    fn order_is_by_cross_multiplication() {
        let parse = |text| Rational::parse(text).expect("a rational");
        let sorted = ["-7/2", "-3", "-1/3", "0", "1/3", "2/5", "1", "7/2"];
        for pair in sorted.windows(2) {
            assert!(parse(pair[0]) < parse(pair[1]));
        }
        assert_eq!(parse("1/3").plus(&parse("1/6")), parse("1/2"));
        assert_eq!(parse("1/3").minus(&parse("1/2")), parse("-1/6"));
        assert_eq!(parse("2/3").over(&parse("-4/3")), Some(parse("-1/2")));
        assert_eq!(parse("1").over(&parse("0")), None);
    }

    #[test]
    fn rounding_is_to_even() {
        for (numer, denom, rounded) in
            [(1, 2, 0), (3, 2, 2), (5, 2, 2), (-1, 2, 0), (-3, 2, -2), (-5, 2, -2), (2, 3, 1), (-2, 3, -1), (7, 1, 7)]
        {
            assert_eq!(round_half_even(&BigInt::from(numer), &BigInt::from(denom)), BigInt::from(rounded));
        }
    }

    #[test]
    fn directed_rounding_to_64_bits() {
        let parse = |text| Rational::parse(text).expect("a rational");
        for text in ["0", "1", "-1", "3/4", "-5/1024", "18446744073709551615", "-18446744073709551616"] {
            assert_eq!(parse(text).rounded_down_to_64_bits().to_string(), text);
        }
        assert_eq!(parse("18446744073709551617").rounded_down_to_64_bits().to_string(), "18446744073709551616");
        assert_eq!(parse("-18446744073709551617").rounded_down_to_64_bits().to_string(), "-18446744073709551618");
        assert_eq!(parse("1/3").rounded_down_to_64_bits(), Rational::scaled(((u128::MAX / 3) >> 63).into(), 65));
        assert_eq!(parse("1/3").times(&parse("3")).reduced().to_string(), "1");
    }

    #[test]
    fn widths() {
        for (value, bits) in [(0, 1), (-1, 1), (1, 2), (-2, 2), (2, 3), (-3, 3), (127, 8), (-128, 8), (128, 9)] {
            assert_eq!(signed_bits(&BigInt::from(value)), bits, "{value}");
        }
    }
}
