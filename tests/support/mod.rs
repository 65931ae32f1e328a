//! What the suites share: certificates made by the generator through its library.

#![allow(dead_code, reason = "each test crate uses a part")]

#[path = "../../checker/tests/mutation/mod.rs"]
pub mod mutation;
pub mod edit;
pub mod rows;
pub mod tiny;

use attestor::catalogue::request::{Fields, Request};
use attestor::certificate::writer;
use attestor::certify::outcome::Outcome;
use attestor::certify::run;
use attestor::certify::session::Session;
use attestor::numbers::rational::pow2;

pub const MOMENT: &str = "sparse-averaging/moment-curve";
pub const SIGN: &str = "sparse-averaging/sign-keys";
pub const CODE: &str = "sparse-averaging/code-keys";
pub const PAIRS: &str = "match2/trigonometric";
pub const POWERS: &str = "match2/polynomial";
pub const TRIPLES: &str = "match3/third-order";
pub const LOCAL: &str = "match3/local";
pub const BIGRAM: &str = "match3/bigram";

/// The certificate that the generator makes of a request: `flags` is `name=value …`, as for `attestor certify`.
#[track_caller]
pub fn certify(id: &str, flags: &str) -> Vec<u8> {
    let mut fields = Fields::default();
    for (name, value) in flags.split(' ').filter_map(|flag| flag.split_once('=')) {
        let known = attestor::catalogue::entries::field(name).unwrap_or_else(|| panic!("no parameter {name}"));
        fields.set(known.name, Some(value));
    }
    let request = Request::new(id, &fields).unwrap_or_else(|error| panic!("{id} {flags}: {error}"));
    // Enclosures by formulas are wide.
    let session = Session { width: pow2(1), ..Session::default() };
    let outcome = run::certify(&request, &session).unwrap_or_else(|stop| panic!("{id} {flags}: {stop}"));
    let certificate = match outcome {
        Outcome::Certified(certified) => certified.certificate,
        Outcome::Refuted(refuted) => refuted.certificate,
        Outcome::Inconclusive(inconclusive) => panic!("{id} {flags}: {}", inconclusive.tried.join("; ")),
        other => panic!("{id} {flags}: {other:?}"),
    };
    writer::to_bytes(&certificate)
}
