//! What checking costs beside generating, on the same certificates (docs/benchmarks.md).
//!
//! Generating includes the choice of every parameter that the request leaves open.

#![expect(missing_docs, reason = "criterion_group! makes an undocumented function")]

use std::hint::black_box;
use std::time::Duration;

use attestor::catalogue::request::{Fields, Request};
use attestor::certificate::writer;
use attestor::certify::outcome::Outcome;
use attestor::certify::run;
use attestor::certify::session::Session;
use attestor_check::{Options, check_reader};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

type Flags = &'static [(&'static str, &'static str)];

const REQUESTS: [(&str, &str, Flags); 6] = [
    (
        "moment-curve/48,3",
        "sparse-averaging/moment-curve",
        &[("tokens", "48"), ("sparsity", "3"), ("scale", "8"), ("kind", "enclosure"), ("method", "exhaustive")],
    ),
    (
        "sign-keys/24,3,64",
        "sparse-averaging/sign-keys",
        &[
            ("tokens", "24"),
            ("sparsity", "3"),
            ("key_width", "64"),
            ("scale", "30"),
            ("fraction_bits", "16"),
            ("kind", "enclosure"),
        ],
    ),
    (
        "max-margin/64,2,25",
        "sparse-averaging/sign-keys",
        &[
            ("tokens", "64"),
            ("sparsity", "2"),
            ("dual", "max-margin"),
            ("key_width", "25"),
            ("scale", "16"),
            ("fraction_bits", "16"),
            ("error", "1/100"),
        ],
    ),
    (
        "coherence/1000,3,2048",
        "sparse-averaging/sign-keys",
        &[
            ("tokens", "1000"),
            ("sparsity", "3"),
            ("method", "coherence"),
            ("key_width", "2048"),
            ("scale", "30"),
            ("fraction_bits", "20"),
            ("error", "1/10"),
        ],
    ),
    (
        "moment-curve/10^18,3",
        "sparse-averaging/moment-curve",
        &[("tokens", "1000000000000000000"), ("sparsity", "3"), ("scale", "2"), ("error", "1/100")],
    ),
    (
        "code-keys/25,3",
        "sparse-averaging/code-keys",
        &[("tokens", "25"), ("sparsity", "3"), ("scale", "5"), ("error", "1/10"), ("method", "exhaustive")],
    ),
];

fn generate(request: &Request) -> Vec<u8> {
    match run::certify(request, &Session::default()) {
        Ok(Outcome::Certified(found)) => writer::to_bytes(&found.certificate),
        other => panic!("the request is provable: {other:?}"),
    }
}

fn certificates(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("certificate");
    group.sample_size(10).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(2));
    for (name, id, flags) in REQUESTS {
        let mut fields = Fields::default();
        for (field, value) in flags {
            fields.set(field, Some(value));
        }
        let request = Request::new(id, &fields).expect("a well-formed request");
        let bytes = generate(&request);
        group.bench_function(BenchmarkId::new("generate", name), |bencher| bencher.iter(|| generate(&request)));
        group.bench_function(BenchmarkId::new("check", name), |bencher| {
            bencher.iter(|| {
                let report = check_reader(black_box(bytes.as_slice()), &Options::default());
                assert!(report.verdict.is_verified(), "{}", report.verdict.line());
            });
        });
    }
    group.finish();
}

criterion_group!(benches, certificates);
criterion_main!(benches);
