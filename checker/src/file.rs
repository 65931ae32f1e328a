//! The file: lines, canonical equality, number forms, end line, count and hash.
//!
//! In: a byte stream. Out: the claim of its header and its records one by one, or the first verdict
//! that can be given without their meaning.
//! One line is in memory at a time.

use std::io::{BufRead, Read};

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::claim::raw::RawClaim;
use crate::claim::{Claim, hex, number};
use crate::limits::{MAX_COMMAS, MAX_FILE_BYTES, MAX_LINE_BYTES, MAX_RECORDS};
use crate::number::{Dyadic, Rational};
use crate::verdict::Verdict;

/// A record of evidence.
#[derive(Clone, Debug)]
pub(crate) enum Record {
    Block(BlockRecord),
    Dual(DualRecord),
    NoDual(NoDualRecord),
    Witness(WitnessRecord),
    Confusion(ConfusionRecord),
}

/// A block of supports: its range of numbers, its worst support, its bound.
#[derive(Clone, Debug)]
pub(crate) struct BlockRecord {
    pub(crate) first: u64,
    pub(crate) end: u64,
    pub(crate) worst: Vec<u64>,
    pub(crate) bound: Dyadic,
}

/// A dual vector as a combination of keys.
#[derive(Clone, Debug)]
pub(crate) struct DualRecord {
    pub(crate) keys: Vec<u64>,
    pub(crate) coefficients: Vec<Rational>,
    pub(crate) denominator: Rational,
}

/// Multipliers that show that there is no dual vector.
#[derive(Clone, Debug)]
pub(crate) struct NoDualRecord {
    pub(crate) keys: Vec<u64>,
    pub(crate) coefficients: Vec<Rational>,
}

/// One input and what the unit makes of it.
#[derive(Clone, Debug)]
pub(crate) struct WitnessRecord {
    pub(crate) support: Vec<u64>,
    pub(crate) raised: Vec<u64>,
    pub(crate) output_lo: Dyadic,
    pub(crate) output_hi: Dyadic,
    pub(crate) distance: Dyadic,
}

/// Two inputs that no threshold tells apart; a run is a residue and how often it is repeated.
#[derive(Clone, Debug)]
pub(crate) struct ConfusionRecord {
    pub(crate) row: u64,
    pub(crate) input: Vec<(u64, u64)>,
    pub(crate) other_row: u64,
    pub(crate) other_input: Vec<(u64, u64)>,
}

#[derive(Deserialize)]
struct HeaderVersion {
    format: String,
    version: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHeader {
    format: String,
    version: u64,
    claim: RawClaim,
}

/// What tells a record from an end line; every other field is skipped.
#[derive(Deserialize)]
struct Shape {
    rule: Option<String>,
    end: Option<IgnoredAny>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBlock {
    rule: String,
    first: u64,
    end: u64,
    worst: Vec<u64>,
    bound: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDual {
    rule: String,
    keys: Vec<u64>,
    coefficients: Vec<String>,
    denominator: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNoDual {
    rule: String,
    keys: Vec<u64>,
    coefficients: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWitness {
    rule: String,
    support: Vec<u64>,
    raised: Vec<u64>,
    output_lo: String,
    output_hi: String,
    distance: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConfusion {
    rule: String,
    row: u64,
    input: Vec<(u64, u64)>,
    other_row: u64,
    other_input: Vec<(u64, u64)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEnd {
    end: u64,
    sha256: String,
}

/// A certificate that is being read.
pub(crate) struct CertificateReader<R> {
    reader: R,
    /// Of all lines before the current one.
    hash: Sha256,
    n_bytes: u64,
    /// The number of the current line; the header is 0.
    record: u64,
    /// The current line, without its line feed.
    line: Vec<u8>,
}

impl<R: BufRead> CertificateReader<R> {
    pub(crate) fn new(reader: R) -> Self {
        CertificateReader { reader, hash: Sha256::new(), n_bytes: 0, record: 0, line: Vec::new() }
    }

    /// The number of the line read last.
    pub(crate) fn record(&self) -> u64 {
        self.record
    }

    /// Reads the header.
    pub(crate) fn header(&mut self) -> Result<Claim, Verdict> {
        self.next_line()?;
        let version: HeaderVersion = self.parse()?;
        if version.format != "attestor-certificate" || version.version != 1 {
            return Err(Verdict::malformed("version", 0, "expected a certificate of format version 1"));
        }
        let header: RawHeader = self.parse()?;
        let claim = header.claim.to_claim()?;
        self.require_canonical(&header)?;
        Ok(claim)
    }

    /// Reads the next record; `None` is a right end line and nothing after it.
    pub(crate) fn next_record(&mut self) -> Result<Option<Record>, Verdict> {
        self.finish_line();
        self.next_line()?;
        let shape: Shape = self.parse()?;
        if shape.rule.is_none() && shape.end.is_some() {
            return self.end_line().map(|()| None);
        }
        // Beyond u64 lines there is no file, so the comparison is with the records before this one.
        if MAX_RECORDS < self.record {
            return Err(Verdict::resource("records", self.record, format!("expected at most {MAX_RECORDS} records")));
        }
        self.to_record(shape.rule.as_deref().unwrap_or_default()).map(Some)
    }

    fn to_record(&self, rule: &str) -> Result<Record, Verdict> {
        let record = match rule {
            "block" => {
                let raw: RawBlock = self.parse_canonical()?;
                let bound = self.dyadic(&raw.bound)?;
                Record::Block(BlockRecord { first: raw.first, end: raw.end, worst: raw.worst, bound })
            }
            "dual" => {
                let raw: RawDual = self.parse_canonical()?;
                let coefficients = self.rationals(&raw.coefficients)?;
                let denominator = number(self.record, Rational::parse(&raw.denominator))?;
                Record::Dual(DualRecord { keys: raw.keys, coefficients, denominator })
            }
            "no-dual" => {
                let raw: RawNoDual = self.parse_canonical()?;
                let coefficients = self.rationals(&raw.coefficients)?;
                Record::NoDual(NoDualRecord { keys: raw.keys, coefficients })
            }
            "witness" => {
                let raw: RawWitness = self.parse_canonical()?;
                Record::Witness(WitnessRecord {
                    output_lo: self.dyadic(&raw.output_lo)?,
                    output_hi: self.dyadic(&raw.output_hi)?,
                    distance: self.dyadic(&raw.distance)?,
                    support: raw.support,
                    raised: raw.raised,
                })
            }
            "confusion" => {
                let raw: RawConfusion = self.parse_canonical()?;
                Record::Confusion(ConfusionRecord {
                    row: raw.row,
                    input: raw.input,
                    other_row: raw.other_row,
                    other_input: raw.other_input,
                })
            }
            _ => return Err(self.malformed("json", "expected a record of a known rule")),
        };
        Ok(record)
    }

    fn end_line(&mut self) -> Result<(), Verdict> {
        let end: RawEnd = self.parse_canonical()?;
        if end.end != self.record {
            let reason = format!("expected the number {} of the lines above, found {}", self.record, end.end);
            return Err(self.malformed("count", reason));
        }
        if end.sha256 != hex(&self.hash.clone().finalize()) {
            return Err(self.malformed("hash", "expected the hash of the bytes above, found another"));
        }
        let rest = self.reader.fill_buf().map_err(|_| Verdict::unreadable(self.record))?;
        if rest.is_empty() { Ok(()) } else { Err(self.malformed("trailing", "expected nothing after the end line")) }
    }

    /// Reads a line, checks the limits and its bytes, and cuts its line feed off.
    fn next_line(&mut self) -> Result<(), Verdict> {
        self.line.clear();
        let taken = self.reader.by_ref().take(MAX_LINE_BYTES + 1).read_until(b'\n', &mut self.line);
        let taken = taken.map_err(|_| Verdict::unreadable(self.record))?;
        let length = u64::try_from(taken).unwrap_or(u64::MAX);
        if MAX_LINE_BYTES < length {
            let reason = format!("expected a line of at most {MAX_LINE_BYTES} bytes");
            return Err(Verdict::resource("line-size", self.record, reason));
        }
        self.n_bytes = self.n_bytes.saturating_add(length);
        if MAX_FILE_BYTES < self.n_bytes {
            let reason = format!("expected a file of at most {MAX_FILE_BYTES} bytes");
            return Err(Verdict::resource("file-size", self.record, reason));
        }
        // Before anything is parsed, so that a line of tiny list elements takes no memory.
        if MAX_COMMAS < self.line.iter().filter(|byte| **byte == b',').count() {
            let reason = format!("expected at most {MAX_COMMAS} commas in a line");
            return Err(Verdict::resource("list-size", self.record, reason));
        }
        let has_line_feed = self.line.pop_if(|byte| *byte == b'\n').is_some();
        if !self.line.iter().all(|byte| (b' '..=b'~').contains(byte)) {
            return Err(self.malformed("encoding", "expected printable ASCII and line feeds"));
        }
        if !has_line_feed {
            return Err(self.malformed("truncated", "expected a line feed and an end line, found the end of the file"));
        }
        Ok(())
    }

    /// Adds the current line to the hash and the count.
    fn finish_line(&mut self) {
        self.hash.update(&self.line);
        self.hash.update(b"\n");
        self.record = self.record.saturating_add(1);
    }

    fn malformed(&self, code: &'static str, reason: impl Into<String>) -> Verdict {
        Verdict::malformed(code, self.record, reason)
    }

    fn parse<T: DeserializeOwned>(&self) -> Result<T, Verdict> {
        serde_json::from_slice(&self.line).map_err(|error| {
            self.malformed("json", format!("expected the JSON of this line, found an error at byte {}", error.column()))
        })
    }

    fn parse_canonical<T: DeserializeOwned + Serialize>(&self) -> Result<T, Verdict> {
        let value: T = self.parse()?;
        self.require_canonical(&value)?;
        Ok(value)
    }

    fn require_canonical<T: Serialize>(&self, value: &T) -> Result<(), Verdict> {
        let is_canonical = serde_json::to_vec(value).is_ok_and(|bytes| bytes == self.line);
        if is_canonical {
            Ok(())
        } else {
            Err(self.malformed("canonical", "expected the canonical bytes of this line"))
        }
    }

    fn dyadic(&self, text: &str) -> Result<Dyadic, Verdict> {
        number(self.record, Dyadic::parse(text))
    }

    fn rationals(&self, texts: &[String]) -> Result<Vec<Rational>, Verdict> {
        texts.iter().map(|text| number(self.record, Rational::parse(text))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::CertificateReader;
    use crate::claim::hex;
    use sha2::{Digest, Sha256};

    const HEADER: &str = r#"{"format":"attestor-certificate","version":1,"claim":{"format":"attestor-claim","version":1,"id":"sparse-averaging/moment-curve","kind":"upper-bound","method":"exhaustive","tokens":4,"sparsity":1,"value_dim":1,"value_fraction_bits":9,"scale":"1","error":"1"}}"#;
    const BLOCK: &str = r#"{"rule":"block","first":0,"end":4,"worst":[1],"bound":"3*2^-2"}"#;

    fn sealed(lines: &[&str]) -> String {
        let body: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let hash = hex(&Sha256::digest(body.as_bytes()));
        format!("{body}{{\"end\":{},\"sha256\":\"{hash}\"}}\n", lines.len())
    }

    #[track_caller]
    fn expect(bytes: &[u8], code: &str, record: u64) {
        let mut reader = CertificateReader::new(bytes);
        let mut judge = || {
            reader.header()?;
            while reader.next_record()?.is_some() {}
            Ok(())
        };
        let found: Result<(), crate::verdict::Verdict> = judge();
        let found = found.err().and_then(|verdict| verdict.finding().map(|finding| (finding.code, finding.record)));
        assert_eq!(found, if code.is_empty() { None } else { Some((code, record)) });
    }

    #[test]
    fn lines() {
        let good = sealed(&[HEADER, BLOCK]);
        expect(good.as_bytes(), "", 0);
        expect(b"", "truncated", 0);
        expect(b"\n", "json", 0);
        expect(format!("{HEADER}\n").as_bytes(), "truncated", 1);
        expect(format!("{good}\n").as_bytes(), "trailing", 2);
        expect(format!("{good}x").as_bytes(), "trailing", 2);
        expect(good.replace('\n', "\r\n").as_bytes(), "encoding", 0);
        expect(good.replacen("\"end\":2", "\"end\":3", 1).as_bytes(), "count", 2);
        expect(good.replacen("\"end\":4", "\"end\":3", 1).as_bytes(), "hash", 2);
        expect(sealed(&[HEADER, &BLOCK.replace(':', ": ")]).as_bytes(), "canonical", 1);
        expect(sealed(&[HEADER, &BLOCK.replace("3*", "2*")]).as_bytes(), "number", 1);
        expect(sealed(&[HEADER, &BLOCK.replace("block", "blocks")]).as_bytes(), "json", 1);
        expect(sealed(&[HEADER, &BLOCK.replace("\"first\":0,", "")]).as_bytes(), "json", 1);
        expect(sealed(&[HEADER, &BLOCK.replace("\"first\"", "\"end\":1,\"first\"")]).as_bytes(), "json", 1);
        expect(sealed(&[HEADER, &BLOCK.replace("2^-2", "2^-65537")]).as_bytes(), "number-size", 1);
        expect(sealed(&[HEADER, &"[".repeat(100_000)]).as_bytes(), "json", 1);
        expect(sealed(&[&HEADER.replacen("\"version\":1", "\"version\":2", 1)]).as_bytes(), "version", 0);
    }

    #[test]
    fn a_line_beyond_the_limit() {
        expect(&vec![b' '; (1 << 24) + 5], "line-size", 0);
    }
}
