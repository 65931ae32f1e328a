//! The weight error of many supports in machine words: the fast path.
//!
//! In: a [`Prepared`] unit whose sizes fit. Out: for each support a bracket of `D(y)` as two fractions of u128.
//! Invariant: `None` wherever a size does not provably fit; the caller then takes the slow path ([`super::weights`]).
//! Where all scores on a support are equal, off-support weights are taken relative to the largest possible one.
//! Bound: weights over `2^S` with S chosen so that `2·q·N·2^S < 2^127`; every rounding is outward.

use std::cmp::Ordering;

use num_traits::ToPrimitive;

use super::exp_table::{Bracket, ExpTable};
use super::prepared::{Keys, Prepared, indices};
use crate::catalogue::claim::Construction;
use crate::constructions::moment_curve;
use crate::numbers::Rational;
use crate::numbers::dyadic::Dyadic;
use crate::numbers::exp::exp_neg_capped;
use crate::numbers::interval::Interval;
use crate::numbers::rational::pow2;

/// A fraction of nonnegative machine integers, compared exactly.
#[derive(Clone, Copy, Debug)]
pub struct Fraction {
    /// Numerator.
    pub numerator: u128,
    /// Denominator, positive.
    pub denominator: u128,
}

/// A bracket of a quantity that grows with `D(y)`; what it is depends on the [`FastPath`].
#[derive(Clone, Copy, Debug)]
pub struct FastError {
    /// Lower bound.
    pub lo: Fraction,
    /// Upper bound.
    pub hi: Fraction,
}

/// What all threads share: the exponentials, and how brackets are turned into weight errors.
pub struct FastPath {
    table: ExpTable,
    sparsity: u64,
    measure: Measure,
}

/// The quantity that a [`FastError`] brackets.
enum Measure {
    /// `q·D(y)/2`.
    HalfError,
    /// `R·e^{unit·least_gap}`, for units whose scores on a support are equal and largest, so `D = 2R/(q+R)`.
    /// Without the factor tiny weight errors would be lost below `2^-S`.
    ScaledMass {
        /// No off-support gap is below it.
        least_gap: u64,
        /// Encloses `e^{-unit·least_gap}`.
        factor: Interval,
    },
}

/// Evaluates supports one after another, reusing what the unchanged prefix determines.
pub struct FastEvaluator<'a> {
    prepared: &'a Prepared,
    path: &'a FastPath,
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

    fn to_rational(self) -> Rational {
        Rational::new(self.numerator.into(), self.denominator.into())
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

impl FastPath {
    /// The fast path for a unit; `None` if its sizes do not fit machine words.
    pub fn new(prepared: &Prepared) -> Option<FastPath> {
        let unit = &prepared.unit;
        let terms = u128::from(unit.tokens) * u128::from(unit.sparsity);
        let shift = 126_u32.checked_sub(128 - terms.leading_zeros()).filter(|shift| 64 <= *shift)?;
        let (score_unit, least_gap) = match &unit.construction {
            Construction::SignKeys(keys) => (pow2(-i64::try_from(keys.fraction_bits).ok()?), None),
            Construction::MomentCurve => (unit.scale.clone(), Some(moment_curve::least_gap(unit.sparsity).to_u64()?)),
            Construction::CodeKeys(code) => {
                let agreements = unit.sparsity.checked_mul(code.degree_bound.checked_sub(1)?)?;
                (unit.scale.clone(), Some(code.evaluations.saturating_sub(agreements)))
            }
        };
        let measure = match least_gap {
            None => Measure::HalfError,
            Some(least_gap) => {
                let exponent = &score_unit * num_bigint::BigInt::from(least_gap);
                let factor = exp_neg_capped(&exponent, FACTOR_PRECISION, FACTOR_FLOOR);
                Measure::ScaledMass { least_gap, factor }
            }
        };
        Some(FastPath { table: ExpTable::new(&score_unit, shift)?, sparsity: unit.sparsity, measure })
    }

    /// An upper bound of `D(y)` from a bracket, with `precision` bits.
    pub fn weight_error_up(&self, error: &FastError, precision: u32) -> Dyadic {
        let sparsity = Rational::from_integer(self.sparsity.into());
        let hi = error.hi.to_rational();
        let bound = match &self.measure {
            Measure::HalfError => hi * Rational::from_integer(2.into()) / sparsity,
            Measure::ScaledMass { factor, .. } => {
                let mass = hi * factor.hi().to_rational();
                &mass * Rational::from_integer(2.into()) / (sparsity + &mass)
            }
        };
        Dyadic::rational_up(&bound, precision)
    }

    /// The bracketed quantity at `D(y) = threshold`, rounded down: brackets above it are above the threshold.
    /// *Requires* `0 ≤ threshold < 2`.
    pub fn limit(&self, threshold: &Rational) -> Fraction {
        const BITS: u32 = 60;
        let sparsity = Rational::from_integer(self.sparsity.into());
        let two = Rational::from_integer(2.into());
        let limit = match &self.measure {
            Measure::HalfError => threshold * sparsity / two,
            // D = 2R/(q+R) is at most the threshold exactly if R ≤ q·threshold/(2 - threshold).
            Measure::ScaledMass { factor, .. } => threshold * sparsity / (two - threshold) / factor.hi().to_rational(),
        };
        let scaled = (limit * pow2(BITS.into())).floor().to_integer();
        Fraction { numerator: scaled.to_u128().unwrap_or(u128::MAX), denominator: 1 << BITS }
    }
}

/// Bits of the factor that scaled masses leave out.
const FACTOR_PRECISION: u32 = 192;

/// A factor below `2^FACTOR_FLOOR` is bounded by that: its own bits would fill the memory, and no certificate can hold them.
const FACTOR_FLOOR: i64 = -(1 << 17);

impl<'a> FastEvaluator<'a> {
    /// An evaluator with its own scratch space; one for each thread.
    pub fn new(prepared: &'a Prepared, path: &'a FastPath) -> FastEvaluator<'a> {
        let n_tokens = prepared.n_tokens;
        FastEvaluator {
            prepared,
            path,
            on_support: vec![false; n_tokens],
            gaps: vec![0; n_tokens],
            prefix: vec![vec![1; n_tokens]],
        }
    }

    /// Brackets the measure of `D(support)`, given that the elements before `changed` are those of the call before.
    pub fn weight_error(&mut self, support: &[u64], changed: usize) -> Option<FastError> {
        self.fill_gaps(support, changed)?;
        self.on_support.fill(false);
        for token in indices(support) {
            self.on_support[token] = true;
        }
        match self.path.measure {
            Measure::HalfError => Some(self.half_error()),
            Measure::ScaledMass { least_gap, .. } => Some(self.scaled_mass(least_gap)),
        }
    }

    /// `q·D/2 = (q·Σ_{j∉y} W_j + Σ_{l∈y} (q·W_l - Z)_+)/Z`.
    fn half_error(&self) -> FastError {
        let (mut total, mut off) = (Bracket { lo: 0, hi: 0 }, Bracket { lo: 0, hi: 0 });
        let mut on = Vec::new();
        for (&gap, &on_support) in self.gaps.iter().zip(&self.on_support) {
            let weight = self.path.table.exp_neg(gap);
            total = total.plus(weight);
            if on_support {
                on.push(weight);
            } else {
                off = off.plus(weight);
            }
        }
        let q = u128::from(self.prepared.unit.sparsity);
        let lo = q * off.lo + on.iter().map(|w| (q * w.lo).saturating_sub(total.hi)).sum::<u128>();
        let hi = q * off.hi + on.iter().map(|w| (q * w.hi).saturating_sub(total.lo)).sum::<u128>();
        FastError {
            lo: Fraction { numerator: lo, denominator: total.hi },
            hi: Fraction { numerator: hi, denominator: total.lo },
        }
    }

    /// `R·e^{unit·least_gap} = Σ_{j∉y} e^{-unit·(gap_j - least_gap)}`.
    fn scaled_mass(&self, least_gap: u64) -> FastError {
        let off = self.gaps.iter().zip(&self.on_support).filter(|(_, on_support)| !**on_support);
        let weights = off.map(|(gap, _)| self.path.table.exp_neg(gap.saturating_sub(least_gap)));
        let mass = weights.fold(Bracket { lo: 0, hi: 0 }, Bracket::plus);
        let denominator = 1 << self.path.table.shift();
        FastError { lo: Fraction { numerator: mass.lo, denominator }, hi: Fraction { numerator: mass.hi, denominator } }
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
        let scores = table.inner_products(&query.integers)?;
        let top = *scores.iter().max()?;
        for (gap, score) in self.gaps.iter_mut().zip(scores) {
            *gap = top.abs_diff(score);
        }
        Some(())
    }
}
