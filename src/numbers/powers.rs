//! Square roots and integer powers of enclosures.
//!
//! Paper item: none; norms for value dimensions above 1 (Lemma C) need roots, `e^{kx} = (e^x)^k`
//! (Lemma D) needs powers.
//!
//! In: an enclosure and a precision in significant bits. Out: an enclosure of the results.
//!
//! Invariant: the functions are methods of [`Interval`].
//!
//! Bound proved: the inclusion property of [`super::interval`].
//!
//! Not here: fractional and negative powers.

use num_bigint::BigInt;
use num_integer::Integer;

use super::dyadic::{Dyadic, length};
use super::interval::Interval;

impl Interval {
    /// Encloses the square roots, or `None` if the interval reaches below 0.
    ///
    /// *Requires*: nothing.
    ///
    /// *Ensures*: contains `√x` for all `x` in `self`.
    ///
    /// *Why*: the root increases; `⌊√(m·2^s)⌋` and, unless the root is exact, its successor bound
    /// `√(m·2^s)`.
    ///
    /// *Source*: integer square root; no paper item.
    #[must_use]
    pub fn sqrt(&self, precision: u32) -> Option<Interval> {
        if self.lo().is_negative() {
            return None;
        }
        let (lo, _) = root(self.lo(), precision);
        let (_, hi) = root(self.hi(), precision);
        Some(ordered(lo, hi))
    }

    /// Encloses the `power`-th powers; the zeroth power is 1.
    ///
    /// *Requires*: nothing.
    ///
    /// *Ensures*: contains `x^power` for all `x` in `self`.
    ///
    /// *Why*: on numbers `≥ 0` the power increases; an odd power is odd, an even one even.
    ///
    /// *Source*: repeated squaring with directed rounding; no paper item.
    #[must_use]
    pub fn powi(&self, power: u64, precision: u32) -> Interval {
        if power == 0 {
            return Interval::exact(Dyadic::one());
        }
        let is_odd = power % 2 == 1;
        if self.lo().is_negative() && !self.hi().is_positive() {
            let mirrored = self.neg().powi(power, precision);
            return if is_odd { mirrored.neg() } else { mirrored };
        }
        let hi = power_up(self.hi(), power, precision);
        if !self.lo().is_negative() {
            return ordered(power_down(self.lo(), power, precision), hi);
        }
        let below = power_up(&self.lo().neg(), power, precision);
        if is_odd { ordered(below.neg(), hi) } else { ordered(Dyadic::zero(), hi.max(below)) }
    }
}

/// `[lo, hi]` for bounds of one increasing function, which cannot cross.
fn ordered(lo: Dyadic, hi: Dyadic) -> Interval {
    Interval::new(lo, hi).expect("a lower bound is at most an upper bound")
}

/// The square root of `value ≥ 0`, rounded down and rounded up.
fn root(value: &Dyadic, precision: u32) -> (Dyadic, Dyadic) {
    let missing = 2 * i64::from(precision.max(1)) + 1 - length(value.bits());
    let mut shift = missing.max(0);
    // The scaled mantissa m·2^shift keeps an even exponent, so that its root has a whole one.
    if (value.exponent() - shift).is_odd() {
        shift += 1;
    }
    let scaled: BigInt = value.mantissa() << shift;
    let exponent = (value.exponent() - shift) / 2;
    let lower = scaled.sqrt();
    let is_exact = &lower * &lower == scaled;
    let upper = if is_exact { lower.clone() } else { &lower + 1 };
    (Dyadic::new(lower, exponent).round_down(precision), Dyadic::new(upper, exponent).round_up(precision))
}

/// `base^power` rounded down, for `base ≥ 0` and `power ≥ 1`.
fn power_down(base: &Dyadic, power: u64, precision: u32) -> Dyadic {
    let working = power_precision(power, precision);
    rounded_power(base, power, |value| value.round_down(working)).round_down(precision)
}

/// `base^power` rounded up, for `base ≥ 0` and `power ≥ 1`.
fn power_up(base: &Dyadic, power: u64, precision: u32) -> Dyadic {
    let working = power_precision(power, precision);
    rounded_power(base, power, |value| value.round_up(working)).round_up(precision)
}

/// The final error is at most about `2·power` units in the last place: that many bits more.
fn power_precision(power: u64, precision: u32) -> u32 {
    precision.saturating_add(power.ilog2() + 3)
}

/// Binary powering from the leading bit, every product rounded by `round`.
fn rounded_power(base: &Dyadic, power: u64, round: impl Fn(Dyadic) -> Dyadic) -> Dyadic {
    let mut result = base.clone();
    for bit in (0..power.ilog2()).rev() {
        result = round(result.mul(&result));
        if (power >> bit) & 1 == 1 {
            result = round(result.mul(base));
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use crate::numbers::dyadic::Dyadic;
    use crate::numbers::interval::Interval;
    use crate::numbers::rational::parse;

    fn dyadic(mantissa: i64, exponent: i64) -> Dyadic {
        Dyadic::new(mantissa.into(), exponent)
    }

    fn interval(lo: i64, hi: i64) -> Interval {
        Interval::new(dyadic(lo, 0), dyadic(hi, 0)).expect("the row is ordered")
    }

    #[test]
    fn powers_cover_every_sign() {
        let rows = [
            (interval(2, 3), 2, (4, 9)),
            (interval(-3, -2), 2, (4, 9)),
            (interval(-3, -2), 3, (-27, -8)),
            (interval(-3, 2), 2, (0, 9)),
            (interval(-2, 3), 2, (0, 9)),
            (interval(-2, 3), 3, (-8, 27)),
            (interval(-2, 0), 3, (-8, 0)),
            (interval(-2, 0), 4, (0, 16)),
            (interval(0, 0), 5, (0, 0)),
            (interval(-1, 1), 0, (1, 1)),
            (interval(3, 3), 1, (3, 3)),
        ];
        for (base, power, (lo, hi)) in rows {
            assert_eq!(base.powi(power, 64), interval(lo, hi), "{base} to {power}");
        }
        let narrow = Interval::exact(dyadic(3, -1)).powi(1_000_001, 64);
        assert!(narrow.is_relatively_narrow(62), "guard bits absorb the roundings");
    }

    #[test]
    fn roots() {
        assert_eq!(interval(-1, 4).sqrt(8), None);
        assert_eq!(interval(0, 9).sqrt(8), Some(interval(0, 3)));
        let quarter = Interval::exact(dyadic(1, -2)).sqrt(1).unwrap();
        assert_eq!(quarter, Interval::exact(dyadic(1, -1)));
        let two = interval(2, 2).sqrt(100).unwrap();
        assert!(two.is_relatively_narrow(98) && !two.width().is_zero());
        assert!(two.powi(2, 200).contains(&parse("2").unwrap()));
        // A precision below the mantissa's own length still rounds outward.
        let long = Interval::exact(dyadic((1 << 60) + 1, 0)).sqrt(3).unwrap();
        assert_eq!(long.lo(), &dyadic(1, 30));
        assert_eq!(long.hi(), &dyadic(5, 28));
    }
}
