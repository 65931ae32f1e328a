//! Lemmas A to D (docs/theory.md section 2) by brute force and on random rows.

mod textbook;

use attestor::catalogue::claim::Unit;
use attestor::evaluate::datapath;
use attestor::evaluate::prepared::Prepared;
use attestor::evaluate::witness;
use attestor::numbers::Rational;
use attestor::numbers::dyadic::Dyadic;
use attestor::numbers::exp::exp;
use attestor::numbers::interval::Interval;
use attestor::numbers::rational::pow2;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, Strategy, any, prop_oneof, proptest};
use proptest::sample::select;
use proptest::{prop_assert, prop_assert_eq};
use textbook::{PRECISION, Textbook, indices, may_be_at_most, overlap, point, units, whole};

fn zero() -> Interval {
    point(&Rational::zero())
}

fn power(x: &Rational) -> Interval {
    exp(x, PRECISION).expect("a moderate argument")
}

/// `[j∈y]/q`.
fn share(support: &[usize], token: usize) -> Rational {
    if support.contains(&token) { whole(support.len()).recip() } else { Rational::zero() }
}

/// Whether bit `index` of `signs` stands for `+1`.
fn is_plus(signs: u32, index: usize) -> bool {
    (signs >> index).is_odd()
}

// Lemma A.

/// `max_z |Σ_j (A_j - b_j)·z_j|` over all signs, exactly.
fn worst_by_brute_force(weights: &[Rational], support: &[usize]) -> Rational {
    let output = |signs: u32| -> Rational {
        let term = |(j, weight): (usize, &Rational)| {
            let difference = weight - share(support, j);
            if is_plus(signs, j) { difference } else { -difference }
        };
        weights.iter().enumerate().map(term).sum()
    };
    (0..1_u32 << weights.len()).map(|signs| output(signs).abs()).max().expect("there is an input")
}

/// Distributions with zeros, equal entries and dominating ones, and a support within them.
fn distributions() -> impl Strategy<Value = (Vec<Rational>, Vec<usize>)> {
    let entry = prop_oneof![0_u32..4, 0_u32..1000, select(vec![1_u32, 1, 100_000])];
    (vec(entry, 1..8), any::<u32>()).prop_map(|(entries, mask)| {
        let total: u32 = entries.iter().sum();
        let even = whole(entries.len()).recip();
        let weight = |&entry: &u32| if total == 0 { even.clone() } else { Rational::new(entry.into(), total.into()) };
        let weights: Vec<Rational> = entries.iter().map(weight).collect();
        let chosen: Vec<usize> = (0..weights.len()).filter(|&j| is_plus(mask, j)).collect();
        let support = if chosen.is_empty() { vec![0] } else { chosen };
        (weights, support)
    })
}

proptest! {
    #[test]
    fn lemma_a_is_an_equality_for_every_distribution((weights, support) in distributions()) {
        let difference = |j: usize| &weights[j] - share(&support, j);
        let all = 0..weights.len();
        let weight_error: Rational = all.clone().map(|j| difference(j).abs()).sum();
        let positive: Rational = all.map(difference).filter(Signed::is_positive).sum();
        prop_assert_eq!(&weight_error, &(positive * whole(2)));
        prop_assert_eq!(&weight_error, &worst_by_brute_force(&weights, &support));
        prop_assert!(weight_error <= whole(2));
    }
}

/// `Σ_j A_j·z_j - (1/q)·Σ_{l∈y} z_l` for signs `z`.
fn signed_error(weights: &[Interval], support: &[usize], signs: u32) -> Interval {
    let term = |(j, weight): (usize, &Interval)| {
        let difference = weight.sub(&point(&share(support, j)), PRECISION);
        if is_plus(signs, j) { difference } else { difference.neg() }
    };
    weights.iter().enumerate().map(term).fold(zero(), |sum, term| sum.add(&term, PRECISION))
}

/// Shapes of brute force; all constructions, errors from tiny to nearly 2.
fn brute_force_units() -> Vec<Unit> {
    units::small().into_iter().filter(|unit| unit.tokens <= 6).collect()
}

#[test]
fn lemma_a_holds_at_every_support_and_the_witness_reaches_it() {
    for unit in brute_force_units() {
        let (textbook, prepared) = (Textbook::new(&unit), Prepared::new(&unit).unwrap());
        for (support, error) in textbook.weight_errors().iter().step_by(3) {
            let weights = textbook::softmax(&textbook.scores(support));
            let tokens = indices(support);
            let errors: Vec<Interval> = (0..1_u32 << unit.tokens)
                .map(|signs| textbook::magnitude(&signed_error(&weights, &tokens, signs)))
                .collect();
            assert!(overlap(&textbook::largest(errors.iter()), error), "{unit:?} {support:?}");
            check_witness(&prepared, &weights, support, error);
        }
    }
}

/// The witness's input has the error that it says, and that is the worst one.
fn check_witness(prepared: &Prepared, weights: &[Interval], support: &[u64], error: &Interval) {
    let Some(witness) = witness::at_support(prepared, support, 400) else {
        assert!(error.hi() < &Dyadic::power_of_two(-350), "{:?} {support:?}", prepared.unit);
        return;
    };
    assert_eq!(witness.support, support);
    let is_raised = |j: &u64| !support.contains(j) || witness.raised.contains(j);
    let signs: u32 = (0..prepared.unit.tokens).filter(is_raised).map(|j| 1 << j).sum();
    let found = textbook::magnitude(&signed_error(weights, &indices(support), signs));
    let distance = witness.distance.to_rational();
    assert!(distance <= found.hi().to_rational(), "{:?} {support:?}", prepared.unit);
    let slack = Rational::one() - pow2(-49);
    let lost = pow2(-380);
    assert!(error.lo().to_rational() * slack <= &distance + &lost, "{:?} {support:?}", prepared.unit);
    let output = (0..).zip(weights).map(|(j, weight)| if is_raised(&j) { weight.clone() } else { weight.neg() });
    let output = output.fold(zero(), |sum, term| sum.add(&term, PRECISION));
    assert!(witness.output.lo() <= output.hi() && output.lo() <= witness.output.hi());
}

// Lemma B.

/// Scores for Lemma B: on-support offsets within δ of 0 and off-support ones at most -g, with ends reached often.
#[derive(Clone, Debug)]
struct Gapped {
    delta: Rational,
    gap: Rational,
    on: Vec<Rational>,
    off: Vec<Rational>,
}

fn thousandths(range: std::ops::RangeInclusive<i64>) -> impl Strategy<Value = Rational> {
    range.prop_map(|n| Rational::new(n.into(), 1000.into()))
}

fn gapped() -> impl Strategy<Value = Gapped> {
    // δ = 0 makes (B1) sharp; negative gaps mean that off-support tokens win.
    let delta = prop_oneof![thousandths(0..=0), thousandths(0..=5000), thousandths(1..=3)];
    let gap = prop_oneof![thousandths(-3000..=3000), thousandths(0..=40_000)];
    let place = || prop_oneof![thousandths(-1000..=1000), select(vec![whole(-1), whole(1)])];
    let below = || prop_oneof![thousandths(0..=9000), select(vec![whole(0)])];
    (delta, gap, vec(place(), 1..5), vec(below(), 0..6)).prop_map(|(delta, gap, places, below)| Gapped {
        on: places.into_iter().map(|place| place * &delta).collect(),
        off: below.into_iter().map(|below| -&gap - below).collect(),
        delta,
        gap,
    })
}

impl Gapped {
    fn weight_error(&self) -> Interval {
        let scores: Vec<Rational> = self.on.iter().chain(&self.off).cloned().collect();
        textbook::weight_error(&scores, &(0..self.on.len()).collect::<Vec<_>>())
    }

    /// (B0) and its last row: `2·max_k ((R + k·e^δ)/(R + k·e^δ + (q-k)·e^-δ) - k/q)`.
    fn b0(&self) -> Interval {
        let times = |count: usize, x: &Rational| point(&whole(count)).mul(&power(x), PRECISION);
        let q = self.on.len();
        let mass = times(self.off.len(), &-&self.gap);
        let value = |k: usize| {
            let high = mass.add(&times(k, &self.delta), PRECISION);
            let total = high.add(&times(q - k, &-&self.delta), PRECISION);
            let fraction = high.div(&total, PRECISION).expect("k < q");
            fraction.sub(&point(&Rational::new(k.into(), q.into())), PRECISION).shift(1)
        };
        textbook::largest((0..q).map(value).collect::<Vec<_>>().iter())
    }

    fn rho(&self) -> Interval {
        let ratio = Rational::new(self.off.len().into(), self.on.len().into());
        point(&ratio).mul(&power(&(&self.delta - &self.gap)), PRECISION)
    }

    /// `tanh(δ/2) = (e^δ - 1)/(e^δ + 1)`, 0 for one supported token.
    fn tau(&self) -> Interval {
        if self.on.len() == 1 {
            return zero();
        }
        let (one, power) = (point(&whole(1)), power(&self.delta));
        power.sub(&one, PRECISION).div(&power.add(&one, PRECISION), PRECISION).expect("positive")
    }

    fn b1(&self) -> Interval {
        let total = self.rho().add(&point(&whole(1)), PRECISION);
        self.rho().add(&self.tau(), PRECISION).shift(1).div(&total, PRECISION).expect("positive")
    }

    fn b2(&self) -> Interval {
        self.rho().add(&self.tau(), PRECISION).shift(1)
    }

    fn b3(&self) -> Interval {
        let spread = if self.on.len() == 1 { Rational::zero() } else { self.delta.clone() };
        self.rho().shift(1).add(&point(&spread), PRECISION)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn lemma_b_bounds_the_weight_error_by_each_form_in_turn(row in gapped()) {
        let chain = [row.weight_error(), row.b0(), row.b1(), row.b2(), row.b3()];
        for (smaller, larger) in chain.iter().zip(&chain[1..]) {
            prop_assert!(may_be_at_most(smaller, larger), "{smaller} > {larger}");
        }
        prop_assert!(row.b1().lo().to_rational() <= whole(2));
    }

    #[test]
    fn lemma_b_first_form_is_attained(row in gapped()) {
        let q = row.on.len();
        let attained = |k: usize| {
            let offset = |i: usize| if i < k { row.delta.clone() } else { -&row.delta };
            let off = row.off.iter().map(|_| -&row.gap).collect();
            Gapped { on: (0..q).map(offset).collect(), off, ..row.clone() }.weight_error()
        };
        let errors: Vec<Interval> = (0..q).map(attained).collect();
        prop_assert!(overlap(&textbook::largest(errors.iter()), &row.b0()));
    }

    #[test]
    fn lemma_b_second_form_is_sharp_without_spread(row in gapped()) {
        let level = Gapped { delta: Rational::zero(), ..row };
        prop_assert!(overlap(&level.b0(), &level.b1()));
    }
}

// Lemma C.

/// Coordinates near the rounding grid, exact ones, and the unit sphere itself (3, 4, 5).
fn ball_points(dim: usize) -> impl Strategy<Value = Vec<Rational>> {
    let rough = vec(-999_i64..=999, dim).prop_map(|entries| {
        let total: i64 = entries.iter().map(|entry| entry.abs()).sum();
        entries.into_iter().map(|entry| Rational::new(entry.into(), (total + 1).into())).collect::<Vec<_>>()
    });
    let sphere = (0..dim, any::<bool>(), any::<bool>()).prop_map(move |(place, negative, mixed)| {
        let mut entries = vec![Rational::zero(); dim];
        let sign = if negative { -1 } else { 1 };
        entries[place] = if mixed && 1 < dim { Rational::new((4 * sign).into(), 5.into()) } else { whole(sign) };
        if mixed && 1 < dim {
            entries[(place + 1) % dim] = Rational::new(3.into(), 5.into());
        }
        entries
    });
    prop_oneof![rough, sphere]
}

/// A unit, one of its supports, and values in the ball of dimension 1 to 3.
fn rows() -> impl Strategy<Value = (Unit, Vec<u64>, Vec<Vec<Rational>>)> {
    let shape = (select(brute_force_units()), 1_u64..=3, 0_u64..12, any::<usize>());
    shape.prop_flat_map(|(unit, value_dim, value_fraction_bits, place)| {
        let unit = Unit { value_dim, value_fraction_bits, ..unit };
        let all = textbook::supports(unit.tokens, unit.sparsity);
        let support = all[place % all.len()].clone();
        let dim = textbook::index(value_dim);
        vec(ball_points(dim), textbook::index(unit.tokens)).prop_map(move |z| (unit.clone(), support.clone(), z))
    })
}

/// Toward zero to `bits` fraction bits.
fn truncated(value: &Rational, bits: u64) -> Rational {
    let factor = whole(BigInt::one() << bits);
    (value * &factor).trunc() / factor
}

/// The distance of output and target from the textbook's weights, coordinate by coordinate.
fn plain_distance(unit: &Unit, weights: &[Interval], support: &[usize], values: &[Vec<Rational>]) -> Interval {
    let coordinate = |i: usize| {
        let output = weights.iter().zip(values).fold(zero(), |sum, (weight, z)| {
            let seen = truncated(&z[i], unit.value_fraction_bits);
            sum.add(&weight.mul(&point(&seen), PRECISION), PRECISION)
        });
        let target: Rational = support.iter().map(|&l| &values[l][i] / whole(support.len())).sum();
        let difference = textbook::magnitude(&output.sub(&point(&target), PRECISION));
        difference.mul(&difference, PRECISION)
    };
    let squares = (0..values[0].len()).map(coordinate);
    squares.fold(zero(), |sum, square| sum.add(&square, PRECISION)).sqrt(PRECISION).expect("nonnegative")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn lemma_c_bounds_the_distance_for_rounded_values((unit, support, values) in rows()) {
        let (textbook, prepared) = (Textbook::new(&unit), Prepared::new(&unit).unwrap());
        let row = datapath::evaluate(&prepared, &support, &values, 200).expect("values of the ball");
        let weights = textbook::softmax(&textbook.scores(&support));
        let plain = plain_distance(&unit, &weights, &indices(&support), &values);
        prop_assert!(overlap(&row.distance, &plain), "{} {plain}", row.distance);

        // D + η(1 - D/2), the sharper form, implies D + η.
        let error = textbook.weight_error(&support);
        let root = point(&whole(unit.value_dim)).sqrt(PRECISION).expect("positive");
        let eta = root.shift(-i64::try_from(unit.value_fraction_bits).unwrap());
        let damped = eta.mul(&point(&whole(1)).sub(&error.shift(-1), PRECISION), PRECISION);
        prop_assert!(may_be_at_most(&plain, &error.add(&damped, PRECISION)), "{plain} {error}");
        prop_assert!(may_be_at_most(&row.distance, &error.add(&eta, PRECISION)));
    }
}

/// The bad input of Lemma A survives rounding: even with no fraction bits the error is `D(y)`.
#[test]
fn rounding_does_not_remove_the_witness() {
    for unit in brute_force_units() {
        let unit = Unit { value_dim: 2, value_fraction_bits: 0, ..unit };
        let (textbook, prepared) = (Textbook::new(&unit), Prepared::new(&unit).unwrap());
        for (support, error) in textbook.weight_errors().iter().step_by(11) {
            let Some(witness) = witness::at_support(&prepared, support, 300) else { continue };
            let plus = |j: &u64| !support.contains(j) || witness.raised.contains(j);
            let value = |j: u64| vec![whole(if plus(&j) { 1 } else { -1 }), Rational::zero()];
            let values: Vec<Vec<Rational>> = (0..unit.tokens).map(value).collect();
            let row = datapath::evaluate(&prepared, support, &values, 300).expect("values of the ball");
            assert!(overlap(&row.distance, error), "{unit:?} {support:?}");
            assert!(witness.distance <= *row.distance.hi(), "{unit:?} {support:?}");
        }
    }
}

// Lemma D.

/// `T_n(x)` and `x^n/n!`.
fn taylor(x: &Rational, n_terms: u32) -> (Rational, Rational) {
    let (mut sum, mut term) = (Rational::zero(), Rational::one());
    for k in 1..=n_terms {
        sum += &term;
        term = term * x / whole(k);
    }
    (sum, term)
}

/// Arguments from 0 to 20: integers, tiny ones, and others.
fn exponents() -> impl Strategy<Value = Rational> {
    prop_oneof![
        (0_i64..20).prop_map(whole),
        (1_i64..400).prop_map(|places| pow2(-places)),
        (0_i64..20_000, 1_i64..1000).prop_map(|(a, b)| Rational::new(a.into(), (1000 + b).into())),
    ]
}

proptest! {
    #[test]
    fn lemma_d_brackets_the_exponential(x in exponents(), n_terms in 1_u32..60) {
        let power = power(&x);
        let (sum, term) = taylor(&x, n_terms);
        let (n, next) = (whole(n_terms), whole(n_terms + 1));
        prop_assert!(sum <= power.hi().to_rational());
        if x < next {
            let first = &sum + &term * &next / (&next - &x);
            prop_assert!(power.lo().to_rational() <= first);
            if x < n {
                prop_assert!(first <= &sum + &term * &n / (&n - &x));
            }
        }
        if x < Rational::one() {
            prop_assert!(power.lo().to_rational() <= (Rational::one() - &x).recip());
        }
    }

    #[test]
    fn lemma_d_reciprocals_and_powers_agree(x in exponents(), k in 1_u32..9) {
        let (positive, negative) = (power(&x), power(&-&x));
        prop_assert!(positive.mul(&negative, PRECISION).contains(&Rational::one()));
        prop_assert!(overlap(&positive.powi(k.into(), PRECISION), &power(&(&x * whole(k)))));
    }
}
