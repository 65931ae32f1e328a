//! The claim: what is asserted, with every parameter, and nothing else.
//!
//! In: the claim object of a header. Out: a typed [`Claim`], its canonical bytes, its hash, its words.
//! There are two families, each in its own file: sparse averaging (`averaging`), the paper's units with an error,
//! and matching (`matching`), networks that answer a question. `raw` is the JSON form of both.

pub(crate) mod averaging;
pub(crate) mod matching;
pub(crate) mod raw;

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::claim::averaging::SparseAveraging;
use crate::claim::matching::Matching;
use crate::claim::raw::RawClaim;
use crate::number::{Dyadic, NumberError, Rational};
use crate::verdict::Verdict;

/// What kind of assertion a claim makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The error is at most `error`, for every support and all values.
    UpperBound,
    /// The worst-case error lies within `[lo, hi]`.
    Enclosure,
    /// Every answer is right, for every input and row.
    Decision,
    /// A witness has an error above `error`, or no threshold is right for two recorded inputs.
    Counterexample,
}

/// How a claim is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// By a formula in the parameters.
    ClosedForm,
    /// By the weight error of every support, or by the scores of all residues.
    Exhaustive,
    /// By the largest inner product of two sign keys.
    Coherence,
    /// By the largest sums of inner products of sign keys.
    Babel,
    /// By the weights of every row that a decoder reads.
    Decoding,
    /// By one input, or two.
    Witness,
}

/// One claim; the numbers in it are in lowest terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// About a unit of sparse averaging.
    Averaging(SparseAveraging),
    /// About a network that finds matches.
    Matching(Matching),
}

const KINDS: [(Kind, &str); 4] = [
    (Kind::UpperBound, "upper-bound"),
    (Kind::Enclosure, "enclosure"),
    (Kind::Decision, "decision"),
    (Kind::Counterexample, "counterexample"),
];
const METHODS: [(Method, &str); 6] = [
    (Method::ClosedForm, "closed-form"),
    (Method::Exhaustive, "exhaustive"),
    (Method::Coherence, "coherence"),
    (Method::Babel, "babel"),
    (Method::Decoding, "decoding"),
    (Method::Witness, "witness"),
];

pub(crate) fn from_name<T: Copy>(table: &[(T, &str)], name: &str) -> Option<T> {
    table.iter().find(|(_, known)| *known == name).map(|(value, _)| *value)
}

pub(crate) fn to_name<T: PartialEq>(table: &[(T, &'static str)], value: &T) -> &'static str {
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
        match self {
            Claim::Averaging(claim) => claim.to_raw(),
            Claim::Matching(claim) => claim.to_raw(),
        }
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

    /// The claim, if it is about sparse averaging.
    #[must_use]
    pub fn averaging(&self) -> Option<&SparseAveraging> {
        match self {
            Claim::Averaging(claim) => Some(claim),
            Claim::Matching(_) => None,
        }
    }

    /// The claim, if it is about matching.
    #[must_use]
    pub fn matching(&self) -> Option<&Matching> {
        match self {
            Claim::Averaging(_) => None,
            Claim::Matching(claim) => Some(claim),
        }
    }

    /// The `id`.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Claim::Averaging(claim) => claim.unit.id(),
            Claim::Matching(claim) => claim.network.id(),
        }
    }

    /// The kind of assertion.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Claim::Averaging(claim) => claim.kind,
            Claim::Matching(claim) => claim.kind,
        }
    }

    /// The method of proof.
    #[must_use]
    pub fn method(&self) -> Method {
        match self {
            Claim::Averaging(claim) => claim.method,
            Claim::Matching(claim) => claim.method,
        }
    }

    /// Number of tokens.
    #[must_use]
    pub fn tokens(&self) -> u64 {
        match self {
            Claim::Averaging(claim) => claim.tokens,
            Claim::Matching(claim) => claim.tokens,
        }
    }

    /// The factor on the scores.
    #[must_use]
    pub fn scale(&self) -> &Rational {
        match self {
            Claim::Averaging(claim) => &claim.scale,
            Claim::Matching(claim) => &claim.scale,
        }
    }

    /// `lo` and `hi` of an enclosure or a decision.
    #[must_use]
    pub fn range(&self) -> Option<&(Dyadic, Dyadic)> {
        match self {
            Claim::Averaging(claim) => claim.range.as_ref(),
            Claim::Matching(claim) => claim.range.as_ref(),
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

/// The text of a rational field that may be `"none"`.
pub(crate) fn rational_text(value: Option<&Rational>) -> String {
    value.map_or_else(|| "none".to_owned(), ToString::to_string)
}

/// Lower-case hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::Claim;

    const MOMENT: &str = r#"{"format":"attestor-claim","version":1,"id":"sparse-averaging/moment-curve","kind":"upper-bound","method":"closed-form","tokens":64,"sparsity":3,"value_dim":5,"value_fraction_bits":20,"scale":"3/2","error":"1/10"}"#;

    #[test]
    fn canonical_bytes_come_back() {
        let claim = Claim::parse(MOMENT.as_bytes()).expect("a claim");
        assert_eq!(claim.canonical(), MOMENT);
        assert_eq!(claim.hash().len(), 64);
    }

    #[test]
    fn refused_claims() {
        for (from, to, code) in [
            ("\"version\":1", "\"version\":2", "version"),
            ("attestor-claim", "attestor-clam", "version"),
            ("moment-curve", "moment", "id"),
            ("moment-curve", "sign-keys", "json"),
            ("upper-bound", "lower-bound", "kind"),
            ("upper-bound", "decision", "kind"),
            ("upper-bound", "counterexample", "method"),
            ("upper-bound", "enclosure", "json"),
            ("closed-form", "coherence", "method"),
            ("closed-form", "guess", "method"),
            ("closed-form", "decoding", "method"),
            ("\"sparsity\":3,", "", "json"),
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

    const HEAD: &str = r#"{"format":"attestor-claim","version":1,"id":"#;
    const BIGRAM: &str = r#""match3/bigram","kind":"decision","method":"babel","modulus":7,"tokens":64,"construction":"sign-keys","value_fraction_bits":20,"key_width":512,"seed":3,"fraction_bits":10,"scale":"30","first_fraction_bits":12,"first_scale":"40/3","lo":"1*2^-2","hi":"3*2^-2"}"#;

    /// A claim of each network, with what its statement begins with.
    const MATCHING: [(&str, &str); 6] = [
        (
            r#""match2/trigonometric","kind":"decision","method":"exhaustive","modulus":5,"tokens":16,"fraction_bits":6,"scale":"9/2","lo":"1*2^-2","hi":"3*2^-2"}"#,
            "match2 decision by exhaustive: for every X in [5]^16 and every row the unit with trigonometric keys \
             (modulus=5 tokens=16 fraction_bits=6 scale=9/2) outputs at most 1*2^-2 without a match and at least 3*2^-2 \
             with one",
        ),
        (
            r#""match2/polynomial","kind":"decision","method":"closed-form","modulus":5,"tokens":16,"scale":"1","lo":"1*2^-2","hi":"3*2^-3"}"#,
            "match2 decision by closed-form: for every X in [5]^16 and every row the unit with polynomial keys \
             (modulus=5 tokens=16 scale=1) outputs at most 1*2^-2 without a match and at least 3*2^-3 with one",
        ),
        (
            r#""match3/third-order","kind":"decision","method":"closed-form","modulus":5,"tokens":16,"encoding":"polynomial","scale":"1","lo":"1*2^-2","hi":"3*2^-3"}"#,
            "match3 decision by closed-form: for every X in [5]^16 and every row the third-order unit with polynomial \
             keys (modulus=5 tokens=16 scale=1) outputs at most 1*2^-2 without a match and at least 3*2^-3 with one",
        ),
        (
            r#""match3/third-order","kind":"decision","method":"exhaustive","modulus":5,"tokens":16,"encoding":"trigonometric","fraction_bits":8,"scale":"1","lo":"1*2^-2","hi":"3*2^-3"}"#,
            "match3 decision by exhaustive: for every X in [5]^16 and every row the third-order unit with trigonometric \
             keys (modulus=5 tokens=16 fraction_bits=8 scale=1) outputs at most 1*2^-2 without a match and at least \
             3*2^-3 with one",
        ),
        (
            r#""match3/local","kind":"decision","method":"decoding","modulus":5,"tokens":16,"window":2,"construction":"moment-curve","value_fraction_bits":20,"scale":"30"}"#,
            "match3/local decision by decoding: for every X in [5]^16 and every row the unit with moment-curve keys and \
             a decoder (modulus=5 tokens=16 window=2 value_fraction_bits=20 scale=30) answers correctly",
        ),
        (
            BIGRAM,
            "match3/bigram decision by babel: for every X in [7]^64 and every row the two layers with sign keys and \
             trigonometric keys (modulus=7 tokens=64 value_fraction_bits=20 key_width=512 seed=3 first_fraction_bits=12 \
             fraction_bits=10 scale=30 first_scale=40/3) outputs at most 1*2^-2 without a match and at least 3*2^-2 \
             with one",
        ),
    ];

    #[test]
    fn claims_of_matching_come_back() {
        for (rest, words) in MATCHING {
            let text = format!("{HEAD}{rest}");
            let claim = Claim::parse(text.as_bytes()).expect(rest);
            assert_eq!(claim.canonical(), text);
            assert_eq!(claim.matching().expect("of matching").statement(None), words);
        }
    }

    #[test]
    fn refused_claims_of_matching() {
        let cases = [
            ("match3/bigram", "match3/bigrams", "id"),
            ("match3/bigram", "match3/local", "json"),
            ("match3/bigram", "match2/trigonometric", "method"),
            ("decision", "upper-bound", "kind"),
            ("decision", "counterexample", "method"),
            ("babel", "witness", "method"),
            ("babel", "closed-form", "method"),
            ("sign-keys", "moment-curve", "method"),
            ("sign-keys", "signs", "construction"),
            (",\"first_scale\":\"40/3\"", "", "json"),
            ("\"modulus\":7,", "", "json"),
            ("\"seed\":3,", "", "json"),
            ("\"modulus\":7,\"tokens\":64", "\"tokens\":64,\"modulus\":7", "canonical"),
            ("\"seed\":3,", "\"seed\":3,\"dual\":\"least-squares\",", "json"),
            ("\"seed\":3,", "\"seed\":3,\"field_size\":7,", "json"),
            ("\"lo\":", "\"error\":\"1/2\",\"lo\":", "json"),
            ("\"lo\":\"1*2^-2\",", "", "json"),
            ("3*2^-2", "3/4", "number"),
            ("\"tokens\":64,", "\"tokens\":64,\"window\":1,", "json"),
            ("\"tokens\":64,", "\"tokens\":64,\"sparsity\":1,", "json"),
        ];
        let third = MATCHING[2].0;
        let encodings = [
            ("\"encoding\":\"polynomial\",", "", "json"),
            ("polynomial", "polynomials", "encoding"),
            ("polynomial", "trigonometric", "json"),
            ("closed-form", "exhaustive", "method"),
            ("closed-form", "decoding", "method"),
        ];
        let all = cases.map(|case| (BIGRAM, case)).into_iter().chain(encodings.map(|case| (third, case)));
        for (rest, (from, to, code)) in all {
            assert!(rest.contains(from), "{from}");
            let text = format!("{HEAD}{}", rest.replacen(from, to, 1));
            let found = Claim::parse(text.as_bytes()).expect_err(to);
            assert_eq!(found.finding().map(|finding| finding.code), Some(code), "{from} -> {to}");
        }
    }
}
