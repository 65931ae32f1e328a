//! Rule `closed-form` for trigonometric keys, in match2 and in the third order (no record).
//!
//! With `h = 2^{-f-1}` and `g = c·(1 - cos(2π/M))`: relative to the blank, every matching score is at least `-η` and
//! every other one at most `η - g`.
//! *Why* unrounded, the scores are `c·cos(2πt/M)` with `t` the sum of the residues and the blank's is `c`; `η` bounds
//! what rounding changes: each entry by at most `h`, where `|cos| + |sin| ≤ √2`.
//! - Pairs: `c·h·√2` by keys, `h·√2` by queries, `2h²` by both, `h` by the blank: less than `h(3c/2 + 5/2 + 2h)`.
//! - Triples: a product of keys is off by at most `2√2·h + 2h²` in each part: `c·√2` times that by keys, `h·√2` by
//!   queries, `2h` times it by both, `h` by the blank: less than `3c(2h + h²) + h(3 + 8h + 4h²)`.
//!
//! *Source* Thm 6; docs/theory.md sections 8 and 9a.

use num_bigint::BigInt;
use num_integer::Integer;

use crate::claim::matching::Matching;
use crate::cosine::Circle;
use crate::exp_sum::ExpSum;
use crate::number::{Rational, power_of_two};
use crate::rules::base_precision;
use crate::rules::decision::{Bounds, ScoreBounds, threshold_zeros};
use crate::side_condition::{SideCondition, Violation};
use crate::units::trigonometric::Trigonometric;

/// Checks `closed-form.S4` and `closed-form.S5` for match2.
pub(crate) fn check_pairs(claim: &Matching, fraction_bits: u64) -> Result<ScoreBounds, Violation> {
    let gap = Gap::new(claim, fraction_bits, pair_rounding(&claim.scale, fraction_bits));
    let rest = ExpSum::default().with(BigInt::from(0), 1);
    gap.bounds(claim.tokens.into(), rest).check(claim, [SideCondition::ClosedFormS4, SideCondition::ClosedFormS5])?;
    Ok(gap.score_bounds())
}

/// The same for the third order.
pub(crate) fn check_triples(claim: &Matching, fraction_bits: u64) -> Result<ScoreBounds, Violation> {
    let unit = Trigonometric::new(claim.modulus, fraction_bits, &claim.scale);
    let gap = Gap::new(claim, fraction_bits, triple_rounding(&claim.scale, fraction_bits));
    let n_tokens = BigInt::from(claim.tokens);
    let rest = ExpSum::default().with(BigInt::from(0), 1).with(gap.minus_blank(&unit, fraction_bits), &n_tokens * 2);
    let bounds = gap.bounds(&n_tokens * &n_tokens, rest);
    bounds.check(claim, [SideCondition::ClosedFormS4, SideCondition::ClosedFormS5])?;
    Ok(gap.score_bounds())
}

/// `η` of pairs: `h·(3c/2 + 5/2 + 2h)`.
pub(crate) fn pair_rounding(scale: &Rational, fraction_bits: u64) -> Rational {
    let half = Rational::scaled(BigInt::from(1), 1);
    let h = Rational::scaled(BigInt::from(1), fraction_bits + 1);
    let (three, five) = (Rational::integer(3), Rational::integer(5));
    h.times(&three.times(scale).plus(&five).times(&half).plus(&h.plus(&h)))
}

/// `η` of triples: `3c(2h + h²) + h(3 + 8h + 4h²)`.
fn triple_rounding(scale: &Rational, fraction_bits: u64) -> Rational {
    let integer = |value: u32| Rational::integer(value);
    let h = Rational::scaled(BigInt::from(1), fraction_bits + 1);
    let square = h.times(&h);
    let by_keys = integer(3).times(scale).times(&h.plus(&h).plus(&square));
    let rest = integer(3).plus(&integer(8).times(&h)).plus(&integer(4).times(&square));
    by_keys.plus(&h.times(&rest))
}

/// `-η` from below and `η - g` from above, in units of `2^-precision`.
pub(crate) struct Gap {
    rounding: Rational,
    precision: u64,
    matching: BigInt,
    other: BigInt,
}

impl Gap {
    pub(crate) fn new(claim: &Matching, fraction_bits: u64, rounding: Rational) -> Self {
        // 1 - cos(2π/M) is about 20/M², so twice the bits of M keep the precision relative to g.
        let modulus_bits = u64::from(claim.modulus.checked_ilog2().unwrap_or(0)) + 1;
        let zeros: u64 = threshold_zeros(claim).into_iter().sum();
        let precision = (base_precision(zeros) + 2 * modulus_bits).max(fraction_bits);
        let (cosine, _) = Circle::new(precision).at(1, claim.modulus);
        let fall_lo = Rational::scaled(power_of_two(precision) - cosine.hi, precision);
        let other = rounding.minus(&claim.scale.times(&fall_lo));
        let ceiling = |value: &Rational| (value.numer() << precision).div_ceil(value.denom());
        Gap { precision, matching: -ceiling(&rounding), other: ceiling(&other), rounding }
    }

    /// `-β` in the same units.
    pub(crate) fn minus_blank(&self, unit: &Trigonometric, fraction_bits: u64) -> BigInt {
        -(unit.blank(1) << self.precision.saturating_sub(fraction_bits))
    }

    /// `count` scores that do not match against one that does.
    pub(crate) fn bounds(&self, count: BigInt, rest: ExpSum) -> Bounds {
        Bounds {
            unit: Rational::scaled(BigInt::from(1), self.precision),
            without_match: vec![ExpSum::default().with(self.other.clone(), count)],
            with_match: vec![ExpSum::default().with(self.matching.clone(), 1)],
            rest,
        }
    }

    /// Both bounds, rounded outward to 64 bits.
    pub(crate) fn score_bounds(&self) -> ScoreBounds {
        let negated = |value: &Rational| Rational::integer(0).minus(value);
        let other = Rational::scaled(self.other.clone(), self.precision);
        ScoreBounds {
            matching: negated(&self.rounding).rounded_down_to_64_bits(),
            other: negated(&negated(&other).rounded_down_to_64_bits()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{pair_rounding, triple_rounding};
    use crate::number::Rational;
    use crate::units::trigonometric::{Trigonometric, product, score};

    /// Every rounded score is within `η` of that with 200 more bits, relative to the blank, up to their rounding.
    #[test]
    fn rounding_moves_scores_by_at_most_eta() {
        for (modulus, fraction_bits, scale) in [(5u64, 0u64, "3/2"), (7, 1, "20/3"), (12, 3, "10"), (9, 2, "1/3")] {
            let scale = Rational::parse(scale).unwrap();
            let (coarse, fine) =
                (Trigonometric::new(modulus, fraction_bits, &scale), Trigonometric::new(modulus, 200, &scale));
            let tiny = Rational::scaled(1.into(), 190);
            for (order, eta) in [(2, pair_rounding(&scale, fraction_bits)), (3, triple_rounding(&scale, fraction_bits))]
            {
                let relative = |unit: &Trigonometric, residues: [u64; 3]| {
                    let [a, b, d] = residues;
                    let key = if order == 2 { unit.key(b) } else { product(&unit.key(b), &unit.key(d)) };
                    let score = score(&unit.query(a), &key) - unit.blank(order);
                    unit.unit(order).times(&Rational::integer(score))
                };
                for a in 0..modulus {
                    for b in 0..modulus {
                        for d in 0..modulus {
                            let moved = relative(&coarse, [a, b, d]).minus(&relative(&fine, [a, b, d]));
                            let size = if moved.is_negative() { Rational::integer(0).minus(&moved) } else { moved };
                            assert!(size <= eta.plus(&tiny), "{modulus} {order} {a} {b} {d}");
                        }
                    }
                }
            }
        }
    }
}
