//! Match2 from the table of all pairs of residues: exact extremes, each attained by an input.
//!
//! In: M, N and trigonometric keys whose scores fit machine words. Out: [`Extremes`].
//! Cost: `M²` products of machine words, twice.
//! Source: docs/theory.md section 8 (rule `pair-table`) and section 9c (rule `bigram`).
//!
//! For a residue `a`, `o_a = s(a,a)`, `m_a = s(a,-a)`, `h_a` is the largest non-matching score, `l_a` the least of all.
//! Machine words: entries are below `2^f·⌈c⌉ + 1` and `2^f + 1` in modulus, so a score is below `2^{2f + bits(⌈c⌉) + 3}`.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_traits::{One, ToPrimitive};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::{Extremes, MAX_TABLE_BITS, Side, table_bits};
use crate::catalogue::network::Trigonometric;
use crate::constructions::matching::keys::rounded_scale;
use crate::constructions::matching::scores::{Point, points, unit};
use crate::constructions::matching::task::{Input, add, negate};
use crate::evaluate::matching::exp_sum::ExpSum;
use crate::numbers::Rational;
use crate::numbers::rational::ceil;

/// Precision at which two masses of a table are compared; equal ones cancel before.
pub(super) const MAX_PRECISION: u32 = 1 << 12;

/// A point in machine words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words {
    /// Query entries.
    pub query: (i128, i128),
    /// Key entries.
    pub key: (i128, i128),
}

/// The extreme scores of one residue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// a.
    pub residue: u64,
    /// `s(a,a)`.
    pub own: i128,
    /// `s(a,-a)`.
    pub matching: i128,
    /// The largest `s(a,b)` with `a + b ≢ 0`, and its b.
    pub highest: (i128, u64),
    /// The least `s(a,b)`, and its b.
    pub lowest: (i128, u64),
}

/// The points of all residues in machine words; `None` if they may not fit.
pub(super) fn words(modulus: u64, order: u32, keys: &Trigonometric) -> Option<Vec<Words>> {
    let scale_bits = ceil(&keys.scale).bits();
    if MAX_TABLE_BITS < table_bits(order, keys.fraction_bits, scale_bits) {
        return None;
    }
    let pair = |(left, right): &(BigInt, BigInt)| Some((left.to_i128()?, right.to_i128()?));
    let words = |point: &Point| Some(Words { query: pair(&point.query)?, key: pair(&point.key)? });
    points(modulus, keys).iter().map(words).collect()
}

/// The table of extreme scores, one row for each residue; `None` if the scores may not fit machine words.
pub fn rows(modulus: u64, keys: &Trigonometric) -> Option<Vec<Row>> {
    let words = words(modulus, 2, keys)?;
    let score = |a: &Words, b: &Words| a.query.0 * b.key.0 - a.query.1 * b.key.1;
    let row = |residue: u64| {
        let own = words[index(residue)];
        let partner = negate(modulus, residue);
        let (mut highest, mut lowest) = ((i128::MIN, 0), (i128::MAX, 0));
        for (b, point) in (0..modulus).zip(&words) {
            let score = score(&own, point);
            if b != partner && highest.0 < score {
                highest = (score, b);
            }
            if score < lowest.0 {
                lowest = (score, b);
            }
        }
        let matching = score(&own, &words[index(partner)]);
        Row { residue, own: score(&own, &own), matching, highest, lowest }
    };
    Some((0..modulus).into_par_iter().map(row).collect())
}

fn index(residue: u64) -> usize {
    usize::try_from(residue).expect("a tabulated residue")
}

/// A sum of exponentials of scores with counts, and the input that has it.
pub(super) struct Candidate {
    pub mass: ExpSum,
    pub input: Option<Input>,
}

/// What turns table entries into sums.
pub(super) struct Terms {
    unit: Rational,
    blank: Rational,
}

impl Terms {
    pub(super) fn new(keys: &Trigonometric, order: u32) -> Terms {
        let encoding = crate::catalogue::network::Encoding::Trigonometric(keys.clone());
        Terms { unit: unit(&encoding, order), blank: rounded_scale(keys) }
    }

    /// `Σ n·e^{score - β}`.
    pub(super) fn sum(&self, terms: &[(i128, BigInt)]) -> ExpSum {
        let term = |(score, count): &(i128, BigInt)| (&self.unit * BigInt::from(*score) - &self.blank, count.clone());
        ExpSum::new(terms.iter().map(term))
    }
}

/// The candidate that is `wanted` of all others; the first one among equals.
pub(super) fn extreme(candidates: impl IntoIterator<Item = Candidate>, wanted: Ordering) -> Option<Side> {
    let best = candidates.into_iter().reduce(|best, next| {
        let is_better = next.mass.compare(&best.mass, MAX_PRECISION) == Some(wanted);
        if is_better { next } else { best }
    })?;
    Some(Side { mass: best.mass, input: best.input })
}

/// The extremes of Match2 for `N ≥ 1` and `M ≥ 3`.
///
/// *Why* the mass of a row is `e^{o_a} + Σ e^{s(a,b)}` over the other `N-1` tokens, each free: without a match they are
/// at most `h_a`, with one of them matching the others are at least `l_a`; both are reached.
/// *Source* docs/theory.md section 8.
pub fn match2(modulus: u64, tokens: u64, keys: &Trigonometric) -> Option<Extremes> {
    let rows = rows(modulus, keys)?;
    let terms = Terms::new(keys, 2);
    let others: BigInt = BigInt::from(tokens) - 1;
    let matches_itself = |row: &&Row| add(modulus, row.residue, row.residue) == 0;
    let without = rows.iter().filter(|row| !matches_itself(row));
    let without = pareto(without, |row| vec![row.own, row.highest.0]).into_iter().map(|row| Candidate {
        mass: terms.sum(&[(row.own, BigInt::one()), (row.highest.0, others.clone())]),
        input: Some(Input::new([(row.residue, 1), (row.highest.1, tokens - 1)])),
    });
    let alone = rows.iter().filter(matches_itself).map(|row| Candidate {
        mass: terms.sum(&[(row.own, BigInt::one()), (row.lowest.0, others.clone())]),
        input: Some(Input::new([(row.residue, 1), (row.lowest.1, tokens - 1)])),
    });
    let paired = rows.iter().filter(|row| 2 <= tokens && !matches_itself(row));
    let paired = pareto(paired, |row| vec![-row.own, -row.matching, -row.lowest.0]).into_iter().map(|row| {
        let counted = [(row.own, BigInt::one()), (row.matching, BigInt::one()), (row.lowest.0, &others - 1)];
        let runs = [(row.residue, 1), (negate(modulus, row.residue), 1), (row.lowest.1, tokens - 2)];
        Candidate { mass: terms.sum(&counted), input: Some(Input::new(runs)) }
    });
    Some(Extremes {
        without: extreme(without, Ordering::Greater)?,
        with: extreme(alone.chain(paired), Ordering::Less)?,
        rest: ExpSum::new([(Rational::from_integer(0.into()), BigInt::one())]),
    })
}

/// The extremes of the bigram's second layer for `N ≥ 2` and `M ≥ 2`: `N-1` keys, all free, whatever the row's residue is.
///
/// *Source* docs/theory.md section 9c.
pub fn bigram(modulus: u64, tokens: u64, keys: &Trigonometric, rest: ExpSum) -> Option<Extremes> {
    let rows = rows(modulus, keys)?;
    let terms = Terms::new(keys, 2);
    let n_keys: BigInt = BigInt::from(tokens) - 1;
    // The input whose sums are `first` once and then always `then`, at row 0 with residue a: x_{j+1} = y_j - x_j.
    let input = |a: u64, first: u64, then: u64| {
        let mut values = vec![a];
        for j in 1..tokens {
            let sum = if j == 1 { first } else { then };
            values.push(add(modulus, sum, negate(modulus, values[values.len() - 1])));
        }
        Input::from_tokens(&values)
    };
    let is_short = tokens <= 1 << 16;
    let without = pareto(rows.iter(), |row| vec![row.highest.0]).into_iter().map(|row| Candidate {
        mass: terms.sum(&[(row.highest.0, n_keys.clone())]),
        input: is_short.then(|| input(row.residue, row.highest.1, row.highest.1)),
    });
    let with = pareto(rows.iter(), |row| vec![-row.matching, -row.lowest.0]).into_iter().map(|row| Candidate {
        mass: terms.sum(&[(row.matching, BigInt::one()), (row.lowest.0, &n_keys - 1)]),
        input: is_short.then(|| input(row.residue, negate(modulus, row.residue), row.lowest.1)),
    });
    Some(Extremes { without: extreme(without, Ordering::Greater)?, with: extreme(with, Ordering::Less)?, rest })
}

/// The rows whose coordinates no other row exceeds or equals in every place: sums that increase in each have their maximum here.
pub(super) fn pareto<'a, T>(rows: impl Iterator<Item = &'a T>, coordinates: impl Fn(&T) -> Vec<i128>) -> Vec<&'a T> {
    let mut front: Vec<(&T, Vec<i128>)> = Vec::new();
    for row in rows {
        let own = coordinates(row);
        let covers = |left: &[i128], right: &[i128]| left.iter().zip(right).all(|(left, right)| right <= left);
        if front.iter().any(|(_, other)| covers(other, &own)) {
            continue;
        }
        front.retain(|(_, other)| !covers(&own, other));
        front.push((row, own));
    }
    front.into_iter().map(|(row, _)| row).collect()
}

#[cfg(test)]
mod tests {
    use super::{pareto, rows};
    use crate::catalogue::network::{Encoding, Trigonometric};
    use crate::constructions::matching::scores::Scores;
    use crate::constructions::matching::task::add;
    use crate::numbers::rational::parse;

    #[test]
    fn rows_equal_the_slow_scores() {
        for (modulus, scale, fraction_bits) in [(3, "10", 4), (8, "1/3", 0), (12, "77/4", 9), (17, "100000", 24)] {
            let keys = Trigonometric { fraction_bits, scale: parse(scale).unwrap() };
            let mut scores = Scores::new(modulus, 2, &Encoding::Trigonometric(keys.clone()));
            for row in rows(modulus, &keys).unwrap() {
                let a = row.residue;
                let mut score = |b: u64| i128::try_from(scores.pair(a, b)).unwrap();
                assert_eq!(row.own, score(a));
                let others: Vec<i128> = (0..modulus).filter(|b| add(modulus, a, *b) != 0).map(&mut score).collect();
                assert_eq!(Some(&row.highest.0), others.iter().max());
                assert_eq!(row.highest.0, score(row.highest.1));
                let all: Vec<i128> = (0..modulus).map(&mut score).collect();
                assert_eq!(Some(&row.lowest.0), all.iter().min());
                assert_eq!(row.lowest.0, score(row.lowest.1));
                assert_eq!(row.matching, score((modulus - a) % modulus));
            }
        }
        let fine = Trigonometric { fraction_bits: 60, scale: parse("1").unwrap() };
        assert!(rows(5, &fine).is_none());
    }

    #[test]
    fn a_front_keeps_what_may_be_largest() {
        let points = [(1, 5), (2, 4), (2, 4), (1, 4), (0, 6), (2, 3)];
        let front = pareto(points.iter(), |(x, y)| vec![*x, *y]);
        assert_eq!(front, [&(1, 5), &(2, 4), &(0, 6)]);
    }
}
