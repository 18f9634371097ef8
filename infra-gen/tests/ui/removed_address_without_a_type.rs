//! An address that is gone, without its type.

use infra_core::model::{ModuleName, refactor::At};

const GONE: At = ModuleName::new("sqs").at("orders");

fn main() {
    println!("{GONE}");
}
