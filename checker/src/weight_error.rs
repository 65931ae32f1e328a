//! The weight error `D(y) = Σ_j |A_j - [j∈y]/q|` of Lemma A, two-sided, from enclosed weights.
//!
//! In: `W_j = e^{s_j - max s}` for every token. Out: brackets of `D(y)` as unreduced fractions.
//! They are exactly 0 when `D(y)` is 0 and the weights are exact.

use num_bigint::{BigInt, BigUint};
use num_traits::Zero;

use crate::exp::Enclosure;
use crate::number::Rational;

/// The unnormalised weights of one row; the largest of them is exactly 1.
pub(crate) struct Weights {
    /// Those of the support, in its order.
    pub(crate) on: Vec<Enclosure>,
    /// The sum of all others.
    pub(crate) off: Enclosure,
}

/// Brackets `lo ≤ D(y) ≤ hi`.
pub(crate) struct WeightError {
    pub(crate) lo: Rational,
    pub(crate) hi: Rational,
}

/// Encloses `D(y)`.
///
/// *Ensures* `lo ≤ D(y) ≤ hi`; `None` only without any weight.
/// *Why* with `Z = Σ W_j`, `D = 2·Σ_j (A_j - [j∈y]/q)_+ = 2·(q·Σ_off W_j + Σ_on (q·W_l - Z)_+)/(q·Z)`;
/// the numerator is bounded by upper weights and lower `Z`, and the reverse.
/// *Source* Lemma A, second form.
pub(crate) fn weight_error(weights: &Weights) -> Option<WeightError> {
    let sparsity = BigUint::from(weights.on.len());
    let mut total = weights.off.clone();
    for weight in &weights.on {
        total.add(weight);
    }
    let (total_lo, total_hi) = (&total.lo, total.hi());
    let mut numer_lo = &sparsity * &weights.off.lo;
    let mut numer_hi = &sparsity * weights.off.hi();
    for weight in &weights.on {
        numer_lo += positive_part(&sparsity * &weight.lo, &total_hi);
        numer_hi += positive_part(&sparsity * weight.hi(), total_lo);
    }
    let fraction = |numer: BigUint, denom: BigUint| Rational::new(BigInt::from(numer * 2u32), BigInt::from(denom));
    Some(WeightError { lo: fraction(numer_lo, &sparsity * &total_hi)?, hi: fraction(numer_hi, &sparsity * total_lo)? })
}

/// `(left - right)_+`.
fn positive_part(left: BigUint, right: &BigUint) -> BigUint {
    if left <= *right { BigUint::zero() } else { left - right }
}

#[cfg(test)]
mod tests {
    use super::{Weights, weight_error};
    use crate::exp::{Enclosure, NegExp};
    use crate::number::Rational;
    use num_bigint::{BigInt, BigUint};

    /// Brackets of max over sign patterns σ of Σ_j σ_j (W_j - Z·[j∈y]/q)/Z, which is D(y), at a larger precision.
    fn brute_force(on: &[u64], off: &[u64], denom: u64) -> (Rational, Rational) {
        let precision = 400;
        let mut exp = NegExp::new(precision);
        let mut weigh = |gap: &u64| {
            let weight = exp.at(&BigUint::from(*gap), &BigUint::from(denom));
            let as_rational = |value: BigUint| Rational::scaled(BigInt::from(value), precision);
            (as_rational(weight.lo.clone()), as_rational(weight.hi()))
        };
        let weights: Vec<_> = on.iter().chain(off).map(&mut weigh).collect();
        let zero = Rational::integer(0);
        let total_lo = weights.iter().fold(zero.clone(), |sum, weight| sum.plus(&weight.0));
        let total_hi = weights.iter().fold(zero.clone(), |sum, weight| sum.plus(&weight.1));
        let share = Rational::new(1.into(), BigInt::from(on.len())).unwrap();
        let (mut best_lo, mut best_hi) = (zero.clone(), zero.clone());
        for signs in 0u32..1 << weights.len() {
            let (mut sum_lo, mut sum_hi) = (zero.clone(), zero.clone());
            for (idx, (lo, hi)) in weights.iter().enumerate() {
                let target = if idx < on.len() { share.clone() } else { zero.clone() };
                let low = lo.over(&total_hi).unwrap().minus(&target);
                let high = hi.over(&total_lo).unwrap().minus(&target);
                let positive = signs >> idx & 1 == 1;
                sum_lo = if positive { sum_lo.plus(&low) } else { sum_lo.minus(&high) };
                sum_hi = if positive { sum_hi.plus(&high) } else { sum_hi.minus(&low) };
            }
            best_lo = best_lo.max(sum_lo);
            best_hi = best_hi.max(sum_hi);
        }
        (best_lo, best_hi)
    }

    #[test]
    fn agrees_with_all_sign_patterns() {
        let cases: &[(&[u64], &[u64], u64)] = &[
            (&[0], &[3, 5], 2),
            (&[0, 0], &[1, 9, 4], 3),
            (&[2, 0], &[7], 5),
            (&[4, 1], &[0, 2], 3),
            (&[1, 2, 3], &[0], 4),
            (&[3, 0], &[], 1),
        ];
        for (on, off, denom) in cases {
            let mut exp = NegExp::new(192);
            let mut weigh = |gap: &u64| exp.at(&BigUint::from(*gap), &BigUint::from(*denom));
            let mut off_sum = Enclosure::zero();
            off.iter().for_each(|gap| off_sum.add(&weigh(gap)));
            let found = weight_error(&Weights { on: on.iter().map(&mut weigh).collect(), off: off_sum }).unwrap();
            let (low, high) = brute_force(on, off, *denom);
            assert!(found.lo <= high && low <= found.hi, "{on:?} {off:?}");
            assert!(found.hi.minus(&found.lo) <= Rational::scaled(1.into(), 170), "{on:?} {off:?}");
        }
    }

    #[test]
    fn equal_weights_on_all_tokens_give_exactly_zero() {
        let weights = Weights { on: vec![Enclosure::one(64); 3], off: Enclosure::zero() };
        let found = weight_error(&weights).unwrap();
        assert_eq!(found.lo, Rational::integer(0));
        assert_eq!(found.hi, Rational::integer(0));
    }
}
