//! Claims of matching: a network that answers, at every row, whether residues add up to 0.
//!
//! In: the fields of a claim. Out: its JSON form, what makes it vacuous, the rule `claim`, its averaging layer as a
//! claim of sparse averaging, its words.
//! Symbols of the paper: `modulus` is M, `tokens` N, `window` K, `scale` c.

use num_bigint::BigInt;

use crate::claim::averaging::{SparseAveraging, Unit};
use crate::claim::raw::{FORMAT, RawClaim, VERSION};
use crate::claim::{Kind, Method};
use crate::file::ConfusionRecord;
use crate::number::{Dyadic, Rational};
use crate::side_condition::{SideCondition, Violation, require};
use crate::verdict::Verdict;

/// How residues become queries and keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// By rounded cosines and sines.
    Trigonometric {
        /// Fraction bits of an entry.
        fraction_bits: u64,
    },
    /// By powers.
    Polynomial,
}

/// The sparse-averaging unit inside a network; its sparsity and value dimension follow from the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AveragingLayer {
    /// The construction of its keys; sign keys have least-squares dual vectors.
    pub unit: Unit,
    /// Fraction bits of a value's coordinate.
    pub value_fraction_bits: u64,
    /// The factor on its scores.
    pub scale: Rational,
}

/// The task, with the network that solves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Network {
    /// Two residues add up to 0; one unit.
    Match2(Encoding),
    /// Three residues add up to 0; third-order attention.
    ThirdOrder(Encoding),
    /// Three residues within a window add up to 0; one unit of sparse averaging and a decoder.
    Local {
        /// How far the other two may be from the row.
        window: u64,
        /// The unit; its scale is the claim's.
        layer: AveragingLayer,
    },
    /// A residue and two neighbouring ones add up to 0; a layer that forms sums and one that matches them.
    Bigram {
        /// The first layer.
        layer: AveragingLayer,
        /// Fraction bits of the second layer.
        fraction_bits: u64,
    },
}

/// A claim about a network that finds matches; the numbers in it are in lowest terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matching {
    /// The kind of assertion.
    pub kind: Kind,
    /// The method of proof.
    pub method: Method,
    /// Residues are taken modulo this.
    pub modulus: u64,
    /// Number of tokens.
    pub tokens: u64,
    /// The task and the network.
    pub network: Network,
    /// The factor on the scores; in two layers, on those of the second.
    pub scale: Rational,
    /// `lo` and `hi` of a decision by thresholds.
    pub range: Option<(Dyadic, Dyadic)>,
}

/// The encodings of the third order; `true` is the trigonometric one.
pub(crate) const ENCODINGS: [(bool, &str); 2] = [(true, "trigonometric"), (false, "polynomial")];

impl Encoding {
    /// Its name in a claim.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Trigonometric { .. } => "trigonometric",
            Encoding::Polynomial => "polynomial",
        }
    }

    fn fraction_bits(self) -> Option<u64> {
        match self {
            Encoding::Trigonometric { fraction_bits } => Some(fraction_bits),
            Encoding::Polynomial => None,
        }
    }
}

impl Network {
    /// The `id` of its claims.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Network::Match2(Encoding::Trigonometric { .. }) => "match2/trigonometric",
            Network::Match2(Encoding::Polynomial) => "match2/polynomial",
            Network::ThirdOrder(_) => "match3/third-order",
            Network::Local { .. } => "match3/local",
            Network::Bigram { .. } => "match3/bigram",
        }
    }

    /// The task in a statement.
    fn task(&self) -> &'static str {
        match self {
            Network::Match2(_) => "match2",
            Network::ThirdOrder(_) => "match3",
            Network::Local { .. } | Network::Bigram { .. } => self.id(),
        }
    }

    /// Whether a decision can be proved by this method.
    pub(crate) fn has_method(&self, method: Method) -> bool {
        match self {
            Network::Match2(encoding) | Network::ThirdOrder(encoding) => match method {
                Method::ClosedForm => true,
                Method::Exhaustive => *encoding != Encoding::Polynomial,
                Method::Coherence | Method::Babel | Method::Decoding | Method::Witness => false,
            },
            Network::Local { layer, .. } | Network::Bigram { layer, .. } => {
                method == Method::Decoding || layer.unit.has_method(method)
            }
        }
    }

    /// The averaging layer, if there is one.
    #[must_use]
    pub fn layer(&self) -> Option<&AveragingLayer> {
        match self {
            Network::Match2(_) | Network::ThirdOrder(_) => None,
            Network::Local { layer, .. } | Network::Bigram { layer, .. } => Some(layer),
        }
    }
}

impl AveragingLayer {
    /// The keys in a statement, and the parameters that only they have.
    fn in_words(&self, fraction_bits_name: &str) -> (&'static str, String) {
        match &self.unit {
            Unit::MomentCurve => ("moment-curve keys", String::new()),
            Unit::SignKeys { key_width, seed, fraction_bits, .. } => {
                ("sign keys", format!(" key_width={key_width} seed={seed} {fraction_bits_name}={fraction_bits}"))
            }
            Unit::CodeKeys { field_size, degree_bound, evaluations } => {
                ("code keys", format!(" field_size={field_size} degree_bound={degree_bound} evaluations={evaluations}"))
            }
        }
    }
}

impl Matching {
    pub(crate) fn to_raw(&self) -> RawClaim {
        let mut raw = RawClaim {
            format: FORMAT.to_owned(),
            version: VERSION,
            id: self.network.id().to_owned(),
            kind: self.kind.name().to_owned(),
            method: self.method.name().to_owned(),
            modulus: Some(self.modulus),
            tokens: self.tokens,
            scale: self.scale.to_string(),
            lo: self.range.as_ref().map(|(lo, _)| lo.to_string()),
            hi: self.range.as_ref().map(|(_, hi)| hi.to_string()),
            ..RawClaim::default()
        };
        match &self.network {
            Network::Match2(encoding) => raw.fraction_bits = encoding.fraction_bits(),
            Network::ThirdOrder(encoding) => {
                raw.encoding = Some(encoding.name().to_owned());
                raw.fraction_bits = encoding.fraction_bits();
            }
            Network::Local { window, layer } => {
                raw.window = Some(*window);
                raw.fraction_bits = layer.write_to(&mut raw);
            }
            Network::Bigram { layer, fraction_bits } => {
                raw.first_fraction_bits = layer.write_to(&mut raw);
                raw.first_scale = Some(layer.scale.to_string());
                raw.fraction_bits = Some(*fraction_bits);
            }
        }
        raw
    }

    /// Refuses claims about a question that has one answer.
    pub(crate) fn check_vacuity(&self) -> Result<(), Verdict> {
        let is_constant = match &self.network {
            // At M = 2, 2·x_i ≡ 0; at M = 3, 3·x_i ≡ 0; a single token has no pair of neighbours.
            Network::Match2(_) => self.modulus == 2,
            Network::ThirdOrder(_) | Network::Local { .. } => self.modulus == 3,
            Network::Bigram { .. } => self.tokens == 1,
        };
        if is_constant || self.tokens == 0 || self.modulus <= 1 {
            return Err(Verdict::vacuous("task-constant", "expected a question with more than one answer"));
        }
        Ok(())
    }

    /// Rule `claim`: the side conditions on the parameters alone.
    pub(crate) fn check(&self) -> Result<(), Violation> {
        require(SideCondition::ClaimS1, self.scale.is_positive(), || "expected a positive scale".into())?;
        if let Some(layer) = self.layer_claim() {
            layer.check_unit()?;
            require(SideCondition::ClaimS10, layer.scale.is_positive(), || "expected a positive first_scale".into())?;
        }
        let Some((lo, hi)) = &self.range else {
            return Ok(());
        };
        let (lo, hi, one) = (lo.to_rational(), hi.to_rational(), Rational::integer(1));
        let are_thresholds = lo.is_positive() && lo < hi && hi < one;
        require(SideCondition::ClaimS11, are_thresholds, || "expected 0 < lo < hi < 1".into())
    }

    /// The sparsity of the averaging layer.
    fn layer_sparsity(&self) -> u64 {
        match &self.network {
            Network::Local { window, .. } => window.saturating_mul(2).saturating_add(1).min(self.tokens),
            Network::Bigram { .. } | Network::Match2(_) | Network::ThirdOrder(_) => 1,
        }
    }

    /// The averaging layer as a claim of its own: its error is at most `1/(2Mq+1)`, by the method of this claim.
    ///
    /// *Why* token `j` has the value `(x_j/M)·e_{j mod q}` and a support consists of `q` consecutive tokens, so the
    /// target has the coordinate `x_l/(Mq)` for each member `l`; an error below `1/(2Mq)` leaves `M·q·o` within less
    /// than 1/2 of `x_l`, and the decoder rounds to the nearest integer.
    pub(crate) fn layer_claim(&self) -> Option<SparseAveraging> {
        let layer = self.network.layer()?;
        let sparsity = self.layer_sparsity();
        let denom = BigInt::from(self.modulus) * sparsity * 2u32 + 1u32;
        let is_witness = self.kind == Kind::Counterexample;
        Some(SparseAveraging {
            kind: if is_witness { Kind::Counterexample } else { Kind::UpperBound },
            method: self.method,
            tokens: self.tokens,
            sparsity,
            value_dim: sparsity,
            value_fraction_bits: layer.value_fraction_bits,
            unit: layer.unit.clone(),
            scale: layer.scale.clone(),
            error: Rational::new(BigInt::from(1), denom),
            range: None,
        })
    }

    /// How many different supports the rows of the averaging layer have.
    pub(crate) fn n_layer_rows(&self) -> u64 {
        match &self.network {
            Network::Local { .. } => self.tokens.saturating_sub(self.layer_sparsity()).saturating_add(1),
            Network::Bigram { .. } => self.tokens.saturating_sub(1),
            Network::Match2(_) | Network::ThirdOrder(_) => 0,
        }
    }

    /// The first token of the support of a row of the averaging layer.
    pub(crate) fn first_of_support(&self, row: u64) -> u64 {
        match &self.network {
            Network::Local { window, .. } => {
                row.saturating_sub(*window).min(self.tokens.saturating_sub(self.layer_sparsity()))
            }
            Network::Bigram { .. } | Network::Match2(_) | Network::ThirdOrder(_) => row.saturating_add(1),
        }
    }

    /// What the certificate proves, in words; a counterexample adds its own inputs.
    pub(crate) fn statement(&self, confusion: Option<&ConfusionRecord>) -> String {
        let (task, method, network) = (self.network.task(), self.method.name(), self.in_words());
        let every = format!("for every X in [{}]^{} and every row", self.modulus, self.tokens);
        match (confusion, &self.range) {
            (Some(record), _) => format!(
                "{task} counterexample: {network} outputs no more at row {} of {{{}}}, which has a match, than at row \
                 {} of {{{}}}, which has none",
                record.row,
                runs_in_words(&record.input),
                record.other_row,
                runs_in_words(&record.other_input)
            ),
            (None, Some((lo, hi))) => format!(
                "{task} decision by {method}: {every} {network} outputs at most {lo} without a match and at least {hi} \
                 with one"
            ),
            (None, None) => format!("{task} decision by {method}: {every} {network} answers correctly"),
        }
    }

    fn in_words(&self) -> String {
        let common = format!("modulus={} tokens={}", self.modulus, self.tokens);
        let scale = &self.scale;
        match &self.network {
            Network::Match2(encoding) | Network::ThirdOrder(encoding) => {
                let unit = if matches!(self.network, Network::Match2(_)) { "unit" } else { "third-order unit" };
                let bits = encoding.fraction_bits().map_or(String::new(), |bits| format!(" fraction_bits={bits}"));
                format!("the {unit} with {} keys ({common}{bits} scale={scale})", encoding.name())
            }
            Network::Local { window, layer } => {
                let (keys, own) = layer.in_words("fraction_bits");
                let value_bits = layer.value_fraction_bits;
                format!(
                    "the unit with {keys} and a decoder ({common} window={window} value_fraction_bits={value_bits}{own} \
                     scale={scale})"
                )
            }
            Network::Bigram { layer, fraction_bits } => {
                let (keys, own) = layer.in_words("first_fraction_bits");
                let (value_bits, first_scale) = (layer.value_fraction_bits, &layer.scale);
                format!(
                    "the two layers with {keys} and trigonometric keys ({common} value_fraction_bits={value_bits}{own} \
                     fraction_bits={fraction_bits} scale={scale} first_scale={first_scale})"
                )
            }
        }
    }
}

impl AveragingLayer {
    /// Writes the fields that have the same names in `local` and `bigram`; the query fraction bits are the result.
    fn write_to(&self, raw: &mut RawClaim) -> Option<u64> {
        raw.value_fraction_bits = Some(self.value_fraction_bits);
        let (name, query_bits) = match &self.unit {
            Unit::MomentCurve => ("moment-curve", None),
            Unit::SignKeys { key_width, seed, fraction_bits, .. } => {
                raw.key_width = Some(*key_width);
                raw.seed = Some(*seed);
                ("sign-keys", Some(*fraction_bits))
            }
            Unit::CodeKeys { field_size, degree_bound, evaluations } => {
                raw.field_size = Some(*field_size);
                raw.degree_bound = Some(*degree_bound);
                raw.evaluations = Some(*evaluations);
                ("code-keys", None)
            }
        };
        raw.construction = Some(name.to_owned());
        query_bits
    }
}

/// The runs of an input; the count comes second in the record and first in words.
fn runs_in_words(runs: &[(u64, u64)]) -> String {
    let words: Vec<String> = runs.iter().map(|(residue, count)| format!("{count} x {residue}")).collect();
    words.join(", ")
}
