//! Rule `closed-form` for code keys (no record).
//!
//! `g = n - q(k-1)`; `R` is the smaller of `(N-q)·e^{-αg}` and `Σ_s (T_s - T_{s+1})·e^{-α(n-s)}`, `s ≤ q(k-1)`.
//!
//! *Ensures* `D(y) ≤ 2R/(q+R)` for every support.
//! *Why* two distinct polynomials of degree below `k` over a field agree in at most `k-1` points, so a token
//! off the support agrees with its `q` members in at most `q(k-1)` of the `n` distinct points; and at most `T_s`
//! of them in `s` points or more, by counting how polynomials pass through `t` prescribed values.
//! *Source* Thm 2; docs/theory.md section 4b.

use num_bigint::{BigInt, BigUint};
use num_traits::Signed;

use crate::claim::averaging::SparseAveraging;
use crate::number::Rational;
use crate::rules::{bound_meets_target, error_of_mass, n_off_support, neg_exp_hi};
use crate::side_condition::{SideCondition, Violation, require};

/// Checks `closed-form.S2` and `closed-form.S3`.
pub(crate) fn check(
    claim: &SparseAveraging,
    field_size: u64,
    degree_bound: u64,
    evaluations: u64,
) -> Result<(), Violation> {
    let gap = least_gap(claim.sparsity, degree_bound, evaluations);
    require(SideCondition::ClosedFormS2, BigInt::from(0) < gap, || {
        "expected evaluations above sparsity times (degree_bound - 1)".into()
    })?;
    let counts = overlap_counts(claim, field_size, degree_bound, evaluations);
    let is_met = bound_meets_target(claim, |precision| {
        let weight_hi = |gap: &BigInt| neg_exp_hi(&claim.scale.times(&Rational::integer(gap.clone())), precision);
        let mut mass = weight_hi(&gap).times(&Rational::integer(n_off_support(claim)));
        if let Some(counts) = &counts {
            // All weights have the same denominator, so only numerators are added.
            let mut sum = BigInt::from(0);
            let mut denom = BigInt::from(1);
            for (overlap, count) in counts {
                let weight = weight_hi(&(BigInt::from(evaluations) - overlap));
                sum += weight.numer() * count;
                denom.clone_from(weight.denom());
            }
            mass = Rational::new(sum, denom).map_or(mass.clone(), |by_counts| mass.min(by_counts));
        }
        error_of_mass(claim, &mass)
    });
    require(SideCondition::ClosedFormS3, is_met, || "expected 2R/(q+R) to meet the target".into())
}

/// The pairs `(s, T_s - T_{s+1})` with a positive second part, where `S·k` is within the limit.
fn overlap_counts(
    claim: &SparseAveraging,
    field_size: u64,
    degree_bound: u64,
    evaluations: u64,
) -> Option<Vec<(u64, BigInt)>> {
    let largest = claim.sparsity.checked_mul(degree_bound.checked_sub(1)?)?;
    if largest == 0 || MAX_COUNTS < largest.checked_mul(degree_bound)? {
        return None;
    }
    let sparsity = BigInt::from(claim.sparsity);
    // How many pairs of t points with a polynomial through prescribed values there: C(n,t)·(q^t·Q^{k-t} - q).
    let mut passing = Vec::new();
    for n_points in 0..=degree_bound.min(largest) {
        let choices = power(claim.sparsity, n_points) * power(field_size, degree_bound.saturating_sub(n_points));
        passing.push((n_points, BigInt::from(big_binomial(evaluations, n_points)) * (choices - &sparsity)));
    }
    let mut counts = Vec::new();
    let mut count = BigInt::from(n_off_support(claim));
    for overlap in 0..=largest {
        let next_overlap = overlap.saturating_add(1);
        let mut next = count.clone();
        for (n_points, passing) in passing.iter().filter(|(n_points, _)| *n_points <= next_overlap) {
            // passing ≥ 0 as q^t·Q^{k-t} ≥ min(q^k, Q^k) ≥ q in a claim with N ≥ q.
            next = next.min(passing / BigInt::from(big_binomial(next_overlap, *n_points)));
        }
        if largest < next_overlap {
            next = BigInt::from(0);
        }
        let exactly = &count - &next;
        if exactly.is_positive() {
            counts.push((overlap, exactly));
        }
        count = next;
    }
    Some(counts)
}

fn power(base: u64, exponent: u64) -> BigInt {
    (0..exponent).fold(BigInt::from(1), |product, _| product * base)
}

/// `C(n, k)` of any size.
fn big_binomial(n: u64, k: u64) -> BigUint {
    (0..k).fold(BigUint::from(1u32), |value, i| value * n.saturating_sub(i) / i.saturating_add(1))
}

/// `S·k` up to which overlaps are counted.
const MAX_COUNTS: u64 = 1 << 14;

/// `n - q(k-1)`, which may be negative.
pub(crate) fn least_gap(sparsity: u64, degree_bound: u64, evaluations: u64) -> BigInt {
    BigInt::from(evaluations) - BigInt::from(sparsity) * (BigInt::from(degree_bound) - 1)
}

#[cfg(test)]
mod tests {
    use super::{big_binomial, least_gap};
    use num_bigint::{BigInt, BigUint};

    #[test]
    fn binomials() {
        for (n, k, value) in [(5u64, 0u64, 1u32), (5, 2, 10), (5, 5, 1), (5, 6, 0), (48, 7, 73_629_072)] {
            assert_eq!(big_binomial(n, k), BigUint::from(value));
        }
    }

    #[test]
    fn gaps() {
        for (sparsity, degree_bound, evaluations, gap) in [(3, 2, 5, 2), (3, 2, 3, 0), (4, 3, 5, -3), (9, 1, 2, 2)] {
            assert_eq!(least_gap(sparsity, degree_bound, evaluations), BigInt::from(gap));
        }
    }
}
