//! The weight error of many supports in machine words: the fast path.
//!
//! In: a [`Prepared`] unit whose sizes fit. Out: for each support a bracket of `D(y)` as two fractions of u128.
//! Invariant: `None` wherever a size does not provably fit; the caller then takes the slow path ([`super::weights`]).
//! Bound: weights over `2^S` with S chosen so that `2·q·N·2^S < 2^127`; every rounding is outward.

use std::cmp::Ordering;

use num_traits::ToPrimitive;

use super::exp_table::{Bracket, ExpTable};
use super::prepared::{Keys, Prepared, indices};
use crate::catalogue::claim::Construction;
use crate::numbers::Rational;
use crate::numbers::dyadic::Dyadic;
use crate::numbers::rational::pow2;

/// A fraction of nonnegative machine integers, compared exactly.
#[derive(Clone, Copy, Debug)]
pub struct Fraction {
    /// Numerator.
    pub numerator: u128,
    /// Denominator, positive.
    pub denominator: u128,
}

/// `lo ≤ q·D(y)/2 ≤ hi`.
#[derive(Clone, Copy, Debug)]
pub struct FastError {
    /// Lower bound.
    pub lo: Fraction,
    /// Upper bound.
    pub hi: Fraction,
}

/// Evaluates supports one after another, reusing what the unchanged prefix determines.
pub struct FastEvaluator<'a> {
    prepared: &'a Prepared,
    table: &'a ExpTable,
    on_support: Vec<bool>,
    gaps: Vec<u64>,
    /// Moment curve: `prefix[d][j] = ∏_{l among the first d}(j-l)²`, saturating.
    prefix: Vec<Vec<u64>>,
}

impl Fraction {
    /// `a·d` against `b·c`, by 256-bit products.
    pub fn compare(&self, other: &Fraction) -> Ordering {
        wide_product(self.numerator, other.denominator).cmp(&wide_product(other.numerator, self.denominator))
    }

    /// `2·fraction/q` as an exact rational.
    pub fn weight_error(&self, sparsity: u64) -> Rational {
        let denominator = num_bigint::BigInt::from(self.denominator) * sparsity;
        Rational::new(num_bigint::BigInt::from(self.numerator) * 2, denominator)
    }
}

/// `a·b` as (high, low) words.
fn wide_product(a: u128, b: u128) -> (u128, u128) {
    const LOW: u128 = (1 << 64) - 1;
    let (a_high, a_low, b_high, b_low) = (a >> 64, a & LOW, b >> 64, b & LOW);
    let (cross, cross_carry) = (a_high * b_low).overflowing_add(a_low * b_high);
    let (low, carry) = (a_low * b_low).overflowing_add(cross << 64);
    let high = a_high * b_high + (cross >> 64) + (u128::from(cross_carry) << 64) + u128::from(carry);
    (high, low)
}

/// The exponential tables for a unit; `None` if its sizes do not fit machine words.
pub fn exp_table(prepared: &Prepared) -> Option<ExpTable> {
    let unit = &prepared.unit;
    let terms = u128::from(unit.tokens) * u128::from(unit.sparsity);
    let shift = 126_u32.checked_sub(128 - terms.leading_zeros()).filter(|shift| 64 <= *shift)?;
    let score_unit = match &unit.construction {
        Construction::SignKeys(keys) => pow2(-i64::try_from(keys.fraction_bits).ok()?),
        Construction::MomentCurve | Construction::CodeKeys(_) => unit.scale.clone(),
    };
    ExpTable::new(&score_unit, shift)
}

impl<'a> FastEvaluator<'a> {
    /// An evaluator with its own scratch space; one for each thread.
    pub fn new(prepared: &'a Prepared, table: &'a ExpTable) -> FastEvaluator<'a> {
        let n_tokens = prepared.n_tokens;
        FastEvaluator {
            prepared,
            table,
            on_support: vec![false; n_tokens],
            gaps: vec![0; n_tokens],
            prefix: vec![vec![1; n_tokens]],
        }
    }

    /// Brackets `D(support)`, given that the elements before `changed` are those of the call before.
    pub fn weight_error(&mut self, support: &[u64], changed: usize) -> Option<FastError> {
        self.fill_gaps(support, changed)?;
        self.on_support.fill(false);
        for token in indices(support) {
            self.on_support[token] = true;
        }
        let (mut total, mut off) = (Bracket { lo: 0, hi: 0 }, Bracket { lo: 0, hi: 0 });
        let mut on = Vec::with_capacity(support.len());
        for (&gap, &on_support) in self.gaps.iter().zip(&self.on_support) {
            let weight = self.table.exp_neg(gap);
            total = Bracket { lo: total.lo + weight.lo, hi: total.hi + weight.hi };
            if on_support {
                on.push(weight);
            } else {
                off = Bracket { lo: off.lo + weight.lo, hi: off.hi + weight.hi };
            }
        }
        let q = u128::from(self.prepared.unit.sparsity);
        let lo = q * off.lo + on.iter().map(|w| (q * w.lo).saturating_sub(total.hi)).sum::<u128>();
        let hi = q * off.hi + on.iter().map(|w| (q * w.hi).saturating_sub(total.lo)).sum::<u128>();
        Some(FastError {
            lo: Fraction { numerator: lo, denominator: total.hi },
            hi: Fraction { numerator: hi, denominator: total.lo },
        })
    }

    /// Fills `gaps` with the exact gaps below the largest score (saturated far beyond the table's cap).
    fn fill_gaps(&mut self, support: &[u64], changed: usize) -> Option<()> {
        match &self.prepared.keys {
            Keys::MomentCurve => self.fill_moment_curve(support, changed),
            Keys::Code(words) => self.fill_overlaps(words, support),
            Keys::Sign { .. } => return self.fill_sign_scores(support),
        }
        Some(())
    }

    fn fill_moment_curve(&mut self, support: &[u64], changed: usize) {
        self.prefix.truncate(changed + 1);
        for &root in &support[changed..] {
            let previous = self.prefix.last().expect("the empty product stands first");
            let factors = (0_u64..).map(|token| {
                let distance = token.abs_diff(root);
                distance * distance
            });
            let next = previous.iter().zip(factors).map(|(product, factor)| product.saturating_mul(factor)).collect();
            self.prefix.push(next);
        }
        // The largest score is 0, on the support, so the product is the gap.
        self.gaps.clone_from(self.prefix.last().expect("one product for each prefix"));
    }

    fn fill_overlaps(&mut self, words: &[Vec<u64>], support: &[u64]) {
        let chosen: Vec<&Vec<u64>> = indices(support).into_iter().map(|token| &words[token]).collect();
        for (gap, word) in self.gaps.iter_mut().zip(words) {
            let missed = word.iter().enumerate().filter(|(x, value)| chosen.iter().all(|other| other[*x] != **value));
            *gap = u64::try_from(missed.count()).expect("at most n points");
        }
    }

    fn fill_sign_scores(&mut self, support: &[u64]) -> Option<()> {
        let Keys::Sign { table, .. } = &self.prepared.keys else { return None };
        let query = self.prepared.sign_query(support)?;
        let entries: Vec<i64> = query.integers.iter().map(ToPrimitive::to_i64).collect::<Option<_>>()?;
        // Σ|k_i| bounds every score and partial sum; half of the range is left for the gap.
        let bound = entries.iter().try_fold(0_u64, |sum, k| sum.checked_add(k.unsigned_abs()))?;
        if 1 << 62 <= bound {
            return None;
        }
        let total: i64 = entries.iter().sum();
        let scores: Vec<i64> = (0..table.n_tokens()).map(|token| 2 * positive_part(table.words(token), &entries) - total).collect();
        let top = *scores.iter().max()?;
        for (gap, score) in self.gaps.iter_mut().zip(scores) {
            *gap = top.abs_diff(score);
        }
        Some(())
    }
}

/// `Σ_i k_i` over the coordinates whose bit is set, so `⟨k, u⟩ = 2·this - Σ_i k_i`.
fn positive_part(words: &[u64], entries: &[i64]) -> i64 {
    let mut sum = 0;
    for (word, chunk) in words.iter().zip(entries.chunks(64)) {
        for (bit, entry) in chunk.iter().enumerate() {
            let mask = -i64::from(u8::from(word >> bit & 1 == 1));
            sum += entry & mask;
        }
    }
    sum
}

impl FastError {
    /// `D_lo` and `D_hi`, rounded outward to `precision` bits.
    pub fn bounds(&self, sparsity: u64, precision: u32) -> (Dyadic, Dyadic) {
        let lo = Dyadic::rational_down(&self.lo.weight_error(sparsity), precision);
        let hi = Dyadic::rational_up(&self.hi.weight_error(sparsity), precision);
        (lo, hi)
    }
}

