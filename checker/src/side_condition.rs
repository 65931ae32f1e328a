//! The numbered side conditions of FORMAT.md, and the one function that all of them go through.
//!
//! A rule states each of its conditions by [`require`]; nothing else makes a rejection.
//! With the cargo feature `side-condition-switches`, a test build can drop one condition at a time,
//! so that a test suite can show that it notices.
//! Without the feature that code does not exist.

use crate::verdict::{Finding, Verdict};

macro_rules! side_conditions {
    ($($name:ident = $code:literal,)*) => {
        /// One numbered side condition.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum SideCondition { $($name,)* }

        impl SideCondition {
            /// Its code in FORMAT.md.
            pub(crate) fn code(self) -> &'static str {
                match self { $(SideCondition::$name => $code,)* }
            }
        }

        /// The codes of all side conditions, in the order of FORMAT.md.
        #[must_use]
        pub fn side_conditions() -> &'static [&'static str] {
            &[$($code,)*]
        }
    };
}

side_conditions! {
    ClaimMismatch = "claim-mismatch",
    OrderS1 = "order.S1",
    OrderS2 = "order.S2",
    ClaimS1 = "claim.S1",
    ClaimS2 = "claim.S2",
    ClaimS3 = "claim.S3",
    ClaimS4 = "claim.S4",
    ClaimS5 = "claim.S5",
    ClaimS6 = "claim.S6",
    ClaimS7 = "claim.S7",
    ClaimS8 = "claim.S8",
    ClaimS9 = "claim.S9",
    ClaimS10 = "claim.S10",
    ClaimS11 = "claim.S11",
    ClosedFormS1 = "closed-form.S1",
    ClosedFormS2 = "closed-form.S2",
    ClosedFormS3 = "closed-form.S3",
    CoherenceS1 = "coherence.S1",
    CoherenceS2 = "coherence.S2",
    CoherenceS3 = "coherence.S3",
    BabelS1 = "babel.S1",
    BabelS2 = "babel.S2",
    BabelS3 = "babel.S3",
    BlockS1 = "block.S1",
    BlockS2 = "block.S2",
    BlockS3 = "block.S3",
    BlockS4 = "block.S4",
    BlockS5 = "block.S5",
    BlockS6 = "block.S6",
    BlockS7 = "block.S7",
    DualS1 = "dual.S1",
    DualS2 = "dual.S2",
    DualS3 = "dual.S3",
    DualS4 = "dual.S4",
    DualS5 = "dual.S5",
    NoDualS1 = "no-dual.S1",
    NoDualS2 = "no-dual.S2",
    NoDualS3 = "no-dual.S3",
    NoDualS4 = "no-dual.S4",
    WitnessS1 = "witness.S1",
    WitnessS2 = "witness.S2",
    WitnessS3 = "witness.S3",
    WitnessS4 = "witness.S4",
    WitnessS5 = "witness.S5",
    PairTableS1 = "pair-table.S1",
    PairTableS2 = "pair-table.S2",
    TripleTableS1 = "triple-table.S1",
    TripleTableS2 = "triple-table.S2",
    ClosedFormS4 = "closed-form.S4",
    ClosedFormS5 = "closed-form.S5",
    DecodingS1 = "decoding.S1",
    DecodingS2 = "decoding.S2",
    BigramS1 = "bigram.S1",
    BigramS2 = "bigram.S2",
    ConfusionS1 = "confusion.S1",
    ConfusionS2 = "confusion.S2",
    ConfusionS3 = "confusion.S3",
    ConfusionS4 = "confusion.S4",
}

/// A violated side condition, before the record it is about is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    condition: SideCondition,
    reason: String,
}

impl Violation {
    pub(crate) fn new(condition: SideCondition, reason: impl Into<String>) -> Self {
        Violation { condition, reason: reason.into() }
    }

    /// The rejection at line `record`.
    pub(crate) fn at(self, record: u64) -> Verdict {
        Verdict::Rejected(Finding { code: self.condition.code(), record, reason: self.reason })
    }
}

/// Goes on if the condition `holds`.
pub(crate) fn require(condition: SideCondition, holds: bool, reason: impl FnOnce() -> String) -> Result<(), Violation> {
    #[cfg(feature = "side-condition-switches")]
    let holds = holds || switches::is_dropped(condition.code());
    if holds { Ok(()) } else { Err(Violation::new(condition, reason())) }
}

/// Dropping one side condition, for the tests that show each to be needed.
#[cfg(feature = "side-condition-switches")]
pub mod switches {
    use std::cell::RefCell;

    thread_local! {
        static DROPPED: RefCell<Option<String>> = RefCell::new(from_environment());
    }

    fn from_environment() -> Option<String> {
        std::env::var("ATTESTOR_DROP_SIDE_CONDITION").ok()
    }

    /// Drops the side condition with this code on this thread; `None` drops none.
    pub fn drop_side_condition(code: Option<&str>) {
        DROPPED.with(|dropped| *dropped.borrow_mut() = code.map(str::to_owned));
    }

    pub(super) fn is_dropped(code: &str) -> bool {
        DROPPED.with(|dropped| dropped.borrow().as_deref() == Some(code))
    }
}
