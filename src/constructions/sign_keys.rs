//! Sign keys (Thm 2; docs/theory.md section 4a): the documented generator and inner products.
//!
//! In: N, m', seed. Out: keys in `{-1,+1}^{m'}`, one bit a coordinate, and exact inner products.
//! Invariant: a seed means the same keys everywhere, and keys of a smaller width are prefixes of those of a larger one.
//! Not here: dual vectors and queries (`dual`), coherence bounds (layer `bounds`).

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use super::max_margin;

/// The odd constant of the generator: `2^64` divided by the golden ratio.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The keys of `n_tokens` tokens; coordinate `i` of key `j` is `+1` where its bit is 1.
#[derive(Clone, Debug)]
pub struct SignKeyTable {
    n_tokens: usize,
    key_width: usize,
    words_per_key: usize,
    words: Vec<u64>,
}

/// The finaliser of SplitMix64.
fn mix(mut z: u64) -> u64 {
    z ^= z >> 30;
    z = z.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z ^= z >> 27;
    z = z.wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Word `block` of key `token`: 64 coordinates, the least significant bit first.
///
/// ```
/// use attestor::constructions::sign_keys::key_word;
/// assert_eq!(key_word(0, 0, 0), 0x2382_75bc_38fc_be91);
/// ```
pub fn key_word(seed: u64, token: u64, block: u64) -> u64 {
    let step = |counter: u64| counter.wrapping_add(1).wrapping_mul(GOLDEN);
    let stream = mix(mix(seed.wrapping_add(GOLDEN)).wrapping_add(step(token)));
    mix(stream.wrapping_add(step(block)))
}

impl SignKeyTable {
    /// The keys of tokens `0 … n_tokens-1`.
    pub fn new(n_tokens: usize, key_width: usize, seed: u64) -> SignKeyTable {
        let words_per_key = key_width.div_ceil(64);
        let mut words = Vec::with_capacity(n_tokens * words_per_key);
        for token in (0_u64..).take(n_tokens) {
            words.extend((0_u64..).take(words_per_key).map(|block| key_word(seed, token, block)));
            if let (Some(last), used @ 1..) = (words.last_mut(), key_width % 64) {
                *last &= (1 << used) - 1;
            }
        }
        SignKeyTable { n_tokens, key_width, words_per_key, words }
    }

    /// N.
    pub fn n_tokens(&self) -> usize {
        self.n_tokens
    }

    /// m'.
    pub fn key_width(&self) -> usize {
        self.key_width
    }

    /// The packed coordinates of one key; bits at and above m' are 0.
    pub fn words(&self, token: usize) -> &[u64] {
        &self.words[token * self.words_per_key..(token + 1) * self.words_per_key]
    }

    /// Coordinate `coordinate` of key `token`, `-1` or `+1`.
    pub fn sign(&self, token: usize, coordinate: usize) -> i8 {
        if self.words(token)[coordinate / 64] >> (coordinate % 64) & 1 == 1 { 1 } else { -1 }
    }

    /// `⟨u_a, u_b⟩ = m' - 2·(number of differing coordinates)`.
    pub fn inner_product(&self, a: usize, b: usize) -> i64 {
        let differing: u32 = self.words(a).iter().zip(self.words(b)).map(|(x, y)| (x ^ y).count_ones()).sum();
        let width = i64::try_from(self.key_width).expect("m' ≤ 2^20");
        width - 2 * i64::from(differing)
    }
}

impl SignKeyTable {
    /// `⟨vector, u_j⟩` for every token in machine words; `None` where `Σ|entries|` does not stay below `2^62`.
    pub fn inner_products(&self, vector: &[BigInt]) -> Option<Vec<i64>> {
        let entries: Vec<i64> = vector.iter().map(ToPrimitive::to_i64).collect::<Option<_>>()?;
        // The sum of magnitudes bounds every partial sum; half of the range is left for differences.
        let bound = entries.iter().try_fold(0_u64, |sum, entry| sum.checked_add(entry.unsigned_abs()))?;
        if 1 << 62 <= bound {
            return None;
        }
        let total: i64 = entries.iter().sum();
        Some((0..self.n_tokens).map(|token| 2 * positive_part(self.words(token), &entries) - total).collect())
    }
}

/// `Σ_i k_i` over the coordinates whose bit is set, so `⟨k, u⟩ = 2·this - Σ_i k_i`.
fn positive_part(words: &[u64], entries: &[i64]) -> i64 {
    let mut sum = 0;
    for (word, chunk) in words.iter().zip(entries.chunks(64)) {
        for (bit, entry) in chunk.iter().enumerate() {
            let mask = -i64::from(u8::from(word >> bit & 1 == 1));
            sum += entry & mask;
        }
    }
    sum
}

impl max_margin::Keys for SignKeyTable {
    fn n_tokens(&self) -> usize {
        self.n_tokens
    }

    fn key_width(&self) -> usize {
        self.key_width
    }

    fn sign(&self, token: usize, coordinate: usize) -> i8 {
        self.sign(token, coordinate)
    }

    fn inner_product(&self, a: usize, b: usize) -> i64 {
        self.inner_product(a, b)
    }
}

#[cfg(test)]
mod tests {
    use super::SignKeyTable;
    use num_bigint::BigInt;

    #[test]
    fn inner_products_are_sums_of_signs() {
        for width in [1, 5, 64, 65, 130] {
            let keys = SignKeyTable::new(6, width, 9);
            for a in 0..6 {
                for b in 0..6 {
                    let sum: i64 = (0..width).map(|i| i64::from(keys.sign(a, i)) * i64::from(keys.sign(b, i))).sum();
                    assert_eq!(keys.inner_product(a, b), sum);
                }
            }
        }
    }

    #[test]
    fn inner_products_match_plain_sums() {
        let keys = SignKeyTable::new(5, 70, 2);
        let vector: Vec<BigInt> = (0..70).map(|i: i64| BigInt::from((i * i * 7919) % 1000 - 500)).collect();
        let found = keys.inner_products(&vector).unwrap();
        for (token, found) in found.into_iter().enumerate() {
            let plain: BigInt = vector.iter().enumerate().map(|(i, entry)| entry * keys.sign(token, i)).sum();
            assert_eq!(BigInt::from(found), plain);
        }
        let large = vec![BigInt::from(1_u64 << 61); 70];
        assert_eq!(keys.inner_products(&large), None);
    }

    #[test]
    fn narrower_keys_are_prefixes() {
        let (narrow, wide) = (SignKeyTable::new(4, 70, 3), SignKeyTable::new(7, 200, 3));
        for token in 0..4 {
            for coordinate in 0..70 {
                assert_eq!(narrow.sign(token, coordinate), wide.sign(token, coordinate));
            }
        }
    }
}
