//! Exact sums `Σ n·e^x` with rational exponents and positive integer counts.
//!
//! In: terms. Out: enclosures, shares `T/(T + B)`, and an exact comparison.
//! Invariant: a sum is kept as its terms; nothing is rounded before it is asked for at a precision.
//! Why the comparison is exact: exponentials of different rationals are linearly independent over Q (Lindemann and Weierstrass), so two sums are equal only if all terms cancel.
//! Source: docs/theory.md section 8.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_traits::{Signed, Zero};

use crate::numbers::Rational;
use crate::numbers::dyadic::Dyadic;
use crate::numbers::exp::exp_neg_capped;
use crate::numbers::interval::Interval;
use crate::numbers::rational::ceil;

/// A sum of exponentials; the empty sum is 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExpSum {
    terms: BTreeMap<Rational, BigInt>,
}

/// The first precision at which two sums are compared, in bits.
const FIRST_PRECISION: u32 = 64;

/// Bits below the reference down to which a sum keeps its relative precision; what lies deeper may be enclosed from 0.
/// A decision's numbers have no more zeros after the point (`checker/FORMAT.md`, limit `parameter-size`).
const MAX_DISTANCE: i64 = (1 << 13) + 128;

impl ExpSum {
    /// `Σ n·e^x` over `(x, n)`; counts of 0 vanish.
    ///
    /// *Requires* counts of at least 0.
    pub fn new(terms: impl IntoIterator<Item = (Rational, BigInt)>) -> ExpSum {
        let mut sum = ExpSum::default();
        for (exponent, count) in terms {
            sum.add(exponent, count);
        }
        sum
    }

    /// Adds `count·e^exponent`.
    pub fn add(&mut self, exponent: Rational, count: impl Into<BigInt>) {
        let count = count.into();
        if !count.is_zero() {
            *self.terms.entry(exponent).or_default() += count;
        }
    }

    /// The largest exponent; `None` for 0.
    fn top(&self) -> Option<&Rational> {
        self.terms.keys().next_back()
    }

    /// Encloses the sum times `e^-reference`, relative width about `2^-precision` unless it is below `2^-MAX_DISTANCE`.
    ///
    /// *Requires* `reference` at least every exponent.
    fn relative_to(&self, reference: &Rational, precision: u32) -> Interval {
        let Some(top) = self.top() else { return Interval::exact(Dyadic::zero()) };
        // 1.5 > 1/ln 2, so the top term is at least 2^-distance and what is dropped is far below it.
        let count_bits: u64 = self.terms.values().map(BigInt::bits).sum();
        let distance = i64::try_from(ceil(&((reference - top) * Rational::new(3.into(), 2.into()))));
        let distance = distance.unwrap_or(MAX_DISTANCE).min(MAX_DISTANCE);
        let floor = -distance - i64::from(precision) - 64 - i64::try_from(count_bits).unwrap_or(1 << 40);
        self.terms.iter().fold(Interval::exact(Dyadic::zero()), |sum, (exponent, count)| {
            let power = exp_neg_capped(&(reference - exponent), precision + 8, floor);
            let count = Interval::exact(Dyadic::from_integer(count.clone()));
            sum.add(&power.mul(&count, precision + 8), precision + 8)
        })
    }

    /// Encloses `T/(T + B)` for this T and `rest` = B; 0 for an empty T.
    pub fn share(&self, rest: &ExpSum, precision: u32) -> Interval {
        let zero = Interval::exact(Dyadic::zero());
        let Some(reference) = [self.top(), rest.top()].into_iter().flatten().max() else { return zero };
        let own = self.relative_to(reference, precision + 8);
        let rest = rest.relative_to(reference, precision + 8);
        let ends = |own: &Dyadic, rest: &Dyadic| {
            let (own, rest) = (own.to_rational(), rest.to_rational());
            let total = &own + rest;
            if total.is_zero() { Rational::zero() } else { own / total }
        };
        let lo = Dyadic::rational_down(&ends(own.lo(), rest.hi()), precision + 4);
        let hi = Dyadic::rational_up(&ends(own.hi(), rest.lo()), precision + 4);
        Interval::new(lo, hi).expect("a share increases in its own mass and decreases in the rest")
    }

    /// Which of two sums is larger, exactly; `None` if `max_precision` bits do not tell.
    ///
    /// ```
    /// use attestor::evaluate::matching::exp_sum::ExpSum;
    /// use attestor::numbers::rational::parse;
    /// use std::cmp::Ordering;
    /// let one = ExpSum::new([(parse("0").unwrap(), 3.into())]);
    /// let e = ExpSum::new([(parse("1").unwrap(), 1.into())]);
    /// assert_eq!(e.compare(&one, 256), Some(Ordering::Less));
    /// assert_eq!(e.compare(&e, 256), Some(Ordering::Equal));
    /// ```
    pub fn compare(&self, other: &ExpSum, max_precision: u32) -> Option<Ordering> {
        let (left, right) = self.without_common(other);
        let Some(reference) = [left.top(), right.top()].into_iter().flatten().max() else {
            return Some(Ordering::Equal);
        };
        let mut precision = FIRST_PRECISION;
        loop {
            let (left, right) = (left.relative_to(reference, precision), right.relative_to(reference, precision));
            if left.hi() < right.lo() {
                return Some(Ordering::Less);
            }
            if right.hi() < left.lo() {
                return Some(Ordering::Greater);
            }
            if max_precision <= precision {
                return None;
            }
            precision *= 2;
        }
    }

    /// Both sums without what they have in common.
    fn without_common(&self, other: &ExpSum) -> (ExpSum, ExpSum) {
        let less = |from: &ExpSum, by: &ExpSum| {
            let left = from.terms.iter().map(|(exponent, count)| {
                (exponent.clone(), count - by.terms.get(exponent).cloned().unwrap_or_default())
            });
            ExpSum::new(left.filter(|(_, count)| count.is_positive()))
        };
        (less(self, other), less(other, self))
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use num_bigint::BigInt;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::ExpSum;
    use crate::numbers::Rational;
    use crate::numbers::dyadic::Dyadic;
    use crate::numbers::rational::{parse, pow2};

    fn sum(terms: &[(&str, u64)]) -> ExpSum {
        ExpSum::new(terms.iter().map(|(exponent, count)| (parse(exponent).unwrap(), BigInt::from(*count))))
    }

    #[test]
    fn comparisons_by_hand() {
        for (left, right, expected) in [
            (sum(&[]), sum(&[]), Ordering::Equal),
            (sum(&[]), sum(&[("-100000", 1)]), Ordering::Less),
            (sum(&[("1", 2), ("1/2", 1)]), sum(&[("1/2", 1), ("1", 2)]), Ordering::Equal),
            (sum(&[("0", 2)]), sum(&[("1/2", 1), ("-1/2", 1)]), Ordering::Less),
            // e < 3 < 1 + 1 + 1 + e^-60: only the smallest terms differ.
            (sum(&[("0", 3), ("-60", 1)]), sum(&[("0", 3)]), Ordering::Greater),
            (sum(&[("0", 3), ("-600", 1)]), sum(&[("0", 3), ("-601", 2)]), Ordering::Greater),
        ] {
            assert_eq!(left.compare(&right, 4096), Some(expected), "{left:?} {right:?}");
            assert_eq!(right.compare(&left, 4096), Some(expected.reverse()), "{left:?} {right:?}");
        }
        // Two sums that agree to about 2^-200 need that many bits.
        let close = ExpSum::new([(pow2(-200), 1.into())]);
        assert_eq!(close.compare(&sum(&[("0", 1)]), 128), None);
        assert_eq!(close.compare(&sum(&[("0", 1)]), 256), Some(Ordering::Greater));
    }

    #[test]
    fn shares_by_hand() {
        let half = sum(&[("-5", 3)]).share(&sum(&[("-5", 3)]), 64);
        assert!(half.contains(&parse("1/2").unwrap()) && half.is_relatively_narrow(60));
        assert!(sum(&[]).share(&sum(&[("0", 1)]), 64).contains(&parse("0").unwrap()));
        // A share of about e^-1000 keeps its relative precision.
        let tiny = sum(&[("-1000", 1)]).share(&sum(&[("0", 1)]), 64);
        assert!(tiny.is_positive() && tiny.is_relatively_narrow(60), "{tiny}");
        // One of e^-2^100 could not be written out.
        let vanishing = ExpSum::new([(-pow2(100), 1.into())]).share(&sum(&[("0", 1)]), 64);
        assert!(vanishing.contains(&parse("0").unwrap()) && *vanishing.hi() <= Dyadic::power_of_two(-8192));
    }

    proptest! {
        #[test]
        fn shares_increase_with_their_mass(x in -40_i64..40, y in -40_i64..40, n in 1_u64..1000, more in 1_u64..1000) {
            let at = |exponent: i64, count: u64| (Rational::new(exponent.into(), 3.into()), BigInt::from(count));
            let (small, large) = (ExpSum::new([at(x, n)]), ExpSum::new([at(x, n + more)]));
            let rest = ExpSum::new([at(y, 1)]);
            prop_assert_eq!(small.compare(&large, 256), Some(Ordering::Less));
            let (small, large) = (small.share(&rest, 128), large.share(&rest, 128));
            prop_assert!(small.hi() < large.lo());
            prop_assert!(small.is_relatively_narrow(120));
        }
    }
}
