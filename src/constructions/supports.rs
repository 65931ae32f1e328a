//! Supports: the q-subsets of `{0, …, N-1}` as increasing lists, in lexicographic order.
//!
//! In: N and q. Out: binomials, ranks, and an iteration that tells how long the unchanged prefix is.
//! Invariant: rank 0 is `{0, …, q-1}`; `unrank` and `rank` are inverse.

use num_bigint::BigUint;
use num_traits::One;

/// `C(n, k)`, exactly.
pub fn binomial_big(n: u64, k: u64) -> BigUint {
    if n < k {
        return BigUint::default();
    }
    let k = k.min(n - k);
    (0..k).fold(BigUint::one(), |value, i| value * (n - i) / (i + 1))
}

/// `C(n, k)` if it fits in a u64.
///
/// ```
/// use attestor::constructions::supports::binomial;
/// assert_eq!(binomial(64, 4), Some(635_376));
/// assert_eq!(binomial(3, 4), Some(0));
/// assert_eq!(binomial(68, 34), None);
/// ```
pub fn binomial(n: u64, k: u64) -> Option<u64> {
    if n < k {
        return Some(0);
    }
    let k = k.min(n - k);
    let mut value: u128 = 1;
    for i in 0..k {
        value = value.checked_mul(u128::from(n - i))? / u128::from(i + 1);
        if u128::from(u64::MAX) < value {
            return None;
        }
    }
    u64::try_from(value).ok()
}

/// The position of `support` in the lexicographic order of the subsets of `{0, …, n-1}`.
///
/// *Requires* an increasing list below `n` with `C(n, q)` in a u64; otherwise `None`.
pub fn rank(n: u64, support: &[u64]) -> Option<u64> {
    let mut remaining = u64::try_from(support.len()).ok()?;
    let mut next = 0;
    let mut position: u64 = 0;
    for &token in support {
        // Supports that share the prefix and have a smaller element here come first.
        for smaller in next..token {
            position = position.checked_add(binomial(n - 1 - smaller, remaining - 1)?)?;
        }
        next = token + 1;
        remaining -= 1;
    }
    Some(position)
}

/// The support at `position`, the inverse of [`rank`].
pub fn unrank(n: u64, q: u64, position: u64) -> Option<Vec<u64>> {
    let mut left = position;
    let mut token = 0;
    let mut support = Vec::new();
    for chosen in 0..q {
        loop {
            let starting_here = binomial(n.checked_sub(token + 1)?, q - chosen - 1)?;
            if left < starting_here {
                break;
            }
            left -= starting_here;
            token += 1;
        }
        support.push(token);
        token += 1;
    }
    Some(support)
}

/// Moves to the next support in place and returns the first changed index; `None` after the last one.
///
/// ```
/// use attestor::constructions::supports::advance;
/// let mut support = vec![0, 1, 4];
/// assert_eq!(advance(5, &mut support), Some(1));
/// assert_eq!(support, [0, 2, 3]);
/// ```
pub fn advance(n: u64, support: &mut [u64]) -> Option<usize> {
    let q = support.len();
    let mut limit = n;
    let mut changed = q;
    for index in (0..q).rev() {
        limit -= 1;
        if support[index] < limit {
            changed = index;
            break;
        }
    }
    if changed == q {
        return None;
    }
    let mut token = support[changed];
    for slot in &mut support[changed..] {
        token += 1;
        *slot = token;
    }
    Some(changed)
}

#[cfg(test)]
mod tests {
    use super::{advance, binomial, binomial_big, rank, unrank};

    #[test]
    fn every_support_once_in_order() {
        for n in 0..9_u64 {
            for q in 1..=n {
                let mut support: Vec<u64> = (0..q).collect();
                let mut position = 0;
                loop {
                    assert_eq!(rank(n, &support), Some(position));
                    assert_eq!(unrank(n, q, position), Some(support.clone()));
                    let before = support.clone();
                    let Some(changed) = advance(n, &mut support) else { break };
                    assert_eq!(before[..changed], support[..changed]);
                    assert!(before < support);
                    position += 1;
                }
                assert_eq!(Some(position + 1), binomial(n, q));
            }
        }
    }

    #[test]
    fn binomials_agree_with_pascal() {
        for n in 0..70_u64 {
            for k in 0..=n + 1 {
                let pascal = if n == 0 || k == 0 {
                    if k == 0 { 1_u8.into() } else { num_bigint::BigUint::default() }
                } else {
                    binomial_big(n - 1, k - 1) + binomial_big(n - 1, k)
                };
                assert_eq!(binomial_big(n, k), pascal, "C({n}, {k})");
                assert_eq!(binomial(n, k), u64::try_from(pascal).ok());
            }
        }
    }
}
