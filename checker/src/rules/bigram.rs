//! Rule `bigram`: the second of two layers decides (no record).
//!
//! *Ensures* the decision, once the first layer reads every residue right.
//! *Why* the second layer is the unit of match2 with the keys of `y_0, …, y_{N-2}`, and these are arbitrary residues
//! whatever `x_i` is. So at answer 0 all of them may have the largest score that does not match, at answer 1 one of them
//! matches and the others may have the least score. The last token has score 0 beside the blank.
//! *Source* Thm 8; docs/theory.md section 9c.

use num_bigint::BigInt;

use crate::claim::matching::Matching;
use crate::exp_sum::ExpSum;
use crate::limits::scores_fit;
use crate::rules::closed_form_trigonometric::{Gap, pair_rounding};
use crate::rules::decision::{Bounds, ScoreBounds};
use crate::rules::pair_table::{pair_rows, score_bounds};
use crate::side_condition::{SideCondition, Violation};
use crate::units::trigonometric::Trigonometric;

/// Up to this modulus all pairs of residues are tabulated, if scores fit machine words.
const MAX_TABLE_MODULUS: u64 = 1 << 13;

/// Checks `bigram.S1` and `bigram.S2`.
pub(crate) fn check(claim: &Matching, fraction_bits: u64) -> Result<ScoreBounds, Violation> {
    let unit = Trigonometric::new(claim.modulus, fraction_bits, &claim.scale);
    let conditions = [SideCondition::BigramS1, SideCondition::BigramS2];
    let n_pairs = BigInt::from(claim.tokens) - 1;
    let beside_blank = |minus_blank: BigInt| ExpSum::default().with(BigInt::from(0), 1).with(minus_blank, 1);
    if !scores_fit(&claim.scale, fraction_bits, 2) || MAX_TABLE_MODULUS < claim.modulus {
        let gap = Gap::new(claim, fraction_bits, pair_rounding(&claim.scale, fraction_bits));
        let rest = beside_blank(gap.minus_blank(&unit, fraction_bits));
        gap.bounds(n_pairs, rest).check(claim, conditions)?;
        return Ok(gap.score_bounds());
    }
    let rows = pair_rows(claim.modulus, &unit);
    let blank = unit.blank(2);
    let relative = |score: i128| BigInt::from(score) - &blank;
    let without_match = rows.iter().map(|row| ExpSum::default().with(relative(row.largest_other), n_pairs.clone()));
    let with_match = rows
        .iter()
        .map(|row| ExpSum::default().with(relative(row.matching), 1).with(relative(row.least), &n_pairs - 1));
    let (without_match, with_match) = (without_match.collect(), with_match.collect());
    let bounds = Bounds { unit: unit.unit(2), without_match, with_match, rest: beside_blank(-&blank) };
    bounds.extremes().check(claim, conditions)?;
    Ok(score_bounds(&rows, &unit))
}
