//! A request: a claim in which parameters may still be open (`auto`).
//!
//! In: command-line flags or a claim file, which share their names (`--value-dim`, `"value_dim"`).
//! Out: a [`Request`], checked for names and number forms and for parameters that the construction does not have.
//! The parameters of matching networks are read in [`super::matching_request`].
//! Invariant: a parameter that was stated is never changed later; only open ones are chosen.
//! Not here: how an open parameter is chosen (layer `certify`).

use serde_json::{Map, Value};
use thiserror::Error;

use super::claim::{Kind, Method};
use super::entries::{self, Entry};
use super::matching_request::MatchingRequest;
use crate::numbers::Rational;
use crate::numbers::rational::{self, NumberError};

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// About a unit for sparse averaging.
    Averaging(AveragingRequest),
    /// About a network for a matching task.
    Matching(MatchingRequest),
}

/// What is asked about a unit for sparse averaging: stated parameters and open ones (`None`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AveragingRequest {
    /// The catalogue entry.
    pub entry: &'static Entry,
    /// Upper bound or enclosure.
    pub kind: Kind,
    /// Method of proof; open means the first of the entry's that decides.
    pub method: Option<Method>,
    /// N.
    pub tokens: u64,
    /// q.
    pub sparsity: u64,
    /// d'.
    pub value_dim: u64,
    /// Value fraction bits.
    pub value_fraction_bits: Option<u64>,
    /// m' of sign keys.
    pub key_width: Option<u64>,
    /// Seed of sign keys.
    pub seed: u64,
    /// `least-squares` or `max-margin`.
    pub dual: DualName,
    /// γ of max-margin dual vectors.
    pub margin: Rational,
    /// Fraction bits of rounded queries.
    pub fraction_bits: Option<u64>,
    /// Q of code keys.
    pub field_size: Option<u64>,
    /// k of code keys.
    pub degree_bound: Option<u64>,
    /// n of code keys.
    pub evaluations: Option<u64>,
    /// α.
    pub scale: Option<Rational>,
    /// ε; may be open for enclosures.
    pub error: Option<Rational>,
}

/// Which dual vector is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DualName {
    /// Least squares.
    LeastSquares,
    /// Least norm with a margin.
    MaxMargin,
}

/// The parameters as text, by claim field name; the common form of flags and claim files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(&'static str, String)>);

/// A request that cannot be understood.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RequestError {
    /// No such id.
    #[error("unknown claim id {id:?}; `attestor claims` lists them{}", did_you_mean(.id))]
    UnknownId {
        /// What was given.
        id: String,
    },
    /// A number that does not parse.
    #[error("{field}: {source}")]
    Number {
        /// The field or flag.
        field: &'static str,
        /// What is wrong.
        source: NumberError,
    },
    /// A count that does not parse.
    #[error("{field}: {value:?} is not a whole number from 0 to 2^64 - 1")]
    Count {
        /// The field or flag.
        field: &'static str,
        /// What was given.
        value: String,
    },
    /// A name that is none of the allowed ones.
    #[error("{field}: {value:?} is not one of {allowed}")]
    Name {
        /// The field or flag.
        field: &'static str,
        /// What was given.
        value: String,
        /// The allowed names.
        allowed: String,
    },
    /// A number outside its range.
    #[error("{field}: {value} is out of range; {remedy}")]
    Range {
        /// The field or flag.
        field: &'static str,
        /// What was given.
        value: String,
        /// What is allowed.
        remedy: &'static str,
    },
    /// A parameter that this claim needs.
    #[error("{field} is required for {id}; give it as --{} or in the claim file", .field.replace('_', "-"))]
    Missing {
        /// The field.
        field: &'static str,
        /// The claim id.
        id: &'static str,
    },
    /// A parameter that this claim does not have.
    #[error("{id} has no parameter {field}; it has {known}")]
    Foreign {
        /// The field.
        field: String,
        /// The claim id.
        id: &'static str,
        /// The names it has.
        known: String,
    },
    /// A flag that contradicts the claim file.
    #[error("{field} is {flag} on the command line and {file} in the claim file; leave one of them out")]
    Conflict {
        /// The field.
        field: &'static str,
        /// Flag value.
        flag: String,
        /// File value.
        file: String,
    },
    /// A claim file that is not a claim.
    #[error("not a claim file: {reason}")]
    ClaimFile {
        /// What is wrong.
        reason: String,
    },
}

/// A hint for an unknown id: the known ids that contain it or its last part.
fn did_you_mean(id: &str) -> String {
    let last = id.rsplit('/').next().unwrap_or(id);
    let near: Vec<&str> = entries::ALL
        .iter()
        .map(|entry| entry.id)
        .filter(|known| {
            !last.is_empty() && (known.contains(last) || last.contains(known.rsplit('/').next().unwrap_or(known)))
        })
        .collect();
    if near.is_empty() { String::new() } else { format!(" (did you mean {}?)", near.join(" or ")) }
}

impl Fields {
    /// Adds a stated field; `auto` leaves it open.
    pub fn set(&mut self, field: &'static str, value: Option<&str>) {
        if let Some(value) = value.filter(|value| *value != "auto") {
            self.0.push((field, value.to_owned()));
        }
    }

    /// The text of a stated field.
    pub fn get(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| *name == field).map(|(_, value)| value.as_str())
    }

    /// Reads a claim file: `(id, fields)`.
    ///
    /// White space and key order are free; unknown and repeated fields are refused.
    ///
    /// # Errors
    /// [`RequestError::ClaimFile`] with what is wrong.
    pub fn from_claim_file(text: &str) -> Result<(String, Fields), RequestError> {
        let refuse = |reason: String| RequestError::ClaimFile { reason };
        let UniqueMap(map) = serde_json::from_str(text).map_err(|error| refuse(error.to_string()))?;
        let get_text = |field: &str| map.get(field).and_then(Value::as_str);
        if get_text("format") != Some("attestor-claim") {
            return Err(refuse("\"format\" must be \"attestor-claim\"".to_owned()));
        }
        if map.get("version").and_then(Value::as_u64) != Some(1) {
            return Err(refuse("\"version\" must be 1".to_owned()));
        }
        let id = get_text("id").ok_or_else(|| refuse("\"id\" must be a claim id".to_owned()))?.to_owned();
        let mut fields = Fields::default();
        for (name, value) in &map {
            if matches!(name.as_str(), "format" | "version" | "id") {
                continue;
            }
            if matches!(name.as_str(), "lo" | "hi") {
                return Err(refuse(format!("{name:?} is a result of an enclosure; leave it out to certify again")));
            }
            let known = entries::field(name).ok_or_else(|| refuse(format!("unknown field {name:?}")))?;
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Number(number) if known.is_count && number.is_u64() => number.to_string(),
                _ if known.is_count => return Err(refuse(format!("{name:?} must be a whole number, found {value}"))),
                _ => return Err(refuse(format!("{name:?} must be a string such as \"1/100\", found {value}"))),
            };
            fields.set(known.name, Some(&text));
        }
        Ok((id, fields))
    }

    /// Joins flags with the fields of a claim file; a stated field must not be stated differently.
    ///
    /// # Errors
    /// [`RequestError::Conflict`].
    pub fn join(mut self, file: &Fields) -> Result<Fields, RequestError> {
        for (field, value) in &file.0 {
            match self.get(field) {
                Some(flag) if !is_same_value(flag, value) => {
                    return Err(RequestError::Conflict { field, flag: flag.to_owned(), file: value.clone() });
                }
                Some(_) => {}
                None => self.0.push((field, value.clone())),
            }
        }
        Ok(self)
    }
}

/// Whether two texts state the same: `0.1` and `1/10` do.
fn is_same_value(left: &str, right: &str) -> bool {
    left == right || rational::parse(left).is_ok_and(|left| rational::parse(right) == Ok(left))
}

/// A JSON object that refuses repeated keys.
struct UniqueMap(Map<String, Value>);

impl<'de> serde::Deserialize<'de> for UniqueMap {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = UniqueMap;
            fn expecting(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
                formatter.write_str("a JSON object")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut access: A) -> Result<UniqueMap, A::Error> {
                let mut map = Map::new();
                while let Some((key, value)) = access.next_entry::<String, Value>()? {
                    if map.insert(key.clone(), value).is_some() {
                        return Err(serde::de::Error::custom(format!("field {key:?} is given twice")));
                    }
                }
                Ok(UniqueMap(map))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

impl Request {
    /// Reads the stated fields of a claim about `id` and fills in the documented defaults.
    ///
    /// # Errors
    /// A [`RequestError`] that names the field, the value and the remedy.
    ///
    /// ```
    /// use attestor::catalogue::request::{Fields, Request};
    /// let mut fields = Fields::default();
    /// fields.set("tokens", Some("16"));
    /// fields.set("sparsity", Some("2"));
    /// fields.set("error", Some("0.01"));
    /// let Request::Averaging(request) = Request::new("sparse-averaging/moment-curve", &fields).unwrap() else { panic!() };
    /// assert_eq!(request.value_dim, 1);
    /// assert!(request.scale.is_none());
    /// ```
    pub fn new(id: &str, fields: &Fields) -> Result<Request, RequestError> {
        let entry = entries::find(id).ok_or_else(|| RequestError::UnknownId { id: id.to_owned() })?;
        for (name, _) in &fields.0 {
            if entry.parameter(name).is_none() {
                let known = entry.parameters.iter().map(|p| p.name).collect::<Vec<_>>().join(", ");
                return Err(RequestError::Foreign { field: (*name).to_owned(), id: entry.id, known });
            }
        }
        if entry.kinds.contains(&Kind::Decision) {
            MatchingRequest::new(entry, fields).map(Request::Matching)
        } else {
            AveragingRequest::new(entry, fields).map(Request::Averaging)
        }
    }

    /// The catalogue entry.
    pub fn entry(&self) -> &'static Entry {
        match self {
            Request::Averaging(request) => request.entry,
            Request::Matching(request) => request.entry,
        }
    }

    /// N.
    pub fn tokens(&self) -> u64 {
        match self {
            Request::Averaging(request) => request.tokens,
            Request::Matching(request) => request.tokens,
        }
    }
}

impl AveragingRequest {
    fn new(entry: &'static Entry, fields: &Fields) -> Result<AveragingRequest, RequestError> {
        let kind = parse_kind(fields.get("kind"))?;
        let request = AveragingRequest {
            entry,
            kind,
            method: parse_method(entry, fields.get("method"))?,
            tokens: required_count(fields, "tokens", entry)?,
            sparsity: required_count(fields, "sparsity", entry)?,
            value_dim: count(fields, "value_dim")?.unwrap_or(1),
            value_fraction_bits: count(fields, "value_fraction_bits")?,
            key_width: count(fields, "key_width")?,
            seed: count(fields, "seed")?.unwrap_or(0),
            dual: parse_dual(fields.get("dual"))?,
            margin: number(fields, "margin")?.unwrap_or_else(|| Rational::new(1.into(), 2.into())),
            fraction_bits: count(fields, "fraction_bits")?,
            field_size: count(fields, "field_size")?,
            degree_bound: count(fields, "degree_bound")?,
            evaluations: count(fields, "evaluations")?,
            scale: number(fields, "scale")?,
            error: error_bound(fields)?,
        };
        request.check_ranges(fields)?;
        if kind == Kind::UpperBound && request.error.is_none() {
            return Err(RequestError::Missing { field: "error", id: entry.id });
        }
        Ok(request)
    }

    fn check_ranges(&self, fields: &Fields) -> Result<(), RequestError> {
        let zero = Rational::from_integer(0.into());
        let one = Rational::from_integer(1.into());
        let refuse = |field: &'static str, remedy: &'static str| Err(out_of_range(fields, field, remedy));
        if self.scale.as_ref().is_some_and(|scale| *scale <= zero) {
            return refuse("scale", "it must be above 0");
        }
        if self.error.as_ref().is_some_and(|error| *error < zero) {
            return refuse("error", "an error is at least 0");
        }
        if self.margin <= zero || one < self.margin {
            return refuse("margin", "it must be above 0 and at most 1");
        }
        if self.dual == DualName::LeastSquares && fields.get("margin").is_some_and(|margin| margin != "none") {
            return refuse("margin", "only --dual max-margin has a margin");
        }
        for (field, value) in [
            ("key_width", self.key_width),
            ("field_size", self.field_size),
            ("degree_bound", self.degree_bound),
            ("evaluations", self.evaluations),
        ] {
            if value == Some(0) {
                return refuse(field, "it must be at least 1");
            }
        }
        for (field, value, limit) in [
            ("key_width", self.key_width, 1 << 20),
            ("fraction_bits", self.fraction_bits, 4096),
            ("value_fraction_bits", self.value_fraction_bits, 65_536),
            ("value_dim", Some(self.value_dim), u64::from(u32::MAX)),
            ("field_size", self.field_size, u64::from(u32::MAX)),
            ("degree_bound", self.degree_bound, 4096),
            ("sparsity", Some(self.sparsity).filter(|sparsity| *sparsity <= self.tokens), 4096),
        ] {
            if value.is_some_and(|value| limit < value) {
                return refuse(field, ABOVE_LIMIT);
            }
        }
        Ok(())
    }
}

/// Why a number beyond the format's limits is refused.
pub(super) const ABOVE_LIMIT: &str = "it is above the certificate format's limit (see checker/FORMAT.md)";

/// The error for a number outside its range.
pub(super) fn out_of_range(fields: &Fields, field: &'static str, remedy: &'static str) -> RequestError {
    RequestError::Range { field, value: fields.get(field).unwrap_or_default().to_owned(), remedy }
}

fn parse_kind(text: Option<&str>) -> Result<Kind, RequestError> {
    match text {
        None | Some("upper-bound") => Ok(Kind::UpperBound),
        Some("enclosure") => Ok(Kind::Enclosure),
        Some(value) => Err(RequestError::Name {
            field: "kind",
            value: value.to_owned(),
            allowed: "upper-bound, enclosure (a counterexample is what a refuted upper-bound becomes)".to_owned(),
        }),
    }
}

pub(super) fn parse_method(entry: &'static Entry, text: Option<&str>) -> Result<Option<Method>, RequestError> {
    let Some(text) = text else { return Ok(None) };
    let found = entry.methods.iter().copied().find(|method| method.name() == text);
    let allowed = || entry.methods.iter().map(|method| method.name()).collect::<Vec<_>>().join(", ");
    found.map(Some).ok_or_else(|| RequestError::Name { field: "method", value: text.to_owned(), allowed: allowed() })
}

fn parse_dual(text: Option<&str>) -> Result<DualName, RequestError> {
    match text {
        None | Some("least-squares") => Ok(DualName::LeastSquares),
        Some("max-margin") => Ok(DualName::MaxMargin),
        Some(value) => Err(RequestError::Name {
            field: "dual",
            value: value.to_owned(),
            allowed: "least-squares, max-margin".to_owned(),
        }),
    }
}

/// ε; an enclosure's claim file may say `none`.
fn error_bound(fields: &Fields) -> Result<Option<Rational>, RequestError> {
    if fields.get("error") == Some("none") && fields.get("kind") == Some("enclosure") {
        return Ok(None);
    }
    number(fields, "error")
}

pub(super) fn count(fields: &Fields, field: &'static str) -> Result<Option<u64>, RequestError> {
    let Some(text) = fields.get(field) else { return Ok(None) };
    let digits_only = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parsed = if digits_only { text.parse().ok() } else { None };
    parsed.map(Some).ok_or_else(|| RequestError::Count { field, value: text.to_owned() })
}

pub(super) fn required_count(fields: &Fields, field: &'static str, entry: &Entry) -> Result<u64, RequestError> {
    count(fields, field)?.ok_or(RequestError::Missing { field, id: entry.id })
}

pub(super) fn number(fields: &Fields, field: &'static str) -> Result<Option<Rational>, RequestError> {
    match fields.get(field) {
        None => Ok(None),
        Some("none") if field == "margin" => Ok(None),
        Some(text) => rational::parse(text).map(Some).map_err(|source| RequestError::Number { field, source }),
    }
}
