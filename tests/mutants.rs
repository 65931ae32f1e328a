//! Random mutants of valid certificates: none that the checker accepts may be false.

mod support;

use support::mutation::{run, verdict};
use support::tiny::certificates;

const N_MUTANTS: u64 = 2_000;
const SEED: u64 = 20_230_714;

#[test]
fn no_mutant_is_accepted_and_false() {
    let certificates = certificates();
    for certificate in &certificates {
        assert_eq!(verdict(certificate), "VERIFIED", "{}", String::from_utf8_lossy(certificate));
    }
    let tally = run(&certificates, N_MUTANTS, SEED, verdict);
    let report = tally.report();
    assert!(tally.false_accepts.is_empty(), "{report}\n{}", tally.false_accepts.join("\n"));
    assert!(N_MUTANTS <= 2 * tally.n_reaching_a_rule(), "{report}");
    // Brute force has to decide, or the comparison is empty.
    assert!(N_MUTANTS / 20 <= tally.n_true, "{report}");
    assert!(10 * (tally.n_open + tally.n_too_large + tally.n_undecided) <= tally.n_true, "{report}");
}

#[test]
fn a_checker_that_accepts_everything_is_noticed() {
    let tally = run(&certificates(), 500, SEED, |_| "VERIFIED".to_owned());
    assert!(100 <= tally.false_accepts.len(), "{}", tally.report());
}
