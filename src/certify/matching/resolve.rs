//! Choosing the open parameters of a matching request.
//!
//! In: a request. Out: a network with every parameter decided, or the top of the grid that does not certify.
//! Order: the averaging layer (width as in sparse averaging, then scale, query bits, value bits), then the matching unit's scale, then its least f.
//! Invariant: nothing here is trusted; `decide` proves or refutes what is chosen.

use num_bigint::BigInt;
use num_traits::One;

use super::decide::{MAX_BIGRAM_TABLE, first_failure, is_separated, layer_error};
use crate::bounds::exhaustive::Stop;
use crate::bounds::matching::{MAX_TABLE_BITS, table_bits};
use crate::bounds::target;
use crate::catalogue::claim::{Construction, Method, SignKeys, Unit};
use crate::catalogue::matching_request::{EncodingName, LayerRequest, MatchingRequest};
use crate::catalogue::network::{Design, Encoding, Network, Trigonometric, local_sparsity};
use crate::catalogue::request::Request;
pub use crate::certify::averaging::resolve::Unresolved;
use crate::certify::averaging::{self, resolve as averaging_resolve};
use crate::certify::grid;
use crate::certify::session::Session;
use crate::constructions::matching::scores::{least_pair_gap, least_triple_gap};
use crate::evaluate::prepared::MAX_ENUMERATED_TOKENS;
use crate::numbers::Rational;
use crate::numbers::rational::{canonical, ceil};

/// A decided network.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The network.
    pub network: Network,
    /// How it is to be proved.
    pub method: Method,
    /// Which parameters were chosen here, in the order of choice.
    pub chosen: Vec<&'static str>,
    /// Set when nothing on some grid certifies: what was at its top.
    pub top: Option<String>,
}

/// The largest M whose pairs, and the largest M³ of triples, auto tabulates.
const MAX_AUTO_MODULUS: u64 = 1 << 13;
const MAX_AUTO_TRIPLES: u128 = 1 << 26;

/// The largest N at which auto decodes every row, with keys that have a closed form and with sign keys.
const MAX_AUTO_DECODED: u64 = 1 << 9;
const MAX_AUTO_DECODED_SIGN: u64 = 1 << 12;

/// Fraction bits beyond those of the scale while the scale is chosen: rounding then moves a score by less than 2^-8.
const SPARE_BITS: u64 = 12;

/// Share of a decoder's step that the values' rounding may take while other parameters are chosen: `2^-6`.
const VALUE_SHARE_BITS: u32 = 6;

/// Decides every open parameter of `request`.
///
/// # Errors
/// [`Unresolved`] from an enumeration, or if the stated parameters do not make a network.
pub fn resolve(request: &MatchingRequest, session: &Session) -> Result<Resolved, Unresolved> {
    let method = choose_method(request);
    let mut choice = Choice { request, session, method, chosen: Vec::new(), top: None };
    let network = choice.network()?;
    let network = choice.layer_scale(network)?;
    let network = choice.layer_bits(network)?;
    let network = choice.scale(network)?;
    let network = choice.fraction_bits(network)?;
    Ok(Resolved { network, method, chosen: choice.chosen, top: choice.top })
}

fn choose_method(request: &MatchingRequest) -> Method {
    if let Some(method) = request.method {
        return method;
    }
    let modulus = request.modulus;
    let is_sign = request.averaging.as_ref().is_some_and(|layer| layer.id == "sparse-averaging/sign-keys");
    let most_decoded = if is_sign { MAX_AUTO_DECODED_SIGN } else { MAX_AUTO_DECODED };
    let is_tabulated = match request.entry.id {
        "match2/trigonometric" => modulus <= MAX_AUTO_MODULUS,
        "match3/third-order" if request.encoding == EncodingName::Trigonometric => {
            u128::from(modulus).checked_pow(3).is_some_and(|triples| triples <= MAX_AUTO_TRIPLES)
        }
        "match3/local" | "match3/bigram" if request.tokens <= most_decoded => return Method::Decoding,
        _ => false,
    };
    if is_tabulated {
        return Method::Exhaustive;
    }
    if is_sign { Method::Babel } else { Method::ClosedForm }
}

struct Choice<'a> {
    request: &'a MatchingRequest,
    session: &'a Session<'a>,
    method: Method,
    chosen: Vec<&'static str>,
    top: Option<String>,
}

impl Choice<'_> {
    /// The network with its averaging layer's width; open scales and bits stand at provisional values.
    fn network(&mut self) -> Result<Network, Unresolved> {
        let request = self.request;
        let scale = request.scale.clone().unwrap_or_else(Rational::one);
        let keys = Trigonometric {
            fraction_bits: request.fraction_bits.unwrap_or_else(|| self.provisional_bits(&scale)),
            scale: scale.clone(),
        };
        let encoding = match request.encoding {
            EncodingName::Trigonometric => Encoding::Trigonometric(keys.clone()),
            EncodingName::Polynomial => Encoding::Polynomial { scale },
        };
        let design = match (&request.averaging, request.entry.id) {
            (Some(layer), "match3/local") => {
                let sparsity = local_sparsity(request.window, request.tokens);
                Design::Local { window: request.window, averaging: self.averaging(layer, sparsity, "scale")? }
            }
            (Some(layer), _) => Design::Bigram { averaging: self.averaging(layer, 1, "first_scale")?, keys },
            (None, "match3/third-order") => Design::ThirdOrder(encoding),
            (None, _) => Design::Match2(encoding),
        };
        Ok(Network { modulus: request.modulus, tokens: request.tokens, design })
    }

    /// The averaging unit as sparse averaging chooses it for the decoder's error.
    fn averaging(&mut self, layer: &LayerRequest, sparsity: u64, scale: &'static str) -> Result<Unit, Unresolved> {
        let mut fields = layer.fields.clone();
        let error = canonical(&layer_error(self.request.modulus, sparsity));
        let (tokens, sparsity) = (self.request.tokens.to_string(), sparsity.to_string());
        for (name, value) in [("tokens", &tokens), ("sparsity", &sparsity), ("value_dim", &sparsity), ("error", &error)]
        {
            fields.set(name, Some(value));
        }
        if self.method != Method::Decoding {
            fields.set("method", Some(self.method.name()));
        }
        let ill_formed = |error: &dyn std::fmt::Display| Unresolved::IllFormed(error.to_string());
        let inner = Request::new(layer.id, &fields).map_err(|error| ill_formed(&error))?;
        let Request::Averaging(inner) = inner else { return Err(ill_formed(&"not an averaging layer")) };
        let resolved = averaging_resolve::resolve(&inner, self.session)?;
        let bits = if scale == "scale" { "fraction_bits" } else { "first_fraction_bits" };
        let names = resolved.chosen.into_iter().map(|name| match name {
            "scale" => scale,
            "fraction_bits" => bits,
            name => name,
        });
        self.chosen.extend(names);
        if self.method != Method::Decoding {
            self.top = resolved.top;
        }
        Ok(resolved.subject.unit)
    }

    /// With `decoding`, the least scale of the averaging layer at which every residue is read right.
    fn layer_scale(&mut self, network: Network) -> Result<Network, Stop> {
        let is_chosen = self.chosen.iter().any(|name| matches!(*name, "scale" | "first_scale"));
        let Some(unit) = network.averaging().filter(|_| self.method == Method::Decoding && is_chosen) else {
            return Ok(network);
        };
        if MAX_ENUMERATED_TOKENS < network.tokens {
            return Ok(network);
        }
        let mut unit = unit.clone();
        if self.chosen.contains(&"value_fraction_bits") {
            let error = layer_error(network.modulus, unit.sparsity);
            unit.value_fraction_bits = target::value_bits_below(&error, VALUE_SHARE_BITS, unit.value_dim);
        }
        let with_scale = |index: i64| Unit { scale: averaging_resolve::scale_at(&unit, index), ..unit.clone() };
        let (from, to) = layer_scale_range(&unit);
        let found = grid::least(from, to, |index| {
            Ok::<bool, Stop>(first_failure(&network, &with_scale(index), self.session)?.is_none())
        })?;
        if found.is_none() {
            self.top = Some("no scale of the averaging layer on the grid certifies".to_owned());
        }
        Ok(network.with_averaging(with_scale(found.unwrap_or(to))))
    }

    /// With `decoding`, the least query bits and value bits.
    fn layer_bits(&mut self, network: Network) -> Result<Network, Stop> {
        let Some(unit) = network.averaging().filter(|_| self.method == Method::Decoding) else { return Ok(network) };
        if MAX_ENUMERATED_TOKENS < network.tokens {
            return Ok(network);
        }
        let session = self.session;
        let reads = |unit: &Unit| Ok::<bool, Stop>(first_failure(&network, unit, session)?.is_none());
        let mut unit = unit.clone();
        if let (Construction::SignKeys(keys), true) = (
            &unit.construction,
            self.chosen.iter().any(|name| name.ends_with("fraction_bits") && *name != "value_fraction_bits"),
        ) {
            let keys = keys.clone();
            let with_bits = |bits: i64| {
                let keys = SignKeys { fraction_bits: bits.unsigned_abs(), ..keys.clone() };
                Unit { construction: Construction::SignKeys(keys), ..unit.clone() }
            };
            let top = i64::try_from(keys.fraction_bits).unwrap_or(i64::MAX).saturating_add(8);
            if let Some(least) = grid::least(0, top, |bits| reads(&with_bits(bits)))? {
                unit = with_bits(least);
            }
        }
        if self.chosen.contains(&"value_fraction_bits") {
            let with_bits = |bits: i64| Unit { value_fraction_bits: bits.unsigned_abs(), ..unit.clone() };
            let error = layer_error(network.modulus, unit.sparsity);
            let top = target::value_bits_below(&error, VALUE_SHARE_BITS, unit.value_dim);
            let top = i64::try_from(top).unwrap_or(i64::MAX);
            let least = grid::least(0, top, |bits| reads(&with_bits(bits)))?;
            unit = with_bits(least.unwrap_or(top));
        }
        Ok(network.with_averaging(unit))
    }

    /// The least scale of the matching unit on the grid that separates.
    fn scale(&mut self, network: Network) -> Result<Network, Stop> {
        if self.request.scale.is_some() || matches!(network.design, Design::Local { .. }) {
            return Ok(network);
        }
        self.chosen.push("scale");
        let with_scale = |index: i64| {
            let scale = grid::scale(index);
            let bits = self.request.fraction_bits.unwrap_or_else(|| self.provisional_bits(&scale));
            network.with_matching(scale, Some(bits))
        };
        let (from, to) = scale_range(&network);
        self.session.progress.begin("choosing the scale", None);
        let separates = |index: i64| is_separated(&with_scale(index), self.method, self.session);
        let found = grid::least(from, to, separates)?;
        let resolved = with_scale(found.unwrap_or(to));
        if found.is_none() {
            self.top.get_or_insert_with(|| "no scale on the grid certifies".to_owned());
        }
        Ok(resolved)
    }

    /// The least f of the matching unit that separates.
    fn fraction_bits(&mut self, network: Network) -> Result<Network, Stop> {
        let keys = match &network.design {
            Design::Match2(Encoding::Trigonometric(keys))
            | Design::ThirdOrder(Encoding::Trigonometric(keys))
            | Design::Bigram { keys, .. } => keys.clone(),
            _ => return Ok(network),
        };
        if self.request.fraction_bits.is_some() {
            return Ok(network);
        }
        self.chosen.push("fraction_bits");
        let with_bits = |bits: i64| network.with_matching(keys.scale.clone(), Some(bits.unsigned_abs()));
        let top = i64::try_from(keys.fraction_bits).unwrap_or(i64::MAX);
        self.session.progress.begin("choosing the fraction bits", None);
        let separates = |bits: i64| is_separated(&with_bits(bits), self.method, self.session);
        let found = grid::least(0, top, separates)?;
        if found.is_none() {
            self.top.get_or_insert_with(|| "no number of fraction bits up to a fine one certifies".to_owned());
        }
        Ok(with_bits(found.unwrap_or(top)))
    }

    /// f so fine that rounding hardly moves a score, but within what a table can hold.
    fn provisional_bits(&self, scale: &Rational) -> u64 {
        let order = if self.request.entry.id == "match3/third-order" { 3 } else { 2 };
        let scale_bits = ceil(scale).bits();
        let is_tabulated = self.method == Method::Exhaustive
            || (self.method == Method::Decoding && self.request.modulus <= MAX_BIGRAM_TABLE);
        let fine = scale_bits + SPARE_BITS;
        let largest = (MAX_TABLE_BITS - table_bits(order, 0, scale_bits).min(MAX_TABLE_BITS)) / u64::from(order);
        if is_tabulated { fine.min(largest) } else { fine }
    }
}

/// Grid indices of the averaging layer's scale with `decoding`: windows on the moment curve do with less than the worst support.
fn layer_scale_range(unit: &Unit) -> (i64, i64) {
    let (from, to) = averaging_resolve::scale_range(unit);
    match &unit.construction {
        Construction::MomentCurve => {
            let octaves = i64::try_from(unit.sparsity).unwrap_or(i64::MAX).min(4096) * 2;
            (from - octaves * grid::STEPS, to)
        }
        Construction::SignKeys(_) | Construction::CodeKeys(_) => (from, to),
    }
}

/// Grid indices of the matching unit's scale, around what section 8 of docs/theory.md asks for.
fn scale_range(network: &Network) -> (i64, i64) {
    let gap = |gap: BigInt| Rational::from_integer(gap).recip();
    let centre = match &network.design {
        Design::Match2(Encoding::Polynomial { .. }) => gap(least_pair_gap(network.modulus)),
        Design::ThirdOrder(Encoding::Polynomial { .. }) => gap(least_triple_gap(network.modulus)),
        _ => {
            let square = BigInt::from(network.modulus) * network.modulus;
            Rational::new(square, 8.into())
        }
    };
    let centre = grid::index_below(&centre);
    (centre - 12 * grid::STEPS, centre + 10 * grid::STEPS)
}

/// The network with one chosen parameter a step smaller, and that smaller value.
pub fn one_step_less(network: &Network, parameter: &str) -> Option<(Network, String)> {
    let layer = |name: &str| {
        let (unit, value) = averaging::one_step_less(network.averaging()?, name)?;
        Some((network.with_averaging(unit), value))
    };
    let keys = match &network.design {
        Design::Local { .. } => return layer(parameter),
        Design::Match2(encoding) | Design::ThirdOrder(encoding) => encoding.clone(),
        Design::Bigram { keys, .. } => Encoding::Trigonometric(keys.clone()),
    };
    match (parameter, keys) {
        ("scale", encoding) => {
            let scale = grid::scale(grid::index_below(encoding.scale()) - 1);
            Some((network.with_matching(scale.clone(), None), canonical(&scale)))
        }
        ("fraction_bits", Encoding::Trigonometric(keys)) => {
            let bits = keys.fraction_bits.checked_sub(1)?;
            Some((network.with_matching(keys.scale, Some(bits)), bits.to_string()))
        }
        ("first_scale", _) => layer("scale"),
        ("first_fraction_bits", _) => layer("fraction_bits"),
        (name, _) => layer(name),
    }
}
