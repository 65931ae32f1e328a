//! Choosing the open parameters of a request.
//!
//! In: a request. Out: a unit with every parameter decided, or the top of the grid that does not certify.
//! Order: width (least m' with margin at least 1/2 at every support), then the least scale on the grid, then the least f, then the least f_v.
//! Invariant: nothing here is trusted; `run` proves or refutes what is chosen.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use num_bigint::BigInt;
use num_traits::{One, Zero};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use thiserror::Error;

use super::decide::{Subject, upper_bound};
use crate::bounds::exhaustive::{self, Stop};
use crate::bounds::gram::GramBound;
use crate::bounds::target;
use crate::catalogue::claim::{CodeKeys, Construction, Dual, Kind, Method, SignKeys, Unit};
use crate::catalogue::request::{AveragingRequest, DualName};
use crate::certify::grid;
use crate::certify::session::Session;
use crate::constructions::dual::{self, DualVector};
use crate::constructions::sign_keys::SignKeyTable;
use crate::constructions::{code_keys, moment_curve, supports};
use crate::evaluate::prepared::{Keys, MAX_ENUMERATED_TOKENS, Prepared, indices};
use crate::numbers::Rational;
use crate::numbers::dyadic::Dyadic;
use crate::numbers::rational::{canonical, pow2};

/// A decided unit.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The unit with its keys.
    pub subject: Subject,
    /// How it is to be proved.
    pub method: Method,
    /// ε of the choice (the request's, or [`default_error`] for an enclosure without one).
    pub error: Rational,
    /// Which parameters were chosen here, in the order of choice.
    pub chosen: Vec<&'static str>,
    /// Set when nothing on some grid certifies: what was at its top.
    pub top: Option<String>,
}

/// Why no unit was chosen.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Unresolved {
    /// An enumeration ended early.
    #[error(transparent)]
    Stop(#[from] Stop),
    /// No unit has the stated parameters together.
    #[error("{0}")]
    IllFormed(String),
}

/// What auto aims at when an enclosure states no error.
pub fn default_error() -> Rational {
    Rational::new(1.into(), 100.into())
}

/// The largest width that auto tries.
const MAX_AUTO_WIDTH: u64 = 1 << 13;

/// Auto widths of the Gram methods are multiples of this, and at most so many of them.
const GRAM_WIDTH_STEP: u64 = 64;
const MAX_GRAM_STEPS: i64 = 1 << 11;

/// Share of ε that values' rounding may take while scale and fraction bits are chosen: `2^-6`.
const VALUE_SHARE_BITS: u32 = 6;

/// Decides every open parameter of `request`.
///
/// # Errors
/// [`Unresolved`] from an enumeration, or if the stated parameters do not make a unit.
pub fn resolve(request: &AveragingRequest, session: &Session) -> Result<Resolved, Unresolved> {
    let error = request.error.clone().unwrap_or_else(default_error);
    let method = choose_method(request);
    let mut choice = Choice { request, session, method, error, chosen: Vec::new(), top: None };
    let unit = choice.unit()?;
    if let Some(reason) = ill_formed(&unit) {
        return Err(Unresolved::IllFormed(reason));
    }
    let subject = choice.subject(unit)?;
    let subject = choice.scale(subject)?;
    let subject = choice.fraction_bits(subject)?;
    let subject = choice.value_fraction_bits(subject)?;
    Ok(Resolved { subject, method, error: choice.error, chosen: choice.chosen, top: choice.top })
}

/// A parameter combination that no certificate may have.
fn ill_formed(unit: &Unit) -> Option<String> {
    let Construction::CodeKeys(code) = &unit.construction else { return None };
    let CodeKeys { field_size, degree_bound, evaluations } = code;
    if !code_keys::is_prime(*field_size) {
        Some(format!("field_size = {field_size} is not prime; give a prime, or leave it to auto"))
    } else if field_size < evaluations {
        Some(format!(
            "evaluations = {evaluations} exceeds field_size = {field_size}; give fewer points or a larger field"
        ))
    } else if !code_keys::has_enough_polynomials(code, unit.tokens) {
        let tokens = unit.tokens;
        Some(format!("tokens = {tokens} exceeds field_size^degree_bound = {field_size}^{degree_bound}; raise either"))
    } else {
        None
    }
}

/// The stated method, or the first of the entry's that can decide the claim.
fn choose_method(request: &AveragingRequest) -> Method {
    if let Some(method) = request.method {
        return method;
    }
    let wants_exhaustive = request.kind == Kind::Enclosure;
    let methods = request.entry.methods;
    let exhaustive_first = methods.first() == Some(&Method::Exhaustive) || wants_exhaustive;
    if exhaustive_first && is_quickly_enumerated(request) {
        return Method::Exhaustive;
    }
    *methods.iter().find(|method| **method != Method::Exhaustive).expect("every entry has a bound for all supports")
}

/// Whether auto may enumerate every support.
pub fn is_quickly_enumerated(request: &AveragingRequest) -> bool {
    const MAX_SUPPORTS: u64 = 1_000_000;
    let n_supports = exhaustive::n_supports(request.tokens, request.sparsity);
    request.tokens <= MAX_ENUMERATED_TOKENS && n_supports.is_ok_and(|n_supports| n_supports <= MAX_SUPPORTS)
}

struct Choice<'a> {
    request: &'a AveragingRequest,
    session: &'a Session<'a>,
    method: Method,
    error: Rational,
    chosen: Vec<&'static str>,
    top: Option<String>,
}

impl Choice<'_> {
    /// The unit with its width; open scale and fraction bits stand at provisional values.
    fn unit(&mut self) -> Result<Unit, Stop> {
        let construction = match self.request.entry.id {
            "sparse-averaging/moment-curve" => Construction::MomentCurve,
            "sparse-averaging/code-keys" => Construction::CodeKeys(self.code()),
            _ => Construction::SignKeys(self.sign_keys()?),
        };
        let request = self.request;
        Ok(Unit {
            tokens: request.tokens,
            sparsity: request.sparsity,
            value_dim: request.value_dim,
            value_fraction_bits: request.value_fraction_bits.unwrap_or_else(|| self.provisional_value_bits()),
            construction,
            scale: request.scale.clone().unwrap_or_else(Rational::one),
        })
    }

    /// The unit with its keys, and with its dual vectors where every support is enumerated.
    fn subject(&self, unit: Unit) -> Result<Subject, Stop> {
        let mut subject = Subject::new(unit);
        if self.method == Method::Exhaustive {
            subject.tabulate_duals(self.session)?;
        }
        Ok(subject)
    }

    /// f_v that costs at most `2^-6` of ε.
    fn provisional_value_bits(&self) -> u64 {
        target::value_bits_below(&self.error, VALUE_SHARE_BITS, self.request.value_dim)
    }

    /// f so fine that rounding the queries costs at most `2^-16` of ε.
    fn provisional_fraction_bits(&self, key_width: u64) -> u64 {
        let error = if self.error.is_zero() { default_error() } else { self.error.clone() };
        let ratio = Rational::from_integer(key_width.into()) / error;
        let magnitude = Dyadic::rational_up(&ratio, 2).magnitude().unwrap_or(0);
        u64::try_from(magnitude + 17).unwrap_or(0)
    }

    fn sign_keys(&mut self) -> Result<SignKeys, Stop> {
        let request = self.request;
        let dual = match request.dual {
            DualName::LeastSquares => Dual::LeastSquares,
            DualName::MaxMargin => Dual::MaxMargin { margin: request.margin.clone() },
        };
        let key_width = match request.key_width {
            Some(width) => width,
            None => self.width(&dual)?,
        };
        let fraction_bits = request.fraction_bits.unwrap_or_else(|| self.provisional_fraction_bits(key_width));
        Ok(SignKeys { key_width, seed: request.seed, dual, fraction_bits })
    }

    /// The least m' with margin at least 1/2 (max-margin: its own margin) at every support.
    fn width(&mut self, dual: &Dual) -> Result<u64, Stop> {
        self.chosen.push("key_width");
        let (request, session) = (self.request, self.session);
        let n_tokens = usize::try_from(request.tokens).unwrap_or(usize::MAX);
        let table =
            |width: u64| SignKeyTable::new(n_tokens, usize::try_from(width).unwrap_or(usize::MAX), request.seed);
        if self.method == Method::Exhaustive {
            let mut hot = Vec::new();
            for width in request.sparsity.saturating_sub(1).max(1)..=MAX_AUTO_WIDTH {
                if has_margin_everywhere(&table(width), request, dual, &mut hot, session)? {
                    return Ok(width);
                }
            }
        } else if request.tokens <= MAX_ENUMERATED_TOKENS {
            let half = Rational::new(1.into(), 2.into());
            let holds = |step: i64| -> Result<bool, Stop> {
                if session.cancel.load(Ordering::Relaxed) {
                    return Err(Stop::Cancelled);
                }
                let keys = table(GRAM_WIDTH_STEP * step.unsigned_abs());
                Ok(GramBound::new(&keys, request.sparsity, self.method).margin().is_some_and(|margin| half <= margin))
            };
            if let Some(step) = grid::least_by_doubling(MAX_GRAM_STEPS, holds)? {
                return Ok(GRAM_WIDTH_STEP * step.unsigned_abs());
            }
        }
        self.top = Some(format!("no key_width up to {MAX_AUTO_WIDTH} has margin 1/2 at every support"));
        Ok(MAX_AUTO_WIDTH)
    }

    /// The code of least width Qn with margin at least 1/2 among those that the request leaves open.
    fn code(&mut self) -> CodeKeys {
        let request = self.request;
        if request.field_size.is_none() || request.degree_bound.is_none() || request.evaluations.is_none() {
            self.chosen.extend(["field_size", "degree_bound", "evaluations"]);
        }
        let degrees = request.degree_bound.map_or(1..=64, |degree| degree..=degree);
        let candidates = degrees.filter_map(|degree_bound| code_of_degree(request, degree_bound));
        let width = |code: &CodeKeys| u128::from(code.field_size) * u128::from(code.evaluations);
        candidates.min_by_key(width).unwrap_or_else(|| CodeKeys {
            field_size: request.field_size.unwrap_or(2),
            degree_bound: request.degree_bound.unwrap_or(1),
            evaluations: request.evaluations.unwrap_or(1),
        })
    }

    /// The least scale on the grid that certifies.
    fn scale(&mut self, subject: Subject) -> Result<Subject, Stop> {
        if self.request.scale.is_some() {
            return Ok(subject);
        }
        self.chosen.push("scale");
        let with_scale = |scale: Rational| subject.with_unit(Unit { scale, ..subject.unit.clone() });
        let (from, to) = scale_range(&subject.unit);
        let found = grid::least(from, to, |index| self.certifies(&with_scale(scale_at(&subject.unit, index))))?;
        if found.is_none() {
            self.top.get_or_insert_with(|| "no scale on the grid certifies".to_owned());
        }
        Ok(with_scale(scale_at(&subject.unit, found.unwrap_or(to))))
    }

    /// The least f that certifies.
    fn fraction_bits(&mut self, subject: Subject) -> Result<Subject, Stop> {
        let Construction::SignKeys(keys) = &subject.unit.construction else { return Ok(subject) };
        if self.request.fraction_bits.is_some() {
            return Ok(subject);
        }
        self.chosen.push("fraction_bits");
        let with_bits = |bits: i64| {
            let keys = SignKeys { fraction_bits: bits.unsigned_abs(), ..keys.clone() };
            subject.with_unit(Unit { construction: Construction::SignKeys(keys), ..subject.unit.clone() })
        };
        let top = i64::try_from(keys.fraction_bits).unwrap_or(i64::MAX);
        let found = grid::least(0, top, |bits| self.certifies(&with_bits(bits)))?;
        Ok(with_bits(found.unwrap_or(top)))
    }

    /// The least f_v for which the method's bound still meets ε.
    fn value_fraction_bits(&mut self, subject: Subject) -> Result<Subject, Stop> {
        let request = self.request;
        if request.value_fraction_bits.is_some() || request.kind == Kind::Enclosure {
            return Ok(subject);
        }
        self.chosen.push("value_fraction_bits");
        let Some(upper) = upper_bound(&subject, self.method, 50, Some(&self.error), self.session)? else {
            return Ok(subject);
        };
        let bound = upper.bound.to_rational();
        let limit = subject.unit.value_fraction_bits + 64;
        let least = target::least_value_fraction_bits(&bound, &self.error, request.value_dim, limit);
        let value_fraction_bits = least.unwrap_or(subject.unit.value_fraction_bits);
        Ok(subject.with_unit(Unit { value_fraction_bits, ..subject.unit.clone() }))
    }

    /// Whether the claim seems to hold for `subject` (untrusted for enumerations, exact for formulas).
    fn certifies(&self, subject: &Subject) -> Result<bool, Stop> {
        let unit = &subject.unit;
        let Some(prepared) = subject.prepared.as_ref().filter(|_| self.method == Method::Exhaustive) else {
            let upper = upper_bound(subject, self.method, 50, Some(&self.error), self.session)?;
            let meets = |bound: Rational| target::meets(&bound, &self.error, unit.value_dim, unit.value_fraction_bits);
            return Ok(upper.is_some_and(|upper| meets(upper.bound.to_rational())));
        };
        let threshold = &self.error - target::rounding_term_up(unit.value_dim, unit.value_fraction_bits);
        if threshold < Rational::zero() {
            return Ok(false);
        }
        let stage = format!("trying scale {}", canonical(&unit.scale));
        let n_supports = exhaustive::n_supports_of(unit)?;
        self.session
            .enumerate(&stage, Some(n_supports), |control| exhaustive::seems_exceeded(prepared, &threshold, control))
            .map(|exceeded| !exceeded)
    }
}

/// The code of a degree bound with the least width that the request allows: margin at least 1/2 asks for `n ≥ 2q(k-1)`.
fn code_of_degree(request: &AveragingRequest, degree_bound: u64) -> Option<CodeKeys> {
    let agreements = request.sparsity.checked_mul(degree_bound.checked_sub(1)?)?;
    let evaluations = request.evaluations.unwrap_or_else(|| agreements.saturating_mul(2).max(1));
    let enough = |field_size: u64| {
        let code = CodeKeys { field_size, degree_bound, evaluations };
        code_keys::has_enough_polynomials(&code, request.tokens).then_some(code)
    };
    match request.field_size {
        Some(field_size) => {
            let evaluations = if request.evaluations.is_some() { evaluations } else { evaluations.min(field_size) };
            enough(field_size).map(|code| CodeKeys { evaluations, ..code })
        }
        None => {
            let least = least_base(request.tokens, degree_bound).max(evaluations).max(2);
            (least..=u64::from(u32::MAX)).find(|candidate| code_keys::is_prime(*candidate)).and_then(enough)
        }
    }
}

/// The least `b` with `b^degree ≥ tokens`.
fn least_base(tokens: u64, degree: u64) -> u64 {
    let exponent = u32::try_from(degree).unwrap_or(u32::MAX);
    let reaches = |base: u64| u128::from(base).checked_pow(exponent).is_none_or(|power| u128::from(tokens) <= power);
    let (mut below, mut least) = (0, tokens.max(1));
    while 1 < least - below {
        let middle = below.midpoint(least);
        if reaches(middle) { least = middle } else { below = middle }
    }
    least
}

/// Grid indices that scales are chosen from. Code keys take whole numbers, the others sixteen steps a doubling.
pub fn scale_range(unit: &Unit) -> (i64, i64) {
    match &unit.construction {
        Construction::CodeKeys(_) => (1, 1 << 16),
        Construction::SignKeys(_) => (-8 * grid::STEPS, 16 * grid::STEPS),
        Construction::MomentCurve => {
            // Only the product of scale and least gap matters.
            let gap = Rational::from_integer(moment_curve::least_gap(unit.sparsity));
            let centre = grid::index_below(&gap.recip());
            (centre - 12 * grid::STEPS, centre + 20 * grid::STEPS)
        }
    }
}

/// The scale at a grid index of [`scale_range`].
pub fn scale_at(unit: &Unit, index: i64) -> Rational {
    match &unit.construction {
        Construction::CodeKeys(_) if 0 < index => Rational::from_integer(BigInt::from(index)),
        Construction::CodeKeys(_) => pow2(index - 1),
        Construction::SignKeys(_) | Construction::MomentCurve => grid::scale(index),
    }
}

/// Whether every support has its margin; supports that failed before (`hot`) are asked first.
fn has_margin_everywhere(
    keys: &SignKeyTable,
    request: &AveragingRequest,
    definition: &Dual,
    hot: &mut Vec<Vec<u64>>,
    session: &Session,
) -> Result<bool, Stop> {
    let half = Rational::new(1.into(), 2.into());
    let margin = match definition {
        Dual::LeastSquares => &half,
        Dual::MaxMargin { margin } => margin,
    };
    let fails = |support: &[u64]| {
        let support = indices(support);
        !dual::dual_vector(keys, &support, definition).has_margin(keys, &support, margin)
    };
    if hot.iter().rev().take(64).any(|support| fails(support)) {
        return Ok(false);
    }
    let n_supports = exhaustive::n_supports(request.tokens, request.sparsity)?;
    let stage = format!("margins at key_width {}", keys.key_width());
    session.progress.begin(&stage, Some(n_supports));
    const CHUNK: u64 = 64;
    let failing = (0..n_supports.div_ceil(CHUNK)).into_par_iter().find_map_any(|chunk| {
        if session.cancel.load(Ordering::Relaxed) {
            return Some(None);
        }
        let failing = first_in_chunk(request, chunk * CHUNK, CHUNK, &fails);
        session.progress.advance(CHUNK);
        failing.map(Some)
    });
    match failing {
        None => Ok(true),
        Some(None) => Err(Stop::Cancelled),
        Some(Some(support)) => {
            hot.push(support);
            Ok(false)
        }
    }
}

/// The first support of a chunk for which `fails` holds.
fn first_in_chunk(
    request: &AveragingRequest,
    first: u64,
    length: u64,
    fails: &impl Fn(&[u64]) -> bool,
) -> Option<Vec<u64>> {
    let mut support = supports::unrank(request.tokens, request.sparsity, first)?;
    for _ in 0..length {
        if fails(&support) {
            return Some(support);
        }
        supports::advance(request.tokens, &mut support)?;
    }
    None
}

impl Subject {
    /// Tabulates the max-margin dual vector of every support, once for all scales.
    ///
    /// # Errors
    /// [`Stop`] when cancelled or too large.
    pub fn tabulate_duals(&mut self, session: &Session) -> Result<(), Stop> {
        let Some(Prepared { unit, keys: Keys::Sign { table, duals }, .. }) = &mut self.prepared else { return Ok(()) };
        let Construction::SignKeys(SignKeys { dual: definition @ Dual::MaxMargin { .. }, .. }) = &unit.construction
        else {
            return Ok(());
        };
        let n_supports = exhaustive::n_supports_of(unit)?;
        session.progress.begin("dual vectors of every support", Some(n_supports));
        let table = Arc::clone(table);
        let vectors: Result<Vec<DualVector>, Stop> = (0..n_supports)
            .into_par_iter()
            .map(|position| {
                if session.cancel.load(Ordering::Relaxed) {
                    return Err(Stop::Cancelled);
                }
                let support = supports::unrank(unit.tokens, unit.sparsity, position).expect("a support of the order");
                session.progress.advance(1);
                Ok(dual::dual_vector(&table, &indices(&support), definition))
            })
            .collect();
        *duals = Some(Arc::new(vectors?));
        Ok(())
    }
}
