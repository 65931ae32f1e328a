//! What came of a request.

use crate::catalogue::claim::{Model, Vacuity};
use crate::certificate::record::Certificate;

/// The result of `certify`.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Proved: exit 0.
    Certified(Certified),
    /// Refuted: exit 1.
    Refuted(Refuted),
    /// Neither proved nor refuted: exit 5.
    Inconclusive(Inconclusive),
    /// True of every unit: exit 6.
    Vacuous(Vacuity),
    /// No unit has these parameters together: exit 2, with what is wrong.
    IllFormed(String),
}

/// A proved claim.
#[derive(Clone, Debug)]
pub struct Certified {
    /// The claim and its evidence.
    pub certificate: Certificate,
    /// What is known one step below each chosen parameter.
    pub neighbours: Vec<Neighbour>,
}

/// A refuted claim.
#[derive(Clone, Debug)]
pub struct Refuted {
    /// The counterexample.
    pub certificate: Certificate,
    /// Said when the refuted unit is the top of a grid of open parameters.
    pub note: Option<String>,
}

/// A claim that is neither proved nor refuted.
#[derive(Clone, Debug)]
pub struct Inconclusive {
    /// What was tried last.
    pub model: Box<Model>,
    /// What was tried, one line each, with the numbers and a remedy.
    pub tried: Vec<String>,
}

/// The same claim with one chosen parameter smaller.
#[derive(Clone, Debug)]
pub struct Neighbour {
    /// The parameter's name.
    pub parameter: &'static str,
    /// Its smaller value.
    pub value: String,
    /// What is known there.
    pub status: Status,
}

/// What is known about a neighbour.
#[derive(Clone, Debug)]
pub enum Status {
    /// Refuted, with a counterexample.
    Refuted(Box<Certificate>),
    /// It certifies too (the error is not monotone in the parameter there).
    Certified,
    /// Neither, with the reason.
    Open(String),
}

impl Status {
    /// One word.
    pub fn name(&self) -> &'static str {
        match self {
            Status::Refuted(_) => "refuted",
            Status::Certified => "certified",
            Status::Open(_) => "open",
        }
    }
}
