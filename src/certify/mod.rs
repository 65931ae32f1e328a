//! From a request to a certificate: choose what is open, then prove or refute.
//!
//! In: a [`crate::catalogue::request::Request`]. Out: an [`outcome::Outcome`] with certificates.
//! Invariant: choosing is untrusted search; what is chosen is proved or refuted by the layers before, from scratch.
//! Order of choice: width (least with margin at least 1/2 at every support), then the least scale on the grid, then the fewest query bits, then the fewest value bits.

pub mod session;
pub mod outcome;
pub mod grid;
pub mod averaging;
pub mod matching;
pub mod run;
