//! Closed forms: one formula that bounds the weight error at every support.
//!
//! In: a moment-curve or code-keys unit. Out: an upper bound of `max_y D(y)`, rounded up at a chosen precision.
//! Source: Thm 3 and Thm 2, docs/theory.md sections 3 and 4b; `checker/FORMAT.md`, rules `closed-form`.

use num_bigint::BigInt;
use num_traits::{One, Zero};

use crate::catalogue::claim::{CodeKeys, Construction, Unit};
use crate::constructions::moment_curve::least_gap;
use crate::numbers::Rational;
use crate::numbers::dyadic::Dyadic;
use crate::numbers::exp::exp_neg_capped;

/// The bound of the unit's construction; `None` where it has no closed form or the form does not apply.
pub fn weight_error_up(unit: &Unit, precision: u32) -> Option<Dyadic> {
    let mass = match &unit.construction {
        Construction::MomentCurve => moment_curve_mass_up(unit, precision),
        Construction::CodeKeys(code) => code_keys_mass_up(unit, code, precision)?,
        Construction::SignKeys(_) => return None,
    };
    // D = 2R/(q+R) increases in R.
    let sparsity = Rational::from_integer(unit.sparsity.into());
    let bound = &mass * BigInt::from(2) / (sparsity + &mass);
    Some(Dyadic::rational_up(&bound, precision))
}

/// Upper bound of `R(y) = Σ_{j∉y} e^{-α∏(j-l)²}` over all supports.
///
/// *Requires* `1 ≤ q ≤ N`.
/// *Ensures* `R(y) ≤ min((N-q)·E, 2q·E/(1-E^c))` with `E = e^{-αg_q}`, `c = 3` for `q = 1`, else 15.
/// *Why* a token at distance `r` from `y` has `∏ ≥ g_q·r²` (`r⁴` for `q ≥ 2`), at most `2q` tokens have that distance, and
/// `r² ≥ 1 + 3(r-1)`, `r⁴ ≥ 1 + 15(r-1)` make the sum over `r` geometric.
/// *Source* Thm 3; docs/theory.md section 3.
pub fn moment_curve_mass_up(unit: &Unit, precision: u32) -> Rational {
    let off_support = Rational::from_integer((unit.tokens - unit.sparsity).into());
    if off_support.is_zero() {
        return Rational::zero();
    }
    let exponent = &unit.scale * least_gap(unit.sparsity);
    let largest = exp_neg_up(&exponent, precision);
    let ratio_power: u32 = if unit.sparsity == 1 { 3 } else { 15 };
    let ratio = exp_neg_up(&(&exponent * BigInt::from(ratio_power)), precision);
    let by_count = off_support * &largest;
    if ratio < Rational::one() {
        let by_distance = largest * BigInt::from(2 * u128::from(unit.sparsity)) / (Rational::one() - ratio);
        by_count.min(by_distance)
    } else {
        by_count
    }
}

/// Upper bound `(N-q)·e^{-αg}` of the off-support mass, `g = n - q(k-1)`; `None` unless `g > 0`.
///
/// *Why* two polynomials of degree below k agree in at most k-1 points, so an off-support overlap is at most `q(k-1)`.
/// *Source* docs/theory.md section 4b.
pub fn code_keys_mass_up(unit: &Unit, code: &CodeKeys, precision: u32) -> Option<Rational> {
    let agreements = unit.sparsity.checked_mul(code.degree_bound.checked_sub(1)?)?;
    let gap = code.evaluations.checked_sub(agreements).filter(|gap| 0 < *gap)?;
    let off_support = BigInt::from(unit.tokens - unit.sparsity);
    Some(exp_neg_up(&(&unit.scale * BigInt::from(gap)), precision) * off_support)
}

/// Upper bound of `e^{-x}` with relative width `2^-precision`, or a tiny number above it where it is tiny.
fn exp_neg_up(x: &Rational, precision: u32) -> Rational {
    const FLOOR_EXPONENT: i64 = -60_000;
    exp_neg_capped(x, precision, FLOOR_EXPONENT).hi().to_rational()
}
