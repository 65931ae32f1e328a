//! The records of a certificate, in their canonical field order.
//!
//! In: evidence as exact numbers. Out: one JSON line each.
//! Invariant: what is rounded here is rounded in the direction that keeps the claim provable, with room for the checker.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::One;
use serde::Serialize;

use crate::bounds::exhaustive::Block;
use crate::catalogue::claim::Claim;
use crate::constructions::dual::{DualVector, Origin};
use crate::constructions::matching::task::Input;
use crate::evaluate::witness::Witness;
use crate::numbers::Rational;
use crate::numbers::dyadic::Dyadic;

/// One line of evidence; see `checker/FORMAT.md` section 4.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "rule", rename_all = "kebab-case")]
pub enum Record {
    /// A stretch of supports.
    Block {
        /// Number of the first support.
        first: u64,
        /// One past the last.
        end: u64,
        /// The support with the largest weight error.
        worst: Vec<u64>,
        /// A dyadic bound.
        bound: String,
    },
    /// A max-margin dual vector with its optimality conditions.
    Dual {
        /// Tokens whose keys take part.
        keys: Vec<usize>,
        /// Their integer coefficients.
        coefficients: Vec<String>,
        /// Positive integer.
        denominator: String,
    },
    /// Farkas multipliers: no vector has the margin.
    NoDual {
        /// Tokens with a multiplier.
        keys: Vec<usize>,
        /// Their integer multipliers.
        coefficients: Vec<String>,
    },
    /// One input with its output.
    Witness {
        /// The support.
        support: Vec<u64>,
        /// Tokens of the support with value `+e_1`.
        raised: Vec<u64>,
        /// Dyadic.
        output_lo: String,
        /// Dyadic.
        output_hi: String,
        /// Dyadic lower bound of the distance to the target.
        distance: String,
    },
    /// Two inputs that no threshold tells apart.
    Confusion {
        /// A row with a match.
        row: u64,
        /// Its input, as runs `(residue, count)`.
        input: Vec<(u64, u64)>,
        /// A row without one.
        other_row: u64,
        /// Its input.
        other_input: Vec<(u64, u64)>,
    },
}

/// A claim with its evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// What is claimed.
    pub claim: Claim,
    /// Why it holds.
    pub records: Vec<Record>,
}

impl Record {
    /// The record of a block, its bound rounded up to `bits` bits unless it is the floor.
    pub fn block(block: &Block, bits: u32, floor: Option<&Dyadic>) -> Record {
        let hi = block.weight_error.hi();
        let bound = if floor == Some(hi) { hi.clone() } else { with_room_up(hi, bits) };
        Record::Block { first: block.first, end: block.end, worst: block.worst.clone(), bound: bound.to_string() }
    }

    /// The record that a max-margin dual vector needs; `None` for least squares.
    pub fn dual(vector: &DualVector) -> Option<Record> {
        let texts = |integers: &[BigInt]| integers.iter().map(BigInt::to_string).collect();
        match &vector.origin {
            Origin::LeastSquares | Origin::SingularGram => None,
            Origin::MaxMargin => Some(Record::Dual {
                keys: vector.keys.clone(),
                coefficients: texts(&vector.coefficients),
                denominator: vector.denominator.to_string(),
            }),
            Origin::NoDual { keys, multipliers } => {
                Some(Record::NoDual { keys: keys.clone(), coefficients: texts(multipliers) })
            }
        }
    }

    /// The record of two confused inputs, the one with a match first.
    pub fn confusion(row: u64, input: &Input, other_row: u64, other: &Input) -> Record {
        Record::Confusion { row, input: input.runs().to_vec(), other_row, other_input: other.runs().to_vec() }
    }

    /// The record of a witness.
    pub fn witness(witness: &Witness) -> Record {
        Record::Witness {
            support: witness.support.clone(),
            raised: witness.raised.clone(),
            output_lo: witness.output.lo().to_string(),
            output_hi: witness.output.hi().to_string(),
            distance: witness.distance.to_string(),
        }
    }
}

/// `2^{⌊log₂ target⌋ - 64}`: a block whose weight errors are at most this is bounded by this; `None` for target 0.
pub fn floor_of_target(target: &Rational) -> Option<Dyadic> {
    let magnitude = Dyadic::rational_down(target, 2).magnitude()?;
    Some(Dyadic::power_of_two(magnitude - 64))
}

/// The least bound with an odd mantissa of `bits` bits that is at least one unit in its last place above `value`.
///
/// *Ensures* `value·(1 + 2^-bits) ≤ result ≤ value·(1 + 2^{3-bits})`, and 0 for 0.
/// *Why* the checker's own enclosure of the same number, relatively wider than ours, must still lie below.
pub fn with_room_up(value: &Dyadic, bits: u32) -> Dyadic {
    let Some(magnitude) = value.magnitude() else { return Dyadic::zero() };
    let exponent = magnitude + 1 - i64::from(bits);
    let shifted = value.shift(-exponent).round_up(bits);
    let integer: BigInt = shifted.mantissa() << u64::try_from(shifted.exponent()).unwrap_or(0);
    let next = integer + BigInt::one();
    let odd = if next.is_even() { next + 1 } else { next };
    Dyadic::new(odd, exponent)
}

#[cfg(test)]
mod tests {
    use super::with_room_up;
    use crate::numbers::dyadic::Dyadic;
    use num_bigint::BigInt;
    use num_integer::Integer;
    use proptest::prelude::{prop_assert, proptest};

    proptest! {
        #[test]
        fn room_is_kept_and_small(mantissa in 1_u128.., exponent in -300_i64..300, bits in 8_u32..80, cut in 0_u32..128) {
            let value = Dyadic::new(BigInt::from((mantissa >> cut).max(1)), exponent);
            let bound = with_room_up(&value, bits);
            let excess = bound.sub(&value);
            let bits = i64::from(bits);
            prop_assert!(value.shift(-bits) <= excess);
            prop_assert!(excess <= value.shift(3 - bits));
            prop_assert!(bound.mantissa().is_odd());
            prop_assert!(bound.bits() <= u64::try_from(bits).unwrap() + 1);
        }
    }
}
