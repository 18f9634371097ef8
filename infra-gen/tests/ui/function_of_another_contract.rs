//! The handle of one function where the handle of another is due.

use contracts::functions::{OrderStorage, Validator};
use function_contract::kind::Function;
use infra_core::model::Handle;

struct Workers {
    validator: Handle<Function<Validator>>,
}

fn wrong(storage: Handle<Function<OrderStorage>>) -> Workers {
    Workers { validator: storage }
}

fn main() {}
