//! Tiny units by the definitions of FORMAT.md, section 2: keys, queries, weights and row errors, written out.
//!
//! In: a claim. Out: a [`Unit`] with its keys as plain vectors, or why there is none.
//! Max-margin vectors are found by trying every set of active constraints.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Zero};

use super::document::Line;
use super::fraction::{Bracket, Fraction, neg_exp};

const MAX_TOKENS: u64 = 8;
const MAX_WIDTH: u64 = 64;
const MAX_NUMBER_BITS: u64 = 3000;

/// A unit with its keys as plain vectors.
pub struct Unit {
    pub sparsity: usize,
    pub value_dim: BigInt,
    pub value_bits: u64,
    scale: Fraction,
    /// One integer vector for each token.
    pub keys: Vec<Vec<i128>>,
    query: QueryRule,
}

enum QueryRule {
    Moment,
    Sign { margin: Option<(i128, i128)>, fraction_bits: u64 },
    Code,
}

/// Why there is no [`Unit`].
pub enum NoUnit {
    IllFormed(&'static str),
    TooLarge,
}

impl Unit {
    pub fn new(claim: &Line) -> Result<Unit, NoUnit> {
        let count = |name: &str| claim.count(name).ok_or(NoUnit::TooLarge);
        let (tokens, sparsity) = (count("tokens")?, count("sparsity")?);
        if sparsity == 0 || tokens < sparsity {
            return Err(NoUnit::IllFormed("no support"));
        }
        let value_dim = count("value_dim")?;
        if value_dim == 0 {
            return Err(NoUnit::IllFormed("no values"));
        }
        let scale = Fraction::parse(claim.text_of("scale")).ok_or(NoUnit::TooLarge)?;
        if scale <= Fraction::integer(0) {
            return Err(NoUnit::IllFormed("a scale that is not positive"));
        }
        let value_bits = count("value_fraction_bits")?;
        let is_tiny = tokens <= MAX_TOKENS
            && value_bits <= MAX_NUMBER_BITS
            && scale.numer.bits().max(scale.denom.bits()) <= MAX_NUMBER_BITS;
        let (query, keys) = match claim.text_of("id") {
            "sparse-averaging/moment-curve" => (QueryRule::Moment, None),
            "sparse-averaging/sign-keys" => sign_keys(claim)?,
            _ => code_keys(claim)?,
        };
        if !is_tiny {
            return Err(NoUnit::TooLarge);
        }
        let n_powers = i32::try_from(2 * sparsity).map_err(|_| NoUnit::TooLarge)?;
        // u_j = (j, j², …, j^{2q}).
        let curve = |token: u64| (1..=n_powers).map(|power| i128::from(token).pow(power.unsigned_abs())).collect();
        let key = |token: u64| keys.as_ref().map_or_else(|| curve(token), |make: &KeyMaker| make(token));
        let keys = (0..tokens).map(key).collect();
        let sparsity = usize::try_from(sparsity).map_err(|_| NoUnit::TooLarge)?;
        Ok(Unit { sparsity, value_dim: value_dim.into(), value_bits, scale, keys, query })
    }
}

type KeyMaker = Box<dyn Fn(u64) -> Vec<i128>>;

fn sign_keys(claim: &Line) -> Result<(QueryRule, Option<KeyMaker>), NoUnit> {
    let count = |name: &str| claim.count(name).ok_or(NoUnit::TooLarge);
    let (width, seed, fraction_bits) = (count("key_width")?, count("seed")?, count("fraction_bits")?);
    if width == 0 {
        return Err(NoUnit::IllFormed("keys without coordinates"));
    }
    let margin = match (claim.text_of("dual"), claim.text_of("margin")) {
        ("least-squares", "none") => None,
        ("least-squares", _) | (_, "none") => return Err(NoUnit::IllFormed("dual and margin do not fit")),
        (_, text) => {
            let margin = Fraction::parse(text).ok_or(NoUnit::TooLarge)?;
            if margin <= Fraction::integer(0) || Fraction::integer(1) < margin {
                return Err(NoUnit::IllFormed("a margin outside of (0, 1]"));
            }
            let small = |value: &BigInt| i128::try_from(value.clone()).ok().filter(|value| *value < 1 << 20);
            Some((small(&margin.numer).ok_or(NoUnit::TooLarge)?, small(&margin.denom).ok_or(NoUnit::TooLarge)?))
        }
    };
    if MAX_WIDTH < width || MAX_NUMBER_BITS < fraction_bits {
        return Err(NoUnit::TooLarge);
    }
    Ok((QueryRule::Sign { margin, fraction_bits }, Some(Box::new(move |token| signs(seed, token, width)))))
}

/// The signs of one key.
fn signs(seed: u64, token: u64, width: u64) -> Vec<i128> {
    const G: u64 = 0x9E37_79B9_7F4A_7C15;
    fn mix(mut z: u64) -> u64 {
        z ^= z >> 30;
        z = z.wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z ^= z >> 27;
        z = z.wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        z
    }
    let of_seed = mix(seed.wrapping_add(G));
    let of_token = mix(of_seed.wrapping_add((token + 1).wrapping_mul(G)));
    (0..width)
        .map(|place| {
            let word = mix(of_token.wrapping_add((place / 64 + 1).wrapping_mul(G)));
            if (word >> (place % 64)) % 2 == 1 { 1 } else { -1 }
        })
        .collect()
}

fn code_keys(claim: &Line) -> Result<(QueryRule, Option<KeyMaker>), NoUnit> {
    let count = |name: &str| claim.count(name).ok_or(NoUnit::TooLarge);
    let (field, degree, points) = (count("field_size")?, count("degree_bound")?, count("evaluations")?);
    if field < 2 || (field < 1 << 16 && (2..field).any(|divisor| field.is_multiple_of(divisor))) {
        return Err(NoUnit::IllFormed("a field_size that is not prime"));
    }
    if degree == 0 || points == 0 || field < points {
        return Err(NoUnit::IllFormed("no such polynomials or points"));
    }
    // Q ≥ 2, so Q^64 is above every count.
    let n_polynomials = u128::from(field).saturating_pow(u32::try_from(degree.min(64)).unwrap_or(64));
    if n_polynomials < u128::from(count("tokens")?) {
        return Err(NoUnit::IllFormed("fewer polynomials than tokens"));
    }
    if MAX_WIDTH < field || MAX_WIDTH < degree {
        return Err(NoUnit::TooLarge);
    }
    // The indicator vector of {(x, f_j(x))}.
    let key = move |token: u64| {
        let mut key = Vec::new();
        for point in 0..points {
            let (mut value, mut rest, mut power) = (0, token, 1);
            while rest != 0 {
                value = (value + rest % field * power) % field;
                power = power * point % field;
                rest /= field;
            }
            key.extend((0..field).map(|entry| i128::from(entry == value)));
        }
        key
    };
    Ok((QueryRule::Code, Some(Box::new(key))))
}

fn inner(left: &[i128], right: &[i128]) -> i128 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

/// All increasing lists of `size` of the tokens `0 … n-1`.
pub fn subsets(n: usize, size: usize) -> Vec<Vec<usize>> {
    let mut lists: Vec<Vec<usize>> = (0usize..1 << n)
        .map(|set| (0..n).filter(|token| set >> token & 1 == 1).collect::<Vec<usize>>())
        .filter(|list| list.len() == size)
        .collect();
    lists.sort();
    lists
}

/// Solves an integer system by fraction-free elimination: `(x·det, det)`, or nothing if it is singular.
/// Entries stay minors of the rows, which fit for at most 8 unknowns of 64 signs.
fn solve(mut rows: Vec<Vec<i128>>) -> Option<(Vec<i128>, i128)> {
    let (n, mut previous) = (rows.len(), 1);
    for column in 0..n {
        let pivot = (column..n).find(|row| rows[*row][column] != 0)?;
        if pivot != column {
            rows.swap(pivot, column);
            // A swap changes the sign of all later minors.
            rows[column].iter_mut().for_each(|entry| *entry = -*entry);
        }
        let top = rows[column].clone();
        for (place, row) in rows.iter_mut().enumerate() {
            if place != column {
                let head = row[column];
                for (entry, above) in row.iter_mut().zip(&top) {
                    *entry = (*entry * top[column] - head * above) / previous;
                }
            }
        }
        previous = top[column];
    }
    // Gauss–Jordan: every row now has det on the diagonal.
    Some((rows.iter().map(|row| row[n]).collect(), previous))
}

impl Unit {
    /// `Σ_k c_k u_k` and the denominator of `w_y`.
    fn dual_vector(&self, support: &[usize], margin: Option<(i128, i128)>) -> (Vec<i128>, i128) {
        let found = match margin {
            None => self.combination(support, &vec![1; support.len()]),
            Some(margin) => self.max_margin(support, margin),
        };
        found.unwrap_or_else(|| {
            let width = self.keys[0].len();
            let sum = (0..width).map(|place| support.iter().map(|l| self.keys[*l][place]).sum()).collect();
            (sum, i128::try_from(width).expect("a small width"))
        })
    }

    /// The vector in the span of independent keys with these inner products with them.
    fn combination(&self, tokens: &[usize], products: &[i128]) -> Option<(Vec<i128>, i128)> {
        let (coefficients, det) = self.coefficients(tokens, products)?;
        Some((self.sum(tokens, &coefficients), det))
    }

    fn coefficients(&self, tokens: &[usize], products: &[i128]) -> Option<(Vec<i128>, i128)> {
        let row = |(left, product): (&usize, &i128)| {
            tokens.iter().map(|right| inner(&self.keys[*left], &self.keys[*right])).chain([*product]).collect()
        };
        let (solution, det) = solve(tokens.iter().zip(products).map(row).collect())?;
        let sign = det.signum();
        Some((solution.into_iter().map(|value| value * sign).collect(), det * sign))
    }

    fn sum(&self, tokens: &[usize], coefficients: &[i128]) -> Vec<i128> {
        let terms = || tokens.iter().zip(coefficients);
        (0..self.keys[0].len()).map(|place| terms().map(|(k, c)| c * self.keys[*k][place]).sum()).collect()
    }

    /// The least-norm vector with 1 on the support and at most `1 - margin` off it, if there is one.
    ///
    /// By Karush, Kuhn and Tucker it is a combination of keys on which its constraints hold with equality, with
    /// multipliers at most 0 off the support; by Carathéodory independent ones suffice. So one set of tokens gives it.
    fn max_margin(&self, support: &[usize], (numer, denom): (i128, i128)) -> Option<(Vec<i128>, i128)> {
        let n = self.keys.len();
        // Everything times the margin's denominator.
        let ceiling = denom - numer;
        (1usize..1 << n).find_map(|set| {
            let tokens: Vec<usize> = (0..n).filter(|token| set >> token & 1 == 1).collect();
            let products: Vec<i128> =
                tokens.iter().map(|token| if support.contains(token) { denom } else { ceiling }).collect();
            let (coefficients, det) = self.coefficients(&tokens, &products)?;
            let mut terms = tokens.iter().zip(&coefficients);
            if !terms.all(|(token, value)| support.contains(token) || *value <= 0) {
                return None;
            }
            let vector = self.sum(&tokens, &coefficients);
            let is_feasible = (0..n).all(|token| {
                let product = inner(&vector, &self.keys[token]);
                if support.contains(&token) { product == denom * det } else { product <= ceiling * det }
            });
            is_feasible.then_some((vector, det * denom))
        })
    }

    /// The query vector of the row, entry by entry.
    fn query(&self, support: &[usize]) -> Vec<Fraction> {
        match &self.query {
            QueryRule::Moment => {
                // -α·∏(t - l)², without its constant.
                let mut product = vec![BigInt::one()];
                for &member in support.iter().chain(support) {
                    let mut next = vec![BigInt::zero(); product.len() + 1];
                    for (power, coefficient) in product.iter().enumerate() {
                        next[power + 1] += coefficient;
                        next[power] -= coefficient * member;
                    }
                    product = next;
                }
                product[1..].iter().map(|entry| self.scale.times(&Fraction::integer(-entry))).collect()
            }
            QueryRule::Code => {
                let covers = |place: usize| support.iter().any(|l| self.keys[*l][place] == 1);
                (0..self.keys[0].len())
                    .map(|place| self.scale.times(&Fraction::integer(i64::from(covers(place)))))
                    .collect()
            }
            QueryRule::Sign { margin, fraction_bits } => {
                let (vector, denom) = self.dual_vector(support, *margin);
                let unit = BigInt::one() << *fraction_bits;
                let entry = |value: &i128| {
                    let exact = self.scale.times(&Fraction::new(value * unit.clone(), denom));
                    Fraction::new(exact.nearest_even(), unit.clone())
                };
                vector.iter().map(entry).collect()
            }
        }
    }

    /// The scores of all tokens.
    pub fn scores(&self, support: &[usize]) -> Vec<Fraction> {
        let query = self.query(support);
        let score = |key: &Vec<i128>| {
            let terms = key.iter().zip(&query).map(|(entry, value)| value.times(&Fraction::integer(*entry)));
            terms.fold(Fraction::integer(0), |sum, term| reduced(sum.plus(&term)))
        };
        self.keys.iter().map(score).collect()
    }

    /// The unnormalised softmax weights.
    fn weights(&self, support: &[usize], bits: u32) -> Vec<Bracket> {
        let scores = self.scores(support);
        let largest = scores.iter().max().expect("a token").clone();
        scores.iter().map(|score| neg_exp(&largest.minus(score), bits)).collect()
    }

    /// The softmax weights, as fractions.
    pub fn attention(&self, support: &[usize], bits: u32) -> Vec<(Fraction, Fraction)> {
        let weights = self.weights(support, bits);
        let total_lo: BigInt = weights.iter().map(|weight| &weight.lo).sum();
        let total_hi: BigInt = weights.iter().map(|weight| &weight.hi).sum();
        let share = |weight: &Bracket| {
            // W/(W + rest) grows with W and falls with the rest.
            let (rest_lo, rest_hi) = (&total_lo - &weight.lo, &total_hi - &weight.hi);
            (
                Fraction::new(weight.lo.clone(), &weight.lo + rest_hi),
                Fraction::new(weight.hi.clone(), &weight.hi + rest_lo),
            )
        };
        weights.iter().map(share).collect()
    }

    /// `(D(y), S(y))` with `S(y)` the worst-case error of the row for values of one dimension.
    ///
    /// Each value is chosen alone. Off the support it is best at ±1, with `A_j`. On it, with `h = 2^-f_v`: at ±1,
    /// with `|A_j - 1/q|`; just below `h`, where it is rounded to 0, with `h/q`; or just below 1, where it is rounded
    /// to `1 - h`, with `1/q - A_j(1 - h)`. In between the error is linear in the multiple of `h`.
    pub fn row_error(&self, support: &[usize], bits: u32) -> [(Fraction, Fraction); 2] {
        let step = Fraction::new(1, BigInt::one() << self.value_bits);
        let share = Fraction::new(1, self.sparsity);
        let zero = || (Fraction::integer(0), Fraction::integer(0));
        let (mut plain, mut rounded) = (zero(), zero());
        let put = |sum: &mut (Fraction, Fraction), lo: &Fraction, hi: &Fraction| {
            *sum = (reduced(sum.0.plus(lo)), reduced(sum.1.plus(hi)));
        };
        for (token, (lo, hi)) in self.attention(support, bits).iter().enumerate() {
            if !support.contains(&token) {
                put(&mut plain, lo, hi);
                put(&mut rounded, lo, hi);
                continue;
            }
            let (above_lo, above_hi) = (lo.minus(&share), hi.minus(&share));
            let (below_lo, below_hi) = (share.minus(hi), share.minus(lo));
            let (at_lo, at_hi) =
                (above_lo.clone().max(below_lo.clone()).max(Fraction::integer(0)), above_hi.max(below_hi.clone()));
            put(&mut plain, &at_lo, &at_hi);
            let near_zero = share.times(&step);
            let near_lo = below_lo.plus(&hi.times(&step)).max(near_zero.clone());
            let near_hi = below_hi.plus(&hi.times(&step)).max(near_zero);
            // 1/q - A(1 - h) falls with A, so its lower end has the upper A.
            put(&mut rounded, &at_lo.max(near_lo), &at_hi.max(near_hi));
        }
        [plain, rounded]
    }

    /// `|o - t|` at a witness's input.
    pub fn witness_error(&self, support: &[usize], raised: &[usize], bits: u32) -> (Fraction, Fraction) {
        let weights = self.weights(support, bits);
        let (mut lowered, mut others) = ((BigInt::zero(), BigInt::zero()), (BigInt::zero(), BigInt::zero()));
        for (token, weight) in weights.iter().enumerate() {
            let sum = if support.contains(&token) && !raised.contains(&token) { &mut lowered } else { &mut others };
            *sum = (&sum.0 + &weight.lo, &sum.1 + &weight.hi);
        }
        // o = 1 - 2·S/(S + rest).
        let part = |lowered: &BigInt, others: &BigInt| Fraction::new(lowered * 2u32, lowered + others);
        let one = Fraction::integer(1);
        let (lo, hi) = (one.minus(&part(&lowered.1, &others.0)), one.minus(&part(&lowered.0, &others.1)));
        let q = BigInt::from(self.sparsity);
        let target = Fraction::new(BigInt::from(2 * raised.len()) - &q, q);
        let (below, above) = (target.minus(&hi), lo.minus(&target));
        let nearest = below.clone().max(above.clone()).max(Fraction::integer(0));
        (nearest, target.minus(&lo).max(hi.minus(&target)))
    }
}

/// The same number with smaller parts; sums of fractions would grow without bound.
pub fn reduced(value: Fraction) -> Fraction {
    let divisor = value.numer.gcd(&value.denom);
    if divisor.is_one() { value } else { Fraction::new(value.numer / &divisor, value.denom / divisor) }
}
