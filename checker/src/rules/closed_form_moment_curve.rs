//! Rule `closed-form` for the moment curve (no record).
//!
//! `g = (⌈q/2⌉!·⌊q/2⌋!)²`, `E = e^{-αg}`, `κ = ((h+1)/h)²` with `h = ⌈q/2⌉`.
//! For `q = 1`, `R = min((N-1)·E, 2E/(1 - E³))`; for `q ≥ 2`,
//! `R = min((N-q)·E, 2q·E/(1 - E^15), E + (N-q-1)·E^κ, E + (2q-1)·E^κ + 2q·E^16/(1 - E^15))`; `R = 0` if `N = q`.
//!
//! *Ensures* every support has off-support mass at most `R`, so `D(y) ≤ 2R/(q+R)`.
//! *Why* a token at distance `r` from the support has a product of at least `g·r²`, and `g·r⁴` for `q ≥ 2`,
//! because at most two members lie at each distance; at most `2q` tokens have distance `r`; and
//! `r² ≥ 1 + 3(r-1)`, `r⁴ ≥ 1 + 15(r-1)` turn the sum over `r` into a geometric one; and for `q ≥ 2` only one token
//! can have the product `g` (it is missing inside `q + 1` consecutive ones), every other at least `κ·g`.
//! *Source* Thm 3; docs/theory.md section 3.

use num_bigint::BigInt;
use num_traits::One;

use crate::claim::averaging::SparseAveraging;
use crate::number::Rational;
use crate::rules::{bound_meets_target, error_of_mass, n_off_support, neg_exp_hi};
use crate::side_condition::{SideCondition, Violation, require};

/// Checks `closed-form.S1`.
pub(crate) fn check(claim: &SparseAveraging) -> Result<(), Violation> {
    let is_met = bound_meets_target(claim, |precision| error_of_mass(claim, &mass_hi(claim, precision)?));
    require(SideCondition::ClosedFormS1, is_met, || "expected 2R/(q+R) to meet the target".into())
}

/// `g`, the least product `∏_{l∈y}(j - l)²` of a token off the support.
fn least_product(sparsity: u64) -> BigInt {
    let half = factorial(sparsity / 2);
    let product = if sparsity.is_multiple_of(2) { &half * &half } else { &half * factorial(sparsity / 2 + 1) };
    &product * &product
}

fn factorial(number: u64) -> BigInt {
    (1..=number).fold(BigInt::one(), |product, factor| product * factor)
}

/// An upper bound of `R`; every term of the minimum grows with the powers of `E`.
pub(crate) fn mass_hi(claim: &SparseAveraging, precision: u64) -> Option<Rational> {
    let exponent = claim.scale.times(&Rational::integer(least_product(claim.sparsity)));
    let n_off = Rational::integer(n_off_support(claim));
    let one = Rational::integer(1);
    if !n_off.is_positive() {
        return Some(n_off);
    }
    let power = |factor: &Rational| neg_exp_hi(&exponent.times(factor), precision);
    let weight_hi = power(&one);
    let mut mass = weight_hi.times(&n_off);
    let n_factors = if claim.sparsity == 1 { 3u32 } else { 15 };
    let rest = one.minus(&power(&Rational::integer(n_factors)));
    let twice_q = Rational::integer(BigInt::from(claim.sparsity) * 2u32);
    if rest.is_positive() {
        mass = mass.min(weight_hi.times(&twice_q).over(&rest)?);
    }
    if claim.sparsity == 1 {
        return Some(mass);
    }
    let half = Rational::integer(claim.sparsity.div_ceil(2));
    let ratio = half.plus(&one).over(&half)?;
    let second_hi = power(&ratio.times(&ratio));
    mass = mass.min(weight_hi.plus(&n_off.minus(&one).times(&second_hi)));
    if rest.is_positive() {
        let far = power(&Rational::integer(16u32)).times(&twice_q).over(&rest)?;
        mass = mass.min(weight_hi.plus(&twice_q.minus(&one).times(&second_hi)).plus(&far));
    }
    Some(mass)
}

#[cfg(test)]
mod tests {
    use super::least_product;
    use num_bigint::BigInt;

    #[test]
    fn least_products_are_attained() {
        for (sparsity, product) in [(1, 1), (2, 1), (3, 4), (4, 16), (5, 144), (6, 1296)] {
            assert_eq!(least_product(sparsity), BigInt::from(product));
            // The least product over all supports of a short line, by plain search.
            let n_tokens = sparsity + 3;
            let mut least = u64::MAX;
            for set in 0u64..1 << n_tokens {
                if u64::from(set.count_ones()) == sparsity {
                    let member = |token: &u64| set >> token & 1 == 1;
                    for token in (0..n_tokens).filter(|token| !member(token)) {
                        let distances = (0..n_tokens).filter(member).map(|other| token.abs_diff(other).pow(2));
                        least = least.min(distances.product());
                    }
                }
            }
            assert_eq!(least, product);
        }
    }
}
