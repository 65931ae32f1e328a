//! Directed rounding of dyadics and rationals to a number of significant bits.
//!
//! Paper item: none; every endpoint of an enclosure is rounded here.
//!
//! In: a dyadic, a rational or a quotient of integers, and a precision in significant bits.
//! Out: the neighbouring dyadic of at most that many bits, in the stated direction.
//!
//! Invariant: the functions are methods of [`Dyadic`] and return its normal form.
//!
//! Bounds proved: `round_down(x) ≤ x ≤ round_up(x)`, each less than one unit in the last of the
//! `precision` bits away.
//!
//! Not here: rounding to nearest (a bound has a direction), and rounding to a number of fraction
//! bits, which is in [`super::fixed`].

use num_bigint::BigInt;
use num_integer::Integer;

use super::dyadic::{Dyadic, length, power_of_two_exponent};
use super::rational::Rational;

impl Dyadic {
    /// The greatest dyadic of at most `precision` significant bits that is `≤ self`.
    ///
    /// *Requires*: nothing; a precision of 0 is read as 1.
    ///
    /// *Ensures*: `result ≤ self`, and `self - result < 2^(magnitude + 1 - precision)`.
    ///
    /// *Why*: the mantissa is shifted right by the surplus bits, toward −∞.
    ///
    /// *Source*: directed rounding; no paper item.
    #[must_use]
    pub fn round_down(&self, precision: u32) -> Dyadic {
        let kept = u64::from(precision.max(1));
        match self.bits().checked_sub(kept) {
            None | Some(0) => self.clone(),
            // The shift of a `BigInt` rounds toward −∞ for both signs.
            Some(surplus) => Dyadic::new(self.mantissa() >> surplus, self.exponent() + length(surplus)),
        }
    }

    /// The least dyadic of at most `precision` significant bits that is `≥ self`.
    ///
    /// *Requires*: nothing; a precision of 0 is read as 1.
    ///
    /// *Ensures*: `self ≤ result`, and `result - self < 2^(magnitude + 1 - precision)`.
    ///
    /// *Why*: `-round_down(-self)`.
    ///
    /// *Source*: directed rounding; no paper item.
    #[must_use]
    pub fn round_up(&self, precision: u32) -> Dyadic {
        if self.bits() <= u64::from(precision.max(1)) {
            return self.clone();
        }
        self.neg().round_down(precision).neg()
    }

    /// The greatest dyadic of at most `precision` significant bits that is `≤ value`.
    ///
    /// *Requires*: nothing; a precision of 0 is read as 1.
    ///
    /// *Ensures*: `result ≤ value`, less than one unit in the last place below it, and equal to
    /// `value` if that has at most `precision` bits.
    ///
    /// *Why*: `⌊p·2^s/q⌋·2^-s` has at least `precision` bits and is rounded down once more; two
    /// roundings down onto nested grids are one.
    ///
    /// *Source*: integer division; no paper item.
    #[must_use]
    pub fn rational_down(value: &Rational, precision: u32) -> Dyadic {
        quotient_down(value.numer(), value.denom(), precision)
    }

    /// The least dyadic of at most `precision` significant bits that is `≥ value`.
    ///
    /// *Requires*: nothing; a precision of 0 is read as 1.
    ///
    /// *Ensures*: `value ≤ result`, less than one unit in the last place above it, and equal to
    /// `value` if that has at most `precision` bits.
    ///
    /// *Why*: `-rational_down(-value)`.
    ///
    /// *Source*: integer division; no paper item.
    #[must_use]
    pub fn rational_up(value: &Rational, precision: u32) -> Dyadic {
        quotient_down(&-value.numer(), value.denom(), precision).neg()
    }
}

/// `numerator/denominator` rounded down to `precision` significant bits; `denominator > 0`.
///
/// *Requires*: `0 < denominator`.
///
/// *Ensures*: the greatest dyadic of at most `precision` bits that is `≤ numerator/denominator`.
///
/// *Why*: see [`Dyadic::rational_down`].
///
/// *Source*: integer division; no paper item.
pub(super) fn quotient_down(numerator: &BigInt, denominator: &BigInt, precision: u32) -> Dyadic {
    if let Some(places) = power_of_two_exponent(denominator.magnitude()) {
        return Dyadic::new(numerator.clone(), -length(places)).round_down(precision);
    }
    // With s = precision + 1 + bits(q) - bits(p): |p|·2^s/q > 2^(bits(p)-1+s-bits(q)) = 2^precision,
    // so the floor keeps more than `precision` bits.
    let shift = i64::from(precision.max(1)) + 1 + length(denominator.bits()) - length(numerator.bits());
    let quotient = if 0 <= shift {
        (numerator << shift).div_floor(denominator)
    } else {
        numerator.div_floor(&(denominator << -shift))
    };
    Dyadic::new(quotient, -shift).round_down(precision)
}

#[cfg(test)]
mod tests {
    use crate::numbers::dyadic::Dyadic;
    use crate::numbers::rational::parse;
    use num_bigint::BigInt;

    fn dyadic(mantissa: i64, exponent: i64) -> Dyadic {
        Dyadic::new(BigInt::from(mantissa), exponent)
    }

    #[test]
    fn rounding_is_the_nearest_bound_of_the_grid() {
        for value in (-70..=70).map(|mantissa| dyadic(mantissa, -2)) {
            for precision in 1..=4 {
                // All numbers of at most `precision` bits near ours, found without rounding.
                let grid: Vec<Dyadic> = (-16..=16)
                    .flat_map(|mantissa| (-3..=4).map(move |exponent| dyadic(mantissa, exponent)))
                    .filter(|candidate| candidate.bits() <= u64::from(precision))
                    .collect();
                let below = grid.iter().filter(|candidate| **candidate <= value).max();
                let above = grid.iter().filter(|candidate| value <= **candidate).min();
                assert_eq!(Some(&value.round_down(precision)), below);
                assert_eq!(Some(&value.round_up(precision)), above);
                let exact = value.to_rational();
                assert_eq!(Dyadic::rational_down(&exact, precision), value.round_down(precision));
                assert_eq!(Dyadic::rational_up(&exact, precision), value.round_up(precision));
            }
        }
    }

    #[test]
    fn rationals_round_to_the_neighbouring_dyadics() {
        let third = parse("1/3").unwrap();
        assert_eq!(Dyadic::rational_down(&third, 4).to_string(), "5*2^-4");
        assert_eq!(Dyadic::rational_up(&third, 4).to_string(), "11*2^-5");
        assert_eq!(Dyadic::rational_down(&-&third, 4).to_string(), "-11*2^-5");
        assert_eq!(Dyadic::rational_up(&-&third, 4).to_string(), "-5*2^-4");
        assert_eq!(Dyadic::from_rational(&third), None);
    }
}
