//! Whether the decoder of local and bigram reads every residue right, for all inputs: every row evaluated.
//!
//! In: a prepared averaging unit, its supports and M. Out: that it does, or where it fails.
//! Invariant: what is proved holds for the exact weights, by enclosures at growing precision.
//! Source: Thm 8; docs/theory.md section 9c (rule `decoding`).

use std::sync::atomic::Ordering;

use num_bigint::BigInt;
use num_traits::Zero;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::bounds::exhaustive::{Control, Stop};
use crate::evaluate::matching::decoder::{LayerRow, layer_row, value_word};
use crate::evaluate::prepared::{Prepared, indices};

/// A token that some input makes the decoder read wrong, or that no tried precision settles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The support of the row.
    pub support: Vec<u64>,
    /// The token of it.
    pub token: u64,
    /// Its residue.
    pub residue: u64,
    /// Whether it is read too high (the others of its coordinate at M-1) or too low (the others at 0).
    pub too_high: bool,
}

/// Working precisions, in fraction bits of the weights.
const PRECISIONS: [u32; 3] = [128, 256, 512];

/// The most triples of row, token and residue that are looked at one by one (rule `decoding`).
const MAX_READINGS: u128 = 1 << 18;

/// A residue with bounds of `M·2^f_v·v(x)`, its rounded value.
struct Reading {
    residue: u64,
    lo: BigInt,
    hi: BigInt,
}

/// The residues that settle all, with their values.
///
/// *Why* few are looked at one by one, with their rounded values; of many the first and the last two suffice, because
/// the bounds `x - M·2^-f_v` and `x` of `M·v(x)` are linear in the residue.
fn readings(prepared: &Prepared, modulus: u64, n_rows: usize) -> Vec<Reading> {
    let unit = &prepared.unit;
    let rows = u128::try_from(n_rows).unwrap_or(u128::MAX);
    let is_short = rows.saturating_mul(unit.sparsity.into()).saturating_mul(modulus.into()) <= MAX_READINGS;
    if is_short {
        let exact = |residue| {
            let value = scaled_word(prepared, modulus, residue);
            Reading { residue, lo: value.clone(), hi: value }
        };
        return (0..modulus).map(exact).collect();
    }
    let linear = |residue: u64| {
        let hi = BigInt::from(residue) << unit.value_fraction_bits;
        Reading { residue, lo: &hi - modulus, hi }
    };
    [0, 1, modulus - 2, modulus - 1].map(linear).into()
}

/// `M·2^f_v·v(x)`.
fn scaled_word(prepared: &Prepared, modulus: u64, residue: u64) -> BigInt {
    value_word(residue, modulus, prepared.unit.value_fraction_bits) * modulus
}

/// The first failure among `supports`; `None` proves that every residue is read right, for all inputs.
///
/// *Why* the output of a token's coordinate is largest when all others of it are M-1, and least when they are 0.
///
/// # Errors
/// [`Stop::Cancelled`].
pub fn first_failure(
    prepared: &Prepared,
    modulus: u64,
    supports: &[Vec<u64>],
    control: &Control,
) -> Result<Option<Failure>, Stop> {
    let readings = readings(prepared, modulus, supports.len());
    let found = supports.par_iter().find_map_first(|support| {
        if control.cancel.load(Ordering::Relaxed) {
            return Some(Err(Stop::Cancelled));
        }
        let mut failure = None;
        for precision in PRECISIONS {
            failure = failure_of_row(prepared, modulus, &readings, &layer_row(prepared, support, precision));
            if failure.is_none() {
                break;
            }
        }
        (control.progress)(1);
        failure.map(Ok)
    });
    found.transpose()
}

/// The first token of a row's support that is not proved to be read right.
fn failure_of_row(prepared: &Prepared, modulus: u64, readings: &[Reading], row: &LayerRow) -> Option<Failure> {
    let unit = &prepared.unit;
    let (total_lo, total_hi) = row.weights.total();
    // A reading x comes from an output o with 2q·(M·o) in [2x-1, 2x+1); both sides times 2^f_v and the total.
    let (total_lo, total_hi) = (total_lo << unit.value_fraction_bits, total_hi << unit.value_fraction_bits);
    let twice_sparsity = BigInt::from(unit.sparsity) * 2;
    let largest = scaled_word(prepared, modulus, modulus - 1);
    row.support.iter().find_map(|&token| {
        let own = indices(&[token])[0];
        let rest: BigInt = (0..unit.tokens)
            .filter(|j| j % unit.sparsity == token % unit.sparsity && *j != token)
            .map(|j| &row.weights.hi[indices(&[j])[0]])
            .fold(BigInt::zero(), |sum, weight| sum + weight);
        let own_hi = &row.weights.hi[own] * &twice_sparsity;
        let own_lo = &row.weights.lo[own] * &twice_sparsity;
        let disturbance = rest * &twice_sparsity * &largest;
        let odd = |x: u64, step: i32| BigInt::from(x) * 2 + step;
        let is_too_high = |reading: &&Reading| {
            reading.residue < modulus - 1 && odd(reading.residue, 1) * &total_lo <= &own_hi * &reading.hi + &disturbance
        };
        let is_too_low =
            |reading: &&Reading| 0 < reading.residue && &own_lo * &reading.lo < odd(reading.residue, -1) * &total_hi;
        let failure = |residue: u64, too_high: bool| Failure { support: row.support.clone(), token, residue, too_high };
        let high = readings.iter().find(is_too_high).map(|reading| failure(reading.residue, true));
        high.or_else(|| readings.iter().find(is_too_low).map(|reading| failure(reading.residue, false)))
    })
}
