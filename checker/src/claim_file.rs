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
    modulus: Option<u64>,
    window: Option<u64>,
    sparsity: Option<u64>,
    kind: Option<String>,
    value_dim: Option<u64>,
    seed: Option<u64>,
    encoding: Option<String>,
    construction: Option<String>,
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
    first_fraction_bits: Option<Stated>,
    first_scale: Option<Stated>,
    error: Option<Stated>,
    lo: Option<Stated>,
    hi: Option<Stated>,
}

impl RawClaimFile {
    /// Fills in what may be left out and has a meaning then; `None` if a required field is missing.
    fn completed(mut self) -> Option<Self> {
        let is_matching = self.id.starts_with("match2/") || self.id.starts_with("match3/");
        if is_matching {
            self.modulus?;
            self.kind.get_or_insert_with(|| "decision".to_owned());
        } else {
            self.sparsity?;
            self.value_dim.get_or_insert(1);
            let kind = self.kind.get_or_insert_with(|| "upper-bound".to_owned());
            let is_auto = self.error.as_ref().is_none_or(|error| *error == Stated::Text("auto".to_owned()));
            if is_auto && kind != "enclosure" {
                return None;
            }
        }
        match self.id.as_str() {
            "match3/third-order" => {
                self.encoding.get_or_insert_with(|| "trigonometric".to_owned());
            }
            "match3/local" | "match3/bigram" => {
                if self.id == "match3/local" {
                    self.window?;
                }
                self.construction.get_or_insert_with(|| "moment-curve".to_owned());
            }
            _ => {}
        }
        if self.id == "sparse-averaging/sign-keys" || self.construction.as_deref() == Some("sign-keys") {
            self.seed.get_or_insert(0);
        }
        Some(self)
    }
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
        let raw: RawClaimFile =
            serde_json::from_slice(bytes).map_err(|_| refuse("expected the JSON object of a claim file"))?;
        if raw.format != "attestor-claim" || raw.version != 1 {
            return Err(refuse("expected a claim of format version 1"));
        }
        let raw = raw.completed().ok_or_else(|| {
            refuse("expected tokens, then sparsity and an error (of all but an enclosure), or modulus (and the window of local)")
        })?;
        match serde_json::to_value(&raw) {
            Ok(Value::Object(fields)) => {
                // Only the fields that may be left out may be left to the certificate.
                let is_name = |name: &str| matches!(name, "id" | "kind" | "encoding" | "construction");
                let is_stated = |(name, value): &(String, Value)| {
                    !value.is_null() && (is_name(name) || value.as_str() != Some("auto"))
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

    const BIGRAM: &str = r#"{"format":"attestor-claim","version":1,"id":"match3/bigram","kind":"decision","method":"babel","modulus":7,"tokens":64,"construction":"sign-keys","value_fraction_bits":20,"key_width":512,"seed":0,"fraction_bits":10,"scale":"30","first_fraction_bits":12,"first_scale":"40/3","lo":"1*2^-2","hi":"3*2^-2"}"#;
    const THIRD: &str = r#"{"format":"attestor-claim","version":1,"id":"match3/third-order","kind":"decision","method":"closed-form","modulus":5,"tokens":16,"encoding":"trigonometric","fraction_bits":9,"scale":"1","lo":"1*2^-2","hi":"3*2^-3"}"#;
    const LOCAL: &str = r#"{"format":"attestor-claim","version":1,"id":"match3/local","kind":"decision","method":"decoding","modulus":5,"tokens":16,"window":2,"construction":"moment-curve","value_fraction_bits":20,"scale":"30"}"#;

    #[test]
    fn stated_fields_of_matching_must_agree() {
        let head = r#""format":"attestor-claim","version":1,"id":"#;
        for (claim, stated, agrees) in [
            (BIGRAM, r#""match3/bigram","modulus":7,"tokens":64,"construction":"sign-keys""#, true),
            (BIGRAM, r#""match3/bigram","modulus":7,"tokens":64"#, false),
            (BIGRAM, r#""match3/bigram","modulus":5,"tokens":64,"construction":"sign-keys""#, false),
            (BIGRAM, r#""match3/bigram","modulus":7,"tokens":64,"construction":"sign-keys","seed":1"#, false),
            (
                BIGRAM,
                r#""match3/bigram","modulus":7,"tokens":64,"construction":"sign-keys","first_scale":"40/3""#,
                true,
            ),
            (BIGRAM, r#""match3/bigram","modulus":7,"tokens":64,"construction":"sign-keys","first_scale":"13""#, false),
            (BIGRAM, r#""match3/bigram","modulus":7,"tokens":64,"construction":"sign-keys","hi":"auto""#, true),
            (BIGRAM, r#""match3/bigram","modulus":7,"tokens":64,"construction":"auto""#, false),
            (
                BIGRAM,
                r#""match3/bigram","modulus":7,"tokens":64,"construction":"sign-keys","kind":"counterexample""#,
                false,
            ),
            (BIGRAM, r#""match3/bigram","modulus":7,"tokens":64,"construction":"sign-keys","sparsity":1"#, false),
            (THIRD, r#""match3/third-order","modulus":5,"tokens":16"#, true),
            (THIRD, r#""match3/third-order","modulus":5,"tokens":16,"encoding":"polynomial""#, false),
            (LOCAL, r#""match3/local","modulus":5,"tokens":16,"window":2,"fraction_bits":"auto""#, true),
            (LOCAL, r#""match3/local","modulus":5,"tokens":16,"window":3"#, false),
            (LOCAL, r#""match3/local","modulus":5,"tokens":16,"window":2,"value_dim":1"#, false),
            (LOCAL, r#""match3/local","modulus":5,"tokens":16,"window":2,"method":"closed-form""#, false),
        ] {
            let claim = Claim::parse(claim.as_bytes()).expect("a claim");
            let file = ClaimFile::parse(format!("{{{head}{stated}}}").as_bytes()).expect("a claim file");
            assert_eq!(check_stated(Some(&file), &claim).is_ok(), agrees, "{stated}");
        }
        for stated in [
            r#""match3/third-order","tokens":16"#,
            r#""match3/third-order","modulus":"auto","tokens":16"#,
            r#""match3/local","modulus":5,"tokens":16"#,
            r#""match3/local","modulus":5,"window":2"#,
        ] {
            assert!(ClaimFile::parse(format!("{{{head}{stated}}}").as_bytes()).is_err(), "{stated}");
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
