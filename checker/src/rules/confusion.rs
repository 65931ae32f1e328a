//! Rule `confusion`: two inputs on which no threshold on the output decides right.
//!
//! *Ensures* the answer at a row of one input is 1, at a row of the other 0, and the first output is at most the second.
//! *Why* the outputs are `T/(T + B)` with the same `B`, so the sums `T` are compared; in local the outputs themselves.
//! *Source* docs/theory.md sections 8 and 9.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use num_bigint::BigInt;

use crate::claim::averaging::SparseAveraging;
use crate::claim::matching::{Encoding, Matching, Network};
use crate::exp_sum::{Comparison, ExpSum};
use crate::file::ConfusionRecord;
use crate::side_condition::{SideCondition, Violation, require};
use crate::task::{Runs, add, answer, expand, has_completing_pair, is_input, residue_at, window_of};
use crate::units::Evaluator;
use crate::units::decoder::Decoder;
use crate::units::polynomial::{pair_score, triple_score};
use crate::units::sign_keys::to_index;
use crate::units::trigonometric::{Trigonometric, product, score};

/// Checks `confusion.S1` to `confusion.S4`; an averaging layer comes with its evaluator.
pub(crate) fn check(
    record: &ConfusionRecord,
    claim: &Matching,
    layer: Option<(&SparseAveraging, &mut Evaluator)>,
) -> Result<(), Violation> {
    let have_form = is_input(&record.input, claim) && is_input(&record.other_input, claim);
    let have_rows = record.row < claim.tokens && record.other_row < claim.tokens;
    require(SideCondition::ConfusionS1, have_form && have_rows, || {
        "expected rows and runs of two inputs of the claim".into()
    })?;
    let is_match = answer(claim, &record.input, record.row) == Some(true);
    require(SideCondition::ConfusionS2, is_match, || "expected a match at row of input".into())?;
    let is_none = answer(claim, &record.other_input, record.other_row) == Some(false);
    require(SideCondition::ConfusionS3, is_none, || "expected no match at other_row of other_input".into())?;
    require(SideCondition::ConfusionS4, is_confused(record, claim, layer).unwrap_or(false), || {
        "expected an output at row of at most that at other_row".into()
    })
}

/// Whether the first output is at most the second; `None` if that is not seen.
fn is_confused(
    record: &ConfusionRecord,
    claim: &Matching,
    layer: Option<(&SparseAveraging, &mut Evaluator)>,
) -> Option<bool> {
    let sides = [(record.row, record.input.as_slice()), (record.other_row, record.other_input.as_slice())];
    let order = match (&claim.network, layer) {
        (Network::Match2(encoding), _) => compare(sides, |row, runs| pair_sum(claim, *encoding, row, runs))?,
        (Network::ThirdOrder(encoding), _) => compare(sides, |row, runs| triple_sum(claim, *encoding, row, runs))?,
        (Network::Local { window, .. }, Some((layer, evaluator))) => {
            let [left, right] = sides.map(|side| local_output(claim, *window, layer, evaluator, side));
            left?.cmp(&right?)
        }
        (Network::Bigram { fraction_bits, .. }, Some((layer, evaluator))) => {
            bigram_order(claim, *fraction_bits, layer, evaluator, sides)?
        }
        (Network::Local { .. } | Network::Bigram { .. }, None) => return None,
    };
    Some(order != Ordering::Greater)
}

/// A sum with the unit of its exponents.
type Sum = (ExpSum, crate::number::Rational);

/// Compares the sums of two sides.
fn compare(sides: [(u64, &Runs); 2], sum: impl Fn(u64, &Runs) -> Option<Sum>) -> Option<Ordering> {
    let [(row, input), (other_row, other_input)] = sides;
    let (left, unit) = sum(row, input)?;
    let (right, _) = sum(other_row, other_input)?;
    Comparison::new(unit).of(&left, &right)
}

/// How often each residue occurs.
fn counts(runs: &Runs) -> BTreeMap<u64, BigInt> {
    let mut counts = BTreeMap::new();
    for (residue, count) in runs {
        *counts.entry(*residue).or_default() += BigInt::from(*count);
    }
    counts
}

/// `T` at a row of match2.
fn pair_sum(claim: &Matching, encoding: Encoding, row: u64, runs: &Runs) -> Option<Sum> {
    let residue = residue_at(runs, row)?;
    let mut sum = ExpSum::default();
    match encoding {
        Encoding::Trigonometric { fraction_bits } => {
            let unit = Trigonometric::new(claim.modulus, fraction_bits, &claim.scale);
            let query = unit.query(residue);
            for (other, count) in counts(runs) {
                sum.add(score(&query, &unit.key(other)), count);
            }
            Some((sum, unit.unit(2)))
        }
        Encoding::Polynomial => {
            for (other, count) in counts(runs) {
                sum.add(pair_score(claim.modulus, [residue, other]), count);
            }
            Some((sum, claim.scale.clone()))
        }
    }
}

/// `T` at a row of the third order; scores are symmetric in the two tokens.
fn triple_sum(claim: &Matching, encoding: Encoding, row: u64, runs: &Runs) -> Option<Sum> {
    let residue = residue_at(runs, row)?;
    let counts: Vec<(u64, BigInt)> = counts(runs).into_iter().collect();
    let pairs = (0usize..).zip(&counts).flat_map(|(place, left)| {
        counts.iter().skip(place).map(move |right| (left, right, if left.0 == right.0 { 1 } else { 2 }))
    });
    let mut sum = ExpSum::default();
    match encoding {
        Encoding::Trigonometric { fraction_bits } => {
            let unit = Trigonometric::new(claim.modulus, fraction_bits, &claim.scale);
            let query = unit.query(residue);
            let keys: BTreeMap<u64, _> = counts.iter().map(|(other, _)| (*other, unit.key(*other))).collect();
            for (left, right, n_orders) in pairs {
                let key = product(keys.get(&left.0)?, keys.get(&right.0)?);
                sum.add(score(&query, &key), &left.1 * &right.1 * n_orders);
            }
            Some((sum, unit.unit(3)))
        }
        Encoding::Polynomial => {
            for (left, right, n_orders) in pairs {
                sum.add(triple_score(claim.modulus, [residue, left.0, right.0]), &left.1 * &right.1 * n_orders);
            }
            Some((sum, claim.scale.clone()))
        }
    }
}

/// The output at a row of local.
fn local_output(
    claim: &Matching,
    window: u64,
    layer: &SparseAveraging,
    evaluator: &mut Evaluator,
    (row, runs): (u64, &Runs),
) -> Option<bool> {
    let residue = residue_at(runs, row)?;
    let wanted: Vec<u64> = window_of(row, window, claim.tokens).collect();
    let mut decoder = Decoder::new(claim.modulus, layer, evaluator, vec![expand(runs, claim.tokens)]);
    let read = decoder.read(claim.first_of_support(row), &wanted)?;
    Some(has_completing_pair(residue, read.into_iter().flatten(), claim.modulus))
}

/// Compares the outputs of the second layer of bigram.
fn bigram_order(
    claim: &Matching,
    fraction_bits: u64,
    layer: &SparseAveraging,
    evaluator: &mut Evaluator,
    sides: [(u64, &Runs); 2],
) -> Option<Ordering> {
    let unit = Trigonometric::new(claim.modulus, fraction_bits, &claim.scale);
    let inputs = sides.iter().map(|(_, runs)| expand(runs, claim.tokens)).collect();
    let mut decoder = Decoder::new(claim.modulus, layer, evaluator, inputs);
    // How often each y occurs, for each input.
    let mut counts: [BTreeMap<u64, u64>; 2] = Default::default();
    for row in 0..claim.n_layer_rows() {
        let successor = claim.first_of_support(row);
        let read = decoder.read(successor, &[successor])?;
        for ((counts, read), input) in counts.iter_mut().zip(&read).zip(decoder.inputs()) {
            let formed = add(*input.get(to_index(row))?, *read.first()?, claim.modulus);
            *counts.entry(formed).or_default() += 1;
        }
    }
    let mut sums = Vec::new();
    for ((row, runs), counts) in sides.into_iter().zip(&counts) {
        let query = unit.query(residue_at(runs, row)?);
        let mut sum = ExpSum::default();
        for (formed, count) in counts {
            sum.add(score(&query, &unit.key(*formed)), *count);
        }
        sums.push(sum);
    }
    Comparison::new(unit.unit(2)).of(sums.first()?, sums.get(1)?)
}
