//! Files that are damaged, not canonical, longer than they should be, or made to exhaust the reader.

use crate::support::edit::Edit::{Body, File};
use crate::support::edit::{Row, row};

const JSON: &str = "MALFORMED json";
const CANONICAL: &str = "MALFORMED canonical";
const TRAILING: &str = "MALFORMED trailing";
const ENCODING: &str = "MALFORMED encoding";

fn replaced(bytes: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(bytes).expect("ASCII");
    assert!(text.contains(from), "{from} is not in {text}");
    text.replacen(from, to, 1).into_bytes()
}

fn followed_by(mut bytes: Vec<u8>, tail: &[u8]) -> Vec<u8> {
    bytes.extend_from_slice(tail);
    bytes
}

fn preceded_by(head: &[u8], bytes: Vec<u8>) -> Vec<u8> {
    [head, &bytes].concat()
}

/// The body with `count` copies of a line after its header.
fn with_lines(body: Vec<u8>, line: &str, count: usize) -> Vec<u8> {
    let at = body.iter().position(|byte| *byte == b'\n').expect("a header") + 1;
    let (header, rest) = body.split_at(at);
    [header, format!("{line}\n").repeat(count).as_bytes(), rest].concat()
}

pub const ROWS: &[Row] = &[
    // Redundant, unknown, missing, repeated and mistyped fields.
    row("moment blocks", &[Body("unknown field", |b| replaced(b, "\"first\"", "\"note\":1,\"first\""))], JSON),
    row(
        "moment blocks",
        &[Body("count of supports", |b| replaced(b, "\"end\":15", "\"end\":15,\"supports\":15"))],
        JSON,
    ),
    row("moment blocks", &[Body("repeated field", |b| replaced(b, "\"first\":0", "\"first\":0,\"first\":0"))], JSON),
    row("moment blocks", &[Body("missing field", |b| replaced(b, "\"first\":0,", ""))], JSON),
    row("moment blocks", &[Body("unknown rule", |b| replaced(b, "\"block\"", "\"axiom\""))], JSON),
    row("moment blocks", &[Body("rule of another shape", |b| replaced(b, "\"block\"", "\"witness\""))], JSON),
    row("moment blocks", &[Body("no rule", |b| replaced(b, "\"rule\":\"block\",", ""))], JSON),
    row("moment blocks", &[Body("rule is a number", |b| replaced(b, "\"rule\":\"block\"", "\"rule\":0"))], JSON),
    row("moment blocks", &[Body("rule in capitals", |b| replaced(b, "\"block\"", "\"Block\""))], JSON),
    row("moment formula", &[Body("field of another id", |b| replaced(b, "\"scale\"", "\"seed\":0,\"scale\""))], JSON),
    row(
        "moment formula",
        &[Body("lo of an upper bound", |b| replaced(b, "\"1/20\"", "\"1/20\",\"lo\":\"0*2^0\""))],
        JSON,
    ),
    row("moment formula", &[Body("null field", |b| replaced(b, "\"scale\"", "\"seed\":null,\"scale\""))], CANONICAL),
    row(
        "moment formula",
        &[Body("repeated claim field", |b| replaced(b, "\"sparsity\":2", "\"sparsity\":2,\"sparsity\":2"))],
        JSON,
    ),
    row(
        "moment formula",
        &[Body("unknown claim field", |b| replaced(b, "\"scale\"", "\"proof\":\"trust\",\"scale\""))],
        JSON,
    ),
    row(
        "moment formula",
        &[Body("unknown header field", |b| replaced(b, "\"claim\"", "\"by\":\"me\",\"claim\""))],
        JSON,
    ),
    row("moment formula", &[Body("two claims", |b| replaced(b, "\"claim\"", "\"claim\":{},\"claim\""))], JSON),
    row("moment formula", &[Body("header as a list", |_| b"[\"attestor-certificate\",1,{}]\n".to_vec())], JSON),
    row(
        "moment formula",
        &[Body("other format", |b| replaced(b, "attestor-certificate", "attestor-certificates"))],
        "MALFORMED version",
    ),
    row(
        "moment formula",
        &[Body("version 0", |b| replaced(b, "\"version\":1,\"claim\"", "\"version\":0,\"claim\""))],
        "MALFORMED version",
    ),
    row("moment enclosure", &[Body("no hi", |b| replaced(b, ",\"hi\":\"231434405868204289*2^-60\"", ""))], JSON),
    row("sign blocks", &[Body("no margin", |b| replaced(b, "\"margin\":\"none\",", ""))], JSON),
    row("margin pairs", &[Body("denominator missing", |b| replaced(b, ",\"denominator\":\"24\"", ""))], JSON),
    row(
        "margin third",
        &[Body("denominator of a no-dual", |b| replaced(b, "[\"-1\",\"1\"]", "[\"-1\",\"1\"],\"denominator\":\"1\""))],
        JSON,
    ),
    row(
        "moment counterexample",
        &[Body("values given", |b| replaced(b, "\"raised\"", "\"values\":[],\"raised\""))],
        JSON,
    ),
    // Not canonical.
    row("moment blocks", &[Body("space", |b| replaced(b, "\"first\":0", "\"first\": 0"))], CANONICAL),
    row("moment blocks", &[Body("space at the end", |b| replaced(b, "*2^-52\"}", "*2^-52\"} "))], CANONICAL),
    row("moment blocks", &[Body("space in a list", |b| replaced(b, "[1,3]", "[1, 3]"))], CANONICAL),
    row(
        "moment blocks",
        &[Body("key order", |b| replaced(b, "\"first\":0,\"end\":15", "\"end\":15,\"first\":0"))],
        CANONICAL,
    ),
    row("moment blocks", &[Body("escape", |b| replaced(b, "\"block\"", "\"bl\\u006fck\""))], CANONICAL),
    row("moment blocks", &[Body("escaped key", |b| replaced(b, "\"bound\"", "\"\\u0062ound\""))], CANONICAL),
    row(
        "moment formula",
        &[Body("claim key order", |b| replaced(b, "\"tokens\":100,\"sparsity\":2", "\"sparsity\":2,\"tokens\":100"))],
        CANONICAL,
    ),
    row(
        "moment formula",
        &[Body("claim with a space", |b| replaced(b, "\"tokens\":100", "\"tokens\":100 "))],
        CANONICAL,
    ),
    row(
        "moment blocks",
        &[Body("record as a list", |b| {
            replaced(
                b,
                "{\"rule\":\"block\",\"first\":0,\"end\":15,\"worst\":[1,3],\"bound\":\"904040647922673*2^-52\"}",
                "[\"block\",0,15,[1,3],\"904040647922673*2^-52\"]",
            )
        })],
        JSON,
    ),
    row("moment blocks", &[Body("comment", |b| with_lines(b, "// all fine", 1))], JSON),
    row("moment blocks", &[Body("empty line", |b| with_lines(b, "", 1))], JSON),
    row("moment blocks", &[Body("null line", |b| with_lines(b, "null", 1))], JSON),
    row("moment blocks", &[Body("two records in a line", |b| replaced(b, "52\"}\n", "52\"}{}\n"))], JSON),
    row("moment blocks", &[Body("header twice", |b| [b.clone(), b].concat())], JSON),
    // The end line.
    row("moment blocks", &[File("count one less", |f| replaced(f, "\"end\":2", "\"end\":1"))], "MALFORMED count"),
    row("moment blocks", &[File("count one more", |f| replaced(f, "\"end\":2", "\"end\":3"))], "MALFORMED count"),
    row("moment blocks", &[File("count wrapped", |f| replaced(f, "\"end\":2", "\"end\":18446744073709551618"))], JSON),
    row(
        "moment blocks",
        &[File("hash in capitals", |f| {
            let at = f.len() - 67;
            let tail = f[at..].to_ascii_uppercase();
            [&f[..at], &tail].concat()
        })],
        "MALFORMED hash",
    ),
    row("moment blocks", &[File("empty hash", |f| [&f[..f.len() - 67], b"\"}\n"].concat())], "MALFORMED hash"),
    row(
        "moment blocks",
        &[File("claim edited, hash not repaired", |f| replaced(f, "\"1/2\"", "\"1/3\""))],
        "MALFORMED hash",
    ),
    row("moment blocks", &[File("extra end field", |f| replaced(f, "{\"end\":2,", "{\"end\":2,\"ok\":1,"))], JSON),
    row("moment blocks", &[File("no end line", |f| f[..f.len() - 84].to_vec())], "MALFORMED truncated"),
    row("moment blocks", &[File("no last line feed", |f| f[..f.len() - 1].to_vec())], "MALFORMED truncated"),
    row("moment blocks", &[File("empty", |_| Vec::new())], "MALFORMED truncated"),
    row("moment blocks", &[File("only a line feed", |_| b"\n".to_vec())], JSON),
    row("moment blocks", &[File("end line only", |f| f[f.len() - 84..].to_vec())], JSON),
    // Around the document.
    row("moment blocks", &[File("line feed after it", |f| followed_by(f, b"\n"))], TRAILING),
    row("moment blocks", &[File("space after it", |f| followed_by(f, b" "))], TRAILING),
    row("moment blocks", &[File("NUL after it", |f| followed_by(f, b"\0"))], TRAILING),
    row("moment blocks", &[File("comment after it", |f| followed_by(f, b"# ok\n"))], TRAILING),
    row("moment blocks", &[File("second document", |f| [f.clone(), f].concat())], TRAILING),
    row("moment blocks", &[File("second end line", |f| [&f[..], &f[f.len() - 84..]].concat())], TRAILING),
    row("moment blocks", &[File("byte order mark", |f| preceded_by(b"\xef\xbb\xbf", f))], ENCODING),
    row("moment blocks", &[File("UTF-16", |f| f.iter().flat_map(|byte| [*byte, 0]).collect())], ENCODING),
    row("moment blocks", &[File("space before it", |f| preceded_by(b" ", f))], CANONICAL),
    row("moment blocks", &[File("line feed before it", |f| preceded_by(b"\n", f))], JSON),
    row("moment blocks", &[Body("CR LF", |b| replaced(b, "}\n{", "}\r\n{"))], ENCODING),
    row("moment blocks", &[Body("NUL", |b| replaced(b, "\"block\"", "\"blo\0ck\""))], ENCODING),
    row("moment blocks", &[Body("tab", |b| replaced(b, ":0,", ":\t0,"))], ENCODING),
    row("moment blocks", &[Body("DEL", |b| replaced(b, "\"block\"", "\"block\x7f\""))], ENCODING),
    row("moment blocks", &[Body("not UTF-8", |b| followed_by(b, b"\xff\xfe\n"))], ENCODING),
    row("moment blocks", &[Body("overlong zero", |b| followed_by(b, b"\xc0\x80\n"))], ENCODING),
    row("moment blocks", &[Body("UTF-8 letter", |b| replaced(b, "\"block\"", "\"blöck\""))], ENCODING),
    // Made to exhaust the reader.
    row("moment blocks", &[Body("10^6 brackets", |b| with_lines(b, &"[".repeat(1_000_000), 1))], JSON),
    row("moment blocks", &[Body("10^6 braces", |b| with_lines(b, &"{\"a\":".repeat(1_000_000), 1))], JSON),
    row(
        "moment blocks",
        &[Body("nested worst", |b| replaced(b, "[1,3]", &format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))))],
        JSON,
    ),
    row(
        "moment blocks",
        &[Body("nested under rule", |b| {
            replaced(b, "\"block\",", &format!("\"block\",\"x\":{}1{},", "[".repeat(1_000), "]".repeat(1_000)))
        })],
        JSON,
    ),
    row(
        "moment blocks",
        &[Body("line of 2^24 bytes and more", |b| with_lines(b, &" ".repeat(1 << 24), 1))],
        "RESOURCE line-size",
    ),
    row(
        "moment blocks",
        &[File("2^24 bytes and more without a line feed", |_| vec![b'{'; (1 << 24) + 9])],
        "RESOURCE line-size",
    ),
    row(
        "moment blocks",
        &[Body("worst of 10^6 tokens", |b| replaced(b, "[1,3]", &format!("[{}0]", "0,".repeat(1_000_000))))],
        "RESOURCE list-size",
    ),
    row("moment blocks", &[Body("10^5 empty lines", |b| with_lines(b, "", 100_000))], JSON),
    row("moment formula", &[Body("10^5 blocks", |b| with_lines(b, TINY_BLOCK, 100_000))], "REJECTED order.S1"),
    row("moment blocks", &[Body("10^6 blocks", |b| with_lines(b, TINY_BLOCK, 1_000_000))], "REJECTED block.S2"),
    row(
        "margin pairs",
        &[Body("262145 dual records", |b| with_lines(b, TINY_DUAL, (1 << 18) + 1))],
        "RESOURCE records",
    ),
    row(
        "margin pairs",
        &[Body("262134 dual records more", |b| with_lines(b, TINY_DUAL, (1 << 18) - 10))],
        "REJECTED order.S1",
    ),
];

const TINY_BLOCK: &str = r#"{"rule":"block","first":0,"end":0,"worst":[],"bound":"0*2^0"}"#;
const TINY_DUAL: &str = r#"{"rule":"no-dual","keys":[],"coefficients":[]}"#;
