//! The rows of the must-refuse suite, one file a family, and the certificates they start from.

pub mod bytes;
pub mod claims;
pub mod evidence;
pub mod numbers;
pub mod side_conditions;

use super::edit::Row;
use super::{CODE, MOMENT, SIGN};

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
];

/// All rows.
pub fn all() -> impl Iterator<Item = &'static Row> {
    let families: [&[Row]; 5] = [side_conditions::ROWS, evidence::ROWS, claims::ROWS, numbers::ROWS, bytes::ROWS];
    families.into_iter().flatten()
}
