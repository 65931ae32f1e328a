//! The mutation harness: random edits of valid certificates of tiny units and networks, judged by brute force.
//!
//! In: certificates that the checker accepts, a number of mutants, a seed, a checker. Out: a [`Tally`].
//! A mutant is serialised canonically, with count and hash repaired, so that it is judged for what it says.
//! If it is accepted, its claim must be true; [`truth`] and [`decisions`] decide that from the definitions alone.

#![allow(dead_code, reason = "each test crate uses a part")]

pub mod document;
pub mod fraction;
pub mod operators;
pub mod network_operators;
pub mod unit;
pub mod circle;
pub mod network;
pub mod truth;
pub mod decisions;

use std::collections::BTreeMap;

use document::Document;
use operators::{Random, mutant};
use truth::{Oracle, Truth};

/// What came of the mutants.
#[derive(Debug, Default)]
pub struct Tally {
    pub n_mutants: u64,
    /// How many had each verdict and code.
    pub verdicts: BTreeMap<String, u64>,
    /// Accepted mutants by what brute force says.
    pub n_true: u64,
    /// Accepted, and Lemma C leaves room for either.
    pub n_open: u64,
    /// Accepted, and not tiny enough for brute force.
    pub n_too_large: u64,
    /// Accepted, and brute force ran out of precision.
    pub n_undecided: u64,
    /// Accepted and false: the reason, then the certificate.
    pub false_accepts: Vec<String>,
}

impl Tally {
    /// Mutants that a rule judged: VERIFIED or REJECTED.
    pub fn n_reaching_a_rule(&self) -> u64 {
        let reaches = |verdict: &&str| verdict.starts_with("VERIFIED") || verdict.starts_with("REJECTED");
        self.verdicts.iter().filter(|(verdict, _)| reaches(&verdict.as_str())).map(|(_, count)| count).sum()
    }

    /// All counts, one a line.
    pub fn report(&self) -> String {
        let mut text = format!("{:>9} mutants\n", self.n_mutants);
        text.push_str(&format!("{:>9} reached a rule\n", self.n_reaching_a_rule()));
        for (verdict, count) in &self.verdicts {
            text.push_str(&format!("{count:>9} {verdict}\n"));
        }
        let accepted = [
            (self.n_true, "accepted and true"),
            (self.n_open, "accepted, open by Lemma C (value_dim above 1)"),
            (self.n_too_large, "accepted, not tiny"),
            (self.n_undecided, "accepted, undecided by brute force"),
        ];
        for (count, words) in accepted {
            text.push_str(&format!("{count:>9} {words}\n"));
        }
        text.push_str(&format!("{:>9} false accepts\n", self.false_accepts.len()));
        text
    }
}

/// The verdict of a checker: its word and, unless it is VERIFIED, its code.
pub fn verdict(bytes: &[u8]) -> String {
    let report = attestor_check::check_reader(bytes, &attestor_check::Options::default());
    let line = report.verdict.line();
    let mut words = line.split(' ').skip(1);
    let word = words.next().unwrap_or_default();
    report.verdict.finding().map_or_else(|| word.to_owned(), |finding| format!("{word} {}", finding.code))
}

/// Makes and judges `count` mutants of the certificates with the real checker or another.
pub fn run(certificates: &[Vec<u8>], count: u64, seed: u64, check: impl Fn(&[u8]) -> String) -> Tally {
    let documents: Vec<Document> = certificates.iter().map(|bytes| Document::parse(bytes)).collect();
    let mut oracle = Oracle::default();
    let (mut random, mut tally) = (Random::new(seed), Tally::default());
    for _ in 0..count {
        let idx = random.below(documents.len());
        let document = mutant(&documents, idx, &mut random);
        let bytes = document.bytes();
        let verdict = check(&bytes);
        tally.n_mutants += 1;
        if verdict == "VERIFIED" {
            match oracle.judge(&document) {
                Truth::True => tally.n_true += 1,
                Truth::Open => tally.n_open += 1,
                Truth::TooLarge => tally.n_too_large += 1,
                Truth::Undecided => tally.n_undecided += 1,
                Truth::False(reason) => {
                    tally.false_accepts.push(format!("{reason}\n{}", String::from_utf8_lossy(&bytes)));
                }
            }
        }
        *tally.verdicts.entry(verdict).or_default() += 1;
    }
    tally
}
