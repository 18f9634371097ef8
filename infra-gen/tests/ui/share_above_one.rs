//! A share of 150 %, written as a number of percent would be.

use infra_core::model::unit::Share;

const MOST: Share = Share::new(1.5);

fn main() {
    let _ = MOST;
}
