//! Rule `no-dual`: there is no max-margin dual vector, by Farkas.
//!
//! In: multipliers `c_k` and the support `y` that is due.
//! *Ensures* no `w` has `⟨w,u_l⟩ = 1` on `y` and `⟨w,u_j⟩ ≤ 1-γ` off `y`, so the query is the fallback's.
//! *Why* for such a `w`, `0 = ⟨w, Σ_k c_k u_k⟩ ≤ Σ_{k∈y} c_k + (1-γ)·Σ_{k∉y} c_k < 0`.
//! *Source* docs/theory.md section 4a.

use num_bigint::BigInt;
use num_traits::{Signed, Zero};

use crate::file::NoDualRecord;
use crate::number::Rational;
use crate::rules::are_multipliers;
use crate::side_condition::{SideCondition, Violation, require};
use crate::units::sign_keys::{Combination, SignKeys};

/// Checks `no-dual.S1` to `no-dual.S4`; the fallback is the result.
pub(crate) fn check(
    record: &NoDualRecord,
    keys: &SignKeys,
    margin: &Rational,
    support: &[u64],
) -> Result<Combination, Violation> {
    let has_shape = are_multipliers(&record.keys, &record.coefficients, &BigInt::zero(), keys);
    require(SideCondition::NoDualS1, has_shape, || {
        "expected increasing keys with nonzero coprime integer coefficients".into()
    })?;
    let vector = Combination {
        keys: record.keys.clone(),
        coefficients: record.coefficients.iter().map(|value| value.numer().clone()).collect(),
        denominator: BigInt::from(1),
    };
    let cancels = keys.coordinates(&vector).iter().all(Zero::is_zero);
    require(SideCondition::NoDualS2, cancels, || "expected the keys to cancel in every coordinate".into())?;
    let (mut sum_on, mut sum_off, mut has_signs) = (BigInt::zero(), BigInt::zero(), true);
    for (token, coefficient) in vector.keys.iter().zip(&vector.coefficients) {
        if support.binary_search(token).is_ok() {
            sum_on += coefficient;
        } else {
            sum_off += coefficient;
            has_signs &= coefficient.is_positive();
        }
    }
    require(SideCondition::NoDualS3, has_signs, || "expected positive coefficients off the support".into())?;
    let ceiling = Rational::integer(1).minus(margin);
    let right_side = Rational::integer(sum_on).plus(&ceiling.times(&Rational::integer(sum_off)));
    require(SideCondition::NoDualS4, right_side.is_negative(), || "expected right-hand sides below 0 in sum".into())?;
    Ok(keys.fallback(support))
}
