//! Limits that are reached with little effort, and the two ways in which a code-keys witness is bounded.

mod builder;

use std::io::{BufReader, Read};

use attestor_check::{Options, Report, check_reader};
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
