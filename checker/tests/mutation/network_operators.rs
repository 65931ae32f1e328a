//! Random edits that only matching networks have: runs of residues, other tasks and encodings, made-up confusions.

use super::document::{Document, Line, elements, list, quoted};
use super::operators::Random;

/// The fields of a claim in their order, as far as networks have them.
const ORDER: [&str; 20] = [
    "format",
    "version",
    "id",
    "kind",
    "method",
    "modulus",
    "tokens",
    "window",
    "encoding",
    "construction",
    "value_fraction_bits",
    "key_width",
    "seed",
    "fraction_bits",
    "field_size",
    "degree_bound",
    "evaluations",
    "scale",
    "first_fraction_bits",
    "first_scale",
];

/// Whether a claim is about matching.
pub fn is_network(claim: &Line) -> bool {
    claim.get("modulus").is_some()
}

/// Sets a field, at its place if it is new; `lo` and `hi` come last.
fn put(claim: &mut Line, name: &str, raw: impl Into<String>) {
    claim.0.retain(|(known, _)| known != name);
    let rank = |name: &str| ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len());
    let at = claim.0.iter().position(|(known, _)| rank(name) < rank(known)).unwrap_or(claim.0.len());
    claim.0.insert(at, (name.to_owned(), raw.into()));
}

fn remove(claim: &mut Line, names: &[&str]) {
    claim.0.retain(|(known, _)| !names.contains(&known.as_str()));
}

fn methods(claim: &Line) -> &'static [&'static str] {
    match (claim.text_of("construction"), claim.text_of("encoding")) {
        ("sign-keys", _) => &["decoding", "exhaustive", "coherence", "babel"],
        ("", "polynomial") => &["closed-form"],
        ("", _) if claim.text_of("id") == "match2/polynomial" => &["closed-form"],
        ("", _) => &["exhaustive", "closed-form"],
        _ => &["decoding", "closed-form", "exhaustive"],
    }
}

/// Another kind, method, encoding or construction, with the fields that it needs.
pub fn change_network(document: &mut Document, random: &mut Random) {
    let id = document.claim.text_of("id").to_owned();
    match (random.below(4), id.as_str()) {
        (0, _) => change_kind(document, random),
        (1, "match2/trigonometric") => {
            document.claim.set("id", quoted("match2/polynomial"));
            remove(&mut document.claim, &["fraction_bits"]);
        }
        (1, "match2/polynomial") => {
            document.claim.set("id", quoted("match2/trigonometric"));
            put(&mut document.claim, "fraction_bits", (4 + random.below(12)).to_string());
        }
        (1, "match3/third-order") if document.claim.text_of("encoding") == "polynomial" => {
            document.claim.set("encoding", quoted("trigonometric"));
            put(&mut document.claim, "fraction_bits", (4 + random.below(12)).to_string());
        }
        (1, "match3/third-order") => {
            document.claim.set("encoding", quoted("polynomial"));
            remove(&mut document.claim, &["fraction_bits"]);
        }
        (1, _) => change_construction(&mut document.claim, random),
        (2, "match2/trigonometric") => {
            document.claim.set("id", quoted("match3/third-order"));
            put(&mut document.claim, "encoding", quoted("trigonometric"));
        }
        (2, "match3/third-order") if document.claim.text_of("encoding") == "trigonometric" => {
            document.claim.set("id", quoted("match2/trigonometric"));
            remove(&mut document.claim, &["encoding"]);
        }
        _ => {}
    }
    if document.kind() == "decision" {
        let method = *random.pick(methods(&document.claim));
        document.claim.set("method", quoted(method));
    }
}

fn change_kind(document: &mut Document, random: &mut Random) {
    if document.kind() == "decision" {
        document.claim.set("kind", quoted("counterexample"));
        document.claim.set("method", quoted("witness"));
        remove(&mut document.claim, &["lo", "hi"]);
        document.records = vec![made_up(&document.claim, random)];
        return;
    }
    document.claim.set("kind", quoted("decision"));
    document.records.clear();
    if document.claim.text_of("id") != "match3/local" {
        let low = 1 + 2 * random.below(100);
        document.claim.0.push(("lo".to_owned(), quoted(format!("{low}*2^-9"))));
        document.claim.0.push(("hi".to_owned(), quoted(format!("{}*2^-9", low + 2 + 2 * random.below(20)))));
    }
}

fn change_construction(claim: &mut Line, random: &mut Random) {
    let bits = if claim.text_of("id") == "match3/local" { "fraction_bits" } else { "first_fraction_bits" };
    remove(claim, &["key_width", "seed", bits, "field_size", "degree_bound", "evaluations"]);
    let (name, fields): (_, &[(&str, &str)]) = *random.pick(&[
        ("moment-curve", &[][..]),
        ("sign-keys", &[("key_width", "40"), ("seed", "1"), ("bits", "10")][..]),
        ("code-keys", &[("field_size", "5"), ("degree_bound", "2"), ("evaluations", "5")][..]),
    ]);
    claim.set("construction", quoted(name));
    for (field, value) in fields {
        put(claim, if *field == "bits" { bits } else { field }, *value);
    }
}

/// A confusion of two made-up inputs.
pub fn made_up(claim: &Line, random: &mut Random) -> Line {
    let small = |name: &str| usize::try_from(claim.count(name).unwrap_or(0).min(16)).unwrap_or(0).max(1);
    let (modulus, tokens) = (small("modulus"), small("tokens"));
    let mut input = || {
        let (common, other) = (random.below(modulus), random.below(modulus));
        let style = random.below(3);
        let mut residues: Vec<usize> =
            (0..tokens).map(|_| if style == 2 { random.below(modulus) } else { common }).collect();
        if style == 1 {
            let place = random.below(tokens);
            residues[place] = other;
        }
        runs(&residues)
    };
    let (left, right) = (input(), input());
    let mut row = || random.below(tokens).to_string();
    let fields =
        [("rule", quoted("confusion")), ("row", row()), ("input", left), ("other_row", row()), ("other_input", right)];
    Line(fields.map(|(name, raw)| (name.to_owned(), raw)).to_vec())
}

/// An input as runs.
fn runs(residues: &[usize]) -> String {
    let run = |run: &[usize]| format!("[{},{}]", run[0], run.len());
    list(&residues.chunk_by(|left, right| left == right).map(run).collect::<Vec<_>>())
}

/// Another list of runs; most edits keep the number of tokens.
pub fn edit_runs(raw: &str, random: &mut Random) -> String {
    let pair = |run: &String| {
        let parts: Vec<u64> = elements(run).iter().filter_map(|part| part.parse().ok()).collect();
        [parts.first().copied().unwrap_or(0), parts.get(1).copied().unwrap_or(0)]
    };
    let mut runs: Vec<[u64; 2]> = elements(raw).iter().map(pair).collect();
    if runs.is_empty() {
        return "[[0,1]]".to_owned();
    }
    let (place, other) = (random.below(runs.len()), random.below(runs.len()));
    let small = u64::try_from(random.below(7)).unwrap_or(0);
    match random.below(9) {
        0 => runs[place][0] += 1,
        1 => runs[place][0] = runs[place][0].saturating_sub(1),
        2 => runs[place][0] = small,
        3 => runs[place][1] += 1,
        4 => runs[place][1] = runs[place][1].saturating_sub(1),
        5 if 1 < runs[place][1] => {
            runs[place][1] -= 1;
            runs[other][1] += 1;
        }
        6 if 1 < runs[place][1] => {
            runs[place][1] -= 1;
            runs.insert(other, [small, 1]);
        }
        7 if place != other => {
            runs[other][1] += runs[place][1];
            runs.remove(place);
        }
        _ => runs.swap(place, other),
    }
    list(&runs.iter().map(|[residue, count]| format!("[{residue},{count}]")).collect::<Vec<_>>())
}
