//! An origin with a path, as no browser sends one.

use infra_gen::config::Origin;

const ORIGIN: Origin = Origin::new("https://orders.dofs.example/shop");

fn main() {}
