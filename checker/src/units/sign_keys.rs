//! Thm 2: keys of pseudo-random signs, dual vectors, rounded queries, exact scores.
//!
//! In: the parameters of a claim and a support. Out: the weight of every token.
//! Everything before the exponential is in integers: inner products of keys are counts of differing bits,
//! a dual vector is an integer combination of keys over one denominator, and a query entry is an integer
//! in units of `2^-f`.

use num_bigint::BigInt;
use num_traits::{One, Signed, ToPrimitive, Zero};

use crate::exp::{Enclosure, NegExp};
use crate::number::{Rational, clamp_to_unsigned, power_of_two, round_half_even};

const INCREMENT: u64 = 0x9E37_79B9_7F4A_7C15;

/// The vector `(1/denominator)·Σ_k coefficients_k·u_k`, `k` over `keys`.
#[derive(Clone, Debug)]
pub(crate) struct Combination {
    pub(crate) keys: Vec<u64>,
    pub(crate) coefficients: Vec<BigInt>,
    pub(crate) denominator: BigInt,
}

/// The table of all keys, one bit a sign.
pub(crate) struct SignKeys {
    n_tokens: u64,
    width: u64,
    words_per_key: usize,
    /// Key after key; the bits beyond the width are 0.
    words: Vec<u64>,
    scale: Rational,
    fraction_bits: u64,
    query_range: Option<(BigInt, BigInt)>,
}

/// An index for `get`; what does not fit is out of range anyway.
pub(crate) fn to_index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The bit mixer of FORMAT.md, section 2.
fn mix(mut z: u64) -> u64 {
    z ^= z >> 30;
    z = z.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z ^= z >> 27;
    z = z.wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The words of one key.
fn key_words(seed: u64, token: u64, width: u64) -> impl Iterator<Item = u64> {
    let nth = |start: u64, number: u64| mix(start.wrapping_add(number.wrapping_add(1).wrapping_mul(INCREMENT)));
    let stream = nth(mix(seed.wrapping_add(INCREMENT)), token);
    (0..width.div_ceil(64)).map(move |word| {
        let n_bits = (width - 64 * word).min(64);
        nth(stream, word) & (u64::MAX >> (64 - n_bits))
    })
}

impl SignKeys {
    /// Generates the keys; `N·m'` has been limited.
    pub(crate) fn new(n_tokens: u64, width: u64, seed: u64) -> Self {
        SignKeys {
            n_tokens,
            width,
            words_per_key: to_index(width.div_ceil(64)),
            words: (0..n_tokens).flat_map(|token| key_words(seed, token, width)).collect(),
            scale: Rational::integer(0),
            fraction_bits: 0,
            query_range: None,
        }
    }

    /// The same keys with the queries of a scale and a number of fraction bits.
    pub(crate) fn with_queries(mut self, scale: &Rational, fraction_bits: u64) -> Self {
        self.scale = scale.clone();
        self.fraction_bits = fraction_bits;
        self
    }

    pub(crate) fn n_tokens(&self) -> u64 {
        self.n_tokens
    }

    pub(crate) fn width(&self) -> u64 {
        self.width
    }

    pub(crate) fn query_range(&self) -> Option<&(BigInt, BigInt)> {
        self.query_range.as_ref()
    }

    fn key(&self, token: u64) -> &[u64] {
        let start = to_index(token).saturating_mul(self.words_per_key);
        self.words.get(start..start.saturating_add(self.words_per_key)).unwrap_or_default()
    }

    /// The inner product `⟨u_left, u_right⟩`: equal signs less differing ones.
    pub(crate) fn inner(&self, left: u64, right: u64) -> i64 {
        let pairs = self.key(left).iter().zip(self.key(right));
        let n_differing: i64 = pairs.map(|(left, right)| i64::from((left ^ right).count_ones())).sum();
        i64::try_from(self.width).unwrap_or(i64::MAX) - 2 * n_differing
    }

    /// The inner product of `Δ·w` with the key of a token.
    pub(crate) fn inner_with(&self, vector: &Combination, token: u64) -> BigInt {
        let terms = vector.keys.iter().zip(&vector.coefficients);
        terms.map(|(key, coefficient)| coefficient * self.inner(*key, token)).sum()
    }

    /// The coordinates of `Δ·w`.
    pub(crate) fn coordinates(&self, vector: &Combination) -> Vec<BigInt> {
        let mut coordinates = vec![BigInt::zero(); to_index(self.width)];
        for (key, coefficient) in vector.keys.iter().zip(&vector.coefficients) {
            for (coordinate, is_positive) in coordinates.iter_mut().zip(bits(self.key(*key))) {
                if is_positive {
                    *coordinate += coefficient;
                } else {
                    *coordinate -= coefficient;
                }
            }
        }
        coordinates
    }

    /// `(1/m')·Σ_{l∈y} u_l`.
    pub(crate) fn fallback(&self, support: &[u64]) -> Combination {
        Combination {
            keys: support.to_vec(),
            coefficients: support.iter().map(|_| BigInt::one()).collect(),
            denominator: BigInt::from(self.width),
        }
    }

    /// The least-norm `w` with `⟨w, u_l⟩ = 1` on the support, or the fallback if the Gram matrix is singular.
    fn least_squares(&self, support: &[u64]) -> Combination {
        let row = |left: &u64| {
            let products = support.iter().map(|right| BigInt::from(self.inner(*left, *right)));
            products.chain(std::iter::once(BigInt::one())).collect()
        };
        match solve_semidefinite(support.iter().map(row).collect()) {
            Some((coefficients, denominator)) => Combination { keys: support.to_vec(), coefficients, denominator },
            None => self.fallback(support),
        }
    }

    /// The query `round(2^f·α·w)`, in units of `2^-f`.
    fn query(&self, vector: &Combination) -> Vec<BigInt> {
        // 2^f·α·(Δw)_i/Δ = (Δw)_i·(2^f·numer α)/(Δ·denom α).
        let factor = power_of_two(self.fraction_bits) * self.scale.numer();
        let denom = &vector.denominator * self.scale.denom();
        let coordinates = self.coordinates(vector);
        coordinates.iter().map(|coordinate| round_half_even(&(coordinate * &factor), &denom)).collect()
    }

    /// The scores of all tokens, in units of `2^-f`.
    fn scores(&self, query: &[BigInt]) -> Vec<BigInt> {
        // Every partial sum is at most Σ|k_i| in modulus, so machine words are right if that fits.
        let magnitude: BigInt = query.iter().map(Signed::abs).sum();
        let narrow: Option<Vec<i64>> = query.iter().map(ToPrimitive::to_i64).collect();
        match (magnitude.to_i64(), narrow) {
            (Some(_), Some(narrow)) => {
                (0..self.n_tokens).map(|token| BigInt::from(signed_sum(&narrow, self.key(token)))).collect()
            }
            _ => (0..self.n_tokens).map(|token| big_signed_sum(query, self.key(token))).collect(),
        }
    }

    /// Shows the weight of every token at this support, with a given dual vector or the least-squares one.
    pub(crate) fn visit(
        &mut self,
        support: &[u64],
        dual: Option<&Combination>,
        exp: &mut NegExp,
        visit: &mut dyn FnMut(u64, &Enclosure),
    ) {
        let query = match dual {
            Some(vector) => self.query(vector),
            None => self.query(&self.least_squares(support)),
        };
        self.extend_query_range(&query);
        let scores = self.scores(&query);
        let unit = clamp_to_unsigned(&power_of_two(self.fraction_bits));
        let largest = scores.iter().max().cloned().unwrap_or_default();
        for (token, score) in (0u64..).zip(&scores) {
            visit(token, &exp.at(&clamp_to_unsigned(&(&largest - score)), &unit));
        }
    }

    fn extend_query_range(&mut self, query: &[BigInt]) {
        for entry in query {
            match &mut self.query_range {
                None => self.query_range = Some((entry.clone(), entry.clone())),
                Some((least, greatest)) => {
                    if *entry < *least {
                        least.clone_from(entry);
                    }
                    if *greatest < *entry {
                        greatest.clone_from(entry);
                    }
                }
            }
        }
    }
}

/// The bits of the words, the least significant of the first word first.
fn bits(words: &[u64]) -> impl Iterator<Item = bool> + '_ {
    words.iter().flat_map(|word| (0..64).map(move |place| (word >> place) & 1 == 1))
}

/// `Σ_i ±k_i` with the signs of a key.
fn signed_sum(query: &[i64], key: &[u64]) -> i64 {
    let chunks = query.chunks(64).zip(key);
    let sums = chunks.map(|(entries, word)| {
        let mut word = *word;
        let mut sum = 0i64;
        for entry in entries {
            sum += if word & 1 == 1 { *entry } else { -*entry };
            word >>= 1;
        }
        sum
    });
    sums.sum()
}

/// The same for entries of any size.
fn big_signed_sum(query: &[BigInt], key: &[u64]) -> BigInt {
    let mut sum = BigInt::zero();
    for (entry, is_positive) in query.iter().zip(bits(key)) {
        if is_positive {
            sum += entry;
        } else {
            sum -= entry;
        }
    }
    sum
}

/// Solves `G·x = b` for a positive semidefinite integer matrix, given as the rows `(G | b)`:
/// returns `det(G)·x`, which is integral by Cramer's rule, and `det(G) > 0`; `None` if `G` is singular.
///
/// *Why* Bareiss elimination keeps all entries minors of `(G | b)`, so its divisions are exact.
/// No row is exchanged: the pivots are the leading principal minors, and if one of them is 0, so is `det(G)`,
/// because a vector that a principal block of a semidefinite matrix maps to 0 is mapped to 0 by the matrix.
fn solve_semidefinite(mut rows: Vec<Vec<BigInt>>) -> Option<(Vec<BigInt>, BigInt)> {
    let mut previous = BigInt::one();
    let mut triangle: Vec<Vec<BigInt>> = Vec::new();
    while !rows.is_empty() {
        let top = rows.remove(0);
        let pivot = top.first().filter(|pivot| !pivot.is_zero())?.clone();
        for row in &mut rows {
            let head = row.first()?.clone();
            let pairs = row.iter().zip(&top).skip(1);
            *row = pairs.map(|(entry, above)| (&pivot * entry - &head * above) / &previous).collect();
        }
        previous = pivot;
        triangle.push(top);
    }
    // The last pivot is det(G). From the last row up: pivot·x_i = det·b_i - Σ_{k>i} entry_k·x_k, x = det·G^{-1}b.
    let determinant = previous;
    let mut solution: Vec<BigInt> = Vec::new();
    for row in triangle.iter().rev() {
        let (pivot, rest) = row.split_first()?;
        let (right, entries) = rest.split_last()?;
        // `solution` is kept with the last unknown first.
        let known: BigInt = entries.iter().rev().zip(&solution).map(|(entry, value)| entry * value).sum();
        solution.push((&determinant * right - known) / pivot);
    }
    solution.reverse();
    Some((solution, determinant))
}

#[cfg(test)]
mod tests {
    use super::{Combination, SignKeys, big_signed_sum, key_words, signed_sum, solve_semidefinite};
    use crate::number::Rational;
    use num_bigint::BigInt;

    #[test]
    fn pinned_words() {
        // Computed by an independent program from the formula of FORMAT.md.
        for (seed, token, word, value) in PINNED {
            let words: Vec<u64> = key_words(seed, token, 64 * (word + 1)).collect();
            assert_eq!(words.last(), Some(&value), "seed {seed} token {token} word {word}");
        }
    }

    const PINNED: [(u64, u64, u64, u64); 6] = [
        (0, 0, 0, 0x2382_75BC_38FC_BE91),
        (0, 0, 1, 0xF89A_2566_B582_2C54),
        (0, 1, 0, 0x2F10_1FE2_1496_EA20),
        (1, 0, 0, 0xB18A_02F4_6D8D_86C3),
        (42, 63, 2, 0x51D5_7209_9F4B_8AE4),
        (u64::MAX, 65535, 16, 0xE1BE_4CC5_8BEF_7B21),
    ];

    #[test]
    fn inner_products_count_signs() {
        let keys = SignKeys::new(9, 70, 5);
        for left in 0..9 {
            for right in 0..9 {
                let slow: i64 = (0..70)
                    .map(|place| {
                        let bit = |token| keys.key(token)[place / 64] >> (place % 64) & 1;
                        if bit(left) == bit(right) { 1 } else { -1 }
                    })
                    .sum();
                assert_eq!(keys.inner(left, right), slow);
            }
        }
    }

    #[test]
    fn least_squares_meets_its_equations() {
        let keys = SignKeys::new(12, 24, 1).with_queries(&Rational::integer(3), 8);
        for support in [vec![0], vec![1, 7], vec![0, 3, 8], vec![2, 4, 6, 11]] {
            let vector = keys.least_squares(&support);
            for member in &support {
                assert_eq!(keys.inner_with(&vector, *member), vector.denominator);
            }
        }
    }

    #[test]
    fn singular_systems_are_noticed() {
        let big = |rows: &[&[i64]]| rows.iter().map(|row| row.iter().map(|x| BigInt::from(*x)).collect()).collect();
        assert_eq!(solve_semidefinite(big(&[&[4, 4, 1], &[4, 4, 1]])), None);
        assert_eq!(solve_semidefinite(big(&[&[4, -4, 0, 1], &[-4, 4, 0, 1], &[0, 0, 4, 1]])), None);
        let solved = solve_semidefinite(big(&[&[4, 2, 1], &[2, 4, 1]]));
        assert_eq!(solved, Some((vec![BigInt::from(2), BigInt::from(2)], BigInt::from(12))));
    }

    #[test]
    fn both_paths_of_the_scores_agree() {
        let keys = SignKeys::new(6, 100, 9).with_queries(&Rational::integer(7), 12);
        let vector = Combination { keys: vec![0, 2], coefficients: vec![3.into(), (-5).into()], denominator: 7.into() };
        let query = keys.query(&vector);
        let narrow: Vec<i64> = query.iter().map(|entry| i64::try_from(entry).unwrap()).collect();
        for token in 0..6 {
            assert_eq!(BigInt::from(signed_sum(&narrow, keys.key(token))), big_signed_sum(&query, keys.key(token)));
        }
        let wide: Vec<BigInt> = query.iter().map(|entry| entry << 80u32).collect();
        let scaled: Vec<BigInt> = keys.scores(&query).iter().map(|score| score << 80u32).collect();
        assert_eq!(keys.scores(&wide), scaled);
    }
}
