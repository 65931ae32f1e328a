//! Closed forms: one formula that bounds the weight error at every support.
//!
//! In: a moment-curve or code-keys unit. Out: an upper bound of `max_y D(y)`, rounded up at a chosen precision.
//! Source: Thm 3 and Thm 2, docs/theory.md sections 3 and 4b; `checker/FORMAT.md`, rules `closed-form`.

use num_bigint::BigInt;
use num_traits::{One, Zero};

use crate::catalogue::claim::{CodeKeys, Construction, Unit};
use crate::constructions::moment_curve::least_gap;
use crate::constructions::supports::binomial_big;
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
/// *Ensures* `R(y) ≤ min((N-q)·E, 2q·E/(1-E^c))` with `E = e^{-αg_q}`, `c = 3` for `q = 1`, else 15; and for `q ≥ 2` also
/// `R(y) ≤ E + min((N-q-1)·E^κ, (2q-1)·E^κ + 2q·E^16/(1-E^15))` with `κ = ((h+1)/h)²`, `h = ⌈q/2⌉`.
/// *Why* a token at distance `r` from `y` has `∏ ≥ g_q·r²` (`r⁴` for `q ≥ 2`), at most `2q` tokens have that distance, and
/// `r² ≥ 1 + 3(r-1)`, `r⁴ ≥ 1 + 15(r-1)` make the sum over `r` geometric;
/// for `q ≥ 2` only one token has the product `g_q`, every other at least `g_q·κ`.
/// *Source* Thm 3; docs/theory.md section 3.
pub fn moment_curve_mass_up(unit: &Unit, precision: u32) -> Rational {
    if unit.tokens == unit.sparsity {
        return Rational::zero();
    }
    let exponent = &unit.scale * least_gap(unit.sparsity);
    let power = |factor: Rational| exp_neg_up(&(&exponent * factor), precision);
    let whole = |integer: u128| Rational::from_integer(integer.into());
    // Σ_{r≥0} E^{c·r}, or nothing where the enclosure cannot tell E^c from 1.
    let geometric = |c: u128| {
        let room = Rational::one() - power(whole(c));
        (Rational::zero() < room).then(|| room.recip())
    };
    let (n_off, q) = (u128::from(unit.tokens - unit.sparsity), u128::from(unit.sparsity));
    let largest = power(Rational::one());
    let mut masses = vec![whole(n_off) * &largest];
    if q == 1 {
        masses.extend(geometric(3).map(|sum| whole(2) * &largest * sum));
    } else {
        let half = whole(q.div_ceil(2));
        let ratio = (&half + Rational::one()) / half;
        let second = power(&ratio * &ratio);
        masses.push(&largest + whole(n_off - 1) * &second);
        if let Some(sum) = geometric(15) {
            masses.push(whole(2 * q) * &largest * &sum);
            masses.push(&largest + whole(2 * q - 1) * second + whole(2 * q) * power(whole(16)) * sum);
        }
    }
    masses.into_iter().min().expect("the count bound always applies")
}

/// Upper bound of the off-support mass of a code-keys unit; `None` unless `g = n - q(k-1) > 0`.
///
/// *Ensures* the smaller of `(N-q)·e^{-αg}` and `Σ_s (T_s - T_{s+1})·e^{-α(n-s)}` with `T` from [`overlap_counts`].
/// *Why* two polynomials of degree below k agree in at most k-1 points, so an off-support overlap is at most `q(k-1)`.
/// *Source* docs/theory.md section 4b.
pub fn code_keys_mass_up(unit: &Unit, code: &CodeKeys, precision: u32) -> Option<Rational> {
    let agreements = unit.sparsity.checked_mul(code.degree_bound.checked_sub(1)?)?;
    let gap = code.evaluations.checked_sub(agreements).filter(|gap| 0 < *gap)?;
    let weight = |gap: u64| exp_neg_up(&(&unit.scale * BigInt::from(gap)), precision);
    let by_gap = weight(gap) * BigInt::from(unit.tokens - unit.sparsity);
    if agreements == 0 || agreements.checked_mul(code.degree_bound).is_none_or(|size| MAX_COUNTS < size) {
        return Some(by_gap);
    }
    let mut counts = overlap_counts(unit, code, agreements);
    counts.push(BigInt::zero());
    let exactly = counts.windows(2).map(|pair| &pair[0] - &pair[1]);
    let gaps = (0..=agreements).map(|overlap| code.evaluations - overlap);
    let terms = exactly.zip(gaps).filter(|(count, _)| !count.is_zero());
    let by_counts = terms.fold(Rational::zero(), |sum, (count, gap)| sum + weight(gap) * count);
    Some(by_gap.min(by_counts))
}

/// `S·k` up to which overlaps are counted (a limit of `checker/FORMAT.md`).
const MAX_COUNTS: u64 = 1 << 14;

/// `T_0 ≥ T_1 ≥ … ≥ T_S`: at most `T_s` tokens off a support have an overlap of at least `s`.
///
/// *Why* through `t ≤ k` points with prescribed values pass `Q^{k-t}` polynomials; count pairs of `t` points of agreement and
/// a polynomial: `C(n,t)·q + C(s,t)·T_s ≤ C(n,t)·q^t·Q^{k-t}`.
/// *Source* docs/theory.md section 4b.
pub fn overlap_counts(unit: &Unit, code: &CodeKeys, agreements: u64) -> Vec<BigInt> {
    let (q, k, n) = (unit.sparsity, code.degree_bound, code.evaluations);
    let power = |base: u64, exponent: u64| (0..exponent).fold(BigInt::one(), |product, _| product * base);
    let choose = |n: u64, t: u64| BigInt::from(binomial_big(n, t));
    let pairs: Vec<BigInt> =
        (0..=k).map(|t| choose(n, t) * (power(q, t) * power(code.field_size, k - t) - BigInt::from(q))).collect();
    let mut least = BigInt::from(unit.tokens - q);
    let mut counts = vec![least.clone()];
    for s in 1..=agreements {
        for (t, pairs) in (0..=k.min(s)).zip(&pairs) {
            least = least.min(pairs / choose(s, t));
        }
        counts.push(least.clone());
    }
    counts
}

/// Upper bound of `e^{-x}` with relative width `2^-precision`, or a tiny number above it where it is tiny.
fn exp_neg_up(x: &Rational, precision: u32) -> Rational {
    const FLOOR_EXPONENT: i64 = -60_000;
    exp_neg_capped(x, precision, FLOOR_EXPONENT).hi().to_rational()
}
