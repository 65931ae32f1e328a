//! Rule `coherence` for sign keys (no record), and the bound it shares with `babel`.
//!
//! With `μ = max_{j≠l} |⟨u_j,u_l⟩|/m'`: `a = q·μ`, `b = (q-1)·μ`.
//! *Source* Thm 2; docs/theory.md sections 2 (Lemma B) and 4a.

use num_bigint::BigInt;

use crate::claim::averaging::{Dual, SparseAveraging, Unit};
use crate::number::Rational;
use crate::rules::{bound_meets_target, n_off_support, neg_exp_hi};
use crate::side_condition::{SideCondition, Violation, require};
use crate::units::sign_keys::{SignKeys, to_index};

/// The side conditions of one of the two rules.
pub(crate) struct Conditions {
    pub(crate) least_squares: SideCondition,
    pub(crate) invertible: SideCondition,
    pub(crate) target: SideCondition,
}

/// What the two rules prove about inner products: `a` bounds those of an off-support key with the support,
/// `b` those of a member with the others, both in absolute value, summed and divided by `m'`.
pub(crate) struct InnerSums {
    pub(crate) off: Rational,
    pub(crate) on: Rational,
}

/// Checks `coherence.S1` to `coherence.S3`; the result is `b`.
pub(crate) fn check(claim: &SparseAveraging) -> Result<Rational, Violation> {
    let conditions = Conditions {
        least_squares: SideCondition::CoherenceS1,
        invertible: SideCondition::CoherenceS2,
        target: SideCondition::CoherenceS3,
    };
    check_sign_bound(claim, &conditions, coherence_sums)
}

/// `a = q·μ` and `b = (q-1)·μ`.
pub(crate) fn coherence_sums(claim: &SparseAveraging, keys: &SignKeys) -> Option<InnerSums> {
    let (_, largest) = largest_sums(keys, 1);
    let times = |count: u64| Rational::new(BigInt::from(largest) * count, BigInt::from(keys.width()));
    Some(InnerSums { off: times(claim.sparsity)?, on: times(claim.sparsity.saturating_sub(1))? })
}

/// The maxima over all keys of the sum of the `count - 1` and of the `count` largest absolute inner products
/// with other keys.
pub(crate) fn largest_sums(keys: &SignKeys, count: u64) -> (u64, u64) {
    let (mut fewer_max, mut all_max) = (0, 0);
    for token in 0..keys.n_tokens() {
        let others = (0..keys.n_tokens()).filter(|other| *other != token);
        let mut sizes: Vec<u64> = others.map(|other| keys.inner(token, other).unsigned_abs()).collect();
        sizes.sort_unstable_by(|left, right| right.cmp(left));
        // Each is at most m' ≤ 2^20 and there are at most 2^16, so the sums fit.
        let fewer: u64 = sizes.iter().take(to_index(count.saturating_sub(1))).sum();
        let all: u64 = sizes.iter().take(to_index(count)).sum();
        fewer_max = fewer_max.max(fewer);
        all_max = all_max.max(all);
    }
    (fewer_max, all_max)
}

/// The bound of both rules.
///
/// *Ensures* `D(y) ≤ 2·((N-q)/q)·e^{-x} + δ·[q ≥ 2]` for every support, with `θ = a/(1-b)`,
/// `δ = m'·2^{-f-1}`, `x = α(1-θ) - 2δ`, and that this bound meets the target.
/// *Why* for `b < 1` the Gram matrix of the support, divided by `m'`, is `I + F` with `‖F‖_∞ ≤ b`; so it is
/// invertible and the coefficients of the least-squares vector are at most `1/(m'(1-b))` in modulus, and its
/// inner product with an off-support key at most `θ`.
/// Rounding moves each score by at most `δ`: members lie within `δ` of `α`, the others below `αθ + δ`.
/// That is Lemma B with gap `α(1-θ) - δ`.
/// The result is `b`, from which the width of the queries follows.
pub(crate) fn check_sign_bound(
    claim: &SparseAveraging,
    conditions: &Conditions,
    inner_sums: impl Fn(&SparseAveraging, &SignKeys) -> Option<InnerSums>,
) -> Result<Rational, Violation> {
    let Unit::SignKeys { key_width, seed, dual, fraction_bits, .. } = &claim.unit else {
        return Err(Violation::new(conditions.least_squares, "expected sign keys"));
    };
    let is_least_squares = *dual == Dual::LeastSquares;
    require(conditions.least_squares, is_least_squares, || "expected the dual least-squares".into())?;
    let one = Rational::integer(1);
    let sums = inner_sums(claim, &SignKeys::new(claim.tokens, *key_width, *seed));
    let rest = sums.as_ref().map(|sums| one.minus(&sums.on));
    let is_invertible = rest.as_ref().is_some_and(Rational::is_positive);
    require(conditions.invertible, is_invertible, || "expected b below 1".into())?;
    let on_sum = sums.as_ref().map_or_else(|| one.clone(), |sums| sums.on.clone());
    let theta = sums.zip(rest).and_then(|(sums, rest)| sums.off.over(&rest));
    let delta = Rational::scaled(BigInt::from(*key_width), fraction_bits + 1);
    let is_met = theta.is_some_and(|theta| {
        let two = Rational::integer(2);
        let exponent = claim.scale.times(&one.minus(&theta)).minus(&delta.times(&two));
        bound_meets_target(claim, |precision| sign_bound_hi(claim, &exponent, &delta, precision))
    });
    require(conditions.target, is_met, || "expected 2(N-q)/q e^-x + delta to meet the target".into())?;
    Ok(on_sum)
}

/// An upper bound of the bound; `None` for `x < 0`, where it is not tried.
fn sign_bound_hi(claim: &SparseAveraging, exponent: &Rational, delta: &Rational, precision: u64) -> Option<Rational> {
    let rounding = if claim.sparsity == 1 { Rational::integer(0) } else { delta.clone() };
    let n_off = n_off_support(claim);
    if n_off == 0 {
        return Some(rounding);
    }
    if exponent.is_negative() {
        return None;
    }
    let factor = Rational::new(BigInt::from(n_off) * 2u32, BigInt::from(claim.sparsity))?;
    Some(neg_exp_hi(exponent, precision).times(&factor).plus(&rounding))
}

#[cfg(test)]
mod tests {
    use super::largest_sums;
    use crate::units::sign_keys::SignKeys;

    #[test]
    fn sums_agree_with_all_subsets() {
        let keys = SignKeys::new(7, 33, 4);
        for count in 1..=8u64 {
            let best = |size: u64| {
                let sum = |token: u64, set: u32| {
                    let others = (0..7).filter(move |other| set >> other & 1 == 1 && *other != token);
                    others.map(|other| keys.inner(token, other).unsigned_abs()).sum::<u64>()
                };
                let sets = (0u32..1 << 7).filter(|set| u64::from(set.count_ones()) <= size);
                sets.flat_map(|set| (0..7).map(move |token| (token, set)))
                    .filter(|(token, set)| set >> token & 1 == 0)
                    .map(|(token, set)| sum(token, set))
                    .max()
            };
            let (fewer, all) = largest_sums(&keys, count);
            assert_eq!((Some(fewer), Some(all)), (best(count - 1), best(count)));
        }
    }
}
