//! Two-sided enclosures of `e^{-x}`, `x ≥ 0`, from Lemma D alone.
//!
//! In: a rational `x ≥ 0`. Out: an [`Enclosure`], in units of `2^-precision`.
//! Method: `x` is written in base 256; `e^{-x}` is the product of `e^{-d·256^i}` over its digits `d`,
//! each from the Taylor brackets of `e^{d·256^i}` and kept once computed.
//! There is no argument reduction and no squaring.

use std::collections::HashMap;

use num_bigint::BigUint;
use num_integer::Integer;
use num_traits::{One, Zero};

use crate::number::{Rational, clamp_to_unsigned};

/// A number of `[0, 1]`, or a sum of such numbers: it lies in `[lo, lo + ulps]` units of `2^-precision`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Enclosure {
    pub(crate) lo: BigUint,
    /// At most about 4 for each of the `precision/8` digits, so a sum over `2^22` tokens fits easily.
    pub(crate) ulps: u64,
}

impl Enclosure {
    pub(crate) fn zero() -> Self {
        Enclosure { lo: BigUint::zero(), ulps: 0 }
    }

    /// Exactly 1.
    pub(crate) fn one(precision: u64) -> Self {
        Enclosure { lo: BigUint::one() << precision, ulps: 0 }
    }

    pub(crate) fn hi(&self) -> BigUint {
        &self.lo + self.ulps
    }

    pub(crate) fn add(&mut self, other: &Enclosure) {
        self.lo += &other.lo;
        self.ulps += other.ulps;
    }

    /// The product of two numbers of `[0, 1]`.
    fn times(&self, other: &Enclosure, precision: u64) -> Enclosure {
        // In units u = 2^-P, with numbers a + s and b + t, 0 ≤ s ≤ self.ulps, 0 ≤ t ≤ other.ulps:
        // (a + s)(b + t)/2^P = ab/2^P + (a/2^P)·t + (b/2^P)·s + st/2^P
        //                    ≤ ⌊ab/2^P⌋ + 1 + t + s + 1,
        // because a, b ≤ 2^P, and st ≤ 2^P as P ≥ 64 and both are far below 2^32.
        let lo = (&self.lo * &other.lo) >> precision;
        Enclosure { lo, ulps: self.ulps + other.ulps + 2 }
    }
}

/// `e^{-x}` at one precision, with the digits seen so far.
pub(crate) struct NegExp {
    precision: u64,
    /// Digits to the right of the point: 256^-n_fraction_digits ≤ 2^-(precision + 16).
    n_fraction_digits: u64,
    digits: HashMap<(u64, u8), Enclosure>,
}

impl NegExp {
    pub(crate) fn new(precision: u64) -> Self {
        let precision = precision.max(64);
        let n_fraction_digits = (precision + 16).div_ceil(8);
        NegExp { precision, n_fraction_digits, digits: HashMap::new() }
    }

    pub(crate) fn precision(&self) -> u64 {
        self.precision
    }

    /// `e^{-numer/denom}` lies in the result; `denom > 0`.
    pub(crate) fn at(&mut self, numer: &BigUint, denom: &BigUint) -> Enclosure {
        if denom * self.precision <= *numer {
            return self.negligible();
        }
        let scaled: BigUint = numer << (8 * self.n_fraction_digits);
        // x = k·2^-F + u with F = 8·n_fraction_digits and 0 ≤ u < 2^-F.
        let (truncated, rest) = scaled.div_rem(denom);
        let mut product: Option<Enclosure> = None;
        for (place, digit) in (0u64..).zip(truncated.to_bytes_le()) {
            if digit != 0 {
                let precision = self.precision;
                let factor = self.digit(place, digit);
                product = Some(match product {
                    None => factor.clone(),
                    Some(product) => product.times(factor, precision),
                });
            }
        }
        let mut product = product.unwrap_or_else(|| Enclosure::one(self.precision));
        if !rest.is_zero() && !product.lo.is_zero() {
            // e^{-u} ≥ 1 - u > 1 - 2^-(P+16), and lo ≤ 2^P units, so one unit less is low enough;
            // e^{-u} ≤ 1, so the upper end stays.
            product.lo -= 1u32;
            product.ulps += 1;
        }
        product
    }

    /// `e^{-x}` for `x ≥ precision`: `0 < e^{-x} ≤ e^{-P} < 2^-P`.
    pub(crate) fn negligible(&self) -> Enclosure {
        Enclosure { lo: BigUint::zero(), ulps: 1 }
    }

    fn digit(&mut self, place: u64, digit: u8) -> &Enclosure {
        let (precision, n_fraction_digits) = (self.precision, self.n_fraction_digits);
        self.digits.entry((place, digit)).or_insert_with(|| {
            let left = 8 * place.saturating_sub(n_fraction_digits);
            let right = 8 * n_fraction_digits.saturating_sub(place);
            taylor_neg_exp(digit, left, right, precision)
        })
    }
}

/// Encloses `e^{-x}` for `x = digit·2^{left-right}`, where `left` or `right` is 0.
fn taylor_neg_exp(digit: u8, left: u64, right: u64, precision: u64) -> Enclosure {
    // Each of n terms is off by a unit of 2^-working, so 64 guard bits leave a width of a unit or two
    // for every n below 2^60; the loop is here so that nothing rests on this count.
    let mut working = precision + 64;
    loop {
        let (sum_lo, sum_hi) = taylor_exp(digit, left, right, working);
        // 1/sum_hi ≤ e^{-x} ≤ 1/sum_lo, and sum_lo ≥ 1.
        let unit: BigUint = BigUint::one() << (working + precision);
        let lo = &unit / &sum_hi;
        let width = unit.div_ceil(&sum_lo) - &lo;
        if let Ok(ulps) = u8::try_from(width) {
            return Enclosure { lo, ulps: ulps.into() };
        }
        working += precision;
    }
}

/// Encloses `e^x` for `x = digit·2^{left-right}` in units of `2^-working`.
fn taylor_exp(digit: u8, left: u64, right: u64, working: u64) -> (BigUint, BigUint) {
    // An integer above 2x.
    let twice_x = (((BigUint::from(digit) << left) >> right) + 1u32) * 2u32;
    let (mut sum_lo, mut sum_hi) = (BigUint::zero(), BigUint::zero());
    let mut term_lo: BigUint = BigUint::one() << working;
    let mut term_hi = term_lo.clone();
    let mut n_terms = BigUint::zero();
    // Invariant: the sums enclose T_n(x) = Σ_{k<n} x^k/k! and the terms x^n/n!:
    // floor of floor below, ceiling of ceiling above.
    // It ends: once n ≥ 2x, the upper term at least halves until it is 1.
    while n_terms < twice_x || BigUint::one() < term_hi {
        sum_lo += &term_lo;
        sum_hi += &term_hi;
        n_terms += 1u32;
        term_lo = ((term_lo * digit) << left) >> right;
        term_lo /= &n_terms;
        term_hi = shift_right_up((term_hi * digit) << left, right).div_ceil(&n_terms);
    }
    // T_n(x) ≤ e^x ≤ T_n(x) + (x^n/n!)·n/(n-x) ≤ T_n(x) + 2·x^n/n!, because n ≥ 2x.
    sum_hi += term_hi * 2u32;
    (sum_lo, sum_hi)
}

fn shift_right_up(value: BigUint, bits: u64) -> BigUint {
    let floor = &value >> bits;
    if (&floor << bits) < value { floor + 1u32 } else { floor }
}

/// Exponentials that are kept; beyond that all are forgotten and computed again.
const MAX_KNOWN: usize = 1 << 17;

/// `e^{-α·k}` for a fixed scale `α` and integers `k ≥ 0`, each computed once for a precision.
pub(crate) struct ScaledExp {
    scale_numer: BigUint,
    scale_denom: BigUint,
    exp: NegExp,
    /// From this multiple on, `α·k ≥ precision`.
    cap: BigUint,
    known: HashMap<u128, Enclosure>,
}

impl ScaledExp {
    pub(crate) fn new(scale: &Rational, precision: u64) -> Self {
        let scale_numer = clamp_to_unsigned(scale.numer());
        let scale_denom = clamp_to_unsigned(scale.denom());
        let exp = NegExp::new(precision);
        // A zero scale (which `claim.S1` excludes) has no cap; its multiples are all 0 anyway.
        let divisor = if scale_numer.is_zero() { BigUint::one() } else { scale_numer.clone() };
        let cap = (&scale_denom * exp.precision()).div_ceil(&divisor);
        ScaledExp { scale_numer, scale_denom, exp, cap, known: HashMap::new() }
    }

    /// Changes the precision; what was computed at another one is forgotten.
    pub(crate) fn set_precision(&mut self, precision: u64) {
        if self.exp.precision() != precision.max(64) {
            self.exp = NegExp::new(precision);
            let divisor = if self.scale_numer.is_zero() { BigUint::one() } else { self.scale_numer.clone() };
            self.cap = (&self.scale_denom * self.exp.precision()).div_ceil(&divisor);
            self.known.clear();
        }
    }

    pub(crate) fn exp(&mut self) -> &mut NegExp {
        &mut self.exp
    }

    pub(crate) fn precision(&self) -> u64 {
        self.exp.precision()
    }

    /// The least multiple whose weight is negligible, if there is one.
    pub(crate) fn cap(&self) -> Option<&BigUint> {
        if self.scale_numer.is_zero() { None } else { Some(&self.cap) }
    }

    /// `e^{-α·multiple}`.
    pub(crate) fn at(&mut self, multiple: u128) -> &Enclosure {
        if MAX_KNOWN <= self.known.len() {
            self.known.clear();
        }
        let (numer, denom, exp) = (&self.scale_numer, &self.scale_denom, &mut self.exp);
        self.known.entry(multiple).or_insert_with(|| exp.at(&(numer * multiple), denom))
    }

    /// `e^{-α·multiple}` for a multiple of any size.
    pub(crate) fn at_big(&mut self, multiple: &BigUint) -> Enclosure {
        self.exp.at(&(&self.scale_numer * multiple), &self.scale_denom)
    }
}

#[cfg(test)]
mod tests {
    use super::NegExp;
    use crate::number::{Rational, power_of_two};
    use num_bigint::{BigInt, BigUint};

    /// Exact partial sums of e^x with x = numer/denom, as brackets of e^x.
    fn exact_brackets(numer: u64, denom: u64, n_terms: u64) -> (Rational, Rational) {
        let x = Rational::new(numer.into(), denom.into()).expect("a denominator");
        let (mut sum, mut term) = (Rational::integer(0), Rational::integer(1));
        for k in 1..=n_terms {
            sum = sum.plus(&term);
            term = term.times(&x).over(&Rational::integer(k)).expect("k is positive");
        }
        let tail = term.times(&Rational::integer(2));
        (sum.clone(), sum.plus(&tail))
    }

    #[test]
    fn contains_the_exact_series() {
        for precision in [64, 128, 200] {
            let mut exp = NegExp::new(precision);
            for (numer, denom) in
                [(0, 1), (1, 1), (1, 3), (7, 2), (255, 256), (1, 1024), (20, 1), (40, 7), (1, 1 << 40)]
            {
                let found = exp.at(&BigUint::from(numer), &BigUint::from(denom));
                let n_terms = 3 * numer / denom + 60;
                let (low, high) = exact_brackets(numer, denom, n_terms);
                let as_rational = |value: BigUint| Rational::scaled(BigInt::from(value), precision);
                // lo ≤ e^{-x} means lo·e^x ≤ 1; it is shown with the larger bracket where that one is tight.
                let slack = Rational::integer(1).plus(&Rational::scaled(1.into(), 60));
                assert!(as_rational(found.lo.clone()).times(&low) <= Rational::integer(1), "{numer}/{denom}");
                assert!(as_rational(found.lo.clone()).times(&high) <= slack, "{numer}/{denom}");
                assert!(Rational::integer(1) <= as_rational(found.hi()).times(&high), "{numer}/{denom}");
                assert!(found.ulps < 2000);
            }
        }
    }

    #[test]
    fn two_precisions_overlap() {
        let (mut coarse, mut fine) = (NegExp::new(64), NegExp::new(320));
        for numer in (0u32..4000).step_by(37) {
            let (numer, denom) = (BigUint::from(numer), BigUint::from(91u32));
            let (rough, exact) = (coarse.at(&numer, &denom), fine.at(&numer, &denom));
            assert!(rough.lo.clone() << 256u32 <= exact.hi());
            assert!(exact.lo <= rough.hi() << 256u32);
        }
    }

    #[test]
    fn products_obey_the_functional_law() {
        let mut exp = NegExp::new(192);
        let unit = power_of_two(192).to_biguint().expect("positive");
        for (a, b) in [(1u32, 2u32), (5, 9), (30, 41), (100, 3)] {
            let denom = BigUint::from(7u32);
            let (left, right) = (exp.at(&a.into(), &denom), exp.at(&b.into(), &denom));
            let whole = exp.at(&(a + b).into(), &denom);
            assert!(&left.lo * &right.lo <= whole.hi() * &unit);
            assert!(&whole.lo * &unit <= left.hi() * right.hi());
        }
    }

    #[test]
    fn large_arguments_are_negligible_and_zero_is_exact() {
        let mut exp = NegExp::new(100);
        let huge = exp.at(&(BigUint::from(1u32) << 5000u32), &BigUint::from(3u32));
        assert_eq!((huge.lo, huge.ulps), (BigUint::from(0u32), 1));
        let one = exp.at(&BigUint::from(0u32), &BigUint::from(3u32));
        assert_eq!((one.lo, one.ulps), (BigUint::from(1u32) << 100u32, 0));
    }
}
