//! Cosines and sines of the angles `θ_a = 2πa/M`: rational enclosures, and correct rounding of their multiples.
//!
//! In: a residue `a` and a modulus `M`. Out: a [`Point`], the pair of cosine and sine, as integers.
//! Method: `π` by Machin's formula, an exact reduction of the angle to `[0, π/4]`, Taylor sums with their remainder.
//! Rational cosines are handled exactly, because only there can a rounding meet a tie.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Zero};

use crate::number::{Rational, power_of_two, round_half_even};

/// A pair of integers in place of cosine and sine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) x: BigInt,
    pub(crate) y: BigInt,
}

/// A real number between two integers, in units of `2^-precision`.
#[derive(Clone, Debug)]
pub(crate) struct Bracket {
    pub(crate) lo: BigInt,
    pub(crate) hi: BigInt,
}

impl Bracket {
    fn negated(self) -> Self {
        Bracket { lo: -self.hi, hi: -self.lo }
    }
}

/// `arctan(1/m)` for `m ≥ 2`, in units of `2^-precision`.
///
/// *Why* `arctan(1/m) = Σ_k (-1)^k/((2k+1)·m^{2k+1})`, and `⌊⌊x/a⌋/b⌋ = ⌊x/(ab)⌋`, so every term is the floor of the
/// true one and off by less than a unit; the sum stops before the first term below a unit, and an alternating sum
/// with falling terms is off by less than the first term left out: together less than `n + 1` units for `n` terms.
fn arctan_of_inverse(m: u32, precision: u64) -> Bracket {
    let mut power = power_of_two(precision) / m;
    let (mut sum, mut n_terms) = (BigInt::zero(), BigInt::zero());
    loop {
        let term: BigInt = &power / (&n_terms * 2u32 + 1u32);
        if term.is_zero() {
            break;
        }
        if n_terms.is_even() {
            sum += term;
        } else {
            sum -= term;
        }
        power /= m * m;
        n_terms += 1u32;
    }
    let error = n_terms + 1u32;
    Bracket { lo: &sum - &error, hi: sum + error }
}

/// `π = 16·arctan(1/5) - 4·arctan(1/239)` (Machin), in units of `2^-precision`.
fn pi(precision: u64) -> Bracket {
    let (fifth, small) = (arctan_of_inverse(5, precision), arctan_of_inverse(239, precision));
    Bracket { lo: fifth.lo * 16u32 - small.hi * 4u32, hi: fifth.hi * 16u32 - small.lo * 4u32 }
}

/// The unit circle at one precision.
pub(crate) struct Circle {
    precision: u64,
    pi: Bracket,
}

impl Circle {
    pub(crate) fn new(precision: u64) -> Self {
        Circle { precision, pi: pi(precision) }
    }

    /// Encloses `cos(2πa/M)` and `sin(2πa/M)`.
    ///
    /// *Why* with `4a = kM + n`, `0 ≤ n < M`, the angle is `k` right angles and `φ = πn/(2M)`; if `φ > π/4`, cosine and
    /// sine are those of `π/2 - φ = π(M-n)/(2M)`, exchanged.
    pub(crate) fn at(&self, residue: u64, modulus: u64) -> (Bracket, Bracket) {
        let modulus = BigInt::from(modulus.max(1));
        let (quadrant, rest) = (BigInt::from(residue) * 4u32).div_mod_floor(&modulus);
        let is_beyond_diagonal = modulus < &rest * 2u32;
        let share = if is_beyond_diagonal { &modulus - &rest } else { rest };
        let (cosine, sine) = self.in_first_octant(&share, &(modulus * 2u32));
        let (cosine, sine) = if is_beyond_diagonal { (sine, cosine) } else { (cosine, sine) };
        // A right angle more maps (x, y) to (-y, x).
        let quadrant = quadrant.mod_floor(&BigInt::from(4u32));
        if quadrant.is_zero() {
            (cosine, sine)
        } else if quadrant.is_one() {
            (sine.negated(), cosine)
        } else if quadrant == BigInt::from(2u32) {
            (cosine.negated(), sine.negated())
        } else {
            (sine, cosine.negated())
        }
    }

    /// Encloses `cos φ` and `sin φ` for `φ = π·numer/denom` in `[0, π/4]`.
    ///
    /// *Why* let `x ≤ φ ≤ x + w` with `x` a multiple `X` of the unit `u = 2^-P`, `0 ≤ x ≤ φ < 1`.
    /// - The computed terms are `t_0 = 1`, `t_k = ⌊t_{k-1}·X/(2^P·k)⌋` units. Of `x^k/k!` each is at most `e_k` short, with
    ///   `e_0 = e_1 = 0` and `e_k ≤ e_{k-1}·x/k + 1 ≤ e_{k-1}/2 + 1`, so `e_k < 2`.
    /// - With `n` terms in both sums together, each sum is off by less than `2n` units. The first term left out is 0
    ///   units, so it and (as `x < 1`) all later ones are below 2 units and fall: by alternation each remainder is
    ///   below 2 units, after a second one left out in the other sum as well.
    /// - So `|cos x - C| < 2n + 2` and `|sin x - S| < 2n + 2` units, and between `x` and `φ` both move by at most `w`.
    fn in_first_octant(&self, numer: &BigInt, denom: &BigInt) -> (Bracket, Bracket) {
        let x = (&self.pi.lo * numer).div_floor(denom);
        let width = (&self.pi.hi * numer).div_ceil(denom) - &x;
        let mut sums = [BigInt::zero(), BigInt::zero()];
        let mut term = power_of_two(self.precision);
        let mut n_terms = 0u32;
        while !term.is_zero() {
            // Terms 0, 1, 2, 3 go to cosine, sine, minus cosine, minus sine.
            let [cosine, sine] = &mut sums;
            let sum = if n_terms.is_even() { cosine } else { sine };
            if n_terms & 2 == 0 {
                *sum += &term;
            } else {
                *sum -= &term;
            }
            n_terms += 1;
            term = ((term * &x) >> self.precision) / n_terms;
        }
        let error = width + BigInt::from(n_terms) * 2u32 + 2u32;
        let around = |middle: BigInt| Bracket { lo: &middle - &error, hi: middle + &error };
        let [cosine, sine] = sums;
        (around(cosine), around(sine))
    }
}

/// Twice the cosine of `t` twelfths of a turn, where it is rational.
const TWICE_COSINE: [Option<i32>; 12] =
    [Some(2), None, Some(1), Some(0), Some(-1), None, Some(-2), None, Some(-1), Some(0), Some(1), None];

/// Twice `cos(2π(a/M + t/12))`, if it is rational.
///
/// *Why* by Niven's theorem the cosine of a rational part of a turn is rational only if it is 0, ±1/2 or ±1, and these
/// are the cosines of some multiples of a twelfth of a turn.
fn twice_cosine(residue: u64, modulus: u64, twelfths: usize) -> Option<i32> {
    let (place, rest) = (u128::from(residue) * 12).div_rem(&u128::from(modulus.max(1)));
    let place = usize::try_from(place % 12).unwrap_or(0);
    if rest == 0 { TWICE_COSINE.get((place + twelfths) % 12).copied().flatten() } else { None }
}

/// The points `factor·(cos θ_a, sin θ_a)`, rounded to the nearest integers, ties to even.
pub(crate) struct RoundedCircle {
    modulus: u64,
    factor: Rational,
    circle: Circle,
}

/// Bits beyond those of the factor, which settle nearly every rounding.
const GUARD_BITS: u64 = 64;

impl RoundedCircle {
    pub(crate) fn new(modulus: u64, factor: Rational) -> Self {
        let bits = factor.numer().bits().saturating_sub(factor.denom().bits());
        RoundedCircle { modulus, factor, circle: Circle::new(bits + GUARD_BITS) }
    }

    /// The rounded point of a residue.
    ///
    /// *Why it ends* an irrational cosine times a rational number other than 0 is irrational, so it is no tie and no
    /// integer and a half, and both ends of a narrow enough enclosure round alike.
    pub(crate) fn at(&self, residue: u64) -> Point {
        let exact = |twice: i32| round_half_even(&(self.factor.numer() * twice), &(self.factor.denom() * 2u32));
        // sin θ = cos(θ - π/2): nine twelfths of a turn further.
        let mut x = twice_cosine(residue, self.modulus, 0).map(exact);
        let mut y = twice_cosine(residue, self.modulus, 9).map(exact);
        let (cosine, sine) = self.circle.at(residue, self.modulus);
        x = x.or_else(|| self.rounded(&cosine, self.circle.precision));
        y = y.or_else(|| self.rounded(&sine, self.circle.precision));
        let mut precision = self.circle.precision;
        loop {
            if let (Some(x), Some(y)) = (&x, &y) {
                return Point { x: x.clone(), y: y.clone() };
            }
            precision = precision.saturating_mul(2);
            let (cosine, sine) = Circle::new(precision).at(residue, self.modulus);
            x = x.or_else(|| self.rounded(&cosine, precision));
            y = y.or_else(|| self.rounded(&sine, precision));
        }
    }

    /// The common rounding of both ends.
    fn rounded(&self, bracket: &Bracket, precision: u64) -> Option<BigInt> {
        let denom = self.factor.denom() << precision;
        let round = |end: &BigInt| round_half_even(&(self.factor.numer() * end), &denom);
        let rounded = round(&bracket.lo);
        (rounded == round(&bracket.hi)).then_some(rounded)
    }
}

/// `factor` rounded to the nearest integer, ties to even.
pub(crate) fn rounded(factor: &Rational) -> BigInt {
    round_half_even(factor.numer(), factor.denom())
}

#[cfg(test)]
mod tests {
    use super::{Circle, Point, RoundedCircle, pi, twice_cosine};
    use crate::number::{Rational, power_of_two};
    use num_bigint::BigInt;
    use num_traits::Signed;

    #[test]
    fn digits_of_pi() {
        let digits: BigInt = "31415926535897932384626433832795028841971693993751058209749445923078164".parse().unwrap();
        let unit = BigInt::from(10).pow(70);
        for precision in [64u64, 200, 240] {
            let found = pi(precision);
            let scaled = |value: &BigInt| value * &unit;
            assert!(scaled(&found.lo) < (&digits + 1) << precision, "{precision}");
            assert!(&digits << precision < scaled(&found.hi), "{precision}");
            assert!(&found.hi - &found.lo < BigInt::from(40 * precision), "{precision}");
        }
    }

    #[test]
    fn squares_add_up_to_one_and_coarse_contains_fine() {
        let (coarse, fine) = (Circle::new(100), Circle::new(300));
        for modulus in [1u64, 2, 3, 5, 7, 8, 24, 97, u64::MAX] {
            for residue in (0..modulus).step_by(usize::try_from(modulus / 29 + 1).unwrap()) {
                let ((cosine, sine), (fine_cosine, fine_sine)) =
                    (coarse.at(residue, modulus), fine.at(residue, modulus));
                for (rough, sharp) in [(&cosine, &fine_cosine), (&sine, &fine_sine)] {
                    assert!(&rough.lo << 200u32 <= sharp.hi && sharp.lo <= &rough.hi << 200u32);
                    assert!(&rough.hi - &rough.lo < BigInt::from(1000));
                }
                let square = |end: &BigInt| end * end;
                let largest = |a: &BigInt, b: &BigInt| square(a).max(square(b));
                let hi = largest(&cosine.lo, &cosine.hi) + largest(&sine.lo, &sine.hi);
                let unit = power_of_two(200);
                assert!(unit <= hi && &hi - &unit < power_of_two(113), "{residue}/{modulus}");
            }
        }
    }

    #[test]
    fn rational_cosines_lie_in_their_brackets() {
        let circle = Circle::new(80);
        for residue in 0..12 {
            let (cosine, sine) = circle.at(residue, 12);
            for (bracket, twelfths) in [(cosine, 0), (sine, 9)] {
                if let Some(twice) = twice_cosine(residue, 12, twelfths) {
                    let exact = power_of_two(79) * twice;
                    assert!(bracket.lo <= exact && exact <= bracket.hi, "{residue}");
                }
            }
        }
        assert_eq!((twice_cosine(3, 24, 0), twice_cosine(4, 24, 0), twice_cosine(2, 24, 9)), (None, Some(1), Some(1)));
    }

    #[test]
    fn rounding_by_hand() {
        let at = |modulus, residue, factor: &str| {
            let Point { x, y } = RoundedCircle::new(modulus, Rational::parse(factor).unwrap()).at(residue);
            (i64::try_from(x).unwrap(), i64::try_from(y).unwrap())
        };
        // cos 72° = 0.309017, sin 72° = 0.951057.
        assert_eq!(at(5, 1, "16"), (5, 15));
        assert_eq!(at(5, 4, "16"), (5, -15));
        assert_eq!(at(5, 2, "1000000"), (-809_017, 587_785));
        // Ties of the rational points: 1/2 and 3/2 to even.
        assert_eq!(at(6, 1, "1"), (0, 1));
        assert_eq!(at(6, 2, "3"), (-2, 3));
        assert_eq!(at(12, 1, "5"), (4, 2));
        assert_eq!(at(4, 3, "7/2"), (0, -4));
        assert_eq!(at(8, 3, "10"), (-7, 7));
    }

    #[test]
    fn near_ties_are_refined() {
        // A factor that brings cos 72° within 2^-500 of a tie.
        let circle = Circle::new(600);
        let (cosine, _) = circle.at(1, 5);
        for (end, expected) in [(&cosine.lo, 1), (&cosine.hi, 0)] {
            // factor·end = 1/2 exactly, so factor·cos is above or below it.
            let factor = Rational::new(power_of_two(599), end.clone()).unwrap();
            assert_eq!(RoundedCircle::new(5, factor).at(1).x, BigInt::from(expected));
        }
    }

    #[test]
    fn reflection_keeps_the_cosine_and_changes_the_sign_of_the_sine() {
        let circle = RoundedCircle::new(35, Rational::parse("1000/7").unwrap());
        for residue in 1..35 {
            let (point, mirrored) = (circle.at(residue), circle.at(35 - residue));
            assert!(point.x == mirrored.x && point.y == -mirrored.y && point.x.abs() <= BigInt::from(143));
        }
    }
}
