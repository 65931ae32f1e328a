//! Sums `Σ_k n_k·e^{k·u}` of weights with exact exponents, and their comparison.
//!
//! In: integers `k` with counts `n_k ≥ 0`, and the common unit `u > 0` of the exponents.
//! Out: enclosures relative to `e^{shift·u}`, and which of two sums is larger.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_traits::{Signed, Zero};

use crate::exp::NegExp;
use crate::number::{Rational, clamp_to_unsigned};

/// A sum of exponentials: from each exponent, in units, to its positive count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ExpSum {
    terms: BTreeMap<BigInt, BigInt>,
}

/// Bounds of a sum, in units of `2^-precision`.
pub(crate) struct SumBracket {
    pub(crate) lo: BigInt,
    pub(crate) hi: BigInt,
}

impl ExpSum {
    /// Adds `count·e^{exponent}`; a count of 0 adds nothing.
    pub(crate) fn add(&mut self, exponent: BigInt, count: impl Into<BigInt>) {
        let count = count.into();
        if !count.is_zero() {
            *self.terms.entry(exponent).or_default() += count;
        }
    }

    pub(crate) fn with(mut self, exponent: BigInt, count: impl Into<BigInt>) -> Self {
        self.add(exponent, count);
        self
    }

    pub(crate) fn largest_exponent(&self) -> Option<&BigInt> {
        self.terms.last_key_value().map(|(exponent, _)| exponent)
    }

    /// Bits of the sum of all counts.
    pub(crate) fn count_bits(&self) -> u64 {
        self.terms.values().sum::<BigInt>().bits()
    }

    /// Encloses the sum times `e^{-shift·u}`; no exponent is above the shift.
    pub(crate) fn enclose(&self, shift: &BigInt, unit: &Rational, exp: &mut NegExp) -> SumBracket {
        let (unit_numer, unit_denom) = (clamp_to_unsigned(unit.numer()), clamp_to_unsigned(unit.denom()));
        let mut sum = SumBracket { lo: BigInt::zero(), hi: BigInt::zero() };
        for (exponent, count) in &self.terms {
            let gap = clamp_to_unsigned(&(shift - exponent));
            let weight = exp.at(&(gap * &unit_numer), &unit_denom);
            sum.hi += BigInt::from(weight.hi()) * count;
            sum.lo += BigInt::from(weight.lo) * count;
        }
        sum
    }
}

/// Precisions of a comparison, relative to the largest term that is left (FORMAT.md, rule `confusion`).
const PRECISIONS: [u64; 4] = [256, 512, 1024, 2048];

/// Compares sums whose exponents have the same unit.
pub(crate) struct Comparison {
    unit: Rational,
    /// One for each precision; they keep what they computed.
    exps: Vec<NegExp>,
}

impl Comparison {
    pub(crate) fn new(unit: Rational) -> Self {
        Comparison { unit, exps: PRECISIONS.into_iter().map(NegExp::new).collect() }
    }

    /// Which of two sums is larger; `None` if that is not seen at the highest precision.
    ///
    /// *Why* equal terms cancel exactly; what is left on both sides is enclosed, relative to its largest term.
    pub(crate) fn of(&mut self, left: &ExpSum, right: &ExpSum) -> Option<Ordering> {
        let mut rest = left.terms.clone();
        for (exponent, count) in &right.terms {
            *rest.entry(exponent.clone()).or_default() -= count;
        }
        let (mut left, mut right) = (ExpSum::default(), ExpSum::default());
        for (exponent, count) in rest {
            if count.is_negative() {
                right.add(exponent, -count);
            } else {
                left.add(exponent, count);
            }
        }
        let shift = match (left.largest_exponent(), right.largest_exponent()) {
            (None, None) => return Some(Ordering::Equal),
            (None, Some(_)) => return Some(Ordering::Less),
            (Some(_), None) => return Some(Ordering::Greater),
            (Some(left), Some(right)) => left.max(right).clone(),
        };
        let unit = &self.unit;
        self.exps.iter_mut().find_map(|exp| {
            let (left, right) = (left.enclose(&shift, unit, exp), right.enclose(&shift, unit, exp));
            if left.hi < right.lo {
                Some(Ordering::Less)
            } else if right.hi < left.lo {
                Some(Ordering::Greater)
            } else {
                None
            }
        })
    }

    /// The sums that may be the largest (`Greater`) or the least (`Less`), equal ones once.
    pub(crate) fn extremes(&mut self, sums: Vec<ExpSum>, wanted: Ordering) -> Vec<ExpSum> {
        let mut kept: Vec<ExpSum> = Vec::new();
        for sum in sums {
            let orders: Vec<_> = kept.iter().map(|other| self.of(&sum, other)).collect();
            let is_beaten =
                |order: &Option<Ordering>| *order == Some(wanted.reverse()) || *order == Some(Ordering::Equal);
            if !orders.iter().any(is_beaten) {
                let mut orders = orders.iter();
                kept.retain(|_| orders.next().is_none_or(|order| *order != Some(wanted)));
                kept.push(sum);
            }
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::{Comparison, ExpSum};
    use crate::number::Rational;
    use num_bigint::BigInt;
    use std::cmp::Ordering;

    fn sum(terms: &[(i64, i64)]) -> ExpSum {
        terms.iter().fold(ExpSum::default(), |sum, (exponent, count)| sum.with(BigInt::from(*exponent), *count))
    }

    #[test]
    fn comparisons_by_hand() {
        let half = || Comparison::new(Rational::parse("1/2").unwrap());
        // e^{1/2} = 1.6487, e = 2.718, e^{3/2} = 4.4817.
        for (left, right, order) in [
            (&[][..], &[][..], Ordering::Equal),
            (&[(3, 1)], &[(3, 1)], Ordering::Equal),
            (&[(3, 1), (3, 2)], &[(3, 3)], Ordering::Equal),
            (&[], &[(-900, 1)], Ordering::Less),
            (&[(0, 1), (3, 1)], &[(2, 2)], Ordering::Greater),
            (&[(0, 3), (3, 1)], &[(1, 1), (2, 2)], Ordering::Greater),
            (&[(0, 2), (3, 1)], &[(1, 1), (2, 2)], Ordering::Less),
            // Equal up to e^{-300} of the largest term, which cancels.
            (&[(0, 7), (-600, 1)], &[(0, 7), (-599, 1)], Ordering::Less),
            (&[(0, 7), (-600, 3)], &[(0, 7), (-601, 4)], Ordering::Greater),
        ] {
            assert_eq!(half().of(&sum(left), &sum(right)), Some(order), "{left:?} {right:?}");
            assert_eq!(half().of(&sum(right), &sum(left)), Some(order.reverse()), "{left:?} {right:?}");
        }
    }

    #[test]
    fn extremes_are_kept_once() {
        let mut comparison = Comparison::new(Rational::integer(1));
        let sums = || vec![sum(&[(1, 1)]), sum(&[(0, 2)]), sum(&[(1, 1)]), sum(&[(0, 3)]), sum(&[(0, 2)])];
        assert_eq!(comparison.extremes(sums(), Ordering::Greater), [sum(&[(0, 3)])]);
        assert_eq!(comparison.extremes(sums(), Ordering::Less), [sum(&[(0, 2)])]);
    }
}
