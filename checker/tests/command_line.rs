//! The binary: arguments, lines, exit codes.

mod builder;

use std::io::Write;
use std::process::{Command, Stdio};

use builder::{Frac, Spec, Unit, body, seal};

fn run(arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_attestor-check"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    // The program may end without reading its input.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("the binary ends");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn certificate() -> String {
    let spec = Spec { unit: Unit::Moment, tokens: 100, sparsity: 2, value_bits: 20, scale: Frac(5, 1) };
    seal(&body(&spec.claim("upper-bound", "closed-form", "1/20", None), &[]))
}

#[test]
fn verdicts_and_exit_codes() {
    let (code, out, err) = run(&["-"], &certificate());
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.starts_with("s VERIFIED ") && out.lines().count() == 1);
    let (code, out, err) = run(&["-"], "");
    assert_eq!(code, Some(2));
    assert!(out.starts_with("s MALFORMED truncated record=0 ") && !err.is_empty());
    let (code, out, _) = run(&["-", "no-such-file"], &certificate());
    assert_eq!(code, Some(2));
    assert!(out.lines().nth(1).is_some_and(|line| line.starts_with("s MALFORMED io record=0 ")));
    let (code, out, _) = run(&["--claim", "no-such-file", "-"], &certificate());
    assert_eq!(code, Some(2));
    assert!(out.starts_with("s MALFORMED io record=0 "));
}

#[test]
fn usage() {
    for arguments in [&[][..], &["--verified"], &["--claim"], &["--claim", "a", "--claim", "b", "c"]] {
        let (code, out, err) = run(arguments, "");
        assert_eq!((code, out.as_str()), (Some(2), ""));
        assert!(err.contains("--help") && !err.to_lowercase().contains("verified"));
    }
    for arguments in ["--help", "--limits", "--version"] {
        let (code, out, err) = run(&[arguments], "");
        assert_eq!((code, err.as_str()), (Some(0), ""));
        assert!(!out.is_empty() && !out.to_lowercase().contains("verified"));
    }
}

/// A reader that goes away is an error of output, and no panic.
#[test]
fn broken_pipe() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_attestor-check"))
        .args(["-"; 2])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    drop(child.stdout.take());
    // It reads its input only now, so the pipe is closed before it writes.
    child.stdin.take().expect("a pipe").write_all(certificate().as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("the binary ends");
    assert_eq!(output.status.code(), Some(2));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panic"));
}
