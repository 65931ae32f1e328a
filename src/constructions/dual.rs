//! Dual vectors and the rounded queries made from them (Thm 2; docs/theory.md section 4a).
//!
//! In: sign keys, a support, the definition of the dual vector, α and f.
//! Out: `w_y` exactly, and the query `round(2^f·α·w_y)` with ties to even.
//! Invariant: `w_y` is a function of the claim's parameters alone, so a claim defines its unit;
//! where no dual vector exists it is the fallback `(1/m')·Σ_{l∈y} u_l`.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

use super::max_margin;
use super::scores::Query;
use super::sign_keys::SignKeyTable;
use crate::catalogue::claim;
use crate::numbers::Rational;

/// The dual vector of one support as a combination of keys: `w = (1/denominator)·Σ coefficients[k]·u_{keys[k]}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DualVector {
    /// Tokens whose keys take part.
    pub keys: Vec<usize>,
    /// One integer for each of `keys`.
    pub coefficients: Vec<BigInt>,
    /// Positive.
    pub denominator: BigInt,
    /// Why this is the vector that the claim defines.
    pub origin: Origin,
}

/// Where a dual vector comes from; for max-margin this is what a certificate records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Least squares with a nonsingular Gram matrix.
    LeastSquares,
    /// Optimal by the Karush–Kuhn–Tucker conditions, which the vector itself shows.
    MaxMargin,
    /// Fallback: the Gram matrix is singular.
    SingularGram,
    /// Fallback: no vector has the margin, by Farkas multipliers.
    NoDual {
        /// Tokens with a multiplier.
        keys: Vec<usize>,
        /// One multiplier for each.
        multipliers: Vec<BigInt>,
    },
}

/// The dual vector of `support` as the claim's `dual` defines it.
pub fn dual_vector(keys: &SignKeyTable, support: &[usize], dual: &claim::Dual) -> DualVector {
    match dual {
        claim::Dual::LeastSquares => least_squares(keys, support),
        claim::Dual::MaxMargin { margin } => match max_margin::dual(keys, support, margin) {
            max_margin::Dual::Vector { keys, coefficients, denominator } => {
                DualVector { keys, coefficients, denominator, origin: Origin::MaxMargin }
            }
            max_margin::Dual::Infeasible { keys: with_multiplier, coefficients } => {
                fallback(keys, support, Origin::NoDual { keys: with_multiplier, multipliers: coefficients })
            }
        },
    }
}

/// `U_y G_yy^{-1} 1`, or the fallback if `G_yy` is singular.
fn least_squares(keys: &SignKeyTable, support: &[usize]) -> DualVector {
    let gram =
        support.iter().map(|&l| support.iter().map(|&k| BigInt::from(keys.inner_product(l, k))).collect()).collect();
    match solve_ones(gram) {
        Some((coefficients, denominator)) => {
            DualVector { keys: support.to_vec(), coefficients, denominator, origin: Origin::LeastSquares }
        }
        None => fallback(keys, support, Origin::SingularGram),
    }
}

fn fallback(keys: &SignKeyTable, support: &[usize], origin: Origin) -> DualVector {
    DualVector {
        keys: support.to_vec(),
        coefficients: vec![BigInt::one(); support.len()],
        denominator: BigInt::from(keys.key_width()),
        origin,
    }
}

/// Solves `matrix · x = 1` by Bareiss' fraction-free elimination: `x = numerators / denominator`, denominator positive.
///
/// *Ensures* `None` exactly if the matrix is singular.
/// *Why* every entry after step `k` is a minor of the augmented matrix, so the divisions are exact.
fn solve_ones(matrix: Vec<Vec<BigInt>>) -> Option<(Vec<BigInt>, BigInt)> {
    let n = matrix.len();
    let mut rows = matrix;
    for row in &mut rows {
        row.push(BigInt::one());
    }
    let mut previous = BigInt::one();
    for step in 0..n {
        let pivot_row = (step..n).find(|&row| !rows[row][step].is_zero())?;
        rows.swap(step, pivot_row);
        let pivot = rows[step].clone();
        for (index, row) in rows.iter_mut().enumerate() {
            if index != step {
                let factor = row[step].clone();
                for (entry, above) in row.iter_mut().zip(&pivot) {
                    *entry = (&*entry * &pivot[step] - &factor * above) / &previous;
                }
            }
        }
        previous = pivot[step].clone();
    }
    // Every diagonal entry now is the determinant (up to the sign of the swaps), the last column its multiples.
    let sign = previous.signum();
    let numerators = rows.iter().map(|row| &row[n] * &sign).collect();
    Some((numerators, previous.abs()))
}

impl DualVector {
    /// `⟨w, u_token⟩ · denominator`.
    pub fn scaled_score(&self, keys: &SignKeyTable, token: usize) -> BigInt {
        let terms = self.keys.iter().zip(&self.coefficients);
        terms.map(|(&key, coefficient)| coefficient * keys.inner_product(key, token)).sum()
    }

    /// Whether `⟨w, u_j⟩ ≤ 1 - margin` for every `j` off the support and the vector is no fallback.
    pub fn has_margin(&self, keys: &SignKeyTable, support: &[usize], margin: &Rational) -> bool {
        match self.origin {
            Origin::SingularGram | Origin::NoDual { .. } => return false,
            Origin::LeastSquares | Origin::MaxMargin => {}
        }
        let limit = (margin.denom() - margin.numer()) * &self.denominator;
        (0..keys.n_tokens())
            .filter(|token| !support.contains(token))
            .all(|token| self.scaled_score(keys, token) * margin.denom() <= limit)
    }

    /// The query `2^-f·round(2^f·α·w)`, nearest with ties to even.
    pub fn query(&self, keys: &SignKeyTable, scale: &Rational, fraction_bits: u64) -> Query {
        let factor = BigInt::one() << fraction_bits;
        let numerator_factor = scale.numer() * &factor;
        let denominator = scale.denom() * &self.denominator;
        let round = |entry: BigInt| div_nearest_even(&(entry * &numerator_factor), &denominator);
        let integers = if self.keys.len() <= MAX_PATTERN_KEYS {
            let by_pattern: Vec<BigInt> = (0..1_usize << self.keys.len()).map(|p| round(self.entry_of(p))).collect();
            (0..keys.key_width()).map(|coordinate| by_pattern[self.pattern(keys, coordinate)].clone()).collect()
        } else {
            (0..keys.key_width()).map(|coordinate| round(self.entry(keys, coordinate))).collect()
        };
        Query { unit: Rational::new(BigInt::one(), factor), integers }
    }

    /// The entry of `w·denominator` at a coordinate.
    fn entry(&self, keys: &SignKeyTable, coordinate: usize) -> BigInt {
        let mut sum = BigInt::zero();
        for (&key, coefficient) in self.keys.iter().zip(&self.coefficients) {
            if keys.sign(key, coordinate) == 1 {
                sum += coefficient;
            } else {
                sum -= coefficient;
            }
        }
        sum
    }

    /// Which keys are positive at a coordinate, one bit each: entries with equal patterns are equal.
    fn pattern(&self, keys: &SignKeyTable, coordinate: usize) -> usize {
        let bits = self.keys.iter().map(|&key| usize::from(keys.sign(key, coordinate) == 1));
        bits.rev().fold(0, |pattern, bit| 2 * pattern + bit)
    }

    /// The entry of `w·denominator` at every coordinate with this pattern.
    fn entry_of(&self, pattern: usize) -> BigInt {
        let signed = self.coefficients.iter().enumerate();
        signed.map(|(bit, c)| if pattern >> bit & 1 == 1 { c.clone() } else { -c }).sum()
    }
}

/// Up to this many keys, the `2^keys` different entries are rounded once each instead of m' entries.
const MAX_PATTERN_KEYS: usize = 4;

/// `numerator / denominator` to the nearest integer, ties to even; the denominator is positive.
pub fn div_nearest_even(numerator: &BigInt, denominator: &BigInt) -> BigInt {
    let (quotient, remainder) = numerator.div_mod_floor(denominator);
    let twice = remainder * 2;
    if twice < *denominator || (twice == *denominator && quotient.is_even()) { quotient } else { quotient + 1 }
}

#[cfg(test)]
mod tests {
    use super::{Origin, div_nearest_even, dual_vector};
    use crate::catalogue::claim::Dual;
    use crate::constructions::sign_keys::SignKeyTable;
    use crate::numbers::Rational;
    use num_bigint::BigInt;

    #[test]
    fn least_squares_scores_one_on_the_support_or_falls_back() {
        let mut fallbacks = 0;
        for seed in 0..40 {
            let keys = SignKeyTable::new(8, 4, seed);
            for support in [vec![0], vec![1, 5], vec![2, 3, 7], vec![0, 2, 4, 6]] {
                let dual = dual_vector(&keys, &support, &Dual::LeastSquares);
                if dual.origin == Origin::SingularGram {
                    fallbacks += 1;
                    continue;
                }
                for &token in &support {
                    assert_eq!(dual.scaled_score(&keys, token), dual.denominator);
                }
            }
        }
        assert!(0 < fallbacks && fallbacks < 160);
    }

    #[test]
    fn queries_round_the_exact_vector() {
        let keys = SignKeyTable::new(12, 33, 1);
        let scale = Rational::new(37.into(), 3.into());
        for support in [vec![4], vec![0, 9], vec![1, 2, 3], vec![0, 1, 2, 3, 4, 5, 6]] {
            let dual = dual_vector(&keys, &support, &Dual::LeastSquares);
            let query = dual.query(&keys, &scale, 10);
            for (coordinate, integer) in query.integers.iter().enumerate() {
                let exact = Rational::new(dual.entry(&keys, coordinate), dual.denominator.clone()) * &scale;
                let error = exact * BigInt::from(1024) - Rational::from_integer(integer.clone());
                assert!(error <= Rational::new(1.into(), 2.into()) && Rational::new((-1).into(), 2.into()) <= error);
            }
        }
    }

    #[test]
    fn ties_go_to_even() {
        let cases = [(1, 2, 0), (3, 2, 2), (5, 2, 2), (-1, 2, 0), (-3, 2, -2), (7, 3, 2), (8, 3, 3), (-7, 3, -2)];
        for (numerator, denominator, expected) in cases {
            assert_eq!(div_nearest_even(&BigInt::from(numerator), &BigInt::from(denominator)), BigInt::from(expected));
        }
    }
}
