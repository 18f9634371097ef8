//! An error's name read in a state that no error leads to.

use contracts::order::OrderSubmitted;
use function_contract::path::Expr;

fn wrong() -> Expr<OrderSubmitted, String> {
    Expr::error_name()
}

fn main() {}
