//! What the checker answers: one verdict for a file, its line and its exit code.
//!
//! A verdict is a value; nothing but [`Verdict::line`] turns it into text, so text and exit code
//! cannot disagree.
//! Reasons never repeat text of the input: whoever reads the output can trust its words.

/// Why a file was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The stable code of FORMAT.md, for example `block.S4` or `truncated`.
    pub code: &'static str,
    /// The line of the file it is about: 0 is the header.
    pub record: u64,
    /// A lower-case fragment: expected and found.
    pub reason: String,
}

/// The answer to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The certificate proves its claim.
    Verified {
        /// SHA-256 of the canonical claim, in lower-case hex digits.
        claim_hash: String,
        /// What was proved, in words, with every parameter.
        statement: String,
    },
    /// Well-formed evidence that does not prove the claim, or another claim than the one asked for.
    Rejected(Finding),
    /// Not a certificate: visible without the meaning.
    Malformed(Finding),
    /// The claim would say nothing about the unit.
    Vacuous(Finding),
    /// A limit of the format was reached.
    Resource(Finding),
}

/// The exit code of an internal error, which is never a verdict.
pub const EXIT_INTERNAL: u8 = 70;

impl Verdict {
    pub(crate) fn malformed(code: &'static str, record: u64, reason: impl Into<String>) -> Self {
        Verdict::Malformed(Finding { code, record, reason: reason.into() })
    }

    pub(crate) fn vacuous(code: &'static str, reason: impl Into<String>) -> Self {
        Verdict::Vacuous(Finding { code, record: 0, reason: reason.into() })
    }

    pub(crate) fn resource(code: &'static str, record: u64, reason: impl Into<String>) -> Self {
        Verdict::Resource(Finding { code, record, reason: reason.into() })
    }

    /// The verdict of a file that cannot be opened or read.
    #[must_use]
    pub fn unreadable(record: u64) -> Self {
        Verdict::malformed("io", record, "expected a readable file, found an input error")
    }

    /// Whether the certificate proves its claim.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        matches!(self, Verdict::Verified { .. })
    }

    /// The finding of every verdict but the positive one.
    #[must_use]
    pub fn finding(&self) -> Option<&Finding> {
        match self {
            Verdict::Verified { .. } => None,
            Verdict::Rejected(finding)
            | Verdict::Malformed(finding)
            | Verdict::Vacuous(finding)
            | Verdict::Resource(finding) => Some(finding),
        }
    }

    /// The line for standard output, without a line feed.
    #[must_use]
    pub fn line(&self) -> String {
        let (word, finding) = match self {
            Verdict::Verified { claim_hash, statement } => {
                return format!("s VERIFIED {claim_hash} {statement}");
            }
            Verdict::Rejected(finding) => ("REJECTED", finding),
            Verdict::Malformed(finding) => ("MALFORMED", finding),
            Verdict::Vacuous(finding) => ("VACUOUS", finding),
            Verdict::Resource(finding) => ("RESOURCE", finding),
        };
        format!("s {word} {} record={} {}", finding.code, finding.record, finding.reason)
    }

    /// The exit code of a run on this file alone.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Verdict::Verified { .. } => 0,
            Verdict::Rejected(_) => 1,
            Verdict::Malformed(_) => 2,
            Verdict::Resource(_) => 4,
            Verdict::Vacuous(_) => 6,
        }
    }
}

/// The exit code of a run on several files: the worst of 70, 4, 2, 1, 6, 0 in that order.
#[must_use]
pub fn worst_exit_code(codes: &[u8]) -> u8 {
    const WORST_FIRST: [u8; 5] = [EXIT_INTERNAL, 4, 2, 1, 6];
    WORST_FIRST.into_iter().find(|code| codes.contains(code)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{Verdict, worst_exit_code};

    #[test]
    fn the_worst_code_wins() {
        for (codes, worst) in
            [(&[][..], 0), (&[0, 0], 0), (&[0, 6], 6), (&[6, 1], 1), (&[1, 2], 2), (&[2, 4, 6], 4), (&[0, 70, 4], 70)]
        {
            assert_eq!(worst_exit_code(codes), worst, "{codes:?}");
        }
    }

    #[test]
    fn lines_name_code_record_and_reason() {
        let verdict = Verdict::malformed("json", 3, "expected a record");
        assert_eq!(verdict.line(), "s MALFORMED json record=3 expected a record");
        assert_eq!(verdict.exit_code(), 2);
    }
}
