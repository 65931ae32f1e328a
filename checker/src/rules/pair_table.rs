//! Rule `pair-table`: all pairs of residues of match2 with trigonometric keys (no record).
//!
//! For each residue `a`: `h_a` the largest score of a pair that does not match, `m_a` the matching score, `l_a` the
//! least score, `o_a = s(a,a)`.
//! *Ensures* `T_0` and `T_1` are the extreme sums of the task.
//! *Why* at answer 0 no token matches `a`, and the row's own token is `a`; at answer 1 one does, possibly the own one,
//! and every other may have the least score. All of this is attained.
//! *Source* Thm 6; docs/theory.md section 8.

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use crate::claim::matching::Matching;
use crate::cosine::Point;
use crate::exp_sum::ExpSum;
use crate::number::Rational;
use crate::rules::decision::{Bounds, ScoreBounds};
use crate::side_condition::{SideCondition, Violation};
use crate::units::trigonometric::Trigonometric;

/// The extreme scores of a residue, in units of `2^-2f`.
pub(crate) struct PairRow {
    pub(crate) residue: u64,
    own: i128,
    pub(crate) matching: i128,
    pub(crate) largest_other: i128,
    pub(crate) least: i128,
}

/// Checks `pair-table.S1` and `pair-table.S2`.
pub(crate) fn check(claim: &Matching, unit: &Trigonometric) -> Result<ScoreBounds, Violation> {
    let rows = pair_rows(claim.modulus, unit);
    let blank = unit.blank(2);
    let n_tokens = BigInt::from(claim.tokens);
    let relative = |score: i128| BigInt::from(score) - &blank;
    let (mut without_match, mut with_match) = (Vec::new(), Vec::new());
    for row in &rows {
        let own = ExpSum::default().with(relative(row.own), 1);
        // 2a ≡ 0, where the own token matches.
        if row.residue == 0 || row.residue.checked_mul(2) == Some(claim.modulus) {
            with_match.push(own.with(relative(row.least), &n_tokens - 1));
        } else {
            without_match.push(own.clone().with(relative(row.largest_other), &n_tokens - 1));
            if 2 <= claim.tokens {
                with_match.push(own.with(relative(row.matching), 1).with(relative(row.least), &n_tokens - 2));
            }
        }
    }
    let rest = ExpSum::default().with(BigInt::from(0), 1);
    let bounds = Bounds { unit: unit.unit(2), without_match, with_match, rest }.extremes();
    bounds.check(claim, [SideCondition::PairTableS1, SideCondition::PairTableS2])?;
    Ok(score_bounds(&rows, unit))
}

/// The least matching score and the largest other one.
pub(crate) fn score_bounds(rows: &[PairRow], unit: &Trigonometric) -> ScoreBounds {
    let relative = |score: Option<i128>| {
        let score = BigInt::from(score.unwrap_or_default()) - unit.blank(2);
        unit.unit(2).times(&Rational::integer(score)).reduced()
    };
    ScoreBounds {
        matching: relative(rows.iter().map(|row| row.matching).min()),
        other: relative(rows.iter().map(|row| row.largest_other).max()),
    }
}

/// Machine words of a point; the limit `pair-table` makes them fit.
pub(crate) fn narrow(point: &Point) -> (i128, i128) {
    (point.x.to_i128().unwrap_or_default(), point.y.to_i128().unwrap_or_default())
}

/// The rows of the residues up to `M/2`; those of `a` and `M-a` are alike.
///
/// *Why alike* cosine and rounding make `cos_f(M-b) = cos_f(b)` and `sin_f(M-b) = -sin_f(b)`, and so for queries; so
/// `s(M-a,M-b) = s(a,b)`.
/// *Why no sum leaves its word* a key entry is at most `2^f` and a query entry at most `⌈c⌉·2^f` in modulus, because
/// rounding keeps order and these are integers; so a score is at most `⌈c⌉·2^{2f+1}`, and the limit keeps
/// `2f + bits of ⌈c⌉ + 8` within 126.
pub(crate) fn pair_rows(modulus: u64, unit: &Trigonometric) -> Vec<PairRow> {
    let keys: Vec<(i128, i128)> = (0..modulus).map(|residue| narrow(&unit.key(residue))).collect();
    let rows = (0..=modulus / 2).map(|residue| {
        let query = narrow(&unit.query(residue));
        let partner = if residue == 0 { 0 } else { modulus - residue };
        let mut row = PairRow { residue, own: 0, matching: 0, largest_other: i128::MIN, least: i128::MAX };
        for (other, key) in (0u64..).zip(&keys) {
            let score = query.0.wrapping_mul(key.0).wrapping_sub(query.1.wrapping_mul(key.1));
            if other == partner {
                row.matching = score;
            } else {
                row.largest_other = row.largest_other.max(score);
            }
            if other == residue {
                row.own = score;
            }
            row.least = row.least.min(score);
        }
        row
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::{narrow, pair_rows};
    use crate::number::Rational;
    use crate::units::trigonometric::{Trigonometric, score};
    use num_bigint::BigInt;

    #[test]
    fn rows_agree_with_all_pairs_and_their_reflections() {
        for (modulus, fraction_bits, scale) in [(2, 3, "5"), (5, 0, "3/2"), (7, 4, "20/3"), (12, 9, "1000")] {
            let unit = Trigonometric::new(modulus, fraction_bits, &Rational::parse(scale).unwrap());
            let rows = pair_rows(modulus, &unit);
            for a in 0..modulus {
                let row = &rows[usize::try_from(a.min(modulus - a)).unwrap()];
                let scores: Vec<(u64, BigInt)> =
                    (0..modulus).map(|b| (b, score(&unit.query(a), &unit.key(b)))).collect();
                let matches = |b: u64| (a + b).is_multiple_of(modulus);
                let others = scores.iter().filter(|(b, _)| !matches(*b)).map(|(_, score)| score);
                assert_eq!(others.max().unwrap(), &BigInt::from(row.largest_other));
                assert_eq!(scores.iter().map(|(_, score)| score).min().unwrap(), &BigInt::from(row.least));
                assert!(scores.iter().all(|(b, score)| !matches(*b) || *score == BigInt::from(row.matching)));
                assert_eq!(scores[usize::try_from(a).unwrap()].1, BigInt::from(row.own));
            }
        }
    }

    #[test]
    fn words_are_wide_enough_at_the_limit() {
        // 2f + bits of ⌈c⌉ + 8 = 126.
        let scale = Rational::integer((1u64 << 58) - 1);
        let unit = Trigonometric::new(8, 30, &scale);
        let rows = pair_rows(8, &unit);
        let (x, y) = narrow(&unit.query(1));
        assert!(0 < x && 0 < y);
        assert_eq!(BigInt::from(rows[0].own), unit.blank(2));
    }
}
