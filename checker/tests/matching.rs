//! Small networks that find matches: what the checker says against all inputs and rows.

mod builder;

use attestor_check::{Options, Report, check_reader};
use builder::matching::{Net, Network, confusion};
use builder::{Frac, Spec, Unit, body, dyadic, one, seal};
use num_bigint::BigInt;

fn check(claim: &str, records: &[String]) -> Report {
    check_reader(seal(&body(claim, records)).as_bytes(), &Options::default())
}

#[track_caller]
fn expect(report: &Report, code: &str) {
    let found = report.verdict.finding().map_or("", |finding| finding.code);
    assert_eq!(found, code, "{}", report.verdict.line());
}

/// A little (2^-40 of it) above or below.
fn moved(value: &BigInt, up: bool) -> String {
    let step: BigInt = value >> 40u32;
    dyadic(&if up { value + step } else { value - step }, 60, up)
}

fn network(net: Net, modulus: u64, tokens: u64, scale: Frac) -> Network {
    Network { net, modulus, tokens, scale }
}

fn pairs(fraction_bits: Option<u32>, modulus: u64, tokens: u64, scale: Frac) -> Network {
    network(Net::Pairs { fraction_bits }, modulus, tokens, scale)
}

fn triples(fraction_bits: Option<u32>, modulus: u64, tokens: u64, scale: Frac) -> Network {
    network(Net::Triples { fraction_bits }, modulus, tokens, scale)
}

fn layer(unit: Unit, tokens: u64, sparsity: u64, value_bits: u64, scale: Frac) -> Spec {
    Spec { unit, tokens, sparsity, value_bits, scale }
}

/// Where the rules are sharp, thresholds at the extreme outputs are right a little outside and wrong a little inside.
#[test]
fn attained_bounds_are_those_of_all_inputs() {
    let moment = |tokens: u64| layer(Unit::Moment, tokens, 1, 30, Frac(12, 1));
    let bigram = |modulus: u64, tokens: u64, f: u32, scale: Frac| {
        network(Net::Bigram { layer: moment(tokens), fraction_bits: f }, modulus, tokens, scale)
    };
    let cases = [
        (pairs(Some(5), 3, 4, Frac(7, 2)), "exhaustive", ["pair-table.S1", "pair-table.S2"]),
        (pairs(Some(3), 4, 4, Frac(9, 1)), "exhaustive", ["pair-table.S1", "pair-table.S2"]),
        (pairs(Some(2), 5, 3, Frac(20, 3)), "exhaustive", ["pair-table.S1", "pair-table.S2"]),
        (pairs(Some(9), 5, 2, Frac(3, 1)), "exhaustive", ["pair-table.S1", "pair-table.S2"]),
        (pairs(Some(9), 7, 1, Frac(9, 1)), "exhaustive", ["pair-table.S1", "pair-table.S2"]),
        (pairs(None, 3, 4, Frac(1, 2)), "closed-form", ["closed-form.S4", "closed-form.S5"]),
        (pairs(None, 4, 3, Frac(1, 3)), "closed-form", ["closed-form.S4", "closed-form.S5"]),
        (pairs(None, 5, 3, Frac(1, 7)), "closed-form", ["closed-form.S4", "closed-form.S5"]),
        (pairs(None, 6, 1, Frac(1, 7)), "closed-form", ["closed-form.S4", "closed-form.S5"]),
        (bigram(2, 4, 6, Frac(3, 1)), "decoding", ["bigram.S1", "bigram.S2"]),
        (bigram(3, 4, 2, Frac(5, 1)), "decoding", ["bigram.S1", "bigram.S2"]),
        (bigram(4, 2, 7, Frac(4, 1)), "closed-form", ["bigram.S1", "bigram.S2"]),
        (bigram(5, 3, 7, Frac(9, 1)), "closed-form", ["bigram.S1", "bigram.S2"]),
    ];
    for (unit, method, [below, above]) in cases {
        let ((none, ..), (some, ..)) = unit.extremes();
        assert!(none < some, "{unit:?}");
        let claim = |lo: bool, hi: bool| unit.claim("decision", method, Some((&moved(&none, lo), &moved(&some, hi))));
        expect(&check(&claim(true, false), &[]), "");
        expect(&check(&claim(false, false), &[]), below);
        expect(&check(&claim(true, true), &[]), above);
    }
}

/// Where the rules leave room, what they accept holds of all inputs, and they accept something.
#[test]
fn accepted_thresholds_are_right_for_all_inputs() {
    let cases = [
        (triples(Some(6), 2, 4, Frac(6, 1)), "exhaustive"),
        (triples(Some(6), 4, 3, Frac(12, 1)), "exhaustive"),
        (triples(Some(10), 5, 3, Frac(10, 1)), "exhaustive"),
        (triples(Some(10), 5, 2, Frac(10, 1)), "closed-form"),
        (triples(Some(12), 4, 4, Frac(12, 1)), "closed-form"),
        (triples(None, 2, 4, Frac(1, 1)), "closed-form"),
        (triples(None, 5, 3, Frac(1, 50)), "closed-form"),
        (pairs(Some(12), 5, 4, Frac(8, 1)), "closed-form"),
        (pairs(Some(16), 4, 3, Frac(9, 2)), "closed-form"),
    ];
    for (unit, method) in cases {
        let ((none, ..), (some, ..)) = unit.extremes();
        let step = one() / 64u32;
        let (mut n_accepted, mut n_refused) = (0, 0);
        let mut low = step.clone();
        while low < one() {
            let high: BigInt = &low + &step;
            let claim = unit.claim("decision", method, Some((&dyadic(&low, 60, true), &dyadic(&high, 60, true))));
            if high < one() && check(&claim, &[]).verdict.is_verified() {
                assert!(none <= low && high <= some, "{unit:?} at {claim}");
                n_accepted += 1;
            } else {
                n_refused += 1;
            }
            low = high;
        }
        assert!(0 < n_accepted && 0 < n_refused, "{unit:?} {n_accepted} {n_refused}");
    }
}

/// Many coarse units, right and wrong: no thresholds are accepted that some input contradicts.
#[test]
fn no_false_thresholds_are_accepted() {
    let (mut n_accepted, mut n_false) = (0, 0);
    for modulus in 2..=5 {
        for tokens in 1..=2 {
            for scale in [Frac(1, 2), Frac(7, 3), Frac(6, 1)] {
                for fraction_bits in [None, Some(0), Some(1), Some(4), Some(9)] {
                    for net in [Net::Pairs { fraction_bits }, Net::Triples { fraction_bits }] {
                        let is_constant = modulus == if matches!(net, Net::Pairs { .. }) { 2 } else { 3 };
                        if is_constant {
                            continue;
                        }
                        let unit = network(net, modulus, tokens, scale);
                        let ((none, ..), (some, ..)) = unit.extremes();
                        let methods =
                            if fraction_bits.is_some() { &["exhaustive", "closed-form"][..] } else { &["closed-form"] };
                        for (method, low) in methods.iter().flat_map(|method| (1..7).map(move |low| (method, low))) {
                            for high in low + 1..8 {
                                let [low, high] = [low, high].map(|eighths| one() * eighths / 8u32);
                                let range = [&low, &high].map(|end| dyadic(end, 60, true));
                                let claim = unit.claim("decision", method, Some((&range[0], &range[1])));
                                let is_true = none <= low && high <= some;
                                let is_accepted = check(&claim, &[]).verdict.is_verified();
                                assert!(is_true || !is_accepted, "{claim}");
                                n_accepted += usize::from(is_accepted);
                                n_false += usize::from(!is_true);
                            }
                        }
                    }
                }
            }
        }
    }
    assert!(500 < n_accepted && 500 < n_false, "{n_accepted} accepted, {n_false} false");
}

/// A decision of local is accepted only if every answer is right; sharp enough units are accepted.
#[test]
fn decoding_is_right_for_all_inputs() {
    let sign = Unit::Sign { width: 40, seed: 1, margin: None, fraction_bits: 12 };
    let code = Unit::Code { field: 5, degree: 1, points: 3 };
    let units = [
        (Unit::Moment, [Frac(1, 3), Frac(1, 1), Frac(9, 1)]),
        (sign, [Frac(1, 2), Frac(4, 1), Frac(40, 1)]),
        (code, [Frac(1, 4), Frac(1, 1), Frac(9, 1)]),
    ];
    let (mut n_accepted, mut n_wrong) = (0, 0);
    for (unit, scales) in units {
        for (window, tokens, modulus) in [(0, 3, 4), (1, 4, 4), (1, 4, 5), (2, 4, 2), (1, 3, 5)] {
            for scale in scales {
                for value_bits in [1, 4, 20] {
                    let sparsity = (2 * window + 1).min(tokens);
                    let inner = layer(unit.clone(), tokens, sparsity, value_bits, scale);
                    let local = network(Net::Local { window, layer: inner }, modulus, tokens, scale);
                    let ((none, ..), (some, ..)) = local.extremes();
                    let is_right = none < some;
                    let report = check(&local.claim("decision", "decoding", None), &[]);
                    assert!(is_right || !report.verdict.is_verified(), "{local:?}");
                    n_accepted += usize::from(report.verdict.is_verified());
                    n_wrong += usize::from(!is_right);
                }
            }
        }
    }
    assert!(20 < n_accepted && 20 < n_wrong, "{n_accepted} accepted, {n_wrong} wrong");
}

/// Uneven weights, by coarse queries or weak scores: the rule is its two conditions, with the `x` that they name.
#[test]
fn decoding_is_its_two_conditions() {
    let sign = |seed| (Unit::Sign { width: 24, seed, margin: None, fraction_bits: 3 }, Frac(12, 1));
    let moment = |inverse| (Unit::Moment, Frac(1, inverse));
    let mut seen = [0; 3];
    for (unit, scale) in (0..150).map(sign).chain((5..60).map(moment)) {
        for modulus in [2, 5, 8] {
            let inner = layer(unit.clone(), 4, 3, 20, scale);
            let local = network(Net::Local { window: 1, layer: inner }, modulus, 4, scale);
            let expected = match local.decoding_conditions() {
                [true, true] => 0,
                [_, true] => 1,
                [_, false] => 2,
            };
            let report = check(&local.claim("decision", "decoding", None), &[]);
            let found = report.verdict.finding().map_or("", |finding| finding.code);
            // Where both fail, the row that is met first says which.
            let allowed = [&[""][..], &["decoding.S1"], &["decoding.S1", "decoding.S2"]][expected];
            assert!(allowed.contains(&found), "{local:?}: {}", report.verdict.line());
            seen[expected] += 1;
        }
    }
    assert!(seen.iter().all(|count| 20 < *count), "{seen:?}");
}

/// Every pair of rows in some networks: `confusion` is accepted exactly if no threshold is right for them.
#[test]
fn confusions_are_those_of_all_pairs() {
    let weak = |tokens: u64| layer(Unit::Moment, tokens, 1, 3, Frac(1, 3));
    let local = Net::Local { window: 1, layer: layer(Unit::Moment, 4, 3, 3, Frac(1, 90)) };
    let narrow = Net::Local { window: 0, layer: layer(Unit::Moment, 3, 1, 4, Frac(1, 2)) };
    let cases = [
        pairs(Some(3), 5, 3, Frac(1, 2)),
        pairs(Some(0), 7, 3, Frac(2, 1)),
        pairs(None, 4, 3, Frac(1, 40)),
        triples(Some(2), 5, 3, Frac(1, 2)),
        triples(Some(6), 6, 3, Frac(1, 3)),
        triples(None, 4, 3, Frac(1, 10000)),
        network(local, 4, 4, Frac(1, 90)),
        network(narrow, 5, 3, Frac(1, 2)),
        network(Net::Bigram { layer: weak(3), fraction_bits: 3 }, 3, 3, Frac(2, 1)),
        network(Net::Bigram { layer: layer(Unit::Moment, 4, 1, 20, Frac(9, 1)), fraction_bits: 2 }, 4, 4, Frac(1, 2)),
    ];
    let mut one_sided = Vec::new();
    for unit in cases {
        let outputs = unit.outputs();
        let (with, without): (Vec<_>, Vec<_>) = outputs.into_iter().partition(|(is_match, _)| *is_match);
        let claim = unit.claim("counterexample", "witness", None);
        let (mut n_accepted, mut n_refused) = (0, 0);
        // A thousand pairs or so, spread out.
        let stride = (with.len() * without.len() / 1000).max(1) | 1;
        for number in (0..with.len() * without.len()).step_by(stride) {
            let (_, (output, row, input)) = &with[number % with.len()];
            let (_, (other, other_row, other_input)) = &without[number / with.len()];
            let report = check(&claim, &[confusion(*row, input, *other_row, other_input)]);
            // The fixed point of the outputs is good to 2^-500, and equal ones are equal by symmetry.
            let is_confused = *output <= other + (one() >> 500u32);
            let code = report.verdict.finding().map_or("", |finding| finding.code);
            let expected = if is_confused { "" } else { "confusion.S4" };
            assert_eq!(code, expected, "{unit:?} {row} {input:?} {other_row} {other_input:?}");
            n_accepted += usize::from(is_confused);
            n_refused += usize::from(!is_confused);
        }
        if n_accepted == 0 || n_refused == 0 {
            one_sided.push(format!("{unit:?}: {n_accepted} accepted, {n_refused} refused"));
        }
    }
    assert!(one_sided.is_empty(), "{}", one_sided.join("\n"));
}

/// With 3 fraction bits the residue 3 of 5 has the value 1/2, and `M·q·o + 1/2` is exactly 3 on an input of threes:
/// no enclosure of irrational weights tells that from less, so nothing is said.
#[test]
fn what_cannot_be_told_is_not_said() {
    let local = |value_bits: u64| {
        let layer = layer(Unit::Moment, 3, 1, value_bits, Frac(1, 2));
        network(Net::Local { window: 0, layer }, 5, 3, Frac(1, 2)).claim("counterexample", "witness", None)
    };
    // The zero at row 2 is read as a one.
    let record = [confusion(2, &[3, 2, 0], 0, &[3, 3, 3])];
    expect(&check(&local(4), &record), "");
    expect(&check(&local(3), &record), "confusion.S4");
}

/// An averaging layer with records: the blocks of its supports.
#[test]
fn averaging_layers_by_blocks() {
    let inner = layer(Unit::Moment, 5, 3, 20, Frac(8, 1));
    let local = network(Net::Local { window: 1, layer: inner.clone() }, 4, 5, Frac(8, 1));
    let claim = local.claim("decision", "exhaustive", None);
    let records = inner.blocks(&[4, 10], &vec![None; 10]);
    expect(&check(&claim, &records), "");
    expect(&check(&claim, &records[..1]), "block.S6");
    expect(&check(&claim, &[]), "order.S2");
    let twice: Vec<String> = records.iter().chain(&records[1..]).cloned().collect();
    expect(&check(&claim, &twice), "order.S1");
    // The target is 1/(2Mq+1): with a modulus of 400,000 values of 20 bits are too coarse for it.
    let coarse = claim.replace("\"modulus\":4", "\"modulus\":400000");
    expect(&check(&coarse, &records), "block.S7");
    expect(&check(&claim.replace("exhaustive", "closed-form"), &[]), "");
    expect(&check(&coarse.replace("exhaustive", "closed-form"), &[]), "closed-form.S1");
}

#[test]
fn facts_by_hand() {
    let facts = |claim: &str| check(claim, &[]).facts.expect("a proved claim");
    let range = Some(("1*2^-2", "3*2^-3"));
    let bits = |facts: &attestor_check::Facts| (facts.value_bits, facts.key_bits, facts.query_bits.map(|bits| bits.0));
    let scores = |facts: &attestor_check::Facts| {
        [&facts.match_score, &facts.non_match_score].map(|score| score.as_ref().map(ToString::to_string))
    };
    let text = |lo: &str, hi: &str| [Some(lo.to_owned()), Some(hi.to_owned())];

    // M = 4, f = 1, c = 9: all cosines are exact, so matches score 9 and others at most 0; R_f(c) is 18.
    let found = facts(&pairs(Some(1), 4, 16, Frac(9, 1)).claim("decision", "exhaustive", range));
    assert_eq!((found.key_width, found.embedding_dim), (3, 7));
    assert_eq!((bits(&found), scores(&found)), ((2, 3, Some(6)), text("0", "-9")));

    // M = 5, c = 1: keys up to 4^4, queries below 36·5^4.
    let found = facts(&pairs(None, 5, 16, Frac(1, 1)).claim("decision", "closed-form", range));
    assert_eq!((found.key_width, found.embedding_dim), (5, 11));
    assert_eq!((bits(&found), scores(&found)), ((2, 10, Some(16)), text("0", "-16")));
    let thirds = facts(&pairs(None, 5, 16, Frac(4, 3)).claim("decision", "closed-form", range));
    assert_eq!((thirds.query_bits, scores(&thirds)), (None, text("0", "-64/3")));

    // Third order, M = 4, c = 9: R_f(c) = 18 again.
    let found = facts(&triples(Some(1), 4, 16, Frac(9, 1)).claim("decision", "exhaustive", range));
    assert_eq!((found.key_width, found.embedding_dim), (5, 17));
    assert_eq!((bits(&found), scores(&found)), ((2, 3, Some(6)), text("0", "-9")));
    let found = facts(&triples(None, 2, 16, Frac(1, 1)).claim("decision", "closed-form", range));
    assert_eq!((found.key_width, found.embedding_dim, found.key_bits), (29, 89, 2));
    assert_eq!(scores(&found), text("0", "-9"));

    // Closed form at M = 4, f = 16, c = 9: η = 2^-17·(27/2 + 5/2 + 2^-16) = 2^-13 + 2^-33, g = 9.
    let found = facts(&pairs(Some(16), 4, 16, Frac(9, 1)).claim("decision", "closed-form", range));
    let [matching, other] = scores(&found);
    assert_eq!(matching.as_deref(), Some("-1048577/8589934592"));
    let other = other.expect("a bound");
    let (numer, denom) = other.split_once('/').expect("a fraction");
    // -9 + η rounded up to 64 bits, four of which are before the point.
    assert_eq!(denom.parse::<BigInt>().unwrap(), BigInt::from(1) << 60u32);
    let exact = (BigInt::from(-9) << 60u32) + (BigInt::from(1_048_577) << 27u32);
    assert_eq!(numer.parse::<BigInt>().unwrap(), exact + 1);

    // Local: the facts of its layer, moment-curve keys of width 2q = 6, with d' = 3.
    let inner = layer(Unit::Moment, 5, 3, 20, Frac(8, 1));
    let local = network(Net::Local { window: 1, layer: inner }, 4, 5, Frac(8, 1));
    let found = facts(&local.claim("decision", "decoding", None));
    assert_eq!((found.key_width, found.embedding_dim, found.value_bits), (6, 15, 22));
    assert_eq!(scores(&found), [None, None]);

    // Bigram: of each number the larger one.
    let inner = layer(Unit::Sign { width: 64, seed: 1, margin: None, fraction_bits: 8 }, 8, 1, 20, Frac(40, 1));
    let bigram = network(Net::Bigram { layer: inner, fraction_bits: 16 }, 4, 8, Frac(9, 1));
    let found = facts(&bigram.claim("decision", "decoding", range));
    assert_eq!((found.key_width, found.embedding_dim), (64, 129));
    assert_eq!((found.value_bits, found.key_bits), (22, 18));
    // R_f(c) = 9·2^16 has 20 bits and a sign.
    assert_eq!(found.query_bits, Some((21, attestor_check::Exactness::Exact)));
    assert_eq!(scores(&found), text("0", "-9"));
}

#[test]
fn statements_of_counterexamples() {
    let unit = pairs(None, 5, 4, Frac(1, 1000));
    let record = confusion(0, &[4, 1, 4, 4], 3, &[2, 2, 2, 2]);
    let line = check(&unit.claim("counterexample", "witness", None), &[record]).verdict.line();
    let words = "match2 counterexample: the unit with polynomial keys (modulus=5 tokens=4 scale=1/1000) outputs no more at \
                 row 0 of {1 x 4, 1 x 1, 2 x 4}, which has a match, than at row 3 of {4 x 2}, which has none";
    assert!(line.ends_with(words), "{line}");
}
