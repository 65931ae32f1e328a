//! For each rule an accepted certificate, and for each side condition a rejected twin with its code.

mod builder;
mod families;

use attestor_check::{ClaimFile, Options, Report, check_reader, side_conditions};
use builder::{Frac, Spec, Unit, Vector, body, dual, dyadic, index, no_dual, seal, subsets};
use families::{Case, Family};

fn closed_forms() -> Vec<Family> {
    let moment = Spec { unit: Unit::Moment, tokens: 100, sparsity: 2, value_bits: 20, scale: Frac(5, 1) };
    let block = builder::block(0, 1, &[0, 1], "1*2^-5");
    let moment = Family::new("moment closed form", &moment.claim("upper-bound", "closed-form", "1/20", None), &[]);
    let with_block = format!("{}{block}\n", moment.body);
    let unit = Unit::Code { field: 5, degree: 2, points: 3 };
    let code = Spec { unit, tokens: 16, sparsity: 2, value_bits: 20, scale: Frac(6, 1) };
    let code = Family::new("code closed form", &code.claim("upper-bound", "closed-form", "1/20", None), &[]);
    let unit = Unit::Code { field: 5, degree: 2, points: 2 };
    let gapless = Spec { unit, tokens: 2, sparsity: 2, value_bits: 20, scale: Frac(6, 1) };
    let all = Spec { unit: Unit::Moment, tokens: 3, sparsity: 3, value_bits: 20, scale: Frac(1, 7) };
    let all =
        Family::new("moment closed form on all tokens", &all.claim("upper-bound", "closed-form", "1/1000", None), &[]);
    vec![
        moment
            .twin("closed-form.S1", "1/20", "1/200")
            .twin("claim.S1", "\"5\"", "\"-5\"")
            .twin("claim.S1", "\"5\"", "\"0\"")
            .twin("claim.S2", "\"1/20\"", "\"-1/20\"")
            .twin("closed-form.S1", "\"value_fraction_bits\":20", "\"value_fraction_bits\":4")
            .twin("error-trivial", "\"1/20\"", "\"2\"")
            .twin("sparsity-zero", "\"sparsity\":2", "\"sparsity\":0")
            .twin("sparsity-exceeds-tokens", "\"sparsity\":2", "\"sparsity\":101")
            .twin("value-dim-zero", "\"value_dim\":1", "\"value_dim\":0")
            .twin("parameter-size", "\"value_dim\":1", "\"value_dim\":4294967296")
            .other("order.S1", "an extra block", with_block),
        code.twin("claim.S5", "\"field_size\":5", "\"field_size\":4")
            .twin("claim.S6", "\"evaluations\":3", "\"evaluations\":6")
            .twin("claim.S6", "\"degree_bound\":2", "\"degree_bound\":0")
            .twin("claim.S7", "\"degree_bound\":2", "\"degree_bound\":1")
            .twin("closed-form.S2", "\"evaluations\":3", "\"evaluations\":2")
            .other(
                "closed-form.S2",
                "no gap on all tokens",
                body(&gapless.claim("upper-bound", "closed-form", "1/20", None), &[]),
            )
            .twin("closed-form.S3", "1/20", "1/80"),
        all,
    ]
}

fn exhaustive(name: &'static str, spec: &Spec, ends: &[usize], error: &str) -> Family {
    let supports = subsets(spec.tokens, index(spec.sparsity));
    let is_sign = matches!(spec.unit, Unit::Sign { .. });
    let vectors: Vec<Option<Vector>> = supports.iter().map(|y| is_sign.then(|| spec.least_squares(y))).collect();
    let records = spec.blocks(ends, &vectors);
    let (first_end, last) = (ends[0], supports.len());
    let worst = (0..first_end).max_by_key(|n| spec.weight_error(&supports[*n], vectors[*n].as_ref())).unwrap();
    let worst_error = spec.weight_error(&supports[worst], vectors[worst].as_ref());
    let bound = records[0].split("\"bound\":").nth(1).unwrap().trim_end_matches('}').to_owned();
    let quoted = |value| format!("\"{}\"", dyadic(&value, 60, true));
    let list = |y: &[u64]| format!("{y:?}").replace(' ', "");
    let listed = |y: &[u64]| format!("\"worst\":{}", list(y));
    let step = format!("\"first\":{first_end}");
    Family::new(name, &spec.claim("upper-bound", "exhaustive", error, None), &records)
        .twin("block.S1", &step, &format!("\"first\":{}", first_end + 1))
        .twin("block.S1", &step, &format!("\"first\":{}", first_end - 1))
        .twin("block.S2", &format!("\"end\":{last}"), &format!("\"end\":{}", last + 1))
        .twin("block.S3", &listed(&supports[worst]), &listed(supports.last().unwrap()))
        .twin("block.S4", &bound, &quoted(&worst_error - (&worst_error >> 50u32)))
        .twin("block.S5", &bound, &quoted(&worst_error + (&worst_error >> 44u32)))
        .twin("block.S7", &format!("\"error\":\"{error}\""), "\"error\":\"1/1000000\"")
        .without_line("block.S6", records.len())
        .without_line("block.S1", 1)
        .other("order.S2", "no blocks", body(&spec.claim("upper-bound", "exhaustive", error, None), &[]))
        .other("order.S1", "the last block twice", {
            let mut doubled = records.clone();
            doubled.push(records.last().unwrap().clone());
            body(&spec.claim("upper-bound", "exhaustive", error, None), &doubled)
        })
}

fn sign(tokens: u64, sparsity: u64, width: u64, margin: Option<Frac>) -> Spec {
    let unit = Unit::Sign { width, seed: 7, margin, fraction_bits: 16 };
    Spec { unit, tokens, sparsity, value_bits: 20, scale: Frac(20, 3) }
}

fn exhaustives() -> Vec<Family> {
    let moment = Spec { unit: Unit::Moment, tokens: 6, sparsity: 2, value_bits: 20, scale: Frac(3, 2) };
    let code = Spec {
        unit: Unit::Code { field: 3, degree: 2, points: 3 },
        tokens: 8,
        sparsity: 2,
        value_bits: 20,
        scale: Frac(2, 1),
    };
    let square = sign(6, 2, 24, None);
    let signs = exhaustive("sign exhaustive", &square, &[7, 15], "3/2").twin("claim.S4", "\"none\"", "\"1/2\"");
    // Without coordinates all scores are equal: D = 2(N-q)/N = 1.
    let empty = sign(4, 2, 8, None);
    let claim = empty.claim("upper-bound", "exhaustive", "3/2", None).replace("\"key_width\":8", "\"key_width\":0");
    let signs = signs.other(
        "claim.S3",
        "no coordinates",
        body(&claim, &[builder::block(0, 6, &[0, 1], "140737488355329*2^-47")]),
    );
    let zero_scale = square.claim("upper-bound", "exhaustive", "3/2", None).replace("\"20/3\"", "\"0\"");
    let zero_scale = zero_scale.replace("\"tokens\":6", "\"tokens\":4");
    let signs = signs.other(
        "claim.S1",
        "scale 0",
        body(&zero_scale, &[builder::block(0, 6, &[0, 1], "140737488355329*2^-47")]),
    );
    vec![
        exhaustive("moment exhaustive", &moment, &[6, 15], "1/2"),
        exhaustive("code exhaustive", &code, &[10, 28], "3/2"),
        signs,
        all_tokens(),
    ]
}

/// `q = N` with equal scores: the bound is exactly 0.
fn all_tokens() -> Family {
    let spec = Spec { unit: Unit::Moment, tokens: 4, sparsity: 4, value_bits: 20, scale: Frac(3, 2) };
    let block = builder::block(0, 1, &[0, 1, 2, 3], "0*2^0");
    Family::new("zero bound", &spec.claim("upper-bound", "exhaustive", "1/100", None), &[block])
        .twin("block.S5", "0*2^0", "1*2^-90")
        .twin("block.S7", "0*2^0", "-1*2^-90")
}

fn coherences() -> Vec<Family> {
    let family = |name, method, s1, s2, s3| {
        let claim = sign(8, 3, 1024, None).claim("upper-bound", method, "1/2", None);
        Family::new(name, &claim, &[])
            .twin(s1, "\"least-squares\",\"margin\":\"none\"", "\"max-margin\",\"margin\":\"1/2\"")
            .twin(s2, "\"key_width\":1024", "\"key_width\":2")
            .twin("claim.S4", "\"none\"", "\"1/2\"")
            .twin(s3, "\"error\":\"1/2\"", "\"error\":\"1/1000\"")
    };
    vec![
        family("coherence", "coherence", "coherence.S1", "coherence.S2", "coherence.S3"),
        family("babel", "babel", "babel.S1", "babel.S2", "babel.S3"),
    ]
}

fn enclosures() -> Vec<Family> {
    let spec = Spec { unit: Unit::Moment, tokens: 6, sparsity: 2, value_bits: 40, scale: Frac(3, 2) };
    let supports = subsets(6, 2);
    let worst = supports.iter().max_by_key(|y| spec.weight_error(y, None)).unwrap();
    let error = spec.weight_error(worst, None);
    let below = dyadic(&(&error - (&error >> 30u32)), 40, false);
    let above = dyadic(&(&error + (&error >> 30u32)), 40, true);
    let mut records = spec.blocks(&[15], &vec![None; 15]);
    records.push(spec.witness(worst, &[], None));
    let claim = spec.claim("enclosure", "exhaustive", "1/2", Some((&below, &above)));
    let lo = format!("\"lo\":\"{below}\"");
    let hi = format!("\"hi\":\"{above}\"");
    let family = Family::new("moment enclosure", &claim, &records)
        .twin("claim.S8", &lo, "\"lo\":\"-1*2^0\"")
        .twin("claim.S8", &lo, "\"lo\":\"1*2^0\"")
        .twin("claim.S9", "\"error\":\"1/2\"", "\"error\":\"1/1000\"")
        .twin("witness.S5", &lo, &lo.replace(&below, &dyadic(&(&error + (&error >> 40u32)), 60, true)))
        .twin("block.S7", &hi, &hi.replace(&above, &dyadic(&error, 60, false)))
        .without_line("order.S2", 2)
        .without_line("order.S2", 1);
    vec![family]
}

fn counterexamples() -> Vec<Family> {
    let moment = Spec { unit: Unit::Moment, tokens: 6, sparsity: 2, value_bits: 0, scale: Frac(1, 2) };
    let claim = moment.claim("counterexample", "witness", "1/10", None);
    let witness = moment.witness(&[1, 3], &[], None);
    let part = |key: &str| {
        let rest = witness.split(&format!("\"{key}\":")).nth(1).unwrap();
        format!("\"{key}\":\"{}\"", rest.trim_start_matches('"').split('"').next().unwrap())
    };
    let family = Family::new("moment counterexample", &claim, std::slice::from_ref(&witness))
        .twin("witness.S1", "\"support\":[1,3]", "\"support\":[3,1]")
        .twin("witness.S1", "\"support\":[1,3]", "\"support\":[1,6]")
        .twin("witness.S1", "\"support\":[1,3]", "\"support\":[1]")
        .other("witness.S1", "a smaller support", body(&claim, &[moment.witness(&[1], &[], None)]))
        .twin("witness.S2", "\"raised\":[]", "\"raised\":[2]")
        .twin("witness.S3", &part("output_lo"), "\"output_lo\":\"3*2^-2\"")
        .twin("witness.S3", &part("output_hi"), "\"output_hi\":\"-7*2^-3\"")
        .twin("witness.S4", &part("distance"), "\"distance\":\"1*2^1\"")
        .twin("witness.S4", &part("distance"), "\"distance\":\"-1*2^1\"")
        .twin("witness.S5", "\"error\":\"1/10\"", "\"error\":\"3/2\"")
        .twin("error-trivial", "\"error\":\"1/10\"", "\"error\":\"-1/10\"")
        .without_line("order.S2", 1);
    let raised = Spec { unit: Unit::Moment, tokens: 6, sparsity: 2, value_bits: 9, scale: Frac(1, 2) };
    let record = raised.witness(&[1, 3], &[3], None);
    let raised = Family::new("raised witness", &raised.claim("counterexample", "witness", "1/1000", None), &[record]);
    let signs = sign(6, 2, 16, None);
    let record = signs.witness(&[2, 4], &[], Some(&signs.least_squares(&[2, 4])));
    let signs =
        Family::new("sign counterexample", &signs.claim("counterexample", "witness", "1/1000", None), &[record]);
    vec![family, raised, signs, common_code_witness()]
}

/// Ten billion tokens: R lies between (N-q)e^{-8α} and (N-q)e^{-6α}, α = 1/2, so o is nearly 1.
fn common_code_witness() -> Family {
    let unit = Unit::Code { field: 1_000_003, degree: 2, points: 8 };
    let spec = Spec { unit, tokens: 10_000_000_000, sparsity: 2, value_bits: 9, scale: Frac(1, 2) };
    let witness = builder::witness(&[0, 5], &[], "1048575*2^-20", "1*2^0", "1*2^0");
    Family::new("common code witness", &spec.claim("counterexample", "witness", "1/2", None), &[witness])
        .twin("witness.S2", "\"raised\":[]", "\"raised\":[5]")
        .twin("witness.S3", "\"1*2^0\"", "\"1048575*2^-20\"")
}

/// Max-margin keys of three signs, with evidence for every support.
struct Margins {
    spec: Spec,
    vectors: Vec<Vector>,
    evidence: Vec<String>,
}

impl Margins {
    fn new(seed: u64) -> Option<Self> {
        let unit = Unit::Sign { width: 3, seed, margin: Some(Frac(1, 2)), fraction_bits: 6 };
        let spec = Spec { unit, tokens: 6, sparsity: 1, value_bits: 20, scale: Frac(4, 1) };
        let keys = spec.keys();
        let (mut vectors, mut evidence) = (Vec::new(), Vec::new());
        for token in 0..6u64 {
            let twin = (0..6u64).find(|other| *other != token && keys[index(*other)] == keys[index(token)]);
            match (twin, spec.max_margin(&[token])) {
                (Some(twin), _) => {
                    let mut terms = [(token, -1), (twin, 1)];
                    terms.sort();
                    vectors.push(spec.fallback(&[token]));
                    evidence.push(no_dual(&terms));
                }
                (None, Some(vector)) => {
                    evidence.push(dual(&vector));
                    vectors.push(vector);
                }
                (None, None) => return None,
            }
        }
        Some(Margins { spec, vectors, evidence })
    }

    /// The certificate with other evidence for one support, bounds included.
    fn body_with(&self, token: usize, vector: &Vector, evidence: &str) -> String {
        let (mut vectors, mut records) = (self.vectors.clone(), self.evidence.clone());
        vectors[token] = vector.clone();
        records[token] = evidence.to_owned();
        let vectors: Vec<_> = vectors.into_iter().map(Some).collect();
        let blocks = self.spec.blocks(&[2, 6], &vectors);
        records.insert(2, blocks[0].clone());
        records.push(blocks[1].clone());
        body(&self.claim(), &records)
    }

    fn claim(&self) -> String {
        self.spec.claim("upper-bound", "exhaustive", "19/10", None)
    }

    /// A wrong vector of least squares with other inner products at the tokens.
    fn wrong(&self, targets: &[(u64, Frac)], is_wanted: impl Fn(&Vector, i128) -> bool) -> Option<Vector> {
        let vector = self.spec.vector_with(targets)?;
        let keys = self.spec.keys();
        let value = |token: u64| -> i128 {
            vector.0.iter().map(|(key, c)| c * builder::inner(&keys[index(*key)], &keys[index(token)])).sum()
        };
        let off = (0..6).filter(|token| *token != targets[0].0);
        // Twice the largest inner product off the support, over the denominator.
        let largest = off.map(value).max().unwrap() * 2;
        let excess = largest - vector.1;
        is_wanted(&vector, excess).then_some(vector)
    }
}

fn margins() -> Vec<Family> {
    let (seed, family) = (0..500).find_map(|seed| Some((seed, margin_family(seed)?))).expect("a seed with every kind");
    vec![family, margin_witness(&Margins::new(seed).expect("the same seed"))]
}

fn margin_witness(margins: &Margins) -> Family {
    let records: Vec<String> = [margins.evidence[3].clone()]
        .into_iter()
        .chain([margins.spec.witness(&[3], &[], Some(&margins.vectors[3]))])
        .collect();
    let claim = margins.spec.claim("counterexample", "witness", "1/1000", None);
    let twice = [records[0].clone(), records[0].clone(), records[1].clone()];
    Family::new("max-margin counterexample", &claim, &records)
        .without_line("order.S2", 1)
        .without_line("order.S2", 2)
        .other("order.S1", "dual evidence twice", body(&claim, &twice))
}

fn margin_family(seed: u64) -> Option<Family> {
    let margins = Margins::new(seed)?;
    let keys = margins.spec.keys();
    let pairs = || (0..6u64).flat_map(|l| (0..6u64).map(move |j| (l, j))).filter(|(l, j)| l != j);
    let half = Frac(1, 2);
    let coefficient = |vector: &Vector, key: u64| vector.0.iter().find(|term| term.0 == key).map_or(0, |term| term.1);
    // S3: least squares where it exceeds the ceiling. S4: an active constraint that pulls the wrong way.
    // S5: a negative multiplier at a slack constraint.
    let s3 = (0..6).find_map(|l| Some((l, margins.wrong(&[(l, Frac(1, 1))], |_, excess| 0 < excess)?)))?;
    let find = |value: Frac, sign: i128| {
        pairs().find_map(|(l, j)| {
            let targets = [(l, Frac(1, 1)), (j, value)];
            Some((l, margins.wrong(&targets, |v, excess| excess <= 0 && coefficient(v, j).signum() == sign)?))
        })
    };
    let (s4, s5) = (find(half, 1)?, find(Frac(1, 5), -1)?);
    let (opposite, other) =
        pairs().find(|(l, j)| keys[index(*l)].iter().zip(&keys[index(*j)]).all(|(a, b)| *a == -b))?;
    let no_dual_token = margins.evidence.iter().position(|record| record.contains("no-dual"))?;
    let dual_token = margins.evidence.iter().position(|record| record.contains("\"dual\""))?;
    let base = margins.body_with(0, &margins.vectors[0], &margins.evidence[0]);
    let with = |(token, vector): &(u64, Vector)| margins.body_with(index(*token), vector, &dual(vector));
    let at = |token: usize, evidence: &str| margins.body_with(token, &margins.vectors[token], evidence);
    let mut pair = [(opposite, 1), (other, 1)];
    pair.sort();
    let negative: Vec<_> = pair.iter().map(|term| (term.0, -1)).collect();
    let fallback = margins.spec.fallback(&[opposite]);
    let as_no_dual = |terms: &[(u64, i128)]| margins.body_with(index(opposite), &fallback, &no_dual(terms));
    let (terms, denom) = &margins.vectors[dual_token];
    let doubled: Vec<_> = terms.iter().map(|term| (term.0, 2 * term.1)).collect();
    let mut wrong_value = terms.clone();
    wrong_value[0].1 += 2 * denom;
    let half_vector = margins.spec.vector_with(&[(dual_token as u64, half)])?;
    let no_dual_record = &margins.evidence[no_dual_token];
    let lone = no_dual(&[(no_dual_token as u64, -1)]);
    let coarse = no_dual_record.replace("\"1\"", "\"2\"").replace("\"-1\"", "\"-2\"");
    let mut family = Family::new("max-margin", &margins.claim(), &[]);
    family.body = base.clone();
    family.cases[0].body = base;
    let surplus = family.body.replacen("{\"rule\":\"block\"", &format!("{lone}\n{{\"rule\":\"block\""), 1);
    let family = family
        .twin("claim.S4", "\"margin\":\"1/2\"", "\"margin\":\"3/2\"")
        .twin("claim.S4", "\"margin\":\"1/2\"", "\"margin\":\"0\"")
        .twin("claim.S4", "\"margin\":\"1/2\"", "\"margin\":\"none\"")
        .other("dual.S1", "doubled", at(dual_token, &dual(&(doubled, 2 * denom))))
        .other("dual.S2", "another value", at(dual_token, &dual(&(wrong_value, *denom))))
        .other("dual.S2", "half of it everywhere", with(&(dual_token as u64, half_vector)))
        .other("dual.S3", "above the ceiling", with(&s3))
        .other("dual.S4", "a positive multiplier", with(&s4))
        .other("dual.S5", "a slack constraint", with(&s5))
        .other("no-dual.S1", "doubled", at(no_dual_token, &coarse))
        .other("no-dual.S2", "one key", at(no_dual_token, &lone))
        .other("no-dual.S3", "a negative multiplier", as_no_dual(&negative))
        .other("no-dual.S4", "right-hand sides above 0", as_no_dual(&pair))
        .other("order.S1", "one dual record too many", surplus)
        .without_line("order.S2", 1);
    Some(family)
}

fn mismatch() -> Vec<Family> {
    let spec = Spec { unit: Unit::Moment, tokens: 100, sparsity: 2, value_bits: 20, scale: Frac(5, 1) };
    let mut family = Family::new("stated claim", &spec.claim("upper-bound", "closed-form", "1/20", None), &[]);
    let stated = |error: &str| {
        format!(
            r#"{{"format":"attestor-claim","version":1,"id":"sparse-averaging/moment-curve","tokens":100,"sparsity":2,"error":"{error}"}}"#
        )
    };
    family.cases[0].stated = Some(stated("1/20"));
    let mut family = family.other("claim-mismatch", "another error", String::new());
    let body = family.body.clone();
    let twin = family.cases.last_mut().unwrap();
    twin.body = body;
    twin.stated = Some(stated("1/21"));
    vec![family]
}

fn cases() -> Vec<Case> {
    let averaging =
        [closed_forms(), exhaustives(), coherences(), enclosures(), counterexamples(), margins(), mismatch()];
    let matching = [families::matching::decisions(), families::matching::layers(), families::matching::confusions()];
    let families = averaging.into_iter().chain(matching);
    families.flatten().flat_map(|family| family.cases).collect()
}

fn check(case: &Case) -> Report {
    let claim = case.stated.as_ref().map(|stated| ClaimFile::parse(stated.as_bytes()).expect("a claim file"));
    check_reader(seal(&case.body).as_bytes(), &Options { claim })
}

#[test]
fn every_case_has_its_verdict() {
    let mut wrong = Vec::new();
    for case in cases() {
        let report = check(&case);
        let code = report.verdict.finding().map_or("", |finding| finding.code);
        if code != case.code {
            wrong.push(format!("{}: expected `{}`: {}", case.name, case.code, report.verdict.line()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_side_condition_has_a_rejected_case() {
    let cases = cases();
    for code in side_conditions() {
        assert!(cases.iter().any(|case| case.code == *code), "{code}");
    }
}

/// A checker that forgot one side condition would answer differently.
#[cfg(feature = "side-condition-switches")]
#[test]
fn every_side_condition_is_noticed_when_dropped() {
    use attestor_check::switches::drop_side_condition;
    let cases = cases();
    let mut without_false_accept = Vec::new();
    for code in side_conditions() {
        drop_side_condition(Some(code));
        let answers: Vec<Report> = cases.iter().filter(|case| case.code == *code).map(check).collect();
        drop_side_condition(None);
        let found = |report: &Report| report.verdict.finding().map_or("", |finding| finding.code);
        assert!(answers.iter().any(|report| found(report) != *code), "{code} dropped: no case changes");
        if !answers.iter().any(|report| report.verdict.is_verified()) {
            without_false_accept.push(*code);
        }
    }
    // These only refuse earlier what another condition would refuse: no bound is below a negative error, no layer
    // with equal weights reads right, and no block can end beyond the supports when the last one ends with them and
    // all are in order.
    assert_eq!(without_false_accept, ["claim.S2", "claim.S10", "block.S2"]);
}

/// A certificate that passes a dropped condition meets what comes after it with values that it never sees otherwise.
#[cfg(feature = "side-condition-switches")]
#[test]
fn no_dropped_side_condition_makes_it_panic() {
    use attestor_check::switches::drop_side_condition;
    let cases = cases();
    for code in side_conditions() {
        drop_side_condition(Some(code));
        for case in &cases {
            assert!(!check(case).verdict.line().is_empty());
        }
        drop_side_condition(None);
    }
}

#[test]
fn statements_name_every_parameter() {
    let case = cases().into_iter().find(|case| case.name == "moment counterexample").expect("the case");
    let line = check(&case).verdict.line();
    let words = "sparse-averaging counterexample: the unit with moment-curve keys (tokens=6 sparsity=2 value_dim=1 \
                 value_fraction_bits=0 scale=1/2) has error > 1/10 at support {1, 3} with values +1 on {} and off \
                 the support and -1 on the rest of it";
    assert!(line.ends_with(words), "{line}");
}
