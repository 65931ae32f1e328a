//! Rule `closed-form` for code keys (no record).
//!
//! `g = n - q(k-1)`, `R = (N-q)·e^{-αg}`.
//!
//! *Ensures* `D(y) ≤ 2R/(q+R)` for every support.
//! *Why* two distinct polynomials of degree below `k` over a field agree in at most `k-1` points, so a token
//! off the support agrees with its `q` members in at most `q(k-1)` of the `n` distinct points.
//! *Source* Thm 2; docs/theory.md section 4b.

use num_bigint::BigInt;

use crate::claim::Claim;
use crate::number::Rational;
use crate::rules::{bound_meets_target, error_of_mass, n_off_support, neg_exp_hi};
use crate::side_condition::{SideCondition, Violation, require};

/// Checks `closed-form.S2` and `closed-form.S3`.
pub(crate) fn check(claim: &Claim, degree_bound: u64, evaluations: u64) -> Result<(), Violation> {
    let gap = least_gap(claim.sparsity, degree_bound, evaluations);
    require(SideCondition::ClosedFormS2, BigInt::from(0) < gap, || {
        "expected evaluations above sparsity times (degree_bound - 1)".into()
    })?;
    let is_met = bound_meets_target(claim, |precision| {
        let exponent = claim.scale.times(&Rational::integer(gap.clone()));
        let n_off = Rational::integer(n_off_support(claim));
        error_of_mass(claim, &neg_exp_hi(&exponent, precision).times(&n_off))
    });
    require(SideCondition::ClosedFormS3, is_met, || "expected 2R/(q+R) to meet the target".into())
}

/// `n - q(k-1)`, which may be negative.
pub(crate) fn least_gap(sparsity: u64, degree_bound: u64, evaluations: u64) -> BigInt {
    BigInt::from(evaluations) - BigInt::from(sparsity) * (BigInt::from(degree_bound) - 1)
}

#[cfg(test)]
mod tests {
    use super::least_gap;
    use num_bigint::BigInt;

    #[test]
    fn gaps() {
        for (sparsity, degree_bound, evaluations, gap) in [(3, 2, 5, 2), (3, 2, 3, 0), (4, 3, 5, -3), (9, 1, 2, 2)] {
            assert_eq!(least_gap(sparsity, degree_bound, evaluations), BigInt::from(gap));
        }
    }
}
