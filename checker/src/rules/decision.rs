//! The bounds of a decision, which the rules about matching share.
//!
//! In: sums `T_0` and `T_1`, relative to the blank, and the rest `B` of the denominator.
//! *Ensures* the output `T/(T + B)` is at most `lo` for every answer 0 and at least `hi` for every answer 1.
//! *Why* `T/(T + B)` grows with `T`, so the extreme sums settle all inputs.

use std::cmp::Ordering;

use crate::claim::matching::Matching;
use crate::exp::NegExp;
use crate::exp_sum::{Comparison, ExpSum, SumBracket};
use crate::number::Rational;
use crate::rules::{base_precision, holds_at_some_precision};
use crate::side_condition::{SideCondition, Violation, require};

/// Bounds of all scores, relative to the blank's: matching ones from below, all others from above.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScoreBounds {
    pub(crate) matching: Rational,
    pub(crate) other: Rational,
}

/// What a rule computed: candidates for `T_0` and `T_1`, and `B`, with exponents in one unit.
pub(crate) struct Bounds {
    pub(crate) unit: Rational,
    /// Upper bounds, one of which is `T_0`.
    pub(crate) without_match: Vec<ExpSum>,
    /// Lower bounds, one of which is `T_1`.
    pub(crate) with_match: Vec<ExpSum>,
    /// `B`.
    pub(crate) rest: ExpSum,
}

/// `lo` and `hi` of the claim; rules of a decision are not reached without them.
fn thresholds(claim: &Matching) -> (Rational, Rational) {
    let range = claim.range.as_ref().map(|(lo, hi)| (lo.to_rational(), hi.to_rational()));
    range.unwrap_or_else(|| (Rational::integer(0), Rational::integer(1)))
}

/// Zeros after the points of `lo` and `hi - lo`, which set the precision of a comparison.
pub(crate) fn threshold_zeros(claim: &Matching) -> [u64; 2] {
    let (lo, hi) = thresholds(claim);
    [hi.minus(&lo), lo].map(|number| if number.is_positive() { number.leading_zeros() } else { 0 })
}

impl Bounds {
    /// Keeps only the candidates that may be extreme.
    pub(crate) fn extremes(self) -> Self {
        let mut comparison = Comparison::new(self.unit.clone());
        Bounds {
            without_match: comparison.extremes(self.without_match, Ordering::Greater),
            with_match: comparison.extremes(self.with_match, Ordering::Less),
            ..self
        }
    }

    /// Checks the two conditions of a rule.
    pub(crate) fn check(&self, claim: &Matching, conditions: [SideCondition; 2]) -> Result<(), Violation> {
        let (lo, hi) = thresholds(claim);
        let zeros = threshold_zeros(claim).into_iter().sum();
        // T_hi/(T_hi + B_lo) ≤ s/t says T_hi·t ≤ s·(T_hi + B_lo).
        let is_below = |sum: &SumBracket, rest: &SumBracket| &sum.hi * lo.denom() <= lo.numer() * (&sum.hi + &rest.lo);
        let is_above = |sum: &SumBracket, rest: &SumBracket| hi.numer() * (&sum.lo + &rest.hi) <= &sum.lo * hi.denom();
        let [below, above] = conditions;
        require(below, self.without_match.iter().all(|sum| self.holds(sum, zeros, is_below)), || {
            "expected every output without a match to be at most lo".into()
        })?;
        require(above, self.with_match.iter().all(|sum| self.holds(sum, zeros, is_above)), || {
            "expected every output with a match to be at least hi".into()
        })
    }

    /// Whether a test of a sum and `B`, both divided by their largest term, holds at some precision.
    fn holds(&self, sum: &ExpSum, zeros: u64, test: impl Fn(&SumBracket, &SumBracket) -> bool) -> bool {
        let shift = sum.largest_exponent().max(self.rest.largest_exponent()).cloned().unwrap_or_default();
        let base = base_precision(zeros) + sum.count_bits().max(self.rest.count_bits());
        holds_at_some_precision(base, |precision| {
            let mut exp = NegExp::new(precision);
            let sum = sum.enclose(&shift, &self.unit, &mut exp);
            test(&sum, &self.rest.enclose(&shift, &self.unit, &mut exp))
        })
    }
}
