//! A match on the list of functions, without one of them.

use contracts::functions::FunctionName;

fn wrong(function: FunctionName) -> u32 {
    match function {
        FunctionName::Validator | FunctionName::OrderStorage | FunctionName::ApiHandler => 1,
        FunctionName::ReconcileOrders => 2,
    }
}

fn main() {}
