//! The networks that detect matches: one claim's subject besides the averaging [`Unit`].
//!
//! Paper symbols: `modulus` is M, `tokens` N, `window` K, `scale` c, `fraction_bits` f; the order of a unit is s.
//! In: parameters, all decided. Out: the typed network, its id and its averaging layer.
//! Invariant: what follows from the parameters (q, d' of the averaging layer) is derived here and stored nowhere.
//! Source: Thm 6, Thm 8; `checker/FORMAT.md` section 2.

use super::claim::{Unit, Vacuity};
use crate::numbers::Rational;

/// A network for a matching task on X in `[M]^N`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// M, the number of residues.
    pub modulus: u64,
    /// N, the number of tokens.
    pub tokens: u64,
    /// How the network is built.
    pub design: Design,
}

/// The construction of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Design {
    /// Match2 by one attention unit.
    Match2(Encoding),
    /// Match3 by one unit of third-order attention.
    ThirdOrder(Encoding),
    /// Match3 within a window, by one averaging unit and a decoder.
    Local {
        /// K, the largest distance of a partner.
        window: u64,
        /// The averaging unit; `sparsity` and `value_dim` are q = min(2K+1, N).
        averaging: Unit,
    },
    /// Match3 with neighbouring partners, by an averaging layer, a decoder and a Match2 layer.
    Bigram {
        /// The averaging layer; `sparsity` and `value_dim` are 1.
        averaging: Unit,
        /// The keys of the second layer.
        keys: Trigonometric,
    },
}

/// How residues become queries and keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Points on the circle, rounded.
    Trigonometric(Trigonometric),
    /// Powers of the residue, exact integers.
    Polynomial {
        /// c, the factor on the scores.
        scale: Rational,
    },
}

/// Parameters of trigonometric queries and keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigonometric {
    /// f, fraction bits of every entry.
    pub fraction_bits: u64,
    /// c, the factor on the scores.
    pub scale: Rational,
}

impl Encoding {
    /// The name in claims and flags.
    pub fn name(&self) -> &'static str {
        match self {
            Encoding::Trigonometric(_) => "trigonometric",
            Encoding::Polynomial { .. } => "polynomial",
        }
    }

    /// c.
    pub fn scale(&self) -> &Rational {
        match self {
            Encoding::Trigonometric(keys) => &keys.scale,
            Encoding::Polynomial { scale } => scale,
        }
    }
}

impl Network {
    /// The catalogue id of claims about this network.
    pub fn id(&self) -> &'static str {
        match &self.design {
            Design::Match2(Encoding::Trigonometric(_)) => "match2/trigonometric",
            Design::Match2(Encoding::Polynomial { .. }) => "match2/polynomial",
            Design::ThirdOrder(_) => "match3/third-order",
            Design::Local { .. } => "match3/local",
            Design::Bigram { .. } => "match3/bigram",
        }
    }

    /// The averaging layer of local and bigram.
    pub fn averaging(&self) -> Option<&Unit> {
        match &self.design {
            Design::Match2(_) | Design::ThirdOrder(_) => None,
            Design::Local { averaging, .. } | Design::Bigram { averaging, .. } => Some(averaging),
        }
    }

    /// The same network with another averaging layer; without one, the network itself.
    #[must_use]
    pub fn with_averaging(&self, unit: Unit) -> Network {
        let design = match &self.design {
            Design::Local { window, .. } => Design::Local { window: *window, averaging: unit },
            Design::Bigram { keys, .. } => Design::Bigram { averaging: unit, keys: keys.clone() },
            single => single.clone(),
        };
        Network { design, ..self.clone() }
    }

    /// The same network with another scale and other fraction bits of its matching unit; `None` leaves the bits.
    #[must_use]
    pub fn with_matching(&self, scale: Rational, fraction_bits: Option<u64>) -> Network {
        let trigonometric = |keys: &Trigonometric| Trigonometric {
            fraction_bits: fraction_bits.unwrap_or(keys.fraction_bits),
            scale: scale.clone(),
        };
        let encoding = |encoding: &Encoding| match encoding {
            Encoding::Trigonometric(keys) => Encoding::Trigonometric(trigonometric(keys)),
            Encoding::Polynomial { .. } => Encoding::Polynomial { scale: scale.clone() },
        };
        let design = match &self.design {
            Design::Match2(own) => Design::Match2(encoding(own)),
            Design::ThirdOrder(own) => Design::ThirdOrder(encoding(own)),
            Design::Bigram { averaging, keys } => {
                Design::Bigram { averaging: averaging.clone(), keys: trigonometric(keys) }
            }
            local @ Design::Local { .. } => local.clone(),
        };
        Network { design, ..self.clone() }
    }
}

/// The number of tokens that the averaging layer of `match3/local` averages: a window that is always full.
pub fn local_sparsity(window: u64, tokens: u64) -> u64 {
    window.saturating_mul(2).saturating_add(1).min(tokens)
}

/// Whether the answer is the same for every input, so that a claim would say nothing.
///
/// *Why* `s·a ≡ 0` for every residue exactly if `M` divides `s`; then every row matches itself.
/// *Source* docs/theory.md section 8.
pub fn task_vacuity(id: &str, modulus: u64, tokens: u64) -> Option<Vacuity> {
    let is_constant = match id {
        "match2/trigonometric" | "match2/polynomial" => modulus == 2,
        "match3/bigram" => tokens == 1,
        _ => modulus == 3,
    };
    (tokens == 0 || modulus <= 1 || is_constant).then_some(Vacuity::TaskConstant)
}
