//! The dual active-set method in floating point: an untrusted guess of the tight constraints.
//!
//! **Item.** Goldfarb and Idnani 1983, for the problem (P) of the folder's documentation.
//! A state is a list of *active* tokens with independent keys (first a basis of `y`, then tokens
//! off `y`) and multipliers `c` with `c ≤ 0` off `y`; its vector is `w = Σ c_k u_k`.
//! The token `p∉y` with the largest score `s_p > 1-γ` enters.
//! With `r = G⁻¹ g`, `G` the Gram matrix of the active keys and `g_k = ⟨u_k,u_p⟩`,
//! the projection of `u_p` on their span is `Σ r_k u_k`, and the step of length `t`,
//!
//! ```text
//! c_p ← c_p - t,   c ← c + t·r,   that is   w ← w - t·(u_p - Σ r_k u_k),
//! ```
//!
//! keeps the active scores and lowers `s_p` at the rate `residual = ‖u_p - Σ r_k u_k‖²`.
//! A *full* step, `t = (s_p - (1-γ))/residual`, makes `p` active.
//! A shorter *partial* step ends where some `c_k`, `k∉y`, reaches 0; that `k` leaves, and `p` tries again.
//! If neither ends the step, `u_p = Σ r_k u_k` with `r ≤ 0` off `y`: these keys cancel, nothing is feasible.
//!
//! **In and out.** Keys, support, margin; a [`Guess`], which consists of token indices only.
//! **Invariant.** `factor` is the Cholesky factor of the Gram matrix of `active`, up to rounding.
//! **Bounds.** None: every consumer verifies.
//! Only `+ - * /` and `sqrt` occur, in an order fixed by the input, so that the guess is the same on
//! every machine with IEEE arithmetic.
//! **Not here.** Any number that reaches an answer.

#![expect(clippy::float_arithmetic, reason = "untrusted search: only indices leave this module")]

use super::Keys;
use num_rational::BigRational;
use num_traits::{One, ToPrimitive};

/// A squared distance, as a fraction of the squared length `m'` of a key, that counts as 0.
const RESIDUAL_TOLERANCE: f64 = 1e-9;
/// An excess of a score that counts as none; scores on the support are 1.
const SCORE_TOLERANCE: f64 = 1e-9;
/// A coefficient of a projection that counts as 0; typical ones lie between 0.01 and 1.
const PROJECTION_TOLERANCE: f64 = 1e-10;

/// Token lists from which [`super::repair`] makes an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Guess {
    /// The dual vector is the least-norm vector with these constraints tight.
    Tight {
        /// A basis of the support, then tokens off the support.
        active: Vec<usize>,
    },
    /// The key of `extra` is a combination of those of `active`, and this refutes feasibility.
    Cancelling {
        /// A basis of the support (or part of it), then tokens off the support.
        active: Vec<usize>,
        /// One more token.
        extra: usize,
    },
    /// The method did not come to an end.
    Undecided,
}

impl Guess {
    /// The active tokens where the search ended.
    pub(super) fn active(&self) -> &[usize] {
        match self {
            Self::Tight { active } | Self::Cancelling { active, .. } => active,
            Self::Undecided => &[],
        }
    }
}

/// Guesses the tight constraints of (P), or the keys that cancel.
pub(super) fn search<K: Keys + ?Sized>(keys: &K, support: &[usize], margin: &BigRational) -> Guess {
    let Some(threshold) = (BigRational::one() - margin).to_f64() else {
        return Guess::Undecided;
    };
    let mut state = State::new(keys);
    if let Err(extra) = state.start(support) {
        return Guess::Cancelling { active: state.active, extra };
    }
    // Each step changes one constraint; a few changes for each token are usual.
    for _ in 0..100 + 10 * keys.n_tokens() {
        let Some((token, excess)) = state.most_violated(support, threshold) else {
            return Guess::Tight { active: state.active };
        };
        if !state.enter(token, excess) {
            return Guess::Cancelling { active: state.active, extra: token };
        }
    }
    Guess::Undecided
}

/// The state of the method; the lists from `active` to `multipliers` are parallel.
struct State<'a, K: ?Sized> {
    keys: &'a K,
    active: Vec<usize>,
    /// For each active token its inner products with all tokens.
    gram_rows: Vec<Vec<f64>>,
    /// The lower triangle `L` with `L·Lᵀ` the Gram matrix of the active keys.
    factor: Vec<Vec<f64>>,
    multipliers: Vec<f64>,
    /// How many active tokens lie in the support; they come first and never leave.
    n_fixed: usize,
    residual_zero: f64,
}

impl<'a, K: Keys + ?Sized> State<'a, K> {
    fn new(keys: &'a K) -> Self {
        Self {
            keys,
            active: Vec::new(),
            gram_rows: Vec::new(),
            factor: Vec::new(),
            multipliers: Vec::new(),
            n_fixed: 0,
            residual_zero: RESIDUAL_TOLERANCE * to_float(keys.inner_product(0, 0)),
        }
    }

    /// Activates a basis of the support and solves its equations; `Err(l)` if the one of `l` contradicts.
    fn start(&mut self, support: &[usize]) -> Result<(), usize> {
        for &token in support {
            let row = self.gram_row(token);
            let half = self.half_solve(|i| row[self.active[i]]);
            let residual = row[token] - squared_length(&half);
            if self.residual_zero < residual {
                self.push(token, row, half, residual, 0.0);
            } else {
                let total: f64 = self.back_solve(half).iter().sum();
                if !(-SCORE_TOLERANCE..=SCORE_TOLERANCE).contains(&(total - 1.0)) {
                    return Err(token);
                }
            }
        }
        self.n_fixed = self.active.len();
        self.multipliers = self.back_solve(self.half_solve(|_| 1.0));
        Ok(())
    }

    /// The token off the support whose score exceeds `threshold` most (the first of several), and the excess.
    fn most_violated(&self, support: &[usize], threshold: f64) -> Option<(usize, f64)> {
        let mut scores = vec![0.0; self.keys.n_tokens()];
        for (row, multiplier) in self.gram_rows.iter().zip(&self.multipliers) {
            for (score, inner_product) in scores.iter_mut().zip(row) {
                *score += multiplier * inner_product;
            }
        }
        for &token in support {
            scores[token] = f64::NEG_INFINITY;
        }
        let mut worst = None;
        let mut limit = threshold + SCORE_TOLERANCE;
        for (token, &score) in scores.iter().enumerate() {
            if limit < score {
                (worst, limit) = (Some((token, score - threshold)), score);
            }
        }
        worst
    }

    /// Partial steps and one full step until `token` is active; `false` if its key cancels.
    fn enter(&mut self, token: usize, mut excess: f64) -> bool {
        let row = self.gram_row(token);
        let mut multiplier = 0.0;
        loop {
            let half = self.half_solve(|i| row[self.active[i]]);
            let residual = row[token] - squared_length(&half);
            // Rounding must not make more than m' keys independent.
            let independent = self.active.len() < self.keys.key_width() && self.residual_zero < residual;
            let projection = self.back_solve(half.clone());
            let full = if independent { excess / residual } else { f64::INFINITY };
            let (leaving, partial) = self.first_to_vanish(&projection);
            let step = if full < partial { full } else { partial };
            if step == f64::INFINITY {
                return false;
            }
            for (c, r) in self.multipliers.iter_mut().zip(&projection) {
                *c += step * r;
            }
            multiplier -= step;
            match leaving {
                Some(position) if partial < full => {
                    self.remove(position);
                    if independent {
                        excess -= step * residual;
                    }
                }
                _ => {
                    self.push(token, row, half, residual, multiplier);
                    return true;
                }
            }
        }
    }

    /// The position off the support whose multiplier first reaches 0 along `projection`, and the step to it.
    fn first_to_vanish(&self, projection: &[f64]) -> (Option<usize>, f64) {
        let mut first = (None, f64::INFINITY);
        for (position, &rate) in projection.iter().enumerate().skip(self.n_fixed) {
            if PROJECTION_TOLERANCE < rate {
                let step = -self.multipliers[position] / rate;
                let step = if step < 0.0 { 0.0 } else { step };
                if step < first.1 {
                    first = (Some(position), step);
                }
            }
        }
        first
    }

    fn push(&mut self, token: usize, row: Vec<f64>, mut half: Vec<f64>, residual: f64, multiplier: f64) {
        half.push(residual.sqrt());
        self.active.push(token);
        self.gram_rows.push(row);
        self.factor.push(half);
        self.multipliers.push(multiplier);
    }

    /// Deactivates a token; the factor's rows from there on are computed afresh.
    fn remove(&mut self, position: usize) {
        self.active.remove(position);
        self.gram_rows.remove(position);
        self.multipliers.remove(position);
        self.factor.truncate(position);
        for k in position..self.active.len() {
            let row = &self.gram_rows[k];
            let mut half = self.half_solve(|i| row[self.active[i]]);
            let residual = row[self.active[k]] - squared_length(&half);
            half.push(residual.sqrt());
            self.factor.push(half);
        }
    }

    fn gram_row(&self, token: usize) -> Vec<f64> {
        (0..self.keys.n_tokens()).map(|other| to_float(self.keys.inner_product(token, other))).collect()
    }

    /// The solution `v` of `L·v = right`.
    fn half_solve(&self, right: impl Fn(usize) -> f64) -> Vec<f64> {
        let mut half: Vec<f64> = Vec::with_capacity(self.factor.len() + 1);
        for (i, row) in self.factor.iter().enumerate() {
            let mut value = right(i);
            for (l, v) in row.iter().zip(&half) {
                value -= l * v;
            }
            half.push(value / row[i]);
        }
        half
    }

    /// The solution `x` of `Lᵀ·x = half`.
    fn back_solve(&self, mut half: Vec<f64>) -> Vec<f64> {
        for (i, row) in self.factor.iter().enumerate().rev() {
            half[i] /= row[i];
            let value = half[i];
            for (v, l) in half[..i].iter_mut().zip(row) {
                *v -= value * l;
            }
        }
        half
    }
}

fn squared_length(values: &[f64]) -> f64 {
    let mut sum = 0.0;
    for value in values {
        sum += value * value;
    }
    sum
}

/// Inner products are at most `m'` in modulus; one beyond `i32` becomes NaN, and the search fails.
fn to_float(inner_product: i64) -> f64 {
    i32::try_from(inner_product).map_or(f64::NAN, f64::from)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{SignTable, rational};
    use super::{Guess, search};

    #[test]
    fn guesses_of_small_tables() {
        let half = rational(1, 2);
        let guess = |rows: &[&str], support: &[usize]| search(&SignTable::from_rows(rows), support, &half);
        // Orthogonal keys: nothing off the support is tight.
        assert_eq!(guess(&["++++", "+-+-", "++--"], &[0]), Guess::Tight { active: vec![0] });
        // Inner product 2 of 4 is tight without being active; 4 of 6 must be pushed down.
        assert_eq!(guess(&["++++", "+++-"], &[0]), Guess::Tight { active: vec![0] });
        assert_eq!(guess(&["++++++", "+++++-"], &[0]), Guess::Tight { active: vec![0, 1] });
        assert_eq!(guess(&["+", "-", "-"], &[1]), Guess::Cancelling { active: vec![1], extra: 2 });
        assert_eq!(guess(&["+", "-", "-"], &[0, 2]), Guess::Cancelling { active: vec![0], extra: 2 });
    }
}
