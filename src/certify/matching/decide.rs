//! A network with every parameter decided: prove its decision, refute it, or say why neither.
//!
//! In: a network and a method. Out: [`Decision`].
//! Invariant: `Proved` and `Refuted` carry evidence that the checker accepts; they rest on exact comparisons and rounded bounds, never on the search.

use std::sync::atomic::Ordering;

use num_traits::One;

use super::refute;
use crate::bounds::exhaustive::Stop;
use crate::bounds::matching::gap::{Gap, gap};
use crate::bounds::matching::{Extremes, decoding, formula, pair_table, triple_table};
use crate::catalogue::claim::{Method, Statement, Unit};
use crate::catalogue::network::{Design, Encoding, Network, Trigonometric};
use crate::certificate::record::Record;
use crate::certify::averaging;
use crate::certify::averaging::decide::Subject;
use crate::certify::session::Session;
use crate::constructions::matching::scores::Scores;
use crate::constructions::matching::task::Task;
use crate::evaluate::matching::{decoder, mass};
use crate::numbers::Rational;
use crate::numbers::rational::{decimal_down, decimal_up};

/// What was found out about a network.
#[derive(Clone, Debug)]
pub enum Decision {
    /// It decides every input right; the records are those of its averaging layer.
    Proved(Statement, Vec<Record>),
    /// Two inputs are confused.
    Refuted(Box<Record>),
    /// Neither; what was found.
    Open(String),
}

/// The largest M whose pairs the bigram rule tabulates.
pub const MAX_BIGRAM_TABLE: u64 = 1 << 13;

/// The largest M whose pairs, and the largest M³ of triples, a table may have.
const MAX_PAIRS: u128 = 1 << 30;

/// Decides a network by `method`.
///
/// # Errors
/// [`Stop`] when cancelled, too large to enumerate, or out of precision.
pub fn decide(network: &Network, method: Method, session: &Session) -> Result<Decision, Stop> {
    let Some(unit) = network.averaging() else {
        let Some(extremes) = extremes(network, method) else { return Ok(Decision::Open(inapplicable(method))) };
        return Ok(decide_unit(network, &extremes, session));
    };
    let records = match layer(network, unit, method, session)? {
        Layer::Reads(records) => records,
        Layer::Fails(record) => return Ok(Decision::Refuted(record)),
        Layer::Open(reason) => return Ok(Decision::Open(reason)),
    };
    match extremes(network, method) {
        None => Ok(Decision::Proved(Statement::Decision { gap: None }, records)),
        Some(extremes) => Ok(match decide_unit(network, &extremes, session) {
            Decision::Proved(statement, _) => Decision::Proved(statement, records),
            other => other,
        }),
    }
}

/// Decides the unit whose output is compared with a threshold.
pub(super) fn decide_unit(network: &Network, extremes: &Extremes, session: &Session) -> Decision {
    match gap(extremes, session.max_precision) {
        Gap::Separated(lo, hi) => Decision::Proved(Statement::Decision { gap: Some((lo, hi)) }, Vec::new()),
        Gap::Overlap => match refute::unit(network, extremes, session) {
            Some(record) => Decision::Refuted(Box::new(record)),
            None => Decision::Open(explain_open(extremes, "overlap, and no two inputs were found that are confused")),
        },
        Gap::Unknown => Decision::Open(explain_open(
            extremes,
            "are closer than --max-precision can tell, or one of them is out of range",
        )),
    }
}

/// Whether a unit is separated; what the choice of parameters asks.
///
/// # Errors
/// [`Stop::Cancelled`].
pub fn is_separated(network: &Network, method: Method, session: &Session) -> Result<bool, Stop> {
    if session.cancel.load(Ordering::Relaxed) {
        return Err(Stop::Cancelled);
    }
    let extremes = extremes(network, method);
    Ok(extremes.is_some_and(|extremes| matches!(gap(&extremes, session.max_precision), Gap::Separated(..))))
}

/// The extremes of the unit that is compared with a threshold; `None` for local, and where the method does not apply.
pub fn extremes(network: &Network, method: Method) -> Option<Extremes> {
    let Network { modulus, tokens, design } = network;
    let (modulus, tokens) = (*modulus, *tokens);
    let power = |exponent: u32| u128::from(modulus).checked_pow(exponent).is_some_and(|power| power <= MAX_PAIRS);
    match (design, method) {
        (Design::Match2(Encoding::Polynomial { scale }), _) => Some(formula::match2_polynomial(modulus, tokens, scale)),
        (Design::Match2(Encoding::Trigonometric(keys)), Method::Exhaustive) => {
            power(2).then(|| pair_table::match2(modulus, tokens, keys)).flatten()
        }
        (Design::Match2(encoding @ Encoding::Trigonometric(keys)), _) => {
            let rest = mass::rest(&Scores::new(modulus, 2, encoding), tokens);
            Some(formula::match2_trigonometric(modulus, tokens, keys, rest))
        }
        (Design::ThirdOrder(encoding), _) => {
            let rest = mass::rest(&Scores::new(modulus, 3, encoding), tokens);
            match (encoding, method) {
                (Encoding::Polynomial { scale }, _) => {
                    Some(formula::third_order_polynomial(modulus, tokens, scale, rest))
                }
                (Encoding::Trigonometric(keys), Method::Exhaustive) => {
                    power(3).then(|| triple_table::third_order(modulus, tokens, keys, rest)).flatten()
                }
                (Encoding::Trigonometric(keys), _) => {
                    Some(formula::third_order_trigonometric(modulus, tokens, keys, rest))
                }
            }
        }
        (Design::Local { .. }, _) => None,
        (Design::Bigram { keys, .. }, _) => Some(second_layer(modulus, tokens, keys)),
    }
}

fn second_layer(modulus: u64, tokens: u64, keys: &Trigonometric) -> Extremes {
    let rest = mass::rest_of_bigram(&Scores::new(modulus, 2, &Encoding::Trigonometric(keys.clone())));
    let table =
        (modulus <= MAX_BIGRAM_TABLE).then(|| pair_table::bigram(modulus, tokens, keys, rest.clone())).flatten();
    table.unwrap_or_else(|| formula::match2_trigonometric(modulus, tokens - 1, keys, rest))
}

/// What is known about an averaging layer.
enum Layer {
    /// Every residue is read right; the records of its method.
    Reads(Vec<Record>),
    /// Two inputs are confused because of it.
    Fails(Box<Record>),
    /// Neither.
    Open(String),
}

/// The error that every coordinate of the averaging layer must stay below: `1/(2Mq+1)`, just under half a step.
pub fn layer_error(modulus: u64, sparsity: u64) -> Rational {
    let steps = Rational::from_integer(modulus.into()) * Rational::from_integer(sparsity.into());
    (steps * Rational::from_integer(2.into()) + Rational::one()).recip()
}

/// Whether the decoder reads every residue right; what the choice of parameters asks.
///
/// # Errors
/// [`Stop`] when cancelled, or where the tokens cannot be enumerated.
pub fn first_failure(network: &Network, unit: &Unit, session: &Session) -> Result<Option<decoding::Failure>, Stop> {
    let subject = Subject::new(unit.clone());
    let prepared = subject.enumerable()?;
    let supports = decoder::supports(Task::of(network), network.tokens, unit.sparsity);
    let n_supports = u64::try_from(supports.len()).ok();
    session.enumerate("reading every row", n_supports, |control| {
        decoding::first_failure(prepared, network.modulus, &supports, control)
    })
}

fn layer(network: &Network, unit: &Unit, method: Method, session: &Session) -> Result<Layer, Stop> {
    let (reason, failure) = if method == Method::Decoding {
        match first_failure(network, unit, session)? {
            None => return Ok(Layer::Reads(Vec::new())),
            Some(failure) => {
                let side = if failure.too_high { "high" } else { "low" };
                let reason = format!(
                    "token {} of the row {:?} may be read too {side} at residue {}",
                    failure.token, failure.support, failure.residue
                );
                (reason, Some(failure))
            }
        }
    } else {
        let mut subject = Subject::new(unit.clone());
        if method == Method::Exhaustive {
            subject.tabulate_duals(session)?;
        }
        let error = layer_error(network.modulus, unit.sparsity);
        let reason = match averaging::decide::decide(&subject, method, &error, session)? {
            averaging::decide::Decision::Proved(records) => return Ok(Layer::Reads(records)),
            averaging::decide::Decision::Refuted(_) => {
                format!("the averaging layer's worst error is above {error}, although --method decoding may succeed")
            }
            averaging::decide::Decision::Open(reason) => reason,
        };
        let is_short = network.tokens <= refute::MAX_TOKENS;
        (reason, if is_short { first_failure(network, unit, session)? } else { None })
    };
    let failure = failure.filter(|_| refute::is_checkable(network, unit));
    let record = failure.and_then(|failure| refute::layer(network, unit, &failure, session));
    Ok(record.map_or(Layer::Open(reason), |record| Layer::Fails(Box::new(record))))
}

pub(super) fn inapplicable(method: Method) -> String {
    format!(
        "{} does not apply: a table needs modulus^2 (third order: modulus^3) at most 2^30 and order*fraction_bits + \
         bits of the scale at most 118",
        method.name()
    )
}

fn explain_open(extremes: &Extremes, what: &str) -> String {
    let without = extremes.without.mass.share(&extremes.rest, 128);
    let with = extremes.with.mass.share(&extremes.rest, 128);
    format!(
        "outputs without a match are at most {}, with one at least {}: they {what}",
        decimal_up(&without.hi().to_rational(), 9),
        decimal_down(&with.lo().to_rational(), 9)
    )
}
