//! A function answers what its contract says.

use contracts::{
    functions::{Validator, ValidatorError},
    order::{OrderStored, OrderSubmitted},
};
use runtime::handler::{Failure, Handler, Invocation};

struct Mine;

impl Handler<Validator> for Mine {
    async fn handle(
        &self,
        _: OrderSubmitted,
        _: &Invocation,
    ) -> Result<OrderStored, Failure<ValidatorError>> {
        unreachable!()
    }
}

fn main() {}
