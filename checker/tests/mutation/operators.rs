//! Random edits of certificates, at the level of their values.
//!
//! In: a valid certificate, others to copy from, a seeded generator. Out: a certificate of canonical form that may be
//! right or wrong. Most edits keep every number in its form, so that most mutants reach a rule.

use num_bigint::BigInt;

use super::document::{Document, Line, elements, list, quoted};
use super::fraction::Fraction;
use super::network_operators::{change_network, edit_runs, is_network, made_up};

/// SplitMix64: enough for tests, and the same everywhere.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).expect("a small number");
        usize::try_from(self.next() % end).expect("a small number")
    }

    pub fn one_in(&mut self, odds: usize) -> bool {
        self.below(odds) == 0
    }

    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

/// One mutant of `documents[idx]` by one to three edits.
pub fn mutant(documents: &[Document], idx: usize, random: &mut Random) -> Document {
    let mut document = documents[idx].clone();
    let n_edits = *random.pick(&[1, 1, 1, 2, 2, 3]);
    for _ in 0..n_edits {
        edit(&mut document, documents, random);
    }
    // An edit may undo another, or repeat what was there.
    if document == documents[idx] {
        edit(&mut document, documents, random);
    }
    document
}

fn edit(document: &mut Document, documents: &[Document], random: &mut Random) {
    match random.below(22) {
        20 | 21 => forge(document, random),
        0..6 => edit_field(&mut document.claim, random),
        6 => aim(document, random),
        7 => swap_fields(document, random),
        8 => edit_records(document, documents, random),
        9 if is_network(&document.claim) => change_network(document, random),
        9 => change_name(&mut document.claim, random),
        10 => take_field(document, documents, random),
        _ => {
            if document.records.is_empty() {
                aim(document, random);
            } else {
                let idx = random.below(document.records.len());
                edit_field(&mut document.records[idx], random);
            }
        }
    }
}

/// Sets the bound that a claim asserts close to a number of its evidence, or moves it by little.
fn aim(document: &mut Document, random: &mut Random) {
    let evidence: Vec<Fraction> = document
        .records
        .iter()
        .flat_map(|record| ["bound", "distance"].map(|name| record.text_of(name).to_owned()))
        .filter_map(|text| Fraction::parse(&text))
        .collect();
    let name = match document.kind() {
        "enclosure" => *random.pick(&["lo", "hi", "error"]),
        "decision" => *random.pick(&["lo", "hi"]),
        _ => "error",
    };
    if document.claim.get(name).is_none() {
        return edit_field(&mut document.claim, random);
    }
    let near: &[&str] = if document.kind() == "decision" && random.one_in(4) { &["lo", "hi"] } else { &[name] };
    let stated = near.iter().filter_map(|name| Fraction::parse(document.claim.text_of(name)));
    let near: Vec<Fraction> = evidence.into_iter().chain(stated).collect();
    if near.is_empty() {
        return;
    }
    let value = nudged(random.pick(&near), random);
    let raw = if name == "error" { value.rational() } else { value.rounded(300, random.one_in(2)).dyadic() };
    document.claim.set(name, quoted(raw));
}

/// Changes the evidence and then claims what it seems to show: coordinated, as an adversary would.
fn forge(document: &mut Document, random: &mut Random) {
    if document.records.is_empty() {
        return aim(document, random);
    }
    let place = random.below(document.records.len());
    if document.kind() == "counterexample" && is_network(&document.claim) {
        document.records[place] = made_up(&document.claim, random);
        return;
    }
    match random.below(4) {
        0 => {
            document.records.remove(place);
        }
        1 => document.records.truncate(place + 1),
        2 => edit_field(&mut document.records[place], random),
        _ => {
            for record in &mut document.records {
                for name in ["bound", "distance"] {
                    if let Some(value) = Fraction::parse(record.text_of(name)) {
                        record.set(name, quoted(nudged(&value, random).rounded(300, true).dyadic()));
                    }
                }
            }
        }
    }
    let largest = |name: &str| {
        let values = document.records.iter().filter_map(|record| Fraction::parse(record.text_of(name)));
        values.reduce(|largest, value| if largest < value { value } else { largest })
    };
    let value_bits = document.claim.count("value_fraction_bits").unwrap_or(0).min(400);
    let rounding = Fraction::new(2, BigInt::from(1) << value_bits);
    let (bound, distance) = (largest("bound"), largest("distance"));
    let dyadic = |value: &Fraction| quoted(value.rounded(400, true).dyadic());
    match (document.kind(), bound, distance) {
        ("upper-bound", Some(bound), _) => document.claim.set("error", quoted(bound.plus(&rounding).rational())),
        ("counterexample", _, Some(distance)) => {
            let below = distance.times(&Fraction::new((1u64 << 40) - 1, 1u64 << 40));
            document.claim.set("error", quoted(below.rational()));
        }
        ("enclosure", Some(bound), Some(distance)) => {
            document.claim.set("hi", dyadic(&bound.plus(&rounding)));
            document.claim.set("lo", dyadic(&distance));
        }
        _ => {}
    }
}

/// The number times `1 ± 2^-k`, or plus or minus `2^-k`, or the number itself.
fn nudged(value: &Fraction, random: &mut Random) -> Fraction {
    let n_sizes = if random.one_in(2) { 8 } else { 64 };
    let bits = 1 + random.below(n_sizes);
    let tiny = Fraction::new(1, BigInt::from(1) << bits);
    let one = Fraction::integer(1);
    match random.below(5) {
        0 => value.times(&one.plus(&tiny)),
        1 => value.times(&one.minus(&tiny)),
        2 => value.plus(&tiny),
        3 => value.minus(&tiny),
        _ => value.clone(),
    }
}

/// Names, which only change together with other fields.
const FIXED: [&str; 9] = ["format", "version", "id", "kind", "method", "encoding", "construction", "dual", "rule"];

fn edit_field(line: &mut Line, random: &mut Random) {
    // Format, version and id stay, as does the rule.
    let editable: Vec<usize> = (0..line.0.len()).filter(|idx| !FIXED.contains(&line.0[*idx].0.as_str())).collect();
    let idx = *random.pick(&editable);
    let (name, raw) = &mut line.0[idx];
    *raw = edit_value(name, raw, random);
}

fn edit_value(name: &str, raw: &str, random: &mut Random) -> String {
    let text = raw.trim_matches('"');
    match raw.as_bytes().first() {
        Some(b'[') if name.ends_with("input") => edit_runs(raw, random),
        Some(b'[') => edit_list(raw, random),
        Some(b'"') if text.contains("*2^") => quoted(edit_dyadic(text, random)),
        Some(b'"') => quoted(edit_rational(text, random)),
        _ => edit_count(name, raw, random),
    }
}

fn edit_count(name: &str, raw: &str, random: &mut Random) -> String {
    let Ok(value) = raw.parse::<u64>() else { return raw.to_owned() };
    // Larger fields would only meet a limit, or make a test slow.
    let cap = match name {
        "tokens" | "sparsity" | "field_size" | "degree_bound" | "evaluations" => 12,
        "key_width" => 72,
        "modulus" => 9,
        "row" | "other_row" | "window" => 12,
        "fraction_bits" | "first_fraction_bits" | "value_fraction_bits" => 200,
        _ => u64::MAX,
    };
    let below_nine = u64::try_from(random.below(9)).unwrap_or(0);
    let edited = match random.below(8) {
        0 | 1 => value.saturating_add(1),
        2 | 3 => value.saturating_sub(1),
        4 => value.saturating_mul(2),
        5 => value / 2,
        6 => below_nine,
        _ if random.one_in(8) => return (*random.pick(&[u64::MAX, 1 << 63, 1 << 53, 1 << 32])).to_string(),
        _ => value.saturating_add(below_nine),
    };
    edited.min(cap.max(value)).to_string()
}

fn edit_rational(text: &str, random: &mut Random) -> String {
    let Some(value) = Fraction::parse(text) else {
        // It says "none".
        return if random.one_in(2) { "1/2".to_owned() } else { "1".to_owned() };
    };
    let small = |random: &mut Random| Fraction::new(1 + random.below(12), 1 + random.below(12));
    let one = BigInt::from(1);
    let edited = match random.below(10) {
        0 => Fraction::new(&value.numer + &one, value.denom),
        1 => Fraction::new(&value.numer - &one, value.denom),
        2 => Fraction::new(value.numer, &value.denom + &one),
        3 if one < value.denom => Fraction::new(value.numer, &value.denom - &one),
        4 => value.times(&Fraction::integer(2)),
        5 => value.times(&Fraction::new(1, 2)),
        6 if random.one_in(4) => Fraction::integer(0).minus(&value),
        7 => small(random),
        _ => nudged(&value, random),
    };
    if edited.numer == BigInt::from(0) && !random.one_in(4) { small(random).rational() } else { edited.rational() }
}

fn edit_dyadic(text: &str, random: &mut Random) -> String {
    let Some(value) = Fraction::parse(text) else { return text.to_owned() };
    let (mantissa, exponent) = text.split_once("*2^").unwrap_or((text, "0"));
    let exponent: i64 = exponent.parse().unwrap_or(0);
    let shifted = |by: i64| format!("{mantissa}*2^{}", exponent + by);
    match random.below(10) {
        0 if value.numer != BigInt::from(0) => shifted(1),
        1 if value.numer != BigInt::from(0) => shifted(-1),
        2 if random.one_in(4) => Fraction::integer(0).minus(&value).dyadic(),
        3 if random.one_in(4) => "0*2^0".to_owned(),
        4 => format!("{}*2^{exponent}", mantissa.parse::<BigInt>().unwrap_or_default() * 2u32 + 1u32),
        5 => {
            // One unit in the last place, twice if that keeps it odd.
            let mantissa: BigInt = mantissa.parse().unwrap_or_default();
            let step = if random.one_in(2) { 2 } else { -2 };
            if mantissa == BigInt::from(0) {
                "1*2^-200".to_owned()
            } else {
                format!("{}*2^{exponent}", mantissa + step)
            }
        }
        _ => nudged(&value, random).rounded(400, random.one_in(2)).dyadic(),
    }
}

fn edit_list(raw: &str, random: &mut Random) -> String {
    let mut items = elements(raw);
    let small = random.below(7).to_string();
    if items.is_empty() {
        return list(&[small]);
    }
    let place = random.below(items.len());
    let is_text = items[place].starts_with('"');
    match random.below(7) {
        0 if !is_text => items.push(small),
        0 => items.push(quoted(random.below(5) + 1)),
        1 => {
            items.remove(place);
        }
        2 => {
            let other = random.below(items.len());
            items.swap(place, other);
        }
        3 if !is_text => {
            // Another increasing list of the same size.
            let set = random.next();
            let n_items = items.len();
            items = (0..7u64).filter(|token| set >> token & 1 == 1).map(|token| token.to_string()).collect();
            items.truncate(n_items);
        }
        _ if is_text => {
            let value: BigInt = items[place].trim_matches('"').parse().unwrap_or_default();
            let edited = match random.below(4) {
                0 => value + 1,
                1 => value - 1,
                2 => -value,
                _ => value * 2,
            };
            items[place] = quoted(edited);
        }
        4 => items[place] = small,
        _ => {
            let value: u64 = items[place].parse().unwrap_or(0);
            items[place] = if random.one_in(2) { value + 1 } else { value.saturating_sub(1) }.to_string();
        }
    }
    list(&items)
}

/// Swaps two values of the same form, within the claim or within a record.
fn swap_fields(document: &mut Document, random: &mut Random) {
    let n_lines = document.records.len() + 1;
    let idx = random.below(n_lines);
    let line = if idx == 0 { &mut document.claim } else { &mut document.records[idx - 1] };
    let form = |raw: &str| match raw.as_bytes().first() {
        Some(b'[') => 0,
        Some(b'"') if raw.contains("*2^") => 1,
        Some(b'"') => 2,
        _ => 3,
    };
    let first = if idx == 0 { 5 } else { 1 };
    let pairs: Vec<(usize, usize)> = (first..line.0.len())
        .flat_map(|left| (left + 1..line.0.len()).map(move |right| (left, right)))
        .filter(|(left, right)| {
            form(&line.0[*left].1) == form(&line.0[*right].1) && !FIXED.contains(&line.0[*left].0.as_str())
        })
        .collect();
    if !pairs.is_empty() {
        let (left, right) = *random.pick(&pairs);
        let raw = line.0[left].1.clone();
        line.0[left].1 = std::mem::replace(&mut line.0[right].1, raw);
    }
}

fn edit_records(document: &mut Document, documents: &[Document], random: &mut Random) {
    let other = random.pick(documents).clone();
    let records = &mut document.records;
    if records.is_empty() {
        records.extend(other.records);
        return;
    }
    let place = random.below(records.len());
    match random.below(6) {
        0 => {
            records.remove(place);
        }
        1 => {
            let copy = records[place].clone();
            records.insert(random.below(records.len() + 1), copy);
        }
        2 => {
            let other = random.below(records.len());
            records.swap(place, other);
        }
        3 if !other.records.is_empty() => records.insert(place, random.pick(&other.records).clone()),
        4 if !other.records.is_empty() => records[place] = random.pick(&other.records).clone(),
        _ => *records = other.records,
    }
}

/// Another kind or method that the construction has, with the fields that it needs.
fn change_name(claim: &mut Line, random: &mut Random) {
    if claim.get("dual").is_some() && random.one_in(2) {
        let (dual, margin) = *random.pick(&[("least-squares", "none"), ("max-margin", "1/2"), ("max-margin", "1/3")]);
        claim.set("dual", quoted(dual));
        claim.set("margin", quoted(margin));
        return;
    }
    let (kind, method) = (claim.text_of("kind").to_owned(), claim.text_of("method").to_owned());
    let methods: &[&str] = if claim.get("dual").is_some() {
        &["exhaustive", "coherence", "babel"]
    } else {
        &["exhaustive", "closed-form"]
    };
    let to =
        if method == "witness" || random.one_in(4) { *random.pick(&["upper-bound", "counterexample"]) } else { &kind };
    claim.set("method", quoted(if to == "counterexample" { "witness" } else { *random.pick(methods) }));
    if to != kind {
        claim.set("kind", quoted(to));
        claim.0.retain(|(name, _)| name != "lo" && name != "hi");
        if claim.text_of("error") == "none" {
            claim.set("error", quoted("1/2"));
        }
    }
}

/// Copies one value of a field with the same name from another certificate.
fn take_field(document: &mut Document, documents: &[Document], random: &mut Random) {
    let other = random.pick(documents);
    let (from, to) = if random.one_in(2) || document.records.is_empty() || other.records.is_empty() {
        (&other.claim, &mut document.claim)
    } else {
        let place = random.below(document.records.len());
        (random.pick(&other.records), &mut document.records[place])
    };
    let shared: Vec<&(String, String)> = from
        .0
        .iter()
        .filter(|(name, _)| to.get(name).is_some())
        .filter(|(name, _)| !FIXED.contains(&name.as_str()))
        .collect();
    if !shared.is_empty() {
        let (name, raw) = *random.pick(&shared);
        to.set(name, raw.clone());
    }
}
