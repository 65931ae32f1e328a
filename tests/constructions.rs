//! Laws of the constructions and of the bounds made from them (docs/theory.md sections 3 and 4).

mod textbook;

use attestor::bounds::closed_form;
use attestor::bounds::gram::GramBound;
use attestor::catalogue::claim::{CodeKeys, Construction, Dual, Method, SignKeys, Unit};
use attestor::certify::grid;
use attestor::constructions::dual::{DualVector, Origin, dual_vector};
use attestor::constructions::max_margin::{self, Keys};
use attestor::constructions::moment_curve::{least_gap, worst_support};
use attestor::constructions::scores::ScoreRow;
use attestor::constructions::sign_keys::SignKeyTable;
use attestor::evaluate::prepared::Prepared;
use attestor::evaluate::weights::Weights;
use attestor::numbers::Rational;
use attestor::numbers::dyadic::Dyadic;
use attestor::numbers::exp::exp;
use attestor::numbers::interval::Interval;
use attestor::numbers::rational::parse;
use num_bigint::BigInt;
use num_traits::{One, Zero};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use proptest::sample::{select, subsequence};
use proptest::{prop_assert, prop_assert_eq};
use textbook::{Textbook, indices, may_be_at_most, overlap, point, units, whole};

/// Bits of the slow path's weights here.
const BITS: u32 = 400;

fn weight_error(unit: &Unit, support: &[u64]) -> Interval {
    let prepared = Prepared::new(unit).expect("a small unit");
    Weights::new(&prepared.score_row(support), BITS).weight_error(&indices(support))
}

/// `max_y D(y)` by the slow path.
fn worst(unit: &Unit) -> Interval {
    let prepared = Prepared::new(unit).expect("a small unit");
    let error = |support: &Vec<u64>| Weights::new(&prepared.score_row(support), BITS).weight_error(&indices(support));
    let errors: Vec<Interval> = textbook::supports(unit.tokens, unit.sparsity).iter().map(error).collect();
    textbook::largest(errors.iter())
}

fn closed_form(unit: &Unit) -> Option<Dyadic> {
    closed_form::weight_error_up(unit, 128)
}

/// Scales whose product with the least gap runs from 2^-8 to 2^6, and some that are not dyadic.
fn scales(sparsity: u64) -> Vec<Rational> {
    let gap = Rational::from_integer(least_gap(sparsity));
    let grid = (-8..=6).map(|octave| grid::scale(octave * grid::STEPS + 3));
    let ratios = ["1/3", "10/7", "99/10"].map(|text| parse(text).expect("a number"));
    grid.chain(ratios).map(|product| product / &gap).collect()
}

// Closed forms.

#[test]
fn moment_curve_closed_form_is_above_every_support_and_near_the_worst() {
    for (tokens, sparsity) in textbook::units::shapes() {
        for scale in scales(sparsity) {
            let unit = Unit { scale, ..units::moment_curve(tokens, sparsity, "1") };
            let bound = closed_form(&unit).expect("always applies");
            let worst = worst(&unit);
            assert!(*worst.lo() <= bound, "{unit:?}");
            if tokens == sparsity {
                assert_eq!(bound, Dyadic::zero());
                continue;
            }
            let witness = weight_error(&unit, &worst_support(tokens, sparsity));
            assert!(*witness.lo() <= bound && may_be_at_most(&witness, &worst), "{unit:?}");
            corollary_3_3(&unit, &worst);
        }
    }
}

/// `2E/(q + E) ≤ max_y D(y) ≤ 4E/(1 + 2E - E^c)`.
fn corollary_3_3(unit: &Unit, worst: &Interval) {
    let exponent = -(&unit.scale * least_gap(unit.sparsity));
    let e = exp(&exponent, BITS).expect("a moderate exponent");
    let power = exp(&(exponent * whole(if unit.sparsity == 1 { 3 } else { 15 })), BITS).expect("a moderate exponent");
    let below = e.shift(1).div(&e.add(&point(&whole(unit.sparsity)), BITS), BITS).expect("positive");
    assert!(may_be_at_most(&below, worst), "{unit:?}");
    let denominator = point(&whole(1)).add(&e.shift(1), BITS).sub(&power, BITS);
    assert!(may_be_at_most(worst, &e.shift(2).div(&denominator, BITS).expect("positive")), "{unit:?}");
}

/// With a large gap the closed form is the truth to first order: one token dominates (two for `q = 1`).
#[test]
fn moment_curve_closed_form_is_sharp_for_large_gaps() {
    for (tokens, sparsity) in [(9, 1), (9, 2), (9, 3), (9, 4), (7, 3), (3, 1), (3, 2)] {
        let scale = whole(60) / Rational::from_integer(least_gap(sparsity));
        let unit = Unit { scale, ..units::moment_curve(tokens, sparsity, "1") };
        let bound = closed_form(&unit).expect("always applies").to_rational();
        assert!(bound <= worst(&unit).hi().to_rational() * Rational::new(1001.into(), 1000.into()), "{unit:?}");
    }
}

#[test]
fn closed_forms_reach_beyond_enumeration_and_grow_with_n() {
    for sparsity in [1, 2, 3, 7, 20] {
        for scale in scales(sparsity) {
            let bound = |tokens| {
                let unit = Unit { scale: scale.clone(), ..units::moment_curve(tokens, sparsity, "1") };
                closed_form(&unit).expect("always applies")
            };
            let bounds = [sparsity, sparsity + 1, 100, 1_000_000, 10_u64.pow(18), u64::MAX].map(bound);
            assert!(bounds.is_sorted(), "{sparsity} {scale}");
            assert!(bounds[5].to_rational() <= whole(2));
        }
    }
}

/// Codes over F_Q with every relation of n to q(k-1).
fn codes() -> Vec<(u64, u64, u64)> {
    vec![(3, 2, 1), (3, 2, 3), (5, 2, 4), (7, 2, 7), (11, 1, 3), (2, 4, 2), (13, 2, 9)]
}

#[test]
fn code_keys_closed_form_is_above_every_support_where_it_applies() {
    let mut n_bounds = 0;
    for (tokens, sparsity) in textbook::units::shapes() {
        for code in codes() {
            for scale in ["1/50", "1/3", "1", "17/4", "30"] {
                let unit = units::code_keys(tokens, sparsity, code, scale);
                let applies = sparsity * (code.1 - 1) < code.2;
                let bound = closed_form(&unit);
                assert_eq!(bound.is_some(), applies, "{unit:?}");
                if let Some(bound) = bound {
                    n_bounds += 1;
                    assert!(*worst(&unit).lo() <= bound, "{unit:?}");
                }
            }
        }
    }
    assert!(200 < n_bounds);
}

/// Remark 4.3: at every support no more tokens have an overlap of at least `s` than are counted.
#[test]
fn code_keys_overlaps_are_at_most_the_counts() {
    for (field, degree, evaluations, sparsity) in [(3, 2, 3, 2), (5, 2, 5, 2), (5, 2, 4, 3), (3, 3, 3, 1), (2, 4, 2, 1)]
    {
        let tokens = (0..degree).map(|_| field).product();
        let unit = units::code_keys(tokens, sparsity, (field, degree, evaluations), "1");
        let Construction::CodeKeys(code) = &unit.construction else { panic!("code keys") };
        let agreements = sparsity * (degree - 1);
        let counts = closed_form::overlap_counts(&unit, code, agreements);
        let prepared = Prepared::new(&unit).expect("a small unit");
        for support in textbook::supports(unit.tokens, sparsity) {
            let overlaps = prepared.score_row(&support).multiples;
            for (s, count) in (0..=agreements).zip(&counts) {
                let is_counted = |(j, overlap): &(u64, &BigInt)| !support.contains(j) && BigInt::from(s) <= **overlap;
                let found = (0..).zip(&overlaps).filter(is_counted).count();
                assert!(BigInt::from(found) <= *count, "{unit:?} {support:?} {s}");
            }
        }
        assert!(counts[1..].iter().any(|count| *count < counts[0]), "the counts say something: {counts:?}");
    }
}

/// Where the overlap `q(k-1)` occurs, the mass is at least `e^{-αg}`.
#[test]
fn code_keys_gap_is_attained() {
    for (field, sparsity, evaluations) in [(3, 1, 3), (3, 2, 3), (5, 2, 4), (5, 3, 5)] {
        let unit = units::code_keys(2 * field, sparsity, (field, 2, evaluations), "9/4");
        let gap = whole(evaluations - sparsity);
        let mass = exp(&-(&unit.scale * gap), BITS).expect("moderate");
        let below = mass.shift(1).div(&mass.add(&point(&whole(sparsity)), BITS), BITS).expect("positive");
        assert!(may_be_at_most(&below, &worst(&unit)), "{unit:?}");
    }
}

// Coherence and Babel.

fn sign_table(unit: &Unit) -> SignKeyTable {
    let Construction::SignKeys(keys) = &unit.construction else { panic!("sign keys") };
    SignKeyTable::new(textbook::index(unit.tokens), textbook::index(keys.key_width), keys.seed)
}

fn gram(unit: &Unit, method: Method) -> GramBound {
    GramBound::new(&sign_table(unit), unit.sparsity, method)
}

/// Wide keys, so that the bounds apply; f from where rounding dominates to where it vanishes.
fn wide_sign_keys() -> impl Strategy<Value = Unit> {
    let keys = (100_u64..700, any::<u64>(), 0_u64..24);
    let scale = prop_oneof![(1_i64..400).prop_map(|n| Rational::new(n.into(), 7.into())), (1_i64..40).prop_map(whole)];
    (1_u64..=3, 0_u64..=6, keys, scale).prop_map(|(sparsity, more, (width, seed, bits), scale)| Unit {
        scale,
        ..units::sign_keys(sparsity + more, sparsity, (width, seed, "least-squares", bits), "1")
    })
}

/// The same keys at another number of fraction bits.
fn with_fraction_bits(unit: &Unit, fraction_bits: u64) -> Unit {
    let Construction::SignKeys(keys) = &unit.construction else { panic!("sign keys") };
    Unit { construction: Construction::SignKeys(SignKeys { fraction_bits, ..keys.clone() }), ..unit.clone() }
}

fn least_squares(table: &SignKeyTable, support: &[u64]) -> DualVector {
    dual_vector(table, &indices(support), &Dual::LeastSquares)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn gram_bounds_are_above_every_support(unit in wide_sign_keys()) {
        let worst = worst(&unit);
        let [coherence, babel] = [Method::Coherence, Method::Babel].map(|method| gram(&unit, method));
        for bound in [&coherence, &babel].into_iter().filter_map(|gram| gram.weight_error_up(&unit, 128)) {
            prop_assert!(*worst.lo() <= bound, "{bound} {worst}");
        }
        prop_assert!(babel.on <= coherence.on && babel.off <= coherence.off);
    }

    #[test]
    fn gram_margins_and_entries_hold_at_every_support(unit in wide_sign_keys()) {
        let (table, prepared) = (sign_table(&unit), Prepared::new(&unit).unwrap());
        for method in [Method::Coherence, Method::Babel] {
            let gram = gram(&unit, method);
            let (Some(margin), Some(entry)) = (gram.margin(), gram.query_entry_up(&unit)) else { continue };
            for support in textbook::supports(unit.tokens, unit.sparsity) {
                prop_assert!(least_squares(&table, &support).has_margin(&table, &indices(&support), &margin));
                let query = prepared.sign_query(&support).expect("sign keys");
                prop_assert!(query.integers.iter().all(|integer| *integer <= entry && -integer <= entry));
            }
        }
    }

    #[test]
    fn gram_bounds_do_not_grow_with_fraction_bits(unit in wide_sign_keys()) {
        let gram = gram(&unit, Method::Babel);
        let bound = |bits| gram.weight_error_up(&with_fraction_bits(&unit, bits), 128);
        for bits in 0..40 {
            let (coarse, fine) = (bound(bits), bound(bits + 1));
            prop_assert!(coarse.is_none_or(|coarse| fine.is_some_and(|fine| fine <= coarse)), "{bits}");
        }
    }
}

/// Rounding moves every score by at most `m'·2^{-f-1}`, on every support and token.
#[test]
fn rounding_moves_scores_by_at_most_half_a_unit_a_coordinate() {
    for unit in units::small() {
        let Construction::SignKeys(keys) = &unit.construction else { continue };
        let (table, prepared) = (sign_table(&unit), Prepared::new(&unit).unwrap());
        let delta = Rational::new(keys.key_width.into(), BigInt::one() << (keys.fraction_bits + 1));
        for support in textbook::supports(unit.tokens, unit.sparsity).iter().step_by(5) {
            let dual = prepared.dual_vector(support).expect("sign keys");
            let row = prepared.score_row(support);
            for (token, multiple) in row.multiples.iter().enumerate() {
                let exact = Rational::new(dual.scaled_score(&table, token), dual.denominator.clone()) * &unit.scale;
                let moved = &row.unit * multiple - exact;
                assert!(moved <= delta && -moved <= delta, "{unit:?} {support:?}");
            }
        }
    }
}

// Monotonicity.

/// Units without rounding: at equal scores on the support.
fn level_units() -> impl Strategy<Value = Unit> {
    let keys = prop_oneof![
        Just(units::moment_curve(1, 1, "1")),
        select(codes()).prop_map(|code| units::code_keys(1, 1, code, "1")),
    ];
    (keys, 1_u64..=4, 0_u64..=5).prop_map(|(unit, sparsity, more)| Unit { tokens: sparsity + more, sparsity, ..unit })
}

fn positive_scales() -> impl Strategy<Value = Rational> {
    (1_i64..200, 1_i64..200).prop_map(|(a, b)| Rational::new(a.into(), b.into()))
}

fn any_support(unit: &Unit, place: usize) -> Vec<u64> {
    let all = textbook::supports(unit.tokens, unit.sparsity);
    all[place % all.len()].clone()
}

proptest! {
    #[test]
    fn weight_error_does_not_grow_with_the_scale(
        unit in level_units(),
        place in any::<usize>(),
        scale in positive_scales(),
        step in positive_scales(),
    ) {
        let support = any_support(&unit, place);
        let at = |scale: Rational| weight_error(&Unit { scale, ..unit.clone() }, &support);
        prop_assert!(may_be_at_most(&at(&scale + step), &at(scale)));
    }

    #[test]
    fn closed_forms_do_not_grow_with_the_scale(
        unit in level_units(),
        scale in positive_scales(),
        step in positive_scales(),
    ) {
        let at = |scale: Rational| closed_form(&Unit { scale, ..unit.clone() });
        prop_assert!(at(&scale + step) <= at(scale));
    }

    #[test]
    fn weight_error_does_not_fall_with_more_tokens(
        unit in prop_oneof![level_units(), wide_sign_keys()],
        place in any::<usize>(),
    ) {
        let support = any_support(&unit, place);
        let more = weight_error(&Unit { tokens: unit.tokens + 1, ..unit.clone() }, &support);
        // One more polynomial may not exist.
        let exists = match &unit.construction {
            Construction::CodeKeys(CodeKeys { field_size, degree_bound, .. }) => {
                BigInt::from(unit.tokens) < BigInt::from(*field_size).pow(u32::try_from(*degree_bound).unwrap())
            }
            Construction::MomentCurve | Construction::SignKeys(_) => true,
        };
        prop_assert!(!exists || may_be_at_most(&weight_error(&unit, &support), &more));
    }
}

// Relabelling.

/// Reflection `j → N-1-j` keeps every distance.
#[test]
fn moment_curve_errors_are_invariant_under_reflection() {
    for (tokens, sparsity) in textbook::units::shapes() {
        let unit = units::moment_curve(tokens, sparsity, "2/5");
        for support in textbook::supports(tokens, sparsity) {
            let mirrored: Vec<u64> = support.iter().rev().map(|l| tokens - 1 - l).collect();
            assert_eq!(weight_error(&unit, &support), weight_error(&unit, &mirrored), "{support:?}");
        }
    }
}

/// Translation keeps the scores of the translated tokens.
#[test]
fn moment_curve_scores_are_invariant_under_translation() {
    for (tokens, sparsity) in textbook::units::shapes() {
        for shift in 1..4 {
            let narrow = Prepared::new(&units::moment_curve(tokens, sparsity, "2/5")).unwrap();
            let wide = Prepared::new(&units::moment_curve(tokens + shift, sparsity, "2/5")).unwrap();
            for support in textbook::supports(tokens, sparsity) {
                let moved: Vec<u64> = support.iter().map(|l| l + shift).collect();
                let scores = wide.score_row(&moved).multiples.split_off(textbook::index(shift));
                assert_eq!(scores, narrow.score_row(&support).multiples);
            }
        }
    }
}

/// If every polynomial has its token, adding a constant to all of them permutes the tokens and keeps overlaps.
#[test]
fn code_keys_errors_are_invariant_under_adding_a_constant() {
    let (field, degree) = (3, 2);
    for sparsity in 1..=3 {
        let unit = units::code_keys(9, sparsity, (field, degree, 3), "3/2");
        for support in textbook::supports(9, sparsity) {
            let mut moved: Vec<u64> = support.iter().map(|l| l / field * field + (l + 1) % field).collect();
            moved.sort_unstable();
            assert_eq!(weight_error(&unit, &support), weight_error(&unit, &moved), "{support:?}");
        }
    }
}

/// Keys in another order and with the signs of some coordinates flipped: the same Gram matrix up to the order.
struct Relabelled<'a> {
    keys: &'a SignKeyTable,
    order: &'a [usize],
    flipped: u64,
}

impl Keys for Relabelled<'_> {
    fn n_tokens(&self) -> usize {
        self.order.len()
    }

    fn key_width(&self) -> usize {
        self.keys.key_width()
    }

    fn sign(&self, token: usize, coordinate: usize) -> i8 {
        let sign = self.keys.sign(self.order[token], coordinate);
        if self.flipped >> (coordinate % 64) & 1 == 1 { -sign } else { sign }
    }

    fn inner_product(&self, a: usize, b: usize) -> i64 {
        self.keys.inner_product(self.order[a], self.order[b])
    }
}

/// `⟨w, u_j⟩` of the max-margin vector at every key; `None` if there is none.
fn max_margin_scores(keys: &impl Keys, support: &[usize], margin: &Rational) -> Option<Vec<Rational>> {
    match max_margin::dual(keys, support, margin) {
        max_margin::Dual::Vector { keys: used, coefficients, denominator } => {
            let score = |token: usize| -> BigInt {
                used.iter().zip(&coefficients).map(|(&k, c)| c * keys.inner_product(k, token)).sum()
            };
            Some((0..keys.n_tokens()).map(|token| Rational::new(score(token), denominator.clone())).collect())
        }
        max_margin::Dual::Infeasible { .. } => None,
    }
}

/// Tables with widths around the least feasible one, and the margins 1/2, 1, 3/10.
fn tables() -> impl Strategy<Value = (SignKeyTable, Vec<usize>, Rational)> {
    let margins = select(vec!["1/2", "1", "3/10"]).prop_map(|text| parse(text).expect("a margin"));
    (4_usize..10, 2_usize..30, any::<u64>(), margins).prop_flat_map(|(n, width, seed, margin)| {
        let supports = subsequence((0..n).collect::<Vec<_>>(), 1..=4);
        supports.prop_map(move |support| (SignKeyTable::new(n, width, seed), support, margin.clone()))
    })
}

proptest! {
    #[test]
    fn max_margin_scores_follow_the_keys_when_they_are_relabelled(
        (keys, support, margin) in tables(),
        flipped in any::<u64>(),
        turn in 1_usize..9,
    ) {
        let n = keys.n_tokens();
        let order: Vec<usize> = (0..n).map(|token| (token + turn) % n).collect();
        let relabelled = Relabelled { keys: &keys, order: &order, flipped };
        let moved: Vec<usize> = (0..n).filter(|&token| support.contains(&order[token])).collect();
        let plain = max_margin_scores(&keys, &support, &margin);
        let found = max_margin_scores(&relabelled, &moved, &margin);
        let permuted = plain.map(|plain| order.iter().map(|&token| plain[token].clone()).collect::<Vec<_>>());
        prop_assert_eq!(found, permuted);
    }

    // Proposition 4.1 (6).
    #[test]
    fn least_squares_with_the_margin_is_max_margin((keys, support, margin) in tables()) {
        let dual = dual_vector(&keys, &support, &Dual::LeastSquares);
        if dual.origin == Origin::LeastSquares && dual.has_margin(&keys, &support, &margin) {
            let score = |token| Rational::new(dual.scaled_score(&keys, token), dual.denominator.clone());
            let scores = (0..keys.n_tokens()).map(score).collect::<Vec<_>>();
            prop_assert_eq!(max_margin_scores(&keys, &support, &margin), Some(scores));
        }
    }

    // Proposition 4.1 (4) and (5).
    #[test]
    fn feasibility_is_kept_by_smaller_margins_and_larger_widths((keys, support, margin) in tables(), seed in any::<u64>()) {
        let (n, width) = (keys.n_tokens(), keys.key_width());
        let is_feasible = |width, margin: &Rational| {
            max_margin_scores(&SignKeyTable::new(n, width, seed), &support, margin).is_some()
        };
        if is_feasible(width, &margin) {
            prop_assert!(is_feasible(width + 1, &margin));
            prop_assert!(is_feasible(width, &(&margin / whole(2))));
        }
    }

    #[test]
    fn permuting_the_tokens_of_a_row_changes_nothing(
        scores in proptest::collection::vec(-40_i64..40, 2..12),
        unit in positive_scales(),
        turn in 0_usize..12,
        n_supported in 1_usize..4,
    ) {
        let n = scores.len();
        let support: Vec<usize> = (0..n_supported.min(n)).collect();
        let row = |scores: &[i64]| {
            let multiples = scores.iter().map(|score| BigInt::from(*score)).collect();
            Weights::new(&ScoreRow { unit: unit.clone(), multiples }, 90)
        };
        let mut turned = scores.clone();
        turned.rotate_right(turn % n);
        let moved: Vec<usize> = support.iter().map(|token| (token + turn) % n).collect();
        prop_assert_eq!(row(&scores).weight_error(&support), row(&turned).weight_error(&moved));
    }
}

/// Max-margin vectors against every set of tight constraints, tried one by one.
#[test]
fn max_margin_vectors_are_those_of_the_textbook() {
    let (mut n_vectors, mut n_infeasible) = (0, 0);
    for (width, seed) in (1..9).flat_map(|width| (0..3).map(move |seed| (width, seed))) {
        let unit = units::sign_keys(6, 2, (width, seed, "1/2", 0), "1");
        let (plain, table) = (Textbook::new(&unit), sign_table(&unit));
        for margin in ["1/2", "1", "1/7"].map(|text| parse(text).expect("a margin")) {
            for support in textbook::supports(6, 2) {
                let support = indices(&support);
                let w = textbook::max_margin(&plain.keys, &support, &margin);
                let scores = w.map(|w| plain.keys.iter().map(|key| textbook::dot(&w, key)).collect::<Vec<_>>());
                if scores.is_some() {
                    n_vectors += 1
                } else {
                    n_infeasible += 1
                }
                assert_eq!(max_margin_scores(&table, &support, &margin), scores, "{width} {seed} {support:?}");
            }
        }
    }
    assert!(100 < n_vectors && 100 < n_infeasible);
}

/// Nothing to select: the error is 0 without rounding, and the fallback is exercised with it.
#[test]
fn full_supports_have_no_error_without_rounding() {
    for q in 1..=5 {
        for unit in [units::moment_curve(q, q, "3"), units::code_keys(q, q, (5, 2, 5), "3")] {
            assert_eq!(worst(&unit), Interval::exact(Dyadic::zero()));
        }
        let level = units::sign_keys(q, q, (90, 1, "least-squares", 300), "3");
        assert!(worst(&level).hi() <= &Dyadic::power_of_two(-280));
        assert!(overlap(&worst(&level), &Textbook::new(&level).worst()));
    }
    assert!(worst(&units::sign_keys(2, 2, (1, 0, "least-squares", 0), "3")).lo().to_rational() >= Rational::zero());
}
