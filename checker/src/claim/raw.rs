//! The JSON form of a claim, and the typed claim of a JSON form (FORMAT.md, section 2).
//!
//! All fields in canonical order, those that not every claim has optional.
//! The typed claim takes the fields that it has; what it writes back must be all that was there.

use serde::{Deserialize, Serialize};

use crate::claim::averaging::{DUALS, SparseAveraging, Unit};
use crate::claim::matching::{AveragingLayer, ENCODINGS, Encoding, Matching, Network};
use crate::claim::{Claim, KINDS, Kind, METHODS, Method, from_name, number};
use crate::number::{Dyadic, Rational};
use crate::verdict::Verdict;

/// The JSON form of a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawClaim {
    pub(crate) format: String,
    pub(crate) version: u64,
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) method: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) modulus: Option<u64>,
    pub(crate) tokens: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) window: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) encoding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) construction: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sparsity: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value_dim: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value_fraction_bits: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key_width: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dual: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) margin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fraction_bits: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field_size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) degree_bound: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) evaluations: Option<u64>,
    pub(crate) scale: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_fraction_bits: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_scale: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hi: Option<String>,
}

pub(crate) const FORMAT: &str = "attestor-claim";
pub(crate) const VERSION: u64 = 1;

/// The verdict on a field that is missing or does not belong.
fn wrong_fields() -> Verdict {
    Verdict::malformed("json", 0, "expected exactly the fields of this id and kind")
}

/// The verdict on a name that is unknown or does not belong.
fn unknown(code: &'static str) -> Verdict {
    Verdict::malformed(code, 0, format!("expected a {code} that belongs to this claim"))
}

/// A field that this claim has.
fn given<T: Clone>(field: &Option<T>) -> Result<T, Verdict> {
    field.clone().ok_or_else(wrong_fields)
}

/// `None` for `"none"`.
fn optional_rational(text: &str) -> Result<Option<Rational>, Verdict> {
    if text == "none" { Ok(None) } else { number(0, Rational::parse(text)).map(Some) }
}

impl RawClaim {
    /// The typed claim.
    pub(crate) fn to_claim(&self) -> Result<Claim, Verdict> {
        if self.format != FORMAT || self.version != VERSION {
            return Err(Verdict::malformed("version", 0, "expected a claim of format version 1"));
        }
        let claim = match self.id.as_str() {
            "sparse-averaging/moment-curve" | "sparse-averaging/sign-keys" | "sparse-averaging/code-keys" => {
                Claim::Averaging(self.to_averaging()?)
            }
            "match2/trigonometric" | "match2/polynomial" | "match3/third-order" | "match3/local" | "match3/bigram" => {
                Claim::Matching(self.to_matching()?)
            }
            _ => return Err(Verdict::malformed("id", 0, "expected the id of a known construction")),
        };
        // Names and numbers have one text each, so only a field that does not belong makes a difference.
        if claim.to_raw() == *self { Ok(claim) } else { Err(wrong_fields()) }
    }

    fn to_averaging(&self) -> Result<SparseAveraging, Verdict> {
        let unit = match self.id.as_str() {
            "sparse-averaging/moment-curve" => Unit::MomentCurve,
            "sparse-averaging/sign-keys" => {
                let dual = from_name(&DUALS, &given(&self.dual)?).ok_or_else(|| unknown("dual"))?;
                let margin = optional_rational(&given(&self.margin)?)?;
                Unit::SignKeys {
                    key_width: given(&self.key_width)?,
                    seed: given(&self.seed)?,
                    dual,
                    margin,
                    fraction_bits: given(&self.fraction_bits)?,
                }
            }
            _ => self.to_code_keys()?,
        };
        let kind = self.kind_among(&[Kind::UpperBound, Kind::Enclosure, Kind::Counterexample])?;
        let method = self.method_of(kind, |method| unit.has_method(method))?;
        let range = if kind == Kind::Enclosure { Some(self.to_range()?) } else { None };
        let error = given(&self.error)?;
        Ok(SparseAveraging {
            kind,
            method,
            tokens: self.tokens,
            sparsity: given(&self.sparsity)?,
            value_dim: given(&self.value_dim)?,
            value_fraction_bits: given(&self.value_fraction_bits)?,
            unit,
            scale: number(0, Rational::parse(&self.scale))?,
            error: match kind {
                Kind::Enclosure => optional_rational(&error)?,
                _ => Some(number(0, Rational::parse(&error))?),
            },
            range,
        })
    }

    fn to_matching(&self) -> Result<Matching, Verdict> {
        let network = match self.id.as_str() {
            "match2/trigonometric" => Network::Match2(self.to_trigonometric()?),
            "match2/polynomial" => Network::Match2(Encoding::Polynomial),
            "match3/third-order" => {
                let is_trigonometric = from_name(&ENCODINGS, &given(&self.encoding)?);
                let is_trigonometric = is_trigonometric.ok_or_else(|| unknown("encoding"))?;
                Network::ThirdOrder(if is_trigonometric { self.to_trigonometric()? } else { Encoding::Polynomial })
            }
            "match3/local" => Network::Local {
                window: given(&self.window)?,
                layer: self.to_layer(&self.fraction_bits, &Some(self.scale.clone()))?,
            },
            _ => Network::Bigram {
                layer: self.to_layer(&self.first_fraction_bits, &self.first_scale)?,
                fraction_bits: given(&self.fraction_bits)?,
            },
        };
        let kind = self.kind_among(&[Kind::Decision, Kind::Counterexample])?;
        let has_range = kind == Kind::Decision && !matches!(network, Network::Local { .. });
        Ok(Matching {
            kind,
            method: self.method_of(kind, |method| network.has_method(method))?,
            modulus: given(&self.modulus)?,
            tokens: self.tokens,
            network,
            scale: number(0, Rational::parse(&self.scale))?,
            range: if has_range { Some(self.to_range()?) } else { None },
        })
    }

    fn to_code_keys(&self) -> Result<Unit, Verdict> {
        Ok(Unit::CodeKeys {
            field_size: given(&self.field_size)?,
            degree_bound: given(&self.degree_bound)?,
            evaluations: given(&self.evaluations)?,
        })
    }

    fn to_trigonometric(&self) -> Result<Encoding, Verdict> {
        Ok(Encoding::Trigonometric { fraction_bits: given(&self.fraction_bits)? })
    }

    /// The averaging layer, whose query fraction bits and scale have other names in `bigram`.
    fn to_layer(&self, fraction_bits: &Option<u64>, scale: &Option<String>) -> Result<AveragingLayer, Verdict> {
        let unit = match given(&self.construction)?.as_str() {
            "moment-curve" => Unit::MomentCurve,
            "sign-keys" => Unit::least_squares(given(&self.key_width)?, given(&self.seed)?, given(fraction_bits)?),
            "code-keys" => self.to_code_keys()?,
            _ => return Err(unknown("construction")),
        };
        let scale = number(0, Rational::parse(&given(scale)?))?;
        Ok(AveragingLayer { unit, value_fraction_bits: given(&self.value_fraction_bits)?, scale })
    }

    fn to_range(&self) -> Result<(Dyadic, Dyadic), Verdict> {
        Ok((number(0, Dyadic::parse(&given(&self.lo)?))?, number(0, Dyadic::parse(&given(&self.hi)?))?))
    }

    fn kind_among(&self, allowed: &[Kind]) -> Result<Kind, Verdict> {
        from_name(&KINDS, &self.kind).filter(|kind| allowed.contains(kind)).ok_or_else(|| unknown("kind"))
    }

    /// The method, which is `witness` exactly for a counterexample.
    fn method_of(&self, kind: Kind, belongs: impl Fn(Method) -> bool) -> Result<Method, Verdict> {
        let fits = |method: &Method| match method {
            Method::Witness => kind == Kind::Counterexample,
            _ => kind != Kind::Counterexample && belongs(*method),
        };
        from_name(&METHODS, &self.method).filter(fits).ok_or_else(|| unknown("method"))
    }
}
