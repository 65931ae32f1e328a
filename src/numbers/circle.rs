//! Enclosures of π and of the cosine and sine of rational parts of a turn, and their correct rounding.
//!
//! Paper item: the keys and queries `(cos 2πa/M, sin 2πa/M)` of Thm 6, rounded to fixed-point words.
//!
//! In: a residue `a` of a modulus `M`, a rational scale `c`, and a precision or a number of fraction bits.
//! Out: enclosures of `cos 2πa/M` and `sin 2πa/M`, or the integers nearest to `2^f·c·cos` and `2^f·c·sin`.
//!
//! Invariant: only angles of at most an eighth of a turn are summed; the symmetries of the circle are exact.
//! A coordinate that is rational, by Niven's theorem one of 0, ±1/2 and ±1, is exact.
//!
//! Bounds proved: the relative widths of [`pi`] and [`one_minus_cos_of_step`], the absolute width of
//! [`cos_sin`]; and [`rounded_multiple`] and [`rounded_multiples`] are rounded correctly.
//!
//! Not here: other arguments of cosine and sine, and their inverses.

use num_bigint::{BigInt, BigUint};
use num_traits::{One, Zero};

use super::dyadic::{Dyadic, length};
use super::interval::Interval;
use super::rational::{Rational, divide_nearest_even, pow2, round_nearest_even};

/// Encloses π.
///
/// ```
/// use attestor::numbers::{circle::pi, rational::parse};
///
/// assert!(pi(64).is_relatively_narrow(64));
/// assert!(!pi(64).contains(&parse("3.141592653589793").unwrap()));
/// ```
///
/// *Requires*: nothing; a precision of 0 is read as 1.
///
/// *Ensures*: `lo ≤ π ≤ hi`, of relative width at most `2^-precision`, with endpoints of at most
/// `precision + 3` bits.
///
/// *Why*: Machin's formula `π = 16·arctan(1/5) - 4·arctan(1/239)`, in units of `2^-W`.
/// `arctan_reciprocal` gives both terms with errors below `n + 1`, and `n ≤ W/4 + 1` as `5^(2n-1) ≤ 2^W`; so the
/// error is below `E = 20·(n + 1) ≤ 5W + 40`, with the greater `n`.
/// With `b` the bit length of the precision and `W = precision + 10 + b`,
///
/// ```text
/// 2E ≤ 10·precision + 10b + 180 ≤ 10·2^b + 10·2^b + 90·2^b < 2^(b+7) = 2^(W-precision-3),
/// ```
///
/// and `π > 2`: the relative width is below `2^-(precision+3)`.
/// [`super::exp::exp`] says why rounding to `precision + 3` bits then leaves `2^-precision`.
///
/// *Source*: Machin's formula; no paper item.
#[must_use]
pub fn pi(precision: u32) -> Interval {
    let precision = precision.max(1);
    let working = u64::from(precision) + 10 + u64::from(precision.ilog2()) + 1;
    let (fifth, n_fifth) = arctan_reciprocal(5, working);
    let (small, n_small) = arctan_reciprocal(239, working);
    let sum: BigInt = (fifth << 4) - (small << 2);
    around(&sum, &BigInt::from(20 * (n_fifth.max(n_small) + 1)), working).round_outward(precision.saturating_add(3))
}

/// `arctan(1/k)` in units of `2^-W`, and the number `n ≥ 1` of terms added; `k ≥ 2`.
///
/// *Requires*: `2 ≤ k < 2^32`.
///
/// *Ensures*: the error is less than `n + 1` units, and `k^(2n-1) ≤ 2^W` or `n = 1`.
///
/// *Why*: `arctan(1/k) = Σ_i (-1)^i/((2i+1)·k^(2i+1))`. Floors of floors are floors, so each term added is the floor
/// of the true one: less than 1 away. The sum stops before the first term with `⌊2^W/k^(2n+1)⌋ = 0`; the terms
/// alternate and decrease, so the tail is at most that first term, below 1.
///
/// *Source*: the power series of arctan.
fn arctan_reciprocal(k: u64, working: u64) -> (BigInt, u64) {
    let mut power = (BigUint::one() << working) / k;
    let mut sum = BigInt::from(power.clone());
    let mut n_terms = 1_u64;
    loop {
        power /= k * k;
        if power.is_zero() {
            return (sum, n_terms);
        }
        let term = BigInt::from(&power / (2 * n_terms + 1));
        if n_terms % 2 == 1 {
            sum -= term;
        } else {
            sum += term;
        }
        n_terms += 1;
    }
}

/// `[centre - error, centre + error]·2^-working`.
fn around(centre: &BigInt, error: &BigInt, working: u64) -> Interval {
    let exponent = -length(working);
    Interval::new(Dyadic::new(centre - error, exponent), Dyadic::new(centre + error, exponent))
        .expect("the error is not negative")
}

/// Encloses `cos(2π·numerator/denominator)` and `sin(2π·numerator/denominator)`.
///
/// ```
/// use attestor::numbers::{circle::cos_sin, dyadic::Dyadic};
///
/// let (cos, sin) = cos_sin(1, 6, 64);
/// assert_eq!(cos.to_string(), "[1*2^-1, 1*2^-1]");
/// assert!(sin.is_positive() && sin.width() <= Dyadic::power_of_two(-64));
/// ```
///
/// *Requires*: `1 ≤ denominator`; a denominator of 0 is a bug of the caller and panics.
///
/// *Ensures*: each interval contains its value and has a width of at most `2^-precision`; the values 0, ±1/2 and ±1,
/// the only rational ones, are exact.
///
/// *Why*: `Octant::fixed` leaves `2h = 6(n + 1) ≤ 6(W + 2)` units of `2^-W`. With `b` the bit length of the
/// precision, at least 1, and `W = precision + 6 + b`,
///
/// ```text
/// 6(W + 2) = 6·precision + 6b + 48 ≤ 6·2^b + 6·2^b + 24·2^b < 2^(b+6) = 2^(W-precision).
/// ```
///
/// *Source*: power series and symmetries; the rational values are Niven's theorem. No paper item.
#[must_use]
pub fn cos_sin(numerator: u64, denominator: u64, precision: u32) -> (Interval, Interval) {
    cos_sin_of_turn(u128::from(numerator), u128::from(denominator), u64::from(precision))
}

/// [`cos_sin`] for the wider numbers that half a step of a 64-bit modulus needs, all below `2^66`.
fn cos_sin_of_turn(numerator: u128, denominator: u128, precision: u64) -> (Interval, Interval) {
    let octant = Octant::new(numerator, denominator);
    let working = precision + 6 + u64::from(precision.max(1).ilog2()) + 1;
    let fixed = octant.fixed(&scaled_pi(working), working);
    let cos = around(&fixed.cos.value, &fixed.cos.error, working);
    let sin = around(&fixed.sin.value, &fixed.sin.error, working);
    octant.place((cos, sin), |interval| interval.neg())
}

/// Encloses `1 - cos(2π/modulus)` with a relative width that does not depend on the modulus.
///
/// ```
/// use attestor::numbers::circle::one_minus_cos_of_step;
///
/// assert_eq!(one_minus_cos_of_step(3, 64).to_string(), "[3*2^-1, 3*2^-1]");
/// assert!(one_minus_cos_of_step(u64::MAX, 64).is_relatively_narrow(64));
/// ```
///
/// *Requires*: `1 ≤ modulus`; a modulus of 0 is a bug of the caller and panics. A precision of 0 is read as 1.
///
/// *Ensures*: contains `1 - cos(2π/modulus)`, with a relative width of at most `2^-precision` and endpoints of at most
/// `precision + 3` bits; exact for the moduli 1, 2, 3, 4 and 6, where the cosine is rational.
///
/// *Why*: `1 - cos 2x = 2·sin² x` with `x = π/M`, and `sin x ≥ 2x/π = 2/M` as `x ≤ π/2`.
/// With `m` the bit length of `M`, the sine's width is at most `2^-(precision+m+5)`, its lower end above
/// `2/M - 2^-(m+5) ≥ 1/M > 2^-m`, and its relative width at most `δ = 2^-(precision+5)`.
/// That of the square is at most `2δ + δ² < 2^-(precision+3)`, and [`super::exp::exp`] says why rounding to
/// `precision + 3` bits then leaves `2^-precision`.
///
/// *Source*: the half-angle formula; no paper item.
#[must_use]
pub fn one_minus_cos_of_step(modulus: u64, precision: u32) -> Interval {
    let precision = precision.max(1);
    let (cos, _) = cos_sin(1, modulus, 1);
    if cos.width().is_zero() {
        return Interval::exact(&Dyadic::one() - cos.lo());
    }
    let working = u64::from(precision) + u64::from(modulus.ilog2()) + 6;
    let (_, sin) = cos_sin_of_turn(1, 2 * u128::from(modulus), working);
    sin.mul(&sin, precision.saturating_add(3)).shift(1)
}

/// The integers nearest to `2^f·c·cos(2πa/M)` and `2^f·c·sin(2πa/M)`, ties to even.
///
/// Here `a` is the numerator, `M` the modulus, `c` the scale and `f` the number of fraction bits; so the results are
/// `2^f` times the fixed-point numbers nearest to the scaled coordinates.
///
/// ```
/// use attestor::numbers::{circle::rounded_multiple, rational::parse};
///
/// let scale = parse("10").unwrap();
/// assert_eq!(rounded_multiple(1, 8, &scale, 0), (7.into(), 7.into()));
/// assert_eq!(rounded_multiple(1, 6, &scale, 4), (80.into(), 139.into()));
/// ```
///
/// *Requires*: `1 ≤ modulus`; a modulus of 0 is a bug of the caller and panics.
///
/// *Ensures*: correct rounding to nearest, ties to even.
///
/// *Why*: if both ends of an enclosure round to `k`, so does all between them. An exact value has one end.
/// An enclosure that is not narrow enough is repeated with twice the precision, which ends: a value that is not
/// exact is 0, with a scale of 0, or irrational, so that it has a positive distance from every tie.
///
/// *Source*: Ziv's strategy; the scaled words are those of Thm 6.
#[must_use]
pub fn rounded_multiple(numerator: u64, modulus: u64, scale: &Rational, fraction_bits: u32) -> (BigInt, BigInt) {
    let factor = scale * pow2(i64::from(fraction_bits));
    let end = |end: &Dyadic| round_nearest_even(&(&factor * end.to_rational()));
    let round = |enclosure: &Interval| {
        let (lo, hi) = (end(enclosure.lo()), end(enclosure.hi()));
        (lo == hi).then_some(lo)
    };
    let mut precision = first_precision(&factor);
    loop {
        let (cos, sin) = cos_sin_of_turn(u128::from(numerator), u128::from(modulus), precision);
        if let (Some(cos), Some(sin)) = (round(&cos), round(&sin)) {
            return (cos, sin);
        }
        precision *= 2;
    }
}

/// The bits before the point of `factor`, and 40 more; a rounding then fails less than once in `2^30` times.
fn first_precision(factor: &Rational) -> u64 {
    (factor.numer().bits() + 1).saturating_sub(factor.denom().bits()) + 40
}

/// [`rounded_multiple`] for all residues `0, …, modulus - 1`.
///
/// ```
/// use attestor::numbers::{circle::rounded_multiples, rational::parse};
///
/// let table = rounded_multiples(4, &parse("1/3").unwrap(), 2);
/// assert_eq!(table, [(1, 0), (0, 1), (-1, 0), (0, -1)].map(|(x, y)| (x.into(), y.into())));
/// ```
///
/// *Requires*: a table of that length fits in memory; otherwise it panics.
///
/// *Ensures*: `result[a] == rounded_multiple(a, modulus, scale, fraction_bits)`.
///
/// *Why*: residues whose angles have the same `φ` differ by a symmetry that swaps coordinates and their signs.
/// Rounding to nearest, ties to even, is odd; so it commutes with the symmetry, and each `φ` is rounded once.
/// The argument of [`rounded_multiple`] holds for each coordinate of `φ`.
///
/// *Source*: the symmetries of the circle.
#[must_use]
pub fn rounded_multiples(modulus: u64, scale: &Rational, fraction_bits: u32) -> Vec<(BigInt, BigInt)> {
    let factor = scale * pow2(i64::from(fraction_bits));
    let rounder = Rounder::new(&factor, first_precision(&factor));
    let n_parts = usize::try_from(modulus / 2 + 1).expect("a table fits in memory");
    let mut known: Vec<Option<(BigInt, BigInt)>> = vec![None; n_parts];
    let mut table = Vec::with_capacity(usize::try_from(modulus).expect("a table fits in memory"));
    for numerator in 0..modulus {
        let octant = Octant::new(u128::from(numerator), u128::from(modulus));
        let part = usize::try_from(octant.part).expect("a part is at most half of the modulus");
        let (cos, sin) = known[part].get_or_insert_with(|| rounder.round(&octant)).clone();
        table.push(octant.place((cos, sin), |integer| -integer));
    }
    table
}

/// The fixed-point arithmetic of one table.
struct Rounder<'a> {
    factor: &'a Rational,
    /// `W`.
    working: u64,
    /// That of `W`.
    scaled_pi: BigUint,
}

impl Rounder<'_> {
    fn new(factor: &Rational, working: u64) -> Rounder<'_> {
        Rounder { factor, working, scaled_pi: scaled_pi(working) }
    }

    /// The rounded multiples of the cosine and the sine of `φ`.
    fn round(&self, octant: &Octant) -> (BigInt, BigInt) {
        let fixed = octant.fixed(&self.scaled_pi, self.working);
        match (self.round_coordinate(&fixed.cos), self.round_coordinate(&fixed.sin)) {
            (Some(cos), Some(sin)) => (cos, sin),
            // Rare, so the next precision is not kept.
            _ => Rounder::new(self.factor, 2 * self.working).round(octant),
        }
    }

    /// The integer that all of `factor·(value ± error)·2^-W` rounds to, if there is one.
    fn round_coordinate(&self, coordinate: &Coordinate) -> Option<BigInt> {
        let denominator = self.factor.denom() << self.working;
        let end = |end: &BigInt| divide_nearest_even(&(self.factor.numer() * end), &denominator);
        let lo = end(&(&coordinate.value - &coordinate.error));
        if coordinate.error.is_zero() {
            return Some(lo);
        }
        (lo == end(&(&coordinate.value + &coordinate.error))).then_some(lo)
    }
}

/// An angle `2πa/M` as a point of the first eighth of the circle and the symmetry that moves it into place.
///
/// Representation: `2πa/M = (π/2)·(quadrant ± part/modulus)` up to whole turns, with `part ≤ modulus/2` and
/// the sign `-` if `is_below`; so `φ = (π/2)·part/modulus ≤ π/4`.
struct Octant {
    quadrant: u128,
    is_below: bool,
    part: u128,
    modulus: u128,
}

impl Octant {
    /// The octant of `2π·numerator/modulus`.
    ///
    /// *Requires*: `1 ≤ modulus`, and both numbers below `2^66`.
    ///
    /// *Ensures*: the invariant of [`Octant`].
    ///
    /// *Why*: `k = ⌊(8a + M)/(2M)⌋` gives `2kM ≤ 8a + M < 2(k+1)M`, so `-M ≤ 2(4a - kM) < M`, and
    /// `2πa/M = (π/2)·(k + (4a - kM)/M)`.
    ///
    /// *Source*: the integer nearest to `4a/M`.
    fn new(numerator: u128, modulus: u128) -> Octant {
        assert!(modulus != 0, "a part of a turn needs a denominator of at least 1");
        let four_a = 4 * (numerator % modulus);
        let nearest = (2 * four_a + modulus) / (2 * modulus);
        let reached = nearest * modulus;
        Octant { quadrant: nearest % 4, is_below: four_a < reached, part: four_a.abs_diff(reached), modulus }
    }

    /// Cosine and sine of `φ` in units of `2^-W`; `scaled_pi` is that of `W`.
    ///
    /// *Requires*: `1 ≤ W`.
    ///
    /// *Ensures*: each true value differs from `value` by at most `error` units, which is 0 if the true value is
    /// rational and else `3(n + 1)` with `n ≤ W + 1`.
    ///
    /// *Why*: by Niven's theorem the rational values of cosine and sine at rational parts of a turn are 0, ±1/2
    /// and ±1. As `0 ≤ φ ≤ π/4`, that leaves `cos φ = 1` and `sin φ = 0` at `φ = 0`, and `sin φ = 1/2` at `φ = π/6`,
    /// where `3·part = modulus`.
    /// Otherwise let `P` be `scaled_pi` and `A = ⌊P·part/(2·modulus)⌋`. As `P ≤ 2^W·π < P + 2` and
    /// `part/(2·modulus) ≤ 1/4`, we have `0 ≤ 2^W·φ - A < 2`, which `taylor` requires.
    ///
    /// *Source*: I. Niven, Irrational Numbers (1956), corollary 3.12.
    fn fixed(&self, scaled_pi: &BigUint, working: u64) -> Fixed {
        if self.part == 0 {
            return Fixed { cos: Coordinate::exact(BigInt::one() << working), sin: Coordinate::exact(BigInt::zero()) };
        }
        let mut fixed = taylor(&(scaled_pi * self.part / (2 * self.modulus)), working);
        if 3 * self.part == self.modulus {
            fixed.sin = Coordinate::exact(BigInt::one() << (working - 1));
        } else if 2 * self.part == self.modulus {
            // Both are √½. One enclosure for both keeps the symmetries of angles between two octants.
            fixed.sin = fixed.cos.clone();
        }
        fixed
    }

    /// The point of the angle from the one of `φ`.
    ///
    /// *Requires*: nothing.
    ///
    /// *Ensures*: `(cos, sin)` of the angle, exactly.
    ///
    /// *Why*: `-φ` mirrors the sine, and a quarter of a turn takes `(x, y)` to `(-y, x)`.
    ///
    /// *Source*: the symmetries of the circle.
    fn place<T>(&self, (x, y): (T, T), neg: impl Fn(&T) -> T) -> (T, T) {
        let y = if self.is_below { neg(&y) } else { y };
        match self.quadrant {
            0 => (x, y),
            1 => (neg(&y), x),
            2 => (neg(&x), neg(&y)),
            _ => (y, neg(&x)),
        }
    }
}

/// A number `(value ± error)·2^-W`, `W` being known from the context.
#[derive(Clone)]
struct Coordinate {
    value: BigInt,
    error: BigInt,
}

impl Coordinate {
    fn exact(value: BigInt) -> Coordinate {
        Coordinate { value, error: BigInt::zero() }
    }
}

/// A point of the circle in fixed point.
struct Fixed {
    cos: Coordinate,
    sin: Coordinate,
}

/// `P` with `P ≤ 2^W·π < P + 2`.
///
/// Why: `pi(W + 2)` is narrower than `lo·2^-(W+2) < 2^-W`, and the floor takes less than 1.
fn scaled_pi(working: u64) -> BigUint {
    let precision = u32::try_from(working + 2).expect("a precision is far below 2^32");
    let lo = pi(precision).lo().shift(length(working));
    let integer = if 0 <= lo.exponent() { lo.mantissa() << lo.exponent() } else { lo.mantissa() >> -lo.exponent() };
    integer.into_parts().1
}

/// Cosine and sine of `φ` by their power series; the argument is `A`, and the unit is `2^-W`.
///
/// *Requires*: `0 ≤ φ ≤ π/4 < 4/5`, `0 ≤ 2^W·φ - A < 2`, `1 ≤ W`.
///
/// *Ensures*: `cos φ` and `sin φ` differ from the values by less than `3(n + 1)` units, where `n ≤ W + 1` is the
/// number of terms of both series.
///
/// *Why*: let `a_j = 2^W·φ^j/j!` and `b_0 = 2^W`, `b_j = ⌊⌊b_{j-1}·A/2^W⌋/j⌋ = ⌊b_{j-1}·A/(j·2^W)⌋`.
/// Then `0 ≤ a_j - b_j < 3`: the difference is 0 for `j = 0`, below 2 for `j = 1`, and for `j ≥ 2`, as
/// `φ - A/2^W < 2·2^-W` and `a_{j-1} ≤ (4/5)·2^W`,
///
/// ```text
/// a_j - b_j < (a_{j-1}·φ - b_{j-1}·(φ - 2·2^-W))/j + 1
///           ≤ ((a_{j-1} - b_{j-1})·φ + 2·a_{j-1}·2^-W)/j + 1 < (3·(4/5) + 2·(4/5))/2 + 1 = 3.
/// ```
///
/// The sums stop at the first `n` with `b_n = 0`. The terms `a_j` of each series alternate in sign and decrease, so
/// each tail is at most its first term, at most `a_n < 3`. The `n` terms added contribute less than `3n`.
/// `n ≤ W + 1` because `1 ≤ b_j ≤ a_j ≤ 2^W·φ^j/j! ≤ 2^(W-j)·(8/5)^j/j!`, and `(8/5)^j/j! < 2` for every `j`.
///
/// *Source*: the power series of cosine and sine.
fn taylor(scaled_angle: &BigUint, working: u64) -> Fixed {
    let mut term = BigUint::one() << working;
    let (mut cos, mut sin) = (BigInt::from(term.clone()), BigInt::zero());
    let mut n_terms = 1_u64;
    loop {
        term *= scaled_angle;
        term >>= working;
        term /= n_terms;
        if term.is_zero() {
            break;
        }
        let signed = BigInt::from(term.clone());
        match n_terms % 4 {
            0 => cos += signed,
            1 => sin += signed,
            2 => cos -= signed,
            _ => sin -= signed,
        }
        n_terms += 1;
    }
    let error = BigInt::from(3 * (n_terms + 1));
    Fixed { cos: Coordinate { value: cos, error: error.clone() }, sin: Coordinate { value: sin, error } }
}

#[cfg(test)]
mod tests {
    use super::{Octant, Rounder, cos_sin, one_minus_cos_of_step, pi, rounded_multiple, rounded_multiples};
    use crate::numbers::dyadic::Dyadic;
    use crate::numbers::interval::Interval;
    use crate::numbers::rational::{Rational, parse, pow2, round_nearest_even};
    use num_bigint::BigInt;
    use num_integer::Integer;
    use num_traits::{One, Zero};
    use proptest::prelude::{Strategy, any, prop_oneof, proptest};
    use proptest::{prop_assert, prop_assert_eq};

    fn number(text: &str) -> Rational {
        parse(text).expect("the row is well formed")
    }

    fn half_integer(twice: i64) -> Interval {
        Interval::exact(Dyadic::new(twice.into(), -1))
    }

    fn overlap(left: &Interval, right: &Interval) -> bool {
        left.intersect(right).is_some()
    }

    fn is_inside(inner: &Interval, outer: &Interval) -> bool {
        outer.lo() <= inner.lo() && inner.hi() <= outer.hi()
    }

    #[test]
    fn known_digits() {
        let (below, above) =
            ("3.141592653589793238462643383279502884197169", "3.141592653589793238462643383279502884197170");
        assert!(pi(200).lo().to_rational() > number(below) && pi(200).hi().to_rational() < number(above));
        // cos 40° and sin 40°, irrational of degrees 3 and 6.
        let (cos, sin) = cos_sin(1, 9, 150);
        let rows = [
            (cos, "0.766044443118978035202392650555", "0.766044443118978035202392650556"),
            (sin, "0.642787609686539326322643409907", "0.642787609686539326322643409908"),
        ];
        for (enclosure, below, above) in rows {
            assert!(enclosure.lo().to_rational() > number(below), "{enclosure}");
            assert!(enclosure.hi().to_rational() < number(above), "{enclosure}");
        }
    }

    /// Euler's `π/4 = arctan(1/2) + arctan(1/3)`, in plain rationals.
    #[test]
    fn pi_agrees_with_another_formula() {
        let arctan = |x: &Rational, n_terms: u32| {
            let terms = (0..n_terms).map(|i| {
                let term = num_traits::pow(x.clone(), 2 * i as usize + 1) / BigInt::from(2 * i + 1);
                if i.is_even() { term } else { -term }
            });
            terms.fold(Rational::zero(), |sum, term| sum + term)
        };
        let quarter = |n_terms| arctan(&number("1/2"), n_terms) + arctan(&number("1/3"), n_terms);
        let four = BigInt::from(4);
        // An even number of terms of an alternating series is below the limit, an odd number above.
        let (below, above) = (quarter(100) * &four, quarter(101) * &four);
        for precision in [1, 2, 10, 53, 64, 100, 150] {
            assert!(pi(precision).contains(&below) && pi(precision).contains(&above), "{precision}");
        }
    }

    #[test]
    fn pi_is_as_narrow_as_promised() {
        for precision in (0..200).chain([500, 1024, 5000]) {
            let enclosure = pi(precision);
            assert!(enclosure.is_relatively_narrow(precision.max(1)), "{precision}");
            assert!(enclosure.lo().bits().max(enclosure.hi().bits()) <= u64::from(precision.max(1)) + 3);
            assert!(is_inside(&pi(2 * precision + 20), &enclosure), "{precision}");
        }
    }

    #[test]
    fn only_the_rational_values_are_exact() {
        // Twice the cosine and twice the sine at twelfths of a turn, where rational.
        let twelfths = [
            (Some(2), Some(0)),
            (None, Some(1)),
            (Some(1), None),
            (Some(0), Some(2)),
            (Some(-1), None),
            (None, Some(1)),
            (Some(-2), Some(0)),
            (None, Some(-1)),
            (Some(-1), None),
            (Some(0), Some(-2)),
            (Some(1), None),
            (None, Some(-1)),
        ];
        for denominator in 1..=72_u64 {
            for numerator in 0..2 * denominator {
                let (cos, sin) = cos_sin(numerator, denominator, 20);
                let (place, rest) = (12 * numerator).div_rem(&denominator);
                let expected = if rest == 0 { twelfths[usize::try_from(place % 12).unwrap()] } else { (None, None) };
                for (enclosure, expected) in [(cos, expected.0), (sin, expected.1)] {
                    match expected {
                        Some(twice) => assert_eq!(enclosure, half_integer(twice), "{numerator}/{denominator}"),
                        None => assert!(!enclosure.width().is_zero(), "{numerator}/{denominator}"),
                    }
                }
            }
        }
    }

    /// `cos(x/2) = √((1 + cos x)/2)` and `sin(x/2) = √((1 - cos x)/2)`, without π and without a series.
    #[test]
    fn halved_angles_agree_with_square_roots() {
        const PRECISION: u32 = 300;
        let one = half_integer(2);
        let root_of_five = half_integer(10).sqrt(PRECISION).unwrap();
        let fifth = root_of_five.sub(&one, PRECISION).shift(-2);
        for (first_modulus, first_cos) in [(4, half_integer(0)), (3, half_integer(-1)), (5, fifth)] {
            let (mut modulus, mut cos): (u64, Interval) = (first_modulus, first_cos);
            for _ in 0..40 {
                let sin = one.sub(&cos, PRECISION).shift(-1).sqrt(PRECISION).unwrap();
                cos = one.add(&cos, PRECISION).shift(-1).sqrt(PRECISION).unwrap();
                modulus *= 2;
                let (our_cos, our_sin) = cos_sin(1, modulus, 128);
                assert!(is_inside(&cos, &our_cos) && is_inside(&sin, &our_sin), "{modulus}");
            }
        }
    }

    #[test]
    fn the_width_is_as_promised_and_precision_nests() {
        let turns = [(1, 5), (1, 7), (3, 8), (5, 12), (99, 100), (1, u64::MAX), (u64::MAX / 2, u64::MAX), (1 << 40, 3)];
        for (numerator, denominator) in turns {
            for precision in (0..70).chain([127, 128, 500, 2000]) {
                let coarse = cos_sin(numerator, denominator, precision);
                let fine = cos_sin(numerator, denominator, 2 * precision + 20);
                for (coarse, fine) in [(coarse.0, fine.0), (coarse.1, fine.1)] {
                    assert!(coarse.width() <= Dyadic::power_of_two(-i64::from(precision)));
                    assert!(is_inside(&fine, &coarse), "{numerator}/{denominator} at {precision}");
                }
            }
        }
    }

    #[test]
    fn every_angle_has_the_symmetries_of_the_circle() {
        for modulus in 1..=64_u64 {
            for numerator in 0..modulus {
                let (cos, sin) = cos_sin(numerator, modulus, 60);
                assert_eq!(cos_sin(modulus - numerator, modulus, 60), (cos.clone(), sin.neg()));
                assert_eq!(cos_sin(2 * numerator + modulus, 2 * modulus, 60), (cos.neg(), sin.neg()));
                assert_eq!(cos_sin(4 * numerator + modulus, 4 * modulus, 60), (sin.neg(), cos.clone()));
                let norm = cos.powi(2, 200).add(&sin.powi(2, 200), 200);
                assert!(norm.contains(&Rational::one()), "{numerator}/{modulus}");
            }
        }
    }

    #[test]
    fn octants_are_in_the_first_eighth() {
        for modulus in (1..=64_u128).chain([2 * u128::from(u64::MAX)]) {
            for numerator in (0..2 * modulus.min(64)).chain([modulus - 1, modulus / 3]) {
                let octant = Octant::new(numerator, modulus);
                assert!(octant.quadrant < 4 && 2 * octant.part <= modulus);
                // quadrant ± part/modulus = 4·numerator/modulus up to multiples of 4.
                let forward = octant.quadrant * modulus + 4 * modulus;
                let reached = if octant.is_below { forward - octant.part } else { forward + octant.part };
                assert_eq!(reached % (4 * modulus), 4 * numerator % (4 * modulus));
            }
        }
    }

    #[test]
    fn the_step_is_relatively_narrow_for_every_modulus() {
        let moduli = (1..=100).chain((7..64).flat_map(|places| [(1 << places) - 1, 1 << places])).chain([u64::MAX]);
        for modulus in moduli {
            let step = one_minus_cos_of_step(modulus, 300);
            let (cos, _) = cos_sin(1, modulus, 500);
            assert!(overlap(&step, &half_integer(2).sub(&cos, 600)), "{modulus}");
            for precision in [0, 1, 2, 3, 10, 53, 64] {
                let coarse = one_minus_cos_of_step(modulus, precision);
                assert!(coarse.is_relatively_narrow(precision.max(1)), "{modulus} at {precision}");
                assert!(is_inside(&step, &coarse), "{modulus} at {precision}");
                assert!(coarse.lo().bits().max(coarse.hi().bits()) <= u64::from(precision.max(1)) + 3);
            }
            if 6 < modulus {
                // x²/2 - x⁴/24 < 1 - cos x < x²/2 for x = 2π/modulus.
                let modulus = Interval::exact(Dyadic::from_integer(modulus));
                let x = pi(400).shift(1).div(&modulus, 400).unwrap();
                let half_square = x.powi(2, 400).shift(-1);
                let sixth = Interval::from_rational(&number("1/6"), 400);
                let correction = half_square.powi(2, 400).mul(&sixth, 400);
                assert!(*half_square.sub(&correction, 400).lo() < *step.hi() && step.lo() < half_square.hi());
            }
        }
        for (modulus, twice) in [(1, 0), (2, 4), (3, 3), (4, 2), (6, 1)] {
            assert_eq!(one_minus_cos_of_step(modulus, 64), half_integer(twice));
        }
    }

    #[test]
    fn tables_agree_with_single_residues() {
        let scales = ["1/3", "10", "5/4", "23552", "-7/3", "0", "2^-30", "16777213.5"].map(number);
        for modulus in 1..=64_u64 {
            for (row, scale) in scales.iter().enumerate() {
                // Every modulus meets every scale, and every scale every number of fraction bits.
                let first = (u32::try_from(row).unwrap() + u32::try_from(modulus).unwrap()) % 8;
                for fraction_bits in (first..=40).step_by(8) {
                    let table = rounded_multiples(modulus, scale, fraction_bits);
                    let single = |numerator| rounded_multiple(numerator, modulus, scale, fraction_bits);
                    let expected: Vec<(BigInt, BigInt)> = (0..modulus).map(single).collect();
                    assert_eq!(table, expected, "{modulus} {scale} {fraction_bits}");
                }
            }
        }
        assert_eq!(rounded_multiples(0, &Rational::one(), 4), []);
    }

    #[test]
    fn rational_coordinates_tie_to_even() {
        // Half of the scale, with the fraction bits, and what it rounds to.
        let rows =
            [("5", 0, 2), ("7", 0, 4), ("-5", 0, -2), ("-7", 0, -4), ("1/2", 1, 0), ("3/2", 1, 2), ("1/16", 4, 0)];
        for (scale, fraction_bits, expected) in rows {
            let scale = number(scale);
            let expected = BigInt::from(expected);
            for modulus in [6, 12] {
                let table = rounded_multiples(modulus, &scale, fraction_bits);
                let sixth = rounded_multiple(modulus / 6, modulus, &scale, fraction_bits);
                assert_eq!((&sixth.0, &table[usize::try_from(modulus / 6).unwrap()]), (&expected, &sixth));
            }
            assert_eq!(rounded_multiples(12, &scale, fraction_bits)[1].1, expected);
            assert_eq!(rounded_multiples(12, &scale, fraction_bits)[7].1, -&expected);
            assert_eq!(rounded_multiples(3, &scale, fraction_bits)[1].0, -expected);
        }
    }

    /// Scales that put a coordinate within about `2^-200` of a tie, on either side.
    #[test]
    fn near_ties_are_refined() {
        for (numerator, modulus) in [(1, 5), (1, 7), (2, 9), (3, 64)] {
            for twice in [1, 3, 5, 1_000_001] {
                let (cos, sin) = cos_sin(numerator, modulus, 230);
                for (coordinate, is_cos) in [(cos, true), (sin, false)] {
                    let tie = half_integer(twice).div(&coordinate, 230).unwrap();
                    let [down, up] = [tie.lo(), tie.hi()].map(Dyadic::to_rational);
                    let below = BigInt::from(twice / 2);
                    for (scale, expected) in [(down, below.clone()), (up, below + 1)] {
                        let single = rounded_multiple(numerator, modulus, &scale, 0);
                        assert_eq!(if is_cos { &single.0 } else { &single.1 }, &expected);
                        let table = rounded_multiples(modulus, &scale, 0);
                        assert_eq!(table[usize::try_from(numerator).unwrap()], single);
                    }
                }
            }
        }
    }

    #[test]
    fn a_table_may_start_with_any_precision() {
        let factor = number("23552/7");
        for modulus in [5, 12, 64, 1000] {
            for numerator in 0..modulus / 8 {
                let octant = Octant::new(numerator, modulus);
                let expected = Rounder::new(&factor, 64).round(&octant);
                assert!([1, 2, 3, 5, 9, 17, 200].iter().all(|w| Rounder::new(&factor, *w).round(&octant) == expected));
            }
        }
    }

    /// Parts of a turn with small, round and large denominators.
    fn denominators() -> impl Strategy<Value = u64> {
        prop_oneof![1_u64..200, (0_u32..64).prop_map(|places| 1 << places), 1..=u64::MAX]
    }

    proptest! {
        #[test]
        fn angles_add(a in any::<u64>(), b in any::<u64>(), modulus in denominators(), precision in 0_u32..300) {
            let [(cos_a, sin_a), (cos_b, sin_b)] = [a, b].map(|numerator| cos_sin(numerator, modulus, precision));
            let sum = (u128::from(a) + u128::from(b)) % u128::from(modulus);
            let (cos, sin) = cos_sin(u64::try_from(sum).unwrap(), modulus, precision);
            let exact = |left: &Interval, right: &Interval| left.mul(right, 2000);
            prop_assert!(overlap(&cos, &exact(&cos_a, &cos_b).sub(&exact(&sin_a, &sin_b), 2000)));
            prop_assert!(overlap(&sin, &exact(&sin_a, &cos_b).add(&exact(&cos_a, &sin_b), 2000)));
            let norm = cos.powi(2, 2000).add(&sin.powi(2, 2000), 2000);
            prop_assert!(norm.contains(&Rational::one()));
        }

        #[test]
        fn the_rounded_multiple_is_the_nearest(
            a in any::<u64>(), modulus in denominators(), scale in any::<(i64, u32)>(), fraction_bits in 0_u32..80,
        ) {
            let scale = Rational::new(scale.0.into(), (u64::from(scale.1) + 1).into());
            let rounded = rounded_multiple(a, modulus, &scale, fraction_bits);
            let factor = scale * pow2(i64::from(fraction_bits));
            let (cos, sin) = cos_sin(a, modulus, 300);
            for (enclosure, integer) in [(cos, rounded.0), (sin, rounded.1)] {
                for end in [enclosure.lo(), enclosure.hi()] {
                    prop_assert_eq!(&round_nearest_even(&(&factor * end.to_rational())), &integer);
                }
            }
        }
    }
}
