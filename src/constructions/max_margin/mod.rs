//! Max-margin dual vectors of sign keys, with exact certificates (Thm 2).
//!
//! **Item.** Keys `u_0, …, u_{N-1} ∈ {-1,+1}^{m'}`, a support `y` and a margin `0 < γ ≤ 1`.
//! The dual vector `w_y` is the solution of
//!
//! ```text
//! minimise ‖w‖²  subject to  ⟨w,u_l⟩ = 1 (l∈y),  ⟨w,u_j⟩ ≤ 1-γ (j∉y).      (P)
//! ```
//!
//! The linear program "maximise γ" has many optima or none (it may be unbounded);
//! (P) is strictly convex, so `w_y` is unique, and it exists exactly when some `w` has margin `γ`.
//! In the code `n_tokens` is `N`, `key_width` is `m'`, `support` is `y`, `margin` is `γ`,
//! `sparsity` is `q = |y|`.
//!
//! **In and out.** [`dual`] takes the keys ([`Keys`]), a support and a margin, and returns a [`Dual`]:
//! integers that are either `w_y` or a proof that there is none.
//!
//! **Invariant.** Every [`Dual`] that leaves this module has passed `verify`, whose two criteria are:
//!
//! - *Karush–Kuhn–Tucker.* Let `w = Σ_k c_k u_k` be feasible, with `c_k < 0` and `⟨w,u_k⟩ = 1-γ`
//!   whenever `k∉y` and `c_k ≠ 0`. For every feasible `v`:
//!   `⟨w, v-w⟩ = Σ_k c_k (⟨v,u_k⟩ - ⟨w,u_k⟩) = Σ_{k∉y} c_k (⟨v,u_k⟩ - (1-γ)) ≥ 0`,
//!   so `‖v‖² = ‖w‖² + 2⟨w,v-w⟩ + ‖v-w‖² ≥ ‖w‖² + ‖v-w‖²`, and `w` is the unique minimiser.
//! - *Farkas.* If `Σ_k c_k u_k = 0` with `c_k > 0` for `k∉y`, a feasible `w` would give
//!   `0 = Σ_k c_k ⟨w,u_k⟩ ≤ Σ_{k∈y} c_k + (1-γ)·Σ_{k∉y} c_k`.
//!   If the right side is negative, nothing is feasible.
//!
//! **Method.** The dual active-set method of D. Goldfarb and A. Idnani,
//! "A numerically stable dual method for solving strictly convex quadratic programs",
//! Mathematical Programming 27 (1983) 1–33, for the identity Hessian.
//!
//! 1. `search`: in floating point. Its answer is a list of tokens, and is trusted for nothing.
//! 2. `repair`: the exact integer solution of the linear system of these tokens (`residues`).
//! 3. `verify`: the criteria above, in integers, from the signs of the keys alone.
//! 4. `exact`: if 2 or 3 failed, the same method in rational arithmetic, from where the search ended, and 3 again.
//!
//! **Which answer.** The vector `w_y` and the existence of an answer do not depend on the method.
//! The coefficients are determined by `w_y` if the keys with a tight constraint
//! (`y` and all `j∉y` with `⟨w_y,u_j⟩ = 1-γ`) are linearly independent;
//! otherwise (equal keys, dependent supports, ties), and for every `Infeasible`, several
//! answers are right and the one returned is a deterministic function of the input:
//! `search` uses only IEEE `+ - * / sqrt` in a fixed order.
//!
//! **Not here.** Rounding of queries, the bound on the weight error, and the certificate's records.

mod exact;
#[cfg(test)]
mod fixtures;
mod repair;
mod residues;
mod search;
mod verify;

use num_bigint::BigInt;
use num_rational::BigRational;
use search::Guess;

/// A table of sign keys, as this module reads it.
///
/// *Requires* of an implementation: `inner_product(a, b)` is the sum of
/// `sign(a, i)·sign(b, i)` over the coordinates `i`.
pub trait Keys {
    /// The number of keys, `N ≥ 1`.
    fn n_tokens(&self) -> usize;
    /// The number of coordinates of a key, `m' ≥ 1`.
    fn key_width(&self) -> usize;
    /// Coordinate `coordinate` of the key of `token`: `1` or `-1`.
    fn sign(&self, token: usize, coordinate: usize) -> i8;
    /// The inner product of the keys of `a` and `b`.
    fn inner_product(&self, a: usize, b: usize) -> i64;
}

/// What the keys offer to one support. Tokens in `keys` increase strictly and no coefficient is zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dual {
    /// The dual vector `w = (1/denominator)·Σ coefficients[i]·u_{keys[i]}`.
    Vector {
        /// The keys that make up the vector: tokens of the support and tokens with a tight constraint.
        keys: Vec<usize>,
        /// Their coefficients times `denominator`; negative off the support.
        coefficients: Vec<BigInt>,
        /// The common denominator, positive and in lowest terms with all coefficients.
        denominator: BigInt,
    },
    /// No vector has the margin: Farkas multipliers with greatest common divisor 1.
    Infeasible {
        /// The keys that cancel.
        keys: Vec<usize>,
        /// Their multipliers; positive off the support.
        coefficients: Vec<BigInt>,
    },
}

/// The max-margin dual vector of `support`, or a proof that there is none.
///
/// *Requires* `support` strictly increasing, nonempty, with tokens below `N`; `0 < margin ≤ 1`.
/// *Ensures* the answer is a minimiser of (P) or a Farkas proof, checked exactly on every path.
/// *Why* the criteria of the module documentation; the exact method always ends (`exact`).
/// *Source* Thm 2; Goldfarb and Idnani 1983.
///
/// # Panics
/// Only on a violated requirement.
#[must_use]
pub fn dual<K: Keys + ?Sized>(keys: &K, support: &[usize], margin: &BigRational) -> Dual {
    let guess = search::search(keys, support, margin);
    fast(keys, support, margin, &guess).unwrap_or_else(|| slow(keys, support, margin, guess.active()))
}

/// Repair and verify; `None` if the guess was wrong.
fn fast<K: Keys + ?Sized>(keys: &K, support: &[usize], margin: &BigRational, guess: &Guess) -> Option<Dual> {
    repair::repair(keys, support, margin, guess).filter(|dual| verify::holds(keys, support, margin, dual))
}

/// The exact method, from the tight constraints `start`.
fn slow<K: Keys + ?Sized>(keys: &K, support: &[usize], margin: &BigRational, start: &[usize]) -> Dual {
    let dual = exact::dual(keys, support, margin, start);
    assert!(
        verify::holds(keys, support, margin, &dual),
        "the exact method needs an increasing support, a margin in (0, 1] and true inner products"
    );
    dual
}

#[cfg(test)]
mod tests {
    use super::exact;
    use super::fixtures::{SignTable, rational, supports, vector};
    use super::{Dual, Keys, dual, fast, search, slow, verify};
    use num_bigint::BigInt;
    use num_rational::BigRational;
    use num_traits::{One, Signed, Zero};
    use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};

    /// All minimisers that some set of tight constraints yields (they must agree), by brute force.
    ///
    /// Complete: the minimiser has a representation by independent keys that contains a basis of `y`.
    fn brute_force(keys: &SignTable, support: &[usize], margin: &BigRational) -> Option<Vec<BigRational>> {
        let tight = BigRational::one() - margin;
        let basis = exact::independent_prefix(keys, support);
        let others: Vec<usize> = (0..keys.n_tokens()).filter(|j| !support.contains(j)).collect();
        let mut found: Option<Vec<BigRational>> = None;
        for mask in 0_u32..1 << others.len() {
            let mut tokens = basis.clone();
            tokens.extend(others.iter().enumerate().filter(|(i, _)| mask >> i & 1 == 1).map(|(_, &j)| j));
            if exact::independent_prefix(keys, &tokens).len() < tokens.len() {
                continue;
            }
            let right: Vec<BigRational> =
                (0..tokens.len()).map(|i| if i < basis.len() { BigRational::one() } else { tight.clone() }).collect();
            let c = exact::solve(keys, &tokens, &right);
            let w = vector(keys, &tokens, &c);
            let score = |j: usize| {
                (0..keys.key_width())
                    .fold(BigRational::zero(), |sum, i| if keys.sign(j, i) > 0 { sum + &w[i] } else { sum - &w[i] })
            };
            let feasible = support.iter().all(|&l| score(l).is_one()) && others.iter().all(|&j| score(j) <= tight);
            if feasible && c[basis.len()..].iter().all(|c| !c.is_positive()) {
                assert!(found.as_ref().is_none_or(|v| *v == w), "the minimiser is unique");
                found = Some(w);
            }
        }
        found
    }

    /// The vector of an answer that has passed the verification again, or `None` for infeasible.
    #[track_caller]
    fn checked(keys: &SignTable, support: &[usize], margin: &BigRational, dual: &Dual) -> Option<Vec<BigRational>> {
        assert!(verify::holds(keys, support, margin, dual), "{keys:?} {support:?} {margin} {dual:?}");
        match dual {
            Dual::Vector { keys: tokens, coefficients, denominator } => {
                let c: Vec<BigRational> =
                    coefficients.iter().map(|c| BigRational::new(c.clone(), denominator.clone())).collect();
                Some(vector(keys, tokens, &c))
            }
            Dual::Infeasible { .. } => None,
        }
    }

    #[track_caller]
    fn agree(keys: &SignTable, support: &[usize], margin: &BigRational) -> Option<Vec<BigRational>> {
        let answer = checked(keys, support, margin, &dual(keys, support, margin));
        assert_eq!(answer, checked(keys, support, margin, &slow(keys, support, margin, &[])), "{keys:?} {support:?}");
        answer
    }

    #[test]
    fn every_pattern_of_few_short_keys_agrees_with_brute_force() {
        // All tables of N keys of width m' up to m'·N = 12 bits: equal, opposite and dependent keys throughout.
        for (n_tokens, key_width) in [(1, 1), (2, 1), (4, 1), (3, 2), (5, 2), (3, 3), (4, 3), (3, 4)] {
            for pattern in 0_u64..1 << (n_tokens * key_width) {
                let keys = SignTable::from_bits(n_tokens, key_width, |j, i| pattern >> (j * key_width + i) & 1 == 1);
                for sparsity in 1..=n_tokens {
                    let support: Vec<usize> = (0..sparsity).collect();
                    for margin in [rational(1, 3), rational(1, 1)] {
                        let answer = agree(&keys, &support, &margin);
                        assert_eq!(answer, brute_force(&keys, &support, &margin), "{keys:?} {support:?} {margin}");
                    }
                }
            }
        }
    }

    #[test]
    fn random_tables_of_all_shapes_agree_with_the_exact_method() {
        for seed in 0..150 {
            for (n_tokens, sparsity, key_width) in
                [(5, 2, 3), (8, 2, 4), (8, 3, 5), (9, 1, 4), (12, 2, 6), (12, 3, 9), (16, 2, 10), (16, 5, 12)]
            {
                let keys = SignTable::seeded(n_tokens, key_width, seed);
                let every = supports(n_tokens, sparsity);
                let support = &every[usize::try_from(seed * 7919).unwrap() % every.len()];
                agree(&keys, support, &rational(1, 2));
                agree(&keys, support, &rational(9, 10));
            }
        }
    }

    #[test]
    fn small_degenerate_cases() {
        let table = |rows: &[&str]| SignTable::from_rows(rows);
        let half = rational(1, 2);
        let infeasible = |keys: &[usize], coefficients: &[i64]| Dual::Infeasible {
            keys: keys.to_vec(),
            coefficients: coefficients.iter().map(|&c| BigInt::from(c)).collect(),
        };
        // Opposite keys in y: -1·u - 1·(-u) = 0 and the right-hand sides add up to -2.
        assert_eq!(dual(&table(&["+", "-"]), &[0, 1], &half), infeasible(&[0, 1], &[-1, -1]));
        // The same key on and off y: -1 + (1-γ) < 0.
        assert_eq!(dual(&table(&["+-", "+-"]), &[1], &half), infeasible(&[0, 1], &[1, -1]));
        // N = q = 1.
        assert_eq!(
            dual(&table(&["+++"]), &[0], &half),
            Dual::Vector { keys: vec![0], coefficients: vec![BigInt::one()], denominator: BigInt::from(3) }
        );
        // The same key twice in y is consistent, and one of the two suffices.
        assert_eq!(
            dual(&table(&["++", "++", "--"]), &[0, 1], &half),
            Dual::Vector { keys: vec![0], coefficients: vec![BigInt::one()], denominator: BigInt::from(2) }
        );
        // Four keys of width 3 that add up to 0, three of them in y: the fourth scores -3.
        assert!(matches!(dual(&table(&["+--", "-+-", "--+", "+++"]), &[0, 1, 2], &half), Dual::Vector { .. }));
        // The odd one of a dependent y: u_3 = u_0 + u_1 + u_2 asks 1 = 3.
        assert_eq!(
            dual(&table(&["+--", "-+-", "--+", "---"]), &[0, 1, 2, 3], &half),
            infeasible(&[0, 1, 2, 3], &[-1, -1, -1, 1])
        );
    }

    #[test]
    fn margins_of_any_size_are_exact() {
        let keys = SignTable::seeded(12, 8, 3);
        let huge: BigInt = BigInt::one() << 400_u32;
        let margins = [
            BigRational::new(BigInt::one(), huge.clone()),
            BigRational::new(&huge - 1, huge.clone()),
            BigRational::new(&huge / 3 + 1, huge),
        ];
        for margin in &margins {
            for support in &supports(12, 2)[..20] {
                agree(&keys, support, margin);
            }
        }
    }

    #[test]
    fn wide_keys_use_more_than_one_machine_word() {
        // Coefficients beyond 128 bits and keys beyond 64 coordinates.
        let keys = SignTable::seeded(90, 80, 0);
        for support in [[0, 1, 2, 3, 4], [7, 20, 33, 46, 89]] {
            let margin = rational(9, 10);
            let guess = search::search(&keys, &support, &margin);
            let answer = fast(&keys, &support, &margin, &guess).expect("the fast path suffices");
            let Dual::Vector { denominator, .. } = &answer else { panic!("feasible") };
            assert!(128 < denominator.bits());
            checked(&keys, &support, &margin, &answer);
        }
    }

    #[test]
    fn the_search_suffices_on_ordinary_keys() {
        // At width 9 about half of the supports have no vector; at width 20 all have one.
        let half = rational(1, 2);
        for key_width in [4, 9, 14, 20] {
            let keys = SignTable::seeded(32, key_width, 1);
            for support in supports(32, 2) {
                let guess = search::search(&keys, &support, &half);
                assert!(fast(&keys, &support, &half, &guess).is_some(), "width {key_width}, support {support:?}");
            }
        }
    }

    /// Few distinct keys among up to 7, so that equal, opposite and dependent ones abound.
    fn tables() -> impl Strategy<Value = (SignTable, Vec<usize>, BigRational)> {
        (1_usize..=5, prop::collection::vec(any::<u8>(), 1..=7), any::<prop::sample::Index>(), 1_i64..=6).prop_map(
            |(key_width, words, subset, numerator)| {
                let keys = SignTable::from_bits(words.len(), key_width, |j, i| (words[j] % 12) >> i & 1 == 1);
                let mask = subset.index((1 << words.len()) - 1) + 1;
                let support = (0..words.len()).filter(|j| mask >> j & 1 == 1).collect();
                (keys, support, rational(numerator, 6))
            },
        )
    }

    fn norm_squared(w: &[BigRational]) -> BigRational {
        w.iter().map(|x| x * x).sum()
    }

    proptest! {
        #[test]
        fn degenerate_tables_agree_with_brute_force((keys, support, margin) in tables()) {
            prop_assert_eq!(agree(&keys, &support, &margin), brute_force(&keys, &support, &margin));
        }

        /// Any start, however wrong, leads to the same vector.
        #[test]
        fn the_start_does_not_matter((keys, support, margin) in tables(), order in any::<u64>(), length in 0_usize..7) {
            let n_tokens = keys.n_tokens();
            let mut start: Vec<usize> = (0..n_tokens).collect();
            start.sort_by_key(|&j| order >> (8 * j) & 255);
            start.truncate(length);
            let cold = checked(&keys, &support, &margin, &slow(&keys, &support, &margin, &[]));
            prop_assert_eq!(checked(&keys, &support, &margin, &slow(&keys, &support, &margin, &start)), cold);
        }

        /// A vector for `m'` coordinates, padded by 0, serves for `m' + 1`: the optimum cannot grow.
        #[test]
        fn wider_keys_are_no_worse(seed in 0_u64..1000, n_tokens in 3_usize..14, key_width in 1_usize..10) {
            let margin = rational(1, 2);
            let narrow = agree(&SignTable::seeded(n_tokens, key_width, seed), &[0, 2], &margin);
            if let Some(narrow) = narrow {
                let wide = agree(&SignTable::seeded(n_tokens, key_width + 1, seed), &[0, 2], &margin);
                prop_assert!(norm_squared(&wide.expect("feasible")) <= norm_squared(&narrow));
            }
        }

        /// Flipping a coordinate of every key flips it in the vector.
        #[test]
        fn signed_coordinates_are_equivariant(seed in 0_u64..1000, flip in 0_usize..8) {
            let keys = SignTable::seeded(12, 8, seed);
            let flipped = SignTable::from_bits(12, 8, |j, i| (keys.sign(j, i) > 0) != (i == flip));
            let margin = rational(2, 5);
            let expected = agree(&keys, &[1, 5], &margin).map(|mut w| { w[flip] = -w[flip].clone(); w });
            prop_assert_eq!(agree(&flipped, &[1, 5], &margin), expected);
        }
    }
}
