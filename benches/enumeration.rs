//! What one support costs when all are enumerated (docs/benchmarks.md).
//!
//! Set-up, key tables included, is part of every figure; only the dual vectors of max-margin have a figure of their own.

#![expect(missing_docs, reason = "criterion_group! makes an undocumented function")]

use std::hint::black_box;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use attestor::bounds::exhaustive::{self, Control, sweep};
use attestor::catalogue::claim::{Construction, Dual, SignKeys, Unit};
use attestor::constructions::dual::dual_vector;
use attestor::constructions::sign_keys::SignKeyTable;
use attestor::constructions::supports;
use attestor::evaluate::prepared::{Prepared, indices};
use attestor::numbers::Rational;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

static NEVER: AtomicBool = AtomicBool::new(false);

fn unit(tokens: u64, sparsity: u64, construction: Construction, scale: u64) -> Unit {
    let scale = Rational::from_integer(scale.into());
    Unit { tokens, sparsity, value_dim: 1, value_fraction_bits: 60, construction, scale }
}

fn sign_keys(key_width: u64, fraction_bits: u64) -> Construction {
    Construction::SignKeys(SignKeys { key_width, seed: 0, dual: Dual::LeastSquares, fraction_bits })
}

/// Prepares the unit and encloses its worst weight error to relative width 2^-40.
fn enclose(unit: &Unit) {
    let control = Control { cancel: &NEVER, progress: &|_| (), max_precision: 4096 };
    let prepared = Prepared::new(unit).expect("a small unit");
    black_box(sweep(&prepared, 40, None, &control).expect("it fits"));
}

/// W1 (moment curve, α = 8) and W2 (sign keys with least squares, α = 30).
fn workloads(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sweep");
    group.sample_size(10).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(3));
    let moment = |n, q| (format!("moment-curve/{n},{q}"), unit(n, q, Construction::MomentCurve, 8));
    let sign = |n, q, m, f| (format!("sign-keys/{n},{q},{m},f={f}"), unit(n, q, sign_keys(m, f), 30));
    for (name, unit) in [
        moment(24, 3),
        moment(48, 3),
        moment(64, 4),
        sign(24, 3, 64, 16),
        sign(24, 3, 64, 24),
        sign(64, 3, 96, 16),
        sign(64, 3, 96, 24),
    ] {
        let n_supports = exhaustive::n_supports(unit.tokens, unit.sparsity).expect("small");
        group.throughput(Throughput::Elements(n_supports));
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| bencher.iter(|| enclose(&unit)));
    }
    group.finish();
}

/// Max-margin dual vectors of every support of (64, 2, 25), one thread, each verified exactly.
fn max_margin(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("dual");
    group.sample_size(10).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(3));
    let keys = SignKeyTable::new(64, 25, 0);
    let dual = Dual::MaxMargin { margin: Rational::new(1.into(), 2.into()) };
    let n_supports = supports::binomial(64, 2).expect("small");
    let all: Vec<Vec<usize>> = (0..n_supports)
        .map(|position| indices(&supports::unrank(64, 2, position).expect("a support of the order")))
        .collect();
    group.throughput(Throughput::Elements(n_supports));
    group.bench_function("max-margin/64,2,25", |bencher| {
        bencher.iter(|| all.iter().map(|support| dual_vector(&keys, support, &dual).keys.len()).sum::<usize>());
    });
    group.finish();
}

criterion_group!(benches, workloads, max_margin);
criterion_main!(benches);
