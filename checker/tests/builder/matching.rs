//! Networks that find matches, in the slowest obvious way: every output by the definitions of FORMAT.md, section 2.
//!
//! Cosines come from another formula for π and from doubling angles; scores are written out term by term.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Zero};

use super::{Frac, Spec, Unit, index, neg_exp, one};

/// Bits of the cosines; their errors stay below 2^-600.
const COSINE_BITS: u32 = 700;

/// The task and how it is solved.
#[derive(Clone, Debug)]
pub enum Net {
    Pairs { fraction_bits: Option<u32> },
    Triples { fraction_bits: Option<u32> },
    Local { window: u64, layer: Spec },
    Bigram { layer: Spec, fraction_bits: u32 },
}

#[derive(Clone, Debug)]
pub struct Network {
    pub net: Net,
    pub modulus: u64,
    pub tokens: u64,
    pub scale: Frac,
}

/// π/4 = arctan(1/2) + arctan(1/3).
fn pi() -> BigInt {
    let arctan = |m: i32| {
        let (mut power, mut sum) = ((BigInt::one() << COSINE_BITS) / m, BigInt::zero());
        for k in 0..COSINE_BITS {
            let term: BigInt = &power / (2 * k + 1);
            if k % 2 == 0 {
                sum += term
            } else {
                sum -= term
            }
            power /= m * m;
        }
        sum
    };
    (arctan(2) + arctan(3)) * 4
}

/// Cosine and sine of 2πa/M, rounded to 400 bits, so that rational ones are exact.
fn point(a: u64, modulus: u64) -> [BigInt; 2] {
    let angle: BigInt = (pi() * 2 * a / modulus) >> 20u32;
    let (mut cosine, mut sine) = (BigInt::zero(), BigInt::zero());
    let mut term = BigInt::one() << COSINE_BITS;
    for k in 0..100u32 {
        let sum = if k % 2 == 0 { &mut cosine } else { &mut sine };
        if k % 4 < 2 {
            *sum += &term
        } else {
            *sum -= &term
        }
        term = ((term * &angle) >> COSINE_BITS) / (k + 1);
    }
    for _ in 0..20 {
        let doubled = (&cosine * &cosine - &sine * &sine) >> COSINE_BITS;
        sine = (sine * cosine) >> (COSINE_BITS - 1);
        cosine = doubled;
    }
    [cosine, sine].map(|value| (value + (BigInt::one() << (COSINE_BITS - 401))) >> (COSINE_BITS - 400))
}

/// `R_f(c·value)` in units of 2^-f, for a value of 400 bits.
fn rounded(value: &BigInt, scale: Frac, fraction_bits: u32) -> BigInt {
    let (numer, denom) = ((value * scale.0) << fraction_bits, BigInt::from(scale.1) << 400u32);
    let floor = numer.div_floor(&denom);
    let twice_rest: BigInt = (&numer - &floor * &denom) * 2;
    let up = denom < twice_rest || (denom == twice_rest && floor.is_odd());
    if up { floor + 1 } else { floor }
}

/// The residues of all inputs, one after the other.
pub fn inputs(modulus: u64, tokens: u64) -> Vec<Vec<u64>> {
    let n_inputs = modulus.pow(u32::try_from(tokens).expect("few tokens"));
    (0..n_inputs)
        .map(|mut number| {
            let digits = (0..tokens).map(|_| {
                let digit = number % modulus;
                number /= modulus;
                digit
            });
            digits.collect()
        })
        .collect()
}

/// An input as runs.
pub fn runs(input: &[u64]) -> String {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for residue in input {
        match runs.last_mut() {
            Some(last) if last.0 == *residue => last.1 += 1,
            _ => runs.push((*residue, 1)),
        }
    }
    let words: Vec<String> = runs.iter().map(|(residue, count)| format!("[{residue},{count}]")).collect();
    format!("[{}]", words.join(","))
}

pub fn confusion(row: usize, input: &[u64], other_row: usize, other: &[u64]) -> String {
    let (input, other) = (runs(input), runs(other));
    format!(r#"{{"rule":"confusion","row":{row},"input":{input},"other_row":{other_row},"other_input":{other}}}"#)
}

/// An input, a row, and the output there.
pub type At = (BigInt, usize, Vec<u64>);

impl Network {
    fn is_match(&self, x: &[u64], i: usize) -> bool {
        let zero = |sum: u64| sum.is_multiple_of(self.modulus);
        let n = x.len();
        let near = |j: usize, window: u64| i.abs_diff(j) <= index(window);
        match &self.net {
            Net::Pairs { .. } => (0..n).any(|j| zero(x[i] + x[j])),
            Net::Triples { .. } => (0..n).any(|j| (0..n).any(|k| zero(x[i] + x[j] + x[k]))),
            Net::Local { window, .. } => {
                (0..n).any(|j| near(j, *window) && (0..n).any(|k| near(k, *window) && zero(x[i] + x[j] + x[k])))
            }
            Net::Bigram { .. } => (1..n).any(|j| zero(x[i] + x[j - 1] + x[j])),
        }
    }

    /// `R_f(c cos), R_f(c sin)` and `cos_f, sin_f` of all residues, and `R_f(c)`.
    fn trigonometry(&self, fraction_bits: u32) -> (Vec<[BigInt; 2]>, Vec<[BigInt; 2]>, BigInt) {
        let points: Vec<[BigInt; 2]> = (0..self.modulus).map(|a| point(a, self.modulus)).collect();
        let scaled = |scale: Frac| -> Vec<[BigInt; 2]> {
            points.iter().map(|p| [0, 1].map(|part| rounded(&p[part], scale, fraction_bits))).collect()
        };
        let blank = rounded(&(BigInt::one() << 400u32), self.scale, fraction_bits);
        (scaled(self.scale), scaled(Frac(1, 1)), blank)
    }

    /// The denominator of all scores, `β`, `μ`, and `s(a,b)` or `s(a,b,b')` (with one token more than needed in pairs).
    fn scores(&self) -> Scores {
        let m = i128::from(self.modulus);
        let big = |residue: u64| i128::from(residue);
        let (fraction_bits, is_triple) = match &self.net {
            Net::Pairs { fraction_bits } => (*fraction_bits, false),
            Net::Triples { fraction_bits } => (*fraction_bits, true),
            Net::Bigram { fraction_bits, .. } => (Some(*fraction_bits), false),
            Net::Local { .. } => panic!("no scores of residues"),
        };
        let numer = BigInt::from(self.scale.0);
        let Some(f) = fraction_bits else {
            let power = move |root: i128| -&numer * root * root;
            let score: Box<dyn Fn(u64, u64, u64) -> BigInt> = if is_triple {
                Box::new(move |a, b, d| {
                    let t = big(a) + big(b) + big(d);
                    power(t * (t - m) * (t - 2 * m))
                })
            } else {
                Box::new(move |a, b, _| power((big(a) + big(b)) * (big(a) + big(b) - m)))
            };
            let mixed = -BigInt::from(self.scale.0) * 2 * (m * m - 1) * (m * m - 1);
            return Scores { denom: self.scale.1.into(), blank: BigInt::zero(), mixed, score };
        };
        let (queries, keys, blank) = self.trigonometry(f);
        if is_triple {
            let score = move |a: u64, b: u64, d: u64| {
                let ([qc, qs], [bc, bs], [dc, ds]) = (&queries[index(a)], &keys[index(b)], &keys[index(d)]);
                let minus = |value: &BigInt| -value;
                qc * bc * dc + minus(qs) * bc * ds + minus(qs) * bs * dc + minus(qc) * bs * ds
            };
            let denom = BigInt::one() << (3 * f);
            return Scores { denom, blank: blank << (2 * f), mixed: BigInt::zero(), score: Box::new(score) };
        }
        let score = move |a: u64, b: u64, _| {
            &queries[index(a)][0] * &keys[index(b)][0] - &queries[index(a)][1] * &keys[index(b)][1]
        };
        Scores { denom: BigInt::one() << (2 * f), blank: blank << f, mixed: BigInt::zero(), score: Box::new(score) }
    }

    /// The first token of a row's support.
    fn first_of_support(&self, row: usize) -> usize {
        match &self.net {
            Net::Local { window, layer } => {
                row.saturating_sub(index(*window)).min(index(layer.tokens - layer.sparsity))
            }
            _ => row + 1,
        }
    }

    /// What the decoder reads of the support at a row of the averaging layer with these weights.
    fn read(&self, layer: &Spec, weights: &[BigInt], x: &[u64], first: usize) -> Vec<u64> {
        let q = index(layer.sparsity);
        let total: BigInt = weights.iter().sum();
        let value = |residue: u64| (BigInt::from(residue) << layer.value_bits) / self.modulus;
        let member = |l: usize| {
            let part: BigInt = (0..x.len()).filter(|j| j % q == l % q).map(|j| &weights[j] * value(x[j])).sum();
            // M·q·o + 1/2
            let place: BigInt =
                (part * self.modulus * q * 2u32 + (&total << layer.value_bits)) / ((&total << layer.value_bits) * 2u32);
            u64::try_from(place).expect("a small number").min(self.modulus - 1)
        };
        (first..first + q).map(member).collect()
    }

    /// For each row of the averaging layer, its weights.
    fn layer_weights(&self, layer: &Spec, n_rows: usize) -> Vec<Vec<BigInt>> {
        let rows = (0..n_rows).map(|row| {
            let first = self.first_of_support(row) as u64;
            let support: Vec<u64> = (first..first + layer.sparsity).collect();
            let vector = matches!(layer.unit, Unit::Sign { .. }).then(|| layer.least_squares(&support));
            layer.weights(&support, vector.as_ref())
        });
        rows.collect()
    }

    /// The two conditions of rule `decoding`, each for all rows and all members of their supports.
    pub fn decoding_conditions(&self) -> [bool; 2] {
        let (Net::Local { layer, .. } | Net::Bigram { layer, .. }) = &self.net else { panic!("no averaging layer") };
        let n_rows = index(if matches!(self.net, Net::Local { .. }) { self.tokens } else { self.tokens - 1 });
        let (q, m) = (index(layer.sparsity), BigInt::from(self.modulus));
        let unit = BigInt::one() << layer.value_bits;
        let largest: BigInt = &unit * (&m - 1) / &m;
        let mut hold = [true, true];
        for (row, weights) in self.layer_weights(layer, n_rows).iter().enumerate() {
            let (first, total) = (self.first_of_support(row), weights.iter().sum::<BigInt>());
            for l in first..first + q {
                let others: BigInt =
                    (0..weights.len()).filter(|j| *j != l && j % q == l % q).map(|j| &weights[j]).sum();
                for x in [BigInt::zero(), &m - 2] {
                    // A·x/M + S·v < (2x+1)/(2Mq), times 2Mq·2^{f_v}·Z
                    let left: BigInt = (&weights[l] * &x * &unit + &others * &largest * &m) * 2 * q;
                    hold[0] &= left < &total * (&x * 2 + 1) * &unit;
                }
                for x in [BigInt::one(), &m - 1] {
                    let left: BigInt = &weights[l] * (&x * &unit - &m) * 2 * q;
                    hold[1] &= &total * (&x * 2 - 1) * &unit <= left;
                }
            }
        }
        hold
    }

    /// The outputs of all rows of all inputs, with the right answers.
    pub fn outputs(&self) -> Vec<(bool, At)> {
        let n = index(self.tokens);
        let mut found = Vec::new();
        let exp = |sum: &mut BigInt, score: BigInt, largest: &BigInt, denom: &BigInt| {
            *sum += neg_exp(&(largest - score), denom);
        };
        let layer = match &self.net {
            Net::Local { layer, .. } => Some((layer, self.layer_weights(layer, n))),
            Net::Bigram { layer, .. } => Some((layer, self.layer_weights(layer, n - 1))),
            _ => None,
        };
        let scores = (!matches!(self.net, Net::Local { .. })).then(|| self.scores());
        for x in inputs(self.modulus, self.tokens) {
            let read: Vec<Vec<u64>> = layer
                .iter()
                .flat_map(|(layer, weights)| {
                    (0..weights.len()).map(|row| self.read(layer, &weights[row], &x, self.first_of_support(row)))
                })
                .collect();
            for i in 0..n {
                let output = if let Net::Local { window, .. } = &self.net {
                    let first = self.first_of_support(i);
                    let near: Vec<u64> =
                        (0..n).filter(|j| i.abs_diff(*j) <= index(*window)).map(|j| read[i][j - first]).collect();
                    let zero = |sum: u64| sum.is_multiple_of(self.modulus);
                    if near.iter().any(|b| near.iter().any(|d| zero(x[i] + b + d))) { one() } else { BigInt::zero() }
                } else {
                    let scores = scores.as_ref().expect("scores");
                    let of = |b: u64, d: u64| (scores.score)(x[i], b, d);
                    let (tokens, others): (Vec<BigInt>, Vec<BigInt>) = match &self.net {
                        Net::Triples { .. } => {
                            let mixed = vec![scores.mixed.clone(); 2 * n];
                            (x.iter().flat_map(|b| x.iter().map(|d| of(*b, *d))).collect(), mixed)
                        }
                        Net::Bigram { .. } => {
                            let formed = |j: usize| (x[j] + read[j][0]) % self.modulus;
                            ((0..n - 1).map(|j| of(formed(j), 0)).collect(), vec![BigInt::zero()])
                        }
                        _ => (x.iter().map(|b| of(*b, 0)).collect(), Vec::new()),
                    };
                    let others = others.into_iter().chain([scores.blank.clone()]).collect::<Vec<_>>();
                    let largest = tokens.iter().chain(&others).max().expect("a blank").clone();
                    let (mut on, mut off) = (BigInt::zero(), BigInt::zero());
                    tokens.into_iter().for_each(|score| exp(&mut on, score, &largest, &scores.denom));
                    others.into_iter().for_each(|score| exp(&mut off, score, &largest, &scores.denom));
                    &on * one() / (&on + off)
                };
                found.push((self.is_match(&x, i), (output, i, x.clone())));
            }
        }
        found
    }

    /// The largest output without a match and the least one with one.
    pub fn extremes(&self) -> (At, At) {
        let (mut none, mut some): (Option<At>, Option<At>) = (None, None);
        for (is_match, at) in self.outputs() {
            if is_match {
                if some.as_ref().is_none_or(|least| at.0 < least.0) {
                    some = Some(at);
                }
            } else if none.as_ref().is_none_or(|largest| largest.0 < at.0) {
                none = Some(at);
            }
        }
        (none.expect("an answer 0"), some.expect("an answer 1"))
    }

    /// The claim; `range` is absent in counterexamples and in local.
    pub fn claim(&self, kind: &str, method: &str, range: Option<(&str, &str)>) -> String {
        let bits =
            |fraction_bits: Option<u32>| fraction_bits.map_or(String::new(), |f| format!(r#""fraction_bits":{f},"#));
        let id = match &self.net {
            Net::Pairs { fraction_bits: Some(_) } => "match2/trigonometric",
            Net::Pairs { fraction_bits: None } => "match2/polynomial",
            Net::Triples { .. } => "match3/third-order",
            Net::Local { .. } => "match3/local",
            Net::Bigram { .. } => "match3/bigram",
        };
        let (mut window, mut tail) = (String::new(), String::new());
        let own;
        match &self.net {
            Net::Pairs { fraction_bits } => own = bits(*fraction_bits),
            Net::Triples { fraction_bits } => {
                let encoding = if fraction_bits.is_some() { "trigonometric" } else { "polynomial" };
                own = format!(r#""encoding":"{encoding}",{}"#, bits(*fraction_bits));
            }
            Net::Local { window: k, layer } => {
                window = format!(r#""window":{k},"#);
                let (construction, query_bits, code) = layer_fields(layer);
                own = format!("{construction}{}{code}", bits(query_bits));
            }
            Net::Bigram { layer, fraction_bits } => {
                let (construction, query_bits, code) = layer_fields(layer);
                own = format!("{construction}{}{code}", bits(Some(*fraction_bits)));
                let query_bits = query_bits.map_or(String::new(), |f| format!(r#","first_fraction_bits":{f}"#));
                tail = format!(r#"{query_bits},"first_scale":"{}""#, layer.scale.text());
            }
        }
        let range = range.map_or(String::new(), |(lo, hi)| format!(r#","lo":"{lo}","hi":"{hi}""#));
        format!(
            r#"{{"format":"attestor-claim","version":1,"id":"{id}","kind":"{kind}","method":"{method}","modulus":{},"tokens":{},{window}{own}"scale":"{}"{tail}{range}}}"#,
            self.modulus,
            self.tokens,
            self.scale.text()
        )
    }
}

/// Scores of residues over a common denominator.
struct Scores {
    denom: BigInt,
    blank: BigInt,
    mixed: BigInt,
    score: Box<dyn Fn(u64, u64, u64) -> BigInt>,
}

/// The fields of an averaging layer: before its query fraction bits, these, and after.
fn layer_fields(layer: &Spec) -> (String, Option<u32>, String) {
    let (construction, keys, bits, code) = match &layer.unit {
        Unit::Moment => ("moment-curve", String::new(), None, String::new()),
        Unit::Sign { width, seed, fraction_bits, .. } => {
            ("sign-keys", format!(r#""key_width":{width},"seed":{seed},"#), Some(*fraction_bits), String::new())
        }
        Unit::Code { field, degree, points } => (
            "code-keys",
            String::new(),
            None,
            format!(r#""field_size":{field},"degree_bound":{degree},"evaluations":{points},"#),
        ),
    };
    let value_bits = layer.value_bits;
    (format!(r#""construction":"{construction}","value_fraction_bits":{value_bits},{keys}"#), bits, code)
}
