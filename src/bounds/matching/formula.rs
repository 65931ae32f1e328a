//! Closed forms for every M and N: the rounding of trigonometric entries bounded, polynomial scores exact.
//!
//! In: M, N and an encoding. Out: [`Extremes`]; attained in `match2_polynomial`.
//! Invariant: an exponent that is irrational is rounded outward to a dyadic number.
//! Source: docs/theory.md sections 8 and 9 (rules `closed-form` and `bigram`).

use num_bigint::BigInt;
use num_traits::{One, Zero};

use super::{Extremes, Side};
use crate::catalogue::network::Trigonometric;
use crate::constructions::matching::keys::entry_bits;
use crate::constructions::matching::scores::{greatest_pair_gap, least_own_gap, least_pair_gap, least_triple_gap};
use crate::constructions::matching::task::Input;
use crate::evaluate::matching::exp_sum::ExpSum;
use crate::numbers::Rational;
use crate::numbers::circle::one_minus_cos_of_step;
use crate::numbers::rational::pow2;

/// Relative precision of `1 - cos(2π/M)`.
const STEP_PRECISION: u32 = 192;

fn side(terms: Vec<(Rational, BigInt)>, input: Option<Input>) -> Side {
    Side { mass: ExpSum::new(terms), input }
}

/// How far rounding moves a score of Match2 relative to the blank's, at most:
/// `η = h·(3c/2 + 5/2 + 2h)` with `h = 2^{-f-1}`.
pub fn pair_rounding_up(keys: &Trigonometric) -> Rational {
    let half = pow2(-i64::from(entry_bits(keys)) - 1);
    let (three_halves, five_halves) = (Rational::new(3.into(), 2.into()), Rational::new(5.into(), 2.into()));
    &half * (three_halves * &keys.scale + five_halves + &half * BigInt::from(2))
}

/// The same in third order: `η = 3c(2h+h²) + h(3+8h+4h²)`.
pub fn triple_rounding_up(keys: &Trigonometric) -> Rational {
    let half = pow2(-i64::from(entry_bits(keys)) - 1);
    let square = &half * &half;
    let of_keys = &keys.scale * BigInt::from(3) * (&half * BigInt::from(2) + &square);
    let of_query = &half * (Rational::from_integer(3.into()) + &half * BigInt::from(8) + square * BigInt::from(4));
    of_keys + of_query
}

/// A lower bound of the gap `c·(1 - cos(2π/M))`.
pub fn circle_gap_down(modulus: u64, scale: &Rational) -> Rational {
    scale * one_minus_cos_of_step(modulus, STEP_PRECISION).lo().to_rational()
}

/// `T_0 = n·e^{η-g}` and `T_1 = e^{-η}` for `n` keys or pairs.
fn trigonometric(modulus: u64, n_pairs: BigInt, keys: &Trigonometric, rounding: Rational, rest: ExpSum) -> Extremes {
    let exponent = &rounding - circle_gap_down(modulus, &keys.scale);
    Extremes {
        without: side(vec![(exponent, n_pairs)], None),
        with: side(vec![(-rounding, BigInt::one())], None),
        rest,
    }
}

/// Match2 with trigonometric keys, for `n_keys` keys: N, and N-1 in the bigram's second layer.
pub fn match2_trigonometric(modulus: u64, n_keys: u64, keys: &Trigonometric, rest: ExpSum) -> Extremes {
    trigonometric(modulus, n_keys.into(), keys, pair_rounding_up(keys), rest)
}

/// Third order with trigonometric keys.
pub fn third_order_trigonometric(modulus: u64, tokens: u64, keys: &Trigonometric, rest: ExpSum) -> Extremes {
    trigonometric(modulus, BigInt::from(tokens) * tokens, keys, triple_rounding_up(keys), rest)
}

/// Match2 with integer keys, for `M ≥ 3`: both sides are attained.
///
/// *Why* every residue `a` has the partner `M-1-a`, at the least gap; its own gap is least at `2a ≈ M`.
/// With a match all other gaps are at most the greatest, which `M-1` has with itself.
/// *Source* docs/theory.md section 8.
pub fn match2_polynomial(modulus: u64, tokens: u64, scale: &Rational) -> Extremes {
    let at = |gap: BigInt| -(scale * gap);
    let others: BigInt = BigInt::from(tokens) - 1;
    // 2a is M - 1 for odd M and M - 2 for even M.
    let own = (modulus - 1) / 2;
    let without = vec![(at(least_own_gap(modulus)), BigInt::one()), (at(least_pair_gap(modulus)), others.clone())];
    let bad = Input::new([(own, 1), (modulus - 1 - own, tokens - 1)]);
    let with = vec![(Rational::zero(), BigInt::one()), (at(greatest_pair_gap(modulus)), others)];
    let good = if tokens == 1 { Input::new([(0, 1)]) } else { Input::new([(modulus - 1, tokens - 1), (1, 1)]) };
    Extremes { without: side(without, Some(bad)), with: side(with, Some(good)), rest: one() }
}

/// Third order with integer keys.
pub fn third_order_polynomial(modulus: u64, tokens: u64, scale: &Rational, rest: ExpSum) -> Extremes {
    let gap = -(scale * least_triple_gap(modulus));
    Extremes {
        without: side(vec![(gap, BigInt::from(tokens) * tokens)], None),
        with: side(vec![(Rational::zero(), BigInt::one())], None),
        rest,
    }
}

fn one() -> ExpSum {
    ExpSum::new([(Rational::zero(), BigInt::one())])
}
