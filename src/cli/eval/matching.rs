//! `attestor eval` of a matching network: one row with its scores, or every row, on one input.

use attestor::catalogue::claim::{Construction, Unit};
use attestor::catalogue::matching_request::MatchingRequest;
use attestor::catalogue::network::{Design, Encoding, Network, task_vacuity};
use attestor::certify::averaging::resolve::Unresolved;
use attestor::certify::matching::resolve::resolve;
use attestor::certify::matching::threshold::{Threshold, threshold};
use attestor::certify::session::Session;
use attestor::constructions::matching::task::{Task, add};
use attestor::evaluate::matching::row::{InputError, Output, Row, Rows, Sums, check_input};
use attestor::numbers::Rational;
use attestor::numbers::dyadic::Dyadic;
use attestor::numbers::rational::{canonical, decimal_down, decimal_up};
use serde_json::{Value, json};

use super::{DIGITS, SHOWN_SCORES, bracket, json_ends};
use crate::cli::args::EvalArguments;
use crate::cli::certify::stopped;
use crate::cli::exit::{Exit, Failure};
use crate::cli::{output, progress};

/// Most scores of one row; a third-order row of 256 tokens has as many.
const MAX_SCORES: usize = 1 << 16;

/// A network with an input and what was found about it.
struct Evaluated<'a> {
    network: &'a Network,
    residues: &'a [u64],
    threshold: Threshold,
    /// What is at the top of a grid on which nothing certifies.
    note: Option<&'a str>,
    /// The score of the blank and of a mixed pair.
    blank: (Option<Rational>, Option<Rational>),
    sums: Option<Sums>,
    rows: Vec<Row>,
    /// Of the only row, if one was asked for.
    scores: Option<Vec<Option<Rational>>>,
}

/// X from the command line.
pub fn parse_residues(texts: &[String]) -> Result<Vec<u64>, Failure> {
    let parse = |(token, text): (usize, &String)| {
        text.trim().parse().map_err(|_| {
            let remedy = "give whole numbers below the modulus, such as 1,2,6,3";
            Failure::usage(format!("--input: {text:?} at token {token} is not a residue; {remedy}"))
        })
    };
    texts.iter().enumerate().map(parse).collect()
}

/// Evaluates a row, or every row.
pub fn run(request: &MatchingRequest, residues: &[u64], arguments: &EvalArguments) -> Result<Exit, Failure> {
    if let Some(vacuity) = task_vacuity(request.entry.id, request.modulus, request.tokens) {
        return Err(Failure { exit: Exit::Vacuous, message: vacuity.reason().to_owned() });
    }
    check_input(request.modulus, request.tokens, residues).map_err(refused)?;
    let row = arguments.row.as_deref().map(|text| parse_row(text, request.tokens)).transpose()?;
    let n_scores = match request.entry.id {
        "match3/third-order" => residues.len().saturating_mul(residues.len()),
        _ => residues.len(),
    };
    if row.is_some() && MAX_SCORES < n_scores {
        let message =
            format!("a row has {n_scores} scores, more than {MAX_SCORES}; leave out --row, or shorten --input");
        return Err(Failure { exit: Exit::Resource, message });
    }
    let reporter = progress::Reporter::new(request.tokens);
    let session = Session { cancel: progress::cancel_on_ctrl_c(), progress: &reporter, ..Session::default() };
    let resolved = resolve(request, &session).map_err(|error| match error {
        Unresolved::Stop(stop) => stopped(stop),
        Unresolved::IllFormed(reason) => Failure::usage(reason),
    });
    reporter.finish();
    let resolved = resolved?;
    let network = &resolved.network;
    let wanted = row.map_or(0..request.tokens, |row| row..row + 1);
    let n_rows = wanted.end - wanted.start;
    let mut rows = Rows::new(network, residues, n_rows, arguments.precision).map_err(refused)?;
    let evaluated = Evaluated {
        network,
        residues,
        threshold: threshold(network, resolved.method, &session),
        note: resolved.top.as_deref(),
        blank: rows.blank(),
        sums: rows.sums().cloned(),
        scores: row.map(|row| rows.scores(row)),
        rows: wanted.map(|row| rows.row(row)).collect(),
    };
    if arguments.json {
        output::print_json(&evaluated.as_json())?;
    } else {
        output::print(&evaluated.as_text())?;
    }
    Ok(Exit::Success)
}

fn parse_row(text: &str, tokens: u64) -> Result<u64, Failure> {
    let row = text.trim().parse().ok().filter(|row| *row < tokens);
    row.ok_or_else(|| {
        let last = tokens.saturating_sub(1);
        Failure::usage(format!("--row: {text:?} is not a row of this input; take a number from 0 to {last}"))
    })
}

fn refused(error: InputError) -> Failure {
    let exit = match error {
        InputError::Residue { .. } | InputError::Length { .. } => Exit::Usage,
        InputError::Layer(_) | InputError::TooMany { .. } => Exit::Resource,
    };
    Failure { exit, message: format!("--input: {error}") }
}

fn answer_text(answer: bool) -> &'static str {
    if answer { "match" } else { "no match" }
}

fn decision_text(decision: Option<bool>) -> &'static str {
    decision.map_or("undecided", answer_text)
}

fn residue_text(residue: Option<u64>) -> String {
    residue.map_or_else(|| "?".to_owned(), |residue| residue.to_string())
}

fn list(numbers: impl IntoIterator<Item = String>) -> String {
    numbers.into_iter().collect::<Vec<_>>().join(",")
}

impl Evaluated<'_> {
    fn decision(&self, row: &Row) -> Option<bool> {
        row.output.decision(self.ends())
    }

    fn ends(&self) -> Option<(&Dyadic, &Dyadic)> {
        if let Threshold::Between(lo, hi) = &self.threshold { Some((lo, hi)) } else { None }
    }

    // text

    fn as_text(&self) -> String {
        let mut text = format!("network    {}\n", describe(self.network));
        text.push_str(&format!("input      {}\n", list(self.residues.iter().map(u64::to_string))));
        if let Some(sums) = &self.sums {
            let read = list(sums.read.iter().map(|sum| residue_text(*sum)));
            let exact = list(sums.exact.iter().map(u64::to_string));
            text.push_str(&format!("sums read  {read}\nsums true  {exact}\n"));
        }
        match &self.threshold {
            Threshold::Between(lo, hi) => {
                let (below, above) = (decimal_up(&lo.to_rational(), DIGITS), decimal_down(&hi.to_rational(), DIGITS));
                text.push_str(&format!(
                    "threshold  no match up to {lo} (about {below}), match from {hi} (about {above})\n"
                ));
            }
            Threshold::Missing(reason) => text.push_str(&format!("threshold  none: {reason}\n")),
            Threshold::Unneeded => {}
        }
        if let Some(note) = self.note {
            text.push_str(&format!("note       {note}\n"));
        }
        text.push('\n');
        match (&self.scores, self.rows.as_slice()) {
            (Some(scores), [row]) => self.push_row(&mut text, row, scores),
            _ => self.push_table(&mut text),
        }
        text
    }

    fn push_row(&self, text: &mut String, row: &Row, scores: &[Option<Rational>]) {
        text.push_str(&format!("row        {}, residue {}\n\n", row.row, row.residue));
        let shown = shown_scores(scores);
        match Task::of(self.network) {
            Task::Match3 => self.push_pairs(text, row, scores, &shown),
            Task::Local { .. } => self.push_window(text, row, scores, &shown),
            Task::Match2 | Task::Bigram => self.push_keys(text, row, scores, &shown),
        }
        if shown.len() < scores.len() {
            let n_scores = scores.len();
            text.push_str(&format!("(the {SHOWN_SCORES} largest of {n_scores} scores; --json has every one)\n"));
        }
        text.push('\n');
        for (name, score) in [("blank", &self.blank.0), ("mixed", &self.blank.1)] {
            if let Some(score) = score {
                text.push_str(&format!("{name:<9}  {}\n", canonical(score)));
            }
        }
        text.push_str(&format!("output     {}\n", output_text(&row.output)));
        let decision = self.decision(row);
        text.push_str(&format!("decision   {}\n", decision_text(decision)));
        let agreement = match decision {
            Some(decision) if decision == row.answer => "the decision is right",
            Some(_) => "the decision is WRONG",
            None => "nothing was decided",
        };
        text.push_str(&format!("truth      {}: {agreement}\n", answer_text(row.answer)));
    }

    /// Whether `sum` together with the row's residue is a match.
    fn mark(&self, row: &Row, sum: u64) -> &'static str {
        if add(self.network.modulus, row.residue, sum) == 0 { "y" } else { "" }
    }

    /// Columns that every residue fits in.
    fn residue_width(&self) -> usize {
        (self.network.modulus - 1).to_string().len().max("residue".len())
    }

    fn push_keys(&self, text: &mut String, row: &Row, scores: &[Option<Rational>], shown: &[usize]) {
        let what = if self.sums.is_some() { "sum" } else { "residue" };
        let width = self.residue_width();
        text.push_str(&format!("{:>6}  {what:>width$}  {:<5}  score\n", "token", "match"));
        for &token in shown {
            let key = match &self.sums {
                None => Some(self.residues[token]),
                Some(sums) => sums.read.get(token).copied().flatten(),
            };
            let is_last = self.sums.as_ref().is_some_and(|sums| sums.read.len() <= token);
            let key_text = if is_last { "-".to_owned() } else { residue_text(key) };
            let mark = key.map_or("", |key| self.mark(row, key));
            text.push_str(&format!("{token:>6}  {key_text:>width$}  {mark:<5}  {}\n", score_text(&scores[token])));
        }
    }

    fn push_pairs(&self, text: &mut String, row: &Row, scores: &[Option<Rational>], shown: &[usize]) {
        let width = 2 * self.residue_width() + 1;
        text.push_str(&format!("{:>6}  {:>6}  {:>width$}  {:<5}  score\n", "token", "token", "residues", "match"));
        let n_tokens = self.residues.len();
        for &pair in shown {
            let (left, right) = (pair / n_tokens, pair % n_tokens);
            let (b, c) = (self.residues[left], self.residues[right]);
            let mark = self.mark(row, add(self.network.modulus, b, c));
            let residues = format!("{b},{c}");
            let score = score_text(&scores[pair]);
            text.push_str(&format!("{left:>6}  {right:>6}  {residues:>width$}  {mark:<5}  {score}\n"));
        }
    }

    fn push_window(&self, text: &mut String, row: &Row, scores: &[Option<Rational>], shown: &[usize]) {
        let width = self.residue_width();
        text.push_str(&format!("{:>6}  {:<2}  {:>width$}  {:>width$}  score\n", "token", "in", "residue", "read"));
        let window = row.window.as_ref();
        for &token in shown {
            let is_token = |other: &u64| usize::try_from(*other) == Ok(token);
            let inside = if window.is_some_and(|window| window.support.iter().any(is_token)) { "y" } else { "" };
            let read = window.and_then(|window| {
                let place = window.tokens.iter().position(is_token)?;
                Some(residue_text(window.read[place]))
            });
            let (residue, read, score) = (self.residues[token], read.unwrap_or_default(), score_text(&scores[token]));
            text.push_str(&format!("{token:>6}  {inside:<2}  {residue:>width$}  {read:>width$}  {score}\n"));
        }
    }

    fn push_table(&self, text: &mut String) {
        let is_local = matches!(self.network.design, Design::Local { .. });
        let head = if is_local { "window read (true)" } else { "output" };
        let line = |row: &Row| {
            if let Some(window) = &row.window {
                let read = list(window.read.iter().map(|residue| residue_text(*residue)));
                format!("{read} ({})", list(window.residues.iter().map(u64::to_string)))
            } else {
                output_text(&row.output)
            }
        };
        let lines: Vec<String> = self.rows.iter().map(line).collect();
        let width = lines.iter().map(String::len).max().unwrap_or(0).max(head.len());
        let own = self.residue_width();
        text.push_str(&format!("{:>6}  {:>own$}  {head:<width$}  {:<9}  truth\n", "row", "residue", "decision"));
        let mut wrong = Vec::new();
        let mut n_open = 0_u64;
        for (row, line) in self.rows.iter().zip(lines) {
            let decision = self.decision(row);
            match decision {
                Some(decision) if decision != row.answer => wrong.push(row.row.to_string()),
                Some(_) => {}
                None => n_open += 1,
            }
            let (decision, answer) = (decision_text(decision), answer_text(row.answer));
            let (row, residue) = (row.row, row.residue);
            text.push_str(&format!("{row:>6}  {residue:>own$}  {line:<width$}  {decision:<9}  {answer}\n"));
        }
        text.push('\n');
        if !wrong.is_empty() {
            text.push_str(&format!("the decision is WRONG at rows {}\n", list(wrong.iter().cloned())));
        } else if n_open == 0 {
            text.push_str("every decision is right\n");
        }
        if 0 < n_open {
            text.push_str(&format!("{n_open} of {} rows are undecided\n", self.rows.len()));
        }
    }

    // JSON

    fn as_json(&self) -> Value {
        let reason = if let Threshold::Missing(reason) = &self.threshold { Some(reason) } else { None };
        let rational = |score: &Option<Rational>| score.as_ref().map(canonical);
        json!({
            "format": "attestor-eval",
            "version": 1,
            "network": describe(self.network),
            "input": self.residues,
            "sums": self.sums.as_ref().map(|sums| json!({ "read": sums.read, "exact": sums.exact })),
            "threshold": self.ends().map(|(lo, hi)| json!({ "lo": lo.to_string(), "hi": hi.to_string() })),
            "threshold_missing": reason,
            "note": self.note,
            "blank_score": rational(&self.blank.0),
            "mixed_score": rational(&self.blank.1),
            "scores": self.scores.as_ref().map(|scores| scores.iter().map(rational).collect::<Vec<_>>()),
            "rows": self.rows.iter().map(|row| self.row_as_json(row)).collect::<Vec<_>>(),
        })
    }

    fn row_as_json(&self, row: &Row) -> Value {
        let decision = self.decision(row);
        let window = row.window.as_ref().map(|window| {
            json!({
                "support": window.support,
                "tokens": window.tokens,
                "read": window.read,
                "exact": window.residues,
            })
        });
        json!({
            "row": row.row,
            "residue": row.residue,
            "window": window,
            "output": if let Output::Share(share) = &row.output { Some(json_ends(share)) } else { None },
            "decision": decision_text(decision),
            "truth": answer_text(row.answer),
            "agrees": decision.map(|decision| decision == row.answer),
        })
    }
}

/// All scores of a short row in the order of the tokens; of a long one the largest, the largest first.
fn shown_scores(scores: &[Option<Rational>]) -> Vec<usize> {
    let mut shown: Vec<usize> = (0..scores.len()).collect();
    if SHOWN_SCORES < shown.len() {
        shown.sort_by(|left, right| scores[*right].cmp(&scores[*left]));
        shown.truncate(SHOWN_SCORES);
    }
    shown
}

fn score_text(score: &Option<Rational>) -> String {
    score.as_ref().map_or_else(|| "?".to_owned(), canonical)
}

fn output_text(output: &Output) -> String {
    match output {
        Output::Share(share) => bracket(share),
        Output::Answer(answer) => answer_text(*answer).to_owned(),
        Output::Unread => "a residue is not read at this --precision".to_owned(),
    }
}

/// The claim id and every parameter.
fn describe(network: &Network) -> String {
    let mut text = format!("{} modulus={} tokens={}", network.id(), network.modulus, network.tokens);
    match &network.design {
        Design::Match2(encoding) => push_encoding(&mut text, encoding),
        Design::ThirdOrder(encoding) => {
            text.push_str(&format!(" encoding={}", encoding.name()));
            push_encoding(&mut text, encoding);
        }
        Design::Local { window, averaging } => {
            text.push_str(&format!(" window={window}"));
            push_layer(&mut text, averaging, "");
        }
        Design::Bigram { averaging, keys } => {
            push_layer(&mut text, averaging, "first_");
            push_encoding(&mut text, &Encoding::Trigonometric(keys.clone()));
        }
    }
    text
}

fn push_encoding(text: &mut String, encoding: &Encoding) {
    if let Encoding::Trigonometric(keys) = encoding {
        text.push_str(&format!(" fraction_bits={}", keys.fraction_bits));
    }
    text.push_str(&format!(" scale={}", canonical(encoding.scale())));
}

/// The averaging layer; in bigram its scale and bits are those of the `first_` layer.
fn push_layer(text: &mut String, unit: &Unit, prefix: &str) {
    text.push_str(&format!(
        " construction={} value_fraction_bits={}",
        unit.construction.name(),
        unit.value_fraction_bits
    ));
    match &unit.construction {
        Construction::MomentCurve => {}
        Construction::SignKeys(keys) => text.push_str(&format!(
            " key_width={} seed={} {prefix}fraction_bits={}",
            keys.key_width, keys.seed, keys.fraction_bits
        )),
        Construction::CodeKeys(code) => text.push_str(&format!(
            " field_size={} degree_bound={} evaluations={}",
            code.field_size, code.degree_bound, code.evaluations
        )),
    }
    text.push_str(&format!(" {prefix}scale={}", canonical(&unit.scale)));
}
