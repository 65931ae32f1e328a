//! The rows of a matching network on one input, from the definition: scores, output, what the decoder reads.
//!
//! In: a network and an input. Out: [`Row`]s; exact scores of one row.
//! Invariant: scores are exact, outputs enclosed; a residue is read only if its enclosure tells which it is.
//! Source: Thm 6, Thm 8, third-order attention; `checker/FORMAT.md` section 2, "What the matching networks are".
//! Not here: the threshold, which is about all inputs.

use std::collections::BTreeMap;

use num_traits::Zero;
use thiserror::Error;

use super::decoder::{self, LayerRow, layer_row};
use super::exp_sum::ExpSum;
use super::mass;
use crate::catalogue::network::{Design, Encoding, Network};
use crate::constructions::matching::scores::Scores;
use crate::constructions::matching::task::{Input, Task, add};
use crate::evaluate::prepared::{Prepared, TooLarge, indices};
use crate::numbers::Rational;
use crate::numbers::dyadic::Dyadic;
use crate::numbers::interval::Interval;

/// One evaluated row.
#[derive(Clone, Debug)]
pub struct Row {
    /// i.
    pub row: u64,
    /// `x_i`.
    pub residue: u64,
    /// What the network outputs.
    pub output: Output,
    /// What the decoder reads; local only.
    pub window: Option<Window>,
    /// Whether the row has a match, by the task's definition.
    pub answer: bool,
}

/// The output of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// The softmax weight of everything without a blank.
    Share(Interval),
    /// The answer that local computes from what it read.
    Answer(bool),
    /// Some residue is not told by this precision.
    Unread,
}

/// The tokens that a row of local reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The support of the averaging layer's row, `{w, …, w+q-1}`.
    pub support: Vec<u64>,
    /// Those of the support at distance at most K.
    pub tokens: Vec<u64>,
    /// `x̂` of each of these tokens; `None` where this precision does not tell.
    pub read: Vec<Option<u64>>,
    /// Their residues.
    pub residues: Vec<u64>,
}

/// The sums that the bigram's first layer passes on: `y_0, …, y_{N-2}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sums {
    /// As read; `None` where this precision does not tell.
    pub read: Vec<Option<u64>>,
    /// `x_i + x_{i+1} mod M`.
    pub exact: Vec<u64>,
}

/// An input that cannot be evaluated.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum InputError {
    /// A number that is no residue.
    #[error("{value} at token {token} is not a residue modulo {modulus}; take numbers from 0 to {}", modulus - 1)]
    Residue {
        /// The token.
        token: usize,
        /// What was given.
        value: u64,
        /// M.
        modulus: u64,
    },
    /// An input of the wrong length.
    #[error("{found} residues were given for {tokens} tokens; give as many residues as tokens")]
    Length {
        /// What was given.
        found: usize,
        /// N.
        tokens: u64,
    },
    /// An averaging layer that cannot be tabulated.
    #[error(transparent)]
    Layer(#[from] TooLarge),
    /// Too many exponentials.
    #[error(
        "{n_terms} exponentials are more than {MAX_TERMS}; take a shorter input, fewer different residues, or one row"
    )]
    TooMany {
        /// How many there would be.
        n_terms: u64,
    },
}

/// Most exponentials of one evaluation; about a minute.
pub const MAX_TERMS: u64 = 1 << 20;

/// Whether the input is one of the task.
///
/// # Errors
/// [`InputError::Length`] or [`InputError::Residue`].
pub fn check_input(modulus: u64, tokens: u64, residues: &[u64]) -> Result<(), InputError> {
    if u64::try_from(residues.len()) != Ok(tokens) {
        return Err(InputError::Length { found: residues.len(), tokens });
    }
    match residues.iter().position(|residue| modulus <= *residue) {
        Some(token) => Err(InputError::Residue { token, value: residues[token], modulus }),
        None => Ok(()),
    }
}

/// A network with an input, ready to evaluate rows.
pub struct Rows<'a> {
    network: &'a Network,
    residues: &'a [u64],
    input: Input,
    precision: u32,
    part: Part,
}

/// What computes the outputs.
enum Part {
    /// One unit; the input sorted, and the outputs of the residues that were asked for.
    Unit { scores: Scores, sorted: Input, outputs: BTreeMap<u64, Interval> },
    /// An averaging layer and a decoder; the layer's last row.
    Local { prepared: Box<Prepared>, window: u64, last: Option<LayerRow> },
    /// Sums, and a unit over them.
    Bigram { scores: Scores, sums: Sums },
}

impl<'a> Rows<'a> {
    /// Prepares `n_rows` rows, enclosed to about `precision` bits.
    ///
    /// *Requires* a task that is not vacuous.
    ///
    /// # Errors
    /// [`InputError`] for an input that is not one of the task, or is too large.
    pub fn new(network: &'a Network, residues: &'a [u64], n_rows: u64, precision: u32) -> Result<Rows<'a>, InputError> {
        let Network { modulus, tokens, design } = network;
        check_input(*modulus, *tokens, residues)?;
        let mut sorted = residues.to_vec();
        sorted.sort_unstable();
        let sorted = Input::from_tokens(&sorted);
        let n_distinct = u64::try_from(sorted.runs().len()).unwrap_or(u64::MAX);
        let n_terms = match design {
            Design::Match2(_) => n_rows.min(n_distinct).saturating_mul(n_distinct),
            Design::ThirdOrder(_) => n_rows.min(n_distinct).saturating_mul(n_distinct).saturating_mul(n_distinct),
            Design::Local { .. } => n_rows.saturating_mul(*tokens),
            Design::Bigram { .. } => tokens.saturating_mul(tokens.saturating_add(n_rows)),
        };
        if MAX_TERMS < n_terms {
            return Err(InputError::TooMany { n_terms });
        }
        let unit = |order: u32, encoding: &Encoding, sorted: Input| Part::Unit {
            scores: Scores::new(*modulus, order, encoding),
            sorted,
            outputs: BTreeMap::new(),
        };
        let part = match design {
            Design::Match2(encoding) => unit(2, encoding, sorted),
            Design::ThirdOrder(encoding) => unit(3, encoding, sorted),
            Design::Local { window, averaging } => {
                Part::Local { prepared: Box::new(Prepared::new(averaging)?), window: *window, last: None }
            }
            Design::Bigram { averaging, keys } => Part::Bigram {
                scores: Scores::new(*modulus, 2, &Encoding::Trigonometric(keys.clone())),
                sums: sums(&Prepared::new(averaging)?, *modulus, residues, precision),
            },
        };
        Ok(Rows { network, residues, input: Input::from_tokens(residues), precision, part })
    }

    /// Evaluates a row.
    ///
    /// *Requires* a row below N.
    pub fn row(&mut self, row: u64) -> Row {
        let residue = self.residues[indices(&[row])[0]];
        let (modulus, tokens, precision) = (self.network.modulus, self.network.tokens, self.precision);
        let mut window = None;
        let output = match &mut self.part {
            Part::Unit { scores, sorted, outputs } => {
                let share = outputs.entry(residue).or_insert_with(|| {
                    mass::of_input(scores, residue, sorted).share(&mass::rest(scores, tokens), precision)
                });
                Output::Share(share.clone())
            }
            Part::Local { prepared, window: k, last } => {
                let support = local_support(prepared, tokens, *k, row);
                let layer = match last.take().filter(|last| last.support == support) {
                    Some(last) => last,
                    None => layer_row(prepared, &support, precision),
                };
                window = Some(read_window(prepared, modulus, *k, &layer, self.residues, row));
                let answer = decoder::local_output(prepared, modulus, *k, &layer, self.residues, row);
                *last = Some(layer);
                answer.map_or(Output::Unread, Output::Answer)
            }
            Part::Bigram { scores, sums } => second_layer(scores, sums, residue)
                .map_or(Output::Unread, |(mass, rest)| Output::Share(mass.share(&rest, precision))),
        };
        let answer = Task::of(self.network).answer(modulus, &self.input, row);
        Row { row, residue, output, window, answer }
    }

    /// The exact scores of a row, `None` where a sum is unread: one for each token, in third order for each pair
    /// `(0,0), (0,1), …`, in local those of the averaging layer, up to a constant common to all of them.
    ///
    /// *Requires* a row below N.
    pub fn scores(&mut self, row: u64) -> Vec<Option<Rational>> {
        let own = self.residues[indices(&[row])[0]];
        let (tokens, residues) = (self.network.tokens, self.residues);
        match &mut self.part {
            Part::Unit { scores, .. } => {
                let unit = scores.unit();
                if scores.order() == 2 {
                    residues.iter().map(|b| Some(&unit * scores.pair(own, *b))).collect()
                } else {
                    let pairs = residues.iter().flat_map(|b| residues.iter().map(move |c| (*b, *c)));
                    pairs.map(|(b, c)| Some(&unit * scores.triple(own, b, c))).collect()
                }
            }
            Part::Local { prepared, window, .. } => {
                let row = prepared.score_row(&local_support(prepared, tokens, *window, row));
                row.multiples.iter().map(|multiple| Some(&row.unit * multiple)).collect()
            }
            Part::Bigram { scores, sums } => {
                let unit = scores.unit();
                let of_sums = sums.read.iter().map(|sum| sum.map(|sum| &unit * scores.pair(own, sum)));
                // The last token has no successor and the key 0.
                of_sums.chain([Some(Rational::zero())]).collect()
            }
        }
    }

    /// The score of the blank, and in third order of a pair of a token and the blank; local has no blank.
    pub fn blank(&self) -> (Option<Rational>, Option<Rational>) {
        match &self.part {
            Part::Unit { scores, .. } => (Some(scores.blank()), (scores.order() == 3).then(|| scores.mixed())),
            Part::Local { .. } => (None, None),
            Part::Bigram { scores, .. } => (Some(scores.blank()), None),
        }
    }

    /// What the bigram's first layer passes on; `None` for the others.
    pub fn sums(&self) -> Option<&Sums> {
        if let Part::Bigram { sums, .. } = &self.part { Some(sums) } else { None }
    }
}

impl Output {
    /// The decision of every threshold between `lo` and `hi`; `None` where the output does not lie on one side.
    ///
    /// ```
    /// use attestor::evaluate::matching::row::Output;
    /// use attestor::numbers::{dyadic::Dyadic, interval::Interval};
    /// let (quarter, half) = (Dyadic::power_of_two(-2), Dyadic::power_of_two(-1));
    /// let output = Output::Share(Interval::exact(half.clone()));
    /// assert_eq!(output.decision(Some((&quarter, &half))), Some(true));
    /// assert_eq!(output.decision(Some((&half, &Dyadic::one()))), Some(false));
    /// assert_eq!(output.decision(Some((&quarter, &Dyadic::one()))), None);
    /// ```
    pub fn decision(&self, threshold: Option<(&Dyadic, &Dyadic)>) -> Option<bool> {
        match self {
            Output::Answer(answer) => Some(*answer),
            Output::Unread => None,
            Output::Share(share) => {
                let (lo, hi) = threshold?;
                if share.hi() <= lo {
                    Some(false)
                } else if hi <= share.lo() {
                    Some(true)
                } else {
                    None
                }
            }
        }
    }
}

fn local_support(prepared: &Prepared, tokens: u64, window: u64, row: u64) -> Vec<u64> {
    let sparsity = prepared.unit.sparsity;
    let start = decoder::window_start(row, window, tokens, sparsity);
    (start..start + sparsity).collect()
}

fn read_window(prepared: &Prepared, modulus: u64, window: u64, layer: &LayerRow, residues: &[u64], row: u64) -> Window {
    let tokens: Vec<u64> = layer.support.iter().copied().filter(|token| token.abs_diff(row) <= window).collect();
    let read = tokens.iter().map(|token| decoder::read(prepared, modulus, layer, residues, *token)).collect();
    let residues = indices(&tokens).into_iter().map(|index| residues[index]).collect();
    Window { support: layer.support.clone(), tokens, read, residues }
}

fn sums(prepared: &Prepared, modulus: u64, residues: &[u64], precision: u32) -> Sums {
    let tokens = prepared.unit.tokens;
    let supports = decoder::supports(Task::Bigram, tokens, prepared.unit.sparsity);
    let read = supports.iter().zip(residues).map(|(support, own)| {
        let next = decoder::read(prepared, modulus, &layer_row(prepared, support, precision), residues, support[0]);
        next.map(|next| add(modulus, *own, next))
    });
    let exact = residues.windows(2).map(|pair| add(modulus, pair[0], pair[1]));
    Sums { read: read.collect(), exact: exact.collect() }
}

/// `T` and `B` of the bigram's second layer at a row with residue `own`; `None` if a sum is unread.
fn second_layer(scores: &mut Scores, sums: &Sums, own: u64) -> Option<(ExpSum, ExpSum)> {
    let runs: Vec<(u64, u64)> = sums.read.iter().map(|sum| sum.map(|sum| (sum, 1))).collect::<Option<_>>()?;
    Some((mass::of_keys(scores, own, &runs), mass::rest_of_bigram(scores)))
}

#[cfg(test)]
mod tests {
    use num_integer::Integer;
    use num_traits::Zero;

    use super::{InputError, Output, Rows, check_input};
    use crate::catalogue::claim::{Construction, Unit};
    use crate::catalogue::network::{Design, Encoding, Network, Trigonometric};
    use crate::constructions::matching::keys::TrigonometricKeys;
    use crate::constructions::matching::task::{Task, add};
    use crate::evaluate::datapath;
    use crate::evaluate::matching::tensor_attention::{Factor, output, score};
    use crate::evaluate::prepared::Prepared;
    use crate::numbers::Rational;
    use crate::numbers::interval::Interval;
    use crate::numbers::rational::parse;

    const MODULUS: u64 = 5;

    fn keys() -> Trigonometric {
        Trigonometric { fraction_bits: 5, scale: parse("7/2").unwrap() }
    }

    fn averaging(tokens: u64, sparsity: u64, value_fraction_bits: u64, scale: &str) -> Unit {
        let construction = Construction::MomentCurve;
        Unit { tokens, sparsity, value_dim: sparsity, value_fraction_bits, scale: parse(scale).unwrap(), construction }
    }

    fn network(tokens: u64, design: Design) -> Network {
        Network { modulus: MODULUS, tokens, design }
    }

    /// All inputs of `n_tokens` residues.
    fn inputs(n_tokens: u32) -> impl Iterator<Item = Vec<u64>> {
        let digits = move |number: u64| (0..n_tokens).map(|place| number / MODULUS.pow(place) % MODULUS).collect();
        (0..MODULUS.pow(n_tokens)).map(digits)
    }

    /// Query and factors of explicit keys with the blank last.
    fn explicit(order: u32, own: u64, of_keys: &[u64]) -> (Vec<Rational>, Vec<Factor>) {
        let parameters = keys();
        let explicit = TrigonometricKeys { modulus: MODULUS, order, parameters: &parameters };
        let factor = |factor: u32| {
            let tokens = of_keys.iter().map(|residue| explicit.key(factor, *residue));
            let counts = of_keys.iter().map(|_| true).chain([false]).collect();
            Factor { keys: tokens.chain([explicit.blank_key()]).collect(), counts }
        };
        (explicit.query(own), (0..order - 1).map(factor).collect())
    }

    fn share(output: &Output) -> Interval {
        let Output::Share(share) = output else { panic!("{output:?}") };
        share.clone()
    }

    #[test]
    fn units_are_attention_over_explicit_keys() {
        for (order, design) in [
            (2, Design::Match2(Encoding::Trigonometric(keys()))),
            (3, Design::ThirdOrder(Encoding::Trigonometric(keys()))),
        ] {
            let network = network(3, design);
            for residues in inputs(3) {
                let mut rows = Rows::new(&network, &residues, 3, 96).unwrap();
                for row in [0, 2] {
                    let found = rows.row(row);
                    let own = residues[usize::try_from(row).unwrap()];
                    let (query, factors) = explicit(order, own, &residues);
                    let expected = output(&query, &factors, 96);
                    let found_share = share(&found.output);
                    assert!(found_share.intersect(&expected).is_some(), "{residues:?} {row}");
                    assert!(found_share.is_relatively_narrow(90) && expected.is_relatively_narrow(90));
                    assert_eq!(
                        (found.residue, found.answer),
                        (own, Task::of(&network).answer(MODULUS, &rows.input, row))
                    );
                    let scores = rows.scores(row);
                    let tuples: Vec<Vec<usize>> = match order {
                        2 => (0..3).map(|j| vec![j]).collect(),
                        _ => (0..9).map(|pair| vec![pair / 3, pair % 3]).collect(),
                    };
                    let by_keys = tuples.iter().map(|tuple| Some(score(&query, &factors, tuple)));
                    assert_eq!(scores, by_keys.collect::<Vec<_>>(), "{residues:?} {row}");
                    let blank = vec![3; factors.len()];
                    assert_eq!(rows.blank().0, Some(score(&query, &factors, &blank)));
                    assert_eq!(rows.blank().1, (order == 3).then(|| score(&query, &factors, &[0, 3])));
                }
            }
        }
    }

    /// The residue that the decoder's formula gives for an explicitly evaluated row; `None` where its ends differ.
    fn decoded(unit: &Unit, residues: &[u64], support: &[u64], token: u64) -> Option<u64> {
        let value = |(j, residue): (u64, &u64)| {
            let mut vector = vec![Rational::zero(); usize::try_from(unit.sparsity).unwrap()];
            vector[usize::try_from(j % unit.sparsity).unwrap()] = Rational::new((*residue).into(), MODULUS.into());
            vector
        };
        let values: Vec<Vec<Rational>> = (0..).zip(residues).map(value).collect();
        let row = datapath::evaluate(&Prepared::new(unit).unwrap(), support, &values, 96).unwrap();
        let output = &row.output[usize::try_from(token % unit.sparsity).unwrap()];
        let residue = |end: Rational| {
            let scaled = end * Rational::from_integer((2 * MODULUS * unit.sparsity).into()) + parse("1").unwrap();
            let floor = scaled.numer().div_floor(&(scaled.denom() * 2));
            u64::try_from(floor.clamp(0.into(), (MODULUS - 1).into())).unwrap()
        };
        let (lo, hi) = (residue(output.lo().to_rational()), residue(output.hi().to_rational()));
        (lo == hi).then_some(lo)
    }

    #[test]
    fn local_reads_what_the_formula_says() {
        // A layer that reads right, and one too coarse to.
        for (scale, value_fraction_bits, is_right) in [("1/2", 6, true), ("1/32", 3, false)] {
            let unit = averaging(4, 3, value_fraction_bits, scale);
            let network = network(4, Design::Local { window: 1, averaging: unit.clone() });
            let mut is_always_right = true;
            for residues in inputs(4).step_by(7) {
                let mut rows = Rows::new(&network, &residues, 4, 96).unwrap();
                for (i, tokens) in [(0, 0..2_u64), (1, 0..3), (2, 1..4), (3, 2..4)] {
                    let row = rows.row(i);
                    let window = row.window.expect("local has a window");
                    assert_eq!(window.support, if i < 2 { [0, 1, 2] } else { [1, 2, 3] });
                    assert_eq!(window.tokens, tokens.collect::<Vec<_>>());
                    let by_formula =
                        window.tokens.iter().map(|token| decoded(&unit, &residues, &window.support, *token));
                    assert_eq!(window.read, by_formula.collect::<Vec<_>>(), "{residues:?} {i}");
                    let read: Vec<u64> = window.read.iter().flatten().copied().collect();
                    let sum = |b: &u64, c: &u64| add(MODULUS, row.residue, add(MODULUS, *b, *c));
                    let completes = read.iter().any(|b| read.iter().any(|c| sum(b, c) == 0));
                    assert_eq!(row.output, Output::Answer(completes));
                    is_always_right &= completes == row.answer && read == window.residues;
                }
            }
            assert_eq!(is_always_right, is_right, "{scale}");
        }
    }

    #[test]
    fn bigram_is_attention_over_the_sums_it_reads() {
        for (scale, value_fraction_bits, is_right) in [("4", 8, true), ("1", 3, false)] {
            let unit = averaging(4, 1, value_fraction_bits, scale);
            let network = network(4, Design::Bigram { averaging: unit.clone(), keys: keys() });
            let mut is_always_right = true;
            for residues in inputs(4).step_by(7) {
                let mut rows = Rows::new(&network, &residues, 4, 96).unwrap();
                let sums = rows.sums().expect("bigram has sums").clone();
                let next = |i: usize| {
                    decoded(&unit, &residues, &[u64::try_from(i + 1).unwrap()], u64::try_from(i + 1).unwrap())
                };
                let read: Vec<Option<u64>> = (0..3).map(|i| Some(add(MODULUS, residues[i], next(i)?))).collect();
                assert_eq!(sums.read, read, "{residues:?}");
                is_always_right &= sums.read == sums.exact.iter().copied().map(Some).collect::<Vec<_>>();
                let Some(read) = read.into_iter().collect::<Option<Vec<u64>>>() else {
                    assert_eq!(rows.row(0).output, Output::Unread);
                    continue;
                };
                for row in [0, 3] {
                    let (query, mut factors) = explicit(2, residues[usize::try_from(row).unwrap()], &read);
                    // The last token: key 0, value 0.
                    factors[0].keys.push(vec![Rational::zero(); 3]);
                    factors[0].counts.push(false);
                    let found = share(&rows.row(row).output);
                    assert!(found.intersect(&output(&query, &factors, 96)).is_some(), "{residues:?} {row}");
                    let last = rows.scores(row).pop();
                    assert_eq!(last, Some(Some(Rational::zero())));
                }
            }
            assert_eq!(is_always_right, is_right, "{scale}");
        }
    }

    #[test]
    fn inputs_that_are_refused() {
        assert_eq!(check_input(7, 3, &[0, 6, 3]), Ok(()));
        assert_eq!(check_input(7, 3, &[0, 7, 3]), Err(InputError::Residue { token: 1, value: 7, modulus: 7 }));
        assert_eq!(check_input(7, 2, &[0, 6, 3]), Err(InputError::Length { found: 3, tokens: 2 }));
        // 2^10 residues have 2^20 pairs; one more is too many for every row, and not for one.
        let at = |n_tokens: u64, n_rows: u64| {
            let residues: Vec<u64> = (0..n_tokens).collect();
            let design = Design::Match2(Encoding::Trigonometric(keys()));
            let network = Network { modulus: 5000, tokens: n_tokens, design };
            Rows::new(&network, &residues, n_rows, 96).err()
        };
        assert_eq!(at(1024, 1024), None);
        assert_eq!(at(1025, 1025), Some(InputError::TooMany { n_terms: 1025 * 1025 }));
        assert_eq!(at(1025, 1), None);
    }
}
