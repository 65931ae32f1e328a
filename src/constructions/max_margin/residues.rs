//! Exact solution of positive definite integer systems by residues modulo word-size primes.
//!
//! **Item.** `G·x = r` with `G` the Gram matrix of independent keys, as `x = numerators/determinant`
//! (Cramer's rule), for [`super::repair`].
//! **In and out.** Integers in, integers out; residues modulo `p` are in `[0, p)`, and inside
//! [`Field`] in Montgomery form (`a` stands for `a·2^{-64} mod p`).
//! **Bound.** A positive semidefinite `k×k` matrix with diagonal at most `D` has determinant at most `D^k`
//! (Hadamard). Its adjugate is positive semidefinite too, with diagonal at most `D^{k-1}` (its minors),
//! hence with all entries at most `D^{k-1}` in modulus: so `|numerator| ≤ D^{k-1}·Σ|r_i|`.
//! A product of primes above twice these bounds determines them.
//! **Not here.** Trust: the answers that come from here are verified by [`super::verify`], so neither
//! the primality of the moduli nor the bound above is relied upon.

use num_bigint::{BigInt, BigUint};
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};
use std::sync::LazyLock;

/// So many primes with a vanishing minor, and the matrix is taken for singular.
const MAX_UNLUCKY_PRIMES: usize = 2;

/// Numerators and denominator of the solution of `matrix·x = right`.
///
/// *Requires* `matrix` symmetric and positive semidefinite.
/// *Ensures* `Some((numerators, determinant))` as in Cramer's rule, if `matrix` is nonsingular and no
/// prime used divides a leading minor; `None` if it is singular.
/// *Why* the bound of the module documentation.
/// *Source* residue arithmetic as in Dixon, Numerische Mathematik 40 (1982), without lifting.
pub(super) fn solve(matrix: &[Vec<i64>], right: &[BigInt]) -> Option<(Vec<BigInt>, BigInt)> {
    let range = range(matrix, right);
    let mut lift = Lift { modulus: BigUint::one(), values: vec![BigUint::zero(); right.len() + 1] };
    let mut n_unlucky = 0;
    for prime in primes() {
        if range < lift.modulus {
            break;
        }
        let field = Field::new(prime);
        match field.solve(matrix, right) {
            Some(residues) => lift.extend(&field, &residues),
            None if n_unlucky < MAX_UNLUCKY_PRIMES => n_unlucky += 1,
            None => return None,
        }
    }
    let mut numerators = lift.into_symmetric();
    let determinant = numerators.pop()?;
    Some((numerators, determinant))
}

/// Twice the largest modulus that a numerator or the determinant can have.
fn range(matrix: &[Vec<i64>], right: &[BigInt]) -> BigUint {
    let diagonal = matrix.iter().enumerate().map(|(i, row)| row[i].unsigned_abs()).max().unwrap_or(1);
    let total: BigInt = right.iter().map(Signed::abs).sum();
    let minor = (1..matrix.len()).fold(BigUint::one(), |power, _| power * diagonal);
    minor * total.magnitude().max(&BigUint::from(diagonal)) * 2_u32
}

/// Integers known modulo `modulus`, as representatives in `[0, modulus)`.
struct Lift {
    modulus: BigUint,
    values: Vec<BigUint>,
}

impl Lift {
    /// Chinese remaindering: `v + M·((r - v)·M⁻¹ mod p)` is `v` modulo `M` and `r` modulo `p`.
    fn extend(&mut self, field: &Field, residues: &[u64]) {
        let inverse = field.invert(field.enter(remainder(&self.modulus, field.prime)));
        for (value, &residue) in self.values.iter_mut().zip(residues) {
            let known = remainder(value, field.prime);
            let digit = field.multiply(field.subtract(residue, known), inverse);
            if digit != 0 {
                *value += &self.modulus * digit;
            }
        }
        self.modulus *= field.prime;
    }

    /// Representatives of least modulus.
    fn into_symmetric(self) -> Vec<BigInt> {
        let modulus = self.modulus;
        let half = &modulus >> 1_u32;
        let symmetric = |value: BigUint| {
            if half < value { BigInt::from(value) - BigInt::from(modulus.clone()) } else { value.into() }
        };
        self.values.into_iter().map(symmetric).collect()
    }
}

fn remainder(value: &BigUint, prime: u64) -> u64 {
    (value % prime).to_u64().unwrap_or(0)
}

/// The field of an odd prime `p < 2^62`, with Montgomery's multiplication.
struct Field {
    prime: u64,
    /// `-1/p` modulo `2^64`.
    negative_inverse: u64,
    /// `2^128` modulo `p`.
    radix_squared: u64,
}

impl Field {
    fn new(prime: u64) -> Self {
        // Newton: an inverse of p modulo 2^i gives one modulo 2^{2i}; p itself is one modulo 2^3.
        let inverse = (0..5).fold(prime, |x, _| x.wrapping_mul(2_u64.wrapping_sub(prime.wrapping_mul(x))));
        let wide = u128::from(prime);
        let radix_squared = (u128::MAX % wide + 1) % wide;
        Self {
            prime,
            negative_inverse: inverse.wrapping_neg(),
            radix_squared: u64::try_from(radix_squared).unwrap_or(0),
        }
    }

    /// `(high·2^64 + low)/2^64` modulo `p`, for `high < p`.
    fn reduce(&self, low: u64, high: u64) -> u64 {
        let (_, carry) = low.wrapping_mul(self.negative_inverse).carrying_mul(self.prime, low);
        // Both summands are below p < 2^62.
        let sum = high + carry;
        if self.prime <= sum { sum - self.prime } else { sum }
    }

    fn multiply(&self, a: u64, b: u64) -> u64 {
        let (low, high) = a.carrying_mul(b, 0);
        self.reduce(low, high)
    }

    /// `a·b - c·d`: the two products add up to less than `2p² < 2^63·p`, so one reduction suffices.
    fn cross(&self, a: u64, b: u64, c: u64, d: u64) -> u64 {
        let (low, high) = a.carrying_mul(b, 0);
        let (low, carry) = (self.prime - c).carrying_mul(d, low);
        self.reduce(low, high + carry)
    }

    fn subtract(&self, a: u64, b: u64) -> u64 {
        if a < b { a + self.prime - b } else { a - b }
    }

    fn power(&self, base: u64, exponent: u64) -> u64 {
        (0..u64::BITS - exponent.leading_zeros()).rev().fold(self.enter(1), |power, bit| {
            let square = self.multiply(power, power);
            if exponent >> bit & 1 == 1 { self.multiply(square, base) } else { square }
        })
    }

    /// `1/a = a^{p-2}` (Fermat).
    fn invert(&self, a: u64) -> u64 {
        self.power(a, self.prime - 2)
    }

    /// Into Montgomery form.
    fn enter(&self, residue: u64) -> u64 {
        self.multiply(residue, self.radix_squared)
    }

    /// Out of Montgomery form.
    fn leave(&self, a: u64) -> u64 {
        self.reduce(a, 0)
    }

    fn enter_small(&self, value: i64) -> u64 {
        let residue = value.unsigned_abs() % self.prime;
        self.enter(if value < 0 { self.subtract(0, residue) } else { residue })
    }

    fn enter_big(&self, value: &BigInt) -> u64 {
        self.enter(value.mod_floor(&BigInt::from(self.prime)).to_u64().unwrap_or(0))
    }

    /// The residues of the numerators and then of the determinant; `None` if a leading minor vanishes.
    fn solve(&self, matrix: &[Vec<i64>], right: &[BigInt]) -> Option<Vec<u64>> {
        let mut rows: Vec<Vec<u64>> = matrix
            .iter()
            .enumerate()
            .map(|(i, row)| row[i..].iter().map(|&entry| self.enter_small(entry)).collect())
            .collect();
        for (row, value) in rows.iter_mut().zip(right) {
            row.push(self.enter_big(value));
        }
        self.eliminate(&mut rows);
        let inverses = self.invert_all(&rows.iter().map(|row| row[0]).collect::<Vec<_>>())?;
        let determinant = self.determinant(&rows, &inverses);
        let solution = self.back_substitute(&rows, &inverses);
        let numerators = solution.iter().map(|&x| self.leave(self.multiply(x, determinant)));
        Some(numerators.chain([self.leave(determinant)]).collect())
    }

    /// Elimination without division; `rows[i]` holds the entries from the diagonal on and the right side.
    ///
    /// Step `t` multiplies all later rows by the pivot `d_t`, so they stay a multiple of a symmetric matrix,
    /// and the upper triangle suffices.
    fn eliminate(&self, rows: &mut [Vec<u64>]) {
        for t in 0..rows.len() {
            let (done, rest) = rows.split_at_mut(t + 1);
            let pivot_row = &done[t];
            for (offset, row) in rest.iter_mut().enumerate() {
                let tail = &pivot_row[offset + 1..];
                for (entry, &above) in row.iter_mut().zip(tail) {
                    *entry = self.cross(*entry, pivot_row[0], tail[0], above);
                }
            }
        }
    }

    /// `det = ∏_t d_t/σ_t`, where `σ_t = d_0⋯d_{t-1}` is the factor that row `t` had collected as pivot row.
    fn determinant(&self, rows: &[Vec<u64>], inverses: &[u64]) -> u64 {
        let mut determinant = self.enter(1);
        let mut collected = self.enter(1);
        for (row, &inverse) in rows.iter().zip(inverses) {
            determinant = self.multiply(determinant, self.multiply(row[0], collected));
            collected = self.multiply(collected, inverse);
        }
        determinant
    }

    fn back_substitute(&self, rows: &[Vec<u64>], inverses: &[u64]) -> Vec<u64> {
        let mut solution = vec![0; rows.len()];
        for (t, row) in rows.iter().enumerate().rev() {
            let known = &solution[t + 1..];
            let right = row[known.len() + 1];
            let rest = row[1..].iter().zip(known).fold(right, |sum, (&a, &x)| self.subtract(sum, self.multiply(a, x)));
            solution[t] = self.multiply(rest, inverses[t]);
        }
        solution
    }

    /// All inverses with one inversion: from that of the product of all; `None` if one value is 0.
    fn invert_all(&self, values: &[u64]) -> Option<Vec<u64>> {
        let mut products = vec![self.enter(1)];
        for &value in values {
            products.push(self.multiply(products[products.len() - 1], value));
        }
        let mut inverse = self.invert(products.pop().filter(|&product| product != 0)?);
        for (product, &value) in products.iter_mut().zip(values).rev() {
            *product = self.multiply(*product, inverse);
            inverse = self.multiply(inverse, value);
        }
        Some(products)
    }

    /// Miller's test to the first twelve prime bases, which is exact below `3·10^23` (Sorenson and Webster 2017).
    fn is_prime(&self) -> bool {
        let n_halvings = (self.prime - 1).trailing_zeros();
        let (one, minus_one) = (self.enter(1), self.enter(self.prime - 1));
        [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37].iter().all(|&base| {
            let mut power = self.power(self.enter(base), (self.prime - 1) >> n_halvings);
            power == one
                || (0..n_halvings).any(|_| {
                    let found = power == minus_one;
                    power = self.multiply(power, power);
                    found
                })
        })
    }
}

/// The first primes below `2^62`, enough for most systems, found once.
static FIRST_PRIMES: LazyLock<Vec<u64>> = LazyLock::new(|| primes_below(1 << 62).take(16).collect());

/// The primes below `2^62`, from the largest down.
fn primes() -> impl Iterator<Item = u64> {
    let first: &[u64] = &FIRST_PRIMES;
    let last = first[first.len() - 1];
    first.iter().copied().chain(primes_below(last))
}

/// The odd primes below `limit ≤ 2^62`, from the largest down; none below 41.
fn primes_below(limit: u64) -> impl Iterator<Item = u64> {
    (41..limit).rev().filter(|candidate| candidate % 2 == 1 && Field::new(*candidate).is_prime())
}

#[cfg(test)]
mod tests {
    use super::{Field, primes, primes_below, solve};
    use num_bigint::BigInt;
    use num_traits::Zero;
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};

    #[test]
    fn primes_are_those_of_trial_division() {
        let is_prime = |n: u64| (2..n).take_while(|d| d * d <= n).all(|d| !n.is_multiple_of(d));
        let expected: Vec<u64> = (41..3000).rev().filter(|&n| is_prime(n)).collect();
        assert_eq!(primes_below(3000).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn primes_below_the_word_are_known_and_distinct() {
        // The largest primes below 2^62 are 2^62 - 57, 2^62 - 87 and 2^62 - 117.
        let largest: Vec<u64> = primes().take(3).map(|p| (1 << 62) - p).collect();
        assert_eq!(largest, [57, 87, 117]);
        let many: Vec<u64> = primes().take(20).collect();
        assert!(many.windows(2).all(|pair| pair[1] < pair[0]));
    }

    #[test]
    fn singular_matrices_have_no_solution() {
        let right = [BigInt::from(1), BigInt::from(1)];
        assert_eq!(solve(&[vec![3, 3], vec![3, 3]], &right), None);
        assert_eq!(solve(&[vec![3, -3], vec![-3, 3]], &right), None);
    }

    proptest! {
        /// Products of residues against 128-bit remainders; values near the ends of the range included.
        #[test]
        fn multiplication_is_modular(a in any::<u64>(), b in any::<u64>(), c in any::<u64>(), index in 0_usize..4) {
            let prime = [41, 3001, (1 << 62) - 87, (1 << 62) - 57][index];
            let field = Field::new(prime);
            let wide = u128::from(prime);
            let [a, b, c] = [a, b, c].map(|x| x % prime);
            let product = field.leave(field.multiply(field.enter(a), field.enter(b)));
            prop_assert_eq!(u128::from(product), u128::from(a) * u128::from(b) % wide);
            let cross = field.leave(field.cross(field.enter(a), field.enter(b), field.enter(c), field.enter(b)));
            prop_assert_eq!(u128::from(cross), u128::from(field.subtract(a, c)) * u128::from(b) % wide);
            if a != 0 {
                prop_assert_eq!(field.leave(field.multiply(field.enter(a), field.invert(field.enter(a)))), 1);
            }
        }

        /// Gram matrices of small integer vectors (`+1` on the diagonal makes them definite): `G·x·det = r·det`.
        #[test]
        fn solutions_satisfy_the_system(
            vectors in prop::collection::vec(prop::collection::vec(-9_i64..=9, 4), 1..=12),
            right in prop::collection::vec(any::<i64>(), 12),
        ) {
            let size = vectors.len();
            let entry = |i: usize, j: usize| {
                vectors[i].iter().zip(&vectors[j]).map(|(a, b)| a * b).sum::<i64>() + i64::from(i == j)
            };
            let matrix: Vec<Vec<i64>> = (0..size).map(|i| (0..size).map(|j| entry(i, j)).collect()).collect();
            let right: Vec<BigInt> = right[..size].iter().map(|&r| BigInt::from(r) << 70_u32).collect();
            let (numerators, determinant) = solve(&matrix, &right).expect("nonsingular");
            for (row, r) in matrix.iter().zip(&right) {
                let left = row.iter().zip(&numerators).fold(BigInt::zero(), |sum, (a, x)| sum + x * *a);
                prop_assert_eq!(left, r * &determinant);
            }
        }
    }
}
