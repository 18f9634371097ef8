//! How much the generator can carry: the topology any number of times in one Terraform root, with all
//! checks, written to a folder. `cargo xtask bench scale` runs it.
//!
//! `cargo run --release -p infra-gen --example scale -- --copies 100 --out /tmp/scale`

use std::{path::PathBuf, process::ExitCode, time::Instant};

use clap::Parser;
use infra_core::{check, model::Stack, render, tree::Tree};
use infra_gen::{config::Environment, topology};
use serde_json::json;

/// Generates the topology many times over.
#[derive(Debug, Parser)]
struct Args {
    /// The environment.
    #[arg(long, value_enum, default_value_t = Environment::Dev)]
    env: Environment,
    /// How many cells the root has. One is the topology as it is.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    copies: u16,
    /// The folder for the files.
    #[arg(long)]
    out: PathBuf,
    /// Writes without looking for broken rules.
    #[arg(long)]
    without_checks: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let mut clock = Clock(Instant::now());

    let stack: Box<dyn std::ops::Deref<Target = Stack>> = Box::new(match args.copies {
        1 => topology::dofs(args.env),
        copies => {
            // A process makes them once.
            let names: Vec<&'static str> =
                (0..copies).map(|it| &*format!("c{it}").leak()).collect();
            topology::cells(args.env, &names)
        }
    });
    let topology = clock.lap();

    let violations = if args.without_checks { Vec::new() } else { check::stack(&stack) };
    let check = clock.lap();
    if let Some(first) = violations.first() {
        let problem = format!("{} broken rules; the first of them:\n{first}", violations.len());
        return terminal::failed(&anyhow::Error::msg(problem));
    }

    let files = render::root(&stack, None);
    let render = clock.lap();

    let bytes: usize = files.values().map(String::len).sum();
    let (count, resources) = (files.len(), stack.nodes().count());
    let mut tree = Tree::default();
    let inserted = files.into_iter().try_for_each(|(path, text)| tree.insert(&path, text));
    if let Err(err) = inserted.and_then(|()| tree.write(&args.out)) {
        return terminal::failed(&err.into());
    }
    let write = clock.lap();

    let told = terminal::stdout(&format!(
        "{}\n",
        json!({
            "copies": args.copies,
            "resources": resources,
            "files": count,
            "bytes": bytes,
            "phases": {
                "topology_ms": topology,
                "check_ms": check,
                "render_ms": render,
                "write_ms": write,
            },
        })
    ));
    // Freeing the memory piece by piece would only take time.
    std::mem::forget((stack, tree));
    told.map_or_else(|err| terminal::failed(&err), |()| ExitCode::SUCCESS)
}

struct Clock(Instant);

impl Clock {
    /// Milliseconds since the last lap.
    fn lap(&mut self) -> f64 {
        let lap = self.0.elapsed().as_secs_f64() * 1e3;
        self.0 = Instant::now();
        (lap * 100.0).round() / 100.0
    }
}
