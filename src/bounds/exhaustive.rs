//! Every support evaluated: the exact maximum of the weight error, block by block.
//!
//! In: a prepared unit. Out: for each block of consecutive supports a bound and the support that reaches it.
//! Invariant: blocks and their worst supports depend on the claim alone, not on threads or timing.
//! The fast path brackets each support in machine words; where a size or the precision does not fit, the slow path does the block again.
//! Source: Lemma A; docs/theory.md section 2A.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};
use thiserror::Error;

use crate::catalogue::claim::{Construction, Unit};
use crate::constructions::supports;
use crate::evaluate::fast::{FastError, FastEvaluator, FastPath};
use crate::evaluate::prepared::{Prepared, indices};
use crate::evaluate::weights::Weights;
use crate::numbers::Rational;
use crate::numbers::dyadic::Dyadic;
use crate::numbers::interval::Interval;

/// Supports in a block of the certificate.
pub const BLOCK: u64 = 4096;

/// The most work of one enumeration, `C(N,q)·N·c` with the cost `c` of one token at one support (a limit of `checker/FORMAT.md`).
pub const MAX_WORK: u128 = 1 << 34;

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
    /// Where `hi` is a floor far below the target, `worst` is the block's first support instead.
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
    #[error(
        "{supports} supports of {tokens} tokens are too many to enumerate; use a closed-form method or smaller tokens or sparsity"
    )]
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

/// The number of supports, if they can be enumerated at a cost of 1 for each token.
///
/// # Errors
/// [`Stop::TooMany`].
pub fn n_supports(tokens: u64, sparsity: u64) -> Result<u64, Stop> {
    n_supports_at_cost(tokens, sparsity, 1)
}

/// The number of supports of a unit, if they can be enumerated.
///
/// # Errors
/// [`Stop::TooMany`].
pub fn n_supports_of(unit: &Unit) -> Result<u64, Stop> {
    n_supports_at_cost(unit.tokens, unit.sparsity, token_cost(unit))
}

fn n_supports_at_cost(tokens: u64, sparsity: u64, cost: u128) -> Result<u64, Stop> {
    let too_many = || Stop::TooMany { supports: describe(tokens, sparsity), tokens };
    let supports = supports::binomial(tokens, sparsity).ok_or_else(too_many)?;
    let work = (u128::from(supports) * u128::from(tokens)).saturating_mul(cost);
    if MAX_WORK < work { Err(too_many()) } else { Ok(supports) }
}

/// What one token costs at one support: factors of a product, coordinates and solving for the query, comparisons of points.
pub fn token_cost(unit: &Unit) -> u128 {
    let sparsity = u128::from(unit.sparsity);
    match &unit.construction {
        Construction::MomentCurve => sparsity,
        Construction::SignKeys(keys) => u128::from(keys.key_width) + sparsity.saturating_pow(3),
        Construction::CodeKeys(code) => u128::from(code.evaluations) * sparsity,
    }
}

/// The binomial coefficient, or its size where it is long.
fn describe(tokens: u64, sparsity: u64) -> String {
    if 64 < sparsity.min(tokens - sparsity) {
        return format!("C({tokens},{sparsity})");
    }
    supports::binomial_big(tokens, sparsity).to_string()
}

/// Every support evaluated once, each block known by an upper bound and the support that has it.
///
/// *Ensures* the blocks cover all supports in order, each `hi` bounds every support of its block, and `top` encloses the
/// largest weight error of all: to relative width `2^-precision`, unless it is at most `enough` or the bits run out.
/// *Source* Lemma A.
///
/// # Errors
/// [`Stop`] when cancelled or too large.
pub fn sweep(prepared: &Prepared, precision: u32, enough: Option<&Dyadic>, control: &Control) -> Result<Sweep, Stop> {
    let path = FastPath::new(prepared);
    let mut coarse = each_block(prepared, control, |first, end| {
        let fast = path.as_ref().and_then(|path| fast_block(prepared, path, first, end));
        Ok(fast.unwrap_or_else(|| slow_block(prepared, first, end, FIRST_FRACTION_BITS)))
    })?;
    let mut fraction_bits = FIRST_FRACTION_BITS;
    loop {
        let worst = coarse.iter().reduce(|best, block| if best.hi < block.hi { block } else { best });
        let worst = worst.expect("there is at least one support");
        if enough.is_some_and(|enough| worst.hi <= *enough) {
            return Ok(Sweep { precision, top: worst.rough(), coarse });
        }
        // A support that no precision resolves cannot be the worst one either, unless the bits run out.
        let refined = weight_error(prepared, &worst.worst, precision + 4, control.max_precision);
        if let Some(top) = refined.ok().and_then(|refined| worst.enclosed(&refined, precision)) {
            return Ok(Sweep { precision, coarse, top });
        }
        // Even the largest weight error is lost in the rounding: everything again with more bits.
        let Ok(more) = more_bits(fraction_bits, control) else {
            return Ok(Sweep { precision, top: worst.rough(), coarse });
        };
        fraction_bits = more;
        coarse = each_block(prepared, control, |first, end| Ok(slow_block(prepared, first, end, fraction_bits)))?;
    }
}

/// Fraction bits of the slow path's first attempt.
const FIRST_FRACTION_BITS: u32 = 128;

/// Twice as many bits, up to the limit.
fn more_bits(fraction_bits: u32, control: &Control) -> Result<u32, Stop> {
    if control.max_precision <= fraction_bits {
        return Err(Stop::Precision { bits: control.max_precision });
    }
    Ok(fraction_bits.saturating_mul(2).min(control.max_precision))
}

/// The result of [`sweep`].
#[derive(Clone, Debug)]
pub struct Sweep {
    precision: u32,
    coarse: Vec<Coarse>,
    /// The block with the largest weight error (the first one, among equals).
    pub top: Block,
}

/// A block by a bound that may be rough.
#[derive(Clone, Debug)]
struct Coarse {
    first: u64,
    end: u64,
    /// The support with the largest upper bound (the first one, among equals).
    worst: Vec<u64>,
    /// Bounds `D` at every support of the block.
    hi: Dyadic,
}

impl Coarse {
    /// The block with nothing known of it but the bound.
    fn rough(&self) -> Block {
        let weight_error = Interval::new(Dyadic::zero(), self.hi.clone()).expect("a weight error is at least 0");
        Block { first: self.first, end: self.end, worst: self.worst.clone(), weight_error }
    }

    /// The block with `D(worst)` enclosed, if the rough bound is within `2^-precision` of it.
    fn enclosed(&self, refined: &Interval, precision: u32) -> Option<Block> {
        let hi = self.hi.clone().max(refined.hi().clone());
        let weight_error = Interval::new(refined.lo().clone(), hi)?;
        let block = Block { first: self.first, end: self.end, worst: self.worst.clone(), weight_error };
        block.weight_error.is_relatively_narrow(precision).then_some(block)
    }
}

impl Sweep {
    /// Every block: where `hi` is above `floor` with `D(worst)` enclosed, below it with `floor` itself and the first support.
    ///
    /// *Why* a bound far below the target need not be sharp, and the weight errors of some blocks are too small for any precision.
    ///
    /// # Errors
    /// As [`sweep`].
    pub fn blocks(&self, prepared: &Prepared, floor: Option<&Dyadic>, control: &Control) -> Result<Vec<Block>, Stop> {
        let unit = &prepared.unit;
        self.coarse
            .par_iter()
            .map(|coarse| match floor {
                Some(floor) if coarse.hi <= *floor => {
                    let worst =
                        supports::unrank(unit.tokens, unit.sparsity, coarse.first).expect("a support of the order");
                    let weight_error = Interval::new(Dyadic::zero(), floor.clone()).expect("a floor is positive");
                    Ok(Block { first: coarse.first, end: coarse.end, worst, weight_error })
                }
                _ => self.refine(prepared, coarse, control),
            })
            .collect()
    }

    /// The block with `D(worst)` enclosed, by the slow path with ever more bits if need be.
    fn refine(&self, prepared: &Prepared, coarse: &Coarse, control: &Control) -> Result<Block, Stop> {
        let mut fraction_bits = FIRST_FRACTION_BITS;
        let mut coarse = coarse.clone();
        loop {
            let refined = weight_error(prepared, &coarse.worst, self.precision + 4, control.max_precision)?;
            if let Some(block) = coarse.enclosed(&refined, self.precision) {
                return Ok(block);
            }
            fraction_bits = more_bits(fraction_bits, control)?;
            coarse = slow_block(prepared, coarse.first, coarse.end, fraction_bits);
        }
    }
}

/// Runs `work` on every block in parallel and keeps the order.
fn each_block<T: Send>(
    prepared: &Prepared,
    control: &Control,
    work: impl Fn(u64, u64) -> Result<T, Stop> + Sync,
) -> Result<Vec<T>, Stop> {
    let supports = n_supports_of(&prepared.unit)?;
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

/// A block by the fast path; `None` where a size does not fit.
fn fast_block(prepared: &Prepared, path: &FastPath, first: u64, end: u64) -> Option<Coarse> {
    let mut evaluator = FastEvaluator::new(prepared, path);
    let mut best: Option<(Vec<u64>, FastError)> = None;
    for_each_support(prepared, first, end, |support, changed| {
        let error = evaluator.weight_error(support, changed)?;
        let improves = best.as_ref().is_none_or(|(_, best)| best.hi.compare(&error.hi).is_lt());
        if improves {
            best = Some((support.to_vec(), error));
        }
        Some(())
    })?;
    let (worst, error) = best?;
    Some(Coarse { first, end, worst, hi: path.weight_error_up(&error, COARSE_PRECISION) })
}

/// Bits of a rough bound.
const COARSE_PRECISION: u32 = 192;

/// A block by the slow path with weights over `2^fraction_bits`.
fn slow_block(prepared: &Prepared, first: u64, end: u64, fraction_bits: u32) -> Coarse {
    let mut best: Option<(Vec<u64>, Dyadic)> = None;
    for_each_support(prepared, first, end, |support, _| {
        let weights = Weights::new(&prepared.score_row(support), fraction_bits);
        let hi = weights.weight_error(&indices(support)).hi().clone();
        if best.as_ref().is_none_or(|(_, best)| *best < hi) {
            best = Some((support.to_vec(), hi));
        }
        Some(())
    });
    let (worst, hi) = best.expect("a block has a support");
    Coarse { first, end, worst, hi }
}

/// Encloses `D(support)` to relative width `2^-precision` by the slow path, raising its working precision as needed.
///
/// # Errors
/// [`Stop::Precision`] beyond `max_precision`.
pub fn weight_error(
    prepared: &Prepared,
    support: &[u64],
    precision: u32,
    max_precision: u32,
) -> Result<Interval, Stop> {
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
    let path = FastPath::new(prepared);
    each_block(prepared, control, |first, end| {
        let mut fast = path.as_ref().map(|path| (FastEvaluator::new(prepared, path), path.limit(threshold)));
        for_each_support(prepared, first, end, |support, changed| {
            if found.load(Ordering::Relaxed) {
                return None;
            }
            // The fast path may raise a false alarm, near the threshold or far below its own resolution.
            let alarm = fast.as_mut().and_then(|(evaluator, limit)| {
                evaluator.weight_error(support, changed).map(|error| error.hi.compare(limit).is_gt())
            });
            let exceeded = alarm.unwrap_or(true) && exceeds(prepared, support, threshold, control.max_precision);
            found.fetch_or(exceeded, Ordering::Relaxed);
            Some(())
        });
        Ok(())
    })?;
    Ok(found.load(Ordering::Relaxed))
}

/// Whether `D(support)` is above `threshold`, by the slow path; `true` where `max_precision` bits do not tell.
fn exceeds(prepared: &Prepared, support: &[u64], threshold: &Rational, max_precision: u32) -> bool {
    let row = prepared.score_row(support);
    let tokens = indices(support);
    let mut fraction_bits = FIRST_FRACTION_BITS.min(max_precision);
    loop {
        let error = Weights::new(&row, fraction_bits).weight_error(&tokens);
        if error.hi().cmp_rational(threshold).is_le() {
            return false;
        }
        if error.lo().cmp_rational(threshold).is_gt() || max_precision <= fraction_bits {
            return true;
        }
        fraction_bits = fraction_bits.saturating_mul(2).min(max_precision);
    }
}
