//! Certificates of tiny units and networks, and what brute force over the definitions says of them and of their mutants.
//!
//! `data/tiny.jsonl` holds certificates of every construction, kind and method, one after the other: max-margin with
//! several margins and sparsities, with and without dual vectors, also inside an enclosure; every matching network with
//! its encodings, layers and methods, right and confused.
//! They were written by the generator (`cargo run --example mutants -- --certificates`) and stay accepted as long as
//! the format has version 1.

mod mutation;

use mutation::document::Document;
use mutation::fraction::Fraction;
use mutation::network::Network;
use mutation::network_operators::is_network;
use mutation::truth::{Oracle, Truth, worst_by_values};
use mutation::unit::subsets;
use mutation::{run, verdict};

/// The certificates of the data file, split after each end line.
fn certificates() -> Vec<Vec<u8>> {
    let mut certificates = vec![Vec::new()];
    for line in include_str!("data/tiny.jsonl").lines() {
        let last = certificates.last_mut().expect("one more");
        last.extend(format!("{line}\n").into_bytes());
        if line.starts_with("{\"end\":") {
            certificates.push(Vec::new());
        }
    }
    assert_eq!(certificates.pop(), Some(Vec::new()), "the file ends with an end line");
    certificates
}

#[test]
fn they_are_accepted_and_true() {
    let mut oracle = Oracle::default();
    for certificate in certificates() {
        let text = String::from_utf8_lossy(&certificate);
        assert_eq!(verdict(&certificate), "VERIFIED", "{text}");
        assert_eq!(oracle.judge(&Document::parse(&certificate)), Truth::True, "{text}");
    }
}

#[test]
fn they_have_every_rule_kind_and_method() {
    let text = include_str!("data/tiny.jsonl");
    let words = [
        "moment-curve",
        "sign-keys",
        "code-keys",
        "upper-bound",
        "enclosure",
        "counterexample",
        "closed-form",
        "exhaustive",
        "coherence",
        "babel",
        "witness",
        "block",
        "dual",
        "no-dual",
        "least-squares",
        "max-margin",
        "match2/trigonometric",
        "match2/polynomial",
        "match3/third-order",
        "match3/local",
        "match3/bigram",
        "decision",
        "decoding",
        "confusion",
        "trigonometric",
        "polynomial",
    ];
    for word in words {
        assert!(text.contains(&format!("{word}\"")), "{word}");
    }
    let is_margin_enclosure = |line: &str| line.contains("max-margin") && line.contains("enclosure");
    assert!(text.lines().any(is_margin_enclosure));
    assert!(text.lines().any(|line| line.contains("max-margin") && line.contains("\"sparsity\":3")));
}

#[test]
fn lemma_a_and_the_rounding_of_values_agree_with_all_values_of_a_grid() {
    for certificate in certificates() {
        let claim = Document::parse(&certificate).claim;
        let (Some(n_tokens), Some(sparsity)) = (claim.count("tokens"), claim.count("sparsity")) else { continue };
        let size = |count: u64| usize::try_from(count).expect("a tiny unit");
        for support in subsets(size(n_tokens), size(sparsity)).into_iter().take(4) {
            let [signs, plain, _] = worst_by_values(&claim, &support, 1, 256).expect("a tiny unit");
            let close = Fraction::new(1, num_bigint::BigInt::from(1) << 200);
            assert!(plain.minus(&signs).abs() < close, "signs reach D: {claim:?} {support:?}");
            // A grid of 2^-12 sees a step of 2^-f_v up to its own width.
            if claim.count("value_fraction_bits").is_some_and(|bits| bits <= 4) {
                let [grid, _, rounded] = worst_by_values(&claim, &support, 1 << 12, 256).expect("a tiny unit");
                let gap = rounded.minus(&grid);
                let (least, most) = (Fraction::integer(0).minus(&close), Fraction::new(2, 1 << 12));
                assert!(least < gap && gap < most, "rounded values reach S: {claim:?} {support:?}");
            }
        }
    }
}

/// The order of the tokens is nothing that match2 and the third order see.
#[test]
fn increasing_inputs_are_enough_where_there_are_no_positions() {
    for certificate in certificates() {
        let claim = Document::parse(&certificate).claim;
        if is_network(&claim) && ["match2", "third-order"].iter().any(|name| claim.text_of("id").contains(name)) {
            let Ok(network) = Network::new(&claim) else { panic!("not tiny: {claim:?}") };
            assert_eq!(network.extreme_outputs(true), network.extreme_outputs(false), "{claim:?}");
        }
    }
}

#[test]
fn no_mutant_is_accepted_and_false() {
    let tally = run(&certificates(), 2_000, 7, verdict);
    assert!(tally.false_accepts.is_empty(), "{}\n{}", tally.report(), tally.false_accepts.join("\n"));
}

/// Whether a side condition is about a certificate with this text.
#[cfg(feature = "side-condition-switches")]
fn concerns(code: &str, text: &str) -> bool {
    let rule = code.split('.').next().unwrap_or_default();
    match rule {
        _ if ["claim.S11", "closed-form.S4", "closed-form.S5"].contains(&code) => {
            text.contains("\"lo\"") && text.contains("\"decision\"")
        }
        "claim" => text.contains("sparse-averaging"),
        "closed-form" | "coherence" | "babel" | "block" | "witness" => {
            text.contains(&format!("\"{rule}\"")) && text.contains("sparse-averaging")
        }
        "dual" | "no-dual" => text.contains("max-margin"),
        "pair-table" => text.contains("match2/trigonometric") && text.contains("exhaustive"),
        "triple-table" => text.contains("match3/third-order") && text.contains("exhaustive"),
        "decoding" => text.contains("\"decoding\""),
        "bigram" => text.contains("match3/bigram") && text.contains("\"decision\""),
        "confusion" => text.contains("\"confusion\""),
        _ => true,
    }
}

/// Side conditions whose absence lets a false claim through soon.
///
/// Of the others, some only keep evidence unique or refuse early what another condition refuses (`order.S1`,
/// `claim.S2`, `claim.S8`, `claim.S10`, `closed-form.S2`, `block.S2`, `block.S3`, `block.S5`, `dual.S1`, `no-dual.S1`), and for the
/// rest a false certificate has to be computed anew, which `rules.rs` does by hand.
#[cfg(feature = "side-condition-switches")]
const NOTICED: &[&str] = &[
    "order.S2",
    "claim.S4",
    "claim.S5",
    "claim.S6",
    "claim.S7",
    "claim.S9",
    "closed-form.S1",
    "closed-form.S3",
    "coherence.S3",
    "babel.S3",
    "block.S1",
    "block.S4",
    "block.S6",
    "block.S7",
    "witness.S1",
    "witness.S2",
    "witness.S3",
    "witness.S4",
    "witness.S5",
    "claim.S11",
    "closed-form.S4",
    "closed-form.S5",
    "pair-table.S1",
    "pair-table.S2",
    "triple-table.S1",
    "triple-table.S2",
    "decoding.S1",
    "decoding.S2",
    "bigram.S1",
    "bigram.S2",
    "confusion.S1",
    "confusion.S2",
    "confusion.S3",
    "confusion.S4",
];

/// Mutants find a false accept for these conditions when a checker forgets them.
#[cfg(feature = "side-condition-switches")]
#[test]
fn mutants_notice_a_dropped_side_condition() {
    use attestor_check::switches::drop_side_condition;
    let certificates = certificates();
    for code in NOTICED {
        let concerned: Vec<Vec<u8>> =
            certificates.iter().filter(|bytes| concerns(code, &String::from_utf8_lossy(bytes))).cloned().collect();
        drop_side_condition(Some(code));
        let is_noticed = (0..20).any(|seed| !run(&concerned, 500, seed, verdict).false_accepts.is_empty());
        drop_side_condition(None);
        assert!(is_noticed, "{code} dropped: no false accept among 10000 mutants");
    }
}
