//! A certificate in words: statement, evidence, numbers, and what it does not prove.
//!
//! In: the bytes of a certificate and the checker's report on them. Out: text for people.

use std::collections::BTreeMap;
use std::fmt::Write;

use attestor_check::{Claim, Dual, Kind, Method, Network, Report, Unit, Verdict};

use super::numbers_beside::{meaning, numbers};

/// The explanation of a certificate; for a verdict other than positive, why there is nothing to explain.
pub fn text(bytes: &[u8], report: &Report) -> String {
    let (Verdict::Verified { claim_hash, statement }, Some(claim)) = (&report.verdict, &report.claim) else {
        return format!(
            "{}\nNothing is explained beside this verdict: the certificate proves nothing.\n",
            report.verdict.line()
        );
    };
    let mut text = String::new();
    let _ = writeln!(text, "Statement\n  {statement}\n\nClaim\n  SHA-256 {claim_hash}\n  {}\n", claim.canonical());
    let _ = writeln!(text, "Evidence\n  {}", evidence(claim));
    for (rule, count) in records(bytes) {
        let _ = writeln!(text, "  {count} {rule} record{}", if count == 1 { "" } else { "s" });
    }
    let _ = writeln!(text, "\nNumbers");
    for (name, value) in numbers(report).unwrap_or_default() {
        let _ = writeln!(text, "  {name:<20} {value:<28} {}", meaning(name));
    }
    let _ = writeln!(text, "\nWhat it does not prove");
    for line in limits(claim) {
        let _ = writeln!(text, "  - {line}");
    }
    text
}

/// How often each rule occurs.
fn records(bytes: &[u8]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let parsed: Option<serde_json::Value> = serde_json::from_slice(line).ok();
        if let Some(rule) = parsed.as_ref().and_then(|record| record.get("rule")).and_then(|rule| rule.as_str()) {
            *counts.entry(rule.to_owned()).or_insert(0) += 1;
        }
    }
    counts
}

fn evidence(claim: &Claim) -> &'static str {
    let Some(averaging) = claim.averaging() else { return evidence_of_matching(claim) };
    match (averaging.method, &averaging.unit) {
        (Method::ClosedForm, Unit::MomentCurve) => {
            "Closed form (Thm 3): scores on a support are equal, and off it lower by at least the scale times a product of squared distances; summed over all distances."
        }
        (Method::ClosedForm, _) => {
            "Closed form (Thm 2, code keys): two polynomials of degree below k agree in at most k-1 points, so scores off a support are lower by a fixed gap."
        }
        (Method::Exhaustive, _) => {
            "Exhaustive (Lemma A): the weight error of every support was enclosed; it is the exact supremum over all values."
        }
        (Method::Coherence, _) => {
            "Coherence (Thm 2, Lemma B): the largest inner product of two keys bounds every support at once."
        }
        (Method::Babel, _) => {
            "Babel function (Thm 2, Lemma B): the largest sums of inner products of one key bound every support at once."
        }
        (Method::Witness | Method::Decoding, _) => {
            "One input, evaluated: its output is enclosed and lies further from the target than the stated error."
        }
    }
}

/// The same for a matching network.
fn evidence_of_matching(claim: &Claim) -> &'static str {
    let has_layer = claim.matching().is_some_and(|matching| matching.network.layer().is_some());
    match (claim.method(), has_layer) {
        (Method::Witness, _) => {
            "Two inputs, evaluated: the output of the one with a match is at most the output of the one without, so no threshold decides both."
        }
        (Method::Exhaustive, false) => {
            "Table (Thm 6): the exact scores of all residues bound the output of every row from above without a match and from below with one."
        }
        (Method::Decoding, _) => {
            "Decoding (Thm 8): for every row of the averaging layer the largest and the least output that a residue can get were enclosed."
        }
        (_, true) => {
            "Composition (Thm 8): the averaging layer's error is below half a step of the decoder for every input, by the method of sparse averaging."
        }
        (_, false) => {
            "Closed form (Thm 6): the gap of the scores below a match, with the rounding of the entries bounded."
        }
    }
}

fn limits(claim: &Claim) -> Vec<&'static str> {
    let mut limits = vec![
        "Scores and softmax are real numbers here; only query, key and value entries are counted in bits.",
        "It is about this model alone: no other keys, scale or widths, no training, no deeper network.",
    ];
    limits.push(match claim.kind() {
        Kind::Decision => "It does not say that the gap is the widest one.",
        Kind::Counterexample if claim.averaging().is_none() => {
            "Two inputs are shown that this network confuses; other scales or precisions may succeed."
        }
        Kind::UpperBound => "It does not say that the bound is the least one; an enclosure does.",
        Kind::Enclosure => "The lower end is reached by the recorded input; the exact supremum lies between both ends.",
        Kind::Counterexample => {
            "One bad input is shown, not necessarily the worst; other scales or widths may succeed."
        }
    });
    if matches!(
        claim.matching().map(|matching| &matching.network),
        Some(Network::Local { .. } | Network::Bigram { .. })
    ) {
        limits.push("The maps between and after the layers are exact: skip connections, the decoder, a threshold.");
    }
    let Some(averaging) = claim.averaging() else { return limits };
    match &averaging.unit {
        Unit::SignKeys { dual: Dual::MaxMargin, .. } => limits.push(
            "The max-margin dual vector is the least-norm one with the stated margin, not the vector with the largest margin.",
        ),
        Unit::MomentCurve => limits.push("The entries grow with N and q; this is the construction for unbounded precision."),
        Unit::SignKeys { .. } | Unit::CodeKeys { .. } => {}
    }
    limits
}
