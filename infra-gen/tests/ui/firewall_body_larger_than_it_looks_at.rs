//! A firewall that lets through what it does not look at.

use infra_gen::model::limits::BodyBytes;

const LARGEST: BodyBytes = BodyBytes::new(65_536);

fn main() {}
