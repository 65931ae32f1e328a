//! Rule `triple-table`: all triples of residues of the third order with trigonometric keys (no record).
//!
//! *Ensures* `T_0` and `T_1` bound the sums of the task.
//! *Why* at answer 0 at a row with residue `a`, every token `b` has `2a + b ≢ 0` and `a + 2b ≢ 0`, as pairs with the own
//! token and with itself do not match; so the `N²` pairs are the own one, `2(N-1)` with the own token once, `N-1` of a
//! token with itself, and `(N-1)(N-2)` others, each bounded by the largest score of its sort.
//! At answer 1 one pair matches and all others have at least the least score.
//! *Source* docs/theory.md section 9a.

use num_bigint::BigInt;

use crate::claim::matching::Matching;
use crate::exp_sum::ExpSum;
use crate::number::Rational;
use crate::rules::decision::{Bounds, ScoreBounds};
use crate::rules::pair_table::narrow;
use crate::side_condition::{SideCondition, Violation};
use crate::units::sign_keys::to_index;
use crate::units::trigonometric::{Trigonometric, product};

/// The extreme scores of a residue, in units of `2^-3f`.
struct TripleRow {
    least_matching: i128,
    least: i128,
    /// At answer 0; `None` if `3a ≡ 0`, where the own token alone is a match.
    without_match: Option<LargestScores>,
}

/// The largest scores of pairs that may stand together at answer 0.
#[derive(Clone, Copy)]
struct LargestScores {
    own: i128,
    with_own: i128,
    with_itself: i128,
    others: i128,
}

/// Checks `triple-table.S1` and `triple-table.S2`.
pub(crate) fn check(claim: &Matching, unit: &Trigonometric) -> Result<ScoreBounds, Violation> {
    let rows = triple_rows(claim.modulus, unit);
    let blank = unit.blank(3);
    let n_tokens = BigInt::from(claim.tokens);
    let n_others: BigInt = &n_tokens - 1;
    let relative = |score: i128| BigInt::from(score) - &blank;
    let without_match = rows.iter().filter_map(|row| row.without_match).map(|largest| {
        ExpSum::default()
            .with(relative(largest.own), 1)
            .with(relative(largest.with_own), &n_others * 2)
            .with(relative(largest.with_itself), n_others.clone())
            .with(relative(largest.others), &n_others * (&n_others - 1))
    });
    let with_match = rows.iter().map(|row| {
        let n_rest = &n_tokens * &n_tokens - 1;
        ExpSum::default().with(relative(row.least_matching), 1).with(relative(row.least), n_rest)
    });
    let bounds = Bounds {
        unit: unit.unit(3),
        without_match: without_match.collect(),
        with_match: with_match.collect(),
        rest: ExpSum::default().with(BigInt::from(0), 1).with(-&blank, &n_tokens * 2),
    };
    bounds.extremes().check(claim, [SideCondition::TripleTableS1, SideCondition::TripleTableS2])?;
    let relative =
        |score: Option<i128>| unit.unit(3).times(&Rational::integer(relative(score.unwrap_or_default()))).reduced();
    Ok(ScoreBounds {
        matching: relative(rows.iter().map(|row| row.least_matching).min()),
        other: relative(rows.iter().filter_map(|row| row.without_match).map(|largest| largest.others).max()),
    })
}

/// The rows of the residues up to `M/2`; those of `a` and `M-a` are alike, as in `pair-table`.
///
/// Scores are symmetric in the two tokens, so pairs `b ≤ b'` are enough.
/// *Why no sum leaves its word* the entries of a product of two keys are at most `2·2^{2f}` in modulus, so a score is
/// at most `⌈c⌉·2^{3f+2}`, and the limit keeps `3f + bits of ⌈c⌉ + 8` within 126.
fn triple_rows(modulus: u64, unit: &Trigonometric) -> Vec<TripleRow> {
    let points: Vec<_> = (0..modulus).map(|residue| unit.key(residue)).collect();
    let mut pairs = Vec::new();
    for (left, key) in (0u64..).zip(&points) {
        for (right, other) in (left..).zip(points.iter().skip(to_index(left))) {
            pairs.push((left, right, narrow(&product(key, other))));
        }
    }
    (0..=modulus / 2).map(|residue| triple_row(residue, modulus, narrow(&unit.query(residue)), &pairs)).collect()
}

/// A pair of residues and the key of two tokens with them.
type Pair = (u64, u64, (i128, i128));

fn triple_row(residue: u64, modulus: u64, query: (i128, i128), pairs: &[Pair]) -> TripleRow {
    // The limit keeps residues small, so sums of three stay within their words.
    let is_zero = |sum: u64| sum.is_multiple_of(modulus.max(1));
    let may_stand: Vec<bool> =
        (0..modulus).map(|other| !is_zero(2 * residue + other) && !is_zero(residue + 2 * other)).collect();
    let may_stand = |other: u64| may_stand.get(to_index(other)).copied().unwrap_or(false);
    let mut row = TripleRow { least_matching: i128::MAX, least: i128::MAX, without_match: None };
    let nothing = i128::MIN;
    let mut largest = LargestScores { own: nothing, with_own: nothing, with_itself: nothing, others: nothing };
    for (left, right, key) in pairs {
        let score = query.0.wrapping_mul(key.0).wrapping_sub(query.1.wrapping_mul(key.1));
        row.least = row.least.min(score);
        if is_zero(residue + left + right) {
            row.least_matching = row.least_matching.min(score);
        } else if may_stand(*left) && may_stand(*right) {
            largest.others = largest.others.max(score);
            let (left_is_own, right_is_own) = (*left == residue, *right == residue);
            if left_is_own && right_is_own {
                largest.own = score;
            }
            if left_is_own || right_is_own {
                largest.with_own = largest.with_own.max(score);
            }
            if left == right {
                largest.with_itself = largest.with_itself.max(score);
            }
        }
    }
    if !is_zero(3 * residue) {
        row.without_match = Some(largest);
    }
    row
}

#[cfg(test)]
mod tests {
    use super::triple_rows;
    use crate::number::Rational;
    use crate::units::trigonometric::{Trigonometric, product, score};
    use num_bigint::BigInt;

    #[test]
    fn rows_agree_with_all_triples() {
        for (modulus, fraction_bits, scale) in [(2u64, 3, "5"), (5, 0, "3/2"), (6, 4, "20/3"), (9, 9, "1000")] {
            let unit = Trigonometric::new(modulus, fraction_bits, &Rational::parse(scale).unwrap());
            let rows = triple_rows(modulus, &unit);
            let s = |a: u64, b: u64, d: u64| score(&unit.query(a), &product(&unit.key(b), &unit.key(d)));
            let is_zero = |sum: u64| sum.is_multiple_of(modulus);
            for a in 0..modulus {
                let row = &rows[usize::try_from(a.min(modulus - a)).unwrap()];
                let all = || (0..modulus).flat_map(|b| (0..modulus).map(move |d| (b, d)));
                let least = all().map(|(b, d)| s(a, b, d)).min();
                let least_matching = all().filter(|(b, d)| is_zero(a + b + d)).map(|(b, d)| s(a, b, d)).min();
                assert_eq!(least, Some(BigInt::from(row.least)));
                assert_eq!(least_matching, Some(BigInt::from(row.least_matching)));
                assert_eq!(row.without_match.is_none(), is_zero(3 * a));
                let Some(largest) = row.without_match else { continue };
                let stand: Vec<u64> = (0..modulus).filter(|b| !is_zero(2 * a + b) && !is_zero(a + 2 * b)).collect();
                let with_own = stand.iter().flat_map(|b| [s(a, a, *b), s(a, *b, a)]).max();
                let with_itself = stand.iter().map(|b| s(a, *b, *b)).max();
                let pairs = stand.iter().flat_map(|b| stand.iter().map(move |d| (*b, *d)));
                let others = pairs.filter(|(b, d)| !is_zero(a + b + d)).map(|(b, d)| s(a, b, d)).max();
                assert_eq!(BigInt::from(largest.own), s(a, a, a));
                assert_eq!(with_own, Some(BigInt::from(largest.with_own)));
                assert_eq!(with_itself, Some(BigInt::from(largest.with_itself)));
                assert_eq!(others, Some(BigInt::from(largest.others)));
            }
        }
    }
}
