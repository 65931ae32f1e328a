//! Exact verification of an answer: the gate through which every [`Dual`] passes.
//!
//! **Item.** The criteria of Karush–Kuhn–Tucker and of Farkas, as stated and derived in the folder's
//! documentation; they are the side conditions of the certificate rules `dual` and `no-dual`.
//! **In and out.** Keys, support, margin and a [`Dual`]; a truth value.
//! **Invariant.** Reads the keys only through [`Keys::sign`], so that it shares nothing with the search,
//! which reads inner products.
//! **Not here.** How the answer was found, and why it was refused.

use super::repair::common_divisor;
use super::{Dual, Keys};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

/// Whether `dual` is what it claims to be.
///
/// *Requires* `support` strictly increasing with tokens below `N`; `margin ≤ 1`.
/// *Ensures* if true, `dual` is the unique minimiser of (P), or a proof that (P) is infeasible.
/// *Why* the criteria of the folder's documentation.
/// *Source* certificate rules `dual.S1`–`S5` and `no-dual.S1`–`S4`.
pub(super) fn holds<K: Keys + ?Sized>(keys: &K, support: &[usize], margin: &BigRational, dual: &Dual) -> bool {
    match dual {
        Dual::Vector { keys: tokens, coefficients, denominator } => {
            is_listed(keys, tokens, coefficients)
                && denominator.is_positive()
                && common_divisor(denominator.clone(), coefficients).is_one()
                && is_optimal(keys, support, margin, (tokens, coefficients, denominator))
        }
        Dual::Infeasible { keys: tokens, coefficients } => {
            is_listed(keys, tokens, coefficients)
                && common_divisor(BigInt::zero(), coefficients).is_one()
                && combination(keys, tokens, coefficients).iter().all(BigInt::is_zero)
                && is_contradiction(support, margin, tokens, coefficients)
        }
    }
}

/// Tokens strictly increasing and below `N`, not none, with as many nonzero coefficients.
fn is_listed<K: Keys + ?Sized>(keys: &K, tokens: &[usize], coefficients: &[BigInt]) -> bool {
    tokens.len() == coefficients.len()
        && tokens.windows(2).all(|pair| pair[0] < pair[1])
        && tokens.last().is_some_and(|last| *last < keys.n_tokens())
        && !coefficients.iter().any(BigInt::is_zero)
}

/// The Karush–Kuhn–Tucker conditions, times `denominator` and the margin's denominator.
fn is_optimal<K: Keys + ?Sized>(
    keys: &K,
    support: &[usize],
    margin: &BigRational,
    (tokens, coefficients, denominator): (&[usize], &[BigInt], &BigInt),
) -> bool {
    let bound = (margin.denom() - margin.numer()) * denominator;
    scores(keys, tokens, coefficients).into_iter().enumerate().all(|(token, score)| {
        if support.binary_search(&token).is_ok() {
            return score == *denominator;
        }
        let score = score * margin.denom();
        match tokens.binary_search(&token) {
            Ok(position) => score == bound && coefficients[position].is_negative(),
            Err(_) => score <= bound,
        }
    })
}

/// Positive off the support, and `Σ_{k∈y} c_k + (1-γ)·Σ_{k∉y} c_k < 0`, times the margin's denominator.
fn is_contradiction(support: &[usize], margin: &BigRational, tokens: &[usize], coefficients: &[BigInt]) -> bool {
    let mut on = BigInt::zero();
    let mut off = BigInt::zero();
    for (token, coefficient) in tokens.iter().zip(coefficients) {
        if support.binary_search(token).is_ok() {
            on += coefficient;
        } else if coefficient.is_positive() {
            off += coefficient;
        } else {
            return false;
        }
    }
    (on * margin.denom() + off * (margin.denom() - margin.numer())).is_negative()
}

/// `⟨Σ c_k u_k, u_j⟩` for every token `j`.
fn scores<K: Keys + ?Sized>(keys: &K, tokens: &[usize], coefficients: &[BigInt]) -> Vec<BigInt> {
    let vector = combination(keys, tokens, coefficients);
    signed_sums(&vector, keys.n_tokens(), |token, coordinate| keys.sign(token, coordinate))
}

/// The coordinates of `Σ c_k u_k`.
fn combination<K: Keys + ?Sized>(keys: &K, tokens: &[usize], coefficients: &[BigInt]) -> Vec<BigInt> {
    signed_sums(coefficients, keys.key_width(), |coordinate, term| keys.sign(tokens[term], coordinate))
}

/// The sums `Σ_i ±values[i]` of `n_sums` sign patterns, digit by digit to base `2^32`.
fn signed_sums(values: &[BigInt], n_sums: usize, sign: impl Fn(usize, usize) -> i8) -> Vec<BigInt> {
    let columns = digit_columns(values);
    let mut masks = vec![0; values.len()];
    let mut sums = vec![0; columns.len()];
    let total = |pattern| {
        for (i, mask) in masks.iter_mut().enumerate() {
            *mask = if sign(pattern, i) > 0 { 0 } else { -1 };
        }
        for (sum, column) in sums.iter_mut().zip(&columns) {
            *sum = masked_sum(column, &masks);
        }
        from_digits(&sums)
    };
    (0..n_sums).map(total).collect()
}

/// `Σ ±digit`, negated where the mask is -1: `-d = (d xor -1) + 1`.
///
/// Nothing wraps: `|digit| < 2^32`, and there are fewer than `2^31` of them.
fn masked_sum(digits: &[i64], masks: &[i64]) -> i64 {
    digits.iter().zip(masks).fold(0, |sum: i64, (digit, mask)| sum.wrapping_add((digit ^ mask).wrapping_sub(*mask)))
}

/// For each place, least first, the signed digits of all values.
fn digit_columns(values: &[BigInt]) -> Vec<Vec<i64>> {
    let n_places = values.iter().map(|value| value.bits().div_ceil(32)).max().unwrap_or(0);
    let mut columns: Vec<Vec<i64>> = (0..n_places).map(|_| vec![0; values.len()]).collect();
    for (i, value) in values.iter().enumerate() {
        for (column, digit) in columns.iter_mut().zip(value.iter_u32_digits()) {
            column[i] = if value.is_negative() { -i64::from(digit) } else { digit.into() };
        }
    }
    columns
}

/// `Σ_l digits[l]·2^{32·l}` for digits of any sign; in 128 bits as far as two places go.
fn from_digits(digits: &[i64]) -> BigInt {
    let pair = |pair: &[i64]| pair.iter().rev().fold(0_i128, |sum, digit| (sum << 32) + i128::from(*digit));
    let mut pairs = digits.chunks(2).map(pair).rev();
    let top = BigInt::from(pairs.next().unwrap_or(0));
    pairs.fold(top, |sum, pair| (sum << 64_u32) + pair)
}

#[cfg(test)]
mod tests {
    use super::super::Dual;
    use super::super::fixtures::{SignTable, rational};
    use super::{holds, signed_sums};
    use num_bigint::BigInt;

    fn big(values: &[i64]) -> Vec<BigInt> {
        values.iter().map(|&value| BigInt::from(value)).collect()
    }

    #[test]
    fn vectors_and_their_mutations() {
        // Key 1 is tight, key 2 is orthogonal to key 0, key 3 is opposite to key 0.
        let keys = SignTable::from_rows(&["++++++", "+++++-", "+++---", "------"]);
        let verdict = |support: &[usize], tokens: &[usize], coefficients: &[i64], denominator: i64| {
            let dual = Dual::Vector {
                keys: tokens.to_vec(),
                coefficients: big(coefficients),
                denominator: denominator.into(),
            };
            holds(&keys, support, &rational(1, 2), &dual)
        };
        assert!(verdict(&[0], &[0, 1], &[4, -1], 20));
        // Each row breaks one condition: lowest terms, order, listing, sign of the denominator.
        assert!(!verdict(&[0], &[0, 1], &[8, -2], 40));
        assert!(!verdict(&[0], &[1, 0], &[-1, 4], 20));
        assert!(!verdict(&[0], &[0, 1, 2], &[4, -1, 0], 20));
        assert!(!verdict(&[0], &[0, 1], &[4], 20));
        assert!(!verdict(&[0], &[0, 4], &[4, -1], 20));
        assert!(!verdict(&[0], &[], &[], 1));
        assert!(!verdict(&[0], &[0, 1], &[-4, 1], -20));
        // Equality on the support, inequality off it, complementary slackness, sign off the support.
        assert!(!verdict(&[0], &[0, 1], &[4, -1], 21));
        assert!(!verdict(&[0], &[0], &[1], 6));
        assert!(!verdict(&[0], &[0, 1], &[5, -3], 18));
        assert!(!verdict(&[0], &[1, 3], &[-1, -4], 20));
        assert!(!verdict(&[1], &[0, 1], &[4, -1], 20));
    }

    #[test]
    fn each_condition_alone_is_enough_to_reject() {
        let keys = SignTable::from_rows(&["++++", "+-+-"]);
        let verdict = |tokens: &[usize], coefficients: &[i64], denominator: i64| {
            let dual = Dual::Vector {
                keys: tokens.to_vec(),
                coefficients: big(coefficients),
                denominator: denominator.into(),
            };
            holds(&keys, &[0], &rational(1, 2), &dual)
        };
        assert!(verdict(&[0], &[1], 4));
        // The score on the support is 4/5; key 1 is tight, but pulled up instead of pushed down.
        assert!(!verdict(&[0], &[1], 5));
        assert!(!verdict(&[0, 1], &[2, 1], 8));
        // Slack off the support with a negative coefficient.
        assert!(!verdict(&[0, 1], &[2, -1], 8));
    }

    #[test]
    fn farkas_multipliers_and_their_mutations() {
        let keys = SignTable::from_rows(&["++", "++", "--", "+-"]);
        let verdict = |support: &[usize], tokens: &[usize], coefficients: &[i64]| {
            let dual = Dual::Infeasible { keys: tokens.to_vec(), coefficients: big(coefficients) };
            holds(&keys, support, &rational(1, 2), &dual)
        };
        assert!(verdict(&[0], &[0, 1], &[-1, 1]));
        assert!(verdict(&[0, 2], &[0, 2], &[-1, -1]));
        // Greatest common divisor, cancellation, sign off the support, negative total, order.
        assert!(!verdict(&[0], &[0, 1], &[-2, 2]));
        assert!(!verdict(&[0], &[0, 1], &[-2, 1]));
        assert!(!verdict(&[0], &[0, 1, 2], &[-3, 2, -1]));
        assert!(!verdict(&[0], &[0, 2], &[1, 1]));
        assert!(!verdict(&[0], &[1, 0], &[1, -1]));
        assert!(!verdict(&[0, 1], &[0, 1], &[-1, 1]));
        assert!(!verdict(&[0], &[], &[]));
    }

    #[test]
    fn sums_agree_at_every_size() {
        // From one place to seven, with carries between them.
        for shift in [0_u32, 29, 30, 31, 32, 60, 62, 63, 64, 95, 126, 127, 200] {
            let values: Vec<BigInt> = [3, -1, 3, 2].iter().map(|&v| BigInt::from(v) << shift).collect();
            let sums = signed_sums(&values, 16, |pattern, i| if pattern >> i & 1 == 1 { 1 } else { -1 });
            for (pattern, sum) in sums.iter().enumerate() {
                let expected: i64 =
                    [3, -1, 3, 2].iter().enumerate().map(|(i, v)| if pattern >> i & 1 == 1 { *v } else { -v }).sum();
                assert_eq!(*sum, BigInt::from(expected) << shift);
            }
        }
    }
}
