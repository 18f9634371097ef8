//! A function raises what its contract names: a state machine has a route for that, and no other.

use contracts::{
    functions::{OrderStorageError, Validator, ValidatorError},
    order::{OrderSubmitted, OrderValidated},
};
use runtime::handler::{Failure, Handler, Invocation};

struct Mine;

impl Handler<Validator> for Mine {
    async fn handle(
        &self,
        _: OrderSubmitted,
        _: &Invocation,
    ) -> Result<OrderValidated, Failure<ValidatorError>> {
        let cause = "another order is stored under this id".to_owned();
        Err(Failure::Named { error: OrderStorageError::OrderConflict, cause })
    }
}

fn main() {}
