//! The order of judgement (FORMAT.md, section 3): what was asked, what is vacuous, what is too large, then the rules.
//!
//! In: a claim and its records in turn. Out: the first verdict against it, or that it is proved.
//! Each family of claims has its own judge; here is what they have in common.

mod averaging;
mod matching;

use crate::claim::Claim;
use crate::claim_file::{ClaimFile, check_stated};
use crate::facts::Facts;
use crate::file::Record;
use crate::judge::averaging::AveragingJudge;
use crate::judge::matching::MatchingJudge;
use crate::limits::{check_matching_parameters, check_parameters};
use crate::verdict::Verdict;

/// A claim under judgement.
pub(crate) struct Judge {
    claim_hash: String,
    family: Family,
}

enum Family {
    Averaging(Box<AveragingJudge>),
    Matching(Box<MatchingJudge>),
}

impl Judge {
    /// Judges all that is in the claim itself.
    pub(crate) fn open(claim: &Claim, stated: Option<&ClaimFile>) -> Result<Self, Verdict> {
        check_stated(stated, claim)?;
        let family = match claim {
            Claim::Averaging(claim) => {
                claim.check_vacuity()?;
                check_parameters(claim)?;
                let judge = claim.check().and_then(|()| AveragingJudge::open(claim));
                Family::Averaging(Box::new(judge.map_err(|violation| violation.at(0))?))
            }
            Claim::Matching(claim) => {
                claim.check_vacuity()?;
                check_matching_parameters(claim)?;
                let judge = claim.check().and_then(|()| MatchingJudge::open(claim));
                Family::Matching(Box::new(judge.map_err(|violation| violation.at(0))?))
            }
        };
        Ok(Judge { claim_hash: claim.hash(), family })
    }

    /// Judges the next record, which is line `number` of the file.
    pub(crate) fn record(&mut self, number: u64, record: Record) -> Result<(), Verdict> {
        match &mut self.family {
            Family::Averaging(judge) => judge.record(number, record),
            Family::Matching(judge) => judge.record(number, record),
        }
    }

    /// Judges whether the evidence is complete; `number` is the end line.
    pub(crate) fn close(self, number: u64) -> Result<(Verdict, Facts), Verdict> {
        let (statement, facts) = match &self.family {
            Family::Averaging(judge) => {
                judge.close(number)?;
                (judge.statement(), judge.facts())
            }
            Family::Matching(judge) => {
                judge.close(number)?;
                (judge.statement(), judge.facts())
            }
        };
        Ok((Verdict::Verified { claim_hash: self.claim_hash, statement }, facts))
    }
}
