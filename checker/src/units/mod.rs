//! The units: exact scores of one row, and from them its enclosed weights.
//!
//! In: a claim and a support. Out: [`Weights`] at a chosen precision.
//! Each construction has its own file; here is only the choice among them.

pub(crate) mod code_keys;
pub(crate) mod moment_curve;
pub(crate) mod sign_keys;

use num_bigint::BigInt;

use crate::claim::{Claim, Unit};
use crate::exp::ScaledExp;
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
    pub(crate) fn new(claim: &Claim) -> Self {
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
        self.exp.set_precision(precision);
        match &mut self.keys {
            Keys::MomentCurve { n_tokens } => moment_curve::weights(*n_tokens, support, &mut self.exp),
            Keys::Sign(keys) => keys.weights(support, dual, self.exp.exp()),
            Keys::Code(keys) => keys.weights(support, &mut self.exp),
        }
    }

    /// The least and the greatest query entry so far, in units of `2^-f`; sign keys only.
    pub(crate) fn query_range(&self) -> Option<&(BigInt, BigInt)> {
        self.sign_keys().and_then(SignKeys::query_range)
    }
}
