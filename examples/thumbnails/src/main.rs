//! Writes the Terraform root of the example into the folder DIR: `cargo run -p thumbnails -- DIR`.

use std::path::Path;

use anyhow::{Context as _, bail};
use infra_core::{check, render, tree::Tree};

fn main() -> anyhow::Result<()> {
    let folder = std::env::args_os()
        .nth(1)
        .context("the output folder is missing\n  fix: cargo run -p thumbnails -- DIR")?;
    let stack = thumbnails::thumbnails();
    let broken = check::stack(&stack);
    if !broken.is_empty() {
        let listed: Vec<_> = broken.iter().map(ToString::to_string).collect();
        bail!("{}\n{} rules are broken, so nothing was written", listed.join("\n"), broken.len());
    }
    let mut tree = Tree::default();
    for (path, text) in render::root(&stack, None) {
        tree.insert(&path, text)?;
    }
    tree.write(Path::new(&folder))?;
    Ok(())
}
