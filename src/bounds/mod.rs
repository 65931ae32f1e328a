//! Bounds over all inputs: from one row's weight error to a statement for every support and every value.
//!
//! Paper: theorems 2 and 3 with explicit constants (docs/theory.md sections 2 to 4).
//! In: a unit. Out: upper bounds of `max_y D(y)`, and the target that such a bound has to meet.
//! Invariant: upper bounds are rounded up; each names the lemma it rests on.
//! Not here: lower bounds, which are witnesses (layer `evaluate`), and the choice of open parameters (layer `certify`).

pub mod target;
pub mod closed_form;
pub mod gram;
pub mod exhaustive;
pub mod matching;
