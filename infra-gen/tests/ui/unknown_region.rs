//! A region that AWS does not have.

use infra_gen::config::Region;

const REGION: Region = Region::ApSouth9;

fn main() {}
