//! What must be refused, and what must not: every row is a certificate of the generator, an edit, a verdict.
//!
//! The unedited certificates are the positive twins; they are judged in the same run.

mod support;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use attestor_check::{ClaimFile, Options, check_reader};
use support::certify;
use support::edit::{Judged, Row, apply};
use support::rows;

static CERTIFICATES: LazyLock<BTreeMap<&str, Vec<u8>>> =
    LazyLock::new(|| rows::SEEDS.iter().map(|(name, id, flags)| (*name, certify(id, flags))).collect());

#[track_caller]
fn certificate(name: &str) -> Vec<u8> {
    CERTIFICATES.get(name).unwrap_or_else(|| panic!("no certificate is called {name}")).clone()
}

/// The word and code of the checker's verdict, here as everywhere through its public interface.
#[track_caller]
fn judge(judged: &Judged) -> String {
    let claim = match judged.stated.as_ref().map(|text| ClaimFile::parse(text.as_bytes())).transpose() {
        Ok(claim) => claim,
        Err(verdict) => return words(&verdict.line()),
    };
    let line = check_reader(judged.file.as_slice(), &Options { claim }).verdict.line();
    words(&line)
}

/// `VERIFIED`, or word and code.
fn words(line: &str) -> String {
    let n_words = if line.starts_with("s VERIFIED ") { 1 } else { 2 };
    line.split(' ').skip(1).take(n_words).collect::<Vec<_>>().join(" ")
}

/// The rows that a checker gets wrong.
fn failures(check: impl Fn(&Judged) -> String) -> Vec<String> {
    let wrong = |row: &Row| {
        let found = check(&apply(row, certificate));
        (found != row.expected).then(|| format!("{row:?}: found {found}"))
    };
    rows::all().filter_map(wrong).collect()
}

#[test]
fn every_row_has_its_verdict() {
    let mut wrong = failures(judge);
    for (name, _, _) in rows::SEEDS {
        let found = judge(&Judged { file: certificate(name), stated: None });
        if found != "VERIFIED" {
            wrong.push(format!("{name}, unedited: found {found}"));
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn there_are_enough_rows_of_every_kind() {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows::all() {
        *counts.entry(row.expected.split(' ').next().unwrap_or_default()).or_default() += 1;
    }
    let n_refused: usize = counts.iter().filter(|(word, _)| **word != "VERIFIED").map(|(_, count)| count).sum();
    assert!(500 <= n_refused, "{counts:?}");
    assert!(150 <= counts["VERIFIED"] && 60 <= counts["RESOURCE"] && 20 <= counts["VACUOUS"], "{counts:?}");
}

#[test]
fn every_side_condition_has_a_row() {
    for code in attestor_check::side_conditions() {
        let expected = format!("REJECTED {code}");
        assert!(rows::all().any(|row| row.expected == expected) || UNREACHED.contains(code), "{code}");
    }
}

/// A generator that is right writes nothing from which one edit leads here; the rules' own suite does.
const UNREACHED: &[&str] = &["dual.S4"];

#[test]
fn the_suite_notices_a_checker_that_always_answers_the_same() {
    let n_rows = rows::all().count();
    let n_accepted = rows::all().filter(|row| row.expected == "VERIFIED").count();
    assert_eq!(failures(|_| "VERIFIED".to_owned()).len(), n_rows - n_accepted);
    let n_same = rows::all().filter(|row| row.expected == "REJECTED order.S2").count();
    assert_eq!(failures(|_| "REJECTED order.S2".to_owned()).len(), n_rows - n_same);
}

/// Damage without repair is seen at every byte; with repair it is never a false proof of the same claim.
#[test]
fn every_cut_and_every_flipped_bit_is_noticed() {
    for name in ["moment enclosure", "margin third", "code huge counterexample", "bigram confused"] {
        let file = certificate(name);
        for length in 0..file.len() {
            let cut = Judged { file: file[..length].to_vec(), stated: None };
            assert_eq!(judge(&cut), "MALFORMED truncated", "{name} cut at {length}");
        }
        for place in 0..file.len() {
            for bit in 0..8 {
                let mut flipped = file.clone();
                flipped[place] ^= 1 << bit;
                let found = judge(&Judged { file: flipped, stated: None });
                assert!(found != "VERIFIED", "{name}: byte {place}, bit {bit}");
            }
        }
    }
}
