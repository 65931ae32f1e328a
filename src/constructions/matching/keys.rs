//! Explicit queries and keys of trigonometric order-s attention, and of its polynomial kin.
//!
//! Paper: Thm 6 (s = 2) and third-order attention (s = 3); here for every small s.
//! In: a residue. Out: vectors of exact rationals, the last coordinate being the blank's.
//! Invariant: the tuple `(b_1, …, b_{s-1})` has as key the entrywise product of its factors' keys, and its score is the inner product with the query.
//! Source: docs/theory.md sections 8 and 9a.
//!
//! `cos(θ_a + Σ θ_{b_r})` is the real part of a product of `s` unit vectors; written out it has `2^{s-1}` terms,
//! one for each choice of cosine or sine in every factor: width `2^{s-1} + 1` with the blank's coordinate.

use num_bigint::BigInt;
use num_traits::{One, Zero};

use crate::catalogue::network::Trigonometric;
use crate::numbers::Rational;
use crate::numbers::circle::rounded_multiple;
use crate::numbers::rational::{pow2, round_nearest_even};

/// Largest order whose keys are written out.
pub const MAX_ORDER: u32 = 6;

/// Trigonometric queries and keys of one order.
#[derive(Clone, Debug)]
pub struct TrigonometricKeys<'a> {
    /// M.
    pub modulus: u64,
    /// s, at least 2 and at most [`MAX_ORDER`].
    pub order: u32,
    /// f and c.
    pub parameters: &'a Trigonometric,
}

impl TrigonometricKeys<'_> {
    /// The width `2^{s-1} + 1` of queries and keys.
    pub fn width(&self) -> usize {
        (1 << (self.order - 1)) + 1
    }

    /// The query of residue `a`, shape `[2^{s-1} + 1]`.
    ///
    /// *Why* with `t` sines among the factors the coefficient is the real part of `c·e^{iθ_a}·i^t`.
    pub fn query(&self, a: u64) -> Vec<Rational> {
        let (cosine, sine) = self.point(a, &self.parameters.scale);
        let choices = (0..self.width() - 1).map(|choice| match choice.count_ones() % 4 {
            0 => cosine.clone(),
            1 => -&sine,
            2 => -&cosine,
            _ => sine.clone(),
        });
        choices.chain([self.rounded_scale()]).collect()
    }

    /// The key of residue `b` in factor `r` of `0 … s-2`, shape `[2^{s-1} + 1]`.
    pub fn key(&self, factor: u32, b: u64) -> Vec<Rational> {
        let (cosine, sine) = self.point(b, &Rational::one());
        let bit = self.order - 2 - factor;
        let choices =
            (0..self.width() - 1).map(|choice| if choice >> bit & 1 == 0 { cosine.clone() } else { sine.clone() });
        choices.chain([Rational::zero()]).collect()
    }

    /// The key of the blank, the same in every factor.
    pub fn blank_key(&self) -> Vec<Rational> {
        let mut key = vec![Rational::zero(); self.width()];
        key[self.width() - 1] = Rational::one();
        key
    }

    fn rounded_scale(&self) -> Rational {
        rounded_scale(self.parameters)
    }

    /// `(R_f(x·cos θ_a), R_f(x·sin θ_a))`.
    fn point(&self, a: u64, x: &Rational) -> (Rational, Rational) {
        let bits = entry_bits(self.parameters);
        let (cosine, sine) = rounded_multiple(a, self.modulus, x, bits);
        let word = |integer: BigInt| Rational::from_integer(integer) * pow2(-i64::from(bits));
        (word(cosine), word(sine))
    }
}

/// `R_f(c)`, the score of the blank.
pub fn rounded_scale(parameters: &Trigonometric) -> Rational {
    let bits = i64::from(entry_bits(parameters));
    Rational::from_integer(round_nearest_even(&(&parameters.scale * pow2(bits)))) * pow2(-bits)
}

/// f as the arithmetic takes it; requests keep it at most 4096.
pub fn entry_bits(parameters: &Trigonometric) -> u32 {
    u32::try_from(parameters.fraction_bits).unwrap_or(u32::MAX)
}
