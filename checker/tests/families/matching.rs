//! The families of claims about matching.

use super::Family;
use crate::builder::matching::{Net, Network, confusion};
use crate::builder::{Frac, Spec, Unit, body, dyadic};
use num_bigint::BigInt;

/// A family about thresholds, and twins whose `lo` or `hi` is moved: to the wrong side of the extreme outputs where
/// the rule is sharp, and to both ends where it is not.
fn thresholds(name: &'static str, unit: &Network, method: &str, codes: [&'static str; 2], is_sharp: bool) -> Family {
    let ((none, ..), (some, ..)) = unit.extremes();
    let room: BigInt = (&some - &none) / if is_sharp { 1024u32 } else { 8 };
    let text = |value: BigInt| dyadic(&value, 40, true);
    let (lo, hi) = (text(&none + &room), text(&some - &room));
    let wrong_lo = text(if is_sharp { &none - &room } else { &none >> 40u32 });
    let wrong_hi = text(if is_sharp { &some + &room } else { some });
    let field = |name: &str, value: &str| format!("\"{name}\":\"{value}\"");
    let tokens = format!("\"tokens\":{}", unit.tokens);
    let scale = field("scale", &unit.scale.text());
    let [below, above] = codes;
    Family::new(name, &unit.claim("decision", method, Some((&lo, &hi))), &[])
        .twin(below, &field("lo", &lo), &field("lo", &wrong_lo))
        .twin(above, &field("hi", &hi), &field("hi", &wrong_hi))
        .twin("claim.S11", &field("lo", &lo), &field("lo", &hi))
        .twin("claim.S11", &field("lo", &lo), &field("lo", "0*2^0"))
        .twin("claim.S11", &field("hi", &hi), &field("hi", "1*2^0"))
        .twin("claim.S1", &scale, &scale.replace(":\"", ":\"-"))
        .twin("task-constant", &tokens, "\"tokens\":0")
        .twin("task-constant", &format!("\"modulus\":{}", unit.modulus), "\"modulus\":1")
        .twin("parameter-size", &field("lo", &lo), &field("lo", "1*2^-8193"))
}

/// Decisions without an averaging layer.
pub fn decisions() -> Vec<Family> {
    let unit = |net, modulus, tokens, scale| Network { net, modulus, tokens, scale };
    let pairs = |fraction_bits| Net::Pairs { fraction_bits };
    let triples = |fraction_bits| Net::Triples { fraction_bits };
    let closed = ["closed-form.S4", "closed-form.S5"];
    let block = crate::builder::block(0, 1, &[0], "1*2^-5");
    let table = unit(pairs(Some(5)), 5, 3, Frac(9, 1));
    let table = thresholds("pair table", &table, "exhaustive", ["pair-table.S1", "pair-table.S2"], true)
        .twin("task-constant", "\"modulus\":5", "\"modulus\":2")
        .twin("pair-table", "\"modulus\":5", "\"modulus\":32769")
        .twin("pair-table", "\"fraction_bits\":5", "\"fraction_bits\":58");
    let with_block = format!("{}{block}\n", table.body);
    let triple = unit(triples(Some(8)), 4, 3, Frac(12, 1));
    let triple = thresholds("triple table", &triple, "exhaustive", ["triple-table.S1", "triple-table.S2"], false)
        .twin("task-constant", "\"modulus\":4", "\"modulus\":3")
        .twin("pair-table", "\"modulus\":4", "\"modulus\":1025")
        .twin("pair-table", "\"fraction_bits\":8", "\"fraction_bits\":39");
    let rounded = unit(pairs(Some(12)), 5, 3, Frac(9, 1));
    let rounded = thresholds("trigonometric closed form", &rounded, "closed-form", closed, false).twin(
        "parameter-size",
        "\"fraction_bits\":12",
        "\"fraction_bits\":4097",
    );
    vec![
        table.other("order.S1", "an extra block", with_block),
        triple,
        rounded,
        thresholds("polynomial closed form", &unit(pairs(None), 5, 3, Frac(1, 9)), "closed-form", closed, true),
        thresholds(
            "third-order trigonometric closed form",
            &unit(triples(Some(16)), 4, 2, Frac(9, 1)),
            "closed-form",
            closed,
            false,
        ),
        thresholds(
            "third-order polynomial closed form",
            &unit(triples(None), 2, 1, Frac(1, 2)),
            "closed-form",
            closed,
            false,
        ),
    ]
}

/// Decisions with an averaging layer.
pub fn layers() -> Vec<Family> {
    let layer = |unit, tokens, sparsity, scale| Spec { unit, tokens, sparsity, value_bits: 20, scale };
    let local = |unit: Unit, scale: Frac| {
        let layer = layer(unit, 4, 3, scale);
        Network { net: Net::Local { window: 1, layer }, modulus: 5, tokens: 4, scale }
    };
    // Token 3 has the weight w = e^{-36α} at the row of {0, 1, 2}: S1 asks for about w < 3/23, S2 for w ≤ 3/7.
    let moment = local(Unit::Moment, Frac(1, 10));
    let decoding = Family::new("local decoding", &moment.claim("decision", "decoding", None), &[])
        .twin("decoding.S1", "\"scale\":\"1/10\"", "\"scale\":\"1/26\"")
        .twin("decoding.S2", "\"value_fraction_bits\":20", "\"value_fraction_bits\":2")
        .twin("claim.S1", "\"scale\":\"1/10\"", "\"scale\":\"0\"")
        .twin("task-constant", "\"modulus\":5", "\"modulus\":3")
        .twin("parameter-size", "\"window\":1", "\"window\":2048")
        .twin("parameter-size", "\"value_fraction_bits\":20", "\"value_fraction_bits\":65537")
        .twin("decoding-size", "\"tokens\":4", "\"tokens\":65537")
        .twin("decoding-size", "\"tokens\":4", "\"tokens\":65536");
    // The error of the layer has to be at most 1/31, and rounded values cost √3·2^-6 = 0.027, or √3·2^-5 = 0.054.
    let mut closed = local(Unit::Moment, Frac(9, 1));
    if let Net::Local { layer, .. } = &mut closed.net {
        layer.value_bits = 6;
    }
    let closed = Family::new("local closed form", &closed.claim("decision", "closed-form", None), &[]).twin(
        "closed-form.S1",
        "\"value_fraction_bits\":6",
        "\"value_fraction_bits\":5",
    );
    let sign = local(Unit::Sign { width: 256, seed: 2, margin: None, fraction_bits: 16 }, Frac(40, 1));
    let sign = Family::new("local with sign keys", &sign.claim("decision", "babel", None), &[])
        .twin("claim.S3", "\"key_width\":256", "\"key_width\":0")
        .twin("babel.S2", "\"key_width\":256", "\"key_width\":2")
        .twin("babel.S3", "\"scale\":\"40\"", "\"scale\":\"1\"");
    let code = local(Unit::Code { field: 7, degree: 1, points: 5 }, Frac(4, 1));
    let code = Family::new("local with code keys", &code.claim("decision", "closed-form", None), &[])
        .twin("claim.S5", "\"field_size\":7", "\"field_size\":9")
        .twin("claim.S6", "\"evaluations\":5", "\"evaluations\":8")
        .twin("claim.S7", "\"tokens\":4", "\"tokens\":8")
        .twin("closed-form.S2", "\"degree_bound\":1", "\"degree_bound\":3")
        .twin("closed-form.S3", "\"scale\":\"4\"", "\"scale\":\"1/4\"");
    let first = layer(Unit::Moment, 4, 1, Frac(9, 1));
    let inner = first.clone();
    let bigram = |net| Network { net, modulus: 3, tokens: 4, scale: Frac(5, 1) };
    let table = bigram(Net::Bigram { layer: first.clone(), fraction_bits: 4 });
    let table = thresholds("bigram by its table", &table, "closed-form", ["bigram.S1", "bigram.S2"], true)
        .twin("claim.S10", "\"first_scale\":\"9\"", "\"first_scale\":\"0\"")
        .twin("closed-form.S1", "\"first_scale\":\"9\"", "\"first_scale\":\"1\"")
        .twin("task-constant", "\"tokens\":4", "\"tokens\":1");
    // With 70 fraction bits scores do not fit a table.
    let rounded = bigram(Net::Bigram { layer: first, fraction_bits: 70 });
    let rounded = thresholds("bigram by rounding", &rounded, "decoding", ["bigram.S1", "bigram.S2"], false)
        .twin("claim.S10", "\"first_scale\":\"9\"", "\"first_scale\":\"-9\"")
        .twin("parameter-size", "\"fraction_bits\":70", "\"fraction_bits\":4097")
        .twin("decoding.S1", "\"first_scale\":\"9\"", "\"first_scale\":\"1/9\"");
    let blocks = bigram(Net::Bigram { layer: inner.clone(), fraction_bits: 4 });
    let records = inner.blocks(&[2, 4], &vec![None; 4]);
    let blocks = Family::new(
        "bigram with blocks",
        &blocks.claim("decision", "exhaustive", Some(("1*2^-2", "3*2^-3"))),
        &records,
    )
    .without_line("block.S6", 2)
    .without_line("block.S1", 1)
    .twin("block.S7", "\"value_fraction_bits\":20", "\"value_fraction_bits\":2")
    .twin("bigram.S2", "3*2^-3", "127*2^-7");
    vec![decoding, closed, sign, code, table, rounded, blocks]
}

/// Counterexamples of the five networks.
pub fn confusions() -> Vec<Family> {
    let layer = |tokens, sparsity, scale| Spec { unit: Unit::Moment, tokens, sparsity, value_bits: 4, scale };
    let network = |net, modulus, tokens, scale| Network { net, modulus, tokens, scale };
    let local = Net::Local { window: 0, layer: layer(3, 1, Frac(1, 2)) };
    let bigram = Net::Bigram { layer: layer(4, 1, Frac(9, 1)), fraction_bits: 2 };
    [
        ("match2 confusion", network(Net::Pairs { fraction_bits: Some(3) }, 5, 3, Frac(1, 2))),
        ("match2 polynomial confusion", network(Net::Pairs { fraction_bits: None }, 4, 3, Frac(1, 40))),
        ("third-order confusion", network(Net::Triples { fraction_bits: Some(2) }, 5, 3, Frac(1, 2))),
        ("third-order polynomial confusion", network(Net::Triples { fraction_bits: None }, 4, 3, Frac(1, 10_000))),
        ("local confusion", network(local, 5, 3, Frac(1, 2))),
        ("bigram confusion", network(bigram, 4, 4, Frac(1, 2))),
    ]
    .into_iter()
    .map(|(name, unit)| confusion_family(name, &unit))
    .collect()
}

fn confusion_family(name: &'static str, unit: &Network) -> Family {
    let outputs = unit.outputs();
    let of = |is_match: bool| outputs.iter().filter(move |(found, _)| *found == is_match).map(|(_, at)| at);
    let (low, high) = (of(true).min().expect("a match"), of(false).max().expect("no match"));
    let (clear, calm) = (of(true).max().expect("a match"), of(false).min().expect("no match"));
    let claim = unit.claim("counterexample", "witness", None);
    type At = crate::builder::matching::At;
    let record = |left: &At, right: &At| confusion(left.1, &left.2, right.1, &right.2);
    let right = record(low, high);
    let split = |text: &str| {
        // One run of several tokens, or else of one and none.
        let (before, after) = text.split_once("\"input\":[[").expect("runs");
        let (run, rest) = after.split_once(']').expect("a run");
        let (residue, count) = run.split_once(',').expect("a residue and a count");
        let fewer = count.parse::<u64>().expect("a count") - 1;
        format!("{before}\"input\":[[{residue},1],[{residue},{fewer}]{rest}")
    };
    let with = |name: &'static str, record: String| (name, body(&claim, &[record]));
    let (s4, s4_body) = with("told apart", record(clear, calm));
    let (s2, s2_body) = with("no match at row", record(high, high));
    let (s3, s3_body) = with("a match at other_row", record(low, low));
    let (s1, s1_body) = with("a run in two", split(&right));
    let row = format!("\"row\":{}", low.1);
    let twice = body(&claim, &[right.clone(), right.clone()]);
    Family::new(name, &claim, &[right])
        .other("confusion.S1", s1, s1_body)
        .other("confusion.S2", s2, s2_body)
        .other("confusion.S3", s3, s3_body)
        .other("confusion.S4", s4, s4_body)
        .twin("confusion.S1", &row, &format!("\"row\":{}", unit.tokens))
        .twin("confusion.S1", &format!("\"tokens\":{}", unit.tokens), &format!("\"tokens\":{}", unit.tokens + 1))
        .without_line("order.S2", 1)
        .other("order.S1", "the record twice", twice)
}
