//! Whether a claim about a tiny matching network is true, by all inputs and rows.
//!
//! In: a claim and, for a counterexample, its record. Out: [`Truth`].
//! Outputs are softmax weights bracketed in fixed point; where an exact tie is possible, terms of equal scores are
//! added first. In match2 and the third order, where the order of the tokens is nothing that the network sees, inputs
//! are taken in increasing order.

use std::cmp::Ordering;
use std::collections::HashMap;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

use super::document::{Document, Line, elements};
use super::fraction::{Bracket, Fraction, neg_exp};
use super::network::{Network, Scores, Task};
use super::truth::Truth;
use super::unit::NoUnit;

const PRECISIONS: [u32; 3] = [256, 1024, 4096];

/// Inputs times rows times terms of a sum.
const MAX_STEPS: u64 = 400_000;

/// What all inputs and rows say.
#[derive(Clone)]
pub enum Extremes {
    /// Brackets of the largest output without a match and of the least with one, in units of `2^-bits`.
    Outputs { none: Option<Bracket>, some: Option<Bracket> },
    /// Local: whether every answer is right.
    Answers(bool),
    /// Some reading of the decoder is open.
    Open,
}

/// What is known of networks.
pub type Known = HashMap<(String, u32), Extremes>;

/// Whether the claim of this certificate is true.
pub fn judge(document: &Document, known: &mut Known) -> Truth {
    let network = match Network::new(&document.claim) {
        Ok(network) => network,
        Err(NoUnit::IllFormed(reason)) => return Truth::False(reason.to_owned()),
        Err(NoUnit::TooLarge) => return Truth::TooLarge,
    };
    if document.kind() == "counterexample" {
        return judge_confusion(document, &network);
    }
    let ends = ["lo", "hi"].map(|name| Fraction::parse(document.claim.text_of(name)));
    if let [Some(lo), Some(hi)] = &ends
        && !(Fraction::integer(0) < *lo && lo < hi && *hi < Fraction::integer(1))
    {
        return Truth::False("no thresholds".to_owned());
    }
    if MAX_STEPS < network.n_steps() {
        return Truth::TooLarge;
    }
    let is_of_network = |name: &str| !matches!(name, "kind" | "method" | "lo" | "hi");
    let fields = document.claim.0.iter().filter(|(name, _)| is_of_network(name));
    let name: String = fields.map(|(_, raw)| format!("{raw} ")).collect();
    for bits in PRECISIONS {
        let extremes =
            known.entry((name.clone(), bits)).or_insert_with(|| network.extremes(bits, network.is_symmetric()));
        let truth = match (extremes, &ends) {
            (Extremes::Answers(true), _) => Truth::True,
            (Extremes::Answers(false), _) => Truth::False("an answer is wrong".to_owned()),
            (Extremes::Outputs { none, some }, [Some(lo), Some(hi)]) => {
                judge_thresholds(lo, hi, none.as_ref(), some.as_ref(), bits)
            }
            _ => Truth::Undecided,
        };
        if truth != Truth::Undecided {
            return truth;
        }
    }
    Truth::Undecided
}

fn judge_thresholds(lo: &Fraction, hi: &Fraction, none: Option<&Bracket>, some: Option<&Bracket>, bits: u32) -> Truth {
    let number = |value: &BigInt| Fraction::new(value.clone(), BigInt::one() << bits);
    if none.is_some_and(|none| *lo < number(&none.lo)) {
        return Truth::False("an output without a match is above lo".to_owned());
    }
    if some.is_some_and(|some| number(&some.hi) < *hi) {
        return Truth::False("an output with a match is below hi".to_owned());
    }
    let is_below = none.is_none_or(|none| number(&none.hi) <= *lo);
    let is_above = some.is_none_or(|some| *hi <= number(&some.lo));
    if is_below && is_above { Truth::True } else { Truth::Undecided }
}

/// The runs of an input that is written in its one form, token by token.
fn input(record: &Line, name: &str, network: &Network) -> Option<Vec<u64>> {
    let (mut tokens, mut last) = (Vec::new(), None);
    for run in elements(record.get(name)?) {
        let [residue, count] = elements(&run).iter().map(|text| text.parse().ok()).collect::<Option<Vec<u64>>>()?[..]
        else {
            return None;
        };
        let room = u64::try_from(network.tokens - tokens.len()).ok()?;
        if last == Some(residue) || network.modulus <= residue || count == 0 || room < count {
            return None;
        }
        last = Some(residue);
        tokens.extend((0..count).map(|_| residue));
    }
    (tokens.len() == network.tokens).then_some(tokens)
}

fn judge_confusion(document: &Document, network: &Network) -> Truth {
    let side = |row: &str, name: &str| {
        let record = document.records.first()?;
        let row = usize::try_from(record.count(row)?).ok().filter(|row| *row < network.tokens)?;
        Some((row, input(record, name, network)?))
    };
    let (Some((row, x)), Some((other_row, other))) = (side("row", "input"), side("other_row", "other_input")) else {
        return Truth::False("no two inputs".to_owned());
    };
    if !network.answer(&x, row) || network.answer(&other, other_row) {
        return Truth::False("the answers are not 1 and 0".to_owned());
    }
    for bits in PRECISIONS {
        let mut reader = Reader::new(network, bits);
        let order = if let Task::Local { window } = network.task {
            let output = |reader: &mut Reader, row, x: &[u64]| local_output(network, window, reader, row, x);
            output(&mut reader, row, &x)
                .zip(output(&mut reader, other_row, &other))
                .map(|(left, right)| left.cmp(&right))
        } else {
            let mut terms = |row: usize, x: &[u64]| Some(network.terms(x[row], &network.seen(&mut reader, x)?));
            terms(row, &x).zip(terms(other_row, &other)).and_then(|(left, right)| network.compare(left, right, bits))
        };
        match order {
            Some(Ordering::Greater) => return Truth::False("the first output is larger".to_owned()),
            Some(_) => return Truth::True,
            None => {}
        }
    }
    Truth::Undecided
}

/// The sign of a sum of weights with integer factors; the weights of one class are equal.
fn sign(terms: &[(usize, BigInt)], weights: &[Bracket]) -> Option<Ordering> {
    let mut factors: HashMap<usize, BigInt> = HashMap::new();
    for (class, factor) in terms {
        *factors.entry(*class).or_default() += factor;
    }
    factors.retain(|_, factor| !factor.is_zero());
    let (mut lo, mut hi) = (BigInt::zero(), BigInt::zero());
    for (class, factor) in &factors {
        let weight = &weights[*class];
        let (below, above) = if factor.is_negative() { (&weight.hi, &weight.lo) } else { (&weight.lo, &weight.hi) };
        lo += factor * below;
        hi += factor * above;
    }
    let is_positive = |factor: &BigInt| factor.is_positive();
    match (factors.is_empty(), factors.values().all(is_positive), factors.values().any(is_positive)) {
        (true, ..) => Some(Ordering::Equal),
        (_, true, _) => Some(Ordering::Greater),
        (_, _, false) => Some(Ordering::Less),
        _ if lo.is_positive() => Some(Ordering::Greater),
        _ if hi.is_negative() => Some(Ordering::Less),
        _ => None,
    }
}

/// For each score the place of the first equal one, and the weight `e^{score - largest}`.
fn classes(scores: &[Fraction], bits: u32) -> (Vec<usize>, Vec<Bracket>) {
    let largest = scores.iter().max().expect("a score");
    let class = |score: &Fraction| scores.iter().position(|other| other == score).expect("itself");
    let weights = scores.iter().map(|score| neg_exp(&largest.minus(score), bits)).collect();
    (scores.iter().map(class).collect(), weights)
}

/// The decoder behind the averaging layer of a network.
struct Reader<'a> {
    network: &'a Network,
    bits: u32,
    /// For each first token of a support, its classes and weights.
    rows: HashMap<usize, (Vec<usize>, Vec<Bracket>)>,
    /// What is read of a token, by the residues that share its coordinate.
    known: HashMap<(usize, usize, Vec<u64>), Option<u64>>,
}

impl<'a> Reader<'a> {
    fn new(network: &'a Network, bits: u32) -> Reader<'a> {
        Reader { network, bits, rows: HashMap::new(), known: HashMap::new() }
    }

    /// What is read of token `l` at the row whose support starts at `first`.
    fn read(&mut self, first: usize, l: usize, x: &[u64]) -> Option<u64> {
        let layer = self.network.layer.as_ref().expect("an averaging layer");
        let (q, modulus, bits) = (layer.sparsity, self.network.modulus, self.bits);
        let mine: Vec<u64> = (0..x.len()).filter(|j| j % q == l % q).map(|j| x[j]).collect();
        let (classes, weights) = self.rows.entry(first).or_insert_with(|| {
            let support: Vec<usize> = (first..first + q).collect();
            classes(&layer.scores(&support), bits)
        });
        let compute = || {
            let unit = BigInt::one() << layer.value_bits;
            let value = |residue: u64| (&unit * residue) / modulus;
            // M·q·o + 1/2 ≥ n, times 2Z·2^{f_v}.
            let reaches = |n: u64| {
                let factor = |j: usize| {
                    let own = if j % q == l % q { value(x[j]) * modulus * q * 2u32 } else { BigInt::zero() };
                    own - &unit * (2 * n - 1)
                };
                let terms: Vec<_> = (0..x.len()).map(|j| (classes[j], factor(j))).collect();
                sign(&terms, weights).map(|order| order != Ordering::Less)
            };
            let reached = (1..modulus).map(reaches).collect::<Option<Vec<bool>>>()?;
            u64::try_from(reached.into_iter().filter(|reached| *reached).count()).ok()
        };
        *self.known.entry((first, l, mine)).or_insert_with(compute)
    }
}

/// Whether local answers 1 at a row.
fn local_output(network: &Network, window: usize, reader: &mut Reader, row: usize, x: &[u64]) -> Option<bool> {
    let first = network.first_of_support(row, network.layer.as_ref()?.sparsity);
    let near = (0..x.len()).filter(|j| row.abs_diff(*j) <= window);
    let read = near.map(|j| reader.read(first, j, x)).collect::<Option<Vec<u64>>>()?;
    let is_zero = |sum: u64| sum.is_multiple_of(network.modulus);
    Some(read.iter().any(|left| read.iter().any(|right| is_zero(x[row] + left + right))))
}

impl Network {
    fn is_symmetric(&self) -> bool {
        matches!(self.task, Task::Pairs | Task::Triples)
    }

    fn n_steps(&self) -> u64 {
        let n = u64::try_from(self.tokens).expect("few tokens");
        let inputs = if self.is_symmetric() {
            // C(M+N-1, N)
            (1..=n).try_fold(1u64, |product, k| Some(product.checked_mul(self.modulus - 1 + k)? / k))
        } else {
            u32::try_from(n).ok().and_then(|n| self.modulus.checked_pow(n))
        };
        let terms = if self.task == Task::Triples { n * n } else { n };
        inputs.unwrap_or(u64::MAX).saturating_mul(n * terms)
    }

    /// All inputs; increasing ones where the order does not matter.
    fn inputs(&self, only_increasing: bool) -> Vec<Vec<u64>> {
        (0..self.tokens).fold(vec![Vec::new()], |inputs, _| {
            let longer = |input: Vec<u64>| {
                let least = if only_increasing { input.last().copied().unwrap_or(0) } else { 0 };
                (least..self.modulus).map(move |residue| input.iter().copied().chain([residue]).collect())
            };
            inputs.into_iter().flat_map(longer).collect()
        })
    }

    /// The residues that the tokens of the matching unit stand for.
    fn seen(&self, reader: &mut Reader, x: &[u64]) -> Option<Vec<u64>> {
        if self.task != Task::Bigram {
            return Some(x.to_vec());
        }
        (0..x.len() - 1).map(|j| Some((x[j] + reader.read(j + 1, j + 1, x)?) % self.modulus)).collect()
    }

    fn table(&self) -> &Scores {
        self.scores.as_ref().expect("a matching unit")
    }

    /// The scores of everything without a blank at a row of residue `a`.
    fn terms(&self, a: u64, seen: &[u64]) -> Vec<BigInt> {
        let place = |residue: &u64| usize::try_from(*residue).expect("a small residue");
        let row = &self.table().table[place(&a)];
        let pairs = |left: &u64| -> Vec<BigInt> {
            let keys = &row[place(left)];
            if keys.len() == 1 { keys.clone() } else { seen.iter().map(|right| keys[place(right)].clone()).collect() }
        };
        seen.iter().flat_map(pairs).collect()
    }

    /// The scores of everything with a blank, and of the token with key and value 0 in bigram; the same for all rows.
    fn blanks(&self, a: u64) -> Vec<BigInt> {
        let row = &self.table().table[usize::try_from(a).expect("a small residue")];
        let blank = row.last().expect("a blank");
        if blank.len() == 1 {
            let last = (self.task == Task::Bigram).then(BigInt::zero);
            return blank.iter().cloned().chain(last).collect();
        }
        let mixed = [&row[0][row.len() - 1], &blank[0]];
        let both = blank.last().expect("a blank").clone();
        mixed.into_iter().flat_map(|score| vec![score.clone(); self.tokens]).chain([both]).collect()
    }

    fn number(&self, score: &BigInt) -> Fraction {
        self.table().unit.times(&Fraction::integer(score.clone()))
    }

    /// Compares the sums of two rows; the scores with a blank are the same for both.
    fn compare(&self, left: Vec<BigInt>, right: Vec<BigInt>, bits: u32) -> Option<Ordering> {
        let scores: Vec<Fraction> = left.iter().chain(&right).map(|score| self.number(score)).collect();
        let (classes, weights) = classes(&scores, bits);
        let factor = |place: usize| if place < left.len() { BigInt::one() } else { -BigInt::one() };
        let terms: Vec<_> = classes.iter().enumerate().map(|(place, class)| (*class, factor(place))).collect();
        sign(&terms, &weights)
    }

    /// The ends of the brackets of the extreme outputs, for a test that compares two ways.
    pub fn extreme_outputs(&self, only_increasing: bool) -> Vec<BigInt> {
        let Extremes::Outputs { none, some } = self.extremes(256, only_increasing) else { return Vec::new() };
        [none, some].into_iter().flatten().flat_map(|bracket| [bracket.lo, bracket.hi]).collect()
    }

    /// The outputs of all rows of all inputs.
    fn extremes(&self, bits: u32, only_increasing: bool) -> Extremes {
        let mut reader = Reader::new(self, bits);
        if let Task::Local { window } = self.task {
            let mut is_right = true;
            for x in self.inputs(only_increasing) {
                for row in 0..self.tokens {
                    let Some(output) = local_output(self, window, &mut reader, row, &x) else { return Extremes::Open };
                    is_right &= output == self.answer(&x, row);
                }
            }
            return Extremes::Answers(is_right);
        }
        let blanks = self.blanks(0);
        assert!((1..self.modulus).all(|a| self.blanks(a) == blanks), "every query sees the blank alike");
        let scores = self.table().table.iter().flatten().flatten();
        let largest = self.number(scores.chain(&blanks).max().expect("a score"));
        let mut weights: HashMap<BigInt, Bracket> = HashMap::new();
        let mut sum = |scores: &[BigInt]| {
            let mut sum = Bracket { lo: BigInt::zero(), hi: BigInt::zero() };
            for score in scores {
                let weight = || neg_exp(&largest.minus(&self.number(score)), bits);
                let weight = weights.entry(score.clone()).or_insert_with(weight);
                sum.lo += &weight.lo;
                sum.hi += &weight.hi;
            }
            sum
        };
        let rest = sum(&blanks);
        let (mut none, mut some): (Option<Bracket>, Option<Bracket>) = (None, None);
        for x in self.inputs(only_increasing) {
            let Some(seen) = self.seen(&mut reader, &x) else { return Extremes::Open };
            for row in 0..self.tokens {
                let on = sum(&self.terms(x[row], &seen));
                // T/(T + B) grows with T and falls with B.
                let lo: BigInt = (&on.lo << bits) / (&on.lo + &rest.hi).max(BigInt::one());
                let hi = (&on.hi << bits).div_ceil(&(&on.hi + &rest.lo).max(BigInt::one()));
                if self.answer(&x, row) {
                    let old = some.take().unwrap_or(Bracket { lo: lo.clone(), hi: hi.clone() });
                    some = Some(Bracket { lo: old.lo.min(lo), hi: old.hi.min(hi) });
                } else {
                    let old = none.take().unwrap_or(Bracket { lo: lo.clone(), hi: hi.clone() });
                    none = Some(Bracket { lo: old.lo.max(lo), hi: old.hi.max(hi) });
                }
            }
        }
        Extremes::Outputs { none, some }
    }
}
