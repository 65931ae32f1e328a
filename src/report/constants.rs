//! The paper's hidden constants, made explicit: `m'/(q·ln N)` and `p/log₂((q/ε)·ln N)` as enclosures.
//!
//! In: N, q, m', p, ε. Out: enclosures, or `None` where a logarithm is not positive (N = 1, or tiny arguments).
//! Source: Thm 2's m ≳ d' + q log N and p ≳ log((q/ε) log N); docs/theory.md section 4c.

use num_traits::Zero;

use crate::numbers::Rational;
use crate::numbers::interval::Interval;
use crate::numbers::log::{ln, log2};

const PRECISION: u32 = 64;

/// Encloses `m'/(q·ln N)`.
pub fn width_constant(tokens: u64, sparsity: u64, key_width: u64) -> Option<Interval> {
    let tokens = Rational::from_integer(tokens.into());
    let scale = ln(&tokens, PRECISION)?.mul(&integer(sparsity), PRECISION);
    integer(key_width).div(&scale, PRECISION)
}

/// Encloses `p/log₂((q/ε)·ln N)`.
pub fn precision_constant(tokens: u64, sparsity: u64, bits: u64, error: &Rational) -> Option<Interval> {
    if error.is_zero() {
        return None;
    }
    let tokens = Rational::from_integer(tokens.into());
    let ratio = Rational::from_integer(sparsity.into()) / error;
    let argument = ln(&tokens, PRECISION)?.mul(&Interval::from_rational(&ratio, PRECISION), PRECISION);
    if !argument.is_positive() {
        return None;
    }
    // The logarithm increases, so its ends enclose it.
    let lo = log2(&argument.lo().to_rational(), PRECISION)?;
    let hi = log2(&argument.hi().to_rational(), PRECISION)?;
    let logarithm = lo.hull(&hi);
    if !logarithm.is_positive() {
        return None;
    }
    integer(bits).div(&logarithm, PRECISION)
}

fn integer(value: u64) -> Interval {
    Interval::from_rational(&Rational::from_integer(value.into()), PRECISION)
}
