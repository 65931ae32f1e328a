//! Fixed-point words `(p, f)`: the numbers `k·2^-f` with integer `-2^(p-1) ≤ k < 2^(p-1)`.
//!
//! Paper item: the p-bit numbers of Defs 1–3 and Thm 2; `bits` is the paper's `p`,
//! `fraction_bits` is our `f`.
//!
//! In: exact rationals, a format and a rounding mode. Out: words, or an overflow.
//!
//! Invariant: a [`Word`]'s integer lies in its format's range.
//!
//! Bound proved: a rounded value differs from the exact one by at most `2^-(f+1)` (to nearest) or by
//! less than `2^-f` (directed modes), on the side that the mode names.
//!
//! Not here: saturation (a value outside the range is an error; whoever wants to saturate says so
//! and clamps), and binary floating-point formats.

use std::fmt;
use std::str::FromStr;

use num_bigint::BigInt;
use num_traits::{One, Signed};

use super::dyadic::Dyadic;
use super::rational::{Rational, canonical, ceil, decimal_down, floor, round_nearest_even, shorten};

/// The largest number of bits, and of fraction bits, of a format.
pub const MAX_BITS: u32 = 65_536;

/// How a number between two representable ones is rounded.
///
/// ```
/// use attestor::numbers::fixed::Rounding;
///
/// assert_eq!("toward-zero".parse(), Ok(Rounding::TowardZero));
/// assert_eq!(Rounding::NearestEven.to_string(), "nearest-even");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Rounding {
    /// To the nearest, and to the even integer `k` of two equally near.
    NearestEven,
    /// Toward −∞.
    Down,
    /// Toward +∞.
    Up,
    /// Toward zero.
    TowardZero,
}

impl Rounding {
    /// Every mode, in the order of the documentation.
    pub const ALL: [Rounding; 4] = [Rounding::NearestEven, Rounding::Down, Rounding::Up, Rounding::TowardZero];

    /// The mode's name in claims and certificates.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Rounding::NearestEven => "nearest-even",
            Rounding::Down => "down",
            Rounding::Up => "up",
            Rounding::TowardZero => "toward-zero",
        }
    }
}

impl fmt::Display for Rounding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A text that names no rounding mode.
///
/// ```
/// use attestor::numbers::fixed::Rounding;
///
/// assert!("nearest".parse::<Rounding>().is_err());
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{text}` is not a rounding mode: write nearest-even, down, up or toward-zero")]
pub struct UnknownRounding {
    /// The offending text, shortened if long.
    pub text: String,
}

impl FromStr for Rounding {
    type Err = UnknownRounding;

    fn from_str(text: &str) -> Result<Rounding, UnknownRounding> {
        Rounding::ALL
            .into_iter()
            .find(|mode| mode.name() == text)
            .ok_or_else(|| UnknownRounding { text: shorten(text) })
    }
}

/// A fixed-point format: `bits` in all, sign included, of which `fraction_bits` after the point.
///
/// `fraction_bits` may exceed `bits`: then all words are small fractions.
///
/// ```
/// use attestor::numbers::fixed::{Format, Rounding};
/// use attestor::numbers::rational::parse;
///
/// let format = Format::new(8, 6).unwrap();
/// let word = format.round(&parse("1/3").unwrap(), Rounding::Down).unwrap();
/// assert_eq!(word.value().to_string(), "21*2^-6");
/// assert!(format.round(&parse("2").unwrap(), Rounding::Down).is_err());
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Format {
    bits: u32,
    fraction_bits: u32,
}

/// Bits or fraction bits outside the supported range.
///
/// ```
/// use attestor::numbers::fixed::Format;
///
/// assert!(Format::new(0, 0).is_err());
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "({bits}, {fraction_bits}) is not a fixed-point format: \
     take 1 to 65536 bits and 0 to 65536 fraction bits"
)]
pub struct FormatError {
    /// The bits asked for.
    pub bits: u32,
    /// The fraction bits asked for.
    pub fraction_bits: u32,
}

impl Format {
    /// The format `(bits, fraction_bits)`.
    ///
    /// # Errors
    ///
    /// No bits at all, or more than [`MAX_BITS`] of either kind.
    pub fn new(bits: u32, fraction_bits: u32) -> Result<Format, FormatError> {
        if bits == 0 || MAX_BITS < bits.max(fraction_bits) {
            return Err(FormatError { bits, fraction_bits });
        }
        Ok(Format { bits, fraction_bits })
    }

    /// The number of bits of a word, sign included: `p`.
    #[must_use]
    pub fn bits(&self) -> u32 {
        self.bits
    }

    /// The number of bits after the point: `f`.
    #[must_use]
    pub fn fraction_bits(&self) -> u32 {
        self.fraction_bits
    }

    /// The distance of neighbouring words: `2^-f`.
    #[must_use]
    pub fn step(&self) -> Dyadic {
        Dyadic::power_of_two(-i64::from(self.fraction_bits))
    }

    /// The least word: `-2^(p-1-f)`.
    #[must_use]
    pub fn least(&self) -> Word {
        Word { format: *self, integer: -(BigInt::one() << (self.bits - 1)) }
    }

    /// The greatest word: `(2^(p-1) - 1)·2^-f`.
    #[must_use]
    pub fn greatest(&self) -> Word {
        Word { format: *self, integer: (BigInt::one() << (self.bits - 1)) - 1 }
    }

    /// Rounds `value` to a word of this format.
    ///
    /// *Requires*: nothing.
    ///
    /// *Ensures*: the word's value is the multiple of `2^-f` that `rounding` selects for `value`:
    /// see [`round_to_fraction_bits`].
    ///
    /// *Why*: rounding first and checking the range afterwards; so a value just below the range's
    /// end that rounds out of it overflows.
    ///
    /// *Source*: the p-bit numbers of Thm 2; Coq `Fixed.v`.
    ///
    /// # Errors
    ///
    /// The rounded integer is outside `[-2^(p-1), 2^(p-1))`.
    pub fn round(&self, value: &Rational, rounding: Rounding) -> Result<Word, Overflow> {
        let integer = round_to_fraction_bits(value, self.fraction_bits, rounding);
        let needed_bits = signed_bits(&integer);
        if u64::from(self.bits) < needed_bits {
            return Err(Overflow { value: value.clone(), format: *self, needed_bits });
        }
        Ok(Word { format: *self, integer })
    }

    /// The word with the given integer `k`, of value `k·2^-f`.
    ///
    /// # Errors
    ///
    /// `k` is outside `[-2^(p-1), 2^(p-1))`.
    pub fn word(&self, integer: BigInt) -> Result<Word, Overflow> {
        let needed_bits = signed_bits(&integer);
        if u64::from(self.bits) < needed_bits {
            let value = Dyadic::new(integer, -i64::from(self.fraction_bits)).to_rational();
            return Err(Overflow { value, format: *self, needed_bits });
        }
        Ok(Word { format: *self, integer })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "({}, {})", self.bits, self.fraction_bits)
    }
}

/// A number of a fixed-point format.
///
/// Representation: the integer `k` of `k·2^-f`, in the format's range.
///
/// ```
/// use attestor::numbers::fixed::Format;
///
/// let word = Format::new(4, 1).unwrap().word((-3).into()).unwrap();
/// assert_eq!(word.value().to_string(), "-3*2^-1");
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Word {
    format: Format,
    integer: BigInt,
}

impl Word {
    /// The word's format.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The integer `k`.
    #[must_use]
    pub fn integer(&self) -> &BigInt {
        &self.integer
    }

    /// The number `k·2^-f`, exactly.
    #[must_use]
    pub fn value(&self) -> Dyadic {
        Dyadic::new(self.integer.clone(), -i64::from(self.format.fraction_bits))
    }
}

/// A value outside a format's range.
///
/// ```
/// use attestor::numbers::fixed::{Format, Rounding};
/// use attestor::numbers::rational::parse;
///
/// let overflow = Format::new(4, 2).unwrap().round(&parse("2").unwrap(), Rounding::Up).unwrap_err();
/// assert_eq!(overflow.needed_bits, 5);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Overflow {
    /// The value that was to be rounded.
    pub value: Rational,
    /// The format it does not fit.
    pub format: Format,
    /// The least number of bits, with the same fraction bits, that would hold it.
    pub needed_bits: u64,
}

impl fmt::Display for Overflow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const READABLE: u64 = 100;
        let is_short = self.value.numer().bits().max(self.value.denom().bits()) <= READABLE;
        let value = if is_short { canonical(&self.value) } else { format!("about {}", decimal_down(&self.value, 10)) };
        write!(
            formatter,
            "{value} overflows the fixed-point format {}: take at least {} bits, fewer fraction bits, or a smaller scale",
            self.format, self.needed_bits
        )
    }
}

impl std::error::Error for Overflow {}

/// The least `p` with `-2^(p-1) ≤ integer < 2^(p-1)`.
///
/// *Requires*: nothing.
///
/// *Ensures*: `p ≥ 1`, the inequality holds for `p` and for no smaller one.
///
/// *Why*: for `0 ≤ k` it says `bits(k) ≤ p-1`; for `k < 0` it says `-k-1 < 2^(p-1)`, so
/// `bits(-k-1) ≤ p-1`.
///
/// *Source*: section 0's fixed point; counts `p` in Thm 2.
#[must_use]
pub fn signed_bits(integer: &BigInt) -> u64 {
    if integer.is_negative() { (-integer - BigInt::one()).bits() + 1 } else { integer.bits() + 1 }
}

/// The integer `k` for which `k·2^-f` is `value` rounded to `f` fraction bits.
///
/// *Requires*: nothing.
///
/// *Ensures*: `k` is `⌊v⌋` (down), `⌈v⌉` (up), the one nearer to zero (toward-zero), or the nearest
/// integer with ties to even, where `v = value·2^f`.
/// So `|value - k·2^-f|` is at most `2^-(f+1)` to nearest and below `2^-f` otherwise.
///
/// *Why*: floor division of the scaled numerator, with the exact remainder.
///
/// *Source*: Lemma C and section 4a use these error bounds.
#[must_use]
pub fn round_to_fraction_bits(value: &Rational, fraction_bits: u32, rounding: Rounding) -> BigInt {
    // Not in lowest terms, which floor and remainder do not need.
    let scaled = Rational::new_raw(value.numer() << fraction_bits, value.denom().clone());
    match rounding {
        Rounding::NearestEven => round_nearest_even(&scaled),
        Rounding::Down => floor(&scaled),
        Rounding::Up => ceil(&scaled),
        // Truncating division of integers is rounding toward zero.
        Rounding::TowardZero => scaled.numer() / scaled.denom(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Format, MAX_BITS, Rounding, round_to_fraction_bits, signed_bits};
    use crate::numbers::rational::{Rational, parse, pow2};
    use num_bigint::BigInt;

    fn number(text: &str) -> Rational {
        parse(text).expect("the row is well formed")
    }

    #[test]
    fn formats_are_checked() {
        for (bits, fraction_bits) in [(0, 0), (MAX_BITS + 1, 0), (1, MAX_BITS + 1)] {
            assert!(Format::new(bits, fraction_bits).is_err());
        }
        let narrow = Format::new(2, 10).unwrap();
        assert_eq!(narrow.least().value().to_string(), "-1*2^-9");
        assert_eq!(narrow.greatest().value().to_string(), "1*2^-10");
        assert_eq!(narrow.to_string(), "(2, 10)");
    }

    /// Rows: value in quarters of a step, then nearest-even, down, up, toward zero.
    #[test]
    fn the_four_modes_on_quarters() {
        let rows = [
            (-8, [-2, -2, -2, -2]),
            (-7, [-2, -2, -1, -1]),
            (-6, [-2, -2, -1, -1]),
            (-5, [-1, -2, -1, -1]),
            (-3, [-1, -1, 0, 0]),
            (-2, [0, -1, 0, 0]),
            (-1, [0, -1, 0, 0]),
            (0, [0, 0, 0, 0]),
            (1, [0, 0, 1, 0]),
            (2, [0, 0, 1, 0]),
            (3, [1, 0, 1, 0]),
            (5, [1, 1, 2, 1]),
            (6, [2, 1, 2, 1]),
            (7, [2, 1, 2, 1]),
        ];
        for (quarters, expected) in rows {
            for fraction_bits in [0, 1, 5] {
                let value = Rational::from_integer(quarters.into()) * pow2(-2 - i64::from(fraction_bits));
                let rounded = Rounding::ALL.map(|mode| round_to_fraction_bits(&value, fraction_bits, mode));
                assert_eq!(rounded, expected.map(BigInt::from), "{quarters}");
            }
        }
    }

    #[test]
    fn overflow_is_an_error_that_names_its_remedy() {
        let format = Format::new(4, 1).unwrap();
        assert!(format.round(&number("3.5"), Rounding::Up).is_ok());
        assert!(format.round(&number("-4"), Rounding::Down).is_ok());
        // 3.75 rounds into the range or out of it.
        assert!(format.round(&number("3.75"), Rounding::Down).is_ok());
        let overflow = format.round(&number("3.75"), Rounding::NearestEven).unwrap_err();
        assert_eq!(
            overflow.to_string(),
            "15/4 overflows the fixed-point format (4, 1): take at least 5 bits, \
             fewer fraction bits, or a smaller scale"
        );
        assert!(format.word(BigInt::from(8)).is_err() && format.word(BigInt::from(-8)).is_ok());
        let long = format.round(&pow2(1000), Rounding::Down).unwrap_err();
        assert!(long.to_string().starts_with("about 1.071508607e301 overflows"));
        assert_eq!(long.needed_bits, 1003);
    }

    #[test]
    fn signed_bits_by_definition() {
        for integer in -300_i64..=300 {
            let least = (1_u32..).find(|bits| -(1_i64 << (bits - 1)) <= integer && integer < 1 << (bits - 1)).unwrap();
            assert_eq!(signed_bits(&integer.into()), u64::from(least), "{integer}");
        }
    }

    #[test]
    fn modes_have_names() {
        for mode in Rounding::ALL {
            assert_eq!(mode.to_string().parse(), Ok(mode));
        }
        for text in ["", "Down", "nearest", "zero", "down "] {
            assert!(text.parse::<Rounding>().is_err());
        }
    }
}
