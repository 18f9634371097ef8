//! A former name as AWS writes it, and not as Terraform did.

use infra_core::model::name::Was;

const WAS: Was = Was::named("order-queue");

fn main() {
    println!("{WAS:?}");
}
