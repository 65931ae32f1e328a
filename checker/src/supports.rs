//! The `q`-subsets of `[N]`, written as increasing lists, in lexicographic order and numbered from 0.
//!
//! In: counts and numbers whose `C(N,q)` passed the limit `enumeration`.
//! Out: binomials, the number of a support, the support of a number, the next support.

/// `C(n, k)`, or `None` if it is `2^64` or more.
pub(crate) fn binomial(n: u64, k: u64) -> Option<u64> {
    let k = k.min(n.checked_sub(k)?);
    let mut value: u128 = 1;
    for i in 0..k {
        // C(n, i+1) = C(n, i)·(n-i)/(i+1), exactly; with both factors below 2^64 it fits.
        // It grows up to i = n/2, so leaving 64 bits once is final.
        value = value * u128::from(n - i) / u128::from(i + 1);
        u64::try_from(value).ok()?;
    }
    u64::try_from(value).ok()
}

/// Whether the list is strictly increasing and below `n_tokens`.
pub(crate) fn is_increasing_below(list: &[u64], n_tokens: u64) -> bool {
    list.iter().zip(list.iter().skip(1)).all(|(left, right)| left < right)
        && list.last().is_none_or(|last| *last < n_tokens)
}

/// The number of a support: how many come before it.
pub(crate) fn rank(support: &[u64], n_tokens: u64) -> Option<u64> {
    let mut rank = 0u64;
    let mut candidate = 0u64;
    let mut n_left = u64::try_from(support.len()).ok()?;
    for &token in support {
        n_left = n_left.checked_sub(1)?;
        // Before it come the supports with the same beginning and a smaller token here.
        while candidate < token {
            let n_above = n_tokens.checked_sub(candidate)?.checked_sub(1)?;
            rank = rank.checked_add(binomial(n_above, n_left).unwrap_or(0))?;
            candidate += 1;
        }
        candidate = candidate.checked_add(1)?;
    }
    Some(rank)
}

/// The support with this number, if there is one.
pub(crate) fn unrank(mut number: u64, n_tokens: u64, sparsity: u64) -> Option<Vec<u64>> {
    let mut support = Vec::new();
    let mut n_left = sparsity;
    for token in 0..n_tokens {
        if n_left == 0 {
            break;
        }
        let n_with_token = binomial(n_tokens - token - 1, n_left - 1).unwrap_or(0);
        if number < n_with_token {
            support.push(token);
            n_left -= 1;
        } else {
            number -= n_with_token;
        }
    }
    if n_left == 0 && number == 0 { Some(support) } else { None }
}

/// Steps to the next support; `false` at the last one, which is left as it is.
pub(crate) fn step(support: &mut [u64], n_tokens: u64) -> bool {
    // The last place whose token can still grow: the t-th place from the end must stay below N - t.
    let from_end = support.iter().rev().zip((0..n_tokens).rev()).position(|(token, top)| *token < top);
    let Some(from_end) = from_end else {
        return false;
    };
    let n_changed = from_end + 1;
    let n_kept = support.len().saturating_sub(n_changed);
    let mut value = support.get(n_kept).copied().unwrap_or(0);
    for slot in support.iter_mut().skip(n_kept) {
        value += 1;
        *slot = value;
    }
    true
}

/// The tokens of `0 … n_tokens-1` that are not in the (increasing) support.
pub(crate) fn complement(support: &[u64], n_tokens: u64) -> impl Iterator<Item = u64> + '_ {
    let mut members = support.iter().copied().peekable();
    (0..n_tokens).filter(move |token| members.next_if_eq(token).is_none())
}

#[cfg(test)]
mod tests {
    use super::{binomial, complement, is_increasing_below, rank, step, unrank};

    #[test]
    fn binomials() {
        assert_eq!(binomial(64, 4), Some(635_376));
        assert_eq!(binomial(5, 0), Some(1));
        assert_eq!(binomial(5, 5), Some(1));
        assert_eq!(binomial(3, 5), None);
        assert_eq!(binomial(68, 34), None);
        assert_eq!(binomial(u64::MAX, 1), Some(u64::MAX));
        assert_eq!(binomial(u64::MAX, u64::MAX - 1), Some(u64::MAX));
        assert_eq!(binomial(u64::MAX, 4096), None);
        for n in 1..30 {
            for k in 1..n {
                assert_eq!(binomial(n, k), Some(binomial(n - 1, k - 1).unwrap() + binomial(n - 1, k).unwrap()));
            }
        }
    }

    #[test]
    fn order_agrees_with_plain_enumeration() {
        for n in 1u64..9 {
            for q in 1..=n {
                // Lexicographic order of increasing lists, found by sorting all bit patterns.
                let mut lists: Vec<Vec<u64>> = (0u32..1 << n)
                    .map(|set| (0..n).filter(|token| set >> token & 1 == 1).collect::<Vec<u64>>())
                    .filter(|list| list.len() as u64 == q)
                    .collect();
                lists.sort();
                let mut support: Vec<u64> = (0..q).collect();
                for (number, list) in (0..).zip(&lists) {
                    assert_eq!(&support, list);
                    assert_eq!(rank(list, n), Some(number));
                    assert_eq!(unrank(number, n, q).as_ref(), Some(list));
                    assert!(is_increasing_below(list, n));
                    let stepped = step(&mut support, n);
                    assert_eq!(stepped, number + 1 < lists.len() as u64);
                }
                assert_eq!(unrank(lists.len() as u64, n, q), None);
            }
        }
    }

    #[test]
    fn complements_and_lists() {
        assert_eq!(complement(&[1, 3], 5).collect::<Vec<_>>(), [0, 2, 4]);
        assert_eq!(complement(&[], 2).collect::<Vec<_>>(), [0, 1]);
        assert!(!is_increasing_below(&[1, 1], 5));
        assert!(!is_increasing_below(&[2, 1], 5));
        assert!(!is_increasing_below(&[0, 5], 5));
    }
}
