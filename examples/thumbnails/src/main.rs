//! Writes the Terraform root of the example below the folder DIR: `cargo run -p thumbnails -- DIR`.
//!
//! This is all that a program needs that generates a topology: it renders and checks the stack, compares the addresses
//! with those of the last run, and writes nothing if a rule is broken.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use infra_core::{
    generate, ledger,
    tree::{self, Tree},
};

fn main() -> anyhow::Result<()> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from).context(
        "the output folder is missing\n  fix: cargo run -p thumbnails -- examples/thumbnails",
    )?;
    let mut generated = generate::root(&thumbnails::thumbnails(), thumbnails::ROOT, None);
    for (path, now) in &generated.ledgers {
        if let Some(committed) = tree::text(&folder, path)? {
            generated.violations.extend(ledger::check(path, &committed, now));
        }
    }
    let broken = &generated.violations;
    if !broken.is_empty() {
        let listed: Vec<_> = broken.iter().map(ToString::to_string).collect();
        bail!("{}\n{} rules are broken, so nothing was written", listed.join("\n"), broken.len());
    }
    let own = format!("generated/{}", thumbnails::ROOT);
    Tree::owning(&own, generated.files)?.write(&folder)?;
    Ok(())
}
