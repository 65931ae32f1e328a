//! Rule `decoding`: every residue of every support of an averaging layer is read right (no record).
//!
//! For each row, each `l` in its support and the weights `A`: `S_l = Σ A_j` over `j ≡ l (mod q)`, `j ≠ l`, and
//! `v = 2^{-f_v}·⌊2^{f_v}·(M-1)/M⌋`, the largest value.
//! *Ensures* the decoder reads the residue of every member of every support, for all inputs.
//! *Why* its coordinate is at least `A_l·(x/M - 2^{-f_v})` and at most `A_l·x/M + S_l·v`, and the residue `x` is read if
//! it lies in `[(2x-1)/(2Mq), (2x+1)/(2Mq))`, where the lower end is not needed for `x = 0` nor the upper one for
//! `x = M-1`. Both sides are linear in `x`, so the extreme `x` settle the others.
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

/// What the conditions need of the parameters: `M`, `q`, `2^{f_v}`, `v·2^{f_v}`.
struct Reading {
    modulus: BigInt,
    sparsity: BigInt,
    value_unit: BigInt,
    largest_value: BigInt,
}

/// Checks `decoding.S1` and `decoding.S2` for all rows.
pub(crate) fn check(claim: &Matching, layer: &SparseAveraging, evaluator: &mut Evaluator) -> Result<(), Violation> {
    let modulus = BigInt::from(claim.modulus);
    let value_unit = power_of_two(layer.value_fraction_bits);
    let largest_value = &value_unit * (&modulus - 1) / &modulus;
    let reading = Reading { sparsity: layer.sparsity.into(), modulus, value_unit, largest_value };
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
    /// `A_l·x/M + S_l·v < (2x+1)/(2Mq)` for `x = 0` and `x = M-2`, times `2Mq·2^{f_v}·Z` for the sum `Z` of all weights.
    fn stays_below(&self, weight: &Enclosure, others: &Enclosure, total: &Enclosure) -> bool {
        let disturbance = big(&others.hi()) * &self.modulus * &self.largest_value;
        [BigInt::from(0), &self.modulus - 2].iter().all(|x| {
            let read_hi: BigInt = (big(&weight.hi()) * x * &self.value_unit + &disturbance) * 2 * &self.sparsity;
            read_hi < big(&total.lo) * (x * 2 + 1) * &self.value_unit
        })
    }

    /// `A_l·(x/M - 2^{-f_v}) ≥ (2x-1)/(2Mq)` for `x = 1` and `x = M-1`, times the same.
    ///
    /// If the left factor is negative, the condition fails, and so does the comparison.
    fn stays_above(&self, weight: &Enclosure, total: &Enclosure) -> bool {
        [BigInt::from(1), &self.modulus - 1].iter().all(|x| {
            let read_lo: BigInt = big(&weight.lo) * (x * &self.value_unit - &self.modulus) * 2 * &self.sparsity;
            big(&total.hi()) * (x * 2 - 1) * &self.value_unit <= read_lo
        })
    }
}
