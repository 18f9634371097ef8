//! A function answers what its contract says.

use contracts::{
    error::NoError,
    functions::Validator,
    order::{OrderStored, OrderSubmitted},
};
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
