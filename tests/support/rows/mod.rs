//! The rows of the must-refuse suite, one file a family, and the certificates they start from.

pub mod bytes;
pub mod claims;
pub mod confusions;
pub mod evidence;
pub mod networks;
pub mod numbers;
pub mod side_conditions;
pub mod thresholds;

use super::edit::Row;
use super::{BIGRAM, CODE, LOCAL, MOMENT, PAIRS, POWERS, SIGN, TRIPLES};

/// Name, construction and flags of every certificate that rows start from.
pub const SEEDS: &[(&str, &str, &str)] = &[
    ("moment formula", MOMENT, "tokens=100 sparsity=2 scale=5 value_fraction_bits=20 error=1/20 method=closed-form"),
    ("moment line", MOMENT, "tokens=20 sparsity=1 scale=8 value_fraction_bits=20 error=1/100 method=closed-form"),
    ("moment all", MOMENT, "tokens=3 sparsity=3 scale=1/7 value_fraction_bits=10 error=1/1000 method=closed-form"),
    ("moment blocks", MOMENT, "tokens=6 sparsity=2 scale=3/2 value_fraction_bits=20 error=1/2 method=exhaustive"),
    ("moment long", MOMENT, "tokens=31 sparsity=3 scale=1/4 value_fraction_bits=20 error=3/2 method=exhaustive"),
    ("moment enclosure", MOMENT, "tokens=6 sparsity=2 scale=3/2 value_fraction_bits=60 kind=enclosure error=1/2"),
    (
        "moment formula enclosure",
        MOMENT,
        "tokens=6 sparsity=2 scale=3 value_fraction_bits=60 kind=enclosure method=closed-form",
    ),
    ("moment counterexample", MOMENT, "tokens=6 sparsity=2 scale=1/2 value_fraction_bits=0 error=1/10"),
    (
        "sign blocks",
        SIGN,
        "tokens=6 sparsity=2 key_width=24 seed=7 scale=20/3 fraction_bits=16 value_fraction_bits=20 error=3/2",
    ),
    ("sign enclosure", SIGN, "tokens=6 sparsity=2 key_width=24 seed=7 scale=20/3 fraction_bits=16 kind=enclosure"),
    (
        "sign counterexample",
        SIGN,
        "tokens=6 sparsity=2 key_width=16 seed=7 scale=20/3 fraction_bits=16 value_fraction_bits=20 error=1/1000",
    ),
    (
        "coherence",
        SIGN,
        "tokens=16 sparsity=2 key_width=512 scale=12 fraction_bits=20 value_fraction_bits=20 error=1/100 method=coherence",
    ),
    (
        "babel",
        SIGN,
        "tokens=16 sparsity=2 key_width=512 scale=12 fraction_bits=20 value_fraction_bits=20 error=1/100 method=babel",
    ),
    (
        "margin pairs",
        SIGN,
        "tokens=5 sparsity=2 key_width=8 seed=1 scale=6 fraction_bits=8 dual=max-margin margin=1/2 value_fraction_bits=9 error=7/4",
    ),
    (
        "margin full",
        SIGN,
        "tokens=5 sparsity=2 key_width=4 seed=4 scale=3 fraction_bits=5 dual=max-margin margin=1 value_fraction_bits=12 error=15/8",
    ),
    (
        "margin third",
        SIGN,
        "tokens=6 sparsity=1 key_width=3 seed=1 scale=4 fraction_bits=6 dual=max-margin margin=1/3 value_fraction_bits=12 error=15/8",
    ),
    (
        "margin enclosure",
        SIGN,
        "tokens=5 sparsity=2 key_width=5 seed=6 scale=4 fraction_bits=6 dual=max-margin margin=3/4 kind=enclosure",
    ),
    (
        "margin counterexample",
        SIGN,
        "tokens=5 sparsity=2 key_width=5 seed=3 scale=5 fraction_bits=9 dual=max-margin value_fraction_bits=4 error=1/50",
    ),
    (
        "code formula",
        CODE,
        "tokens=25 sparsity=2 field_size=5 degree_bound=2 evaluations=3 scale=6 value_fraction_bits=20 error=1/10 method=closed-form",
    ),
    (
        "code blocks",
        CODE,
        "tokens=8 sparsity=2 field_size=3 degree_bound=2 evaluations=3 scale=2 value_fraction_bits=20 error=3/2 method=exhaustive",
    ),
    ("code enclosure", CODE, "tokens=6 sparsity=2 field_size=3 degree_bound=2 evaluations=3 scale=3/2 kind=enclosure"),
    (
        "code counterexample",
        CODE,
        "tokens=8 sparsity=2 field_size=3 degree_bound=2 evaluations=3 scale=1 value_fraction_bits=3 error=1/10",
    ),
    (
        "code huge",
        CODE,
        "tokens=1000000000000000000 sparsity=8 value_dim=64 field_size=131 degree_bound=9 evaluations=128 scale=1 value_fraction_bits=34 error=2^-30",
    ),
    (
        "code huge counterexample",
        CODE,
        "tokens=1000000000000 sparsity=4 field_size=10007 degree_bound=3 evaluations=16 scale=1/4 value_fraction_bits=9 error=1/1000",
    ),
    ("pairs table", PAIRS, "modulus=7 tokens=5 scale=12 fraction_bits=6 method=exhaustive"),
    ("pairs formula", PAIRS, "modulus=7 tokens=5 scale=12 fraction_bits=12 method=closed-form"),
    ("pairs confused", PAIRS, "modulus=7 tokens=5 scale=2 fraction_bits=6 method=exhaustive"),
    ("powers formula", POWERS, "modulus=7 tokens=5 scale=1/9"),
    ("powers confused", POWERS, "modulus=7 tokens=5 scale=1/90"),
    ("triples table", TRIPLES, "modulus=5 tokens=4 scale=10 fraction_bits=8 method=exhaustive"),
    ("triples formula", TRIPLES, "modulus=5 tokens=4 scale=12 fraction_bits=14 method=closed-form"),
    ("triples confused", TRIPLES, "modulus=5 tokens=4 scale=1 fraction_bits=8 method=exhaustive"),
    ("triple powers formula", TRIPLES, "encoding=polynomial modulus=5 tokens=4 scale=1/50"),
    ("triple powers confused", TRIPLES, "encoding=polynomial modulus=5 tokens=4 scale=1/5000"),
    ("local decoding", LOCAL, "modulus=5 tokens=6 window=1 scale=1/2 value_fraction_bits=12 method=decoding"),
    ("local formula", LOCAL, "modulus=5 tokens=6 window=1 scale=9 value_fraction_bits=7 method=closed-form"),
    ("local blocks", LOCAL, "modulus=5 tokens=6 window=1 scale=6 value_fraction_bits=12 method=exhaustive"),
    ("local confused", LOCAL, "modulus=5 tokens=6 window=1 scale=1/40 value_fraction_bits=12 method=decoding"),
    (
        "local signs",
        LOCAL,
        "modulus=5 tokens=5 window=1 construction=sign-keys key_width=40 seed=1 scale=16 fraction_bits=10 value_fraction_bits=12 method=decoding",
    ),
    (
        "local coherence",
        LOCAL,
        "modulus=5 tokens=5 window=1 construction=sign-keys key_width=512 seed=1 scale=16 fraction_bits=16 value_fraction_bits=12 method=coherence",
    ),
    (
        "local babel",
        LOCAL,
        "modulus=5 tokens=5 window=1 construction=sign-keys key_width=512 seed=1 scale=16 fraction_bits=16 value_fraction_bits=12 method=babel",
    ),
    (
        "local sign blocks",
        LOCAL,
        "modulus=5 tokens=5 window=1 construction=sign-keys key_width=64 seed=1 scale=30 fraction_bits=16 value_fraction_bits=12 method=exhaustive",
    ),
    (
        "local signs confused",
        LOCAL,
        "modulus=5 tokens=5 window=1 construction=sign-keys key_width=12 seed=1 scale=2 fraction_bits=10 value_fraction_bits=12 method=decoding",
    ),
    (
        "local codes",
        LOCAL,
        "modulus=5 tokens=6 window=1 construction=code-keys field_size=7 degree_bound=1 evaluations=5 scale=3 value_fraction_bits=12 method=decoding",
    ),
    (
        "local code formula",
        LOCAL,
        "modulus=5 tokens=6 window=1 construction=code-keys field_size=7 degree_bound=1 evaluations=5 scale=3 value_fraction_bits=12 method=closed-form",
    ),
    (
        "local code blocks",
        LOCAL,
        "modulus=5 tokens=6 window=1 construction=code-keys field_size=7 degree_bound=1 evaluations=5 scale=3 value_fraction_bits=12 method=exhaustive",
    ),
    (
        "local codes confused",
        LOCAL,
        "modulus=5 tokens=6 window=1 construction=code-keys field_size=7 degree_bound=1 evaluations=5 scale=1/3 value_fraction_bits=12 method=decoding",
    ),
    (
        "bigram decoding",
        BIGRAM,
        "modulus=4 tokens=5 first_scale=6 value_fraction_bits=12 scale=8 fraction_bits=6 method=decoding",
    ),
    (
        "bigram formula",
        BIGRAM,
        "modulus=4 tokens=5 first_scale=6 value_fraction_bits=12 scale=8 fraction_bits=6 method=closed-form",
    ),
    (
        "bigram blocks",
        BIGRAM,
        "modulus=4 tokens=5 first_scale=6 value_fraction_bits=12 scale=8 fraction_bits=6 method=exhaustive",
    ),
    (
        "bigram fine",
        BIGRAM,
        "modulus=4 tokens=5 first_scale=6 value_fraction_bits=12 scale=8 fraction_bits=64 method=decoding",
    ),
    (
        "bigram confused",
        BIGRAM,
        "modulus=4 tokens=5 first_scale=6 value_fraction_bits=12 scale=1 fraction_bits=6 method=decoding",
    ),
    (
        "bigram misread",
        BIGRAM,
        "modulus=4 tokens=5 first_scale=1/2 value_fraction_bits=12 scale=8 fraction_bits=6 method=decoding",
    ),
    (
        "bigram signs",
        BIGRAM,
        "modulus=4 tokens=5 construction=sign-keys key_width=40 seed=1 first_fraction_bits=9 first_scale=10 value_fraction_bits=12 scale=8 fraction_bits=6 method=decoding",
    ),
    (
        "bigram babel",
        BIGRAM,
        "modulus=4 tokens=5 construction=sign-keys key_width=256 seed=1 first_fraction_bits=12 first_scale=10 value_fraction_bits=12 scale=8 fraction_bits=6 method=babel",
    ),
    (
        "bigram signs confused",
        BIGRAM,
        "modulus=4 tokens=5 construction=sign-keys key_width=12 seed=1 first_fraction_bits=9 first_scale=2 value_fraction_bits=12 scale=8 fraction_bits=6 method=decoding",
    ),
    (
        "bigram codes",
        BIGRAM,
        "modulus=4 tokens=5 construction=code-keys field_size=5 degree_bound=1 evaluations=4 first_scale=3 value_fraction_bits=12 scale=8 fraction_bits=6 method=closed-form",
    ),
    (
        "bigram codes confused",
        BIGRAM,
        "modulus=4 tokens=5 construction=code-keys field_size=5 degree_bound=1 evaluations=4 first_scale=1/4 value_fraction_bits=12 scale=8 fraction_bits=6 method=decoding",
    ),
];

/// All rows.
pub fn all() -> impl Iterator<Item = &'static Row> {
    let averaging: [&[Row]; 5] = [side_conditions::ROWS, evidence::ROWS, claims::ROWS, numbers::ROWS, bytes::ROWS];
    let matching: [&[Row]; 3] = [thresholds::ROWS, confusions::ROWS, networks::ROWS];
    averaging.into_iter().chain(matching).flatten()
}
