//! A witness: one input, its output enclosed, its distance to the target.
//!
//! In: a unit and a support. Out: the values `z_j = ±e_1` that reach `D(y)` (Lemma A), the output along `e_1`, and a lower bound of its distance to the target.
//! Invariant: `±e_1` are exact at every number of value fraction bits, so nothing is lost to rounding.
//! Source: Lemma A, docs/theory.md section 2A; `checker/FORMAT.md`, rule `witness`.

use num_bigint::BigInt;
use num_traits::{One, Zero};

use super::prepared::{Prepared, indices};
use super::weights::{Weights, fixed_exp_neg};
use crate::catalogue::claim::{CodeKeys, Unit};
use crate::constructions::moment_curve;
use crate::numbers::Rational;
use crate::numbers::dyadic::Dyadic;
use crate::numbers::interval::Interval;

/// An input with a large error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// The support of the row.
    pub support: Vec<u64>,
    /// Tokens of the support with value `+e_1`; the rest of it has `-e_1`, everything else `+e_1`.
    pub raised: Vec<u64>,
    /// The output along `e_1`.
    pub output: Interval,
    /// A lower bound of the distance from output to target.
    pub distance: Dyadic,
}

/// Bits of `distance`: relative room of `2^-50` is left on either side for whoever checks it.
const ROOM: i64 = 50;

/// The worst input at `support`, evaluated with weights over `2^fraction_bits`.
pub fn at_support(prepared: &Prepared, support: &[u64], fraction_bits: u32) -> Option<Witness> {
    let weights = Weights::new(&prepared.score_row(support), fraction_bits);
    let q = BigInt::from(support.len());
    let (_, total_hi) = weights.total();
    let is_raised = |token: &usize| total_hi < &q * &weights.lo[*token];
    let tokens = indices(support);
    let mut plus = vec![true; prepared.n_tokens];
    for token in &tokens {
        plus[*token] = is_raised(token);
    }
    let raised = support.iter().zip(&tokens).filter(|(_, token)| plus[**token]).map(|(l, _)| *l).collect();
    Witness::with_room(support, raised, &weights.signed_output(&plus))
}

/// A witness for code keys with too many tokens to enumerate, from bounds common to all off-support tokens.
///
/// *Why* every off-support overlap lies in `[0, min(n, q(k-1))]`, so the off-support mass relative to one supported token lies in
/// `[(N-q)e^{-αn}, (N-q)e^{-α·max(0, n-q(k-1))}]`.
/// *Source* docs/theory.md section 4b.
pub fn of_large_code(unit: &Unit, code: &CodeKeys, fraction_bits: u32) -> Option<Witness> {
    let support: Vec<u64> = (0..unit.sparsity).collect();
    let agreements = unit.sparsity.saturating_mul(code.degree_bound.saturating_sub(1));
    let least_gap = code.evaluations.saturating_sub(agreements);
    let off_support = BigInt::from(unit.tokens - unit.sparsity);
    let weight = |gap: u64| fixed_exp_neg(&(&unit.scale * BigInt::from(gap)), fraction_bits);
    let mass = |weight: BigInt| Rational::new(&off_support * weight, BigInt::one() << fraction_bits);
    of_mass(&support, &mass(weight(code.evaluations).0), &mass(weight(least_gap).1), fraction_bits)
}

/// Tokens that bound a moment-curve witness from below when there are too many to enumerate.
pub const WINDOW: u64 = 4096;

/// A witness on the moment curve with too many tokens to enumerate: the first [`WINDOW`] from below, `mass_up` from above.
///
/// *Requires* a support below the window; `mass_up` bounds the off-support mass of every support.
pub fn of_long_moment_curve(unit: &Unit, support: &[u64], mass_up: &Rational, fraction_bits: u32) -> Option<Witness> {
    let row = moment_curve::scores(unit.tokens.min(WINDOW), &unit.scale, support);
    let weights = Weights::new(&row, fraction_bits);
    let on_support: BigInt = indices(support).iter().map(|&token| &weights.lo[token]).sum();
    let mass = Rational::new(weights.total().0 - on_support, BigInt::one() << fraction_bits);
    of_mass(support, &mass, mass_up, fraction_bits)
}

/// The witness with nothing raised, from an off-support mass in `[lo, hi]`: `o = (R-q)/(R+q)` increases in `R`.
fn of_mass(support: &[u64], lo: &Rational, hi: &Rational, fraction_bits: u32) -> Option<Witness> {
    let sparsity = Rational::from_integer(support.len().into());
    let output = |mass: &Rational| (mass - &sparsity) / (mass + &sparsity);
    let (lo, hi) = (output(lo), output(hi));
    let output = Interval::new(Dyadic::rational_down(&lo, fraction_bits), Dyadic::rational_up(&hi, fraction_bits))?;
    Witness::with_room(support, Vec::new(), &output)
}

impl Witness {
    /// Whether the input's error is above `error`.
    pub fn refutes(&self, error: &Rational) -> bool {
        *error < self.distance.to_rational()
    }

    /// Widens the output and rounds the distance down, so that another evaluation can confirm both.
    ///
    /// `None` if the enclosure is too wide to show any distance.
    fn with_room(support: &[u64], raised: Vec<u64>, output: &Interval) -> Option<Witness> {
        let (n_raised, q) = (BigInt::from(raised.len()), BigInt::from(support.len()));
        let target = Rational::new(n_raised * 2 - &q, q);
        let distance = output.lo().to_rational() - &target;
        if distance < Rational::zero() {
            return None;
        }
        let room = Dyadic::rational_down(&distance, 2).shift(-ROOM);
        let lo = output.lo().sub(&room).round_down(bits_for(output.lo(), &room));
        let hi = output.hi().add(&room).round_up(bits_for(output.hi(), &room));
        let distance = Dyadic::rational_down(&(lo.to_rational() - target), 64);
        if distance.is_negative() {
            return None;
        }
        Some(Witness { support: support.to_vec(), raised, output: Interval::new(lo, hi)?, distance })
    }
}

/// Significant bits that keep the rounding of `value` below `room`.
fn bits_for(value: &Dyadic, room: &Dyadic) -> u32 {
    let magnitude = value.magnitude().unwrap_or(0);
    let least = room.magnitude().unwrap_or(magnitude);
    u32::try_from((magnitude - least).max(0) + 4).unwrap_or(u32::MAX)
}
