//! The judgement of a claim of matching.
//!
//! In: a claim within the limits and its records in turn. Out: the first violation, or the evidence that is complete.
//! The records of a decision are those of its averaging layer, which is judged as a claim of its own; a counterexample
//! has one record.

use crate::claim::averaging::SparseAveraging;
use crate::claim::matching::{Encoding, Matching, Network};
use crate::claim::{Kind, Method};
use crate::facts::Facts;
use crate::file::{ConfusionRecord, Record};
use crate::judge::averaging::AveragingJudge;
use crate::limits::check_runs;
use crate::rules;
use crate::rules::decision::ScoreBounds;
use crate::side_condition::{SideCondition, Violation, require};
use crate::units::Evaluator;
use crate::units::trigonometric::Trigonometric;
use crate::verdict::Verdict;

/// A claim under judgement.
pub(crate) struct MatchingJudge {
    claim: Matching,
    layer: Layer,
    scores: Option<ScoreBounds>,
    confusion: Option<ConfusionRecord>,
}

/// What is known of the averaging layer.
enum Layer {
    /// There is none.
    Absent,
    /// Its error is being bounded.
    Judged(Box<AveragingJudge>),
    /// Its rows are evaluated.
    Evaluated(Box<(SparseAveraging, Evaluator)>),
}

impl MatchingJudge {
    /// Judges the rules that need no record.
    pub(crate) fn open(claim: &Matching) -> Result<Self, Violation> {
        let layer = match (claim.layer_claim(), claim.method) {
            (None, _) => Layer::Absent,
            (Some(layer), Method::Witness) => Layer::evaluated(layer),
            (Some(layer), Method::Decoding) => {
                let mut evaluator = Evaluator::new(&layer);
                rules::decoding::check(claim, &layer, &mut evaluator)?;
                Layer::Evaluated(Box::new((layer, evaluator)))
            }
            (Some(layer), _) => Layer::Judged(Box::new(AveragingJudge::open(&layer)?)),
        };
        let scores = if claim.kind == Kind::Decision { check_scores(claim)? } else { None };
        Ok(MatchingJudge { claim: claim.clone(), layer, scores, confusion: None })
    }

    /// Judges the next record, which is line `number` of the file.
    pub(crate) fn record(&mut self, number: u64, record: Record) -> Result<(), Verdict> {
        if let Layer::Judged(judge) = &mut self.layer {
            return judge.record(number, record);
        }
        let due = match record {
            Record::Confusion(record) if self.claim.kind == Kind::Counterexample && self.confusion.is_none() => {
                Some(record)
            }
            _ => None,
        };
        let order = require(SideCondition::OrderS1, due.is_some(), || "expected another record or none here".into());
        order.map_err(|violation| violation.at(number))?;
        if let Some(record) = due {
            check_runs(&self.claim, &record, number)?;
            let layer = match &mut self.layer {
                Layer::Evaluated(pair) => Some((&pair.0, &mut pair.1)),
                Layer::Absent | Layer::Judged(_) => None,
            };
            let checked = rules::confusion::check(&record, &self.claim, layer);
            checked.map_err(|violation| violation.at(number))?;
            self.confusion = Some(record);
        }
        Ok(())
    }

    /// Judges whether the evidence is complete; `number` is the end line.
    pub(crate) fn close(&self, number: u64) -> Result<(), Verdict> {
        if let Layer::Judged(judge) = &self.layer {
            judge.close(number)?;
        }
        let is_complete = self.claim.kind != Kind::Counterexample || self.confusion.is_some();
        let missing = require(SideCondition::OrderS2, is_complete, || "expected a confusion record".into());
        missing.map_err(|violation| violation.at(number))
    }

    /// What was proved, in words.
    pub(crate) fn statement(&self) -> String {
        self.claim.statement(self.confusion.as_ref())
    }

    pub(crate) fn facts(&self) -> Facts {
        let layer = match &self.layer {
            Layer::Absent => None,
            Layer::Judged(judge) => Some(judge.facts()),
            Layer::Evaluated(pair) => Some(Facts::of_averaging(&pair.0, pair.1.query_range(), None)),
        };
        Facts::of_matching(&self.claim, layer, self.scores.as_ref())
    }
}

impl Layer {
    fn evaluated(layer: SparseAveraging) -> Self {
        let evaluator = Evaluator::new(&layer);
        Layer::Evaluated(Box::new((layer, evaluator)))
    }
}

/// The rules about scores of residues; local has none.
fn check_scores(claim: &Matching) -> Result<Option<ScoreBounds>, Violation> {
    let unit = |fraction_bits: u64| Trigonometric::new(claim.modulus, fraction_bits, &claim.scale);
    let is_exhaustive = claim.method == Method::Exhaustive;
    let bounds = match &claim.network {
        Network::Match2(Encoding::Polynomial) => rules::closed_form_polynomial::check_pairs(claim),
        Network::ThirdOrder(Encoding::Polynomial) => rules::closed_form_polynomial::check_triples(claim),
        Network::Match2(Encoding::Trigonometric { fraction_bits }) if is_exhaustive => {
            rules::pair_table::check(claim, &unit(*fraction_bits))
        }
        Network::Match2(Encoding::Trigonometric { fraction_bits }) => {
            rules::closed_form_trigonometric::check_pairs(claim, *fraction_bits)
        }
        Network::ThirdOrder(Encoding::Trigonometric { fraction_bits }) if is_exhaustive => {
            rules::triple_table::check(claim, &unit(*fraction_bits))
        }
        Network::ThirdOrder(Encoding::Trigonometric { fraction_bits }) => {
            rules::closed_form_trigonometric::check_triples(claim, *fraction_bits)
        }
        Network::Bigram { fraction_bits, .. } => rules::bigram::check(claim, *fraction_bits),
        Network::Local { .. } => return Ok(None),
    };
    bounds.map(Some)
}
