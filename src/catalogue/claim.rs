//! A claim: one unit, one statement about it, one method of proof.
//!
//! Paper symbols: `tokens` is N, `sparsity` q, `value_dim` d', `key_width` m', `scale` α, `error` ε, `fraction_bits` f.
//! In: parameters, all decided (nothing is `auto` here; see [`super::request`]).
//! Out: the canonical JSON of `checker/FORMAT.md` section 2, its SHA-256, and the statement in words.
//! Invariant: two claims are equal exactly when their canonical bytes are.

use serde::ser::{Serialize, SerializeMap, Serializer};
use sha2::{Digest, Sha256};

use super::network::{Design, Encoding, Network};
use crate::numbers::Rational;
use crate::numbers::dyadic::Dyadic;
use crate::numbers::rational::canonical;

/// A claim with every parameter decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What the claim is about.
    pub model: Model,
    /// What is said about it.
    pub statement: Statement,
    /// How it is proved.
    pub method: Method,
}

/// What a claim is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Model {
    /// A unit for q-sparse averaging.
    Averaging(Unit),
    /// A network for a matching task.
    Matching(Network),
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
    /// For every input and row the network decides right.
    Decision {
        /// Every output without a match is at most the first, every output with one at least the second; `None` where
        /// the output is the answer itself.
        gap: Option<(Dyadic, Dyadic)>,
    },
    /// An output with a match is at most one without.
    Confusion,
}

/// The kind of a claim: its statement without numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// See [`Statement::UpperBound`].
    UpperBound,
    /// See [`Statement::Enclosure`].
    Enclosure,
    /// See [`Statement::Counterexample`] and [`Statement::Confusion`].
    Counterexample,
    /// See [`Statement::Decision`].
    Decision,
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
    /// Every row of an averaging layer decoded for all residues.
    Decoding,
    /// Inputs evaluated (counterexamples).
    Witness,
}

impl Kind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Kind; 4] = [Kind::UpperBound, Kind::Enclosure, Kind::Decision, Kind::Counterexample];

    /// The name in claims and flags.
    pub fn name(self) -> &'static str {
        match self {
            Kind::UpperBound => "upper-bound",
            Kind::Enclosure => "enclosure",
            Kind::Counterexample => "counterexample",
            Kind::Decision => "decision",
        }
    }
}

impl Method {
    /// Every method, in the order of the documentation.
    pub const ALL: [Method; 6] =
        [Method::ClosedForm, Method::Exhaustive, Method::Coherence, Method::Babel, Method::Decoding, Method::Witness];

    /// The name in claims and flags.
    pub fn name(self) -> &'static str {
        match self {
            Method::ClosedForm => "closed-form",
            Method::Exhaustive => "exhaustive",
            Method::Coherence => "coherence",
            Method::Babel => "babel",
            Method::Decoding => "decoding",
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

    /// The name of the keys, the last part of the id.
    pub fn name(&self) -> &'static str {
        match self {
            Construction::MomentCurve => "moment-curve",
            Construction::SignKeys(_) => "sign-keys",
            Construction::CodeKeys(_) => "code-keys",
        }
    }
}

impl Model {
    /// The catalogue id of claims about this model.
    pub fn id(&self) -> &'static str {
        match self {
            Model::Averaging(unit) => unit.construction.id(),
            Model::Matching(network) => network.id(),
        }
    }
}

impl Statement {
    /// The kind of this statement.
    pub fn kind(&self) -> Kind {
        match self {
            Statement::UpperBound { .. } => Kind::UpperBound,
            Statement::Enclosure { .. } => Kind::Enclosure,
            Statement::Counterexample { .. } | Statement::Confusion => Kind::Counterexample,
            Statement::Decision { .. } => Kind::Decision,
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
}

/// Lower-case hexadecimal digits of `bytes`.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Serialize for Claim {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("format", "attestor-claim")?;
        map.serialize_entry("version", &1)?;
        map.serialize_entry("id", self.model.id())?;
        map.serialize_entry("kind", self.statement.kind().name())?;
        map.serialize_entry("method", self.method.name())?;
        match &self.model {
            Model::Averaging(unit) => serialize_unit(unit, &mut map)?,
            Model::Matching(network) => serialize_network(network, &mut map)?,
        }
        match &self.statement {
            Statement::UpperBound { error } | Statement::Counterexample { error } => {
                map.serialize_entry("error", &canonical(error))?;
            }
            Statement::Enclosure { error, lo, hi } => {
                let error = error.as_ref().map_or_else(|| "none".to_owned(), canonical);
                map.serialize_entry("error", &error)?;
                serialize_ends(lo, hi, &mut map)?;
            }
            Statement::Decision { gap: Some((lo, hi)) } => serialize_ends(lo, hi, &mut map)?,
            Statement::Decision { gap: None } | Statement::Confusion => {}
        }
        map.end()
    }
}

fn serialize_ends<M: SerializeMap>(lo: &Dyadic, hi: &Dyadic, map: &mut M) -> Result<(), M::Error> {
    map.serialize_entry("lo", &lo.to_string())?;
    map.serialize_entry("hi", &hi.to_string())
}

fn serialize_unit<M: SerializeMap>(unit: &Unit, map: &mut M) -> Result<(), M::Error> {
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
        Construction::CodeKeys(code) => serialize_code(code, map)?,
    }
    map.serialize_entry("scale", &canonical(&unit.scale))
}

fn serialize_code<M: SerializeMap>(code: &CodeKeys, map: &mut M) -> Result<(), M::Error> {
    map.serialize_entry("field_size", &code.field_size)?;
    map.serialize_entry("degree_bound", &code.degree_bound)?;
    map.serialize_entry("evaluations", &code.evaluations)
}

fn serialize_network<M: SerializeMap>(network: &Network, map: &mut M) -> Result<(), M::Error> {
    map.serialize_entry("modulus", &network.modulus)?;
    map.serialize_entry("tokens", &network.tokens)?;
    match &network.design {
        Design::Match2(encoding) => serialize_encoding(encoding, map),
        Design::ThirdOrder(encoding) => {
            map.serialize_entry("encoding", encoding.name())?;
            serialize_encoding(encoding, map)
        }
        Design::Local { window, averaging } => {
            map.serialize_entry("window", window)?;
            let fraction_bits = match &averaging.construction {
                Construction::SignKeys(keys) => Some(keys.fraction_bits),
                Construction::MomentCurve | Construction::CodeKeys(_) => None,
            };
            serialize_averaging(averaging, fraction_bits, map)?;
            map.serialize_entry("scale", &canonical(&averaging.scale))
        }
        Design::Bigram { averaging, keys } => {
            serialize_averaging(averaging, Some(keys.fraction_bits), map)?;
            map.serialize_entry("scale", &canonical(&keys.scale))?;
            if let Construction::SignKeys(sign) = &averaging.construction {
                map.serialize_entry("first_fraction_bits", &sign.fraction_bits)?;
            }
            map.serialize_entry("first_scale", &canonical(&averaging.scale))
        }
    }
}

fn serialize_encoding<M: SerializeMap>(encoding: &Encoding, map: &mut M) -> Result<(), M::Error> {
    if let Encoding::Trigonometric(keys) = encoding {
        map.serialize_entry("fraction_bits", &keys.fraction_bits)?;
    }
    map.serialize_entry("scale", &canonical(encoding.scale()))
}

/// The fields of an averaging layer that come before the scale, with the fraction bits that stand among them.
fn serialize_averaging<M: SerializeMap>(unit: &Unit, fraction_bits: Option<u64>, map: &mut M) -> Result<(), M::Error> {
    map.serialize_entry("construction", unit.construction.name())?;
    map.serialize_entry("value_fraction_bits", &unit.value_fraction_bits)?;
    if let Construction::SignKeys(keys) = &unit.construction {
        map.serialize_entry("key_width", &keys.key_width)?;
        map.serialize_entry("seed", &keys.seed)?;
    }
    if let Some(fraction_bits) = fraction_bits {
        map.serialize_entry("fraction_bits", &fraction_bits)?;
    }
    if let Construction::CodeKeys(code) = &unit.construction {
        serialize_code(code, map)?;
    }
    Ok(())
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
    /// The answer is the same for every input and row.
    TaskConstant,
}

impl Vacuity {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Vacuity::SparsityZero => "sparsity-zero",
            Vacuity::SparsityExceedsTokens => "sparsity-exceeds-tokens",
            Vacuity::ValueDimZero => "value-dim-zero",
            Vacuity::ErrorTrivial => "error-trivial",
            Vacuity::TaskConstant => "task-constant",
        }
    }

    /// Why, in a phrase.
    pub fn reason(self) -> &'static str {
        match self {
            Vacuity::SparsityZero => "sparsity is 0, so there is nothing to average",
            Vacuity::SparsityExceedsTokens => "sparsity exceeds tokens, so there is no support",
            Vacuity::ValueDimZero => "value_dim is 0, so every error is 0",
            Vacuity::ErrorTrivial => "the error of every softmax unit lies within 0 and 2",
            Vacuity::TaskConstant => "the task has the same answer for every input and row",
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
