//! Exact certificates for attention.
//!
//! attestor evaluates the constructions of *Representational Strengths and Limitations of Transformers*
//! (Sanford, Hsu, Telgarsky, NeurIPS 2023) in exact arithmetic, proves that their error stays below ε for every input,
//! and writes certificates that an independent checker verifies.
//!
//! The modules stand in the order of the data flow; each imports only those before it.

pub mod numbers;
pub mod catalogue;
pub mod constructions;
pub mod evaluate;
pub mod bounds;
pub mod certificate;
pub mod certify;
pub mod report;
