//! The matching networks as `checker/FORMAT.md` section 2 defines them: loops for tasks, explicit vectors for units.
//!
//! In: a network and an input, token by token. Out: the answer and the output of a row, enclosed.
//! Shared with the program are its numbers and their cosine and exponential; no score, bound, or decoder of it is used.
//! What is memoised: the score of a tuple of residues, since keys depend on residues alone, and what is read from an averaging row.

use std::collections::HashMap;

use attestor::catalogue::network::{Design, Encoding, Network, Trigonometric};
use attestor::numbers::Rational;
use attestor::numbers::circle::cos_sin;
use attestor::numbers::dyadic::Dyadic;
use attestor::numbers::exp::{exp, exp_neg_capped};
use attestor::numbers::interval::Interval;
use attestor::numbers::rational::{ceil, floor, pow2};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

use super::{FLOOR, Textbook, dot, index, round_half_even, whole};

/// Bits of the sums of a row.
const ROW_BITS: u32 = 192;

/// Fraction bits of the weights of an averaging layer.
const READER_BITS: i64 = 320;

/// Bits of a cosine before it is rounded.
const COSINE_BITS: u32 = 600;

/// A token as a unit sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Token {
    /// A residue, of value 1.
    Residue(u64),
    /// The blank, of value 0.
    Blank,
    /// Key and value 0: the last token in the second layer of bigram.
    Empty,
}

/// `x_i + … ≡ 0` as loops over all tokens that the task allows.
pub fn answer(network: &Network, input: &[u64], row: usize) -> bool {
    let is_match = |sum: u64| sum.is_multiple_of(network.modulus);
    let own = input[row];
    let mut found = false;
    for (j, left) in input.iter().enumerate() {
        match &network.design {
            Design::Match2(_) => found |= is_match(own + left),
            Design::ThirdOrder(_) => {
                for right in input {
                    found |= is_match(own + left + right);
                }
            }
            Design::Local { window, .. } => {
                let is_near = |j: usize| j.abs_diff(row) <= index(*window);
                for (k, right) in input.iter().enumerate() {
                    found |= is_near(j) && is_near(k) && is_match(own + left + right);
                }
            }
            Design::Bigram { .. } => {
                if let Some(next) = input.get(j + 1) {
                    found |= is_match(own + left + next);
                }
            }
        }
    }
    found
}

/// `R_f(x·cos(2π·numerator/denominator))`.
fn rounded_cosine(numerator: u64, denominator: u64, x: &Rational, fraction_bits: u64) -> Rational {
    let factor = x * pow2(i64::try_from(fraction_bits).expect("small"));
    let (cosine, _) = cos_sin(numerator % denominator, denominator, COSINE_BITS);
    let round = |end: &Dyadic| round_half_even(&(end.to_rational() * &factor));
    let (lo, hi) = (round(cosine.lo()), round(cosine.hi()));
    assert_eq!(lo, hi, "a cosine this close to a tie");
    whole(lo) / pow2(i64::try_from(fraction_bits).expect("small"))
}

/// `(R_f(x·cos θ_a), R_f(x·sin θ_a))`; the sine of an angle is the cosine of a quarter turn less.
pub fn point(modulus: u64, a: u64, x: &Rational, fraction_bits: u64) -> (Rational, Rational) {
    let cosine = rounded_cosine(a, modulus, x, fraction_bits);
    (cosine, rounded_cosine(4 * a + 3 * modulus, 4 * modulus, x, fraction_bits))
}

/// `R_f(c)`.
fn rounded_scale(keys: &Trigonometric) -> Rational {
    rounded_cosine(0, 1, &keys.scale, keys.fraction_bits)
}

/// The coefficients of a product of polynomials, constant first.
fn product(factors: &[Vec<Rational>]) -> Vec<Rational> {
    factors.iter().fold(vec![Rational::one()], |left, right| {
        let mut result = vec![Rational::zero(); left.len() + right.len() - 1];
        for (i, a) in left.iter().enumerate() {
            for (j, b) in right.iter().enumerate() {
                result[i + j] += a * b;
            }
        }
        result
    })
}

fn power(base: u64, exponent: usize) -> Rational {
    std::iter::repeat_n(whole(base), exponent).fold(Rational::one(), |product, base| product * base)
}

fn binomial(n: usize, k: usize) -> Rational {
    (0..k).fold(Rational::one(), |value, i| value * whole(n - i) / whole(i + 1))
}

/// One unit with a blank: explicit queries and keys of every residue.
#[derive(Clone, Debug)]
pub struct MatchUnit {
    pub modulus: u64,
    pub order: usize,
    pub encoding: Encoding,
}

/// The exponents `(i, j)` of the 28 monomials.
fn monomials() -> Vec<(usize, usize)> {
    (0..=6).flat_map(|i| (0..=6 - i).map(move |j| (i, j))).collect()
}

impl MatchUnit {
    /// `(M²-1)²`.
    fn penalty(&self) -> Rational {
        let root = whole(self.modulus) * whole(self.modulus) - whole(1);
        &root * &root
    }

    pub fn query(&self, a: u64) -> Vec<Rational> {
        let (m, a_) = (whole(self.modulus), whole(a));
        match (&self.encoding, self.order) {
            (Encoding::Trigonometric(keys), order) => {
                let (cosine, sine) = point(self.modulus, a, &keys.scale, keys.fraction_bits);
                let blank = rounded_scale(keys);
                if order == 2 {
                    vec![cosine, sine, blank]
                } else {
                    vec![cosine.clone(), -&sine, -&sine, -cosine, blank]
                }
            }
            (Encoding::Polynomial { scale }, 2) => {
                let factors = [vec![a_.clone(), whole(1)], vec![&a_ - &m, whole(1)]];
                product(&[&factors[..], &factors[..], &[vec![-scale]]].concat())
            }
            (Encoding::Polynomial { scale }, _) => {
                let factors = [0, 1, 2].map(|k| vec![&a_ - &m * whole(k), whole(1)]);
                let of_sum = product(&[&factors[..], &factors[..], &[vec![-scale]]].concat());
                let coefficient = |(i, j): (usize, usize)| &of_sum[i + j] * binomial(i + j, i);
                monomials().into_iter().map(coefficient).chain([scale * self.penalty()]).collect()
            }
        }
    }

    /// The key of a token in factor 0 or 1.
    pub fn key(&self, factor: usize, token: Token) -> Vec<Rational> {
        let width = match (&self.encoding, self.order) {
            (Encoding::Trigonometric(_), 2) => 3,
            (Encoding::Trigonometric(_), _) | (Encoding::Polynomial { .. }, 2) => 5,
            (Encoding::Polynomial { .. }, _) => 29,
        };
        let last = |entry: Rational| [vec![Rational::zero(); width - 1], vec![entry]].concat();
        let b = match (token, &self.encoding) {
            (Token::Residue(b), _) => b,
            (Token::Empty, _) => return last(Rational::zero()),
            (Token::Blank, Encoding::Trigonometric(_)) => return last(Rational::one()),
            (Token::Blank, Encoding::Polynomial { .. }) => {
                return last(if self.order == 2 { Rational::zero() } else { whole(-1) });
            }
        };
        match &self.encoding {
            Encoding::Trigonometric(keys) => {
                let (cosine, sine) = point(self.modulus, b, &Rational::one(), keys.fraction_bits);
                let entries = match (self.order, factor) {
                    (2, _) => vec![cosine, -sine],
                    (_, 0) => vec![cosine.clone(), cosine, sine.clone(), sine],
                    _ => vec![cosine.clone(), sine.clone(), cosine, sine],
                };
                entries.into_iter().chain([Rational::zero()]).collect()
            }
            Encoding::Polynomial { .. } if self.order == 2 => (0..=4).map(|exponent| power(b, exponent)).collect(),
            Encoding::Polynomial { .. } => {
                let exponent = |(i, j): (usize, usize)| if factor == 0 { i } else { j };
                monomials().into_iter().map(|pair| power(b, exponent(pair))).chain([Rational::one()]).collect()
            }
        }
    }

    /// `⟨query of a, K¹ ⊙ … of the tuple⟩`.
    pub fn score(&self, a: u64, tuple: &[Token]) -> Rational {
        let keys: Vec<Vec<Rational>> =
            tuple.iter().enumerate().map(|(factor, token)| self.key(factor, *token)).collect();
        let joined: Vec<Rational> =
            (0..keys[0].len()).map(|i| keys.iter().fold(Rational::one(), |all, key| all * &key[i])).collect();
        dot(&self.query(a), &joined)
    }

    /// The score of blanks alone.
    pub fn blank_score(&self, a: u64) -> Rational {
        self.score(a, &vec![Token::Blank; self.order - 1])
    }
}

/// A unit whose tuples are looked up once they were computed.
struct Attention {
    unit: MatchUnit,
    /// `e^{score - score of blanks}` of a residue and a tuple.
    powers: HashMap<(u64, Vec<Token>), Interval>,
}

impl Attention {
    fn new(modulus: u64, order: usize, encoding: &Encoding) -> Attention {
        let unit = MatchUnit { modulus, order, encoding: encoding.clone() };
        Attention { unit, powers: HashMap::new() }
    }

    fn power(&mut self, a: u64, tuple: &[Token]) -> &Interval {
        let unit = &self.unit;
        self.powers.entry((a, tuple.to_vec())).or_insert_with(|| {
            let distance = unit.blank_score(a) - unit.score(a, tuple);
            if distance.is_negative() {
                exp(&-distance, ROW_BITS).expect("moderate")
            } else {
                exp_neg_capped(&distance, ROW_BITS, FLOOR)
            }
        })
    }

    /// The softmax of all tuples of `tokens`, summed over those whose values are all 1.
    fn output(&mut self, own: u64, tokens: &[Token]) -> Interval {
        let mut tuples: Vec<Vec<Token>> = vec![Vec::new()];
        for _ in 1..self.unit.order {
            tuples = tuples.iter().flat_map(|t| tokens.iter().map(|token| [&t[..], &[*token]].concat())).collect();
        }
        let zero = Interval::exact(Dyadic::zero());
        let (mut ones, mut rest) = (zero.clone(), zero);
        for tuple in tuples {
            let power = self.power(own, &tuple);
            let has_value = tuple.iter().all(|token| matches!(token, Token::Residue(_)));
            let sum = if has_value { &mut ones } else { &mut rest };
            *sum = sum.add(power, ROW_BITS);
        }
        // T/(T + rest) increases in T and decreases in the rest.
        let share = |own: &Dyadic, rest: &Dyadic| own.to_rational() / (own.to_rational() + rest.to_rational());
        let lo = Dyadic::rational_down(&share(ones.lo(), rest.hi()), ROW_BITS);
        let hi = Dyadic::rational_up(&share(ones.hi(), rest.lo()), ROW_BITS);
        Interval::new(lo, hi).expect("ordered")
    }
}

/// Both ends of a number, times `2^READER_BITS`; where they are equal, the outputs at the end of a step are told exactly.
type Words = (BigInt, BigInt);

/// The averaging layer of local and bigram with its decoder.
struct Reader {
    modulus: u64,
    sparsity: usize,
    value_fraction_bits: u64,
    layer: Textbook,
    /// `e^{score - largest score}` of every token, for each support.
    powers: HashMap<Vec<u64>, Vec<Words>>,
    read: HashMap<(Vec<u64>, usize, Vec<u64>), u64>,
}

impl Reader {
    /// What the row with this support reads for `token` of it.
    fn read(&mut self, support: &[u64], token: usize, input: &[u64]) -> u64 {
        let class = token % self.sparsity;
        let values: Vec<u64> = input.iter().copied().skip(class).step_by(self.sparsity).collect();
        let key = (support.to_vec(), class, values.clone());
        if let Some(known) = self.read.get(&key) {
            return *known;
        }
        let layer = &self.layer;
        let powers = self.powers.entry(support.to_vec()).or_insert_with(|| {
            let scores = layer.scores(support);
            let top = scores.iter().max().expect("there is a token");
            let word = |end: &Dyadic| end.to_rational() * pow2(READER_BITS);
            let words = |power: Interval| (floor(&word(power.lo())), ceil(&word(power.hi())));
            scores.iter().map(|score| words(exp_neg_capped(&(top - score), super::PRECISION, FLOOR))).collect()
        });
        // Coordinate `class` of the output: every token of that class, its value rounded toward zero.
        let steps = BigInt::from(self.modulus) * self.sparsity;
        let residue = |own: fn(&Words) -> &BigInt, all: fn(&Words) -> &BigInt| {
            let total = powers.iter().map(all).sum::<BigInt>() << self.value_fraction_bits;
            let value = |value: &u64| (BigInt::from(*value) << self.value_fraction_bits) / self.modulus;
            let sum =
                (class..).step_by(self.sparsity).zip(&values).map(|(j, x)| own(&powers[j]) * value(x)).sum::<BigInt>();
            // ⌊M·q·o + 1/2⌋ for o = sum/total.
            let twice: BigInt = sum * &steps * 2 + &total;
            twice.div_floor(&(total * 2)).clamp(BigInt::zero(), BigInt::from(self.modulus) - 1)
        };
        let (lo, hi) = (residue(|words| &words.0, |words| &words.1), residue(|words| &words.1, |words| &words.0));
        assert_eq!(lo, hi, "an output this close to the end of a step");
        let found = u64::try_from(lo).expect("below the modulus");
        self.read.insert(key, found);
        found
    }
}

/// A network from its definition.
pub struct Matching {
    pub network: Network,
    attention: Option<Attention>,
    reader: Option<Reader>,
}

impl Matching {
    pub fn new(network: &Network) -> Matching {
        let attention = match &network.design {
            Design::Match2(encoding) => Some(Attention::new(network.modulus, 2, encoding)),
            Design::ThirdOrder(encoding) => Some(Attention::new(network.modulus, 3, encoding)),
            Design::Bigram { keys, .. } => {
                Some(Attention::new(network.modulus, 2, &Encoding::Trigonometric(keys.clone())))
            }
            Design::Local { .. } => None,
        };
        let reader = match &network.design {
            Design::Local { averaging, .. } | Design::Bigram { averaging, .. } => Some(Reader {
                modulus: network.modulus,
                sparsity: index(averaging.sparsity),
                value_fraction_bits: averaging.value_fraction_bits,
                layer: Textbook::new(averaging),
                powers: HashMap::new(),
                read: HashMap::new(),
            }),
            Design::Match2(_) | Design::ThirdOrder(_) => None,
        };
        Matching { network: network.clone(), attention, reader }
    }

    /// The output of a row; that of local is 0 or 1.
    pub fn output(&mut self, input: &[u64], row: usize) -> Interval {
        let (modulus, own) = (self.network.modulus, input[row]);
        let blank = [Token::Blank];
        let residues = |values: &[u64]| values.iter().map(|value| Token::Residue(*value)).collect::<Vec<Token>>();
        match (&mut self.attention, &mut self.reader) {
            (Some(attention), None) => attention.output(own, &[&residues(input)[..], &blank].concat()),
            (Some(attention), Some(reader)) => {
                let sum = |i: usize| (input[i] + reader.read(&[u64::try_from(i + 1).unwrap()], i + 1, input)) % modulus;
                let sums: Vec<u64> = (0..input.len() - 1).map(sum).collect();
                attention.output(own, &[&residues(&sums)[..], &blank, &[Token::Empty]].concat())
            }
            (None, Some(reader)) => {
                let Design::Local { window, .. } = &self.network.design else { panic!("only local has no attention") };
                let (window, q) = (index(*window), reader.sparsity);
                let start = row.saturating_sub(window).min(input.len() - q);
                let support: Vec<u64> = (start..start + q).map(|l| u64::try_from(l).unwrap()).collect();
                let near = (start..start + q).filter(|l| l.abs_diff(row) <= window);
                let read: Vec<u64> = near.map(|l| reader.read(&support, l, input)).collect();
                let is_match = |j: &u64| read.iter().any(|k| (own + j + k).is_multiple_of(modulus));
                Interval::exact(if read.iter().any(is_match) { Dyadic::one() } else { Dyadic::zero() })
            }
            (None, None) => panic!("every network has a layer"),
        }
    }
}

/// Every input of `[M]^N`, the last token running fastest.
pub fn inputs(modulus: u64, tokens: u64) -> impl Iterator<Item = Vec<u64>> {
    let mut next = Some(vec![0; index(tokens)]);
    std::iter::from_fn(move || {
        let current = next.take()?;
        if let Some(place) = current.iter().rposition(|value| value + 1 < modulus) {
            let mut following = current.clone();
            following[place] += 1;
            following[place + 1..].fill(0);
            next = Some(following);
        }
        Some(current)
    })
}
