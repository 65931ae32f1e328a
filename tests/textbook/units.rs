//! The small units that every evaluator is compared on.

use attestor::catalogue::claim::{CodeKeys, Construction, Dual, SignKeys, Unit};
use attestor::numbers::rational::parse;

/// A unit with `d' = 1` and 20 value fraction bits.
fn unit(tokens: u64, sparsity: u64, construction: Construction, scale: &str) -> Unit {
    let scale = parse(scale).expect("a number");
    Unit { tokens, sparsity, value_dim: 1, value_fraction_bits: 20, construction, scale }
}

pub fn moment_curve(tokens: u64, sparsity: u64, scale: &str) -> Unit {
    unit(tokens, sparsity, Construction::MomentCurve, scale)
}

/// `dual` is `least-squares` or the margin of max-margin.
pub fn dual(dual: &str) -> Dual {
    match dual {
        "least-squares" => Dual::LeastSquares,
        margin => Dual::MaxMargin { margin: parse(margin).expect("a margin") },
    }
}

/// Parameters of sign keys: width, seed, dual, fraction bits.
pub type Sign<'a> = (u64, u64, &'a str, u64);

pub fn sign_keys(tokens: u64, sparsity: u64, keys: Sign, scale: &str) -> Unit {
    let (key_width, seed, name, fraction_bits) = keys;
    let keys = SignKeys { key_width, seed, dual: dual(name), fraction_bits };
    unit(tokens, sparsity, Construction::SignKeys(keys), scale)
}

/// `code` is (Q, k, n).
pub fn code_keys(tokens: u64, sparsity: u64, code: (u64, u64, u64), scale: &str) -> Unit {
    let (field_size, degree_bound, evaluations) = code;
    let code = CodeKeys { field_size, degree_bound, evaluations };
    unit(tokens, sparsity, Construction::CodeKeys(code), scale)
}

/// Scales of the moment curve: vanishing, not dyadic, ordinary, and so large that weights underflow.
const MOMENT_SCALES: [&str; 5] = ["1/1000", "1/3", "1", "22/7", "600"];

/// Code keys: no room (`n ≤ q(k-1)`), one point, exact fit, plenty of room; the field has at least nine polynomials.
const CODES: [((u64, u64, u64), &str); 6] = [
    ((2, 4, 2), "3/7"),
    ((3, 2, 3), "5"),
    ((11, 1, 1), "1/3"),
    ((5, 2, 5), "2"),
    ((7, 2, 7), "9/4"),
    ((11, 1, 11), "40"),
];

/// Sign keys: widths below q (equal and dependent keys, so fallbacks), ordinary ones, and two words; f from none to many.
const LEAST_SQUARES: [(Sign, &str); 8] = [
    ((1, 0, "least-squares", 0), "3"),
    ((2, 1, "least-squares", 4), "37/3"),
    ((3, 2, "least-squares", 30), "10"),
    ((5, 0, "least-squares", 0), "9"),
    ((8, 3, "least-squares", 12), "1/5"),
    ((16, 4, "least-squares", 30), "100/7"),
    ((64, 5, "least-squares", 2), "30"),
    ((70, 6, "least-squares", 16), "77"),
];

/// The same with margins that some, all or no support has.
const MAX_MARGIN: [(Sign, &str); 6] = [
    ((1, 0, "1/2", 0), "5"),
    ((2, 1, "1", 7), "13/3"),
    ((4, 2, "1/3", 30), "8"),
    ((6, 3, "1", 16), "20"),
    ((9, 0, "1/2", 0), "31/2"),
    ((13, 7, "9/10", 24), "12"),
];

/// Largest N of max-margin units: the textbook tries every set of tight constraints.
const MAX_MARGIN_TOKENS: u64 = 7;

/// Shapes (N, q): every one up to N = 7 and q = 4, and two larger ones.
pub fn shapes() -> Vec<(u64, u64)> {
    let small = (1..=7).flat_map(|n| (1..=n.min(4)).map(move |q| (n, q)));
    small.chain([(9, 2), (9, 4)]).collect()
}

/// Every construction at every shape.
pub fn small() -> Vec<Unit> {
    let mut units = Vec::new();
    for (tokens, sparsity) in shapes() {
        units.extend(MOMENT_SCALES.map(|scale| moment_curve(tokens, sparsity, scale)));
        units.extend(CODES.map(|(code, scale)| code_keys(tokens, sparsity, code, scale)));
        units.extend(LEAST_SQUARES.map(|(keys, scale)| sign_keys(tokens, sparsity, keys, scale)));
        if tokens <= MAX_MARGIN_TOKENS {
            units.extend(MAX_MARGIN.map(|(keys, scale)| sign_keys(tokens, sparsity, keys, scale)));
        }
    }
    units
}
