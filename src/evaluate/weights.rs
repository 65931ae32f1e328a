//! Softmax weights in fixed point, enclosed from both sides at any precision: the slow path.
//!
//! In: exact scores of shape `[N]`. Out: enclosures of the weights, of `D(y)`, and of outputs at `±e_1` values.
//! Invariant: weights are taken relative to the largest score, `W_j = e^{s_j - max}`, as integers over `2^fraction_bits`, `lo ≤ W_j·2^fraction_bits ≤ hi`.
//! Source: Lemma A (docs/theory.md section 2A), Lemma D for exp.

use std::collections::HashMap;

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};

use crate::constructions::scores::ScoreRow;
use crate::numbers::Rational;
use crate::numbers::dyadic::Dyadic;
use crate::numbers::exp::exp_neg_capped;
use crate::numbers::interval::Interval;

/// Unnormalised weights of one row, shape `[N]`.
#[derive(Clone, Debug)]
pub struct Weights {
    /// Fraction bits of the integers.
    pub fraction_bits: u32,
    /// Lower bounds.
    pub lo: Vec<BigInt>,
    /// Upper bounds.
    pub hi: Vec<BigInt>,
}

impl Weights {
    /// Encloses `e^{s_j - max}` for every token, each within about `2^-fraction_bits`.
    pub fn new(row: &ScoreRow, fraction_bits: u32) -> Weights {
        let mut memo: HashMap<BigInt, (BigInt, BigInt)> = HashMap::new();
        let mut weights = Weights { fraction_bits, lo: Vec::new(), hi: Vec::new() };
        for gap in row.gaps() {
            let (lo, hi) =
                memo.entry(gap).or_insert_with_key(|gap| fixed_exp_neg(&(&row.unit * gap), fraction_bits)).clone();
            weights.lo.push(lo);
            weights.hi.push(hi);
        }
        weights
    }

    /// Encloses `Z = Σ_j W_j`, as integers over `2^fraction_bits`.
    pub fn total(&self) -> (BigInt, BigInt) {
        (self.lo.iter().sum(), self.hi.iter().sum())
    }

    /// Encloses `D(y) = 2·Σ_j (A_j - [j∈y]/q)_+`.
    ///
    /// *Requires* a non-empty support of tokens below N.
    /// *Ensures* `lo ≤ D(y) ≤ hi`, and `lo = hi = 0` if all scores are equal and the support is everything.
    /// *Why* `q·Z·D(y)/2 = q·Σ_{j∉y} W_j + Σ_{l∈y} (q·W_l - Z)_+`, which increases in each `W` on the left and decreases in `Z`.
    /// *Source* Lemma A; docs/theory.md section 2A.
    pub fn weight_error(&self, support: &[usize]) -> Interval {
        let q = BigInt::from(support.len());
        let (total_lo, total_hi) = self.total();
        let mass = |weights: &[BigInt], total: &BigInt, opposite: &BigInt| {
            let on: BigInt = support.iter().map(|&l| &weights[l]).sum();
            let excess: BigInt = support.iter().map(|&l| (&q * &weights[l] - opposite).max(BigInt::zero())).sum();
            &q * (total - on) + excess
        };
        let two_over = |numerator: BigInt, total: &BigInt| Rational::new(numerator * 2, &q * total);
        let lo = two_over(mass(&self.lo, &total_lo, &total_hi), &total_hi);
        let hi = two_over(mass(&self.hi, &total_hi, &total_lo), &total_lo);
        let precision = self.fraction_bits + 2;
        Interval::new(Dyadic::rational_down(&lo, precision), Dyadic::rational_up(&hi, precision))
            .expect("lower sums are at most upper sums")
    }

    /// Encloses the weight `A_j` of one token.
    pub fn weight(&self, token: usize) -> Interval {
        let rest = |weights: &[BigInt]| -> BigInt { weights.iter().sum::<BigInt>() - &weights[token] };
        let share = |own: &BigInt, rest: BigInt| Rational::new(own.clone(), own + rest);
        let lo = share(&self.lo[token], rest(&self.hi));
        let hi = share(&self.hi[token], rest(&self.lo));
        let precision = self.fraction_bits + 2;
        Interval::new(Dyadic::rational_down(&lo, precision), Dyadic::rational_up(&hi, precision))
            .expect("a share increases in its own weight and decreases in the others")
    }

    /// Encloses `o = Σ_j A_j·σ_j` for signs `σ_j = +1` where `plus[j]`, else `-1`.
    ///
    /// *Why* `o = (P - M)/(P + M)` with `P`, `M` the masses of both signs increases in `P` and decreases in `M`.
    pub fn signed_output(&self, plus: &[bool]) -> Interval {
        let mass = |weights: &[BigInt], sign: bool| -> BigInt {
            weights.iter().zip(plus).filter(|(_, positive)| **positive == sign).map(|(weight, _)| weight).sum()
        };
        let output = |positive: BigInt, negative: BigInt| Rational::new(&positive - &negative, positive + negative);
        let lo = output(mass(&self.lo, true), mass(&self.hi, false));
        let hi = output(mass(&self.hi, true), mass(&self.lo, false));
        let precision = self.fraction_bits + 2;
        Interval::new(Dyadic::rational_down(&lo, precision), Dyadic::rational_up(&hi, precision))
            .expect("the output is monotone in both masses")
    }
}

/// Encloses `e^{-x}`, `x ≥ 0`, as integers over `2^fraction_bits`; exactly 1 at 0.
pub fn fixed_exp_neg(x: &Rational, fraction_bits: u32) -> (BigInt, BigInt) {
    if x.is_zero() {
        let one = BigInt::one() << fraction_bits;
        return (one.clone(), one);
    }
    debug_assert!(!x.is_negative());
    let enclosure = exp_neg_capped(x, fraction_bits, -i64::from(fraction_bits));
    (floor_fixed(enclosure.lo(), fraction_bits), ceil_fixed(enclosure.hi(), fraction_bits))
}

/// `⌊value·2^fraction_bits⌋`.
pub fn floor_fixed(value: &Dyadic, fraction_bits: u32) -> BigInt {
    let exponent = value.exponent() + i64::from(fraction_bits);
    match u64::try_from(exponent) {
        Ok(left) => value.mantissa() << left,
        Err(_) => value.mantissa() >> exponent.unsigned_abs(),
    }
}

/// `⌈value·2^fraction_bits⌉`.
pub fn ceil_fixed(value: &Dyadic, fraction_bits: u32) -> BigInt {
    -floor_fixed(&value.neg(), fraction_bits)
}
