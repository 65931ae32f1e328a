//! The judgement of a claim of sparse averaging, also of one about an averaging layer.
//!
//! In: a claim within the limits and its records in turn. Out: the first violation, or the evidence that is complete.
//! What was covered so far is a number; the only records kept are the dual vectors of one block and a witness.

use crate::claim::averaging::{SparseAveraging, Unit};
use crate::claim::{Kind, Method};
use crate::facts::Facts;
use crate::file::{BlockRecord, DualRecord, NoDualRecord, Record, WitnessRecord};
use crate::limits::{MAX_PENDING, MAX_PENDING_TERMS, check_precision, witness_is_evaluated};
use crate::number::Rational;
use crate::rules;
use crate::side_condition::{SideCondition, Violation, require};
use crate::supports::{binomial, step, unrank};
use crate::units::Evaluator;
use crate::units::sign_keys::Combination;
use crate::verdict::Verdict;

/// Evidence about the dual vector of one support.
enum DualEvidence {
    Vector(DualRecord),
    None(NoDualRecord),
}

impl DualEvidence {
    fn n_terms(&self) -> usize {
        match self {
            DualEvidence::Vector(record) => record.coefficients.len(),
            DualEvidence::None(record) => record.coefficients.len(),
        }
    }
}

/// A claim under judgement.
pub(crate) struct AveragingJudge {
    claim: SparseAveraging,
    /// Where supports or a witness are evaluated.
    evaluator: Option<Evaluator>,
    /// `C(N,q)` if all supports are enumerated, else 0.
    n_supports: u64,
    /// The supports numbered below this are covered by blocks.
    covered: u64,
    /// Dual evidence, with its record, for the supports from `covered` on or for the witness.
    pending: Vec<(u64, DualEvidence)>,
    /// Coefficients in `pending`.
    n_pending_terms: usize,
    witness: Option<WitnessRecord>,
    /// The `b` of `coherence` or `babel`.
    on_sum: Option<Rational>,
}

impl AveragingJudge {
    /// Judges the rule of the method as far as it needs no record.
    pub(crate) fn open(claim: &SparseAveraging) -> Result<Self, Violation> {
        let on_sum = check_method(claim)?;
        let is_exhaustive = claim.method == Method::Exhaustive;
        let has_evaluated_witness = claim.kind != Kind::UpperBound && witness_is_evaluated(claim);
        let n_supports = if is_exhaustive { binomial(claim.tokens, claim.sparsity).unwrap_or(0) } else { 0 };
        Ok(AveragingJudge {
            claim: claim.clone(),
            evaluator: (is_exhaustive || has_evaluated_witness).then(|| Evaluator::new(claim)),
            n_supports,
            covered: 0,
            pending: Vec::new(),
            n_pending_terms: 0,
            witness: None,
            on_sum,
        })
    }

    /// Judges the next record, which is line `number` of the file.
    pub(crate) fn record(&mut self, number: u64, record: Record) -> Result<(), Verdict> {
        let is_due = match &record {
            Record::Block(_) => self.covered < self.n_supports,
            Record::Dual(_) | Record::NoDual(_) => self.margin().is_some() && !self.is_complete(),
            Record::Witness(_) => self.claim.kind != Kind::UpperBound && self.witness.is_none(),
            Record::Confusion(_) => false,
        };
        let order = require(SideCondition::OrderS1, is_due, || "expected another record or none here".into());
        order.map_err(|violation| violation.at(number))?;
        if !is_due {
            return Ok(());
        }
        match record {
            Record::Block(block) => self.block(number, &block),
            Record::Dual(dual) => self.keep(number, DualEvidence::Vector(dual)),
            Record::NoDual(no_dual) => self.keep(number, DualEvidence::None(no_dual)),
            Record::Witness(witness) => self.witness(number, witness),
            Record::Confusion(_) => Ok(()),
        }
    }

    /// Judges whether the evidence is complete; `number` is the end line.
    pub(crate) fn close(&self, number: u64) -> Result<(), Verdict> {
        self.check_blocks().map_err(|violation| violation.at(number))?;
        let lacks_witness = self.claim.kind != Kind::UpperBound && self.witness.is_none();
        let is_complete = !lacks_witness && self.pending.is_empty();
        let missing = require(SideCondition::OrderS2, is_complete, || "expected a further record".into());
        missing.map_err(|violation| violation.at(number))
    }

    /// What was proved, in words.
    pub(crate) fn statement(&self) -> String {
        let (support, raised) = self.witness.as_ref().map_or((&[][..], &[][..]), |w| (&w.support, &w.raised));
        self.claim.statement(support, raised)
    }

    pub(crate) fn facts(&self) -> Facts {
        Facts::of_averaging(&self.claim, self.evaluator.as_ref().and_then(Evaluator::query_range), self.on_sum.as_ref())
    }

    fn is_complete(&self) -> bool {
        self.covered == self.n_supports && (self.claim.kind == Kind::UpperBound || self.witness.is_some())
    }

    /// The margin, if dual vectors need evidence.
    fn margin(&self) -> Option<&Rational> {
        match &self.claim.unit {
            Unit::SignKeys { margin, .. } => margin.as_ref(),
            Unit::MomentCurve | Unit::CodeKeys { .. } => None,
        }
    }

    fn keep(&mut self, number: u64, evidence: DualEvidence) -> Result<(), Verdict> {
        self.n_pending_terms = self.n_pending_terms.saturating_add(evidence.n_terms());
        if self.pending.len() == MAX_PENDING || MAX_PENDING_TERMS < self.n_pending_terms {
            let reason = format!(
                "expected at most {MAX_PENDING} dual or no-dual records with {MAX_PENDING_TERMS} coefficients for one block"
            );
            return Err(Verdict::resource("records", number, reason));
        }
        self.pending.push((number, evidence));
        Ok(())
    }

    /// The pending evidence, which no later block may use again.
    fn take_pending(&mut self) -> Vec<(u64, DualEvidence)> {
        self.n_pending_terms = 0;
        std::mem::take(&mut self.pending)
    }

    /// Whether the blocks so far cover all supports.
    fn check_blocks(&self) -> Result<(), Violation> {
        let has_blocks = self.n_supports == 0 || 0 < self.covered;
        require(SideCondition::OrderS2, has_blocks, || "expected a block record, found none".into())?;
        rules::block::check_coverage(self.covered, self.n_supports)
    }

    fn block(&mut self, number: u64, block: &BlockRecord) -> Result<(), Verdict> {
        let at_block = |violation: Violation| violation.at(number);
        rules::block::check_range(block, self.covered, self.n_supports).map_err(at_block)?;
        let n_due = block.end.saturating_sub(block.first);
        let duals = self.take_duals(number, block.first, n_due)?;
        check_precision(&self.claim, rules::block::precision_for(block), number)?;
        if let Some(evaluator) = &mut self.evaluator {
            rules::block::check_bound(block, &self.claim, evaluator, &duals).map_err(at_block)?;
        }
        self.covered = block.end;
        Ok(())
    }

    fn witness(&mut self, number: u64, witness: WitnessRecord) -> Result<(), Verdict> {
        let at_witness = |violation: Violation| violation.at(number);
        self.check_blocks().map_err(at_witness)?;
        let duals = self.dual_of_witness(number, &witness.support)?;
        let evaluator = self.evaluator.as_mut().filter(|_| witness_is_evaluated(&self.claim));
        if evaluator.is_some() {
            check_precision(&self.claim, rules::witness::base_precision_for(&witness), number)?;
        }
        rules::witness::check(&witness, &self.claim, evaluator, duals.as_ref()).map_err(at_witness)?;
        self.witness = Some(witness);
        Ok(())
    }

    /// The dual vectors of the supports `first, …, first + n_due - 1` from the pending evidence.
    fn take_duals(&mut self, number: u64, first: u64, n_due: u64) -> Result<Vec<Combination>, Verdict> {
        let pending = self.take_pending();
        let Some(margin) = self.margin().cloned() else {
            return Ok(Vec::new());
        };
        self.check_pending(number, &pending, n_due)?;
        let mut support = unrank(first, self.claim.tokens, self.claim.sparsity).unwrap_or_default();
        let mut duals = Vec::new();
        for (record, evidence) in &pending {
            duals.push(self.dual(*record, evidence, &margin, &support)?);
            if !step(&mut support, self.claim.tokens) {
                break;
            }
        }
        Ok(duals)
    }

    fn dual_of_witness(&mut self, number: u64, support: &[u64]) -> Result<Option<Combination>, Verdict> {
        let pending = self.take_pending();
        let Some(margin) = self.margin().cloned() else {
            return Ok(None);
        };
        self.check_pending(number, &pending, 1)?;
        let due = pending.first();
        due.map(|(record, evidence)| self.dual(*record, evidence, &margin, support)).transpose()
    }

    /// Requires as many pending records as supports are due before record `number`.
    fn check_pending(&self, number: u64, pending: &[(u64, DualEvidence)], n_due: u64) -> Result<(), Verdict> {
        let n_pending = u64::try_from(pending.len()).unwrap_or(u64::MAX);
        require(SideCondition::OrderS2, n_due <= n_pending, || {
            format!("expected {n_due} dual or no-dual records before this, found {n_pending}")
        })
        .map_err(|violation| violation.at(number))?;
        require(SideCondition::OrderS1, n_pending <= n_due, || {
            format!("expected {n_due} dual or no-dual records before this, found {n_pending}")
        })
        .map_err(|violation| violation.at(number))
    }

    fn dual(
        &self,
        number: u64,
        evidence: &DualEvidence,
        margin: &Rational,
        support: &[u64],
    ) -> Result<Combination, Verdict> {
        let keys = self.evaluator.as_ref().and_then(Evaluator::sign_keys);
        let keys = keys.ok_or_else(|| Violation::new(SideCondition::OrderS1, "expected sign keys").at(number))?;
        let checked = match evidence {
            DualEvidence::Vector(record) => rules::dual::check(record, keys, margin, support),
            DualEvidence::None(record) => rules::no_dual::check(record, keys, margin, support),
        };
        checked.map_err(|violation| violation.at(number))
    }
}

/// The rules without a record; the result is the `b` of `coherence` or `babel`.
fn check_method(claim: &SparseAveraging) -> Result<Option<Rational>, Violation> {
    match (claim.method, &claim.unit) {
        (Method::Witness | Method::Exhaustive | Method::Decoding, _) => Ok(None),
        (Method::ClosedForm, Unit::CodeKeys { field_size, degree_bound, evaluations }) => {
            rules::closed_form_code_keys::check(claim, *field_size, *degree_bound, *evaluations).map(|()| None)
        }
        (Method::ClosedForm, _) => rules::closed_form_moment_curve::check(claim).map(|()| None),
        (Method::Coherence, _) => rules::coherence::check(claim).map(Some),
        (Method::Babel, _) => rules::babel::check(claim).map(Some),
    }
}
