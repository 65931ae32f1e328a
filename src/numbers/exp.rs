//! Enclosures of `e^x` for rational `x`, at any precision.
//!
//! Paper item: the softmax weights of Def 1; the bounds are Lemma D's.
//! `x` is the argument; the enclosure is two-sided, with relative width at most `2^-precision`.
//!
//! Invariant: every intermediate number is an integer whose unit and error are stated beside it.
//!
//! Bound proved: see [`exp`]; the derivation is split over `taylor`, `square_repeatedly` and
//! [`exp`], each beside its code.
//! The slow twin is Lemma D in plain rationals; the tests compare the two.
//!
//! Not here: any library `exp`, and complex or interval arguments (the function increases, so an
//! interval argument needs two calls).

use num_bigint::{BigInt, BigUint};
use num_traits::{One, Signed, Zero};

use super::dyadic::{Dyadic, length};
use super::interval::Interval;
use super::rational::Rational;

/// Arguments beyond `2^40` in absolute value are refused.
pub const MAX_ARGUMENT_EXPONENT: u64 = 40;

/// Encloses `e^x`, or returns `None` if `2^40 < |x|`.
///
/// ```
/// use attestor::numbers::{exp::exp, rational::parse};
///
/// let e = exp(&parse("1").unwrap(), 64).unwrap();
/// assert!(e.is_relatively_narrow(64));
/// assert!(!e.contains(&parse("2.718281828459045").unwrap()));
/// ```
///
/// *Requires*: nothing; a precision of 0 is read as 1.
///
/// *Ensures*: `lo ≤ e^x ≤ hi`, `0 < lo`, and `hi - lo ≤ 2^-precision·lo`.
/// The endpoints have at most `precision + 3` bits; `e^0` is exactly `[1, 1]`.
///
/// *Why*: `e^|x| = (e^t)^(2^k)` with `t = |x|/2^k ≤ 1/2`; `taylor` encloses `e^t`,
/// `square_repeatedly` its power, and `e^-|x| = 1/e^|x|`.
/// Write `a = 2^-(precision+2)`. The enclosure before the last rounding has relative width `≤ a`
/// (see `Plan`), and rounding an endpoint to `precision + 3` bits moves it by at most the factor
/// `1 ± a`. So `(hi - lo)/lo ≤ ((1+a)² - (1-a))/(1-a) = (3a + a²)/(1-a) ≤ 4a = 2^-precision`, where
/// the last step is `5a² ≤ a`, true because `a ≤ 1/8`.
///
/// *Source*: Lemma D.
#[must_use]
pub fn exp(x: &Rational, precision: u32) -> Option<Interval> {
    if is_above_limit(x) {
        return None;
    }
    Some(exp_within_limit(x, precision))
}

/// Encloses `e^-x` for `x ≥ 0`, cheaply when it is below `2^floor_exponent`.
///
/// ```
/// use attestor::numbers::{exp::exp_neg_capped, rational::parse};
///
/// let tiny = exp_neg_capped(&parse("1000000").unwrap(), 64, -100);
/// assert_eq!(tiny.to_string(), "[0*2^0, 1*2^-100]");
/// ```
///
/// *Requires*: `0 ≤ x`; a negative argument is a bug of the caller and panics.
///
/// *Ensures*: `lo ≤ e^-x ≤ hi`, and either the relative width is at most `2^-precision` or the result
/// is `[0, 2^c]` with `c = max(min(floor_exponent, 0), -2^40)` and `e^-x ≤ 2^c`.
///
/// *Why*: `ln 2 < 0.6932`, so `x ≥ 0.6932·n` gives `e^-x ≤ 2^-n`; this is Lemma D's remark that an
/// upper bracket of `e^-x` may use any smaller argument and a lower one may be 0.
///
/// *Source*: Lemma D.
#[must_use]
pub fn exp_neg_capped(x: &Rational, precision: u32, floor_exponent: i64) -> Interval {
    assert!(!x.is_negative(), "exp_neg_capped needs an argument of at least 0");
    let limit = 1_i64 << MAX_ARGUMENT_EXPONENT;
    let cap = floor_exponent.clamp(-limit, 0);
    // Beyond the limit x > 2^40 > 0.6932·2^40 ≥ 0.6932·(-cap), so the cap below applies.
    let threshold = cap.unsigned_abs();
    if x.is_zero() {
        return Interval::exact(Dyadic::one());
    }
    if x.denom() * (threshold * 6_932) <= x.numer() * 10_000_u32 {
        return Interval::new(Dyadic::zero(), Dyadic::power_of_two(cap)).expect("0 is below a power of two");
    }
    exp_within_limit(&-x, precision)
}

/// Whether `2^40 < |x|`.
fn is_above_limit(x: &Rational) -> bool {
    x.denom().magnitude() << MAX_ARGUMENT_EXPONENT < *x.numer().magnitude()
}

/// [`exp`] without the test of the argument.
fn exp_within_limit(x: &Rational, precision: u32) -> Interval {
    if x.is_zero() {
        return Interval::exact(Dyadic::one());
    }
    let precision = precision.max(1);
    let plan = Plan::new(x, precision);
    let base = taylor(&plan.reduced(x), plan.working_bits);
    let power = square_repeatedly(base, &plan);
    let enclosure = if x.is_negative() { power.reciprocal_enclosure(&plan) } else { power.enclosure() };
    enclosure.round_outward(precision.saturating_add(3))
}

/// How the argument is reduced, and with how many bits.
///
/// Why the enclosure is narrow enough: let `W = working_bits` and `k = halvings`.
/// `taylor` leaves `h₀ = 2n + 4` units with `n ≤ W + 1`, and `square_repeatedly` makes them
/// `h < 2^k(h₀ + 1) = 2^k(2n + 5) ≤ 2^k(2W + 7)`.
/// With `s = precision + k`, `b` the bit length of `s`, and `W = s + 9 + b`,
///
/// ```text
/// 2W + 7 = 2s + 2b + 25 ≤ 2^(b+1) + 2^b + 2^(b+4) ≤ 2^(b+5),
/// ```
///
/// so `h ≤ 2^(k+b+5) = 2^(W-precision-4)`.
/// The relative width is at most `3h/2^W` for `e^|x|` and `(2h+1)/(2^W - 2h) ≤ 3.5·h/2^W` for the
/// reciprocal: both are below `2^-(precision+2)`.
struct Plan {
    /// `k`: the argument is divided by `2^k`, and the result squared `k` times.
    halvings: u32,
    /// `W`: the unit of the Taylor sum is `2^-W`; a mantissa has `W + 1` bits.
    working_bits: u64,
}

impl Plan {
    fn new(x: &Rational, precision: u32) -> Plan {
        // |x| < 2^magnitude, because p < 2^bits(p) and 2^(bits(q)-1) ≤ q.
        let magnitude = length(x.numer().bits()) - length(x.denom().bits()) + 1;
        // t ≤ 2^-depth balances the Taylor terms (about W/depth) against the squarings.
        let depth = 2 + i64::from(precision.isqrt()) * 3 / 4;
        let halvings = u32::try_from((magnitude + depth).max(0)).expect("|x| is at most 2^40");
        let sum = u64::from(precision) + u64::from(halvings);
        let bits = u64::from(sum.ilog2()) + 1;
        Plan { halvings, working_bits: sum + 9 + bits }
    }

    /// `⌊t·2^W⌋` with `t = |x|/2^k < 2^-2`.
    fn reduced(&self, x: &Rational) -> BigUint {
        // k < W, so the shift is to the left.
        let scaled = x.numer().magnitude() << (self.working_bits - u64::from(self.halvings));
        if x.denom().is_one() { scaled } else { scaled / x.denom().magnitude() }
    }
}

/// A positive number `mantissa·2^exponent·e^r`, `0 ≤ r ≤ h·2^-W`.
///
/// Representation: `2^W ≤ mantissa < 2^(W+1)`, `W` being the plan's working bits.
/// An exponent of `e` as the error makes squaring simple: it doubles `r`.
struct Scaled {
    mantissa: BigUint,
    exponent: i64,
    /// `h`.
    error: BigUint,
}

/// Encloses `e^t` by a Taylor sum; the argument is `T = ⌊t·2^W⌋`, and the unit is `2^-W`.
///
/// *Requires*: `0 ≤ t ≤ 1/2`, `1 ≤ W`.
///
/// *Ensures*: `e^t = S·2^-W·e^r` with `0 ≤ r ≤ h₀·2^-W`, `h₀ = 2n + 4`, where `S` is the mantissa and
/// `n ≤ W + 1` the number of terms added.
///
/// *Why*: let `a_j = 2^W·t^j/j!` and `b_0 = 2^W`, `b_j = ⌊⌊b_{j-1}·T/2^W⌋/j⌋ = ⌊b_{j-1}·T/(j·2^W)⌋`.
/// Then `0 ≤ a_j - b_j < 2`: the difference is 0 for `j = 0`, below 1 for `j = 1`, and for `j ≥ 2`,
/// since `t - T/2^W < 2^-W`,
///
/// ```text
/// a_j - b_j < (a_{j-1}·t - b_{j-1}·(t - 2^-W))/j + 1
///           ≤ ((a_{j-1} - b_{j-1})·t + a_{j-1}·2^-W)/j + 1 < (2·(1/2) + 1/2)/2 + 1 < 2.
/// ```
///
/// The sum stops at the first `n` with `b_n = 0`, so `a_n < 2`, and Lemma D's remainder is at most
/// `a_n·n/(n-t) < 4`. Hence `S = Σ_{j<n} b_j` is at most `e^t·2^W` and less than `2n + 4` below it, and
/// `r = ln(e^t·2^W/S) ≤ (2n+4)/S ≤ (2n+4)·2^-W`.
/// `n ≤ W + 1` because `1 ≤ b_j ≤ 2^(W-j)` for `j < n`; `2^W ≤ S ≤ e^(1/2)·2^W < 2^(W+1)`.
///
/// *Source*: Lemma D.
fn taylor(reduced: &BigUint, working_bits: u64) -> Scaled {
    let mut term = BigUint::one() << working_bits;
    let mut sum = term.clone();
    let mut n_terms = 1_u64;
    loop {
        term *= reduced;
        term >>= working_bits;
        term /= n_terms;
        if term.is_zero() {
            break;
        }
        sum += &term;
        n_terms += 1;
    }
    Scaled { mantissa: sum, exponent: -length(working_bits), error: BigUint::from(2 * n_terms + 4) }
}

/// Squares a number `halvings` times, keeping `W + 1` bits.
///
/// *Requires*: a number with error `h₀`.
///
/// *Ensures*: its `2^k`-th power with error `h = 2^k(h₀ + 1) - 1`.
///
/// *Why*: the square of `y·2^e·e^r` is `y²·4^e·e^(2r)`. With `y' = ⌊y²/2^s⌋ ≥ 2^W`,
/// `y²/2^s < y' + 1 ≤ y'(1 + 2^-W) ≤ y'·e^(2^-W)`. So one squaring takes `h` to `2h + 1`, and `h + 1`
/// to twice itself.
///
/// *Source*: Lemma D: `e^{kx} = (e^x)^k`.
fn square_repeatedly(base: Scaled, plan: &Plan) -> Scaled {
    let Scaled { mut mantissa, mut exponent, error } = base;
    for _ in 0..plan.halvings {
        mantissa = &mantissa * &mantissa;
        let surplus = mantissa.bits() - plan.working_bits - 1;
        mantissa >>= surplus;
        exponent = 2 * exponent + length(surplus);
    }
    Scaled { mantissa, exponent, error: ((error + 1_u32) << plan.halvings) - 1_u32 }
}

impl Scaled {
    /// Encloses the number.
    ///
    /// *Requires*: `h·2^-W ≤ 1/2`, which `Plan` grants.
    ///
    /// *Ensures*: contains the number; the width is `3h` units of `2^exponent`.
    ///
    /// *Why*: `e^r ≤ 1 + r + r² ≤ 1 + (3/2)r` for `0 ≤ r ≤ 1/2`, and
    /// `y·(3/2)·h·2^-W < 3h` as `y < 2^(W+1)`.
    ///
    /// *Source*: the series of `e^r`.
    fn enclosure(self) -> Interval {
        let hi = BigInt::from(&self.mantissa + &self.error * 3_u32);
        let lo = BigInt::from(self.mantissa);
        Interval::new(Dyadic::new(lo, self.exponent), Dyadic::new(hi, self.exponent))
            .expect("the error is not negative")
    }

    /// Encloses the reciprocal of the number.
    ///
    /// *Requires*: `h·2^-W ≤ 1/4`, which `Plan` grants.
    ///
    /// *Ensures*: contains the reciprocal; with `q = ⌊2^(2W+1)/y⌋ ≥ 2^W` it is `[q - 2h, q + 1]`.
    ///
    /// *Why*: the reciprocal is `e^-r·2^(2W+1)/y` units; `q ≤ 2^(2W+1)/y < q + 1`, `e^-r ≤ 1`, and
    /// `q·e^-r ≥ q(1 - r) ≥ q - q·h·2^-W ≥ q - 2h` as `q ≤ 2^(W+1)`.
    ///
    /// *Source*: Lemma D: `e^{-x} = 1/e^x`.
    fn reciprocal_enclosure(self, plan: &Plan) -> Interval {
        let double_width = 2 * plan.working_bits + 1;
        let quotient = (BigUint::one() << double_width) / self.mantissa;
        let exponent = -self.exponent - length(double_width);
        let lo = BigInt::from(&quotient - (self.error << 1_u32));
        let hi = BigInt::from(quotient + 1_u32);
        Interval::new(Dyadic::new(lo, exponent), Dyadic::new(hi, exponent)).expect("the error is not negative")
    }
}

#[cfg(test)]
mod tests {
    use super::{Plan, exp, exp_neg_capped, taylor};
    use crate::numbers::dyadic::Dyadic;
    use crate::numbers::interval::Interval;
    use crate::numbers::rational::{Rational, parse, pow2};
    use num_traits::{One, Zero};

    fn number(text: &str) -> Rational {
        parse(text).expect("the row is well formed")
    }

    #[test]
    fn known_digits() {
        let rows = [
            ("1", "2.71828182845904523536028747135266249775", "2.71828182845904523536028747135266249776"),
            ("-1", "0.36787944117144232159552377016146086744", "0.36787944117144232159552377016146086745"),
            ("1/2", "1.64872127070012814684865078781416357165", "1.64872127070012814684865078781416357166"),
            ("10", "22026.4657948067165169579006452842443663", "22026.4657948067165169579006452842443664"),
        ];
        for (x, below, above) in rows {
            let enclosure = exp(&number(x), 200).unwrap();
            assert!(enclosure.lo().to_rational() > number(below), "{x}");
            assert!(enclosure.hi().to_rational() < number(above), "{x}");
        }
    }

    #[test]
    fn corners() {
        assert_eq!(exp(&Rational::zero(), 9), Some(Interval::exact(Dyadic::one())));
        let limit = pow2(40);
        assert!(exp(&limit, 32).unwrap().is_relatively_narrow(32));
        assert!(exp(&-&limit, 32).unwrap().is_relatively_narrow(32));
        assert_eq!(exp(&(&limit + pow2(-9)), 32), None);
        assert_eq!(exp(&-(limit + pow2(-9)), 32), None);
        for x in [pow2(-70_000), -pow2(-70_000)] {
            let enclosure = exp(&x, 64).unwrap();
            assert!(enclosure.contains(&Rational::one()) && enclosure.is_relatively_narrow(64));
        }
    }

    #[test]
    fn the_width_is_as_promised_and_the_endpoints_short() {
        let arguments = ["1/3", "-1/3", "7/2", "-75.123", "1000", "-123456.789", "2^-40", "-2^20", "0.999"];
        for x in arguments.map(number) {
            for precision in [0, 1, 2, 3, 4, 5, 8, 13, 24, 53, 64, 100, 128, 333, 1024] {
                let enclosure = exp(&x, precision).unwrap();
                assert!(enclosure.is_relatively_narrow(precision.max(1)), "{x} at {precision}");
                assert!(enclosure.is_positive());
                let longest = enclosure.lo().bits().max(enclosure.hi().bits());
                assert!(longest <= u64::from(precision.max(1)) + 3);
            }
        }
    }

    /// The inequalities that the width proof in `Plan` rests on, on a grid of plans.
    #[test]
    fn plans_keep_their_promises() {
        for precision in (1..200).chain([500, 1024, 5000]) {
            for x in ["2^-30", "1/5", "1", "1023/7", "-1000000", "2^40"].map(number) {
                let plan = Plan::new(&x, precision);
                let base = taylor(&plan.reduced(&x), plan.working_bits);
                assert_eq!(base.mantissa.bits(), plan.working_bits + 1);
                let error = (base.error + 1_u32) << plan.halvings;
                let allowed = plan.working_bits - u64::from(precision) - 4;
                assert!(error.bits() <= allowed, "{x} at {precision}");
            }
        }
    }

    #[test]
    fn the_cap_is_an_upper_bound() {
        let capped = |exponent: i64| Interval::new(Dyadic::zero(), Dyadic::power_of_two(exponent)).unwrap();
        // e^-70 ≈ 2^-100.99 and e^-69 ≈ 2^-99.5.
        assert_eq!(exp_neg_capped(&number("70"), 64, -100), capped(-100));
        assert_eq!(exp_neg_capped(&number("69"), 64, -100), exp(&number("-69"), 64).unwrap());
        assert_eq!(exp_neg_capped(&number("1"), 64, 5), capped(0));
        assert_eq!(exp_neg_capped(&Rational::zero(), 64, 0), Interval::exact(Dyadic::one()));
        assert_eq!(exp_neg_capped(&pow2(50), 64, i64::MIN), capped(-(1 << 40)));
        for tenths in 600..800 {
            let x = Rational::new(tenths.into(), 10.into());
            let result = exp_neg_capped(&x, 64, -100);
            assert!(exp(&-x, 64).unwrap().hi() <= result.hi());
        }
    }
}
