//! Whether the decoder of local and bigram reads every residue right, for all inputs: every row evaluated.
//!
//! In: a prepared averaging unit, its supports and M. Out: that it does, or where it fails.
//! Invariant: what is proved holds for the exact weights, by enclosures at growing precision.
//! Source: Thm 8; docs/theory.md section 9c (rule `decoding`).

use num_bigint::BigInt;
use num_traits::{One, Zero};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::evaluate::matching::decoder::{LayerRow, layer_row, value_word};
use crate::evaluate::prepared::{Prepared, indices};
use crate::numbers::Rational;
use crate::numbers::rational::pow2;

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

/// The first failure among `supports`; `None` proves that every residue is read right, for all inputs.
///
/// *Why* the output of a token's coordinate is largest when all others of it are M-1, least when they are 0, and
/// linear in its own residue but for the value's rounding: so the first and the last residue decide.
pub fn first_failure(prepared: &Prepared, modulus: u64, supports: &[Vec<u64>]) -> Option<Failure> {
    supports.par_iter().find_map_first(|support| {
        let mut failure = None;
        for precision in PRECISIONS {
            failure = failure_of_row(prepared, modulus, &layer_row(prepared, support, precision));
            if failure.is_none() {
                break;
            }
        }
        failure
    })
}

/// The first token of a row's support that is not proved to be read right.
fn failure_of_row(prepared: &Prepared, modulus: u64, row: &LayerRow) -> Option<Failure> {
    let unit = &prepared.unit;
    let (total_lo, total_hi) = row.weights.total();
    let value = Rational::from_integer(value_word(modulus - 1, modulus, unit.value_fraction_bits))
        * pow2(-i64::try_from(unit.value_fraction_bits).unwrap_or(i64::MAX));
    let ulp = pow2(-i64::try_from(unit.value_fraction_bits).unwrap_or(i64::MAX));
    let m = Rational::from_integer(modulus.into());
    let twice_steps = &m * BigInt::from(unit.sparsity) * BigInt::from(2);
    let bound = |odd: BigInt| Rational::from_integer(odd) / &twice_steps;
    row.support.iter().find_map(|&token| {
        let own = indices(&[token])[0];
        let rest: BigInt = (0..unit.tokens)
            .filter(|j| j % unit.sparsity == token % unit.sparsity && *j != token)
            .map(|j| &row.weights.hi[indices(&[j])[0]])
            .fold(BigInt::zero(), |sum, weight| sum + weight);
        let own_hi = Rational::new(row.weights.hi[own].clone(), total_lo.clone());
        let own_lo = Rational::new(row.weights.lo[own].clone(), total_hi.clone());
        let rest_hi = Rational::new(rest, total_lo.clone());
        let is_low_enough = |x: u64| {
            let output = &own_hi * BigInt::from(x) / &m + &rest_hi * &value;
            output < bound(BigInt::from(x) * 2 + BigInt::one())
        };
        let is_high_enough = |x: u64| {
            let output = &own_lo * (Rational::from_integer(x.into()) / &m - &ulp);
            bound(BigInt::from(x) * 2 - BigInt::one()) <= output
        };
        let failure = |residue: u64, too_high: bool| Failure { support: row.support.clone(), token, residue, too_high };
        let high = [0, modulus - 2].into_iter().find(|x| !is_low_enough(*x)).map(|x| failure(x, true));
        high.or_else(|| [1, modulus - 1].into_iter().find(|x| !is_high_enough(*x)).map(|x| failure(x, false)))
    })
}
