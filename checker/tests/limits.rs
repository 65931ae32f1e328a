//! Limits that are reached with little effort, and the two ways in which a code-keys witness is bounded.

mod builder;

use std::io::{BufReader, Read};

use attestor_check::{Options, Report, check_reader};
use builder::matching::{Net, Network, confusion};
use builder::{Frac, Spec, Unit, body, seal, witness};

fn check(body: &str) -> Report {
    check_reader(seal(body).as_bytes(), &Options::default())
}

#[track_caller]
fn expect(report: &Report, code: &str) {
    let found = report.verdict.finding().map_or("", |finding| finding.code);
    assert_eq!(found, code, "{}", report.verdict.line());
}

/// The header of a claim that needs dual records.
fn margin_header() -> String {
    let unit = Unit::Sign { width: 8, seed: 1, margin: Some(Frac(1, 2)), fraction_bits: 8 };
    let spec = Spec { unit, tokens: 5, sparsity: 2, value_bits: 9, scale: Frac(6, 1) };
    body(&spec.claim("upper-bound", "exhaustive", "7/4", None), &[])
}

const RECORD: &[u8] = b"{\"rule\":\"no-dual\",\"keys\":[],\"coefficients\":[]}\n";

/// The same line again and again, made while it is read.
struct Repeated {
    place: usize,
    n_left: u64,
}

impl Read for Repeated {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.n_left == 0 {
            return Ok(0);
        }
        let n_read = (&RECORD[self.place..]).read(out)?;
        self.place += n_read;
        if self.place == RECORD.len() {
            (self.place, self.n_left) = (0, self.n_left - 1);
        }
        Ok(n_read)
    }
}

/// The verdict on a header and so many records, without an end line.
fn check_records(n_left: u64) -> Report {
    let header = margin_header();
    check_reader(BufReader::new(header.as_bytes().chain(Repeated { place: 0, n_left })), &Options::default())
}

#[test]
fn dual_records_that_wait_for_one_block_are_limited() {
    const LIMIT: u64 = 1 << 18;
    let sealed = |n_records: usize| {
        let records = String::from_utf8(RECORD.repeat(n_records)).expect("ASCII");
        check(&format!("{}{records}", margin_header()))
    };
    let limit = usize::try_from(LIMIT).expect("a small limit");
    expect(&sealed(limit), "order.S2");
    let report = sealed(limit + 1);
    expect(&report, "records");
    // The header is line 0.
    assert_eq!(report.verdict.finding().map(|finding| finding.record), Some(LIMIT + 1));
    // The form of what follows is still looked at, and the missing end line is worse.
    expect(&check_records(LIMIT + 1), "truncated");
}

#[test]
fn records_are_limited() {
    let report = check_records(10_000_001);
    expect(&report, "records");
    assert_eq!(report.verdict.finding().map(|finding| finding.record), Some(10_000_001));
}

fn code(field: u64, points: u64, tokens: u64) -> Spec {
    let unit = Unit::Code { field, degree: 2, points };
    Spec { unit, tokens, sparsity: 2, value_bits: 9, scale: Frac(1, 1000) }
}

/// Both bounds show nearly uniform attention; only the evaluated one may raise members.
#[test]
fn a_code_keys_witness_is_evaluated_up_to_a_size() {
    let record = |raised: &[u64]| witness(&[0, 5], raised, "15*2^-4", "1*2^0", "7*2^-3");
    let judge = |spec: &Spec, raised: &[u64]| {
        check(&body(&spec.claim("counterexample", "witness", "1/2", None), &[record(raised)]))
    };
    // At N·n = 2^22 every token is evaluated; one point more, or one token more than 2^16, and none is.
    expect(&judge(&code(257, 64, 1 << 16), &[5]), "");
    expect(&judge(&code(257, 65, 1 << 16), &[5]), "witness.S2");
    expect(&judge(&code(257, 65, 1 << 16), &[]), "");
    expect(&judge(&code(257, 1, (1 << 16) + 1), &[5]), "witness.S2");
    expect(&judge(&code(257, 1, (1 << 16) + 1), &[]), "");
}

/// With a gap below 0 the common bounds still hold: off-support weights are at most 1.
#[test]
fn common_bounds_without_a_gap() {
    let unit = Unit::Code { field: 257, degree: 3, points: 3 };
    let spec = Spec { unit, tokens: 70_000, sparsity: 2, value_bits: 9, scale: Frac(10, 1) };
    let claim = spec.claim("counterexample", "witness", "1/2", None);
    // R lies in [69998·e^-30, 69998], so o is above -1 and at most 69996/70000.
    let narrow = witness(&[0, 5], &[], "7*2^-3", "1*2^0", "1*2^0");
    expect(&check(&body(&claim, &[narrow])), "witness.S3");
    let wide = witness(&[0, 5], &[], "-1*2^0", "1*2^0", "1*2^0");
    expect(&check(&body(&claim, &[wide])), "witness.S4");
}

/// A matching network that is never evaluated where a limit stops it.
fn network(net: Net, modulus: u64, tokens: u64) -> Network {
    Network { net, modulus, tokens, scale: Frac(9, 1) }
}

#[test]
fn tables_of_residues_are_limited() {
    let judge = |net: Net, modulus: u64, scale: &str| {
        let claim = network(net, modulus, 4).claim("decision", "exhaustive", Some(("1*2^-2", "3*2^-3")));
        check(&body(&claim.replace("\"scale\":\"9\"", &format!("\"scale\":\"{scale}\"")), &[]))
    };
    let pairs = |fraction_bits| Net::Pairs { fraction_bits: Some(fraction_bits) };
    let triples = |fraction_bits| Net::Triples { fraction_bits: Some(fraction_bits) };
    // ⌈9⌉ has 4 bits: 2f + 4 ≤ 118 and 3f + 4 ≤ 118.
    expect(&judge(pairs(57), 5, "9"), "");
    expect(&judge(pairs(58), 5, "9"), "pair-table");
    expect(&judge(triples(38), 4, "9"), "");
    expect(&judge(triples(39), 4, "9"), "pair-table");
    // 2^118 - 1 has 118 bits and 2^118 - 1/2 rounds up to 119.
    let (widest, wider) = ((1u128 << 118) - 1, format!("{}/2", (1u128 << 119) - 1));
    expect(&judge(pairs(0), 4, &widest.to_string()), "");
    expect(&judge(pairs(0), 4, &wider), "pair-table");
    // Pairs of 2^15 residues are tabulated; at this scale they are told apart badly.
    expect(&judge(pairs(8), 1 << 15, "9"), "pair-table.S1");
    expect(&judge(pairs(8), (1 << 15) + 1, "9"), "pair-table");
    expect(&judge(triples(8), 1 << 8, "9"), "triple-table.S1");
    expect(&judge(triples(8), (1 << 10) + 1, "9"), "pair-table");
}

#[test]
fn rows_of_layers_are_limited() {
    let layer = |unit: Unit, tokens: u64| Spec { unit, tokens, sparsity: 1, value_bits: 20, scale: Frac(9, 1) };
    let code = |points: u64| Unit::Code { field: 65_537, degree: 1, points };
    let bigram = |unit: Unit, tokens: u64, kind: &str, method: &str| {
        let net = Net::Bigram { layer: layer(unit, tokens), fraction_bits: 8 };
        let range = (kind == "decision").then_some(("1*2^-2", "3*2^-3"));
        check(&body(&Network { scale: Frac(40, 1), ..network(net, 5, tokens) }.claim(kind, method, range), &[]))
    };
    for (kind, method, limit) in
        [("decision", "decoding", "decoding-size"), ("counterexample", "witness", "confusion-size")]
    {
        expect(&bigram(Unit::Moment, (1 << 16) + 1, kind, method), limit);
        // N·(N-1)·c with c = n.
        expect(&bigram(code(2), 1 << 16, kind, method), limit);
        // The table of code keys: N·n ≤ 2^24.
        expect(&bigram(code(257), 1 << 16, kind, method), "key-table");
    }
    // Without evaluation there are no such limits, and with blocks those of blocks.
    expect(&bigram(Unit::Moment, 1 << 20, "decision", "closed-form"), "");
    expect(&bigram(Unit::Moment, (1 << 16) + 1, "decision", "exhaustive"), "enumeration");
    // A confusion of local evaluates two rows, at any window.
    let local = |tokens: u64, window: u64| {
        let net = Net::Local { window, layer: layer(Unit::Moment, tokens) };
        check(&body(&network(net, 5, tokens).claim("counterexample", "witness", None), &[]))
    };
    expect(&local(1 << 16, 2047), "order.S2");
    expect(&local(1 << 16, 2048), "parameter-size");
    expect(&local((1 << 16) + 1, 1), "confusion-size");
}

#[test]
fn runs_of_the_third_order_are_limited() {
    let judge = |net: Net, n_tokens: u64, row: usize| {
        // Residues 1 and 2 alone never add up to 0 mod 1000; 998 and two ones do, and 998 and a two.
        let with: Vec<u64> = (0..n_tokens).map(|token| if token == 0 { 998 } else { 1 + token % 2 }).collect();
        let without: Vec<u64> = (0..n_tokens).map(|token| 1 + token % 2).collect();
        let unit = Network { scale: Frac(1, 1_000_000_000), ..network(net, 1000, n_tokens) };
        check(&body(&unit.claim("counterexample", "witness", None), &[confusion(row, &with, row, &without)]))
    };
    let triples = || Net::Triples { fraction_bits: None };
    expect(&judge(triples(), 1024, 2), "confusion.S4");
    expect(&judge(triples(), 1025, 2), "confusion-size");
    expect(&judge(Net::Pairs { fraction_bits: None }, 1025, 1), "confusion.S4");
}

/// Scores of the widest units take as much memory as those of many runs of narrow ones.
#[test]
fn scores_of_confusions_are_limited() {
    // 256²·(3·4096 + 4096) = 2^30.
    let judge = |n_tokens: u64, scale_bits: usize| {
        let input: Vec<u64> = (0..n_tokens).map(|token| if token == 0 { 998 } else { 1 + token % 2 }).collect();
        let net = Net::Triples { fraction_bits: Some(4096) };
        let claim = network(net, 1000, n_tokens).claim("counterexample", "witness", None);
        let scale = (num_bigint::BigInt::from(1) << (scale_bits - 1)).to_string();
        let claim = claim.replace("\"scale\":\"9\"", &format!("\"scale\":\"{scale}\""));
        check(&body(&claim, &[confusion(2, &input, 2, &input)]))
    };
    expect(&judge(256, 4096), "confusion.S3");
    expect(&judge(256, 4097), "confusion-size");
    expect(&judge(257, 4096), "confusion-size");
}

#[test]
fn zeros_of_thresholds_are_limited() {
    let judge = |lo: &str, hi: &str| {
        let unit = network(Net::Pairs { fraction_bits: None }, 5, 4);
        check(&body(&unit.claim("decision", "closed-form", Some((lo, hi))), &[]))
    };
    expect(&judge("1*2^-8192", "3*2^-3"), "closed-form.S4");
    expect(&judge("1*2^-8193", "3*2^-3"), "parameter-size");
    expect(&judge("1*2^-8192", "3*2^-8193"), "parameter-size");
    expect(&judge("1*2^-60000", "1*2^-61000"), "parameter-size");
    // Precision follows the zeros: e^{-9·16}·3 is about 2^-206.
    expect(&judge("1*2^-205", "3*2^-3"), "");
    expect(&judge("1*2^-207", "3*2^-3"), "closed-form.S4");
}
