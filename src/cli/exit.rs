//! Exit codes, decided in one place (docs/certificates.md).

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Verified, or proved and written.
    Success,
    /// Rejected, or refuted.
    Refuted,
    /// Usage, malformed input, or a file that cannot be read or written.
    Usage,
    /// A resource limit was reached.
    Resource,
    /// Neither proved nor refuted.
    Inconclusive,
    /// The claim says nothing.
    Vacuous,
    /// A bug.
    Internal,
    /// Ctrl-C.
    Interrupted,
}

impl Exit {
    /// The process exit code.
    pub fn code(self) -> u8 {
        match self {
            Exit::Success => 0,
            Exit::Refuted => 1,
            Exit::Usage => 2,
            Exit::Resource => 4,
            Exit::Inconclusive => 5,
            Exit::Vacuous => 6,
            Exit::Internal => 70,
            Exit::Interrupted => 130,
        }
    }
}

/// A command that ended with a diagnostic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What to tell on stderr.
    pub message: String,
}

impl Failure {
    /// A usage error, or a file that cannot be read or written.
    pub fn usage(message: impl ToString) -> Failure {
        Failure { exit: Exit::Usage, message: message.to_string() }
    }
}
