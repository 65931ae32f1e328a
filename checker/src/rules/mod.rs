//! The rules of FORMAT.md, section 4: one file each, and what several of them share.

pub(crate) mod babel;
pub(crate) mod bigram;
pub(crate) mod block;
pub(crate) mod closed_form_code_keys;
pub(crate) mod closed_form_moment_curve;
pub(crate) mod closed_form_polynomial;
pub(crate) mod closed_form_trigonometric;
pub(crate) mod coherence;
pub(crate) mod confusion;
pub(crate) mod decision;
pub(crate) mod decoding;
pub(crate) mod dual;
pub(crate) mod no_dual;
pub(crate) mod pair_table;
pub(crate) mod triple_table;
pub(crate) mod witness;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Zero};

use crate::claim::averaging::SparseAveraging;
use crate::exp::NegExp;
use crate::number::{Rational, clamp_to_unsigned};
use crate::supports::is_increasing_below;
use crate::units::sign_keys::SignKeys;

/// Above this precision an undecided comparison is not tried again.
const MAX_RETRY_PRECISION: u64 = 4096;

/// Bits of work for a comparison with a number that has so many zeros after its binary point.
///
/// 256 bits are 64 for sums of up to 2^64 terms and 192 to tell the two sides apart.
pub(crate) fn base_precision(leading_zeros: u64) -> u64 {
    256 + leading_zeros
}

/// Whether the test holds at some precision: the base one, or twice or four times as much.
pub(crate) fn holds_at_some_precision(base: u64, mut holds: impl FnMut(u64) -> bool) -> bool {
    let retries = [2 * base, 4 * base].into_iter().filter(|precision| *precision <= MAX_RETRY_PRECISION);
    std::iter::once(base).chain(retries).any(&mut holds)
}

/// Whether an upper bound of the weight error, computed at a given precision, meets the target.
pub(crate) fn bound_meets_target(claim: &SparseAveraging, bound_hi: impl Fn(u64) -> Option<Rational>) -> bool {
    let zeros = claim.target().map_or(0, |target| target.leading_zeros());
    holds_at_some_precision(base_precision(zeros), |precision| {
        bound_hi(precision).is_some_and(|bound| claim.is_met_by(&bound))
    })
}

/// An upper bound of `e^{-x}`, `x ≥ 0`.
pub(crate) fn neg_exp_hi(x: &Rational, precision: u64) -> Rational {
    let mut exp = NegExp::new(precision);
    let enclosure = exp.at(&clamp_to_unsigned(x.numer()), &clamp_to_unsigned(x.denom()));
    Rational::scaled(BigInt::from(enclosure.hi()), exp.precision())
}

/// `2R/(q+R)`, which grows with `R`: the weight error for off-support mass `R` beside weights 1 on the support.
pub(crate) fn error_of_mass(claim: &SparseAveraging, mass: &Rational) -> Option<Rational> {
    let total = mass.plus(&Rational::integer(claim.sparsity));
    mass.times(&Rational::integer(2)).over(&total)
}

/// `N - q`, which is at least 0 in a claim that is not vacuous.
pub(crate) fn n_off_support(claim: &SparseAveraging) -> u64 {
    claim.tokens.saturating_sub(claim.sparsity)
}

/// The shape that `dual` and `no-dual` ask of keys and coefficients: a strictly increasing, non-empty list
/// of at most `m' + 1` tokens, as many nonzero integers, and greatest common divisor 1 (with `further`).
pub(crate) fn are_multipliers(keys: &[u64], coefficients: &[Rational], further: &BigInt, table: &SignKeys) -> bool {
    // More keys than this are dependent in more than one way, so a shorter combination exists.
    let has_size = u64::try_from(keys.len()).is_ok_and(|n_keys| n_keys <= table.width().saturating_add(1));
    let are_integers = coefficients.iter().all(|value| value.denom().is_one() && !value.numer().is_zero());
    let divisor = coefficients.iter().fold(further.clone(), |divisor, value| divisor.gcd(value.numer()));
    has_size
        && !keys.is_empty()
        && is_increasing_below(keys, table.n_tokens())
        && keys.len() == coefficients.len()
        && are_integers
        && divisor.is_one()
}
