//! Claim files: what the asker states, in JSON with free white space and key order.
//!
//! A stated field must equal the certificate's; a field left out or `"auto"` is left to the certificate.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::claim::Claim;
use crate::side_condition::{SideCondition, Violation, require};
use crate::verdict::Verdict;

/// A claim file, as far as it is stated.
#[derive(Clone, Debug)]
pub struct ClaimFile {
    stated: Map<String, Value>,
}

/// A stated field: a count, or the text of a number or name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Stated {
    Count(u64),
    Text(String),
}

/// The JSON form: a struct and not a map, because a map would take the last of two equal keys.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawClaimFile {
    format: String,
    version: u64,
    id: String,
    tokens: u64,
    sparsity: u64,
    #[serde(default = "default_kind")]
    kind: String,
    #[serde(default = "default_value_dim")]
    value_dim: u64,
    seed: Option<u64>,
    method: Option<Stated>,
    value_fraction_bits: Option<Stated>,
    key_width: Option<Stated>,
    dual: Option<Stated>,
    margin: Option<Stated>,
    fraction_bits: Option<Stated>,
    field_size: Option<Stated>,
    degree_bound: Option<Stated>,
    evaluations: Option<Stated>,
    scale: Option<Stated>,
    error: Option<Stated>,
    lo: Option<Stated>,
    hi: Option<Stated>,
}

fn default_kind() -> String {
    "upper-bound".to_owned()
}

fn default_value_dim() -> u64 {
    1
}

impl ClaimFile {
    /// Reads a claim file.
    ///
    /// # Errors
    /// The verdict MALFORMED `claim-file` on bytes that are none.
    pub fn parse(bytes: &[u8]) -> Result<Self, Verdict> {
        let refuse = |reason: &str| Verdict::malformed("claim-file", 0, reason);
        // A derived struct would also be read from a JSON list.
        if bytes.trim_ascii_start().first() != Some(&b'{') {
            return Err(refuse("expected the JSON object of a claim file"));
        }
        let mut raw: RawClaimFile =
            serde_json::from_slice(bytes).map_err(|_| refuse("expected the JSON object of a claim file"))?;
        if raw.format != "attestor-claim" || raw.version != 1 {
            return Err(refuse("expected a claim of format version 1"));
        }
        let is_auto = raw.error.as_ref().is_none_or(|error| *error == Stated::Text("auto".to_owned()));
        if raw.kind != "enclosure" && is_auto {
            return Err(refuse("expected an error in an upper-bound or counterexample"));
        }
        if raw.id == "sparse-averaging/sign-keys" && raw.seed.is_none() {
            raw.seed = Some(0);
        }
        match serde_json::to_value(&raw) {
            Ok(Value::Object(fields)) => {
                // Only the fields that may be left out may be left to the certificate.
                let is_stated = |(name, value): &(String, Value)| {
                    matches!(name.as_str(), "id" | "kind") || (!value.is_null() && value.as_str() != Some("auto"))
                };
                Ok(ClaimFile { stated: fields.into_iter().filter(is_stated).collect() })
            }
            _ => Err(refuse("expected the JSON object of a claim file")),
        }
    }

    /// Requires every stated field of the certificate's claim.
    pub(crate) fn check(&self, claim: &Claim) -> Result<(), Violation> {
        let embedded = serde_json::to_value(claim.to_raw()).unwrap_or_default();
        // The name is one of our own fields, so the reason repeats nothing of the input.
        let differing = self.stated.iter().find(|(name, value)| embedded.get(name.as_str()) != Some(*value));
        require(SideCondition::ClaimMismatch, differing.is_none(), || {
            let name = differing.map_or("", |(name, _)| name.as_str());
            format!("expected the stated {name}, found another")
        })
    }
}

/// The verdict on a certificate for another claim than the stated one.
pub(crate) fn check_stated(stated: Option<&ClaimFile>, claim: &Claim) -> Result<(), Verdict> {
    stated.map_or(Ok(()), |file| file.check(claim)).map_err(|violation| Violation::at(violation, 0))
}

#[cfg(test)]
mod tests {
    use super::{ClaimFile, check_stated};
    use crate::claim::Claim;

    const SIGN: &str = r#"{"format":"attestor-claim","version":1,"id":"sparse-averaging/sign-keys","kind":"upper-bound","method":"coherence","tokens":64,"sparsity":3,"value_dim":1,"value_fraction_bits":20,"key_width":64,"seed":0,"dual":"least-squares","margin":"none","fraction_bits":10,"scale":"3/2","error":"1/10"}"#;
    const STATED: &str = r#" { "sparsity":3, "tokens":64, "version":1, "id":"sparse-averaging/sign-keys",
        "format":"attestor-claim", "error":"1/10", "scale":"auto" } "#;

    #[test]
    fn stated_fields_must_agree() {
        let claim = Claim::parse(SIGN.as_bytes()).expect("a claim");
        for (from, to, agrees) in [
            ("\"auto\"", "\"auto\"", true),
            ("\"auto\"", "\"3/2\"", true),
            ("\"auto\"", "\"6/4\"", false),
            ("\"auto\"", "\"1\"", false),
            ("\"sparsity\":3", "\"sparsity\":2", false),
            ("\"1/10\"", "\"1/11\"", false),
            ("\"1/10\"", "\"1/10\",\"seed\":0", true),
            ("\"1/10\"", "\"1/10\",\"seed\":1", false),
            ("\"1/10\"", "\"1/10\",\"key_width\":64", true),
            ("\"1/10\"", "\"1/10\",\"key_width\":\"64\"", false),
            ("\"1/10\"", "\"1/10\",\"field_size\":7", false),
            ("\"1/10\"", "\"1/10\",\"kind\":\"enclosure\"", false),
            ("\"1/10\"", "\"1/10\",\"value_dim\":2", false),
            ("sign-keys", "code-keys", false),
        ] {
            let file = ClaimFile::parse(STATED.replacen(from, to, 1).as_bytes()).expect("a claim file");
            assert_eq!(check_stated(Some(&file), &claim).is_ok(), agrees, "{from} -> {to}");
        }
    }

    #[test]
    fn what_is_no_claim_file() {
        for (from, to) in [
            ("\"sparsity\":3, ", ""),
            ("\"version\":1", "\"version\":2"),
            ("attestor-claim", "attestor-certificate"),
            ("\"1/10\"", "\"auto\""),
            ("\"error\":\"1/10\",", ""),
            ("\"1/10\"", "\"1/10\",\"tokens\":64"),
            ("\"1/10\"", "\"1/10\",\"extra\":64"),
            ("\"1/10\"", "\"1/10\",\"key_width\":64.0"),
            ("} ", "} {}"),
        ] {
            let found = ClaimFile::parse(STATED.replacen(from, to, 1).as_bytes()).expect_err(to);
            assert_eq!(found.finding().map(|finding| finding.code), Some("claim-file"), "{from} -> {to}");
        }
    }
}
