//! A unit with every parameter decided: prove the bound, refute it, or say why neither.
//!
//! In: a unit, a method, ε. Out: [`Decision`] with records.
//! Invariant: `Proved` and `Refuted` carry evidence that the checker accepts; both rest on rounded bounds only, never on the search.

use std::sync::{Arc, OnceLock};

use num_bigint::BigInt;
use num_traits::Zero;

use crate::bounds::exhaustive::{self, Stop, Sweep};
use crate::bounds::gram::GramBound;
use crate::bounds::{closed_form, target};
use crate::catalogue::claim::{Construction, Method, Unit};
use crate::certificate::record::{Record, floor_of_target, with_room_up};
use crate::certify::session::Session;
use crate::constructions::sign_keys::SignKeyTable;
use crate::constructions::{moment_curve, supports};
use crate::evaluate::prepared::{Keys, MAX_ENUMERATED_TOKENS, Prepared};
use crate::evaluate::witness::{self, Witness};
use crate::numbers::Rational;
use crate::numbers::dyadic::Dyadic;
use crate::numbers::rational::{canonical, decimal_down, decimal_up};

/// What was found out about `worst-case error ≤ ε`.
#[derive(Clone, Debug)]
pub enum Decision {
    /// It holds; the records are the method's.
    Proved(Vec<Record>),
    /// It fails at this witness; the records are those of a counterexample.
    Refuted(Vec<Record>),
    /// Neither; what was found.
    Open(String),
}

/// An upper bound of `max_y D(y)`, and what a method keeps to write its records.
pub struct Upper {
    /// The bound.
    pub bound: Dyadic,
    /// The support with the largest weight error, if the method looked at supports.
    pub worst: Option<Vec<u64>>,
    /// The enumeration and the bits of its bounds; `None` where the side conditions are the evidence.
    sweep: Option<(Sweep, u32)>,
}

impl Upper {
    /// The method's records for a claim with this target.
    ///
    /// # Errors
    /// [`Stop`] where a block's bound cannot be made sharp.
    pub fn records(&self, subject: &Subject, target: &Rational, session: &Session) -> Result<Vec<Record>, Stop> {
        let (Some((sweep, bits)), Some(prepared)) = (&self.sweep, &subject.prepared) else { return Ok(Vec::new()) };
        let unit = &subject.unit;
        // A target that the rounding of values all but uses up has no room for a floor.
        let has_room =
            |floor: &Dyadic| target::meets(&floor.to_rational(), target, unit.value_dim, unit.value_fraction_bits);
        let floor = floor_of_target(target).filter(has_room);
        let blocks = session.enumerate("records", None, |control| sweep.blocks(prepared, floor.as_ref(), control))?;
        let mut records = Vec::new();
        for block in &blocks {
            if let Keys::Sign { duals: Some(duals), .. } = &prepared.keys {
                records.extend(duals[index(block.first)..index(block.end)].iter().filter_map(Record::dual));
            }
            records.push(Record::block(block, *bits, floor.as_ref()));
        }
        Ok(records)
    }
}

/// Bits of a block bound at the first attempt; `checker/FORMAT.md` allows `2^-45` of slack.
const BLOCK_BITS: u32 = 50;

/// Working precision of closed forms.
const CLOSED_FORM_PRECISION: u32 = 128;

/// Decides `worst-case error of prepared.unit ≤ error` by `method`.
///
/// # Errors
/// [`Stop`] when cancelled, too large to enumerate, or out of precision.
pub fn decide(subject: &Subject, method: Method, error: &Rational, session: &Session) -> Result<Decision, Stop> {
    let unit = &subject.unit;
    let met = |bound: &Dyadic| target::meets(&bound.to_rational(), error, unit.value_dim, unit.value_fraction_bits);
    let mut bits = BLOCK_BITS;
    loop {
        let upper = upper_bound(subject, method, bits, Some(error), session)?;
        if let Some(upper) = upper.as_ref().filter(|upper| met(&upper.bound)) {
            return Ok(Decision::Proved(upper.records(subject, error, session)?));
        }
        let worst = upper.as_ref().and_then(|upper| upper.worst.clone());
        let witness = best_witness(subject, worst, session.max_precision);
        if let Some(witness) = witness.as_ref().filter(|witness| witness.refutes(error)) {
            return Ok(Decision::Refuted(witness_records(subject, witness)));
        }
        // Between both only more bits can decide, and only if the values' rounding leaves room at all.
        let is_close = |upper: &Upper| met(&upper.bound.round_down(BLOCK_BITS - 8));
        if method != Method::Exhaustive || !upper.as_ref().is_some_and(is_close) {
            return Ok(Decision::Open(explain_open(unit, method, error, upper.as_ref(), witness.as_ref())));
        }
        if session.max_precision <= bits {
            return Err(Stop::Precision { bits: session.max_precision });
        }
        bits = bits.saturating_mul(2);
    }
}

/// A unit, with its keys where they can be enumerated.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The unit.
    pub unit: Unit,
    /// Its keys; `None` if there are too many tokens.
    pub prepared: Option<Prepared>,
    /// The coherence and Babel bounds of the keys, computed once for all scales.
    gram: Arc<[OnceLock<GramBound>; 2]>,
}

impl Subject {
    /// Prepares what can be enumerated.
    pub fn new(unit: Unit) -> Subject {
        let prepared = Prepared::new(&unit).ok();
        Subject { unit, prepared, gram: Arc::default() }
    }

    /// The bound by the inner products of the keys.
    fn gram(&self, keys: &SignKeyTable, method: Method) -> &GramBound {
        let slot = &self.gram[usize::from(method == Method::Babel)];
        slot.get_or_init(|| GramBound::new(keys, self.unit.sparsity, method))
    }

    /// The same keys, other parameters (only those that leave keys and dual vectors as they are).
    pub fn with_unit(&self, unit: Unit) -> Subject {
        let prepared = self.prepared.as_ref().map(|prepared| prepared.with_unit(unit.clone()));
        Subject { unit, prepared, gram: Arc::clone(&self.gram) }
    }

    /// The keys, or why the unit cannot be enumerated.
    ///
    /// # Errors
    /// [`Stop::TooMany`].
    pub fn enumerable(&self) -> Result<&Prepared, Stop> {
        let too_many = || Stop::TooMany {
            supports: format!("C({},{})", self.unit.tokens, self.unit.sparsity),
            tokens: self.unit.tokens,
        };
        self.prepared.as_ref().ok_or_else(too_many)
    }
}

/// The method's upper bound of the weight error, sharp unless it is far below `target`; `None` where the method does not apply.
///
/// # Errors
/// [`Stop`] from an enumeration.
pub fn upper_bound(
    subject: &Subject,
    method: Method,
    bits: u32,
    target: Option<&Rational>,
    session: &Session,
) -> Result<Option<Upper>, Stop> {
    let formula = |bound: Option<Dyadic>| bound.map(|bound| Upper { bound, worst: None, sweep: None });
    match method {
        Method::ClosedForm => Ok(formula(closed_form::weight_error_up(&subject.unit, CLOSED_FORM_PRECISION))),
        Method::Coherence | Method::Babel => {
            let prepared = subject.enumerable()?;
            let Keys::Sign { table, .. } = &prepared.keys else { return Ok(None) };
            let bound = subject.gram(table, method);
            Ok(formula(bound.weight_error_up(&subject.unit, CLOSED_FORM_PRECISION)))
        }
        Method::Exhaustive => exhaustive_upper(subject.enumerable()?, bits, target, session).map(Some),
        Method::Decoding | Method::Witness => Ok(None),
    }
}

fn exhaustive_upper(
    prepared: &Prepared,
    bits: u32,
    target: Option<&Rational>,
    session: &Session,
) -> Result<Upper, Stop> {
    let enough = target.and_then(floor_of_target);
    let n_supports = exhaustive::n_supports_of(&prepared.unit)?;
    let sweep = session.enumerate("evaluating every support", Some(n_supports), |control| {
        exhaustive::sweep(prepared, bits + 6, enough.as_ref(), control)
    })?;
    let bound = with_room_up(sweep.top.weight_error.hi(), bits);
    Ok(Upper { bound, worst: Some(sweep.top.worst.clone()), sweep: Some((sweep, bits)) })
}

fn index(position: u64) -> usize {
    usize::try_from(position).expect("an enumerated support")
}

/// The records of a counterexample with error above `error`, if one of the likely supports gives it.
pub fn refutation(
    subject: &Subject,
    worst: Option<Vec<u64>>,
    error: &Rational,
    max_precision: u32,
) -> Option<Vec<Record>> {
    let witness = best_witness(subject, worst, max_precision)?;
    witness.refutes(error).then(|| witness_records(subject, &witness))
}

/// The records of a witness: its dual vector where one is recorded, then itself.
pub fn witness_records(subject: &Subject, witness: &Witness) -> Vec<Record> {
    let dual = subject.prepared.as_ref().and_then(|prepared| prepared.dual_vector(&witness.support));
    dual.as_ref().and_then(Record::dual).into_iter().chain([Record::witness(witness)]).collect()
}

/// The witness with the largest distance among the given support and those that are known to be bad.
pub fn best_witness(subject: &Subject, worst: Option<Vec<u64>>, max_precision: u32) -> Option<Witness> {
    let unit = &subject.unit;
    let enumerable = subject.prepared.as_ref().filter(|_| !is_large_code(unit));
    let Some(prepared) = enumerable else { return witness_of_many_tokens(unit) };
    let candidates = worst.map_or_else(|| likely_supports(unit), |worst| vec![worst]);
    candidates
        .iter()
        .filter_map(|support| precise_witness(prepared, support, max_precision))
        .reduce(|best, next| if best.distance < next.distance { next } else { best })
}

/// A witness where the tokens cannot be enumerated.
fn witness_of_many_tokens(unit: &Unit) -> Option<Witness> {
    match &unit.construction {
        Construction::CodeKeys(code) => witness::of_large_code(unit, code, precision_for_gap(unit, code.evaluations)),
        Construction::MomentCurve if unit.sparsity < witness::WINDOW => {
            let support = moment_curve::worst_support(unit.tokens.min(witness::WINDOW), unit.sparsity);
            let least_gap = moment_curve::least_gap(unit.sparsity);
            let fraction_bits = precision_for_gap(unit, u64::try_from(least_gap).unwrap_or(u64::MAX));
            let mass_up = closed_form::moment_curve_mass_up(unit, fraction_bits);
            witness::of_long_moment_curve(unit, &support, &mass_up, fraction_bits)
        }
        Construction::MomentCurve | Construction::SignKeys(_) => None,
    }
}

/// Whether a code-keys witness is taken from common bounds: the checker's limit for evaluating every token.
fn is_large_code(unit: &Unit) -> bool {
    match &unit.construction {
        Construction::CodeKeys(code) => {
            MAX_ENUMERATED_TOKENS < unit.tokens || 1 << 22 < u128::from(unit.tokens) * u128::from(code.evaluations)
        }
        Construction::MomentCurve | Construction::SignKeys(_) => false,
    }
}

/// Enough bits for `e^{-α·gap}` and 128 more.
fn precision_for_gap(unit: &Unit, gap: u64) -> u32 {
    let exponent = (&unit.scale * BigInt::from(gap) * BigInt::from(2)).ceil();
    u32::try_from(exponent.to_integer()).unwrap_or(u32::MAX).min(60_000).saturating_add(128)
}

/// The worst input at `support`, with enough bits that the distance is known to about `2^-50` of itself.
fn precise_witness(prepared: &Prepared, support: &[u64], max_precision: u32) -> Option<Witness> {
    let error = exhaustive::weight_error(prepared, support, 64, max_precision).ok()?;
    let magnitude = error.hi().magnitude().unwrap_or(0);
    let fraction_bits = u32::try_from(128 - magnitude.min(0)).ok()?;
    witness::at_support(prepared, support, fraction_bits)
}

/// Supports worth trying when nothing was enumerated.
fn likely_supports(unit: &Unit) -> Vec<Vec<u64>> {
    if let (Construction::MomentCurve, true) = (&unit.construction, unit.sparsity < unit.tokens) {
        return vec![moment_curve::worst_support(unit.tokens, unit.sparsity)];
    }
    const TRIED: usize = 8;
    let mut support: Vec<u64> = (0..unit.sparsity).collect();
    let mut tried = vec![support.clone()];
    while tried.len() < TRIED && supports::advance(unit.tokens, &mut support).is_some() {
        tried.push(support.clone());
    }
    tried
}

/// What a method asks of a unit.
pub fn requirement(method: Method) -> &'static str {
    match method {
        Method::Coherence | Method::Babel => {
            " (it needs --dual least-squares and inner products that are small enough)"
        }
        Method::ClosedForm => " (it needs evaluations > sparsity * (degree_bound - 1))",
        Method::Exhaustive | Method::Decoding | Method::Witness => "",
    }
}

/// Why the claim stays open, with the numbers.
fn explain_open(
    unit: &Unit,
    method: Method,
    error: &Rational,
    upper: Option<&Upper>,
    witness: Option<&Witness>,
) -> String {
    let proved = upper.map_or_else(
        || format!("{} does not apply to this unit{}", method.name(), requirement(method)),
        |upper| {
            let total = upper.bound.to_rational() + target::rounding_term_up(unit.value_dim, unit.value_fraction_bits);
            format!("{} proves error <= {}", method.name(), decimal_up(&total, 6))
        },
    );
    let shown = witness.map_or_else(Rational::zero, |witness| witness.distance.to_rational());
    let (shown, error) = (decimal_down(&shown, 6), canonical(error));
    format!("{proved}, the best witness shows error >= {shown}, and {error} lies between")
}
