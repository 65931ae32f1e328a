//! Enclosures of the natural and the binary logarithm of positive rationals.
//!
//! Paper item: the `log N` and `log((q/ε) log N)` of Thm 2, the scales of sections 8 and 9
//! (`c = (M²/8)·ln(3N)`), and reported constants.
//!
//! In: a positive rational and a precision. Out: a two-sided enclosure.
//!
//! Invariant: `ln x = e·ln 2 + 2·artanh z` with `x = 2^e·m`, `2/3 < m ≤ 4/3`, `z = (m-1)/(m+1)`.
//!
//! Bound proved: relative width at most `2^-precision`, near 1 too; see [`ln`].
//!
//! Not here: anything that a certificate's verdict rests on; the checker compares exponentials.

use num_bigint::{BigInt, BigUint};
use num_traits::{One, Signed, Zero};

use super::dyadic::{Dyadic, length};
use super::interval::Interval;
use super::rational::{Rational, pow2};

/// Encloses `ln x`, or returns `None` if `x ≤ 0`.
///
/// ```
/// use attestor::numbers::{log::ln, rational::parse};
///
/// assert!(ln(&parse("1").unwrap(), 64).unwrap().width().is_zero());
/// assert!(ln(&parse("10").unwrap(), 64).unwrap().is_relatively_narrow(64));
/// assert!(ln(&parse("0").unwrap(), 64).is_none());
/// ```
///
/// *Requires*: nothing; a precision of 0 is read as 1.
///
/// *Ensures*: `lo ≤ ln x ≤ hi`, of relative width at most `2^-precision`, with endpoints of at most
/// `precision + 3` bits; `ln 1` is exactly `[0, 0]`.
///
/// *Why*: see `ln_unrounded` for the width `≤ 2^-(precision+2)` before the last rounding, and
/// [`super::exp::exp`] for why rounding to `precision + 3` bits then leaves `2^-precision`.
///
/// *Source*: `ln m = 2·artanh((m-1)/(m+1))`; no paper item.
#[must_use]
pub fn ln(x: &Rational, precision: u32) -> Option<Interval> {
    let precision = precision.max(1);
    Some(ln_unrounded(x, precision)?.round_outward(precision.saturating_add(3)))
}

/// Encloses `log2 x`, or returns `None` if `x ≤ 0`.
///
/// ```
/// use attestor::numbers::{log::log2, rational::parse};
///
/// assert_eq!(log2(&parse("1/8").unwrap(), 64).unwrap().to_string(), "[-3*2^0, -3*2^0]");
/// ```
///
/// *Requires*: nothing; a precision of 0 is read as 1.
///
/// *Ensures*: `lo ≤ log2 x ≤ hi`, of relative width at most `2^-precision`, with endpoints of at most
/// `precision + 3` bits; exact if `x` is a power of two.
///
/// *Why*: `log2 x = ln x/ln 2`. With `a = 2^-(precision+5)` both enclosures have relative width
/// `≤ a`, so the quotients' ends have a ratio `≤ (1+a)²`, and rounding them to `precision + 8` bits
/// moves each by a factor within `1 ± a/4`: in all `≤ 1 + 4a`, relative width `≤ 2^-(precision+3)`.
/// The last rounding is that of [`ln`].
///
/// *Source*: no paper item.
#[must_use]
pub fn log2(x: &Rational, precision: u32) -> Option<Interval> {
    if !x.is_positive() {
        return None;
    }
    let precision = precision.max(1);
    let (exponent, mantissa) = split(x);
    if mantissa.is_one() {
        return Some(Interval::exact(Dyadic::from_integer(exponent)));
    }
    let working = precision.saturating_add(3);
    let two = Rational::from_integer(BigInt::from(2));
    ln_unrounded(x, working)?
        .div(&ln_unrounded(&two, working)?, precision.saturating_add(8))
        .map(|quotient| quotient.round_outward(precision.saturating_add(3)))
}

/// Encloses `ln x` with relative width at most `2^-(precision+2)`.
///
/// *Requires*: `1 ≤ precision`; `None` if `x ≤ 0`.
///
/// *Ensures*: contains `ln x`, with that relative width.
///
/// *Why*: with `W = working` bits and `u = 2^-W`, `artanh_double` leaves a relative width below
/// `(2n + 9)·u`; if `e = 0` that is all.
/// If `e ≠ 0`, then `e·ln 2` has at most `(2n + 14)·u`, and
/// `(|e|·ln 2 + |ln m|)/|ln x| ≤ (0.694 + 0.406)/0.287 < 4`, because `|ln m| ≤ ln(3/2)` and the worst
/// case is `|e| = 1`. So the sum has at most `4(2n + 14)·u`, and `6u` more from its own rounding.
/// With `n ≤ W`, `b` the bit length of the precision and `W = precision + 10 + b`,
///
/// ```text
/// 8n + 62 ≤ 8·precision + 8b + 142 ≤ 2^(b+3) + 2^(b+3) + 142·2^b/2 < 2^(b+8) = 2^(W-precision-2).
/// ```
///
/// *Source*: no paper item.
fn ln_unrounded(x: &Rational, precision: u32) -> Option<Interval> {
    if !x.is_positive() {
        return None;
    }
    let working = precision.saturating_add(10 + precision.ilog2() + 1);
    let (exponent, mantissa) = split(x);
    let small = artanh_double(&(&mantissa - Rational::one()), &(&mantissa + Rational::one()), working);
    if exponent == 0 {
        return Some(small);
    }
    // ln 2 = 2·artanh(1/3).
    let ln_two = artanh_double(&Rational::one(), &Rational::from_integer(BigInt::from(3)), working);
    let large = ln_two.mul(&Interval::exact(Dyadic::from_integer(exponent)), working);
    Some(large.add(&small, working))
}

/// The `(e, m)` with `x = 2^e·m` and `2/3 < m ≤ 4/3`, for `x > 0`.
fn split(x: &Rational) -> (i64, Rational) {
    let guess = length(x.numer().bits()) - length(x.denom().bits());
    // 2^(guess-1) < x < 2^(guess+1), so m starts in (1/2, 2).
    let mantissa = x * pow2(-guess);
    let four_thirds = Rational::new_raw(BigInt::from(4), BigInt::from(3));
    let two = Rational::from_integer(BigInt::from(2));
    if four_thirds < mantissa {
        (guess + 1, mantissa / two)
    } else if &mantissa * &two <= four_thirds {
        (guess - 1, mantissa * two)
    } else {
        (guess, mantissa)
    }
}

/// Encloses `2·artanh(z)` for `z = numerator/denominator`, `|z| ≤ 1/3`.
///
/// *Requires*: `0 < denominator`, `|z| ≤ 1/3`.
///
/// *Ensures*: contains `2·artanh z`, with relative width below `(2n + 9)·2^-W`, where `W = working`
/// and `n ≤ W`.
///
/// *Why*: `artanh z = z·Σ_i z^(2i)/(2i+1)`. With `u = 2^-W`, `series` encloses the sum with relative
/// width `≤ (2n+1)·u`, `z` has `≤ 2u`, and rounding the two ends of the product adds `≤ 4u`.
/// The products of these are below `2u` together, as `(2n+7)² ≤ (2W+7)² ≤ 2^W` for `W ≥ 12`.
///
/// *Source*: the power series of artanh.
fn artanh_double(numerator: &Rational, denominator: &Rational, working: u32) -> Interval {
    let z = numerator / denominator;
    if z.is_zero() {
        return Interval::exact(Dyadic::zero());
    }
    let factor = Interval::from_rational(&z, working);
    series(&z, u64::from(working)).mul(&factor, working).shift(1)
}

/// Encloses `Σ_i w^i/(2i+1)` for `w = z²`, `0 < w ≤ 1/9`, in units of `2^-W`.
///
/// *Requires*: `|z| ≤ 1/3`.
///
/// *Ensures*: `[S, S + 2n + 1]·2^-W` contains the sum; `S ≥ 2^W`, and `n ≤ W` for `W ≥ 1`.
///
/// *Why*: let `a_i = 2^W·w^i`, `T = ⌊w·2^W⌋`, `b_0 = 2^W`, `b_i = ⌊b_{i-1}·T/2^W⌋`. Then
/// `0 ≤ a_i - b_i < 2`: 0 for `i = 0`, below 1 for `i = 1`, and for `i ≥ 2` at most
/// `(a_{i-1} - b_{i-1})·w + a_{i-1}·2^-W + 1 < 2/9 + 1/9 + 1`.
/// So `⌊b_i/(2i+1)⌋` is less than `2/3 + 1 < 2` below `a_i/(2i+1)`: less than `2n` for `n` terms.
/// The sum stops at the first `n ≥ 1` with `b_n = 0`, so `a_n < 2`, and the tail is at most
/// `a_n/((2n+1)(1-w)) < 2·(9/8)/3 < 1`.
/// `n ≤ W` because `1 ≤ b_i ≤ 2^W/9^i` for `i < n`.
///
/// *Source*: the power series of artanh.
fn series(z: &Rational, working: u64) -> Interval {
    let numerator = z.numer().magnitude();
    let denominator = z.denom().magnitude();
    let square = ((numerator * numerator) << working) / (denominator * denominator);
    let mut power = BigUint::one() << working;
    let mut sum = power.clone();
    let mut n_terms = 1_u64;
    loop {
        power *= &square;
        power >>= working;
        if power.is_zero() {
            break;
        }
        sum += &power / (2 * n_terms + 1);
        n_terms += 1;
    }
    let hi = BigInt::from(&sum + (2 * n_terms + 1));
    let lo = BigInt::from(sum);
    let exponent = -length(working);
    Interval::new(Dyadic::new(lo, exponent), Dyadic::new(hi, exponent)).expect("the error is not negative")
}

#[cfg(test)]
mod tests {
    use super::{ln, log2, split};
    use crate::numbers::dyadic::Dyadic;
    use crate::numbers::interval::Interval;
    use crate::numbers::rational::{Rational, parse, pow2};
    use num_traits::One;

    fn number(text: &str) -> Rational {
        parse(text).expect("the row is well formed")
    }

    #[test]
    fn known_digits() {
        let rows = [
            ("2", "0.693147180559945309417232121458", "0.693147180559945309417232121459"),
            ("10", "2.302585092994045684017991454684", "2.302585092994045684017991454685"),
            ("1/3", "-1.098612288668109691395245236923", "-1.098612288668109691395245236922"),
        ];
        for (x, below, above) in rows {
            let enclosure = ln(&number(x), 150).unwrap();
            assert!(enclosure.lo().to_rational() > number(below), "{x}");
            assert!(enclosure.hi().to_rational() < number(above), "{x}");
        }
        let ten = log2(&number("10"), 150).unwrap();
        assert!(ten.lo().to_rational() > number("3.321928094887362347870319429489"));
        assert!(ten.hi().to_rational() < number("3.321928094887362347870319429490"));
    }

    #[test]
    fn exact_values_and_refusals() {
        assert_eq!(ln(&Rational::one(), 10), Some(Interval::exact(Dyadic::zero())));
        for exponent in [-1000, -1, 0, 1, 63, 5000] {
            let expected = Interval::exact(Dyadic::from_integer(exponent));
            assert_eq!(log2(&pow2(exponent), 10), Some(expected));
        }
        for x in ["0", "-1", "-1/2"] {
            assert_eq!(ln(&number(x), 10), None);
            assert_eq!(log2(&number(x), 10), None);
        }
    }

    #[test]
    fn the_relative_width_is_as_promised_near_one_too() {
        let near_one = [pow2(-2000), -pow2(-2000), pow2(-3), -pow2(-3), -number("1/3"), number("1/3")];
        let far = ["2/3", "4/3", "5/3", "0.7", "2^65536", "3*2^-60000", "1000000007"].map(number);
        for x in near_one.map(|offset| Rational::one() + offset).into_iter().chain(far) {
            for precision in [0, 1, 2, 3, 5, 10, 24, 53, 64, 128, 700] {
                for enclosure in [ln(&x, precision), log2(&x, precision)].map(Option::unwrap) {
                    assert!(enclosure.is_relatively_narrow(precision.max(1)));
                    assert!(enclosure.lo().bits() <= u64::from(precision.max(1)) + 3);
                }
            }
        }
    }

    #[test]
    fn the_split_is_centred() {
        for numerator in 1..60_i64 {
            for denominator in 1..60_i64 {
                let x = Rational::new(numerator.into(), denominator.into());
                let (exponent, mantissa) = split(&x);
                assert_eq!(&mantissa * pow2(exponent), x);
                assert!(number("2/3") < mantissa && mantissa <= number("4/3"));
            }
        }
    }
}
