//! The limits of FORMAT.md; each is checked before the work it bounds.

use num_bigint::BigUint;
use num_integer::Integer;

use crate::claim::averaging::{Dual, SparseAveraging, Unit};
use crate::claim::matching::{Encoding, Matching, Network};
use crate::claim::{Kind, Method};
use crate::file::ConfusionRecord;
use crate::number::Rational;
use crate::rules::decision::threshold_zeros;
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
/// Coefficients in these records together.
pub(crate) const MAX_PENDING_TERMS: usize = 1 << 22;
/// Commas in a line: no list of tokens that a rule accepts is longer than `2^16`, and no record has more than two lists.
pub(crate) const MAX_COMMAS: usize = (1 << 17) + 16;
/// `C(N,q)·N·c` where supports are enumerated, with the cost `c` of one token at one support.
const MAX_WORK: u128 = 1 << 34;
/// `N·c` for one witness.
const MAX_WITNESS_WORK: u128 = 1 << 32;
/// `N²·⌈m'/64⌉` for `coherence` and `babel`, `N·m'·⌈m'/64⌉` for `max-margin`.
const MAX_GRAM_WORK: u128 = 1 << 33;
/// Bits of work for a block or an evaluated witness.
const MAX_PRECISION: u64 = 1 << 14;
/// `N` times the square of those bits in words of 64.
const MAX_PRECISION_WORK: u128 = 1 << 24;
/// `N` where supports or tokens are enumerated.
const MAX_ENUMERATED_TOKENS: u64 = 1 << 16;
/// `N·m'` for sign keys.
const MAX_SIGN_TABLE: u128 = 1 << 32;
/// `m'` for sign keys.
const MAX_SIGN_WIDTH: u64 = 1 << 20;
/// `N·n` where code keys are enumerated.
const MAX_CODE_TABLE: u128 = 1 << 24;
/// `N·n` up to which a witness of code keys is evaluated token by token.
const MAX_CODE_WITNESS: u128 = 1 << 22;
/// Pairs or triples of residues that are tabulated.
const MAX_RESIDUE_TABLE: u128 = 1 << 30;
/// Bits of a tabulated score, without 8 for sums and the sign.
const MAX_SCORE_BITS: u64 = 126 - 8;
/// Runs of an input of the third order.
const MAX_RUNS: usize = 1024;
/// Bits of all scores of an input.
const MAX_SCORE_TABLE_BITS: u128 = 1 << 30;
/// `N·r·c` for `r` rows of an averaging layer.
const MAX_ROWS_WORK: u128 = 1 << 30;
const MAX_SPARSITY: u64 = 4096;
const MAX_FRACTION_BITS: u64 = 4096;
const MAX_VALUE_FRACTION_BITS: u64 = 65_536;
const MAX_FIELD_SIZE: u64 = (1 << 32) - 1;
const MAX_DEGREE_BOUND: u64 = 4096;
const MAX_VALUE_DIM: u64 = (1 << 32) - 1;
const MAX_WINDOW: u64 = 2047;
const MAX_THRESHOLD_ZEROS: u64 = 8192;

/// The limits as text, one a line.
#[must_use]
pub fn limits_text() -> String {
    format!(
        "file-size       {MAX_FILE_BYTES} bytes in a file\n\
         line-size       {MAX_LINE_BYTES} bytes in a line\n\
         number-size     {MAX_NUMBER_BITS} bits or {MAX_DIGITS} digits in a number, exponent up to {MAX_EXPONENT}\n\
         list-size       {MAX_COMMAS} commas in a line\n\
         records         {MAX_RECORDS} records; for one block {MAX_PENDING} dual or no-dual records with {MAX_PENDING_TERMS} coefficients\n\
         enumeration     N <= {MAX_ENUMERATED_TOKENS}, C(N,q)*N*c <= {MAX_WORK}, for one witness N*c <= {MAX_WITNESS_WORK}, \
         with c = q (moment-curve), m'+q^3 (sign-keys), n*q (code-keys)\n\
         precision       {MAX_PRECISION} bits for a block or witness, N*(bits/64)^2 <= {MAX_PRECISION_WORK}\n\
         key-table       sign keys N*m' <= {MAX_SIGN_TABLE} and m' <= {MAX_SIGN_WIDTH}, code keys N*n <= {MAX_CODE_TABLE}, \
         coherence and babel N*N*ceil(m'/64) <= {MAX_GRAM_WORK}, max-margin N*m'*ceil(m'/64) <= {MAX_GRAM_WORK}\n\
         pair-table      modulus^2 <= {MAX_RESIDUE_TABLE} (match2) or modulus^3 <= {MAX_RESIDUE_TABLE} (third-order), \
         order*fraction_bits + bits of ceil(scale) <= {MAX_SCORE_BITS}\n\
         confusion-size  third-order {MAX_RUNS} runs an input; trigonometric n_runs^(order-1) times \
         (order*fraction_bits + bits of ceil(scale)) <= {MAX_SCORE_TABLE_BITS}; local and bigram N <= {MAX_ENUMERATED_TOKENS}, \
         N*rows*c <= {MAX_ROWS_WORK}\n\
         decoding-size   N <= {MAX_ENUMERATED_TOKENS}, N*rows*c <= {MAX_ROWS_WORK}\n\
         parameter-size  sparsity <= {MAX_SPARSITY}, fraction_bits <= {MAX_FRACTION_BITS}, \
         value_fraction_bits <= {MAX_VALUE_FRACTION_BITS}, field_size <= {MAX_FIELD_SIZE}, \
         degree_bound <= {MAX_DEGREE_BOUND}, value_dim <= {MAX_VALUE_DIM}, window <= {MAX_WINDOW}, \
         {MAX_THRESHOLD_ZEROS} zeros after the points of lo and hi - lo\n"
    )
}

/// Whether the output of a witness is bounded token by token.
pub(crate) fn witness_is_evaluated(claim: &SparseAveraging) -> bool {
    match &claim.unit {
        Unit::CodeKeys { evaluations, .. } => {
            claim.tokens <= MAX_ENUMERATED_TOKENS && product(claim.tokens, *evaluations) <= MAX_CODE_WITNESS
        }
        Unit::MomentCurve => claim.tokens <= MAX_ENUMERATED_TOKENS,
        Unit::SignKeys { .. } => true,
    }
}

/// Refuses parameters beyond the limits.
pub(crate) fn check_parameters(claim: &SparseAveraging) -> Result<(), Verdict> {
    check_sizes(claim)?;
    check_tables(claim, claim.method == Method::Exhaustive)?;
    let is_exhaustive = claim.method == Method::Exhaustive;
    let has_evaluated_witness = claim.kind != Kind::UpperBound && witness_is_evaluated(claim);
    if is_exhaustive || has_evaluated_witness {
        at_most("enumeration", "tokens", claim.tokens.into(), MAX_ENUMERATED_TOKENS.into())?;
    }
    let row_work = u128::from(claim.tokens).saturating_mul(token_cost(claim));
    if has_evaluated_witness {
        at_most("enumeration", "the work of a witness", row_work, MAX_WITNESS_WORK)?;
    }
    if is_exhaustive {
        let n_supports = binomial(claim.tokens, claim.sparsity).map_or(u128::MAX, u128::from);
        at_most("enumeration", "the work of all supports", n_supports.saturating_mul(row_work), MAX_WORK)?;
    }
    Ok(())
}

/// Refuses parameters of a matching claim beyond the limits.
pub(crate) fn check_matching_parameters(claim: &Matching) -> Result<(), Verdict> {
    let size = |name, found: u64, limit: u64| at_most("parameter-size", name, found.into(), limit.into());
    for zeros in threshold_zeros(claim) {
        size("zeros after the points of lo and hi - lo", zeros, MAX_THRESHOLD_ZEROS)?;
    }
    match &claim.network {
        Network::Match2(encoding) => check_scores(claim, *encoding, 2),
        Network::ThirdOrder(encoding) => check_scores(claim, *encoding, 3),
        Network::Local { window, .. } => {
            size("window", *window, MAX_WINDOW)?;
            check_layer(claim)
        }
        Network::Bigram { fraction_bits, .. } => {
            size("fraction_bits", *fraction_bits, MAX_FRACTION_BITS)?;
            check_layer(claim)
        }
    }
}

fn check_scores(claim: &Matching, encoding: Encoding, order: u64) -> Result<(), Verdict> {
    let Encoding::Trigonometric { fraction_bits } = encoding else { return Ok(()) };
    at_most("parameter-size", "fraction_bits", fraction_bits.into(), MAX_FRACTION_BITS.into())?;
    if claim.method != Method::Exhaustive {
        return Ok(());
    }
    let modulus = u128::from(claim.modulus);
    let n_entries = if order == 2 { modulus * modulus } else { modulus.saturating_pow(3) };
    at_most("pair-table", "the number of tabulated scores", n_entries, MAX_RESIDUE_TABLE)?;
    let bits = score_bits(&claim.scale, fraction_bits, order);
    at_most("pair-table", "the bits of a tabulated score", bits.into(), MAX_SCORE_BITS.into())
}

/// `order·f + bits of ⌈c⌉`.
fn score_bits(scale: &Rational, fraction_bits: u64, order: u64) -> u64 {
    order.saturating_mul(fraction_bits).saturating_add(scale.numer().div_ceil(scale.denom()).bits())
}

/// Whether scores may be tabulated in machine words.
pub(crate) fn scores_fit(scale: &Rational, fraction_bits: u64, order: u64) -> bool {
    score_bits(scale, fraction_bits, order) <= MAX_SCORE_BITS
}

/// The limits on an averaging layer: those of the rule that bounds its error, or of the rows that are evaluated.
fn check_layer(claim: &Matching) -> Result<(), Verdict> {
    let Some(layer) = claim.layer_claim() else { return Ok(()) };
    let (code, n_rows) = match (claim.method, &claim.network) {
        (Method::Decoding, _) => ("decoding-size", claim.n_layer_rows()),
        (Method::Witness, Network::Local { .. }) => ("confusion-size", 2),
        (Method::Witness, _) => ("confusion-size", claim.n_layer_rows()),
        _ => return check_parameters(&layer),
    };
    check_sizes(&layer)?;
    check_tables(&layer, true)?;
    at_most(code, "tokens", claim.tokens.into(), MAX_ENUMERATED_TOKENS.into())?;
    let work = product(claim.tokens, n_rows).saturating_mul(token_cost(&layer));
    at_most(code, "the work of all rows", work, MAX_ROWS_WORK)
}

/// Refuses inputs, record `number`, with too many runs, or with scores of too many bits together.
pub(crate) fn check_runs(claim: &Matching, record: &ConfusionRecord, number: u64) -> Result<(), Verdict> {
    let refuse = |reason| Err(Verdict::resource("confusion-size", number, reason));
    let n_runs = record.input.len().max(record.other_input.len());
    let (encoding, order) = match &claim.network {
        Network::Match2(encoding) => (encoding, 2),
        Network::ThirdOrder(encoding) => (encoding, 3),
        Network::Local { .. } | Network::Bigram { .. } => return Ok(()),
    };
    if order == 3 && MAX_RUNS < n_runs {
        return refuse(format!("expected at most {MAX_RUNS} runs an input, found {n_runs}"));
    }
    let Encoding::Trigonometric { fraction_bits } = encoding else { return Ok(()) };
    let n_runs = u128::try_from(n_runs).unwrap_or(u128::MAX);
    let n_scores = if order == 3 { n_runs.saturating_mul(n_runs) } else { n_runs };
    let n_bits = n_scores.saturating_mul(score_bits(&claim.scale, *fraction_bits, order).into());
    if MAX_SCORE_TABLE_BITS < n_bits {
        return refuse(format!("expected scores of at most {MAX_SCORE_TABLE_BITS} bits together, found {n_bits}"));
    }
    Ok(())
}

/// What one token costs at one support: factors of a product, coordinates and the share of solving for the query,
/// comparisons of points.
fn token_cost(claim: &SparseAveraging) -> u128 {
    let sparsity = u128::from(claim.sparsity);
    match &claim.unit {
        Unit::MomentCurve => sparsity,
        Unit::SignKeys { key_width, .. } => u128::from(*key_width) + sparsity.saturating_pow(3),
        Unit::CodeKeys { evaluations, .. } => product(*evaluations, claim.sparsity),
    }
}

/// Refuses a block or an evaluated witness, record `number`, that asks for too many bits of work.
pub(crate) fn check_precision(claim: &SparseAveraging, precision: u64, number: u64) -> Result<(), Verdict> {
    let words = precision.div_ceil(64);
    let work = u128::from(claim.tokens).saturating_mul(product(words, words));
    if precision <= MAX_PRECISION && work <= MAX_PRECISION_WORK {
        return Ok(());
    }
    let reason =
        format!("expected a record that needs fewer bits of work, found {precision} at {} tokens", claim.tokens);
    Err(Verdict::resource("precision", number, reason))
}

fn check_sizes(claim: &SparseAveraging) -> Result<(), Verdict> {
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

fn check_tables(claim: &SparseAveraging, enumerates_codes: bool) -> Result<(), Verdict> {
    let table = |name, found: u128, limit: u128| at_most("key-table", name, found, limit);
    match &claim.unit {
        Unit::MomentCurve => Ok(()),
        Unit::SignKeys { key_width, dual, .. } => {
            table("key_width", (*key_width).into(), MAX_SIGN_WIDTH.into())?;
            table("tokens times key_width", product(claim.tokens, *key_width), MAX_SIGN_TABLE)?;
            let words = u128::from(u64::div_ceil(*key_width, 64));
            if matches!(claim.method, Method::Coherence | Method::Babel) {
                table("tokens", claim.tokens.into(), MAX_ENUMERATED_TOKENS.into())?;
                table("tokens squared times words", product(claim.tokens, claim.tokens) * words, MAX_GRAM_WORK)?;
            }
            if *dual == Dual::MaxMargin {
                table("tokens times key_width times words", product(claim.tokens, *key_width) * words, MAX_GRAM_WORK)?;
            }
            Ok(())
        }
        Unit::CodeKeys { evaluations, .. } if enumerates_codes => {
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
