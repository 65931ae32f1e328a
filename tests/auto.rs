//! `certify` from a request to checked certificates: what it chooses, refutes, leaves open, and never does.

mod textbook;

use attestor::bounds::exhaustive::Stop;
use attestor::catalogue::claim::{Claim, Construction, Kind, Model, Statement, Unit};
use attestor::catalogue::request::{Fields, Request};
use attestor::certificate::record::Certificate;
use attestor::certificate::writer;
use attestor::certify::outcome::{Certified, Outcome, Status};
use attestor::certify::run;
use attestor::certify::session::Session;
use attestor::numbers::Rational;
use attestor::numbers::dyadic::Dyadic;
use attestor::numbers::interval::Interval;
use attestor::numbers::rational::{parse, pow2};
use attestor_check::{Options, check_reader};
use num_traits::One;
use proptest::option;
use proptest::prelude::{Just, ProptestConfig, Strategy, prop_oneof, proptest};
use proptest::sample::select;
use proptest::strategy::ValueTree;
use serde_json::Value;
use textbook::Textbook;

const MOMENT: &str = "sparse-averaging/moment-curve";
const SIGN: &str = "sparse-averaging/sign-keys";
const CODE: &str = "sparse-averaging/code-keys";

/// Flags as on the command line: `tokens=8 sparsity=2 error=1/100`.
#[track_caller]
fn fields(flags: &str) -> Fields {
    let names = attestor::catalogue::entries::field;
    let mut fields = Fields::default();
    for flag in flags.split_whitespace() {
        let (name, value) = flag.split_once('=').expect("name=value");
        fields.set(names(name).expect("a known field").name, Some(value));
    }
    fields
}

#[track_caller]
fn ask(id: &str, flags: &str) -> Result<Outcome, Stop> {
    let request = Request::new(id, &fields(flags)).expect("a well-formed request");
    let outcome = run::certify(&request, &Session::default());
    if let Ok(outcome) = &outcome {
        certificates(outcome).into_iter().for_each(accepted);
    }
    outcome
}

/// Every certificate of an outcome, those of its neighbours included.
fn certificates(outcome: &Outcome) -> Vec<&Certificate> {
    match outcome {
        Outcome::Certified(found) => {
            let refuted = found.neighbours.iter().filter_map(|neighbour| match &neighbour.status {
                Status::Refuted(certificate) => Some(&**certificate),
                Status::Certified | Status::Open(_) => None,
            });
            [&found.certificate].into_iter().chain(refuted).collect()
        }
        Outcome::Refuted(found) => vec![&found.certificate],
        Outcome::Inconclusive(_) | Outcome::Vacuous(_) | Outcome::IllFormed(_) => Vec::new(),
    }
}

#[track_caller]
fn accepted(certificate: &Certificate) {
    let report = check_reader(writer::to_bytes(certificate).as_slice(), &Options::default());
    assert!(report.verdict.is_verified(), "{} {:?}", report.verdict.line(), certificate.claim);
}

#[track_caller]
fn certified(id: &str, flags: &str) -> Certified {
    match ask(id, flags) {
        Ok(Outcome::Certified(found)) => found,
        other => panic!("{id} {flags}: {other:?}"),
    }
}

#[track_caller]
fn refuted(id: &str, flags: &str) -> Certificate {
    match ask(id, flags) {
        Ok(Outcome::Refuted(found)) => found.certificate,
        other => panic!("{id} {flags}: {other:?}"),
    }
}

/// The unit of a claim about sparse averaging.
fn unit(claim: &Claim) -> &Unit {
    match &claim.model {
        Model::Averaging(unit) => unit,
        Model::Matching(network) => panic!("{network:?} is no unit"),
    }
}

fn key_width(claim: &Claim) -> u64 {
    match &unit(claim).construction {
        Construction::SignKeys(keys) => keys.key_width,
        Construction::MomentCurve | Construction::CodeKeys(_) => 0,
    }
}

/// `scale=refuted value_fraction_bits=open`.
fn neighbours(found: &Certified) -> String {
    let text = |n: &attestor::certify::outcome::Neighbour| format!("{}={}", n.parameter, n.status.name());
    found.neighbours.iter().map(text).collect::<Vec<_>>().join(" ")
}

/// Asks, and compares what is known one step below each chosen parameter.
#[track_caller]
fn has_neighbours(id: &str, flags: &str, expected: &str) {
    assert_eq!(neighbours(&certified(id, flags)), expected, "{id} {flags}");
}

/// Enumeration decides: one step less is refuted, unless only the rounding of values stands between.
#[test]
fn exhaustive_choices_are_least() {
    let level = "scale=refuted value_fraction_bits=open";
    has_neighbours(MOMENT, "tokens=9 sparsity=2 error=1/100 method=exhaustive", level);
    has_neighbours(MOMENT, "tokens=9 sparsity=1 error=1/3 method=exhaustive", level);
    has_neighbours(MOMENT, "tokens=12 sparsity=3 error=1/7 method=exhaustive value_dim=3", level);
    has_neighbours(MOMENT, "tokens=12 sparsity=2 error=2^-200 method=exhaustive", level);
    has_neighbours(
        MOMENT,
        "tokens=12 sparsity=2 error=2^-20 method=exhaustive value_fraction_bits=40",
        "scale=refuted",
    );
    let rounded = "scale=refuted fraction_bits=refuted value_fraction_bits=open";
    has_neighbours(SIGN, "tokens=12 sparsity=2 error=1/100 key_width=48", rounded);
    has_neighbours(SIGN, "tokens=10 sparsity=3 error=2^-12 key_width=64", rounded);
    has_neighbours(SIGN, "tokens=12 sparsity=2 error=1/100 key_width=48 fraction_bits=20", level);
    has_neighbours(SIGN, "tokens=12 sparsity=2 error=1/10 key_width=16 dual=max-margin", rounded);
    has_neighbours(
        CODE,
        "tokens=25 sparsity=2 error=1/10 method=exhaustive field_size=5 degree_bound=2 evaluations=5",
        level,
    );
}

/// Far below the resolution of the fast path the least scale is found all the same.
#[test]
fn tiny_errors_of_sign_keys_are_reached() {
    for flags in [
        "tokens=12 sparsity=1 error=2^-40",
        "tokens=12 sparsity=1 error=2^-100",
        "tokens=9 sparsity=1 error=2^-90 key_width=40 fraction_bits=16",
        "tokens=10 sparsity=2 error=2^-70 key_width=48 fraction_bits=90",
        "tokens=8 sparsity=2 error=2^-200 key_width=64",
    ] {
        let unit_claim = certified(SIGN, flags).certificate.claim;
        let unit = unit(&unit_claim).clone();
        // Margins are at least 1/2 at these widths, so a scale of a few times ln(1/error) is enough.
        assert!(unit.scale <= textbook::whole(512), "{flags}: {}", unit.scale);
    }
}

/// A formula is one-sided: one step less stays open, and a witness refutes some smaller scale.
#[test]
fn one_sided_choices_name_the_largest_refuted_scale() {
    let near = "scale=refuted value_fraction_bits=open";
    let open = "scale=open scale=refuted value_fraction_bits=open";
    has_neighbours(MOMENT, "tokens=40 sparsity=2 error=1/100 method=closed-form", near);
    has_neighbours(MOMENT, "tokens=40 sparsity=3 error=1/10 method=closed-form", open);
    has_neighbours(
        CODE,
        "tokens=25 sparsity=2 error=1/100 field_size=7 degree_bound=2 evaluations=4 method=closed-form",
        near,
    );
    has_neighbours(CODE, "tokens=1000000000000000000 sparsity=1 error=2^-200", open);
    let gram = "key_width=open scale=open scale=refuted fraction_bits=open value_fraction_bits=open";
    has_neighbours(SIGN, "tokens=60 sparsity=2 error=1/100 method=babel", gram);
    has_neighbours(SIGN, "tokens=60 sparsity=2 error=1/100 method=coherence value_dim=5", gram);
}

#[test]
fn max_margin_needs_far_less_width_than_least_squares() {
    let flags = "tokens=64 sparsity=2 error=1/100";
    let max_margin = certified(SIGN, &format!("{flags} dual=max-margin"));
    let least_squares = certified(SIGN, flags);
    assert!(key_width(&max_margin.certificate.claim) <= 30);
    assert!(2 * key_width(&max_margin.certificate.claim) < key_width(&least_squares.certificate.claim));
    assert_eq!(
        neighbours(&max_margin),
        "key_width=refuted scale=refuted fraction_bits=refuted value_fraction_bits=open"
    );
}

/// A stated scale that is too small becomes a counterexample to exactly what was asked.
#[test]
fn too_small_scales_are_refuted() {
    for (id, flags) in [
        (MOMENT, "tokens=9 sparsity=2 error=1/100 scale=1"),
        (MOMENT, "tokens=9 sparsity=2 error=1/100 scale=22/7 method=exhaustive"),
        (MOMENT, "tokens=3 sparsity=2 error=0 scale=50"),
        (MOMENT, "tokens=60000 sparsity=1 error=1/10 scale=1/3"),
        (SIGN, "tokens=12 sparsity=2 error=1/100 scale=3 key_width=30"),
        (SIGN, "tokens=12 sparsity=3 error=1/100 scale=5/3 key_width=3 dual=max-margin"),
        (SIGN, "tokens=12 sparsity=2 error=1/100 scale=100 key_width=1"),
        (SIGN, "tokens=12 sparsity=2 error=1/100 scale=10 key_width=64 fraction_bits=0"),
        (CODE, "tokens=25 sparsity=2 error=1/100 scale=1/9"),
        (CODE, "tokens=25 sparsity=2 error=1/10 scale=7/3 field_size=5 degree_bound=2 evaluations=2 method=exhaustive"),
        (CODE, "tokens=1000000000000 sparsity=3 error=1/100 scale=1/1000"),
    ] {
        let certificate = refuted(id, flags);
        let asked = fields(flags).get("error").and_then(|text| parse(text).ok()).expect("stated");
        assert_eq!(certificate.claim.statement, Statement::Counterexample { error: asked }, "{id} {flags}");
    }
}

#[test]
fn what_cannot_be_decided_is_inconclusive() {
    for (id, flags) in [
        (MOMENT, "tokens=20 sparsity=3 error=1/10 value_fraction_bits=2 method=closed-form"),
        (MOMENT, "tokens=40 sparsity=4 scale=1/100 kind=enclosure method=closed-form"),
        (MOMENT, "tokens=5 sparsity=5 error=0"),
        (SIGN, "tokens=100 sparsity=2 error=1/100 method=coherence key_width=64"),
        (SIGN, "tokens=20 sparsity=2 error=1/100 method=babel scale=15 key_width=100 dual=max-margin"),
        (CODE, "tokens=1000000000000 sparsity=4 error=1/100 scale=4 field_size=1009 degree_bound=5 evaluations=10"),
    ] {
        let outcome = ask(id, flags);
        let Ok(Outcome::Inconclusive(found)) = outcome else { panic!("{id} {flags}: {outcome:?}") };
        assert!(!found.tried.is_empty());
    }
}

/// Parameters that no unit has together.
#[test]
fn contradictory_codes_are_ill_formed() {
    for flags in [
        "tokens=12 sparsity=2 error=1/2 scale=1 field_size=4 degree_bound=2 evaluations=2",
        "tokens=30 sparsity=2 error=1/2 scale=1 field_size=5 degree_bound=2 evaluations=2",
        "tokens=12 sparsity=2 error=1/2 scale=1 field_size=5 degree_bound=2 evaluations=6",
    ] {
        assert!(matches!(ask(CODE, flags), Ok(Outcome::IllFormed(_))), "{flags}");
    }
}

#[test]
fn claims_that_say_nothing_are_vacuous() {
    for id in [MOMENT, SIGN, CODE] {
        for flags in [
            "tokens=0 sparsity=0 error=1",
            "tokens=3 sparsity=0 error=1",
            "tokens=3 sparsity=4 error=1",
            "tokens=3 sparsity=2 value_dim=0 error=1",
            "tokens=3 sparsity=2 error=2",
        ] {
            assert!(matches!(ask(id, flags), Ok(Outcome::Vacuous(_))), "{id} {flags}");
        }
    }
}

/// The ends of an enclosure certificate.
#[track_caller]
fn enclosure(id: &str, flags: &str) -> (Unit, Interval) {
    let claim = certified(id, &format!("{flags} kind=enclosure")).certificate.claim;
    let Statement::Enclosure { lo, hi, .. } = claim.statement.clone() else {
        panic!("{id} {flags}: another statement")
    };
    (unit(&claim).clone(), Interval::new(lo, hi).expect("ordered"))
}

#[test]
fn enclosures_are_narrow_and_hold_the_textbook_value() {
    for (id, flags) in [
        (MOMENT, "tokens=9 sparsity=2 scale=22/7"),
        (MOMENT, "tokens=9 sparsity=3 scale=1/50"),
        (MOMENT, "tokens=8 sparsity=1"),
        (MOMENT, "tokens=9 sparsity=4 scale=3 value_dim=7"),
        (SIGN, "tokens=9 sparsity=2 scale=31/2 key_width=40 fraction_bits=16"),
        (SIGN, "tokens=9 sparsity=3 scale=10 key_width=3 fraction_bits=4"),
        (SIGN, "tokens=6 sparsity=2 scale=12 key_width=9 fraction_bits=12 dual=max-margin"),
        (SIGN, "tokens=6 sparsity=2 scale=12 key_width=4 fraction_bits=12 dual=max-margin margin=1/3"),
        (SIGN, "tokens=2 sparsity=2 scale=9 key_width=5 fraction_bits=1"),
        (CODE, "tokens=9 sparsity=2 scale=7/3"),
        (CODE, "tokens=9 sparsity=3 scale=1/3 field_size=3 degree_bound=2 evaluations=3"),
    ] {
        let (unit, found) = enclosure(id, flags);
        let width = found.hi().to_rational() - found.lo().to_rational();
        let unit_width = if found.lo().is_zero() { Rational::one() } else { found.hi().to_rational() };
        assert!(width <= unit_width * pow2(-40), "{id} {flags}: {found}");
        let worst = Textbook::new(&unit).worst();
        assert!(found.lo() <= worst.hi() && worst.lo() <= found.hi(), "{id} {flags}: {found} {worst}");
    }
}

/// Nothing to select: the whole error is the rounding of the values.
#[test]
fn full_supports_are_certified() {
    for (id, fixed) in [
        (MOMENT, ""),
        (MOMENT, "method=exhaustive"),
        (SIGN, ""),
        (SIGN, "dual=max-margin"),
        (SIGN, "method=babel"),
        (SIGN, "method=coherence"),
        (CODE, ""),
        (CODE, "method=exhaustive"),
    ] {
        for (n, error) in [(1, "1/100"), (1, "2^-200"), (1, "19/10"), (2, "1/100"), (4, "1/3")] {
            certified(id, &format!("tokens={n} sparsity={n} error={error} {fixed}"));
        }
        // Values are rounded, so no bound is 0.
        let zero = ask(id, &format!("tokens=3 sparsity=3 error=0 {fixed}"));
        assert!(matches!(zero, Ok(Outcome::Inconclusive(_) | Outcome::Refuted(_))), "{id} {fixed}: {zero:?}");
    }
    for id in [MOMENT, CODE] {
        for flags in ["tokens=1 sparsity=1", "tokens=5 sparsity=5", "tokens=3 sparsity=3 value_fraction_bits=60"] {
            let (_, found) = enclosure(id, flags);
            assert!(found.lo().is_zero() && found.hi() <= &Dyadic::power_of_two(-40), "{id} {flags}: {found}");
        }
    }
}

#[test]
fn closed_forms_reach_sizes_beyond_enumeration() {
    for (id, flags) in [
        (MOMENT, "tokens=1000000000000000000 sparsity=2 error=1/100"),
        (MOMENT, "tokens=18446744073709551615 sparsity=5 error=2^-60 value_dim=4096"),
        (MOMENT, "tokens=1000000 sparsity=20 error=2^-20"),
        (MOMENT, "tokens=1000000000000000000 sparsity=1 error=2^-200"),
        (CODE, "tokens=1000000000000000000 sparsity=16 error=1/100"),
        (CODE, "tokens=18446744073709551615 sparsity=2 error=2^-200"),
        (CODE, "tokens=1000000000000000000 sparsity=4 error=1/7 scale=31/7"),
    ] {
        let found = certified(id, flags);
        assert!(found.certificate.records.is_empty(), "the side conditions are the evidence");
    }
}

/// Stated scales that are not dyadic stay as they are.
#[test]
fn scales_that_are_not_dyadic_are_certified_as_stated() {
    for (id, flags) in [
        (MOMENT, "tokens=9 sparsity=2 error=1/10 scale=22/3"),
        (MOMENT, "tokens=9 sparsity=2 error=1/10 scale=22/3 method=exhaustive"),
        (SIGN, "tokens=9 sparsity=2 error=1/10 scale=100/3 key_width=40"),
        (CODE, "tokens=9 sparsity=2 error=1/10 scale=22/3"),
    ] {
        let claim = certified(id, flags).certificate.claim;
        let stated = fields(flags).get("scale").and_then(|text| parse(text).ok());
        assert_eq!(Some(unit(&claim).scale.clone()), stated, "{id} {flags}");
    }
}

/// Weights of `e^{-2^36}` and less have more bits than the memory; nothing may write them out.
#[test]
fn enormous_scales_cost_no_memory() {
    for (id, flags) in [
        (MOMENT, "tokens=10 sparsity=2 scale=2^36 error=1/10"),
        (MOMENT, "tokens=10 sparsity=2 scale=2^60 error=1/10"),
        (CODE, "tokens=10 sparsity=2 scale=2^36 error=1/10"),
    ] {
        certified(id, flags);
        // Enumeration has not enough bits for the weight error, or proves it below the floor.
        let exhaustive = ask(id, &format!("{flags} method=exhaustive"));
        assert!(matches!(exhaustive, Err(Stop::Precision { .. }) | Ok(Outcome::Certified(_))), "{id} {flags}");
    }
}

#[test]
fn what_is_too_large_says_so() {
    for (id, flags) in [
        (MOMENT, "tokens=65537 sparsity=1 error=1/10 method=exhaustive"),
        (MOMENT, "tokens=400 sparsity=9 error=1/10 method=exhaustive"),
        (SIGN, "tokens=400 sparsity=9 error=1/10 method=exhaustive key_width=64"),
        (CODE, "tokens=400 sparsity=200 error=1/10 method=exhaustive"),
    ] {
        assert!(matches!(ask(id, flags), Err(Stop::TooMany { .. })), "{id} {flags}");
    }
}

// Matching.

const MATCH2: &str = "match2/trigonometric";
const POLYNOMIAL: &str = "match2/polynomial";
const THIRD: &str = "match3/third-order";
const LOCAL: &str = "match3/local";
const BIGRAM: &str = "match3/bigram";

/// Tables of pairs are attained, so one step less is refuted.
/// The decoder's conditions are, too. Bounds of third order and of rounding are not: there it may be open.
#[test]
fn matching_choices_are_least() {
    let both = "scale=refuted fraction_bits=refuted";
    for flags in ["modulus=5 tokens=3", "modulus=12 tokens=40", "modulus=257 tokens=1024"] {
        has_neighbours(MATCH2, flags, both);
    }
    has_neighbours(MATCH2, "modulus=5 tokens=3 fraction_bits=20", "scale=refuted");
    has_neighbours(MATCH2, "modulus=257 tokens=4 scale=20000", "fraction_bits=refuted");
    has_neighbours(MATCH2, "modulus=12 tokens=40 method=closed-form", "scale=refuted fraction_bits=open");
    has_neighbours(POLYNOMIAL, "modulus=5 tokens=3", "scale=refuted");
    has_neighbours(POLYNOMIAL, "modulus=1000000000 tokens=1000000000", "scale=refuted");
    has_neighbours(THIRD, "modulus=5 tokens=3", "scale=open fraction_bits=open");
    has_neighbours(THIRD, "modulus=5 tokens=3 encoding=polynomial", "scale=refuted");
    has_neighbours(LOCAL, "modulus=5 tokens=6 window=1", "scale=refuted value_fraction_bits=refuted");
    let layer = "first_scale=refuted value_fraction_bits=refuted scale=refuted fraction_bits=refuted";
    has_neighbours(BIGRAM, "modulus=5 tokens=4", layer);
    has_neighbours(BIGRAM, "modulus=12 tokens=9 first_scale=20 value_fraction_bits=20", both);
}

/// A single token, a window that is the whole input, and moduli beyond every table.
#[test]
fn edges_of_matching_are_certified() {
    for (id, flags) in [
        (MATCH2, "modulus=3 tokens=1"),
        (MATCH2, "modulus=4 tokens=2 method=closed-form"),
        (MATCH2, "modulus=1000000 tokens=1000"),
        (MATCH2, "modulus=18446744073709551615 tokens=18446744073709551615"),
        (POLYNOMIAL, "modulus=4 tokens=1"),
        (POLYNOMIAL, "modulus=18446744073709551615 tokens=18446744073709551615"),
        (THIRD, "modulus=2 tokens=1"),
        (THIRD, "modulus=1000000000 tokens=1000000000"),
        (THIRD, "modulus=18446744073709551615 tokens=18446744073709551615 encoding=polynomial"),
        (LOCAL, "modulus=2 tokens=1 window=0"),
        (LOCAL, "modulus=5 tokens=2 window=1"),
        (LOCAL, "modulus=5 tokens=3 window=2047"),
        (LOCAL, "modulus=64 tokens=1000000 window=3"),
        (LOCAL, "modulus=5 tokens=6 window=1 method=exhaustive"),
        (LOCAL, "modulus=5 tokens=6 window=1 construction=sign-keys"),
        (LOCAL, "modulus=5 tokens=6 window=1 construction=sign-keys method=coherence"),
        (LOCAL, "modulus=5 tokens=6 window=1 construction=code-keys method=closed-form"),
        (BIGRAM, "modulus=3 tokens=2"),
        (BIGRAM, "modulus=1000000 tokens=4"),
        (BIGRAM, "modulus=5 tokens=4 construction=sign-keys method=babel"),
        (BIGRAM, "modulus=5 tokens=4 construction=code-keys method=exhaustive"),
        (BIGRAM, "modulus=64 tokens=1000000000000"),
    ] {
        certified(id, flags);
    }
}

#[test]
fn coarse_matching_parameters_are_refuted() {
    for (id, flags) in [
        (MATCH2, "modulus=5 tokens=3 scale=1/1000000000"),
        (MATCH2, "modulus=1000000 tokens=1000 scale=1 fraction_bits=4"),
        (POLYNOMIAL, "modulus=5 tokens=3 scale=1/1000"),
        (THIRD, "modulus=30 tokens=8 scale=1 fraction_bits=2"),
        (THIRD, "modulus=5 tokens=3 encoding=polynomial scale=2^-20"),
        (LOCAL, "modulus=5 tokens=6 window=1 scale=1/100"),
        (LOCAL, "modulus=5 tokens=6 window=1 scale=1/100 method=exhaustive"),
        (BIGRAM, "modulus=5 tokens=4 first_scale=1/10 method=closed-form"),
        (BIGRAM, "modulus=5 tokens=4 scale=1/10"),
        (BIGRAM, "modulus=5 tokens=4 value_fraction_bits=0"),
    ] {
        assert_eq!(refuted(id, flags).claim.statement, Statement::Confusion, "{id} {flags}");
    }
}

/// Too large for a table, or so small that a certificate could not state it.
#[test]
fn what_matching_cannot_decide_is_inconclusive() {
    for (id, flags) in [
        (MATCH2, "modulus=1000000 tokens=10 method=exhaustive"),
        (MATCH2, "modulus=5 tokens=3 scale=2^4000"),
        (MATCH2, "modulus=3 tokens=2 scale=20000 fraction_bits=1 method=closed-form"),
        (THIRD, "modulus=2000 tokens=10 method=exhaustive"),
        // Reads 0 for everything, which is enough for K = 0 and this M.
        (LOCAL, "modulus=5 tokens=6 window=0 value_fraction_bits=0"),
    ] {
        let outcome = ask(id, flags);
        assert!(matches!(outcome, Ok(Outcome::Inconclusive(_))), "{id} {flags}: {outcome:?}");
    }
}

/// Terms of `e^{-2^60}` and less are not written out.
#[test]
fn enormous_scales_of_matching_cost_no_memory() {
    for (id, flags) in [
        (MATCH2, "modulus=5 tokens=3 scale=2^200 fraction_bits=220 method=closed-form"),
        (POLYNOMIAL, "modulus=5 tokens=3 scale=2^100"),
        (THIRD, "modulus=5 tokens=3 scale=2^60 encoding=polynomial"),
        (THIRD, "modulus=5 tokens=3 scale=2^60 method=closed-form"),
        (LOCAL, "modulus=5 tokens=4 window=1 scale=2^60"),
        (BIGRAM, "modulus=5 tokens=4 scale=2^60"),
    ] {
        certified(id, flags);
    }
}

/// The polynomial encoding of third order has one method.
#[test]
fn polynomial_keys_have_no_table() {
    let request = Request::new(THIRD, &fields("modulus=5 tokens=3 encoding=polynomial method=exhaustive"));
    assert!(request.is_err_and(|error| error.to_string().contains("closed-form")));
}

// Random requests.

/// Optional flags of any construction, from too small to ample.
fn sign_flags() -> impl Strategy<Value = String> {
    let width = option::of(1_u64..40);
    let bits = option::of(prop_oneof![0_u64..4, 0_u64..30]);
    let dual =
        select(vec!["", " method=babel", " method=coherence", " dual=max-margin", " dual=max-margin margin=9/10"]);
    (width, bits, 0_u64..50, dual).prop_map(|(width, bits, seed, dual)| {
        format!("seed={seed}{dual}{}{}", flag("key_width", width), flag("fraction_bits", bits))
    })
}

fn code_flags() -> impl Strategy<Value = String> {
    let field = option::of(select(vec![2_u64, 3, 4, 5, 7, 11]));
    (field, option::of(1_u64..4), option::of(1_u64..8), select(vec!["", " method=exhaustive"])).prop_map(
        |(field, degree, evaluations, method)| {
            let (degree, evaluations) = (flag("degree_bound", degree), flag("evaluations", evaluations));
            format!("{}{degree}{evaluations}{method}", flag("field_size", field))
        },
    )
}

fn flag(name: &str, value: Option<impl std::fmt::Display>) -> String {
    value.map_or_else(String::new, |value| format!(" {name}={value}"))
}

/// Requests about at most six tokens, many of them contradictory, false, or barely true.
fn requests() -> impl Strategy<Value = (&'static str, String)> {
    let own = prop_oneof![
        select(vec!["", "method=exhaustive", "method=closed-form"]).prop_map(|text| (MOMENT, text.to_owned())),
        sign_flags().prop_map(|text| (SIGN, text)),
        code_flags().prop_map(|text| (CODE, text)),
    ];
    let scale = option::of(prop_oneof![
        (1_u64..60, 1_u64..9).prop_map(|(a, b)| format!("{a}/{b}")),
        (-30_i64..12).prop_map(|exponent| format!("2^{exponent}")),
    ]);
    let error = prop_oneof![
        (0_u64..210).prop_map(|n| format!("{n}/100")),
        (1_u64..300).prop_map(|places| format!("2^-{places}")),
    ];
    let kind = prop_oneof![4 => Just(""), 1 => Just(" kind=enclosure")];
    let values = (option::of(0_u64..30), select(vec![1_u64, 1, 2, 9]));
    // One shape in forty is vacuous, and some errors are.
    let shape = prop_oneof![39 => (1_u64..=3, 0_u64..=3), 1 => Just((0, 3))];
    (own, shape, scale, error, kind, values).prop_map(
        |((id, own), (sparsity, more), scale, error, kind, (bits, dim))| {
            let tokens = sparsity + more;
            let (scale, bits) = (flag("scale", scale), flag("value_fraction_bits", bits));
            (id, format!("tokens={tokens} sparsity={sparsity} error={error} value_dim={dim} {own}{scale}{bits}{kind}"))
        },
    )
}

/// The claim with another method, stated in full.
fn asked_again(claim: &Claim, method: &str) -> Request {
    let mut file: Value = serde_json::to_value(claim).expect("a claim is JSON");
    file["method"] = method.into();
    file["kind"] = Kind::UpperBound.name().into();
    let (id, fields) = Fields::from_claim_file(&file.to_string()).expect("a claim file");
    Request::new(&id, &fields).expect("a claim is a well-formed request")
}

/// No method may refute what another proved.
fn no_method_contradicts(claim: &Claim, is_true: bool) {
    let entry = attestor::catalogue::entries::find(claim.model.id()).expect("a known id");
    for method in entry.methods {
        let outcome = run::certify(&asked_again(claim, method.name()), &Session::default());
        let contradicts = match outcome {
            Ok(Outcome::Certified(_)) => !is_true,
            Ok(Outcome::Refuted(_)) => is_true,
            Ok(Outcome::Inconclusive(_) | Outcome::Vacuous(_) | Outcome::IllFormed(_)) | Err(_) => false,
        };
        assert!(!contradicts, "{method:?} contradicts {claim:?}");
    }
}

/// A verdict against the textbook: the rounding of values is all that may stand between.
fn agrees_with_the_textbook(claim: &Claim) {
    let worst = Textbook::new(unit(claim)).worst();
    match &claim.statement {
        Statement::UpperBound { error } => {
            assert!(worst.lo().to_rational() <= *error, "{claim:?} {worst}");
            no_method_contradicts(claim, true);
        }
        Statement::Counterexample { error } => {
            assert!(*error < worst.hi().to_rational(), "{claim:?} {worst}");
            no_method_contradicts(claim, false);
        }
        Statement::Decision { .. } | Statement::Confusion => panic!("{claim:?} is about no unit"),
        Statement::Enclosure { lo, hi, .. } => assert!(lo <= worst.hi() && worst.lo() <= hi, "{claim:?} {worst}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn certify_never_panics_and_never_errs((id, flags) in requests()) {
        // Limits and precision may end a run; they decide nothing.
        if let Ok(outcome) = ask(id, &flags) {
            for certificate in certificates(&outcome) {
                agrees_with_the_textbook(&certificate.claim);
            }
        }
    }
}

/// The requests above are of every sort: a strategy that only made vacuous ones would test nothing.
#[test]
fn random_requests_have_every_outcome() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut counts = [0; 6];
    for _ in 0..200 {
        let (id, flags) = requests().new_tree(&mut runner).expect("no filter").current();
        let outcome = match ask(id, &flags) {
            Ok(Outcome::Certified(_)) => 0,
            Ok(Outcome::Refuted(_)) => 1,
            Ok(Outcome::Inconclusive(_)) => 2,
            Ok(Outcome::Vacuous(_)) => 3,
            Ok(Outcome::IllFormed(_)) => 4,
            Err(_) => 5,
        };
        counts[outcome] += 1;
    }
    assert!(counts[..5].iter().all(|&count| 3 <= count), "{counts:?}");
    assert!(counts[5] * 4 < counts.iter().sum::<i32>(), "{counts:?}");
}
