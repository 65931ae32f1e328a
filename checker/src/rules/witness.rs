//! Rule `witness`: one input on which the unit errs by a stated distance.
//!
//! The row has support `y`; `z_j = +e_1` off `y` and on `raised`, `-e_1` on the rest of `y`.
//! These values are exact at every number of fraction bits, so the output is `o·e_1` with
//! `o = Σ_j A_j·sign(z_j)` and the target `t·e_1` with `t = (2·|raised| - q)/q`.
//! *Ensures* `|o - t| ≥ distance`, and `distance` is above `ε`, or at least `lo`.
//! *Source* Lemma A; docs/theory.md section 2.

use num_bigint::{BigInt, BigUint};

use crate::claim::Kind;
use crate::claim::averaging::{SparseAveraging, Unit};
use crate::exp::{Enclosure, NegExp, ScaledExp};
use crate::file::WitnessRecord;
use crate::number::{Rational, clamp_to_unsigned};
use crate::rules::closed_form_code_keys::least_gap;
use crate::rules::closed_form_moment_curve;
use crate::rules::{base_precision, holds_at_some_precision, n_off_support};
use crate::side_condition::{SideCondition, Violation, require};
use crate::supports::is_increasing_below;
use crate::units::sign_keys::Combination;
use crate::units::{Evaluator, moment_curve, split};

/// Tokens that a witness on the moment curve with very many tokens is bounded by from below.
const WINDOW: u64 = 4096;

/// Brackets of the output.
struct Output {
    lo: Rational,
    hi: Rational,
}

/// Checks `witness.S1` to `witness.S5`.
/// Without an evaluator the output is bounded from the mass of all tokens off the support.
pub(crate) fn check(
    record: &WitnessRecord,
    claim: &SparseAveraging,
    evaluator: Option<&mut Evaluator>,
    dual: Option<&Combination>,
) -> Result<(), Violation> {
    check_input(record, claim, evaluator.is_some())?;
    require(SideCondition::WitnessS3, output_is_enclosed(record, claim, evaluator, dual), || {
        "expected output_lo and output_hi to enclose the output".into()
    })?;
    let target = target_of(record, claim);
    let distance = record.distance.to_rational();
    let is_distant = target.is_some_and(|target| {
        let below = target.minus(&record.output_hi.to_rational());
        let above = record.output_lo.to_rational().minus(&target);
        distance <= below || distance <= above
    });
    require(SideCondition::WitnessS4, !distance.is_negative() && is_distant, || {
        "expected distance within 0 and the gap between output and target".into()
    })?;
    let is_enough = match (claim.kind, &claim.error, &claim.range) {
        (Kind::Counterexample, Some(error), _) => *error < distance,
        (Kind::Enclosure, _, Some((lo, _))) => lo.to_rational() <= distance,
        _ => false,
    };
    require(SideCondition::WitnessS5, is_enough, || "expected distance to reach the claimed error".into())
}

/// Checks `witness.S1` and `witness.S2`.
fn check_input(record: &WitnessRecord, claim: &SparseAveraging, is_evaluated: bool) -> Result<(), Violation> {
    let has_size = u64::try_from(record.support.len()) == Ok(claim.sparsity);
    let is_windowed = !is_evaluated && claim.unit == Unit::MomentCurve;
    let n_allowed = if is_windowed { WINDOW.min(claim.tokens) } else { claim.tokens };
    let is_support = has_size && is_increasing_below(&record.support, n_allowed);
    require(SideCondition::WitnessS1, is_support, || {
        format!("expected an increasing list of sparsity tokens below {n_allowed}")
    })?;
    let is_member = |token: &u64| record.support.contains(token);
    let are_members = is_increasing_below(&record.raised, claim.tokens) && record.raised.iter().all(is_member);
    require(SideCondition::WitnessS2, are_members && (is_evaluated || record.raised.is_empty()), || {
        "expected raised to be an increasing list of members of the support, empty without evaluation".into()
    })
}

/// `t = (2·|raised| - q)/q`.
fn target_of(record: &WitnessRecord, claim: &SparseAveraging) -> Option<Rational> {
    let sparsity = BigInt::from(claim.sparsity);
    Rational::new(BigInt::from(record.raised.len()) * 2u32 - &sparsity, sparsity)
}

/// Bits of work that resolve the distances of both ends of the output from `±1`.
pub(crate) fn base_precision_for(record: &WitnessRecord) -> u64 {
    let one = Rational::integer(1);
    let ends = [record.output_lo.to_rational(), record.output_hi.to_rational()];
    let distances = ends.iter().flat_map(|end| [one.plus(end), one.minus(end)]);
    let zeros = distances.filter(Rational::is_positive).map(|distance| distance.leading_zeros()).max();
    base_precision(zeros.unwrap_or(0))
}

/// Whether `output_lo ≤ o ≤ output_hi`, at a precision relative to the distances of both ends from `±1`.
fn output_is_enclosed(
    record: &WitnessRecord,
    claim: &SparseAveraging,
    mut evaluator: Option<&mut Evaluator>,
    dual: Option<&Combination>,
) -> bool {
    let ends = [record.output_lo.to_rational(), record.output_hi.to_rational()];
    holds_at_some_precision(base_precision_for(record), |precision| {
        let output = match evaluator.as_deref_mut() {
            Some(evaluator) => evaluated_output(record, evaluator, dual, precision),
            None => common_output(record, claim, precision),
        };
        let [lo, hi] = &ends;
        output.is_some_and(|output| *lo <= output.lo && output.hi <= *hi)
    })
}

/// The output from the weights of all tokens.
fn evaluated_output(
    record: &WitnessRecord,
    evaluator: &mut Evaluator,
    dual: Option<&Combination>,
    precision: u64,
) -> Option<Output> {
    let weights = evaluator.weights(&record.support, dual, precision);
    let (mut raised, mut lowered) = (weights.off, Enclosure::zero());
    for (token, weight) in record.support.iter().zip(&weights.on) {
        if record.raised.contains(token) {
            raised.add(weight);
        } else {
            lowered.add(weight);
        }
    }
    output((&raised.lo, &raised.hi()), (&lowered.lo, &lowered.hi()))
}

/// The output with `raised` empty, from bounds of the whole off-support mass; on the support the weight is 1.
fn common_output(record: &WitnessRecord, claim: &SparseAveraging, precision: u64) -> Option<Output> {
    let (lo, hi) = match &claim.unit {
        Unit::CodeKeys { degree_bound, evaluations, .. } => code_mass(claim, *degree_bound, *evaluations, precision),
        Unit::MomentCurve => moment_mass(record, claim, precision)?,
        Unit::SignKeys { .. } => return None,
    };
    let on_support = Rational::integer(claim.sparsity);
    let output = |mass: &Rational| mass.minus(&on_support).over(&mass.plus(&on_support));
    Some(Output { lo: output(&lo)?, hi: output(&hi)? })
}

/// Off the support a weight lies between `e^{-αn}` and `e^{-α·max(0, n - q(k-1))}`.
fn code_mass(claim: &SparseAveraging, degree_bound: u64, evaluations: u64, precision: u64) -> (Rational, Rational) {
    let mut exp = NegExp::new(precision);
    let mut weight = |gap: &BigInt| {
        exp.at(&clamp_to_unsigned(&(claim.scale.numer() * gap)), &clamp_to_unsigned(claim.scale.denom()))
    };
    let lightest = weight(&BigInt::from(evaluations));
    let least_gap = least_gap(claim.sparsity, degree_bound, evaluations);
    let heaviest = weight(&least_gap.max(BigInt::from(0)));
    let mass = |weight: BigUint| Rational::scaled(BigInt::from(weight * n_off_support(claim)), exp.precision());
    (mass(lightest.lo), mass(heaviest.hi()))
}

/// The tokens of the window alone from below, the closed form of all tokens from above.
fn moment_mass(record: &WitnessRecord, claim: &SparseAveraging, precision: u64) -> Option<(Rational, Rational)> {
    let mut exp = ScaledExp::new(&claim.scale, precision);
    let n_tokens = WINDOW.min(claim.tokens);
    let window = split(&record.support, |visit| moment_curve::visit(n_tokens, &record.support, &mut exp, visit));
    let lo = Rational::scaled(BigInt::from(window.off.lo), exp.precision());
    Some((lo, closed_form_moment_curve::mass_hi(claim, precision)?))
}

/// `o = (A - S)/(A + S)` for the weight `A` of the tokens at `+1` and `S` of those at `-1`: it grows with `A`
/// and falls with `S`.
fn output(raised: (&BigUint, &BigUint), lowered: (&BigUint, &BigUint)) -> Option<Output> {
    let ratio = |raised: &BigUint, lowered: &BigUint| {
        let (raised, lowered) = (BigInt::from(raised.clone()), BigInt::from(lowered.clone()));
        Rational::new(&raised - &lowered, raised + lowered)
    };
    Some(Output { lo: ratio(raised.0, lowered.1)?, hi: ratio(raised.1, lowered.0)? })
}
