//! What the bounds without enumeration cost, and the exponential under everything (docs/benchmarks.md).

#![expect(missing_docs, reason = "criterion_group! makes an undocumented function")]

use std::hint::black_box;
use std::time::Duration;

use attestor::bounds::closed_form;
use attestor::bounds::gram::GramBound;
use attestor::catalogue::claim::{CodeKeys, Construction, Method, Unit};
use attestor::constructions::sign_keys::SignKeyTable;
use attestor::numbers::Rational;
use attestor::numbers::exp::exp;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// W3: every pair of 10^4 keys of 1024 bits (q = 3 for Babel).
fn gram(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("gram");
    group.sample_size(10).warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_secs(5));
    let n_tokens: u64 = 10_000;
    let keys = SignKeyTable::new(10_000, 1024, 0);
    group.throughput(Throughput::Elements(n_tokens * (n_tokens - 1) / 2));
    for method in [Method::Coherence, Method::Babel] {
        group.bench_function(BenchmarkId::new(method.name(), "10000,1024"), |bencher| {
            bencher.iter(|| black_box(GramBound::new(&keys, 3, method)));
        });
    }
    group.finish();
}

fn closed_forms(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("closed-form");
    group.sample_size(20).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    let scale = Rational::new(31.into(), 16.into());
    let unit = |tokens, sparsity, construction| Unit {
        tokens,
        sparsity,
        value_dim: 1,
        value_fraction_bits: 60,
        construction,
        scale: scale.clone(),
    };
    let code = CodeKeys { field_size: 227, degree_bound: 8, evaluations: 224 };
    for (name, unit) in [
        ("moment-curve/10^18,3", unit(10_u64.pow(18), 3, Construction::MomentCurve)),
        ("code-keys/10^18,16", unit(10_u64.pow(18), 16, Construction::CodeKeys(code))),
    ] {
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter(|| black_box(closed_form::weight_error_up(&unit, 128)));
        });
    }
    group.finish();
}

/// `e^x` at an argument of ordinary size, to 64, 128 and 1024 bits.
fn exponential(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("exp");
    group.sample_size(20).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    let x = Rational::new((-355).into(), 113.into());
    for bits in [64, 128, 1024] {
        group.bench_function(BenchmarkId::from_parameter(bits), |bencher| bencher.iter(|| black_box(exp(&x, bits))));
    }
    group.finish();
}

criterion_group!(benches, gram, closed_forms, exponential);
criterion_main!(benches);
