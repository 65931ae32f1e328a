//! Enclosures: closed intervals with dyadic endpoints, rounded outward.
//!
//! Paper item: none; the type in which real scores, exponentials and worst-case errors are bounded.
//!
//! In and out: [`Dyadic`] endpoints, exact rationals, and a precision in significant bits.
//!
//! Invariant: `lo ≤ hi`.
//!
//! Bound proved (the inclusion property): for all `x` in `a` and `y` in `b`, `x ∘ y` lies in
//! `a.op(b, precision)`; each endpoint is a directed rounding of a bound of the exact range.
//!
//! Not here: roots and powers, `exp` and `ln` (next door), unbounded and empty intervals; an operation without a
//! bounded result returns `None`.

use std::cmp::Ordering;
use std::fmt;

use super::dyadic::Dyadic;
use super::rational::Rational;
use super::rounding::quotient_down;

/// A closed interval `[lo, hi]` of real numbers with dyadic endpoints, `lo ≤ hi`.
///
/// ```
/// use attestor::numbers::{interval::Interval, rational::parse};
///
/// let third = Interval::from_rational(&parse("1/3").unwrap(), 64);
/// let one = third.add(&third, 64).add(&third, 64);
/// assert!(one.contains(&parse("1").unwrap()));
/// assert!(one.is_relatively_narrow(60));
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Interval {
    lo: Dyadic,
    hi: Dyadic,
}

impl Interval {
    /// `[lo, hi]`, or `None` if `hi < lo`.
    #[must_use]
    pub fn new(lo: Dyadic, hi: Dyadic) -> Option<Interval> {
        (lo <= hi).then_some(Interval { lo, hi })
    }

    /// The single number `value`.
    #[must_use]
    pub fn exact(value: Dyadic) -> Interval {
        Interval { lo: value.clone(), hi: value }
    }

    /// The narrowest enclosure of `value` with endpoints of at most `precision` bits.
    ///
    /// *Requires*: nothing; a precision of 0 is read as 1.
    ///
    /// *Ensures*: `lo ≤ value ≤ hi`; `hi - lo ≤ 2^(1-precision)·|value|`, 0 if `value` is such a dyadic.
    ///
    /// *Why*: directed rounding of the quotient on both sides.
    ///
    /// *Source*: [`Dyadic::rational_down`] and [`Dyadic::rational_up`].
    #[must_use]
    pub fn from_rational(value: &Rational, precision: u32) -> Interval {
        Interval { lo: Dyadic::rational_down(value, precision), hi: Dyadic::rational_up(value, precision) }
    }

    /// The lower endpoint.
    #[must_use]
    pub fn lo(&self) -> &Dyadic {
        &self.lo
    }

    /// The upper endpoint.
    #[must_use]
    pub fn hi(&self) -> &Dyadic {
        &self.hi
    }

    /// Whether every element is above 0.
    #[must_use]
    pub fn is_positive(&self) -> bool {
        self.lo.is_positive()
    }

    /// Whether `value` lies in the interval.
    #[must_use]
    pub fn contains(&self, value: &Rational) -> bool {
        self.lo.cmp_rational(value) != Ordering::Greater && self.hi.cmp_rational(value) != Ordering::Less
    }

    /// Whether `value` lies in the interval.
    #[must_use]
    pub fn contains_dyadic(&self, value: &Dyadic) -> bool {
        self.lo <= *value && *value <= self.hi
    }

    /// `hi - lo`, exactly.
    #[must_use]
    pub fn width(&self) -> Dyadic {
        self.hi.sub(&self.lo)
    }

    /// Whether `hi - lo ≤ 2^-bits·min(|lo|, |hi|)`, both endpoints of one sign or both zero.
    #[must_use]
    pub fn is_relatively_narrow(&self, bits: u32) -> bool {
        let (Some(lo_magnitude), Some(hi_magnitude)) = (self.lo.magnitude(), self.hi.magnitude()) else {
            return self.lo.is_zero() && self.hi.is_zero();
        };
        // Magnitudes more than 1 apart differ by a factor above 2, which no `bits ≥ 0` allows; the
        // test also keeps the exact width small.
        if self.lo.is_negative() != self.hi.is_negative() || 1 < lo_magnitude.abs_diff(hi_magnitude) {
            return false;
        }
        let least = self.lo.abs().min(self.hi.abs());
        self.width() <= least.shift(-i64::from(bits))
    }

    /// Encloses the sums.
    ///
    /// *Requires*: nothing.
    ///
    /// *Ensures*: contains `x + y` for all `x` in `self` and `y` in `other`.
    ///
    /// *Why*: `lo + lo ≤ x + y ≤ hi + hi`, rounded outward.
    ///
    /// *Source*: interval arithmetic; no paper item.
    #[must_use]
    pub fn add(&self, other: &Interval, precision: u32) -> Interval {
        Interval {
            lo: sum_down(&self.lo, &other.lo, precision),
            hi: sum_down(&self.hi.neg(), &other.hi.neg(), precision).neg(),
        }
    }

    /// Encloses the differences.
    ///
    /// *Requires*: nothing.
    ///
    /// *Ensures*: contains `x - y` for all `x` in `self` and `y` in `other`.
    ///
    /// *Why*: `x - y = x + (-y)`.
    ///
    /// *Source*: interval arithmetic; no paper item.
    #[must_use]
    pub fn sub(&self, other: &Interval, precision: u32) -> Interval {
        self.add(&other.neg(), precision)
    }

    /// The interval of the negated numbers, exactly.
    #[must_use]
    pub fn neg(&self) -> Interval {
        Interval { lo: self.hi.neg(), hi: self.lo.neg() }
    }

    /// The product with `2^places`, exactly.
    #[must_use]
    pub fn shift(&self, places: i64) -> Interval {
        Interval { lo: self.lo.shift(places), hi: self.hi.shift(places) }
    }

    /// Encloses the products.
    ///
    /// *Requires*: nothing.
    ///
    /// *Ensures*: contains `x·y` for all `x` in `self` and `y` in `other`.
    ///
    /// *Why*: `x·y` is linear in each factor, so its extremes over the box are at corners.
    ///
    /// *Source*: interval arithmetic; no paper item.
    #[must_use]
    pub fn mul(&self, other: &Interval, precision: u32) -> Interval {
        if !self.lo.is_negative() && !other.lo.is_negative() {
            return Interval {
                lo: self.lo.mul(&other.lo).round_down(precision),
                hi: self.hi.mul(&other.hi).round_up(precision),
            };
        }
        let first = self.lo.mul(&other.lo);
        let rest = [self.lo.mul(&other.hi), self.hi.mul(&other.lo), self.hi.mul(&other.hi)];
        let lo = rest.iter().fold(&first, |least, corner| least.min(corner));
        let hi = rest.iter().fold(&first, |greatest, corner| greatest.max(corner));
        Interval { lo: lo.round_down(precision), hi: hi.round_up(precision) }
    }

    /// Encloses the quotients, or `None` if the divisor contains 0.
    ///
    /// *Requires*: nothing.
    ///
    /// *Ensures*: contains `x/y` for all `x` in `self` and `y` in `other`.
    ///
    /// *Why*: for `y > 0` the least quotient has the numerator `lo`, over the greatest `y` if
    /// `0 ≤ lo` and over the least otherwise; the greatest likewise. For `y < 0`, `x/y = (-x)/(-y)`.
    ///
    /// *Source*: interval arithmetic; no paper item.
    #[must_use]
    pub fn div(&self, other: &Interval, precision: u32) -> Option<Interval> {
        if other.hi.is_negative() {
            return self.neg().div(&other.neg(), precision);
        }
        if !other.is_positive() {
            return None;
        }
        let under_lo = if self.lo.is_negative() { &other.lo } else { &other.hi };
        let under_hi = if self.hi.is_negative() { &other.hi } else { &other.lo };
        Some(Interval {
            lo: ratio_down(&self.lo, under_lo, precision),
            hi: ratio_down(&self.hi.neg(), under_hi, precision).neg(),
        })
    }

    /// The least interval that contains both.
    #[must_use]
    pub fn hull(&self, other: &Interval) -> Interval {
        Interval { lo: (&self.lo).min(&other.lo).clone(), hi: (&self.hi).max(&other.hi).clone() }
    }

    /// The common part, or `None` if there is none.
    #[must_use]
    pub fn intersect(&self, other: &Interval) -> Option<Interval> {
        Interval::new((&self.lo).max(&other.lo).clone(), (&self.hi).min(&other.hi).clone())
    }

    /// The same interval with endpoints of at most `precision` bits, rounded outward.
    ///
    /// *Requires*: nothing.
    ///
    /// *Ensures*: contains `self`.
    ///
    /// *Why*: `lo` is rounded down and `hi` up.
    ///
    /// *Source*: [`Dyadic::round_down`] and [`Dyadic::round_up`].
    #[must_use]
    pub fn round_outward(&self, precision: u32) -> Interval {
        Interval { lo: self.lo.round_down(precision), hi: self.hi.round_up(precision) }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "[{}, {}]", self.lo, self.hi)
    }
}

/// A lower bound of `left + right` with at most `precision` bits.
///
/// Equal to the exact sum rounded down, except that a summand below the last bit that matters is
/// replaced by a bound of its own; so distant exponents cost no memory.
fn sum_down(left: &Dyadic, right: &Dyadic, precision: u32) -> Dyadic {
    let (Some(left_magnitude), Some(right_magnitude)) = (left.magnitude(), right.magnitude()) else {
        let summand = if left.is_zero() { right } else { left };
        return summand.round_down(precision);
    };
    let (large, small, magnitude, small_magnitude) = if left_magnitude < right_magnitude {
        (right, left, right_magnitude, left_magnitude)
    } else {
        (left, right, left_magnitude, right_magnitude)
    };
    let negligible = magnitude - i64::from(precision) - 2;
    if negligible <= small_magnitude + 1 {
        return large.add(small).round_down(precision);
    }
    // |small| < 2^(small_magnitude+1) < 2^negligible.
    if small.is_negative() {
        large.sub(&Dyadic::power_of_two(negligible)).round_down(precision)
    } else {
        large.round_down(precision)
    }
}

/// `numerator/denominator` rounded down, for a positive denominator.
fn ratio_down(numerator: &Dyadic, denominator: &Dyadic, precision: u32) -> Dyadic {
    quotient_down(numerator.mantissa(), denominator.mantissa(), precision)
        .shift(numerator.exponent() - denominator.exponent())
}

#[cfg(test)]
mod tests {
    use super::Interval;
    use crate::numbers::dyadic::Dyadic;
    use crate::numbers::rational::Rational;

    fn dyadic(mantissa: i64, exponent: i64) -> Dyadic {
        Dyadic::new(mantissa.into(), exponent)
    }

    fn interval(lo: i64, hi: i64) -> Interval {
        Interval::new(dyadic(lo, 0), dyadic(hi, 0)).expect("the row is ordered")
    }

    /// All intervals with integer endpoints of absolute value at most 3.
    fn small() -> Vec<Interval> {
        let pairs = (-3..=3).flat_map(|lo| (lo..=3).map(move |hi| interval(lo, hi)));
        pairs.collect()
    }

    #[test]
    fn endpoints_are_ordered() {
        assert_eq!(Interval::new(dyadic(1, 0), dyadic(0, 0)), None);
        assert_eq!(interval(2, 2), Interval::exact(dyadic(2, 0)));
    }

    /// The exact range of an operation over a box of integers is attained at its integer points.
    #[test]
    fn small_boxes_give_the_exact_range() {
        let points = |x: &Interval| -> Vec<Rational> {
            (-3..=3_i64).map(|point| Rational::from_integer(point.into())).filter(|point| x.contains(point)).collect()
        };
        for x in small() {
            for y in small() {
                let pairs: Vec<(Rational, Rational)> = points(&x)
                    .into_iter()
                    .flat_map(|left| points(&y).into_iter().map(move |right| (left.clone(), right)))
                    .collect();
                let range = |values: Vec<Rational>, result: Interval| {
                    assert_eq!(values.iter().min(), Some(&result.lo().to_rational()));
                    assert_eq!(values.iter().max(), Some(&result.hi().to_rational()));
                };
                range(pairs.iter().map(|(a, b)| a + b).collect(), x.add(&y, 8));
                range(pairs.iter().map(|(a, b)| a - b).collect(), x.sub(&y, 8));
                range(pairs.iter().map(|(a, b)| a * b).collect(), x.mul(&y, 8));
                match x.div(&y, 8) {
                    None => assert!(y.contains_dyadic(&Dyadic::zero())),
                    Some(quotient) => {
                        for (a, b) in &pairs {
                            assert!(quotient.contains(&(a / b)));
                        }
                        let least = pairs.iter().map(|(a, b)| a / b).min().unwrap();
                        let greatest = pairs.iter().map(|(a, b)| a / b).max().unwrap();
                        assert_eq!(*quotient.lo(), Dyadic::rational_down(&least, 8));
                        assert_eq!(*quotient.hi(), Dyadic::rational_up(&greatest, 8));
                    }
                }
                assert!(points(&x).iter().all(|point| x.hull(&y).contains(point)));
                let common = points(&x).into_iter().filter(|point| y.contains(point));
                match x.intersect(&y) {
                    None => assert_eq!(common.count(), 0),
                    Some(both) => assert_eq!(common.count(), points(&both).len()),
                }
            }
        }
    }

    #[test]
    fn sums_of_distant_numbers_are_cheap_and_outward() {
        let one = interval(1, 1);
        let tiny = Interval::exact(dyadic(1, -(1 << 50)));
        let above = one.add(&tiny, 10);
        assert_eq!((above.lo(), above.hi()), (&dyadic(1, 0), &dyadic(513, -9)));
        let below = one.sub(&tiny, 10);
        assert_eq!((below.lo(), below.hi()), (&dyadic(1023, -10), &dyadic(1, 0)));
    }

    #[test]
    fn relative_narrowness() {
        let close = Interval::new(dyadic(1 << 20, 0), dyadic((1 << 20) + 1, 0)).unwrap();
        assert!(close.is_relatively_narrow(20) && !close.is_relatively_narrow(21));
        assert!(close.neg().is_relatively_narrow(20) && !close.neg().is_relatively_narrow(21));
        assert!(interval(1, 2).is_relatively_narrow(0) && !interval(1, 3).is_relatively_narrow(0));
        assert!(interval(0, 0).is_relatively_narrow(1000));
        assert!(!interval(0, 1).is_relatively_narrow(0) && !interval(-1, 1).is_relatively_narrow(0));
        let vast = Interval::new(dyadic(1, -(1 << 50)), dyadic(1, 1 << 50)).unwrap();
        assert!(!vast.is_relatively_narrow(0));
    }
}
