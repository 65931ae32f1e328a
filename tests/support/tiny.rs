//! Certificates of units and networks so small that brute force knows the truth about them.

use super::edit::{Edit, Row, apply};
use super::{BIGRAM, CODE, LOCAL, MOMENT, PAIRS, POWERS, SIGN, TRIPLES, certify};

/// What is asked of the generator: construction and flags.
const TINY: &[(&str, &str)] = &[
    (MOMENT, "tokens=5 sparsity=2 scale=4 value_fraction_bits=12 error=1/10 method=closed-form"),
    (MOMENT, "tokens=4 sparsity=1 scale=3/2 value_fraction_bits=6 value_dim=3 error=3/2 method=closed-form"),
    (MOMENT, "tokens=6 sparsity=3 scale=1/3 value_fraction_bits=30 error=7/4 method=closed-form"),
    (MOMENT, "tokens=3 sparsity=3 scale=1 value_fraction_bits=10 error=1/500 method=closed-form"),
    (MOMENT, "tokens=5 sparsity=2 scale=1/2 value_fraction_bits=20 error=1 method=exhaustive"),
    (MOMENT, "tokens=6 sparsity=3 scale=3/7 value_fraction_bits=9 value_dim=2 error=3/2 method=exhaustive"),
    (MOMENT, "tokens=4 sparsity=1 scale=60 value_fraction_bits=40 error=1/1000000000 method=exhaustive"),
    (MOMENT, "tokens=5 sparsity=2 scale=2 kind=enclosure"),
    (MOMENT, "tokens=4 sparsity=2 scale=1/5 kind=enclosure error=3/2 value_fraction_bits=30"),
    (MOMENT, "tokens=5 sparsity=2 scale=3 kind=enclosure method=closed-form"),
    (MOMENT, "tokens=5 sparsity=2 scale=1/4 value_fraction_bits=0 error=1/2"),
    (SIGN, "tokens=5 sparsity=2 key_width=8 scale=6 fraction_bits=8 value_fraction_bits=12 error=7/4"),
    (SIGN, "tokens=6 sparsity=3 key_width=12 seed=3 scale=9/2 fraction_bits=3 value_fraction_bits=12 error=7/4"),
    (
        SIGN,
        "tokens=4 sparsity=1 key_width=5 seed=1 scale=8 fraction_bits=10 value_dim=4 value_fraction_bits=9 error=3/2",
    ),
    (SIGN, "tokens=5 sparsity=2 key_width=8 seed=2 scale=5 fraction_bits=6 kind=enclosure"),
    (
        SIGN,
        "tokens=3 sparsity=1 key_width=64 scale=8 fraction_bits=12 value_fraction_bits=12 error=1/10 method=coherence",
    ),
    (SIGN, "tokens=4 sparsity=2 key_width=64 scale=16 fraction_bits=16 value_fraction_bits=12 error=1/2 method=babel"),
    (SIGN, "tokens=3 sparsity=1 key_width=48 scale=4 fraction_bits=12 kind=enclosure method=babel"),
    (SIGN, "tokens=3 sparsity=1 key_width=48 scale=4 fraction_bits=12 kind=enclosure method=coherence error=3/2"),
    (SIGN, "tokens=5 sparsity=2 key_width=6 scale=5 fraction_bits=9 value_fraction_bits=4 error=1/20"),
    (SIGN, "tokens=5 sparsity=1 key_width=3 scale=4 fraction_bits=6 dual=max-margin value_fraction_bits=12 error=15/8"),
    (
        SIGN,
        "tokens=6 sparsity=1 key_width=4 seed=5 scale=4 fraction_bits=6 dual=max-margin margin=1/3 value_fraction_bits=12 error=15/8",
    ),
    (
        SIGN,
        "tokens=5 sparsity=2 key_width=8 seed=1 scale=6 fraction_bits=8 dual=max-margin margin=1/2 value_fraction_bits=9 error=7/4",
    ),
    (
        SIGN,
        "tokens=5 sparsity=2 key_width=4 seed=4 scale=3 fraction_bits=5 dual=max-margin margin=1 value_fraction_bits=12 error=15/8",
    ),
    (
        SIGN,
        "tokens=5 sparsity=3 key_width=7 seed=2 scale=7/2 fraction_bits=6 dual=max-margin margin=2/5 value_dim=2 value_fraction_bits=12 error=7/4",
    ),
    (SIGN, "tokens=5 sparsity=2 key_width=5 seed=6 scale=4 fraction_bits=6 dual=max-margin margin=3/4 kind=enclosure"),
    (
        SIGN,
        "tokens=4 sparsity=1 key_width=6 scale=5 fraction_bits=6 dual=max-margin margin=1/2 kind=enclosure error=15/8",
    ),
    (
        SIGN,
        "tokens=5 sparsity=2 key_width=5 seed=3 scale=5 fraction_bits=9 dual=max-margin value_fraction_bits=4 error=1/50",
    ),
    (SIGN, "tokens=4 sparsity=1 key_width=2 scale=5 fraction_bits=9 dual=max-margin value_fraction_bits=4 error=1/50"),
    (
        CODE,
        "tokens=6 sparsity=1 field_size=3 degree_bound=2 evaluations=3 scale=3 value_fraction_bits=12 error=1/5 method=closed-form",
    ),
    (
        CODE,
        "tokens=6 sparsity=2 field_size=5 degree_bound=2 evaluations=4 scale=2 value_fraction_bits=8 value_dim=2 error=1/2 method=closed-form",
    ),
    (
        CODE,
        "tokens=6 sparsity=2 field_size=3 degree_bound=2 evaluations=2 scale=2 value_fraction_bits=12 error=3/2 method=exhaustive",
    ),
    (
        CODE,
        "tokens=5 sparsity=3 field_size=2 degree_bound=3 evaluations=2 scale=1 value_fraction_bits=12 error=3/2 method=exhaustive",
    ),
    (CODE, "tokens=6 sparsity=2 field_size=3 degree_bound=2 evaluations=3 scale=3/2 kind=enclosure"),
    (CODE, "tokens=6 sparsity=1 field_size=5 degree_bound=2 evaluations=3 scale=3/2 kind=enclosure method=closed-form"),
    (CODE, "tokens=6 sparsity=2 field_size=3 degree_bound=2 evaluations=3 scale=1 value_fraction_bits=3 error=1/10"),
];

/// The same of matching networks.
const NETWORKS: &[(&str, &str)] = &[
    (PAIRS, "modulus=5 tokens=3 scale=6 fraction_bits=3 method=exhaustive"),
    (PAIRS, "modulus=7 tokens=4 scale=9 fraction_bits=6 method=exhaustive"),
    (PAIRS, "modulus=4 tokens=5 scale=5/2 fraction_bits=1 method=exhaustive"),
    (PAIRS, "modulus=5 tokens=1 scale=3 fraction_bits=4 method=exhaustive"),
    (PAIRS, "modulus=5 tokens=3 scale=8 fraction_bits=9 method=closed-form"),
    (PAIRS, "modulus=3 tokens=4 scale=4 fraction_bits=10 method=closed-form"),
    (PAIRS, "modulus=7 tokens=4 scale=3/2 fraction_bits=5"),
    (PAIRS, "modulus=6 tokens=3 scale=1 fraction_bits=0"),
    (POWERS, "modulus=5 tokens=3 scale=1/8"),
    (POWERS, "modulus=6 tokens=4 scale=1/7"),
    (POWERS, "modulus=7 tokens=5 scale=1/90"),
    (TRIPLES, "modulus=4 tokens=3 scale=9 fraction_bits=6 method=exhaustive"),
    (TRIPLES, "modulus=5 tokens=3 scale=10 fraction_bits=8 method=exhaustive"),
    (TRIPLES, "modulus=2 tokens=3 scale=5 fraction_bits=2 method=exhaustive"),
    (TRIPLES, "modulus=5 tokens=3 scale=9 fraction_bits=12 method=closed-form"),
    (TRIPLES, "modulus=4 tokens=2 scale=8 fraction_bits=10 method=closed-form"),
    (TRIPLES, "modulus=5 tokens=4 scale=1 fraction_bits=8"),
    (TRIPLES, "encoding=polynomial modulus=4 tokens=3 scale=1/40"),
    (TRIPLES, "encoding=polynomial modulus=5 tokens=3 scale=1/5000"),
    (LOCAL, "modulus=4 tokens=5 window=1 scale=1/2 value_fraction_bits=8 method=decoding"),
    (LOCAL, "modulus=5 tokens=4 window=0 scale=6 value_fraction_bits=6 method=decoding"),
    (LOCAL, "modulus=4 tokens=4 window=1 scale=9 value_fraction_bits=7 method=closed-form"),
    (LOCAL, "modulus=4 tokens=4 window=1 scale=6 value_fraction_bits=12 method=exhaustive"),
    (
        LOCAL,
        "modulus=4 tokens=4 window=1 construction=sign-keys key_width=40 seed=1 scale=16 fraction_bits=10 value_fraction_bits=12 method=decoding",
    ),
    (
        LOCAL,
        "modulus=4 tokens=4 window=0 construction=sign-keys key_width=64 seed=1 scale=24 fraction_bits=16 value_fraction_bits=12 method=babel",
    ),
    (
        LOCAL,
        "modulus=5 tokens=4 window=1 construction=code-keys field_size=5 degree_bound=1 evaluations=4 scale=3 value_fraction_bits=12 method=closed-form",
    ),
    (LOCAL, "modulus=5 tokens=4 window=1 scale=1/40 value_fraction_bits=12"),
    (
        LOCAL,
        "modulus=5 tokens=5 window=1 construction=sign-keys key_width=12 seed=1 scale=2 fraction_bits=10 value_fraction_bits=12",
    ),
    (BIGRAM, "modulus=3 tokens=4 first_scale=6 value_fraction_bits=12 scale=6 fraction_bits=5 method=decoding"),
    (BIGRAM, "modulus=4 tokens=4 first_scale=6 value_fraction_bits=6 scale=5 fraction_bits=2 method=closed-form"),
    (BIGRAM, "modulus=4 tokens=4 first_scale=6 value_fraction_bits=12 scale=5 fraction_bits=64 method=decoding"),
    (BIGRAM, "modulus=4 tokens=5 first_scale=6 value_fraction_bits=12 scale=1 fraction_bits=6"),
    (BIGRAM, "modulus=4 tokens=5 first_scale=1/2 value_fraction_bits=12 scale=8 fraction_bits=6"),
    (
        BIGRAM,
        "modulus=3 tokens=4 construction=code-keys field_size=5 degree_bound=1 evaluations=4 first_scale=3 value_fraction_bits=12 scale=8 fraction_bits=6 method=exhaustive",
    ),
];

/// Construction and flags of those that are also cut into several blocks.
const CUT: &[(&str, &str)] = &[
    (MOMENT, "tokens=5 sparsity=2 scale=1/2 value_fraction_bits=20 error=1 method=exhaustive"),
    (SIGN, "tokens=5 sparsity=2 key_width=8 scale=6 fraction_bits=8 value_fraction_bits=12 error=7/4"),
    (
        SIGN,
        "tokens=5 sparsity=2 key_width=8 seed=1 scale=6 fraction_bits=8 dual=max-margin margin=1/2 value_fraction_bits=9 error=7/4",
    ),
];

/// All of them.
pub fn certificates() -> Vec<Vec<u8>> {
    const IN_THREE: Row = Row { seed: "", edits: &[Edit::Blocks(&[2, 7, 10])], expected: "VERIFIED" };
    let cut = CUT.iter().map(|(id, flags)| apply(&IN_THREE, |_| certify(id, flags)).file);
    TINY.iter().chain(NETWORKS).map(|(id, flags)| certify(id, flags)).chain(cut).collect()
}
