//! Rule `dual`: a max-margin dual vector, by the Karush–Kuhn–Tucker conditions.
//!
//! In: `w = (1/Δ)·Σ_k c_k u_k` and the support `y` that is due.
//! *Ensures* `w` is the vector of least norm with `⟨w,u_l⟩ = 1` on `y` and `⟨w,u_j⟩ ≤ 1-γ` off `y`.
//! *Why* the problem is convex, `w` is feasible (S2, S3), and it is a combination of constraint vectors whose
//! multipliers off `y` have the right sign (S4) and vanish where the constraint is slack (S5).
//! *Source* docs/theory.md section 4a.

use num_bigint::BigInt;
use num_traits::Signed;

use crate::file::DualRecord;
use crate::number::Rational;
use crate::rules::are_multipliers;
use crate::side_condition::{SideCondition, Violation, require};
use crate::supports::complement;
use crate::units::sign_keys::{Combination, SignKeys};

/// Checks `dual.S1` to `dual.S5`; the vector is the result.
pub(crate) fn check(
    record: &DualRecord,
    keys: &SignKeys,
    margin: &Rational,
    support: &[u64],
) -> Result<Combination, Violation> {
    let denominator = &record.denominator;
    let has_shape = are_multipliers(&record.keys, &record.coefficients, denominator.numer(), keys)
        && denominator.is_positive()
        && *denominator.denom() == BigInt::from(1);
    require(SideCondition::DualS1, has_shape, || {
        "expected increasing keys with nonzero coprime integer coefficients over a positive denominator".into()
    })?;
    let vector = Combination {
        keys: record.keys.clone(),
        coefficients: record.coefficients.iter().map(|value| value.numer().clone()).collect(),
        denominator: denominator.numer().clone(),
    };
    let meets = |token: &u64| keys.inner_with(&vector, *token) == vector.denominator;
    require(SideCondition::DualS2, support.iter().all(meets), || "expected inner product 1 on the support".into())?;
    let is_off = |token: &u64| support.binary_search(token).is_err();
    let mut off_terms = vector.keys.iter().zip(&vector.coefficients).filter(|(token, _)| is_off(token));
    require(SideCondition::DualS4, off_terms.all(|(_, value)| value.is_negative()), || {
        "expected negative coefficients off the support".into()
    })?;
    // ⟨w,u_j⟩ ≤ 1-γ with w = v/Δ and 1-γ = s/t says ⟨v,u_j⟩·t ≤ s·Δ.
    let ceiling = Rational::integer(1).minus(margin);
    let scaled_ceiling = ceiling.numer() * &vector.denominator;
    let scaled_inner = |token: u64| keys.inner_with(&vector, token) * ceiling.denom();
    let is_feasible = complement(support, keys.n_tokens()).all(|token| scaled_inner(token) <= scaled_ceiling);
    require(SideCondition::DualS3, is_feasible, || "expected at most 1 - margin off the support".into())?;
    let mut off_keys = vector.keys.iter().filter(|token| is_off(token));
    require(SideCondition::DualS5, off_keys.all(|token| scaled_inner(*token) == scaled_ceiling), || {
        "expected exactly 1 - margin at the keys off the support".into()
    })?;
    Ok(vector)
}
