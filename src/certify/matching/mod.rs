//! Matching: one request, from open parameters to an outcome with certificates.
//!
//! In: a request and a session. Out: an [`Outcome`]; nothing is written here.
//! Invariant: an outcome's certificates are made from proved or refuted decisions alone.

pub mod decide;
pub mod refute;
pub mod resolve;
pub mod threshold;

use crate::bounds::exhaustive::Stop;
use crate::catalogue::claim::{Claim, Method, Model, Statement};
use crate::catalogue::matching_request::MatchingRequest;
use crate::catalogue::network::{Network, task_vacuity};
use crate::certificate::record::{Certificate, Record};
use crate::certify::outcome::{Certified, Inconclusive, Neighbour, Outcome, Refuted, Status};
use crate::certify::session::Session;
use decide::{Decision, decide};
use resolve::{Resolved, Unresolved, one_step_less, resolve};

/// Proves or refutes that a network decides a matching task.
///
/// # Errors
/// [`Stop`] when cancelled, too large to enumerate, or out of precision.
pub fn certify(request: &MatchingRequest, session: &Session) -> Result<Outcome, Stop> {
    if let Some(vacuity) = task_vacuity(request.entry.id, request.modulus, request.tokens) {
        return Ok(Outcome::Vacuous(vacuity));
    }
    let resolved = match resolve(request, session) {
        Ok(resolved) => resolved,
        Err(Unresolved::IllFormed(reason)) => return Ok(Outcome::IllFormed(reason)),
        Err(Unresolved::Stop(stop)) => return Err(stop),
    };
    match decide(&resolved.network, resolved.method, session)? {
        Decision::Proved(statement, records) => {
            let claim = Claim { model: Model::Matching(resolved.network.clone()), statement, method: resolved.method };
            let neighbours = neighbours(&resolved, session)?;
            Ok(Outcome::Certified(Certified { certificate: Certificate { claim, records }, neighbours }))
        }
        Decision::Refuted(record) => {
            let certificate = confusion(&resolved.network, *record);
            Ok(Outcome::Refuted(Refuted { certificate, note: resolved.top }))
        }
        Decision::Open(reason) => {
            let remedy = "try a larger scale, more fraction bits, another --method, or leave a parameter to auto";
            let tried = resolved.top.into_iter().chain([format!("{reason}; {remedy}")]).collect();
            let model = Box::new(Model::Matching(resolved.network));
            Ok(Outcome::Inconclusive(Inconclusive { model, tried }))
        }
    }
}

fn confusion(network: &Network, record: Record) -> Certificate {
    let claim =
        Claim { model: Model::Matching(network.clone()), statement: Statement::Confusion, method: Method::Witness };
    Certificate { claim, records: vec![record] }
}

/// What is known one step below every parameter that was chosen.
fn neighbours(resolved: &Resolved, session: &Session) -> Result<Vec<Neighbour>, Stop> {
    let mut found = Vec::new();
    for &parameter in &resolved.chosen {
        let Some((network, value)) = one_step_less(&resolved.network, parameter) else { continue };
        let status = match decide(&network, resolved.method, session)? {
            Decision::Proved(..) => Status::Certified,
            Decision::Refuted(record) => Status::Refuted(Box::new(confusion(&network, *record))),
            Decision::Open(reason) => Status::Open(reason),
        };
        found.push(Neighbour { parameter, value, status });
    }
    Ok(found)
}
