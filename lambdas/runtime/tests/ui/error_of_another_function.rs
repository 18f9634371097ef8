//! A function raises only the errors of its contract, because a state machine has routes only for those.

use contracts::{functions::{OrderStorageError, Validator}, order::{OrderJudged, OrderSubmitted}};
use function_contract::error::NoError;
use runtime::handler::{Failure, Handler, Invocation};

struct Mine;

impl Handler<Validator> for Mine {
    async fn handle(
        &self,
        _: OrderSubmitted,
        _: &Invocation,
    ) -> Result<OrderJudged, Failure<NoError>> {
        let cause = "another order is stored under this id".to_owned();
        Err(Failure::Named { error: OrderStorageError::OrderConflict, cause })
    }
}

fn main() {}
