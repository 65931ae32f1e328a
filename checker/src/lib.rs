//! The independent checker of attestor certificates.
//!
//! A certificate asserts something about the error or the answers of softmax attention, for every input.
//! This crate reads one, checks it by its own exact arithmetic, and answers with a [`Verdict`].
//! It is written from FORMAT.md alone and shares no code with whatever wrote the certificate.
//! It uses no floats, no threads and no unsafe code, and panics on no input.
//!
//! The parts, in the order in which a file meets them: lines and canonical form (`file`), the claim (`claim`)
//! and what the asker stated (`claim_file`), limits (`limits`), the order of judgement (`judge`), the rules
//! (`rules`), which rest on exact scores (`units`), on two-sided exponentials (`exp`, `exp_sum`) and cosines
//! (`cosine`), on Lemma A (`weight_error`) and on the answers of the tasks (`task`).
//!
//! ```
//! use attestor_check::{Options, check_reader};
//!
//! let file = concat!(
//!     r#"{"format":"attestor-certificate","version":1,"claim":{"format":"attestor-claim","version":1,"id":"sparse-averaging/moment-curve","kind":"upper-bound","method":"closed-form","tokens":1000,"sparsity":3,"value_dim":1,"value_fraction_bits":20,"scale":"2","error":"1/500"}}"#, "\n",
//!     r#"{"end":1,"sha256":"0a74efe317a4ee7ef7f5d2eeacdd78d04c0b8804de3ee8a13bf5677d6f64b4b4"}"#, "\n",
//! );
//! let report = check_reader(file.as_bytes(), &Options::default());
//! assert_eq!(report.verdict.exit_code(), 0);
//! assert_eq!(report.facts.map(|facts| facts.key_width), Some(6));
//! ```

#![forbid(unsafe_code)]

mod claim;
mod claim_file;
mod cosine;
mod exp;
mod exp_sum;
mod facts;
mod file;
mod judge;
mod limits;
mod number;
mod rules;
mod side_condition;
mod supports;
mod task;
mod units;
mod verdict;
mod weight_error;

use std::io::BufRead;

pub use claim::averaging::{Dual, SparseAveraging, Unit};
pub use claim::matching::{AveragingLayer, Encoding, Matching, Network};
pub use claim::{Claim, Kind, Method};
pub use claim_file::ClaimFile;
pub use facts::{Exactness, Facts};
pub use limits::limits_text;
pub use number::{Dyadic, Rational};
pub use side_condition::side_conditions;
#[cfg(feature = "side-condition-switches")]
pub use side_condition::switches;
pub use verdict::{EXIT_INTERNAL, Finding, Verdict, worst_exit_code};

/// What the asker wants beside a right certificate.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The claim that the certificate has to be for; `None` takes any.
    pub claim: Option<ClaimFile>,
}

/// The verdict on a file and what is known about its claim.
#[derive(Clone, Debug)]
pub struct Report {
    /// The answer.
    pub verdict: Verdict,
    /// The claim of the header, if there is one.
    pub claim: Option<Claim>,
    /// What follows from the claim, if the verdict is positive.
    pub facts: Option<Facts>,
}

/// Checks one certificate.
///
/// The whole file is read before the answer, unless it is malformed or beyond a limit: either of these is the
/// verdict even if some record before was rejected.
pub fn check_reader(reader: impl BufRead, options: &Options) -> Report {
    let mut claim = None;
    match check_file(reader, options, &mut claim) {
        Ok((verdict, facts)) => Report { verdict, claim, facts: Some(facts) },
        Err(verdict) => Report { verdict, claim, facts: None },
    }
}

fn check_file(reader: impl BufRead, options: &Options, claim: &mut Option<Claim>) -> Result<(Verdict, Facts), Verdict> {
    let mut file = file::CertificateReader::new(reader);
    let header = file.header()?;
    *claim = Some(header.clone());
    let mut judgement = judge::Judge::open(&header, options.claim.as_ref());
    while let Some(record) = file.next_record()? {
        // After a violation only the form of the rest is checked.
        if let Ok(judge) = &mut judgement
            && let Err(verdict) = judge.record(file.record(), record)
        {
            judgement = Err(verdict);
        }
    }
    judgement?.close(file.record())
}
