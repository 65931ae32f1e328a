//! The threshold interval of a decided network, as a certificate would state it.
//!
//! In: a network and a method. Out: [`Threshold`].
//! Invariant: the interval is the gap that `decide` proves; in bigram it is the second layer's, for residues that are read right.
//! Not here: whether the averaging layer reads every residue right.

use super::decide::{Decision, decide_unit, extremes, inapplicable};
use crate::catalogue::claim::{Method, Statement};
use crate::catalogue::network::{Design, Network};
use crate::certify::session::Session;
use crate::numbers::dyadic::Dyadic;

/// What separates outputs with a match from those without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// Outputs without a match are at most the first number, those with one at least the second.
    Between(Dyadic, Dyadic),
    /// None is proved; why.
    Missing(String),
    /// The output is the answer itself (local).
    Unneeded,
}

/// The threshold interval that `method` proves.
pub fn threshold(network: &Network, method: Method, session: &Session) -> Threshold {
    if matches!(network.design, Design::Local { .. }) {
        return Threshold::Unneeded;
    }
    let Some(extremes) = extremes(network, method) else { return Threshold::Missing(inapplicable(method)) };
    match decide_unit(network, &extremes, session) {
        Decision::Proved(Statement::Decision { gap: Some((lo, hi)) }, _) => Threshold::Between(lo, hi),
        Decision::Proved(..) => Threshold::Unneeded,
        Decision::Refuted(_) => Threshold::Missing(refuted(network)),
        Decision::Open(reason) => Threshold::Missing(format!("{} proves none: {reason}", method.name())),
    }
}

fn refuted(network: &Network) -> String {
    let condition = match network.design {
        Design::Bigram { .. } => ", even where every residue is read right",
        _ => "",
    };
    format!("no threshold separates: an input with a match has no larger output than one without{condition}")
}

#[cfg(test)]
mod tests {
    use super::{Threshold, threshold};
    use crate::catalogue::claim::Method;
    use crate::catalogue::network::{Design, Encoding, Network, Trigonometric};
    use crate::certify::session::Session;
    use crate::numbers::rational::parse;

    fn of(scale: &str, fraction_bits: u64, method: Method) -> Threshold {
        let keys = Trigonometric { fraction_bits, scale: parse(scale).unwrap() };
        let network = Network { modulus: 7, tokens: 4, design: Design::Match2(Encoding::Trigonometric(keys)) };
        threshold(&network, method, &Session::default())
    }

    #[test]
    fn found_refuted_and_unproved() {
        let Threshold::Between(lo, hi) = of("15/4", 7, Method::Exhaustive) else { panic!("it separates") };
        assert_eq!((lo.to_string().as_str(), hi.to_string().as_str()), ("1052545989*2^-31", "1075043967*2^-31"));
        let missing = |threshold: Threshold, start: &str| {
            let Threshold::Missing(reason) = threshold else { panic!("{start}") };
            assert!(reason.starts_with(start), "{reason}");
        };
        missing(of("1", 4, Method::Exhaustive), "no threshold separates: ");
        missing(of("15/4", 7, Method::ClosedForm), "closed-form proves none: ");
        missing(of("15/4", 100, Method::Exhaustive), "exhaustive does not apply: ");
    }
}
