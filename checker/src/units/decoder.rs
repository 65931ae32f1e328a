//! The decoder behind an averaging layer: what it reads at one row of given inputs.
//!
//! In: the weights of a row whose support is `q` consecutive tokens, and inputs. Out: the residues read, or nothing if
//! the enclosures do not tell.
//! Token `j` has the value `⌊2^{f_v}·x_j/M⌋·2^{-f_v}` at the coordinate `j mod q`; at the coordinate `o` of member `l`
//! the decoder reads `min(M-1, max(0, ⌊M·q·o + 1/2⌋))`.

use std::collections::HashMap;

use num_bigint::{BigInt, BigUint};
use num_integer::Integer;
use num_traits::{ToPrimitive, Zero};

use crate::claim::averaging::SparseAveraging;
use crate::exp::Enclosure;
use crate::number::{clamp_to_unsigned, power_of_two};
use crate::units::Evaluator;
use crate::units::sign_keys::to_index;

/// Bits of work: most readings are clear at the first, and at the second all that are ever told.
const PRECISIONS: [u64; 2] = [256, 1024];

/// An averaging layer with its decoder, for some inputs: the residues of all tokens.
pub(crate) struct Decoder<'a> {
    modulus: u64,
    layer: &'a SparseAveraging,
    evaluator: &'a mut Evaluator,
    inputs: Vec<Vec<u64>>,
    /// At each precision, brackets of the value of each residue.
    values: Vec<HashMap<u64, (BigUint, BigUint)>>,
}

/// The part of an output at one coordinate.
#[derive(Clone)]
struct Coordinate {
    /// The weight of tokens seen since the residue changed.
    weight: Enclosure,
    residue: u64,
    lo: BigUint,
    hi: BigUint,
}

impl<'a> Decoder<'a> {
    pub(crate) fn new(
        modulus: u64,
        layer: &'a SparseAveraging,
        evaluator: &'a mut Evaluator,
        inputs: Vec<Vec<u64>>,
    ) -> Self {
        let values_at = |precision: &u64| {
            let residues = inputs.iter().flatten();
            residues.map(|residue| (*residue, value_bracket(*residue, modulus, layer, *precision))).collect()
        };
        let values = PRECISIONS.iter().map(values_at).collect();
        Decoder { modulus, layer, evaluator, inputs, values }
    }

    /// The inputs.
    pub(crate) fn inputs(&self) -> &[Vec<u64>] {
        &self.inputs
    }

    /// For each input, what is read of the wanted members at the row whose support starts at `first`.
    pub(crate) fn read(&mut self, first: u64, wanted: &[u64]) -> Option<Vec<Vec<u64>>> {
        (0..PRECISIONS.len()).find_map(|place| self.read_at(place, first, wanted))
    }

    fn read_at(&mut self, place: usize, first: u64, wanted: &[u64]) -> Option<Vec<Vec<u64>>> {
        let precision = *PRECISIONS.get(place)?;
        let values = self.values.get(place)?;
        let sparsity = self.layer.sparsity;
        let empty = Coordinate { weight: Enclosure::zero(), residue: 0, lo: BigUint::zero(), hi: BigUint::zero() };
        let mut outputs = vec![vec![empty; to_index(sparsity)]; self.inputs.len()];
        let mut total = Enclosure::zero();
        let support: Vec<u64> = (first..first.saturating_add(sparsity)).collect();
        let inputs = &self.inputs;
        self.evaluator.visit(&support, None, precision, &mut |token, weight| {
            total.add(weight);
            for (input, output) in inputs.iter().zip(&mut outputs) {
                let coordinate = output.get_mut(to_index(token.checked_rem(sparsity).unwrap_or(0)));
                if let (Some(residue), Some(coordinate)) = (input.get(to_index(token)), coordinate) {
                    coordinate.add(*residue, weight, values);
                }
            }
        });
        for coordinate in outputs.iter_mut().flatten() {
            coordinate.finish_run(values);
        }
        let read = |output: &Vec<Coordinate>| {
            let coordinate = |member: &u64| output.get(to_index(member.checked_rem(sparsity).unwrap_or(0)));
            wanted.iter().map(|member| self.residue_at(coordinate(member)?, &total, precision)).collect()
        };
        outputs.iter().map(read).collect()
    }

    /// The residue at a coordinate, if both ends of the bracket give the same.
    fn residue_at(&self, coordinate: &Coordinate, total: &Enclosure, precision: u64) -> Option<u64> {
        let factor = BigUint::from(self.modulus) * self.layer.sparsity * 2u32;
        let end = |part: &BigUint, total: BigUint| {
            // ⌊M·q·(part/total) + 1/2⌋ = ⌊(2Mq·part + total)/(2·total)⌋, with part in units of 2^-2P and total of 2^-P.
            let total: BigUint = total << precision;
            if total.is_zero() {
                return None;
            }
            let place = (part * &factor + &total).div_floor(&(total * 2u32));
            Some(place.to_u64().unwrap_or(u64::MAX).min(self.modulus.saturating_sub(1)))
        };
        let lo = end(&coordinate.lo, total.hi())?;
        (end(&coordinate.hi, total.lo.clone())? == lo).then_some(lo)
    }
}

impl Coordinate {
    fn add(&mut self, residue: u64, weight: &Enclosure, values: &HashMap<u64, (BigUint, BigUint)>) {
        if residue != self.residue {
            self.finish_run(values);
            self.residue = residue;
        }
        self.weight.add(weight);
    }

    /// Multiplies the weight of equal residues by their value.
    fn finish_run(&mut self, values: &HashMap<u64, (BigUint, BigUint)>) {
        let weight = std::mem::replace(&mut self.weight, Enclosure::zero());
        if let Some((lo, hi)) = values.get(&self.residue) {
            self.hi += weight.hi() * hi;
            self.lo += weight.lo * lo;
        }
    }
}

/// The value of a residue, in units of `2^-precision`: exact, or a unit wide if it has more fraction bits.
fn value_bracket(residue: u64, modulus: u64, layer: &SparseAveraging, precision: u64) -> (BigUint, BigUint) {
    let bits = layer.value_fraction_bits;
    let value = power_of_two(bits) * residue / BigInt::from(modulus.max(1));
    let shifted = clamp_to_unsigned(&(value << precision));
    let lo: BigUint = &shifted >> bits;
    let hi = if &lo << bits == shifted { lo.clone() } else { &lo + 1u32 };
    (lo, hi)
}

#[cfg(test)]
mod tests {
    use super::value_bracket;
    use crate::claim::averaging::{SparseAveraging, Unit};
    use crate::claim::{Kind, Method};
    use crate::number::Rational;
    use num_bigint::BigUint;

    #[test]
    fn values_are_exact_or_a_unit_wide() {
        for value_fraction_bits in [0u64, 2, 4, 5, 7, 8, 40] {
            let layer = SparseAveraging {
                kind: Kind::UpperBound,
                method: Method::Decoding,
                tokens: 4,
                sparsity: 1,
                value_dim: 1,
                value_fraction_bits,
                unit: Unit::MomentCurve,
                scale: Rational::integer(1),
                error: None,
                range: None,
            };
            // 5/7 = 0.1011011…b has a one after the fifth place.
            let floor = |bits: u64| (BigUint::from(5u32) << bits) / 7u32;
            let found = value_bracket(5, 7, &layer, 5);
            let exact = floor(value_fraction_bits) << 5u32;
            assert!(found.0.clone() << value_fraction_bits <= exact && exact <= found.1.clone() << value_fraction_bits);
            assert_eq!(found.1 == found.0, value_fraction_bits <= 5);
        }
    }
}
