//! Sparse averaging: one request, from open parameters to an outcome with certificates.
//!
//! In: a request and a session. Out: an [`Outcome`]; nothing is written here.
//! Invariant: an outcome's certificates are made from proved or refuted decisions alone.

pub mod decide;
pub mod resolve;

use num_traits::One;

use crate::bounds::exhaustive::Stop;
use crate::bounds::target;
use crate::catalogue::claim::{
    Claim, Construction, Kind, Method, Model, SignKeys, Statement, Unit, error_vacuity, shape_vacuity,
};
use crate::catalogue::request::AveragingRequest;
use crate::certificate::record::{Certificate, Record};
use crate::certify::grid;
use crate::certify::outcome::{Certified, Inconclusive, Neighbour, Outcome, Refuted, Status};
use crate::certify::session::Session;
use crate::numbers::Rational;
use crate::numbers::dyadic::Dyadic;
use crate::numbers::rational::{canonical, decimal_down, decimal_up};
use decide::{Decision, Subject, best_witness, decide, refutation, requirement, upper_bound, witness_records};
use resolve::{Resolved, Unresolved, is_quickly_enumerated, resolve, scale_at, scale_range};

/// Proves or refutes what is asked of a unit.
///
/// # Errors
/// [`Stop`] when cancelled, too large to enumerate, or out of precision.
pub fn certify(request: &AveragingRequest, session: &Session) -> Result<Outcome, Stop> {
    let vacuity = shape_vacuity(request.tokens, request.sparsity, request.value_dim)
        .or_else(|| request.error.as_ref().filter(|_| request.kind == Kind::UpperBound).and_then(error_vacuity));
    if let Some(vacuity) = vacuity {
        return Ok(Outcome::Vacuous(vacuity));
    }
    let resolved = match resolve(request, session) {
        Ok(resolved) => resolved,
        Err(Unresolved::IllFormed(reason)) => return Ok(Outcome::IllFormed(reason)),
        Err(Unresolved::Stop(stop)) => return Err(stop),
    };
    match request.kind {
        Kind::Enclosure => enclosure(request, resolved, session),
        Kind::UpperBound | Kind::Counterexample | Kind::Decision => upper(request, resolved, session),
    }
}

/// What may help when a claim stays open.
const REMEDY: &str =
    "try a larger scale or width, more (value) fraction bits, another --method, or leave a parameter to auto";

fn inconclusive(resolved: &Resolved, reason: String) -> Outcome {
    let tried = resolved.top.iter().cloned().chain([reason]).collect();
    let model = Box::new(Model::Averaging(resolved.subject.unit.clone()));
    Outcome::Inconclusive(Inconclusive { model, tried })
}

/// Proves or refutes the bound; with an open method, every method that applies is tried in turn.
fn upper(request: &AveragingRequest, mut resolved: Resolved, session: &Session) -> Result<Outcome, Stop> {
    let mut tried = Vec::new();
    for method in methods_to_try(request, &resolved) {
        resolved.method = method;
        if method == Method::Exhaustive {
            resolved.subject.tabulate_duals(session)?;
        }
        let unit = &resolved.subject.unit;
        match decide(&resolved.subject, method, &resolved.error, session)? {
            Decision::Proved(records) => {
                let statement = Statement::UpperBound { error: resolved.error.clone() };
                let claim = Claim { model: Model::Averaging(unit.clone()), statement, method };
                let neighbours = neighbours(&resolved, session)?;
                return Ok(Outcome::Certified(Certified { certificate: Certificate { claim, records }, neighbours }));
            }
            Decision::Refuted(records) => {
                let certificate = counterexample(unit, &resolved.error, records);
                return Ok(Outcome::Refuted(Refuted { certificate, note: resolved.top.clone() }));
            }
            Decision::Open(reason) => tried.push(reason),
        }
    }
    Ok(inconclusive(&resolved, format!("{}; {REMEDY}", tried.join("; "))))
}

/// The resolved method first; then, if the request left it open, the others that apply.
fn methods_to_try(request: &AveragingRequest, resolved: &Resolved) -> Vec<Method> {
    let mut methods = vec![resolved.method];
    if request.method.is_none() {
        let applies = |method: &Method| *method != Method::Exhaustive || is_quickly_enumerated(request);
        let others = request.entry.methods.iter().copied().filter(|method| *method != resolved.method);
        methods.extend(others.filter(applies));
    }
    methods
}

fn counterexample(unit: &Unit, error: &Rational, records: Vec<Record>) -> Certificate {
    let statement = Statement::Counterexample { error: error.clone() };
    Certificate { claim: Claim { model: Model::Averaging(unit.clone()), statement, method: Method::Witness }, records }
}

/// Bits of an enclosure's block bounds: enough for the asked width.
fn enclosure_bits(width: &Rational) -> u32 {
    let magnitude = Dyadic::rational_down(width, 2).magnitude().unwrap_or(0);
    u32::try_from(10 - magnitude).unwrap_or(0).max(50)
}

fn enclosure(request: &AveragingRequest, resolved: Resolved, session: &Session) -> Result<Outcome, Stop> {
    let bits = enclosure_bits(&session.width);
    let Resolved { mut subject, method, .. } = resolved.clone();
    let Some(upper) = upper_bound(&subject, method, bits, None, session)? else {
        return Ok(inconclusive(
            &resolved,
            format!("{} does not apply to this unit{}", method.name(), requirement(method)),
        ));
    };
    let Some(witness) = best_witness(&subject, upper.worst.clone(), session.max_precision) else {
        return Ok(inconclusive(&resolved, "no witness for the lower end was found".to_owned()));
    };
    let lo = witness.distance.clone();
    if request.value_fraction_bits.is_none() {
        // Lemma C's term then takes at most an eighth of the allowed width.
        let magnitude = Dyadic::rational_down(&session.width, 2).magnitude().unwrap_or(0);
        let share = u32::try_from(3 - magnitude).unwrap_or(0);
        let of = if lo.is_zero() { Rational::one() } else { lo.to_rational() };
        let value_fraction_bits = target::value_bits_below(&of, share, request.value_dim);
        subject = subject.with_unit(Unit { value_fraction_bits, ..subject.unit.clone() });
    }
    let unit = &subject.unit;
    let total = upper.bound.to_rational() + target::rounding_term_up(unit.value_dim, unit.value_fraction_bits);
    let hi = Dyadic::rational_up(&total, bits + 16);
    let (lo_exact, hi_exact) = (lo.to_rational(), hi.to_rational());
    let narrow =
        &hi_exact - &lo_exact <= &session.width * if lo.is_zero() { Rational::one() } else { hi_exact.clone() };
    if let Some(error) = request.error.as_ref().filter(|error| **error < lo_exact) {
        let records = witness_records(&subject, &witness);
        let note = Some("the enclosure's lower end is above the stated error".to_owned());
        return Ok(Outcome::Refuted(Refuted { certificate: counterexample(unit, error, records), note }));
    }
    let exceeds = request.error.as_ref().is_some_and(|error| *error < hi_exact);
    if !narrow || exceeds {
        let reason = format!(
            "{} encloses the worst-case error in [{}, {}], which is {}; {}",
            method.name(),
            decimal_down(&lo_exact, 6),
            decimal_up(&hi_exact, 6),
            if exceeds {
                "not below the stated error".to_owned()
            } else {
                format!("wider than {}", canonical(&session.width))
            },
            "try --method exhaustive, more --value-fraction-bits, or a larger --width",
        );
        return Ok(inconclusive(&resolved, reason));
    }
    let mut records = upper.records(&subject, &hi_exact, session)?;
    records.extend(witness_records(&subject, &witness));
    let statement = Statement::Enclosure { error: request.error.clone(), lo, hi };
    let certificate =
        Certificate { claim: Claim { model: Model::Averaging(unit.clone()), statement, method }, records };
    Ok(Outcome::Certified(Certified { certificate, neighbours: Vec::new() }))
}

/// What is known one step below every parameter that was chosen.
fn neighbours(resolved: &Resolved, session: &Session) -> Result<Vec<Neighbour>, Stop> {
    let mut found = Vec::new();
    for &parameter in &resolved.chosen {
        let Some((unit, value)) = one_step_less(&resolved.subject.unit, parameter) else { continue };
        let subject = neighbour_subject(resolved, unit, parameter, session)?;
        let status = match decide(&subject, resolved.method, &resolved.error, session)? {
            Decision::Proved(_) => Status::Certified,
            Decision::Refuted(records) => {
                Status::Refuted(Box::new(counterexample(&subject.unit, &resolved.error, records)))
            }
            Decision::Open(reason) => Status::Open(reason),
        };
        let open = matches!(status, Status::Open(_));
        found.push(Neighbour { parameter, value, status });
        if open && parameter == "scale" {
            found.extend(largest_refuted_scale(resolved, session)?);
        }
    }
    Ok(found)
}

fn neighbour_subject(resolved: &Resolved, unit: Unit, parameter: &str, session: &Session) -> Result<Subject, Stop> {
    if parameter != "key_width" {
        return Ok(resolved.subject.with_unit(unit));
    }
    let mut subject = Subject::new(unit);
    if resolved.method == Method::Exhaustive {
        subject.tabulate_duals(session)?;
    }
    Ok(subject)
}

/// The unit with one parameter a step smaller, and that smaller value.
pub(super) fn one_step_less(unit: &Unit, parameter: &str) -> Option<(Unit, String)> {
    let with_keys = |keys: SignKeys| Unit { construction: Construction::SignKeys(keys), ..unit.clone() };
    match (parameter, &unit.construction) {
        ("scale", construction) => {
            let index = match construction {
                Construction::CodeKeys(_) if unit.scale.is_integer() && Rational::one() < unit.scale => {
                    let scale = &unit.scale - Rational::one();
                    return Some((Unit { scale: scale.clone(), ..unit.clone() }, canonical(&scale)));
                }
                Construction::CodeKeys(_) => 0,
                Construction::SignKeys(_) | Construction::MomentCurve => grid::index_below(&unit.scale) - 1,
            };
            let scale = scale_at(unit, index);
            Some((Unit { scale: scale.clone(), ..unit.clone() }, canonical(&scale)))
        }
        ("key_width", Construction::SignKeys(keys)) => {
            let key_width = keys.key_width.checked_sub(1).filter(|width| 0 < *width)?;
            Some((with_keys(SignKeys { key_width, ..keys.clone() }), key_width.to_string()))
        }
        ("fraction_bits", Construction::SignKeys(keys)) => {
            let fraction_bits = keys.fraction_bits.checked_sub(1)?;
            Some((with_keys(SignKeys { fraction_bits, ..keys.clone() }), fraction_bits.to_string()))
        }
        ("value_fraction_bits", _) => {
            let value_fraction_bits = unit.value_fraction_bits.checked_sub(1)?;
            Some((Unit { value_fraction_bits, ..unit.clone() }, value_fraction_bits.to_string()))
        }
        _ => None,
    }
}

/// Where one step less stays open: the largest scale on the grid that a witness refutes.
fn largest_refuted_scale(resolved: &Resolved, session: &Session) -> Result<Option<Neighbour>, Stop> {
    let unit = &resolved.subject.unit;
    let refuted = |index: i64| {
        let unit = Unit { scale: scale_at(unit, index), ..unit.clone() };
        let subject = resolved.subject.with_unit(unit);
        refutation(&subject, None, &resolved.error, session.max_precision).map(|records| (subject, records))
    };
    let (from, to) = scale_range(unit);
    let from = from - 16 * grid::STEPS;
    let holds = |index: i64| Ok::<bool, Stop>(refuted(index).is_none());
    let Some(least_open) = grid::least(from, to, holds)? else { return Ok(None) };
    let Some((subject, records)) = refuted(least_open - 1).filter(|_| from < least_open) else { return Ok(None) };
    let value = canonical(&subject.unit.scale);
    let certificate = counterexample(&subject.unit, &resolved.error, records);
    Ok(Some(Neighbour { parameter: "scale", value, status: Status::Refuted(Box::new(certificate)) }))
}
