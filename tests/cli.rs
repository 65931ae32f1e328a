//! Sessions with the program: every command, every verdict, every exit code, and what failures leave behind.
//!
//! Each session runs in an empty folder of its own.
//! Wherever a session ends, it must not have panicked, and the word of a positive verdict stands only where one is.

use std::collections::BTreeSet;
use std::fs::{File, read, read_to_string, write};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

const MOMENT: &str = "sparse-averaging/moment-curve";
const SIGN: &str = "sparse-averaging/sign-keys";

/// The three examples of the help, as flags after `certify`, and a scale at which each is false.
const EXAMPLES: [(&str, &str); 3] = [
    ("sparse-averaging/moment-curve --tokens 48 --sparsity 3 --error 2^-20", "1/8"),
    ("sparse-averaging/sign-keys --tokens 64 --sparsity 2 --key-width auto --dual max-margin --error 1/100", "1/8"),
    ("sparse-averaging/code-keys --tokens 1000000000000 --sparsity 4 --error 1/1000", "1/8"),
];

/// A small true claim; its certificate has two lines.
const SMALL: &str = "certify sparse-averaging/moment-curve --tokens 8 --sparsity 2 --error 1/10 --scale 5/2";

/// A folder in which a session runs.
struct Session(TempDir);

/// What one command did.
struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Session {
    fn new() -> Session {
        Session(tempfile::tempdir().expect("a temporary folder"))
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_attestor"));
        command.args(line.split_whitespace()).current_dir(self.0.path());
        command
    }

    #[track_caller]
    fn run(&self, line: &str) -> Run {
        self.run_with(line, "")
    }

    /// Runs with `input` on standard input.
    #[track_caller]
    fn run_with(&self, line: &str, input: &str) -> Run {
        finish(self.command(line), input)
    }

    /// Runs and requires the exit code.
    #[track_caller]
    fn expect(&self, code: i32, line: &str) -> Run {
        let run = self.run(line);
        assert_eq!(run.code, Some(code), "{line}\n{}{}", run.out, run.err);
        run
    }

    /// Runs, requires the exit code, an empty stdout and a diagnostic with this text.
    #[track_caller]
    fn refuse(&self, code: i32, line: &str, diagnostic: &str) {
        let run = self.expect(code, line);
        assert_eq!(run.out, "", "{line}");
        assert!(run.err.contains(diagnostic), "{line}\nexpected {diagnostic:?} in\n{}", run.err);
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn write(&self, name: &str, text: &str) {
        write(self.path(name), text).unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// The names of all files, sorted; hidden ones too.
    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).expect("the folder is there");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

#[track_caller]
fn finish(mut command: Command, input: &str) -> Run {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    // A program that reads nothing may be gone already.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("the program ends");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    let run = Run { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) };
    assert!(!run.err.contains("panicked") && !run.err.contains("internal error"), "{}", run.err);
    assert!(!run.err.contains("VERIFIED"), "{}", run.err);
    run
}

impl Run {
    /// The verdict lines without hash, record and reason: `VERIFIED`, `MALFORMED hash`.
    fn verdicts(&self) -> Vec<String> {
        let lines = self.out.lines().filter_map(|line| line.strip_prefix("s "));
        let verdict = |line: &str| {
            let words: Vec<&str> = line.split(' ').take(2).collect();
            if words[0] == "VERIFIED" { words[0].to_owned() } else { words.join(" ") }
        };
        lines.map(verdict).collect()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}\n{}", self.out))
    }
}

/// A certificate whose end line fits the lines above it.
fn seal(lines: &[String]) -> String {
    let body: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let hash: String = Sha256::digest(&body).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{body}{{\"end\":{},\"sha256\":\"{hash}\"}}\n", lines.len())
}

/// A certificate in which one text was replaced, with a repaired end line.
#[track_caller]
fn edited(certificate: &str, from: &str, to: &str) -> String {
    assert_eq!(certificate.matches(from).count(), 1, "{from:?} in {certificate}");
    let replaced = certificate.replace(from, to);
    let mut lines: Vec<String> = replaced.lines().map(str::to_owned).collect();
    lines.pop();
    seal(&lines)
}

fn keys(value: &Value) -> Vec<String> {
    value.as_object().expect("an object").keys().cloned().collect()
}

// certify and check

#[test]
fn the_three_examples_are_proved_and_accepted() {
    for (flags, _) in EXAMPLES {
        let session = Session::new();
        let run = session.expect(0, &format!("certify {flags} -o a.cert.jsonl"));
        assert!(run.out.starts_with("proved: sparse-averaging upper-bound by "), "{}", run.out);
        assert!(run.out.ends_with("wrote a.cert.jsonl\n"), "{}", run.out);
        let files = session.files();
        let checked = session.expect(0, &format!("check {}", files.join(" ")));
        assert_eq!(checked.verdicts(), vec!["VERIFIED"; files.len()], "{}", checked.out);
        assert!(files.iter().all(|name| name == "a.cert.jsonl" || name.starts_with("a.below-")), "{files:?}");
        // One line for each certificate that is not the asked one, and it names the file.
        for name in files.iter().filter(|name| *name != "a.cert.jsonl") {
            assert!(run.out.contains(&format!("refuted: {name}\n")), "{name}\n{}", run.out);
        }
    }
}

#[test]
fn the_three_examples_are_refuted_at_a_far_too_small_scale() {
    for (flags, scale) in EXAMPLES {
        let session = Session::new();
        let run = session.expect(1, &format!("certify {flags} --scale {scale} -o a.cert.jsonl"));
        assert!(run.out.starts_with("refuted: sparse-averaging counterexample: "), "{}", run.out);
        assert_eq!(session.files(), ["a.cert.jsonl"]);
        let checked = session.expect(0, "check a.cert.jsonl");
        assert_eq!(checked.verdicts(), ["VERIFIED"]);
        assert!(checked.out.contains(" has error > "), "{}", checked.out);
    }
}

#[test]
fn max_margin_sign_keys_are_narrow() {
    let session = Session::new();
    let run = session.expect(0, &format!("certify {} -o a.cert.jsonl --json", EXAMPLES[1].0));
    let width: u64 = run.json()["numbers"]["key_width"].as_str().and_then(|text| text.parse().ok()).expect("a width");
    assert!(width <= 30, "{width}");
}

#[test]
fn every_flag_reaches_the_claim() {
    let common =
        "--kind upper-bound --tokens 6 --sparsity 2 --value-dim 3 --value-fraction-bits 40 --error 1/10 --json";
    let session = Session::new();
    for (flags, own) in [
        (
            "sparse-averaging/moment-curve --method exhaustive --scale 7",
            json!({"id": MOMENT, "method": "exhaustive", "scale": "7"}),
        ),
        (
            "sparse-averaging/sign-keys --method exhaustive --key-width 40 --seed 7 --dual max-margin --margin 2/5 \
             --fraction-bits 30 --scale 40",
            json!({"id": SIGN, "method": "exhaustive", "key_width": 40, "seed": 7, "dual": "max-margin",
                "margin": "2/5", "fraction_bits": 30, "scale": "40"}),
        ),
        (
            "sparse-averaging/code-keys --method closed-form --field-size 11 --degree-bound 2 --evaluations 9 --scale 5",
            json!({"id": "sparse-averaging/code-keys", "method": "closed-form", "field_size": 11, "degree_bound": 2,
                "evaluations": 9, "scale": "5"}),
        ),
    ] {
        let mut expected = json!({"format": "attestor-claim", "version": 1, "kind": "upper-bound", "tokens": 6,
            "sparsity": 2, "value_dim": 3, "value_fraction_bits": 40, "error": "1/10"});
        let (map, own) = (expected.as_object_mut().expect("an object"), own.as_object().expect("an object").clone());
        map.extend(own);
        let found = session.expect(0, &format!("certify {flags} {common}")).json();
        assert_eq!(found["claim"], expected);
        assert_eq!(found["below"], json!([]), "nothing was chosen, so nothing is below it");
    }
}

#[test]
fn an_enclosure_is_proved() {
    let session = Session::new();
    session.expect(0, "certify sparse-averaging/moment-curve --tokens 8 --sparsity 2 --scale 1 --kind enclosure");
    assert_eq!(session.files(), ["sparse-averaging-moment-curve.cert.jsonl"]);
    let run = session.expect(0, "check sparse-averaging-moment-curve.cert.jsonl");
    assert!(run.out.contains(" lies in ["), "{}", run.out);
}

#[test]
fn certificates_do_not_depend_on_the_number_of_threads() {
    let bytes = |threads: &str| {
        let session = Session::new();
        let mut command = session.command(&format!("certify {} -o a.cert.jsonl", EXAMPLES[1].0));
        command.env("RAYON_NUM_THREADS", threads);
        assert_eq!(finish(command, "").code, Some(0));
        session.files().iter().map(|name| (name.clone(), read(session.path(name)).expect(name))).collect::<Vec<_>>()
    };
    let one = bytes("1");
    assert!(1 < one.len(), "the neighbours are written too");
    assert!(one == bytes("2"));
    assert!(one == bytes("2"), "and not on the run");
}

#[test]
fn no_neighbours_writes_one_file() {
    let session = Session::new();
    session
        .expect(0, "certify sparse-averaging/moment-curve --tokens 8 --sparsity 2 --error 1/10 --no-neighbours -o a.x");
    assert_eq!(session.files(), ["a.x"]);
}

#[test]
fn every_verdict_has_its_exit_code() {
    let session = Session::new();
    session.expect(0, &format!("{SMALL} -o good"));
    let good = session.read("good");
    let rows = [
        ("good", good.clone(), 0, "VERIFIED"),
        ("false", edited(&good, r#""error":"1/10""#, r#""error":"1/1000000""#), 1, "REJECTED closed-form.S1"),
        ("flipped", good.replace(r#""tokens":8"#, r#""tokens":9"#), 2, "MALFORMED hash"),
        ("short", good.lines().next().expect("a header").to_owned(), 2, "MALFORMED truncated"),
        ("huge", edited(&good, r#""tokens":8,"sparsity":2"#, r#""tokens":8000,"sparsity":5000"#), 4, "RESOURCE"),
        ("empty", edited(&good, r#""error":"1/10""#, r#""error":"2""#), 6, "VACUOUS error-trivial"),
    ];
    for (name, text, code, verdict) in &rows {
        session.write(name, text);
        for command in [format!("check {name}"), format!("explain {name}")] {
            let run = session.expect(*code, &command);
            let shown = if *code == 0 && command.starts_with("explain") { "Statement\n" } else { "s " };
            assert!(run.out.starts_with(shown), "{command}\n{}", run.out);
        }
        let found = session.run(&format!("check {name}")).verdicts();
        assert!(found.len() == 1 && found[0].starts_with(verdict), "{name}: {found:?}");
    }
    // Several files: the worst of 70, 4, 2, 1, 6, 0.
    for (files, code) in [
        ("good good", 0),
        ("good empty", 6),
        ("false empty good", 1),
        ("empty false flipped", 2),
        ("missing good", 2),
        ("huge missing false empty good", 4),
    ] {
        let run = session.expect(code, &format!("check {files}"));
        assert_eq!(run.verdicts().len(), files.split(' ').count(), "{files}");
    }
}

#[test]
fn inconclusive_vacuous_and_too_large_write_nothing() {
    let session = Session::new();
    let rows = [
        (5, "--tokens 8 --sparsity 2 --error 0", "inconclusive, nothing was written"),
        (5, "--tokens 8 --sparsity 2 --error 0.103 --scale 5/2 --value-fraction-bits 5", "103/1000 lies between"),
        (6, "--tokens 8 --sparsity 2 --error 2", "vacuous claim (error-trivial)"),
        (6, "--tokens 8 --sparsity 0 --error 1/10", "vacuous claim (sparsity-zero)"),
        (6, "--tokens 8 --sparsity 9 --error 1/10", "vacuous claim (sparsity-exceeds-tokens)"),
        (6, "--tokens 8 --sparsity 2 --value-dim 0 --error 1/10", "vacuous claim (value-dim-zero)"),
        (4, "--tokens 400 --sparsity 4 --error 1/10 --method exhaustive", "too many to enumerate"),
    ];
    session.write("kept", "precious");
    for (code, flags, diagnostic) in rows {
        session.refuse(code, &format!("certify {MOMENT} {flags} -o kept"), diagnostic);
        assert_eq!((session.read("kept").as_str(), session.files()), ("precious", vec!["kept".to_owned()]));
    }
}

#[test]
fn standard_input_and_output() {
    let session = Session::new();
    let certificate = session.expect(0, &format!("{SMALL} -o -")).out;
    assert_eq!(certificate.lines().count(), 2, "the certificate and nothing else");
    assert!(session.files().is_empty());
    assert_eq!(session.run_with("check -", &certificate).verdicts(), ["VERIFIED"]);
    assert!(session.run_with("explain -", &certificate).out.starts_with("Statement\n"));
    session.refuse(2, &format!("{SMALL} -o - --json"), "both want standard output");
    let claim = r#"{"format":"attestor-claim","version":1,"id":"sparse-averaging/moment-curve","tokens":8,"sparsity":2,"scale":"5/2","error":"1/10"}"#;
    assert_eq!(session.run_with("certify --claim - -o -", claim).out, certificate);
    let values = r#"[["1"],["-1"],["1"]]"#;
    let run =
        session.run_with(&format!("eval {MOMENT} --tokens 3 --sparsity 1 --scale 2 --support 1 --values -"), values);
    assert!(run.code == Some(0) && run.out.contains("target[0] -1"), "{}{}", run.out, run.err);
}

// usage

#[test]
fn numbers_that_are_none() {
    let session = Session::new();
    let base = format!("certify {MOMENT} --sparsity 2");
    for (flags, diagnostic) in [
        ("--tokens 8 --error 1/0", "divides by zero"),
        ("--tokens 8 --error abc", "`abc` is not an exact number"),
        ("--tokens 8 --error 1e3", "`1e3` is not an exact number"),
        ("--tokens 8 --error 0x10", "`0x10` is not an exact number"),
        ("--tokens 8 --error 2^-99999999999", "too large"),
        ("--tokens 8 --error -1/10", "error: -1/10 is out of range; an error is at least 0"),
        ("--tokens 8 --error 1/10 --scale 0", "scale: 0 is out of range"),
        ("--tokens 8 --error 1/10 --scale -3", "scale: -3 is out of range"),
        ("--tokens 8 --error 1/10 --width 0", "--width must be above 0"),
        ("--tokens -1 --error 1/10", "tokens: \"-1\" is not a whole number"),
        ("--tokens 1e3 --error 1/10", "tokens: \"1e3\" is not a whole number"),
        ("--tokens +8 --error 1/10", "tokens: \"+8\" is not a whole number"),
        ("--tokens 18446744073709551616 --error 1/10", "is not a whole number from 0 to 2^64 - 1"),
        ("--tokens 8 --error 1/10 --value-dim -1", "value_dim: \"-1\" is not a whole number"),
        ("--tokens 8 --error 1/10 --value-fraction-bits 65537", "above the certificate format's limit"),
        ("--tokens 8 --error 1/10 --max-precision 63", "63"),
    ] {
        session.refuse(2, &format!("{base} {flags}"), diagnostic);
    }
    assert!(session.files().is_empty());
}

#[test]
fn words_that_are_none() {
    let session = Session::new();
    for (line, diagnostic) in [
        ("certify", "give an id such as"),
        ("certify sparse-averaging/moment --tokens 8", "did you mean sparse-averaging/moment-curve?"),
        ("certify sign-keys --tokens 8", "did you mean sparse-averaging/sign-keys?"),
        ("certify sparse-averaging/nothing --tokens 8", "`attestor claims` lists them"),
        ("certify sparse-averaging/moment-curve --sparsity 2 --error 1/10", "tokens is required"),
        ("certify sparse-averaging/moment-curve --tokens 8 --sparsity 2", "error is required"),
        (
            "certify sparse-averaging/moment-curve --tokens 8 --sparsity 2 --error 1 --key-width 4",
            "has no parameter key_width",
        ),
        (
            "certify sparse-averaging/moment-curve --tokens 8 --sparsity 2 --error 1 --method babel",
            "is not one of closed-form, exhaustive",
        ),
        (
            "certify sparse-averaging/moment-curve --tokens 8 --sparsity 2 --error 1 --kind counterexample",
            "is not one of upper-bound, enclosure",
        ),
        (
            "certify sparse-averaging/sign-keys --tokens 8 --sparsity 2 --error 1 --dual both",
            "is not one of least-squares, max-margin",
        ),
        (
            "certify sparse-averaging/sign-keys --tokens 8 --sparsity 2 --error 1 --margin 1/2",
            "only --dual max-margin has a margin",
        ),
        ("prove", "unrecognized subcommand"),
        ("certify --tokenz 8", "--tokenz"),
        ("check", "required"),
        ("completions nosuch", "possible values"),
    ] {
        session.refuse(2, line, diagnostic);
    }
    assert!(session.files().is_empty());
}

#[test]
fn files_that_cannot_be_read() {
    let session = Session::new();
    session.refuse(2, "explain missing", "cannot read missing: ");
    session.refuse(2, "explain .", "cannot read .: ");
    session.refuse(2, "certify --claim missing", "cannot read missing: ");
    session.refuse(2, "check --claim missing missing", "cannot read missing: ");
    let run = session.expect(2, "check missing");
    assert_eq!(run.verdicts(), ["MALFORMED io"]);
    assert!(run.err.contains("cannot read missing: "), "{}", run.err);
    let eval = format!("eval {MOMENT} --tokens 3 --sparsity 1 --scale 2 --support 1 --values missing");
    session.refuse(2, &eval, "cannot read missing: ");
}

#[test]
fn files_that_cannot_be_written() {
    let session = Session::new();
    std::fs::create_dir(session.path("folder")).expect("a folder");
    session.refuse(2, &format!("{SMALL} -o folder"), "cannot write folder: it is a folder; nothing was changed");
    session.refuse(2, &format!("{SMALL} -o missing/a"), "cannot write missing/a: its folder does not exist");
    session.write("file", "precious");
    session.refuse(2, &format!("{SMALL} -o file/a"), "cannot write file/a");
    session.refuse(2, "reproduce --quick --out file", "cannot make the folder file");
    assert_eq!((session.read("file").as_str(), session.files().len()), ("precious", 2));
}

/// A rename onto a device or a pipe would replace it by an ordinary file.
#[cfg(unix)]
#[test]
fn a_pipe_is_not_replaced() {
    use std::os::unix::fs::FileTypeExt;
    let session = Session::new();
    let made = Command::new("mkfifo").arg(session.path("pipe")).status().expect("mkfifo runs");
    assert!(made.success());
    session.refuse(2, &format!("{SMALL} -o pipe"), "cannot write pipe: it is not an ordinary file");
    assert!(session.path("pipe").metadata().expect("still there").file_type().is_fifo());
}

#[test]
fn a_reader_that_went_away_is_no_panic() {
    let session = Session::new();
    for line in ["claims", "claims --json", "completions bash", "--help", &format!("{SMALL} -o -"), SMALL] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut command = session.command(line);
        let output =
            command.stdout(writer).stderr(Stdio::piped()).spawn().and_then(std::process::Child::wait_with_output);
        let output = output.expect("the program ends");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{line}");
        assert_eq!(output.status.code(), Some(0), "{line}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let session = Session::new();
    session.expect(0, &format!("{SMALL} -o good"));
    for line in ["claims", "check good", &format!("{SMALL} -o -")] {
        let full = File::options().write(true).open("/dev/full").expect("the device that is always full");
        let output = session.command(line).stdout(full).output().expect("the program ends");
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{line}\n{err}");
        assert!(err.contains("cannot write to standard output"), "{line}\n{err}");
    }
}

/// Ctrl-C in an enumeration of many seconds: exit 130 and no file, whole or partial.
#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_nothing() {
    let session = Session::new();
    let flags =
        "--tokens 80 --sparsity 4 --key-width 64 --scale 20 --fraction-bits 16 --kind enclosure --method exhaustive";
    let mut command = session.command(&format!("certify {SIGN} {flags} -o a.cert.jsonl"));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let mut err = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut announcement = String::new();
    err.read_line(&mut announcement).expect("the announcement");
    assert!(announcement.contains(" supports of 80 tokens, about "), "{announcement}");
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(killed.success());
    assert_eq!(child.wait().expect("the program ends").code(), Some(130));
    assert!(session.files().is_empty(), "{:?}", session.files());
}

// claim files

#[test]
fn claim_files() {
    let session = Session::new();
    let head = r#"{"format":"attestor-claim","version":1,"id":"sparse-averaging/moment-curve""#;
    let partial = format!("{head},\n \"tokens\":8, \"sparsity\":2,\"error\":\"1/10\",\"scale\":\"auto\"}}");
    session.write("partial.json", &partial);
    session.expect(0, "certify --claim partial.json -o a");
    session.expect(0, "certify --claim partial.json --tokens 8 --error 1/10 --scale 4 -o b");
    let run = session.expect(0, "check --claim partial.json a b");
    assert_eq!(run.verdicts(), ["VERIFIED", "VERIFIED"]);
    session.write("other.json", &partial.replace("1/10", "1/11"));
    let run = session.expect(1, "check --claim other.json a");
    assert_eq!(run.verdicts(), ["REJECTED claim-mismatch"]);
    session.refuse(
        2,
        "certify --claim partial.json --tokens 9",
        "tokens is 9 on the command line and 8 in the claim file",
    );
    let line = format!("certify {SIGN} --claim partial.json");
    session.refuse(2, &line, "the claim file is about sparse-averaging/moment-curve");
    for (text, diagnostic) in [
        (format!(r#"{head},"tokens":8,"sparsity":2,"error":"1/10","colour":"red"}}"#), "unknown field \"colour\""),
        (format!(r#"{head},"tokens":8,"tokens":8,"sparsity":2,"error":"1/10"}}"#), "\"tokens\" is given twice"),
        (format!(r#"{head},"tokens":8.5,"sparsity":2,"error":"1/10"}}"#), "must be a whole number"),
        (format!(r#"{head},"tokens":-8,"sparsity":2,"error":"1/10"}}"#), "must be a whole number"),
        (format!(r#"{head},"tokens":8,"sparsity":2,"error":0.1}}"#), "must be a string such as"),
        (format!(r#"{head},"tokens":8,"sparsity":2,"error":"1/10","seed":1}}"#), "has no parameter seed"),
        (partial.replace("attestor-claim", "other"), "\"format\" must be"),
        (partial.replace("\"version\":1", "\"version\":2"), "\"version\" must be 1"),
        (partial.replace("moment-curve", "nothing"), "unknown claim id"),
        ("[]".to_owned(), "not a claim file"),
        (String::new(), "not a claim file"),
    ] {
        session.write("bad.json", &text);
        session.refuse(2, "certify --claim bad.json", diagnostic);
    }
    session.write("bad.json", "{}");
    session.refuse(2, "check --claim bad.json a", "bad.json: s MALFORMED");
    assert_eq!(session.files(), ["a", "a.below-scale.cert.jsonl", "b", "bad.json", "other.json", "partial.json"]);
}

// eval

#[test]
fn eval_gives_exact_scores_and_enclosures() {
    let session = Session::new();
    let base = format!("eval {MOMENT} --tokens 5 --sparsity 2 --scale 2 --value-fraction-bits 8 --support 1,3");
    // Scores are -2·((j-1)(j-3))².
    let scores = json!(["-18", "0", "-2", "0", "-18"]);
    let enclosure = session.expect(0, &format!("{base} --json")).json();
    assert_eq!(enclosure["row"]["scores"], scores);
    assert_eq!(enclosure["row"]["weights"].as_array().map(Vec::len), Some(5));
    assert_eq!(enclosure["fixed"], Value::Null);
    let exact = session.expect(0, &format!("{base} --arithmetic exact --json")).json();
    assert_eq!((&exact["row"]["scores"], &exact["row"]["weights"]), (&scores, &Value::Null));
    assert_eq!(exact["row"]["distance"], enclosure["row"]["distance"]);
    let fixed = session.expect(0, &format!("{base} --arithmetic fixed:24,4 --json")).json();
    // Nothing of this row needs more bits; `row` leaves out the constant 18 that all scores have.
    assert_eq!(fixed["fixed"]["scores"], json!(["0", "18", "16", "18", "0"]));
    assert_eq!(fixed["fixed"]["distance"], fixed["row"]["distance"]);
    // D = 2R/(2 + R), R = e^-2 + 2e^-18.
    let text = session.expect(0, &base).out;
    assert!(text.contains("distance to the target [0.126757903387, 0.126757903388]"), "{text}");
    let text = session.expect(0, &format!("{base} --arithmetic exact")).out;
    assert!(text.contains("exp(-18)/Z"), "{text}");
    // The support is a set: its order on the command line means nothing.
    assert_eq!(session.expect(0, &base.replace("1,3", "3,1")).out, session.expect(0, &base).out);
}

#[test]
fn eval_takes_values_from_a_file() {
    let session = Session::new();
    let base = format!("eval {MOMENT} --tokens 3 --sparsity 1 --scale 2 --value-dim 2 --value-fraction-bits 2");
    let base = format!("{base} --support 1 --values values.json");
    session.write("values.json", r#"[["0","0"],["1/3","-2/3"],["0","0"]]"#);
    let row = session.expect(0, &format!("{base} --json")).json();
    assert_eq!(row["row"]["target"], json!(["1/3", "-2/3"]));
    for (values, diagnostic) in [
        (r#"[["0","0"],["1","1/1000"],["0","0"]]"#, "the vector of token 1 has norm above 1"),
        (r#"[["0","0"],["1","0"]]"#, "expected 3 vectors of 2 numbers, found 2 vectors"),
        (r#"[["0","0"],["1"],["0","0"]]"#, "found 1 numbers at token 1"),
        (r#"[["0","0"],["1",0],["0","0"]]"#, "expected an array of arrays of strings"),
        (r#"[["0","0"],["x","0"],["0","0"]]"#, "`x` is not an exact number"),
        ("", "expected an array of arrays of strings"),
    ] {
        session.write("values.json", values);
        session.refuse(2, &base, diagnostic);
    }
}

#[test]
fn eval_refuses_what_it_cannot_evaluate() {
    let session = Session::new();
    let base = format!("eval {MOMENT} --tokens 5 --sparsity 2 --scale 2");
    for (code, flags, diagnostic) in [
        (2, "--support 3,3", "must be 2 different tokens from 0 to 4"),
        (2, "--support 3,5", "must be 2 different tokens from 0 to 4"),
        (2, "--support 3", "must be 2 different tokens from 0 to 4"),
        (2, "--support a,b", "\"a\" is not a token"),
        (2, "--support 1,3 --arithmetic float", "is not exact, enclosure or fixed:P,F"),
        (2, "--support 1,3 --arithmetic fixed:8", "is not exact, enclosure or fixed:P,F"),
        (2, "--support 1,3 --arithmetic fixed:0,0", "is not a fixed-point format"),
        (
            2,
            "--support 1,3 --arithmetic fixed:8,4",
            "48 overflows the fixed-point format (8, 4): take at least 11 bits",
        ),
        (4, "--support 1,3 --value-dim 99999999", "use a smaller --value-dim"),
    ] {
        session.refuse(code, &format!("{base} {flags}"), diagnostic);
    }
    session.refuse(2, &base, "needs --support, the tokens to average");
    for flag in ["--input 1,2,3,4,5", "--row 1"] {
        let diagnostic = format!("{} means nothing for {MOMENT}", &flag[..flag.find(' ').expect("a value")]);
        session.refuse(2, &format!("{base} --support 1,3 {flag}"), &diagnostic);
    }
    session.refuse(6, &format!("eval {MOMENT} --tokens 5 --sparsity 0 --scale 2 --support 1"), "nothing to average");
    let huge = format!("eval {MOMENT} --tokens 1000000 --sparsity 2 --scale 2 --support 1,3");
    session.refuse(4, &huge, "the tokens cannot be enumerated");
}

#[test]
fn eval_takes_the_parameters_that_certify_chooses() {
    let session = Session::new();
    for (id, n_tokens) in [(MOMENT, 10), (SIGN, 10), ("sparse-averaging/code-keys", 10)] {
        let line = format!("eval {id} --tokens {n_tokens} --sparsity 2 --support 1,2 --error 1/100");
        let run = session.expect(0, &line);
        assert!(run.out.starts_with(&format!("unit     {id} tokens=10 sparsity=2 ")), "{}", run.out);
    }
}

/// Match2 modulo 7 with the parameters that `certify` chooses for 4 tokens.
const MATCH2: &str = "eval match2/trigonometric --modulus 7 --input 1,2,6,3";

/// The column `field` of the rows.
fn column(output: &Value, field: &str) -> Value {
    output["rows"].as_array().expect("rows").iter().map(|row| row[field].clone()).collect()
}

#[test]
fn eval_compares_match2_with_the_certified_threshold() {
    let session = Session::new();
    let table = session.expect(0, MATCH2).out;
    let parameters = "modulus=7 tokens=4 fraction_bits=7 scale=15/4";
    assert!(table.starts_with(&format!("network    match2/trigonometric {parameters}\n")), "{table}");
    assert!(table.contains("     0        1  [0.502649430854, 0.502649430855]  match      match\n"), "{table}");
    assert!(table.ends_with("\n\nevery decision is right\n"), "{table}");
    let all = session.expect(0, &format!("{MATCH2} --json")).json();
    assert_eq!(column(&all, "truth"), json!(["match", "no match", "match", "no match"]));
    assert_eq!(column(&all, "decision"), column(&all, "truth"));
    assert_eq!(column(&all, "agrees"), json!([true, true, true, true]));
    assert_eq!(all["scores"], Value::Null);
    // The threshold is the one that a certificate states.
    session.expect(0, "certify match2/trigonometric --modulus 7 --tokens 4 --no-neighbours -o a");
    let header: Value = serde_json::from_str(session.read("a").lines().next().expect("a header")).expect("JSON");
    assert_eq!(all["threshold"], json!({"lo": header["claim"]["lo"], "hi": header["claim"]["hi"]}));
    // One row, with or without the number of tokens.
    let one = session.expect(0, &format!("{MATCH2} --row 1 --tokens 4 --json")).json();
    assert_eq!(one["rows"], json!([all["rows"][1]]));
    assert_eq!(one["scores"], json!(["-865/256", "-3469/1024", "1195/512", "-13903/16384"]));
    assert_eq!((&one["blank_score"], &one["mixed_score"]), (&json!("15/4"), &Value::Null));
    let text = session.expect(0, &format!("{MATCH2} --row 0")).out;
    assert!(text.contains("     2        6  y      "), "{text}");
    assert!(text.ends_with("decision   match\ntruth      match: the decision is right\n"), "{text}");
    // Less precision gives other ends.
    let coarse = format!("{MATCH2} --precision 32 --json");
    assert_ne!(column(&session.expect(0, &coarse).json(), "output"), column(&all, "output"));
}

#[test]
fn eval_says_where_a_matching_network_fails() {
    let session = Session::new();
    let base = "eval match2/trigonometric --modulus 7 --scale 1 --fraction-bits 4 --input 1,0,0,3";
    let text = session.expect(0, base).out;
    assert!(text.contains("threshold  none: no threshold separates: "), "{text}");
    assert!(text.contains("[0.643463297055, 0.643463297056]  undecided  no match\n"), "{text}");
    assert!(text.ends_with("4 of 4 rows are undecided\n"), "{text}");
    let json = session.expect(0, &format!("{base} --json")).json();
    assert_eq!((&json["threshold"], column(&json, "agrees")), (&Value::Null, json!([null, null, null, null])));
    assert!(json["threshold_missing"].as_str().is_some_and(|reason| reason.starts_with("no threshold separates")));
    let unproved = "eval match2/trigonometric --modulus 7 --scale 15/4 --fraction-bits 7 --method closed-form";
    let text = session.expect(0, &format!("{unproved} --input 1,0,0,3 --row 1")).out;
    assert!(text.contains("threshold  none: closed-form proves none: "), "{text}");
    assert!(text.ends_with("truth      match: nothing was decided\n"), "{text}");
    // A decoder that reads 14 for 15: it finds 14 + 14 + 4 = 32, which is not there, and misses 15 + 15 + 2.
    let local = "eval match3/local --modulus 16 --window 1 --value-fraction-bits 3";
    let text = session.expect(0, &format!("{local} --input 15,4,15")).out;
    assert!(text.contains("note       no scale of the averaging layer on the grid certifies\n"), "{text}");
    assert!(text.contains("     1        4  14,4,14 (15,4,15)   match      no match\n"), "{text}");
    assert!(text.ends_with("the decision is WRONG at rows 1\n"), "{text}");
    let text = session.expect(0, &format!("{local} --input 15,2,15 --row 1")).out;
    assert!(text.ends_with("decision   no match\ntruth      match: the decision is WRONG\n"), "{text}");
}

#[test]
fn eval_covers_every_matching_network() {
    let session = Session::new();
    for (claim, input, truth) in [
        ("match2/polynomial --modulus 7", "1,2,6,3", "y.y."),
        ("match3/third-order --modulus 6", "2,1", "y."),
        ("match3/third-order --modulus 6 --encoding polynomial", "2,1", "y."),
        ("match3/local --modulus 5 --window 1", "1,1,3", ".yy"),
        ("match3/local --modulus 5 --window 1 --construction code-keys", "1,1,3", ".yy"),
        ("match3/bigram --modulus 5", "1,1,3", "yyy"),
        ("match3/bigram --modulus 5 --construction sign-keys", "1,0", ".."),
    ] {
        let line = format!("eval {claim} --input {input}");
        let all = session.expect(0, &format!("{line} --json")).json();
        let expected: Vec<&str> = truth.chars().map(|c| if c == 'y' { "match" } else { "no match" }).collect();
        assert_eq!((column(&all, "truth"), column(&all, "decision")), (json!(expected), json!(expected)), "{line}");
        for row in 0..truth.len() {
            let one = session.expect(0, &format!("{line} --row {row} --json")).json();
            assert_eq!(one["rows"][0], all["rows"][row], "{line}");
            let text = session.expect(0, &format!("{line} --row {row}")).out;
            let end = format!("truth      {}: the decision is right\n", expected[row]);
            assert!(text.ends_with(&end), "{line}\n{text}");
        }
    }
    let local = session.expect(0, "eval match3/local --modulus 5 --window 1 --input 1,1,3,4 --row 3 --json").json();
    let window = json!({"support": [1, 2, 3], "tokens": [2, 3], "read": [3, 4], "exact": [3, 4]});
    assert_eq!((&local["rows"][0]["window"], &local["threshold"]), (&window, &Value::Null));
    let bigram = session.expect(0, "eval match3/bigram --modulus 5 --input 1,1,3 --row 0").out;
    assert!(bigram.contains("sums read  2,4\nsums true  2,4\n"), "{bigram}");
    assert!(bigram.contains("     1        4  y      ") && bigram.contains("     2        -         0\n"), "{bigram}");
    // Pairs: 81 of them, of which the text shows the largest.
    let pairs = "eval match3/third-order --modulus 5 --encoding polynomial --input 1,2,3,4,0,1,2,3,4 --row 0";
    let text = session.expect(0, pairs).out;
    assert!(text.contains("(the 64 largest of 81 scores; --json has every one)\n"), "{text}");
    assert!(text.contains("     0       7              1,3  y      0\n"), "{text}");
    let scores = session.expect(0, &format!("{pairs} --json")).json();
    assert_eq!(scores["scores"].as_array().map(Vec::len), Some(81));
}

#[test]
fn eval_refuses_inputs_of_matching_networks() {
    let session = Session::new();
    let base = "eval match2/polynomial --modulus 7";
    let long = vec!["0"; 257].join(",");
    let distinct = (0..1025).map(|residue| residue.to_string()).collect::<Vec<_>>().join(",");
    for (code, line, diagnostic) in [
        (2, format!("{base} --tokens 3"), "match2/polynomial needs --input, one residue for each token"),
        (2, format!("{base} --input 1,x,3"), "--input: \"x\" at token 1 is not a residue; give whole numbers below"),
        (2, format!("{base} --input -1,2"), "--input: \"-1\" at token 0 is not a residue"),
        (2, format!("{base} --input 1,7"), "--input: 7 at token 1 is not a residue modulo 7; take numbers from 0 to 6"),
        (2, format!("{base} --input 1,2 --tokens 3"), "--input: 2 residues were given for 3 tokens; give as many"),
        (
            2,
            format!("{base} --input 1,2 --row 2"),
            "--row: \"2\" is not a row of this input; take a number from 0 to 1",
        ),
        (2, format!("{base} --input 1,2 --row -1"), "--row: \"-1\" is not a row of this input"),
        (2, format!("{base} --input 1,2 --support 1"), "--support means nothing for match2/polynomial: a matching"),
        (2, format!("{base} --input 1,2 --values a"), "--values means nothing for match2/polynomial"),
        (2, format!("{base} --input 1,2 --arithmetic exact"), "--arithmetic means nothing for match2/polynomial"),
        (2, format!("{base} --input 1,2 --error 1/2"), "has no parameter error"),
        (2, "eval match2/polynomial --input 1,2".to_owned(), "modulus is required"),
        (2, "eval match2/unknown --input 1,2".to_owned(), "unknown claim id"),
        (6, "eval match2/polynomial --modulus 2 --input 1,0".to_owned(), "the same answer for every input"),
        (
            4,
            format!("eval match3/third-order --modulus 7 --input {long} --row 0"),
            "a row has 66049 scores, more than 65536; leave out --row",
        ),
        (
            4,
            format!("eval match2/polynomial --modulus 2000 --input {distinct}"),
            "1050625 exponentials are more than 1048576",
        ),
        (
            4,
            format!("eval match3/bigram --modulus 2000 --method closed-form --input {distinct}"),
            "exponentials are more than 1048576",
        ),
    ] {
        session.refuse(code, &line, diagnostic);
    }
    session.write(
        "claim.json",
        r#"{"format":"attestor-claim","version":1,"id":"match2/polynomial","modulus":7,"tokens":3}"#,
    );
    session.refuse(2, "eval --claim claim.json --input 1,2", "2 residues were given for 3 tokens");
    session.expect(0, "eval --claim claim.json --input 1,2,3");
}

// the other commands

#[test]
fn explain_says_what_is_and_what_is_not_proved() {
    let session = Session::new();
    session.expect(0, "certify sparse-averaging/moment-curve --tokens 8 --sparsity 2 --scale 1 --kind enclosure -o a");
    let run = session.expect(0, "explain a");
    let heads: Vec<&str> = run.out.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase())).collect();
    assert_eq!(heads, ["Statement", "Claim", "Evidence", "Numbers", "What it does not prove"]);
    assert!(run.out.contains("\n  1 witness record\n"), "{}", run.out);
    assert!(!run.out.contains("VERIFIED"));
    session.write("bad", "nothing");
    let run = session.expect(2, "explain bad");
    assert!(run.out.starts_with("s MALFORMED ") && run.out.contains("proves nothing"), "{}", run.out);
}

#[test]
fn reproduce_writes_certificates_and_a_report() {
    let session = Session::new();
    let run = session.expect(0, "reproduce --quick --out results");
    assert!(run.out.ends_with("certificates and report.md are in results\n"), "{}", run.out);
    let rows = run.out.lines().filter(|line| line.starts_with("| `")).count();
    let entries = std::fs::read_dir(session.path("results")).expect("the folder");
    let names: Vec<String> = entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    let certificates: Vec<String> =
        names.iter().filter(|name| name.ends_with(".cert.jsonl")).map(|name| format!("results/{name}")).collect();
    assert_eq!((certificates.len(), names.len()), (rows, rows + 1));
    let checked = session.expect(0, &format!("check {}", certificates.join(" ")));
    assert_eq!(checked.verdicts(), vec!["VERIFIED"; rows]);
    assert!(session.read("results/report.md").contains("Every row is verified."));
}

#[test]
fn completions_and_help() {
    let session = Session::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = session.expect(0, &format!("completions {shell}"));
        assert!(run.out.contains("certify") && run.out.contains("reproduce"), "{shell}");
    }
    for line in ["--help", "--version", "certify --help", "help check"] {
        let run = session.expect(0, line);
        assert!(!run.out.is_empty() && run.err.is_empty(), "{line}");
    }
}

#[test]
fn every_parameter_of_the_catalogue_is_a_flag() {
    let session = Session::new();
    let help = session.expect(0, "certify --help").out;
    for entry in attestor::catalogue::entries::ALL {
        for parameter in entry.parameters {
            let flag = format!("--{} <", parameter.name.replace('_', "-"));
            assert!(help.contains(&flag), "{} has {flag}", entry.id);
        }
    }
}

// json and documents

#[test]
fn json_of_an_end_without_certificate() {
    let session = Session::new();
    let base = format!("certify {MOMENT} --tokens 8 --sparsity 2 --json -o a");
    let run = session.expect(5, &format!("{base} --error 0"));
    assert_eq!(keys(&run.json()), ["format", "result", "tried", "version"]);
    assert!(run.err.starts_with("attestor: inconclusive"));
    let run = session.expect(6, &format!("{base} --error 3"));
    assert_eq!(keys(&run.json()), ["code", "format", "reason", "result", "version"]);
    let run = session.expect(1, &format!("{base} --error 1/100 --scale 1/8"));
    assert_eq!(run.json()["result"], "refuted");
    let run = session.expect(2, "check --json missing a");
    let codes: Vec<Value> =
        run.json()["results"].as_array().expect("results").iter().map(|result| result["exit_code"].clone()).collect();
    assert_eq!(codes, [json!(2), json!(0)]);
}

/// The commands with their output of every fenced block `console`.
fn sessions(document: &str) -> Vec<Vec<(String, String)>> {
    let mut blocks = Vec::new();
    let mut rest = document;
    while let Some((_, after)) = rest.split_once("```console\n") {
        let (block, after) = after.split_once("```\n").expect("a closed block");
        let mut commands: Vec<(String, String)> = Vec::new();
        for line in block.lines() {
            match line.strip_prefix("$ ") {
                Some(command) => commands.push((command.to_owned(), String::new())),
                None => {
                    let (_, output) = commands.last_mut().expect("a block begins with a command");
                    output.push_str(line);
                    output.push('\n');
                }
            }
        }
        blocks.push(commands);
        rest = after;
    }
    blocks
}

/// Runs every session of a document in a shell, where it must print what the document says.
#[cfg(unix)]
#[track_caller]
fn document_is_true(file: &str, at_least: usize) {
    let document = read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect(file);
    let blocks = sessions(&document);
    assert!(at_least <= blocks.len(), "{file} has {} sessions", blocks.len());
    let folder = Path::new(env!("CARGO_BIN_EXE_attestor")).parent().expect("a folder");
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").expect("a PATH"));
    for block in blocks {
        let session = Session::new();
        for (line, expected) in block {
            let mut command = Command::new("sh");
            command.args(["-c", &format!("{{ {line}; }} 2>&1")]).current_dir(session.0.path()).env("PATH", &path);
            let found = finish(command, "").out;
            assert!(found == expected, "{file}: {line}\nexpected:\n{expected}\nfound:\n{found}");
        }
    }
}

#[cfg(unix)]
#[test]
fn the_sessions_in_the_documents_are_real() {
    document_is_true("README.md", 1);
    document_is_true("docs/json.md", 5);
}

/// The paths of all fields of an output: `claims[].id`; what has a table of its own is not entered.
fn fields(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) if !matches!(path, "claim" | "numbers" | "results[].numbers" | "fixed") => {
            for (key, value) in map {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                fields(value, &path, found);
                found.insert(path);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| fields(item, &format!("{path}[]"), found)),
        _ => {}
    }
}

/// The first column of the tables in one section of a document.
fn documented(document: &str, heading: &str) -> BTreeSet<String> {
    let (_, section) = document.split_once(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("no {heading}"));
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split('`').next()).map(str::to_owned).collect()
}

/// The fields in the tables of docs/json.md are those of the real outputs, no more and no fewer.
#[test]
fn documented_json_fields_are_the_real_ones() {
    let document = read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/json.md")).expect("docs/json.md");
    let session = Session::new();
    session.expect(0, &format!("{SMALL} -o a"));
    let certify = format!("certify {MOMENT} --tokens 8 --sparsity 2 --json -o b");
    let fixed = format!("eval {MOMENT} --tokens 4 --sparsity 1 --scale 2 --support 1 --arithmetic fixed:16,2 --json");
    for (schema, outputs) in [
        ("attestor-claims", vec![(0, "claims --json".to_owned())]),
        (
            "attestor-certify",
            vec![
                (0, format!("{certify} --error 1/10")),
                (1, format!("{certify} --error 1/100 --scale 1/8")),
                (5, format!("{certify} --error 0")),
                (6, format!("{certify} --error 2")),
            ],
        ),
        ("attestor-check", vec![(0, "check --json a".to_owned())]),
        (
            "attestor-eval",
            vec![
                (0, fixed),
                (0, format!("{MATCH2} --row 1 --json")),
                (0, "eval match3/local --modulus 5 --window 1 --input 1,1,3 --json".to_owned()),
                (0, "eval match3/bigram --modulus 5 --input 1,1,3 --json".to_owned()),
            ],
        ),
    ] {
        let mut real = BTreeSet::new();
        for (code, line) in outputs {
            let output = session.expect(code, &line).json();
            assert_eq!((&output["format"], &output["version"]), (&json!(schema), &json!(1)));
            fields(&output, "", &mut real);
        }
        assert_eq!(documented(&document, schema), real, "{schema}");
    }
    let numbers = &session.expect(0, "check --json a").json()["results"][0]["numbers"];
    assert_eq!(documented(&document, "Numbers"), keys(numbers).into_iter().collect());
    let eval = format!("eval {MOMENT} --tokens 4 --sparsity 1 --scale 2 --support 1 --arithmetic fixed:16,2 --json");
    let eval = session.expect(0, &eval).json();
    assert_eq!(keys(&eval["fixed"]), keys(&eval["row"]), "fixed has the fields of row");
}
