//! The gap between the outputs without and with a match: two dyadic numbers that a certificate states.
//!
//! In: [`Extremes`]. Out: `lo < hi` with room for the checker, or that the masses overlap.
//! Invariant: the masses are compared exactly; `lo` and `hi` lie strictly between the two outputs.
//! Source: `checker/FORMAT.md` section 4, "the bounds of a decision".

use std::cmp::Ordering;

use super::Extremes;
use crate::numbers::dyadic::Dyadic;

/// Bits of the room on both sides, relative to `lo` and to the gap; the format asks for 24.
const ROOM: i64 = 22;

/// Significant bits of `lo` and `hi` beyond their room.
const SPARE_BITS: u32 = 3;

/// Zeros after the point that `lo` and `hi - lo` may have: `checker/FORMAT.md`, limit `parameter-size`.
const MAX_ZEROS: i64 = 8192;

/// Whether a threshold separates the two sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// It does: every output without a match is below the first number, every one with a match above the second.
    Separated(Dyadic, Dyadic),
    /// The bound without a match reaches the bound with one.
    Overlap,
    /// So many bits do not tell, or the numbers are too small for a certificate.
    Unknown,
}

/// Compares the two sides and rounds their outputs into the gap.
///
/// *Why* `T/(T + B)` increases in `T`, so the masses decide.
pub fn gap(extremes: &Extremes, max_precision: u32) -> Gap {
    match extremes.without.mass.compare(&extremes.with.mass, max_precision) {
        Some(Ordering::Less) => {}
        Some(Ordering::Equal | Ordering::Greater) => return Gap::Overlap,
        None => return Gap::Unknown,
    }
    let mut precision = 128;
    loop {
        if let Some((lo, hi)) = rounded(extremes, precision) {
            return Gap::Separated(lo, hi);
        }
        if max_precision <= precision {
            return Gap::Unknown;
        }
        precision *= 2;
    }
}

/// `lo` and `hi` at a working precision; `None` if it is too low.
fn rounded(extremes: &Extremes, precision: u32) -> Option<(Dyadic, Dyadic)> {
    let without = extremes.without.mass.share(&extremes.rest, precision);
    let with = extremes.with.mass.share(&extremes.rest, precision);
    let width = with.lo().sub(without.hi());
    let is_sharp = |width_of: Dyadic| width_of <= width.shift(-2 * ROOM);
    if !width.is_positive() || !is_sharp(without.width()) || !is_sharp(with.width()) {
        return None;
    }
    let room = |value: &Dyadic| value.clone().min(width.clone()).shift(-ROOM);
    let bits = |value: &Dyadic, room: &Dyadic| {
        let difference = value.magnitude().unwrap_or(0) - room.magnitude().unwrap_or(0);
        u32::try_from(difference).unwrap_or(0) + SPARE_BITS
    };
    let below = room(without.hi());
    let lo = without.hi().add(&below).round_up(bits(without.hi(), &below));
    // What lies below 2^-64 needs no sharper bound.
    let floor = Dyadic::power_of_two(-64);
    let lo = if lo < floor && floor.shift(8) < *with.lo() { floor } else { lo };
    let above = room(with.lo());
    let hi = with.lo().sub(&above).round_down(bits(with.lo(), &above));
    let is_in_range = |value: &Dyadic| value.magnitude().is_some_and(|magnitude| -MAX_ZEROS < magnitude);
    (lo < hi && hi < Dyadic::one() && is_in_range(&lo) && is_in_range(&hi.sub(&lo))).then_some((lo, hi))
}
