//! The grid of scales: sixteen steps in each doubling, `α(i) = (16 + i mod 16)/16 · 2^⌊i/16⌋`.
//!
//! In: a test that is false for small and true for large scales. Out: the least point at which it is true.
//! Invariant: every point is a dyadic number with a five-bit mantissa, so scales cost few bits.

use num_bigint::BigInt;

use crate::numbers::Rational;
use crate::numbers::rational::pow2;

/// Steps in one doubling.
pub const STEPS: i64 = 16;

/// The scale at grid index `i`.
///
/// ```
/// use attestor::certify::grid::scale;
/// use attestor::numbers::rational::parse;
/// assert_eq!(scale(0), parse("1").unwrap());
/// assert_eq!(scale(17), parse("17/8").unwrap());
/// assert_eq!(scale(-1), parse("31/32").unwrap());
/// ```
pub fn scale(index: i64) -> Rational {
    let mantissa = STEPS + index.rem_euclid(STEPS);
    Rational::from_integer(BigInt::from(mantissa)) * pow2(index.div_euclid(STEPS) - 4)
}

/// The largest index with `scale(index) ≤ value`, for a positive value.
pub fn index_below(value: &Rational) -> i64 {
    let bits = |integer: &BigInt| i64::try_from(integer.bits()).unwrap_or(i64::MAX);
    let octave = bits(value.numer()) - bits(value.denom());
    let (mut below, mut above) = ((octave - 2) * STEPS, (octave + 2) * STEPS);
    while 1 < above - below {
        let middle = below.midpoint(above);
        if scale(middle) <= *value { below = middle } else { above = middle }
    }
    below
}

/// The least `i` in `from..=to` at which `holds(i)`, by bisection; `None` if it fails at `to`.
///
/// *Requires* nothing: where `holds` is not monotone, the result still holds and the index before it fails (unless it is `from`).
///
/// # Errors
/// The first error of `holds`.
pub fn least<E>(from: i64, to: i64, mut holds: impl FnMut(i64) -> Result<bool, E>) -> Result<Option<i64>, E> {
    if !holds(to)? {
        return Ok(None);
    }
    let (mut fails, mut least) = (from - 1, to);
    while 1 < least - fails {
        let middle = fails.midpoint(least);
        if holds(middle)? { least = middle } else { fails = middle }
    }
    Ok(Some(least))
}

/// The least `i` in `1..=to` at which `holds(i)`, where small `i` are cheap: doubling first, then bisection.
///
/// # Errors
/// The first error of `holds`.
pub fn least_by_doubling<E>(to: i64, mut holds: impl FnMut(i64) -> Result<bool, E>) -> Result<Option<i64>, E> {
    let mut top = 1;
    while top < to && !holds(top)? {
        top *= 2;
    }
    least(top / 2 + 1, top.min(to), holds)
}

#[cfg(test)]
mod tests {
    use super::{index_below, least, least_by_doubling, scale};

    #[test]
    fn the_grid_increases_and_is_inverted() {
        for index in -80..80 {
            assert!(scale(index) < scale(index + 1));
            assert_eq!(index_below(&scale(index)), index);
        }
    }

    #[test]
    fn bisection_finds_the_first_success() {
        for first in -3..9_i64 {
            let found = least::<()>(-3, 8, |i| Ok(first <= i)).unwrap();
            assert_eq!(found, (first <= 8).then_some(first));
            let found = least_by_doubling::<()>(8, |i| Ok(first <= i)).unwrap();
            assert_eq!(found, (first <= 8).then_some(first.max(1)));
        }
    }
}
