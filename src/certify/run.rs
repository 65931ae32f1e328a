//! One request, from open parameters to an outcome: the choice between the two families of claims.

use super::outcome::Outcome;
use super::session::Session;
use super::{averaging, matching};
use crate::bounds::exhaustive::Stop;
use crate::catalogue::request::Request;

/// Proves or refutes what is asked.
///
/// ```
/// use attestor::catalogue::request::{Fields, Request};
/// use attestor::certify::{outcome::Outcome, run, session::Session};
/// let mut fields = Fields::default();
/// for (name, value) in [("tokens", "10"), ("sparsity", "2"), ("error", "2^-10")] {
///     fields.set(name, Some(value));
/// }
/// let request = Request::new("sparse-averaging/moment-curve", &fields).unwrap();
/// let Outcome::Certified(proof) = run::certify(&request, &Session::default()).unwrap() else { panic!() };
/// let bytes = attestor::certificate::writer::to_bytes(&proof.certificate);
/// let report = attestor_check::check_reader(bytes.as_slice(), &attestor_check::Options::default());
/// assert!(report.verdict.is_verified());
/// ```
///
/// # Errors
/// [`Stop`] when cancelled, too large to enumerate, or out of precision.
pub fn certify(request: &Request, session: &Session) -> Result<Outcome, Stop> {
    match request {
        Request::Averaging(request) => averaging::certify(request, session),
        Request::Matching(request) => matching::certify(request, session),
    }
}
