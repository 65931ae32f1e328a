//! Bounds over all inputs of a matching network: the largest mass without a match, the least with one.
//!
//! In: a network. Out: [`Extremes`], exact sums on both sides, with inputs that attain them where they are known.
//! Invariant: every input's mass lies on the side of its answer; what is rounded is rounded outward.
//! Source: docs/theory.md sections 8 and 9; `checker/FORMAT.md`, rules `pair-table`, `triple-table`, `closed-form`, `decoding`, `bigram`.

pub mod gap;
pub mod pair_table;
pub mod triple_table;
pub mod formula;
pub mod decoding;

use crate::constructions::matching::task::Input;
use crate::evaluate::matching::exp_sum::ExpSum;

/// What bounds the mass `T/e^β` of every row, and the rest `B` of the denominator.
#[derive(Clone, Debug)]
pub struct Extremes {
    /// At least every mass without a match.
    pub without: Side,
    /// At most every mass with one.
    pub with: Side,
    /// `B`.
    pub rest: ExpSum,
}

/// One side of a gap.
#[derive(Clone, Debug)]
pub struct Side {
    /// The bound.
    pub mass: ExpSum,
    /// An input whose first row attains it.
    pub input: Option<Input>,
}

/// Bits that the integers of a table of scores of this order must fit in, for `f` and `c`; at most [`MAX_TABLE_BITS`].
pub fn table_bits(order: u32, fraction_bits: u64, scale_ceiling_bits: u64) -> u64 {
    u64::from(order).saturating_mul(fraction_bits).saturating_add(scale_ceiling_bits).saturating_add(8)
}

/// See [`table_bits`]: `checker/FORMAT.md`, limit `pair-table`.
pub const MAX_TABLE_BITS: u64 = 126;
