//! Accepted certificates with their twins: each differs in one place and is refused by one code.

#![allow(dead_code, reason = "each test crate uses a part")]

pub mod matching;

use crate::builder::body;

/// A certificate and what is to come of it; the code is empty if it is right.
pub struct Case {
    pub name: String,
    pub body: String,
    pub stated: Option<String>,
    pub code: &'static str,
}

/// An accepted certificate whose twins are added one by one.
pub struct Family {
    pub name: &'static str,
    pub body: String,
    pub cases: Vec<Case>,
}

impl Family {
    pub fn new(name: &'static str, claim: &str, records: &[String]) -> Self {
        let body = body(claim, records);
        let right = Case { name: name.to_owned(), body: body.clone(), stated: None, code: "" };
        Family { name, body, cases: vec![right] }
    }

    /// The twin that differs in one place.
    pub fn twin(mut self, code: &'static str, from: &str, to: &str) -> Self {
        assert!(self.body.contains(from), "{}: {from} is not in the certificate", self.name);
        let body = self.body.replacen(from, to, 1);
        self.cases.push(Case { name: format!("{}: {from} -> {to}", self.name), body, stated: None, code });
        self
    }

    /// A twin with other records.
    pub fn other(mut self, code: &'static str, name: &str, body: String) -> Self {
        self.cases.push(Case { name: format!("{}: {name}", self.name), body, stated: None, code });
        self
    }

    pub fn without_line(self, code: &'static str, idx: usize) -> Self {
        let kept = self.body.lines().enumerate().filter(|(line, _)| *line != idx);
        let body = kept.map(|(_, line)| format!("{line}\n")).collect();
        self.other(code, &format!("without line {idx}"), body)
    }
}
