//! The arguments of every command. Flags share their names with claim fields.

use std::path::PathBuf;

use attestor::catalogue::request::Fields;
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

const AFTER_HELP: &str = "\
Exit codes: 0 proved or accepted, 1 refuted or rejected, 2 usage or malformed input, 4 resource limit,
5 inconclusive, 6 vacuous claim, 70 internal error, 130 interrupted.

Examples:
  attestor claims
  attestor certify sparse-averaging/moment-curve --tokens 48 --sparsity 3 --error 2^-20
  attestor check sparse-averaging-moment-curve.cert.jsonl
  attestor reproduce --quick";

/// Exact certificates for attention.
#[derive(Debug, Parser)]
#[command(name = "attestor", version, about, after_help = AFTER_HELP)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List what can be claimed, with every parameter
    Claims(ClaimsArguments),
    /// Prove or refute a claim and write the certificate
    #[command(after_help = CERTIFY_EXAMPLES)]
    Certify(CertifyArguments),
    /// Check certificates with the independent checker
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArguments),
    /// Say in words what a certificate proves, by what evidence, and what it does not prove
    #[command(after_help = "Example:\n  attestor explain sparse-averaging-moment-curve.cert.jsonl")]
    Explain(ExplainArguments),
    /// Evaluate a unit at one support, or a matching network on one input
    #[command(after_help = EVAL_EXAMPLES)]
    Eval(EvalArguments),
    /// Certify every catalogue entry at several sizes, check every certificate, print one table
    #[command(after_help = "Examples:\n  attestor reproduce --quick\n  attestor reproduce --out results")]
    Reproduce(ReproduceArguments),
    /// Print a completion script for a shell
    #[command(
        after_help = "Example:\n  attestor completions bash > ~/.local/share/bash-completion/completions/attestor"
    )]
    Completions {
        /// The shell
        shell: Shell,
    },
}

const CERTIFY_EXAMPLES: &str = "\
Numbers are exact: 1/100, 0.01 and 2^-7 are taken as they stand. Omitted parameters are chosen (auto).

Examples:
  attestor certify sparse-averaging/moment-curve --tokens 48 --sparsity 3 --error 2^-20
  attestor certify sparse-averaging/sign-keys --tokens 64 --sparsity 2 --dual max-margin --error 1/100
  attestor certify sparse-averaging/code-keys --tokens 1000000000000 --sparsity 4 --error 1/1000 -o code.cert.jsonl
  attestor certify sparse-averaging/sign-keys --tokens 24 --sparsity 3 --key-width 64 --scale 30 \\
      --fraction-bits 16 --kind enclosure
  attestor certify match2/trigonometric --modulus 257 --tokens 1024
  attestor certify match3/local --modulus 16 --window 4 --tokens 64
  attestor certify --claim claim.json";

const CHECK_EXAMPLES: &str = "\
Examples:
  attestor check a.cert.jsonl b.cert.jsonl
  attestor check --claim claim.json a.cert.jsonl
  attestor check - < a.cert.jsonl";

const EVAL_EXAMPLES: &str = "\
VALUES is a JSON array of one vector for each token, numbers as strings: [[\"1/2\",\"0\"],[\"-1\",\"0\"],…].
Without it, the worst values for the support are taken.
A matching network has as many tokens as --input has residues.

Examples:
  attestor eval sparse-averaging/moment-curve --tokens 8 --sparsity 3 --support 1,4,5
  attestor eval sparse-averaging/sign-keys --tokens 16 --sparsity 2 --key-width 32 --scale 20 --fraction-bits 12 \\
      --support 3,9 --arithmetic fixed:24,12
  attestor eval match2/trigonometric --modulus 7 --input 1,2,6,3 --row 1
  attestor eval match3/local --modulus 16 --window 2 --input 3,1,12,9,0,5";

/// Arguments of `claims`.
#[derive(Debug, Args)]
pub struct ClaimsArguments {
    /// Print JSON (schema attestor-claims)
    #[arg(long)]
    pub json: bool,
}

/// A claim, from flags or a file.
#[derive(Debug, Args)]
pub struct ClaimArguments {
    /// Claim id, for example sparse-averaging/sign-keys (see `attestor claims`)
    pub id: Option<String>,
    /// Read the claim from a JSON file (- is standard input); flags may add what it leaves open
    #[arg(long, value_name = "FILE")]
    pub claim: Option<PathBuf>,
    /// upper-bound or enclosure
    #[arg(long)]
    pub kind: Option<String>,
    /// How it is proved, or auto
    #[arg(long)]
    pub method: Option<String>,
    /// M, residues are taken modulo M (matching)
    #[arg(long, value_name = "M", allow_negative_numbers = true)]
    pub modulus: Option<String>,
    /// N, the number of tokens
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub tokens: Option<String>,
    /// K, the largest distance of a partner (match3/local)
    #[arg(long, value_name = "K", allow_negative_numbers = true)]
    pub window: Option<String>,
    /// trigonometric or polynomial (match3/third-order)
    #[arg(long)]
    pub encoding: Option<String>,
    /// Keys of the averaging layer: moment-curve, sign-keys or code-keys (match3/local, match3/bigram)
    #[arg(long)]
    pub construction: Option<String>,
    /// q, tokens averaged
    #[arg(long, value_name = "q", allow_negative_numbers = true)]
    pub sparsity: Option<String>,
    /// d', the dimension of the values
    #[arg(long, value_name = "d", allow_negative_numbers = true)]
    pub value_dim: Option<String>,
    /// Fraction bits of the values, or auto
    #[arg(long, value_name = "F", allow_negative_numbers = true)]
    pub value_fraction_bits: Option<String>,
    /// m', coordinates of a sign key, or auto
    #[arg(long, value_name = "M", allow_negative_numbers = true)]
    pub key_width: Option<String>,
    /// Seed of the sign keys
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    pub seed: Option<String>,
    /// least-squares or max-margin
    #[arg(long)]
    pub dual: Option<String>,
    /// Margin of max-margin dual vectors
    #[arg(long, value_name = "G", allow_hyphen_values = true)]
    pub margin: Option<String>,
    /// f, fraction bits of the queries, or auto
    #[arg(long, value_name = "F", allow_negative_numbers = true)]
    pub fraction_bits: Option<String>,
    /// Q, a prime (code keys), or auto
    #[arg(long, value_name = "Q", allow_negative_numbers = true)]
    pub field_size: Option<String>,
    /// k, polynomials of degree below k (code keys), or auto
    #[arg(long, value_name = "k", allow_negative_numbers = true)]
    pub degree_bound: Option<String>,
    /// n, evaluation points (code keys), or auto
    #[arg(long, value_name = "n", allow_negative_numbers = true)]
    pub evaluations: Option<String>,
    /// alpha, the factor on the scores, or auto
    #[arg(long, value_name = "A", allow_hyphen_values = true)]
    pub scale: Option<String>,
    /// alpha of the first layer, or auto (match3/bigram)
    #[arg(long, value_name = "A", allow_hyphen_values = true)]
    pub first_scale: Option<String>,
    /// Fraction bits of the first layer's queries, or auto (match3/bigram with sign keys)
    #[arg(long, value_name = "F", allow_negative_numbers = true)]
    pub first_fraction_bits: Option<String>,
    /// epsilon, the bound on the worst-case error
    #[arg(long, value_name = "E", allow_hyphen_values = true)]
    pub error: Option<String>,
}

impl ClaimArguments {
    /// The stated flags.
    pub fn fields(&self) -> Fields {
        let mut fields = Fields::default();
        for (name, value) in [
            ("kind", &self.kind),
            ("method", &self.method),
            ("modulus", &self.modulus),
            ("tokens", &self.tokens),
            ("window", &self.window),
            ("encoding", &self.encoding),
            ("construction", &self.construction),
            ("sparsity", &self.sparsity),
            ("value_dim", &self.value_dim),
            ("value_fraction_bits", &self.value_fraction_bits),
            ("key_width", &self.key_width),
            ("seed", &self.seed),
            ("dual", &self.dual),
            ("margin", &self.margin),
            ("fraction_bits", &self.fraction_bits),
            ("field_size", &self.field_size),
            ("degree_bound", &self.degree_bound),
            ("evaluations", &self.evaluations),
            ("scale", &self.scale),
            ("first_scale", &self.first_scale),
            ("first_fraction_bits", &self.first_fraction_bits),
            ("error", &self.error),
        ] {
            fields.set(name, value.as_deref());
        }
        fields
    }
}

/// Precision and output of a run.
#[derive(Debug, Args)]
pub struct CertifyArguments {
    /// The claim
    #[command(flatten)]
    pub claim: ClaimArguments,
    /// Largest relative width of an enclosure
    #[arg(long, value_name = "W", default_value = "2^-40", allow_hyphen_values = true)]
    pub width: String,
    /// Largest working precision in bits
    #[arg(long, value_name = "BITS", default_value_t = 4096, value_parser = clap::value_parser!(u32).range(64..=60_000))]
    pub max_precision: u32,
    /// Where the certificate goes (- is standard output) [default: <id with dashes>.cert.jsonl]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Do not write the counterexamples found one step below the chosen parameters
    #[arg(long)]
    pub no_neighbours: bool,
    /// Print JSON (schema attestor-certify)
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArguments {
    /// Certificates (- is standard input)
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Require the claim in this file
    #[arg(long, value_name = "FILE")]
    pub claim: Option<PathBuf>,
    /// Print JSON (schema attestor-check)
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// The certificate (- is standard input)
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Arguments of `eval`.
#[derive(Debug, Args)]
pub struct EvalArguments {
    /// The unit or network
    #[command(flatten)]
    pub claim: ClaimArguments,
    /// The support, for example 1,5,7 (sparse averaging, where it is required)
    #[arg(long, value_delimiter = ',', value_name = "TOKENS", allow_hyphen_values = true)]
    pub support: Option<Vec<String>>,
    /// JSON file with one vector for each token (- is standard input; sparse averaging)
    #[arg(long, value_name = "FILE")]
    pub values: Option<PathBuf>,
    /// exact, enclosure, or fixed:P,F (every entry as a P-bit word with F fraction bits; sparse averaging) [default: enclosure]
    #[arg(long, value_name = "HOW")]
    pub arithmetic: Option<String>,
    /// X, one residue for each token, for example 1,2,6,3 (matching, where it is required)
    #[arg(long, value_delimiter = ',', value_name = "RESIDUES", allow_hyphen_values = true)]
    pub input: Option<Vec<String>>,
    /// i, the row to show with all its scores (matching) [default: every row, without scores]
    #[arg(long, value_name = "i", allow_hyphen_values = true)]
    pub row: Option<String>,
    /// Working precision in bits
    #[arg(long, value_name = "BITS", default_value_t = 128, value_parser = clap::value_parser!(u32).range(32..=16_384))]
    pub precision: u32,
    /// Print JSON (schema attestor-eval)
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `reproduce`.
#[derive(Debug, Args)]
pub struct ReproduceArguments {
    /// Folder for certificates and report.md
    #[arg(long, value_name = "DIR", default_value = "reproduce-out")]
    pub out: PathBuf,
    /// Small sizes only, a few seconds
    #[arg(long)]
    pub quick: bool,
}
