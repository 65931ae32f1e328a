//! A request about a matching network: stated parameters and open ones.
//!
//! In: the fields of flags or a claim file. Out: a [`MatchingRequest`].
//! Invariant: as for [`super::request`]; here stand only the names and ranges of matching networks.

use num_traits::Zero;

use super::claim::Method;
use super::entries::Entry;
use super::request::{ABOVE_LIMIT, Fields, RequestError, count, number, out_of_range, parse_method, required_count};
use crate::numbers::Rational;

/// What is asked about a matching network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchingRequest {
    /// The catalogue entry.
    pub entry: &'static Entry,
    /// Method of proof; open means the first that decides.
    pub method: Option<Method>,
    /// M.
    pub modulus: u64,
    /// N.
    pub tokens: u64,
    /// K of the local task; 0 elsewhere.
    pub window: u64,
    /// How residues become keys, where there is a choice.
    pub encoding: EncodingName,
    /// Entry fraction bits of trigonometric keys.
    pub fraction_bits: Option<u64>,
    /// c of the matching unit.
    pub scale: Option<Rational>,
    /// The averaging layer, where there is one.
    pub averaging: Option<LayerRequest>,
}

/// Which encoding is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodingName {
    /// Rounded points of the circle.
    Trigonometric,
    /// Integer powers.
    Polynomial,
}

/// What is asked about the averaging layer: the fields of a sparse-averaging claim about its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerRequest {
    /// The id of the sparse-averaging claims about these keys.
    pub id: &'static str,
    /// Stated fields, by their names there.
    pub fields: Fields,
}

impl MatchingRequest {
    pub(super) fn new(entry: &'static Entry, fields: &Fields) -> Result<MatchingRequest, RequestError> {
        if let Some(kind) = fields.get("kind").filter(|kind| *kind != "decision") {
            let allowed = "decision (a counterexample is what a refuted decision becomes)".to_owned();
            return Err(RequestError::Name { field: "kind", value: kind.to_owned(), allowed });
        }
        let is_local = entry.id == "match3/local";
        let request = MatchingRequest {
            entry,
            method: parse_method(entry, fields.get("method"))?,
            modulus: required_count(fields, "modulus", entry)?,
            tokens: required_count(fields, "tokens", entry)?,
            window: if is_local { required_count(fields, "window", entry)? } else { 0 },
            encoding: parse_encoding(entry, fields.get("encoding"))?,
            fraction_bits: count(fields, "fraction_bits")?,
            scale: number(fields, "scale")?,
            averaging: layer(entry, fields)?,
        };
        request.check_ranges(fields)?;
        Ok(request)
    }

    fn check_ranges(&self, fields: &Fields) -> Result<(), RequestError> {
        if let (EncodingName::Polynomial, Some(method)) =
            (self.encoding, self.method.filter(|m| *m != Method::ClosedForm))
        {
            let allowed = "closed-form (with encoding polynomial)".to_owned();
            return Err(RequestError::Name { field: "method", value: method.name().to_owned(), allowed });
        }
        let is_positive = |scale: &Option<Rational>| scale.as_ref().is_none_or(|scale| Rational::zero() < *scale);
        for (field, scale) in [("scale", &self.scale), ("first_scale", &number(fields, "first_scale")?)] {
            if !is_positive(scale) {
                return Err(out_of_range(fields, field, "it must be above 0"));
            }
        }
        for (field, limit) in [
            ("window", 2047),
            ("fraction_bits", 4096),
            ("first_fraction_bits", 4096),
            ("value_fraction_bits", 65_536),
            ("key_width", 1 << 20),
            ("field_size", u64::from(u32::MAX)),
            ("degree_bound", 4096),
        ] {
            if count(fields, field)?.is_some_and(|value| limit < value) {
                return Err(out_of_range(fields, field, ABOVE_LIMIT));
            }
        }
        for field in ["key_width", "field_size", "degree_bound", "evaluations"] {
            if count(fields, field)? == Some(0) {
                return Err(out_of_range(fields, field, "it must be at least 1"));
            }
        }
        Ok(())
    }
}

fn parse_encoding(entry: &'static Entry, text: Option<&str>) -> Result<EncodingName, RequestError> {
    match text {
        None if entry.id == "match2/polynomial" => Ok(EncodingName::Polynomial),
        None | Some("trigonometric") => Ok(EncodingName::Trigonometric),
        Some("polynomial") => Ok(EncodingName::Polynomial),
        Some(value) => Err(RequestError::Name {
            field: "encoding",
            value: value.to_owned(),
            allowed: "trigonometric, polynomial".to_owned(),
        }),
    }
}

/// The averaging layer's fields under their names in sparse averaging; fields that its keys do not have are refused.
fn layer(entry: &'static Entry, fields: &Fields) -> Result<Option<LayerRequest>, RequestError> {
    if entry.parameter("construction").is_none() {
        return Ok(None);
    }
    let (id, own): (_, &[&'static str]) = match fields.get("construction").unwrap_or("moment-curve") {
        "moment-curve" => ("sparse-averaging/moment-curve", &[]),
        "sign-keys" => ("sparse-averaging/sign-keys", &["key_width", "seed"]),
        "code-keys" => ("sparse-averaging/code-keys", &["field_size", "degree_bound", "evaluations"]),
        value => {
            let allowed = "moment-curve, sign-keys, code-keys".to_owned();
            return Err(RequestError::Name { field: "construction", value: value.to_owned(), allowed });
        }
    };
    let is_sign = id == "sparse-averaging/sign-keys";
    let (scale, bits) = match entry.id {
        "match3/local" => ("scale", "fraction_bits"),
        _ => ("first_scale", "first_fraction_bits"),
    };
    for field in ["key_width", "seed", bits, "field_size", "degree_bound", "evaluations"] {
        let belongs = own.contains(&field) || (field == bits && is_sign);
        if fields.get(field).is_some() && !belongs {
            return Err(out_of_range(fields, field, "the keys of this --construction do not have it"));
        }
    }
    let mut layer = Fields::default();
    for field in own.iter().copied().chain(["value_fraction_bits"]) {
        layer.set(field, fields.get(field));
    }
    layer.set("scale", fields.get(scale));
    if is_sign {
        layer.set("fraction_bits", fields.get(bits));
    }
    Ok(Some(LayerRequest { id, fields: layer }))
}
