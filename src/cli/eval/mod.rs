//! `attestor eval`: one row of an averaging unit at one support, or the rows of a matching network on one input.

mod averaging;
mod matching;

use attestor::catalogue::claim::Kind;
use attestor::catalogue::entries;
use attestor::catalogue::request::{Fields, Request, RequestError};
use attestor::numbers::interval::Interval;
use attestor::numbers::rational::{decimal_down, decimal_up};
use serde_json::{Value, json};

use super::args::EvalArguments;
use super::exit::{Exit, Failure};
use super::input;

/// Digits of printed enclosures.
const DIGITS: u32 = 12;

/// Scores of the text table; the JSON has all of them.
const SHOWN_SCORES: usize = 64;

/// Evaluates rows.
pub fn run(arguments: &EvalArguments) -> Result<Exit, Failure> {
    let (id, mut fields) = input::stated(&arguments.claim)?;
    let Some(entry) = entries::find(&id) else {
        return Err(Failure::usage(RequestError::UnknownId { id }));
    };
    let is_matching = entry.kinds.contains(&Kind::Decision);
    refuse_foreign_flags(arguments, &id, is_matching)?;
    let residues = arguments.input.as_deref().map(matching::parse_residues).transpose()?;
    set_defaults(&mut fields, is_matching, residues.as_deref());
    match (Request::new(&id, &fields).map_err(Failure::usage)?, residues) {
        (Request::Averaging(request), _) => averaging::run(&request, arguments),
        (Request::Matching(request), Some(residues)) => matching::run(&request, &residues, arguments),
        (Request::Matching(_), None) => {
            Err(Failure::usage(format!("{id} needs --input, one residue for each token, such as --input 1,2,6,3")))
        }
    }
}

/// What neither flags nor claim file state.
fn set_defaults(fields: &mut Fields, is_matching: bool, residues: Option<&[u64]>) {
    if let Some(residues) = residues.filter(|_| fields.get("tokens").is_none()) {
        fields.set("tokens", Some(&residues.len().to_string()));
    }
    // An enclosure states no error of its own, so none is required here.
    if !is_matching && fields.get("error").is_none() && fields.get("kind").is_none() {
        fields.set("kind", Some("enclosure"));
    }
}

/// Flags that mean nothing for this kind of network.
fn refuse_foreign_flags(arguments: &EvalArguments, id: &str, is_matching: bool) -> Result<(), Failure> {
    let (foreign, remedy) = if is_matching {
        let foreign = [
            ("--support", arguments.support.is_some()),
            ("--values", arguments.values.is_some()),
            ("--arithmetic", arguments.arithmetic.is_some()),
        ];
        (foreign.to_vec(), "a matching network takes --input and --row")
    } else {
        let foreign = [("--input", arguments.input.is_some()), ("--row", arguments.row.is_some())];
        (foreign.to_vec(), "an averaging unit takes --support and --values")
    };
    match foreign.into_iter().find(|(_, is_given)| *is_given) {
        Some((flag, _)) => Err(Failure::usage(format!("{flag} means nothing for {id}: {remedy}"))),
        None => Ok(()),
    }
}

fn decimals(interval: &Interval) -> (String, String) {
    (decimal_down(&interval.lo().to_rational(), DIGITS), decimal_up(&interval.hi().to_rational(), DIGITS))
}

fn bracket(interval: &Interval) -> String {
    let (lo, hi) = decimals(interval);
    format!("[{lo}, {hi}]")
}

fn json_ends(interval: &Interval) -> Value {
    json!([interval.lo().to_string(), interval.hi().to_string()])
}
