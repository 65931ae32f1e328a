//! One row evaluated as a user sees it: explicit query, keys and values, scores, weights, output, distance to the target.
//!
//! In: a unit, a support, values of shape `[N][d']`, and optionally a fixed-point format for every entry of query, keys and values.
//! Out: exact scores, enclosures of weights and output, the exact target, the distance enclosed.
//! Invariant: only entries are rounded, as the format says; scores are exact products of the rounded entries, softmax is enclosed.
//! Source: definitions 1 to 4; docs/theory.md section 1 (p-bit unit).

use num_bigint::BigInt;
use num_traits::{One, Zero};
use thiserror::Error;

use super::prepared::{Keys, Prepared, indices};
use super::weights::Weights;
use crate::catalogue::claim::Construction;
use crate::constructions::scores::ScoreRow;
use crate::constructions::{code_keys, moment_curve};
use crate::numbers::Rational;
use crate::numbers::dyadic::Dyadic;
use crate::numbers::fixed::{Format, Overflow, Rounding, round_to_fraction_bits};
use crate::numbers::interval::Interval;
use crate::numbers::rational::pow2;

/// One evaluated row.
#[derive(Clone, Debug)]
pub struct Row {
    /// Exact scores, shape `[N]` (up to a common constant where the unit leaves out one).
    pub scores: ScoreRow,
    /// Enclosed weights, shape `[N]`.
    pub weights: Weights,
    /// Enclosed output, shape `[d']`.
    pub output: Vec<Interval>,
    /// Exact target, shape `[d']`.
    pub target: Vec<Rational>,
    /// Encloses the Euclidean distance of output and target.
    pub distance: Interval,
}

/// Input that cannot be evaluated.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum InputError {
    /// A support that is not one.
    #[error("support {support:?} must be {sparsity} different tokens from 0 to {}, in increasing order", tokens.saturating_sub(1))]
    Support {
        /// What was given.
        support: Vec<u64>,
        /// q.
        sparsity: u64,
        /// N.
        tokens: u64,
    },
    /// Values of the wrong shape.
    #[error("values: expected {tokens} vectors of {value_dim} numbers, found {found}")]
    Shape {
        /// N.
        tokens: u64,
        /// d'.
        value_dim: u64,
        /// What was found.
        found: String,
    },
    /// A value outside the unit ball.
    #[error("values: the vector of token {token} has norm above 1; scale the values into the unit ball")]
    OutsideBall {
        /// The token.
        token: usize,
    },
    /// An entry that does not fit the format.
    #[error("{part} of the unit: {overflow}")]
    Overflow {
        /// `query`, `key` or `value`.
        part: &'static str,
        /// Which value and format.
        overflow: Overflow,
    },
}

/// Evaluates the row whose support is `support`, with values rounded as the unit says.
///
/// *Requires* an increasing support of q tokens and values of shape `[N][d']` in the unit ball.
/// *Ensures* every enclosure contains the exact real number it names.
///
/// # Errors
/// [`InputError`] if the input is not one of the task.
pub fn evaluate(
    prepared: &Prepared,
    support: &[u64],
    values: &[Vec<Rational>],
    precision: u32,
) -> Result<Row, InputError> {
    check_input(prepared, support, values)?;
    let bits = u32::try_from(prepared.unit.value_fraction_bits).unwrap_or(u32::MAX);
    let seen = values.iter().map(|value| value.iter().map(|entry| truncate(entry, bits)).collect()).collect::<Vec<_>>();
    Ok(finish(prepared.score_row(support), support, values, &seen, precision))
}

/// The same row with every entry of query, keys and values rounded to nearest, ties to even, in `format`.
///
/// # Errors
/// [`InputError`], also where an entry overflows the format.
pub fn evaluate_fixed(
    prepared: &Prepared,
    support: &[u64],
    values: &[Vec<Rational>],
    format: Format,
    precision: u32,
) -> Result<Row, InputError> {
    check_input(prepared, support, values)?;
    let round = |part: &'static str| {
        move |entry: &Rational| {
            let word = format.round(entry, Rounding::NearestEven);
            word.map(|word| word.integer().clone()).map_err(|overflow| InputError::Overflow { part, overflow })
        }
    };
    let query = query_vector(prepared, support).iter().map(round("query")).collect::<Result<Vec<BigInt>, _>>()?;
    let mut multiples = Vec::with_capacity(prepared.n_tokens);
    for token in 0..prepared.unit.tokens {
        let mut score = BigInt::zero();
        for (entry, k) in key_vector(prepared, token).iter().zip(&query) {
            score += round("key")(entry)? * k;
        }
        multiples.push(score);
    }
    let step = pow2(-i64::from(format.fraction_bits()));
    let mut seen = Vec::with_capacity(values.len());
    for value in values {
        let words = value.iter().map(round("value")).collect::<Result<Vec<_>, _>>()?;
        seen.push(words.into_iter().map(|word| &step * word).collect());
    }
    let scores = ScoreRow { unit: &step * &step, multiples };
    Ok(finish(scores, support, values, &seen, precision))
}

fn truncate(entry: &Rational, fraction_bits: u32) -> Rational {
    let integer = round_to_fraction_bits(entry, fraction_bits, Rounding::TowardZero);
    Rational::from_integer(integer) * pow2(-i64::from(fraction_bits))
}

fn check_input(prepared: &Prepared, support: &[u64], values: &[Vec<Rational>]) -> Result<(), InputError> {
    let unit = &prepared.unit;
    let increasing = support.windows(2).all(|pair| pair[0] < pair[1]);
    let in_range = support.last().is_none_or(|last| *last < unit.tokens);
    if !increasing || !in_range || u64::try_from(support.len()) != Ok(unit.sparsity) {
        return Err(InputError::Support { support: support.to_vec(), sparsity: unit.sparsity, tokens: unit.tokens });
    }
    let shape = |found: String| InputError::Shape { tokens: unit.tokens, value_dim: unit.value_dim, found };
    if values.len() != prepared.n_tokens {
        return Err(shape(format!("{} vectors", values.len())));
    }
    for (token, value) in values.iter().enumerate() {
        if u64::try_from(value.len()) != Ok(unit.value_dim) {
            return Err(shape(format!("{} numbers at token {token}", value.len())));
        }
        if Rational::one() < value.iter().map(|entry| entry * entry).sum() {
            return Err(InputError::OutsideBall { token });
        }
    }
    Ok(())
}

/// Weights, output, target and distance from scores and the values that the unit sees.
fn finish(scores: ScoreRow, support: &[u64], values: &[Vec<Rational>], seen: &[Vec<Rational>], precision: u32) -> Row {
    let weights = Weights::new(&scores, precision);
    let n_coordinates = values.first().map_or(0, Vec::len);
    let (total_lo, total_hi) = weights.total();
    let output: Vec<Interval> =
        (0..n_coordinates).map(|k| weighted_sum(&weights, seen, k, &total_lo, &total_hi, precision)).collect();
    let average = |k: usize| -> Rational {
        let sum: Rational = indices(support).iter().map(|&l| &values[l][k]).sum();
        sum / Rational::from_integer(support.len().into())
    };
    let target: Vec<Rational> = (0..n_coordinates).map(average).collect();
    let distance = euclidean_distance(&output, &target, precision);
    Row { scores, weights, output, target, distance }
}

/// Encloses `Σ_j W_j v_j / Σ_j W_j` for one coordinate.
fn weighted_sum(
    weights: &Weights,
    values: &[Vec<Rational>],
    k: usize,
    total_lo: &BigInt,
    total_hi: &BigInt,
    precision: u32,
) -> Interval {
    let (mut lo, mut hi) = (Rational::zero(), Rational::zero());
    for ((weight_lo, weight_hi), value) in weights.lo.iter().zip(&weights.hi).zip(values) {
        let value = &value[k];
        let (small, large) = if *value < Rational::zero() { (weight_hi, weight_lo) } else { (weight_lo, weight_hi) };
        lo += value * small;
        hi += value * large;
    }
    // A negative numerator grows when the total grows.
    let total_for_lo = if lo < Rational::zero() { total_lo } else { total_hi };
    let total_for_hi = if hi < Rational::zero() { total_hi } else { total_lo };
    Interval::new(
        Dyadic::rational_down(&(lo / total_for_lo), precision),
        Dyadic::rational_up(&(hi / total_for_hi), precision),
    )
    .expect("every bound was taken outward")
}

fn euclidean_distance(output: &[Interval], target: &[Rational], precision: u32) -> Interval {
    let zero = Interval::exact(Dyadic::zero());
    let squares = output.iter().zip(target).map(|(o, t)| {
        let difference = o.sub(&Interval::from_rational(t, precision), precision);
        let magnitude = absolute(&difference);
        magnitude.mul(&magnitude, precision)
    });
    let sum = squares.fold(zero, |sum, square| sum.add(&square, precision));
    sum.sqrt(precision).expect("a sum of squares is nonnegative")
}

/// `|x|` for an interval.
fn absolute(x: &Interval) -> Interval {
    let (lo, hi) = (x.lo().abs(), x.hi().abs());
    let largest = lo.clone().max(hi.clone());
    let straddles = x.lo().is_negative() && !x.hi().is_negative();
    let least = if straddles { Dyadic::zero() } else { lo.min(hi) };
    Interval::new(least, largest).expect("the least magnitude is at most the largest")
}

/// The query of a row, every entry, shape `[m']`.
pub fn query_vector(prepared: &Prepared, support: &[u64]) -> Vec<Rational> {
    let unit = &prepared.unit;
    match &unit.construction {
        Construction::CodeKeys(code) => {
            let marked = code_keys::marked_pairs(code, support);
            let pairs = (0..code.evaluations).flat_map(|x| (0..code.field_size).map(move |value| (x, value)));
            let is_marked = |(x, value): (u64, u64)| usize::try_from(x).is_ok_and(|x| marked.contains(&(x, value)));
            pairs.map(|pair| if is_marked(pair) { unit.scale.clone() } else { Rational::zero() }).collect()
        }
        construction => {
            let query = match construction {
                Construction::MomentCurve => moment_curve::query(&unit.scale, support),
                _ => prepared.sign_query(support).expect("sign keys have a query"),
            };
            query.integers.iter().map(|integer| &query.unit * integer).collect()
        }
    }
}

/// The key of a token, every entry, shape `[m']`.
pub fn key_vector(prepared: &Prepared, token: u64) -> Vec<Rational> {
    let rational = |integer: BigInt| Rational::from_integer(integer);
    match (&prepared.unit.construction, &prepared.keys) {
        (Construction::CodeKeys(code), _) => {
            let word = code_keys::codeword(code, token);
            let one_at = |value: u64| (0..code.field_size).map(move |v| rational(BigInt::from(u8::from(v == value))));
            word.into_iter().flat_map(one_at).collect()
        }
        (_, Keys::Sign { table, .. }) => {
            let token = indices(&[token])[0];
            (0..table.key_width()).map(|coordinate| rational(table.sign(token, coordinate).into())).collect()
        }
        _ => moment_curve::key(prepared.unit.sparsity, token).into_iter().map(rational).collect(),
    }
}
