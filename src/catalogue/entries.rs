//! The catalogue as data: `attestor claims`, the README table and the tests are made from it.
//!
//! A new claim begins with an [`Entry`] here (CONTRIBUTING.md, five steps).

use serde::Serialize;

use super::claim::{Kind, Method};

/// One catalogue entry: a family of claims about one construction.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// The stable id.
    pub id: &'static str,
    /// The paper's theorem, or "ours".
    pub paper: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// Flags and claim fields, in canonical order.
    pub parameters: &'static [Parameter],
    /// Kinds of certificate.
    pub kinds: &'static [Kind],
    /// Methods, in the order in which `auto` tries them.
    pub methods: &'static [Method],
    /// The theorem in `proofs/`, once there is one.
    pub coq_theorem: Option<&'static str>,
}

/// One parameter: a claim field and a flag.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Parameter {
    /// The claim field; the flag has dashes.
    pub name: &'static str,
    /// What it means, with the paper's symbol.
    pub meaning: &'static str,
    /// Legal values.
    pub range: &'static str,
    /// Default, `required`, or `auto` with what auto does.
    pub default: &'static str,
    /// Whether it is a JSON integer (else a string).
    #[serde(skip)]
    pub is_count: bool,
}

const fn count(name: &'static str, meaning: &'static str, range: &'static str, default: &'static str) -> Parameter {
    Parameter { name, meaning, range, default, is_count: true }
}

const fn text(name: &'static str, meaning: &'static str, range: &'static str, default: &'static str) -> Parameter {
    Parameter { name, meaning, range, default, is_count: false }
}

const KIND: Parameter = text("kind", "what is certified", "upper-bound, enclosure", "upper-bound");
const TOKENS: Parameter = count("tokens", "N, the number of tokens", "1 .. 2^64-1", "required");
const SPARSITY: Parameter = count("sparsity", "q, tokens averaged", "1 .. min(N, 4096)", "required");
const VALUE_DIM: Parameter = count("value_dim", "d', the dimension of the values", "1 .. 2^32-1", "1");
const VALUE_FRACTION_BITS: Parameter = count(
    "value_fraction_bits",
    "fraction bits to which values are rounded toward zero",
    "0 .. 65536",
    "auto: the least that certifies",
);
const SCALE: Parameter =
    text("scale", "alpha, the factor on the scores", "above 0", "auto: the least on the grid that certifies");
const ERROR: Parameter =
    text("error", "epsilon, the bound on the worst-case error", "0 <= epsilon < 2", "required for upper-bound");

const SPARSE_AVERAGING_KINDS: &[Kind] = &Kind::ALL;

/// Every entry, in the order of the paper's sections.
pub const ALL: &[Entry] = &[
    Entry {
        id: "sparse-averaging/moment-curve",
        paper: "Thm 3",
        summary: "q-sparse averaging with integer keys on the moment curve, query and key width 2q, for every N",
        parameters: &[
            KIND,
            text("method", "how it is proved", "closed-form, exhaustive", "auto: the first that decides"),
            TOKENS,
            SPARSITY,
            VALUE_DIM,
            VALUE_FRACTION_BITS,
            SCALE,
            ERROR,
        ],
        kinds: SPARSE_AVERAGING_KINDS,
        methods: &[Method::ClosedForm, Method::Exhaustive],
        coq_theorem: None,
    },
    Entry {
        id: "sparse-averaging/sign-keys",
        paper: "Thm 2",
        summary: "q-sparse averaging with seeded sign keys and rounded queries, width about q log N",
        parameters: &[
            KIND,
            text("method", "how it is proved", "exhaustive, babel, coherence", "auto: the first that decides"),
            TOKENS,
            SPARSITY,
            VALUE_DIM,
            VALUE_FRACTION_BITS,
            count("key_width", "m', coordinates of a key", "1 .. 2^20", "auto: the least with margin >= 1/2"),
            count("seed", "seed of the key generator", "0 .. 2^64-1", "0"),
            text("dual", "definition of the dual vectors", "least-squares, max-margin", "least-squares"),
            text("margin", "gamma of max-margin dual vectors", "0 < gamma <= 1", "1/2 (none for least-squares)"),
            count(
                "fraction_bits",
                "f, fraction bits of the queries (nearest, ties to even)",
                "0 .. 4096",
                "auto: the least that certifies",
            ),
            SCALE,
            ERROR,
        ],
        kinds: SPARSE_AVERAGING_KINDS,
        methods: &[Method::Exhaustive, Method::Babel, Method::Coherence],
        coq_theorem: None,
    },
    Entry {
        id: "sparse-averaging/code-keys",
        paper: "Thm 2, explicit keys (ours)",
        summary: "q-sparse averaging with Reed-Solomon code keys, zero-one integers, N up to 10^18 and beyond",
        parameters: &[
            KIND,
            text("method", "how it is proved", "closed-form, exhaustive", "auto: the first that decides"),
            TOKENS,
            SPARSITY,
            VALUE_DIM,
            VALUE_FRACTION_BITS,
            count("field_size", "Q, a prime", "2 .. 2^32-1", "auto: least width Qn with margin >= 1/2"),
            count("degree_bound", "k, polynomials of degree < k", "1 .. 4096", "auto, with field_size"),
            count("evaluations", "n, evaluation points", "1 .. Q", "auto, with field_size"),
            SCALE,
            ERROR,
        ],
        kinds: SPARSE_AVERAGING_KINDS,
        methods: &[Method::ClosedForm, Method::Exhaustive],
        coq_theorem: None,
    },
];

impl Entry {
    /// The parameter called `name`, if this claim has it.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }
}

/// The entry with this id.
pub fn find(id: &str) -> Option<&'static Entry> {
    ALL.iter().find(|entry| entry.id == id)
}

/// The parameter called `name` in any entry.
pub fn field(name: &str) -> Option<&'static Parameter> {
    ALL.iter().find_map(|entry| entry.parameter(name))
}
