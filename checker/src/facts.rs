//! What follows from a claim: widths of keys, queries and values, bounds of scores (FORMAT.md, section 6).
//!
//! The width of an entry is the least `p` with `-2^{p-1} ≤ k < 2^{p-1}` for its integer `k`,
//! the entry times 2 to the number of its fraction bits.

use num_bigint::BigInt;
use num_traits::{One, Zero};

use crate::claim::Kind;
use crate::claim::averaging::{SparseAveraging, Unit};
use crate::claim::matching::{Encoding, Matching, Network};
use crate::cosine::rounded;
use crate::number::{Rational, power_of_two, signed_bits};
use crate::rules::decision::ScoreBounds;

/// Up to this sparsity the coefficients of moment-curve queries are computed; above, they are bounded.
const MAX_EXPANDED_SPARSITY: u64 = 256;

/// How well a number of query bits is known; what comes later says less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exactness {
    /// The widest entry of all queries.
    Exact,
    /// At least the widest entry of all queries.
    UpperBound,
    /// The widest entry of the witness's query.
    AtWitness,
}

/// Numbers that follow from a verified claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// `m'`: entries of a key.
    pub key_width: u64,
    /// `m = d' + 2m'`; `m = 2 + 3m'` in the third order.
    pub embedding_dim: u128,
    /// Bits of the widest value entry.
    pub value_bits: u64,
    /// Bits of the widest key entry.
    pub key_bits: u64,
    /// Bits of the widest query entry; `None` if the queries have no finite binary form.
    pub query_bits: Option<(u64, Exactness)>,
    /// Beside a decision by thresholds, a lower bound of every matching score, relative to the blank's.
    pub match_score: Option<Rational>,
    /// And an upper bound of the scores that do not match.
    pub non_match_score: Option<Rational>,
}

impl Facts {
    /// `p`: the bits of the widest entry of all, known as well as the queries are.
    #[must_use]
    pub fn bits(&self) -> Option<(u64, Exactness)> {
        self.query_bits.map(|(bits, exactness)| (bits.max(self.key_bits).max(self.value_bits), exactness))
    }

    /// The facts of a claim of sparse averaging; `query_range` holds the least and greatest query entry that were evaluated,
    /// `on_sum` the `b` of `coherence` or `babel`.
    pub(crate) fn of_averaging(
        claim: &SparseAveraging,
        query_range: Option<&(BigInt, BigInt)>,
        on_sum: Option<&Rational>,
    ) -> Self {
        let twice_q = claim.sparsity.saturating_mul(2);
        let (key_width, key_bits, query_bits) = match &claim.unit {
            Unit::MomentCurve => {
                let highest = power(claim.tokens.saturating_sub(1), twice_q);
                (twice_q, signed_bits(&highest), moment_query_bits(claim))
            }
            Unit::SignKeys { key_width, .. } => (*key_width, 2, sign_query_bits(claim, query_range, on_sum)),
            Unit::CodeKeys { field_size, evaluations, .. } => {
                let bits = dyadic_scale(&claim.scale).map(|scale| (signed_bits(&scale), Exactness::Exact));
                (field_size.saturating_mul(*evaluations), 2, bits)
            }
        };
        Facts {
            key_width,
            embedding_dim: u128::from(claim.value_dim) + 2 * u128::from(key_width),
            value_bits: claim.value_fraction_bits.saturating_add(2),
            key_bits,
            query_bits,
            match_score: None,
            non_match_score: None,
        }
    }

    /// The facts of a claim of matching, with those of its averaging layer.
    pub(crate) fn of_matching(claim: &Matching, layer: Option<Facts>, scores: Option<&ScoreBounds>) -> Self {
        let trigonometric = |fraction_bits| Encoding::Trigonometric { fraction_bits };
        let own = match &claim.network {
            Network::Match2(encoding) => Some(Facts::of_encoding(claim, *encoding, 2)),
            Network::ThirdOrder(encoding) => Some(Facts::of_encoding(claim, *encoding, 3)),
            Network::Bigram { fraction_bits, .. } => Some(Facts::of_encoding(claim, trigonometric(*fraction_bits), 2)),
            Network::Local { .. } => None,
        };
        let nothing = Facts {
            key_width: 0,
            embedding_dim: 0,
            value_bits: 0,
            key_bits: 0,
            query_bits: Some((0, Exactness::Exact)),
            match_score: None,
            non_match_score: None,
        };
        let mut facts = [own, layer].into_iter().flatten().fold(nothing, Facts::larger);
        facts.match_score = scores.map(|scores| scores.matching.clone());
        facts.non_match_score = scores.map(|scores| scores.other.clone());
        facts
    }

    /// The facts of attention of this order over residues.
    fn of_encoding(claim: &Matching, encoding: Encoding, order: u64) -> Self {
        let scale = dyadic_scale(&claim.scale);
        let (key_width, key_bits, query_bits) = match encoding {
            Encoding::Trigonometric { fraction_bits } => {
                let blank = rounded(&claim.scale.times(&Rational::integer(power_of_two(fraction_bits))));
                let key_width = if order == 2 { 3 } else { 5 };
                (key_width, fraction_bits.saturating_add(2), Some((signed_bits(&blank), Exactness::Exact)))
            }
            Encoding::Polynomial => {
                let (key_width, degree, factor) = if order == 2 { (5, 4, 36u32) } else { (29, 6, 3600) };
                let bound = scale.map(|scale| scale * factor * power(claim.modulus, degree));
                let key_bits = signed_bits(&power(claim.modulus.saturating_sub(1), degree));
                (key_width, key_bits, bound.map(|bound| (signed_bits(&bound), Exactness::UpperBound)))
            }
        };
        Facts {
            key_width,
            embedding_dim: u128::from(order) - 1 + u128::from(order) * u128::from(key_width),
            // 1 is an entry.
            value_bits: 2,
            key_bits,
            query_bits,
            match_score: None,
            non_match_score: None,
        }
    }

    /// Of each number the larger one, as well known as the worse one.
    fn larger(self, other: Self) -> Self {
        let query_bits = self.query_bits.zip(other.query_bits);
        Facts {
            key_width: self.key_width.max(other.key_width),
            embedding_dim: self.embedding_dim.max(other.embedding_dim),
            value_bits: self.value_bits.max(other.value_bits),
            key_bits: self.key_bits.max(other.key_bits),
            query_bits: query_bits.map(|(own, other)| (own.0.max(other.0), own.1.max(other.1))),
            match_score: None,
            non_match_score: None,
        }
    }
}

fn power(base: u64, exponent: u64) -> BigInt {
    (0..exponent).fold(BigInt::one(), |power, _| power * base)
}

/// The scale times `2^s` for the least `s` that makes it an integer, if it is dyadic.
fn dyadic_scale(scale: &Rational) -> Option<BigInt> {
    let denom = scale.denom();
    // In lowest terms, the scale is dyadic exactly if its denominator is a power of two.
    let is_power = *denom == power_of_two(denom.bits().saturating_sub(1));
    is_power.then(|| scale.numer().clone())
}

/// The widest coefficient, the constant left out, of `-α·2^s·∏_l(t - l)²` for the last `q` tokens.
fn moment_query_bits(claim: &SparseAveraging) -> Option<(u64, Exactness)> {
    let scale = dyadic_scale(&claim.scale)?;
    if MAX_EXPANDED_SPARSITY < claim.sparsity {
        // The coefficients of ∏(t - l)² have moduli of sum ∏(1 + l)² ≤ N^{2q}.
        let sum = (0..claim.sparsity.saturating_mul(2)).fold(scale, |product, _| product * claim.tokens);
        return Some((signed_bits(&sum), Exactness::UpperBound));
    }
    let mut coefficients = vec![BigInt::one()];
    for token in claim.tokens.saturating_sub(claim.sparsity)..claim.tokens {
        for _ in 0..2 {
            // (t - l)·Σ c_i t^i has the coefficients c_{i-1} - l·c_i.
            let shifted = std::iter::once(BigInt::zero()).chain(coefficients.iter().cloned());
            let same = coefficients.iter().cloned().chain(std::iter::once(BigInt::zero()));
            coefficients = shifted.zip(same).map(|(below, own)| below - own * token).collect();
        }
    }
    let widths = coefficients.iter().skip(1).map(|coefficient| signed_bits(&-(coefficient * &scale)));
    widths.max().map(|bits| (bits, Exactness::Exact))
}

fn sign_query_bits(
    claim: &SparseAveraging,
    query_range: Option<&(BigInt, BigInt)>,
    on_sum: Option<&Rational>,
) -> Option<(u64, Exactness)> {
    if let Some(on_sum) = on_sum {
        return sign_query_bound(claim, on_sum).map(|bits| (bits, Exactness::UpperBound));
    }
    let (least, greatest) = query_range?;
    let bits = signed_bits(least).max(signed_bits(greatest));
    let is_witness = claim.kind == Kind::Counterexample;
    Some((bits, if is_witness { Exactness::AtWitness } else { Exactness::Exact }))
}

/// `2^f·α·q/(m'(1-b)) + 1`: each coefficient of the dual vector is at most `1/(m'(1-b))` in modulus.
fn sign_query_bound(claim: &SparseAveraging, on_sum: &Rational) -> Option<u64> {
    let Unit::SignKeys { key_width, fraction_bits, .. } = &claim.unit else { return None };
    let one = Rational::integer(1);
    let width = Rational::integer(*key_width).times(&one.minus(on_sum));
    let factor = Rational::integer(power_of_two(*fraction_bits) * claim.sparsity);
    let bound = claim.scale.times(&factor).over(&width)?.plus(&one);
    Some(signed_bits(&(bound.numer() / bound.denom())))
}

#[cfg(test)]
mod tests {
    use super::{Exactness, Facts};
    use crate::claim::averaging::{SparseAveraging, Unit};
    use crate::claim::{Kind, Method};
    use crate::number::Rational;

    fn claim(tokens: u64, sparsity: u64, scale: &str, unit: Unit) -> SparseAveraging {
        SparseAveraging {
            kind: Kind::UpperBound,
            method: Method::ClosedForm,
            tokens,
            sparsity,
            value_dim: 3,
            value_fraction_bits: 8,
            unit,
            scale: Rational::parse(scale).unwrap(),
            error: Some(Rational::integer(1)),
            range: None,
        }
    }

    #[test]
    fn moment_curve_by_hand() {
        // Support {2} of 3: -α(t - 2)² = -α(t² - 4t + 4); at α = 3/2 the integers are -3 and 12.
        let facts = Facts::of_averaging(&claim(3, 1, "3/2", Unit::MomentCurve), None, None);
        assert_eq!((facts.key_width, facts.embedding_dim), (2, 7));
        assert_eq!((facts.value_bits, facts.key_bits), (10, 4));
        assert_eq!(facts.query_bits, Some((5, Exactness::Exact)));
        assert_eq!(facts.bits(), Some((10, Exactness::Exact)));
        assert_eq!(Facts::of_averaging(&claim(3, 1, "1/3", Unit::MomentCurve), None, None).bits(), None);
    }

    #[test]
    fn code_keys_by_hand() {
        let unit = Unit::CodeKeys { field_size: 7, degree_bound: 2, evaluations: 5 };
        let facts = Facts::of_averaging(&claim(49, 2, "4", unit), None, None);
        assert_eq!((facts.key_width, facts.embedding_dim, facts.key_bits), (35, 73, 2));
        assert_eq!(facts.query_bits, Some((4, Exactness::Exact)));
    }
}
