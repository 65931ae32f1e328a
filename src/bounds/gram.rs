//! Coherence and Babel bounds for sign keys with least-squares dual vectors.
//!
//! In: the key table, q, α, f. Out: an upper bound of `max_y D(y)` for every support at once, from inner products alone.
//! Bound: off-support dual values are at most `θ = a/(1-b)`; rounding moves every score by at most `δ = m'·2^{-f-1}`; Lemma B does the rest.
//! Source: Thm 2, docs/theory.md sections 2B and 4a; `checker/FORMAT.md`, rules `coherence` and `babel`.

use num_bigint::BigInt;
use num_traits::{One, Zero};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::catalogue::claim::{Construction, Dual, Method, Unit};
use crate::constructions::sign_keys::SignKeyTable;
use crate::numbers::Rational;
use crate::numbers::dyadic::Dyadic;
use crate::numbers::exp::exp_neg_capped;
use crate::numbers::rational::pow2;

/// `(a, b)`: with `b < 1`, off-support dual values are at most `a/(1-b)` at every support.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GramBound {
    /// Bounds the off-support correlation with a whole support.
    pub off: Rational,
    /// Bounds the correlation of one supported key with the rest of its support.
    pub on: Rational,
}

/// `m'·μ₁(k)` for `k = q-1` and `k = q`: the largest sums of inner-product magnitudes of one key with `k` others.
fn babel_sums(keys: &SignKeyTable, sparsity: usize) -> (u64, u64) {
    let sums = |j: usize| {
        let mut row: Vec<u64> =
            (0..keys.n_tokens()).filter(|l| *l != j).map(|l| keys.inner_product(j, l).unsigned_abs()).collect();
        row.sort_unstable_by(|a, b| b.cmp(a));
        let sum = |k: usize| -> u64 { row.iter().take(k).sum() };
        (sum(sparsity - 1), sum(sparsity))
    };
    let largest = |a: (u64, u64), b: (u64, u64)| (a.0.max(b.0), a.1.max(b.1));
    (0..keys.n_tokens()).into_par_iter().map(sums).reduce(|| (0, 0), largest)
}

/// The largest `|⟨u_j, u_l⟩|`, `j ≠ l`: the coherence times m'.
pub fn largest_inner_product(keys: &SignKeyTable) -> u64 {
    let largest = |j: usize| (0..j).map(|l| keys.inner_product(j, l).unsigned_abs()).max().unwrap_or(0);
    (0..keys.n_tokens()).into_par_iter().map(largest).max().unwrap_or(0)
}

impl GramBound {
    /// The bound by `method` (coherence or babel). *Requires* `q ≥ 1`.
    pub fn new(keys: &SignKeyTable, sparsity: u64, method: Method) -> GramBound {
        let width = BigInt::from(keys.key_width());
        let over_width = |sum: BigInt| Rational::new(sum, width.clone());
        if method == Method::Coherence {
            let largest = BigInt::from(largest_inner_product(keys));
            GramBound { off: over_width(&largest * sparsity), on: over_width(largest * (sparsity - 1)) }
        } else {
            let (on, off) = babel_sums(keys, usize::try_from(sparsity).unwrap_or(usize::MAX));
            GramBound { off: over_width(off.into()), on: over_width(on.into()) }
        }
    }

    /// `γ = 1 - θ`, a margin that every support has; `None` unless `b < 1`.
    pub fn margin(&self) -> Option<Rational> {
        let room = Rational::one() - &self.on;
        (Rational::zero() < room).then(|| Rational::one() - &self.off / room)
    }

    /// `max_i |k(y)_i| ≤ α·q/(m'(1-b)) + 2^-f` in units of `2^-f`; `None` unless `b < 1`.
    pub fn query_entry_up(&self, unit: &Unit) -> Option<BigInt> {
        let Construction::SignKeys(keys) = &unit.construction else { return None };
        let room = Rational::one() - &self.on;
        if room <= Rational::zero() {
            return None;
        }
        let factor = Rational::from_integer(BigInt::one() << keys.fraction_bits);
        let width = Rational::from_integer(keys.key_width.into());
        let entry = factor * &unit.scale * BigInt::from(unit.sparsity) / (width * room);
        Some(entry.floor().to_integer() + 1)
    }

    /// Upper bound of `max_y D(y)`; `None` where the bound does not apply.
    ///
    /// *Requires* least-squares dual vectors with queries rounded to nearest.
    /// *Ensures* `D(y) ≤ 2((N-q)/q)·e^{2δ-αγ} + δ·[q≥2]` for every support.
    /// *Why* scores on the support lie in `[α-δ, α+δ]`, off it at most `α(1-γ)+δ`: Lemma B with gap `αγ-δ`, and `2tanh(δ/2) ≤ δ`.
    /// *Source* Lemma B; docs/theory.md sections 2B and 4a.
    pub fn weight_error_up(&self, unit: &Unit, precision: u32) -> Option<Dyadic> {
        let Construction::SignKeys(keys) = &unit.construction else { return None };
        if keys.dual != Dual::LeastSquares {
            return None;
        }
        let delta = Rational::from_integer(keys.key_width.into()) * pow2(-i64::try_from(keys.fraction_bits).ok()? - 1);
        let exponent = &unit.scale * self.margin()? - &delta * BigInt::from(2);
        if exponent < Rational::zero() {
            return None;
        }
        let tail = exp_neg_capped(&exponent, precision, -60_000).hi().to_rational();
        let off_support = Rational::new((2 * u128::from(unit.tokens - unit.sparsity)).into(), unit.sparsity.into());
        let spread = if unit.sparsity == 1 { Rational::zero() } else { delta };
        Some(Dyadic::rational_up(&(off_support * tail + spread), precision))
    }
}
