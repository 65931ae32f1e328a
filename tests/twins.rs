//! Every clever evaluator against a slower one: textbook, slow path, fast path, enumeration.

mod textbook;

use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

use attestor::bounds::exhaustive::{self, BLOCK, Block, Control, seems_exceeded, sweep};
use attestor::catalogue::claim::{Construction, Unit};
use attestor::catalogue::request::{Fields, Request};
use attestor::certificate::writer;
use attestor::certify::outcome::Outcome;
use attestor::certify::run;
use attestor::certify::session::Session;
use attestor::constructions::{moment_curve, supports};
use attestor::evaluate::datapath;
use attestor::evaluate::fast::{FastError, FastEvaluator, FastPath};
use attestor::evaluate::prepared::Prepared;
use attestor::evaluate::weights::Weights;
use attestor::numbers::Rational;
use attestor::numbers::dyadic::Dyadic;
use attestor::numbers::interval::Interval;
use attestor::numbers::rational::pow2;
use num_traits::{One, Zero};
use proptest::prelude::{Just, ProptestConfig, Strategy, prop_oneof, proptest};
use proptest::sample::select;
use proptest::{prop_assert, prop_assert_eq};
use rayon::ThreadPoolBuilder;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use textbook::{Textbook, indices, overlap, units};

/// A unit ready for the evaluators under test, and what the textbook says about every support.
struct Case {
    prepared: Prepared,
    textbook: Textbook,
    errors: Vec<(Vec<u64>, Interval)>,
}

static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let case = |unit: Unit| {
        let textbook = Textbook::new(&unit);
        let errors = textbook.weight_errors();
        Case { prepared: Prepared::new(&unit).expect("a small unit"), textbook, errors }
    };
    units::small().into_par_iter().map(case).collect()
});

static NEVER: AtomicBool = AtomicBool::new(false);

const CONTROL: Control = Control { cancel: &NEVER, progress: &|_| (), max_precision: 1 << 14 };

impl Case {
    fn worst(&self) -> Interval {
        textbook::largest(self.errors.iter().map(|(_, error)| error))
    }
}

/// Encloses `D(support)` by the slow path.
fn slow(prepared: &Prepared, support: &[u64], fraction_bits: u32) -> Interval {
    Weights::new(&prepared.score_row(support), fraction_bits).weight_error(&indices(support))
}

/// The fast path's bracket of `D`; its lower end may lie above the true one by the rounding of this conversion.
fn fast(path: &FastPath, error: &FastError) -> (Rational, Rational) {
    let lower = FastError { lo: error.lo, hi: error.lo };
    let up = |error: &FastError| path.weight_error_up(error, 192).to_rational();
    (up(&lower) * (Rational::one() - pow2(-180)), up(error))
}

/// Whether a bracket holds some point of an enclosure.
fn meets(bracket: &(Rational, Rational), enclosure: &Interval) -> bool {
    bracket.0 <= enclosure.hi().to_rational() && enclosure.lo().to_rational() <= bracket.1
}

/// The brackets of supports given in order, each with the first index that changed.
fn fast_brackets(prepared: &Prepared, supports: &[Vec<u64>]) -> Option<Vec<(Rational, Rational)>> {
    let path = FastPath::new(prepared)?;
    let mut evaluator = FastEvaluator::new(prepared, &path);
    let mut before: &[u64] = &[];
    let mut brackets = Vec::new();
    for support in supports {
        let changed = support.iter().zip(before).take_while(|(a, b)| a == b).count();
        brackets.push(fast(&path, &evaluator.weight_error(support, changed)?));
        before = support;
    }
    Some(brackets)
}

#[test]
fn explicit_vectors_are_those_of_the_textbook() {
    for case in &*CASES {
        for (token, key) in (0..).zip(&case.textbook.keys) {
            assert_eq!(datapath::key_vector(&case.prepared, token), *key, "{:?}", case.prepared.unit);
        }
        for (support, _) in &case.errors {
            let query = datapath::query_vector(&case.prepared, support);
            assert_eq!(query, case.textbook.query(support), "{:?} {support:?}", case.prepared.unit);
        }
    }
}

#[test]
fn score_rows_are_inner_products_up_to_a_constant() {
    for case in &*CASES {
        for (support, _) in &case.errors {
            let row = case.prepared.score_row(support);
            let plain = case.textbook.scores(support);
            let shift = &row.unit * &row.multiples[0] - &plain[0];
            for (multiple, plain) in row.multiples.iter().zip(&plain) {
                assert_eq!(&row.unit * multiple, plain + &shift, "{:?} {support:?}", case.prepared.unit);
            }
        }
    }
}

#[test]
fn slow_path_overlaps_the_textbook_at_two_precisions() {
    for case in &*CASES {
        for (support, error) in &case.errors {
            let (coarse, fine) = (slow(&case.prepared, support, 80), slow(&case.prepared, support, 400));
            assert!(overlap(&coarse, error) && overlap(&fine, error) && overlap(&coarse, &fine), "{support:?}");
            assert!(fine.width() <= Dyadic::power_of_two(-380), "{:?} {support:?}", case.prepared.unit);
            assert!(coarse.width() <= Dyadic::power_of_two(-60), "{:?} {support:?}", case.prepared.unit);
        }
    }
}

#[test]
fn refined_weight_errors_are_narrow_and_overlap_the_textbook() {
    for case in &*CASES {
        for (support, error) in &case.errors {
            let Ok(refined) = exhaustive::weight_error(&case.prepared, support, 60, 1 << 14) else {
                assert!(error.hi() < &Dyadic::power_of_two(-400), "{:?} {support:?}", case.prepared.unit);
                continue;
            };
            assert!(refined.is_relatively_narrow(60), "{:?} {support:?}", case.prepared.unit);
            assert!(overlap(&refined, error), "{:?} {support:?}", case.prepared.unit);
        }
    }
}

#[test]
fn weights_are_those_of_the_textbook() {
    for case in &*CASES {
        for (support, _) in case.errors.iter().step_by(7) {
            let weights = Weights::new(&case.prepared.score_row(support), 200);
            for (token, plain) in textbook::softmax(&case.textbook.scores(support)).iter().enumerate() {
                assert!(overlap(&weights.weight(token), plain), "{:?} {support:?}", case.prepared.unit);
            }
        }
    }
}

#[test]
fn fast_brackets_hold_the_textbook_value() {
    let mut n_fast = 0;
    for case in &*CASES {
        let supports: Vec<Vec<u64>> = case.errors.iter().map(|(support, _)| support.clone()).collect();
        let Some(brackets) = fast_brackets(&case.prepared, &supports) else { continue };
        n_fast += 1;
        for (bracket, (support, error)) in brackets.iter().zip(&case.errors) {
            assert!(meets(bracket, error), "{:?} {support:?}", case.prepared.unit);
            assert!(&bracket.1 - &bracket.0 <= pow2(-90), "{:?} {support:?}", case.prepared.unit);
        }
    }
    assert!(CASES.len() * 9 <= n_fast * 10, "the fast path fits ordinary sizes");
}

/// What a certificate's blocks must be: all supports in order, each at most its block's bound, each bound reached.
fn check_blocks(blocks: &[Block], floor: Option<&Dyadic>, errors: &[(Vec<u64>, Interval)]) {
    let mut next = 0;
    for block in blocks {
        assert_eq!(block.first, next);
        next = block.end;
        let range = usize::try_from(block.first).unwrap()..usize::try_from(block.end).unwrap();
        let members = &errors[range];
        let bound = block.weight_error.hi();
        for (support, error) in members {
            assert!(error.lo() <= bound, "D({support:?}) is above its block's bound");
        }
        if floor == Some(bound) {
            assert_eq!(block.worst, members[0].0);
            continue;
        }
        assert!(block.weight_error.is_relatively_narrow(50));
        assert!(floor.is_none_or(|floor| floor < bound));
        let (_, worst) = members.iter().find(|(support, _)| *support == block.worst).expect("worst is a member");
        assert!(overlap(worst, &block.weight_error));
    }
    assert_eq!(usize::try_from(next), Ok(errors.len()));
}

/// Checks a sweep against enclosures of `D` at every support.
fn check_sweep(prepared: &Prepared, errors: &[(Vec<u64>, Interval)]) {
    let sweep = sweep(prepared, 50, None, &CONTROL).expect("enough bits");
    let worst = textbook::largest(errors.iter().map(|(_, error)| error));
    assert!(overlap(&sweep.top.weight_error, &worst), "{:?}", prepared.unit);
    assert!(sweep.top.weight_error.is_relatively_narrow(50), "{:?}", prepared.unit);
    let top = sweep.top.weight_error.hi();
    // Floors: none, one that no block needs, one below the top, one above everything.
    for floor in [None, Some(Dyadic::power_of_two(-3000)), Some(top.shift(-1)), Some(top.shift(1))] {
        let Some(floor) = floor.filter(|floor| !floor.is_zero()) else {
            check_blocks(&sweep.blocks(prepared, None, &CONTROL).unwrap(), None, errors);
            continue;
        };
        check_blocks(&sweep.blocks(prepared, Some(&floor), &CONTROL).unwrap(), Some(&floor), errors);
    }
}

#[test]
fn sweeps_bound_every_support_and_reach_the_worst() {
    for case in &*CASES {
        check_sweep(&case.prepared, &case.errors);
    }
}

/// Instances of several blocks: what ends a block must not end the scan, and the worst support is not always in the first.
#[test]
fn sweeps_of_several_blocks_match_the_slow_path() {
    let mut n_later = 0;
    for unit in [
        units::moment_curve(24, 4, "1/5"),
        units::sign_keys(24, 4, (40, 1, "least-squares", 14), "25"),
        units::code_keys(24, 4, (7, 2, 6), "2/3"),
    ] {
        let prepared = Prepared::new(&unit).unwrap();
        let all = textbook::supports(unit.tokens, unit.sparsity);
        assert!(2 * usize::try_from(BLOCK).unwrap() < all.len());
        let error = |support: Vec<u64>| {
            let error = slow(&prepared, &support, 140);
            (support, error)
        };
        let errors: Vec<_> = all.into_par_iter().map(error).collect();
        let worst = textbook::largest(errors.iter().map(|(_, error)| error));
        let position = errors.iter().position(|(_, error)| overlap(error, &worst)).expect("one is the largest");
        n_later += usize::from(usize::try_from(BLOCK).unwrap() <= position);
        check_sweep(&prepared, &errors);
    }
    assert!(0 < n_later, "a scan of the first block alone would do");
}

#[test]
fn seems_exceeded_tells_thresholds_apart() {
    for case in &*CASES {
        let worst = case.worst();
        // The search compares with 60 fraction bits; far smaller errors are not its business.
        if worst.lo() < &Dyadic::power_of_two(-30) {
            continue;
        }
        let margin = Rational::one() + pow2(-10);
        let (below, above) = (worst.lo().to_rational() / &margin, worst.hi().to_rational() * &margin);
        assert_eq!(seems_exceeded(&case.prepared, &below, &CONTROL), Ok(true), "{:?}", case.prepared.unit);
        if above < Rational::from_integer(2.into()) {
            assert_eq!(seems_exceeded(&case.prepared, &above, &CONTROL), Ok(false), "{:?}", case.prepared.unit);
        }
    }
}

/// Scales from nearly uniform attention to weights far below any table, dyadic or not.
fn scales() -> impl Strategy<Value = Rational> {
    let dyadic = (1_i64..32, -40_i64..16).prop_map(|(mantissa, exponent)| pow2(exponent) * textbook::whole(mantissa));
    let ratio = (1_i64..2000, 1_i64..300).prop_map(|(a, b)| Rational::new(a.into(), b.into()));
    prop_oneof![dyadic, ratio]
}

/// Units of up to 40 tokens; sparsities up to 7 make moment-curve products leave 64 bits.
fn larger_units() -> impl Strategy<Value = Unit> {
    let sign =
        (1_u64..130, 0_u64..1000, 0_u64..40).prop_map(|(width, seed, bits)| (width, seed, "least-squares", bits));
    let keys = prop_oneof![
        Just(units::moment_curve(1, 1, "1")),
        sign.prop_map(|keys| units::sign_keys(1, 1, keys, "1")),
        select(vec![(41, 1, 9), (7, 2, 7), (13, 2, 3), (5, 3, 5)]).prop_map(|code| units::code_keys(1, 1, code, "1")),
    ];
    (keys, 1_u64..=7, 0_u64..=33, scales()).prop_map(|(unit, sparsity, more, scale)| Unit {
        tokens: sparsity + more,
        sparsity,
        scale,
        ..unit
    })
}

/// A few supports in a row, from a place given in thousandths of the order.
fn some_supports(unit: &Unit, place: u64) -> Vec<Vec<u64>> {
    let all = supports::binomial(unit.tokens, unit.sparsity).expect("small");
    let mut support = supports::unrank(unit.tokens, unit.sparsity, (all - 1) * place / 1000).expect("in range");
    let mut found = vec![support.clone()];
    while found.len() < 6 && supports::advance(unit.tokens, &mut support).is_some() {
        found.push(support.clone());
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn fast_and_slow_paths_agree_on_larger_units(unit in larger_units(), place in 0_u64..=1000) {
        let prepared = Prepared::new(&unit).unwrap();
        let supports = some_supports(&unit, place);
        if let Some(brackets) = fast_brackets(&prepared, &supports) {
            for (bracket, support) in brackets.iter().zip(&supports) {
                prop_assert!(meets(bracket, &slow(&prepared, support, 400)), "{support:?}");
                prop_assert!(&bracket.1 - &bracket.0 <= pow2(-90), "{support:?}");
            }
        }
    }

    #[test]
    fn fast_bounds_of_the_worst_moment_curve_support_are_relatively_sharp(
        sparsity in 1_u64..=5,
        more in 1_u64..=35,
        scale in scales(),
    ) {
        let unit = Unit { scale, ..units::moment_curve(sparsity + more, sparsity, "1") };
        let prepared = Prepared::new(&unit).unwrap();
        let support = moment_curve::worst_support(unit.tokens, sparsity);
        let Some(brackets) = fast_brackets(&prepared, std::slice::from_ref(&support)) else { return Ok(()) };
        // Beyond 2^14 bits the slow path gives up.
        if let Ok(refined) = exhaustive::weight_error(&prepared, &support, 80, 1 << 14) {
            let bound = refined.hi().to_rational() * (Rational::one() + pow2(-70));
            prop_assert!(refined.lo().to_rational() <= brackets[0].1 && brackets[0].1 <= bound);
        }
    }

    #[test]
    fn slow_enclosures_at_two_precisions_overlap(unit in larger_units(), place in 0_u64..=1000, bits in 2_u32..200) {
        let prepared = Prepared::new(&unit).unwrap();
        let support = some_supports(&unit, place).swap_remove(0);
        let (coarse, fine) = (slow(&prepared, &support, bits), slow(&prepared, &support, bits + 150));
        prop_assert!(overlap(&coarse, &fine));
        prop_assert!(fine.width() <= coarse.width());
        if unit.tokens == unit.sparsity && unit.construction == Construction::MomentCurve {
            prop_assert_eq!(fine, Interval::exact(Dyadic::zero()));
        }
    }
}

fn certificate_bytes(id: &str, flags: &[(&'static str, &str)]) -> Vec<u8> {
    let mut fields = Fields::default();
    for (name, value) in flags {
        fields.set(name, Some(value));
    }
    let request = Request::new(id, &fields).expect("a well-formed request");
    match run::certify(&request, &Session::default()) {
        Ok(Outcome::Certified(found)) => writer::to_bytes(&found.certificate),
        Ok(Outcome::Refuted(found)) => writer::to_bytes(&found.certificate),
        other => panic!("{id} {flags:?}: {other:?}"),
    }
}

#[test]
fn certificates_do_not_depend_on_the_number_of_threads() {
    let sign = "sparse-averaging/sign-keys";
    let requests: [(&str, &[(&str, &str)]); 4] = [
        (
            "sparse-averaging/moment-curve",
            &[("tokens", "26"), ("sparsity", "4"), ("scale", "1/7"), ("kind", "enclosure"), ("method", "exhaustive")],
        ),
        (sign, &[("tokens", "20"), ("sparsity", "4"), ("error", "1/9"), ("key_width", "96")]),
        (sign, &[("tokens", "14"), ("sparsity", "2"), ("error", "1/9"), ("dual", "max-margin")]),
        (
            "sparse-averaging/code-keys",
            &[("tokens", "24"), ("sparsity", "4"), ("error", "1/9"), ("method", "exhaustive")],
        ),
    ];
    let pool = |n| ThreadPoolBuilder::new().num_threads(n).build().expect("threads");
    let (one, many) = (pool(1), pool(5));
    for (id, flags) in requests {
        let alone = one.install(|| certificate_bytes(id, flags));
        assert_eq!(alone, many.install(|| certificate_bytes(id, flags)), "{id} {flags:?}");
        assert_eq!(alone, many.install(|| certificate_bytes(id, flags)), "{id} {flags:?}");
    }
}

/// The claims above are not empty: some worst supports differ, some errors are tiny, some are large.
#[test]
fn the_small_units_cover_the_range() {
    let worst: Vec<Interval> = CASES.iter().map(Case::worst).collect();
    let count = |holds: &dyn Fn(&Interval) -> bool| worst.iter().filter(|worst| holds(worst)).count();
    assert!(20 <= count(&|worst| worst.hi() <= &Dyadic::power_of_two(-100)));
    assert!(50 <= count(&|worst| &Dyadic::one() <= worst.lo()));
    assert!(worst.iter().all(|worst| worst.hi().to_rational() < Rational::from_integer(2.into())));
    assert!(worst.iter().all(|worst| Rational::zero() <= worst.hi().to_rational()));
}
