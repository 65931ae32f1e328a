//! Rule `decoding`: every residue of every support of an averaging layer is read right (no record).
//!
//! For each row, each `l` in its support and the weights `A`: `S_l = Σ A_j` over `j ≡ l (mod q)`, `j ≠ l`, and
//! `v(x) = 2^{-f_v}·⌊2^{f_v}·x/M⌋`.
//! *Ensures* the decoder reads the residue of every member of every support, for all inputs.
//! *Why* its coordinate is at least `A_l·v(x)` and at most `A_l·v(x) + S_l·v(M-1)`, and the residue `x` is read if it
//! lies in `[(2x-1)/(2Mq), (2x+1)/(2Mq))`, where the lower end is not needed for `x = 0` nor the upper one for
//! `x = M-1`. With `v(x)` bracketed by `x/M - 2^{-f_v}` and `x/M` both sides are linear in `x`, so the extreme `x` settle
//! the others.
//! *Source* Thm 8; docs/theory.md section 9c.

use num_bigint::{BigInt, BigUint};

use crate::claim::averaging::SparseAveraging;
use crate::claim::matching::Matching;
use crate::exp::Enclosure;
use crate::number::power_of_two;
use crate::rules::holds_at_some_precision;
use crate::side_condition::{SideCondition, Violation, require};
use crate::units::Evaluator;
use crate::units::sign_keys::to_index;

/// The most triples of row, member and residue that are looked at one by one.
const MAX_READINGS: u128 = 1 << 18;

/// What the conditions need of the parameters: `M`, `q`, `2^{f_v}`, `M·v(M-1)·2^{f_v}`, and the residues to look at.
struct Reading {
    modulus: BigInt,
    sparsity: BigInt,
    value_unit: BigInt,
    largest_value: BigInt,
    residues: Vec<Bracket>,
}

/// A residue `x` with its value's bracket, both ends times `M·2^{f_v}`.
struct Bracket {
    residue: BigInt,
    lo: BigInt,
    hi: BigInt,
}

impl Reading {
    fn new(claim: &Matching, layer: &SparseAveraging) -> Reading {
        let modulus = BigInt::from(claim.modulus);
        let value_unit = power_of_two(layer.value_fraction_bits);
        let value = |x: &BigInt| &value_unit * x / &modulus * &modulus;
        let exact = |x: u64| {
            let residue = BigInt::from(x);
            Bracket { lo: value(&residue), hi: value(&residue), residue }
        };
        let linear = |residue: BigInt| {
            let hi = &value_unit * &residue;
            Bracket { lo: &hi - &modulus, hi, residue }
        };
        let readings =
            u128::from(claim.n_layer_rows()).saturating_mul(layer.sparsity.into()).saturating_mul(claim.modulus.into());
        let residues = if readings <= MAX_READINGS {
            (0..claim.modulus).map(exact).collect()
        } else {
            [BigInt::from(0), BigInt::from(1), &modulus - 2, &modulus - 1].map(linear).into()
        };
        let largest_value = value(&(&modulus - 1));
        Reading { sparsity: layer.sparsity.into(), modulus, value_unit, largest_value, residues }
    }
}

/// Checks `decoding.S1` and `decoding.S2` for all rows.
pub(crate) fn check(claim: &Matching, layer: &SparseAveraging, evaluator: &mut Evaluator) -> Result<(), Violation> {
    let reading = Reading::new(claim, layer);
    // 192 bits tell close weights apart; the conditions are about parts of 1/(Mq).
    let base = 192 + reading.modulus.bits() + reading.sparsity.bits();
    let first_row = claim.first_of_support(0);
    for first in first_row..first_row.saturating_add(claim.n_layer_rows()) {
        let support: Vec<u64> = (first..first.saturating_add(layer.sparsity)).collect();
        let (mut is_below, mut is_above) = (false, false);
        holds_at_some_precision(base, |precision| {
            let row = row_weights(&support, evaluator, precision);
            is_below =
                is_below || row.members().all(|(weight, others)| reading.stays_below(weight, others, &row.total));
            is_above = is_above || row.members().all(|(weight, _)| reading.stays_above(weight, &row.total));
            is_below && is_above
        });
        require(SideCondition::DecodingS1, is_below, || format!("expected the row of token {first} to read no more"))?;
        require(SideCondition::DecodingS2, is_above, || format!("expected the row of token {first} to read no less"))?;
    }
    Ok(())
}

/// The unnormalised weights of a row.
struct RowWeights {
    on: Vec<Enclosure>,
    /// For each member, the weights off the support that share its coordinate.
    others: Vec<Enclosure>,
    total: Enclosure,
}

impl RowWeights {
    fn members(&self) -> impl Iterator<Item = (&Enclosure, &Enclosure)> {
        self.on.iter().zip(&self.others)
    }
}

/// The weights of a row with `q` consecutive tokens as its support.
fn row_weights(support: &[u64], evaluator: &mut Evaluator, precision: u64) -> RowWeights {
    let sparsity = support.len();
    let first = support.first().copied().unwrap_or(0);
    let mut row = RowWeights { on: Vec::new(), others: vec![Enclosure::zero(); sparsity], total: Enclosure::zero() };
    // The place in the support of the member that shares the coordinate of the token.
    let shift = sparsity - to_index(first).checked_rem(sparsity).unwrap_or(0);
    evaluator.visit(support, None, precision, &mut |token, weight| {
        row.total.add(weight);
        if (first..first.saturating_add(u64::try_from(sparsity).unwrap_or(u64::MAX))).contains(&token) {
            row.on.push(weight.clone());
        } else if let Some(others) =
            to_index(token).saturating_add(shift).checked_rem(sparsity).and_then(|place| row.others.get_mut(place))
        {
            others.add(weight);
        }
    });
    row
}

fn big(value: &BigUint) -> BigInt {
    BigInt::from(value.clone())
}

impl Reading {
    /// `A_l·v(x) + S_l·v(M-1) < (2x+1)/(2Mq)` for `x ≤ M-2`, times `2Mq·2^{f_v}·Z` for the sum `Z` of all weights.
    fn stays_below(&self, weight: &Enclosure, others: &Enclosure, total: &Enclosure) -> bool {
        let (weight, total) = (big(&weight.hi()), big(&total.lo) * &self.value_unit);
        let disturbance = big(&others.hi()) * &self.largest_value;
        let limit = &self.modulus - 2;
        self.residues.iter().filter(|bracket| bracket.residue <= limit).all(|bracket| {
            let read_hi: BigInt = (&weight * &bracket.hi + &disturbance) * 2 * &self.sparsity;
            read_hi < &total * (&bracket.residue * 2 + 1)
        })
    }

    /// `A_l·v(x) ≥ (2x-1)/(2Mq)` for `x ≥ 1`, times the same.
    ///
    /// If the bracket's lower end is not positive, the condition fails, and so does the comparison.
    fn stays_above(&self, weight: &Enclosure, total: &Enclosure) -> bool {
        let (weight, total) = (big(&weight.lo) * 2 * &self.sparsity, big(&total.hi()) * &self.value_unit);
        let least = BigInt::from(1);
        self.residues
            .iter()
            .filter(|bracket| least <= bracket.residue)
            .all(|bracket| &total * (&bracket.residue * 2 - 1) <= &weight * &bracket.lo)
    }
}
