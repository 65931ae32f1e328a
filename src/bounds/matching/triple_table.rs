//! Third-order Match3 from the table of all triples of residues.
//!
//! In: M, N and trigonometric keys whose scores fit machine words. Out: [`Extremes`], close to attained.
//! Cost: `2·M³` products of machine words.
//! Source: docs/theory.md section 9a (rule `triple-table`).
//!
//! For a residue `a` with `3a ≢ 0`, a row without a match sees only the residues `b` with `2a+b ≢ 0` and `a+2b ≢ 0`.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_traits::One;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::Extremes;
use super::pair_table::{Candidate, Terms, Words, extreme, pareto, words};
use crate::catalogue::network::Trigonometric;
use crate::constructions::matching::task::{add, negate};
use crate::evaluate::matching::exp_sum::ExpSum;

/// The extreme scores of one residue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// a.
    pub residue: u64,
    /// What bounds inputs without a match; `None` if `3a ≡ 0`.
    pub without: Option<Without>,
    /// The least matching score, with its pair.
    pub matching: (i128, u64, u64),
    /// The least score.
    pub lowest: i128,
}

/// The largest scores of one residue among the partners that an input without a match may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Without {
    /// `s(a,a,a)`.
    pub own: i128,
    /// The largest `s(a,a,b)` or `s(a,b,a)`.
    pub half: i128,
    /// The largest `s(a,b,b)`, and its b.
    pub double: (i128, u64),
    /// The largest `s(a,b,b')` without a match, and its pair.
    pub highest: (i128, u64, u64),
}

/// The table, one row for each residue; `None` if the scores may not fit machine words.
pub fn rows(modulus: u64, keys: &Trigonometric) -> Option<Vec<Row>> {
    let words = words(modulus, 3, keys)?;
    Some((0..modulus).into_par_iter().map(|residue| row(modulus, &words, residue)).collect())
}

/// Query and first key joined: the score is then `joined.0·cos - joined.1·sin` of the second key.
fn join(query: &Words, left: &Words) -> (i128, i128) {
    let (cosine, sine) = query.query;
    (cosine * left.key.0 - sine * left.key.1, cosine * left.key.1 + sine * left.key.0)
}

fn row(modulus: u64, words: &[Words], residue: u64) -> Row {
    let at = |residue: u64| &words[usize::try_from(residue).expect("a tabulated residue")];
    let query = at(residue);
    let twice = add(modulus, residue, residue);
    let is_admissible = |b: u64| add(modulus, twice, b) != 0 && add(modulus, residue, add(modulus, b, b)) != 0;
    let score = |joined: (i128, i128), right: &Words| joined.0 * right.key.0 - joined.1 * right.key.1;
    let own = join(query, query);
    let mut without = is_admissible(residue).then(|| Without {
        own: score(own, query),
        half: i128::MIN,
        double: (i128::MIN, 0),
        highest: (i128::MIN, 0, 0),
    });
    let admissible: Vec<bool> = (0..modulus).map(is_admissible).collect();
    let (mut matching, mut lowest) = ((i128::MAX, 0, 0), i128::MAX);
    for (b, left) in (0..modulus).zip(words) {
        let joined = join(query, left);
        // b' completes a match with a and b.
        let partner = negate(modulus, add(modulus, residue, b));
        let match_score = score(joined, at(partner));
        if match_score < matching.0 {
            matching = (match_score, b, partner);
        }
        lowest = lowest.min(words.iter().map(|right| score(joined, right)).min().unwrap_or(lowest));
        let Some(without) = without.as_mut().filter(|_| is_admissible(b)) else { continue };
        without.half = without.half.max(score(own, left)).max(score(joined, query));
        let double = score(joined, left);
        if without.double.0 < double {
            without.double = (double, b);
        }
        for ((right, key), is_admissible) in (0..modulus).zip(words).zip(&admissible) {
            let score = score(joined, key);
            if without.highest.0 < score && *is_admissible && right != partner {
                without.highest = (score, b, right);
            }
        }
    }
    Row { residue, without, matching, lowest }
}

/// The extremes for `N ≥ 1`.
///
/// *Why* the `N²` pairs of a row are: itself, itself with another (twice `N-1`), another with itself (`N-1`), two others.
/// *Source* docs/theory.md section 9a.
pub fn third_order(modulus: u64, tokens: u64, keys: &Trigonometric, rest: ExpSum) -> Option<Extremes> {
    let rows = rows(modulus, keys)?;
    let terms = Terms::new(keys, 3);
    let others: BigInt = BigInt::from(tokens) - 1;
    let all = BigInt::from(tokens) * tokens;
    let without: Vec<Without> = rows.iter().filter_map(|row| row.without).collect();
    let scores = |row: &Without| vec![row.own, row.half, row.double.0, row.highest.0];
    let without = pareto(without.iter(), scores).into_iter().map(|row| {
        let counted = [
            (row.own, BigInt::one()),
            (row.half, &others * 2),
            (row.double.0, others.clone()),
            (row.highest.0, &others * (&others - 1)),
        ];
        Candidate { mass: terms.sum(&counted), input: None }
    });
    let with = pareto(rows.iter(), |row| vec![-row.matching.0, -row.lowest]).into_iter().map(|row| Candidate {
        mass: terms.sum(&[(row.matching.0, BigInt::one()), (row.lowest, &all - 1)]),
        input: None,
    });
    Some(Extremes { without: extreme(without, Ordering::Greater)?, with: extreme(with, Ordering::Less)?, rest })
}

#[cfg(test)]
mod tests {
    use super::rows;
    use crate::catalogue::network::{Encoding, Trigonometric};
    use crate::constructions::matching::scores::Scores;
    use crate::numbers::rational::parse;

    #[test]
    fn rows_equal_the_slow_scores() {
        for (modulus, scale, fraction_bits) in [(2_u64, "10", 4), (6, "1/3", 1), (7, "77/4", 9), (9, "1000", 20)] {
            let keys = Trigonometric { fraction_bits, scale: parse(scale).unwrap() };
            let mut scores = Scores::new(modulus, 3, &Encoding::Trigonometric(keys.clone()));
            for row in rows(modulus, &keys).unwrap() {
                let a = row.residue;
                let mut score = |b, c| i128::try_from(scores.triple(a, b, c)).unwrap();
                let pairs = || (0..modulus).flat_map(|b| (0..modulus).map(move |c| (b, c)));
                let matches = |b: u64, c: u64| (a + b + c).is_multiple_of(modulus);
                let best = |keep: &dyn Fn(u64, u64) -> bool, score: &mut dyn FnMut(u64, u64) -> i128| -> Vec<i128> {
                    pairs().filter(|(b, c)| keep(*b, *c)).map(|(b, c)| score(b, c)).collect()
                };
                let admissible = |b: u64| !matches(a, b) && !matches(b, b);
                assert_eq!(Some(row.matching.0), best(&matches, &mut score).into_iter().min());
                assert_eq!(Some(row.lowest), best(&|_, _| true, &mut score).into_iter().min());
                assert_eq!(row.without.is_some(), !matches(a, a));
                let Some(without) = row.without else { continue };
                assert_eq!(without.own, score(a, a));
                let free = |b: u64, c: u64| admissible(b) && admissible(c) && !matches(b, c);
                assert_eq!(Some(without.highest.0), best(&free, &mut score).into_iter().max());
                let halves = (0..modulus).filter(|b| admissible(*b)).map(|b| score(a, b).max(score(b, a)));
                assert_eq!(Some(without.half), halves.max());
                let doubles = (0..modulus).filter(|b| admissible(*b)).map(|b| score(b, b));
                assert_eq!(Some(without.double.0), doubles.max());
            }
        }
    }
}
