//! Two inputs that a network confuses: one with a match whose output is at most that of one without.
//!
//! In: a network that is not separated. Out: a confusion record, if one is found.
//! Invariant: the search needs no trust; what it returns was evaluated exactly.
//! Source: `checker/FORMAT.md`, rule `confusion`.

use std::cmp::Ordering;

use crate::bounds::exhaustive::token_cost;
use crate::bounds::matching::decoding::Failure;
use crate::bounds::matching::{Extremes, triple_table};
use crate::catalogue::claim::Method;
use crate::catalogue::claim::Unit;
use crate::catalogue::network::{Design, Encoding, Network};
use crate::certificate::record::Record;
use crate::certify::matching::decide::extremes;
use crate::certify::session::Session;
use crate::constructions::matching::scores::Scores;
use crate::constructions::matching::task::{Input, Task, add, negate};
use crate::evaluate::matching::decoder::{self, LayerRow, layer_row, local_output};
use crate::evaluate::matching::exp_sum::ExpSum;
use crate::evaluate::matching::mass;
use crate::evaluate::prepared::{MAX_ENUMERATED_TOKENS, Prepared, indices};

/// The largest N at which a failing closed form leads to a search for a row that is read wrong.
pub const MAX_TOKENS: u64 = 1 << 9;

/// The most work of the rows that a confusion needs (a limit of `checker/FORMAT.md`).
const MAX_ROWS_WORK: u128 = 1 << 30;

/// Fraction bits of the weights of an evaluated averaging layer.
const LAYER_BITS: u32 = 256;

/// Residues of each kind that the search tries where there are too many to try all.
const N_SAMPLES: u64 = 48;

/// An input, the row that is looked at, and its mass.
struct Evaluated {
    input: Input,
    row: u64,
    mass: ExpSum,
}

fn record(with: &Evaluated, without: &Evaluated) -> Record {
    Record::confusion(with.row, &with.input, without.row, &without.input)
}

/// Whether the checker evaluates the rows of a confusion of this network.
pub fn is_checkable(network: &Network, averaging: &Unit) -> bool {
    let rows = if matches!(network.design, Design::Local { .. }) { 2 } else { u128::from(network.tokens) };
    let work = (rows * u128::from(network.tokens)).saturating_mul(token_cost(averaging));
    network.tokens <= MAX_ENUMERATED_TOKENS && work <= MAX_ROWS_WORK
}

/// A confusion of the unit that is compared with a threshold.
pub fn unit(network: &Network, extremes: &Extremes, session: &Session) -> Option<Record> {
    let (with, without) = match &network.design {
        Design::Match2(encoding) => candidates(network, 2, encoding, extremes),
        Design::ThirdOrder(encoding) => candidates(network, 3, encoding, extremes),
        // The averaging layer reads right, so the extremes of the second layer are attained.
        Design::Bigram { averaging, .. } if is_checkable(network, averaging) => {
            let side = |side: &crate::bounds::matching::Side| {
                side.input
                    .iter()
                    .map(|input| Evaluated { input: input.clone(), row: 0, mass: side.mass.clone() })
                    .collect()
            };
            (side(&extremes.with), side(&extremes.without))
        }
        Design::Bigram { .. } | Design::Local { .. } => return None,
    };
    let with = extreme(with, Ordering::Less, session)?;
    let without = extreme(without, Ordering::Greater, session)?;
    confused(&with, &without, session).then(|| record(&with, &without))
}

fn confused(with: &Evaluated, without: &Evaluated, session: &Session) -> bool {
    let order = with.mass.compare(&without.mass, session.max_precision.min(2048));
    matches!(order, Some(Ordering::Less | Ordering::Equal))
}

fn extreme(candidates: Vec<Evaluated>, wanted: Ordering, session: &Session) -> Option<Evaluated> {
    candidates.into_iter().reduce(|best, next| {
        if next.mass.compare(&best.mass, session.max_precision) == Some(wanted) { next } else { best }
    })
}

/// Inputs with a match and inputs without one, evaluated at row 0.
fn candidates(
    network: &Network,
    order: u32,
    encoding: &Encoding,
    extremes: &Extremes,
) -> (Vec<Evaluated>, Vec<Evaluated>) {
    let Network { modulus, tokens, .. } = network;
    let task = Task::of(network);
    let mut scores = Scores::new(*modulus, order, encoding);
    let mut inputs: Vec<Input> =
        [&extremes.with.input, &extremes.without.input].into_iter().flatten().cloned().collect();
    if inputs.is_empty() {
        let rows = match encoding {
            Encoding::Trigonometric(keys) if order == 3 && *modulus <= 512 => triple_table::rows(*modulus, keys),
            _ => None,
        };
        inputs = structured_inputs(*modulus, *tokens, order, rows.as_deref().unwrap_or_default());
    }
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for input in inputs {
        let Some(own) = input.residue(0) else { continue };
        let mass = mass::of_input(&mut scores, own, &input);
        let side = if task.answer(*modulus, &input, 0) { &mut with } else { &mut without };
        side.push(Evaluated { input, row: 0, mass });
    }
    (with, without)
}

/// Residues spread over the circle, with the ends and the middle.
fn samples(modulus: u64) -> Vec<u64> {
    let spread = |i: u64| {
        let position = u128::from(modulus) * u128::from(i) / u128::from(N_SAMPLES);
        u64::try_from(position).unwrap_or(0)
    };
    let special = [0, 1, 2, modulus / 2, modulus.div_ceil(2), modulus - 1, modulus.saturating_sub(2)];
    let mut residues: Vec<u64> =
        if modulus <= N_SAMPLES { (0..modulus).collect() } else { (0..N_SAMPLES).map(spread).chain(special).collect() };
    residues.sort_unstable();
    residues.dedup();
    residues
}

/// The residues x with `k·x ≡ value`.
fn quotients(modulus: u64, k: u64, value: u64) -> Vec<u64> {
    // Of the k values value + t·M, those that k divides.
    let lifted = (0..k).map(|t| u128::from(value) + u128::from(t) * u128::from(modulus));
    lifted
        .filter(|lifted| lifted % u128::from(k) == 0)
        .filter_map(|lifted| u64::try_from(lifted / u128::from(k)).ok())
        .collect()
}

/// Inputs that are likely to be extreme: one residue and a worst partner repeated; one match and the rest far away.
fn structured_inputs(modulus: u64, tokens: u64, order: u32, rows: &[triple_table::Row]) -> Vec<Input> {
    let mut inputs = Vec::new();
    let others = tokens - 1;
    let residues = samples(modulus);
    let steps = [1, modulus - 1];
    // All alike: s·a ≡ ±1.
    for step in steps {
        inputs.extend(quotients(modulus, u64::from(order), step).into_iter().map(|a| Input::new([(a, tokens)])));
    }
    inputs.extend(residues.iter().map(|&a| Input::new([(a, tokens)])));
    for &a in &residues {
        for step in steps {
            let rest = add(modulus, step, negate(modulus, a));
            let partners = if order == 2 { vec![rest] } else { quotients(modulus, 2, rest) };
            inputs.extend(partners.into_iter().map(|b| Input::new([(a, 1), (b, others)])));
        }
        let rest = negate(modulus, a);
        let partners = if order == 2 { vec![rest] } else { quotients(modulus, 2, rest) };
        for b in partners.into_iter().filter(|_| 2 <= tokens) {
            let fill = |d: &u64| Input::new([(a, 1), (b, 1), (*d, tokens - 2)]);
            inputs.extend(residues.iter().map(fill));
        }
    }
    inputs.extend(inputs_of_rows(tokens, rows, &residues));
    inputs
}

/// Inputs from the extreme scores of a table.
fn inputs_of_rows(tokens: u64, rows: &[triple_table::Row], residues: &[u64]) -> Vec<Input> {
    const N_ROWS: usize = 8;
    let others = tokens - 1;
    let mut inputs = Vec::new();
    let mut highest: Vec<_> = rows.iter().filter_map(|row| row.without.map(|without| (row.residue, without))).collect();
    highest.sort_by_key(|(_, without)| std::cmp::Reverse(without.highest.0.max(without.double.0)));
    for (a, without) in highest.into_iter().take(N_ROWS) {
        let (_, b, c) = without.highest;
        inputs.push(Input::new([(a, 1), (without.double.1, others)]));
        inputs.push(Input::new([(a, 1), (b, others / 2), (c, others - others / 2)]));
    }
    let mut lowest: Vec<&triple_table::Row> = rows.iter().collect();
    lowest.sort_by_key(|row| row.matching.0);
    for row in lowest.into_iter().take(N_ROWS).filter(|_| 3 <= tokens) {
        let (_, b, c) = row.matching;
        let runs = |d: u64| if b == c { [(b, 1), (d, tokens - 2), (d, 0)] } else { [(b, 1), (c, 1), (d, tokens - 3)] };
        inputs.extend(residues.iter().map(|&d| Input::new([(row.residue, 1)].into_iter().chain(runs(d)))));
    }
    inputs
}

/// A confusion because the averaging layer reads a token wrong.
pub fn layer(network: &Network, averaging: &Unit, failure: &Failure, session: &Session) -> Option<Record> {
    let prepared = Prepared::new(averaging).ok()?;
    match &network.design {
        Design::Local { window, .. } => local(network, *window, &prepared, failure),
        Design::Bigram { .. } => bigram(network, &prepared, failure, session),
        Design::Match2(_) | Design::ThirdOrder(_) => None,
    }
}

/// The values that make the failing token be read wrong: its coordinate's others at the extreme, everything else at `fill`.
fn failing_values(network: &Network, sparsity: u64, failure: &Failure, fill: u64) -> Vec<u64> {
    let extreme = if failure.too_high { network.modulus - 1 } else { 0 };
    let value = |j: u64| match j {
        j if j == failure.token => failure.residue,
        j if j % sparsity == failure.token % sparsity => extreme,
        _ => fill,
    };
    (0..network.tokens).map(value).collect()
}

fn local(network: &Network, window: u64, prepared: &Prepared, failure: &Failure) -> Option<Record> {
    let Network { modulus, tokens, .. } = network;
    let task = Task::Local { window };
    let sparsity = prepared.unit.sparsity;
    let row = layer_row(prepared, &failure.support, LAYER_BITS);
    let start = failure.support[0];
    let is_near =
        |i: &u64| decoder::window_start(*i, window, *tokens, sparsity) == start && failure.token.abs_diff(*i) <= window;
    for i in (0..*tokens).filter(is_near) {
        for fill in samples(*modulus) {
            let mut values = failing_values(network, sparsity, failure, fill);
            let twice = add(*modulus, failure.residue, failure.residue);
            let mixed = add(*modulus, failure.residue, fill);
            // The row's own token may be the one that is read wrong; then other residues of it may be, too.
            let own_is_wrong = (i == failure.token).then_some(failure.residue);
            let likely = [negate(*modulus, twice), negate(*modulus, mixed)];
            let owns: Vec<u64> = own_is_wrong.into_iter().chain(samples(*modulus)).chain(likely).collect();
            for own in owns {
                values[indices(&[i])[0]] = own;
                let input = Input::from_tokens(&values);
                let output = local_output(prepared, *modulus, window, &row, &values, i)?;
                let found = match (task.answer(*modulus, &input, i), output) {
                    (true, false) => Record::confusion(i, &input, 0, &Input::new([(1, *tokens)])),
                    (false, true) => Record::confusion(0, &Input::new([(0, *tokens)]), i, &input),
                    _ => continue,
                };
                return Some(found);
            }
        }
    }
    None
}

fn bigram(network: &Network, prepared: &Prepared, failure: &Failure, session: &Session) -> Option<Record> {
    let Design::Bigram { keys, .. } = &network.design else { return None };
    let modulus = network.modulus;
    let supports = decoder::supports(Task::Bigram, network.tokens, 1);
    let rows: Vec<LayerRow> = supports.iter().map(|support| layer_row(prepared, support, LAYER_BITS)).collect();
    let mut scores = Scores::new(modulus, 2, &Encoding::Trigonometric(keys.clone()));
    let mut evaluate = |values: &[u64], row: u64| {
        let sums = decoder::bigram_sums(prepared, modulus, &rows, values)?;
        let runs: Vec<(u64, u64)> = sums.into_iter().map(|sum| (sum, 1)).collect();
        let mass = mass::of_keys(&mut scores, values[indices(&[row])[0]], &runs);
        Some(Evaluated { input: Input::from_tokens(values), row, mass })
    };
    let (mut with, mut without) = (Vec::new(), Vec::new());
    let known = extremes(network, Method::Decoding)?;
    let mut tried: Vec<(Vec<u64>, u64)> = [&known.with.input, &known.without.input]
        .into_iter()
        .flatten()
        .map(|input| (input.tokens(), 0))
        .chain([(vec![0; indices(&[network.tokens])[0]], 0)])
        .collect();
    let before = failure.token - 1;
    let read = rows.get(indices(&[before])[0])?;
    // The token before it is a neighbour, so its residue should disturb as the others do, yet differ from them.
    let steps = 0..8.min(modulus);
    for previous in steps.map(|step| if failure.too_high { modulus - 1 - step } else { step }) {
        let mut values = failing_values(network, 1, failure, 0);
        values[indices(&[before])[0]] = previous;
        let wrong = decoder::read(prepared, modulus, read, &values, failure.token).unwrap_or(failure.residue);
        for i in (0..network.tokens).filter(|i| *i != before && *i != failure.token).take(8) {
            for partner in [failure.residue, wrong] {
                let mut asked = values.clone();
                asked[indices(&[i])[0]] = negate(modulus, add(modulus, previous, partner));
                tried.push((asked, i));
            }
        }
    }
    for (values, row) in tried {
        let Some(evaluated) = evaluate(&values, row) else { continue };
        let side = if Task::Bigram.answer(modulus, &evaluated.input, row) { &mut with } else { &mut without };
        side.push(evaluated);
    }
    let with = extreme(with, Ordering::Less, session)?;
    let without = extreme(without, Ordering::Greater, session)?;
    confused(&with, &without, session).then(|| record(&with, &without))
}
