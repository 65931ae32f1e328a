//! Counterexamples of matching networks: other rows and inputs, with those that are still confused.

use crate::support::edit::Edit::{Body, Double, Empty, RecordsOf, Set, Swap, Text};
use crate::support::edit::{Row, row};

const OK: &str = "VERIFIED";
const FORM: &str = "REJECTED confusion.S1";
const NO_MATCH: &str = "REJECTED confusion.S2";
const MATCH: &str = "REJECTED confusion.S3";
const APART: &str = "REJECTED confusion.S4";

/// The runs of `input`, replaced by `count` runs of one token, residues 2 and 4 in turn.
fn with_runs(body: Vec<u8>, from: &str, count: usize) -> Vec<u8> {
    let text = String::from_utf8(body).expect("ASCII");
    assert!(text.contains(from), "{from} is not in {text}");
    let runs: Vec<&str> = ["[2,1]", "[4,1]"].into_iter().cycle().take(count).collect();
    text.replacen(from, &format!("[{}]", runs.join(",")), 1).into_bytes()
}

pub const ROWS: &[Row] = &[
    // The form of rows and inputs. The seed has the inputs {2, 5, 1, 1, 1} and {3, 3, 3, 3, 3} at M = 7.
    row("pairs confused", &[Set(1, "row", "5")], FORM),
    row("pairs confused", &[Set(1, "row", "18446744073709551615")], FORM),
    row("pairs confused", &[Set(1, "other_row", "5")], FORM),
    row("pairs confused", &[Set(1, "other_row", "4")], OK),
    row("pairs confused", &[Set(1, "input", "[[2,1],[5,1],[1,4]]")], FORM),
    row("pairs confused", &[Set(1, "input", "[[2,1],[5,1],[1,2]]")], FORM),
    row("pairs confused", &[Set(1, "input", "[[2,1],[5,2],[1,3]]")], FORM),
    row("pairs confused", &[Set(1, "input", "[[2,1],[5,1],[1,1],[1,2]]")], FORM),
    row("pairs confused", &[Set(1, "input", "[[2,1],[5,1],[1,3],[2,0]]")], FORM),
    row("pairs confused", &[Set(1, "input", "[[2,1],[0,0],[5,1],[1,3]]")], FORM),
    row("pairs confused", &[Set(1, "input", "[[2,1],[5,1],[7,3]]")], FORM),
    row("pairs confused", &[Set(1, "input", "[[2,1],[5,1],[6,3]]")], APART),
    row("pairs confused", &[Set(1, "input", "[[2,1],[5,1],[0,3]]")], OK),
    row("pairs confused", &[Set(1, "input", "[[2,1],[5,1],[8,3]]")], FORM),
    row("pairs confused", &[Set(1, "input", "[[9,1],[5,1],[1,3]]")], FORM),
    row("pairs confused", &[Set(1, "input", "[[2,1],[5,18446744073709551615],[1,5]]")], FORM),
    row("pairs confused", &[Set(1, "input", "[[2,1],[5,1],[1,18446744073709551615]]")], FORM),
    row("pairs confused", &[Set(1, "input", "[]")], FORM),
    row("pairs confused", &[Set(1, "other_input", "[]")], FORM),
    row("pairs confused", &[Set(1, "other_input", "[[3,4]]")], FORM),
    row("pairs confused", &[Set(1, "other_input", "[[3,6]]")], FORM),
    row("pairs confused", &[Set(1, "other_input", "[[3,2],[3,3]]")], FORM),
    row("pairs confused", &[Set(1, "other_input", "[[10,5]]")], FORM),
    row("pairs confused", &[Set(0, "tokens", "6")], FORM),
    row("pairs confused", &[Set(0, "tokens", "4")], FORM),
    row("pairs confused", &[Set(0, "modulus", "5")], FORM),
    row("triples confused", &[Set(0, "tokens", "5")], FORM),
    row("triples confused", &[Set(1, "input", "[[2,1],[4,1],[3,1],[3,1]]")], FORM),
    row("triples confused", &[Set(1, "input", "[[2,1],[4,1],[5,2]]")], FORM),
    row("local confused", &[Set(0, "tokens", "7")], FORM),
    row("local confused", &[Set(1, "other_input", "[[1,3],[1,3]]")], FORM),
    row("bigram confused", &[Set(0, "tokens", "4")], FORM),
    row("bigram confused", &[Set(1, "input", "[[0,1],[0,1],[2,1],[0,1],[2,1]]")], FORM),
    // Which token asks: 5 finds its partner too, but among closer scores; 1 finds none.
    row("pairs confused", &[Set(1, "row", "1")], APART),
    row("pairs confused", &[Set(1, "row", "2")], NO_MATCH),
    row("pairs confused", &[Set(1, "input", "[[5,1],[2,1],[1,3]]")], APART),
    row("pairs confused", &[Set(1, "input", "[[5,1],[2,1],[1,3]]"), Set(1, "row", "1")], OK),
    row("pairs confused", &[Set(1, "input", "[[2,1],[1,3],[5,1]]")], OK),
    row("pairs confused", &[Set(1, "input", "[[2,1],[4,1],[1,3]]")], NO_MATCH),
    row("pairs confused", &[Set(1, "input", "[[2,1],[5,2],[1,2]]")], OK),
    row("pairs confused", &[Set(1, "input", "[[2,1],[5,3],[1,1]]")], APART),
    row("pairs confused", &[Set(1, "other_input", "[[4,5]]")], OK),
    row("pairs confused", &[Set(1, "other_input", "[[1,5]]")], APART),
    row("pairs confused", &[Set(1, "other_input", "[[3,4],[4,1]]")], MATCH),
    row("pairs confused", &[Set(1, "other_input", "[[3,4],[2,1]]")], OK),
    row("pairs confused", &[Set(1, "other_input", "[[0,5]]")], MATCH),
    // A token is its own partner where 2x is 0.
    row("pairs confused", &[Set(1, "input", "[[0,1],[3,4]]")], OK),
    row("pairs confused", &[Text(1, "\"input\":[[2,1],[5,1],[1,3]]", "\"input\":[[3,5]]")], NO_MATCH),
    row("pairs confused", &[Text(1, "\"other_input\":[[3,5]]", "\"other_input\":[[2,1],[5,1],[1,3]]")], MATCH),
    row("pairs confused", &[Set(1, "input", "[[3,5]]"), Set(1, "other_input", "[[2,1],[5,1],[1,3]]")], NO_MATCH),
    row("pairs confused", &[Set(0, "modulus", "6")], NO_MATCH),
    row("pairs confused", &[Set(0, "modulus", "8")], NO_MATCH),
    // 5e^{0.62c} is at least e^c up to c = 4.2.
    row("pairs confused", &[Set(0, "scale", "\"4\"")], OK),
    row("pairs confused", &[Set(0, "scale", "\"5\"")], APART),
    row("pairs confused", &[Set(0, "fraction_bits", "5")], OK),
    // Without fraction bits 6 scores with 2 as much as its partner 5 does: equal outputs are confused.
    row("pairs confused", &[Set(0, "fraction_bits", "0"), Set(1, "other_input", "[[2,1],[6,1],[1,3]]")], OK),
    row("pairs confused", &[Set(1, "other_input", "[[2,1],[6,1],[1,3]]")], APART),
    row("pairs confused", &[Set(0, "fraction_bits", "0"), Set(1, "other_input", "[[2,1],[1,4]]")], APART),
    row(
        "pairs confused",
        &[
            Set(0, "fraction_bits", "0"),
            Set(1, "input", "[[2,1],[5,2],[1,2]]"),
            Set(1, "other_input", "[[2,1],[6,1],[1,3]]"),
        ],
        APART,
    ),
    // Powers: a match gives 1, each other residue at distance 1 of a multiple e^{-36c}.
    row("powers confused", &[Set(1, "input", "[[6,3],[1,2]]")], OK),
    row("powers confused", &[Set(1, "input", "[[6,2],[1,3]]")], OK),
    row("powers confused", &[Set(1, "input", "[[6,1],[1,4]]")], APART),
    row("powers confused", &[Set(1, "input", "[[6,5]]")], NO_MATCH),
    row("powers confused", &[Set(1, "other_input", "[[4,5]]")], OK),
    row("powers confused", &[Set(1, "other_input", "[[2,5]]")], OK),
    row("powers confused", &[Set(1, "other_input", "[[6,5]]")], APART),
    row("powers confused", &[Set(1, "other_input", "[[3,4],[4,1]]")], MATCH),
    row("powers confused", &[Set(0, "scale", "\"1/23\"")], OK),
    row("powers confused", &[Set(0, "scale", "\"1/22\"")], APART),
    row("powers confused", &[Set(0, "modulus", "8")], NO_MATCH),
    // Third order: {2, 4, 3, 3} and {2, 2, 2, 2} at M = 5.
    row("triples confused", &[Set(1, "input", "[[2,4]]")], NO_MATCH),
    row("triples confused", &[Set(1, "other_input", "[[2,3],[1,1]]")], MATCH),
    row("triples confused", &[Set(1, "other_input", "[[2,3],[4,1]]")], MATCH),
    row("triples confused", &[Set(1, "other_input", "[[3,4]]")], OK),
    row("triples confused", &[Set(1, "other_input", "[[1,4]]")], APART),
    row("triples confused", &[Set(1, "other_input", "[[0,4]]")], MATCH),
    row("triples confused", &[Set(1, "row", "4")], FORM),
    row("triples confused", &[Set(0, "scale", "\"10\"")], APART),
    row("triples confused", &[Set(0, "modulus", "6")], MATCH),
    row(
        "triples confused",
        &[Text(0, "\"encoding\":\"trigonometric\",\"fraction_bits\":8", "\"encoding\":\"polynomial\"")],
        APART,
    ),
    row("triple powers confused", &[Set(0, "scale", "\"1/50\"")], APART),
    row("triple powers confused", &[Set(1, "input", "[[2,4]]")], NO_MATCH),
    row("triple powers confused", &[Set(1, "other_input", "[[2,1],[4,3]]")], MATCH),
    row(
        "triple powers confused",
        &[Text(0, "\"encoding\":\"polynomial\"", "\"encoding\":\"trigonometric\",\"fraction_bits\":20")],
        OK,
    ),
    // Local: row 0 of {1, 0, 0, 4, 0, 0} is misread as a match; all zeros and all ones are read right.
    row("local confused", &[Set(0, "scale", "\"1/2\"")], APART),
    row("local confused", &[Set(1, "other_input", "[[1,6]]")], APART),
    row("local confused", &[Set(1, "row", "1")], OK),
    row("local confused", &[Set(1, "other_row", "5")], MATCH),
    row("local confused", &[Set(1, "other_input", "[[0,6]]")], MATCH),
    row("local confused", &[Set(1, "other_input", "[[0,1],[1,2],[4,1],[1,2]]")], MATCH),
    row("local confused", &[Set(1, "input", "[[1,6]]")], NO_MATCH),
    row("local codes confused", &[Set(0, "scale", "\"3\"")], APART),
    row("local codes confused", &[Set(1, "row", "5")], NO_MATCH),
    row("local signs confused", &[Set(0, "scale", "\"8\"")], APART),
    row("local signs confused", &[Set(1, "input", "[[1,5]]")], NO_MATCH),
    row("local signs confused", &[Set(1, "other_row", "4")], MATCH),
    // The value of 3 of 5 rounded to 3 bits is exactly between what is read as 2 and as 3; with 4 bits it is not.
    row(
        "local confused",
        &[
            Set(0, "window", "0"),
            Set(0, "value_fraction_bits", "3"),
            Set(0, "scale", "\"9\""),
            Set(1, "input", "[[3,1],[0,5]]"),
            Set(1, "row", "1"),
        ],
        APART,
    ),
    // Bigram: y is {0, 2, 2, 2} and {1, 1, 1, 1} at M = 4; e^c + 3e^{-c} is to be at most 4.
    row("bigram confused", &[Set(0, "scale", "\"11/10\"")], OK),
    row("bigram confused", &[Set(0, "scale", "\"9/8\"")], APART),
    row("bigram confused", &[Set(0, "scale", "\"8\"")], APART),
    row("bigram confused", &[Set(1, "row", "1")], OK),
    row("bigram confused", &[Set(1, "row", "2")], APART),
    row("bigram confused", &[Set(1, "other_row", "1")], APART),
    row("bigram confused", &[Set(1, "other_row", "2")], OK),
    row("bigram confused", &[Set(1, "other_input", "[[0,1],[1,1],[0,1],[3,1],[0,1]]")], OK),
    row("bigram confused", &[Set(1, "other_input", "[[0,5]]")], MATCH),
    row("bigram confused", &[Set(1, "input", "[[0,1],[1,1],[0,1],[1,1],[0,1]]")], NO_MATCH),
    row("bigram misread", &[Set(0, "first_scale", "\"6\"")], APART),
    row("bigram signs confused", &[Set(0, "first_scale", "\"40\"")], APART),
    row("bigram codes confused", &[Set(0, "first_scale", "\"4\"")], APART),
    // Records of other networks, too many, too few.
    row("pairs confused", &[Empty], "REJECTED order.S2"),
    row("local confused", &[Empty], "REJECTED order.S2"),
    row("bigram confused", &[Empty], "REJECTED order.S2"),
    row("pairs confused", &[Double(1)], "REJECTED order.S1"),
    row("triples confused", &[Double(1), Swap(1, 2)], "REJECTED order.S1"),
    row("bigram confused", &[Double(1)], "REJECTED order.S1"),
    row("powers confused", &[RecordsOf("pairs confused")], OK),
    row("pairs confused", &[RecordsOf("powers confused")], OK),
    row("triple powers confused", &[RecordsOf("triples confused")], OK),
    row("triples confused", &[RecordsOf("local confused")], FORM),
    row("local confused", &[RecordsOf("bigram confused")], FORM),
    row("local confused", &[RecordsOf("local codes confused")], OK),
    // Runs beyond the limit are refused before they are looked at.
    row(
        "triples confused",
        &[Body("1025 runs", |b| with_runs(b, "[[2,1],[4,1],[3,2]]", 1025))],
        "RESOURCE confusion-size",
    ),
    row("triples confused", &[Body("1024 runs", |b| with_runs(b, "[[2,1],[4,1],[3,2]]", 1024))], FORM),
    row("triple powers confused", &[Body("1025 runs", |b| with_runs(b, "[[2,4]]", 1025))], "RESOURCE confusion-size"),
    row("pairs confused", &[Body("30000 runs", |b| with_runs(b, "[[3,5]]", 30_000))], FORM),
    row("pairs confused", &[Body("100000 runs", |b| with_runs(b, "[[3,5]]", 100_000))], "RESOURCE list-size"),
];
