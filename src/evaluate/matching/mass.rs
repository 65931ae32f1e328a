//! The mass `T` of all tokens (or pairs) at one row, relative to the blank's weight, and the rest `B` of the denominator.
//!
//! In: scores of a unit and an input. Out: exact sums; the output of the row is `T/(T + B)`.
//! Source: docs/theory.md sections 8 and 9; `checker/FORMAT.md` section 4, "the bounds of a decision".

use num_bigint::BigInt;
use num_traits::Zero;

use super::exp_sum::ExpSum;
use crate::constructions::matching::scores::Scores;
use crate::constructions::matching::task::Input;
use crate::numbers::Rational;

/// `T/e^β` at a row whose residue is `own`: every token, or every pair of tokens, of the input.
pub fn of_input(scores: &mut Scores, own: u64, input: &Input) -> ExpSum {
    match scores.order() {
        2 => of_keys(scores, own, input.runs()),
        _ => of_pairs(scores, own, input.runs()),
    }
}

/// `T/e^β` of Match2 over keys given as `(residue, count)`.
pub fn of_keys(scores: &mut Scores, own: u64, runs: &[(u64, u64)]) -> ExpSum {
    let (unit, blank) = (scores.unit(), scores.blank());
    let terms = runs.iter().map(|&(residue, count)| (&unit * scores.pair(own, residue) - &blank, BigInt::from(count)));
    ExpSum::new(terms)
}

fn of_pairs(scores: &mut Scores, own: u64, runs: &[(u64, u64)]) -> ExpSum {
    let (unit, blank) = (scores.unit(), scores.blank());
    let mut sum = ExpSum::default();
    for &(left, n_left) in runs {
        for &(right, n_right) in runs {
            sum.add(&unit * scores.triple(own, left, right) - &blank, BigInt::from(n_left) * n_right);
        }
    }
    sum
}

/// `B`: the blank's own 1, and in third order the `2N` mixed pairs.
pub fn rest(scores: &Scores, tokens: u64) -> ExpSum {
    let mut rest = ExpSum::new([(Rational::zero(), 1.into())]);
    if scores.order() == 3 {
        rest.add(scores.mixed() - scores.blank(), BigInt::from(tokens) * 2);
    }
    rest
}

/// `B` of the bigram's second layer: the blank, and the last token with its key 0.
pub fn rest_of_bigram(scores: &Scores) -> ExpSum {
    ExpSum::new([(Rational::zero(), 1.into()), (-scores.blank(), 1.into())])
}
