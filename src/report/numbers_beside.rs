//! The numbers that follow from a verified claim: m', m, p, α and the paper's constants.
//!
//! In: the checker's report. Out: named values, as text lines and as JSON.
//! Invariant: nothing is printed beside a verdict that is not positive.
//! Source: `checker/FORMAT.md` section 6; docs/theory.md section 4c.

use attestor_check::{Exactness, Facts, Report, SparseAveraging};
use serde_json::{Map, Value};

use super::constants::{precision_constant, width_constant};
use crate::numbers::Rational;
use crate::numbers::interval::Interval;
use crate::numbers::rational::{decimal_down, decimal_up};

/// Named values in the order of the documentation.
pub type Numbers = Vec<(&'static str, String)>;

/// Digits of printed enclosures.
const DIGITS: u32 = 6;

/// The numbers beside a positive verdict; `None` beside any other.
pub fn numbers(report: &Report) -> Option<Numbers> {
    let (claim, facts) = (report.claim.as_ref()?, report.facts.as_ref()?);
    let mut numbers = vec![
        ("key_width", facts.key_width.to_string()),
        ("embedding_dim", facts.embedding_dim.to_string()),
        ("scale", claim.scale().to_string()),
        ("key_bits", facts.key_bits.to_string()),
        ("query_bits", bits_text(facts.query_bits)),
        ("value_bits", facts.value_bits.to_string()),
        ("precision", bits_text(facts.bits())),
    ];
    if let Some(claim) = claim.averaging() {
        let width = width_constant(claim.tokens, claim.sparsity, facts.key_width);
        numbers.push(("width_constant", width.as_ref().map_or_else(undefined, enclosure)));
        numbers.push(("precision_constant", precision(claim, facts).as_ref().map_or_else(undefined, enclosure)));
    }
    let exact = |score: &attestor_check::Rational| Rational::new(score.numer().clone(), score.denom().clone());
    if let Some(score) = &facts.match_score {
        numbers.push(("match_score", decimal_down(&exact(score), DIGITS)));
    }
    if let Some(score) = &facts.non_match_score {
        numbers.push(("non_match_score", decimal_up(&exact(score), DIGITS)));
    }
    Some(numbers)
}

/// p against `log₂((q/ε)·ln N)`, with an enclosure's upper end where no error is stated.
fn precision(claim: &SparseAveraging, facts: &Facts) -> Option<Interval> {
    let (bits, _) = facts.bits()?;
    let error = match (&claim.error, &claim.range) {
        (Some(error), _) => Rational::new(error.numer().clone(), error.denom().clone()),
        (None, Some((_, hi))) => {
            let hi = hi.to_rational();
            Rational::new(hi.numer().clone(), hi.denom().clone())
        }
        (None, None) => return None,
    };
    precision_constant(claim.tokens, claim.sparsity, bits, &error)
}

fn undefined() -> String {
    "undefined".to_owned()
}

fn bits_text(bits: Option<(u64, Exactness)>) -> String {
    match bits {
        None => "not a fixed-point number".to_owned(),
        Some((bits, Exactness::Exact)) => bits.to_string(),
        Some((bits, Exactness::UpperBound)) => format!("at most {bits}"),
        Some((bits, Exactness::AtWitness)) => format!("{bits} at the witness"),
    }
}

fn enclosure(interval: &Interval) -> String {
    format!(
        "[{}, {}]",
        decimal_down(&interval.lo().to_rational(), DIGITS),
        decimal_up(&interval.hi().to_rational(), DIGITS)
    )
}

/// What a name means, for people.
pub fn meaning(name: &str) -> &'static str {
    match name {
        "key_width" => "m', entries of a query and of a key",
        "embedding_dim" => "m = d' + 2m', value, query and key side by side",
        "scale" => "alpha, the factor on the scores",
        "key_bits" => "bits of the widest key entry",
        "query_bits" => "bits of the widest query entry",
        "value_bits" => "bits of a value entry",
        "precision" => "p, bits of the widest entry of all",
        "match_score" => "every matching score is at least this, relative to the blank's",
        "non_match_score" => "every score that occurs without a match is at most this, relative to the blank's",
        "width_constant" => "m'/(q ln N), the constant of m >= d' + q log N",
        "precision_constant" => "p/log2((q/error) ln N), the constant of p >= log((q/error) log N)",
        _ => "",
    }
}

/// One comment line for each number.
pub fn lines(numbers: &Numbers) -> String {
    numbers.iter().map(|(name, value)| format!("c {name} {value}\n")).collect()
}

/// The numbers as a JSON object.
pub fn json(numbers: &Numbers) -> Value {
    let entries = numbers.iter().map(|(name, value)| ((*name).to_owned(), Value::String(value.clone())));
    Value::Object(entries.collect::<Map<_, _>>())
}
