//! attestor
