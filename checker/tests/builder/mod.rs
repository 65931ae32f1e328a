//! Writes small certificates for tests, in the slowest obvious way.
//!
//! Nothing of the checker is used: numbers are plain fixed-point integers of 600 bits, keys are built from
//! FORMAT.md, and linear systems are solved over reduced fractions.

#![allow(dead_code, reason = "each test crate uses a part")]

pub mod matching;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};
use sha2::{Digest, Sha256};

/// Bits of the fixed-point numbers; their errors stay below 2^-500.
const BITS: u32 = 600;

pub fn one() -> BigInt {
    BigInt::one() << BITS
}

/// A fraction of small integers, in lowest terms, with a positive denominator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frac(pub i128, pub i128);

impl Frac {
    pub fn new(numer: i128, denom: i128) -> Self {
        let divisor = numer.gcd(&denom) * denom.signum();
        Frac(numer / divisor, denom / divisor)
    }

    pub fn minus(self, other: Self) -> Self {
        Frac::new(self.0 * other.1 - other.0 * self.1, self.1 * other.1)
    }

    pub fn times(self, other: Self) -> Self {
        Frac::new(self.0 * other.0, self.1 * other.1)
    }

    pub fn over(self, other: Self) -> Self {
        Frac::new(self.0 * other.1, self.1 * other.0)
    }

    pub fn text(self) -> String {
        if self.1 == 1 { self.0.to_string() } else { format!("{}/{}", self.0, self.1) }
    }
}

/// e^{-numer/denom} in fixed point.
fn neg_exp(numer: &BigInt, denom: &BigInt) -> BigInt {
    if denom * 300 < *numer {
        return BigInt::zero();
    }
    let n_terms: u32 = (numer / denom * 8u32).to_u32().unwrap() + 300;
    let (mut term, mut sum) = (one() << 600u32, BigInt::zero());
    for k in 1..=n_terms {
        sum += &term;
        term = term * numer / (denom * k);
    }
    (one() << (BITS + 600)) / sum
}

/// The nearest dyadic number of `bits` bits above (or below) a fixed-point number.
pub fn dyadic(value: &BigInt, bits: u64, up: bool) -> String {
    let shift = value.magnitude().bits().saturating_sub(bits);
    let unit = BigInt::one() << shift;
    let mut mantissa = if up { value.div_ceil(&unit) } else { value.div_floor(&unit) };
    if mantissa.is_zero() {
        return "0*2^0".to_owned();
    }
    let mut exponent = i64::try_from(shift).unwrap() - i64::from(BITS);
    while mantissa.is_even() {
        mantissa >>= 1u32;
        exponent += 1;
    }
    format!("{mantissa}*2^{exponent}")
}

/// A token as an index.
pub fn index(token: u64) -> usize {
    usize::try_from(token).expect("a small token")
}

pub fn subsets(n: u64, q: usize) -> Vec<Vec<u64>> {
    let sets = (0u64..1 << n).map(|set| (0..n).filter(|token| set >> token & 1 == 1).collect::<Vec<_>>());
    let mut lists: Vec<_> = sets.filter(|list| list.len() == q).collect();
    lists.sort();
    lists
}

/// The construction of a test certificate.
#[derive(Clone, Debug)]
pub enum Unit {
    Moment,
    Sign { width: u64, seed: u64, margin: Option<Frac>, fraction_bits: u32 },
    Code { field: u64, degree: u64, points: u64 },
}

/// A combination of keys over a denominator.
pub type Vector = (Vec<(u64, i128)>, i128);

#[derive(Clone, Debug)]
pub struct Spec {
    pub unit: Unit,
    pub tokens: u64,
    pub sparsity: u64,
    pub value_bits: u64,
    pub scale: Frac,
}

/// The signs of one key.
pub fn signs(seed: u64, token: u64, width: u64) -> Vec<i128> {
    fn mix(mut z: u64) -> u64 {
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58476D1CE4E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D049BB133111EB);
        z ^ (z >> 31)
    }
    const G: u64 = 0x9E3779B97F4A7C15;
    let stream = mix(mix(seed.wrapping_add(G)).wrapping_add((token + 1).wrapping_mul(G)));
    let word = |number: u64| mix(stream.wrapping_add((number + 1).wrapping_mul(G)));
    (0..width).map(|place| if word(place / 64) >> (place % 64) & 1 == 1 { 1 } else { -1 }).collect()
}

pub fn inner(left: &[i128], right: &[i128]) -> i128 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

/// Solves a regular system; `None` if it is singular.
fn solve(mut rows: Vec<Vec<Frac>>) -> Option<Vec<Frac>> {
    let n = rows.len();
    for column in 0..n {
        let pivot = (column..n).find(|row| rows[*row][column].0 != 0)?;
        rows.swap(column, pivot);
        let head = rows[column][column];
        rows[column] = rows[column].iter().map(|entry| entry.over(head)).collect();
        for row in (0..n).filter(|row| *row != column) {
            let factor = rows[row][column];
            let top = rows[column].clone();
            rows[row] = rows[row].iter().zip(&top).map(|(entry, above)| entry.minus(factor.times(*above))).collect();
        }
    }
    Some(rows.iter().map(|row| row[n]).collect())
}

impl Spec {
    pub fn keys(&self) -> Vec<Vec<i128>> {
        let Unit::Sign { width, seed, .. } = self.unit else { return Vec::new() };
        (0..self.tokens).map(|token| signs(seed, token, width)).collect()
    }

    /// The vector with the given inner products at the given keys.
    pub fn vector_with(&self, targets: &[(u64, Frac)]) -> Option<Vector> {
        let keys = self.keys();
        let row = |(left, value): &(u64, Frac)| {
            let gram = targets.iter().map(|(right, _)| inner(&keys[index(*left)], &keys[index(*right)]));
            gram.map(|entry| Frac(entry, 1)).chain([*value]).collect()
        };
        let solution = solve(targets.iter().map(row).collect())?;
        let denom = solution.iter().fold(1, |denom: i128, value| denom.lcm(&value.1));
        let mut terms: Vec<(u64, i128)> =
            targets.iter().zip(&solution).map(|((key, _), value)| (*key, value.0 * (denom / value.1))).collect();
        terms.retain(|(_, coefficient)| *coefficient != 0);
        terms.sort();
        Some((terms, denom))
    }

    pub fn fallback(&self, support: &[u64]) -> Vector {
        let Unit::Sign { width, .. } = self.unit else { panic!("sign keys only") };
        (support.iter().map(|token| (*token, 1)).collect(), i128::from(width))
    }

    pub fn least_squares(&self, support: &[u64]) -> Vector {
        let targets: Vec<_> = support.iter().map(|token| (*token, Frac(1, 1))).collect();
        self.vector_with(&targets).unwrap_or_else(|| self.fallback(support))
    }

    /// The max-margin vector, by trying all sets of at most three active constraints.
    pub fn max_margin(&self, support: &[u64]) -> Option<Vector> {
        let Unit::Sign { margin: Some(margin), .. } = self.unit else { panic!("max-margin only") };
        let ceiling = Frac(1, 1).minus(margin);
        let keys = self.keys();
        let off: Vec<u64> = (0..self.tokens).filter(|token| !support.contains(token)).collect();
        (0usize..=3).flat_map(|size| subsets(off.len() as u64, size.min(off.len()))).find_map(|active| {
            let active: Vec<u64> = active.iter().map(|place| off[index(*place)]).collect();
            let mut targets: Vec<_> = support.iter().map(|token| (*token, Frac(1, 1))).collect();
            targets.extend(active.iter().map(|token| (*token, ceiling)));
            let (terms, denom) = self.vector_with(&targets)?;
            let value = |token: u64| -> i128 {
                terms.iter().map(|(key, c)| c * inner(&keys[index(*key)], &keys[index(token)])).sum()
            };
            let feasible = off.iter().all(|token| value(*token) * ceiling.1 <= ceiling.0 * denom);
            let signs = terms.iter().all(|(key, c)| support.contains(key) || *c < 0);
            (feasible && signs).then_some((terms.clone(), denom))
        })
    }

    /// Scores over a common denominator.
    pub fn scores(&self, support: &[u64], vector: Option<&Vector>) -> (Vec<BigInt>, BigInt) {
        let scale = |value: i128| BigInt::from(value) * self.scale.0;
        let denom = BigInt::from(self.scale.1);
        let tokens = 0..self.tokens;
        match &self.unit {
            Unit::Moment => {
                let product =
                    |token: u64| support.iter().map(|l| i128::from(token.abs_diff(*l)).pow(2)).product::<i128>();
                (tokens.map(|token| scale(-product(token))).collect(), denom)
            }
            Unit::Code { field, degree, points } => {
                let value = |token: u64, x: u64| {
                    (0..u32::try_from(*degree).expect("a small degree"))
                        .map(|i| token / field.pow(i) % field * x.pow(i))
                        .sum::<u64>()
                        % field
                };
                let agrees = |token: u64, x: u64| support.iter().any(|l| value(*l, x) == value(token, x));
                let overlap = |token: u64| (0..*points).filter(|x| agrees(token, *x)).count() as i128;
                (tokens.map(|token| scale(overlap(token))).collect(), denom)
            }
            Unit::Sign { width, fraction_bits, .. } => {
                let query = self.query(vector.expect("a dual vector"), *width, *fraction_bits);
                let score = |key: &Vec<i128>| key.iter().zip(&query).map(|(sign, entry)| entry * sign).sum();
                (self.keys().iter().map(score).collect(), BigInt::one() << *fraction_bits)
            }
        }
    }

    fn query(&self, (terms, denom): &Vector, width: u64, fraction_bits: u32) -> Vec<BigInt> {
        let keys = self.keys();
        (0..index(width))
            .map(|place| {
                let sum: i128 = terms.iter().map(|(key, c)| c * keys[index(*key)][place]).sum();
                let numer = (BigInt::from(sum) * self.scale.0) << fraction_bits;
                let denom = BigInt::from(denom * self.scale.1);
                let floor = numer.div_floor(&denom);
                let twice_rest: BigInt = (&numer - &floor * &denom) * 2;
                let up = denom < twice_rest || (denom == twice_rest && floor.is_odd());
                if up { floor + 1 } else { floor }
            })
            .collect()
    }

    /// The weights in fixed point, not normalised.
    fn weights(&self, support: &[u64], vector: Option<&Vector>) -> Vec<BigInt> {
        let (scores, denom) = self.scores(support, vector);
        let largest = scores.iter().max().unwrap().clone();
        scores.iter().map(|score| neg_exp(&(&largest - score), &denom)).collect()
    }

    /// `D(y)` in fixed point, by the sum of absolute values.
    pub fn weight_error(&self, support: &[u64], vector: Option<&Vector>) -> BigInt {
        let weights = self.weights(support, vector);
        let total: BigInt = weights.iter().sum();
        let share = one() / support.len();
        let difference = |(token, weight): (u64, &BigInt)| {
            let target = if support.contains(&token) { share.clone() } else { BigInt::zero() };
            (weight * one() / &total - target).abs()
        };
        (0..).zip(&weights).map(difference).sum()
    }

    /// The claim, with the fields of all kinds.
    pub fn claim(&self, kind: &str, method: &str, error: &str, range: Option<(&str, &str)>) -> String {
        let (id, own) = match &self.unit {
            Unit::Moment => ("moment-curve", String::new()),
            Unit::Sign { width, seed, margin, fraction_bits } => {
                let (dual, margin) = match margin {
                    None => ("least-squares", "none".to_owned()),
                    Some(margin) => ("max-margin", margin.text()),
                };
                let own = format!(
                    r#""key_width":{width},"seed":{seed},"dual":"{dual}","margin":"{margin}","fraction_bits":{fraction_bits},"#
                );
                ("sign-keys", own)
            }
            Unit::Code { field, degree, points } => {
                ("code-keys", format!(r#""field_size":{field},"degree_bound":{degree},"evaluations":{points},"#))
            }
        };
        let range = range.map_or(String::new(), |(lo, hi)| format!(r#","lo":"{lo}","hi":"{hi}""#));
        format!(
            r#"{{"format":"attestor-claim","version":1,"id":"sparse-averaging/{id}","kind":"{kind}","method":"{method}","tokens":{},"sparsity":{},"value_dim":1,"value_fraction_bits":{},{own}"scale":"{}","error":"{error}"{range}}}"#,
            self.tokens,
            self.sparsity,
            self.value_bits,
            self.scale.text()
        )
    }

    /// Block records over all supports; `vectors` holds their dual vectors, and only with `margin` their records.
    pub fn blocks(&self, ends: &[usize], vectors: &[Option<Vector>]) -> Vec<String> {
        let supports = subsets(self.tokens, index(self.sparsity));
        let mut first = 0;
        let mut records = Vec::new();
        for &end in ends {
            let error = |number: &usize| self.weight_error(&supports[*number], vectors[*number].as_ref());
            let worst = (first..end).max_by_key(error).unwrap();
            // Room for the 48 bits of the mantissa.
            let bound = (error(&worst) * ((BigInt::one() << 50u32) + 1)) >> 50u32;
            let bound = dyadic(&(bound + 1), 48, true);
            records.push(block(first, end, &supports[worst], &bound));
            first = end;
        }
        records
    }

    /// A witness: `D(y)` itself, with the raised members of the given list.
    pub fn witness(&self, support: &[u64], raised: &[u64], vector: Option<&Vector>) -> String {
        let weights = self.weights(support, vector);
        let total: BigInt = weights.iter().sum();
        let lowered: BigInt = support.iter().filter(|l| !raised.contains(l)).map(|l| &weights[index(*l)]).sum();
        let output = one() - lowered * 2 * one() / &total;
        let room = &one() >> 100u32;
        let (lo, hi) = (dyadic(&(&output - &room), 110, false), dyadic(&(&output + &room), 110, true));
        let target = one() * (BigInt::from(2 * raised.len()) - support.len()) / support.len();
        let gap: BigInt = output - target;
        let distance = gap.abs() - (room << 20u32);
        witness(support, raised, &lo, &hi, &dyadic(&distance, 60, false))
    }
}

pub fn block(first: usize, end: usize, worst: &[u64], bound: &str) -> String {
    format!(r#"{{"rule":"block","first":{first},"end":{end},"worst":{},"bound":"{bound}"}}"#, list(worst))
}

pub fn witness(support: &[u64], raised: &[u64], lo: &str, hi: &str, distance: &str) -> String {
    format!(
        r#"{{"rule":"witness","support":{},"raised":{},"output_lo":"{lo}","output_hi":"{hi}","distance":"{distance}"}}"#,
        list(support),
        list(raised)
    )
}

fn terms_json(terms: &[(u64, i128)]) -> String {
    let keys: Vec<u64> = terms.iter().map(|(key, _)| *key).collect();
    let coefficients: Vec<String> = terms.iter().map(|(_, c)| format!("\"{c}\"")).collect();
    format!(r#""keys":{},"coefficients":[{}]"#, list(&keys), coefficients.join(","))
}

pub fn dual((terms, denom): &Vector) -> String {
    format!(r#"{{"rule":"dual",{},"denominator":"{denom}"}}"#, terms_json(terms))
}

pub fn no_dual(terms: &[(u64, i128)]) -> String {
    format!(r#"{{"rule":"no-dual",{}}}"#, terms_json(terms))
}

fn list(tokens: &[u64]) -> String {
    let words: Vec<String> = tokens.iter().map(ToString::to_string).collect();
    format!("[{}]", words.join(","))
}

/// Header and records, without the end line.
pub fn body(claim: &str, records: &[String]) -> String {
    let header = format!(r#"{{"format":"attestor-certificate","version":1,"claim":{claim}}}"#);
    std::iter::once(&header).chain(records).map(|line| format!("{line}\n")).collect()
}

/// Adds the right end line.
pub fn seal(body: &str) -> String {
    let hash: String = Sha256::digest(body.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{body}{{\"end\":{},\"sha256\":\"{hash}\"}}\n", body.lines().count())
}
