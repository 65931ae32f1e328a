//! The averaging layer of local and bigram: reading residues from its outputs.
//!
//! In: a prepared averaging unit with its supports, M, and an input. Out: the residues that the decoder reads.
//! Invariant: a residue is read only if its enclosure lies within one rounding interval.
//! Source: Thm 8; docs/theory.md section 9c; `checker/FORMAT.md` section 2.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Zero};

use crate::constructions::matching::task::{Task, add};
use crate::evaluate::prepared::{Prepared, indices};
use crate::evaluate::weights::Weights;
use crate::numbers::Rational;

/// A row of the averaging layer with the supports and weights it reads.
#[derive(Clone, Debug)]
pub struct LayerRow {
    /// The support, in increasing order.
    pub support: Vec<u64>,
    /// Relative weights of all tokens.
    pub weights: Weights,
}

/// The start of the window of row `i` in local: `min(max(i-K, 0), N-q)`.
pub fn window_start(row: u64, window: u64, tokens: u64, sparsity: u64) -> u64 {
    row.saturating_sub(window).min(tokens - sparsity)
}

/// The supports that the layer is asked for: every window in local, `{1}, …, {N-1}` in bigram.
pub fn supports(task: Task, tokens: u64, sparsity: u64) -> Vec<Vec<u64>> {
    match task {
        Task::Bigram => (1..tokens).map(|token| vec![token]).collect(),
        _ => (0..=tokens - sparsity).map(|start| (start..start + sparsity).collect()).collect(),
    }
}

/// The row with this support, weights enclosed to `2^-fraction_bits`.
pub fn layer_row(prepared: &Prepared, support: &[u64], fraction_bits: u32) -> LayerRow {
    LayerRow { support: support.to_vec(), weights: Weights::new(&prepared.score_row(support), fraction_bits) }
}

/// `2^f_v·v(x)` with `v(x) = x/M` rounded toward zero to `f_v` fraction bits.
pub fn value_word(residue: u64, modulus: u64, value_fraction_bits: u64) -> BigInt {
    (BigInt::from(residue) << value_fraction_bits) / modulus
}

/// What the decoder reads for `token` of the row's support; `None` if the enclosure does not tell.
///
/// *Why* `x̂ = min(M-1, max(0, ⌊Mq·o + 1/2⌋))` does not decrease in `o`, so equal ends settle it.
pub fn read(prepared: &Prepared, modulus: u64, row: &LayerRow, values: &[u64], token: u64) -> Option<u64> {
    let unit = &prepared.unit;
    let sparsity = unit.sparsity;
    let output = |own: &[BigInt], opposite: &[BigInt]| {
        let mut numerator = BigInt::zero();
        let mut total = BigInt::zero();
        for (j, &residue) in (0_u64..).zip(values) {
            let index = indices(&[j])[0];
            let in_coordinate = j % sparsity == token % sparsity && residue != 0;
            if in_coordinate {
                numerator += &own[index] * value_word(residue, modulus, unit.value_fraction_bits);
            }
            // A larger own weight raises the share of its value v < 1 by v but the total by 1: bound them apart.
            total += &opposite[index];
        }
        Rational::new(numerator, total << unit.value_fraction_bits)
    };
    let residue = |output: Rational| {
        let scaled = output * BigInt::from(modulus) * BigInt::from(sparsity) + Rational::new(1.into(), 2.into());
        let top = BigInt::from(modulus) - BigInt::one();
        u64::try_from(scaled.numer().div_floor(scaled.denom()).clamp(BigInt::zero(), top)).ok()
    };
    let lo = residue(output(&row.weights.lo, &row.weights.hi))?;
    let hi = residue(output(&row.weights.hi, &row.weights.lo))?;
    (lo == hi).then_some(lo)
}

/// The answer of the local network at row `i`, from the row of its window; `None` if some enclosure does not tell.
pub fn local_output(
    prepared: &Prepared,
    modulus: u64,
    window: u64,
    row: &LayerRow,
    values: &[u64],
    i: u64,
) -> Option<bool> {
    let near = row.support.iter().copied().filter(|token| token.abs_diff(i) <= window);
    let read: Vec<u64> = near.map(|token| read(prepared, modulus, row, values, token)).collect::<Option<_>>()?;
    let own = values[indices(&[i])[0]];
    let completes = |left: &u64| read.iter().any(|right| add(modulus, own, add(modulus, *left, *right)) == 0);
    Some(read.iter().any(completes))
}

/// The sums `y_0, …, y_{N-2}` that the bigram's first layer passes on; `None` if some enclosure does not tell.
///
/// *Requires* one row for each of the supports `{1}, …, {N-1}`, in order.
pub fn bigram_sums(prepared: &Prepared, modulus: u64, rows: &[LayerRow], values: &[u64]) -> Option<Vec<u64>> {
    let sum =
        |(row, own): (&LayerRow, &u64)| Some(add(modulus, *own, read(prepared, modulus, row, values, row.support[0])?));
    rows.iter().zip(values).map(sum).collect()
}
