//! The catalogue as text, JSON and the README's table.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::catalogue::entries::{self, Entry};

fn names<T>(items: &[T], name: impl Fn(&T) -> &'static str) -> Vec<&'static str> {
    items.iter().map(name).collect()
}

/// `attestor claims`: every entry with its parameters.
pub fn text() -> String {
    let mut text = String::new();
    for entry in entries::ALL {
        let methods = names(entry.methods, |method| method.name()).join(", ");
        let kinds = names(entry.kinds, |kind| kind.name()).join(", ");
        let _ = write!(
            text,
            "{}\n  {}\n  paper: {}\n  kinds: {kinds}\n  methods: {methods}\n  parameters:\n",
            entry.id, entry.summary, entry.paper
        );
        for parameter in entry.parameters {
            let flag = format!("--{}", parameter.name.replace('_', "-"));
            let _ = writeln!(
                text,
                "    {flag:<22} {} [{}; default: {}]",
                parameter.meaning, parameter.range, parameter.default
            );
        }
        text.push('\n');
    }
    text
}

/// `attestor claims --json`: schema `attestor-claims` version 1.
pub fn json() -> Value {
    let entry = |entry: &Entry| {
        json!({
            "id": entry.id,
            "paper": entry.paper,
            "summary": entry.summary,
            "kinds": names(entry.kinds, |kind| kind.name()),
            "methods": names(entry.methods, |method| method.name()),
            "parameters": entry.parameters,
            "coq_theorem": entry.coq_theorem,
        })
    };
    let claims: Vec<Value> = entries::ALL.iter().map(entry).collect();
    json!({ "format": "attestor-claims", "version": 1, "claims": claims })
}

/// The table in README.md; a test compares the two.
pub fn markdown() -> String {
    let mut table = "| claim | paper | what | methods |\n|---|---|---|---|\n".to_owned();
    for entry in entries::ALL {
        let methods = names(entry.methods, |method| method.name()).join(", ");
        let _ = writeln!(table, "| `{}` | {} | {} | {methods} |", entry.id, entry.paper, entry.summary);
    }
    table
}
