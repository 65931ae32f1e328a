//! Unreduced fractions of big integers, and enclosures of `e^{-x}` in fixed point.
//!
//! Deliberately the textbook way: halve the argument, add the alternating series, square back.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

/// A numerator over a positive denominator.
#[derive(Clone, Debug)]
pub struct Fraction {
    pub numer: BigInt,
    pub denom: BigInt,
}

impl Fraction {
    pub fn new(numer: impl Into<BigInt>, denom: impl Into<BigInt>) -> Fraction {
        let (numer, denom): (BigInt, BigInt) = (numer.into(), denom.into());
        assert!(!denom.is_zero(), "a denominator");
        if denom.is_negative() { Fraction { numer: -numer, denom: -denom } } else { Fraction { numer, denom } }
    }

    pub fn integer(numer: impl Into<BigInt>) -> Fraction {
        Fraction::new(numer, 1)
    }

    /// Reads `p`, `p/q` or `m*2^e`.
    pub fn parse(text: &str) -> Option<Fraction> {
        if let Some((mantissa, exponent)) = text.split_once("*2^") {
            let (mantissa, exponent): (BigInt, i64) = (mantissa.parse().ok()?, exponent.parse().ok()?);
            let power = BigInt::one() << exponent.unsigned_abs();
            return Some(if exponent < 0 {
                Fraction::new(mantissa, power)
            } else {
                Fraction::integer(mantissa * power)
            });
        }
        let (numer, denom) = text.split_once('/').unwrap_or((text, "1"));
        let (numer, denom): (BigInt, BigInt) = (numer.parse().ok()?, denom.parse().ok()?);
        (!denom.is_zero()).then(|| Fraction::new(numer, denom))
    }

    /// The canonical text of a rational.
    pub fn rational(&self) -> String {
        let divisor = self.numer.gcd(&self.denom);
        let (numer, denom) = (&self.numer / &divisor, &self.denom / &divisor);
        if denom.is_one() { numer.to_string() } else { format!("{numer}/{denom}") }
    }

    /// The canonical text of a dyadic number; the denominator must be a power of 2.
    pub fn dyadic(&self) -> String {
        let mut mantissa = self.numer.clone();
        if mantissa.is_zero() {
            return "0*2^0".to_owned();
        }
        let bits = i64::try_from(self.denom.bits()).expect("a small number");
        let mut exponent = 1 - bits;
        while mantissa.is_even() {
            mantissa >>= 1u32;
            exponent += 1;
        }
        format!("{mantissa}*2^{exponent}")
    }

    /// The dyadic number of the given fraction bits at or above (or below).
    pub fn rounded(&self, bits: u64, up: bool) -> Fraction {
        let scaled: BigInt = &self.numer << bits;
        let mantissa = if up { scaled.div_ceil(&self.denom) } else { scaled.div_floor(&self.denom) };
        Fraction::new(mantissa, BigInt::one() << bits)
    }

    pub fn plus(&self, other: &Fraction) -> Fraction {
        Fraction::new(&self.numer * &other.denom + &other.numer * &self.denom, &self.denom * &other.denom)
    }

    pub fn minus(&self, other: &Fraction) -> Fraction {
        Fraction::new(&self.numer * &other.denom - &other.numer * &self.denom, &self.denom * &other.denom)
    }

    pub fn times(&self, other: &Fraction) -> Fraction {
        Fraction::new(&self.numer * &other.numer, &self.denom * &other.denom)
    }

    pub fn over(&self, other: &Fraction) -> Fraction {
        Fraction::new(&self.numer * &other.denom, &self.denom * &other.numer)
    }

    pub fn abs(&self) -> Fraction {
        Fraction::new(self.numer.abs(), self.denom.clone())
    }

    /// The nearest integer, ties to even.
    pub fn nearest_even(&self) -> BigInt {
        let (floor, rest) = self.numer.div_mod_floor(&self.denom);
        match (&rest * 2u32).cmp(&self.denom) {
            Ordering::Less => floor,
            Ordering::Greater => floor + 1u32,
            Ordering::Equal => {
                if floor.is_even() {
                    floor
                } else {
                    floor + 1u32
                }
            }
        }
    }
}

impl PartialEq for Fraction {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Fraction {}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Self) -> Ordering {
        (&self.numer * &other.denom).cmp(&(&other.numer * &self.denom))
    }
}

/// Brackets of a number of `[0, 1]`, or of sums of them, in units of `2^-bits`.
#[derive(Clone, Debug)]
pub struct Bracket {
    pub lo: BigInt,
    pub hi: BigInt,
}

const GUARD_BITS: u32 = 96;

/// Encloses `e^{-x}`, `x ≥ 0`, in units of `2^-bits`.
pub fn neg_exp(x: &Fraction, bits: u32) -> Bracket {
    if x.numer.is_zero() {
        let one = BigInt::one() << bits;
        return Bracket { lo: one.clone(), hi: one };
    }
    // e^{-bits} < 2^-bits.
    if &x.denom * bits <= x.numer {
        return Bracket { lo: BigInt::zero(), hi: BigInt::one() };
    }
    let working = bits + GUARD_BITS;
    // y = x/2^halvings < 1/2.
    let mut halvings = 0u32;
    while &x.denom << halvings <= &x.numer * 2u32 {
        halvings += 1;
    }
    let y_lo: BigInt = (&x.numer << working) / (&x.denom << halvings);
    let y_hi: BigInt = &y_lo + 1u32;
    let (mut lo, mut hi) = (series(&y_hi, working).lo, series(&y_lo, working).hi);
    for _ in 0..halvings {
        lo = (&lo * &lo) >> working;
        hi = ((&hi * &hi) >> working) + 1u32;
    }
    Bracket { lo: lo >> GUARD_BITS, hi: (hi >> GUARD_BITS) + 1u32 }
}

/// `e^{-y} = Σ (-y)^n/n!` for `0 ≤ y ≤ 1/2`: every term is off by at most 2 units, the rest is below the last term.
fn series(y: &BigInt, working: u32) -> Bracket {
    let (mut term, mut sum, mut n_terms) = (BigInt::one() << working, BigInt::zero(), 0u32);
    while !term.is_zero() {
        if n_terms.is_multiple_of(2) {
            sum += &term;
        } else {
            sum -= &term;
        }
        n_terms += 1;
        term = ((term * y) >> working) / n_terms;
    }
    let slack = 2 * n_terms + 4;
    Bracket { lo: (&sum - slack).max(BigInt::zero()), hi: sum + slack }
}
