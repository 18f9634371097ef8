//! A function returns the output type of its contract.

use contracts::{functions::Validator, order::{OrderStored, OrderSubmitted}};
use function_contract::error::NoError;
use runtime::handler::{Failure, Handler, Invocation};

struct Mine;

impl Handler<Validator> for Mine {
    async fn handle(
        &self,
        _: OrderSubmitted,
        _: &Invocation,
    ) -> Result<OrderStored, Failure<NoError>> {
        unreachable!()
    }
}

fn main() {}
