//! The questions of the matching tasks, answered for one input.
//!
//! In: an input as runs, `n` tokens of residue `x` in the order of the tokens, and a row. Out: whether there is a match.
//! Nothing here knows of a network.

use std::collections::HashSet;

use crate::claim::matching::{Matching, Network};
use crate::units::sign_keys::to_index;

/// An input: each run is a residue and how often it is repeated.
pub(crate) type Runs = [(u64, u64)];

/// Whether the runs are the one way to write an input of the claim.
pub(crate) fn is_input(runs: &Runs, claim: &Matching) -> bool {
    let n_tokens = runs.iter().try_fold(0u64, |sum, (_, count)| sum.checked_add(*count));
    let mut neighbours = runs.iter().zip(runs.iter().skip(1));
    runs.iter().all(|(residue, count)| *residue < claim.modulus && 1 <= *count)
        && neighbours.all(|(left, right)| left.0 != right.0)
        && n_tokens == Some(claim.tokens)
}

/// The residue of a row.
pub(crate) fn residue_at(runs: &Runs, row: u64) -> Option<u64> {
    let mut n_before = 0u64;
    for (residue, count) in runs {
        n_before = n_before.saturating_add(*count);
        if row < n_before {
            return Some(*residue);
        }
    }
    None
}

/// The residues of at most so many tokens, one by one.
pub(crate) fn expand(runs: &Runs, n_tokens: u64) -> Vec<u64> {
    let tokens = runs.iter().flat_map(|(residue, count)| (0..*count).map(move |_| *residue));
    tokens.take(to_index(n_tokens)).collect()
}

/// `x + y mod M`.
pub(crate) fn add(left: u64, right: u64, modulus: u64) -> u64 {
    let sum = (u128::from(left) + u128::from(right)).checked_rem(u128::from(modulus));
    sum.and_then(|sum| u64::try_from(sum).ok()).unwrap_or(0)
}

/// The residue that adds up to 0 with the sum of two.
fn completing(left: u64, right: u64, modulus: u64) -> u64 {
    match add(left, right, modulus) {
        0 => 0,
        sum => modulus.saturating_sub(sum),
    }
}

/// Whether a residue and two of the others, possibly the same one twice, add up to 0.
pub(crate) fn has_completing_pair(residue: u64, others: impl Iterator<Item = u64>, modulus: u64) -> bool {
    let others: HashSet<u64> = others.collect();
    others.iter().any(|other| others.contains(&completing(residue, *other, modulus)))
}

/// The tokens within the window of a row.
pub(crate) fn window_of(row: u64, window: u64, n_tokens: u64) -> std::ops::Range<u64> {
    row.saturating_sub(window)..row.saturating_add(window).saturating_add(1).min(n_tokens)
}

/// Whether the answer at a row is 1; `None` if there is no such row.
/// Inputs of local and bigram are expanded; their length has been limited.
pub(crate) fn answer(claim: &Matching, runs: &Runs, row: u64) -> Option<bool> {
    let residue = residue_at(runs, row)?;
    let modulus = claim.modulus;
    Some(match &claim.network {
        Network::Match2(_) => runs.iter().any(|(other, _)| *other == completing(residue, 0, modulus)),
        Network::ThirdOrder(_) => has_completing_pair(residue, runs.iter().map(|(other, _)| *other), modulus),
        Network::Local { window, .. } => {
            let tokens = expand(runs, claim.tokens);
            let near = window_of(row, *window, claim.tokens).filter_map(|token| tokens.get(to_index(token)).copied());
            has_completing_pair(residue, near, modulus)
        }
        Network::Bigram { .. } => {
            let tokens = expand(runs, claim.tokens);
            let mut pairs = tokens.iter().zip(tokens.iter().skip(1));
            pairs.any(|(left, right)| *right == completing(residue, *left, modulus))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{answer, is_input, residue_at};
    use crate::claim::Claim;
    use crate::claim::matching::Matching;

    fn claim(id: &str, own: &str, rest: &str, modulus: u64, tokens: u64) -> Matching {
        let text = format!(
            r#"{{"format":"attestor-claim","version":1,"id":"{id}","kind":"counterexample","method":"witness","modulus":{modulus},"tokens":{tokens},{own}"scale":"1"{rest}}}"#
        );
        Claim::parse(text.as_bytes()).expect("a claim").matching().expect("of matching").clone()
    }

    /// Every answer for every input, by the definition with indices.
    #[test]
    fn answers_agree_with_the_definitions() {
        for (modulus, n) in [(2u64, 3u64), (3, 4), (5, 3), (4, 4)] {
            let claims = [
                claim("match2/polynomial", "", "", modulus, n),
                claim("match3/third-order", r#""encoding":"polynomial","#, "", modulus, n),
                claim(
                    "match3/local",
                    r#""window":1,"construction":"moment-curve","value_fraction_bits":9,"#,
                    "",
                    modulus,
                    n,
                ),
                claim(
                    "match3/bigram",
                    r#""construction":"moment-curve","value_fraction_bits":9,"fraction_bits":4,"#,
                    r#","first_scale":"1""#,
                    modulus,
                    n,
                ),
            ];
            let n = usize::try_from(n).unwrap();
            for number in 0..modulus.pow(u32::try_from(n).unwrap()) {
                let x: Vec<u64> =
                    (0..n).map(|place| number / modulus.pow(u32::try_from(place).unwrap()) % modulus).collect();
                let mut runs: Vec<(u64, u64)> = Vec::new();
                for residue in &x {
                    match runs.last_mut() {
                        Some(last) if last.0 == *residue => last.1 += 1,
                        _ => runs.push((*residue, 1)),
                    }
                }
                for i in 0..n {
                    let zero = |sum: u64| sum.is_multiple_of(modulus);
                    let pairs = || (0..n).flat_map(|j| (0..n).map(move |k| (j, k)));
                    let expected = [
                        (0..n).any(|j| zero(x[i] + x[j])),
                        pairs().any(|(j, k)| zero(x[i] + x[j] + x[k])),
                        pairs().any(|(j, k)| i.abs_diff(j) <= 1 && i.abs_diff(k) <= 1 && zero(x[i] + x[j] + x[k])),
                        (1..n).any(|j| zero(x[i] + x[j - 1] + x[j])),
                    ];
                    let row = u64::try_from(i).unwrap();
                    assert_eq!(residue_at(&runs, row), Some(x[i]));
                    for (claim, expected) in claims.iter().zip(expected) {
                        assert!(is_input(&runs, claim));
                        assert_eq!(answer(claim, &runs, row), Some(expected), "{x:?} {i}");
                    }
                }
                assert_eq!(answer(&claims[0], &runs, claims[0].tokens), None);
            }
        }
    }

    #[test]
    fn inputs_have_one_form() {
        let claim = claim("match2/polynomial", "", "", 5, 4);
        assert!(is_input(&[(4, 1), (0, 3)], &claim));
        for runs in [
            &[(4, 1), (0, 2)][..],
            &[(4, 1), (0, 4)],
            &[(5, 1), (0, 3)],
            &[(0, 1), (0, 3)],
            &[(4, 0), (0, 4)],
            &[(4, u64::MAX), (0, 5)],
            &[],
        ] {
            assert!(!is_input(runs, &claim), "{runs:?}");
        }
    }
}
