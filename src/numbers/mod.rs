//! Exact numbers and proven enclosures: the arithmetic every other layer stands on.
//!
//! Paper item: none of its own; section 1's real scores and p-bit words, and Lemma D's brackets of `exp`.
//!
//! In and out: exact rationals and dyadics go in; exact rationals, exact dyadics, dyadic
//! enclosures `[lo, hi]` and fixed-point words come out.
//! Exact and rounded results have different types, and nothing here returns a "close" number.
//!
//! Invariant: a directed result ends in `_down` or `_up`; an operation that may round returns an
//! [`interval::Interval`] that contains the exact result.
//!
//! Bounds proved here: the relative width of [`exp::exp`], [`log::ln`] and [`log::log2`], the widths and the
//! correct rounding of [`circle`]; each derivation stands beside the code that uses it.
//!
//! The modules stand in reading order.
//!
//! Not here: machine floats (there are none), vectors and matrices, and any choice of precision;
//! the caller chooses it.
//! Exponents are machine integers: a computation whose exponent would leave `i64` is a bug of the
//! caller and stops the program, it never wraps.

pub mod rational;

pub mod dyadic;

pub mod rounding;

pub mod interval;

pub mod powers;

pub mod exp;

pub mod log;

pub mod circle;

pub mod fixed;

pub use rational::Rational;
