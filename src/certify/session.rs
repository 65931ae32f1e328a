//! What a run of `certify` may use: precision, width, cancellation, and someone to tell.

use std::sync::atomic::AtomicBool;

use crate::bounds::exhaustive::Control;
use crate::numbers::Rational;
use crate::numbers::rational::pow2;

/// Receives progress; every method may be called from several threads.
pub trait Progress: Sync {
    /// A stage begins; `n_supports` supports will be visited, if that is known.
    fn begin(&self, stage: &str, n_supports: Option<u64>);
    /// So many supports more are done.
    fn advance(&self, n_supports: u64);
}

/// No progress.
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _stage: &str, _n_supports: Option<u64>) {}
    fn advance(&self, _n_supports: u64) {}
}

/// Settings of one run.
pub struct Session<'a> {
    /// Largest working precision in bits; beyond it the run is inconclusive.
    pub max_precision: u32,
    /// Largest relative width of an enclosure.
    pub width: Rational,
    /// Set to stop soon.
    pub cancel: &'a AtomicBool,
    /// Who is told.
    pub progress: &'a dyn Progress,
}

static NEVER: AtomicBool = AtomicBool::new(false);

impl Default for Session<'static> {
    fn default() -> Self {
        Session { max_precision: 4096, width: pow2(-40), cancel: &NEVER, progress: &Silent }
    }
}

impl Session<'_> {
    /// Runs an enumeration of `n_supports` supports under this session's control.
    pub fn enumerate<T>(&self, stage: &str, n_supports: Option<u64>, work: impl FnOnce(&Control) -> T) -> T {
        self.progress.begin(stage, n_supports);
        let tell = |done| self.progress.advance(done);
        work(&Control { cancel: self.cancel, progress: &tell, max_precision: self.max_precision })
    }
}
