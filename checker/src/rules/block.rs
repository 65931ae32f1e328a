//! Rule `block`: the weight errors of a range of supports.
//!
//! In: the record, and for `max-margin` the dual vectors of its supports.
//! *Ensures* `D(y) ≤ bound` for every support whose number lies in `[first, end)`, with `bound` attained up to
//! a factor `1 - 2^-45` by `worst`, unless it is the floor far below the target.
//! *Source* Lemma A; docs/theory.md section 2.

use num_traits::Zero;

use crate::claim::averaging::SparseAveraging;
use crate::file::BlockRecord;
use crate::number::Rational;
use crate::side_condition::{SideCondition, Violation, require};
use crate::supports::{is_increasing_below, rank, step, unrank};
use crate::units::Evaluator;
use crate::units::sign_keys::{Combination, to_index};
use crate::weight_error::weight_error;

/// Checks `block.S1` and `block.S2`: the range continues the blocks before.
pub(crate) fn check_range(record: &BlockRecord, covered: u64, n_supports: u64) -> Result<(), Violation> {
    require(SideCondition::BlockS1, record.first == covered, || {
        format!("expected first {covered}, found {}", record.first)
    })?;
    require(SideCondition::BlockS2, record.first < record.end && record.end <= n_supports, || {
        format!("expected end above {} and at most {n_supports}, found {}", record.first, record.end)
    })
}

/// Checks `block.S3`, `block.S7`, `block.S5` and `block.S4`, the cheap ones first.
pub(crate) fn check_bound(
    record: &BlockRecord,
    claim: &SparseAveraging,
    evaluator: &mut Evaluator,
    duals: &[Combination],
) -> Result<(), Violation> {
    let worst = worst_number(record, claim);
    require(SideCondition::BlockS3, worst.is_some(), || "expected worst to be a support of the block".into())?;
    let bound = record.bound.to_rational();
    require(SideCondition::BlockS7, !bound.is_negative() && claim.is_met_by(&bound), || {
        "expected bound to meet the target".into()
    })?;
    let precision = precision_for(record);
    let dual_of = |number: u64| number.checked_sub(record.first).and_then(|place| duals.get(to_index(place)));
    let is_floor = worst == Some(record.first) && claim.floor().is_some_and(|floor| floor == bound);
    let weights = evaluator.weights(&record.worst, worst.and_then(dual_of), precision);
    // bound·(1 - 2^-45)
    let nearly = Rational::integer((1u64 << 45) - 1).times(&Rational::scaled(1.into(), 45)).times(&bound);
    let is_attained = weight_error(&weights).is_some_and(|error| nearly <= error.lo);
    require(SideCondition::BlockS5, is_attained || is_floor, || {
        "expected bound attained by worst or the floor with the first support, found neither".into()
    })?;
    let mut support = unrank(record.first, claim.tokens, claim.sparsity).unwrap_or_default();
    for number in record.first..record.end {
        let weights = evaluator.weights(&support, dual_of(number), precision);
        let is_below = weight_error(&weights).is_some_and(|error| error.hi <= bound);
        require(SideCondition::BlockS4, is_below, || format!("expected bound above support {number}, found it below"))?;
        if !step(&mut support, claim.tokens) {
            break;
        }
    }
    Ok(())
}

/// Checks `block.S6`: the blocks together cover all supports.
pub(crate) fn check_coverage(covered: u64, n_supports: u64) -> Result<(), Violation> {
    require(SideCondition::BlockS6, covered == n_supports, || {
        format!("expected blocks up to {n_supports}, found {covered}")
    })
}

/// The number of the worst support, if it is one of the block.
fn worst_number(record: &BlockRecord, claim: &SparseAveraging) -> Option<u64> {
    let has_size = u64::try_from(record.worst.len()) == Ok(claim.sparsity);
    if !has_size || !is_increasing_below(&record.worst, claim.tokens) {
        return None;
    }
    rank(&record.worst, claim.tokens).filter(|number| (record.first..record.end).contains(number))
}

/// Bits of work that decide `block.S4` with the room that FORMAT.md asks of a writer: 64 more than the mantissa,
/// relative to the bound, and 64 more for the rounding of the weights and their sums; up to a multiple of 64,
/// so that blocks of similar bounds share their exponentials.
pub(crate) fn precision_for(record: &BlockRecord) -> u64 {
    let bound = record.bound.to_rational();
    let zeros = if bound.numer().is_zero() { 0 } else { bound.leading_zeros() };
    (128 + record.bound.mantissa().bits() + zeros).next_multiple_of(64)
}
