//! From guessed token lists to exact answers, still to be verified.
//!
//! **Item.** The exact half of the fast path.
//! With `γ = a/b`, `G` the Gram matrix of the active keys, and `D = det G`:
//!
//! - tight constraints: `G·(b·c) = r` with `r_k = b` on the support and `b-a` off it,
//!   so `c_k = numerator_k/(b·D)`;
//! - keys that cancel: `G·c = (⟨u_k,u_p⟩)_k` gives `D·u_p - Σ numerator_k u_k = 0`.
//!
//! **In and out.** A [`Guess`] in, a normalised [`Dual`] out: no zeros, increasing tokens, lowest terms.
//! **Not here.** Any check that the guess was right: that is [`super::verify`].

use super::search::Guess;
use super::{Dual, Keys, residues};
use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

/// The answer that the guess stands for, if its linear system is nonsingular.
pub(super) fn repair<K: Keys + ?Sized>(
    keys: &K,
    support: &[usize],
    margin: &BigRational,
    guess: &Guess,
) -> Option<Dual> {
    match guess {
        Guess::Tight { active } => {
            let right: Vec<BigInt> = active.iter().map(|k| scaled_bound(support, margin, *k)).collect();
            let (numerators, determinant) = residues::solve(&gram(keys, active), &right)?;
            let terms = active.iter().copied().zip(numerators).collect();
            Some(normal_vector(terms, determinant * margin.denom()))
        }
        Guess::Cancelling { active, extra } => {
            let right: Vec<BigInt> = active.iter().map(|k| keys.inner_product(*k, *extra).into()).collect();
            let (numerators, determinant) = residues::solve(&gram(keys, active), &right)?;
            let mut terms: Vec<(usize, BigInt)> =
                active.iter().copied().zip(numerators.into_iter().map(|numerator| -numerator)).collect();
            terms.push((*extra, determinant));
            Some(normal_multipliers(support, margin, terms))
        }
        Guess::Undecided => None,
    }
}

/// The right-hand side of the constraint of `token`, times the margin's denominator.
fn scaled_bound(support: &[usize], margin: &BigRational, token: usize) -> BigInt {
    if support.binary_search(&token).is_ok() { margin.denom().clone() } else { margin.denom() - margin.numer() }
}

pub(super) fn gram<K: Keys + ?Sized>(keys: &K, tokens: &[usize]) -> Vec<Vec<i64>> {
    let row = |a: usize| tokens.iter().map(|b| keys.inner_product(a, *b)).collect();
    tokens.iter().map(|a| row(*a)).collect()
}

/// The vector `Σ (coefficient/denominator)·u_k` over the terms, normalised; the denominator is positive.
pub(super) fn normal_vector(terms: Vec<(usize, BigInt)>, denominator: BigInt) -> Dual {
    let (keys, coefficients) = sorted_nonzero(terms);
    let divisor = common_divisor(denominator.clone(), &coefficients);
    Dual::Vector {
        keys,
        coefficients: coefficients.iter().map(|c| c / &divisor).collect(),
        denominator: denominator / divisor,
    }
}

/// Farkas multipliers, normalised, with the sign under which the right-hand sides add up to less than 0.
pub(super) fn normal_multipliers(support: &[usize], margin: &BigRational, terms: Vec<(usize, BigInt)>) -> Dual {
    let (keys, coefficients) = sorted_nonzero(terms);
    let total: BigInt = keys.iter().zip(&coefficients).map(|(k, c)| scaled_bound(support, margin, *k) * c).sum();
    let divisor = common_divisor(BigInt::zero(), &coefficients);
    let divisor = if total.is_positive() { -divisor } else { divisor };
    Dual::Infeasible { keys, coefficients: coefficients.iter().map(|c| c / &divisor).collect() }
}

fn sorted_nonzero(mut terms: Vec<(usize, BigInt)>) -> (Vec<usize>, Vec<BigInt>) {
    terms.retain(|(_, coefficient)| !coefficient.is_zero());
    terms.sort_unstable_by_key(|(token, _)| *token);
    terms.into_iter().unzip()
}

/// The greatest common divisor of `start` and all values; at least 1.
///
/// Remainders first: the divisor is small after one or two values, and division is faster than halving.
pub(super) fn common_divisor(start: BigInt, values: &[BigInt]) -> BigInt {
    let mut divisor = start.abs();
    for value in values {
        if divisor.is_one() {
            break;
        }
        let rest = if divisor.is_zero() { value.clone() } else { value % &divisor };
        divisor = divisor.gcd(&rest);
    }
    divisor.max(BigInt::one())
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{SignTable, rational};
    use super::super::search::Guess;
    use super::super::{Dual, verify};
    use super::{common_divisor, repair};
    use num_bigint::BigInt;

    fn big(values: &[i64]) -> Vec<BigInt> {
        values.iter().map(|&value| BigInt::from(value)).collect()
    }

    #[test]
    fn tight_constraints_give_lowest_terms() {
        // G = [[6,4],[4,6]], scores 1 and 1/2: c = (4, -1)/20.
        let keys = SignTable::from_rows(&["++++++", "+++++-"]);
        let guess = Guess::Tight { active: vec![0, 1] };
        let expected = Dual::Vector { keys: vec![0, 1], coefficients: big(&[4, -1]), denominator: BigInt::from(20) };
        assert_eq!(repair(&keys, &[0], &rational(1, 2), &guess), Some(expected));
    }

    #[test]
    fn wrong_guesses_are_none_or_refuted() {
        let keys = SignTable::from_rows(&["++++++", "+++++-", "++++++"]);
        let half = rational(1, 2);
        let refuted = |guess: Guess| {
            repair(&keys, &[0], &half, &guess).is_none_or(|dual| !verify::holds(&keys, &[0], &half, &dual))
        };
        assert!(refuted(Guess::Tight { active: vec![0] }));
        assert!(refuted(Guess::Tight { active: vec![0, 2] }));
        assert!(refuted(Guess::Cancelling { active: vec![0], extra: 1 }));
        assert!(refuted(Guess::Undecided));
        assert!(!refuted(Guess::Cancelling { active: vec![0], extra: 2 }));
    }

    #[test]
    fn common_divisors() {
        let divisor = |start: i64, values: &[i64]| common_divisor(BigInt::from(start), &big(values));
        assert_eq!(divisor(12, &[-18, 30]), BigInt::from(6));
        assert_eq!(divisor(0, &[-4, 6]), BigInt::from(2));
        assert_eq!(divisor(5, &[3]), BigInt::from(1));
        assert_eq!(divisor(-7, &[]), BigInt::from(7));
    }
}
