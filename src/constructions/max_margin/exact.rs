//! The dual active-set method in rational arithmetic: the slow, obvious twin of [`super::search`].
//!
//! **Item.** Goldfarb and Idnani 1983 as described in [`super::search`], with no tolerance anywhere.
//! **In and out.** Keys, support, margin, and tokens to start from; a [`Dual`].
//! The start may be anything; a good one saves steps, and the dual vector does not depend on it.
//! **Invariant.** The active keys are independent; active multipliers off the support are `≤ 0`;
//! after a full step the active constraints are tight.
//!
//! **Termination**, without any anti-cycling rule.
//! Between two full steps every step removes an active token, so there are finitely many.
//! Let `d(c) = Σ c_k·bound_k - ½‖Σ c_k u_k‖²` (bounds 1 on the support, `1-γ` off it; `p` included).
//! Along a step, since the active constraints are tight,
//! `d/dt d(c) = Σ r_k·bound_k - bound_p - ⟨w, Σ r_k u_k - u_p⟩ = s_p - bound_p`,
//! which is positive until a full step ends; and a full step has positive length.
//! After a full step `Σ c_k·bound_k = ‖w‖²`, so `d = ½‖w‖²`, where `w` is the least-norm vector with the
//! active constraints tight: a function of the active set that has grown strictly.
//! So no active set recurs after a full step, and there are finitely many sets.
//!
//! The dependent case without a leaving token is a Farkas proof: `u_p - Σ r_k u_k = 0`, `-r_k ≥ 0` off
//! the support, and `(1-γ) - Σ r_k·bound_k = (1-γ) - s_p < 0`.
//!
//! **Not here.** Speed: each step solves its linear system afresh, by Bareiss elimination.

use super::repair::{gram, normal_multipliers, normal_vector};
use super::{Dual, Keys};
use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

/// The answer for `support`, by exact arithmetic throughout, from the tight constraints `start` or fewer.
pub(super) fn dual<K: Keys + ?Sized>(keys: &K, support: &[usize], margin: &BigRational, start: &[usize]) -> Dual {
    let threshold = BigRational::one() - margin;
    let basis = independent_prefix(keys, support);
    for &extra in support.iter().filter(|token| !basis.contains(token)) {
        let projection = project(keys, &basis, extra);
        if !projection.iter().sum::<BigRational>().is_one() {
            return cancelling(support, margin, &basis, extra, &projection);
        }
    }
    let mut state = State::start(keys, basis, start.iter().filter(|k| support.binary_search(k).is_err()), &threshold);
    while let Some((token, excess)) = state.most_violated(support, &threshold) {
        if let Err(projection) = state.enter(token, excess) {
            return cancelling(support, margin, &state.active, token, &projection);
        }
    }
    let denominator = common_denominator(&state.multipliers);
    let terms = scaled(&state.active, &state.multipliers, &denominator);
    normal_vector(terms, denominator)
}

/// The tokens whose keys are independent of the keys of the tokens before.
pub(super) fn independent_prefix<K: Keys + ?Sized>(keys: &K, tokens: &[usize]) -> Vec<usize> {
    let mut basis = Vec::new();
    for &token in tokens {
        basis.push(token);
        if !are_independent(keys, &basis) {
            basis.pop();
        }
    }
    basis
}

/// Whether the Gram determinant of the tokens does not vanish.
fn are_independent<K: Keys + ?Sized>(keys: &K, tokens: &[usize]) -> bool {
    !eliminate(&mut big_gram(keys, tokens)).is_zero()
}

fn big_gram<K: Keys + ?Sized>(keys: &K, tokens: &[usize]) -> Vec<Vec<BigInt>> {
    gram(keys, tokens).into_iter().map(|row| row.into_iter().map(BigInt::from).collect()).collect()
}

/// The coefficients `c` with `⟨Σ c_k u_k, u_l⟩ = right_l` for all `l` in `tokens`, whose keys are independent.
pub(super) fn solve<K: Keys + ?Sized>(keys: &K, tokens: &[usize], right: &[BigRational]) -> Vec<BigRational> {
    let denominator = common_denominator(right);
    let mut rows = big_gram(keys, tokens);
    for (row, value) in rows.iter_mut().zip(right) {
        row.push((value * &denominator).to_integer());
    }
    let determinant = eliminate(&mut rows) * denominator;
    let numerators = rows.into_iter().filter_map(|mut row| row.pop());
    numerators.map(|numerator| BigRational::new(numerator, determinant.clone())).collect()
}

/// Bareiss's fraction-free elimination to a diagonal; the last column becomes the numerators of Cramer's rule.
///
/// *Requires* that the square part is positive semidefinite.
/// *Ensures* the result is the determinant; all divisions are exact.
/// *Why* a leading minor of such a matrix vanishes only if the determinant does; then the work ends early.
/// *Source* Bareiss, Mathematics of Computation 22 (1968).
fn eliminate(rows: &mut [Vec<BigInt>]) -> BigInt {
    let mut previous = BigInt::one();
    for t in 0..rows.len() {
        let pivot_row = rows[t].clone();
        let pivot = &pivot_row[t];
        if pivot.is_zero() {
            return BigInt::zero();
        }
        for (i, row) in rows.iter_mut().enumerate() {
            if i != t {
                let factor = row[t].clone();
                for (entry, above) in row.iter_mut().zip(&pivot_row) {
                    *entry = (&*entry * pivot - &factor * above) / &previous;
                }
            }
        }
        previous = pivot.clone();
    }
    previous
}

/// The coefficients of the projection of the key of `token` on the span of the keys of `active`.
fn project<K: Keys + ?Sized>(keys: &K, active: &[usize], token: usize) -> Vec<BigRational> {
    let right: Vec<BigRational> = active.iter().map(|k| integer(keys.inner_product(*k, token))).collect();
    solve(keys, active, &right)
}

/// The squared distance of the key of `token` from that span.
fn residual<K: Keys + ?Sized>(keys: &K, active: &[usize], token: usize, projection: &[BigRational]) -> BigRational {
    integer(keys.inner_product(token, token)) - score(keys, active, projection, token)
}

/// `⟨Σ c_k u_k, u_token⟩`.
fn score<K: Keys + ?Sized>(keys: &K, active: &[usize], c: &[BigRational], token: usize) -> BigRational {
    active.iter().zip(c).map(|(k, c)| c * integer(keys.inner_product(*k, token))).sum()
}

fn integer(value: i64) -> BigRational {
    BigRational::from_integer(value.into())
}

fn common_denominator(values: &[BigRational]) -> BigInt {
    values.iter().fold(BigInt::one(), |lcm, value| lcm.lcm(value.denom()))
}

fn scaled(tokens: &[usize], values: &[BigRational], scale: &BigInt) -> Vec<(usize, BigInt)> {
    tokens.iter().zip(values).map(|(token, value)| (*token, (value * scale).to_integer())).collect()
}

/// The Farkas proof `u_extra - Σ projection_k u_k = 0`.
fn cancelling(
    support: &[usize],
    margin: &BigRational,
    active: &[usize],
    extra: usize,
    projection: &[BigRational],
) -> Dual {
    let scale = common_denominator(projection);
    let mut terms = scaled(active, projection, &-&scale);
    terms.push((extra, scale));
    normal_multipliers(support, margin, terms)
}

/// The state of the method; `active` and `multipliers` are parallel.
struct State<'a, K: ?Sized> {
    keys: &'a K,
    /// How many active tokens lie in the support; they come first and never leave.
    n_fixed: usize,
    active: Vec<usize>,
    multipliers: Vec<BigRational>,
}

impl<'a, K: Keys + ?Sized> State<'a, K> {
    /// The state with `basis` and those tokens of `start` active that leave the invariant true.
    fn start<'b>(
        keys: &'a K,
        basis: Vec<usize>,
        start: impl Iterator<Item = &'b usize>,
        threshold: &BigRational,
    ) -> Self {
        let n_fixed = basis.len();
        let mut active = basis.clone();
        active.extend(start);
        if !are_independent(keys, &active) {
            active = basis;
        }
        loop {
            let bound = |position| {
                if position < n_fixed { BigRational::one() } else { threshold.clone() }
            };
            let bounds: Vec<BigRational> = (0..active.len()).map(bound).collect();
            let multipliers = solve(keys, &active, &bounds);
            let keep = |position: usize| position < n_fixed || !multipliers[position].is_positive();
            let kept: Vec<usize> =
                active.iter().enumerate().filter(|(position, _)| keep(*position)).map(|(_, token)| *token).collect();
            if kept.len() == active.len() {
                return Self { keys, n_fixed, active, multipliers };
            }
            active = kept;
        }
    }

    /// The token off the support whose score exceeds `threshold` most (the first of several), and the excess.
    fn most_violated(&self, support: &[usize], threshold: &BigRational) -> Option<(usize, BigRational)> {
        let mut worst: Option<(usize, BigRational)> = None;
        for token in (0..self.keys.n_tokens()).filter(|j| support.binary_search(j).is_err()) {
            let excess = score(self.keys, &self.active, &self.multipliers, token) - threshold;
            if excess.is_positive() && worst.as_ref().is_none_or(|(_, largest)| *largest < excess) {
                worst = Some((token, excess));
            }
        }
        worst
    }

    /// Partial steps and one full step until `token` is active; its projection if its key cancels.
    fn enter(&mut self, token: usize, mut excess: BigRational) -> Result<(), Vec<BigRational>> {
        let mut multiplier = BigRational::zero();
        loop {
            let projection = project(self.keys, &self.active, token);
            let residual = residual(self.keys, &self.active, token, &projection);
            let full = if residual.is_zero() { None } else { Some(&excess / &residual) };
            let partial = self.first_to_vanish(&projection);
            let (leaving, step) = match (full, partial) {
                (None, None) => return Err(projection),
                (Some(full), Some((_, partial))) if full <= partial => (None, full),
                (Some(full), None) => (None, full),
                (_, Some((position, partial))) => (Some(position), partial),
            };
            for (c, r) in self.multipliers.iter_mut().zip(&projection) {
                *c += &step * r;
            }
            excess -= &step * residual;
            multiplier -= step;
            let Some(position) = leaving else {
                self.active.push(token);
                self.multipliers.push(multiplier);
                return Ok(());
            };
            self.active.remove(position);
            self.multipliers.remove(position);
        }
    }

    /// The position off the support whose multiplier first reaches 0 along `projection`, and the step to it.
    fn first_to_vanish(&self, projection: &[BigRational]) -> Option<(usize, BigRational)> {
        let mut first: Option<(usize, BigRational)> = None;
        for position in (self.n_fixed..self.active.len()).filter(|k| projection[*k].is_positive()) {
            let step = -&self.multipliers[position] / &projection[position];
            if first.as_ref().is_none_or(|(_, shortest)| step < *shortest) {
                first = Some((position, step));
            }
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{SignTable, rational};
    use super::super::residues;
    use super::{eliminate, gram, independent_prefix, solve};
    use num_bigint::BigInt;

    #[test]
    fn elimination_and_residues_give_the_same_numerators() {
        for seed in 0..20 {
            let keys = SignTable::seeded(40, 40, seed);
            let tokens: Vec<usize> = (0..30).collect();
            let matrix = gram(&keys, &tokens);
            let right: Vec<BigInt> = tokens.iter().map(|&k| BigInt::from(k) - 7).collect();
            let mut rows: Vec<Vec<BigInt>> = matrix
                .iter()
                .zip(&right)
                .map(|(row, r)| row.iter().map(|&entry| BigInt::from(entry)).chain([r.clone()]).collect())
                .collect();
            let determinant = eliminate(&mut rows);
            let numerators: Vec<BigInt> = rows.into_iter().filter_map(|mut row| row.pop()).collect();
            assert_eq!(residues::solve(&matrix, &right), Some((numerators, determinant)));
        }
    }

    #[test]
    fn solutions_of_a_small_system() {
        // G = [[6,4],[4,6]].
        let keys = SignTable::from_rows(&["++++++", "+++++-"]);
        let expected = vec![rational(1, 5), rational(-1, 20)];
        assert_eq!(solve(&keys, &[0, 1], &[rational(1, 1), rational(1, 2)]), expected);
    }

    #[test]
    fn dependent_tokens_are_left_out() {
        let keys = SignTable::from_rows(&["+--", "-+-", "--+", "---", "-++"]);
        assert_eq!(independent_prefix(&keys, &[0, 4, 1, 2, 3]), [0, 1, 2]);
    }
}
