//! The limits of FORMAT.md; each is checked before the work it bounds.

use num_bigint::BigUint;

use crate::claim::{Claim, Kind, Method, Unit};
use crate::supports::binomial;
use crate::verdict::Verdict;

/// Bytes in a file.
pub(crate) const MAX_FILE_BYTES: u64 = 1 << 32;
/// Bytes in a line, its line feed included.
pub(crate) const MAX_LINE_BYTES: u64 = 1 << 24;
/// Bits in a numerator, denominator or mantissa.
pub(crate) const MAX_NUMBER_BITS: u64 = 65_536;
/// Decimal digits of such a number: 2^65536 has 19,729.
pub(crate) const MAX_DIGITS: usize = 19_729;
/// Modulus of the exponent of a dyadic number.
pub(crate) const MAX_EXPONENT: u64 = 65_536;
/// Records between header and end line.
pub(crate) const MAX_RECORDS: u64 = 10_000_000;
/// `dual` and `no-dual` records that wait for one block.
pub(crate) const MAX_PENDING: usize = 1 << 18;
/// `C(N,q)·N` where supports are enumerated.
const MAX_EVALUATIONS: u128 = 1 << 34;
/// `N` where supports or tokens are enumerated.
const MAX_ENUMERATED_TOKENS: u64 = 1 << 16;
/// `N·m'` for sign keys.
const MAX_SIGN_TABLE: u128 = 1 << 32;
/// `m'` for sign keys.
const MAX_SIGN_WIDTH: u64 = 1 << 20;
/// `N·n` where code keys are enumerated.
const MAX_CODE_TABLE: u128 = 1 << 28;
/// `N·n` up to which a witness of code keys is evaluated token by token.
const MAX_CODE_WITNESS: u128 = 1 << 22;
const MAX_SPARSITY: u64 = 4096;
const MAX_FRACTION_BITS: u64 = 4096;
const MAX_VALUE_FRACTION_BITS: u64 = 65_536;
const MAX_FIELD_SIZE: u64 = (1 << 32) - 1;
const MAX_DEGREE_BOUND: u64 = 4096;
const MAX_VALUE_DIM: u64 = (1 << 32) - 1;

/// The limits as text, one a line.
#[must_use]
pub fn limits_text() -> String {
    format!(
        "file-size       {MAX_FILE_BYTES} bytes in a file\n\
         line-size       {MAX_LINE_BYTES} bytes in a line\n\
         number-size     {MAX_NUMBER_BITS} bits or {MAX_DIGITS} digits in a number, exponent up to {MAX_EXPONENT}\n\
         records         {MAX_RECORDS} records, {MAX_PENDING} dual or no-dual records for one block\n\
         enumeration     C(N,q)*N <= {MAX_EVALUATIONS} and N <= {MAX_ENUMERATED_TOKENS}\n\
         key-table       sign keys N*m' <= {MAX_SIGN_TABLE} and m' <= {MAX_SIGN_WIDTH}, code keys N*n <= {MAX_CODE_TABLE}\n\
         parameter-size  sparsity <= {MAX_SPARSITY}, fraction_bits <= {MAX_FRACTION_BITS}, \
         value_fraction_bits <= {MAX_VALUE_FRACTION_BITS}, field_size <= {MAX_FIELD_SIZE}, \
         degree_bound <= {MAX_DEGREE_BOUND}, value_dim <= {MAX_VALUE_DIM}\n"
    )
}

/// Whether the output of a witness is bounded token by token.
pub(crate) fn witness_is_evaluated(claim: &Claim) -> bool {
    match &claim.unit {
        Unit::CodeKeys { evaluations, .. } => {
            claim.tokens <= MAX_ENUMERATED_TOKENS && product(claim.tokens, *evaluations) <= MAX_CODE_WITNESS
        }
        Unit::MomentCurve => claim.tokens <= MAX_ENUMERATED_TOKENS,
        Unit::SignKeys { .. } => true,
    }
}

/// Refuses parameters beyond the limits.
pub(crate) fn check_parameters(claim: &Claim) -> Result<(), Verdict> {
    check_sizes(claim)?;
    check_tables(claim)?;
    let is_exhaustive = claim.method == Method::Exhaustive;
    let has_evaluated_witness = claim.kind != Kind::UpperBound && witness_is_evaluated(claim);
    if is_exhaustive || has_evaluated_witness {
        at_most("enumeration", "tokens", claim.tokens.into(), MAX_ENUMERATED_TOKENS.into())?;
    }
    if is_exhaustive {
        let n_evaluations = binomial(claim.tokens, claim.sparsity).map(|count| product(count, claim.tokens));
        at_most("enumeration", "supports times tokens", n_evaluations.unwrap_or(u128::MAX), MAX_EVALUATIONS)?;
    }
    Ok(())
}

fn check_sizes(claim: &Claim) -> Result<(), Verdict> {
    let size = |name, found: u64, limit: u64| at_most("parameter-size", name, found.into(), limit.into());
    size("sparsity", claim.sparsity, MAX_SPARSITY)?;
    size("value_dim", claim.value_dim, MAX_VALUE_DIM)?;
    size("value_fraction_bits", claim.value_fraction_bits, MAX_VALUE_FRACTION_BITS)?;
    match &claim.unit {
        Unit::MomentCurve => Ok(()),
        Unit::SignKeys { fraction_bits, .. } => size("fraction_bits", *fraction_bits, MAX_FRACTION_BITS),
        Unit::CodeKeys { field_size, degree_bound, .. } => {
            size("field_size", *field_size, MAX_FIELD_SIZE)?;
            size("degree_bound", *degree_bound, MAX_DEGREE_BOUND)
        }
    }
}

fn check_tables(claim: &Claim) -> Result<(), Verdict> {
    let table = |name, found: u128, limit: u128| at_most("key-table", name, found, limit);
    match &claim.unit {
        Unit::MomentCurve => Ok(()),
        Unit::SignKeys { key_width, .. } => {
            table("key_width", (*key_width).into(), MAX_SIGN_WIDTH.into())?;
            table("tokens times key_width", product(claim.tokens, *key_width), MAX_SIGN_TABLE)?;
            if matches!(claim.method, Method::Coherence | Method::Babel) {
                table("tokens", claim.tokens.into(), MAX_ENUMERATED_TOKENS.into())?;
            }
            Ok(())
        }
        Unit::CodeKeys { evaluations, .. } if claim.method == Method::Exhaustive => {
            table("tokens times evaluations", product(claim.tokens, *evaluations), MAX_CODE_TABLE)
        }
        Unit::CodeKeys { .. } => Ok(()),
    }
}

fn product(left: u64, right: u64) -> u128 {
    u128::from(left) * u128::from(right)
}

fn at_most(code: &'static str, name: &str, found: u128, limit: u128) -> Result<(), Verdict> {
    if found <= limit {
        return Ok(());
    }
    let found = if found == u128::MAX { "more".to_owned() } else { BigUint::from(found).to_string() };
    Err(Verdict::resource(code, 0, format!("expected {name} at most {limit}, found {found}")))
}
