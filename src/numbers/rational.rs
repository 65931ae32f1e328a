//! Exact rationals: their text form, directed decimals, powers of two and integer parts.
//!
//! Paper item: none; scales `α`, errors `ε` and worst-case errors are rationals of this type.
//!
//! In: text as a person or a certificate writes it. Out: [`Rational`], or decimal strings that are
//! bounds in a stated direction.
//!
//! Invariant: a [`Rational`] is in lowest terms with a positive denominator.
//!
//! Bound proved: `decimal_down(x) ≤ x ≤ decimal_up(x)`, by integer division.
//!
//! Not here: the exponent form `1e-3`, which would let a short text name an enormous number in a
//! second way, and anything that rounds without saying in which direction.

use num_bigint::{BigInt, BigUint};
use num_integer::Integer;
use num_traits::{One, Pow, Signed, Zero};

/// An exact rational number in lowest terms with a positive denominator.
///
/// ```
/// use attestor::numbers::{Rational, rational};
///
/// let scale: Rational = rational::parse("0.75").unwrap();
/// assert_eq!(rational::canonical(&scale), "3/4");
/// ```
pub type Rational = num_rational::BigRational;

/// The longest text [`parse`] reads, in characters.
pub const MAX_TEXT_LENGTH: usize = 20_000;

/// The largest absolute value of a binary exponent that [`parse`] reads.
pub const MAX_TEXT_EXPONENT: i64 = 65_536;

/// Digits beyond this are not printed by [`decimal_down`] and [`decimal_up`].
const MAX_DECIMAL_DIGITS: u32 = 20_000;

/// Why a text is not a number we accept.
///
/// ```
/// use attestor::numbers::rational::{NumberError, parse};
///
/// assert!(matches!(parse("1/0"), Err(NumberError::ZeroDenominator { .. })));
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NumberError {
    /// The text has none of the accepted forms.
    #[error("`{text}` is not an exact number: write {remedy}")]
    Syntax {
        /// The offending text, shortened if long.
        text: String,
        /// The accepted forms.
        remedy: &'static str,
    },
    /// A fraction divides by zero.
    #[error("`{text}` divides by zero: write a denominator of at least 1")]
    ZeroDenominator {
        /// The offending text, shortened if long.
        text: String,
    },
    /// The text or its exponent is beyond the stated limits.
    #[error("`{text}` is too large: {remedy}")]
    TooLarge {
        /// The offending text, shortened if long.
        text: String,
        /// The limit that applies.
        remedy: &'static str,
    },
}

const FORMS: &str = "an integer, a fraction p/q, a decimal like 0.01, a power 2^e, or m*2^e";

/// Reads an exact number: `-3`, `1/100`, `0.01`, `2^-7`, `3*2^-7`, `-0.5*2^3`.
///
/// A leading `-` negates the whole number, so `-2^4` is −16.
/// There is no `+` sign, no exponent form, no space, and no sign in a denominator.
///
/// # Errors
///
/// A text of another form, a zero denominator, more than [`MAX_TEXT_LENGTH`] characters, or a
/// binary exponent beyond [`MAX_TEXT_EXPONENT`] in absolute value.
pub fn parse(text: &str) -> Result<Rational, NumberError> {
    if MAX_TEXT_LENGTH < text.len() {
        return Err(too_large(text, "write at most 20,000 characters"));
    }
    let (negative, body) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let magnitude = match body.split_once("2^") {
        Some(("", exponent)) => pow2(parse_exponent(text, exponent)?),
        // `12^3` also contains "2^": only a product sign may stand before the power.
        Some((coefficient, exponent)) => {
            let coefficient = coefficient.strip_suffix('*').ok_or_else(|| syntax(text))?;
            parse_decimal(text, coefficient)? * pow2(parse_exponent(text, exponent)?)
        }
        None => match body.split_once('/') {
            Some((numerator, denominator)) => {
                let denominator = parse_digits(text, denominator)?;
                if denominator.is_zero() {
                    return Err(NumberError::ZeroDenominator { text: shorten(text) });
                }
                Rational::new(parse_digits(text, numerator)?, denominator)
            }
            None => parse_decimal(text, body)?,
        },
    };
    Ok(if negative { -magnitude } else { magnitude })
}

/// Digits, or digits with a decimal point between them.
fn parse_decimal(text: &str, part: &str) -> Result<Rational, NumberError> {
    let Some((whole, fraction)) = part.split_once('.') else {
        return Ok(Rational::from_integer(parse_digits(text, part)?));
    };
    let places = u64::try_from(fraction.len()).map_err(|_| syntax(text))?;
    let denominator = BigInt::from(pow10(places));
    let numerator = parse_digits(text, whole)? * &denominator + parse_digits(text, fraction)?;
    Ok(Rational::new(numerator, denominator))
}

/// One or more ASCII digits and nothing else.
fn parse_digits(text: &str, part: &str) -> Result<BigInt, NumberError> {
    // `BigInt` itself would also accept signs and underscores.
    if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(syntax(text));
    }
    BigInt::parse_bytes(part.as_bytes(), 10).ok_or_else(|| syntax(text))
}

/// The exponent of a power of two, within [`MAX_TEXT_EXPONENT`].
fn parse_exponent(text: &str, part: &str) -> Result<i64, NumberError> {
    let (negative, digits) = match part.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, part),
    };
    i64::try_from(parse_digits(text, digits)?)
        .ok()
        .filter(|exponent| *exponent <= MAX_TEXT_EXPONENT)
        .map(|exponent| if negative { -exponent } else { exponent })
        .ok_or_else(|| too_large(text, "write a binary exponent between -65536 and 65536"))
}

/// The canonical text: `p` for an integer, else `p/q` in lowest terms.
///
/// `parse(&canonical(x)) == x` whenever the text keeps [`parse`]'s length limit.
#[must_use]
pub fn canonical(value: &Rational) -> String {
    value.to_string()
}

/// The largest decimal with `digits` significant digits that is at most `value`.
///
/// Plain (`0.0125`, `123000`) for decimal exponents −4 to 14, else scientific (`1.234e-9`).
/// Exactly `digits` significant digits are printed (at least 1, at most 20,000); zero is `0`.
///
/// ```
/// use attestor::numbers::rational::{decimal_down, decimal_up, parse};
///
/// let third = parse("1/3").unwrap();
/// assert_eq!(decimal_down(&third, 3), "0.333");
/// assert_eq!(decimal_up(&third, 3), "0.334");
/// ```
///
/// *Requires*: nothing.
///
/// *Ensures*: the number printed is `≤ value`, and less than one unit of its last digit below it.
///
/// *Why*: it is `⌊|value|·10^k⌋` or, for a negative value, `-⌈|value|·10^k⌉`, scaled back.
///
/// *Source*: integer division; no paper item.
#[must_use]
pub fn decimal_down(value: &Rational, digits: u32) -> String {
    if value.is_negative() {
        format!("-{}", decimal_magnitude(value, digits, Direction::Away))
    } else {
        decimal_magnitude(value, digits, Direction::Toward)
    }
}

/// The smallest decimal with `digits` significant digits that is at least `value`.
///
/// The same text forms as [`decimal_down`].
///
/// *Requires*: nothing.
///
/// *Ensures*: the number printed is `≥ value`, and less than one unit of its last digit above it.
///
/// *Why*: the mirror image of [`decimal_down`].
///
/// *Source*: integer division; no paper item.
#[must_use]
pub fn decimal_up(value: &Rational, digits: u32) -> String {
    if value.is_negative() {
        format!("-{}", decimal_magnitude(value, digits, Direction::Toward))
    } else {
        decimal_magnitude(value, digits, Direction::Away)
    }
}

/// Rounding of a magnitude relative to zero.
#[derive(Clone, Copy)]
enum Direction {
    Toward,
    Away,
}

/// The decimal of `|value|`, rounded toward or away from zero.
fn decimal_magnitude(value: &Rational, digits: u32, direction: Direction) -> String {
    if value.is_zero() {
        return "0".to_owned();
    }
    let digits = digits.clamp(1, MAX_DECIMAL_DIGITS);
    let numerator = value.numer().magnitude();
    let denominator = value.denom().magnitude();
    let mut exponent = decimal_exponent(numerator, denominator);
    // |value| = d.ddd·10^exponent, so `digits` digits are the integer part of |value|·10^shift.
    let shift = i64::from(digits) - 1 - exponent;
    let scale = pow10(shift.unsigned_abs());
    let (mut integer, remainder) =
        if 0 <= shift { (numerator * scale).div_rem(denominator) } else { numerator.div_rem(&(denominator * scale)) };
    if matches!(direction, Direction::Away) && !remainder.is_zero() {
        integer += 1u32;
    }
    let mut text = integer.to_string();
    // Rounding 9.99 away from zero gives 10.00: one digit too many, and that digit is 0.
    let wanted = usize::try_from(digits).unwrap_or(usize::MAX);
    if wanted < text.len() {
        text.pop();
        exponent += 1;
    }
    place_point(&text, exponent)
}

/// `⌊log10(numerator/denominator)⌋` for positive arguments.
fn decimal_exponent(numerator: &BigUint, denominator: &BigUint) -> i64 {
    let bits = i128::from(numerator.bits()) - i128::from(denominator.bits());
    // log2 of the quotient is within 1 of `bits` and log10(2) ≈ 0.30103, so this guess is within
    // a few units; the two loops below make it exact by comparison.
    let guess = (bits * 30_103).div_euclid(100_000);
    let mut exponent = i64::try_from(guess).expect("a bit length fits in i64");
    while is_below_power_of_ten(numerator, denominator, exponent) {
        exponent -= 1;
    }
    while !is_below_power_of_ten(numerator, denominator, exponent + 1) {
        exponent += 1;
    }
    exponent
}

/// Whether `numerator/denominator < 10^exponent`.
fn is_below_power_of_ten(numerator: &BigUint, denominator: &BigUint, exponent: i64) -> bool {
    let power = pow10(exponent.unsigned_abs());
    if 0 <= exponent { *numerator < denominator * power } else { numerator * power < *denominator }
}

/// Digits `d1 d2 … dn` as `d1.d2…dn·10^exponent`, plain or scientific.
fn place_point(digits: &str, exponent: i64) -> String {
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
    match exponent {
        -4..=-1 => format!("0.{}{digits}", zeros(-1 - exponent)),
        0..=14 => {
            let whole = usize::try_from(exponent + 1).unwrap_or(1);
            if digits.len() <= whole {
                format!("{digits}{}", "0".repeat(whole - digits.len()))
            } else {
                format!("{}.{}", &digits[..whole], &digits[whole..])
            }
        }
        _ if digits.len() == 1 => format!("{digits}e{exponent}"),
        _ => format!("{}.{}e{exponent}", &digits[..1], &digits[1..]),
    }
}

/// `2^exponent`.
///
/// The result has `|exponent| + 1` bits, so the caller keeps `|exponent|` to what memory holds.
#[must_use]
pub fn pow2(exponent: i64) -> Rational {
    let power = BigInt::one() << exponent.unsigned_abs();
    // Both parts are powers of two and one of them is 1: lowest terms without a gcd.
    if 0 <= exponent { Rational::new_raw(power, BigInt::one()) } else { Rational::new_raw(BigInt::one(), power) }
}

/// The greatest integer `≤ value`.
#[must_use]
pub fn floor(value: &Rational) -> BigInt {
    value.numer().div_floor(value.denom())
}

/// The least integer `≥ value`.
#[must_use]
pub fn ceil(value: &Rational) -> BigInt {
    -(-value.numer()).div_floor(value.denom())
}

/// The nearest integer, the even one of two equally near.
///
/// ```
/// use attestor::numbers::rational::{parse, round_nearest_even};
///
/// assert_eq!(round_nearest_even(&parse("2.5").unwrap()), 2.into());
/// assert_eq!(round_nearest_even(&parse("-3.5").unwrap()), (-4).into());
/// ```
#[must_use]
pub fn round_nearest_even(value: &Rational) -> BigInt {
    divide_nearest_even(value.numer(), value.denom())
}

/// `numerator/denominator` rounded to the nearest integer, ties to even; `denominator > 0`.
pub(super) fn divide_nearest_even(numerator: &BigInt, denominator: &BigInt) -> BigInt {
    let (quotient, remainder) = numerator.div_mod_floor(denominator);
    // value = quotient + remainder/denominator with 0 ≤ remainder < denominator.
    let twice: BigInt = remainder << 1;
    let round_up = match twice.cmp(denominator) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => quotient.is_odd(),
        std::cmp::Ordering::Greater => true,
    };
    if round_up { quotient + 1 } else { quotient }
}

fn pow10(exponent: u64) -> BigUint {
    Pow::pow(BigUint::from(10u32), exponent)
}

pub(super) fn syntax(text: &str) -> NumberError {
    NumberError::Syntax { text: shorten(text), remedy: FORMS }
}

pub(super) fn too_large(text: &str, remedy: &'static str) -> NumberError {
    NumberError::TooLarge { text: shorten(text), remedy }
}

/// The text itself, or its first characters when an error message would drown in it.
pub(super) fn shorten(text: &str) -> String {
    const SHOWN: usize = 60;
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    text.chars().take(SHOWN).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::{
        NumberError, Rational, canonical, ceil, decimal_down, decimal_up, floor, parse, pow2, round_nearest_even,
    };

    #[track_caller]
    fn number(text: &str) -> Rational {
        parse(text).expect("the row is well formed")
    }

    #[test]
    fn parse_reads_every_documented_form() {
        let rows = [
            ("0", "0"),
            ("-0", "0"),
            ("007", "7"),
            ("-3", "-3"),
            ("1/100", "1/100"),
            ("-6/4", "-3/2"),
            ("0.01", "1/100"),
            ("-12.50", "-25/2"),
            ("2^-7", "1/128"),
            ("-2^4", "-16"),
            ("3*2^-7", "3/128"),
            ("0.5*2^3", "4"),
            ("2^-0", "1"),
        ];
        for (text, expected) in rows {
            assert_eq!(canonical(&number(text)), expected, "{text}");
        }
    }

    #[test]
    fn parse_rejects_everything_else() {
        let rows = [
            "", "-", "+1", "--1", "1e-3", ".5", "5.", "1.2.3", "1_000", "0x1", " 1", "1 ", "1/-2", "1/2/3", "1/", "/2",
            "2^", "2^--1", "2^+1", "2^1.5", "3^2", "12^3", "*2^3", "3*2", "1/3*2^2", "2^2^2", "٣", "inf", "NaN",
            "1.5/2",
        ];
        for text in rows {
            assert!(matches!(parse(text), Err(NumberError::Syntax { .. })), "{text}");
        }
        assert!(matches!(parse("5/0"), Err(NumberError::ZeroDenominator { .. })));
        assert!(matches!(parse("-0/00"), Err(NumberError::ZeroDenominator { .. })));
    }

    #[test]
    fn parse_enforces_its_limits() {
        assert_eq!(number("2^65536"), pow2(65_536));
        assert_eq!(number("2^-65536"), pow2(-65_536));
        let long = "9".repeat(20_001);
        for text in ["2^65537", "2^-65537", "2^99999999999999999999999", &long] {
            let error = parse(text).expect_err("beyond the limit");
            assert!(matches!(error, NumberError::TooLarge { .. }), "{text}");
            assert!(error.to_string().chars().count() < 200, "the message is short");
        }
        assert!(parse(&long[1..]).is_ok());
    }

    #[test]
    fn decimals_are_directed_and_placed() {
        let rows = [
            ("0", 3, "0", "0"),
            ("1", 1, "1", "1"),
            ("3", 4, "3.000", "3.000"),
            ("1/3", 3, "0.333", "0.334"),
            ("-1/3", 3, "-0.334", "-0.333"),
            ("9.996", 3, "9.99", "10.0"),
            ("-9.996", 3, "-10.0", "-9.99"),
            ("123456", 3, "123000", "124000"),
            ("999999", 2, "990000", "1000000"),
            ("1/8192", 2, "0.00012", "0.00013"),
            ("1/16384", 4, "6.103e-5", "6.104e-5"),
            ("999999999999999", 1, "900000000000000", "1e15"),
            ("2^50", 3, "1.12e15", "1.13e15"),
            ("2^-65536", 2, "4.9e-19729", "5.0e-19729"),
            ("2/3", 0, "0.6", "0.7"),
        ];
        for (text, digits, down, up) in rows {
            assert_eq!(decimal_down(&number(text), digits), down, "{text} down");
            assert_eq!(decimal_up(&number(text), digits), up, "{text} up");
        }
    }

    #[test]
    fn integer_parts() {
        let rows = [
            ("5/2", 2, 3, 2),
            ("7/2", 3, 4, 4),
            ("-5/2", -3, -2, -2),
            ("-7/2", -4, -3, -4),
            ("8/3", 2, 3, 3),
            ("-8/3", -3, -2, -3),
            ("1/2", 0, 1, 0),
            ("-1/2", -1, 0, 0),
            ("4", 4, 4, 4),
        ];
        for (text, down, up, nearest) in rows {
            assert_eq!(floor(&number(text)), down.into(), "{text}");
            assert_eq!(ceil(&number(text)), up.into(), "{text}");
            assert_eq!(round_nearest_even(&number(text)), nearest.into(), "{text}");
        }
    }
}
