//! A claim: one unit, one statement about it, one method of proof.
//!
//! Paper symbols: `tokens` is N, `sparsity` q, `value_dim` d', `key_width` m', `scale` α, `error` ε, `fraction_bits` f.
//! In: parameters, all decided (nothing is `auto` here; see [`super::request`]).
//! Out: the canonical JSON of `checker/FORMAT.md` section 2, its SHA-256, and the statement in words.
//! Invariant: two claims are equal exactly when their canonical bytes are.

use serde::ser::{Serialize, SerializeMap, Serializer};
use sha2::{Digest, Sha256};

use crate::numbers::Rational;
use crate::numbers::dyadic::Dyadic;
use crate::numbers::rational::canonical;

/// A claim with every parameter decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The unit that the claim is about.
    pub unit: Unit,
    /// What is said about it.
    pub statement: Statement,
    /// How it is proved.
    pub method: Method,
}

/// One attention unit for q-sparse averaging, with every parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// N, the number of tokens.
    pub tokens: u64,
    /// q, the size of every support.
    pub sparsity: u64,
    /// d', the dimension of the values.
    pub value_dim: u64,
    /// Fraction bits to which values are rounded toward zero.
    pub value_fraction_bits: u64,
    /// The query and key construction.
    pub construction: Construction,
    /// α, the factor on the scores.
    pub scale: Rational,
}

/// The query and key construction of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Construction {
    /// Thm 3: keys on the moment curve, width 2q, exact integers.
    MomentCurve,
    /// Thm 2: seeded sign keys with rounded queries.
    SignKeys(SignKeys),
    /// Thm 2, explicit: Reed–Solomon code keys.
    CodeKeys(CodeKeys),
}

/// Parameters of sign keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignKeys {
    /// m', the number of coordinates of a key.
    pub key_width: u64,
    /// Seed of the documented generator.
    pub seed: u64,
    /// How the dual vector of a support is defined.
    pub dual: Dual,
    /// Fraction bits of the rounded queries.
    pub fraction_bits: u64,
}

/// The definition of the dual vector of a support.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dual {
    /// Least norm with score 1 on the support.
    LeastSquares,
    /// Least norm with score 1 on the support and at most `1 - margin` off it.
    MaxMargin {
        /// γ, in `(0, 1]`.
        margin: Rational,
    },
}

/// Parameters of code keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeKeys {
    /// Q, a prime.
    pub field_size: u64,
    /// k: polynomials of degree below k.
    pub degree_bound: u64,
    /// n: evaluation points.
    pub evaluations: u64,
}

/// What is claimed of the unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// The worst-case error is at most `error`.
    UpperBound {
        /// ε.
        error: Rational,
    },
    /// The worst-case error lies in `[lo, hi]`.
    Enclosure {
        /// A bound that `hi` must not exceed, if one was asked for.
        error: Option<Rational>,
        /// Lower end, with a witness.
        lo: Dyadic,
        /// Upper end.
        hi: Dyadic,
    },
    /// Some input has error above `error`.
    Counterexample {
        /// ε.
        error: Rational,
    },
}

/// The kind of a claim: its statement without numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// See [`Statement::UpperBound`].
    UpperBound,
    /// See [`Statement::Enclosure`].
    Enclosure,
    /// See [`Statement::Counterexample`].
    Counterexample,
}

/// How a claim is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// A formula for all supports (moment curve, code keys).
    ClosedForm,
    /// Every support evaluated.
    Exhaustive,
    /// Largest inner product of two keys.
    Coherence,
    /// Largest sums of inner products of one key.
    Babel,
    /// One input evaluated (counterexamples).
    Witness,
}

impl Kind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Kind; 3] = [Kind::UpperBound, Kind::Enclosure, Kind::Counterexample];

    /// The name in claims and flags.
    pub fn name(self) -> &'static str {
        match self {
            Kind::UpperBound => "upper-bound",
            Kind::Enclosure => "enclosure",
            Kind::Counterexample => "counterexample",
        }
    }
}

impl Method {
    /// Every method, in the order of the documentation.
    pub const ALL: [Method; 5] =
        [Method::ClosedForm, Method::Exhaustive, Method::Coherence, Method::Babel, Method::Witness];

    /// The name in claims and flags.
    pub fn name(self) -> &'static str {
        match self {
            Method::ClosedForm => "closed-form",
            Method::Exhaustive => "exhaustive",
            Method::Coherence => "coherence",
            Method::Babel => "babel",
            Method::Witness => "witness",
        }
    }
}

impl Dual {
    /// The name in claims and flags.
    pub fn name(&self) -> &'static str {
        match self {
            Dual::LeastSquares => "least-squares",
            Dual::MaxMargin { .. } => "max-margin",
        }
    }

    /// The margin as it stands in a claim: a rational or `none`.
    pub fn margin_text(&self) -> String {
        match self {
            Dual::LeastSquares => "none".to_owned(),
            Dual::MaxMargin { margin } => canonical(margin),
        }
    }
}

impl Construction {
    /// The catalogue id of claims about this construction.
    pub fn id(&self) -> &'static str {
        match self {
            Construction::MomentCurve => "sparse-averaging/moment-curve",
            Construction::SignKeys(_) => "sparse-averaging/sign-keys",
            Construction::CodeKeys(_) => "sparse-averaging/code-keys",
        }
    }
}

impl Statement {
    /// The kind of this statement.
    pub fn kind(&self) -> Kind {
        match self {
            Statement::UpperBound { .. } => Kind::UpperBound,
            Statement::Enclosure { .. } => Kind::Enclosure,
            Statement::Counterexample { .. } => Kind::Counterexample,
        }
    }
}

impl Claim {
    /// The canonical bytes: what is hashed, and what a claim file holds.
    pub fn canonical_json(&self) -> String {
        serde_json::to_string(self).expect("a claim has only string keys and plain values")
    }

    /// SHA-256 of the canonical bytes, in lower-case hexadecimal.
    pub fn hash(&self) -> String {
        hex(&Sha256::digest(self.canonical_json().as_bytes()))
    }

    /// The same unit with another statement and method.
    pub fn with(&self, statement: Statement, method: Method) -> Claim {
        Claim { unit: self.unit.clone(), statement, method }
    }
}

/// Lower-case hexadecimal digits of `bytes`.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Serialize for Claim {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let unit = &self.unit;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("format", "attestor-claim")?;
        map.serialize_entry("version", &1)?;
        map.serialize_entry("id", unit.construction.id())?;
        map.serialize_entry("kind", self.statement.kind().name())?;
        map.serialize_entry("method", self.method.name())?;
        map.serialize_entry("tokens", &unit.tokens)?;
        map.serialize_entry("sparsity", &unit.sparsity)?;
        map.serialize_entry("value_dim", &unit.value_dim)?;
        map.serialize_entry("value_fraction_bits", &unit.value_fraction_bits)?;
        match &unit.construction {
            Construction::MomentCurve => {}
            Construction::SignKeys(keys) => {
                map.serialize_entry("key_width", &keys.key_width)?;
                map.serialize_entry("seed", &keys.seed)?;
                map.serialize_entry("dual", keys.dual.name())?;
                map.serialize_entry("margin", &keys.dual.margin_text())?;
                map.serialize_entry("fraction_bits", &keys.fraction_bits)?;
            }
            Construction::CodeKeys(code) => {
                map.serialize_entry("field_size", &code.field_size)?;
                map.serialize_entry("degree_bound", &code.degree_bound)?;
                map.serialize_entry("evaluations", &code.evaluations)?;
            }
        }
        map.serialize_entry("scale", &canonical(&unit.scale))?;
        match &self.statement {
            Statement::UpperBound { error } | Statement::Counterexample { error } => {
                map.serialize_entry("error", &canonical(error))?;
            }
            Statement::Enclosure { error, lo, hi } => {
                let error = error.as_ref().map_or_else(|| "none".to_owned(), canonical);
                map.serialize_entry("error", &error)?;
                map.serialize_entry("lo", &lo.to_string())?;
                map.serialize_entry("hi", &hi.to_string())?;
            }
        }
        map.end()
    }
}

/// Why a claim says nothing about its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vacuity {
    /// q = 0.
    SparsityZero,
    /// q > N.
    SparsityExceedsTokens,
    /// d' = 0.
    ValueDimZero,
    /// The bound holds for every softmax unit.
    ErrorTrivial,
}

impl Vacuity {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Vacuity::SparsityZero => "sparsity-zero",
            Vacuity::SparsityExceedsTokens => "sparsity-exceeds-tokens",
            Vacuity::ValueDimZero => "value-dim-zero",
            Vacuity::ErrorTrivial => "error-trivial",
        }
    }

    /// Why, in a phrase.
    pub fn reason(self) -> &'static str {
        match self {
            Vacuity::SparsityZero => "sparsity is 0, so there is nothing to average",
            Vacuity::SparsityExceedsTokens => "sparsity exceeds tokens, so there is no support",
            Vacuity::ValueDimZero => "value_dim is 0, so every error is 0",
            Vacuity::ErrorTrivial => "the error of every softmax unit lies within 0 and 2",
        }
    }
}

/// Whether no unit at all could make the shape `(tokens, sparsity, value_dim)` say something.
pub fn shape_vacuity(tokens: u64, sparsity: u64, value_dim: u64) -> Option<Vacuity> {
    if sparsity == 0 {
        Some(Vacuity::SparsityZero)
    } else if tokens < sparsity {
        Some(Vacuity::SparsityExceedsTokens)
    } else if value_dim == 0 {
        Some(Vacuity::ValueDimZero)
    } else {
        None
    }
}

/// Whether an upper bound `error` is met by every softmax unit (Lemma A: D(y) ≤ 2).
pub fn error_vacuity(error: &Rational) -> Option<Vacuity> {
    (Rational::from_integer(2.into()) <= *error).then_some(Vacuity::ErrorTrivial)
}
