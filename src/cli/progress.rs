//! Progress on stderr: a bar with ETA on a terminal, one line before long work otherwise; and Ctrl-C.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use attestor::certify::session::Progress;
use indicatif::{ProgressBar, ProgressStyle};

use super::output;

/// Token evaluations of one second on one core, for the estimate before an enumeration; a slow machine's figure.
const EVALUATIONS_PER_SECOND: u64 = 10_000_000;

/// Work shorter than this is not announced.
const ANNOUNCED_SECONDS: u64 = 2;

/// Tells a person what is going on.
pub struct Reporter {
    tokens: u64,
    bar: Mutex<Option<ProgressBar>>,
}

impl Reporter {
    /// A reporter for units of `tokens` tokens.
    pub fn new(tokens: u64) -> Reporter {
        Reporter { tokens, bar: Mutex::new(None) }
    }

    /// Ends the bar.
    pub fn finish(&self) {
        if let Some(bar) = self.lock().take() {
            bar.finish_and_clear();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<ProgressBar>> {
        self.bar.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Progress for Reporter {
    fn begin(&self, stage: &str, n_supports: Option<u64>) {
        self.finish();
        let Some(n_supports) = n_supports else { return };
        let cores = std::thread::available_parallelism().map_or(1, |cores| u64::try_from(cores.get()).unwrap_or(1));
        let seconds = n_supports.saturating_mul(self.tokens) / (EVALUATIONS_PER_SECOND * cores);
        if seconds < ANNOUNCED_SECONDS {
            return;
        }
        let announcement = format!("{stage}: {n_supports} supports of {} tokens, about {seconds} s", self.tokens);
        output::diagnose(&announcement);
        if std::io::stderr().is_terminal() {
            let style = ProgressStyle::with_template("{bar:40} {percent}% {pos}/{len} supports, {eta} left");
            let bar = ProgressBar::new(n_supports).with_style(style.expect("the template is well-formed"));
            bar.enable_steady_tick(Duration::from_millis(200));
            *self.lock() = Some(bar);
        }
    }

    fn advance(&self, n_supports: u64) {
        if let Some(bar) = self.lock().as_ref() {
            bar.inc(n_supports);
        }
    }
}

static CANCELLED: AtomicBool = AtomicBool::new(false);

/// A flag that Ctrl-C sets; a second Ctrl-C ends the process.
pub fn cancel_on_ctrl_c() -> &'static AtomicBool {
    let installed = ctrlc::set_handler(|| {
        if CANCELLED.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
    if let Err(error) = installed {
        output::diagnose(&format!("Ctrl-C ends this run at once, because no handler could be set: {error}"));
    }
    &CANCELLED
}
