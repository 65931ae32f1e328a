//! Matching networks against their definition: every input of small ones, random inputs of larger ones.

mod textbook;

use std::collections::HashMap;

use attestor::bounds::matching::{formula, pair_table, triple_table};
use attestor::catalogue::claim::{Claim, Model, Statement};
use attestor::catalogue::network::{Design, Encoding, Network, Trigonometric};
use attestor::catalogue::request::{Fields, Request};
use attestor::certificate::record::{Certificate, Record};
use attestor::certificate::writer;
use attestor::certify::matching::decide::extremes;
use attestor::certify::outcome::{Outcome, Status};
use attestor::certify::run;
use attestor::certify::session::Session;
use attestor::constructions::matching::keys::TrigonometricKeys;
use attestor::constructions::matching::scores::{Scores, points};
use attestor::evaluate::matching::mass;
use attestor::numbers::Rational;
use attestor::numbers::circle::cos_sin;
use attestor::numbers::dyadic::Dyadic;
use attestor::numbers::interval::Interval;
use attestor::numbers::rational::{parse, pow2};
use attestor_check::{Options, check_reader};
use num_integer::Integer;
use num_traits::{One, Signed};
use proptest::prelude::{ProptestConfig, Strategy, any, prop_oneof, proptest};
use proptest::sample::select;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::cmp::Ordering;
use textbook::matching::{MatchUnit, Matching, Token, answer, inputs};
use textbook::{dot, index, may_be_at_most, whole};

const MATCH2: &str = "match2/trigonometric";
const POLYNOMIAL: &str = "match2/polynomial";
const THIRD: &str = "match3/third-order";
const LOCAL: &str = "match3/local";
const BIGRAM: &str = "match3/bigram";

/// Flags as on the command line; every certificate of the outcome is checked. `None` if a limit ended the run.
fn ask(id: &str, flags: &str) -> Option<Outcome> {
    let mut fields = Fields::default();
    for flag in flags.split_whitespace() {
        let (name, value) = flag.split_once('=').expect("name=value");
        let known = attestor::catalogue::entries::field(name).expect("a known field");
        fields.set(known.name, Some(value));
    }
    let request = Request::new(id, &fields).unwrap_or_else(|error| panic!("{id} {flags}: {error}"));
    let outcome = run::certify(&request, &Session::default()).ok()?;
    for certificate in certificates(&outcome) {
        let report = check_reader(writer::to_bytes(certificate).as_slice(), &Options::default());
        assert!(report.verdict.is_verified(), "{id} {flags}: {}", report.verdict.line());
    }
    Some(outcome)
}

/// The certificate, or those of what was refuted.
fn certificates(outcome: &Outcome) -> Vec<&Certificate> {
    match outcome {
        Outcome::Certified(found) => {
            let refuted = found.neighbours.iter().filter_map(|neighbour| match &neighbour.status {
                Status::Refuted(certificate) => Some(&**certificate),
                Status::Certified | Status::Open(_) => None,
            });
            [&found.certificate].into_iter().chain(refuted).collect()
        }
        Outcome::Refuted(found) => vec![&found.certificate],
        Outcome::Inconclusive(_) | Outcome::Vacuous(_) | Outcome::IllFormed(_) => Vec::new(),
    }
}

fn network(claim: &Claim) -> &Network {
    match &claim.model {
        Model::Matching(network) => network,
        Model::Averaging(unit) => panic!("{unit:?} matches nothing"),
    }
}

fn tokens(runs: &[(u64, u64)]) -> Vec<u64> {
    runs.iter().flat_map(|&(residue, count)| std::iter::repeat_n(residue, index(count))).collect()
}

/// Both inputs of a confusion: their answers, and the order of their outputs.
fn confusion_is_genuine(certificate: &Certificate) {
    let network = network(&certificate.claim);
    assert_eq!(certificate.claim.statement, Statement::Confusion);
    let [Record::Confusion { row, input, other_row, other_input }] = certificate.records.as_slice() else {
        panic!("{:?} is no confusion", certificate.records)
    };
    let mut matching = Matching::new(network);
    let (input, other) = (tokens(input), tokens(other_input));
    let (row, other_row) = (index(*row), index(*other_row));
    assert_eq!((input.len(), other.len()), (index(network.tokens), index(network.tokens)));
    assert!(answer(network, &input, row) && !answer(network, &other, other_row), "{certificate:?}");
    let (output, other) = (matching.output(&input, row), matching.output(&other, other_row));
    assert!(may_be_at_most(&output, &other), "{certificate:?} {output} {other}");
}

/// The two numbers of a decision; local answers with 0 or 1.
fn gap(claim: &Claim) -> (Dyadic, Dyadic) {
    match &claim.statement {
        Statement::Decision { gap: Some((lo, hi)) } => (lo.clone(), hi.clone()),
        Statement::Decision { gap: None } => (Dyadic::zero(), Dyadic::one()),
        other => panic!("{other:?} is no decision"),
    }
}

/// The largest output without a match and the least with one, over all inputs and rows; every answer is a loop of the test.
///
/// Attention looks at the tokens as a multiset, so outputs of match2 and third order are kept by row residue and sorted input.
fn extreme_outputs(network: &Network) -> (Interval, Interval) {
    let mut matching = Matching::new(network);
    let is_multiset = matches!(network.design, Design::Match2(_) | Design::ThirdOrder(_));
    let mut known: HashMap<(u64, Vec<u64>), Interval> = HashMap::new();
    let (mut without, mut with): (Option<Interval>, Option<Interval>) = (None, None);
    for input in inputs(network.modulus, network.tokens) {
        let mut sorted = input.clone();
        sorted.sort_unstable();
        for (row, own) in input.iter().enumerate() {
            let output = if is_multiset {
                let key = (*own, sorted.clone());
                known.entry(key).or_insert_with(|| matching.output(&input, row)).clone()
            } else {
                matching.output(&input, row)
            };
            let pick =
                |a: &Dyadic, b: &Dyadic, keep_less: bool| if (a < b) == keep_less { a.clone() } else { b.clone() };
            let is_match = answer(network, &input, row);
            let side = if is_match { &mut with } else { &mut without };
            *side = Some(match side.take() {
                None => output,
                Some(best) => {
                    let ends = [(best.lo(), output.lo()), (best.hi(), output.hi())].map(|(a, b)| pick(a, b, is_match));
                    let [lo, hi] = ends;
                    Interval::new(lo, hi).expect("ordered")
                }
            });
        }
    }
    (without.expect("some input has no match"), with.expect("some input has a match"))
}

/// A proved decision over every input and row.
fn decision_holds_everywhere(claim: &Claim) {
    let (lo, hi) = gap(claim);
    let (without, with) = extreme_outputs(network(claim));
    assert!(without.hi() <= &lo && &hi <= with.lo(), "{claim:?}: {without} {with}");
    let is_attained = match &network(claim).design {
        Design::Match2(Encoding::Polynomial { .. }) | Design::Bigram { .. } => true,
        Design::Match2(Encoding::Trigonometric(_)) => claim.method.name() == "exhaustive",
        Design::ThirdOrder(_) => false,
        Design::Local { .. } => return,
    };
    if is_attained {
        // Twice the room that a writer leaves, and the floor under `lo`.
        let largest = without.lo().to_rational() * (Rational::one() + pow2(-20));
        assert!(lo.to_rational() <= largest.max(pow2(-64)), "{claim:?}: {without}");
        assert!(with.hi().to_rational() * (Rational::one() - pow2(-20)) <= hi.to_rational(), "{claim:?}: {with}");
    }
}

/// All answers are alike, as a vacuous claim says.
fn is_constant(design: &Network) -> bool {
    let mut answers = inputs(design.modulus, design.tokens)
        .flat_map(|input| (0..input.len()).map(move |row| (input.clone(), row)))
        .map(|(input, row)| answer(design, &input, row));
    let first = answers.next();
    answers.all(|answer| Some(answer) == first)
}

/// How many requests were proved, refuted, and left open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    proved: usize,
    refuted: usize,
    open: usize,
}

impl std::ops::Add for Counts {
    type Output = Counts;
    fn add(self, other: Counts) -> Counts {
        let (proved, refuted) = (self.proved + other.proved, self.refuted + other.refuted);
        Counts { proved, refuted, open: self.open + other.open }
    }
}

/// Asks, and compares whatever is said with every input.
fn agrees_with_the_definition(id: &str, flags: &str) -> Counts {
    let Some(outcome) = ask(id, flags) else { return Counts { open: 1, ..Counts::default() } };
    let count = match &outcome {
        Outcome::Certified(found) => {
            decision_holds_everywhere(&found.certificate.claim);
            Counts { proved: 1, ..Counts::default() }
        }
        Outcome::Refuted(_) => Counts { refuted: 1, ..Counts::default() },
        Outcome::Inconclusive(_) => Counts { open: 1, ..Counts::default() },
        other => panic!("{id} {flags}: {other:?}"),
    };
    let confusions = certificates(&outcome).into_iter().filter(|found| found.claim.statement == Statement::Confusion);
    confusions.for_each(confusion_is_genuine);
    count
}

fn all_agree(id: &'static str, shapes: &[(u64, u64)], flags: &[&str]) -> Counts {
    let requests: Vec<String> = shapes
        .iter()
        .flat_map(|(m, n)| flags.iter().map(move |flags| format!("modulus={m} tokens={n} {flags}")))
        .collect();
    requests.into_par_iter().map(|flags| agrees_with_the_definition(id, &flags)).reduce(Counts::default, |a, b| a + b)
}

/// (M, N): the edges of both, even and odd, multiples of 3 and not.
const SHAPES: [(u64, u64); 18] = [
    (2, 1),
    (2, 2),
    (2, 3),
    (2, 6),
    (3, 1),
    (3, 2),
    (3, 4),
    (4, 1),
    (4, 2),
    (4, 3),
    (4, 5),
    (5, 1),
    (5, 2),
    (5, 4),
    (6, 3),
    (6, 4),
    (7, 4),
    (8, 3),
];

fn shapes(keep: impl Fn(u64, u64) -> bool) -> Vec<(u64, u64)> {
    SHAPES.into_iter().filter(|&(m, n)| keep(m, n)).collect()
}

/// Stated parameters from too coarse to fine.
const COARSE: [&str; 9] = [
    "",
    "method=closed-form",
    "fraction_bits=0",
    "scale=3 fraction_bits=1",
    "scale=20 fraction_bits=3",
    "scale=1/2 fraction_bits=0",
    "scale=7/3 fraction_bits=6 method=closed-form",
    "scale=40 fraction_bits=0",
    "scale=1/100",
];

#[test]
fn match2_decides_every_input() {
    let shapes = [&shapes(|m, _| m != 2)[..], &[(8, 5)]].concat();
    let counts = all_agree(MATCH2, &shapes, &COARSE);
    assert!(60 <= counts.proved && 20 <= counts.refuted, "{counts:?}");
    // Attained on both sides, so the table always decides.
    let tables: Vec<&str> = COARSE.into_iter().filter(|flags| !flags.contains("closed-form")).collect();
    assert_eq!(all_agree(MATCH2, &shapes[..6], &tables).open, 0);
}

#[test]
fn match2_with_integer_keys_decides_every_input() {
    let flags = ["", "scale=1", "scale=1/7", "scale=1/100", "scale=2^-12"];
    let counts = all_agree(POLYNOMIAL, &[&shapes(|m, _| m != 2)[..], &[(8, 5)]].concat(), &flags);
    assert!(30 <= counts.proved && 10 <= counts.refuted && counts.open == 0, "{counts:?}");
}

#[test]
fn third_order_decides_every_input() {
    let counts = all_agree(THIRD, &shapes(|m, _| m != 3), &COARSE);
    assert!(50 <= counts.proved && 10 <= counts.refuted, "{counts:?}");
    let flags = ["", "scale=1", "scale=1/7", "scale=1/1000", "scale=2^-20"];
    let flags = flags.map(|flags| format!("encoding=polynomial {flags}"));
    let counts = all_agree(THIRD, &shapes(|m, _| m != 3), &flags.each_ref().map(String::as_str));
    assert!(40 <= counts.proved && 10 <= counts.refuted, "{counts:?}");
}

/// Averaging layers from failing to fine; sign keys with their scale first.
const LAYERS: [&str; 13] = [
    "",
    "method=exhaustive",
    "method=closed-form",
    "construction=code-keys",
    "construction=code-keys method=exhaustive",
    "construction=code-keys method=closed-form",
    "construction=sign-keys",
    "construction=sign-keys method=exhaustive",
    "construction=sign-keys method=babel",
    "construction=sign-keys key_width=3 seed=1",
    "construction=sign-keys key_width=12 seed=2",
    "value_fraction_bits=0",
    "value_fraction_bits=3",
];

#[test]
fn local_answers_every_input() {
    let shapes = shapes(|m, n| m != 3 && m.pow(u32::try_from(n).unwrap()) <= 650);
    let scales =
        ["scale=1/50", "scale=1/3", "scale=2", "construction=code-keys scale=1/5", "construction=sign-keys scale=3"];
    let layers: Vec<&str> = LAYERS.into_iter().chain(scales).collect();
    let mut total = Counts::default();
    for window in [0, 1, 2, 7] {
        let flags: Vec<String> = layers.iter().map(|layer| format!("window={window} {layer}")).collect();
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        total = total + all_agree(LOCAL, &shapes, &flags);
    }
    assert!(300 <= total.proved && 50 <= total.refuted, "{total:?}");
}

#[test]
fn bigram_decides_every_input() {
    let shapes = shapes(|m, n| n != 1 && m.pow(u32::try_from(n).unwrap()) <= 650);
    let rest = [
        "scale=1",
        "scale=1/9 fraction_bits=4",
        "scale=6 fraction_bits=0",
        "scale=30 fraction_bits=2",
        "first_scale=1/3",
        "first_scale=3/2",
        "first_scale=1/3 scale=2 fraction_bits=1",
        "construction=code-keys first_scale=1/5",
    ];
    let flags: Vec<&str> = LAYERS.into_iter().chain(rest).collect();
    let counts = all_agree(BIGRAM, &shapes, &flags);
    assert!(100 <= counts.proved && 40 <= counts.refuted, "{counts:?}");
}

/// What is refused as constant is constant, and nothing else is.
#[test]
fn vacuous_tasks_are_the_constant_ones() {
    for (m, n) in SHAPES.into_iter().chain([(1, 1), (1, 3)]) {
        for (id, flags) in [(MATCH2, ""), (POLYNOMIAL, ""), (THIRD, ""), (LOCAL, "window=1"), (BIGRAM, "")] {
            let is_vacuous = matches!(ask(id, &format!("modulus={m} tokens={n} {flags}")), Some(Outcome::Vacuous(_)));
            let scale = Rational::one();
            let keys = Trigonometric { fraction_bits: 1, scale: scale.clone() };
            let unit = textbook::units::moment_curve(n, n.min(3), "1");
            let design = match id {
                MATCH2 => Design::Match2(Encoding::Trigonometric(keys)),
                POLYNOMIAL => Design::Match2(Encoding::Polynomial { scale }),
                THIRD => Design::ThirdOrder(Encoding::Trigonometric(keys)),
                LOCAL => Design::Local { window: 1, averaging: unit },
                _ => Design::Bigram { averaging: unit, keys },
            };
            assert_eq!(is_vacuous, is_constant(&Network { modulus: m, tokens: n, design }), "{id} {m} {n}");
        }
    }
}

// Beyond enumeration.

/// Requests about up to 40 tokens of up to 300 residues, with stated parameters around the least that do.
fn larger_requests() -> impl Strategy<Value = (&'static str, String)> {
    let moduli = prop_oneof![(4_u64..24).boxed(), (24_u64..=300).boxed()];
    let percent = (1_u64..300, 0_u64..16);
    (select(vec![MATCH2, POLYNOMIAL, THIRD, "polynomial", LOCAL, BIGRAM]), moduli, 1_u64..=40, percent, 0_u64..4)
        .prop_map(|(id, m, n, (percent, bits), choice)| {
            // Third order looks at all pairs of tokens.
            let n = if matches!(id, THIRD | "polynomial") { n.div_ceil(3) } else { n };
            let shape = format!("modulus={m} tokens={n}");
            let logarithm = u64::from((3 * n * n).ilog2() + 1);
            let scale = format!("scale={}/800", percent * logarithm * m * m / 8 + 1);
            let layer =
                ["", "construction=code-keys", "construction=sign-keys key_width=40 seed=3", "method=closed-form"];
            let layer = layer[index(choice)];
            match id {
                MATCH2 => (id, format!("{shape} {scale} fraction_bits={bits}")),
                POLYNOMIAL => (id, format!("{shape} scale={percent}/{}", 20 * m * m)),
                "polynomial" => (THIRD, format!("{shape} encoding=polynomial scale={percent}/{}", 20 * m.pow(4))),
                THIRD if m <= 40 => (id, format!("{shape} {scale} fraction_bits={bits}")),
                THIRD => (id, format!("{shape} {scale} fraction_bits={bits} method=closed-form")),
                LOCAL => (id, format!("{shape} window={choice} scale={percent}/20 value_fraction_bits={bits}")),
                _ => {
                    let n = n.max(2);
                    (
                        id,
                        format!("modulus={m} tokens={n} {layer} {scale} fraction_bits={bits} first_scale={percent}/10"),
                    )
                }
            }
        })
}

/// A few inputs: random ones, ones of few residues, and ones with a planted match.
fn some_inputs(modulus: u64, tokens: u64, seed: u64) -> Vec<Vec<u64>> {
    let mix = |i: u64| {
        let z = (seed ^ i).wrapping_add(0x9E37_79B9_7F4A_7C15).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (z ^ (z >> 29)).wrapping_mul(0x94D0_49BB_1331_11EB) >> 20
    };
    let spread: Vec<u64> = (0..tokens).map(|i| mix(i) % modulus).collect();
    let few: Vec<u64> =
        spread.iter().map(|x| if x.is_even() { mix(900) % modulus } else { mix(901) % modulus }).collect();
    let alike = vec![mix(902) % modulus; index(tokens)];
    let mut planted = spread.clone();
    planted[index(tokens) - 1] = (2 * modulus - planted[0] - planted[index(tokens / 2)] % modulus) % modulus;
    vec![spread, few, alike, planted]
}

/// The rows of some inputs on the right side of the gap.
fn rows_are_on_their_side(claim: &Claim, seed: u64) {
    let network = network(claim);
    let (lo, hi) = gap(claim);
    let mut matching = Matching::new(network);
    for input in some_inputs(network.modulus, network.tokens, seed) {
        let n = input.len();
        let mut rows = vec![0, n / 2, n - 1];
        rows.dedup();
        for row in rows {
            let output = matching.output(&input, row);
            let is_right = if answer(network, &input, row) { &hi <= output.lo() } else { output.hi() <= &lo };
            assert!(is_right, "{claim:?} {input:?} row {row}: {output}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn larger_networks_agree_with_the_definition((id, flags) in larger_requests(), seed in any::<u64>()) {
        let Some(outcome) = ask(id, &flags) else { return Ok(()) };
        for certificate in certificates(&outcome) {
            match &certificate.claim.statement {
                Statement::Confusion => confusion_is_genuine(certificate),
                _ => rows_are_on_their_side(&certificate.claim, seed),
            }
        }
    }
}

/// The requests above are proved, refuted and left open.
#[test]
fn larger_requests_have_every_outcome() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut counts = Counts::default();
    for _ in 0..100 {
        let (id, flags) = larger_requests().new_tree(&mut runner).expect("no filter").current();
        match ask(id, &flags) {
            Some(Outcome::Certified(_)) => counts.proved += 1,
            Some(Outcome::Refuted(_)) => counts.refuted += 1,
            _ => counts.open += 1,
        }
    }
    assert!(20 <= counts.proved && 20 <= counts.refuted && 1 <= counts.open, "{counts:?}");
}

// Twins: keys, scores, and bounds.

fn keys(scale: &str, fraction_bits: u64) -> Trigonometric {
    Trigonometric { fraction_bits, scale: parse(scale).expect("a number") }
}

/// Some tuples of residues: all of few, every seventh of many.
fn tuples(modulus: u64, length: u64) -> Vec<Vec<u64>> {
    let all: Vec<Vec<u64>> = inputs(modulus, length).collect();
    let step = all.len().div_ceil(150);
    all.into_iter().step_by(step).collect()
}

/// Order-s keys: the product formula over all choices of cosines and sines, and the cosine of the sum of angles.
#[test]
fn keys_of_every_order_multiply_to_the_cosine_of_the_sum() {
    for order in 2_u32..=5 {
        for (modulus, scale, fraction_bits) in [(2, "3", 4), (3, "5/2", 0), (7, "10", 7), (12, "77/3", 90)] {
            let parameters = keys(scale, fraction_bits);
            let unit = TrigonometricKeys { modulus, order, parameters: &parameters };
            assert_eq!(unit.width(), (1 << (order - 1)) + 1);
            let at = |a: u64, x: &Rational| textbook::matching::point(modulus, a, x, fraction_bits);
            for tuple in tuples(modulus, order.into()) {
                let (a, others) = (tuple[0], &tuple[1..]);
                let query = unit.query(a);
                let factors: Vec<Vec<Rational>> = (0..).zip(others).map(|(r, b)| unit.key(r, *b)).collect();
                let joined: Vec<Rational> =
                    (0..query.len()).map(|i| factors.iter().map(|key| &key[i]).product()).collect();
                let score = dot(&query, &joined);
                // The real part of the product of (c·cos + i·c·sin) and all (cos + i·sin), one factor after another.
                let (real, _) = others.iter().fold(at(a, &parameters.scale), |(x, y), b| {
                    let (cosine, sine) = at(*b, &Rational::one());
                    (&x * &cosine - &y * &sine, x * sine + y * cosine)
                });
                assert_eq!(score, real, "{order} {modulus} {tuple:?}");
                if 90 <= fraction_bits {
                    let (cosine, _) = cos_sin(tuple.iter().sum(), modulus, 120);
                    let slack = pow2(-70);
                    let (lo, hi) =
                        (cosine.lo().to_rational() * &parameters.scale, cosine.hi().to_rational() * &parameters.scale);
                    assert!(lo - &slack <= score && score <= hi + slack, "{order} {modulus} {tuple:?}");
                }
            }
            // Blanks alone score R_f(c), and mixed tuples 0.
            let blank = unit.blank_key();
            let rounded = at(0, &parameters.scale).0;
            assert_eq!(dot(&unit.query(1), &blank), rounded);
            let mixed: Vec<Rational> = unit.key(0, 1).iter().zip(&blank).map(|(a, b)| a * b).collect();
            assert_eq!(dot(&unit.query(1), &mixed), whole(0));
        }
    }
}

fn encodings() -> Vec<Encoding> {
    let trigonometric =
        [("10", 4), ("1/3", 0), ("22/7", 12), ("3", 40)].map(|(c, f)| Encoding::Trigonometric(keys(c, f)));
    let polynomial = ["1", "3/7"].map(|scale| Encoding::Polynomial { scale: parse(scale).expect("a number") });
    trigonometric.into_iter().chain(polynomial).collect()
}

/// Exact scores relative to the blank's, and the mixed score, from explicit keys.
#[test]
fn scores_are_inner_products_of_explicit_keys() {
    for (modulus, encoding) in [2, 3, 4, 7, 12].into_iter().flat_map(|m| encodings().into_iter().map(move |e| (m, e))) {
        for order in [2_usize, 3] {
            let unit = MatchUnit { modulus, order, encoding: encoding.clone() };
            let mut scores = Scores::new(modulus, u32::try_from(order).unwrap(), &encoding);
            let (worth, blank) = (scores.unit(), scores.blank());
            for tuple in tuples(modulus, u64::try_from(order).unwrap()) {
                let (a, others) = (tuple[0], tuple[1..].iter().map(|b| Token::Residue(*b)).collect::<Vec<Token>>());
                let base = unit.blank_score(a);
                let multiple = if order == 2 { scores.pair(a, tuple[1]) } else { scores.triple(a, tuple[1], tuple[2]) };
                assert_eq!(&worth * multiple - &blank, unit.score(a, &others) - &base, "{encoding:?} {tuple:?}");
                if order == 3 {
                    for mixed in [[others[0], Token::Blank], [Token::Blank, others[1]]] {
                        assert_eq!(scores.mixed() - &blank, unit.score(a, &mixed) - &base, "{encoding:?} {tuple:?}");
                    }
                }
            }
        }
    }
}

/// Points of a whole table are those computed one by one.
#[test]
fn tables_of_points_equal_single_points() {
    for (modulus, c, f) in [(2, "3", 2), (30, "1/7", 5), (97, "1000", 20), (300, "22/7", 0)] {
        let keys = keys(c, f);
        let word =
            |(x, y): (Rational, Rational)| [x, y].map(|entry| (entry * pow2(i64::try_from(f).unwrap())).to_integer());
        for (a, point) in (0..modulus).zip(points(modulus, &keys)) {
            let [cosine, sine] = word(textbook::matching::point(modulus, a, &keys.scale, f));
            assert_eq!(point.query, (cosine, sine), "{modulus} {a}");
            let [cosine, sine] = word(textbook::matching::point(modulus, a, &Rational::one(), f));
            assert_eq!(point.key, (cosine, sine), "{modulus} {a}");
        }
    }
}

/// Closed forms are outside the tables.
#[test]
fn closed_forms_are_outside_the_tables() {
    for (m, n) in [(3, 1), (3, 2), (4, 1), (4, 3), (5, 7), (6, 2), (9, 40), (16, 5), (31, 3)] {
        for (c, f) in [("1/3", 0), ("2", 1), ("10", 3), ("60", 0), ("200", 9), ("1000/7", 30)] {
            let keys = keys(c, f);
            let encoding = Encoding::Trigonometric(keys.clone());
            let rest = |order| mass::rest(&Scores::new(m, order, &encoding), n);
            let pairs = (formula::match2_trigonometric(m, n, &keys, rest(2)), pair_table::match2(m, n, &keys));
            let triples = (
                formula::third_order_trigonometric(m, n, &keys, rest(3)),
                triple_table::third_order(m, n, &keys, rest(3)),
            );
            for (order, (formula, table)) in [(2, pairs), (3, triples)] {
                // A table of third order may have no side without a match.
                if order == 3 && m == 3 {
                    continue;
                }
                let table = table.expect("small");
                let is_at_most = |a: &attestor::evaluate::matching::exp_sum::ExpSum, b| {
                    !matches!(a.compare(b, 4096), Some(Ordering::Greater) | None)
                };
                assert!(is_at_most(&table.without.mass, &formula.without.mass), "{order} {m} {n} {c} {f}");
                assert!(is_at_most(&formula.with.mass, &table.with.mass), "{order} {m} {n} {c} {f}");
            }
        }
    }
}

/// What a side says to attain its bound does.
#[test]
fn named_inputs_attain_the_masses() {
    for (m, n) in [(3, 1), (3, 2), (4, 1), (4, 3), (5, 7), (6, 2), (16, 5)] {
        for encoding in encodings() {
            let network = Network { modulus: m, tokens: n, design: Design::Match2(encoding.clone()) };
            let method = if let Encoding::Polynomial { .. } = encoding { "closed-form" } else { "exhaustive" };
            let methods = attestor::catalogue::entries::find(network.id()).expect("a known id").methods;
            let method = *methods.iter().find(|known| known.name() == method).expect("its method");
            let found = extremes(&network, method).expect("small");
            for (side, is_match) in [(&found.without, false), (&found.with, true)] {
                let input = side.input.clone().expect("attained");
                let tokens = input.tokens();
                assert_eq!(answer(&network, &tokens, 0), is_match, "{network:?} {tokens:?}");
                let mut scores = Scores::new(m, 2, &encoding);
                assert_eq!(mass::of_input(&mut scores, tokens[0], &input), side.mass, "{network:?} {tokens:?}");
            }
        }
    }
}

/// Rounding moves scores by at most the bound of the closed forms.
#[test]
fn rounding_moves_scores_by_at_most_its_bound() {
    for (modulus, c, f) in [(3, "1", 0), (5, "7/2", 1), (8, "40", 2), (11, "3", 0), (13, "25", 6)] {
        let keys = keys(c, f);
        for (order, bound) in [(2_usize, formula::pair_rounding_up(&keys)), (3, formula::triple_rounding_up(&keys))] {
            let unit = MatchUnit { modulus, order, encoding: Encoding::Trigonometric(keys.clone()) };
            for tuple in tuples(modulus, u64::try_from(order).unwrap()) {
                let others: Vec<Token> = tuple[1..].iter().map(|b| Token::Residue(*b)).collect();
                let score = unit.score(tuple[0], &others) - unit.blank_score(tuple[0]);
                let (cosine, _) = cos_sin(tuple.iter().sum(), modulus, 100);
                let exact = (cosine.lo().to_rational() - Rational::one()) * &keys.scale;
                assert!((score - exact).abs() <= &bound + pow2(-80), "{order} {modulus} {c} {f} {tuple:?}");
            }
        }
    }
}
