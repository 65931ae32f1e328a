//! Every support evaluated: the exact maximum of the weight error, block by block.
//!
//! In: a prepared unit. Out: for each block of consecutive supports a bound and the support that reaches it.
//! Invariant: blocks and their worst supports depend on the claim alone, not on threads or timing.
//! The fast path brackets each support in machine words; where a size or the precision does not fit, the slow path does the block again.
//! Source: Lemma A; docs/theory.md section 2A.

use std::sync::atomic::{AtomicBool, Ordering};

use num_bigint::BigInt;
use num_traits::One;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use thiserror::Error;

use crate::constructions::supports;
use crate::evaluate::exp_table::ExpTable;
use crate::evaluate::fast::{self, FastError, FastEvaluator, Fraction};
use crate::evaluate::prepared::{Prepared, indices};
use crate::evaluate::weights::Weights;
use crate::numbers::Rational;
use crate::numbers::interval::Interval;

/// Supports in a block of the certificate.
pub const BLOCK: u64 = 4096;

/// The most token evaluations of one enumeration (`C(N,q)·N`).
pub const MAX_EVALUATIONS: u128 = 1 << 34;

/// A stretch of supports with its bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Number of the first support.
    pub first: u64,
    /// One past the number of the last.
    pub end: u64,
    /// The support with the largest weight error (the first one, among equals).
    pub worst: Vec<u64>,
    /// Encloses `D(worst)`; `hi` also bounds every other support of the block.
    pub weight_error: Interval,
}

/// How long and how precisely to work, and whom to tell.
pub struct Control<'a> {
    /// Set to stop at the next block.
    pub cancel: &'a AtomicBool,
    /// Called with the number of supports just finished.
    pub progress: &'a (dyn Fn(u64) + Sync),
    /// Largest working precision in bits.
    pub max_precision: u32,
}

/// Why an enumeration ended without a result.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Stop {
    /// Ctrl-C.
    #[error("interrupted")]
    Cancelled,
    /// Too many supports.
    #[error("{supports} supports of {tokens} tokens are too many to enumerate; use a closed-form method or smaller tokens or sparsity")]
    TooMany {
        /// `C(N,q)`.
        supports: String,
        /// N.
        tokens: u64,
    },
    /// An enclosure stayed too wide.
    #[error("precision {bits} bits (--max-precision) does not decide; raise it")]
    Precision {
        /// The limit.
        bits: u32,
    },
}

/// The number of supports, if they can be enumerated.
pub fn n_supports(tokens: u64, sparsity: u64) -> Result<u64, Stop> {
    let too_many = || Stop::TooMany { supports: describe(tokens, sparsity), tokens };
    let supports = supports::binomial(tokens, sparsity).ok_or_else(too_many)?;
    if MAX_EVALUATIONS < u128::from(supports) * u128::from(tokens) { Err(too_many()) } else { Ok(supports) }
}

/// The binomial coefficient, or its size where it is long.
fn describe(tokens: u64, sparsity: u64) -> String {
    if 64 < sparsity.min(tokens - sparsity) {
        return format!("C({tokens},{sparsity})");
    }
    supports::binomial_big(tokens, sparsity).to_string()
}

/// The largest weight error of all supports, block by block.
///
/// *Ensures* the blocks cover all supports in order; each `weight_error` has relative width at most `2^-precision`.
/// *Source* Lemma A.
///
/// # Errors
/// [`Stop`] when cancelled, too large, or beyond the largest precision.
pub fn sweep(prepared: &Prepared, precision: u32, control: &Control) -> Result<Vec<Block>, Stop> {
    let table = fast::exp_table(prepared);
    each_block(prepared, control, |first, end| {
        let fast = table.as_ref().and_then(|table| fast_block(prepared, table, first, end, precision, control).transpose());
        fast.unwrap_or_else(|| slow_block(prepared, first, end, precision, control))
    })
}

/// Runs `work` on every block in parallel and keeps the order.
fn each_block<T: Send>(
    prepared: &Prepared,
    control: &Control,
    work: impl Fn(u64, u64) -> Result<T, Stop> + Sync,
) -> Result<Vec<T>, Stop> {
    let supports = n_supports(prepared.unit.tokens, prepared.unit.sparsity)?;
    (0..supports.div_ceil(BLOCK))
        .into_par_iter()
        .map(|block| {
            if control.cancel.load(Ordering::Relaxed) {
                return Err(Stop::Cancelled);
            }
            let (first, end) = (block * BLOCK, supports.min((block + 1) * BLOCK));
            let result = work(first, end)?;
            (control.progress)(end - first);
            Ok(result)
        })
        .collect()
}

/// Calls `visit` with each support of a block and the first index that changed since the one before.
fn for_each_support(
    prepared: &Prepared,
    first: u64,
    end: u64,
    mut visit: impl FnMut(&[u64], usize) -> Option<()>,
) -> Option<()> {
    let unit = &prepared.unit;
    let mut support = supports::unrank(unit.tokens, unit.sparsity, first).expect("a block lies within the order");
    let mut changed = 0;
    for position in first..end {
        visit(&support, changed)?;
        if position + 1 < end {
            changed = supports::advance(unit.tokens, &mut support).expect("the block has another support");
        }
    }
    Some(())
}

/// A block by the fast path; `Ok(None)` where it does not fit or is not precise enough.
fn fast_block(
    prepared: &Prepared,
    table: &ExpTable,
    first: u64,
    end: u64,
    precision: u32,
    control: &Control,
) -> Result<Option<Block>, Stop> {
    let mut evaluator = FastEvaluator::new(prepared, table);
    let mut best: Option<(Vec<u64>, FastError)> = None;
    let all_fit = for_each_support(prepared, first, end, |support, changed| {
        let error = evaluator.weight_error(support, changed)?;
        let improves = best.as_ref().is_none_or(|(_, best)| best.hi.compare(&error.hi).is_lt());
        if improves {
            best = Some((support.to_vec(), error));
        }
        Some(())
    });
    let (Some(()), Some((worst, error))) = (all_fit, best) else { return Ok(None) };
    let refined = weight_error(prepared, &worst, precision + 4, control.max_precision)?;
    let (_, hi) = error.bounds(prepared.unit.sparsity, precision + 4);
    let hull = Interval::new(refined.lo().clone(), hi.max(refined.hi().clone())).expect("the upper end only grew");
    Ok(hull.is_relatively_narrow(precision).then_some(Block { first, end, worst, weight_error: hull }))
}

/// A block by the slow path.
fn slow_block(prepared: &Prepared, first: u64, end: u64, precision: u32, control: &Control) -> Result<Block, Stop> {
    let mut best: Option<(Vec<u64>, Interval)> = None;
    let mut stop = None;
    for_each_support(prepared, first, end, |support, _| {
        match weight_error(prepared, support, precision + 4, control.max_precision) {
            Ok(error) => {
                if best.as_ref().is_none_or(|(_, best)| best.hi() < error.hi()) {
                    best = Some((support.to_vec(), error));
                }
                Some(())
            }
            Err(error) => {
                stop = Some(error);
                None
            }
        }
    });
    match (stop, best) {
        (None, Some((worst, weight_error))) => Ok(Block { first, end, worst, weight_error }),
        (stop, _) => Err(stop.unwrap_or(Stop::Cancelled)),
    }
}

/// Encloses `D(support)` to relative width `2^-precision` by the slow path, raising its working precision as needed.
///
/// # Errors
/// [`Stop::Precision`] beyond `max_precision`.
pub fn weight_error(prepared: &Prepared, support: &[u64], precision: u32, max_precision: u32) -> Result<Interval, Stop> {
    let row = prepared.score_row(support);
    let tokens = indices(support);
    let mut fraction_bits = precision + 64;
    loop {
        let error = Weights::new(&row, fraction_bits).weight_error(&tokens);
        if error.is_relatively_narrow(precision) {
            return Ok(error);
        }
        if max_precision <= fraction_bits {
            return Err(Stop::Precision { bits: max_precision });
        }
        fraction_bits = fraction_bits.saturating_mul(2).min(max_precision);
    }
}

/// Whether some support has `D(y)` above `threshold`, as far as the fast path can tell; ends at the first one.
///
/// Guides the choice of open parameters only: what is chosen is then certified or refuted by [`sweep`].
///
/// # Errors
/// As [`sweep`].
pub fn seems_exceeded(prepared: &Prepared, threshold: &Rational, control: &Control) -> Result<bool, Stop> {
    let found = AtomicBool::new(false);
    let table = fast::exp_table(prepared);
    let limit = half_times_sparsity(threshold, prepared.unit.sparsity);
    each_block(prepared, control, |first, end| {
        let mut evaluator = table.as_ref().map(|table| FastEvaluator::new(prepared, table));
        for_each_support(prepared, first, end, |support, changed| {
            if found.load(Ordering::Relaxed) {
                return None;
            }
            let fast = evaluator.as_mut().and_then(|evaluator| evaluator.weight_error(support, changed));
            let exceeded = match fast {
                Some(error) => error.hi.compare(&limit).is_gt(),
                None => weight_error(prepared, support, 16, control.max_precision)
                    .map_or(true, |error| error.hi().cmp_rational(threshold).is_gt()),
            };
            found.fetch_or(exceeded, Ordering::Relaxed);
            Some(())
        });
        Ok(())
    })?;
    Ok(found.load(Ordering::Relaxed))
}

/// `threshold·q/2` as a machine fraction, rounded down a little.
fn half_times_sparsity(threshold: &Rational, sparsity: u64) -> Fraction {
    const BITS: u32 = 60;
    let scaled = threshold * BigInt::from(sparsity) * (BigInt::one() << BITS) / BigInt::from(2);
    let numerator = u128::try_from(scaled.floor().to_integer()).unwrap_or(0);
    Fraction { numerator, denominator: 1 << BITS }
}

/// The block with the largest weight error (the first one, among equals).
pub fn worst(blocks: &[Block]) -> Option<&Block> {
    blocks.iter().reduce(|best, block| if best.weight_error.hi() < block.weight_error.hi() { block } else { best })
}
