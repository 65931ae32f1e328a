//! `attestor eval` of an averaging unit: one row at one support.

use attestor::catalogue::request::AveragingRequest;
use attestor::certify::averaging::resolve::{Unresolved, resolve};
use attestor::certify::session::Session;
use attestor::evaluate::datapath::{Row, evaluate, evaluate_fixed};
use attestor::evaluate::prepared::Prepared;
use attestor::evaluate::witness;
use attestor::numbers::Rational;
use attestor::numbers::fixed::Format;
use attestor::numbers::rational::{canonical, parse};
use serde_json::{Value, json};

use super::{SHOWN_SCORES, bracket, json_ends};
use crate::cli::args::EvalArguments;
use crate::cli::certify::stopped;
use crate::cli::exit::{Exit, Failure};
use crate::cli::{input, output, progress};

/// Most coordinates of all values together; about 100 MB.
const MAX_COORDINATES: u64 = 1 << 20;

enum Arithmetic {
    Exact,
    Enclosure,
    Fixed(Format),
}

/// Evaluates a row.
pub fn run(request: &AveragingRequest, arguments: &EvalArguments) -> Result<Exit, Failure> {
    let arithmetic = parse_arithmetic(arguments.arithmetic.as_deref().unwrap_or("enclosure"))?;
    let Some(support) = &arguments.support else {
        let id = request.entry.id;
        return Err(Failure::usage(format!("{id} needs --support, the tokens to average, such as --support 1,5,7")));
    };
    let support = parse_support(support)?;
    let prepared = prepare(request)?;
    let values = match &arguments.values {
        Some(path) => parse_values(&input::read_text(path)?)
            .map_err(|reason| Failure::usage(format!("{}: {reason}", path.display())))?,
        None => worst_values(&prepared, &support)?,
    };
    let row = evaluate(&prepared, &support, &values, arguments.precision).map_err(Failure::usage)?;
    let fixed = match arithmetic {
        Arithmetic::Fixed(format) => {
            Some(evaluate_fixed(&prepared, &support, &values, format, arguments.precision).map_err(Failure::usage)?)
        }
        Arithmetic::Exact | Arithmetic::Enclosure => None,
    };
    if arguments.json {
        output::print_json(&as_json(&prepared, &support, &row, fixed.as_ref(), &arithmetic))?;
    } else {
        output::print(&as_text(&prepared, &support, &row, fixed.as_ref(), &arithmetic))?;
    }
    Ok(Exit::Success)
}

fn parse_arithmetic(text: &str) -> Result<Arithmetic, Failure> {
    let refuse = || {
        Failure::usage(format!("--arithmetic: {text:?} is not exact, enclosure or fixed:P,F (for example fixed:16,8)"))
    };
    match text {
        "exact" => Ok(Arithmetic::Exact),
        "enclosure" => Ok(Arithmetic::Enclosure),
        _ => {
            let (bits, fraction_bits) =
                text.strip_prefix("fixed:").and_then(|rest| rest.split_once(',')).ok_or_else(refuse)?;
            let bits = bits.parse().map_err(|_| refuse())?;
            let fraction_bits = fraction_bits.parse().map_err(|_| refuse())?;
            Format::new(bits, fraction_bits)
                .map(Arithmetic::Fixed)
                .map_err(|error| Failure::usage(format!("--arithmetic: {error}")))
        }
    }
}

fn parse_support(texts: &[String]) -> Result<Vec<u64>, Failure> {
    let parse = |text: &String| {
        text.trim()
            .parse()
            .map_err(|_| Failure::usage(format!("--support: {text:?} is not a token; give tokens such as 1,5,7")))
    };
    let mut support: Vec<u64> = texts.iter().map(parse).collect::<Result<_, _>>()?;
    support.sort_unstable();
    Ok(support)
}

/// The unit with open parameters chosen as `certify` chooses them.
fn prepare(request: &AveragingRequest) -> Result<Prepared, Failure> {
    if let Some(vacuity) =
        attestor::catalogue::claim::shape_vacuity(request.tokens, request.sparsity, request.value_dim)
    {
        return Err(Failure { exit: Exit::Vacuous, message: vacuity.reason().to_owned() });
    }
    let reporter = progress::Reporter::new(request.tokens);
    let session = Session { cancel: progress::cancel_on_ctrl_c(), progress: &reporter, ..Session::default() };
    let resolved = resolve(request, &session).map_err(|error| match error {
        Unresolved::Stop(stop) => stopped(stop),
        Unresolved::IllFormed(reason) => Failure::usage(reason),
    });
    reporter.finish();
    let unit = resolved?.subject.unit;
    Prepared::new(&unit).map_err(|error| Failure { exit: Exit::Resource, message: error.to_string() })
}

/// Values from JSON: `[["1/2","0"],…]`.
fn parse_values(text: &str) -> Result<Vec<Vec<Rational>>, String> {
    let vectors: Vec<Vec<String>> =
        serde_json::from_str(text).map_err(|error| format!("expected an array of arrays of strings: {error}"))?;
    let number = |text: &String| parse(text).map_err(|error| error.to_string());
    vectors.iter().map(|vector| vector.iter().map(number).collect()).collect()
}

/// The values `±e_1` that reach the weight error at this support.
fn worst_values(prepared: &Prepared, support: &[u64]) -> Result<Vec<Vec<Rational>>, Failure> {
    let unit = &prepared.unit;
    let zero = Rational::from_integer(0.into());
    let total = unit.tokens.saturating_mul(unit.value_dim);
    if MAX_COORDINATES < total {
        let message = format!(
            "{} values of {} coordinates are more than {MAX_COORDINATES} numbers; use a smaller --value-dim",
            unit.tokens, unit.value_dim
        );
        return Err(Failure { exit: Exit::Resource, message });
    }
    let n_coordinates = usize::try_from(unit.value_dim).map_err(Failure::usage)?;
    let mut values = vec![vec![zero; n_coordinates]; prepared.n_tokens];
    let in_range = support.iter().all(|token| *token < unit.tokens);
    let raised =
        if in_range { witness::at_support(prepared, support, 256).map(|witness| witness.raised) } else { None };
    let raised = raised.unwrap_or_default();
    for (token, value) in (0..unit.tokens).zip(&mut values) {
        let lowered = support.contains(&token) && !raised.contains(&token);
        value[0] = Rational::from_integer(if lowered { (-1).into() } else { 1.into() });
    }
    Ok(values)
}

fn as_text(prepared: &Prepared, support: &[u64], row: &Row, fixed: Option<&Row>, arithmetic: &Arithmetic) -> String {
    let mut text = format!("unit     {}\nsupport  {support:?}\n\n", describe(prepared));
    text.push_str(&format!("{:>6}  {:<2} {:<28} {}\n", "token", "in", "score", "weight"));
    let gaps = row.scores.gaps();
    for token in shown_tokens(prepared, support, row) {
        let inside = if u64::try_from(token).is_ok_and(|token| support.contains(&token)) { "y" } else { "" };
        let score = canonical(&(&row.scores.unit * &row.scores.multiples[token]));
        let weight = match arithmetic {
            Arithmetic::Exact => format!("exp(-{})/Z", canonical(&(&row.scores.unit * &gaps[token]))),
            Arithmetic::Enclosure | Arithmetic::Fixed(_) => bracket(&row.weights.weight(token)),
        };
        text.push_str(&format!("{token:>6}  {inside:<2} {score:<28} {weight}\n"));
    }
    if SHOWN_SCORES < prepared.n_tokens {
        text.push_str(&format!("({} tokens in all; --json has every one)\n", prepared.n_tokens));
    }
    text.push('\n');
    for (name, row) in [("", Some(row)), ("fixed ", fixed)] {
        let Some(row) = row else { continue };
        for (k, (output, target)) in row.output.iter().zip(&row.target).enumerate() {
            text.push_str(&format!("{name}output[{k}] {}  target[{k}] {}\n", bracket(output), canonical(target)));
        }
        text.push_str(&format!("{name}distance to the target {}\n", bracket(&row.distance)));
    }
    text
}

/// All tokens of a short row; of a long one the support and the heaviest others.
fn shown_tokens(prepared: &Prepared, support: &[u64], row: &Row) -> Vec<usize> {
    let mut tokens: Vec<usize> = (0..prepared.n_tokens).collect();
    if SHOWN_SCORES < tokens.len() {
        let rank = |token: &usize| {
            let outside = !u64::try_from(*token).is_ok_and(|token| support.contains(&token));
            (outside, std::cmp::Reverse(row.weights.hi[*token].clone()))
        };
        tokens.sort_by_key(rank);
        tokens.truncate(SHOWN_SCORES);
        tokens.sort_unstable();
    }
    tokens
}

fn describe(prepared: &Prepared) -> String {
    let unit = &prepared.unit;
    format!(
        "{} tokens={} sparsity={} value_dim={} value_fraction_bits={} scale={}",
        unit.construction.id(),
        unit.tokens,
        unit.sparsity,
        unit.value_dim,
        unit.value_fraction_bits,
        canonical(&unit.scale)
    )
}

fn as_json(prepared: &Prepared, support: &[u64], row: &Row, fixed: Option<&Row>, arithmetic: &Arithmetic) -> Value {
    let as_json = |row: &Row| {
        let scores = row.scores.multiples.iter().map(|multiple| canonical(&(&row.scores.unit * multiple)));
        let weights = (0..prepared.n_tokens).map(|token| json_ends(&row.weights.weight(token)));
        json!({
            "scores": scores.collect::<Vec<_>>(),
            "weights": if matches!(arithmetic, Arithmetic::Exact) { None } else { Some(weights.collect::<Vec<_>>()) },
            "output": row.output.iter().map(json_ends).collect::<Vec<_>>(),
            "target": row.target.iter().map(canonical).collect::<Vec<_>>(),
            "distance": json_ends(&row.distance),
        })
    };
    json!({
        "format": "attestor-eval",
        "version": 1,
        "unit": describe(prepared),
        "support": support,
        "row": as_json(row),
        "fixed": fixed.map(as_json),
    })
}
