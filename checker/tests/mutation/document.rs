//! A certificate as its lines, each a list of names with raw JSON values.
//!
//! In: the bytes of a certificate. Out: an editable [`Document`], and its bytes with count and hash repaired.
//! Values are kept as text, so that an edit may also write what is not canonical.

use sha2::{Digest, Sha256};

/// One object: names and raw values, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line(pub Vec<(String, String)>);

/// A header's claim and the records, without the end line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    pub claim: Line,
    pub records: Vec<Line>,
}

/// Splits at the commas outside of quotes and brackets.
fn split_top(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut is_quoted) = (Vec::new(), 0, 0u32, false);
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'[' | b'{' if !is_quoted => depth += 1,
            b']' | b'}' if !is_quoted => depth -= 1,
            b',' if !is_quoted && depth == 0 => {
                parts.push(&text[start..place]);
                start = place + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts.retain(|part| !part.is_empty());
    parts
}

/// The elements of a raw list.
pub fn elements(raw: &str) -> Vec<String> {
    let inside = raw.strip_prefix('[').and_then(|raw| raw.strip_suffix(']')).unwrap_or(raw);
    split_top(inside).into_iter().map(str::to_owned).collect()
}

/// The raw list of these elements.
pub fn list(elements: &[impl ToString]) -> String {
    let words: Vec<String> = elements.iter().map(ToString::to_string).collect();
    format!("[{}]", words.join(","))
}

/// A raw string.
pub fn quoted(text: impl std::fmt::Display) -> String {
    format!("\"{text}\"")
}

impl Line {
    /// Reads one canonical object.
    #[track_caller]
    pub fn parse(text: &str) -> Line {
        let inside = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).expect("an object");
        let field = |part: &str| {
            let (name, value) = part.split_once(':').expect("a field");
            (name.trim_matches('"').to_owned(), value.to_owned())
        };
        Line(split_top(inside).into_iter().map(field).collect())
    }

    /// The raw value of a field, or nothing.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The text of a string field, or nothing.
    pub fn text_of(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default().trim_matches('"')
    }

    /// The value of a count.
    pub fn count(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }

    /// The values of a list of counts.
    pub fn counts(&self, name: &str) -> Option<Vec<u64>> {
        elements(self.get(name)?).iter().map(|element| element.parse().ok()).collect()
    }

    /// Replaces a raw value.
    #[track_caller]
    pub fn set(&mut self, name: &str, raw: impl Into<String>) {
        let field = self.0.iter_mut().find(|(known, _)| known == name);
        field.unwrap_or_else(|| panic!("no field {name}")).1 = raw.into();
    }

    /// The object as it stands in a file.
    pub fn json(&self) -> String {
        let fields: Vec<String> = self.0.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", fields.join(","))
    }
}

impl Document {
    /// Reads a certificate.
    #[track_caller]
    pub fn parse(bytes: &[u8]) -> Document {
        let text = std::str::from_utf8(bytes).expect("ASCII");
        let mut lines: Vec<&str> = text.lines().collect();
        lines.pop().expect("an end line");
        let header = Line::parse(lines.first().expect("a header"));
        let claim = Line::parse(header.get("claim").expect("a claim"));
        Document { claim, records: lines[1..].iter().map(|line| Line::parse(line)).collect() }
    }

    /// Header and records, without the end line.
    pub fn body(&self) -> String {
        let mut body =
            format!("{{\"format\":\"attestor-certificate\",\"version\":1,\"claim\":{}}}\n", self.claim.json());
        for record in &self.records {
            body.push_str(&record.json());
            body.push('\n');
        }
        body
    }

    /// The certificate with the right end line.
    pub fn bytes(&self) -> Vec<u8> {
        seal(self.body().into_bytes())
    }

    pub fn kind(&self) -> &str {
        self.claim.text_of("kind")
    }
}

/// Adds the right end line to a body.
pub fn seal(mut body: Vec<u8>) -> Vec<u8> {
    let hash: String = Sha256::digest(&body).iter().map(|byte| format!("{byte:02x}")).collect();
    let n_lines = body.iter().filter(|byte| **byte == b'\n').count();
    body.extend(format!("{{\"end\":{n_lines},\"sha256\":\"{hash}\"}}\n").into_bytes());
    body
}
