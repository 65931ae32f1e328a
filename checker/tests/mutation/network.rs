//! Tiny matching networks by the definitions of FORMAT.md, section 2: queries and keys coordinate by coordinate.
//!
//! In: a claim. Out: a [`Network`] with the score of every residue with every token, or why there is none.
//! The blank is the residue `M` of the tables.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_traits::{One, Zero};

use super::circle::point;
use super::document::{Line, quoted};
use super::fraction::Fraction;
use super::unit::{NoUnit, Unit};

const MAX_TOKENS: u64 = 64;
const MAX_MODULUS: u64 = 64;
const MAX_FRACTION_BITS: u64 = 400;
const MAX_SCALE_BITS: u64 = 3000;

/// The question at a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    Pairs,
    Triples,
    Local { window: usize },
    Bigram,
}

/// The unit that is compared with a threshold: scores in units of `unit`.
pub struct Scores {
    pub unit: Fraction,
    /// For each residue, and each token or pair of tokens by its residues; `M` is the blank.
    pub table: Vec<Vec<Vec<BigInt>>>,
}

/// A network with its tables.
pub struct Network {
    pub task: Task,
    pub modulus: u64,
    pub tokens: usize,
    pub scores: Option<Scores>,
    /// The averaging layer.
    pub layer: Option<Unit>,
}

impl Network {
    pub fn new(claim: &Line) -> Result<Network, NoUnit> {
        let count = |name: &str| claim.count(name).ok_or(NoUnit::TooLarge);
        let (modulus, tokens) = (count("modulus")?, count("tokens")?);
        let task = match claim.text_of("id") {
            "match3/third-order" => Task::Triples,
            "match3/local" => Task::Local { window: usize::try_from(count("window")?).unwrap_or(usize::MAX) },
            "match3/bigram" => Task::Bigram,
            _ => Task::Pairs,
        };
        let is_constant = match task {
            Task::Pairs => modulus == 2,
            Task::Triples | Task::Local { .. } => modulus == 3,
            Task::Bigram => tokens == 1,
        };
        if is_constant || tokens == 0 || modulus <= 1 {
            return Err(NoUnit::IllFormed("one answer only"));
        }
        let is_polynomial =
            [claim.text_of("id"), claim.text_of("encoding")].iter().any(|name| name.ends_with("polynomial"));
        let scale = Fraction::parse(claim.text_of("scale")).ok_or(NoUnit::TooLarge)?;
        if scale <= Fraction::integer(0) {
            return Err(NoUnit::IllFormed("a scale that is not positive"));
        }
        let layer = match task {
            Task::Local { .. } => Some(layer(claim, "scale", "fraction_bits")?),
            Task::Bigram => Some(layer(claim, "first_scale", "first_fraction_bits")?),
            Task::Pairs | Task::Triples => None,
        };
        if MAX_MODULUS < modulus || MAX_TOKENS < tokens || MAX_SCALE_BITS < scale.numer.bits().max(scale.denom.bits()) {
            return Err(NoUnit::TooLarge);
        }
        let scores = match task {
            Task::Local { .. } => None,
            _ if is_polynomial => Some(powers(modulus, scale, task == Task::Triples)),
            _ => Some(circles(modulus, &scale, count("fraction_bits")?, task == Task::Triples)?),
        };
        let tokens = usize::try_from(tokens).map_err(|_| NoUnit::TooLarge)?;
        Ok(Network { task, modulus, tokens, scores, layer })
    }

    /// Whether there is a match at a row.
    pub fn answer(&self, x: &[u64], row: usize) -> bool {
        let is_zero = |sum: u64| sum.is_multiple_of(self.modulus);
        let n = x.len();
        let triple = |near: &dyn Fn(usize) -> bool| {
            (0..n).filter(|j| near(*j)).any(|j| (0..n).any(|k| near(k) && is_zero(x[row] + x[j] + x[k])))
        };
        match self.task {
            Task::Pairs => x.iter().any(|other| is_zero(x[row] + other)),
            Task::Triples => triple(&|_| true),
            Task::Local { window } => triple(&|other| row.abs_diff(other) <= window),
            Task::Bigram => (0..n - 1).any(|j| is_zero(x[row] + x[j] + x[j + 1])),
        }
    }

    /// The first token of the support of a row of the averaging layer.
    pub fn first_of_support(&self, row: usize, sparsity: usize) -> usize {
        match self.task {
            Task::Local { window } => row.saturating_sub(window).min(self.tokens - sparsity),
            _ => row + 1,
        }
    }
}

/// The averaging layer as a unit of sparse averaging.
fn layer(claim: &Line, scale: &str, query_bits: &str) -> Result<Unit, NoUnit> {
    let tokens = claim.count("tokens").ok_or(NoUnit::TooLarge)?;
    let window = claim.count("window").unwrap_or(0);
    let sparsity = window.saturating_mul(2).saturating_add(1).min(tokens);
    let mut fields = vec![
        ("id".to_owned(), quoted(format!("sparse-averaging/{}", claim.text_of("construction")))),
        ("sparsity".to_owned(), sparsity.to_string()),
        ("value_dim".to_owned(), sparsity.to_string()),
        ("dual".to_owned(), quoted("least-squares")),
        ("margin".to_owned(), quoted("none")),
        ("scale".to_owned(), quoted(claim.text_of(scale))),
    ];
    let same = ["tokens", "value_fraction_bits", "key_width", "seed", "field_size", "degree_bound", "evaluations"];
    for (to, from) in same.map(|name| (name, name)).into_iter().chain([("fraction_bits", query_bits)]) {
        fields.extend(claim.get(from).map(|raw| (to.to_owned(), raw.to_owned())));
    }
    Unit::new(&Line(fields))
}

/// Scores from queries of residues and two keys for each residue, the blank last; without a second key, of pairs.
fn inner_products(
    unit: Fraction,
    queries: &[Vec<BigInt>],
    keys: &[Vec<BigInt>],
    others: Option<&[Vec<BigInt>]>,
) -> Scores {
    let product = |query: &[BigInt], key: &[BigInt], other: Option<&Vec<BigInt>>| -> BigInt {
        let entry = |place: usize| {
            let value = &query[place] * &key[place];
            other.map_or_else(|| value.clone(), |other| &value * &other[place])
        };
        (0..query.len()).map(entry).sum()
    };
    let row = |query: &Vec<BigInt>, key: &Vec<BigInt>| match others {
        None => vec![product(query, key, None)],
        Some(others) => others.iter().map(|other| product(query, key, Some(other))).collect(),
    };
    let table = queries.iter().map(|query| keys.iter().map(|key| row(query, key)).collect()).collect();
    Scores { unit, table }
}

/// Trigonometric queries and keys, in units of `2^-f`.
fn circles(modulus: u64, scale: &Fraction, fraction_bits: u64, is_triple: bool) -> Result<Scores, NoUnit> {
    if MAX_FRACTION_BITS < fraction_bits {
        return Err(NoUnit::TooLarge);
    }
    let one = Fraction::integer(1);
    let points = |factor: &Fraction| -> Option<Vec<[BigInt; 2]>> {
        (0..modulus).map(|residue| point(residue, modulus, factor, fraction_bits)).collect()
    };
    let (Some(scaled), Some(plain)) = (points(scale), points(&one)) else { return Err(NoUnit::TooLarge) };
    let unit = BigInt::one() << fraction_bits;
    let blank = scale.times(&Fraction::integer(unit.clone())).nearest_even();
    let zero = BigInt::zero;
    if !is_triple {
        let queries: Vec<_> = scaled.into_iter().map(|[x, y]| vec![x, y, blank.clone()]).collect();
        let tokens = plain.into_iter().map(|[x, y]| vec![x, -y, zero()]);
        let keys: Vec<_> = tokens.chain([vec![zero(), zero(), unit.clone()]]).collect();
        return Ok(inner_products(Fraction::new(1, &unit * &unit), &queries, &keys, None));
    }
    let query = |[x, y]: [BigInt; 2]| vec![x.clone(), -y.clone(), -y, -x, blank.clone()];
    let queries: Vec<_> = scaled.into_iter().map(query).collect();
    let of_blank = || [vec![zero(), zero(), zero(), zero(), unit.clone()]];
    let first = plain.iter().map(|[x, y]| vec![x.clone(), x.clone(), y.clone(), y.clone(), zero()]).chain(of_blank());
    let second = plain.iter().map(|[x, y]| vec![x.clone(), y.clone(), x.clone(), y.clone(), zero()]).chain(of_blank());
    let (first, second): (Vec<_>, Vec<_>) = (first.collect(), second.collect());
    Ok(inner_products(Fraction::new(1, &unit * &unit * &unit), &queries, &first, Some(&second)))
}

/// A polynomial in `b` and `b'`: the coefficient of each pair of powers.
type Polynomial = BTreeMap<(u32, u32), BigInt>;

/// The product with `constant + b`, or `constant + b + b'`.
fn times_sum(polynomial: &Polynomial, constant: &BigInt, is_triple: bool) -> Polynomial {
    let mut product = Polynomial::new();
    for ((left, right), coefficient) in polynomial {
        *product.entry((*left, *right)).or_default() += coefficient * constant;
        *product.entry((left + 1, *right)).or_default() += coefficient;
        if is_triple {
            *product.entry((*left, right + 1)).or_default() += coefficient;
        }
    }
    product
}

/// Polynomial queries and keys, in units of `c`.
fn powers(modulus: u64, scale: Fraction, is_triple: bool) -> Scores {
    let roots: &[u64] = if is_triple { &[0, 1, 2] } else { &[0, 1] };
    let residue_polynomial = |a: u64| {
        let minus_one = Polynomial::from([((0, 0), BigInt::from(-1))]);
        roots.iter().chain(roots).fold(minus_one, |polynomial, root| {
            times_sum(&polynomial, &(BigInt::from(a) - BigInt::from(root * modulus)), is_triple)
        })
    };
    let polynomials: Vec<Polynomial> = (0..modulus).map(residue_polynomial).collect();
    let monomials: Vec<(u32, u32)> = polynomials[0].keys().copied().collect();
    let power = |b: u64, exponent: u32| BigInt::from(b).pow(exponent);
    let query = |polynomial: &Polynomial| -> Vec<BigInt> {
        monomials.iter().map(|monomial| polynomial.get(monomial).cloned().unwrap_or_default()).collect()
    };
    let mut queries: Vec<_> = polynomials.iter().map(query).collect();
    let keys = |part: fn((u32, u32)) -> u32| -> Vec<Vec<BigInt>> {
        let of = |b: u64| monomials.iter().map(|monomial| power(b, part(*monomial))).collect();
        (0..modulus).map(of).chain([vec![BigInt::zero(); monomials.len()]]).collect()
    };
    if !is_triple {
        return inner_products(scale, &queries, &keys(|(left, _)| left), None);
    }
    let (mut first, mut second) = (keys(|(left, _)| left), keys(|(_, right)| right));
    let root = BigInt::from(modulus * modulus - 1);
    queries.iter_mut().for_each(|query| query.push(&root * &root));
    for keys in [&mut first, &mut second] {
        let n_tokens = keys.len() - 1;
        keys.iter_mut().enumerate().for_each(|(place, key)| key.push(if place < n_tokens { 1 } else { -1 }.into()));
    }
    inner_products(scale, &queries, &first, Some(&second))
}
