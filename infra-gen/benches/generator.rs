//! How long the pieces of the generator take: `cargo bench -p infra-gen`, or `cargo bench -p infra-gen -- asl`
//! for one. A measurement for people, and no test; what may not grow unseen is held by
//! `cargo xtask instructions`, which counts the same pieces.

mod scenarios;

/// Counts the heap allocations of a piece, which divan prints next to its time.
#[global_allocator]
static ALLOCATOR: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

#[divan::bench(args = scenarios::ALL.map(|it| it.0))]
fn piece(bencher: divan::Bencher<'_, '_>, name: &str) {
    let work = scenarios::named(name).expect("its name is one of theirs");
    bencher.bench_local(work);
}
