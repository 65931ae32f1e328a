//! Our arithmetic against GMP and MPFR (feature `gmp`).
//!
//! What is compared, exactly:
//!
//! 1. Exact operations (integers, rationals, dyadics, integer parts) equal GMP's results.
//! 2. Correctly rounded operations (directed rounding of dyadics and rationals; `+ - · / √` of single
//!    numbers) equal MPFR's results in the same direction at the same precision, endpoint by endpoint.
//! 3. `exp`, `ln`, `log2` at `p` bits: MPFR evaluates at `p + 100` bits (logarithms: `p + 400`), rounded down to `d` and up to `u`,
//!    so the true value lies in `[d, u]`; we require `lo ≤ d` and `u ≤ hi`.
//!    For a dyadic argument, which MPFR takes exactly, this is equivalent to `lo ≤ value ≤ hi`: our
//!    endpoints have fewer bits than MPFR's results, so a `lo` at most the value is at most `d`.
//!    For other rationals the argument is first rounded in the same direction with 100 bits more, and
//!    the functions increase; the requirement is then stricter than containment by a relative
//!    `2^-(p+90)` or less, and no argument here comes that near to an endpoint.
//! 4. Fixed-point rounding equals MPFR's `floor`, `ceil`, `trunc` and `round_even` of the scaled value.
//! 5. Cosine and sine of parts of a turn: MPFR's `cosu` and `sinu` take the residue and the modulus exactly, and are
//!    compared like `exp` of a dyadic; `1 - cos` of a step is `2·sinpi²` of a rounded argument.
//!    Our rounded multiples equal `round_even` of both ends of MPFR's bracket.
//!
//! The inputs are random with a fixed seed, each list led by corner cases; every test states its
//! number of cases, 40,000 in all and two tables.
#![cfg(feature = "gmp")]

use std::cmp::Ordering;

use attestor::numbers::circle::{cos_sin, one_minus_cos_of_step, pi, rounded_multiples};
use attestor::numbers::dyadic::Dyadic;
use attestor::numbers::exp::{exp, exp_neg_capped};
use attestor::numbers::fixed::{Rounding, round_to_fraction_bits};
use attestor::numbers::interval::Interval;
use attestor::numbers::log::{ln, log2};
use attestor::numbers::rational::{Rational, canonical, ceil, floor, parse, pow2, round_nearest_even};
use num_bigint::{BigInt, Sign};
use num_traits::{One, Signed, Zero};
use rug::float::{Constant, Round};
use rug::ops::{AddAssignRound, DivAssignRound, MulAssignRound, SubAssignRound};
use rug::{Float, Integer, integer::Order};

/// SplitMix64: a fixed sequence, so that a failure repeats.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn small(&mut self, bound: u32) -> u32 {
        u32::try_from(self.below(u64::from(bound))).expect("below a 32-bit bound")
    }

    fn exponent(&mut self, bound: u64) -> i64 {
        let magnitude = i64::try_from(self.below(bound)).expect("the bound is small");
        if self.next() & 1 == 0 { magnitude } else { -magnitude }
    }

    /// Up to `max_bits` bits; one time in four a power of two or a neighbour of one.
    fn integer(&mut self, max_bits: u64) -> BigInt {
        let bits = 1 + self.below(max_bits);
        let magnitude = if self.below(4) == 0 {
            (BigInt::one() << (bits - 1)) + BigInt::from(self.below(3)) - BigInt::one()
        } else {
            let words = bits.div_ceil(32);
            let digits = (0..words).map(|_| self.small(u32::MAX)).collect();
            BigInt::new(Sign::Plus, digits) >> (words * 32 - bits)
        };
        if self.next() & 1 == 0 { magnitude } else { -magnitude }
    }

    fn dyadic(&mut self, max_bits: u64) -> Dyadic {
        let exponent = self.exponent(200);
        Dyadic::new(self.integer(max_bits), exponent)
    }

    fn rational(&mut self, max_bits: u64) -> Rational {
        let denominator = self.integer(max_bits).abs().max(BigInt::one());
        Rational::new(self.integer(max_bits), denominator)
    }
}

fn to_gmp(integer: &BigInt) -> Integer {
    let (sign, digits) = integer.to_u32_digits();
    let magnitude = Integer::from_digits(&digits, Order::Lsf);
    if sign == Sign::Minus { -magnitude } else { magnitude }
}

fn to_gmp_rational(value: &Rational) -> rug::Rational {
    rug::Rational::from((to_gmp(value.numer()), to_gmp(value.denom())))
}

fn from_gmp(integer: &Integer) -> BigInt {
    let sign = if *integer < 0 { Sign::Minus } else { Sign::Plus };
    let mut digits = vec![0_u32; integer.significant_digits::<u32>()];
    integer.write_digits(&mut digits, Order::Lsf);
    BigInt::new(sign, digits)
}

/// A float that holds the dyadic exactly.
fn to_mpfr(value: &Dyadic) -> Float {
    let bits = u32::try_from(value.bits().max(2)).expect("test numbers are short");
    let exponent = i32::try_from(value.exponent()).expect("test exponents are small");
    Float::with_val(bits, to_gmp(value.mantissa())) << exponent
}

#[track_caller]
fn from_mpfr(value: &Float) -> Dyadic {
    let (mantissa, exponent) = value.to_integer_exp().expect("MPFR's result is finite");
    Dyadic::new(from_gmp(&mantissa), i64::from(exponent))
}

/// The only two directions an enclosure knows.
const DIRECTIONS: [Round; 2] = [Round::Down, Round::Up];

/// `[d, u]` from a computation that is given its rounding direction.
#[track_caller]
fn bracket(compute: impl Fn(Round) -> Float) -> Interval {
    let [down, up] = DIRECTIONS.map(|direction| from_mpfr(&compute(direction)));
    Interval::new(down, up).expect("MPFR rounds in the stated direction")
}

#[track_caller]
fn assert_encloses(outer: &Interval, inner: &Interval, what: &str) {
    assert!(outer.lo() <= inner.lo() && inner.hi() <= outer.hi(), "{what}: {outer} misses {inner}");
}

#[test]
fn exact_operations_equal_gmp() {
    const CASES: usize = 5_000;
    let mut random = Random(1);
    for case in 0..CASES {
        let (x, y) = (random.rational(200), random.rational(200));
        let (u, v) = (to_gmp_rational(&x), to_gmp_rational(&y));
        let equal = |ours: Rational, gmp: rug::Rational| assert_eq!(canonical(&ours), gmp.to_string());
        equal(&x + &y, rug::Rational::from(&u + &v));
        equal(&x - &y, rug::Rational::from(&u - &v));
        equal(&x * &y, rug::Rational::from(&u * &v));
        if !y.is_zero() {
            equal(&x / &y, rug::Rational::from(&u / &v));
        }
        assert_eq!(x.cmp(&y), u.cmp(&v), "case {case}");
        equal(parse(&u.to_string()).expect("GMP's text is ours"), u.clone());
        assert_eq!(to_gmp(&floor(&x)), u.clone().floor().into_numer_denom().0);
        assert_eq!(to_gmp(&ceil(&x)), u.clone().ceil().into_numer_denom().0);
        let exponent = random.exponent(300);
        let shift = i32::try_from(exponent).expect("small");
        equal(&x * pow2(exponent), u.clone() << shift);
    }
}

#[test]
fn dyadic_operations_equal_gmp() {
    const CASES: usize = 5_000;
    let mut random = Random(2);
    for _ in 0..CASES {
        let (a, b) = (random.dyadic(300), random.dyadic(300));
        let (x, y) = (to_mpfr(&a), to_mpfr(&b));
        let rationals = [&x, &y].map(|float| float.to_rational().expect("finite"));
        let [u, v] = &rationals;
        assert_eq!(to_gmp_rational(&(&a + &b).to_rational()), rug::Rational::from(u + v));
        assert_eq!(to_gmp_rational(&(&a - &b).to_rational()), rug::Rational::from(u - v));
        assert_eq!(to_gmp_rational(&(&a * &b).to_rational()), rug::Rational::from(u * v));
        assert_eq!(Some(a.cmp(&b)), x.partial_cmp(&y));
        let third = random.rational(100);
        assert_eq!(a.cmp_rational(&third), u.cmp(&to_gmp_rational(&third)));
        assert_eq!(from_mpfr(&x), a);
    }
}

#[test]
fn directed_rounding_equals_mpfr() {
    const CASES: usize = 5_000;
    let mut random = Random(3);
    for _ in 0..CASES {
        let precision = 1 + random.small(250);
        let (a, x) = (random.dyadic(300), random.rational(200));
        let float =
            |value: &Dyadic, direction| from_mpfr(&Float::with_val_round(precision, to_mpfr(value), direction).0);
        assert_eq!(a.round_down(precision), float(&a, Round::Down));
        assert_eq!(a.round_up(precision), float(&a, Round::Up));
        let quotient = |direction| from_mpfr(&Float::with_val_round(precision, to_gmp_rational(&x), direction).0);
        assert_eq!(Dyadic::rational_down(&x, precision), quotient(Round::Down));
        assert_eq!(Dyadic::rational_up(&x, precision), quotient(Round::Up));
    }
}

#[test]
fn interval_endpoints_equal_mpfr_on_single_numbers() {
    const CASES: usize = 5_000;
    let mut random = Random(4);
    for _ in 0..CASES {
        let precision = 1 + random.small(200);
        // No longer than the precision: then our sums are correctly rounded even when one summand
        // is far below the other.
        let longest = u64::from(precision);
        let (a, b) = (random.dyadic(longest), random.dyadic(longest));
        let (x, y) = (Interval::exact(a.clone()), Interval::exact(b.clone()));
        let other = to_mpfr(&b);
        let start = || Float::with_val(precision, to_mpfr(&a));
        let mpfr = |operation: &dyn Fn(&mut Float, Round)| {
            bracket(|direction| {
                let mut value = start();
                operation(&mut value, direction);
                value
            })
        };
        let sum = mpfr(&|value, direction| {
            value.add_assign_round(&other, direction);
        });
        assert_eq!(x.add(&y, precision), sum);
        let difference = mpfr(&|value, direction| {
            value.sub_assign_round(&other, direction);
        });
        assert_eq!(x.sub(&y, precision), difference);
        let product = mpfr(&|value, direction| {
            value.mul_assign_round(&other, direction);
        });
        assert_eq!(x.mul(&y, precision), product);
        match x.div(&y, precision) {
            None => assert!(b.is_zero()),
            Some(quotient) => {
                let theirs = mpfr(&|value, direction| {
                    value.div_assign_round(&other, direction);
                });
                assert_eq!(quotient, theirs);
            }
        }
        match x.sqrt(precision) {
            None => assert!(a.is_negative()),
            Some(root) => assert_eq!(
                root,
                mpfr(&|value, direction| {
                    value.sqrt_round(direction);
                })
            ),
        }
    }
}

#[test]
fn long_operands_are_enclosed() {
    const CASES: usize = 2_000;
    let mut random = Random(5);
    for _ in 0..CASES {
        let precision = 1 + random.small(60);
        let (a, b) = (random.dyadic(400), random.dyadic(400));
        let sum = Interval::exact(a.clone()).add(&Interval::exact(b.clone()), precision);
        assert!(sum.contains_dyadic(&(&a + &b)));
        let root = Interval::exact(a.abs()).sqrt(precision).expect("not negative");
        let exact = to_mpfr(&a.abs());
        let theirs = bracket(|direction| Float::with_val_round(precision, exact.sqrt_ref(), direction).0);
        assert_eq!(root, theirs);
    }
}

/// Arguments of `exp`: corners first, then random ones of every size up to 2^20.
fn exp_argument(case: usize, random: &mut Random) -> Rational {
    let corners = [
        "1",
        "-1",
        "2",
        "-2",
        "1/2",
        "1/3",
        "-1/3",
        "2^-60",
        "-2^-60",
        "2^-300",
        "-2^-300",
        "2^20",
        "-2^20",
        "709.78",
        "-745.14",
        "0.6931471805599453",
        "-0.6931471805599453",
        "255/256",
        "257/256",
        "1000000",
        "99999.99999",
    ];
    if let Some(corner) = corners.get(case) {
        return parse(corner).expect("the row is well formed");
    }
    loop {
        let magnitude = random.exponent(40).min(20);
        let mantissa = Rational::new(random.integer(64), BigInt::one() << 64_u32);
        let scaled = mantissa * pow2(magnitude);
        // Half of the arguments are dyadic, half have another denominator.
        let divisor = if case.is_multiple_of(2) { 1 } else { 3 + 2 * random.below(500) };
        if !scaled.is_zero() {
            return scaled / BigInt::from(divisor);
        }
    }
}

/// MPFR's bracket of an increasing function at a rational argument: see the third rule above.
#[track_caller]
fn increasing(x: &Rational, precision: u32, function: fn(&mut Float, Round)) -> Interval {
    bracket(|direction| {
        let argument_bits = match Dyadic::from_rational(x) {
            Some(exact) => u32::try_from(exact.bits()).expect("short").max(precision + 200),
            None => precision + 200,
        };
        let mut value = Float::with_val_round(argument_bits, to_gmp_rational(x), direction).0;
        function(&mut value, direction);
        value.set_prec_round(precision + 100, direction);
        value
    })
}

#[test]
fn exp_encloses_mpfr() {
    const CASES: usize = 6_000;
    let precisions = [1, 2, 8, 24, 53, 64, 100, 128, 256, 1024];
    let mut random = Random(6);
    for case in 0..CASES {
        let x = exp_argument(case, &mut random);
        let precision = precisions[case % precisions.len()];
        let ours = exp(&x, precision).expect("within the limit");
        let theirs = increasing(&x, precision, |value, direction| {
            value.exp_round(direction);
        });
        assert_encloses(&ours, &theirs, &format!("exp({x}) at {precision}"));
        assert!(ours.is_relatively_narrow(precision));
        let capped = exp_neg_capped(&x.abs(), precision, -200);
        let below = increasing(&-x.abs(), precision, |value, direction| {
            value.exp_round(direction);
        });
        assert_encloses(&capped, &below, &format!("capped exp(-|{x}|) at {precision}"));
    }
}

/// Arguments of the logarithms: corners near 1 and far away, then random ones.
fn log_argument(case: usize, random: &mut Random) -> Rational {
    let offsets = [-2, -1, 1, 2].map(|numerator| Rational::from_integer(BigInt::from(numerator)));
    let near_one = [3, 20, 64, 300].map(|places| pow2(-places));
    if case < 16 {
        return Rational::one() + &offsets[case % 4] * &near_one[case / 4];
    }
    let corners = ["2", "3", "1/3", "4/3", "2/3", "10", "2^1000", "3*2^-1000", "1000003", "0.1"];
    if let Some(corner) = corners.get(case - 16) {
        return parse(corner).expect("the row is well formed");
    }
    loop {
        let x = random.rational(80).abs();
        if !x.is_zero() && !x.is_one() {
            return x * pow2(random.exponent(50));
        }
    }
}

#[test]
fn logarithms_enclose_mpfr() {
    const CASES: usize = 4_000;
    let precisions = [1, 2, 8, 24, 53, 64, 100, 128, 256];
    let mut random = Random(7);
    for case in 0..CASES {
        let x = log_argument(case, &mut random);
        let precision = precisions[case % precisions.len()];
        // MPFR's argument may not be exact, and near 1 the logarithm magnifies its error: 300 bits
        // more keep the bracket narrow.
        let natural = increasing(&x, precision + 300, |value, direction| {
            value.ln_round(direction);
        });
        let ours = ln(&x, precision).expect("positive");
        assert_encloses(&ours, &natural, &format!("ln({x}) at {precision}"));
        let binary = increasing(&x, precision + 300, |value, direction| {
            value.log2_round(direction);
        });
        let ours = log2(&x, precision).expect("positive");
        assert_encloses(&ours, &binary, &format!("log2({x}) at {precision}"));
    }
    let ln_two = ln(&pow2(1), 2_000).expect("positive");
    assert_encloses(&ln_two, &bracket(|direction| Float::with_val_round(2_100, Constant::Log2, direction).0), "ln 2");
}

/// MPFR's brackets of `cos` and `sin` of `numerator/modulus` of a turn, of relative width `2^-bits`.
#[track_caller]
fn circle(numerator: u32, modulus: u32, bits: u32) -> (Interval, Interval) {
    let value = |function: fn(&mut Float, u32, Round) -> Ordering| {
        bracket(|direction| {
            let mut value = Float::with_val(bits, numerator);
            function(&mut value, modulus, direction);
            value
        })
    };
    (value(Float::cos_u_round), value(Float::sin_u_round))
}

#[test]
fn circle_encloses_mpfr() {
    const CASES: usize = 4_000;
    let precisions = [1, 2, 8, 24, 53, 64, 100, 128, 256, 1024];
    let mut random = Random(9);
    for case in 0..CASES {
        let precision = precisions[case % precisions.len()];
        assert_encloses(
            &pi(precision),
            &bracket(|direction| Float::with_val_round(precision + 100, Constant::Pi, direction).0),
            "π",
        );
        let modulus = if case.is_multiple_of(2) { 1 + random.small(100) } else { 1 + random.small(u32::MAX) };
        let numerator = random.small(u32::MAX) % (2 * modulus.min(1 << 30));
        let (cos, sin) = cos_sin(numerator.into(), modulus.into(), precision);
        let (their_cos, their_sin) = circle(numerator, modulus, precision + 200);
        assert_encloses(&cos, &their_cos, &format!("cos({numerator}/{modulus}) at {precision}"));
        assert_encloses(&sin, &their_sin, &format!("sin({numerator}/{modulus}) at {precision}"));

        // 1 - cos(2π/M) = 2·sin²(π/M) increases with 1/M for M ≥ 2.
        let modulus = (random.next() >> random.below(63)).max(2);
        let theirs = bracket(|direction| {
            let mut value = Float::with_val_round(precision + 200, rug::Rational::from((1, modulus)), direction).0;
            value.sin_pi_round(direction);
            value.square_round(direction);
            value << 1
        });
        let ours = one_minus_cos_of_step(modulus, precision);
        // For the moduli 3 and 6 ours is one number, and MPFR's argument is not exact.
        let (outer, inner) = if ours.width().is_zero() { (&theirs, &ours) } else { (&ours, &theirs) };
        assert_encloses(outer, inner, &format!("1 - cos(2π/{modulus}) at {precision}"));
    }
}

#[test]
fn rounded_circles_equal_mpfr() {
    for (modulus, scale, fraction_bits) in [(8192, "16777213", 40), (1000, "23552/7", 33)] {
        let scale = parse(scale).expect("the row is well formed");
        let table = rounded_multiples(modulus.into(), &scale, fraction_bits);
        let factor = scale * pow2(i64::from(fraction_bits));
        assert_eq!(table.len(), usize::try_from(modulus).expect("a table fits in memory"));
        for (numerator, ours) in (0..modulus).zip(table) {
            let (cos, sin) = circle(numerator, modulus, 200);
            for (theirs, ours) in [(cos, ours.0), (sin, ours.1)] {
                for end in [theirs.lo(), theirs.hi()] {
                    let scaled = Float::with_val(300, to_gmp_rational(&(end.to_rational() * &factor)));
                    assert_eq!(from_gmp(&scaled.round_even().to_integer().expect("finite")), ours);
                }
            }
        }
    }
}

#[test]
fn fixed_point_rounding_equals_mpfr() {
    const CASES: usize = 4_000;
    let mut random = Random(8);
    for case in 0..CASES {
        let fraction_bits = random.small(40);
        // Every other value is a tie or one denominator's step away from one.
        let x = if case.is_multiple_of(2) {
            let tie = Rational::new(random.integer(60) * 2_u32 + 1_u32, BigInt::one() << (fraction_bits + 1));
            let nudge = Rational::from_integer(BigInt::from(random.below(3)) - 1_i32) * pow2(-150);
            tie + nudge
        } else {
            random.rational(100)
        };
        // Truncated to 600 bits, the scaled value stays on its side of every integer and of
        // every tie: it is one of them, or differs by at least 2^-250.
        let shift = i32::try_from(fraction_bits).expect("small");
        let scaled = Float::with_val_round(600, to_gmp_rational(&x), Round::Zero).0 << shift;
        let integer = |value: Float| from_gmp(&value.to_integer().expect("finite"));
        let rows = [
            (Rounding::Down, scaled.clone().floor()),
            (Rounding::Up, scaled.clone().ceil()),
            (Rounding::TowardZero, scaled.clone().trunc()),
            (Rounding::NearestEven, scaled.clone().round_even()),
        ];
        for (mode, theirs) in rows {
            assert_eq!(round_to_fraction_bits(&x, fraction_bits, mode), integer(theirs), "{x} {mode}");
        }
        assert_eq!(round_nearest_even(&(&x * pow2(i64::from(fraction_bits)))), integer(scaled.round_even()));
    }
}
