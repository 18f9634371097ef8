//! The number of seeds: all of them, or as many as `DOFS_SEEDS` says. `cargo xtask test --quick` sets it to a tenth.

/// The default number of runs.
const SEEDS: u64 = 50_000;

/// Returns the number of seeds.
#[expect(clippy::disallowed_methods, reason = "a developer's choice, which no function reads")]
pub(crate) fn seeds() -> u64 {
    let Some(said) = std::env::var("DOFS_SEEDS").ok().filter(|it| !it.is_empty()) else {
        return SEEDS;
    };
    match said.parse() {
        Ok(seeds) if seeds > 0 => seeds,
        _ => panic!("DOFS_SEEDS is a number of seeds, not `{said}`"),
    }
}

/// Returns the same share of another number, and at least one.
pub(crate) fn part_of(all: u64) -> u64 {
    (all * seeds() / SEEDS).max(1)
}
