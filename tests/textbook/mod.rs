//! A textbook evaluator: slow, plain, and independent of the layers `constructions` and `evaluate`.
//!
//! In: a unit and a support. Out: explicit key and query vectors, exact scores, softmax and `D(y)` enclosed.
//! Every definition is written as `checker/FORMAT.md` section 2 states it; only numbers and their exponential are shared.
//! Not here: any bound, and anything clever.

#![allow(dead_code, reason = "each test crate uses a part")]

pub mod matching;
pub mod units;

use attestor::catalogue::claim::{CodeKeys, Construction, Dual, SignKeys, Unit};
use attestor::numbers::Rational;
use attestor::numbers::dyadic::Dyadic;
use attestor::numbers::exp::exp_neg_capped;
use attestor::numbers::interval::Interval;
use attestor::numbers::rational::pow2;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Zero};

/// Bits of every interval operation.
pub const PRECISION: u32 = 512;

/// Exponentials below `2^FLOOR` may be enclosed from 0.
const FLOOR: i64 = -4096;

/// A unit with the explicit key vector of every token.
pub struct Textbook {
    pub unit: Unit,
    pub keys: Vec<Vec<Rational>>,
}

pub fn whole(integer: impl Into<BigInt>) -> Rational {
    Rational::from_integer(integer.into())
}

pub fn index(token: u64) -> usize {
    usize::try_from(token).expect("a small token")
}

pub fn indices(support: &[u64]) -> Vec<usize> {
    support.iter().map(|&token| index(token)).collect()
}

impl Textbook {
    pub fn new(unit: &Unit) -> Textbook {
        let keys = (0..unit.tokens).map(|token| key(unit, token)).collect();
        Textbook { unit: unit.clone(), keys }
    }

    /// The query vector `k(y)`.
    pub fn query(&self, support: &[u64]) -> Vec<Rational> {
        match &self.unit.construction {
            Construction::MomentCurve => moment_curve_query(&self.unit.scale, support),
            Construction::CodeKeys(_) => self.code_query(support),
            Construction::SignKeys(keys) => self.sign_query(keys, &indices(support)),
        }
    }

    /// `⟨k(y), u_j⟩` for every token.
    pub fn scores(&self, support: &[u64]) -> Vec<Rational> {
        let query = self.query(support);
        self.keys.iter().map(|key| dot(&query, key)).collect()
    }

    pub fn weight_error(&self, support: &[u64]) -> Interval {
        weight_error(&self.scores(support), &indices(support))
    }

    /// Every support with its `D(y)`, in lexicographic order.
    pub fn weight_errors(&self) -> Vec<(Vec<u64>, Interval)> {
        let all = supports(self.unit.tokens, self.unit.sparsity);
        all.into_iter().map(|support| (support.clone(), self.weight_error(&support))).collect()
    }

    /// `max_y D(y)`.
    pub fn worst(&self) -> Interval {
        largest(self.weight_errors().iter().map(|(_, error)| error))
    }

    fn code_query(&self, support: &[u64]) -> Vec<Rational> {
        let is_marked = |position: usize| indices(support).iter().any(|&l| self.keys[l][position].is_one());
        let zero_or_scale = |position| if is_marked(position) { self.unit.scale.clone() } else { Rational::zero() };
        (0..self.keys[0].len()).map(zero_or_scale).collect()
    }

    /// `2^-f·round(2^f·α·w_y)`.
    fn sign_query(&self, keys: &SignKeys, support: &[usize]) -> Vec<Rational> {
        let dual = match &keys.dual {
            Dual::LeastSquares => least_squares(&self.keys, support),
            Dual::MaxMargin { margin } => max_margin(&self.keys, support, margin),
        };
        let dual = dual.unwrap_or_else(|| {
            let width = whole(keys.key_width);
            combination(&self.keys, support, &vec![width.recip(); support.len()])
        });
        let factor = pow2(i64::try_from(keys.fraction_bits).expect("small"));
        dual.iter().map(|entry| whole(round_half_even(&(entry * &self.unit.scale * &factor))) / &factor).collect()
    }
}

/// The key vector of a token.
fn key(unit: &Unit, token: u64) -> Vec<Rational> {
    match &unit.construction {
        Construction::MomentCurve => (1..=2 * unit.sparsity).map(|power| whole(integer_power(token, power))).collect(),
        Construction::SignKeys(keys) => {
            (0..keys.key_width).map(|i| if sign_bit(keys.seed, token, i) { whole(1) } else { whole(-1) }).collect()
        }
        Construction::CodeKeys(code) => code_key(code, token),
    }
}

fn integer_power(base: u64, power: u64) -> BigInt {
    (0..power).map(|_| BigInt::from(base)).product()
}

/// The coefficients of `-α·∏_{l∈y}(t - l)²` at `t, t², …, t^{2q}`, by multiplying out one factor after another.
fn moment_curve_query(scale: &Rational, support: &[u64]) -> Vec<Rational> {
    let mut polynomial = vec![-scale];
    for root in support.iter().flat_map(|root| [root, root]) {
        let times_root = polynomial.iter().map(|c| c * whole(*root)).chain([Rational::zero()]);
        let times_t = [Rational::zero()].into_iter().chain(polynomial.iter().cloned());
        polynomial = times_t.zip(times_root).map(|(t, root)| t - root).collect();
    }
    polynomial.split_off(1)
}

/// The generator of section 2, in 128-bit arithmetic reduced modulo `2^64` after every step.
fn mix(z: u128) -> u128 {
    const MODULUS: u128 = 1 << 64;
    let z = ((z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9) % MODULUS;
    let z = ((z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB) % MODULUS;
    z ^ (z >> 31)
}

/// Whether coordinate `i` of key `j` is `+1`.
fn sign_bit(seed: u64, j: u64, i: u64) -> bool {
    const MODULUS: u128 = 1 << 64;
    const G: u128 = 0x9E37_79B9_7F4A_7C15;
    let add = |word: u128, count: u128| (word + count * G) % MODULUS;
    let stream = mix(add(mix(add(seed.into(), 1)), u128::from(j) + 1));
    let word = mix(add(stream, u128::from(i / 64) + 1));
    (word >> (i % 64)).is_odd()
}

/// Ones at `(x, f_j(x))`, `f_j` evaluated as a sum of powers.
fn code_key(code: &CodeKeys, token: u64) -> Vec<Rational> {
    let field = BigInt::from(code.field_size);
    let value = |x: u64| -> BigInt {
        let digit = |i: u64| (BigInt::from(token) / integer_power(code.field_size, i)).mod_floor(&field);
        let sum: BigInt = (0..code.degree_bound).map(|i| digit(i) * integer_power(x, i)).sum();
        sum.mod_floor(&field)
    };
    let block = |x: u64| (0..code.field_size).map(move |v| (x, v));
    let one_if = |hit: bool| if hit { whole(1) } else { whole(0) };
    (0..code.evaluations).flat_map(block).map(|(x, v)| one_if(value(x) == BigInt::from(v))).collect()
}

pub fn dot(a: &[Rational], b: &[Rational]) -> Rational {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn combination(keys: &[Vec<Rational>], tokens: &[usize], coefficients: &[Rational]) -> Vec<Rational> {
    let entry = |i: usize| tokens.iter().zip(coefficients).map(|(&k, c)| c * &keys[k][i]).sum();
    (0..keys[0].len()).map(entry).collect()
}

/// The least-norm `w` with score 1 on the support; `None` if the Gram matrix is singular.
fn least_squares(keys: &[Vec<Rational>], support: &[usize]) -> Option<Vec<Rational>> {
    let ones = vec![Rational::one(); support.len()];
    let (coefficients, rank) = solve_gram(keys, support, ones)?;
    (rank == support.len()).then(|| combination(keys, support, &coefficients))
}

/// The least-norm `w` with score 1 on the support and at most `1 - margin` off it.
///
/// The constraints that are tight at it make it the least-norm solution of equalities, so the shortest feasible one
/// among the least-norm solutions for every set of tight constraints is it.
pub fn max_margin(keys: &[Vec<Rational>], support: &[usize], margin: &Rational) -> Option<Vec<Rational>> {
    let off: Vec<usize> = (0..keys.len()).filter(|j| !support.contains(j)).collect();
    let limit = Rational::one() - margin;
    let mut best: Option<(Rational, Vec<Rational>)> = None;
    for mask in 0..1_u32 << off.len() {
        let tight = off.iter().enumerate().filter(|(bit, _)| (mask >> bit).is_odd()).map(|(_, j)| *j);
        let tokens: Vec<usize> = support.iter().copied().chain(tight).collect();
        let right = |i: usize| if i < support.len() { Rational::one() } else { limit.clone() };
        let Some((c, _)) = solve_gram(keys, &tokens, (0..tokens.len()).map(right).collect()) else { continue };
        let w = combination(keys, &tokens, &c);
        let norm = dot(&w, &w);
        let is_feasible = off.iter().all(|&j| dot(&w, &keys[j]) <= limit);
        if is_feasible && best.as_ref().is_none_or(|(least, _)| norm < *least) {
            best = Some((norm, w));
        }
    }
    best.map(|(_, w)| w)
}

/// Some `c` with `Σ_k ⟨u_l, u_k⟩·c_k = right_l`, and the rank of the matrix; `None` if there is no such `c`.
fn solve_gram(keys: &[Vec<Rational>], tokens: &[usize], right: Vec<Rational>) -> Option<(Vec<Rational>, usize)> {
    let n = tokens.len();
    let with_right = |l: usize, right: Rational| {
        tokens.iter().map(|&k| dot(&keys[l], &keys[k])).chain([right]).collect::<Vec<Rational>>()
    };
    let mut rows: Vec<Vec<Rational>> = tokens.iter().zip(right).map(|(&l, right)| with_right(l, right)).collect();
    let mut pivots = Vec::new();
    for column in 0..n {
        let done = pivots.len();
        let Some(pivot) = (done..n).find(|&row| !rows[row][column].is_zero()) else { continue };
        rows.swap(done, pivot);
        let above = rows[done].clone();
        for (_, row) in rows.iter_mut().enumerate().filter(|(index, _)| *index != done) {
            let factor = &row[column] / &above[column];
            row.iter_mut().zip(&above).for_each(|(entry, above)| *entry -= &factor * above);
        }
        pivots.push(column);
    }
    let mut solution = vec![Rational::zero(); n];
    for (row, &column) in pivots.iter().enumerate() {
        solution[column] = &rows[row][n] / &rows[row][column];
    }
    let is_consistent = rows[pivots.len()..].iter().all(|row| row[n].is_zero());
    is_consistent.then_some((solution, pivots.len()))
}

pub fn round_half_even(value: &Rational) -> BigInt {
    let floor = value.floor().to_integer();
    let twice_rest = (value - whole(floor.clone())) * whole(2);
    let goes_up = Rational::one() < twice_rest || (twice_rest.is_one() && floor.is_odd());
    if goes_up { floor + 1 } else { floor }
}

/// Every q-subset of `0..n`, increasing, in lexicographic order.
pub fn supports(n: u64, q: u64) -> Vec<Vec<u64>> {
    fn extend(prefix: &[u64], from: u64, n: u64, left: u64, found: &mut Vec<Vec<u64>>) {
        if left == 0 {
            found.push(prefix.to_vec());
            return;
        }
        for token in from..n {
            extend(&[prefix, &[token]].concat(), token + 1, n, left - 1, found);
        }
    }
    let mut found = Vec::new();
    extend(&[], 0, n, q, &mut found);
    found
}

/// `A_j = e^{s_j}/Σ_k e^{s_k}`, with the largest score subtracted first.
pub fn softmax(scores: &[Rational]) -> Vec<Interval> {
    let top = scores.iter().max().expect("there is a token");
    let powers: Vec<Interval> = scores.iter().map(|s| exp_neg_capped(&(top - s), PRECISION, FLOOR)).collect();
    let total = powers.iter().fold(point(&Rational::zero()), |sum, power| sum.add(power, PRECISION));
    powers.iter().map(|power| power.div(&total, PRECISION).expect("the top score has weight 1")).collect()
}

/// `D(y) = Σ_j |A_j - [j∈y]/q|`.
pub fn weight_error(scores: &[Rational], support: &[usize]) -> Interval {
    let share = whole(support.len()).recip();
    let term = |(token, weight): (usize, &Interval)| {
        let target = if support.contains(&token) { share.clone() } else { Rational::zero() };
        magnitude(&weight.sub(&point(&target), PRECISION))
    };
    let weights = softmax(scores);
    weights.iter().enumerate().map(term).fold(point(&Rational::zero()), |sum, term| sum.add(&term, PRECISION))
}

/// The narrowest enclosure of a rational.
pub fn point(value: &Rational) -> Interval {
    Interval::from_rational(value, PRECISION)
}

/// `|x|`.
pub fn magnitude(x: &Interval) -> Interval {
    if !x.lo().is_negative() {
        return x.clone();
    }
    if !x.hi().is_positive() {
        return x.neg();
    }
    Interval::new(Dyadic::zero(), x.hi().clone().max(x.lo().neg())).expect("0 is below")
}

/// The largest of several numbers, each enclosed.
pub fn largest<'a>(all: impl Iterator<Item = &'a Interval>) -> Interval {
    let both = |a: Interval, b: &Interval| {
        let (lo, hi) = (a.lo().clone().max(b.lo().clone()), a.hi().clone().max(b.hi().clone()));
        Interval::new(lo, hi).expect("ordered on both sides")
    };
    all.fold(Interval::exact(Dyadic::zero()), both)
}

pub fn overlap(a: &Interval, b: &Interval) -> bool {
    a.intersect(b).is_some()
}

/// `a ≤ b` for enclosed numbers, as far as enclosures can deny it.
pub fn may_be_at_most(a: &Interval, b: &Interval) -> bool {
    a.lo() <= b.hi()
}
