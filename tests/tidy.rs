//! The house rules that a machine can check: layers, floats, dependencies, and documents that must not go stale.

use std::collections::BTreeSet;
use std::fs::read_to_string;
use std::path::{Path, PathBuf};
use std::process::Command;

use attestor::catalogue::entries;
use attestor::report::catalogue_table;

/// The layers in the order of the data flow; each may use those before it.
const LAYERS: [&str; 8] =
    ["numbers", "catalogue", "constructions", "evaluate", "bounds", "certificate", "certify", "report"];

/// What the checker may depend on. A new name here is a new thing to trust.
const CHECKER_DEPENDENCIES: [&str; 6] = ["num-bigint", "num-integer", "num-traits", "serde", "serde_json", "sha2"];

/// The one module whose floats guide a search.
const FLOAT_MODULE: &str = "src/constructions/max_margin/search.rs";

/// Files of more than 500 lines without their tests, with the reason.
const LONG_FILES: [(&str, &str); 0] = [];

const MAX_LINES: usize = 500;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(file: &str) -> String {
    read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// All files below a folder of the repository, as relative paths with slashes, sorted.
fn files_below(folder: &str) -> Vec<String> {
    fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("an entry").path();
            if path.is_dir() { collect(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    collect(&root().join(folder), &mut found);
    let relative =
        |path: &PathBuf| path.strip_prefix(root()).expect("below the root").to_string_lossy().replace('\\', "/");
    let mut names: Vec<String> = found.iter().map(relative).collect();
    names.sort();
    names
}

fn rust_files(folder: &str) -> Vec<String> {
    let files: Vec<String> = files_below(folder).into_iter().filter(|file| file.ends_with(".rs")).collect();
    assert!(!files.is_empty(), "{folder} has Rust files");
    files
}

/// The files that a clone has; without git, those of every folder that is part of the project.
fn project_files() -> Vec<String> {
    let mut git = Command::new("git");
    let listed = git.args(["ls-files", "--cached", "--others", "--exclude-standard"]).current_dir(root()).output();
    if let Ok(output) = listed
        && output.status.success()
        && !output.stdout.is_empty()
    {
        let names = String::from_utf8(output.stdout).expect("UTF-8 names");
        return names.lines().map(str::to_owned).filter(|name| root().join(name).is_file()).collect();
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root()).expect("the root").map(|entry| entry.expect("an entry")) {
        let name = entry.file_name().to_string_lossy().into_owned();
        match name.as_str() {
            "target" | ".git" => {}
            _ if entry.path().is_dir() => names.extend(files_below(&name)),
            _ => names.push(name),
        }
    }
    names
}

fn markdown_files() -> Vec<String> {
    let files: Vec<String> = project_files().into_iter().filter(|name| name.ends_with(".md")).collect();
    assert!(files.contains(&"checker/FORMAT.md".to_owned()), "{files:?}");
    files
}

/// Rust source with comments, strings and character literals blanked; line breaks stay.
fn code_only(source: &str) -> String {
    let bytes: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    let starts = |at: usize, text: &str| text.chars().enumerate().all(|(k, c)| bytes.get(at + k) == Some(&c));
    while at < bytes.len() {
        let end = if starts(at, "//") {
            (at..bytes.len()).find(|&k| bytes[k] == '\n').unwrap_or(bytes.len())
        } else if starts(at, "/*") {
            (at..bytes.len()).find(|&k| starts(k, "*/")).map_or(bytes.len(), |k| k + 2)
        } else if starts(at, "r\"")
            || starts(at, "r#") && (at + 1..bytes.len()).find(|&k| bytes[k] != '#').is_some_and(|k| bytes[k] == '"')
        {
            let n_hashes = bytes[at + 1..].iter().take_while(|c| **c == '#').count();
            let close = format!("\"{}", "#".repeat(n_hashes));
            (at + n_hashes + 2..bytes.len()).find(|&k| starts(k, &close)).map_or(bytes.len(), |k| k + n_hashes + 1)
        } else if bytes[at] == '"' {
            let mut k = at + 1;
            while k < bytes.len() && bytes[k] != '"' {
                k += if bytes[k] == '\\' { 2 } else { 1 };
            }
            (k + 1).min(bytes.len())
        } else if bytes[at] == '\'' && bytes.get(at + 1) == Some(&'\\') {
            (at + 3..bytes.len()).find(|&k| bytes[k] == '\'').map_or(bytes.len(), |k| k + 1)
        } else if bytes[at] == '\'' && bytes.get(at + 2) == Some(&'\'') {
            at + 3
        } else {
            out.push(bytes[at]);
            at += 1;
            continue;
        };
        out.extend(bytes[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
        at = end;
    }
    out
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The identifiers and numbers of blanked source.
fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c| !is_word(c)).filter(|word| !word.is_empty())
}

/// The first path segment after every `prefix` in blanked source: `numbers` for `crate::numbers::…`.
fn segments_after<'a>(code: &'a str, prefix: &str) -> Vec<&'a str> {
    let mut segments = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let stands_alone = !code[..at].ends_with(is_word);
        if stands_alone {
            segments.push(code[at + prefix.len()..].split(|c| !is_word(c)).next().unwrap_or_default());
        }
    }
    segments
}

fn without_tests(source: &str) -> &str {
    source.split("#[cfg(test)]\nmod tests {").next().unwrap_or(source)
}

#[test]
fn the_blanking_of_source_works() {
    let source = "let a = 'x'; // f64\nlet b = \"f64 \\\" f64\"; /* f64 */ r#\"f64\"#; '\\''; fn f<'a>(x: &'a f32) {}";
    let code = code_only(source);
    assert_eq!(words(&code).filter(|word| *word == "f64").count(), 0, "{code}");
    assert_eq!(words(&code).filter(|word| *word == "f32").count(), 1, "{code}");
    assert_eq!(code.lines().count(), 2);
}

// layers

/// What is wrong with the imports of a file in layer number `rank`.
fn layer_faults(file: &str, rank: usize, source: &str) -> Vec<String> {
    let code = code_only(source);
    let mut faults = Vec::new();
    for segment in segments_after(&code, "crate::") {
        match LAYERS.iter().position(|layer| *layer == segment) {
            Some(used) if used <= rank => {}
            Some(_) => faults.push(format!("{file}: {} must not use {segment}", LAYERS[rank])),
            None => faults.push(format!("{file}: crate::{segment}… hides the layer; name it")),
        }
    }
    // `super` may not leave the layer's folder.
    let depth = file.split('/').count() - 3;
    let up = "super::".repeat(depth + 2 - usize::from(file.ends_with("/mod.rs")));
    if code.contains(&up) {
        faults.push(format!("{file}: {up} leaves the layer"));
    }
    if LAYERS[rank] != "report" && words(&code).any(|word| word == "attestor_check") {
        faults.push(format!("{file}: only report and the command line may call the checker"));
    }
    faults
}

#[test]
fn each_layer_uses_only_those_before_it() {
    let mut faults = Vec::new();
    for file in rust_files("src") {
        match file.split('/').nth(1) {
            Some(layer) if LAYERS.contains(&layer) => {
                let rank = LAYERS.iter().position(|known| *known == layer).expect("a layer");
                faults.extend(layer_faults(&file, rank, &text(&file)));
            }
            Some("cli" | "lib.rs" | "main.rs") => {}
            _ => faults.push(format!("{file} belongs to no layer")),
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_layer_rule_notices() {
    let file = "src/bounds/target.rs";
    assert!(layer_faults(file, 4, "use crate::numbers::Rational; // crate::report\nuse super::gram;").is_empty());
    assert!(
        layer_faults("src/constructions/max_margin/exact.rs", 2, "use super::super::sign_keys::SignKeyTable;")
            .is_empty()
    );
    for source in [
        "use crate::certify::run;",
        "fn f() { crate::report::constants::g() }",
        "use crate::{numbers, report};",
        "use super::super::report;",
        "use attestor_check::Report;",
    ] {
        assert_eq!(layer_faults(file, 4, source).len(), 1, "{source}");
    }
}

#[test]
fn modules_are_declared_in_the_order_of_the_layers() {
    let library = text("src/lib.rs");
    let declared: Vec<&str> =
        library.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert_eq!(declared, LAYERS);
}

// floats, lints, tests

/// Words of code that make or name a machine float.
fn floats(source: &str) -> Vec<String> {
    let code = code_only(source);
    let typed = words(&code).filter(|word| word.ends_with("f32") || word.ends_with("f64")).map(str::to_owned);
    // A literal such as 0.5: digits on both sides of a point, and no tuple index before it.
    let points = code.match_indices('.').filter(|(at, _)| {
        let number = |c: char| c.is_ascii_digit() || c == '_';
        let before = code[..*at].trim_end_matches(number);
        let digits_before = before.len() < *at && code[before.len()..].starts_with(|c: char| c.is_ascii_digit());
        digits_before
            && !before.ends_with(|c| is_word(c) || c == '.')
            && code[at + 1..].starts_with(|c: char| c.is_ascii_digit())
    });
    let literals = points.map(|(at, _)| code[at.saturating_sub(3)..].chars().take(8).collect());
    typed.chain(literals).collect()
}

#[test]
fn no_float_decides_anything() {
    for file in rust_files("src").into_iter().chain(rust_files("checker/src")) {
        if file != FLOAT_MODULE {
            let found = floats(&text(&file));
            assert!(found.is_empty(), "{file}: {found:?}");
        }
    }
    assert!(!floats(&text(FLOAT_MODULE)).is_empty(), "{FLOAT_MODULE} has no floats any more: drop the exception");
}

#[test]
fn the_float_rule_notices() {
    for source in ["let x: f64 = y;", "let x = 0.5;", "f(1.0e3)", "let x = 1f32;", "(a as f32)"] {
        assert_eq!(floats(source).len(), 1, "{source}");
    }
    for source in ["// f64", "\"0.5\"", "pair.0.1", "0..5", "rows[1].0", "a.0 .1", "1.max(2)"] {
        assert!(floats(source).is_empty(), "{source}");
    }
}

/// Lints are silenced by `expect` with a reason, tests always run and never expect a panic.
#[test]
fn attributes_follow_the_style() {
    for file in project_files().into_iter().filter(|name| name.ends_with(".rs")) {
        let source = text(&file);
        let code = code_only(&source);
        for (number, line) in code.lines().enumerate() {
            let attribute: String = line.chars().filter(|c| !c.is_whitespace()).collect();
            let place = format!("{file}:{}", number + 1);
            // A module that several test crates include cannot expect: in one of them everything is used.
            let shared = file.ends_with("/mod.rs")
                && file.contains("tests/")
                && attribute.starts_with("#![allow(dead_code,reason=");
            let allows = attribute.starts_with("#[allow(") || attribute.starts_with("#![allow(");
            assert!(!allows || shared, "{place}: use #[expect(…, reason = …)]");
            assert!(!attribute.starts_with("#[ignore"), "{place}: an ignored test");
            assert!(!attribute.starts_with("#[should_panic"), "{place}: test the error instead");
            if attribute.starts_with("#[expect(") && attribute.ends_with(']') {
                assert!(attribute.contains("reason="), "{place}: an expectation without a reason");
            }
        }
        assert!(!words(&code).any(|word| word == "unsafe"), "{file}: unsafe code");
    }
}

#[test]
fn files_are_short() {
    for file in rust_files("src").into_iter().chain(rust_files("checker/src")) {
        let n_lines = without_tests(&text(&file)).lines().count();
        let excused = LONG_FILES.iter().any(|(long, _)| *long == file);
        assert!(excused || n_lines <= MAX_LINES, "{file} has {n_lines} lines without its tests");
        assert!(!excused || MAX_LINES < n_lines, "{file} is short now: drop the exception");
    }
}

// dependencies

/// `(section, name, has a comment line above)` for every dependency of a manifest.
fn dependencies(manifest: &str) -> Vec<(String, String, bool)> {
    let (mut found, mut section, mut commented) = (Vec::new(), String::new(), false);
    for line in manifest.lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']').to_owned();
        } else if let (true, Some((name, _))) = (section.ends_with("dependencies"), line.split_once('=')) {
            found.push((section.clone(), name.trim().to_owned(), commented));
        }
        commented = line.starts_with('#');
    }
    found
}

#[test]
fn the_checker_depends_on_the_golden_list() {
    let found = dependencies(&text("checker/Cargo.toml"));
    let of = |wanted: &str| -> Vec<&str> {
        found.iter().filter(|(section, ..)| section == wanted).map(|(_, name, _)| name.as_str()).collect()
    };
    assert_eq!(of("dependencies"), CHECKER_DEPENDENCIES);
    assert!(found.iter().all(|(_, name, _)| name != "attestor"), "the checker shares no code with the generator");
    assert!(found.iter().all(|(section, ..)| matches!(section.as_str(), "dependencies" | "dev-dependencies")));
    for file in rust_files("checker/src") {
        assert!(!words(&code_only(&text(&file))).any(|word| word == "attestor"), "{file}");
    }
}

#[test]
fn every_dependency_has_a_reason() {
    for manifest in ["Cargo.toml", "checker/Cargo.toml"] {
        let found = dependencies(&text(manifest));
        assert!(CHECKER_DEPENDENCIES.len() <= found.len());
        for (section, name, commented) in found {
            assert!(commented, "{manifest}: [{section}] {name} has no comment line above it");
        }
    }
    let example =
        dependencies("[dependencies]\n# Why.\na = \"1\"\nb = \"1\"\n[dev-dependencies]\nc = { version = \"1\" }\n");
    assert_eq!(example.iter().map(|(_, _, commented)| *commented).collect::<Vec<_>>(), [true, false, false]);
}

// the catalogue and the documents

#[test]
fn every_entry_of_the_catalogue_is_complete() {
    let mut ids = BTreeSet::new();
    for entry in entries::ALL {
        assert!(ids.insert(entry.id), "{} is there twice", entry.id);
        assert!(
            entry.paper.contains("Thm ") || entry.paper.contains("third-order") || entry.paper.contains("ours"),
            "{}: {:?}",
            entry.id,
            entry.paper
        );
        assert!(!entry.summary.is_empty() && !entry.summary.ends_with('.'), "{}: {:?}", entry.id, entry.summary);
        assert!(!entry.methods.is_empty() && !entry.kinds.is_empty(), "{}", entry.id);
        let names: BTreeSet<&str> = entry.parameters.iter().map(|parameter| parameter.name).collect();
        assert_eq!(names.len(), entry.parameters.len(), "{} has a parameter twice", entry.id);
        let is_matching = entry.id.starts_with("match");
        let own: &[&str] = if is_matching { &["modulus"] } else { &["sparsity", "error"] };
        for needed in ["kind", "method", "tokens", "scale"].iter().chain(own) {
            assert!(names.contains(needed), "{} has no {needed}", entry.id);
        }
        assert!(text("checker/FORMAT.md").contains(&format!("`\"{}\"`", entry.id)), "{} is not in FORMAT.md", entry.id);
        for method in entry.methods {
            let card = format!("`{}`", method.name());
            assert!(text("checker/FORMAT.md").contains(&card), "{card} is not in FORMAT.md");
        }
        if let Some(theorem) = entry.coq_theorem {
            let proved = files_below("proofs").iter().any(|file| file.ends_with(".v") && text(file).contains(theorem));
            assert!(proved, "{}: no {theorem} in proofs", entry.id);
        }
        let reproduced = attestor::report::reproduce::ROWS.iter().any(|row| row.id == entry.id && row.quick);
        assert!(reproduced, "{} has no quick row in reproduce", entry.id);
    }
}

#[test]
fn the_table_in_the_readme_is_the_catalogue() {
    let readme = text("README.md");
    let table =
        readme.split("<!-- catalogue -->\n").nth(1).and_then(|rest| rest.split("<!-- end of catalogue -->").next());
    assert_eq!(table, Some(catalogue_table::markdown().as_str()));
}

/// "about 2,800 lines of code": without comments, blank lines and tests, within a twentieth.
#[test]
fn the_readme_knows_the_size_of_the_checker() {
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
    let n_lines: usize =
        rust_files("checker/src").iter().map(|file| without_tests(&text(file)).lines().filter(is_code).count()).sum();
    let readme = text("README.md");
    let stated = readme.split(" lines of code").next().and_then(|rest| rest.rsplit(' ').next()).expect("a number");
    let stated: usize = stated.replace(',', "").parse().expect("a number before \"lines of code\"");
    assert!(n_lines.abs_diff(stated) * 20 <= stated, "README.md says {stated}, found {n_lines}");
}

#[test]
fn every_side_condition_is_documented_and_every_documented_one_exists() {
    let format = text("checker/FORMAT.md");
    let mut documented = BTreeSet::new();
    // Codes are the backticked words such as `block.S4`; `<method>` stands for two rules.
    for word in format.split('`').skip(1).step_by(2) {
        if let Some((rule, number)) = word.split_once(".S")
            && number.parse::<u32>().is_ok()
        {
            let rules = if rule == "<method>" { vec!["coherence", "babel"] } else { vec![rule] };
            documented.extend(rules.into_iter().map(|rule| format!("{rule}.S{number}")));
        }
    }
    if format.contains("`claim-mismatch`") {
        documented.insert("claim-mismatch".to_owned());
    }
    let real: BTreeSet<String> = attestor_check::side_conditions().iter().map(|code| (*code).to_owned()).collect();
    assert_eq!(real.len(), attestor_check::side_conditions().len(), "a code is there twice");
    assert_eq!(documented, real);
}

#[test]
fn links_lead_somewhere() {
    let mut n_links = 0;
    for file in markdown_files() {
        let document = text(&file);
        for part in document.split("](").skip(1) {
            let target = part.split(')').next().unwrap_or_default();
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            if path.contains("://") || part.starts_with('`') {
                continue;
            }
            let linked = Path::new(&file).parent().expect("a folder").join(path);
            let linked = if path.is_empty() { PathBuf::from(&file) } else { linked };
            assert!(root().join(&linked).exists(), "{file}: nothing at {target}");
            if !anchor.is_empty() {
                let headings = read_to_string(root().join(&linked)).expect("a document");
                let anchors: Vec<String> = headings.lines().filter(|line| line.starts_with('#')).map(slug).collect();
                assert!(anchors.iter().any(|known| known == anchor), "{file}: no heading for {target} in {anchors:?}");
            }
            n_links += 1;
        }
    }
    assert!(10 < n_links);
}

/// The anchor of a heading.
fn slug(heading: &str) -> String {
    let title = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn nothing_names_a_place_on_one_machine() {
    // Written in two parts, so that this file does not name them.
    let places = ["work", "root", "tmp", "home", "Users"].map(|name| format!("/{name}/"));
    for file in project_files() {
        let Ok(content) = read_to_string(root().join(&file)) else { continue };
        for (number, line) in content.lines().enumerate() {
            for place in &places {
                let found =
                    line.match_indices(place.as_str()).any(|(at, _)| !line[..at].ends_with(|c| is_word(c) || c == '.'));
                assert!(!found, "{file}:{}: {line}", number + 1);
            }
        }
    }
}

#[test]
fn certificates_stay_out_of_the_repository() {
    for file in project_files() {
        let certificate = file.ends_with(".cert.jsonl");
        assert!(!certificate || file.contains("tests/data/"), "{file}");
    }
}

#[test]
fn the_shell_documents_keep_their_promises() {
    assert!(text("ARCHITECTURE.md").lines().count() <= 150);
    assert!(text("CONTRIBUTING.md").contains("Five steps add a claim"));
    assert!(text("CHANGELOG.md").contains("## Unreleased"));
    for layer in LAYERS {
        assert!(text("ARCHITECTURE.md").contains(&format!("`src/{layer}`")), "ARCHITECTURE.md omits {layer}");
    }
}

/// One sentence a line, so that a changed sentence is a changed line.
#[test]
fn markdown_has_one_sentence_a_line() {
    // The rule cards of FORMAT.md are terse.
    for file in markdown_files().into_iter().filter(|file| file != "checker/FORMAT.md") {
        let document = text(&file);
        let mut fenced = false;
        for (number, line) in document.lines().enumerate() {
            fenced ^= line.starts_with("```");
            let prose = !fenced && !line.starts_with("    ") && !line.starts_with('|');
            // Two sentences: a full stop after a word of four letters or more, a space, a capital letter.
            let second = line.match_indices(". ").any(|(at, _)| {
                let word = line[..at].chars().rev().take_while(|c| c.is_alphabetic()).count();
                4 <= word && line[at + 2..].starts_with(|c: char| c.is_uppercase())
            });
            assert!(!(prose && second), "{file}:{}: {line}", number + 1);
        }
    }
}

#[test]
fn the_library_example_is_compiled() {
    let readme = text("README.md");
    let example = readme.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let compiled = text("tests/tidy.rs");
    let strip = |text: &str| -> String { text.lines().map(str::trim).filter(|line| !line.is_empty()).collect() };
    assert!(strip(&compiled).contains(&strip(example)), "tests/tidy.rs does not hold the example of README.md");
    let folder = tempfile::tempdir().expect("a folder");
    library_example(&folder.path().join("a.cert.jsonl")).expect("the example runs");
    let bytes = std::fs::read(folder.path().join("a.cert.jsonl")).expect("a certificate");
    let report = attestor_check::check_reader(bytes.as_slice(), &attestor_check::Options::default());
    assert_eq!(report.verdict.exit_code(), 0);
}

fn library_example(path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    use attestor::catalogue::request::{Fields, Request};
    use attestor::certificate::writer;
    use attestor::certify::{outcome::Outcome, run, session::Session};

    let mut fields = Fields::default();
    for (name, value) in [("tokens", "48"), ("sparsity", "3"), ("error", "2^-20")] {
        fields.set(name, Some(value));
    }
    let request = Request::new("sparse-averaging/moment-curve", &fields)?;
    if let Outcome::Certified(proof) = run::certify(&request, &Session::default())? {
        writer::write_file(&proof.certificate, path)?;
    }
    Ok(())
}
