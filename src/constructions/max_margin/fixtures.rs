//! Key tables and vectors for the tests of this folder.

use super::Keys;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;

/// Keys as rows of signs.
#[derive(Clone, Debug)]
pub(super) struct SignTable {
    rows: Vec<Vec<i8>>,
}

impl SignTable {
    pub(super) fn from_bits(n_tokens: usize, key_width: usize, bit: impl Fn(usize, usize) -> bool) -> Self {
        let row = |j| (0..key_width).map(|i| if bit(j, i) { 1 } else { -1 }).collect();
        Self { rows: (0..n_tokens).map(row).collect() }
    }

    /// One string of `+` and `-` for each key.
    pub(super) fn from_rows(rows: &[&str]) -> Self {
        Self::from_bits(rows.len(), rows[0].len(), |j, i| rows[j].as_bytes()[i] == b'+')
    }

    /// The keys of the certificate format's `sign-keys`.
    pub(super) fn seeded(n_tokens: usize, key_width: usize, seed: u64) -> Self {
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        let mix = |z: u64| {
            let z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^ z >> 31
        };
        let stride = |index: usize| (u64::try_from(index).unwrap() + 1).wrapping_mul(STEP);
        let root = mix(seed.wrapping_add(STEP));
        Self::from_bits(n_tokens, key_width, |j, i| {
            mix(mix(root.wrapping_add(stride(j))).wrapping_add(stride(i / 64))) >> (i % 64) & 1 == 1
        })
    }
}

impl Keys for SignTable {
    fn n_tokens(&self) -> usize {
        self.rows.len()
    }

    fn key_width(&self) -> usize {
        self.rows[0].len()
    }

    fn sign(&self, token: usize, coordinate: usize) -> i8 {
        self.rows[token][coordinate]
    }

    fn inner_product(&self, a: usize, b: usize) -> i64 {
        self.rows[a].iter().zip(&self.rows[b]).map(|(x, y)| i64::from(x * y)).sum()
    }
}

/// All `sparsity`-subsets of the tokens, in lexicographic order.
pub(super) fn supports(n_tokens: usize, sparsity: usize) -> Vec<Vec<usize>> {
    let mut all = vec![vec![]];
    for _ in 0..sparsity {
        all = all
            .into_iter()
            .flat_map(|head: Vec<usize>| {
                let next = head.last().map_or(0, |last| last + 1);
                (next..n_tokens).map(move |token| [head.as_slice(), &[token]].concat())
            })
            .collect();
    }
    all
}

pub(super) fn rational(numerator: i64, denominator: i64) -> BigRational {
    BigRational::new(BigInt::from(numerator), BigInt::from(denominator))
}

/// `Σ coefficients[i]·u_{tokens[i]}`.
pub(super) fn vector(keys: &SignTable, tokens: &[usize], coefficients: &[BigRational]) -> Vec<BigRational> {
    let coordinate = |i: usize| {
        tokens
            .iter()
            .zip(coefficients)
            .fold(BigRational::zero(), |sum, (&k, c)| if keys.sign(k, i) > 0 { sum + c } else { sum - c })
    };
    (0..keys.key_width()).map(coordinate).collect()
}
