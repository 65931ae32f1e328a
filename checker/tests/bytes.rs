//! Damaged files: cut after every byte, and with every byte changed.

mod builder;

use attestor_check::{Options, Verdict, check_reader};
use builder::matching::{Net, Network, confusion};
use builder::{Frac, Spec, Unit, body, seal};

fn small() -> String {
    let spec = Spec { unit: Unit::Moment, tokens: 4, sparsity: 1, value_bits: 20, scale: Frac(3, 1) };
    let records = spec.blocks(&[2, 4], &[None, None, None, None]);
    seal(&body(&spec.claim("upper-bound", "exhaustive", "1/2", None), &records))
}

/// Two confusions and a decision with an averaging layer.
fn matching() -> Vec<String> {
    let unit = |net| Network { net, modulus: 5, tokens: 4, scale: Frac(1, 1000) };
    let layer = || Spec { unit: Unit::Moment, tokens: 4, sparsity: 3, value_bits: 20, scale: Frac(1, 2) };
    let records = [confusion(0, &[4, 1, 4, 4], 3, &[2, 2, 2, 2])];
    let pairs = unit(Net::Pairs { fraction_bits: None }).claim("counterexample", "witness", None);
    let local = unit(Net::Local { window: 1, layer: layer() }).claim("counterexample", "witness", None);
    // The last row of the zero is not read as 0, and that of the threes is not read as a match.
    let misread = [confusion(3, &[3, 3, 3, 0], 0, &[3, 3, 3, 3])];
    let bigram = Net::Bigram { layer: Spec { sparsity: 1, scale: Frac(9, 1), ..layer() }, fraction_bits: 4 };
    let decision =
        Network { scale: Frac(9, 1), ..unit(bigram) }.claim("decision", "decoding", Some(("1*2^-2", "3*2^-3")));
    vec![seal(&body(&pairs, &records)), seal(&body(&local, &misread)), seal(&body(&decision, &[]))]
}

fn verdict(bytes: &[u8]) -> Verdict {
    check_reader(bytes, &Options::default()).verdict
}

#[track_caller]
fn code(bytes: &[u8]) -> &'static str {
    match verdict(bytes) {
        Verdict::Malformed(finding) => finding.code,
        other => panic!("{}", other.line()),
    }
}

#[test]
fn whole() {
    assert!(verdict(small().as_bytes()).is_verified());
    for file in matching() {
        assert!(verdict(file.as_bytes()).is_verified(), "{}", verdict(file.as_bytes()).line());
    }
}

#[test]
fn truncated_after_every_byte() {
    for file in matching().into_iter().chain([small()]) {
        for length in 0..file.len() {
            assert_eq!(code(&file.as_bytes()[..length]), "truncated", "{length}");
        }
    }
}

#[test]
fn every_byte_changed() {
    for file in matching().into_iter().chain([small()]) {
        for place in 0..file.len() {
            for mask in [0x01, 0x02, 0x04, 0x10, 0x20, 0x80] {
                let mut bytes = file.clone().into_bytes();
                bytes[place] ^= mask;
                assert!(!verdict(&bytes).is_verified(), "byte {place} mask {mask}");
            }
        }
    }
}

#[test]
fn every_byte_changed_before_sealing() {
    // With the hash repaired, a changed byte is another claim or other evidence; the few that are still right
    // are looser or better-rounded statements of it, so here only panics and the form of the answer matter.
    for file in matching().into_iter().chain([small()]) {
        let end = file.trim_end().rfind('\n').expect("an end line") + 1;
        for place in 0..end {
            for mask in [0x01, 0x02, 0x04, 0x08, 0x10] {
                let mut bytes = file.as_bytes()[..end].to_vec();
                bytes[place] ^= mask;
                if let Ok(text) = String::from_utf8(bytes) {
                    assert!(!verdict(seal(&text).as_bytes()).line().is_empty());
                }
            }
        }
    }
}

#[test]
fn trailing_bytes() {
    let file = small();
    for tail in ["\n", " ", "x", "\0", "{}\n", &file] {
        assert_eq!(code(format!("{file}{tail}").as_bytes()), "trailing");
    }
    assert_eq!(code(format!("\u{feff}{file}").as_bytes()), "encoding");
}
