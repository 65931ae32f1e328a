//! Numbers that are none, or too large: forms, signs, word sizes, exponents.

use crate::support::edit::Edit::{Body, Set};
use crate::support::edit::{Row, row};

const NUMBER: &str = "MALFORMED number";
const JSON: &str = "MALFORMED json";
const SIZE: &str = "RESOURCE number-size";

/// Replaces a piece of the body by one of any length.
fn replaced(body: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(body).expect("ASCII");
    assert!(text.contains(from), "{from} is not in {text}");
    text.replacen(from, to, 1).into_bytes()
}

pub const ROWS: &[Row] = &[
    row("moment formula", &[Set(0, "error", "\"1/0\"")], NUMBER),
    row("moment formula", &[Set(0, "error", "\"0/1\"")], NUMBER),
    row("moment formula", &[Set(0, "error", "\"1/-20\"")], NUMBER),
    row("moment formula", &[Set(0, "error", "\"2/40\"")], NUMBER),
    row("moment formula", &[Set(0, "error", "\"1/1\"")], NUMBER),
    row("moment formula", &[Set(0, "error", "\"0/20\"")], NUMBER),
    row("moment formula", &[Set(0, "error", "\"-0\"")], NUMBER),
    row("moment formula", &[Set(0, "error", "\"+1/20\"")], NUMBER),
    row("moment formula", &[Set(0, "error", "\"01/20\"")], NUMBER),
    row("moment formula", &[Set(0, "error", "\"1/020\"")], NUMBER),
    row("moment formula", &[Set(0, "error", "\"0.05\"")], NUMBER),
    row("moment formula", &[Set(0, "error", "\"5e-2\"")], NUMBER),
    row("moment formula", &[Set(0, "error", "\"1 / 20\"")], NUMBER),
    row("moment formula", &[Set(0, "error", "\"\"")], NUMBER),
    row("moment formula", &[Set(0, "error", "\"NaN\"")], NUMBER),
    row("moment formula", &[Set(0, "error", "\"inf\"")], NUMBER),
    row("moment formula", &[Set(0, "error", "\"1*2^-5\"")], NUMBER),
    row("moment formula", &[Set(0, "error", "0.05")], JSON),
    row("moment formula", &[Set(0, "error", "1")], JSON),
    row("moment formula", &[Set(0, "error", "null")], JSON),
    row("moment formula", &[Set(0, "scale", "\"10/2\"")], NUMBER),
    row("margin pairs", &[Set(0, "margin", "\"2/4\"")], NUMBER),
    row("margin pairs", &[Set(0, "margin", "\"0.5\"")], NUMBER),
    row("moment formula", &[Set(0, "tokens", "-100")], JSON),
    row("moment formula", &[Set(0, "tokens", "100.0")], JSON),
    row("moment formula", &[Set(0, "tokens", "1e2")], JSON),
    row("moment formula", &[Set(0, "tokens", "0100")], JSON),
    row("moment formula", &[Set(0, "tokens", "\"100\"")], JSON),
    row("moment formula", &[Set(0, "tokens", "-0")], JSON),
    row("moment formula", &[Set(0, "tokens", "[100]")], JSON),
    row("moment formula", &[Set(0, "tokens", "true")], JSON),
    // Around machine words: 100 tokens more or less make no difference to this bound, a wrapped count would.
    row("moment formula", &[Set(0, "tokens", "2147483648")], "VERIFIED"),
    row("moment formula", &[Set(0, "tokens", "4294967295")], "VERIFIED"),
    row("moment formula", &[Set(0, "tokens", "4294967296")], "VERIFIED"),
    row("moment formula", &[Set(0, "tokens", "9007199254740993")], "VERIFIED"),
    row("moment formula", &[Set(0, "tokens", "9223372036854775808")], "VERIFIED"),
    row("moment formula", &[Set(0, "tokens", "18446744073709551615")], "VERIFIED"),
    row("moment formula", &[Set(0, "tokens", "18446744073709551616")], JSON),
    row("moment formula", &[Set(0, "tokens", "340282366920938463463374607431768211456")], JSON),
    row("moment formula", &[Set(0, "sparsity", "4294967298")], "VACUOUS sparsity-exceeds-tokens"),
    row("moment formula", &[Set(0, "sparsity", "18446744073709551615")], "VACUOUS sparsity-exceeds-tokens"),
    row("moment formula", &[Set(0, "value_fraction_bits", "18446744073709551615")], "RESOURCE parameter-size"),
    row("moment formula", &[Set(0, "value_fraction_bits", "4294967296")], "RESOURCE parameter-size"),
    row("code formula", &[Set(0, "field_size", "18446744073709551615")], "RESOURCE parameter-size"),
    row("code formula", &[Set(0, "degree_bound", "18446744073709551615")], "RESOURCE parameter-size"),
    row("code formula", &[Set(0, "evaluations", "18446744073709551615")], "REJECTED claim.S6"),
    row("coherence", &[Set(0, "key_width", "18446744073709551615")], "RESOURCE key-table"),
    row("coherence", &[Set(0, "seed", "18446744073709551615")], "VERIFIED"),
    row("moment blocks", &[Set(1, "end", "18446744073709551615")], "REJECTED block.S2"),
    row("moment blocks", &[Set(1, "end", "18446744073709551616")], JSON),
    row("moment blocks", &[Set(1, "end", "4294967311")], "REJECTED block.S2"),
    row("moment blocks", &[Set(1, "first", "4294967296")], "REJECTED block.S1"),
    row("moment blocks", &[Set(1, "first", "-1")], JSON),
    row("moment blocks", &[Set(1, "worst", "[1,4294967299]")], "REJECTED block.S3"),
    row("moment blocks", &[Set(1, "worst", "[1,-3]")], JSON),
    row("moment blocks", &[Set(1, "worst", "[1,\"3\"]")], JSON),
    row("moment blocks", &[Set(1, "worst", "13")], JSON),
    // Dyadic numbers.
    row("moment blocks", &[Set(1, "bound", "\"2*2^-4\"")], NUMBER),
    row("moment blocks", &[Set(1, "bound", "\"0*2^1\"")], NUMBER),
    row("moment blocks", &[Set(1, "bound", "\"0\"")], NUMBER),
    row("moment blocks", &[Set(1, "bound", "\"1/2\"")], NUMBER),
    row("moment blocks", &[Set(1, "bound", "\"1*2^-0\"")], NUMBER),
    row("moment blocks", &[Set(1, "bound", "\"1*2^+1\"")], NUMBER),
    row("moment blocks", &[Set(1, "bound", "\"-0*2^0\"")], NUMBER),
    row("moment blocks", &[Set(1, "bound", "\"1*2^01\"")], NUMBER),
    row("moment blocks", &[Set(1, "bound", "\"1*2^1/2\"")], NUMBER),
    row("moment blocks", &[Set(1, "bound", "\"1*2^65536\"")], "REJECTED block.S7"),
    row("moment blocks", &[Set(1, "bound", "\"1*2^-65536\"")], "RESOURCE precision"),
    row("moment blocks", &[Set(1, "bound", "\"1*2^65537\"")], SIZE),
    row("moment blocks", &[Set(1, "bound", "\"1*2^-65537\"")], SIZE),
    row("moment blocks", &[Set(1, "bound", "\"1*2^4294967295\"")], SIZE),
    row("moment blocks", &[Set(1, "bound", "\"1*2^-9223372036854775808\"")], SIZE),
    row("moment blocks", &[Set(1, "bound", "\"1*2^-18446744073709551617\"")], SIZE),
    row("moment enclosure", &[Set(0, "hi", "\"1*2^99999999999999999999999999\"")], SIZE),
    row("moment counterexample", &[Set(1, "output_lo", "\"-1*2^65536\"")], "REJECTED witness.S4"),
    row("moment counterexample", &[Set(1, "output_hi", "\"1*2^65537\"")], SIZE),
    row("moment counterexample", &[Set(1, "distance", "\"1*2^-65537\"")], SIZE),
    row("moment counterexample", &[Set(1, "distance", "\"1*2^-65536\"")], "REJECTED witness.S5"),
    row("margin pairs", &[Set(1, "coefficients", "[\"7\",\"7\",\"-4/2\"]")], NUMBER),
    row("margin pairs", &[Set(1, "coefficients", "[\"7\",\"7\",-2]")], JSON),
    row("margin pairs", &[Set(1, "denominator", "24")], JSON),
    row("margin pairs", &[Set(1, "denominator", "\"-0\"")], NUMBER),
    row("margin pairs", &[Set(1, "keys", "[0,1,18446744073709551615]")], "REJECTED dual.S1"),
    row("margin pairs", &[Set(1, "keys", "[0,1,4294967299]")], "REJECTED dual.S1"),
    // Many digits.
    row(
        "moment formula",
        &[Body("denominator of 10000 digits", |body| replaced(body, "1/20", &format!("1/1{}", "0".repeat(9_999))))],
        "REJECTED closed-form.S1",
    ),
    row(
        "moment formula",
        &[Body("error of 10000 digits", |body| replaced(body, "1/20", &"9".repeat(10_000)))],
        "VACUOUS error-trivial",
    ),
    row("moment formula", &[Body("error of 19730 digits", |body| replaced(body, "1/20", &"9".repeat(19_730)))], SIZE),
    row(
        "moment formula",
        &[Body("error of 10^7 digits", |body| replaced(body, "1/20", &"9".repeat(10_000_000)))],
        SIZE,
    ),
    row(
        "moment formula",
        &[Body("scale of 10000 digits", |body| replaced(body, "\"5\"", &format!("\"{}\"", "7".repeat(10_000))))],
        "VERIFIED",
    ),
    row(
        "moment formula",
        &[Body("scale over 10000 digits", |body| replaced(body, "\"5\"", &format!("\"1/{}\"", "7".repeat(10_000))))],
        "REJECTED closed-form.S1",
    ),
    row(
        "moment blocks",
        &[Body("bound of 10000 digits", |body| {
            replaced(body, "904040647922673*", &format!("{}*", "3".repeat(10_000)))
        })],
        "RESOURCE precision",
    ),
    row(
        "moment blocks",
        &[Body("end of 10^5 digits", |body| replaced(body, "\"end\":15", &format!("\"end\":{}", "1".repeat(100_000))))],
        JSON,
    ),
    row(
        "margin pairs",
        &[Body("coefficient of 10000 digits", |body| replaced(body, "\"7\"", &format!("\"{}\"", "7".repeat(10_000))))],
        "REJECTED dual.S2",
    ),
    row(
        "moment counterexample",
        &[Body("exponent of 10^6 digits", |body| replaced(body, "*2^-53", &format!("*2^-{}", "5".repeat(1_000_000))))],
        SIZE,
    ),
];
