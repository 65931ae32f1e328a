//! The claim: what is asserted, with every parameter, and nothing else.
//!
//! In: the claim object of a header. Out: a typed [`Claim`], its canonical bytes, its hash, its words.
//! Symbols of the paper: `tokens` is N, `sparsity` q, `value_dim` d', `scale` α, `error` ε,
//! `key_width` m', `field_size` Q, `degree_bound` k, `evaluations` n.

use std::fmt::Write as _;

use num_bigint::BigInt;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::number::{Dyadic, NumberError, Rational, power_of_two};
use crate::side_condition::{SideCondition, Violation, require};
use crate::verdict::Verdict;

/// What kind of assertion a claim makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The error is at most `error`, for every support and all values.
    UpperBound,
    /// The worst-case error lies within `[lo, hi]`.
    Enclosure,
    /// The error is above `error` at the support and values of a witness.
    Counterexample,
}

/// How a claim is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// By a formula in the parameters.
    ClosedForm,
    /// By the weight error of every support.
    Exhaustive,
    /// By the largest inner product of two sign keys.
    Coherence,
    /// By the largest sums of inner products of sign keys.
    Babel,
    /// By one input.
    Witness,
}

/// How sign keys get their dual vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dual {
    /// The least-norm vector with inner product 1 on the support.
    LeastSquares,
    /// The least-norm vector with inner product 1 on the support and at most `1 - margin` off it.
    MaxMargin,
}

/// The construction, with the parameters that only it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Keys on the moment curve.
    MomentCurve,
    /// Keys of pseudo-random signs.
    SignKeys {
        /// Signs in a key.
        key_width: u64,
        /// Seed of the signs.
        seed: u64,
        /// Kind of dual vector.
        dual: Dual,
        /// Margin of the `max-margin` dual vector; `None` is `"none"`.
        margin: Option<Rational>,
        /// Fraction bits of a query entry.
        fraction_bits: u64,
    },
    /// Keys from polynomials over a prime field.
    CodeKeys {
        /// Size of the field.
        field_size: u64,
        /// Number of coefficients of a polynomial.
        degree_bound: u64,
        /// Number of evaluation points.
        evaluations: u64,
    },
}

/// One claim; the numbers in it are in lowest terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The kind of assertion.
    pub kind: Kind,
    /// The method of proof.
    pub method: Method,
    /// Number of tokens.
    pub tokens: u64,
    /// Size of a support.
    pub sparsity: u64,
    /// Dimension of a value.
    pub value_dim: u64,
    /// Fraction bits of a value's coordinate.
    pub value_fraction_bits: u64,
    /// The construction.
    pub unit: Unit,
    /// The factor on the scores.
    pub scale: Rational,
    /// The asserted error; `None` is `"none"`.
    pub error: Option<Rational>,
    /// `lo` and `hi` of an enclosure.
    pub range: Option<(Dyadic, Dyadic)>,
}

/// The JSON form of a claim: all fields in canonical order, those that not every claim has optional.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawClaim {
    pub(crate) format: String,
    pub(crate) version: u64,
    id: String,
    kind: String,
    method: String,
    tokens: u64,
    sparsity: u64,
    value_dim: u64,
    value_fraction_bits: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_width: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dual: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    margin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fraction_bits: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field_size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    degree_bound: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evaluations: Option<u64>,
    scale: String,
    error: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    lo: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hi: Option<String>,
}

const FORMAT: &str = "attestor-claim";
const VERSION: u64 = 1;
const KINDS: [(Kind, &str); 3] =
    [(Kind::UpperBound, "upper-bound"), (Kind::Enclosure, "enclosure"), (Kind::Counterexample, "counterexample")];
const METHODS: [(Method, &str); 5] = [
    (Method::ClosedForm, "closed-form"),
    (Method::Exhaustive, "exhaustive"),
    (Method::Coherence, "coherence"),
    (Method::Babel, "babel"),
    (Method::Witness, "witness"),
];
const DUALS: [(Dual, &str); 2] = [(Dual::LeastSquares, "least-squares"), (Dual::MaxMargin, "max-margin")];

fn from_name<T: Copy>(table: &[(T, &str)], name: &str) -> Option<T> {
    table.iter().find(|(_, known)| *known == name).map(|(value, _)| *value)
}

fn to_name<T: PartialEq>(table: &[(T, &'static str)], value: &T) -> &'static str {
    table.iter().find(|(known, _)| known == value).map_or("", |(_, name)| *name)
}

impl Kind {
    /// Its name in a claim.
    #[must_use]
    pub fn name(self) -> &'static str {
        to_name(&KINDS, &self)
    }
}

impl Method {
    /// Its name in a claim.
    #[must_use]
    pub fn name(self) -> &'static str {
        to_name(&METHODS, &self)
    }
}

impl Dual {
    /// Its name in a claim.
    #[must_use]
    pub fn name(self) -> &'static str {
        to_name(&DUALS, &self)
    }
}

impl Unit {
    /// The `id` of its claims.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Unit::MomentCurve => "sparse-averaging/moment-curve",
            Unit::SignKeys { .. } => "sparse-averaging/sign-keys",
            Unit::CodeKeys { .. } => "sparse-averaging/code-keys",
        }
    }

    fn has_method(&self, method: Method) -> bool {
        match method {
            Method::Witness | Method::Exhaustive => true,
            Method::ClosedForm => !matches!(self, Unit::SignKeys { .. }),
            Method::Coherence | Method::Babel => matches!(self, Unit::SignKeys { .. }),
        }
    }
}

/// A number of the header, or the verdict on a text that is none.
pub(crate) fn number<T>(record: u64, parsed: Result<T, NumberError>) -> Result<T, Verdict> {
    parsed.map_err(|error| match error {
        NumberError::Form => Verdict::malformed("number", record, "expected a number of its canonical form"),
        NumberError::Size => Verdict::resource("number-size", record, "expected a number within the limits"),
    })
}

/// The verdict on a field that is missing or does not belong.
fn wrong_fields() -> Verdict {
    Verdict::malformed("json", 0, "expected exactly the fields of this id and kind")
}

/// `None` for `"none"`.
fn optional_rational(text: &str) -> Result<Option<Rational>, Verdict> {
    if text == "none" { Ok(None) } else { number(0, Rational::parse(text)).map(Some) }
}

impl RawClaim {
    /// The typed claim, by the syntax rules of FORMAT.md, section 2.
    pub(crate) fn to_claim(&self) -> Result<Claim, Verdict> {
        if self.format != FORMAT || self.version != VERSION {
            return Err(Verdict::malformed("version", 0, "expected a claim of format version 1"));
        }
        let unit = self.to_unit()?;
        let unknown = |code| Verdict::malformed(code, 0, format!("expected a {code} that belongs to this claim"));
        let kind = from_name(&KINDS, &self.kind).ok_or_else(|| unknown("kind"))?;
        let method = from_name(&METHODS, &self.method).ok_or_else(|| unknown("method"))?;
        let is_witness = method == Method::Witness;
        if !unit.has_method(method) || is_witness != (kind == Kind::Counterexample) {
            return Err(unknown("method"));
        }
        let range = match (kind, &self.lo, &self.hi) {
            (Kind::Enclosure, Some(lo), Some(hi)) => {
                Some((number(0, Dyadic::parse(lo))?, number(0, Dyadic::parse(hi))?))
            }
            (Kind::UpperBound | Kind::Counterexample, None, None) => None,
            _ => return Err(wrong_fields()),
        };
        let error = match kind {
            Kind::Enclosure => optional_rational(&self.error)?,
            Kind::UpperBound | Kind::Counterexample => Some(number(0, Rational::parse(&self.error))?),
        };
        Ok(Claim {
            kind,
            method,
            tokens: self.tokens,
            sparsity: self.sparsity,
            value_dim: self.value_dim,
            value_fraction_bits: self.value_fraction_bits,
            unit,
            scale: number(0, Rational::parse(&self.scale))?,
            error,
            range,
        })
    }

    fn to_unit(&self) -> Result<Unit, Verdict> {
        let sign = (self.key_width, self.seed, &self.dual, &self.margin, self.fraction_bits);
        let code = (self.field_size, self.degree_bound, self.evaluations);
        match (self.id.as_str(), sign, code) {
            ("sparse-averaging/moment-curve", (None, None, None, None, None), (None, None, None)) => {
                Ok(Unit::MomentCurve)
            }
            (
                "sparse-averaging/sign-keys",
                (Some(key_width), Some(seed), Some(dual), Some(margin), Some(fraction_bits)),
                (None, None, None),
            ) => {
                let dual = from_name(&DUALS, dual)
                    .ok_or_else(|| Verdict::malformed("dual", 0, "expected least-squares or max-margin"))?;
                let margin = optional_rational(margin)?;
                Ok(Unit::SignKeys { key_width, seed, dual, margin, fraction_bits })
            }
            (
                "sparse-averaging/code-keys",
                (None, None, None, None, None),
                (Some(field_size), Some(degree_bound), Some(evaluations)),
            ) => Ok(Unit::CodeKeys { field_size, degree_bound, evaluations }),
            ("sparse-averaging/moment-curve" | "sparse-averaging/sign-keys" | "sparse-averaging/code-keys", _, _) => {
                Err(wrong_fields())
            }
            _ => Err(Verdict::malformed("id", 0, "expected the id of a known construction")),
        }
    }
}

/// The text of a rational field that may be `"none"`.
fn rational_text(value: Option<&Rational>) -> String {
    value.map_or_else(|| "none".to_owned(), ToString::to_string)
}

impl Claim {
    /// Reads a claim from its canonical bytes.
    ///
    /// # Errors
    /// The verdict on bytes that are no canonical claim.
    pub fn parse(bytes: &[u8]) -> Result<Self, Verdict> {
        let raw: RawClaim = serde_json::from_slice(bytes)
            .map_err(|_| Verdict::malformed("json", 0, "expected the JSON object of a claim"))?;
        let claim = raw.to_claim()?;
        if claim.canonical().as_bytes() != bytes {
            return Err(Verdict::malformed("canonical", 0, "expected the canonical bytes of this claim"));
        }
        Ok(claim)
    }

    pub(crate) fn to_raw(&self) -> RawClaim {
        let mut raw = RawClaim {
            format: FORMAT.to_owned(),
            version: VERSION,
            id: self.unit.id().to_owned(),
            kind: self.kind.name().to_owned(),
            method: self.method.name().to_owned(),
            tokens: self.tokens,
            sparsity: self.sparsity,
            value_dim: self.value_dim,
            value_fraction_bits: self.value_fraction_bits,
            key_width: None,
            seed: None,
            dual: None,
            margin: None,
            fraction_bits: None,
            field_size: None,
            degree_bound: None,
            evaluations: None,
            scale: self.scale.to_string(),
            error: rational_text(self.error.as_ref()),
            lo: self.range.as_ref().map(|(lo, _)| lo.to_string()),
            hi: self.range.as_ref().map(|(_, hi)| hi.to_string()),
        };
        match &self.unit {
            Unit::MomentCurve => {}
            Unit::SignKeys { key_width, seed, dual, margin, fraction_bits } => {
                raw.key_width = Some(*key_width);
                raw.seed = Some(*seed);
                raw.dual = Some(dual.name().to_owned());
                raw.margin = Some(rational_text(margin.as_ref()));
                raw.fraction_bits = Some(*fraction_bits);
            }
            Unit::CodeKeys { field_size, degree_bound, evaluations } => {
                raw.field_size = Some(*field_size);
                raw.degree_bound = Some(*degree_bound);
                raw.evaluations = Some(*evaluations);
            }
        }
        raw
    }

    /// The canonical serialisation.
    #[must_use]
    pub fn canonical(&self) -> String {
        // Strings and integers always serialise.
        serde_json::to_string(&self.to_raw()).unwrap_or_default()
    }

    /// The claim hash: SHA-256 of the canonical serialisation, in lower-case hex digits.
    #[must_use]
    pub fn hash(&self) -> String {
        hex(&Sha256::digest(self.canonical().as_bytes()))
    }

    /// The bound that the method has to prove: `hi` of an enclosure, `error` of an upper bound.
    pub(crate) fn target(&self) -> Option<Rational> {
        match self.kind {
            Kind::UpperBound => self.error.clone(),
            Kind::Enclosure => self.range.as_ref().map(|(_, hi)| hi.to_rational()),
            Kind::Counterexample => None,
        }
    }

    /// `2^{⌊log₂T⌋-64}` for a positive target `T`: bounds of blocks need not be sharper.
    pub(crate) fn floor(&self) -> Option<Rational> {
        let target = self.target().filter(Rational::is_positive)?;
        let (numer, denom) = (target.numer(), target.denom());
        // 2^(a-b-1) < T < 2^(a-b+1) for the bit lengths a, b: the power at a-b if T reaches it, else the one below.
        let (a, b) = (numer.bits(), denom.bits());
        let power = Rational::new(power_of_two(a), power_of_two(b + 64))?;
        let reaches = denom << a <= numer << b;
        if reaches { Some(power) } else { power.over(&Rational::integer(2)) }
    }

    /// Whether a proved bound `b ≥ max_y D(y)` meets the target `T`.
    ///
    /// *Ensures* `b + √d'·2^{-f_v} ≤ T`.
    /// *Why* it says `b ≤ T` and `d' ≤ (T - b)²·4^{f_v}`.
    /// *Source* Lemma C.
    pub(crate) fn is_met_by(&self, bound: &Rational) -> bool {
        let Some(target) = self.target() else {
            return false;
        };
        let room = target.minus(bound);
        if room.is_negative() {
            return false;
        }
        let squared = room.times(&room);
        BigInt::from(self.value_dim) * squared.denom() <= squared.numer() << (2 * self.value_fraction_bits)
    }

    /// Refuses claims that would be true whatever the unit does.
    pub(crate) fn check_vacuity(&self) -> Result<(), Verdict> {
        if self.sparsity == 0 {
            return Err(Verdict::vacuous("sparsity-zero", "expected a support of at least one token"));
        }
        if self.tokens < self.sparsity {
            return Err(Verdict::vacuous("sparsity-exceeds-tokens", "expected supports within the tokens"));
        }
        if self.value_dim == 0 {
            return Err(Verdict::vacuous("value-dim-zero", "expected values of at least one dimension"));
        }
        let two = Rational::integer(2);
        let is_trivial = match (self.kind, &self.error, &self.range) {
            (Kind::UpperBound, Some(error), _) => two <= *error,
            (Kind::Counterexample, Some(error), _) => error.is_negative(),
            (Kind::Enclosure, _, Some((lo, hi))) => lo.to_rational() <= Rational::integer(0) && two <= hi.to_rational(),
            _ => false,
        };
        if is_trivial {
            return Err(Verdict::vacuous("error-trivial", "expected an error that some unit fails to meet"));
        }
        Ok(())
    }

    /// Rule `claim`: the side conditions on the parameters alone.
    pub(crate) fn check(&self) -> Result<(), Violation> {
        require(SideCondition::ClaimS1, self.scale.is_positive(), || "expected a positive scale".into())?;
        let is_nonnegative = self.error.as_ref().is_none_or(|error| !error.is_negative());
        require(SideCondition::ClaimS2, is_nonnegative, || "expected an error of at least 0".into())?;
        self.check_unit()?;
        let Some((lo, hi)) = &self.range else {
            return Ok(());
        };
        let (lo, hi) = (lo.to_rational(), hi.to_rational());
        require(SideCondition::ClaimS8, !lo.is_negative() && lo <= hi, || "expected 0 <= lo <= hi".into())?;
        let is_below_error = self.error.as_ref().is_none_or(|error| hi <= *error);
        require(SideCondition::ClaimS9, is_below_error, || "expected hi at most error".into())
    }

    fn check_unit(&self) -> Result<(), Violation> {
        match &self.unit {
            Unit::MomentCurve => Ok(()),
            Unit::SignKeys { key_width, dual, margin, .. } => {
                require(SideCondition::ClaimS3, 1 <= *key_width, || "expected keys of at least one sign".into())?;
                let one = Rational::integer(1);
                let has_margin = match (dual, margin) {
                    (Dual::LeastSquares, None) => true,
                    (Dual::MaxMargin, Some(margin)) => margin.is_positive() && *margin <= one,
                    _ => false,
                };
                require(SideCondition::ClaimS4, has_margin, || {
                    "expected a margin within (0, 1] for max-margin and none for least-squares".into()
                })
            }
            Unit::CodeKeys { field_size, degree_bound, evaluations } => {
                require(SideCondition::ClaimS5, is_prime(*field_size), || "expected a prime field_size".into())?;
                let has_points = 1 <= *degree_bound && 1 <= *evaluations && evaluations <= field_size;
                require(SideCondition::ClaimS6, has_points, || {
                    "expected degree_bound >= 1 and 1 <= evaluations <= field_size".into()
                })?;
                let has_polynomials = power_reaches(*field_size, *degree_bound, self.tokens);
                require(SideCondition::ClaimS7, has_polynomials, || {
                    "expected tokens at most field_size to the power degree_bound".into()
                })
            }
        }
    }

    /// What the certificate proves, in words; a counterexample adds its own input.
    pub(crate) fn statement(&self, support: &[u64], raised: &[u64]) -> String {
        let (method, unit) = (self.method.name(), self.unit_in_words());
        let error = rational_text(self.error.as_ref());
        let mut words = match (self.kind, &self.range) {
            (Kind::Enclosure, Some((lo, hi))) => {
                let at_most = if self.error.is_some() { format!(", at most {error}") } else { String::new() };
                format!(
                    "sparse-averaging enclosure by {method}: the worst-case error over every support and all values \
                     in the unit ball of {unit} lies in [{lo}, {hi}]{at_most}"
                )
            }
            (Kind::Counterexample, _) => format!(
                "sparse-averaging counterexample: {unit} has error > {error} at support {{{}}} with values +1 on \
                 {{{}}} and off the support and -1 on the rest of it",
                list(support),
                list(raised)
            ),
            _ => format!(
                "sparse-averaging upper-bound by {method}: for every support and all values in the unit ball {unit} \
                 has error <= {error}"
            ),
        };
        if self.is_met_trivially() {
            words.push_str(" [note: the zero output or uniform attention also meets this bound]");
        }
        words
    }

    /// Whether the zero output, of error at most 1, or uniform attention, of weight error `2(N-q)/N`, meets the target.
    fn is_met_trivially(&self) -> bool {
        let n_off = BigInt::from(self.tokens) - BigInt::from(self.sparsity);
        let uniform = Rational::new(n_off * 2u32, BigInt::from(self.tokens));
        let zero_meets = self.target().is_some_and(|target| Rational::integer(1) <= target);
        zero_meets || uniform.is_some_and(|uniform| self.is_met_by(&uniform))
    }

    fn unit_in_words(&self) -> String {
        let common = format!(
            "tokens={} sparsity={} value_dim={} value_fraction_bits={}",
            self.tokens, self.sparsity, self.value_dim, self.value_fraction_bits
        );
        let (keys, own) = match &self.unit {
            Unit::MomentCurve => ("moment-curve keys", String::new()),
            Unit::SignKeys { key_width, seed, dual, margin, fraction_bits } => (
                "sign keys",
                format!(
                    " key_width={key_width} seed={seed} dual={} margin={} fraction_bits={fraction_bits}",
                    dual.name(),
                    rational_text(margin.as_ref())
                ),
            ),
            Unit::CodeKeys { field_size, degree_bound, evaluations } => {
                ("code keys", format!(" field_size={field_size} degree_bound={degree_bound} evaluations={evaluations}"))
            }
        };
        format!("the unit with {keys} ({common}{own} scale={})", self.scale)
    }
}

/// Tokens, separated by a comma and a space.
fn list(tokens: &[u64]) -> String {
    let words: Vec<String> = tokens.iter().map(ToString::to_string).collect();
    words.join(", ")
}

/// Lower-case hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Primality by trial division; the limit on `field_size` keeps it below `2^16` steps.
fn is_prime(number: u64) -> bool {
    2 <= number
        && (2u64..)
            .take_while(|divisor| divisor.checked_mul(*divisor).is_some_and(|square| square <= number))
            .all(|divisor| !number.is_multiple_of(divisor))
}

/// Whether `bound ≤ base^exponent`; the exponent has been limited, and a base above 1 soon leaves 64 bits.
fn power_reaches(base: u64, exponent: u64, bound: u64) -> bool {
    let mut power = 1u64;
    for _ in 0..exponent {
        match power.checked_mul(base) {
            Some(product) => power = product,
            None => return true,
        }
    }
    bound <= power
}

#[cfg(test)]
mod tests {
    use super::{Claim, is_prime, power_reaches};

    const MOMENT: &str = r#"{"format":"attestor-claim","version":1,"id":"sparse-averaging/moment-curve","kind":"upper-bound","method":"closed-form","tokens":64,"sparsity":3,"value_dim":5,"value_fraction_bits":20,"scale":"3/2","error":"1/10"}"#;

    #[test]
    fn canonical_bytes_come_back() {
        let claim = Claim::parse(MOMENT.as_bytes()).expect("a claim");
        assert_eq!(claim.canonical(), MOMENT);
        assert_eq!(claim.hash().len(), 64);
        let words = claim.statement(&[], &[]);
        assert_eq!(
            words,
            "sparse-averaging upper-bound by closed-form: for every support and all values in the unit ball the unit \
             with moment-curve keys (tokens=64 sparsity=3 value_dim=5 value_fraction_bits=20 scale=3/2) has error <= 1/10"
        );
    }

    #[test]
    fn refused_claims() {
        for (from, to, code) in [
            ("\"version\":1", "\"version\":2", "version"),
            ("attestor-claim", "attestor-clam", "version"),
            ("moment-curve", "moment", "id"),
            ("moment-curve", "sign-keys", "json"),
            ("upper-bound", "lower-bound", "kind"),
            ("upper-bound", "counterexample", "method"),
            ("upper-bound", "enclosure", "json"),
            ("closed-form", "coherence", "method"),
            ("closed-form", "guess", "method"),
            ("\"3/2\"", "\"6/4\"", "number"),
            ("\"3/2\"", "1", "json"),
            ("\"1/10\"", "\"none\"", "number"),
            (",\"scale\"", ", \"scale\"", "canonical"),
            ("\"tokens\":64", "\"tokens\":64.0", "json"),
            ("\"tokens\":64", "\"tokens\":-64", "json"),
            ("\"tokens\":64", "\"tokens\":18446744073709551616", "json"),
            (",\"scale\"", ",\"seed\":null,\"scale\"", "canonical"),
            (",\"scale\"", ",\"seed\":1,\"scale\"", "json"),
            (",\"scale\"", ",\"tokens\":64,\"scale\"", "json"),
        ] {
            let found = Claim::parse(MOMENT.replacen(from, to, 1).as_bytes()).expect_err(to);
            assert_eq!(found.finding().map(|finding| finding.code), Some(code), "{from} -> {to}");
        }
    }

    #[test]
    fn bounds_with_rounded_values() {
        // √5·2^-20 = 2.1325e-6.
        let claim = Claim::parse(MOMENT.as_bytes()).expect("a claim");
        let parse = |text| super::Rational::parse(text).expect("a rational");
        assert!(claim.is_met_by(&parse("99997/1000000")));
        assert!(!claim.is_met_by(&parse("49999/500000").minus(&parse("1/10000000"))));
        assert!(!claim.is_met_by(&parse("2")));
    }

    #[test]
    fn floors_are_the_power_of_two_below() {
        for (target, floor) in
            [("1", "1"), ("3/2", "1"), ("2", "2"), ("1/100", "1/128"), ("1/128", "1/128"), ("7", "4")]
        {
            let parse = |text: &str| crate::number::Rational::parse(text).unwrap();
            let mut claim = Claim::parse(MOMENT.as_bytes()).unwrap();
            claim.error = Some(parse(target));
            let unit = crate::number::Rational::scaled(1.into(), 64);
            assert_eq!(claim.floor(), Some(parse(floor).times(&unit)), "{target}");
            claim.error = Some(parse("0"));
            assert_eq!(claim.floor(), None);
        }
    }

    #[test]
    fn primes_and_powers() {
        let primes: Vec<u64> = (0..30).filter(|number| is_prime(*number)).collect();
        assert_eq!(primes, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]);
        assert!(is_prime(4_294_967_291));
        assert!(!is_prime(4_294_967_295));
        assert!(power_reaches(3, 4, 81) && !power_reaches(3, 4, 82));
        assert!(power_reaches(2, 64, u64::MAX) && !power_reaches(0, 3, 1) && power_reaches(7, 0, 1));
    }
}
