//! Laws of the numbers layer, on random arguments with shrinking.
//!
//! Every enclosure is tested two ways: against a slower or exact twin, and by a functional law.

use std::cmp::Ordering;

use attestor::numbers::dyadic::Dyadic;
use attestor::numbers::exp::{exp, exp_neg_capped};
use attestor::numbers::fixed::{Format, Rounding, round_to_fraction_bits, signed_bits};
use attestor::numbers::interval::Interval;
use attestor::numbers::log::{ln, log2};
use attestor::numbers::rational::{
    Rational, canonical, ceil, decimal_down, decimal_up, floor, parse, pow2, round_nearest_even,
};
use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};
use proptest::prelude::{Strategy, any, prop_oneof, proptest};
use proptest::sample::select;
use proptest::{prop_assert, prop_assert_eq};

/// Integers that provoke carries: small ones, powers of two and their neighbours, and long ones.
fn integers() -> impl Strategy<Value = BigInt> {
    prop_oneof![
        (-9_i64..=9).prop_map(BigInt::from),
        any::<i64>().prop_map(BigInt::from),
        (0_u32..200, -1_i64..=1, any::<bool>()).prop_map(|(exponent, offset, negative)| {
            let near_power = (BigInt::one() << exponent) + offset;
            if negative { -near_power } else { near_power }
        }),
        (any::<i128>(), any::<i128>()).prop_map(|(a, b)| BigInt::from(a) * BigInt::from(b)),
    ]
}

/// Rationals with denominators that are 1, powers of two, small, or long.
fn rationals() -> impl Strategy<Value = Rational> {
    let denominators = prop_oneof![
        (0_u32..90).prop_map(|exponent| BigInt::one() << exponent),
        integers().prop_map(|integer| integer.abs().max(BigInt::one())),
    ];
    (integers(), denominators).prop_map(|(numerator, denominator)| Rational::new(numerator, denominator))
}

/// Arguments of `exp` within ±`bound`, among them 0, integers and numbers very near 0.
fn arguments(bound: i64) -> impl Strategy<Value = Rational> {
    prop_oneof![
        (-bound..=bound).prop_map(|integer| Rational::from_integer(integer.into())),
        (-bound * 1_000_000..=bound * 1_000_000, 1_000_000_i64..2_000_000)
            .prop_map(|(numerator, denominator)| Rational::new(numerator.into(), denominator.into())),
        (-3_i64..=3, 1_i64..300).prop_map(|(integer, places)| pow2(-places) * BigInt::from(integer)),
    ]
}

fn dyadics() -> impl Strategy<Value = Dyadic> {
    (integers(), -100_i64..100).prop_map(|(mantissa, exponent)| Dyadic::new(mantissa, exponent))
}

/// Intervals of every sign pattern, single points included.
fn intervals() -> impl Strategy<Value = Interval> {
    (dyadics(), dyadics(), any::<bool>()).prop_map(|(a, b, is_point)| {
        let other = if is_point { a.clone() } else { b };
        let (lo, hi) = if a <= other { (a, other) } else { (other, a) };
        Interval::new(lo, hi).expect("ordered on the line above")
    })
}

/// A rational point of the interval: `lo + weight·(hi - lo)/1000`.
fn point(interval: &Interval, weight: i64) -> Rational {
    interval.lo().to_rational() + interval.width().to_rational() * Rational::new(weight.into(), 1000.into())
}

fn overlap(left: &Interval, right: &Interval) -> bool {
    left.intersect(right).is_some()
}

/// Lemma D without any cleverness: a bracket of `e^|x|`, then the reciprocal; `|x| < n_terms`.
fn exp_by_lemma_d(x: &Rational, n_terms: u32) -> (Rational, Rational) {
    let magnitude = x.abs();
    let mut sum = Rational::zero();
    let mut term = Rational::one();
    for k in 0..n_terms {
        sum += &term;
        term = term * &magnitude / BigInt::from(k + 1);
    }
    let n = Rational::from_integer(n_terms.into());
    let above = &sum + term * &n / (&n - &magnitude);
    if x.is_negative() { (above.recip(), sum.recip()) } else { (sum, above) }
}

/// The definition of each rounding mode, by comparing with both neighbours.
fn is_rounding_of(integer: &BigInt, value: &Rational, rounding: Rounding) -> bool {
    let candidate = Rational::from_integer(integer.clone());
    let error = (&candidate - value).abs();
    let half = Rational::new(1.into(), 2.into());
    match rounding {
        Rounding::Down => candidate <= *value && error < Rational::one(),
        Rounding::Up => *value <= candidate && error < Rational::one(),
        Rounding::TowardZero => candidate.abs() <= value.abs() && error < Rational::one(),
        Rounding::NearestEven => error < half || (error == half && (integer % 2_i32).is_zero()),
    }
}

proptest! {
    #[test]
    fn parse_inverts_canonical(x in rationals()) {
        prop_assert_eq!(parse(&canonical(&x)), Ok(x));
    }

    #[test]
    fn decimals_bracket_their_number(x in rationals(), digits in 1_u32..40) {
        // The scientific form is not input syntax: read it back as mantissa times a power of ten.
        let read = |text: String| match text.split_once('e') {
            None => parse(&text).unwrap(),
            Some((mantissa, exponent)) => {
                let ten = Rational::from_integer(10.into());
                parse(mantissa).unwrap() * ten.pow(exponent.parse().unwrap())
            }
        };
        let below = read(decimal_down(&x, digits));
        let above = read(decimal_up(&x, digits));
        prop_assert!(below <= x && x <= above);
        let ulp_bound = x.abs() * Rational::from_integer(10.into()).pow(1 - i32::try_from(digits).unwrap());
        prop_assert!(above - below <= ulp_bound);
    }

    #[test]
    fn integer_parts_obey_their_definitions(x in rationals()) {
        let value = |integer: BigInt| Rational::from_integer(integer);
        prop_assert!(value(floor(&x)) <= x && x < value(floor(&x) + 1));
        prop_assert_eq!(ceil(&x), -floor(&-&x));
        prop_assert!(is_rounding_of(&round_nearest_even(&x), &x, Rounding::NearestEven));
    }

    #[test]
    fn dyadics_are_a_subring_of_the_rationals(a in dyadics(), b in dyadics(), places in -50_i64..50) {
        let (x, y) = (a.to_rational(), b.to_rational());
        prop_assert_eq!(Dyadic::from_rational(&x), Some(a.clone()));
        prop_assert_eq!((&a + &b).to_rational(), &x + &y);
        prop_assert_eq!((&a - &b).to_rational(), &x - &y);
        prop_assert_eq!((&a * &b).to_rational(), &x * &y);
        prop_assert_eq!((-&a).to_rational(), -&x);
        prop_assert_eq!(a.abs().to_rational(), x.abs());
        prop_assert_eq!(a.shift(places).to_rational(), &x * pow2(places));
        prop_assert_eq!(a.to_string().parse::<Dyadic>(), Ok(a));
    }

    #[test]
    fn dyadic_order_is_rational_order(a in dyadics(), b in dyadics(), x in rationals()) {
        prop_assert_eq!(a.cmp(&b), a.to_rational().cmp(&b.to_rational()));
        prop_assert_eq!(a.cmp(&a.clone()), Ordering::Equal);
        prop_assert_eq!(a.cmp_rational(&x), a.to_rational().cmp(&x));
    }

    #[test]
    fn directed_roundings_bracket_within_one_unit(a in dyadics(), x in rationals(), precision in 1_u32..150) {
        for (exact, below, above) in [
            (a.to_rational(), a.round_down(precision), a.round_up(precision)),
            (x.clone(), Dyadic::rational_down(&x, precision), Dyadic::rational_up(&x, precision)),
        ] {
            prop_assert!(below.to_rational() <= exact && exact <= above.to_rational());
            prop_assert!(below.bits().max(above.bits()) <= u64::from(precision));
            let unit = exact.abs() * pow2(1 - i64::from(precision));
            prop_assert!(exact.is_zero() || (above.to_rational() - below.to_rational()) <= unit);
        }
    }

    #[test]
    fn interval_operations_contain_exact_points(
        a in intervals(), b in intervals(), s in 0_i64..=1000, t in 0_i64..=1000,
        precision in 1_u32..100, power in 0_u64..9,
    ) {
        let (x, y) = (point(&a, s), point(&b, t));
        prop_assert!(a.contains(&x) && b.contains(&y));
        prop_assert!(a.add(&b, precision).contains(&(&x + &y)));
        prop_assert!(a.sub(&b, precision).contains(&(&x - &y)));
        prop_assert!(a.mul(&b, precision).contains(&(&x * &y)));
        prop_assert!(a.neg().contains(&-&x));
        prop_assert!(a.shift(7).contains(&(&x * pow2(7))));
        prop_assert!(a.round_outward(precision).contains(&x));
        prop_assert!(a.powi(power, precision).contains(&x.pow(i32::try_from(power).unwrap())));
        prop_assert!(a.hull(&b).contains(&x) && a.hull(&b).contains(&y));
        prop_assert_eq!(a.intersect(&b).is_some_and(|both| both.contains(&x)), b.contains(&x));
        match a.div(&b, precision) {
            Some(quotient) => prop_assert!(quotient.contains(&(&x / &y))),
            None => prop_assert!(b.contains(&Rational::zero())),
        }
        match a.sqrt(precision) {
            // √x ∈ [lo, hi] if and only if lo² ≤ x ≤ hi², as 0 ≤ lo.
            Some(root) => {
                let squares = (root.lo() * root.lo(), root.hi() * root.hi());
                prop_assert!(!root.lo().is_negative());
                prop_assert!(Interval::new(squares.0, squares.1).unwrap().contains(&x));
            }
            None => prop_assert!(a.lo().is_negative()),
        }
    }

    #[test]
    fn interval_results_at_two_precisions_overlap_and_points_stay_narrow(
        a in dyadics(), b in dyadics(), precision in 2_u32..100,
    ) {
        let (x, y) = (Interval::exact(a.clone()), Interval::exact(b.clone()));
        let mut pairs = vec![
            (x.add(&y, precision), x.add(&y, 200)),
            (x.mul(&y, precision), x.mul(&y, 200)),
        ];
        pairs.extend(x.div(&y, precision).zip(x.div(&y, 200)));
        pairs.extend(x.sqrt(precision).zip(x.sqrt(200)));
        for (coarse, fine) in pairs {
            prop_assert!(overlap(&coarse, &fine));
            prop_assert!(coarse.is_relatively_narrow(precision - 2));
        }
    }

    #[test]
    fn exp_agrees_with_its_slow_twin(x in arguments(8), precision in 1_u32..190) {
        let fast = exp(&x, precision).unwrap();
        // 100 terms leave a relative error below 8^100/100!·(1 + 8/92) < 2^-200 for |x| ≤ 8, so an
        // enclosure that misses e^x by more than that does not meet the twin's.
        let (below, above) = exp_by_lemma_d(&x, 100);
        prop_assert!(fast.lo().to_rational() <= above && below <= fast.hi().to_rational());
        prop_assert!((&above - &below) <= &below * pow2(-200));
        prop_assert!(fast.is_relatively_narrow(precision));
    }

    #[test]
    fn exp_at_two_precisions_overlaps(x in arguments(100_000), p in 1_u32..150, q in 150_u32..400) {
        let (coarse, fine) = (exp(&x, p).unwrap(), exp(&x, q).unwrap());
        prop_assert!(overlap(&coarse, &fine));
        prop_assert!(coarse.is_relatively_narrow(p) && fine.is_relatively_narrow(q));
    }

    #[test]
    fn exp_turns_sums_into_products(a in arguments(3000), b in arguments(3000), p in 1_u32..200) {
        let product = exp(&a, p).unwrap().mul(&exp(&b, p).unwrap(), p);
        prop_assert!(overlap(&product, &exp(&(&a + &b), p + 7).unwrap()));
        let unit = exp(&a, p).unwrap().mul(&exp(&-a, p).unwrap(), p);
        prop_assert!(unit.contains(&Rational::one()));
    }

    #[test]
    fn exp_increases(a in arguments(50), b in arguments(50), p in 1_u32..100) {
        let (least, greatest) = if a <= b { (a, b) } else { (b, a) };
        prop_assert!(exp(&least, p).unwrap().lo() <= exp(&greatest, p).unwrap().hi());
    }

    #[test]
    fn capped_exp_is_exp_or_its_cap(x in arguments(400), p in 1_u32..100, floor_exponent in -600_i64..10) {
        let x = x.abs();
        let (capped, full) = (exp_neg_capped(&x, p, floor_exponent), exp(&-x, p).unwrap());
        let cap = Interval::new(Dyadic::zero(), Dyadic::power_of_two(floor_exponent.min(0))).unwrap();
        if capped == cap {
            prop_assert!(full.lo() <= cap.hi());
        } else {
            prop_assert_eq!(capped, full);
        }
    }

    #[test]
    fn ln_inverts_exp(x in arguments(5000), p in 8_u32..150) {
        // ln is increasing, so ln of the enclosure of e^x, from its two ends, contains x.
        let power = exp(&x, p).unwrap();
        let below = ln(&power.lo().to_rational(), p).unwrap();
        let above = ln(&power.hi().to_rational(), p).unwrap();
        prop_assert!(below.hull(&above).contains(&x));
        // The ends differ by a factor 1 + 2^-p, hence the logarithms by about 2^-p.
        let width = below.hull(&above).width().to_rational();
        prop_assert!(width <= (Rational::one() + x.abs()) * pow2(3 - i64::from(p)));
    }

    #[test]
    fn ln_turns_products_into_sums(a in rationals(), b in rationals(), p in 1_u32..150) {
        let (a, b) = (a.abs(), b.abs());
        match (ln(&a, p), ln(&b, p)) {
            (Some(left), Some(right)) => {
                let product = ln(&(&a * &b), p + 9).unwrap();
                prop_assert!(overlap(&left.add(&right, p), &product));
                prop_assert!(left.add(&ln(&a.recip(), p).unwrap(), p).contains(&Rational::zero()));
            }
            _ => prop_assert!(a.is_zero() || b.is_zero()),
        }
    }

    #[test]
    fn log2_is_bracketed_by_powers_of_two(x in rationals(), p in 1_u32..100) {
        let x = x.abs();
        let Some(enclosure) = log2(&x, p) else {
            prop_assert!(x.is_zero());
            return Ok(());
        };
        // 2^⌊lo⌋ ≤ x ≤ 2^⌈hi⌉, and log2(x)·ln 2 = ln x.
        let below = i64::try_from(floor(&enclosure.lo().to_rational())).unwrap();
        let above = i64::try_from(ceil(&enclosure.hi().to_rational())).unwrap();
        prop_assert!(pow2(below) <= x && x <= pow2(above));
        let two = ln(&Rational::from_integer(2.into()), p + 5).unwrap();
        prop_assert!(overlap(&enclosure.mul(&two, p + 5), &ln(&x, p).unwrap()));
        prop_assert!(enclosure.is_relatively_narrow(p));
    }

    #[test]
    fn fixed_point_rounding_obeys_its_definition(
        x in rationals(), fraction_bits in 0_u32..80, mode in select(Rounding::ALL.to_vec()),
    ) {
        let scaled = &x * pow2(i64::from(fraction_bits));
        let integer = round_to_fraction_bits(&x, fraction_bits, mode);
        prop_assert!(is_rounding_of(&integer, &scaled, mode));
        // Nearest-even and toward-zero commute with negation; down and up change places.
        let mirrored = match mode {
            Rounding::Down => Rounding::Up,
            Rounding::Up => Rounding::Down,
            same => same,
        };
        prop_assert_eq!(-round_to_fraction_bits(&-&x, fraction_bits, mirrored), integer.clone());
        // A word is a fixed point of every mode.
        let word = Rational::from_integer(integer.clone()) * pow2(-i64::from(fraction_bits));
        for again in Rounding::ALL {
            prop_assert_eq!(round_to_fraction_bits(&word, fraction_bits, again), integer.clone());
        }
    }

    #[test]
    fn a_format_takes_exactly_its_range(
        x in rationals(), bits in 1_u32..90, fraction_bits in 0_u32..60,
        mode in select(Rounding::ALL.to_vec()),
    ) {
        let format = Format::new(bits, fraction_bits).unwrap();
        let integer = round_to_fraction_bits(&x, fraction_bits, mode);
        let half_range = BigInt::one() << (bits - 1);
        let fits = -&half_range <= integer && integer < half_range;
        prop_assert_eq!(fits, signed_bits(&integer) <= u64::from(bits));
        match format.round(&x, mode) {
            Ok(word) => {
                prop_assert!(fits);
                prop_assert_eq!(word.value().to_rational(), Rational::from_integer(integer) * pow2(-i64::from(fraction_bits)));
            }
            Err(overflow) => {
                prop_assert!(!fits);
                prop_assert_eq!(overflow.needed_bits, signed_bits(&integer));
            }
        }
    }
}
