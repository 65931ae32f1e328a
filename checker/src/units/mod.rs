//! The units: exact scores of one row, and from them its enclosed weights.
//!
//! In: a claim and a support. Out: [`Weights`] at a chosen precision, or the weight of every token.
//! Each construction has its own file; here is only the choice among them.
//! `trigonometric` and `polynomial` are the units that match residues; their scores are few enough to be tabulated.

pub(crate) mod code_keys;
pub(crate) mod decoder;
pub(crate) mod moment_curve;
pub(crate) mod polynomial;
pub(crate) mod sign_keys;
pub(crate) mod trigonometric;

use num_bigint::BigInt;

use crate::claim::averaging::{SparseAveraging, Unit};
use crate::exp::{Enclosure, ScaledExp};
use crate::units::code_keys::CodeKeys;
use crate::units::sign_keys::{Combination, SignKeys};
use crate::weight_error::Weights;

/// The keys of a claim.
enum Keys {
    MomentCurve { n_tokens: u64 },
    Sign(Box<SignKeys>),
    Code(CodeKeys),
}

/// The unit of a claim, with what was computed for earlier rows.
pub(crate) struct Evaluator {
    keys: Keys,
    exp: ScaledExp,
}

impl Evaluator {
    /// Builds the key tables; the limits have been checked.
    pub(crate) fn new(claim: &SparseAveraging) -> Self {
        let keys = match &claim.unit {
            Unit::MomentCurve => Keys::MomentCurve { n_tokens: claim.tokens },
            Unit::SignKeys { key_width, seed, fraction_bits, .. } => {
                let table = SignKeys::new(claim.tokens, *key_width, *seed);
                Keys::Sign(Box::new(table.with_queries(&claim.scale, *fraction_bits)))
            }
            Unit::CodeKeys { field_size, degree_bound, evaluations } => {
                Keys::Code(CodeKeys::new(claim.tokens, *field_size, *degree_bound, *evaluations))
            }
        };
        Evaluator { keys, exp: ScaledExp::new(&claim.scale, 64) }
    }

    /// The sign keys, in a claim about them.
    pub(crate) fn sign_keys(&self) -> Option<&SignKeys> {
        match &self.keys {
            Keys::Sign(keys) => Some(keys),
            Keys::MomentCurve { .. } | Keys::Code(_) => None,
        }
    }

    /// The weights of the row with this support; sign keys take its dual vector, or compute the
    /// least-squares one.
    pub(crate) fn weights(&mut self, support: &[u64], dual: Option<&Combination>, precision: u64) -> Weights {
        split(support, |visit| self.visit(support, dual, precision, visit))
    }

    /// Shows the weight of every token, in order; the largest weight is exactly 1.
    pub(crate) fn visit(
        &mut self,
        support: &[u64],
        dual: Option<&Combination>,
        precision: u64,
        visit: &mut dyn FnMut(u64, &Enclosure),
    ) {
        self.exp.set_precision(precision);
        match &mut self.keys {
            Keys::MomentCurve { n_tokens } => moment_curve::visit(*n_tokens, support, &mut self.exp, visit),
            Keys::Sign(keys) => keys.visit(support, dual, self.exp.exp(), visit),
            Keys::Code(keys) => keys.visit(support, &mut self.exp, visit),
        }
    }

    /// The least and the greatest query entry so far, in units of `2^-f`; sign keys only.
    pub(crate) fn query_range(&self) -> Option<&(BigInt, BigInt)> {
        self.sign_keys().and_then(SignKeys::query_range)
    }
}

/// Weights of a row from the weight of every token.
pub(crate) fn split(support: &[u64], visit_all: impl FnOnce(&mut dyn FnMut(u64, &Enclosure))) -> Weights {
    let mut members = support.iter().peekable();
    let mut weights = Weights { on: Vec::new(), off: Enclosure::zero() };
    visit_all(&mut |token, weight| {
        if members.next_if(|member| **member == token).is_some() {
            weights.on.push(weight.clone());
        } else {
            weights.off.add(weight);
        }
    });
    weights
}
