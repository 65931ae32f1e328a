//! Edits of certificates as data: a row is a certificate, what is done to it, and the verdict that must come of it.

use super::mutation::document::{Document, Line, list, quoted, seal};
use super::mutation::fraction::Fraction;
use super::mutation::truth::weight_errors;

/// One edit. Lines are numbered as in verdicts: 0 is the header, whose fields are those of the claim.
#[derive(Debug)]
pub enum Edit {
    /// Replaces a field's raw value.
    Set(usize, &'static str, &'static str),
    /// Multiplies a field's number by `1 + k·2^-bits`.
    Nudge(usize, &'static str, i64, u32),
    /// Adds `k` units of `2^-bits` to a field's number.
    Shift(usize, &'static str, i64, u32),
    /// Replaces text within a line.
    Text(usize, &'static str, &'static str),
    /// Removes a line.
    Drop(usize),
    /// Repeats a line.
    Double(usize),
    /// Exchanges two lines.
    Swap(usize, usize),
    /// Puts a line before line `n`.
    Insert(usize, &'static str),
    /// Takes all records of another certificate.
    RecordsOf(&'static str),
    /// Appends a record of another certificate.
    Append(&'static str, usize),
    /// Cuts the supports into blocks that end here, with right bounds; dual records stay with their supports.
    Blocks(&'static [usize]),
    /// Removes all records.
    Empty,
    /// Changes the body's bytes, before count and hash are made.
    Body(&'static str, fn(Vec<u8>) -> Vec<u8>),
    /// Changes the file's bytes, count and hash as they were.
    File(&'static str, fn(Vec<u8>) -> Vec<u8>),
    /// States a claim file of these fields; the rest is `{"format","version","id"}` of the certificate.
    State(&'static str),
    /// The same, as the whole text.
    StateText(&'static str),
}

/// A certificate (by its name), edits, and the expected verdict with its code.
#[derive(Debug)]
pub struct Row {
    pub seed: &'static str,
    pub edits: &'static [Edit],
    pub expected: &'static str,
}

/// What a row is judged on.
pub struct Judged {
    pub file: Vec<u8>,
    pub stated: Option<String>,
}

pub const fn row(seed: &'static str, edits: &'static [Edit], expected: &'static str) -> Row {
    Row { seed, edits, expected }
}

/// The edited certificate.
#[track_caller]
pub fn apply(row: &Row, certificate: impl Fn(&str) -> Vec<u8>) -> Judged {
    let mut document = Document::parse(&certificate(row.seed));
    let mut stated = None;
    for edit in row.edits {
        apply_to_document(edit, &mut document, &certificate);
        match edit {
            Edit::State(fields) => {
                let id = document.claim.get("id").expect("an id");
                stated = Some(format!(r#"{{"format":"attestor-claim","version":1,"id":{id},{fields}}}"#));
            }
            Edit::StateText(text) => stated = Some((*text).to_owned()),
            _ => {}
        }
    }
    let mut body = document.body().into_bytes();
    for edit in row.edits {
        if let Edit::Body(_, change) = edit {
            body = change(body);
        }
    }
    let mut file = seal(body);
    for edit in row.edits {
        if let Edit::File(_, change) = edit {
            file = change(file);
        }
    }
    Judged { file, stated }
}

#[track_caller]
fn apply_to_document(edit: &Edit, document: &mut Document, certificate: &impl Fn(&str) -> Vec<u8>) {
    match *edit {
        Edit::Set(n, name, raw) => line(document, n).set(name, raw),
        Edit::Nudge(n, name, k, bits) => {
            let factor = Fraction::integer(1).plus(&Fraction::new(k, num_bigint::BigInt::from(1) << bits));
            change_number(line(document, n), name, |value| value.times(&factor));
        }
        Edit::Shift(n, name, k, bits) => {
            let term = Fraction::new(k, num_bigint::BigInt::from(1) << bits);
            change_number(line(document, n), name, |value| value.plus(&term));
        }
        Edit::Text(n, from, to) => {
            let line = line(document, n);
            let text = line.json();
            assert!(text.contains(from), "{from} is not in {text}");
            *line = Line::parse(&text.replacen(from, to, 1));
        }
        Edit::Drop(n) => drop(document.records.remove(n - 1)),
        Edit::Double(n) => document.records.insert(n, document.records[n - 1].clone()),
        Edit::Swap(left, right) => document.records.swap(left - 1, right - 1),
        Edit::Insert(n, text) => document.records.insert(n - 1, Line::parse(text)),
        Edit::RecordsOf(seed) => document.records = Document::parse(&certificate(seed)).records,
        Edit::Append(seed, n) => document.records.push(Document::parse(&certificate(seed)).records.remove(n - 1)),
        Edit::Blocks(ends) => document.records = blocks(document, ends),
        Edit::Empty => document.records.clear(),
        Edit::Body(..) | Edit::File(..) | Edit::State(_) | Edit::StateText(_) => {}
    }
}

#[track_caller]
fn line(document: &mut Document, n: usize) -> &mut Line {
    if n == 0 { &mut document.claim } else { &mut document.records[n - 1] }
}

#[track_caller]
fn change_number(line: &mut Line, name: &str, change: impl Fn(&Fraction) -> Fraction) {
    let text = line.text_of(name);
    let value = change(&Fraction::parse(text).unwrap_or_else(|| panic!("{name} is no number")));
    let new = if text.contains("*2^") { value.dyadic() } else { value.rational() };
    line.set(name, quoted(new));
}

/// Block records with the given ends, each bound a few units above the largest weight error of its supports.
#[track_caller]
fn blocks(document: &Document, ends: &[usize]) -> Vec<Line> {
    let errors = weight_errors(&document.claim, 512).expect("a tiny unit");
    let duals: Vec<&Line> = document.records.iter().filter(|record| record.text_of("rule").ends_with("dual")).collect();
    let (mut records, mut first) = (Vec::new(), 0);
    for &end in ends {
        let (worst, error) = errors[first..end].iter().max_by(|left, right| left.1.cmp(&right.1)).expect("a support");
        // 52 bits of the error, and a room of 2^-49.
        let magnitude = error.denom.bits() - error.numer.bits();
        let room = Fraction::new((1u64 << 49) + 1, 1u64 << 49);
        let bound = error.times(&room).rounded(magnitude + 52, true).dyadic();
        records.extend(duals.iter().skip(first).take(end - first).map(|record| (*record).clone()));
        records.push(Line(vec![
            ("rule".to_owned(), quoted("block")),
            ("first".to_owned(), first.to_string()),
            ("end".to_owned(), end.to_string()),
            ("worst".to_owned(), list(worst)),
            ("bound".to_owned(), quoted(bound)),
        ]));
        first = end;
    }
    records
}
