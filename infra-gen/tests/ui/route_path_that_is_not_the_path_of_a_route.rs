//! A client that appends a path which the contract does not have.

use contracts::api::PlaceOrder;
use function_contract::api::Route;

const PATH: &str = PlaceOrder::PATH;

fn main() {}
