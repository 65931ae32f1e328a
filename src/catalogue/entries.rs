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
const DECISION: Parameter = text("kind", "what is certified", "decision", "decision");
const MODULUS: Parameter = count("modulus", "M, residues are taken modulo M", "2 .. 2^64-1", "required");
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

const TRIGONOMETRIC_BITS: Parameter = count(
    "fraction_bits",
    "f, fraction bits of every query and key entry (nearest, ties to even)",
    "0 .. 4096",
    "auto: the least that certifies",
);
const MATCHING_SCALE: Parameter =
    text("scale", "c, the factor on the scores", "above 0", "auto: the least on the grid that certifies");
const CONSTRUCTION: Parameter =
    text("construction", "keys of the averaging layer", "moment-curve, sign-keys, code-keys", "moment-curve");
const LAYER_METHOD: Parameter = text(
    "method",
    "how the averaging layer is proved",
    "decoding, or a method of its construction",
    "auto: decoding for at most 4096 tokens",
);
const LAYER_WIDTH: Parameter =
    count("key_width", "m', coordinates of a sign key", "1 .. 2^20", "auto, as in sparse averaging");
const LAYER_SEED: Parameter = count("seed", "seed of the sign keys", "0 .. 2^64-1", "0");
const LAYER_FIELD: Parameter =
    count("field_size", "Q, a prime (code keys)", "2 .. 2^32-1", "auto, as in sparse averaging");
const LAYER_DEGREE: Parameter =
    count("degree_bound", "k, polynomials of degree < k (code keys)", "1 .. 4096", "auto, with field_size");
const LAYER_POINTS: Parameter =
    count("evaluations", "n, evaluation points (code keys)", "1 .. Q", "auto, with field_size");

const SPARSE_AVERAGING_KINDS: &[Kind] = &[Kind::UpperBound, Kind::Enclosure, Kind::Counterexample];
const MATCHING_KINDS: &[Kind] = &[Kind::Decision, Kind::Counterexample];
const LAYER_METHODS: &[Method] =
    &[Method::Decoding, Method::ClosedForm, Method::Exhaustive, Method::Babel, Method::Coherence];

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
    Entry {
        id: "match2/trigonometric",
        paper: "Thm 6",
        summary: "Match2 on N residues modulo M by one attention unit with rounded points of the circle, width 3",
        parameters: &[
            DECISION,
            text("method", "how it is proved", "exhaustive, closed-form", "auto: exhaustive for M <= 8192"),
            MODULUS,
            TOKENS,
            TRIGONOMETRIC_BITS,
            MATCHING_SCALE,
        ],
        kinds: MATCHING_KINDS,
        methods: &[Method::Exhaustive, Method::ClosedForm],
        coq_theorem: None,
    },
    Entry {
        id: "match2/polynomial",
        paper: "Thm 6, integer keys (ours)",
        summary: "Match2 with integer keys of degree 4, width 5, scores of range log N, for every M and N",
        parameters: &[
            DECISION,
            text("method", "how it is proved", "closed-form", "closed-form"),
            MODULUS,
            TOKENS,
            MATCHING_SCALE,
        ],
        kinds: MATCHING_KINDS,
        methods: &[Method::ClosedForm],
        coq_theorem: None,
    },
    Entry {
        id: "match3/third-order",
        paper: "third-order attention",
        summary: "Match3 by one unit of third-order attention, width 5 (trigonometric) or 29 (integers)",
        parameters: &[
            DECISION,
            text("method", "how it is proved", "exhaustive, closed-form", "auto: exhaustive for M^3 <= 2^26"),
            MODULUS,
            TOKENS,
            text("encoding", "how residues become keys", "trigonometric, polynomial", "trigonometric"),
            TRIGONOMETRIC_BITS,
            MATCHING_SCALE,
        ],
        kinds: MATCHING_KINDS,
        methods: &[Method::Exhaustive, Method::ClosedForm],
        coq_theorem: None,
    },
    Entry {
        id: "match3/local",
        paper: "Thm 8",
        summary: "Match3 within a window of K tokens by one averaging unit of sparsity 2K+1 and an exact decoder",
        parameters: &[
            DECISION,
            LAYER_METHOD,
            MODULUS,
            TOKENS,
            count("window", "K, the largest distance of a partner", "0 .. 2047", "required"),
            CONSTRUCTION,
            VALUE_FRACTION_BITS,
            LAYER_WIDTH,
            LAYER_SEED,
            count(
                "fraction_bits",
                "f, fraction bits of the queries (sign keys)",
                "0 .. 4096",
                "auto: the least that certifies",
            ),
            LAYER_FIELD,
            LAYER_DEGREE,
            LAYER_POINTS,
            SCALE,
        ],
        kinds: MATCHING_KINDS,
        methods: LAYER_METHODS,
        coq_theorem: None,
    },
    Entry {
        id: "match3/bigram",
        paper: "Thm 8",
        summary: "Match3 with neighbouring partners by two layers: fetch the next token, then Match2 on the sums",
        parameters: &[
            DECISION,
            LAYER_METHOD,
            MODULUS,
            TOKENS,
            CONSTRUCTION,
            VALUE_FRACTION_BITS,
            LAYER_WIDTH,
            LAYER_SEED,
            TRIGONOMETRIC_BITS,
            LAYER_FIELD,
            LAYER_DEGREE,
            LAYER_POINTS,
            MATCHING_SCALE,
            count(
                "first_fraction_bits",
                "fraction bits of the first layer's queries (sign keys)",
                "0 .. 4096",
                "auto: the least that certifies",
            ),
            text(
                "first_scale",
                "alpha, the factor on the first layer's scores",
                "above 0",
                "auto: the least on the grid that certifies",
            ),
        ],
        kinds: MATCHING_KINDS,
        methods: LAYER_METHODS,
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
