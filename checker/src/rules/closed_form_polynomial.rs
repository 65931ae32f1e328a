//! Rule `closed-form` for polynomial keys, in match2 and in the third order (no record).
//!
//! *Ensures* `T_0` and `T_1` bound the sums of the task; in match2 they are attained.
//! *Why* match2: `|t(t-M)|` for `0 ≤ t ≤ 2M-2` is at least `M-1` off the multiples of `M`, `w` at the even `t = 2a` of
//! the own token, and at most `G = (2M-2)(M-2)`. Third order: `|t(t-M)(t-2M)|` for `0 ≤ t ≤ 3M-3` is at least `M²-1`
//! off the multiples of `M`.
//! *Source* Thm 6; docs/theory.md sections 8 and 9a.

use num_bigint::BigInt;

use crate::claim::matching::Matching;
use crate::exp_sum::ExpSum;
use crate::number::Rational;
use crate::rules::decision::{Bounds, ScoreBounds};
use crate::side_condition::{SideCondition, Violation};
use crate::units::polynomial::mixed_score;

/// Checks `closed-form.S4` and `closed-form.S5` for match2.
pub(crate) fn check_pairs(claim: &Matching) -> Result<ScoreBounds, Violation> {
    let modulus = BigInt::from(claim.modulus);
    let gap: BigInt = &modulus - 1;
    let own_gap: BigInt = if claim.modulus.is_multiple_of(2) { (&modulus - 2) * 2 } else { gap.clone() };
    let largest: BigInt = &gap * 2 * (&modulus - 2);
    let n_others: BigInt = BigInt::from(claim.tokens) - 1;
    let (own, other, least) = (negated_square(&own_gap), negated_square(&gap), negated_square(&largest));
    let bounds = Bounds {
        unit: claim.scale.clone(),
        without_match: vec![ExpSum::default().with(own, 1).with(other.clone(), n_others.clone())],
        with_match: vec![ExpSum::default().with(BigInt::from(0), 1).with(least, n_others)],
        rest: ExpSum::default().with(BigInt::from(0), 1),
    };
    bounds.check(claim, [SideCondition::ClosedFormS4, SideCondition::ClosedFormS5])?;
    Ok(score_bounds(claim, other))
}

/// The same for the third order.
pub(crate) fn check_triples(claim: &Matching) -> Result<ScoreBounds, Violation> {
    let n_tokens = BigInt::from(claim.tokens);
    let other = negated_square(&(BigInt::from(claim.modulus) * claim.modulus - 1));
    let bounds = Bounds {
        unit: claim.scale.clone(),
        without_match: vec![ExpSum::default().with(other.clone(), &n_tokens * &n_tokens)],
        with_match: vec![ExpSum::default().with(BigInt::from(0), 1)],
        rest: ExpSum::default().with(BigInt::from(0), 1).with(mixed_score(claim.modulus), n_tokens * 2),
    };
    bounds.check(claim, [SideCondition::ClosedFormS4, SideCondition::ClosedFormS5])?;
    Ok(score_bounds(claim, other))
}

fn negated_square(root: &BigInt) -> BigInt {
    -(root * root)
}

/// Matching scores are 0; `other` is in units of the scale.
fn score_bounds(claim: &Matching, other: BigInt) -> ScoreBounds {
    let other = claim.scale.times(&Rational::integer(other)).reduced();
    ScoreBounds { matching: Rational::integer(0), other }
}

#[cfg(test)]
mod tests {
    use crate::units::polynomial::{pair_score, triple_score};
    use num_bigint::BigInt;

    #[test]
    fn extremes_are_those_of_all_residues() {
        for modulus in 2..12u64 {
            let all = || (0..modulus).flat_map(|a| (0..modulus).map(move |b| (a, b)));
            let m = i128::from(modulus);
            let square = |root: i128| Some(BigInt::from(-root * root));
            let pairs = |keep: &dyn Fn(u64, u64) -> bool| {
                all().filter(|(a, b)| keep(*a, *b)).map(|(a, b)| pair_score(modulus, [a, b])).collect::<Vec<_>>()
            };
            if 3 <= modulus {
                assert_eq!(pairs(&|_, _| true).into_iter().min(), square((2 * m - 2) * (m - 2)));
                assert_eq!(pairs(&|a, b| (a + b) % modulus != 0).into_iter().max(), square(m - 1));
                let own = pairs(&|a, b| a == b && (2 * a) % modulus != 0).into_iter().max();
                assert_eq!(own, square(if m % 2 == 0 { 2 * (m - 2) } else { m - 1 }), "{modulus}");
            }
            let triples = all().flat_map(|(a, b)| (0..modulus).map(move |d| [a, b, d]));
            let apart = triples.filter(|residues| residues.iter().sum::<u64>() % modulus != 0);
            assert_eq!(apart.map(|residues| triple_score(modulus, residues)).max(), square(m * m - 1));
        }
    }
}
