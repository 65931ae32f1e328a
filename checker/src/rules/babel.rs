//! Rule `babel` for sign keys (no record).
//!
//! With `μ_1(k)` the maximum over keys of the sum of the `k` largest absolute inner products with other keys,
//! divided by `m'`: `a = μ_1(q)`, `b = μ_1(q-1)`; the rest is as in `coherence`.
//! *Source* Thm 2; docs/theory.md section 4a.

use num_bigint::BigInt;

use crate::claim::averaging::SparseAveraging;
use crate::number::Rational;
use crate::rules::coherence::{Conditions, InnerSums, check_sign_bound, largest_sums};
use crate::side_condition::{SideCondition, Violation};
use crate::units::sign_keys::SignKeys;

/// Checks `babel.S1` to `babel.S3`; the result is `b`.
pub(crate) fn check(claim: &SparseAveraging) -> Result<Rational, Violation> {
    let conditions = Conditions {
        least_squares: SideCondition::BabelS1,
        invertible: SideCondition::BabelS2,
        target: SideCondition::BabelS3,
    };
    check_sign_bound(claim, &conditions, babel_sums)
}

/// `a = μ_1(q)` and `b = μ_1(q-1)`.
pub(crate) fn babel_sums(claim: &SparseAveraging, keys: &SignKeys) -> Option<InnerSums> {
    let (fewer, all) = largest_sums(keys, claim.sparsity);
    let divided = |sum: u64| Rational::new(BigInt::from(sum), BigInt::from(keys.width()));
    Some(InnerSums { off: divided(all)?, on: divided(fewer)? })
}
