//! The tasks: inputs as runs of equal residues, and the answer at a row.
//!
//! Paper symbols: X in `[M]^N` is an [`Input`]; `j = i` and `j1 = j2` are allowed everywhere.
//! In: an input and a row. Out: whether the row has a match.
//! Invariant: an input of N tokens may have N up to 2^64 - 1; only local and bigram look at single tokens.
//! Source: sections 8 and 9 of docs/theory.md; `checker/FORMAT.md` section 2.

use std::ops::Range;

use crate::catalogue::network::{Design, Network};

/// X as runs `(residue, count)` in the order of the tokens; neighbouring runs have different residues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    runs: Vec<(u64, u64)>,
}

/// A matching task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// `x_i + x_j ≡ 0` for some j.
    Match2,
    /// `x_i + x_j + x_k ≡ 0` for some j, k.
    Match3,
    /// Match3 with j, k at distance at most K from i.
    Local {
        /// K.
        window: u64,
    },
    /// `x_i + x_j + x_{j+1} ≡ 0` for some j ≤ N-2.
    Bigram,
}

impl Input {
    /// An input from runs; empty runs vanish and neighbours of one residue are joined.
    ///
    /// ```
    /// use attestor::constructions::matching::task::Input;
    /// let input = Input::new([(3, 2), (5, 0), (3, 1)]);
    /// assert_eq!(input.runs(), [(3, 3)]);
    /// ```
    pub fn new(runs: impl IntoIterator<Item = (u64, u64)>) -> Input {
        let mut joined: Vec<(u64, u64)> = Vec::new();
        for (residue, count) in runs.into_iter().filter(|(_, count)| 0 < *count) {
            match joined.last_mut().filter(|(last, _)| *last == residue) {
                Some((_, last)) => *last += count,
                None => joined.push((residue, count)),
            }
        }
        Input { runs: joined }
    }

    /// An input from its tokens.
    pub fn from_tokens(tokens: &[u64]) -> Input {
        Input::new(tokens.iter().map(|residue| (*residue, 1)))
    }

    /// The runs.
    pub fn runs(&self) -> &[(u64, u64)] {
        &self.runs
    }

    /// N.
    pub fn n_tokens(&self) -> u64 {
        self.runs.iter().map(|(_, count)| count).sum()
    }

    /// Every token; for inputs short enough to be listed.
    pub fn tokens(&self) -> Vec<u64> {
        let expand = |&(residue, count): &(u64, u64)| {
            std::iter::repeat_n(residue, usize::try_from(count).expect("a listed input is short"))
        };
        self.runs.iter().flat_map(expand).collect()
    }

    /// The residue of a row; `None` beyond the last one.
    pub fn residue(&self, row: u64) -> Option<u64> {
        let mut first = 0_u64;
        for &(residue, count) in &self.runs {
            if row - first < count {
                return Some(residue);
            }
            first += count;
        }
        None
    }
}

/// `(a + b) mod M` without overflow.
pub fn add(modulus: u64, a: u64, b: u64) -> u64 {
    let sum = (u128::from(a) + u128::from(b)) % u128::from(modulus);
    u64::try_from(sum).expect("a residue is below the modulus")
}

/// `-a mod M`.
pub fn negate(modulus: u64, a: u64) -> u64 {
    (modulus - a % modulus) % modulus
}

impl Task {
    /// The task that a network is for.
    pub fn of(network: &Network) -> Task {
        match &network.design {
            Design::Local { window, .. } => Task::Local { window: *window },
            Design::Bigram { .. } => Task::Bigram,
            Design::Match2(_) => Task::Match2,
            Design::ThirdOrder(_) => Task::Match3,
        }
    }

    /// Whether `row` of `input` has a match.
    ///
    /// *Requires* residues below the modulus and a row below N; local and bigram list the tokens.
    ///
    /// ```
    /// use attestor::constructions::matching::task::{Input, Task};
    /// let input = Input::from_tokens(&[1, 1, 3]);
    /// assert!(Task::Match3.answer(5, &input, 0));
    /// assert!(!Task::Match2.answer(5, &input, 0));
    /// ```
    pub fn answer(self, modulus: u64, input: &Input, row: u64) -> bool {
        let Some(own) = input.residue(row) else { return false };
        let completes = |sum: u64| add(modulus, own, sum) == 0;
        match self {
            Task::Match2 => input.runs().iter().any(|&(residue, _)| completes(residue)),
            Task::Match3 => has_pair(modulus, &distinct(input), completes),
            Task::Local { window } => {
                let tokens = input.tokens();
                let near = neighbours(&tokens, row, window);
                has_pair(modulus, &tokens[near], completes)
            }
            Task::Bigram => input.tokens().windows(2).any(|pair| completes(add(modulus, pair[0], pair[1]))),
        }
    }
}

fn distinct(input: &Input) -> Vec<u64> {
    let mut residues: Vec<u64> = input.runs().iter().map(|(residue, _)| *residue).collect();
    residues.sort_unstable();
    residues.dedup();
    residues
}

/// The positions at distance at most K from `row`.
fn neighbours(tokens: &[u64], row: u64, window: u64) -> Range<usize> {
    let index = |position: u64| usize::try_from(position).unwrap_or(usize::MAX).min(tokens.len());
    index(row.saturating_sub(window))..index(row.saturating_add(window).saturating_add(1))
}

/// Whether two of the residues, possibly one twice, have a sum that `completes`.
fn has_pair(modulus: u64, residues: &[u64], completes: impl Fn(u64) -> bool) -> bool {
    residues.iter().any(|&left| residues.iter().any(|&right| completes(add(modulus, left, right))))
}

#[cfg(test)]
mod tests {
    use super::{Input, Task, add, negate};

    #[test]
    fn runs_and_tokens_agree() {
        let tokens = [4, 4, 0, 0, 0, 2];
        let input = Input::from_tokens(&tokens);
        assert_eq!(input.runs(), [(4, 2), (0, 3), (2, 1)]);
        assert_eq!((input.tokens(), input.n_tokens()), (tokens.to_vec(), 6));
        for (row, token) in (0_u64..).zip(tokens) {
            assert_eq!(input.residue(row), Some(token));
        }
        assert_eq!(input.residue(6), None);
    }

    #[test]
    fn arithmetic_near_the_end_of_the_words() {
        assert_eq!(add(u64::MAX, u64::MAX - 1, u64::MAX - 1), u64::MAX - 2);
        assert_eq!(add(u64::MAX, negate(u64::MAX, 7), 7), 0);
        assert_eq!(negate(5, 0), 0);
    }

    #[test]
    fn answers_by_hand() {
        let answers = |task: Task, modulus: u64, tokens: &[u64]| -> Vec<bool> {
            let input = Input::from_tokens(tokens);
            (0..input.n_tokens()).map(|row| task.answer(modulus, &input, row)).collect()
        };
        assert_eq!(answers(Task::Match2, 6, &[3, 1, 2, 5]), [true, true, false, true]);
        assert_eq!(answers(Task::Match3, 6, &[1, 1, 1]), [false; 3]);
        assert_eq!(answers(Task::Match3, 6, &[2, 1]), [true, false]);
        // Section 9c's example: rows near the end share their window and differ.
        assert_eq!(answers(Task::Local { window: 1 }, 5, &[1, 1, 3]), [false, true, true]);
        assert_eq!(answers(Task::Bigram, 5, &[1, 1, 3]), [true; 3]);
        assert_eq!(answers(Task::Bigram, 5, &[1, 0]), [false, false]);
    }
}
