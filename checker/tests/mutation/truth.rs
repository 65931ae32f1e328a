//! Whether a claim about a tiny unit is true, by brute force over the definitions of FORMAT.md, section 2.
//!
//! In: a claim and, for a counterexample, its witness. Out: [`Truth`].
//! Nothing of the checker or the generator is used; every support is evaluated, with keys and queries written out
//! coordinate by coordinate (`unit`).
//! For values of one dimension the worst-case error is known exactly, rounding of the values included; for more
//! dimensions it lies between that and `max D(y) + √d'·2^-f_v` (Lemma C).

use std::collections::HashMap;

use num_bigint::BigInt;
use num_traits::One;

use super::decisions::{self, Known};
use super::document::{Document, Line};
use super::fraction::Fraction;
use super::network_operators::is_network;
use super::unit::{NoUnit, Unit, reduced, subsets};

/// What brute force says of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    True,
    /// It does not hold, or says nothing that could.
    False(String),
    /// More dimensions of values than one, and Lemma C leaves room.
    Open,
    /// Not decided at the largest precision.
    Undecided,
    /// Not tiny.
    TooLarge,
}

const PRECISIONS: [u32; 3] = [256, 1024, 4096];
/// Brackets of the largest row errors: of `D` and of `S`.
#[derive(Clone)]
struct Worst {
    plain_hi: Fraction,
    rounded: (Fraction, Fraction),
}

/// Judges claims, keeping what is known of each unit.
#[derive(Default)]
pub struct Oracle {
    known: HashMap<(String, u32), Worst>,
    networks: Known,
}

/// The order of a bound and a bracketed number.
enum Side {
    Below,
    Above,
    Within,
}

fn side(bound: &Fraction, lo: &Fraction, hi: &Fraction) -> Side {
    if bound < lo {
        Side::Below
    } else if hi <= bound {
        Side::Above
    } else {
        Side::Within
    }
}

impl Oracle {
    fn worst(&mut self, name: &str, unit: &Unit, bits: u32) -> Worst {
        let compute = || {
            let mut worst: Option<Worst> = None;
            for support in subsets(unit.keys.len(), unit.sparsity) {
                let [(_, plain_hi), rounded] = unit.row_error(&support, bits);
                worst = Some(match worst {
                    None => Worst { plain_hi, rounded },
                    Some(old) => Worst {
                        plain_hi: old.plain_hi.max(plain_hi),
                        rounded: (old.rounded.0.max(rounded.0), old.rounded.1.max(rounded.1)),
                    },
                });
            }
            worst.expect("a support")
        };
        self.known.entry((name.to_owned(), bits)).or_insert_with(compute).clone()
    }

    /// Whether the claim of this certificate is true; its evidence does not matter, except that a counterexample's
    /// statement names the input of its witness.
    pub fn judge(&mut self, document: &Document) -> Truth {
        if is_network(&document.claim) {
            return decisions::judge(document, &mut self.networks);
        }
        let unit = match Unit::new(&document.claim) {
            Ok(unit) => unit,
            Err(NoUnit::IllFormed(reason)) => return Truth::False(reason.to_owned()),
            Err(NoUnit::TooLarge) => return Truth::TooLarge,
        };
        // Without what is said about the unit.
        let name: String =
            document.claim.0.iter().filter(|(name, _)| is_of_unit(name)).map(|(_, raw)| format!("{raw} ")).collect();
        let mut truth = Truth::Undecided;
        for bits in PRECISIONS {
            truth = match document.kind() {
                "counterexample" => judge_counterexample(document, &unit, bits),
                "enclosure" => judge_enclosure(document, &unit, &self.worst(&name, &unit, bits)),
                _ => judge_upper_bound(document.claim.text_of("error"), &unit, &self.worst(&name, &unit, bits)),
            };
            if truth != Truth::Undecided {
                break;
            }
        }
        truth
    }
}

fn is_of_unit(name: &str) -> bool {
    !matches!(name, "kind" | "method" | "error" | "lo" | "hi")
}

/// Whether `D + √d'·2^-f_v ≤ bound`.
fn leaves_room(bound: &Fraction, plain_hi: &Fraction, unit: &Unit) -> bool {
    let room = bound.minus(plain_hi);
    let squared = room.times(&room);
    Fraction::integer(0) <= room && &unit.value_dim * &squared.denom <= squared.numer << (2 * unit.value_bits)
}

fn judge_upper_bound(error: &str, unit: &Unit, worst: &Worst) -> Truth {
    let Some(error) = Fraction::parse(error) else { return Truth::TooLarge };
    if Fraction::integer(2) <= error {
        return Truth::False("a vacuous claim".to_owned());
    }
    let (lo, hi) = &worst.rounded;
    let is_line = unit.value_dim.is_one();
    match side(&error, lo, hi) {
        Side::Below => Truth::False(format!("the error is at least {}", decimal(lo))),
        Side::Above if is_line => Truth::True,
        Side::Above | Side::Within if leaves_room(&error, &worst.plain_hi, unit) => Truth::True,
        Side::Above => Truth::Open,
        Side::Within => Truth::Undecided,
    }
}

fn judge_enclosure(document: &Document, unit: &Unit, worst: &Worst) -> Truth {
    let end = |name: &str| Fraction::parse(document.claim.text_of(name));
    let (Some(low), Some(high)) = (end("lo"), end("hi")) else { return Truth::TooLarge };
    let (lo, hi) = &worst.rounded;
    let is_line = unit.value_dim.is_one();
    if Fraction::integer(2) <= high && low <= Fraction::integer(0) {
        return Truth::False("a vacuous claim".to_owned());
    }
    if high < *lo || end("error").is_some_and(|error| error < *lo) {
        return Truth::False(format!("the error is at least {}", decimal(lo)));
    }
    let is_above = if is_line {
        *hi < low
    } else {
        low.minus(&worst.plain_hi) > Fraction::integer(0) && leaves_room(&low, &worst.plain_hi, unit)
    };
    if is_above {
        return Truth::False(format!("the error is at most about {}", decimal(hi)));
    }
    let is_below_error = end("error").is_none_or(|error| *hi <= error);
    if low <= *lo && (*hi <= high && is_line || leaves_room(&high, &worst.plain_hi, unit)) && is_below_error {
        Truth::True
    } else if is_line {
        Truth::Undecided
    } else {
        Truth::Open
    }
}

fn judge_counterexample(document: &Document, unit: &Unit, bits: u32) -> Truth {
    let witness = document.records.iter().find(|record| record.text_of("rule") == "witness");
    let tokens = |name: &str| {
        let list = witness?.counts(name)?;
        list.into_iter().map(|token| usize::try_from(token).ok().filter(|token| *token < unit.keys.len())).collect()
    };
    let (Some(support), Some(raised)): (Option<Vec<usize>>, Option<Vec<usize>>) = (tokens("support"), tokens("raised"))
    else {
        return Truth::False("no input".to_owned());
    };
    let is_increasing = support.is_sorted_by(|left, right| left < right);
    if !is_increasing || support.len() != unit.sparsity || !raised.iter().all(|token| support.contains(token)) {
        return Truth::False("the input has no support of the right size".to_owned());
    }
    let Some(error) = Fraction::parse(document.claim.text_of("error")) else { return Truth::TooLarge };
    let (lo, hi) = unit.witness_error(&support, &raised, bits);
    match side(&error, &lo, &hi) {
        Side::Below if error < Fraction::integer(0) => Truth::False("a vacuous claim".to_owned()),
        Side::Below => Truth::True,
        Side::Above => Truth::False(format!("the error there is at most {}", decimal(&hi))),
        Side::Within => Truth::Undecided,
    }
}

/// Thirty decimals, cut off.
fn decimal(value: &Fraction) -> String {
    let scaled = &value.numer * BigInt::from(10).pow(30) / &value.denom;
    format!("{scaled}*10^-30")
}

/// The weight error of every support of a claim, as an upper bound of `bits` bits, or nothing if it is not tiny.
pub fn weight_errors(claim: &Line, bits: u32) -> Option<Vec<(Vec<usize>, Fraction)>> {
    let unit = Unit::new(claim).ok()?;
    let supports = subsets(unit.keys.len(), unit.sparsity);
    Some(supports.into_iter().map(|support| (support.clone(), unit.row_error(&support, bits)[0].1.clone())).collect())
}

/// The worst error that values on a grid of `1/n_steps` reach at a support, by trying all of them.
/// For the tests of `row_error`: with `n_steps = 1` the values are all signs.
pub fn worst_by_values(claim: &Line, support: &[usize], n_steps: i64, bits: u32) -> Option<[Fraction; 3]> {
    let unit = Unit::new(claim).ok()?;
    let step = Fraction::new(1, BigInt::one() << unit.value_bits);
    let share = Fraction::new(1, unit.sparsity);
    let attention = unit.attention(support, bits);
    let mut worst = Fraction::integer(0);
    // The error is a sum of terms, one a token; all sign choices make all sums of signed largest terms.
    for (token, (weight, _)) in attention.iter().enumerate() {
        let mut best = Fraction::integer(0);
        for numer in -n_steps..=n_steps {
            let value = Fraction::new(numer, n_steps);
            let cut = Fraction::integer(value.abs().over(&step).rounded(0, false).numer).times(&step);
            let seen = if numer < 0 { Fraction::integer(0).minus(&cut) } else { cut };
            let target = if support.contains(&token) { value.times(&share) } else { Fraction::integer(0) };
            best = best.max(weight.times(&seen).minus(&target));
        }
        worst = reduced(worst.plus(&best));
    }
    let [plain, rounded] = unit.row_error(support, bits);
    Some([worst, plain.1, rounded.1])
}
